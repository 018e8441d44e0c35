"""What people said: the themes of each collection, split by group, and how far its coders agree."""

from __future__ import annotations

import pandas as pd

from plait.report.blocks import (
    Block,
    Cell,
    Column,
    Fold,
    Note,
    Paragraph,
    Quotation,
    Quotations,
    Row,
    RowKind,
    Section,
    TableBlock,
)
from plait.report.printing import EVERYONE, capital, printed, printed_or
from plait.report.sections.agreement import agreement_blocks
from plait.report.sections.patterns import remarks, saturation, together
from plait.report.sections.view import (
    MEASURED,
    Record,
    StudyView,
    anchor,
    cells,
    count_of,
    grouped,
    in_order_of,
    numbers,
    per_cent,
    table,
    words,
)
from plait.study.wording import listed as listed_in_words
from plait.study.wording import quoted
from plait.tables import records

MODES = {
    "interview": "Interviews",
    "focus_group": "Focus groups",
    "open_text": "Answers to an open question",
    "observation": "Observations",
    "document": "Documents",
}
_COUNTS_ONLY = (
    "Only how often each code was given to each person is known: there are no quotations, and neither the text that "
    "themes cover, nor which codes share text, nor the agreement of coders can be told."
)
_COVERED = "Text covered: the share of what participants said that lies in any segment of the theme"


def coded_text_section(study: StudyView) -> Section:
    """All collections, in the definition's order."""
    sections = tuple(_collection(study, name, rows) for name, rows in study.collections.items())
    return Section("what-people-said", "What people said", (), sections)


def _collection(study: StudyView, name: str, rows: list[Record]) -> Section:
    blocks: list[Block] = []
    if defined := study.collection(name):
        coders = [r for r in records(study.published.coders) if r["collection"] == name]
        agreed = any(r["role"] == "adjudicated" for r in coders if r["coder"] == defined.count_from)
        whose = "that was agreed on," if agreed else "of"
        counted = f"Themes are counted from the coding {whose} {quoted(defined.count_from)}."
        if all(r["unit"] != "sources" for r in rows):
            counted = _COUNTS_ONLY
        blocks.append(Paragraph(f"{MODES[defined.mode]}. {counted}"))
    blocks += [*study.figure(f"themes_{name}"), _themes(study, name, rows), *remarks(study, name)]
    blocks += _quotations(study, name, rows)
    split = [r for r in study.themes if r["collection"] == name and r["by"]]
    for by, found in grouped(split, lambda r: str(r["by"])).items():
        blocks += _splits(study, name, by, study.telling_units(name, found), rows)
    blocks += [*together(study, name), *saturation(study, name), *agreement_blocks(study, name)]
    return Section(anchor("collection", name), str(rows[0]["collection_label"]), tuple(blocks))


# --- themes ------------------------------------------------------------------------------------------------------------


def in_codebook_order(rows: list[Record]) -> list[Record]:
    """One row for each theme and code, every theme with its codes below it."""
    first = {str(r["theme"]): r for r in reversed(rows)}
    found = [first[theme] for theme in dict.fromkeys(str(r["theme"]) for r in rows)]
    codes = grouped((r for r in found if r["level"] == "code"), lambda r: str(r["parent"]))
    ordered = []
    for theme in (r for r in found if r["level"] == "theme"):
        ordered += [theme, *codes.pop(str(theme["theme"]), [])]
    return ordered + [code for left in codes.values() for code in left]


def _themes(study: StudyView, name: str, rows: list[Record]) -> TableBlock:
    units = study.telling_units(name, rows)
    counts = {unit: {r["theme"]: r for r in found} for unit, found in units.items()}
    shares = [unit for unit, found in units.items() if any(pd.notna(r["per_cent"]) for r in found)]
    columns = words("Theme or code")
    for unit in units:
        called = capital(study.units_called(name, unit))
        columns.append(Column("Number", numeric=True, group=called))
        columns += [Column("Per cent", numeric=True, group=called)] if unit in shares else []
    measured = {unit: {r["theme"]: r for r in rows if r["unit"] == unit} for unit in MEASURED}
    measured = {unit: found for unit, found in measured.items() if found}
    columns += [Column(f"Per cent of {unit}", numeric=True, group="Text covered") for unit in measured]
    body = []
    listed = in_codebook_order(rows)
    used = [r for r in listed if r["level"] != "code" or r["theme"] in _found(rows)]
    for theme in used:
        texts = []
        for unit, found in counts.items():
            row = found.get(theme["theme"])
            texts.append(count_of(row))
            texts += [printed_or(row["per_cent"], row["marker"]) if row else printed(None)] if unit in shares else []
        for found in measured.values():
            row = found.get(theme["theme"])
            texts.append(printed(row["per_cent"], row["marker"]) if row else printed(None))
        body.append(Row(cells(str(theme["theme_label"]), *texts), _level(theme)))
    notes = ["A theme counts a text or person once, however many of its codes were used"]
    if measured:
        of = listed_in_words(f"{printed(next(iter(found.values()))['of'])} {unit}" for unit, found in measured.items())
        notes.append(f"{_COVERED}, out of {of}")
    notes += ["There are too few for per cents"] if not shares else []
    if left_out := len(listed) - len(used):
        notes.append(f"Codes that were not used here and are left out: {printed(left_out)}")
    return table(f"{rows[0]['collection_label']}: themes and codes", columns, body, notes=notes)


