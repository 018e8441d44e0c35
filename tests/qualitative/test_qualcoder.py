from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from plait.errors import StudyError
from plait.qualitative.coded_file import CodedFile, Content, Conventions, FileOwner, FileTurn
from plait.qualitative.offsets import Span, resolve_offsets
from plait.qualitative.qualcoder import FORMATS, SPEAKER_CATEGORY, SPEAKER_CODER, read_qualcoder
from plait.qualitative.qualcoder_report import FORMATS as REPORT_FORMATS
from plait.qualitative.qualcoder_report import read_qualcoder_report
from qualitative.coded_files import write_csv
from qualitative.databases import Rows, events, make_database, reasons, recognised
from qualitative.fuzz_runs import fuzz

SCHEMA = """
CREATE TABLE project (databaseversion text, date text, memo text, about text, codername text);
CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text, memo text, owner text,
    date text, av_text_id integer, risid integer, unique(name));
CREATE TABLE code_image (imid integer primary key, id integer, x1 integer, y1 integer, width integer, height integer,
    cid integer, memo text, date text, owner text, important integer);
CREATE TABLE code_av (avid integer primary key, id integer, pos0 integer, pos1 integer, cid integer, memo text,
    date text, owner text, important integer);
CREATE TABLE annotation (anid integer primary key, fid integer, pos0 integer, pos1 integer, memo text, owner text,
    date text);
CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text, id integer, date text,
    owner text);
CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer, pos1 integer, owner text,
    date text, memo text);
CREATE TABLE cases (caseid integer primary key, name text, memo text, owner text, date text);
CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text, memo text, supercatid integer);
CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer, owner text, date text,
    color text, supercid integer);
CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text, pos0, pos1,
    owner text, date text, memo text, avid integer, important integer);
CREATE TABLE coder_names (name text unique not null, visibility integer);
"""
TEXT = "Ann: The \U0001f600 day is full.\nBo: And long."
WHEN = "2024-05-14 10:00:00"


def qt(said: str) -> tuple[int, int]:
    """Positions as Qt counts them."""
    start = len(TEXT[: TEXT.index(said)].encode("utf-16-le")) // 2
    return start, start + len(said.encode("utf-16-le")) // 2


def text_row(ctid: int, cid: int, said: str, owner: str = "Cleo", **more: object) -> tuple[object, ...]:
    row = {"fid": 1, "said": said, "pos0": qt(said)[0], "pos1": qt(said)[1], "memo": "", "important": None} | more
    return (
        ctid,
        cid,
        row["fid"],
        row["said"],
        row["pos0"],
        row["pos1"],
        owner,
        WHEN,
        row["memo"],
        None,
        row["important"],
    )


def project(path: Path, texts: Rows, *, schema: str = SCHEMA, **more: Rows) -> Path:
    tables: dict[str, Rows] = {
        "project": [("v17", WHEN, "", "QualCoder 3.9", "Cleo")],
        "source": [
            (1, "first", TEXT, None, "", "", "", None, None),
            (2, "photo", None, "/images/photo.png", "", "", "", None, None),
            (3, "tape", None, "audio:/home/x/tape.mp3", "", "", "", 1, None),
            (4, "paper", "Printed", "/docs/paper.PDF", "", "", "", None, None),
        ],
        "code_cat": [
            (1, "time", "", "", "All of it", None),
            (2, "load", "", "", "", 1),
            (3, SPEAKER_CATEGORY, *[""] * 4),
        ],
        "code_name": [
            (1, "cover", "Who stands in", 2, "", "", "#f00", None),
            (2, "lessons", "", None, "", "", "", 1),
            (3, "Ann", "", 3, "", "", "", None),
        ],
        "cases": [(1, "Ann", "", "", ""), (2, "Bo", "", "", "")],
        "coder_names": [("Cleo", 1), ("Dan", 1), (SPEAKER_CODER, 1)],
    }
    return make_database(path, schema, {**tables, "code_text": texts, **more})


def read(path: Path) -> CodedFile:
    return read_qualcoder(path, path.name, Conventions())


