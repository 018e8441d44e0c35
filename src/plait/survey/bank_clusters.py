"""The covariance of a bank of tables where people were sampled together, from the pairs of people in a cluster.

A cluster's total is spread over as many cells as a table has, nearly all of them empty. Its square is not: the sum over
clusters of the products of their totals is the sum of the products of the weights of every two of their members, in the
cell of the groups and answers of both. Who makes up the pairs, and in which groups they are, is found once; then a
question is one pass over the pairs for several breaks at a time. Where clusters are so large that the pairs outnumber the
respondents several times, the totals themselves are multiplied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from plait.survey.bank_sums import Sums, calibrate, flat, in_order, integers
from plait.survey.design import Codes, Design, FloatArray, IntArray, numbered, sparse_array, sums_by

if TYPE_CHECKING:
    from plait.survey.bank import Answers, Split

_PAIRS_OF_A_ROW = 4
"""Pairs are gone through while they are at most so many times the respondents."""
_TABLE = 65_536
"""Numbers in the table of a set of splits, few enough to stay in the processor's cache."""
_BLOCK = 200_000
"""Numbers in a block of clusters' totals, for the same reason."""
_BITS = 64
"""Groups that one number can tell apart."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """Who was sampled together; respondents stand in the order of their clusters, clusters in that of their strata."""

    rows: IntArray  # (n,) respondents in this order
    cluster: IntArray  # (n,) their clusters
    starts: Codes  # (clusters + 1,) where each begins
    stratum: Codes  # (n,) their strata
    strata: int  # how many there are
    weights: FloatArray  # (n,)
    scaled: FloatArray  # (n,) weights, scaled as the variance wants them
    away: FloatArray  # (clusters,) part of the whole total that is taken away from a cluster's
    crossed: FloatArray  # (clusters, p + 1) scaled totals of the margins, if any, and what is taken away
    pairs: _Pairs | None  # None where they are many

    @classmethod
    def of(cls, design: Design) -> Clusters | None:
        """`None` where everyone was sampled alone and no stratum is compared with others."""
        strata, (cluster, stratum, _), calibration = design._strata, design._units, design._calibration
        if design.clusters is None and not strata.away.size:
            return None
        order = np.argsort(strata.of_cluster, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        rows = in_order(place[cluster], order.size)
        cluster, stratum, weights = place[cluster][rows], stratum[rows], design.weights[rows]
        size = np.bincount(cluster, minlength=order.size)
        scaled = weights * strata.scale[stratum]
        away = np.zeros(order.size)
        away[place[strata.away]] = strata.scale[strata.of_cluster[strata.away]] / order.size
        margins = np.empty((order.size, 0)) if calibration is None else calibration.clusters[order]
        few = size @ (size + 1) // 2 <= _PAIRS_OF_A_ROW * rows.size
        return cls(
            rows=rows,
            cluster=cluster,
            starts=np.concatenate([[0], np.cumsum(size)]).astype(integers(rows.size)),
            stratum=stratum.astype(integers(strata.size.size)),
            strata=strata.size.size,
            weights=weights,
            scaled=scaled,
            away=away,
            crossed=np.column_stack([margins, away]),
            pairs=_Pairs.of(size, scaled) if few else None,
        )


class _Pairs(NamedTuple):
    """Every two members of a cluster, in one of the two orders, and everybody with themselves."""

    first: IntArray
    second: IntArray
    weight: FloatArray  # product of their scaled weights; half of it with oneself, as the other order is added later

    @classmethod
    def of(cls, size: IntArray, scaled: FloatArray) -> _Pairs:
        n = scaled.size
        last = np.repeat(np.cumsum(size), size)  # one after the last member of one's cluster
        with_me = last - np.arange(n)
        first = np.repeat(np.arange(n), with_me)
        second = np.arange(first.size) - np.repeat(np.cumsum(with_me) - last, with_me)
        weight = scaled[first] * scaled[second]
        weight[first == second] /= 2
        return cls(first, second, weight)


class Crossings(NamedTuple):
    """The splits of a batch as clusters need them."""

    sets: list[_Set]
    bits: list[npt.NDArray[np.uint64]]  # (n,) each: a bit for every group that somebody is in, as many as are needed

    @classmethod
    def of(cls, clusters: Clusters, splits: dict[int, Split], options: int) -> Crossings:
        """Cross splits as long as the table of what a question with so many options needs stays small."""
        group = {number: split.codes[clusters.rows] for number, split in splits.items()}
        width, each = options + 1, max(clusters.crossed.shape[1], clusters.strata)
        most = {number: _most(clusters, codes) for number, codes in group.items()}
        sets: list[_Set] = []
        waiting, bit = list(splits), 0
        while waiting:
            taken: list[int] = []
            cells = pairs = 1
            for number in waiting:
                levels, of_pairs = most[number]
                more, more_pairs = cells * levels, pairs * of_pairs
                if not taken or max(more * width * each, more_pairs * width**2) <= _TABLE:
                    taken, cells, pairs = [*taken, number], more, more_pairs
            sets.append(_Set.of(clusters, {number: (splits[number].groups, group[number]) for number in taken}, bit))
            bit += sum(splits[number].groups for number in taken)
            waiting = [number for number in waiting if number not in taken]
        words = range(-(-bit // _BITS))
        return cls(sets, [np.bitwise_or.reduce([some.bits(word)[some.cell] for some in sets]) for word in words])


def _most(clusters: Clusters, group: Codes) -> tuple[int, int]:
    """How many groups there may be, and how many pairs of them in one cluster."""
    levels = int(group.max(initial=0)) + 1 + int(group.min(initial=0) < 0)
    of_clusters = np.array_equal(group[clusters.starts[:-1]][clusters.cluster], group)
    return levels, levels if of_clusters else levels**2


class _Set(NamedTuple):
    """Splits whose groups are crossed, so that a question is one pass for all of them."""

    cells: int
    cell: Codes  # (n,) combination of groups, in the order of clusters
    in_stratum: Codes  # (n,) combination of that and stratum
    pairs: int
    pair: Codes  # (pairs,) combination of the cells of both; none without pairs
    members: list[_Member]

    @classmethod
    def of(cls, clusters: Clusters, splits: dict[int, tuple[int, Codes]], bit: int) -> _Set:
        cell, someone = numbered([group for _, group in splits.values()], clusters.cluster.size)
        cell = cell.astype(integers(someone.size))
        pair, both = np.empty(0, dtype=np.int64), np.empty((2, 0), dtype=np.int64)
        if clusters.pairs is not None:
            first, second, _ = clusters.pairs
            pair, pairs = numbered([cell[first], cell[second]], first.size)
            both = np.stack([cell[first[pairs]], cell[second[pairs]]])
        members = []
        for number, (groups, group) in splits.items():
            of_cell = group[someone].astype(np.int64)
            of_pair = np.where((of_cell[both] >= 0).all(axis=0), of_cell[both[0]] * groups + of_cell[both[1]], -1)
            to = (_to(of_cell, groups), _to(of_pair, groups**2))
            members.append(_Member(number, groups, group, of_cell, bit, *to))
            bit += groups
        in_stratum = _within(cell, clusters.strata, clusters.stratum, someone.size * clusters.strata)
        pair = pair.astype(integers(both.shape[1]))
        return cls(someone.size, cell, in_stratum, both.shape[1], pair, members)

    def bits(self, word: int) -> npt.NDArray[np.uint64]:
        """(cells,) a bit for each group, of those that have their place in this word."""
        found = np.zeros(self.cells, dtype=np.uint64)
        for member in self.members:
            place = member.bit + member.of_cell - word * _BITS
            here = (member.of_cell >= 0) & (place >= 0) & (place < _BITS)
            found[here] |= np.uint64(1) << place[here].astype(np.uint64)
        return found


class _Member(NamedTuple):
    """A split, and how the combinations make up its groups."""

    split: int
    groups: int
    group: Codes  # (n,) in the order of clusters
    of_cell: IntArray  # (cells,) group
    bit: int  # place of its first group among the bits
    to_groups: Any  # sparse (groups, cells)
    to_pairs: Any  # sparse (groups * groups, pairs)


def _to(group: IntArray, groups: int) -> Any:
    """Sparse (groups, size): adds up what belongs to a group; what belongs to none has -1."""
    inside = np.flatnonzero(group >= 0)
    return sparse_array(group[inside], inside, (groups, group.size))


def covariances_of_clusters(
    design: Design, clusters: Clusters, crossings: Crossings, question: Answers, sums: dict[int, Sums]
) -> Iterator[tuple[int, FloatArray, IntArray]]:
    """By split, the covariance of the totals of a table's cells, and the degrees of freedom in its groups."""
    width = question.options + 1
    answer = question.codes[clusters.rows].astype(np.min_scalar_type(width**2))
    answer += answer.dtype.type(1)  # none, the largest number here, becomes 0
    of_pairs = np.empty(0, dtype=answer.dtype)
    if clusters.pairs is not None:
        of_pairs = answer[clusters.pairs.first]
        of_pairs *= answer.dtype.type(width)
        of_pairs += answer[clusters.pairs.second]
    bits = [_occupied(clusters, np.where(answer > 0, word, np.uint64(0))) for word in crossings.bits]
    occupied = np.concatenate(bits or [np.empty(0, dtype=np.int64)])
    for some in crossings.sets:
        found = _passed(clusters, some, answer, of_pairs, width)
        for member in some.members:
            df = occupied[member.bit : member.bit + member.groups]
            covariance, strata = _covariance(design, clusters, member, answer, found, sums[member.split])
            yield member.split, covariance, df - strata


