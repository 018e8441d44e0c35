"""A table that a tool exported, opened by the names of its columns; what was found on the way goes to the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from plait.errors import Problems
from plait.qualitative.coded_file import Content
from plait.qualitative.headers import Names, has_columns, places_of, require
from plait.qualitative.import_log import ImportLog, file_sha256, listed
from plait.study.definition import TableFile
from plait.tabular.notes import Note
from plait.tabular.table import TextTable, first_rows, read_table

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)")
_DOUBTFUL = ("cells", "encoding")
"""Parts of the reading whose notes a researcher ought to look at."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T[\d:.]+)?")

TRUE = ("true", "1", "1.0", "x", "yes")
FALSE = ("", "false", "0", "0.0", "no")


class Declared(Protocol):
    """What the definition says of how a file is written: of a file, or a reader's conventions."""

    @property
    def encoding(self) -> str | None: ...
    @property
    def delimiter(self) -> str | None: ...
    @property
    def sheet(self) -> str | None: ...


@dataclass(frozen=True)
class ToolRow:
    """A row whose cells are asked for by field."""

    line: int
    cells: tuple[str, ...]
    places: Mapping[str, int]

    def __getitem__(self, field: str) -> str:
        """The cell without spaces at its ends; "" where the table has no such column."""
        return self.whole(field).strip()

    def whole(self, field: str) -> str:
        """The cell as it is."""
        return self.cells[self.places[field]] if field in self.places else ""

    @property
    def name(self) -> str:
        return f"row {self.line}"


@dataclass(frozen=True)
class ToolTable:
    """A table, where its fields stand, and the log of its file."""

    table: TextTable
    places: Mapping[str, int]
    log: ImportLog

    def rows(self) -> Iterator[ToolRow]:
        """The rows by field."""
        for line, cells in zip(self.table.lines, self.table.rows, strict=True):
            yield ToolRow(line, cells, self.places)

    def others(self) -> dict[str, int]:
        """Named columns that stand for no field, and their places."""
        taken = set(self.places.values())
        return {title: i for i, title in enumerate(self.table.header) if i not in taken and title}


def open_table(
    path: Path,
    name: str,
    declared: Declared,
    names: Names,
    needed: Sequence[str],
    *,
    reader: str,
    tool: str,
    filled: Sequence[str] = (),
    may_repeat: Sequence[str] = (),
) -> ToolTable:
    """Read a tool's table; of several sheets, the one that has the needed columns.

    Args:
        path: The file.
        name: The file as messages call it.
        declared: How the file is written, where that has to be said.
        names: The names of the columns.
        needed: Fields that must be there.
        reader: The reader's name in the log.
        tool: The tool's.
        filled: Fields that no row may leave empty.
        may_repeat: Names that several columns may have.

    Raises:
        StudyError: It cannot be read as a table, a needed column is missing, or a cell that must be filled is empty.
    """
    table = table_with(path, name, declared, lambda rows: has_columns(rows, names, needed), may_repeat=may_repeat)
    problems = Problems()
    places = places_of(table.header, names)
    require(table.header, places, names, needed, name, problems)
    problems.raise_if_any()
    for field in filled:
        column = table.header[places[field]]
        for line, row in zip(table.lines, table.rows, strict=True):
            if not row[places[field]].strip():
                message = f"names no {field.replace('_', ' ')}"
                problems.add(name, message, "fill it in or remove the row", row=f"row {line}", column=column)
    problems.raise_if_any()
    return ToolTable(table, places, log_of(path, name, table.notes, reader=reader, tool=tool))


def table_with(
    path: Path,
    name: str,
    declared: Declared,
    fits: Callable[[Sequence[Sequence[str]]], bool],
    *,
    required: Sequence[str] = (),
    may_repeat: Sequence[str] = (),
) -> TextTable:
    """Read a table; of several sheets of a workbook, the one that is declared or the only one whose first rows fit."""
    chosen = declared.sheet
    if chosen is None and path.is_file():
        sheets = first_rows(path, name, encoding=declared.encoding, delimiter=declared.delimiter)
        fitting = [sheet for sheet, rows in sheets.items() if fits(rows)]
        chosen = fitting[0] if len(sheets) > 1 and len(fitting) == 1 else None
    return read_table(
        path,
        name,
        sheet=chosen,
        encoding=declared.encoding,
        delimiter=declared.delimiter,
        required=required,
        may_repeat=may_repeat,
    )


def table_of(raw: Path, file: TableFile, required: Sequence[str]) -> TextTable:
    """Read a table whose columns the study names; of several sheets, the only one that has them all."""
    wanted = tuple(dict.fromkeys(required))

    def fits(rows: Sequence[Sequence[str]]) -> bool:
        return any(set(wanted) <= {cell.strip() for cell in row} for row in rows)

    return table_with(raw / file.file, file.file, file, fits, required=wanted)


def log_of(path: Path, name: str, notes: Sequence[Note], *, reader: str, tool: str = "") -> ImportLog:
    """Start the log of a file with what its table was found to be like."""
    log = ImportLog(name, file_sha256(path), reader, tool)
    for note in notes:
        where = f" (column '{note.column}')" if note.column else ""
        tell = log.caution if note.step in _DOUBTFUL else log.note
        tell(note.step, f"{note.message}{where}" + (f": {note.count}" if note.count > 1 else ""))
    return log


def any_sheet(content: Content, names: Names, needed: Sequence[str]) -> bool:
    """Whether a table of the file has a column for each of these fields."""
    return any(has_columns(rows, names, needed) for rows in content.rows.values())


def note_dates(codes: Iterable[str], log: ImportLog) -> None:
    """Say which codes are dates: Excel makes one of a code like `1-2` in silence."""
    dates = [code for code in dict.fromkeys(codes) if _DATE.fullmatch(code)]
    if dates:
        message = "codes that are dates, which Excel makes of names like 1-2; look them up in the tool"
        log.caution("dates", f"{message}: {listed(dates)}")


def number(text: str) -> float | None:
    """A number with a decimal point or comma; None for an empty text.

    Raises:
        ValueError: It is no number.
    """
    text = text.strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"'{text}' is no number")
    return float(text.replace(",", "."))


def weight_of(text: str) -> tuple[float | None, str]:
    """A weight, and why it is none."""
    try:
        return number(text), ""
    except ValueError:
        return None, f"its weight is not a number: '{text.strip()[:40]}'"


def whole_number(text: str) -> int | None:
    """A count or position of digits alone; None for anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def truth(text: str) -> bool | None:
    """Whether a cell says yes; None where it says neither yes nor no."""
    folded = text.strip().casefold()
    return True if folded in TRUE else False if folded in FALSE else None


def paragraphs(start: str, end: str) -> str:
    """The place of a segment as tools that count paragraphs give it."""
    start, end = start.strip(), end.strip()
    if whole_number(start) is None or whole_number(end or start) is None:
        return " - ".join(part for part in (start, end) if part)
    return f"paragraph {start}" if end in ("", start) else f"paragraphs {start} to {end}"
