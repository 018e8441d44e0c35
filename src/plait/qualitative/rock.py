"""Sources coded with the Reproducible Open Coding Kit (`.rock`): plain text with the codes written into it.

The text of the source is what remains when the markup, the blocks of YAML, the section breaks and the comments are
taken out, one utterance a line, so that quotations are clean; positions count in that text. A code stands for the whole
utterance it is written on. Identifiers (`[[cid=1]]`, `[[coderId=a]]`) hold until the next of their kind, as the standard
has it. A code that is written with and without the codes above it is one code, unless it stands below several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plait.errors import Problem, Problems, StudyError, neighbour_of
from plait.qualitative.coded_file import (
    CodedFile,
    Content,
    Conventions,
    FileCase,
    FileCode,
    FileCoding,
    FileOwner,
    FileSelection,
    FileSource,
    Format,
)
from plait.qualitative.database import is_database
from plait.qualitative.import_log import ImportLog, file_sha256, listed
from plait.qualitative.offsets import CONVENTIONS
from plait.qualitative.places import paths_of
from plait.qualitative.rock_markup import Block, Mark, Parsed, Utterance, parse_rock
from plait.qualitative.transcripts import canonical_text
from plait.study.yaml_text import parse_yaml
from plait.tabular.encodings import decode

_SOURCE = "source"
_MOST_BYTES = 100 * 2**20
_MOST_BLOCKS = 500
_MOST_YAML = 2**20
_TREES = ("ROCK_codes", "codes", "dct")
_ATTRIBUTES = ("ROCK_attributes", "metadata")
_CASE, _CODER, _UTTERANCE = ("cid", "caseId"), ("coderId",), ("uid",)
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")
_HEAD = re.compile(
    rb"\[\[[A-Za-z][A-Za-z0-9_>]*(?:\]\]|\|\||[=:][A-Za-z0-9_]+\]\])"
    rb"|^---<<[A-Za-z]\w*>>---|^---[ \t]*\r?\n(?:ROCK_\w+|codes|dct|metadata):",
    re.MULTILINE,
)


@dataclass
class _Tree:
    """Codes by their own name, and the codes they were written below."""

    above: dict[str, dict[str, None]] = field(default_factory=dict)
    written: dict[tuple[str, ...], None] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    """Of codes that are written into the text by another name than their id."""

    def meant(self, path: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.ids.get(part, part) for part in path)

    def add(self, path: tuple[str, ...]) -> None:
        path = self.meant(path)
        for length in range(1, len(path) + 1):
            self.written.setdefault(path[:length])
            self.above.setdefault(path[length - 1], {})
            if length > 1:
                self.above[path[length - 1]].setdefault(path[length - 2])

    def key(self, path: tuple[str, ...]) -> str:
        """The code that is meant: its own name, or with the one above it where that alone tells two apart."""
        path = self.meant(path)
        return ">".join(path[-2:]) if len(self.above[path[-1]]) > 1 else path[-1]

    def codes(self, file: str, problems: Problems) -> tuple[FileCode, ...]:
        names: dict[str, str] = {}
        parents: dict[str, str] = {}
        for path in self.written:
            key = self.key(path)
            names.setdefault(key, path[-1])
            if len(path) > 1:
                parents.setdefault(key, self.key(path[:-1]))
        paths = paths_of(names, parents, file, problems)
        return tuple(FileCode(key, paths[key], definition=self.definitions.get(names[key], "")) for key in names)


def read_rock(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read one coded source.

    Raises:
        StudyError: The file is no text, a block of YAML is not closed or cannot be read, or codes stand below
            themselves.
    """
    problems = Problems()
    parsed = parse_rock(_text(path, name, conventions.encoding), name, problems)
    tree, attributes = _Tree(), dict[str, dict[str, str]]()
    contents = list(_yaml(parsed.blocks, name, problems))
    entries = [entry for content in contents for key in _TREES for entry in _entries(content.get(key))]
    for entry in entries:
        _add_ids(entry, tree)
    for entry in entries:
        _add_tree(entry, (), tree)
    for entry in (entry for content in contents for key in _ATTRIBUTES for entry in _entries(content.get(key))):
        _add_attributes(entry, attributes)
    for mark in (mark for utterance in parsed.utterances for mark in utterance.marks):
        tree.add(mark.path)
    codes = tree.codes(name, problems)
    problems.raise_if_any()

    log = ImportLog(name, file_sha256(path), "rock", tool="ROCK")
    starts, text = _joined(parsed.utterances)
    coders = list(_persistent(parsed.utterances, _CODER))
    cases = list(_persistent(parsed.utterances, _CASE))
    selections, codings = _codings(parsed.utterances, starts, coders, tree)
    owned, owners = _owners(parsed.utterances, starts, cases)
    _note(parsed, tree, codings, log)
    known = dict.fromkeys([*(case for case in cases if case), *attributes])
    return CodedFile(
        log,
        sources=(FileSource(_SOURCE, name.rpartition("/")[2], text=text),),
        codes=codes,
        coders=tuple(dict.fromkeys(coder for coder in coders if coder)),
        cases=tuple(FileCase(case, case, attributes.get(case, {})) for case in known),
        owners=owners,
        selections=(*selections, *owned),
        codings=codings,
        names_coders=any(coders),
        offsets_in=CONVENTIONS[0],
    )


