"""Means, totals and ratios: against formulas written out, simple cases by hand, and each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from one_table import shares
from plait.survey.design import Design
from plait.survey.raking import rake
from plait.survey.summaries import Summary, means, ratios, totals

N = 120
RNG = np.random.default_rng(21)
SCHOOL = RNG.permutation(np.arange(N) % 30)
REGION = SCHOOL % 3
GENDER, AGE = RNG.integers(0, 2, N), RNG.integers(0, 3, N)
START = RNG.uniform(0.5, 2, N)
HOURS = np.where(RNG.random(N) < 0.1, np.nan, RNG.normal(48, 7, N) + 3 * RNG.normal(size=30)[SCHOOL])
PAY = np.where(RNG.random(N) < 0.05, np.nan, np.exp(RNG.normal(10.6, 0.3, N)))
PHASE = RNG.integers(-1, 3, N)
EVERYONE = np.zeros(N, dtype=np.int64)
TARGETS = [np.array([600.0, 400.0]), np.array([200.0, 300.0, 500.0])]
RAKED = rake([GENDER, AGE], TARGETS, START).weights

DESIGNS = {
    "weights": Design(START),
    "strata": Design(START, strata=REGION),
    "clusters": Design(START, clusters=SCHOOL, strata=REGION),
    "raked": Design(RAKED, START, (GENDER, AGE), SCHOOL, REGION),
}


def se_of_influence(design: Design, influence: np.ndarray) -> float:
    """Taylor linearisation as the textbook writes it: loops over strata and clusters."""
    residual = influence
    if design.margins:
        x = np.column_stack([code[:, None] == np.arange(code.max() + 1) for code in design.margins]).astype(float)
        root = np.sqrt(design.base_weights)
        slopes = np.linalg.lstsq(x * root[:, None], influence * root, rcond=1e-10)[0]
        residual = influence - x @ slopes
    strata = np.zeros(N, dtype=int) if design.strata is None else design.strata
    clusters = np.arange(N) if design.clusters is None else design.clusters
    variance = 0.0
    for h in np.unique(strata):
        here = [
            (design.weights * residual)[(strata == h) & (clusters == c)].sum() for c in np.unique(clusters[strata == h])
        ]
        variance += len(here) * np.var(here, ddof=1)
    return float(np.sqrt(variance))


@pytest.mark.parametrize("name", DESIGNS)
def test_means_as_the_formula_is_written(name: str) -> None:
    design = DESIGNS[name]
    got = means(design, HOURS, PHASE, 3)
    for g in range(3):
        inside = (g == PHASE) & ~np.isnan(HOURS)
        mean = np.average(HOURS[inside], weights=design.weights[inside])
        influence = np.where(inside, np.nan_to_num(HOURS) - mean, 0) / design.weights[inside].sum()
        np.testing.assert_allclose(got.estimate[g], mean, rtol=1e-12)
        np.testing.assert_allclose(got.se[g], se_of_influence(design, influence), rtol=1e-9)


@pytest.mark.parametrize("name", DESIGNS)
def test_totals_and_ratios_as_the_formulas_are_written(name: str) -> None:
    design = DESIGNS[name]
    total, ratio = totals(design, HOURS, PHASE, 3), ratios(design, PAY, HOURS, PHASE, 3)
    for g in range(3):
        inside = (g == PHASE) & ~np.isnan(HOURS)
        values = np.where(inside, HOURS, 0)
        np.testing.assert_allclose(total.estimate[g], design.weights @ values, rtol=1e-12)
        np.testing.assert_allclose(total.se[g], se_of_influence(design, values), rtol=1e-9)
        both = inside & ~np.isnan(PAY)
        above, below = (np.where(both, v, 0) for v in (PAY, HOURS))
        want = design.weights @ above / (design.weights @ below)
        np.testing.assert_allclose(ratio.estimate[g], want, rtol=1e-12)
        influence = (above - want * below) / (design.weights @ below)
        np.testing.assert_allclose(ratio.se[g], se_of_influence(design, influence), rtol=1e-9)
        assert ratio.base_unweighted[g] == both.sum()


def test_equal_weights_are_a_simple_random_sample() -> None:
    known = HOURS[~np.isnan(HOURS)]
    got = means(Design(np.ones(N)), HOURS, EVERYONE, 1)
    n = known.size
    np.testing.assert_allclose(got.estimate[0], known.mean(), rtol=1e-12)
    # everyone else stays in the design: the factor n / (n - 1) counts all respondents, not the base alone
    np.testing.assert_allclose(got.se[0], stats.sem(known) * np.sqrt(N * (n - 1) / ((N - 1) * n)), rtol=1e-9)
    complete = means(Design(np.ones(n)), known, EVERYONE[:n], 1)
    np.testing.assert_allclose(complete.se[0], stats.sem(known), rtol=1e-9)
    np.testing.assert_allclose(complete.design_effect, 1, rtol=1e-9)
    np.testing.assert_allclose(
        complete.limits(), np.array(stats.t(n - 1, known.mean(), stats.sem(known)).interval(0.95))[:, None]
    )


def test_weighted_mean_against_statsmodels() -> None:
    known = ~np.isnan(HOURS)
    got = means(Design(START[known]), HOURS[known], EVERYONE[known], 1)
    assert got.estimate[0] == pytest.approx(DescrStatsW(HOURS[known], START[known]).mean, rel=1e-12)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_mean_of_zeros_and_ones_is_a_share(name: str) -> None:
    answer = RNG.integers(0, 2, N).astype(float)
    asked = RNG.random(N) > 0.2
    share = shares(DESIGNS[name], answer[:, None], asked, PHASE, 3)
    mean = means(DESIGNS[name], np.where(asked, answer, np.nan), PHASE, 3)
    np.testing.assert_allclose(mean.estimate, share.share[:, 0], rtol=1e-12)
    np.testing.assert_allclose(mean.se, share.se[:, 0], rtol=1e-9)
    np.testing.assert_allclose(mean.design_effect, share.design_effect[:, 0], rtol=1e-9)
    for field in ("base_unweighted", "base_weighted", "base_effective"):
        np.testing.assert_allclose(getattr(mean, field), getattr(share, field), rtol=1e-12)


def test_a_total_of_ones_counts_people_and_raking_fixes_it() -> None:
    got = totals(DESIGNS["raked"], np.ones(N), GENDER, 2)
    np.testing.assert_allclose(got.estimate, TARGETS[0], rtol=1e-9)
    np.testing.assert_array_equal(got.se, 0)


def test_a_mean_is_a_ratio_to_ones() -> None:
    mean = means(DESIGNS["raked"], HOURS, PHASE, 3)
    ratio = ratios(DESIGNS["raked"], HOURS, np.ones(N), PHASE, 3)
    np.testing.assert_allclose(ratio.estimate, mean.estimate, rtol=1e-12)
    np.testing.assert_allclose(ratio.se, mean.se, rtol=1e-9)


def test_totals_of_groups_add_up() -> None:
    parts = totals(DESIGNS["clusters"], HOURS, np.where(PHASE < 0, 0, PHASE), 3)
    whole = totals(DESIGNS["clusters"], HOURS, EVERYONE, 1)
    assert parts.estimate.sum() == pytest.approx(whole.estimate[0], rel=1e-12)


@pytest.mark.parametrize("name", DESIGNS)
def test_units_of_weights(name: str) -> None:
    """Means do not change when weights are multiplied by 1000; totals are multiplied."""
    design = DESIGNS[name]
    base = None if design.base_weights is None else 1000 * design.base_weights
    larger = replace(design, weights=1000 * design.weights, base_weights=base)
    for estimate, factor in ((means, 1), (totals, 1000)):
        small, large = (estimate(d, HOURS, PHASE, 3) for d in (design, larger))
        np.testing.assert_allclose(large.estimate, factor * small.estimate, rtol=1e-12)
        np.testing.assert_allclose(large.se, factor * small.se, rtol=1e-9)
        np.testing.assert_allclose(large.design_effect, small.design_effect, rtol=1e-9)
        np.testing.assert_array_equal(large.df, small.df)


def test_units_of_the_number() -> None:
    minutes, hours = (means(DESIGNS["raked"], k * HOURS, PHASE, 3) for k in (60, 1))
    np.testing.assert_allclose(minutes.se, 60 * hours.se, rtol=1e-9)
    np.testing.assert_allclose(minutes.design_effect, hours.design_effect, rtol=1e-9)


def test_a_design_effect_without_replacement_allows_for_the_population() -> None:
    """120 of 240 people, each standing for two: the simple sample's variance is half as large."""
    design = Design(np.full(N, 2.0), clusters=SCHOOL)
    got = means(design, np.nan_to_num(HOURS, nan=48.0), EVERYONE, 1)
    np.testing.assert_allclose(got.design_effect_wor, 2 * got.design_effect, rtol=1e-12)
    assert np.isnan(means(Design(np.ones(N)), HOURS, EVERYONE, 1).design_effect_wor[0])


