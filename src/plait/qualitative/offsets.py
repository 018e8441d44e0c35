"""Which units a tool counted its text positions in.

The REFI-QDA standard counts Unicode code points; tools count UTF-16 units as well, and a line end of two characters as
one or as two. A reader that assumes one convention misquotes people in silence. So every convention is tried on every
selection and scored: where the export stores the quoted text, by finding it there; otherwise by starts and ends that
fall between words. The convention in the lead must win on the very selections that the others place elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from plait.qualitative.transcripts import canonical_text

GOOD = 0.9
"""The score below which a convention does not fit."""
_MARGIN = 0.05
_MOSTLY = 0.5
_ELLIPSES = ("…", "...")
_NEWLINES = ("line ends as stored", "line ends counted once")
_UNITS = ("code points", "UTF-16 units")
CONVENTIONS = tuple(f"{unit}, {newlines}" for newlines, unit in product(_NEWLINES, _UNITS))
"""The conventions that are tried, the standard's own first."""

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Span:
    """A selection as the tool wrote it.

    Attributes:
        quote: The quoted text, or a name that often is it.
        certain: The quote is the selected text by the format's own word, never a title.
    """

    source: str
    start: int
    end: int
    quote: str
    certain: bool = False


@dataclass(frozen=True)
class Resolved:
    """Where the selections are.

    Attributes:
        starts: Code points into the canonical text; -1 where the convention knows no such position.
        ends: As `starts`, end exclusive.
        convention: What the tool counted, in words, with the score.
        score: Share of the evidence that speaks for it.
        by_quote: Selections that were found by their quoted text instead of their positions.
        astray: Selections whose quoted text stands elsewhere, more than once, or nowhere although it was quoted.
    """

    starts: Positions
    ends: Positions
    convention: str
    score: float
    by_quote: Flags
    astray: Flags


class AmbiguousOffsetsError(Exception):
    """No convention fits the selections well enough, or two fit equally well."""


def resolve_offsets(texts: Mapping[str, str], spans: Sequence[Span], *, declared: str = "") -> Resolved:
    """Find the convention that places the selections where they belong.

    Args:
        texts: Each source's text as stored: decoded, without a byte order mark, line ends untouched.
        spans: Selections in these sources.
        declared: One of `CONVENTIONS`, where it is known; it still has to fit.

    Raises:
        AmbiguousOffsetsError: With the scores of all conventions.
    """
    if not spans:
        none, flags = np.empty(0, np.int64), np.empty(0, bool)
        return Resolved(none, none, "no selections", 1.0, flags, flags)
    canonical = {source: canonical_text(text) for source, text in texts.items()}
    maps = {source: _position_maps(text) for source, text in texts.items()}
    tried = [CONVENTIONS.index(declared)] if declared else range(len(CONVENTIONS))
    placed = np.array([[_placed(maps[s.source][c], s) for s in spans] for c in tried], dtype=np.int64)

    quoting = np.array([_stores_quote(s) for s in spans])
    # Where only a few names could be quotations, they are titles of about the right length.
    quoting &= quoting.mean() >= _MOSTLY
    quoting |= np.array([s.certain and bool(s.quote.strip()) for s in spans])
    scores = np.array(
        [
            [_score(canonical[s.source], s, a, b, bool(q)) for s, q, (a, b) in zip(spans, quoting, row, strict=True)]
            for row in placed
        ]
    )
    words = np.array(
        [[_words(canonical[s.source], a, b) for s, (a, b) in zip(spans, row, strict=True)] for row in placed]
    )
    totals = scores.mean(axis=1)
    # Of conventions that fit alike, the one that leaves no white space at the ends.
    best = int(np.lexsort((-(words == placed).mean(axis=(1, 2)), -totals.round(9)))[0])
    _refuse_unclear(words, scores, best, quoting, [CONVENTIONS[c] for c in tried])

    same = all(np.array_equal(row, placed[best]) for row in placed)
    evidence = f"{totals[best]:.3f} over {int(quoting.sum())} quotes and {int((~quoting).sum())} pairs of word ends"
    known = " (as the format says)" if declared else " (all conventions agree)" if same else ""
    convention = f"{CONVENTIONS[tried[best]]}{known}; score {evidence}"
    missed = quoting & (scores[best] < 1)
    starts, ends, found, astray = _by_quote(canonical, spans, placed[best], missed)
    return Resolved(starts, ends, convention, float(totals[best]), found, astray)


