"""Claims and their robustness as they are published.

A claim prints what its published table shows and nothing else: where the rules withhold a cell, no sentence may say it;
where they round it, none says it more exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from plait import tables
from plait.descriptions import short_name
from plait.disclosure.claims_rounding import Told, finer_in_decimals, finer_in_people
from plait.disclosure.labels import Labels
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import SuppressionLog
from plait.errors import Problem, StudyError
from plait.study import Study
from plait.study.claims import Number
from plait.tables import ALL, records

Row = Mapping[str, Any]
Published = Mapping[str, pd.DataFrame]
"""The published tables so far, by the last part of their names."""

_TABLE = {
    "estimates": tables.PUBLISHED_ESTIMATES,
    "numbers": tables.PUBLISHED_NUMBERS,
    "changes": tables.PUBLISHED_CHANGES,
    "themes": tables.PUBLISHED_THEMES,
    "agreement": tables.PUBLISHED_AGREEMENT,
}
_PLACE = {
    "estimates": {"question": "origin", "option": "item", "break": "break", "group": "group", "grain": "grain"},
    "numbers": {"question": "origin", "measure": "measure", "break": "break", "group": "group"},
    "changes": {"question": "origin", "option": "item", "measure": "measure"},
    "themes": {"collection": "origin", "theme": "item", "by": "break", "group": "group", "unit": "unit"},
    "agreement": {
        **{"collection": "origin", "code": "item", "coefficient": "measure", "unit": "unit"},
        **{coder: coder for coder in ("coder_a", "coder_b")},
    },
}
"""Which columns of a published table say where a cell of a claim lies, and their names among the claims."""
_COLUMNS = {
    "estimates": {"value": "per_cent", "unweighted": "per_cent_unweighted", "base": "base_unweighted"},
    "numbers": {"value": "value", "unweighted": "value_unweighted", "base": "base_unweighted"},
    "changes": {"difference": "difference", "value": "value", "value_earlier": "value_earlier", "base": "base"},
    "points": {"difference": "points", "value": "per_cent", "value_earlier": "per_cent_earlier", "base": "base"},
    "themes": {"n": "n", "per_cent": "per_cent", "base": "of"},
    "agreement": {"value": "value", "base": "n_units"},
}
_BASES = {"changes": "base", "themes": "of", "agreement": "n_units"}
_OF_RESPONDENTS = ("estimates", "numbers", "changes")
"""Whose bases a profile may round; texts, people who speak of themes and what coders judged are counted exactly."""
_ENDS = ("ci_low", "ci_high", "low", "high")
_WITHHELD = "a number of the sentence is withheld"
_ROUNDED = "a number of the sentence is published rounded"


def claims_table(
    claims: pd.DataFrame, published: Published, study: Study, labels: Labels, rules: Rules, log: SuppressionLog
) -> pd.DataFrame:
    """Every number of every claim with the published cell that it comes from.

    A claim that may be left out where a number of it is withheld or rounded is left out whole.

    Raises:
        StudyError: Other claims whose cell the rules withhold, each by name (what they say is not repeated), or publish
            less exactly than the sentence has it.
    """
    may_go = {claim.claim for claim in study.claims.values() if claim.when_withheld == "leave_out"}
    said = {(claim.claim, i): n for claim in study.claims.values() for i, n in enumerate(claim.numbers, start=1)}
    problems: list[Problem] = []
    rows: list[dict[str, object]] = []
    for name, numbers in claims.groupby("claim", sort=False):
        found = [(claim, _published_cell(claim, published)) for claim in records(numbers)]
        refused: list[tuple[str, Problem]] = []
        for claim, cell in found:
            if cell is None or _is_withheld(claim, cell):
                refused.append((_WITHHELD, _withheld(claim, cell, study, labels)))
            elif told := _finer(claim, cell, said[claim["claim"], claim["number"]], rules):
                refused.append((_ROUNDED, _rounded(claim, told, study, labels)))
        if not refused:
            rows += [_row(claim, cell, labels) for claim, cell in found if cell is not None]
        elif name in may_go:
            log.add(tables.PUBLISHED_CLAIMS, "", ALL, ALL, refused[0][0], len(found))
        else:
            problems += [problem for _, problem in refused]
    if problems:
        raise StudyError(problems)
    return tables.PUBLISHED_CLAIMS.of(pd.DataFrame(rows, columns=list(tables.PUBLISHED_CLAIMS.columns)))


def _is_withheld(claim: Row, cell: Row) -> bool:
    return bool(pd.isna(cell[_column(claim)])) or cell.get("marker") == "c"


def _finer(claim: Row, cell: Row, number: Number, rules: Rules) -> Told | None:
    """What is to be told of a number that the table publishes less exactly; None where the table has it as exactly."""
    if claim["table"] in _OF_RESPONDENTS:
        base = int(cell[_BASES.get(claim["table"], "base_unweighted")])
        if told := finer_in_people(number, base, rules, is_base=claim["column"] == "base"):
            return told
    beside = [cell[column] for column in _ENDS if column in cell] if unit_of(claim) == "number" else []
    return finer_in_decimals(number, float(cell[_column(claim)]), beside)


def _row(claim: Row, cell: Row, labels: Labels) -> dict[str, object]:
    own = claim["column"] == ("difference" if claim["table"] == "changes" else "value")  # whose interval the row has
    return {
        **{name: claim[name] for name in ("claim", "number", "sentence", "construct", "printed", "rounding")},
        "tolerance": claim["tolerance"],
        "table": short_name(_TABLE[claim["table"]]),
        "cell": cell_in_words(claim, labels),
        "unit": unit_of(claim),
        "value": cell[_column(claim)],
        "ci_low": cell.get("ci_low", cell.get("low", np.nan)) if own else np.nan,
        "ci_high": cell.get("ci_high", cell.get("high", np.nan)) if own else np.nan,
        "base": cell[_BASES.get(claim["table"], "base_unweighted")],
        "marker": cell.get("marker", ""),
        "note": cell.get("note", ""),
    }


def _published_cell(claim: Row, published: Published) -> Row | None:
    kind = claim["table"]
    frame = published[short_name(_TABLE[kind])]
    there = np.ones(len(frame), dtype=bool)
    for column, name in _PLACE[kind].items():
        there &= (frame[column] == claim[name]).to_numpy(dtype=bool)
    found = frame[there]
    return records(found)[0] if len(found) else None


def _column(claim: Row) -> str:
    kind = "points" if claim["table"] == "changes" and claim["item"] else claim["table"]
    return _COLUMNS[kind][claim["column"]]


def _withheld(claim: Row, cell: Row | None, study: Study, labels: Labels) -> Problem:
    marker = cell.get("marker", "") if cell is not None else ""
    why = tables.MARKERS.get(marker) or "it is not published"
    message = f"number {claim['number']} comes from a cell that is withheld ({why}): {cell_in_words(claim, labels)}"
    mend = "leave the number out, or speak of a larger group"
    if claim["table"] == "themes" and claim["column"] == "per_cent":
        mend = "say how many of how many, or speak of a larger group"
    return _problem(claim, message, mend, study)


def _rounded(claim: Row, told: Told, study: Study, labels: Labels) -> Problem:
    message, mend = told
    message = f"number {claim['number']} {message} ({cell_in_words(claim, labels)})"
    return _problem(claim, message, f"{mend}; or let the sentence go (`when_withheld: leave_out`)", study)


def _problem(claim: Row, message: str, mend: str, study: Study) -> Problem:
    row = next((f"row {row}" for row, c in study.claims.items() if c.claim == claim["claim"]), "")
    return Problem(study.claims_file, message, mend, row=row, column=claim["claim"])


def unit_of(claim: Row) -> str:
    """What the numbers of a claim's cell are: per_cent, points, number or count."""
    if claim["column"] in ("base", "n"):
        return "count"
    if claim["table"] == "changes" and claim["item"]:
        return "points" if claim["column"] == "difference" else "per_cent"
    share = claim["table"] == "estimates" or "per_cent" in (claim["column"], claim["measure"])
    return "per_cent" if share else "number"


