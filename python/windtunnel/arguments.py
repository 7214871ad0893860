"""Checks of what callers pass. A wrong argument is a TypeError or ValueError that says what was
expected and what came."""
from __future__ import annotations

import operator
import os
from typing import Any, Callable, Optional

from . import _core


def whole(name: str, value: Any, least: int, most: int) -> int:
    """`value` as an int in [least, most]; NumPy's integers are welcome, booleans are not."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if not least <= number <= most:
        raise ValueError(f"{name} must be in [{least}, {most}], got {number}")
    return number


def seed_of(value: Any) -> Optional[int]:
    return None if value is None else whole("seed", value, 0, 2**63 - 1)


def replications_of(value: Any) -> Optional[int]:
    return None if value is None else whole("replications", value, 1, 1_000_000)


def threads_of(value: Any) -> int:
    return whole("threads", value, 0, 1024)


def callable_of(name: str, value: Any, what: str) -> Optional[Callable[..., Any]]:
    if value is not None and not callable(value):
        raise TypeError(f"{name} must be {what}, got {value!r}")
    return value


def path_of(name: str, value: Any) -> str:
    try:
        path = os.fspath(value)
    except TypeError:
        raise TypeError(f"{name} must be a path, got {value!r}") from None
    return os.fsdecode(path)


_builtin: Optional[_core.Catalog] = None


def catalog_of(folder: Any) -> _core.Catalog:
    """The built-in catalog, or that with the JSON files of `folder` laid over it."""
    global _builtin
    if folder is not None:
        return _core.Catalog.with_overlay(path_of("catalog", folder))
    if _builtin is None:
        _builtin = _core.Catalog.builtin()
    return _builtin
