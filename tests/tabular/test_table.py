"""Tables of text from files as tools write them."""

import csv
import io
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from plait.errors import Problem, StudyError
from plait.tabular.table import FULL_CELL, first_rows, read_table
from qualitative.written_files import old_workbook

TITLED = "Tabela 1\nCode;Comment;Group 1;Group 2\nTime: Cover;=1+1;A;\nMoney;;;\n"


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def problems(path: Path, **options: str) -> list[Problem]:
    with pytest.raises(StudyError) as caught:
        read_table(path, "t", **options)  # type: ignore[arg-type]
    return list(caught.value.problems)


def notes(path: Path) -> str:
    return "\n".join(note.message for note in read_table(path, "t").notes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_title_above_the_header_is_no_header(tmp_path: Path, encoding: str) -> None:
    table = read_table(text(tmp_path / "t.csv", TITLED, encoding), "t")
    assert table.header == ("Code", "Comment", "Group 1", "Group 2")
    assert table.rows == [("Time: Cover", "=1+1", "A", ""), ("Money", "", "", "")]
    assert (table.title, table.header_line, table.lines) == (("Tabela 1",), 2, [3, 4])


def test_a_title_with_commas_does_not_decide_the_delimiter(tmp_path: Path) -> None:
    table = read_table(text(tmp_path / "t.csv", "Report, made for us\na;b;c\n1;2;3\n4;5;6\n"), "t")
    assert (table.header, table.title) == (("a", "b", "c"), ("Report, made for us",))


def test_the_same_in_a_workbook(tmp_path: Path) -> None:
    rows = [list(row) for row in csv.reader(io.StringIO(TITLED), delimiter=";")]
    table = read_table(workbook(tmp_path / "t.xlsx", {"Sheet": rows}), "t")
    assert table.header == ("Code", "Comment", "Group 1", "Group 2")
    assert table.rows[0] == ("Time: Cover", "=1+1", "A", "")
    assert (table.title, table.header_line, table.lines, table.sheet) == (("Tabela 1",), 2, [3, 4], "Sheet")


def test_a_matrix_with_one_name_in_its_header_has_no_title(tmp_path: Path) -> None:
    table = read_table(workbook(tmp_path / "t.xlsx", {"S": [["", "A : Ann"], ["1 : Time", 2], ["2 : Pay", 0]]}), "t")
    assert (table.header, table.rows) == (("", "A : Ann"), [("1 : Time", "2"), ("2 : Pay", "0")])


def test_the_same_in_a_legacy_workbook(tmp_path: Path) -> None:
    file = old_workbook(tmp_path / "t.xls", [["Tabelle"], ["Code", "n"], ["Mühe", 2], [], ["Lohn", 1.5]])
    table = read_table(file, "t")
    assert (table.header, table.rows) == (("Code", "n"), [("Mühe", "2"), ("Lohn", "1.5")])
    assert (table.title, table.lines) == (("Tabelle",), [3, 5])
    assert next(iter(first_rows(file).values()))[1:] == (("Code", "n"), ("Mühe", "2"), ("Lohn", "1.5"))


def test_what_holds_nothing_is_left_out_with_a_note(tmp_path: Path) -> None:
    file = text(tmp_path / "t.csv", ",code,,memo,\n0,Time,,x,\n1,Pay,,,\n,,,,\n2,Pay,,y,\n")
    table = read_table(file, "t")
    assert (table.header, table.lines) == (("code", "memo"), [2, 3, 5])
    assert table.column(0) == ["Time", "Pay", "Pay"]
    assert "row numbers" in notes(file) and "without a name or content" in notes(file)
    assert "rows without any content" in notes(file)


def test_an_unnamed_column_with_content_stays(tmp_path: Path) -> None:
    table = read_table(text(tmp_path / "t.csv", "Code,,n\nTime,,3\n,Cover,2\n"), "t")
    assert (table.header, table.rows[1]) == (("Code", "", "n"), ("", "Cover", "2"))
    assert list(table.frame().index) == [2, 3]


def test_repeated_names_and_rows_of_other_lengths_are_problems(tmp_path: Path) -> None:
    found = problems(text(tmp_path / "t.csv", "a,b,a\n1,2,3\n"))
    assert [(p.row, p.message) for p in found] == [("row 1", "has two columns called 'a'")]
    found = problems(text(tmp_path / "t.csv", "Title\na;b;c\n1;2\n1;2;3\n1;2;3;4\n"), delimiter=";")
    assert [p.row for p in found] == ["row 3", "row 5"]


def test_cells_cut_by_excel_and_written_out_control_characters(tmp_path: Path) -> None:
    rows = [["text"], ["x" * FULL_CELL], ["one_x000D_\ntwo"]]
    file = workbook(tmp_path / "t.xlsx", {"S": rows})
    assert read_table(file, "t").rows[1] == ("one\r\ntwo",)
    assert "their ends may be cut off" in notes(file) and "_x000D_" in notes(file)
    csv_file = text(tmp_path / "t.csv", 'a,b\n"one_x000D_\ntwo",2\n')
    assert read_table(csv_file, "t").rows == [("one\r\ntwo", "2")]
    # Text that was a workbook before is cut as well; a cell that is longer never was in one.
    for length, cut in ((FULL_CELL, True), (FULL_CELL + 1, False)):
        assert ("cut off" in notes(text(tmp_path / "u.csv", f"a,b\n{'x' * length},2\n"))) is cut


def test_the_encoding_is_found_or_asked_for(tmp_path: Path) -> None:
    file = text(tmp_path / "t.csv", "code;text\nMühe;für Übung größer\n", "windows-1252")
    assert read_table(file, "t").rows == [("Mühe", "für Übung größer")]
    assert "windows-1252" in notes(file)
    unclear = tmp_path / "u.csv"
    unclear.write_bytes(b"code;text\nx;\x8e\x9a\x8e\n")
    assert "encoding" in problems(unclear)[0].message or "encoding" in problems(unclear)[0].mend
    assert first_rows(unclear)[""][0] == ("code", "text")


def test_of_several_sheets_one_must_be_named(tmp_path: Path) -> None:
    file = workbook(tmp_path / "t.xlsx", {"One": [["a", "b"], [1, 2]], "Two": [["c", "d"], [3, 4]]})
    assert "2 sheets" in problems(file)[0].message
    assert read_table(file, "t", sheet="Two").header == ("c", "d")
    assert first_rows(file) == {"One": (("a", "b"), ("1", "2")), "Two": (("c", "d"), ("3", "4"))}


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    for content in (b"%PDF-1.7", b"SQLite format 3\0", b"", b"PK\x03\x04", b"<html>"):
        (tmp_path / "t.csv").write_bytes(content)
        assert problems(tmp_path / "t.csv")
    assert first_rows(text(tmp_path / "u.csv", "SQLite format 3\0")) == {}
    assert "no such file" in problems(tmp_path / "absent.csv")[0].message


def test_only_the_start_of_a_large_text_is_looked_at(tmp_path: Path) -> None:
    body = "".join(f'{i};"Jürgen\n{i}"\n' for i in range(60_000))
    for encoding in ("utf-8", "utf-16"):
        rows = first_rows(text(tmp_path / "t.csv", "id;text\n" + body, encoding))[""]
        assert rows[:2] == (("id", "text"), ("0", "Jürgen\n0"))
        assert len(rows) == 20


def test_damaged_files_are_told_plainly(tmp_path: Path) -> None:
    rng = random.Random(7)
    seeds = [
        workbook(tmp_path / "s.xlsx", {"S": [["a", "b"], ["x", 2]]}).read_bytes(),
        TITLED.encode(),
        TITLED.encode("utf-16"),
    ]
    file = tmp_path / "t"
    for seed in seeds:
        for _ in range(150):
            data = bytearray(seed)
            for _ in range(rng.randint(1, 8)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            file.write_bytes(bytes(data[: rng.randint(1, len(data))]) if rng.random() < 0.3 else bytes(data))
            for act in (lambda: read_table(file, "t"), lambda: first_rows(file)):
                try:
                    act()
                except StudyError as error:
                    assert error.problems


@pytest.mark.parametrize("cell", ["y", 7])
@pytest.mark.parametrize("place", ["F99999999999999999999999999", "ZZZZZZZZZ2", "XFD1048576"])
def test_a_cell_that_is_too_far_out_is_refused_before_the_sheet_is_read(
    tmp_path: Path, place: str, cell: object
) -> None:
    """The memory of all cells up to it would be asked for, and its lack ends the whole program."""
    sound = workbook(tmp_path / "sound.xlsx", {"S": [["a", "b"], ["x", cell]]})
    file = tmp_path / "t.xlsx"
    with zipfile.ZipFile(sound) as old, zipfile.ZipFile(file, "w") as new:
        for member in old.namelist():
            new.writestr(member, old.read(member).replace(b'r="B2"', f'r = "{place}"'.encode()))
    for act in (lambda: read_table(file, "t"), lambda: first_rows(file, "t")):
        with pytest.raises(StudyError, match="too far for a table"):
            act()
