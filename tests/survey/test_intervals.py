"""Wald's and the arcsine interval, and what all intervals have in common; the others are tested with the shares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from plait.survey.intervals import arcsine, korn_graubard, logit, wald


def test_wald_by_hand() -> None:
    t = stats.t.ppf(0.975, 10)
    np.testing.assert_allclose(wald(5.0, 2.0, 10), (5 - 2 * t, 5 + 2 * t), rtol=1e-12)
    np.testing.assert_allclose(wald(5.0, 2.0, np.inf, 0.9), stats.norm(5, 2).interval(0.9), rtol=1e-12)


def test_arcsine_by_hand() -> None:
    """On the scale of asin(sqrt(p)) the standard error is se / (2 sqrt(p (1 - p))), and every share has the same."""
    t = stats.t.ppf(0.975, 30)
    half = t * 0.05 / (2 * np.sqrt(0.2 * 0.8))
    middle = np.arcsin(np.sqrt(0.2))
    np.testing.assert_allclose(arcsine(0.2, 0.05, 30), np.sin([middle - half, middle + half]) ** 2, rtol=1e-12)


def test_arcsine_limits_stop_at_zero_and_one() -> None:
    assert arcsine(0.01, 0.05, 30)[0] == 0
    assert arcsine(0.99, 0.05, 30)[1] == 1


def test_arcsine_of_the_others_is_the_mirror_image() -> None:
    low, high = arcsine(0.3, 0.04, 20)
    np.testing.assert_allclose(arcsine(0.7, 0.04, 20), (1 - high, 1 - low), rtol=1e-12)


@pytest.mark.parametrize("interval", [wald, logit, arcsine])
def test_intervals_agree_where_the_standard_error_is_small(interval: object) -> None:
    low, high = interval([0.3, 0.5], [1e-4, 1e-4], 100)  # type: ignore[operator]
    t = stats.t.ppf(0.975, 100)
    np.testing.assert_allclose(high - low, 2e-4 * t, rtol=1e-4)


@pytest.mark.parametrize("interval", [wald, logit, arcsine])
def test_a_missing_part_or_no_degrees_of_freedom_leave_no_interval(interval: object) -> None:
    for arguments in ((np.nan, 0.1, 9), (0.4, np.nan, 9), (0.4, 0.1, np.nan), (0.4, 0.1, 0)):
        assert np.isnan(interval(*arguments)).all()  # type: ignore[operator]


def test_an_effective_size_without_limit() -> None:
    """With a standard error below that of a simple sample the effective size exceeds n; only `largest` lets it."""
    n, share = 100, 0.3
    se = np.sqrt(share * (1 - share) / 400)
    capped, free = (np.array(korn_graubard(share, se, n, n - 1, largest=most)) for most in (None, np.inf))
    np.testing.assert_allclose(free, korn_graubard(share, se, 400, 399), rtol=1e-9)
    np.testing.assert_allclose(capped, (stats.beta.ppf(0.025, 30, 71), stats.beta.ppf(0.975, 31, 70)), rtol=1e-9)
    assert capped[0] < free[0] < free[1] < capped[1]
