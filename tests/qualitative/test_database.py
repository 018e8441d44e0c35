from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.qualitative.database import Limits, application_id, has_tables, opened, tables_of
from qualitative.databases import make_database

NOTES = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, place);"
LINES = [(1, "caf\u00e9", 3), (2, None, 4.0), (7, "so", "x")]


def read(path: Path, **more: object) -> list[tuple[int, str, int | None]]:
    with opened(path, path.name, **more) as database:  # type: ignore[arg-type]
        rows = database.rows("Notes", texts=["text"], values=["place"])
    return [(row.number, row.text("text"), row.whole("place")) for row in rows]


def refused(path: Path, **more: object) -> str:
    with pytest.raises(StudyError) as caught:
        read(path, **more)
    return str(caught.value)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return make_database(tmp_path / "notes", NOTES, {"notes": LINES})


def test_rows_come_with_their_types_and_their_numbers(notes: Path) -> None:
    before = notes.read_bytes()
    assert read(notes) == [(1, "caf\u00e9", 3), (2, "", 4), (7, "so", None)]
    assert notes.read_bytes() == before
    assert [p.name for p in notes.parent.iterdir()] == ["notes"]
    assert tables_of(notes, "notes") == {"notes": ("id", "text", "place")}
    assert has_tables(tables_of(notes, "notes"), "NOTES") and not has_tables({}, "notes")


def test_a_path_with_signs_of_an_address_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "a?mode=rwc&x=#1 %41"
    folder.mkdir()
    assert len(read(make_database(folder / "n\u00f6tes?", NOTES, {"notes": LINES}))) == 3


def test_the_application_id_is_in_the_head(tmp_path: Path) -> None:
    path = make_database(tmp_path / "d", f"{NOTES} PRAGMA application_id = 1416066164;")
    assert application_id(path.read_bytes()) == 1416066164
    assert application_id(b"nothing") == 0


def test_what_is_no_database_is_refused(tmp_path: Path, notes: Path) -> None:
    (tmp_path / "text").write_text("id,text\n")
    (tmp_path / "empty").touch()
    assert "is not an SQLite database" in refused(tmp_path / "text")
    assert "is empty" in refused(tmp_path / "empty")
    assert "there is no such file" in refused(tmp_path / "note")
    assert "did you mean 'notes'" in refused(tmp_path / "note")
    assert "is a folder" in refused(tmp_path)


def test_a_database_that_is_in_use_is_refused(tmp_path: Path) -> None:
    path = make_database(tmp_path / "open", f"PRAGMA journal_mode=WAL; {NOTES}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO notes VALUES (1, 'late', 1)")
        connection.commit()
        said = refused(path)
        assert "'open-wal'" in said and "close the tool" in said
    assert read(path) == [(1, "late", 1)]
    path.with_name("open-journal").write_bytes(b"x")
    assert "'open-journal'" in refused(path)


def test_a_link_to_a_database_in_use_is_refused_too(tmp_path: Path, notes: Path) -> None:
    (tmp_path / "link").symlink_to(notes)
    notes.with_name("notes-wal").write_bytes(b"x")
    assert "'notes-wal'" in refused(tmp_path / "link")


def test_every_problem_with_tables_and_columns_is_told_at_once(notes: Path) -> None:
    with pytest.raises(StudyError) as caught, opened(notes, "notes") as database:
        database.rows("memos", texts=["text"])
        database.rows("notes", texts=["txt"])
        assert database.rows_if_any("memos", texts=["text"]) == []
        row = database.rows("notes", texts=["text"], values=["place", "owner"], optional=["owner"])[0]
        assert row.text("owner") == "" and row.whole("owner") is None
    assert len(caught.value.problems) == 2
    assert "did you mean 'text'" in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ("CREATE TABLE other (text, place); CREATE VIEW notes AS SELECT text, place FROM other;", "a view"),
        (
            "CREATE VIEW notes AS WITH RECURSIVE n(text) AS (SELECT 1 UNION ALL SELECT text FROM n) SELECT * FROM n;",
            "a v",
        ),
        ("CREATE VIRTUAL TABLE notes USING fts4(text, place);", "a virtual table"),
        (f"{NOTES} CREATE TRIGGER notes AFTER INSERT ON notes BEGIN SELECT 1; END;", "a trigger"),
    ],
)
def test_sql_of_the_file_is_never_run(tmp_path: Path, schema: str, kind: str) -> None:
    assert f"'Notes' is {kind}" in refused(make_database(tmp_path / "bad", schema))


