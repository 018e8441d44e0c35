"""A survey of one's own in a few lines: its definition, its exports as text, and what cleaning makes of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pandas as pd
import pytest

from plait.errors import StudyError
from plait.study import Study, load_study
from plait.survey.cleaning import Cleaned, clean

_ABOUT = """\
study: small
title: A small survey
research_question: What do the parents want?
about:
  commissioned_by: the school
  conducted_by: the office
  population: parents
  sample: everyone was asked
  mode: form
  fieldwork: {start: 2026-01-05, end: 2026-01-09}
  design: survey only
survey:
"""


def small_survey(folder: Path, survey: str, **files: str) -> Study:
    """A study with the given `survey:` part.

    Args:
        folder: Where it is written.
        survey: YAML of the keys below `survey:`; without `exports:` there is one, `form.csv`.
        files: Text of raw files and side files by name, an underscore for the dot (`form_csv`); `form_csv` and what
            the definition calls an export are raw.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "raw").mkdir(exist_ok=True)
    survey = dedent(survey).strip()
    if "exports:" not in survey:
        survey = f"exports: {{form: {{file: form.csv}}}}\n{survey}"
    (folder / "study.yaml").write_text(_ABOUT + indent(survey, "  ") + "\n", encoding="utf-8")
    for key, text in files.items():
        name = ".".join(key.rsplit("_", 1))
        place = folder if f"mapping: {name}" in survey else folder / "raw"
        (place / name).write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return load_study(folder)


def cleaned(folder: Path, survey: str, **files: str) -> Cleaned:
    """The small survey after cleaning."""
    return clean(small_survey(folder, survey, **files))


def refused(folder: Path, survey: str, **files: str) -> str:
    """The message with which cleaning the small survey stops."""
    study = small_survey(folder, survey, **files)
    with pytest.raises(StudyError) as caught:
        clean(study)
    return str(caught.value)


def column(frame: pd.DataFrame, name: str) -> list[object]:
    """A column as a list, with `None` for missing values."""
    return [None if pd.isna(value) else value for value in frame[name]]


def changes(result: Cleaned, step: str) -> list[tuple[object, ...]]:
    """Lines of the log of a step: reason, row, respondent, column, before, after."""
    lines = result.log[result.log["step"] == step]
    columns = ["reason", "row", "respondent", "column", "before", "after"]
    return [tuple(None if pd.isna(v) else v for v in line) for line in lines[columns].itertuples(index=False)]
