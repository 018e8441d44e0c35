"""The sums over respondents that a bank of tables is made of, in as few passes over the respondents as possible.

Respondents of one stratum with the same levels of all margins are of one kind, and kinds are crossed with the groups of as
many breaks as leave the cells few. Respondents are put in the order of their cells once; then a question is one pass over
them, and what its tables need is added up from the cells. Three things make the passes few and short:

* Questions are taken together: the cells are crossed with the answers to two or more of them, as long as that leaves far
  fewer sums than respondents, and the sums are added up for each question afterwards.
* Raking multiplies the start weights of a kind by one factor. Where it did nothing else, sums of weights, of their
  squares and of start weights follow from those of start weights and their squares; and where start weights are alike, too,
  from the numbers of people.
* A sum by cell and answer is the product of a sparse array with the values, which makes all of a pass's sums at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse

from plait.survey.design import Codes, Design, FloatArray, IntArray, combined, numbered, sparse_array

if TYPE_CHECKING:
    from plait.survey.bank import Answers, Split

_ROWS_OF_A_CELL = 16
"""Splits are taken together while a cell has as many respondents: cells are gone through again for every split."""
_ROWS_OF_A_SUM = 4
"""Questions are taken together while a sum is over as many respondents, ..."""
_COMBINATIONS = 64
"""... and while so many combinations of answers, or fewer, are possible: they have to be taken apart again."""
_ALIKE = 1e-15
"""Weights that differ by less, in relation to them, differ by rounding."""
_INT32 = 2**31
"""Smaller numbers fit into 32 bits, which halves the time to go through them."""


class Sums(NamedTuple):
    """Sums over respondents by (group, option) of one table."""

    plain: FloatArray  # (groups, 3, options): people, weights, squared weights
    variance: FloatArray  # (groups, p, options): squared scaled weights times the margins
    start: FloatArray  # (groups, p, options): start weights times the margins
    strata: FloatArray  # (groups, strata, options): weights by stratum


@dataclass(frozen=True, eq=False)
class Rows:
    """What the design says of each respondent, ready to be added up."""

    added: tuple[FloatArray, ...]
    """(n,) each: what is added up besides ones, which count people."""
    kind: IntArray
    """(n,) kind of respondent: levels of the margins and, unless the variance comes from clusters, stratum."""
    weight: _Made
    square: _Made
    start: _Made
    x: FloatArray
    """(kinds, p) margin indicators; a column of ones without raking."""
    stratum: IntArray
    """(kinds,) stratum."""
    scale: FloatArray
    """(kinds,) square of the factor of a respondent's weight in the variance."""
    strata: int
    """Number of strata; 0 where the variance comes from clusters."""
    raked: bool

    @property
    def sums(self) -> int:
        """Numbers for each cell and answer."""
        return 1 + len(self.added)

    @classmethod
    def of(cls, design: Design) -> Rows:
        strata, (_, stratum, codes), calibration = design._strata, design._units, design._calibration
        by_people, weights = design.clusters is None and not strata.away.size, design.weights
        kind, someone = design._kinds if by_people else numbered(design.margins, weights.size)
        base = weights if calibration is None else calibration.base
        added, weight, square, start = _what_to_add(weights, base, kind, someone)
        return cls(
            added=added,
            kind=kind,
            weight=weight,
            square=square,
            start=start,
            x=np.ones((someone.size, 1)) if calibration is None else calibration.x[calibration.cell[someone]],
            stratum=stratum[someone],
            scale=strata.scale[stratum[someone]] ** 2,
            strata=codes.size if by_people else 0,
            raked=calibration is not None,
        )


class _Made(NamedTuple):
    """How a sum comes from those that were added up: which of them (0 counts people), and its factor in each kind."""

    of: int
    factor: FloatArray  # (kinds,)


def _what_to_add(
    weights: FloatArray, base: FloatArray, kind: IntArray, someone: IntArray
) -> tuple[tuple[FloatArray, ...], _Made, _Made, _Made]:
    """What has to be added up so that weights, their squares and start weights can be had from it, and how."""
    start, same = base[someone], np.ones(someone.size)
    factor = weights[someone] / start
    if not np.all(np.abs(weights - base * factor[kind]) <= _ALIKE * weights):
        return (weights, weights**2, base), _Made(1, same), _Made(2, same), _Made(3, same)
    if not np.all(base == start[kind]):
        return (base, base**2), _Made(1, factor), _Made(2, factor**2), _Made(1, same)
    return (), _Made(0, weights[someone]), _Made(0, weights[someone] ** 2), _Made(0, start)


class Place(NamedTuple):
    """How the cells of a batch make up the groups of one split; a table's own cells are groups by kinds."""

    split: int
    groups: int
    to_cells: Any  # sparse (cells of the table, cells of the batch)
    people: Any  # sparse (groups, cells of the table)
    weights: Any  # sparse (groups, cells of the table), with factors as in Rows
    squares: Any  # the same
    start: Any  # sparse (groups * p, cells of the table)
    variance: Any  # sparse (groups * p, cells of the table); None where the variance comes from clusters
    strata: Any  # sparse (groups * strata, cells of the table); None where the variance comes from clusters


