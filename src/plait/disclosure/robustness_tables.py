"""The robustness of headlines as it is published: every alternative under the rules that its own base is under.

The base of an alternative is a second look at the same people. Where it differs from the claim's own by a few, or two such
differences of one question do, the few could be told apart; the base is then left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from plait import tables
from plait.disclosure.claims_tables import cell_in_words, unit_of
from plait.disclosure.labels import Labels, remarks
from plait.disclosure.rounded import decimals_for, rounded_people
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import COMPANY_OF_COUNTS, SuppressionLog
from plait.rounding import round_half_up
from plait.tables import records

Row = Mapping[str, Any]
"""A row of `plait.tables.ROBUSTNESS`; its `cell` is the row of `plait.tables.CLAIMS` that it belongs to."""

_FEW_APART = "the base is not given, since it differs from another by a few people"


@dataclass(frozen=True)
class _Verdict:
    """What the rules say about a row: its marker, whether its numbers or its base too are hidden, and by which rule."""

    marker: str = ""
    hidden: bool = False
    no_base: bool = False
    rule: str = ""


def robustness_table(
    robustness: pd.DataFrame, claims: pd.DataFrame, labels: Labels, rules: Rules, log: SuppressionLog
) -> pd.DataFrame:
    """The numbers of the claims, each followed by what alternatives make of it.

    Args:
        robustness: Columns of `plait.tables.ROBUSTNESS`.
        claims: Columns of `plait.tables.CLAIMS`; they say which cell a number is.
        labels: The printed names.
        rules: The disclosure profile.
        log: Is told of what is withheld.
    """
    cells = {_number(claim): claim for claim in records(claims)}
    rows: list[Row] = [row | {"cell": cells[_number(row)]} for row in records(robustness)]
    own = {_number(row): row for row in rows if not row["kind"]}
    few = _bases_a_few_apart(rows, own, rules)
    everyone = {_theme_under(row) for row in rows if not row["cell"]["break"]}
    published = []
    for row in rows:
        verdict = _judged(row, own[_number(row)], everyone, rules)
        if verdict.rule:
            cell = row["cell"]
            log.add(tables.PUBLISHED_ROBUSTNESS, cell["origin"], cell["break"], cell["group"], verdict.rule)
        published.append(_published(row, own[_number(row)], verdict, _choice(row) in few, labels, rules))
    frame = pd.DataFrame(published, columns=[*tables.PUBLISHED_ROBUSTNESS.columns, "weight_set"])
    frame["note"] = remarks(frame["note"], frame["weight_set"], labels)
    return tables.PUBLISHED_ROBUSTNESS.of(frame.drop(columns="weight_set"))


def _number(row: Row) -> tuple[str, int]:
    return str(row["claim"]), int(row["number"])


def _choice(row: Row) -> tuple[str, str]:
    """An alternative, and the question or collection that it is applied to."""
    return str(row["alternative"]), str(row["cell"]["origin"])


def _theme_under(row: Row) -> tuple[str, str, str]:
    """A theme, under an alternative."""
    return (*_choice(row), str(row["cell"]["item"]))


def _bases_a_few_apart(rows: Iterable[Row], own: Mapping[tuple[str, int], Row], rules: Rules) -> set[tuple[str, str]]:
    """The alternatives by which the bases of a question change by a few, or by a few more or less than is shown already."""
    changes: dict[tuple[str, str], set[int]] = {}
    for row in rows:
        base, before = row["base"], own[_number(row)]["base"]
        if pd.notna(base) and pd.notna(before) and base >= rules.hide_below:
            changes.setdefault(_choice(row), set()).add(int(base) - int(before))
    few: set[tuple[str, str]] = set()
    shown: dict[str, set[int]] = {}
    for choice, found in changes.items():
        known = shown.setdefault(choice[1], {0})
        if any(0 < abs(change - other) < rules.hide_below for change in found for other in known | found):
            few.add(choice)
        else:
            known |= found
    return few


def _judged(row: Row, main: Row, everyone: set[tuple[str, str, str]], rules: Rules) -> _Verdict:
    if pd.isna(row["value"]):
        return _Verdict("z", hidden=True)
    if row["cell"]["table"] == "themes":
        return _judged_theme(row, main, everyone, rules)
    base = int(row["base"])
    if base < rules.hide_below:
        return _Verdict("c", hidden=True, no_base=True, rule=f"base below {rules.hide_below}")
    if base < rules.withhold_below:
        marker = "c" if rules.cell_below else "u"
        return _Verdict(marker, hidden=True, rule=f"base below {rules.withhold_below}")
    # The number itself is published with its estimate, or its sentence would not be here.
    if row["kind"] and row["cell"]["table"] == "estimates" and _people_either_way(row) < rules.cell_below:
        return _Verdict("c", hidden=True, rule=f"fewer than {rules.cell_below} people")
    return _Verdict("u" if base < rules.flag_below else "")


def _people_either_way(row: Row) -> float:
    """How many people stand behind a share, or behind its rest where these are fewer."""
    share = float(row["value"]) / 100
    return min(share, 1 - share) * int(row["base"])


def _judged_theme(row: Row, main: Row, everyone: set[tuple[str, str, str]], rules: Rules) -> _Verdict:
    """Counts for everyone are published as they are; those of groups, and of fewer people, under the rules of groups."""
    n, of = int(row["n"]), int(row["base"])
    if not row["kind"]:
        return _Verdict()
    if of < rules.hide_below and of != main["base"]:
        return _Verdict("c", hidden=True, no_base=True, rule=f"base below {rules.hide_below}")
    if row["cell"]["break"]:
        if 0 < n < rules.theme_cell:
            return _Verdict("c", hidden=True, rule=f"fewer than {rules.theme_cell} people")
        if n == of < rules.hide_below:
            return _Verdict("c", hidden=True, rule="everyone of a small group")
        if rules.theme_cell and (_theme_under(row) in everyone or row["kind"] == "unit"):
            return _Verdict("c", hidden=True, rule=COMPANY_OF_COUNTS)
    return _Verdict()


def _published(row: Row, main: Row, verdict: _Verdict, few: bool, labels: Labels, rules: Rules) -> dict[str, object]:
    cell = row["cell"]
    unit = _unit(row, main, rules)
    digits = {"number": decimals_for(float(main["value"])), "per_cent": rules.per_cent_digits}.get(unit, 0)
    of_texts = cell["table"] == "themes"
    base = row["base"] if pd.isna(row["base"]) or of_texts else rounded_people(int(row["base"]), rules)

    def shown(value: float) -> float:
        return np.nan if verdict.hidden else round_half_up(float(value), digits)

    value, difference = row["value"], row["difference"]
    if unit == "count":
        same_base = not verdict.hidden and row["base"] == main["base"]  # what is not hidden has a base
        value, difference = row["n"], row["n"] - main["n"] if same_base else np.nan
    notes = [str(row["note"]), _FEW_APART if few and not verdict.no_base else ""]
    return {
        "claim": row["claim"],
        "number": row["number"],
        "printed": cell["printed"],
        "cell": cell_in_words(cell, labels),
        "alternative": row["alternative"],
        "kind": row["kind"],
        "unit": unit,
        "value": shown(np.nan if pd.isna(value) else value),
        "ci_low": shown(row["ci_low"]),
        "ci_high": shown(row["ci_high"]),
        "base": pd.NA if few or verdict.no_base else base,
        "difference": shown(difference) if row["kind"] else np.nan,
        "inside": _inside(row) if row["kind"] and not verdict.hidden else "",
        "marker": verdict.marker,
        "note": "; ".join(note for note in notes if note),
        "weight_set": row["weight_set"],
    }


def _inside(row: Row) -> str:
    if pd.isna(row["inside"]):
        return ""
    return "inside" if row["inside"] else "outside"


def _unit(row: Row, main: Row, rules: Rules) -> str:
    """Per cents of themes are given only where there are enough texts or people; else how many there are."""
    if row["cell"]["table"] != "themes":
        return unit_of(row["cell"])
    if pd.isna(row["n"]) or pd.isna(row["difference"]):  # how much of what was said is a share of itself
        return "per_cent" if pd.notna(row["n"]) else "count"
    bases = [int(base) for base in (row["base"], main["base"]) if pd.notna(base)]
    return "per_cent" if min(bases) >= rules.theme_per_cent else "count"
