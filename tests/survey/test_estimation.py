"""Shares, their standard errors and their intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse, stats
from statsmodels.regression.linear_model import WLS
from statsmodels.stats.proportion import proportion_confint

from one_table import Shares, shares
from plait.survey import bank
from plait.survey.design import Design, covariance, covariance_of_totals, degrees_of_freedom, variances
from plait.survey.intervals import korn_graubard, logit, wilson
from plait.survey.raking import rake

N = 240
EVERYONE = np.zeros(N, dtype=np.int64)
IN_BASE = np.ones(N, dtype=bool)


class Panel:
    """240 teachers in 60 schools of 4 regions, raked to gender and age; "would you mentor again?" has three answers."""

    def __init__(self) -> None:
        rng = np.random.default_rng(11)
        self.school = rng.permutation(np.arange(N) % 60)
        self.region = self.school % 4
        self.gender = rng.integers(0, 2, N)
        self.age = rng.integers(0, 3, N)
        self.start = rng.uniform(0.5, 2, N)
        mood = rng.normal(0, 0.7, 60)[self.school] + 0.5 * self.gender + rng.normal(size=N)
        self.answer = np.digitize(mood, [-0.5, 0.8])
        self.chosen = (self.answer[:, None] == np.arange(3)).astype(float)
        self.asked = rng.random(N) > 0.15
        self.phase = rng.integers(-1, 3, N)  # the break; some do not say
        targets = [np.array([600.0, 400.0]), np.array([200.0, 300.0, 500.0])]
        self.raked = rake([self.gender, self.age], targets, self.start).weights

    def design(self, *, clusters: bool = False, strata: bool = False, margins: bool = False) -> Design:
        return Design(
            weights=self.raked if margins else self.start,
            base_weights=self.start,
            margins=(self.gender, self.age) if margins else (),
            clusters=self.school if clusters else None,
            strata=self.region if strata else None,
        )


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel()


DESIGNS = [
    {},
    {"strata": True},
    {"clusters": True},
    {"clusters": True, "strata": True},
    {"margins": True},
    {"margins": True, "clusters": True, "strata": True},
]


def step_by_step(design: Design, y: np.ndarray) -> float:
    """Variance of a total, as the formula is written: residuals, cluster totals, differences from the stratum mean."""
    n = len(y)
    residual = y.astype(float)
    if design.margins:
        x = np.column_stack([m == level for m in design.margins for level in np.unique(m)]).astype(float)
        root = np.sqrt(design.base_weights)
        slopes = np.linalg.lstsq(root[:, None] * x, root * y, rcond=None)[0]
        residual = y - x @ slopes
    cluster = np.arange(n) if design.clusters is None else design.clusters
    stratum = np.zeros(n, dtype=int) if design.strata is None else design.strata
    variance = 0.0
    for h in np.unique(stratum):
        inside = stratum == h
        totals = [(design.weights * residual)[inside & (cluster == c)].sum() for c in np.unique(cluster[inside])]
        n_h = len(totals)
        variance += n_h / (n_h - 1) * sum((t - sum(totals) / n_h) ** 2 for t in totals)
    return variance


@pytest.mark.parametrize("kind", DESIGNS, ids=str)
def test_shares_as_the_formula_is_written(panel: Panel, kind: dict[str, bool]) -> None:
    design = panel.design(**kind)
    result = shares(design, panel.chosen, panel.asked, panel.phase, 3)
    for group in range(3):
        inside = panel.asked & (panel.phase == group)
        total = design.weights[inside].sum()
        assert result.base_unweighted[group] == inside.sum()
        assert result.base_weighted[group] == pytest.approx(total)
        assert result.base_effective[group] == pytest.approx(total**2 / (design.weights[inside] ** 2).sum())
        for item in range(3):
            p = design.weights[inside & (panel.answer == item)].sum() / total
            se = np.sqrt(step_by_step(design, np.where(inside, (panel.answer == item) - p, 0) / total))
            assert result.share[group, item] == pytest.approx(p, rel=1e-12)
            assert result.se[group, item] == pytest.approx(se, rel=1e-10)
            simple = p * (1 - p) / (inside.sum() - 1)
            assert result.design_effect[group, item] == pytest.approx(se**2 / simple, rel=1e-9)


@pytest.mark.parametrize("kind", DESIGNS, ids=str)
def test_covariance_written_out_and_multiplied_out(panel: Panel, kind: dict[str, bool]) -> None:
    design = panel.design(**kind)
    influence = np.column_stack([panel.chosen, panel.start, panel.phase == 1])
    together = covariance(design, influence)
    np.testing.assert_allclose(together, covariance_of_totals(design, sparse.csr_array(influence)), rtol=1e-9)
    np.testing.assert_allclose(np.diag(together), variances(design, influence), rtol=1e-12)
    np.testing.assert_allclose(together[0, 0], step_by_step(design, influence[:, 0]), rtol=1e-10)


def test_six_teachers_by_hand() -> None:
    """Weights 1 1 2 2 1 1, yes-yes-no-no-yes-no: p = 3/8, V = 6/5 * sum of (w (a - p) / 8)^2."""
    weights, yes = np.array([1.0, 1, 2, 2, 1, 1]), np.array([1.0, 1, 0, 0, 1, 0])
    result = shares(Design(weights), yes[:, None], np.ones(6, dtype=bool), np.zeros(6, dtype=int), 1)
    squares = 3 * (5 / 8) ** 2 + 2 * (2 * 3 / 8) ** 2 + (3 / 8) ** 2
    assert result.share[0, 0] == pytest.approx(3 / 8)
    assert result.se[0, 0] == pytest.approx(np.sqrt(6 / 5 * squares) / 8)
    assert result.base_effective[0] == pytest.approx(64 / 12)


def test_equal_weights_are_a_simple_random_sample(panel: Panel) -> None:
    result = shares(Design(np.full(N, 2.5)), panel.chosen, IN_BASE, EVERYONE, 1)
    p = panel.chosen.mean(axis=0)
    np.testing.assert_allclose(result.se[0], np.sqrt(p * (1 - p) / (N - 1)), rtol=1e-12)
    np.testing.assert_allclose(result.design_effect[0], 1, rtol=1e-12)


def test_clusters_against_statsmodels(panel: Panel) -> None:
    """A weighted mean with cluster-robust standard error is the same thing by another name."""
    result = shares(panel.design(clusters=True), panel.chosen, IN_BASE, EVERYONE, 1)
    for item in range(3):
        model = WLS(panel.chosen[:, item], np.ones(N), weights=panel.start)
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": panel.school})
        assert result.share[0, item] == pytest.approx(fit.params[0], rel=1e-10)
        assert result.se[0, item] == pytest.approx(fit.bse[0], rel=1e-10)


def test_raking_against_the_jackknife(panel: Panel) -> None:
    """Leave out one teacher at a time and rake again; both approximate the same variance."""
    codes, inside = [panel.gender, panel.age], panel.phase == 1
    targets = [np.bincount(code, panel.raked) for code in codes]
    result = shares(panel.design(margins=True), panel.chosen, IN_BASE, np.where(inside, 0, -1), 1)
    without = []
    for left_out in range(N):
        keep = np.arange(N) != left_out
        weights = rake([code[keep] for code in codes], targets, panel.start[keep], tolerance=1e-8).weights
        here = inside[keep]
        without.append(weights[here] @ panel.chosen[keep][here] / weights[here].sum())
    spread = np.array(without) - result.share[0]
    np.testing.assert_allclose(result.se[0], np.sqrt((N - 1) / N * (spread**2).sum(axis=0)), rtol=0.04)


# --- what must not change a result -------------------------------------------------------------------------------------


def same(got: Shares, want: Shares, *, but_for: tuple[str, ...] = ()) -> None:
    for name in ("share", "se", "base_unweighted", "base_weighted", "base_effective", "design_effect"):
        if name not in but_for:
            np.testing.assert_allclose(getattr(got, name), getattr(want, name), rtol=1e-9, err_msg=name)


FULL = {"margins": True, "clusters": True, "strata": True}


def test_units_of_weights(panel: Panel) -> None:
    design = panel.design(**FULL)
    larger = replace(design, weights=1000 * design.weights, base_weights=7 * panel.start)
    got, want = (shares(d, panel.chosen, panel.asked, panel.phase, 3) for d in (larger, design))
    same(got, want, but_for=("base_weighted",))
    np.testing.assert_allclose(got.base_weighted, 1000 * want.base_weighted)


def test_order_of_respondents(panel: Panel) -> None:
    order = np.random.default_rng(0).permutation(N)
    design = panel.design(**FULL)
    shuffled = Design(
        panel.raked[order],
        panel.start[order],
        (panel.gender[order], panel.age[order]),
        panel.school[order],
        panel.region[order],
    )
    got = shares(shuffled, panel.chosen[order], panel.asked[order], panel.phase[order], 3)
    same(got, shares(design, panel.chosen, panel.asked, panel.phase, 3))


def test_names_of_codes(panel: Panel) -> None:
    design = panel.design(**FULL)
    renamed = replace(
        design,
        margins=(9 - panel.gender, 100 * panel.age),
        clusters=5000 - 3 * panel.school,
        strata=panel.region * 7 - 3,
    )
    same(*(shares(d, panel.chosen, panel.asked, panel.phase, 3) for d in (renamed, design)))


def test_clusters_numbered_anew_in_every_stratum(panel: Panel) -> None:
    design = panel.design(clusters=True, strata=True)
    again = replace(design, clusters=panel.school // 4)  # 15 schools in every region
    same(*(shares(d, panel.chosen, panel.asked, panel.phase, 3) for d in (again, design)))


def test_a_twin_in_the_same_school_tells_nothing_new(panel: Panel) -> None:
    design = panel.design(**FULL)
    twins = Design(
        np.tile(panel.raked / 2, 2),
        np.tile(panel.start, 2),
        (np.tile(panel.gender, 2), np.tile(panel.age, 2)),
        np.tile(panel.school, 2),
        np.tile(panel.region, 2),
    )
    got = shares(twins, np.tile(panel.chosen, (2, 1)), np.tile(panel.asked, 2), np.tile(panel.phase, 2), 3)
    want = shares(design, panel.chosen, panel.asked, panel.phase, 3)
    same(got, want, but_for=("base_unweighted", "base_effective", "design_effect"))


def test_margins_that_tell_the_same_thing_twice(panel: Panel) -> None:
    design = panel.design(**FULL)
    doubled = replace(design, margins=(panel.gender, panel.age, (panel.age == 2).astype(int), panel.gender))
    same(*(shares(d, panel.chosen, panel.asked, panel.phase, 3) for d in (doubled, design)))


def test_chunks_of_questions(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    design = panel.design(**FULL)
    want = shares(design, panel.chosen, panel.asked, panel.phase, 3)
    monkeypatch.setattr(bank, "_AT_ONCE", 1)
    same(shares(design, panel.chosen, panel.asked, panel.phase, 3), want)


def test_the_break_splits_everyone(panel: Panel) -> None:
    """A group on its own, as a break of one group, is what it is beside the others."""
    design = panel.design(**FULL)
    want = shares(design, panel.chosen, panel.asked, panel.phase, 3)
    alone = shares(design, panel.chosen, panel.asked & (panel.phase == 2), EVERYONE, 1)
    np.testing.assert_allclose(alone.share[0], want.share[2], rtol=1e-12)
    np.testing.assert_allclose(alone.se[0], want.se[2], rtol=1e-10)


def test_codes_in_small_integers(panel: Panel) -> None:
    design, many = panel.design(**FULL), np.tile(panel.chosen, (1, 30))
    small = panel.phase.astype(np.int8)
    same(*(shares(design, many, panel.asked, phase, 100) for phase in (small, panel.phase)))


# --- edges -------------------------------------------------------------------------------------------------------------


def test_a_group_without_anyone(panel: Panel) -> None:
    result = shares(panel.design(**FULL), panel.chosen, panel.asked, panel.phase, 5)
    assert list(result.base_unweighted[3:]) == [0, 0]
    assert list(result.base_weighted[3:]) == list(result.base_effective[3:]) == [0, 0]
    for values in (result.share, result.se, result.design_effect):
        assert np.isnan(values[3:]).all()
        assert np.isfinite(values[:3]).all()


def test_nobody_in_the_base(panel: Panel) -> None:
    result = shares(panel.design(), panel.chosen, ~IN_BASE, EVERYONE, 1)
    assert np.isnan(result.share).all() and np.isnan(result.se).all()


def test_nobody_or_everybody_chose_it(panel: Panel) -> None:
    chosen = np.column_stack([np.zeros(N), np.ones(N)])
    result = shares(panel.design(**FULL), chosen, panel.asked, panel.phase, 3)
    np.testing.assert_array_equal(result.share, [[0, 1]] * 3)
    np.testing.assert_array_equal(result.se, 0)
    assert np.isnan(result.design_effect).all()


def test_a_single_teacher() -> None:
    group = np.array([0, 1, 1])
    result = shares(Design(np.ones(3)), np.array([[1.0], [0.0], [1.0]]), np.ones(3, dtype=bool), group, 2)
    assert (result.share[0, 0], result.se[0, 0]) == (1, 0)
    assert np.isnan(result.design_effect[0, 0])


def test_raking_leaves_nothing_to_chance_in_its_own_margins(panel: Panel) -> None:
    women = (panel.gender == 0).astype(float)[:, None]
    result = shares(panel.design(**FULL), women, IN_BASE, EVERYONE, 1)
    assert result.share[0, 0] == pytest.approx(0.6)
    assert result.se[0, 0] == 0
    assert result.design_effect[0, 0] == 0
    assert shares(panel.design(**FULL), women, panel.asked, EVERYONE, 1).se[0, 0] > 0


def test_a_net_is_its_options_together(panel: Panel) -> None:
    design = panel.design(**FULL)
    with_nets = np.column_stack([panel.chosen, panel.chosen[:, :2].sum(axis=1), panel.chosen.sum(axis=1)])
    result = shares(design, with_nets, IN_BASE, EVERYONE, 1)
    assert result.share[0, 3] == pytest.approx(result.share[0, :2].sum())
    assert result.se[0, 3] == pytest.approx(result.se[0, 2])  # what is not in the net is the third answer
    assert (result.share[0, 4], result.se[0, 4]) == (1, 0)


def test_boxes_to_tick_are_estimated_one_by_one(panel: Panel) -> None:
    boxes = np.random.default_rng(5).integers(0, 2, (N, 6)).astype(float)
    design = panel.design(**FULL)
    together = shares(design, boxes, panel.asked, panel.phase, 3)
    for box in range(6):
        alone = shares(design, boxes[:, [box]], panel.asked, panel.phase, 3)
        np.testing.assert_allclose(alone.share[:, 0], together.share[:, box], rtol=1e-12)
        np.testing.assert_allclose(alone.se[:, 0], together.se[:, box], rtol=1e-9)


def test_answers_outside_the_base_are_not_read(panel: Panel) -> None:
    blank = np.where(panel.asked[:, None], panel.chosen, np.nan)
    same(*(shares(panel.design(**FULL), c, panel.asked, panel.phase, 3) for c in (blank, panel.chosen)))


@pytest.mark.parametrize("value", [2.0, 0.5, np.nan])
def test_choices_are_zero_or_one(panel: Panel, value: float) -> None:
    chosen = panel.chosen.copy()
    chosen[7, 1] = value
    with pytest.raises(ValueError, match="0 or 1"):
        shares(panel.design(), chosen, IN_BASE, EVERYONE, 1)


@pytest.mark.parametrize("group", [-2, 1])
def test_groups_must_be_in_range(panel: Panel, group: int) -> None:
    with pytest.raises(ValueError, match="groups must be"):
        shares(panel.design(), panel.chosen, IN_BASE, EVERYONE + group, 1)


def test_a_stratum_with_one_school_is_refused(panel: Panel) -> None:
    strata = np.where(panel.school == 3, 77, panel.region)
    with pytest.raises(ValueError, match="stratum 77"):
        shares(Design(panel.start, None, (), panel.school, strata), panel.chosen, IN_BASE, EVERYONE, 1)
    with pytest.raises(ValueError, match="the whole sample"):
        variances(Design(np.ones(3), None, (), np.zeros(3, dtype=int)), np.ones((3, 1)))


def test_a_design_is_checked() -> None:
    with pytest.raises(ValueError, match="above zero"):
        Design(np.array([1.0, 0.0]))
    with pytest.raises(ValueError, match="above zero"):
        Design(np.ones(2), np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="one value per respondent"):
        Design(np.ones(2), None, (np.array([0]),))


def test_degrees_of_freedom(panel: Panel) -> None:
    assert degrees_of_freedom(panel.design()) == N - 1
    assert degrees_of_freedom(panel.design(strata=True)) == N - 4
    assert degrees_of_freedom(panel.design(clusters=True)) == 59
    assert degrees_of_freedom(panel.design(clusters=True, strata=True)) == 56
    assert degrees_of_freedom(panel.design(clusters=True, strata=True), panel.region == 2) == 14


# --- intervals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "n"), [(0, 12), (1, 12), (30, 60), (59, 60), (60, 60)])
@pytest.mark.parametrize("level", [0.95, 0.9])
def test_intervals_of_simple_samples_against_statsmodels(count: int, n: int, level: float) -> None:
    p = count / n
    want = proportion_confint(count, n, 1 - level, method="wilson")
    np.testing.assert_allclose(wilson(p, n, level), want, rtol=1e-10, atol=1e-12)
    want = proportion_confint(count, n, 1 - level, method="beta")
    np.testing.assert_allclose(korn_graubard(p, np.sqrt(p * (1 - p) / n), n, n - 1, level), want, rtol=1e-8)


def test_wilson_takes_effective_sizes() -> None:
    low, high = wilson([0.2, 0.2], [50.5, 500])
    assert low[0] < low[1] < 0.2 < high[1] < high[0]


def test_korn_graubard_by_hand() -> None:
    """p = 0.1 with twice the variance of 400 respondents and 30 degrees of freedom."""
    se = np.sqrt(2 * 0.1 * 0.9 / 400)
    size = 200 * (stats.t.ppf(0.975, 399) / stats.t.ppf(0.975, 30)) ** 2
    want = stats.beta.ppf(0.025, 0.1 * size, 0.9 * size + 1), stats.beta.ppf(0.975, 0.1 * size + 1, 0.9 * size)
    np.testing.assert_allclose(korn_graubard(0.1, se, 400, 30), want, rtol=1e-9)


def test_korn_graubard_is_never_more_certain_than_its_respondents() -> None:
    want = proportion_confint(20, 100, method="beta")
    np.testing.assert_allclose(korn_graubard(0.2, 0.001, 100, 99), want, rtol=1e-8)
    np.testing.assert_allclose(korn_graubard(0.2, 0.0, 100, 99), want, rtol=1e-8)


def test_logit_by_hand() -> None:
    half = stats.t.ppf(0.975, 40) * 0.05 / (0.2 * 0.8)
    odds = 0.25 * np.exp([-half, half])
    np.testing.assert_allclose(logit(0.2, 0.05, 40), odds / (1 + odds), rtol=1e-10)


def test_an_interval_of_the_others_is_the_mirror_image() -> None:
    p, se = np.array([0.03, 0.4]), np.array([0.02, 0.05])
    for interval in (lambda s: wilson(s, 80), lambda s: korn_graubard(s, se, 100, 20), lambda s: logit(s, se, 20)):
        (low, high), (other_low, other_high) = interval(p), interval(1 - p)
        np.testing.assert_allclose(low, 1 - other_high, rtol=1e-8)
        np.testing.assert_allclose(high, 1 - other_low, rtol=1e-8)


def test_intervals_of_what_is_missing_are_missing() -> None:
    missing = np.array([np.nan, 0.5])
    some = np.array([0.5, np.nan])
    intervals = (
        wilson(missing, some * 20),
        korn_graubard(missing, some, 20, 19),
        korn_graubard([0.0, np.nan], [np.nan, np.nan], 0, 19),
        logit(missing, some, 19),
        logit([0.0, 1.0], [0.0, 0.0], 19),
        wilson([np.nan, 0.0], [0.0, 0.0]),
    )
    for low, high in intervals:
        assert np.isnan(low).all() and np.isnan(high).all()


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_levels_lie_between_zero_and_one(level: float) -> None:
    with pytest.raises(ValueError, match="confidence level"):
        wilson(0.5, 10, level)
