"""What each disclosure profile does, setting by setting, and that a stricter one shows nothing that a looser one hides."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from little_study import write_little_study
from made_up_survey import DISTANCES, OPTIONS, YEARS, Person, estimates_of, person
from plait import tables
from plait.descriptions import short_name
from plait.disclosure.gate import publish
from plait.disclosure.rules import PROFILES, Rules, rules_of, rules_table
from plait.study import Study, load_study
from plait.study.config import Disclosure
from some_findings import findings

PUBLIC, STRICT, INTERNAL = (PROFILES[name] for name in ("public", "strict", "internal"))
SIZES = {"near": 400, "middle": 67, "far": 28}
"""Parents of juniors by distance; nobody of the infants lives anywhere else."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(write_little_study(tmp_path_factory.mktemp("profiles") / "little"))


def published(study: Study, rules: Rules, **found: object) -> dict[str, pd.DataFrame]:
    return {short_name(t): f for t, f in publish(study, findings(**found), rules)}


def parents(**uses: tuple[int, int, int]) -> list[Person]:
    """Of each distance so many who agree, who do neither, who disagree."""
    return [
        person("juniors", distance, likes=answer)
        for distance, counts in uses.items()
        for answer, n in zip(OPTIONS["likes"], counts, strict=True)
        for _ in range(n)
    ]


def estimates(study: Study, rules: Rules, people: list[Person]) -> pd.DataFrame:
    rows = published(study, rules, estimates=estimates_of(people, "likes", ("", "distance")))["survey_estimates"]
    return rows.set_index(["group", "option"])


ROOMY = parents(near=(200, 120, 81), middle=(30, 21, 16), far=(14, 12, 3))


@pytest.mark.parametrize(("profile", "shown"), [("public", False), ("strict", False), ("internal", True)])
def test_a_group_of_fewer_than_ten(study: Study, profile: str, shown: bool) -> None:
    rows = estimates(study, PROFILES[profile], parents(near=(200, 120, 81), middle=(50, 40, 30), far=(4, 3, 1)))
    far = rows.loc["far"]
    numbers = [
        "per_cent",
        "per_cent_unweighted",
        "ci_low",
        "ci_high",
        "base_unweighted",
        "base_weighted",
        "base_effective",
    ]
    assert far[numbers].notna().all(axis=None) == shown
    assert far[numbers].isna().all(axis=None) != shown
    assert set(far["marker"]) == ({"u"} if shown else {"c"})


@pytest.mark.parametrize(
    ("profile", "base", "marker"), [("public", 29, "u"), ("strict", 30, "c"), ("internal", 29, "u")]
)
def test_a_group_of_ten_to_twenty_nine(study: Study, profile: str, base: int, marker: str) -> None:
    """Its base is shown; its per cents are withheld, or flagged where nothing leaves."""
    far = estimates(study, PROFILES[profile], ROOMY).loc["far"]
    assert set(far["base_unweighted"]) == {base} and set(far["marker"]) == {marker}
    assert far["per_cent"].notna().all() == (profile == "internal")


@pytest.mark.parametrize(("profile", "base"), [("public", 67), ("strict", 65), ("internal", 67)])
def test_a_group_of_thirty_to_ninety_nine(study: Study, profile: str, base: int) -> None:
    middle = estimates(study, PROFILES[profile], ROOMY).loc["middle"]
    assert set(middle["base_unweighted"]) == {base} and set(middle["marker"]) == {"u"}
    assert middle["per_cent"].notna().all()


@pytest.mark.parametrize(("profile", "per_cent"), [("public", 45), ("strict", 45), ("internal", 44.8)])
def test_decimals_of_per_cents(study: Study, profile: str, per_cent: float) -> None:
    assert estimates(study, PROFILES[profile], ROOMY).loc[("middle", "agree"), "per_cent"] == per_cent


@pytest.mark.parametrize(("profile", "withheld"), [("public", True), ("strict", True), ("internal", False)])
def test_none_or_all_of_a_small_group(study: Study, profile: str, withheld: bool) -> None:
    rows = estimates(study, PROFILES[profile], parents(near=(200, 120, 81), middle=(50, 40, 30), far=(29, 0, 0)))
    assert rows.loc["far", "per_cent"].isna().all() == withheld


