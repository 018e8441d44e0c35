"""The opening of the report: what the study is, what it found, and how to read its numbers."""

from __future__ import annotations

import pandas as pd

from plait.report.blocks import Block, Facts, KeyFigure, KeyFigures, Note, Paragraph, Section
from plait.report.headlines import RELIABLE_P
from plait.report.printing import (
    INTERVAL,
    MISSING,
    capital,
    distinct,
    printed,
    printed_days,
    printed_or,
    printed_p,
    sentence,
)
from plait.report.sections.claims import claims_blocks
from plait.report.sections.sizes import sizes
from plait.report.sections.strands import construct_in_words, construct_title
from plait.report.sections.view import Record, StudyView, anchor, backing, per_cent, variants
from plait.study.wording import listed, quoted
from plait.tables import MARKERS

# --- about -------------------------------------------------------------------------------------------------------------


def about_section(study: StudyView) -> Section:
    """What a reader must know before any number, as the British Polling Council asks."""
    about = study.definition.about
    facts = (
        ("Commissioned by", about.commissioned_by),
        ("Conducted by", about.conducted_by),
        ("Population", about.population),
        ("Sample", about.sample),
        ("Mode", about.mode),
        ("Fieldwork", printed_days(about.fieldwork.start, about.fieldwork.end)),
        ("Sizes", "\n".join(f"{f.value} {f.label} ({f.detail})" for f in sizes(study).figures)),
        ("Questions", _questions_in_short(study)),
        ("Weighting", weighting_in_short(study)),
        ("Design", about.design),
        ("Full tables", sentence(about.tables or "In the spreadsheet and the CSV files that come with this report")),
        ("Contact", about.contact),
    )
    return Section("about", "About this study", (*_warnings(study), Facts(tuple(f for f in facts if f[1]))))


def _warnings(study: StudyView) -> tuple[Block, ...]:
    simulated = "The data of this report are simulated: a program made them, and nobody gave these answers."
    internal = "Not for release: small numbers are not withheld in this report."
    loosened = (
        "Loosened disclosure rules: less is withheld in this report than the profile that it was made with asks for."
    )
    rules = study.rules
    apply = (
        (simulated, study.definition.simulated),
        (internal, rules and not rules.released),
        (loosened, rules and rules.released and rules.loosened),
    )
    return tuple(Note(text, "warning") for text, applies in apply if applies)


def _questions_in_short(study: StudyView) -> str:
    if not study.questions:
        return ""
    return (
        "Each question stands word for word at the head of its section, in the order of the questionnaire, with who was "
        "asked it."
    )


def weighting_in_short(study: StudyView) -> str:
    """Whether survey figures are weighted, by what and how."""
    if not study.questions:
        return ""
    if not study.weighted:
        return "None: survey figures describe those who answered."
    variables = distinct(r["variable_label"] for r in study.profile if pd.notna(r["per_cent_target"]))
    survey = study.definition.survey
    described = survey.weighting.description if survey and survey.weighting else ""
    more = f" {sentence(described)}" if described else ""
    return f"Survey figures are weighted{f' by {listed(variables)}' if variables else ''}.{more}"


# --- summary -----------------------------------------------------------------------------------------------------------

_TOGETHER = (
    "Put side by side, the survey and the coded texts say what follows; the numbers behind it, and what the word for the "
    "fit of the two means, stand under \u2018Bringing the strands together\u2019."
)


def summary_section(study: StudyView) -> Section:
    """The authors' sentences, what each question and each collection says first, what the strands say together."""
    findings = [_question_finding(study, question, rows) for question, rows in study.questions.items()]
    findings += [_theme_finding(study, collection, rows) for collection, rows in study.collections.items()]
    blocks: list[Block] = [*claims_blocks(study)]
    blocks += [KeyFigures(tuple(findings), "findings")] if findings else []
    if study.constructs:
        together = tuple((construct_title(rows), construct_in_words(rows)) for rows in study.constructs.values())
        blocks += [Paragraph(_TOGETHER), Facts(together)]
    return Section("summary", "Summary", tuple(blocks))


