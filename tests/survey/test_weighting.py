"""Weights for a study, against answers worked out by hand and on everything that can be wrong with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.errors import StudyError
from plait.study import Study, load_study
from plait.survey.cleaning import clean
from plait.survey.margins import merged_levels
from plait.survey.profile import describe_sample
from plait.survey.weighting import Weighted, weight
from weighting_study import answered, weighting_study

HALVES = {"phase": {"primary": 0.5, "secondary": 0.5}}
PHASE_AND_ROLE = HALVES | {"role": {"teacher": 0.8, "leader": 0.15, "head": 0.05}}


def weights_of(study: Study, responses: pd.DataFrame) -> np.ndarray:
    return weight(study, responses).weights["day"].to_numpy()


def refused(study: Study, responses: pd.DataFrame) -> str:
    with pytest.raises(StudyError) as caught:
        weight(study, responses)
    return str(caught.value)


def notes(weighted: Weighted, kind: str) -> pd.DataFrame:
    return weighted.notes[weighted.notes["kind"] == kind]


def schools(primary: int, secondary: int, unknown: int = 0) -> pd.DataFrame:
    n = primary + secondary + unknown
    return answered(n, phase=["primary"] * primary + ["secondary"] * secondary + [None] * unknown)


def staff(counts: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    """So many respondents of each phase and role."""
    rows = [key for key, n in counts.items() for _ in range(n)]
    return answered(len(rows), phase=[p for p, _ in rows], role=[r for _, r in rows])


STAFF = staff(
    {
        ("primary", "teacher"): 40,
        ("primary", "leader"): 12,
        ("primary", "head"): 3,
        ("secondary", "teacher"): 30,
        ("secondary", "leader"): 5,
        ("secondary", "head"): 2,
    }
)


# --- weights by hand ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["raking", "post_stratification", "linear"])
def test_one_margin_divides_each_share_by_the_samples(method: str) -> None:
    weights = weights_of(weighting_study(HALVES, {"method": method}), schools(3, 1))
    np.testing.assert_allclose(weights, [2 / 3, 2 / 3, 2 / 3, 2], rtol=1e-12)


def test_weights_to_counts_add_up_to_the_population() -> None:
    study = weighting_study({"phase": {"primary": 60, "secondary": 40}}, {})
    weighted = weight(study, schools(3, 1))
    np.testing.assert_allclose(weighted.weights["day"], [20, 20, 20, 40], rtol=1e-12)
    day = weighted.diagnostics["day"]
    assert (day["sum_of_weights"], day["mean_weight"]) == (pytest.approx(100), pytest.approx(25))
    assert (day["smallest_weight"], day["largest_weight"]) == (pytest.approx(0.8), pytest.approx(1.6))
    assert "add up to the population of 100" in notes(weighted, "method").text.item()
    np.testing.assert_allclose(weighted.margins["share_target"], [0.6, 0.4])
    np.testing.assert_allclose(weighted.margins["share_achieved"], [0.6, 0.4])


def test_start_weights_keep_their_ratios_within_a_group() -> None:
    study = weighting_study(HALVES, {}, exports={"day": {"file": "day.csv", "weight": "w"}})
    responses = schools(3, 1).assign(**{"weight.day": [1.0, 1.0, 2.0, 7.0]})
    weighted = weight(study, responses)
    np.testing.assert_allclose(weighted.weights["day"], [0.5, 0.5, 1, 2], rtol=1e-12)
    assert "starting from the weights of the file (column ‘w’)" in notes(weighted, "method").text.item()
    day = weighted.diagnostics["day"]  # start weights relative to their mean: 4/11, 4/11, 8/11, 28/11
    assert (day["smallest_ratio_to_start"], day["largest_ratio_to_start"]) == (
        pytest.approx(2 * 11 / 28),
        pytest.approx(0.5 * 11 / 4),
    )


def test_post_stratification_by_a_crossed_variable_meets_every_crossing() -> None:
    cells = {"primary__teacher": 0.4, "primary__leader": 0.1, "primary__head": 0.02}
    cells |= {"secondary__teacher": 0.4, "secondary__leader": 0.05, "secondary__head": 0.03}
    crosses = {"cell": {"label": "Phase and role", "of": ["phase", "role"]}}
    groups = {variable: list(shares) for variable, shares in PHASE_AND_ROLE.items()}
    study = weighting_study({"cell": cells}, {"method": "post_stratification"}, groups, crosses=crosses)
    responses = STAFF.assign(cell=STAFF["phase"] + "__" + STAFF["role"])
    weighted = weight(study, responses)
    for cell, here in weighted.weights["day"].groupby(responses["cell"]):
        np.testing.assert_allclose(here, cells[str(cell)] * 92 / len(here), rtol=1e-12)
    described = describe_sample(study, responses, weighted.weights, weighted.margins, [])
    assert described.set_index(["variable", "group"]).loc[("cell", "secondary__head"), "share_target"] == 0.03


def test_linear_calibration_is_the_regression_estimator() -> None:
    """w = d + d x'(X'dX)^-1 (T - X'd), computed anew with a column for every group but the last ones."""
    study = weighting_study(PHASE_AND_ROLE, {"method": "linear"})
    x = np.column_stack(
        [np.ones(92), STAFF["phase"] == "primary", STAFF["role"] == "teacher", STAFF["role"] == "leader"]
    ).astype(float)
    totals = 92 * np.array([1, 0.5, 0.8, 0.15])
    expected = 1 + x @ np.linalg.solve(x.T @ x, totals - x.sum(axis=0))
    np.testing.assert_allclose(weights_of(study, STAFF), expected, rtol=1e-9)


def test_logit_calibration_keeps_its_bounds_and_meets_the_targets() -> None:
    study = weighting_study(PHASE_AND_ROLE, {"method": "logit", "bounds": {"lower": 0.5, "upper": 1.6}})
    weighted = weight(study, STAFF)
    assert weighted.weights["day"].between(0.5, 1.6).all()
    np.testing.assert_allclose(weighted.margins["share_achieved"], weighted.margins["share_target"], rtol=1e-9)
    assert "between 0.5 and 1.6 times the start weights" in notes(weighted, "method").text.item()
    assert weighted.diagnostics["day"]["largest_ratio_to_start"] <= 1.6


# --- who has a weight --------------------------------------------------------------------------------------------------


def test_the_unknown_keep_their_share_of_the_start_weights() -> None:
    study = weighting_study(HALVES, {}, exports={"day": {"file": "day.csv", "weight": "w"}})
    responses = schools(2, 1, unknown=1).assign(**{"weight.day": [1.0, 1.0, 3.0, 5.0]})
    weighted = weight(study, responses)
    np.testing.assert_allclose(weighted.weights["day"], [0.5, 0.5, 1, 2], rtol=1e-12)
    assert notes(weighted, "unknown_group").n.item() == 1
    assert weighted.diagnostics["day"]["n_without_weight"] == 0


def test_the_unknown_can_be_left_out() -> None:
    study = weighting_study(HALVES, {"unknown": "leave_out"})
    weighted = weight(study, schools(3, 1, unknown=2))
    np.testing.assert_allclose(weighted.weights["day"], [2 / 3, 2 / 3, 2 / 3, 2, np.nan, np.nan], rtol=1e-12)
    day = weighted.diagnostics["day"]
    assert (day["n"], day["n_without_weight"], day["n_unknown_group"]) == (4, 2, 2)
    assert notes(weighted, "without_weight").n.to_list() == [2]


def test_the_unknown_can_stop_the_run() -> None:
    message = refused(weighting_study(HALVES, {"unknown": "refuse"}), schools(3, 1, unknown=4))
    assert "survey.weighting.unknown" in message
    assert "the group of phase is not known for 4 respondents: r004, r005, r006, ..." in message
    assert weights_of(weighting_study(HALVES, {"unknown": "refuse"}), schools(3, 1)).size == 4


def test_every_respondent_has_a_weight_or_a_reason() -> None:
    study = weighting_study(
        HALVES,
        {"population": {"funding": "state"}, "unknown": "leave_out"},
        {"funding": ["state", "private"]},
        exports={"day": {"file": "day.csv", "weight": "w"}},
    )
    responses = answered(
        10,
        phase=["primary", "secondary", "primary", "secondary", None, "primary", "primary", "primary", None, "primary"],
        funding=["state", "state", "private", None, "state", "state", "state", "state", "private", "state"],
    ).assign(**{"weight.day": [1.0, 2, 1, 1, 1, 0, np.nan, 3, 1, 1]})
    responses.loc[9, "in.day"] = False
    weighted = weight(study, responses)
    assert np.flatnonzero(weighted.weights["day"].notna()).tolist() == [0, 1, 7]
    day = weighted.diagnostics["day"]
    reasons = {k: v for k, v in day.items() if k.startswith("n_") and k != "n_without_weight"}
    assert reasons == {
        "n_outside_population": 2,
        "n_population_not_known": 1,
        "n_missing_weight": 1,
        "n_zero_weight": 1,
        "n_unknown_group": 1,
    }
    assert day["n"] + day["n_without_weight"] == responses["in.day"].sum()
    assert day["n_without_weight"] == sum(reasons.values())


def test_nobody_left() -> None:
    study = weighting_study(HALVES, {"population": {"funding": "state"}}, {"funding": ["state", "private"]})
    message = refused(study, schools(3, 1).assign(funding="private"))
    assert "nobody is left to be weighted (4 respondents: outside the population that the targets describe)" in message


# --- routed audiences --------------------------------------------------------------------------------------------------


def routed_study(population: Mapping[str, object], *routes: object) -> Study:
    question = {"label": "A", "text": "A?", "column": "a", "options": {"yes_": "Yes", "no_": "No"}}
    questions = {f"q{i}": question | {"asked_of": route} for i, route in enumerate(routes)}
    derived = {
        "lead": {"label": "Leads", "from": "role", "groups": {"leads": {"label": "L", "of": ["leader", "head"]}}}
    }
    roles = {"role": ["teacher", "leader", "head"]}
    return weighting_study(HALVES, {"population": population}, roles, questions=questions, derived=derived)


LEADERS = schools(3, 1).assign(role=["leader", "head", "leader", "leader"], lead="leads")


def test_a_routed_audience_cannot_stand_for_everyone() -> None:
    message = refused(routed_study({}, {"role": ["leader", "head"]}), LEADERS)
    assert "targets.csv: export 'day' holds only people whom its questions were routed to (by role)" in message
    assert "say so by `population:`" in message


@pytest.mark.parametrize("population", [{"role": ["leader", "head"]}, {"role": "head"}, {"lead": "leads"}])
def test_a_routed_audience_that_the_targets_describe_is_weighted(population: dict[str, object]) -> None:
    responses = LEADERS.assign(role="head") if population == {"role": "head"} else LEADERS
    assert weights_of(routed_study(population, {"role": ["leader", "head"]}), responses)[3] == pytest.approx(2)


def test_a_question_for_some_in_an_export_of_everyone_is_weighted() -> None:
    everyone = LEADERS.assign(role=["leader", "teacher", "leader", "leader"])
    assert weights_of(routed_study({}, {"role": ["leader", "head"]}), everyone)[3] == pytest.approx(2)


def test_questions_that_reach_everyone_between_them_are_weighted() -> None:
    study = routed_study({}, {"role": "leader"}, [{"role": "head"}, {"role": "teacher"}])
    assert weights_of(study, LEADERS)[3] == pytest.approx(2)


# --- merging -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "into", "expected"),
    [
        ({"a": 9, "b": 9}, {"a": "b"}, [("a",), ("b",)]),
        ({"a": 1, "b": 9}, {"a": "b"}, [("a", "b")]),
        ({"a": 1, "b": 2, "c": 9}, {"a": "b", "b": "c"}, [("a", "b", "c")]),
        ({"a": 1, "b": 2, "c": 9}, {"b": "c", "a": "b"}, [("a", "b", "c")]),
        ({"a": 1, "b": 9, "c": 9}, {"a": "b", "b": "c"}, [("a", "b"), ("c",)]),
        ({"a": 3, "b": 3, "c": 9}, {"a": "b", "b": "a"}, [("a", "b"), ("c",)]),
        ({"a": 1, "b": 9, "c": 1}, {"a": "b", "c": "b"}, [("a", "b", "c")]),
        ({"a": 1, "b": 9}, {}, [("a",), ("b",)]),
    ],
)
def test_thin_groups_join_their_neighbours(
    n: dict[str, int], into: dict[str, str], expected: list[tuple[str, ...]]
) -> None:
    assert merged_levels(n, 5, into) == expected


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=8),
    st.dictionaries(st.integers(0, 7), st.integers(0, 7)),
    st.integers(1, 10),
)
def test_merging_keeps_everyone_and_leaves_no_thin_group_with_a_neighbour_alone(
    counts: list[int], pairs: dict[int, int], fewest: int
) -> None:
    names = [f"g{i}" for i in range(len(counts))]
    n = dict(zip(names, counts, strict=True))
    into = {names[a]: names[b] for a, b in pairs.items() if a != b and max(a, b) < len(names)}
    levels = merged_levels(n, fewest, into)
    assert sorted(g for level in levels for g in level) == names
    for level in levels:
        if len(level) == 1:
            assert n[level[0]] >= fewest or level[0] not in into
        else:  # whoever is merged is thin with a neighbour there, or such a neighbour
            assert all(
                (n[g] < fewest and into.get(g) in level)
                or any(n[other] < fewest and into.get(other) == g for other in level)
                for g in level
            )