class Batch(NamedTuple):
    """Splits whose groups, crossed with the kinds, are few enough to add the respondents up in one go."""

    size: int
    rows: IntArray  # (n,) respondents in the order of their cells
    cell: Codes  # (n,) cell of each of them
    values: FloatArray  # (n, sums) in this order
    ones: FloatArray  # (n,)
    starts: Codes  # (n + 1,) 0 to n
    places: list[Place]


def batches(rows: Rows, splits: Sequence[Split]) -> Iterator[Batch]:
    """Put splits together as long as their cells stay far fewer than the respondents."""
    n = rows.kind.size
    waiting = list(range(len(splits)))
    while waiting:
        taken: list[int] = []
        cell: Codes = rows.kind
        size, few = rows.stratum.size, n // _ROWS_OF_A_CELL
        for number in waiting:
            crossed, crossings = _crossed(cell, size, splits[number], few)
            if not taken or crossings <= max(few, size):
                taken, cell, size = [*taken, number], crossed, crossings
        waiting = [number for number in waiting if number not in taken]
        order = in_order(cell, size)
        cell = cell[order]
        first = np.flatnonzero(np.concatenate([[n > 0], cell[1:] != cell[:-1]]))
        values = np.ones((n, rows.sums))
        for place, column in enumerate(rows.added, start=1):
            values[:, place] = column[order]
        yield Batch(
            size=first.size,
            rows=order,
            cell=np.repeat(np.arange(first.size, dtype=integers(first.size)), np.diff(first, append=n)),
            values=values,
            ones=np.ones(n),
            starts=np.arange(n + 1, dtype=integers(n)),
            places=[_place(rows, number, splits[number], order[first]) for number in taken],
        )


def _crossed(cell: Codes, size: int, split: Split, few: int) -> tuple[Codes, int]:
    """Cross cells with the groups of a split; how many there are is only counted where there may be more than few."""
    if size * (split.groups + 1) > few:
        crossed = combined([cell, split.codes], cell.size)
        return crossed, int(crossed.max(initial=-1)) + 1
    key = np.multiply(cell, split.groups + 1, dtype=np.int32, casting="unsafe")
    key += split.codes
    key += 1
    return key, size * (split.groups + 1)


def _place(rows: Rows, number: int, split: Split, someone: IntArray) -> Place:
    """Find the place of a batch's cells, each known by somebody in it, in the tables of a split."""
    group, kind = split.codes[someone].astype(np.int64), rows.kind[someone]
    inside = np.flatnonzero(group >= 0)
    target, first = numbered([group[inside], kind[inside]], inside.size)
    group, kind = group[inside][first], kind[inside][first]
    size, p = kind.size, rows.x.shape[1]
    everyone = np.arange(size)
    at, margin = np.nonzero(rows.x[kind])
    by_margin, by_stratum = group[at] * p + margin, group * rows.strata + rows.stratum[kind]
    of_groups, of_margins, of_strata = ((split.groups * parts, size) for parts in (1, p, rows.strata))
    weight, square, start = (made.factor[kind] for made in (rows.weight, rows.square, rows.start))
    variance = (square * rows.scale[kind])[at]
    return Place(
        split=number,
        groups=split.groups,
        to_cells=sparse_array(target, inside, (size, someone.size)),
        people=sparse_array(group, everyone, of_groups),
        weights=sparse_array(group, everyone, of_groups, weight),
        squares=sparse_array(group, everyone, of_groups, square),
        start=sparse_array(by_margin, at, of_margins, start[at]),
        variance=sparse_array(by_margin, at, of_margins, variance) if rows.strata else None,
        strata=sparse_array(by_stratum, everyone, of_strata, weight) if rows.strata else None,
    )


