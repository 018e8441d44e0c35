"""Who answered: from the rows of the files to the respondents, compared with the population, and what weighting did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from plait.report.blocks import Block, Bullets, Cell, Column, Fold, Paragraph, Row, Section
from plait.report.printing import capital, distinct, named, printed, printed_as_is, printed_or, with_marker
from plait.report.sections.sizes import export_label
from plait.report.sections.view import Record, StudyView, cells, grouped, numbers, table, words
from plait.study.wording import listed
from plait.tables import records

_GRADES = {
    "illustrative": "Illustrative: not an official figure",
    "proxy": "Proxy: stands in for a figure that is not published",
}
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
                export_label(study, str(r["file"])),
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
    columns = [*words("Characteristic", "Group"), *numbers(*shown.values())]
    body = [Row((Cell(str(r["variable_label"])), Cell(_group(r)), *_profile_cells(r, shown))) for r in study.profile]
    caption = "Respondents and the population that they are weighted to" if targeted else "Respondents"
    return (table(caption, columns, body, row_headers=2), *_sources(study))


def _group(row: Record) -> str:
    return with_marker(str(row["group_label"]), str(row["marker"]) if pd.notna(row["base_unweighted"]) else "")


def _profile_cells(row: Record, shown: Iterable[str]) -> Iterator[Cell]:
    hidden: str = str(row["marker"]) if pd.isna(row["base_unweighted"]) else ""
    for column in shown:
        graded = row["target_grade"] if column == "per_cent_target" and row["target_grade"] in _GRADES else ""
        yield Cell(printed_or(row[column], hidden), str(graded))


def _sources(study: StudyView) -> tuple[Block, ...]:
    """Where the targets come from, each source once for a variable."""
    columns = ("variable_label", "target_source", "target_grade")
    sources = dict.fromkeys(tuple(str(r[c]) for c in columns) for r in study.profile if r["target_source"])
    if not sources:
        return ()
    body = [Row(cells(label, source, _GRADES.get(grade, capital(grade)))) for label, source, grade in sources]
    headings = words("Characteristic", "Source", "Grade")
    return (table("Where the targets come from", headings, body),)


def _diagnostics(study: StudyView) -> tuple[Block, ...]:
    measures = records(study.published.weighting)
    if not measures:
        return ()
    sets = grouped(measures, lambda r: str(r["weight_set"]))
    columns = words("Measure") + [
        Column(str(found[0]["weight_set_label"]), numeric=True, group="Weight set") for found in sets.values()
    ]
    body = [
        Row(cells(named(measure), *(_diagnostic(found, measure) for found in sets.values())))
        for measure in distinct(r["measure"] for r in measures)
    ]
    diagnostics = table("What weighting did", columns, body, notes=[_DIAGNOSTICS_NOTE])
    return (*_remarks(study), *study.figure("weights"), Fold("What weighting did, in numbers", (diagnostics,)))


def _remarks(study: StudyView) -> tuple[Block, ...]:
    """What a reader must know of the weights; first, and once, what holds for all sets."""
    notes = records(study.published.weighting_notes)
    sets = distinct(r["weight_set"] for r in notes)
    found = grouped(notes, lambda r: str(r["text"]))
    texts = dict(sorted(found.items(), key=lambda item: len(item[1]) < len(sets)))
    said, several = [], False
    for text, rows in texts.items():
        whose = "" if len(rows) == len(sets) else listed(str(r["weight_set_label"]) for r in rows)
        numbers = [printed_or(r["respondents"], r["marker"]) for r in rows if r["marker"] or pd.notna(r["respondents"])]
        counted = f" Respondents: {listed(numbers)}." if numbers else ""
        several = several or len(numbers) > 1
        said.append(f"{whose}: {text}{counted}" if whose else f"{text}{counted}")
    order = f"Where several numbers are given, they are of {listed(distinct(r['weight_set_label'] for r in notes))}."
    return (*((Paragraph(order),) if several else ()), Bullets(tuple(said))) if said else ()


def _diagnostic(rows: list[Record], measure: str) -> str:
    row = next((r for r in rows if r["measure"] == measure), None)
    return printed_as_is(row["value"], row["marker"]) if row else printed_as_is(None)
