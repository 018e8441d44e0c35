"""Tests on counts, families of tests, and sizes of effects."""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import numpy as np
import pytest
from scipy import stats

from plait.survey.significance import (
    ADJUSTMENTS,
    benjamini_hochberg,
    cramers_v_interval,
    fisher,
    holm,
    independence_of_counts,
    pearson,
)

# --- Pearson -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [[[12, 5], [3, 9]], [[1, 0], [0, 1]], [[10, 10], [10, 11]], [[8, 2, 5], [1, 9, 4]]])
@pytest.mark.parametrize("yates", [True, False])
def test_pearson_against_scipy(counts: list[list[int]], yates: bool) -> None:
    got = pearson(counts, yates)
    want = stats.chi2_contingency(counts, correction=yates)
    assert (got.statistic, got.p, got.df) == (pytest.approx(want.statistic), pytest.approx(want.pvalue), want.dof)
    assert got.smallest_expected == pytest.approx(want.expected_freq.min())
    assert got.cramers_v == pytest.approx(stats.contingency.association(counts, "cramer"))
    assert got.method == ("pearson_yates" if yates and len(counts[0]) == 2 else "pearson")


def test_pearson_by_hand() -> None:
    """20 of 50 women and 10 of 50 men: 15 and 35 expected, X2 = 100/15 + 100/35 - ... = 2 * 25/15 + 2 * 25/35."""
    got = pearson([[20, 30], [10, 40]], yates_2x2=False)
    assert got.statistic == pytest.approx(50 / 15 + 50 / 35)
    assert got.cramers_v == pytest.approx(np.sqrt((50 / 15 + 50 / 35) / 100))
    assert got.smallest_expected == 15


def test_pearson_leaves_out_who_is_not_there() -> None:
    assert pearson([[20, 0, 30], [0, 0, 0], [10, 0, 40]]) == pearson([[20, 30], [10, 40]])


@pytest.mark.parametrize("counts", [[[5, 5]], [[5, 0], [7, 0]], [[0, 0], [0, 0]]])
def test_pearson_needs_two_by_two(counts: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="two rows and two columns"):
        pearson(counts)


# --- counts too small for chi-squared ----------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [[[3, 1], [1, 3]], [[0, 6], [5, 2]], [[8, 2], [1, 5]], [[12, 0], [0, 3]]])
def test_fisher_as_a_sum_of_hypergeometric_probabilities(counts: list[list[int]]) -> None:
    (a, b), (c, d) = counts

    def probability(x: int) -> float:
        return comb(a + b, x) * comb(c + d, a + c - x) / comb(a + b + c + d, a + c)

    tables = [probability(x) for x in range(max(0, a - d), min(a + b, a + c) + 1)]
    assert sum(tables) == pytest.approx(1)
    assert fisher(counts) == pytest.approx(sum(q for q in tables if q <= probability(a) * (1 + 1e-9)))


def test_the_lady_tasting_tea() -> None:
    """Fisher's own table, 3 of 4 right: (16 + 1) / 70 in either tail."""
    assert fisher([[3, 1], [1, 3]]) == pytest.approx(34 / 70)


def test_small_expected_counts_in_two_by_two_are_tested_exactly() -> None:
    small = independence_of_counts([[3, 1, 0], [1, 3, 0]])
    assert (small.method, small.p, small.smallest_expected) == ("fisher", pytest.approx(34 / 70), 2)
    assert np.isnan(small.statistic)
    assert small.cramers_v == pytest.approx(0.5)


@pytest.mark.parametrize("counts", [[[10, 10], [5, 5]], [[20, 5], [20, 5]], [[1, 2, 3], [2, 1, 0]]])
def test_other_tables_keep_chi_squared(counts: list[list[int]]) -> None:
    assert independence_of_counts(counts) == pearson(counts)
    assert pearson(counts).method != "fisher"


# --- families ----------------------------------------------------------------------------------------------------------


def test_holm_by_hand_passes_over_what_is_missing() -> None:
    np.testing.assert_allclose(holm([0.01, 0.04, np.nan, 0.03]), [0.03, 0.06, np.nan, 0.06])


def test_benjamini_hochberg_by_hand_passes_over_what_is_missing() -> None:
    """0.01 * 3 / 1, 0.03 * 3 / 2 = 0.045 lowered to 0.04 * 3 / 3."""
    np.testing.assert_allclose(benjamini_hochberg([0.01, 0.04, np.nan, 0.03]), [0.03, 0.04, np.nan, 0.04])


