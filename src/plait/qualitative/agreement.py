"""How far coders agree, code by code.

Only units that both coders were asked to code are compared: not coded and not asked are different things. A coefficient
that cannot be formed is missing and says so; it is never 0 or 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.qualitative.transcripts import CodedText
from plait.study.definition import Collection, ToolFiles
from plait.tables import AGREEMENT

NOT_ESTIMABLE = "not estimable"
_Z = 1.959963984540054
"""The 97.5 per cent point of the normal distribution."""

Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Given = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa and its 95% interval, one number a code; NaN where there is no variation."""

    value: Numbers
    low: Numbers
    high: Numbers


def cohen_kappa(both: Counts, only_a: Counts, only_b: Counts, neither: Counts) -> Kappa:
    """Cohen's kappa (1960) of two coders who each said yes or no, for many codes at once.

    The interval is the large-sample one of Fleiss, Cohen & Everitt (1969), cut at -1 and 1. It is undefined where both
    coders gave the same answer throughout.
    """
    n = np.asarray(both + only_a + only_b + neither, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        p11, p10, p01, p00 = (np.asarray(cell) / n for cell in (both, only_a, only_b, neither))
        a1, b1 = p11 + p10, p11 + p01
        a0, b0 = p01 + p00, p10 + p00
        observed, expected = p11 + p00, a1 * b1 + a0 * b0
        # Whole counts decide what has no variation; rounding must not.
        varies = (np.asarray(both + only_a + only_b) > 0) & (np.asarray(only_a + only_b + neither) > 0)
        kappa = np.where(varies, (observed - expected) / (1 - expected), np.nan)
        unlike = 1 - kappa
        on_diagonal = p11 * (1 - (a1 + b1) * unlike) ** 2 + p00 * (1 - (a0 + b0) * unlike) ** 2
        off_diagonal = unlike**2 * (p10 * (b1 + a0) ** 2 + p01 * (b0 + a1) ** 2)
        by_chance = (kappa - expected * unlike) ** 2
        variance = (on_diagonal + off_diagonal - by_chance) / ((1 - expected) ** 2 * n)
        half = _Z * np.sqrt(np.maximum(variance, 0))
    return Kappa(kappa, np.maximum(kappa - half, -1), np.minimum(kappa + half, 1))


def coder_agreement(coded: CodedText, collections: Mapping[str, Collection]) -> pd.DataFrame:
    """Compare every two human coders of a collection; adjudicated coding is nobody's independent reading.

    Where the file says which codes a coder could choose (sheets), a pair is compared on the codes that both had;
    otherwise on those that either used. A collection with a single coder has no rows, and a pair without a shared
    source has one row that says so.
    """
    rows = [
        row
        for name, spec in collections.items()
        for a, b in combinations(_humans(coded, name), 2)
        for row in _pair(coded, name, spec, a, b)
    ]
    return AGREEMENT.of(rows)


def _humans(coded: CodedText, name: str) -> list[str]:
    coders = coded.coders
    return list(coders.loc[(coders["collection"] == name) & (coders["role"] == "human"), "coder"])


def _pair(coded: CodedText, name: str, spec: Collection, a: str, b: str) -> list[dict[str, Any]]:
    unit = spec.agreement_unit if isinstance(spec, ToolFiles) else "source"
    sources = _shared_sources(coded, name, a, b)
    units = _Paragraphs.of(coded, sources) if unit == "paragraph" else _Whole.of(sources)
    codes = _codes(coded, name, sources, a, b)
    given_a, given_b = (units.given(_segments(coded, name, coder, sources), codes) for coder in (a, b))
    n = given_a.shape[0]
    both = (given_a & given_b).sum(axis=0)
    only_a, only_b = (given_a & ~given_b).sum(axis=0), (~given_a & given_b).sum(axis=0)
    neither = n - both - only_a - only_b
    kappa = cohen_kappa(both, only_a, only_b, neither)
    key = {"collection": name, "coder_a": a, "coder_b": b, "unit": unit, "n_units": n}
    rows: list[dict[str, Any]] = [
        key
        | {
            "level": "code",
            "code": code,
            "both": int(both[i]),
            "only_a": int(only_a[i]),
            "only_b": int(only_b[i]),
            "neither": int(neither[i]),
            "agreement": float(both[i] + neither[i]) / n if n else np.nan,
            "kappa": float(kappa.value[i]),
            "kappa_low": float(kappa.low[i]),
            "kappa_high": float(kappa.high[i]),
            "note": _note(int(both[i]), int(only_a[i]), int(only_b[i]), int(neither[i])),
        }
        for i, code in enumerate(codes if n else [])
    ]
    estimable = kappa.value[np.isfinite(kappa.value)]
    rows.append(
        key
        | {
            "level": "all",
            "code": "",
            "both": None,
            "only_a": None,
            "only_b": None,
            "neither": None,
            "agreement": float((given_a == given_b).all(axis=1).mean()) if n else np.nan,
            "kappa": float(estimable.mean()) if len(estimable) else np.nan,
            "kappa_low": np.nan,
            "kappa_high": np.nan,
            "note": _note_on_all(n, len(codes), len(estimable), units.left_out),
        }
    )
    return rows


def _note(both: int, only_a: int, only_b: int, neither: int) -> str:
    if both + only_a + only_b == 0:
        return f"{NOT_ESTIMABLE}: neither coder used the code"
    if only_a + only_b + neither == 0:
        return f"{NOT_ESTIMABLE}: both coders gave the code throughout"
    if only_a + only_b == 0:
        return "full agreement: the interval cannot show how uncertain it is"
    constant = [who for who, used in (("one", both + only_a), ("the other", both + only_b)) if used == 0]
    return "one of the coders never used the code" if constant else ""


def _note_on_all(n: int, codes: int, estimable: int, left_out: int) -> str:
    parts = []
    if n == 0:
        parts.append(f"{NOT_ESTIMABLE}: no unit was given to both coders")
    elif estimable == 0:
        parts.append(f"{NOT_ESTIMABLE}: no code varies")
    else:
        parts.append(f"mean over {estimable} of {codes} codes")
    if left_out:
        parts.append(f"shared sources without a text to divide, left out: {left_out}")
    return "; ".join(parts)


def _shared_sources(coded: CodedText, name: str, a: str, b: str) -> list[str]:
    assigned = coded.assignments
    theirs = [set(assigned.loc[assigned["coder"] == coder, "source"]) for coder in (a, b)]
    inside = coded.sources.loc[coded.sources["collection"] == name, "source"]
    return [source for source in inside if source in theirs[0] and source in theirs[1]]


def _segments(coded: CodedText, name: str, coder: str, sources: list[str]) -> pd.DataFrame:
    s = coded.segments
    mine = (s["collection"] == name) & (s["coder"] == coder) & (s["status"] == "active")
    return s.loc[mine & s["source"].isin(sources), ["source", "code", "start", "end"]]


def _codes(coded: CodedText, name: str, sources: list[str], a: str, b: str) -> list[str]:
    """The codes to compare, in the order of the codebook."""
    offered = coded.coder_codes[coded.coder_codes["collection"] == name]
    given = [set(offered.loc[offered["coder"] == coder, "code"]) for coder in (a, b)]
    used = [set(_segments(coded, name, coder, sources)["code"]) for coder in (a, b)]
    compared = given[0] & given[1] if given[0] and given[1] else used[0] | used[1]
    return [code for code in coded.codes.sort_values("order")["code"] if code in compared]


@dataclass(frozen=True)
class _Whole:
    """Each source as one unit."""

    sources: pd.Index[str]
    left_out: int = 0

    @classmethod
    def of(cls, sources: list[str]) -> _Whole:
        return cls(pd.Index(sources, dtype="str"))

    def given(self, segments: pd.DataFrame, codes: list[str]) -> Given:
        """Which code (column) was given to which unit (row)."""
        table = np.zeros((len(self.sources), len(codes)), dtype=bool)
        row, column = _numbers(self.sources, segments["source"]), _numbers(pd.Index(codes), segments["code"])
        table[row[column >= 0], column[column >= 0]] = True
        return table


@dataclass(frozen=True)
class _Paragraphs:
    """Each line that is not blank as one unit; a code applies when any of its characters is covered.

    Attributes:
        first: The number of each source's first paragraph; the last entry is the number of paragraphs.
        starts: Where the paragraphs of each source start.
        ends: Where they end.
    """

    sources: pd.Index[str]
    first: Counts
    starts: tuple[Counts, ...]
    ends: tuple[Counts, ...]
    left_out: int

    @classmethod
    def of(cls, coded: CodedText, sources: list[str]) -> _Paragraphs:
        texts = coded.source_texts.set_index("source")["text"]
        spoken = [source for source in sources if source in texts.index]
        bounds = [_paragraph_bounds(str(texts[source])) for source in spoken]
        sizes = [len(found) for found in bounds]
        return cls(
            pd.Index(spoken, dtype="str"),
            np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]),
            tuple(found[:, 0] for found in bounds),
            tuple(found[:, 1] for found in bounds),
            len(sources) - len(spoken),
        )

    def given(self, segments: pd.DataFrame, codes: list[str]) -> Given:
        """Which code (column) was given to which unit (row)."""
        table = np.zeros((int(self.first[-1]), len(codes)), dtype=bool)
        number = _numbers(self.sources, segments["source"])
        column = _numbers(pd.Index(codes), segments["code"])
        start = segments["start"].fillna(0).to_numpy(dtype=np.int64)
        end = segments["end"].fillna(np.iinfo(np.int64).max).to_numpy(dtype=np.int64)
        for i in np.flatnonzero((number >= 0) & (column >= 0)):
            s = number[i]
            # Paragraphs that end after the segment starts, and start before it ends.
            low = int(np.searchsorted(self.ends[s], start[i], side="right"))
            high = int(np.searchsorted(self.starts[s], end[i], side="left"))
            table[self.first[s] + low : self.first[s] + high, column[i]] = True
        return table


def _numbers(known: pd.Index[Any], values: pd.Series[Any]) -> Counts:
    """The place of each value among the known ones; -1 for others."""
    return known.get_indexer(pd.Index(values)).astype(np.int64)


def _paragraph_bounds(text: str) -> Counts:
    bounds, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            bounds.append((at, at + len(line)))
        at += len(line) + 1
    return np.array(bounds, dtype=np.int64).reshape(-1, 2)
