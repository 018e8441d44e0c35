"""What a data dictionary says about whom a question was put to, held against the answers and the definition."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from plait.study.definition import Survey
from plait.survey.questions import Answer
from plait.survey.readers import asked
from plait.survey.readers.audiences import EVERYONE
from plait.survey.records import Cells, Records, Source
from plait.survey.routing import NOT_ROUTED
from plait.survey.rows import answer_columns_of
from plait.survey.variables import IntArray


def check_audiences(
    survey: Survey,
    answers: Mapping[str, Cells[Answer]],
    routed: Mapping[str, Cells[Answer]],
    sources: Mapping[str, Source],
    positions: Mapping[str, IntArray],
    records: Records,
) -> None:
    """Log where answers or `asked_of` disagree with the audience that the data dictionary states.

    The log counts people outside the audience who answered, people inside it who left the question empty, and people
    whom one of dictionary and definition counts in and the other leaves out. Nothing is changed: routing follows the
    definition.

    Args:
        survey: The survey.
        answers: Of each question, one a respondent.
        routed: The same after routing.
        sources: The exports.
        positions: Of each export, (respondents,) their row there, -1 for none.
        records: Receives the counts; an audience that names no column is a problem.
    """
    for name, cells in answers.items():
        source, position = sources[survey.export_of(name)], positions[survey.export_of(name)]
        column = next((c for c in answer_columns_of(survey, name) if c in source.dictionary), None)
        audience = source.dictionary[column].audience if column else EVERYONE
        if audience == EVERYONE:
            continue
        dictionary = survey.exports[source.name].dictionary or ""
        rows = source.raw.rows.loc[source.rows.index].assign(**{str(c): source.rows[c] for c in source.rows})
        with records.problems.collecting():
            inside = asked(audience, rows, name=dictionary)[position] & (position >= 0)
            outside = (position >= 0) & ~inside
            not_routed = routed[name].mark([a.why_empty == NOT_ROUTED for a in routed[name].distinct])
            spoke = cells.mark([a.speaks for a in cells.distinct])
            silent = cells.mark([a.silent for a in cells.distinct])
            stated = "the audience that the data dictionary states"
            for reason, people in (
                (f"answered, though outside {stated}", outside & spoke),
                (f"left empty, though inside {stated}", inside & silent & ~not_routed),
                (f"inside {stated}, but `asked_of` leaves them out", inside & not_routed),
                (f"outside {stated}, but `asked_of` does not say so", outside & silent & ~not_routed),
            ):
                if people.any():
                    records.counted("dictionary", reason, source.file, name, int(np.count_nonzero(people)))