@pytest.mark.parametrize(
    ("profile", "shown"), [("public", [50, 47, 3, 97]), ("strict", [np.nan] * 4), ("internal", [50, 46.7, 3.3, 96.7])]
)
def test_a_few_people_in_a_large_base(study: Study, profile: str, shown: list[float]) -> None:
    """Four of 120 disagree. Under strict rules they are hidden with everything that would tell of them."""
    rows = estimates(study, PROFILES[profile], parents(near=(200, 120, 81), middle=(60, 56, 4), far=(50, 40, 30)))
    cells = rows.loc["middle"].loc[["agree", "neither", "disagree", "not_disagree"]]
    if profile == "strict":
        assert cells.loc[["disagree", "not_disagree"], "per_cent"].isna().all()
        assert cells["per_cent"].isna().sum() >= 2 and set(cells["base_unweighted"]) == {120}
        assert (rows.loc[(slice(None), "disagree"), "per_cent"].isna()).sum() >= 2  # the total less the others
    else:
        assert cells["per_cent"].tolist() == shown


def test_zero_is_hidden_under_strict_rules_alone(study: Study) -> None:
    none = parents(near=(200, 120, 81), middle=(60, 60, 0), far=(50, 40, 30))
    assert estimates(study, PUBLIC, none).loc[("middle", "disagree"), "per_cent"] == 0
    assert estimates(study, STRICT, none).loc[("middle", "disagree"), ["per_cent", "marker"]].tolist()[1] == "c"


def test_strict_rules_hold_wherever_a_base_is_repeated(study: Study) -> None:
    """Every number of people that leaves is a multiple of five."""
    profile = [
        {"variable": "distance", "group": group, "n": n, "share_unweighted": n / 495, "share_weighted": n / 495,
         "share_target": np.nan, "source": "", "grade": ""} for group, n in SIZES.items()
    ]  # fmt: skip
    change = {
        "question": "likes", "option": "agree", "measure": "share", "earlier": "uses", "weight_set": "",
        "value_earlier": 0.3, "value": 0.4, "difference": 0.1, "se": 0.01, "ci_low": 0.0, "ci_high": 0.2, "p": 0.01,
        "p_adjusted": 0.02, "base_earlier": 121, "base": 132, "base_both": 103, "method": "design_t",
    }  # fmt: skip
    rare = change | {"option": "disagree", "value": 0.02}
    joint = dict.fromkeys(
        (
            "construct",
            "label",
            "interview_question",
            "fit",
            "meta_inference",
            "rationale",
            "author",
            "date",
            "weight_set",
        ),
        "x",
    )
    joint |= {
        "strand": "survey",
        "origin": "likes",
        "grain": "respondent",
        "value": 0.45,
        "ci_low": 0.4,
        "ci_high": 0.5,
    }
    joint |= {"n": pd.NA, "of": 497, "item": "agree", "weight_set": ""}  # type: ignore[dict-item]
    test = dict.fromkeys(tables.TESTS.columns, "") | {
        n: 0.5 for n, k in tables.TESTS.columns.items() if k == tables.NUMBER
    }
    test |= {"question": "likes", "break": "distance", "grain": "respondent", "df2": 493.0}
    out = published(
        study,
        STRICT,
        estimates=estimates_of(
            parents(near=(200, 120, 81), middle=(50, 41, 32), far=(30, 22, 21)), "likes", ("", "distance")
        ),
        tests=tables.TESTS.of(pd.DataFrame([test])),
        profile=tables.PROFILE.of(pd.DataFrame(profile)),
        changes=tables.CHANGES.of(pd.DataFrame([change, rare])),
        joint_display=tables.JOINT_DISPLAY.of(pd.DataFrame([joint])),
        weighting={
            "monday": {
                "n": 497,
                "n_without_weight": 13,
                "design_effect": 1.23,
                "effective_n": 404.07,
                "sum_of_weights": 497.0,
            }
        },
        weight_distribution=tables.WEIGHT_DISTRIBUTION.of(
            pd.DataFrame({"weight_set": "monday", "low": [0.0, 1.0], "high": [1.0, 2.0], "n": [301, 196]})
        ),
        flow=tables.FLOW.of(
            pd.DataFrame(
                [{"file": "f", "step": "read", "reason": "", "rows_in": 503, "rows_dropped": 6, "rows_out": 497}]
            )
        ),
    )
    people = {
        "survey_estimates": ["base_unweighted", "base_weighted", "base_effective"], "survey_tests": ["df2"],
        "sample_profile": ["base_unweighted"], "survey_changes": ["base_earlier", "base", "base_both"],
        "joint_display": ["of"], "weight_distribution": ["respondents"], "row_flow": ["rows_in", "rows_dropped", "rows_out"],
    }  # fmt: skip
    for name, columns in people.items():
        shown = out[name][columns].astype("float64")
        assert shown.notna().any(axis=None) and (shown.fillna(0) % 5 == 0).all(axis=None), name
    assert out["weighting"]["value"].tolist() == [495, 15, 1.23, 405, 495]
    assert out["survey_changes"]["marker"].tolist() == ["", "c"]
    assert out["survey_changes"].loc[1, ["per_cent", "per_cent_earlier", "points", "ci_low", "p"]].isna().all()


