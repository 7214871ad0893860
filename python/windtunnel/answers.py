"""Answers: Report, Plan, Comparison. Each wraps the core's value and shows it as JSON, HTML, text,
CSV, data frames, and in a notebook. Columns and keys carry their unit (finish_s, cost_usd)."""
from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Optional, Union

from . import _core, notebook
from .arguments import path_of, whole
from .frames import frame_of_csv, frame_of_rows

if TYPE_CHECKING:
    import numpy
    import pandas

PathLike = Union[str, "os.PathLike[str]"]


class Distribution(NamedTuple):
    """A figure over replications. half_width: 95 % interval of the mean. epistemic_share: part of
    the variance that uncertain inputs cause, None where it was not estimated."""

    mean: float
    p10: float
    p50: float
    p90: float
    half_width: float
    epistemic_share: Optional[float]


def write_file(path: Path, text: str) -> Path:
    """Writes under another name first, then renames: nobody sees half a file."""
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(partial, 0o666 & ~umask)  # mkstemp's are private
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
    return path


class Answer:
    """What all answers share."""

    _kind: ClassVar[str]
    _core: Any
    _dict: Optional[dict[str, Any]] = None

    def __init__(self) -> None:
        raise TypeError(
            f"a {type(self).__name__} is made by windtunnel.{self._kind}(), not by its constructor"
        )

    @classmethod
    def _wrap(cls, core: Any) -> Any:
        answer = object.__new__(cls)
        answer._core = core
        return answer

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._wrap, (self._core,)

    def to_json(self) -> str:
        """The JSON text that `windtunnel ... -o json` prints, byte for byte."""
        text: str = self._core.json()
        return text

    def to_dict(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.to_json())
        return value

    def to_html(self) -> str:
        """One HTML page that needs nothing else."""
        text: str = self._core.html()
        return text

    def to_text(self, width: int = 100) -> str:
        """The table that the terminal shows."""
        text: str = self._core.text(whole("width", width, 40, 10_000))
        return text

    def to_csv(self, folder: PathLike) -> list[Path]:
        """Writes each table as a CSV file into `folder`, which is made if need be."""
        target = Path(path_of("folder", folder))
        target.mkdir(parents=True, exist_ok=True)
        return [write_file(target / name, text) for name, text in self._csv_files()]

    def save(self, path: PathLike) -> Path:
        """Writes the answer in the format that the name ends in: .json, .html, .csv or .txt."""
        target = Path(path_of("path", path))
        renderings = {
            ".json": self.to_json,
            ".html": self.to_html,
            ".csv": self._core.csv,
            ".txt": self.to_text,
        }
        if target.suffix not in renderings:
            raise ValueError(f"the name must end in {', '.join(renderings)}, got {target.name!r}")
        return write_file(target, renderings[target.suffix]())

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        text: str = self._core.sheet()["headline"]
        return text

    @property
    def warnings(self) -> list[str]:
        """Extrapolations, estimates, and what is not modelled."""
        return list(self._core.sheet()["warnings"])

    def _csv_files(self) -> list[tuple[str, str]]:
        return [(f"{self._kind}.csv", self._core.csv())]

    def _values(self) -> dict[str, Any]:
        """to_dict(), parsed once; not to be changed."""
        if self._dict is None:
            self._dict = self.to_dict()
        return self._dict

    def _charts(self) -> list[str]:
        return []

    def _repr_html_(self) -> str:
        return notebook.fragment(self._core.sheet(), self._charts())

    def __repr__(self) -> str:
        title = self._core.sheet()["title"]
        return f"<windtunnel.{type(self).__name__} {title!r}: {self.headline}>"


