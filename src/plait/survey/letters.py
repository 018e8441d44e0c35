"""Column letters: which groups of a break a share is significantly higher than.

The groups of a break are the columns of a table and are called A, B, C ... In every row, a column shows the letters of
the columns whose share it is significantly higher than. Only capitals are used: one level of confidence for the
whole table, 95% unless said otherwise. A column with fewer than 30 respondents is neither tested nor named.

Two tests can stand behind the letters. The design-based t test of the difference of two shares knows the weights, the
raking and the clusters. The pooled z test on effective bases is what agencies print: it takes the groups for
independent samples of their effective size, and is commonly left unadjusted.

All functions take whole banks of tables in long form: one entry a cell, or one entry a pair of cells.

References:
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.
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

StringArray = npt.NDArray[np.object_]


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


def letter(number: int) -> str:
    """Letter of a column: A to Z, then AA, AB ... as in a spreadsheet.

    Args:
        number: Number of the column, from 0.
    """
    name = ""
    number += 1
    while number:
        number, last = divmod(number - 1, 26)
        name = chr(ord("A") + last) + name
    return name


def pairs_within(row: IntArray) -> tuple[IntArray, IntArray]:
    """All pairs of cells that stand in the same row of the same table.

    Args:
        row: (cells,) code of the row (question, option and break) each cell stands in.

    Returns:
        Numbers of the first and of the second cell of every pair; the first comes earlier in `row`.
    """
    order = np.argsort(row, kind="stable")
    sizes = np.unique(row, return_counts=True)[1]
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    later = np.repeat(sizes, sizes) - (np.arange(row.size) - start) - 1  # cells of the row that come after this one
    first = np.repeat(np.arange(row.size), later)
    second = first + np.arange(first.size) - np.repeat(np.cumsum(later) - later, later) + 1
    return order[first], order[second]


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


def letters(
    row: IntArray,
    group: IntArray,
    other: IntArray,
    difference: FloatArray,
    p: FloatArray,
    shape: tuple[int, int],
    level: float = 0.95,
) -> StringArray:
    """Letters of the groups that each group is significantly higher than.

    Args:
        row: (pairs,) number of the row (question, option and break), from 0.
        group: (pairs,) number of the first group in its break, from 0.
        other: (pairs,) number of the second group.
        difference: (pairs,) share of the first less that of the second.
        p: (pairs,) p-values, adjusted within rows if they are to be; NaN for pairs that are not tested.
        shape: Number of rows, and of groups in the break with the most.
        level: Confidence, 0 to 1.

    Returns:
        (rows, groups) letters in alphabetical order, run together ("BD") where no break has more than 26 groups,
        otherwise with spaces between ("B AA"); "" for higher than none.
    """
    significant = p < round(1 - level, 12)
    higher = np.where(difference > 0, group, other)[significant]
    lower = np.where(difference > 0, other, group)[significant]
    between = "" if shape[1] <= 26 else " "
    cells = np.full(shape, "", dtype=object)
    for column in range(shape[1]):
        here = lower == column
        place = (row[significant][here], higher[here])
        cells[place] = cells[place] + np.where(cells[place] == "", "", between).astype(object) + letter(column)
    return cells
