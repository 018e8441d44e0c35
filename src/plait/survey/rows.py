"""The rows of an export that are respondents: read, without exclusions and repeats, one row a respondent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from plait.study import Study
from plait.study.definition import Duplicates, Exclusion, Export, Survey
from plait.survey import identifiers
from plait.survey.answers import plain_names
from plait.survey.dated import outside_days
from plait.survey.identifiers import hidden
from plait.survey.questions import read_answers
from plait.survey.readers import RawExport, read_dictionary, read_export, with_dictionary
from plait.survey.readers.dictionary import Variable
from plait.survey.records import SHOWN, Records, Source, numbered
from plait.tabular.folding import fold


def read_source(study: Study, name: str, records: Records) -> Source:
    """Read an export with its dictionary, and log what its reader found.

    Returns:
        The source; its respondents are not known yet, and rows stand for them.

    Raises:
        StudyError: The file cannot be read, or lacks a column of the definition.
    """
    survey = study.definition.survey
    assert survey is not None
    export = survey.exports[name]
    raw = read_export(
        study.raw / export.file,
        name=export.file,
        format=export.format,
        encoding=export.encoding,
        delimiter=export.delimiter,
        sheet=export.sheet,
        layout=export.layout,
        header_rows=export.header_rows,
        required=tuple(columns_of(survey, name)),
        others=export.dictionary is not None,  # its audiences may be told by any column
    )
    dictionary: Mapping[str, Variable] = {}
    if export.dictionary:
        dictionary = read_dictionary(study.raw / export.dictionary, name=export.dictionary)
        raw = with_dictionary(raw, dictionary, name=export.dictionary)
    for note in raw.notes:
        records.counted("read", hidden(note.message), export.file, note.column, note.count)
    records.kept(export.file, "read", "rows of the export", len(raw.rows), len(raw.rows))
    _tell_what_stays_behind(survey, name, export, raw, records)
    ids = pd.Series([f"row {line}" for line in raw.rows.index], index=raw.rows.index, dtype="str")
    rows = raw.rows[columns_of(survey, name)]
    return Source(name, export.file, rows, ids, raw, dictionary)


def columns_of(survey: Survey, export: str) -> list[str]:
    """The columns of an export that the definition names."""
    exclusions = [e.column for e in survey.exclusions if e.column]
    keys = survey.duplicates.key if survey.duplicates else ()
    dates = survey.exports[export].dates
    identity = [survey.respondent_id] if survey.respondent_id else []
    return list(dict.fromkeys([*identity, *columns_that_stay(survey, export), *exclusions, *keys, *dates]))


def columns_that_stay(survey: Survey, export: str) -> list[str]:
    """The columns of an export whose content reaches the table of responses."""
    design = survey.design
    weight, replicates = survey.exports[export].weight, survey.exports[export].replicate_weights
    return list(
        dict.fromkeys(
            [
                *(p.column for p in survey.profile.values() if p.column),
                *filter(None, [design.cluster, *design.strata, design.clusters_in_population, weight]),
                *(replicates.names if replicates else ()),
                *(
                    column
                    for question in questions_of(survey, export)
                    for column in answer_columns_of(survey, question)
                ),
            ]
        )
    )


def questions_of(survey: Survey, export: str) -> list[str]:
    """The questions that an export holds."""
    return [n for n, q in survey.questions.items() if q.in_exports and survey.export_of(n) == export]


def answer_columns_of(survey: Survey, question: str) -> list[str]:
    """The columns of a question in its export."""
    spec = survey.questions[question]
    return [spec.column] if spec.column else list(spec.columns.values())


def _tell_what_stays_behind(survey: Survey, name: str, export: Export, raw: RawExport, records: Records) -> None:
    """Log the columns that never reach the responses, refuse those that do and say who somebody is."""
    stay = columns_that_stay(survey, name)
    for column in stay:
        kind = identifiers.by_form(raw.rows[column])
        if kind:
            records.problems.add(
                export.file,
                f"holds {kind}, which say who the respondents are",
                "leave the column out of the definition, or replace it by groups in the raw file",
                column=column,
            )
    behind = [c for c in raw.rows.columns if c not in stay and c != survey.respondent_id]
    for column in behind:
        kind = identifiers.identifying(column, raw.rows[column])
        if kind:
            filled = int((raw.rows[column] != "").sum())
            records.counted("read", f"identifying column, left behind: {kind}", export.file, column, filled)
    for column in raw.unread:
        if kind := identifiers.by_header(column):
            reason = f"identifying column by its name, not read: {kind}"
            records.counted("read", reason, export.file, column, len(raw.rows))
    if count := len(behind) + len(raw.unread):
        records.counted("read", "columns that no answer is read from, left behind", export.file, "", count)


# --- respondents -------------------------------------------------------------------------------------------------------


def name_respondents(survey: Survey, sources: Mapping[str, Source], records: Records) -> dict[str, Source]:
    """Give every row the respondent it is about, by `respondent_id`; without one, each row is a respondent.

    Where the ids are addresses or names, people are numbered in order of first appearance.
    """
    column = survey.respondent_id
    if column is None:
        return dict(sources)
    ids = {name: plain_names(source.rows[column]) for name, source in sources.items()}
    for name, source in sources.items():
        if changed := int((ids[name] != source.rows[column].str.strip()).sum()):
            reason = "characters that nobody sees were taken out of respondent ids, accents evened out"
            records.counted("read", reason, source.file, column, changed)
    kinds = {name: identifiers.of_respondents(column, given) for name, given in ids.items()}
    kind = next(filter(None, kinds.values()), "")
    if kind:
        everyone = pd.concat(list(ids.values()))
        people = everyone[everyone != ""].drop_duplicates()
        number = dict(zip(people, (str(i) for i in range(1, len(people) + 1)), strict=True))
        ids = {name: given.map(number).fillna("").astype("str") for name, given in ids.items()}
        for source in sources.values():
            reason = f"the respondent ids are {kind}; respondents are numbered instead"
            records.counted("read", reason, source.file, column, len(source.rows))
    return {name: replace(source, ids=ids[name]) for name, source in sources.items()}


def check_respondents(survey: Survey, source: Source, records: Records) -> None:
    """Every row is about a respondent, and no two about the same one."""
    ids, column = source.ids, survey.respondent_id or ""
    if ids.empty:
        records.problems.add(source.file, "holds no respondents", "check header_rows and the exclusions")
    blank = np.flatnonzero(ids == "")
    records.refused(
        source, column, "has no respondent id", "give the row its id, or leave it out by an exclusion", blank
    )
    repeated = ids[(ids != "") & ids.duplicated(keep=False)]
    groups = [np.asarray(lines) for lines in repeated.groupby(repeated, sort=False).groups.values()]
    _refuse_repeats(
        source,
        column,
        "the respondent id",
        groups,
        "say under `duplicates:` which row of a person is kept, or leave rows out by an exclusion",
        records,
    )


def _refuse_repeats(
    source: Source, column: str, what: str, groups: list[np.ndarray], mend: str, records: Records
) -> None:
    """Tell of ids or keys that stand on several rows; the most repeated ones by name."""
    groups = sorted(groups, key=lambda lines: -len(lines))
    for lines in groups[:SHOWN]:
        message = f"{what} stands on {len(lines)} rows ({numbered(lines)})"
        value = str(source.ids[lines[0]]) if what == "the respondent id" else None
        records.problems.add(source.file, message, mend, row=f"row {lines[0]}", column=column, value=value)
    if len(groups) > SHOWN:
        rows = sum(len(lines) for lines in groups[SHOWN:])
        message = f"{what} stands on several rows: so it is with {len(groups) - SHOWN} more, on {rows} rows"
        records.problems.add(source.file, message, mend, row=f"row {groups[SHOWN][0]}", column=column)


# --- exclusions --------------------------------------------------------------------------------------------------------


def without_excluded(survey: Survey, source: Source, records: Records) -> Source:
    """Leave out rows by what a column holds. A code and its value label are two spellings of one cell."""
    for exclusion in survey.exclusions:
        if exclusion.column:
            dated = exclusion.before or exclusion.after
            excluded = outside_days(survey, exclusion, source) if dated else _by_cell(exclusion, source)
            before = len(source.rows)
            source = source.only(~excluded)
            records.kept(source.file, "exclude", exclusion.reason, before, len(source.rows))
    return source


def _by_cell(exclusion: Exclusion, source: Source) -> np.ndarray:
    assert exclusion.column is not None
    code, distinct = pd.factorize(source.rows[exclusion.column])
    labels = {fold(c): fold(label) for c, label in source.labels(exclusion.column).items()}
    named = {fold(text) for text in exclusion.values or exclusion.other_than}
    among = [bool({fold(str(cell)), labels.get(fold(str(cell)), fold(str(cell)))} & named) for cell in distinct]
    found = np.array(among, dtype=bool)[code] if among else np.zeros(len(code), dtype=bool)
    return found if exclusion.values else ~found


def without_unanswered(study: Study, sources: dict[str, Source], records: Records) -> dict[str, Source]:
    """Leave out respondents who answered none of some questions, wherever these stand.

    A row with no answer leaves even where its respondent has another row with one in the same export, so that of a
    person's two forms the empty one is never the one that is kept.
    """
    survey = study.definition.survey
    assert survey is not None
    for exclusion in survey.exclusions:
        held = {name: [q for q in exclusion.unanswered if q in questions_of(survey, name)] for name in sources}
        answered = {
            name: np.logical_or.reduce([_is_answered(study, q, sources[name]) for q in questions])
            for name, questions in held.items()
            if questions
        }
        people = {name: set(sources[name].ids[here]) for name, here in answered.items()}
        for name, here in answered.items():
            source = sources[name]
            others = set().union(*(ids for other, ids in people.items() if other != name))
            kept = here | source.ids.isin(others).to_numpy()
            sources[name] = source.only(kept)
            records.kept(source.file, "exclude", exclusion.reason, len(source.rows), len(sources[name].rows))
    return sources


def _is_answered(study: Study, question: str, source: Source) -> np.ndarray:
    cells = read_answers(study, question, source, Records())
    answered = [not answer.why_empty and not answer.nothing_said for answer in cells.distinct]
    return np.array(answered, dtype=bool)[cells.code]


# --- several rows a person ---------------------------------------------------------------------------------------------


def join_ticks(survey: Survey, source: Source, records: Records) -> Source:
    """Bring an export with a row for every tick to one row a respondent.

    The cells of a multi-select are joined; every other column must say the same on all rows of a respondent.
    """
    rows, ids = source.rows, source.ids
    # Nobody knows whose rows without an id are: each stays by itself, to be told of later.
    people = ids.where(ids != "", [f"row {line} has no id" for line in rows.index])
    first = ~people.duplicated()
    person = pd.factorize(people)[0]
    joined = rows[first.to_numpy()].copy()
    multi = {c: q for q in questions_of(survey, source.name) for c in answer_columns_of(survey, q)
             if survey.questions[q].type == "multi"}  # fmt: skip
    for column in columns_of(survey, source.name):
        if column == survey.respondent_id or column in survey.exports[source.name].dates:
            continue
        given = pd.DataFrame({"person": person, "cell": rows[column].str.strip().to_numpy()})
        question = survey.questions[multi[column]] if column in multi else None
        filled = given[given["cell"] != ""].drop_duplicates()
        if question and question.columns:
            filled = _ticks_before_empty_boxes(filled, {fold(text) for text in question.unticked})
        if question and question.column:
            cells = filled.groupby("person", sort=False)["cell"].agg(question.separator.join)
        else:
            twice = filled["person"].duplicated(keep=False)
            clashing = np.flatnonzero(np.isin(person, filled.loc[twice, "person"]))
            mend = "in an export with `rows: ticks` only the columns of multi-selects may differ: mend the rows"
            records.refused(source, column, "the rows of one respondent differ", mend, clashing)
            cells = filled.drop_duplicates("person").set_index("person")["cell"]
        joined[column] = cells.reindex(range(len(joined))).fillna("").to_numpy()
    records.kept(source.file, "join_ticks", "rows of one respondent brought together", len(rows), len(joined))
    return replace(source, rows=joined, ids=ids[first])


def _ticks_before_empty_boxes(cells: pd.DataFrame, unticked: set[str]) -> pd.DataFrame:
    """The cells of an option's column (person, cell): an empty box on one row gives way to the tick on another."""
    empty_box = cells["cell"].map(fold).isin(unticked)
    ticked = cells[~empty_box]
    boxes = cells[empty_box & ~cells["person"].isin(ticked["person"])].drop_duplicates("person")
    return pd.concat([ticked, boxes])


