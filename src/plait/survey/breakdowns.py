"""A vendor's breakdown tables: shares, bases and margins of error for one question, without respondents.

They cannot be weighted, re-based or crossed any further. What they can support is estimated as from a simple random
sample and marked with the grain "breakdown". Shares that the vendor weighted have neither an interval nor a test: without
the weights nothing is known of their error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plait import tables
from plait.delimited import read_delimited
from plait.errors import Problems, did_you_mean
from plait.study import Study
from plait.study.definition import Breakdown, Survey
from plait.survey.intervals import wilson
from plait.tabular.folding import fold

_PER_CENT = re.compile(r"^(<?)\s*(\d+(?:\.\d+)?)\s*%$")
_WEIGHTED = "weighted by the vendor, or the bases are of other people"
_WHOLE = 0.001
"""How near share x base must come to a whole number: nine digits times a base of a few thousand is well below it."""


@dataclass(frozen=True)
class BreakdownTable:
    """One vendor table, tidy."""

    name: str
    cells: pd.DataFrame
    """question, option, break, group, share; rounded (to a whole per cent), below (the per cent that a share is said to
    be less than, or missing), base; n, the count of people that comes nearest; whole, whether it is exact; weighted,
    whether the shares of this break are no counts of people over the base."""
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
    if responses.empty:
        problems.add(breakdown.responses, "has a header but no answers below it", "export it again")
    bases = _one_row(study, breakdown.responders, list(meaning), problems)
    problems.raise_if_any()

    options = survey.options_of(breakdown.question)
    by_text = {fold(text): k for k, option in options.items() for text in option.written}
    by_text |= {fold(k): k for k in options if fold(k) not in by_text}
    rows: list[dict[str, object]] = []
    first_on: dict[str, int] = {}
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
        if option in first_on:
            problems.add(
                breakdown.responses,
                f"has the option '{option}' before, in row {first_on[option]}",
                "keep one of the rows",
                row=f"row {line}",
                column=label_column,
                value=label,
            )
            continue
        first_on[option] = int(line)
        if not options[option].counts:
            continue
        for column, (break_, group) in meaning.items():
            share, rounded, below = _share(str(record[column]))
            base = whole_number(bases[column])
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
                        "below": below,
                        "base": base,
                    }
                )
    margins = _margins_of_error(study, breakdown, meaning, bases, problems)
    problems.raise_if_any()
    cells = pd.DataFrame(rows)
    people = cells["share"] * cells["base"]
    exact = (people - people.round()).abs() < _WHOLE
    cells["n"] = people.round()
    cells["whole"] = exact & ~cells["rounded"]
    cells["weighted"] = (~exact & ~cells["rounded"]).groupby(cells["break"]).transform("any")
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
            margin, *_ = _share(supplied.get(column, ""))
            if supplied and margin is None:
                problems.add(
                    breakdown.margin_of_error,
                    "is not a per cent",
                    "write a per cent (3%)",
                    row="row 2",
                    column=column,
                    value=supplied[column],
                )
            rows.append({"break": break_, "group": group, "base": whole_number(bases[column]), "margin": margin})
    return pd.DataFrame(rows, columns=["break", "group", "base", "margin"])


def _share(text: str) -> tuple[float | None, bool, float]:
    """A share from a fraction or a per cent, whether the vendor rounded it, and the per cent that it is said to be below.

    `<1%` is what rounds to zero and is not zero, and counts as a quarter of a per cent; others count as half of it.
    """
    text = text.strip()
    match = _PER_CENT.match(text)
    if match:
        below, number = match[1], float(match[2])
        return number / (400 if below and number == 1 else 200 if below else 100), True, number if below else np.nan
    try:
        return float(text), False, np.nan
    except ValueError:
        return None, False, np.nan


def whole_number(text: str) -> int | None:
    """A number of people, with or without commas between thousands; `None` where the text is none."""
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
        share = np.where(cells["whole"], cells["n"] / cells["base"], cells["share"])
        base = cells["base"].to_numpy(dtype=float)
        counted = ~cells["weighted"].to_numpy(dtype=bool)
        low, high = (np.where(counted, limit, np.nan) for limit in wilson(share, base))
        se = np.sqrt(share * (1 - share) / np.maximum(base - 1, 1))
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
                    "value_unweighted": np.where(counted, share, np.nan),
                    "se": np.where(counted, se, np.nan),
                    "ci_low": low,
                    "ci_high": high,
                    "base_unweighted": cells["base"],
                    "base_weighted": np.where(counted, base, np.nan),
                    "base_effective": np.where(counted, base, np.nan),
                    "design_effect": np.where(counted, 1.0, np.nan),
                    "method": np.where(counted, "wilson", ""),
                    "grain": "breakdown",
                    "note": _notes(cells),
                }
            )
        )
    return tables.ESTIMATES.of(pd.concat(parts, ignore_index=True))


def _total(cells: pd.DataFrame, break_: str) -> pd.DataFrame:
    """Everyone, as the sum over the groups of one break; of weighted shares their mean over the groups' bases."""
    groups = cells[cells["break"] == break_]
    groups = groups.assign(people=np.where(groups["whole"], groups["n"], groups["share"] * groups["base"]))
    total = groups.groupby(["question", "option"], sort=False).agg(
        n=("people", "sum"),
        base=("base", "sum"),
        rounded=("rounded", "any"),
        whole=("whole", "all"),
        weighted=("weighted", "any"),
    )
    total["share"] = total["n"] / total["base"]
    return total.reset_index().assign(below=np.nan, **{"break": tables.ALL, "group": tables.ALL})


def _notes(cells: pd.DataFrame) -> list[str]:
    """What each share cannot support."""
    told = []
    for cell in cells.to_dict("records"):
        parts = {
            f"{_WEIGHTED}: neither an interval nor a test can be given": cell["weighted"],
            "groups put together by their unweighted bases": cell["weighted"] and cell["break"] == tables.ALL,
            "rounded by the vendor": cell["rounded"] and pd.isna(cell["below"]),
            f"the vendor says only that it is less than {cell['below']:g}%": pd.notna(cell["below"]),
        }
        told.append("; ".join(text for text, holds in parts.items() if holds))
    return told
