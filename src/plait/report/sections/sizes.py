"""How many took part: respondents, questions, texts and people."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait.report.blocks import KeyFigure, KeyFigures
from plait.report.printing import capital, printed
from plait.report.sections.view import Record, StudyView, grouped
from plait.study.wording import quoted
from plait.tables import records


def sizes(study: StudyView) -> KeyFigures:
    """The sizes of the study, strand by strand."""
    return KeyFigures((*_survey_sizes(study), *_coded_text_sizes(study)), "sizes")


def export_label(study: StudyView, file: str) -> str:
    """What the study calls one of its exports; the file's name where it has no other."""
    survey = study.definition.survey
    labels = {e.file: e.label for e in survey.exports.values()} if survey else {}
    return labels.get(file) or (file if "." in file else capital(file))


def _survey_sizes(study: StudyView) -> Iterator[KeyFigure]:
    kept = {file: steps[-1] for file, steps in _steps(study).items()}
    joined = [step for step in kept.values() if step["step"] == "join"]
    ends = joined[-1:] or list(kept.values())
    for end in ends:
        where = "after exclusions" if len(ends) == 1 else f"in {quoted(export_label(study, end['file']))}"
        yield KeyFigure(printed(end["rows_out"]), "survey respondents", where)
    bases = [r["base_unweighted"] for r in study.estimates if not r["break"] and pd.notna(r["base_unweighted"])]
    if bases and not ends:
        yield KeyFigure(printed(max(bases)), "survey respondents", "the largest base of a question")
    if study.questions:
        asked = len(study.questions)
        yield KeyFigure(printed(asked), "survey question" if asked == 1 else "survey questions", "reported here")


def _steps(study: StudyView) -> dict[str, list[Record]]:
    return grouped(records(study.published.row_flow), lambda r: str(r["file"]))


def _coded_text_sizes(study: StudyView) -> Iterator[KeyFigure]:
    for collection, rows in study.collections.items():
        for unit, counts in list(study.by_unit(collection, rows).items())[:1]:
            if unit != "segments":
                called = study.units_called(collection, unit)
                of = next((r["of"] for r in counts if pd.notna(r["of"])), None)
                yield KeyFigure(
                    printed(of, counts[0]["marker"] if of is None else ""),
                    called,
                    f"coded: {counts[0]['collection_label']}",
                )
