"""Coder sheets and segment tables as people keep them: workbooks, and text as their computer writes it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from plait.errors import StudyError
from plait.qualitative.segment_table import read_segments
from plait.qualitative.sheets import read_sheets
from plait.qualitative.transcripts import CodedText
from qualitative.coded_files import BOOK, logged, segments_spec, sheets_spec, the_problem
from qualitative.written_files import delimited, old_workbook, workbook

Rows = Sequence[Sequence[object]]
SHEET = [
    ["id", "phase", "answer", "Cover", "Pay"],
    ["a1", "primary", "Größere Räume,\nbitte", 1, ""],
    ["a2", "secondary", "=Geld für Übungen", "", "x"],
]
SEGMENTS = [
    ["case", "source", "code", "coder", "text"],
    ["P1", "talk 1", "Cover", "Ann", "Über zwei Wochen, ohne Vertretung"],
    ["P2", "talk 2", "Pay", "Ann", "=mehr für alle"],
]
PEOPLE = [["case", "phase"], ["P1", "primary"], ["P2", "secondary"]]


def semicolons(path: Path, rows: Rows) -> Path:
    return delimited(path, rows, ";", "windows-1252")


def wide_characters(path: Path, rows: Rows) -> Path:
    return delimited(path, rows, "\t", "utf-16")


def titled_workbook(path: Path, rows: Rows) -> Path:
    return workbook(
        path, [["Coding of the open answers"], [], *rows, [""] * 9], Notes=[["by", "Ann"], ["on", "Monday"]]
    )


WRITERS = [semicolons, wide_characters, old_workbook, workbook, titled_workbook]


def without_log(coded: CodedText) -> dict[str, pd.DataFrame]:
    return {name: frame for name, frame in vars(coded).items() if name != "import_log"}


def same(first: CodedText, second: CodedText) -> None:
    for name, frame in without_log(first).items():
        other = without_log(second)[name]
        columns = [column for column in frame.columns if column not in ("segment", "origin_row")]
        pd.testing.assert_frame_equal(frame[columns], other[columns])


@pytest.mark.parametrize("write", WRITERS)
def test_a_sheet_says_the_same_in_any_file(tmp_path: Path, write: Callable[[Path, Rows], Path]) -> None:
    spec = sheets_spec({"file": "ann", "coder": "Ann"})
    delimited(tmp_path / "ann", SHEET)
    plain = read_sheets("answers", spec, tmp_path, BOOK)
    write(tmp_path / "ann", SHEET)
    same(plain, read_sheets("answers", spec, tmp_path, BOOK))


@pytest.mark.parametrize("write", WRITERS)
def test_a_segment_table_says_the_same_in_any_file(tmp_path: Path, write: Callable[[Path, Rows], Path]) -> None:
    spec = segments_spec(file="segments", participants="people")
    delimited(tmp_path / "segments", SEGMENTS)
    delimited(tmp_path / "people", PEOPLE)
    plain = read_segments("interviews", spec, tmp_path, BOOK)
    write(tmp_path / "segments", SEGMENTS)
    if write is not titled_workbook:
        write(tmp_path / "people", PEOPLE)
    same(plain, read_segments("interviews", spec, tmp_path, BOOK))


def test_how_a_file_was_taken_is_written_down(tmp_path: Path) -> None:
    semicolons(tmp_path / "ann", SHEET)
    log = read_sheets("answers", sheets_spec({"file": "ann", "coder": "Ann"}), tmp_path, BOOK).import_log
    assert "windows-1252" in logged(log, "encoding")
    assert log.set_index("event").loc["encoding", "severity"] == "warning"
    assert "semicolons" in logged(log, "delimiter")


def test_marks_in_a_workbook_are_as_strict_as_in_text(tmp_path: Path) -> None:
    rows = [SHEET[0], ["a1", "primary", "Time", True, 2], ["a1", "primary", "Pay", 1.0, "x"]]
    workbook(tmp_path / "ann", [["Open answers"], *rows])
    with pytest.raises(StudyError) as error:
        read_sheets("answers", sheets_spec({"file": "ann", "coder": "Ann"}), tmp_path, BOOK)
    odd = the_problem(error.value, "neither a mark nor empty")
    assert (odd.row, odd.column, odd.value) == ("row 3", "Pay", "2")
    assert the_problem(error.value, "the id is used before").row == "row 4"


def test_all_that_is_wrong_with_a_table_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "segments").write_text("case;source;code;coder;code\nP1;talk;Pay\nP1;talk;Pay;Ann;Pay\n")
    delimited(tmp_path / "people", PEOPLE)
    with pytest.raises(StudyError) as error:
        read_segments("interviews", segments_spec(file="segments", participants="people"), tmp_path, BOOK)
    assert the_problem(error.value, "has two columns called 'code'").row == "row 1"
    assert the_problem(error.value, "has no column 'text'").row == "row 1"
    assert the_problem(error.value, "has 3 fields").row == "row 2"


def test_columns_without_a_name_are_no_codes(tmp_path: Path) -> None:
    rows = [[*SHEET[0], "", ""], *([*row, "?", "!"] for row in SHEET[1:])]
    delimited(tmp_path / "ann", rows)
    with pytest.raises(StudyError) as error:
        read_sheets("answers", sheets_spec({"file": "ann", "coder": "Ann"}), tmp_path, BOOK)
    for column, found in (("(column 6)", "?"), ("(column 7)", "!")):
        problem = the_problem(error.value, f"holds no marks (row 2 says '{found}')")
        assert problem.column == column
