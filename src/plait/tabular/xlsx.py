"""Excel workbooks (XLSX). Cells are read by calamine, after the archive was found harmless."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from plait.errors import Problem, StudyError
from plait.tabular.archive import check_archive, pieces
from plait.tabular.failures import told_as_problem
from plait.tabular.grid import Grid
from plait.tabular.notes import Note
from plait.tabular.sheets import MOST_CELLS, choose_sheet, grid_of_cells

_KIND = "an Excel workbook"
_CELL = re.compile(rb"""<(?:\w+:)?c\b[^<>]*?\sr\s*=\s*["']([A-Za-z]+)([0-9]+)["'](?:[^<>]*[^/<>])?>""")
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^<>]*?\sr\s*=\s*["']([0-9]{8,})["']""")
"""A row below the last that a sheet can have; empty ones above it do no harm."""
_ERROR = re.compile(rb"""<(?:\w+:)?c\b[^<>]*?\st=["']e["'][^<>]*>""")
_PLACE = re.compile(rb"""<(?:\w+:)?c\b[^<>]*?\sr=["']([A-Za-z]{1,4})[0-9]""")
_NO_RESULT = re.compile(
    rb"""<(?:\w+:)?c\b(?:(?!\st=)[^<>])*><(?:\w+:)?f\b[^<>]*>[^<]*</(?:\w+:)?f>"""
    rb"""\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)  # a formula whose result is the empty text says so by its type, t="str"


_TOLD = {
    "errors": "cells hold an error such as #N/A or #DIV/0! and are taken as empty",
    "unsolved": "formulas hold no result and are taken as empty; open and save the workbook in Excel",
}
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Faults = Mapping[str, Counter[int]]
"""For `errors` and `unsolved` formulas: how many each column holds, columns counted from 0; -1 where a cell does not
say where it stands."""
_DIGITS = 11
"""Of a place in a sheet, more than any has; a damaged file can name places of any length."""


def read_xlsx(path: Path, *, name: str, sheet: str | None) -> tuple[Grid, str, list[Note], Faults]:
    """Read one sheet of a workbook.

    Args:
        path: The file.
        name: The file as messages call it.
        sheet: As the definition gives it; the only visible sheet with content when left out.

    Returns:
        The cells as text, the sheet's name, notes, and what is wrong with cells of the sheet.

    Raises:
        StudyError: The file is damaged, dangerous or protected, or the sheet cannot be told.
    """
    import python_calamine

    check_archive(path, name=name)
    faults, members = look_at_cells(path, name), _members(path, name)
    with told_as_problem(name, _KIND):
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        kinds = {s.name: s for s in book.sheets_metadata if s.typ == python_calamine.SheetTypeEnum.WorkSheet}
        tables = {title: book.get_sheet_by_name(title) for title in kinds}
        filled = {title: bool(table.height and table.width) for title, table in tables.items()}
        visible = {t for t, s in kinds.items() if s.visible == python_calamine.SheetVisibleEnum.Visible}
    chosen = choose_sheet(filled, visible, sheet, name)
    with told_as_problem(name, _KIND):
        rows = tables[chosen].to_python(skip_empty_area=False)
    grid, notes = grid_of_cells(rows, len(rows[0]) if rows else 0)
    hidden = [title for title in filled if filled[title] and title not in visible]
    if hidden and sheet is None:
        notes.append(Note("sheet", "", f"hidden sheets were passed over: {', '.join(hidden)}", len(hidden)))
    return grid, chosen, notes, faults.get(members.get(chosen, ""), {})


def notes_on_cells(faults: Faults, columns: Mapping[int, str]) -> list[Note]:
    """What is wrong with cells of some columns.

    Args:
        faults: As `read_xlsx` gives them.
        columns: Place and name of the columns.
    """
    return [
        Note("types", columns.get(place, ""), _TOLD[kind], count)
        for kind, counts in faults.items()
        for place, count in sorted(counts.items())
        if place in columns or place < 0
    ]


def _members(path: Path, name: str) -> dict[str, str]:
    """The file within the archive that holds each sheet."""
    with told_as_problem(name, _KIND), zipfile.ZipFile(path) as archive:
        there = {member.filename.casefold(): member.filename for member in archive.infolist()}
        parts = [there.get(part) for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")]
        if None in parts:  # another layout of the archive, which calamine may read all the same
            return {}
        book, related = (ElementTree.fromstring(archive.read(part or "")) for part in parts)
    targets = {relation.get("Id", ""): relation.get("Target", "") for relation in related}
    sheets = [element for element in book.iter() if element.tag.endswith("}sheet")]
    return {s.get("name", ""): posixpath.join("xl", targets.get(s.get(_RELATED, ""), "")).lstrip("/") for s in sheets}


def look_at_cells(path: Path, name: str) -> dict[str, Faults]:
    """Refuse sheets whose cells lie too far out; count, by member, cells that hold errors and formulas without a result.

    The reading itself would ask for the memory of every cell up to the farthest one.
    """
    faults: dict[str, Faults] = {}
    with told_as_problem(name, _KIND), zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if "worksheets/" not in member.filename.casefold():
                continue
            width = height = 0
            counts: dict[str, Counter[int]] = {kind: Counter() for kind in _TOLD}
            for piece in _whole_rows(pieces(archive, member)):
                cells = _CELL.findall(piece)
                rows = {*_ROW.findall(piece), *(row for _, row in cells)}
                width = max([width, *(_column_number(letters) for letters in {letters for letters, _ in cells})])
                height = max([height, *(int(row[:_DIGITS]) for row in rows)])
                if b'"e"' in piece or b"'e'" in piece:  # a plain look is quicker than a pattern
                    counts["errors"].update(_place(found[0]) for found in _ERROR.finditer(piece))
                if b"f>" in piece:
                    counts["unsolved"].update(_place(found[0]) for found in _NO_RESULT.finditer(piece))
            faults[member.filename] = counts
            if width * height > MOST_CELLS:
                problem = Problem(
                    name,
                    f"has a sheet that reaches to row {height:,} and column {width:,}, too far for a table of answers",
                    "delete the stray cell far below or far right, or export CSV",
                )
                raise StudyError([problem])
    return faults


def _place(cell: bytes) -> int:
    """The column of a cell, from 0; -1 where it does not say."""
    found = _PLACE.match(cell)
    return _column_number(found[1]) - 1 if found else -1


def _whole_rows(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The XML of a sheet cut between its rows, so that no cell is cut in two."""
    rest = b""
    for part in parts:
        rest += part
        cut = rest.rfind(b"row>") + 4
        if cut > 4:
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:_DIGITS].upper():
        number = number * 26 + letter - 64
    return number
