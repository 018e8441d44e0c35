"""What a PDF's structure must say and its compiler does not: which cells head a row, where a piece of a picture ends.

The compiler tags the headings of columns and makes every other cell one of data. Here the first cells of each row become
its headings, and the cells after them name them beside the headings of their columns, so that a screen reader says both
(ISO 14289-1, 7.5; ISO 32000-1, 14.8.5.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from pikepdf import Dictionary, Name, Object, Pdf, String

from plait.report.blocks import TableBlock
from plait.report.tall_pictures import WHOLE, Piece


def complete_structure(pdf: Pdf, tables: Iterable[TableBlock], pieces: Iterable[Piece]) -> None:
    """Amend the structure of a report's PDF.

    Args:
        pdf: The PDF as compiled; it is changed.
        tables: The tables that are in it, in reading order.
        pieces: The pictures that are in it, whole or in pieces, in reading order.

    Raises:
        ValueError: If the PDF has other tables, rows or pictures.
    """
    structure = pdf.Root.StructTreeRoot
    found = list(_tables_and_figures(structure))
    for piece, figure in zip(pieces, (part for part in found if part.S == "/Figure"), strict=True):
        if piece not in WHOLE:
            _bounded(figure, piece)
    numbers = count(1)
    for block, table in zip(tables, (part for part in found if part.S == "/Table"), strict=True):
        rows = [row for part in table.K if part.S == "/TBody" for row in part.K]
        for row, _ in zip(rows, block.rows, strict=True):
            for name, heading in _headed(row.K, block.row_headers, numbers):
                structure.IDTree.Names.append(name)  # one by one: to extend an array is to copy it
                structure.IDTree.Names.append(heading)


def _tables_and_figures(element: Object, caption: Object | None = None) -> Iterator[Object]:
    """The tables and figures of an element in reading order; the caption of a table that stands outside it is put into it.

    At some breaks of pages the compiler leaves it beside the table.
    """
    for part in list(element.K):
        if not isinstance(part, Dictionary) or "/S" not in part:  # what is drawn on a page
            continue
        if part.S == "/Caption":
            caption = part
        elif part.S not in ("/Table", "/Figure"):
            yield from _tables_and_figures(part, caption)
        else:
            if part.S == "/Table" and caption is not None:
                _moved(caption, part)
            yield part


def _moved(caption: Object, table: Object) -> None:
    siblings = caption.P.K
    del siblings[[part.objgen for part in siblings].index(caption.objgen)]
    table.K.insert(0, caption)
    caption.P = table


def _bounded(figure: Object, piece: Piece) -> None:
    """The compiler takes the bounds of the whole picture, of which the page shows a piece."""
    left, bottom, right, top = map(float, figure.A[0].BBox)
    height, top = top - bottom, top - piece.top * (top - bottom)
    figure.A[0].BBox = [left, top - piece.height * height, right, top]


def _headed(cells: Object, headings: int, numbers: Iterator[int]) -> Iterator[tuple[String, Object]]:
    """Turn the first cells of a row into headings that the cells after them name; yield each with its name.

    The names come after those of the compiler, which begin with `U`, as a tree of names is in order.
    """
    before: list[String] = []
    for i, cell in enumerate(cells):
        of_table = cell.A[0]
        if before:
            named = of_table.Headers
            for name in before:
                named.append(name)
        if i < headings:
            name = String(f"r{next(numbers):07}")
            cell.S, cell.ID, of_table.Scope = Name.TH, name, Name.Row
            before.append(name)
            yield name, cell
