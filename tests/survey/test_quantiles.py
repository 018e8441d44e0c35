"""Weighted quantiles and Woodruff's intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from one_table import shares
from plait.survey.design import Design, degrees_of_freedom
from plait.survey.intervals import logit, wald
from plait.survey.quantiles import quantiles, weighted_quantiles
from plait.survey.raking import rake

N = 400
RNG = np.random.default_rng(31)
SCHOOL = RNG.permutation(np.arange(N) % 80)
START = RNG.uniform(0.5, 2, N)
GENDER = RNG.integers(0, 2, N)
HOURS = np.where(RNG.random(N) < 0.1, np.nan, np.round(RNG.normal(48, 7, N) + 2 * RNG.normal(size=80)[SCHOOL], 1))
PHASE = RNG.integers(-1, 3, N)
EVERYONE = np.zeros(N, dtype=np.int64)
RAKED = Design(rake([GENDER], [np.array([600.0, 400.0])], START).weights, START, (GENDER,), SCHOOL)


def test_four_teachers_by_hand() -> None:
    """Hours 40, 45, 50, 60 with weights 1, 2, 3, 4: the distribution reaches 0.1, 0.3, 0.6 and 1."""
    hours, weights = np.array([60.0, 40, 50, 45]), np.array([4.0, 1, 3, 2])
    got = weighted_quantiles(hours, weights, [0, 0.05, 0.1, 0.11, 0.3, 0.5, 0.6, 0.61, 1])
    np.testing.assert_array_equal(got, [40, 40, 40, 45, 45, 50, 50, 60, 60])


def test_the_rule_is_the_inverse_of_the_distribution() -> None:
    """Rule 1 of Hyndman and Fan (1996), which numpy calls inverted_cdf."""
    values = np.random.default_rng(2).normal(size=37)
    for probability in (0.01, 0.1, 0.25, 0.5, 0.77, 0.99):
        want = np.quantile(values, probability, method="inverted_cdf")
        assert weighted_quantiles(values, np.ones(37), probability) == want
        weights = np.random.default_rng(3).uniform(0.5, 2, 37)
        want = np.quantile(values, probability, method="inverted_cdf", weights=weights)
        assert weighted_quantiles(values, weights, probability) == want


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), min_size=1, max_size=20), st.floats(0.01, 0.99))
def test_whole_weights_are_repeated_rows(rows: list[tuple[int, int]], probability: float) -> None:
    values, weights = np.array(rows, dtype=float).T
    repeated = np.repeat(values, weights.astype(int))
    for shares_ in (0.5, probability):
        want = weighted_quantiles(repeated, np.ones(repeated.size), shares_)
        assert weighted_quantiles(values, weights, shares_) == want
        assert np.mean(repeated <= want) >= shares_ - 1e-9
        assert np.mean(repeated < want) <= shares_ + 1e-9


def test_rounding_does_not_push_a_quantile_to_the_next_value() -> None:
    """In floating point the first of five weights of 0.3 is a little less than a fifth of them all."""
    values, weights = np.arange(5.0), np.full(5, 0.3)
    assert weights[0] / np.cumsum(weights)[-1] < 0.2
    np.testing.assert_array_equal(weighted_quantiles(values, weights, np.arange(1, 6) / 5), values)


def test_shares_that_are_none_and_nobody_asked() -> None:
    np.testing.assert_array_equal(weighted_quantiles(np.ones(3), np.ones(3), [-0.1, 1.1, np.nan]), [np.nan] * 3)
    assert np.isnan(weighted_quantiles(np.array([]), np.array([]), 0.5))


@pytest.mark.parametrize("interval", [logit, wald])
def test_limits_are_those_of_the_share_below_the_quantile(interval: object) -> None:
    """Woodruff's interval taken step by step, with the share estimated like any other share."""
    got = quantiles(RAKED, HOURS, [0.25, 0.5], PHASE, 3, share_limits=interval)  # type: ignore[arg-type]
    for g in range(3):
        inside = (g == PHASE) & ~np.isnan(HOURS)
        df = degrees_of_freedom(RAKED, inside)
        assert got.df[g] == df
        assert got.base_unweighted[g] == inside.sum()
        for j, probability in enumerate((0.25, 0.5)):
            middle = weighted_quantiles(HOURS[inside], RAKED.weights[inside], probability)
            assert got.estimate[g, j] == middle
            below = shares(RAKED, (middle >= HOURS).astype(float)[:, None], inside, np.where(inside, 0, -1), 1)
            limits = interval(below.share[0, 0], below.se[0, 0], df)  # type: ignore[operator]
            want = weighted_quantiles(HOURS[inside], RAKED.weights[inside], limits)
            np.testing.assert_array_equal([got.low[g, j], got.high[g, j]], want)
            assert got.se[g, j] == pytest.approx((want[1] - want[0]) / 2 / stats.t.ppf(0.975, df), rel=1e-9)


