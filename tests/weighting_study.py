"""Studies for tests of weighting, put together in memory from targets and a few columns of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from plait.study import Study
from plait.study.definition import Definition
from plait.study.side_files import Target

ABOUT = {
    "commissioned_by": "a school",
    "conducted_by": "an office",
    "population": "its staff",
    "sample": "who answered",
    "mode": "a form",
    "fieldwork": {"start": "2026-01-05", "end": "2026-01-09"},
    "design": "convergent",
}
QUESTION = {"label": "Likes it", "text": "Do you like it?", "column": "likes", "options": {"yes_": "Yes", "no_": "No"}}


def weighting_study(
    targets: Mapping[str, Mapping[str, float]],
    weighting: Mapping[str, object] | None,
    profile: Mapping[str, Sequence[str]] | None = None,
    grades: Mapping[str, str] | None = None,
    **survey: Any,
) -> Study:
    """A study with one export, `day`, and one question.

    Args:
        targets: Variable, group, and its share (all at most 1) or count.
        weighting: The key of the definition, `targets:` added unless weights are supplied; `None` for no weights.
        profile: Further variables and their groups.
        grades: Variable and the grade of its targets; official when left out.
        survey: Further keys of the survey.
    """
    groups = {v: list(shares) for v, shares in targets.items() if v not in survey.get("crosses", {})} | dict(
        profile or {}
    )
    file = {} if (weighting or {}).get("method") == "supplied" else {"targets": "targets.csv"}
    whole = {
        "respondent_id": "id",
        "exports": {"day": {"file": "day.csv"}},
        "questions": {"likes": QUESTION | ({"export": "day"} if len(survey.get("exports", [])) > 1 else {})},
        "profile": {
            v: {"label": v.title(), "column": v, "options": {g: g.title() for g in names}}
            for v, names in groups.items()
        },
        "weighting": weighting if weighting is None else dict(weighting) | file,
    }
    definition = Definition.model_validate(
        {"study": "tiny", "title": "Tiny", "research_question": "Why?", "about": ABOUT, "survey": whole | survey}
    )
    rows = [
        Target(
            variable=variable,
            group=group,
            share=None if any(v > 1 for v in shares.values()) else value,
            count=value if any(v > 1 for v in shares.values()) else None,
            source="census",
            date="2025",
            unit="headcount",
            grade=(grades or {}).get(variable, "official"),  # type: ignore[arg-type]
        )
        for variable, shares in targets.items()
        for group, value in shares.items()
    ]
    return Study(Path(), Path(), definition, tuple(rows))


def answered(n: int, **columns: object) -> pd.DataFrame:
    """The responses of n people who are all in the export `day`; texts are groups, `None` where it is not known."""
    frame = pd.DataFrame({"respondent": [f"r{i:03d}" for i in range(n)], "in.day": True})
    for name, values in columns.items():
        column = pd.Series(values)
        frame[name.replace("__in__", "in.")] = column.astype("str") if column.dtype == object else column
    return frame