def test_codings_keep_what_the_coder_said(tmp_path: Path) -> None:
    rows = [text_row(1, 1, "day is full", memo="key", important=1), text_row(2, 2, "long", owner="Dan")]
    coded = read(project(tmp_path / "data.qda", rows))
    first, second = coded.codings
    assert (first.coder, first.code, first.important, first.memo, first.created) == ("Cleo", "1", True, "key", WHEN)
    assert (second.coder, second.important, second.reason) == ("Dan", False, "")
    assert coded.coders == ("Cleo", "Dan") and coded.names_coders
    assert {code.id: code.path for code in coded.codes} == {
        "category 1": ("time",), "category 2": ("time", "load"), "category 3": (SPEAKER_CATEGORY,),
        "1": ("time", "load", "cover"), "2": ("time", "load", "cover", "lessons"), "3": (SPEAKER_CATEGORY, "Ann"),
    }  # fmt: skip
    assert [code.definition for code in coded.codes if code.definition] == ["All of it", "Who stands in"]
    assert not coded.codes[0].codable and coded.codes[3].codable
    assert coded.log.tool == "QualCoder 3.9 v17"
    assert [(s.kind, s.text, s.parent) for s in coded.sources] == [
        ("text", TEXT, "3"), ("image", None, ""), ("audio", None, ""), ("pdf", "Printed", ""),
    ]  # fmt: skip


def test_the_positions_of_qt_can_be_found_out(tmp_path: Path) -> None:
    rows = [text_row(1, 1, "day is full"), text_row(2, 2, "And long"), text_row(3, 2, "long")]
    coded = read(project(tmp_path / "data.qda", rows))
    assert coded.offsets_in == ""
    spans = [Span(s.source, s.start or 0, s.end or 0, s.text) for s in coded.selections]
    found = resolve_offsets({"1": TEXT}, spans)
    assert [TEXT[a:b] for a, b in zip(found.starts, found.ends, strict=True)] == ["day is full", "And long", "long"]
    assert found.convention.startswith("UTF-16 units")


def test_what_the_tool_coded_by_itself_becomes_turns(tmp_path: Path) -> None:
    turn = "The \U0001f600 day is full."
    rows = [text_row(1, 3, turn, owner=SPEAKER_CODER), text_row(2, 3, "long"), text_row(3, 1, "long")]
    coded = read(project(tmp_path / "data.qda", rows))
    assert list(reasons(coded).values()) == ["was made by the tool for a speaker's turn"] * 2 + [""]
    assert coded.turns == (FileTurn("1", *qt(turn), "Ann"), FileTurn("1", *qt("long"), "Ann"))
    assert events(coded)["automatic"].endswith(": 2")
    assert SPEAKER_CODER not in coded.coders


def test_what_cannot_be_used_is_kept_with_its_reason(tmp_path: Path) -> None:
    rows = [
        text_row(1, 1, "long", pos0="x"), text_row(2, 1, "long", pos0=-1), text_row(3, 1, "long", pos0=60),
        text_row(4, 1, "long", pos0=qt("long")[1]), text_row(5, 1, "long", fid=9), text_row(6, 9, "long"),
        text_row(7, 1, "long", pos1=b"\x01"), text_row(8, 1, "long", pos0=1.5),
    ]  # fmt: skip
    coded = read(
        project(
            tmp_path / "data.qda",
            rows,
            code_image=[(1, 2, 0, 0, 5, 5, 1, "", WHEN, "Cleo", 0)],
            code_av=[(1, 3, 100, 900, 1, "", WHEN, "Cleo", 0)],
            annotation=[(1, 1, *qt("long"), "really?", "Cleo", WHEN)],
        )
    )
    number = "has a position that is no whole number"
    assert list(reasons(coded).values()) == [
        number, "starts before the text", "ends before it starts", "is empty: it starts where it ends",
        "stands in a source that is not in the project", "names a code that is not in the project", number, number,
        "codes a part of a picture, not text", "codes a stretch of a recording, not text",
    ]  # fmt: skip
    by_id = {s.id: s for s in coded.selections}
    assert by_id["avid:1"].locator == "100-900 ms"
    assert (by_id["anid:1"].memo, by_id["anid:1"].start) == ("really?", qt("long")[0])
    assert {c.selection for c in coded.codings} <= set(by_id)


