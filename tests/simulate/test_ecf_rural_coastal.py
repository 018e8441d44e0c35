"""Headline facts of the form and the interviews, counted from the raw files alone."""

from __future__ import annotations

import csv
from collections import Counter

import pandas as pd
import pytest
from scipy.stats import fisher_exact

from simulate.raw_data import ECF, read_table


@pytest.fixture(scope="module")
def respondents() -> pd.DataFrame:
    rows = read_table(ECF / "raw/survey/ecf_survey.csv").iloc[2:]
    assert len(rows) == 139
    kept = rows[
        (rows["Status"] != "Survey Preview")
        & (rows["consent"] == "I agree to take part")
        & (rows["Finished"] == "True")
    ]
    far = ~kept["ec_location"].str.startswith("Town or city")
    return kept.assign(far=far, small=kept["ec_size"] == "Small for its phase")


def test_three_header_rows() -> None:
    with (ECF / "raw/survey/ecf_survey.csv").open(encoding="utf-8", newline="") as file:
        codes, wording, imports, *_ = csv.reader(file)
    assert codes[:6] == ["StartDate", "EndDate", "Status", "Progress", "Finished", "ResponseId"]
    assert wording[codes.index("ec_sat")].endswith("?")
    assert all(cell.startswith('{"ImportId":"') for cell in imports)
    assert len(set(imports)) == len(imports)


def test_people_and_schools(respondents: pd.DataFrame) -> None:
    assert len(respondents) == 132
    assert respondents["ResponseId"].is_unique
    a_school = respondents.groupby("school_id").size()
    assert (len(a_school), a_school.median(), a_school.max()) == (68, 2, 5)
    for column in ("ec_location", "ec_phase", "ec_size"):
        assert (respondents.groupby("school_id")[column].nunique() == 1).all()
    roles = Counter(respondents["ec_role"].str.split(" ").str[0])
    assert roles == {"Early": 40, "Mentor": 44, "Induction": 26, "Headteacher": 22}
    places = Counter(respondents["ec_location"].str.split(" ").str[0])
    assert places == {"Rural": 36, "Coastal": 24, "Both": 10, "Town": 62}
    assert Counter(respondents["ec_phase"]) == {"Primary": 84, "Secondary": 48}
    assert respondents["small"].sum() == 48


def test_satisfaction_and_workload(respondents: pd.DataFrame) -> None:
    satisfied = respondents.loc[respondents["ec_sat"] != "", "ec_sat"]
    assert (len(satisfied), satisfied.isin(["Very satisfied", "Somewhat satisfied"]).sum()) == (40, 32)
    asked = respondents[respondents["ec_manage"] != ""]
    agree = asked["ec_manage"].isin(["Strongly agree", "Somewhat agree"])
    assert (len(asked), agree.sum()) == (44, 40)
    for split in ("far", "small"):
        assert fisher_exact(pd.crosstab(agree, asked[split])).pvalue > 0.05


def test_time_is_kept_less_often_far_from_towns(respondents: pd.DataFrame) -> None:
    asked = respondents[respondents["ec_prot"] != ""]
    assert len(asked) == 84
    kept = asked["ec_prot"].str.contains("nearly always kept").groupby(asked["far"]).mean()
    assert kept[True] == pytest.approx(0.30, abs=0.02)
    assert kept[False] == pytest.approx(0.55, abs=0.02)


def test_questions_reach_those_they_are_for(respondents: pd.DataFrame) -> None:
    ect = respondents["ec_role"].str.startswith("Early")
    mentor = respondents["ec_role"].str.startswith("Mentor")
    for column, asked in (
        ("ec_sat", ect),
        ("ec_mentor_help", ect),
        ("ec_same", ect),
        ("ec_manage", mentor),
        ("ec_travel", ect | mentor),
        ("ec_network", ect | mentor),
        ("ec_dual", ~ect & ~mentor),
    ):
        assert (respondents.loc[~asked, column] == "").all(), column
    lost = respondents["ec_prot"].str.contains("often lost")
    ticks = respondents[[f"ec_lost_{i}" for i in range(1, 7)]] != ""
    assert ticks.any(axis="columns").equals(lost)
    assert (respondents["ec_lost_6_TEXT"] != "").sum() == ticks["ec_lost_6"].sum()


def test_interviews() -> None:
    people = read_table(ECF / "raw/coding/participants.csv")
    assert list(people.columns) == ["case", "role", "phase", "setting", "form_response", "may_be_joined"]
    assert Counter(people["role"]) == {
        "Early career teacher": 7,
        "Mentor": 7,
        "Induction tutor": 4,
        "Headteacher": 3,
    }
    key = read_table(ECF / "raw/coding/key_to_schools.csv")
    assert sorted(key["school"].unique()) == [f"S{n}" for n in range(1, 10)]
    assert sorted(key["trust"].unique()) == [f"T{n}" for n in range(1, 7)]
    schools = key.merge(people, on="case").drop_duplicates("school")
    assert Counter(schools["setting"]) == {"Rural": 4, "Coastal": 3, "Rural and coastal": 2}

    segments = read_table(ECF / "raw/coding/segments.csv")
    assert 170 <= len(segments) <= 195
    assert segments["researcher"].nunique() == 1
    assert set(segments["participant"]) == set(people["case"])
    codebook = read_table(ECF / "codebook.csv")
    codes = set(codebook["code"]) | set(codebook["aliases"]) - {""}
    assert set(segments["code"]) <= codes
    assert not segments.duplicated().any()


def test_who_was_interviewed_and_had_filled_in_the_form_is_the_same_person(respondents: pd.DataFrame) -> None:
    people = read_table(ECF / "raw/coding/participants.csv")
    known = people[people["form_response"] != ""]
    # Fifteen of twenty-one had filled in the form; three of these do not want the two to be joined.
    assert (len(known), Counter(known["may_be_joined"])) == (15, {"yes": 12, "no": 3})
    assert known["form_response"].is_unique
    both = known.merge(respondents, left_on="form_response", right_on="ResponseId", validate="one_to_one")
    assert len(both) == 15
    assert all(form.startswith(role) for role, form in zip(both["role"], both["ec_role"], strict=True))
    assert (both["phase"] == both["ec_phase"]).all()
    places = {"Rural": "Rural (", "Coastal": "Coastal (", "Rural and coastal": "Both"}
    assert all(form.startswith(places[said]) for said, form in zip(both["setting"], both["ec_location"], strict=True))
    said = read_table(ECF / "raw/coding/segments.csv").groupby("code")["participant"].agg(set)
    answers = both.set_index("case")
    lost = answers.loc[answers.index.isin(said["time_lost"]) & (answers["ec_prot"] != ""), "ec_prot"]
    assert len(lost) >= 3
    assert not lost.str.contains("nearly always kept").any()
    far = answers.loc[answers.index.isin(said["access_distance"]) & (answers["ec_travel"] != ""), "ec_travel"]
    assert len(far) >= 3
    assert set(far) <= {"30 to 60 minutes", "More than an hour"}