def test_merged_groups_meet_the_sum_of_their_targets_and_are_told() -> None:
    collapse = {"fewer_than": 10, "into": {"role": {"head": "leader"}}}
    weighted = weight(weighting_study(PHASE_AND_ROLE, {"collapse": collapse}), STAFF)
    role = weighted.margins[weighted.margins["variable"] == "role"].set_index("group")
    assert role["merged"].to_dict() == {"teacher": "", "leader": "leader+head", "head": "leader+head"}
    assert role.loc["teacher", "share_achieved"] == pytest.approx(0.8)
    assert role.loc[["leader", "head"], "share_achieved"].sum() == pytest.approx(0.2)
    assert role.loc["head", "share_achieved"] == pytest.approx(
        0.2 * 5 / 22, rel=0.1
    )  # within the merged group as sampled
    assert role["n"].to_dict() == {"teacher": 70, "leader": 17, "head": 5}
    assert weighted.diagnostics["day"]["merged_groups"] == 2
    note = notes(weighted, "merged").iloc[0]
    assert (note.variable, note.n) == ("role", 22)
    assert "Role: ‘Leader’ and ‘Head’ are weighted together" in note.text
    simple = weighting_study(HALVES | {"role": {"teacher": 0.8, "leader": 0.2}}, {})
    np.testing.assert_allclose(
        weighted.weights["day"], weights_of(simple, STAFF.replace({"role": {"head": "leader"}})), rtol=1e-9
    )


