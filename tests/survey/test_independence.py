"""Tests of independence between a break and the answers, by the textbook and by identities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from one_table import Test, rao_scott
from plait.survey.design import Design, covariance
from plait.survey.raking import rake
from plait.survey.significance import pearson

N = 300


class Panel:
    """300 teachers in 60 schools, raked to gender; three answers about workload, four career stages."""

    def __init__(self) -> None:
        rng = np.random.default_rng(21)
        self.school = rng.permutation(np.arange(N) % 60)
        self.region = self.school % 3
        self.gender = rng.integers(0, 2, N)
        self.start = rng.uniform(0.5, 2, N)
        self.stage = rng.integers(-1, 4, N)
        strain = rng.normal(0, 0.6, 60)[self.school] + 0.2 * self.stage + rng.normal(size=N)
        self.answer = np.digitize(strain, [-0.5, 0.8])
        self.chosen = (self.answer[:, None] == np.arange(3)).astype(float)
        self.asked = rng.random(N) > 0.1
        self.raked = rake([self.gender], [np.array([700.0, 300.0])], self.start).weights
        self.design = Design(self.raked, self.start, (self.gender,), self.school, self.region)


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel()


def textbook(design: Design, answer: np.ndarray, group: np.ndarray, inside: np.ndarray) -> tuple[float, float, float]:
    """F, df1 and p with the contrasts of a log-linear model and the full influence matrix."""
    answers, groups = np.unique(answer[inside]), np.unique(group[inside])
    cell = np.column_stack([inside & (group == g) & (answer == a) for g in groups for a in answers]).astype(float)
    p = design.weights @ cell / (design.weights @ inside)
    v = covariance(design, (cell - np.outer(inside, p)) / (design.weights @ inside))
    main = [np.kron(np.eye(len(groups)), np.ones(len(answers))), np.kron(np.ones(len(groups)), np.eye(len(answers)))]
    rest = np.linalg.svd(np.vstack(main))[2][len(groups) + len(answers) - 1 :].T  # at right angles to both main effects
    inverse = np.diag([1 / q if q > 0 else 0 for q in p])
    delta = np.linalg.inv(rest.T @ inverse @ rest) @ rest.T @ inverse @ v @ inverse @ rest
    table = p.reshape(len(groups), len(answers))
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    f = ((table - expected) ** 2 / expected).sum() / np.trace(delta)
    df1 = np.trace(delta) ** 2 / np.trace(delta @ delta)
    return f, df1, float(stats.f.sf(f, df1, df1 * 57))


def test_rao_scott_as_the_textbook_has_it(panel: Panel) -> None:
    got = rao_scott(panel.design, panel.chosen, panel.asked, panel.stage, 4)
    assert got is not None
    want = textbook(panel.design, panel.answer, panel.stage, panel.asked & (panel.stage >= 0))
    np.testing.assert_allclose([got.statistic, got.df1, got.p], want, rtol=1e-9)
    assert got.df2 == pytest.approx(57 * got.df1)


def test_an_empty_cell_counts_nothing(panel: Panel) -> None:
    inside = panel.asked & (panel.stage >= 0) & ~((panel.stage == 1) & (panel.answer == 2))
    got = rao_scott(panel.design, panel.chosen, inside, panel.stage, 4)
    assert got is not None
    want = textbook(panel.design, panel.answer, panel.stage, inside)
    np.testing.assert_allclose([got.statistic, got.df1, got.p], want, rtol=1e-9)


def test_equal_weights_bring_back_pearson(panel: Panel) -> None:
    """All design effects are then n / (n - 1), so F is X2 (n - 1) / n over its degrees of freedom."""
    everyone = np.ones(N, dtype=bool)
    stage = np.maximum(panel.stage, 0)
    got = rao_scott(Design(np.full(N, 3.0)), panel.chosen, everyone, stage, 4)
    assert got is not None
    counts = np.array([[np.sum((stage == g) & (panel.answer == a)) for a in range(3)] for g in range(4)])
    want = pearson(counts)
    assert got.x2 == pytest.approx(want.statistic)
    assert got.cramers_v == pytest.approx(want.cramers_v)
    assert got.df1 == pytest.approx(6)
    assert got.df2 == pytest.approx(6 * (N - 1))
    assert got.statistic == pytest.approx(want.statistic * (N - 1) / N / 6)


def close(got: Test | None, want: Test | None, fields: str = "statistic df1 df2 p x2 cramers_v") -> None:
    assert got is not None and want is not None
    for field in fields.split():
        assert getattr(got, field) == pytest.approx(getattr(want, field), rel=1e-8), field


@pytest.fixture(scope="module")
def usual(panel: Panel) -> Test | None:
    return rao_scott(panel.design, panel.chosen, panel.asked, panel.stage, 4)


def test_order_of_respondents(panel: Panel, usual: Test) -> None:
    order = np.random.default_rng(0).permutation(N)
    shuffled = Design(
        panel.raked[order], panel.start[order], (panel.gender[order],), panel.school[order], panel.region[order]
    )
    close(rao_scott(shuffled, panel.chosen[order], panel.asked[order], panel.stage[order], 4), usual)


def test_names_and_empty_columns(panel: Panel, usual: Test) -> None:
    """Answers in another order, with one that nobody gave, and groups spread over six."""
    chosen = np.column_stack([panel.chosen[:, 2], np.zeros(N), panel.chosen[:, :2]])
    stage = np.where(panel.stage < 0, -1, np.array([5, 0, 3, 2])[panel.stage])
    close(rao_scott(panel.design, chosen, panel.asked, stage, 6), usual)


def test_units_of_weights(panel: Panel, usual: Test) -> None:
    larger = Design(1000 * panel.raked, panel.start, (panel.gender,), panel.school, panel.region)
    close(rao_scott(larger, panel.chosen, panel.asked, panel.stage, 4), usual)


def test_a_twin_in_the_same_school_tells_nothing_new(panel: Panel, usual: Test) -> None:
    twins = Design(
        *(np.tile(a, 2) for a in (panel.raked, panel.start)),
        (np.tile(panel.gender, 2),),
        *(np.tile(a, 2) for a in (panel.school, panel.region)),
    )
    got = rao_scott(twins, np.tile(panel.chosen, (2, 1)), np.tile(panel.asked, 2), np.tile(panel.stage, 2), 4)
    close(got, usual, "statistic df1 df2 p cramers_v")
    assert got is not None and got.x2 == pytest.approx(2 * usual.x2)


def test_who_gave_no_answer_is_left_out(panel: Panel, usual: Test) -> None:
    blank = np.where(panel.asked[:, None], panel.chosen, 0.0)
    close(rao_scott(panel.design, blank, np.ones(N, dtype=bool), panel.stage, 4), usual)


def test_one_box_as_two_columns_is_a_comparison_of_two_shares(panel: Panel) -> None:
    """With two groups F has one degree of freedom."""
    ticked = panel.chosen[:, 0]
    stage = np.where(panel.stage < 0, -1, panel.stage // 2)
    got = rao_scott(panel.design, np.column_stack([ticked, 1 - ticked]), panel.asked, stage, 2)
    assert got is not None
    assert (got.df1, got.df2) == (pytest.approx(1), pytest.approx(57))
    want = textbook(panel.design, ticked, stage, panel.asked & (stage >= 0))
    np.testing.assert_allclose([got.statistic, got.df1, got.p], want, rtol=1e-9)


def test_too_little_to_compare(panel: Panel) -> None:
    assert rao_scott(panel.design, panel.chosen, panel.asked, np.zeros(N, dtype=int), 3) is None
    assert rao_scott(panel.design, np.ones((N, 1)), panel.asked, panel.stage, 4) is None
    assert rao_scott(panel.design, panel.chosen, np.zeros(N, dtype=bool), panel.stage, 4) is None


@pytest.mark.parametrize("groups", [2, 3])
def test_every_group_with_an_answer_of_its_own(groups: int) -> None:
    """The strongest association there is, but no variance left to measure it against."""
    answer = np.arange(N) % groups
    chosen = (answer[:, None] == np.arange(groups)).astype(float)
    got = rao_scott(Design(np.ones(N)), chosen, np.ones(N, dtype=bool), answer, groups)
    assert got is not None
    assert got.cramers_v == pytest.approx(1)
    assert np.isnan([got.statistic, got.df1, got.df2, got.p]).all()
