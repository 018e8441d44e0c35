"""Calibration: weights that meet margins and stay close to the start weights, in a distance other than raking's.

Raking multiplies start weights by factors that are never negative but may be large. Linear calibration (the generalised
regression estimator) is as close as possible in least squares; bounds keep the ratio of final to start weight inside
limits; logit calibration does so smoothly. Post-stratification needs no distance: it sets the total of every crossing.

All of them run on the table of combinations of levels, as raking does: a respondent's ratio depends on nothing else.

References:
    Deville, J.-C. and Sarndal, C.-E. (1992). Calibration estimators in survey sampling. JASA 87.
    Deville, J.-C., Sarndal, C.-E. and Sautory, O. (1993). Generalized raking procedures in survey sampling. JASA 88.
    Holt, D. and Smith, T. (1979). Post stratification. Journal of the Royal Statistical Society A 142.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from plait.survey.design import FloatArray, IntArray, sparse_array
from plait.survey.raking import CellTable, Raked, cell_table, largest, rake, relative_errors, worst_level

_COLLINEAR = 1e-10
"""Directions of the margins' correlation matrix below this share of the largest are taken for exact collinearity."""
_FLAT = 1e-6
"""Least slope of a cell, that of the linear distance being 1, so that cells at their bounds leave a step to take."""
_HALVINGS = 40
_FAIR_PART = 1e-4
_ROUNDING = 1e-12


class _Distance(NamedTuple):
    """How the ratio of final to start weight follows from the score u = x'lambda of a cell."""

    ratio: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray]
    integral: Callable[[FloatArray], FloatArray]
    furthest: float
    """Largest distance of a ratio from 1 that the bounds allow, per unit of start weight."""


def calibrate_linear(
    codes: Sequence[IntArray],
    targets: Sequence[FloatArray],
    start: FloatArray | None = None,
    lower: float = -np.inf,
    upper: float = np.inf,
    tolerance: float = 1e-10,
    max_iterations: int = 200,
) -> Raked:
    """Calibrate weights to margins in least squares: w = d (1 + x'lambda), cut off at the bounds.

    The estimates are those of the generalised regression estimator (Deville and Sarndal 1992, case 1; with bounds case
    7). Without bounds a weight may come out at zero or below; such weights are no use in a `Design`.

    Args:
        codes: For each margin the (n,) level of every respondent, 0 to L - 1; nobody may be missing.
        targets: For each margin the (L,) population totals. A margin of shares, adding up to 1, is scaled to the
            total of the first margin.
        start: (n,) weights to start from, above zero; `None` means all alike. They are first scaled to the total of
            the targets, so that only their ratios matter.
        lower: Lowest ratio of final to start weight, below 1.
        upper: Highest ratio of final to start weight, above 1.
        tolerance: Largest |achieved / target - 1| that counts as agreement.
        max_iterations: Steps before giving up.

    Returns:
        The weights; `iterations` counts the steps.

    Raises:
        RakingError: The targets cannot be met, or not within the bounds; the error names the margin and the level.
        ValueError: An argument is not as described.
    """
    _check_bounds(lower, upper)
    table = _scaled_table(codes, targets, start)
    unbounded = _fitted(table, _LINEAR, tolerance, max_iterations)  # where this fails, no bounds are to blame
    if np.isneginf(lower) and np.isposinf(upper):
        return unbounded
    return _fitted(table, _cut_off(lower, upper), tolerance, max_iterations)


def calibrate_logit(
    codes: Sequence[IntArray],
    targets: Sequence[FloatArray],
    start: FloatArray | None = None,
    *,
    lower: float,
    upper: float,
    tolerance: float = 1e-10,
    max_iterations: int = 200,
) -> Raked:
    """Calibrate weights to margins with a logistic curve between the bounds (Deville and Sarndal 1992, case 6).

    The arguments, what comes back and what is raised are those of `calibrate_linear`; both bounds must be finite.
    """
    _check_bounds(lower, upper)
    if not np.isfinite(upper - lower):
        raise ValueError("logit calibration needs two finite bounds")
    table = _scaled_table(codes, targets, start)
    _fitted(table, _LINEAR, tolerance, max_iterations)
    return _fitted(table, _logistic(lower, upper), tolerance, max_iterations)


def post_stratify(codes: Sequence[IntArray], targets: FloatArray, start: FloatArray | None = None) -> Raked:
    """Give every crossing of several variables its population total (Holt and Smith 1979).

    Args:
        codes: For each variable the (n,) level of every respondent, 0 to L - 1.
        targets: (L_1, L_2, ...) population totals of the crossings, one axis a variable.
        start: (n,) weights to start from, above zero; `None` means all alike.

    Raises:
        RakingError: A crossing has a target and nobody to meet it, or respondents and no target; its `level` counts
            through `targets.ravel()`.
        ValueError: An argument is not as described.
    """
    return rake([cross(codes, np.shape(targets))], [np.ravel(targets)], start)


def cross(codes: Sequence[IntArray], sizes: Sequence[int]) -> IntArray:
    """Number the crossings of several variables, the last varying fastest: the margin of a post-stratified design.

    Raises:
        ValueError: A code is not 0 to size - 1, or the variables differ in length.
    """
    return np.asarray(np.ravel_multi_index(tuple(np.asarray(code, dtype=np.int64) for code in codes), tuple(sizes)))