def test_an_empty_group_is_merged_like_a_thin_one() -> None:
    collapse = {"fewer_than": 1, "into": {"role": {"head": "leader"}}}
    nobody = STAFF[STAFF["role"] != "head"].reset_index(drop=True)
    weighted = weight(weighting_study(PHASE_AND_ROLE, {"collapse": collapse}), nobody)
    achieved = weighted.margins.set_index("group")["share_achieved"]
    assert (achieved["leader"], achieved["head"]) == (pytest.approx(0.2), 0)


@pytest.mark.parametrize(
    ("into", "expected"),
    [
        ({}, "role = head has 5 respondents, fewer than 20, and no neighbour to be merged with"),
        (
            {"head": "leader", "leader": "head"},
            "role = leader+head has 22 respondents, fewer than 30, even when merged",
        ),
    ],
)
def test_a_group_that_stays_thin_is_named(into: dict[str, str], expected: str) -> None:
    fewest = 30 if into else 20
    study = weighting_study(PHASE_AND_ROLE, {"collapse": {"fewer_than": fewest, "into": {"role": into}}})
    message = refused(study, STAFF)
    assert expected in message
    assert "under `into: role:` name a neighbour of" in message


def test_all_groups_thin_are_all_named() -> None:
    study = weighting_study(PHASE_AND_ROLE, {"collapse": {"fewer_than": 1000, "into": {}}})
    message = refused(study, STAFF)
    for place in ("phase = primary", "phase = secondary", "role = teacher", "role = leader", "role = head"):
        assert f"{place} has" in message
    assert message.startswith("5 problems")


