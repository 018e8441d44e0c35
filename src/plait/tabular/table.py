"""A table of text, whatever file it came in: named columns, rows of cells, and the row numbers that its user sees.

Tools put a title above the header, an index column before it and empty columns behind it. The header is found below
the title, what holds nothing is left out with a note, and nothing else is changed: a cell that looks like a formula or
a number stays the text it is.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plait.delimited import each_record, wrong_length
from plait.errors import Problem, Problems, StudyError, did_you_mean, neighbour_of
from plait.tabular.archive import check_archive
from plait.tabular.delimited_text import DELIMITERS, with_delimiter
from plait.tabular.encodings import decode
from plait.tabular.failures import told_as_problem
from plait.tabular.folding import fold
from plait.tabular.grid import Grid
from plait.tabular.notes import Note
from plait.tabular.recognise import recognise
from plait.tabular.values import cell_text
from plait.tabular.xls import read_xls
from plait.tabular.xlsx import look_at_cells, notes_on_cells, read_xlsx

if TYPE_CHECKING:
    import pandas as pd

FULL_CELL = 32_767
"""Characters; Excel keeps no more in a cell, and programs that write workbooks cut what is longer."""
ROWS_LOOKED_AT = 20
"""Rows of a table by which its format is told."""
_TITLE_ROWS = 20
_BYTES_LOOKED_AT = 262_144
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f])_")

Row = tuple[str, ...]
Records = Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True)
class TextTable:
    """A table as it stands in the file.

    Attributes:
        header: Names of the columns, trimmed; "" for a column with content and no name. No name repeats but those that
            were allowed to.
        rows: The cells below, one tuple as long as the header a row; rows without content are left out.
        lines: For each row, its line of the text file or row of the sheet.
        header_line: The same of the header.
        title: What stands above the header, a text a row.
        sheet: Of a workbook; "" for delimited text.
        notes: What was found in the file and how it was taken.
    """

    header: Row
    rows: list[Row]
    lines: list[int]
    header_line: int = 1
    title: Row = ()
    sheet: str = ""
    notes: tuple[Note, ...] = ()

    def column(self, place: int) -> list[str]:
        """The cells of one column."""
        return [row[place] for row in self.rows]

    def frame(self) -> pd.DataFrame:
        """The table as a frame of text; the index holds the lines, and a column without a name is called by its place."""
        import pandas as pd  # a table can be looked at without it

        names = [title or f"(column {place})" for place, title in enumerate(self.header, start=1)]

        index = pd.Index(self.lines, name="row", dtype="int64")
        return pd.DataFrame(self.rows, columns=names, index=index, dtype="str")


def read_table(
    path: Path,
    name: str,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    required: Sequence[str] = (),
    may_repeat: Sequence[str] = (),
) -> TextTable:
    """Read delimited text or a workbook (XLSX, XLS). What is not given is found from the content.

    Args:
        path: The file.
        name: The file as messages call it.
        sheet: Of a workbook; the only visible one with content when left out.
        encoding: Of a text file.
        delimiter: Of a text file.
        required: Columns that must be there.
        may_repeat: Names that several columns may have, in any letter case.

    Raises:
        StudyError: The file is absent, damaged, no table, or ambiguous; two columns have one name, or a required one
            is missing; rows of a text file are longer or shorter than its header. All problems of the file at once.
    """
    if not path.is_file():
        mend = neighbour_of(path) or f"there is no folder '{path.parent.name}' either"
        raise StudyError([Problem(name, "there is no such file", mend)])
    found = recognise(path, name=name, what="table")
    problems = Problems()
    chosen = ""
    if found == "csv":
        records, notes = _records(path, name, encoding, delimiter, problems)
    elif found == "xlsx":
        grid, chosen, notes, faults = read_xlsx(path, name=name, sheet=sheet)
        notes += notes_on_cells(faults, dict.fromkeys(range(len(grid.columns)), ""))
        records = _cells(grid)
    elif found == "xls":
        grid, chosen, _, notes = read_xls(path, name=name, sheet=sheet, encoding=encoding)
        records = _cells(grid)
    else:
        raise StudyError([Problem(name, f"is a {found} file, not a table", "export the table as CSV or XLSX")])
    table = _table(records, chosen, notes, name, frozenset(map(fold, may_repeat)), problems)
    for column in required:
        if column not in table.header:
            mend = did_you_mean(column, [title for title in table.header if title])
            problems.add(name, f"has no column '{column}'", mend, row=f"row {table.header_line}")
    problems.raise_if_any()
    return table


def first_rows(
    path: Path, name: str = "", *, encoding: str | None = None, delimiter: str | None = None
) -> Mapping[str, tuple[Row, ...]]:
    """The first rows of delimited text or of each sheet of a workbook, to tell the format by.

    Only the start of a text file is read. What is no table gives nothing, and what cannot be decoded with certainty is
    read somehow: the reading itself refuses it.

    Args:
        path: The file.
        name: The file as messages call it.
        encoding: Of a text file.
        delimiter: Of a text file.

    Returns:
        By sheet, "" for delimited text: rows of cells, empty rows left out.

    Raises:
        StudyError: It is a workbook that is damaged or not to be opened.
    """
    name = name or path.name
    try:
        found = recognise(path, name=name, what="table")
    except StudyError:
        return {}
    if found == "csv":
        rows = _first_records(path, name, encoding, delimiter)
        return {"": rows} if rows else {}
    if found == "xlsx":
        return _first_of_xlsx(path, name)
    return _first_of_xls(path, name) if found == "xls" else {}


# --- records of either kind ----------------------------------------------------------------------------------------------


def _records(
    path: Path, name: str, encoding: str | None, delimiter: str | None, problems: Problems
) -> tuple[Records, list[Note]]:
    decoded = decode(path.read_bytes(), name=name, encoding=encoding)
    content, mark, notes = with_delimiter(decoded.content, name=name, delimiter=delimiter)
    if mark != ",":
        notes.append(Note("delimiter", "", f"cells are separated by {DELIMITERS.get(mark, repr(mark))}", 1))
    records = list(each_record(content.decode("utf-8"), mark, name=name, problems=problems))
    problems.raise_if_any()
    if not records:
        raise StudyError([Problem(name, "is empty", "export it again")])
    return _of_width(records, mark, delimiter, name, problems), [*decoded.notes, *notes]


def _of_width(
    records: list[tuple[int, list[str]]], mark: str, declared: str | None, name: str, problems: Problems
) -> Records:
    """The records in one width: that of the header, the first record with more than one field."""
    start = next((i for i, (_, cells) in enumerate(records[: _TITLE_ROWS + 1]) if len(cells) > 1), 0)
    header = records[start][1]
    others = [words for other, words in DELIMITERS.items() if other != mark and other in header[0]]
    if len(header) == 1 and others:
        problems.add(
            name,
            f"has a single column, but its header holds {' and '.join(others)}",
            f"the delimiter is taken to be {mark!r}; export the file again"
            + (", or mend `delimiter:` in the definition" if declared else ""),
            row=f"row {records[start][0]}",
        )
    width = len(header)
    above = [(line, [*cells, *[""] * (width - 1)]) for line, cells in records[:start]]
    below = records[start:]
    problems.found += [wrong_length(name, line, len(r), width) for line, r in below if len(r) != width]
    return above + [(line, r) for line, r in below if len(r) == width]


def _cells(grid: Grid) -> Records:
    columns = [column.to_pylist() for column in grid.columns]
    return [(int(line), row) for line, row in zip(grid.lines, zip(*columns, strict=True), strict=False)]


# --- the table -----------------------------------------------------------------------------------------------------------


def _table(
    records: Records, sheet: str, notes: list[Note], name: str, may_repeat: frozenset[str], problems: Problems
) -> TextTable:
    filled = [(line, cells) for line, cells in records if any(cell.strip() for cell in cells)]
    if not filled:
        raise StudyError([Problem(name, "is empty", "export it again")])
    if len(filled) < len(records):
        count = len(records) - len(filled)
        notes.append(Note("rows", "", "rows without any content were left out", count))
    start = _title_rows([cells for _, cells in filled])
    title = tuple(next(cell.strip() for cell in cells if cell.strip()) for _, cells in filled[:start])
    if title:
        notes.append(Note("layout", "", f"rows above the header: {' | '.join(title)[:120]}", len(title)))
    header_line, header = filled[start]
    body = filled[start + 1 :]
    names = [" ".join(cell.split()) for cell in header]
    places = _kept(names, [cells for _, cells in body], notes)
    kept = tuple(names[i] for i in places)
    for column, count in Counter(kept).items():
        if count > 1 and column and fold(column) not in may_repeat:
            message = f"has {'two' if count == 2 else count} columns called '{column}'"
            problems.add(name, message, "rename or remove one of them", row=f"row {header_line}")
    rows = [tuple(cells[i] for i in places) for _, cells in body]
    rows = _unescaped(rows, notes)
    _note_full_cells(kept, rows, notes)
    return TextTable(kept, rows, [line for line, _ in body], header_line, title, sheet, tuple(notes))


def _title_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many rows at the top hold a single text, in the first column, while the table below has more columns."""
    for number, cells in enumerate(rows[: _TITLE_ROWS + 1]):
        filled = [i for i, cell in enumerate(cells) if cell.strip()]
        # The header of a matrix may hold one name, above the second column.
        if len(filled) > 1 or filled[0] > 0:
            return number
    return 0


