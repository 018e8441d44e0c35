"""How a table is fitted to a sheet of paper: size of type, widths of columns, and whether the sheet is turned.

Widths are estimated from numbers of letters, not from a font, so that every rendering and every machine agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from plait.report.blocks import Cell, TableBlock

_SIZES = (9.0, 8.5, 8.0, 7.5)
"""Sizes of type in points, the best first."""
_PADDING = 12.0
"""Space between columns, in points, and some to spare for words of wide letters."""
_LONGEST_WORD = 26
"""Letters of a word that is never broken for want of space."""
_LONGEST_LINE = 60
"""Letters beyond which a cell has no claim to more width."""
_MOST_LINES = 12
"""Lines of a cell beyond which a wider sheet is sought."""
_SMALLER = 0.88
"""Size of what stands below a cell's text, of the size of the text."""
_SHORT = 330.0
"""Height up to which a table is kept on one page, in points."""
_TURNED_HEIGHT = 380.0
"""Height that a turned sheet has for the rows of a table, in points."""
_BOLD = 1.1
"""Width of a letter of a heading, of the width of others."""


@dataclass(frozen=True)
class Fit:
    """How a table goes on paper.

    Attributes:
        widths: Of its columns, in points.
        size: Of its type, in points.
        turned: Whether the sheet is turned for it.
        short: Whether it is so short that a page can hold it whole.
    """

    widths: tuple[float, ...]
    size: float
    turned: bool
    short: bool


@dataclass(frozen=True)
class _Claim:
    """What a column asks for, in letters: its longest word, its longest line, and all of its longest cell."""

    word: float
    line: float
    cell: float


def fitted(table: TableBlock, headings: tuple[str, ...], upright: float, turned: float, letter: float) -> Fit:
    """Fit a table to a sheet: upright and in the largest type in which no word breaks and no cell grows too tall.

    Args:
        table: The table.
        headings: What stands above each column.
        upright: Room on a sheet that is held upright, in points.
        turned: Room on a sheet that is turned.
        letter: Width of a letter, of the size of its type.
    """
    claims = [_claim([row.cells[i] for row in table.rows], heading) for i, heading in enumerate(headings)]
    found = []
    for room, size in product((upright, turned), _SIZES):
        widths = _widths(claims, room, size * letter)
        if widths and all(_lines(c.cell, w, size * letter) <= _MOST_LINES for c, w in zip(claims, widths, strict=True)):
            height = _height(table, widths, size, letter)
            found.append(Fit(widths, size, room == turned, height <= _SHORT))
            if room == upright or height <= _TURNED_HEIGHT:
                return found[-1]
    if found:  # on turned sheets, and more than one
        return found[0]
    size = _SIZES[-1]
    needed = [claim.word * size * letter + _PADDING for claim in claims]
    widths = _widths(claims, turned, size * letter) or tuple(n * turned / sum(needed) for n in needed)
    return Fit(widths, size, True, False)


def _height(table: TableBlock, widths: tuple[float, ...], size: float, letter: float) -> float:
    """About how tall the rows of a table are together, in points."""

    def lines(cell: Cell, width: float) -> float:
        parts = [*cell.text.split("\n"), *(cell.under.split("\n") if cell.under else [])]
        return sum(max(1.0, _lines(len(part), width, size * letter)) for part in parts)

    return sum(max(map(lines, row.cells, widths)) * 1.3 * size + 6 for row in table.rows)


def _claim(cells: list[Cell], heading: str) -> _Claim:
    said = [(cell.text, 1.0) for cell in cells] + [(cell.under, _SMALLER) for cell in cells] + [(heading, _BOLD)]
    words = max(min(len(word), _LONGEST_WORD) * size for text, size in said for word in text.split() or [""])
    lines = max(min(len(line), _LONGEST_LINE) * size for text, size in said[:-1] for line in text.split("\n"))
    longest = max(len(text) * size for text, size in said)
    return _Claim(words, max(words, lines), longest)


def _widths(claims: list[_Claim], room: float, letter: float) -> tuple[float, ...]:
    """Widths that give every column its longest word and share out what is left; none where the words have no room."""
    needed = [claim.word * letter + _PADDING for claim in claims]
    spare = room - sum(needed)
    if spare < 0:
        return ()
    wanted = [(claim.line - claim.word) * letter for claim in claims]
    share = min(1.0, spare / sum(wanted)) if sum(wanted) else 0.0
    return tuple(n + share * w for n, w in zip(needed, wanted, strict=True))


def _lines(letters: float, width: float, letter: float) -> float:
    return letters * letter / (width - _PADDING)