ELSEWHERE = {"hochberg": "simes-hochberg", "benjamini_hochberg": "fdr_bh", "benjamini_yekutieli": "fdr_by"}
ADJUSTED = [(adjust, ELSEWHERE.get(name, name)) for name, adjust in ADJUSTMENTS.items()]


@pytest.mark.parametrize(("adjust", "name"), ADJUSTED)
def test_adjusted_p_values_against_statsmodels(adjust: Callable[..., np.ndarray], name: str) -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(1).uniform(size=60) ** 3
    p[[3, 7, 20]] = p[5]  # ties
    np.testing.assert_allclose(adjust(p), multipletests(p, method=name)[1], rtol=1e-12)


@pytest.mark.parametrize(("adjust", "name"), ADJUSTED)
def test_many_families_at_once_are_each_adjusted_alone(adjust: Callable[..., np.ndarray], name: str) -> None:
    rng = np.random.default_rng(2)
    p, family = rng.uniform(size=500) ** 8, rng.integers(-3, 40, 500)
    p[rng.random(500) < 0.1] = np.nan
    got = adjust(p, family)
    for code in np.unique(family):
        np.testing.assert_allclose(got[family == code], adjust(p[family == code]), rtol=1e-14)
    assert not np.allclose(got, adjust(p), equal_nan=True)


def test_a_tiny_p_keeps_its_digits_beside_large_ones() -> None:
    family = np.array([0, 0, 1, 1])
    assert holm([1e-300, 0.9, 0.9, 3e-250], family).tolist() == [2e-300, 0.9, 0.9, 6e-250]


@pytest.mark.parametrize("adjust", ADJUSTMENTS.values())
def test_nothing_to_adjust(adjust: Callable[..., np.ndarray]) -> None:
    assert np.isnan(adjust([np.nan, np.nan])).all()
    assert adjust([]).size == 0
    assert adjust([], np.array([], dtype=int)).size == 0


# --- sizes of effects --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("df1", [1.0, 4.0, 6.7])
@pytest.mark.parametrize("df2", [57.0, 9000.0])
@pytest.mark.parametrize("f", [0.4, 1.3, 4.0, 30.0])
def test_limits_of_v_are_those_at_which_f_would_be_unusual(df1: float, df2: float, f: float) -> None:
    v = 0.2
    low, high = cramers_v_interval(v, f, df1, df2)
    for limit, tail in ((low, 0.975), (high, 0.025)):
        below = float(stats.ncf.cdf(f, df1, df2, max(df1 * f * (float(limit) / v) ** 2, 1e-12)))
        if limit == 0:
            assert below <= 0.975
        elif limit == v:
            assert below <= 0.025
        elif limit < 1:
            assert below == pytest.approx(tail, rel=1e-6)
    assert 0 <= low <= v <= high <= 1
    assert (low > 0) == (stats.f.sf(f, df1, df2) < 0.025)


def test_limits_of_v_for_pearson_invert_a_noncentral_chi_squared() -> None:
    """72 of 100 against 48 of 100: V = 0.2449, X2 = 12 on 1; noncentralities are (3.4641 -+ 1.96)^2."""
    result = pearson([[72, 28], [48, 52]], yates_2x2=False)
    low, high = cramers_v_interval(result.cramers_v, result.statistic, 1, np.inf)
    root = np.sqrt(result.statistic)
    assert low == pytest.approx((root - 1.959964) / np.sqrt(200), rel=1e-4)
    assert high == pytest.approx((root + 1.959964) / np.sqrt(200), rel=1e-4)


def test_limits_of_v_hold_the_true_value_in_95_of_100_samples() -> None:
    rng = np.random.default_rng(6)
    p = np.array([[0.3, 0.2], [0.2, 0.3]])  # V = 0.2
    drawn = [pearson(t.reshape(2, 2), yates_2x2=False) for t in rng.multinomial(150, p.ravel(), size=1500)]
    low, high = cramers_v_interval([d.cramers_v for d in drawn], [d.statistic for d in drawn], 1, np.inf)
    assert np.mean((low <= 0.2) & (high >= 0.2)) == pytest.approx(0.95, abs=0.02)


def test_limits_of_v_where_something_is_missing() -> None:
    low, high = cramers_v_interval(
        [0.0, 0.3, np.nan, 1.0], [0.0, np.nan, 2.0, 5.0], [1, 1, 1, np.nan], [50, 50, 50, 50]
    )
    np.testing.assert_array_equal(low, [0, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(high, [0, np.nan, np.nan, np.nan])
