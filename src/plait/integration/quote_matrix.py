"""The quote matrix: what was said about each theme in each group, in words that an author approved."""

from __future__ import annotations

import pandas as pd

from plait import tables
from plait.integration.people import Cases
from plait.study import Study
from plait.study.definition import Collection


def quote_matrix(study: Study, quotes: pd.DataFrame, cases: Cases, themes: pd.DataFrame) -> pd.DataFrame:
    """Place approved quotations by theme and group of people.

    The groups are those of the first case attribute that quotations are attributed with and counts are split by. A
    quotation stands in a group only where its printed attribution
    names the group: what was left out of an attribution, so that nobody can be told, must not be told by a place.

    Args:
        study: Its definition names the attributes.
        quotes: Columns of `plait.tables.QUOTES`.
        cases: Of the coded text.
        themes: Columns of `plait.tables.THEMES`; they give the groups.

    Returns:
        Columns of `plait.tables.QUOTE_MATRIX`: every group of each theme that has a quotation, and `""` for quotations
        of people whose group is not told.
    """
    rows: list[dict[str, object]] = []
    for name, spec in study.collections.items():
        here = quotes[quotes["collection"] == name]
        by = _attribute(spec)
        if not by or here.empty:
            continue
        groups = list(dict.fromkeys(themes.loc[(themes["collection"] == name) & (themes["by"] == by), "group"]))
        placed = {quote: _told(spec, by, case, shown, cases)
                  for quote, case, shown in zip(here["quote"], here["case"], here["attribution"], strict=True)}  # fmt: skip
        for theme in dict.fromkeys(here["theme"]):
            of_theme = here.loc[here["theme"] == theme, "quote"].tolist()
            for group in (*groups, ""):
                said = [quote for quote in of_theme if placed[quote] == group]
                about = {"collection": name, "theme": theme, "by": by, "group": group}
                rows += [about | {"quote": quote} for quote in said or ([""] if group else [])]
    return tables.QUOTE_MATRIX.of(rows)


def _attribute(spec: Collection) -> str:
    return next((name for name in spec.attribution if name in spec.breaks), "")


def _told(spec: Collection, by: str, case: str, shown: str, cases: Cases) -> str:
    """The group of a person, where the attribution that is printed names it; else empty."""
    values = [cases.value(case, attribute) for attribute in spec.attribution]
    for kept in range(len(values), 0, -1):
        if shown == ", ".join(value for value in values[:kept] if value) and by in spec.attribution[:kept]:
            return cases.value(case, by)
    return ""