def _text(path: Path, name: str, encoding: str | None) -> str:
    if not path.is_file():
        raise StudyError([Problem(name, "there is no such file", neighbour_of(path))])
    if path.stat().st_size > _MOST_BYTES:
        message = f"is larger than {_MOST_BYTES // 2**20} MB"
        raise StudyError([Problem(name, message, "is it a source coded with ROCK?")])
    text = canonical_text(decode(path.read_bytes(), name=name, encoding=encoding).text)
    if "\0" in text:
        row = f"row {text.count(chr(10), 0, text.index(chr(0))) + 1}"
        raise StudyError([Problem(name, "holds a NUL character", "is it a source coded with ROCK?", row)])
    return text


# --- blocks of YAML ----------------------------------------------------------------------------------------------------


def _yaml(blocks: Sequence[Block], name: str, problems: Problems) -> Iterator[dict[str, Any]]:
    if len(blocks) > _MOST_BLOCKS:
        problems.add(name, f"holds more than {_MOST_BLOCKS} blocks of YAML", "is it one source?")
        return
    for block in blocks:
        row = f"row {block.row}"
        if not block.text.strip():
            continue
        if len(block.text) > _MOST_YAML:
            problems.add(name, "holds a block of YAML of more than a million characters", "is a line missing?", row=row)
            continue
        with problems.collecting():
            # Empty lines before the block keep the rows of messages right.
            content = parse_yaml("\n" * (block.row - 1) + block.text, name=name).value
            if isinstance(content, dict):
                yield content
            else:
                problems.add(
                    name,
                    "has text between two lines of three hyphens, where only attributes and codes are read",
                    "part the text with section breaks instead (---<<break>>---)",
                    row=row,
                )


def _entries(value: Any) -> list[Any]:
    """What a container holds: a list, one entry, or a container again."""
    if isinstance(value, dict):
        inner = next((value[key] for key in _TREES if key in value), None)
        return _entries(inner) if inner is not None else [value]
    return value if isinstance(value, list) else []


def _add_ids(entry: Any, tree: _Tree) -> None:
    if isinstance(entry, dict):
        if _plain(entry.get("code")) and _plain(entry.get("id")):
            tree.ids.setdefault(_plain(entry["id"]), _plain(entry["code"]))
        for child in _children(entry):
            _add_ids(child, tree)


def _add_tree(entry: Any, above: tuple[str, ...], tree: _Tree) -> None:
    """Add a code and those below it; children can be entries or bare names."""
    if isinstance(entry, str) and entry.strip():
        tree.add((*above, entry.strip()))
    if not isinstance(entry, dict):
        return
    own = _plain(entry.get("code")) or _plain(entry.get("id"))
    if not own:
        return
    parent = _plain(entry.get("parentId"))
    path = (*above, own) if above or not parent else (parent, own)
    tree.add(path)
    told = _plain(entry.get("description")) or _plain(entry.get("definition")) or _plain(entry.get("label"))
    tree.definitions.setdefault(own, told)
    for child in _children(entry):
        _add_tree(child, path, tree)


def _children(entry: dict[str, Any]) -> list[Any]:
    children = entry.get("children")
    return children if isinstance(children, list) else []


def _add_attributes(entry: Any, attributes: dict[str, dict[str, str]]) -> None:
    if isinstance(entry, dict):
        case = next((_plain(entry[key]) for key in _CASE if key in entry), "")
        if case:
            plain = {key: _plain(value) for key, value in entry.items() if key not in _CASE}
            attributes.setdefault(case, {}).update({key: value for key, value in plain.items() if value})


