"""The sheet of one question: breaks and groups down, answers across."""

from __future__ import annotations

from typing import Any

import pandas as pd

from plait.report.printing import EVERYONE, INTERVAL, MISSING, printed
from plait.report.sections.survey import grain_in_words
from plait.report.sections.view import Record, StudyView, answer, grouped, variants
from plait.report.spreadsheet.parts import NONE, below_title, status, value
from plait.report.workbook import Sheet, Value
from plait.study.wording import base_in_words, listed

BASES = {
    "base_unweighted": "Unweighted base",
    "base_weighted": "Weighted base",
    "base_effective": "Effective base",
}


def question_sheet(study: StudyView, name: str, rows: list[Record]) -> Sheet:
    """One question: breaks and groups down, answers across."""
    answers = {(r["measure"], r["option"]): _heading(r) for r in rows}
    groups = grouped(rows, lambda r: (str(r["break"]), str(r["group"])))
    columns = ("Split by", "Group", *answers.values(), *BASES.values(), "Marker")
    body = tuple(_group_row(list(answers), found) for found in groups.values())
    asked, survey = study.question(name), study.definition.survey
    wording = [asked.text, base_in_words(survey, name)] if asked and survey else []
    weighted = any(r["weight_set"] for r in rows)
    kind = f"{'Weighted' if weighted else 'Unweighted'} per cents from {grain_in_words(rows)}"
    more = f"{kind}. The sheet All estimates has the {INTERVAL}s and the unweighted per cents."
    label = str(rows[0]["question_label"])
    other = "" if rows[0]["grain"] == "respondent" or len(variants(study.questions[name])) == 1 else "Vendor, "
    title = f"{other}{label}: per cent of each group{status(study)}"
    lines = (*wording, more, *below_title(study, columns, body))
    return Sheet(f"{other}{label}", title, tuple(lines), columns, body)


def _heading(row: Record) -> str:
    return f"{answer(row)} (%)"


def _group_row(answers: list[tuple[Any, Any]], rows: list[Record]) -> tuple[Value, ...]:
    cells = {(r["measure"], r["option"]): r for r in rows}
    names = (str(rows[0]["break_label"]) if rows[0]["break"] else EVERYONE, str(rows[0]["group_label"]) or EVERYONE)
    found = (cells.get(answer) for answer in answers)
    shares = (value(r["per_cent"], str(r["marker"])) if r else f"[{MISSING}]" for r in found)
    return (*names, *shares, *(_base(rows, base) for base in BASES), _group_marker(rows))


def _base(rows: list[Record], column: str) -> Value:
    """The base of a group; from least to most where it differs between answers."""
    known = [r[column] for r in rows if pd.notna(r[column])]
    if not known:
        return value(None, next((str(r["marker"]) for r in rows if pd.isna(r["per_cent"])), ""))
    return value(known[0]) if min(known) == max(known) else f"{printed(min(known))} to {printed(max(known))}"


def _group_marker(rows: list[Record]) -> str:
    """The marker of a group; where only some of its numbers carry one, which."""
    marked = grouped((r for r in rows if r["marker"]), lambda r: str(r["marker"]))
    many = [r for r in rows if r["marker"] != "low"]
    parts = [
        f"[{marker}]" if len(found) == len(many) else f"[{marker}] {listed(str(r['option_label']) for r in found)}"
        for marker, found in marked.items()
    ]
    return "; ".join(parts) or NONE
