"""The strands by groups of people: survey estimate and theme count of the same group, and the typology."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait.report.blocks import Block, Cell, Column, Paragraph, Row, Section, TableBlock
from plait.report.printing import distinct, printed, printed_or, with_marker
from plait.report.sections.view import Record, StudyView, count_of, grouped, noted, per_cent, table, words
from plait.study.wording import listed, quoted
from plait.tables import records

_GROUP_LEVEL = (
    "Here the strands are joined at group level: the groups are the same in both, the people are not. Survey per cents "
    "are of the group’s respondents, theme counts of the people or texts of the group; interview counts are never weighted."
)
_PROFILES = "Each column is a profile of one group: what its respondents answered and what its people spoke of."


def groups_section(study: StudyView) -> Section:
    """A table for every joined variable; that of the typology has its groups in columns."""
    rows = records(study.published.strands_by_group)
    if not rows:
        return Section("strands-groups", "", ())
    blocks: list[Block] = [Paragraph(_GROUP_LEVEL)]
    for variable, found in grouped(rows, lambda r: str(r["variable"])).items():
        if variable == study.definition.joining.typology:
            blocks += [Paragraph(_PROFILES), _typology(study, found)]
        else:
            blocks.append(_by_group(study, found))
    return Section("strands-groups", "The same groups in both strands", tuple(blocks))


def _joined_by(study: StudyView, variable: str) -> str:
    """Which case attributes of which collections a variable of the survey is joined with, in words."""
    lines = [r for r in records(study.published.joining) if r["how"] == "groups" and r["variable"] == variable]
    return listed(f"{quoted(r['by_label'])} of {r['collection_label']}" for r in lines)


def _by_group(study: StudyView, rows: list[Record]) -> TableBlock:
    variable, label = str(rows[0]["variable"]), str(rows[0]["variable_label"])
    places = grouped(rows, lambda r: (str(r["construct"]), str(r["group"])))
    collections = distinct(r["origin_label"] for r in rows if r["strand"] != "survey")
    one = collections[0] if len(collections) == 1 else ""
    body = []
    for found in places.values():
        survey = "\n".join(_estimate(r) for r in found if r["strand"] == "survey")
        texts = "\n".join(_theme(r, one) for r in found if r["strand"] != "survey")
        names = (Cell(str(found[0]["label"])), Cell(str(found[0]["group_label"])))
        body.append(Row((*names, Cell(survey or "No survey item"), Cell(texts or "Nobody of this group"))))
    caption = f"Joint display by {label} (group-level)"
    columns = words("Construct", label, "Survey", one or "Coded text")
    return table(caption, columns, body, row_headers=2, notes=_notes(study, variable, label, rows))


def _typology(study: StudyView, rows: list[Record]) -> TableBlock:
    variable, label = str(rows[0]["variable"]), str(rows[0]["variable_label"])
    groups = {str(r["group"]): str(r["group_label"]) for r in rows}
    columns = [*words("Construct", "Item"), *(Column(name, numeric=True, group=label) for name in groups.values())]
    body = []
    for found in grouped(rows, lambda r: tuple(str(r[c]) for c in ("construct", "strand", "origin", "item"))).values():
        of_group = {str(r["group"]): r for r in found}
        first = found[0]
        item = Cell(str(first["item_label"]), str(first["origin_label"]))
        cells = (_profile(of_group.get(group)) for group in groups)
        body.append(Row((Cell(str(first["label"])), item, *cells)))
    caption = f"Typology by {label} (group-level)"
    return table(caption, columns, body, row_headers=2, notes=_notes(study, variable, label, rows))


def _notes(study: StudyView, variable: str, label: str, rows: list[Record]) -> Iterator[str]:
    yield f"{quoted(label)} of the survey is joined with {_joined_by(study, variable)}"
    for r in records(study.published.joining):
        if r["variable"] == variable and pd.notna(r["no_group"]) and r["no_group"] > 0:
            left = f"{printed(r['no_group'])} of {printed(r['cases'])}"
            yield f"{r['collection_label']}: in none of these groups are {left}"
    yield from noted(r for r in rows if r["strand"] == "survey" and pd.notna(r["per_cent"]))


def _profile(row: Record | None) -> Cell:
    if row is None:
        return Cell(printed(None))
    if row["strand"] == "survey":
        return Cell(survey_number(row), f"base {printed_or(row['of'], str(row['marker']))}")
    return Cell(theme_number(row))


def _estimate(row: Record) -> str:
    """A survey item: its per cent with its base, and its name."""
    base = printed_or(row["of"], str(row["marker"]))
    return f"{survey_number(row)} (base {base}) {quoted(row['item_label'])}, {row['origin_label']}"


def survey_number(row: Record) -> str:
    """The per cent of a survey item with its marker, or the marker alone."""
    if pd.isna(row["per_cent"]):
        return printed(None, str(row["marker"]))
    return with_marker(per_cent(row), str(row["marker"]))


def _theme(row: Record, collection: str) -> str:
    """A theme count, with its collection unless the heading of the column names it."""
    name = f"{theme_number(row)} {quoted(row['item_label'])}"
    return name if collection else f"{name}, {row['origin_label']}"


def theme_number(row: Record) -> str:
    """A theme count with its base, which is said of a count that is withheld, too."""
    if pd.isna(row["n"]):
        return f"{count_of(row)} of {printed(row['of'])}" if pd.notna(row["of"]) else count_of(row)
    return f"{count_of(row)} ({per_cent(row)})" if pd.notna(row.get("per_cent")) else count_of(row)
