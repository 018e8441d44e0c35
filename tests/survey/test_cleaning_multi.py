"""Questions of which several options can be ticked, in every form that exports write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from plait.survey.cleaning import Cleaned
from small_survey import changes, cleaned, column, refused

BOXES = """
questions:
  wants:
    label: Wants
    text: What would you like?
    type: multi
    columns: {fruit: w1, juice: w2, nothing: w3}
    options: {fruit: Fruit, juice: Juice, nothing: {label: Nothing, exclusive: true}}
"""
LIST = """
questions:
  wants:
    label: Wants
    text: What would you like?
    type: multi
    column: wants
    options: {fruit: Fruit, juice: Juice, nothing: {label: Nothing, exclusive: true}}
"""


def ticks(result: Cleaned) -> list[tuple[object, ...]]:
    """Fruit, juice, nothing and why there is no answer, of every respondent."""
    frame = result.responses
    options = ("wants.fruit", "wants.juice", "wants.nothing", "missing.wants")
    return list(zip(*(column(frame, option) for option in options), strict=True))


NO_ANSWER = (None, None, None)


@pytest.mark.parametrize(
    ("keys", "cells"),
    [
        ("", "1,0,0"),
        ("", "1,,"),
        ("", "Fruit,,"),
        ("", "FRUIT,0,"),
        ("ticked: 'Yes', unticked: 'No'", "Yes,No,No"),
        ("ticked: [Y], unticked: [N, '-']", "y,-,N"),
        ("unticked: Not selected", "Fruit,Not selected,Not selected"),
    ],
)
def test_a_tick_is_written_in_many_ways(tmp_path: Path, keys: str, cells: str) -> None:
    survey = BOXES + "".join(f"    {key.strip()}\n" for key in keys.replace(", un", "\n    un").split("\n") if key)
    result = cleaned(tmp_path, survey, form_csv=f"w1,w2,w3\n{cells}\n")
    assert ticks(result) == [(1, 0, 0, "")]


def test_boxes_that_were_seen_and_left_empty_are_in_the_base(tmp_path: Path) -> None:
    cells = "Fruit,Not selected,Not selected\nNot selected,Not selected,Not selected\n,,\n"
    survey = BOXES + "    unticked: Not selected\n    blank: not_asked\n"
    result = cleaned(tmp_path, survey, form_csv=f"id,w1,w2,w3\n1,{cells.replace(chr(10), chr(10) + '2,', 2)}")
    assert ticks(result) == [(1, 0, 0, ""), (0, 0, 0, ""), (*NO_ANSWER, "not_asked")]


@pytest.mark.parametrize(
    ("blank", "expected"),
    [("skipped", (*NO_ANSWER, "skipped")), ("none_ticked", (0, 0, 0, "")), ("nothing", (0, 0, 1, ""))],
)
def test_where_all_boxes_are_empty_the_definition_decides(
    tmp_path: Path, blank: str, expected: tuple[object, ...]
) -> None:
    result = cleaned(tmp_path / "boxes", BOXES + f"    blank: {blank}\n", form_csv="id,w1,w2,w3\na,1,,\nb,,,\n")
    assert ticks(result) == [(1, 0, 0, ""), expected]
    result = cleaned(tmp_path / "list", LIST + f"    blank: {blank}\n", form_csv="id,wants\na,Fruit\nb, ; \n")
    assert ticks(result) == [(1, 0, 0, ""), expected]


def test_a_reason_in_the_boxes_counts_unless_one_was_ticked(tmp_path: Path) -> None:
    survey = BOXES + "    missing: {'9': refused}\n"
    result = cleaned(tmp_path, survey, form_csv="w1,w2,w3\n9,9,9\n9,,\n1,9,0\n")
    assert ticks(result) == [(*NO_ANSWER, "refused"), (*NO_ANSWER, "refused"), (1, 0, 0, "")]
    assert [(line[0], line[1]) for line in changes(result, "clean")] == [
        ("a box without an answer beside boxes that were seen: taken as not ticked", 4)
    ]


def test_a_text_in_the_box_of_other_ticks_it_and_in_another_box_is_told(tmp_path: Path) -> None:
    survey = BOXES + "    unmapped: juice\n"
    result = cleaned(tmp_path / "a", survey, form_csv="w1,w2,w3\n1,home made,0\n")
    assert ticks(result) == [(1, 1, 0, "")]
    assert "home made" not in result.log.to_csv()
    assert "column 'w1'" in refused(tmp_path / "b", survey, form_csv="w1,w2,w3\nhome made,0,0\n")


def test_typed_text_may_be_mapped_to_another_option(tmp_path: Path) -> None:
    survey = BOXES + "    mapping: wants.csv\n"
    result = cleaned(
        tmp_path, survey, form_csv="w1,w2,w3\n0,apples,0\n0,dunno,0\n",
        wants_csv="raw,option,why\napples,fruit,\ndunno,unknown,\n",
    )  # fmt: skip
    assert ticks(result)[0] == (1, 0, 0, "")
    assert ticks(result)[1] == (0, 0, 0, "")


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [
        ("keep_others", (1, 1, 0, ""), "fruit; juice"),
        ("keep_exclusive", (0, 0, 1, ""), "nothing"),
        ("set_aside", (*NO_ANSWER, "skipped"), ""),
    ],
)
def test_an_exclusive_option_beside_others_is_settled_as_declared(
    tmp_path: Path, rule: str, first: tuple[object, ...], second: str
) -> None:
    survey = LIST + f"    contradictions: {rule}\n"
    result = cleaned(tmp_path, survey, form_csv="wants\nFruit;Juice;Nothing\nNothing\n")
    assert ticks(result) == [first, (0, 0, 1, "")]
    [(reason, row, _, name, before, after)] = changes(result, "clean")
    assert str(reason).startswith("exclusive option ticked beside others")
    assert (row, name, before, after) == (2, "wants", "fruit; juice; nothing", second)


def test_an_exclusive_option_beside_others_may_stop_the_run(tmp_path: Path) -> None:
    survey = LIST + "    contradictions: refuse\n"
    message = refused(tmp_path, survey, form_csv="wants\nFruit;Nothing\nFruit\nNothing;Juice\n")
    assert "row 2, column 'wants': an option that stands alone is ticked beside others (rows 2, 4)" in message


@pytest.mark.parametrize(("rule", "expected"), [("keep", (1, 1, 0, "")), ("set_aside", (*NO_ANSWER, "skipped"))])
def test_too_many_ticks_are_settled_as_declared(tmp_path: Path, rule: str, expected: tuple[object, ...]) -> None:
    survey = LIST + f"    max_choices: 1\n    too_many: {rule}\n"
    result = cleaned(tmp_path, survey, form_csv="wants\nFruit;Juice\nFruit\n")
    assert ticks(result) == [expected, (1, 0, 0, "")]
    assert len(changes(result, "clean")) == 1


def test_too_many_ticks_may_stop_the_run(tmp_path: Path) -> None:
    survey = LIST + "    max_choices: 1\n    too_many: refuse\n"
    message = refused(tmp_path, survey, form_csv="wants\nFruit;Juice\nFruit\n")
    assert "row 2, column 'wants': more than 1 options ticked" in message


TICKS = (
    """
