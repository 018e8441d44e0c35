"""Declared alternatives as changed copies of a study, which the strands then analyse by their own functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from plait.study import Study
from plait.study.definition import (
    Collection,
    Net,
    Option,
    OtherBase,
    OtherTrimming,
    Question,
    Survey,
    TargetsWithout,
    Trim,
    Unweighted,
)
from plait.survey.variables import export_column, missing_column, option_column

OfWeights = Unweighted | OtherTrimming | TargetsWithout


def with_survey(study: Study, survey: Survey) -> Study:
    """The study with another survey."""
    return replace(study, definition=study.definition.model_copy(update={"survey": survey}))


def with_other_weights(study: Study, other: OfWeights) -> Study:
    """The study without weights, with other limits of trimming, or without the targets of a variable."""
    survey = study.definition.survey
    assert survey is not None
    assert survey.weighting is not None
    match other:
        case Unweighted():
            return with_survey(study, survey.model_copy(update={"weighting": None}))
        case TargetsWithout():
            return replace(study, targets=tuple(t for t in study.targets if t.variable != other.variable))
    limited = other.lower is not None or other.upper is not None
    trim = Trim(lower=other.lower, upper=other.upper, while_raking=survey.weighting.trim.while_raking and limited)
    weighting = survey.weighting.model_copy(update={"trim": trim})
    return with_survey(study, survey.model_copy(update={"weighting": weighting}))


def with_other_base(study: Study, other: OtherBase) -> Study:
    """The study with options counted in the base of a question, or left out of it."""
    survey = study.definition.survey
    assert survey is not None
    changed = {name: _with_options(survey, name, other) for name in (*other.counted, *other.left_out)}
    return with_survey(study, survey.model_copy(update={"questions": survey.questions | changed}))


def _with_options(survey: Survey, name: str, other: OtherBase) -> Question:
    """A question with options of its own, even where it shares those of a scale with others."""
    counted, left_out = other.counted.get(name, ()), other.left_out.get(name, ())
    options: dict[str, Option] = {}
    for key, option in survey.options_of(name).items():
        update: dict[str, object] = {}
        if key in counted:
            update = {"in_base": True}
        elif key in left_out:
            update = {"no_answer": option.no_answer or "not_applicable", "in_base": False}
        options[key] = option.model_copy(update=update)
    nets: dict[str, Net] = {}
    for key, net in survey.nets_of(name).items():
        if kept := tuple(option for option in net.of if option not in left_out):
            nets[key] = net.model_copy(update={"of": kept})
    return survey.questions[name].model_copy(update={"scale": None, "options": options, "nets": nets})


def counted_from(study: Study, collection: str, coder: str) -> Study:
    """The study with a collection counted from one coder's own coding."""
    coded = study.definition.coded_text
    assert coded is not None
    spec: Collection = coded.collections[collection]
    collections = coded.collections | {collection: spec.model_copy(update={"count_from": coder, "adjudication": None})}
    coded = coded.model_copy(update={"collections": collections})
    return replace(study, definition=study.definition.model_copy(update={"coded_text": coded}))


def of_those_with_a_weight(responses: pd.DataFrame, weights: pd.DataFrame, exports: Iterable[str]) -> pd.DataFrame:
    """The responses, in which nobody is in an export who has no weight in it: to do without weights is one choice, to
    speak of other people another."""
    kept = {export_column(e): responses[export_column(e)] & weights[e].notna() for e in exports}
    return responses.assign(**kept)


def about(study: Study, questions: Iterable[str], breaks: Iterable[str]) -> Study:
    """The study with these questions and breaks only, and the questions that they depend on."""
    survey = study.definition.survey
    assert survey is not None
    breaks = set(breaks)
    needed: set[str] = set()
    for name in (*questions, *breaks):
        _need(survey, name, needed)
    kept = {name: q for name, q in survey.questions.items() if name in needed}
    smaller = survey.model_copy(
        update={
            "questions": kept,
            "breaks": tuple(name for name in survey.breaks if name in breaks),
            "models": {},
            "breakdowns": {},
        }
    )
    return replace(with_survey(study, smaller), breakdown_columns={})


def with_exports_of(study: Study, smaller: Study) -> Study:
    """The study with the exports of a smaller one, and all questions: these say whom an export was put to."""
    survey, asked = study.definition.survey, smaller.definition.survey
    assert survey is not None
    assert asked is not None
    wanted = {asked.export_of(name) for name in asked.questions}
    exports = {name: export for name, export in survey.exports.items() if name in wanted}
    return with_survey(study, survey.model_copy(update={"exports": exports}))


def columns_about(study: Study, smaller: Study, responses: pd.DataFrame) -> pd.DataFrame:
    """The responses without the columns of variables that neither a smaller study nor the weights look at."""
    survey, asked = study.definition.survey, smaller.definition.survey
    assert survey is not None
    assert asked is not None
    needed: set[str] = set()
    looked_at = [variable for q in survey.questions.values() for condition in q.asked_of for variable in condition]
    looked_at += [*(survey.weighting.population if survey.weighting else ()), *(t.variable for t in study.targets)]
    for name in (*asked.questions, *asked.breaks, *looked_at):
        _need(survey, name, needed)
    unseen = {*survey.profile, *survey.derived, *survey.crosses, *survey.questions} - needed
    dropped = unseen | {missing_column(name) for name in unseen}
    for name in unseen & {*survey.questions}:
        dropped |= {option_column(name, option) for option in survey.options_of(name)}
    return responses.drop(columns=[column for column in responses if column in dropped])


def _need(survey: Survey, name: str, needed: set[str]) -> None:
    """Add a variable and all that it is made from."""
    if name in needed:
        return
    needed.add(name)
    behind: list[str | None] = []
    if name in survey.questions:
        behind = [survey.questions[name].repeats, survey.questions[name].ratio_to]
    elif name in survey.derived:
        behind = [survey.derived[name].source]
    elif name in survey.crosses:
        behind = list(survey.crosses[name].of)
    for other in behind:
        if other:
            _need(survey, other, needed)
