"""A bank of tables: many questions by many breaks, from a few passes over the respondents.

Everything that a table needs (shares, standard errors, tests, comparisons of groups) follows from the weighted totals
of its cells and their covariance. The covariance of totals Z'w is Z'DZ - Z'DXB - B'X'DZ + B'X'DXB, with X the margins that
the weights were raked to and B the regression on them (see `plait.survey.design`). Respondents of one raking cell have
the same X, so the respondents are first added up in cells of break and margins, many breaks at a time, and the rest is
algebra on small tables. Where people were sampled in clusters, Z'DZ comes from the totals of clusters instead.

References:
    Binder, D. (1983). On the variances of asymptotically normal estimators from complex surveys. International
        Statistical Review 51.
    Deville, J.-C. and Sarndal, C.-E. (1992). Calibration estimators in survey sampling. JASA 87.
    Kish, L. (1965). Survey Sampling. Wiley.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtr

from plait.survey.design import Codes, Design, FloatArray, IntArray, degrees_of_freedom, numbered, sparse_array
from plait.survey.independence import Independence, independence

_ROUNDING = 1e-12
"""A variance below this share of its scale is rounding: the margins fix the share."""
_AT_ONCE = 4_000_000
"""Numbers that are held for one chunk of questions."""


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers to a single choice, or to one box of a multi-select (0 not ticked, 1 ticked).

    Attributes:
        codes: (n,) option chosen, 0 to options - 1; -1 outside the base. Small integers save memory.
        options: Number of options.
        nets: Sums of options, each the options it is made of.
    """

    codes: Codes
    options: int
    nets: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Split:
    """A break: who belongs to which group.

    Attributes:
        codes: (n,) group, 0 to groups - 1; -1 for in no group.
        groups: Number of groups, empty ones included.
    """

    codes: Codes
    groups: int


@dataclass(frozen=True, eq=False)
class Cells:
    """Every share: one entry an item (options, then nets) of a group of a table.

    Attributes:
        question, split, group, item: What it is the share of, by place.
        share: Weighted share, 0 to 1; NaN in a group without anyone.
        share_unweighted: Of the same people.
        se: Linearised standard error; 0 where nobody or everybody chose the item and where raking fixes the share.
        design_effect: Variance over that of a simple random sample of the same size drawn with replacement,
            p (1 - p) / (n - 1); NaN where the latter is zero or undefined.
        base_unweighted: Respondents in the group's base.
        base_weighted: Sum of their weights.
        base_effective: Effective number of respondents, sum(w)^2 / sum(w^2) (Kish 1965).
        df: Degrees of freedom of the design among them, clusters minus strata.
    """

    question: IntArray
    split: IntArray
    group: IntArray
    item: IntArray
    share: FloatArray
    share_unweighted: FloatArray
    se: FloatArray
    design_effect: FloatArray
    base_unweighted: IntArray
    base_weighted: FloatArray
    base_effective: FloatArray
    df: IntArray


@dataclass(frozen=True, eq=False)
class Pairs:
    """Every difference between two groups of a table in the share of an item; empty groups have none.

    Attributes:
        question, split, item, group, other: What is compared, by place.
        difference: Share of the group minus share of the other one.
        se: Its standard error, from the difference of both influences, so that common clusters and margins count.
        statistic: Difference over standard error; NaN where that is zero.
        df: Degrees of freedom of the design.
        p: Two-sided, from Student's t.
    """

    question: IntArray
    split: IntArray
    item: IntArray
    group: IntArray
    other: IntArray
    difference: FloatArray
    se: FloatArray
    statistic: FloatArray
    df: FloatArray
    p: FloatArray


