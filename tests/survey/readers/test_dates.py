"""Dates are read by a declared format only (fault F-19)."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from plait.errors import StudyError
from plait.survey.readers import parse_dates

FIELDWORK = (datetime.date(2018, 5, 10), datetime.date(2018, 5, 22))


def cells(*texts: str) -> pd.Series:
    return pd.Series(list(texts), index=range(2, 2 + len(texts)), dtype="str")


def complaint(*texts: str, format: str | None = None, **how: object) -> str:
    with pytest.raises(StudyError) as caught:
        parse_dates(cells(*texts), format, name="a.csv", column="when", **how)  # type: ignore[arg-type]
    return str(caught.value)


def test_f19_a_declared_format_is_followed_and_empty_cells_stay_empty() -> None:
    dates = parse_dates(cells("5/10/18 4:01", "", "12/5/18 16:30"), "%d/%m/%y %H:%M", name="a.csv", column="when")
    assert [str(d) for d in dates] == ["2018-10-05 04:01:00", "NaT", "2018-05-12 16:30:00"]
    assert dates.index.tolist() == [2, 3, 4]


def test_f19_day_and_month_are_never_guessed() -> None:
    message = complaint("5/10/18 4:01", "5/11/18 4:06")
    assert "%d/%m/%y %H:%M" in message
    assert "%m/%d/%y %H:%M" in message
    assert "could be read as" in message


def test_f19_even_one_fitting_format_must_be_declared() -> None:
    message = complaint("12/13/2019 9:50:30", "12/14/2019 9:50:30")
    assert "set the format in the definition: '%m/%d/%Y %H:%M:%S'" in message
    assert "%d/%m" not in message


@pytest.mark.parametrize("text", ["2015-08-24", "2015.08.24 14:11", "2015/8/24 14:11:05", "2015-08-24T14:11:05.250"])
def test_f19_dates_that_begin_with_the_year_need_no_format(text: str) -> None:
    read = parse_dates(cells(text), None, name="a.csv", column="when")
    assert str(read.iloc[0]).startswith("2015-08-24")


def test_every_cell_that_is_no_date_is_named() -> None:
    message = complaint("10/05/2018", "secret", "31/02/2018", format="%d/%m/%Y")
    assert "row 3" in message
    assert "row 4" in message
    assert "2 problems" in message


def test_f19_dates_outside_the_fieldwork_are_refused_and_a_swap_is_seen() -> None:
    message = complaint("5/10/18", "5/11/18", format="%d/%m/%y", fieldwork=FIELDWORK)
    assert "2 of 2 dates lie outside the fieldwork" in message
    assert "write %m/%d/%y" in message
    inside = parse_dates(cells("5/10/18", "5/22/18"), "%m/%d/%y", name="a.csv", column="when", fieldwork=FIELDWORK)
    assert inside.notna().all()


def test_the_last_day_of_fieldwork_lasts_until_midnight() -> None:
    dates = cells("2018-05-22 23:59:59")
    assert parse_dates(dates, None, name="a.csv", column="when", fieldwork=FIELDWORK).notna().all()
    assert "outside" in complaint("2018-05-23 00:00:00", fieldwork=FIELDWORK)
