"""How many sources, cases and segments speak of each theme, and how much of what was said.

A theme is counted once wherever it or any of its codes was given: two codes of one theme on the same stretch are one
segment of the theme, never two, and never the sum of its codes. Only the coder whose coding is the study's own is
counted, over the sources that this coder was asked to code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plait.qualitative.counted import CountedText, Index, counted_texts
from plait.qualitative.measures import Measures, covered
from plait.qualitative.transcripts import CodedText
from plait.study.definition import Collection
from plait.tables import ALL, THEMES

NOT_KNOWN = "not known"
"""The group of cases that have no value of an attribute, so that groups add up to everyone."""

_UNKNOWN = -1
"""Stands for a number that cannot be known, or a base that does not exist."""


@dataclass(frozen=True)
class Split:
    """Cases divided into groups (or all in one).

    Attributes:
        of_case: The number of each case's group; the last entry answers for segments without a case (index -1).
        members: (source, case, group) numbers of everyone in the base, one row a pair of source and case; the case is
            -1 where a source belongs to none.
    """

    by: str
    groups: tuple[str, ...]
    of_case: Index
    members: pd.DataFrame


def theme_counts(coded: CodedText, collections: Mapping[str, Collection]) -> pd.DataFrame:
    """Count every theme and code of the codebook in every collection.

    Codes of kind `structural` are left out. Codes that nobody used and groups without a theme have rows with zero. Where
    the places of segments are known, the units `characters` and `words` say how much of the participants' text lies in
    any segment of the theme, out of all of it. Of a collection of which only counts are known, cases are counted, and
    segments where a theme has a single code: how far several codes share segments cannot be known.

    Args:
        coded: The coded text.
        collections: The collections of the definition, by name: whose coding is counted, and the breaks.

    Raises:
        StudyError: A collection's coding is to be counted from a coder it does not have.
    """
    tables = [_theme_counts(counted) for counted in counted_texts(coded, collections)]
    return THEMES.of(pd.concat(tables)) if tables else THEMES.empty()


def split(counted: CountedText, by: str) -> Split:
    """Divide the cases of a collection by an attribute; `ALL` keeps them together."""
    cases = counted.cases
    members = counted.members
    if counted.counts is not None:
        everyone = np.arange(len(cases), dtype=np.int64)
        members = pd.DataFrame({"source": np.full(len(cases), -1, dtype=np.int64), "case": everyone})
    if by == ALL:
        return Split(ALL, (ALL,), np.zeros(len(cases) + 1, dtype=np.int64), members.assign(group=0))
    attributes = counted.coded.case_attributes
    values = attributes[attributes["attribute"] == by].set_index("case")["value"]
    of_case = cases.map(values).fillna(NOT_KNOWN)
    labels = np.array([*of_case, NOT_KNOWN], dtype=object)
    there = set(labels[members["case"].to_numpy()])
    groups = tuple(sorted(there - {NOT_KNOWN})) + ((NOT_KNOWN,) if NOT_KNOWN in there else ())
    found = pd.Index(groups).get_indexer(labels).astype(np.int64)
    return Split(by, groups, found, members.assign(group=found[members["case"].to_numpy()]))


def _theme_counts(counted: CountedText) -> pd.DataFrame:
    count = _count_of_counts if counted.counts is not None else _count_of_stretches
    measures = Measures.of(counted) if counted.has_places else None
    parts = []
    for by in (ALL, *counted.spec.breaks):
        divided = split(counted, by)
        parts.append(_table(counted, divided, count(counted, divided, measures)))
    return pd.concat(parts)


@dataclass(frozen=True)
class _Counts:
    """Of one unit: how many of each entry (row) in each group (column), and out of how many in each group."""

    n: Index
    of: Index


def _count_of_stretches(counted: CountedText, divided: Split, measures: Measures | None) -> dict[str, _Counts]:
    s, stretch, entry = counted.stretches, counted.incidence.stretch, counted.incidence.entry
    shape = (counted.n_entries, len(divided.groups))
    # A group's numbers come from the segments of its cases.
    group = divided.of_case[s.case[stretch]]
    stretch, entry, group = stretch[group >= 0], entry[group >= 0], group[group >= 0]
    key = entry * shape[1] + group

    def distinct(unit: Index) -> Index:
        inside = unit >= 0
        most = int(unit.max(initial=0)) + 1
        pairs = np.unique(key[inside] * most + unit[inside])
        return np.bincount(pairs // most, minlength=shape[0] * shape[1]).reshape(shape)

    members = divided.members
    sources = members[["group", "source"]].drop_duplicates()
    counts = {
        "sources": _Counts(distinct(s.source[stretch]), np.bincount(sources["group"], minlength=shape[1])),
        "cases": _Counts(distinct(s.case[stretch]), _cases_in(divided)),
        "segments": _Counts(distinct(s.place[stretch]), np.full(shape[1], _UNKNOWN)),
    }
    if measures is None:
        return counts
    placed = s.start[stretch] >= 0
    at = stretch[placed]
    found = covered(measures, key[placed], s.source[at], s.start[at], s.end[at], shape[0] * shape[1])
    begins, ends = measures.before[:-1][sources["source"]], measures.before[1:][sources["source"]]
    for unit, n, before in (
        ("characters", found.characters, measures.characters),
        ("words", found.words, measures.words_before),
    ):
        of = np.zeros(shape[1], dtype=np.int64)
        np.add.at(of, sources["group"].to_numpy(), before(ends) - before(begins))
        counts[unit] = _Counts(n.reshape(shape), of)
    return counts


def _count_of_counts(counted: CountedText, divided: Split, _: Measures | None) -> dict[str, _Counts]:
    assert counted.counts is not None
    shape = (counted.n_entries, len(divided.groups))
    case, entry = counted.present
    cases = np.zeros(shape, dtype=np.int64)
    np.add.at(cases, (entry, divided.of_case[case]), 1)
    found = counted.counts[counted.counts["n"] > 0]
    group = divided.of_case[found["case"].to_numpy()]
    given = np.zeros(shape, dtype=np.int64)
    np.add.at(given, (found["entry"].to_numpy(), group), found["n"].to_numpy())
    towards = counted.above.T.astype(np.int64)
    contributing = towards @ (given > 0)
    segments = np.where(contributing <= 1, towards @ given, _UNKNOWN)
    none = np.full(shape[1], _UNKNOWN)
    return {"cases": _Counts(cases, _cases_in(divided)), "segments": _Counts(segments, none)}


def _cases_in(divided: Split) -> Index:
    members = divided.members
    cases = members.loc[members["case"] >= 0, ["group", "case"]].drop_duplicates()
    return np.bincount(cases["group"], minlength=len(divided.groups)).astype(np.int64)


def _table(counted: CountedText, divided: Split, counts: Mapping[str, _Counts]) -> pd.DataFrame:
    """One row an entry, group and unit, in this order."""
    entries, groups, units = counted.n_entries, len(divided.groups), len(counts)
    n = np.stack([c.n for c in counts.values()], axis=2).reshape(-1)
    of = np.tile(np.stack([c.of for c in counts.values()], axis=1).reshape(-1), entries)
    table = pd.DataFrame(
        {
            "collection": counted.name,
            "theme": np.repeat(counted.entries["code"].to_numpy(), groups * units),
            "level": np.repeat(counted.entries["kind"].to_numpy(), groups * units),
            "by": divided.by,
            "group": np.tile(np.repeat(np.array(divided.groups, dtype=object), units), entries),
            "unit": np.tile(np.array(list(counts), dtype=object), entries * groups),
            "n": pd.array(n, dtype="Int64"),
            "of": pd.array(of, dtype="Int64"),
        }
    )
    table["n"] = table["n"].mask(n == _UNKNOWN)
    table["of"] = table["of"].mask(of == _UNKNOWN)
    return THEMES.of(table)
