"""Numbers as they are published: rounded once, half up, from the exact value."""

from __future__ import annotations

from math import floor, isfinite, log10

import numpy as np
import pandas as pd

from plait.rounding import round_half_up


def rounded(values: pd.Series, digits: int) -> np.ndarray:
    """Numbers to so many decimals; missing ones stay missing."""
    return np.array([round_half_up(v, digits) for v in values], dtype=float)


def three_digits(value: float) -> float:
    """A p value or a ratio to three significant digits."""
    if not isfinite(value) or value == 0:
        return value
    return float(f"{value:.3g}") if floor(log10(abs(value))) > -300 else 0.0


def decimals_for(typical: float) -> int:
    """Decimals of means and the like, by their size: two below 10, one below 100, none above."""
    size = abs(typical)
    return 2 if size < 10 else 1 if size < 100 else 0
