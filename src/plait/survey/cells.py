"""The cells of a column, each distinct one read once, and a line in the log for each that was not as written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.survey.answers import Reading
from plait.survey.identifiers import hidden
from plait.survey.records import Cells, Records, Source
from plait.tabular.folding import fold

OTHER_TEXT = "(other text)"
"""What the log says in place of people's own words."""


def read_cells(source: Source, column: str, read: Callable[[str], Reading], records: Records) -> Cells[Reading]:
    """Read a column of an export.

    Args:
        source: The export.
        column: Its name there.
        read: From the text of a cell to its reading.
        records: Receives texts that cannot be read, and a line for each cell whose spelling was folded, that the
            mapping file was needed for, or that is a text taken as `unmapped:` says.
    """
    code, distinct = pd.factorize(source.rows[column])
    texts = [str(text) for text in distinct]
    cells = Cells(code.astype(np.int64), [read(text) for text in texts])
    records.troubled(source, column, Cells(cells.code, [reading.trouble for reading in cells.distinct]))

    as_written = [reading.written == text for reading, text in zip(cells.distinct, texts, strict=True)]
    mapped = [reading.mapped for reading in cells.distinct]
    taken = [bool(reading.taken_for) for reading in cells.distinct]
    folded = [not any(ways) for ways in zip(as_written, mapped, taken, strict=True)]
    written = [reading.written for reading in cells.distinct]
    meant = ["; ".join(r.options) or r.why_empty for r in cells.distinct]
    for reason, concerned, after in (
        ("spelling folded to the option's", folded, written),
        ("read as the mapping file says", mapped, meant),
    ):
        rows = cells.where(concerned)
        change = (_each(side, concerned)[cells.code[rows]] for side in (texts, after))
        records.changed("clean", reason, source, column, rows, *change)
    for meaning in dict.fromkeys(reading.taken_for for reading in cells.distinct if reading.taken_for):
        rows = cells.where([reading.taken_for == meaning for reading in cells.distinct])
        reason = f"text that is neither an option nor in the mapping, taken for '{meaning}'"
        records.changed("clean", reason, source, column, rows, OTHER_TEXT, OTHER_TEXT)
    _count_shared_labels(source, column, cells, texts, records)
    return cells


def _count_shared_labels(
    source: Source, column: str, cells: Cells[Reading], texts: Sequence[str], records: Records
) -> None:
    """Log codes that the file gives one label, so that they are read as one option."""
    labels = {fold(code): fold(label) for code, label in source.labels(column).items()}
    given = [labels.get(fold(text), "") if r.options else "" for text, r in zip(texts, cells.distinct, strict=True)]
    shared = {label for label in given if label and given.count(label) > 1} if labels else set()
    rows = cells.where([label in shared for label in given])
    if rows.size:
        reason = "codes with the same value label, read as one option"
        records.counted("clean", reason, source.file, column, int(rows.size))


def _each(texts: Sequence[str], concerned: Sequence[bool]) -> npt.NDArray[np.object_]:
    """The texts that are going to be logged."""
    return np.array(
        [hidden(text) if wanted else "" for text, wanted in zip(texts, concerned, strict=True)], dtype=object
    )
