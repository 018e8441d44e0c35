"""The report as a Word document: headings, lists, captions and tables that Word and a screen reader know as such.

Its styles are a constant sheet (`templates/word_styles.xml`), as the page's are; numbers are text that can be edited. The
package is written without a clock, so that the same report gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from plait.report.blocks import (
    Block,
    Bullets,
    Facts,
    FigureBlock,
    Heading,
    KeyFigures,
    Note,
    Paragraph,
    Quotations,
    Report,
    TableBlock,
    Wording,
    in_reading_order,
)
from plait.report.paper import colophon, on_paper, right_to_left, tags
from plait.report.tall_pictures import pieces_of
from plait.report.word_file import WordFile
from plait.report.word_table import fit_of, table_xml
from plait.report.word_xml import field_around, link, marked, paragraph, tab, text_run
from plait.tables import whole_file

_IN_CONTENTS = (2, 3)
"""Levels of the headings that the contents list."""
_DEEPEST = 6
"""Level of the deepest heading style."""


def write_word(report: Report, path: Path, figures_folder: Path) -> None:
    """Write the report as a Word document.

    Args:
        report: The report.
        path: The file.
        figures_folder: Where the report's figures are, as PNG.
    """
    writing = _Writing(on_paper(report), figures_folder)
    document = writing.written()
    with whole_file(path) as part:
        part.write_bytes(document)


class _Writing:
    """Writes one report; bookmarks are numbered in reading order."""

    def __init__(self, report: Report, figures_folder: Path) -> None:
        self.report, self.figures_folder = report, figures_folder
        self.parts = list(in_reading_order(report))
        headings = [part for part in self.parts if isinstance(part, Heading)]
        self.headings = headings
        self.bookmarks = {heading.anchor: f"_Toc{i:08d}" for i, heading in enumerate(headings, start=1)}
        self.file = WordFile(report)

    def written(self) -> bytes:
        self.opening()
        self.contents()
        for i, part in enumerate(self.parts):
            self.write(part, first=i == 0)
        self.file.add(paragraph("Kind", text_run(colophon(self.report))))
        return self.file.as_bytes()

    def opening(self) -> None:
        report, add = self.report, self.file.add
        marks = [text_run(f" {tag}.", "Strong") for tag in tags(report)]
        add(paragraph("Kind", text_run(report.kind), *marks))
        add(paragraph("Heading1", text_run(report.title)))
        add(paragraph("Question", text_run(report.research_question)))
        self.key_figures(report.sizes)
        if report.author:
            add(paragraph("Kind", text_run(report.author)))

    def contents(self) -> None:
        """The headings as links, inside a field: whoever wants page numbers asks Word to update it."""
        listed = [h for h in self.headings if h.level in _IN_CONTENTS]
        self.file.add(paragraph("ContentsTitle", text_run("Contents")))
        lowest, highest = _IN_CONTENTS
        begin, end = field_around(f'TOC \\o "{lowest}-{highest}" \\h \\z \\u')
        for heading in listed:
            entry = link(self.bookmarks[heading.anchor], text_run(heading.text))
            around = (begin if heading is listed[0] else "", entry, end if heading is listed[-1] else "")
            self.file.add(paragraph(f"TOC{heading.level}", *around))

    def write(self, part: Heading | Block, *, first: bool) -> None:
        add = self.file.add
        match part:
            case Heading():
                self.heading(part, new_page=first)
            case Paragraph():
                add(paragraph("Normal", text_run(part.text)))
            case Wording():
                add(paragraph("Wording", text_run(part.text)))
            case Quotations():
                self.quotations(part)
            case Bullets():
                for item in part.items:
                    add(paragraph("ListBullet", text_run(item)))
            case Facts():
                for term, said in part.items:
                    add(paragraph("Term", text_run(term)))
                    add(paragraph("Definition", text_run(said)))
            case Note():
                add(paragraph("Warning" if part.kind == "warning" else "Note", text_run(part.text)))
            case KeyFigures():
                self.key_figures(part)
            case TableBlock():
                self.table(part)
            case FigureBlock():
                self.figure(part)
            case _:
                raise TypeError(f"a block that paper does not have: {type(part).__name__}")

    def heading(self, heading: Heading, *, new_page: bool) -> None:
        bookmark = self.bookmarks[heading.anchor]
        text = marked(bookmark, int(bookmark.removeprefix("_Toc")), text_run(heading.text))
        self.file.add(paragraph(f"Heading{min(heading.level, _DEEPEST)}", text, new_page=new_page))

    def quotations(self, part: Quotations) -> None:
        self.file.add(paragraph("Term", text_run(part.theme)))
        for said in part.quotations:
            rtl = right_to_left(said.words)
            self.file.add(paragraph("Quote", text_run(said.words, rtl=rtl), keep=True, rtl=rtl))
            self.file.add(paragraph("Attribution", text_run(said.attribution), rtl=rtl))

    def key_figures(self, part: KeyFigures) -> None:
        for figure in part.figures:
            label = text_run(figure.label, "Strong")
            if figure.anchor in self.bookmarks:
                label = link(self.bookmarks[figure.anchor], text_run(figure.label, "Hyperlink", bold=True))
            detail = [text_run(f" {figure.detail}")] if figure.detail else []
            self.file.add(paragraph("KeyFigure", text_run(figure.value, "Value"), tab(), label, *detail))

    def table(self, table: TableBlock) -> None:
        fit = fit_of(table)
        if fit.turned:
            self.file.end_section(turned=False)
        self.caption("Table", table.number, table.caption, "TableCaption")
        self.file.add(table_xml(table, fit))
        if table.note:
            self.file.add(paragraph("TableNote", text_run(table.note)))
        if fit.turned:
            self.file.end_section(turned=True)

    def figure(self, figure: FigureBlock) -> None:
        alt = " ".join(text for text in (figure.alt, figure.subtitle, figure.footnote) if text)
        file = self.figures_folder / f"{figure.name}.png"
        pieces = pieces_of((self.figures_folder / figure.svg).read_bytes())
        tallest = max(piece.height for piece in pieces)
        for i, piece in enumerate(pieces):
            told, title = ("The figure before, continued.", "Continued.") if i else (alt, figure.title)
            self.file.add(paragraph("Picture", self.file.picture(file, figure.number, told, piece, tallest)))
            self.caption("Figure", figure.number, title, "Caption")

    def caption(self, kind: str, number: int, said: str, style: str) -> None:
        self.file.add(paragraph(style, text_run(f"{kind} {number}.", "Number"), text_run(f" {said}")))
