"""Answers as numbers: who chose which option or net, what an option scores, where it stands on its scale."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plait.study.definition import Survey
from plait.survey.design import FloatArray
from plait.survey.variables import missing_column, option_column, places


def items_of(survey: Survey, question: str) -> tuple[list[str], list[str]]:
    """The options that count and the nets of a question, and which of both each is."""
    options = [name for name, option in survey.options_of(question).items() if option.counts]
    nets = list(survey.nets_of(question))
    return [*options, *nets], ["share"] * len(options) + ["net"] * len(nets)


def chosen_items(survey: Survey, question: str, responses: pd.DataFrame) -> FloatArray:
    """(respondents, items) 1 for who chose an option, or any option of a net; NaN outside the base."""
    options = [name for name, option in survey.options_of(question).items() if option.counts]
    if survey.questions[question].type == "multi":
        chosen = responses[[option_column(question, option) for option in options]].to_numpy(dtype=float)
    else:
        codes = places(responses[question], options)
        chosen = (codes[:, None] == np.arange(len(options))).astype(float)
    nets = [[options.index(o) for o in net.of if o in options] for net in survey.nets_of(question).values()]
    every = np.column_stack(
        [np.nan_to_num(chosen), *(np.nan_to_num(chosen)[:, m].max(axis=1, initial=0) for m in nets)]
    )
    return np.where((responses[missing_column(question)] == "").to_numpy()[:, None], every, np.nan)


def values_of(survey: Survey, question: str, responses: pd.DataFrame) -> FloatArray:
    """Each respondent's answer as a number: the number itself, or the score of the option; NaN outside the base."""
    if survey.questions[question].type == "number":
        values = responses[question].to_numpy(dtype=float)
    else:
        scores = {name: option.score for name, option in survey.options_of(question).items()}
        values = responses[question].map(scores).to_numpy(dtype=float, na_value=np.nan)
    return np.where((responses[missing_column(question)] == "").to_numpy(), values, np.nan)


def places_of(survey: Survey, question: str, responses: pd.DataFrame) -> FloatArray:
    """The place of each answer in the order of the scale's options; NaN outside the base."""
    options = [name for name, option in survey.options_of(question).items() if option.counts and not option.no_answer]
    codes = places(responses[question], options).astype(float)
    in_base = (responses[missing_column(question)] == "").to_numpy()
    return np.where(in_base & (codes >= 0), codes, np.nan)