@pytest.mark.parametrize("method", ["raking", "linear", "post_stratification"])
@pytest.mark.parametrize("share", [1e-300, 1e-9])
def test_a_target_too_small_to_be_one(method: str, share: float) -> None:
    study = weighting_study({"phase": {"primary": 1 - share, "secondary": share}}, {"method": method})
    message = refused(study, schools(3, 1))
    assert f"1 respondent in phase = secondary, whose target is {100 * share:.3g} %" in message
    assert "less than a millionth" in message


# --- trimming ----------------------------------------------------------------------------------------------------------


def test_trimming_tells_how_many_what_it_gained_and_what_it_cost() -> None:
    study = weighting_study(HALVES, {"trim": {"upper": 1.5}})
    weighted = weight(study, schools(3, 1))  # 2/3, 2/3, 2/3, 2 -> 5/6, 5/6, 5/6, 3/2
    np.testing.assert_allclose(weighted.weights["day"], [5 / 6, 5 / 6, 5 / 6, 1.5], rtol=1e-12)
    day = weighted.diagnostics["day"]
    assert day["trimmed"] == 1
    assert day["design_effect_untrimmed"] == pytest.approx((3 * 4 / 9 + 4) / 4)
    assert day["design_effect"] == pytest.approx((3 * 25 / 36 + 9 / 4) / 4)
    assert day["largest_gap"] == pytest.approx(12.5)  # 37.5 % of the weight is secondary's, for 50 %
    note = notes(weighted, "trimmed").iloc[0]
    assert note.n == 1
    assert "from 1.33 to 1.08" in note.text
    assert "12.50 percentage points (Phase, ‘Primary’: 62.50 % for 50.00 %)" in note.text
    assert weighted.margins.set_index("group").loc["secondary", "share_achieved"] == pytest.approx(0.375)


def test_trimming_while_raking_meets_targets_and_limits() -> None:
    """By hand: of secondary's 4, two are leaders who would weigh 2.4; at most 1.6, the two others must take 2.4 each."""
    targets = HALVES | {"role": {"teacher": 0.6, "leader": 0.4}}
    people = answered(
        10,
        phase=["primary"] * 6 + ["secondary"] * 4,
        role=["teacher"] * 5 + ["leader"] + ["teacher"] * 3 + ["leader"],
    )
    raked = weights_of(weighting_study(targets, {}), people)
    assert raked.max() > 2
    study = weighting_study(targets, {"trim": {"upper": 2.0, "while_raking": True}})
    weighted = weight(study, people)
    w = weighted.weights["day"].to_numpy()
    assert w.max() == pytest.approx(2, rel=1e-5)
    np.testing.assert_allclose(weighted.margins["share_achieved"], weighted.margins["share_target"], rtol=1e-9)
    assert weighted.diagnostics["day"]["largest_gap"] == pytest.approx(0, abs=1e-7)
    text = notes(weighted, "trimmed").text.item()
    assert "the targets are met" in text
    assert f"design effect of {(raked**2).mean():.2f}" in text


