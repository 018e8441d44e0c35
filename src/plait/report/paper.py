"""The report as paper has it: nothing can be opened by a click, so what a page folds away stands in the open.

A fold that a screen shows open stays where it is, and so does one right below a figure, which holds the figure's numbers.
The other folds hold detail that most readers of a printed report leaf past; they are moved, whole and in order, to a last
section, and a line says where they went. Long tables that the spreadsheet has, such as those by every characteristic
beside the compared one, are left to it: a line names them and their sheet, and their numbers are not given to others.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import TypeGuard

from plait.report.blocks import (
    Block,
    FigureBlock,
    Fold,
    Heading,
    Paragraph,
    Report,
    Section,
    TableBlock,
    in_reading_order,
)
from plait.report.printing import distinct, sentence
from plait.study.wording import quoted

_FURTHER = "further-tables"
_TITLE = "Further tables"
_INTRO = "Detail that the sections before refer to, in their order."


def on_paper(report: Report) -> Report:
    """The same report without folds to open: the same numbers, detail tables at the end or left to the spreadsheet."""
    names = count(1)
    further: list[Section] = []

    def without_folds(section: Section) -> Section:
        kept, moved = _parted(section.blocks)
        if moved:
            opened = tuple(_opened(fold, names) for fold in moved)
            further.append(Section(f"{_FURTHER}-{next(names)}", section.title, sections=opened))
        return replace(section, blocks=kept, sections=tuple(map(without_folds, section.sections)))

    sections = tuple(map(without_folds, report.sections))
    if further:
        sections += (Section(_FURTHER, _TITLE, (Paragraph(_INTRO),), tuple(further)),)
    return replace(report, sections=sections)


def _parted(blocks: tuple[Block, ...]) -> tuple[tuple[Block, ...], list[Fold]]:
    """What stays in a section, with a line for what does not, and the folds that are moved."""
    kept: list[Block] = []
    moved: list[Fold] = []
    for block, before in zip(blocks, (None, *blocks), strict=False):
        if isinstance(block, Fold) and block.sheet:
            continue
        if isinstance(block, Fold) and (block.open or isinstance(before, FigureBlock)):
            kept += _laid_open(block.blocks)
        elif isinstance(block, Fold):
            moved.append(block)
        else:
            kept.append(block)
    if moved:
        said = "; ".join(f"{fold.summary}{_numbers(fold)}" for fold in moved)
        kept.append(Paragraph(f"Among the further tables at the end: {said}."))
    kept += _left_to_the_spreadsheet(blocks)
    return tuple(kept), moved


def _numbers(fold: Fold) -> str:
    """The numbers of the tables in a fold: ` (Tables 7 to 18)`."""
    named = _named(_tables_in((fold,)))
    return f" ({named})" if named else ""


def _named(numbers: list[int]) -> str:
    if not numbers:
        return ""
    return f"Table {numbers[0]}" if len(numbers) == 1 else f"Tables {numbers[0]} to {numbers[-1]}"


def _tables_in(blocks: tuple[Block, ...]) -> list[int]:
    """The numbers of the tables in blocks and their folds, but those that are left to the spreadsheet."""
    return [block.number for block in _laid_open(blocks) if isinstance(block, TableBlock)]


def _left_to_the_spreadsheet(blocks: tuple[Block, ...]) -> Iterator[Paragraph]:
    """A line that names the folds among these blocks that paper leaves to a sheet of the spreadsheet."""
    left = [block for block in blocks if isinstance(block, Fold) and block.sheet]
    said = []
    for sheet in distinct(fold.sheet for fold in left):
        folds = [fold for fold in left if fold.sheet == sheet]
        numbers = [number for fold in folds for number in _tables_in(fold.blocks)]
        what = ", ".join(f"by {fold.choice}" if fold.choice else fold.summary for fold in folds)
        said.append(f"{what} ({', '.join(filter(None, (_named(numbers), f'sheet {quoted(sheet)}')))})")
    if said:
        yield Paragraph(f"Left to the spreadsheet: {'; '.join(said)}.")


def _laid_open(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Blocks without the folds around them, each after the summary of its fold; a line for what is left out."""
    for block in blocks:
        if isinstance(block, Fold) and not block.sheet:
            yield from () if block.open else (Paragraph(block.summary),)
            yield from _laid_open(block.blocks)
        elif not isinstance(block, Fold):
            yield block
    yield from _left_to_the_spreadsheet(blocks)


def _opened(fold: Fold, names: count[int]) -> Section:
    """A fold as a section; folds in it become its parts where they come last, as sections have it, or are laid open."""
    name = f"{_FURTHER}-{next(names)}"
    first = next((i for i, block in enumerate(fold.blocks) if isinstance(block, Fold)), len(fold.blocks))
    own, parts = fold.blocks[:first], fold.blocks[first:]
    if _all_folds(parts) and not any(part.sheet for part in parts):
        return Section(name, fold.summary, own, tuple(_opened(part, names) for part in parts))
    return Section(name, fold.summary, tuple(_laid_open(fold.blocks)))


def _all_folds(blocks: tuple[Block, ...]) -> TypeGuard[tuple[Fold, ...]]:
    return all(isinstance(block, Fold) for block in blocks)


# --- what the renderings for paper share -------------------------------------------------------------------------------


def tags(report: Report) -> tuple[str, ...]:
    """What every page must say of the report."""
    return (*(("Simulated data",) if report.simulated else ()), *((report.mark,) if report.mark else ()))


def tagged_title(report: Report) -> str:
    """The title as a window or a list of files shows it."""
    said = ", ".join(tag.lower() for tag in tags(report))
    return f"{report.title} ({said})" if said else report.title


def colophon(report: Report) -> str:
    """The last line of a report: whose it is, and where its numbers come from."""
    named = " ".join(sentence(text) for text in (report.title, report.author, *tags(report)) if text)
    return f"{named} Every number is taken from the study\u2019s published tables."


def anchors(report: Report) -> set[str]:
    """The addresses of a report's sections."""
    return {part.anchor for part in in_reading_order(report) if isinstance(part, Heading)}


def figures_of(report: Report) -> Iterator[FigureBlock]:
    """The figures of a report without folds."""
    return (part for part in in_reading_order(report) if isinstance(part, FigureBlock))


def tables_of(report: Report) -> Iterator[TableBlock]:
    """The tables of a report without folds."""
    return (part for part in in_reading_order(report) if isinstance(part, TableBlock))


def repeats_its_heading(table: TableBlock, i: int) -> tuple[bool, ...]:
    """Which cells of a row say again what the row above says: the first of several headings, as long as it stays."""
    row = table.rows[i].cells
    again = table.row_headers > 1 and i > 0 and table.rows[i - 1].cells[0] == row[0]
    return (again, *(False for _ in row[1:]))


def right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction is of a script written from right to left."""
    return next((d for d in map(unicodedata.bidirectional, text) if d in ("L", "R", "AL")), "L") != "L"