def test_everyone_gives_the_same_number() -> None:
    got = means(DESIGNS["raked"], np.full(N, 7.3), PHASE, 3)
    np.testing.assert_allclose(got.estimate, 7.3, rtol=1e-12)
    np.testing.assert_array_equal(got.se, 0)
    assert np.isnan(got.design_effect).all()


def test_a_group_without_anyone_and_a_group_of_one() -> None:
    group = np.full(N, -1)
    group[np.flatnonzero(~np.isnan(HOURS))[0]] = 1
    for estimate in (means, totals):
        got: Summary = estimate(DESIGNS["weights"], HOURS, group, 2)
        assert got.base_unweighted.tolist() == [0, 1]
        assert np.isnan(got.se[0])
        assert np.isnan(got.design_effect).all()
        assert np.isnan(got.limits()[0][0])
    assert np.isnan(means(DESIGNS["weights"], HOURS, group, 2).estimate[0])
    assert totals(DESIGNS["weights"], HOURS, group, 2).estimate[0] == 0


def test_degrees_of_freedom_count_the_schools_in_the_base() -> None:
    got = means(DESIGNS["clusters"], HOURS, PHASE, 3)
    for g in range(3):
        inside = (g == PHASE) & ~np.isnan(HOURS)
        assert got.df[g] == np.unique(SCHOOL[inside]).size - np.unique(REGION[inside]).size


def test_means_follow_the_jackknife() -> None:
    """Leaving out one school at a time, from scratch, gives nearly the same standard error."""
    design = DESIGNS["clusters"]
    mean = means(design, HOURS, EVERYONE, 1)
    known = ~np.isnan(HOURS)
    variance = 0.0
    for h in np.unique(REGION):
        schools = np.unique(SCHOOL[h == REGION])
        factor = schools.size / (schools.size - 1)
        weights = [np.where(s == SCHOOL, 0, np.where(h == REGION, factor, 1)) * START for s in schools]
        deviations = [np.average(HOURS[known], weights=w[known]) - mean.estimate[0] for w in weights]
        variance += np.sum(np.square(deviations)) / factor
    assert mean.se[0] == pytest.approx(np.sqrt(variance), rel=0.02)


@pytest.mark.parametrize("group", [-2, 3])
def test_groups_must_be_in_range(group: int) -> None:
    with pytest.raises(ValueError, match="groups"):
        means(DESIGNS["weights"], HOURS, np.full(N, group), 3)


def test_values_must_be_finite_or_missing() -> None:
    with pytest.raises(ValueError, match="finite"):
        totals(DESIGNS["weights"], np.where(PHASE == 0, np.inf, HOURS), PHASE, 3)
