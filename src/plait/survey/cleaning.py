"""From raw exports to one row a respondent, with a log of every change and a flow of rows that adds up.

Nothing is dropped in silence: rows leave by a declared exclusion, answers are set aside with a reason, spelling that
was folded is logged. What the definition does not foresee (an unknown answer, a repeated id) stops the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.delimited import read_delimited
from plait.errors import Problems, did_you_mean
from plait.study import Study
from plait.study.definition import Export, Option, Profile, Question, Survey
from plait.survey.answers import Reading, fold, read_delimited_choice, read_single
from plait.survey.variables import (
    CLUSTER,
    RESPONDENT,
    IntArray,
    add_derived,
    export_column,
    fails,
    meets,
    missing_column,
    option_column,
)


@dataclass(frozen=True)
class Cleaned:
    """The survey strand after cleaning; columns of the log and the flow in `plait.tables`."""

    responses: pd.DataFrame
    log: pd.DataFrame
    flow: pd.DataFrame


_Change = tuple[npt.NDArray[Any] | str, npt.NDArray[Any] | str]
"""Cells before and after."""


@dataclass(frozen=True)
class _Export:
    """The rows of one export that are respondents, and where each respondent of the study stands in it."""

    file: str
    rows: pd.DataFrame
    position: IntArray
    """(respondents,) row of the export, -1 where the respondent is not in it."""


@dataclass(frozen=True)
class _Cells:
    """A column of an export, each distinct cell read once: `distinct[code[row]]` are the options chosen in a row."""

    code: IntArray
    distinct: list[tuple[str, ...]]


@dataclass
class _Records:
    """What cleaning writes down as it goes."""

    problems: Problems = field(default_factory=Problems)
    log: list[pd.DataFrame] = field(default_factory=list)
    flow: list[dict[str, object]] = field(default_factory=list)

    def changed(self, step: str, reason: str, export: _Export, column: str, rows: IntArray, cells: _Change) -> None:
        """Log the cells of some rows of an export, before and after."""
        if rows.size:
            self.log.append(
                pd.DataFrame(
                    {
                        "step": step,
                        "reason": reason,
                        "file": export.file,
                        "row": export.rows.index.to_numpy()[rows],
                        "respondent": export.rows[RESPONDENT].to_numpy()[rows],
                        "column": column,
                        "before": cells[0],
                        "after": cells[1],
                    }
                )
            )

    def rows(self, file: str, step: str, reason: str, before: int, after: int) -> None:
        """Log how many rows a step kept."""
        self.flow.append(
            {
                "file": file,
                "step": step,
                "reason": reason,
                "rows_in": before,
                "rows_dropped": before - after,
                "rows_out": after,
            }
        )


def clean(study: Study) -> Cleaned:
    """Read and clean every export of a study.

    Returns:
        One row a respondent in order of first appearance; a column of option ids for each single choice and profile
        variable, a 0/1 column an option for each multi-select, and for each question why a cell is empty. A study
        without exports gives an empty table.

    Raises:
        StudyError: Everything in the exports that the definition does not foresee.
    """
    survey = study.definition.survey
    records = _Records()
    if survey is None or not survey.exports:
        empty = pd.DataFrame({RESPONDENT: pd.Series(dtype="str")})
        return Cleaned(empty, tables.CLEANING_LOG.empty(), tables.FLOW.empty())

    raw: dict[str, pd.DataFrame] = {}
    for name, export in survey.exports.items():
        with records.problems.collecting():
            raw[name] = _read_export(study, survey, name, export, records)
    records.problems.raise_if_any()

    responses, exports = _join(survey, raw, records)
    columns = _take_profile(survey, exports, records)
    for name, question in survey.questions.items():
        if question.in_exports:
            columns |= _take_answers(survey, name, question, exports[survey.export_of(name)], records)
    records.problems.raise_if_any()
    responses = pd.concat([responses, pd.DataFrame(columns)], axis="columns")
    add_derived(responses, survey)
    for name, question in survey.questions.items():
        if question.in_exports and question.asked_of:
            _apply_routing(name, question, exports[survey.export_of(name)], responses, records)
    log = pd.concat(records.log, ignore_index=True) if records.log else tables.CLEANING_LOG.empty()
    return Cleaned(responses, tables.CLEANING_LOG.of(log), tables.FLOW.of(records.flow))


# --- rows --------------------------------------------------------------------------------------------------------------


def _read_export(study: Study, survey: Survey, name: str, export: Export, records: _Records) -> pd.DataFrame:
    """Read one export, leave out excluded rows, and check the ids."""
    assert survey.respondent_id is not None
    here = [q for n, q in survey.questions.items() if q.in_exports and survey.export_of(n) == name]
    required = [
        survey.respondent_id,
        *(p.column for p in survey.profile.values() if p.column),
        *([survey.design.cluster] if survey.design.cluster else []),
        *(c for q in here for c in ([q.column] if q.column else q.columns.values())),
        *(e.column for e in survey.exclusions),
    ]
    raw = read_delimited(
        study.raw / export.file,
        name=export.file,
        delimiter=export.delimiter or ",",
        header_rows=export.header_rows or 1,
        required=tuple(dict.fromkeys(required)),
    )
    records.rows(export.file, "read", "rows of the export", len(raw), len(raw))
    for exclusion in survey.exclusions:
        excluded = raw[exclusion.column].str.strip().isin(exclusion.values)
        records.rows(export.file, "exclude", exclusion.reason, len(raw), int((~excluded).sum()))
        raw = raw[~excluded]
    if raw.empty:
        records.problems.add(export.file, "holds no respondents", "check header_rows and the exclusions")

    ids = raw[survey.respondent_id].str.strip()
    for line in ids.index[ids == ""]:
        records.problems.add(
            export.file,
            "has no respondent id",
            "give the row its id, or leave it out by an exclusion",
            row=f"row {line}",
            column=survey.respondent_id,
        )
    repeated = ids[(ids != "") & ids.duplicated(keep=False)]
    for value, lines in repeated.groupby(repeated, sort=False).groups.items():
        records.problems.add(
            export.file,
            f"the respondent id stands on {len(lines)} rows ({', '.join(str(line) for line in lines[:6])})",
            "one row a respondent: remove the repeats, or leave them out by an exclusion",
            row=f"row {lines[0]}",
            column=survey.respondent_id,
            value=str(value),
        )
    return raw.assign(**{RESPONDENT: ids})


def _join(survey: Survey, raw: dict[str, pd.DataFrame], records: _Records) -> tuple[pd.DataFrame, dict[str, _Export]]:
    """One row a respondent over all exports, in order of first appearance, and which exports they are in."""
    everyone = pd.concat([frame[RESPONDENT] for frame in raw.values()], ignore_index=True)
    ids = everyone.drop_duplicates().reset_index(drop=True)
    if len(raw) > 1:
        records.rows("all exports", "join", "rows of respondents who are in several exports", len(everyone), len(ids))
    exports = {
        name: _Export(survey.exports[name].file, frame, pd.Index(frame[RESPONDENT]).get_indexer(ids))
        for name, frame in raw.items()
    }
    responses = pd.DataFrame({RESPONDENT: ids})
    for name, export in exports.items():
        responses[export_column(name)] = export.position >= 0
    if survey.design.cluster:
        clusters = [
            _aligned(export, export.rows[survey.design.cluster].str.strip().to_numpy()) for export in exports.values()
        ]
        known = pd.DataFrame(clusters).replace("", None)
        responses[CLUSTER] = known.bfill().iloc[0].to_numpy()
    return responses, exports


def _aligned(export: _Export, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Values of an export's rows, one a respondent of the study; `None` where the respondent is not in it."""
    aligned = values.astype(object)[export.position]
    aligned[export.position < 0] = None
    return aligned