def test_limits_within_which_the_targets_cannot_be_met() -> None:
    study = weighting_study(HALVES, {"trim": {"upper": 1.5, "while_raking": True}})
    message = refused(study, schools(3, 1))  # the one of secondary would have to weigh 2
    assert "survey.weighting.trim" in message
    assert "within the limits of trimming; phase = secondary is still 25 % below its target" in message


def test_the_gap_that_trimming_leaves_is_among_those_whose_group_is_known() -> None:
    """0.25 (four times), 4 and 1 for the unknown -> 0.45, 3 and 1.2: primary has 1.8 of 4.8 instead of a fifth."""
    study = weighting_study({"phase": {"primary": 0.2, "secondary": 0.8}}, {"trim": {"upper": 3}})
    weighted = weight(study, schools(4, 1, unknown=1))
    np.testing.assert_allclose(weighted.weights["day"], [0.45] * 4 + [3, 1.2], rtol=1e-12)
    assert weighted.diagnostics["day"]["largest_gap"] == pytest.approx(17.5)
    assert "(Phase, ‘Primary’: 37.50 % for 20.00 %)" in notes(weighted, "trimmed").text.item()


def test_limits_that_nobody_reaches_change_nothing() -> None:
    weighted = weight(weighting_study(HALVES, {"trim": {"lower": 0.1, "upper": 9}}), schools(3, 1))
    np.testing.assert_allclose(weighted.weights["day"], [2 / 3, 2 / 3, 2 / 3, 2], rtol=1e-12)
    assert notes(weighted, "trimmed").iloc[0].text == (
        "No weight was below 0.1 or above 9 times the mean, so that none was cut."
    )
    assert weighted.diagnostics["day"]["largest_gap"] < 1e-8


def test_limits_that_cut_every_weight_are_refused() -> None:
    study = weighting_study({"phase": {"primary": 0.25, "secondary": 0.75}}, {"trim": {"lower": 0.99, "upper": 1.01}})
    message = refused(study, schools(2, 2))
    assert "survey.weighting.trim" in message
    assert "every weight would be cut" in message


# --- supplied weights --------------------------------------------------------------------------------------------------

FILE = {"day": {"file": "day.csv", "weight": "w"}}
SUPPLIED = weighting_study({}, {"method": "supplied"}, {"phase": ["primary", "secondary"]}, exports=FILE)


def supplied(*weights: float) -> pd.DataFrame:
    return schools(len(weights) - 1, 1).assign(**{"weight.day": weights})


def test_supplied_weights_are_used_as_they_are_and_audited() -> None:
    weighted = weight(SUPPLIED, supplied(100, 200, 0, np.nan, 300))
    np.testing.assert_array_equal(weighted.weights["day"], [100, 200, np.nan, np.nan, 300])
    day = weighted.diagnostics["day"]
    assert (day["n"], day["n_zero_weight"], day["n_missing_weight"], day["n_without_weight"]) == (3, 1, 1, 2)
    assert (day["sum_of_weights"], day["mean_weight"]) == (600, 200)
    assert (day["smallest_weight"], day["largest_weight"]) == (0.5, 1.5)
    assert day["design_effect"] == pytest.approx(3 * (1 + 4 + 9) / 36)
    assert day["effective_n"] == pytest.approx(36 / 14)
    assert "iterations" not in day
    assert weighted.margins.empty
    assert notes(weighted, "method").text.item() == "The weights are those of the file (column ‘w’)."
    assert notes(weighted, "supplied").text.item() == "They add up to 600, with a mean of 200."


