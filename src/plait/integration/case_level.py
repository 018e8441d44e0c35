"""The case-level matrix: what each joined person answered in the survey, and what they spoke of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plait import tables
from plait.integration.statistics_by_theme import item_answers
from plait.study import Study
from plait.survey.variables import RESPONDENT


def case_level(study: Study, people: pd.DataFrame, case_themes: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """One row a joined case, construct and item. It is about single people and stays in the project.

    Args:
        study: Its linking file says which items and themes speak of the same construct.
        people: Columns of `plait.tables.JOINED_PEOPLE`.
        case_themes: Columns of `plait.tables.CASE_THEMES`.
        responses: The cleaned responses.

    Returns:
        Columns of `plait.tables.CASE_LEVEL`; no respondent's id is among them.
    """
    survey = study.definition.survey
    if survey is None or people.empty:
        return tables.CASE_LEVEL.empty()
    place = pd.Index(responses[RESPONDENT]).get_indexer(pd.Index(people["respondent"]))
    cells = case_themes[["collection", "case", "theme", "present"]].itertuples(index=False, name=None)
    present = {(collection, case, theme): int(there) for collection, case, theme, there in cells}
    rows: list[dict[str, object]] = []
    for link in study.links:
        about = {"construct": link.construct_id, "label": link.label}
        answers = [(q, item, values[place]) for q, item, _, values in item_answers(survey, link, responses)]
        for n, (collection, case) in enumerate(zip(people["collection"], people["case"], strict=True)):
            of_case = about | {"collection": collection, "case": case}
            for question, item, values in answers:
                value = int(values[n]) if np.isfinite(values[n]) else pd.NA
                rows.append(of_case | {"strand": "survey", "origin": question, "item": item, "value": value})
            for theme in link.themes:
                value = present[(collection, case, theme)]
                rows.append(of_case | {"strand": "coded_text", "origin": collection, "item": theme, "value": value})
    frame = tables.CASE_LEVEL.of(rows)
    return frame.sort_values(["collection", "case"], kind="stable", ignore_index=True)
