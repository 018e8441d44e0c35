"""A file of quotations, a deny list and an allow list: what cannot be right is told with its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.study import load_study, raw_files, side_files

HEADER = "quote_id,collection,code,source,text,approved_by,date\n"


def with_quotes(little: Path, *rows: str, screening: str = "") -> Path:
    definition = little / "study.yaml"
    text = definition.read_text(encoding="utf-8")
    more = f"codebook: codebook.csv\n  quotes: quotes.csv\n{screening}"
    definition.write_text(text.replace("codebook: codebook.csv\n", more), encoding="utf-8")
    (little / "quotes.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return little


def test_quotations_are_read_by_row_and_drafts_too(little: Path) -> None:
    study = load_study(with_quotes(little, 'q1,notes,food,003,"Note 3,",Ann,2026-02-01', "q2,notes,food,004,Note 4,,"))
    assert {row: quote.approved for row, quote in study.quotes.items()} == {2: True, 3: False}
    assert side_files(study, "quotes") == [little / "quotes.csv"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("q 1,notes,food,003,secret words,Ann,2026-02-01", ["column 'quote_id'"]),
        ("q1,note,food,003,secret words,Ann,2026-02-01", ["column 'collection'", "did you mean 'notes'?"]),
        ("q1,notes,fod,003,secret words,Ann,2026-02-01", ["column 'code'", "did you mean 'food'?"]),
        ("q1,notes,food,003,secret words,Ann,", ["column 'date'", "an approval has a name and a date"]),
        ("q1,notes,food,003,secret words,,2026-02-01", ["column 'approved_by'", "fill in both, or neither"]),
        ("q1,notes,food,003,secret words,Ann,1 Feb", ["column 'date'", "year-month-day"]),
        ("q1,notes,food,,secret words,Ann,2026-02-01", ["column 'source'"]),
        ("Q2,notes,food,003,secret words,Ann,2026-02-01", ["column 'quote_id'", "there before, in row 2"]),
    ],
)
def test_one_mistake_is_one_message_without_the_words(little: Path, row: str, expected: list[str]) -> None:
    before = ["q2,notes,food,003,Note,Ann,2026-02-01"] if row.startswith("Q2") else []
    with pytest.raises(StudyError) as caught:
        load_study(with_quotes(little, *before, row))
    (told,) = [str(problem) for problem in caught.value.problems]
    for words in expected:
        assert words in told
    assert "secret" not in told


def test_a_deny_list_lies_among_the_raw_files_and_an_allow_list_beside_the_definition(little: Path) -> None:
    screening = "  screening: {deny_list: coding/names.csv, allow_list: allowed.csv}\n"
    folder = with_quotes(little, screening=screening)
    with pytest.raises(StudyError) as caught:
        load_study(folder)
    told = [str(problem) for problem in caught.value.problems]
    assert any("there is no such raw file (found 'coding/names.csv')" in t for t in told)
    assert any("allowed.csv: there is no such file" in t for t in told)
    (little / "raw" / "coding" / "names.csv").write_text("name,kind\nAda Pemberton,person\n", encoding="utf-8")
    (little / "allowed.csv").write_text("word,why\nBiscuit,a brand\n", encoding="utf-8")
    study = load_study(folder)
    assert [name.name for name in study.denied_names] == ["Ada Pemberton"]
    assert raw_files(study, "coded_text", "screening") == [little / "raw" / "coding" / "names.csv"]
    assert little / "raw" / "coding" / "names.csv" not in raw_files(study, "coded_text", "collections")
    assert side_files(study, "allow_list") == [little / "allowed.csv"]
