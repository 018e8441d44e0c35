"""The cell that a number of a claim comes from, looked up in the tables of the two strands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from plait.study.claims import AgreementCell, Cell, ChangeCell, EstimateCell, NumberCell, ThemeCell
from plait.study.definition import Collection

NAN = float("nan")
SHARES = ("share", "net")


@dataclass(frozen=True)
class StrandTables:
    """The tables that numbers of claims come from (columns in `plait.tables`)."""

    estimates: pd.DataFrame
    changes: pd.DataFrame
    themes: pd.DataFrame
    agreement: pd.DataFrame


@dataclass(frozen=True)
class Found:
    """What a cell holds today, unrounded and in the unit of print: shares in per cents, changes of shares in points.

    Attributes:
        row: The row of its table.
        value: The number itself.
        ci_low: Where its interval begins; NaN where it has none.
        ci_high: Where it ends.
        unweighted: The unweighted value of the same people; NaN where no such thing exists.
        base: People, texts or units in the base; missing where there is none.
    """

    row: Mapping[str, Any]
    value: float
    ci_low: float = NAN
    ci_high: float = NAN
    unweighted: float = NAN
    base: int | None = None

    @property
    def weighted(self) -> bool:
        return bool(self.row.get("weight_set"))


def look_up(cell: Cell, tables: StrandTables, collections: Mapping[str, Collection]) -> Found | None:
    """Find a cell; None where it is not in the tables or holds no number.

    A share is the weighted one where there is one, and rests on respondents' own answers rather than on a vendor's
    breakdown, as in the joint display.
    """
    match cell:
        case EstimateCell() | NumberCell():
            return _estimate(cell, tables.estimates)
        case ChangeCell():
            return _change(cell, tables.changes)
        case ThemeCell():
            return _themes(cell, tables.themes, collections)
        case AgreementCell():
            return _agreement(cell, tables.agreement)


def _estimate(cell: EstimateCell | NumberCell, estimates: pd.DataFrame) -> Found | None:
    there = (estimates["question"] == cell.question) & (estimates["break"] == cell.break_)
    there &= estimates["group"] == cell.group
    if isinstance(cell, EstimateCell):
        there &= (estimates["option"] == cell.item) & estimates["measure"].isin(SHARES)
    else:
        there &= estimates["measure"] == cell.measure
    rows = estimates[there]
    row = _first(best_first(rows))
    if row is None:
        return None
    base = int(row["base_unweighted"])
    if cell.column == "base":
        return Found(row, float(base), base=base)
    scale = 100 if isinstance(cell, EstimateCell) else 1
    unweighted = scale * float(row["value_unweighted"])
    if cell.column == "unweighted":
        return _number(Found(row, unweighted, unweighted=unweighted, base=base))
    low, high = scale * float(row["ci_low"]), scale * float(row["ci_high"])
    return _number(Found(row, scale * float(row["value"]), low, high, unweighted, base))


def _change(cell: ChangeCell, changes: pd.DataFrame) -> Found | None:
    kind = SHARES if cell.item else ("mean",)
    row = _first(
        changes[
            (changes["question"] == cell.question) & (changes["option"] == cell.item) & changes["measure"].isin(kind)
        ]
    )
    if row is None:
        return None
    base = int(row["base"])
    if cell.column == "base":
        return Found(row, float(base), base=base)
    scale = 100 if cell.item else 1
    value = scale * float(row[cell.column])
    if cell.column != "difference":
        return _number(Found(row, value, base=base))
    return _number(Found(row, value, scale * float(row["ci_low"]), scale * float(row["ci_high"]), base=base))


def best_first(estimates: pd.DataFrame) -> pd.DataFrame:
    """Estimates of one cell, the weighted before an unweighted one and that of respondents before a vendor's."""
    ranked = estimates.assign(weighted=estimates["weight_set"] != "", own=estimates["grain"] == "respondent")
    return ranked.sort_values(["weighted", "own"], ascending=False, kind="stable")


def unit_of(cell: ThemeCell, collections: Mapping[str, Collection]) -> str:
    """The unit in which a theme is counted: texts where each is an answer to an open question, else people."""
    return cell.unit or collections[cell.collection].people_unit


def _themes(cell: ThemeCell, themes: pd.DataFrame, collections: Mapping[str, Collection]) -> Found | None:
    same = {"collection": cell.collection, "theme": cell.theme, "by": cell.by, "group": cell.group}
    same["unit"] = unit_of(cell, collections)
    row = _first(themes[(themes[list(same)] == list(same.values())).all(axis=1)])
    if row is None or pd.isna(row["n"]):
        return None
    base = None if pd.isna(row["of"]) else int(row["of"])
    if cell.column == "n":
        return Found(row, float(row["n"]), base=base)
    if not base:
        return None
    return Found(row, float(base) if cell.column == "base" else 100 * int(row["n"]) / base, base=base)


def _agreement(cell: AgreementCell, agreement: pd.DataFrame) -> Found | None:
    rows = agreement[
        (agreement["collection"] == cell.collection)
        & (agreement["coefficient"] == cell.coefficient)
        & (agreement["unit"] == cell.unit)
        & (agreement["code"] == cell.code)
    ]
    if cell.coders:
        asked = set(cell.coders)
        pairs = zip(rows["coder_a"], rows["coder_b"], strict=True)
        rows = rows[[set(pair) == asked for pair in pairs]]
    elif (rows["coders"] == "all").any():
        rows = rows[rows["coders"] == "all"]
    row = _first(rows) if len(rows) == 1 else None
    if row is None:
        return None
    base = None if pd.isna(row["n_units"]) else int(row["n_units"])
    if cell.column == "base":
        return Found(row, float(base), base=base) if base is not None else None
    scale = 100 if cell.coefficient == "per_cent" else 1
    low, high = scale * float(row["low"]), scale * float(row["high"])
    return _number(Found(row, scale * float(row["value"]), low, high, base=base))


def _first(rows: pd.DataFrame) -> Mapping[str, Any] | None:
    return {str(k): v for k, v in rows.iloc[0].to_dict().items()} if len(rows) else None


def _number(found: Found) -> Found | None:
    return None if pd.isna(found.value) else found
