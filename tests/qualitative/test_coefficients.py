"""Every coefficient twice: against a published value or a library, and against its definition worked out pair by pair."""

import random
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

from plait.qualitative import coefficients as c
from plait.qualitative.alpha import distances_within, krippendorff_alpha

CELLS = st.integers(0, 400)
NONE = np.nan
FOUR_CODERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3),
    (NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE),
)
"""Krippendorff's (2011) example of four coders and twelve units."""


def many(table: np.ndarray) -> c.ManyCounts:
    """The sums of one code from (coders, units) of 1, 0 and NaN, unit by unit as their definitions say."""
    sums = dict.fromkeys(("units", "alike", "yes_share", "apart", "yes", "values"), 0.0)
    complete = np.zeros(3)
    for unit in table.T:
        said = [int(v) for v in unit if not np.isnan(v)]
        m, y = len(said), sum(said)
        if m < 2:
            continue
        pairs = list(combinations(said, 2))
        alike = sum(a == b for a, b in pairs) / len(pairs)
        found = (1, alike, y / m, sum(a != b for a, b in pairs) / (m - 1), y, m)
        for name, value in zip(sums, found, strict=True):
            sums[name] += value
        complete += (m == len(table)) * np.array([1, alike, y / m])
    arrays = {name: np.array([value]) for name, value in sums.items()}
    return c.ManyCounts(**arrays, complete=tuple(np.array([v]) for v in complete))  # type: ignore[arg-type]


