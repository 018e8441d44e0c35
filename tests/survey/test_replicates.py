"""The rescaling bootstrap, raked again in every replicate, and the jackknife."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from plait.survey import replicates
from plait.survey.bank import Answers, Split, tabulate
from plait.survey.design import (
    Design,
    Replicates,
    covariance,
    covariance_of_totals,
    degrees_of_freedom,
    sparse_array,
    variances,
)
from plait.survey.raking import RakingError, rake
from plait.survey.replicates import (
    Estimator,
    ReplicateErrors,
    bank_shares,
    bootstrap,
    jackknife,
    rank_of,
    replicate_errors,
    reweighted,
)
from plait.survey.summaries import means, totals

N = 400
RNG = np.random.default_rng(41)
SCHOOL = RNG.permutation(np.arange(N) % 100)
REGION = SCHOOL % 4
GENDER, AGE = RNG.integers(0, 2, N), RNG.integers(0, 3, N)
START = RNG.uniform(0.5, 2, N)
HOURS = RNG.normal(48, 7, N) + 3 * RNG.normal(size=100)[SCHOOL] + 4 * GENDER
PHASE = RNG.integers(-1, 3, N)
ANSWER = RNG.integers(-1, 4, N)
EVERYONE = np.zeros(N, dtype=np.int64)
TARGETS = [np.array([600.0, 400.0]), np.array([200.0, 300.0, 500.0])]
RAKED = rake([GENDER, AGE], TARGETS, START).weights

DESIGNS = {
    "weights": Design(START),
    "strata": Design(START, strata=REGION),
    "clusters": Design(START, clusters=SCHOOL, strata=REGION),
    "raked": Design(RAKED, START, (GENDER, AGE)),
    "raked clusters": Design(RAKED, START, (GENDER, AGE), SCHOOL, REGION),
}


def mean_hours(weights: np.ndarray) -> np.ndarray:
    return HOURS @ weights / weights.sum(axis=0)


def total_hours(weights: np.ndarray) -> np.ndarray:
    return HOURS @ weights


def weights_of(design: Design, n_replicates: int, seed: int = 1) -> np.ndarray:
    """The replicate weights themselves."""
    return bootstrap(design, n_replicates, seed).replicates.weights


def bootstrap_errors(design: Design, estimator: Estimator, n_replicates: int, seed: int = 0) -> ReplicateErrors:
    return replicate_errors(replace(design, replicates=bootstrap(design, n_replicates, seed).replicates), estimator)


def given_errors(design: Design, estimator: Estimator, multipliers: np.ndarray, *scales: np.ndarray) -> ReplicateErrors:
    return replicate_errors(replace(design, replicates=reweighted(design, multipliers, *scales)), estimator)


# --- drawing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["weights", "strata", "clusters"])
def test_one_draw_fewer_than_clusters_in_every_stratum(name: str) -> None:
    """Weight ratios are k n_h / (n_h - 1), the same throughout a cluster, with the k of a stratum adding up to n_h - 1."""
    design = DESIGNS[name]
    ratio = weights_of(design, 20) / START[:, None]
    clusters = np.arange(N) if design.clusters is None else design.clusters
    strata = np.zeros(N, dtype=int) if design.strata is None else design.strata
    for h in np.unique(strata):
        units = [np.flatnonzero((clusters == c) & (strata == h)) for c in np.unique(clusters[strata == h])]
        for unit in units:
            np.testing.assert_allclose(ratio[unit], np.broadcast_to(ratio[unit[0]], ratio[unit].shape), rtol=1e-12)
        n_h = len(units)
        times = np.array([ratio[unit[0]] for unit in units]) * (n_h - 1) / n_h
        np.testing.assert_allclose(times, np.round(times), atol=1e-9)
        np.testing.assert_allclose(times.sum(axis=0), n_h - 1, rtol=1e-12)


def test_every_cluster_is_drawn_alike() -> None:
    """Over many replicates the mean multiplier of every respondent is 1."""
    ratio = weights_of(DESIGNS["clusters"], 3000) / START[:, None]
    assert abs(ratio.mean(axis=1) - 1).max() < 5 / np.sqrt(3000)


def test_the_same_seed_gives_the_same_replicates_in_batches_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    first = bootstrap_errors(DESIGNS["raked clusters"], mean_hours, 30, seed=3)
    monkeypatch.setattr(replicates, "_ENTRIES", 7 * N)
    again = bootstrap_errors(DESIGNS["raked clusters"], mean_hours, 30, seed=3)
    other = bootstrap_errors(DESIGNS["raked clusters"], mean_hours, 30, seed=4)
    np.testing.assert_allclose(again.se, first.se, rtol=1e-9)
    np.testing.assert_allclose(again.se_centred, first.se_centred, rtol=1e-9)
    assert other.se != first.se


def test_one_replicate_says_nothing_of_uncertainty() -> None:
    with pytest.raises(ValueError, match="two replicates"):
        bootstrap_errors(DESIGNS["weights"], mean_hours, 1)


# --- standard errors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DESIGNS)
def test_close_to_the_linearised_standard_error(name: str) -> None:
    """1500 replicates have a standard error of 2 % themselves."""
    design = DESIGNS[name]
    got = bootstrap_errors(design, mean_hours, 1500, seed=5)
    np.testing.assert_allclose(got.estimate, means(design, HOURS, EVERYONE, 1).estimate[0], rtol=1e-12)
    np.testing.assert_allclose(got.se, means(design, HOURS, EVERYONE, 1).se[0], rtol=0.08)
    assert got.replicates == 1500


def test_raking_again_narrows_what_the_margins_know() -> None:
    """Hours differ by gender, so weights raked to gender leave less to chance than the same weights taken as given."""

    def estimator(weights: np.ndarray) -> np.ndarray:
        return (HOURS + 20 * GENDER) @ weights / weights.sum(axis=0)

    again = bootstrap_errors(DESIGNS["raked"], estimator, 300)
    given = bootstrap_errors(Design(RAKED), estimator, 300)
    assert again.se < 0.8 * given.se


def test_what_the_margins_fix_does_not_vary() -> None:
    got = bootstrap_errors(DESIGNS["raked"], lambda weights: (GENDER == 0) @ weights, 50)
    np.testing.assert_allclose(got.estimate, 600, rtol=1e-9)
    assert got.se < 600 * 1e-9


def test_both_ways_to_take_deviations() -> None:
    rng = np.random.default_rng(6)
    multipliers = rng.multinomial(N, np.full(N, 1 / N), size=40).T.astype(float)
    got = given_errors(DESIGNS["weights"], mean_hours, multipliers)
    values = mean_hours(multipliers * START[:, None])
    np.testing.assert_allclose(got.se, np.sqrt(np.sum((values - got.estimate) ** 2) / 39), rtol=1e-9)
    np.testing.assert_allclose(got.se_centred, values.std(ddof=1), rtol=1e-9)


def test_a_finite_population() -> None:
    """Of a total, the standard error shrinks by the square root of the part that is not in the sample, exactly."""
    design = DESIGNS["clusters"]
    se = {None: bootstrap_errors(design, total_hours, 40).se}
    for population in (25.0, 40.0):
        finite = replace(design, population_clusters=np.full(N, population))
        se[population] = bootstrap_errors(finite, total_hours, 40).se
        np.testing.assert_allclose(jackknife(finite)[1], (1 - 25 / population) * 24 / 25)
    np.testing.assert_allclose(se[40.0], se[None] * np.sqrt(1 - 25 / 40), rtol=1e-9)
    assert se[25.0] < 1e-9 * se[None]


def test_the_jackknife_is_the_linearised_standard_error_of_a_total() -> None:
    design = DESIGNS["clusters"]
    got = given_errors(design, total_hours, *jackknife(design))
    np.testing.assert_allclose(got.se_centred, totals(design, HOURS, EVERYONE, 1).se[0], rtol=1e-9)


def test_the_jackknife_leaves_out_one_school_at_a_time() -> None:
    design = DESIGNS["raked clusters"]
    got = given_errors(design, mean_hours, *jackknife(design))
    values, factors = [], []
    for h in np.unique(REGION):
        schools = np.unique(SCHOOL[h == REGION])
        for school in schools:
            factor = np.where(h == REGION, schools.size / (schools.size - 1), 1.0)
            kept = school != SCHOOL
            weights = np.zeros(N)
            raked = rake([GENDER[kept], AGE[kept]], TARGETS, (START * factor)[kept])
            weights[kept] = raked.weights
            values.append(mean_hours(weights))
            factors.append((schools.size - 1) / schools.size)
    deviations = np.array(values) - np.mean(values)
    np.testing.assert_allclose(got.se_centred, np.sqrt(np.sum(factors * deviations**2)), rtol=1e-8)


@pytest.mark.parametrize("name", DESIGNS)
def test_variances_of_linear_estimates_come_from_the_replicates(name: str) -> None:
    """A total is linear in the weights: what its influence says is what the total itself says."""
    plain = DESIGNS[name]
    design = replace(plain, replicates=bootstrap(plain, 200, 8).replicates)
    values = np.column_stack([HOURS, HOURS * (GENDER == 0), HOURS > 30])
    direct = replicate_errors(design, lambda weights: values.T @ weights)
    np.testing.assert_allclose(np.sqrt(variances(design, values)), direct.se, rtol=1e-9)
    together = covariance(design, values)
    np.testing.assert_allclose(np.sqrt(np.diag(together)), direct.se, rtol=1e-9)
    np.testing.assert_allclose(together, covariance(plain, values), rtol=0.5, atol=0.2 * together[0, 0])
    sparse = sparse_array(np.arange(N), GENDER, (N, 2))
    np.testing.assert_allclose(covariance_of_totals(design, sparse), covariance(design, sparse.toarray()), atol=1e-6)
    assert degrees_of_freedom(design) == degrees_of_freedom(plain)


def test_given_replicates_have_their_own_degrees_of_freedom() -> None:
    weights = bootstrap(DESIGNS["weights"], 20, 1).replicates.weights
    assert rank_of(weights) == 20
    assert rank_of(np.column_stack([weights, weights[:, :3].sum(axis=1)])) == 20
    design = replace(DESIGNS["weights"], replicates=Replicates(weights, np.full(20, 1 / 19), 19))
    assert degrees_of_freedom(design) == 19
    assert degrees_of_freedom(design, np.arange(N) < 6) == 5


# --- raking every replicate ----------------------------------------------------------------------------------------------


def test_every_replicate_is_raked_as_if_alone() -> None:
    design = DESIGNS["raked clusters"]
    plain = weights_of(Design(START, None, (), SCHOOL, REGION), 12)
    raked = weights_of(design, 12)
    for j in range(12):
        drawn = plain[:, j] > 0
        alone = rake([GENDER[drawn], AGE[drawn]], TARGETS, plain[drawn, j]).weights
        np.testing.assert_allclose(raked[drawn, j], alone, rtol=1e-8)
        np.testing.assert_array_equal(raked[~drawn, j], 0)


def rare_panel(people: int) -> Design:
    """A margin with a group of very few people, who are not in every replicate."""
    rare = np.zeros(N, dtype=np.int64)
    rare[:people] = 1
    weights = rake([GENDER, rare], [TARGETS[0], np.array([990.0, 10.0])], START).weights
    return Design(weights, START, (GENDER, rare))


def test_a_replicate_that_loses_a_level_is_drawn_again_and_reported() -> None:
    """Of two people, none is drawn in about one replicate of seven."""
    design = rare_panel(2)
    got = bootstrap(design, 300)
    assert set(got.redrawn) == {(1, 1)}
    assert 20 <= got.redrawn[1, 1] <= 80
    raked = got.replicates.weights
    assert raked.shape == (N, 300)
    np.testing.assert_allclose(raked[:2].sum(axis=0), 10, rtol=1e-9)


def test_no_redraws_without_need() -> None:
    assert not bootstrap(DESIGNS["raked"], 50).redrawn


def test_a_level_that_is_lost_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicates, "_DRAWS", 1)
    with pytest.raises(RakingError) as caught:
        bootstrap_errors(rare_panel(1), mean_hours, 200)
    assert (caught.value.kind, caught.value.margin, caught.value.level) == ("empty_level", 1, 1)


def test_a_given_replicate_that_loses_a_level() -> None:
    multipliers = np.ones((N, 3))
    multipliers[AGE == 2, 1] = 0
    with pytest.raises(RakingError) as caught:
        given_errors(DESIGNS["raked"], mean_hours, multipliers)
    assert (caught.value.kind, caught.value.margin, caught.value.level) == ("empty_level", 1, 2)


def test_a_given_replicate_whose_margins_contradict_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only women of the first age and men of the others are left, but the targets say 600 and 200."""
    monkeypatch.setattr(replicates, "_ROUNDS", 50)
    multipliers = np.ones((N, 3))
    multipliers[(GENDER == 0) != (AGE == 0), 1] = 0
    with pytest.raises(RakingError) as caught:
        given_errors(DESIGNS["raked"], mean_hours, multipliers)
    assert caught.value.kind == "not_converged"


