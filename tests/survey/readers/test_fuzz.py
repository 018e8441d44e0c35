"""Damaged files of every format are read or refused in words, within bounded time and memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.errors import StudyError
from plait.survey.readers import read_export

pytestmark = pytest.mark.slow

ANSWERS = pd.DataFrame(
    {"id": ["007", "008", "009"] * 5, "q1": [1.0, 9.0, None] * 5, "why": ["so", "caf\u00e9, N/A", ""] * 5}
)


def write_workbook(file: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(list(ANSWERS.columns))
    for row in ANSWERS.astype(object).where(ANSWERS.notna(), None).to_numpy().tolist():
        book.active.append(row)
    book.save(file)


def tables(folder: Path) -> None:
    """Sound files that are rows of cells, and Parquet."""
    text = ANSWERS.to_csv(index=False)
    (folder / "a.csv").write_text(text, encoding="utf-8")
    (folder / "b.csv").write_bytes(text.encode("mac_roman"))
    (folder / "c.csv").write_bytes(text.replace(",", "\t").encode("utf-16"))
    (folder / "d.csv").write_text("RespondentID,Which?,\n,A,B\n1,A,\n2,,B\n", encoding="utf-8")
    write_workbook(folder / "a.xlsx")
    ANSWERS.to_parquet(folder / "a.parquet")


def variables(folder: Path) -> None:
    """Sound files that are read in a process of their own, which takes a moment each."""
    labels = {"q1": {1: "Yes", 9: "Refused"}}
    pyreadstat.write_sav(ANSWERS, folder / "a.sav", variable_value_labels=labels, missing_ranges={"q1": [9]})
    pyreadstat.write_sav(ANSWERS, folder / "a.zsav", compress=True, variable_value_labels=labels)
    pyreadstat.write_dta(ANSWERS, folder / "a.dta", variable_value_labels=labels)


def other_tables(folder: Path) -> None:
    """A data dictionary, and a table such as a vendor's breakdown or a side file."""
    text = "Variable,Question text,Value_code,Value_label,Audience_broad,Audience_specific,Weighting variable\n"
    text += "year,Year group,11,Year 11,Pupils,All,w\n"
    text += 'plan,"What\u2019s your plan?",1,Very likely,Pupils,"year=11,12 or role=3",w\n' * 9
    (folder / "dictionary.csv").write_bytes(text.encode("windows-1252"))
    (folder / "side_file.csv").write_text(
        'option,a,b\n"Juice, fresh",0.31,<1%\n' + "Caf\u00e9,26%,0.5\n" * 9, "utf-8-sig"
    )


def fuzz(folder: Path, seed: int, count: int) -> None:
    script = Path(__file__).with_name("fuzzing.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder), str(seed), str(count)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
    assert "'refused': 0" not in done.stdout


def test_damaged_files_are_read_or_refused_in_words(tmp_path: Path) -> None:
    tables(tmp_path)
    fuzz(tmp_path, seed=20240514, count=60)


def test_damaged_dictionaries_and_side_files_are_read_or_refused_in_words(tmp_path: Path) -> None:
    other_tables(tmp_path)
    fuzz(tmp_path, seed=20240514, count=200)


def test_damaged_files_of_variables_are_read_or_refused_in_words(tmp_path: Path) -> None:
    variables(tmp_path)
    fuzz(tmp_path, seed=20240514, count=8)


def test_a_damaged_legacy_workbook_is_read_or_refused_in_words(tmp_path: Path) -> None:
    sample = Path(__file__).parents[4] / "shared/samples/survey/online_science_students/s3-pre-survey.xls"
    if not sample.is_file():
        pytest.skip("the public sample files are not beside the project")
    (tmp_path / "a.xls").write_bytes(sample.read_bytes())
    fuzz(tmp_path, seed=20240514, count=100)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "bytes"
    file.write_bytes(content)
    try:
        export = read_export(file, name="bytes")
        assert len(export.rows) > 0
    except StudyError as error:
        assert error.problems


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(['"', ",", ";", "\t", "\n", "\r\n", "a", "1", "é", "\x00", "\ufeff", " "]), max_size=60)
)
def test_any_scrap_of_a_table_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, scraps: list[str]
) -> None:
    file = tmp_path_factory.getbasetemp() / "scraps"
    file.write_bytes("".join(scraps).encode("utf-8"))
    try:
        export = read_export(file, name="scraps")
        assert export.rows.shape[0] > 0 < export.rows.shape[1]
    except StudyError as error:
        assert error.problems
