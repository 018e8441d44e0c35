"""Stata files (DTA). Extended missing values stay visible as `.a` to `.z`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from plait.survey.readers.readstat import read_apart
from plait.survey.readers.typed import FloatArray, Typed, code_text, numbers_of, texts_of, too_long
from plait.tabular.arrow import TextColumn
from plait.tabular.grid import text_column
from plait.tabular.notes import Note
from plait.tabular.values import ObjectArray, instant_texts, number_texts

_EPOCH_DAYS = 3653
"""From Stata's first day, 1 January 1960, to 1 January 1970."""
_EPOCH_MILLISECONDS = _EPOCH_DAYS * 86_400_000
_EXTENDED = frozenset("abcdefghijklmnopqrstuvwxyz")


def read_stata(path: Path, *, name: str, encoding: str | None, needed: tuple[str, ...] = ()) -> Typed:
    """Read a Stata file.

    Args:
        path: The file.
        name: The file as messages call it.
        encoding: Overrides the one of the file's version (before version 14 it is not recorded).
        needed: Of a file with many other variables only these are read; none means all.

    Raises:
        StudyError: The file is damaged or its texts are in another encoding.
    """
    found = read_apart("read_dta", path, name=name, kind="a Stata file", encoding=encoding, needed=needed)
    columns: list[TextColumn] = []
    notes: list[Note] = []
    labels: dict[str, dict[str, str]] = {}
    missing: dict[str, frozenset[str]] = {}
    for variable in found.read:
        values, kind = found.values[variable], found.kinds[variable]
        numeric = kind != "string"
        if numeric:
            numbers = numbers_of(values)
            texts = _texts(numbers.astype(np.float32) if kind == "float" else numbers, found.forms[variable])
            texts[:] = [f".{value}" if value in _EXTENDED else text for value, text in zip(values, texts, strict=True)]
            notes += too_long(variable, numbers)
        columns.append(text_column(texts) if numeric else texts_of(values))
        if variable in found.labels:
            labels[variable] = {_code(c, numeric): str(label).strip() for c, label in found.labels[variable].items()}
        if variable in found.missing_codes:
            missing[variable] = frozenset(_code(code, numeric) for code in found.missing_codes[variable])
    if missing:
        notes.append(Note("types", "", "columns hold extended missing values, written .a to .z", len(missing)))
    wordings = {variable: label.strip() for variable, label in found.texts.items()}
    return Typed(found.read, columns, wordings, labels, missing, found.encoding, notes, found.unread)


def _code(code: object, numeric: bool) -> str:
    """A code as text; extended missing values of numeric variables with their dot."""
    return f".{code}" if numeric and code in _EXTENDED else code_text(code)


def _texts(numbers: npt.NDArray[np.floating[Any]], form: str) -> ObjectArray:
    written = next((write for mark, write in _DATES.items() if form.startswith(mark)), None)
    return written(numbers.astype(np.float64)) if written else number_texts(numbers)


def _periods(per_year: int, mark: str) -> Callable[[FloatArray], ObjectArray]:
    """Writes counts of months, quarters or half-years since 1960."""

    def written(numbers: FloatArray) -> ObjectArray:
        texts = number_texts(numbers)
        for place in np.flatnonzero(np.isfinite(numbers)):
            year, part = divmod(int(numbers[place]), per_year)
            texts[place] = f"{1960 + year}-{mark}{part + 1:0{1 if mark else 2}d}"
        return texts

    return written


_DATES: dict[str, Callable[[FloatArray], ObjectArray]] = {
    "%tc": lambda numbers: instant_texts((numbers - _EPOCH_MILLISECONDS) * 1e3),
    "%tC": lambda numbers: instant_texts((numbers - _EPOCH_MILLISECONDS) * 1e3),
    "%td": lambda numbers: instant_texts((numbers - _EPOCH_DAYS) * 86_400e6),
    "%d": lambda numbers: instant_texts((numbers - _EPOCH_DAYS) * 86_400e6),
    "%tm": _periods(12, ""),
    "%tq": _periods(4, "Q"),
    "%th": _periods(2, "H"),
}
