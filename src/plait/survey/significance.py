"""Tests of whether the answers differ between the groups of a break.

References:
    Cramer, H. (1946). Mathematical Methods of Statistics. Princeton University Press.
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.
    Rao, J. and Scott, A. (1984). On chi-squared tests for multiway contingency tables with cell proportions estimated
        from survey data. Annals of Statistics 12.
    Thomas, D. and Rao, J. (1987). Small-sample comparisons of level and power for simple goodness-of-fit statistics
        under cluster sampling. JASA 82.
    Yates, F. (1934). Contingency tables involving small numbers and the chi-squared test. Supplement to the JRSS 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, fdtrc

from plait.survey.design import (
    BoolArray,
    Design,
    FloatArray,
    IntArray,
    covariance_of_totals,
    degrees_of_freedom,
    sparse_array,
)
from plait.survey.estimation import ticks

_ROUNDING = 1e-10
"""Below this, relative to its scale, a determinant or a design effect is taken for zero."""


@dataclass(frozen=True)
class RaoScott:
    """Second-order corrected test of independence.

    Attributes:
        statistic: F.
        df1: Degrees of freedom of the numerator; seldom whole.
        df2: Degrees of freedom of the denominator, df1 times those of the design.
        p: Probability of so large an F when break and answers are independent.
        x2: Pearson's statistic on the weighted shares and the number of respondents, uncorrected.
        cramers_v: Strength of association on the weighted shares, 0 to 1.

    The first four are NaN when empty cells leave no variance to compare with, as when each of three groups gave an answer
    of its own; `cramers_v` still tells how strong the association is.
    """

    statistic: float
    df1: float
    df2: float
    p: float
    x2: float
    cramers_v: float


@dataclass(frozen=True)
class Pearson:
    """Chi-squared test on counts.

    Attributes:
        statistic: Chi-squared, with the correction of Yates (1934) when `method` says so.
        df: Degrees of freedom, (rows - 1) (columns - 1).
        p: Probability of so large a statistic when rows and columns are independent.
        cramers_v: Strength of association, 0 to 1, always from the uncorrected statistic.
        smallest_expected: Smallest expected count.
        method: `pearson` or `pearson_yates`.
    """

    statistic: float
    df: int
    p: float
    cramers_v: float
    smallest_expected: float
    method: Literal["pearson", "pearson_yates"]


def rao_scott(
    design: Design, chosen: FloatArray, in_base: BoolArray, group: IntArray, n_groups: int
) -> RaoScott | None:
    """Test whether a single choice is independent of a break (Rao and Scott 1984; F as Thomas and Rao 1987).

    With cell shares p, D = diag(p), V their linearised covariance, n respondents and C the contrasts that make up the
    interaction: X2 = n sum (p - e)^2 / e, Delta = (C'D^-1 C / n)^-1 (C'D^-1 V D^-1 C), F = X2 / tr Delta on
    df1 = tr(Delta)^2 / tr(Delta^2) and df2 = df1 * df of the design. n cancels from F. Empty cells count nothing in
    D^-1.

    Args:
        design: The sample of n respondents.
        chosen: (n, items) 1 for the answer given, 0 elsewhere; not read outside the base. Who gave none is left out.
            For one box of a multi-select, pass the two columns ticked and not ticked.
        in_base: (n,) whether the respondent was asked and counts.
        group: (n,) group of the respondent, 0 to n_groups - 1; -1 for in no group.
        n_groups: Number of groups.

    Returns:
        The test, or `None` when fewer than two groups or fewer than two answers have anyone in them.

    Raises:
        ValueError: Somebody chose more than one item, `chosen` holds something else than 0 and 1, a group is out of
            range, or a stratum of the design holds one cluster only.
    """
    group = np.asarray(group, dtype=np.int64)  # small integers would overflow in numbers of cells
    _, row, item = ticks(chosen, in_base, group, n_groups)
    if np.any(row[1:] == row[:-1]):
        raise ValueError("a test of independence needs one answer per respondent; test boxes to tick one at a time")
    n_items = chosen.shape[1]
    cell = group[row] * n_items + item
    totals = np.bincount(cell, design.weights[row], n_groups * n_items).astype(float).reshape(n_groups, n_items)
    groups, items = totals.any(axis=1), totals.any(axis=0)
    totals = totals[groups][:, items]
    if min(totals.shape) < 2:
        return None

    number = np.cumsum(np.outer(groups, items)) - 1  # of a cell once empty groups and items are gone
    indicators = sparse_array(row, number[cell], (group.size, totals.size))
    x2, cramers_v = _association(totals / totals.sum() * row.size)
    delta = _delta(design, indicators, totals, row.size)
    if delta is None:
        return RaoScott(np.nan, np.nan, np.nan, np.nan, x2, cramers_v)
    trace = np.trace(delta)
    df1 = float(trace**2 / np.trace(delta @ delta))
    df2 = df1 * degrees_of_freedom(design)
    statistic = float(x2 / trace)
    return RaoScott(statistic, df1, df2, float(fdtrc(df1, df2, statistic)), x2, cramers_v)


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
    expected = _expected(table)
    uncorrected, cramers_v = _association(table)
    statistic, corrected = uncorrected, yates_2x2 and table.shape == (2, 2)
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


def holm(p_values: npt.ArrayLike) -> FloatArray:
    """Adjust the p-values of one family of tests (Holm 1979); missing ones stay missing and do not count.

    Own code, because `statsmodels.stats.multitest.multipletests` collects garbage at each call: 0.06 s a family.

    Args:
        p_values: (m,) p-values.
    """
    p = np.asarray(p_values, dtype=float)
    adjusted, there = p.copy(), np.flatnonzero(~np.isnan(p))
    order = there[np.argsort(p[there], kind="stable")]
    steps = p[order] * np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def _expected(table: FloatArray) -> FloatArray:
    return np.asarray(np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum())


def _association(table: FloatArray) -> tuple[float, float]:
    """Pearson's statistic and Cramer's V (Cramer 1946)."""
    expected = _expected(table)
    x2 = float(((table - expected) ** 2 / expected).sum())
    return x2, float(np.sqrt(x2 / (table.sum() * (min(table.shape) - 1))))


def _delta(design: Design, indicators: object, totals: FloatArray, n: int) -> FloatArray | None:
    """Matrix of generalised design effects; `None` when the table leaves no variance to compare with."""
    p = totals.ravel() / totals.sum()
    inverse = np.divide(1.0, p, out=np.zeros_like(p), where=p > 0)
    contrasts = inverse[:, None] * np.kron(_contrasts(totals.shape[0]), _contrasts(totals.shape[1]))  # D^-1 C
    simple = contrasts.T @ (p[:, None] * contrasts) / n
    weakest, strongest = np.linalg.eigvalsh(simple)[[0, -1]]
    if weakest < _ROUNDING * strongest:
        return None
    influence = (contrasts - p @ contrasts) / totals.sum()  # of a unit of weight in a cell on the contrasts of p
    variance = influence.T @ covariance_of_totals(design, indicators) @ influence
    delta: FloatArray = np.linalg.solve(simple, variance)
    return delta if np.trace(delta) > _ROUNDING * len(delta) else None


def _contrasts(levels: int) -> FloatArray:
    """(levels, levels - 1): each column compares a level with the last."""
    return np.vstack([np.eye(levels - 1), -np.ones(levels - 1)])
