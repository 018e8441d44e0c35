"""Linear, bounded and logit calibration, and post-stratification."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from plait.survey.calibration import calibrate_linear, calibrate_logit, cross, post_stratify
from plait.survey.raking import Raked, RakingError, rake

WOMEN, MEN = 0, 1
Codes = list[np.ndarray]


@pytest.fixture
def staff() -> Codes:
    """Gender, phase and seniority of 300 teachers: too many women, too many from primary schools."""
    rng = np.random.default_rng(7)
    gender = (rng.random(300) < 0.2).astype(np.int64)
    phase = (rng.random(300) < 0.3 + 0.2 * gender).astype(np.int64)
    return [gender, phase, rng.integers(0, 4, 300)]


TARGETS = [np.array([750.0, 250.0]), np.array([500.0, 500.0]), np.array([200.0, 300.0, 300.0, 200.0])]
LOWER, UPPER = 0.5, 2.2
START = np.random.default_rng(1).uniform(0.5, 2, 300)


def indicators(codes: Codes) -> np.ndarray:
    return np.column_stack([(code[:, None] == np.arange(code.max() + 1)) for code in codes]).astype(float)


def logit_calibrated(codes: Codes, targets: list[np.ndarray], start: np.ndarray | None = None) -> Raked:
    return calibrate_logit(codes, targets, start, lower=LOWER, upper=UPPER)


def bounded(codes: Codes, targets: list[np.ndarray], start: np.ndarray | None = None) -> Raked:
    return calibrate_linear(codes, targets, start, LOWER, UPPER)


METHODS = [calibrate_linear, bounded, logit_calibrated]


@pytest.mark.parametrize("method", METHODS)
def test_meets_every_target(staff: Codes, method: object) -> None:
    result = method(staff, TARGETS, START)  # type: ignore[operator]
    for code, target in zip(staff, TARGETS, strict=True):
        np.testing.assert_allclose(np.bincount(code, result.weights), target, rtol=1e-10)
    assert result.largest_error <= 1e-10


def test_linear_is_the_regression_estimator(staff: Codes) -> None:
    """w = d + d x'(X'dX)^-1 (T - X'd), written out for every respondent."""
    x = indicators(staff)
    d = START * 1000 / START.sum()
    goal = np.concatenate(TARGETS)
    gap = np.linalg.pinv((x.T * d) @ x, rcond=1e-10) @ (goal - x.T @ d)
    np.testing.assert_allclose(calibrate_linear(staff, TARGETS, START).weights, d * (1 + x @ gap), rtol=1e-9)


def test_a_mean_under_linear_weights_is_the_mean_of_fitted_values(staff: Codes) -> None:
    """The regression estimator of a total is the total of what the regression predicts for the population."""
    y = np.random.default_rng(5).normal(20, 5, 300)
    x = indicators(staff)
    root = np.sqrt(START)
    slopes = np.linalg.lstsq(x * root[:, None], y * root, rcond=1e-10)[0]
    assert calibrate_linear(staff, TARGETS, START).weights @ y == pytest.approx(np.concatenate(TARGETS) @ slopes)


def test_bounds_hold_and_some_weights_sit_at_them(staff: Codes) -> None:
    ratio = bounded(staff, TARGETS, START).weights / (START * 1000 / START.sum())
    free = calibrate_linear(staff, TARGETS, START).weights / (START * 1000 / START.sum())
    assert free.max() > UPPER or free.min() < LOWER, "the bounds must bite for this to be a test"
    assert ratio.min() >= LOWER - 1e-12
    assert ratio.max() <= UPPER + 1e-12
    assert np.any(np.isclose(ratio, LOWER)) or np.any(np.isclose(ratio, UPPER))


def test_bounded_linear_is_the_closest_within_bounds() -> None:
    """A general optimiser, told the distance, the targets and the bounds, arrives at the same weights."""
    rng = np.random.default_rng(23)
    codes = [rng.integers(0, 2, 14), rng.integers(0, 3, 14)]
    targets = [np.bincount(code, minlength=k) * shift for code, k, shift in zip(codes, (2, 3), SHIFTS, strict=True)]
    targets = [14 * target / target.sum() for target in targets]
    mine = calibrate_linear(codes, targets, None, 0.75, 1.3).weights
    x, goal = indicators(codes), np.concatenate(targets)
    best = minimize(
        lambda w: ((w - 1) ** 2).sum(),
        np.ones(14),
        jac=lambda w: 2 * (w - 1),
        bounds=[(0.75, 1.3)] * 14,
        constraints={"type": "eq", "fun": lambda w: (w @ x - goal)[:-1], "jac": lambda _: x.T[:-1]},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert best.success
    np.testing.assert_allclose(mine, best.x, atol=1e-6)
    assert np.any(np.isclose(mine, 0.75)) or np.any(np.isclose(mine, 1.3))


SHIFTS = (np.array([1.2, 0.85]), np.array([1.1, 1.2, 0.8]))


def test_logit_stays_strictly_inside_its_bounds(staff: Codes) -> None:
    ratio = logit_calibrated(staff, TARGETS, START).weights / (START * 1000 / START.sum())
    assert LOWER < ratio.min() < 1 < ratio.max() < UPPER


def test_logit_satisfies_its_own_equation(staff: Codes) -> None:
    """The inverse of the logit curve, log((g - L)(U - 1) / ((U - g)(1 - L))), is linear in the margins."""
    ratio = logit_calibrated(staff, TARGETS, START).weights / (START * 1000 / START.sum())
    score = np.log((ratio - LOWER) * (UPPER - 1) / ((UPPER - ratio) * (1 - LOWER)))
    x = indicators(staff)
    fitted = x @ np.linalg.lstsq(x, score, rcond=1e-10)[0]
    np.testing.assert_allclose(fitted, score, atol=1e-9)


def test_wide_logit_bounds_come_close_to_raking(staff: Codes) -> None:
    wide = calibrate_logit(staff, TARGETS, START, lower=1e-8, upper=1e8).weights
    np.testing.assert_allclose(wide, rake(staff, TARGETS, START).weights, rtol=1e-4)


def test_wide_linear_bounds_do_nothing(staff: Codes) -> None:
    free = calibrate_linear(staff, TARGETS, START).weights
    np.testing.assert_allclose(calibrate_linear(staff, TARGETS, START, -50, 50).weights, free, rtol=1e-9)


def test_with_one_margin_all_methods_agree(staff: Codes) -> None:
    want = rake(staff[:1], TARGETS[:1], START).weights
    for method in METHODS:
        np.testing.assert_allclose(method(staff[:1], TARGETS[:1], START).weights, want, rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_only_ratios_of_start_weights_matter(staff: Codes, method: object) -> None:
    small, large = (method(staff, TARGETS, k * START).weights for k in (1, 1000))  # type: ignore[operator]
    np.testing.assert_allclose(small, large, rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_only_ratios_of_targets_matter(staff: Codes, method: object) -> None:
    people, shares = (method(staff, [t / k for t in TARGETS], START).weights for k in (1, 1000))  # type: ignore[operator]
    np.testing.assert_allclose(people / 1000, shares, rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_one_margin_that_refines_another(staff: Codes, method: object) -> None:
    """Collinear margins, beyond all of them adding up to everyone."""
    finer = cross(staff[:2], (2, 2))
    target = np.array([400.0, 350.0, 100.0, 150.0])
    both = method([finer, staff[0]], [target, TARGETS[0]], START).weights  # type: ignore[operator]
    np.testing.assert_allclose(both, method([finer], [target], START).weights, rtol=1e-9)  # type: ignore[operator]


# --- post-stratification ---------------------------------------------------------------------------------------------


def test_post_stratification_is_raking_to_one_crossed_margin(staff: Codes) -> None:
    crossings = np.array([[400.0, 350.0], [100.0, 150.0]])
    got = post_stratify(staff[:2], crossings, START)
    crossed = staff[0] * 2 + staff[1]
    np.testing.assert_allclose(got.weights, rake([crossed], [crossings.ravel()], START).weights, rtol=1e-14)
    for gender in (WOMEN, MEN):
        for phase in (0, 1):
            here = (staff[0] == gender) & (staff[1] == phase)
            assert got.weights[here].sum() == pytest.approx(crossings[gender, phase], rel=1e-12)
            np.testing.assert_allclose(got.weights[here] / START[here], (got.weights[here] / START[here])[0])


def test_an_empty_crossing_is_named() -> None:
    codes = [np.array([0, 0, 1]), np.array([0, 1, 0])]
    with pytest.raises(RakingError) as caught:
        post_stratify(codes, np.full((2, 2), 25.0))
    assert (caught.value.kind, caught.value.level) == ("empty_level", 3)


def test_crossings_are_numbered_last_variable_fastest() -> None:
    np.testing.assert_array_equal(cross([np.array([0, 1, 2]), np.array([1, 0, 1])], (3, 2)), [1, 2, 5])
    with pytest.raises(ValueError):
        cross([np.array([3])], (3,))


# --- what cannot be done ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_margins_that_contradict_each_other(method: object) -> None:
    codes, targets = [np.array([0, 0, 1]), np.array([0, 0, 1])], [np.array([60.0, 40.0]), np.array([40.0, 60.0])]
    with pytest.raises(RakingError) as caught:
        method(codes, targets)  # type: ignore[operator]
    assert caught.value.kind == "not_converged"


@pytest.mark.parametrize("kind", ["linear", "logit"])
def test_bounds_that_are_too_tight(staff: Codes, kind: str) -> None:
    method = calibrate_linear if kind == "linear" else calibrate_logit
    targets = [np.array([990.0, 10.0]), *TARGETS[1:]]
    with pytest.raises(RakingError) as caught:
        method(staff, targets, START, lower=0.5, upper=1.5)
    assert (caught.value.kind, caught.value.margin, caught.value.level) == ("bounds_too_tight", 0, MEN)
    assert caught.value.error is not None
    assert caught.value.error > 0, "the bounds leave too many men"
    assert "bounds" in str(caught.value)


@pytest.mark.parametrize("bounds", [(1.0, 2.0), (0.5, 1.0), (2.0, 0.5), (np.nan, 2.0)])
def test_bounds_must_enclose_one(staff: Codes, bounds: tuple[float, float]) -> None:
    for method in (calibrate_linear, calibrate_logit):
        with pytest.raises(ValueError, match="enclose 1"):
            method(staff, TARGETS, START, lower=bounds[0], upper=bounds[1])


def test_logit_needs_finite_bounds(staff: Codes) -> None:
    with pytest.raises(ValueError, match="finite"):
        calibrate_logit(staff, TARGETS, lower=0.5, upper=np.inf)


@pytest.mark.slow
@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.integers(0, 10_000), st.floats(0.3, 0.95), st.floats(1.05, 3.0))
def test_bounded_calibration_succeeds_exactly_when_a_linear_programme_does(
    seed: int, lower: float, upper: float
) -> None:
    rng = np.random.default_rng(seed)
    codes = [rng.integers(0, k, 40) for k in (2, 3, 4)]
    assume(all(np.unique(code).size == k for code, k in zip(codes, (2, 3, 4), strict=True)))
    targets = [40 * rng.dirichlet(3 * np.bincount(code)) for code in codes]
    x, goal = indicators(codes), np.concatenate(targets)
    slack = 1e-4  # a programme that is feasible by a hair only is left out
    narrow, wide = (
        linprog(np.zeros(40), A_eq=x.T, b_eq=goal, bounds=(lower + s, upper - s)).status == 0 for s in (slack, -slack)
    )
    assume(narrow == wide)
    try:
        ratio = calibrate_linear(codes, targets, None, lower, upper).weights
    except RakingError:
        assert not narrow
    else:
        assert wide
        assert ratio.min() >= lower - 1e-9
        assert ratio.max() <= upper + 1e-9
        np.testing.assert_allclose(x.T @ ratio, goal, rtol=1e-9)
    try:
        calibrate_logit(codes, targets, None, lower=lower, upper=upper)
    except RakingError:
        assert not narrow
    else:
        assert wide