# --- strata with one cluster -------------------------------------------------------------------------------------------


def test_a_stratum_with_one_school() -> None:
    lonely = np.where(SCHOOL == 0, 9, REGION)
    design = Design(START, clusters=SCHOOL, strata=lonely)
    for method in (lambda d: bootstrap(d, 5), jackknife):
        with pytest.raises(ValueError, match="stratum 9"):
            method(design)
    kept = replace(design, lonely="certainty")
    raked = weights_of(kept, 30)
    np.testing.assert_allclose(raked[SCHOOL == 0], np.repeat(START[SCHOOL == 0, None], 30, axis=1), rtol=1e-12)
    multipliers, scales = jackknife(kept)
    assert multipliers.shape == (N, 99)
    np.testing.assert_array_equal(multipliers[SCHOOL == 0], 1)
    got = given_errors(kept, total_hours, multipliers, scales)
    np.testing.assert_allclose(got.se_centred, totals(kept, HOURS, EVERYONE, 1).se[0], rtol=1e-9)


# --- shares of a bank of tables ----------------------------------------------------------------------------------------

QUESTIONS = [
    Answers(ANSWER.astype(np.int8), 4, nets=((0, 1), (2, 3))),
    Answers((GENDER * 2 + AGE // 2).astype(np.int8), 5),
]
SPLITS = [Split(EVERYONE, 1), Split(PHASE, 3), Split(REGION, 5)]  # one option and one group that nobody is in


@pytest.mark.parametrize("name", DESIGNS)
def test_the_cells_are_those_of_the_bank(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same shares in the same order, for any weights."""
    monkeypatch.setattr(replicates, "_ROWS", 50)
    estimator = bank_shares(QUESTIONS, SPLITS)
    one, other = DESIGNS[name].weights, RNG.uniform(0.5, 2, N)
    got = estimator(np.column_stack([one, other]))
    for j, weights in enumerate((one, other)):
        cells = tabulate(Design(weights), QUESTIONS, SPLITS).cells
        np.testing.assert_allclose(got[:, j], cells.share, rtol=1e-10)


def test_a_bank_of_tables_close_to_the_linearised_standard_errors() -> None:
    design = DESIGNS["raked clusters"]
    got = bootstrap_errors(design, bank_shares(QUESTIONS[:1], SPLITS[:2]), 800, seed=2)
    cells = tabulate(design, QUESTIONS[:1], SPLITS[:2]).cells
    np.testing.assert_allclose(got.estimate, cells.share, rtol=1e-10)
    np.testing.assert_allclose(got.se, cells.se, rtol=0.15)


def test_a_group_that_some_replicates_have_nobody_of() -> None:
    """They say nothing of its share; the others stand for them, and their number is reported."""
    group = np.full(N, -1)
    group[:3] = 0
    answer = np.zeros(N, dtype=np.int8)
    answer[0] = 1
    got = bootstrap_errors(DESIGNS["weights"], bank_shares([Answers(answer, 2)], [Split(group, 1)]), 400)
    drawn = np.any(weights_of(DESIGNS["weights"], 400, seed=0)[:3] > 0, axis=0)
    assert 0 < np.count_nonzero(~drawn) < 60
    np.testing.assert_array_equal(got.replicates, np.count_nonzero(drawn))
    assert np.isfinite(got.se).all()
    np.testing.assert_allclose(got.se[0], got.se[1], rtol=1e-9)


def test_a_group_without_anyone_has_no_standard_error() -> None:
    got = bootstrap_errors(
        DESIGNS["weights"], bank_shares(QUESTIONS[:1], [Split(np.where(PHASE == 1, 2, PHASE), 3)]), 10
    )
    empty = np.repeat([False, True, False], 6)
    np.testing.assert_array_equal(got.replicates, np.where(empty, 0, 10))
    assert np.isnan(got.estimate[empty]).all()
    assert np.isnan(got.se[empty]).all()
    assert np.isfinite(got.se[~empty]).all()
