"""Change between waves, by identities and by drawing the samples again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from plait.survey.change import Wave, change, wave_of_means
from plait.survey.design import Design, variances
from plait.survey.raking import rake

PEOPLE = 900


class Panel:
    """900 teachers in 180 schools in 4 regions; the first 600 answer in spring, the last 600 in autumn."""

    def __init__(self) -> None:
        rng = np.random.default_rng(5)
        self.school = rng.permutation(np.arange(PEOPLE) % 180)
        self.gender = rng.integers(0, 2, PEOPLE)
        strain = rng.normal(0, 0.5, 180)[self.school] + 0.6 * self.gender + rng.normal(size=PEOPLE)
        self.spring, self.autumn = (
            (strain + shift + rng.normal(0, 0.7, PEOPLE) > 0).astype(float) for shift in (0, 0.3)
        )
        self.start = rng.uniform(0.5, 2, PEOPLE)

    def wave(self, who: slice | np.ndarray, answer: np.ndarray, clustered: bool = False) -> Wave:
        gender, start = self.gender[who], self.start[who]
        weights = rake([gender], [np.array([400.0, 600.0])], start).weights
        school = self.school[who] if clustered else None
        strata = self.school[who] % 4 if clustered else None
        both = np.column_stack([answer, np.where(self.gender == 1, answer, np.nan)])
        return wave_of_means(
            Design(weights, start, (gender,), school, strata),
            np.arange(PEOPLE)[who].astype(str),
            both[who],
            None if school is None else np.array([f"school {code}" for code in school]),
        )


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel()


def sum_of_variances(*waves: Wave) -> np.ndarray:
    return np.sum([variances(wave.design, wave.influence) for wave in waves], axis=0)


@pytest.mark.parametrize("clustered", [False, True])
def test_without_overlap_variances_add_up(panel: Panel, clustered: bool) -> None:
    first = panel.school < 90 if clustered else np.arange(PEOPLE) < 450
    before, after = panel.wave(first, panel.spring, clustered), panel.wave(~first, panel.autumn, clustered)
    got = change(before, after)
    np.testing.assert_allclose(got.test.se**2, sum_of_variances(before, after))
    np.testing.assert_allclose(got.test.difference, after.estimate - before.estimate)
    np.testing.assert_array_equal(got.correlation, 0)
    np.testing.assert_array_equal(got.in_both, 0)
    assert got.test.df[0] == (90 - 4 + 90 - 4 if clustered else 450 - 1 + 450 - 1)


def test_the_same_people_with_equal_weights_make_a_paired_test(panel: Panel) -> None:
    waves = [
        wave_of_means(Design(np.full(PEOPLE, 2.0)), np.arange(PEOPLE), a[:, None]) for a in (panel.spring, panel.autumn)
    ]
    got, want = change(*waves), stats.ttest_rel(panel.autumn, panel.spring)
    assert got.test.statistic[0] == pytest.approx(want.statistic)
    assert (got.test.df[0], got.test.p[0]) == (want.df, pytest.approx(want.pvalue))
    assert got.in_both[0] == PEOPLE


@pytest.mark.parametrize("clustered", [False, True])
def test_the_same_people_are_one_sample_with_two_questions(panel: Panel, clustered: bool) -> None:
    waves = [panel.wave(slice(None), answer, clustered) for answer in (panel.spring, panel.autumn)]
    got = change(*waves)
    want = variances(waves[0].design, waves[1].influence - waves[0].influence)
    np.testing.assert_allclose(got.test.se**2, want)
    assert got.test.df[0] == (180 - 4 if clustered else PEOPLE - 1)


def test_people_who_stay_narrow_the_change(panel: Panel) -> None:
    before, after = panel.wave(slice(600), panel.spring), panel.wave(slice(300, None), panel.autumn)
    got = change(before, after)
    assert (got.test.se < 0.95 * np.sqrt(sum_of_variances(before, after))).all()
    assert (got.correlation > 0.1).all()
    inside = panel.gender[300:600] == 1
    np.testing.assert_array_equal(got.in_both, [300, inside.sum()])


def test_the_order_of_people_does_not_count(panel: Panel) -> None:
    before, after = panel.wave(slice(600), panel.spring, True), panel.wave(slice(300, None), panel.autumn, True)
    order = np.random.default_rng(2).permutation(np.arange(300, PEOPLE))
    got, want = change(before, panel.wave(order, panel.autumn, True)), change(before, after)
    np.testing.assert_allclose(got.test.se, want.test.se)
    np.testing.assert_array_equal(got.test.df, want.test.df)


def test_back_in_time_the_sign_turns(panel: Panel) -> None:
    before, after = panel.wave(slice(600), panel.spring, True), panel.wave(slice(300, None), panel.autumn, True)
    there, back = change(before, after).test, change(after, before).test
    np.testing.assert_allclose(there.statistic, -back.statistic)
    np.testing.assert_array_equal(there.df, back.df)


@pytest.mark.parametrize("clustered", [False, True])
def test_against_drawing_the_samples_again(panel: Panel, clustered: bool) -> None:
    """Units in either wave are drawn with replacement, both waves estimated and raked again: 600 times."""
    before, after = panel.wave(slice(600), panel.spring), panel.wave(slice(300, None), panel.autumn)
    got = change(before, after)
    unit = panel.school if clustered else np.arange(PEOPLE)
    if clustered:
        schools = ((before, unit[:600]), (after, unit[300:]))
        got = change(*(replace(w, design=replace(w.design, clusters=c), cluster=c) for w, c in schools))
    rng, drawn = np.random.default_rng(9), []
    units = unit.max() + 1
    for _ in range(600):
        times = np.bincount(rng.integers(0, units, units), minlength=units)[unit]
        estimates = []
        for who, answer in ((slice(600), panel.spring), (slice(300, None), panel.autumn)):
            again = np.repeat(np.arange(PEOPLE)[who], times[who])
            weights = rake([panel.gender[again]], [np.array([400.0, 600.0])], panel.start[again]).weights
            estimates.append(np.average(answer[again], weights=weights))
        drawn.append(estimates[1] - estimates[0])
    assert got.test.se[0] == pytest.approx(np.std(drawn, ddof=1), rel=0.1)  # 600 replicates know it to 3%


def test_degrees_of_freedom_count_schools_once(panel: Panel) -> None:
    """Spring has all 180 schools, autumn those below 100; a base of one school less counts one less."""
    autumn = panel.school < 100
    before, after = panel.wave(slice(None), panel.spring, True), panel.wave(autumn, panel.autumn, True)
    assert change(before, after).test.df[0] == 180 - 4
    values = np.where(panel.school == 3, np.nan, panel.spring)[:, None]
    fewer = wave_of_means(before.design, before.respondent, values, before.cluster)
    one = wave_of_means(after.design, after.respondent, panel.autumn[autumn][:, None], after.cluster)
    assert change(fewer, one).test.df[0] == (179 - 4) + (100 - 4) - (99 - 4)


def test_who_moved_school_counts_as_two_people(panel: Panel) -> None:
    before, after = panel.wave(slice(None), panel.spring, True), panel.wave(slice(None), panel.autumn, True)
    assert after.cluster is not None
    got = change(before, replace(after, cluster=np.char.add(after.cluster.astype(str), " new")))
    np.testing.assert_array_equal(got.moved, got.in_both)
    np.testing.assert_array_equal(got.correlation, 0)
    np.testing.assert_allclose(got.test.se**2, sum_of_variances(before, after))
    np.testing.assert_array_equal(change(before, after).moved, 0)


def test_names_tell_which_clusters_are_the_same_not_codes(panel: Panel) -> None:
    before, after = panel.wave(slice(600), panel.spring, True), panel.wave(slice(300, None), panel.autumn, True)
    assert after.design.clusters is not None and after.design.strata is not None
    recoded = replace(after.design, clusters=500 - after.design.clusters, strata=7 - after.design.strata)
    got, want = change(before, replace(after, design=recoded)), change(before, after)
    np.testing.assert_allclose(got.test.se, want.test.se)
    np.testing.assert_array_equal(got.test.df, want.test.df)


def test_waves_are_checked(panel: Panel) -> None:
    before, after = panel.wave(slice(600), panel.spring, True), panel.wave(slice(300, None), panel.autumn)
    with pytest.raises(ValueError, match="both need clusters"):
        change(before, after)
    with pytest.raises(ValueError, match="twice"):
        wave_of_means(Design(np.ones(3)), np.array(["a", "b", "a"]), np.ones((3, 1)))
    with pytest.raises(ValueError, match="one entry per respondent"):
        wave_of_means(Design(np.ones(3)), np.array(["a", "b"]), np.ones((3, 1)))
    with pytest.raises(ValueError, match="names of clusters"):
        replace(before, cluster=None)
    with pytest.raises(ValueError, match="names of clusters"):
        replace(after, cluster=after.respondent)
    assert before.cluster is not None
    with pytest.raises(ValueError, match="one name for each cluster"):
        replace(before, cluster=np.where(before.cluster == "school 7", "school 8", before.cluster))