def _plain(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


# --- utterances --------------------------------------------------------------------------------------------------------


def _joined(utterances: Sequence[Utterance]) -> tuple[list[int], str]:
    """Where each utterance starts in the text, and the text."""
    starts, at = [], 0
    for utterance in utterances:
        starts.append(at)
        at += len(utterance.text) + 1
    return starts, "\n".join(utterance.text for utterance in utterances)


def _persistent(utterances: Iterable[Utterance], names: Sequence[str]) -> Iterator[str]:
    """The identifier that holds for each utterance: its own, or the last one before it."""
    current = ""
    for utterance in utterances:
        current = next((utterance.identifiers[name] for name in names if name in utterance.identifiers), current)
        yield current


def _codings(
    utterances: Sequence[Utterance], starts: Sequence[int], coders: Sequence[str], tree: _Tree
) -> tuple[tuple[FileSelection, ...], tuple[FileCoding, ...]]:
    selections, codings = [], []
    for utterance, start, coder in zip(utterances, starts, coders, strict=True):
        if not utterance.marks:
            continue
        row = f"row {utterance.row}"
        uid = next((utterance.identifiers[name] for name in _UTTERANCE if name in utterance.identifiers), "")
        reason = "" if utterance.text else "codes a line without text"
        selections.append(
            FileSelection(
                row,
                _SOURCE,
                start=start if utterance.text else None,
                end=start + len(utterance.text) if utterance.text else None,
                text=utterance.text,
                locator=uid or f"line {utterance.row}",
                reason=reason,
            )
        )
        codings += [_coding(mark, row, coder, reason, tree) for mark in utterance.marks]
    return tuple(selections), tuple(codings)


def _coding(mark: Mark, row: str, coder: str, reason: str, tree: _Tree) -> FileCoding:
    value = mark.value or ""
    weight = float(value) if _NUMBER.fullmatch(value) else None
    memo = "" if weight is not None else value
    return FileCoding(row, row, tree.key(mark.path), coder, weight=weight, memo=memo, reason=reason)


def _owners(
    utterances: Sequence[Utterance], starts: Sequence[int], cases: Sequence[str]
) -> tuple[tuple[FileSelection, ...], tuple[FileOwner, ...]]:
    """The whole source where it names one case; else the stretches between their identifiers."""
    named = dict.fromkeys(case for case in cases if case)
    if len(named) == 1:
        return (), (FileOwner(next(iter(named)), _SOURCE),)
    selections, owners = [], []
    first = 0
    for i in range(1, len(utterances) + 1):
        if i < len(utterances) and cases[i] == cases[first]:
            continue
        start, end = starts[first], starts[i - 1] + len(utterances[i - 1].text)
        if cases[first] and end > start:
            key = f"rows {utterances[first].row}-{utterances[i - 1].row}"
            selections.append(FileSelection(key, _SOURCE, start=start, end=end))
            owners.append(FileOwner(cases[first], _SOURCE, key))
        first = i
    return tuple(selections), tuple(owners)


def _note(parsed: Parsed, tree: _Tree, codings: Sequence[FileCoding], log: ImportLog) -> None:
    said = sum(bool(utterance.text) for utterance in parsed.utterances)
    values = sum(mark.value is not None for utterance in parsed.utterances for mark in utterance.marks)
    log.note("content", f"utterances: {said}; codes: {len(tree.above)}; codings: {len(codings)}; with values: {values}")
    log.note("markup", f"blocks: {len(parsed.blocks)}; section breaks: {parsed.sections}; comments: {parsed.comments}")
    networks = sum(utterance.networks for utterance in parsed.utterances)
    if networks:
        log.caution("networks", f"relations between codes, which are not read: {networks}")
    odd = dict.fromkeys(
        ">".join(mark.path) for utterance in parsed.utterances for mark in utterance.marks if not mark.is_standard
    )
    if odd:
        log.caution("names", f"codes with names that the standard does not know: {len(odd)} ({listed(list(odd))})")
    several = [code for code, above in tree.above.items() if len(above) > 1]
    if several:
        log.caution("several_parents", f"codes below several others, kept apart: {len(several)} ({listed(several)})")


def _is_rock(content: Content) -> bool:
    text = not content.members and not content.tables and not is_database(content.head) and b"\0" not in content.head
    return text and _HEAD.search(content.head) is not None


FORMATS = (Format("rock", "a source coded with ROCK", _is_rock, read_rock),)
