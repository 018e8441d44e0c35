"""Typed values as the shortest text that means the same.

Files that store numbers cannot say whether an answer was `3` or `3.0`; the text is `3`, so that a code matches the
codebook whatever the file's format. Dates become ISO 8601 text, and an empty cell stays the empty text.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

ObjectArray = npt.NDArray[np.object_]

EXACT_TO = 2.0**53
"""Whole numbers beyond this are not all stored exactly by programs that compute with double precision."""

_DAY = 86_400_000_000
_FIRST = np.datetime64("0001-01-01T00:00:00", "us").astype(np.int64)
_LAST = np.datetime64("9999-12-31T23:59:59", "us").astype(np.int64)


def number_text(value: float | np.floating[Any]) -> str:
    """The shortest text of one number; empty for a missing one.

    A number in single precision is written with the digits that precision has (`0.1`, not `0.10000000149`).
    """
    if np.isnan(value):
        return ""
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    if float(value).is_integer():
        return str(int(value))
    return str(np.format_float_positional(value, unique=True, trim="-"))


def number_texts(values: npt.NDArray[np.floating[Any]]) -> ObjectArray:
    """The shortest text of every number; each distinct number is written once."""
    distinct, place = np.unique(values, return_inverse=True)
    texts: ObjectArray = np.empty(len(distinct), dtype=object)
    texts[:] = [number_text(value) for value in distinct]
    spread: ObjectArray = texts[place.reshape(-1)]
    return spread


def instant_texts(microseconds: npt.NDArray[np.floating[Any]]) -> ObjectArray:
    """Instants as ISO text: the date alone where a column holds no time of day, else with seconds or finer.

    Args:
        microseconds: (rows,) since 1970-01-01T00:00:00, NaN where empty.

    Returns:
        Text; numbers outside the years 1 to 9999 stay numbers.
    """
    sensible = (microseconds >= _FIRST) & (microseconds <= _LAST)
    texts = number_texts(microseconds / 1e6)
    whole = np.rint(microseconds[sensible]).astype(np.int64)
    instants = whole.astype("datetime64[us]")
    unit = next(u for u, size in (("D", _DAY), ("s", 1_000_000), ("ms", 1_000), ("us", 1)) if not (whole % size).any())
    texts[sensible] = np.datetime_as_string(instants, unit=unit)  # type: ignore[call-overload]
    return texts


def duration_text(seconds: float) -> str:
    """A time of day or a duration as hours, minutes and seconds; hours may exceed 24."""
    if not np.isfinite(seconds):
        return ""
    milliseconds = round(abs(seconds) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    whole, fraction = divmod(rest, 1000)
    text = f"{hours:02d}:{minutes:02d}:{whole:02d}" + (f".{fraction:03d}" if fraction else "")
    return f"-{text}" if seconds < 0 else text


def cell_text(value: object) -> str:
    """The text of one cell of a workbook or one value of a mixed column."""
    for kinds, written in _WRITTEN:
        if isinstance(value, kinds):
            return written(value)
    return str(value)


def _clock_text(value: datetime.datetime | datetime.time) -> str:
    thousandths = value.microsecond and value.microsecond % 1000 == 0
    return value.isoformat(timespec="milliseconds" if thousandths else "auto")


def _decimal_text(value: decimal.Decimal) -> str:
    return format(value.normalize(), "f") if value.is_finite() else ""


_WRITTEN: tuple[tuple[tuple[type, ...], Callable[[Any], str]], ...] = (  # a truth value is an int, a datetime a date
    ((str,), str),
    ((bool, np.bool_), lambda value: "TRUE" if value else "FALSE"),
    ((int, np.integer), str),
    ((float, np.floating), number_text),
    ((datetime.datetime, datetime.time), _clock_text),
    ((datetime.date,), datetime.date.isoformat),
    ((datetime.timedelta,), lambda value: duration_text(value.total_seconds())),
    ((decimal.Decimal,), _decimal_text),
    ((type(None),), lambda value: ""),
)
