"""The sheets about the tables: what was checked, changed and withheld, and what every column is."""

from __future__ import annotations

from collections.abc import Iterator

from plait.report.printing import EVERYONE, capital, distinct, named, spoken
from plait.report.sections.checklists import lines as checklist_lines
from plait.report.sections.disclosure import group_in_words, place_in_words, table_in_words
from plait.report.sections.view import StudyView
from plait.report.spreadsheet.parts import NONE, Columns, below_title, number, sheet, status, text, value
from plait.report.workbook import Sheet
from plait.study.wording import listed


def sheets_about_the_tables(study: StudyView) -> Iterator[Sheet]:
    """What was checked, changed and withheld, and what every column is."""
    published = study.published
    yield sheet(study, "Reconciliation", "Numbers compared between sources", published.reconciliation, _compared(study))
    what = "What reading noticed and cleaning did, in cells or items"
    yield sheet(study, "Cleaning", what, published.cleaning_summary, _cleaning(study))
    yield _checklists(study)
    variables = published.survey_variables
    yield sheet(study, "Variables", "Questions and other variables of the survey", variables, _VARIABLES)
    dictionary = published.data_dictionary
    yield sheet(
        study, "Data dictionary", "Columns of the CSV files that come with this report", dictionary, _DICTIONARY
    )
    yield sheet(study, "Withheld", "What disclosure control withheld", published.suppression_log, _withheld(study))
    yield sheet(study, "Attack", "What an attack on the tables came to", published.attack_audit, _audit(study))
    yield sheet(study, "Rules", "The disclosure rules that the tables passed", published.disclosure_rules, _RULES)
    yield sheet(study, "Screening", "Pieces of text screened before release", published.screening, _SCREENING)


def _compared(study: StudyView) -> Columns:
    return {
        "What": lambda r: named(r["what"]),
        "Question": lambda r: study.label_of(str(r["question"])) or "All",
        "Split by": lambda r: study.label_of(str(r["break"])) or EVERYONE,
        "Sources": lambda r: listed(distinct([r["left_source"], r["right_source"]])) or NONE,
        "Compared": number("compared"),
        "Agreeing": number("agreeing"),
        "Remark": text("note"),
    }


def _cleaning(study: StudyView) -> Columns:
    return {
        "Step": lambda r: spoken(r["step"]) or NONE,
        "Reason": lambda r: capital(r["reason"]) or NONE,
        "Question or column": lambda r: study.label_of(str(r["column"])) or "all",
        "Cells or items": number("cells"),
    }


def _checklists(study: StudyView) -> Sheet:
    columns = ("Checklist", "No.", "Item", "Authors", "Run", "Section of the report", "Status")
    lines = tuple(below_title(study, (), ()))
    return Sheet("Checklists", f"Reporting checklists{status(study)}", lines, columns, tuple(checklist_lines(study)))


_ANSWERED = {"single": "one answer", "multi": "several answers", "number": "a number"}
_VARIABLES: Columns = {
    "Name in the files": text("variable"),
    "Label": text("label"),
    "Role": lambda r: capital(r["role"]),
    "Order": lambda r: value(r["position"]),
    "Wording": text("wording", "no question"),
    "Answered by": lambda r: _ANSWERED[str(r["type"])],
    "Answers or groups": text("values", "numbers"),
    "No answer": text("missing"),
    "Unit": text("unit"),
    "Base": text("base", "no question"),
    "Made from": text("made_from"),
}
_DICTIONARY: Columns = {
    "File": lambda r: f"{r['table']}.csv",
    "What it holds": text("table_title"),
    "Column": text("column"),
    "Type": text("type"),
    "Meaning": text("description"),
    "Values": text("values", "any"),
    "Unit": text("unit"),
    "Out of": text("base"),
    "An empty cell means": text("when_empty", "no cell is empty"),
    "Made from": text("made_from"),
}


def _withheld(study: StudyView) -> Columns:
    return {
        "Table": table_in_words,
        "Question or collection": lambda r: place_in_words(study, r),
        "Split by": lambda r: group_in_words(study, r)[0],
        "Group": lambda r: group_in_words(study, r)[1],
        "Rule": text("rule"),
        "Cells": number("cells"),
    }


def _audit(study: StudyView) -> Columns:
    return {
        "Table": table_in_words,
        "Question or collection": lambda r: place_in_words(study, r),
        "Split by": lambda r: group_in_words(study, r | {"group": ""})[0],
        "Groups hidden": number("groups_hidden"),
        "What the attack came to": lambda r: capital(r["verdict"]),
    }


_RULES: Columns = {
    "Profile": lambda r: capital(r["profile"]),
    "About": text("topic"),
    "Threshold": lambda r: value(r["threshold"], "z"),
    "Of the profile": lambda r: value(r["threshold_of_profile"], "z"),
    "Looser": lambda r: "yes" if r["loosened"] else "no",
    "What it does": text("words"),
}
_SCREENING: Columns = {
    "Where": text("where"),
    "What": lambda r: "pieces of text" if r["kind"] == "strings" else str(r["kind"]),
    "Outcome": text("severity"),
    "Number": number("count"),
}
