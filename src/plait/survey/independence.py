"""Tests of independence between a break and a single choice, for many tables at once.

References:
    Cramer, H. (1946). Mathematical Methods of Statistics. Princeton University Press.
    Rao, J. and Scott, A. (1984). On chi-squared tests for multiway contingency tables with cell proportions estimated
        from survey data. Annals of Statistics 12.
    Thomas, D. and Rao, J. (1987). Small-sample comparisons of level and power for simple goodness-of-fit statistics
        under cluster sampling. JASA 82.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from plait.survey.design import Design, FloatArray, IntArray, degrees_of_freedom

_ROUNDING = 1e-10
"""Below this, relative to its scale, a determinant or a design effect is taken for zero."""


@dataclass(frozen=True, eq=False)
class Independence:
    """Second-order corrected tests of independence, one entry a table.

    Attributes:
        question, split: The table, by place.
        item: The option or net that is tested against all other answers; -1 for all answers together.
        statistic: F.
        df1: Degrees of freedom of the numerator; seldom whole.
        df2: Degrees of freedom of the denominator, df1 times those of the design.
        p: Probability of so large an F when break and answers are independent.
        x2: Pearson's statistic on the weighted shares and the number of respondents, uncorrected.
        cramers_v: Strength of association on the weighted shares, 0 to 1 (Cramer 1946).

    All are NaN where fewer than two groups or fewer than two answers have anyone in them. The first four are NaN where
    empty cells leave no variance to compare with, as when each of three groups gave an answer of its own; `cramers_v`
    still tells how strong the association is.
    """

    question: IntArray
    split: IntArray
    item: IntArray
    statistic: FloatArray
    df1: FloatArray
    df2: FloatArray
    p: FloatArray
    x2: FloatArray
    cramers_v: FloatArray


def independence(
    design: Design,
    tables: tuple[IntArray, IntArray, IntArray],
    totals: FloatArray,
    covariance: FloatArray,
    n: FloatArray,
) -> Independence:
    """Test tables of one shape (Rao and Scott 1984; F as Thomas and Rao 1987).

    With cell shares p, D = diag(p), V their linearised covariance, n respondents and C the contrasts that make up the
    interaction: X2 = n sum (p - e)^2 / e, Delta = (C'D^-1 C / n)^-1 (C'D^-1 V D^-1 C), F = X2 / tr Delta on
    df1 = tr(Delta)^2 / tr(Delta^2) and df2 = df1 * df of the design. n cancels from F. Empty cells count nothing in
    D^-1; empty groups and answers are left out.

    Args:
        design: The sample.
        tables: (tables,) each: question, split and item, for the result.
        totals: (tables, groups, options) weighted totals.
        covariance: (tables, groups * options, groups * options) their covariance.
        n: (tables,) respondents.
    """
    found = np.full((4, len(totals)), np.nan)
    patterns = np.concatenate([totals.any(axis=2), totals.any(axis=1)], axis=1)
    for pattern in patterns[:1] if patterns.all() else np.unique(patterns, axis=0):
        alike = np.flatnonzero((patterns == pattern).all(axis=1))
        groups, options = np.split(pattern, [totals.shape[1]])
        if min(groups.sum(), options.sum()) < 2:
            continue
        cells = np.flatnonzero(np.outer(groups, options))
        here = totals[alike][:, groups][:, :, options]
        between = (
            covariance[alike[:, None, None], cells[:, None], cells]
            if len(cells) < groups.size * options.size
            else (covariance[alike])
        )
        found[:, alike] = _tested(here, between, n[alike])
    trace, df1, x2, v = found
    statistic, df2 = x2 / trace, df1 * degrees_of_freedom(design)
    return Independence(*tables, statistic, df1, df2, fdtrc(df1, df2, statistic), x2, v)


def association(totals: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Pearson's statistic on shares and a number of respondents, and Cramer's V.

    Args:
        totals: (..., groups, options) weighted totals or counts; no row or column is empty.
        n: (...,) respondents.
    """
    p = totals / totals.sum(axis=(-2, -1), keepdims=True)
    expected = p.sum(axis=-1, keepdims=True) * p.sum(axis=-2, keepdims=True)
    distance = (p - expected) ** 2
    phi = np.divide(distance, expected, out=np.zeros_like(p), where=expected > 0).sum(axis=(-2, -1))
    return n * phi, np.sqrt(phi / (min(totals.shape[-2:]) - 1))


def _tested(totals: FloatArray, covariance: FloatArray, n: FloatArray) -> tuple[FloatArray, ...]:
    """tr Delta and df1, NaN where there is no variance to compare with; X2 and V."""
    n_tables, groups, options = totals.shape
    x2, v = association(totals, n)
    total = totals.sum(axis=(1, 2))
    p = totals.reshape(n_tables, -1, 1) / total[:, None, None]
    inverse = np.divide(1.0, p, out=np.zeros_like(p), where=p > 0)
    contrasts = inverse * np.kron(_contrasts(groups), _contrasts(options))  # D^-1 C
    weighted = p * contrasts
    simple = contrasts.transpose(0, 2, 1) @ weighted / n[:, None, None]
    influence = (contrasts - weighted.sum(axis=1, keepdims=True)) / total[:, None, None]
    variance = influence.transpose(0, 2, 1) @ (covariance @ influence)
    singular = (p == 0).any(axis=(1, 2))
    if singular.any():
        strength = np.linalg.eigvalsh(simple[singular])
        singular[singular] = strength[:, 0] < _ROUNDING * strength[:, -1]
        simple[singular] = np.eye(simple.shape[1])
    delta = np.linalg.solve(simple, variance)
    trace = np.trace(delta, axis1=1, axis2=2)
    known = ~singular & (trace > _ROUNDING * delta.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        df1 = trace**2 / np.einsum("tij,tji->t", delta, delta)
    there = np.where(known, 1.0, np.nan)
    return trace * there, df1 * there, x2, v


def _contrasts(levels: int) -> FloatArray:
    """(levels, levels - 1): each column compares a level with the last."""
    return np.vstack([np.eye(levels - 1), -np.ones(levels - 1)])
