"""The figures of the survey strand, from its published estimates and tests."""

from __future__ import annotations

from plait.report import figure_words as words
from plait.report import headlines
from plait.report.asked import (
    AS_A_WHOLE,
    CELL,
    LINES,
    NO_ESTIMATE,
    NUMBERS,
    Asked,
    asked_of,
    drawn,
    p_value,
    published_by,
    tested_as_a_whole,
)
from plait.report.figure_content import Content, in_order, nothing_to_show
from plait.report.figure_plan import FigurePlan
from plait.report.overview_figures import asked_by_all, nets, overview
from plait.report.published import Published
from plait.study.definition import Definition, Survey

MOST_ROWS = 60
"""Rows of a comparison figure; of a longer list of options the first are shown, most chosen first."""
_BARS = [*CELL, *NUMBERS]
_LIKERT = ["group", "group_label", "base_unweighted", *CELL, "measure", "per_cent", "marker"]
_COMPARE = [*CELL, "group", "group_label", *NUMBERS]
_NUMBERS_OF = ["measure", "group", "group_label", "value", "ci_low", "ci_high", "base_unweighted", "marker"]
_WEIGHTS = ["weight_set", "weight_set_label", "low", "high", "respondents", "marker"]


def survey_content(plan: FigurePlan, published: Published, definition: Definition) -> Content:
    """What a figure of the survey strand shows."""
    survey = definition.survey
    assert survey is not None
    if plan.kind == "weights":
        return _weights(published, definition, survey)
    if plan.kind == "nets":
        return nets(published, definition, survey)
    if plan.kind == "numbers":
        return _numbers(plan, published, definition, survey)
    if plan.kind == "overview":
        return overview(asked_by_all(plan, published, definition, survey))
    asked = asked_of(plan, published, definition, survey)
    return {"bars": _bars, "likert": _scale, "stacked": _scale, "compare": _compare}[plan.kind](asked)


def _bars(asked: Asked) -> Content:
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


def _scale(asked: Asked) -> Content:
    from plait.report import likert_chart

    stack, columns = _steps(asked)
    layout = likert_chart.from_one_line if asked.survey.is_unipolar(asked.name) else likert_chart.from_the_middle
    rows = asked.rows[asked.rows["option"].isin([*stack, *columns])]
    known = drawn(rows)
    whole = known.groupby("group")["option"].transform("nunique") == len(stack) + len(columns)
    shown = known[whole]
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
        lambda text: likert_chart.likert(shown, text, layout(stack, columns)),
    )


def _steps(asked: Asked) -> tuple[tuple[str, ...], tuple[str, ...]]:
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


def _compare(asked: Asked) -> Content:
    from plait.report import dot_chart

    order, notes = _compared(asked)
    rows = asked.rows[asked.rows["option"].isin(order)]
    shown = in_order(drawn(rows), "option", order)
    groups = shown[shown["group"] != ""]
    if groups.empty:
        return asked.nothing(_COMPARE, rows[rows["group"] != ""])
    shown = shown[shown["option"].isin(groups["option"])]
    p_values = {option: p for option in order if (p := p_value(asked.tests, option)) is not None}
    intervals = [LINES] if groups["ci_low"].notna().any() else []
    intervals += ["Upright line: everyone."] if (shown["group"] == "").any() else []
    intervals += [AS_A_WHOLE] if p_values and any(tested_as_a_whole(asked.tests, o) for o in p_values) else []
    return Content(
        shown[_COMPARE],
        headlines.about(asked.label, headlines.compare_title(groups, asked.survey.label_of(asked.by), p_values)),
        asked.subtitle,
        intervals + notes + words.hidden_groups(rows, shown) + words.marks(shown),
        lambda text: dot_chart.compare(shown, text),
    )


def _compared(asked: Asked) -> tuple[list[str], list[str]]:
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


def _numbers(plan: FigurePlan, published: Published, definition: Definition, survey: Survey) -> Content:
    """The mean of a number (its median where no mean is made), for everyone and for the groups of a break."""
    from plait.report import dot_chart

    rows = published.survey_numbers
    rows = rows[rows["question"] == plan.subject]
    by = published_by(rows, plan.by, survey)
    rows = rows[rows["break"].isin(["", by])]
    measure = next((m for m in ("mean", "median", *rows["measure"]) if (rows["measure"] == m).any()), "")
    rows = rows[rows["measure"] == measure]
    rows = in_order(rows, "group", ["", *(survey.groups_of(by) if by else ())])
    shown = rows[rows["value"].notna()]
    label = survey.label_of(plan.subject)
    subtitle = words.survey_subtitle(definition, survey, plan.subject, rows, measure.replace("_", " "))
    hidden = words.hidden_groups(rows, shown)
    if shown.empty:
        why = hidden or [NO_ESTIMATE]
        return nothing_to_show(label, shown[_NUMBERS_OF], subtitle, why)
    tests = published.survey_tests
    tests = tests[(tests["question"] == plan.subject) & (tests["break"] == by)]
    by_label, unit = survey.label_of(by) if by else "", survey.questions[plan.subject].unit
    return Content(
        shown[_NUMBERS_OF],
        headlines.about(label, headlines.numbers_title(shown, by_label, unit, p_value(tests, "") if by else None)),
        subtitle,
        [LINES, *hidden, *words.marks(shown)],
        lambda text: dot_chart.numbers(shown, text),
    )


def _weights(published: Published, definition: Definition, survey: Survey) -> Content:
    """How many respondents carry which weight, set by set."""
    from plait.report import charts

    rows = published.weight_distribution
    shown = rows[rows["respondents"].notna() & (rows["respondents"] > 0)]
    subtitle = words.weights_subtitle(definition, survey)
    if shown.empty or published.weighting.empty:
        return nothing_to_show("Weights", shown[_WEIGHTS], subtitle, ["No weights are published."])
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
