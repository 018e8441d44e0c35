"""What the reviewers' notebooks are written with: what was read, tables, figures, and checks that say PASS or FAIL.

Everything it shows travels as plain data beside its plain text, so that a page can show it without trusting markup. What
the checks allow for is read from the published rules, so that they hold under every disclosure profile.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from IPython.display import display

from plait.report.blocks import legible
from plait.report.shown_table import MOST_ROWS, shown_table

CHECK = "application/vnd.plait.check+json"
PICTURE = "image/svg+xml"
STUDY_FILE = "study.json"
"""What the notebooks are told of the study: its title, and what every output must say of it."""
_HASH_DIGITS = 16
_NAMED = 5
"""How many rows that break a rule are named."""
_TINY = 1e-9
"""What floating point leaves between numbers that are the same."""
_NAMES = (pd.DataFrame, pd.Series, pd.Index)


def about(results: Path) -> None:
    """Say which study this is, and what every output must say of it."""
    file = results / "notebooks" / STUDY_FILE
    told: dict[str, Any] = {"title": results.resolve().name, "marks": []}
    if file.is_file():
        told = json.loads(file.read_text(encoding="utf-8"))
    for line in (told["title"], *told["marks"]):
        print(legible(line))


def inputs(results: Path, *names: str) -> None:
    """Show the published tables that a notebook reads, with their rows and the start of their SHA-256.

    Args:
        results: The study's results folder.
        names: Published tables, without ending. The disclosure rules, which every notebook reads, need not be named.
    """
    files = [results / "published" / f"{name}.csv" for name in dict.fromkeys((*names, "disclosure_rules"))]
    frame = pd.DataFrame(
        {
            "table": [f"published/{file.name}" for file in files],
            "rows": [_row_count(file) for file in files],
            "sha256": [sha256(file.read_bytes()).hexdigest()[:_HASH_DIGITS] for file in files],
        }
    )
    table(frame, f"What this notebook reads (the first {_HASH_DIGITS} digits of each file's SHA-256)")


def _row_count(file: Path) -> int:
    """How many rows a published table has; counted, for to read a table takes many times as long."""
    with file.open(encoding="utf-8", newline="") as lines:
        return sum(1 for _ in csv.reader(lines)) - 1


def table(
    frame: pd.DataFrame, caption: str, columns: Sequence[str] = (), *, headers: int = 1, most: int = MOST_ROWS
) -> None:
    """Show rows of a published table; see `plait.report.shown_table.shown_table`."""
    display(shown_table(frame, caption, columns, headers=headers, most=most))


def figures(results: Path, *kinds: str, only: Iterable[str] | None = None) -> None:
    """Show the study's figures of some kinds (`bars`, `themes`, `joint`, ...), each with the words that stand for it.

    Args:
        results: The study's results folder.
        kinds: Kinds of figures.
        only: Names of those to show; all of them where it is not given.
    """
    folder = results / "figures"
    # not by plait.report.figures: every kernel would import the study definition for it
    index = pd.read_csv(folder / "figures.csv", dtype="str", keep_default_na=False, encoding="utf-8")
    chosen = index["kind"].isin(kinds) & (True if only is None else index["name"].isin(list(only)))
    for figure in index[chosen].itertuples():
        svg = (folder / f"{figure.name}.svg").read_text(encoding="utf-8")
        alt = legible(str(figure.alt))
        display({"text/plain": alt, PICTURE: svg}, raw=True, metadata={PICTURE: {"alt": alt}})


@dataclass(frozen=True)
class Rounding:
    """What the disclosure rules leave between published numbers and those that they stand for.

    Attributes:
        base_to: Numbers of people of the survey are rounded to the nearest multiple of this; to 1, not at all.
        per_cent_digits: Decimals of per cents.
        hide_below: Groups of fewer people are hidden with their bases.
        cell_below: Answers of fewer people are hidden, and the bases of their groups shown; none are where it is 0.
    """

    base_to: int = 1
    per_cent_digits: int = 0
    hide_below: int = 0
    cell_below: int = 0

    @classmethod
    def of(cls, rules: pd.DataFrame) -> Rounding:
        """The rounding that is in force.

        Args:
            rules: Columns of `plait.tables.PUBLISHED_RULES`; a rule that is not among them is not in force.
        """
        none = cls()
        return cls(**{own.name: in_force(rules, own.name, getattr(none, own.name)) for own in fields(cls)})

    @property
    def people(self) -> int:
        """How far a published number of people may lie from the one that was counted."""
        return self.base_to // 2

    @property
    def per_cent(self) -> float:
        """How far a published per cent may lie from the exact one: half a unit of its last digit."""
        return 0.5 * 10.0**-self.per_cent_digits + _TINY

    def people_added(self, terms: int | pd.Series) -> int | pd.Series:
        """How far a number of people may lie from a sum of so many others, where all of them are published."""
        return (terms + 1) * self.people

    def per_cents_between(self, part: pd.Series, whole: pd.Series, parts: pd.Series) -> tuple[pd.Series, pd.Series]:
        """The lowest and the highest per cent that may be published of a part of a whole.

        Args:
            part: The published number of people of the part.
            whole: The sum of those of all parts.
            parts: How many parts there are.
        """
        others, apart = whole - part, (parts - 1) * self.people
        fewest, most = (part - self.people).clip(lower=0), part + self.people
        low = 100 * fewest / (fewest + others + apart)
        high = 100 * most / (most + (others - apart).clip(lower=0))
        return low - self.per_cent, high + self.per_cent

    def per_cent_outside(self, groups: pd.Series, everyone: pd.Series, terms: pd.Series) -> pd.Series:
        """How far everyone's per cent may lie outside those of groups that seem to be everyone.

        Where bases are rounded, some people may be in none of the groups.

        Args:
            groups: The sum of the weighted bases of all groups.
            everyone: The weighted base of everyone.
            terms: How many groups there are.
        """
        if not self.people:
            return 0.0 * everyone
        apart = self.people + 0.5  # weighted bases are rounded to whole numbers first
        most = (everyone - groups + (terms + 1) * apart).clip(lower=0)
        return 100 * most / (everyone - apart).clip(lower=most) + 2 * self.per_cent

    def is_rounded(self, per_cents: pd.Series) -> pd.Series:
        """Whether per cents have no more decimals than the rules allow."""
        return (per_cents - per_cents.round(self.per_cent_digits)).abs() <= _TINY

    def __str__(self) -> str:
        people, digits = self.people, self.per_cent_digits
        said = [
            f"Numbers of people of the survey are rounded to the nearest {self.base_to}, and may be {people} off"
            if people
            else "Numbers of people are as they were counted",
            f"per cents have {digits} decimal{'s' if digits > 1 else ''}" if digits else "per cents are whole",
            *(
                [f"answers of fewer than {self.cell_below} people are hidden, and the bases of their groups shown"]
                if self.cell_below
                else []
            ),
        ]
        return f"{'; '.join(said)}."


def in_force(rules: pd.DataFrame, rule: str, otherwise: int) -> int:
    """The threshold of a disclosure rule.

    Args:
        rules: Columns of `plait.tables.PUBLISHED_RULES`.
        rule: The field of the profile.
        otherwise: What holds where the profile has no such rule.
    """
    found = rules.loc[rules["rule"] == rule, "threshold"].dropna()
    return int(found.iloc[0]) if len(found) else otherwise


Verdict = Literal["PASS", "FAIL", "NONE"]


@dataclass(frozen=True)
class Check:
    """A statement about the published tables and whether it holds; `NONE` where the study has nothing to hold it to."""

    verdict: Verdict
    statement: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.verdict}  {self.statement}{f' ({self.detail})' if self.detail else ''}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        told = {"verdict": self.verdict, "statement": self.statement, "detail": self.detail}
        return {"text/plain": str(self), CHECK: told}

    __repr__ = __str__


@dataclass
class Checks:
    """The checks of one notebook, in order. A failing one stops nothing here: the workflow stops once all are written."""

    made: list[Check] = field(default_factory=list)

    def that(self, statement: str, holds: object) -> None:
        """Show whether a statement holds."""
        self._show("PASS" if bool(holds) else "FAIL", statement)

    def each(self, statement: str, holds: Iterable[Any], names: pd.DataFrame | Iterable[object] | None = None) -> None:
        """Show whether a statement holds of each of several rows.

        Args:
            statement: What is to hold.
            holds: Of each row, whether it does; a missing value does not.
            names: What each row is called, to name those of which it does not hold: texts, or columns that together
                name a row. Without names rows go by their index.
        """
        answers = pd.Series(holds).astype("boolean").fillna(False)
        called = answers.index if names is None else names
        if not isinstance(called, _NAMES):
            called = pd.Series(list(called), dtype="object")
        if len(called) != len(answers):
            raise ValueError(f"{len(called)} names of {len(answers)} rows")
        failing = np.flatnonzero(~answers.to_numpy(dtype=bool))
        if answers.empty:
            self._show("NONE", statement, "nothing in this study to hold it to")
        elif len(failing):
            named = "; ".join(_names(called.take(failing[:_NAMED]))) + ("; ..." if len(failing) > _NAMED else "")
            self._show("FAIL", statement, f"not so of {len(failing)} of {len(answers)}: {named}")
        else:
            self._show("PASS", statement, f"{len(answers)} looked at")

    def verdict(self) -> None:
        """Say how many checks passed, and repeat those that did not."""
        failed = [check for check in self.made if check.verdict == "FAIL"]
        idle = sum(check.verdict == "NONE" for check in self.made)
        tried = len(self.made) - idle
        print(f"{tried - len(failed)} of {tried} checks passed." + (f" {idle} had nothing to check." if idle else ""))
        for check in failed:
            print(f"Failed: {check.statement} ({check.detail})" if check.detail else f"Failed: {check.statement}")

    def _show(self, verdict: Verdict, statement: str, detail: str = "") -> None:
        check = Check(verdict, legible(statement), legible(detail))
        self.made.append(check)
        display(check)


def _names(names: pd.DataFrame | pd.Series | pd.Index) -> list[str]:
    rows = names.itertuples(index=False, name=None) if isinstance(names, pd.DataFrame) else names
    return [_name(row) for row in rows]


def _name(name: object) -> str:
    return ", ".join(str(part) for part in name if part != "") if isinstance(name, tuple) else str(name)