def cell_in_words(claim: Row, labels: Labels) -> str:
    """Which cell a number comes from."""
    kind, origin, item, measure = (str(claim[name]) for name in ("table", "origin", "item", "measure"))
    if kind in ("themes", "agreement"):
        of = labels.codes[item] if item else "all codes"
        what = f"{labels.collection(origin)}: {of}"
        if kind == "agreement":
            pair = " and ".join(coder for coder in (claim["coder_a"], claim["coder_b"]) if coder) or "all coders"
            return f"{what}; {measure.replace('_', ' ')} by {claim['unit']}, {pair}"
        group = f"{labels.attribute(origin, str(claim['break']))} = {claim['group']}" if claim["break"] else "everyone"
        return f"{what}; {group}; number of {labels.units(origin, str(claim['unit']))}"
    what = f"{labels.variable(origin)}: {labels.item(origin, item) if item else measure.replace('_', ' ')}"
    if kind == "changes":
        return f"{what}; {str(claim['column']).replace('_', ' ')} since the earlier time"
    break_, group = str(claim["break"]), str(claim["group"])
    who = labels.group(break_, group) if break_ != ALL else "everyone"
    counted = {"unweighted": "unweighted", "base": "base"}.get(
        str(claim["column"]), "weighted" if claim["weight_set"] else "unweighted"
    )
    return f"{what}; {who}; {counted}"
