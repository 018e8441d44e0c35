"""A data dictionary brings labels and audiences; cleaning holds the answers and `asked_of` against them."""

from __future__ import annotations

from pathlib import Path

from small_survey import cleaned, column, refused

SURVEY = """
exports: {panel: {file: panel.csv, dictionary: dictionary.csv}}
respondent_id: id
profile:
  role: {label: Role, column: role, options: {head: Head, teacher: Teacher}}
questions:
  budget:
    label: Budget
    text: Is the budget enough?
    column: budget
    asked_of: {role: head}
    options: {enough: Enough, short: Too small}
  likes:
    label: Likes
    text: Do you like it?
    column: likes
    options: {likes: Likes, dislikes: Dislikes}
"""
DICTIONARY = """
Variable,Question text,Value_code,Value_label,Audience_broad,Audience_specific,Weighting variable
role,Role,1,Head,All,,
role,Role,2,Teacher,All,,
budget,Is the budget enough?,1,Enough,Heads,role=1,
budget,Is the budget enough?,2,Too small,Heads,role=1,
likes,Do you like it?,1,Likes,Teachers,role=2,
likes,Do you like it?,2,Dislikes,Teachers,role=2,
"""
PANEL = "id,role,budget,likes\na,1,1,\nb,1,,1\nc,2,2,2\nd,2,,\n"


def test_codes_are_read_by_the_labels_of_the_dictionary(tmp_path: Path) -> None:
    frame = cleaned(tmp_path, SURVEY, panel_csv=PANEL, dictionary_csv=DICTIONARY).responses
    assert column(frame, "role") == ["head", "head", "teacher", "teacher"]
    assert column(frame, "likes") == [None, "likes", "dislikes", None]
    assert column(frame, "missing.budget") == ["", "skipped", "not_routed", "not_routed"]


def test_answers_and_routing_are_held_against_the_stated_audience(tmp_path: Path) -> None:
    log = cleaned(tmp_path, SURVEY, panel_csv=PANEL, dictionary_csv=DICTIONARY).log
    lines = log[log["step"] == "dictionary"]
    told = {
        (c, r.split(" the audience")[0]): n for c, r, n in zip(lines.column, lines.reason, lines.after, strict=True)
    }
    assert told == {
        ("budget", "answered, though outside"): "1",
        ("budget", "left empty, though inside"): "1",
        ("likes", "answered, though outside"): "1",
        ("likes", "left empty, though inside"): "1",
        ("likes", "outside"): "1",
    }


def test_a_definition_that_leaves_out_the_audience_is_told(tmp_path: Path) -> None:
    survey = SURVEY.replace("asked_of: {role: head}", "asked_of: {role: teacher}")
    log = cleaned(tmp_path, survey, panel_csv=PANEL, dictionary_csv=DICTIONARY).log
    [line] = log[log["reason"].str.contains("`asked_of` leaves them out")].itertuples()
    assert (line.column, line.after) == ("budget", "2")


def test_an_audience_of_an_unknown_variable_stops_the_run(tmp_path: Path) -> None:
    dictionary = DICTIONARY.replace("role=2", "rolle=2")
    message = refused(tmp_path, SURVEY, panel_csv=PANEL, dictionary_csv=dictionary)
    assert "names 'rolle', which is no column of the export" in message
