"""How far the coders of a collection agree, over all codes and code by code."""

from __future__ import annotations

from collections.abc import Iterable

from plait.report.blocks import Block, Cell, Column, Fold, Paragraph, Row, TableBlock
from plait.report.printing import INTERVAL, printed, printed_as_is, printed_range
from plait.report.sections.view import Record, StudyView, grouped, numbers, table, words

KAPPAS = ("cohen_kappa", "fleiss_kappa")
"""Of two coders, and of more."""
CONTESTED = (
    "Agreement is shown because more than one person coded these texts. Not every approach asks for it: in reflexive "
    "thematic analysis, where coding is interpretation, coefficients are contested (Braun and Clarke 2021)."
)
_WHAT_THEY_ARE = (
    "Kappa (Cohen\u2019s of two coders, Fleiss\u2019 of more) and Krippendorff\u2019s alpha are agreement beyond "
    "chance: 1 is full agreement, 0 no more than chance; both fall where a code is rare. PABAK takes chance for one "
    "half, and Gwet\u2019s AC1 for less the rarer a code is"
)
_OVER_ALL = (
    "Over all codes, a unit is coded alike when every code is, and kappa, PABAK, AC1 and alpha are means of the codes that "
    "vary; alpha of sets compares the codes of a unit as a whole (MASI distances)"
)
_FREE = "Alpha of stretches compares where marked passages start and end"
_INTERVALS = f"Below each number is its {INTERVAL}, found by drawing whole texts again and again"
Entries = dict[str, Record]


def agreement_blocks(study: StudyView, name: str) -> tuple[Block, ...]:
    """Nothing where one person coded; otherwise all units side by side, and the first of them code by code."""
    rows = [r for r in study.agreement if r["collection"] == name]
    if not rows:
        return ()
    label, first = str(rows[0]["collection_label"]), str(rows[0]["unit"])
    overall = _entries(r for r in rows if r["level"] == "all")
    blocks: list[Block] = [Paragraph(CONTESTED), _overall(f"{label}: agreement between coders", overall)]
    codes = _entries(r for r in rows if r["level"] == "code" and r["unit"] == first)
    if codes:
        caption = f"{label}: agreement between coders, code by code"
        by_code = _by_code(study, caption, codes)
        blocks.append(Fold(f"Agreement code by code, {by_unit(first)}", (by_code,), sheet="Agreement"))
    return tuple(blocks)


def by_unit(unit: object) -> str:
    """What coders were compared on, as a report says it."""
    return {"source": "text by text"}.get(str(unit), f"{unit} by {unit}")


def coders_of(row: Record) -> str:
    """The coders that a row compares."""
    return "All coders" if row["coders"] == "all" else f"{row['coder_a']} and {row['coder_b']}"


def _entries(rows: Iterable[Record]) -> list[Entries]:
    """The coefficients of each comparison, by name."""
    keys = ("unit", "coders", "coder_a", "coder_b", "code")
    return [
        {str(r["coefficient"]): r for r in found}
        for found in grouped(rows, lambda r: tuple(r[k] for k in keys)).values()
    ]


def _overall(caption: str, entries: list[Entries]) -> TableBlock:
    free = any("unitizing_alpha" in e for e in entries)
    columns = [*words("Coders", "Compared"), *_headings(), *numbers("Alpha of sets")]
    columns += numbers("Alpha of stretches") if free else []
    body = []
    for found in entries:
        any_of = next(iter(found.values()))
        left = (Cell(coders_of(any_of)), Cell(f"All codes, {by_unit(any_of['unit'])}", _remarks(found)))
        right = (_number(found, "masi_alpha"), *([_number(found, "unitizing_alpha")] if free else []))
        body.append(Row((*left, Cell(printed(any_of["n_units"])), *_coefficients(found), *right)))
    notes = [_WHAT_THEY_ARE, _OVER_ALL, *([_FREE] if free else []), _INTERVALS]
    return table(caption, columns, body, row_headers=2, notes=notes)


def _by_code(study: StudyView, caption: str, entries: list[Entries]) -> TableBlock:
    counts = {tuple(r[k] for k in _PLACE): r for r in study.agreement_counts}
    columns = [*words("Coders", "Code"), *numbers("Both", "First only", "Second only"), *_headings()]
    body = []
    for found in entries:
        any_of = next(iter(found.values()))
        count = counts.get(tuple(any_of[k] for k in _PLACE), {})
        given = (Cell(printed(count.get(cell))) for cell in ("both", "only_a", "only_b"))
        left = (Cell(coders_of(any_of)), Cell(str(any_of["code_label"]), _remarks(found)))
        body.append(Row((*left, *given, Cell(printed(any_of["n_units"])), *_coefficients(found))))
    counted = "Both, first only and second only: the units to which two coders, or one of them, gave the code"
    return table(caption, columns, body, row_headers=2, notes=(counted, _WHAT_THEY_ARE, _INTERVALS))


_PLACE = ("collection", "coder_a", "coder_b", "unit", "code")


def _headings() -> list[Column]:
    return numbers("Units", "Per cent coded alike", "Kappa", "PABAK", "Gwet\u2019s AC1", "Krippendorff\u2019s alpha")


def _coefficients(found: Entries) -> tuple[Cell, ...]:
    kappa = next((k for k in KAPPAS if k in found), KAPPAS[0])
    return tuple(_number(found, c) for c in ("per_cent", kappa, "brennan_prediger", "gwet_ac1", "krippendorff_alpha"))


def _number(found: Entries, coefficient: str) -> Cell:
    row = found.get(coefficient)
    if row is None:
        return Cell(printed(None))
    if coefficient == "per_cent":
        return Cell(printed_as_is(row["value"]), _range(row, 0))
    return Cell(printed(row["value"], digits=2), _range(row, 2))


def _range(row: Record, digits: int) -> str:
    return "" if row["low"] != row["low"] else printed_range(row["low"], row["high"], digits=digits)


def _remarks(found: Entries) -> str:
    """What is to be said of a comparison: the notes differ in nothing but the coefficient, save where bases do."""
    kappa = next((found[k] for k in KAPPAS if k in found), None)
    alpha = found.get("krippendorff_alpha", kappa)
    if kappa is None or alpha is None:
        return str(next(iter(found.values()))["note"])
    if kappa["n_units"] == alpha["n_units"]:
        return str(kappa["note"])
    fewer = f"kappa over the {printed(kappa['n_units'])} units that every coder judged"
    return "; ".join(part for part in (str(alpha["note"]), fewer) if part)