def added_up(rows: Rows, batch: Batch, questions: dict[int, Answers]) -> tuple[FloatArray, dict[int, slice]]:
    """(cells of the batch, sums, options) over the respondents with an answer, and the options of each question."""
    sums = np.empty((batch.size, rows.sums, sum(question.options for question in questions.values())))
    where, end = {}, 0
    most = min(batch.cell.size // _ROWS_OF_A_SUM // max(batch.size, 1), _COMBINATIONS)
    for numbers in _together(questions, most):
        first, some = end, [questions[number] for number in numbers]
        for number, question in zip(numbers, some, strict=True):
            where[number] = slice(end, end + question.options)
            end += question.options
        found = _by_answers(batch, some)
        if len(some) == 1:
            here = found.reshape(batch.size, -1, rows.sums)[:, 1:].transpose(0, 2, 1)
        else:
            of_each = _of_each(tuple(question.options + 1 for question in some), rows.sums)
            here = (found @ of_each).reshape(batch.size, rows.sums, -1)
        sums[:, :, first:end] = here
    return sums, where


@cache
def _of_each(answers: tuple[int, ...], sums: int) -> FloatArray:
    """(combinations * sums, sums * options) what makes sums by the options of each question of those by combination."""
    combination = np.indices(answers).reshape(len(answers), -1, 1)
    chose = np.concatenate([own == np.arange(1, most) for own, most in zip(combination, answers, strict=True)], axis=1)
    return np.asarray(np.einsum("co,st->csto", chose, np.eye(sums)).reshape(chose.shape[0] * sums, -1))


def _together(questions: dict[int, Answers], most: int) -> Iterator[list[int]]:
    """Put many options and few together, while no more than so many combinations of answers are possible."""
    waiting = sorted(questions, key=lambda number: questions[number].options)
    while waiting:
        taken = [waiting.pop()]
        combinations = questions[taken[0]].options + 1
        while waiting and combinations * (questions[waiting[0]].options + 1) <= most:
            taken.append(waiting.pop(0))
            combinations *= questions[taken[-1]].options + 1
        yield taken


def _by_answers(batch: Batch, questions: Sequence[Answers]) -> FloatArray:
    """(cells of the batch, combinations of answers * sums) over all respondents; the first answer is none.

    A column of the sparse array is a respondent, with a one in the row of their cell and answers, so that its product
    with the values makes all sums in one pass.
    """
    width = math.prod(question.options + 1 for question in questions)
    answer = np.zeros(batch.rows.size, dtype=np.min_scalar_type(width))
    for question in questions:
        answer *= answer.dtype.type(question.options + 1)
        answer += question.codes.astype(answer.dtype)  # none, -1, becomes the largest number, and then 0
        answer += answer.dtype.type(1)
    size = batch.size * width
    row = np.multiply(batch.cell, width, dtype=integers(size))
    row += answer.take(batch.rows)
    parts = (batch.ones, row, batch.starts)
    chose = sparse.csc_array(parts, shape=(size, row.size))  # type: ignore[no-untyped-call]
    return np.asarray(chose @ batch.values).reshape(batch.size, -1)


def by_group(rows: Rows, place: Place, added: FloatArray) -> Sums:
    """Add the cells of a batch up to the groups of one split, multiplied by the margins."""
    _, sums, options = added.shape
    cells = (place.to_cells @ added.reshape(len(added), -1)).reshape(-1, sums, options)
    people, weights, squares, start = (cells[:, of] for of in (0, rows.weight.of, rows.square.of, rows.start.of))
    plain = [place.people @ people, place.weights @ weights, place.squares @ squares]
    shape, nothing = (place.groups, -1, options), np.empty((place.groups, 0, options))
    return Sums(
        plain=np.stack(plain, axis=1),
        variance=(place.variance @ squares).reshape(shape) if rows.strata else nothing,
        start=(place.start @ start).reshape(shape) if rows.raked else nothing,
        strata=(place.strata @ weights).reshape(shape) if rows.strata else nothing,
    )


def covariances_of_people(design: Design, sums: dict[int, Sums]) -> Iterator[tuple[int, FloatArray, IntArray]]:
    """By split, the covariance of the totals of a table's cells, and the degrees of freedom in its groups."""
    for split, part in sums.items():
        strata = flat(part.strata) * design._strata.centre
        variance = flat(part.variance)
        result = -strata @ strata.T
        result.flat[:: len(result) + 1] += variance[:, 0]
        df = part.plain[:, 0].sum(axis=1) - np.count_nonzero(part.strata.sum(axis=2), axis=1)
        if design._calibration is not None:
            calibrate(design, result, part, variance - strata @ design._calibration.strata)
        yield split, result, df.astype(np.int64)


def calibrate(design: Design, covariance: FloatArray, sums: Sums, crossed: FloatArray) -> None:
    """Take out of a covariance what the margins explain: - Z'DXB - B'X'DZ + B'X'DXB."""
    assert design._calibration is not None
    slopes = flat(sums.start) @ design._calibration.inverse
    both = slopes @ crossed.T
    covariance += slopes @ design._calibration.spread @ slopes.T - both - both.T


def flat(sums: FloatArray) -> FloatArray:
    """(groups * options, p) from (groups, p, options)."""
    return sums.transpose(0, 2, 1).reshape(-1, sums.shape[1])


def integers(size: int) -> type[np.signedinteger[Any]]:
    """Kind of integers that can count so far."""
    return np.int32 if size < _INT32 else np.int64


def in_order(codes: IntArray, size: int) -> IntArray:
    """Respondents in the order of their codes, 0 to size - 1; by counting, which takes a tenth of the time of sorting."""
    if size <= 2**16:  # numpy counts these
        return np.argsort(codes.astype(np.uint16), kind="stable")
    order = sparse_array(codes, np.arange(codes.size), (size, codes.size)).indices
    return np.asarray(order, dtype=np.int64)
