"""Standard errors from replicate weights: the sample is drawn again from itself, weighted again, and estimated again.

What an estimate does from replicate to replicate shows its uncertainty, whatever its formula. Every replicate is raked
to what the sample was raked to, so that the standard errors know of the raking. The replicates of a batch are raked
together on the table of combinations of levels (cells x replicates), and the shares of a bank of tables are products of
matrices (options x respondents x replicates), so that 500 replicates of a whole bank take about a second.

References:
    Rao, J. and Wu, C. (1988). Resampling inference with complex survey data. JASA 83.
    Rao, J., Wu, C. and Yue, K. (1992). Some recent work on resampling methods for complex surveys. Survey Methodology
        18.
    Wolter, K. (2007). Introduction to Variance Estimation. 2nd edition. Springer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from plait.survey.bank import Answers, Bank, Split
from plait.survey.design import BoolArray, Design, FloatArray, IntArray, Replicates, sparse_array, variances
from plait.survey.raking import CellTable, RakingError, RakingProblem, cell_table, totals

Estimator = Callable[[FloatArray], FloatArray]
"""From (n, replicates) weights to (..., replicates) estimates."""

_ENTRIES = 5_000_000
"""Replicates are worked on in batches of about this many weights (40 MB)."""
_FIXED = 1e-9
"""A standard error of a share below this is what the rounding of raking leaves: the margins fix the share."""
_ROWS = 8192
"""Respondents are multiplied out in runs of this length."""
_ROUNDS = 1000
"""Rounds of raking after which a replicate counts as one whose targets cannot be met."""
_DRAWS = 50
"""Draws for one replicate before giving up: a group is lost so often that it should be merged with a neighbour."""


@dataclass(frozen=True, eq=False)
class ReplicateErrors:
    """Standard errors from replicates.

    Attributes:
        estimate: (...) estimates from the full sample.
        se: (...) standard errors, with deviations taken from the full sample's estimate (R survey: `mse = TRUE`).
        se_centred: (...) the same, with deviations taken from the mean of the replicates.
        replicates: (...) replicates in which the estimate exists. Where a small group has nobody in some replicates,
            these are left out, and the others stand for them.
    """

    estimate: FloatArray
    se: FloatArray
    se_centred: FloatArray
    replicates: IntArray


@dataclass(frozen=True, eq=False)
class Drawn:
    """Replicates that were drawn.

    Attributes:
        replicates: Their weights and scales.
        redrawn: For each (margin, level) that could not be met in a replicate, nobody being left in it or the others
            contradicting it: how many draws were thrown away and repeated.
    """

    replicates: Replicates
    redrawn: Counter[tuple[int, int]]


def bootstrap(design: Design, n_replicates: int = 500, seed: int = 0, tolerance: float = 1e-10) -> Drawn:
    """Replicates of the rescaling bootstrap (Rao and Wu 1988; Rao, Wu and Yue 1992).

    In each stratum n_h - 1 of the n_h clusters are drawn with replacement, and the base weights in a cluster that was
    drawn k times are multiplied by 1 - a + a k n_h / (n_h - 1), where a^2 = 1 - f_h and f_h is the part of the
    population's clusters that is in the sample (zero unless the design says). Respondents are their own clusters where
    the design has none. The only cluster of a stratum, where the design allows it, is in every replicate and adds
    nothing to the variance. If the design has margins, every replicate is raked to the totals that the final weights
    have there. A replicate that cannot be raked is drawn again, and reported.

    Every replicate has its own stream of random numbers: the same seed gives the same replicates, however many are
    worked on at a time.

    Args:
        design: The sample of n respondents.
        n_replicates: Replicates to draw.
        seed: Where the random numbers start.
        tolerance: Largest |achieved / target - 1| of a raked replicate.

    Raises:
        ValueError: There are fewer than two replicates, or a stratum holds one cluster only and the design refuses it.
        RakingError: A level of a margin is lost in nearly every draw; the error names it, levels counted among those
            that somebody is in.
    """
    scales = bootstrap_scales(n_replicates)
    units = _sampling_units(design)
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(n_replicates)]
    reweighting = _Reweighting.of(design, units.of_row, tolerance)
    batches = list(_bootstrap_batches(reweighting, units, streams))
    redrawn: Counter[tuple[int, int]] = Counter()
    for batch in batches:
        redrawn.update(batch.redrawn)
    return Drawn(Replicates(np.hstack([batch.weights for batch in batches]), scales), redrawn)


def reweighted(
    design: Design, multipliers: FloatArray, scales: npt.ArrayLike | None = None, tolerance: float = 1e-10
) -> Replicates:
    """Replicates from given multipliers of the base weights.

    Args:
        design: The sample of n respondents. If it has margins, every replicate is raked, as in `bootstrap`.
        multipliers: (n, R) what the base weights are multiplied by, at least zero.
        scales: (R,) what the squared deviations are multiplied by before they are added up; `None` means 1 / (R - 1).
        tolerance: Largest |achieved / target - 1| of a raked replicate.

    Raises:
        RakingError: A replicate cannot be raked; the error names the margin and the level.
    """
    n, n_replicates = multipliers.shape
    factors = bootstrap_scales(n_replicates) if scales is None else np.asarray(scales, dtype=float)
    reweighting = _Reweighting.of(design, np.arange(n), tolerance)
    weights = [batch.weights for batch in _given_batches(reweighting, multipliers)]
    return Replicates(np.hstack(weights) if weights else multipliers, factors)


def jackknife(design: Design) -> tuple[FloatArray, FloatArray]:
    """Multipliers and scales of the stratified jackknife, which leaves out one cluster at a time (Wolter 2007).

    The weights of the other clusters of the stratum are multiplied by n_h / (n_h - 1); the squared deviations by
    (1 - f_h) (n_h - 1) / n_h. R survey calls it `JKn`, and takes the deviations from the mean of the replicates. The
    only cluster of a stratum, where the design allows it, is never left out.

    Returns:
        (n, R) multipliers and (R,) scales, for `reweighted`; a replicate for every cluster that is left out.

    Raises:
        ValueError: A stratum holds one cluster only, and the design refuses it.
    """
    units = _sampling_units(design)
    left_out = np.flatnonzero(units.size > 1)
    size = units.size[left_out]
    multipliers = np.where(units.stratum[:, None] == units.stratum[left_out], size / (size - 1), 1.0)
    multipliers[left_out, np.arange(left_out.size)] = 0.0
    return multipliers[units.of_row], units.sampled_from[left_out] * (size - 1) / size


def rank_of(weights: FloatArray) -> int:
    """Rank of replicate weights: given ones have one degree of freedom less (R survey's rule)."""
    return int(np.linalg.matrix_rank(np.linalg.qr(weights, mode="r")))


def replicate_errors(design: Design, estimator: Estimator) -> ReplicateErrors:
    """Standard errors from the replicates of a design.

    Args:
        design: The sample of n respondents, with replicates.
        estimator: From (n, replicates) weights to (..., replicates) estimates; called with batches of replicates.
    """
    assert design.replicates is not None
    weights, scales = design.replicates.weights, design.replicates.scales
    estimate = estimator(design.weights[:, None])[..., 0]
    count, total, weight, first, second = np.zeros((5, *estimate.shape))
    at_once = max(1, _ENTRIES // max(weights.shape[0], estimate.size, 1))
    for begin in range(0, scales.size, at_once):
        here = slice(begin, begin + at_once)
        deviation = estimator(weights[:, here]) - estimate[..., None]
        exists = np.isfinite(deviation)
        deviation[~exists] = 0.0
        count += exists.sum(axis=-1)
        weight += exists @ scales[here]
        total += deviation.sum(axis=-1)
        first += deviation @ scales[here]
        second += deviation**2 @ scales[here]
    with np.errstate(divide="ignore", invalid="ignore"):
        whole, mean = scales.sum() / weight, total / count
        about_mean = second - 2 * mean * first + mean**2 * weight
        se, se_centred = np.sqrt(whole * second), np.sqrt(whole * np.maximum(about_mean, 0.0))
    return ReplicateErrors(estimate, se, se_centred, count.astype(np.int64))


def ratio_variances(design: Design, above: FloatArray, below: FloatArray, influence: FloatArray) -> FloatArray:
    """Variances of ratios of weighted totals: linearised, or, where the design has replicates, of the ratios in these.

    Args:
        design: The sample of n respondents.
        above: (n, m) what the numerators add up; zero outside the base.
        below: (n, m) what the denominators add up.
        influence: (n, m) influence on the ratios, as `plait.survey.design.variances` takes it.
    """
    if design.replicates is None:
        return variances(design, influence)

    def ratios(weights: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((above.T @ weights) / (below.T @ weights))

    return np.asarray(replicate_errors(design, ratios).se ** 2)


def bootstrap_scales(n_replicates: int) -> FloatArray:
    """(R,) scales of replicates that stand for draws of the sample: 1 / (R - 1)."""
    if n_replicates < 2:
        raise ValueError("a standard error needs at least two replicates")
    return np.full(n_replicates, 1 / (n_replicates - 1))


# --- drawing -----------------------------------------------------------------------------------------------------------


class _Units(NamedTuple):
    of_row: IntArray  # (n,) cluster of every respondent
    stratum: IntArray  # (clusters,) stratum of every cluster
    size: IntArray  # (clusters,) n_h, number of clusters in its stratum
    sampled_from: FloatArray  # (clusters,) 1 - f_h, the part of the stratum's population that is not in the sample
    sorted: IntArray  # (clusters,) clusters, those of a stratum in one run
    first: IntArray  # (draws,) where that run begins, n_h - 1 times for each stratum
    among: IntArray  # (draws,) how long it is


class _Failure(NamedTuple):
    kind: RakingProblem
    margin: int
    level: int


class _Batch(NamedTuple):
    weights: FloatArray  # (n, replicates)
    redrawn: Counter[tuple[int, int]]


def _sampling_units(design: Design) -> _Units:
    of_row, stratum = design._units.cluster, design._strata.of_cluster
    size = design._strata.size.astype(np.int64)[stratum]
    sampled_from = np.ones(size.size)
    if design.population_clusters is not None:
        population = np.empty(size.size)
        population[of_row] = design.population_clusters
        sampled_from -= size / population
    order = np.argsort(stratum, kind="stable")
    first = np.searchsorted(stratum[order], stratum[order])
    draws = first != np.arange(first.size)
    return _Units(of_row, stratum, size, sampled_from, order, first[draws], size[order][draws])


def _drawn(units: _Units, stream: np.random.Generator) -> FloatArray:
    """(clusters,) multipliers of one replicate."""
    picks = units.sorted[units.first + stream.integers(units.among)]
    times = np.bincount(picks, minlength=units.size.size)
    part = np.where(units.size > 1, np.sqrt(units.sampled_from), 0.0)
    return 1 - part + part * times * units.size / np.maximum(units.size - 1, 1)


def _bootstrap_batches(
    reweighting: _Reweighting, units: _Units, streams: list[np.random.Generator]
) -> Iterator[_Batch]:
    at_once = max(1, _ENTRIES // units.of_row.size)
    for begin in range(0, len(streams), at_once):
        mine = streams[begin : begin + at_once]
        multipliers = np.column_stack([_drawn(units, stream) for stream in mine])
        factors, failed = reweighting.rake(multipliers)
        redrawn: Counter[tuple[int, int]] = Counter()
        for _ in range(_DRAWS):
            if not failed:
                break
            again = np.fromiter(failed, dtype=np.int64)
            redrawn.update((failure.margin, failure.level) for failure in failed.values())
            multipliers[:, again] = np.column_stack([_drawn(units, mine[replicate]) for replicate in again])
            factors[:, again], still = reweighting.rake(multipliers[:, again])
            failed = {int(again[position]): failure for position, failure in still.items()}
        _refuse(failed)
        yield _Batch(reweighting.weights(multipliers, factors), redrawn)


def _given_batches(reweighting: _Reweighting, multipliers: FloatArray) -> Iterator[_Batch]:
    at_once = max(1, _ENTRIES // multipliers.shape[0])
    for begin in range(0, multipliers.shape[1], at_once):
        mine = multipliers[:, begin : begin + at_once]
        factors, failed = reweighting.rake(mine)
        _refuse(failed)
        yield _Batch(reweighting.weights(mine, factors), Counter())


def _refuse(failed: dict[int, _Failure]) -> None:
    for failure in failed.values():
        raise RakingError(*failure)


# --- raking all replicates at once -------------------------------------------------------------------------------------


class _Reweighting(NamedTuple):
    """What turns multipliers of clusters into weights of respondents."""

    base: FloatArray  # (n,) weights before raking
    unit: IntArray  # (n,) cluster of every respondent
    table: CellTable | None  # None when weights are not raked
    in_cells: Any  # sparse (cells, clusters): sums of base weights
    in_levels: list[Any]  # for each margin sparse (levels, cells): sums cells
    tolerance: float

    @classmethod
    def of(cls, design: Design, unit: IntArray, tolerance: float) -> _Reweighting:
        if not design.margins:
            return cls(design.weights, unit, None, None, [], tolerance)
        codes = [np.unique(margin, return_inverse=True)[1] for margin in design.margins]
        targets = [totals(code, design.weights, code.max() + 1) for code in codes]
        table = cell_table(codes, targets, design.base_weights)
        n_cells = table.before.size
        in_cells = sparse_array(table.cell, unit, (n_cells, int(unit.max()) + 1), table.start)
        in_levels = [
            sparse_array(level, np.arange(n_cells), (goal.size, n_cells))
            for level, goal in zip(table.levels, table.goals, strict=True)
        ]
        return cls(table.start, unit, table, in_cells, in_levels, tolerance)

    def rake(self, multipliers: FloatArray) -> tuple[FloatArray, dict[int, _Failure]]:
        """Rake replicates by iterative proportional fitting.

        Returns:
            (cells, replicates) factors, and what is wrong with the replicates that cannot be raked.
        """
        if self.table is None:
            return np.ones((1, multipliers.shape[1])), {}
        before = self.in_cells @ multipliers
        fitted, failed = _fitted(before, self.in_levels, self.table, self.tolerance)
        return np.divide(fitted, before, out=fitted, where=before > 0), failed

    def weights(self, multipliers: FloatArray, factors: FloatArray) -> FloatArray:
        """(n, replicates) weights."""
        result = multipliers[self.unit]
        result *= self.base[:, None]
        if self.table is not None:
            result *= factors[self.table.cell]
        return result


def _fitted(
    before: FloatArray, in_levels: list[Any], table: CellTable, tolerance: float
) -> tuple[FloatArray, dict[int, _Failure]]:
    """Fit (cells, replicates) totals to the goals; replicates are set aside as they settle, or fail."""
    fitted = before.copy()
    goals = [goal[:, None] for goal in table.goals]
    empty = [(sums @ before == 0) & (goal > 0) for sums, goal in zip(in_levels, goals, strict=True)]
    failed = _failures("empty_level", empty)
    active = np.setdiff1d(np.arange(before.shape[1]), list(failed))
    after = before[:, active]
    for _ in range(_ROUNDS):
        if active.size == 0:
            break
        furthest = np.zeros(active.size)
        for sums, level, goal in zip(in_levels, table.levels, goals, strict=True):
            achieved = sums @ after
            ratio = np.divide(goal, achieved, out=np.ones_like(achieved), where=achieved > 0)
            furthest = np.maximum(furthest, np.abs(1 / ratio - 1).max(axis=0))
            after *= ratio[level]
        settled = furthest <= tolerance
        fitted[:, active[settled]] = after[:, settled]
        after, active = after[:, ~settled], active[~settled]
    fitted[:, active] = after
    off = [np.abs(sums @ after - goal) > tolerance * goal for sums, goal in zip(in_levels, goals, strict=True)]
    unsettled = _failures("not_converged", off)
    return fitted, failed | {int(active[position]): failure for position, failure in unsettled.items()}


def _failures(kind: RakingProblem, wrong: list[BoolArray]) -> dict[int, _Failure]:
    """The first wrong margin and level of every replicate that has one; for each margin (levels, replicates)."""
    first: dict[int, _Failure] = {}
    for margin, levels in enumerate(wrong):
        for replicate in np.flatnonzero(levels.any(axis=0)):
            first.setdefault(int(replicate), _Failure(kind, margin, int(np.argmax(levels[:, replicate]))))
    return first


# --- shares of a bank of tables ----------------------------------------------------------------------------------------


def bank_shares(questions: Sequence[Answers], splits: Sequence[Split]) -> Estimator:
    """Estimator of every share in a bank of tables, for all replicates at once.

    In each group the weighted counts of all options are one product of matrices, options x respondents by respondents
    x replicates.

    Args:
        questions: The respondents' answers.
        splits: Their groups.

    Returns:
        A function from (n, replicates) weights to (cells, replicates) shares, the cells in the order of
        `plait.survey.bank.tabulate(...).cells`. A share is NaN where nobody of the group has any weight.
    """
    chosen = np.hstack([q.codes[:, None] == np.arange(q.options) for q in questions]).astype(np.int8)
    columns = np.split(np.arange(chosen.shape[1]), np.cumsum([q.options for q in questions])[:-1])
    items = [
        (number, item, columns[number][list(options)])
        for number, question in enumerate(questions)
        for item, options in enumerate([*((i,) for i in range(question.options)), *question.nets])
    ]
    groups = [(number, g, np.flatnonzero(s.codes == g)) for number, s in enumerate(splits) for g in range(s.groups)]
    to_item = _adding_up([options for _, _, options in items], chosen.shape[1])
    to_base = _adding_up([columns[number] for number, _, _ in items], chosen.shape[1])
    places = [(number, split, g, item) for split, g, _ in groups for number, item, _ in items]
    order = sorted(range(len(places)), key=places.__getitem__)

    def estimator(weights: FloatArray) -> FloatArray:
        shares = np.empty((len(groups), len(items), weights.shape[1]))
        for share, (_, _, rows) in zip(shares, groups, strict=True):
            counts = _weighted_counts(chosen, weights, rows)
            with np.errstate(invalid="ignore"):
                np.divide(to_item @ counts, to_base @ counts, out=share)
        return shares.reshape(-1, weights.shape[1])[order]

    return estimator


def _adding_up(parts: list[IntArray], n_columns: int) -> Any:
    """Sparse (parts, columns): adds up the columns of each part."""
    rows = np.repeat(np.arange(len(parts)), [part.size for part in parts])
    return sparse_array(rows, np.concatenate(parts), (len(parts), n_columns))


def _weighted_counts(chosen: npt.NDArray[np.int8], weights: FloatArray, rows: IntArray) -> FloatArray:
    """(options, replicates) sums of the weights of those in some rows who chose each option."""
    counts = np.zeros((chosen.shape[1], weights.shape[1]))
    for begin in range(0, rows.size, _ROWS):
        part = rows[begin : begin + _ROWS]
        counts += chosen[part].T.astype(float) @ weights[part]
    return counts


def replicated(
    bank: Bank, design: Design, questions: Sequence[Answers], splits: Sequence[Split]
) -> tuple[Bank, IntArray]:
    """A bank whose shares and differences of shares have the standard errors that they show in the replicates.

    Its tests need no change: they rest on the totals, whose covariance comes from the replicates already.

    Returns:
        The bank, and for each of its cells the number of replicates in which the share exists.
    """
    shares = bank_shares(questions, splits)
    cells, pairs = bank.cells, bank.pairs
    most = [int(part.max(initial=0)) + 1 for part in (cells.split, cells.group, cells.item)]

    def key(question: IntArray, split: IntArray, group: IntArray, item: IntArray) -> IntArray:
        return np.asarray(((question * most[0] + split) * most[1] + group) * most[2] + item)

    keys = key(cells.question, cells.split, cells.group, cells.item)
    sides = [
        np.searchsorted(keys, key(pairs.question, pairs.split, group, pairs.item))
        for group in (pairs.group, pairs.other)
    ]

    def estimator(weights: FloatArray) -> FloatArray:
        found = shares(weights)
        return np.concatenate([found, found[sides[0]] - found[sides[1]]])

    errors = replicate_errors(design, estimator)
    known = np.where(errors.se > _FIXED, errors.se, np.where(np.isnan(errors.se), np.nan, 0.0))
    of_cells, of_pairs = np.split(known, [cells.share.size])
    with np.errstate(divide="ignore", invalid="ignore"):
        simple = cells.share * (1 - cells.share) / (cells.base_unweighted - 1)
        effect = np.where((simple > 0) & (cells.base_unweighted > 1), of_cells**2 / simple, np.nan)
        statistic = np.where(of_pairs > 0, pairs.difference / of_pairs, np.nan)
    return (
        replace(
            bank,
            cells=replace(cells, se=of_cells, design_effect=effect),
            pairs=replace(pairs, se=of_pairs, statistic=statistic, p=2 * stdtr(pairs.df, -np.abs(statistic))),
        ),
        errors.replicates[: cells.share.size],
    )
