"""How far coders agree, code by code and over all codes.

Only units that the coders compared were asked to code, and codes that they could choose, count: not coded, not asked and
not offered are different things. Texts with marked places are compared as wholes, by paragraph and by character, side by
side, because each says something else. A coefficient that cannot be formed is missing and says why; it is never 0 or 1.

Agreement is of what each coder marked alone: adjudicated coding is nobody's independent reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.qualitative import units as unit
from plait.qualitative.comparison import Clusters, Comparison, FreeStretches, ManyComparison, PairComparison
from plait.qualitative.resampling import DRAWS, FEW, draws, percentile_interval
from plait.qualitative.transcripts import CodedText
from plait.qualitative.unitizing import Continuum, Marked
from plait.qualitative.units import Units
from plait.study.definition import Collection
from plait.tables import AGREEMENT, AGREEMENT_COUNTS

NOT_ESTIMABLE = "not estimable"
_LOST = 0.01
"""Share of resamples without a coefficient from which on the interval says so."""
_DIGITS = 10
"""Decimals kept, fewer than the order of adding could change."""

Numbers = npt.NDArray[np.float64]
Given = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Agreement:
    """The agreement of every collection: coefficients, and the counts behind them (columns in `plait.tables`)."""

    coefficients: pd.DataFrame
    counts: pd.DataFrame


def coder_agreement(coded: CodedText, collections: Mapping[str, Collection]) -> Agreement:
    """Compare every two human coders of a collection, and all of them where there are more.

    Where the files say which codes a coder could choose (sheets), coders are compared on the codes that all of them had;
    otherwise on those that any used. A collection with a single coder has no rows, and coders without a shared text have
    one row that says so.

    Args:
        coded: The coded text, as it was read.
        collections: The collections of the definition, by name: which unit comes first.
    """
    coefficients, counts = [AGREEMENT.empty()], [AGREEMENT_COUNTS.empty()]
    for name, spec in collections.items():
        coding = Coding.of(coded, name)
        kinds = unit.kinds_of(coded, coding.segments)
        first = spec.agreement_unit if spec.agreement_unit in kinds else kinds[0]
        for kind in sorted(kinds, key=lambda k: k != first):
            for a, b in combinations(coding.coders, 2):
                pair = _pair(coding, kind, a, b)
                coefficients.append(pair.coefficients)
                counts.append(pair.counts)
            if len(coding.coders) > 2:
                coefficients.append(_all(coding, kind))
    return Agreement(_stacked(coefficients), _stacked(counts))


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)


# --- what the coders of a collection did ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coding:
    """The human coders of one collection, what they were asked and what they marked.

    Attributes:
        coded: Everything that was read.
        name: The collection.
        coders: Their names, in order.
        asked: The texts each was asked to code.
        offered: The codes each could choose; empty where the files do not say.
        segments: Their active segments.
    """

    coded: CodedText
    name: str
    coders: tuple[str, ...]
    asked: Mapping[str, frozenset[str]]
    offered: Mapping[str, frozenset[str]]
    segments: pd.DataFrame

    @classmethod
    def of(cls, coded: CodedText, name: str) -> Coding:
        """Pick out one collection."""
        people = coded.coders
        coders = tuple(people.loc[(people["collection"] == name) & (people["role"] == "human"), "coder"])
        inside = set(coded.sources.loc[coded.sources["collection"] == name, "source"])
        assigned, offered = coded.assignments, coded.coder_codes[coded.coder_codes["collection"] == name]
        s = coded.segments
        mine = (s["collection"] == name) & (s["status"] == "active") & s["coder"].isin(set(coders))
        return cls(
            coded,
            name,
            coders,
            {c: frozenset(assigned.loc[assigned["coder"] == c, "source"]) & inside for c in coders},
            {c: frozenset(offered.loc[offered["coder"] == c, "code"]) for c in coders},
            s[mine],
        )

    def of_coder(self, coder: str, sources: Sequence[str] | None = None) -> pd.DataFrame:
        """One coder's segments, in some texts only where they are named."""
        mine = self.segments["coder"] == coder
        return self.segments[mine if sources is None else mine & self.segments["source"].isin(set(sources))]

    def sources(self, known: frozenset[str]) -> list[str]:
        """Texts in the order of the collection."""
        return [source for source in self.coded.sources["source"] if source in known]

    def codes(self, known: set[str]) -> list[str]:
        """Codes in the order of the codebook."""
        return [code for code in self.coded.codes.sort_values("order")["code"] if code in known]

    def choices(self, coder: str) -> frozenset[str]:
        """The codes a coder could choose: all, where the files do not say."""
        return self.offered[coder] or frozenset(self.coded.codes["code"])


# --- two coders --------------------------------------------------------------------------------------------------------


