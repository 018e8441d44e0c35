"""Who gets a weight, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.errors import Problem, Problems, StudyError
from plait.study import Study
from plait.study.definition import Survey, Weighting
from plait.study.wording import listed
from plait.survey.design import BoolArray, FloatArray
from plait.survey.margins import people, weighting_variables
from plait.survey.variables import RESPONDENT, add_derived, codes_of, export_column, fails, meets, weight_column

REASONS = {
    "outside_population": "outside the population that the targets describe",
    "population_not_known": "not known whether they belong to the population that the targets describe",
    "missing_weight": "the file gives them no weight",
    "zero_weight": "the file gives them a weight of zero",
    "unknown_group": "their group of a weighting variable is not known",
}
"""Why a respondent of an export has no weight. Only the first reason that holds is counted."""

_LARGEST_RATIO = 1e6
"""Of a weight to the median weight; above it, it is taken for a slip."""
_TOTALS = (1e-6, 1e12)
"""What weights may add up to, from shares of a whole to more than any population."""
_MOST_COMBINATIONS = 1_000_000
_SHOWN = 3
"""Respondents named in a message."""


@dataclass(frozen=True, eq=False)
class Eligible:
    """The respondents of an export who get a weight.

    Attributes:
        rows: (respondents of the study,) who gets one.
        given: Their weights in the file, where it has any.
        without: Respondents of the export who get none, by reason (keys of `REASONS`).
    """

    rows: BoolArray
    given: FloatArray | None
    without: dict[str, int]


def eligible(study: Study, responses: pd.DataFrame, export: str) -> Eligible:
    """Find the respondents of an export who get a weight.

    Raises:
        StudyError: Weights in the file cannot be used, respondents' groups are not known where they must be, nobody is
            left, or the export was put to a routed audience that the targets do not describe.
    """
    survey = study.definition.survey
    assert survey is not None and survey.weighting is not None
    weighting = survey.weighting
    rows = responses[export_column(export)].to_numpy(dtype=bool)
    given = _given(survey, responses, export, rows)
    outside = fails(responses, weighting.population)
    unknown = np.zeros(len(responses), dtype=bool)
    if weighting.unknown != "keep_share":
        for variable in weighting_variables(study):
            unknown |= codes_of(responses, variable, survey) < 0
    tests = {
        "outside_population": outside,
        "population_not_known": ~outside & ~meets(responses, weighting.population),
        "missing_weight": np.isnan(given) if given is not None else np.zeros_like(rows),
        "zero_weight": given == 0 if given is not None else np.zeros_like(rows),
        "unknown_group": unknown,
    }
    without: dict[str, int] = {}
    for reason, holds in tests.items():
        if reason == "unknown_group" and weighting.unknown == "refuse":
            _refuse_unknown(study, survey, responses, export, rows)
        if (rows & holds).any():
            without[reason] = int((rows & holds).sum())
        rows = rows & ~holds
    if not rows.any():
        why = "; ".join(f"{people(n)}: {REASONS[reason]}" for reason, n in without.items()) or "it is empty"
        raise StudyError([Problem("study.yaml", f"export '{export}': nobody is left to be weighted ({why})")])
    if weighting.targets is not None and _is_routed_audience(survey, responses[rows], export):
        raise StudyError([_routed(survey, weighting, export)])
    return Eligible(rows, None if given is None else given[rows], without)


def _is_routed_audience(survey: Survey, responses: pd.DataFrame, export: str) -> bool:
    """Whether the respondents of an export are only those whom its questions were routed to, and targets describe others.

    Routing by so many variables that their combinations cannot be gone through is taken to leave nobody out.
    """
    questions = [q for name, q in survey.questions.items() if q.in_exports and survey.export_of(name) == export]
    conditions = [condition for question in questions for condition in question.asked_of]
    if not all(question.asked_of for question in questions) or not conditions:
        return False
    if np.logical_and.reduce([fails(responses, condition) for condition in conditions]).any():
        return False
    population = survey.weighting.population if survey.weighting else {}
    everyone = _conceivable(survey, [v for condition in (*conditions, population) for v in condition])
    if everyone is None:
        return False
    others = np.logical_and.reduce([fails(everyone, condition) for condition in conditions])
    return bool((others & meets(everyone, population)).any())


def _given(survey: Survey, responses: pd.DataFrame, export: str, rows: BoolArray) -> FloatArray | None:
    """The weights that the file gives, (respondents of the study,); `None` where it has no column of them."""
    source = survey.exports[export]
    if source.weight is None:
        return None
    weights = responses[weight_column(export)].to_numpy(dtype=float)
    here = weights[rows]
    used = here[np.isfinite(here) & (here > 0)]
    problems = Problems()
    wrong = np.flatnonzero(rows & ((weights < 0) | np.isinf(weights)))
    if wrong.size:
        problems.add(
            source.file,
            f"{people(wrong.size)} with a weight that is below zero or without end: " + _named(responses, wrong),
            "correct the weights; a respondent who is not to count has a weight of zero, or none",
            column=source.weight,
            value=f"{weights[wrong[0]]:g}",
        )
    elif used.size == 0:
        problems.add(source.file, "holds no weight above zero", "name the column of weights", column=source.weight)
    elif used.max() > _LARGEST_RATIO * np.median(used):
        problems.add(
            source.file,
            f"the largest weight is {used.max() / np.median(used):.2g} times the median weight: "
            + _named(responses, np.flatnonzero(rows & (weights == used.max()))),
            "correct it; a weight so large leaves nothing of the other respondents",
            column=source.weight,
            value=f"{used.max():g}",
        )
    elif not _TOTALS[0] <= used.sum() <= _TOTALS[1]:
        message = f"the weights add up to {used.sum():.2g}, which is neither respondents nor a population"
        problems.add(source.file, message, "name the column of weights", column=source.weight)
    problems.raise_if_any()
    return weights


def _refuse_unknown(study: Study, survey: Survey, responses: pd.DataFrame, export: str, rows: BoolArray) -> None:
    problems = Problems()
    for variable in weighting_variables(study):
        unknown = np.flatnonzero(rows & (codes_of(responses, variable, survey) < 0))
        if unknown.size:
            problems.add(
                "study.yaml",
                f"export '{export}': the group of {variable} is not known for {people(unknown.size)}: "
                + _named(responses, unknown),
                "complete the file, or let them keep their share of the sample (keep_share) or go without a weight "
                "(leave_out)",
                column="survey.weighting.unknown",
            )
    problems.raise_if_any()


def _named(responses: pd.DataFrame, rows: npt.NDArray[np.intp]) -> str:
    ids = responses[RESPONDENT].iloc[rows[:_SHOWN]].astype(str).tolist()
    return ", ".join(ids) + (", ..." if rows.size > _SHOWN else "")


def _conceivable(survey: Survey, variables: list[str]) -> pd.DataFrame | None:
    """Every combination of the groups that some variables can take, as a table like that of the responses."""
    options: dict[str, list[str]] = {}
    for variable in _sources(survey, variables):
        named = survey.profile[variable].options if variable in survey.profile else survey.options_of(variable)
        options[variable] = list(named)
    if prod(map(len, options.values())) > _MOST_COMBINATIONS:
        return None
    combinations = pd.DataFrame(list(product(*options.values())), columns=list(options), dtype="str")
    add_derived(combinations, survey)
    return combinations


def _sources(survey: Survey, variables: list[str]) -> list[str]:
    """The profile variables and questions that variables are made from, each once."""
    found: dict[str, None] = {}
    for variable in variables:
        if variable in survey.derived:
            made_from = [survey.derived[variable].source]
        elif variable in survey.crosses:
            made_from = list(survey.crosses[variable].of)
        else:
            found[variable] = None
            continue
        found |= dict.fromkeys(_sources(survey, made_from))
    return list(found)


def _routed(survey: Survey, weighting: Weighting, export: str) -> Problem:
    routed_by = dict.fromkeys(
        variable
        for name, question in survey.questions.items()
        if question.in_exports and survey.export_of(name) == export
        for condition in question.asked_of
        for variable in condition
    )
    return Problem(
        weighting.targets or "",
        f"export '{export}' holds only people whom its questions were routed to (by {listed(routed_by)}), while the "
        "targets describe others too; a routed audience cannot stand for them",
        "add the rows of everyone who was in the sample that day, answers left empty; or, where the targets describe "
        "this audience alone, say so by `population:`",
    )