def _kept(names: list[str], body: Sequence[Sequence[str]], notes: list[Note]) -> list[int]:
    """The columns that hold a name or content; a first one of nothing but row numbers is an index."""
    empty = [i for i, title in enumerate(names) if not title and not any(row[i].strip() for row in body)]
    if empty:
        notes.append(Note("columns", "", "columns without a name or content were left out", len(empty)))
    places = [i for i in range(len(names)) if i not in empty]
    if len(places) > 1 and not names[places[0]] and _counts_up([row[places[0]].strip() for row in body]):
        notes.append(Note("columns", "", "a first column of row numbers without a name was left out", 1))
        places = places[1:]
    return places


def _counts_up(cells: list[str]) -> bool:
    if not cells or cells[0] not in ("0", "1"):
        return False
    first = int(cells[0])
    return cells == [str(number) for number in range(first, first + len(cells))]


def _unescaped(rows: list[Row], notes: list[Note]) -> list[Row]:
    """Turn control characters that a program wrote as `_x000D_` back into what they are."""
    touched = 0
    for i, row in enumerate(rows):
        if any("_x00" in cell for cell in row):
            mended = tuple(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell) for cell in row)
            touched += mended != row
            rows[i] = mended
    if touched:
        notes.append(
            Note("cells", "", "rows held control characters written as _x000D_, which were turned back", touched)
        )
    return rows


