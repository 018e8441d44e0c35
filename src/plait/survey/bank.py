"""A bank of tables: many questions by many breaks, from a few passes over the respondents.

Everything that a table needs (shares, standard errors, tests, comparisons of groups) follows from the weighted totals
of its cells and their covariance. The covariance of totals Z'w is Z'DZ - Z'DXB - B'X'DZ + B'X'DXB, with X the margins that
the weights were raked to and B the regression on them (see `plait.survey.design`). Respondents of one raking cell have
the same X, so the respondents are first added up in cells of break and margins, many breaks and a few questions at a time
(`plait.survey.bank_sums`), and the rest is algebra on small tables. Where people were sampled in clusters, Z'DZ and Z'DX
come from the members of each cluster instead (`plait.survey.bank_clusters`).

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

from plait.survey.bank_clusters import Clusters, Crossings, covariances_of_clusters
from plait.survey.bank_sums import Batch, Rows, Sums, added_up, batches, by_group, covariances_of_people
from plait.survey.design import (
    Codes,
    Design,
    FloatArray,
    IntArray,
    covariance_of_totals,
    degrees_of_freedom,
    sparse_array,
)
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


def _totals(design: Design, questions: Sequence[Answers], splits: Sequence[Split]) -> Iterator[_Table]:
    rows, clusters = Rows.of(design), Clusters.of(design)
    options = max((question.options for question in questions), default=0)
    for batch in batches(rows, splits):
        found = {place.split: splits[place.split] for place in batch.places}
        crossings = None if clusters is None else Crossings.of(clusters, found, options)
        most = max(1, _AT_ONCE // (batch.size * rows.sums))
        chunk: dict[int, Answers] = {}
        for number, question in enumerate(questions):
            chunk[number] = question
            if sum(q.options for q in chunk.values()) >= most or number + 1 == len(questions):
                yield from _tables(design, rows, clusters, batch, crossings, chunk)
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
    design: Design,
    rows: Rows,
    clusters: Clusters | None,
    batch: Batch,
    crossings: Crossings | None,
    questions: dict[int, Answers],
) -> Iterator[_Table]:
    """The tables of some questions by the splits of a batch."""
    added, where = added_up(rows, batch, questions)
    sums = {place.split: by_group(rows, place, added) for place in batch.places}
    for number, question in questions.items():
        parts = {split: Sums(*(part[:, :, where[number]] for part in found)) for split, found in sums.items()}
        if clusters is None or crossings is None:
            covariances = covariances_of_people(design, parts)
        else:
            covariances = covariances_of_clusters(design, clusters, crossings, question, parts)
        for split, covariance, df in covariances:
            counts, totals, squares = parts[split].plain.transpose(1, 0, 2)
            yield _Table((number, split), question.nets, counts, totals, squares.sum(axis=1), covariance, df)


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
