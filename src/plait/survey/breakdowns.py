"""A vendor's breakdown tables: shares, bases and margins of error for one question, without respondents.

They cannot be weighted, re-based or crossed any further. What they can support is estimated as from a simple random
sample and marked with the grain "breakdown".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plait import tables
from plait.delimited import read_delimited
from plait.errors import Problems, did_you_mean
from plait.rounding import round_half_up
from plait.study import Study
from plait.study.definition import Breakdown, Survey
from plait.survey.intervals import wilson
from plait.tabular.folding import fold

_PER_CENT = re.compile(r"^(<?)\s*(\d+(?:\.\d+)?)\s*%$")
_WHOLE = 0.001
"""How near share x base must come to a whole number: nine digits times a base of a few thousand is well below it."""


@dataclass(frozen=True)
class BreakdownTable:
    """One vendor table, tidy: question, option, break, group, share, rounded, base, n."""

    name: str
    cells: pd.DataFrame
    margins_of_error: pd.DataFrame
    """break, group, base, margin (as supplied, a share)."""


def read_breakdowns(study: Study) -> list[BreakdownTable]:
    """Read every breakdown table of the definition.

    Raises:
        StudyError: Columns, options or values that the definition does not foresee, in any of the files.
    """
    survey = study.definition.survey
    problems = Problems()
    read = []
    for name, breakdown in survey.breakdowns.items() if survey else ():
        assert survey is not None
        with problems.collecting():
            read.append(_read_breakdown(study, survey, name, breakdown))
    problems.raise_if_any()
    return read


def _read_breakdown(study: Study, survey: Survey, name: str, breakdown: Breakdown) -> BreakdownTable:
    problems = Problems()
    responses = read_delimited(study.raw / breakdown.responses, name=breakdown.responses)
    label_column, *columns = responses.columns
    meaning = {c.column: (c.break_, c.group) for c in study.breakdown_columns[name]}
    for column in columns:
        if column not in meaning:
            problems.add(breakdown.columns, f"does not say what the column '{column}' is", "add a row for it")
    for column in meaning:
        if column not in columns:
            problems.add(breakdown.responses, f"has no column '{column}'", did_you_mean(column, columns), row="row 1")
    bases = _one_row(study, breakdown.responders, list(meaning), problems)
    problems.raise_if_any()

    options = survey.options_of(breakdown.question)
    by_text = {fold(text): k for k, option in options.items() for text in option.written}
    by_text |= {fold(k): k for k in options if fold(k) not in by_text}
    rows: list[dict[str, object]] = []
    for line, record in zip(responses.index, responses.to_dict("records"), strict=True):
        label = str(record[label_column])
        option = by_text.get(fold(label))
        if option is None:
            problems.add(
                breakdown.responses,
                f"'{breakdown.question}' has no such option",
                did_you_mean(label, [t for o in options.values() for t in o.written]),
                row=f"row {line}",
                column=label_column,
                value=label,
            )
            continue
        if not options[option].counts:
            continue
        for column, (break_, group) in meaning.items():
            share, rounded = _share(str(record[column]))
            base = _whole(bases[column])
            if share is None or not 0 <= share <= 1:
                problems.add(
                    breakdown.responses,
                    "is not a share",
                    "write a fraction (0.3049) or a per cent (30%)",
                    row=f"row {line}",
                    column=column,
                    value=str(record[column]),
                )
            elif base is None:
                problems.add(
                    breakdown.responders, "is not a whole number", "", row="row 2", column=column, value=bases[column]
                )
            else:
                rows.append(
                    {
                        "question": breakdown.question,
                        "option": option,
                        "break": break_,
                        "group": group,
                        "share": share,
                        "rounded": rounded,
                        "base": base,
                    }
                )
    margins = _margins_of_error(study, breakdown, meaning, bases, problems)
    problems.raise_if_any()
    cells = pd.DataFrame(rows)
    exact = cells["share"] * cells["base"]
    cells["whole"] = (exact - exact.round()).abs() < _WHOLE
    cells["n"] = exact.round()
    return BreakdownTable(name, cells, margins)


def _one_row(study: Study, file: str, columns: list[str], problems: Problems) -> dict[str, str]:
    """A file with one row of values."""
    with problems.collecting():
        frame = read_delimited(study.raw / file, name=file, required=tuple(columns))
        if len(frame) == 1:
            return {str(k): str(v).strip() for k, v in frame.iloc[0].items()}
        problems.add(file, f"has {len(frame)} rows of values", "one row is expected")
    return {}


def _margins_of_error(
    study: Study,
    breakdown: Breakdown,
    meaning: dict[str, tuple[str, str]],
    bases: dict[str, str],
    problems: Problems,
) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    if breakdown.margin_of_error:
        supplied = _one_row(study, breakdown.margin_of_error, list(meaning), problems)
        for column, (break_, group) in meaning.items():
            margin, _ = _share(supplied.get(column, ""))
            if supplied and margin is None:
                problems.add(
                    breakdown.margin_of_error,
                    "is not a per cent",
                    "write a per cent (3%)",
                    row="row 2",
                    column=column,
                    value=supplied[column],
                )
            rows.append({"break": break_, "group": group, "base": _whole(bases[column]), "margin": margin})
    return pd.DataFrame(rows, columns=["break", "group", "base", "margin"])


def _share(text: str) -> tuple[float | None, bool]:
    """A share from a fraction or a per cent, and whether the vendor rounded it; `<1%` counts as half a per cent."""
    text = text.strip()
    match = _PER_CENT.match(text)
    if match:
        below, number = match.groups()
        return (float(number) / 200 if below else float(number) / 100), True
    try:
        return float(text), False
    except ValueError:
        return None, False


def _whole(text: str) -> int | None:
    digits = text.replace(",", "")
    return int(digits) if digits.isdigit() else None


# --- estimates ---------------------------------------------------------------------------------------------------------


def breakdown_estimates(study: Study, read: list[BreakdownTable]) -> pd.DataFrame:
    """Shares of the breakdown tables with Wilson (1927) intervals, in the columns of the estimates table."""
    survey = study.definition.survey
    if survey is None or not read:
        return tables.ESTIMATES.empty()
    parts = []
    for table in read:
        breakdown = survey.breakdowns[table.name]
        cells = pd.concat([_total(table.cells, breakdown.total_from), table.cells], ignore_index=True)
        # The vendor's rounded per cents stay as they are; exact shares are rebuilt from whole counts.
        share = np.where(cells["whole"] & ~cells["rounded"], cells["n"] / cells["base"], cells["share"])
        base = cells["base"].to_numpy(dtype=float)
        low, high = wilson(share, base)
        parts.append(
            pd.DataFrame(
                {
                    "question": cells["question"],
                    "option": cells["option"],
                    "break": cells["break"],
                    "group": cells["group"],
                    "measure": "share",
                    "weight_set": "",
                    "value": share,
                    "value_unweighted": share,
                    "se": np.sqrt(share * (1 - share) / np.maximum(base - 1, 1)),
                    "ci_low": low,
                    "ci_high": high,
                    "base_unweighted": cells["base"],
                    "base_weighted": base,
                    "base_effective": base,
                    "design_effect": 1.0,
                    "method": "wilson",
                    "grain": "breakdown",
                    "note": np.where(cells["rounded"], "rounded by the vendor", ""),
                }
            )
        )
    return tables.ESTIMATES.of(pd.concat(parts, ignore_index=True))


def _total(cells: pd.DataFrame, break_: str) -> pd.DataFrame:
    """Everyone, as the sum over the groups of one break."""
    groups = cells[cells["break"] == break_]
    total = groups.groupby(["question", "option"], sort=False).agg(
        n=("n", "sum"), base=("base", "sum"), rounded=("rounded", "any"), whole=("whole", "all")
    )
    total["share"] = total["n"] / total["base"]
    return total.reset_index().assign(**{"break": tables.ALL, "group": tables.ALL})


# --- reconciliation ----------------------------------------------------------------------------------------------------


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
        expected = round_half_up(98 / np.sqrt(float(margin["base"]))) / 100
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
        if _whole(text.strip()) is None:
            problems.add(
                counts.file, "is not a whole number", row=f"row {line}", column=counts.count_column, value=text
            )
    problems.raise_if_any()
    sums = long[counts.count_column].str.strip().map(_whole).groupby(long[counts.family_column].str.strip()).sum()
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
    for cell in table.cells.to_dict("records"):
        key = (cell["option"], cell["break"], cell["group"])
        if key not in counted_by:
            continue
        respondents = counted_by[key]
        base = float(respondents["base_unweighted"])
        counted = round(float(respondents["value"]) * base) if base else 0
        if cell["rounded"]:
            agrees = base == cell["base"] and round_half_up(100 * counted / base) == round(100 * cell["share"])
        else:
            agrees = base == cell["base"] and counted == cell["n"]
        rows.append(
            _row("count", table, str(cell["break"]), option=str(cell["option"]), group=str(cell["group"]),
                 left=cell["n"], right=counted, left_source=breakdown.responses, right_source="respondents' rows",
                 agrees=bool(agrees),
                 note="" if agrees else breakdown.known_differences.get(str(cell["break"]), ""))
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
