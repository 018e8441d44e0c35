from __future__ import annotations

from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.qualitative.coded_file import CodedFile, Conventions, FileOwner
from plait.qualitative.rqda import DELETED, FORMATS, read_rqda
from qualitative.databases import Rows, events, make_database, reasons, recognised
from qualitative.fuzz_runs import fuzz

CODING = """(cid integer, fid integer, seltext text, selfirst real, selend real, status integer, owner text, date text,
    memo text)"""
SCHEMA = f"""
CREATE TABLE source (name text, id integer, file text, memo text, owner text, date text, dateM text, status integer);
CREATE TABLE freecode (name text, memo text, owner text, date text, dateM text, id integer, status integer, color text);
CREATE TABLE treecode (cid integer, catid integer, date text, dateM text, memo text, status integer, owner text);
CREATE TABLE codecat (name text, cid integer, catid integer, owner text, date text, dateM text, memo text, status integer);
CREATE TABLE coding {CODING};
CREATE TABLE coding2 {CODING};
CREATE TABLE project (databaseversion text, date text, dateM text, memo text, about text);
CREATE TABLE cases (name text, memo text, owner text, date text, dateM text, id integer, status integer);
CREATE TABLE caselinkage (caseid integer, fid integer, selfirst real, selend real, status integer, owner text, date text,
    memo text);
CREATE TABLE caseAttr (variable text, value text, caseID integer, date text, dateM text, owner text, status integer);
CREATE TABLE fileAttr (variable text, value text, fileID integer, date text, dateM text, owner text, status integer);
CREATE TABLE annotation (fid integer, position integer, annotation text, owner text, date text, dateM text, status integer);
CREATE TABLE image (name text, id integer, date text, dateM text, owner text, status integer);
CREATE TABLE imageCoding (cid integer, iid integer, x1 integer, y1 integer, x2 integer, y2 integer, memo text, date text,
    dateM text, owner text, status integer);
"""
TEXT = "The \U0001f600 day is full, and very long indeed.\r\nNobody stands in for anyone here."


def coding(
    cid: object, said: str, *, status: object = 1, fid: object = 1, before: int = 0, after: int = 0, **at: object
) -> tuple[object, ...]:
    start = TEXT.index(said)
    first, last = at.get("first", float(start + before)), at.get("last", float(start + len(said) + after))
    return (cid, fid, said, first, last, status, "Ann", "Mon May 14", None)


def project(path: Path, codings: Rows, **more: Rows) -> Path:
    tables: dict[str, Rows] = {
        "source": [("first", 1, TEXT, *[""] * 4, 1), ("gone", 2, "Old", *[""] * 4, 0)],
        "freecode": [
            ("cover", "Who stands in", *[""] * 3, 1, 1, "#f00"), ("load", None, *[""] * 3, 2, 1, None),
            ("old", "", *[""] * 3, 3, 0, None),
        ],
        "codecat": [("time", None, 1, *[""] * 4, 1), ("money", None, 2, *[""] * 4, 1), ("past", None, 3, *[""] * 4, 0)],
        "treecode": [(1, 3, "", "", "", 1, ""), (1, 2, "", "", "", 0, ""), (1, 1, "", "", "", 1, "")],
        "project": [("0.2.2", "", "", "", "")],
        "cases": [("Ann", "", "", "", "", 1, 1), ("Bo", "", "", "", "", 2, 1), ("Old", "", "", "", "", 3, 0)],
    }  # fmt: skip
    return make_database(path, SCHEMA, {**tables, "coding": codings, **more})


def read(path: Path) -> CodedFile:
    return read_rqda(path, path.name, Conventions())


def refused(path: Path) -> str:
    with pytest.raises(StudyError) as caught:
        read(path)
    return str(caught.value)


def said(coded: CodedFile) -> list[str]:
    texts = {s.id: s.text or "" for s in coded.sources}
    return [texts[s.source][s.start : s.end] if s.start is not None else "" for s in coded.selections]


