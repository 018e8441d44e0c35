"""What of the survey is hidden: decided once for a question, a break and a grain, and obeyed by every table.

The order of preference is to merge (where the definition names a coarser variable), to hide further groups, and at last
to publish nothing by the break for that question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import starmap
from typing import NamedTuple

import numpy as np
import pandas as pd

from plait.disclosure.cells import Answers, hidden_cells
from plait.disclosure.rules import Rules
from plait.disclosure.suppression import COMPANY, SuppressionLog, by_size, hidden_groups
from plait.study.definition import Survey
from plait.tables import ALL, Table, rows_of

CELL = ["question", "option", "break", "group", "measure", "grain"]
SHARES = ("share", "net")
DROPPED = "the break is not published for this question: a small group could be found by it"
LEFT_OUT = "so that the few whom the estimates leave out cannot be found in the breakdown"


class Place(NamedTuple):
    """Where groups stand side by side: one question, one break, one grain."""

    question: str
    break_: str
    grain: str


@dataclass
class Hiding:
    """The decisions, and the numbers that they rest on.

    Attributes:
        survey: The definition.
        rules: The disclosure profile.
        bases: Unweighted base of every group of every place.
        answers: How many gave each answer, by place.
        merged: Question and break of which the coarser variable is published in its place.
        groups: Groups that are hidden, bases included, each with its rule.
        cells: Answers of groups (group, option) that are hidden, each with its rule.
    """

    survey: Survey | None
    rules: Rules
    bases: dict[Place, dict[str, int]]
    answers: dict[Place, Answers] = field(default_factory=dict)
    merged: dict[tuple[str, str], str] = field(default_factory=dict)
    groups: dict[Place, dict[str, str]] = field(default_factory=dict)
    cells: dict[Place, dict[tuple[str, str], str]] = field(default_factory=dict)

    @classmethod
    def of(cls, main: pd.DataFrame, survey: Survey | None, rules: Rules, *, company: bool = True) -> Hiding:
        """Decide which groups are hidden before anybody attacks; answers are by `hide_cells`.

        Args:
            main: The estimates that are published, one row a cell (`main_rows`).
            survey: The definition.
            rules: The disclosure profile.
            company: Whether others are hidden with a small group; without it the attack must succeed (for tests).
        """
        hiding = cls.of_bases(_bases(main), survey, rules, company=company)
        if rules.cell_below or rules.attacked:
            hiding.answers = _answers(main, survey)
        return hiding

    @classmethod
    def of_bases(
        cls, bases: dict[Place, dict[str, int]], survey: Survey | None, rules: Rules, *, company: bool = True
    ) -> Hiding:
        """Decide which groups are hidden, by their bases alone."""
        hiding = cls(survey, rules, bases)
        hiding._merge()
        for place, of_groups in bases.items():
            found = hidden_groups(of_groups, rules)
            hiding.groups[place] = {g: r for g, r in found.items() if company or r != COMPANY}
        return hiding

    # --- merging --------------------------------------------------------------------------------------------------------

    def _merge(self) -> None:
        if self.survey is None:
            return
        for question in dict.fromkeys(place.question for place in self.bases):
            for break_ in self.survey.breaks:
                name = break_
                while (coarser := self.survey.merge_small.get(name)) and self._too_small(question, name, coarser):
                    self.merged[question, name] = coarser
                    name = coarser

    def _too_small(self, question: str, break_: str, coarser: str) -> bool:
        here = {p: bases for p, bases in self.bases.items() if (p.question, p.break_) == (question, break_)}
        there = any((p.question, p.break_) == (question, coarser) for p in self.bases)
        return there and any(hidden_groups(bases, self.rules) for bases in here.values())

    def published(self, question: str, break_: str) -> bool:
        """Whether a question is published by a break: not where it is merged, and by a coarser one only in its place."""
        if break_ == ALL or self.survey is None:
            return True
        if (question, break_) in self.merged:
            return False
        in_place = any(q == question and coarser == break_ for (q, _), coarser in self.merged.items())
        return break_ in self.survey.breaks or in_place or break_ not in self.survey.splits

    def shown(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a table of questions and breaks that are published at all."""
        pairs = list(rows_of(frame, ["question", "break"]))
        known = {pair: self.published(*pair) for pair in set(pairs)}
        keep = np.array([known[pair] for pair in pairs], dtype=bool)
        return frame if keep.all() else frame[keep].reset_index(drop=True)

    def note_merged(self, frame: pd.DataFrame, table: Table, log: SuppressionLog) -> None:
        """Log what of a table is published by a coarser variable; each cell once, though both grains may have it."""
        keys = [name for name in CELL if name in frame and name != "grain"]
        lines: dict[tuple[str, str], list[int]] = {}
        for at, (question, break_) in enumerate(rows_of(frame, ["question", "break"])):
            if (question, break_) in self.merged:
                lines.setdefault((question, break_), []).append(at)
        for pair, coarser in self.merged.items():
            if pair in lines and self.survey:
                rule = f"merged: published by '{self.survey.label_of(coarser)}' instead"
                log.add(table, *pair, ALL, rule, len(frame.iloc[lines[pair]].drop_duplicates(keys)))

    # --- hiding more ----------------------------------------------------------------------------------------------------

    def hide_next(self, place: Place, rule: str = COMPANY) -> bool:
        """Hide the next smallest group of a place; False where there is none left."""
        bases = self.bases[place]
        hidden = self.groups[place]
        others = by_size(bases, (g for g, base in bases.items() if base > 0 and g not in hidden))
        if not others or place.break_ == ALL:
            return False
        if len(others) == 1:
            self.drop(place)
        else:
            hidden[others[0]] = rule
        return True

    def drop(self, place: Place) -> None:
        """Publish nothing by this break for this question."""
        rest = {g: DROPPED for g, base in self.bases[place].items() if base > 0}
        self.groups[place] = rest | self.groups[place]

    def drop_grain(self, question: str, grain: str, rule: str) -> bool:
        """Publish nothing of a grain for this question; False where nothing is published already."""
        places = [p for p in self.bases if p.question == question and p.grain == grain and not self.is_dropped(p)]
        for place in places:
            self.groups[place] = {g: rule for g, base in self.bases[place].items() if base > 0}
        return bool(places)

    def is_dropped(self, place: Place) -> bool:
        """Whether no group with anybody in it is left."""
        return all(g in self.groups[place] for g, base in self.bases[place].items() if base > 0)

    def hide_cells(self) -> None:
        """Hide the small answers of every place and their company, where the rules speak of cells."""
        for place in self.answers if self.rules.cell_below else ():
            self.cells[place] = {}
            self.settle_cells(place)

    def hide_beside(self, place: Place, group: str, option: str) -> bool:
        """Hide one more answer of the same group, and the same answer of another; False where there is none left."""
        cells, answers = self.cells[place], self.answers[place]
        hidden = {option for g, option in cells if g == group}
        shown = by_size(answers.counts[group], (o for o in answers.counts[group] if o not in hidden))
        beside = {
            g: answers.counts[g][option] for g in answers.counts if self.shows(place, g) and (g, option) not in cells
        }
        other = by_size(beside, beside) if place.break_ != ALL else []
        if not shown and not other:
            return False
        if shown:
            cells[group, shown[0]] = COMPANY
        if other:
            cells[other[0], option] = COMPANY
        self.settle_cells(place)
        return True

    def settle_cells(self, place: Place) -> None:
        """Hide the small answers of a place and their company, beside those that are hidden already."""
        shown = [group for group in self.answers[place].counts if self.shows(place, group)]
        total = self.cells.get(Place(place.question, ALL, place.grain), {})
        of_total = {option for _, option in total} if place.break_ != ALL else None
        hidden_cells(self.answers[place], shown, self.rules, of_total, self.cells[place])

    def shows(self, place: Place, group: str) -> bool:
        """Whether per cents of a group are published."""
        return group not in self.groups[place] and self.bases[place][group] >= max(self.rules.withhold_below, 1)

    def not_known(self, question: str, everyone: int | None = None) -> dict[Place, int]:
        """Of how many people the group is not known, by place."""
        found = {}
        for place in (p for p in self.bases if p.question == question and p.break_ != ALL):
            of_all = next(iter(self._bases_of(place._replace(break_=ALL)).values()), everyone)
            known = sum(self._bases_of(place).values())
            if of_all is not None and of_all >= known:
                found[place] = of_all - known
        return found

    def _bases_of(self, place: Place) -> Mapping[str, int]:
        return self.answers[place].bases if place in self.answers else self.bases.get(place, {})

    def small(self, place: Place) -> list[str]:
        """The groups of a place that are hidden for themselves."""
        return [g for g in self.groups[place] if 0 < self.bases[place][g] < self.rules.hide_below]