def _pair(coding: Coding, kind: str, a: str, b: str) -> Agreement:
    sources = coding.sources(coding.asked[a] & coding.asked[b])
    theirs = {coder: coding.of_coder(coder, sources) for coder in (a, b)}
    if coding.offered[a] and coding.offered[b]:
        codes = coding.codes(set(coding.offered[a] & coding.offered[b]))
    else:
        codes = coding.codes({code for segments in theirs.values() for code in segments["code"].unique()})
    units = unit.of_kind(kind, coding.coded, sources, pd.concat(list(theirs.values())))
    clusters = Clusters.of(units.first, units.weight)
    free = _free_stretches(coding.coded, units, codes, theirs[a], theirs[b]) if kind == unit.CHARACTER else None
    of_a, of_b = (units.given(theirs[coder], codes) for coder in (a, b))
    compared = PairComparison.of(of_a, of_b, clusters, free)
    key = {"collection": coding.name, "coder_a": a, "coder_b": b, "unit": kind}
    n = int(units.weight.sum())
    if not n:
        return Agreement(_nothing({"coders": "pair"} | key, units), AGREEMENT_COUNTS.empty())
    cells = compared.counts
    both, only_a, only_b, neither = (
        np.rint(cell[0]).astype(np.int64) for cell in (cells.both, cells.only_a, cells.only_b, cells.neither)
    )
    notes = [_pair_note(*cell) for cell in zip(both, only_a, only_b, neither, strict=True)]
    counts = pd.DataFrame({"code": codes, "both": both, "only_a": only_a, "only_b": only_b, "neither": neither})
    counts["prevalence"] = (2 * both + only_a + only_b) / (2 * n)
    bases = np.full(len(codes) + 1, n)
    return Agreement(
        _coefficient_rows({"coders": "pair"} | key, compared, codes, units, {"": bases}, notes),
        AGREEMENT_COUNTS.of(counts.assign(**key)),
    )


def _free_stretches(coded: CodedText, units: Units, codes: list[str], *segments: pd.DataFrame) -> FreeStretches:
    size = coded.sources.set_index("source")["n_chars"].reindex(units.sources).to_numpy(dtype=np.int64)
    continuum = Continuum(size)
    of_coder = []
    for table in segments:
        text = units.sources.get_indexer(pd.Index(table["source"]))
        code = pd.Index(codes).get_indexer(pd.Index(table["code"]))
        start, end = unit.places(table)
        inside = (text >= 0) & (code >= 0)
        order = np.flatnonzero(inside)[np.argsort(code[inside], kind="stable")]
        edges = np.searchsorted(code[order], np.arange(len(codes) + 1))
        mine = [order[low:high] for low, high in pairwise(edges)]
        of_coder.append([continuum.stretches(text[m], start[m], np.minimum(end[m], size[text[m]])) for m in mine])
    return FreeStretches(len(size), tuple(Marked.of(a, b, continuum) for a, b in zip(*of_coder, strict=True)))


def _pair_note(both: int, only_a: int, only_b: int, neither: int) -> str:
    if both + only_a + only_b == 0:
        return "neither coder used the code"
    if only_a + only_b + neither == 0:
        return "both coders gave the code throughout"
    return "one of the coders never used the code" if 0 in (both + only_a, both + only_b) else ""


# --- all coders --------------------------------------------------------------------------------------------------------


def _all(coding: Coding, kind: str) -> pd.DataFrame:
    """Every coder at once, over the units of which two or more were asked."""
    every = [source for coder in coding.coders for source in coding.asked[coder]]
    several = pd.Index(every).value_counts()
    sources = coding.sources(frozenset(several.index[several >= 2]))
    theirs = [coding.of_coder(coder, sources) for coder in coding.coders]
    known = set(coding.segments["code"].unique())
    if all(coding.offered.values()):
        offers = pd.Index([code for offer in coding.offered.values() for code in offer]).value_counts()
        known = set(offers.index[offers >= 2])
    codes = coding.codes(known)
    units = unit.of_kind(kind, coding.coded, sources, pd.concat(theirs))
    key = {"collection": coding.name, "coders": "all", "coder_a": "", "coder_b": "", "unit": kind}
    if not len(units.source):
        return _nothing(key, units)
    offered = np.array([[code in own for code in codes] for own in map(coding.choices, coding.coders)], dtype=bool)
    asked = np.array([units.sources.isin(coding.asked[coder])[units.source] for coder in coding.coders], dtype=bool)
    given = unit.stacked([units.given(segments, codes) for segments in theirs])
    compared = ManyComparison.of(
        given, asked, offered, Clusters.of(units.first, units.weight), with_sets=kind != unit.CHARACTER
    )
    counts = compared.counts
    notes = [
        "no coder used the code" if yes == 0 else "every coder gave the code throughout" if yes == of else ""
        for yes, of in zip(counts.yes[0], counts.values[0], strict=True)
    ]
    n = np.append(counts.units[0], compared.size.sum())
    complete = np.append(counts.complete[0][0], counts.complete[0][0].max(initial=0))
    return _coefficient_rows(key, compared, codes, units, {"": n, "fleiss_kappa": complete}, notes)


# --- rows --------------------------------------------------------------------------------------------------------------