def _question_finding(study: StudyView, question: str, rows: list[Record]) -> KeyFigure:
    """A question's leading net, where its options are a scale that has nets, or else its leading option."""
    label, place = str(rows[0]["question_label"]), anchor("question", question)
    own = variants(rows)[0]
    total = [r for r in own if not r["break"]]
    nets = [r for r in total if r["measure"] == "net"] if study.is_scale(question) else []
    shown = [r for r in nets or total if pd.notna(r["per_cent"]) and (nets or r["measure"] != "net")]
    if not shown:
        marker = next((r["marker"] for r in total if r["marker"]), MISSING)
        return KeyFigure(printed(None, marker), label, f"no figure can be shown: {MARKERS[marker]}.", place)
    top = max(r["per_cent"] for r in shown)
    leading = [r for r in shown if r["per_cent"] == top]
    multi = (asked := study.question(question)) is not None and asked.type == "multi"
    answers = [r for r in total if r["measure"] != "net" and pd.notna(r["per_cent"])]
    best = not nets and _stands_out(leading[0], answers)
    verb = "gave one of the answers in" if nets else "ticked" if multi else "answered"
    detail = _leading_in_words(leading, verb, best=best)
    spread = _spread_in_words(study, own, leading[0], asked.compare_by) if asked and asked.compare_by else ""
    return KeyFigure(per_cent(leading[0]), label, f"{detail}{spread}", place)


def _stands_out(leading: Record, answers: list[Record]) -> bool:
    """Whether an answer is the first by more than its interval and those of the others leave open, as figures ask."""
    others = [r for r in answers if r is not leading]
    return all(pd.notna(r["ci_high"]) and r["ci_high"] < leading["ci_low"] for r in others)


def _leading_in_words(leading: list[Record], verb: str, *, best: bool) -> str:
    names = listed(quoted(r["option_label"]) for r in leading)
    if len(leading) > 1:
        text = f"{verb} {names}, as many each"
    else:
        text = f"{verb} {names}{', the answer given most' if best else ''}"
    small = " The base is small: read with care." if leading[0]["marker"] == "u" else ""
    return f"{text} ({backing(leading[0])}).{small}"


def _spread_in_words(study: StudyView, rows: list[Record], leading: Record, by: str) -> str:
    """Where the leading answer is given least and most, over the groups that the question is compared by."""
    same = ("option", "measure")
    every = [r for r in rows if r["break"] == by and all(r[c] == leading[c] for c in same)]
    groups = [r for r in every if _reliable(r)]
    if len(groups) < 2:
        return ""
    low, high = min(groups, key=lambda r: r["per_cent"]), max(groups, key=lambda r: r["per_cent"])
    if low["per_cent"] == high["per_cent"]:
        return f" {high['break_label']} makes no difference in whole per cents."
    ends = " to ".join(f"{per_cent(r)} ({r['group_label']}, base {printed(r['base_unweighted'])})" for r in (low, high))
    among = f"By {quoted(high['break_label'])}"
    if len(groups) < len(every):
        among += ", among groups large enough to compare,"
    return f" {among} it runs from {ends}{_test_in_words(study, high)}."


def _reliable(row: Record) -> bool:
    return bool(pd.notna(row["per_cent"])) and row["marker"] in ("", "low")


def _test_in_words(study: StudyView, row: Record) -> str:
    """The test that belongs to a comparison: of the option, or else of all answers together."""
    same = ("question", "break", "grain")
    fitting = [t for t in study.tests if all(t[c] == row[c] for c in same) and pd.notna(t["p_adjusted"])]
    for option, whose in ((row["option"], ""), ("", " for all answers together")):
        for test in fitting:
            if test["option"] == option:
                p = printed_p(test["p_adjusted"])
                clear = "a clear difference" if float(test["p_adjusted"]) < RELIABLE_P else "no clear difference"
                p = p if p.startswith("<") else f"=\u00a0{p}"
                return f", {clear} (adjusted p\u00a0{p}{whose})"
    return ""


