"""Raking: weights that make the sample agree with what is known about the population, one margin after another.

References:
    Battaglia, M., Izrael, D., Hoaglin, D. and Frankel, M. (2009). Practical considerations in raking survey data.
        Survey Practice 2.
    Deming, W. and Stephan, F. (1940). On a least squares adjustment of a sampled frequency table when the expected
        marginal totals are known. Annals of Mathematical Statistics 11.
    Kish, L. (1965). Survey Sampling. Wiley.
    Potter, F. (1990). A study of procedures to identify and trim extreme sampling weights. ASA Proceedings of the
        Section on Survey Research Methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Literal, NamedTuple

import numpy as np

from plait.survey.design import FloatArray, IntArray

RakingProblem = Literal["empty_level", "no_target", "totals_differ", "not_converged", "bounds_too_tight"]

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
            zero), `totals_differ` (a margin that does not add up to what the first does), `not_converged`,
            `bounds_too_tight` (no weights within the bounds meet the target).
        margin: Index of the margin.
        level: Index of the level in the margin; `None` when the whole margin is meant.
        error: `totals_differ`: relative difference to the first margin. `not_converged`, `bounds_too_tight`:
            achieved / target - 1, as close as it got.
    """

    def __init__(self, kind: RakingProblem, margin: int, level: int | None = None, error: float | None = None) -> None:
        self.kind, self.margin, self.level, self.error = kind, margin, level, error
        place = f"margin {margin}" if level is None else f"margin {margin}, level {level}"
        what = {
            "empty_level": "there is a target but nobody to meet it",
            "no_target": "there are respondents but the target is zero",
            "totals_differ": f"the targets add up to {1 + (error or 0):.6g} times those of margin 0",
            "not_converged": f"the weights did not settle; they are off by {error or 0:.2g} of the target",
            "bounds_too_tight": f"the bounds on the weights leave them off by {error or 0:.2g} of the target",
        }
        super().__init__(f"{place}: {what[kind]}")


class CellTable(NamedTuple):
    """Respondents counted by the combination of their levels: all that fitting to margins needs to know of them.

    Attributes:
        start: (n,) weights to start from.
        cell: (n,) cell of every respondent.
        before: (cells,) sum of the start weights; cells without anyone may be among them.
        levels: For each margin the (cells,) level of every cell.
        goals: For each margin the (L,) totals to meet, all margins with the same sum.
    """

    start: FloatArray
    cell: IntArray
    before: FloatArray
    levels: list[IntArray]
    goals: list[FloatArray]


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
    table = cell_table(codes, targets, start)
    # A level without anyone has no target: one in place of both zeros keeps its factor at 1.
    nobody = np.concatenate(table.goals) == 0
    goals, factors = np.concatenate(table.goals) + nobody, np.empty(nobody.size)
    ends = np.cumsum([0, *(goal.size for goal in table.goals)])
    margins = [(level, slice(*between)) for level, between in zip(table.levels, pairwise(ends), strict=True)]
    after = table.before
    for iterations in range(max_iterations + 1):
        known, after = after, after.copy()
        for level, here in margins:
            achieved = np.bincount(level, after, here.stop - here.start)
            np.divide(goals[here], achieved + nobody[here], out=factors[here])
            after *= factors[here][level]
        off = float(np.abs(factors - 1).max())
        if off <= tolerance:  # the round had nothing left to do
            return Raked(table.start * _ratio(known, table.before)[table.cell], iterations, off)
    raise worst_level("not_converged", relative_errors(known, table.levels, table.goals))


def rake_and_trim(
    codes: Sequence[IntArray],
    targets: Sequence[FloatArray],
    lower: float,
    upper: float,
    start: FloatArray | None = None,
    tolerance: float = 1e-6,
    max_rounds: int = 200,
) -> Raked:
    """Rake, cut what is outside the limits, and rake again, until targets and limits hold together.

    Trimming after raking loses the targets; this keeps both (Battaglia, Izrael, Hoaglin and Frankel 2009).

    Args:
        codes: As in `rake`.
        targets: As in `rake`.
        lower: Lowest weight, as a multiple of the mean; at most 1.
        upper: Highest weight, as a multiple of the mean; at least 1.
        start: As in `rake`.
        tolerance: How far a weight may stay outside its limit, relative to the limit. The targets are met as in `rake`.
        max_rounds: Times to rake before giving up.

    Returns:
        The weights; `iterations` counts all rounds of raking.

    Raises:
        RakingError: The targets cannot be met, or not within the limits; the error names the margin and the level.
        ValueError: An argument is not as described.
    """
    _check_limits(lower, upper)
    raked = rake(codes, targets, start)
    low, high = lower * raked.weights.mean(), upper * raked.weights.mean()
    iterations = raked.iterations
    for _ in range(max_rounds):
        within = np.clip(raked.weights, low, high)
        if np.all(np.abs(raked.weights - within) <= tolerance * within):
            return Raked(raked.weights, iterations, raked.largest_error)
        raked = rake(codes, targets, within)
        iterations += raked.iterations
    table = cell_table(codes, targets, np.clip(raked.weights, low, high))
    raise worst_level("bounds_too_tight", relative_errors(table.before, table.levels, table.goals))


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
    _check_limits(lower, upper)
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


