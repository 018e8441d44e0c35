"""Whom a question was put to: answers of others are strays, and their empty cells are "not routed".

Questions are routed in the order in which they depend on each other, so that somebody who should not have been asked a
question is not taken to have passed it on. Where routing is unknown (the routing question was left empty, or was on a
day that the respondent missed), an answer is kept and an empty cell is "not routed".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.study.definition import Survey
from plait.survey.questions import NOT_ASKED, Answer
from plait.survey.records import Cells, Records, Source
from plait.survey.variables import IntArray

BoolArray = npt.NDArray[np.bool_]

NOT_ROUTED = "not_routed"
_SAID_NO_OPTION = ("refused", "dont_know", "not_applicable", NOT_ROUTED)
"""Reasons that tell what a routing question was not answered with."""
_NONE = "(none of them)"


def route(
    survey: Survey,
    answers: Mapping[str, Cells[Answer]],
    responses: pd.DataFrame,
    sources: Mapping[str, Source],
    positions: Mapping[str, IntArray],
    records: Records,
) -> dict[str, Cells[Answer]]:
    """The answers to every question after routing.

    Args:
        survey: The survey.
        answers: Of each question, one a respondent.
        responses: The respondents with their profile.
        sources: The exports.
        positions: Of each export, (respondents,) their row there, -1 for none.
        records: Receives a line for every answer of somebody the question was not for.
    """
    routed = dict(answers)
    known = {v: _as_cells(responses[v]) for v in survey.profile if v in responses}
    routing = {s for q in survey.questions.values() for c in q.asked_of for v in c for s in _made_of(survey, v)}
    for name in _in_order(survey, list(answers)):
        question = survey.questions[name]
        barred = np.zeros(len(responses), dtype=bool)
        if question.asked_of:
            conditions = [[(_known(survey, v, known), g) for v, g in c.items()] for c in question.asked_of]
            met = np.logical_or.reduce([_met(condition) for condition in conditions])
            barred = np.logical_and.reduce([_failed(condition) for condition in conditions])
            export = survey.export_of(name)
            not_routed = _not_routed(
                survey, name, answers[name], met, barred, sources[export], positions[export], records
            )
            code = np.where(not_routed, len(answers[name].distinct), answers[name].code)
            routed[name] = Cells(code, [*answers[name].distinct, Answer(why_empty=NOT_ROUTED)])
        if name in routing:
            known[name] = _said(answers[name], routed[name], barred)
    return routed


def _in_order(survey: Survey, questions: list[str]) -> Iterator[str]:
    """The questions, each after those that route to it, otherwise in the order of the definition."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> Iterator[str]:
        if name in done or name in path or name not in questions:
            return
        for condition in survey.questions[name].asked_of:
            for variable in condition:
                for source in _made_of(survey, variable):
                    yield from visit(source, (*path, name))
        if name not in done:
            done.add(name)
            yield name

    for name in questions:
        yield from visit(name, ())


def _made_of(survey: Survey, variable: str) -> list[str]:
    """The profile variables and questions that a variable is made of."""
    if variable in survey.derived:
        return _made_of(survey, survey.derived[variable].source)
    if variable in survey.crosses:
        return [source for part in survey.crosses[variable].of for source in _made_of(survey, part)]
    return [variable]


# --- what is known of a respondent -------------------------------------------------------------------------------------

Known = Cells[str]
"""Of each respondent: a group, words in brackets where it is known to be none of the groups, or nothing."""


def _as_cells(values: pd.Series) -> Known:
    code, distinct = pd.factorize(values, use_na_sentinel=False)
    return Cells(code.astype(np.int64), ["" if pd.isna(value) else str(value) for value in distinct])


def _known(survey: Survey, variable: str, known: Mapping[str, Known]) -> Known:
    """What is known of the respondents on a variable, merged and crossed ones included."""
    if variable in survey.derived:
        derived = survey.derived[variable]
        source = _known(survey, derived.source, known)
        groups = {option: group for group, net in derived.groups.items() for option in net.of}
        return Cells(source.code, [groups.get(option, _NONE) if option else "" for option in source.distinct])
    if variable in survey.crosses:
        first, second = (_known(survey, part, known) for part in survey.crosses[variable].of)
        code = first.code.astype(np.int64) * len(second.distinct) + second.code
        return Cells(code, [f"{a}__{b}" if a and b else "" for a in first.distinct for b in second.distinct])
    return known[variable]


def _said(answers: Cells[Answer], routed: Cells[Answer], barred: BoolArray) -> Known:
    """What each respondent said to a single choice, options outside the base and reasons for no answer included.

    Whoever was kept from the question by routing that is not known has said nothing that is known.
    """
    said = [
        a.options[0] if a.options else f"({a.why_empty})" if a.why_empty in _SAID_NO_OPTION else ""
        for a in answers.distinct
    ]
    not_asked = answers.mark([a.why_empty == NOT_ASKED for a in answers.distinct])
    set_aside = routed.mark([a.why_empty == NOT_ROUTED for a in routed.distinct])
    told = answers.mark([a.why_empty == NOT_ROUTED for a in answers.distinct])
    code = np.where(set_aside & ~told, len(said), answers.code)
    code = np.where(barred & ~not_asked, len(said) + 1, code)
    return Cells(code, [*said, "", f"({NOT_ROUTED})"])


def _met(condition: list[tuple[Known, tuple[str, ...]]]) -> BoolArray:
    """Who is known to meet all parts of a condition."""
    parts = [known.mark([value in groups for value in known.distinct]) for known, groups in condition]
    return np.asarray(np.logical_and.reduce(parts))


def _failed(condition: list[tuple[Known, tuple[str, ...]]]) -> BoolArray:
    """Who is known to fail a part of a condition."""
    parts = [known.mark([value not in ("", *groups) for value in known.distinct]) for known, groups in condition]
    return np.asarray(np.logical_or.reduce(parts))


# --- whom a question was not for ---------------------------------------------------------------------------------------


def _not_routed(
    survey: Survey,
    name: str,
    answers: Cells[Answer],
    met: BoolArray,
    barred: BoolArray,
    source: Source,
    position: IntArray,
    records: Records,
) -> BoolArray:
    """(respondents,) who is "not routed"; strays are logged, and kept, set aside or refused as `stray:` says."""
    question, distinct = survey.questions[name], answers.distinct
    told = answers.mark([a.why_empty in (NOT_ASKED, NOT_ROUTED) for a in distinct])
    stray = barred & answers.mark([a.speaks for a in distinct])
    silent = barred & answers.mark([a.silent for a in distinct])
    # Boxes that were seen and left empty are an answer where routing is not known.
    empty = answers.mark([a.nothing_said or a.why_empty == "skipped" for a in distinct])
    rows = position[stray]
    message = "answered although the question was not for them"
    if question.stray == "refuse":
        mend = "mend `asked_of:`, or say under `stray:` what to do with such answers"
        records.refused(source, name, message, mend, rows)
    else:
        what = "kept" if question.stray == "keep" else "set aside"
        after = "answered" if question.stray == "keep" else NOT_ROUTED
        records.changed("route", f"{message}: {what}", source, name, rows, "answered", after)
    set_aside = stray if question.stray == "set_aside" else np.zeros_like(stray)
    return np.asarray((set_aside | silent | (~met & ~barred & empty)) & ~told)
