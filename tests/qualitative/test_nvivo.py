"""Matrices of counts, and the text of a code."""

from pathlib import Path

import pytest

from plait.qualitative.coded_file import FileCase, FileCount
from plait.qualitative.nvivo import FORMATS, read_code_text, read_matrix
from qualitative.test_word_comments import comment, members, paragraph, run
from qualitative.written_files import (
    PLAIN,
    cautions,
    check_keys,
    delimited,
    problems,
    recognised,
    survives_damage,
    workbook,
    zipped,
)

MATRIX = [["", "A : P1", "B : P2"], ["1 : Time\\Cover", 2, 0], ["2 : Pay: hours", 1, 3]]


@pytest.mark.parametrize("write", [workbook, delimited])
def test_a_matrix(tmp_path: Path, write: object) -> None:
    path = write(tmp_path / "m", MATRIX)  # type: ignore[operator]
    assert recognised(path, FORMATS) == ["nvivo-matrix"]
    file = read_matrix(path, "m", PLAIN)
    check_keys(file)
    assert file.cases == (FileCase("P1", "P1"), FileCase("P2", "P2"))
    assert [code.path for code in file.codes] == [("Time", "Cover"), ("Pay: hours",)]
    assert file.counts == (
        FileCount("P1", "Time\\Cover", 2),
        FileCount("P2", "Time\\Cover", 0),
        FileCount("P1", "Pay: hours", 1),
        FileCount("P2", "Pay: hours", 3),
    )
    assert not cautions(file)


def test_cells_and_names_that_are_none(tmp_path: Path) -> None:
    rows = [["", "A : P1", "B : P1"], ["1 : Pay", 2, "10%"], ["Total", 2, 1], ["2 : Pay", "", 1.5]]
    found = problems(read_matrix, workbook(tmp_path / "m.xlsx", rows))
    assert [(p.row, p.column, p.value) for p in found] == [
        ("row 2", "B : P1", "10%"),
        ("row 3", "", "Total"),
        ("row 4", "", "Pay"),
        ("row 4", "A : P1", ""),
        ("row 4", "B : P1", "1.5"),
        ("row 1", "", "P1"),
    ]
    other = workbook(tmp_path / "o.xlsx", [["", "P1"], ["1 : Pay", 2]])
    assert recognised(other, FORMATS) == []
    assert "no matrix" in problems(read_matrix, other)[0].message


ENGLISH = """Name: Time\\Cover

<Files\\\\P1> - § 2 references coded  [4.52% Coverage]

Reference 1 - 1.20% Coverage

No one covers my classes.
Reference 9 - 3% Coverage

Second paragraph.

Reference 2 - 3.32% Coverage

=cover

<Files\\\\Leads\\\\P2> - § 1 reference coded  [0.80% Coverage]

Reference 1 - 0.80% Coverage

They came late.
"""
GERMAN = """<Dateien\\\\P1> - § 1 Referenz kodiert [1,20% Abdeckung]

Referenz 1 - 1,20% Abdeckung

Niemand vertritt mich.
"""
FRENCH = "<Fichiers\\\\P1> - § 1 référence encodée [1,20% Couverture]\n\nRéférence 1 - Couverture 1,20%\n\nPersonne.\n"
SPANISH = "<Archivos\\\\P1> - § 1 referencia codificada [1,20% Cobertura]\n\nReferencia 1 - 1,20% Cobertura\n\nNadie.\n"


def as_text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def as_word(path: Path, content: str) -> Path:
    parts = members([paragraph(run(line)) for line in content.split("\n")], [])
    del parts["word/comments.xml"]
    return zipped(path, parts)


@pytest.mark.parametrize("kind", ["txt", "utf-16", "docx"])
def test_the_text_of_a_code(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"code.{kind}"
    path = as_word(path, ENGLISH) if kind == "docx" else as_text(path, ENGLISH, kind if kind == "utf-16" else "utf-8")
    assert recognised(path, FORMATS) == ["nvivo-code-text"]
    file = read_code_text(path, path.name, PLAIN)
    check_keys(file)
    assert file.codes[0].path == ("Time", "Cover")
    assert [source.name for source in file.sources] == ["P1", "P2"]
    assert [(s.text, s.locator) for s in file.selections] == [
        ("No one covers my classes.\nReference 9 - 3% Coverage\n\nSecond paragraph.", "reference 1, 1.20% Coverage"),
        ("=cover", "reference 2, 3.32% Coverage"),
        ("They came late.", "reference 1, 0.80% Coverage"),
    ]
    assert len(file.codings) == 3 and not file.names_coders and not cautions(file)


@pytest.mark.parametrize("content", [GERMAN, FRENCH, SPANISH])
def test_other_languages_and_a_code_named_by_the_file(tmp_path: Path, content: str) -> None:
    path = as_text(tmp_path / "Cover.txt", content)
    assert recognised(path, FORMATS) == ["nvivo-code-text"]
    file = read_code_text(path, path.name, PLAIN)
    assert ([c.code for c in file.codings], len(file.selections)) == (["Cover"], 1)
    assert "'Cover'" in cautions(file)["code"]


def test_unusual_line_ends_are_part_of_what_was_said(tmp_path: Path) -> None:
    said = "One\u2028two\x0bthree\x85four"
    path = tmp_path / "Cover.txt"
    path.write_bytes(GERMAN.replace("Niemand vertritt mich.", said).replace("\n", "\r\n").encode())
    assert read_code_text(path, path.name, PLAIN).selections[0].text == said


def test_text_that_does_not_add_up(tmp_path: Path) -> None:
    path = as_text(tmp_path / "t.txt", ENGLISH.replace("§ 2", "§ 3").replace("§ 1 reference", "x\n§ 1 reference"))
    found = problems(read_code_text, path)
    assert "says 3 references coded, and 2 follow" in found[0].message
    assert (found[0].row, found[0].value) == ("row 3", "Files\\\\P1")
    stray = as_text(tmp_path / "u.txt", ENGLISH.replace("Reference 1 - 1.20%", "Reference one - 1.20%"))
    assert any("before" in p.message or "stands between" in p.message for p in problems(read_code_text, stray))
    assert "no text of a code" in problems(read_code_text, as_text(tmp_path / "v.txt", "Hello"))[0].message


def test_a_document_with_comments_is_another_kind_of_file(tmp_path: Path) -> None:
    path = zipped(tmp_path / "c.docx", members([paragraph("<0", "words", ">0")], [comment(0, "Time")]))
    assert recognised(path, FORMATS) == []


def test_damaged_files(tmp_path: Path) -> None:
    survives_damage(read_matrix, workbook(tmp_path / "m.xlsx", MATRIX))
    survives_damage(read_matrix, delimited(tmp_path / "m.csv", MATRIX))
    survives_damage(read_code_text, as_text(tmp_path / "t.txt", ENGLISH))
    survives_damage(read_code_text, as_word(tmp_path / "t.docx", ENGLISH))
