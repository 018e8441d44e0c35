"""From the cells of a question to one answer a row: the options chosen, the number, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.study import Study
from plait.study.definition import Option, Question, Survey
from plait.study.side_files import MappedAnswer
from plait.survey.answers import (
    REFUSE,
    UNREADABLE,
    Reading,
    Vocabulary,
    read_delimited_choice,
    read_number,
    read_single,
    vocabulary,
)
from plait.survey.cells import read_cells
from plait.survey.records import Cells, Records, Source
from plait.survey.variables import IntArray, missing_column, option_column

NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class Answer:
    """What one respondent said to a question.

    Attributes:
        options: The options chosen.
        number: The number given.
        why_empty: Why there is no answer; empty where there is one.
        nothing_said: Nothing was written or ticked: no sign that the question was put to the respondent.
    """

    options: tuple[str, ...] = ()
    number: float = math.nan
    why_empty: str = ""
    nothing_said: bool = False

    @property
    def speaks(self) -> bool:
        """Whether it shows that the question was put: an option of whatever kind, a number, or a code for a refusal
        or "do not know"; a code for "not applicable" could stand for not having been asked."""
        given = bool(self.options) or not math.isnan(self.number) or self.why_empty in ("refused", "dont_know")
        return given and not self.nothing_said

    @property
    def silent(self) -> bool:
        """Whether it could be that of somebody who never saw the question: empty, or nothing ticked."""
        return not self.speaks and (self.nothing_said or self.why_empty in ("", "skipped"))


Column = npt.NDArray[np.float64] | pd.Series


def read_answers(study: Study, name: str, source: Source, records: Records) -> Cells[Answer]:
    """Read the answers to a question, one a row of its export.

    Args:
        study: The study.
        name: The question.
        source: The export that holds it.
        records: Receives a line for every answer that is not taken as given, and what cannot be read.
    """
    survey = study.definition.survey
    assert survey is not None
    question, options = survey.questions[name], survey.options_of(name)
    mapping = study.mappings.get(name, ())
    if question.columns:
        cells = _read_boxes(survey, question, options, mapping, source, name, records)
    else:
        assert question.column is not None
        words = _words(survey, question, options, mapping, question.unmapped, source, question.column)
        readings = read_cells(source, question.column, _reader(question, words), records)
        cells = Cells(readings.code, [_answer(reading, question, options) for reading in readings.distinct])
    if question.type == "multi":
        cells = _without_contradictions(name, question, options, cells, source, records)
        cells = _within_the_most(name, question, cells, source, records)
    return Cells(cells.code, [_counted(answer, options) for answer in cells.distinct])


def of_respondents(answers: Cells[Answer], position: IntArray) -> Cells[Answer]:
    """The answers of an export's rows as the respondents' of the study.

    Args:
        answers: One a row of the export.
        position: (respondents,) row of the export, -1 where the respondent is not in it.
    """
    code = np.where(position >= 0, answers.code[position], len(answers.distinct))
    return Cells(code, [*answers.distinct, Answer(why_empty=NOT_ASKED)])


def answer_columns(
    name: str, question: Question, options: Mapping[str, Option], answers: Cells[Answer]
) -> dict[str, Column]:
    """The columns of a question in the table of responses; `answers` has one a respondent."""
    distinct = answers.distinct
    columns: dict[str, Column] = {missing_column(name): _texts([a.why_empty for a in distinct], answers.code)}
    if question.type == "number":
        columns[name] = np.array([math.nan if a.why_empty else a.number for a in distinct])[answers.code]
    elif question.type == "single":
        columns[name] = _texts([None if a.why_empty else a.options[0] for a in distinct], answers.code)
    else:
        for option in (k for k, spec in options.items() if spec.counts):
            ticks = [math.nan if a.why_empty else float(option in a.options) for a in distinct]
            columns[option_column(name, option)] = np.array(ticks)[answers.code]
    return columns


def _texts(distinct: Sequence[str | None], code: IntArray) -> pd.Series:
    return pd.Series(pd.array(list(distinct), dtype="str").take(code))


# --- one cell an answer ------------------------------------------------------------------------------------------------


def _words(
    survey: Survey,
    question: Question,
    options: Mapping[str, Option],
    mapping: Sequence[MappedAnswer],
    unmapped: str,
    source: Source,
    column: str,
    unticked: Sequence[str] = (),
) -> Vocabulary:
    return vocabulary(
        options,
        missing=question.missing,
        missing_everywhere=survey.missing,
        unticked=unticked,
        mapping=mapping,
        unmapped=unmapped,
        labels=source.labels(column),
        declared_missing=source.declared_missing(column),
    )


def _reader(question: Question, words: Vocabulary) -> Callable[[str], Reading]:
    if question.type == "number":
        return partial(read_number, words=words, between=question.between)
    if question.type == "multi":
        return partial(read_delimited_choice, words=words, separator=question.separator)
    return partial(read_single, words=words)


def _answer(reading: Reading, question: Question, options: Mapping[str, Option]) -> Answer:
    if reading.trouble:  # it is told, and the run stops; until then it counts as something that was said
        return Answer()
    if reading.blank:
        return _blank(question, options)
    return Answer(reading.options, reading.number, reading.why_empty)


def _blank(question: Question, options: Mapping[str, Option]) -> Answer:
    """What an empty cell means, or the empty boxes of a multi-select."""
    if question.blank == "none_ticked":
        return Answer(nothing_said=True)
    if question.blank in options:
        return Answer((question.blank,), nothing_said=True)
    return Answer(why_empty=question.blank, nothing_said=True)


def _counted(answer: Answer, options: Mapping[str, Option]) -> Answer:
    """The answer; where every option chosen is declared to be none, why."""
    if answer.options and not any(options[option].counts for option in answer.options):
        return replace(answer, why_empty=options[answer.options[0]].no_answer or UNREADABLE)
    return answer


# --- one column an option ----------------------------------------------------------------------------------------------


def _read_boxes(
    survey: Survey,
    question: Question,
    options: Mapping[str, Option],
    mapping: Sequence[MappedAnswer],
    source: Source,
    name: str,
    records: Records,
) -> Cells[Answer]:
    """The answers to a multi-select with one column an option."""
    combined: IntArray = np.zeros(len(source.rows), dtype=np.int64)
    rows_of_boxes: list[tuple[Reading, ...]] = [()]
    for option, column in question.columns.items():
        spec = options[option]
        box = {option: Option(label=spec.label, raw=(*spec.written, *question.ticked))}
        takes_text = question.unmapped not in options or question.unmapped == option
        words = _words(
            survey,
            question,
            box,
            mapping,
            question.unmapped if takes_text else REFUSE,
            source,
            column,
            question.unticked,
        )
        cells = read_cells(source, column, partial(read_single, words=words), records)
        both = combined * len(cells.distinct) + cells.code
        combined, distinct = pd.factorize(both)
        rows_of_boxes = [
            (*rows_of_boxes[pair // len(cells.distinct)], cells.distinct[pair % len(cells.distinct)])
            for pair in distinct.tolist()
        ]
    order = list(options)
    found = Cells(combined.astype(np.int64), rows_of_boxes)
    answers = [_from_boxes(boxes, question, options, order) for boxes in rows_of_boxes]
    passed_over = [
        any(box.why_empty for box in boxes) and not a.why_empty for boxes, a in zip(rows_of_boxes, answers, strict=True)
    ]
    reason = "a box without an answer beside boxes that were seen: taken as not ticked"
    records.changed("clean", reason, source, name, found.where(passed_over), "", "not ticked")
    return Cells(found.code, answers)


def _from_boxes(
    boxes: tuple[Reading, ...], question: Question, options: Mapping[str, Option], order: list[str]
) -> Answer:
    """What a respondent's boxes say together.

    A tick or a box that was seen and left empty is a sign that the question was put; without any, a declared reason
    goes before emptiness.
    """
    ticked = sorted({option for box in boxes for option in box.options}, key=order.index)
    if ticked:
        return Answer(tuple(ticked))
    if any(not box.blank and not box.why_empty for box in boxes):
        return Answer()
    reason = next((box.why_empty for box in boxes if box.why_empty), "")
    return Answer(why_empty=reason) if reason else _blank(question, options)


# --- what a multi-select may hold --------------------------------------------------------------------------------------


def _without_contradictions(
    name: str,
    question: Question,
    options: Mapping[str, Option],
    cells: Cells[Answer],
    source: Source,
    records: Records,
) -> Cells[Answer]:
    """Resolve exclusive options ticked beside others, as `contradictions:` says."""
    exclusive = {k for k, option in options.items() if option.exclusive or option.no_answer}
    contradict = [len(a.options) > 1 and any(o in exclusive for o in a.options) for a in cells.distinct]
    rows = cells.where(contradict)
    if question.contradictions == "refuse":
        mend = "mend the cells, or say under `contradictions:` what is kept"
        records.refused(source, name, "an option that stands alone is ticked beside others", mend, rows)
        return cells
    resolved = [
        _one_side(answer, exclusive, question.contradictions) if mixed else answer
        for answer, mixed in zip(cells.distinct, contradict, strict=True)
    ]
    kept = {
        "keep_others": "the others are kept",
        "keep_exclusive": "it alone is kept",
        "set_aside": "the answer is set aside",
    }
    reason = f"exclusive option ticked beside others: {kept[question.contradictions]}"
    before, after = _ticks(cells.distinct), _ticks(resolved)
    records.changed("clean", reason, source, name, rows, before[cells.code[rows]], after[cells.code[rows]])
    return Cells(cells.code, resolved)


def _one_side(answer: Answer, exclusive: set[str], keep: str) -> Answer:
    alone = tuple(option for option in answer.options if option in exclusive)[:1]
    others = tuple(option for option in answer.options if option not in exclusive)
    if keep == "set_aside":
        return Answer(why_empty=UNREADABLE)
    return Answer(alone if keep == "keep_exclusive" else others or alone)


def _within_the_most(
    name: str, question: Question, cells: Cells[Answer], source: Source, records: Records
) -> Cells[Answer]:
    """Treat answers with more options than allowed as `too_many:` says."""
    if question.max_choices is None:
        return cells
    over = [len(answer.options) > question.max_choices for answer in cells.distinct]
    rows = cells.where(over)
    message = f"more than {question.max_choices} options ticked"
    if question.too_many == "refuse":
        records.refused(source, name, message, "mend the cells, or say under `too_many:` what to do with them", rows)
        return cells
    given = _ticks(cells.distinct)[cells.code[rows]]
    if question.too_many == "keep":
        records.changed("clean", f"{message}: kept as given", source, name, rows, given, given)
        return cells
    records.changed("clean", f"{message}: the answer is set aside", source, name, rows, given, "")
    set_aside = Answer(why_empty=UNREADABLE)
    return Cells(cells.code, [set_aside if much else a for a, much in zip(cells.distinct, over, strict=True)])


def _ticks(answers: Sequence[Answer]) -> npt.NDArray[np.object_]:
    return np.array(["; ".join(answer.options) for answer in answers], dtype=object)
