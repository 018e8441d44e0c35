"""Who answered: from the rows of the files to the respondents, compared with the population, and what weighting did."""

from __future__ import annotations

import pandas as pd

from plait.report.blocks import Block, Cell, Column, Row, Section
from plait.report.printing import capital, named, printed, printed_as_is, printed_or, with_marker
from plait.report.sections.sizes import export_label
from plait.report.sections.view import Record, StudyView, cells, numbers, records, table, words

_GRADES = {"illustrative": " (illustrative: not an official figure)", "proxy": " (a proxy for the true figure)"}
_DIAGNOSTICS_NOTE = (
    "The design effect says how many times larger the variance of a figure is for being weighted; the effective number is "
    "the number of respondents divided by it"
)


def respondents_section(study: StudyView) -> Section:
    """Flow of rows, profile against targets, diagnostics of the weights; each where the study has it."""
    blocks = (*_flow(study), *_profile(study), *_diagnostics(study))
    return Section("who-answered", "Who answered", blocks)


def _flow(study: StudyView) -> tuple[Block, ...]:
    steps = records(study.published.row_flow)
    if not steps:
        return ()
    columns = [*words("File", "Step"), *numbers("Rows in", "Rows left out", "Rows kept")]
    rows = [
        Row(
            cells(
                capital(export_label(study, str(r["file"]))),
                capital(r["reason"] or r["step"]),
                *(printed(r[c]) for c in ("rows_in", "rows_dropped", "rows_out")),
            )
        )
        for r in steps
    ]
    return (table("From the rows of the files to the respondents", columns, rows, row_headers=2),)


def _profile(study: StudyView) -> tuple[Block, ...]:
    if not study.profile:
        return ()
    weighted = any(pd.notna(r["per_cent_weighted"]) for r in study.profile)
    targeted = any(pd.notna(r["per_cent_target"]) for r in study.profile)
    shown = {"base_unweighted": "Base", "per_cent_unweighted": "Per cent unweighted" if weighted else "Per cent"}
    shown |= {"per_cent_weighted": "Per cent weighted"} if weighted else {}
    shown |= {"per_cent_target": "Target per cent"} if targeted else {}
    columns: list[Column] = [*words("Characteristic", "Group"), *numbers(*shown.values())]
    columns += words("Source of the target") if targeted else []
    rows = []
    for r in study.profile:
        hidden = pd.isna(r["base_unweighted"])
        name = with_marker(str(r["group_label"]), "" if hidden else str(r["marker"]))
        texts = [printed_or(r[c], str(r["marker"]) if hidden or c != "per_cent_target" else "") for c in shown]
        source = [_source(r)] if targeted else []
        rows.append(Row((Cell(str(r["variable_label"])), Cell(name), *cells(*texts, *source))))
    caption = "Respondents and the population that they are weighted to" if targeted else "Respondents"
    return (table(caption, columns, rows, row_headers=2),)


def _source(row: Record) -> str:
    return f"{row['target_source']}{_GRADES.get(str(row['target_grade']), '')}" if row["target_source"] else "No target"


def _diagnostics(study: StudyView) -> tuple[Block, ...]:
    measures = records(study.published.weighting)
    if not measures:
        return ()
    rows = [
        Row(
            cells(
                str(r["weight_set_label"]),
                named(r["measure"]),
                printed_as_is(r["value"]),
            )
        )
        for r in measures
    ]
    columns = [*words("Weight set", "Measure"), *numbers("Value")]
    return (table("What weighting did", columns, rows, row_headers=2, notes=[_DIAGNOSTICS_NOTE]),)
