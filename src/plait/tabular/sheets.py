"""What the two Excel formats share: choosing the sheet, and turning its cells into text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from plait.errors import Problem, StudyError, did_you_mean
from plait.tabular.folding import fold
from plait.tabular.grid import Grid, grid_of
from plait.tabular.notes import Note
from plait.tabular.values import EXACT_TO, cell_text

MOST_CELLS = 40_000_000
"""A sheet's corner may not lie further out: a stray cell in the last row would ask for all memory."""


def choose_sheet(filled: dict[str, bool], visible: set[str], wanted: str | None, name: str) -> str:
    """The sheet that the definition names, or the only visible one with content.

    Args:
        filled: The sheets of the workbook and whether they hold anything.
        visible: Those not hidden.
        wanted: As the definition gives it; capitals and spaces may differ.
        name: The file as messages call it.

    Raises:
        StudyError: There is no such sheet, or several could be meant.
    """
    if wanted is not None:
        alike = [title for title in filled if title == wanted] or [t for t in filled if fold(t) == fold(wanted)]
        if len(alike) == 1:
            return alike[0]
        mend = did_you_mean(wanted, filled) if not alike else "rename one of them: " + ", ".join(alike)
        count = "no sheet" if not alike else f"{len(alike)} sheets"
        raise StudyError([Problem(name, f"has {count} called '{wanted}'", mend)])
    candidates = [title for title in filled if filled[title] and title in visible]
    candidates = candidates or [title for title in filled if filled[title]]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise StudyError([Problem(name, "is a workbook without any content", "export it again")])
    listed = ", ".join(f"'{title}'" for title in candidates)
    problem = Problem(name, f"has {len(candidates)} sheets with content: {listed}", "set `sheet:` in the definition")
    raise StudyError([problem])


def grid_of_cells(rows: Iterable[Sequence[object]], width: int) -> tuple[Grid, list[Note]]:
    """The cells of a sheet as text.

    Args:
        rows: Every row of the sheet from the first, each with `width` values.
        width: Number of columns.

    Returns:
        The rows with content, numbered as in the sheet, and notes on how typed cells were written.
    """
    counts = {"booleans": 0, "instants": 0, "long": 0}

    def texts() -> Iterator[tuple[int, list[str]]]:
        for number, row in enumerate(rows, start=1):
            cells = [value if type(value) is str else _counted(value, counts) for value in row]
            yield number, cells

    grid = grid_of(texts(), width)
    told = {
        "booleans": "cells that are true or false are written TRUE and FALSE",
        "instants": "cells that are dates or times are written in ISO 8601",
        "long": "numbers have more than 15 digits, which a workbook does not hold exactly; store ids as text",
    }
    return grid, [Note("types", "", told[kind], count) for kind, count in counts.items() if count]


@lru_cache(maxsize=65_536)
def _number_text(value: float) -> str:
    """Answers are few codes repeated many times."""
    return cell_text(value)


def _counted(value: object, counts: dict[str, int]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        counts["booleans"] += 1
    elif isinstance(value, float | int):
        counts["long"] += EXACT_TO < abs(value) < np.inf
        return _number_text(value)
    else:
        counts["instants"] += 1
    return cell_text(value)