@pytest.mark.parametrize(
    ("weights", "clusters", "expected"),
    [
        ([0.5, 1.5, 1.0, 1.0], None, ["They add up to the number of respondents."]),
        (
            [2.0] * 4,
            "aabb",
            ["They add up to 8, with a mean of 2.", "They are all the same: the export is not weighted."],
        ),
        ([1.5, 1.5, 0.5, 0.5], "aabb", ["number of respondents", "weights of clusters, not of respondents"]),
        ([1.5, 0.5, 1.5, 0.5], "aabb", ["number of respondents"]),
        ([1.5, 0.5, 1.5, 0.5], "abcd", ["number of respondents"]),
    ],
)
def test_what_supplied_weights_count_is_told(weights: list[float], clusters: str | None, expected: list[str]) -> None:
    responses = supplied(*weights)
    if clusters:
        responses["cluster"] = list(clusters)
    found = notes(weight(SUPPLIED, responses), "supplied").text.to_list()
    assert len(found) == len(expected)
    for text, words in zip(found, expected, strict=True):
        assert words in text


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([1, -2, 3, -1], "2 respondents with a weight that is below zero or without end: r001, r003 (found '-2')"),
        ([1, 1, np.inf, 1], "1 respondent with a weight that is below zero or without end: r002 (found 'inf')"),
        ([0, 0, np.nan, 0], "holds no weight above zero"),
        ([1, 1, 1, 1e9], "the largest weight is 1e+09 times the median weight: r003 (found '1e+09')"),
        ([1e300, 1e300, 1e300, 1e300], "add up to 4e+300, which is neither respondents nor a population"),
        ([1e-300, 1e-300, 1e-300, 1e-300], "which is neither respondents nor a population"),
    ],
)
@pytest.mark.parametrize("method", ["supplied", "raking"])
def test_weights_in_the_file_that_are_none_are_refused(method: str, weights: list[float], expected: str) -> None:
    study = SUPPLIED if method == "supplied" else weighting_study(HALVES, {}, exports=FILE)
    message = refused(study, supplied(*weights))
    assert "day.csv, column 'w'" in message
    assert expected in message


def test_very_unequal_weights_are_said_to_be() -> None:
    weighted = weight(SUPPLIED, supplied(*[1.0] * 20, 40.0))
    assert "design effect is" in notes(weighted, "precision").text.item()
    assert notes(weight(SUPPLIED, supplied(1, 2, 1, 2)), "precision").empty


def test_the_profile_of_supplied_weights_has_no_targets() -> None:
    responses = supplied(1, 1, 0, 2)
    weighted = weight(SUPPLIED, responses)
    described = describe_sample(SUPPLIED, responses, weighted.weights, weighted.margins, [])
    phase = described.set_index("group")
    assert phase["n"].to_dict() == {"primary": 3, "secondary": 1}
    assert phase["share_unweighted"].to_dict() == {"primary": 0.75, "secondary": 0.25}
    assert phase["share_weighted"].to_dict() == {"primary": 0.5, "secondary": 0.5}
    assert phase["share_target"].isna().all()


def test_the_profile_leaves_out_what_only_a_breakdown_table_has() -> None:
    study = weighting_study(HALVES, {}, {"region": ["north", "south"]}, breaks=["region", "phase"])
    responses = schools(3, 1)
    weighted = weight(study, responses)
    described = describe_sample(study, responses, weighted.weights, weighted.margins, [])
    assert set(described["variable"]) == {"phase"}
    assert described.set_index("group").loc["secondary"].to_dict() == {
        "variable": "phase",
        "n": 1,
        "share_unweighted": 0.25,
        "share_weighted": pytest.approx(0.5),
        "share_target": 0.5,
        "source": "census, 2025, headcount",
        "grade": "official",
    }


# --- what cannot be met ------------------------------------------------------------------------------------------------


def test_every_group_that_nobody_stands_for_is_named() -> None:
    none = answered(4, phase=["primary"] * 4, role=["teacher", "teacher", "leader", "leader"])
    message = refused(weighting_study(PHASE_AND_ROLE, {}), none)
    assert message.startswith("2 problems")
    assert "nobody who is to be weighted stands for phase = secondary (50 % of the population)" in message
    assert "stands for role = head (5 % of the population)" in message
    assert "merge the group with a neighbour (`collapse:`, under `into: role:`)" in message


def test_respondents_whose_target_is_zero_are_named() -> None:
    targets = HALVES | {"role": {"teacher": 0.8, "leader": 0.2, "head": 0.0}}
    message = refused(weighting_study(targets, {}), STAFF)
    assert "5 respondents in role = head, whose target is zero" in message
    assert weights_of(weighting_study(targets, {}), STAFF[STAFF["role"] != "head"].reset_index(drop=True)).size == 87


def test_a_variable_that_nobody_answered_is_named() -> None:
    message = refused(weighting_study(HALVES, {}), schools(0, 0, unknown=5))
    assert "nobody's group of phase is known" in message


def test_targets_that_contradict_each_other_are_told_apart() -> None:
    targets = {"gender": {"female": 0.8, "male": 0.2}, "role": {"teacher": 0.7, "head": 0.3}}
    responses = answered(
        6,
        gender=["female", "female", "male", "male", "male", "female"],
        role=["teacher", "teacher", "head", "head", "teacher", "teacher"],
    )
    message = refused(weighting_study(targets, {}), responses)
    assert (
        "no weights can meet these targets: everyone in gender = female is in role = teacher, but the target of"
        in message
    )
    assert "the former (80 %) is above that of the latter (70 %)" in message


