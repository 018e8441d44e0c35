"""Which survey estimates and theme counts stand in the same cell, where the strands are joined by groups of people."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait import tables
from plait.study import Study
from plait.study.definition import JoinedGroups
from plait.study.side_files import Link

Join = tuple[str, str, JoinedGroups]
"""Collection, case attribute, and what its values are in the survey."""


def strands_by_group(study: Study, themes: pd.DataFrame) -> pd.DataFrame:
    """List the survey items and themes of every construct, for each group of every joined variable.

    No number is made here. Those of the survey are by a break of the survey, those of the themes by a case attribute;
    the people are not the same, the groups are (a "group-level" joint display: Guetterman, Fetters and Creswell 2015).

    Args:
        study: Its definition says which groups are the same.
        themes: Columns of `plait.tables.THEMES`; they give the values that cases have.

    Returns:
        Columns of `plait.tables.STRANDS_BY_GROUP`.
    """
    survey = study.definition.survey
    joins: dict[str, list[Join]] = {}
    for collection, attributes in study.definition.joining.groups.items():
        for attribute, joined in attributes.items():
            joins.setdefault(joined.variable, []).append((collection, attribute, joined))
    rows: list[dict[str, object]] = []
    for variable, joined_here in joins.items():
        for link in study.links:
            for group in survey.groups_of(variable) if survey else ():
                about = {"construct": link.construct_id, "label": link.label, "variable": variable, "group": group}
                rows += [about | row for row in _cell(link, group, joined_here, themes)]
    return tables.STRANDS_BY_GROUP.of(rows)


def _cell(link: Link, group: str, joins: list[Join], themes: pd.DataFrame) -> Iterator[dict[str, object]]:
    for linked in link.survey:
        question, _, item = linked.partition(":")
        yield {"strand": "survey", "origin": question, "item": item, "by": "", "values": ""}
    for collection, attribute, joined in joins:
        values = [value for value, meant in joined.groups.items() if meant == group]
        here = themes[(themes["collection"] == collection) & (themes["by"] == attribute)]
        everyone = set(here["group"]) <= set(values)
        for theme in link.themes if values else ():
            yield {
                "strand": "coded_text",
                "origin": collection,
                "item": theme,
                "by": tables.ALL if everyone else attribute,
                "values": tables.ALL if everyone else "\n".join(values),
            }