exports: {form: {file: form.csv, rows: ticks}}
respondent_id: id
"""
    + LIST.replace("options:", "export: form\n    options:")
    + """\
  likes: {label: L, text: T, column: likes, options: {likes: Likes, dislikes: Dislikes}}
"""
)


def test_one_row_a_tick_becomes_one_row_a_respondent(tmp_path: Path) -> None:
    rows = "id,wants,likes,when\na,Fruit,Likes,1\nb,Nothing,Dislikes,1\na,Juice,Likes,2\na,Fruit,Likes,3\nc,,,1\n"
    result = cleaned(tmp_path, TICKS, form_csv=rows)
    assert column(result.responses, "respondent") == ["a", "b", "c"]
    assert ticks(result) == [(1, 1, 0, ""), (0, 0, 1, ""), (*NO_ANSWER, "skipped")]
    assert column(result.responses, "likes") == ["likes", "dislikes", None]
    flow = result.flow[["step", "rows_in", "rows_dropped", "rows_out"]].to_numpy().tolist()
    assert flow == [["read", 5, 0, 5], ["join_ticks", 5, 2, 3]]


def test_rows_of_one_respondent_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    rows = "id,wants,likes\na,Fruit,Likes\nb,Nothing,Dislikes\na,Juice,Dislikes\n"
    message = refused(tmp_path, TICKS, form_csv=rows)
    assert "row 2, column 'likes': the rows of one respondent differ (rows 2, 4)" in message
    assert "'wants'" not in message


def test_rows_of_nobody_are_not_joined(tmp_path: Path) -> None:
    message = refused(tmp_path, TICKS, form_csv="id,wants,likes\n,Fruit,Likes\na,Fruit,Likes\n,Juice,Dislikes\n")
    assert "has no respondent id (rows 2, 4)" in message
    assert "differ" not in message


def test_a_tick_on_one_row_goes_before_the_empty_box_on_another(tmp_path: Path) -> None:
    survey = "exports: {form: {file: form.csv, rows: ticks}}\nrespondent_id: id\n" + BOXES
    result = cleaned(tmp_path, survey, form_csv="id,w1,w2,w3\na,1,0,0\na,0,1,0\nb,0,0,0\nb,0,0,0\n")
    assert ticks(result) == [(1, 1, 0, ""), (0, 0, 0, "")]
