"""Tables exported by ATLAS.ti: the quotation manager, and codebooks with or without the tool's own counts.

A quotation is one stretch of a document and has all its codes in one cell. Codes are called `Category: Code` where
they stand in a category; a category is given to a quotation by any of its codes, so its count is one of quotations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from plait.errors import Problems
from plait.qualitative.code_lists import CodeList, KnownNames, codes_in
from plait.qualitative.coded_file import (
    CodedFile,
    Content,
    Conventions,
    FileCode,
    FileCoding,
    FileSelection,
    FileSet,
    FileSource,
    Format,
    StatedCounts,
)
from plait.qualitative.headers import ATLASTI_CODES, ATLASTI_GROUP, ATLASTI_QUOTATIONS, has_columns, places_of, plain
from plait.qualitative.import_log import ImportLog, listed
from plait.qualitative.tool_table import ToolRow, any_sheet, open_table, paragraphs, whole_number

_QUOTATIONS = ("id", "document", "codes")
_BETWEEN = ", "
_CATEGORY = ": "
_BULLET = "●"


# --- quotations ----------------------------------------------------------------------------------------------------------


def read_quotations(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a quotation manager.

    Args:
        path: The file, a workbook or delimited text.
        name: The file as messages call it.
        conventions: Names of the codebook, to tell apart the codes in a cell, and what separates them if no comma does.

    Raises:
        StudyError: It is no such table, or a row names no document.
    """
    opened = open_table(
        path,
        name,
        conventions,
        ATLASTI_QUOTATIONS,
        _QUOTATIONS,
        reader="atlasti-quotations",
        tool="ATLAS.ti",
        filled=("document",),
    )
    known = KnownNames.of(conventions.code_names)
    selections: list[FileSelection] = []
    codings: list[FileCoding] = []
    ids: dict[str, ToolRow] = {}
    unclear: list[str] = []
    repeats = 0
    for row in opened.rows():
        repeated = row["id"] in ids
        repeats += repeated
        if row["id"]:
            ids.setdefault(row["id"], row)
        selection = _selection(row, row.name if repeated or not row["id"] else row["id"])
        found = _codes(row, conventions.code_separator or _BETWEEN, known)
        reason = f"repeats the quotation {row['id']} of {ids[row['id']].name}" if repeated else found.reason
        unclear += [row["id"] or row.name] if found.reason else []
        selections.append(selection)
        codings += [
            FileCoding(row.name, selection.id, code, row["coder"], created=row["created"], reason=reason)
            for code in (found.names or ("",) * bool(found.reason))
        ]
    _note(opened.log, unclear, repeats)
    coders = tuple(dict.fromkeys(c.coder for c in codings if c.coder))
    return CodedFile(
        opened.log,
        sources=tuple(FileSource(d, d) for d in dict.fromkeys(s.source for s in selections)),
        codes=tuple(FileCode(c, _path(c, known)) for c in dict.fromkeys(c.code for c in codings) if c),
        coders=coders,
        selections=tuple(selections),
        codings=tuple(codings),
        names_coders=bool(coders),
    )


def _selection(row: ToolRow, key: str) -> FileSelection:
    locator = " ".join(row["reference"].split()) or paragraphs(row["start"], row["end"])
    text = row.whole("text")
    return FileSelection(
        key,
        row["document"],
        text=text,
        locator=locator,
        memo=row["comment"],
        title=row["name"],
    )


def _codes(row: ToolRow, separator: str, known: KnownNames) -> CodeList:
    count = row["n_codes"]
    stated = whole_number(count)
    if count and stated is None:
        return CodeList((), f"its number of codes is no number: '{count[:40]}'")
    return codes_in(row.whole("codes"), separator, stated, known)


def _path(code: str, known: KnownNames) -> tuple[str, ...]:
    """The category and the code; a name of the codebook that holds a colon stays whole."""
    whole = " ".join(code.split())
    if whole in known.names:
        return (whole,)
    return known.split(code) or tuple(part.strip() for part in code.split(_CATEGORY, 1) if part.strip()) or (code,)


