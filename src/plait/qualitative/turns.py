"""Who speaks where in a transcript: turns that start with the speaker's name and a colon."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

_SPEAKER = re.compile(r"^[ \t]*([^\W\d_][\w .'()/-]{0,39}?)[ \t]*:(?=\s)", re.MULTILINE)


def turns_of(source: str, text: str, interviewers: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The turns of a transcript; none where no interviewer is declared or none of them speaks.

    A turn starts at a line that begins with a name and a colon, and ends where the next one starts. Only names that
    start at least two lines, or are an interviewer's, are speakers: a colon in what somebody says is no turn.

    Args:
        source: The id of the source.
        text: Its canonical text.
        interviewers: How the transcript calls those who ask; capitals do not matter.

    Yields:
        Rows of the table of turns.
    """
    asking = {name.casefold() for name in interviewers}
    starts = [(match.start(), match[1]) for match in _SPEAKER.finditer(text)]
    said = [name.casefold() for _, name in starts]
    speakers = {name for name in said if name in asking or said.count(name) > 1}
    turns = [(start, name) for start, name in starts if name.casefold() in speakers]
    if not any(name.casefold() in asking for _, name in turns):
        return
    ends = [start for start, _ in turns[1:]] + [len(text)]
    for (start, name), end in zip(turns, ends, strict=True):
        role = "interviewer" if name.casefold() in asking else "participant"
        yield {"source": source, "start": start, "end": end, "speaker": name, "role": role}
