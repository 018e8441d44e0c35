"""Weighted quantiles, such as the median, in the groups of a break, with Woodruff's intervals.

The quantile is the lower inverse of the weighted distribution: the smallest value that at least a share p of the
weight does not exceed. It is always a value that somebody gave. (The R package survey calls this rule `math`; Hyndman and
Fan 1996 number it 1.)

References:
    Hyndman, R. and Fan, Y. (1996). Sample quantiles in statistical packages. The American Statistician 50.
    Woodruff, R. (1952). Confidence intervals for medians and other position measures. JASA 47.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from plait.survey.design import BoolArray, Design, FloatArray, IntArray, degrees_of_freedom
from plait.survey.intervals import Limits, logit
from plait.survey.replicates import ratio_variances

_ROUNDING = 1e-12
"""Shares of the weight that differ by less than this are alike."""

ShareLimits = Callable[[FloatArray, FloatArray, int, float], Limits]
"""Limits of a share from the share, its standard error, the degrees of freedom and the confidence level."""


@dataclass(frozen=True, eq=False)
class Quantiles:
    """Quantiles in each group of a break.

    Attributes:
        estimate: (groups, p) quantiles; NaN in a group without anyone.
        se: (groups, p) standard errors, the width of the interval over twice the quantile of Student's t; NaN where a
            limit is missing.
        low: (groups, p) lower confidence limits; NaN where the limit of the share lies below 0.
        high: (groups, p) upper confidence limits; NaN where the limit of the share lies above 1.
        df: (groups,) degrees of freedom among those in the group's base.
        base_unweighted: (groups,) respondents in the base.
    """

    estimate: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    df: IntArray
    base_unweighted: IntArray


def weighted_quantiles(values: FloatArray, weights: FloatArray, shares: npt.ArrayLike) -> FloatArray:
    """Smallest values that at least the given shares of the weight do not exceed.

    Args:
        values: (n,) numbers, none missing.
        weights: (n,) weights, above zero.
        shares: Shares of the weight, 0 to 1, in any shape.

    Returns:
        One quantile for each share; NaN where the share is NaN or outside 0 to 1, and when there are no values.
    """
    wanted = np.asarray(shares, dtype=float)
    if values.size == 0:
        return np.full(wanted.shape, np.nan)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    place = np.searchsorted(below / below[-1], wanted - _ROUNDING)
    quantile = values[order][np.minimum(place, values.size - 1)]
    return np.where((wanted >= 0) & (wanted <= 1), quantile, np.nan)


def quantiles(
    design: Design,
    values: FloatArray,
    shares: npt.ArrayLike,
    group: IntArray,
    n_groups: int,
    level: float = 0.95,
    share_limits: ShareLimits = logit,
) -> Quantiles:
    """Weighted quantiles in each group of a break, with the intervals of Woodruff (1952).

    The share of the weight at or below the quantile has a standard error like any share; the limits of that share,
    read off the distribution, are the limits of the quantile. A break that splits nobody gives the quantiles of
    everyone.

    Args:
        design: The sample of n respondents.
        values: (n,) numbers; NaN for respondents outside the base.
        shares: (p,) shares of the weight, 0 to 1: 0.5 for the median.
        group: (n,) group of the respondent, 0 to n_groups - 1; -1 for in no group.
        n_groups: Number of groups, empty ones included.
        level: Confidence level, between 0 and 1.
        share_limits: How the limits of the share are made, one of the functions of `plait.survey.intervals`: `logit`
            (R survey: `xlogit`) stays between 0 and 1, `wald` (`mean`) gives no limit where it does not.

    Raises:
        ValueError: A group is out of range, or a stratum of the design cannot be used.
    """
    if np.any((group < -1) | (group >= n_groups)):
        raise ValueError(f"groups must be 0 to {n_groups - 1}, or -1 for in no group")
    wanted = np.atleast_1d(np.asarray(shares, dtype=float))
    known = ~np.isnan(values)
    parts = [_of_group(design, values, known & (group == g), wanted, level, share_limits) for g in range(n_groups)]
    estimate, se, low, high = np.stack([part for part, _, _ in parts], axis=1)
    df, base = (np.array([part[i] for part in parts], dtype=np.int64) for i in (1, 2))
    return Quantiles(estimate, se, low, high, df, base)


def _of_group(
    design: Design, values: FloatArray, rows: BoolArray, wanted: FloatArray, level: float, share_limits: ShareLimits
) -> tuple[FloatArray, int, int]:
    """Estimate, standard error and limits of the quantiles of one group; its degrees of freedom and its base."""
    base = int(np.count_nonzero(rows))
    if base == 0:
        return np.full((4, wanted.size), np.nan), 0, 0
    mine, weights, df = values[rows], design.weights[rows], degrees_of_freedom(design, rows)
    estimate = weighted_quantiles(mine, weights, wanted)
    at_or_below = mine[:, None] <= estimate
    share = np.where(at_or_below.all(axis=0), 1.0, weights @ at_or_below / weights.sum())
    influence = np.zeros((values.size, wanted.size))
    influence[rows] = (at_or_below - share) / weights.sum()
    below = np.repeat(rows[:, None].astype(float), wanted.size, axis=1)
    above = np.zeros_like(influence)
    above[rows] = at_or_below
    limits = share_limits(share, np.sqrt(ratio_variances(design, above, below, influence)), df, level)
    low, high = (weighted_quantiles(mine, weights, limit) for limit in limits)
    t = stdtrit(df, (1 + level) / 2)
    return np.stack([estimate, (high - low) / (2 * t), low, high]), df, base
