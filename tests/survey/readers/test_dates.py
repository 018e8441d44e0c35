"""Dates are read by a declared format only (fault F-19)."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from plait.errors import StudyError
from plait.survey.readers import parse_dates
from plait.survey.readers.dates import swapped, within

FIELDWORK = (datetime.date(2018, 5, 10), datetime.date(2018, 5, 22))


def cells(*texts: str) -> pd.Series:
    return pd.Series(list(texts), index=range(2, 2 + len(texts)), dtype="str")


def complaint(*texts: str) -> str:
    with pytest.raises(StudyError) as caught:
        parse_dates(cells(*texts), None, name="a.csv", column="when")
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


def test_a_cell_that_is_no_date_is_missing() -> None:
    read = parse_dates(cells("10/05/2018", "secret", "31/02/2018", ""), "%d/%m/%Y", name="a.csv", column="when")
    assert read.notna().tolist() == [True, False, False, False]


def test_offsets_are_brought_to_one_clock() -> None:
    texts = cells("2018-05-10 00:30 +0100", "2018-05-10 00:30 -0100")
    read = parse_dates(texts, "%Y-%m-%d %H:%M %z", name="a.csv", column="when")
    assert [str(day) for day in read] == ["2018-05-09 23:30:00", "2018-05-10 01:30:00"]


def test_the_last_day_of_fieldwork_lasts_until_midnight() -> None:
    texts = cells("2018-05-22 23:59:59", "2018-05-23 00:00:00", "2018-05-09 23:59:59", "")
    read = parse_dates(texts, None, name="a.csv", column="when")
    assert within(read, *FIELDWORK).tolist() == [True, False, False, False]
    assert within(read, None, FIELDWORK[1]).tolist() == [True, False, True, False]
    assert within(read, FIELDWORK[0], None).tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("format", "other"),
    [("%d/%m/%y", "%m/%d/%y"), ("%m.%d.%Y %H:%M", "%d.%m.%Y %H:%M"), ("%Y-%j", None), ("%d %B %Y", None), (None, None)],
)
def test_day_and_month_the_other_way_round(format: str | None, other: str | None) -> None:
    assert swapped(format) == other
