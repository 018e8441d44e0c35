"""Resamples as matrix products, held against texts that are really drawn and counted again."""

from itertools import combinations

import numpy as np
import pytest

from plait.qualitative import coefficients as c
from plait.qualitative.alpha import krippendorff_alpha
from plait.qualitative.comparison import Clusters, ManyComparison, PairComparison
from plait.qualitative.resampling import DRAWS, draws, percentile_interval
from qualitative.test_coefficients import many, masi

SIZES = [3, 1, 4, 2, 2]
"""Units of each of five texts."""
CODES = 4


def rated(seed: int, coders: int) -> tuple[np.ndarray, np.ndarray]:
    """(coders, units, codes) marks that mostly agree, and the weight of each unit."""
    rng = np.random.default_rng(seed)
    units = sum(SIZES)
    truth = rng.random((units, CODES)) < 0.4
    return truth ^ (rng.random((coders, units, CODES)) < 0.2), rng.integers(1, 9, units)


def first() -> np.ndarray:
    return np.cumsum([0, *SIZES[:-1]])


def drawn_units(row: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The units of a resample, each as often as its text was drawn and as it weighs."""
    texts = np.repeat(np.arange(len(SIZES)), SIZES)
    return np.repeat(np.arange(len(texts)), (row[texts] * weight).astype(int))


def set_alpha(sets: list[list[frozenset[int]]]) -> float:
    """Alpha with MASI distances from units that each hold the sets of those who judged them, pair by pair."""
    sets = [unit for unit in sets if len(unit) > 1]
    values = [s for unit in sets for s in unit]
    n = len(values)
    observed = sum(2 * masi(a, b) / (len(unit) - 1) for unit in sets for a, b in combinations(unit, 2))
    expected = sum(2 * masi(a, b) for a, b in combinations(values, 2))
    return 1 - (n - 1) * observed / expected if expected else np.nan


def as_set(row: np.ndarray) -> frozenset[int]:
    return frozenset(int(k) for k in np.flatnonzero(row))


@pytest.mark.parametrize("seed", range(3))
def test_two_coders_in_every_resample(seed: int) -> None:
    (a, b), weight = rated(seed, 2)
    compared = PairComparison.of(a, b, Clusters.of(first(), weight))
    drawn = next(draws(len(SIZES)))[:12]
    found = compared.resampled(drawn)
    varies = compared.varies
    for i, row in enumerate(drawn):
        units = drawn_units(row, weight)
        x, y = a[units], b[units]
        counts = c.PairCounts.of((x & y).sum(0), (x & ~y).sum(0), (~x & y).sum(0), (~x & ~y).sum(0))
        for name, formula in c.PAIR.items():
            by_code = formula(counts)
            assert found[name][i, :-1] == pytest.approx(by_code, nan_ok=True), name
            if name != "per_cent":
                assert found[name][i, -1] == pytest.approx(np.nanmean(by_code[varies])), name
        assert found["per_cent"][i, -1] == pytest.approx((x == y).all(axis=1).mean())
        assert found["masi_alpha"][i, -1] == pytest.approx(
            set_alpha([[as_set(p), as_set(q)] for p, q in zip(x, y, strict=True)]), nan_ok=True
        )
        for k in range(CODES):
            values = np.stack([x[:, k], y[:, k]]).astype(float)
            assert found["krippendorff_alpha"][i, k] == pytest.approx(krippendorff_alpha(values), nan_ok=True)


@pytest.mark.parametrize("coders", [3, 4])
def test_many_coders_in_every_resample_with_gaps_in_what_they_were_asked(coders: int) -> None:
    given, weight = rated(coders, coders)
    rng = np.random.default_rng(coders)
    asked = rng.random((coders, sum(SIZES))) < 0.7
    asked[:, :4] = True
    offered = np.ones((coders, CODES), dtype=bool)
    offered[0, 2] = False
    given = given & asked[:, :, None] & offered[:, None, :]
    compared = ManyComparison.of(given, asked, offered, Clusters.of(first(), weight))
    drawn = np.vstack([np.ones(len(SIZES)), next(draws(len(SIZES)))[:6]])
    found = compared.resampled(drawn)
    for i, row in enumerate(drawn):
        units = drawn_units(row, weight)
        for k in range(CODES):
            table = np.where(asked[:, units] & offered[:, [k]], given[:, units, k], np.nan)[offered[:, k]]
            counts = many(table)
            for name, formula in c.MANY.items():
                assert found[name][i, k] == pytest.approx(float(formula(counts)[0]), nan_ok=True), (name, k)
        shared = [0, 1, 3]
        judged = [[given[j, u][shared] for j in range(coders) if asked[j, u]] for u in units]
        sets = [[as_set(s) for s in unit] for unit in judged if len(unit) > 1]
        assert found["masi_alpha"][i, -1] == pytest.approx(set_alpha(sets), nan_ok=True)
        alike = [len(set(unit)) == 1 for unit in sets]
        assert found["per_cent"][i, -1] == pytest.approx(np.mean(alike))
    assert np.array_equal(found["per_cent"][0], compared.as_it_is["per_cent"][0], equal_nan=True)


def test_more_texts_than_sets_of_codes_come_to_the_same() -> None:
    """Expected disagreement goes through texts or through sets, whichever are fewer."""
    rng = np.random.default_rng(3)
    a = rng.random((40, 2)) < 0.5
    b = a ^ (rng.random((40, 2)) < 0.3)
    each = PairComparison.of(a, b, Clusters.of(np.arange(40), np.ones(40, dtype=int)))
    two = PairComparison.of(a, b, Clusters.of(np.array([0, 20]), np.ones(40, dtype=int)))
    assert each.sets.frequency is not None and two.sets.frequency is None
    expected = set_alpha([[as_set(p), as_set(q)] for p, q in zip(a, b, strict=True)])
    for compared in (each, two):
        assert compared.as_it_is["masi_alpha"][0, -1] == pytest.approx(expected)


def test_the_units_of_a_single_text_are_drawn_one_by_one() -> None:
    assert len(Clusters.of(np.array([0]), np.ones(9, dtype=int))) == 9
    assert len(Clusters.of(np.array([0, 4]), np.ones(9, dtype=int))) == 2


def test_every_resample_draws_as_many_texts_as_there_are() -> None:
    blocks = list(draws(5))
    drawn = np.vstack(blocks)
    assert drawn.shape == (DRAWS, 5)
    assert (drawn.sum(axis=1) == 5).all()
    assert np.array_equal(drawn, np.vstack(list(draws(5))))
    # Each text is drawn once on average, with the variance of a multinomial.
    assert drawn.mean(axis=0) == pytest.approx(np.ones(5), abs=0.08)
    assert drawn.var(axis=0) == pytest.approx(np.full(5, 0.8), abs=0.1)


def test_many_texts_are_drawn_in_blocks() -> None:
    blocks = list(draws(9_000))
    assert len(blocks) > 1
    assert sum(len(block) for block in blocks) == DRAWS
    assert all((block.sum(axis=1) == 9_000).all() for block in blocks)


def test_intervals_are_percentiles_of_what_is_known() -> None:
    values = np.random.default_rng(0).normal(size=(500, 3))
    values[:37, 1] = np.nan
    values[:, 2] = np.nan
    low, high, known = percentile_interval(values)
    expected = np.nanpercentile(values[:, :2], [2.5, 97.5], axis=0)
    assert np.stack([low, high])[:, :2] == pytest.approx(expected)
    assert np.isnan([low[2], high[2]]).all()
    assert known.tolist() == [500, 463, 0]
