"""Krippendorff's alpha for any values and any distance between them, missing ones left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Given = npt.NDArray[np.bool_]


def krippendorff_alpha(values: npt.ArrayLike, metric: str = "nominal") -> float:
    """Krippendorff's (2004) alpha of coders who gave one number a unit.

    Args:
        values: (coders, units); NaN where a coder gave none.
        metric: `nominal`, `ordinal` or `interval`.

    Returns:
        NaN where fewer than two values can be paired, or all of them are the same.
    """
    given = np.asarray(values, dtype=float)
    coded = np.isfinite(given)
    known, number = np.unique(given[coded], return_inverse=True)
    of_unit = np.zeros((given.shape[1], len(known)))
    np.add.at(of_unit, (np.nonzero(coded)[1], number), 1)
    m = of_unit.sum(axis=1)
    of_unit, m = of_unit[m >= 2], m[m >= 2]
    # The coincidence matrix: pairs of values within units, each unit with the weight of its values.
    pairs = (of_unit / (m - 1)[:, None]).T @ of_unit - np.diag((of_unit / (m - 1)[:, None]).sum(axis=0))
    total = of_unit.sum(axis=0)
    distance = METRICS[metric](known, total)
    expected = total @ distance @ total
    if not expected:
        return float("nan")
    return float(1 - (total.sum() - 1) * (pairs * distance).sum() / expected)


def _nominal(known: Numbers, _total: Numbers) -> Numbers:
    return np.asarray(known[:, None] != known, dtype=np.float64)


def _ordinal(_known: Numbers, total: Numbers) -> Numbers:
    """How many values lie between two ranks, half of each end included."""
    rank = np.cumsum(total) - total / 2
    return (rank[:, None] - rank) ** 2


def _interval(known: Numbers, _total: Numbers) -> Numbers:
    return (known[:, None] - known) ** 2


METRICS: Mapping[str, Callable[[Numbers, Numbers], Numbers]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
}


def masi_distance(shared: Numbers, size_a: Numbers, size_b: Numbers) -> Numbers:
    """The distance of two sets of codes, from their sizes and that of what they share (Passonneau 2006).

    One minus Jaccard's index times 1 for equal sets, 2/3 where one lies in the other, 1/3 where they only overlap. Two
    empty sets have no distance; an empty one and another are as far apart as can be.
    """
    union = size_a + size_b - shared
    monotone = np.where(shared == union, 1.0, np.where(shared == np.minimum(size_a, size_b), 2 / 3, 1 / 3))
    likeness = np.divide(shared * monotone, union, out=np.zeros(union.shape), where=shared > 0)
    return np.where(union == 0, 0.0, 1 - likeness)


def distances_within(sets: Given, *, rows: slice = slice(None)) -> Numbers:
    """MASI distances of sets of codes (rows of a 0/1 table) from one another; of some rows only, where asked."""
    table = sets.astype(np.float32)  # whole numbers far below 2**24 stay exact
    sizes = table.sum(axis=1).astype(float)
    shared = (table[rows] @ table.T).astype(float)
    return masi_distance(shared, sizes[rows, None], sizes[None, :])