def _refuse_unclear(
    words: npt.NDArray[np.int64],
    scores: npt.NDArray[np.float64],
    best: int,
    quoting: Flags,
    names: Sequence[str],
) -> None:
    totals = scores.mean(axis=1)
    listed = "; ".join(f"{name}: {total:.3f}" for name, total in zip(names, totals, strict=True))
    # Places that differ in white space only quote the same words.
    differs = (words != words[best]).any(axis=2)
    for other in range(len(totals)):
        where = differs[other]
        if where.any() and (scores[best, where] - scores[other, where]).mean() < _MARGIN:
            raise AmbiguousOffsetsError(f"two ways of counting fit equally well ({listed})")
    if totals[best] >= GOOD:
        return
    if differs.any():
        raise AmbiguousOffsetsError(f"no way of counting fits ({listed})")
    if quoting.any() and scores[best, quoting].mean() < GOOD:
        raise AmbiguousOffsetsError(f"the stored quotations are not in the texts where they should be ({listed})")


def _position_maps(text: str) -> list[Positions]:
    """For each convention, from the tool's position to the canonical one (-1: inside a character)."""
    return [
        _canonical_positions(base, unit)
        for base, unit in product((_points(text), _points(canonical_text(text))), _UNITS)
    ]


def _points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _canonical_positions(points: npt.NDArray[np.uint32], unit: str) -> Positions:
    line_feed_of_two = (points == 0x0A) & (np.concatenate([[0], points[:-1]]) == 0x0D)
    dropped = np.concatenate([[0], np.cumsum(line_feed_of_two)])
    canonical: Positions = np.arange(len(points) + 1, dtype=np.int64) - dropped.astype(np.int64)
    if unit == "code points":
        return canonical
    width = np.where(points > 0xFFFF, 2, 1)
    at = np.concatenate([[0], np.cumsum(width)])
    positions = np.full(int(at[-1]) + 1, -1, dtype=np.int64)
    positions[at] = canonical
    return positions


def _placed(positions: Positions, span: Span) -> tuple[int, int]:
    size = len(positions)
    start = int(positions[span.start]) if 0 <= span.start < size else -1
    end = int(positions[span.end]) if 0 <= span.end < size else -1
    return (start, end) if 0 <= start < end else (-1, -1)


def _words(text: str, start: int, end: int) -> tuple[int, int]:
    """The place without white space at its ends."""
    said = text[start:end] if start >= 0 else ""
    if not said.strip():
        return start, end
    return start + len(said) - len(said.lstrip()), end - len(said) + len(said.rstrip())


def _stores_quote(span: Span) -> bool:
    """Whether a selection's name can be its text: tools also put titles and line numbers there."""
    name = _spaced(span.quote)
    length = span.end - span.start
    stem = _stem(name)
    if stem is not None:
        return 10 <= len(stem) <= length
    return bool(name) and abs(len(name) - length) <= 2 + length // 10


def _stem(name: str) -> str | None:
    """The start of a quotation that the tool cut short."""
    return next((name.removesuffix(e).rstrip() for e in _ELLIPSES if name.endswith(e)), None)


def _score(text: str, span: Span, start: int, end: int, quoting: bool) -> float:
    if start < 0:
        return 0.0
    if quoting:
        # A little more than the slice: the white space at its ends counts for nothing.
        said, name = _spaced(text[start:end]), _spaced(span.quote)
        stem = _stem(name)
        return float(said == name or (stem is not None and said.startswith(stem)))
    return (_between_words(text, start) + _between_words(text, end)) / 2


def _between_words(text: str, position: int) -> bool:
    return not (0 < position < len(text) and text[position - 1].isalnum() and text[position].isalnum())


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _by_quote(
    texts: Mapping[str, str], spans: Sequence[Span], placed: Positions, missed: Flags
) -> tuple[Positions, Positions, Flags, Flags]:
    """Look for the quoted text of selections that are not where they should be.

    Found once, it is the place; found more than once, there is no telling; found nowhere, the name was a title, unless
    the format says that it is the quoted text.
    """
    starts, ends = placed[:, 0].copy(), placed[:, 1].copy()
    found, astray = np.zeros(len(spans), dtype=bool), np.zeros(len(spans), dtype=bool)
    for i in (int(n) for n in np.flatnonzero(missed)):
        text, quote = texts[spans[i].source], canonical_text(spans[i].quote).strip()
        first = text.find(quote)
        if first < 0 or _stem(quote) is not None:
            astray[i] = spans[i].certain
        elif text.find(quote, first + 1) >= 0:
            astray[i] = True
        else:
            starts[i], ends[i], found[i] = first, first + len(quote), True
    return starts, ends, found, astray
