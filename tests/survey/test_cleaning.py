"""Cleaning the little study: every number here was counted by hand from its forty parents."""

from __future__ import annotations

from pathlib import Path

import pytest

from little_study import Rows, cleaned_wants, friday, parents, write_rows
from plait.errors import StudyError
from plait.study import load_study
from plait.study.definition import Option
from plait.survey.answers import read_delimited_choice, read_single, vocabulary
from plait.survey.cleaning import Cleaned, clean


@pytest.fixture
def cleaned(little: Path) -> Cleaned:
    return clean(load_study(little))


def test_rows_flow_and_add_up(cleaned: Cleaned) -> None:
    flow = cleaned.flow[["file", "step", "rows_in", "rows_dropped", "rows_out"]].to_numpy().tolist()
    assert flow == [
        ["survey/monday.csv", "read", 42, 0, 42],
        ["survey/monday.csv", "exclude", 42, 2, 40],
        ["survey/friday.csv", "read", 30, 0, 30],
        ["survey/friday.csv", "exclude", 30, 0, 30],
        ["all exports", "join", 70, 30, 40],
    ]


def test_why_each_answer_is_missing(cleaned: Cleaned) -> None:
    uses = cleaned.responses["missing.uses"].value_counts().to_dict()
    assert uses == {"": 38, "not_applicable": 1, "skipped": 1}
    likes = cleaned.responses["missing.likes"].value_counts().to_dict()
    # Of the thirty: 13 use the club and answered; 000 answered though not asked; 003 and 005 have unknown routing.
    assert likes == {"": 13, "not_routed": 17, "not_asked": 10}


def test_multi_select_is_split_against_the_option_list(cleaned: Cleaned) -> None:
    for i, (_, wanted) in enumerate(cleaned_wants()):
        row = cleaned.responses.iloc[i]
        ticked = {o for o in ("fruit", "juice", "later", "nothing") if row[f"wants.{o}"] == 1}
        assert ticked == wanted, i


def test_derived_and_crossed_variables(cleaned: Cleaned) -> None:
    row = cleaned.responses.iloc[5]
    assert (row["year"], row["distance"], row["near_or_not"]) == ("juniors", "far", "further")
    assert row["year_by_near"] == "juniors__further"
    assert cleaned.responses["year"].isna().tolist().count(True) == 1
    assert cleaned.responses["year_by_near"].isna().sum() == 1


def test_every_change_is_in_the_log_with_its_place(cleaned: Cleaned) -> None:
    log = cleaned.log
    assert log[log.step != "read"].groupby("reason").size().to_dict() == {
        "answered although the question was not for them: set aside": 1,
        "differs from an earlier export; the first known value is kept": 1,
        "exclusive option ticked beside others: the others are kept": 1,
        "more than 2 options ticked: kept as given": 1,
        "spelling folded to the option's": 1,
    }
    folded = log[log.step == "clean"].set_index("reason").loc["spelling folded to the option's"]
    assert (folded.file, folded.row, folded.respondent, folded.column) == ("survey/monday.csv", 9, "007", "wants")
    assert (folded.before, folded.after) == ("  later\u00a0END ", "Later end")
    moved = log[log.step == "join"].iloc[0]
    assert (moved.respondent, moved.column, moved.before, moved.after) == ("002", "distance", "near", "far")


def complaint(little: Path) -> str:
    with pytest.raises(StudyError) as caught:
        clean(load_study(little))
    return str(caught.value)


def monday(little: Path, rows: Rows) -> None:
    write_rows(little / "raw" / "survey" / "monday.csv", rows)


def test_a_repeated_id_an_unknown_answer_and_a_blank_id_are_told_together(little: Path) -> None:
    rows = parents()
    rows[10]["id"] = "009"
    rows[12]["id"] = " "
    rows[4]["uses"] = "perhaps"
    rows[14]["uses"] = "perhaps"
    rows[20]["wants"] = "Fruit; Jam"
    monday(little, rows)
    message = complaint(little)
    assert "row 11, column 'id': the respondent id stands on 2 rows (11, 12) (found '009')" in message
    assert "row 14, column 'id': has no respondent id" in message
    assert "row 6, column 'uses'" in message
    assert "and on 1 more row (found 'perhaps')" in message
    assert "row 22, column 'wants'" in message
    assert "'jam'" in message


def test_a_missing_column_is_named_with_its_neighbour(little: Path) -> None:
    monday(little, [{("use" if k == "uses" else k): v for k, v in row.items()} for row in parents()])
    message = complaint(little)
    assert "survey/monday.csv, row 1: has no column 'uses'" in message
    assert "did you mean 'use'?" in message


def test_both_files_are_told_in_one_message(little: Path) -> None:
    monday(little, [{k: v for k, v in row.items() if k != "wants"} for row in parents()])
    path = little / "raw" / "survey" / "friday.csv"
    path.write_text(path.read_text()[:-9])
    message = complaint(little)
    assert "no column 'wants'" in message
    assert "survey/friday.csv, row 31: has 4 fields, fewer than the 5" in message


def test_no_respondent_left(little: Path) -> None:
    monday(little, [row | {"consent": "no"} for row in parents()])
    assert "holds no respondents" in complaint(little)


def test_rows_in_another_order_give_the_same_answers(little: Path) -> None:
    before = clean(load_study(little)).responses.set_index("respondent").sort_index()
    monday(little, list(reversed(parents())))
    write_rows(little / "raw" / "survey" / "friday.csv", friday()[::-1])
    after = clean(load_study(little)).responses.set_index("respondent").sort_index()
    assert before.equals(after)


OPTIONS = {
    "c": Option(label="C"),
    "cpp": Option(label="C++"),
    "blogs": Option(label="Blogs; wikis"),
    "none": Option(label="None of these \u2013 really"),
}


@pytest.mark.parametrize(
    ("cell", "expected", "unknown"),
    [
        ("C++; C", ("cpp", "c"), ""),
        ("c ;c++;", ("c", "cpp"), ""),
        ("Blogs; wikis; C", ("blogs", "c"), ""),
        ("Blogs", (), "blogs"),
        ("None of these - really", ("none",), ""),
        ("C; C", ("c",), ""),
        ("C sharp", (), "c sharp"),
        ("", (), ""),
        (" \u00a0; ", (), ""),
    ],
)
def test_options_may_hold_the_separator_and_start_alike(cell: str, expected: tuple[str, ...], unknown: str) -> None:
    reading = read_delimited_choice(cell, vocabulary(OPTIONS), "; ")
    assert (reading.options, reading.trouble.text if reading.trouble else "") == (expected, unknown)


def test_a_single_answer_is_folded_but_never_guessed() -> None:
    words = vocabulary(OPTIONS)
    assert read_single("none of these\u2014REALLY", words).trouble
    assert read_single(" none of these \u2014 REALLY ", words).options == ("none",)
    assert read_single("None", words).trouble
