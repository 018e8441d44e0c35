"""Tests on counts of people, adjustment of many tests, and sizes of effects.

References:
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical and powerful approach to
        multiple testing. Journal of the Royal Statistical Society B 57.
    Cochran, W. (1954). Some methods for strengthening the common chi-squared tests. Biometrics 10.
    Cramer, H. (1946). Mathematical Methods of Statistics. Princeton University Press.
    Fisher, R. (1935). The logic of inductive inference. Journal of the Royal Statistical Society 98.
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.
    Steiger, J. (2004). Beyond the F test: effect size confidence intervals and tests of close fit in the analysis of
        variance and contrast analysis. Psychological Methods 9.
    Yates, F. (1934). Contingency tables involving small numbers and the chi-squared test. Supplement to the JRSS 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, chndtrinc, fdtrc, ncfdtr, ncfdtrinc

from plait.survey.design import FloatArray, IntArray
from plait.survey.independence import association

_Steps: TypeAlias = Callable[[FloatArray, IntArray, IntArray, IntArray], FloatArray]
"""Adjusted p-values from p-values sorted within families, their rank and the size and code of their family."""

_SMALL_EXPECTED = 5


@dataclass(frozen=True)
class Pearson:
    """Test of independence on counts.

    Attributes:
        statistic: Chi-squared, with the correction of Yates (1934) when `method` says so; NaN for Fisher's test.
        df: Degrees of freedom, (rows - 1) (columns - 1).
        p: Probability of so large a statistic when rows and columns are independent.
        cramers_v: Strength of association, 0 to 1, always from the uncorrected statistic.
        smallest_expected: Smallest expected count.
        method: `pearson`, `pearson_yates` or `fisher`.
    """

    statistic: float
    df: int
    p: float
    cramers_v: float
    smallest_expected: float
    method: Literal["pearson", "pearson_yates", "fisher"]


def pearson(counts: npt.ArrayLike, yates_2x2: bool = True) -> Pearson:
    """Pearson's chi-squared test of independence on counts of respondents.

    Args:
        counts: (rows, columns) counts; rows and columns without anyone are left out.
        yates_2x2: Whether a table of two by two is corrected for continuity (Yates 1934).

    Raises:
        ValueError: Fewer than two rows or two columns have anyone in them.
    """
    table = np.asarray(counts, dtype=float)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        raise ValueError("a test of independence needs two rows and two columns with somebody in them")
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic, cramers_v = (float(x) for x in association(table, table.sum()))
    corrected = yates_2x2 and table.shape == (2, 2)
    if corrected:
        distance = np.abs(table - expected)
        statistic = float((np.maximum(distance - 0.5, 0) ** 2 / expected).sum())
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    return Pearson(
        statistic=statistic,
        df=df,
        p=float(chdtrc(df, statistic)),
        cramers_v=cramers_v,
        smallest_expected=float(expected.min()),
        method="pearson_yates" if corrected else "pearson",
    )


def independence_of_counts(counts: npt.ArrayLike) -> Pearson:
    """Test independence on counts of a simple random sample, exactly where counts are too small for chi-squared.

    The rule is Cochran's (1954): a table of two by two with an expected count below 5 gets Fisher's exact test, any
    other one Pearson's chi-squared (corrected after Yates for two by two).

    Args:
        counts: (rows, columns) whole counts; rows and columns without anyone are left out.

    Raises:
        ValueError: Fewer than two rows or two columns have anyone in them.
    """
    result = pearson(counts)
    if result.method != "pearson_yates" or result.smallest_expected >= _SMALL_EXPECTED:
        return result
    table = np.asarray(counts, dtype=float)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    return replace(result, statistic=np.nan, p=fisher(table), method="fisher")


def fisher(counts: npt.ArrayLike) -> float:
    """Fisher's exact p of a table of two by two (Fisher 1935): all tables with its margins that are no more likely.

    Args:
        counts: (2, 2) whole counts.
    """
    from scipy.stats import fisher_exact

    return float(fisher_exact(np.asarray(counts)).pvalue)


# --- families of tests -------------------------------------------------------------------------------------------------


def holm(p_values: npt.ArrayLike, family: IntArray | None = None) -> FloatArray:
    """Adjust p-values so that one false alarm in a family is rare (Holm 1979).

    Own code, because `statsmodels.stats.multitest.multipletests` takes one family and collects garbage at each call:
    0.06 s a family.

    Args:
        p_values: (m,) p-values; missing ones stay missing and do not count.
        family: (m,) code of the family each test belongs to; `None` when all are one.
    """
    return _adjust(p_values, family, _holm_steps)


def benjamini_hochberg(p_values: npt.ArrayLike, family: IntArray | None = None) -> FloatArray:
    """Adjust p-values so that few of the findings in a family are false (Benjamini and Hochberg 1995).

    For independent or positively dependent tests, as those of a bank of tables. The arguments are those of `holm`.
    """
    return _adjust(p_values, family, _benjamini_hochberg_steps)


def hochberg(p_values: npt.ArrayLike, family: IntArray | None = None) -> FloatArray:
    """Adjust p-values as `holm`, from the largest down: never larger, for tests that are not negatively dependent.

    Hochberg (1988). The arguments are those of `holm`.
    """
    return _adjust(p_values, family, _hochberg_steps)


def benjamini_yekutieli(p_values: npt.ArrayLike, family: IntArray | None = None) -> FloatArray:
    """Adjust p-values so that few of the findings in a family are false, however the tests depend on each other.

    Benjamini and Yekutieli (2001). The arguments are those of `holm`.
    """
    return _adjust(p_values, family, _benjamini_yekutieli_steps)


def bonferroni(p_values: npt.ArrayLike, family: IntArray | None = None) -> FloatArray:
    """Multiply p-values by the number of tests in their family; the arguments are those of `holm`."""
    return _adjust(p_values, family, lambda p, rank, size, family: np.minimum(p * size, 1.0))


ADJUSTMENTS = {
    "holm": holm,
    "hochberg": hochberg,
    "bonferroni": bonferroni,
    "benjamini_hochberg": benjamini_hochberg,
    "benjamini_yekutieli": benjamini_yekutieli,
}
"""Ways to adjust p-values by their names in a definition."""


# --- sizes of effects --------------------------------------------------------------------------------------------------


def cramers_v_interval(
    cramers_v: npt.ArrayLike, statistic: npt.ArrayLike, df1: npt.ArrayLike, df2: npt.ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Confidence interval of Cramer's V by inverting the noncentral F of the test (Steiger 2004).

    If the association in the population is V, then F follows, nearly, a noncentral F with noncentrality
    lambda = df1 F (V / V_observed)^2: the statistic of Rao and Scott, like Pearson's, grows in proportion to V squared.
    The limits are the V at which the observed F is as large, or as small, as it would be in (1 - level) / 2 of samples.
    The lower limit is 0 just when the test does not reject at (1 - level) / 2; the upper one is at least the estimate.

    Args:
        cramers_v: Estimates, 0 to 1.
        statistic: F of the test of independence; for Pearson's chi-squared that over its degrees of freedom, without
            the correction of Yates.
        df1: Degrees of freedom of the numerator.
        df2: Degrees of freedom of the denominator; infinity for Pearson's test.
        level: Confidence, 0 to 1.

    Returns:
        Lower and upper limits; NaN where V, F or a number of degrees of freedom is missing.
    """
    v, f, df1, df2 = (np.asarray(a, dtype=float) for a in np.broadcast_arrays(cramers_v, statistic, df1, df2))
    tails = ((1 + level) / 2, (1 - level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (v * np.sqrt(_noncentrality(f, df1, df2, tail) / (df1 * f)) for tail in tails)
    known = np.isfinite(v + f + df1) & (df2 > 0)
    low, high = np.where(f > 0, low, 0.0), np.where(f > 0, np.clip(high, v, 1.0), v)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


# --- inside ------------------------------------------------------------------------------------------------------------


def _adjust(p_values: npt.ArrayLike, family: IntArray | None, steps: _Steps) -> FloatArray:
    """Sort the p-values within families, adjust them all at once, and put them back."""
    p = np.asarray(p_values, dtype=float)
    adjusted, there = p.copy(), np.flatnonzero(~np.isnan(p))
    codes = np.zeros(p.size, dtype=np.int64) if family is None else np.unique(family, return_inverse=True)[1]
    order = there[np.lexsort((p[there], codes[there]))]
    of = codes[order]
    size = np.bincount(of, minlength=1)[of]
    first = np.concatenate([[True], of[1:] != of[:-1]])[: of.size]
    rank = np.arange(of.size) - np.flatnonzero(first)[np.cumsum(first) - 1] + 1
    adjusted[order] = steps(p[order], rank, size, of)
    return adjusted


def _holm_steps(p: FloatArray, rank: IntArray, size: IntArray, family: IntArray) -> FloatArray:
    return _running_maximum(np.minimum(p * (size - rank + 1), 1.0), family)


def _benjamini_hochberg_steps(p: FloatArray, rank: IntArray, size: IntArray, family: IntArray) -> FloatArray:
    return _step_up(p * size / rank, family)


def _hochberg_steps(p: FloatArray, rank: IntArray, size: IntArray, family: IntArray) -> FloatArray:
    return _step_up(p * (size - rank + 1), family)


def _benjamini_yekutieli_steps(p: FloatArray, rank: IntArray, size: IntArray, family: IntArray) -> FloatArray:
    harmonic = np.cumsum(1 / np.arange(1, size.max(initial=0) + 1))
    return _step_up(p * size / rank * harmonic[size - 1], family)


def _step_up(values: FloatArray, family: IntArray) -> FloatArray:
    """Smallest value from here to the largest p of the family, at most 1."""
    backwards = -np.minimum(values, 1.0)[::-1]  # the largest p of a family comes last and is taken first
    return -_running_maximum(backwards, -family[::-1])[::-1]


def _running_maximum(values: FloatArray, family: IntArray) -> FloatArray:
    """Largest value so far in each family; families stand one after the other with growing codes."""
    distinct, place = np.unique(values, return_inverse=True)
    span = max(distinct.size, 1)
    start = (family - family.min(initial=0)) * span  # whole numbers, so that small p lose no digit
    return np.asarray(distinct[np.maximum.accumulate(place + start) - start])


def _noncentrality(f: FloatArray, df1: FloatArray, df2: FloatArray, tail: float) -> FloatArray:
    """Noncentrality at which a noncentral F is below f with probability `tail`; 0 where none is."""
    finite = np.isfinite(df2)
    below = np.where(finite, np.where(finite, df2, 1.0), 1.0)
    guess = np.maximum(ncfdtrinc(df1, below, tail, f), 0.0)
    for _ in range(3):  # scipy's inverse is good to four digits; steps of Newton give the rest
        at = ncfdtr(df1, below, guess, f)
        slope = (ncfdtr(df1 + 2, below, guess, f * df1 / (df1 + 2)) - at) / 2
        guess = np.maximum(guess - np.divide(at - tail, slope, out=np.zeros_like(guess), where=slope < 0), 0.0)
    central = np.where(finite, fdtrc(df1, below, f), chdtrc(df1, df1 * f))
    return np.where(central >= 1 - tail, 0.0, np.where(finite, guess, chndtrinc(df1 * f, df1, tail)))
