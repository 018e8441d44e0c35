"""Quotation managers, codebooks and code managers."""

from pathlib import Path

import pytest

from plait.qualitative.atlasti import (
    FORMATS,
    read_codes,
    read_quotations,
)
from plait.qualitative.coded_file import CodedFile, Conventions, FileSet
from plait.qualitative.reconciliation import counts_that_differ, reconcile
from plait.study.definition import ToolFile
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

NAMES = Conventions(code_names=("Time", "Cover, late", "Pay", "Trust", "Why: not"))
WINDOWS = ["ID", "Document", "Quotation Content", "Quotation Name", "Codes", "Reference", "Comment", "Created by"]
GERMAN = ["Nummer", "Dokument", "Zitatinhalt", "Zitatname", "Kodes", "Referenz", "Kommentar", "Erstellt von"]
MIXED = ["Number", "Reference", "Text Content", "Document", "Codes", "Number of Codes", "Extensão", "Creation Date "]

QUOTATIONS = [
    ["1:1", "P1", "No cover.", "", "Time: Cover, late\nPay", "¶\u20094", "a memo", "Ann"],
    ["1:2", "P1", "=x", "", "", "", "", "Ann"],
    ["2:1", "P2", "They came.", "They", "Trust", "", "", "Ben"],
]


@pytest.mark.parametrize("header", [WINDOWS, GERMAN])
def test_quotations_of_a_workbook(tmp_path: Path, header: list[str]) -> None:
    path = workbook(tmp_path / "q.xlsx", [header, *QUOTATIONS], Info=[["Project", "Talks"]])
    assert recognised(path, FORMATS) == ["atlasti-quotations"]
    file = read_quotations(path, "q", NAMES)
    check_keys(file)
    assert [s.id for s in file.selections] == ["1:1", "1:2", "2:1"]
    assert [(c.selection, c.code, c.coder) for c in file.codings] == [
        ("1:1", "Time: Cover, late", "Ann"),
        ("1:1", "Pay", "Ann"),
        ("2:1", "Trust", "Ben"),
    ]
    assert file.codes[0].path == ("Time", "Cover, late")
    assert (file.selections[0].locator, file.selections[0].memo) == ("¶ 4", "a memo")
    assert file.selections[1].text == "=x"


def quotations(tmp_path: Path, *rows: tuple[str, str, object], conventions: Conventions = NAMES) -> CodedFile:
    cells = [[key, "¶ 2", "words", "P1", codes, n, 1, "3/25/25"] for key, codes, n in rows]
    path = delimited(tmp_path / "q.csv", [["Tabela 1"], MIXED, *cells], ";")
    assert recognised(path, FORMATS) == ["atlasti-quotations"]
    file = read_quotations(path, "q.csv", conventions)
    check_keys(file)
    return file


def test_codes_in_one_cell_by_names_and_number(tmp_path: Path) -> None:
    file = quotations(tmp_path, ("1:1", "Time: Cover, late, Pay", 2), ("1:2", "Pay, Trust", 2), ("1:3", "a, b, c", 2))
    assert [(c.origin, c.code) for c in file.codings] == [
        ("row 3", "Time: Cover, late"),
        ("row 3", "Pay"),
        ("row 4", "Pay"),
        ("row 4", "Trust"),
        ("row 5", ""),
    ]
    assert "not in the codebook" in file.codings[-1].reason
    assert "1 (1:3)" in cautions(file)["code_lists"]
    assert not file.names_coders


def test_a_name_with_a_colon_is_no_category(tmp_path: Path) -> None:
    file = quotations(tmp_path, ("1:1", "Why: not", 1), ("1:2", "New: One", 1))
    assert [code.path for code in file.codes] == [("Why: not",), ("New", "One")]


def test_a_count_that_is_no_number_and_a_repeated_quotation(tmp_path: Path) -> None:
    file = quotations(tmp_path, ("1:1", "Pay", "one"), ("1:2", "Pay", 1), ("1:2", "Pay", 1))
    assert "no number: 'one'" in file.codings[0].reason
    assert file.codings[1].reason == ""
    assert file.codings[2].reason == "repeats the quotation 1:2 of row 4"
    assert "repeats" in cautions(file)


