"""Stata files (DTA). Extended missing values stay visible as `.a` to `.z`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from plait.survey.readers.arrow import TextColumn
from plait.survey.readers.grid import text_column
from plait.survey.readers.notes import Note
from plait.survey.readers.readstat import read_apart
from plait.survey.readers.typed import Typed, code_text, numbers_of, too_long
from plait.survey.readers.values import instant_texts, number_text, number_texts

_FloatArray = npt.NDArray[np.float64]

_EPOCH_DAYS = 3653
"""From Stata's first day, 1 January 1960, to 1 January 1970."""
_EPOCH_MILLISECONDS = _EPOCH_DAYS * 86_400_000
_EXTENDED = frozenset("abcdefghijklmnopqrstuvwxyz")


def read_stata(path: Path, *, name: str, encoding: str | None) -> Typed:
    """Read a Stata file.

    Args:
        path: The file.
        name: The file as messages call it.
        encoding: Overrides the one of the file's version (before version 14 it is not recorded).

    Raises:
        StudyError: The file is damaged or its texts are in another encoding.
    """
    found = read_apart("read_dta", path, name=name, kind="a Stata file", encoding=encoding)
    columns: list[TextColumn] = []
    notes: list[Note] = []
    labels: dict[str, dict[str, str]] = {}
    missing: dict[str, frozenset[str]] = {}
    for variable in found.names:
        numeric = found.kinds[variable] != "string"
        single = found.kinds[variable] == "float"
        columns.append(_texts(found.values[variable], found.forms[variable], numeric, single))
        notes += too_long(variable, found.values[variable])
        if variable in found.labels:
            labels[variable] = {_code(c, numeric): str(label).strip() for c, label in found.labels[variable].items()}
        if variable in found.missing_codes:
            missing[variable] = frozenset(_code(code, numeric) for code in found.missing_codes[variable])
    if missing:
        notes.append(Note("types", "", "columns hold extended missing values, written .a to .z", len(missing)))
    texts = {variable: label.strip() for variable, label in found.texts.items()}
    return Typed(found.names, columns, texts, labels, missing, found.encoding, notes)


def _code(code: object, numeric: bool) -> str:
    """A code as text; extended missing values of numeric variables with their dot."""
    return f".{code}" if numeric and code in _EXTENDED else code_text(code)


def _texts(values: list[Any], form: str, numeric: bool, single: bool) -> TextColumn:
    if not numeric:
        return text_column([str(value).rstrip(" ") if value is not None else "" for value in values])
    if any(isinstance(value, str) for value in values):  # extended missing values among numbers
        return text_column([_code(value, True) for value in values])
    numbers = numbers_of(values)
    written = next((write for mark, write in _DATES.items() if form.startswith(mark)), None)
    if written:
        return text_column(written(numbers))
    return text_column(number_texts(numbers.astype(np.float32) if single else numbers))


def _periods(per_year: int, mark: str) -> Callable[[_FloatArray], list[str]]:
    """Writes counts of months, quarters or half-years since 1960."""

    def written(numbers: _FloatArray) -> list[str]:
        texts = []
        for number in numbers:
            if not np.isfinite(number):
                texts.append("")
                continue
            year, part = divmod(int(number), per_year)
            texts.append(f"{1960 + year}-{mark}{part + 1:0{2 if not mark else 1}d}")
        return texts

    return written


_DATES: dict[str, Callable[[_FloatArray], Any]] = {
    "%tc": lambda numbers: instant_texts((numbers - _EPOCH_MILLISECONDS) * 1e3),
    "%tC": lambda numbers: instant_texts((numbers - _EPOCH_MILLISECONDS) * 1e3),
    "%td": lambda numbers: instant_texts((numbers - _EPOCH_DAYS) * 86_400e6),
    "%d": lambda numbers: instant_texts((numbers - _EPOCH_DAYS) * 86_400e6),
    "%tm": _periods(12, ""),
    "%tq": _periods(4, "Q"),
    "%th": _periods(2, "H"),
    "%ty": lambda numbers: [number_text(number) for number in numbers],
}
