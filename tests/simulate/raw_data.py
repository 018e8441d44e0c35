"""The example studies' raw files, read without plait's own cleaning."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pandas as pd

STUDIES = Path(__file__).parents[2] / "studies"
ITE = STUDIES / "ite-mentors"
ECF = STUDIES / "ecf-rural-coastal"

MENTORING = "Have you mentored a trainee teacher since September?"
SUPPORT = "Which of these does your school provide for colleagues who mentor trainee teachers? Tick all that apply."
NOT_RELEVANT = "Not relevant / cannot answer"
OPTIONS = {
    "external training": "Mentor training run by an outside provider",
    "protected time": "Extra non-contact time, on top of the statutory minimum",
    "internal training": "Mentor training run by our own staff",
    "collaboration": "Meetings with mentors from other schools in our trust or area",
    "none": "None of these",
    "celebration": "Events that celebrate mentors' work",
    "salary": "An addition to mentors' salary",
    "recognition": "Public thanks - newsletter, website or assembly",
}
LEADERS = ("SLT excl. head", "Headteacher")


def read_table(path: Path) -> pd.DataFrame:
    """Everything is text, nothing is missing."""
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


@cache
def read_day(date: str) -> pd.DataFrame:
    """A day's export with spaces, apostrophes and dashes evened out. Not to be changed: it is read once."""
    frame = read_table(ITE / f"raw/survey/{date}.csv")
    return frame.apply(lambda column: column.map({text: _even(text) for text in column.unique()}))


def _even(text: str) -> str:
    for drifted, plain in (("\u00a0", " "), ("\u2019", "'"), ("\u2013", "-")):
        text = text.replace(drifted, plain)
    return re.sub(r"\s+", " ", text).strip()


def is_mentor(day1: pd.DataFrame) -> pd.Series:
    return day1[MENTORING].str.startswith("Yes")


def counted(day1: pd.DataFrame) -> pd.DataFrame:
    """People who count for the question on support, with one true-or-false column an option."""
    routed = day1["role"].isin(LEADERS) | is_mentor(day1)
    base = day1[routed & ~day1[SUPPORT].isin(["", NOT_RELEVANT])]
    ticks = pd.DataFrame({name: base[SUPPORT].str.contains(text, regex=False) for name, text in OPTIONS.items()})
    # "None" beside anything else is a slip of the finger.
    ticks["none"] &= ~ticks.drop(columns="none").any(axis="columns")
    return base.join(ticks)
