"""Raking: weights that make the sample agree with what is known about the population, one margin after another.

References:
    Deming, W. and Stephan, F. (1940). On a least squares adjustment of a sampled frequency table when the expected
        marginal totals are known. Annals of Mathematical Statistics 11.
    Kish, L. (1965). Survey Sampling. Wiley.
    Potter, F. (1990). A study of procedures to identify and trim extreme sampling weights. ASA Proceedings of the
        Section on Survey Research Methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from plait.survey.design import FloatArray, IntArray

RakingProblem = Literal["empty_level", "no_target", "totals_differ", "not_converged"]

_ALIKE = 1e-6
"""Relative difference up to which two margins are taken to describe the same population."""


@dataclass(frozen=True, eq=False)
class Raked:
    """Weights that meet their targets.

    Attributes:
        weights: (n,) in units of the first margin's targets.
        iterations: Rounds through all margins.
        largest_error: Largest |achieved / target - 1| over all levels of all margins.
    """

    weights: FloatArray
    iterations: int
    largest_error: float


class RakingError(ValueError):
    """Targets that no weights can meet.

    Attributes:
        kind: `empty_level` (a target above zero and nobody in the sample), `no_target` (respondents and a target of
            zero), `totals_differ` (a margin that does not add up to what the first does), `not_converged`.
        margin: Index of the margin.
        level: Index of the level in the margin; `None` when the whole margin is meant.
        error: `totals_differ`: relative difference to the first margin. `not_converged`: achieved / target - 1.
    """

    def __init__(self, kind: RakingProblem, margin: int, level: int | None = None, error: float | None = None) -> None:
        self.kind, self.margin, self.level, self.error = kind, margin, level, error
        place = f"margin {margin}" if level is None else f"margin {margin}, level {level}"
        what = {
            "empty_level": "there is a target but nobody to meet it",
            "no_target": "there are respondents but the target is zero",
            "totals_differ": f"the targets add up to {1 + (error or 0):.6g} times those of margin 0",
            "not_converged": f"raking did not settle; the weights are off by {error or 0:.2g} of the target",
        }
        super().__init__(f"{place}: {what[kind]}")


def rake(
    codes: Sequence[IntArray],
    targets: Sequence[FloatArray],
    start: FloatArray | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> Raked:
    """Rake weights to margins by iterative proportional fitting (Deming and Stephan 1940).

    A respondent's factor depends only on the combination of levels, so the fitting runs on the table of combinations
    that occur and the respondents are read once.

    Args:
        codes: For each margin the (n,) level of every respondent, 0 to L - 1; nobody may be missing.
        targets: For each margin the (L,) population totals. A margin of shares, adding up to 1, is scaled to the
            total of the first margin.
        start: (n,) weights to start from, above zero; `None` means all alike.
        tolerance: Largest |achieved / target - 1| that counts as agreement.
        max_iterations: Rounds through all margins before giving up.

    Raises:
        RakingError: The targets cannot be met; the error names the margin and the level.
        ValueError: An argument is not as described.
    """
    if not codes or len(codes) != len(targets):
        raise ValueError("raking needs at least one margin and as many targets as margins")
    begin = np.ones(len(codes[0])) if start is None else np.asarray(start, dtype=float)
    if not np.all(np.isfinite(begin) & (begin > 0)):
        raise ValueError("start weights must be above zero")
    levels = [_checked_codes(code, len(target), begin.size) for code, target in zip(codes, targets, strict=True)]
    goals = _common_total([np.asarray(target, dtype=float) for target in targets])
    _check_reachable(levels, goals)

    cell, cell_levels = _cells(levels, [goal.size for goal in goals])
    before = _totals(cell, begin, cell_levels[0].size)
    after = before
    iterations, errors = 0, _errors(after, cell_levels, goals)
    while _largest(errors) > tolerance:
        if iterations == max_iterations:
            margin = int(np.argmax([np.abs(error).max() for error in errors]))
            level = int(np.argmax(np.abs(errors[margin])))
            raise RakingError("not_converged", margin, level, float(errors[margin][level]))
        for level_of_cell, goal in zip(cell_levels, goals, strict=True):
            after = after * _ratio(goal, _totals(level_of_cell, after, goal.size))[level_of_cell]
        iterations, errors = iterations + 1, _errors(after, cell_levels, goals)
    return Raked(begin * (after / before)[cell], iterations, _largest(errors))


def trim(weights: FloatArray, lower: float, upper: float) -> FloatArray:
    """Cut extreme weights and spread what was cut in equal amounts over the others, until none is outside.

    The total stays. A weight that was cut stays at its limit; the others keep their distances. In one round this is
    `trimWeights` of the R package survey.

    Args:
        weights: (n,) weights.
        lower: Lowest weight, as a multiple of the mean; at most 1.
        upper: Highest weight, as a multiple of the mean; at least 1.

    Raises:
        ValueError: The limits do not enclose 1, or are so narrow that every weight is cut and the total is lost.
    """
    if not lower <= 1 <= upper:
        raise ValueError("the limits of trimming must enclose the mean: lower <= 1 <= upper")
    low, high = lower * weights.mean(), upper * weights.mean()
    slack = 1e-12 * weights.mean()
    trimmed, cut = weights.astype(float), np.zeros(weights.shape, dtype=bool)
    while np.any(outside := (trimmed < low - slack) | (trimmed > high + slack)):
        cut |= outside
        trimmed = np.clip(trimmed, low, high)
        if cut.all():
            raise ValueError("the limits of trimming are so narrow that no weight is left to take up what was cut")
        trimmed[~cut] += (weights.sum() - trimmed.sum()) / np.count_nonzero(~cut)
    return trimmed


def kish_design_effect(weights: FloatArray) -> float:
    """Loss of precision from unequal weights, n * sum(w^2) / sum(w)^2 (Kish 1965); 1 when all are alike."""
    return float(weights.size * np.sum(weights**2) / np.sum(weights) ** 2)


def effective_n(weights: FloatArray) -> float:
    """Number of equally weighted respondents that would be as precise, sum(w)^2 / sum(w^2) (Kish 1965)."""
    return float(np.sum(weights) ** 2 / np.sum(weights**2))


def _checked_codes(codes: IntArray, n_levels: int, n: int) -> IntArray:
    wide = np.asarray(codes).astype(np.int64)  # small integers would overflow when codes are combined
    if wide.shape != (n,) or np.any((wide < 0) | (wide >= n_levels)):
        raise ValueError(f"codes of a margin must be 0 to {n_levels - 1}, one per respondent")
    return wide


def _common_total(targets: list[FloatArray]) -> list[FloatArray]:
    """Bring all margins to the total of the first."""
    if any(not np.all(np.isfinite(target) & (target >= 0)) for target in targets):
        raise ValueError("targets must be numbers of at least zero")
    total = targets[0].sum()
    for margin, target in enumerate(targets):
        shares = abs(target.sum() - 1) <= _ALIKE
        if not shares and abs(target.sum() / total - 1) > _ALIKE:
            raise RakingError("totals_differ", margin, error=float(target.sum() / total - 1))
    return [target * (total / target.sum()) for target in targets]


def _check_reachable(levels: list[IntArray], goals: list[FloatArray]) -> None:
    for margin, (level, goal) in enumerate(zip(levels, goals, strict=True)):
        present = np.bincount(level, minlength=goal.size) > 0
        if np.any(empty := ~present & (goal > 0)):
            raise RakingError("empty_level", margin, int(np.argmax(empty)))
        if np.any(unwanted := present & (goal == 0)):
            raise RakingError("no_target", margin, int(np.argmax(unwanted)))


def _cells(levels: list[IntArray], sizes: list[int]) -> tuple[IntArray, list[IntArray]]:
    """Number the combinations of levels that occur: the cell of every respondent, and the levels of every cell."""
    n = levels[0].size
    cell, n_cells = np.zeros(n, dtype=np.int64), 1
    for level, size in zip(levels, sizes, strict=True):
        if n_cells * size > max(4 * n, 1_000_000):
            cell, n_cells = _numbered(cell, n_cells)
        cell, n_cells = cell * size + level, n_cells * size
    cell, n_cells = _numbered(cell, n_cells)
    someone = np.empty(n_cells, dtype=np.int64)
    someone[cell] = np.arange(n)
    return cell, [level[someone] for level in levels]


def _numbered(key: IntArray, n_keys: int) -> tuple[IntArray, int]:
    """Replace keys by 0, 1, 2, ... in the same order, leaving no gaps."""
    occurs = np.bincount(key, minlength=n_keys) > 0
    return (np.cumsum(occurs) - 1)[key], int(np.count_nonzero(occurs))


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Quotient; 1 for a level that nobody is in and nobody should be in."""
    return np.divide(above, below, out=np.ones_like(above), where=below > 0)


def _errors(cells: FloatArray, cell_levels: list[IntArray], goals: list[FloatArray]) -> list[FloatArray]:
    achieved = [_totals(level, cells, goal.size) for level, goal in zip(cell_levels, goals, strict=True)]
    return [_ratio(got, goal) - 1 for got, goal in zip(achieved, goals, strict=True)]


def _totals(level: IntArray, values: FloatArray, size: int) -> FloatArray:
    return np.bincount(level, values, size).astype(float)


def _largest(errors: list[FloatArray]) -> float:
    return float(max(np.abs(error).max() for error in errors))
