"""The survey core against numbers that the R package survey gives for the same invented panel."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from one_table import Shares, rao_scott, shares
from plait.survey.bank import Answers, Split, tabulate
from plait.survey.design import covariance, degrees_of_freedom, variances
from plait.survey.intervals import korn_graubard, logit
from plait.survey.raking import effective_n, kish_design_effect, trim
from plait.survey.significance import holm
from survey_oracle import (
    DESIGNS,
    EST,
    LIKERT,
    LIMIT,
    ORACLE,
    QUESTIONS,
    SE,
    TICKS,
    WEIGHT,
    F,
    P,
    answers,
    close,
    design,
    expected,
    needs_oracle,
    panel,
    raked,
    wide,
)

pytestmark = needs_oracle


@cache
def table(name: str, question: str, break_: str) -> Shares:
    chosen, answered = answers(question)
    group = panel()[break_].to_numpy() - 1 if break_ else np.zeros(len(panel()), dtype=int)
    return shares(design(name), chosen, answered, group, int(group.max()) + 1)


@pytest.mark.parametrize(("start", "column"), [("w0", "w_rake"), ("w0", "w_calrake"), ("", "unw_calrake")])
def test_raked_weights(start: str, column: str) -> None:
    close(raked(start), pd.read_csv(ORACLE / "expected_weights.csv")[column], WEIGHT, column)


def test_trimmed_weights() -> None:
    want = pd.read_csv(ORACLE / "expected_weights.csv")["w_rake_trim"]
    close(trim(raked("w0"), 0.3, 3), want, WEIGHT, "trimmed")


@pytest.mark.parametrize("name", DESIGNS)
def test_kish(name: str) -> None:
    frame = expected("estimates")
    want = frame[(frame["design"] == name) & (frame["stat"] == "kish")].set_index("field")["value"]
    weights = design(name).weights
    close([kish_design_effect(weights), effective_n(weights)], want[["deff_w", "n_eff"]], EST, name)


@pytest.mark.parametrize("name", DESIGNS)
def test_shares_of_everyone(name: str) -> None:
    frame = expected("estimates")
    frame = frame[(frame["design"] == name) & (frame["stat"] == "mean")]
    assert set(frame.loc[frame["field"] == "df", "value"]) == {degrees_of_freedom(design(name))}
    for question in (*QUESTIONS, *TICKS):
        want = wide(frame[frame["item"] == question], ["level"], ["est", "se", "deff_wr"]).dropna(how="all")
        got = table(name, question, "")
        assert len(want) == got.share.size
        close(got.share[0], want["est"], EST, f"{name} {question}")
        close(got.se[0], want["se"], SE, f"{name} {question}")
        close(got.design_effect[0], want["deff_wr"], 2 * SE, f"{name} {question}")


BY_DESIGNS = ("w", "stratclus", "w_calrake", "stratclus_calrake", "stratclus_fixed")


def influence_of_means(name: str, values: np.ndarray, break_: str) -> tuple[np.ndarray, np.ndarray]:
    """Means of a number in the groups of a break, and everyone's influence on them, in full."""
    weights = design(name).weights
    group = panel()[break_].to_numpy()[:, None] == np.arange(1, panel()[break_].max() + 1)
    inside = group & ~np.isnan(values)[:, None]
    filled = np.nan_to_num(values)[:, None]
    total = weights @ inside
    mean = (weights * filled[:, 0]) @ inside / total
    return mean, inside * (filled - mean) / total


@pytest.mark.parametrize("name", BY_DESIGNS)
def test_shares_by_break(name: str) -> None:
    frame = expected("crosstabs")
    frame = frame[(frame["design"] == name) & (frame["stat"] == "by")]
    compared = 0
    for (question, break_), part in frame.groupby(["item", "by"]):
        want = wide(part, ["level"], ["est", "se"])
        place = [level.split("|") for level in want.index]
        group = np.array([int(g) - 1 for g, _ in place])
        if question in LIKERT:  # the mean of the five points, not a share
            mean, influence = influence_of_means(name, panel()[question].to_numpy(), break_)
            est, se = mean[group], np.sqrt(variances(design(name), influence))[group]
        else:
            item = np.array([0 if a == "value" else int(a) - 1 for _, a in place])
            result = table(name, question, break_)
            est, se = result.share[group, item], result.se[group, item]
        close(est, want["est"], EST, f"{name} {question} {break_}")
        close(se, want["se"], SE, f"{name} {question} {break_}")
        compared += 2 * len(want)
    assert compared == len(frame) == 918


@pytest.mark.parametrize("name", [name for name in BY_DESIGNS if name != "stratclus_fixed"])
def test_differences_between_groups(name: str) -> None:
    """Standard errors of differences rest on the covariances between groups."""
    frame = expected("crosstabs")
    frame = frame[(frame["design"] == name) & (frame["stat"] == "pair") & (frame["level"] != "")]
    compared = 0
    for (question, break_), part in frame.groupby(["item", "by"]):
        want = wide(part, ["level"], ["diff", "se", "t", "p"])
        place = pd.DataFrame([level.replace("-", "|").split("|") for level in want.index], columns=["answer", "i", "j"])
        for answer, rows in place.groupby("answer"):
            column = panel()[question]
            values = column if answer == "value" else (column == int(answer)).where(column.notna())
            share, influence = influence_of_means(name, values.to_numpy(dtype=float), break_)
            together = covariance(design(name), influence)
            i, j = (rows[side].astype(int).to_numpy() - 1 for side in "ij")
            se = np.sqrt(together[i, i] + together[j, j] - 2 * together[i, j])
            here = want.iloc[rows.index]
            np.testing.assert_allclose(share[i] - share[j], here["diff"], rtol=EST, atol=EST * share.max())
            close(se, here["se"], SE, f"{name} {question} {break_}")
            t = (share[i] - share[j]) / se
            close(t, here["t"], F, f"{name} {question} {break_}")
            close(2 * stats.t.sf(np.abs(t), degrees_of_freedom(design(name))), here["p"], P, f"{name} {question}")
            compared += 4 * len(rows)
    assert compared == len(frame)


