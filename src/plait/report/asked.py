"""One question with the published rows that its figures draw."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from plait.report import figure_words as words
from plait.report.figure_content import Content, in_order, nothing_to_show
from plait.report.figure_plan import FigurePlan
from plait.report.published import Published
from plait.study.definition import Definition, Question, Survey

CELL = ["option", "option_label"]
NUMBERS = ["per_cent", "ci_low", "ci_high", "base_unweighted", "marker"]
LINES = "Lines, and small figures: 95% intervals."
AS_A_WHOLE = "Tests are of all answers together."
NO_ESTIMATE = "The published tables have no estimate for this figure."


@dataclass(frozen=True)
class Asked:
    """One question and the published rows of its figure."""

    definition: Definition
    survey: Survey
    name: str
    question: Question
    by: str
    rows: pd.DataFrame
    """Of one grain; everyone first, then the groups in the definition's order."""
    tests: pd.DataFrame

    @property
    def label(self) -> str:
        return self.survey.label_of(self.name)

    @property
    def subtitle(self) -> str:
        return words.survey_subtitle(self.definition, self.survey, self.name, self.rows)

    @property
    def aside(self) -> frozenset[str]:
        """Options that are no step of a scale and no part of a ranking."""
        options = self.survey.options_of(self.name)
        return frozenset(k for k, o in options.items() if o.exclusive or o.no_answer is not None)

    @property
    def ranked(self) -> pd.DataFrame:
        """What everyone answered, the most common first and what stands aside last."""
        return ranked_rows(drawn(self.rows[(self.rows["group"] == "") & (self.rows["measure"] == "share")]), self.aside)

    def nothing(self, columns: list[str], rows: pd.DataFrame) -> Content:
        """An empty figure that says why."""
        why = words.hidden_groups(rows, rows.iloc[:0]) or [NO_ESTIMATE]
        return nothing_to_show(self.label, rows.iloc[:0][columns], self.subtitle, why)


def asked_of(plan: FigurePlan, published: Published, definition: Definition, survey: Survey) -> Asked:
    """The question of a plan, of everyone and by the plan's break."""
    rows = published.survey_estimates
    rows = rows[rows["question"] == plan.subject]
    by = published_by(rows, plan.by, survey)
    rows = _one_grain(rows[rows["break"].isin(["", by])], by).drop_duplicates(["option", "measure", "break", "group"])
    rows = in_order(rows, "option", [*survey.options_of(plan.subject), *survey.nets_of(plan.subject)])
    rows = in_order(rows, "group", ["", *(survey.groups_of(by) if by else ())])
    tests = published.survey_tests
    return Asked(
        definition,
        survey,
        plan.subject,
        survey.questions[plan.subject],
        by,
        rows,
        tests[(tests["question"] == plan.subject) & (tests["break"] == by) & tests["grain"].isin(rows["grain"])],
    )


def published_by(rows: pd.DataFrame, by: str, survey: Survey) -> str:
    """The break of a figure, or the coarser variable that its rows are published by in place of it."""
    while by in survey.merge_small and not (rows["break"] == by).any():
        by = survey.merge_small[by]
    return by


def _one_grain(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """The respondents' own answers where they cover the break, else the vendor's breakdown; never a mixture."""
    for grain in ("respondent", "breakdown"):
        own = rows[rows["grain"] == grain]
        if (own["break"] == by).any():
            return own
    return rows[rows["grain"] == "respondent"]


def drawn(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a number to draw."""
    return rows[rows["per_cent"].notna() & (rows["marker"] != "c")]


def ranked_rows(rows: pd.DataFrame, aside: frozenset[str]) -> pd.DataFrame:
    """Options from the most to the least common; those that stand aside come last."""
    keyed = rows.assign(aside=rows["option"].isin(aside), down=-rows["per_cent"])
    return keyed.sort_values(["aside", "down"], kind="stable").drop(columns=["aside", "down"])


def p_value(tests: pd.DataFrame, option: str) -> float | None:
    """The adjusted p value of an option's test, or of the whole question's where options were not tested one by one."""
    found = tests[tests["option"] == ("" if tested_as_a_whole(tests, option) else option)]
    p = found["p_adjusted"].dropna()
    return float(p.iloc[0]) if len(p) else None


def tested_as_a_whole(tests: pd.DataFrame, option: str) -> bool:
    """Whether there is no test of an option by itself."""
    return not (tests["option"] == option).any()
