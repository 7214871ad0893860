"""catalog: what the tables hold, as data frames."""
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Optional

from . import _core
from .arguments import catalog_of
from .frames import frame_of_records

if TYPE_CHECKING:
    import pandas


class Tables(dict):  # type: ignore[type-arg]
    """The catalog's tables by kind; its one line names them."""

    def __repr__(self) -> str:
        sizes = ", ".join(f"{kind} ({len(frame)})" for kind, frame in self.items())
        return f"<windtunnel.catalog: {sizes}>"


def catalog(kind: Optional[str] = None, *, catalog: Optional[Any] = None) -> Any:
    """The table `kind` ("instances", "gpus", "models", "diffusion", "prices", "spot") as a frame, or
    a dict of all. catalog: a folder of JSON tables laid over the built-in ones."""
    if kind is not None and not isinstance(kind, str):
        raise TypeError(f"kind must be a string, got {kind!r}")
    tables = catalog_of(catalog)
    if kind is not None:
        return _frame(tables, kind)
    return Tables({name: _frame(tables, name) for name in _core.catalog_kinds()})


def _frame(tables: _core.Catalog, kind: str) -> pandas.DataFrame:
    return frame_of_records(json.loads(tables.listing(kind))["rows"])
