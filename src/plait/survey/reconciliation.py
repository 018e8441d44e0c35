"""A vendor's breakdown tables held against each other and against the respondents' own rows.

What does not agree stops the run, unless the definition says why.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from plait import tables
from plait.delimited import read_delimited
from plait.errors import Problems, did_you_mean
from plait.rounding import round_half_up
from plait.study import Study
from plait.study.definition import Breakdown, Survey
from plait.survey.breakdowns import BreakdownTable, whole_number


def reconcile(study: Study, read: list[BreakdownTable], estimates: pd.DataFrame) -> pd.DataFrame:
    """Hold the vendor's files against each other and against the respondents' own rows.

    Checked: are the shares unweighted (share x base whole)? Is the margin of error 0.98/sqrt(n)? Do the long counts
    give the same bases? Do the respondents' unweighted counts give the same cells?

    Raises:
        StudyError: A difference that the definition does not declare as known.
    """
    survey = study.definition.survey
    if survey is None or not read:
        return tables.RECONCILIATION.empty()
    rows: list[dict[str, object]] = []
    for table in read:
        breakdown = survey.breakdowns[table.name]
        rows += _integrality(table, breakdown)
        rows += _margin_audit(table, breakdown)
        rows += _long_counts(study, survey, table, breakdown)
        rows += _both_grains(table, breakdown, estimates)
    frame = tables.RECONCILIATION.of(rows)
    problems = Problems()
    for row in frame[
        ~frame["agrees"].astype(bool) & (frame["note"] == "") & (frame["what"] != "margin_of_error")
    ].to_dict("records"):
        place = f"{row['question']}, {row['break']} {row['group']} {row['option']}".strip()
        problems.add(
            str(row["left_source"]),
            f"the {row['what']} of {place} is {row['left']:g} here and {row['right']:g} in {row['right_source']}",
            "find out why; if the reason is known, declare it under `known_differences` of the breakdown",
        )
    problems.raise_if_any()
    return frame


def _integrality(table: BreakdownTable, breakdown: Breakdown) -> list[dict[str, object]]:
    exact = table.cells[~table.cells["rounded"]]
    rows = []
    for break_, cells in exact.groupby("break", sort=False):
        whole = int(cells["whole"].sum())
        rows.append(
            _row("integrality", table, str(break_), left=whole, right=len(cells), left_source=breakdown.responses,
                 right_source=breakdown.responders, agrees=whole == len(cells),
                 note="share x base is a whole number: the shares are unweighted" if whole == len(cells)
                 else "share x base is not a whole number: the shares are weighted, counts cannot be rebuilt")
        )  # fmt: skip
    return rows


def _margin_audit(table: BreakdownTable, breakdown: Breakdown) -> list[dict[str, object]]:
    rows = []
    for margin in table.margins_of_error.to_dict("records"):
        people = float(margin["base"])
        expected = round_half_up(98 / np.sqrt(people)) / 100 if people else np.nan  # nobody has no margin
        rows.append(
            _row("margin_of_error", table, str(margin["break"]), group=str(margin["group"]), left=margin["margin"],
                 right=expected, left_source=str(breakdown.margin_of_error), right_source="0.98 / sqrt(n)",
                 agrees=bool(np.isclose(margin["margin"], expected)),
                 note="one margin for all options: a share of a half, simple random sampling")
        )  # fmt: skip
    return rows


def _long_counts(study: Study, survey: Survey, table: BreakdownTable, breakdown: Breakdown) -> list[dict[str, object]]:
    counts = breakdown.counts
    if counts is None:
        return []
    long = read_delimited(
        study.raw / counts.file, name=counts.file, required=(counts.family_column, counts.count_column)
    )
    problems = Problems()
    for line, text in long[counts.count_column].items():
        if whole_number(text.strip()) is None:
            problems.add(
                counts.file, "is not a whole number", row=f"row {line}", column=counts.count_column, value=text
            )
    problems.raise_if_any()
    sums = long[counts.count_column].str.strip().map(whole_number).groupby(long[counts.family_column].str.strip()).sum()
    bases = table.cells.drop_duplicates(["break", "group"]).groupby("break")["base"].sum()
    rows = []
    for family, break_ in counts.families.items():
        if family not in sums.index:
            problems.add(counts.file, f"has no family '{family}'", did_you_mean(family, list(sums.index)))
            continue
        left, right = int(bases[break_]), int(sums[family])
        rows.append(
            _row("base", table, break_, left=left, right=right, left_source=breakdown.responders,
                 right_source=counts.file, agrees=left == right,
                 note="" if left == right else breakdown.known_differences.get(break_, ""))
        )  # fmt: skip
    problems.raise_if_any()
    return rows


def _both_grains(table: BreakdownTable, breakdown: Breakdown, estimates: pd.DataFrame) -> list[dict[str, object]]:
    own = estimates[
        (estimates["question"] == breakdown.question)
        & (estimates["grain"] == "respondent")
        & (estimates["weight_set"] == "")
        & (estimates["measure"] == "share")
    ]
    counted_by = {(row["option"], row["break"], row["group"]): row for row in own.to_dict("records")}
    rows = []
    bases: dict[tuple[str, str], tuple[int, int]] = {}
    for cell in table.cells.to_dict("records"):
        key = (cell["option"], cell["break"], cell["group"])
        if key not in counted_by:
            continue
        respondents = counted_by[key]
        base = float(respondents["base_unweighted"])
        counted = round(float(respondents["value"]) * base) if base else 0
        if cell["weighted"]:  # there is no count of people to compare, but there are people
            bases[cell["break"], cell["group"]] = (int(cell["base"]), int(base))
            continue
        if pd.notna(cell["below"]):
            agrees = base == cell["base"] and 0 < 100 * counted < cell["below"] * base
        elif cell["rounded"]:
            agrees = base == cell["base"] and round_half_up(100 * counted / base) == round(100 * cell["share"])
        else:
            agrees = base == cell["base"] and counted == cell["n"]
        # Where as many ticked it, what differs is who was asked.
        same_count = not agrees and counted == cell["n"]
        what, left, right = ("base", cell["base"], base) if same_count else ("count", cell["n"], counted)
        rows.append(
            _row(what, table, str(cell["break"]), option=str(cell["option"]), group=str(cell["group"]),
                 left=left, right=right, left_source=breakdown.responses, right_source="respondents' rows",
                 agrees=bool(agrees),
                 note="" if agrees else breakdown.known_differences.get(str(cell["break"]), ""))
        )  # fmt: skip
    for (break_, group), (left, right) in bases.items():
        rows.append(
            _row("base", table, break_, group=group, left=left, right=right, left_source=breakdown.responders,
                 right_source="respondents' rows", agrees=left == right,
                 note="" if left == right else breakdown.known_differences.get(break_, ""))
        )  # fmt: skip
    return rows


def _row(what: str, table: BreakdownTable, break_: str, *, left: float, right: float, left_source: str,
         right_source: str, agrees: bool, note: str, option: str = "", group: str = "") -> dict[str, object]:  # fmt: skip
    return {
        "what": what,
        "question": str(table.cells["question"].iloc[0]),
        "option": option,
        "break": break_,
        "group": group,
        "left_source": left_source,
        "left": left,
        "right_source": right_source,
        "right": right,
        "agrees": agrees,
        "note": note,
    }
