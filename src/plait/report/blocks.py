"""What a report is made of, before any format: sections that hold blocks.

The page, the Word file and the PDF are renderings of the same `Report`. All text in it is plain: a renderer writes it as
text and never reads it as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import count
from typing import Any, Literal

from plait.report.printing import LANGUAGE


@dataclass(frozen=True)
class Heading:
    """A section's title as `in_reading_order` meets it; the report's own title is level 1."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Wording:
    """A question exactly as it was put."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Terms, each with what there is to say about it."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Note:
    """A remark set apart from the text."""

    text: str
    kind: Literal["note", "warning"] = "note"


@dataclass(frozen=True)
class KeyFigure:
    """One number that stands out.

    Attributes:
        value: The number as printed, or the marker that stands for it.
        label: What the number is.
        detail: The sentence that gives it its base and interval.
        anchor: The section that says more; empty when there is none.
    """

    value: str
    label: str
    detail: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class KeyFigures:
    """Numbers to be seen first: sizes (how many took part) or findings (what they said)."""

    figures: tuple[KeyFigure, ...]
    kind: Literal["sizes", "findings"]


@dataclass(frozen=True)
class Column:
    """A column of a table; neighbours with the same `group` share a heading above theirs."""

    label: str
    numeric: bool = False
    group: str = ""


@dataclass(frozen=True)
class Cell:
    """What a cell says (each line of it a statement), what is said below it in smaller type, and where it leads.

    The anchor is that of a section of the report; a rendering that cannot link leaves it away.
    """

    text: str
    under: str = ""
    anchor: str = ""


RowKind = Literal["", "net", "base", "theme", "code"]


@dataclass(frozen=True)
class Row:
    """A row of a table; its kind is for the eye: a sum of options, a base, a theme above its codes."""

    cells: tuple[Cell, ...]
    kind: RowKind = ""


@dataclass(frozen=True)
class TableBlock:
    """A table. The first `row_headers` cells of a row name it; no cell is ever empty; `number` counts through the report."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    row_headers: int = 1
    note: str = ""
    number: int = 0


@dataclass(frozen=True)
class FigureBlock:
    """A figure of the study's figures folder; its numbers stand in the table next to it.

    Attributes:
        name: Name of its files, without an ending.
        title: What it shows, as a sentence.
        subtitle: What is shown, of whom, in which unit.
        alt: What it shows, for those who do not see it.
        footnote: Bases and markers.
        svg: Name of the picture in the figures folder.
        number: Its place among the figures of the report.
    """

    name: str
    title: str
    subtitle: str
    alt: str
    footnote: str
    svg: str
    number: int = 0


@dataclass(frozen=True)
class Fold:
    """Blocks that a screen may hide until they are asked for; paper always shows them.

    Attributes:
        choice: Its short name among neighbours of which a screen may show one at a time, such as the break that a table
            is split by; empty where it stands for itself.
        open: Whether a screen shows it until it is folded away.
        sheet: The sheet of the spreadsheet that has all of it, to which paper leaves it; empty where paper has it, too.
    """

    summary: str
    blocks: tuple[Block, ...]
    choice: str = ""
    open: bool = False
    sheet: str = ""


@dataclass(frozen=True)
class Quotation:
    """Words of a participant, and whom they are attributed to."""

    words: str
    attribution: str


@dataclass(frozen=True)
class Quotations:
    """What people said about a theme."""

    theme: str
    quotations: tuple[Quotation, ...]


Block = Paragraph | Wording | Quotations | Bullets | Facts | Note | KeyFigures | TableBlock | FigureBlock | Fold


@dataclass(frozen=True)
class Section:
    """A titled part of the report: its own blocks, then its parts."""

    anchor: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Report:
    """The whole report, ready for any renderer.

    Attributes:
        study: Its short name.
        kind: What kind of study it is, in words.
        author: Who conducted it.
        simulated: Whether a program made the data.
        mark: What every rendering must say of the disclosure rules; empty where they are those of a profile for release.
        sizes: How many took part.
        program: The program that made the report, with its version.
        tables: A short hash of the published tables that it was made from; empty where it is not known.
    """

    study: str
    title: str
    research_question: str
    kind: str
    author: str
    simulated: bool
    mark: str
    sizes: KeyFigures
    sections: tuple[Section, ...]
    language: str = LANGUAGE
    program: str = ""
    tables: str = ""


def in_reading_order(report: Report) -> Iterator[Heading | Block]:
    """Walk through the report as it is read: each section's heading, its blocks, its parts."""

    def walk(sections: tuple[Section, ...], level: int) -> Iterator[Heading | Block]:
        for section in sections:
            yield Heading(level, section.title, section.anchor)
            yield from section.blocks
            yield from walk(section.sections, level + 1)

    return walk(report.sections, 2)


def numbered(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Number tables and figures in reading order, so that a reader can cite them in any rendering."""
    tables, figures = count(1), count(1)

    def number(block: Block) -> Block:
        if isinstance(block, TableBlock):
            return replace(block, number=next(tables))
        return replace(block, number=next(figures)) if isinstance(block, FigureBlock) else block

    return _with_blocks(sections, number)


def with_tables(sections: tuple[Section, ...], change: Callable[[TableBlock], TableBlock]) -> tuple[Section, ...]:
    """The sections with every table changed, folded ones too."""
    return _with_blocks(sections, lambda block: change(block) if isinstance(block, TableBlock) else block)


def _with_blocks(sections: tuple[Section, ...], change: Callable[[Block], Block]) -> tuple[Section, ...]:
    """The sections with every block changed in reading order, folded ones too."""

    def in_block(block: Block) -> Block:
        return replace(block, blocks=tuple(map(in_block, block.blocks))) if isinstance(block, Fold) else change(block)

    def in_section(section: Section) -> Section:
        blocks = tuple(map(in_block, section.blocks))
        return replace(section, blocks=blocks, sections=tuple(map(in_section, section.sections)))

    return tuple(map(in_section, sections))


_CONTROLS = (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF)
_UNSEEN = (0x200B, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF)
_DROPPED = dict.fromkeys((*_CONTROLS, *_UNSEEN))


def legible(text: str) -> str:
    """Drop characters that nobody sees: controls, zero-width spaces, and those that reverse the text after them.

    Joiners and direction marks stay, since some scripts need them. Lone halves of surrogate pairs cannot be written in
    any encoding and are replaced.
    """
    if text.isprintable():  # nothing of the kind in it: the usual case, told quickly
        return text
    return text.translate(_DROPPED).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def with_legible_text(part: Any) -> Any:
    """A copy of a block, section or report in which every text is legible."""
    if isinstance(part, str):
        return legible(part)
    if isinstance(part, tuple):
        return tuple(with_legible_text(p) for p in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{f.name: with_legible_text(getattr(part, f.name)) for f in fields(part)})
    return part
