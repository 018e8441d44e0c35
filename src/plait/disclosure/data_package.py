"""The published tables as a Frictionless Data Package: `datapackage.json` says of each file what it holds, and its hash.

Data Package 2.0 (Open Knowledge Foundation 2024), whose properties readers of version 1 know as well. Nothing in it
depends on when or where it was written.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from plait import tables
from plait.descriptions import ColumnDescription, describe, describe_columns, short_name
from plait.disclosure.rules import Rules
from plait.study.definition import About, Definition
from plait.tables import COUNT, FLAG, MARK, NUMBER, TEXT, Table

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {TEXT: "string", COUNT: "integer", NUMBER: "number", FLAG: "boolean"}
_KEYS = {"survey_variables": ["variable"], "data_dictionary": ["table", "column"]}
"""What no two rows of a table share."""
_READING = (
    "Columns are explained in data_dictionary.csv, questions in survey_variables.csv. An empty cell means what "
    "the description of its column says. A text that a spreadsheet would take for a formula starts with an apostrophe."
)
_OF_MARK = "What every output must say of the disclosure rules, in every row."


def data_package(folder: Path, definition: Definition, rules: Rules) -> dict[str, Any]:
    """Describe the published tables of a study.

    Args:
        folder: Where they lie, each of them written.
        definition: Says whose they are.
        rules: The disclosure rules they passed; what these ask outputs to say is said.

    Returns:
        The content of `datapackage.json`.
    """
    about = definition.about
    package: dict[str, Any] = {
        "$schema": PROFILE,
        "name": definition.study,
        "title": definition.title,
        "description": _description(definition, rules),
        "contributors": [
            {"title": about.conducted_by, "roles": ["creator"]},
            {"title": about.commissioned_by, "roles": ["funder"]},
        ],
    }
    if about.licence:
        package["licenses"] = [_licence(about)]
    return package | {"resources": [_resource(folder, table, rules) for table in tables.PUBLISHED]}


def _description(definition: Definition, rules: Rules) -> str:
    simulated = "The data are simulated: nobody gave these answers." if definition.simulated else ""
    mark = f"{rules.mark}." if rules.mark else ""
    return " ".join(filter(None, (definition.research_question, simulated, mark, _READING)))


def _licence(about: About) -> dict[str, str]:
    assert about.licence
    named = {"name": about.licence.name, "title": about.licence.title, "path": about.licence.path}
    return {key: text for key, text in named.items() if text}


def _resource(folder: Path, table: Table, rules: Rules) -> dict[str, Any]:
    name = short_name(table)
    content = (folder / f"{name}.csv").read_bytes()
    return {
        "name": name,
        "path": f"{name}.csv",
        "type": "table",
        "title": describe(table).title,
        "description": f"Made from: {describe(table).made_from}.",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": _schema(table, rules),
    }


def _schema(table: Table, rules: Rules) -> dict[str, Any]:
    columns = describe_columns(table)
    schema: dict[str, Any] = {
        "fields": [_field(name, table.columns[name], said) for name, said in columns.items()],
        "missingValues": [""],
    }
    if rules.mark and MARK not in table.columns:
        schema["fields"].append({"name": MARK, "type": "string", "description": _OF_MARK})
    if short_name(table) in _KEYS:
        schema["primaryKey"] = _KEYS[short_name(table)]
    places = {name: said.refers_to.split(".") for name, said in columns.items() if said.refers_to}
    if places:
        schema["foreignKeys"] = [
            {"fields": [name], "reference": {"resource": resource, "fields": [column]}}
            for name, (resource, column) in places.items()
        ]
    return schema


def _field(name: str, kind: str, said: ColumnDescription) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "type": _TYPES[kind], "description": _in_words(said)}
    if kind == FLAG:
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    limits = {"minimum": 0 if kind == COUNT else said.least, "maximum": said.most}
    constraints: dict[str, Any] = {key: _plain(limit) for key, limit in limits.items() if limit is not None}
    if said.values:
        constraints["enum"] = list(said.values)
    if not said.when_empty:
        constraints["required"] = True
    return field | ({"constraints": constraints} if constraints else {})


def _plain(limit: float) -> float | int:
    return int(limit) if float(limit).is_integer() else limit


def _in_words(said: ColumnDescription) -> str:
    more = (("Unit", said.unit), ("Out of", said.base), ("Empty", said.when_empty))
    return ". ".join([said.description, *(f"{topic}: {text}" for topic, text in more if text)]) + "."