def _note(log: ImportLog, unclear: list[str], repeats: int) -> None:
    if unclear:
        log.caution("code_lists", f"quotations whose codes cannot be told apart: {len(unclear)} ({listed(unclear)})")
    if repeats:
        log.caution("repeats", f"rows that repeat the id of an earlier quotation: {repeats}")


# --- codes ---------------------------------------------------------------------------------------------------------------


def read_codes(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a codebook or a code manager: codes with their comments and groups, and the tool's own counts.

    Args:
        path: The file, a workbook or delimited text.
        name: The file as messages call it.
        conventions: How the table is written, where that has to be said.

    Raises:
        StudyError: It is no such table, a code stands in it twice, or a count is no number.
    """
    opened = open_table(path, name, conventions, ATLASTI_CODES, ("code",), reader="atlasti-codes", tool="ATLAS.ti")
    groups = [i for title, i in opened.others().items() if plain(title).startswith(tuple(map(plain, ATLASTI_GROUP)))]
    groups += [opened.places["groups"]] if "groups" in opened.places else []
    problems = Problems()
    codes: dict[str, FileCode] = {}
    counts: dict[str, int] = {}
    members: dict[str, list[str]] = {}
    for row, code in _named(opened.rows(), opened.table.header):
        if not code:
            problems.add(name, "names no code", "fill it in or remove the row", row=row.name)
            continue
        if code in codes:
            problems.add(name, "the code is there before", "remove one of the rows", row=row.name, value=code)
        codes[code] = FileCode(code, tuple(code.split(_CATEGORY, 1)), row["comment"])
        for group in (part.strip() for i in groups for part in row.cells[i].splitlines()):
            if group:
                members.setdefault(group, []).append(code)
        stated = whole_number(row["grounded"])
        if stated is not None:
            counts[code] = stated
        elif row["grounded"]:
            problems.add(name, "the count is no whole number", "export it again", row=row.name, value=row["grounded"])
    problems.raise_if_any()
    opened.log.note("codes", f"codes: {len(codes)}; with a count: {len(counts)}; groups: {len(members)}")
    sets = (FileSet(group, "code", tuple(dict.fromkeys(of))) for group, of in members.items())
    return CodedFile(
        opened.log,
        codes=tuple(codes.values()),
        sets=tuple(sets),
        names_coders=False,
        stated=StatedCounts(counts, _CATEGORY),
    )


def _named(rows: Iterator[ToolRow], header: Sequence[str]) -> Iterator[tuple[ToolRow, str]]:
    """Each row with its code's full name; subcodes stand in the unnamed column beside their category."""
    beside = next((i for i, title in enumerate(header) if not title), None)
    category = ""
    for row in rows:
        own = _without_bullet(row["code"])
        below = "" if beside is None else _without_bullet(row.cells[beside])
        if own:
            category = own
        if below and category:
            yield row, f"{category}{_CATEGORY}{below}"
        else:
            yield row, own or below


def _without_bullet(cell: str) -> str:
    return " ".join(cell.replace(_BULLET, " ").split())


# --- recognising ---------------------------------------------------------------------------------------------------------


def _are_quotations(content: Content) -> bool:
    thirds = ("text", "reference", "n_codes")
    return any(any_sheet(content, ATLASTI_QUOTATIONS, (*_QUOTATIONS, third)) for third in thirds)


def _are_codes(content: Content) -> bool:
    return any(
        has_columns([row], ATLASTI_CODES, ("code", "grounded", "density")) or _is_codebook(row)
        for rows in content.rows.values()
        for row in rows
    )


def _is_codebook(row: Sequence[str]) -> bool:
    places = places_of(row, ATLASTI_CODES)
    numbered = tuple(map(plain, ATLASTI_GROUP))
    grouped = any(plain(title).startswith(numbered) for title in row)
    return places.get("code") == 0 and "comment" in places and grouped


FORMATS: tuple[Format, ...] = (
    Format("atlasti-quotations", "a quotation manager by ATLAS.ti", _are_quotations, read_quotations),
    Format("atlasti-codes", "a codebook or code manager by ATLAS.ti", _are_codes, read_codes),
)
