"""Bringing the strands together: the joint display, and the displays that follow from the same linking file."""

from __future__ import annotations

import pandas as pd

from plait.report.blocks import Block, Cell, Facts, Note, Paragraph, Row, Section
from plait.report.printing import capital, distinct, printed_day, printed_or, sentence
from plait.report.sections.strand_groups import groups_section, survey_number
from plait.report.sections.strand_people import people_section
from plait.report.sections.strand_words import quotes_section, unlinked_section
from plait.report.sections.view import Record, StudyView, backing, count_of, noted, per_cent, table, words
from plait.study.wording import listed, quoted

_INTRO = (
    "Each row is one construct that both strands speak of. Its numbers are those of the sections above. The fit of the "
    "strands, and what is concluded from it, are judgements; each bears the name of its author and a date."
)
_CHAIN = (
    "The survey came first, and its results set questions of the interviews. Each row leads from a result over the "
    "question that it led to, to what people spoke of and what is concluded."
)
_FITS = {
    "confirmation": "The strands point the same way.",
    "expansion": "One strand adds what the other could not show.",
    "discordance": "The strands contradict each other.",
    "silence": "One strand speaks of it and the other does not.",
}


def strands_section(study: StudyView) -> Section:
    """The joint display: figure, table and what the fits mean."""
    section = Section("strands-together", "Bringing the strands together")
    if not study.constructs:
        return section
    columns = words("Construct", "Survey", "Coded text", "Fit", "What the strands say together")
    notes = noted(r for rows in study.constructs.values() for r in rows)
    display = table(
        "Joint display of survey and coded text",
        columns,
        (_row(study, rows) for rows in study.constructs.values()),
        notes=notes,
    )
    blocks: tuple[Block, ...] = (Paragraph(_INTRO), *_fits(study), *study.figure("joint_display"), display)
    blocks += _not_judged(study)
    parts = (
        _chain(study),
        *(write(study) for write in (groups_section, people_section, quotes_section, unlinked_section)),
    )
    return Section(section.anchor, section.title, blocks, tuple(part for part in parts if part.blocks))


def _not_judged(study: StudyView) -> tuple[Block, ...]:
    """Constructs with an inference and no fit: told, because a reader would take the one for the other."""
    found = [rows for rows in study.constructs.values() if rows[0]["meta_inference"] and not rows[0]["fit"]]
    if not found:
        return ()
    named = listed(quoted(construct_title(rows)) for rows in found)
    return (Note(f"An inference is drawn, but how the strands fit has not been judged yet: {named}.", "warning"),)


def _chain(study: StudyView) -> Section:
    """The explanatory chain: from a result of the survey over the question that it led to, to what follows."""
    asked = [rows for rows in study.constructs.values() if rows[0]["interview_question"]]
    section = Section("strands-chain", "From the survey’s results to the interviews")
    if not asked:
        return section
    columns = words("Construct", "The survey showed", "So interviews asked", "People spoke of", "What follows")
    body = []
    for rows in asked:
        construct, survey, texts, _, inference = _row(study, rows).cells
        asking = Cell(str(rows[0]["interview_question"]))
        body.append(Row((construct, survey, asking, texts, inference)))
    notes = noted(r for rows in asked for r in rows)
    display = table(
        "Explanatory chain: survey result, interview question, theme, inference", columns, body, notes=notes
    )
    return Section(section.anchor, section.title, (Paragraph(_CHAIN), display))


def construct_title(rows: list[Record]) -> str:
    """The printed name of a construct."""
    return str(rows[0]["label"] or rows[0]["construct"])


def construct_in_words(rows: list[Record]) -> str:
    """A construct in the summary: fit and inference with its author or, where none is written, the numbers."""
    first = rows[0]
    fit = f"{capital(first['fit'])}." if first["fit"] else "Not yet judged."
    signed = f" ({signature(first)})" if signature(first) else ""
    inference = f"{str(first['meta_inference']).strip().rstrip('.')}{signed}." if first["meta_inference"] else ""
    return f"{fit} {inference or sentence('; '.join(map(_short_item, rows)))}"


def signature(row: Record) -> str:
    """Who judged a construct, and when."""
    day = printed_day(str(row["date"])) if row["date"] else ""
    return ", ".join(part for part in (str(row["author"]), day) if part)


def _row(study: StudyView, rows: list[Record]) -> Row:
    first = rows[0]
    survey = "\n".join(_item(r) for r in rows if r["strand"] == "survey")
    texts = "\n".join(_item(r) for r in rows if r["strand"] != "survey")
    reasons = (sentence(str(first["rationale"])), sentence(signature(first)))
    return Row(
        (
            Cell(construct_title(rows)),
            Cell(survey or "No survey item"),
            Cell(texts or "No theme", _in_words(study, rows)),
            Cell(capital(first["fit"]) or "Not yet judged"),
            Cell(str(first["meta_inference"]) or "Not yet written", " ".join(r for r in reasons if r)),
        )
    )


def _in_words(study: StudyView, rows: list[Record]) -> str:
    """The first approved quotation of a theme of the construct, as an example; empty where there is none."""
    themes = {(r["origin"], r["item"]) for r in rows if r["strand"] != "survey"}
    said = next((q for q in study.quotes if (q["collection"], q["theme"]) in themes), None)
    return f"\u201c{said['text']}\u201d ({said['attribution']})" if said else ""


def _item(row: Record) -> str:
    """One survey item or theme: its number, its name, and what stands behind the number."""
    name = f"{quoted(row['item_label'])}, {row['origin_label']}"
    if row["strand"] == "survey":
        return f"{_number(row)} {name}{_behind(row)}"
    return f"{_number(row)} {name}"


def _behind(row: Record) -> str:
    return f" ({backing(row, base='of')})" if pd.notna(row["per_cent"]) else ""


def _short_item(row: Record) -> str:
    origin = f", {row['origin_label']}"
    base = f" (base {printed_or(row['of'], row['marker'])})" if row["strand"] == "survey" else ""
    return f"{_number(row)} {quoted(row['item_label'])}{base or origin}"


def _number(row: Record) -> str:
    if row["strand"] == "survey":
        return survey_number(row)
    return f"{count_of(row)}{f' ({per_cent(row)})' if pd.notna(row['per_cent']) else ''}"


def _fits(study: StudyView) -> tuple[Block, ...]:
    used = distinct(str(rows[0]["fit"]).strip().casefold() for rows in study.constructs.values())
    meanings = tuple((capital(fit), meaning) for fit, meaning in _FITS.items() if fit in used)
    return (Facts(meanings),) if meanings else ()