def test_targets_that_only_three_variables_together_contradict_name_the_group() -> None:
    """No pair of variables is at odds, but no weights meet all three."""
    rows = [("a", "a", "a"), ("a", "b", "b"), ("b", "a", "b"), ("b", "b", "a")]
    responses = answered(4, **{f"v{i}": [row[i] for row in rows] for i in range(3)})
    targets = {f"v{i}": {"a": 0.9, "b": 0.1} for i in range(2)} | {"v2": {"a": 0.1, "b": 0.9}}
    message = refused(weighting_study(targets, {}), responses)
    assert "the weights do not settle: after 1,000 rounds of raking v" in message
    assert "% below its target" in message or "% above its target" in message


def test_rounding_of_targets_that_refine_each_other_is_forgiven() -> None:
    """The crossing adds up to the phase but for the eighth digit; the weights come as near as that."""
    cells = {"primary__teacher": 0.40000001, "primary__leader": 0.1, "primary__head": 0.02}
    cells |= {"secondary__teacher": 0.4, "secondary__leader": 0.05, "secondary__head": 0.02999999}
    crosses = {"cell": {"label": "Phase and role", "of": ["phase", "role"]}}
    targets = {"cell": cells, "phase": {"primary": 0.52, "secondary": 0.48}}
    study = weighting_study(targets, {}, {"role": list(PHASE_AND_ROLE["role"])}, crosses=crosses)
    responses = STAFF.assign(cell=STAFF["phase"] + "__" + STAFF["role"])
    day = weight(study, responses).diagnostics["day"]
    assert 1e-9 < day["largest_error"] < 1e-7
    coarse = {"cell": cells, "phase": {"primary": 0.53, "secondary": 0.47}}
    message = refused(weighting_study(coarse, {}, {"role": list(PHASE_AND_ROLE["role"])}, crosses=crosses), responses)
    assert "is in cell = primary__teacher, cell = primary__leader or cell = primary__head, but the target" in message
    assert "(53 %) is above that of the latter (52 %)" in message


def test_bounds_that_are_too_tight_are_told() -> None:
    for method in ("linear", "logit"):
        study = weighting_study(HALVES, {"method": method, "bounds": {"lower": 0.9, "upper": 1.2}})
        message = refused(study, schools(3, 1))
        assert "survey.weighting.bounds" in message
        assert "no weights between 0.9 and 1.2 times the start weights meet the targets" in message
        assert "its target" in message


def test_linear_weights_below_zero_are_refused() -> None:
    targets = {"gender": {"female": 0.1, "male": 0.9}, "role": {"teacher": 0.1, "head": 0.9}}
    responses = answered(
        6,
        gender=["female", "female", "female", "male", "male", "female"],
        role=["teacher", "teacher", "head", "head", "teacher", "teacher"],
    )
    message = refused(weighting_study(targets, {"method": "linear"}), responses)
    assert "a weight of zero or below" in message
    assert "use `method: raking`" in message


@pytest.mark.parametrize(
    ("targets", "weighting", "expected"),
    [
        ({}, {}, "targets.csv: holds no targets"),
        (
            PHASE_AND_ROLE,
            {"method": "post_stratification"},
            "is by one variable, and there are targets for phase, role",
        ),
        (
            HALVES,
            {"collapse": {"fewer_than": 5, "into": {"role": {"head": "leader"}}}},
            "'role' are to be merged, but it",
        ),
        (HALVES | {"age": {"young": 0.5, "old": 0.5}}, {}, "'age' is in no export"),
    ],
)
def test_targets_that_no_export_can_be_weighted_with(
    targets: dict[str, dict[str, float]], weighting: dict[str, object], expected: str
) -> None:
    profile = {"role": list(PHASE_AND_ROLE["role"])}
    assert expected in refused(weighting_study(targets, weighting, profile), STAFF)


def test_the_problems_of_all_exports_are_told_at_once() -> None:
    exports = {"day": {"file": "day.csv"}, "night": {"file": "night.csv"}}
    responses = schools(3, 0).assign(**{"in.night": True})
    message = refused(weighting_study(HALVES, {}, exports=exports), responses)
    assert message.startswith("2 problems")
    assert "export 'day'" in message
    assert "export 'night'" in message


# --- what is reported --------------------------------------------------------------------------------------------------


def test_each_export_is_weighted_by_itself() -> None:
    exports = {"day": {"file": "day.csv"}, "night": {"file": "night.csv"}}
    responses = schools(3, 2).assign(**{"in.day": [True] * 4 + [False], "in.night": [False, True, True, True, True]})
    weighted = weight(weighting_study(HALVES, {}, exports=exports), responses)
    np.testing.assert_allclose(weighted.weights["day"], [2 / 3, 2 / 3, 2 / 3, 2, np.nan])
    np.testing.assert_allclose(weighted.weights["night"], [np.nan, 1, 1, 1, 1])
    assert list(weighted.diagnostics) == ["day", "night"]
    assert weighted.margins.groupby("weight_set").n.sum().to_dict() == {"day": 4, "night": 4}


