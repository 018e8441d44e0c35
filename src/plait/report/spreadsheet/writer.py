"""The workbook as a whole: its front sheets, then one sheet for each published table that has rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from plait.disclosure.rules import Rules
from plait.report.blocks import Facts
from plait.report.printing import capital, sentence
from plait.report.published import Published
from plait.report.sections.disclosure import rules_in_words
from plait.report.sections.methods import method_notes
from plait.report.sections.opening import about_section, reading_notes
from plait.report.sections.view import StudyView
from plait.report.spreadsheet.about_tables import sheets_about_the_tables
from plait.report.spreadsheet.coded_text import coded_text_sheets
from plait.report.spreadsheet.coding_record import coding_record_sheets
from plait.report.spreadsheet.parts import status
from plait.report.spreadsheet.strands import strand_sheets
from plait.report.spreadsheet.survey import survey_sheets
from plait.report.workbook import Sheet, with_safe_names, write_workbook
from plait.study.definition import Definition
from plait.tables import MARKERS


def write_spreadsheet(published: Published, definition: Definition, path: Path, rules: Rules | None = None) -> None:
    """Write every published table of a study to one workbook.

    Args:
        published: The published tables.
        definition: The study definition.
        path: The workbook.
        rules: The disclosure profile that the tables passed, to be stated among the notes.

    Raises:
        StudyError: A text is longer than a spreadsheet can hold.
    """
    study = StudyView(published, definition, pd.DataFrame(), rules)
    tables = [sheet for sheet in _tables(study) if sheet.rows]
    front = [_cover(study), Sheet("Contents", "Contents", columns=("Sheet", "What it holds")), _notes(study)]
    sheets = with_safe_names([*front, *tables])
    listing = tuple((sheet.name, sheet.title) for sheet in sheets[2:])
    sheets[1] = Sheet(sheets[1].name, sheets[1].title, (), sheets[1].columns, listing, links=True)
    about = definition.about
    write_workbook(sheets, path, title=_title(study), author=about.conducted_by, created=about.fieldwork.end)


def _title(study: StudyView) -> str:
    return f"{study.definition.title}: tables{status(study)}"


def _cover(study: StudyView) -> Sheet:
    lines = [f"Research question: {study.definition.research_question}"]
    for block in about_section(study).blocks:
        if isinstance(block, Facts):
            elsewhere = {"Questions", *(() if study.definition.about.tables else ("Full tables",))}
            lines += [f"{term}: {'; '.join(text.splitlines())}" for term, text in block.items if term not in elsewhere]
        else:
            lines.append(str(getattr(block, "text", "")))
    lines.append("The sheet Contents lists the tables. The sheet Notes explains shorthand, bases and methods.")
    return Sheet("Cover", _title(study), tuple(lines))


def _notes(study: StudyView) -> Sheet:
    markers = [(f"[{m}]", sentence(capital(meaning))) for m, meaning in MARKERS.items() if m]
    rules = [(f"Disclosure control: {topic}", text) for topic, text in rules_in_words(study)]
    methods = [note for note in method_notes(study) if note not in rules]
    rows = tuple((topic, text) for topic, text in (*markers, *reading_notes(study), *methods, *rules))
    return Sheet("Notes", "Notes on shorthand, bases and methods", (), ("Topic", "Note"), rows)


def _tables(study: StudyView) -> Iterator[Sheet]:
    yield from survey_sheets(study)
    yield from coded_text_sheets(study)
    yield from coding_record_sheets(study)
    yield from strand_sheets(study)
    yield from sheets_about_the_tables(study)
