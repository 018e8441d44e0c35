"""The figures of the survey strand, from its published estimates and tests."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from plait.report import figure_words as words
from plait.report import headlines
from plait.report.figure_content import Content, in_order
from plait.report.figure_plan import FigurePlan
from plait.report.published import Published
from plait.study.definition import Definition, Question, Survey

MOST_ROWS = 60
"""Rows of a comparison figure; of a longer list of options the first are shown, most chosen first."""
MOST_OVERVIEW = 120
"""Rows of an overview; of more breaks the first are shown."""
_CELL = ["option", "option_label"]
_NUMBERS = ["per_cent", "ci_low", "ci_high", "base_unweighted", "marker"]
_BARS = [*_CELL, *_NUMBERS]
_LIKERT = ["group", "group_label", "base_unweighted", *_CELL, "measure", "per_cent", "marker"]
_COMPARE = [*_CELL, "group", "group_label", *_NUMBERS]
_OVERVIEW = [*_CELL, "measure", "break", "break_label", "group", "group_label", *_NUMBERS]
_NETS = ["question", "question_label", *_CELL, *_NUMBERS]
_NUMBERS_OF = ["measure", "group", "group_label", "value", "ci_low", "ci_high", "base_unweighted", "marker"]
_WEIGHTS = ["weight_set", "weight_set_label", "low", "high", "respondents", "marker"]
_LINES = "Lines, and small figures: 95% intervals."
_NO_ESTIMATE = "The published tables have no estimate for this figure."


def survey_content(plan: FigurePlan, published: Published, definition: Definition) -> Content:
    """What a figure of the survey strand shows."""
    survey = definition.survey
    assert survey is not None
    if plan.kind == "weights":
        return _weights(published, definition, survey)
    if plan.kind == "nets":
        return _nets(published, definition, survey)
    if plan.kind == "numbers":
        return _numbers(plan, published, definition, survey)
    if plan.kind == "overview":
        return _overview(_asked_by_all(plan, published, definition, survey))
    asked = _asked(plan, published, definition, survey)
    return {"bars": _bars, "likert": _likert, "compare": _compare}[plan.kind](asked)


@dataclass(frozen=True)
class _Asked:
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
        return _rank(_drawn(self.rows[(self.rows["group"] == "") & (self.rows["measure"] == "share")]), self.aside)

    def nothing(self, columns: list[str], rows: pd.DataFrame) -> Content:
        """An empty figure that says why."""
        why = words.hidden_groups(rows, rows.iloc[:0]) or [_NO_ESTIMATE]
        return Content(rows.iloc[:0][columns], headlines.about(self.label, "nothing to show"), self.subtitle, why, None)


def _asked(plan: FigurePlan, published: Published, definition: Definition, survey: Survey) -> _Asked:
    rows = published.survey_estimates
    rows = rows[(rows["question"] == plan.subject) & rows["break"].isin(["", plan.by])]
    rows = _one_grain(rows, plan.by).drop_duplicates(["option", "measure", "break", "group"])
    rows = in_order(rows, "option", [*survey.options_of(plan.subject), *survey.nets_of(plan.subject)])
    rows = in_order(rows, "group", ["", *(survey.groups_of(plan.by) if plan.by else ())])
    tests = published.survey_tests
    return _Asked(
        definition,
        survey,
        plan.subject,
        survey.questions[plan.subject],
        plan.by,
        rows,
        tests[(tests["question"] == plan.subject) & (tests["break"] == plan.by) & tests["grain"].isin(rows["grain"])],
    )


def _one_grain(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """The respondents' own answers where they cover the break, else the vendor's breakdown; never a mixture."""
    for grain in ("respondent", "breakdown"):
        own = rows[rows["grain"] == grain]
        if (own["break"] == by).any():
            return own
    return rows[rows["grain"] == "respondent"]


def _drawn(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a number to draw."""
    return rows[rows["per_cent"].notna() & (rows["marker"] != "c")]


def _rank(rows: pd.DataFrame, aside: frozenset[str]) -> pd.DataFrame:
    keyed = rows.assign(aside=rows["option"].isin(aside), down=-rows["per_cent"])
    return keyed.sort_values(["aside", "down"], kind="stable").drop(columns=["aside", "down"])


