"""From raw exports to one row a respondent, with a log of every change and a flow of rows that adds up.

Nothing is dropped in silence: rows leave by a declared exclusion or as repeats, answers are set aside with a reason,
spelling that was folded is logged. What the definition does not foresee (an unknown answer, a repeated id) stops the
run.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from plait import tables
from plait.study import Study
from plait.survey.dated import check_dates
from plait.survey.dictionary_check import check_audiences
from plait.survey.joining import fact_columns, join, read_facts
from plait.survey.questions import answer_columns, of_respondents, read_answers
from plait.survey.records import Records, Source
from plait.survey.routing import route
from plait.survey.rows import (
    check_respondents,
    join_ticks,
    name_respondents,
    read_source,
    without_excluded,
    without_repeats,
    without_unanswered,
)
from plait.survey.variables import RESPONDENT, add_derived


@dataclass(frozen=True)
class Cleaned:
    """The survey strand after cleaning; columns of the log and the flow in `plait.tables`."""

    responses: pd.DataFrame
    log: pd.DataFrame
    flow: pd.DataFrame


def clean(study: Study) -> Cleaned:
    """Read and clean every export of a study.

    Returns:
        One row a respondent in order of first appearance; a column of option ids for each single choice and profile
        variable, of numbers for each number, a 0/1 column an option for each multi-select, and for each question why
        a cell is empty; cluster, stratum and weights where the definition names their columns
        (`plait.survey.variables`). A study without exports gives an empty table.

    Raises:
        StudyError: Everything in the exports that the definition does not foresee.
    """
    survey = study.definition.survey
    records = Records()
    if survey is None or not survey.exports:
        empty = pd.DataFrame({RESPONDENT: pd.Series(dtype="str")})
        return Cleaned(empty, tables.CLEANING_LOG.empty(), tables.FLOW.empty())
    sources = _respondents(study, records)
    facts = read_facts(study, sources, records)
    answers = {
        name: read_answers(study, name, sources[survey.export_of(name)], records)
        for name, question in survey.questions.items()
        if question.in_exports
    }
    # People are joined by their ids, so that these must be in order first; their answers are told of in the same breath.
    records.raise_if_any()
    sources = {name: source.read() for name, source in sources.items()}  # texts of a large file take much room

    responses, positions = join(sources, records)
    columns = fact_columns(survey, facts, sources, positions, records)
    responses = pd.concat([responses, pd.DataFrame(columns)], axis="columns")
    answers = {name: of_respondents(cells, positions[survey.export_of(name)]) for name, cells in answers.items()}
    routed = route(survey, answers, responses, sources, positions, records)
    check_audiences(survey, answers, routed, sources, positions, records)
    records.raise_if_any()
    columns = {
        column: values
        for name, cells in routed.items()
        for column, values in answer_columns(name, survey.questions[name], survey.options_of(name), cells).items()
    }
    responses = pd.concat([responses, pd.DataFrame(columns)], axis="columns")
    add_derived(responses, survey)
    return Cleaned(responses, records.log(), records.flow())


def _respondents(study: Study, records: Records) -> dict[str, Source]:
    """The rows of every export that are respondents."""
    survey = study.definition.survey
    assert survey is not None
    sources: dict[str, Source] = {}
    for name in survey.exports:
        with records.problems.collecting():
            sources[name] = read_source(study, name, records)
    records.raise_if_any()
    sources = name_respondents(survey, sources, records)
    for name, source in sources.items():
        with records.problems.collecting():
            sources[name] = check_dates(study, without_excluded(survey, source, records), records)
    for name, export in survey.exports.items():
        if export.rows == "ticks":
            sources[name] = join_ticks(survey, sources[name], records)
    sources = without_unanswered(study, sources, records)
    if survey.duplicates:
        sources = {
            name: without_repeats(survey, survey.duplicates, source, records) for name, source in sources.items()
        }
    for source in sources.values():
        check_respondents(survey, source, records)
    return sources
