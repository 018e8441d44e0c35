"""What must hold for a whole study, from respondents' answers to every table.

The study is invented; each test changes it in a way whose consequences are known without any reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from plait.study import Study
from plait.study.definition import Definition
from plait.study.side_files import Target
from plait.survey.cleaning import clean
from plait.survey.findings import SurveyFindings, survey_findings
from plait.survey.weighting import weight
from small_survey import small_survey
from weighting_study import ABOUT

pytestmark = pytest.mark.study
few = settings(max_examples=1, deadline=None, phases=[Phase.generate])  # a seed cannot be made simpler

PLACE = {
    "estimates": ["question", "option", "measure", "break", "group", "weight_set"],
    "tests": ["question", "option", "method", "break", "weight_set"],
    "pairs": ["question", "option", "break", "group", "other", "weight_set"],
    "changes": ["question", "option", "weight_set"],
    "models": ["model", "variable", "group", "weight_set"],
}
"""What each table of the findings is about, row by row."""
UNITS = ["base_weighted"]
"""Columns in units of the weights."""


def option(*raw: str, **more: object) -> dict[str, object]:
    return {"label": "/".join(raw), "raw": list(raw)} | more


SURVEY: dict[str, Any] = {
    "respondent_id": "id",
    "exports": {"monday": {"file": "monday.csv", "weight": "w"}, "friday": {"file": "friday.csv", "weight": "w"}},
    "profile": {
        "phase": {"label": "Phase", "column": "phase", "options": {"p": "Primary", "s": "Secondary", "x": "Special"}},
        "region": {"label": "Region", "column": "region", "options": {"n": "North", "m": "Middle", "z": "South"}},
    },
    "derived": {
        "far": {
            "label": "Far",
            "from": "region",
            "groups": {"far": {"label": "Far", "of": ["n", "z"]}, "near": {"label": "Near", "of": "m"}},
        }
    },
    "scales": {
        "agree": {
            "options": {"a": {"label": "A", "score": 1}, "b": {"label": "B", "score": 0}, "c": {"label": "C", "score": -1}},
            "nets": {"ab": {"label": "A or B", "of": ["a", "b"]}},
        }
    },
    "questions": {
        "uses": {
            "label": "Uses it", "text": "Do you?", "export": "monday", "column": "uses",
            "options": {"yes_": "Yes", "no_": "No", "unsure": {"label": "Not sure", "no_answer": "dont_know"}},
        },
        "wants": {
            "label": "Wants", "text": "What?", "export": "monday", "type": "multi", "column": "wants",
            "options": {"fruit": "Fruit", "juice": "Juice", "later": "Later"},
            "nets": {"eats": {"label": "Eats or drinks", "of": ["fruit", "juice"]}},
        },
        "likes": {"label": "Likes", "text": "How?", "export": "monday", "column": "likes", "scale": "agree"},
        "minutes": {
            "label": "Minutes", "text": "How long?", "export": "monday", "type": "number", "column": "minutes",
            "measures": ["mean", "median", "total", "ratio"], "ratio_to": "meals",
        },
        "meals": {
            "label": "Meals", "text": "How many?", "export": "monday", "type": "number", "column": "meals",
            "measures": ["mean"],
        },
        "still": {
            "label": "Still uses it", "text": "Do you?", "export": "friday", "column": "still", "repeats": "uses",
            "options": {"yes_": "Yes", "no_": "No", "unsure": {"label": "Not sure", "no_answer": "dont_know"}},
        },
    },
    "breaks": ["phase", "far", "uses"],
    "models": {"use": {"label": "Use", "outcome": "uses:yes_", "predictors": ["phase"]}},
}  # fmt: skip
TARGETS = {"phase": {"p": 0.5, "s": 0.3, "x": 0.2}, "region": {"n": 0.3, "m": 0.3, "z": 0.4}}
WEIGHTINGS: dict[str, dict[str, object] | None] = {
    "unweighted": None,
    "raked": {"targets": "targets.csv"},
    "supplied": {"method": "supplied"},
}
N = 120
"""Respondents: ten in each of twelve schools, three of these in each of four counties."""


class Case(NamedTuple):
    """A study, and what its respondents answered."""

    survey: dict[str, Any]
    targets: Mapping[str, Mapping[str, float]]
    responses: pd.DataFrame

    def findings(self) -> SurveyFindings:
        study = study_of(self.survey, self.targets)
        return survey_findings(study, self.responses, weight(study, self.responses).weights)

    def changed(self, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Case:
        return self._replace(responses=change(self.responses.copy()).reset_index(drop=True))


def study_of(survey: Mapping[str, Any], targets: Mapping[str, Mapping[str, float]]) -> Study:
    whole = {"study": "tiny", "title": "Tiny", "research_question": "Why?", "about": ABOUT, "survey": survey}
    facts = {"count": None, "source": "census", "date": "2025", "unit": "headcount", "grade": "official"}
    rows = [
        Target.model_validate({"variable": variable, "group": group, "share": share} | facts)
        for variable, shares in targets.items()
        for group, share in shares.items()
    ]
    return Study(Path(), Path(), Definition.model_validate(whole), tuple(rows))


def case(kind: str, drawn: str, seed: int = 0) -> Case:
    """The invented study, weighted in one of the ways, its respondents drawn one by one or in schools within strata."""
    weighting = WEIGHTINGS[kind]
    survey = deepcopy(SURVEY) | ({} if weighting is None else {"weighting": weighting})
    if drawn == "schools":
        survey["design"] = {"cluster": "school", "strata": ["county"]}
    return Case(survey, TARGETS if kind == "raked" else {}, answers(seed, drawn))


def answers(seed: int, drawn: str) -> pd.DataFrame:
    """What cleaning would make of the answers of the invented respondents."""
    rng = np.random.default_rng(seed)
    phase, region = np.resize(["p", "p", "s", "x"], N), rng.permutation(np.resize(["n", "m", "z"], N))
    uses = np.where(rng.random(N) < 0.4 + 0.3 * (phase == "p"), "yes_", "no_").astype(object)
    uses[rng.choice(N, 4, replace=False)] = "unsure"
    uses[0], uses[1], uses[-2], uses[-1] = "yes_", "no_", "no_", "yes_"  # both answers in more than one phase
    friday = np.arange(N) % 6 > 0
    still = np.where(rng.random(N) < 0.3, "no_", uses).astype(object)
    frame = pd.DataFrame({"respondent": [f"r{i:03d}" for i in range(N)], "in.monday": True, "in.friday": friday})
    for day in ("monday", "friday"):
        frame[f"weight.{day}"] = rng.uniform(0.5, 2.5, N)
    frame["phase"], frame["region"] = phase, region
    frame["far"] = np.where(region == "m", "near", "far")
    frame["uses"], frame["missing.uses"] = uses, np.where(uses == "unsure", "dont_know", "")
    frame["missing.wants"] = np.where(rng.random(N) < 0.1, "skipped", "")
    for name, share in {"fruit": 0.6, "juice": 0.3, "later": 0.2}.items():
        frame[f"wants.{name}"] = (rng.random(N) < share).astype(float)
        frame.loc[frame["missing.wants"] != "", f"wants.{name}"] = np.nan
    frame["likes"], frame["missing.likes"] = rng.choice(["a", "b", "c"], N, p=[0.5, 0.3, 0.2]), ""
    frame["minutes"], frame["missing.minutes"] = np.round(rng.gamma(4, 10, N) + 5), ""
    frame["meals"], frame["missing.meals"] = rng.integers(1, 6, N).astype(float), ""
    frame["still"] = np.where(friday, still, None)
    frame["missing.still"] = np.where(~friday, "not_asked", np.where(still == "unsure", "dont_know", ""))
    if drawn == "schools":
        school = np.arange(N) // 10
        frame["cluster"], frame["stratum"] = [f"school {i}" for i in school], [f"county {i}" for i in school // 3]
    return frame.astype({c: "str" for c, kind in frame.dtypes.items() if kind.kind == "O"})


def rows_of(findings: SurveyFindings, table: str, without: list[str] | None = None) -> pd.DataFrame:
    frame = getattr(findings, table).set_index(PLACE[table]).drop(columns=without or [], errors="ignore")
    assert frame.index.is_unique
    return frame


def assert_same(
    left: SurveyFindings, right: SurveyFindings, without: list[str] | None = None, among_more: bool = False
) -> None:
    """Every number of the findings is the same, in whatever order the rows stand.

    Args:
        left: What is expected.
        right: What was found.
        without: Columns that may differ.
        among_more: Whether `right` may hold further rows.
    """
    for table in PLACE:
        one, other = (rows_of(found, table, without) for found in (left, right))
        assert not one.empty
        if among_more:
            assert one.index.isin(other.index).all()
        else:
            assert sorted(one.index) == sorted(other.index)
        pd.testing.assert_frame_equal(one, other.loc[one.index], rtol=1e-8, atol=1e-10)


everywhere = pytest.mark.parametrize("drawn", ["alone", "schools"])
every_weight = pytest.mark.parametrize("kind", ["unweighted", "raked"])
seeds = st.integers(0, 2**16)


# --- weights and order -------------------------------------------------------------------------------------------------


@everywhere
@few
@given(seeds, st.floats(1e-3, 1e3))
def test_the_unit_of_start_weights_does_not_matter(drawn: str, seed: int, unit: float) -> None:
    before = case("raked", drawn, seed)
    after = before.changed(lambda r: r.assign(**{"weight.monday": r["weight.monday"] * unit}))
    assert_same(before.findings(), after.findings())


@everywhere
@few
@given(seeds, st.floats(1e-3, 1e3))
def test_the_unit_of_supplied_weights_matters_to_totals_only(drawn: str, seed: int, unit: float) -> None:
    before = case("supplied", drawn, seed)
    columns = ["weight.monday", "weight.friday"]
    after = before.changed(lambda r: r.assign(**{c: r[c] * unit for c in columns})).findings()
    found = before.findings()
    weighted = (found.estimates["measure"] == "total") & (found.estimates["weight_set"] != "")
    for numbers, rows in (
        (UNITS, found.estimates["weight_set"] != ""),
        (["value", "se", "ci_low", "ci_high"], weighted),
    ):
        found.estimates.loc[rows, numbers] *= unit
    assert_same(found, after)


@everywhere
@every_weight
@few
@given(seeds)
def test_the_order_of_respondents_does_not_matter(kind: str, drawn: str, seed: int) -> None:
    before = case(kind, drawn, seed)
    after = before.changed(lambda r: r.sample(frac=1, random_state=seed))
    assert_same(before.findings(), after.findings())


@everywhere
@every_weight
@few
@given(seeds)
def test_everyone_twice_has_the_same_shares_and_a_smaller_error(kind: str, drawn: str, seed: int) -> None:
    before = case(kind, drawn, seed)

    def twice(responses: pd.DataFrame) -> pd.DataFrame:
        again = responses.assign(respondent=responses["respondent"] + " again")
        if drawn == "schools":
            again["cluster"] = again["cluster"] + " again"
        return pd.concat([responses, again])

    one, two = (rows_of(found.findings(), "estimates").sort_index() for found in (before, before.changed(twice)))
    assert (two["base_unweighted"] == 2 * one["base_unweighted"]).all()
    total = (one.index.get_level_values("measure") == "total").astype(int) + 1
    np.testing.assert_allclose(two["value"], one["value"] * total, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(two["value_unweighted"], one["value_unweighted"] * total, rtol=1e-9, atol=1e-12)
    # n / (n - 1) times a sum of squares, each half as large and there twice; n are people, or schools of a stratum
    in_sample = two.index.get_level_values("question").map(lambda q: N * 5 // 6 if q == "still" else N)
    n = np.full(len(one), 3) if drawn == "schools" else in_sample.to_numpy()
    measured = one.index.get_level_values("measure") != "median"  # whose error comes from its interval
    factor = np.sqrt((n - 1) / (2 * n - 1)) * total
    np.testing.assert_allclose(two["se"][measured], (one["se"] * factor)[measured], rtol=1e-7, atol=1e-12)
    wide = (one["ci_high"] - one["ci_low"] > 1e-9) & measured & (total == 1)
    assert (two["ci_high"] - two["ci_low"])[wide].lt((one["ci_high"] - one["ci_low"])[wide]).all()


# --- names -------------------------------------------------------------------------------------------------------------


@everywhere
@every_weight
@few
@given(seeds)
def test_names_are_only_names(kind: str, drawn: str, seed: int) -> None:
    before = case(kind, drawn, seed)
    new = {"p": "z9", "s": "a", "x": "mid", "n": "Z", "m": "y", "z": "x"}
    answer = {"yes_": "no_", "no_": "yes_", "unsure": "u"}
    survey, targets = deepcopy(before.survey), {}
    for variable in ("phase", "region"):
        options = survey["profile"][variable]["options"]
        survey["profile"][variable]["options"] = {new[k]: v for k, v in options.items()}
        if variable in before.targets:
            targets[variable] = {new[k]: v for k, v in before.targets[variable].items()}
    survey["derived"]["far"]["groups"] = {
        "far": {"label": "?", "of": [new["n"], new["z"]]}, "near": {"label": "!", "of": new["m"]}
    }  # fmt: skip
    for question in ("uses", "still"):
        options = survey["questions"][question]["options"]
        survey["questions"][question]["options"] = {answer[k]: v for k, v in options.items()}
    survey["models"]["use"]["outcome"] = "uses:no_"

    def renamed(responses: pd.DataFrame) -> pd.DataFrame:
        shuffled = np.random.default_rng(seed).permutation(N)
        responses = responses.assign(
            respondent=[f"{i:x}" for i in shuffled], phase=responses["phase"].map(new), region=responses["region"].map(new),
            uses=responses["uses"].map(answer), still=responses["still"].map(answer),
        )  # fmt: skip
        for unit in ("cluster", "stratum") if drawn == "schools" else ():
            names = responses[unit].unique()
            responses[unit] = responses[unit].map(dict(zip(names, np.roll(names, 1), strict=True)))
        return responses.astype(dict.fromkeys(("uses", "still", "phase", "region"), "str"))

    after = Case(survey, targets, renamed(before.responses)).findings()
    back = {new: old for old, new in {**new, **answer}.items()} | {"far": "far", "near": "near"}
    by = {"group", "other", "higher", "reference"}
    for table in PLACE:
        frame = getattr(after, table)
        for column in by & set(frame.columns):
            frame[column] = frame[column].map(lambda name: back.get(name, name))
        if "option" in frame:
            mine = frame["question"].isin(["uses", "still"])
            frame.loc[mine, "option"] = frame.loc[mine, "option"].map(lambda name: back.get(name, name))
    assert_same(before.findings(), after)


@everywhere
@every_weight
def test_an_option_and_a_group_that_nobody_has_change_nothing_else(kind: str, drawn: str) -> None:
    before = case(kind, drawn, seed=1)
    del before.survey["models"]  # a model refuses a group without anyone
    survey = deepcopy(before.survey)
    survey["profile"]["phase"]["options"] = {"nursery": "Nursery"} | survey["profile"]["phase"]["options"]
    survey["derived"]["far"]["groups"] |= {"nowhere": {"label": "Nowhere", "of": []}}
    for question in ("uses", "still"):
        survey["questions"][question]["options"] |= {"never": "Never"}
    survey["questions"]["wants"]["options"] |= {"nothing": {"label": "Nothing", "exclusive": True}}
    survey["scales"]["agree"]["options"] |= {"d": {"label": "D", "score": -2}}
    targets = {v: dict(t) | ({"nursery": 0.0} if v == "phase" else {}) for v, t in before.targets.items()}
    responses = before.responses.assign(**{"wants.nothing": before.responses["wants.fruit"] * 0})
    found, more = before.findings(), Case(survey, targets, responses).findings()
    for table in ("estimates", "pairs", "changes", "tests"):
        one, other = rows_of(found, table), rows_of(more, table)
        pd.testing.assert_frame_equal(one, other.loc[one.index], rtol=1e-8, atol=1e-10)
    new = more.estimates[~more.estimates.set_index(PLACE["estimates"]).index.isin(rows_of(found, "estimates").index)]
    nobody = new["group"].isin(["nursery", "nowhere", "never"])
    assert nobody.any()
    assert (new.loc[nobody, "base_unweighted"] == 0).all()
    assert new.loc[nobody & (new["measure"] != "total"), "value"].isna().all()
    assert (new.loc[~nobody, "value"] == 0).all()


@everywhere
def test_people_of_another_day_and_their_schools_change_nothing(drawn: str) -> None:
    before = case("supplied", drawn)

    def with_others(responses: pd.DataFrame) -> pd.DataFrame:
        others = responses[responses["in.friday"]].head(30).copy()
        others["respondent"] += " again"
        others["in.monday"], others["weight.monday"] = False, np.nan
        if drawn == "schools":
            others["cluster"] += " again"
        return pd.concat([others, responses])

    found, more = before.findings(), before.changed(with_others).findings()
    for table in ("estimates", "tests", "pairs"):
        one, other = (frame[frame["question"] != "still"] for frame in (getattr(found, table), getattr(more, table)))
        if table == "tests":  # the tests of both days are one family
            one, other = (frame.drop(columns="p_adjusted") for frame in (one, other))
        pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True), rtol=1e-9)


# --- parts and wholes --------------------------------------------------------------------------------------------------


WAVE = """
respondent_id: id
exports: {{{exports}}}
profile: {{phase: {{label: Phase, column: phase, options: {{p: Primary, s: Secondary}}}}}}
scales: {{agree: {{options: {{a: Agree, b: Neither, c: Disagree}}}}}}
questions:
{questions}
breaks: [phase]
"""
LIKES = "  {name}: {{label: Likes, text: Likes it, export: {export}, column: likes, scale: agree}}\n"


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_a_wave_in_two_exports_adds_up_to_the_whole(tmp_path: Path, share: float) -> None:
    rng = np.random.default_rng(8)
    lines = [
        f"{i},{rng.choice(['Primary', 'Secondary', ''])},{rng.choice(['Agree', 'Neither', 'Disagree', ''])}\n"
        for i in range(80)
    ]
    first = rng.random(80) < share
    files = {"whole": lines, "one": [line for line, here in zip(lines, first, strict=True) if here]}
    files["two"] = [line for line, here in zip(lines, first, strict=True) if not here]
    counts = {}
    for name, exports in (("all", ["whole"]), ("parts", ["one", "two"])):
        definition = WAVE.format(
            exports=", ".join(f"{e}: {{file: {e}.csv}}" for e in exports),
            questions="".join(LIKES.format(name=f"likes_{e}", export=e) for e in exports),
        )
        texts = {f"{e}_csv": "id,phase,likes\n" + "".join(files[e]) for e in exports}
        study = small_survey(tmp_path / name, definition, **texts)
        responses = clean(study).responses
        found = survey_findings(study, responses, responses[["respondent"]]).estimates
        found["count"] = found["value"].fillna(0) * found["base_unweighted"]
        counts[name] = found.groupby(["option", "break", "group"])[["count", "base_unweighted"]].sum()
    assert counts["all"]["base_unweighted"].max() > 40
    pd.testing.assert_frame_equal(counts["all"], counts["parts"], check_dtype=False, atol=1e-9)


@every_weight
def test_a_question_as_a_break_is_like_a_profile_variable_with_the_same_answers(kind: str) -> None:
    before = case(kind, "schools")
    survey = deepcopy(before.survey)
    survey["profile"]["user"] = {"label": "User", "column": "user", "options": {"yes_": "Yes", "no_": "No"}}
    survey["breaks"].append("user")
    user = before.responses["uses"].where(before.responses["uses"] != "unsure")
    found = Case(survey, before.targets, before.responses.assign(user=user)).findings()
    for table in ("estimates", "tests", "pairs"):
        frame = getattr(found, table)
        assert not ((frame["question"] == "uses") & (frame["break"] == "uses")).any()
        mine = frame[frame["question"] != "uses"]
        if table == "tests":  # uses by user is one more test of the same family
            mine = mine.drop(columns="p_adjusted")
        one, other = (
            mine[mine["break"] == name].drop(columns="break").reset_index(drop=True) for name in ("uses", "user")
        )
        assert len(one) > 0
        pd.testing.assert_frame_equal(one, other)


@everywhere
@every_weight
@few
@given(seeds)
def test_options_add_up_to_their_net_and_to_everyone(kind: str, drawn: str, seed: int) -> None:
    found = case(kind, drawn, seed).findings().estimates.set_index(["option"])
    cell = ["break", "group", "weight_set"]
    for number in ("value", "value_unweighted"):
        likes = found[(found["question"] == "likes") & (found["measure"] != "mean")]
        shares = {o: likes.loc[o].set_index(cell)[number] for o in ("a", "b", "c", "ab")}
        np.testing.assert_allclose(shares["a"] + shares["b"], shares["ab"], atol=1e-12)
        np.testing.assert_allclose(shares["ab"] + shares["c"], 1, atol=1e-12)
        wants = {
            o: found[found["question"] == "wants"].loc[o].set_index(cell)[number] for o in ("fruit", "juice", "eats")
        }
        largest, added = np.maximum(wants["fruit"], wants["juice"]), wants["fruit"] + wants["juice"]
        assert wants["eats"].between(largest - 1e-12, np.minimum(added, 1) + 1e-12).all()
    mean = found[(found["question"] == "likes") & (found["measure"] == "mean")].set_index(cell)["value"]
    likes = found[(found["question"] == "likes") & (found["measure"] == "share")]
    a, c = (likes.loc[o].set_index(cell)["value"] for o in ("a", "c"))
    np.testing.assert_allclose(mean[a.index], a - c, atol=1e-12)


@everywhere
@every_weight
@few
@given(seeds)
def test_everyone_is_the_mean_of_the_groups_weighted_by_their_bases(kind: str, drawn: str, seed: int) -> None:
    found = case(kind, drawn, seed).findings().estimates
    for name in ("phase", "far"):  # everybody is in one of their groups
        means = found[found["measure"].isin(["share", "net", "mean"])]
        table = ["question", "option", "measure", "weight_set"]
        everyone = means[means["break"] == ""].set_index(table)
        groups = means[means["break"] == name]
        between = groups.groupby(table)["value"].agg(["min", "max"]).loc[everyone.index]
        assert everyone["value"].between(between["min"] - 1e-12, between["max"] + 1e-12).all()
        parts = (
            groups.assign(part=groups["value"] * groups["base_weighted"])
            .groupby(table)[["part", "base_weighted"]]
            .sum()
        )
        parts = parts.loc[everyone.index]
        np.testing.assert_allclose(parts["part"] / parts["base_weighted"], everyone["value"], atol=1e-12)
        np.testing.assert_allclose(parts["base_weighted"], everyone["base_weighted"], rtol=1e-12)


@everywhere
@pytest.mark.parametrize("kind", ["raked", "supplied"])
def test_beside_every_weighted_number_stands_the_unweighted_one(kind: str, drawn: str) -> None:
    found = rows_of(case(kind, drawn).findings(), "estimates")["value_unweighted"].unstack("weight_set")
    everyone = found[["monday", "friday"]].bfill(axis="columns").iloc[:, 0]  # all have a weight
    assert everyone.notna().all()
    pd.testing.assert_series_equal(everyone, found[""], check_names=False)