def _bars(asked: _Asked) -> Content:
    from plait.report import charts

    shown = asked.ranked
    everyone = asked.rows[(asked.rows["group"] == "") & (asked.rows["measure"] == "share")]
    if shown.empty:
        return asked.nothing(_BARS, everyone)
    several = asked.question.type == "multi"
    notes = ["Several answers could be chosen."] if several else []
    notes += ["Small figures: 95% interval."] if shown["ci_low"].notna().any() else []
    return Content(
        shown[_BARS],
        headlines.about(asked.label, headlines.bars_title(shown, several, asked.aside)),
        asked.subtitle,
        notes + words.hidden_groups(everyone, shown) + words.marks(shown),
        lambda text: charts.bars(shown, text, asked.aside),
    )


def _likert(asked: _Asked) -> Content:
    from plait.report import likert_chart

    stack, columns = _steps(asked)
    rows = asked.rows[asked.rows["option"].isin([*stack, *columns])]
    drawn = _drawn(rows)
    whole = drawn.groupby("group")["option"].transform("nunique") == len(stack) + len(columns)
    shown = drawn[whole]
    if shown.empty or not stack:
        return asked.nothing(_LIKERT, rows)
    everyone = shown[shown["group"] == (shown["group"].iloc[0])]
    nets = everyone[everyone["measure"] == "net"]
    notes = ["Per cents are rounded and may not add up to 100; narrow steps are drawn without their number."]
    return Content(
        shown[_LIKERT],
        headlines.about(asked.label, headlines.likert_title(everyone[everyone["option"].isin(stack)], nets)),
        asked.subtitle,
        notes + words.hidden_groups(rows, shown) + words.marks(shown),
        lambda text: likert_chart.likert(shown, text, likert_chart.Steps(stack, columns)),
    )


def _steps(asked: _Asked) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The steps of a scale from left to right, and what stands in columns beside them.

    The first net is taken for the pole that the question is about: it lies at the right, whichever way the scale is
    written. Answers that are no step ("not relevant") never stand in the stack.
    """
    published = set(asked.rows["option"])
    options = [o for o in asked.survey.options_of(asked.name) if o in published]
    stack = [o for o in options if o not in asked.aside]
    nets = [n for n in asked.survey.nets_of(asked.name) if n in published]
    if nets:
        members = [stack.index(o) for o in asked.survey.nets_of(asked.name)[nets[0]].of if o in stack]
        if members and sum(members) / len(members) < (len(stack) - 1) / 2:
            stack.reverse()
    return tuple(stack), (*nets[:2], *(o for o in options if o in asked.aside))


def _compare(asked: _Asked) -> Content:
    from plait.report import dot_chart

    order, notes = _compared(asked)
    rows = asked.rows[asked.rows["option"].isin(order)]
    shown = in_order(_drawn(rows), "option", order)
    groups = shown[shown["group"] != ""]
    if groups.empty:
        return asked.nothing(_COMPARE, rows[rows["group"] != ""])
    shown = shown[shown["option"].isin(groups["option"])]
    p_values = {option: p for option in order if (p := _p_value(asked.tests, option)) is not None}
    intervals = [_LINES] if groups["ci_low"].notna().any() else []
    intervals += ["Upright line: everyone."] if (shown["group"] == "").any() else []
    return Content(
        shown[_COMPARE],
        headlines.about(asked.label, headlines.compare_title(groups, asked.survey.label_of(asked.by), p_values)),
        asked.subtitle,
        intervals + notes + words.hidden_groups(rows, shown) + words.marks(shown),
        lambda text: dot_chart.compare(shown, text),
    )


def _compared(asked: _Asked) -> tuple[list[str], list[str]]:
    """The options that are compared, in order, and a note where some are left out."""
    nets = [n for n in asked.survey.nets_of(asked.name) if (asked.rows["option"] == n).any()]
    if asked.survey.is_ordered(asked.name) and nets:
        return nets[:1], []
    if asked.survey.is_ordered(asked.name):
        return list(asked.survey.options_of(asked.name)), []
    order = list(asked.ranked["option"]) or list(asked.survey.options_of(asked.name))
    most = max(MOST_ROWS // max(asked.rows["group"].nunique() - 1, 1), 1)
    left_out = len(order) - most
    if left_out <= 0:
        return order, []
    return order[:most], [f"Left out for want of space: {left_out} of {len(order)} answers."]


def _p_value(tests: pd.DataFrame, option: str) -> float | None:
    """The adjusted p value of an option's test, or of the whole question's where options were not tested one by one."""
    for name in (option, ""):
        found = tests[(tests["option"] == name) & tests["p_adjusted"].notna()]
        if len(found):
            return float(found["p_adjusted"].iloc[0])
    return None


# --- one answer by all breaks, and all nets ---------------------------------------------------------------------------


def _asked_by_all(plan: FigurePlan, published: Published, definition: Definition, survey: Survey) -> _Asked:
    """A question with every break that it was split by, in the definition's order."""
    rows = published.survey_estimates
    rows = rows[rows["question"] == plan.subject]
    split = rows.loc[rows["break"] != "", "grain"]
    rows = rows[rows["grain"] == ("respondent" if split.empty or (split == "respondent").any() else "breakdown")]
    rows = rows.drop_duplicates(["option", "measure", "break", "group"])
    place = {(by, group): i for by in survey.breaks for i, group in enumerate(survey.groups_of(by))}
    rows = rows.assign(place=[place.get(key, len(place)) for key in zip(rows["break"], rows["group"], strict=True)])
    rows = in_order(rows.sort_values("place", kind="stable").drop(columns="place"), "break", ["", *survey.breaks])
    tests = published.survey_tests
    tests = tests[(tests["question"] == plan.subject) & tests["grain"].isin(rows["grain"])]
    return _Asked(definition, survey, plan.subject, survey.questions[plan.subject], "", rows, tests)


