"""From raw exports to one row a respondent, with a log of every change and a flow of rows that adds up.

Nothing is dropped in silence: rows leave by a declared exclusion, answers are set aside with a reason, spelling that
was folded is logged. What the definition does not foresee (an unknown answer, a repeated id) stops the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from plait import tables
from plait.delimited import read_delimited
from plait.errors import Problems, did_you_mean
from plait.study import Study
from plait.study.definition import Export, Option, Question, Survey
from plait.survey.answers import Reading, fold, read_delimited_choice, read_single
from plait.survey.variables import (
    CLUSTER,
    RESPONDENT,
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


@dataclass
class _Records:
    """What cleaning writes down as it goes."""

    problems: Problems = field(default_factory=Problems)
    log: list[pd.DataFrame] = field(default_factory=list)
    flow: list[dict[str, object]] = field(default_factory=list)

    def changed(
        self, step: str, reason: str, file: str, column: str, raw: pd.DataFrame, before: pd.Series, after: pd.Series
    ) -> None:
        """Log cells of an export that were changed; `before` and `after` share the index of the changed rows."""
        if before.empty:
            return
        self.log.append(
            pd.DataFrame(
                {
                    "step": step,
                    "reason": reason,
                    "file": file,
                    "row": before.index.to_numpy(),
                    "respondent": raw.loc[before.index, RESPONDENT].to_numpy(),
                    "column": column,
                    "before": before.to_numpy(),
                    "after": after.to_numpy(),
                }
            )
        )

    def rows(self, file: str, step: str, reason: str, before: int, after: int) -> None:
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

    responses = _join(survey, raw, records)
    _take_profile(survey, raw, responses, records)
    answers = {
        name: _take_answers(survey, name, question, raw[survey.export_of(name)], responses, records)
        for name, question in survey.questions.items()
        if question.in_exports
    }
    records.problems.raise_if_any()
    responses = pd.concat([responses, *answers.values()], axis="columns")
    add_derived(responses, survey)
    for name in answers:
        _apply_routing(survey, name, responses, records)
    log = pd.concat(records.log, ignore_index=True) if records.log else tables.CLEANING_LOG.empty()
    return Cleaned(responses.copy(), tables.CLEANING_LOG.of(log), tables.FLOW.of(records.flow))


# --- rows --------------------------------------------------------------------------------------------------------------


def _read_export(study: Study, survey: Survey, name: str, export: Export, records: _Records) -> pd.DataFrame:
    """Read one export, leave out excluded rows, and check the ids."""
    assert survey.respondent_id is not None
    here = [q for n, q in survey.questions.items() if q.in_exports and survey.export_of(n) == name]
    required = [
        survey.respondent_id,
        *(p.column for p in survey.profile.values() if p.column),
        *([survey.cluster] if survey.cluster else []),
        *(c for q in here for c in ([q.column] if q.column else q.columns.values())),
        *(e.column for e in survey.exclusions),
    ]
    raw = read_delimited(
        study.raw / export.file,
        name=export.file,
        delimiter=export.delimiter,
        header_rows=export.header_rows,
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


def _join(survey: Survey, raw: dict[str, pd.DataFrame], records: _Records) -> pd.DataFrame:
    """One row a respondent over all exports, in order of first appearance, and which exports they are in."""
    everyone = pd.concat([frame[RESPONDENT] for frame in raw.values()], ignore_index=True)
    ids = everyone.drop_duplicates().to_numpy()
    if len(raw) > 1:
        records.rows("all exports", "join", "rows of respondents who are in several exports", len(everyone), len(ids))
    responses = pd.DataFrame({RESPONDENT: ids}, dtype="str")
    for name, frame in raw.items():
        responses[export_column(name)] = responses[RESPONDENT].isin(frame[RESPONDENT])
    if survey.cluster:
        responses[CLUSTER] = _first_known(
            responses, {name: frame.set_index(RESPONDENT)[survey.cluster].str.strip() for name, frame in raw.items()}
        )
    return responses


def _first_known(responses: pd.DataFrame, by_export: dict[str, pd.Series]) -> pd.Series:
    """The first value that is not empty, in the order of the exports."""
    known = pd.Series(pd.NA, index=responses.index, dtype="str")
    for values in by_export.values():
        here = responses[RESPONDENT].map(values.replace("", pd.NA))
        known = known.fillna(here)
    return known


# --- columns -----------------------------------------------------------------------------------------------------------


def _read_cells(
    cells: pd.Series,
    read: Callable[[str], Reading],
    options: dict[str, Option],
    column: str,
    file: str,
    raw: pd.DataFrame,
    records: _Records,
) -> pd.Series:
    """Read a column of cells; each distinct text once. Unknown texts are problems, folded ones are logged."""
    readings = {text: read(text) for text in cells.unique()}
    labels = [text for option in options.values() for text in option.written]
    for text, reading in readings.items():
        if reading.unknown:
            lines = cells.index[cells == text]
            many = f", and on {len(lines) - 1} more rows" if len(lines) > 1 else ""
            records.problems.add(
                file,
                f"the answer is not one of the options{many}",
                f"{did_you_mean(reading.unknown, labels)} Mend the cell, or add the spelling to `raw:` of its option",
                row=f"row {lines[0]}",
                column=column,
                value=reading.unknown,
            )
    written = cells.map({text: reading.written for text, reading in readings.items()})
    folded = written != cells
    records.changed("clean", "spelling folded to the option's", file, column, raw, cells[folded], written[folded])
    return cells.map({text: reading.options for text, reading in readings.items()})


def _take_profile(survey: Survey, raw: dict[str, pd.DataFrame], responses: pd.DataFrame, records: _Records) -> None:
    """Add the profile variables; where exports differ for a respondent the first known value is kept and logged."""
    for variable, profile in survey.profile.items():
        if profile.column is None:
            continue
        by_export: dict[str, pd.Series] = {}
        for name, frame in raw.items():
            file = survey.exports[name].file
            unknown = {fold(text) for text in profile.unknown}
            cells = frame[profile.column].map(
                {text: "" if fold(text) in unknown else text for text in frame[profile.column].unique()}
            )

            def read(text: str, options: dict[str, Option] = profile.options) -> Reading:
                return read_single(text, options)

            read_as = _read_cells(cells, read, profile.options, profile.column, file, frame, records)
            values = read_as.map(lambda chosen: chosen[0] if chosen else "")
            by_export[name] = pd.Series(values.to_numpy(), index=frame[RESPONDENT].to_numpy(), dtype="str")
        kept = _first_known(responses, by_export)
        for name, frame in raw.items():
            first = frame[RESPONDENT].map(dict(zip(responses[RESPONDENT], kept, strict=True)))
            here = frame[RESPONDENT].map(by_export[name])
            differs = (here != "") & (here != first)
            records.changed(
                "join",
                "differs from an earlier export; the first known value is kept",
                survey.exports[name].file,
                variable,
                frame,
                here[differs],
                first[differs],
            )
        counting = [k for k, option in profile.options.items() if option.counts]
        responses[variable] = kept.where(kept.isin(counting))


def _take_answers(
    survey: Survey,
    name: str,
    question: Question,
    raw: pd.DataFrame,
    responses: pd.DataFrame,
    records: _Records,
) -> pd.DataFrame:
    """The answers to one question and why they are missing, aligned with `responses`; routing comes later."""
    options = survey.options_of(name)
    file = survey.exports[survey.export_of(name)].file
    if question.columns:
        chosen = _ticked_options(question, options, file, raw, records)
    else:
        assert question.column is not None

        def read(text: str) -> Reading:
            if question.type == "single":
                return read_single(text, options)
            return read_delimited_choice(text, options, question.separator)

        chosen = _read_cells(raw[question.column], read, options, question.column, file, raw, records)
    if question.type == "multi":
        chosen = _resolve_conflicts(name, question, options, chosen, file, raw, records)

    by_respondent = pd.Series(chosen.to_numpy(), index=raw[RESPONDENT].to_numpy())
    aligned = responses[RESPONDENT].map(by_respondent)
    asked = responses[export_column(survey.export_of(name))]
    answered = aligned.map(lambda c: isinstance(c, tuple) and len(c) > 0)
    no_answer = aligned.map(lambda c: _why_empty(c, options))

    missing = pd.Series("", index=responses.index, dtype="str")
    missing = missing.mask(asked & ~answered, "skipped").mask(~asked, "not_asked").mask(no_answer != "", no_answer)
    taken = pd.DataFrame({missing_column(name): missing})
    has_answer = missing == ""
    if question.type == "single":
        taken[name] = (
            aligned.map(lambda c: c[0] if isinstance(c, tuple) and c else None).where(has_answer).astype("str")
        )
    else:
        for option in (k for k, spec in options.items() if spec.counts):
            ticks = aligned.map(lambda c, o=option: float(o in c) if isinstance(c, tuple) else np.nan)
            taken[option_column(name, option)] = ticks.where(has_answer)
    return taken


def _ticked_options(
    question: Question, options: dict[str, Option], file: str, raw: pd.DataFrame, records: _Records
) -> pd.Series:
    """The options ticked in a multi-select with one column an option."""
    chosen = pd.Series([()] * len(raw), index=raw.index, dtype=object)
    for option, column in question.columns.items():
        spec = options[option]
        tick = Option(label=spec.label, raw=(*spec.written, *question.ticked))
        no_tick = Option(label="not ticked", raw=tuple(u for u in question.unticked if u) or ("not ticked",))

        def read(text: str, pair: dict[str, Option] = {option: tick, "": no_tick}) -> Reading:  # noqa: B006
            return read_single(text, pair)

        ticked = _read_cells(raw[column], read, {option: tick}, column, file, raw, records)
        chosen = pd.Series(
            [(*before, option) if option in now else before for before, now in zip(chosen, ticked, strict=True)],
            index=raw.index,
            dtype=object,
        )
    return chosen


def _resolve_conflicts(
    name: str,
    question: Question,
    options: dict[str, Option],
    chosen: pd.Series,
    file: str,
    raw: pd.DataFrame,
    records: _Records,
) -> pd.Series:
    """Drop an exclusive option that was ticked beside others; note where more were ticked than allowed."""
    exclusive = {k for k, option in options.items() if option.exclusive or option.no_answer}

    def without_exclusive(ticks: tuple[str, ...]) -> tuple[str, ...]:
        rest = tuple(t for t in ticks if t not in exclusive)
        return rest if rest else ticks[:1]

    resolved = chosen.map(without_exclusive)
    conflict = chosen.map(len) != resolved.map(len)
    records.changed(
        "clean",
        "exclusive option ticked beside others: the others are kept",
        file,
        name,
        raw,
        chosen[conflict].map("; ".join),
        resolved[conflict].map("; ".join),
    )
    if question.max_choices:
        over = resolved.map(len) > question.max_choices
        shown = resolved[over].map("; ".join)
        records.changed(
            "clean", f"more than {question.max_choices} options ticked: kept as given", file, name, raw, shown, shown
        )
    return resolved


def _why_empty(chosen: object, options: dict[str, Option]) -> str:
    """The kind of non-answer that was chosen, where it is outside the base."""
    if isinstance(chosen, tuple) and chosen and all(not options[c].counts for c in chosen):
        return options[chosen[0]].no_answer or ""
    return ""


def _apply_routing(survey: Survey, name: str, responses: pd.DataFrame, records: _Records) -> None:
    """Empty cells of people the question was not for are "not routed"; their answers, if any, are set aside.

    A respondent whose routing is unknown (the routing question was on a day they missed) keeps an answer.
    """
    question = survey.questions[name]
    if not question.asked_of:
        return
    column = missing_column(name)
    routed = np.logical_or.reduce([meets(responses, condition) for condition in question.asked_of])
    barred = np.logical_and.reduce([fails(responses, condition) for condition in question.asked_of])
    asked = responses[column] != "not_asked"
    stray = asked & barred & (responses[column] != "skipped")
    value_columns = [c for c in responses if c == name or str(c).startswith(f"{name}.")]
    if stray.any():
        records.log.append(
            pd.DataFrame(
                {
                    "step": "route",
                    "reason": "answered although the question was not for them: set aside",
                    "file": survey.exports[survey.export_of(name)].file,
                    "row": pd.array([pd.NA] * int(stray.sum()), dtype="Int64"),
                    "respondent": responses.loc[stray, RESPONDENT].to_numpy(),
                    "column": name,
                    "before": "answered",
                    "after": "not_routed",
                }
            )
        )
    not_routed = asked & (barred | ((responses[column] == "skipped") & ~routed))
    responses.loc[not_routed, column] = "not_routed"
    responses.loc[not_routed, value_columns] = np.nan
