"""What the formats share that store variables rather than rows of text (SPSS, Stata, Parquet)."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from plait.tabular.arrow import TextColumn, pa
from plait.tabular.grid import text_column
from plait.tabular.notes import Note
from plait.tabular.values import EXACT_TO, cell_text

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Typed:
    """A file whose variables name and describe themselves.

    Attributes:
        names: The variables that were read, in order.
        columns: Their texts, each (rows,).
        question_texts: Wording of a variable, where the file gives it.
        value_labels: Variable to code to label.
        missing_codes: Variable to the codes that the file declares missing.
        encoding: As the file declares it; empty where that is no question.
        notes: What was found.
        unread: The variables that were not read, because nobody asked for them.
    """

    names: list[str]
    columns: list[TextColumn]
    question_texts: dict[str, str] = field(default_factory=dict)
    value_labels: dict[str, dict[str, str]] = field(default_factory=dict)
    missing_codes: dict[str, frozenset[str]] = field(default_factory=dict)
    encoding: str = ""
    notes: list[Note] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def numbers_of(values: list[Any]) -> FloatArray:
    """The values of a numeric variable, NaN where there is none (or a letter for an extended missing value)."""
    try:
        numbers = pa.array(values, type=pa.float64())
    except pa.ArrowInvalid:
        numbers = pa.array([None if isinstance(value, str) else value for value in values], type=pa.float64())
    return np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def texts_of(values: list[Any]) -> TextColumn:
    """The values of a text variable; the file pads them with spaces to their width."""
    return text_column(["" if value is None else str(value).rstrip(" ") for value in values])


def code_text(code: object) -> str:
    """A code as its cells are written."""
    return cell_text(code).rstrip(" ")


def too_long(name: str, numbers: FloatArray) -> list[Note]:
    """A note on whole numbers that double precision does not hold exactly."""
    count = int((np.abs(numbers[np.isfinite(numbers)]) > EXACT_TO).sum())
    message = "numbers have more than 15 digits, which the file does not hold exactly; store ids as text"
    return [Note("types", name, message, count)] if count else []


def iconv_name(encoding: str | None) -> str | None:
    """The name by which the C libraries know an encoding."""
    if encoding is None:
        return None
    try:
        known = codecs.lookup(encoding).name
    except LookupError:
        return encoding
    return {"mac-roman": "MACINTOSH", "cp1252": "WINDOWS-1252", "utf-8-sig": "UTF-8"}.get(known, known.upper())
