"""The file of claims with today's numbers filled in, for its author to compare with what stands there.

Only what a program can know is filled in: the value where its rounding is by a rule, and the record of base, unweighted
and unrounded value. Sentences and printed texts stay as their author wrote them, so that no sentence follows its number
unread: where a value has changed, the file is refused until the words agree with it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from plait.integration.cells import Found, StrandTables, look_up
from plait.rounding import round_half_up
from plait.study import Study
from plait.study.claims import Claim, Number

_DIGITS = 4
"""Decimals of what is recorded."""


def claims_with_todays_numbers(study: Study, tables: StrandTables) -> str:
    """The file of claims, in the form in which it is compared best: one key a line, always in the same order."""
    lines = [*_opening_comments(study.folder / study.claims_file), "claims:"]
    for claim in study.claims.values():
        lines += _claim(study, claim, tables)
    return "\n".join(lines) + "\n"


def _opening_comments(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        if not line.startswith("#"):
            return
        yield line


def _claim(study: Study, claim: Claim, tables: StrandTables) -> Iterator[str]:
    yield f"  - claim: {claim.claim}"
    yield f"    sentence: {_text(claim.sentence)}"
    if claim.construct_id:
        yield f"    construct: {_text(claim.construct_id)}"
    if claim.when_withheld != "stop":
        yield f"    when_withheld: {claim.when_withheld}"
    if claim.aside:
        yield f"    aside: [{', '.join(map(_text, claim.aside))}]"
    yield "    numbers:"
    for number in claim.numbers:
        found = look_up(number.cell, tables, study.collections)
        start = "      - "
        for key, value in _number(number, found).items():
            yield f"{start}{key}: {value}"
            start = "        "


def _number(number: Number, found: Found | None) -> Mapping[str, str]:
    cell = {k: v for k, v in number.cell.model_dump(by_alias=True, mode="json").items() if v not in ("", [])}
    defaults = {name: field.default for name, field in type(number.cell).model_fields.items()}
    shown = {k: v for k, v in cell.items() if k == "table" or v != defaults.get(k)}
    keys = {
        "printed": _text(number.printed),
        "value": _value(number, found),
        "rounding": number.rounding,
        "tolerance": str(number.tolerance) if number.tolerance is not None else "",
        "cell": f"{{{', '.join(f'{k}: {_flow(v)}' for k, v in shown.items())}}}",
        "base": str(found.base) if found and found.base is not None else "",
        "unweighted": _decimal(found.unweighted) if found and found.weighted else "",
        "exact": _decimal(found.value, number.rounding) if found else "",
    }
    return {key: value for key, value in keys.items() if value}


def _value(number: Number, found: Found | None) -> str:
    rounded = number.rounded(found.value) if found else None
    if rounded is None or rounded == number.number:
        return number.value
    if "/" in number.value:
        parts = int(number.value.partition("/")[2])
        return f"{int(rounded * parts / 100)}/{parts}"
    return f"{float(rounded):g}" if abs(rounded) < 100_000 else str(int(rounded))


def _decimal(value: float, rounding: str = "") -> str:
    if rounding == "none" and value.is_integer():  # a count
        return str(int(value))
    return f"{round_half_up(value, _DIGITS):.{_DIGITS}f}"


def _flow(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return value if str(value).isidentifier() else _text(str(value))


def _text(text: str) -> str:
    """A text in double quotes, as YAML reads it; what nobody sees is written out."""
    escaped = {'"': '\\"', "\\": "\\\\"}
    return f'"{"".join(escaped.get(c) or (c if c.isprintable() else _code(c)) for c in text)}"'


def _code(char: str) -> str:
    return f"\\U{ord(char):08X}"
