"""From the text of a cell to the option it means.

Exports drift: trailing and no-break spaces, curly quotes, dashes for hyphens, other capitals. Texts are compared after
folding these; everything else must match an option exactly, and what does not is a problem, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from plait.study.definition import Option

_FOLDS = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2007": " ",
        "\u200b": "",
        "\ufeff": "",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
    }
)
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """The text with spaces, quotation marks, dashes and capitals evened out."""
    return _SPACES.sub(" ", text.translate(_FOLDS)).strip().casefold()


@dataclass(frozen=True)
class Reading:
    """What a cell was read as."""

    options: tuple[str, ...]
    written: str
    """The cell as it should have been written; differs from the cell where spelling was folded."""
    unknown: str = ""
    """The part that is no option."""


def read_single(cell: str, options: Mapping[str, Option]) -> Reading:
    """Read one answer. An empty cell gives no option and nothing unknown."""
    index = _index(options)
    folded = fold(cell)
    if not folded:
        return Reading((), "")
    if folded in index:
        option, written = index[folded]
        return Reading((option,), written)
    return Reading((), cell, unknown=cell)


def read_delimited_choice(cell: str, options: Mapping[str, Option], separator: str) -> Reading:
    """Read a multi-select written as text.

    The cell is matched against the option list, longest first, so that an option may hold the separator itself.
    """
    index = _index(options)
    mark = fold(separator) or separator
    by_length = sorted(index, key=len, reverse=True)
    rest = fold(cell).strip(mark + " ")
    chosen: list[str] = []
    written: list[str] = []
    while rest:
        match = next((text for text in by_length if _starts(rest, text, mark)), None)
        if match is None:
            return Reading((), cell, unknown=rest.split(mark)[0].strip())
        option, words = index[match]
        if option not in chosen:
            chosen.append(option)
            written.append(words)
        rest = rest[len(match) :].strip(mark + " ")
    as_listed = separator.join(written)
    around = re.compile(rf" *{re.escape(separator.strip() or separator)} *")
    return Reading(tuple(chosen), cell if around.sub(separator, cell) == as_listed else as_listed)


def _starts(rest: str, text: str, mark: str) -> bool:
    """Whether `rest` begins with the option `text` followed by the separator or nothing."""
    if not rest.startswith(text):
        return False
    after = rest[len(text) :].lstrip(" ")
    return not after or after.startswith(mark)


def _index(options: Mapping[str, Option]) -> dict[str, tuple[str, str]]:
    return {fold(text): (name, text) for name, option in options.items() for text in option.written}
