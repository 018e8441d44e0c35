"""The bank adds up in as few passes as it can; the numbers are those of the plain way, one thing after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
import pytest

from plait.survey import bank_clusters, bank_sums
from plait.survey.bank import Answers, Bank, Split, tabulate
from plait.survey.bank_clusters import Clusters, Crossings
from plait.survey.bank_sums import Rows
from plait.survey.design import Design
from plait.survey.raking import rake

WIDTHS = (2, 3, 2, 5, 12)
"""Options of the questions."""
SAMPLES = (
    "people",
    "strata",
    "clusters",
    "clusters in strata",
    "large clusters",
    "one cluster alone",
    "one person alone",
)
WEIGHTS = ("alike", "raked", "raked and trimmed", "given")


class Case(NamedTuple):
    design: Design
    questions: list[Answers]
    splits: list[Split]

    def bank(self) -> Bank:
        return tabulate(self.design, self.questions, self.splits)


def invent(n: int, sample: str, weights: str, seed: int = 0) -> Case:
    """Two margins, which are breaks, too, and breaks that cross them; one holds whole clusters, two have gaps."""
    rng = np.random.default_rng([n, seed])
    margins = (rng.integers(0, 2, n), rng.integers(0, 3, n))
    start = np.ones(n) if weights == "alike" else np.exp(rng.normal(0, 0.4, n))
    final = start
    if weights != "given":
        totals = [np.bincount(codes, start) * rng.uniform(0.7, 1.4, codes.max() + 1) for codes in margins]
        final = rake(margins, [total * n / total.sum() for total in totals], start).weights
    if weights == "raked and trimmed":
        final = np.minimum(final, np.quantile(final, 0.95))
    mean = 40 if sample == "large clusters" else 3
    clusters = rng.integers(0, max(4, n // mean), n)
    region = clusters % 5
    strata = region // 2 if sample in ("strata", "clusters in strata") or "alone" in sample else None
    if strata is not None and "alone" in sample:
        few = np.arange(n) < (1 if sample == "one person alone" else 3)
        strata, clusters = np.where(few, 7, strata), np.where(few, n, clusters)
    leaning = rng.normal(size=n) + 0.4 * margins[0] + rng.normal(0, 0.5, clusters.max() + 1)[clusters]

    def gaps(codes: np.ndarray, part: float) -> np.ndarray:
        return np.where(rng.random(n) < part, -1, codes).astype(np.int8)

    return Case(
        Design(
            final,
            start,
            margins if weights != "given" else (),
            clusters if "cluster" in sample else None,
            strata,
            lonely="adjust" if "alone" in sample else "refuse",
        ),
        [Answers(gaps(np.digitize(leaning, np.linspace(-1.2, 1.2, k - 1)), 0.2), k) for k in WIDTHS],
        [
            Split(margins[0].astype(np.int8), 2),
            Split(gaps(margins[1], 0.1), 3),
            Split(gaps(rng.integers(0, 4, n), 0.1), 4),
            Split(region.astype(np.int8), 6),
            Split(np.zeros(n, dtype=np.int8), 1),
        ],
    )


@contextmanager
def plain_way() -> Iterator[None]:
    """Questions and breaks one by one, weights as they are, and the totals of clusters written out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bank_sums, "_ROWS_OF_A_CELL", 10**9)
        patch.setattr(bank_sums, "_ROWS_OF_A_SUM", 10**9)
        patch.setattr(bank_sums, "_ALIKE", -1)
        patch.setattr(bank_clusters, "_TABLE", 0)
        patch.setattr(bank_clusters, "_PAIRS_OF_A_ROW", 0)
        yield


def same_numbers(got: Bank, want: Bank) -> None:
    """To 1e-12; a difference of shares, and what comes from it, to 1e-12 of the shares and of t."""
    for part in ("cells", "tests", "pairs"):
        for f in fields(getattr(want, part)):
            a, b = (getattr(getattr(bank, part), f.name) for bank in (got, want))
            absolute = 1e-12 if f.name in ("difference", "statistic", "x2", "cramers_v", "p") else 0
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=absolute, err_msg=f"{part}: {f.name}")
    for place, counts in want.counts.items():
        np.testing.assert_array_equal(got.counts[place], counts)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("n", [90, 1_000, pytest.param(12_000, marks=pytest.mark.slow)])
def test_few_passes_and_many_come_to_the_same(n: int, sample: str, weights: str) -> None:
    case = invent(n, sample, weights)
    with plain_way():
        want = case.bank()
    same_numbers(case.bank(), want)