# --- cells -------------------------------------------------------------------------------------------------------------


def _read_cells(
    export: _Export, column: str, options: Mapping[str, Option], read: Callable[[str], Reading], records: _Records
) -> _Cells:
    """Read a column, each distinct cell once. Unknown texts are problems, folded spelling is logged."""
    code, texts = pd.factorize(export.rows[column].to_numpy(dtype=object))
    readings = [read(str(text)) for text in texts]
    labels = [text for option in options.values() for text in option.written]
    for i, reading in enumerate(readings):
        if reading.unknown:
            lines = export.rows.index[code == i]
            many = f", and on {len(lines) - 1} more rows" if len(lines) > 1 else ""
            records.problems.add(
                export.file,
                f"the answer is not one of the options{many}",
                f"{did_you_mean(reading.unknown, labels)} Mend the cell, or add the spelling to `raw:` of its option",
                row=f"row {lines[0]}",
                column=column,
                value=reading.unknown,
            )
    written = np.array([reading.written for reading in readings], dtype=object)
    folded = np.flatnonzero((written != texts)[code])
    change = (texts[code[folded]], written[code[folded]])
    records.changed("clean", "spelling folded to the option's", export, column, folded, change)
    return _Cells(code, [reading.options for reading in readings])


def _take_profile(
    survey: Survey, exports: dict[str, _Export], records: _Records
) -> dict[str, npt.NDArray[Any] | pd.Series]:
    """The profile variables; where exports differ for a respondent the first known value is kept and logged."""
    columns: dict[str, npt.NDArray[Any] | pd.Series] = {}
    for variable, profile in survey.profile.items():
        if profile.column is None:
            continue
        names = np.array([*profile.options, None], dtype=object)
        number = {option: i for i, option in enumerate(profile.options)}
        read = _profile_reader(profile)
        given = []
        for export in exports.values():
            cells = _read_cells(export, profile.column, profile.options, read, records)
            of_distinct = np.array([number[chosen[0]] if chosen else -1 for chosen in cells.distinct])
            given.append(np.where(export.position >= 0, of_distinct[cells.code][export.position], -1))
        kept = np.full(len(given[0]), -1)
        for values, export in zip(given, exports.values(), strict=True):
            kept = np.where(kept >= 0, kept, values)
            differs = np.flatnonzero((values >= 0) & (values != kept))
            change = (names[values[differs]], names[kept[differs]])
            reason = "differs from an earlier export; the first known value is kept"
            records.changed("join", reason, export, variable, export.position[differs], change)
        outside = [i for i, option in enumerate(profile.options.values()) if not option.counts]
        columns[variable] = _text(names[np.where(np.isin(kept, outside), -1, kept)])
    return columns


