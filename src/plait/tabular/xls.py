"""Legacy Excel workbooks (XLS, BIFF). Texts carry their own encoding, which xlrd follows."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

from plait.errors import Problem, StudyError
from plait.tabular.failures import told_as_problem
from plait.tabular.grid import Grid
from plait.tabular.notes import Note
from plait.tabular.sheets import MOST_CELLS, choose_sheet, grid_of_cells

_KIND = "a legacy Excel workbook"


def read_xls(path: Path, *, name: str, sheet: str | None, encoding: str | None) -> tuple[Grid, str, str, list[Note]]:
    """Read one sheet of a legacy workbook.

    Args:
        path: The file.
        name: The file as messages call it.
        sheet: As the definition gives it; the only visible sheet with content when left out.
        encoding: Overrides the code page that the file declares.

    Returns:
        The cells as text, the sheet's name, the encoding, and notes.

    Raises:
        StudyError: The file is damaged or protected, or the sheet cannot be told.
    """
    import xlrd  # type: ignore[import-untyped]

    with told_as_problem(name, _KIND):
        book = xlrd.open_workbook(str(path), logfile=io.StringIO(), encoding_override=encoding, ragged_rows=True)
    tables = {table.name: table for table in book.sheets()}
    filled = {title: table.nrows > 0 for title, table in tables.items()}
    chosen = choose_sheet(filled, {t for t, table in tables.items() if table.visibility == 0}, sheet, name)
    table = tables[chosen]
    if table.nrows * table.ncols > MOST_CELLS:
        problem = Problem(name, f"has a sheet of {table.nrows:,} rows and {table.ncols:,} columns", "export CSV")
        raise StudyError([problem])
    errors = 0
    rows: list[list[object]] = []
    with told_as_problem(name, _KIND):
        for number in range(table.nrows):
            values: list[object] = [
                _value(kind, value, book.datemode)
                for kind, value in zip(table.row_types(number), table.row_values(number), strict=True)
            ]
            errors += sum(kind == xlrd.XL_CELL_ERROR for kind in table.row_types(number))
            rows.append(values + [""] * (table.ncols - len(values)))
    grid, notes = grid_of_cells(rows, table.ncols)
    if errors:
        message = "cells of the sheet hold an error such as #N/A or #DIV/0! and are taken as empty"
        notes.append(Note("types", "", message, errors))
    return grid, chosen, str(book.encoding or ""), notes


def _value(kind: int, value: object, mode: int) -> object:
    """One cell: its text, number, truth value or date; empty for an error."""
    import xlrd

    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return ""
    if kind == xlrd.XL_CELL_DATE and isinstance(value, float):
        if 0 <= value < 1:
            return (datetime.datetime.min + datetime.timedelta(days=value)).time().replace(microsecond=0)
        instant = xlrd.xldate_as_datetime(value, mode)
        return instant.date() if value == int(value) else instant
    return value