def _overview(asked: _Asked) -> Content:
    """A question's leading net, where it is a scale that has nets, or else its leading option, by every break."""
    from plait.report import dot_chart

    rows = asked.rows[asked.rows["option"] == _leading(asked)]
    rows = rows.assign(**{c: rows[c].mask(rows["marker"] == "c") for c in ("per_cent", "ci_low", "ci_high")})
    everyone, groups = rows[rows["group"] == ""], rows[rows["group"] != ""]
    can_be_shown = groups.groupby("break", sort=False)["per_cent"].transform("count") > 0
    breaks = list(dict.fromkeys(groups.loc[can_be_shown, "break"]))
    kept = [by for i, by in enumerate(breaks) if groups["break"].isin(breaks[: i + 1]).sum() <= MOST_OVERVIEW]
    shown = pd.concat([everyone, groups[groups["break"].isin(kept)]])
    if everyone["per_cent"].isna().all() or not kept:
        return asked.nothing(_OVERVIEW, rows)
    labels = dict(zip(groups["break"], groups["break_label"], strict=True))
    tested = {by: _p_value(asked.tests[asked.tests["break"] == by], rows.iloc[0]["option"]) for by in kept}
    p_values = {labels[by]: p for by, p in tested.items() if p is not None}
    unseen = [words.shorten(labels[by], 60) for by in labels if by not in breaks]
    notes = [_LINES, "Upright line: everyone."]
    notes += ["Of twenty tests, one or so finds a difference by chance."] if len(p_values) > 1 else []
    notes += [f"Left out, no group can be shown: {words.named(unseen)}."] if unseen else []
    notes += [f"Left out for want of space: {len(breaks) - len(kept)} characteristics."] if kept != breaks else []
    drawn = shown[shown["per_cent"].notna()]
    return Content(
        shown[_OVERVIEW],
        headlines.about(asked.label, headlines.overview_title(everyone.iloc[0], drawn[drawn["group"] != ""], p_values)),
        asked.subtitle,
        notes + words.withheld(shown) + words.marks(drawn),
        lambda text: dot_chart.overview(shown, text),
    )


def _leading(asked: _Asked) -> str:
    """The net (of a scale) or option that most of everyone chose; "" where none is published."""
    everyone = _drawn(asked.rows[asked.rows["group"] == ""])
    nets = everyone[everyone["measure"] == "net"] if asked.question.scale else everyone.iloc[:0]
    ranked = _rank(nets if len(nets) else everyone[everyone["measure"] == "share"], asked.aside)
    return str(ranked["option"].iloc[0]) if len(ranked) else ""


