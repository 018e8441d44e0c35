"""Means, totals and ratios of numbers in the groups of a break, with standard errors that know the whole design.

A group is a domain: respondents outside it have no influence on its estimate but stay in the design, as how many
there are is random, too.

References:
    Binder, D. (1983). On the variances of asymptotically normal estimators from complex surveys. International
        Statistical Review 51.
    Kish, L. (1965). Survey Sampling. Wiley.
    Korn, E. and Graubard, B. (1999). Analysis of Health Surveys. Wiley.
    Woodruff, R. (1971). A simple method for approximating the variance of a complicated estimate. JASA 66.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plait.survey.design import BoolArray, Design, FloatArray, IntArray, degrees_of_freedom, variances
from plait.survey.intervals import Limits, wald
from plait.survey.replicates import ratio_variances

_ROUNDING = 1e-10
"""A standard error below this share of its estimate is rounding: all values are alike, or the margins fix them."""


@dataclass(frozen=True, eq=False)
class Summary:
    """One estimate in each group of a break.

    Attributes:
        estimate: (groups,) mean, total or ratio; NaN for a mean or ratio in a group without anyone.
        se: (groups,) linearised standard error.
        df: (groups,) degrees of freedom among those in the group's base, clusters minus strata (Korn and Graubard
            1999).
        base_unweighted: (groups,) respondents in the base.
        base_weighted: (groups,) sum of their weights.
        base_effective: (groups,) effective number of respondents, sum(w)^2 / sum(w^2) (Kish 1965).
        design_effect: (groups,) variance over that of a simple random sample of the same size drawn with
            replacement; NaN where the latter is zero or undefined.
        design_effect_wor: (groups,) the same for a sample drawn without replacement from a population as large as the
            base's weights add up to; NaN where that is no larger than the base.
    """

    estimate: FloatArray
    se: FloatArray
    df: IntArray
    base_unweighted: IntArray
    base_weighted: FloatArray
    base_effective: FloatArray
    design_effect: FloatArray
    design_effect_wor: FloatArray

    def limits(self, level: float = 0.95) -> Limits:
        """Wald limits with the t distribution on the degrees of freedom of each group."""
        return wald(self.estimate, self.se, self.df, level)


def means(design: Design, values: FloatArray, group: IntArray, n_groups: int) -> Summary:
    """Weighted mean of a number, in each group of a break.

    Args:
        design: The sample of n respondents.
        values: (n,) numbers; NaN for respondents outside the base.
        group: (n,) group of the respondent, 0 to n_groups - 1; -1 for in no group.
        n_groups: Number of groups, empty ones included.

    Raises:
        ValueError: A value is infinite, a group is out of range, or a stratum of the design cannot be used.
    """
    inside = _members(values, group, n_groups)
    filled = np.where(np.isnan(values), 0.0, values)
    return _ratio_summary(design, filled, np.ones_like(filled), inside)


def totals(design: Design, values: FloatArray, group: IntArray, n_groups: int) -> Summary:
    """Weighted total of a number, in each group of a break; of 0/1 values, the number of people.

    Totals are in units of the population only if the weights add up to its size. The arguments are those of `means`.

    Raises:
        ValueError: As for `means`.
    """
    inside = _members(values, group, n_groups)
    filled = np.where(np.isnan(values), 0.0, values)
    influence = np.where(inside, filled[:, None], 0.0)
    return _summary(design, (design.weights * filled) @ inside, influence, inside, variances(design, influence))


def ratios(design: Design, numerator: FloatArray, denominator: FloatArray, group: IntArray, n_groups: int) -> Summary:
    """Ratio of two weighted totals, in each group of a break; the base are those who have both numbers.

    Args:
        design: The sample of n respondents.
        numerator: (n,) numbers; NaN for respondents outside the base.
        denominator: (n,) numbers; NaN for respondents outside the base.
        group: (n,) group of the respondent, 0 to n_groups - 1; -1 for in no group.
        n_groups: Number of groups, empty ones included.

    Raises:
        ValueError: As for `means`.
    """
    missing = np.isnan(numerator) | np.isnan(denominator)
    above, below = np.where(missing, 0.0, numerator), np.where(missing, 0.0, denominator)
    return _ratio_summary(design, above, below, _members(above + np.where(missing, np.nan, below), group, n_groups))


def _members(values: FloatArray, group: IntArray, n_groups: int) -> BoolArray:
    """(n, groups) who is in the base of each group."""
    if np.any((group < -1) | (group >= n_groups)):
        raise ValueError(f"groups must be 0 to {n_groups - 1}, or -1 for in no group")
    if np.any(np.isinf(values)):
        raise ValueError("values must be finite, or NaN for outside the base")
    return np.asarray((group[:, None] == np.arange(n_groups)) & ~np.isnan(values)[:, None])


def _ratio_summary(design: Design, above: FloatArray, below: FloatArray, inside: BoolArray) -> Summary:
    """Ratio of totals R = Y / X; the influence of a respondent is (y - R x) / X (Woodruff 1971)."""
    total = (design.weights * below) @ inside
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (design.weights * above) @ inside / total
        influence = np.where(inside, (above[:, None] - ratio * below[:, None]) / total, 0.0)
    numerator, denominator = (np.where(inside, side[:, None], 0.0) for side in (above, below))
    known = np.where(np.isfinite(influence), influence, 0.0)
    return _summary(design, ratio, influence, inside, ratio_variances(design, numerator, denominator, known))


def _summary(
    design: Design, estimate: FloatArray, influence: FloatArray, inside: BoolArray, variance: FloatArray
) -> Summary:
    weights = design.weights
    base, weighted, squares = inside.sum(axis=0), weights @ inside, weights**2 @ inside
    empty, rounding = base == 0, (_ROUNDING * estimate) ** 2
    variance = np.where(empty, np.nan, np.where(variance > rounding, variance, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = weights @ influence**2 / weighted - (weights @ influence / weighted) ** 2
        simple = weighted**2 * spread / (base - 1)
        finite = 1 - base / weighted
        effective = np.where(empty, 0.0, weighted**2 / squares)
    nothing = np.full_like(estimate, np.nan)
    effect = np.divide(variance, simple, out=nothing, where=(base > 1) & (simple > rounding))
    return Summary(
        estimate=estimate,
        se=np.sqrt(variance),
        df=np.array([degrees_of_freedom(design, rows) for rows in inside.T], dtype=np.int64),
        base_unweighted=base,
        base_weighted=weighted,
        base_effective=effective,
        design_effect=effect,
        design_effect_wor=np.divide(effect, finite, out=np.full_like(effect, np.nan), where=finite > 0),
    )
