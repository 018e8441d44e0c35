"""Agreement on one code as numbers: the formulas, for any number of codes and resamples at once.

Coders said yes or no (the code applies or does not) of the same units. Functions take counts in arrays of any shape and
give one coefficient an entry; a coefficient that cannot be formed is NaN, never 0 or 1. Whole counts decide whether
anything varies, so that rounding cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
_Z = 1.959963984540054
"""The 97.5 per cent point of the normal distribution."""


def _ratio(above: Numbers, below: Numbers, defined: npt.NDArray[np.bool_] | None = None) -> Numbers:
    """A quotient; NaN where it is not defined."""
    where = (below > 0) if defined is None else defined & (below > 0)
    out = np.full(np.broadcast(above, below).shape, np.nan)
    return np.asarray(np.divide(above, below, out=out, where=where))


def _beyond_chance(observed: Numbers, expected: Numbers, defined: npt.NDArray[np.bool_] | None = None) -> Numbers:
    return _ratio(observed - expected, 1 - expected, defined)


# --- two coders --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PairCounts:
    """What two coders said of the same units: how many (or how much) got the code from whom."""

    both: Numbers
    only_a: Numbers
    only_b: Numbers
    neither: Numbers

    @classmethod
    def of(cls, both: object, only_a: object, only_b: object, neither: object) -> PairCounts:
        """Counts of any kind as arrays of floats."""
        return cls(*(np.asarray(cell, dtype=float) for cell in (both, only_a, only_b, neither)))

    @property
    def n(self) -> Numbers:
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def varies(self) -> npt.NDArray[np.bool_]:
        """Whether the two coders together said both yes and no."""
        apart = self.only_a + self.only_b
        return (self.both + apart > 0) & (self.neither + apart > 0)


def percent_agreement(counts: PairCounts) -> Numbers:
    """The share of units of which both said the same (0 to 1)."""
    return _ratio(counts.both + counts.neither, counts.n)


def cohen_expected(counts: PairCounts) -> Numbers:
    """Agreement by chance when each coder keeps to their own share of yes (Cohen 1960)."""
    n = counts.n
    a, b = _ratio(counts.both + counts.only_a, n), _ratio(counts.both + counts.only_b, n)
    return a * b + (1 - a) * (1 - b)


def cohen_kappa(counts: PairCounts) -> Numbers:
    """Cohen's (1960) kappa."""
    return _beyond_chance(percent_agreement(counts), cohen_expected(counts), counts.varies)


def scott_pi(counts: PairCounts) -> Numbers:
    """Scott's (1955) pi: chance is the share of yes of both coders together."""
    p = _share_of_yes(counts)
    return _beyond_chance(percent_agreement(counts), p**2 + (1 - p) ** 2, counts.varies)


def brennan_prediger(counts: PairCounts) -> Numbers:
    """Brennan and Prediger's (1981) kappa of two categories, also known as PABAK: chance is one half."""
    return 2 * percent_agreement(counts) - 1


def gwet_ac1(counts: PairCounts) -> Numbers:
    """Gwet's (2008) AC1: chance falls as the code becomes rare or common, so that rare codes do not collapse."""
    p = _share_of_yes(counts)
    return _beyond_chance(percent_agreement(counts), 2 * p * (1 - p))


def krippendorff_alpha_pair(counts: PairCounts) -> Numbers:
    """Krippendorff's (2004) nominal alpha of two coders without missing values."""
    yes = 2 * counts.both + counts.only_a + counts.only_b
    no = 2 * counts.neither + counts.only_a + counts.only_b
    disagreement = (2 * counts.n - 1) * (counts.only_a + counts.only_b)
    return 1 - _ratio(disagreement, yes * no, counts.varies)


def pooled_kappa(counts: PairCounts) -> Numbers:
    """Kappa over all codes (last axis) from mean agreement and mean chance (de Vries, Elliott, Kanouse & Teleki 2008).

    A code that does not vary adds nothing to it.
    """
    varies = counts.varies
    observed = np.where(varies, percent_agreement(counts), 1.0).sum(axis=-1)
    expected = np.where(varies, cohen_expected(counts), 1.0).sum(axis=-1)
    return _ratio(observed - expected, varies.shape[-1] - expected, np.asarray(varies.any(axis=-1)))


def _share_of_yes(counts: PairCounts) -> Numbers:
    return _ratio(counts.both + (counts.only_a + counts.only_b) / 2, counts.n)


