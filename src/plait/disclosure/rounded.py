"""Numbers as they are published: rounded once, half up, from the exact value."""

from __future__ import annotations

from functools import lru_cache
from math import floor, isfinite, log10

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.disclosure.rules import Rules
from plait.rounding import round_half_up

_once = lru_cache(maxsize=2**17)(round_half_up)
"""The attack makes the tables of a question again and again."""


def rounded(values: pd.Series, digits: int) -> np.ndarray:
    """Numbers to so many decimals; missing ones stay missing."""
    return np.array([_once(v, digits) for v in values.tolist()], dtype=float)


def per_cents(shares: pd.Series | npt.ArrayLike, rules: Rules) -> npt.NDArray[np.float64]:
    """Shares (0 to 1) as per cents with the decimals that the rules allow; missing ones stay missing."""
    exact = 100 * np.asarray(shares, dtype=float)
    return np.array([_once(share, rules.per_cent_digits) for share in exact.tolist()], dtype=float)


def people(counts: pd.Series, rules: Rules) -> pd.Series:
    """Numbers of people as the rules round them; missing ones stay missing."""
    if rules.base_to == 1:
        return counts
    exact = counts.astype("float64")
    nearest = (exact / rules.base_to + 0.5).map(np.floor, na_action="ignore") * rules.base_to
    return pd.Series(nearest.array, counts.index, dtype=counts.dtype)


def rounded_people(count: int, rules: Rules) -> int:
    """A number of people as the rules round it."""
    return rules.base_to * ((2 * count + rules.base_to) // (2 * rules.base_to))


def three_digits(value: float) -> float:
    """A p value or a ratio to three significant digits."""
    if not isfinite(value) or value == 0:
        return value
    return float(f"{value:.3g}") if floor(log10(abs(value))) > -300 else 0.0


def decimals_for(typical: float) -> int:
    """Decimals of means and the like, by their size: two below 10, one below 100, none above."""
    size = abs(typical)
    return 2 if size < 10 else 1 if size < 100 else 0
