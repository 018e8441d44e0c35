"""What the definition says of how a file is written: its encoding, its delimiter, its sheet."""

from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.qualitative.segment_table import read_segments
from plait.qualitative.sheets import read_sheets
from plait.qualitative.tool_files import read_tool_files
from qualitative import test_qualcoder, test_rqda
from qualitative.coded_files import BOOK, code, logged, project_spec, segments_spec, sheets_spec, the_problem
from qualitative.databases import make_database
from qualitative.written_files import delimited, old_workbook, workbook

SHEET = [["id", "phase", "answer", "Cover"], ["1", "p", "M\u00fche", 1]]
SEGMENTS = [["case", "source", "code", "coder", "text"], ["P1", "talk", "Cover", "Ann", "\u017balec"]]
PEOPLE = [["case", "phase"], ["P1", "\u017b"]]
LATIN_2 = {"encoding": "iso8859-2"}


def test_a_sheet_is_read_as_declared(tmp_path: Path) -> None:
    workbook(tmp_path / "ann.xlsx", SHEET, Later=[SHEET[0], ["1", "p", "later", ""]])
    ann = {"file": "ann.xlsx", "coder": "Ann"}
    with pytest.raises(StudyError, match="2 sheets with content"):
        read_sheets("answers", sheets_spec(ann), tmp_path, BOOK)
    coded = read_sheets("answers", sheets_spec({**ann, "sheet": "later"}), tmp_path, BOOK)
    assert list(coded.source_texts["text"]) == ["later"]
    with pytest.raises(StudyError, match="no sheet called 'latest'"):
        read_sheets("answers", sheets_spec({**ann, "sheet": "latest"}), tmp_path, BOOK)


def test_both_files_of_a_segment_table_are_read_as_declared(tmp_path: Path) -> None:
    delimited(tmp_path / "segments.csv", SEGMENTS, "|", "iso8859-2")
    delimited(tmp_path / "participants.csv", PEOPLE, ";", "iso8859-2")
    people = {"file": "participants.csv", "delimiter": ";", **LATIN_2}
    coded = read_segments("talks", segments_spec(delimiter="|", participants=people, **LATIN_2), tmp_path, BOOK)
    assert list(coded.segments["text"]) == ["\u017balec"]
    assert list(coded.case_attributes["value"]) == ["\u017b"]


def test_a_file_of_a_tool_is_recognised_and_read_as_declared(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes(
        "case;source;code;coder;text\nP1;a,b,c,d;Cover;Ann;\u017b,y,z,w\n".encode("iso8859-2")
    )
    file = {"file": "s.csv", "delimiter": ";", **LATIN_2}
    coded = read_tool_files("talks", project_spec(files=file), tmp_path, BOOK)
    assert list(coded.segments["text"]) == ["\u017b,y,z,w"]
    (tmp_path / "talk.rock").write_bytes("Za\u017c\u00f3\u0142\u0107 [[Cover]]\n".encode("iso8859-2"))
    coded = read_tool_files("talks", project_spec(files={"file": "talk.rock", **LATIN_2}), tmp_path, BOOK)
    assert list(coded.segments["text"]) == ["Za\u017c\u00f3\u0142\u0107"]


@pytest.mark.parametrize("write", [workbook, old_workbook, delimited])
def test_participants_may_be_a_workbook(tmp_path: Path, write: object) -> None:
    delimited(tmp_path / "s.csv", [SEGMENTS[0], ["", "talk", "Cover", "Ann", "words"]])
    write(tmp_path / "people", [["case", "source", "phase"], ["P1", "talk", "early"]])  # type: ignore[operator]
    spec = project_spec(files="s.csv", participants="people", breaks={"phase": "Phase"})
    coded = read_tool_files("talks", spec, tmp_path, BOOK)
    assert list(coded.case_attributes["value"]) == ["early"]
    assert list(coded.segments["case"]) == list(coded.cases["case"])
    assert logged(coded.import_log, "participants") == "cases: 1"
    write(tmp_path / "people", [["case", "case"], ["P1", "P1"]])  # type: ignore[operator]
    with pytest.raises(StudyError) as caught:
        read_tool_files("talks", spec, tmp_path, BOOK)
    assert the_problem(caught.value, "two columns called 'case'").file == "people"


def test_an_attribute_without_a_value_is_one_to_split_by(tmp_path: Path) -> None:
    """Whether a break is misspelt must not hang on anyone having a value."""
    book = [*BOOK, code("a", "time", "cover")]
    types = (
        "CREATE TABLE attribute_type (name text, date text, owner text, memo text, caseOrFile text, valuetype text);"
    )
    variables = [("phase", "", "", "", "case", "character"), ("mood", "", "", "", "journal", "character")]
    test_qualcoder.project(
        tmp_path / "q.qda", [test_qualcoder.text_row(1, 1, "day is full")], schema=test_qualcoder.SCHEMA + types,
        attribute_type=variables, attribute=[],
    )  # fmt: skip
    spec = project_spec("Cleo", files="q.qda", breaks={"phase": "Phase"})
    assert read_tool_files("talks", spec, tmp_path, book).case_attributes.empty
    with pytest.raises(StudyError, match="no variable of the project is called 'mood'"):
        read_tool_files("talks", project_spec("Cleo", files="q.qda", breaks={"mood": "Mood"}), tmp_path, book)

    names = (
        "CREATE TABLE attributes (name text, status integer, date text, dateM text, owner text, memo text, class text);"
    )
    rows = [("phase", 1, *[""] * 5), ("mood", 0, *[""] * 5)]
    path = test_rqda.project(tmp_path / "p.rqda", [test_rqda.coding(1, "day is full")])
    assert test_rqda.read(make_database(path, names, {"attributes": rows})).attributes == ("phase",)

    header = ["Document group", "Document name", "Code", "Segment", "Beginning", "Created by"]
    delimited(tmp_path / "m.csv", [header, ["", "P1", "Cover", "x", "1", "Ann"]])
    delimited(tmp_path / "v.csv", [["Document group", "Document name", "Phase"], ["", "P1", ""]])
    spec = project_spec(files=["m.csv", "v.csv"], breaks={"phase": "Phase", "document_group": "Group"})
    assert read_tool_files("talks", spec, tmp_path, BOOK).case_attributes.empty
    dedoose = ["Media Title", "Excerpt Range", "Excerpt Creator", "Excerpt Copy", "Code: Cover Applied", "Phase"]
    delimited(tmp_path / "d.csv", [dedoose, ["P1", "0-3", "Ann", "abc", "TRUE", ""]])
    spec = project_spec(files="d.csv", breaks={"phase": "Phase"})
    assert read_tool_files("talks", spec, tmp_path, BOOK).case_attributes.empty
