"""Claims: sentences of an author, each with the numbers that stand in it and the cells these come from.

A sentence says a number in the author's way ("72%", "9 of 13", "nearly three in four"); the claim says which cell of
which table it stands for and how it was rounded, so that every run can tell whether the sentence still holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator

from plait.errors import Problems
from plait.rounding import round_half_up
from plait.study.definition import Many, Model, Name, Text
from plait.study.validation import validated
from plait.study.yaml_text import YamlText, read_yaml

# --- where a number comes from -----------------------------------------------------------------------------------------


class EstimateCell(Model):
    """A share of the survey: an option or net of a question, of everyone or of a group. Its numbers are per cents."""

    table: Literal["estimates"]
    question: Name
    item: Name
    """An option or a net."""
    break_: Annotated[str, Field(alias="break")] = ""
    group: str = ""
    column: Literal["value", "unweighted", "base"] = "value"
    """`value` is weighted where the study is weighted; `base` is the number of people."""


class NumberCell(Model):
    """A mean, median or the like of a question that is a number or a scale with scores."""

    table: Literal["numbers"]
    question: Name
    measure: Name
    """mean, median, lower_quartile, upper_quartile, lower_decile, upper_decile, total or ratio."""
    break_: Annotated[str, Field(alias="break")] = ""
    group: str = ""
    column: Literal["value", "unweighted", "base"] = "value"


class ChangeCell(Model):
    """The change since an earlier question: in points for an option or net, in its own unit for the mean."""

    table: Literal["changes"]
    question: Name
    """The later question, which `repeats` the earlier one."""
    item: str = ""
    """An option or net; left out for the mean."""
    column: Literal["difference", "value", "value_earlier", "base"] = "difference"


class ThemeCell(Model):
    """How many texts or people speak of a theme or code."""

    table: Literal["themes"]
    collection: Name
    theme: Text
    by: str = ""
    group: str = ""
    unit: Literal["", "sources", "cases", "segments", "characters", "words"] = ""
    """Left out: texts where each is an answer to an open question, else people."""
    column: Literal["n", "per_cent", "base"] = "n"


class AgreementCell(Model):
    """How far coders agree."""

    table: Literal["agreement"]
    collection: Name
    coefficient: Name
    unit: Literal["source", "paragraph", "character"]
    code: str = ""
    """Left out: over all codes."""
    coders: Many = ()
    """The two of them; left out where only two, or all together, were compared."""
    column: Literal["value", "base"] = "value"


Cell = EstimateCell | NumberCell | ChangeCell | ThemeCell | AgreementCell


def is_share(cell: Cell) -> bool:
    """Whether the numbers of a cell are per cents (or percentage points), which are published whole."""
    match cell:
        case EstimateCell():
            return cell.column != "base"
        case ChangeCell():
            return bool(cell.item) and cell.column != "base"
        case ThemeCell():
            return cell.column == "per_cent"
        case AgreementCell():
            return cell.coefficient == "per_cent" and cell.column == "value"
    return False


# --- the number in the sentence ----------------------------------------------------------------------------------------

InWords = Literal["about", "at_least", "over", "nearly"]
Rounding = Literal["whole", "nearest_5", "nearest_10", "one_decimal", "two_decimals", "none", "fraction", InWords]
IN_WORDS: tuple[InWords, ...] = get_args(InWords)
_STEPS = {"whole": 1, "nearest_5": 5, "nearest_10": 10}
_DECIMALS = {"one_decimal": 1, "two_decimals": 2}
_NUMERAL = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


class Number(Model):
    """One number of a sentence: how it is printed, what it stands for, and the cell that it is taken from."""

    printed: Text
    """The text that stands in the sentence, letter by letter."""
    value: Annotated[
        str,
        StringConstraints(pattern=r"^(-?\d+(\.\d+)?|\d+/[1-9]\d*)$"),
        WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\d+/[1-9]\d*$"}]}),
    ]
    """What that text stands for: 72 (per cent, where the cell is a share), or a fraction such as 3/4 of a whole."""
    rounding: Rounding = "whole"
    """`fraction`: to the nearest of the fractions with the denominator of `value`. `nearly` is below the value, `over`
    above it, `at_least` not below it and `about` on either side, in each case by no more than `tolerance`."""
    tolerance: Annotated[Decimal, Field(gt=0)] | None = None
    """Of a rounding in words: how far off the cell may be, in the unit of `value` (points, where it is a share)."""
    cell: Annotated[Cell, Field(discriminator="table")]
    base: Annotated[int, Field(ge=0)] | None = None
    """People or texts in the base when the sentence was written."""
    unweighted: Decimal | None = None
    """The unweighted value then, so that a change can be told from one of the weights."""
    exact: Decimal | None = None
    """The unrounded value then."""

    @property
    def number(self) -> Fraction:
        """The value; a fraction of a whole as per cents."""
        return Fraction(self.value) * (100 if "/" in self.value else 1)

    @property
    def says_base(self) -> bool:
        """Whether the base is printed too (9 of 13), and must hold as it stands."""
        return "/" not in self.value and len(numerals(self.printed)) == 2

    def rounded(self, exact: float) -> Fraction | None:
        """The unrounded value as this number would be printed, rounded once; None for a rounding in words."""
        if self.rounding == "none":
            return Fraction(str(round_half_up(exact, 9)))
        if self.rounding == "fraction":
            parts = Fraction(self.value.partition("/")[2])
            return Fraction(int(round_half_up(exact * float(parts) / 100))) / parts * 100
        if self.rounding in _DECIMALS:
            return Fraction(str(round_half_up(exact, _DECIMALS[self.rounding])))
        if self.rounding in _STEPS:
            step = _STEPS[self.rounding]
            return Fraction(int(round_half_up(exact / step)) * step)
        return None

    def holds(self, exact: float) -> bool:
        """Whether the number may be printed for an unrounded value."""
        if self.rounding not in IN_WORDS:
            return self.rounded(exact) == self.number
        above = Fraction(str(round_half_up(exact, 9))) - self.number
        tolerance = Fraction(self.tolerance or 0)
        match self.rounding:
            case "nearly":
                return -tolerance <= above < 0
            case "over":
                return 0 < above <= tolerance
            case "at_least":
                return 0 <= above <= tolerance
        return abs(above) <= tolerance

    @model_validator(mode="after")
    def _consistent(self) -> Number:
        share = is_share(self.cell)
        if (self.rounding in IN_WORDS) != (self.tolerance is not None):
            raise ValueError(f"tolerance belongs to a rounding in words ({', '.join(IN_WORDS)}), and each needs it")
        if ("/" in self.value) < (self.rounding == "fraction"):
            raise ValueError("rounding: fraction needs a value such as 3/4")
        if "/" in self.value and (not share or self.rounding not in ("fraction", *IN_WORDS)):
            raise ValueError("a fraction is a value of a share, rounded to a fraction or in words")
        if share and self.rounding in ("none", *_DECIMALS):
            raise ValueError("per cents are published whole: round to whole ones, or coarser")
        if self.rounding not in IN_WORDS and self.rounded(float(self.number)) != self.number:
            raise ValueError(f"{self.value} is no number that is rounded like this ({self.rounding})")
        self._printed_says_value()
        return self

    def _printed_says_value(self) -> None:
        """Digits that are printed say the value, and perhaps the base, and nothing else."""
        found = [abs(Fraction(n)) for n in numerals(self.printed)]
        if "/" in self.value:
            parts = [Fraction(part) for part in self.value.split("/")]
            allowed: tuple[list[Fraction], ...] = ([], parts, [self.number])
        else:
            value = abs(Fraction(self.value))
            allowed = ([], [value], [value, Fraction(self.base if self.base is not None else -1)])
        if found not in allowed:
            message = f"prints {self.printed!r} for a value of {self.value}"
            if len(found) == 2 and self.base is None:
                message += "; where the base is printed, give it as `base`"
            raise ValueError(message)


def numerals(text: str) -> list[str]:
    """The numbers that are written in digits, without commas between thousands."""
    return [found.replace(",", "") for found in _NUMERAL.findall(text)]


def _some(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse an empty list; of a list with a faulty item, the item alone is told."""
    if not items:
        raise ValueError("is empty")
    return items


