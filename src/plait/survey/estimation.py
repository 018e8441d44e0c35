"""Shares of answers in the groups of a break, with standard errors that know how the sample was drawn and weighted.

The formulas are those of the bank of tables (`plait.survey.bank`); here is one table of it.

References:
    Kish, L. (1965). Survey Sampling. Wiley.
    Woodruff, R. (1971). A simple method for approximating the variance of a complicated estimate. JASA 66.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from plait.survey.bank import Answers, Split, tabulate
from plait.survey.design import BoolArray, Design, FloatArray, IntArray


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
    1971). Respondents outside a group or the base have no influence on its shares but stay in the design: how many
    there are is random, too.

    Args:
        design: The sample of n respondents.
        chosen: (n, items) 1 where the respondent chose the item, otherwise 0; not read outside the base. At least
            one item; items may be the options of a single choice, boxes to tick, or nets of options.
        in_base: (n,) whether the respondent was asked and counts.
        group: (n,) group of the respondent, 0 to n_groups - 1; -1 for in no group.
        n_groups: Number of groups, empty ones included.

    Raises:
        ValueError: `chosen` holds something else than 0 and 1, a group is out of range, or a stratum of the design
            cannot be used.
    """
    covered, row, item = ticks(chosen, in_base, group, n_groups)
    boxes = np.full(chosen.shape, -1, dtype=np.int8)
    boxes[covered] = 0
    boxes[row, item] = 1
    cells = tabulate(design, [Answers(box, 2) for box in boxes.T], [Split(group, n_groups)]).cells

    def table(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values[cells.item == 1].reshape(chosen.shape[1], n_groups).T

    return Shares(
        share=table(cells.share),
        se=table(cells.se),
        base_unweighted=table(cells.base_unweighted)[:, 0],
        base_weighted=table(cells.base_weighted)[:, 0],
        base_effective=table(cells.base_effective)[:, 0],
        design_effect=table(cells.design_effect),
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