def _profile_reader(profile: Profile) -> Callable[[str], Reading]:
    unknown = {fold(text) for text in profile.unknown}
    return lambda text: Reading((), text) if fold(text) in unknown else read_single(text, profile.options)


def _take_answers(
    survey: Survey, name: str, question: Question, export: _Export, records: _Records
) -> dict[str, npt.NDArray[Any] | pd.Series]:
    """The answers to one question and why they are missing; routing comes later."""
    options = survey.options_of(name)
    if question.columns:
        cells = _ticked_options(question, options, export, records)
    else:
        assert question.column is not None
        cells = _read_cells(export, question.column, options, _question_reader(question, options), records)
    if question.type == "multi":
        cells = _resolve_conflicts(name, question, options, cells, export, records)

    code = np.where(export.position >= 0, cells.code[export.position], -1)
    # Per distinct cell, with those who are not in the export last (code -1).
    missing = np.array([*(_why_empty(chosen, options) for chosen in cells.distinct), "not_asked"], dtype=object)
    columns: dict[str, npt.NDArray[Any] | pd.Series] = {missing_column(name): _text(missing[code])}
    if question.type == "single":
        answers = [chosen[0] if chosen and not missing[i] else None for i, chosen in enumerate(cells.distinct)]
        columns[name] = _text(np.array([*answers, None], dtype=object)[code])
    else:
        for option in (k for k, spec in options.items() if spec.counts):
            ticks = [np.nan if missing[i] else float(option in chosen) for i, chosen in enumerate(cells.distinct)]
            columns[option_column(name, option)] = np.array([*ticks, np.nan])[code]
    return columns


