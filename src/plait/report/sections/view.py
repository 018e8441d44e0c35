"""What the sections read: the published tables as records, grouped as a report needs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from plait.disclosure.rules import Rules
from plait.report.blocks import Cell, Column, FigureBlock, Note, Row, TableBlock
from plait.report.figure_plan import EMPTY
from plait.report.printing import INTERVAL, distinct, legend, printed, printed_or, printed_range, sentence
from plait.report.published import Published
from plait.study.definition import Collection, Definition, Question
from plait.tables import records

MEASURED = ("characters", "words")
"""Units of a theme count that say how much of the text it covers."""
_COUNTED = ("theme", "by", "group", "n", "of", "marker")
Record = dict[str, Any]
Key = TypeVar("Key")


def grouped(rows: Iterable[Record], key: Callable[[Record], Key]) -> dict[Key, list[Record]]:
    """Rows by key, in order of first appearance."""
    groups: dict[Key, list[Record]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def total_of(rows: Iterable[Record], column: str) -> float:
    """The sum of a column of counts, over the rows that have one."""
    return sum(float(r[column]) for r in rows if pd.notna(r[column]))


def in_order_of(known: Iterable[str], found: dict[str, list[Record]]) -> dict[str, list[Record]]:
    """Groups in the definition's order; those that it does not know come last."""
    place = {name: i for i, name in enumerate(known)}
    return {name: found[name] for name in sorted(found, key=lambda name: place.get(name, len(place)))}


