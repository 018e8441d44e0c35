"""Means, medians and totals; change between two exports; models of an outcome."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pandas as pd

from plait.report.blocks import Block, Cell, Row, Section
from plait.report.printing import EVERYONE, INTERVAL, capital, printed, printed_or, printed_p, signed, with_marker
from plait.report.sections.view import Record, StudyView, cells, grouped, noted, numbers, table, words
from plait.study.wording import listed
from plait.tables import records

_CHANGE_NOTES = (
    "Points are rounded from the exact difference and may differ by one from the difference of the rounded per cents",
    "People who answered both times make a change more certain; the intervals allow for that",
)
_MODEL_NOTE = (
    "Each figure compares a group with the first one of its characteristic, the other characteristics being equal; it "
    "describes an association and proves no cause"
)


def numbers_of(study: StudyView, name: str) -> tuple[Block, ...]:
    """The figures of a question that are not per cents: a row for everyone and for every group."""
    rows = study.numbers.get(name, [])
    if not rows:
        return ()
    weighted = any(r["weight_set"] for r in rows)
    columns = [*words("Measure", "Split by", "Group"), *numbers("Value", INTERVAL)]
    columns += numbers("Unweighted value") if weighted else []
    columns += numbers("Unweighted base")
    body = [Row(tuple(_number_cells(r, weighted))) for r in rows]
    unit = f", in {rows[0]['unit']}" if rows[0]["unit"] else ""
    kind = "weighted" if weighted else "unweighted"
    measures = listed(dict.fromkeys(_measure(r).lower() for r in rows))
    return (
        table(f"{rows[0]['question_label']}: {kind} {measures}{unit}", columns, body, row_headers=3, notes=noted(rows)),
    )


def _measure(row: Record) -> str:
    return capital(str(row["measure"]).replace("_", " "))


def _number_cells(row: Record, weighted: bool) -> Iterator[Cell]:
    marker = str(row["marker"])
    yield Cell(_measure(row))
    yield Cell(str(row["break_label"]) if row["break"] else EVERYONE)
    yield Cell(with_marker(str(row["group_label"]), marker if pd.notna(row["value"]) else ""))
    yield Cell(as_published(row["value"], marker))
    known = bool(pd.notna(row["ci_low"]))
    yield Cell(
        f"{as_published(row['ci_low'])} to {as_published(row['ci_high'])}" if known else as_published(None, marker)
    )
    if weighted:
        yield Cell(as_published(row["value_unweighted"], marker))
    yield Cell(printed_or(row["base_unweighted"], marker))


def as_published(value: object, marker: str = "") -> str:
    """A number with the decimals that it was published with."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return printed(None, marker)
    text = format(Decimal(f"{float(value):.12g}"), "f")  # type: ignore[arg-type]
    return printed(value, digits=len(text.partition(".")[2]))


# --- change ------------------------------------------------------------------------------------------------------------


def changes_section(study: StudyView) -> Section:
    """Questions that were asked again: what changed, in percentage points or in the unit of a mean."""
    rows = records(study.published.survey_changes)
    alike = grouped(rows, lambda r: (str(r["question"]), r["measure"] == "mean"))
    blocks = tuple(_change(found, mean) for (_, mean), found in alike.items())
    return Section("changes", "What changed", blocks)


def _change(rows: list[Record], mean: bool) -> Block:
    first = rows[0]
    figures = ("Before", "Now", "Change") if mean else ("Per cent before", "Per cent now", "Change in points")
    columns = [*words("Measure" if mean else "Answer"), *numbers(*figures, INTERVAL, "Adjusted p")]
    body = [Row(tuple(_mean_change_cells(r) if mean else _change_cells(r))) for r in rows]
    both = printed_or(first["base_both"], "c")
    bases = f"Bases: {printed_or(first['base_earlier'], 'c')} before, {printed_or(first['base'], 'c')} now, {both} both"
    caption = f"{first['question_label']}: change {'of the mean ' if mean else ''}since {first['earlier_label']}"
    return table(caption, columns, body, notes=(bases, *_CHANGE_NOTES[mean:], *noted(rows)))


def _mean_change_cells(row: Record) -> Iterator[Cell]:
    marker = str(row["marker"])
    yield Cell(str(row["option_label"]))
    for column in ("value_earlier", "value", "difference"):
        yield Cell(as_published(row[column], marker))
    known = bool(pd.notna(row["ci_low"]))
    yield Cell(f"{as_published(row['ci_low'])} to {as_published(row['ci_high'])}" if known else printed(None, marker))
    yield Cell(printed_p(row["p_adjusted"], marker))


def _change_cells(row: Record) -> Iterator[Cell]:
    marker = str(row["marker"])
    yield Cell(str(row["option_label"]))
    yield Cell(printed_or(row["per_cent_earlier"], marker))
    yield Cell(printed(row["per_cent"], marker))
    yield Cell(_points(row["points"], marker))
    known = bool(pd.notna(row["ci_low"]))
    yield Cell(f"{_points(row['ci_low'])} to {_points(row['ci_high'])}" if known else printed(None, marker))
    yield Cell(printed_p(row["p_adjusted"], marker))


def _points(points: float, marker: str = "") -> str:
    return signed(printed_or(points, marker), points)


# --- models ------------------------------------------------------------------------------------------------------------


def models_section(study: StudyView) -> Section:
    """What goes with an outcome when the other characteristics are held equal."""
    rows = records(study.published.survey_models)
    blocks = tuple(_model(found) for found in grouped(rows, lambda r: str(r["model"])).values())
    return Section("models", "What goes with what", blocks)


def _model(rows: list[Record]) -> Block:
    logistic = rows[0]["kind"] == "logistic"
    effect = "Odds ratio" if logistic else "Difference"
    columns = [*words("Characteristic", "Group", "Compared with")]
    columns += numbers(effect, INTERVAL, "p", "p of the characteristic", "Base")
    body = [Row(tuple(_model_cells(r))) for r in rows if r["variable"]]
    of = f"{printed_or(rows[0]['n'], 'c')} respondents are in the model"
    notes = (of, _MODEL_NOTE, *noted(rows))
    return table(f"{rows[0]['model_label']}: {effect.lower()}s", columns, body, row_headers=2, notes=notes)


def _model_cells(row: Record) -> Iterator[Cell]:
    marker = str(row["marker"])
    yield from cells(str(row["variable_label"]), str(row["group_label"]), str(row["reference_label"]))
    shown = _ratio if row["kind"] == "logistic" else as_published
    yield Cell(shown(row["effect"], marker))
    known = bool(pd.notna(row["ci_low"]))
    yield Cell(f"{shown(row['ci_low'], '')} to {shown(row['ci_high'], '')}" if known else printed(None, marker))
    yield Cell(printed_p(row["p"], marker))
    yield Cell(printed_p(row["p_variable"], marker))
    yield Cell(printed_or(row["base_unweighted"], "c"))


def _ratio(value: float, marker: str) -> str:
    return printed_or(value, marker, 2)
