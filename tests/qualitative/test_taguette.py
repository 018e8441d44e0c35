from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.qualitative.coded_file import CodedFile, Content, Conventions, FileSelection
from plait.qualitative.taguette import FORMATS, read_taguette, read_taguette_codebook, read_taguette_highlights
from plait.qualitative.taguette_html import BrokenHtmlError, text_of_html
from qualitative.coded_files import write_csv
from qualitative.databases import Rows, events, make_database, reasons, recognised
from qualitative.fuzz_runs import fuzz

SCHEMA = """
PRAGMA application_id = 1416066164;
CREATE TABLE users (login VARCHAR(30) NOT NULL, PRIMARY KEY (login));
CREATE TABLE projects (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200), description TEXT);
CREATE TABLE documents (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name TEXT, project_id INTEGER, contents TEXT);
CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, project_id INTEGER, path TEXT, description TEXT);
CREATE TABLE highlights (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, document_id INTEGER, start_offset INTEGER,
    end_offset INTEGER, snippet TEXT);
CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER, PRIMARY KEY (highlight_id, tag_id));
CREATE TABLE alembic_version (version_num TEXT);
"""
HTML = "<p>The \U0001f600 caf\u00e9 &amp; bar</p>\r\n<p>closed<br/>at <b>ei</b>ght</p><p>late</p>"
BYTES = "The \U0001f600 caf\u00e9 & bar\nclosedat eightlate".encode()
TAGS = [(1, 1, "time.cover", "Not enough of it"), (2, 1, "pay", "")]
GOOD = [(n, 1, *bounds, f"<p>{said}</p>") for n, (bounds, said) in enumerate([((4, 8), "\U0001f600")] * 40, start=100)]


def bounds(said: str) -> tuple[int, int]:
    start = BYTES.index(said.encode())
    return start, start + len(said.encode())


def project(path: Path, highlights: Rows, links: Rows = (), *, schema: str = SCHEMA, **more: Rows) -> Path:
    tables = {
        "users": [("admin",)],
        "projects": [(1, "Study", "")],
        "documents": [(1, "first.odt", 1, HTML)],
        "tags": TAGS,
        "alembic_version": [("09c662cd9483",)],
    }
    return make_database(path, schema, {**tables, **more, "highlights": highlights, "highlight_tags": links})


def read(path: Path) -> CodedFile:
    return read_taguette(path, path.name, Conventions())


def said(coded: CodedFile, selection: FileSelection) -> str:
    text = next(s.text for s in coded.sources if s.id == selection.source)
    assert text is not None
    return text[selection.start : selection.end]


def refused(path: Path) -> str:
    with pytest.raises(StudyError) as caught:
        read(path)
    return str(caught.value)


def test_byte_offsets_become_code_points(tmp_path: Path) -> None:
    quotes = ["caf\u00e9 & bar", "\U0001f600 caf\u00e9", "bar\nclosed", "closed", "at eight", "late", "The"]
    snippets = [
        "<p>caf\u00e9 &amp; bar</p>", "<p>\U0001f600 caf\u00e9</p>", "<p>bar</p>\n<p>closed</p>", "<p>closed</p>",
        "<p>at <b>ei</b>ght</p>", "<p>late</p>", "<p>The</p>",
    ]  # fmt: skip
    rows = [(n, 1, *bounds(q), h) for n, (q, h) in enumerate(zip(quotes, snippets, strict=True), start=1)]
    coded = read(project(tmp_path / "p", rows, [(1, 1), (1, 2), (2, 1)]))
    assert coded.sources[0].text == "The \U0001f600 caf\u00e9 & bar\nclosed\nat eight\nlate"
    assert [said(coded, s) for s in coded.selections] == quotes == [s.text for s in coded.selections]
    assert [(c.selection, c.code, c.reason) for c in coded.codings] == [("1", "1", ""), ("1", "2", ""), ("2", "1", "")]
    assert [code.path for code in coded.codes] == [("time.cover",), ("pay",)]
    assert coded.codes[0].definition == "Not enough of it"
    assert not coded.names_coders and coded.offsets_in == "code points, line ends as stored"
    assert "score 1.000 over 7" in events(coded)["offsets"]
    assert events(coded)["annotations"] == "highlights without a tag: 5"
    assert coded.log.tool == "Taguette 09c662cd9483"


