"""YAML read as plain text values, with the line of every key.

Only mappings, lists and text are accepted: no type guessing (`no` stays `no`, `012` stays `012`), no tags, no anchors
or aliases, no repeated keys. The models convert text to numbers and dates where they ask for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from plait.errors import Problem, Problems, StudyError

Key = tuple[str | int, ...]

_PLAIN_TAGS = {
    "tag:yaml.org,2002:str",
    "tag:yaml.org,2002:seq",
    "tag:yaml.org,2002:map",
}
_MOST_LEVELS = 100
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class YamlText:
    """The content of a YAML file and where each key stands in it."""

    value: Any
    lines: dict[Key, int]

    def line_of(self, key: Key) -> int:
        """The line of a key, or of its nearest parent when the key itself is absent."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)


def read_yaml(path: Path, *, name: str) -> YamlText:
    """Read a YAML file.

    Raises:
        StudyError: The file is absent, not UTF-8, not YAML, or uses tags, aliases or repeated keys.
    """
    problems = Problems()
    text = ""
    if not path.is_file():
        problems.add(name, "there is no such file", f"expected it at {path}")
        problems.raise_if_any()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(name, f"is not UTF-8 text (byte {error.start})", "save it as UTF-8")
        problems.raise_if_any()
    return parse_yaml(text, name=name)


def parse_yaml(text: str, *, name: str) -> YamlText:
    """Read YAML that stands inside another file; empty lines before it keep the rows of the file.

    Raises:
        StudyError: The text is not YAML, is nested too deep, or uses tags, aliases or repeated keys.
    """
    problems = Problems()
    try:
        _check_depth(text, name)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"row {mark.line + 1}" if mark else ""
        problems.add(
            name,
            f"is not YAML: {getattr(error, 'problem', error)}",
            "check the indentation and put values that hold ': ' or start with a special character in quotes",
            row=where,
        )
        problems.raise_if_any()
    if node is None:
        raise StudyError([Problem(name, "is empty", "start from one of the example studies")])
    lines: dict[Key, int] = {}
    value = _plain(node, (), lines, set(), problems, name)
    problems.raise_if_any()
    return YamlText(value, lines)


def _check_depth(text: str, name: str) -> None:
    """Refuse what is nested too deep, because nodes are built by functions that call themselves."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_LEVELS:
            row = f"row {event.start_mark.line + 1}" if event.start_mark else ""
            raise StudyError([Problem(name, f"is nested more than {_MOST_LEVELS} levels deep", "flatten it", row)])


def _plain(node: yaml.Node, key: Key, lines: dict[Key, int], seen: set[int], problems: Problems, name: str) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(key, line)
    if id(node) in seen:
        problems.add(name, "uses an alias (*name)", "write the value out", row=f"row {line}")
        return None
    seen.add(id(node))
    if node.tag not in _PLAIN_TAGS:
        problems.add(name, "uses a tag", "write a plain value", row=f"row {line}", value=node.tag)
        return None
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                problems.add(name, "has a key that is not plain text", "write a plain key", row=f"row {key_line}")
                continue
            child = str(key_node.value)
            if child in mapping:
                first = lines[(*key, child)]
                problems.add(
                    name, f"has the key '{child}' twice (first on row {first})", "remove one", row=f"row {key_line}"
                )
                continue
            lines[(*key, child)] = key_line
            mapping[child] = _plain(value_node, (*key, child), lines, seen, problems, name)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*key, i), lines, seen, problems, name) for i, item in enumerate(node.value)]
    return str(node.value)
