"""Figures that give the whole at a glance: one answer by all breaks, and the nets of all questions."""

from __future__ import annotations

import pandas as pd

from plait.report import figure_words as words
from plait.report import headlines
from plait.report.asked import (
    AS_A_WHOLE,
    CELL,
    LINES,
    NO_ESTIMATE,
    NUMBERS,
    Asked,
    drawn,
    p_value,
    ranked_rows,
    tested_as_a_whole,
)
from plait.report.figure_content import Content, in_order, nothing_to_show
from plait.report.figure_plan import FigurePlan
from plait.report.published import Published
from plait.study.definition import Definition, Survey

MOST_OVERVIEW = 120
"""Rows of an overview; of more breaks the first are shown."""
_OVERVIEW = [*CELL, "measure", "break", "break_label", "group", "group_label", *NUMBERS]
_BY_CHANCE = "Of twenty tests, one or so finds a difference by chance."
_NETS = ["question", "question_label", *CELL, *NUMBERS]


def asked_by_all(plan: FigurePlan, published: Published, definition: Definition, survey: Survey) -> Asked:
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
    return Asked(definition, survey, plan.subject, survey.questions[plan.subject], "", rows, tests)


def overview(asked: Asked) -> Content:
    """A question's leading net, where it is a scale that has nets, or else its leading option, by every break."""
    from plait.report import dot_chart

    option = _leading(asked)
    rows = asked.rows[asked.rows["option"] == option]
    rows = rows.assign(**{c: rows[c].mask(rows["marker"] == "c") for c in ("per_cent", "ci_low", "ci_high")})
    everyone, groups = rows[rows["group"] == ""], rows[rows["group"] != ""]
    everybody = _of_one_group(groups)
    several = groups[~groups["break"].isin(everybody)]
    shown = several[several.groupby("break", sort=False)["per_cent"].transform("count") > 0]
    if everyone.empty or shown.empty:
        return asked.nothing(_OVERVIEW, groups if len(everyone) else asked.rows[asked.rows["group"] == ""])
    labels = dict(zip(groups["break"], groups["break_label"], strict=True))
    alike = [words.shorten(labels[by], 60) for by in everybody]
    unseen = [words.shorten(labels[by], 60) for by in labels if by not in {*shown["break"], *everybody}]
    breaks = list(shown["break"].unique())
    while len(shown) > MOST_OVERVIEW and len(breaks) > 1:
        shown = shown[shown["break"] != breaks.pop()]
    left_out = len(labels) - len(alike) - len(unseen) - len(breaks)
    tests = {by: asked.tests[asked.tests["break"] == by] for by in breaks}
    tested = {by: p for by in breaks if (p := p_value(tests[by], option)) is not None}
    notes = [LINES, "Upright line: everyone."]
    notes += [_BY_CHANCE] if len(tested) > 1 else []
    notes += [AS_A_WHOLE] if any(tested_as_a_whole(tests[by], option) for by in tested) else []
    notes += [f"Left out, no group can be shown: {words.named(unseen)}."] if unseen else []
    notes += [f"Left out, everyone is in one group: {words.named(alike)}."] if alike else []
    notes += [f"Left out for want of space: {left_out} characteristic{'s' * (left_out > 1)}."] if left_out else []
    known = shown[shown["per_cent"].notna()]
    p_values = [(labels[by], p) for by, p in tested.items()]
    shown = pd.concat([everyone, shown])
    return Content(
        shown[_OVERVIEW],
        headlines.about(asked.label, headlines.overview_title(everyone.iloc[0], known, p_values)),
        asked.subtitle,
        notes + words.withheld(shown) + words.marks(pd.concat([everyone, known])),
        lambda text: dot_chart.overview(shown, text),
    )


def _of_one_group(groups: pd.DataFrame) -> list[str]:
    """The breaks with people in one group only, which shows everyone once more."""
    with_people = (groups["marker"] != "z").groupby(groups["break"], sort=False).sum()
    return [str(by) for by, number in with_people.items() if number == 1]


def _leading(asked: Asked) -> str:
    """The net (of a scale) or option that most of everyone chose; "" where none is published."""
    everyone = drawn(asked.rows[asked.rows["group"] == ""])
    nets = everyone[everyone["measure"] == "net"] if asked.question.scale else everyone.iloc[:0]
    ranked = ranked_rows(nets if len(nets) else everyone[everyone["measure"] == "share"], asked.aside)
    return str(ranked["option"].iloc[0]) if len(ranked) else ""


def nets(published: Published, definition: Definition, survey: Survey) -> Content:
    """The nets of all questions: those that several questions share side by side, then those of one question."""
    from plait.report import dot_chart

    rows = published.survey_estimates
    rows = rows[(rows["measure"] == "net") & (rows["break"] == "")].drop_duplicates(["question", "option"])
    rows = in_order(rows, "question", list(survey.questions))
    shown = drawn(rows)
    subtitle = words.nets_subtitle(definition, rows)
    if shown.empty:
        why = words.hidden_nets(rows, shown) or [NO_ESTIMATE]
        return nothing_to_show("Nets of all questions", shown[_NETS], subtitle, why)
    alone = shown.groupby("option_label")["question"].transform("nunique") == 1
    both = shown["question_label"] + ": " + shown["option_label"]
    shown = shown.assign(
        section=shown["option_label"].mask(alone, ""), row_label=shown["question_label"].mask(alone, both)
    )
    sections = list(shown["section"].unique())
    shown = shown.assign(down=-shown["per_cent"]).sort_values("down", kind="stable").drop(columns="down")
    shown = in_order(shown, "section", [*filter(None, sections), ""])
    return Content(
        shown[_NETS],
        headlines.nets_title(shown),
        subtitle,
        [LINES, *words.hidden_nets(rows, shown), *words.marks(shown)],
        lambda text: dot_chart.nets(shown, text),
    )