def test_what_cannot_be_used_is_kept_with_its_reason(tmp_path: Path) -> None:
    end = len(BYTES)
    odd: Rows = [
        (1, 1, 5, 8, ""), (2, 1, -1, 3, ""), (3, 1, 8, 4, ""), (4, 1, 4, 4, ""), (5, 1, 0, end + 1, ""),
        (6, 1, "x", 3, ""), (7, 9, 0, 3, ""), (8, 1, 0, None, ""), (9, 1, 4, 8, "<p>elsewhere</p>"),
    ]  # fmt: skip
    links = [*((n, 1) for n in range(1, 10)), (77, 1), (100, 5), (101, "x")]
    coded = read(project(tmp_path / "p", [*odd, *GOOD], links))
    assert list(reasons(coded).values()) == [
        "cuts a character in two",
        "starts before the text",
        "ends before it starts",
        "is empty: it starts where it ends",
        "ends after the text",
        "has a position that is no whole number",
        "stands in a source that is not in the project",
        "has a position that is no whole number",
        "",
        "belongs to a highlight that is not in the project",
        "names a code that is not in the project",
        "names a code that is not in the project",
    ]
    astray = next(s for s in coded.selections if s.id == "9")
    assert (astray.start, astray.end, astray.text) == (None, None, "elsewhere")
    assert events(coded)["astray"].endswith(": 1")


def test_offsets_that_do_not_fit_are_refused_with_the_score(tmp_path: Path) -> None:
    points = [(n, 1, 4, 10, "<p>\U0001f600 caf\u00e9</p>") for n in range(1, 6)]
    message = refused(project(tmp_path / "p", [*points, *GOOD[:5]]))
    assert "only 5 of 10 highlights" in message and "0.500" in message


def test_later_databases_may_have_trees_of_tags(tmp_path: Path) -> None:
    schema = SCHEMA.replace("path TEXT, description TEXT)", "path TEXT, description TEXT, parent_id INTEGER)")
    tags = [(1, 1, "time", "", None), (2, 1, "cover", "", 1)]
    version = [("ffffffffffff",)]
    coded = read(project(tmp_path / "p", GOOD, schema=schema, tags=tags, alembic_version=version))
    assert [code.path for code in coded.codes] == [("time",), ("time", "cover")]
    assert "ffffffffffff" in events(coded)["newer_version"]
    loop = [(1, 1, "time", "", 2), (2, 1, "cover", "", 1)]
    assert "stands below itself" in refused(project(tmp_path / "q", GOOD, schema=schema, tags=loop))


def test_problems_of_the_whole_file_are_told(tmp_path: Path) -> None:
    assert "holds 2 projects" in refused(project(tmp_path / "a", GOOD, projects=[(1, "a", ""), (2, "b", "")]))
    broken = project(tmp_path / "b", GOOD, documents=[(1, "x", 1, "<!--x" * 2000)])
    assert "table documents, row 1" in refused(broken) and "not the clean HTML" in refused(broken)
    schema = SCHEMA.replace("CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", "CREATE TABLE tags (id")
    assert "repeats the id 1" in refused(project(tmp_path / "c", GOOD, schema=schema, tags=[TAGS[0], TAGS[0]]))
    without = make_database(tmp_path / "d", "CREATE TABLE projects (id, name); CREATE TABLE tags (id, path);")
    message = refused(without)
    assert "no table 'documents'" in message and "no column 'description'" in message


def test_an_empty_project_is_read(tmp_path: Path) -> None:
    coded = read(project(tmp_path / "p", [], documents=[], tags=[]))
    assert coded.selections == coded.codes == coded.sources == ()
    users = read(project(tmp_path / "q", GOOD, users=[("ann",), ("bob",)]))
    assert "2 users" in events(users)["several_users"]


def test_text_of_html() -> None:
    assert text_of_html("a<br>b").text == "a\nb"
    assert text_of_html("<ul><li>a</li><li> b</li></ul>").text == "a b"
    assert text_of_html("a<!-- x -->b&#13;\r\nc\rd").text == "ab\r\nc\nd"
    assert text_of_html("").place_of(0, 0) is None
    marked = text_of_html("<p>\ufeffab</p>")
    assert marked.text == "ab" and marked.place_of(3, 4) == (0, 1) and marked.place_of(0, 5) == (0, 2)
    spaced = text_of_html("<p>\u00e9</p><p>b</p>")
    assert spaced.place_of(0, 3) == (0, 3) and spaced.place_of(2, 3) == (2, 3) and spaced.place_of(0, 2) == (0, 1)
    assert spaced.place_of(1, 3) is None and spaced.n_bytes == 3
    with pytest.raises(BrokenHtmlError):
        text_of_html("<a " * 5_000)