def _found(rows: list[Record]) -> set[str]:
    """The themes and codes that were found, or whose number was withheld."""
    return {str(r["theme"]) for r in rows if pd.isna(r["n"]) or r["n"] > 0}


def _level(row: Record) -> RowKind:
    return "code" if row["level"] == "code" else "theme"


def _themes_by(study: StudyView, name: str, rows: list[Record], total: list[Record]) -> TableBlock | Note:
    unit, by = str(rows[0]["unit"]), str(rows[0]["by_label"])
    everyone = {r["theme"]: r for r in study.by_unit(name, total).get(unit, [])}
    groups = grouped(rows, lambda r: str(r["group"]))
    counts = [everyone, *({r["theme"]: r for r in found} for found in groups.values())]
    columns = [*words("Theme or code"), *numbers(EVERYONE)]
    columns += [Column(str(found[0]["group_label"]), numeric=True, group=by) for found in groups.values()]
    themes = in_codebook_order(rows)
    shown = [r for r in rows if pd.notna(r["n"])]
    told = {str(r[of]) for r in shown for of in ("theme", "parent")}  # a code stands below its theme
    body = [
        Row((Cell(str(theme["theme_label"])), *(_count(found.get(theme["theme"])) for found in counts)), _level(theme))
        for theme in themes
        if theme["theme"] in told
    ]
    if not body:
        return Note(f"No number of themes by {by} can be shown.")
    called, hidden = study.units_called(name, unit), len(themes) - len(body)
    notes = [f"Themes and codes that are hidden in every group, and left out: {printed(hidden)}"] if hidden else []
    return table(f"{rows[0]['collection_label']}: themes by {by}, number of {called}", columns, body, notes=notes)


def _splits(study: StudyView, name: str, by: str, units: dict[str, list[Record]], total: list[Record]) -> list[Fold]:
    """The themes by one characteristic of people or texts, to choose from: a table a unit, the figure above the first."""
    folds: list[Fold] = []
    for unit, counts in units.items():
        label, called = str(counts[0]["by_label"]), f"(number of {study.units_called(name, unit)})"
        figure = () if folds else study.figure(f"themes_{name}-{by}")
        choice = f"{label} {called}" if len(units) > 1 else label
        split = _themes_by(study, name, counts, total)
        folds.append(Fold(f"Themes by {label} {called}", (*figure, split), choice=choice))
    return folds


def _count(row: Record | None) -> Cell:
    return Cell(count_of(row), per_cent(row) if row and pd.notna(row["per_cent"]) else "")


# --- quotations --------------------------------------------------------------------------------------------------------

_CHOSEN = (
    "The authors chose these words as examples; they say nothing of how many think so. They are verbatim: [...] stands "
    "where words are left out, other square brackets hold what was put in or in place of a name."
)


def _quotations(study: StudyView, name: str, rows: list[Record]) -> tuple[Block, ...]:
    """Quotations under their themes, in the codebook's order."""
    found = grouped((r for r in study.quotes if r["collection"] == name), lambda r: str(r["theme"]))
    if not found:
        return ()
    listed = [str(r["theme"]) for r in in_codebook_order(rows)]
    themes = in_order_of(listed, found).values()
    return (Paragraph(_CHOSEN), *(Quotations(str(theme[0]["theme_label"]), _said(theme)) for theme in themes))


def _said(rows: list[Record]) -> tuple[Quotation, ...]:
    return tuple(Quotation(str(r["text"]), str(r["attribution"])) for r in rows)
