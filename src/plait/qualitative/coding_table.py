"""A table of codings in plait's own template, for coding done by hand or by a tool that nobody else reads.

One row is one code on one stretch of a source by one coder. `case`, `source`, `code`, `coder` and `text` are there
always; `start`, `end`, `weight`, `memo` and `important` where they are known. Positions count code points from 0, with
the end exclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plait.qualitative.coded_file import (
    CodedFile,
    Content,
    Conventions,
    FileCase,
    FileCode,
    FileCoding,
    FileOwner,
    FileSelection,
    FileSource,
    Format,
)
from plait.qualitative.headers import Names
from plait.qualitative.import_log import ImportLog
from plait.qualitative.offsets import CONVENTIONS
from plait.qualitative.tool_table import ToolRow, any_sheet, note_dates, open_table, truth, weight_of, whole_number

NEEDED = ("case", "source", "code", "coder", "text")
MAY = ("start", "end", "weight", "memo", "important")
_NAMES: Names = {column: (column,) for column in (*NEEDED, *MAY)}


def read_codings(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a table of codings.

    Args:
        path: The file, a workbook or delimited text.
        name: The file as messages call it.
        conventions: How the table is written, where that has to be said; a row names one code.

    Raises:
        StudyError: It is no such table, or a row names no source.
    """
    opened = open_table(path, name, conventions, _NAMES, NEEDED, reader="coding-table", tool="", filled=("source",))
    rows = list(opened.rows())
    cases_of: dict[str, dict[str, None]] = {}
    for row in rows:
        cases_of.setdefault(row["source"], {}).update(dict.fromkeys([row["case"]] if row["case"] else []))
    selections = tuple(_selection(row) for row in rows)
    _note(rows, opened.log)
    coders = tuple(dict.fromkeys(row["coder"] for row in rows if row["coder"]))
    return CodedFile(
        opened.log,
        sources=tuple(
            FileSource(source, source, case=next(iter(cases)) if len(cases) == 1 else "")
            for source, cases in cases_of.items()
        ),
        codes=tuple(FileCode(code, (code,)) for code in dict.fromkeys(row["code"] for row in rows) if code),
        coders=coders,
        cases=tuple(FileCase(case, case) for case in dict.fromkeys(row["case"] for row in rows) if case),
        # A source that several people speak in belongs to each by what is theirs of it.
        owners=tuple(
            FileOwner(row["case"], row["source"], row.name)
            for row in rows
            if row["case"] and len(cases_of[row["source"]]) > 1
        ),
        selections=selections,
        codings=tuple(_coding(row) for row in rows),
        names_coders=bool(coders),
        offsets_in=CONVENTIONS[0] if any(s.start is not None for s in selections) else "",
    )


def _selection(row: ToolRow) -> FileSelection:
    start, end = whole_number(row["start"]), whole_number(row["end"])
    reason = ""
    if (row["start"] or row["end"]) and (start is None or end is None):
        reason = f"its start and end are not both whole numbers: '{row['start'][:20]}' and '{row['end'][:20]}'"
        start = end = None
    return FileSelection(row.name, row["source"], start, end, row.whole("text"), reason=reason)


def _coding(row: ToolRow) -> FileCoding:
    weight, reason = weight_of(row["weight"])
    important = truth(row["important"])
    if important is None:
        reason = reason or f"says neither that it is important nor that it is not: '{row['important'][:40]}'"
    if not row["code"]:
        reason = "names no code"
    return FileCoding(
        row.name, row.name, row["code"], row["coder"], weight, bool(important), row["memo"], reason=reason
    )


def _note(rows: Sequence[ToolRow], log: ImportLog) -> None:
    note_dates((row["code"] for row in rows), log)
    for field, what in (("case", "rows without a case"), ("text", "rows without text, not to be quoted")):
        bare = sum(not row[field] for row in rows)
        if bare:
            log.caution(f"missing_{field}", f"{what}: {bare}")


def _is_coding_table(content: Content) -> bool:
    return any_sheet(content, _NAMES, NEEDED)


FORMATS: tuple[Format, ...] = (
    Format("coding-table", "a table of codings in plait's template", _is_coding_table, read_codings),
)
