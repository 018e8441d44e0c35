"""The survey's answers of the people who speak of a theme, beside those of the people who do not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.study import Study
from plait.study.definition import Survey
from plait.study.side_files import Link
from plait.survey.items import chosen_items, items_of, values_of
from plait.survey.variables import RESPONDENT

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


def statistics_by_theme(
    study: Study, people: pd.DataFrame, case_themes: pd.DataFrame, responses: pd.DataFrame
) -> pd.DataFrame:
    """Shares and means of joined people with and without each linked theme, construct by construct.

    Joined people are no sample of anybody: nothing is weighted, and nothing is tested. A question that is known from a
    breakdown table alone has no answers of people and is passed over; one that has a mean gets it beside the shares.

    Args:
        study: Its linking file says which items and themes speak of the same construct.
        people: Columns of `plait.tables.JOINED_PEOPLE`.
        case_themes: Columns of `plait.tables.CASE_THEMES`.
        responses: The cleaned responses.

    Returns:
        Columns of `plait.tables.STATISTICS_BY_THEME`: two rows a collection, theme and item.
    """
    survey = study.definition.survey
    rows: list[dict[str, object]] = []
    for collection, joined in people.groupby("collection", sort=False):
        respondents = responses[RESPONDENT].isin(joined["respondent"]).to_numpy(dtype=bool)
        cases = case_themes[(case_themes["collection"] == collection) & case_themes["present"]]
        for link in study.links if survey else ():
            for theme in link.themes:
                speaking = joined.loc[joined["case"].isin(cases.loc[cases["theme"] == theme, "case"]), "respondent"]
                spoken = responses[RESPONDENT].isin(speaking).to_numpy(dtype=bool)
                about = {"construct": link.construct_id, "label": link.label, "collection": collection, "theme": theme}
                rows += [about | row for row in _statistics(survey, link, responses, respondents, spoken)]
    return tables.STATISTICS_BY_THEME.of(rows)


def item_answers(survey: Survey, link: Link, responses: pd.DataFrame) -> Iterator[tuple[str, str, str, Numbers]]:
    """The survey items of a construct: question, item, kind (share, net), and (respondents,) 1 chosen, 0 not, NaN
    outside the base. Questions without answers of people are passed over.
    """
    for linked in link.survey:
        question, _, item = linked.partition(":")
        if survey.questions[question].in_exports:
            items, kinds = items_of(survey, question)
            place = items.index(item)
            yield question, item, kinds[place], chosen_items(survey, question, responses)[:, place]


def _statistics(
    survey: Survey | None, link: Link, responses: pd.DataFrame, joined: Mask, spoken: Mask
) -> Iterator[dict[str, object]]:
    assert survey is not None
    answers = list(item_answers(survey, link, responses))
    for question in dict.fromkeys(question for question, *_ in answers):
        if "mean" in survey.measures_of(question):
            answers.append((question, "", "mean", values_of(survey, question, responses)))
    for question, item, measure, values in answers:
        answered = np.isfinite(values)
        for with_theme in (True, False):
            here = answered & joined & (spoken == with_theme)
            yield {
                "question": question,
                "option": item,
                "measure": measure,
                "spoken": with_theme,
                "value": float(values[here].mean()) if here.any() else float("nan"),
                "base": int(here.sum()),
                "base_unjoined": int((answered & ~joined).sum()),
            }
