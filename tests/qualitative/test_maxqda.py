"""Tables of coded segments and document variables."""

from pathlib import Path

import pytest

from plait.qualitative.coded_file import FileCase, FileSet
from plait.qualitative.maxqda import FORMATS, read_segments, read_variables
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

ENGLISH = [
    "Color", "Comment", "Document group", "Document name", "Code", "Beginning", "End", "Weight score", "Segment",
    "Modified by", "Modified", "Created by", "Created", "Area", "Coverage %",
]  # fmt: skip
GERMAN = [
    "Farbe", "Kommentar", "Dokumentgruppe", "Dokumentname", "Code", "Anfang", "Ende", "Gewicht", "Segment",
    "Geändert von", "Geändert am", "Erstellt von", "Erstellt am", "Fläche", "Abdeckungsgrad %",
]  # fmt: skip
FRENCH = ["Groupe de documents", "Nom du document", "Code", "Début", "Fin", "Segment", "Créé par"]
SPANISH = ["Grupo de documentos", "Nombre del documento", "Código", "Inicio", "Fin", "Segmento", "Creado por"]
PORTUGUESE = ["Grupo de documentos", "Nome do documento", "Código", "Início", "Fim", "Segmento", "Criado por"]


def row(code: str, text: str, group: str = "Mentors", document: str = "P1", **more: object) -> list[object]:
    cells = {"Document group": group, "Document name": document, "Code": code, "Segment": text, "Created by": "Ann"}
    cells |= {"Beginning": 4, "End": 4, "Weight score": 0} | more
    return [cells.get(title, "") for title in ENGLISH]


ROWS = [
    row("Time > Cover", "No cover."),
    row("Time > Cover", "Cover\ncame late.", End=5, Comment="strong", **{"Weight score": 50, "Created by": "Ben"}),
    row("Pay", "", Area=1200, Beginning="1: 20|30"),
    row("Pay", "=more pay", "Leads", **{"Weight score": "much"}),
    row("", "uncoded"),
]


@pytest.mark.parametrize("header", [ENGLISH, GERMAN])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_segments_with_all_that_is_known_of_them(tmp_path: Path, header: list[str], kind: str) -> None:
    write = workbook if kind == "xlsx" else delimited
    path = write(tmp_path / "export", [header, *ROWS])
    assert recognised(path, FORMATS) == ["maxqda-segments"]
    file = read_segments(path, "export", PLAIN)
    check_keys(file)
    assert [(s.id, s.case, s.name) for s in file.sources] == [
        ("Mentors\\P1", "Mentors\\P1", "P1"),
        ("Leads\\P1", "Leads\\P1", "P1"),
    ]
    assert {code.id: code.path for code in file.codes} == {"Time > Cover": ("Time", "Cover"), "Pay": ("Pay",)}
    assert file.coders == ("Ann", "Ben")
    assert [s.locator for s in file.selections[:3]] == ["paragraph 4", "paragraphs 4 to 5", "1: 20|30 - 4"]
    # The writer of the delimited file ends lines in its own way only between records.
    assert file.selections[1].text == "Cover\ncame late."
    assert file.selections[2].reason == "codes a part of a picture, not text"
    assert file.selections[3].text == "=more pay"
    assert [(c.weight, c.memo, c.coder) for c in file.codings[:2]] == [(0, "", "Ann"), (50, "strong", "Ben")]
    assert "not a number: 'much'" in file.codings[3].reason
    assert file.codings[4].reason == "names no code"
    assert file.sets == (FileSet("Mentors", "source", ("Mentors\\P1",)), FileSet("Leads", "source", ("Leads\\P1",)))


@pytest.mark.parametrize("header", [FRENCH, SPANISH, PORTUGUESE])
def test_other_languages(tmp_path: Path, header: list[str]) -> None:
    path = delimited(tmp_path / "t", [header, ["G", "P1", "Time\\Cover", "2", "3", "No cover.", "Ann"]], ";", "utf-16")
    assert recognised(path, FORMATS) == ["maxqda-segments"]
    file = read_segments(path, "t", PLAIN)
    assert (file.codes[0].path, file.selections[0].locator) == (("Time", "Cover"), "paragraphs 2 to 3")
    assert (file.selections[0].source, file.codings[0].coder) == ("G\\P1", "Ann")


def test_a_language_that_is_not_known_is_told_with_what_was_found(tmp_path: Path) -> None:
    path = delimited(tmp_path / "t", [["Documentgroep", "Documentnaam", "Code", "Segment"], ["a", "b", "c", "d"]])
    assert recognised(path, FORMATS) == []
    found = problems(read_segments, path)
    assert "no column for the document" in found[0].message
    assert "'Document name'" in found[0].message and "Documentnaam" in found[0].message


def test_both_kinds_of_code_paths_in_one_file_are_told(tmp_path: Path) -> None:
    path = delimited(tmp_path / "t", [ENGLISH, row("Time > Cover", "a"), row("Pay\\Hours", "b")])
    file = read_segments(path, "t", PLAIN)
    assert [code.path for code in file.codes] == [("Time", "Cover"), ("Pay\\Hours",)]
    assert "code_paths" in cautions(file)


def test_without_coders_the_definition_names_one(tmp_path: Path) -> None:
    path = delimited(tmp_path / "t", [FRENCH[:-1], ["G", "P1", "Pay", "2", "3", "x"]])
    assert not read_segments(path, "t", PLAIN).names_coders


def test_document_variables_are_attributes_of_cases(tmp_path: Path) -> None:
    header = ["Document group", "Document name", "Phase", "Years"]
    path = workbook(tmp_path / "v.xlsx", [header, ["Mentors", "P1", "primary", 3], ["Leads", "P1", "", 4]])
    assert recognised(path, FORMATS) == ["maxqda-variables"]
    file = read_variables(path, "v", PLAIN)
    assert file.cases == (
        FileCase("Mentors\\P1", "P1", {"document group": "Mentors", "Phase": "primary", "Years": "3"}),
        FileCase("Leads\\P1", "P1", {"document group": "Leads", "Years": "4"}),
    )
    assert cautions(file)["names"].endswith(": P1")
    for again, message in (("P1", "the document is there before"), ("", "names no document")):
        path = delimited(tmp_path / "w.csv", [header, ["M", "P1", "a", 1], ["M", again, "a", 1]])
        assert [(p.row, p.message) for p in problems(read_variables, path)] == [("row 3", message)]


def test_damaged_files(tmp_path: Path) -> None:
    for write in (workbook, delimited):
        survives_damage(read_segments, write(tmp_path / write.__name__, [ENGLISH, *ROWS]))
