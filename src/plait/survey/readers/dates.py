"""Dates in exports, read by a declared format only.

`5/10/18` is a day in May or in October, and nothing in the file says which. Formats that are tried in turn swap day and
month in silence for every date up to the twelfth, so a date column needs its format in the definition; only dates that
begin with the year are read without one.
"""

from __future__ import annotations

import datetime
import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.errors import Problem, StudyError

_YEAR_FIRST = re.compile(r"\d{4}([-./])\d{1,2}\1\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_ORDERS = ("%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y")
_MARKS = ("/", ".", "-")
_SWAPPED = str.maketrans({"d": "m", "m": "d"})


def parse_dates(texts: pd.Series, format: str | None, *, name: str, column: str) -> pd.Series:
    """Read a column of dates.

    Args:
        texts: (rows,) cells of an export; the index is the row number of the file.
        format: As for `datetime.strptime`; may be left out only where every date begins with the year. With an offset
            (`%z`) the instants are those of UTC.
        name: The file as messages call it.
        column: The column as messages call it.

    Returns:
        (rows,) instants in microseconds, missing where the cell is empty or no date of the form.

    Raises:
        StudyError: The format is missing; those that would fit are named.
    """
    cells = texts.str.strip()
    filled = cells[cells != ""]
    if format is None:
        read = _year_first(filled, name, column)
    else:
        read = pd.to_datetime(filled, format=format, errors="coerce", utc=True).dt.tz_localize(None)
    return read.reindex(texts.index).astype("datetime64[us]")


def within(dates: pd.Series, first: datetime.date | None, last: datetime.date | None) -> npt.NDArray[np.bool_]:
    """(rows,) whether a date is known and lies between two days, both included; `None` sets no limit."""
    inside = dates.notna()
    if first is not None:
        inside &= dates >= np.datetime64(first)
    if last is not None:
        inside &= dates < np.datetime64(last) + np.timedelta64(1, "D")
    return inside.to_numpy(dtype=bool)


def swapped(format: str | None) -> str | None:
    """The format with day and month the other way round; `None` where it has not both."""
    if format is None or not re.search("%d.*%m|%m.*%d", format):
        return None
    return re.sub("%[dm]", lambda match: match[0].translate(_SWAPPED), format)


def _year_first(cells: pd.Series, name: str, column: str) -> pd.Series:
    """Dates that begin with the year have one meaning only; for all others the formats that fit are named."""
    if cells.map(lambda text: bool(_YEAR_FIRST.fullmatch(text))).all():
        even = cells.str.replace(r"^(\d{4})[./](\d{1,2})[./]", r"\1-\2-", regex=True)
        return pd.to_datetime(even, format="ISO8601", errors="coerce")
    candidates = [order.replace("/", mark) + time for mark in _MARKS for order in _ORDERS for time in _TIMES]
    fitting = [f for f in candidates if pd.to_datetime(cells, format=f, errors="coerce").notna().all()]
    listed = " or ".join(f"'{f}'" for f in fitting)
    message = f"holds dates that could be read as {listed}" if len(fitting) > 1 else "holds dates without a format"
    mend = f"set the format in the definition: {listed}" if fitting else "set the format in the definition"
    raise StudyError([Problem(name, message, mend, column=column, value=str(cells.iloc[0]))])
