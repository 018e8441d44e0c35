"""Headline facts of the panel survey, counted from the raw files alone."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from simulate.raw_data import (
    ITE,
    LEADERS,
    MENTORING,
    NOT_RELEVANT,
    OPTIONS,
    SUPPORT,
    counted,
    is_mentor,
    read_day,
    read_table,
)

# Option: overall, primary, secondary, classroom, middle, SLT, head, SLT who mentor, SLT who do not
_PUBLISHED = {
    "external training": (50.5, 50.9, 50.3, 34.8, 40.7, 52.2, 63.3, 62, 49),
    "protected time": (30.8, 30.5, 31.0, 13.8, 17.5, 33.4, 45.1, 26, 33),
    "internal training": (28.7, 17.5, 37.0, 18.8, 25.0, 30.9, 30.0, 24, 32),
    "collaboration": (20.3, 18.7, 21.4, 8.0, 11.9, 21.6, 30.0, 13, 23),
    "none": (20.1, 20.1, 20.0, 42.0, 33.0, 16.0, 9.0, 21, 15),
    "celebration": (6.0, 3.7, 7.6, 3.1, 3.2, 6.4, 8.6, 3, 6),
    "salary": (5.9, 3.4, 7.7, 5.4, 4.1, 6.1, 7.1, 5, 6),
    "recognition": (5.0, 5.6, 4.6, 0.4, 3.0, 4.4, 11.5, 4, 4),
}
_GROUPS = (
    ("phase", "Primary"),
    ("phase", "Secondary"),
    ("role", "Classroom teacher"),
    ("role", "Middle leader"),
    ("role", "SLT excl. head"),
    ("role", "Headteacher"),
    ("leader_mentoring", "SLT mentor"),
    ("leader_mentoring", "SLT non-mentor"),
)


@pytest.fixture(scope="module")
def day1() -> pd.DataFrame:
    return read_day("2024-05-14")


@pytest.fixture(scope="module")
def base(day1: pd.DataFrame) -> pd.DataFrame:
    return counted(day1)


def test_the_base_of_the_question_on_support(day1: pd.DataFrame, base: pd.DataFrame) -> None:
    assert len(day1) == 5500
    assert len(base) == 2854
    assert base["phase"].value_counts().to_dict() == {"Secondary": 1647, "Primary": 1207}
    assert base["role"].value_counts().to_dict() == {
        "SLT excl. head": 1600,
        "Middle leader": 536,
        "Headteacher": 477,
        "Classroom teacher": 224,
        "Other role": 17,
    }
    routed = day1["role"].isin(LEADERS) | is_mentor(day1)
    assert (day1.loc[routed, SUPPORT] == NOT_RELEVANT).sum() == 142
    assert (day1.loc[routed, SUPPORT] == "").sum() == 18
    assert (~routed & ~day1["role"].isin(LEADERS)).sum() > 2000
    assert (day1.loc[~routed, SUPPORT] != "").sum() == 7


def test_shares_come_out_as_published(base: pd.DataFrame) -> None:
    shares = 100 * base[list(OPTIONS)].mean()
    assert list(shares.sort_values(ascending=False).index) == list(_PUBLISHED)
    for option, (overall, *by_group) in _PUBLISHED.items():
        assert shares[option] == pytest.approx(overall, abs=0.15)
        for (column, group), expected in zip(_GROUPS, by_group, strict=True):
            here = base[base[column] == group]
            if len(here) > 500:
                assert 100 * here[option].mean() == pytest.approx(expected, abs=2), (option, group)


def test_who_sees_no_support(base: pd.DataFrame) -> None:
    by_role = (100 * base.groupby("role")["none"].mean()).round()
    assert [by_role[role] for role in ("Classroom teacher", "Middle leader", *LEADERS)] == [42, 33, 16, 9]


def test_internal_training_differs_by_phase_and_external_does_not(base: pd.DataFrame) -> None:
    internal = chi2_contingency(pd.crosstab(base["internal training"], base["phase"]))
    external = chi2_contingency(pd.crosstab(base["external training"], base["phase"]))
    assert internal.statistic > 100
    assert external.pvalue > 0.05


def test_demographics_of_the_base(base: pd.DataFrame) -> None:
    gender = base.loc[base["gender"].isin(["Female", "Male"]), "gender"]
    assert (gender == "Female").mean() == pytest.approx(0.74, abs=0.01)
    assert (base.loc[base["age_group"] != "", "age_group"] == "Age in 20s").mean() == pytest.approx(0.05, abs=0.01)
    assert (base.loc[base["funding"] != "", "funding"] == "Independent").mean() == pytest.approx(0.05, abs=0.005)


def test_unknowns_are_two_to_eight_per_cent(day1: pd.DataFrame) -> None:
    state = day1[day1["funding"] == "State-funded"]
    for column in ("region", "age_group", "experience", "urban_rural", "governance", "fsm_quartile", "ofsted"):
        assert 0.015 < (state[column] == "").mean() < 0.08, column
    assert 0.015 < day1["gender"].isin(["", "Prefer not to say"]).mean() < 0.08
    assert 0.015 < (day1["funding"] == "").mean() < 0.08
    independent = day1[day1["funding"] == "Independent"]
    assert (independent[["governance", "fsm_quartile", "ofsted"]] == "").all(axis=None)


def test_the_dirt_that_was_put_in(day1: pd.DataFrame) -> None:
    both = day1[SUPPORT].str.contains("None of these") & (day1[SUPPORT] != "None of these")
    assert both.sum() == 6
    for date in ("2024-05-14", "2024-05-21", "2024-05-28", "2024-06-04"):
        cells = read_table(ITE / f"raw/survey/{date}.csv").iloc[:, 2:].to_numpy().ravel()
        assert any(cell != cell.rstrip(" ") for cell in cells), date
        assert any("\u00a0" in cell for cell in cells), date
    assert (ITE / "raw/survey/2024-05-14.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in (ITE / "raw/survey/2024-05-28.csv").read_bytes()
    assert "5\u201310 years" in (ITE / "raw/survey/2024-05-28.csv").read_text(encoding="utf-8")


def test_ids_are_hashes_and_later_days_hold_people_of_the_first(day1: pd.DataFrame) -> None:
    assert day1["user_id"].is_unique
    assert day1["user_id"].str.fullmatch(r"[0-9a-f]{64}").all()
    facts = [c for c in day1 if c not in (MENTORING, SUPPORT, "asked_at")]
    drifted = {"Standalone Academy": "Stand-alone academy", "RI/Inadequate": "RI / Inadequate",
               "Yorkshire & North East": "Yorkshire and North East"}  # fmt: skip
    sizes = []
    for date in ("2024-05-21", "2024-05-28", "2024-06-04"):
        day = read_day(date).replace(drifted)
        sizes.append(len(day))
        assert day["user_id"].is_unique
        same = day[facts].merge(day1[facts], how="left", indicator=True)
        assert (same["_merge"] == "both").all(), date
    assert max(sizes) < len(day1)
    assert min(sizes) == sizes[1]


# --- the later days ----------------------------------------------------------------------------------------------------


def _of_mentors(date: str, day1: pd.DataFrame) -> pd.DataFrame:
    day = read_day(date)
    return day[day["user_id"].isin(day1.loc[is_mentor(day1), "user_id"])]


def _net_agree(answers: pd.Series) -> float:
    scale = ("Strongly agree", "Agree", "Neither agree nor disagree", "Disagree", "Strongly disagree")
    return float(answers[answers.isin(scale)].isin(scale[:2]).mean())


def test_enough_time(day1: pd.DataFrame) -> None:
    day = _of_mentors("2024-05-21", day1)
    column = day.columns[-1]
    assert _net_agree(day[column]) == pytest.approx(0.28, abs=0.01)
    assert _net_agree(day.loc[day["phase"] == "Primary", column]) == pytest.approx(0.32, abs=0.01)
    assert _net_agree(day.loc[day["phase"] == "Secondary", column]) == pytest.approx(0.26, abs=0.01)


def test_where_time_comes_from_and_whether_training_suited(day1: pd.DataFrame) -> None:
    day = _of_mentors("2024-05-28", day1)
    time, suited = day.columns[-2:]
    answers = day.loc[~day[time].isin(["", NOT_RELEVANT]), time]
    assert (answers == "My own planning and preparation time").mean() == pytest.approx(0.41, abs=0.01)
    assert _net_agree(day[suited]) == pytest.approx(0.37, abs=0.01)
    everyone = read_day("2024-05-28")
    strays = everyone.loc[~everyone["user_id"].isin(day["user_id"]), time]
    assert (strays != "").sum() == 5


def test_what_would_help(day1: pd.DataFrame) -> None:
    day = _of_mentors("2024-06-04", day1)
    columns = [c for c in day if c.startswith("Which of these would help you most")]
    assert len(columns) == 9
    ticks = day.loc[day[columns].ne("").any(axis="columns"), columns] == "1"
    assert (ticks.sum(axis="columns") > 3).sum() == 4
    answered = ticks[~ticks[columns[-1]]]
    assert answered[columns[0]].mean() == pytest.approx(0.71, abs=0.01)
    assert answered.mean().idxmax() == columns[0]


def test_who_knows_of_the_grant() -> None:
    day = read_day("2024-06-04")
    grant = day.columns[-1]
    answered = day[day["role"].isin(LEADERS) & ~day[grant].isin(["", NOT_RELEVANT])]
    unknowing = (answered[grant] == "Don't know").groupby(answered["role"]).mean()
    assert unknowing["SLT excl. head"] == pytest.approx(0.46, abs=0.01)
    assert unknowing["Headteacher"] == pytest.approx(0.20, abs=0.01)
    assert (day.loc[~day["role"].isin(LEADERS), grant] != "").sum() == 4


# --- the vendor's tables -----------------------------------------------------------------------------------------------


def test_the_breakdown_is_counted_from_the_same_people(base: pd.DataFrame) -> None:
    responses, responders, margins = (
        read_table(ITE / f"raw/breakdown/{name}.csv") for name in ("responses", "responders", "margin_of_error")
    )
    groups = list(responses.columns[1:])
    assert len(groups) == 49
    assert groups == list(responders.columns) == list(margins.columns)
    assert all(
        (ITE / f"raw/breakdown/{name}.csv").read_bytes().startswith(b"\xef\xbb\xbf")
        for name in ("responses", "responders", "margin_of_error")
    )
    for group in groups:
        n = int(responders.loc[0, group])
        assert margins.loc[0, group] == f"{int(98 / n**0.5 + 0.5)}%"
        for cell in responses[group]:
            if group.startswith("seniorSplit"):
                assert re.fullmatch(r"\d+%", cell)
            else:
                assert float(cell) * n == pytest.approx(round(float(cell) * n), abs=1e-5)

    columns = {"phase_primary": ("phase", "Primary"), "seniority_headteacher": ("role", "Headteacher"),
               "region_SW": ("region", "South West"), "age_20s": ("age_group", "Age in 20s"),
               "fsm_q4_deprived": ("fsm_quartile", "Q4 (deprived)")}  # fmt: skip
    shares = responses.set_index("question")
    for group, (column, value) in columns.items():
        here = base[base[column] == value]
        assert int(responders.loc[0, group]) == len(here)
        for option, text in OPTIONS.items():
            assert round(float(shares.loc[text, group]) * len(here)) == here[option].sum()
    assert int(responders.loc[0, "phase_primary"]) + int(responders.loc[0, "phase_secondary"]) == len(base)
