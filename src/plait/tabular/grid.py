"""The cells of a file before anyone has said which row is the header: text in columns, with the file's row numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from plait.tabular.arrow import TextColumn, pa, pc
from plait.tabular.notes import Note

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_RECORDS_AT_ONCE = 5_000
_NO_BREAK = "\u00a0\u202f\u2007"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}]"
_MARKS = r"[\x{feff}\x{fffe}]"
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe]")
_ENDS = rf"^\s*[{_NO_BREAK}]|[{_NO_BREAK}]\s*$"


@dataclass(frozen=True)
class Grid:
    """Cells as text, column by column.

    Attributes:
        lines: (rows,) line of the text file or row of the sheet.
        columns: Texts of the columns, each (rows,).
    """

    lines: IntArray
    columns: list[TextColumn]

    def top(self, rows: int) -> list[list[str]]:
        """The first rows, cell by cell, without what no one can see."""
        columns = [column.slice(0, rows).to_pylist() for column in self.columns]
        return [[_INVISIBLE.sub("", cell).strip() for cell in row] for row in zip(*columns, strict=True)]

    def below(self, rows: int) -> Grid:
        """Everything below the first rows."""
        return Grid(self.lines[rows:], [column.slice(rows) for column in self.columns])

    def keeping(self, rows: BoolArray) -> Grid:
        """Some of the rows."""
        mask = pa.array(rows)
        return Grid(self.lines[rows], [column.filter(mask) for column in self.columns])


def text_column(values: Iterable[str]) -> TextColumn:
    """One column of text."""
    return pa.chunked_array([pa.array(values, type=pa.large_string())])


def grid_of(records: Iterable[tuple[int, list[str]]], width: int) -> Grid:
    """Turn records into columns, some thousand at a time so that memory stays small.

    Args:
        records: Row number and cells; every record has `width` cells.
        width: Number of columns.
    """
    lines: list[int] = []
    parts: list[list[Any]] = [[] for _ in range(width)]
    records = iter(records)
    while chunk := list(islice(records, _RECORDS_AT_ONCE)):
        lines += [line for line, _ in chunk]
        for part, cells in zip(parts, zip(*(cells for _, cells in chunk), strict=True), strict=True):
            part.append(pa.array(cells, type=pa.large_string()))
    columns = [pa.chunked_array(part, type=pa.large_string()) for part in parts]
    return Grid(np.array(lines, dtype=np.int64), columns)


def without_empty_rows(grid: Grid) -> tuple[Grid, list[Note]]:
    """Leave out rows in which no cell holds anything; spreadsheets trail hundreds of them."""
    if not grid.columns:
        return grid, []
    empty = np.ones(len(grid.lines), dtype=bool)
    for column in grid.columns:
        if not empty.any():
            return grid, []
        empty &= pc.equal(column, "").to_numpy(zero_copy_only=False)
    count = int(empty.sum())
    if not count:
        return grid, []
    return grid.keeping(~empty), [Note("rows", "", "rows without any content were left out", count)]


def cleaned_cells(columns: list[TextColumn], names: list[str]) -> tuple[list[TextColumn], list[Note]]:
    """Take out what no respondent typed and no one can see.

    Control characters and byte-order marks inside cells are removed, no-break spaces at the ends of cells are trimmed
    together with the spaces around them, and cells of nothing but spaces become empty. Everything else stays.

    Returns:
        The columns, and a note with a count for each kind of change in each column.
    """
    cleaned: list[TextColumn] = []
    notes: list[Note] = []
    for column, name in zip(columns, names, strict=True):
        cells, found = _cleaned(column)
        cleaned.append(cells)
        notes += [Note("cells", name, message, count) for message, count in found if count]
    return cleaned, notes


def _cleaned(column: TextColumn) -> tuple[TextColumn, list[tuple[str, int]]]:
    """One column, with what was done to how many of its cells."""
    kinds = _kinds_of_bytes(column)
    found: list[tuple[str, int]] = []
    if kinds.control or kinds.beyond_ascii:
        column, count = _without(column, _CONTROL)
        found.append(("control characters inside cells were removed", count))
    if kinds.beyond_ascii:
        column, count = _without(column, _MARKS)
        found.append(("byte-order marks inside cells were removed", count))
        column, count = _trimmed(column)
        found.append(("cells had no-break spaces at their ends, now trimmed", count))
        lost = _how_many(pc.match_substring(column, "\ufffd"))
        found.append(("cells hold characters lost before this file was written", lost))
    blank = pc.utf8_is_space(column) if kinds.beyond_ascii else pc.ascii_is_space(column)
    count = _how_many(blank)
    found.append(("cells that hold only spaces are taken as empty", count))
    return (pc.if_else(blank, "", column) if count else column), found


def _how_many(values: Any) -> int:
    """The sum of counts or of truth values."""
    return int(pc.sum(values).as_py() or 0)


@dataclass(frozen=True)
class _Kinds:
    control: bool
    beyond_ascii: bool


def _kinds_of_bytes(column: TextColumn) -> _Kinds:
    """Which kinds of bytes the texts of a column hold: one look at the memory decides what is worth searching for."""
    present = np.zeros(256, dtype=bool)
    for chunk in column.chunks:
        buffer = chunk.buffers()[2]
        if buffer is None or not buffer.size:
            continue
        data = np.frombuffer(buffer, dtype=np.uint8)
        if data.min() < 32 or data.max() > 126:
            present |= np.bincount(data, minlength=256) > 0
    present[[9, 10, 13]] = False
    return _Kinds(control=bool(present[:32].any() or present[127]), beyond_ascii=bool(present[128:].any()))


def _without(column: TextColumn, pattern: str) -> tuple[TextColumn, int]:
    count = _how_many(pc.count_substring_regex(column, pattern))
    return (pc.replace_substring_regex(column, pattern, "") if count else column), count


def _trimmed(column: TextColumn) -> tuple[TextColumn, int]:
    """Trim the cells that begin or end with a no-break space."""
    found = pc.match_substring_regex(column, _ENDS)
    count = _how_many(found)
    if not count:
        return column, 0
    cells = column.to_pylist()
    for row in np.flatnonzero(found.to_numpy(zero_copy_only=False)):
        cells[row] = cells[row].strip()
    return text_column(cells), count
