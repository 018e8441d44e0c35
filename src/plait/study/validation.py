"""From the text of a YAML file to a checked model, with everything that is wrong told in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import ValidationError

from plait.errors import Problems, did_you_mean
from plait.study.definition import Model
from plait.study.plain_words import in_plain_words
from plait.study.yaml_text import YamlText

Kind = TypeVar("Kind", bound=Model)


def validated(text: YamlText, model: type[Kind], called: str, file: str, problems: Problems) -> Kind | None:
    """What a file says, as a model; where its only faults are unknown keys, these are told and the rest is read.

    Args:
        text: The content of the file; unknown keys are taken out of it.
        model: What the file is to hold.
        called: What messages call that.
        file: The file as the user knows it.
        problems: Receives everything wrong.

    Returns:
        The model; None where the content is not one.
    """
    try:
        return model.model_validate(text.value)
    except ValidationError as error:
        details = error.errors()
    for detail in details:
        place = _place(detail["loc"], text)
        message, mend = in_plain_words(detail)
        if detail["type"] == "extra_forbidden":
            message, mend = (
                f"is not a key of the {called}",
                did_you_mean(str(place[-1]), known_keys(model, detail["loc"])),
            )
        problems.add(
            file,
            message,
            mend,
            row=f"row {text.line_of(place)}",
            column=".".join(map(str, place)),
            value=str(detail["input"]) if isinstance(detail["input"], str) else None,
        )
    if any(detail["type"] != "extra_forbidden" for detail in details):
        return None
    for detail in details:
        _remove(text.value, _place(detail["loc"], text))
    try:
        return model.model_validate(text.value)
    except ValidationError:
        return None


def _remove(value: Any, place: tuple[str | int, ...]) -> None:
    for part in place[:-1]:
        value = value[part]
    value.pop(place[-1], None)


def _place(location: tuple[str | int, ...], text: YamlText) -> tuple[str | int, ...]:
    """The keys as the user wrote them: pydantic adds the names of union members and `[key]`.

    Such a name may be a key as well (`sheets`); of the ways to read it, the one that leads furthest is taken.
    """
    if not location:  # said of the file as a whole
        return ()
    *above, last = location
    places: list[tuple[str | int, ...]] = [()]
    for part in above:
        places += [(*place, part) for place in places if (*place, part) in text.lines]
    found = max(reversed(places), key=lambda place: ((*place, last) in text.lines, len(place)))
    return (*found, last)


def known_keys(model: type[Model], location: tuple[str | int, ...]) -> list[str]:
    """The keys allowed beside an unknown one, found by walking the JSON Schema of the model."""
    schema = model.model_json_schema(by_alias=True)
    nodes = [schema]
    for part in location[:-1]:
        # Parts that pydantic adds (the tag of a union's member) lead nowhere in the schema and are passed over.
        nodes = [child for node in nodes for child in _children(node, part, schema)] or nodes
    return sorted({key for node in nodes for form in _forms(node, schema) for key in form.get("properties", {})})


def _children(node: dict[str, Any], part: str | int, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for form in _forms(node, schema):
        if isinstance(part, int):
            named = [form.get("items")]
        elif part in form.get("properties", {}):
            named = [form["properties"][part]]
        else:
            named = [form.get("additionalProperties"), *form.get("patternProperties", {}).values()]
        yield from (child for child in named if isinstance(child, dict))


def _forms(node: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The forms that a value may take: references followed, alternatives one by one."""
    node = _resolved(node, schema)
    alternatives = node.get("anyOf", []) + node.get("oneOf", [])
    for alternative in alternatives:
        yield from _forms(alternative, schema)
    if not alternatives:
        yield node


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node
