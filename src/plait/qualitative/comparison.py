"""What some coders said of the same units, summed by text, and the coefficients of any resample of the texts.

Everything a coefficient needs adds up over texts. A resample is therefore a row of numbers, how often each text was
drawn, and the coefficients of all codes in all resamples follow from one matrix product. The texts as they are, each
once, go the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from plait.qualitative.alpha import distances_within, masi_distance
from plait.qualitative.coefficients import MANY, PAIR, ManyCounts, PairCounts, pooled_kappa
from plait.qualitative.unitizing import Marked

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Given = npt.NDArray[np.bool_]
_BLOCK = 2048
"""Sets of codes whose distances are held at once."""


class Comparison(Protocol):
    """What an agreement table needs to know of a comparison."""

    @property
    def clusters(self) -> int:
        """How many texts (or units of a single text) can be drawn."""

    @property
    def differ(self) -> Given:
        """Whether the coders ever differ on each code, and (last) on any."""

    @property
    def varies(self) -> Given:
        """Whether anything varies in each code."""

    @property
    def as_it_is(self) -> Mapping[str, Numbers]:
        """Every coefficient: (1, codes + 1), all codes together last; NaN where undefined."""

    def resampled(self, drawn: Numbers) -> Mapping[str, Numbers]:
        """The coefficients that can be resampled, of each resample: (resamples, codes + 1)."""


@dataclass(frozen=True)
class Clusters:
    """Which units are drawn together: those of one text, or, of a single text, each unit by itself."""

    first: Whole
    weight: Whole

    @classmethod
    def of(cls, first: Whole, weight: Whole) -> Clusters:
        return cls(np.arange(len(weight)) if len(first) < 2 else first, weight)

    def __len__(self) -> int:
        return len(self.first)

    def sums(self, values: Numbers | Whole | Given) -> Numbers:
        """Weighted sums over the units of each cluster: (clusters, ...)."""
        weight = self.weight.reshape(-1, *[1] * (values.ndim - 1))
        if not len(self.first):
            return np.zeros((0, *values.shape[1:]))
        return np.asarray(np.add.reduceat(values * weight, self.first, axis=0), dtype=np.float64)

    @cached_property
    def of_unit(self) -> Whole:
        """The cluster of each unit."""
        return np.searchsorted(self.first, np.arange(len(self.weight)), side="right").astype(np.int64) - 1

    def marks(self, given: Given) -> Numbers:
        """Weighted sums of a 0/1 table (units, codes), of which few cells are 1: (clusters, codes)."""
        unit, code = _cells(given)
        key = self.of_unit[unit] * given.shape[1] + code
        found = np.bincount(key, self.weight[unit], minlength=len(self) * given.shape[1])
        return found.astype(np.float64).reshape(len(self), given.shape[1])


def _cells(table: Given) -> tuple[Whole, Whole]:
    """Row and column of every cell of a 0/1 table that is 1, column by column."""
    at = np.flatnonzero(table.T)
    return at % max(len(table), 1), at // max(len(table), 1)


def _said(given: Given, offered: Given) -> tuple[Whole, Whole, Whole]:
    """Unit and code of the cells to which any coder who could choose the code said yes, and how many did."""
    codes = max(offered.shape[1], 1)
    cells = []
    for mine, own in zip(given, offered, strict=True):
        unit, code = _cells(mine)
        cells.append((unit * codes + code)[own[code]])
    cell, yes = np.unique(np.concatenate(cells), return_counts=True)
    return cell // codes, cell % codes, yes.astype(np.int64)


# --- sets of codes -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetAlpha:
    """Krippendorff's alpha of sets of codes with MASI distances (Passonneau 2006), by cluster.

    Attributes:
        apart: (clusters,) distances within units, as the coefficient weights them.
        values: (clusters,) number of sets.
        kernel: Expected disagreement of two clusters, or of two sets, whichever are fewer.
        frequency: (clusters, sets) how often each cluster has each set; None where the kernel is of clusters.
    """

    apart: Numbers
    values: Numbers
    kernel: Numbers
    frequency: Numbers | None

    @classmethod
    def of(cls, given: Given, asked: Given, clusters: Clusters) -> SetAlpha:
        """Sum up what coders said.

        Args:
            given: (coders, units, codes).
            asked: (coders, units) who was asked.
            clusters: What is drawn together.
        """
        m = asked.sum(axis=0)
        sizes = given.sum(axis=2).astype(float)
        apart = np.zeros(len(m))
        for i in range(len(given)):
            for j in range(i):
                shared = (given[i] & given[j]).sum(axis=1).astype(float)
                apart += np.where(asked[i] & asked[j], 2 * masi_distance(shared, sizes[i], sizes[j]), 0)
        paired = asked & (m >= 2)
        coder, unit = np.nonzero(paired)
        sets, number = _distinct(given[coder, unit])
        counts = np.zeros((len(clusters), len(sets)))
        np.add.at(counts, (clusters.of_unit[unit], number), clusters.weight[unit])
        within = clusters.sums(np.where(m >= 2, apart / np.maximum(m - 1, 1), 0))
        if len(sets) > len(clusters):
            return cls(within, counts.sum(axis=1), _between_clusters(sets, counts), None)
        return cls(within, counts.sum(axis=1), distances_within(sets), counts)

    def alpha(self, drawn: Numbers) -> Numbers:
        """Alpha of each resample."""
        many = drawn if self.frequency is None else drawn @ self.frequency
        expected = ((many @ self.kernel) * many).sum(axis=1)
        n = drawn @ self.values
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 0, 1 - (n - 1) * (drawn @ self.apart) / expected, np.nan)


def _between_clusters(sets: Given, counts: Numbers) -> Numbers:
    """The distances of all sets of one cluster from all of another, summed up: (clusters, clusters).

    Most sets share no code and are as far apart as can be; only those that do share one are looked at.
    """
    table = csr_array(sets.astype(np.float64))  # type: ignore[no-untyped-call]
    of_set = csr_array(counts.T)  # type: ignore[no-untyped-call]
    sizes = sets.sum(axis=1)
    # There are millions of pairs and few sizes: each likeness is worked out once.
    known, kind = np.unique(sizes, return_inverse=True)
    common = np.arange(sizes.max(initial=0) + 1)
    common = np.minimum(common, np.minimum.outer(known, known)[:, :, None])
    like = 1 - masi_distance(common, known[:, None, None], known[None, :, None])
    empty = counts[:, sizes == 0].sum(axis=1)
    likeness = np.outer(empty, empty)
    for start in range(0, len(sets), _BLOCK):
        block, behind = slice(start, start + _BLOCK), slice(start + _BLOCK, None)
        for columns in (block, behind):
            shared = table[block] @ table[columns].T
            of_row = np.repeat(kind[block], np.diff(shared.indptr))
            shared.data = like[of_row, kind[columns][shared.indices], shared.data.astype(np.int64)]
            alike = counts[:, block] @ (shared @ of_set[columns]).toarray()
            # What is said of a block and those behind it holds the other way round.
            likeness += alike if columns is block else alike + alike.T
    total = counts.sum(axis=1)
    return np.asarray(np.outer(total, total) - likeness)


def _distinct(rows: Given) -> tuple[Given, Whole]:
    """The different rows of a 0/1 table, and which of them each row is."""
    if not rows.size:
        return rows[:1], np.zeros(len(rows), dtype=np.int64)
    packed = np.packbits(rows, axis=1)
    keys = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").ravel()
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], number.astype(np.int64)


# --- two coders --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FreeStretches:
    """The stretches of two coders in so many texts, code by code, for the unitizing coefficient."""

    texts: int
    codes: tuple[Marked, ...]

    def alpha(self, drawn: Numbers) -> Numbers:
        """(resamples, codes + 1), all codes together last."""
        found = [marked.disagreement(drawn) for marked in self.codes]
        observed, expected = (
            np.stack([getattr(f, part) for f in found], axis=1) if found else np.zeros((len(drawn), 0))
            for part in ("observed", "expected")
        )
        observed, expected = (
            np.concatenate([part, np.nansum(part, axis=1, keepdims=True)], axis=1) for part in (observed, expected)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 0, 1 - observed / expected, np.nan)


@dataclass(frozen=True)
class PairComparison:
    """Two coders who said yes or no of every unit.

    Attributes:
        cells: (clusters, 3, codes) both, only the first, only the second.
        size: (clusters,) units, or characters.
        alike: (clusters,) those with the same codes from both.
        sets: For the coefficient of whole sets of codes, where units were there before the coding.
        free: The stretches as they were marked, where units are characters.
    """

    cells: Numbers
    size: Numbers
    alike: Numbers
    sets: SetAlpha | None
    free: FreeStretches | None

    @classmethod
    def of(cls, a: Given, b: Given, clusters: Clusters, free: FreeStretches | None = None) -> PairComparison:
        """Sum up two 0/1 tables (units, codes)."""
        both = clusters.marks(a & b)
        cells = np.stack([both, clusters.marks(a) - both, clusters.marks(b) - both], axis=1)
        asked = np.ones((2, len(a)), dtype=bool)
        return cls(
            cells,
            clusters.sums(np.ones(len(a))),
            clusters.sums((a == b).all(axis=1)),
            None if free else SetAlpha.of(np.stack([a, b]), asked, clusters),
            free,
        )

    @property
    def clusters(self) -> int:
        return len(self.size)

    @cached_property
    def counts(self) -> PairCounts:
        """The counts of each code, all texts once."""
        return self._drawn(np.ones((1, self.clusters)))

    @property
    def differ(self) -> Given:
        apart = (self.counts.only_a + self.counts.only_b)[0] > 0
        return np.append(apart, apart.any())

    @property
    def varies(self) -> Given:
        return np.asarray(self.counts.varies[0])

    @property
    def as_it_is(self) -> Mapping[str, Numbers]:
        found = self._coefficients(np.ones((1, self.clusters)))
        return found | ({"unitizing_alpha": self.free.alpha(np.ones((1, self.free.texts)))} if self.free else {})

    def resampled(self, drawn: Numbers) -> Mapping[str, Numbers]:
        found = self._coefficients(drawn)
        # The stretches of a single text cannot be drawn one by one: where they lie is what is measured.
        if self.free and self.free.texts > 1:
            found["unitizing_alpha"] = self.free.alpha(drawn)
        return found

    def _coefficients(self, drawn: Numbers) -> dict[str, Numbers]:
        counts = self._drawn(drawn)
        found = {name: _with_mean(formula(counts), self.varies) for name, formula in PAIR.items()}
        size = drawn @ self.size
        with np.errstate(divide="ignore", invalid="ignore"):
            found["per_cent"][:, -1] = drawn @ self.alike / size
        found["pooled_kappa"] = _only_over_all(pooled_kappa(counts), counts.n.shape[1])
        if self.sets:
            found["masi_alpha"] = _only_over_all(self.sets.alpha(drawn), counts.n.shape[1])
        return found

    def _drawn(self, drawn: Numbers) -> PairCounts:
        n, parts, codes = self.cells.shape
        cells = (drawn @ self.cells.reshape(n, parts * codes)).reshape(len(drawn), parts, codes)
        both, only_a, only_b = cells[:, 0], cells[:, 1], cells[:, 2]
        return PairCounts(both, only_a, only_b, (drawn @ self.size)[:, None] - both - only_a - only_b)


# --- any number of coders ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ManyComparison:
    """Coders who each judged some of the units, and could choose some of the codes.

    Attributes:
        sums: (clusters, 9, codes) the fields of `ManyCounts`; those with fractions are multiplied by `scale`, so that
            sums are whole numbers and the same in any order.
        size: (clusters,) units that two coders or more judged.
        alike: (clusters,) those with the same codes from all who judged them.
    """

    sums: Numbers
    scale: int
    size: Numbers
    alike: Numbers
    sets: SetAlpha | None

    @classmethod
    def of(
        cls, given: Given, asked: Given, offered: Given, clusters: Clusters, *, with_sets: bool = True
    ) -> ManyComparison:
        """Sum up 0/1 tables.

        Args:
            given: (coders, units, codes).
            asked: (coders, units) whether the coder was asked to code the unit.
            offered: (coders, codes) whether the coder could choose the code.
            clusters: What is drawn together.
            with_sets: Whether units were there before the coding, so that sets of codes can be compared.
        """
        coders, codes = offered.shape
        scale = lcm(*(v * (v - 1) for v in range(2, coders + 1)))
        # Who was asked differs between few groups of units. As if all of a unit's coders had said no:
        groups, group = _distinct(asked.T)
        judged = groups.astype(np.int64) @ offered.astype(np.int64)
        every = offered.sum(axis=0)
        size = np.bincount(clusters.of_unit * len(groups) + group, clusters.weight, len(clusters) * len(groups))
        size = size.reshape(len(clusters), len(groups))
        sums = np.zeros((len(clusters), 9, codes))
        sums[:, 0] = size @ (judged >= 2)
        sums[:, 1], sums[:, 5] = scale * sums[:, 0], size @ np.where(judged >= 2, judged, 0)
        sums[:, 6] = size @ ((judged >= 2) & (judged == every))
        sums[:, 7] = scale * sums[:, 6]
        # What the cells with a yes, which are few, change in that:
        unit, code, yes = _said(given, offered)
        m = judged[group[unit], code]
        unit, code, yes, m = (values[m >= 2] for values in (unit, code, yes, m))
        at, weight, no = clusters.of_unit[unit] * codes + code, clusters.weight[unit], m - yes
        alike = scale // (m * (m - 1)) * (yes * (yes - 1) + no * (no - 1)) - scale
        share, apart = scale // m * yes, scale // (m - 1) * yes * no
        complete = m == every[code]
        changes = {1: alike, 2: share, 3: apart, 4: yes, 7: alike * complete, 8: share * complete}
        for i, change in changes.items():
            sums[:, i] += np.bincount(at, change * weight, len(clusters) * codes).reshape(len(clusters), codes)
        everyones = np.asarray(offered.all(axis=0))
        pairable = asked.sum(axis=0) >= 2
        differs = np.zeros(len(pairable), dtype=bool)
        differs[unit[everyones[code] & (no > 0)]] = True
        return cls(
            sums,
            scale,
            clusters.sums(pairable),
            clusters.sums(pairable & ~differs),
            SetAlpha.of(given[:, :, everyones], asked, clusters) if with_sets else None,
        )

    @property
    def clusters(self) -> int:
        return len(self.size)

    @cached_property
    def counts(self) -> ManyCounts:
        """The counts of each code, all texts once."""
        return self._drawn(np.ones((1, self.clusters)))

    @property
    def differ(self) -> Given:
        apart = self.counts.apart[0] > 0
        return np.append(apart, apart.any())

    @property
    def varies(self) -> Given:
        return np.asarray(self.counts.varies[0])

    @property
    def as_it_is(self) -> Mapping[str, Numbers]:
        return self.resampled(np.ones((1, self.clusters)))

    def resampled(self, drawn: Numbers) -> Mapping[str, Numbers]:
        counts = self._drawn(drawn)
        found = {name: _with_mean(formula(counts), self.varies) for name, formula in MANY.items()}
        with np.errstate(divide="ignore", invalid="ignore"):
            found["per_cent"][:, -1] = drawn @ self.alike / (drawn @ self.size)
        if self.sets:
            found["masi_alpha"] = _only_over_all(self.sets.alpha(drawn), counts.units.shape[1])
        return found

    def _drawn(self, drawn: Numbers) -> ManyCounts:
        n, parts, codes = self.sums.shape
        sums = (drawn @ self.sums.reshape(n, parts * codes)).reshape(len(drawn), parts, codes)
        units, alike, share, apart, yes, values, *complete = (sums[:, i] for i in range(parts))
        whole, whole_alike, whole_share = complete
        s = self.scale
        return ManyCounts(
            units, alike / s, share / s, apart / s, yes, values, (whole, whole_alike / s, whole_share / s)
        )


def _with_mean(by_code: Numbers, varies: Given) -> Numbers:
    """Add the mean over the codes that vary, of those that can be estimated."""
    known = np.isfinite(by_code) & varies
    n = known.sum(axis=1)
    total = np.where(known, by_code, 0).sum(axis=1)
    mean = np.divide(total, n, out=np.full(len(by_code), np.nan), where=n > 0)
    return np.concatenate([by_code, mean[:, None]], axis=1)


def _only_over_all(values: Numbers, codes: int) -> Numbers:
    """A coefficient that exists for all codes together only."""
    return np.concatenate([np.full((len(values), codes), np.nan), values[:, None]], axis=1)