class Report(Answer):
    """What `run` found: when the work finishes, what it costs, where each dollar goes."""

    _kind = "run"

    @property
    def scenario(self) -> str:
        name: str = self._values()["scenario"]
        return name

    @property
    def start(self) -> Optional[str]:
        """ISO 8601, UTC; None when the scenario names none."""
        text: Optional[str] = self._values()["start"]
        return text

    @property
    def seed(self) -> int:
        return int(self._values()["seed"])

    @property
    def replications(self) -> int:
        return int(self._values()["replications"])

    @property
    def finish_s(self) -> Distribution:
        """When the last workload ends, in seconds from the scenario's start."""
        return Distribution(**self._values()["finish_s"])

    @property
    def cost_usd(self) -> Distribution:
        return Distribution(**self._values()["cost_usd"])

    @property
    def bill_nano_usd(self) -> int:
        """The mean bill in whole nano-dollars: exact, where floats are not."""
        amount: int = self._core.bill_nano_usd
        return amount

    @property
    def goals(self) -> dict[str, float]:
        """Probability of meeting each goal of the scenario: "deadline", "budget"."""
        return {goal["name"]: goal["probability"] for goal in self._values()["goals"]}

    @property
    def finish_samples_s(self) -> numpy.ndarray:
        """One a replication, in order; a read-only view."""
        array: numpy.ndarray = self._core.finish_samples_s
        return array

    @property
    def cost_samples_usd(self) -> numpy.ndarray:
        """One a replication, in order; a read-only view."""
        array: numpy.ndarray = self._core.cost_samples_usd
        return array

    @property
    def bill(self) -> pandas.DataFrame:
        """Leaves of the bill; their means sum to it."""
        return frame_of_csv(self._table("bill"), "path unit", flags="estimated")

    @property
    def waterfall(self) -> pandas.DataFrame:
        """What each cause costs; the items sum to the bill."""
        return frame_of_csv(self._table("waterfall"), "cause label")

    @property
    def jobs(self) -> pandas.DataFrame:
        """One row a job: its figures, and the distributions of what was simulated."""
        texts = "name model node_pool instance_type gpu plan work_unit"
        return frame_of_csv(self._table("jobs"), texts, "nodes gpus")

    @property
    def samples(self) -> pandas.DataFrame:
        """One row a replication: finish_s, cost_usd."""
        return frame_of_csv(self._table("samples"), "", "replication")

    @property
    def series(self) -> pandas.DataFrame:
        """Figures over time, mean over replications: series, unit, time_s, value."""
        return frame_of_csv(self._table("series"), "series unit")

    @property
    def assumptions(self) -> pandas.DataFrame:
        """Every input the answer rests on, with source and date."""
        return frame_of_csv(self._table("assumptions"), "what value method date source note")

    @property
    def failures(self) -> pandas.DataFrame:
        """Interruptions of each job by failure class, mean per replication."""
        rows = [
            {"job": job["name"], "failure_class": item["name"], "mean": item["mean"]}
            for job in self._values()["jobs"]
            for item in job["failures"]
        ]
        return frame_of_rows(rows, ["job", "failure_class", "mean"])

    def _table(self, name: str) -> str:
        return dict(self._csv_files())[f"{name}.csv"]

    def _csv_files(self) -> list[tuple[str, str]]:
        files: list[tuple[str, str]] = self._core.csv_files()
        return files

    def _charts(self) -> list[str]:
        items = [
            (item["label"], item["cost_usd"], notebook.money(item["cost_usd"]))
            for item in self._values()["waterfall"]
        ]
        dots = [
            notebook.Dot(finish / 86400, cost, False, f"replication {index}")
            for index, (finish, cost) in enumerate(
                zip(self.finish_samples_s.tolist(), self.cost_samples_usd.tolist())
            )
        ]
        return [
            notebook.bars("Where the dollars go", items),
            notebook.scatter("Replications", "finish, days", "cost", dots[:2000]),
        ]


class Plan(Answer):
    """What `plan` found without simulating: does each job fit, what is its step made of."""

    _kind = "plan"

    @property
    def jobs(self) -> pandas.DataFrame:
        """One row a job: verdict, step time and its parts, ideal time and cost."""
        texts = "name model instance_type gpu plan nearest_fit"
        return frame_of_csv(
            self._core.csv(), texts, "nodes gpus data memory_bytes available_bytes", "fits"
        )

    @property
    def fits(self) -> bool:
        """No job was found too large for its GPUs' memory."""
        return all(job["memory"] is None or job["memory"]["fits"] for job in self._values()["jobs"])

    @property
    def step(self) -> pandas.DataFrame:
        """Parts of each job's training step, in seconds; they sum to the step."""
        rows = [
            {"job": job["name"], "cause": cause, "time_s": time_s}
            for job in self._values()["jobs"]
            for cause, time_s in job["step"]["parts_s"].items()
        ]
        return frame_of_rows(rows, ["job", "cause", "time_s"])

    @property
    def assumptions(self) -> pandas.DataFrame:
        columns = ["what", "value", "method", "date", "source", "note"]
        return frame_of_rows(self._values()["assumptions"], columns)

    def _charts(self) -> list[str]:
        return [
            notebook.bars(
                f"One step of {job['name']}",
                [
                    (cause.replace("_", " "), time_s, f"{time_s:.3g} s")
                    for cause, time_s in job["step"]["parts_s"].items()
                    if time_s
                ],
            )
            for job in self._values()["jobs"]
        ]


class Comparison(Answer):
    """B against A under the same random numbers."""

    _kind = "compare"

    @property
    def a(self) -> Report:
        report: Report = Report._wrap(self._core.a)
        return report

    @property
    def b(self) -> Report:
        report: Report = Report._wrap(self._core.b)
        return report

    @property
    def figures(self) -> pandas.DataFrame:
        """Finish (s) and cost (usd): means of A and B, and the distribution of B - A by pairs."""
        rows = [
            {
                "name": figure["name"],
                "unit": figure["unit"],
                "a": figure["a"],
                "b": figure["b"],
                **{
                    f"difference_{key}": figure["difference"][key]
                    for key in ("mean", "p10", "p50", "p90", "half_width")
                },
            }
            for figure in self._values()["figures"]
        ]
        return frame_of_rows(rows, list(rows[0]))

    @property
    def waterfall(self) -> pandas.DataFrame:
        """What each cause costs in A and in B."""
        columns = ["cause", "label", "a_cost_usd", "b_cost_usd", "difference_cost_usd"]
        return frame_of_rows(
            self._values()["waterfall"], columns + ["a_node_hours", "b_node_hours"]
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _compared, (self._core.a, self._core.b)

    def _charts(self) -> list[str]:
        items = [
            (item["label"], item["difference_cost_usd"], notebook.money(item["difference_cost_usd"]))
            for item in self._values()["waterfall"]
            if item["difference_cost_usd"]
        ]
        return [notebook.bars("What changed, B - A (green: saved)", items, signed=True)]


def _compared(a: _core.Report, b: _core.Report) -> Comparison:
    comparison: Comparison = Comparison._wrap(_core.Comparison(a, b))
    return comparison
