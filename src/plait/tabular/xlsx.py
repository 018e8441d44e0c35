"""Excel workbooks (XLSX). Cells are read by calamine, after the archive was found harmless."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

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
_ERROR = re.compile(rb"""<(?:\w+:)?c\b[^<>]*?\st=["']e["']""")
_NO_RESULT = re.compile(
    rb"""<(?:\w+:)?c\b(?:(?!\st=)[^<>])*><(?:\w+:)?f\b[^<>]*>[^<]*</(?:\w+:)?f>"""
    rb"""\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)  # a formula whose result is the empty text says so by its type, t="str"


_DIGITS = 11
"""Of a place in a sheet, more than any has; a damaged file can name places of any length."""


def read_xlsx(path: Path, *, name: str, sheet: str | None) -> tuple[Grid, str, list[Note]]:
    """Read one sheet of a workbook.

    Args:
        path: The file.
        name: The file as messages call it.
        sheet: As the definition gives it; the only visible sheet with content when left out.

    Returns:
        The cells as text, the sheet's name, and notes.

    Raises:
        StudyError: The file is damaged, dangerous or protected, or the sheet cannot be told.
    """
    import python_calamine

    check_archive(path, name=name)
    errors, unsolved = look_at_cells(path, name)
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
    if errors:
        message = "cells of the workbook hold an error such as #N/A or #DIV/0! and are taken as empty"
        notes.append(Note("types", "", message, errors))
    if unsolved:
        message = "formulas of the workbook hold no result and are taken as empty; open and save it in Excel"
        notes.append(Note("types", "", message, unsolved))
    hidden = [title for title in filled if filled[title] and title not in visible]
    if hidden and sheet is None:
        notes.append(Note("sheet", "", f"hidden sheets were passed over: {', '.join(hidden)}", len(hidden)))
    return grid, chosen, notes


def look_at_cells(path: Path, name: str) -> tuple[int, int]:
    """Refuse sheets whose cells lie too far out; count cells that hold errors and formulas without a result.

    The reading itself would ask for the memory of every cell up to the farthest one.
    """
    errors = unsolved = 0
    with told_as_problem(name, _KIND), zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if "worksheets/" not in member.filename.casefold():
                continue
            width = height = 0
            for piece in _whole_rows(pieces(archive, member)):
                cells = _CELL.findall(piece)
                rows = {*_ROW.findall(piece), *(row for _, row in cells)}
                width = max([width, *(_column_number(letters) for letters in {letters for letters, _ in cells})])
                height = max([height, *(int(row[:_DIGITS]) for row in rows)])
                if b'"e"' in piece or b"'e'" in piece:  # a plain look is quicker than a pattern
                    errors += len(_ERROR.findall(piece))
                if b"f>" in piece:
                    unsolved += len(_NO_RESULT.findall(piece))
            if width * height > MOST_CELLS:
                problem = Problem(
                    name,
                    f"has a sheet that reaches to row {height:,} and column {width:,}, too far for a table of answers",
                    "delete the stray cell far below or far right, or export CSV",
                )
                raise StudyError([problem])
    return errors, unsolved


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