# --- the claim ---------------------------------------------------------------------------------------------------------


class Claim(Model):
    """A sentence of the report, and where each of its numbers comes from."""

    claim: Name
    """A short name."""
    sentence: Text
    """Exactly as printed, in one line."""
    construct_id: Annotated[str, Field(alias="construct")] = ""
    """The construct of the joint display that it speaks of; its inference and rationale may print these numbers."""
    aside: Many = ()
    """Texts of the sentence whose digits are no findings: a year, a key stage."""
    when_withheld: Literal["stop", "leave_out"] = "stop"
    """What becomes of the sentence where the disclosure rules withhold a number of it, or round it further (a stricter
    profile, say): the run stops, or the sentence is left out and counted among what was withheld."""
    numbers: Annotated[tuple[Number, ...], AfterValidator(_some)]

    @model_validator(mode="after")
    def _stands_in_one_line(self) -> Claim:
        if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in self.sentence):
            raise ValueError("a sentence stands in one line, without control characters")
        return self


class ClaimsFile(Model):
    """The side file of claims."""

    claims: Annotated[tuple[Claim, ...], AfterValidator(_some)]


def read_claims(path: Path, name: str, problems: Problems) -> tuple[dict[int, Claim], YamlText | None]:
    """Read the side file of claims: each by the row on which it begins, and where everything stands."""
    text = None
    found: ClaimsFile | None = None
    with problems.collecting():
        text = read_yaml(path, name=name)
        found = validated(text, ClaimsFile, "file of claims", name, problems)
    if found is None or text is None:
        return {}, None
    return {text.line_of(("claims", i)): claim for i, claim in enumerate(found.claims)}, text


def without(text: str, known: Iterable[str], *, everywhere: bool = False) -> tuple[str, list[str]]:
    """A text with each known part blanked out, once or everywhere, and the parts that do not stand in it (as often).

    A part stands in a text where neither a letter nor a digit goes on from it: 2% does not stand in 72%.
    """
    absent = []
    for part in sorted(known, key=len, reverse=True):
        edges = rf"(?<!\w)(?<!\d[.,]){re.escape(part)}(?!\w)(?![.,]\d)"
        text, times = re.subn(edges, "\0", text, count=0 if everywhere else 1)
        if not times:
            absent.append(part)
    return text, absent


def written_numbers(text: str) -> list[str]:
    """Everything in a text that is written in digits of any script, roman numerals and fractions of one sign included."""
    signs = "".join(c if unicodedata.category(c).startswith("N") or c in ".," else " " for c in text)
    return [found.strip(".,") for found in signs.split() if found.strip(".,")]