@dataclass(frozen=True, eq=False)
class Bank:
    """The tables of all questions by all splits.

    Attributes:
        cells: Every share.
        tests: Whether a break and the answers are independent: all answers together, and where there are more than two
            options or a net, each item against the rest.
        pairs: Every two groups.
        counts: By places of question and split, (groups, options) numbers of people.
        nets: The nets of each question.
    """

    cells: Cells
    tests: Independence
    pairs: Pairs
    counts: dict[tuple[int, int], IntArray]
    nets: tuple[tuple[tuple[int, ...], ...], ...]


def tabulate(design: Design, questions: Sequence[Answers], splits: Sequence[Split]) -> Bank:
    """Tabulate every question by every split.

    Respondents outside a base or a group have no influence on its shares but stay in the design: how many there are is
    random, too. Time grows with respondents, questions and splits; memory does not grow with their product.

    Args:
        design: The sample of n respondents.
        questions: Their answers.
        splits: Their groups; one of a single group stands for everyone.

    Raises:
        ValueError: A code is out of range, or a stratum of the design cannot be used.
    """
    for codes, most, what in [(q.codes, q.options, "options") for q in questions] + [
        (s.codes, s.groups, "groups") for s in splits
    ]:
        if codes.shape != design.weights.shape or (codes.size and (codes.min() < -1 or codes.max() >= most)):
            raise ValueError(f"{what} must be 0 to {most - 1}, or -1, one for each respondent")
    parts = [_finished(design, tables) for tables in _same_shape(_totals(design, questions, splits))]
    cells, pairs = (_joined(kind, [part[i] for part in parts]) for i, kind in ((0, Cells), (2, Pairs)))
    tests = _joined(Independence, [test for part in parts for test in part[1]])
    counts = {place: table for part in parts for place, table in part[3].items()}
    return Bank(cells, tests, pairs, counts, tuple(q.nets for q in questions))


# --- totals and their covariance -----------------------------------------------------------------------------------------


class _Table(NamedTuple):
    """One table before anything is divided; cells are (group, option)."""

    place: tuple[int, int]
    nets: tuple[tuple[int, ...], ...]
    counts: FloatArray  # (groups, options) people
    totals: FloatArray  # (groups, options) sums of weights
    squares: FloatArray  # (groups,) sums of squared weights
    covariance: FloatArray  # (groups * options, groups * options) of the totals
    df: IntArray  # (groups,)


class _Sums(NamedTuple):
    """Sums over respondents by (group, option) of one table."""

    plain: FloatArray  # (groups, 3, options): people, weights, squared weights
    variance: FloatArray  # (groups, p, options): variance weights times the margins
    start: FloatArray  # (groups, p, options): start weights times the margins
    strata: FloatArray  # (groups, strata, options): weights by stratum