def _theme_finding(study: StudyView, collection: str, rows: list[Record]) -> KeyFigure:
    unit, counts = next(iter(study.by_unit(collection, rows).items()))
    themes = [r for r in counts if r["level"] == "theme"] or counts
    shown = [r for r in themes if pd.notna(r["n"])]
    label, place = str(rows[0]["collection_label"]), anchor("collection", collection)
    if not shown:
        return KeyFigure(printed(None, "c"), label, f"no count can be shown: {MARKERS['c']}.", place)
    top = max(r["n"] for r in shown)
    leading = [r for r in shown if r["n"] == top]
    names = listed(quoted(r["theme_label"]) for r in leading)
    share: str = f" ({per_cent(leading[0])})" if pd.notna(leading[0]["per_cent"]) else ""
    which = "the most frequent theme" if len(leading) == 1 else "the most frequent themes, as many each"
    of = f"of {printed_or(leading[0]['of'], leading[0]['marker'])} {study.units_called(collection, unit)}{share}"
    return KeyFigure(printed(top), label, f"{of} speak of {names}, {which}.", place)


# --- how to read -------------------------------------------------------------------------------------------------------


def how_to_read_section(study: StudyView) -> Section:
    """Markers, bases, weights, intervals and rounding, for the kinds of table that this study has."""
    intro = Paragraph("Numbers that need a remark carry a marker in square brackets. No cell of a table is left empty.")
    markers = tuple((f"[{m}]", sentence(capital(meaning))) for m, meaning in MARKERS.items() if m)
    return Section("how-to-read", "How to read this report", (intro, Facts((*markers, *reading_notes(study)))))


def reading_notes(study: StudyView) -> tuple[tuple[str, str], ...]:
    """What bases, weights, intervals, rounding and counts mean here, as pairs of a topic and its explanation."""
    survey = (
        ("Bases", f"{_BASES_WEIGHTED if study.weighted else _BASES}{_CLUSTERED if _clustered(study) else ''}"),
        ("Weights", _WEIGHTED if study.weighted else "There are none: every answer counts the same."),
        ("Intervals", _INTERVALS),
        *((("Nets", _NETS),) if any(r["measure"] == "net" for r in study.estimates) else ()),
        ("Rounding", _ROUNDING),
    )
    return (*(survey if study.questions else ()), *((("Theme counts", _COUNTS),) if study.collections else ()))


def _clustered(study: StudyView) -> bool:
    survey = study.definition.survey
    return survey is not None and survey.design.cluster is not None


_BASES = (
    "The base is who is counted in a per cent; each question says who that is. The unweighted base is the number of "
    "people; without weights the weighted and the effective base are the same number."
)
_BASES_WEIGHTED = (
    "The base is who is counted in a per cent; each question says who that is. The unweighted base is the number of "
    "people, the weighted base the sum of their weights. The effective base is the unweighted one divided by the design "
    "effect of the weights (Kish 1965): what is left of the precision."
)
_CLUSTERED = (
    " The effective base does not know that people were recruited through clusters and that those of one cluster "
    "resemble each other; intervals and tests do, so that intervals can be wider than it suggests."
)
_NETS = (
    "A net, marked (net), counts everyone who gave any of several answers, such as \u2018agree\u2019 or \u2018strongly "
    "agree\u2019."
)
_WEIGHTED = (
    "Per cents are weighted unless a table says otherwise. The table of all answers to a question has the unweighted per "
    "cents beside the weighted ones."
)
_INTERVALS = (
    f"The {INTERVAL} shows how far a figure may lie from the population\u2019s by the luck of who was asked. It does not "
    "cover who could not or would not take part, nor how a question was understood."
)
_ROUNDING = (
    "Per cents are whole; halves are rounded up, once, from the exact figure. They may therefore not add up to 100, and a "
    "net may differ by one from the sum of its parts. Where several answers could be given they add up to more."
)
_COUNTS = (
    "A theme is counted once for each text or person, however often it comes up. One text can hold several themes, so that "
    "counts add up to more than the number of texts. A count says how widespread a theme is among these texts; it "
    "estimates nothing about a population."
)
