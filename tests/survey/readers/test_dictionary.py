"""Panel files with a data dictionary, and the expressions that say whom a question was put to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.errors import StudyError
from plait.survey.readers import asked, check_audience, parse_audience, read_dictionary, read_export, with_dictionary

HEADER = (
    "Wave,Panel,Topic,Variable,Question text,Value_code,Value_label,Audience_broad,Audience_specific,"
    "Weighting variable\n"
)
BODY = """W2,P,Meta,pupilid,Pupil,n/a,n/a,Pupils,All,w
W2,P,T,year,Year group,11,Year 11,Pupils,All,w
W2,P,T,year,Year group,12,Year 12,Pupils,All,w
W2,P,T,plan,What’s your plan?,-1,Don’t know,Pupils,"year=11,12 or role=3 ",w
W2,P,T,plan,What’s your plan?,1,Very likely,Pupils,"year=11,12 or role=3 ",w
"""
DATA = "pupilid,year,role,plan,extra\n001,11,1,1,x\n002,9,3,-1,x\n003,9,1,1,x\n004,12,1,,x\n005,12,1,7,x\n"

ROWS = pd.DataFrame(
    {
        "role": ["1", "2", "3", "", "-1"],
        "phase": ["1", "1", "2", "2", ""],
        "subject_1": ["1", "0", "1", "", "0"],
        "subject_2": ["1", "1", "0", "", "0"],
        "why": ["not sure", "cost", "", "cost", "cost"],
    },
    dtype="str",
)


def members(text: str) -> list[int]:
    return np.flatnonzero(asked(parse_audience(text, name="d.csv"), ROWS, name="d.csv")).tolist()


def complaint(text: str) -> str:
    with pytest.raises(StudyError) as caught:
        members(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("All", [0, 1, 2, 3, 4]),
        ("", [0, 1, 2, 3, 4]),
        ("role=1", [0]),
        ("role=1,2", [0, 1]),
        ("role = 1, 2 or phase=2", [0, 1, 2, 3]),
        ("role=1,2 AND phase=1", [0, 1]),
        ("role=1 or role=2 and phase=2", [0]),
        ("(role=1 or role=2) and phase=2", []),
        ("role=3 or (phase=1 and role<>2)", [0, 2]),
        ("role!=1", [1, 2, 4]),
        ("role>1", [1, 2]),
        ("role<=2", [0, 1, 4]),
        ("role=1-2", [0, 1]),
        ("role=1 to 3", [0, 1, 2]),
        ("role=-1", [4]),
        ("role==1 & phase==1", [0]),
        ("why=not sure", [0]),
        ("why='not sure' or role=3", [0, 2]),
        ("subject>1", [0]),
        ("subject=2", [0, 1]),
        ("subject!=2", [2, 4]),
    ],
)
def test_an_audience_is_read_as_a_person_would(text: str, expected: list[int]) -> None:
    assert members(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "role", "role=", "=1", "role=1 and", "(role=1", "role=1)", "role=1,,2", "role>1,2", "role>many", "role=1 phase=2 or",
        "__import__('os').system('x')", "role=1; drop", "role=3-1", "role=1-99999999", "(" * 500 + "role=1" + ")" * 500,
        "and or", "role=1 or or phase=1", "role=(1)", '"', "role=1=2",
    ],
)  # fmt: skip
def test_what_is_no_audience_is_refused_and_never_run(text: str) -> None:
    message = complaint(text)
    assert "not an audience" in message or "no column" in message


def test_an_unknown_variable_is_named_with_the_nearest() -> None:
    assert "did you mean 'phase'" in complaint("phases=1")
    assert "'subject_9'" in complaint("subject=9")


@given(st.text(max_size=60))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        parse_audience(text, name="d.csv")
    except StudyError as error:
        assert error.problems[0].value == text


def dictionary(tmp_path: Path, body: str = BODY, encoding: str = "windows-1252") -> Path:
    file = tmp_path / "dictionary.csv"
    file.write_bytes((HEADER + body).encode(encoding))
    return file


def test_a_windows_dictionary_gives_wordings_labels_and_audiences(tmp_path: Path) -> None:
    read = read_dictionary(dictionary(tmp_path), name="d.csv")
    assert list(read) == ["pupilid", "year", "plan"]
    assert read["pupilid"].value_labels == {}
    assert read["plan"].value_labels == {"-1": "Don’t know", "1": "Very likely"}
    assert read["plan"].question_text == "What’s your plan?"
    assert read["plan"].weight == "w"


def test_a_variable_named_on_its_first_row_only_is_carried_down(tmp_path: Path) -> None:
    body = BODY.replace(
        'W2,P,T,plan,What’s your plan?,1,Very likely,Pupils,"year=11,12 or role=3 ",w', ",,,,,1,Very likely,,,"
    )
    read = read_dictionary(dictionary(tmp_path, body), name="d.csv")
    assert list(read["plan"].value_labels) == ["-1", "1"]


def test_a_code_with_two_labels_and_an_unreadable_audience_are_both_told(tmp_path: Path) -> None:
    body = BODY + "W2,P,T,year,Year group,12,Year 13,Pupils,All,w\nW2,P,T,odd,?,1,x,Pupils,everyone over 12,w\n"
    with pytest.raises(StudyError) as caught:
        read_dictionary(dictionary(tmp_path, body), name="d.csv")
    assert "code 12 of 'year' is 'Year 12' and here 'Year 13'" in str(caught.value)
    assert "row 8" in str(caught.value)
    assert "everyone over 12" in str(caught.value)


def test_answers_are_held_against_the_audience(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text(DATA)
    export = read_export(data, name="data.csv")
    read = read_dictionary(dictionary(tmp_path), name="d.csv")
    check = check_audience(read["plan"], export.rows, name="d.csv")
    assert (check.asked, check.answered, check.skipped) == (4, 3, 1)
    assert (check.answered_unasked, check.rows) == (1, (4,))


def test_an_export_takes_on_its_dictionary_and_gaps_are_noted(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text(DATA)
    read = read_dictionary(dictionary(tmp_path), name="d.csv")
    export = with_dictionary(read_export(data, name="data.csv"), read, name="d.csv")
    assert export.value_labels["year"] == {"11": "Year 11", "12": "Year 12"}
    assert export.question_texts["plan"] == "What’s your plan?"
    notes = {(note.column, note.count) for note in export.notes if note.step == "dictionary"}
    assert {("role", 1), ("extra", 1), ("year", 2), ("plan", 1)} == notes
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(StudyError, match="none of the columns"):
        with_dictionary(read_export(other, name="other.csv"), read, name="d.csv")
