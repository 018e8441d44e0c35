"""Which figures a study has: known from its definition alone, so that a workflow can list them before it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plait.study.definition import Collection, Definition, Survey

Kind = Literal[
    "weights",
    "nets",
    "bars",
    "likert",
    "stacked",
    "compare",
    "overview",
    "numbers",
    "themes",
    "heat",
    "together",
    "saturation",
    "joint",
    "robustness",
]
SHOWN = (
    *("survey_estimates", "survey_numbers", "survey_tests", "sample_profile", "weighting", "weight_distribution"),
    *("theme_counts", "cooccurrence", "saturation_curve", "saturation", "saturation_summary"),
    *("joint_display", "robustness"),
)
"""The published tables that figures show: no other is read for them."""
EMPTY = "empty"
"""The kind, in the index of figures, of one that had nothing to show."""


@dataclass(frozen=True)
class FigurePlan:
    """One figure: its file name without ending, its kind of chart, what it shows and how that is split."""

    name: str
    kind: Kind
    subject: str
    """A question, a collection, or "" for the weights, all nets, the joint display and the robustness of headlines."""
    by: str
    """The break, or ""."""


def planned_figures(definition: Definition) -> tuple[FigurePlan, ...]:
    """Every figure of a study, in the order of a report."""
    survey, coded_text = definition.survey, definition.coded_text
    figures = _of_survey(survey) if survey else []
    figures += [
        plan for name, c in (coded_text.collections if coded_text else {}).items() for plan in _of_texts(name, c)
    ]
    if definition.linking:
        figures.append(FigurePlan("joint_display", "joint", "", ""))
    if definition.robustness:
        figures.append(FigurePlan("robustness", "robustness", "", ""))
    return tuple(figures)


def _of_survey(survey: Survey) -> list[FigurePlan]:
    figures = [FigurePlan("weights", "weights", "", "")] if survey.weighting else []
    if sum(bool(survey.nets_of(name)) for name in survey.questions) > 1:
        figures.append(FigurePlan("nets", "nets", "", ""))
    return figures + [plan for name in survey.questions for plan in _of(name, survey)]


def _of_texts(name: str, collection: Collection) -> list[FigurePlan]:
    # A hyphen is in no name, so that no two figures share one.
    by = [FigurePlan(f"themes_{name}-{by}", "heat", name, by) for by in collection.breaks]
    figures = [FigurePlan(f"themes_{name}", "themes", name, ""), *by]
    figures.append(FigurePlan(f"together_{name}", "together", name, ""))
    # A few answers to an open question are no base that saturation could be measured against.
    more = [FigurePlan(f"saturation_{name}", "saturation", name, "")] if collection.mode != "open_text" else []
    return figures + more


def _of(name: str, survey: Survey) -> list[FigurePlan]:
    question = survey.questions[name]
    by = question.compare_by or ""
    if question.type == "number":
        return [FigurePlan(f"numbers_{name}", "numbers", name, by)]
    ordered = question.type == "single" and question.scale is not None
    stack: Kind = "stacked" if survey.is_unipolar(name) else "likert"
    figures = [
        FigurePlan(f"{stack}_{name}", stack, name, by) if ordered else FigurePlan(f"bars_{name}", "bars", name, "")
    ]
    if by:
        figures.append(FigurePlan(f"compare_{name}", "compare", name, by))
    if len(survey.breaks) > 1:
        figures.append(FigurePlan(f"overview_{name}", "overview", name, ""))
    return figures