def manager(tmp_path: Path, *rows: list[object]) -> CodedFile:
    header = ["Code", "", "Magnitude Degree", "Density", "Groups", "Comment"]
    path = delimited(tmp_path / "codes.csv", [header, *rows], ";")
    assert recognised(path, FORMATS) == ["atlasti-codes"]
    return read_codes(path, "codes.csv", PLAIN)


MANAGED: tuple[list[object], ...] = (
    ["● Time", "", 2, 0, "Themes", ""],
    ["", "● Cover, late", 1, 0, "A\nB", "when no one comes"],
    ["", "● Trust", 2, 0, "A", ""],
    ["● Pay", "", 3, 0, "", ""],
)


def test_a_code_manager_with_categories(tmp_path: Path) -> None:
    file = manager(tmp_path, *MANAGED)
    assert [code.path for code in file.codes] == [("Time",), ("Time", "Cover, late"), ("Time", "Trust"), ("Pay",)]
    assert file.codes[1].definition == "when no one comes"
    assert file.sets == (
        FileSet("Themes", "code", ("Time",)),
        FileSet("A", "code", ("Time: Cover, late", "Time: Trust")),
        FileSet("B", "code", ("Time: Cover, late",)),
    )


def test_a_category_counts_quotations_not_codings(tmp_path: Path) -> None:
    """One quotation with both codes of a category is one of the category's."""
    found = quotations(tmp_path, ("1:1", "Time: Cover, late, Time: Trust, Pay", 3), ("1:2", "Time: Trust", 1))
    file = manager(tmp_path, *MANAGED)
    assert counts_that_differ(file.stated, [found]) == [("Pay", 3, 1)]
    reconcile([(ToolFile(file="codes.csv"), file), (ToolFile(file="quotations.csv"), found)])
    assert "1 of 4 (Pay: 3 stated, 1 found)" in cautions(file)["counts"]


def test_a_codebook_with_groups_and_a_title(tmp_path: Path) -> None:
    rows = [["Tabela 1"], ["Código", "Comentário", "Grupo de Códigos 1"], ["Time: Pay", "what", "Themes"]]
    path = delimited(tmp_path / "b.csv", rows, ";")
    assert recognised(path, FORMATS) == ["atlasti-codes"]
    file = read_codes(path, "b", PLAIN)
    assert (file.codes[0].path, file.sets[0].name) == (("Time", "Pay"), "Themes")


def test_mistakes_of_a_code_manager(tmp_path: Path) -> None:
    rows = [["Code", "Grounded", "Density"], ["Pay", "many", 0], ["Pay", 1, 0], ["", 2, 0]]
    found = problems(read_codes, delimited(tmp_path / "c.csv", rows))
    assert [p.row for p in found] == ["row 2", "row 3", "row 4"]
    found = problems(read_quotations, delimited(tmp_path / "q.csv", [["ID", "Document", "Koodit"], ["1", "a", "b"]]))
    assert "no column for the codes" in found[0].message
    found = problems(read_quotations, delimited(tmp_path / "r.csv", [["ID", "Document", "Codes"], ["1", "", "Pay"]]))
    assert (found[0].message, found[0].row, found[0].column) == ("names no document", "row 2", "Document")


def test_damaged_files(tmp_path: Path) -> None:
    rows = [MIXED, *[["1:1", "¶ 2", "words", "P1", "Time: Cover, late, Pay", 2, 1, "3/25/25"]] * 3]
    survives_damage(read_quotations, delimited(tmp_path / "q.csv", rows, ";"), conventions=NAMES)
    survives_damage(read_quotations, workbook(tmp_path / "q.xlsx", rows), conventions=NAMES)
    survives_damage(read_codes, delimited(tmp_path / "c.csv", [["Code", "Gr", "Density"], *[["a", 1, 1]] * 3]))
