"""run, plan and compare."""
from __future__ import annotations

from typing import Any, Callable, Optional, Union

from . import _core
from .answers import Comparison, Plan, Report, _compared
from .arguments import callable_of, catalog_of, replications_of, seed_of, threads_of
from .errors import InputError
from .laws import LawFactory
from .scenario import ScenarioLike, scenario_of

Progress = Callable[[int, int], Any]


def run(
    scenario: ScenarioLike,
    *,
    seed: Optional[int] = None,
    replications: Optional[int] = None,
    threads: int = 0,
    progress: Optional[Progress] = None,
    law: Optional[LawFactory] = None,
    catalog: Optional[Any] = None,
) -> Report:
    """Simulates the scenario's replications.

    seed, replications: in place of the scenario's. threads: 0 is one a core; the answer does not
    depend on it. progress: called as progress(done, total) on this thread. law: a failure law in
    Python (windtunnel.FailureLaw). catalog: a folder of JSON tables laid over the built-in catalog.
    Ctrl-C stops the run.
    """
    report: Report = Report._wrap(
        _core.run(
            scenario_of(scenario)._core,
            catalog_of(catalog),
            seed_of(seed),
            replications_of(replications),
            threads_of(threads),
            callable_of("progress", progress, "callable as progress(done, total)"),
            callable_of(
                "law", law, "a class (or function) called with a Fleet for each job and replication"
            ),
        )
    )
    return report


def plan(scenario: ScenarioLike, *, catalog: Optional[Any] = None) -> Plan:
    """Memory verdict and step time of each job, without simulating."""
    answer: Plan = Plan._wrap(_core.plan(scenario_of(scenario)._core, catalog_of(catalog)))
    return answer


def compare(
    a: Union[ScenarioLike, Report],
    b: Union[ScenarioLike, Report],
    *,
    seed: Optional[int] = None,
    replications: Optional[int] = None,
    threads: int = 0,
    progress: Optional[Progress] = None,
    catalog: Optional[Any] = None,
) -> Comparison:
    """B against A, replication by replication with the same random numbers.

    Each is a scenario, which is run, or a Report that was.
    """

    def report_of(side: Union[ScenarioLike, Report]) -> Report:
        if not isinstance(side, Report):
            return run(
                side,
                seed=seed,
                replications=replications,
                threads=threads,
                progress=progress,
                catalog=catalog,
            )
        if seed not in (None, side.seed) or replications not in (None, side.replications):
            raise ValueError("seed and replications of a Report that was run cannot be changed")
        return side

    first, second = report_of(a), report_of(b)
    if (first.seed, first.replications) != (second.seed, second.replications):
        message = "both sides need the same seed and replications (common random numbers)"
        raise InputError(f"invalid comparison: {message}", [("/run", message)])
    return _compared(first._core, second._core)
