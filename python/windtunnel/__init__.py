"""A wind tunnel for GPU clusters: write down the cluster and the work, get the date it finishes,
what it costs, where every dollar went, and how sure we are.

    import windtunnel as wt
    report = wt.run("scenario.json", seed=1)
    report.cost_usd.p50, report.waterfall

A scenario is a path, a dict, JSON text or a `Scenario`, everywhere.
"""
from ._core import Fleet, RandomStream
from ._core import version as version
from .answers import Comparison, Distribution, Plan, Report
from .errors import Error, InputError, Issue, ModelError, SimulationError
from .laws import FailureLaw
from .runs import compare, plan, run
from .scenario import Scenario, check, explain, load, schema
from .sweeps import Sweep, SweepPoint, sweep
from .tables import catalog
from .validation import Validation, validate

__version__ = version

__all__ = [
    "Comparison",
    "Distribution",
    "Error",
    "FailureLaw",
    "Fleet",
    "InputError",
    "Issue",
    "ModelError",
    "Plan",
    "RandomStream",
    "Report",
    "Scenario",
    "SimulationError",
    "Sweep",
    "SweepPoint",
    "Validation",
    "catalog",
    "check",
    "compare",
    "explain",
    "load",
    "plan",
    "run",
    "schema",
    "sweep",
    "validate",
    "version",
]
