"""The names of an export's columns: complete, unique, and as the study definition writes them.

Exports repeat names, leave them blank and write them with no-break spaces, HTML and typographic quotation marks. Here
an unnamed column is called `(column 3)`, and of several columns with one name each gets its number, `Other (1)`,
`Other (2)`, in the order of the file; asking for `Other` without a number is refused, because it could be any of them.
A definition may write plain spaces, quotation marks and hyphens: a name that matches only after evening these out is
taken, and what the definition writes becomes the column's name.
"""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from plait.errors import Problems, did_you_mean
from plait.tabular.folding import fold
from plait.tabular.notes import Note

_BREAKING = re.compile(r"(?i)</?(?:br|p|div|li|ul|ol|tr|td|h\d)\b[^<>]*>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


@dataclass(frozen=True)
class Columns:
    """The columns of an export that are kept.

    Attributes:
        places: Where each stands among the columns of the file, from 0.
        names: The unique name of each.
    """

    places: list[int]
    names: list[str]


def even(heading: str) -> str:
    """A heading without HTML, with spaces, quotation marks, dashes and capitals evened out, for comparing."""
    text = html.unescape(heading)
    return fold(_TAG.sub("", _BREAKING.sub(" ", text)))


def name_columns(
    raw: list[str],
    codes: list[str],
    empty: list[bool],
    *,
    required: tuple[str, ...],
    name: str,
    row: str,
    problems: Problems,
) -> tuple[Columns, list[Note]]:
    """Give every column a unique name and find those that the definition asks for.

    Args:
        raw: Names as in the file, trimmed; empty where a column has none.
        codes: Codes by which columns may also be asked for; empty where there is none.
        empty: Whether an unnamed column holds nothing below the header.
        required: Columns that must be there, as the definition writes them.
        name: The file as messages call it.
        row: Where the names stand, for messages.
        problems: Receives names that are absent or could be several columns.

    Returns:
        The columns kept (an unnamed one without content is left out), and notes.
    """
    notes: list[Note] = []
    places = [i for i, title in enumerate(raw) if title or not empty[i]]
    if len(places) < len(raw):
        notes.append(Note("columns", "", "columns without a name or content were left out", len(raw) - len(places)))
    names = [raw[i] or f"(column {i + 1})" for i in places]
    for i, title in zip(places, names, strict=True):
        if not raw[i]:
            notes.append(Note("columns", title, "the column has no name in the file and is called by its place", 1))
    repeated = {title: count for title, count in Counter(names).items() if count > 1}
    taken: Counter[str] = Counter()
    for k, title in enumerate(names):
        if title in repeated:
            taken[title] += 1
            names[k] = f"{title} ({taken[title]})"
    for title, count in repeated.items():
        message = f"{count} columns have this name; they are called '{title} (1)' to '{title} ({count})'"
        notes.append(Note("columns", title, message, count))
    for title, count in Counter(names).items():
        if count > 1:
            problems.add(name, f"has {count} columns called '{title}'", "rename one of them", row=row)
    names, renamed = _as_required(names, [codes[i] for i in places], repeated, required, name, row, problems)
    return Columns(places, names), notes + renamed


def _as_required(
    names: list[str],
    codes: list[str],
    repeated: dict[str, int],
    required: tuple[str, ...],
    name: str,
    row: str,
    problems: Problems,
) -> tuple[list[str], list[Note]]:
    """Find each required column, by its exact name, its code or its evened-out name, and call it as required."""
    notes: list[Note] = []
    exact = set(names)
    by_code: defaultdict[str, list[int]] = defaultdict(list)
    by_even: defaultdict[str, list[int]] = defaultdict(list)
    for k, (title, code) in enumerate(zip(names, codes, strict=True)):
        if code:
            by_code[code].append(k)
        by_even[even(title)].append(k)
    evenly_repeated = {even(title): title for title in repeated}
    renamed = list(names)
    for wanted in dict.fromkeys(required):
        if wanted in exact:
            continue
        if wanted in repeated or even(wanted) in evenly_repeated:
            title = wanted if wanted in repeated else evenly_repeated[even(wanted)]
            count = repeated[title]
            problems.add(
                name,
                f"has {count} columns called '{title}'",
                f"write which one is meant: '{title} (1)' to '{title} ({count})', in the order of the file",
                row=row,
            )
            continue
        found = by_code.get(wanted) or by_even.get(even(wanted)) or []
        if len(found) == 1 and renamed[found[0]] == names[found[0]]:
            renamed[found[0]] = wanted
            notes.append(Note("columns", wanted, f"the column is '{names[found[0]]}' in the file", 1))
        elif found:
            alike = ", ".join(f"'{names[k]}'" for k in found)
            problems.add(
                name,
                f"has no column '{wanted}' exactly, and it could be any of {alike}"
                if len(found) > 1
                else f"has one column {alike}, which the definition calls both '{renamed[found[0]]}' and '{wanted}'",
                "write the name as the file does",
                row=row,
            )
        else:
            problems.add(name, f"has no column '{wanted}'", did_you_mean(wanted, names), row=row)
    return renamed, notes