def _coefficient_rows(
    key: Mapping[str, str],
    compared: Comparison,
    codes: list[str],
    units: Units,
    bases: Mapping[str, Numbers | npt.NDArray[np.int64]],
    notes: list[str],
) -> pd.DataFrame:
    """One row a code (and all codes) and coefficient.

    Args:
        key: The columns that all rows share.
        compared: The coders compared.
        codes: The codes compared.
        units: The units compared.
        bases: How many units each entry rests on, by coefficient; "" for those not named.
        notes: What is to be said of each code.
    """
    found = {name: values[0] for name, values in compared.as_it_is.items()}
    resampled: dict[str, list[Numbers]] = {name: [] for name in found}
    if compared.clusters > 1:
        for drawn in draws(compared.clusters):
            for name, values in compared.resampled(drawn).items():
                resampled[name].append(values)
    rows = []
    for name, values in found.items():
        low, high, known = _interval(resampled[name], values, compared)
        base = np.asarray(bases.get(name, bases[""]))
        for i in [len(codes)] if name in _OVER_ALL else range(len(codes) + 1):
            over_all = i == len(codes)
            if over_all:
                estimable = int((np.isfinite(values[:-1]) & compared.varies).sum())
                said = _over_all_note(name, values[i], estimable, codes, units)
            else:
                said = f"{NOT_ESTIMABLE}: {notes[i] or _NOTHING_VARIES}" if np.isnan(values[i]) else notes[i]
            more = _interval_note(
                values[i], int(known[i]), bool(compared.differ[i]), bool(np.isfinite(low[i])), compared.clusters, units
            )
            key_of_row = ("all", "") if over_all else ("code", codes[i])
            note = "; ".join(part for part in (said, more) if part)
            rows.append((*key_of_row, name, values[i], low[i], high[i], base[i], note))
    columns = ["level", "code", "coefficient", "value", "low", "high", "n_units", "note"]
    frame = pd.DataFrame(rows, columns=columns)
    for column in ("value", "low", "high"):
        frame[column] = frame[column].round(_DIGITS)
    return AGREEMENT.of(frame.assign(n_sources=len(units.sources), **key))


_OVER_ALL = ("pooled_kappa", "masi_alpha")
"""Coefficients that exist for all codes together only."""


def _interval(
    resampled: list[Numbers], values: Numbers, compared: Comparison
) -> tuple[Numbers, Numbers, npt.NDArray[np.int64]]:
    """The interval of each entry; none where resampling cannot show any uncertainty."""
    none = np.full(len(values), np.nan)
    if not resampled:
        return none, none, np.zeros(len(values), dtype=np.int64)
    low, high, known = percentile_interval(np.concatenate(resampled))
    shown = np.isfinite(values) & compared.differ & (high > low)
    return np.where(shown, low, np.nan), np.where(shown, high, np.nan), known


_NOTHING_VARIES = "nothing varies in the units compared"


def _over_all_note(name: str, value: float, estimable: int, codes: list[str], units: Units) -> str:
    parts = []
    if np.isnan(value):
        parts.append(f"{NOT_ESTIMABLE}: no code varies")
    elif name == "per_cent":
        parts.append("units with the same codes")
    elif name == "masi_alpha":
        parts.append("of sets of codes")
    elif name in ("pooled_kappa", "unitizing_alpha"):
        parts.append("over all codes together")
    else:
        parts.append(f"mean over {estimable} of {len(codes)} codes")
    return "; ".join([*parts, *_left_out(units)])


def _left_out(units: Units) -> list[str]:
    return [f"shared sources without a text to divide, left out: {units.left_out}"] if units.left_out else []


def _interval_note(value: float, known: int, differ: bool, spread: bool, clusters: int, units: Units) -> str:
    if np.isnan(value):
        return ""
    if not differ:
        return "no interval: the coders never differ"
    if clusters < 2 or not known:
        return "no interval: a single text"
    if not spread:
        return "no interval: every resample gives the same"
    parts = []
    if len(units.sources) < 2:
        parts.append("interval from the units of one text")
    if clusters < FEW:
        parts.append(
            f"interval from {clusters} {'texts' if len(units.sources) > 1 else 'units'} only: not to be relied on"
        )
    if known < (1 - _LOST) * DRAWS:
        parts.append(f"interval without {DRAWS - known:,} of {DRAWS:,} resamples in which nothing varied")
    return "; ".join(parts)


def _nothing(key: Mapping[str, str], units: Units) -> pd.DataFrame:
    """The one row of coders who share no unit."""
    who = "both" if key["coders"] == "pair" else "two"
    note = "; ".join([f"{NOT_ESTIMABLE}: no unit was given to {who} coders", *_left_out(units)])
    row = {"level": "all", "code": "", "coefficient": "per_cent", "value": np.nan, "low": np.nan, "high": np.nan}
    return AGREEMENT.of([dict(key) | row | {"n_units": 0, "n_sources": 0, "note": note}])
