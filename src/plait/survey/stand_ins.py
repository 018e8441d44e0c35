"""Which respondent of the cleaned survey each id of the raw exports is, told by stand-ins instead of ids."""

from __future__ import annotations

import pandas as pd

from plait import tables
from plait.study import Study
from plait.study.identity import stand_in
from plait.survey.records import Records
from plait.survey.rows import name_respondents, read_source


def stand_ins(study: Study) -> pd.DataFrame:
    """Read the ids of every export again.

    Where ids are addresses or names, cleaning numbers the respondents, and their ids are nowhere but in the raw files:
    who is which number can only be told from these.

    Returns:
        Columns of `plait.tables.STAND_INS`; respondents whom cleaning leaves out are among them.

    Raises:
        StudyError: An export cannot be read.
    """
    survey = study.definition.survey
    if survey is None or survey.respondent_id is None:
        return tables.STAND_INS.empty()
    records = Records()
    sources = {}
    for name in survey.exports:
        with records.problems.collecting():
            sources[name] = read_source(study, name, records)
    records.raise_if_any()
    named = name_respondents(survey, sources, records)
    ids = pd.concat([source.rows[survey.respondent_id] for source in sources.values()], ignore_index=True)
    respondents = pd.concat([source.ids for source in named.values()], ignore_index=True)
    found = pd.DataFrame({"stand_in": [stand_in(study.id, i) for i in ids], "respondent": respondents})
    return tables.STAND_INS.of(found[found["stand_in"] != ""].drop_duplicates(ignore_index=True))
