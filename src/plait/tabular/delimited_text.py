"""CSV and its relatives: the delimiter is found from the records, every cell stays the text it is."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from plait.delimited import each_record, wrong_length
from plait.errors import Problem, Problems, StudyError
from plait.tabular.grid import Grid, grid_of
from plait.tabular.notes import Note
from plait.tabular.sound_text import sound_grid

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

_TRIED = 500
"""Records by which the delimiter is judged."""
_TRIED_TEXT = 2_000_000
_MOST, _FEW = 0.9, 0.5
_SEPARATOR_LINE = re.compile(rb"sep=(.)(?:\r\n|\r|\n)")


def read_text(content: bytes, *, name: str, delimiter: str | None, problems: Problems) -> tuple[Grid, str, list[Note]]:
    """Read delimited text into columns.

    Args:
        content: The whole file in UTF-8.
        name: The file as messages call it.
        delimiter: As the definition gives it; found from the text when left out.
        problems: Receives an unclosed quotation mark and every record that is longer or shorter than the first.

    Returns:
        The cells of the sound records (those without any content included), the delimiter, and notes.

    Raises:
        StudyError: The text is empty, or the delimiter cannot be told.
    """
    content, delimiter, notes = with_delimiter(content, name=name, delimiter=delimiter)
    sound = sound_grid(content, delimiter)
    if sound is not None and len(sound.columns) > 1:
        return sound, delimiter, notes
    records = each_record(content.decode("utf-8"), delimiter, name=name, problems=problems)
    first = next(records, None)
    if first is None:
        raise StudyError(problems.found or [Problem(name, "is empty", "export it again")])
    width = len(first[1])
    _check_width(first[1], delimiter, name)
    return grid_of(_of_width(first, records, width, name, problems), width), delimiter, notes


def with_delimiter(content: bytes, *, name: str, delimiter: str | None) -> tuple[bytes, str, list[Note]]:
    """Tell the delimiter of a text, by what the definition or the file's first line says, else from its records.

    Args:
        content: The whole file in UTF-8, or its beginning.
        name: The file as messages call it.
        delimiter: As the definition gives it.

    Returns:
        The text without the content of a line `sep=;`, the delimiter, and notes.

    Raises:
        StudyError: It cannot be told.
    """
    notes: list[Note] = []
    said = _SEPARATOR_LINE.match(content)
    mark = said[1].decode() if said else ""
    if said:
        content = content[said.end() - 1 :]  # its line break stays, so that the lines below keep their numbers
        notes.append(Note("delimiter", "", f"line 1 says that the delimiter is {mark!r}", 1))
    beginning = content[: 4 * _TRIED_TEXT + 4].decode("utf-8", errors="ignore")  # a character has at most four bytes
    return content, delimiter or mark or _delimiter_of(beginning, name), notes


def _of_width(
    first: tuple[int, list[str]], records: Iterator[tuple[int, list[str]]], width: int, name: str, problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    """The records that have as many fields as the first one; the others are problems."""
    yield first
    for line, cells in records:
        if len(cells) == width:
            yield line, cells
        else:
            problems.found.append(wrong_length(name, line, len(cells), width))


def _check_width(header: list[str], delimiter: str, name: str) -> None:
    """A file read with the wrong delimiter has one column whose name holds the right one."""
    others = [words for mark, words in DELIMITERS.items() if mark != delimiter and mark in header[0]]
    if len(header) == 1 and others:
        problem = Problem(
            name,
            f"has a single column, but its header holds {' and '.join(others)}",
            "set `delimiter:` in the definition, or leave it out to have it found",
            row="row 1",
        )
        raise StudyError([problem])


def _delimiter_of(text: str, name: str) -> str:
    """The delimiter that splits the header and gives nearly every record as many fields as the header has."""
    agreeing: dict[str, float] = {}
    for mark in DELIMITERS:
        widths = _widths(text, mark)
        if widths and widths[0] > 1:
            below = widths[1:] or widths
            agreeing[mark] = sum(width == widths[0] for width in below) / len(below)
    if not agreeing:
        return _splitting_most(text)
    ranked = sorted(agreeing, key=lambda mark: -agreeing[mark])
    best = ranked[0]
    if agreeing[best] <= _FEW:
        # The first line is no header but a title with a comma in it.
        return _splitting_most(text, otherwise=best)
    if len(ranked) == 1 or (agreeing[best] >= _MOST and agreeing[ranked[1]] <= _FEW):
        return best
    candidates = ", ".join(f"{DELIMITERS[mark]} {mark!r} ({agreeing[mark]:.0%} of the records)" for mark in ranked)
    problem = Problem(
        name,
        f"could be split in more than one way: {candidates} have as many fields as the header",
        "set `delimiter:` in the definition",
        row="row 1",
    )
    raise StudyError([problem])


def _splitting_most(text: str, otherwise: str = ",") -> str:
    """For a first line that is no header: the delimiter that splits most of the others in the same way."""
    shares: dict[str, float] = {}
    for mark in DELIMITERS:
        widths = _widths(text, mark)[1:]
        width, count = Counter(widths).most_common(1)[0] if widths else (1, 0)
        shares[mark] = count / len(widths) if width > 1 else 0
    best = max(shares, key=lambda mark: shares[mark])
    return best if shares[best] >= _MOST else otherwise


def _widths(text: str, mark: str) -> list[int]:
    """The number of fields of the first records; 0 where the delimiter cuts a quoted cell in two."""
    sample = text[:_TRIED_TEXT]
    widths = []
    try:
        for record in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=mark), _TRIED):
            if record:
                halves = sum(cell.count('"') % 2 for cell in record)
                widths.append(len(record) if halves < 2 else 0)
    except csv.Error:
        pass  # the strict reading says where and why
    return widths[:-1] if len(sample) < len(text) and len(widths) < _TRIED and len(widths) > 1 else widths