QUOTES = ("day is full", "very long", "Nobody stands in", "here", "indeed.\r\nNobody")


def test_codings_stand_where_their_texts_are(tmp_path: Path) -> None:
    coded = read(project(tmp_path / "p", [coding(1 + n % 2, q) for n, q in enumerate(QUOTES)]))
    assert tuple(said(coded)) == QUOTES
    assert [(c.code, c.coder, c.created, c.reason) for c in coded.codings][:2] == [
        ("1", "Ann", "Mon May 14", ""), ("2", "Ann", "Mon May 14", ""),
    ]  # fmt: skip
    assert coded.offsets_in == "code points, line ends as stored" and coded.coders == ("Ann",)
    assert events(coded)["offsets"].startswith("characters from 0, end exclusive; score 1.000 over 5")
    assert [(code.path, code.codable) for code in coded.codes] == [
        (("time",), False), (("money",), False), (("time", "cover"), True), (("load",), True),
    ]  # fmt: skip
    assert coded.codes[2].definition == "Who stands in" and coded.log.tool == "RQDA 0.2.2"


@pytest.mark.parametrize(
    ("before", "after", "way"), [(1, 0, "from 1, end inclusive"), (0, -1, "from 0, end inclusive")]
)
def test_other_ways_of_counting_are_found(tmp_path: Path, before: int, after: int, way: str) -> None:
    coded = read(project(tmp_path / "p", [coding(1, q, before=before, after=after) for q in QUOTES]))
    assert tuple(said(coded)) == QUOTES
    assert way in events(coded)["offsets"].split(";")[0]


def test_joined_codings_keep_their_place_and_lose_the_stray_character(tmp_path: Path) -> None:
    joined = [coding(1, f"{TEXT[TEXT.index(q) - 1]}{q}", before=1) for q in ("ull, and", "obody stands")]
    coded = read(project(tmp_path / "p", [*joined, *(coding(1, q) for q in QUOTES)]))
    assert said(coded)[:2] == ["ull, and", "obody stands"] == [s.text for s in coded.selections[:2]]
    assert events(coded)["joined"].endswith(": 2") and "score 1.000" in events(coded)["offsets"]


def test_texts_that_stand_elsewhere(tmp_path: Path) -> None:
    moved = coding(1, "very long", before=5, after=5)
    many = [coding(1, q) for q in QUOTES * 3]
    coded = read(project(tmp_path / "p", [moved, *many]))
    assert (coded.selections[0].start, coded.selections[0].text, coded.codings[0].reason) == (None, "very long", "")
    assert events(coded)["astray"].endswith(": 1")
    message = refused(project(tmp_path / "q", [moved, *many[:3]]))
    assert "characters from 0, end exclusive: 0.750" in message


def test_what_was_deleted_is_kept_as_deleted(tmp_path: Path) -> None:
    rows = [
        coding(1, "day is full"), coding(1, "very long", status=-1), coding(3, "here"), coding(1, "here", fid=2),
        coding(1, "here", fid=9), coding(9, "here"), coding(1, "here", status=None), coding(3, "here", status=0),
    ]  # fmt: skip
    coded = read(project(tmp_path / "p", rows))
    assert list(reasons(coded).values()) == [
        "", DELETED, DELETED, DELETED, "stands in a source that is not in the project",
        "names a code that is not in the project", DELETED, DELETED,
    ]  # fmt: skip
    assert events(coded)["deleted"].endswith(": 5")
    assert [source.name for source in coded.sources] == ["first", "(not in the project)"]
    assert [case.name for case in coded.cases] == ["Ann", "Bo"]


def test_positions_that_are_none(tmp_path: Path) -> None:
    odd: Rows = [
        coding(1, "here", first="x"), coding(1, "here", first=1.5), coding(1, "here", first=-3), coding(1, "here", last=2),
        coding(1, "here", first=4, last=4), coding(1, "here", last=10_000), coding(1, "here", last=float("inf")),
    ]  # fmt: skip
    coded = read(project(tmp_path / "p", [*odd, *(coding(1, q) for q in QUOTES * 20)]))
    number = "has a position that is no whole number"
    assert list(reasons(coded).values())[:7] == [
        number, number, "starts before the text", "ends before it starts", "is empty: it starts where it ends",
        "ends after the text", number,
    ]  # fmt: skip


