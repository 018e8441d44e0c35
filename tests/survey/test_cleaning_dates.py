"""Dates of the rows: read by a declared format, held against the fieldwork, and told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from plait.errors import StudyError
from small_survey import changes, cleaned, column, refused, small_survey

SURVEY = """
respondent_id: id
exports: {form: {file: form.csv, dates: {when: {%s}}}}
%s
questions:
  likes:
    {label: Likes, text: "Likes?", column: likes, options: {yes_: {label: "Yes", raw: "y"}, no_: {label: "No", raw: "n"}}}
"""
FORM = """
id,when,likes
1,05/01/2026 09:00,y
2,09/01/2026 23:59,n
3,12/01/2026 08:00,y
4,,n
5,soon,y
"""
DAY_FIRST = "format: '%d/%m/%Y %H:%M'"


def survey(rule: str = DAY_FIRST, more: str = "") -> str:
    return SURVEY % (rule, more)


def test_dates_outside_the_fieldwork_and_cells_that_are_none_stop_the_run(tmp_path: Path) -> None:
    """Fieldwork is from 5 to 9 January."""
    message = refused(tmp_path, survey(), form_csv=FORM)
    assert message.startswith("2 problems")
    assert "row 4, column 'when': 1 of 3 dates lie outside the fieldwork" in message
    assert "12/01/2026 08:00" in message
    assert "outside_fieldwork" in message
    assert "row 6" in message and "'soon'" in message and "is not a date of the form %d/%m/%Y %H:%M" in message


def test_day_and_month_taken_for_each_other_are_noticed(tmp_path: Path) -> None:
    form = "id,when,likes\n1,01/05/2026,y\n2,01/06/2026,n\n"
    message = refused(tmp_path, survey("format: '%d/%m/%Y'"), form_csv=form)
    assert "2 of 2 dates lie outside the fieldwork (2026-01-05 to 2026-01-09)" in message
    assert "with day and month the other way round all dates fit: write %m/%d/%Y" in message


def test_without_a_format_nothing_is_guessed(tmp_path: Path) -> None:
    form = "id,when,likes\n1,01/05/2026,y\n2,01/06/2026,n\n"
    message = refused(tmp_path, survey(""), form_csv=form)
    assert "holds dates that could be read as '%d/%m/%Y' or '%m/%d/%Y'" in message
    result = cleaned(tmp_path / "year", survey(""), form_csv="id,when,likes\n1,2026-01-05,y\n2,2026-01-09T10:00,n\n")
    assert len(result.responses) == 2


def test_rows_outside_leave_and_the_days_seen_are_told(tmp_path: Path) -> None:
    rule = f"{DAY_FIRST}, outside_fieldwork: leave_out, unreadable: keep"
    result = cleaned(tmp_path, survey(rule), form_csv=FORM)
    assert column(result.responses, "respondent") == ["1", "2", "4", "5"]
    flow = result.flow[result.flow.step == "dates"].iloc[0]
    assert (flow.rows_in, flow.rows_dropped, flow.rows_out) == (5, 1, 4)
    assert "outside the fieldwork" in flow.reason
    told = {reason: after for reason, _, _, _, _, after in changes(result, "dates")}
    assert told == {
        "no date of the form %d/%m/%Y %H:%M: kept": "1",
        "days seen: 2026-01-05 to 2026-01-09": "2",
    }


def test_rows_outside_may_stay(tmp_path: Path) -> None:
    rule = f"{DAY_FIRST}, outside_fieldwork: keep, unreadable: keep"
    result = cleaned(tmp_path, survey(rule), form_csv=FORM)
    assert len(result.responses) == 5
    told = [reason for reason, *_ in changes(result, "dates")]
    assert "dated outside the fieldwork (2026-01-05 to 2026-01-09): kept" in told
    assert "days seen: 2026-01-05 to 2026-01-12" in told


def test_exclusions_before_and_after_a_day(tmp_path: Path) -> None:
    """They come before the check of the fieldwork; a row without a date stays."""
    more = "exclusions: [{column: when, before: 2026-01-06, after: 2026-01-09, reason: tests of the form}]"
    result = cleaned(tmp_path, survey(f"{DAY_FIRST}, unreadable: keep", more), form_csv=FORM)
    assert column(result.responses, "respondent") == ["2", "4", "5"]
    flow = result.flow[result.flow.reason == "tests of the form"].iloc[0]
    assert flow.rows_dropped == 2


@pytest.mark.parametrize(
    ("rule", "more", "words"),
    [
        ("format: '%d/%m'", "", "must say day, month and year"),
        ("format: '%Q/%m/%Y'", "", "is no form of a date"),
        (
            DAY_FIRST,
            "exclusions: [{column: likes, after: 2026-01-09, reason: late}]",
            "no column of dates of the export",
        ),
        (DAY_FIRST, "exclusions: [{column: when, values: x, after: 2026-01-09, reason: late}]", "before and after"),
    ],
)
def test_wrong_rules_are_refused(tmp_path: Path, rule: str, more: str, words: str) -> None:
    with pytest.raises(StudyError) as caught:
        small_survey(tmp_path, survey(rule, more), form_csv=FORM)
    assert words in str(caught.value)
