"""Design-based tests that means differ between the groups of a break, or rise along it.

Shares are means of 0/1. A test of mean ranks is one of these on the scores of `plait.survey.ranks`. Many columns of
values are tested at once; each has its own base.

References:
    Binder, D. (1983). On the variances of asymptotically normal estimators from complex surveys. International
        Statistical Review 51.
    Korn, E. and Graubard, B. (1999). Analysis of Health Surveys. Wiley.
    Lumley, T. (2010). Complex Surveys: A Guide to Analysis Using R. Wiley.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from plait.survey.design import BoolArray, Design, FloatArray, IntArray, covariance, degrees_of_freedom, variances
from plait.survey.wald import FTest, wald

_ROUNDING = 1e-10
"""A standard error below this share of the values is rounding: all values in a group are alike."""


@dataclass(frozen=True, eq=False)
class TTest:
    """One or many t tests.

    Attributes:
        difference: What is tested for zero: a difference of means, a slope.
        se: Its linearised standard error.
        statistic: t; NaN where there is no variance to compare with or too few degrees of freedom are left.
        df: Degrees of freedom.
        p: Probability of so large a t, of either sign, when there is no difference.
    """

    difference: FloatArray
    se: FloatArray
    statistic: FloatArray
    df: FloatArray
    p: FloatArray

    def limits(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Confidence limits of what is tested; NaN where no degrees of freedom are left."""
        half = stdtrit(np.where(self.df > 0, self.df, np.nan), (1 + level) / 2) * self.se
        return self.difference - half, self.difference + half


def t_test(design: Design, values: FloatArray, group: IntArray) -> TTest:
    """Test whether the mean differs between two groups (Lumley 2010).

    The standard error is that of the difference: groups that share schools or margins are not independent.

    Args:
        design: The sample of n respondents.
        values: (n, m) numbers, one column a question; NaN for respondents outside its base.
        group: (n,) 0 or 1; -1 for in neither group.

    Returns:
        m tests of the mean of group 1 less that of group 0, on df - 1, with the df of those in the base.

    Raises:
        ValueError: A group is out of range, a value infinite, or a stratum of the design cannot be used.
    """
    inside, filled = _base(values, group, 2)
    (mean, influence), (other, of_other) = (
        weighted_means(design, filled, inside & (group == g)[:, None]) for g in (1, 0)
    )
    df = degrees_of_freedom_of_bases(design, inside) - 1
    return t_tests(mean - other, variances(design, influence - of_other), df, np.abs(mean) + np.abs(other))


def means_test(design: Design, values: FloatArray, group: IntArray, n_groups: int) -> FTest:
    """Test whether the mean differs between any of several groups: Wald test of the differences from one of them.

    Args:
        design: The sample of n respondents.
        values: (n, m) numbers, one column a question; NaN for respondents outside its base.
        group: (n,) group of the respondent, 0 to n_groups - 1; -1 for in no group.
        n_groups: Number of groups; those without anyone in the base are left out.

    Returns:
        m tests on k - 1 and df - (k - 1), with k groups and the df of those in the base; NaN with fewer than two
        groups, or where a group's answers are all alike in such a way that there is no variance to compare with.

    Raises:
        ValueError: As for `t_test`.
    """
    inside, filled = _base(values, group, n_groups)
    df = degrees_of_freedom_of_bases(design, inside)
    tests = [_means_test(design, *column, group, n_groups) for column in zip(filled.T, inside.T, df, strict=True)]
    return FTest(*(np.array([getattr(t, name) for t in tests]) for name in ("statistic", "df1", "df2", "p")))


