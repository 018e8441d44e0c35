"""How alike cases are in what they speak of: Jaccard's index and simple matching of the codes they were given.

Codes count as they were given, not the themes above them, so that a theme with many codes does not count twice. A code
that nobody of the collection was given says nothing about how alike two people are and is left out. The tables name
single people and are never published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.qualitative.counted import CountedText, counted_texts, distinct_pairs, numbers
from plait.qualitative.transcripts import CodedText
from plait.study.definition import Collection
from plait.tables import CASE_SIMILARITY, CASE_TREE

SHORT = ("open_text",)
"""Modes whose texts are too short to compare people by: most answers carry a code or two."""

MOST_CASES = 1000
"""Of a collection; more would be half a million pairs, which nobody reads one by one."""
_SAME = 1e-12

_Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Similarity:
    """Pairs of cases, and the order in which the most alike are put together."""

    pairs: pd.DataFrame
    tree: pd.DataFrame


@dataclass(frozen=True)
class Joint:
    """One step of a clustering: two clusters, each called by its first member, their distance and size together."""

    left: int
    right: int
    distance: float
    size: int


def case_similarity(coded: CodedText, collections: Mapping[str, Collection]) -> Similarity:
    """Compare the cases of every collection but those of short texts and those of more than `MOST_CASES` cases.

    Jaccard's index is missing for two cases without any code; cases without a code are no part of the tree.

    Raises:
        StudyError: A collection's coding is to be counted from a coder it does not have.
    """
    compared = {name: spec for name, spec in collections.items() if spec.mode not in SHORT}
    found = [_compare(counted) for counted in counted_texts(coded, compared) if len(counted.cases) <= MOST_CASES]
    return Similarity(
        CASE_SIMILARITY.of(pd.concat([f.pairs for f in found])) if found else CASE_SIMILARITY.empty(),
        CASE_TREE.of(pd.concat([f.tree for f in found])) if found else CASE_TREE.empty(),
    )


def average_linkage(distance: _Table) -> list[Joint]:
    """Put the two nearest clusters together, again and again; the distance is the mean over pairs of members.

    Of pairs equally near, the one whose clusters have the first members in order is taken, so that the tree depends on
    nothing but the distances and the order of cases (Sokal and Michener 1958, with a fixed rule for ties).

    Args:
        distance: Symmetric, (cases, cases), without missing values.
    """
    between = distance.astype(float).copy()
    # Only the upper half is looked at: the row is always the cluster with the earlier first member.
    between[np.tril_indices(len(between))] = np.inf
    least = between.min(axis=1, initial=np.inf)
    size = np.ones(len(between), dtype=np.int64)
    joints = []
    for _ in range(len(between) - 1):
        # Means that are equal but for the last bits of a float are equal.
        nearest = least.min() + _SAME
        left = int(np.argmax(least <= nearest))
        right = int(np.argmax(between[left] <= nearest))
        joints.append(Joint(left, right, float(between[left, right]), int(size[left] + size[right])))
        to_left, to_right = (np.minimum(between[i], between[:, i]) for i in (left, right))
        merged = (size[left] * to_left + size[right] * to_right) / (size[left] + size[right])
        size[left] += size[right]
        stale = (between[:, left] <= least) | (between[:, right] <= least)
        between[left, left + 1 :], between[:left, left] = merged[left + 1 :], merged[:left]
        between[right, :], between[:, right] = np.inf, np.inf
        least = np.minimum(least, between[:, left])
        stale[[left, right]] = True
        least[stale] = between[stale].min(axis=1)
    return joints


def _compare(counted: CountedText) -> Similarity:
    held, cases = _held(counted)
    both = held @ held.T
    n = np.diagonal(both)
    i, j = np.triu_indices(len(cases), 1)
    n_codes, n11 = held.shape[1], both[i, j]
    either = n[i] + n[j] - n11
    pairs = pd.DataFrame(
        {
            "collection": counted.name,
            "case_a": cases[i],
            "case_b": cases[j],
            "n_codes": n_codes,
            "n_both": n11,
            "n_either": either,
            "jaccard": n11 / np.where(either > 0, either, np.nan),
            "simple_matching": (n_codes - either + n11) / (n_codes or np.nan),
        }
    )
    coded = np.flatnonzero(n > 0)
    shared = both[np.ix_(coded, coded)]
    joints = average_linkage(1 - shared / (n[coded][:, None] + n[coded][None, :] - shared))
    tree = pd.DataFrame(
        {
            "collection": counted.name,
            "step": np.arange(1, len(joints) + 1),
            "left": cases[coded[[joint.left for joint in joints]]],
            "right": cases[coded[[joint.right for joint in joints]]],
            "distance": [joint.distance for joint in joints],
            "n_cases": [joint.size for joint in joints],
        }
    )
    return Similarity(CASE_SIMILARITY.of(pairs), CASE_TREE.of(tree))


def _held(counted: CountedText) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Which case (row) was given which code (column) that anyone was given, 0/1; and the cases."""
    if counted.counts is not None:
        case, entry = counted.given
        there = np.arange(len(counted.cases))
    else:
        own = numbers(counted.entries["code"], counted.coded.codes["code"])[counted.stretches.code]
        case, entry = distinct_pairs(np.where(own >= 0, counted.stretches.case, -1), own, counted.n_entries)
        members = counted.members["case"].to_numpy()
        there = np.unique(members[members >= 0])
    held = np.zeros((len(counted.cases), counted.n_entries), dtype=np.int64)
    held[case, entry] = 1
    return held[there][:, held.any(axis=0)], counted.cases.to_numpy(dtype=object)[there]
