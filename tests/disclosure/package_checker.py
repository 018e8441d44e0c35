"""A checker of Frictionless Data Packages: of the descriptor, and of every file against what is said of it.

After the published text of Data Package 2.0, Data Resource, Table Schema and Table Dialect; of these what a package of CSV
files can break.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

_CONSTRAINTS = {"required", "unique", "minLength", "maxLength", "minimum", "maximum", "pattern", "enum"}
_READ: dict[str, Callable[[str], Any]] = {"string": str, "integer": int, "number": float}
Cells = dict[str, list[Any]]


def broken(folder: Path) -> list[str]:
    """What is wrong with the package in a folder; nothing where it is whole."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return [*_descriptor(package), *_files(package, folder)]


def _descriptor(package: dict[str, Any]) -> Iterator[str]:
    resources = package.get("resources", [])
    names = [r.get("name") for r in resources]
    if not resources or len(set(names)) < len(names):
        yield "resources: none, or two of one name"
    if not re.fullmatch(r"[a-z0-9._-]+", package.get("name", "")):
        yield "name"
    if not package.get("contributors") or any(not c.get("title") for c in package["contributors"]):
        yield "contributors"
    if "licenses" in package and any(not (x.get("name") or x.get("path")) for x in package["licenses"]):
        yield "licenses"
    if {"created", "version"} & set(package):
        yield "a clock or a counter"
    for resource in resources:
        yield from (f"{resource.get('name')}: {what}" for what in _resource(resource, set(names)))


def _resource(resource: dict[str, Any], names: set[str]) -> Iterator[str]:
    if not re.fullmatch(r"[a-z0-9._-]+", resource.get("name", "")):
        yield "name"
    path = resource.get("path", "")
    if not path or path.startswith(("/", "~")) or ".." in path.split("/") or ":" in path:
        yield "path is missing or unsafe"
    schema = resource["schema"]
    fields = {f["name"]: f for f in schema["fields"]}
    if len(fields) < len(schema["fields"]):
        yield "two fields of one name"
    for name, field in fields.items():
        if field.get("type") not in (*_READ, "boolean") or not field.get("description"):
            yield f"{name}: type or description"
        if not set(field.get("constraints", {})) <= _CONSTRAINTS:
            yield f"{name}: a constraint that is not one"
    for key in schema.get("foreignKeys", []):
        if not set(key["fields"]) <= set(fields) or key["reference"]["resource"] not in names:
            yield f"foreign key {key}"
    if not set(schema.get("primaryKey", [])) <= set(fields):
        yield "primary key"


def _files(package: dict[str, Any], folder: Path) -> Iterator[str]:
    held: dict[str, Cells] = {}
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        if len(content) != resource["bytes"] or resource["hash"] != f"sha256:{sha256(content).hexdigest()}":
            yield f"{resource['name']}: bytes or hash"
        header, *rows = csv.reader(content.decode(resource["encoding"]).splitlines(keepends=True), strict=True)
        fields = resource["schema"]["fields"]
        if header != [f["name"] for f in fields] or any(len(row) != len(fields) for row in rows):
            yield f"{resource['name']}: columns"
            continue
        held[resource["name"]] = {name: [row[i] for row in rows] for i, name in enumerate(header)}
        for i, field in enumerate(fields):
            cells = [row[i] for row in rows]
            yield from (f"{resource['name']}.{field['name']}: {what}" for what in _column(field, cells))
        yield from _keys(resource, held[resource["name"]])
    for resource in package["resources"]:
        for key in resource["schema"].get("foreignKeys", []):
            ours, theirs = held[resource["name"]], held[key["reference"]["resource"]]
            known = {*zip(*(theirs[f] for f in key["reference"]["fields"]), strict=True)}
            lost = [k for k in zip(*(ours[f] for f in key["fields"]), strict=True) if any(k) and k not in known]
            yield from (f"{resource['name']}: {key['fields']} {k} leads nowhere" for k in lost[:3])


def _column(field: dict[str, Any], cells: list[str]) -> Iterator[str]:
    limits = field.get("constraints", {})
    if limits.get("required") and "" in cells:
        yield "required and empty"
    for cell in dict.fromkeys(c for c in cells if c):
        if field["type"] == "boolean":
            if cell not in field["trueValues"] + field["falseValues"]:
                yield f"{cell!r} is no boolean"
            continue
        try:
            value = _READ[field["type"]](cell)
        except ValueError:
            yield f"{cell!r} is no {field['type']}"
            continue
        if "enum" in limits and value not in limits["enum"]:
            yield f"{cell!r} is not one of {limits['enum']}"
        if "minimum" in limits and not value >= limits["minimum"]:
            yield f"{cell} is too small"
        if "maximum" in limits and value > limits["maximum"]:
            yield f"{cell} is too large"


def _keys(resource: dict[str, Any], cells: Cells) -> Iterator[str]:
    if key := resource["schema"].get("primaryKey"):
        rows = list(zip(*(cells[f] for f in key), strict=True))
        if len(set(rows)) < len(rows) or any(not all(row) for row in rows):
            yield f"{resource['name']}: {key} is no key"