def main_rows(estimates: pd.DataFrame) -> pd.DataFrame:
    """The weighted row of every cell that has one, else the unweighted row."""
    weighted = estimates["weight_set"] != ""
    has_weights = estimates.assign(weighted=weighted).groupby(CELL, sort=False)["weighted"].transform("any")
    return estimates[weighted | ~has_weights].reset_index(drop=True)


def _bases(main: pd.DataFrame) -> dict[Place, dict[str, int]]:
    """The base of each group; where a mean leaves some of the people out, the smaller one."""
    keys = ["question", "break", "grain", "group"]
    bases = main["base_unweighted"].astype("int64")
    of_somebody = bases.where(bases > 0).groupby([main[k] for k in keys], sort=False).min().fillna(0).astype("int64")
    found: dict[Place, dict[str, int]] = {}
    for (question, break_, grain, group), base in zip(of_somebody.index, of_somebody, strict=True):
        found.setdefault(Place(question, break_, grain), {})[group] = int(base)
    return found


def _answers(main: pd.DataFrame, survey: Survey | None) -> dict[Place, Answers]:
    rows = main[main["measure"].isin(SHARES)]
    people = np.rint((rows["value_unweighted"] * rows["base_unweighted"].astype("float64")).fillna(0)).astype("int64")
    found: dict[Place, Answers] = {}
    columns = ["question", "break", "grain", "group", "option", "base_unweighted"]
    for (question, break_, grain, group, option, base), n in zip(rows_of(rows, columns), people, strict=True):
        place = Place(question, break_, grain)
        if place not in found:
            found[place] = Answers(*_structure(survey, question), {}, {})
        found[place].counts.setdefault(group, {})[option] = int(n)
        found[place].bases[group] = int(base)
    return found


def _structure(survey: Survey | None, question: str) -> tuple[bool, Mapping[str, tuple[str, ...]]]:
    """Whether a question takes a single answer, and the members of its nets."""
    if survey is None or question not in survey.questions:
        return True, {}
    counted = [name for name, option in survey.options_of(question).items() if option.counts]
    nets = {name: tuple(o for o in net.of if o in counted) for name, net in survey.nets_of(question).items()}
    return survey.questions[question].type == "single", nets


def places_of(frame: pd.DataFrame) -> Iterator[Place]:
    """The place of every row of estimates."""
    yield from starmap(Place, rows_of(frame, ["question", "break", "grain"]))
