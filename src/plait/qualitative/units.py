"""What coders are compared on: whole texts, paragraphs, or characters.

All three are stretches of the texts that the coders were asked to code. A whole text is one unit; a paragraph is a line
that is not blank, and has a code when any of its characters has; characters are taken in runs between which no coder's
coding changes, each weighing as much as it has characters, so that no table has a row a character.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.qualitative.transcripts import CodedText

Whole = npt.NDArray[np.int64]
Given = npt.NDArray[np.bool_]

SOURCE, PARAGRAPH, CHARACTER = "source", "paragraph", "character"
KINDS = (SOURCE, PARAGRAPH, CHARACTER)


@dataclass(frozen=True)
class Units:
    """Units in the order of the texts and of their places in them.

    Attributes:
        kind: One of `KINDS`.
        sources: The ids of the texts that have units.
        source: (units,) place of each unit's text in `sources`.
        number: (units,) the unit's number within its text, from 1.
        start: (units,) where it starts in its text.
        end: (units,) where it ends.
        weight: (units,) 1, or the characters of a run.
        left_out: Texts that cannot be divided, because they are not at hand.
    """

    kind: str
    sources: pd.Index[str]
    source: Whole
    number: Whole
    start: Whole
    end: Whole
    weight: Whole
    left_out: int = 0

    @property
    def first(self) -> Whole:
        """The first unit of each text."""
        return np.searchsorted(self.source, np.arange(len(self.sources))).astype(np.int64)

    def reach(self, segments: pd.DataFrame) -> tuple[Whole, Whole]:
        """The first unit of each segment, and the one behind its last; no unit for a segment of other texts."""
        text = _numbers(self.sources, segments["source"])
        if self.kind == SOURCE:
            return text, text + (text >= 0)
        # One line of numbers for all texts: each has its own stretch of it.
        span = int(self.end.max(initial=0)) + 2
        start, end = (np.minimum(at, span - 1) for at in places(segments))
        # Units that end after the segment starts, and start before it ends.
        low = np.searchsorted(self.source * span + self.end, text * span + start, side="right")
        high = np.searchsorted(self.source * span + self.start, text * span + end, side="left")
        return low.astype(np.int64), np.where(text >= 0, np.maximum(high, low), low).astype(np.int64)

    def given(self, segments: pd.DataFrame, codes: list[str]) -> Given:
        """Which code (column) was given to which unit (row)."""
        low, high = self.reach(segments)
        column = _numbers(pd.Index(codes), segments["code"])
        some = (high > low) & (column >= 0)
        given = np.zeros((len(codes), len(self.source)), dtype=bool)
        for code, first, behind in np.column_stack([column, low, high])[some].tolist():
            given[code, first:behind] = True
        return given.T


def stacked(tables: Sequence[Given]) -> Given:
    """Tables of several coders as one (coders, units, codes), in memory code by code as they come."""
    return np.stack([table.T for table in tables]).transpose(0, 2, 1)


def places(segments: pd.DataFrame) -> tuple[Whole, Whole]:
    """Starts and ends of segments; one of the whole text goes from 0 to beyond any text."""
    start = segments["start"].fillna(0).to_numpy(dtype=np.int64)
    return start, segments["end"].fillna(np.iinfo(np.int64).max).to_numpy(dtype=np.int64)


def whole_sources(sources: list[str]) -> Units:
    """Each text as one unit."""
    n = len(sources)
    nothing, one = np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.int64)
    return Units(SOURCE, pd.Index(sources, dtype="str"), np.arange(n, dtype=np.int64), one, nothing, nothing, one)


def paragraphs(coded: CodedText, sources: list[str]) -> Units:
    """Each line that is not blank as one unit."""
    texts = _texts(coded, sources)
    bounds = {source: found for source, text in texts.items() if len(found := _paragraph_bounds(text))}
    flat = np.concatenate([*bounds.values(), np.empty((0, 2), dtype=np.int64)])
    sizes = [len(found) for found in bounds.values()]
    return _units(PARAGRAPH, list(bounds), sizes, flat[:, 0], flat[:, 1], len(sources) - len(texts))


def runs(coded: CodedText, sources: list[str], segments: pd.DataFrame) -> Units:
    """The longest stretches of each text within which none of these segments starts or ends."""
    texts = _texts(coded, sources)
    lengths = {source: len(text) for source, text in texts.items() if text}
    known = pd.Index(list(lengths), dtype="str")
    size = np.array(list(lengths.values()), dtype=np.int64)
    text = _numbers(known, segments["source"])
    start, end = places(segments)
    inside = text >= 0
    text, start, end = text[inside], start[inside], np.minimum(end[inside], size[text[inside]])
    span = int(size.max(initial=0)) + 1
    every = np.arange(len(size)) * span
    edges = np.unique(np.concatenate([every, every + size, text * span + start, text * span + end]))
    of_text = edges // span
    same = of_text[1:] == of_text[:-1]
    counts = np.bincount(of_text[:-1][same], minlength=len(size))
    low, high = edges[:-1][same] % span, edges[1:][same] % span
    return _units(CHARACTER, list(known), counts.tolist(), low, high, len(sources) - len(texts))


def _units(kind: str, sources: list[str], sizes: list[int], start: Whole, end: Whole, left_out: int) -> Units:
    source = np.repeat(np.arange(len(sources)), sizes).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64) if sizes else np.zeros(0, dtype=np.int64)
    number = np.arange(len(source)) - first[source] + 1
    weight = end - start if kind == CHARACTER else np.ones(len(source), dtype=np.int64)
    return Units(kind, pd.Index(sources, dtype="str"), source, number, start, end, weight, left_out)


def kinds_of(coded: CodedText, segments: pd.DataFrame) -> tuple[str, ...]:
    """The kinds of units that these segments can be compared on: finer than whole texts only where places are known."""
    known = segments["start"].notna() & segments["source"].isin(set(coded.source_texts["source"]))
    return KINDS if known.any() else (SOURCE,)


def of_kind(kind: str, coded: CodedText, sources: list[str], segments: pd.DataFrame) -> Units:
    """The units of one kind in these texts."""
    match kind:
        case "paragraph":
            return paragraphs(coded, sources)
        case "character":
            return runs(coded, sources, segments)
    return whole_sources(sources)


def _texts(coded: CodedText, sources: list[str]) -> dict[str, str]:
    texts = dict(zip(coded.source_texts["source"], coded.source_texts["text"], strict=True))
    return {source: str(texts[source]) for source in sources if source in texts}


def _numbers(known: pd.Index[Any], values: pd.Series[Any]) -> Whole:
    """The place of each value among the known ones; -1 for others."""
    return known.get_indexer(pd.Index(values)).astype(np.int64)


def _paragraph_bounds(text: str) -> Whole:
    bounds, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            bounds.append((at, at + len(line)))
        at += len(line) + 1
    return np.array(bounds, dtype=np.int64).reshape(-1, 2)
