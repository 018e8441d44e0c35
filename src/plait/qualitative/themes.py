"""How many sources, cases and segments speak of each theme.

A theme is counted once wherever it or any of its codes was given: two codes of one theme on the same stretch are one
segment of the theme, never two. Only the coder whose coding is the study's own is counted, over the sources that this
coder was asked to code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.errors import Problem, StudyError, did_you_mean
from plait.qualitative.transcripts import CodedText, told_places
from plait.study.definition import Collection
from plait.study.load import DEFINITION_FILE
from plait.tables import ALL, THEMES

NOT_KNOWN = "not known"
"""The group of cases that have no value of an attribute, so that groups add up to everyone."""

Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Split:
    """Cases divided into groups (or all in one).

    Attributes:
        of_case: The number of each case's group.
        members: (source, case, group) numbers of everyone in the base, one row a pair of source and case; the case is
            -1 where a source belongs to none.
    """

    by: str
    groups: tuple[str, ...]
    of_case: Index
    members: pd.DataFrame


@dataclass(frozen=True)
class _Stretches:
    """What one coder coded, as numbers: one row a segment."""

    code: Index
    source: Index
    case: Index
    place: Index
    start: Index
    end: Index


def theme_counts(coded: CodedText, collections: Mapping[str, Collection]) -> pd.DataFrame:
    """Count every theme and code of the codebook in every collection.

    Codes of kind `structural` are left out. Codes that nobody used and groups without a theme have rows with zero.
    `coverage` is the share of the characters of the base's sources that lie in any segment of the theme; it is the same
    in all three units, and missing where segments have no offsets.

    Args:
        coded: The coded text.
        collections: The collections of the definition, by name: whose coding is counted, and the breaks.

    Raises:
        StudyError: A collection's coding is to be counted from a coder it does not have.
    """
    _check_coders(coded, collections)
    entries = coded.codes[coded.codes["kind"] != "structural"].sort_values("order")
    below = _counted_below(coded.codes)
    tables = [_count(coded, name, spec, entries, below) for name, spec in collections.items()]
    return THEMES.of(pd.concat(tables)) if tables else THEMES.empty()


def _check_coders(coded: CodedText, collections: Mapping[str, Collection]) -> None:
    problems = []
    for name, spec in collections.items():
        known = list(coded.coders.loc[coded.coders["collection"] == name, "coder"])
        if spec.count_from not in known:
            message = f"the coding of '{spec.count_from}' is to be counted in '{name}', where no such coder is"
            problems.append(
                Problem(
                    DEFINITION_FILE, message, did_you_mean(spec.count_from, known), "", "count_from", spec.count_from
                )
            )
    if problems:
        raise StudyError(problems)


def _counted_below(codes: pd.DataFrame) -> pd.DataFrame:
    """For every code (column), which codes count towards it: itself and all below it that are not structural."""
    parent = dict(zip(codes["code"], codes["parent"], strict=True))
    below = pd.DataFrame(False, index=codes["code"], columns=codes["code"])
    for code in codes.loc[codes["kind"] != "structural", "code"]:
        above, seen = code, set[str]()
        while above in parent and above not in seen:
            seen.add(above)
            below.loc[code, above] = True
            above = parent[above]
    return below


def _count(coded: CodedText, name: str, spec: Collection, entries: pd.DataFrame, below: pd.DataFrame) -> pd.DataFrame:
    sources = _base(coded, name, spec.count_from)
    cases = coded.cases.loc[coded.cases["collection"] == name, "case"].reset_index(drop=True)
    stretches = _stretches(coded, name, spec.count_from, sources, cases, below.index)
    members = _members(coded, name, sources, cases)
    splits = [_split(coded, by, members, cases) for by in (ALL, *spec.breaks)]
    lengths = sources["n_chars"].fillna(0).to_numpy(dtype=np.int64)
    has_offsets = bool((stretches.start >= 0).any())

    rows: list[dict[str, Any]] = []
    for split in splits:
        bases = _bases(split, lengths)
        for code, kind in entries[["code", "kind"]].itertuples(index=False, name=None):
            # A group's numbers come from the segments of its cases.
            mine = below[code].to_numpy()[stretches.code]
            group = split.of_case[stretches.case[mine]]
            n = {
                "sources": _distinct(group, stretches.source[mine], len(split.groups)),
                "cases": _distinct(group, stretches.case[mine], len(split.groups), real=stretches.case[mine] >= 0),
                "segments": _distinct(group, stretches.place[mine], len(split.groups)),
            }
            covered = _covered(stretches, mine, group, lengths, len(split.groups))
            for g, label in enumerate(split.groups):
                share = covered[g] / bases["characters"][g] if has_offsets and bases["characters"][g] else np.nan
                rows += [
                    {
                        "collection": name,
                        "theme": code,
                        "level": kind,
                        "by": split.by,
                        "group": label,
                        "unit": unit,
                        "n": int(n[unit][g]),
                        "of": None if unit == "segments" else int(bases[unit][g]),
                        "coverage": share,
                    }
                    for unit in n
                ]
    return THEMES.of(rows)


def _base(coded: CodedText, name: str, coder: str) -> pd.DataFrame:
    """The sources that the coder was asked to code."""
    assigned = coded.assignments.loc[coded.assignments["coder"] == coder, "source"]
    inside = (coded.sources["collection"] == name) & coded.sources["source"].isin(assigned)
    return coded.sources[inside].reset_index(drop=True)


def _stretches(
    coded: CodedText, name: str, coder: str, sources: pd.DataFrame, cases: pd.Series[str], codes: pd.Index[str]
) -> _Stretches:
    s = coded.segments
    mine = (s["collection"] == name) & (s["coder"] == coder) & (s["status"] == "active")
    rows = s[mine & s["source"].isin(sources["source"])]
    source = _numbers(sources["source"], rows["source"])
    # A coding of a whole source covers all of it, where its text is there.
    present = (sources["text_state"] == "present").to_numpy(dtype=bool)[source]
    any_offsets = bool(rows["start"].notna().any())
    whole = rows["start"].isna().to_numpy() & any_offsets & present
    start = np.where(whole, 0, rows["start"].fillna(-1).to_numpy(dtype=np.int64))
    length = sources["n_chars"].fillna(-1).to_numpy(dtype=np.int64)[source]
    end = np.where(whole, length, rows["end"].fillna(-1).to_numpy(dtype=np.int64))
    # The text tells segments apart that have no offsets, and of the same words the place that the tool gives them.
    keys = [*(rows[key] for key in ("source", "start", "end", "text")), told_places(rows)]
    place = rows.groupby(keys, dropna=False, sort=False).ngroup()
    return _Stretches(
        _numbers(codes, rows["code"]),
        source,
        _numbers(cases, rows["case"]),
        place.to_numpy().astype(np.int64),
        np.where(present, start, -1),
        np.where(present, end, -1),
    )


def _members(coded: CodedText, name: str, sources: pd.DataFrame, cases: pd.Series[str]) -> pd.DataFrame:
    """Which cases have part in which sources: their own, and those in which anyone coded their words."""
    s = coded.segments
    spoken = s.loc[(s["collection"] == name) & (s["status"] == "active"), ["source", "case"]]
    pairs = pd.concat([sources[["source", "case"]], spoken[spoken["source"].isin(sources["source"])]])
    numbers = pd.DataFrame(
        {
            "source": _numbers(sources["source"], pairs["source"]),
            "case": _numbers(cases, pairs["case"]),
        }
    ).drop_duplicates()
    # A source without a case of its own still is a source.
    lonely = numbers.groupby("source")["case"].transform("max") < 0
    return numbers[(numbers["case"] >= 0) | lonely]


def _split(coded: CodedText, by: str, members: pd.DataFrame, cases: pd.Series[str]) -> _Split:
    if by == ALL:
        return _Split(ALL, (ALL,), np.zeros(len(cases) + 1, dtype=np.int64), members.assign(group=0))
    values = coded.case_attributes[coded.case_attributes["attribute"] == by].set_index("case")["value"]
    of_case = cases.map(values).fillna(NOT_KNOWN)
    # The last place answers for segments without a case: index -1.
    labels = np.array([*of_case, NOT_KNOWN], dtype=object)
    there = set(labels[members["case"].to_numpy()])
    groups = tuple(sorted(there - {NOT_KNOWN})) + ((NOT_KNOWN,) if NOT_KNOWN in there else ())
    numbers = pd.Index(groups).get_indexer(labels).astype(np.int64)
    return _Split(by, groups, numbers, members.assign(group=numbers[members["case"].to_numpy()]))


def _bases(split: _Split, lengths: Index) -> dict[str, Index]:
    members, size = split.members, len(split.groups)
    sources = members[["group", "source"]].drop_duplicates()
    cases = members.loc[members["case"] >= 0, ["group", "case"]].drop_duplicates()
    characters = np.zeros(size, dtype=np.int64)
    np.add.at(characters, sources["group"].to_numpy(), lengths[sources["source"].to_numpy()])
    return {
        "sources": np.bincount(sources["group"], minlength=size),
        "cases": np.bincount(cases["group"], minlength=size),
        "characters": characters,
    }


def _numbers(known: pd.Series[str] | pd.Index[str], values: pd.Series[str]) -> Index:
    """The place of each value among the known ones; -1 for others."""
    return pd.Index(known).get_indexer(pd.Index(values)).astype(np.int64)


def _distinct(group: Index, unit: Index, size: int, *, real: npt.NDArray[np.bool_] | None = None) -> Index:
    """How many different units each group has."""
    keep = group >= 0 if real is None else (group >= 0) & real
    pairs = np.unique(np.stack([group[keep], unit[keep]]), axis=1)
    return np.bincount(pairs[0], minlength=size)


def _covered(
    stretches: _Stretches, mine: npt.NDArray[np.bool_], group: Index, lengths: Index, size: int
) -> npt.NDArray[np.int64]:
    """Characters in the union of the intervals, by group.

    Sources are laid end to end (once for every group), so that one pass over sorted intervals serves them all: an
    interval adds what reaches beyond everything before it.
    """
    placed = (stretches.start[mine] >= 0) & (group >= 0)
    g = group[placed]
    before = np.concatenate([[0], np.cumsum(lengths)])
    offset = before[stretches.source[mine][placed]] + g * before[-1]
    starts, ends = offset + stretches.start[mine][placed], offset + stretches.end[mine][placed]
    order = np.lexsort((ends, starts))
    starts, ends, g = starts[order], ends[order], g[order]
    reached = np.concatenate([[0], np.maximum.accumulate(ends)[:-1]]) if len(ends) else ends
    added = np.maximum(0, ends - np.maximum(starts, reached))
    covered = np.zeros(size, dtype=np.int64)
    np.add.at(covered, g, added)
    return covered
