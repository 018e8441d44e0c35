"""Change over time: questions that were put again in a later export."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.study import Study
from plait.study.definition import Survey
from plait.survey.change import change, wave_of_means
from plait.survey.crosstabs import family_of
from plait.survey.design import FloatArray
from plait.survey.items import chosen_items, items_of, values_of
from plait.survey.sample import Samples
from plait.survey.significance import holm
from plait.survey.variables import CLUSTER, RESPONDENT, STRATUM


def estimate_changes(study: Study, responses: pd.DataFrame, samples: Samples) -> pd.DataFrame:
    """Estimate what changed since the earlier question, with the overlap of people counted.

    Each wave has its own weights and margins; people in both make the change more certain (Kish 1965). Of a choice, the
    shares of its options and nets are compared; of numbers and of scales with scores, the means. p is adjusted over the
    options and nets of a question (Holm 1979).

    Returns:
        Columns of `plait.tables.CHANGES`.
    """
    survey = study.definition.survey
    parts: list[pd.DataFrame] = []
    for question, spec in (survey.questions if survey else {}).items():
        if survey is None or spec.repeats is None:
            continue
        found = []
        for name in (spec.repeats, question):
            sample = samples.main(survey.export_of(name))
            here = responses[sample.rows]
            people = here[RESPONDENT].to_numpy()
            found.append((sample, wave_of_means(sample.design, people, _compared(survey, name, here), _clusters(here))))
        (_, before), (sample, after) = found
        result = change(before, after)
        low, high = result.test.limits()
        items, kinds = _items(survey, question)
        parts.append(
            pd.DataFrame(
                {
                    "question": question,
                    "option": items,
                    "measure": kinds,
                    "earlier": spec.repeats,
                    "weight_set": sample.weight_set,
                    "value_earlier": before.estimate,
                    "value": after.estimate,
                    "difference": result.test.difference,
                    "se": result.test.se,
                    "ci_low": low,
                    "ci_high": high,
                    "p": result.test.p,
                    "base_earlier": before.inside.sum(axis=0),
                    "base": after.inside.sum(axis=0),
                    "base_both": result.in_both,
                    "method": "design_t",
                }
            )
        )
    if not parts:
        return tables.CHANGES.empty()
    frame = pd.concat(parts, ignore_index=True)
    few = frame[["base_earlier", "base"]].min(axis="columns") < 2  # one person has no variance
    frame.loc[few, ["se", "ci_low", "ci_high", "p"]] = np.nan
    alone = frame.assign(mean=frame["measure"] == "mean")
    p_adjusted = holm(frame["p"].to_numpy(dtype=float), family_of(alone, ["question", "mean"]))
    return tables.CHANGES.of(frame.assign(p_adjusted=p_adjusted))


def _items(survey: Survey, question: str) -> tuple[list[str], list[str]]:
    """What is compared of a question: options and nets, then the mean; and which of these each is."""
    items, kinds = ([], []) if survey.is_number(question) else items_of(survey, question)
    mean = "mean" in survey.measures_of(question)
    return [*items, *([""] if mean else [])], [*kinds, *(["mean"] if mean else [])]


def _compared(survey: Survey, question: str, responses: pd.DataFrame) -> FloatArray:
    """(respondents, items) their values on what is compared; NaN outside the base."""
    parts = [] if survey.is_number(question) else [chosen_items(survey, question, responses)]
    if "mean" in survey.measures_of(question):
        parts.append(values_of(survey, question, responses)[:, None])
    return np.hstack(parts)


def _clusters(responses: pd.DataFrame) -> npt.NDArray[np.object_] | None:
    """Names of the clusters, the same in every export; who has none is a cluster of their own."""
    if CLUSTER not in responses:
        return None
    strata = responses[STRATUM].fillna("") if STRATUM in responses else ""
    named = responses[CLUSTER].replace("", None)
    alone = "alone\x1f" + responses[RESPONDENT]
    return np.asarray((strata + "\x1f" + named).fillna(alone).to_numpy(dtype=object))
