"""Columns by their names in any language, and formats by their columns."""

import random

import pytest

from plait.errors import Problems
from plait.qualitative import atlasti, coding_table, dedoose, headers, maxqda, nvivo, refused, word_comments
from plait.qualitative.coded_file import Content
from plait.qualitative.headers import has_columns, places_of, plain, require

NAMES = {"code": ("Code", "Código"), "text": ("Text", "Code", "Texto"), "place": ("Place",)}
FORMATS = [
    each
    for module in (atlasti, coding_table, dedoose, maxqda, nvivo, refused, word_comments)
    for each in module.FORMATS
]


def test_capitals_accents_and_spaces_do_not_matter() -> None:
    assert plain(" EXTENSÃO \u00a0") == plain("extensa\u0303o") == "extensao"
    assert places_of(["x", " codigo ", "TEXTO"], NAMES) == {"code": 1, "text": 2}


def test_the_first_name_decides_and_no_column_serves_twice() -> None:
    assert places_of(["Código", "Code", "Texto"], NAMES) == {"code": 1, "text": 2}
    assert places_of(["Code"], NAMES) == {"code": 0}


def test_a_missing_column_is_told_with_what_was_found_and_expected() -> None:
    problems = Problems()
    header = ["Kode", "", "Place"]
    require(header, places_of(header, NAMES), NAMES, ("code", "place"), "t", problems)
    (problem,) = problems.found
    assert problem.message == "has no column for the code: expected 'Code' or 'Código'; found 'Kode', 'Place'"


def test_a_header_may_stand_below_a_title() -> None:
    assert has_columns([["Report"], ["Code", "Text"], ["a", "b"]], NAMES, ("code", "text"))
    assert not has_columns([["Code"], ["Texto"]], NAMES, ("code", "text"))


def test_no_name_stands_for_two_fields_of_a_table() -> None:
    tables = {name: table for name, table in vars(headers).items() if name.isupper() and isinstance(table, dict)}
    assert len(tables) == 8
    for table in tables.values():
        names = [plain(name) for known in table.values() for name in {plain(name) for name in known}]
        assert len(names) == len(set(names))


@pytest.mark.slow
def test_recognising_never_fails_and_never_takes_noise_for_a_tool() -> None:
    rng = random.Random(5)
    words = ["", "Code", "x", "A : P1", "1 : a", "\x00", "Document", "id", "é" * 50]
    for _ in range(400):
        rows = tuple(tuple(rng.choices(words, k=rng.randrange(5))) for _ in range(rng.randrange(4)))
        members = tuple(rng.choices(["", "a/b", "word/x.xml", "word/document.xml/"], k=rng.randrange(3)))
        content = Content(rng.randbytes(rng.randrange(2, 60)), members, {"Texts": ()}, {"": rows, "S": rows[:1]})
        found = [each.name for each in FORMATS if each.recognises(content)]
        assert set(found) <= {"nvivo-matrix"}