def without_repeats(survey: Survey, rule: Duplicates, source: Source, records: Records) -> Source:
    """Keep one row of people who answered more than once; rows without a key are all kept."""
    columns = list(rule.key) or ([survey.respondent_id] if survey.respondent_id else [])
    keys = source.rows[columns].apply(plain_names)
    none = {text.strip() for text in rule.no_key} | {""}
    keyless = keys.isin(none).any(axis="columns").to_numpy()
    person = keys.groupby(columns, sort=False).ngroup().to_numpy()
    person = np.where(keyless, -1, person)
    n_rows = np.bincount(person[~keyless], minlength=1)[person] * ~keyless
    column = ", ".join(columns)
    if keyless.any():
        reason = "the row has no key that says who it is about: kept"
        records.counted("repeats", reason, source.file, column, int(keyless.sum()))
    repeated = np.flatnonzero(n_rows > 1)
    if rule.keep == "refuse":
        lines = pd.Series(source.rows.index[repeated]).groupby(person[repeated], sort=False)
        groups = [part.to_numpy() for _, part in lines]
        mend = "remove the repeats, or say under `duplicates:` which row is kept"
        _refuse_repeats(source, column, "the key", groups, mend, records)
        return source
    order = pd.Series(person)
    dropped = ~keyless & order.duplicated(keep="first" if rule.keep == "first" else "last").to_numpy()
    kept_row = pd.Series(source.rows.index[~dropped & ~keyless], index=person[~dropped & ~keyless])
    rows = np.flatnonzero(dropped)
    lines_of = np.array([f"row {line}" for line in kept_row.reindex(person[rows])], dtype=object)
    reason = f"another row of the same person: the {rule.keep} is kept"
    records.changed("repeats", reason, source, column, rows, "left out", lines_of)
    many = np.flatnonzero((n_rows > rule.suspicious_above) & ~dropped)
    sizes = np.array([f"{n} rows" for n in n_rows[many]], dtype=object)
    reason = f"the key stands on more than {rule.suspicious_above} rows: it may not be one person"
    records.changed("repeats", reason, source, column, many, sizes, "1 row")
    left = source.only(~dropped)
    reason = f"further rows of the same person; the {rule.keep} is kept"
    records.kept(source.file, "repeats", reason, len(source.rows), len(left.rows))
    return left
