"""What the reviewers' notebooks are written with: what was read, tables, figures, and checks that say PASS or FAIL.

Everything it shows travels as plain data beside its plain text, so that a page can show it without trusting markup.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from IPython.display import display

from plait import tables
from plait.report.blocks import legible
from plait.report.shown_table import MOST_ROWS, shown_table

CHECK = "application/vnd.plait.check+json"
PICTURE = "image/svg+xml"
STUDY_FILE = "study.json"
"""What the notebooks are told of the study: its title, and what every output must say of it."""
_HASH_DIGITS = 16
_NAMED = 5
"""How many rows that break a rule are named."""


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
        names: Published tables, without ending.
    """
    known = {table.name.split("/")[1]: table for table in tables.PUBLISHED}
    files = [results / "published" / f"{name}.csv" for name in names]
    rows = [len(tables.read_csv(file, known[name])) for file, name in zip(files, names, strict=True)]
    frame = pd.DataFrame(
        {
            "table": [f"published/{file.name}" for file in files],
            "rows": rows,
            "sha256": [sha256(file.read_bytes()).hexdigest()[:_HASH_DIGITS] for file in files],
        }
    )
    table(frame, f"What this notebook reads (the first {_HASH_DIGITS} digits of each file's SHA-256)")


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
        failing = [name for name, answer in zip(_names(answers, names), answers, strict=True) if not answer]
        if answers.empty:
            self._show("NONE", statement, "nothing in this study to hold it to")
        elif failing:
            named = "; ".join(failing[:_NAMED]) + ("; ..." if len(failing) > _NAMED else "")
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


def _names(answers: pd.Series, names: pd.DataFrame | Iterable[object] | None) -> list[str]:
    if isinstance(names, pd.DataFrame):
        names = names.itertuples(index=False, name=None)
    return [_name(name) for name in (answers.index if names is None else names)]


def _name(name: object) -> str:
    return ", ".join(str(part) for part in name if part != "") if isinstance(name, tuple) else str(name)