@dataclass(frozen=True)
class StudyView:
    """One study's published tables, definition and figures."""

    published: Published
    definition: Definition
    figures_index: pd.DataFrame
    rules: Rules | None = None

    @cached_property
    def estimates(self) -> list[Record]:
        return records(self.published.survey_estimates)

    @cached_property
    def questions(self) -> dict[str, list[Record]]:
        """The estimates of each question, in the questionnaire's order."""
        survey = self.definition.survey
        return in_order_of(survey.questions if survey else (), grouped(self.estimates, lambda r: str(r["question"])))

    @cached_property
    def numbers(self) -> dict[str, list[Record]]:
        """Means, medians and the like of each question that has them."""
        return grouped(records(self.published.survey_numbers), lambda r: str(r["question"]))

    @cached_property
    def tests(self) -> list[Record]:
        return records(self.published.survey_tests)

    @cached_property
    def profile(self) -> list[Record]:
        return records(self.published.sample_profile)

    @cached_property
    def weighted(self) -> bool:
        """Whether any published per cent is weighted."""
        return any(r["weight_set"] for r in self.estimates)

    @cached_property
    def themes(self) -> list[Record]:
        return records(self.published.theme_counts)

    @cached_property
    def collections(self) -> dict[str, list[Record]]:
        """The theme counts of each collection that are not split by a group."""
        coded = self.definition.coded_text
        found = grouped((r for r in self.themes if not r["by"]), lambda r: str(r["collection"]))
        return in_order_of(coded.collections if coded else (), found)

    @cached_property
    def agreement(self) -> list[Record]:
        return records(self.published.agreement)

    @cached_property
    def agreement_counts(self) -> list[Record]:
        return records(self.published.agreement_counts)

    @cached_property
    def quotes(self) -> list[Record]:
        return records(self.published.quotes)

    @cached_property
    def claims(self) -> list[Record]:
        """The numbers of the authors' sentences, sentence by sentence."""
        return records(self.published.claims)

    @cached_property
    def robustness(self) -> list[Record]:
        """The numbers of the sentences, each followed by what other choices make of it."""
        return records(self.published.robustness)

    @cached_property
    def constructs(self) -> dict[str, list[Record]]:
        """The rows of the joint display by construct."""
        return grouped(records(self.published.joint_display), lambda r: str(r["construct"]))

    def figure(self, *names: str, of: str = "") -> tuple[FigureBlock | Note, ...]:
        """The first of these figures, as blocks; where nothing could be drawn, the reason instead of an empty picture.

        Args:
            names: Of figures, the preferred one first.
            of: What is said of the figure where there is none, as in "by Phase".
        """
        index = {str(r["name"]): r for r in records(self.figures_index)}
        for r in (index[name] for name in names if name in index):
            if r["kind"] == EMPTY:
                which = f"No figure {of}".strip()
                return (Note(f"{which} is drawn. {r['footnote'].partition('Source:')[0].strip()}".strip()),)
            return (FigureBlock(r["name"], r["title"], r["subtitle"], r["alt"], r["footnote"], f"{r['name']}.svg"),)
        return ()

    def question(self, name: str) -> Question | None:
        """A question as defined."""
        survey = self.definition.survey
        return survey.questions.get(name) if survey else None

    def is_scale(self, name: str) -> bool:
        """Whether a question's options are steps in order."""
        asked = self.question(name)
        return asked is not None and asked.scale is not None

    def collection(self, name: str) -> Collection | None:
        """A collection as defined."""
        coded = self.definition.coded_text
        return coded.collections.get(name) if coded else None

    def label_of(self, variable: str) -> str:
        """The printed name of a question or break; the name itself where the definition has none."""
        try:
            return self.definition.survey.label_of(variable) if self.definition.survey else variable
        except KeyError:
            return variable

    @cached_property
    def group_labels(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Printed names of breaks and groups, wherever a published table knows them."""
        places = ((self.profile, "variable"), (self.themes, "by"), (self.estimates, "break"))
        return {
            (str(r[by]), str(r["group"])): (str(r[f"{by}_label"]), str(r["group_label"]))
            for rows, by in places
            for r in rows
            if r[by]
        }

    @cached_property
    def break_labels(self) -> dict[str, str]:
        """Printed names of breaks, attributes of coded text among them."""
        return {by: label for (by, _), (label, _) in self.group_labels.items()}

    @cached_property
    def theme_labels(self) -> dict[str, str]:
        """Printed names of themes and codes."""
        return {str(r["theme"]): str(r["theme_label"]) for r in self.themes}

    def people_unit(self, collection: str) -> str:
        """The unit in which people are counted: answers, where each is one person's, else people."""
        defined = self.collection(collection)
        return defined.people_unit if defined else "cases"

    def by_unit(self, collection: str, rows: list[Record]) -> dict[str, list[Record]]:
        """Theme counts by unit: texts first where each is an answer, else people first; segments last."""
        first = self.people_unit(collection)
        units = grouped((r for r in rows if r["unit"] not in MEASURED), lambda r: str(r["unit"]))
        return {unit: units[unit] for unit in sorted(units, key=lambda u: (u != first, u == "segments"))}

    def telling_units(self, collection: str, rows: list[Record]) -> dict[str, list[Record]]:
        """Theme counts by unit, without a unit that repeats the first (one text a person)."""
        units = self.by_unit(collection, rows)
        said = {unit: [tuple(str(r[c]) for c in _COUNTED) for r in counts] for unit, counts in units.items()}
        first = next(iter(units))
        return {unit: counts for unit, counts in units.items() if unit == first or said[unit] != said[first]}

    def units_called(self, collection: str, unit: str) -> str:
        """What a report calls the units of a theme count, in the plural."""
        defined = self.collection(collection)
        if unit == "cases":
            return defined.cases if defined else "cases"
        if unit == "sources":
            return "answers" if defined and defined.mode == "open_text" else "texts"
        if unit in MEASURED:
            return f"{unit} of what was said"
        return "coded segments" if unit == "segments" else unit


# --- parts that several sections share ---------------------------------------------------------------------------------


def anchor(kind: str, name: str) -> str:
    """The address of a section inside the report."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9_-]+', '-', name)}"


def variants(rows: list[Record]) -> list[list[Record]]:
    """One question's estimates by where they come from, respondents' own rows first."""
    found = grouped(rows, lambda r: (str(r["grain"]) != "respondent", str(r["grain"]), ""))
    if any(len({_cell(r) for r in group}) < len(group) for group in found.values()):
        found = grouped(rows, lambda r: (str(r["grain"]) != "respondent", str(r["grain"]), str(r["weight_set"])))
    return [found[key] for key in sorted(found, key=lambda k: (k[0], k[1], k[2] == ""))]


def _cell(row: Record) -> tuple[Any, ...]:
    return tuple(row[c] for c in ("option", "measure", "break", "group"))


def answer(row: Record) -> str:
    """An option, or a net that says that it is one."""
    label = str(row["option_label"])
    return f"Net: {label}" if row["measure"] == "net" and not re.search(r"\bnets?\b", label, re.IGNORECASE) else label


def per_cent(row: Record) -> str:
    """A per cent inside a sentence."""
    return printed_or(row["per_cent"], row["marker"]) + ("%" if pd.notna(row["per_cent"]) else "")


def interval(row: Record) -> str:
    """The interval of an estimate, in per cents."""
    return printed_range(row["ci_low"], row["ci_high"], row["marker"] if pd.isna(row["per_cent"]) else "")


def backing(row: Record, base: str = "base_unweighted") -> str:
    """What stands behind a per cent inside a sentence: its interval and its base."""
    parts = [f"base {printed_or(row[base], row['marker'])}"]
    if pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
        parts.insert(0, f"{INTERVAL} {printed(row['ci_low'])}% to {printed(row['ci_high'])}%")
    return "; ".join(parts)


def count_of(row: Record | None) -> str:
    """A theme count with its base, `9 of 14`; one of segments has no base that says anything."""
    if row is None or pd.isna(row["n"]):
        return printed(None, row["marker"] if row else "")
    if row.get("unit") == "segments":
        return printed(row["n"], row["marker"])
    return f"{printed(row['n'], row['marker'])} of {printed(row['of'])}"


def cells(*texts: str) -> tuple[Cell, ...]:
    """Cells that hold one text each."""
    return tuple(Cell(t) for t in texts)


def words(*labels: str) -> list[Column]:
    """Columns of text."""
    return [Column(label) for label in labels]


def numbers(*labels: str) -> list[Column]:
    """Columns of numbers."""
    return [Column(label, numeric=True) for label in labels]


def table(
    caption: str, columns: Iterable[Column], rows: Iterable[Row], *, row_headers: int = 1, notes: Iterable[str] = ()
) -> TableBlock:
    """A table whose note ends with the meaning of the markers that it uses."""
    columns, rows = tuple(columns), tuple(rows)
    used = [c.label for c in columns] + [f"{cell.text} {cell.under}" for row in rows for cell in row.cells]
    parts = [*(sentence(n) for n in notes), legend(used)]
    return TableBlock(caption, columns, rows, row_headers, " ".join(p for p in parts if p))


def noted(rows: Iterable[Record]) -> list[str]:
    """The remarks of rows, each once, as one sentence."""
    remarks = distinct(part for r in rows for part in str(r["note"]).split("; "))
    return [f"Remarks: {'; '.join(remarks)}"] if remarks else []
