"""The report as one page that needs nothing else: no request, no font from elsewhere.

Pictures are shown as images, so that nothing inside them can run or reach out.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from pathlib import Path

from jinja2 import Template

from plait.report.blocks import Block, Cell, Column, Facts, Fold, Report, Row, TableBlock
from plait.report.page import environment, page_of, template_text
from plait.tables import whole_file


def write_html(report: Report, path: Path, figures_folder: Path) -> None:
    """Write the report as a self-contained page.

    Args:
        report: The report.
        path: The page.
        figures_folder: Where the report's figures are.
    """
    text = html_page(report, figures_folder)
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def html_page(report: Report, figures_folder: Path) -> str:
    """The report as a self-contained page."""
    picture = partial(_picture, figures_folder)
    marks = filter(None, ("Simulated data" if report.simulated else "", report.mark))
    page = page_of(report.language, marks, script=template_text("report.js"))
    return _template().render(page, report=report, picture=picture)


@cache
def _template() -> Template:
    templates = environment()
    templates.filters["kind"] = lambda block: type(block).__name__
    templates.filters["grid"] = _grid
    templates.filters["runs"] = _runs
    templates.filters["stacked"] = _stacked
    return templates.get_template("report.html.j2")


def _runs(blocks: tuple[Block, ...]) -> list[list[Block]]:
    """Neighbours that a screen may show one at a time, together; all other blocks as they come."""
    return [list(run) for _, run in groupby(blocks, key=lambda b: isinstance(b, Fold) and bool(b.choice))]


_LONG_TERM = 40
"""Letters of a term that would stand in a narrow column line under line."""


def _stacked(facts: Facts) -> bool:
    """Whether the terms of facts are sentences, which stand above what there is to say and not beside it."""
    return any(len(term) > _LONG_TERM for term, _ in facts.items)


# --- pictures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Picture:
    address: str
    width: int | None
    height: int | None


def _picture(folder: Path, name: str) -> _Picture:
    """An SVG as a data address, with its proportions, so that the page does not jump while it loads."""
    svg = (folder / name).read_bytes()
    address = f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
    box = re.search(rb'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"', svg[:2000])
    width, height = (round(float(side) * 4 / 3) for side in box.groups()) if box else (None, None)
    return _Picture(address, width, height)


# --- tables ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Head:
    text: str
    scope: str
    colspan: int = 1
    rowspan: int = 1
    classes: str = ""


@dataclass(frozen=True)
class _RowHead:
    cell: Cell
    scope: str = "row"
    rowspan: int = 1


@dataclass(frozen=True)
class _Data:
    cell: Cell
    numeric: bool
    label: str


@dataclass(frozen=True)
class _Line:
    kind: str
    heads: tuple[_RowHead, ...]
    cells: tuple[_Data, ...]


@dataclass(frozen=True)
class _Grid:
    """A table as HTML has it: columns in groups, one or two rows of headings, rows in groups.

    One of words has no numbers to compare down a column; where there is no room for its columns, each row is a card.
    """

    wordy: bool
    spans: tuple[int, ...]
    head: tuple[tuple[_Head, ...], ...]
    bodies: tuple[tuple[_Line, ...], ...]


_MANY_COLUMNS = 4
"""Columns of words that a phone cannot show side by side."""


def _grid(table: TableBlock) -> _Grid:
    spans = [list(run) for _, run in groupby(enumerate(table.columns), key=lambda c: c[1].group or c[0])]
    runs = [[column for _, column in run] for run in spans]
    wordy = len(table.columns) >= _MANY_COLUMNS and not any(column.numeric for column in table.columns)
    return _Grid(wordy, tuple(len(run) for run in runs), tuple(_head(runs)), tuple(_bodies(table)))


def _head(runs: list[list[Column]]) -> list[tuple[_Head, ...]]:
    if not any(run[0].group for run in runs):
        return [tuple(_column_head(column) for run in runs for column in run)]
    upper = [
        _Head(run[0].group, "colgroup", colspan=len(run), classes="over")
        if run[0].group
        else _column_head(run[0], rowspan=2)
        for run in runs
    ]
    return [tuple(upper), tuple(_column_head(column) for run in runs for column in run if column.group)]


def _column_head(column: Column, rowspan: int = 1) -> _Head:
    return _Head(column.label, "col", rowspan=rowspan, classes="n" if column.numeric else "")


def _bodies(table: TableBlock) -> list[tuple[_Line, ...]]:
    """Rows that share their first of several headings stand together under it."""
    if table.row_headers == 1:
        return [tuple(_line(table, row, first=True, rows=1) for row in table.rows)]
    bodies = []
    for _, run in groupby(table.rows, key=lambda row: row.cells[0]):
        rows = list(run)
        bodies.append(tuple(_line(table, row, first=i == 0, rows=len(rows)) for i, row in enumerate(rows)))
    return bodies


def _line(table: TableBlock, row: Row, *, first: bool, rows: int) -> _Line:
    heads = [_RowHead(cell) for cell in row.cells[: table.row_headers]]
    if rows > 1:
        heads = [_RowHead(heads[0].cell, "rowgroup", rows), *heads[1:]] if first else heads[1:]
    cells = zip(row.cells[table.row_headers :], table.columns[table.row_headers :], strict=True)
    return _Line(row.kind, tuple(heads), tuple(_Data(cell, column.numeric, column.label) for cell, column in cells))
