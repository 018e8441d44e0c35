"""The CSV files beside `study.yaml`: codebook, decisions, quotations, targets, linking, breakdown columns."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from plait.delimited import read_records
from plait.errors import Problems, did_you_mean
from plait.study.definition import Model, Text
from plait.study.plain_words import in_plain_words


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
    interview_question: str = ""
    """What interviews asked because of the survey's result (explanatory sequential designs)."""
    fit: Literal["", "confirmation", "expansion", "discordance", "silence"] = ""
    meta_inference: str = ""
    rationale: str = ""
    author: str = ""
    date: Annotated[datetime.date | None, BeforeValidator(lambda v: v or None)] = None


def _iso_only(value: object) -> object:
    """Dates are written year-month-day; pydantic alone would take a bare number for seconds since 1970."""
    if isinstance(value, str) and value and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("is no date written as year-month-day (2026-03-31)")
    return value


IsoDate = Annotated[datetime.date, BeforeValidator(_iso_only)]
Action = Literal["rename", "merge", "split", "recode", "exclude", "add", "gives_way", "stands_alone"]


class Decision(Model):
    """One decision about the coding, made after the coders met; decisions apply in the order of the file.

    `rename`: the code has a new name, `into`, that nothing has yet. `merge`: the code becomes part of `into`. `split`:
    where the source (or every other source) has the code, it has the codes of `into` instead; the code itself among
    them stays. `recode`: in one source the code becomes `into`. `exclude`: the code everywhere, the code in one source,
    or a whole source. `add`: the code to a source. `gives_way`: the code is dropped where any code of `into` stands
    beside it. `stands_alone`: the codes of `into` are dropped beside the code.
    """

    date: IsoDate
    action: Action
    collection: str = ""
    """Empty: in every collection."""
    code: str = ""
    source: str = ""
    """Name or id of a source; empty: in every source."""
    into: Annotated[tuple[str, ...], _split(";")] = ()
    """Codes, separated by semicolons; in rules of exclusivity also themes (for all their codes) or `*` for all."""
    why: Text
    who: Text


class Quotation(Model):
    """Words of a participant, and who agreed that they may be printed. Without approval nothing is printed."""

    quote_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=40)]
    collection: Text
    code: Text
    source: Text
    """Name or id of the source."""
    text: Text
    """As said; `[...]` where words are left out, other square brackets around what was put in or in place of a name."""
    approved_by: str = ""
    date: Annotated[datetime.date | None, BeforeValidator(lambda v: _iso_only(v) or None)] = None

    @property
    def approved(self) -> bool:
        return bool(self.approved_by and self.date)


class KnownText(Model):
    """A text as it was when it was coded, as `plait texts` lists it."""

    collection: Text
    source: Text
    """Its id in the tool; its name where several files hold it."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class DeniedName(Model):
    """A real name that must not leave the project."""

    name: Text
    kind: Literal["", "person", "school", "trust", "place", "other"] = ""
    """Of a `person`, the surname alone, initials with the surname, and initials are looked for as well."""


class AllowedWord(Model):
    """A word with a capital letter that names nobody."""

    word: Text
    why: str = ""


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


def read_rows(path: Path, model: type[Row], *, name: str, problems: Problems) -> list[tuple[str, Row]]:
    """Read a side file into validated rows, each with its place (`row 7`) for later messages.

    Args:
        path: The file.
        model: What each row is to hold.
        name: The file as the user knows it.
        problems: Receives everything wrong with the rows; rows without a fault are returned all the same.

    Raises:
        StudyError: The file is no table with these columns.
    """
    required = tuple(f.alias or k for k, f in model.model_fields.items() if f.is_required())
    known = {f.alias or k for k, f in model.model_fields.items()}
    header, records = read_records(path, name=name, required=required)
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
                message, mend = in_plain_words(detail)
                problems.add(name, message, mend, row=f"row {line}", column=column, value=str(detail["input"]) or None)
    return rows
