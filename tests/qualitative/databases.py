"""Small databases for the tests, made the way tools make them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from plait.qualitative.coded_file import CodedFile, Content, Format
from plait.qualitative.database import is_database, tables_of

Rows = Sequence[Sequence[object]]


def make_database(path: Path, schema: str, tables: Mapping[str, Rows] | None = None) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(schema)
        for table, rows in (tables or {}).items():
            for row in rows:
                connection.execute(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(row))})', row)
        connection.commit()
    return path


def content_of(path: Path) -> Content:
    with path.open("rb") as stream:
        head = stream.read(4096)
    return Content(head, tables=tables_of(path, path.name) if is_database(head) else {})


def recognised(path: Path, formats: Sequence[Format]) -> list[str]:
    return [f.name for f in formats if f.recognises(content_of(path))]


def reasons(coded: CodedFile) -> dict[str, str]:
    return {c.origin: c.reason for c in coded.codings}


def events(coded: CodedFile) -> dict[str, str]:
    return {row["event"]: row["message"] for row in coded.log.rows}