def _totals(design: Design, questions: Sequence[Answers], splits: Sequence[Split]) -> Iterator[_Table]:
    rows = _Rows.of(design)
    for batch in _batches(rows, splits):
        most = max(1, _AT_ONCE // (batch.size * rows.kinds))
        chunk: dict[int, Answers] = {}
        for number, question in enumerate(questions):
            chunk[number] = question
            if sum(q.options for q in chunk.values()) >= most or number + 1 == len(questions):
                yield from _tables(design, rows, batch, chunk, splits)
                chunk = {}


def _tables(
    design: Design, rows: _Rows, batch: _Batch, questions: dict[int, Answers], splits: Sequence[Split]
) -> Iterator[_Table]:
    """The tables of some questions by the splits of a batch."""
    columns = np.cumsum([0, *(q.options for q in questions.values())])
    added = np.empty((batch.size, rows.kinds, columns[-1]))
    for start, question in zip(columns, questions.values(), strict=False):
        added[:, :, start : start + question.options] = _added_up(rows, batch, question)
    for split_number in batch.splits:
        split = splits[split_number]
        sums = _by_group(rows, batch, split_number, split, added)
        for start, (number, question) in zip(columns, questions.items(), strict=False):
            here = slice(start, start + question.options)
            part = _Sums(*(part[:, :, here] for part in sums))
            covariance, df = _covariance(design, rows, part, question, split)
            counts, totals, squares = part.plain.transpose(1, 0, 2)
            place = (number, split_number)
            yield _Table(place, question.nets, counts, totals, squares.sum(axis=1), covariance, df)


@dataclass(frozen=True, eq=False)
class _Rows:
    """What the design says of each respondent, ready to be added up."""

    values: tuple[FloatArray | None, ...]
    """(n,) each: `None` to count people, weights, squared weights, variance weights, start weights."""
    cell: IntArray
    """(n,) raking cell within stratum."""
    cells: int
    margins: FloatArray | None
    """(cells, p) margin indicators of each raking cell; `None` without raking."""
    stratum: FloatArray
    """(cells, strata) 1 for the stratum of each raking cell; no strata where totals of clusters are used."""
    clusters: _Clusters | None

    @property
    def kinds(self) -> int:
        return len(self.values)

    @classmethod
    def of(cls, design: Design) -> _Rows:
        strata, (_, stratum, codes) = design._strata, design._units
        weights = design.weights
        clusters = None
        if design.clusters is not None or strata.away.size:
            clusters = _Clusters.of(design)
        margins = design._calibration
        levels = [stratum] if clusters is None and codes.size > 1 else []
        cell, someone = numbered([*levels, *design.margins], weights.size)
        values: tuple[FloatArray | None, ...] = (None, weights, weights**2)
        if clusters is None:
            values += (weights**2 * strata.scale[stratum] ** 2,)
        if margins is not None:
            values += (np.ones_like(weights) if design.base_weights is None else design.base_weights,)
        by_stratum = np.zeros((someone.size, codes.size if clusters is None else 0))
        if clusters is None:
            by_stratum[np.arange(someone.size), stratum[someone]] = 1.0
        x = None if margins is None else margins.x[margins.cell[someone]]
        return cls(values, cell, someone.size, x, by_stratum, clusters)


@dataclass(frozen=True, eq=False)
class _Clusters:
    """Who was sampled together, for totals of clusters."""

    cluster: IntArray  # (n,) clusters sorted by stratum
    size: int
    weights: FloatArray  # (n,) scaled
    starts: IntArray  # (strata,) first cluster of each stratum
    centre: FloatArray  # (strata,) factor that makes what centring takes away out of a stratum's scaled total
    away: IntArray  # clusters that are compared with the mean of all
    away_scale: FloatArray
    crossed: FloatArray  # (clusters, p) scaled totals of the margins; none without raking

    @classmethod
    def of(cls, design: Design) -> _Clusters:
        strata, (cluster, stratum, _) = design._strata, design._units
        order = np.argsort(strata.of_cluster, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        of_cluster = strata.of_cluster[order]
        scaled = design.weights * strata.scale[stratum]
        crossed = np.empty((order.size, 0))
        if design._calibration is not None:
            margins = design._calibration.x[design._calibration.cell]
            crossed = (design._sums.clusters @ margins)[order]
        size = np.where(strata.size < 2, 1, strata.size)
        centre = np.where(strata.centre > 0, 1 / np.sqrt(size), 0.0)
        starts = np.searchsorted(of_cluster, np.arange(strata.size.size))
        away = np.sort(place[strata.away])
        return cls(place[cluster], order.size, scaled, starts, centre, away, strata.scale[of_cluster[away]], crossed)


class _Batch(NamedTuple):
    """Splits whose groups, crossed with the raking cells, are few enough to add the respondents up in one go."""

    splits: tuple[int, ...]
    size: int
    cell: IntArray  # (n,)
    rakings: IntArray  # (size,) raking cell of each cell
    groups: dict[int, IntArray]  # (size,) group of each cell, for each split


def _batches(rows: _Rows, splits: Sequence[Split]) -> Iterator[_Batch]:
    """Put splits together as long as their cells stay far fewer than the respondents."""
    n = rows.cell.size
    waiting = list(range(len(splits)))
    while waiting:
        taken, (cell, someone) = [waiting[0]], numbered([rows.cell, splits[waiting[0]].codes], n)
        for number in waiting[1:]:
            finer, representative = numbered([cell, splits[number].codes], n)
            if representative.size <= max(n // 8, someone.size):
                taken, cell, someone = [*taken, number], finer, representative
        waiting = [number for number in waiting if number not in taken]
        groups = {number: splits[number].codes[someone].astype(np.int64) for number in taken}
        yield _Batch(tuple(taken), someone.size, cell, rows.cell[someone], groups)


def _added_up(rows: _Rows, batch: _Batch, question: Answers) -> FloatArray:
    """(cells of the batch, kinds, options) sums over the respondents with an answer."""
    width = question.options + 1
    key = batch.cell * width
    key += question.codes
    key += 1
    sums = np.empty((batch.size, rows.kinds, question.options))
    for kind, values in enumerate(rows.values):
        sums[:, kind] = np.bincount(key, values, batch.size * width).reshape(batch.size, width)[:, 1:]
    return sums


def _by_group(rows: _Rows, batch: _Batch, number: int, split: Split, added: FloatArray) -> _Sums:
    """Add the cells of a batch up to the groups of one split, multiplied by the margins."""
    group = batch.groups[number]
    inside = np.flatnonzero(group >= 0)
    target = group[inside] * rows.cells + batch.rakings[inside]
    width = added.shape[2]
    if target.size == split.groups * rows.cells and np.array_equal(target, np.arange(target.size)):
        gathered = added[inside]
    else:
        to_group = sparse_array(target, inside, (split.groups * rows.cells, batch.size))
        gathered = to_group @ added.reshape(batch.size, -1)
    cells = gathered.reshape(split.groups, rows.cells, rows.kinds, width)
    plain = cells[:, :, :3].sum(axis=1)
    nothing = np.empty((split.groups, 0, width))
    weights, start = cells[:, :, 1], cells[:, :, -1]
    if rows.clusters is not None:
        variance = nothing
    elif rows.margins is None:
        variance = cells[:, :, 3].sum(axis=1, keepdims=True)
    else:
        variance = rows.margins.T @ cells[:, :, 3]
    return _Sums(
        plain,
        variance,
        nothing if rows.margins is None else rows.margins.T @ start,
        nothing if rows.clusters is not None else rows.stratum.T @ weights,
    )


def _covariance(
    design: Design, rows: _Rows, sums: _Sums, question: Answers, split: Split
) -> tuple[FloatArray, IntArray]:
    """Covariance of the totals of a table's cells, and the degrees of freedom in its groups."""
    calibration, clusters = design._calibration, rows.clusters
    size = split.groups * question.options
    crossed = np.empty((size, 0))
    if clusters is None:
        strata = sums.strata.transpose(0, 2, 1).reshape(size, -1) * design._strata.centre
        variance = sums.variance.transpose(0, 2, 1).reshape(size, -1)
        result = -strata @ strata.T
        result.flat[:: size + 1] += variance[:, 0]
        df = _df_of_people(sums)
        if calibration is not None:
            crossed = variance - strata @ calibration.strata
    else:
        totals, df = _cluster_totals(design, clusters, question, split, sums)
        strata = np.add.reduceat(totals, clusters.starts, axis=1) * clusters.centre
        result = totals @ totals.T - strata @ strata.T
        if calibration is not None:
            crossed = totals @ clusters.crossed - strata @ calibration.strata
    if calibration is not None:
        slopes = sums.start.transpose(0, 2, 1).reshape(size, -1) @ calibration.inverse
        both = slopes @ crossed.T
        result += slopes @ calibration.spread @ slopes.T - both - both.T
    return result, df


def _df_of_people(sums: _Sums) -> IntArray:
    people = sums.plain[:, 0].sum(axis=1)
    strata = np.count_nonzero(sums.strata.sum(axis=2), axis=1)
    return np.asarray(people - strata, dtype=np.int64)


def _cluster_totals(
    design: Design, clusters: _Clusters, question: Answers, split: Split, sums: _Sums
) -> tuple[FloatArray, IntArray]:
    """(cells, clusters) scaled totals of a table's cells, and the degrees of freedom in its groups."""
    size, inside = split.groups * question.options, (question.codes >= 0) & (split.codes >= 0)
    group = split.codes.astype(np.int64)
    key = group * question.options
    key += question.codes
    key *= clusters.size
    key += clusters.cluster
    key[~inside] = size * clusters.size
    totals: FloatArray = np.bincount(key, clusters.weights, size * clusters.size + 1)[:-1].astype(float, copy=False)
    totals = totals.reshape(size, clusters.size)
    if clusters.away.size:
        weights = sums.plain[:, 1].reshape(size)
        totals[:, clusters.away] -= np.outer(weights, clusters.away_scale) / clusters.size
    present = np.zeros((split.groups + 1, clusters.size), dtype=bool)
    present[np.where(inside, group, split.groups), clusters.cluster] = True
    strata = np.logical_or.reduceat(present, clusters.starts, axis=1)
    df = np.count_nonzero(present, axis=1) - np.count_nonzero(strata, axis=1)
    return totals, np.asarray(df[:-1], dtype=np.int64)


# --- from totals to shares, tests and pairs -------------------------------------------------------------------------------


class _Stack(NamedTuple):
    """Tables of one shape; the first axis counts them."""

    places: list[tuple[int, int]]
    nets: tuple[tuple[int, ...], ...]
    counts: FloatArray
    totals: FloatArray
    squares: FloatArray
    covariance: FloatArray
    df: IntArray


def _same_shape(tables: Iterator[_Table]) -> Iterator[_Stack]:
    def shape(table: _Table) -> tuple[Any, ...]:
        return (*table.counts.shape, table.nets)

    for _, found in groupby(sorted(tables, key=shape), key=shape):
        alike = list(found)
        arrays = (np.stack(part) for part in list(zip(*alike, strict=True))[2:])
        yield _Stack([table.place for table in alike], alike[0].nets, *arrays)


def _finished(
    design: Design, stack: _Stack
) -> tuple[Cells, list[Independence], Pairs, dict[tuple[int, int], IntArray]]:
    n_options = stack.counts.shape[2]
    items = np.vstack([np.eye(n_options), *(np.isin(np.arange(n_options), net) for net in stack.nets)])
    base, weighted = stack.counts.sum(axis=2), stack.totals.sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        option_shares = stack.totals / weighted[:, :, None]
        share, plain = option_shares @ items.T, (stack.counts / base[:, :, None]) @ items.T
        between = _covariance_of_shares(stack, option_shares, weighted, items)
        variance = np.einsum("tggi->tgi", between)
        counts = stack.counts @ items.T
        certain = (counts == 0) | (counts == base[:, :, None])
        scale = (stack.squares / weighted**2)[:, :, None]
        variance = np.where((certain | (variance < _ROUNDING * scale)) & (base > 0)[:, :, None], 0.0, variance)
        simple = share * (1 - share) / (base - 1)[:, :, None]
        effect = np.divide(
            variance, simple, out=np.full_like(share, np.nan), where=(simple > 0) & (base > 1)[:, :, None]
        )
        effective = np.where(base > 0, weighted**2 / stack.squares, 0.0)
    question, split = (np.array(part) for part in zip(*stack.places, strict=True))
    table, group, item = (axis.ravel() for axis in np.indices(share.shape))
    cells = Cells(
        question[table], split[table], group, item, share.ravel(), plain.ravel(), np.sqrt(variance).ravel(), effect.ravel(),
        *(np.repeat(part.ravel(), len(items)) for part in (base.astype(np.int64), weighted, effective, stack.df)),
    )  # fmt: skip
    whole = (question, split, np.full_like(question, -1))
    tests = [independence(design, whole, stack.totals, stack.covariance, base.sum(axis=1))]
    if len(items) > 2:
        tests.append(_tests_of_items(design, question, split, stack, items))
    pairs = _pairs(design, question, split, share, between, base)
    tables = stack.counts.astype(np.int64)
    return cells, tests, pairs, dict(zip(stack.places, tables, strict=True))


def _covariance_of_shares(stack: _Stack, share: FloatArray, weighted: FloatArray, items: FloatArray) -> FloatArray:
    """(tables, groups, groups, items) covariances of an item's share in two groups.

    The share p = A / B of a group's totals has the influence (a - p b) / B (Woodruff 1971), on either side.
    """
    n_tables, n_groups, n_options = share.shape
    both = stack.covariance.reshape(n_tables, n_groups, n_options, n_groups, n_options)
    both = both - share[..., None, None] * both.sum(axis=2, keepdims=True)
    both -= share[:, None, None] * both.sum(axis=4, keepdims=True)
    if len(items) > n_options:
        by_item = np.einsum("ik,tgkhl,il->tghi", items, both, items, optimize=True)
    else:
        by_item = np.einsum("tgkhk->tghk", both)
    return np.asarray(by_item / (weighted[:, :, None] * weighted[:, None, :])[..., None])


def _tests_of_items(
    design: Design, question: IntArray, split: IntArray, stack: _Stack, items: FloatArray
) -> Independence:
    """Test each item against all other answers: tables of two columns, the item and the rest."""
    n_tables, n_groups, n_options = stack.totals.shape
    n_items = len(items)
    columns = np.stack([items, 1 - items], axis=1)  # (items, 2, options)
    totals = np.einsum("tgk,ick->tigc", stack.totals, columns)
    both = stack.covariance.reshape(n_tables, n_groups, n_options, n_groups, n_options)
    half = np.einsum("tgkhl,ick->tihlgc", both, columns, optimize=True)
    covariance = np.einsum("tihlgc,idl->tigchd", half, columns, optimize=True)
    table, item = (axis.ravel() for axis in np.indices((n_tables, n_items)))
    size = n_groups * 2
    n = np.repeat(stack.counts.sum(axis=(1, 2)), n_items)
    places = (question[table], split[table], item)
    return independence(design, places, totals.reshape(-1, n_groups, 2), covariance.reshape(-1, size, size), n)


def _pairs(
    design: Design, question: IntArray, split: IntArray, share: FloatArray, between: FloatArray, base: IntArray
) -> Pairs:
    first, second = np.triu_indices(share.shape[1], 1)
    difference = share[:, first] - share[:, second]
    own = np.einsum("tggi->tgi", between)
    variance = own[:, first] + own[:, second] - 2 * between[:, first, second]
    scale = own[:, first] + own[:, second]
    se = np.sqrt(np.where(variance > _ROUNDING * scale, variance, 0.0))
    compared = np.broadcast_to(((base[:, first] > 0) & (base[:, second] > 0))[:, :, None], se.shape)
    table, pair, item = np.nonzero(compared)
    difference, se = difference[compared], se[compared]
    statistic = np.divide(difference, se, out=np.full_like(se, np.nan), where=se > 0)
    df = float(degrees_of_freedom(design))
    p = 2 * stdtr(df, -np.abs(statistic))
    return Pairs(
        question[table],
        split[table],
        item,
        first[pair],
        second[pair],
        difference,
        se,
        statistic,
        np.full_like(se, df),
        p,
    )


def _joined(kind: Any, parts: list[Any]) -> Any:
    """One set of flat arrays, ordered by question and split."""
    together = {f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(kind)}
    order = np.lexsort((together["split"], together["question"]))
    return kind(**{name: values[order] for name, values in together.items()})