def test_a_generated_column_is_no_column(tmp_path: Path) -> None:
    schema = "CREATE TABLE notes (text TEXT, place AS (length(text)));"
    path = make_database(tmp_path / "bad", schema)
    assert "no column 'place'" in refused(path)


def test_a_table_that_names_sql_in_its_columns_is_only_a_table(tmp_path: Path) -> None:
    column = 'x") FROM notes; DROP TABLE notes; --'
    quoted = '"' + column.replace('"', '""') + '"'
    path = make_database(tmp_path / "odd", f"CREATE TABLE notes (text, place, {quoted});", {"notes": [("a", 1, 2)]})
    with opened(path, "odd") as database:
        assert database.rows("notes", values=[column])[0].whole(column) == 2
    assert read(path) == [(1, "a", 1)]


def test_text_that_is_no_text_is_told_with_table_and_row(tmp_path: Path) -> None:
    path = make_database(tmp_path / "bad", NOTES)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO notes VALUES (4, CAST(x'63616665e9' AS TEXT), 1)")
        connection.execute("INSERT INTO notes VALUES (5, x'00ff', 1)")
        connection.execute("INSERT INTO notes VALUES (6, 'a' || char(0) || 'b', x'01')")
        connection.commit()
    said = refused(path)
    assert "table notes, row 4, column 'text': is not UTF-8 text" in said
    assert "table notes, row 5, column 'text': holds bytes where text belongs" in said
    assert "table notes, row 6, column 'text': holds a NUL character" in said


def test_numbers_that_a_position_cannot_be_are_none(tmp_path: Path) -> None:
    odd: list[object] = ["12", 1.5, 1e300, float("inf"), 2**62, b"1", None, True]
    path = make_database(tmp_path / "n", NOTES, {"notes": [(i, "", v) for i, v in enumerate(odd)]})
    assert [place for _, _, place in read(path)] == [None] * 7 + [1]


def test_there_are_limits(notes: Path) -> None:
    assert "more than 2 rows" in refused(notes, limits=Limits(rows=2))
    assert "too much text" in refused(notes, limits=Limits(text_bytes=5))
    assert "is larger" in refused(notes, limits=Limits(file_bytes=100))
    assert "too big" in refused(notes, limits=Limits(value_bytes=30))


def test_time_is_limited(tmp_path: Path) -> None:
    path = make_database(tmp_path / "long", NOTES, {"notes": [(n, "x", n) for n in range(20_000)]})
    assert "takes too long" in refused(path, limits=Limits(seconds=-1))


def test_damage_is_told_plainly(tmp_path: Path) -> None:
    path = make_database(tmp_path / "d", NOTES, {"notes": [(n, "x" * 500, n) for n in range(100)]})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "is damaged" in refused(path) or "cannot be read" in refused(path)
    path.write_bytes(whole[:4096] + b"\x0d" + bytes(4095) + whole[8192:])
    assert "is damaged" in refused(path) or "cannot be read" in refused(path)


def test_rows_that_break_a_rule_of_their_table_are_read(tmp_path: Path) -> None:
    path = make_database(tmp_path / "d", "CREATE TABLE notes (text TEXT NOT NULL, place CHECK (place > 0));")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA ignore_check_constraints=ON; INSERT INTO notes VALUES ('a', -1);"
            "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = replace(sql, 'place', 'place NOT NULL');"
        )
    assert read(path) == [(1, "a", -1)]