def test_cases_and_what_is_theirs(tmp_path: Path) -> None:
    end = len(TEXT)
    links: Rows = [(1, 1, 1, 0, end), (2, 2, 1, *qt("And long")), (3, 1, 2, 0, 0), (4, 2, 4, 0, 6), (5, 9, 1, 0, 5),
                   (6, 1, 1, 5, 5)]  # fmt: skip
    attributes = [
        (1, "role", "case", "teacher", 1),
        (2, "phase", "file", "2", 1),
        (3, "x", "case", "y", 9),
        (4, "j", "journal", 1, 1),
    ]
    coded = read(
        project(
            tmp_path / "data.qda",
            [],
            case_text=[(*link, "", "", "") for link in links],
            attribute=[(*row, "", "") for row in attributes],
        )
    )
    assert coded.owners == (
        FileOwner("1", "1"), FileOwner("2", "1", "case_text:2"), FileOwner("1", "2"), FileOwner("2", "4"),
    )  # fmt: skip
    assert [(c.name, dict(c.attributes)) for c in coded.cases] == [("Ann", {"role": "teacher"}), ("Bo", {})]
    assert coded.sources[0].attributes == {"phase": "2"}
    assert events(coded)["cases"].startswith("links of cases to texts that cannot be used: 2 ")
    assert events(coded)["attributes"].endswith(": 1")


def test_earlier_and_later_versions(tmp_path: Path) -> None:
    early = SCHEMA.replace(", supercid integer", "").replace(", avid integer, important integer", "")
    early = early.replace("date text, av_text_id integer, risid integer", "date text").replace(", visibility", ", v")
    path = project(
        tmp_path / "early",
        [text_row(1, 1, "long")[:9]],
        schema=early,
        project=[("v1", "", "", "QualCoder", "")],
        source=[(1, "first", "\ufeff" + TEXT, "/docs/a.txt", "", "", "")],
        code_name=[(1, "cover", "", None, "", "", "")],
    )
    coded = read(path)
    assert coded.sources[0].text == TEXT and coded.selections[0].start == qt("long")[0] - 1
    assert "newer_version" not in events(coded)
    late = read(project(tmp_path / "late", [], project=[("v18", "", "", "QualCoder 4.1", "")]))
    assert "v18" in events(late)["newer_version"]


def test_problems_of_the_whole_file_are_told(tmp_path: Path) -> None:
    loop = [(1, "a", "", "", "", 2), (2, "b", "", "", "", 1), (3, "c", "", "", "", 3)]
    with pytest.raises(StudyError) as caught:
        read(project(tmp_path / "loop", [], code_cat=loop))
    assert len(caught.value.problems) == 2 and "stands below itself" in str(caught.value)
    schema = SCHEMA.replace("CREATE TABLE code_text", "CREATE TABLE ct") + "CREATE VIEW code_text AS SELECT * FROM ct;"
    with pytest.raises(StudyError, match="'code_text' is a view"):
        read(make_database(tmp_path / "view", schema))


def test_an_empty_project_is_read(tmp_path: Path) -> None:
    coded = read(make_database(tmp_path / "data.qda", SCHEMA))
    assert coded.codings == coded.sources == coded.codes == ()


def test_formats_are_recognised_by_content(tmp_path: Path) -> None:
    assert recognised(project(tmp_path / "any", []), FORMATS) == ["qualcoder"]
    header = ("Case", "Filename", "Coder", "Coded", "Id", "Codename", "Coded_Memo", "Category", "Category")
    assert [f.name for f in REPORT_FORMATS if f.recognises(Content(rows={"": (header,)}))] == ["qualcoder-report"]
    assert not REPORT_FORMATS[0].recognises(Content(rows={"": (header[2:],)}))


# --- the coding report ---------------------------------------------------------------------------------------------------

