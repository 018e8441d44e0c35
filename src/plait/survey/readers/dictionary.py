"""Panel files that come with a data dictionary: codes in the data, meanings in a second table.

The dictionary has one row for each code of each variable: Variable, Question text, Value_code, Value_label,
Audience_broad (in words), Audience_specific (as comparisons) and Weighting variable. It is read like an export, so it
may be CSV in any encoding or a workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from plait.errors import Problems
from plait.survey.readers.audiences import EVERYONE, Audience, asked, parse_audience
from plait.survey.readers.export import RawExport, read_export
from plait.tabular.folding import fold
from plait.tabular.notes import Note

_VARIABLE, _TEXT, _CODE, _LABEL = "Variable", "Question text", "Value_code", "Value_label"
_BROAD, _SPECIFIC, _WEIGHT = "Audience_broad", "Audience_specific", "Weighting variable"
_NO_CODE = {"", "n/a", "na", "none"}


@dataclass(frozen=True)
class Variable:
    """What a data dictionary says about one variable.

    Attributes:
        name: Its column in the data.
        question_text: Wording; several wordings for different audiences are joined by ` / `.
        value_labels: Code to label.
        audience_in_words: Whom it was put to, in words.
        audience: The same as comparisons.
        weight: The column of weights that goes with it; empty where none is named.
    """

    name: str
    question_text: str
    value_labels: dict[str, str]
    audience_in_words: str = ""
    audience: Audience = EVERYONE
    weight: str = ""


@dataclass(frozen=True)
class AudienceCheck:
    """How the answers to a question agree with whom it was put to.

    Attributes:
        variable: The question.
        asked: Respondents of its audience.
        answered: Of them, those with a code.
        skipped: Of them, those with an empty cell.
        answered_unasked: Respondents outside the audience who have a code all the same.
        rows: Row numbers of the latter.
    """

    variable: str
    asked: int
    answered: int
    skipped: int
    answered_unasked: int
    rows: tuple[int, ...]


def read_dictionary(path: Path, *, name: str, encoding: str | None = None) -> dict[str, Variable]:
    """Read a data dictionary.

    Args:
        path: The file.
        name: The file as messages call it.
        encoding: As the definition gives it; found from the bytes when left out.

    Returns:
        The variables in order of the dictionary, by name.

    Raises:
        StudyError: The file cannot be read, a code has two labels, or an audience is not readable.
    """
    table = read_export(path, name=name, encoding=encoding, layout="generic", header_rows=1,
                        required=(_VARIABLE, _CODE, _LABEL)).rows  # fmt: skip
    for column in (_TEXT, _BROAD, _SPECIFIC, _WEIGHT):
        matching = [c for c in table.columns if fold(str(c)) == fold(column)]
        table = table.rename(columns=dict.fromkeys(matching[:1], column)) if matching else table.assign(**{column: ""})
    table = table.apply(lambda cells: cells.str.strip())
    # A dictionary made in a spreadsheet may name a variable on its first row only.
    table[_VARIABLE] = table[_VARIABLE].replace("", pd.NA).ffill().fillna("")
    problems = Problems()
    variables: dict[str, Variable] = {}
    for variable, part in table.groupby(_VARIABLE, sort=False):
        if not variable:
            problems.add(name, "has no variable", "name it", row=f"row {part.index[0]}", column=_VARIABLE)
            continue
        labels = _labels(str(variable), part, name, problems)
        specific = _distinct(part[_SPECIFIC])
        audience: Audience = EVERYONE
        if len(specific) > 1:
            problems.add(
                name,
                f"'{variable}' has {len(specific)} audiences",
                "one audience a variable",
                row=f"row {part.index[0]}",
                column=_SPECIFIC,
                value=" | ".join(specific),
            )
        elif specific:
            with problems.collecting():
                audience = parse_audience(specific[0], name=name, row=f"row {part.index[0]}", column=_SPECIFIC)
        weights = _distinct(part[_WEIGHT])
        variables[str(variable)] = Variable(
            name=str(variable),
            question_text=" / ".join(_distinct(part[_TEXT])),
            value_labels=labels,
            audience_in_words="; ".join(_distinct(part[_BROAD])),
            audience=audience,
            weight=weights[0] if len(weights) == 1 else "",
        )
    problems.raise_if_any()
    return variables


def _distinct(cells: pd.Series) -> list[str]:
    return [str(cell) for cell in cells[cells != ""].drop_duplicates()]


def _labels(variable: str, part: pd.DataFrame, name: str, problems: Problems) -> dict[str, str]:
    labels: dict[str, str] = {}
    for row, code, label in zip(part.index, part[_CODE], part[_LABEL], strict=True):
        if code.casefold() in _NO_CODE:
            continue
        if fold(labels.setdefault(code, label)) != fold(label):
            problems.add(
                name,
                f"code {code} of '{variable}' is '{labels[code]}' and here '{label}'",
                "one label a code",
                row=f"row {row}",
                column=_LABEL,
            )
    return labels


def with_dictionary(export: RawExport, dictionary: Mapping[str, Variable], *, name: str) -> RawExport:
    """An export with the wordings and labels of its dictionary.

    Args:
        export: The panel file.
        dictionary: Its variables.
        name: The dictionary as messages call it.

    Returns:
        The export; what the file itself says about a column gives way to the dictionary. Notes name columns that the
        dictionary does not know, and codes in the data without a label.

    Raises:
        StudyError: No column of the export is in the dictionary.
    """
    known = [str(column) for column in export.rows.columns if column in dictionary]
    if not known:
        problems = Problems()
        problems.add(name, "describes none of the columns of the export", "is it the dictionary of another file?")
        problems.raise_if_any()
    notes = [
        Note("dictionary", str(column), "the column is not in the data dictionary", 1)
        for column in export.rows.columns
        if column not in dictionary
    ]
    for column in known:
        labels = dictionary[column].value_labels
        cells = export.rows[column].str.strip()
        unlabelled = (cells != "") & ~cells.isin(list(labels))
        if labels and unlabelled.any():
            codes = ", ".join(cells[unlabelled].drop_duplicates()[:5])
            message = f"cells hold codes without a label in the data dictionary: {codes}"
            notes.append(Note("dictionary", column, message, int(unlabelled.sum())))
    texts = {column: dictionary[column].question_text for column in known if dictionary[column].question_text}
    labelled = {column: dictionary[column].value_labels for column in known if dictionary[column].value_labels}
    return replace(
        export,
        question_texts=export.question_texts | texts,
        value_labels=export.value_labels | labelled,
        notes=(*export.notes, *notes),
    )


def check_audience(variable: Variable, rows: pd.DataFrame, *, name: str) -> AudienceCheck:
    """Hold the answers to a question against its audience.

    Args:
        variable: As the dictionary describes it.
        rows: (rows, columns) of the export, cells as text.
        name: The dictionary as messages call it.

    Raises:
        StudyError: The question or a variable of its audience is no column of the export.
    """
    if variable.name not in rows.columns:
        problems = Problems()
        problems.add(name, f"describes '{variable.name}', which is no column of the export", "leave it out")
        problems.raise_if_any()
    put_to = asked(variable.audience, rows, name=name)
    answered = (rows[variable.name].str.strip() != "").to_numpy(dtype=bool)
    contradicting = answered & ~put_to
    return AudienceCheck(
        variable.name,
        asked=int(put_to.sum()),
        answered=int((put_to & answered).sum()),
        skipped=int((put_to & ~answered).sum()),
        answered_unasked=int(contradicting.sum()),
        rows=tuple(int(row) for row in rows.index[contradicting]),
    )
