"""Files that store variables: SPSS, Stata and Parquet."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.errors import StudyError
from plait.survey.readers import RawExport, read_export
from plait.tabular.values import duration_text, number_text

ANSWERS = pd.DataFrame(
    {
        "id": ["007", " 1", "12345678901234567"],
        "q": [1.0, 9.0, np.nan],
        "x": [0.1, 1e-7, 2017.0],
        "day": [datetime.date(2024, 5, 14), None, datetime.date(1999, 12, 31)],
        "instant": pd.to_datetime(["2024-05-14 10:11:12", None, "2024-01-01 00:00:00"]),
        "s": ["a", "NA", ""],
    }
)


def read(file: Path, **how: object) -> RawExport:
    return read_export(file, name=file.name, **how)  # type: ignore[arg-type]


def complaint(file: Path, **how: object) -> str:
    with pytest.raises(StudyError) as caught:
        read(file, **how)
    return str(caught.value)


@pytest.mark.parametrize("suffix", ["sav", "zsav"])
def test_spss_values_labels_and_user_missing_codes_travel_side_by_side(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a.{suffix}"
    pyreadstat.write_sav(
        ANSWERS.assign(clock=[datetime.time(9, 30), None, datetime.time(1, 2, 3)]),
        file,
        compress=suffix == "zsav",
        column_labels={"q": "Do you agree?"},
        variable_value_labels={"q": {1: "Yes", 7: "Unlabelled by anyone", 9: "Refused"}, "s": {"NA": "Not asked"}},
        missing_ranges={"q": [{"lo": 5, "hi": 8}, 9], "s": ["NA"]},
    )
    export = read(file)
    assert export.format == "sav"
    assert export.rows.to_numpy().tolist() == [
        ["007", "1", "0.1", "2024-05-14", "2024-05-14T10:11:12", "a", "09:30:00"],
        [" 1", "9", "0.0000001", "", "", "NA", ""],
        ["12345678901234567", "", "2017", "1999-12-31", "2024-01-01T00:00:00", "", "01:02:03"],
    ]
    assert export.question_texts == {"q": "Do you agree?"}
    assert export.value_labels["q"] == {"1": "Yes", "7": "Unlabelled by anyone", "9": "Refused"}
    assert export.missing_codes == {"q": frozenset({"7", "9"}), "s": frozenset({"NA"})}
    assert export.rows.index.tolist() == [1, 2, 3]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["sav", "dta"])
def test_of_a_wide_file_only_the_columns_asked_for_are_read(tmp_path: Path, suffix: str) -> None:
    """They, their labels and their codes are those of the whole file; the others are named and not read."""
    file = tmp_path / f"wide.{suffix}"
    wide = pd.DataFrame({f"v{i}": [float(i), 9.0, np.nan] for i in range(300)} | {"id": ["007", "a", ""]})
    if suffix == "sav":
        labels = {f"v{i}": {1: "Yes", 9: "Refused"} for i in range(300)}
        missing = {f"v{i}": [{"lo": 8, "hi": 9}] for i in range(300)}
        pyreadstat.write_sav(wide, file, variable_value_labels=labels, missing_ranges=missing)
    else:
        pyreadstat.write_dta(wide, file)
    needed = ("id", "v250", "v3")
    whole, part = read(file, required=needed), read(file, required=needed, others=False)
    assert whole.unread == ()
    assert part.rows.columns.tolist() == ["v3", "v250", "id"]
    assert part.rows.iloc[:2].to_numpy().tolist() == whole.rows[["v3", "v250", "id"]].to_numpy().tolist()
    assert len(part.rows) == 3  # the last row is empty in these columns and stays: nobody looked at the others
    assert len(part.unread) == 298
    for column in ("v3", "v250"):
        assert part.value_labels.get(column) == whole.value_labels.get(column)
        assert part.missing_codes.get(column) == whole.missing_codes.get(column)
    assert read(file, required=("V3",), others=False).rows.columns.tolist()[3] == "V3"  # not by its name: all are read
    assert "did you mean 'v29'" in complaint(file, required=("v29x",), others=False)


def test_stata_keeps_extended_missing_values_dates_and_single_precision(tmp_path: Path) -> None:
    file = tmp_path / "a.dta"
    pyreadstat.write_dta(
        ANSWERS.assign(u=[1, "a", 3], single=np.array([0.1, 2.5, 3], dtype="float32")),
        file,
        column_labels={"q": "Do you agree?"},
        variable_value_labels={"q": {1: "Yes"}, "u": {1: "one", "a": "Refused"}},
        missing_user_values={"u": ["a"]},
    )
    export = read(file)
    assert export.format == "dta"
    assert export.rows["day"].tolist() == ["2024-05-14", "", "1999-12-31"]
    assert export.rows["instant"].tolist() == ["2024-05-14T10:11:12", "", "2024-01-01T00:00:00"]
    assert export.rows["u"].tolist() == ["1", ".a", "3"]
    assert export.value_labels["u"] == {"1": "one", ".a": "Refused"}
    assert export.missing_codes == {"u": frozenset({".a"})}


def test_stata_single_precision_is_written_with_its_own_digits(tmp_path: Path) -> None:
    file = tmp_path / "a.dta"
    frame = pd.DataFrame(
        {"f": np.array([0.1, 2.5], dtype="float32"), "m": pd.to_datetime(["2021-03-01", "2020-12-01"])}
    )
    frame.to_stata(file, write_index=False, convert_dates={"m": "tm"})
    export = read(file)
    assert export.rows.to_numpy().tolist() == [["0.1", "2021-03"], ["2.5", "2020-12"]]


def test_parquet_of_every_scalar_type(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    instant = datetime.datetime(2024, 5, 14, 9, 30)
    columns = {
        "id": pa.array(["007", None]),
        "long": pa.array([12345678901234567, None], pa.int64()),
        "x": pa.array([3.0, 0.1]),
        "f": pa.array([0.1, None], pa.float32()),
        "flag": pa.array([True, None]),
        "day": pa.array([datetime.date(2024, 5, 14), None]),
        "at": pa.array([instant, None], pa.timestamp("us")),
        "zone": pa.array([instant.replace(tzinfo=datetime.UTC), None], pa.timestamp("ms", "UTC")),
        "cat": pa.array(["a", "b"]).dictionary_encode(),
        "dec": pa.array([decimal.Decimal("3.00"), decimal.Decimal("0.50")]),
        "nothing": pa.nulls(2),
        "clock": pa.array([datetime.time(9, 30), None]),
    }
    pq.write_table(pa.table(columns), file)
    export = read(file)
    assert export.rows.iloc[0].tolist() == [
        "007", "12345678901234567", "3", "0.1", "TRUE", "2024-05-14", "2024-05-14T09:30:00", "2024-05-14T09:30:00+00:00",
        "a", "3", "", "09:30:00",
    ]  # fmt: skip
    assert export.rows.iloc[1].tolist() == ["", "", "0.1", "", "", "", "", "", "b", "0.5", "", ""]
    assert any("TRUE and FALSE" in note.message for note in export.notes)


def test_parquet_lists_are_refused_with_their_column(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": [1], "ticks": [["a", "b"]], "who": [{"a": 1}]}), file)
    message = complaint(file)
    assert "column 'ticks': holds values of type list" in message
    assert "column 'who'" in message


@pytest.mark.parametrize("suffix", ["sav", "zsav", "dta", "parquet"])
def test_f05_a_truncated_file_is_refused(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a.{suffix}"
    frame = pd.concat([ANSWERS.drop(columns=["day"])] * 50, ignore_index=True)
    if suffix == "dta":
        pyreadstat.write_dta(frame, file)
    elif suffix == "parquet":
        frame.to_parquet(file)
    else:
        pyreadstat.write_sav(frame, file, compress=suffix == "zsav")
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    assert "damaged or cut off" in complaint(file)


def test_names_are_matched_and_keys_that_do_not_apply_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.sav"
    pyreadstat.write_sav(ANSWERS[["id", "q"]], file, variable_value_labels={"q": {1: "Yes"}})
    assert read(file, required=("ID",)).rows.columns.tolist() == ["ID", "q"]
    assert "`header_rows:` does not apply" in complaint(file, header_rows=1)
    assert "no column 'age'" in complaint(file, required=("age",))


def test_an_spss_file_without_respondents_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.sav"
    pyreadstat.write_sav(ANSWERS[["id", "q"]].iloc[:0], file)
    assert "no answers" in complaint(file)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_is_that_number(value: float) -> None:
    text = number_text(value)
    assert float(text) == value
    assert "e" not in text
    assert not text.endswith(".0")


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_the_text_of_a_number_in_single_precision_is_that_number(value: float) -> None:
    assert np.float32(number_text(np.float32(value))) == np.float32(value)


@pytest.mark.parametrize(
    ("seconds", "text"), [(34200.0, "09:30:00"), (108001.25, "30:00:01.250"), (-60.0, "-00:01:00")]
)
def test_durations_may_be_longer_than_a_day(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
