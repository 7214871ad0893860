"""What windtunnel raises on purpose. The core raises these same classes."""
from __future__ import annotations

from typing import Any, Iterable, NamedTuple


class Issue(NamedTuple):
    """One problem of an input: a JSON pointer ("" is the whole document) and what is wrong there."""

    pointer: str
    message: str


class Error(Exception):
    """Base of all exceptions of windtunnel."""


class InputError(Error):
    """A scenario, catalog or table with problems; `issues` has all of them."""

    def __init__(self, message: str, issues: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.issues = [Issue(*issue) for issue in issues]

    def __reduce__(self) -> tuple[Any, ...]:
        return InputError, (str(self), [tuple(issue) for issue in self.issues])


class ModelError(Error):
    """A model was asked for something outside its validity; the text names the combination."""


class SimulationError(Error):
    """A simulation could not go on; the text names the replication."""


for _class in (Issue, Error, InputError, ModelError, SimulationError):
    _class.__module__ = "windtunnel"
