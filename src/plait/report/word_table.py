"""A table of the report as Word has it: one row of headings that every page repeats, and no merged cells."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from plait.report.blocks import Cell, Column, Row, TableBlock
from plait.report.fitting import Fit, fitted
from plait.report.paper import repeats_its_heading
from plait.report.word_xml import NAMESPACES, paragraph, text_run

_UPRIGHT, _TURNED, _LETTER = 481.0, 728.0, 0.59
"""Room on A4 with margins of 2 cm, in points, and the width of a letter of Arial, of its size."""
_BOLD = ("net", "theme")
_STYLED = 9.0
"""Size of type that the style of a cell has; another is said at the run."""


def fit_of(table: TableBlock) -> Fit:
    """How a table goes on a sheet."""
    return fitted(table, _headings(table), _UPRIGHT, _TURNED, _LETTER)


def table_xml(table: TableBlock, fit: Fit) -> str:
    """A table as XML, without its caption and note."""
    caption = quoteattr(f"Table {table.number}. {table.caption}")
    named = "The first column names" if table.row_headers == 1 else f"The first {table.row_headers} columns name"
    description = quoteattr(f"{len(table.columns)} columns and {len(table.rows)} rows. {named} each row.")
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in fit.widths)
    return (
        f"<w:tbl {NAMESPACES}><w:tblPr>"
        f'<w:tblStyle w:val="ReportTable"/><w:tblW w:w="{sum(map(_twips, fit.widths))}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="1" '
        'w:noVBand="1"/>'
        f"<w:tblCaption w:val={caption}/><w:tblDescription w:val={description}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{_heading_row(table, fit)}"
        f"{''.join(_row(table, i, fit) for i in range(len(table.rows)))}</w:tbl>"
    )


def _headings(table: TableBlock) -> tuple[str, ...]:
    """What stands above each column; the group's name is left out where it is the same all along and in the caption."""
    groups = {column.group for column in table.columns if column.group}
    said = len(groups) == 1 and next(iter(groups)) in table.caption
    return tuple(f"{c.group}: {c.label}" if c.group and not said else c.label for c in table.columns)


def _heading_row(table: TableBlock, fit: Fit) -> str:
    cells = (
        _cell(
            paragraph(_style(column), text_run(heading, bold=True, size=_other(fit.size)), keep=True),
            width,
        )
        for heading, column, width in zip(_headings(table), table.columns, fit.widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"


def _row(table: TableBlock, i: int, fit: Fit) -> str:
    row, again = table.rows[i], repeats_its_heading(table, i)
    keep = fit.short and i + 1 < len(table.rows)
    cells = (
        _cell(
            paragraph(
                _style(column),
                *_runs(row.cells[j], row, fit.size, again=again[j]),
                keep=keep,
                indent=240 if row.kind == "code" and j == 0 else 0,
            ),
            fit.widths[j],
            shaded=row.kind == "base",
        )
        for j, column in enumerate(table.columns)
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _runs(cell: Cell, row: Row, size: float, *, again: bool) -> list[str]:
    runs = [text_run(cell.text, "Quiet" if again else "", bold=row.kind in _BOLD, size=_other(size))]
    if cell.under:
        runs.append("<w:r><w:br/></w:r>" + text_run(cell.under, "Quiet", size=size - 1))
    return runs


def _cell(content: str, width: float, *, shaded: bool = False) -> str:
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="F4F6F8"/>' if shaded else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{shade}</w:tcPr>{content}</w:tc>'


def _style(column: Column) -> str:
    return "TableNumber" if column.numeric else "TableText"


def _other(size: float) -> float:
    """A size of type to be said at a run; none where it is that of the style."""
    return 0 if size == _STYLED else size


def _twips(points: float) -> int:
    return round(points * 20)