@pytest.mark.parametrize("n", [90, 1_000, pytest.param(12_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("sample", ["people", "clusters in strata"])
def test_margins_that_say_the_same_twice(n: int, sample: str) -> None:
    case = invent(n, sample, "raked", seed=1)
    a, b = case.design.margins
    singular = case._replace(design=replace(case.design, margins=(a, b, (b == 1).astype(np.int8), 10 * b - 3, a)))
    with plain_way():
        want = singular.bank()
    same_numbers(singular.bank(), want)


@pytest.mark.parametrize(("weights", "sums"), [("alike", 1), ("raked", 3), ("given", 3), ("raked and trimmed", 4)])
def test_only_what_differs_is_added_up(weights: str, sums: int) -> None:
    assert Rows.of(invent(500, "people", weights).design).sums == sums
    with plain_way():
        assert Rows.of(invent(500, "people", weights).design).sums == 4


def test_questions_are_taken_together_while_their_answers_cross_few_ways() -> None:
    questions = dict(enumerate(Answers(np.zeros(0, dtype=np.int8), k) for k in WIDTHS))
    assert list(bank_sums._together(questions, 40)) == [[4, 0], [3, 2], [1]]
    assert list(bank_sums._together(questions, 0)) == [[4], [3], [1], [2], [0]]


def test_combinations_stay_few_however_few_the_cells_are(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    n = 50_000
    questions = [Answers(rng.integers(-1, 2, n).astype(np.int8), 2) for _ in range(12)]
    together = []

    def by_answers(batch: bank_sums.Batch, some: list[Answers]) -> np.ndarray:
        together.append(len(some))
        return plain(batch, some)

    plain = bank_sums._by_answers
    monkeypatch.setattr(bank_sums, "_by_answers", by_answers)
    made = tabulate(Design(np.ones(n)), questions, [Split(np.zeros(n, dtype=np.int8), 1)])
    assert together == [3, 3, 3, 3]
    for number, question in enumerate(questions):
        np.testing.assert_array_equal(made.counts[number, 0], [np.bincount(question.codes + 1)[1:]])


@pytest.mark.parametrize(("sample", "few"), [("clusters", True), ("large clusters", False)])
def test_pairs_are_gone_through_where_clusters_are_small(sample: str, few: bool) -> None:
    case = invent(5_000, sample, "raked")
    clusters = Clusters.of(case.design)
    assert clusters is not None and (clusters.pairs is not None) == few
    crossings = Crossings.of(clusters, dict(enumerate(case.splits)), max(WIDTHS))
    assert len(crossings.sets) < len(case.splits)
    if clusters.pairs is not None:
        first, second, weight = clusters.pairs
        np.testing.assert_array_equal(clusters.cluster[first], clusters.cluster[second])
        assert (first <= second).all()
        totals = np.bincount(clusters.cluster, clusters.scaled)
        np.testing.assert_allclose(2 * weight.sum(), totals @ totals, rtol=1e-12)


def test_a_break_of_more_groups_than_a_number_has_bits() -> None:
    """Degrees of freedom are counted by a bit for each group."""
    rng = np.random.default_rng(0)
    n = 3_000
    group, cluster = rng.integers(-1, 100, n), rng.integers(0, 900, n)
    answer = rng.integers(-1, 2, n)
    both = [Split(group, 100), Split(np.where(group % 2 == 0, group // 2, -1), 50)]
    made = tabulate(Design(np.ones(n), clusters=cluster), [Answers(answer, 2)], both)
    for number, split in enumerate(both):
        df = made.cells.df[made.cells.split == number][::2]
        want = [np.unique(cluster[(split.codes == g) & (answer >= 0)]).size - 1 for g in range(split.groups)]
        np.testing.assert_array_equal(df, want)


def test_codes_of_clusters_and_margins_may_be_any_whole_numbers() -> None:
    case = invent(600, "clusters in strata", "raked")
    d = case.design
    assert d.clusters is not None and d.strata is not None
    far = replace(
        d,
        clusters=d.clusters * 10**15 - 7,
        strata=5 - 10**16 * d.strata,
        margins=tuple(10**17 * (margin - 1) for margin in d.margins),
    )
    got, want = case._replace(design=far).bank(), case.bank()
    for name in ("share", "se", "df"):
        np.testing.assert_allclose(getattr(got.cells, name), getattr(want.cells, name), rtol=1e-9)
