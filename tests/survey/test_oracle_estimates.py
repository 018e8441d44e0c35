"""Weights, means, totals, ratios, intervals and quantiles against the R package survey, for every design it was given."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest

from one_table import shares
from plait.survey.design import degrees_of_freedom
from plait.survey.intervals import Limits, arcsine, korn_graubard, logit, wald
from plait.survey.quantiles import quantiles
from plait.survey.raking import effective_n, kish_design_effect
from plait.survey.summaries import Summary, means, ratios, totals
from survey_oracle import (
    CALIBRATED,
    DESIGNS,
    EST,
    LIKERT,
    LIMIT,
    ORACLE,
    PROJECTED,
    QUESTIONS,
    SE,
    TICKS,
    WEIGHT,
    answers,
    calibrated,
    close,
    design,
    expected,
    needs_oracle,
    panel,
    wide,
)

pytestmark = needs_oracle

ALL = (*DESIGNS, "stratclus_fpc", *PROJECTED, *CALIBRATED)


def of_design(table: str, name: str, stat: str) -> pd.DataFrame:
    frame = expected(table)
    return frame[(frame["design"] == name) & (frame["stat"] == stat)]


def se_tolerance(name: str) -> float:
    return 3e-2 if name in PROJECTED else SE


def est_tolerance(name: str) -> float:
    return WEIGHT if name in PROJECTED else EST  # R's rake() stops at 1e-9 of a person, its calibrate() goes on


def everyone() -> np.ndarray:
    return np.zeros(len(panel()), dtype=int)


@cache
def items(variable: str) -> dict[str, np.ndarray]:
    """The numbers that R averages: an indicator for each answer of a question, or the variable itself."""
    if variable not in QUESTIONS:
        return {"": panel()[variable].to_numpy(dtype=float)}
    chosen, answered = answers(variable)
    return {str(i + 1): np.where(answered, chosen[:, i], np.nan) for i in range(chosen.shape[1])}


@pytest.mark.parametrize(
    ("kind", "column"),
    [("greg", "w_greg"), ("greg_b", "w_greg_b"), ("logit", "w_logit"), ("ps", "stratclus_ps")],
)
def test_calibrated_weights(kind: str, column: str) -> None:
    close(calibrated(kind), pd.read_csv(ORACLE / "expected_weights.csv")[column], WEIGHT, column)


@pytest.mark.parametrize("name", ALL)
def test_kish(name: str) -> None:
    want = of_design("estimates", name, "kish").set_index("field")["value"]
    weights = design(name).weights
    close([kish_design_effect(weights), effective_n(weights)], want[["deff_w", "n_eff"]], est_tolerance(name), name)
    assert weights.size == want["n"]


@pytest.mark.parametrize("name", ALL)
def test_means(name: str) -> None:
    frame = of_design("estimates", name, "mean")
    df = degrees_of_freedom(design(name))
    assert set(frame.loc[frame["field"] == "df", "value"]) == {df}
    compared = 0
    for variable in ("hours", "pay", *QUESTIONS, *LIKERT, *TICKS):
        for level, values in items(variable).items():
            want = frame[(frame["item"] == variable) & (frame["level"] == level)].set_index("field")["value"]
            got, place = means(design(name), values, everyone(), 1), f"{name} {variable} {level}"
            tolerance = se_tolerance(name)
            close(got.estimate[0], want["est"], est_tolerance(name), place)
            close(got.se[0], want["se"], tolerance, place)
            close(got.design_effect[0], want["deff_wr"], 2 * tolerance, place)
            finite = np.isfinite(want["deff_wor"])  # R: infinite where weights of 1 leave no population to draw from
            close(got.design_effect_wor[0], want["deff_wor"] if finite else np.nan, 2 * tolerance, place)
            slack = tolerance * got.se[0] * 3  # limits inherit the error of the standard error
            for limits, fields in ((df, ["lci_t", "uci_t"]), (np.inf, ["lci_z", "uci_z"])):
                got_limits = wald(got.estimate[0], got.se[0], limits)
                np.testing.assert_allclose(got_limits, want[fields], rtol=SE, atol=slack, err_msg=place)
            compared += want.drop("df", errors="ignore").size
    assert compared == np.count_nonzero(frame["field"] != "df")


@pytest.mark.parametrize("name", ALL)
def test_totals_and_ratios(name: str) -> None:
    hours, pay = (panel()[v].to_numpy(dtype=float) for v in ("hours", "pay"))
    frame = pd.concat([of_design("estimates", name, stat) for stat in ("total", "ratio")])
    want = wide(frame, ["item"], ["est", "se"])
    got: dict[str, Summary] = {
        "hours": totals(design(name), hours, everyone(), 1),
        "pay": totals(design(name), pay, everyone(), 1),
        "pay/hours": ratios(design(name), pay, hours, everyone(), 1),
    }
    assert set(want.index) == set(got)
    for item, summary in got.items():
        close(summary.estimate[0], want.loc[item, "est"], est_tolerance(name), f"{name} {item}")
        close(summary.se[0], want.loc[item, "se"], se_tolerance(name), f"{name} {item}")


@pytest.mark.parametrize(
    "name", ["w", "stratclus", "w_calrake", "stratclus_calrake", "stratclus_fixed", "stratclus_fpc"]
)
def test_means_in_groups(name: str) -> None:
    """Likert means by break; the shares by break are tested with the crosstabs."""
    frame = of_design("crosstabs", name, "by")
    frame = frame[frame["item"].isin(LIKERT)]
    assert not frame.empty
    for (item, break_), part in frame.groupby(["item", "by"]):
        want = wide(part, ["level"], ["est", "se"])
        group = panel()[break_].to_numpy() - 1
        got = means(design(name), panel()[item].to_numpy(dtype=float), group, int(group.max()) + 1)
        place = [int(level.split("|")[0]) - 1 for level in want.index]
        close(got.estimate[place], want["est"], EST, f"{name} {item} {break_}")
        close(got.se[place], want["se"], SE, f"{name} {item} {break_}")


METHODS: dict[str, Callable[..., Limits]] = {"xlogit": logit, "logit": logit, "mean": wald, "asin": arcsine}
CORE = ("w", "stratclus", "w_rake", "w_calrake", "stratclus_calrake", "stratclus_fixed", "stratclus_fpc")


@pytest.mark.parametrize("domain", ["", "|phase=2&age=5"])
@pytest.mark.parametrize("name", CORE)
def test_intervals(name: str, domain: str) -> None:
    frame = of_design("intervals", name + domain, "ciprop")
    inside = ((panel()["phase"] == 2) & (panel()["age"] == 5)).to_numpy() | (domain == "")
    for tag, part in frame.groupby("item"):
        question, option = tag.split("=")
        column = panel()[question]
        chosen = (column == int(option)).to_numpy(dtype=float)[:, None]
        result = shares(design(name), chosen, column.notna().to_numpy(), np.where(inside, 0, -1), 1)
        share, se, df = result.share[0, 0], result.se[0, 0], degrees_of_freedom(design(name), inside)
        sizes = part.set_index("field")["value"]
        assert df == sizes["df"]
        limits = {method: interval(share, se, df) for method, interval in METHODS.items()}
        limits["beta"] = korn_graubard(share, se, sizes["nrow"], df, largest=np.inf)
        want = part[part["level"].isin(limits)].pivot(index="level", columns="field", values="value")
        assert sorted(want.index) == sorted(limits)
        for method, row in want.iterrows():
            if method == "logit" and row["est"] == 0:
                continue  # R's regression breaks down in a domain of a calibrated design
            fit = LIMIT if method == "logit" else est_tolerance(name)  # a regression stops when it is good enough
            close(share, row["est"], fit, f"{name}{domain} {tag} {method}")
            slack = se_tolerance(name) * (row["uci"] - row["lci"]) if name in PROJECTED else 0
            place = f"{name}{domain} {tag} {method}"
            np.testing.assert_allclose(limits[str(method)], row[["lci", "uci"]], rtol=LIMIT, atol=slack, err_msg=place)


@pytest.mark.parametrize("method", ["mean", "xlogit", "beta"])
@pytest.mark.parametrize("variable", ["hours", "pay"])
@pytest.mark.parametrize("name", ["unw", "w", "stratclus", "stratclus_fixed"])
def test_quantiles(name: str, variable: str, method: str) -> None:
    values = panel()[variable].to_numpy(dtype=float)
    n = np.count_nonzero(~np.isnan(values))
    interval = {"mean": wald, "xlogit": logit, "beta": lambda p, se, df, level: korn_graubard(p, se, n, df, level)}
    frame = of_design("models", name, "quantile")
    frame = frame[(frame["item"] == variable) & (frame["by"] == "math") & frame["level"].str.endswith(f"|{method}")]
    want = wide(frame, ["level"], ["est", "se", "lci", "uci"])
    assert len(want) == 5
    probabilities = [float(level.split("|")[0]) for level in want.index]
    got = quantiles(design(name), values, probabilities, everyone(), 1, share_limits=interval[method])
    for column, field in ((got.estimate, "est"), (got.low, "lci"), (got.high, "uci")):
        np.testing.assert_array_equal(column[0], want[field])
    close(got.se[0], want["se"], SE, f"{name} {variable}")