@pytest.mark.parametrize(("profile", "hidden"), [("public", 1), ("strict", 3), ("internal", 0)])
def test_theme_cells(study: Study, profile: str, hidden: int) -> None:
    """Of ten texts one group gives two, another four, a third nine of the theme."""
    row = {"collection": "notes", "theme": "food", "level": "theme", "unit": "sources"}
    themes = [row | {"by": "", "group": "", "n": 33, "of": 80}]
    themes += [row | {"by": "year", "group": g, "n": n, "of": 20} for g, n in zip("abcd", (2, 4, 9, 18), strict=True)]
    out = published(study, PROFILES[profile], themes=tables.THEMES.of(pd.DataFrame(themes)))["theme_counts"]
    small = {"public": 3, "strict": 5, "internal": 0}[profile]
    counts = dict(zip("abcd", (2, 4, 9, 18), strict=True))
    shown = out[out["by"] == "year"].set_index("group")
    assert all(shown.loc[g, "marker"] == "c" for g, n in counts.items() if n < small)
    assert (shown["marker"] == "c").sum() >= min(hidden, 2)
    assert out["per_cent"].notna().tolist()[1:] == [profile == "internal"] * 4


@st.composite
def surveys(draw: st.DrawFn) -> list[Person]:
    sizes = st.one_of(st.integers(0, 12), st.integers(0, 150))
    places = product(YEARS, DISTANCES, OPTIONS["likes"])
    return [person(y, d, likes=answer) for y, d, answer in places for _ in range(draw(sizes))]


@given(surveys())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.slow
def test_strict_rules_show_nothing_that_public_ones_hide(study: Study, people: list[Person]) -> None:
    strict, public = (
        published(study, rules, estimates=estimates_of(people, "likes"))["survey_estimates"]
        for rules in (STRICT, PUBLIC)
    )
    for column in ("per_cent", "per_cent_unweighted", "base_unweighted", "ci_low"):
        assert not (strict[column].notna() & public[column].isna()).any()


# --- rules that were changed ----------------------------------------------------------------------------------------------


def test_looser_rules_are_told_from_stricter_ones() -> None:
    changed = rules_of("public", {"hide_below": 5, "flag_below": 200, "per_cent_digits": 1, "theme_cell": 3})
    assert changed.loosened == ("hide_below", "per_cent_digits")
    assert changed.mark == "Loosened disclosure rules"
    assert rules_of("strict", {"cell_below": 0, "base_to": 1}).loosened == ("base_to", "cell_below")
    assert rules_of("strict", {"cell_below": 20, "per_cent_digits": 0}).mark == ""
    assert rules_of("internal").mark == "Not for release"
    written = Disclosure.model_validate({"profile": "strict", "cell_below": 5, "base_to": 10})
    assert rules_of(**written.rules).loosened == ("cell_below",)


def test_the_rules_lie_beside_the_tables(study: Study) -> None:
    out = published(study, rules_of("public", {"hide_below": 5, "theme_cell": 0}))["disclosure_rules"]
    rules = out.set_index("rule")
    assert rules.loc["hide_below", ["threshold", "threshold_of_profile", "loosened"]].tolist() == [5, 10, True]
    assert rules.loc["theme_cell", ["threshold", "threshold_of_profile", "loosened"]].tolist() == [0, 3, True]
    assert rules.loc["withhold_below", ["threshold", "loosened"]].tolist() == [30, False]
    assert set(out["mark"]) == {"Loosened disclosure rules"}
    assert set(rules_table(PUBLIC)["mark"]) == {""} and not rules_table(PUBLIC)["loosened"].any()
    assert set(rules_table(INTERNAL)["mark"]) == {"Not for release"}


