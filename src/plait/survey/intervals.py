"""Confidence intervals for shares, and Wald's for any estimate.

All functions take numbers or arrays, and give NaN where something is missing.

References:
    Wilson, E. (1927). Probable inference, the law of succession, and statistical inference. JASA 22.
    Clopper, C. and Pearson, E. (1934). The use of confidence or fiducial limits illustrated in the case of the
        binomial. Biometrika 26.
    Korn, E. and Graubard, B. (1998). Confidence intervals for proportions with small expected number of positive counts
        estimated from survey data. Survey Methodology 24.
    Lumley, T. (2010). Complex Surveys. Wiley.
    Parker, J., Talih, M., Malec, D. and others (2017). National Center for Health Statistics data presentation
        standards for proportions. Vital and Health Statistics 2(175).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, expit, ndtri, stdtrit
from scipy.special import logit as log_odds

from plait.survey.design import FloatArray

Limits = tuple[FloatArray, FloatArray]
"""Lower and upper limits; those of shares lie in 0 to 1, except for Wald's."""


def wilson(share: npt.ArrayLike, n_effective: npt.ArrayLike, level: float = 0.95) -> Limits:
    """Score interval of Wilson (1927), with an effective sample size in place of the number of respondents.

    Args:
        share: Shares, 0 to 1.
        n_effective: Effective sample sizes, such as n over the design effect.
        level: Confidence level, between 0 and 1.
    """
    p, n = (np.asarray(a, dtype=float) for a in (share, n_effective))
    z = ndtri(1 - _tail(level))
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    return np.where(p == 0, 0 * low, low), np.where(p == 1, 0 * high + 1, high)


def korn_graubard(
    share: npt.ArrayLike,
    se: npt.ArrayLike,
    n: npt.ArrayLike,
    df: npt.ArrayLike,
    level: float = 0.95,
    largest: npt.ArrayLike | None = None,
) -> Limits:
    """Exact binomial limits (Clopper and Pearson 1934) on an effective sample size (Korn and Graubard 1998).

    The effective size is p (1 - p) / se^2, times (t_{n-1} / t_df)^2 for the uncertainty of the standard error, and at
    most n (Parker and others 2017). It is n where nobody or everybody chose the item or the standard error is zero.

    Args:
        share: Shares, 0 to 1.
        se: Their standard errors.
        n: Respondents in the base of each share.
        df: Degrees of freedom of the design among them (R survey counts a group's own clusters and strata).
        level: Confidence level, between 0 and 1.
        largest: Largest effective size; `None` means n, infinity sets no limit, as R survey does.
    """
    most = n if largest is None else largest
    p, s, size, freedom, most = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (share, se, n, df, most)))
    tail = _tail(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        adjusted = p * (1 - p) / s**2 * (stdtrit(size - 1, tail) / stdtrit(freedom, tail)) ** 2
    effective = np.where((p == 0) | (p == 1) | (s == 0), size, np.minimum(adjusted, most))
    effective = np.where(np.isnan(s) | (size <= 0), np.nan, effective)
    x = p * effective
    low = np.where(p == 0, 0 * x, betaincinv(x, effective - x + 1, tail))
    high = np.where(p == 1, 0 * x + 1, betaincinv(x + 1, effective - x, 1 - tail))
    return low, high


def wald(estimate: npt.ArrayLike, se: npt.ArrayLike, df: npt.ArrayLike, level: float = 0.95) -> Limits:
    """Interval estimate -+ t_df se. For means, totals and ratios; of shares it may leave 0 to 1.

    Args:
        estimate: Estimates of any kind.
        se: Their standard errors.
        df: Degrees of freedom of the design; infinite for normal limits.
        level: Confidence level, between 0 and 1.
    """
    e, s = np.asarray(estimate, dtype=float), np.asarray(se, dtype=float)
    half = _critical(df, level) * s
    return e - half, e + half


def logit(share: npt.ArrayLike, se: npt.ArrayLike, df: npt.ArrayLike, level: float = 0.95) -> Limits:
    """Interval on the log-odds scale, logit p -+ t_df se / (p (1 - p)), brought back to shares (Lumley 2010).

    NaN where the share is 0 or 1: its log-odds are infinite. The R package survey calls this `xlogit`; its `logit`,
    a regression without predictors, is the same but for the accuracy of the fit.

    Args:
        share: Shares, 0 to 1.
        se: Their standard errors.
        df: Degrees of freedom of the design.
        level: Confidence level, between 0 and 1.
    """
    p, s, freedom = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (share, se, df)))
    inside = (p > 0) & (p < 1)
    safe = np.where(inside, p, np.nan)
    half = _critical(freedom, level) * s / (safe * (1 - safe))
    return expit(log_odds(safe) - half), expit(log_odds(safe) + half)


def arcsine(share: npt.ArrayLike, se: npt.ArrayLike, df: npt.ArrayLike, level: float = 0.95) -> Limits:
    """Interval on the scale of asin(sqrt(p)), where the variance hardly depends on p, brought back to shares.

    Limits beyond 0 and 1 are cut off there; NaN where the share is 0 or 1, as the standard error on that scale is
    undefined.

    Args:
        share: Shares, 0 to 1.
        se: Their standard errors.
        df: Degrees of freedom of the design.
        level: Confidence level, between 0 and 1.
    """
    p, s, freedom = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (share, se, df)))
    safe = np.where((p > 0) & (p < 1), p, np.nan)
    half = _critical(freedom, level) * s / (2 * np.sqrt(safe * (1 - safe)))
    middle = np.arcsin(np.sqrt(safe))
    return np.sin(np.maximum(middle - half, 0)) ** 2, np.sin(np.minimum(middle + half, np.pi / 2)) ** 2


def _critical(df: npt.ArrayLike, level: float) -> FloatArray:
    """Quantile of Student's t that leaves half of what the level leaves above it."""
    return np.asarray(-stdtrit(np.asarray(df, dtype=float), _tail(level)))


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError("a confidence level lies between 0 and 1")
    return (1 - level) / 2