def table(path: Path, *rows: Sequence[str]) -> Path:
    return write_csv(path, rows)


def test_a_table_of_highlights(tmp_path: Path) -> None:
    path = table(
        tmp_path / "h.csv",
        ("id", "document", "tag", "content"),
        ("1", "a.odt", "pay", "=more"),
        ("1", "a.odt", "time", "=more"),
        ("2", "a.odt", "", "bare"),
        ("3", "", "pay", "of nobody"),
        ("4", "a.odt", "pay", " "),
        ("1", "b.odt", "pay", "another"),
        ("", "b.odt", "pay", "without id"),
    )
    coded = read_taguette_highlights(path, "h.csv", Conventions())
    assert [(c.origin, c.selection, c.code, c.reason) for c in coded.codings] == [
        ("row 2", "1", "pay", ""),
        ("row 3", "1", "time", ""),
        ("row 5", "3", "pay", "names no document"),
        ("row 6", "4", "pay", "has no text"),
        ("row 7", "1 (row 7)", "pay", ""),
        ("row 8", "row 8", "pay", ""),
    ]
    assert [(s.text, s.locator) for s in coded.selections[:2]] == [("=more", "highlight 1"), ("bare", "highlight 2")]
    assert "repeated_ids" in events(coded) and not coded.names_coders
    with pytest.raises(StudyError, match="has no column for the content"):
        read_taguette_highlights(table(tmp_path / "x.csv", ("id", "document", "tag")), "x", Conventions())


def test_a_codebook_of_either_age(tmp_path: Path) -> None:
    old = table(
        tmp_path / "old.csv",
        ("tag", "description", "number of highlights"),
        ("pay", "Wages,\nall", "3"),
        ("time", "", "4"),
    )
    coded = read_taguette_codebook(old, "old.csv", Conventions())
    assert [(c.path, c.definition) for c in coded.codes] == [(("pay",), "Wages,\nall"), (("time",), "")]
    assert events(coded)["content"].endswith(": 7")
    new = table(
        tmp_path / "new.csv",
        ("tag", "parent", "description", "number of highlights", "number of documents"),
        ("cover", "time", "", "3", "1"),
        ("time", "", "", "x", "1"),
    )
    coded = read_taguette_codebook(new, "new.csv", Conventions())
    assert [c.path for c in coded.codes] == [("time", "cover"), ("time",)]
    assert events(coded)["content"].endswith("not told")
    with pytest.raises(StudyError) as caught:
        repeated = ("tag", "description", "number of highlights"), ("a", "", "1"), ("a", "", "1"), ("", "", "1")
        read_taguette_codebook(table(tmp_path / "bad.csv", *repeated), "bad.csv", Conventions())
    assert len(caught.value.problems) == 2


def test_formats_are_recognised_by_content(tmp_path: Path) -> None:
    assert recognised(project(tmp_path / "p.txt", GOOD), FORMATS) == ["taguette"]
    other = make_database(tmp_path / "other", SCHEMA.replace("1416066164", "7"))
    assert recognised(other, FORMATS) == []
    rows = {
        "taguette-highlights": ("id", "document", " Tag", "content"),
        "taguette-codebook": ("tag", "parent", "description", "number of highlights"),
        "": ("id", "document", "tag", "content", "coder"),
    }
    for name, header in rows.items():
        found = [f.name for f in FORMATS if f.recognises(Content(rows={"sheet": (header,)}))]
        assert found == ([name] if name else [])


@pytest.mark.slow
def test_damaged_files_are_read_or_refused_in_words(tmp_path: Path) -> None:
    project(tmp_path / "taguette.sqlite3", GOOD, [(n, 1 + n % 2) for n in range(100, 140)])
    table(tmp_path / "highlights.csv", ("id", "document", "tag", "content"), *[("1", "a", "pay", "x\u00e9")] * 5)
    table(
        tmp_path / "codebook.csv", ("tag", "description", "number of highlights"), ("pay", "x", "3"), ("time", "", "4")
    )
    fuzz(tmp_path, count=300)
