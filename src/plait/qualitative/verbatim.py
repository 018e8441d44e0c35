"""Whether a quotation says what was said, word for word, apart from what its square brackets own up to."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from plait.qualitative.positions import is_space, points_of

_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_ELISION = re.compile(r"\.\s?\.\s?\.|\u2026")
LONGEST_INSERTION = 100
"""Characters of the source that a bracketed insertion may stand in place of: a name, not a sentence."""
MOST_PIECES = 20

Span = tuple[int, int]


@dataclass(frozen=True)
class _Piece:
    """Words that must stand in the source, and how they follow on the piece before.

    Attributes:
        elided: Whether anything may have been left out before them; otherwise little was replaced.
        opens, closes: Whether they begin and end with a whole word (not next to a bracket: `[T]he`).
    """

    text: str
    elided: bool
    opens: bool
    closes: bool


class NotVerbatimError(Exception):
    """A quotation cannot be placed in its source; the message says why without repeating it."""


def find_quote(quote: str, source: str, allowed: Callable[[int, int], bool]) -> tuple[Span, ...]:
    """Find a quotation in a text: the spans of the words that were really said, in order.

    White space is folded; everything else, curly quotation marks too, must be the same. `[...]` stands for anything
    that was left out, other brackets for what was put in or in place of something short.

    Args:
        quote: The quotation.
        source: The canonical text.
        allowed: Which spans of the source may be quoted.

    Raises:
        NotVerbatimError: The quotation is not in the text, not in order, or not where it may be quoted.
    """
    pieces = _pieces(quote)
    folded, where = _folded(source)

    def places(piece: _Piece) -> list[Span]:
        found, at = [], folded.find(piece.text)
        while at >= 0:
            end = at + len(piece.text)
            if not (piece.opens and _cuts(folded, at)) and not (piece.closes and _cuts(folded, end)):
                found.append((at, end))
            at = folded.find(piece.text, at + 1)
        return found

    said = [places(piece) for piece in pieces]
    for number, found in enumerate(said, start=1):
        if not found:
            part = "it does" if len(pieces) == 1 else f"its part {number} of {len(pieces)} does"
            raise NotVerbatimError(f"{part} not stand in the source, word for word and with whole words")
    mine = [[(a, b) for a, b in found if allowed(where[a], where[b - 1] + 1)] for found in said]
    if not all(mine):
        raise NotVerbatimError("it stands in the source, but not within what was coded so and said by a participant")
    chain = _in_order(pieces, mine)
    if chain is None:
        raise NotVerbatimError("its parts do not follow each other in the source as the brackets say")
    return tuple((where[a], where[b - 1] + 1) for a, b in chain)


def _pieces(quote: str) -> list[_Piece]:
    bare = _BRACKET.sub("", quote)
    if "[" in bare or "]" in bare:
        raise NotVerbatimError("a square bracket is not closed, or stands within another")
    pieces, at, elided, joined = [], 0, True, False
    marks = [*_BRACKET.finditer(quote), None]
    for mark in marks:
        literal = quote[at : mark.start() if mark else len(quote)]
        is_elision = bool(mark and _ELISION.fullmatch(mark[1].strip()))
        if literal.strip():
            opens = not (joined and not literal[0].isspace())
            closes = not (mark and not is_elision and not literal[-1].isspace())
            pieces.append(_Piece(" ".join(literal.split()), elided, opens, closes))
            elided = is_elision
        else:
            elided = elided or is_elision
        joined = bool(mark) and not is_elision
        at = mark.end() if mark else at
    if not any(c.isalnum() for piece in pieces for c in piece.text):
        raise NotVerbatimError("no word of it is outside the brackets")
    if len(pieces) > MOST_PIECES:
        raise NotVerbatimError(f"it has more than {MOST_PIECES} parts; quote fewer")
    return pieces


def _folded(source: str) -> tuple[str, list[int]]:
    """A text with every run of white space as one space, and where each character of it stands in the text."""
    blank = is_space(points_of(source))
    kept = ~blank
    kept[:1] = True
    kept[1:] |= ~blank[:-1]
    return re.sub(r"\s+", " ", source), np.flatnonzero(kept).tolist()


def _cuts(text: str, at: int) -> bool:
    """Whether a position lies within a word."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _in_order(pieces: Sequence[_Piece], places: Sequence[Sequence[Span]]) -> list[Span] | None:
    """One place of each piece, each after the one before and as near as its gap demands; the earliest such choice.

    From the last piece to the first, the place that follows each place is found, so that the time taken grows with the
    number of places and not with the number of ways to combine them.
    """
    follows: list[list[int]] = [[-1] * len(found) for found in places]
    alive: list[int] = list(range(len(places[-1])))  # places of the next piece from which the end can be reached
    for number in range(len(pieces) - 2, -1, -1):
        after, starts = places[number + 1], [places[number + 1][k][0] for k in alive]
        reach = None if pieces[number + 1].elided else LONGEST_INSERTION
        reached = []
        for k, (_, end) in enumerate(places[number]):
            at = bisect_left(starts, end)
            if at < len(alive) and (reach is None or after[alive[at]][0] - end <= reach):
                follows[number][k] = alive[at]
                reached.append(k)
        alive = reached
    if not alive:
        return None
    chain, k = [], alive[0]
    for number, found in enumerate(places):
        chain.append(found[k])
        k = follows[number][k]
    return chain
