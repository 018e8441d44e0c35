"""Shares of answers in the groups of a break, with standard errors that know how the sample was drawn and weighted.

References:
    Kish, L. (1965). Survey Sampling. Wiley.
    Woodruff, R. (1971). A simple method for approximating the variance of a complicated estimate. JASA 66.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from plait.survey.design import BoolArray, Design, FloatArray, IntArray, covariance_of_totals, sparse_array

_COLUMNS_AT_ONCE = 600
"""Groups are taken in batches of about this many columns, so that memory does not grow with the square of a table."""
_ROUNDING = 1e-12
"""A variance below this share of its scale is rounding: the margins fix the share."""


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of several items in several groups.

    Attributes:
        share: (groups, items) weighted share, 0 to 1; NaN in a group without anyone.
        se: (groups, items) linearised standard error; 0 where nobody or everybody chose the item and where raking
            fixes the share; NaN in a group without anyone.
        base_unweighted: (groups,) respondents in the base.
        base_weighted: (groups,) sum of their weights.
        base_effective: (groups,) effective number of respondents, sum(w)^2 / sum(w^2) (Kish 1965).
        design_effect: (groups, items) variance over that of a simple random sample of the same size drawn with
            replacement, p (1 - p) / (n - 1); NaN where the latter is zero or undefined.
    """

    share: FloatArray
    se: FloatArray
    base_unweighted: IntArray
    base_weighted: FloatArray
    base_effective: FloatArray
    design_effect: FloatArray


def shares(design: Design, chosen: FloatArray, in_base: BoolArray, group: IntArray, n_groups: int) -> Shares:
    """Share of respondents who chose each item, in each group of a break.

    A share is a ratio of two estimated totals, p = A / B. Its variance is that of the total of (a - p) / B (Woodruff
    1971), which is (var A - 2 p cov(A, B) + p^2 var B) / B^2. Respondents outside a group or the base have no influence
    on its shares but stay in the design: how many there are is random, too.

    Args:
        design: The sample of n respondents.
        chosen: (n, items) 1 where the respondent chose the item, otherwise 0; not read outside the base. Items may
            be the options of a single choice, boxes to tick, or nets of options.
        in_base: (n,) whether the respondent was asked and counts.
        group: (n,) group of the respondent, 0 to n_groups - 1; -1 for in no group.
        n_groups: Number of groups, empty ones included.

    Raises:
        ValueError: `chosen` holds something else than 0 and 1, a group is out of range, or a stratum of the design
            holds one cluster only.
    """
    group = np.asarray(group, dtype=np.int64)  # small integers would overflow in numbers of cells
    n_items = chosen.shape[1]
    indicators = _indicators(chosen, in_base, group, n_groups)
    powers = np.column_stack([np.ones_like(design.weights), design.weights, design.weights**2])
    counts, totals, squares = (indicators.T @ powers).T.reshape(3, n_groups, 1 + n_items)
    base, weighted = counts[:, :1], totals[:, :1]

    with np.errstate(divide="ignore", invalid="ignore"):
        share = totals[:, 1:] / weighted
        variance = _ratio_variances(design, indicators, share) / weighted**2
        scale = squares[:, 1:] / weighted**2
        certain = (counts[:, 1:] == 0) | (counts[:, 1:] == base) | (variance < _ROUNDING * scale)
        variance[certain & (base > 0)] = 0.0
        simple = share * (1 - share) / (base - 1)
        effective = weighted[:, 0] ** 2 / squares[:, 0]
    return Shares(
        share=share,
        se=np.sqrt(variance),
        base_unweighted=base[:, 0].astype(np.int64),
        base_weighted=weighted[:, 0],
        base_effective=np.where(base[:, 0] > 0, effective, 0.0),
        design_effect=np.divide(variance, simple, out=np.full_like(share, np.nan), where=(simple > 0) & (base > 1)),
    )


def ticks(
    chosen: FloatArray, in_base: BoolArray, group: IntArray, n_groups: int
) -> tuple[IntArray, IntArray, IntArray]:
    """List who is in a table and what they chose; the arguments are those of `shares`.

    Returns:
        The rows of the respondents in the table; and for every choice made there the respondent's row and the item.

    Raises:
        ValueError: `chosen` holds something else than 0 and 1, or a group is out of range.
    """
    if np.any((group < -1) | (group >= n_groups)):
        raise ValueError(f"groups must be 0 to {n_groups - 1}, or -1 for in no group")
    covered = np.flatnonzero(in_base & (group >= 0))
    inside = chosen[covered]
    row, item = np.divmod(np.flatnonzero(inside != 0), max(1, chosen.shape[1]))
    if np.any(inside[row, item] != 1):
        raise ValueError("choices must be 0 or 1 for everyone in the base")
    return covered, covered[row], item


def _indicators(chosen: FloatArray, in_base: BoolArray, group: IntArray, n_groups: int) -> Any:
    """Sparse (n, groups * (1 + items)): for each group a column for being in it, then one for each item."""
    covered, row, item = ticks(chosen, in_base, group, n_groups)
    width = 1 + chosen.shape[1]
    rows = np.concatenate([covered, row])
    columns = np.concatenate([group[covered] * width, group[row] * width + 1 + item])
    return sparse_array(rows, columns, (group.size, n_groups * width))


def _ratio_variances(design: Design, indicators: Any, share: FloatArray) -> FloatArray:
    """(groups, items) variances of the totals of a - p, from the covariances of the totals in each group."""
    n_groups, n_items = share.shape
    width = 1 + n_items
    batch = max(1, _COLUMNS_AT_ONCE // width)
    result = np.empty_like(share)
    by_column = indicators.tocsc() if n_groups > batch else indicators
    for first in range(0, n_groups, batch):
        last = min(first + batch, n_groups)
        columns = by_column[:, first * width : last * width] if n_groups > batch else indicators
        together = covariance_of_totals(design, columns).reshape(last - first, width, last - first, width)
        own = np.einsum("gigj->gij", together)
        p = share[first:last]
        base, item = own[:, 0, 0, None], np.einsum("gii->gi", own)[:, 1:]
        result[first:last] = item - 2 * p * own[:, 0, 1:] + p**2 * base
    return result
