"""Claims held against the tables of this run.

A sentence that no longer holds stops the run, and says why as far as the record of the claim allows: the base changed
(data), the unweighted value changed among the same people (answers or recodes), neither did (weights), or the counts of a
theme did (coding).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pandas as pd

from plait.errors import Problem, Problems
from plait.integration.cells import Found, StrandTables, look_up, unit_of
from plait.rounding import round_half_up
from plait.study import Study
from plait.study.claims import AgreementCell, Cell, ChangeCell, Claim, EstimateCell, Number, NumberCell, ThemeCell
from plait.tables import CLAIMS

_READ_AGAIN = "read the sentence again, and compare the file with what `plait claims` prints: it has today's numbers"


def check_claims(study: Study, tables: StrandTables) -> pd.DataFrame:
    """Compute every number of every claim again, from the unrounded cell.

    Args:
        study: With its claims.
        tables: What the strands found.

    Returns:
        Columns of `plait.tables.CLAIMS`, a row a number.

    Raises:
        StudyError: Every claim that does not hold, with the sentence, the old number, the new one and what moved.
    """
    problems = Problems()
    rows = []
    for row, claim, place, number in numbers_of(study):
        found = look_up(number.cell, tables, study.collections)
        problem = _broken(study, row, claim, number, found)
        if problem:
            problems.found.append(problem)
        elif found:
            rows.append(_row(study, claim, place, number, found))
    problems.raise_if_any()
    return CLAIMS.of(rows)


def numbers_of(study: Study) -> Iterator[tuple[int, Claim, int, Number]]:
    """Every number of every claim: the row of the claim, the claim, the number's place in it (from one), the number."""
    for row, claim in study.claims.items():
        for place, number in enumerate(claim.numbers, start=1):
            yield row, claim, place, number


def _broken(study: Study, row: int, claim: Claim, number: Number, found: Found | None) -> Problem | None:
    """What is to be told of a number that does not hold; None where it holds."""
    if found is None:
        what = "the cell that it comes from is gone, or holds no number any more"
        return _problem(study, row, claim, f"'{number.printed}': {what}", "look for the cell in the tables, or drop it")
    holds = number.holds(found.value)
    if holds and not (number.says_base and found.base != number.base):
        return None
    then = number.exact if number.exact is not None else number.value
    now = f"{_plain(found.value)}{f' of {found.base}' if number.says_base and found.base is not None else ''}"
    before = f"{then}{f' of {number.base}' if number.says_base else ''}"
    rounded = number.rounded(found.value)
    printed = f", rounded {_plain(float(rounded))}" if rounded is not None and not holds else ""
    what = f"'{number.printed}' stood for {before}, the cell holds {now} now{printed}: {_why(number, found)}"
    return _problem(study, row, claim, what, _READ_AGAIN)


def _problem(study: Study, row: int, claim: Claim, what: str, mend: str) -> Problem:
    message = f"no longer holds: \u201c{claim.sentence}\u201d {what}"
    return Problem(study.claims_file, message, mend, row=f"row {row}", column=claim.claim)


def _why(number: Number, found: Found) -> str:
    """What moved since the sentence was written, as far as was recorded then."""
    coded = isinstance(number.cell, ThemeCell | AgreementCell)
    if number.base is not None and found.base != number.base:
        what = "coding: which texts or people are counted" if coded else _DATA
        return f"the base changed from {number.base} to {found.base} ({what})"
    if number.exact is not None and _same(number.exact, found.value):
        return f"nothing has moved since it was recorded ({_NEVER})"
    base = f"the base is {found.base} as before" if number.base is not None else "the base was not recorded"
    if coded:
        return f"{base}, and the counts moved (coding: what was coded, or decided about it)"
    return f"{base}{_among_the_same(number, found)}"


_DATA = "data: who is in the files, and who counts as having answered"
_ANSWERS = "answers, or how they are recoded"
_NEVER = "the sentence, its value or its rounding did not fit then"


def _among_the_same(number: Number, found: Found) -> str:
    """Whether, with the same base, the answers moved or the weights."""
    if isinstance(number.cell, ChangeCell):
        return f", and the answers or the weights moved ({_ANSWERS}; weights)"
    if not found.weighted:
        return f", and there are no weights ({_ANSWERS})"
    if number.unweighted is None:
        return "; whether the answers or the weights moved cannot be told without a recorded `unweighted`"
    if _same(number.unweighted, found.unweighted):
        return f", the unweighted value is {number.unweighted} as before, and the weighted one moved (weights)"
    return f", and the unweighted value moved from {number.unweighted} to {_plain(found.unweighted)} ({_ANSWERS})"


def _same(recorded: Decimal, now: float) -> bool:
    """Whether a value is the recorded one, to the decimals that were recorded."""
    exponent = recorded.as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return Decimal(str(round_half_up(now, digits))) == recorded


def _plain(value: float) -> str:
    """A value with up to four decimals."""
    return f"{round_half_up(value, 4):.4f}".rstrip("0").rstrip(".")


def _row(study: Study, claim: Claim, place: int, number: Number, found: Found) -> dict[str, object]:
    return {
        "claim": claim.claim,
        "number": place,
        "sentence": claim.sentence,
        "construct": claim.construct_id,
        "printed": number.printed,
        "stated": number.value,
        "rounding": number.rounding,
        "tolerance": float(number.tolerance) if number.tolerance is not None else float("nan"),
        "table": number.cell.table,
        **_place(study, number.cell, found),
        "column": number.cell.column,
        "weight_set": found.row.get("weight_set", ""),
        "grain": found.row.get("grain", ""),
        "value": found.value,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "value_unweighted": found.unweighted,
        "base": found.base if found.base is not None else pd.NA,
    }


def _place(study: Study, cell: Cell, found: Found) -> dict[str, str]:
    """Where a cell lies, in the columns that all kinds of cell share."""
    place = dict.fromkeys(("origin", "item", "measure", "break", "group", "unit", "coder_a", "coder_b"), "")
    match cell:
        case EstimateCell():
            of = {"origin": cell.question, "item": cell.item, "break": cell.break_, "group": cell.group}
        case NumberCell():
            of = {"origin": cell.question, "measure": cell.measure, "break": cell.break_, "group": cell.group}
        case ChangeCell():
            of = {"origin": cell.question, "item": cell.item, "measure": str(found.row["measure"])}
        case ThemeCell():
            of = {"origin": cell.collection, "item": cell.theme, "break": cell.by, "group": cell.group}
            of["unit"] = unit_of(cell, study.collections)
        case AgreementCell():
            of = {"origin": cell.collection, "item": cell.code, "measure": cell.coefficient, "unit": cell.unit}
            of |= {coder: str(found.row[coder]) for coder in ("coder_a", "coder_b")}
    return place | of
