"""Scenarios: from a file, a dict or JSON text; immutable, and pickled as their JSON."""
from __future__ import annotations

import json
import os
from typing import Any, Mapping, Optional, Union

from . import _core as core
from .arguments import catalog_of, path_of
from .errors import InputError, Issue

#: What every function of windtunnel takes for a scenario.
ScenarioLike = Union["Scenario", str, "os.PathLike[str]", Mapping[str, Any]]


def json_text(name: str, value: Any) -> str:
    """`value` as JSON; NaN, infinities and what JSON cannot say are errors."""
    try:
        return json.dumps(value, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} is not a JSON value: {error}") from None


def _plain(value: Any) -> Any:
    """NumPy's numbers are written as Python's."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return value.item()
    raise TypeError(f"{type(value).__name__} {value!r}")


def settings_of(settings: Any) -> list[tuple[str, str]]:
    """{"/json/pointer": value} as the core takes it."""
    if settings is None:
        return []
    if not isinstance(settings, Mapping):
        raise TypeError(f'set must be a dict of {{"/json/pointer": value}}, got {settings!r}')
    pairs = []
    for pointer, value in settings.items():
        if not isinstance(pointer, str) or not pointer.startswith("/"):
            raise TypeError(f'a JSON pointer is a string that begins with "/", got {pointer!r}')
        pairs.append((pointer, json_text(pointer, value)))
    return pairs


class Scenario:
    """A cluster and the work on it, as written down in a scenario file.

    `source` is a path, a dict, or JSON text (a string that begins with "{"). `set` replaces fields
    by JSON pointer. Raises InputError with every problem of the fields; what concerns several
    fields, names and prices is told by `check`, and by `run` and `plan`.
    """

    __slots__ = ("_core",)
    _core: core.Scenario

    def __init__(self, source: ScenarioLike, *, set: Optional[Mapping[str, Any]] = None) -> None:
        settings = settings_of(set)
        if isinstance(source, Scenario):
            self._core = source._core.with_settings(settings)
        elif isinstance(source, Mapping):
            text = json_text("the scenario", dict(source))
            self._core = core.Scenario.from_text(text, settings)
        elif isinstance(source, str) and source.lstrip().startswith("{"):
            self._core = core.Scenario.from_text(source, settings)
        elif isinstance(source, (str, os.PathLike)):
            self._core = core.Scenario.from_file(path_of("the scenario", source), settings)
        else:
            raise TypeError(
                "a scenario is a path, a dict, JSON text or a Scenario, got "
                f"{type(source).__name__} {source!r}"
            )

    @property
    def name(self) -> str:
        return self._core.name

    @property
    def region(self) -> str:
        return self._core.region

    @property
    def replications(self) -> int:
        return self._core.replications

    @property
    def seed(self) -> int:
        return self._core.seed

    def with_set(self, settings: Mapping[str, Any]) -> Scenario:
        """This scenario with the fields at these JSON pointers replaced."""
        return Scenario(self, set=settings)

    def to_json(self) -> str:
        return self._core.json()

    def to_dict(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.to_json())
        return value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scenario):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(json.dumps(self.to_dict(), sort_keys=True))

    def __repr__(self) -> str:
        return f"<windtunnel.Scenario {self.name!r} in {self.region}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Scenario, (self.to_json(),)


def load(
    path: Union[str, "os.PathLike[str]"], *, set: Optional[Mapping[str, Any]] = None
) -> Scenario:
    """The scenario of a file, "extends" resolved and the fields of `set` replaced."""
    path_of("path", path)
    return Scenario(os.fspath(path), set=set)


def scenario_of(source: ScenarioLike) -> Scenario:
    return source if isinstance(source, Scenario) else Scenario(source)


def check(scenario: ScenarioLike, *, catalog: Optional[Any] = None) -> list[Issue]:
    """Every problem of a scenario; an empty list means that it can run."""
    tables = catalog_of(catalog)
    try:
        parsed = scenario_of(scenario)
    except InputError as error:
        return error.issues
    return [Issue(*issue) for issue in parsed._core.issues(tables)]


def explain(path: str = "") -> str:
    """Documentation of a scenario field by its dotted path ("cluster.nodePools")."""
    if not isinstance(path, str):
        raise TypeError(f"path must be a string, got {path!r}")
    return core.explain(path)


def schema() -> dict[str, Any]:
    """JSON Schema (draft-07) of scenario files."""
    value: dict[str, Any] = json.loads(core.schema())
    return value