def cohen_kappa_interval(counts: PairCounts) -> tuple[Numbers, Numbers]:
    """The large-sample 95% interval of Cohen's kappa (Fleiss, Cohen & Everitt 1969), cut at -1 and 1.

    It takes units for independent; intervals by resampling whole texts do not.
    """
    n, kappa = counts.n, cohen_kappa(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        p11, p10, p01, p00 = (cell / n for cell in (counts.both, counts.only_a, counts.only_b, counts.neither))
        a1, b1 = p11 + p10, p11 + p01
        a0, b0 = p01 + p00, p10 + p00
        expected, unlike = a1 * b1 + a0 * b0, 1 - kappa
        on_diagonal = p11 * (1 - (a1 + b1) * unlike) ** 2 + p00 * (1 - (a0 + b0) * unlike) ** 2
        off_diagonal = unlike**2 * (p10 * (b1 + a0) ** 2 + p01 * (b0 + a1) ** 2)
        by_chance = (kappa - expected * unlike) ** 2
        variance = (on_diagonal + off_diagonal - by_chance) / ((1 - expected) ** 2 * n)
        half = _Z * np.sqrt(np.maximum(variance, 0))
    return np.maximum(kappa - half, -1), np.minimum(kappa + half, 1)


PAIR: Mapping[str, Callable[[PairCounts], Numbers]] = {
    "per_cent": percent_agreement,
    "cohen_kappa": cohen_kappa,
    "scott_pi": scott_pi,
    "brennan_prediger": brennan_prediger,
    "gwet_ac1": gwet_ac1,
    "krippendorff_alpha": krippendorff_alpha_pair,
}
"""The coefficients of two coders and one code."""


# --- any number of coders ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ManyCounts:
    """Sums over the units of which at least two coders said something, m coders of unit u and y of them yes.

    Attributes:
        units: How many such units.
        alike: Sum of the share of pairs of coders who agree: (y(y-1) + (m-y)(m-y-1)) / (m(m-1)).
        yes_share: Sum of y / m.
        apart: Sum of y(m-y) / (m-1), the disagreement that Krippendorff's alpha counts.
        yes: Sum of y.
        values: Sum of m.
        complete: `units`, `alike` and `yes_share` over the units that every coder judged.
    """

    units: Numbers
    alike: Numbers
    yes_share: Numbers
    apart: Numbers
    yes: Numbers
    values: Numbers
    complete: tuple[Numbers, Numbers, Numbers]

    @property
    def varies(self) -> npt.NDArray[np.bool_]:
        return (self.yes > 0) & (self.yes < self.values)


def mean_pair_agreement(counts: ManyCounts) -> Numbers:
    """The share of pairs of coders who said the same, averaged over units (0 to 1)."""
    return _ratio(counts.alike, counts.units)


def fleiss_kappa(counts: ManyCounts) -> Numbers:
    """Fleiss' (1971) kappa over the units that every coder judged."""
    units, alike, yes = counts.complete
    p = _ratio(yes, units)
    return _beyond_chance(_ratio(alike, units), p**2 + (1 - p) ** 2, (yes > 0) & (yes < units))


def brennan_prediger_many(counts: ManyCounts) -> Numbers:
    """Brennan and Prediger's kappa from the mean agreement of pairs (Gwet 2014)."""
    return 2 * mean_pair_agreement(counts) - 1


def gwet_ac1_many(counts: ManyCounts) -> Numbers:
    """Gwet's (2008) AC1 of any number of coders."""
    p = _ratio(counts.yes_share, counts.units)
    return _beyond_chance(mean_pair_agreement(counts), 2 * p * (1 - p))


def krippendorff_alpha_many(counts: ManyCounts) -> Numbers:
    """Krippendorff's (2004) nominal alpha of any number of coders, some of whom may have left units out."""
    expected = counts.yes * (counts.values - counts.yes)
    return 1 - _ratio((counts.values - 1) * counts.apart, expected, counts.varies)


MANY: Mapping[str, Callable[[ManyCounts], Numbers]] = {
    "per_cent": mean_pair_agreement,
    "fleiss_kappa": fleiss_kappa,
    "brennan_prediger": brennan_prediger_many,
    "gwet_ac1": gwet_ac1_many,
    "krippendorff_alpha": krippendorff_alpha_many,
}
"""The coefficients of any number of coders and one code."""
