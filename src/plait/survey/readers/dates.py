"""Dates in exports, read by a declared format only.

`5/10/18` is a day in May or in October, and nothing in the file says which. Formats that are tried in turn swap day and
month in silence for every date up to the twelfth, so a date column needs its format in the definition; only dates that
begin with the year are read without one.
"""

from __future__ import annotations

import datetime
import re

import numpy as np
import pandas as pd

from plait.errors import Problem, Problems, StudyError

_YEAR_FIRST = re.compile(r"\d{4}([-./])\d{1,2}\1\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_ORDERS = ("%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y")
_MARKS = ("/", ".", "-")
_SWAPPED = str.maketrans({"d": "m", "m": "d"})


def parse_dates(
    texts: pd.Series,
    format: str | None,
    *,
    name: str,
    column: str,
    fieldwork: tuple[datetime.date, datetime.date] | None = None,
) -> pd.Series:
    """Read a column of dates.

    Args:
        texts: (rows,) cells of an export; the index is the row number of the file.
        format: As for `datetime.strptime`; may be left out only where every date begins with the year.
        name: The file as messages call it.
        column: The column as messages call it.
        fieldwork: First and last day of data collection; every date must lie between them.

    Returns:
        (rows,) instants in microseconds, missing where the cell is empty.

    Raises:
        StudyError: The format is missing or does not fit, or dates lie outside the fieldwork.
    """
    cells = texts.str.strip()
    filled = cells != ""
    if format is None:
        read = _year_first(cells[filled], name, column)
    else:
        read = pd.to_datetime(cells[filled], format=format, errors="coerce")
    problems = Problems()
    for row, text in cells[filled][read.isna()].items():
        form = format or "year-month-day"
        mend = "mend the cell or the format"
        problems.add(name, f"is not a date of the form {form}", mend, row=f"row {row}", column=column, value=text)
    if fieldwork is not None:
        problems.found += _outside(cells[filled], read, format, fieldwork, name, column)
    problems.raise_if_any()
    return read.reindex(texts.index).astype("datetime64[us]")


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


def _outside(
    cells: pd.Series,
    read: pd.Series,
    format: str | None,
    fieldwork: tuple[datetime.date, datetime.date],
    name: str,
    column: str,
) -> list[Problem]:
    """One problem for all dates outside the fieldwork; it says so where swapping day and month would bring them in."""
    first, last = np.datetime64(fieldwork[0]), np.datetime64(fieldwork[1]) + np.timedelta64(1, "D")
    outside = read.notna() & ~((read >= first) & (read < last))
    if not outside.any():
        return []
    mend = "check the format, or leave rows from before or after the fieldwork out by an exclusion"
    if format is not None and re.search("%d.*%m|%m.*%d", format):
        other = re.sub("%[dm]", lambda match: match[0].translate(_SWAPPED), format)
        swapped = pd.to_datetime(cells, format=other, errors="coerce")
        if ((swapped >= first) & (swapped < last)).all():
            mend = f"with day and month the other way round all dates fit: write {other}"
    row = outside.index[outside.to_numpy()][0]
    message = f"{int(outside.sum())} of {len(cells)} dates lie outside the fieldwork ({fieldwork[0]} to {fieldwork[1]})"
    return [Problem(name, message, mend, row=f"row {row}", column=column, value=str(cells[outside].iloc[0]))]