class _Found(NamedTuple):
    """What the passes for a question and a set of splits found; the first answer is none."""

    pairs: FloatArray  # (pairs, answers of one * answers of the other) products of scaled weights
    crossed: FloatArray  # (cells, answers * (p + 1)) scaled weights times what is crossed with them
    strata: FloatArray  # (cells, strata * answers) weights


def _passed(clusters: Clusters, some: _Set, answer: Codes, of_pairs: Codes, width: int) -> _Found:
    strata, size = clusters.strata, some.cells * width
    row = _within(some.cell, width, answer, size)
    by_stratum = _within(some.in_stratum, width, answer, size * strata)
    pairs = np.empty((0, width**2))
    if clusters.pairs is not None:
        by_pair = _within(some.pair, width**2, of_pairs, some.pairs * width**2)
        pairs = sums_by(by_pair, clusters.pairs.weight, some.pairs * width**2).reshape(-1, width**2)
    parts = (clusters.scaled, row, clusters.starts)
    in_clusters = sparse.csc_array(parts, shape=(size, clusters.away.size))  # type: ignore[no-untyped-call]
    return _Found(
        pairs=pairs,
        crossed=np.asarray(in_clusters @ clusters.crossed).reshape(some.cells, -1),
        strata=sums_by(by_stratum, clusters.weights, size * strata).reshape(some.cells, -1),
    )


