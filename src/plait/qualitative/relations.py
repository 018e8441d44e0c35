"""How stretches of one text lie to each other: the same, one inside the other, overlapping, or near.

Every pair is found in one sweep over sorted stretches; no pair that shares nothing is ever looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plait.qualitative.counted import Index, expanded

EXACT, INCLUSION, OVERLAP, NEAR = "exact", "inclusion", "overlap", "near"


@dataclass(frozen=True)
class Pairs:
    """Pairs of stretches of one relation; each pair once, in either order."""

    first: Index
    second: Index


def touching(start: Index, end: Index) -> dict[str, Pairs]:
    """Pairs of different stretches that share text: one lies in the other, or they overlap in part.

    Args:
        start: First character of each stretch, texts laid end to end.
        end: Character after the last; every stretch holds something.
    """
    order = np.lexsort((-end, start))
    starts, ends = start[order], end[order]
    here = np.arange(len(starts), dtype=np.int64)
    # Those that start later and before this one ends.
    i, j = expanded(here + 1, np.maximum(np.searchsorted(starts, ends, side="left") - here - 1, 0))
    same = (starts[i] == starts[j]) & (ends[i] == ends[j])
    inside = (ends[j] <= ends[i]) & ~same
    partly = ends[j] > ends[i]
    return {
        EXACT: Pairs(order[i[same]], order[j[same]]),
        INCLUSION: Pairs(order[i[inside]], order[j[inside]]),
        OVERLAP: Pairs(order[i[partly]], order[j[partly]]),
    }


def near(start: Index, end: Index, first: Index, last: Index, most: int) -> Pairs:
    """Pairs of stretches that share no text and lie no more than `most` steps apart.

    Args:
        start: First character of each stretch, texts laid end to end.
        end: Character after the last.
        first: The step on which each starts. Steps never go down along the text, and lie further apart than `most`
            between two texts.
        last: The step from which the distance to a later stretch is counted.
        most: Steps.
    """
    order = np.lexsort((end, start))
    starts, ends, firsts, lasts = start[order], end[order], first[order], last[order]
    begin = np.searchsorted(starts, ends, side="left")
    beyond = np.searchsorted(firsts, lasts + most, side="right")
    i, j = expanded(begin.astype(np.int64), np.maximum(beyond - begin, 0).astype(np.int64))
    return Pairs(order[i], order[j])
