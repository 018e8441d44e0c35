"""One table at a time, from the bank that makes them all at once: what the tests of estimates and tests look at."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from plait.survey.bank import Answers, Split, tabulate
from plait.survey.design import BoolArray, Design, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of items in groups: (groups, items), the bases (groups,)."""

    share: FloatArray
    se: FloatArray
    base_unweighted: IntArray
    base_weighted: FloatArray
    base_effective: FloatArray
    design_effect: FloatArray


@dataclass(frozen=True)
class Test:
    """A test of independence; see `plait.survey.independence`."""

    __test__ = False

    statistic: float
    df1: float
    df2: float
    p: float
    x2: float
    cramers_v: float


def shares(design: Design, chosen: FloatArray, in_base: BoolArray, group: IntArray, n_groups: int) -> Shares:
    """Shares of items (0/1 columns, not read outside the base) in each group; -1 for in no group."""
    inside = chosen[in_base & (group >= 0)]
    if np.any((inside != 0) & (inside != 1)):
        raise ValueError("choices must be 0 or 1 for everyone in the base")
    boxes = [Answers(np.where(in_base, column, -1).astype(np.int8), 2) for column in np.where(in_base, chosen.T, 0)]
    cells = tabulate(design, boxes, [Split(np.asarray(group, dtype=np.int64), n_groups)]).cells
    ticked = cells.item == 1
    share, se, effect = (
        part[ticked].reshape(len(boxes), n_groups).T for part in (cells.share, cells.se, cells.design_effect)
    )
    first = ticked & (cells.question == 0)
    bases = (cells.base_unweighted, cells.base_weighted, cells.base_effective)
    return Shares(share, se, *(base[first] for base in bases), effect)


def rao_scott(design: Design, chosen: FloatArray, in_base: BoolArray, group: IntArray, n_groups: int) -> Test | None:
    """Test of a single choice (one 1 in a row of the base, or none for no answer); None where there is nothing to test."""
    answered = in_base & (chosen != 0).any(axis=1)
    assert np.all(chosen[answered & (group >= 0)].sum(axis=1) == 1), "one answer per respondent"
    answers = Answers(np.where(answered, chosen.argmax(axis=1), -1), chosen.shape[1])
    tests = tabulate(design, [answers], [Split(np.asarray(group, dtype=np.int64), n_groups)]).tests
    found = Test(*(float(getattr(tests, f.name)[tests.item == -1][0]) for f in fields(Test)))
    return None if np.isnan(found.cramers_v) else found
