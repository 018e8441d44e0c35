"""The report as a PDF that a screen reader can read (PDF/UA-1), the same bytes on every machine.

The template is constant and the report reaches it as data, so that no text of a study is ever read as markup. The
compiler sees the files it is handed and nothing else; its fonts are its own and those of the charts. A character that
these lack (of Chinese, say, or a rare emoji) is drawn as a placeholder that names its script; its text stays in the file
and can be copied and read aloud.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from plait.report.blocks import FigureBlock, KeyFigure, Quotation, Report, TableBlock
from plait.report.figure_files import fonts_folder, printable
from plait.report.fitting import fitted
from plait.report.paper import (
    anchors,
    colophon,
    figures_of,
    on_paper,
    repeats_its_heading,
    right_to_left,
    tables_of,
    tagged_title,
    tags,
)
from plait.report.tall_pictures import Piece, pieces_of, scale_of, size_of
from plait.tables import whole_file

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
_UPRIGHT, _TURNED, _LETTER = 481.0, 728.0, 0.52
"""Room on A4 with margins of 2 cm, in points, and the width of a letter of the template's font, of its size."""
_LONGEST_WORD = 28
"""Letters after which a line may end inside a word."""
_LONG_WORD = re.compile(rf"(\S{{{_LONGEST_WORD}}})(?=\S)")
_WORD_JOINER = "\u2060"
_LONG_CELL = 800
"""Letters from which a row of a table may go on overleaf."""
_NAMES = ("anchor", "svg")
"""Fields that nobody reads."""


def write_pdf(report: Report, path: Path, figures_folder: Path) -> None:
    """Write the report as a PDF.

    Args:
        report: The report.
        path: The file.
        figures_folder: Where the report's figures are.
    """
    import pikepdf
    import typst

    from plait.report.pdf_structure import complete_structure

    paper = on_paper(report)
    pictures = {figure.svg: (figures_folder / figure.svg).read_bytes() for figure in figures_of(paper)}
    pieces = {name: pieces_of(picture) for name, picture in pictures.items()}
    data = _Data(paper, pictures, pieces).as_json()
    try:
        document = _compiled(data, pictures)
    except typst.TypstError:
        document = _compiled(data, {name: printable(picture) for name, picture in pictures.items()})
    # The compiler writes every tag of every cell out; packed, they take a quarter of the room.
    with whole_file(path) as part, pikepdf.open(BytesIO(document)) as pdf:
        shown = (piece for figure in figures_of(paper) for piece in pieces[figure.svg])
        complete_structure(pdf, tables_of(paper), shown)
        pdf.save(part, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)


def _compiled(data: bytes, pictures: dict[str, bytes]) -> bytes:
    import typst

    files: Any = {  # the library takes files by name, too; its types say only that it takes one
        "main.typ": _TEMPLATE.read_bytes(),
        "report.json": data,
        **{f"figures/{name}": picture for name, picture in pictures.items()},
    }
    document: bytes = typst.compile(
        files, format="pdf", font_paths=[fonts_folder()], ignore_system_fonts=True, pdf_standards=["ua-1"]
    )
    return document


