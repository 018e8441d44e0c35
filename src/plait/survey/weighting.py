"""Weights for a study: made to meet population targets, or supplied and checked; one set for each export.

Each question day has its own respondents, so each export is weighted by itself; a question that was routed to some of
them is then a domain of a sample that stands for the whole target population. A routed audience is never weighted to
targets that describe others too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from plait import tables
from plait.errors import Problem, Problems, StudyError
from plait.study import Study
from plait.study.definition import Survey, Weighting
from plait.survey.calibration import calibrate_linear, calibrate_logit, post_stratify
from plait.survey.design import FloatArray
from plait.survey.eligibility import eligible
from plait.survey.margins import Margin, contradiction, margins_of, people, population_total, weighting_variables
from plait.survey.raking import Raked, RakingError, rake, rake_and_trim, trim
from plait.survey.variables import RESPONDENT
from plait.survey.weight_report import WeightSet, achieved, diagnostics_of, distribution_of, notes_on

_ROUNDS = 1000
"""Rounds of raking before giving up."""
_EXACT = 1e-10
"""Relative error up to which a target is met."""
_ROUNDED = 1e-6
"""Relative error that is put down to the rounding of targets, where one variable refines another: then the weights are
as near as the targets allow."""
_NOT_MET = ("not_converged", "bounds_too_tight")


@dataclass(frozen=True)
class Weighted:
    """Weights and how they came about.

    Attributes:
        weights: respondent and one column a weight set (named after the export); missing where a respondent is not in
            the export or has no weight. A set has a mean of 1, or adds up to the population where targets are counts;
            supplied weights are as they were supplied.
        margins: columns of `plait.tables.MARGINS`.
        distribution: columns of `plait.tables.WEIGHT_DISTRIBUTION`.
        notes: columns of `plait.tables.WEIGHTING_NOTES`.
        diagnostics: Per weight set: iterations, trimming, who has no weight, size of the weights, design effect,
            effective n; see `plait.survey.weight_report.diagnostics_of`.
    """

    weights: pd.DataFrame
    margins: pd.DataFrame
    distribution: pd.DataFrame
    notes: pd.DataFrame
    diagnostics: dict[str, dict[str, float]]


def weight(study: Study, responses: pd.DataFrame) -> Weighted:
    """Weight every export of a study.

    Raises:
        StudyError: Every reason why weights cannot be made: a target that nobody stands for, targets that contradict
            each other, weights in the file that are no weights, and the like; variable and group are named.
    """
    survey = study.definition.survey
    weights = responses[[RESPONDENT]].copy()
    sets: list[WeightSet] = []
    problems = Problems()
    if survey is not None and survey.weighting is not None:
        _check_targets(study, survey, survey.weighting, responses)
        for export in survey.exports:
            with problems.collecting():
                made = _weight_export(study, survey.weighting, responses, export)
                weights[export] = pd.Series(made.weights, index=responses.index[made.eligible.rows])
                sets.append(made)
    problems.raise_if_any()
    return Weighted(
        weights,
        tables.MARGINS.of([row for made in sets for row in achieved(study, made, responses)]),
        distribution_of(sets),
        tables.WEIGHTING_NOTES.of([row for made in sets for row in notes_on(study, made, responses)]),
        {made.export: diagnostics_of(study, made) for made in sets},
    )


def _check_targets(study: Study, survey: Survey, weighting: Weighting, responses: pd.DataFrame) -> None:
    """Targets and settings that no export could be weighted with."""
    problems = Problems()
    variables = weighting_variables(study)
    file = weighting.targets or ""
    if weighting.method != "supplied" and not variables:
        problems.add(file, "holds no targets", "give a row for every group of every weighting variable")
    if weighting.method == "post_stratification" and len(variables) > 1:
        problems.add(
            file,
            f"post-stratification is by one variable, and there are targets for {', '.join(variables)}",
            "cross them (`crosses:`) and give the target of every crossing, or use `method: raking`",
            column="variable",
        )
    for variable in [*variables, *weighting.population]:
        if variable not in responses:
            message = f"'{variable}' is in no export, so that nobody's group is known"
            problems.add("study.yaml", message, "give the variable its column, or leave it out of the weighting")
    for variable in weighting.collapse.into if weighting.collapse else ():
        if variable not in variables:
            problems.add(
                "study.yaml",
                f"groups of '{variable}' are to be merged, but it has no targets",
                "name a variable of the targets file",
                column="survey.weighting.collapse",
            )
    problems.raise_if_any()


def _weight_export(study: Study, weighting: Weighting, responses: pd.DataFrame, export: str) -> WeightSet:
    who = eligible(study, responses, export)
    if weighting.method == "supplied":
        assert who.given is not None
        return WeightSet(export, who, (), None, who.given, _trimmed(who.given, weighting, export))
    margins = margins_of(study, responses[who.rows], export, who.given)
    raked = _fitted(weighting, margins, who.given, export)
    untrimmed = raked.weights
    if weighting.trim.while_raking:
        raked = _raked_and_trimmed(weighting, margins, who.given, export)
        final = raked.weights
    else:
        final = _trimmed(untrimmed, weighting, export)
    if not (final > 0).all():
        raise StudyError([_below_zero(int((final <= 0).sum()), export)])
    total = population_total(study)
    final = final / final.mean() if total is None else final * (total / final.sum())
    return WeightSet(export, who, tuple(margins), raked, untrimmed, final)


def _fitted(weighting: Weighting, margins: list[Margin], start: FloatArray | None, export: str) -> Raked:
    """Weights that meet the margins, by the method of the definition."""
    try:
        return _fit(weighting, margins, start, _EXACT)
    except RakingError as error:
        if error.kind in _NOT_MET and error.error is not None and abs(error.error) <= _ROUNDED:
            return _fit(weighting, margins, start, abs(error.error))
        raise StudyError([_not_met(weighting, margins, error, export)]) from error


def _fit(weighting: Weighting, margins: list[Margin], start: FloatArray | None, tolerance: float) -> Raked:
    codes, goals, bounds = [m.codes for m in margins], [m.goals for m in margins], weighting.bounds
    if weighting.method == "post_stratification":
        return post_stratify(codes, goals[0], start)
    if weighting.method == "logit" and bounds:
        return calibrate_logit(codes, goals, start, lower=bounds.lower, upper=bounds.upper, tolerance=tolerance)
    if weighting.method == "linear":
        lower, upper = (bounds.lower, bounds.upper) if bounds else (-np.inf, np.inf)
        return calibrate_linear(codes, goals, start, lower, upper, tolerance)
    return rake(codes, goals, start, tolerance, _ROUNDS)


def _raked_and_trimmed(weighting: Weighting, margins: list[Margin], start: FloatArray | None, export: str) -> Raked:
    """Weights that meet the margins within the limits of trimming."""
    codes, goals = [m.codes for m in margins], [m.goals for m in margins]
    lower, upper = weighting.trim.lower or 0.0, weighting.trim.upper or np.inf
    try:
        return rake_and_trim(codes, goals, lower, upper, start)
    except RakingError as error:
        margin = margins[error.margin]
        where = margin.variable if error.level is None else margin.named(error.level)
        off = f"{100 * abs(error.error or 0.0):.3g} % {'above' if (error.error or 0.0) > 0 else 'below'}"
        problem = Problem(
            "study.yaml",
            f"export '{export}': the targets cannot be met by weights within the limits of trimming; {where} is still "
            f"{off} its target",
            "set wider limits, merge groups (`collapse:`), or leave `while_raking:` out",
            column="survey.weighting.trim",
        )
        raise StudyError([problem]) from error


def _trimmed(weights: FloatArray, weighting: Weighting, export: str) -> FloatArray:
    """Weights within the declared multiples of their mean."""
    lower, upper = weighting.trim.lower, weighting.trim.upper
    if lower is None and upper is None:
        return weights
    try:
        return trim(weights, lower or 0.0, upper or np.inf)
    except ValueError as error:
        message = f"export '{export}': the limits are so narrow that every weight would be cut"
        problem = Problem("study.yaml", message, "set wider limits, or drop them", column="survey.weighting.trim")
        raise StudyError([problem]) from error


def _below_zero(n: int, export: str) -> Problem:
    return Problem(
        "study.yaml",
        f"export '{export}': linear calibration gives {people(n)} a weight of zero or below",
        "set `bounds:` with a lower one above zero, or use `method: raking`, whose weights are always above zero",
        column="survey.weighting.method",
    )


def _not_met(weighting: Weighting, margins: list[Margin], error: RakingError, export: str) -> Problem:
    """The targets cannot be met: which group is furthest off, and why where that can be told."""
    margin = margins[error.margin]
    where = margin.variable if error.level is None else margin.named(error.level)
    off = abs(error.error or 0.0)
    side = "above" if (error.error or 0.0) > 0 else "below"
    short = f"{where} is still {100 * off:.3g} % {side} its target"
    if why := contradiction(margins):
        return Problem(
            weighting.targets or "",
            f"export '{export}': no weights can meet these targets: {why}; {short}",
            "make the targets agree, merge one of the groups with a neighbour (`collapse:`), or leave a variable out",
        )
    if error.kind == "bounds_too_tight" and weighting.bounds:
        lower, upper = weighting.bounds.lower, weighting.bounds.upper
        return Problem(
            "study.yaml",
            f"export '{export}': no weights between {lower:g} and {upper:g} times the start weights meet the targets; "
            f"as near as they come, {short}",
            f"widen the bounds, or merge groups of {margin.variable} (`collapse:`)",
            column="survey.weighting.bounds",
        )
    rounds = f" after {_ROUNDS:,} rounds of raking" if weighting.method == "raking" else ""
    return Problem(
        weighting.targets or "",
        f"export '{export}': the weights do not settle:{rounds} {short}",
        f"merge thin groups of {margin.variable} with a neighbour (`collapse:`), or leave out a variable that says "
        "almost the same as another",
    )
