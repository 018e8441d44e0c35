"""Tables exported by Dedoose: excerpts with a group of columns for each code, and codebooks.

A row is one excerpt; for each code there is whether it applies, where, and with what weight. Columns that stand for
nothing else describe the person behind the source (descriptors).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plait.errors import Problems
from plait.qualitative.coded_file import (
    CodedFile,
    Content,
    Conventions,
    FileCase,
    FileCode,
    FileCoding,
    FileSelection,
    FileSource,
    Format,
)
from plait.qualitative.headers import DEDOOSE_CODES, DEDOOSE_EXCERPTS
from plait.qualitative.import_log import ImportLog, listed
from plait.qualitative.tool_table import ToolRow, any_sheet, open_table, truth, weight_of

_EXCERPTS = ("media", "range", "text")
_CODES = ("id", "parent", "depth", "title")
_COLUMN = re.compile(r"Code:\s*(.+?)\s+(Applied|Range|Weight)", re.DOTALL)
_RANGE = re.compile(r"(\d{1,12})\s*-\s*(\d{1,12})")


@dataclass(frozen=True)
class _CodeColumns:
    """The columns of one code: whether it applies, and where and how strongly if the table says so."""

    code: str
    applied: int
    range: int | None
    weight: int | None


# --- excerpts ------------------------------------------------------------------------------------------------------------


def read_excerpts(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a table of excerpts.

    Ranges are positions as Dedoose counts them in its own copy of the source, which the table does not hold.

    Args:
        path: The file, a workbook or delimited text.
        name: The file as messages call it.
        conventions: How the table is written, where that has to be said.

    Raises:
        StudyError: It is no such table, a row names no source, or a code has no column that says whether it applies.
    """
    opened = open_table(
        path,
        name,
        conventions,
        DEDOOSE_EXCERPTS,
        _EXCERPTS,
        reader="dedoose-excerpts",
        tool="Dedoose",
        filled=("media",),
    )
    problems = Problems()
    others = opened.others()
    columns = _code_columns(others, name, problems)
    problems.raise_if_any()
    rows = list(opened.rows())
    selections = {row.name: _selection(row) for row in rows}
    codings: list[FileCoding] = []
    elsewhere = 0
    for row in rows:
        for column in columns:
            coding = _coding(row, column)
            if coding is None:
                continue
            own = _own_range(row, column, selections[row.name])
            if own is not None:
                elsewhere += 1
                selections[own.id] = own
                coding = replace(coding, selection=own.id)
            codings.append(coding)
    descriptors = {title: i for title, i in others.items() if not _COLUMN.fullmatch(title)}
    cases = _cases(rows, descriptors, opened.log)
    _note(rows, elsewhere, opened.log)
    coders = tuple(dict.fromkeys(row["coder"] for row in rows if row["coder"]))
    return CodedFile(
        opened.log,
        sources=tuple(FileSource(media, media, case=media) for media in cases),
        codes=tuple(FileCode(column.code, tuple(column.code.split("\\"))) for column in columns),
        coders=coders,
        attributes=tuple(descriptors),
        cases=tuple(cases.values()),
        selections=tuple(selections.values()),
        codings=tuple(codings),
        names_coders=bool(coders),
    )


def _code_columns(others: Mapping[str, int], name: str, problems: Problems) -> list[_CodeColumns]:
    parts: dict[str, dict[str, int]] = {}
    for title, place in others.items():
        match = _COLUMN.fullmatch(title)
        if match:
            parts.setdefault(match[1], {})[match[2]] = place
    for code, places in parts.items():
        if "Applied" not in places:
            problems.add(name, f"has no column 'Code: {code} Applied'", "export all columns of the excerpts again")
    if not parts:
        problems.add(name, "has no column 'Code: ... Applied'", "export the excerpts with their codes")
    return [
        _CodeColumns(code, places["Applied"], places.get("Range"), places.get("Weight"))
        for code, places in parts.items()
        if "Applied" in places
    ]


def _selection(row: ToolRow) -> FileSelection:
    start, end, locator = _positions(row["range"])
    return FileSelection(row.name, row["media"], start, end, row.whole("text"), locator=locator)


def _positions(text: str) -> tuple[int | None, int | None, str]:
    """Start and end of a range; of one on a page of a PDF, or of anything else, only what it says."""
    match = _RANGE.fullmatch(text.strip())
    if not match:
        return None, None, text.strip()
    return int(match[1]), int(match[2]), ""