def random_ratings(seed: int, coders: int, units: int, missing: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    table = (rng.random((coders, units)) < rng.uniform(0.1, 0.6)).astype(float)
    same = rng.random(units) < 0.5
    table[:, same] = table[0, same]
    table[rng.random(table.shape) < missing] = NONE
    return table


def alpha_by_pairs(table: np.ndarray, distance) -> float:  # type: ignore[no-untyped-def]
    """One minus observed over expected disagreement, every pair of values looked at."""
    units = [[v for v in unit if not np.isnan(v)] for unit in table.T]
    units = [u for u in units if len(u) > 1]
    values = [v for u in units for v in u]
    n = len(values)
    observed = sum(distance(a, b) / (len(u) - 1) for u in units for a, b in permutations(u, 2)) / n
    expected = sum(distance(a, b) for a, b in permutations(values, 2)) / (n * (n - 1))
    return 1 - observed / expected if expected else NONE


# --- two coders --------------------------------------------------------------------------------------------------------


def test_a_known_table() -> None:
    counts = c.PairCounts.of(20, 5, 10, 15)
    low, high = c.cohen_kappa_interval(counts)
    assert float(c.cohen_kappa(counts)) == pytest.approx(0.4)
    assert (round(float(low), 3), round(float(high), 3)) == (0.151, 0.649)
    assert float(c.percent_agreement(counts)) == pytest.approx(0.7)
    assert float(c.brennan_prediger(counts)) == pytest.approx(0.4)
    # Both coders together said yes 55 times of 100: chance 0.505 for pi, 0.495 for AC1.
    assert float(c.scott_pi(counts)) == pytest.approx((0.7 - 0.505) / 0.495)
    assert float(c.gwet_ac1(counts)) == pytest.approx((0.7 - 0.495) / 0.505)


def test_ac1_stays_where_kappa_collapses() -> None:
    """Gwet's (2008) table of 125 people, 118 of whom both raters found positive: kappa below zero, AC1 0.94."""
    counts = c.PairCounts.of(118, 5, 2, 0)
    assert round(float(c.cohen_kappa(counts)), 3) == -0.023
    assert round(float(c.gwet_ac1(counts)), 3) == 0.941


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # statsmodels divides by a standard error of zero
@given(CELLS, CELLS, CELLS, CELLS)
def test_kappa_and_its_interval_are_those_of_statsmodels(both: int, only_a: int, only_b: int, neither: int) -> None:
    counts = c.PairCounts.of(both, only_a, only_b, neither)
    value, (low, high) = float(c.cohen_kappa(counts)), c.cohen_kappa_interval(counts)
    if both + only_a + only_b == 0 or only_a + only_b + neither == 0:
        assert np.isnan([value, low, high]).all()
        return
    expected = cohens_kappa(np.array([[both, only_a], [only_b, neither]]))
    assert value == pytest.approx(expected.kappa, abs=1e-9)
    if value < 1 - 1e-9:
        half = 1.959963984540054 * np.sqrt(max(expected.var_kappa, 0))
        assert float(low) == pytest.approx(max(expected.kappa - half, -1), abs=1e-6)
        assert float(high) == pytest.approx(min(expected.kappa + half, 1), abs=1e-6)


@given(CELLS, CELLS, CELLS, CELLS)
def test_coefficients_of_two_coders_are_those_of_many_coders_who_are_two(a: int, b: int, d: int, e: int) -> None:
    """Two formulas each for agreement, AC1, PABAK and alpha; Fleiss' kappa of two coders is Scott's pi."""
    cells = np.array([[1, 1]] * a + [[1, 0]] * b + [[0, 1]] * d + [[0, 0]] * e, dtype=float).reshape(-1, 2)
    pair, more = c.PairCounts.of(a, b, d, e), many(cells.T)
    for name, formula in c.MANY.items():
        twin = c.PAIR["scott_pi" if name == "fleiss_kappa" else name]
        assert float(formula(more)[0]) == pytest.approx(float(twin(pair)), nan_ok=True), name


def test_a_code_that_nobody_varies_in_is_not_estimable() -> None:
    for counts in (c.PairCounts.of(0, 0, 0, 9), c.PairCounts.of(9, 0, 0, 0)):
        for name in ("cohen_kappa", "scott_pi", "krippendorff_alpha"):
            assert np.isnan(c.PAIR[name](counts)), name
    assert all(np.isnan(formula(c.PairCounts.of(0, 0, 0, 0))) for formula in c.PAIR.values())


def test_pooled_kappa_passes_over_codes_that_do_not_vary() -> None:
    cells = np.array([[20, 4, 0], [5, 1, 0], [10, 0, 0], [15, 45, 50]], dtype=float)
    together = float(c.pooled_kappa(c.PairCounts.of(*cells)))
    assert together == pytest.approx(float(c.pooled_kappa(c.PairCounts.of(*cells[:, :2]))))
    observed, expected = (0.7 + 0.98) / 2, (0.5 + 0.1 * 0.08 + 0.9 * 0.92) / 2
    assert together == pytest.approx((observed - expected) / (1 - expected))
    assert np.isnan(c.pooled_kappa(c.PairCounts.of(*cells[:, 2:])))


# --- any number of coders ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_fleiss_kappa_is_that_of_statsmodels(seed: int) -> None:
    table = random_ratings(seed, coders=2 + seed % 4, units=40, missing=0)
    expected = fleiss_kappa(aggregate_raters(table.T.astype(int))[0], method="fleiss")
    assert float(c.fleiss_kappa(many(table))[0]) == pytest.approx(expected)


def test_fleiss_kappa_of_yes_and_no_is_his_kappa_of_a_single_category() -> None:
    """Fleiss (1971) gives one for each category, from how many of the raters chose it."""
    table = np.array([[6, 0], [3, 3], [0, 6], [1, 5], [6, 0]])
    ratings = np.array([[1] * yes + [0] * no for yes, no in table], dtype=float).T
    p = table[:, 0].sum() / 30
    by_category = 1 - (table[:, 0] * table[:, 1]).sum() / (5 * 6 * 5 * p * (1 - p))
    assert float(c.fleiss_kappa(many(ratings))[0]) == pytest.approx(by_category)


@pytest.mark.parametrize("seed", range(10))
def test_alpha_of_one_code_is_the_alpha_of_any_values(seed: int) -> None:
    table = random_ratings(seed, coders=3, units=30, missing=0.3)
    assert float(c.krippendorff_alpha_many(many(table))[0]) == pytest.approx(krippendorff_alpha(table), nan_ok=True)


# --- alpha -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("metric", "published"), [("nominal", 0.7434), ("ordinal", 0.8154), ("interval", 0.8491)])
def test_krippendorffs_own_example(metric: str, published: float) -> None:
    assert round(krippendorff_alpha(FOUR_CODERS, metric), 4) == published


@pytest.mark.parametrize("seed", range(6))
def test_alpha_is_what_every_pair_of_values_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 5, size=(3, 15)).astype(float)
    table[rng.random(table.shape) < 0.2] = NONE
    units = [u[~np.isnan(u)] for u in table.T]
    counted = np.concatenate([u for u in units if len(u) > 1])

    def ordinal(a: float, b: float) -> float:
        low, high = min(a, b), max(a, b)
        between = ((counted >= low) & (counted <= high)).sum()
        return float(between - ((counted == a).sum() + (counted == b).sum()) / 2) ** 2 * (a != b)

    for metric, distance in (
        ("nominal", lambda a, b: a != b),
        ("ordinal", ordinal),
        ("interval", lambda a, b: (a - b) ** 2),
    ):
        assert krippendorff_alpha(table, metric) == pytest.approx(alpha_by_pairs(table, distance)), metric


def test_alpha_without_variation_or_pairs_is_not_estimable() -> None:
    assert np.isnan(krippendorff_alpha([[1, 1], [1, 1]]))
    assert np.isnan(krippendorff_alpha([[1, NONE], [NONE, 2]]))


def masi(a: frozenset[int], b: frozenset[int]) -> float:
    """Passonneau's (2006) distance in words."""
    if not a and not b:
        return 0.0
    jaccard = len(a & b) / len(a | b)
    monotone = 1 if a == b else 2 / 3 if a < b or b < a else 1 / 3 if a & b else 0
    return 1 - jaccard * monotone


def test_masi_distances_of_sets() -> None:
    rng = random.Random(5)
    sets = [frozenset(rng.sample(range(7), rng.randint(0, 5))) for _ in range(60)] + [frozenset(), frozenset({1})]
    table = np.array([[k in s for k in range(7)] for s in sets])
    expected = np.array([[masi(a, b) for b in sets] for a in sets])
    assert distances_within(table) == pytest.approx(expected)
    assert distances_within(table, rows=slice(3, 9)) == pytest.approx(expected[3:9])
    assert expected[-2, -2] == 0 and expected[-2, -1] == 1
