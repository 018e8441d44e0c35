"""When the rows of an export were written: by declared formats only, held against the days of fieldwork.

A row dated before the first day is often a test of the form, one after the last day a late answer; a whole column
outside the fieldwork is a sign that day and month were taken for each other.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from plait.study import Study
from plait.study.definition import DateColumn, Exclusion, Fieldwork, Survey
from plait.survey.answers import Trouble
from plait.survey.design import BoolArray
from plait.survey.readers import parse_dates
from plait.survey.readers.dates import swapped, within
from plait.survey.records import Cells, Records, Source


def outside_days(survey: Survey, exclusion: Exclusion, source: Source) -> BoolArray:
    """(rows,) whether a row is dated before the first or after the last day of an exclusion; no row without a date is."""
    assert exclusion.column is not None
    dates = _read(source, exclusion.column, survey.exports[source.name].dates[exclusion.column])
    early = dates.notna().to_numpy() & ~within(dates, exclusion.before, None)
    late = dates.notna().to_numpy() & ~within(dates, None, exclusion.after)
    return np.asarray(early | late)


def check_dates(study: Study, source: Source, records: Records) -> Source:
    """Hold the dates of an export's rows against the fieldwork, do what the definition says, and log the days seen."""
    survey = study.definition.survey
    assert survey is not None
    for column, rule in survey.exports[source.name].dates.items():
        with records.problems.collecting():
            dates = _read(source, column, rule)
            _unreadable(source, column, rule, dates, records)
            source = _held_against(study.definition.about.fieldwork, source, column, rule, dates, records)
    return source


def _read(source: Source, column: str, rule: DateColumn) -> pd.Series:
    return parse_dates(source.rows[column], rule.format, name=source.file, column=column)


def _unreadable(source: Source, column: str, rule: DateColumn, dates: pd.Series, records: Records) -> None:
    texts = source.rows[column].str.strip()
    wrong = ((texts != "") & dates.isna()).to_numpy()
    form = rule.format or "year-month-day"
    if rule.unreadable == "keep" and wrong.any():
        records.counted("dates", f"no date of the form {form}: kept", source.file, column, int(wrong.sum()))
    elif wrong.any():
        code, distinct = pd.factorize(texts.where(wrong, ""))
        mend = "mend the cell or the format, or say `unreadable: keep`"
        troubles = [
            Trouble(f"is not a date of the form {form}", mend, str(text)) if text else None for text in distinct
        ]
        records.troubled(source, column, Cells(code.astype(np.int64), troubles))


def _held_against(
    fieldwork: Fieldwork, source: Source, column: str, rule: DateColumn, dates: pd.Series, records: Records
) -> Source:
    known = dates.notna().to_numpy()
    inside = within(dates, fieldwork.start, fieldwork.end)
    outside = known & ~inside
    days = f"the fieldwork ({fieldwork.start} to {fieldwork.end})"
    if outside.any() and rule.outside_fieldwork == "refuse":
        rows = np.flatnonzero(outside)
        records.problems.add(
            source.file,
            f"{rows.size:,} of {int(known.sum()):,} dates lie outside {days}",
            _mend(fieldwork, source, column, rule, known),
            row=f"row {source.rows.index[rows[0]]}",
            column=column,
            value=str(source.rows[column].iloc[rows[0]]).strip(),
        )
    elif outside.any() and rule.outside_fieldwork == "keep":
        records.counted("dates", f"dated outside {days}: kept", source.file, column, int(outside.sum()))
    elif rule.outside_fieldwork == "leave_out":
        left = source.only(~outside)
        records.kept(source.file, "dates", f"dated outside {days}", len(source.rows), len(left.rows))
        source, dates = left, dates[~outside]
    seen = dates.dropna()
    if not seen.empty:
        span = f"days seen: {seen.min():%Y-%m-%d} to {seen.max():%Y-%m-%d}"
        records.counted("dates", span, source.file, column, len(seen))
    return source


def _mend(fieldwork: Fieldwork, source: Source, column: str, rule: DateColumn, known: BoolArray) -> str:
    """What to do about dates outside the fieldwork; whether day and month the other way round would bring them in."""
    other = swapped(rule.format)
    if other is not None:
        again = _read(source, column, rule.model_copy(update={"format": other}))
        if within(again, fieldwork.start, fieldwork.end)[known].all():
            return f"with day and month the other way round all dates fit: write {other}"
    return "check the format and `about.fieldwork`, or say under `outside_fieldwork:` whether such rows leave or stay"