def test_cases_attributes_notes_and_pictures(tmp_path: Path) -> None:
    coded = read(
        project(
            tmp_path / "p",
            [],
            caselinkage=[(c, f, a, b, s, "", "", "") for c, f, a, b, s in (
                (1, 1, 0.0, float(len(TEXT)), 1), (2, 1, 4, 9, 1), (2, 1, 0, 9, 0), (3, 1, 0, 9, 1), (1, 1, 9, 9, 1))],
            caseAttr=[("role", "teacher", 1, "", "", "", 1), ("role", "NA", 2, "", "", "", 1), ("x", "y", 1, "", "", "", 0)],
            fileAttr=[("phase", "2", 1, "", "", "", 1)],
            annotation=[(1, 7, "Really?", "", "", "", 1), (1, 7, "", "", "", "", 1)],
            image=[("photo", 1, "", "", "", 1)],
            imageCoding=[(1, 1, 0, 0, 5, 5, "", "", "", "Bo", 1), (1, 1, 0, 0, 5, 5, "", "", "", "Bo", -1)],
            coding2=[coding(1, "here")],
        )
    )  # fmt: skip
    assert coded.owners == (FileOwner("1", "1"), FileOwner("2", "1", "table caselinkage, row 2"))
    assert [dict(case.attributes) for case in coded.cases] == [{"role": "teacher"}, {}]
    assert coded.sources[0].attributes == {"phase": "2"}
    assert list(reasons(coded).values()) == ["codes a part of a picture, not text", DELETED]
    notes = [s for s in coded.selections if s.memo]
    assert [(s.memo, s.locator) for s in notes] == [("Really?", "character 7")]
    assert events(coded)["second_coding"].endswith(": 1")
    assert events(coded)["cases"].startswith("links of cases to texts that cannot be used: 2 ")


def test_trees_versions_and_marks(tmp_path: Path) -> None:
    tree = [(1, 2, "", "", "", 1, ""), (1, 1, "", "", "", 1, "")]
    marked = [("first", 1, "\ufeff" + TEXT, *[""] * 4, 1)]
    rows = [coding(1, q, before=1, after=1) for q in QUOTES]
    coded = read(project(tmp_path / "p", rows, treecode=tree, project=[("0.3.0", "", "", "", "")], source=marked))
    assert tuple(said(coded)) == QUOTES and coded.sources[0].text == TEXT
    assert next(code.path for code in coded.codes if code.id == "1") == ("money", "cover")
    assert "(cover)" in events(coded)["several_categories"] and "0.3.0" in events(coded)["newer_version"]


def test_problems_of_the_whole_file_are_told(tmp_path: Path) -> None:
    twice = [("first", 1, TEXT, *[""] * 4, 1), ("second", 1, TEXT, *[""] * 4, 1), ("third", "x", "", *[""] * 4, 1)]
    message = refused(project(tmp_path / "p", [], source=twice))
    assert "repeats the id 1" in message and "has no id" in message
    bad = [("first", 1, b"caf\xe9", *[""] * 4, 1)]
    assert "table source, row 1, column 'file'" in refused(project(tmp_path / "q", [], source=bad))


def test_recognised_by_content_and_read_when_empty(tmp_path: Path) -> None:
    path = make_database(tmp_path / "any", SCHEMA)
    assert recognised(path, FORMATS) == ["rqda"]
    coded = read(path)
    assert coded.codings == coded.sources == ()


@pytest.mark.slow
def test_damaged_files_are_read_or_refused_in_words(tmp_path: Path) -> None:
    project(tmp_path / "rqda.rqda", [coding(1 + n % 2, q) for n, q in enumerate(QUOTES * 4)])
    fuzz(tmp_path, count=300)
