"""The published tables as a spreadsheet that people and screen readers can use, one table a sheet.

The sheets follow the UK Analysis Function's rules for accessible spreadsheets: a title in A1, one marked-up table with
one row of unique headings, no merged, empty, hidden or coloured cells, no frozen panes, every shorthand explained above
its table. All text is written as text: a label that looks like a formula, a number or an address stays a label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from plait.disclosure.rules import Rules
from plait.report.blocks import Facts
from plait.report.printing import (
    EVERYONE,
    INTERVAL,
    MISSING,
    capital,
    distinct,
    legend,
    named,
    printed,
    printed_day,
    printed_days,
    sentence,
    spoken,
)
from plait.report.published import Published
from plait.report.sections.agreement import coders_of
from plait.report.sections.checklists import lines as checklist_lines
from plait.report.sections.claims import rounding_in_words
from plait.report.sections.coded_text import in_codebook_order
from plait.report.sections.coding_record import action_in_words, reader_in_words
from plait.report.sections.disclosure import (
    HIDDEN,
    group_in_words,
    rules_in_short,
    rules_in_words,
    subject_in_words,
    table_in_words,
)
from plait.report.sections.methods import method_notes
from plait.report.sections.opening import about_section, reading_notes
from plait.report.sections.sizes import export_label
from plait.report.sections.survey import grain_in_words
from plait.report.sections.view import Record, StudyView, answer, grouped, records, variants
from plait.report.workbook import Sheet, Value, with_safe_names, write_workbook
from plait.study.definition import Definition
from plait.study.wording import base_in_words, listed
from plait.tables import MARKERS

NONE = "none"
"""What a cell says where there is nothing to remark; no cell is empty."""

Columns = dict[str, Callable[[Record], Value]]


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
    return f"{study.definition.title}: tables{_status(study)}"


def _status(study: StudyView) -> str:
    simulated = " (simulated data)" if study.definition.simulated else ""
    return simulated + (f" ({study.rules.mark.lower()})" if study.rules and study.rules.mark else "")


# --- front matter ------------------------------------------------------------------------------------------------------


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


# --- the tables --------------------------------------------------------------------------------------------------------


def _tables(study: StudyView) -> Iterator[Sheet]:
    for tables in (_survey, _coded_text, _strands, _about_the_tables):
        yield from tables(study)


def _survey(study: StudyView) -> Iterator[Sheet]:
    """Who answered, what they answered, and what was tested."""
    published = study.published
    yield _sheet(study, "Row flow", "From the rows of the files to the respondents", published.row_flow, _flow(study))
    yield _sheet(study, "Profile", "Respondents and weighting targets", published.sample_profile, _PROFILE)
    yield _sheet(study, "Weighting", "What weighting did", published.weighting, _WEIGHTING)
    yield _sheet(study, "Weighting notes", "Remarks on the weights", published.weighting_notes, _WEIGHTING_NOTES)
    distribution = published.weight_distribution
    yield _sheet(study, "Weights", "How many respondents carry which weight", distribution, _DISTRIBUTION)
    for name, rows in study.questions.items():
        for variant in variants(rows):
            yield _question(study, name, variant)
    yield _sheet(study, "All estimates", "Every survey estimate, one a row", published.survey_estimates, _ESTIMATES)
    yield _sheet(study, "Numbers", "Means, medians and totals", published.survey_numbers, _NUMBERS)
    yield _sheet(study, "Changes", "Changes between exports", published.survey_changes, _CHANGES)
    yield _sheet(study, "Models", "Models of an outcome", published.survey_models, _MODELS)
    yield _sheet(study, "Tests", "Tests of differences between groups", published.survey_tests, _TESTS)


def _coded_text(study: StudyView) -> Iterator[Sheet]:
    """What people said, and how it was coded."""
    published = study.published
    for collection, rows in grouped(study.themes, lambda r: str(r["collection"])).items():
        label = rows[0]["collection_label"]
        title = f"{label}: themes and codes"
        ordered = chain.from_iterable(
            in_codebook_order(found)
            for found in grouped(rows, lambda r: tuple(r[c] for c in ("by", "group", "unit"))).values()
        )
        few = ["A per cent is given only where there are enough texts or people."]
        yield _sheet(study, f"Themes {label}", title, list(ordered), _themes(study, collection, rows), few)
    yield _sheet(study, "Quotations", "What people said, in their words", published.quotes, _quotes(study))
    yield _sheet(study, "Counting notes", "Remarks on what was counted", published.counting_notes, _COUNTING_NOTES)
    few = ["Pairs that never come together are left out."]
    yield _sheet(study, "Together", "Themes and codes that come together", published.cooccurrence, _pairs(study), few)
    yield _sheet(study, "Saturation", "When new codes become rare", published.saturation, _SATURATION)
    yield _sheet(study, "Codes so far", "How codes accumulate over texts", published.saturation_curve, _CURVE)
    cautions = published.saturation_summary
    yield _sheet(study, "Saturation notes", "What saturation was measured on", cautions, _saturation_facts(study))
    files = published.coding_sources
    yield _sheet(study, "Coding files", "Files of coded text and what became of their codings", files, _CODING_FILES)
    yield _sheet(study, "Coding notes", "Codings left out, and cautions while reading", published.coding_notes, _NOTED)
    steps = published.coding_steps
    yield _sheet(study, "Coding steps", "From the codings in the files to those that count", steps, _CODING_STEPS)
    yield _sheet(study, "Coders", "Who coded, and how much", published.coders, _CODERS)
    settled = published.adjudication
    yield _sheet(study, "Settled", "What coders agreed on, and what was settled", settled, _ADJUDICATION)
    title = "Decisions about the coding, in the order in which they apply"
    yield _sheet(study, "Coding decisions", title, published.decisions, _DECISIONS)
    yield _sheet(study, "Agreement", "Agreement between coders", published.agreement, _AGREEMENT)
    title = "Units to which two coders, or one of them, gave a code"
    yield _sheet(study, "Agreement counts", title, published.agreement_counts, _AGREEMENT_COUNTS)


def _about_the_tables(study: StudyView) -> Iterator[Sheet]:
    """What was checked, changed and withheld, and what every column is."""
    published = study.published
    yield _sheet(
        study, "Reconciliation", "Numbers compared between sources", published.reconciliation, _compared(study)
    )
    yield _sheet(study, "Cleaning", "Cells changed in cleaning", published.cleaning_summary, _CLEANING)
    yield _checklists(study)
    variables = published.survey_variables
    yield _sheet(study, "Variables", "Questions and other variables of the survey", variables, _VARIABLES)
    dictionary = published.data_dictionary
    yield _sheet(
        study, "Data dictionary", "Columns of the CSV files that come with this report", dictionary, _DICTIONARY
    )
    yield _sheet(study, "Withheld", "What disclosure control withheld", published.suppression_log, _withheld(study))
    yield _sheet(study, "Attack", "What an attack on the tables came to", published.attack_audit, _audit(study))
    yield _sheet(study, "Rules", "The disclosure rules that the tables passed", published.disclosure_rules, _RULES)
    yield _sheet(study, "Screening", "Strings screened before they left", published.screening, _SCREENING)


def _strands(study: StudyView) -> Iterator[Sheet]:
    """What brings the strands together, and the sentences of the report."""
    published = study.published
    yield _sheet(
        study, "Joint display", "Survey and coded text, construct by construct", published.joint_display, _JOINT
    )
    yield _sheet(study, "Joined", "People and groups that are in both strands", published.joining, _JOINED)
    title = "The same groups in both strands: survey estimates and theme counts (group-level)"
    yield _sheet(study, "Strands by group", title, published.strands_by_group, _BY_GROUP)
    title = "Survey answers of joined people who speak of a theme and of those who do not"
    unweighted = ["Joined people are no sample: nothing is weighted or tested."]
    yield _sheet(study, "Answers by theme", title, published.statistics_by_theme, _BY_THEME, unweighted)
    yield _sheet(study, "Quote matrix", "Quotations by theme and group", published.quote_matrix, _QUOTE_MATRIX)
    title = "Case-level matrix: not for release"
    yield _sheet(study, "Case level", title, published.case_level, _CASE_LEVEL)
    title = "Survey items and themes that no construct links"
    yield _sheet(study, "Unlinked", title, published.unlinked, _UNLINKED)
    yield _sheet(
        study, "Claims", "The authors\u2019 sentences and where their numbers come from", published.claims, _CLAIMS
    )
    title = "The numbers of the sentences under other choices"
    yield _sheet(study, "Robustness", title, published.robustness, _ROBUSTNESS)


def _quotes(study: StudyView) -> Columns:
    def collection(row: Record) -> Value:
        defined = study.collection(str(row["collection"]))
        return defined.label if defined else str(row["collection"])

    return {
        "Collection": collection,
        "Theme": _text("theme_label"),
        "Words": _text("text"),
        "Attribution": _text("attribution"),
        "Quotation": _text("quote"),
    }


def _sheet(
    study: StudyView,
    name: str,
    title: str,
    table: pd.DataFrame | list[Record],
    columns: Columns,
    lines: Iterable[str] = (),
) -> Sheet:
    found = records(table) if isinstance(table, pd.DataFrame) else table
    rows = tuple(tuple(value(row) for value in columns.values()) for row in found)
    return Sheet(name, f"{title}{_status(study)}", (*lines, *_below_title(study, columns, rows)), tuple(columns), rows)


def _below_title(study: StudyView, columns: Iterable[str], rows: Iterable[tuple[Value, ...]]) -> list[str]:
    """The meaning of the shorthand that a sheet uses, and where its numbers come from."""
    used = legend([*columns, *(v for row in rows for v in row if isinstance(v, str))])
    about = study.definition.about
    source = f"Source: {study.definition.title}; {about.conducted_by}; fieldwork"
    rules = rules_in_short(study) if HIDDEN in used else ""
    return [
        *(line for line in (used, sentence(rules)) if line),
        f"{source} {printed_days(about.fieldwork.start, about.fieldwork.end)}.",
    ]


def _value(value: Any, marker: str = "") -> Value:
    """A number as a number; where there is none, the marker that says why."""
    if pd.isna(value):
        return f"[{marker or MISSING}]"
    return int(value) if float(value).is_integer() else float(value)


def _number(column: str) -> Callable[[Record], Value]:
    return lambda row: _value(row[column], str(row.get("marker", "")))


def _text(column: str, empty: str = NONE) -> Callable[[Record], Value]:
    return lambda row: str(row[column]) or empty


def _of_change(row: Record, share: str, mean: str) -> Value:
    """The figure of a change: of a mean where one is compared, else of a share."""
    return _value(row[mean if row["measure"] == "mean" else share], str(row["marker"]))


def _marker(row: Record) -> Value:
    return f"[{row['marker']}]" if row["marker"] else NONE


def _question(study: StudyView, name: str, rows: list[Record]) -> Sheet:
    """One question: breaks and groups down, answers across."""
    answers = {(r["measure"], r["option"]): _heading(r) for r in rows}
    groups = grouped(rows, lambda r: (str(r["break"]), str(r["group"])))
    columns = ("Split by", "Group", *answers.values(), *_BASES.values(), "Marker")
    body = tuple(_group_row(list(answers), found) for found in groups.values())
    asked, survey = study.question(name), study.definition.survey
    wording = [asked.text, base_in_words(survey, name)] if asked and survey else []
    weighted = any(r["weight_set"] for r in rows)
    kind = f"{'Weighted' if weighted else 'Unweighted'} per cents from {grain_in_words(rows)}"
    more = f"{kind}. The sheet All estimates has the {INTERVAL}s and the unweighted per cents."
    label = str(rows[0]["question_label"])
    other = "" if rows[0]["grain"] == "respondent" or len(variants(study.questions[name])) == 1 else "Vendor, "
    title = f"{other}{label}: per cent of each group{_status(study)}"
    lines = (*wording, more, *_below_title(study, columns, body))
    return Sheet(f"{other}{label}", title, tuple(lines), columns, body)


def _checklists(study: StudyView) -> Sheet:
    columns = ("Checklist", "No.", "Item", "Authors", "Run", "Section of the report", "Status")
    lines = tuple(_below_title(study, (), ()))
    return Sheet("Checklists", f"Reporting checklists{_status(study)}", lines, columns, tuple(checklist_lines(study)))


_BASES = {
    "base_unweighted": "Unweighted base",
    "base_weighted": "Weighted base",
    "base_effective": "Effective base",
}


def _heading(row: Record) -> str:
    return f"{answer(row)} (%)"


def _group_row(answers: list[tuple[Any, Any]], rows: list[Record]) -> tuple[Value, ...]:
    cells = {(r["measure"], r["option"]): r for r in rows}
    names = (str(rows[0]["break_label"]) if rows[0]["break"] else EVERYONE, str(rows[0]["group_label"]) or EVERYONE)
    found = (cells.get(answer) for answer in answers)
    shares = (_value(r["per_cent"], str(r["marker"])) if r else f"[{MISSING}]" for r in found)
    return (*names, *shares, *(_base(rows, base) for base in _BASES), _group_marker(rows))


def _base(rows: list[Record], column: str) -> Value:
    """The base of a group; from least to most where it differs between answers."""
    known = [r[column] for r in rows if pd.notna(r[column])]
    if not known:
        return _value(None, next((str(r["marker"]) for r in rows if pd.isna(r["per_cent"])), ""))
    return _value(known[0]) if min(known) == max(known) else f"{printed(min(known))} to {printed(max(known))}"


def _group_marker(rows: list[Record]) -> str:
    """The marker of a group; where only some of its numbers carry one, which."""
    marked = grouped((r for r in rows if r["marker"]), lambda r: str(r["marker"]))
    many = [r for r in rows if r["marker"] != "low"]
    parts = [
        f"[{marker}]" if len(found) == len(many) else f"[{marker}] {listed(str(r['option_label']) for r in found)}"
        for marker, found in marked.items()
    ]
    return "; ".join(parts) or NONE


def _flow(study: StudyView) -> Columns:
    return {
        "File": lambda r: export_label(study, str(r["file"])) or NONE,
        "Step": lambda r: capital(r["reason"] or r["step"]) or NONE,
        "Rows in": _number("rows_in"),
        "Rows left out": _number("rows_dropped"),
        "Rows kept": _number("rows_out"),
    }


def _themes(study: StudyView, collection: str, rows: list[Record]) -> Columns:
    labels = {r["theme"]: str(r["theme_label"]) for r in rows}
    return {
        "Split by": lambda r: str(r["by_label"]) if r["by"] else EVERYONE,
        "Group": lambda r: str(r["group_label"]) or EVERYONE,
        "Counted": lambda r: capital(study.units_called(collection, str(r["unit"]))),
        "Theme": lambda r: labels.get(r["parent"]) or labels[r["theme"]],
        "Code": lambda r: str(r["theme_label"]) if r["level"] == "code" else "whole theme",
        "Number": _number("n"),
        "Out of": _number("of"),
        "Per cent": _number("per_cent"),
        "Marker": _marker,
    }


def _pairs(study: StudyView) -> Columns:
    return {
        "Collection": _text("collection_label"),
        "Level": lambda r: capital(r["level"]),
        "First": _text("code_a_label"),
        "Second": _text("code_b_label"),
        "Counted": lambda r: capital(study.units_called(str(r["collection"]), str(r["unit"]))),
        "Relation of segments": _text("relation"),
        "With first": _number("n_a"),
        "With second": _number("n_b"),
        "With both": _number("n_both"),
        "Out of": _number("n_units"),
        "Jaccard": _number("jaccard"),
        "Phi": _number("phi"),
        "c": _number("c"),
        "Marker": _marker,
        "Remark": _text("note"),
    }


def _saturation_facts(study: StudyView) -> Columns:
    return {
        "Collection": _text("collection_label"),
        "Counted": lambda r: capital(study.units_called(str(r["collection"]), str(r["unit"]))),
        "Number": _number("n_units"),
        "Codes": _number("n_codes"),
        "In the first (%)": _number("first_share"),
        "Codes found once": _number("once"),
        "Chao2": _number("chao2"),
        "Order": _text("order", "that of the files"),
        "Random orders": _number("orders"),
        "Remark": _text("note"),
    }


def _compared(study: StudyView) -> Columns:
    return {
        "What": lambda r: named(r["what"]),
        "Question": lambda r: study.label_of(str(r["question"])) or "All",
        "Split by": lambda r: study.label_of(str(r["break"])) or EVERYONE,
        "Sources": lambda r: listed(distinct([r["left_source"], r["right_source"]])) or NONE,
        "Compared": _number("compared"),
        "Agreeing": _number("agreeing"),
        "Remark": _text("note"),
    }


def _withheld(study: StudyView) -> Columns:
    return {
        "Table": table_in_words,
        "Question or collection": lambda r: subject_in_words(study, r),
        "Split by": lambda r: group_in_words(study, r)[0],
        "Group": lambda r: group_in_words(study, r)[1],
        "Rule": _text("rule"),
        "Cells": _number("cells"),
    }


def _audit(study: StudyView) -> Columns:
    return {
        "Table": table_in_words,
        "Question or collection": lambda r: subject_in_words(study, r),
        "Split by": lambda r: group_in_words(study, r | {"group": ""})[0],
        "Groups hidden": _number("groups_hidden"),
        "Groups attacked": _number("groups_attacked"),
        "What the attack came to": lambda r: capital(r["verdict"]),
    }


_RULES: Columns = {
    "Profile": lambda r: capital(r["profile"]),
    "About": _text("topic"),
    "Threshold": lambda r: _value(r["threshold"], "z"),
    "Of the profile": lambda r: _value(r["threshold_of_profile"], "z"),
    "Looser": lambda r: "yes" if r["loosened"] else "no",
    "What it does": _text("words"),
}


_PROFILE: Columns = {
    "Characteristic": _text("variable_label"),
    "Group": _text("group_label"),
    "Unweighted base": _number("base_unweighted"),
    "Unweighted (%)": _number("per_cent_unweighted"),
    "Weighted (%)": _number("per_cent_weighted"),
    "Target (%)": _number("per_cent_target"),
    "Source of the target": _text("target_source", "no target"),
    "Grade of the target": _text("target_grade", "no target"),
    "Marker": _marker,
}
_WEIGHTING: Columns = {
    "Weight set": _text("weight_set_label"),
    "Measure": lambda r: named(r["measure"]),
    "Value": _number("value"),
}
_ESTIMATES: Columns = {
    "Question": _text("question_label"),
    "Answer": _text("option_label"),
    "Measure": lambda r: capital(r["measure"]),
    "Split by": lambda r: str(r["break_label"]) if r["break"] else EVERYONE,
    "Group": _text("group_label", EVERYONE),
    "From": lambda r: capital(grain_in_words([r])),
    "Per cents are": lambda r: "weighted" if r["weight_set"] else "unweighted",
    "Per cent": _number("per_cent"),
    f"{INTERVAL} from": _number("ci_low"),
    f"{INTERVAL} to": _number("ci_high"),
    "Per cent unweighted": _number("per_cent_unweighted"),
    **{heading: _number(base) for base, heading in _BASES.items()},
    "Method of the interval": lambda r: named(r["method"]) or NONE,
    "Letter of the group": _text("letter"),
    "Higher than the groups": _text("higher_than"),
    "Marker": _marker,
    "Remark": _text("note"),
}
_NUMBERS: Columns = {
    "Question": _text("question_label"),
    "Measure": lambda r: capital(str(r["measure"]).replace("_", " ")),
    "Unit": _text("unit"),
    "Split by": lambda r: str(r["break_label"]) if r["break"] else EVERYONE,
    "Group": _text("group_label", EVERYONE),
    "Values are": lambda r: "weighted" if r["weight_set"] else "unweighted",
    "Value": _number("value"),
    f"{INTERVAL} from": _number("ci_low"),
    f"{INTERVAL} to": _number("ci_high"),
    "Unweighted value": _number("value_unweighted"),
    **{heading: _number(base) for base, heading in _BASES.items()},
    "Method of the interval": lambda r: named(r["method"]) or NONE,
    "Marker": _marker,
    "Remark": _text("note"),
}
_CHANGES: Columns = {
    "Question": _text("question_label"),
    "Answer": _text("option_label"),
    "Since": _text("earlier_label"),
    "Figures are": lambda r: "means" if r["measure"] == "mean" else "per cents",
    "Before": lambda r: _of_change(r, "per_cent_earlier", "value_earlier"),
    "Now": lambda r: _of_change(r, "per_cent", "value"),
    "Change": lambda r: _of_change(r, "points", "difference"),
    f"{INTERVAL} from": _number("ci_low"),
    f"{INTERVAL} to": _number("ci_high"),
    "p": _number("p"),
    "Adjusted p": _number("p_adjusted"),
    "Base before": _number("base_earlier"),
    "Base now": _number("base"),
    "In both": _number("base_both"),
    "Marker": _marker,
    "Remark": _text("note"),
}
_MODELS: Columns = {
    "Model": _text("model_label"),
    "Characteristic": _text("variable_label"),
    "Group": _text("group_label"),
    "Compared with": _text("reference_label"),
    "Effect is": lambda r: "odds ratio" if r["kind"] == "logistic" else "difference",
    "Effect": _number("effect"),
    f"{INTERVAL} from": _number("ci_low"),
    f"{INTERVAL} to": _number("ci_high"),
    "p": _number("p"),
    "p of the characteristic": _number("p_variable"),
    "Unweighted base": _number("base_unweighted"),
    "In the model": _number("n"),
    "Marker": _marker,
    "Remark": _text("note"),
}
_WEIGHTING_NOTES: Columns = {
    "Weight set": _text("weight_set_label"),
    "Remark": _text("text"),
    "Respondents": _number("respondents"),
    "Marker": _marker,
}
_DISTRIBUTION: Columns = {
    "Weight set": _text("weight_set_label"),
    "Weight from (times the mean)": _number("low"),
    "Weight below (times the mean)": _number("high"),
    "Respondents": _number("respondents"),
    "Marker": _marker,
}
_TESTS: Columns = {
    "Question": _text("question_label"),
    "Answer": _text("option_label", "all answers together"),
    "Split by": _text("break_label"),
    "From": lambda r: capital(grain_in_words([r])),
    "Test": lambda r: named(r["method"]) or "no test",
    "Statistic": _number("statistic"),
    "Degrees of freedom": _number("df1"),
    "Second degrees of freedom": _number("df2"),
    "p": _number("p"),
    "Adjusted p": _number("p_adjusted"),
    "Effect size": _number("effect"),
    f"{INTERVAL} of it from": _number("effect_low"),
    f"{INTERVAL} of it to": _number("effect_high"),
    "Effect size is": lambda r: named(r["effect_name"]) or NONE,
    "Marker": _marker,
    "Remark": _text("note"),
}
_COUNTING_NOTES: Columns = {
    "Collection": _text("collection_label"),
    "Code": _text("code_label", "all codes"),
    "Remark": _text("text"),
    "Number": _number("n"),
    "Out of": _number("of"),
    "Marker": _marker,
}
_SATURATION: Columns = {
    "Collection": _text("collection_label"),
    "Base": _number("base"),
    "Run": _number("run"),
    "Threshold (%)": _number("threshold"),
    "Codes in base": _number("codes_in_base"),
    "Reached after": _number("reached_at"),
    "Above again after": _number("later_rise"),
    "Random orders (%)": _number("share_of_orders"),
    "Median after": _number("median_of_orders"),
    "Remark": _text("note"),
}
_CURVE: Columns = {
    "Collection": _text("collection_label"),
    "Texts": _number("n"),
    "New codes": _number("new"),
    "Codes so far": _number("codes_in_order"),
    "Mean of all orders": _number("mean"),
    "2.5% of random orders": _number("low"),
    "97.5% of random orders": _number("high"),
}
_AGREEMENT: Columns = {
    "Collection": _text("collection_label"),
    "Coders": coders_of,
    "Compared by": _text("unit"),
    "Code": _text("code_label"),
    "Coefficient": lambda r: named(r["coefficient"]),
    "Value": _number("value"),
    f"{INTERVAL} from": _number("low"),
    f"{INTERVAL} to": _number("high"),
    "Units": _number("n_units"),
    "Texts": _number("n_sources"),
    "Remark": _text("note"),
}
_AGREEMENT_COUNTS: Columns = {
    "Collection": _text("collection_label"),
    "First coder": _text("coder_a"),
    "Second coder": _text("coder_b"),
    "Compared by": _text("unit"),
    "Code": _text("code_label"),
    "Both": _number("both"),
    "First only": _number("only_a"),
    "Second only": _number("only_b"),
    "Neither": _number("neither"),
    "With the code, mean of the two (%)": _number("prevalence"),
}
_CODING_FILES: Columns = {
    "Collection": _text("collection_label"),
    "File": _text("file"),
    "Kind": lambda r: capital(reader_in_words(r)),
    "Written by": _text("tool", "not said"),
    "Positions count": _text("offset_convention", "no positions"),
    "Codings": _number("codings_in"),
    "Used": _number("active"),
    "Left out": _number("excluded"),
    "Without a place": _number("unresolved"),
}
_NOTED: Columns = {
    "Collection": _text("collection_label"),
    "Kind": lambda r: spoken(r["kind"]),
    "Remark": lambda r: capital(r["text"]),
    "Number": _number("n"),
}
_CODING_STEPS: Columns = {
    "Collection": _text("collection_label"),
    "Step": lambda r: capital(r["step"]),
    "Codings in": _number("segments_in"),
    "Added": _number("segments_added"),
    "Removed": _number("segments_removed"),
    "Codings out": _number("segments_out"),
    "Marker": _marker,
}
_CODERS: Columns = {
    "Collection": _text("collection_label"),
    "Coder": _text("coder"),
    "Role": lambda r: capital(r["role"]),
    "Counted": lambda r: "yes" if r["counted"] else "no",
    "Texts given": _number("sources_assigned"),
    "Texts coded": _number("sources_coded"),
    "Codings": _number("segments"),
}
_ADJUDICATION: Columns = {
    "Collection": _text("collection_label"),
    "Compared by": _text("unit"),
    "Units of two coders or more": _number("n_units"),
    "Coded alike": _number("units_alike"),
    "Coded alike (%)": _number("per_cent_alike"),
    "Codes agreed on": _number("agreed"),
    "Codes by the only coder asked": _number("alone"),
    "Codes in dispute": _number("disputed"),
    "Settled: given": _number("accepted"),
    "Settled: not given": _number("rejected"),
    "Left open": _number("open"),
    "Dropped although agreed on": _number("overruled"),
    "Given by nobody before": _number("added"),
    "Settled codes": _number("settled"),
}
_DECISIONS: Columns = {
    "Number": _number("number"),
    "Date": lambda r: printed_day(str(r["date"])),
    "Decision": action_in_words,
    "Collection": _text("collection_label"),
    "Code": _text("code_label"),
    "Into": _text("into_labels"),
    "Why": _text("why"),
    "Codings before": _number("segments_before"),
    "Changed": _number("segments_changed"),
    "Added": _number("segments_added"),
    "Removed": _number("segments_removed"),
    "Texts touched": _number("sources_touched"),
    "Marker": _marker,
}
_JOINT: Columns = {
    "Construct": lambda r: str(r["label"] or r["construct"]),
    "Strand": lambda r: spoken(r["strand"]),
    "From": _text("origin_label"),
    "Item": _text("item_label"),
    "Per cents are": lambda r: "weighted" if r["weight_set"] else "unweighted",
    "Per cent": _number("per_cent"),
    f"{INTERVAL} from": _number("ci_low"),
    f"{INTERVAL} to": _number("ci_high"),
    "Number": _number("n"),
    "Base": _number("of"),
    "Marker": _marker,
    "Remark": _text("note"),
    "Interview question": _text("interview_question"),
    "Fit": lambda r: capital(r["fit"]) or "not yet judged",
    "What the strands say together": _text("meta_inference", "not yet written"),
    "Rationale": _text("rationale"),
    "Author": _text("author"),
    "Date": lambda r: printed_day(str(r["date"])) if r["date"] else NONE,
}
_CLAIMS: Columns = {
    "Sentence": _text("sentence"),
    "Printed": _text("printed"),
    "Cell": _text("cell"),
    "Published table": lambda r: spoken(r["table"]),
    "Rounded": rounding_in_words,
    "Unit": lambda r: spoken(r["unit"]),
    "Value": _number("value"),
    f"{INTERVAL} from": _number("ci_low"),
    f"{INTERVAL} to": _number("ci_high"),
    "Base": _number("base"),
    "Construct": _text("construct"),
    "Marker": _marker,
    "Remark": _text("note"),
}
_ROBUSTNESS: Columns = {
    "Printed": _text("printed"),
    "Cell": _text("cell"),
    "Choice": _text("alternative", "as reported"),
    "Unit": lambda r: spoken(r["unit"]),
    "Value": _number("value"),
    f"{INTERVAL} from": _number("ci_low"),
    f"{INTERVAL} to": _number("ci_high"),
    "Base": _number("base"),
    "Difference": _number("difference"),
    f"In the reported {INTERVAL}": _text("inside", "not told"),
    "Marker": _marker,
    "Remark": _text("note"),
}
_JOINED: Columns = {
    "Collection": _text("collection_label"),
    "Joined by": lambda r: "people" if r["how"] == "people" else "groups",
    "Attribute": _text("by_label"),
    "Variable of the survey": _text("variable_label"),
    "Cases": _number("cases"),
    "Joined": _number("joined"),
    "No consent": _number("no_consent"),
    "No id": _number("no_id"),
    "Left out by cleaning": _number("not_in_survey"),
    "In none of the groups": _number("no_group"),
    "Marker": _marker,
}
_BY_GROUP: Columns = {
    "Construct": lambda r: str(r["label"] or r["construct"]),
    "Split by": _text("variable_label"),
    "Group": _text("group_label"),
    "Strand": lambda r: spoken(r["strand"]),
    "From": _text("origin_label"),
    "Item": _text("item_label"),
    "Per cents are": lambda r: "weighted" if r["weight_set"] else "unweighted",
    "Per cent": _number("per_cent"),
    f"{INTERVAL} from": _number("ci_low"),
    f"{INTERVAL} to": _number("ci_high"),
    "Number": _number("n"),
    "Base": _number("of"),
    "Marker": _marker,
    "Remark": _text("note"),
}
_BY_THEME: Columns = {
    "Construct": lambda r: str(r["label"] or r["construct"]),
    "Collection": _text("collection_label"),
    "Theme": _text("theme_label"),
    "People": lambda r: "speak of it" if r["spoken"] else "do not",
    "Question": _text("question_label"),
    "Answer": _text("option_label"),
    "Per cent": _number("per_cent"),
    "Mean": _number("mean"),
    "Base": _number("base"),
    "Marker": _marker,
}
_QUOTE_MATRIX: Columns = {
    "Collection": _text("collection_label"),
    "Theme": _text("theme_label"),
    "Split by": _text("by_label"),
    "Group": _text("group_label"),
    "Number": _number("n"),
    "Out of": _number("of"),
    "Marker": _marker,
    "Words": _text("text"),
    "Attribution": _text("attribution"),
}
_CASE_LEVEL: Columns = {
    "Collection": _text("collection_label"),
    "Case": _number("number"),
    "Construct": lambda r: str(r["label"] or r["construct"]),
    "Strand": lambda r: spoken(r["strand"]),
    "From": _text("origin_label"),
    "Item": _text("item_label"),
    "Chosen or spoken of": _number("value"),
}
_UNLINKED: Columns = {
    "Strand": lambda r: spoken(r["strand"]),
    "From": _text("origin_label"),
    "Item": _text("item_label", "the whole question"),
}
_CLEANING: Columns = {
    "Step": lambda r: spoken(r["step"]) or NONE,
    "Reason": lambda r: capital(r["reason"]) or NONE,
    "Column of the file": _text("column", "all"),
    "Cells": _number("cells"),
}
_ANSWERED = {"single": "one answer", "multi": "several answers", "number": "a number"}
_VARIABLES: Columns = {
    "Name in the files": _text("variable"),
    "Label": _text("label"),
    "Role": lambda r: capital(r["role"]),
    "Order": lambda r: _value(r["position"]),
    "Wording": _text("wording", "no question"),
    "Answered by": lambda r: _ANSWERED[str(r["type"])],
    "Answers or groups": _text("values", "numbers"),
    "No answer": _text("missing"),
    "Unit": _text("unit"),
    "Base": _text("base", "no question"),
    "Made from": _text("made_from"),
}
_DICTIONARY: Columns = {
    "File": lambda r: f"{r['table']}.csv",
    "What it holds": _text("table_title"),
    "Column": _text("column"),
    "Type": _text("type"),
    "Meaning": _text("description"),
    "Values": _text("values", "any"),
    "Unit": _text("unit"),
    "Out of": _text("base"),
    "An empty cell means": _text("when_empty", "no cell is empty"),
    "Made from": _text("made_from"),
}
_SCREENING: Columns = {
    "Where": _text("where"),
    "What": _text("kind"),
    "Kind": _text("severity"),
    "Number": _number("count"),
}