def cell_table(codes: Sequence[IntArray], targets: Sequence[FloatArray], start: FloatArray | None = None) -> CellTable:
    """Check what weights are to be made from, and count it into cells; the arguments are those of `rake`.

    Raises:
        RakingError: A target has nobody to meet it, respondents have no target, or totals differ.
        ValueError: An argument is not as described.
    """
    if not codes or len(codes) != len(targets):
        raise ValueError("raking needs at least one margin and as many targets as margins")
    begin = np.ones(len(codes[0])) if start is None else np.asarray(start, dtype=float)
    if not (begin.min(initial=np.inf) > 0 and begin.max(initial=0) < np.inf):
        raise ValueError("start weights must be above zero")
    levels = [_checked_codes(code, len(target), begin.size) for code, target in zip(codes, targets, strict=True)]
    goals = _common_total([np.asarray(target, dtype=float) for target in targets])
    cell, cell_levels = _cells(levels, [goal.size for goal in goals])
    before = totals(cell, begin, cell_levels[0].size)
    _check_reachable(before, cell_levels, goals)
    return CellTable(begin, cell, before, cell_levels, goals)


def totals(level: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Sums of values by level, 0 to size - 1."""
    return np.bincount(level, values, size).astype(float, copy=False)


def relative_errors(cells: FloatArray, levels: list[IntArray], goals: list[FloatArray]) -> list[FloatArray]:
    """For each margin the (L,) achieved / target - 1; zero for a level without anyone and without a target."""
    achieved = [totals(level, cells, goal.size) for level, goal in zip(levels, goals, strict=True)]
    return [_ratio(got, goal) - 1 for got, goal in zip(achieved, goals, strict=True)]


def largest(errors: list[FloatArray]) -> float:
    """Largest of the errors of all margins, without its sign."""
    return float(max(np.abs(error).max() for error in errors))


def worst_level(kind: RakingProblem, errors: list[FloatArray]) -> RakingError:
    """The error to raise, naming the level that is furthest from its target."""
    margin = int(np.argmax([np.abs(error).max() for error in errors]))
    level = int(np.argmax(np.abs(errors[margin])))
    return RakingError(kind, margin, level, float(errors[margin][level]))


def _check_limits(lower: float, upper: float) -> None:
    if not lower <= 1 <= upper:
        raise ValueError("the limits of trimming must enclose the mean: lower <= 1 <= upper")


def _checked_codes(codes: IntArray, n_levels: int, n: int) -> IntArray:
    level: IntArray = np.asarray(codes)
    if level.dtype.kind != "i":
        level = level.astype(np.int64)
    if level.shape != (n,) or level.min(initial=0) < 0 or level.max(initial=0) >= n_levels:
        raise ValueError(f"codes of a margin must be 0 to {n_levels - 1}, one per respondent")
    return level


def _common_total(targets: list[FloatArray]) -> list[FloatArray]:
    """Bring all margins to the total of the first."""
    every = np.concatenate(targets)
    if not (every.min(initial=0) >= 0 and every.max(initial=0) < np.inf):
        raise ValueError("targets must be numbers of at least zero")
    sums = [target.sum() for target in targets]
    for margin, size in enumerate(sums):
        shares = abs(size - 1) <= _ALIKE
        if not shares and abs(size / sums[0] - 1) > _ALIKE:
            raise RakingError("totals_differ", margin, error=float(size / sums[0] - 1))
    return [target * (sums[0] / size) for target, size in zip(targets, sums, strict=True)]


def _check_reachable(before: FloatArray, levels: list[IntArray], goals: list[FloatArray]) -> None:
    for margin, (level, goal) in enumerate(zip(levels, goals, strict=True)):
        present = totals(level, before, goal.size) > 0
        if np.array_equal(present, goal > 0):
            continue
        if np.any(empty := ~present & (goal > 0)):
            raise RakingError("empty_level", margin, int(np.argmax(empty)))
        if np.any(unwanted := present & (goal == 0)):
            raise RakingError("no_target", margin, int(np.argmax(unwanted)))


def _cells(levels: list[IntArray], sizes: list[int]) -> tuple[IntArray, list[IntArray]]:
    """Number the combinations of levels: the cell of every respondent, and the levels of every cell.

    Combinations that do not occur are left out as soon as there are more combinations than respondents.
    """
    cell, known, further = np.zeros(levels[0].size, dtype=np.int64), np.zeros((0, 1), dtype=np.int64), list[int]()
    for level, size in zip(levels, sizes, strict=True):
        cell *= size
        cell += level
        further.append(size)
        if (combinations := known.shape[1] * prod(further)) > cell.size:
            occurs = np.bincount(cell, minlength=combinations) > 0
            cell = (np.cumsum(occurs) - 1)[cell]
            known, further = _crossed(known, further)[:, occurs], []
    return cell, list(_crossed(known, further))


def _crossed(known: IntArray, sizes: list[int]) -> IntArray:
    """(margins, cells) levels of known cells, each with every combination of the levels of further margins."""
    cells, *levels = np.unravel_index(np.arange(known.shape[1] * prod(sizes)), (known.shape[1], *sizes))
    return np.vstack([known[:, cells], *levels])


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Quotient; 1 for a level that nobody is in and nobody should be in."""
    return np.divide(above, below, out=np.ones_like(above), where=below > 0)