def test_diagnostics_are_plain_numbers() -> None:
    study = weighting_study(PHASE_AND_ROLE, {"trim": {"upper": 4}}, grades={"role": "illustrative", "phase": "proxy"})
    weighted = weight(study, STAFF)
    again = json.loads(json.dumps(weighted.diagnostics, allow_nan=False))
    assert again == weighted.diagnostics
    day = again["day"]
    assert (day["illustrative_targets"], day["proxy_targets"]) == (3, 2)
    w = weighted.weights["day"].sort_values().to_numpy()
    assert day["median_weight"] == pytest.approx((w[45] + w[46]) / 2)
    assert day["percentile_5"] <= day["lower_quartile"] <= day["median_weight"] <= day["upper_quartile"]
    assert notes(weighted, "targets").text.to_list() == [
        "The targets of Phase are proxies for figures that are not published.",
        "The targets of Role are illustrative, not official: weighted figures must not be quoted as findings.",
    ]
    assert set(weighted.margins.groupby("variable")["grade"].first()) == {"illustrative", "proxy"}


def test_targets_that_count_something_else_than_people_are_told() -> None:
    study = weighting_study(PHASE_AND_ROLE, {})
    targets = tuple(t.model_copy(update={"unit": "FTE"}) if t.variable == "role" else t for t in study.targets)
    weighted = weight(replace(study, targets=targets), STAFF)
    assert notes(weighted, "targets").text.to_list() == ["The targets of Role count full-time equivalents."]


def test_numbers_of_respondents_stand_apart_from_the_notes() -> None:
    """Whoever publishes the notes can then withhold small numbers."""
    collapse = {"fewer_than": 10, "into": {"role": {"head": "leader"}}}
    study = weighting_study(PHASE_AND_ROLE, {"collapse": collapse, "unknown": "leave_out"})
    responses = pd.concat([STAFF, STAFF.head(7).assign(role=None)], ignore_index=True)
    weighted = weight(study, responses)
    assert notes(weighted, "without_weight").n.item() == 7
    for kind in ("without_weight", "merged"):
        assert not notes(weighted, kind).text.str.contains(r"\d").any()


def test_the_distribution_counts_everyone_in_bins_of_one_width() -> None:
    weighted = weight(weighting_study(HALVES, {}), schools(3, 1))
    bins = weighted.distribution
    filled = bins[bins["n"] > 0]
    assert filled[["low", "high", "n"]].to_numpy().tolist() == [[0.6, 0.8, 3], [2.0, 2.2, 1]]
    np.testing.assert_allclose(bins["high"] - bins["low"], 0.2)
    np.testing.assert_allclose(bins["low"].iloc[1:], bins["high"].iloc[:-1])
    assert bins["n"].sum() == 4


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=60))
def test_every_distribution_has_few_bins_and_everyone_in_theirs(weights: list[float]) -> None:
    n = len(weights)
    weighted = weight(SUPPLIED, schools(n, 0).assign(**{"weight.day": weights}))
    bins = weighted.distribution
    relative = np.array(weights) / np.mean(weights)
    assert bins["n"].sum() == n
    assert len(bins) <= 10
    assert bins["low"].iloc[0] <= relative.min() + 1e-6
    assert bins["high"].iloc[-1] >= relative.max() - 1e-6


def test_equal_weights_fill_one_bin_and_a_limit_opens_its_own() -> None:
    bins = weight(SUPPLIED, supplied(3, 3, 3, 3)).distribution
    assert bins[["low", "high", "n"]].to_numpy().tolist() == [[1.0, 1.05, 4]]
    third = weight(SUPPLIED, supplied(0.1, 0.2, 0.3 - 1e-16, 0.1 + 0.3)).distribution  # means 0.25: 0.4, 0.8, 1.2, 1.6
    assert third[third["n"] > 0]["low"].to_list() == [0.4, 0.8, 1.2, 1.6]


def test_a_study_without_weighting_has_no_weights() -> None:
    study = weighting_study(HALVES, None)
    weighted = weight(study, schools(2, 2))
    assert list(weighted.weights.columns) == ["respondent"]
    assert weighted.margins.empty
    assert weighted.distribution.empty
    assert weighted.notes.empty
    assert weighted.diagnostics == {}


def test_the_example_study_keeps_its_weights(root: Path) -> None:
    study = load_study(root / "studies" / "ite-mentors")
    weighted = weight(study, clean(study).responses)
    for name, expected in {
        "day1": (5097, 5, 1.6034994835, 0.15691306055),
        "day2": (3685, 4, 1.5947779099, 0.16340471054),
        "day3": (2924, 3, 1.5863653052, 0.14567437516),
        "day4": (3488, 3, 1.5911594124, 0.15928386739),
    }.items():
        day = weighted.diagnostics[name]
        found = (day["n"], day["trimmed"], day["design_effect"], day["smallest_weight"])
        assert found == pytest.approx(expected, rel=1e-9)
