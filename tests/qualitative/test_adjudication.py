"""The way of a disagreement: listed, decided, and counted as the settled coding of one more coder."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from plait import tables
from plait.errors import StudyError
from plait.qualitative.adjudication import adjudicated
from plait.qualitative.agreement import coder_agreement
from plait.qualitative.sheets import read_sheets
from plait.qualitative.themes import theme_counts
from plait.qualitative.transcripts import CodedText, check_invariants
from plait.qualitative.worklist import worklist
from qualitative.coded_files import BOOK, messages, sheets_spec, the_problem, write_csv
from qualitative.marked_texts import marked, spec

TALK = "Pay is poor.\n\nTime is short and pay is poor, too.\nWe trust the head."
SECOND = TALK.index("Time")
THIRD = TALK.index("We trust")
TEXTS = {"a": TALK, "b": "Nothing was said."}
COLUMNS = [
    "work_id",
    "collection",
    "source",
    "unit",
    "text",
    "code",
    "label",
    "mark Ann",
    "mark Ben",
    "decision",
    "note",
]


def talks(*more: tuple[str, ...]) -> CodedText:
    return marked(
        TEXTS,
        {"Ann": ["a", "b"], "Ben": ["a", "b"]},
        # Agreed, with different ends; and a stretch of Ben's that goes on into the next paragraph.
        ("Ann", "a", "pay", 0, 3),
        ("Ben", "a", "pay", 0, SECOND + 4),
        # Both of them, in one paragraph; and one alone in another.
        ("Ann", "a", "time", SECOND, SECOND + 4),
        ("Ben", "a", "time", SECOND + 2, SECOND + 13),
        ("Ann", "a", "trust", THIRD, len(TALK)),
        *more,
    )


def decided(coded: CodedText, folder: Path, *decisions: str, name: str = "talks", **changes: str) -> pd.DataFrame:
    """The worklist, decided in order of its rows and sent back as a spreadsheet would."""
    rows = worklist(coded, name)
    rows["decision"] = list(decisions)
    rows = rows.assign(**changes)
    write_csv(folder / "decided.csv", [list(rows.columns), *rows.values.tolist()], bom=True)
    return rows


def settled(coded: CodedText, folder: Path, **more: object) -> CodedText:
    after = adjudicated(coded, {"talks": spec(adjudication="decided.csv", **more)}, folder)
    check_invariants(after)
    return after


def agreed_segments(coded: CodedText) -> list[tuple[object, ...]]:
    mine = coded.segments[coded.segments["coder"] == "agreed"]
    return [
        (row.source, row.code, None if pd.isna(row.start) else (row.start, row.end), row.text)
        for row in mine.itertuples()
    ]


def mistakes(coded: CodedText, folder: Path, **more: object) -> StudyError:
    with pytest.raises(StudyError) as caught:
        settled(coded, folder, **more)
    return caught.value


# --- listing -----------------------------------------------------------------------------------------------------------


def test_every_unit_and_code_in_dispute_is_listed_with_its_text() -> None:
    rows = worklist(talks(), "talks")
    assert list(rows.columns) == COLUMNS
    assert rows.drop(columns="work_id").values.tolist() == [
        ["talks", "Talk a", "paragraph 2", TALK[SECOND : THIRD - 1], "pay", "Pay", "0", "1", "", ""],
        ["talks", "Talk a", "paragraph 3", "We trust the head.", "trust", "Trust", "1", "0", "", ""],
    ]
    assert rows["work_id"].is_unique
    more = worklist(talks(("Ben", "a", "time", 0, 3)), "talks")
    assert set(rows["work_id"]) < set(more["work_id"])  # ids do not depend on what else is in dispute


def test_who_was_not_asked_or_had_no_such_code_is_in_no_dispute() -> None:
    coded = marked(
        {"a": "One.", "b": "Two.", "c": "Three."},
        {"Ann": "abc", "Ben": "ab", "Cleo": "b"},
        ("Ann", "a", "pay"),
        ("Ann", "a", "time"),
        ("Ann", "b", "pay"),
        ("Ben", "b", "pay"),
        ("Ann", "c", "pay"),
        offered={"Ann": ["pay", "time"], "Ben": ["pay"], "Cleo": ["pay"]},
    )
    rows = worklist(coded, "talks")
    marks = ["source", "unit", "code", "mark Ann", "mark Ben", "mark Cleo"]
    assert rows[marks].values.tolist() == [
        ["Talk a", "whole", "pay", "1", "0", ""],
        ["Talk b", "whole", "pay", "1", "1", "0"],
    ]


def test_one_coder_or_none_has_nothing_to_settle() -> None:
    assert worklist(marked({"a": "One."}, {"Ann": "a"}, ("Ann", "a", "pay")), "talks").empty
    assert worklist(CodedText.of(), "talks").empty


def test_the_worklist_survives_being_written_and_read(tmp_path) -> None:
    coded = marked({"a": "=1+1 is what, they said, \n\u201cwe\u201d do"}, {"Ann": "a", "Ben": "a"}, ("Ann", "a", "pay"))
    tables.write_csv(worklist(coded, "talks").assign(decision="1"), tmp_path / "decided.csv")
    with (tmp_path / "decided.csv").open(encoding="utf-8", newline="") as stream:
        assert next(csv.DictReader(stream))["text"].startswith("'=1+1")  # no spreadsheet calculates it
    assert agreed_segments(settled(coded, tmp_path)) == [("a", "pay", None, coded.source_texts["text"].iloc[0])]


# --- deciding ----------------------------------------------------------------------------------------------------------


def test_agreed_marks_and_decisions_are_the_segments_of_one_more_coder(tmp_path) -> None:
    coded = talks()
    decided(coded, tmp_path, "0", "1")
    after = settled(coded, tmp_path)
    assert agreed_segments(after) == [
        # Ben's stretch ends with the paragraph that both gave the code; the next was decided against it.
        ("a", "pay", (0, 12), "Pay is poor."),
        ("a", "time", (SECOND, SECOND + 13), "Time is short"),
        ("a", "trust", (THIRD, len(TALK)), "We trust the head."),
    ]
    people = after.coders.set_index("coder")
    assert people.loc["agreed", ["role", "collection"]].tolist() == ["adjudicated", "talks"]
    assert set(after.assignments.loc[after.assignments["coder"] == "agreed", "source"]) == {"a", "b"}
    log = after.import_log.set_index("event").loc["adjudicated"]
    assert log["message"] == (
        "decisions: 2 (for the code 1, against it 1); units and codes agreed on: 2; settled segments: 3"
    )


def test_a_stretch_over_paragraphs_that_all_have_the_code_stays_whole(tmp_path) -> None:
    coded = talks()
    decided(coded, tmp_path, "1", "0")
    assert agreed_segments(settled(coded, tmp_path))[0] == ("a", "pay", (0, SECOND + 4), TALK[: SECOND + 4])


def test_a_code_of_the_whole_text_stays_one_of_the_whole_text(tmp_path) -> None:
    coded = talks(("Ann", "b", "trust"), ("Ben", "b", "trust"))
    decided(coded, tmp_path, "0", "0")
    assert agreed_segments(settled(coded, tmp_path))[-1] == ("b", "trust", None, TEXTS["b"])


def test_agreement_does_not_change_and_themes_are_counted_from_the_settled_coding(tmp_path) -> None:
    coded = talks()
    decided(coded, tmp_path, "1", "0")
    after = settled(coded, tmp_path)
    pd.testing.assert_frame_equal(
        coder_agreement(coded, {"talks": spec()}).coefficients, coder_agreement(after, {"talks": spec()}).coefficients
    )
    pd.testing.assert_frame_equal(worklist(coded, "talks"), worklist(after, "talks"))
    counts = theme_counts(after, {"talks": spec()})
    sources = counts[counts["unit"] == "sources"].set_index("theme")
    assert sources["n"].to_dict() == {"pay": 1, "time": 1, "trust": 0}
    assert set(sources["of"]) == {2}


def test_texts_of_a_single_coder_and_marks_on_blank_lines_are_told_of(tmp_path) -> None:
    texts = {"a": "One.\n\n\nTwo.", "b": "Three."}
    coded = marked(texts, {"Ann": "ab", "Ben": "a"}, ("Ann", "b", "pay", 0, 5), ("Ben", "a", "pay", 5, 6))
    decided(coded, tmp_path)
    after = settled(coded, tmp_path)
    assert agreed_segments(after) == [("b", "pay", (0, 5), "Three")]
    said = after.import_log.set_index("event")["message"]
    assert said["single_coder"] == "of those agreed on, marked where one coder only was asked: 1"
    assert said["no_paragraph"] == "segments that lie on blank lines only, left out: 1"


def test_sheets_are_settled_answer_by_answer(tmp_path) -> None:
    header = ["id", "phase", "answer", "Cover", "Pay"]
    write_csv(tmp_path / "ann.csv", [header, ["1", "p", "we need cover", "1", ""], ["2", "p", "more pay", "", "1"]])
    write_csv(tmp_path / "ben.csv", [header, ["1", "p", "we need cover", "1", "1"], ["2", "p", "more pay", "", ""]])
    answers = sheets_spec(
        {"file": "ann.csv", "coder": "Ann"},
        {"file": "ben.csv", "coder": "Ben"},
        count_from="agreed",
        adjudication="decided.csv",
    )
    coded = read_sheets("answers", answers, tmp_path, BOOK)
    decided(coded, tmp_path, "0", "1.0", name="answers")
    after = adjudicated(coded, {"answers": answers}, tmp_path)
    check_invariants(after)
    mine = after.segments[after.segments["coder"] == "agreed"]
    assert mine[["code", "text"]].values.tolist() == [["time_cover", "we need cover"], ["money_pay", "more pay"]]
    offered = after.coder_codes[after.coder_codes["coder"] == "agreed"]
    assert list(offered["code"]) == ["time_cover", "money_pay"]


def test_nothing_changes_where_nothing_was_adjudicated(tmp_path) -> None:
    coded = talks()
    after = adjudicated(coded, {"talks": spec()}, tmp_path)
    pd.testing.assert_frame_equal(after.segments, coded.segments)
    pd.testing.assert_frame_equal(after.import_log, coded.import_log)


# --- mistakes ----------------------------------------------------------------------------------------------------------


def test_every_mistake_of_a_returned_file_is_told_at_once(tmp_path) -> None:
    coded = talks(("Ben", "b", "time"))
    rows = decided(coded, tmp_path, "", "yes", "1")
    lines = rows.values.tolist()
    lines[1][COLUMNS.index("text")] = "We trust nobody."
    lines[1][COLUMNS.index("mark Ben")] = "1"
    lost = lines.pop()
    write_csv(tmp_path / "decided.csv", [COLUMNS, *lines, lines[0], ["w0", *lines[0][1:]]])
    error = mistakes(coded, tmp_path)
    assert len(error.problems) == 7, messages(error)
    assert the_problem(error, "is not decided").row == "row 2"
    assert the_problem(error, "is neither 1 nor 0").value == "yes"
    assert the_problem(error, "is not what the worklist says").column == "text"
    assert the_problem(error, "is not what the coder's file says now (0)").column == "mark Ben"
    assert the_problem(error, "is decided before, in row 2").row == "row 4"
    assert the_problem(error, "is no disagreement of these coders").value == "w0"
    assert the_problem(error, "lacks a row of the worklist: Talk b, paragraph 1, code 'time'").value == lost[0]


def test_a_column_that_is_gone_is_named(tmp_path) -> None:
    coded = talks()
    rows = decided(coded, tmp_path, "1", "1").drop(columns=["decision", "mark Ben"])
    write_csv(tmp_path / "decided.csv", [list(rows.columns), *rows.values.tolist()])
    error = mistakes(coded, tmp_path)
    assert {"has no column 'decision'", "has no column 'mark Ben'"} == {p.message for p in error.problems}


def test_the_settled_coding_needs_a_name_of_its_own_and_two_coders(tmp_path) -> None:
    decided(talks(), tmp_path, "1", "1")
    assert the_problem(mistakes(talks(), tmp_path, count_from="Ann"), "a coder of that name is").column == "count_from"
    alone = marked({"a": "One."}, {"Ann": "a"}, ("Ann", "a", "pay"))
    assert the_problem(mistakes(alone, tmp_path), "fewer than two people coded it").column == "adjudication"


def test_a_spreadsheet_may_rebreak_texts_and_write_semicolons(tmp_path) -> None:
    coded = talks()
    rows = decided(coded, tmp_path, "1", "0")
    rows["text"] = rows["text"].str.replace(" ", "  ") + "\r\n"
    text = "\r\n".join(";".join(f'"{cell}"' for cell in line) for line in [COLUMNS, *rows.values.tolist()])
    (tmp_path / "decided.csv").write_bytes(text.encode("utf-8-sig"))
    assert len(agreed_segments(settled(coded, tmp_path))) == 2
