"""The printed names of everything in a study's definition."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd

from plait.study import Study
from plait.study.wording import listed
from plait.tables import rows_of

Name = TypeVar("Name", str, int)


class Labels:
    """Printed names of everything in the definition."""

    def __init__(self, study: Study) -> None:
        self.survey = study.definition.survey
        self.coded = study.definition.coded_text
        self.codes = {entry.code: entry.label for entry in study.codebook}
        self.parents = {entry.code: entry.parent for entry in study.codebook}
        graded = dict.fromkeys(t.variable for t in study.targets if t.grade == "illustrative")
        self.illustrative = f"weighted to illustrative targets ({listed(map(self.variable, graded))})" if graded else ""
        """What every number that is weighted to illustrative targets is marked with."""

    def variable(self, name: str) -> str:
        if ":" in name:  # an interaction in a model
            return " \u00d7 ".join(self.variable(part) for part in name.split(":"))
        return self.survey.label_of(name) if self.survey and name else "Everyone"

    def group(self, variable: str, group: str) -> str:
        if not (self.survey and variable):
            return "Everyone"
        if ":" in variable:
            numbers = [v for v in variable.split(":") if not self.survey.is_number(v)]
            return ", ".join(self.group(*pair) for pair in zip(numbers, group.split(":"), strict=True)) if group else ""
        return self.survey.groups_of(variable)[group] if group else ""

    def item(self, question: str, item: str) -> str:
        assert self.survey is not None
        if not item:
            return "All answers"
        nets = self.survey.nets_of(question)
        return nets[item].label if item in nets else self.survey.options_of(question)[item].label

    def linked(self, strand: str, origin: str, item: str) -> tuple[str, str]:
        """What an item of either strand comes from, and the item: a question's option, or a collection's theme."""
        if strand == "survey":
            return self.variable(origin), self.item(origin, item)
        return self.collection(origin), self.codes[item]

    def takes_one_answer(self, question: str) -> bool:
        return self.survey is not None and self.survey.questions[question].type == "single"

    def unit(self, question: str) -> str:
        return self.survey.questions[question].unit if self.survey else ""

    def export(self, name: str) -> str:
        return (self.survey.exports[name].label or name) if self.survey else name

    def day(self, question: str) -> str:
        """The export of a question, by its printed name."""
        return self.export(self.survey.export_of(question)) if self.survey else question

    def model(self, name: str) -> str:
        return self.survey.models[name].label if self.survey else name

    def outcome(self, name: str) -> tuple[str, str, tuple[str, ...]]:
        """The question and the answer, if any, that a model explains, and the variables that explain it."""
        if not self.survey or name not in self.survey.models:
            return "", "", ()
        question, _, option = self.survey.models[name].outcome.partition(":")
        return question, option, self.survey.models[name].variables

    def column(self, break_: str, group: str) -> int:
        """The place of a group within its break."""
        return list(self.survey.groups_of(break_)).index(group) if self.survey and break_ else 0

    @property
    def level(self) -> float:
        """The level at which groups are told to differ."""
        return self.survey.comparisons.level if self.survey else 0.95

    def collection(self, name: str) -> str:
        assert self.coded is not None
        return self.coded.collections[name].label

    def units(self, collection: str, unit: str) -> str:
        """What the units of a theme count are called, in the plural."""
        assert self.coded is not None
        of = self.coded.collections[collection]
        texts = "answers" if of.mode == "open_text" else "texts"
        return {"cases": of.cases, "sources": texts}.get(unit, unit)

    def attribute(self, collection: str, name: str) -> str:
        assert self.coded is not None
        return self.coded.collections[collection].breaks.get(name, name) if name else "Everyone"


def labelled(frame: pd.DataFrame, label: Callable[[str, str], Name], first: str, second: str) -> list[Name]:
    """The names of pairs of columns, each distinct pair looked up once."""
    pairs = list(rows_of(frame, [first, second]))
    names = {pair: label(*pair) for pair in set(pairs)}
    return [names[pair] for pair in pairs]


def remarks(notes: pd.Series | str, weight_sets: pd.Series, labels: Labels) -> pd.Series:
    """Remarks on numbers; those weighted to illustrative targets are marked as such."""
    own = pd.Series(notes, index=weight_sets.index, dtype="str")
    marked = own + np.where(own == "", "", "; ") + labels.illustrative
    return own.where((weight_sets == "") | (labels.illustrative == ""), marked)