def test_covers_the_median_about_as_often_as_it_should() -> None:
    rng = np.random.default_rng(4)
    group = np.arange(200 * 100) // 100
    design = Design(np.ones(group.size))
    got = quantiles(design, rng.exponential(size=group.size), 0.5, group, 200)
    covered = (got.low[:, 0] <= np.log(2)) & (np.log(2) <= got.high[:, 0])
    assert 0.9 <= covered.mean() <= 0.99  # 0.95, give or take three standard errors of 200 trials


def test_scale_and_shift_of_the_numbers() -> None:
    minutes, hours = (quantiles(RAKED, k * HOURS + 5, [0.5, 0.9], PHASE, 3) for k in (60, 1))
    np.testing.assert_allclose(minutes.estimate - 5, 60 * (hours.estimate - 5), rtol=1e-12)
    np.testing.assert_allclose(minutes.se, 60 * hours.se, rtol=1e-9)


def test_units_of_weights() -> None:
    small, large = (Design(k * START, clusters=SCHOOL) for k in (1, 1000))
    first, second = (quantiles(design, HOURS, [0.1, 0.5], PHASE, 3) for design in (small, large))
    for field in ("estimate", "low", "high", "se"):
        np.testing.assert_array_equal(getattr(first, field), getattr(second, field))


def test_a_group_without_anyone_and_limits_out_of_reach() -> None:
    got = quantiles(RAKED, HOURS, [0.5, 1.0], np.where(PHASE == 2, -1, PHASE), 3, share_limits=wald)
    assert np.isnan(got.estimate[2]).all()
    assert got.base_unweighted[2] == 0
    tail = quantiles(RAKED, HOURS, [0.003], EVERYONE, 1, share_limits=wald)
    assert np.isnan(tail.low[0, 0]), "the share's lower limit is below 0"
    assert tail.high[0, 0] >= tail.estimate[0, 0]
    assert np.isnan(tail.se[0, 0])


def test_everyone_gives_the_same_number() -> None:
    """The share at or below it is 1: Wald's limits are 1 as well, and log-odds give none."""
    same = np.where(np.isnan(HOURS), np.nan, 48.0)
    plain = quantiles(RAKED, same, 0.5, PHASE, 3, share_limits=wald)
    np.testing.assert_array_equal([plain.estimate, plain.low, plain.high], 48)
    np.testing.assert_array_equal(plain.se, 0)
    odds = quantiles(RAKED, same, 0.5, PHASE, 3)
    np.testing.assert_array_equal(odds.estimate, 48)
    assert np.isnan([odds.low, odds.high, odds.se]).all()


@pytest.mark.parametrize("group", [-2, 3])
def test_groups_must_be_in_range(group: int) -> None:
    with pytest.raises(ValueError, match="groups"):
        quantiles(RAKED, HOURS, 0.5, np.full(N, group), 3)
