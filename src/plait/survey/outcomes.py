"""Regressions that the definition declares: what goes with an outcome when other characteristics are held equal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plait import tables
from plait.errors import Problems
from plait.study import Study
from plait.study.definition import OutcomeModel, Survey
from plait.survey.design import BoolArray
from plait.survey.items import chosen_items, items_of, values_of
from plait.survey.models import (
    Model,
    ModelError,
    groups_term,
    interaction_term,
    linear,
    logistic,
    number_term,
    term_tests,
)
from plait.survey.sample import Sample, Samples
from plait.survey.variables import codes_of


def estimate_models(study: Study, responses: pd.DataFrame, samples: Samples) -> pd.DataFrame:
    """Fit every declared model: logistic for an option or net, linear for a number, with design-based errors.

    Returns:
        Columns of `plait.tables.MODELS`.

    Raises:
        StudyError: A model cannot be estimated; the model and the predictor at fault are named.
    """
    survey = study.definition.survey
    problems = Problems()
    parts: list[pd.DataFrame] = []
    for name, model in (survey.models if survey else {}).items():
        assert survey is not None
        question = model.outcome.partition(":")[0]
        sample = samples.main(survey.export_of(question))
        try:
            parts.append(_fitted(survey, name, model, sample, responses[sample.rows]))
        except ModelError as error:
            at = f"survey.models.{name}.{'predictors' if error.term else 'outcome'}"
            mend = "merge groups by a derived variable, or leave the predictor out"
            problems.add(
                "study.yaml", f"the model cannot be estimated: {error}", mend, column=at, value=error.term or None
            )
    problems.raise_if_any()
    return tables.MODELS.of(pd.concat(parts, ignore_index=True)) if parts else tables.MODELS.empty()


def _fitted(survey: Survey, name: str, spec: OutcomeModel, sample: Sample, responses: pd.DataFrame) -> pd.DataFrame:
    question, _, item = spec.outcome.partition(":")
    numbers = [variable for variable in spec.variables if survey.is_number(variable)]
    codes = {v: codes_of(responses, v, survey) for v in spec.variables if v not in numbers}
    groups = {variable: list(survey.groups_of(variable)) for variable in codes}
    terms = {
        variable: number_term(variable, values_of(survey, variable, responses))
        if variable in numbers
        else groups_term(variable, codes[variable], groups[variable])
        for variable in spec.variables
    }
    for first, second in spec.interactions:
        product = interaction_term(terms[first], terms[second])
        terms[product.name] = product
    if item:
        outcome = chosen_items(survey, question, responses)[:, items_of(survey, question)[0].index(item)]
        model = logistic(sample.design, outcome, list(terms.values()))
    else:
        outcome = values_of(survey, question, responses)
        model = linear(sample.design, outcome, list(terms.values()))
    used = ~np.isnan(outcome) & np.isfinite(np.hstack([term.columns for term in terms.values()])).all(axis=1)
    inside = {(v, group): used & (codes[v] == i) for v in codes for i, group in enumerate(groups[v])}
    crossings = [_together(first, second, groups, inside, used) for first, second in spec.interactions]
    everywhere = {place: rows for part in (inside, *crossings) for place, rows in part.items()}
    sizes = {place: int(np.count_nonzero(rows)) for place, rows in everywhere.items()}
    chosen = [outcome[rows] == 1 for rows in (used, *everywhere.values())] if item else []
    fewest = min((min(np.count_nonzero(rows), np.count_nonzero(~rows)) for rows in chosen), default=pd.NA)
    found = _rows(name, model, sample, {v: g[0] for v, g in groups.items()}, sizes)
    return found.assign(smallest_cell=pd.array([fewest] * len(found), dtype="Int64"))


def _together(
    first: str, second: str, groups: dict[str, list[str]], inside: dict[tuple[str, str], BoolArray], used: BoolArray
) -> dict[tuple[str, str], BoolArray]:
    """Who is in each crossing of two predictors, by the label of its coefficient."""
    return {
        (f"{first}:{second}", f"{a}:{b}".strip(":")): inside.get((first, a), used) & inside.get((second, b), used)
        for a in groups.get(first, [""])
        for b in groups.get(second, [""])
    }


def _rows(
    name: str, model: Model, sample: Sample, references: dict[str, str], sizes: dict[tuple[str, str], int]
) -> pd.DataFrame:
    low, high = model.limits()
    tests = {term: float(np.squeeze(test.p)) for term, test in term_tests(model).items()}
    labels = ["" if term == "" else label for term, label in zip(model.terms, model.labels, strict=True)]
    return pd.DataFrame(
        {
            "model": name,
            "kind": model.kind,
            "variable": model.terms,
            "group": labels,
            "reference": [references.get(term, "") for term in model.terms],
            "weight_set": sample.weight_set,
            "estimate": model.estimate,
            "se": model.se,
            "ci_low": low,
            "ci_high": high,
            "df": float(model.df),
            "p": model.p,
            "p_variable": [tests.get(term, np.nan) for term in model.terms],
            "base_unweighted": [
                sizes.get((term, label), model.base_unweighted) for term, label in zip(model.terms, labels, strict=True)
            ],
            "smallest_base": min(sizes.values(), default=model.base_unweighted),
            "n": model.base_unweighted,
        }
    )
