"""Pairs of groups compared as agencies do it: the pooled z test on effective bases, and who is large enough for it.

The design-based t test of two shares, which knows weights, raking and clusters, comes from `plait.survey.bank`. The
pooled z test takes the groups for independent samples of their effective size.

References:
    Kish, L. (1965). Survey Sampling. Wiley.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from plait.survey.design import FloatArray, IntArray

SMALLEST_BASE = 30
"""Groups with fewer respondents are not tested."""


class PairTests(NamedTuple):
    """z tests of many pairs, one entry a pair.

    Attributes:
        difference: Share of the first less that of the second.
        se: Its standard error.
        statistic: z; NaN where the pair is not tested.
        p: Probability of so large a statistic, of either sign, when there is no difference.
    """

    difference: FloatArray
    se: FloatArray
    statistic: FloatArray
    p: FloatArray


def pooled_z(share: FloatArray, base: FloatArray, other: FloatArray, other_base: FloatArray) -> PairTests:
    """Test of two shares as agencies do it: z with a pooled share, on effective bases.

    z = (p - q) / sqrt(r (1 - r) (1 / n + 1 / m)), r = (n p + m q) / (n + m), n and m the effective bases
    sum(w)^2 / sum(w^2) (Kish 1965).

    Args:
        share: (pairs,) share in the first group, 0 to 1.
        base: (pairs,) its effective base.
        other: (pairs,) share in the second group.
        other_base: (pairs,) its effective base.

    Returns:
        Tests of the pairs; NaN where both shares are 0 or both are 1, or a base is empty.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (base * share + other_base * other) / (base + other_base)
        variance = pooled * (1 - pooled) * (1 / base + 1 / other_base)
    difference, se = share - other, np.sqrt(np.maximum(variance, 0))
    z = np.divide(difference, se, out=np.full_like(se, np.nan), where=(se > 0) & np.isfinite(se))
    return PairTests(difference, se, z, 2 * ndtr(-np.abs(z)))


def large_enough(base: IntArray, other_base: IntArray, smallest: int = SMALLEST_BASE) -> npt.NDArray[np.bool_]:
    """Whether both groups of a pair have respondents enough; p of other pairs should be set to NaN before adjusting.

    Args:
        base: (pairs,) unweighted base of the first group.
        other_base: (pairs,) unweighted base of the second.
        smallest: Fewest respondents of a group that is tested.
    """
    return np.asarray((base >= smallest) & (other_base >= smallest))
