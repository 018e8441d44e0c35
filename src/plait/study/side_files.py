"""The CSV files beside `study.yaml`: codebook, targets, linking, breakdown columns."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from plait.delimited import read_records
from plait.errors import Problems, did_you_mean
from plait.study.definition import Model, Text


def _split(separator: str) -> BeforeValidator:
    return BeforeValidator(
        lambda value: (
            tuple(part.strip() for part in value.split(separator) if part.strip()) if isinstance(value, str) else value
        )
    )


class CodebookEntry(Model):
    """One code or theme. A theme has no parent."""

    code: Text
    parent: str = ""
    label: Text
    kind: Literal["theme", "code", "structural"] = "code"
    """`structural` codes (unclear, not relevant) are coded and compared but never counted as findings."""
    definition: str = ""
    aliases: Annotated[tuple[str, ...], _split("|")] = ()
    """Other names of the same code in tools and older sheets."""


class Target(Model):
    """The population share of one group of one raking variable."""

    variable: Text
    group: Text
    share: Annotated[float | None, Field(ge=0, le=1), BeforeValidator(lambda v: None if v == "" else v)] = None
    """Of the population, 0 to 1; the weights then have a mean of 1."""
    count: Annotated[float | None, Field(ge=0), BeforeValidator(lambda v: None if v == "" else v)] = None
    """Instead of the share: the group's size in the population; the weights then add up to the population."""
    source: Text
    date: Text
    unit: Literal["headcount", "FTE", "pupils", "schools"]
    grade: Literal["official", "proxy", "illustrative"]
    """How far the figure can be trusted; illustrative ones are marked in every output."""


class MappedAnswer(Model):
    """A written answer and the option it stands for, as someone decided on reading it."""

    raw: Text
    option: Text
    why: str = ""


class Link(Model):
    """One construct of the joint display. Fit and meta-inference are the author's judgement, never computed."""

    construct_id: Annotated[Text, Field(alias="construct")]
    label: Text
    survey: Annotated[tuple[str, ...], _split(";")] = ()
    """`question:option` or `question:net`, separated by semicolons."""
    themes: Annotated[tuple[str, ...], _split(";")] = ()
    fit: Literal["", "confirmation", "expansion", "discordance", "silence"] = ""
    meta_inference: str = ""
    rationale: str = ""
    author: str = ""
    date: Annotated[datetime.date | None, BeforeValidator(lambda v: v or None)] = None


class Summary(Model):
    """What an author says of a theme in one case, or in one group of cases."""

    collection: Text
    theme: Text
    case: str = ""
    """As the raw files call it; "" where a group is meant."""
    by: str = ""
    """The case attribute of the group."""
    group: str = ""
    summary: Text


class BreakdownColumn(Model):
    """Which break and group a column of a vendor's breakdown table is."""

    column: Text
    break_: Annotated[str, Field(alias="break")]
    group: Text


Row = TypeVar("Row", bound=Model)


def read_rows(path: Path, model: type[Row], *, name: str) -> list[tuple[str, Row]]:
    """Read a side file into validated rows, each with its place (`row 7`) for later messages.

    Raises:
        StudyError: Everything wrong with the file and its rows.
    """
    required = tuple(f.alias or k for k, f in model.model_fields.items() if f.is_required())
    known = {f.alias or k for k, f in model.model_fields.items()}
    header, records = read_records(path, name=name, required=required)
    problems = Problems()
    for column in header:
        if column not in known:
            problems.add(name, f"has an unknown column '{column}'", did_you_mean(column, known), row="row 1")
    rows = []
    for line, record in records:
        try:
            cells = {k: v for k, v in zip(header, record, strict=True) if k in known}
            rows.append((f"row {line}", model.model_validate(cells)))
        except ValidationError as error:
            for detail in error.errors():
                column = str(detail["loc"][0]) if detail["loc"] else ""
                problems.add(
                    name, str(detail["msg"]), row=f"row {line}", column=column, value=str(detail.get("input", ""))
                )
    problems.raise_if_any()
    return rows
