"""Tests of means, trends and ranks, by identities and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from plait.survey.comparisons import means_test, t_test, trend_test
from plait.survey.design import Design, degrees_of_freedom
from plait.survey.models import groups_term, linear, number_term, term_tests
from plait.survey.ranks import mid_ranks, rank_test, rank_test_of_groups, rank_trend_test

N = 240


class Panel:
    """240 teachers in 60 schools in 3 regions, raked to gender: hours worked, a five-point answer, a 0/1 answer."""

    def __init__(self) -> None:
        rng = np.random.default_rng(17)
        self.school = rng.permutation(np.arange(N) % 60)
        gender = rng.integers(0, 2, N)
        self.stage = rng.integers(-1, 4, N)
        hours = rng.normal(0, 3, 60)[self.school] + 0.6 * self.stage + rng.normal(40, 6, N)
        likert = np.digitize(hours, [34, 38, 42, 46]).astype(float)
        self.values = np.column_stack([hours, likert, (likert > 2).astype(float)])
        self.values[rng.random((N, 3)) < 0.1] = np.nan
        start = rng.uniform(0.5, 3, N)
        self.design = Design(start * (1 + 0.3 * gender), start, (gender,), self.school, self.school % 3)
        self.two = np.where(self.stage < 0, -1, self.stage // 2)


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel()


EQUAL = Design(np.full(N, 2.0))


# --- means -------------------------------------------------------------------------------------------------------------


def test_two_means_are_a_regression_on_the_group(panel: Panel) -> None:
    got = t_test(panel.design, panel.values, panel.two)
    for j, column in enumerate(panel.values.T):
        model = linear(panel.design, column, [groups_term("stage", panel.two, ["early", "late"])])
        assert got.difference[j] == pytest.approx(model.estimate[1])
        assert got.se[j] == pytest.approx(model.se[1])
        assert (got.df[j], got.p[j]) == (model.df, pytest.approx(model.p[1]))


def test_several_means_are_a_term_of_a_regression(panel: Panel) -> None:
    got = means_test(panel.design, panel.values, panel.stage, 4)
    for j, column in enumerate(panel.values.T):
        model = linear(panel.design, column, [groups_term("stage", panel.stage, list("abcd"))])
        want = term_tests(model)["stage"]
        assert got.statistic[j] == pytest.approx(float(want.statistic))
        assert (got.df1[j], got.df2[j]) == (want.df1, want.df2)
        assert got.p[j] == pytest.approx(float(want.p))


def test_two_of_several_means_give_t_squared(panel: Panel) -> None:
    t, f = t_test(panel.design, panel.values, panel.two), means_test(panel.design, panel.values, panel.two, 2)
    np.testing.assert_allclose(f.statistic, t.statistic**2)
    np.testing.assert_allclose(f.p, t.p)


def test_a_trend_is_a_regression_on_the_position(panel: Panel) -> None:
    position = np.where(panel.stage < 0, np.nan, panel.stage)
    got = trend_test(panel.design, panel.values, position)
    for j, column in enumerate(panel.values.T):
        model = linear(panel.design, column, [number_term("stage", position)])
        assert got.difference[j] == pytest.approx(model.estimate[1])
        assert got.se[j] == pytest.approx(model.se[1])
        assert (got.df[j], got.p[j]) == (model.df, pytest.approx(model.p[1]))


def test_equal_weights_are_nearly_welch(panel: Panel) -> None:
    """The linearised variance divides by n where Welch divides by n - 1, in each group."""
    a, b = (panel.values[(panel.two == g), 0] for g in (0, 1))
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    got = t_test(EQUAL, panel.values[:, :1], panel.two)
    assert got.difference[0] == pytest.approx(b.mean() - a.mean())
    assert got.se[0] ** 2 == pytest.approx((a.var() / a.size + b.var() / b.size) * N / (N - 1))
    assert got.df[0] == a.size + b.size - 2
    low, high = got.limits()
    half = stats.t.ppf(0.975, got.df[0]) * got.se[0]
    assert (low[0], high[0]) == (pytest.approx(got.difference[0] - half), pytest.approx(got.difference[0] + half))


def test_degrees_of_freedom_are_those_of_the_base(panel: Panel) -> None:
    inside = (panel.stage >= 0) & ~np.isnan(panel.values[:, 1]) & (panel.school < 20)
    values = np.where(inside, panel.values[:, 1], np.nan)[:, None]
    df = degrees_of_freedom(panel.design, inside)
    assert df < 18
    assert t_test(panel.design, values, panel.two).df[0] == df - 1
    assert means_test(panel.design, values, panel.stage, 4).df2[0] == df - 3


def test_groups_without_anyone_are_left_out(panel: Panel) -> None:
    spread = np.where(panel.stage < 0, -1, np.array([5, 0, 3, 2])[panel.stage])
    got, want = (
        means_test(panel.design, panel.values, spread, 7),
        means_test(panel.design, panel.values, panel.stage, 4),
    )
    np.testing.assert_allclose(got.p, want.p)
    np.testing.assert_array_equal(got.df1, 3)


def test_nothing_to_compare(panel: Panel) -> None:
    nobody = np.full((N, 1), np.nan)
    alike = np.where(panel.two == 1, 1.0, 0.0)[:, None]
    alone = np.zeros(N, dtype=int)
    for values, group in ((nobody, panel.two), (alike, panel.two), (alike * 0 + 0.1, panel.two), (alike, alone)):
        assert np.isnan(t_test(panel.design, values, group).p).all()
        assert np.isnan(means_test(panel.design, values, group, 2).p).all()
        assert np.isnan(trend_test(panel.design, values, np.where(group < 0, np.nan, group)).p).all()


def test_groups_and_values_are_checked(panel: Panel) -> None:
    with pytest.raises(ValueError, match="groups must be 0 to 1"):
        t_test(panel.design, panel.values, panel.stage)
    with pytest.raises(ValueError, match="finite"):
        t_test(panel.design, np.full((N, 1), np.inf), panel.two)


# --- ranks -------------------------------------------------------------------------------------------------------------


def test_places_by_hand() -> None:
    """Weights 1, 2, 3 and 4 of 10: 0.3 below the tie of 7 tenths."""
    got = mid_ranks(np.array([1.0, 2, 3, 4, 9, 9]), np.array([[5.0, 1, 9, 9, np.nan, 2]]).T, np.arange(6) != 5)
    np.testing.assert_allclose(got[:, 0], [0.25, 0.1, 0.65, 0.65, np.nan, np.nan])


def test_the_mean_place_is_a_half(panel: Panel) -> None:
    places = mid_ranks(panel.design.weights, panel.values, panel.stage >= 0)
    for column in places.T:
        inside = ~np.isnan(column)
        assert np.average(column[inside], weights=panel.design.weights[inside]) == pytest.approx(0.5)


def test_only_the_order_of_answers_counts(panel: Panel) -> None:
    for relabelled in (np.exp(panel.values / 20), panel.values**3 - 70):
        assert rank_test(panel.design, relabelled, panel.two).p == pytest.approx(
            rank_test(panel.design, panel.values, panel.two).p
        )


def test_answers_the_other_way_round_turn_the_sign(panel: Panel) -> None:
    got, turned = (rank_test(panel.design, sign * panel.values, panel.two) for sign in (1, -1))
    np.testing.assert_allclose(got.statistic, -turned.statistic)


def test_the_order_of_rows_does_not_count(panel: Panel) -> None:
    order = np.random.default_rng(1).permutation(N)
    d = panel.design
    shuffled = Design(
        d.weights[order], d.base_weights[order], (d.margins[0][order],), d.clusters[order], d.strata[order]
    )
    np.testing.assert_allclose(
        rank_test(shuffled, panel.values[order], panel.two[order]).p, rank_test(panel.design, panel.values, panel.two).p
    )
    np.testing.assert_allclose(
        rank_test_of_groups(shuffled, panel.values[order], panel.stage[order], 4).p,
        rank_test_of_groups(panel.design, panel.values, panel.stage, 4).p,
    )


def test_difference_in_places_is_the_chance_of_answering_higher(panel: Panel) -> None:
    """All pairs of a teacher of either group, each counted as often as their weights say."""
    got = rank_test(panel.design, panel.values, panel.two)
    for j, column in enumerate(panel.values.T):
        late, early = ((panel.two == g) & ~np.isnan(column) for g in (1, 0))
        pairs = np.outer(panel.design.weights[late], panel.design.weights[early])
        higher = np.sign(column[late][:, None] - column[early]) / 2 + 0.5
        assert got.difference[j] + 0.5 == pytest.approx((pairs * higher).sum() / pairs.sum())


def test_equal_weights_are_nearly_the_tests_of_wilcoxon_and_of_kruskal(panel: Panel) -> None:
    """Those take the variance under no difference, these the variance in the sample."""
    column = panel.values[:, 1]
    inside = (panel.stage >= 0) & ~np.isnan(column)
    got = rank_test(EQUAL, column[:, None], panel.two)
    want = stats.mannwhitneyu(
        column[inside & (panel.two == 1)], column[inside & (panel.two == 0)], use_continuity=False
    )
    assert got.p[0] == pytest.approx(want.pvalue, rel=0.1)
    groups = rank_test_of_groups(EQUAL, column[:, None], panel.stage, 4)
    kruskal = stats.kruskal(*(column[inside & (panel.stage == g)] for g in range(4)))
    assert groups.statistic[0] * 3 == pytest.approx(kruskal.statistic, rel=0.15)


def test_two_groups_along_a_break_are_a_rank_test(panel: Panel) -> None:
    position = np.where(panel.two < 0, np.nan, panel.two)
    got, want = rank_trend_test(panel.design, panel.values, position), rank_test(panel.design, panel.values, panel.two)
    np.testing.assert_allclose(got.difference, want.difference)
    np.testing.assert_allclose(got.p, want.p)
