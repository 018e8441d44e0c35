"""Column letters by hand, the pooled z test of agencies, and both as a definition asks for them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from plait.survey.findings import survey_findings
from plait.survey.letters import letter, letters
from plait.survey.pairs import large_enough, pooled_z
from plait.survey.significance import holm
from plait.survey.weighting import weight
from weighting_study import answered, weighting_study


@pytest.mark.parametrize(
    ("number", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (27, "AB"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_names_of_columns(number: int, name: str) -> None:
    assert letter(number) == name


def pairs_within(row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of cells of one row, the first of each earlier."""
    first, second = np.triu_indices(row.size, 1)
    same = row[first] == row[second]
    return first[same], second[same]


def test_pooled_z_by_hand() -> None:
    """60 of 100 and 40 of 100: r = 0.5, variance 0.25 * 2 / 100, z = 0.2 / 0.0707."""
    got = pooled_z(*(np.array([x]) for x in (0.6, 100.0, 0.4, 100.0)))
    assert got.statistic[0] == pytest.approx(2 * np.sqrt(2))
    assert got.p[0] == pytest.approx(0.004677735, rel=1e-6)


def test_pooled_z_against_statsmodels() -> None:
    yes, n = np.array([33, 61]), np.array([118, 149])
    got = pooled_z(*(np.array([x]) for x in (yes[0] / n[0], n[0], yes[1] / n[1], n[1])))
    z, p = proportions_ztest(yes, n)
    assert (got.statistic[0], got.p[0]) == (pytest.approx(z), pytest.approx(p))


def test_no_z_without_variance_or_base() -> None:
    share, other = np.array([0.0, 1.0, 0.5, np.nan]), np.array([0.0, 1.0, 0.2, 0.4])
    got = pooled_z(share, np.array([50.0, 50, 0, 50]), other, np.full(4, 50.0))
    assert np.isnan(got.p).all()


def test_a_small_table_by_hand() -> None:
    """Two rows, three groups of effective base 100.

    Row 1, shares 0.5, 0.3 and 0.31: z of A-B 2.887, of A-C 2.737, of B-C 0.154. p 0.0039, 0.0062, 0.88: A is higher than
    B and C, also after Holm. Row 2, shares 0.2, 0.33 and 0.25: z of A-B 2.083, p 0.037: B is higher than A, until Holm
    triples p.
    """
    share = np.array([0.5, 0.3, 0.31, 0.2, 0.33, 0.25])
    row, group = np.repeat([0, 1], 3), np.tile([0, 1, 2], 2)
    i, j = pairs_within(row)
    base = np.full(i.size, 100.0)
    z = pooled_z(share[i], base, share[j], base)
    np.testing.assert_allclose(np.abs(z.statistic), [2.887, 2.737, 0.154, 2.083, 0.847, 1.247], atol=5e-4)

    def table(p: np.ndarray) -> list[list[str]]:
        return letters(row[i], group[i], group[j], z.difference, p, (2, 3)).tolist()

    assert table(z.p) == [["BC", "", ""], ["", "A", ""]]
    assert table(holm(z.p, row[i])) == [["BC", "", ""], ["", "", ""]]


def test_small_groups_are_neither_tested_nor_named() -> None:
    base = np.array([500, 500, 29])
    share = np.array([0.2, 0.9, 0.01])
    i, j = pairs_within(np.zeros(3, dtype=int))
    z = pooled_z(share[i], base[i], share[j], base[j])
    p = np.where(large_enough(base[i], base[j]), z.p, np.nan)
    assert letters(np.zeros(3, dtype=int), i, j, z.difference, p, (1, 3)).tolist() == [["", "A", ""]]
    assert large_enough(base[i], base[j], smallest=29).all()


def test_level_and_direction() -> None:
    one = np.array([0])

    def cell(difference: float, p: float, level: float) -> list[str]:
        return letters(one, one, one + 1, np.array([difference]), np.array([p]), (1, 2), level)[0].tolist()

    assert cell(0.1, 0.04, 0.95) == ["B", ""]
    assert cell(-0.1, 0.04, 0.95) == ["", "A"]
    assert cell(0.1, 0.04, 0.99) == ["", ""]
    assert cell(0.1, 0.05, 0.95) == ["", ""]


