"""SQLite databases of other programs, read as if a stranger had made them.

A database is a program of sorts: views, triggers, virtual tables and generated columns hold SQL that runs when it is
read. So nothing but ordinary tables with stored columns is ever selected from, the connection can write nothing, not
even beside the file, and neither size, nor time, nor text is trusted.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from plait.errors import Problem, Problems, StudyError, did_you_mean, neighbour_of, shorten

MAGIC = b"SQLite format 3\x00"
EXACT_TO = 2**53
"""Whole numbers up to here are exact as floating-point numbers too, which R writes."""

_SAVE_AGAIN = "open the project in its tool, save it, close the tool and copy the file again"
_BREACHES = (b"NULL value in", b"NUMERIC value in", b"TEXT value in", b"CHECK constraint failed", b"non-unique")
"""What a check says about rows that break a rule of their table; they can be read all the same."""
_CHECKED = 100
_MOST_PROBLEMS = 500
_APPLICATION_ID = slice(68, 72)

Value = int | float | str | bytes | None


@dataclass(frozen=True)
class Limits:
    """How much a database may hold."""

    file_bytes: int = 4 * 2**30
    value_bytes: int = 200 * 2**20
    text_bytes: int = 2**30
    rows: int = 5_000_000
    tables: int = 20_000
    seconds: float = 120


LIMITS = Limits()


@dataclass(frozen=True)
class Row:
    """A row of a table; a column that the table does not have is NULL.

    Attributes:
        number: The row's id in its table.
    """

    table: str
    number: int
    values: Mapping[str, Value]

    @property
    def place(self) -> str:
        """The row as messages call it."""
        return f"table {self.table}, row {self.number}"

    def text(self, column: str) -> str:
        """A text; a number as it would be written, "" for NULL and for bytes that are no text."""
        value = self.values.get(column)
        if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_TO:
            value = int(value)
        return "" if value is None or isinstance(value, bytes) else str(value)

    def whole(self, column: str) -> int | None:
        """A whole number, also when it is stored as a floating-point number; None for everything else."""
        value = self.values.get(column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return value if isinstance(value, int) and abs(value) < EXACT_TO else None

    def key(self, column: str) -> str:
        """An id as text; "" for everything that is no whole number."""
        number = self.whole(column)
        return "" if number is None else str(number)


def check_keys(rows: Iterable[Row], column: str, file: str, problems: Problems) -> None:
    """Add rows to the problems whose id is missing or stands before."""
    seen: set[str] = set()
    for row in rows:
        key = row.key(column)
        if not key or key in seen:
            message = f"repeats the id {key}" if key else "has no id"
            problems.add(file, message, "export the project again", row=row.place, column=column)
        seen.add(key)


class _NotText(bytes):
    """Bytes of a text column that are not UTF-8."""


def _decoded(data: bytes) -> str | _NotText:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _NotText(data)


@dataclass
class Database:
    """An open database; problems are collected while it is read and raised when it is closed."""

    name: str
    connection: sqlite3.Connection
    limits: Limits
    problems: Problems = field(default_factory=Problems)
    _read: int = 0

    @cached_property
    def tables(self) -> dict[str, tuple[str, ...]]:
        """The ordinary tables and their stored columns; nothing whose reading would run SQL of the file."""
        return {name: self._columns(name) for name, kind in self._kinds.items() if kind == "table"}

    @cached_property
    def _kinds(self) -> dict[str, str]:
        """What each name of the schema is; a table that shares its name with something else counts as the other."""
        most = self.limits.tables
        entries = self.connection.execute("SELECT type, name, sql FROM main.sqlite_master").fetchmany(most + 1)
        if len(entries) > most:
            raise StudyError([Problem(self.name, f"holds more than {most} tables and indices", _SAVE_AGAIN)])
        others = {_fold(name): str(kind) for kind, name, _ in entries if kind in ("view", "trigger")}
        tables = [(str(name), sql) for kind, name, sql in entries if kind == "table"]
        kinds = {name: "virtual table" if _is_virtual(sql) else "table" for name, sql in tables}
        return {name: others.pop(_fold(name), kind) for name, kind in kinds.items()} | others

    def has(self, table: str) -> bool:
        """Whether there is such a table; letter case does not count, as in SQL."""
        return any(_fold(name) == _fold(table) for name in self.tables)

    def rows(
        self, table: str, *, texts: Sequence[str] = (), values: Sequence[str] = (), optional: Sequence[str] = ()
    ) -> list[Row]:
        """Read columns of a table, in the order of its row ids.

        Args:
            table: A table that must be there.
            texts: Columns that hold text; anything but text, a number or NULL in them is a problem.
            values: Columns of ids and positions; whatever they hold is handed over.
            optional: Those of the columns that earlier or later versions of the tool do without.

        Returns:
            No rows where the table cannot be read; the problem is then among those that are raised at the end.
        """
        actual = next((name for name in self.tables if _fold(name) == _fold(table)), None)
        if actual is None:
            self._add_missing(table)
            return []
        known = {_fold(column): column for column in self.tables[actual]}
        missing = [c for c in (*texts, *values) if _fold(c) not in known and c not in optional]
        for column in missing:
            self.problems.add(
                self.name,
                f"the table '{table}' has no column '{column}'",
                f"{did_you_mean(column, self.tables[actual])}; it may come from a version of the tool that is not known",
            )
        wanted = [c for c in (*texts, *values) if _fold(c) in known]
        if missing or not wanted:
            return []
        return list(self._selected(actual, {c: known[_fold(c)] for c in wanted}, frozenset(texts)))

    def rows_if_any(
        self, table: str, *, texts: Sequence[str] = (), values: Sequence[str] = (), optional: Sequence[str] = ()
    ) -> list[Row]:
        """As `rows`, for a table that some versions of the tool do without."""
        return self.rows(table, texts=texts, values=values, optional=optional) if self.has(table) else []

    def _selected(self, table: str, columns: Mapping[str, str], texts: frozenset[str]) -> Iterator[Row]:
        listed = ", ".join(_quoted(column) for column in columns.values())
        cursor = self.connection.execute(f"SELECT rowid, {listed} FROM main.{_quoted(table)} ORDER BY rowid")
        for count, (number, *cells) in enumerate(cursor):
            self._read += sum(len(cell) for cell in cells if isinstance(cell, str | bytes))
            if count >= self.limits.rows or self._read > self.limits.text_bytes:
                what = f"more than {self.limits.rows} rows" if count >= self.limits.rows else "too much text"
                raise StudyError([Problem(self.name, f"the table '{table}' holds {what}", _SAVE_AGAIN)])
            row = Row(table, number, dict(zip(columns, cells, strict=True)))
            for column in columns:
                self._check(row, column, column in texts)
            yield row

    def _check(self, row: Row, column: str, is_text: bool) -> None:
        value = row.values[column]
        if isinstance(value, _NotText):
            message, mend = "is not UTF-8 text", "mend the text in the tool"
        elif isinstance(value, str) and "\0" in value:
            message, mend = "holds a NUL character", "remove it from the text in the tool"
        elif isinstance(value, bytes) and is_text:
            message, mend = "holds bytes where text belongs", "mend the entry in the tool"
        else:
            return
        self.problems.add(self.name, message, mend, row=row.place, column=column)
        if len(self.problems.found) >= _MOST_PROBLEMS:
            self.problems.raise_if_any()

    def _add_missing(self, table: str) -> None:
        kind = next((kind for name, kind in self._kinds.items() if _fold(name) == _fold(table)), "")
        if kind:
            message, mend = f"'{table}' is a {kind}, not an ordinary table, and is not read", "export the project again"
        else:
            message, mend = f"has no table '{table}'", "is it the right file? export the project again from the tool"
        self.problems.add(self.name, message, mend)

    def _columns(self, table: str) -> tuple[str, ...]:
        found = self.connection.execute("SELECT name, hidden FROM pragma_table_xinfo(?, 'main')", (table,)).fetchall()
        return tuple(name for name, hidden in found if hidden == 0 and isinstance(name, str))


@contextmanager
def opened(path: Path, name: str, limits: Limits = LIMITS) -> Iterator[Database]:
    """Open a database for reading.

    Args:
        path: The file.
        name: The file as messages call it.
        limits: How much it may hold.

    Yields:
        The database. What its reading adds to `problems` is raised at the end of the block.

    Raises:
        StudyError: It is no SQLite database, is damaged or in use, or has not what was asked for.
    """
    _check_file(path, name, limits)
    deadline = time.monotonic() + limits.seconds
    # The file is taken as unchanging: nothing is locked, and no log beside it is looked for.
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with _told(name, deadline), closing(sqlite3.connect(address, uri=True, cached_statements=0)) as connection:
        connection.text_factory = _decoded
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.value_bytes)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
        for setting in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
            connection.execute(f"PRAGMA {setting}").fetchall()
        _check_pages(connection, name)
        database = Database(name, connection, limits)
        database.tables  # noqa: B018  (the schema is read before anything is selected)
        connection.set_authorizer(_only_reading)
        yield database
        database.problems.raise_if_any()


def tables_of(path: Path, name: str, limits: Limits = LIMITS) -> dict[str, tuple[str, ...]]:
    """The ordinary tables of a database and their columns, by which its tool is recognised; errors as `opened`."""
    with opened(path, name, limits) as database:
        return dict(database.tables)


def is_database(head: bytes) -> bool:
    """Whether a file that starts like this is an SQLite database."""
    return head.startswith(MAGIC)


def application_id(head: bytes) -> int:
    """The number by which a program marks its databases; 0 where there is none."""
    return int.from_bytes(head[_APPLICATION_ID], "big") if is_database(head) else 0


def has_tables(tables: Mapping[str, Sequence[str]], *wanted: str) -> bool:
    """Whether all these tables are there; letter case does not count, as in SQL."""
    return {_fold(name) for name in wanted} <= {_fold(name) for name in tables}


def _check_file(path: Path, name: str, limits: Limits) -> None:
    problems = Problems()
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "there is no such file"
        mend = "name the database inside it" if path.is_dir() else neighbour_of(path)
        raise StudyError([Problem(name, what, mend or f"there is no folder '{path.parent.name}' either")])
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(100)
    if not is_database(head):
        message = "is empty" if not size else "is not an SQLite database"
        problems.add(name, message, "check the file name in the definition, or export the project again")
    elif size > limits.file_bytes:
        problems.add(name, f"is larger than {limits.file_bytes / 2**30:.0f} GB", _SAVE_AGAIN)
    for beside in dict.fromkeys((path, path.resolve())):
        for ending in ("-wal", "-journal"):
            log = beside.with_name(beside.name + ending)
            if log.is_file() and log.stat().st_size:
                problems.add(
                    name,
                    f"has changes that are not written into it yet (they are in '{log.name}')",
                    "close the tool that has the project open; if it crashed, open and close the project there once",
                )
    problems.raise_if_any()


def _check_pages(connection: sqlite3.Connection, name: str) -> None:
    """Refuse a file whose pages do not fit together: what is read from it could be anything."""
    connection.text_factory = bytes
    said = [line for (line,) in connection.execute(f"PRAGMA main.quick_check({_CHECKED})")]
    connection.text_factory = _decoded
    wrong = [s for s in said if s != b"ok" and not s.startswith(_BREACHES)]
    if wrong:
        first = shorten(" ".join(wrong[0].decode("utf-8", "replace").split()))
        raise StudyError([Problem(name, f"is damaged ({first})", _SAVE_AGAIN)])


def _only_reading(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ) else sqlite3.SQLITE_DENY


@contextmanager
def _told(name: str, deadline: float) -> Iterator[None]:
    """Say what SQLite says about a damaged file as a problem of the file."""
    try:
        yield
    except (sqlite3.Error, UnicodeError, OverflowError, MemoryError, SystemError) as error:
        if time.monotonic() > deadline:
            message = "takes too long to read"
        else:
            reason = shorten(" ".join(str(error).split())) or type(error).__name__
            message = f"cannot be read as an SQLite database ({reason})"
        raise StudyError([Problem(name, message, _SAVE_AGAIN)]) from error


def _is_virtual(sql: object) -> bool:
    return not isinstance(sql, str) or sql.split(maxsplit=2)[1:2] != ["TABLE"]


def _fold(name: object) -> str:
    return name.lower() if isinstance(name, str) else ""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
