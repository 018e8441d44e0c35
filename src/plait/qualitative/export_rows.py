"""The rows of a table that a tool for qualitative analysis exported, as delimited text or as a workbook.

Their headers may repeat a name (a column for each category above a code), so columns are found by place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plait.errors import Problem, Problems, StudyError, did_you_mean, neighbour_of
from plait.tabular.delimited_text import read_text
from plait.tabular.encodings import decode
from plait.tabular.xlsx import read_xlsx

FULL_CELL = 32_767
"""Characters that a cell of a workbook can hold; a text of this length was probably cut."""
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class ExportRow:
    """A row below the header.

    Attributes:
        number: Line of the text file or row of the sheet.
        cells: As text, as many as the header has.
    """

    number: int
    cells: Sequence[str]

    @property
    def place(self) -> str:
        """The row as messages call it."""
        return f"row {self.number}"


@dataclass(frozen=True)
class ExportRows:
    """A header and the rows below it."""

    header: tuple[str, ...]
    rows: tuple[ExportRow, ...]
    is_workbook: bool = False

    def columns(self, name: str) -> list[int]:
        """Where the columns of a name stand; letter case and spaces around it do not count."""
        return [place for place, column in enumerate(self.header) if folded(column) == folded(name)]


def read_export_rows(path: Path, name: str, required: Mapping[str, Sequence[str]]) -> ExportRows:
    """Read a table whose header is its first row.

    Args:
        path: CSV, TSV or XLSX.
        name: The file as messages call it.
        required: Columns that must be there exactly once, each with the names it may have.

    Raises:
        StudyError: The file is absent, no table, or lacks or repeats a required column.
    """
    if not path.is_file():
        raise StudyError([Problem(name, "there is no such file", neighbour_of(path))])
    with path.open("rb") as stream:
        is_workbook = stream.read(4) == _ZIP
    problems = Problems()
    if is_workbook:
        grid, _, _, _ = read_xlsx(path, name=name, sheet=None)
    else:
        content = decode(path.read_bytes(), name=name).content
        grid, _, _ = read_text(content, name=name, delimiter=None, problems=problems)
    problems.raise_if_any()
    records = list(_records(grid.lines.tolist(), [column.to_pylist() for column in grid.columns]))
    if not records:
        raise StudyError([Problem(name, "is empty", "export it again")])
    header = tuple(cell.strip() for cell in records[0].cells)
    table = ExportRows(header, tuple(records[1:]), is_workbook)
    for column, names in required.items():
        found = [place for n in dict.fromkeys(map(folded, names)) for place in table.columns(n)]
        if len(found) != 1:
            what = f"has {len(found)} columns called '{column}'" if found else f"has no column '{column}'"
            mend = "keep one of them" if found else did_you_mean(column, header)
            problems.add(name, what, mend, row=records[0].place)
    problems.raise_if_any()
    return table


def folded(column: str) -> str:
    """A column's name as it is compared."""
    return " ".join(column.split()).casefold()


def _records(lines: Sequence[int], columns: Sequence[Sequence[str]]) -> Iterator[ExportRow]:
    """The rows with content; carriage returns that workbooks write as `_x000D_` are line ends again."""
    for line, *cells in zip(lines, *columns, strict=True):
        if any(cell.strip() for cell in cells):
            yield ExportRow(line, [cell.replace("_x000D_", "\r") for cell in cells])
