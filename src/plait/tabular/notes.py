"""What a reader found in an export and what it did about it, in words with counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """One thing that was found in a file and how it was taken.

    Attributes:
        step: Part of the reading: `encoding`, `delimiter`, `sheet`, `layout`, `columns`, `rows`, `cells`, `types` or
            `dictionary`.
        column: The column concerned; empty when the whole file is.
        message: What was found and done, in words.
        count: How many cells, rows or columns it concerns.
    """

    step: str
    column: str
    message: str
    count: int