def _scaled_table(codes: Sequence[IntArray], targets: Sequence[FloatArray], start: FloatArray | None) -> CellTable:
    table = cell_table(codes, targets, start)
    scale = table.goals[0].sum() / table.before.sum()
    return table._replace(start=table.start * scale, before=table.before * scale)


def _fitted(table: CellTable, distance: _Distance, tolerance: float, max_iterations: int) -> Raked:
    """Newton's method for the lambda at which the calibrated weights meet the targets.

    The targets are met where a convex function of lambda is lowest, sum d G(x'lambda) - T'lambda with G' the ratio. A
    step is halved until it lowers the function, so that cells at a bound, where the slope vanishes, do no harm. Its
    lowest value is minus the distance of the final weights from the start weights (the two problems are dual to each
    other), so that there are no such weights once it falls below minus the largest distance that the bounds allow.
    """
    indicators, goal = _indicators(table), np.concatenate(table.goals)
    total = table.before.sum()
    lambdas, score = np.zeros(goal.size), np.zeros(table.before.size)
    calibrated = table.before * distance.ratio(score)
    iterations, errors = 0, relative_errors(calibrated, table.levels, table.goals)
    while (off := largest(errors)) > tolerance:
        value = table.before @ distance.integral(score) - goal @ lambdas
        if iterations == max_iterations or value < -(distance.furthest + _ROUNDING) * total:
            raise worst_level("not_converged" if distance is _LINEAR else "bounds_too_tight", errors)
        misfit = goal - indicators.T @ calibrated
        slopes = table.before * np.maximum(distance.slope(score), _FLAT)
        step = _solved((indicators.T @ (indicators * slopes[:, None])).toarray(), misfit)
        along = indicators @ step
        size = _step_size(table.before, distance, score, along, float(goal @ step), float(misfit @ step))
        lambdas, score = lambdas + size * step, score + size * along
        calibrated = table.before * distance.ratio(score)
        iterations, errors = iterations + 1, relative_errors(calibrated, table.levels, table.goals)
    return Raked(table.start * distance.ratio(score)[table.cell], iterations, off)


def _step_size(
    before: FloatArray, distance: _Distance, score: FloatArray, along: FloatArray, rise: float, descent: float
) -> float:
    """Halve a step of 1 until the convex function falls by a fair part of what its slope promises (Armijo's rule)."""
    noise = _ROUNDING * before.sum()
    here = before @ distance.integral(score)
    for halving in range(_HALVINGS):
        size = 0.5**halving
        change = before @ distance.integral(score + size * along) - here - size * rise
        if change <= noise - _FAIR_PART * size * descent:
            break
    return size


def _indicators(table: CellTable) -> Any:
    """Sparse (cells, levels of all margins): which levels a cell belongs to."""
    first = np.cumsum([0, *(goal.size for goal in table.goals[:-1])])
    columns = np.concatenate([level + offset for level, offset in zip(table.levels, first, strict=True)])
    rows = np.tile(np.arange(table.before.size), len(table.levels))
    return sparse_array(rows, columns, (table.before.size, sum(goal.size for goal in table.goals)))


def _solved(gram: FloatArray, right: FloatArray) -> FloatArray:
    """Shortest solution of a system that is singular, as the groups of every margin add up to everyone."""
    diagonal = np.diag(gram)
    scale = np.divide(1, np.sqrt(diagonal), out=np.zeros_like(diagonal), where=diagonal > 0)
    correlation = gram * np.outer(scale, scale)
    return np.asarray(scale * (np.linalg.pinv(correlation, rcond=_COLLINEAR, hermitian=True) @ (scale * right)))


def _check_bounds(lower: float, upper: float) -> None:
    if not lower < 1 < upper:
        raise ValueError("the bounds of calibration must enclose 1: lower < 1 < upper")


_LINEAR = _Distance(lambda u: 1 + u, np.ones_like, lambda u: u + u**2 / 2, np.inf)


def _cut_off(lower: float, upper: float) -> _Distance:
    """1 + u between the bounds, and the bound outside them."""

    def integral(u: FloatArray) -> FloatArray:
        inside = np.clip(u, lower - 1, upper - 1)
        return inside + inside**2 / 2 + (1 + inside) * (u - inside)

    return _Distance(
        lambda u: np.clip(1 + u, lower, upper),
        lambda u: ((1 + u > lower) & (1 + u < upper)).astype(float),
        integral,
        max(1 - lower, upper - 1) ** 2 / 2,
    )


def _logistic(lower: float, upper: float) -> _Distance:
    """A logistic curve from one bound to the other, with value and slope 1 at u = 0."""
    width = upper - lower
    steepness = width / ((1 - lower) * (upper - 1))
    shift = np.log((1 - lower) / (upper - 1))

    def slope(u: FloatArray) -> FloatArray:
        place = expit(steepness * u + shift)
        return np.asarray(width * steepness * place * (1 - place))

    return _Distance(
        lambda u: lower + width * expit(steepness * u + shift),
        slope,
        lambda u: lower * u + width / steepness * np.logaddexp(0, steepness * u + shift),
        max(0.0, -shift * width / steepness),
    )
