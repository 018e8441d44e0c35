"""Tests that several estimates are zero together, and tests of independence beside the F of Rao and Scott.

Every function takes many tables or sets of estimates at once, along the leading axes of its arguments.

References:
    Koch, G., Freeman, D. and Freeman, J. (1975). Strategies in the multivariate analysis of data from complex surveys.
        International Statistical Review 43.
    Korn, E. and Graubard, B. (1990). Simultaneous testing of regression coefficients with complex survey data: use of
        Bonferroni t statistics. American Statistician 44.
    Kuonen, D. (1999). Saddlepoint approximations for distributions of quadratic forms in normal variables.
        Biometrika 86.
    Lumley, T. (2010). Complex Surveys: A Guide to Analysis Using R. Wiley.
    Rao, J. and Scott, A. (1984). On chi-squared tests for multiway contingency tables with cell proportions estimated
        from survey data. Annals of Statistics 12.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, ndtr

from plait.survey.design import Design, FloatArray, IntArray, covariance_of_totals, sparse_array

_SINGULAR = 1e-10
"""A correlation matrix whose smallest eigenvalue is below this share of its largest is taken for singular."""
_NEAR_MEAN = 1e-4
"""The saddlepoint formula is 0 / 0 at the mean; this near to it the F of Rao and Scott is used instead."""
_HALVINGS = 80
"""Halvings of the interval that holds a saddlepoint; it is then known to machine precision."""
_WHOLE = 1e-10
"""Degrees of freedom that miss a whole number by less, relative to their size, are that number."""
_NO_DISTANCE = 1e-100
"""A statistic is taken for at least this, so that no distance at all has a p of 1."""


@dataclass(frozen=True, eq=False)
class FTest:
    """Outcome of one or many F tests.

    Attributes:
        statistic: F; NaN where the covariance is singular or too few degrees of freedom are left.
        df1: Degrees of freedom of the numerator.
        df2: Degrees of freedom of the denominator.
        p: Probability of so large an F when all that is tested is zero.
    """

    statistic: FloatArray
    df1: FloatArray
    df2: FloatArray
    p: FloatArray


@dataclass(frozen=True, eq=False)
class TableTotals:
    """Weighted totals of the cells of a table, or of tables of one shape.

    Attributes:
        totals: (..., rows, columns) weighted totals; every row and every column has somebody in it.
        covariance: (..., rows * columns, rows * columns) linearised covariance of the totals, row by row.
        n: (...) respondents in the table.
    """

    totals: FloatArray
    covariance: FloatArray
    n: FloatArray


def table_totals(design: Design, answer: IntArray, group: IntArray) -> TableTotals | None:
    """Weighted totals of a table of groups by answers.

    Args:
        design: The sample of n respondents.
        answer: (n,) number of the answer; -1 for none, or not in the base.
        group: (n,) number of the group; -1 for in no group.

    Returns:
        One table without empty groups and answers; `None` when fewer than two of either are left.
    """
    inside = np.flatnonzero((answer >= 0) & (group >= 0))
    groups, row = np.unique(group[inside], return_inverse=True)
    answers, column = np.unique(answer[inside], return_inverse=True)
    if min(groups.size, answers.size) < 2:
        return None
    cell, size = row * answers.size + column, groups.size * answers.size
    totals = np.bincount(cell, design.weights[inside], size).reshape(groups.size, answers.size)
    together = covariance_of_totals(design, sparse_array(inside, cell, (group.size, size)))
    return TableTotals(totals.astype(float), together, np.asarray(float(inside.size)))


def wald(estimates: npt.ArrayLike, covariance: npt.ArrayLike, df: npt.ArrayLike) -> FTest:
    """Test that estimates are zero together: F = b'V^-1 b / k on k and df.

    Args:
        estimates: (..., k) estimates b.
        covariance: (..., k, k) their covariance V.
        df: (...) degrees of freedom of the covariance.
    """
    chi2, k = _quadratic_form(estimates, covariance)
    return _f_test(chi2 / k, np.asarray(float(k)), np.asarray(df, dtype=float))


def adjusted_wald(estimates: npt.ArrayLike, covariance: npt.ArrayLike, df: npt.ArrayLike) -> FTest:
    """The Wald test as Hotelling's: F (df - k + 1) / df on k and df - k + 1 (Korn and Graubard 1990).

    The covariance of many estimates rests on few clusters, which makes the plain test reject too often. The arguments
    are those of `wald`.
    """
    chi2, k = _quadratic_form(estimates, covariance)
    df = np.asarray(df, dtype=float)
    left = df - k + 1
    return _f_test(chi2 / k * left / df, np.asarray(float(k)), left)


def interaction(table: TableTotals) -> tuple[FloatArray, FloatArray]:
    """How far the cells of a table are from independence: total less row total * column total / total (Koch 1975).

    Args:
        table: Tables of `rows` by `columns`.

    Returns:
        (..., k) differences of all cells but those of the first row and column, which follow from the others, with
        k = (rows - 1) (columns - 1); and their (..., k, k) covariance. `wald` of them tests independence.
    """
    totals = table.totals
    rows, columns = totals.shape[-2:]
    shape = (*totals.shape[:-2], rows - 1, columns - 1, rows, columns)
    total = totals.sum(axis=(-2, -1))[..., None, None]
    of_row = totals.sum(axis=-1)[..., 1:, None] / total  # share of everyone in the row
    of_column = totals.sum(axis=-2)[..., None, 1:] / total
    same_row, same_column = np.eye(rows)[1:, None, :, None], np.eye(columns)[None, 1:, None, :]
    # derivative of the difference in cell (i, j) with respect to the total of cell (k, l)
    jacobian = np.broadcast_to(
        same_row * same_column
        - same_row * of_column[..., None, None]
        - same_column * of_row[..., None, None]
        + (of_row * of_column)[..., None, None],
        shape,
    ).reshape(*totals.shape[:-2], (rows - 1) * (columns - 1), rows * columns)
    difference = totals[..., 1:, 1:] - of_row * of_column * total
    together = jacobian @ table.covariance @ np.swapaxes(jacobian, -1, -2)
    return difference.reshape(together.shape[:-1]), together


def design_effects(table: TableTotals) -> FloatArray:
    """Generalised design effects of a table (Rao and Scott 1984): the weights in the distribution of X2.

    Under independence Pearson's X2 on weighted shares is distributed as a sum of squared standard normals, each times
    one of these; all are near 1 in a simple random sample.

    Returns:
        (..., (rows - 1) (columns - 1)) eigenvalues of (C'D^-1 C / n)^-1 (C'D^-1 V D^-1 C), see
        `plait.survey.independence`; NaN when empty cells leave nothing to compare with.
    """
    totals = table.totals
    rows, columns = totals.shape[-2:]
    total = totals.sum(axis=(-2, -1))[..., None]
    p = totals.reshape(*totals.shape[:-2], -1) / total
    inverse = np.divide(1.0, p, out=np.zeros_like(p), where=p > 0)
    contrasts = inverse[..., None] * np.kron(_contrasts(rows), _contrasts(columns))  # D^-1 C
    simple = np.swapaxes(contrasts, -1, -2) @ (p[..., None] * contrasts) / np.asarray(table.n)[..., None, None]
    influence = (contrasts - (p[..., None, :] @ contrasts)) / total[..., None]
    variance = np.swapaxes(influence, -1, -2) @ table.covariance @ influence
    values, vectors = np.linalg.eigh(simple)
    sound = values[..., 0] > _SINGULAR * values[..., -1]
    root = vectors / np.sqrt(np.where(sound[..., None], values, 1.0))[..., None, :]  # simple^-1/2, up to a rotation
    delta = np.swapaxes(root, -1, -2) @ variance @ root
    effects = np.maximum(np.linalg.eigvalsh((delta + np.swapaxes(delta, -1, -2)) / 2), 0.0)
    sound &= effects.sum(axis=-1) > _SINGULAR * effects.shape[-1]
    return np.where(sound[..., None], effects, np.nan)


def saddlepoint(x2: npt.ArrayLike, effects: npt.ArrayLike, df: npt.ArrayLike) -> FloatArray:
    """p of X2 from the saddlepoint approximation to its distribution (Kuonen 1999; Lumley 2010).

    X2 is compared with a sum of squared normals, each times its design effect, over a chi-squared on df2 = df1 * df
    divided by df2, with df1 = (sum of effects)^2 / sum of their squares. That is P(S > 0) for a weighted sum S of
    squared normals with weights of either sign: with cumulant generating function K and K'(z) = 0 at the saddlepoint z,
    w = sign(z) sqrt(-2 K(z)) and v = z sqrt(K''(z)), P = 1 - Phi(w + log(v / w) / w).

    Args:
        x2: (...) Pearson's statistic on weighted shares and the number of respondents.
        effects: (..., k) generalised design effects.
        df: (...) degrees of freedom of the design.

    Returns:
        (...) p; where X2 is at the mean of its distribution, the p of the F of Rao and Scott; NaN without design effects
        or degrees of freedom.
    """
    effects = np.asarray(effects, dtype=float)
    x2 = np.asarray(x2, dtype=float)
    total = effects.sum(axis=-1)
    df1 = total**2 / (effects**2).sum(axis=-1)
    df = np.asarray(df, dtype=float)
    df2 = df1 * np.where(df > 0, df, np.nan)
    # Whole squares only, as R's survey has it: the share of a square that is left does not count.
    squares = np.floor(df2 * (1 + _WHOLE))
    largest = effects.max(axis=-1)
    weights, over = effects / largest[..., None], np.maximum(x2, _NO_DISTANCE) / largest / df2

    def slope(z: FloatArray) -> FloatArray:
        return np.asarray(
            (weights / (1 - 2 * z[..., None] * weights)).sum(axis=-1) - squares * over / (1 + 2 * z * over)
        )

    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.broadcast_arrays(-1 / (2 * over), np.full_like(over, 0.5))
        for _ in range(_HALVINGS):
            z = (low + high) / 2
            rising = slope(z) > 0
            low, high = np.where(rising, low, z), np.where(rising, z, high)
        z = (low + high) / 2
        squeezed = 1 - 2 * z[..., None] * weights
        logarithms = np.log1p(-2 * z[..., None] * weights).sum(axis=-1)
        generating = -0.5 * (logarithms + squares * np.log1p(2 * z * over))
        curvature = 2 * ((weights / squeezed) ** 2).sum(axis=-1) + 2 * squares * (over / (1 + 2 * z * over)) ** 2
        w, v = np.sign(z) * np.sqrt(-2 * generating), z * np.sqrt(curvature)
        p = ndtr(-(w + np.log(v / w) / w))
    return np.asarray(np.where(np.abs(z) < _NEAR_MEAN, fdtrc(df1, df2, x2 / total), p))


def _quadratic_form(estimates: npt.ArrayLike, covariance: npt.ArrayLike) -> tuple[FloatArray, int]:
    """b'V^-1 b, NaN where V is singular, and the number of estimates."""
    b, v = np.asarray(estimates, dtype=float), np.asarray(covariance, dtype=float)
    k = b.shape[-1]
    scale = np.sqrt(np.einsum("...ii->...i", v))
    usable = np.isfinite(v).all(axis=(-2, -1)) & (scale > 0).all(axis=-1) & np.isfinite(b).all(axis=-1)
    scale = np.where(usable[..., None], scale, 1.0)
    correlation = np.where(usable[..., None, None], v / scale[..., :, None] / scale[..., None, :], np.eye(k))
    values = np.linalg.eigvalsh(correlation)
    usable &= values[..., 0] > _SINGULAR * values[..., -1]
    correlation = np.where(usable[..., None, None], correlation, np.eye(k))
    standardised = np.where(usable[..., None], b, np.nan) / scale
    chi2 = (standardised * np.linalg.solve(correlation, standardised[..., None])[..., 0]).sum(axis=-1)
    return np.asarray(chi2), k


def _f_test(statistic: FloatArray, df1: FloatArray, df2: FloatArray) -> FTest:
    statistic, df1, df2 = np.broadcast_arrays(np.where(df2 > 0, statistic, np.nan), df1, df2)
    return FTest(statistic, df1, df2, np.where(np.isnan(statistic), np.nan, fdtrc(df1, np.maximum(df2, 1), statistic)))


def _contrasts(levels: int) -> FloatArray:
    """(levels, levels - 1): each column compares a level with the last."""
    return np.vstack([np.eye(levels - 1), -np.ones(levels - 1)])
