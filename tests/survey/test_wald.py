"""Wald tests, and the tests of independence beside F, by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from plait.survey.design import Design
from plait.survey.wald import (
    TableTotals,
    adjusted_wald,
    interaction,
    table_totals,
    wald,
)

N, GROUPS, ITEMS, DF = 400, 3, 4, 76


@pytest.fixture(scope="module")
def sample() -> tuple[Design, np.ndarray, np.ndarray]:
    """400 teachers in 80 schools in 4 regions, their career stage, and one of four answers."""
    rng = np.random.default_rng(8)
    school = rng.permutation(np.arange(N) % 80)
    stage = rng.integers(0, GROUPS, N)
    answer = np.digitize(rng.normal(0, 0.7, 80)[school] + 0.3 * stage + rng.normal(size=N), [-0.7, 0.2, 1.1])
    return Design(rng.uniform(0.5, 3, N), None, (rng.integers(0, 2, N),), school, school % 4), answer, stage


@pytest.fixture(scope="module")
def table(sample: tuple[Design, np.ndarray, np.ndarray]) -> TableTotals:
    design, answer, stage = sample
    found = table_totals(design, answer, stage)
    assert found is not None
    return found


def from_independence(totals: np.ndarray) -> np.ndarray:
    return (totals - np.outer(totals.sum(axis=1), totals.sum(axis=0)) / totals.sum())[1:, 1:].ravel()


def test_cells_are_weighted_totals(sample: tuple[Design, np.ndarray, np.ndarray], table: TableTotals) -> None:
    design, answer, stage = sample
    want = [[design.weights[(stage == g) & (answer == a)].sum() for a in range(ITEMS)] for g in range(GROUPS)]
    np.testing.assert_allclose(table.totals, want)


def test_cells_leave_out_empty_groups_and_answers(
    sample: tuple[Design, np.ndarray, np.ndarray], table: TableTotals
) -> None:
    design, answer, stage = sample
    got = table_totals(design, answer + 3, np.where(stage == 2, 4, stage))
    assert got is not None
    np.testing.assert_allclose(got.totals, table.totals)
    np.testing.assert_allclose(got.covariance, table.covariance)
    assert table_totals(design, answer, np.where(stage == 0, 0, -1)) is None
    some = table_totals(design, np.where(stage == 0, -1, answer), stage)
    assert some is not None
    np.testing.assert_allclose(some.totals, table.totals[1:])


def test_wald_by_hand() -> None:
    """b = (2, 1), V = diag(4, 1): 2 ** 2 / 4 + 1 = 2, over 2 estimates."""
    got = wald([2.0, 1.0], np.diag([4.0, 1.0]), 10)
    assert (got.statistic, got.df1, got.df2) == (pytest.approx(1), 2, 10)
    assert got.p == pytest.approx(stats.f.sf(1, 2, 10))
    adjusted = adjusted_wald([2.0, 1.0], np.diag([4.0, 1.0]), 10)
    assert (adjusted.statistic, adjusted.df2) == (pytest.approx(0.9), 9)
    assert adjusted.p == pytest.approx(stats.f.sf(0.9, 2, 9))


def test_wald_does_not_care_for_units() -> None:
    v = np.array([[4.0, 1.0], [1.0, 2.0]])
    units = np.diag([1e-6, 1e4])
    assert wald(units @ [2.0, 1.0], units @ v @ units, 10).statistic == pytest.approx(wald([2.0, 1.0], v, 10).statistic)


@pytest.mark.parametrize("v", [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, 0.0]], [[np.nan, 0.0], [0.0, 1.0]]])
def test_no_wald_test_without_variance(v: list[list[float]]) -> None:
    got = wald([1.0, 2.0], v, 10)
    assert np.isnan([got.statistic, got.p]).all()


def test_no_test_without_degrees_of_freedom() -> None:
    assert np.isnan(adjusted_wald([2.0, 1.0], np.eye(2), 1).p)
    assert np.isnan(wald([2.0], np.eye(1), 0).p)


def test_distance_from_independence_and_its_covariance(table: TableTotals) -> None:
    """The derivative is taken by small steps here."""
    difference, together = interaction(table)
    np.testing.assert_allclose(difference, from_independence(table.totals))
    step = 1e-4
    slopes = np.array(
        [
            (from_independence(table.totals + e) - from_independence(table.totals - e)) / (2 * step)
            for e in step * np.eye(GROUPS * ITEMS).reshape(-1, GROUPS, ITEMS)
        ]
    ).T
    np.testing.assert_allclose(together, slopes @ table.covariance @ slopes.T, rtol=1e-6, atol=1e-6)


def test_it_does_not_matter_which_group_and_answer_come_first(table: TableTotals) -> None:
    order = np.arange(GROUPS * ITEMS).reshape(GROUPS, ITEMS)[::-1, [2, 0, 3, 1]]
    turned = TableTotals(table.totals.ravel()[order], table.covariance[np.ix_(order.ravel(), order.ravel())])
    for test in (wald, adjusted_wald):
        assert test(*interaction(turned), DF).p == pytest.approx(float(test(*interaction(table), DF).p))


def test_no_test_when_every_group_has_an_answer_of_its_own() -> None:
    group = np.arange(N) % GROUPS
    got = table_totals(Design(np.ones(N)), group, group)
    assert got is not None
    assert np.isnan(wald(*interaction(got), N - 1).p)


def test_tables_of_one_shape_at_once(table: TableTotals) -> None:
    other = TableTotals(table.totals + np.arange(ITEMS), table.covariance * 1.5)
    both = TableTotals(*(np.stack([getattr(t, f) for t in (table, other)]) for f in ("totals", "covariance")))
    for j, one in enumerate((table, other)):
        for test in (wald, adjusted_wald):
            assert test(*interaction(both), DF).p[j] == pytest.approx(float(test(*interaction(one), DF).p))
