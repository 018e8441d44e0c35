"""Excel workbooks: sheets, typed cells, and archives that must not be opened."""

from __future__ import annotations

import datetime
import shutil
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest

from plait.errors import StudyError
from plait.survey.readers import RawExport, read_export
from plait.tabular.sheets import grid_of_cells

ROWS = [["id", "q1", "q2"], ["007", 3, "None"], ["008", 2.5, "N/A"]]


def workbook(tmp_path: Path, sheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title in hidden:
            sheet.sheet_state = "hidden"
    file = tmp_path / "a.xlsx"
    book.save(file)
    return file


def read(file: Path, **how: object) -> RawExport:
    return read_export(file, name=file.name, **how)  # type: ignore[arg-type]


def complaint(file: Path, **how: object) -> str:
    with pytest.raises(StudyError) as caught:
        read(file, **how)
    return str(caught.value)


def repacked(file: Path, changed: dict[str, bytes]) -> Path:
    """The workbook with some members replaced or added."""
    target = file.with_name("changed.xlsx")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member not in changed:
                new.writestr(member, old.read(member))
        for member, content in changed.items():
            new.writestr(member, content)
    return target


def test_typed_cells_become_the_shortest_text(tmp_path: Path) -> None:
    instant = datetime.datetime(2024, 5, 14, 9, 30)
    file = workbook(
        tmp_path,
        {
            "Data": [
                ["id", "n", "x", "flag", "day", "instant", "clock", "small"],
                ["007", 3.0, 0.5, True, instant.date(), instant, datetime.time(9, 5), 1e-7],
                ["12345678901234567", 2017, 1 / 3, False, None, instant.replace(second=1, microsecond=250_000), None, -2],
            ]
        },
    )  # fmt: skip
    export = read(file)
    assert export.rows.to_numpy().tolist() == [
        ["007", "3", "0.5", "TRUE", "2024-05-14", "2024-05-14T09:30:00", "09:05:00", "0.0000001"],
        ["12345678901234567", "2017", "0.3333333333333333", "FALSE", "", "2024-05-14T09:30:01.250", "", "-2"],
    ]
    said = {note.message: note.count for note in export.notes}
    assert said["cells that are true or false are written TRUE and FALSE"] == 2
    assert said["cells that are dates or times are written in ISO 8601"] == 4


def test_ids_stored_as_long_numbers_are_noted_since_a_workbook_rounds_them(tmp_path: Path) -> None:
    export = read(workbook(tmp_path, {"Data": [["id", "q"], [12345678901234567, "x"]]}))
    assert any("more than 15 digits" in note.message for note in export.notes)


def test_rows_are_numbered_as_in_the_sheet_and_phantom_rows_are_counted(tmp_path: Path) -> None:
    rows: list[list[object]] = [[], *ROWS, *([[" ", None, None]] * 900)]
    export = read(workbook(tmp_path, {"Data": rows}))
    assert export.rows.index.tolist() == [3, 4]
    assert sum(note.count for note in export.notes if "without any content" in note.message) == 901


def test_the_only_sheet_with_content_is_taken_and_hidden_ones_are_noted(tmp_path: Path) -> None:
    file = workbook(tmp_path, {"Notes": [], "Data": ROWS, "Old": ROWS}, hidden=("Old",))
    export = read(file)
    assert export.sheet == "Data"
    assert any("hidden sheets" in note.message for note in export.notes)
    assert read(file, sheet="Old").sheet == "Old"


def test_several_sheets_are_asked_about_and_names_may_differ_in_case_and_spaces(tmp_path: Path) -> None:
    file = workbook(tmp_path, {"LIkely N4  (primary)": ROWS, "Other": ROWS})
    message = complaint(file)
    assert "2 sheets with content: 'LIkely N4  (primary)', 'Other'" in message
    assert "`sheet:`" in message
    assert read(file, sheet="likely n4 (primary)").sheet == "LIkely N4  (primary)"
    assert "did you mean 'Other'" in complaint(file, sheet="Othr")


def test_errors_and_unsolved_formulas_are_counted(tmp_path: Path) -> None:
    export = read(workbook(tmp_path, {"Data": [["id", "q"], ["1", "#N/A"], ["2", "=1+1"], ["3", "x"]]}))
    assert export.rows["q"].tolist() == ["", "", "x"]
    assert sum(note.count for note in export.notes if "error such as" in note.message) == 1
    assert sum(note.count for note in export.notes if "hold no result" in note.message) == 1


def test_errors_count_where_answers_are_read_from(tmp_path: Path) -> None:
    """Not on other sheets, and not in columns that nobody asked for."""
    data = [["id", "q", "more"], ["1", "#N/A", "#REF!"], ["2", "=1+1", "#REF!"], ["3", "x", "y"]]
    file = workbook(tmp_path, {"Sums": [["#DIV/0!", "=1+1"]], "Data": data})
    told = [(n.column, n.count) for n in read(file, sheet="Data", required=("id", "q")).notes if n.step == "types"]
    assert told == [("q", 1), ("q", 1)]
    told = [(n.column, n.count) for n in read(file, sheet="Data").notes if n.step == "types"]
    assert told == [("q", 1), ("more", 2), ("q", 1)]


def test_a_workbook_goes_through_the_same_layouts_as_text(tmp_path: Path) -> None:
    rows: list[list[object]] = [["RespondentID", "Which?", None], [None, "A", "B"], [11, "A", None], [12, None, "B"]]
    export = read(workbook(tmp_path, {"Sheet": rows}))
    assert list(export.rows.columns) == ["RespondentID", "Which? [A]", "Which? [B]"]
    assert export.rows["RespondentID"].tolist() == ["11", "12"]


def test_a_protected_empty_or_foreign_archive_is_called_what_it_is(tmp_path: Path) -> None:
    assert "without any content" in complaint(workbook(tmp_path, {"Sheet": []}))
    other = tmp_path / "b.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("survey.csv", "id,a\n")
    assert "zip archive" in complaint(other)


def test_the_suffix_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "really.csv"
    shutil.copy(workbook(tmp_path, {"Data": ROWS}), file)
    assert read(file).format == "xlsx"


def test_f05_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    file = workbook(tmp_path, {"Data": ROWS})
    file.write_bytes(file.read_bytes()[:-200])
    assert "damaged" in complaint(file)


def test_f21_a_decompression_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    file = repacked(workbook(tmp_path, {"Data": ROWS}), {"xl/media/blank.bin": b"\0" * 120_000_000})
    assert file.stat().st_size < 200_000
    assert "decompression bomb" in complaint(file)


def test_f21_a_size_that_the_archive_understates_is_still_counted(tmp_path: Path) -> None:
    file = repacked(workbook(tmp_path, {"Data": ROWS}), {"xl/media/blank.bin": b"\0" * 120_000_000})
    data = bytearray(file.read_bytes())
    central = data.rindex(b"PK\x01\x02")  # the member added last: its entry in the table of contents,
    local = data.rindex(b"xl/media/blank.bin", 0, central) - 30  # and the header before its content
    for place in (central + 24, local + 22):
        data[place : place + 4] = struct.pack("<I", 1000)
    file.write_bytes(data)
    assert "damaged" in complaint(file)


def test_f21_a_stray_cell_in_the_last_corner_is_refused(tmp_path: Path) -> None:
    file = workbook(tmp_path, {"Data": ROWS})
    with zipfile.ZipFile(file) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    changed = repacked(file, {"xl/worksheets/sheet1.xml": sheet.replace(b"</sheetData>", far)})
    assert "reaches to row 1,048,576 and column 16,384" in complaint(changed)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_f22_a_document_type_in_the_xml_is_refused(tmp_path: Path, encoding: str) -> None:
    hostile = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><sst>&a;</sst>'.encode(encoding)
    message = complaint(repacked(workbook(tmp_path, {"Data": ROWS}), {"xl/sharedStrings.xml": hostile}))
    assert "document type" in message
    assert "sharedStrings" in message


# --- legacy workbooks ---------------------------------------------------------------------------------------------------


def legacy(tmp_path: Path, codepage: int, texts: list[list[bytes | float]]) -> Path:
    """A worksheet in the oldest binary form (BIFF2), written record by record."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    stream = record(0x0009, struct.pack("<HH", 0x0002, 0x0010)) + record(0x0042, struct.pack("<H", codepage))
    for row, cells in enumerate(texts):
        for column, cell in enumerate(cells):
            place = struct.pack("<HH", row, column) + b"\0\0\0"
            if isinstance(cell, bytes):
                stream += record(0x0004, place + bytes([len(cell)]) + cell)
            else:
                stream += record(0x0003, place + struct.pack("<d", cell))
    file = tmp_path / "a.xls"
    file.write_bytes(stream + record(0x000A, b""))
    return file


@pytest.mark.parametrize(("codepage", "encoding"), [(10000, "mac_roman"), (1252, "cp1252")])
def test_a_legacy_workbook_is_read_in_its_code_page(tmp_path: Path, codepage: int, encoding: str) -> None:
    file = legacy(tmp_path, codepage, [[b"id", b"q1"], [7.0, "café – “why”".encode(encoding)], [0.5, b"N/A"]])
    export = read(file)
    assert export.format == "xls"
    assert export.encoding == encoding
    assert export.rows.to_numpy().tolist() == [["7", "café – “why”"], ["0.5", "N/A"]]
    assert export.rows.index.tolist() == [2, 3]


def test_cells_of_a_sheet_may_be_anything() -> None:
    grid, notes = grid_of_cells([["a", None, datetime.timedelta(hours=30, seconds=1)]], 3)
    assert grid.top(1) == [["a", "", "30:00:01"]]
    assert [note.count for note in notes] == [1]
