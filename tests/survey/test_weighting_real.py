"""Three real surveys, weighted as a study would be, against what R's survey package gives for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plait.study import Study
from plait.survey.weighting import weight
from weighting_study import answered, weighting_study

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "survey"
pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real surveys are not beside this copy"),
]


def as_study(
    answers: pd.DataFrame, targets: Mapping[str, pd.Series], weighting: Mapping[str, object]
) -> tuple[Study, pd.DataFrame]:
    """Columns of texts and targets by text, as a study and its responses; texts without a target are not known."""
    names = {v: {text: f"g{i}" for i, text in enumerate(target.index)} for v, target in targets.items()}
    study = weighting_study({v: target.rename(names[v]).to_dict() for v, target in targets.items()}, weighting)
    return study, answered(len(answers), **{v: answers[v].map(names[v]).to_list() for v in targets})


def shares(answer: pd.Series, weights: pd.Series, by: pd.Series | None = None) -> pd.Series:
    """Weighted per cents of an answer, within groups where there are any."""
    keys = [answer] if by is None else [by, answer]
    totals = weights.groupby([key.to_numpy() for key in keys]).sum()
    whole = totals.sum() if by is None else totals.groupby(level=0).transform("sum")
    return 100 * totals / whole


def reference(file: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "reference" / file, dtype={"break_value": "str"}, keep_default_na=False)


def check_against(expected: pd.DataFrame, answers: pd.DataFrame, weights: pd.Series) -> None:
    """Every weighted per cent of the reference, which is rounded to two decimals."""
    for (question, break_), rows in expected.groupby(["question", "break_variable"]):
        everyone = break_ == "(total)"
        found = shares(answers[question], weights, None if everyone else answers[break_])
        for row in rows.itertuples():
            key = row.response if everyone else (row.break_value, row.response)
            assert found[key] == pytest.approx(float(row.pct_weighted), abs=0.00501)


def test_pew_raked_to_age_and_to_sex_by_education() -> None:
    folder = SAMPLES / "pew_dec2013_raking"
    people = pd.read_csv(folder / "dec13_excerpt.csv", dtype="str", keep_default_na=False)
    census = pd.read_csv(folder / "acs_2017_excerpt.csv")
    for frame in (people, census):
        frame["sex_education"] = frame["sex"] + ", " + frame["receduc"]
    targets = {v: census.groupby(v)["weight"].sum() for v in ("recage", "sex_education")}
    targets = {v: target / target.sum() for v, target in targets.items()}
    study, responses = as_study(people, targets, {"unknown": "leave_out"})
    weighted = weight(study, responses)
    day = weighted.diagnostics["day"]
    assert (day["n"], day["n_unknown_group"]) == (1958, 43)
    assert (round(day["smallest_weight"], 5), round(day["largest_weight"], 5)) == (0.50248, 2.09699)
    assert (round(day["design_effect"], 5), round(day["effective_n"], 1)) == (1.13674, 1722.5)
    expected = reference("dec13.csv").query("weight_variable == 'rk'")
    assert len(expected) > 0
    kept = weighted.weights["day"].notna()
    check_against(expected, people[kept], weighted.weights.loc[kept, "day"])


NATIONSCAPE = ("gender", "region", "race", "education", "age", "household_income")


def nationscape(variables: list[str]) -> tuple[Study, pd.DataFrame, pd.DataFrame]:
    folder = SAMPLES / "nationscape_raking"
    people = pd.read_csv(folder / "respondent_data.csv", dtype="str", keep_default_na=False)
    given = pd.read_csv(folder / "ns_target.csv", dtype={"variable": "str", "category": "str"}, keep_default_na=False)
    targets = {v: given[given["variable"] == v].set_index("category")["proportion"].astype(float) for v in variables}
    study, responses = as_study(people, targets, {"unknown": "leave_out"})
    return study, responses, people


def test_nationscape_raked_to_six_margins() -> None:
    study, responses, people = nationscape(list(NATIONSCAPE))
    weighted = weight(study, responses)
    day = weighted.diagnostics["day"]
    assert (day["n"], day["n_unknown_group"]) == (6051, 652)
    assert (round(day["smallest_weight"], 5), round(day["largest_weight"], 5)) == (0.09178, 17.29624)
    assert (round(day["design_effect"], 5), round(day["effective_n"], 1)) == (1.82969, 3307.1)
    kept = weighted.weights["day"].notna()
    expected = reference("autumn.csv").query("weight_variable == 'rk'")
    check_against(expected, people[kept], weighted.weights.loc[kept, "day"])


def test_nationscape_raked_to_all_seventeen_margins() -> None:
    """The crossed margins were rounded apart from the plain ones: the targets are met to the eighth digit, not beyond."""
    given = pd.read_csv(SAMPLES / "nationscape_raking" / "ns_target.csv", dtype="str", keep_default_na=False)
    study, responses, _ = nationscape(list(given["variable"].unique()))
    weighted = weight(study, responses)
    assert weighted.diagnostics["day"]["largest_error"] < 1e-8
    assert weighted.margins["variable"].nunique() == 17
    np.testing.assert_allclose(weighted.margins["share_achieved"], weighted.margins["share_target"], rtol=1e-8)
    assert "less than half its size" in weighted.notes.query("kind == 'precision'").text.item()


def test_schools_raked_to_the_numbers_of_schools() -> None:
    schools = pd.read_csv(SAMPLES / "api_schools" / "apiclus1.csv", dtype="str", keep_default_na=False)
    targets = {
        "stype": pd.Series({"E": 4421.0, "H": 755.0, "M": 1018.0}),
        "wide": pd.Series({"No": 1072.0, "Yes": 5122.0}),
    }
    study, responses = as_study(schools.assign(wide=schools["sch.wide"]), targets, {})
    weighted = weight(study, responses)
    assert weighted.diagnostics["day"]["sum_of_weights"] == pytest.approx(6194)
    expected = reference("api.csv").query("weight_variable == 'raked'")
    check_against(expected, schools, weighted.weights["day"])
    np.testing.assert_allclose(weighted.weights["day"], schools["raked"].astype(float), rtol=1e-8)
    assert round(np.average(schools["api00"].astype(float), weights=weighted.weights["day"]), 4) == 641.2303
