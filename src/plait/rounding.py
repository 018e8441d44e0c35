"""Half-up rounding on decimals.

Binary rounding halves to even (`round(2.5) == 2`); official statistics round halves up. Values are rounded once, from
the unrounded estimate.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

import numpy as np
import numpy.typing as npt

_NEAR = 1e-8
"""What is farther from a half than ten times the noise that is removed needs no decimals to be rounded."""


def round_half_up(value: float, digits: int = 0) -> float:
    """Round `value` half up (away from zero) to `digits` decimals; NaN stays NaN.

    A binary fraction that prints as a half counts as a half: the shortest decimal that reads back as `value` is what
    is rounded, after noise below 1e-9 has been removed.
    """
    if not isfinite(value):
        return float("nan")
    if abs(value) >= 2**53:  # a whole number already
        return float(value)
    steps = abs(value) * 10.0**digits
    if steps < 2**20 and abs(steps % 1 - 0.5) > _NEAR * 10.0 ** max(digits, 0):  # no half, whatever the noise
        return round(float(value), digits)
    noise_free = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-9), rounding=ROUND_HALF_UP)
    return float(noise_free.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP))


def whole_per_cent(share: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Shares (0 to 1) as whole per cents, half up; NaN stays NaN."""
    return np.array([round_half_up(100 * float(s)) for s in np.atleast_1d(np.asarray(share, dtype=float))])
