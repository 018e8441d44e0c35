"""plait's own template of codings."""

import datetime
from pathlib import Path

import pytest
import xlsxwriter

from plait.qualitative import atlasti, dedoose, maxqda, nvivo
from plait.qualitative.coded_file import FileOwner
from plait.qualitative.coding_table import FORMATS, MAY, NEEDED, read_codings
from plait.qualitative.offsets import CONVENTIONS
from qualitative.written_files import (
    PLAIN,
    cautions,
    check_keys,
    delimited,
    problems,
    recognised,
    survives_damage,
    workbook,
)

HEADER = [*NEEDED, *MAY]
ROWS = [
    ["P1", "talk 1", "Time", "Ann", "No cover.", 0, 9, 2.5, "sure", "x"],
    ["P2", "group", "Pay", "Ann", "=more", "", "", "", "", ""],
    ["P3", "group", "Pay", "Ben", "less", "", "", "", "", 0],
]


@pytest.mark.parametrize("write", [workbook, delimited])
def test_all_that_the_template_holds(tmp_path: Path, write: object) -> None:
    path = write(tmp_path / "c", [HEADER, *ROWS])  # type: ignore[operator]
    assert recognised(path, (*FORMATS, *atlasti.FORMATS, *dedoose.FORMATS, *maxqda.FORMATS, *nvivo.FORMATS)) == [
        "coding-table"
    ]
    file = read_codings(path, "c", PLAIN)
    check_keys(file)
    assert [(s.id, s.case) for s in file.sources] == [("talk 1", "P1"), ("group", "")]
    assert file.owners == (FileOwner("P2", "group", "row 3"), FileOwner("P3", "group", "row 4"))
    first = file.codings[0]
    assert (first.weight, first.memo, first.important, first.coder) == (2.5, "sure", True, "Ann")
    assert (file.selections[0].start, file.selections[0].end) == (0, 9)
    assert (file.selections[1].start, file.selections[1].text) == (None, "=more")
    assert (file.coders, file.offsets_in) == (("Ann", "Ben"), CONVENTIONS[0])


def test_optional_columns_may_be_absent_and_others_are_no_matter(tmp_path: Path) -> None:
    path = delimited(tmp_path / "c", [["coder", "note", *NEEDED[:3], "text"], ["", "x", "P1", "s", "Pay", "t"]], ";")
    assert recognised(path, FORMATS) == ["coding-table"]
    file = read_codings(path, "c", PLAIN)
    assert (file.codings[0].weight, file.codings[0].coder, file.names_coders, file.offsets_in) == (None, "", False, "")


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("start", "zero", "not both whole numbers: 'zero' and '9'"),
        ("end", "", "not both whole numbers: '0' and ''"),
        ("start", "-1", "not both whole numbers: '-1' and '9'"),
        ("weight", "1,000,0", "its weight is not a number: '1,000,0'"),
        ("important", "maybe", "neither that it is important nor that it is not: 'maybe'"),
        ("code", " ", "names no code"),
    ],
)
def test_malformed_values_are_kept_with_the_reason(tmp_path: Path, column: str, value: str, reason: str) -> None:
    row = [value if title == column else cell for title, cell in zip(HEADER, ROWS[0], strict=True)]
    file = read_codings(delimited(tmp_path / "c", [HEADER, row]), "c", PLAIN)
    check_keys(file)
    assert reason in (file.codings[0].reason or file.selections[0].reason)
    assert len(file.codings) == len(file.selections) == 1


def test_what_is_missing(tmp_path: Path) -> None:
    rows = [HEADER, ["", "talk 1", "Time", "Ann", "", "", "", "", "", ""]]
    file = read_codings(delimited(tmp_path / "c", rows), "c", PLAIN)
    assert set(cautions(file)) == {"missing_case", "missing_text"}
    rows[1][1] = ""
    assert problems(read_codings, delimited(tmp_path / "d", rows))[0].message == "names no source"
    found = problems(read_codings, delimited(tmp_path / "e", [["case", "source", "text"], ["a", "b", "c"]]))
    assert [p.message.split(":")[0] for p in found] == ["has no column for the code", "has no column for the coder"]


def test_a_code_that_excel_took_for_a_date_is_told(tmp_path: Path) -> None:
    day = datetime.date(2025, 2, 1)
    path = tmp_path / "c.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ROWS[0])
        sheet.write_datetime(1, 2, day, book.add_format({"num_format": "d-mmm"}))
    file = read_codings(path, "c", PLAIN)
    assert file.codings[0].code == "2025-02-01"
    assert "2025-02-01" in cautions(file)["dates"]


def test_damaged_files(tmp_path: Path) -> None:
    survives_damage(read_codings, delimited(tmp_path / "c.csv", [HEADER, *ROWS]))
    survives_damage(read_codings, workbook(tmp_path / "c.xlsx", [HEADER, *ROWS]))
