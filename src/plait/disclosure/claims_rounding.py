"""No sentence says a number more exactly than the published table that it comes from.

A number of people that a profile rounds may be said as rounded, or in words that hold whatever the exact number is: a
sentence that held only of some of them would tell it. Other numbers are printed with no more decimals than published.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from plait.disclosure.rounded import rounded_people
from plait.disclosure.rules import Rules
from plait.study.claims import Number, numerals

_TO = {5: "nearest_5", 10: "nearest_10"}
"""The rounding of a claim that is that of the profile, by its step."""
Told = tuple[str, str]
"""What a sentence says and the table publishes, and what to do about it."""


def finer_in_people(number: Number, base: int, rules: Rules, *, is_base: bool) -> Told | None:
    """What is to be told of a number of respondents that the table publishes rounded; None where it may be said.

    Args:
        number: As it stands in the sentence.
        base: The published base of its cell.
        rules: The disclosure profile.
        is_base: Whether it is this base that the number stands for.
    """
    if rules.base_to == 1:
        return None
    rounding = f"`rounding: {_TO[rules.base_to]}`" if rules.base_to in _TO else "a rounding in words"
    table = f"which the table publishes rounded to the nearest {rules.base_to}: {base}"
    if number.says_base:
        mend = f"leave the base out of the text, or say it rounded, as a number of its own (`column: base`, {rounding})"
        return f"prints '{number.printed}' with the exact base, {table}", mend
    if not is_base or all(number.holds(people) for people in _behind(base, rules)):
        return None
    mend = f"print {base} with {rounding}, or words that hold of every number that is rounded to it"
    return f"prints '{number.printed}' for a number of people, {table}", mend


def finer_in_decimals(number: Number, value: float, beside: Iterable[float]) -> Told | None:
    """What is to be told of a number that is printed with more decimals than published; None where it is not.

    Args:
        number: As it stands in the sentence.
        value: What is published of its cell.
        beside: Other numbers of the cell, with as many decimals: they show those that end in a nought.
    """
    decimals = max(_decimals(f"{n:.9f}") for n in (value, *beside) if pd.notna(n))
    if max(map(_decimals, numerals(number.printed)), default=0) <= decimals:
        return None
    message = f"prints '{number.printed}', with more decimals than the table publishes: {value:.{decimals}f}"
    return message, f"print {value:.{decimals}f}, or round it further"


def _behind(shown: int, rules: Rules) -> list[int]:
    """The numbers of people that are published as this one."""
    near = range(max(0, shown - rules.base_to), shown + rules.base_to + 1)
    return [people for people in near if rounded_people(people, rules) == shown]


def _decimals(numeral: str) -> int:
    return len(numeral.partition(".")[2].rstrip("0"))
