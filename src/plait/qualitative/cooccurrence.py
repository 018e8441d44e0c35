"""Which themes and codes come together: on the same stretch, near each other, in one paragraph, one text, one person.

Segments are those of the coder whose coding is counted. In units that hold any number of segments (paragraphs or turns,
texts, people) two codes meet once or not at all, so that Jaccard's index and phi lie within their limits. For segments
the coefficient c of ATLAS.ti's manual is given, n_both / (n_a + n_b - n_both) with n_both pairs of segments; it exceeds
1 where several segments of one code lie in one of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from plait.qualitative.counted import CountedText, Index, counted_texts, distinct_pairs, expanded, numbers
from plait.qualitative.relations import EXACT, NEAR, Pairs, near, touching
from plait.qualitative.transcripts import CodedText
from plait.study.definition import Collection
from plait.tables import COOCCURRENCE

TOGETHER = "together"
"""Segments that share text in any way."""
UNEVEN = 5
"""Times as many of one as of the other: then the coefficients say little (ATLAS.ti marks the same ratio)."""
FEW = 5
"""Fewer of one than this: a coefficient rests on next to nothing."""
NO_PLACES = "where segments stand is not known: only those with the same text are seen to share it"

_Counts = npt.NDArray[np.int64]
_Table = npt.NDArray[np.float64]


def cooccurrence(coded: CodedText, collections: Mapping[str, Collection]) -> pd.DataFrame:
    """Count how often any two themes, and any two codes, come together.

    Pairs are of one level, and never of a code and one above it. A unit's rows hold every pair of which both are found in
    it at all, those that never meet included; of the relations of segments, only `together` has rows with zero. Of a
    collection of which only counts are known, cases are the only unit.

    Raises:
        StudyError: A collection's coding is to be counted from a coder it does not have.
    """
    tables = [
        part for counted in counted_texts(coded, collections) for part in _of_collection(counted) if len(part) > 0
    ]
    return COOCCURRENCE.of(pd.concat(tables)) if tables else COOCCURRENCE.empty()


def _of_collection(counted: CountedText) -> Iterator[pd.DataFrame]:
    if counted.counts is None:
        places = _Places.of(counted)
        if places.are_parts:
            yield from _of_segments(counted, places)
        if counted.has_places:
            yield _of_units(counted, *_passages(counted, places))
        stretch, entry = counted.incidence.stretch, counted.incidence.entry
        source, found = distinct_pairs(counted.stretches.source[stretch], entry, counted.n_entries)
        yield _of_units(counted, "sources", source, found, len(counted.sources))
        cases = counted.members["case"]
        n_cases = int(cases[cases >= 0].nunique())
    else:
        n_cases = len(counted.cases)
    yield _of_units(counted, "cases", *counted.present, n_cases)


# --- units that hold any number of segments ----------------------------------------------------------------------------


def _of_units(counted: CountedText, unit: str, row: Index, entry: Index, n_units: int) -> pd.DataFrame:
    """Jaccard and phi of every pair over units, given which unit (row) holds which entry."""
    both = _meetings(row, entry, counted.n_entries)
    n = np.diagonal(both)
    a, b = _pairs(counted, n)
    n11, n1, n2 = both[a, b], n[a], n[b]
    table = _rows(counted, unit, "", a, b, n1, n2, n11)
    jaccard = _ratio(n11, n1 + n2 - n11)
    phi = phi_coefficient(n11, n1, n2, n_units)
    everywhere = _where(np.isnan(phi), "phi is not estimable: one of the two is everywhere")
    return table.assign(
        n_units=n_units, jaccard=jaccard, phi=phi, c=np.nan, note=_joined(_cautions(n1, n2), everywhere)
    )


def phi_coefficient(both: _Counts, a: _Counts, b: _Counts, n: int) -> _Table:
    """The correlation of two 0/1 variables; missing where one of them does not vary."""
    n11, n10, n01 = both.astype(float), (a - both).astype(float), (b - both).astype(float)
    n00 = n - n11 - n10 - n01
    scale = np.sqrt((n11 + n10) * (n01 + n00) * (n11 + n01) * (n10 + n00))
    return np.asarray((n11 * n00 - n10 * n01) / np.where(scale > 0, scale, np.nan))


def _meetings(row: Index, entry: Index, size: int) -> _Counts:
    """For any two entries the number of rows that hold both; on the diagonal, those that hold one."""
    height = int(row.max(initial=-1)) + 1
    held = _sparse(row, entry, (height, size))
    return np.asarray((held.T @ held).toarray(), dtype=np.int64)


def _sparse(row: Index, column: Index, shape: tuple[int, int]) -> sparse.csr_array:
    """A table of 0 and 1 with ones in the given cells."""
    ones = np.ones(len(row), dtype=np.int64)
    return sparse.csr_array((ones, (row, column)), shape=shape)  # type: ignore[no-untyped-call]


# --- segments ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Places:
    """Different stretches of text: where they stand, texts laid end to end, and which entry was given to which.

    Attributes:
        source: Number of the source of each.
        start: First character in the source; -1 where it is not known.
        end: Character after the last.
        held: Places (rows) by entries (columns), 0/1.
    """

    source: Index
    start: Index
    end: Index
    held: sparse.csr_array

    @classmethod
    def of(cls, counted: CountedText) -> _Places:
        s, found = counted.stretches, counted.incidence
        _, first = np.unique(s.place, return_index=True)
        place, entry = distinct_pairs(s.place[found.stretch], found.entry, counted.n_entries)
        shape = (len(first), counted.n_entries)
        held = _sparse(place, entry, shape)
        return cls(s.source[first], s.start[first], s.end[first], held)

    @property
    def are_parts(self) -> bool:
        """Whether any text was coded in more than one place; else places are no more than the texts."""
        return len(np.unique(self.source)) < len(self.source)


def _of_segments(counted: CountedText, places: _Places) -> Iterator[pd.DataFrame]:
    n = np.bincount(places.held.indices, minlength=counted.n_entries).astype(np.int64)
    relations = {name: _meetings_of(places, pairs) for name, pairs in _related(counted, places).items()}
    same = np.asarray((places.held.T @ places.held).toarray(), dtype=np.int64)
    # A whole source and a stretch of its full length are two places at one.
    relations[EXACT] = same + relations[EXACT]
    together = sum((both for name, both in relations.items() if name != NEAR), np.zeros_like(same))
    a, b = _pairs(counted, n)
    for relation, both in (relations | {TOGETHER: together}).items():
        n12, n1, n2 = both[a, b], n[a], n[b]
        table = _rows(counted, "segments", relation, a, b, n1, n2, n12)
        c = _ratio(n12, n1 + n2 - n12) if relation == TOGETHER else np.full(len(a), np.nan)
        several = _where(c > 1, "c exceeds 1: several segments of one meet one of the other")
        unknown = _where(np.isnan(c) & (relation == TOGETHER), "c is not estimable: pairs outnumber segments")
        unplaced = _where(np.full(len(a), not counted.has_places), NO_PLACES)
        notes = _joined(_cautions(n1, n2), several, unknown, unplaced)
        table = table.assign(n_units=pd.array([pd.NA] * len(a), dtype="Int64"), jaccard=np.nan, phi=np.nan, c=c)
        table = table.assign(note=notes)
        yield COOCCURRENCE.of(table if relation == TOGETHER else table[n12 > 0])


def _related(counted: CountedText, places: _Places) -> dict[str, Pairs]:
    """Pairs of places by relation; places that are not known are only ever the same."""
    known = np.flatnonzero((places.start >= 0) & (places.end > places.start))
    source, start, end = places.source[known], places.start[known], places.end[known]
    spec = counted.spec.near
    apart = (spec.characters or 0) + 1 if spec else 1
    lengths = counted.sources["n_chars"].fillna(0).to_numpy(dtype=np.int64) + apart
    before = (np.cumsum(lengths) - lengths)[source]
    related = touching(before + start, before + end)
    if spec and spec.characters is not None:
        related[NEAR] = near(before + start, before + end, before + start, before + end, spec.characters)
    elif spec and spec.paragraphs is not None:
        passages = _paragraphs(counted)
        # Numbers of paragraphs leave a gap between two texts that is wider than what is still near.
        shift = source * (spec.paragraphs + 1)
        low, high = passages.of(source, start, end)
        first, last = low + shift, np.maximum(high - 1, low) + shift
        related[NEAR] = near(before + start, before + end, first, last, spec.paragraphs)
    return {name: Pairs(known[pairs.first], known[pairs.second]) for name, pairs in related.items()}


def _meetings_of(places: _Places, pairs: Pairs) -> _Counts:
    """For any two entries how many pairs of places hold one each."""
    shape = (len(places.source), len(places.source))
    linked = _sparse(pairs.first, pairs.second, shape)
    one_way = np.asarray((places.held.T @ (linked @ places.held)).toarray(), dtype=np.int64)
    return one_way + one_way.T


# --- paragraphs and turns ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Passages:
    """Parts of the texts one after another, numbered through: places in texts laid end to end."""

    before: Index
    starts: Index
    ends: Index

    def of(self, source: Index, start: Index, end: Index) -> tuple[Index, Index]:
        """The number of the first passage that each stretch may touch, and the number after the last.

        Between the two may lie passages that end before the stretch starts, where people speak at the same time.
        """
        reach = np.maximum.accumulate(self.ends) if len(self.ends) else self.ends
        low = np.searchsorted(reach, self.before[source] + start, side="right")
        high = np.searchsorted(self.starts, self.before[source] + end, side="left")
        return low.astype(np.int64), high.astype(np.int64)


def _passages(counted: CountedText, places: _Places) -> tuple[str, Index, Index, int]:
    """Which passage holds which entry: turns where every text has them, else paragraphs."""
    sources = counted.sources
    turns = counted.coded.turns[counted.coded.turns["source"].isin(sources["source"])]
    spoken = sources.loc[sources["text_state"] == "present", "source"]
    in_turns = len(spoken) > 0 and bool(spoken.isin(turns["source"]).all())
    passages = _turns(counted, turns) if in_turns else _paragraphs(counted)
    known = np.flatnonzero(places.start >= 0)
    low, high = passages.of(places.source[known], places.start[known], places.end[known])
    which, passage = expanded(low, np.maximum(high - low, 0))
    touched = passages.ends[passage] > (passages.before[places.source] + places.start)[known][which]
    which, passage = which[touched], passage[touched]
    held = places.held[known][which].tocoo()
    row, entry = distinct_pairs(passage[held.row], held.col.astype(np.int64), counted.n_entries)
    return "turns" if in_turns else "paragraphs", row, entry, len(passages.starts)


def _before(counted: CountedText) -> Index:
    lengths = counted.sources["n_chars"].fillna(0).to_numpy(dtype=np.int64)
    return np.concatenate([[0], np.cumsum(lengths)])


def _paragraphs(counted: CountedText) -> _Passages:
    """Each line that is not blank."""
    before = _before(counted)
    texts = counted.coded.source_texts.set_index("source")["text"].reindex(counted.sources["source"])
    bounds = []
    for first, text in zip(before[:-1].tolist(), texts, strict=True):
        at = first
        for line in str(text).split("\n") if pd.notna(text) else ():
            if line.strip():
                bounds.append((at, at + len(line)))
            at += len(line) + 1
    found = np.array(bounds, dtype=np.int64).reshape(-1, 2)
    return _Passages(before, found[:, 0], found[:, 1])


def _turns(counted: CountedText, turns: pd.DataFrame) -> _Passages:
    """Each turn that is not the interviewer's."""
    before = _before(counted)
    turns = turns[turns["role"] != "interviewer"]
    offset = before[numbers(counted.sources["source"], turns["source"])]
    starts, ends = offset + turns["start"].to_numpy(np.int64), offset + turns["end"].to_numpy(np.int64)
    order = np.lexsort((ends, starts))
    return _Passages(before, starts[order], ends[order])