def _nets(published: Published, definition: Definition, survey: Survey) -> Content:
    """The nets of all questions: those that several questions share side by side, then those of one question."""
    from plait.report import dot_chart

    rows = published.survey_estimates
    rows = rows[(rows["measure"] == "net") & (rows["break"] == "")].drop_duplicates(["question", "option"])
    rows = in_order(rows, "question", list(survey.questions))
    shown = _drawn(rows)
    subtitle = words.nets_subtitle(definition, rows)
    if shown.empty:
        why = words.hidden_nets(rows, shown) or [_NO_ESTIMATE]
        return Content(shown[_NETS], "Nets of all questions: nothing to show", subtitle, why, None)
    times = shown.groupby("option_label")["question"].transform("nunique")
    alone = times == 1
    both = shown["question_label"] + ": " + shown["option_label"]
    shown = shown.assign(
        section=shown["option_label"].mask(alone, ""), row_label=shown["question_label"].mask(alone, both)
    )
    shown = shown.assign(down=-shown["per_cent"]).sort_values("down", kind="stable").drop(columns="down")
    sections = list(dict.fromkeys(in_order(shown, "question", list(survey.questions))["section"]))
    shown = in_order(shown, "section", [*filter(None, sections), ""])
    return Content(
        shown[_NETS],
        headlines.nets_title(shown),
        subtitle,
        [_LINES, *words.hidden_nets(rows, shown), *words.marks(shown)],
        lambda text: dot_chart.nets(shown, text),
    )


# --- numbers and weights ----------------------------------------------------------------------------------------------


def _numbers(plan: FigurePlan, published: Published, definition: Definition, survey: Survey) -> Content:
    """The mean of a number (its median where no mean is made), for everyone and for the groups of a break."""
    from plait.report import dot_chart

    rows = published.survey_numbers
    rows = rows[(rows["question"] == plan.subject) & rows["break"].isin(["", plan.by])]
    measure = next((m for m in ("mean", "median", *rows["measure"]) if (rows["measure"] == m).any()), "")
    rows = rows[rows["measure"] == measure]
    rows = in_order(rows, "group", ["", *(survey.groups_of(plan.by) if plan.by else ())])
    shown = rows[rows["value"].notna()]
    label = survey.label_of(plan.subject)
    subtitle = words.survey_subtitle(definition, survey, plan.subject, rows, measure.replace("_", " "))
    hidden = words.hidden_groups(rows, shown)
    if shown.empty:
        why = hidden or [_NO_ESTIMATE]
        return Content(shown[_NUMBERS_OF], headlines.about(label, "nothing to show"), subtitle, why, None)
    tests = published.survey_tests
    tests = tests[(tests["question"] == plan.subject) & (tests["break"] == plan.by)]
    by, unit = survey.label_of(plan.by) if plan.by else "", survey.questions[plan.subject].unit
    return Content(
        shown[_NUMBERS_OF],
        headlines.about(label, headlines.numbers_title(shown, by, unit, _p_value(tests, "") if by else None)),
        subtitle,
        [_LINES, *hidden, *words.marks(shown)],
        lambda text: dot_chart.numbers(shown, text),
    )


def _weights(published: Published, definition: Definition, survey: Survey) -> Content:
    """How many respondents carry which weight, set by set."""
    from plait.report import charts

    rows = published.weight_distribution
    shown = rows[rows["respondents"].notna() & (rows["respondents"] > 0)]
    subtitle = words.weights_subtitle(definition, survey)
    if shown.empty or published.weighting.empty:
        return Content(shown[_WEIGHTS], "Weights: nothing to show", subtitle, ["No weights are published."], None)
    hidden = int((rows["marker"] == "c").sum())
    notes = ["A weight of 1 is the mean."]
    notes += [f"Not shown, suppressed for confidentiality: {hidden} of {len(rows)} classes."] if hidden else []
    return Content(
        shown[_WEIGHTS],
        headlines.weights_title(published.weighting),
        subtitle,
        notes,
        lambda text: charts.weights(shown, text),
    )
