"""Weights for a study: raking to population targets, one set for each export.

Each question day has its own respondents, so each export is raked by itself; a question that was routed to some of
them is then a domain of a sample that stands for the whole target population. A routed audience is never raked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.errors import Problem, Problems, StudyError
from plait.study import Study
from plait.study.definition import Survey, Weighting
from plait.survey.raking import RakingError, effective_n, kish_design_effect, rake, trim
from plait.survey.variables import RESPONDENT, codes_of, export_column, meets

_UNKNOWN = "(not known)"


@dataclass(frozen=True)
class Weighted:
    """Weights and how they came about.

    Attributes:
        weights: respondent and one column a weight set (named after the export); missing where a respondent is not in
            the export or outside the target population. The mean weight of a set is 1.
        margins: columns of `plait.tables.MARGINS`.
        diagnostics: Per weight set: iterations, trimming, smallest and largest weight, design effect, effective n.
    """

    weights: pd.DataFrame
    margins: pd.DataFrame
    diagnostics: dict[str, dict[str, float]]


def weight(study: Study, responses: pd.DataFrame) -> Weighted:
    """Rake every export to the study's targets.

    Respondents whose group of a raking variable is not known keep their share of the sample; the targets are spread
    over the rest.

    Raises:
        StudyError: A target has nobody to stand for it, or raking does not converge; the group is named.
    """
    survey = study.definition.survey
    weights = responses[[RESPONDENT]].copy()
    if survey is None or survey.weighting is None:
        return Weighted(weights, tables.MARGINS.empty(), {})
    problems = Problems()
    margins: list[dict[str, object]] = []
    diagnostics: dict[str, dict[str, float]] = {}
    for name in survey.exports:
        member = in_population(responses, survey, name)
        with problems.collecting():
            final, steps = _rake_export(study, survey.weighting, responses[member], name)
            weights[name] = pd.Series(final, index=responses.index[member])
            margins += _achieved(study, survey, responses[member], name, final)
            diagnostics[name] = steps | {
                "n": int(member.sum()),
                "n_without_weight": int((responses[export_column(name)] & ~member).sum()),
                "smallest_weight": float(final.min()),
                "largest_weight": float(final.max()),
                "design_effect": kish_design_effect(final),
                "effective_n": effective_n(final),
            }
    problems.raise_if_any()
    return Weighted(weights, tables.MARGINS.of(margins), diagnostics)


def in_population(responses: pd.DataFrame, survey: Survey, export: str) -> npt.NDArray[np.bool_]:
    """Who of an export belongs to the population that the targets describe."""
    member = responses[export_column(export)].to_numpy()
    if survey.weighting:
        member = member & meets(responses, survey.weighting.population)
    return member


def raking_codes(responses: pd.DataFrame, survey: Survey, variables: list[str]) -> list[npt.NDArray[np.int64]]:
    """Each respondent's group of each raking variable, in the order of the targets' groups; unknown comes last."""
    codes = [codes_of(responses, variable, survey) for variable in variables]
    return [np.where(c < 0, len(survey.groups_of(v)), c) for c, v in zip(codes, variables, strict=True)]


def raking_variables(study: Study) -> list[str]:
    """The variables of the targets file, in its order."""
    return list(dict.fromkeys(target.variable for target in study.targets))


def _rake_export(
    study: Study, weighting: Weighting, responses: pd.DataFrame, name: str
) -> tuple[npt.NDArray[np.float64], dict[str, float]]:
    survey = study.definition.survey
    assert survey is not None
    variables = raking_variables(study)
    codes = raking_codes(responses, survey, variables)
    n = len(responses)
    targets = [_target_totals(study, survey, v, c, n) for v, c in zip(variables, codes, strict=True)]
    used = [len(t) - 1 if (c < len(t) - 1).all() else len(t) for c, t in zip(codes, targets, strict=True)]
    try:
        raked = rake(codes, [t[:k] for t, k in zip(targets, used, strict=True)])
    except RakingError as error:
        raise _as_study_error(error, weighting, survey, variables, name) from error
    steps: dict[str, float] = {"iterations": raked.iterations, "largest_error": raked.largest_error}
    final = raked.weights
    lower, upper = weighting.trim.lower, weighting.trim.upper
    if lower is not None or upper is not None:
        low, high = lower or 0.0, upper or np.inf
        mean = final.mean()
        steps["trimmed"] = int(((final < low * mean) | (final > high * mean)).sum())
        final = trim(final, low, high)
    return final / final.mean(), steps


def _target_totals(
    study: Study, survey: Survey, variable: str, codes: npt.NDArray[np.int64], n: int
) -> npt.NDArray[np.float64]:
    """Population shares scaled to the sample's size, with the unknown at the share they have in the sample."""
    shares = {t.group: t.share for t in study.targets if t.variable == variable}
    known = np.array([shares[group] for group in survey.groups_of(variable)])
    unknown = int((codes == len(known)).sum())
    return np.append(known / known.sum() * (n - unknown), unknown)


def _as_study_error(
    error: RakingError, weighting: Weighting, survey: Survey, variables: list[str], name: str
) -> StudyError:
    variable = variables[error.margin]
    groups = [*survey.groups_of(variable), _UNKNOWN]
    group = "" if error.level is None else f" = {groups[error.level]}"
    return StudyError(
        [
            Problem(
                weighting.targets,
                f"the weights of export '{name}' cannot be made: {variable}{group}: {error}",
                "merge the group with a neighbour (a derived variable) or leave the variable out of the targets",
            )
        ]
    )


def _achieved(
    study: Study, survey: Survey, responses: pd.DataFrame, name: str, weights: npt.NDArray[np.float64]
) -> list[dict[str, object]]:
    """Achieved against target, among those whose group is known."""
    rows: list[dict[str, object]] = []
    for variable in raking_variables(study):
        codes = codes_of(responses, variable, survey)
        targets = {t.group: t for t in study.targets if t.variable == variable}
        known = codes >= 0
        for i, group in enumerate(survey.groups_of(variable)):
            target = targets[group]
            here = codes == i
            rows.append(
                {
                    "weight_set": name,
                    "variable": variable,
                    "group": group,
                    "n": int(here.sum()),
                    "share_unweighted": here.sum() / known.sum(),
                    "share_target": target.share,
                    "share_achieved": weights[here].sum() / weights[known].sum(),
                    "source": target.source,
                    "date": target.date,
                    "unit": target.unit,
                    "grade": target.grade,
                }
            )
    return rows
