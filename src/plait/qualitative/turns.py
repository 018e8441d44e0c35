"""Who speaks where in a transcript: turns that start with the speaker's name and a colon."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

_SPEAKER = re.compile(r"^[ \t]*([^\W_][\w.'()/-]*(?: [\w.'()/-]+){0,2})[ \t]*:(?=\s)", re.MULTILINE)


def turns_of(source: str, text: str, interviewers: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The turns of a transcript; none where no interviewer is declared or none of them speaks.

    A turn starts at a line that begins with a name of at most three words and a colon, and ends where the next one
    starts. Taking a participant's "Note:" for a name does no harm; missing a participant who speaks once would.

    Args:
        source: The id of the source.
        text: Its canonical text.
        interviewers: How the transcript calls those who ask; capitals do not matter.

    Yields:
        Rows of the table of turns.
    """
    asking = {name.casefold() for name in interviewers}
    turns = [(match.start(), match[1]) for match in _SPEAKER.finditer(text)]
    if not any(name.casefold() in asking for _, name in turns):
        return
    ends = [start for start, _ in turns[1:]] + [len(text)]
    for (start, name), end in zip(turns, ends, strict=True):
        role = "interviewer" if name.casefold() in asking else "participant"
        yield {"source": source, "start": start, "end": end, "speaker": name, "role": role}
