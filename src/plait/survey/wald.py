"""Tests that several estimates are zero together, and tests of independence beside the F of Rao and Scott.

Every function takes many tables or sets of estimates at once, along the leading axes of its arguments.

References:
    Koch, G., Freeman, D. and Freeman, J. (1975). Strategies in the multivariate analysis of data from complex surveys.
        International Statistical Review 43.
    Korn, E. and Graubard, B. (1990). Simultaneous testing of regression coefficients with complex survey data: use of
        Bonferroni t statistics. American Statistician 44.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc

from plait.survey.design import Design, FloatArray, IntArray, covariance_of_totals, sparse_array

_SINGULAR = 1e-10
"""A correlation matrix whose smallest eigenvalue is below this share of its largest is taken for singular."""


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
    """

    totals: FloatArray
    covariance: FloatArray


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
    return TableTotals(totals.astype(float), together)


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