HEADER = ("File", "Coder", "Coded", "Id", "Codename", "Coded_Memo", "Category", "Category", "FileVar_phase")
LINES = (
    ("a.txt", "Cleo", "No time,\nnone", "ctid:1", "cover", "key", "load", "time", "2"),
    ("a.txt", "Dan", "No time,\nnone", "ctid:2", "cover", "", "load", "time", "2"),
    ("a.txt", "Dan", "=Pay", "ctid:3", "pay", "", "", "", "2"),
    ("b.png", "Dan", "image memo", "imid:1", "pay", "", "", "", ""),
    ("b.mp3", "Dan", "[0.1]", "avid:1", "pay", "", "", "", ""),
    ("a.txt", SPEAKER_CODER, "Whole turn", "ctid:4", "Ann", "", SPEAKER_CATEGORY, "", "2"),
    ("", "Dan", "x", "ctid:5", "pay", "", "", "", ""),
    ("a.txt", "Dan", "x", "ctid:6", "", "", "", "", ""),
    ("a.txt", "Dan", " ", "ctid:7", "pay", "", "", "", ""),
)


def report(path: Path, *rows: Sequence[str]) -> CodedFile:
    return read_qualcoder_report(write_csv(path, rows, bom=True), path.name, Conventions())


def test_a_coding_report_by_file(tmp_path: Path) -> None:
    coded = report(tmp_path / "r.csv", HEADER, *LINES)
    assert list(reasons(coded).values()) == [
        "", "", "", "codes a part of a picture, not text", "codes a stretch of a recording, not text",
        "was made by the tool for a speaker's turn", "names no file", "names no code", "has no text",
    ]  # fmt: skip
    paths = {code.id: code.path for code in coded.codes}
    assert [paths[c.code] for c in coded.codings[:3]] == [("time", "load", "cover")] * 2 + [("pay",)]
    assert coded.codings[0].memo == "key" and coded.coders == ("Cleo", "Dan")
    assert [s.text for s in coded.selections[:3]] == ["No time,\nnone", "No time,\nnone", "=Pay"]
    assert coded.sources[0].attributes == {"phase": "2"}


def test_a_coding_report_by_case(tmp_path: Path) -> None:
    header = ("Case", "Filename", "Coder", "Coded", "Id", "Codename", "Coded_Memo", "CaseVar_role")
    rows = [(case, "a.txt", "Dan", "We", "ctid:1", "pay", "", role) for case, role in (("Ann", "teacher"), ("Bo", ""))]
    coded = report(tmp_path / "r.csv", header, *rows)
    assert len(coded.codings) == len(coded.selections) == 1
    assert coded.owners == (FileOwner("Ann", "a.txt", "ctid:1"), FileOwner("Bo", "a.txt", "ctid:1"))
    assert [dict(c.attributes) for c in coded.cases] == [{"role": "teacher"}, {}]
    with pytest.raises(StudyError, match="does not name the files"):
        report(tmp_path / "bare.csv", ("Case", *HEADER[1:]), *LINES)


def test_earlier_reports_and_workbooks(tmp_path: Path) -> None:
    coded = report(tmp_path / "r.csv", ("File/case", *HEADER[1:]), *LINES)
    assert "file_or_case" in events(coded)
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (HEADER, LINES[0], ("a.txt", "Dan", "x" * 32_767, "ctid:9", "pay", "", "", "", "")):
        book.active.append(row)
    book.save(tmp_path / "r.xlsx")
    coded = read_qualcoder_report(tmp_path / "r.xlsx", "r.xlsx", Conventions())
    assert len(coded.codings) == 2 and "cells" in events(coded)


@pytest.mark.slow
def test_damaged_files_are_read_or_refused_in_words(tmp_path: Path) -> None:
    rows = [text_row(n, 1 + n % 3, "day is full", owner=f"Coder {n}") for n in range(1, 30)]
    project(tmp_path / "qualcoder.qda", rows, case_text=[(1, 1, 1, 0, len(TEXT), "", "", "")])
    write_csv(tmp_path / "report.csv", [HEADER, *LINES], bom=True)
    fuzz(tmp_path, count=300)