def _coding(row: ToolRow, column: _CodeColumns) -> FileCoding | None:
    """The coding that a row's cells for one code say; None where the code does not apply."""
    cell = row.cells[column.applied].strip()
    applies = truth(cell)
    if applies is False:
        return None
    weight, reason = weight_of("" if column.weight is None else row.cells[column.weight])
    if applies is None:
        reason = f"says neither that the code applies nor that it does not: '{cell[:40]}'"
    return FileCoding(row.name, row.name, column.code, row["coder"], weight, created=row["created"], reason=reason)


def _own_range(row: ToolRow, column: _CodeColumns, excerpt: FileSelection) -> FileSelection | None:
    """Where a code applies to another range than its excerpt: that range, with its part of the text if it is inside."""
    own = "" if column.range is None else row.cells[column.range].strip()
    start, end, locator = _positions(own)
    if not own or own == row["range"]:
        return None
    text = ""
    if start is not None and end is not None and excerpt.start is not None and excerpt.end is not None:
        inside = excerpt.start <= start < end <= excerpt.end
        if inside and len(excerpt.text) == excerpt.end - excerpt.start:
            text = excerpt.text[start - excerpt.start : end - excerpt.start]
    return FileSelection(f"{row.name}, {column.code}", row["media"], start, end, text, locator=locator)


def _cases(rows: Sequence[ToolRow], descriptors: Mapping[str, int], log: ImportLog) -> dict[str, FileCase]:
    """One case a source, with the descriptors that all its rows agree on."""
    values: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        of = values.setdefault(row["media"], {})
        for title, place in descriptors.items():
            cell = row.cells[place].strip()
            if cell:
                of.setdefault(title, set()).add(cell)
    torn = sorted({title for of in values.values() for title, cells in of.items() if len(cells) > 1})
    if torn:
        message = "descriptors that differ within a source, as those of groups do; left out there"
        log.caution("descriptors", f"{message}: {listed(torn)}")
    return {
        media: FileCase(media, media, {title: next(iter(cells)) for title, cells in of.items() if len(cells) == 1})
        for media, of in values.items()
    }


def _note(rows: Sequence[ToolRow], elsewhere: int, log: ImportLog) -> None:
    if elsewhere:
        log.caution("ranges", f"codes that apply to another range than that of their excerpt: {elsewhere}")
    nameless = sum(not row["coder"] for row in rows)
    if nameless and nameless < len(rows):
        log.caution("coders", f"excerpts whose coder is not named: {nameless}")


# --- codebook ------------------------------------------------------------------------------------------------------------


def read_codes(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a codebook: codes with their definitions and the codes above them.

    Raises:
        StudyError: It is no such table, an id repeats or is missing, or a code's parent is not there or below itself.
    """
    opened = open_table(path, name, conventions, DEDOOSE_CODES, _CODES, reader="dedoose-codes", tool="Dedoose")
    problems = Problems()
    rows: dict[str, ToolRow] = {}
    for row in opened.rows():
        if not row["id"] or not row["title"]:
            problems.add(name, "has no id or no title", "export the codebook again", row=row.name)
        elif row["id"] in rows:
            message = f"has the id of {rows[row['id']].name}"
            problems.add(name, message, "export the codebook again", row=row.name, value=row["id"])
        else:
            rows[row["id"]] = row
    codes = [
        FileCode(
            key, tuple(r["title"] for r in reversed(list(_upwards(row, rows, name, problems)))), row["description"]
        )
        for key, row in rows.items()
    ]
    problems.raise_if_any()
    opened.log.note("codes", f"codes: {len(codes)}")
    return CodedFile(opened.log, codes=tuple(codes), names_coders=False)


def _upwards(row: ToolRow, rows: Mapping[str, ToolRow], name: str, problems: Problems) -> Iterator[ToolRow]:
    """A code's row, and those of the codes above it."""
    seen: set[str] = set()
    current = row
    while True:
        yield current
        seen.add(current["id"])
        parent = current["parent"]
        if parent in ("", "0") and parent not in rows:
            return
        if parent not in rows:
            problems.add(name, "has a parent that is not there", "export it again", row=current.name, value=parent)
            return
        if parent in seen:
            problems.add(name, "stands below itself", "mend the tree of codes and export again", row=row.name)
            return
        current = rows[parent]


# --- recognising ---------------------------------------------------------------------------------------------------------


def _are_excerpts(content: Content) -> bool:
    return any_sheet(content, DEDOOSE_EXCERPTS, _EXCERPTS)


def _are_codes(content: Content) -> bool:
    return any_sheet(content, DEDOOSE_CODES, _CODES)


FORMATS: tuple[Format, ...] = (
    Format("dedoose-excerpts", "a table of excerpts by Dedoose", _are_excerpts, read_excerpts),
    Format("dedoose-codes", "a codebook by Dedoose", _are_codes, read_codes),
)