def test_many_groups_are_kept_apart_by_spaces() -> None:
    group = np.array([27, 27, 27])
    other = np.array([26, 1, 0])
    cells = letters(np.zeros(3, dtype=int), group, other, np.ones(3), np.zeros(3), (1, 28))
    assert cells[0, 27] == "A B AA"
    assert (cells[0, :27] == "").all()


def test_every_pair_is_named_once_and_only_when_significant() -> None:
    rng = np.random.default_rng(4)
    rows, groups = 40, 6
    row, group = np.repeat(np.arange(rows), groups), np.tile(np.arange(groups), rows)
    order = rng.permutation(row.size)
    row, group, share = row[order], group[order], rng.uniform(0.2, 0.5, row.size)
    i, j = pairs_within(row)
    z = pooled_z(share[i], np.full(i.size, 150.0), share[j], np.full(i.size, 150.0))
    cells = letters(row[i], group[i], group[j], z.difference, z.p, (rows, groups))
    by_place = dict(zip(zip(row.tolist(), group.tolist(), strict=True), share, strict=True))
    found = 0
    for r in range(rows):
        for g in range(groups):
            assert list(cells[r, g]) == sorted(cells[r, g])
            for name in cells[r, g]:
                assert by_place[r, g] > by_place[r, "ABCDEF".index(name)]
                found += 1
    assert found == (z.p < 0.05).sum() > 0


# --- as the definition asks for them -----------------------------------------------------------------------------------

N = 360
RNG = np.random.default_rng(5)
REGION = np.array(["north", "middle", "south"])[np.arange(N) % 3]
ROLE = np.where(RNG.random(N) < 0.7, "teacher", "head")
LIKES = np.where(RNG.random(N) < np.select([REGION == "north", REGION == "middle"], [0.3, 0.45], 0.6), "yes_", "no_")


def compared(**comparisons: str) -> pd.DataFrame:
    """The pairs of regions of a sample raked to its roles."""
    study = weighting_study(
        {"role": {"teacher": 0.5, "head": 0.5}},
        {},
        {"region": ["north", "middle", "south"]},
        breaks=["region"],
        comparisons=comparisons,
    )
    responses = answered(N, role=ROLE, region=REGION, likes=LIKES).assign(**{"missing.likes": ""})
    pairs = survey_findings(study, responses, weight(study, responses).weights).pairs
    return pairs[pairs["option"] == "yes_"].set_index(["group", "other"])


def test_letters_on_effective_bases_are_pooled_z_tests_with_weights() -> None:
    got = compared(letters="effective_base")
    role = pd.Series(ROLE)
    weights = role.map(0.5 / role.value_counts(normalize=True)).to_numpy()
    share, size = {}, {}
    for region in ("north", "middle", "south"):
        here = weights * (region == REGION)
        share[region] = here[LIKES == "yes_"].sum() / here.sum()
        size[region] = here.sum() ** 2 / (here**2).sum()
    for one, other in got.index:
        pooled = (share[one] * size[one] + share[other] * size[other]) / (size[one] + size[other])
        z = (share[one] - share[other]) / np.sqrt(pooled * (1 - pooled) * (1 / size[one] + 1 / size[other]))
        row = got.loc[(one, other)]
        assert abs(row["statistic"]) == pytest.approx(abs(z))
        assert row["p"] == pytest.approx(2 * norm.sf(abs(z)))
    assert set(got["method"]) == {"pooled_z"}


def test_letters_by_design_differ_from_those_on_effective_bases_and_agree_on_the_differences() -> None:
    design, effective = compared(), compared(letters="effective_base")
    assert set(design["method"]) == {"design_t"}
    pd.testing.assert_series_equal(design["difference"], effective["difference"])
    assert not np.allclose(design["se"], effective["se"], rtol=1e-3)
    np.testing.assert_allclose(design["se"], effective["se"], rtol=0.2)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("holm", "holm"),
        ("hochberg", "simes-hochberg"),
        ("bonferroni", "bonferroni"),
        ("benjamini_hochberg", "fdr_bh"),
        ("benjamini_yekutieli", "fdr_by"),
        ("none", ""),
    ],
)
def test_pairs_of_groups_are_adjusted_as_the_definition_says(rule: str, name: str) -> None:
    got = compared(adjust=rule)
    assert len(got) == 3
    want = multipletests(got["p"], method=name)[1] if name else got["p"]
    np.testing.assert_allclose(got["p_adjusted"], want, rtol=1e-12)
