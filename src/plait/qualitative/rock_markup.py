"""The markup of the Reproducible Open Coding Kit: which lines hold text, and what is written into them.

The standard (Peters & Zörgő, 2022) lets the names of codes consist of letters, digits and underscores. People who code
by hand write other names as well; they are read, and told apart by `is_standard`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from plait.errors import Problems

_MARKUP = re.compile(r"\[\[([^\[\]]{1,500})\]\]")
_ANCHOR = re.compile(r"--\+-\{[^{}]{1,500}\}-\+--")
_SECTION = re.compile(r"---<<[A-Za-z][A-Za-z0-9_]*>>---")
_IDENTIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_]*)[=:](\S+)")
_STANDARD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_INTERVIEW_CODE = "ci--"
_YAML = "---"
_COMMENT = "#"
_NESTING = "~"


@dataclass(frozen=True)
class Mark:
    """A code on an utterance.

    Attributes:
        path: The code with the codes above it that were written, its own last.
        value: What `[[code||value]]` gives it; None where it is a plain code.
    """

    path: tuple[str, ...]
    value: str | None = None

    @property
    def is_standard(self) -> bool:
        return all(_STANDARD.fullmatch(part) for part in self.path)


@dataclass(frozen=True)
class Utterance:
    """A line of the file that holds text, without its markup.

    Attributes:
        row: Its line of the file.
        identifiers: `cid`, `uid`, `coderId` and so on, as written on this line.
        networks: Relations between codes, which code no text.
    """

    row: int
    text: str
    marks: tuple[Mark, ...] = ()
    identifiers: dict[str, str] = field(default_factory=dict)
    networks: int = 0


@dataclass(frozen=True)
class Block:
    """YAML between two lines of three hyphens; `row` is the line it starts on."""

    row: int
    text: str


@dataclass(frozen=True)
class Parsed:
    """The lines of a file by what they are."""

    utterances: tuple[Utterance, ...]
    blocks: tuple[Block, ...]
    sections: int
    comments: int


def parse_rock(text: str, file: str, problems: Problems) -> Parsed:
    """Part a file into utterances and blocks of YAML.

    Args:
        text: The whole file, lines ending with line feeds.
        file: The file as messages call it.
        problems: Receives a block that is not closed.
    """
    utterances: list[Utterance] = []
    blocks: list[Block] = []
    inside: list[str] | None = None
    opened = sections = comments = 0
    for row, line in enumerate(text.split("\n"), start=1):
        if line.rstrip() == _YAML:
            if inside is not None:
                blocks.append(Block(opened + 1, "\n".join(inside)))
            inside, opened = ([], row) if inside is None else (None, row)
        elif inside is not None:
            inside.append(line)
        elif line.startswith(_COMMENT):
            comments += 1
        elif _SECTION.search(line):
            sections += 1
            rest = _SECTION.sub("", line)
            if rest.strip():
                utterances.append(_utterance(row, rest))
        else:
            utterances.append(_utterance(row, line))
    if inside is not None:
        problems.add(
            file,
            "has a line of three hyphens that opens a block of YAML and no line that closes it",
            "close the block with another line of three hyphens, or write the line in another way",
            row=f"row {opened}",
        )
    return Parsed(tuple(utterances), tuple(blocks), sections, comments)


def _utterance(row: int, line: str) -> Utterance:
    marks: list[Mark] = []
    identifiers: dict[str, str] = {}
    networks = 0
    for written in _written(line):
        identifier = _IDENTIFIER.fullmatch(written)
        name, bars, value = written.partition("||")
        if identifier and not bars:
            identifiers.setdefault(identifier[1], identifier[2])
        elif "->" in name:
            networks += 1
        else:
            path = tuple(part.strip() for part in name.removeprefix(_INTERVIEW_CODE).split(">"))
            if all(path):
                marks.append(Mark(path, value.strip() if bars else None))
    said = _without(_ANCHOR, _without(_MARKUP, line)).strip().lstrip(_NESTING).strip()
    return Utterance(row, said, tuple(dict.fromkeys(marks)), identifiers, networks)


def _written(line: str) -> Iterator[str]:
    return (found[1].strip() for found in _MARKUP.finditer(line))


def _without(pattern: re.Pattern[str], line: str) -> str:
    """A line without markup and the spaces before it; a space stays where two words would run together."""
    said, at = "", 0
    for found in pattern.finditer(line):
        said, at = _next_to(said, line[at : found.start()]), found.end()
    return _next_to(said, line[at:])


def _next_to(said: str, more: str) -> str:
    bare = said.rstrip()
    return f"{bare} {more}" if bare != said and more[:1].isalnum() else bare + more
