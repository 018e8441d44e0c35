"""Column letters: which groups of a break a share is significantly higher than.

The groups of a break are the columns of a table and are called A, B, C ... In every row, a column shows the letters of
the columns whose share it is significantly higher than. Only capitals are used: one level of confidence for the
whole table. A whole bank of tables is taken in long form, one entry a pair of cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # the gate needs letters and no scipy
    from plait.survey.design import FloatArray, IntArray

StringArray = npt.NDArray[np.object_]


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
