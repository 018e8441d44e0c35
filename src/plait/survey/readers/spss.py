"""SPSS files (SAV and compressed ZSAV), read with the codes that they declare user-missing.

A code such as 99 "Refused" may belong in the base of one study and not in another's, so the cells keep their codes
and the declaration travels beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plait.survey.readers.readstat import read_apart
from plait.survey.readers.typed import FloatArray, Typed, code_text, numbers_of, texts_of, too_long
from plait.tabular.arrow import TextColumn
from plait.tabular.grid import text_column
from plait.tabular.notes import Note
from plait.tabular.values import duration_text, instant_texts, number_texts

_INSTANT = re.compile(r"^(?:A|E|J|S)?DATE\d|^DATETIME|^YMDHMS|^MOYR|^QYR|^WKYR")
_DURATION = re.compile(r"^(?:D|M)?TIME\d")
_EPOCH_SECONDS = 12_219_379_200
"""From SPSS's first day, 14 October 1582, to 1 January 1970."""


def read_spss(path: Path, *, name: str, encoding: str | None, needed: tuple[str, ...] = ()) -> Typed:
    """Read an SPSS file.

    Args:
        path: The file.
        name: The file as messages call it.
        encoding: Overrides the one the file declares.
        needed: Of a file with many other variables only these are read; none means all.

    Raises:
        StudyError: The file is damaged or its texts are in another encoding.
    """
    found = read_apart("read_sav", path, name=name, kind="an SPSS file", encoding=encoding, needed=needed)
    columns: list[TextColumn] = []
    notes: list[Note] = []
    for variable in found.read:
        if found.kinds[variable] == "string":
            columns.append(texts_of(found.values[variable]))
            continue
        numbers = numbers_of(found.values[variable])
        columns.append(_texts(numbers, found.forms[variable]))
        notes += too_long(variable, numbers)
    labels = {
        variable: {code_text(code): str(label).strip() for code, label in codes.items()}
        for variable, codes in found.labels.items()
    }
    missing = {
        variable: _declared(ranges, found.values.get(variable, []), found.labels.get(variable, {}))
        for variable, ranges in found.missing_ranges.items()
    }
    if missing:
        notes.append(Note("types", "", "columns declare user-missing codes; the cells keep them", len(missing)))
    texts = {variable: label.strip() for variable, label in found.texts.items()}
    return Typed(found.read, columns, texts, labels, missing, found.encoding, notes, found.unread)


def _texts(numbers: FloatArray, form: str) -> TextColumn:
    if _INSTANT.match(form):
        return text_column(instant_texts((numbers - _EPOCH_SECONDS) * 1e6))
    if _DURATION.match(form):
        return text_column([duration_text(number) for number in numbers])
    return text_column(number_texts(numbers))


def _declared(ranges: list[tuple[Any, Any]], values: list[Any], labels: Mapping[Any, str]) -> frozenset[str]:
    """The codes declared missing: the single ones, and for a range those that occur or have a label."""
    codes: set[str] = set()
    for low, high in ranges:
        if low == high:
            codes.add(code_text(low))
            continue
        for candidates in (values, labels):
            codes |= {code_text(v) for v in set(candidates) if v is not None and low <= v <= high}
    return frozenset(codes)