class _Data:
    """A report as the template reads it."""

    def __init__(self, report: Report, pictures: dict[str, bytes], pieces: dict[str, tuple[Piece, ...]]) -> None:
        self.report, self.pictures, self.pieces = report, pictures, pieces
        self.anchors = anchors(report)

    def as_json(self) -> bytes:
        return json.dumps(self.of(self.report), ensure_ascii=False).encode()

    def of(self, part: Any, field: str = "") -> Any:
        """A part by its kind (`is`) and its fields, with what the template needs besides."""
        if isinstance(part, str):
            return part if field in _NAMES else _breakable(_apart(part))
        if isinstance(part, tuple):
            return [self.of(p) for p in part]
        if not is_dataclass(part) or isinstance(part, type):
            return part
        if isinstance(part, TableBlock):
            return self.table(part)
        data = {f.name: self.of(getattr(part, f.name), f.name) for f in fields(part)} | {"is": type(part).__name__}
        if isinstance(part, Report):
            data |= {
                "tags": self.of(tags(part)),
                "tagged_title": tagged_title(part),
                "colophon": self.of(colophon(part)),
            }
        if isinstance(part, FigureBlock):
            data |= _drawn(self.pictures[part.svg], self.pieces[part.svg])
        if isinstance(part, Quotation):
            data |= {"rtl": right_to_left(part.words)}
        if isinstance(part, KeyFigure) and part.anchor not in self.anchors:
            data |= {"anchor": ""}
        return data

    def table(self, table: TableBlock) -> dict[str, Any]:
        fit = fitted(table, tuple(_above(table)), _UPRIGHT, _TURNED, _LETTER)
        rows = [
            {
                "kind": row.kind,
                "whole": all(len(cell.text) + len(cell.under) < _LONG_CELL for cell in row.cells),
                "cells": [
                    {"text": self.of(cell.text).split("\n"), "under": self.of(cell.under).split("\n"), "again": again}
                    for cell, again in zip(row.cells, repeats_its_heading(table, i), strict=True)
                ],
            }
            for i, row in enumerate(table.rows)
        ]
        return {
            "is": "TableBlock",
            "number": table.number,
            "caption": self.of(table.caption),
            "note": self.of(table.note),
            "widths": fit.widths,
            "size": fit.size,
            "turned": fit.turned,
            "whole": fit.short,
            "numeric": [column.numeric for column in table.columns],
            "head": [list(map(self.of_heading, row)) for row in _head(table)],
            "rows": rows,
        }

    def of_heading(self, heading: dict[str, Any]) -> dict[str, Any]:
        return heading | {"text": self.of(heading["text"])}


def _breakable(text: str) -> str:
    return text if len(text) <= _LONGEST_WORD else _LONG_WORD.sub("\\1\u200b", text)


def _apart(text: str) -> str:
    """A text in which a mark of another script than its letter (the frame of a keycap) is set beside the letter.

    No font has both, and the standard refuses what cannot be shown.
    """
    if text.isascii():
        return text
    apart, letter = [], ""
    for char in text:
        if unicodedata.category(char) not in ("Mn", "Me"):
            letter = char
        elif not unicodedata.name(char, "").startswith((_script(letter), "VARIATION SELECTOR")) and char > "\u036f":
            apart.append(_WORD_JOINER)
        apart.append(char)
    return "".join(apart)


def _script(char: str) -> str:
    return unicodedata.name(char, "-").partition(" ")[0] if char else "-"


def _above(table: TableBlock) -> Iterator[str]:
    """What stands above each column; a group of one column needs its room there, too."""
    groups = Counter(column.group for column in table.columns)
    for column in table.columns:
        yield f"{column.group} {column.label}" if groups[column.group] == 1 else column.label


def _head(table: TableBlock) -> Iterator[Iterable[dict[str, Any]]]:
    """The heading rows of a table: one, or two where columns stand in groups."""
    runs = [list(run) for _, run in groupby(enumerate(table.columns), key=lambda c: c[1].group or c[0])]
    grouped = any(column.group for column in table.columns)
    upper, lower = [], []
    for run in runs:
        own = [{"text": c.label, "numeric": c.numeric, "across": 1, "down": 1, "group": False} for _, c in run]
        group = run[0][1].group
        if group:
            upper.append({"text": group, "numeric": False, "across": len(run), "down": 1, "group": True})
            lower += own
        else:
            upper += [heading | {"down": 2 if grouped else 1} for heading in own]
    yield upper
    if grouped:
        yield lower


def _drawn(svg: bytes, pieces: tuple[Piece, ...]) -> dict[str, Any]:
    """How wide and tall a picture is drawn, in points, and its pieces: as it is, unless a sheet is too small for it."""
    size = size_of(svg)
    if size is None:
        return {"across": None, "pieces": [{"top": 0.0, "height": None}]}
    width, height = size
    scale = scale_of(width, height * max(piece.height for piece in pieces))
    parts = [{"top": piece.top * height * scale, "height": piece.height * height * scale} for piece in pieces]
    return {"across": width * scale, "down": height * scale, "pieces": parts}
