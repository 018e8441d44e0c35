"""A decision log that cannot be right ends in messages that name its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.study import load_study, side_files

HEADER = "date,action,collection,code,source,into,why,who\n"


def with_log(little: Path, *rows: str) -> Path:
    definition = little / "study.yaml"
    text = definition.read_text(encoding="utf-8")
    definition.write_text(
        text.replace("codebook: codebook.csv\n", "codebook: codebook.csv\n  decisions: decisions.csv\n")
    )
    (little / "decisions.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return little


def complaints(folder: Path) -> list[str]:
    with pytest.raises(StudyError) as caught:
        load_study(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_log_is_read_by_row(little: Path) -> None:
    study = load_study(
        with_log(
            little,
            "2026-02-01,merge,notes,food_hot,,food_fruit,one thing,Ann",
            "2026-02-01,split,,time_later,003,food;time_later,both,Ann",
            "2026-02-02,gives_way,,unclear,,*,a doubt is settled,Ann",
        )
    )
    assert list(study.decisions) == [2, 3, 4]
    assert study.decisions[3].into == ("food", "time_later")
    assert side_files(study, "decisions") == [little / "decisions.csv"]
    assert study.decision_log == "decisions.csv"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            "2026-02-01,merge,notes,food_hott,,food,x,Ann",
            ["column 'code': the code 'food_hott'", "did you mean 'food_hot'?"],
        ),
        ("2026-02-01,merge,notes,food_hot,,fodd,x,Ann", ["column 'into': the code 'fodd'", "did you mean 'food'?"]),
        (
            "2026-02-01,merge,note,food_hot,,food,x,Ann",
            ["column 'collection': there is no such", "did you mean 'notes'?"],
        ),
        ("2026-02-01,merge,,food,,food,x,Ann", ["column 'into': 'food' goes into itself"]),
        ("2026-02-01,merge,,food_hot,003,food,x,Ann", ["column 'source': must be empty", "for one source use recode"]),
        ("2026-02-01,merge,,food_hot,,food;time,x,Ann", ["column 'into': must name one code", "use split"]),
        ("2026-02-01,recode,,food_hot,,food,x,Ann", ["column 'source': must be given"]),
        ("2026-02-01,split,,food_hot,,,x,Ann", ["column 'into': must be given"]),
        ("2026-02-01,exclude,,,,,x,Ann", ["excludes nothing"]),
        ("2026-02-01,add,,food_hot,003,food,x,Ann", ["column 'into': must be empty"]),
        ("2026-02-01,gives_way,,food_hot,,,x,Ann", ["column 'into': must be given"]),
        ("2026-02-01,merge,,*,,food,x,Ann", ["the code '*' is not in the codebook"]),
        ("2026-02-01,forget,,food_hot,,,x,Ann", ["column 'action'", "is not a word", "gives_way", "(found 'forget')"]),
        ("1.2.2026,exclude,,food_hot,,,x,Ann", ["column 'date'", "year-month-day", "(found '1.2.2026')"]),
        ("1769904000,exclude,,food_hot,,,x,Ann", ["column 'date'", "year-month-day"]),
        ("2026-02-30,exclude,,food_hot,,,x,Ann", ["column 'date'", "is no date", "year-month-day"]),
        ("2026-02-01,exclude,,food_hot,,,,Ann", ["column 'why'", "is empty", "fill it in"]),
        ("2026-02-01,exclude,,food_hot,,,,Ann", ["column 'why'"]),
        ("2026-02-01,exclude,,food_hot,,,x, ", ["column 'who'"]),
    ],
)
def test_one_mistake_is_one_message(little: Path, row: str, expected: list[str]) -> None:
    (told,) = complaints(with_log(little, row))
    assert told.startswith("decisions.csv, row 2")
    for words in expected:
        assert words in told


def test_dates_stand_in_order_and_merges_do_not_run_in_circles(little: Path) -> None:
    told = complaints(
        with_log(
            little,
            "2026-02-02,merge,,food_hot,,food_fruit,x,Ann",
            "2026-02-01,merge,notes,food_fruit,,time_later,x,Ann",
            "2026-02-03,rename,,time_later,,food_hot,x,Ann",
            "2026-02-04,exclude,,nothing_like_it,,,x,Ann",
        )
    )
    assert len(told) == 3
    assert any("row 3" in t and "dated before the decision above it (2026-02-02)" in t for t in told)
    assert any("row 4" in t and "leads 'time_later' back" in t for t in told)
    assert any("row 5" in t and "nothing_like_it" in t for t in told)


def test_a_log_that_is_not_there_is_told(little: Path) -> None:
    folder = with_log(little)
    (folder / "decisions.csv").unlink()
    (told,) = complaints(folder)
    assert "decisions.csv: there is no such file" in told
