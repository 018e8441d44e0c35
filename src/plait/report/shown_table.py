"""A table as a notebook shows it: plain data that any viewer builds its own table from.

A frame displayed by pandas is ready-made HTML, which a page would have to trust. Here the cells travel as a tabular
data resource (Frictionless Data), text as text and numbers as printed, and every table on a page is built from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from plait.report.blocks import legible
from plait.report.printing import MISSING, legend

RESOURCE = "application/vnd.dataresource+json"
NOTHING = "\u2013"
"""Stands where a text is empty."""
NO_ROWS = "nothing of this kind was published."
MOST_ROWS = 60
_LONG = 60
"""Characters of a cell that asks for a wide column."""


@dataclass(frozen=True)
class ShownTable:
    """Rows of a published table, ready to be shown.

    Attributes:
        caption: What the table is.
        columns: Names of the columns, as in the published file.
        numeric: Of each column, whether it holds numbers.
        rows: Cells as printed.
        headers: How many cells at the start of a row name it.
        remark: What is to be said below: the meaning of markers, rows that are left out.
    """

    caption: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    headers: int = 1
    remark: str = ""

    def __str__(self) -> str:
        """The table in plain text, for viewers that show nothing else."""
        if not self.rows:
            return f"{self.caption}: {self.remark}"
        lines = [self.columns, *(tuple(" ".join(cell.split()) for cell in row) for row in self.rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        aligned = [
            "  ".join(
                cell.rjust(width) if number else cell.ljust(width)
                for cell, width, number in zip(line, widths, self.numeric, strict=True)
            ).rstrip()
            for line in lines
        ]
        return "\n".join([self.caption, *aligned, *([self.remark] if self.remark else [])])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        resource = self.resource()
        return {"text/plain": str(self), "text/html": table_markup(resource), RESOURCE: resource}

    def resource(self) -> dict[str, Any]:
        """The table as a tabular data resource: names, types and cells, and no markup."""
        kinds = zip(self.columns, self.numeric, strict=True)
        return {
            "profile": "tabular-data-resource",
            "title": self.caption,
            "description": self.remark,
            "schema": {
                "fields": [{"name": name, "type": "number" if n else "string"} for name, n in kinds],
                "primaryKey": list(self.columns[: self.headers]),
            },
            "data": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
        }


def shown_table(
    frame: pd.DataFrame, caption: str, columns: Sequence[str] = (), *, headers: int = 1, most: int = MOST_ROWS
) -> ShownTable:
    """Take rows of a published table as they are to be shown.

    Numbers are printed in their shortest exact form, as in the file. A number that is missing shows its marker, or `[z]`
    where there is none. Columns that hold nothing at all are left out, and so are rows beyond the first `most`; a text that
    all rows share is said once, below.

    Args:
        frame: The rows.
        caption: What they are.
        columns: The columns to show, in order; all of them where none is named.
        headers: How many columns at the start name a row; fewer where one of them is left out.
        most: How many rows to show.
    """
    wanted = [str(name) for name in (columns or frame.columns)]
    chosen = [name for name in wanted if not _says_nothing(frame[name])]
    if frame.empty:
        return ShownTable(legible(caption), tuple(wanted), (False,) * len(wanted), (), remark=NO_ROWS)
    head = frame.head(most)
    shared = {name: head[name].iloc[0] for name in chosen if name not in wanted[:headers] and _is_shared(head[name])}
    chosen = [name for name in chosen if name not in shared]
    naming = sum(name in chosen for name in wanted[:headers])
    numeric = [_is_number(head[name]) for name in chosen]
    markers = head["marker"].tolist() if "marker" in head else [""] * len(head)
    cells = [
        [_number(value, marker) if number else _text(value) for value, marker in zip(head[name], markers, strict=True)]
        for name, number in zip(chosen, numeric, strict=True)
    ]
    rows = tuple(zip(*cells, strict=True))
    numbers = [cell for line, number in zip(cells, numeric, strict=True) if number for cell in line]
    left = f"The first {most} of {len(frame)} rows; all of them are in the published file." if len(frame) > most else ""
    shorthand = legend([*numbers, *(f"[{m}]" for m in markers if "marker" in chosen)])
    alike = "; ".join(f"{name}: {_text(value)}" for name, value in shared.items())
    remark = " ".join(part for part in (f"In all rows, {alike}." if alike else "", left, shorthand) if part)
    return ShownTable(legible(caption), tuple(map(legible, chosen)), tuple(numeric), rows, naming, remark)


def table_markup(resource: Mapping[str, Any]) -> str:
    """A table of HTML from a tabular data resource; everything in it is escaped here, whoever made the resource."""
    caption, remark = str(resource.get("title", "")), str(resource.get("description", ""))
    if not resource["data"]:
        return f"<p>{escape(caption)}: {escape(remark)}</p>"
    naming = set(resource["schema"].get("primaryKey", ()))
    fields = [
        _Field(
            name=field["name"],
            numeric=field.get("type") == "number",
            names_the_row=field["name"] in naming,
            long=any(len(str(row[field["name"]])) > _LONG for row in resource["data"]),
        )
        for field in resource["schema"]["fields"]
    ]
    head = "".join(field.head() for field in fields)
    body = "\n".join(f"<tr>{''.join(field.cell(row) for field in fields)}</tr>" for row in resource["data"])
    below = f'\n<p class="remark">{escape(remark)}</p>' if remark else ""
    return (
        f"<table>\n<caption><span>{escape(caption)}</span></caption>\n<thead>\n<tr>{head}</tr>\n</thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>{below}"
    )


@dataclass(frozen=True)
class _Field:
    """A column on its way to HTML."""

    name: str
    numeric: bool
    names_the_row: bool
    long: bool

    def head(self) -> str:
        named = escape(self.name).replace("_", "_<wbr>")  # where a narrow column may break a name
        return f'<th scope="col"{self._style()}>{named}</th>'

    def cell(self, row: Mapping[str, Any]) -> str:
        text = escape(str(row[self.name]))
        if self.names_the_row:
            return f'<th scope="row"{self._style()}>{text}</th>'
        return f"<td{self._style()}>{text}</td>"

    def _style(self) -> str:
        return ' class="n"' if self.numeric else ' class="long"' if self.long else ""


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


def _is_shared(column: pd.Series) -> bool:
    return len(column) > 1 and pd.api.types.is_string_dtype(column.dtype) and column.nunique(dropna=False) == 1


def _says_nothing(column: pd.Series) -> bool:
    nothing = column.isna() if _is_number(column) else column.isna() | (column.astype("str") == "")
    return bool(nothing.all()) and len(column) > 0


def _number(value: Any, marker: str) -> str:
    if pd.isna(value):
        return f"[{marker or MISSING}]"
    return f"{int(value)}" if float(value).is_integer() else repr(float(value))


def _text(value: Any) -> str:
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    return NOTHING if pd.isna(value) or value == "" else legible(str(value))
