"""How far the headline numbers depend on choices that could have been made otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait.report.blocks import Bullets, Cell, Fold, Paragraph, Row, Section
from plait.report.printing import INTERVAL, capital, printed, printed_or, sentence, signed
from plait.report.sections.claims import interval_of, value_in_words
from plait.report.sections.numbers import as_published
from plait.report.sections.view import Record, StudyView, grouped, noted, numbers, table, words
from plait.study.wording import listed, quoted

_INTRO = (
    "The numbers of the authors\u2019 sentences were made again with other choices that could have been made, one at a "
    "time. A number that moves little under all of them does not hang on any; that alone does not make it right."
)
_AS_REPORTED = "As reported"


def robustness_section(study: StudyView) -> Section:
    """Figure, a sentence for every headline, and the table of all alternatives."""
    section = Section("robustness", "How far the headlines depend on choices")
    headlines = list(grouped(study.robustness, _headline).values())
    touched = [rows for rows in headlines if len(rows) > 1]
    if not touched:
        return section
    columns = [
        *words("Number", "Choice"),
        *numbers("Value", INTERVAL, "Base", "Difference"),
        *words("Against the reported interval"),
    ]
    body = [Row(tuple(_cells(row, rows[0]))) for rows in touched for row in rows]
    caption = "Headline numbers under other choices"
    notes = ("Differences are rounded from the exact ones", *noted(study.robustness))
    display = table(caption, columns, body, row_headers=2, notes=notes)
    said = tuple(_in_words(rows) for rows in touched)
    untouched = len(headlines) - len(touched)
    more = f"{printed(untouched)} further number{'' if untouched == 1 else 's'}"
    alone = [Paragraph(f"No declared choice bears on {more}.")] if untouched else []
    blocks = (Paragraph(_INTRO), *study.figure("robustness"), Bullets(said), *alone, Fold(caption, (display,)))
    return Section(section.anchor, section.title, blocks)


def _headline(row: Record) -> tuple[str, int]:
    return str(row["claim"]), int(row["number"])


def _in_words(rows: list[Record]) -> str:
    """How far a number moves, and which choices take it out of its interval."""
    main, *others = rows
    shown = [r for r in others if pd.notna(r["value"])]
    name = f"{capital(main['printed'])} ({main['cell']})"
    withheld = f"; {printed(len(others) - len(shown))} cannot be shown" if len(shown) < len(others) else ""
    if not shown:
        reasons = listed(dict.fromkeys(str(r["note"]) for r in others if r["note"] and r["marker"] == "z"))
        return sentence(f"{name}: no other choice can be shown{f' ({reasons})' if reasons else ''}")
    comparable = [r for r in shown if pd.notna(r["difference"])]
    parts = [f"{_move(main, comparable)}{_side(main, comparable)}"] if comparable else []
    parts += [f"{quoted(r['alternative'])} gives {value_in_words(r, r['value'])}" for r in shown if r not in comparable]
    return sentence(f"{name}: {'; '.join(parts)}{withheld}")


def _move(main: Record, others: list[Record]) -> str:
    choices = f"under {printed(len(others))} other choice{'' if len(others) == 1 else 's'} it"
    most = max(abs(float(r["difference"])) for r in others)
    if most == 0:
        return f"{choices} does not move, as rounded"
    unit = f" point{'' if most == 1 else 's'}" if main["unit"] in ("per_cent", "points") else ""
    by = "by" if len(others) == 1 else "by at most"
    return f"{choices} moves {by} {as_published(most)}{unit}"


def _side(main: Record, shown: list[Record]) -> str:
    """Whether any choice leaves the interval; nothing where the number has none."""
    limits = interval_of(main)
    if not limits:
        return ""
    outside = [r for r in shown if r["inside"] == "outside"]
    if not outside:
        return f" and stays within its {INTERVAL}, {limits}"
    named = listed(f"{quoted(r['alternative'])} ({value_in_words(r, r['value'])})" for r in outside)
    return f"; outside its {INTERVAL}, {limits}, lie{'s' if len(outside) == 1 else ''} {named}"


def _cells(row: Record, main: Record) -> Iterator[Cell]:
    marker = str(row["marker"])
    yield Cell(str(row["printed"]), str(row["cell"]))
    own = str(row["note"]).replace(str(main["note"]), "").strip("; ") if row["kind"] else ""
    yield Cell(str(row["alternative"]) or _AS_REPORTED, own)
    value = value_in_words(row, row["value"])
    yield Cell(f"{value} [{marker}]" if marker and pd.notna(row["value"]) else value)
    yield Cell(interval_of(row) or printed(None, marker if pd.isna(row["value"]) else ""))
    yield Cell(printed_or(row["base"], "c" if pd.notna(row["value"]) else marker))
    yield Cell(signed(as_published(row["difference"]), row["difference"]))
    yield Cell({"inside": "inside", "outside": "outside"}.get(str(row["inside"]), printed(None)))
