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
from scipy import sparse
from scipy.special import stdtr

from plait.survey.design import (
    Codes,
    Design,
    FloatArray,
    IntArray,
    covariance_of_totals,
    degrees_of_freedom,
    numbered,
    sparse_array,
)
from plait.survey.independence import Independence, independence

_ROUNDING = 1e-12
"""A variance below this share of its scale is rounding: the margins fix the share."""
_AT_ONCE = 4_000_000
"""Numbers that are held for one chunk of questions."""
_ROWS_OF_A_CELL = 16
"""Splits are taken together while a cell has as many respondents: cells are gone through again for every split."""
_BLOCK = 200_000
"""Numbers in a block of clusters, few enough to stay in the processor's cache."""
_INT32 = 2**31
"""Smaller numbers fit into 32 bits, which halves the time to go through them."""


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
    found = _resampled(design, questions, splits, _totals(design, questions, splits))
    parts = [_finished(design, stack) for stack in _stacks(found)]
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
    variance: FloatArray  # (groups, p, options): squared scaled weights times the margins
    start: FloatArray  # (groups, p, options): start weights times the margins
    strata: FloatArray  # (groups, strata, options): weights by stratum


def _totals(design: Design, questions: Sequence[Answers], splits: Sequence[Split]) -> Iterator[_Table]:
    rows = _Rows.of(design)
    clusters = _Clusters.of(design) if rows.strata == 0 else None
    for batch in _batches(rows, clusters, splits):
        most = max(1, _AT_ONCE // (batch.size * rows.kinds))
        chunk: dict[int, Answers] = {}
        for number, question in enumerate(questions):
            chunk[number] = question
            if sum(q.options for q in chunk.values()) >= most or number + 1 == len(questions):
                yield from _tables(design, rows, clusters, batch, chunk)
                chunk = {}


def _resampled(
    design: Design, questions: Sequence[Answers], splits: Sequence[Split], found: Iterator[_Table]
) -> Iterator[_Table]:
    """The tables; where the design has replicates, with the covariance that these show."""
    if design.replicates is None:
        yield from found
        return
    for table in found:
        question, split = questions[table.place[0]], splits[table.place[1]]
        inside = np.flatnonzero((question.codes >= 0) & (split.codes >= 0))
        cell = split.codes[inside].astype(np.int64) * question.options + question.codes[inside]
        indicators = sparse_array(inside, cell, (split.codes.size, table.totals.size))
        df = table.df
        if design.replicates.df is not None:
            df = np.minimum(design.replicates.df, table.counts.sum(axis=1) - 1).astype(np.int64)
        yield table._replace(covariance=covariance_of_totals(design, indicators), df=df)


def _tables(
    design: Design, rows: _Rows, clusters: _Clusters | None, batch: _Batch, questions: dict[int, Answers]
) -> Iterator[_Table]:
    """The tables of some questions by the splits of a batch."""
    columns = np.cumsum([0, *(q.options for q in questions.values())])
    added = np.empty((batch.size, columns[-1], rows.kinds))
    for first, question in zip(columns, questions.values(), strict=False):
        added[:, first : first + question.options] = _added_up(batch, question)
    sums = {place.split: _by_group(rows, place, added) for place in batch.places}
    for first, (number, question) in zip(columns, questions.items(), strict=False):
        here = slice(first, first + question.options)
        codes = None if clusters is None else question.codes[clusters.rows]
        for place in batch.places:
            part = _Sums(*(part[:, :, here] for part in sums[place.split]))
            if clusters is None or codes is None:
                covariance, df = _covariance_of_people(design, part)
            else:
                covariance, df = _covariance_of_clusters(design, clusters, codes, place, part)
            counts, totals, squares = part.plain.transpose(1, 0, 2)
            yield _Table((number, place.split), question.nets, counts, totals, squares.sum(axis=1), covariance, df)


@dataclass(frozen=True, eq=False)
class _Rows:
    """What the design says of each respondent, ready to be added up."""

    values: FloatArray
    """(n, kinds) ones to count people, weights, squared weights, and start weights where the weights were raked."""
    cell: IntArray
    """(n,) raking cell, within stratum unless the variance comes from clusters."""
    x: FloatArray
    """(raking cells, p) margin indicators; a column of ones without raking."""
    raking: IntArray
    """(cells,) row of x."""
    stratum: IntArray
    """(cells,) stratum of each cell."""
    scale: FloatArray
    """(cells,) square of the factor of a respondent's weight in the variance."""
    strata: int
    """Number of strata; 0 where the variance comes from clusters."""

    @property
    def kinds(self) -> int:
        return int(self.values.shape[1])

    @classmethod
    def of(cls, design: Design) -> _Rows:
        strata, (_, stratum, codes), calibration = design._strata, design._units, design._calibration
        weights = design.weights
        by_people = design.clusters is None and not strata.away.size
        cell, someone = numbered([*([stratum] if by_people else []), *design.margins], weights.size)
        values = [np.ones_like(weights), weights, weights**2, *([] if calibration is None else [calibration.base])]
        return cls(
            values=np.column_stack(values),
            cell=cell,
            x=np.ones((1, 1)) if calibration is None else calibration.x,
            raking=np.zeros_like(someone) if calibration is None else calibration.cell[someone],
            stratum=stratum[someone],
            scale=strata.scale[stratum[someone]] ** 2,
            strata=codes.size if by_people else 0,
        )


@dataclass(frozen=True, eq=False)
class _Clusters:
    """Who was sampled together; respondents stand in the order of their clusters, clusters in that of their strata."""

    rows: IntArray  # (n,) respondents in this order
    cluster: IntArray  # (n,) their clusters
    stratum: IntArray  # (n,) their strata
    weights: FloatArray  # (n,) scaled
    centre: FloatArray  # (strata,) factor that makes what centring takes away out of a stratum's scaled total
    away: FloatArray  # (clusters,) part of the whole total that is taken away from a cluster's
    crossed: FloatArray  # (clusters, p) scaled totals of the margins; none without raking

    @classmethod
    def of(cls, design: Design) -> _Clusters:
        strata, (cluster, stratum, _), calibration = design._strata, design._units, design._calibration
        order = np.argsort(strata.of_cluster, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        rows = _in_order(place[cluster], order.size)
        away = np.zeros(order.size)
        away[place[strata.away]] = strata.scale[strata.of_cluster[strata.away]] / order.size
        crossed = np.empty((order.size, 0))
        if calibration is not None:
            to_cells = sparse_array(np.arange(cluster.size), calibration.cell, (cluster.size, len(calibration.x)))
            crossed = ((design._sums.clusters @ to_cells) @ calibration.x)[order]
        return cls(
            rows=rows,
            cluster=place[cluster][rows],
            stratum=stratum[rows],
            weights=(design.weights * strata.scale[stratum])[rows],
            centre=np.where(strata.centre > 0, 1 / np.sqrt(strata.size), 0.0),
            away=away,
            crossed=crossed,
        )


class _Place(NamedTuple):
    """How the cells of a batch make up the groups of one split; a table's own cells are groups by raking cells."""

    split: int
    groups: int
    codes: Codes | None  # (n,) in the order of clusters
    to_cells: Any  # sparse (cells of the table, cells of the batch)
    to_groups: Any  # sparse (groups, cells of the table)
    to_margins: Any  # sparse (groups * p, cells of the table)
    to_strata: Any  # sparse (groups * strata, cells of the table)
    scale: FloatArray  # (cells of the table,)


class _Batch(NamedTuple):
    """Splits whose groups, crossed with the raking cells, are few enough to add the respondents up in one go."""

    size: int
    rows: IntArray  # (n,) respondents in the order of their cells
    cell: IntArray  # (n,) cell of each of them
    values: FloatArray  # (n, kinds) in this order
    ones: FloatArray  # (n,)
    starts: Codes  # (n + 1,) 0 to n
    places: list[_Place]


def _batches(rows: _Rows, clusters: _Clusters | None, splits: Sequence[Split]) -> Iterator[_Batch]:
    """Put splits together as long as their cells stay far fewer than the respondents."""
    n = rows.cell.size
    waiting = list(range(len(splits)))
    while waiting:
        taken, (cell, someone) = [waiting[0]], numbered([rows.cell, splits[waiting[0]].codes], n)
        for number in waiting[1:]:
            if _crossings(cell, splits[number]) <= max(n // _ROWS_OF_A_CELL, someone.size):
                taken, (cell, someone) = [*taken, number], numbered([cell, splits[number].codes], n)
        waiting = [number for number in waiting if number not in taken]
        order = _in_order(cell, someone.size)
        places = [_place(rows, clusters, number, splits[number], someone) for number in taken]
        starts: Codes = np.arange(n + 1).astype(np.int32 if n < _INT32 else np.int64)
        yield _Batch(someone.size, order, cell[order], rows.values[order], np.ones(n), starts, places)


def _crossings(cell: IntArray, split: Split) -> int:
    """Number of cells once they are crossed with the groups of a split."""
    key = cell * (split.groups + 1)
    key += split.codes
    key += 1
    return int(np.count_nonzero(np.bincount(key)))


def _place(rows: _Rows, clusters: _Clusters | None, number: int, split: Split, someone: IntArray) -> _Place:
    """Find the place of a batch's cells, each known by somebody in it, in the tables of a split."""
    group, cell = split.codes[someone].astype(np.int64), rows.cell[someone]
    inside = np.flatnonzero(group >= 0)
    target, first = numbered([group[inside], cell[inside]], inside.size)
    group, cell = group[inside][first], cell[inside][first]
    size, p = cell.size, rows.x.shape[1]
    at, margin = np.nonzero(rows.x[rows.raking[cell]])
    of_strata = (split.groups * rows.strata, size)
    return _Place(
        split=number,
        groups=split.groups,
        codes=None if clusters is None else split.codes[clusters.rows],
        to_cells=sparse_array(target, inside, (size, someone.size)),
        to_groups=sparse_array(group, np.arange(size), (split.groups, size)),
        to_margins=sparse_array(group[at] * p + margin, at, (split.groups * p, size)),
        to_strata=sparse_array(group * rows.strata + rows.stratum[cell], np.arange(size), of_strata)
        if rows.strata
        else np.empty((0, size)),
        scale=rows.scale[cell],
    )


def _added_up(batch: _Batch, question: Answers) -> FloatArray:
    """(cells of the batch, options, kinds) sums over the respondents with an answer.

    A column of the sparse array is a respondent, with a one in the row of their cell and answer, so that its product
    with the values makes all sums in one pass.
    """
    width = question.options + 1
    size = batch.size * width
    row = np.multiply(batch.cell, width, dtype=np.int32 if size < _INT32 else np.int64, casting="same_kind")
    row += question.codes[batch.rows]
    row += 1
    shape = (size, batch.cell.size)
    chose = sparse.csc_array((batch.ones, row, batch.starts), shape=shape)  # type: ignore[no-untyped-call]
    return np.asarray((chose @ batch.values).reshape(batch.size, width, -1)[:, 1:])


def _by_group(rows: _Rows, place: _Place, added: FloatArray) -> _Sums:
    """Add the cells of a batch up to the groups of one split, multiplied by the margins."""
    width = added.shape[1]
    cells = (place.to_cells @ added.reshape(len(added), -1)).reshape(-1, width, rows.kinds)
    groups = (place.to_groups @ cells.reshape(len(cells), width * rows.kinds)).reshape(place.groups, width, rows.kinds)

    def by_margin(values: FloatArray) -> FloatArray:
        return np.asarray(place.to_margins @ values).reshape(place.groups, -1, width)

    nothing = np.empty((place.groups, 0, width))
    return _Sums(
        plain=groups[:, :, :3].transpose(0, 2, 1),
        variance=by_margin(cells[:, :, 2] * place.scale[:, None]) if rows.strata else nothing,
        start=by_margin(cells[:, :, 3]) if rows.kinds > 3 else nothing,
        strata=np.asarray(place.to_strata @ cells[:, :, 1]).reshape(place.groups, rows.strata, width),
    )


def _covariance_of_people(design: Design, sums: _Sums) -> tuple[FloatArray, IntArray]:
    """Covariance of the totals of a table's cells, and the degrees of freedom in its groups."""
    strata = _flat(sums.strata) * design._strata.centre
    variance = _flat(sums.variance)
    result = -strata @ strata.T
    result.flat[:: len(result) + 1] += variance[:, 0]
    df = sums.plain[:, 0].sum(axis=1) - np.count_nonzero(sums.strata.sum(axis=2), axis=1)
    if design._calibration is not None:
        _calibrate(design, result, sums, variance - strata @ design._calibration.strata)
    return result, df.astype(np.int64)


def _covariance_of_clusters(
    design: Design, clusters: _Clusters, codes: Codes, place: _Place, sums: _Sums
) -> tuple[FloatArray, IntArray]:
    """The same from the totals of clusters; the answers stand in the order of clusters, too."""
    assert place.codes is not None
    options, size = sums.plain.shape[2], place.groups * sums.plain.shape[2]
    inside = (codes >= 0) & (place.codes >= 0)
    cell = np.where(inside, place.codes.astype(np.int32) * np.int32(options) + codes, 0)
    weights = np.where(inside, clusters.weights, 0.0)
    whole = sums.plain[:, 1].reshape(size)
    squares, crossed = np.zeros((size, size)), np.zeros((size, clusters.crossed.shape[1]))
    for first, last, some in _blocks(clusters, max(1, _BLOCK // size)):
        key = (clusters.cluster[some] - first) * size + cell[some]
        totals = np.bincount(key, weights[some], (last - first) * size).reshape(-1, size)
        if np.any(away := clusters.away[first:last]):
            totals -= np.outer(away, whole)
        squares += totals.T @ totals
        crossed += totals.T @ clusters.crossed[first:last]
    n_strata = clusters.centre.size
    by_stratum = np.bincount(clusters.stratum * size + cell, weights, n_strata * size).reshape(n_strata, size)
    strata = by_stratum.T * clusters.centre
    result = squares - strata @ strata.T
    if design._calibration is not None:
        _calibrate(design, result, sums, crossed - strata @ design._calibration.strata)
    group = np.where(inside, place.codes.astype(np.int32), place.groups)
    df = _occupied(clusters.cluster, len(clusters.away), group, place.groups)
    return result, df - _occupied(clusters.stratum, n_strata, group, place.groups)


def _calibrate(design: Design, covariance: FloatArray, sums: _Sums, crossed: FloatArray) -> None:
    """Take out of a covariance what the margins explain: - Z'DXB - B'X'DZ + B'X'DXB."""
    assert design._calibration is not None
    slopes = _flat(sums.start) @ design._calibration.inverse
    both = slopes @ crossed.T
    covariance += slopes @ design._calibration.spread @ slopes.T - both - both.T


def _flat(sums: FloatArray) -> FloatArray:
    """(groups * options, p) from (groups, p, options)."""
    return sums.transpose(0, 2, 1).reshape(-1, sums.shape[1])


def _blocks(clusters: _Clusters, at_once: int) -> Iterator[tuple[int, int, slice]]:
    """First and last cluster of blocks of clusters, and where their respondents stand."""
    size = len(clusters.away)
    starts = range(0, size, at_once)
    ends = np.searchsorted(clusters.cluster, [*starts, size])
    for i, first in enumerate(starts):
        yield first, min(first + at_once, size), slice(ends[i], ends[i + 1])


def _occupied(unit: IntArray, units: int, group: IntArray, groups: int) -> IntArray:
    """(groups,) units with somebody in the group; those in the last group of all are in none."""
    somebody = np.zeros(units * (groups + 1), dtype=bool)
    somebody[unit * (groups + 1) + group] = True
    return np.asarray(somebody.reshape(units, -1).sum(axis=0)[:-1], dtype=np.int64)


def _in_order(codes: IntArray, size: int) -> IntArray:
    """Respondents in the order of their codes, 0 to size - 1; by counting, which takes a fifth of the time of sorting."""
    order = sparse_array(codes, np.arange(codes.size), (size, codes.size)).indices
    return np.asarray(order, dtype=np.int64)


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


def _stacks(tables: Iterator[_Table]) -> Iterator[_Stack]:
    """Put tables of one shape together, as many at a time as memory allows."""

    def shape(table: _Table) -> tuple[Any, ...]:
        return (*table.counts.shape, table.nets)

    for some in _some_at_a_time(tables):
        for _, found in groupby(sorted(some, key=shape), key=shape):
            alike = list(found)
            arrays = (np.stack(part) for part in list(zip(*alike, strict=True))[2:])
            yield _Stack([table.place for table in alike], alike[0].nets, *arrays)


def _some_at_a_time(tables: Iterator[_Table]) -> Iterator[list[_Table]]:
    some, numbers = [], 0
    for table in tables:
        some.append(table)
        numbers += table.covariance.size
        if numbers >= _AT_ONCE:
            yield some
            some, numbers = [], 0
    yield some


def _finished(
    design: Design, stack: _Stack
) -> tuple[Cells, list[Independence], Pairs, dict[tuple[int, int], IntArray]]:
    n_options = stack.counts.shape[2]
    items = np.vstack([np.eye(n_options), *(np.isin(np.arange(n_options), net) for net in stack.nets)])
    base, weighted = stack.counts.sum(axis=2), stack.totals.sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        option_shares = stack.totals / weighted[:, :, None]
        share = option_shares @ items.T
        between = _covariance_of_shares(stack, option_shares, weighted, items)
        variance = np.einsum("tggi->tgi", between)
        counts = stack.counts @ items.T
        everybody, nobody = counts == base[:, :, None], counts == 0
        share = np.where(everybody & ~nobody, 1.0, share)  # a sum of shares may miss it by rounding
        plain = counts / base[:, :, None]
        scale = (stack.squares / weighted**2)[:, :, None]
        variance = np.where(
            (everybody | nobody | (variance < _ROUNDING * scale)) & (base > 0)[:, :, None], 0.0, variance
        )
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
    pairs = _pairs(design, question, split, share, between, base, scale)
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
    design: Design,
    question: IntArray,
    split: IntArray,
    share: FloatArray,
    between: FloatArray,
    base: IntArray,
    scale: FloatArray,
) -> Pairs:
    first, second = np.triu_indices(share.shape[1], 1)
    difference = share[:, first] - share[:, second]
    own = np.einsum("tggi->tgi", between)
    variance = own[:, first] + own[:, second] - 2 * between[:, first, second]
    by_chance = variance > _ROUNDING * (scale[:, first] + scale[:, second])
    se = np.sqrt(np.where(by_chance, variance, 0.0))
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
    nothing = np.empty(0, dtype=np.int64)
    together = {f.name: np.concatenate([getattr(part, f.name) for part in parts] or [nothing]) for f in fields(kind)}
    order = np.lexsort((together["split"], together["question"]))
    return kind(**{name: values[order] for name, values in together.items()})
