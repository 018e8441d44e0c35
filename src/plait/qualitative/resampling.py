"""Intervals by resampling whole texts.

What one text says is not independent of itself, so texts are drawn, never the units inside them. A resample is only how
often each text was drawn; times the counts of each text it gives the counts of the resample, for all codes in one
matrix product.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

DRAWS = 2000
"""Resamples of an interval."""
SEED = 19551960
"""Fixed, so that the same coding gives the same interval."""
FEW = 8
"""Below this number of texts an interval is given with a warning."""
_LEVEL = 0.95
_CELLS = 4_000_000
"""Largest block of draws held in memory at once."""


def draws(n: int) -> Iterator[Numbers]:
    """How often each of n texts is in each resample, in blocks of resamples: (resamples of the block, n)."""
    random = np.random.default_rng(SEED)
    block = max(1, min(DRAWS, _CELLS // max(n, 1)))
    for start in range(0, DRAWS, block):
        size = min(block, DRAWS - start)
        drawn = random.integers(0, n, size=(size, n)) + n * np.arange(size)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(float)


def percentile_interval(values: Numbers) -> tuple[Numbers, Numbers, npt.NDArray[np.int64]]:
    """The middle 95 per cent of resampled coefficients (percentile bootstrap; Efron 1979).

    Args:
        values: (resamples, coefficients); NaN where a resample has no such coefficient.

    Returns:
        Low and high end, NaN without any value, and the number of resamples that had one.
    """
    ordered = np.sort(values, axis=0)  # NaN last
    known = np.isfinite(ordered).sum(axis=0)
    tail = (1 - _LEVEL) / 2
    return _quantile(ordered, known, tail), _quantile(ordered, known, 1 - tail), known


def _quantile(ordered: Numbers, known: npt.NDArray[np.int64], share: float) -> Numbers:
    place = np.maximum(known - 1, 0) * share
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(known - 1, 0))
    column = np.arange(ordered.shape[1])
    low, high = ordered[below, column], ordered[above, column]
    return np.where(known > 0, low + (high - low) * (place - below), np.nan)
