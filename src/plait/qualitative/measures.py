"""How much of what participants said lies in a stretch: characters and words, the interviewer's turns left out.

Sources are laid end to end, so that one position names a character of any of them. Where turns are known, those of
interviewers are no part of the measure; text that belongs to no interviewer's turn is taken for participants'. A word
lies where its first character lies, so that the words of stretches that do not overlap add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.qualitative.counted import CountedText, Index, numbers

_SPACES = np.array([c for c in range(0x3001) if chr(c).isspace()], dtype=np.uint32)
"""What `str.split` parts words at; there is none above."""


@dataclass(frozen=True)
class Measures:
    """The text of a collection as lengths.

    Attributes:
        before: Where each source starts; the last entry is where all end.
        silent_start: Where stretches start that are the interviewer's: in order, without overlaps.
        silent_end: Where they end.
        words: Where participants' words start, in order.
    """

    before: Index
    silent_start: Index
    silent_end: Index
    words: Index

    @classmethod
    def of(cls, counted: CountedText) -> Measures:
        """Measure the sources of a collection; one without a text has no length."""
        lengths = counted.sources["n_chars"].fillna(0).to_numpy(dtype=np.int64)
        before = np.concatenate([[0], np.cumsum(lengths)])
        silent_start, silent_end = _silent(counted, before)
        texts = counted.coded.source_texts.set_index("source")["text"].reindex(counted.sources["source"])
        words = word_starts([str(t) if pd.notna(t) else "" for t in texts])
        bare = cls(before, silent_start, silent_end, words)
        spoken = bare.characters(words + 1) > bare.characters(words)
        return cls(before, silent_start, silent_end, words[spoken])

    def characters(self, at: Index) -> Index:
        """Participants' characters before each position."""
        if not len(self.silent_start):
            return at
        last = np.searchsorted(self.silent_start, at, side="right") - 1
        lengths = np.concatenate([[0], np.cumsum(self.silent_end - self.silent_start)])
        inside = np.where(last >= 0, np.minimum(at, self.silent_end[last]) - self.silent_start[last], 0)
        return np.asarray(at - lengths[np.maximum(last, 0)] - inside, dtype=np.int64)

    def words_before(self, at: Index) -> Index:
        """Participants' words that start before each position."""
        return np.searchsorted(self.words, at, side="left").astype(np.int64)


@dataclass(frozen=True)
class Covered:
    """Characters and words in the union of stretches, by key."""

    characters: Index
    words: Index


def covered(measures: Measures, key: Index, source: Index, start: Index, end: Index, size: int) -> Covered:
    """Measure the union of stretches, separately for each key.

    The sources are laid end to end once for every key, so that one pass over sorted stretches serves them all: each
    adds what reaches beyond everything before it.

    Args:
        measures: Of the collection.
        key: Which union a stretch belongs to; below `size`.
        source: Number of its source.
        start: First character in the source.
        end: Character after the last.
        size: How many unions there are.
    """
    total = int(measures.before[-1])
    starts, ends = measures.before[source] + start, measures.before[source] + end
    order = np.lexsort((ends, starts, key))
    starts, ends, key = starts[order], ends[order], key[order]
    shifted = ends + key * total
    reached = np.concatenate([[0], np.maximum.accumulate(shifted)[:-1]]) if len(ends) else ends
    fresh = np.minimum(np.maximum(starts, reached - key * total), ends)

    def added(before: Index, after: Index) -> Index:
        sums = np.zeros(size, dtype=np.int64)
        np.add.at(sums, key, after - before)
        return sums

    return Covered(
        added(measures.characters(fresh), measures.characters(ends)),
        added(measures.words_before(fresh), measures.words_before(ends)),
    )


def word_starts(texts: list[str]) -> Index:
    """Where words start in texts laid end to end; a word never reaches from one text into the next."""
    joined = "".join(texts)
    letters = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    solid = ~np.isin(letters, _SPACES)
    first = np.zeros(len(letters) + 1, dtype=bool)
    first[np.cumsum([0, *(len(t) for t in texts)])] = True
    opens = solid.copy()
    opens[1:] &= ~solid[:-1] | first[1:-1]
    return np.flatnonzero(opens).astype(np.int64)


def union(starts: Index, ends: Index) -> tuple[Index, Index]:
    """Stretches put together where they touch or overlap, in order."""
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order]) if len(ends) else ends
    opens: npt.NDArray[np.bool_] = np.ones(len(starts), dtype=bool)
    opens[1:] = starts[1:] > ends[:-1]
    closes = np.append(np.flatnonzero(opens)[1:] - 1, len(starts) - 1) if len(starts) else np.array([], dtype=int)
    return starts[opens], ends[closes]


def _silent(counted: CountedText, before: Index) -> tuple[Index, Index]:
    turns = counted.coded.turns
    turns = turns[(turns["role"] == "interviewer") & turns["source"].isin(counted.sources["source"])]
    source = numbers(counted.sources["source"], turns["source"])
    first, last = before[source], before[source + 1]
    starts = np.minimum(first + turns["start"].to_numpy(dtype=np.int64), last)
    ends = np.minimum(first + turns["end"].to_numpy(dtype=np.int64), last)
    return union(starts[ends > starts], ends[ends > starts])