@pytest.mark.parametrize("name", list(PROFILES))
def test_every_rule_in_force_is_said_in_words(name: str) -> None:
    said = set(rules_table(PROFILES[name])["rule"])
    rules = PROFILES[name]
    in_force = {
        "hide_below": rules.hide_below > 0, "withhold_below": rules.withhold_below > 0, "flag_below": True,
        "cell_below": rules.cell_below > 0, "base_to": rules.base_to > 1, "per_cent_digits": rules.per_cent_digits > 0,
        "theme_cell": rules.theme_cell > 0, "theme_per_cent": rules.theme_per_cent > 0, "attacked": not rules.attacked,
    }  # fmt: skip
    assert said - {"name"} == {rule for rule, force in in_force.items() if force}


# --- merging --------------------------------------------------------------------------------------------------------------

SCHOOL = parents(near=(200, 120, 81), middle=(50, 40, 30), far=(4, 3, 1))


@pytest.fixture
def merging(little: Path) -> Study:
    text = (little / "study.yaml").read_text(encoding="utf-8")
    breaks = "  breaks: [year, distance]\n  merge_small: {distance: near_or_not}\n"
    text = text.replace("  breaks: [year, distance, year_by_near]\n", breaks)
    (little / "study.yaml").write_text(text, encoding="utf-8")
    return load_study(little)


def rows_of(name: str, *breaks: str) -> pd.DataFrame:
    table = {"tests": tables.TESTS, "pairs": tables.PAIRS}[name]
    row = {column: "" if kind == tables.TEXT else 0.01 for column, kind in table.columns.items()}
    row |= {"question": "likes", "option": "agree"}
    pair = {"group": "near", "other": "further", "difference": 0.2}
    row |= {"grain": "respondent"} if name == "tests" else pair
    return table.of(pd.DataFrame([row | {"break": break_} for break_ in breaks]))


def test_a_group_that_would_be_hidden_is_merged_by_the_declared_parent(merging: Study) -> None:
    found = estimates_of(SCHOOL, "likes", ("", "year", "distance", "near_or_not"))
    tests = rows_of("tests", "distance", "near_or_not")
    out = published(merging, PUBLIC, estimates=found, tests=tests, pairs=rows_of("pairs", "near_or_not"))
    rows = out["survey_estimates"]
    assert rows["break"].unique().tolist() == ["", "year", "near_or_not"]
    further = rows[(rows["group"] == "further") & (rows["option"] == "agree")].iloc[0]
    assert (further["per_cent"], further["base_unweighted"], further["letter"]) == (42, 128, "B")
    near = rows[(rows["group"] == "near") & (rows["option"] == "agree")].iloc[0]
    assert (near["letter"], near["higher_than"]) == ("A", "B")
    assert out["survey_tests"]["break"].tolist() == ["near_or_not"]
    log = out["suppression_log"].set_index("table")
    merged = log.loc["published/survey_estimates"]
    assert (merged["break"], merged["rule"]) == ("distance", "merged: published by 'Near or not' instead")
    assert merged["cells"] == 3 * 4
    assert log.loc["published/survey_tests", "cells"] == 1


def test_the_coarser_variable_is_not_published_where_nothing_is_merged(merging: Study) -> None:
    found = estimates_of(ROOMY, "likes", ("", "distance", "near_or_not"))
    rows = published(merging, PUBLIC, estimates=found)["survey_estimates"]
    assert rows["break"].unique().tolist() == ["", "distance"]


def test_where_merging_is_not_enough_groups_are_hidden(merging: Study) -> None:
    few = parents(near=(200, 120, 81), middle=(2, 1, 0), far=(1, 1, 1))
    found = estimates_of(few, "likes", ("", "distance", "near_or_not"))
    rows = published(merging, PUBLIC, estimates=found)["survey_estimates"]
    assert set(rows.loc[rows["break"] == "near_or_not", "marker"]) == {"c"}
    assert not (rows["break"] == "distance").any()
