"""Which figures a study has: known from its definition alone, so that a workflow can list them before it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plait.study.definition import Collection, Definition, Question

Kind = Literal["weights", "bars", "likert", "compare", "numbers", "themes", "heat", "saturation", "joint", "robustness"]
EMPTY = "empty"
"""The kind, in the index of figures, of one that had nothing to show."""


@dataclass(frozen=True)
class FigurePlan:
    """One figure: its file name without ending, its kind of chart, what it shows and how that is split."""

    name: str
    kind: Kind
    subject: str
    """A question, a collection, or "" for the weights, the joint display and the robustness of headlines."""
    by: str
    """The break, or ""."""


def planned_figures(definition: Definition) -> tuple[FigurePlan, ...]:
    """Every figure of a study, in the order of a report."""
    survey, coded_text = definition.survey, definition.coded_text
    figures = [FigurePlan("weights", "weights", "", "")] if survey and survey.weighting else []
    figures += [plan for name, question in (survey.questions if survey else {}).items() for plan in _of(name, question)]
    figures += [
        plan for name, c in (coded_text.collections if coded_text else {}).items() for plan in _of_texts(name, c)
    ]
    if definition.linking:
        figures.append(FigurePlan("joint_display", "joint", "", ""))
    if definition.robustness:
        figures.append(FigurePlan("robustness", "robustness", "", ""))
    return tuple(figures)


def _of_texts(name: str, collection: Collection) -> list[FigurePlan]:
    # A hyphen is in no name, so that no two figures share one.
    by = [FigurePlan(f"themes_{name}-{by}", "heat", name, by) for by in collection.breaks]
    figures = [FigurePlan(f"themes_{name}", "themes", name, ""), *by]
    # A few answers to an open question are no base that saturation could be measured against.
    more = [FigurePlan(f"saturation_{name}", "saturation", name, "")] if collection.mode != "open_text" else []
    return figures + more


def _of(name: str, question: Question) -> list[FigurePlan]:
    by = question.compare_by or ""
    if question.type == "number":
        return [FigurePlan(f"numbers_{name}", "numbers", name, by)]
    ordered = question.type == "single" and question.scale is not None
    figures = [
        FigurePlan(f"likert_{name}", "likert", name, by) if ordered else FigurePlan(f"bars_{name}", "bars", name, "")
    ]
    return [*figures, FigurePlan(f"compare_{name}", "compare", name, by)] if by else figures