@pytest.mark.parametrize("name", [name for name in BY_DESIGNS if name != "stratclus_fixed"])
def test_pairs_of_the_bank(name: str) -> None:
    """Differences of shares between two groups, with t and p, as the bank of tables has them."""
    frame = expected("crosstabs")
    frame = frame[(frame["design"] == name) & (frame["stat"] == "pair") & ~frame["item"].isin(LIKERT)]
    compared = 0
    for (question, break_), part in frame.groupby(["item", "by"]):
        what = f"{name} {question} {break_}"
        chosen, answered = answers(question)
        options = ["", "value"] if question in TICKS else [str(i + 1) for i in range(chosen.shape[1])]
        codes = np.where(answered, chosen[:, 0] if question in TICKS else chosen.argmax(axis=1), -1).astype(np.int64)
        group = panel()[break_].to_numpy() - 1
        pairs = tabulate(design(name), [Answers(codes, len(options))], [Split(group, int(group.max()) + 1)]).pairs
        places = zip(pairs.item, pairs.group, pairs.other, strict=True)
        levels = [f"{options[item]}|{one + 1}-{other + 1}" for item, one, other in places]
        want = wide(part[part["level"] != ""], ["level"], ["diff", "se", "t", "p"])
        at = pd.Index(levels).get_indexer(want.index)
        assert (at >= 0).all()
        np.testing.assert_allclose(pairs.difference[at], want["diff"], rtol=EST, atol=EST)
        close(pairs.se[at], want["se"], SE, what)
        close(pairs.statistic[at], want["t"], F, what)
        close(pairs.p[at], want["p"], P, what)
        assert set(pairs.df) == set(part.loc[part["field"] == "df", "value"])
        compared += want.size
    assert compared == np.count_nonzero(frame["level"] != "") > 0


@pytest.mark.parametrize("name", [*BY_DESIGNS])
@pytest.mark.parametrize("domain", ["", "|phase=2&age=5"])
def test_intervals(name: str, domain: str) -> None:
    frame = expected("intervals")
    frame = frame[frame["design"] == name + domain]
    assert not frame.empty
    inside = ((panel()["phase"] == 2) & (panel()["age"] == 5)).to_numpy() | (domain == "")
    for tag, part in frame.groupby("item"):
        question, option = tag.split("=")
        column = panel()[question]
        chosen = (column == int(option)).to_numpy(dtype=float)[:, None]
        result = shares(design(name), chosen, column.notna().to_numpy(), np.where(inside, 0, -1), 1)
        df = degrees_of_freedom(design(name), inside)
        size = part.set_index("field")["value"][["df", "nrow"]]
        assert df == size["df"]
        want = part.pivot(index="level", columns="field", values="value")
        close(result.share[0, 0], want.loc["beta", "est"], EST, tag)
        beta = korn_graubard(result.share[0, 0], result.se[0, 0], size["nrow"], df)
        close(beta, want.loc["beta", ["lci", "uci"]], LIMIT, f"{name} {tag} beta")
        close(logit(result.share[0, 0], result.se[0, 0], df), want.loc["xlogit", ["lci", "uci"]], LIMIT, tag)


@pytest.mark.parametrize("name", ["unw", *BY_DESIGNS])
def test_independence(name: str) -> None:
    frame = expected("tests")
    frame = frame[(frame["design"] == name) & (frame["stat"] == "chisq")]
    want = wide(frame[frame["level"] == "F"], ["item", "by"], ["stat", "ndf", "ddf", "p"])
    uncorrected = frame[(frame["level"] == "Chisq") & (frame["field"] == "stat")].set_index(["item", "by"])["value"]
    assert len(want) == 26
    for (question, break_), row in want.iterrows():
        chosen, answered = answers(question)
        column = panel()[break_]
        group = column.fillna(0).astype(int).to_numpy() - 1
        got = rao_scott(design(name), chosen, answered, group, int(column.max()))
        assert got is not None
        close([got.statistic, got.df1, got.df2], row[["stat", "ndf", "ddf"]], F, f"{name} {question} {break_}")
        close(got.p, row["p"], P, f"{name} {question} {break_}")
        answered_both = answered & (group >= 0)  # R multiplies the shares by all rows, those without an answer too
        close(got.x2 * len(panel()) / answered_both.sum(), uncorrected[question, break_], F, "X2")


def test_adjusted_p_values() -> None:
    frame = expected("tests")
    frame = frame[frame["design"] == "p_adjust"]
    raw, want = (frame.loc[frame["stat"] == s, "value"].to_numpy() for s in ("input", "holm"))
    close(holm(raw), want, 1e-12, "holm")
