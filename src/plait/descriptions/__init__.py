"""What every published table and every column of it holds, in words: the one place that says so.

`tables.csv` has a line for each published table. `columns.csv` has a line for each column: one without a table holds for
every table with such a column, one with a table for that table alone.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from plait.tables import COUNT, FLAG, MARKERS, NUMBER, TEXT, Table

TYPES = {TEXT: "text", COUNT: "whole number", NUMBER: "number", FLAG: "true or false"}
"""What the types of columns are called."""
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class ColumnDescription:
    """What a column holds.

    Attributes:
        description: In words.
        values: The values that it may have; none where that is no closed list.
        unit: Of its numbers.
        least: The lowest number that can be.
        most: The highest number that can be.
        base: What a share or count is out of.
        when_empty: What an empty cell means; none where no cell is empty.
        refers_to: `table.column` that holds its values, where there is one.
    """

    description: str
    values: tuple[str, ...] = ()
    unit: str = ""
    least: float | None = None
    most: float | None = None
    base: str = ""
    when_empty: str = ""
    refers_to: str = ""


@dataclass(frozen=True)
class TableDescription:
    """What a published table holds, and what it was made from."""

    title: str
    made_from: str


def describe(table: Table) -> TableDescription:
    """What a published table holds.

    Raises:
        KeyError: Nobody has described it.
    """
    return _tables()[short_name(table)]


def describe_columns(table: Table) -> dict[str, ColumnDescription]:
    """What each column of a published table holds, in the order of the columns.

    Raises:
        KeyError: Nobody has described one of them.
    """
    known, name = _columns(), short_name(table)
    return {column: known.get((name, column)) or known["", column] for column in table.columns}


def short_name(table: Table) -> str:
    """The name of a published table without its folder, as its file and its lines here are called."""
    return table.name.rpartition("/")[2]


@cache
def _tables() -> dict[str, TableDescription]:
    return {line["table"]: TableDescription(line["title"], line["made_from"]) for line in _lines("tables.csv")}


@cache
def _columns() -> dict[tuple[str, str], ColumnDescription]:
    return {(line["table"], line["column"]): _column(line) for line in _lines("columns.csv")}


def _column(line: dict[str, str]) -> ColumnDescription:
    values = tuple(m for m in MARKERS if m) if line["column"] == "marker" else tuple(line["values"].split("|"))
    return ColumnDescription(
        description=line["description"],
        values=values if values != ("",) else (),
        unit=line["unit"],
        least=float(line["least"]) if line["least"] else None,
        most=float(line["most"]) if line["most"] else None,
        base=line["base"],
        when_empty=line["when_empty"],
        refers_to=line["refers_to"],
    )


def _lines(file: str) -> list[dict[str, str]]:
    with (_FOLDER / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))
