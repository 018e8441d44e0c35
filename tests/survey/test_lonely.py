"""Strata with one cluster, and samples that are a large part of their population."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from one_table import rao_scott
from plait.survey.design import Design, Lonely, covariance, covariance_of_totals, degrees_of_freedom, scores, variances
from plait.survey.summaries import means, totals
from survey_oracle import EST, ORACLE, SE, F, P, close, expected, needs_oracle

OPTIONS = {"certainty": "certainty", "remove": "certainty", "adjust": "adjust", "average": "average"}


def lonely_sample(lonely: Lonely) -> tuple[pd.DataFrame, Design]:
    data = pd.read_csv(ORACLE / "lonely.csv")
    clusters, strata = data["psu"].to_numpy(), data["stratum"].to_numpy()
    return data, Design(data["w"].to_numpy(), clusters=clusters, strata=strata, lonely=lonely)


def strata_per_usable(data: pd.DataFrame) -> float:
    """Strata that somebody is in, for each one with more than one cluster.

    R averages over the strata that a domain has somebody in; we average over all, as a domain keeps the whole design.
    """
    whole = pd.read_csv(ORACLE / "lonely.csv").groupby("stratum")["psu"].nunique()
    here = whole[whole.index.isin(data["stratum"])]
    return len(here) / int((here > 1).sum())


@needs_oracle
@pytest.mark.parametrize(("name", "lonely"), OPTIONS.items())
def test_lonely_strata_as_in_r(name: str, lonely: Lonely) -> None:
    data, design = lonely_sample(lonely)
    want = expected("lonely")
    want = want[want["design"] == f"lonely_{name}"].set_index(["stat", "item", "level", "field"])["value"]
    everyone = np.zeros(len(data), dtype=np.int64)
    assert degrees_of_freedom(design) == want["mean", "", "", "df"]
    for item in ("y", "a"):
        got = means(design, data[item].to_numpy(dtype=float), everyone, 1)
        close(got.estimate[0], want["mean", item, "", "est"], EST, item)
        close(got.se[0], want["mean", item, "", "se"], SE, item)
    total = totals(design, data["y"].to_numpy(), everyone, 1)
    close(total.estimate[0], want["total", "y", "", "est"], EST, "total")
    close(total.se[0], want["total", "y", "", "se"], SE, "total")
    by = means(design, data["y"].to_numpy(), data["b"].to_numpy() - 1, 3)
    close(by.estimate, [want["by", "y", str(b), "est"] for b in (1, 2, 3)], EST, "by")
    as_r = np.ones(3) if lonely != "average" else np.array([strata_per_usable(data[data["b"] == b]) for b in (1, 2, 3)])
    as_r /= strata_per_usable(data) if lonely == "average" else 1.0
    close(by.se * np.sqrt(as_r), [want["by", "y", str(b), "se"] for b in (1, 2, 3)], SE, "by")
    chosen = (data["a"].to_numpy()[:, None] == np.array([0, 1])).astype(float)
    test = rao_scott(design, chosen, np.ones(len(data), dtype=bool), data["b"].to_numpy() - 1, 3)
    assert test is not None
    fields = [want["chisq", "a2", "F", field] for field in ("stat", "ndf", "ddf", "p")]
    close([test.statistic, test.df1, test.df2], fields[:3], F, "F")
    close(test.p, fields[3], P, "p")
    statistic, df, p = (want["chisq", "a2", "Chisq", field] for field in ("stat", "df", "p"))
    close(test.x2, statistic, F, "X2")
    close(stats.chi2.sf(df * test.statistic, df), p, P, "first order: X2 over the mean design effect")


@needs_oracle
def test_a_lonely_stratum_is_refused_unless_its_part_is_declared() -> None:
    data, design = lonely_sample("refuse")
    with pytest.raises(ValueError, match="one cluster only in stratum"):
        variances(design, data[["y"]].to_numpy())


def random_design(lonely: Lonely, seed: int = 5) -> tuple[Design, np.ndarray]:
    """Forty people in five strata, the last with one cluster, raked to one margin."""
    rng = np.random.default_rng(seed)
    strata = np.repeat([0, 1, 2, 3, 4], [10, 9, 9, 8, 4])
    clusters = np.where(strata == 4, 0, rng.integers(0, 4, 40))
    population = np.array([12.0, 9, 40, 8, 3])[strata]
    design = Design(
        rng.uniform(0.5, 3, 40),
        rng.uniform(0.5, 2, 40),
        (rng.integers(0, 2, 40),),
        clusters,
        strata,
        population,
        lonely,
    )
    return design, rng.normal(size=(40, 3))


def by_hand(design: Design, influence: np.ndarray) -> np.ndarray:
    """Covariance of totals, stratum by stratum."""
    assert design.clusters is not None and design.strata is not None and design.population_clusters is not None
    assert design.base_weights is not None
    x = (design.margins[0][:, None] == np.unique(design.margins[0])).astype(float)
    root = np.sqrt(design.base_weights)[:, None]
    slope = np.linalg.lstsq(root * x, root * influence, rcond=None)[0]
    part = pd.DataFrame(design.weights[:, None] * (influence - x @ slope))
    totals = part.groupby([design.strata, design.clusters]).sum()
    result, used, strata = np.zeros((3, 3)), 0, totals.index.get_level_values(0).unique()
    for stratum in strata:
        t = totals.loc[stratum].to_numpy()
        n, of = len(t), design.population_clusters[design.strata == stratum][0]
        if n > 1:
            result += (1 - n / of) * n / (n - 1) * (t - t.mean(axis=0)).T @ (t - t.mean(axis=0))
            used += 1
        elif design.lonely == "adjust":
            away = t - totals.to_numpy().mean(axis=0)
            result += (1 - n / of) * away.T @ away
    return result * (len(strata) / used if design.lonely == "average" else 1)


@pytest.mark.parametrize("lonely", ["certainty", "adjust", "average"])
def test_both_ways_to_a_covariance_equal_the_sum_over_strata(lonely: Lonely) -> None:
    design, influence = random_design(lonely)
    want = by_hand(design, influence)
    np.testing.assert_allclose(covariance(design, influence), want, rtol=1e-9)
    np.testing.assert_allclose(variances(design, influence), np.diag(want), rtol=1e-9)
    np.testing.assert_allclose(covariance_of_totals(design, as_sparse(influence)), want, rtol=1e-9)


def as_sparse(influence: np.ndarray) -> object:
    from scipy import sparse

    return sparse.csr_array(influence)


def test_a_stratum_sampled_whole_adds_nothing() -> None:
    weights, strata = np.ones(6), np.repeat([0, 1], 3)
    values = np.array([[1.0], [5], [9], [2], [2], [8]])
    whole = Design(weights, strata=strata, population_clusters=np.array([3.0, 3, 3, 99, 99, 99]))
    first_only_equal = values.copy()
    first_only_equal[:3] = 5
    np.testing.assert_allclose(variances(whole, values), variances(whole, first_only_equal))


def test_more_clusters_than_the_population_has_are_refused() -> None:
    design = Design(np.ones(4), population_clusters=np.full(4, 3.0))
    with pytest.raises(ValueError, match="more clusters in the sample than in the population"):
        variances(design, np.ones((4, 1)))
    uneven = Design(np.ones(4), population_clusters=np.array([9.0, 9, 9, 8]))
    with pytest.raises(ValueError, match="the same throughout a stratum"):
        variances(uneven, np.ones((4, 1)))


@pytest.mark.parametrize("lonely", ["certainty", "adjust", "average"])
def test_the_squares_of_the_clusters_scores_add_up_to_the_variance(lonely: Lonely) -> None:
    design, influence = random_design(lonely)
    parts = scores(design, influence)
    np.testing.assert_allclose((parts**2).sum(axis=0), variances(design, influence), rtol=1e-9)
