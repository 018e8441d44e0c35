"""What the definition and the published tables say to items of reporting checklists, and where in the report it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from plait.report.printing import capital, distinct, printed, printed_days, sentence
from plait.report.sections.coding_record import reader_in_words
from plait.report.sections.methods import duplicates_in_words
from plait.report.sections.opening import weighting_in_short
from plait.report.sections.strands import signature
from plait.report.sections.view import Record, StudyView, grouped
from plait.study.wording import listed
from plait.tables import records

Place = tuple[str, str]
"""Anchor and title of a section of the report."""
_ABOUT: Place = ("about", "About this study")
_FINDINGS: Place = ("survey-findings", "Survey findings")
_SAID: Place = ("what-people-said", "What people said")
_TOGETHER: Place = ("strands-together", "Bringing the strands together")
_METHODS: Place = ("methods", "Methods")
_DESIGN: Place = ("methods-design", "Design")
_DATA: Place = ("methods-survey", "Survey data")
_CODING: Place = ("methods-coding", "Coding")


@dataclass(frozen=True)
class Known:
    """What a run says to an item.

    Attributes:
        text: In sentences; empty where it knows nothing.
        anchor: Of the section that says more.
        place: The title of that section.
        whole: Whether the item is answered by it; if not, the authors have to add what they know.
    """

    text: str = ""
    anchor: str = ""
    place: str = ""
    whole: bool = True


def known(study: StudyView, checklist: str, item: str) -> Known:
    """What a run says to an item of a checklist; nothing where only the authors can know."""
    if (checklist, item) not in _ANSWERS:
        return Known()
    (anchor, title), answer = _ANSWERS[checklist, item]
    text = answer(study)
    return Known(text, anchor, title, (checklist, item) not in _IN_PART) if text else Known()


# --- mixed methods -----------------------------------------------------------------------------------------------------


def _design(study: StudyView) -> str:
    return sentence(study.definition.about.design)


def _sample_and_mode(study: StudyView) -> str:
    about = study.definition.about
    collected = f"Sampling: {sentence(about.sample)} Collection: {sentence(about.mode)}"
    return f"{collected} Analysis: strand by strand, as told there."


def _integration(study: StudyView) -> str:
    if not study.constructs:
        return ""
    judges = listed(distinct(signature(rows[0]) for rows in study.constructs.values()))
    by = f" Judged by {judges}." if judges else ""
    asked = sum(bool(rows[0]["interview_question"]) for rows in study.constructs.values())
    led = f" Of {printed(asked)} of them a result of the survey set a question of the interviews." if asked else ""
    of = f"{printed(len(study.constructs))} constructs"
    return f"In the joint display, after the analysis of each strand: {of}.{led}{by}"


def _insights(study: StudyView) -> str:
    written = [rows for rows in study.constructs.values() if rows[0]["meta_inference"]]
    if not written:
        return ""
    of = f"{printed(len(written))} of {printed(len(study.constructs))} constructs"
    return f"The authors say of {of} what the strands show together."


# --- interviews and focus groups ---------------------------------------------------------------------------------------


def _talks(study: StudyView) -> dict[str, list[Record]]:
    """The theme counts of the collections that are interviews or focus groups."""
    found = study.collections.items()
    return {
        name: rows
        for name, rows in found
        if (defined := study.collection(name)) and defined.mode in ("interview", "focus_group")
    }


def _each(study: StudyView, said: Callable[[str, list[Record]], str]) -> str:
    """What is to be said of each collection, under its name where there are several."""
    talks = _talks(study)
    texts = {str(rows[0]["collection_label"]): said(name, rows) for name, rows in talks.items()}
    return " ".join(f"{label}: {text}" if len(talks) > 1 else capital(text) for label, text in texts.items() if text)


def _sampling(study: StudyView) -> str:
    """Nothing where there is a survey, since its sample is what a definition then describes."""
    return "" if study.definition.survey else sentence(study.definition.about.sample)


def _sample_size(study: StudyView) -> str:
    def said(name: str, rows: list[Record]) -> str:
        unit, counts = next(iter(study.by_unit(name, rows).items()))
        of = next((r["of"] for r in counts if pd.notna(r["of"])), None)
        return f"{printed(of)} {study.units_called(name, unit)}." if of is not None else ""

    return _each(study, said)


def _sample_description(study: StudyView) -> str:
    def said(name: str, _: list[Record]) -> str:
        unit = study.people_unit(name)
        split = [r for r in study.themes if r["collection"] == name and r["by"] and r["unit"] == unit]
        by = grouped(split, lambda r: str(r["by_label"]))
        return " ".join(f"{label}: {listed(_groups(rows))}." for label, rows in by.items())

    return _each(study, said)


def _groups(rows: list[Record]) -> list[str]:
    bases = {str(r["group_label"]): r["of"] for r in rows}
    return [f"{group} ({printed(of)})" for group, of in bases.items()]


_RULES = "combinations of base, run and threshold"


def _saturation(study: StudyView) -> str:
    measured = grouped(records(study.published.saturation), lambda r: str(r["collection"]))

    def said(name: str, _: list[Record]) -> str:
        rows = measured.get(name, [])
        reached = [r for r in rows if pd.notna(r["reached_at"])]
        if not rows:
            return ""
        if not reached:
            return f"measured by new codes in runs of texts; not reached with any of {printed(len(rows))} {_RULES}."
        first = min(int(r["reached_at"]) for r in reached)
        again = sum(pd.notna(r["later_rise"]) for r in reached)
        ways = (
            f"reached with {printed(len(reached))} of {printed(len(rows))} {_RULES}, first after {printed(first)} texts"
        )
        not_for_good = f"; with {printed(again)} of them not for good" if again else ""
        return f"measured by new codes in runs of texts; {ways}{not_for_good}."

    return _each(study, said)


def _coders(study: StudyView) -> str:
    people = grouped(
        (r for r in records(study.published.coders) if r["role"] == "human"), lambda r: str(r["collection"])
    )

    def said(name: str, _: list[Record]) -> str:
        n = len(people.get(name, []))
        return f"{printed(n)} {'person' if n == 1 else 'people'} coded." if n else ""

    return _each(study, said)


def _tree(study: StudyView) -> str:
    def said(_: str, rows: list[Record]) -> str:
        levels = [level for level in ("theme", "code") if _of(rows, level)]
        return f"{' with '.join(_count(rows, level) for level in levels)}."

    return _each(study, said)


def _major(study: StudyView) -> str:
    def said(_: str, rows: list[Record]) -> str:
        return (
            f"{_count(_found(rows), 'theme')} found, each counted, and in the figure ordered by how many speak of it."
        )

    return _each(study, said)


def _minor(study: StudyView) -> str:
    def said(_: str, rows: list[Record]) -> str:
        found = _found(rows)
        return f"{_count(found, 'code')} found, rare ones included, each below its theme." if _of(found, "code") else ""

    return _each(study, said)


def _found(rows: list[Record]) -> list[Record]:
    """Themes and codes that somebody spoke of, those included whose number is withheld."""
    return [r for r in rows if pd.isna(r["n"]) or r["n"] > 0]


def _of(rows: list[Record], level: str) -> list[str]:
    return distinct(r["theme"] for r in rows if r["level"] == level)


def _count(rows: list[Record], level: str) -> str:
    n = len(_of(rows, level))
    return f"{printed(n)} {level}{'' if n == 1 else 's'}"


def _software(study: StudyView) -> str:
    files = grouped(records(study.published.coding_sources), lambda r: str(r["collection"]))

    def said(name: str, _: list[Record]) -> str:
        kinds = distinct(f"{reader_in_words(r)}{_written_by(r)}" for r in files.get(name, []))
        return f"coded in {listed(kinds)}; counted by plait." if kinds else ""

    return _each(study, said)


def _written_by(row: Record) -> str:
    return f" written by {row['tool']}" if row["tool"] else ""


def _quotations(study: StudyView) -> str:
    spoken = grouped(study.quotes, lambda r: str(r["collection"]))

    def said(name: str, _: list[Record]) -> str:
        quotes = spoken.get(name, [])
        named = sum(bool(r["attribution"]) for r in quotes)
        attributed = "all" if named == len(quotes) else f"{printed(named)} of them"
        return f"{printed(len(quotes))} quotations, {attributed} attributed." if quotes else ""

    return _each(study, said)


# --- online surveys ----------------------------------------------------------------------------------------------------


def _whom(study: StudyView) -> str:
    about = study.definition.about
    return f"{sentence(about.population)} {sentence(about.sample)}"


def _mode(study: StudyView) -> str:
    return sentence(study.definition.about.mode)


def _time(study: StudyView) -> str:
    fieldwork = study.definition.about.fieldwork
    whole = " (the whole study, coded text included)" if study.definition.coded_text else ""
    return f"{printed_days(fieldwork.start, fieldwork.end)}{whole}."


def _adaptive(study: StudyView) -> str:
    survey = study.definition.survey
    if survey is None:
        return ""
    routed = sum(bool(q.asked_of) for q in survey.questions.values())
    return f"{printed(routed)} of {printed(len(survey.questions))} questions were put to some respondents only."


def _number_of_questions(study: StudyView) -> str:
    return f"{printed(len(study.questions))} questions are reported here." if study.questions else ""


def _repeated(study: StudyView) -> str:
    survey = study.definition.survey
    return duplicates_in_words(survey.duplicates) if survey and survey.duplicates else ""


def _left_out(study: StudyView) -> str:
    survey = study.definition.survey
    reasons = distinct(exclusion.reason for exclusion in survey.exclusions) if survey else []
    return f"Rows were left out for these reasons: {'; '.join(reasons)}." if reasons else ""


_ANSWERS: dict[tuple[str, str], tuple[Place, Callable[[StudyView], str]]] = {
    ("gramms", "design"): (_DESIGN, _design),
    ("gramms", "methods"): (_METHODS, _sample_and_mode),
    ("gramms", "integration"): (_TOGETHER, _integration),
    ("gramms", "insights"): (_TOGETHER, _insights),
    ("coreq", "sampling"): (_ABOUT, _sampling),
    ("coreq", "sample_size"): (_SAID, _sample_size),
    ("coreq", "sample_description"): (_SAID, _sample_description),
    ("coreq", "saturation"): (_SAID, _saturation),
    ("coreq", "coders"): (_CODING, _coders),
    ("coreq", "coding_tree"): (_SAID, _tree),
    ("coreq", "software"): (_CODING, _software),
    ("coreq", "quotations"): (_SAID, _quotations),
    ("coreq", "major_themes"): (_SAID, _major),
    ("coreq", "minor_themes"): (_SAID, _minor),
    ("cherries", "design"): (_ABOUT, _whom),
    ("cherries", "web_or_mail"): (_ABOUT, _mode),
    ("cherries", "time"): (_ABOUT, _time),
    ("cherries", "adaptive_questions"): (_DATA, _adaptive),
    ("cherries", "questions"): (_FINDINGS, _number_of_questions),
    ("cherries", "other_checks"): (_DATA, _repeated),
    ("cherries", "incomplete_forms"): (_DATA, _left_out),
    ("cherries", "weighting"): (_ABOUT, weighting_in_short),
}
_IN_PART = {("coreq", "sampling"), ("coreq", "software"), ("cherries", "questions"), ("cherries", "incomplete_forms")}
"""Items to which the authors have to add what a run cannot know."""
