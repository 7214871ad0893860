"""sweep: one run for each point of a grid, on any executor."""
from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from . import _core, notebook
from .answers import Answer, Report
from .arguments import callable_of, replications_of, seed_of, threads_of
from .errors import InputError
from .frames import frame_of_csv
from .runs import Progress, run
from .scenario import Scenario, ScenarioLike, json_text, scenario_of

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas


#: A point as the core takes it: settings as text, the report, the error or "".
Point = Tuple[List[Tuple[str, str]], Optional[_core.Report], str]


class SweepPoint(NamedTuple):
    """One point: what was set, and the report, or the error for which it could not run."""

    settings: dict[str, Any]
    report: Optional[Report]
    error: Optional[str]
    pareto: bool  #: no other point is both cheaper and earlier (means)


class Sweep(Answer):
    """The points of a sweep in cartesian order, the last axis fastest."""

    _kind = "sweep"
    _settings: list[dict[str, Any]]

    @property
    def points(self) -> list[SweepPoint]:
        return [
            SweepPoint(settings, report and Report._wrap(report), error or None, pareto)
            for settings, (_, report, error, pareto) in zip(self._settings, self._core.points())
        ]

    @property
    def frame(self) -> pandas.DataFrame:
        """One row a point: a column an axis, named by its pointer, then finish, cost and goals."""
        axes = list(self._settings[0]) if self._settings else []
        frame = frame_of_csv(self._core.csv(), " ".join(axes + ["error"]), flags="pareto")
        for axis in axes:
            frame[axis] = [settings[axis] for settings in self._settings]
        return frame

    @property
    def pareto(self) -> pandas.DataFrame:
        """The points that no other beats in both P50 cost and P50 finish."""
        frame = self.frame
        return frame[frame["pareto"]]

    def __len__(self) -> int:
        return len(self._settings)

    def __reduce__(self) -> tuple[Any, ...]:
        points = [(shown, report, error) for shown, report, error, _ in self._core.points()]
        return _sweep_of, (self._core.scenario, points, self._settings)

    def _charts(self) -> list[str]:
        dots = [
            notebook.Dot(
                point.report.finish_s.p50 / 86400,
                point.report.cost_usd.p50,
                point.pareto,
                ", ".join(f"{key}={value}" for key, value in point.settings.items()),
            )
            for point in self.points
            if point.report
        ]
        return [notebook.scatter("Filled: Pareto", "P50 finish, days", "P50 cost", dots)]


def sweep(
    scenario: ScenarioLike,
    axes: Mapping[str, Sequence[Any]],
    *,
    executor: Optional[Executor] = None,
    seed: Optional[int] = None,
    replications: Optional[int] = None,
    threads: Optional[int] = None,
    progress: Optional[Progress] = None,
    catalog: Optional[Any] = None,
) -> Sweep:
    """Runs every combination of `axes`, {"/json/pointer": [values]}, with common random numbers.

    executor: anything with submit(), as concurrent.futures has it: process pools, Dask, MPI. Each
    point is one task, its scenario travels as JSON. threads: of one point; by default one a core
    without an executor and one with. progress(done, total) counts points. A point whose scenario is
    invalid carries its error; the others run.
    """
    if not isinstance(axes, Mapping) or not axes:
        raise TypeError(f'axes must be a dict of {{"/json/pointer": [values]}}, got {axes!r}')
    for pointer, values in axes.items():
        if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__iter__"):
            raise TypeError(f"the values of axis {pointer!r} must be a list, got {values!r}")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TypeError(f"executor must have submit(), as concurrent.futures has, got {executor!r}")
    callable_of("progress", progress, "callable as progress(done, total)")
    base = scenario_of(scenario)
    points = [dict(zip(axes, values)) for values in itertools.product(*axes.values())]
    if not points:
        raise ValueError("an axis of the sweep has no values")
    options = {
        "seed": seed_of(seed),
        "replications": replications_of(replications),
        "threads": threads_of((0 if executor is None else 1) if threads is None else threads),
        "catalog": catalog,
    }
    texts = [_document(base, settings) for settings in points]
    results = _run_all(executor, [(text, options) for text in texts], progress)
    shown = [
        [(pointer, _shown(pointer, value)) for pointer, value in settings.items()]
        for settings in points
    ]
    return _sweep_of(
        base.name, [(pairs, *result) for pairs, result in zip(shown, results)], points
    )


def _document(base: Scenario, settings: Mapping[str, Any]) -> str:
    """The scenario's JSON with `settings` in it; a pointer that leads nowhere is an InputError."""
    text = base.to_json()
    for pointer, value in settings.items():
        if not isinstance(pointer, str):
            raise TypeError(f"a JSON pointer is a string, got {pointer!r}")
        text = _core.set_in_text(text, pointer, json_text(pointer, value))
    return text


def _shown(pointer: str, value: Any) -> str:
    return value if isinstance(value, str) else json_text(pointer, value)


def run_point(
    text: str, options: Mapping[str, Any]
) -> tuple[Optional[_core.Report], str]:
    """One task of a sweep, in whatever process the executor runs it."""
    try:
        return run(Scenario(text), **options)._core, ""
    except InputError as error:
        return None, str(error)


def _run_all(
    executor: Optional[Executor], tasks: list[tuple[str, dict[str, Any]]], progress: Optional[Progress]
) -> list[tuple[Optional[_core.Report], str]]:
    results = []
    if executor is None:
        for task in tasks:
            results.append(run_point(*task))
            if progress:
                progress(len(results), len(tasks))
        return results
    futures = [executor.submit(run_point, *task) for task in tasks]
    try:
        for future in futures:
            results.append(future.result())
            if progress:
                progress(len(results), len(tasks))
    finally:
        for future in futures[len(results) :]:
            future.cancel()
    return results


def _sweep_of(
    scenario: str, points: list[Point], settings: list[dict[str, Any]]
) -> Sweep:
    answer: Sweep = Sweep._wrap(_core.Sweep(scenario, points))
    answer._settings = settings
    return answer
