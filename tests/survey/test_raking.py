"""Raking, trimming and what unequal weights cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.survey.raking import Raked, RakingError, effective_n, kish_design_effect, rake, rake_and_trim, trim

WOMEN, MEN = 0, 1
PRIMARY, SECONDARY = 0, 1


@pytest.fixture
def staff() -> list[np.ndarray]:
    """Gender and phase of 300 teachers who answered: too many women, too many from primary schools."""
    rng = np.random.default_rng(7)
    gender = (rng.random(300) < 0.2).astype(np.int64)
    phase = (rng.random(300) < 0.3 + 0.2 * gender).astype(np.int64)
    seniority = rng.integers(0, 4, 300)
    return [gender, phase, seniority]


TARGETS = [np.array([750.0, 250.0]), np.array([500.0, 500.0]), np.array([100.0, 400.0, 300.0, 200.0])]


def row_by_row(codes: list[np.ndarray], targets: list[np.ndarray], start: np.ndarray, rounds: int = 300) -> np.ndarray:
    """Raking as the textbook tells it: one respondent at a time, for a fixed number of rounds."""
    weights = [float(w) for w in start]
    for _ in range(rounds):
        for code, target in zip(codes, targets, strict=True):
            got = [0.0] * len(target)
            for w, level in zip(weights, code, strict=True):
                got[level] += w
            weights = [w * target[level] / got[level] for w, level in zip(weights, code, strict=True)]
    return np.array(weights)


def test_four_teachers_one_of_each_kind() -> None:
    """With one respondent a cell and independent margins the weights are the products of the shares."""
    gender, phase = np.array([WOMEN, WOMEN, MEN, MEN]), np.array([PRIMARY, SECONDARY, PRIMARY, SECONDARY])
    raked = rake([gender, phase], [np.array([60.0, 40.0]), np.array([30.0, 70.0])])
    np.testing.assert_allclose(raked.weights, [18, 42, 12, 28], rtol=1e-12)
    assert raked.iterations == 1
    assert raked.largest_error < 1e-12


def test_equals_raking_row_by_row(staff: list[np.ndarray]) -> None:
    start = np.random.default_rng(1).uniform(0.5, 2, 300)
    raked = rake(staff, TARGETS, start, tolerance=1e-13)
    np.testing.assert_allclose(raked.weights, row_by_row(staff, TARGETS, start, 60), rtol=1e-11)


def test_many_margins_with_more_combinations_than_fit_in_memory() -> None:
    rng = np.random.default_rng(3)
    codes = [rng.integers(0, 8, 400).astype(np.int8) for _ in range(12)]  # 8^12 combinations, in small integers
    targets = [np.bincount(code, minlength=8) * rng.uniform(0.97, 1.03, 8) for code in codes]
    targets = [target / target.sum() for target in targets]
    raked = rake(codes, targets, tolerance=1e-12)
    np.testing.assert_allclose(raked.weights, row_by_row(codes, targets, np.ones(400), 30), rtol=1e-9)


def test_meets_every_target(staff: list[np.ndarray]) -> None:
    raked = rake(staff, TARGETS)
    for code, target in zip(staff, TARGETS, strict=True):
        np.testing.assert_allclose(np.bincount(code, raked.weights), target, rtol=1e-10)
    assert raked.largest_error <= 1e-10


def test_shares_take_the_total_of_the_first_margin(staff: list[np.ndarray]) -> None:
    mixed = [TARGETS[0], *(target / 1000 for target in TARGETS[1:])]
    np.testing.assert_allclose(rake(staff, mixed).weights, rake(staff, TARGETS).weights, rtol=1e-9)
    only = rake(staff, [target / 1000 for target in TARGETS])
    np.testing.assert_allclose(only.weights.sum(), 1, rtol=1e-12)


def test_only_ratios_of_start_weights_matter(staff: list[np.ndarray]) -> None:
    start = np.random.default_rng(2).uniform(0.5, 2, 300)
    np.testing.assert_allclose(
        rake(staff, TARGETS, 1000 * start).weights, rake(staff, TARGETS, start).weights, rtol=1e-9
    )


def test_order_of_respondents_does_not_matter(staff: list[np.ndarray]) -> None:
    order = np.random.default_rng(4).permutation(300)
    np.testing.assert_allclose(
        rake([code[order] for code in staff], TARGETS).weights, rake(staff, TARGETS).weights[order], rtol=1e-9
    )


def test_a_twin_shares_the_weight(staff: list[np.ndarray]) -> None:
    twice = rake([np.tile(code, 2) for code in staff], TARGETS).weights
    np.testing.assert_allclose(twice, np.tile(rake(staff, TARGETS).weights / 2, 2), rtol=1e-9)


def test_names_of_levels_do_not_matter(staff: list[np.ndarray]) -> None:
    swapped = rake([1 - staff[0], *staff[1:]], [TARGETS[0][::-1], *TARGETS[1:]])
    np.testing.assert_allclose(swapped.weights, rake(staff, TARGETS).weights, rtol=1e-9)


def test_weights_that_agree_already_stay(staff: list[np.ndarray]) -> None:
    first = rake(staff, TARGETS)
    again = rake(staff, TARGETS, first.weights)
    assert again.iterations == 0
    np.testing.assert_array_equal(again.weights, first.weights)


def test_a_level_that_nobody_is_in_and_nobody_should_be_in(staff: list[np.ndarray]) -> None:
    longer = [np.append(TARGETS[0], 0.0), *TARGETS[1:]]
    np.testing.assert_allclose(rake(staff, longer).weights, rake(staff, TARGETS).weights, rtol=1e-12)


def refused(*args: object, **kwargs: object) -> RakingError:
    with pytest.raises(RakingError) as caught:
        rake(*args, **kwargs)  # type: ignore[arg-type]
    return caught.value


def test_a_target_without_respondents(staff: list[np.ndarray]) -> None:
    error = refused(staff, [*TARGETS[:2], np.array([100.0, 400.0, 300.0, 150.0, 50.0])])
    assert (error.kind, error.margin, error.level) == ("empty_level", 2, 4)
    assert str(error) == "margin 2, level 4: there is a target but nobody to meet it"


def test_respondents_without_a_target(staff: list[np.ndarray]) -> None:
    error = refused(staff, [TARGETS[0], np.array([1000.0, 0.0]), TARGETS[2]])
    assert (error.kind, error.margin, error.level) == ("no_target", 1, SECONDARY)


def test_margins_that_describe_different_populations(staff: list[np.ndarray]) -> None:
    error = refused(staff, [TARGETS[0], TARGETS[1] * 1.1, TARGETS[2]])
    assert (error.kind, error.margin, error.level) == ("totals_differ", 1, None)
    assert error.error == pytest.approx(0.1)
    assert "1.1 times" in str(error)


def test_margins_that_contradict_each_other() -> None:
    """All women teach in primary schools and all men in secondary schools, but the targets say otherwise."""
    error = refused([np.array([0, 0, 1]), np.array([0, 0, 1])], [np.array([60.0, 40.0]), np.array([40.0, 60.0])])
    assert error.kind == "not_converged"
    assert (error.margin, error.level) == (0, MEN)
    assert error.error == pytest.approx(0.5)


def test_too_few_rounds(staff: list[np.ndarray]) -> None:
    assert refused(staff, TARGETS, max_iterations=1).kind == "not_converged"


@pytest.mark.parametrize(
    "arguments",
    [
        ([], []),
        ([np.array([0, 1])], []),
        ([np.array([0, 2])], [np.array([1.0, 1.0])]),
        ([np.array([0, -1])], [np.array([1.0, 1.0])]),
        ([np.array([0, 1]), np.array([0])], [np.array([1.0, 1.0]), np.array([2.0])]),
        ([np.array([0, 1])], [np.array([2.0, -1.0])]),
        ([np.array([0, 1])], [np.array([np.nan, 1.0])]),
        ([np.array([0, 1])], [np.array([1.0, 1.0])], np.array([1.0, 0.0])),
    ],
)
def test_arguments_that_make_no_sense(arguments: tuple[list[np.ndarray], ...]) -> None:
    with pytest.raises(ValueError) as caught:
        rake(*arguments)  # type: ignore[arg-type]
    assert not isinstance(caught.value, RakingError)


def test_raked_is_plain() -> None:
    raked = rake([np.array([0, 1])], [np.array([3.0, 1.0])])
    assert isinstance(raked, Raked)
    np.testing.assert_array_equal(raked.weights, [3, 1])


# --- trimming --------------------------------------------------------------------------------------------------------


def test_trimming_one_heavy_weight() -> None:
    """Mean 2, so the heavy one is cut from 6 to 4, and the 2 cut off go to the other four in equal amounts."""
    np.testing.assert_allclose(trim(np.array([1.0, 1, 1, 1, 6]), 0.3, 2), [1.5, 1.5, 1.5, 1.5, 4])


def test_trimming_goes_on_until_none_is_outside() -> None:
    """Mean 3, limit 4.5: 7.5 is cut by 3; that lifts 4.2 by 1 to 5.2, which is cut by 0.7 in turn."""
    weights = np.array([0.1, 0.2, 4.2, 7.5])
    np.testing.assert_allclose(trim(weights, 0, 1.5), [1.45, 1.55, 4.5, 4.5])


def test_a_weight_that_was_cut_stays_at_its_limit() -> None:
    """The second round lifts neither the two light weights, raised in the first, nor the heavy one."""
    np.testing.assert_allclose(trim(np.array([0.2, 1.0, 4.2, 7.5, 2.1]), 0.5, 1.5), [1.5, 1.5, 4.5, 4.5, 3])


def test_trimming_light_weights_takes_from_the_others() -> None:
    np.testing.assert_allclose(trim(np.array([0.2, 1.2, 1.6]), 0.5, 3), [0.5, 1.05, 1.45])


def test_trimming_leaves_weights_inside_alone() -> None:
    weights = np.array([0.5, 1.0, 1.5])
    np.testing.assert_array_equal(trim(weights, 0.3, np.inf), weights)


@pytest.mark.parametrize("limits", [(1.1, 3.0), (0.3, 0.9), (0.3, np.nan)])
def test_limits_must_enclose_the_mean(limits: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="enclose the mean"):
        trim(np.array([1.0, 2.0]), *limits)


def test_limits_that_cut_every_weight() -> None:
    with pytest.raises(ValueError, match="so narrow"):
        trim(np.array([0.1, 0.1, 2.8]), 0.9, 1.1)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=30), st.floats(0, 1), st.floats(1, 5))
def test_trimming_keeps_the_total_and_the_limits(values: list[float], lower: float, upper: float) -> None:
    weights = np.array(values)
    try:
        trimmed = trim(weights, lower, upper)
    except ValueError:
        return
    assert trimmed.sum() == pytest.approx(weights.sum(), rel=1e-9)
    assert trimmed.min() >= lower * weights.mean() * (1 - 1e-9) - 1e-9
    assert trimmed.max() <= upper * weights.mean() * (1 + 1e-9)


# --- raking and trimming together --------------------------------------------------------------------------------------


def skewed_start() -> np.ndarray:
    return np.random.default_rng(8).lognormal(0, 0.6, 300)


def test_targets_and_limits_hold_together(staff: list[np.ndarray]) -> None:
    start = skewed_start()
    plain = rake(staff, TARGETS, start).weights
    assert plain.max() > 3 * plain.mean()
    assert plain.min() < 0.3 * plain.mean()
    raked = rake_and_trim(staff, TARGETS, 0.3, 3, start)
    assert raked.largest_error <= 1e-10
    for code, target in zip(staff, TARGETS, strict=True):
        np.testing.assert_allclose(np.bincount(code, raked.weights), target, rtol=1e-10)
    assert raked.weights.max() <= 3 * raked.weights.mean() * (1 + 1e-6)
    assert raked.weights.min() >= 0.3 * raked.weights.mean() * (1 - 1e-6)


def test_limits_that_nothing_exceeds_leave_raking_as_it_is(staff: list[np.ndarray]) -> None:
    start = skewed_start()
    np.testing.assert_array_equal(
        rake_and_trim(staff, TARGETS, 0, np.inf, start).weights, rake(staff, TARGETS, start).weights
    )


def test_limits_that_the_targets_do_not_allow(staff: list[np.ndarray]) -> None:
    with pytest.raises(RakingError) as caught:
        rake_and_trim(staff, [np.array([950.0, 50.0]), *TARGETS[1:]], 0.8, 1.2, max_rounds=20)
    assert (caught.value.kind, caught.value.margin, caught.value.level) == ("bounds_too_tight", 0, MEN)
    assert caught.value.error is not None
    assert caught.value.error > 0, "no weight may be as low as the target for men asks"


def test_limits_of_raking_must_enclose_the_mean(staff: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="enclose the mean"):
        rake_and_trim(staff, TARGETS, 1.1, 3)


# --- Kish --------------------------------------------------------------------------------------------------------------


def test_equal_weights_cost_nothing() -> None:
    assert kish_design_effect(np.full(7, 3.5)) == pytest.approx(1)
    assert effective_n(np.full(7, 3.5)) == pytest.approx(7)


def test_two_teachers_one_counting_three_times() -> None:
    weights = np.array([1.0, 3.0])
    assert kish_design_effect(weights) == pytest.approx(2 * 10 / 16)
    assert effective_n(weights) == pytest.approx(1.6)
