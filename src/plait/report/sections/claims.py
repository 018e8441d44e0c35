"""The sentences of the authors: as headlines of the summary, and where each of their numbers comes from."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait.report.blocks import Block, Cell, Facts, Paragraph, Row, Section
from plait.report.printing import INTERVAL, capital, legend, printed, printed_or, sentence, spoken
from plait.report.sections.numbers import as_published
from plait.report.sections.view import Record, StudyView, grouped, noted, numbers, table, words

_INTRO = (
    "Every number in the authors\u2019 sentences is computed again in each run, from the unrounded cell that it stands for; "
    "a sentence that no longer holds stops the run."
)
_ROUNDINGS = {
    "whole": "whole",
    "nearest_5": "to the nearest 5",
    "nearest_10": "to the nearest 10",
    "one_decimal": "to one decimal",
    "two_decimals": "to two decimals",
    "none": "not rounded",
    "fraction": "to the nearest fraction",
    "about": "in words: no further off than {}",
    "at_least": "in words: not below it, and above by no more than {}",
    "over": "in words: above it, by no more than {}",
    "nearly": "in words: below it, by no more than {}",
}
_UNITS = {"per_cent": "%", "points": " points", "number": "", "count": ""}
_TOLERANCES = _UNITS | {"per_cent": " points"}


def claims_blocks(study: StudyView) -> tuple[Block, ...]:
    """The sentences, each with base and interval of its numbers; nothing where there are none."""
    sentences = grouped(study.claims, lambda r: str(r["claim"])).values()
    if not sentences:
        return ()
    facts = tuple((str(rows[0]["sentence"]), "\n".join(map(_backed, rows))) for rows in sentences)
    remarks = [*map(sentence, noted(study.claims)), legend(text for _, text in facts)]
    below = " ".join(remark for remark in remarks if remark)
    return (Facts(facts), *((Paragraph(below),) if below else ()))


def sources_section(study: StudyView) -> Section:
    """Where each number of the sentences comes from."""
    section = Section("sources-of-numbers", "Where each number comes from")
    if not study.claims:
        return section
    columns = words("Sentence", "Printed", "Cell", "Published table", "Rounded")
    columns += numbers("Published value", INTERVAL, "Base")
    body = [Row(tuple(_cells(r))) for r in study.claims]
    display = table(
        "Numbers of the summary and the cells they come from", columns, body, row_headers=2, notes=noted(study.claims)
    )
    return Section(section.anchor, section.title, (Paragraph(_INTRO), display))


def value_in_words(row: Record, value: object) -> str:
    """A number of a claim or of an alternative, with its unit."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return printed(None, str(row["marker"]))
    digits = max(_decimals(row[column]) for column in ("value", "ci_low", "ci_high"))
    return f"{printed(value, digits=digits)}{_UNITS[str(row['unit'])]}"


def _decimals(value: object) -> int:
    """The decimals that a number was published with."""
    return len(as_published(value).partition(".")[2])


def interval_of(row: Record) -> str:
    """The interval of a number, with its unit; empty where it has none."""
    if pd.isna(row["ci_low"]) or pd.isna(row["ci_high"]):
        return ""
    return f"{value_in_words(row, row['ci_low'])} to {value_in_words(row, row['ci_high'])}"


def rounding_in_words(row: Record) -> str:
    """How the printed number was made from the exact one."""
    within: str = (
        "" if pd.isna(row["tolerance"]) else f"{as_published(row['tolerance'])}{_TOLERANCES[str(row['unit'])]}"
    )
    return _ROUNDINGS[str(row["rounding"])].format(within)


def _backed(row: Record) -> str:
    """What stands behind one number of a sentence."""
    value, limits = value_in_words(row, row["value"]), interval_of(row)
    parts = [value] if value != row["printed"] and row["unit"] != "count" else []
    parts += [f"{INTERVAL} {limits}"] if limits else []
    parts.append(f"base {printed_or(row['base'], str(row['marker']))}" if pd.notna(row["base"]) else "no base")
    marker = f" [{row['marker']}]" if row["marker"] else ""
    return f"{capital(row['printed'])}: {'; '.join(parts)}{marker}. {row['cell']}."


def _cells(row: Record) -> Iterator[Cell]:
    marker = str(row["marker"])
    yield Cell(str(row["sentence"]))
    yield Cell(str(row["printed"]))
    yield Cell(str(row["cell"]))
    yield Cell(spoken(row["table"]))
    yield Cell(rounding_in_words(row))
    yield Cell(f"{value_in_words(row, row['value'])}{f' [{marker}]' if marker else ''}")
    yield Cell(interval_of(row) or printed(None))
    yield Cell(printed_or(row["base"], marker))