def trend_test(design: Design, values: FloatArray, position: FloatArray) -> TTest:
    """Test whether the mean rises or falls along an ordered break: slope of a regression on the groups' positions.

    Args:
        design: The sample of n respondents.
        values: (n, m) numbers, one column a question; NaN for respondents outside its base.
        position: (n,) where the respondent's group stands: 0, 1, 2 ..., or mid-points of bands; NaN for in no group.

    Returns:
        m tests of the change of the mean for one step of position, on df - 1.

    Raises:
        ValueError: As for `t_test`.
    """
    placed = ~np.isnan(position)
    inside, filled = _base(values, np.where(placed, 0, -1), 1)
    x = np.where(placed, position, 0.0)[:, None]
    weights = design.weights[:, None] * inside
    with np.errstate(divide="ignore", invalid="ignore"):
        total = weights.sum(axis=0)
        x = np.where(inside, x - (weights * x).sum(axis=0) / total, 0.0)
        y = np.where(inside, filled - (weights * filled).sum(axis=0) / total, 0.0)
        squares = (weights * x**2).sum(axis=0)
        squares[squares <= _ROUNDING**2 * total] = np.nan  # everyone stands in one place
        slope = (weights * x * y).sum(axis=0) / squares
        influence = np.nan_to_num(x * (y - slope * x) / squares)
        spread = np.sqrt((weights * y**2).sum(axis=0) / squares)
    return t_tests(slope, variances(design, influence), degrees_of_freedom_of_bases(design, inside) - 1, spread)


def weighted_means(design: Design, values: FloatArray, inside: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Weighted mean of each column and everyone's influence on it (Binder 1983).

    Args:
        design: The sample of n respondents.
        values: (n, m) numbers; not read outside the base.
        inside: (n, m) who is in the base of each column.

    Returns:
        (m,) means, NaN for a base without anyone; and the (n, m) influence that `variances` takes.
    """
    total = design.weights @ inside
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = design.weights @ np.where(inside, values, 0.0) / total
        influence = np.where(inside, (values - mean) / total, 0.0)
    return mean, influence


def t_tests(difference: FloatArray, variance: FloatArray, df: IntArray, scale: FloatArray) -> TTest:
    """t tests of what may be zero, given its linearised variance.

    Args:
        difference: (m,) what is tested.
        variance: (m,) its variance.
        df: (m,) degrees of freedom.
        scale: (m,) size of the values in the same units; a standard error far below it is rounding and set to zero.
    """
    se = np.where(np.isnan(difference), np.nan, np.sqrt(variance))
    se = np.where(se <= _ROUNDING * scale, 0.0, se)
    statistic = np.divide(difference, se, out=np.full_like(se, np.nan), where=(se > 0) & (df > 0))
    p = 2 * stdtr(np.maximum(df, 1), -np.abs(statistic))
    return TTest(difference, se, statistic, df.astype(float), np.asarray(p))


def degrees_of_freedom_of_bases(design: Design, inside: BoolArray) -> IntArray:
    """(m,) degrees of freedom of the respondents in the base of each column of `inside`."""
    return np.array([degrees_of_freedom(design, rows) for rows in inside.T], dtype=np.int64)


def _means_test(
    design: Design, values: FloatArray, inside: BoolArray, df: int, group: IntArray, n_groups: int
) -> FTest:
    there = np.flatnonzero(np.bincount(group[inside], minlength=n_groups))
    member = inside[:, None] & (group[:, None] == there)
    mean, influence = weighted_means(design, np.broadcast_to(values[:, None], member.shape), member)
    if there.size < 2:
        return FTest(*(np.asarray(np.nan) for _ in range(4)))
    contrasts = influence[:, 1:] - influence[:, :1]
    together = covariance(design, contrasts)
    rounding = (_ROUNDING * np.abs(mean).max()) ** 2
    together[np.diag_indices_from(together)] *= np.diag(together) > rounding  # a variance of zero makes V singular
    return wald(mean[1:] - mean[0], together, df - (there.size - 1))


def _base(values: FloatArray, group: IntArray, n_groups: int) -> tuple[BoolArray, FloatArray]:
    """(n, m) who is in the base of each column, and the values with zeros elsewhere."""
    if np.any((group < -1) | (group >= n_groups)):
        raise ValueError(f"groups must be 0 to {n_groups - 1}, or -1 for in no group")
    if np.any(np.isinf(values)):
        raise ValueError("values must be finite, or NaN for outside the base")
    inside = ~np.isnan(values) & (group >= 0)[:, None]
    return inside, np.where(inside, values, 0.0)
