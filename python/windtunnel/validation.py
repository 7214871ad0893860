"""validate: how far the models are from published measurements."""
from __future__ import annotations

import json
import os
from html import escape
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _core
from .arguments import catalog_of, path_of
from .frames import frame_of_records, frame_of_rows

if TYPE_CHECKING:
    import pandas


class Validation:
    """Scores of one suite. Errors are fractions: 0.05 is 5 %."""

    def __init__(self, json_text: str, text: str) -> None:
        self._json = json_text
        self._text = text
        self._values: dict[str, Any] = json.loads(json_text)

    @property
    def suite(self) -> str:
        return str(self._values["suite"])

    @property
    def scored(self) -> int:
        return int(self._values["scored"])

    @property
    def total(self) -> int:
        return int(self._values["total"])

    @property
    def weighted_median_ape(self) -> float:
        """Median absolute errors of the rows' groups, weighted by the rows they stand for."""
        return float(self._values["weighted_median_ape"])

    @property
    def rows(self) -> pandas.DataFrame:
        """One row a source and group, with its errors."""
        return frame_of_records(self._values["rows"])

    @property
    def refused(self) -> pandas.DataFrame:
        """Rows that were not scored, by reason."""
        return frame_of_rows(self._values["refused"], ["reason", "n"], "n")

    def to_json(self) -> str:
        return self._json

    def to_text(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        table: str = self.rows.to_html(index=False)
        return f"<p><strong>{escape(repr(self))}</strong></p>\n{table}"

    def __repr__(self) -> str:
        return (
            f"<windtunnel.Validation {self.suite!r}: {self.scored} of {self.total} rows scored, "
            f"median error {100 * self.weighted_median_ape:.1f} %>"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return Validation, (self._json, self._text)


def validate(
    suite: str,
    truth: Optional[Union[str, "os.PathLike[str]"]] = None,
    *,
    catalog: Optional[Any] = None,
) -> Validation:
    """Scores the suite ("training", "runs", "collectives", "steps", "oracles") on the rows that
    come with windtunnel, or on those of the CSV file `truth`."""
    if not isinstance(suite, str):
        raise TypeError(f"suite must be a string, got {suite!r}")
    file = None if truth is None else path_of("truth", truth)
    return Validation(*_core.validate(suite, file, catalog_of(catalog)))
