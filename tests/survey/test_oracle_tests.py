"""Tests of independence, of means and of ranks against numbers that the R package survey gives for the same panel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from plait.survey.comparisons import t_test
from plait.survey.design import Design, degrees_of_freedom
from plait.survey.ranks import rank_test, rank_test_of_groups
from plait.survey.significance import ADJUSTMENTS
from plait.survey.wald import (
    TableTotals,
    adjusted_wald,
    design_effects,
    interaction,
    saddlepoint,
    table_totals,
    wald,
)
from survey_oracle import DESIGNS, EST, SE, F, P, close, design, expected, needs_oracle, panel, wide

pytestmark = needs_oracle

TESTED = [name for name in (*DESIGNS, "stratclus_fpc") if name not in ("strat", "clus", "w_fixed")]
NEAR_THE_MEAN = {("stratclus", "q4", "q2"), ("w_calrake", "q1", "region")}
"""X2 is within 0.5% of its mean, where the saddlepoint is near 0 and R's, found to 1e-8 only, gives 5 digits of p.
`test_wald` has the same sums in extended precision."""


def table(name: str, question: str, break_: str) -> tuple[TableTotals, Design, float]:
    """The cells, the design, and Pearson's statistic as R counts respondents: those without an answer, too."""
    answer, group = (panel()[column].fillna(0).astype(int).to_numpy() - 1 for column in (question, break_))
    found = table_totals(design(name), answer, group)
    assert found is not None
    shares = found.totals / found.totals.sum()
    even = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    return (
        TableTotals(found.totals, found.covariance, np.asarray(2000.0)),
        design(name),
        2000 * ((shares - even) ** 2 / even).sum(),
    )


@pytest.mark.parametrize("name", TESTED)
def test_independence_in_every_version(name: str) -> None:
    frame = expected("tests")
    frame = frame[(frame["design"] == name) & (frame["stat"] == "chisq")]
    compared = 0
    for (question, break_), part in frame.groupby(["item", "by"]):
        what = f"{name} {question} {break_}"
        want = part.set_index(["level", "field"])["value"]
        found, of, x2 = table(name, question, break_)
        df = degrees_of_freedom(of)
        for version, test in (("Wald", wald), ("adjWald", adjusted_wald)):
            got = test(*interaction(found), df)
            close(got.statistic, want[version, "stat"], F, what)
            assert (got.df1, got.df2) == (want[version, "ndf"], want[version, "ddf"])
            close(got.p, want[version, "p"], P, what)
        effects = design_effects(found)
        close(x2, want["Chisq", "stat"], F, what)
        assert effects.size == want["Chisq", "df"]
        close(stats.chi2.sf(x2 / effects.mean(), effects.size), want["Chisq", "p"], P, what)
        close(x2, want["saddlepoint", "stat"], F, what)
        close(x2 / effects.sum(), want["F", "stat"], F, what)
        close(effects.sum() ** 2 / (effects**2).sum(), want["F", "ndf"], F, what)
        tolerance = 1e-5 if (name, question, break_) in NEAR_THE_MEAN else P
        p = saddlepoint(x2, effects, df)
        if name == "unw" and effects.size > 1:
            # Equal weights make df2 a whole number up to rounding, so that R cuts off a whole one or none at random.
            cut = saddlepoint(x2, effects, df * (1 - 1e-9))
            p = min(p, cut, key=lambda found: abs(found - want["saddlepoint", "p"]))
        close(p, want["saddlepoint", "p"], tolerance, what)
        compared += 1
    assert compared == 26


@pytest.mark.parametrize("name", TESTED)
def test_two_means(name: str) -> None:
    frame = expected("tests")
    frame = frame[(frame["design"] == name) & (frame["stat"] == "ttest")]
    want = wide(frame, ["item", "by"], ["est", "t", "df", "p"])
    assert len(want) == 8
    for (item, break_), row in want.iterrows():
        got = t_test(design(name), panel()[[item]].to_numpy(float), panel()[break_].to_numpy() - 1)
        close(got.difference[0], row["est"], 1e-9, f"{name} {item} {break_}")
        close(got.statistic[0], row["t"], SE, f"{name} {item} {break_}")
        assert got.df[0] == row["df"]
        close(got.p[0], row["p"], P, f"{name} {item} {break_}")


RANKED = [name for name in TESTED if "cal" not in name]


@pytest.mark.parametrize("name", RANKED)
def test_ranks_of_two_groups(name: str) -> None:
    frame = expected("tests")
    frame = frame[(frame["design"] == name) & (frame["by"] == "gender")]
    want = wide(frame[frame["stat"] == "rank_mid"], ["item"], ["est", "se", "stat", "df", "p"])
    package = frame[(frame["stat"] == "rank_R") & (frame["level"] == "wilcoxon")]
    assert len(want) == 3
    got = rank_test(design(name), panel()[list(want.index)].to_numpy(float), panel()["gender"].to_numpy() - 1)
    close(got.difference, want["est"], 1e-9, name)
    close(got.se, want["se"], SE, name)
    close(got.statistic, want["stat"], SE, name)
    # The table's own p uses the df of everyone; the package, like us, that of those with an answer.
    close(2 * stats.t.sf(np.abs(got.statistic), want["df"]), want["p"], P, name)
    np.testing.assert_array_equal(got.df, wide(package, ["item"], ["df"])["df"])
    close(got.p, 2 * stats.t.sf(np.abs(got.statistic), got.df), P, name)


@pytest.mark.parametrize("name", RANKED)
def test_ranks_of_five_groups(name: str) -> None:
    frame = expected("tests")
    frame = frame[(frame["design"] == name) & (frame["by"] == "age") & (frame["level"] == "KruskalWallis")]
    want = wide(frame[frame["stat"] == "rank_mid"], ["item"], ["wald_chisq", "df"])
    package = wide(frame[frame["stat"] == "rank_R"], ["item"], ["stat", "p"])
    assert len(want) == 3
    got = rank_test_of_groups(design(name), panel()[list(want.index)].to_numpy(float), panel()["age"].to_numpy() - 1, 5)
    close(got.statistic * got.df1, want["wald_chisq"], SE, name)
    np.testing.assert_array_equal(got.df1, want["df"])
    close(got.p, stats.f.sf(got.statistic, got.df1, got.df2), P, name)
    close(stats.f.sf(package["stat"] / got.df1, got.df1, got.df2), package["p"], P, f"{name}: df2")


def test_adjusted_p_values() -> None:
    frame = expected("tests")
    frame = frame[frame["design"] == "p_adjust"]
    raw = frame.loc[frame["stat"] == "input", "value"].to_numpy()
    elsewhere = {"benjamini_hochberg": "BH", "benjamini_yekutieli": "BY"}
    for name, adjust in ADJUSTMENTS.items():
        want = frame.loc[frame["stat"] == elsewhere.get(name, name), "value"].to_numpy()
        assert len(want) == len(raw)
        close(adjust(raw), want, EST, name)
