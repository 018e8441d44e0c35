"""Whom a question was put to, as data dictionaries write it: `role=1,2 and (phase=1 or ticked>1)`.

Expressions are parsed into comparisons and never evaluated as code. A name that is no column but the stem of a
multi-select (`subject` of `subject_1`, `subject_2`, ...) stands for what was ticked: `subject=2` for the second option,
`subject>1` for more than one tick.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.errors import Problem, StudyError, did_you_mean

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Comparison:
    """One variable compared with one value or several.

    Attributes:
        variable: Name of a column, or the stem of a multi-select.
        relation: `=`, `!=`, `<`, `<=`, `>` or `>=`.
        values: The codes; with `=` any of them, with `!=` none of them.
    """

    variable: str
    relation: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class AllOf:
    """Every part must hold; without parts everyone is asked."""

    parts: tuple[Audience, ...] = ()


@dataclass(frozen=True)
class AnyOf:
    """One part must hold."""

    parts: tuple[Audience, ...]


Audience = Comparison | AllOf | AnyOf

EVERYONE = AllOf()

_TOKEN = re.compile(r"""\s*(>=|<=|<>|!=|==|&&|\|\||[=<>(),&|]|"[^"]*"|'[^']*'|[^\s=<>(),&|!"';]+)""")
_RELATIONS = {"=": "=", "==": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_JOINING = {"and": "and", "&": "and", "&&": "and", "or": "or", "|": "or", "||": "or"}
_NO_ONE_LEFT_OUT = {"", "all", "everyone", "n/a", "base: all", "all respondents"}
_RANGE = re.compile(r"(-?\d+)\s*(?:-|to)\s*(-?\d+)")
_DEEPEST = 40
_WIDEST_RANGE = 1000


class _UnreadableError(ValueError):
    """An expression that is not of this form."""


def parse_audience(text: str, *, name: str, row: str = "", column: str = "") -> Audience:
    """Parse an audience expression.

    Args:
        text: Such as `var=1,2 or other=3`; `All` or nothing means everyone.
        name: The file as messages call it.
        row: The row as messages call it.
        column: The column as messages call it.

    Raises:
        StudyError: The text is not such an expression.
    """
    if text.strip().casefold() in _NO_ONE_LEFT_OUT:
        return EVERYONE
    try:
        audience, rest = _any_of(_tokens(text), 0)
        if rest:
            raise _UnreadableError(f"'{rest[0]}' is not expected there")
    except _UnreadableError as error:
        problem = Problem(
            name,
            f"is not an audience that can be read: {error}",
            "write comparisons joined by `and` and `or`: role=1,2 and (phase=1 or phase=3)",
            row=row,
            column=column,
            value=text,
        )
        raise StudyError([problem]) from error
    return audience


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    place = 0
    text = text.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match:
            raise _UnreadableError(f"'{text[place : place + 10]}' is not expected there")
        tokens.append(match[1])
        place = match.end()
    return tokens


def _any_of(tokens: list[str], depth: int) -> tuple[Audience, list[str]]:
    if depth > _DEEPEST:
        raise _UnreadableError("it is nested too deeply")
    parts: list[Audience] = []
    while True:
        part, tokens = _all_of(tokens, depth)
        parts.append(part)
        if not tokens or _JOINING.get(tokens[0].casefold()) != "or":
            return (parts[0] if len(parts) == 1 else AnyOf(tuple(parts))), tokens
        tokens = tokens[1:]


def _all_of(tokens: list[str], depth: int) -> tuple[Audience, list[str]]:
    parts: list[Audience] = []
    while True:
        part, tokens = _one(tokens, depth)
        parts.append(part)
        if not tokens or _JOINING.get(tokens[0].casefold()) != "and":
            return (parts[0] if len(parts) == 1 else AllOf(tuple(parts))), tokens
        tokens = tokens[1:]


def _one(tokens: list[str], depth: int) -> tuple[Audience, list[str]]:
    """A comparison, or an expression in brackets."""
    if tokens and tokens[0] == "(":
        inner, rest = _any_of(tokens[1:], depth + 1)
        if not rest or rest[0] != ")":
            raise _UnreadableError("a bracket is not closed")
        return inner, rest[1:]
    if len(tokens) < 3 or tokens[1] not in _RELATIONS or not _is_word(tokens[0]):
        found = " ".join(tokens[:3]) or "the end"
        raise _UnreadableError(f"a comparison such as role=1 is expected at '{found}'")
    variable, relation = _bare(tokens[0]), _RELATIONS[tokens[1]]
    values, rest = _values(tokens[2:])
    if relation not in ("=", "!=") and (len(values) != 1 or not _is_number(values[0])):
        raise _UnreadableError(f"'{variable} {relation}' needs one number")
    return Comparison(variable, relation, values), rest


def _values(tokens: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Values separated by commas; a value of several words needs no quotation marks."""
    values: list[str] = []
    words: list[str] = []
    for place, token in enumerate([*tokens, ""]):
        ends = not token or token == ")" or token.casefold() in _JOINING
        if not ends and token != ",":
            if not _is_word(token):
                raise _UnreadableError(f"'{token}' is not expected there")
            words.append(_bare(token))
            continue
        if not words:
            raise _UnreadableError("a value is missing")
        values += _spelled_out(" ".join(words))
        words = []
        if ends:
            return tuple(values), tokens[place:]
    raise AssertionError("the empty token ends every list")


def _spelled_out(value: str) -> list[str]:
    """`1-3` and `1 to 3` as the whole numbers they mean."""
    match = _RANGE.fullmatch(value)
    if not match:
        return [value]
    low, high = int(match[1]), int(match[2])
    if not low <= high <= low + _WIDEST_RANGE:
        raise _UnreadableError(f"'{value}' is not a range of codes")
    return [str(code) for code in range(low, high + 1)]


def _is_word(token: str) -> bool:
    return token not in _RELATIONS and token not in "(),&|" and token.casefold() not in _JOINING


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-+]?\d{1,15}(?:\.\d{1,15})?", text))


def _bare(token: str) -> str:
    return token[1:-1] if len(token) > 1 and token[0] in "\"'" and token[0] == token[-1] else token


# --- against the data ---------------------------------------------------------------------------------------------------

_COMPARED: dict[str, Callable[[Any, float], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def asked(audience: Audience, rows: pd.DataFrame, *, name: str) -> BoolArray:
    """Who belongs to an audience.

    Args:
        audience: As parsed.
        rows: (rows, columns) of an export, cells as text.
        name: The dictionary as messages call it.

    Returns:
        (rows,) whether the respondent was to be asked. An empty cell meets no comparison.

    Raises:
        StudyError: The audience names a variable that the export does not have.
    """
    if isinstance(audience, Comparison):
        return _met(audience, rows, name)
    parts = [asked(part, rows, name=name) for part in audience.parts]
    met = np.full(len(rows), isinstance(audience, AllOf))
    for part in parts:
        met = met & part if isinstance(audience, AllOf) else met | part
    return met


def _met(comparison: Comparison, rows: pd.DataFrame, name: str) -> BoolArray:
    variable, relation = comparison.variable, comparison.relation
    if variable in rows.columns:
        cells = rows[variable].str.strip()
        if relation in ("=", "!="):
            among = cells.isin(comparison.values)
            return ((among if relation == "=" else ~among) & (cells != "")).to_numpy(dtype=bool)
        numbers = pd.to_numeric(cells, errors="coerce")
        return np.asarray(_COMPARED[relation](numbers, float(comparison.values[0])), dtype=bool)
    options = [c for c in rows.columns if re.fullmatch(re.escape(variable) + r"_\d+", str(c))]
    if not options:
        mend = did_you_mean(variable, map(str, rows.columns))
        raise StudyError([Problem(name, f"an audience names '{variable}', which is no column of the export", mend)])
    ticked = rows[options] == "1"
    if relation in ("=", "!="):
        of_value = [f"{variable}_{value}" for value in comparison.values]
        unknown = [column for column in of_value if column not in options]
        if unknown:
            raise StudyError([Problem(name, f"an audience names '{unknown[0]}', which is no column of the export")])
        among = ticked[of_value].any(axis="columns")
        reached = (rows[options] != "").any(axis="columns")
        return ((among if relation == "=" else ~among) & reached).to_numpy(dtype=bool)
    return np.asarray(_COMPARED[relation](ticked.sum(axis="columns"), float(comparison.values[0])), dtype=bool)