def _note_full_cells(header: Row, rows: list[Row], notes: list[Note]) -> None:
    for place, column in enumerate(header):
        count = sum(len(row[place]) == FULL_CELL for row in rows)
        if count:
            message = f"cells hold {FULL_CELL:,} characters, all that Excel keeps; their ends may be cut off"
            notes.append(Note("cells", column, message, count))


# --- a look at the first rows ----------------------------------------------------------------------------------------------


def _first_records(path: Path, name: str, encoding: str | None, delimiter: str | None) -> tuple[Row, ...]:
    with path.open("rb") as stream:
        data = stream.read(_BYTES_LOOKED_AT + 1)
    whole = len(data) <= _BYTES_LOOKED_AT
    data = data if whole else data[: data.rfind(b"\n") + 1 or _BYTES_LOOKED_AT]
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not whole and wide:
        data = data[: len(data) // 2 * 2]
    try:
        content = decode(data, name=name, encoding=encoding).content
    except StudyError:
        content = data.decode("utf-16" if wide else "windows-1252", errors="replace").encode("utf-8")
    try:
        content, mark, _ = with_delimiter(content, name=name, delimiter=delimiter)
    except StudyError:
        mark = ","
    rows = []
    for _, cells in each_record(content.decode("utf-8"), mark, name=name, problems=Problems()):
        if any(cell.strip() for cell in cells):
            rows.append(tuple(cells))
        if len(rows) == ROWS_LOOKED_AT:
            break
    return tuple(rows)


def _first_of_xlsx(path: Path, name: str) -> dict[str, tuple[Row, ...]]:
    import python_calamine

    check_archive(path, name=name)
    look_at_cells(path, name)
    found = {}
    with told_as_problem(name, "an Excel workbook"):
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for sheet in book.sheets_metadata:
            if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
                table = book.get_sheet_by_name(sheet.name)
                rows = table.to_python(skip_empty_area=False, nrows=ROWS_LOOKED_AT)
                found[sheet.name] = _with_content([tuple(map(cell_text, row)) for row in rows])
    return found


def _first_of_xls(path: Path, name: str) -> dict[str, tuple[Row, ...]]:
    import xlrd  # type: ignore[import-untyped]

    found = {}
    with told_as_problem(name, "a legacy Excel workbook"):
        book = xlrd.open_workbook(str(path), logfile=io.StringIO(), on_demand=True)
        for table in book.sheets():
            rows = [tuple(map(cell_text, table.row_values(i))) for i in range(min(table.nrows, ROWS_LOOKED_AT))]
            found[table.name] = _with_content(rows)
    return found


def _with_content(rows: list[Row]) -> tuple[Row, ...]:
    return tuple(row for row in rows if any(cell.strip() for cell in row))
