"""Half-up rounding on decimals.

Binary rounding halves to even (`round(2.5) == 2`); official statistics round halves up. Values are rounded once, from
the unrounded estimate.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import numpy.typing as npt


def round_half_up(value: float, digits: int = 0) -> float:
    """Round `value` half up (away from zero) to `digits` decimals; NaN stays NaN.

    A binary fraction that prints as a half counts as a half: the shortest decimal that reads back as `value` is what
    is rounded, after noise below 1e-9 has been removed.
    """
    if not np.isfinite(value):
        return float("nan")
    if abs(value) >= 2**53:  # a whole number already
        return float(value)
    noise_free = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-9), rounding=ROUND_HALF_UP)
    return float(noise_free.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP))


def whole_per_cent(share: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Shares (0 to 1) as whole per cents, half up; NaN stays NaN."""
    return np.array([round_half_up(100 * float(s)) for s in np.atleast_1d(np.asarray(share, dtype=float))])
