"""Transcripts with the coding written into them: `[[code other_code|the words]]`.

A code that ends with `<` was given by the first coder only, one that ends with `>` by the second only; the second coder
exists only where the head of the file names two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"\[\[([a-z_<> ]+)\|(.*?)\]\]", re.DOTALL)


@dataclass(frozen=True)
class Mark:
    """A stretch of the plain text (end exclusive), one code, and who gave it (0 for the first coder)."""

    start: int
    end: int
    code: str
    coder: int


@dataclass(frozen=True)
class Transcript:
    """One interview: facts of the head, plain text with one line a turn, and marks in the order of the text."""

    name: str
    facts: dict[str, str]
    text: str
    marks: tuple[Mark, ...]


def read_transcript(name: str, source: str) -> Transcript:
    """Take the head and the marks out of a marked text."""
    head, _, body = source.partition("\n\n")
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    coders = range(len(facts.pop("coders").split()))
    marked = "\n".join(turn for turn in body.splitlines() if turn.strip()) + "\n"
    plain, marks, at = "", [], 0
    for match in _MARK.finditer(marked):
        plain += marked[at : match.start()]
        start, end = len(plain), len(plain) + len(match[2])
        plain += match[2]
        at = match.end()
        for code in match[1].split():
            only = {"<": [0], ">": [1]}.get(code[-1], list(coders))
            marks += [Mark(start, end, code.rstrip("<>"), coder) for coder in only]
    return Transcript(name, facts, plain + marked[at:], tuple(marks))
