"""Regressions, by identities, against statsmodels, and where they must refuse."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from plait.survey.comparisons import t_test
from plait.survey.design import Design, covariance
from plait.survey.models import (
    ModelError,
    Term,
    groups_term,
    interaction_term,
    linear,
    logistic,
    number_term,
    term_tests,
)

N = 400
STAGES = ["new", "early", "mid", "late"]


class Panel:
    """400 teachers in 80 schools: stage, phase, hours of work, and whether they think of leaving."""

    def __init__(self) -> None:
        rng = np.random.default_rng(12)
        self.school = rng.permutation(np.arange(N) % 80)
        self.stage, self.phase = rng.integers(0, 4, N), rng.integers(0, 2, N)
        self.hours = rng.normal(45, 8, N)
        strain = rng.normal(0, 0.5, 80)[self.school] + 0.4 * self.stage + 0.05 * (self.hours - 45)
        self.leaving = (strain + rng.logistic(size=N) > 0.8).astype(float)
        self.weights = rng.uniform(0.5, 3, N)
        self.design = Design(self.weights, None, (self.phase,), self.school, self.school % 4)
        self.terms = [
            groups_term("stage", self.stage, STAGES),
            groups_term("phase", self.phase, ["primary", "secondary"]),
            number_term("hours", self.hours),
        ]
        self.x = np.column_stack([np.ones(N), *(term.columns for term in self.terms)])


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel()


# --- identities --------------------------------------------------------------------------------------------------------


def test_logistic_with_equal_weights_is_the_sandwich_of_statsmodels(panel: Panel) -> None:
    got = logistic(Design(np.full(N, 5.0)), panel.leaving, panel.terms)
    want = sm.GLM(panel.leaving, panel.x, family=sm.families.Binomial()).fit(cov_type="HC0", tol=1e-12)
    np.testing.assert_allclose(got.estimate, want.params, rtol=1e-7)
    np.testing.assert_allclose(got.covariance, want.cov_params() * N / (N - 1), rtol=1e-6)


def test_clusters_are_the_clustered_sandwich_of_statsmodels(panel: Panel) -> None:
    got = linear(Design(panel.weights, clusters=panel.school), panel.hours, panel.terms[:2])
    fit = sm.WLS(panel.hours, panel.x[:, :5], weights=panel.weights)
    want = fit.fit(cov_type="cluster", cov_kwds={"groups": panel.school, "use_correction": False})
    np.testing.assert_allclose(got.estimate, want.params)
    np.testing.assert_allclose(got.covariance, want.cov_params() * 80 / 79)
    assert got.df == 79 - 4


def test_coefficients_solve_the_weighted_likelihood(panel: Panel) -> None:
    got = logistic(panel.design, panel.leaving, panel.terms)
    fitted = 1 / (1 + np.exp(-panel.x @ got.estimate))
    np.testing.assert_allclose(panel.x.T @ (panel.weights * (panel.leaving - fitted)), 0, atol=1e-8)


def test_covariance_is_the_sandwich_written_out(panel: Panel) -> None:
    got = logistic(panel.design, panel.leaving, panel.terms)
    fitted = 1 / (1 + np.exp(-panel.x @ got.estimate))
    bread = np.linalg.inv(panel.x.T @ np.diag(panel.weights * fitted * (1 - fitted)) @ panel.x)
    influence = np.array([bread @ x * (y - m) for x, y, m in zip(panel.x, panel.leaving, fitted, strict=True)])
    np.testing.assert_allclose(got.covariance, covariance(panel.design, influence))


def test_two_groups_are_a_t_test_of_shares(panel: Panel) -> None:
    got = linear(panel.design, panel.leaving, [panel.terms[1]])
    want = t_test(panel.design, panel.leaving[:, None], panel.phase)
    assert got.estimate[1] == pytest.approx(want.difference[0])
    assert got.p[1] == pytest.approx(want.p[0])
    assert float(term_tests(got)["phase"].statistic) == pytest.approx(want.statistic[0] ** 2)


def test_odds_ratio_of_two_groups_is_that_of_the_weighted_table(panel: Panel) -> None:
    got = logistic(panel.design, panel.leaving, [panel.terms[1]])
    share = [np.average(panel.leaving[panel.phase == g], weights=panel.weights[panel.phase == g]) for g in (0, 1)]
    ratio, low, high = (np.exp(part) for part in (got.estimate, *got.limits()))
    assert ratio[1] == pytest.approx(share[1] / (1 - share[1]) * (1 - share[0]) / share[0])
    half = stats.t.ppf(0.975, got.df) * got.se[1]
    assert (low[1], high[1]) == (pytest.approx(ratio[1] * np.exp(-half)), pytest.approx(ratio[1] * np.exp(half)))


def test_units_of_numbers_and_weights_do_not_count(panel: Panel) -> None:
    plain = logistic(panel.design, panel.leaving, panel.terms)
    minutes = [*panel.terms[:2], number_term("hours", panel.hours * 6e7)]
    design = Design(1000 * panel.weights, None, (panel.phase,), panel.school, panel.school % 4)
    np.testing.assert_allclose(logistic(design, panel.leaving, minutes).p, plain.p, rtol=1e-6)


def test_respondents_with_gaps_have_no_influence(panel: Panel) -> None:
    """They stay in the design: schools that lose everyone still count in the variance, not in the df."""
    gone = panel.school < 20
    terms = [Term(t.name, t.labels, np.where(gone[:, None], np.nan, t.columns), t.reference) for t in panel.terms]
    got = logistic(panel.design, panel.leaving, terms)
    assert (got.base_unweighted, got.df) == (300, 60 - 4 - 5)
    assert got.base_weighted == pytest.approx(panel.weights[~gone].sum())
    want = logistic(panel.design, np.where(gone, np.nan, panel.leaving), panel.terms)
    np.testing.assert_allclose(got.covariance, want.covariance)


def test_names_of_coefficients(panel: Panel) -> None:
    stage, phase, hours = panel.terms
    model = linear(panel.design, panel.leaving, [stage, phase, hours, interaction_term(phase, hours)])
    assert model.terms == ("", "stage", "stage", "stage", "phase", "hours", "phase:hours")
    assert model.labels == ("", "early", "mid", "late", "secondary", "", "secondary")
    assert list(term_tests(model)) == ["stage", "phase", "hours", "phase:hours"]


def test_interaction_of_groups_gives_the_mean_of_every_cell(panel: Panel) -> None:
    stage, phase, _ = panel.terms
    model = linear(panel.design, panel.hours, [stage, phase, interaction_term(stage, phase)])
    inside = (panel.stage == 2) & (panel.phase == 1)
    mean = np.average(panel.hours[inside], weights=panel.weights[inside])
    assert model.estimate[[0, 2, 4, 6]].sum() == pytest.approx(mean)


# --- refusals ----------------------------------------------------------------------------------------------------------


def refusal(panel: Panel, outcome: np.ndarray, terms: list[Term], kind: object = logistic) -> ModelError:
    with pytest.raises(ModelError) as caught:
        kind(panel.design, outcome, terms)  # type: ignore[operator]
    return caught.value


def test_a_group_whose_outcome_is_certain_is_named(panel: Panel) -> None:
    for group, answer in ((3, 1.0), (0, 0.0)):  # the second is the reference
        error = refusal(panel, np.where(panel.stage == group, answer, panel.leaving), panel.terms)
        assert error.term == "stage"
        assert f'"{STAGES[group]}" of stage have the same outcome ({"yes" if answer else "no"})' in str(error)
    certain = np.where(panel.stage == 3, 1.0, panel.leaving)
    assert np.isfinite(linear(panel.design, certain, panel.terms).p).all()  # no trouble for shares


def test_separation_by_a_number_is_named(panel: Panel) -> None:
    error = refusal(panel, (panel.hours > 45).astype(float), panel.terms)
    assert error.term == "hours"
    assert "separation" in str(error)


def test_separation_by_two_groups_together_is_named(panel: Panel) -> None:
    """Everyone late in secondary leaves; either group on its own is mixed, but not their interaction."""
    stage, phase, _ = panel.terms
    leaving = np.where((panel.stage == 3) & (panel.phase == 1), 1.0, panel.leaving)
    assert refusal(panel, leaving, [stage, phase, interaction_term(stage, phase)]).term == "stage:phase"
    assert np.isfinite(logistic(panel.design, leaving, [stage, phase]).p).all()


def test_separation_by_two_numbers_together_is_said(panel: Panel) -> None:
    other = number_term("other", np.random.default_rng(3).normal(45, 8, N))
    difference = panel.hours - other.columns[:, 0]
    error = refusal(panel, (difference > 0).astype(float), [number_term("hours", panel.hours), other])
    assert error.term == "hours"
    assert "hours and other together foretell" in str(error)


def test_strong_is_not_separated(panel: Panel) -> None:
    """Linear predictors beyond 12, but yes and no overlap."""
    number = np.linspace(-60, 60, N)
    outcome = (number > 0).astype(float)
    outcome[[195, 205]] = 1 - outcome[[195, 205]]
    got = logistic(panel.design, outcome, [number_term("number", number)])
    assert np.abs(got.estimate[1] * 60) > 12
    assert np.isfinite(got.p).all()


def test_collinear_predictors_are_named(panel: Panel) -> None:
    school_type = groups_term("type", panel.phase, ["first", "second"])
    for kind in (linear, logistic):
        error = refusal(panel, panel.leaving, [*panel.terms, school_type], kind)
        assert error.term == "type"
        assert "collinear" in str(error)
    minutes = number_term("minutes", panel.hours * 60 + 3)
    assert refusal(panel, panel.leaving, [*panel.terms, minutes]).term == "minutes"


def test_a_number_that_does_not_vary_is_collinear_and_years_are_not(panel: Panel) -> None:
    assert refusal(panel, panel.leaving, [number_term("one", np.full(N, 7.0))], linear).term == "one"
    assert refusal(panel, panel.leaving, [number_term("zero", np.zeros(N))], linear).term == "zero"
    years = number_term("year", 2020.0 + panel.stage)
    assert np.isfinite(linear(panel.design, panel.leaving, [years]).p).all()


def test_an_empty_group_is_named(panel: Panel) -> None:
    for group in (0, 2):
        outcome = np.where(panel.stage == group, np.nan, panel.leaving)
        error = refusal(panel, outcome, panel.terms, linear)
        assert error.term == "stage"
        assert f'nobody in group "{STAGES[group]}"' in str(error)


def test_too_few_respondents_or_clusters(panel: Panel) -> None:
    assert "too few" in str(refusal(panel, np.where(np.arange(N) < 6, panel.leaving, np.nan), panel.terms))
    few = np.where(panel.school < 8, panel.leaving, np.nan)  # 40 people, 8 schools in 4 strata, 6 coefficients
    assert "-1 degrees of freedom" in str(refusal(panel, few, panel.terms))
    assert "0 respondents" in str(refusal(panel, np.full(N, np.nan), panel.terms))


def test_an_outcome_that_does_not_vary(panel: Panel) -> None:
    for kind in (linear, logistic):
        assert "nothing to explain" in str(refusal(panel, np.ones(N), panel.terms, kind))


def test_a_logistic_outcome_is_0_or_1(panel: Panel) -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        logistic(panel.design, panel.hours, panel.terms)
