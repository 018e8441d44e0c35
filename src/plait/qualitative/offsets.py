"""Which units a tool counted its text positions in.

The REFI-QDA standard counts Unicode code points; tools count UTF-16 units as well, and a line end of two characters as
one or as two. A reader that assumes one convention misquotes people in silence. So every convention is tried on every
selection and scored: where the export stores the quoted text, by finding it there; otherwise by starts and ends that
fall between words. The convention in the lead must win on the very selections that the others place elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plait.qualitative.positions import (
    CONVENTIONS,
    Positions,
    alphanumeric,
    canonical_places,
    on_either_side,
    points_of,
    without_spaces,
)
from plait.qualitative.transcripts import canonical_text

__all__ = ["CONVENTIONS", "GOOD", "AmbiguousOffsetsError", "Resolved", "Span", "resolve_offsets"]

GOOD = 0.9
"""The score below which a convention does not fit."""
_MARGIN = 0.05
_MOSTLY = 0.5
_ELLIPSES = ("…", "...")
_FAR = 2**60

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
    canonical = {source: canonical_text(texts[source]) for source in dict.fromkeys(s.source for s in spans)}
    tried = [CONVENTIONS.index(declared)] if declared else list(range(len(CONVENTIONS)))
    placed, words, whole_words = _every_way(texts, canonical, spans, tried)

    names = [_spaced(s.quote) for s in spans]
    quoting = np.array([_stores_quote(s, name) for s, name in zip(spans, names, strict=True)])
    # Where only a few names could be quotations, they are titles of about the right length.
    quoting &= quoting.mean() >= _MOSTLY
    quoting |= np.array([s.certain and bool(name) for s, name in zip(spans, names, strict=True)])
    scores = np.where(placed[..., 0] < 0, 0.0, whole_words.mean(axis=2))
    for i in np.flatnonzero(quoting).tolist():
        scores[:, i] = _quote_scores(canonical[spans[i].source], spans[i].quote, names[i], words[:, i].tolist())
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


def _every_way(
    texts: Mapping[str, str], canonical: Mapping[str, str], spans: Sequence[Span], tried: Sequence[int]
) -> tuple[Positions, Positions, Flags]:
    """By each convention that is tried, (conventions, spans, 2): the places, the places without the white space at
    their ends, and whether start and end fall between words."""
    ends = np.array([(_bounded(s.start), _bounded(s.end)) for s in spans], dtype=np.int64)
    of_source: dict[str, list[int]] = {}
    for i, span in enumerate(spans):
        of_source.setdefault(span.source, []).append(i)
    placed = np.empty((len(tried), len(spans), 2), dtype=np.int64)
    words, sides = np.empty_like(placed), np.empty((*placed.shape, 2), dtype=np.uint32)
    for source, mine in of_source.items():
        points = points_of(canonical[source])
        found = canonical_places(texts[source], ends[mine])[tried]
        placed[:, mine], words[:, mine] = found, without_spaces(points, found)
        sides[:, mine] = on_either_side(points, found)
    return placed, words, np.asarray(~alphanumeric(sides).all(axis=3))


def _bounded(position: int) -> int:
    """A position that fits an array; none so far out is in any text."""
    return max(-1, min(position, _FAR))


def _stores_quote(span: Span, name: str) -> bool:
    """Whether a selection's name can be its text: tools also put titles and line numbers there."""
    length = span.end - span.start
    stem = _stem(name)
    if stem is not None:
        return 10 <= len(stem) <= length
    return bool(name) and abs(len(name) - length) <= 2 + length // 10


def _stem(name: str) -> str | None:
    """The start of a quotation that the tool cut short."""
    return next((name.removesuffix(e).rstrip() for e in _ELLIPSES if name.endswith(e)), None)


def _quote_scores(text: str, quote: str, name: str, places: Sequence[Sequence[int]]) -> list[bool]:
    """Whether the quoted text stands at each place; white space counts for nothing, and it may be cut short.

    Args:
        text: Of the source.
        quote: As it is stored.
        name: The same with single spaces.
        places: Start and end by each convention, without the white space at the ends; -1 where there is none.
    """
    bare, stem = quote.strip(), _stem(name)
    known: dict[int, bool] = {}
    scores = []
    for start, end in places:
        place = start * (len(text) + 1) + end
        if place not in known:
            said = text[start:end] if start >= 0 else ""
            # What starts with another character needs no closer look.
            looks_alike = said[:1] == name[:1] or stem == ""
            known[place] = start >= 0 and (said == bare or (looks_alike and _says(_spaced(said), name, stem)))
        scores.append(known[place])
    return scores


def _says(said: str, name: str, stem: str | None) -> bool:
    return said == name or (stem is not None and said.startswith(stem))


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
