"""What every sheet is made of: columns that read a row of a published table, a title, and the lines below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from plait.report.printing import INTERVAL, MISSING, legend, printed_days, sentence
from plait.report.sections.disclosure import HIDDEN, rules_in_short
from plait.report.sections.view import Record, StudyView
from plait.report.workbook import Sheet, Value
from plait.tables import records

NONE = "none"
"""What a cell says where there is nothing to remark; no cell is empty."""

Columns = dict[str, Callable[[Record], Value]]
"""The headings of a sheet, each with what it shows of a row."""


def sheet(
    study: StudyView,
    name: str,
    title: str,
    table: pd.DataFrame | list[Record],
    columns: Columns,
    lines: Iterable[str] = (),
) -> Sheet:
    """A published table as a sheet, `lines` above its legend and source; one without rows is for the writer to drop."""
    found = records(table) if isinstance(table, pd.DataFrame) else table
    rows = tuple(tuple(shown(row) for shown in columns.values()) for row in found)
    return Sheet(name, f"{title}{status(study)}", (*lines, *below_title(study, columns, rows)), tuple(columns), rows)


def status(study: StudyView) -> str:
    """What every title must say of the data and of the rules, in brackets; empty where there is nothing to say."""
    simulated = " (simulated data)" if study.definition.simulated else ""
    return simulated + (f" ({study.rules.mark.lower()})" if study.rules and study.rules.mark else "")


def below_title(study: StudyView, columns: Iterable[str], rows: Iterable[tuple[Value, ...]]) -> list[str]:
    """The meaning of the shorthand that a sheet uses, and where its numbers come from."""
    used = legend([*columns, *(v for row in rows for v in row if isinstance(v, str))])
    about = study.definition.about
    source = f"Source: {study.definition.title}; {about.conducted_by}; fieldwork"
    rules = rules_in_short(study) if HIDDEN in used else ""
    return [
        *(line for line in (used, sentence(rules)) if line),
        f"{source} {printed_days(about.fieldwork.start, about.fieldwork.end)}.",
    ]


# --- what a column shows -----------------------------------------------------------------------------------------------


def value(found: Any, marker: str = "") -> Value:
    """A number as a number; where there is none, the marker that says why."""
    if pd.isna(found):
        return f"[{marker or MISSING}]"
    return int(found) if float(found).is_integer() else float(found)


def number(column: str) -> Callable[[Record], Value]:
    """A column of numbers, or of the row's marker where there is none."""
    return lambda row: value(row[column], str(row.get("marker", "")))


def text(column: str, empty: str = NONE) -> Callable[[Record], Value]:
    """A column of text, and what it says where there is none."""
    return lambda row: str(row[column]) or empty


def marker(row: Record) -> Value:
    """The marker of a row."""
    return f"[{row['marker']}]" if row["marker"] else NONE


def weighted_or_not(row: Record) -> Value:
    """Whether the per cents or the values of a row are weighted."""
    return "weighted" if row["weight_set"] else "unweighted"


INTERVAL_OF: Columns = {f"{INTERVAL} from": number("ci_low"), f"{INTERVAL} to": number("ci_high")}
"""The two columns of an estimate's interval."""