def _question_reader(question: Question, options: Mapping[str, Option]) -> Callable[[str], Reading]:
    if question.type == "single":
        return lambda text: read_single(text, options)
    return lambda text: read_delimited_choice(text, options, question.separator)


def _ticked_options(question: Question, options: Mapping[str, Option], export: _Export, records: _Records) -> _Cells:
    """The options ticked in a multi-select with one column an option."""
    ticked = np.zeros((len(export.rows), len(question.columns)), dtype=bool)
    for j, (option, column) in enumerate(question.columns.items()):
        marks = {
            option: Option(label=options[option].label, raw=(*options[option].written, *question.ticked)),
            "": Option(label="not ticked", raw=tuple(filter(None, question.unticked))),
        }
        cells = _read_cells(export, column, marks, partial(read_single, options=marks), records)
        ticked[:, j] = np.array([option in chosen for chosen in cells.distinct])[cells.code]
    distinct, code = np.unique(ticked, axis=0, return_inverse=True)
    names = list(question.columns)
    return _Cells(code.ravel(), [tuple(names[j] for j in np.flatnonzero(row)) for row in distinct])


def _resolve_conflicts(
    name: str, question: Question, options: Mapping[str, Option], cells: _Cells, export: _Export, records: _Records
) -> _Cells:
    """Drop an exclusive option that was ticked beside others; note where more were ticked than allowed."""
    exclusive = {k for k, option in options.items() if option.exclusive or option.no_answer}
    resolved = [tuple(c for c in chosen if c not in exclusive) or chosen[:1] for chosen in cells.distinct]
    before, after = (
        np.array(["; ".join(chosen) for chosen in lists], dtype=object) for lists in (cells.distinct, resolved)
    )
    rows = np.flatnonzero((before != after)[cells.code])
    reason = "exclusive option ticked beside others: the others are kept"
    change = (before[cells.code[rows]], after[cells.code[rows]])
    records.changed("clean", reason, export, name, rows, change)
    if question.max_choices:
        over = np.array([len(chosen) > question.max_choices for chosen in resolved])
        rows = np.flatnonzero(over[cells.code])
        given = after[cells.code[rows]]
        reason = f"more than {question.max_choices} options ticked: kept as given"
        records.changed("clean", reason, export, name, rows, (given, given))
    return _Cells(cells.code, resolved)


def _why_empty(chosen: tuple[str, ...], options: Mapping[str, Option]) -> str:
    """Why a cell is no answer; empty text where it is one."""
    if not chosen:
        return "skipped"
    if all(not options[option].counts for option in chosen):
        return options[chosen[0]].no_answer or ""
    return ""


def _text(values: npt.NDArray[Any]) -> pd.Series:
    return pd.Series(values, dtype="str")


# --- routing -----------------------------------------------------------------------------------------------------------


def _apply_routing(name: str, question: Question, export: _Export, responses: pd.DataFrame, records: _Records) -> None:
    """Empty cells of people the question was not for are "not routed"; their answers, if any, are set aside.

    A respondent whose routing is unknown (the routing question was on a day they missed) keeps an answer.
    """
    missing = missing_column(name)
    routed = np.logical_or.reduce([meets(responses, condition) for condition in question.asked_of])
    barred = np.logical_and.reduce([fails(responses, condition) for condition in question.asked_of])
    asked = (responses[missing] != "not_asked").to_numpy()
    empty = (responses[missing] == "skipped").to_numpy()
    stray = np.flatnonzero(asked & barred & ~empty)
    reason = "answered although the question was not for them: set aside"
    records.changed("route", reason, export, name, export.position[stray], ("answered", "not_routed"))
    not_routed = asked & (barred | (empty & ~routed))
    values = [column for column in responses if column == name or str(column).startswith(f"{name}.")]
    responses.loc[not_routed, missing] = "not_routed"
    responses.loc[not_routed, values] = np.nan