def _within(outer: Codes, size: int, inner: Codes, most: int) -> Codes:
    """outer * size + inner, in integers that can count to the most."""
    row = np.multiply(outer, size, dtype=integers(most))
    row += inner
    return row


def _occupied(clusters: Clusters, bits: npt.NDArray[np.uint64]) -> IntArray:
    """How many clusters have each bit set in one of their members."""
    found = np.bitwise_or.reduceat(bits, clusters.starts[:-1])
    used = int(np.bitwise_or.reduce(found)).bit_length()
    return np.array([np.count_nonzero(found & np.uint64(1 << place)) for place in range(used)] + [0] * (_BITS - used))


def _covariance(
    design: Design, clusters: Clusters, member: _Member, answer: Codes, found: _Found, sums: Sums
) -> tuple[FloatArray, IntArray]:
    """The covariance of one table, and the strata with somebody in each of its groups."""
    options = sums.plain.shape[2]
    size, width, whole = member.groups * options, options + 1, sums.plain[:, 1].ravel()
    if clusters.pairs is None:
        squares = _squares_of_totals(clusters, member, answer, width)
    else:
        one_way = (member.to_pairs @ found.pairs).reshape(member.groups, member.groups, width, width)
        squares = one_way[:, :, 1:, 1:].transpose(0, 2, 1, 3).reshape(size, size)
        squares = squares + squares.T
    crossed = (member.to_groups @ found.crossed).reshape(member.groups, width, -1)[:, 1:].reshape(size, -1)
    crossed, away = crossed[:, :-1], crossed[:, -1]
    if clusters.away.any():
        once = np.outer(away, whole)
        squares += (clusters.away @ clusters.away) * np.outer(whole, whole) - once - once.T
        crossed = crossed - np.outer(whole, clusters.away @ clusters.crossed[:, :-1])
    by_stratum = (member.to_groups @ found.strata).reshape(member.groups, -1, width)[:, :, 1:]
    strata = flat(by_stratum) * design._strata.centre
    result = squares - strata @ strata.T
    if design._calibration is not None:
        calibrate(design, result, sums, crossed - strata @ design._calibration.strata)
    return result, np.count_nonzero(by_stratum.sum(axis=2), axis=1)


def _squares_of_totals(clusters: Clusters, member: _Member, answer: Codes, width: int) -> FloatArray:
    """(groups * options, groups * options) sums over the clusters of the products of their totals."""
    size = (member.groups + 1) * width
    cell = _within(member.group.astype(np.int64) + 1, width, answer, size).astype(np.int64)
    squares, at_once = np.zeros((size, size)), max(1, _BLOCK // size)
    for first in range(0, clusters.away.size, at_once):
        last = min(first + at_once, clusters.away.size)
        here = slice(clusters.starts[first], clusters.starts[last])
        row = (clusters.cluster[here] - first) * size + cell[here]
        totals = sums_by(row, clusters.scaled[here], (last - first) * size).reshape(-1, size)
        squares += totals.T @ totals
    by_group = squares.reshape(member.groups + 1, width, member.groups + 1, width)[1:, 1:, 1:, 1:]
    return by_group.reshape(member.groups * (width - 1), -1)
