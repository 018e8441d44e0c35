"""What is counted in a collection: the stretches of the coder whose coding is the study's own, as numbers.

Theme counts, the case matrix, co-occurrence and saturation count the same things; here they are numbered once: sources,
cases, entries (the themes and codes that can be found) and places (different stretches of text). A stretch counts
towards its own code and every theme above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.errors import Problem, StudyError, did_you_mean
from plait.qualitative.transcripts import CodedText, told_places
from plait.study.definition import Collection
from plait.study.load import DEFINITION_FILE

Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stretches:
    """The counted coder's segments, one entry of each array a segment.

    Attributes:
        code: Its place among all codes.
        source: Its place among the sources.
        case: Its place among the cases; -1 where it belongs to none.
        place: The same number for the same stretch of the same source.
        start: First character; -1 where the place is not known.
        end: Character after the last.
    """

    code: Index
    source: Index
    case: Index
    place: Index
    start: Index
    end: Index


@dataclass(frozen=True)
class Incidence:
    """Which stretch counts towards which entry, one pair a place of the arrays."""

    stretch: Index
    entry: Index


@dataclass(frozen=True, eq=False)
class CountedText:
    """One collection, ready to be counted.

    Attributes:
        name: Of the collection.
        spec: What the definition says of it.
        entries: The themes and codes that are counted (code, kind), in the codebook's order.
        sources: Those that the counted coder was asked to code.
        cases: Every case of the collection.
        members: (source, case) numbers, one row a pair: which cases have part in which sources; the case is -1 where a
            source belongs to none.
        counts: For a collection of which only counts are known: case, entry and n, as numbers; None for others.
    """

    name: str
    spec: Collection
    coded: CodedText
    entries: pd.DataFrame
    sources: pd.DataFrame
    cases: pd.Series[str]
    members: pd.DataFrame
    stretches: Stretches
    incidence: Incidence
    above: npt.NDArray[np.bool_]
    """For every entry (row), towards which entries (column) it counts: itself and all above it."""
    counts: pd.DataFrame | None

    @property
    def n_entries(self) -> int:
        return len(self.entries)

    @cached_property
    def has_places(self) -> bool:
        """Whether it is known where in their source segments stand."""
        return bool((self.stretches.start >= 0).any())

    @cached_property
    def present(self) -> tuple[Index, Index]:
        """(case, entry) pairs: which case speaks of which theme or code, each pair once, by case."""
        if self.counts is not None:
            found = self.counts[self.counts["n"] > 0]
            case, entry = self._rolled_up(found["case"].to_numpy(), found["entry"].to_numpy())
        else:
            case, entry = self.stretches.case[self.incidence.stretch], self.incidence.entry
        return distinct_pairs(case, entry, self.n_entries)

    @cached_property
    def given(self) -> tuple[Index, Index]:
        """(unit, entry) pairs: which code was given in which source (or case, where only counts are known).

        Codes as they were given, not the themes above them.
        """
        if self.counts is not None:
            found = self.counts[self.counts["n"] > 0]
            return distinct_pairs(found["case"].to_numpy(), found["entry"].to_numpy(), self.n_entries)
        own = numbers(self.entries["code"], self.coded.codes["code"])[self.stretches.code]
        return distinct_pairs(np.where(own >= 0, self.stretches.source, -1), own, self.n_entries)

    def _rolled_up(self, unit: Index, entry: Index) -> tuple[Index, Index]:
        row, towards = np.nonzero(self.above[entry])
        return unit[row], towards.astype(np.int64)


def counted_texts(coded: CodedText, collections: Mapping[str, Collection]) -> Iterator[CountedText]:
    """Number what is counted, collection by collection.

    Raises:
        StudyError: A collection's coding is to be counted from a coder it does not have.
    """
    _check_coders(coded, collections)
    entries = coded.codes[coded.codes["kind"] != "structural"].sort_values("order")[["code", "kind"]]
    entries = entries.reset_index(drop=True)
    above = _above(coded.codes, entries["code"])
    own = numbers(entries["code"], coded.codes["code"])
    for name, spec in collections.items():
        sources = _base(coded, name, spec.count_from)
        cases = coded.cases.loc[coded.cases["collection"] == name, "case"].reset_index(drop=True)
        stretches = _stretches(coded, name, spec.count_from, sources, cases)
        # A structural code counts towards nothing.
        findings = np.flatnonzero(own[stretches.code] >= 0)
        row, entry = np.nonzero(above[own[stretches.code[findings]]])
        yield CountedText(
            name=name,
            spec=spec,
            coded=coded,
            entries=entries,
            sources=sources,
            cases=cases,
            members=_members(coded, name, sources, cases),
            stretches=stretches,
            incidence=Incidence(findings[row], entry.astype(np.int64)),
            above=above,
            counts=_counts(coded, name, cases, entries["code"]),
        )


def numbers(known: pd.Series[str] | pd.Index[str], values: pd.Series[str] | pd.Index[str]) -> Index:
    """The place of each value among the known ones; -1 for others."""
    return pd.Index(known).get_indexer(pd.Index(values)).astype(np.int64)


def distinct_pairs(first: Index, second: Index, size: int) -> tuple[Index, Index]:
    """Each pair of numbers once, in order; pairs whose first is -1 are left out.

    Args:
        first: Any numbers.
        second: Numbers below `size`.
        size: How many values the second can have.
    """
    keys = np.unique(first[first >= 0] * max(size, 1) + second[first >= 0])
    return keys // max(size, 1), keys % max(size, 1)


def expanded(starts: Index, counts: Index) -> tuple[Index, Index]:
    """Ranges of numbers written out: for each number of each range, whose range it is in and the number."""
    whose = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    before = np.cumsum(counts) - counts
    return whose, np.arange(len(whose), dtype=np.int64) - before[whose] + starts[whose]


def _check_coders(coded: CodedText, collections: Mapping[str, Collection]) -> None:
    problems = []
    counted_only = set(coded.code_counts["collection"])  # a table of counts names no coders
    for name, spec in collections.items():
        known = list(coded.coders.loc[coded.coders["collection"] == name, "coder"])
        if spec.count_from not in known and name not in counted_only:
            message = f"the coding of '{spec.count_from}' is to be counted in '{name}', where no such coder is"
            problems.append(
                Problem(
                    DEFINITION_FILE, message, did_you_mean(spec.count_from, known), "", "count_from", spec.count_from
                )
            )
    if problems:
        raise StudyError(problems)


def _above(codes: pd.DataFrame, entries: pd.Series[str]) -> npt.NDArray[np.bool_]:
    parent = dict(zip(codes["code"], codes["parent"], strict=True))
    place = {code: i for i, code in enumerate(entries)}
    above = np.zeros((len(place), len(place)), dtype=bool)
    for code, i in place.items():
        step, seen = code, set[str]()
        while step in parent and step not in seen:
            seen.add(step)
            if step in place:
                above[i, place[step]] = True
            step = parent[step]
    return above


def _base(coded: CodedText, name: str, coder: str) -> pd.DataFrame:
    """The sources that the coder was asked to code."""
    assigned = coded.assignments.loc[coded.assignments["coder"] == coder, "source"]
    inside = (coded.sources["collection"] == name) & coded.sources["source"].isin(assigned)
    return coded.sources[inside].reset_index(drop=True)


def _stretches(coded: CodedText, name: str, coder: str, sources: pd.DataFrame, cases: pd.Series[str]) -> Stretches:
    s = coded.segments
    mine = (s["collection"] == name) & (s["coder"] == coder) & (s["status"] == "active")
    rows = s[mine & s["source"].isin(sources["source"])]
    source = numbers(sources["source"], rows["source"])
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
    return Stretches(
        numbers(coded.codes["code"], rows["code"]),
        source,
        numbers(cases, rows["case"]),
        place.to_numpy().astype(np.int64),
        np.where(present, start, -1),
        np.where(present, end, -1),
    )


def _members(coded: CodedText, name: str, sources: pd.DataFrame, cases: pd.Series[str]) -> pd.DataFrame:
    """Which cases have part in which sources: their own, and those in which anyone coded their words."""
    s = coded.segments
    spoken = s.loc[(s["collection"] == name) & (s["status"] == "active"), ["source", "case"]]
    pairs = pd.concat([sources[["source", "case"]], spoken[spoken["source"].isin(sources["source"])]])
    found = pd.DataFrame(
        {
            "source": numbers(sources["source"], pairs["source"]),
            "case": numbers(cases, pairs["case"]),
        }
    ).drop_duplicates()
    # A source without a case of its own still is a source.
    lonely = found.groupby("source")["case"].transform("max") < 0
    return found[(found["case"] >= 0) | lonely]


def _counts(coded: CodedText, name: str, cases: pd.Series[str], entries: pd.Series[str]) -> pd.DataFrame | None:
    """Counts of codes by case, where the collection has no more than those."""
    rows = coded.code_counts[coded.code_counts["collection"] == name]
    if rows.empty:
        return None
    found = pd.DataFrame(
        {
            "case": numbers(cases, rows["case"]),
            "entry": numbers(entries, rows["code"]),
            "n": rows["n"].to_numpy(dtype=np.int64),
        }
    )
    return found[found["entry"] >= 0].reset_index(drop=True)
