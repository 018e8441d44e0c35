"""How far the numbers of the claims depend on choices that could have been made otherwise.

Every alternative is declared in the definition and carried out by the functions of the strands on a changed copy of the
study; what comes out is set beside the number of the claim and its interval. A number that survives reasonable
alternatives is not proved by them, and one that does not is not refuted: readers see what it hangs on.

References:
    Leamer, E. (1985). Sensitivity analyses would help. American Economic Review 75.
    Steegen, S., Tuerlinckx, F., Gelman, A. and Vanpaemel, W. (2016). Increasing transparency through a multiverse
        analysis. Perspectives on Psychological Science 11.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import TypeGuard

import pandas as pd

from plait.errors import Problem, StudyError, did_you_mean
from plait.integration.alternatives import (
    about,
    columns_about,
    counted_from,
    of_those_with_a_weight,
    with_exports_of,
    with_other_base,
    with_other_weights,
)
from plait.integration.cells import NAN, Found, StrandTables, look_up, unit_of
from plait.integration.claims import numbers_of
from plait.qualitative.settling import settle
from plait.qualitative.themes import theme_counts
from plait.qualitative.transcripts import CodedText
from plait.study import Study
from plait.study.claims import ChangeCell, EstimateCell, NumberCell, ThemeCell
from plait.study.definition import AnyAlternative, OtherBase, OtherUnit, Unweighted, WithoutCoder
from plait.study.load import DEFINITION_FILE
from plait.survey.cleaning import clean
from plait.survey.findings import survey_findings
from plait.survey.weighting import weight
from plait.tables import ROBUSTNESS

SurveyCell = EstimateCell | NumberCell | ChangeCell
_NOT_THERE = "not possible: there is no such number then"


@dataclass(frozen=True)
class Headline:
    """A number of a claim that alternatives are set beside: its claim, its place there, its cell and what that holds."""

    claim: str
    number: int
    cell: SurveyCell | ThemeCell
    main: Found


@dataclass(frozen=True)
class _Other:
    """What an alternative makes of a headline: a number, or why there is none; and what to know of it."""

    found: Found | None
    note: str = ""


def robustness(study: Study, tables: StrandTables, responses: pd.DataFrame, coded: CodedText) -> pd.DataFrame:
    """Make the numbers of the claims again under every declared alternative that touches them.

    Args:
        study: With its claims and its alternatives.
        tables: What the strands found.
        responses: The cleaned responses.
        coded: The coded text as it was read, before anything was settled.

    Returns:
        Columns of `plait.tables.ROBUSTNESS`: for each number the claim's own row, then one for each alternative.
        Counts of themes are set beside each other as shares. Cells that several claims share are made once.

    Raises:
        StudyError: An alternative cannot be carried out; its label is named.
    """
    headlines = headlines_of(study, tables)
    touched: dict[int, list[tuple[AnyAlternative, _Other]]] = {i: [] for i in range(len(headlines))}
    for other in study.definition.robustness if headlines else ():
        mine = [i for i, headline in enumerate(headlines) if _touches(study, other, headline)]
        results = _carried_out(study, other, [headlines[i] for i in mine], tables, responses, coded) if mine else []
        for i, result in zip(mine, results, strict=True):
            touched[i].append((other, result))
    rows = []
    for i, headline in enumerate(headlines):
        rows.append(_row(headline, None, _Other(headline.main)))
        rows += [_row(headline, other, result) for other, result in touched[i]]
    return ROBUSTNESS.of(rows)


def headlines_of(study: Study, tables: StrandTables) -> list[Headline]:
    """The numbers of the claims that are estimates or theme counts, each cell once."""
    found: dict[object, Headline] = {}
    for _, claim, place, number in numbers_of(study):
        cell = number.cell
        if isinstance(cell, ThemeCell) and cell.column in ("n", "per_cent") and cell.unit != "segments":
            cell = cell.model_copy(update={"column": "per_cent", "unit": unit_of(cell, study.collections)})
        elif not (isinstance(cell, SurveyCell) and cell.column in ("value", "difference")):
            continue
        main = look_up(cell, tables, study.collections)
        if main is not None:
            found.setdefault(cell, Headline(claim.claim, place, cell, main))
    return list(found.values())


def _touches(study: Study, other: AnyAlternative, headline: Headline) -> bool:
    """Whether an alternative could change a number."""
    cell = headline.cell
    match other:
        case OtherUnit():
            return _is_of(cell, other.collection) and cell.unit != other.unit
        case WithoutCoder():
            return _is_of(cell, other.collection)
        case OtherBase():
            survey = study.definition.survey
            if not isinstance(cell, SurveyCell) or survey is None:
                return False
            asked = {cell.question, survey.questions[cell.question].repeats}
            changed = asked & {*other.counted, *other.left_out}
            return bool(changed) and _of_respondents(headline)
    return headline.main.weighted


def _is_of(cell: SurveyCell | ThemeCell, collection: str) -> TypeGuard[ThemeCell]:
    return isinstance(cell, ThemeCell) and cell.collection == collection


def _of_respondents(headline: Headline) -> bool:
    return str(headline.main.row.get("grain", "respondent")) == "respondent"


def _carried_out(
    study: Study,
    other: AnyAlternative,
    headlines: list[Headline],
    tables: StrandTables,
    responses: pd.DataFrame,
    coded: CodedText,
) -> list[_Other]:
    """The numbers of some headlines under an alternative."""
    try:
        match other:
            case OtherUnit():
                cells = [h.cell.model_copy(update={"unit": other.unit}) for h in headlines]
                return [_looked_up(cell, tables, study) for cell in cells]
            case WithoutCoder():
                return _counted_otherwise(study, other, headlines, tables, coded)
            case OtherBase():
                changed = with_other_base(study, other)
                return _estimated(changed, headlines, tables, clean(changed).responses)
            case Unweighted():
                exports = study.definition.survey.exports if study.definition.survey else ()
                same = of_those_with_a_weight(responses, weight(study, responses).weights, exports)
                return _estimated(with_other_weights(study, other), headlines, tables, same)
        return _estimated(with_other_weights(study, other), headlines, tables, responses)
    except StudyError as error:
        told = [replace(p, message=f"with the alternative '{other.label}': {p.message}") for p in error.problems]
        raise StudyError(told) from error


def _estimated(study: Study, headlines: list[Headline], tables: StrandTables, responses: pd.DataFrame) -> list[_Other]:
    """Estimates of a changed study, for the questions and breaks of the headlines."""
    cells = [h.cell for h in headlines if isinstance(h.cell, SurveyCell)]
    breaks = [cell.break_ for cell in cells if not isinstance(cell, ChangeCell) and cell.break_]
    smaller = about(study, [cell.question for cell in cells], breaks)
    here = columns_about(study, smaller, responses)
    found = survey_findings(smaller, here, weight(with_exports_of(study, smaller), here).weights)
    changed = replace(tables, estimates=found.estimates, changes=found.changes)
    return [_looked_up(cell, changed, study) for cell in cells]


def _counted_otherwise(
    study: Study, other: WithoutCoder, headlines: list[Headline], tables: StrandTables, coded: CodedText
) -> list[_Other]:
    """Theme counts from the coding of the one who coded most of the texts beside the coder who is left out."""
    here = coded.coders[coded.coders["collection"] == other.collection]
    people = here.loc[here["role"] == "human", "coder"].tolist()
    spec = study.collections[other.collection]
    if other.coder not in people:
        message = f"nobody called '{other.coder}' coded '{other.collection}'"
        raise StudyError([Problem(DEFINITION_FILE, message, did_you_mean(other.coder, people), "", "robustness")])
    if spec.count_from in people and spec.count_from != other.coder and not spec.adjudication:
        return [_Other(None, "the counted coding does not rest on this coder")] * len(headlines)
    coded_by = coded.assignments["coder"].value_counts()
    rest = sorted((c for c in people if c != other.coder), key=lambda c: -int(coded_by.get(c, 0)))
    if not rest:
        return [_Other(None, "not possible: nobody else coded these texts")] * len(headlines)
    changed = counted_from(study, other.collection, rest[0])
    themes = theme_counts(settle(coded, changed).decided, {other.collection: changed.collections[other.collection]})
    counted = replace(tables, themes=themes)
    return [replace(_looked_up(h.cell, counted, study), note=f"counted from {rest[0]}") for h in headlines]


def _looked_up(cell: SurveyCell | ThemeCell, tables: StrandTables, study: Study) -> _Other:
    found = look_up(cell, tables, study.collections)
    return _Other(found, "" if found else _NOT_THERE)


def _row(headline: Headline, other: AnyAlternative | None, result: _Other) -> dict[str, object]:
    main, found = headline.main, result.found
    value = found.value if found else NAN
    # How much of what was said is no share of people, so that the two have no difference.
    comparable = not (isinstance(other, OtherUnit) and other.unit in ("characters", "words"))
    has_interval = isfinite(value) and isfinite(main.ci_low) and isfinite(main.ci_high)
    n = found.row.get("n") if found else None
    return {
        "claim": headline.claim,
        "number": headline.number,
        "alternative": other.label if other else "",
        "kind": other.kind if other else "",
        "weight_set": found.row.get("weight_set", "") if found else "",
        "value": value,
        "ci_low": found.ci_low if found else NAN,
        "ci_high": found.ci_high if found else NAN,
        "n": pd.NA if n is None else n,
        "base": pd.NA if found is None or found.base is None else found.base,
        "difference": value - main.value if comparable else NAN,
        "inside": bool(main.ci_low <= value <= main.ci_high) if has_interval else pd.NA,
        "note": result.note,
    }
