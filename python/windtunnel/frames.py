"""pandas frames. pandas is imported when the first frame is asked for, and by nothing else."""
from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Callable, Optional

if TYPE_CHECKING:
    import pandas


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise ImportError(
            "data frames need pandas (pip install 'windtunnel[frames]'); to_json(), to_csv() and "
            "the NumPy samples work without it"
        ) from None
    return pandas


def _number(cell: str) -> float:
    return float(cell) if cell else float("nan")


def _flag(cell: str) -> Optional[bool]:
    return {"true": True, "false": False, "": None}[cell]


def frame_of_csv(text: str, texts: str, wholes: str = "", flags: str = "") -> pandas.DataFrame:
    """A CSV table of the core as a frame whose types do not depend on its values: the columns named
    in `texts`, `wholes` and `flags` (separated by spaces) are strings, integers and booleans, all
    others floats; unknown numbers are NaN."""
    kinds: dict[str, Callable[[str], Any]] = {
        **{name: str for name in texts.split()},
        **{name: int for name in wholes.split()},
        **{name: _flag for name in flags.split()},
    }
    header, *rows = csv.reader(io.StringIO(text))
    cells = list(zip(*rows)) or [()] * len(header)
    columns = {
        name: [kinds.get(name, _number)(cell) for cell in column]
        for name, column in zip(header, cells)
    }
    return _pandas().DataFrame(columns, columns=header)


def frame_of_rows(
    rows: list[dict[str, Any]], columns: list[str], wholes: str = ""
) -> pandas.DataFrame:
    """One row a dict, in this order of columns. Numbers are floats, whatever JSON could spare of
    them, but for the columns named in `wholes`."""
    kept = wholes.split()
    cells = [
        [
            float(row[name]) if type(row[name]) is int and name not in kept else row[name]
            for name in columns
        ]
        for row in rows
    ]
    return _pandas().DataFrame(cells, columns=columns)


def frame_of_records(rows: list[dict[str, Any]]) -> pandas.DataFrame:
    """One row a dict, as it comes: for tables whose columns are the core's to choose."""
    return _pandas().DataFrame.from_records(rows)
