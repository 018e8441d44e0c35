"""A survey in a few lines, taken whole: from its raw file to what is published, and to the report and the spreadsheet."""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pytest

from plait import tables
from plait.disclosure.gate import publish
from plait.disclosure.rules import PROFILES
from plait.errors import StudyError
from plait.report.content import report_content
from plait.report.figures import draw_figures, read_index
from plait.report.html import write_html
from plait.report.published import Published, read_published
from plait.report.spreadsheet import write_spreadsheet
from plait.study import Study
from plait.survey.cleaning import Cleaned, clean
from plait.survey.findings import survey_findings
from plait.survey.profile import describe_sample
from plait.survey.weighting import weight
from small_survey import small_survey
from some_findings import findings

SURVEY = """
respondent_id: id
profile:
  phase: {{label: {phase}, column: phase, options: {phases}}}
scales:
  agree3:
    options: {{a: {{label: Agree, score: 1}}, b: {{label: Neither, score: 0}}, c: {{label: Disagree, score: -1}}}}
    nets: {{ab: {{label: Does not disagree, of: [a, b]}}}}
questions:
  uses: {{label: Uses it, text: Do you use it?, column: uses, options: {uses}, compare_by: phase}}
  wants: {{label: Wants, text: What?, type: multi, column: wants, options: {wants}, compare_by: phase}}
  agrees: {{label: Agrees, text: Do you agree?, column: agrees, scale: agree3, compare_by: phase}}
  hours: {{label: Hours, text: How many?, type: number, column: hours, unit: hours, compare_by: phase}}
breaks: [phase]
{more}
"""
SUPPLIED = (
    "exports: {form: {file: form.csv, weight: w}}\nweighting: {method: supplied, description: Drawn for this test.}"
)
Cell = Callable[[int], str]


def survey(
    phase: str = "Phase",
    phases: str = "{p: Primary, s: Secondary}",
    uses: str = "{yes_: 'Yes', no_: 'No'}",
    wants: str = "{fruit: Fruit, juice: Juice}",
    more: str = "",
) -> str:
    return SURVEY.format(phase=phase, phases=phases, uses=uses, wants=wants, more=more)


def form(n: int, **cells: Cell) -> str:
    """An export of n respondents: half of them in either phase, five to a school, twenty to a county."""
    columns: dict[str, Cell] = {
        "id": lambda i: f"r{i}",
        "phase": lambda i: ["Primary", "Secondary"][i % 2],
        "school": lambda i: f"school {i // 5}",
        "county": lambda i: f"county {i // 20}",
        "uses": lambda i: ["Yes", "No", "Yes"][i % 3],
        "wants": lambda i: ["Fruit", "Juice", "Fruit;Juice", ""][i % 4],
        "agrees": lambda i: ["Agree", "Neither", "Disagree"][i % 3],
        "hours": lambda i: str(i % 7),
        "w": lambda i: str(1 + i % 3),
    }
    columns |= cells
    rows = [list(columns), *([cell(i) for cell in columns.values()] for i in range(n))]
    return "".join(",".join('"' + text.replace('"', '""') + '"' for text in row) + "\n" for row in rows)


class Outcome(NamedTuple):
    """What became of a survey."""

    folder: Path
    study: Study
    cleaned: Cleaned
    published: Published

    def shares(self, question: str, break_: str = "", group: str = "") -> pd.DataFrame:
        """Published shares by option."""
        frame = self.published.survey_estimates
        mine = (frame["question"] == question) & (frame["break"] == break_) & (frame["group"] == group)
        return frame[mine].set_index("option")


def through(folder: Path, definition: str, profile: str = "public", **files: str) -> Outcome:
    """Clean, weight, tabulate and publish a survey; every published number is a number or a marked blank."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study = small_survey(folder, definition, **files)
        cleaned = clean(study)
        weighted = weight(study, cleaned.responses)
        found = survey_findings(study, cleaned.responses, weighted.weights)
        handed = findings(
            estimates=found.estimates,
            tests=found.tests,
            pairs=found.pairs,
            changes=found.changes,
            models=found.models,
            profile=describe_sample(study, cleaned.responses, weighted.weights, weighted.margins, found.breakdowns),
            weighting=weighted.diagnostics,
            weighting_notes=weighted.notes,
            margins=weighted.margins,
            weight_distribution=weighted.distribution,
            flow=cleaned.flow,
            cleaning_log=cleaned.log,
            reconciliation=found.reconciliation,
        )
        for table, rows in publish(study, handed, PROFILES[profile]):
            tables.write_csv(rows, folder / f"{table.name}.csv")
    for file in (folder / "published").iterdir():
        assert not {"nan", "inf", "-inf", "<na>", "none"} & {cell.strip().lower() for cell in cells_of(file)}, file.name
    published = read_published(folder / "published")
    for frame, value in ((published.survey_estimates, "per_cent"), (published.survey_numbers, "value")):
        assert (frame.loc[frame[value].isna(), "marker"] != "").all()
    return Outcome(folder, study, cleaned, published)


def cells_of(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            yield from row


def reported(outcome: Outcome, profile: str = "public") -> str:
    """Draw the figures, write the report and the spreadsheet; return all that they say."""
    folder, definition, rules = outcome.folder, outcome.study.definition, PROFILES[profile]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        draw_figures(outcome.published, definition, folder / "figures")
        content = report_content(outcome.published, definition, read_index(folder / "figures"), rules)
        write_html(content, folder / "report.html", folder / "figures")
        write_spreadsheet(outcome.published, definition, folder / "tables.xlsx", rules)
    page = re.sub(r'"data:[^"]*"', "", (folder / "report.html").read_text(encoding="utf-8"))
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    sheets = [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    ]
    said = "\n".join([re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL), *sheets])
    assert not re.search(r"\bnan\b|\binf\b|<NA>", said, flags=re.IGNORECASE)
    return said


def refused(folder: Path, definition: str, **files: str) -> str:
    with pytest.raises(StudyError) as caught:
        through(folder, definition, **files)
    return str(caught.value)
