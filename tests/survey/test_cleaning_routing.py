"""Whom a question was put to: strays, routing that is unknown, and questions that route to questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_survey import changes, cleaned, column, refused

CHAIN = """
questions:
  why_often:
    label: Why often
    text: Why so often?
    column: why
    asked_of: {often: often}
    options: {fun: Fun, need: Need}
  often:
    label: How often
    text: How often?
    column: often
    asked_of: {uses: uses}
    options: {often: Often, rarely: Rarely}
  uses:
    label: Uses it
    text: Do you use it?
    column: uses
    options: {uses: "Yes", not: "No", cannot_say: {label: Cannot say, no_answer: dont_know}}
    missing: {"99": refused}
"""
PEOPLE = """
id,uses,often,why
1,Yes,Often,Fun
2,Yes,Rarely,
3,No,,
4,No,Often,Need
5,Cannot say,,
6,,Often,Need
7,,,
8,99,,
9,Yes,,Fun
"""


def missing(folder: Path, survey: str, people: str, question: str) -> list[object]:
    return column(cleaned(folder, survey, form_csv=people).responses, f"missing.{question}")


def test_a_question_that_routes_to_another_is_settled_first(tmp_path: Path) -> None:
    result = cleaned(tmp_path, CHAIN, form_csv=PEOPLE)
    assert column(result.responses, "missing.often") == [
        "", "", "not_routed", "not_routed", "not_routed", "", "not_routed", "not_routed", "skipped",
    ]  # fmt: skip
    # 4 did not use it, so that "often" and with it "why" were not for them; where "uses" is unknown, answers are kept.
    assert column(result.responses, "missing.why_often") == [
        "", "not_routed", "not_routed", "not_routed", "not_routed", "", "not_routed", "not_routed", "",
    ]  # fmt: skip
    assert column(result.responses, "why_often") == ["fun", None, None, None, None, "need", None, None, "fun"]


def test_strays_are_logged_with_their_place(tmp_path: Path) -> None:
    result = cleaned(tmp_path, CHAIN, form_csv=PEOPLE)
    reason = "answered although the question was not for them: set aside"
    assert changes(result, "route") == [
        (reason, 5, "row 5", "often", "answered", "not_routed"),
        (reason, 5, "row 5", "why_often", "answered", "not_routed"),
    ]


def test_strays_may_be_kept(tmp_path: Path) -> None:
    survey = CHAIN.replace("    asked_of: {uses: uses}", "    asked_of: {uses: uses}\n    stray: keep")
    result = cleaned(tmp_path, survey, form_csv=PEOPLE)
    assert column(result.responses, "often")[3] == "often"
    assert changes(result, "route")[0][0] == "answered although the question was not for them: kept"


def test_strays_may_stop_the_run(tmp_path: Path) -> None:
    survey = CHAIN.replace("    asked_of: {uses: uses}", "    asked_of: {uses: uses}\n    stray: refuse")
    message = refused(tmp_path, survey, form_csv=PEOPLE)
    assert "row 5, column 'often': answered although the question was not for them" in message


ROUTED = """
questions:
  uses: {label: U, text: U, column: uses, options: {uses: "Yes", not: "No"}}
  wants:
    label: W
    text: W
    type: multi
    columns: {fruit: w1, juice: w2}
    asked_of: {uses: uses}
    options: {fruit: Fruit, juice: Juice}
"""


@pytest.mark.parametrize(
    ("uses", "boxes", "blank", "why"),
    [
        ("Yes", "1,0", "none_ticked", ""),
        ("Yes", ",", "none_ticked", ""),
        ("No", ",", "none_ticked", "not_routed"),
        ("No", "0,0", "none_ticked", "not_routed"),
        ("No", "1,0", "none_ticked", "not_routed"),
        ("", ",", "none_ticked", "not_routed"),
        ("", "0,0", "none_ticked", ""),
        ("", ",", "refused", "not_routed"),
        ("Yes", ",", "refused", "refused"),
        ("No", ",", "not_asked", "not_asked"),
    ],
)
def test_empty_boxes_and_routing(tmp_path: Path, uses: str, boxes: str, blank: str, why: str) -> None:
    people = f"id,uses,w1,w2\n1,{uses},{boxes}\n"
    assert missing(tmp_path, ROUTED + f"    blank: {blank}\n", people, "wants") == [why]


def test_nobody_strays_who_left_the_boxes_empty(tmp_path: Path) -> None:
    result = cleaned(tmp_path, ROUTED, form_csv="uses,w1,w2\nNo,0,0\nNo,,\nNo,0,1\n")
    assert [line[1] for line in changes(result, "route")] == [4]


def test_a_chosen_option_shows_that_the_question_was_put_even_where_it_is_no_answer(tmp_path: Path) -> None:
    option = "rarely: {label: Rarely, no_answer: not_applicable}"
    result = cleaned(
        tmp_path, CHAIN.replace("rarely: Rarely", option), form_csv="uses,often,why\nNo,Rarely,\nYes,Rarely,\n"
    )
    assert column(result.responses, "missing.often") == ["not_routed", "not_applicable"]
    assert len(changes(result, "route")) == 1


def test_a_refusal_shows_that_the_question_was_put_and_a_code_for_not_applicable_does_not(tmp_path: Path) -> None:
    survey = CHAIN.replace(
        "options: {often: Often", "missing: {r: refused, n: not_applicable}\n    options: {often: Often"
    )
    result = cleaned(tmp_path, survey, form_csv="uses,often,why\nNo,r,\nNo,n,\n")
    assert column(result.responses, "missing.often") == ["not_routed", "not_applicable"]
    assert len(changes(result, "route")) == 1


def test_routing_by_a_merged_and_a_crossed_variable(tmp_path: Path) -> None:
    survey = """
    profile:
      role: {label: Role, column: role, options: {head: Head, deputy: Deputy, teacher: Teacher}}
      phase: {label: Phase, column: phase, options: {primary: Primary, secondary: Secondary}}
    derived:
      leads: {label: Leads, from: role, groups: {leader: {label: Leader, of: [head, deputy]}}}
    crosses:
      both: {label: Both, of: [leads, phase]}
    questions:
      budget: {label: B, text: B, column: a, asked_of: {leads: leader}, options: {agree: Agree}}
      exams: {label: E, text: E, column: b, asked_of: {both: leader__secondary}, options: {agree: Agree}}
    """
    people = "role,phase,a,b\nHead,Primary,Agree,Agree\nTeacher,Secondary,Agree,Agree\nDeputy,Secondary,Agree,Agree\n"
    result = cleaned(tmp_path, survey, form_csv=people)
    assert column(result.responses, "missing.budget") == ["", "not_routed", ""]
    assert column(result.responses, "missing.exams") == ["not_routed", "not_routed", ""]
