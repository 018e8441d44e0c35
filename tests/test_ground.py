"""Rounding, strict reading and writing: the floor that everything stands on."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait import tables
from plait.delimited import read_delimited
from plait.errors import StudyError, did_you_mean
from plait.rounding import round_half_up, whole_per_cent


@pytest.mark.parametrize(("value", "rounded"), [(0.5, 1), (1.5, 2), (2.5, 3), (-0.5, -1), (2.4999, 2), (0, 0)])
def test_halves_go_up(value: float, rounded: float) -> None:
    assert round_half_up(value) == rounded


@pytest.mark.parametrize("digits", [-1, 0, 1, 2, 3, 6])
def test_rounding_is_that_of_decimals_at_and_beside_every_half(digits: int) -> None:
    def by_decimals(value: float) -> float:
        noise_free = Decimal(repr(value)).quantize(Decimal("1e-9"), rounding=ROUND_HALF_UP)
        return float(noise_free.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP))

    beside = (0, 1e-16, 4e-10, 6e-10, 1.1e-8, 1e-7, 0.01, 0.5)
    halves = [(step + 0.5) / 10.0**digits for step in (*range(-60, 60), 2**20, 12_345_678)]
    for value in (half + sign * gap for half in halves for gap in beside for sign in (1, -1)):
        assert repr(round_half_up(value, digits)) == repr(by_decimals(value))


def test_a_share_that_binary_stores_just_below_a_half_still_goes_up() -> None:
    assert 0.285 * 100 < 28.5
    assert whole_per_cent([0.285, 0.145, np.nan]).tolist()[:2] == [29, 15]
    assert np.isnan(whole_per_cent([np.nan])[0])


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_whole_per_cents_are_those_of_exact_fractions(n: int, base: int) -> None:
    n = min(n, base)
    exact = (Decimal(100) * n / Decimal(base)).quantize(Decimal(1), ROUND_HALF_UP)
    assert whole_per_cent(n / base)[0] == float(exact)


def complaint(path: Path, **how: object) -> str:
    with pytest.raises(StudyError) as caught:
        read_delimited(path, name=path.name, **how)  # type: ignore[arg-type]
    return str(caught.value)


def test_every_cell_stays_the_text_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes('\ufeffid,answer\r\n007,None\r\n12345678901234567,"N/A"\r\n,"two\nlines"\r\n'.encode())
    frame = read_delimited(file, name="a.csv")
    assert frame.to_numpy().tolist() == [["007", "None"], ["12345678901234567", "N/A"], ["", "two\nlines"]]
    assert frame.index.tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ["is empty"]),
        (b"id;answer\n1;2\n", ["row 1", "semicolons", "delimiter"]),
        (b"id,answer\n1,2,3\n4,5\n6\n", ["row 2: has 3 fields, more", "row 4: has 1 fields, fewer"]),
        (b"id,answer\n1,2,3\n", ["row 2", "more than the 2"]),
        (b'id,answer\n1,"2\n3,4\n', ["row 2", "not closed"]),
        (b"id,id\n1,2\n", ["two columns called 'id'"]),
        (b"id,caf\xe9\n", ["row 1", "not UTF-8", "0xe9"]),
        (b"\xff\xfei\x00d\x00", ["NUL"]),
        (b"id,other\n1,2\n", ["no column 'answer'"]),
    ],
)
def test_a_malformed_file_is_refused_with_its_rows(tmp_path: Path, content: bytes, expected: list[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    message = complaint(file, required=("id", "answer"))
    for words in expected:
        assert words in message


def test_a_missing_file_is_named_with_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "monday.csv").write_text("id\n")
    assert "did you mean 'monday.csv'" in complaint(tmp_path / "munday.csv")


def test_published_text_survives_writing_and_reading_and_never_starts_a_formula(tmp_path: Path) -> None:
    kind = tables.Table("t", {"text": tables.TEXT, "n": tables.COUNT, "x": tables.NUMBER, "ok": tables.FLAG})
    texts = ["=1+1", "-5", "  @cmd", "plain", "", "'quoted", '"', "None", "a,b\nc", "\uff1dSUM(A1)"]
    frame = kind.of(pd.DataFrame({"text": texts, "n": 1, "x": 0.1 + 0.2, "ok": True}))
    tables.write_csv(frame, tmp_path / "t.csv")
    again = tables.read_csv(tmp_path / "t.csv", kind)
    pd.testing.assert_frame_equal(frame, again)
    written = (tmp_path / "t.csv").read_text(encoding="utf-8")
    assert "\n=1+1" not in written
    assert "'=1+1" in written


@pytest.mark.parametrize(
    "text",
    [
        *(f"{before}{sign}cmd|' /C calc'!A0" for sign in "=+-@\uff1d\uff0b\uff0d\uff20" for before in ("", "  ")),
        *("\u00a0=1+1", "\u3000@A1", "\ufeff=1+1", "\u200b=1+1", "\x01=1+1", " \n =1+1", "-5 -3", "+1+1", "-5e"),
        *("\tplain", "\rplain", "\r=1+1", "\0plain", "'=1+1", "''=1+1"),
    ],
)
def test_a_text_that_could_act_in_a_spreadsheet_is_guarded_and_comes_back(tmp_path: Path, text: str) -> None:
    kind = tables.Table("t", {"text": tables.TEXT})
    tables.write_csv(kind.of([{"text": text}]), tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        assert [*csv.reader(file)][1] == [f"'{text}"]
    assert tables.read_csv(tmp_path / "t.csv", kind)["text"].tolist() == [text]


@pytest.mark.parametrize("text", ["-5", "+3", "-0.25", "007", "5 - 3", "a=b", "'quoted'", "''", "it's", " plain"])
def test_a_text_that_cannot_act_stands_as_it_is_and_so_does_a_number(tmp_path: Path, text: str) -> None:
    kind = tables.Table("t", {"text": tables.TEXT, "x": tables.NUMBER})
    tables.write_csv(kind.of([{"text": text, "x": -5.0}]), tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        assert [*csv.reader(file)][1] == [text, "-5"]


@given(st.lists(st.text(st.sampled_from("'=+-@\t\r\n 5a.\uff1d\ufeff\u200b\u00a0"), max_size=6), min_size=1))
def test_every_text_comes_back_from_a_published_table(texts: list[str]) -> None:
    kind = tables.Table("t", {"n": tables.COUNT, "text": tables.TEXT})
    frame = kind.of(pd.DataFrame({"n": 1, "text": texts}))
    with TemporaryDirectory() as folder:
        tables.write_csv(frame, Path(folder) / "t.csv")
        pd.testing.assert_frame_equal(tables.read_csv(Path(folder) / "t.csv", kind), frame)


def test_a_failed_write_leaves_neither_a_new_file_nor_a_part(tmp_path: Path) -> None:
    target = tmp_path / "kept.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), tables.whole_file(target) as part:
        part.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]


def test_a_table_refuses_other_columns_and_missing_text() -> None:
    kind = tables.Table("t", {"a": tables.TEXT})
    with pytest.raises(ValueError, match="unknown columns"):
        kind.of(pd.DataFrame({"a": ["x"], "b": [1]}))
    with pytest.raises(ValueError, match="holds missing values"):
        kind.of(pd.DataFrame({"a": [None]}))


def test_did_you_mean_ignores_capitals_and_lists_what_is_known_otherwise() -> None:
    assert did_you_mean("YEAR", ["year", "phase"]) == "did you mean 'year'?"
    assert did_you_mean("zzz", ["year", "phase"]) == "known here: year, phase"
