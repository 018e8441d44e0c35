"""Two tables about the tables: every published column, and every variable of the survey as it is defined."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait import tables
from plait.descriptions import TYPES, ColumnDescription, describe, describe_columns, short_name
from plait.study.definition import Question, Survey
from plait.study.wording import base_in_words, listed, missing_in_words, quoted
from plait.tables import MARKERS

Line = dict[str, object]


def data_dictionary() -> pd.DataFrame:
    """Every column of every published table: type, meaning, values, unit, base. The same for every study."""
    lines = [
        {
            "table": short_name(table),
            "table_title": describe(table).title,
            "column": column,
            "type": TYPES[table.columns[column]],
            "description": said.description,
            "values": _values(column, said),
            "unit": said.unit,
            "base": said.base,
            "when_empty": said.when_empty,
            "made_from": describe(table).made_from,
        }
        for table in tables.PUBLISHED
        for column, said in describe_columns(table).items()
    ]
    return tables.PUBLISHED_DICTIONARY.of(pd.DataFrame(lines))


def _values(column: str, said: ColumnDescription) -> str:
    if column == "marker":
        return "; ".join(f"{marker} = {MARKERS[marker]}" for marker in said.values)
    return "; ".join(said.values)


def survey_variables(survey: Survey | None) -> pd.DataFrame:
    """Every question and every other variable of the survey: wording, answers, missing codes, base, origin."""
    lines = list(_variables(survey)) if survey else []
    return tables.PUBLISHED_VARIABLES.of(pd.DataFrame(lines, columns=list(tables.PUBLISHED_VARIABLES.columns)))


def _variables(survey: Survey) -> Iterator[Line]:
    for position, (name, question) in enumerate(survey.questions.items(), start=1):
        yield _line(survey, name, "question", question.type) | {
            "position": position,
            "wording": question.text,
            "values": _choices({k: o.label for k, o in survey.options_of(name).items()}),
            "missing": missing_in_words(survey, name),
            "unit": question.unit,
            "base": base_in_words(survey, name),
            "made_from": _origin(survey, name, question),
        }
    for name, profile in survey.profile.items():
        yield _line(survey, name, "profile") | {
            "values": _choices({k: o.label for k, o in profile.options.items()}),
            "missing": missing_in_words(survey, name),
            "made_from": f"the column {quoted(profile.column)}" if profile.column else "a vendor's table of results",
        }
    for name, merged in survey.derived.items():
        yield _line(survey, name, "merged") | {"made_from": survey.label_of(merged.source)}
    for name, cross in survey.crosses.items():
        yield _line(survey, name, "crossed") | {"made_from": " by ".join(map(survey.label_of, cross.of))}


def _line(survey: Survey, name: str, role: str, kind: str = "single") -> Line:
    """What is said of a variable of any kind; what is said of some is empty."""
    groups = {} if survey.is_number(name) else survey.groups_of(name)
    empty = {"position": pd.NA, "wording": "", "missing": "", "unit": "", "base": ""}
    named = {"variable": name, "label": survey.label_of(name), "role": role, "type": kind}
    return named | empty | {"values": _choices(groups)}


def _choices(labels: dict[str, str]) -> str:
    return "; ".join(f"{name} = {label}" for name, label in labels.items())


def _origin(survey: Survey, name: str, question: Question) -> str:
    if not question.in_exports:
        return "a vendor's table of results"
    export = survey.exports[survey.export_of(name)]
    columns = [question.column] if question.column else list(question.columns.values())
    noun = "the column" if len(columns) == 1 else "the columns"
    return f"{export.label or export.file}, {noun} {listed(map(quoted, columns))}"