# --- rows --------------------------------------------------------------------------------------------------------------


def _pairs(counted: CountedText, n: _Counts) -> tuple[Index, Index]:
    """Pairs of entries of one level that are both found, neither above the other, in the codebook's order."""
    kind = counted.entries["kind"].to_numpy()
    allowed = (kind[:, None] == kind[None, :]) & ~counted.above & ~counted.above.T
    found = n > 0
    a, b = np.nonzero(np.triu(allowed & found[:, None] & found[None, :], 1))
    return a.astype(np.int64), b.astype(np.int64)


def _rows(
    counted: CountedText, unit: str, relation: str, a: Index, b: Index, n_a: _Counts, n_b: _Counts, n_both: _Counts
) -> pd.DataFrame:
    code, kind = counted.entries["code"].to_numpy(), counted.entries["kind"].to_numpy()
    return pd.DataFrame(
        {
            "collection": counted.name,
            "level": kind[a],
            "code_a": code[a],
            "code_b": code[b],
            "unit": unit,
            "relation": relation,
            "n_a": n_a,
            "n_b": n_b,
            "n_both": n_both,
        }
    )


def _ratio(part: _Counts, whole: _Counts) -> _Table:
    """A share; missing where there is nothing to share."""
    return np.asarray(part / np.where(whole > 0, whole, np.nan), dtype=np.float64)


def _cautions(n_a: _Counts, n_b: _Counts) -> pd.Series[Any]:
    least, most = np.minimum(n_a, n_b), np.maximum(n_a, n_b)
    uneven = _where(most > UNEVEN * least, f"one is found more than {UNEVEN} times as often as the other")
    return _joined(uneven, _where(least < FEW, f"one is found fewer than {FEW} times"))


def _where(holds: npt.NDArray[np.bool_], note: str) -> pd.Series[Any]:
    return pd.Series(np.where(holds, note, ""), dtype="str")


def _joined(first: pd.Series[Any], *others: pd.Series[Any]) -> pd.Series[Any]:
    for other in others:
        first = first + pd.Series(np.where((first != "") & (other != ""), "; ", ""), dtype="str") + other
    return first
