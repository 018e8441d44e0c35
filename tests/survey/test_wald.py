"""Wald tests, and the tests of independence beside F, by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from plait.survey.design import Design
from plait.survey.wald import (
    TableTotals,
    adjusted_wald,
    design_effects,
    interaction,
    saddlepoint,
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
    assert table.n == N


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
    assert some.n == np.sum(stage > 0)
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
    turned = TableTotals(table.totals.ravel()[order], table.covariance[np.ix_(order.ravel(), order.ravel())], table.n)
    for test in (wald, adjusted_wald):
        assert test(*interaction(turned), DF).p == pytest.approx(float(test(*interaction(table), DF).p))
    np.testing.assert_allclose(design_effects(turned), design_effects(table))


def test_design_effects_of_a_simple_random_sample_are_one() -> None:
    rng = np.random.default_rng(3)
    answer, group = rng.integers(0, ITEMS, N), rng.integers(0, GROUPS, N)
    got = table_totals(Design(np.full(N, 7.0)), answer, group)
    assert got is not None
    np.testing.assert_allclose(design_effects(got), N / (N - 1))


def test_twins_in_the_same_school_double_the_design_effects(sample: tuple[Design, np.ndarray, np.ndarray]) -> None:
    design, answer, stage = sample
    plain = Design(design.weights, None, (), design.clusters, design.strata)
    twins = Design(np.tile(design.weights, 2), None, (), np.tile(design.clusters, 2), np.tile(design.strata, 2))
    one, two = table_totals(plain, answer, stage), table_totals(twins, np.tile(answer, 2), np.tile(stage, 2))
    assert one is not None and two is not None
    np.testing.assert_allclose(design_effects(two), 2 * design_effects(one))


def test_no_design_effects_when_every_group_has_an_answer_of_its_own() -> None:
    group = np.arange(N) % GROUPS
    got = table_totals(Design(np.ones(N)), group, group)
    assert got is not None
    assert np.isnan(design_effects(got)).all()
    assert np.isnan(wald(*interaction(got), N - 1).p)


def test_tables_of_one_shape_at_once(table: TableTotals) -> None:
    other = TableTotals(table.totals + np.arange(ITEMS), table.covariance * 1.5, table.n)
    both = TableTotals(*(np.stack([getattr(t, f) for t in (table, other)]) for f in ("totals", "covariance", "n")))
    effects, x2 = design_effects(both), np.array([10.0, 12.0])
    for j, one in enumerate((table, other)):
        np.testing.assert_allclose(effects[j], design_effects(one))
        for test in (wald, adjusted_wald):
            assert test(*interaction(both), DF).p[j] == pytest.approx(float(test(*interaction(one), DF).p))
        assert saddlepoint(x2, effects, DF)[j] == pytest.approx(float(saddlepoint(x2[j], effects[j], DF)))


def imhof(weights: np.ndarray, degrees: np.ndarray) -> float:
    """P(sum of weights * chi-squared > 0), by inverting the characteristic function (Imhof 1961)."""

    def integrand(u: float) -> float:
        angle = 0.5 * (degrees * np.arctan(weights * u)).sum()
        return float(np.sin(angle) / (u * np.prod((1 + (weights * u) ** 2) ** (degrees / 4))))

    return 0.5 + integrate.quad(integrand, 0, np.inf, limit=500)[0] / np.pi


@pytest.mark.parametrize("x2", [2.0, 9.0, 20.0, 40.0])
@pytest.mark.parametrize("effects", [[1.0, 1.0], [0.6, 1.1, 2.5], [0.4, 0.9, 1.0, 1.3, 4.0]])
def test_saddlepoint_is_near_the_exact_probability(x2: float, effects: list[float]) -> None:
    got = float(saddlepoint(x2, effects, 50))
    a = np.array(effects)
    df2 = np.floor(a.sum() ** 2 / (a**2).sum() * 50)
    want = imhof(np.append(a, -x2 / (a.sum() ** 2 / (a**2).sum() * 50)), np.append(np.ones_like(a), df2))
    assert got == pytest.approx(want, rel=0.1)


def test_saddlepoint_with_equal_effects_is_nearly_f() -> None:
    assert float(saddlepoint(15.0, np.full(6, 1.3), 200)) == pytest.approx(stats.f.sf(15 / 7.8, 6, 1200), rel=1e-2)


@pytest.mark.parametrize("off", [-0.02, -0.003, 0.003, 0.02])
def test_saddlepoint_near_the_mean_in_higher_precision(off: float) -> None:
    """Where w and v are small, digits cancel; the same sums in 80-bit numbers keep more of them."""
    effects, df = np.array([0.6, 1.1, 2.5]), 80.0
    x2 = effects.sum() * (1 + off)
    a = (effects / effects.max()).astype(np.longdouble)
    df2 = np.longdouble(effects.sum() ** 2 / (effects**2).sum() * df)
    squares, b = np.floor(df2), np.longdouble(x2 / effects.max()) / df2
    low, high = -1 / (2 * b), np.longdouble(0.5)
    for _ in range(100):
        z = (low + high) / 2
        low, high = (low, z) if (a / (1 - 2 * z * a)).sum() > squares * b / (1 + 2 * z * b) else (z, high)
    k = -0.5 * (np.log1p(-2 * z * a).sum() + squares * np.log1p(2 * z * b))
    w = np.sign(z) * np.sqrt(-2 * k)
    v = z * np.sqrt(2 * ((a / (1 - 2 * z * a)) ** 2).sum() + 2 * squares * (b / (1 + 2 * z * b)) ** 2)
    assert abs(z) > 1e-4
    assert float(saddlepoint(x2, effects, df)) == pytest.approx(stats.norm.sf(float(w + np.log(v / w) / w)), rel=1e-7)


def test_saddlepoint_at_the_mean_is_f() -> None:
    assert float(saddlepoint(3.0, np.ones(3), 80)) == pytest.approx(stats.f.sf(1, 3, 240))


def test_saddlepoint_of_no_distance_is_one() -> None:
    np.testing.assert_array_equal(saddlepoint([0.0, 1e-300, 1e-30], np.tile([0.6, 1.1, 2.5], (3, 1)), 50), 1)


def test_saddlepoint_falls_far_into_the_tail() -> None:
    p = saddlepoint(np.array([0.1, 1.0, 10.0, 100.0, 1e4, 1e6]), np.tile([0.6, 1.1, 2.5], (6, 1)), 50)
    assert (np.diff(p) < 0).all()
    assert 0 < p[-1] < 1e-100


def test_no_saddlepoint_without_design_effects_or_degrees_of_freedom() -> None:
    assert np.isnan(saddlepoint(5.0, [np.nan, np.nan], 50))
    assert np.isnan(saddlepoint(5.0, [1.0, 1.2], 0))


def test_rounding_of_equal_effects_does_not_cost_a_square() -> None:
    """Their sum squared over the sum of their squares is 3, or 3 less the last bit."""
    close_to_one = [np.nextafter(1, 0), 1.0, np.nextafter(1, 2)]
    assert float(saddlepoint(9.0, close_to_one, 10)) == pytest.approx(float(saddlepoint(9.0, np.ones(3), 10)), rel=1e-9)
