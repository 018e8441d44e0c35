"""What cleaning works on and what it writes down: the rows of an export, the log, the flow and the problems.

The log has a line a cell that was changed. A line without a row number is about several cells of a column, or rows of
a file, at once; `after` then says how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait import tables
from plait.errors import Problems, did_you_mean
from plait.survey.answers import Trouble
from plait.survey.identifiers import hidden
from plait.survey.readers import RawExport
from plait.survey.readers.dictionary import Variable
from plait.survey.variables import IntArray
from plait.tabular.folding import fold

SHOWN = 8
"""Texts of a column, or rows of a problem, that are named one by one."""

_ROOM = 8
"""Codes that may be added without a wider number."""

T = TypeVar("T")
Codes = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class Cells(Generic[T]):
    """A column of an export, each distinct cell read once: `distinct[code[row]]` is what a row holds.

    Codes are kept in as few bytes as they need, with room for a few more.
    """

    code: Codes
    distinct: Sequence[T]

    def __post_init__(self) -> None:
        kind = next(k for k in (np.int8, np.int16, np.int32, np.int64) if len(self.distinct) < np.iinfo(k).max - _ROOM)
        object.__setattr__(self, "code", self.code.astype(kind, copy=False))

    @property
    def first(self) -> IntArray:
        """The first row that holds each distinct cell."""
        rows = np.zeros(len(self.distinct), dtype=np.int64)
        rows[self.code[::-1]] = np.arange(len(self.code) - 1, -1, -1)
        return rows

    @property
    def counts(self) -> IntArray:
        """How many rows hold each distinct cell."""
        return np.bincount(self.code, minlength=len(self.distinct)).astype(np.int64)

    def mark(self, of_distinct: Sequence[bool]) -> npt.NDArray[np.bool_]:
        """(rows,) whether the cell has a mark that is given for each distinct one."""
        marked = np.asarray(of_distinct, dtype=bool)
        return np.asarray(marked[self.code]) if marked.any() else np.zeros(len(self.code), dtype=bool)

    def where(self, of_distinct: Sequence[bool]) -> IntArray:
        """The rows whose cell has a mark that is given for each distinct one."""
        return np.flatnonzero(self.mark(of_distinct)).astype(np.int64)


@dataclass(frozen=True)
class Source:
    """The rows of an export, as far as they have been cleaned.

    Attributes:
        name: The export.
        file: Its file, as messages call it.
        rows: Cells as text; the index is the row number as the user's program shows it.
        ids: (rows,) the respondent each row is about.
        raw: The export as it was read, with all its rows and columns.
        dictionary: What its data dictionary says of each column; empty without one.
    """

    name: str
    file: str
    rows: pd.DataFrame
    ids: pd.Series
    raw: RawExport
    dictionary: Mapping[str, Variable]

    def labels(self, column: str) -> Mapping[str, str]:
        """The value labels of a column, by code."""
        return self.raw.value_labels.get(column, {})

    def declared_missing(self, column: str) -> frozenset[str]:
        """The codes of a column that the file declares user-missing."""
        return self.raw.missing_codes.get(column, frozenset())

    def read(self) -> Source:
        """The source once its cells were read: which row is about whom; with a dictionary, whose audiences may be told
        by any column, as it is."""
        if self.dictionary:
            return self
        return replace(self, rows=self.rows[[]], raw=replace(self.raw, rows=self.raw.rows[[]]))

    def only(self, kept: npt.NDArray[np.bool_]) -> Source:
        """The source with some of its rows."""
        if kept.all():
            return self
        return replace(self, rows=self.rows[kept], ids=self.ids[kept])


@dataclass(frozen=True)
class _Found:
    """A text that could not be read, and where."""

    file: str
    column: str
    row: int
    rows: int
    trouble: Trouble


Texts = npt.NDArray[Any] | str


@dataclass(frozen=True)
class _Lines:
    """Lines of the log that differ only in row, respondent and cell; without rows, one line about many cells."""

    step: str
    reason: str
    file: str
    column: str
    rows: IntArray | None
    respondents: Any
    before: Texts
    after: Texts

    def __len__(self) -> int:
        return 1 if self.rows is None else len(self.rows)


@dataclass
class Records:
    """What cleaning writes down as it goes."""

    problems: Problems = field(default_factory=Problems)
    _log: list[_Lines] = field(default_factory=list)
    _flow: list[dict[str, object]] = field(default_factory=list)
    _found: list[_Found] = field(default_factory=list)

    def changed(
        self, step: str, reason: str, source: Source, column: str, rows: IntArray, before: Texts, after: Texts
    ) -> None:
        """Log the cells of some rows of an export, before and after."""
        if rows.size:
            lines, people = source.rows.index.to_numpy()[rows], source.ids.array.take(rows)
            self._log.append(_Lines(step, reason, source.file, column, lines, people, before, after))

    def counted(self, step: str, reason: str, file: str, column: str, count: int) -> None:
        """Log something about many cells of a column, or rows of a file, at once."""
        self._log.append(_Lines(step, reason, file, column, None, None, "", str(count)))

    def kept(self, file: str, step: str, reason: str, before: int, after: int) -> None:
        """Record how many rows a step kept."""
        dropped = before - after
        line = {
            "file": file,
            "step": step,
            "reason": reason,
            "rows_in": before,
            "rows_dropped": dropped,
            "rows_out": after,
        }
        self._flow.append(line)

    def troubled(self, source: Source, column: str, troubles: Cells[Trouble | None]) -> None:
        """Note the texts of a column that could not be read."""
        wrong = [i for i, trouble in enumerate(troubles.distinct) if trouble]
        if wrong:
            lines, counts = source.rows.index.to_numpy()[troubles.first], troubles.counts
            for i in wrong:
                trouble = troubles.distinct[i]
                assert trouble is not None
                self._found.append(_Found(source.file, column, int(lines[i]), int(counts[i]), trouble))

    def refused(self, source: Source, column: str, message: str, mend: str, rows: IntArray) -> None:
        """Note a problem of some rows of an export, as one."""
        if rows.size:
            lines = source.rows.index[rows]
            where = f" (rows {numbered(lines)})" if len(lines) > 1 else ""
            self.problems.add(source.file, message + where, mend, row=f"row {lines[0]}", column=column)

    def raise_if_any(self) -> None:
        """Raise everything found, the same text in many places as one problem."""
        self._tell_found()
        self.problems.raise_if_any()

    def _tell_found(self) -> None:
        groups: dict[tuple[str, str, str], list[_Found]] = {}
        for found in self._found:
            key = (found.file, found.trouble.message, fold(found.trouble.text))
            groups.setdefault(key, []).append(found)
        by_column: dict[tuple[str, str, str], list[list[_Found]]] = {}
        for group in groups.values():
            key = (group[0].file, group[0].trouble.message, group[0].column)
            by_column.setdefault(key, []).append(group)
        for (file, message, column), texts in by_column.items():
            texts.sort(key=lambda group: -sum(found.rows for found in group))
            for group in texts[:SHOWN]:
                row, trouble = group[0].row, group[0].trouble
                guess = hidden(did_you_mean(trouble.text, trouble.known)) if trouble.known else ""
                stop = "" if not guess else " " if guess.endswith("?") else ". "
                self.problems.add(
                    file,
                    message + _elsewhere(group),
                    guess + stop + trouble.mend,
                    row=f"row {row}",
                    column=column,
                    value=hidden(trouble.text),
                )
            rest = [found for group in texts[SHOWN:] for found in group]
            if rest:
                rows = sum(found.rows for found in rest)
                many = f"{message}: so it is with {len(texts) - SHOWN} more texts, on {rows} rows"
                mend = (
                    "where a column holds people's own words, give its question a `mapping:` or say what is `unmapped:`"
                )
                self.problems.add(file, many, mend, row=f"row {rest[0].row}", column=column)
        self._found.clear()

    def log(self) -> pd.DataFrame:
        """The cleaning log."""
        if not self._log:
            return tables.CLEANING_LOG.empty()
        sizes = [len(lines) for lines in self._log]
        each = np.repeat(np.arange(len(sizes)), sizes)
        same = {
            key: pd.array([getattr(lines, key) for lines in self._log], dtype="str").take(each)
            for key in ("step", "reason", "file", "column")
        }
        rows = [pd.array([pd.NA] if lines.rows is None else lines.rows, dtype="Int64") for lines in self._log]
        people = [pd.array([""], dtype="str") if lines.rows is None else lines.respondents for lines in self._log]
        cells = {
            side: pd.concat([_filled(getattr(lines, side), len(lines)) for lines in self._log], ignore_index=True)
            for side in ("before", "after")
        }
        varying = {
            "row": pd.concat([pd.Series(part) for part in rows], ignore_index=True),
            "respondent": pd.concat([pd.Series(part) for part in people], ignore_index=True),
        }
        return tables.CLEANING_LOG.of(pd.DataFrame({**same, **varying, **cells}))

    def flow(self) -> pd.DataFrame:
        """Rows in and out of each step, file by file."""
        files = list(dict.fromkeys(line["file"] for line in self._flow))
        return tables.FLOW.of(sorted(self._flow, key=lambda line: files.index(line["file"])))


def numbered(lines: Sequence[int] | npt.NDArray[Any] | pd.Index) -> str:
    """Row numbers inside a sentence, the first few by name."""
    shown = ", ".join(str(line) for line in lines[:SHOWN])
    more = len(lines) - SHOWN
    return shown + (f" and {more} more" if more > 0 else "")


def _elsewhere(group: list[_Found]) -> str:
    """Where else a text stands, beside the row that is named."""
    more = sum(found.rows for found in group) - 1
    columns = len({found.column for found in group})
    if not more:
        return ""
    return f", and on {more} more row{'s' if more > 1 else ''}" + (f" of {columns} columns" if columns > 1 else "")


def _filled(texts: Texts, size: int) -> pd.Series:
    """One text for every line, or the text of each."""
    if isinstance(texts, str):
        return pd.Series(pd.array([texts], dtype="str").take(np.zeros(size, dtype=np.int64)))
    return pd.Series(texts, dtype="str")
