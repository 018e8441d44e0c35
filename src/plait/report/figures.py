"""Every figure of a study, drawn in one process from its published tables.

A planned figure is always written. Where its numbers were withheld or are missing, it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from plait import tables
from plait.report import figure_words as words
from plait.report.figure_plan import EMPTY, FigurePlan, planned_figures
from plait.report.figure_words import Words
from plait.report.published import Published
from plait.study.definition import Collection, Definition, Question, Survey

if TYPE_CHECKING:  # drawing is imported where it happens: readers of the index need no matplotlib
    from matplotlib.figure import Figure

INDEX = tables.Table("figures", dict.fromkeys(("name", "kind", "title", "subtitle", "alt", "footnote"), tables.TEXT))
MOST_BARS = 60
"""Rows of a comparison figure; of a longer list of options the first are shown, most chosen first."""
_CELL = ["option", "option_label"]
_NUMBERS = ["per_cent", "ci_low", "ci_high", "base_unweighted", "marker"]
_BARS = [*_CELL, *_NUMBERS]
_LIKERT = ["group", "group_label", "base_unweighted", *_CELL, "measure", "per_cent", "marker"]
_COMPARE = [*_CELL, "group", "group_label", *_NUMBERS]
_NUMBERS_OF = ["measure", "group", "group_label", "value", "ci_low", "ci_high", "base_unweighted", "marker"]
_WEIGHTS = ["weight_set", "weight_set_label", "low", "high", "respondents", "marker"]
_THEMES = ["theme", "theme_label", "unit", "n", "of", "per_cent", "marker"]
_HEAT = ["theme", "theme_label", "by", "group", "group_label", "unit", "n", "of", "per_cent", "marker"]
_CURVE = ["n", "codes_in_order", "new", "mean", "low", "high"]
_JOINT = ["construct", "label", "fit", "strand", "origin", "origin_label", "item", "item_label"]
_JOINT += ["per_cent", "ci_low", "ci_high", "n", "of", "marker"]
_PICTURE = {
    "bars": "Bar chart",
    "likert": "Diverging stacked bar chart",
    "compare": "Grouped bar chart with 95% intervals",
    "numbers": "Dot chart with 95% intervals",
    "weights": "Bar chart",
    "themes": "Bar chart",
    "heat": "Table of counts, shaded by share",
    "saturation": "Line chart",
    "joint": "Joint display",
}


@dataclass(frozen=True)
class _Content:
    """What a figure shows: its data, its words, and how it is drawn (None where there is nothing to draw)."""

    data: pd.DataFrame
    title: str
    subtitle: str
    notes: list[str]
    draw: Callable[[Words], Figure] | None


def draw_figures(published: Published, definition: Definition, folder: Path) -> None:
    """Draw every planned figure of a study as SVG and PNG, each beside the data it shows, and write their index.

    Args:
        published: The published tables; nothing else is read.
        definition: The study definition.
        folder: Where `<name>.svg`, `<name>.png`, `<name>.csv` and `figures.csv` go.
    """
    from plait.report import charts

    entries: list[dict[str, object]] = []
    with charts.settings():
        for plan in planned_figures(definition):
            content = _content(plan, published, definition)
            text = _words(content, definition, _marks_of_weights(plan, published))
            figure = content.draw(text) if content.draw else charts.nothing(text)
            for kind in charts.FORMATS:
                with tables.whole_file(folder / f"{plan.name}.{kind}") as part:
                    charts.save(figure, text.title, part, kind)
            tables.write_csv(content.data, folder / f"{plan.name}.csv")
            entries.append(_entry(plan, content, text))
    tables.write_csv(INDEX.of(pd.DataFrame(entries, columns=list(INDEX.columns))), folder / "figures.csv")


def read_index(folder: Path) -> pd.DataFrame:
    """Read which figures there are and what they say; columns of `INDEX`."""
    return tables.read_csv(folder / "figures.csv", INDEX)


def _words(content: _Content, definition: Definition, marks: list[str]) -> Words:
    footnote = " ".join([*content.notes, *marks, words.source(definition)])
    return Words(content.title, content.subtitle, footnote)


def _entry(plan: FigurePlan, content: _Content, text: Words) -> dict[str, object]:
    picture = _PICTURE[plan.kind] if content.draw else "Empty figure"
    alt = f"{picture}: {text.title}. The numbers are in the table beside this figure."
    return {
        "name": plan.name,
        "kind": plan.kind if content.draw else EMPTY,
        "title": text.title,
        "subtitle": text.subtitle,
        "alt": alt if content.draw else f"{picture}: {text.title}.",
        "footnote": text.footnote,
    }


def _marks_of_weights(plan: FigurePlan, published: Published) -> list[str]:
    """What must be said where a figure shows numbers that are weighted to illustrative targets."""
    profile = published.sample_profile
    graded = list(dict.fromkeys(profile.loc[profile["target_grade"] == "illustrative", "variable_label"]))
    if plan.kind == "joint":
        weighted = bool((published.joint_display["weight_set"] != "").any())
    else:
        table = published.survey_numbers if plan.kind == "numbers" else published.survey_estimates
        asked = table.loc[table["question"] == plan.subject, "weight_set"]
        weighted = plan.kind == "weights" or bool((asked != "").any())
    return [words.illustrative(graded)] if graded and weighted else []


def _content(plan: FigurePlan, published: Published, definition: Definition) -> _Content:
    if plan.kind == "joint":
        return _joint(published, definition)
    if plan.kind in _OF_TEXTS:
        assert definition.coded_text is not None
        return _OF_TEXTS[plan.kind](plan, definition.coded_text.collections[plan.subject], published, definition)
    assert definition.survey is not None
    if plan.kind == "weights":
        return _weights(published, definition, definition.survey)
    if plan.kind == "numbers":
        return _numbers(plan, published, definition, definition.survey)
    asked = _asked(plan, published, definition, definition.survey)
    return {"bars": _bars, "likert": _likert, "compare": _compare}[plan.kind](asked)


# --- survey -----------------------------------------------------------------------------------------------------------


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

    def nothing(self, columns: list[str], rows: pd.DataFrame) -> _Content:
        """An empty figure that says why."""
        label = words.shorten(self.survey.label_of(self.name))
        why = words.hidden_groups(rows, rows.iloc[:0]) or ["The published tables have no estimate for this figure."]
        return _Content(rows.iloc[:0][columns], f"{label}: nothing to show", self.subtitle, why, None)


def _asked(plan: FigurePlan, published: Published, definition: Definition, survey: Survey) -> _Asked:
    rows = published.survey_estimates
    rows = rows[rows["question"] == plan.subject]
    plan = replace(plan, by=_published_by(rows, plan.by, survey))
    rows = _one_grain(rows[rows["break"].isin(["", plan.by])], plan.by).drop_duplicates(
        ["option", "measure", "break", "group"]
    )
    rows = _in_order(rows, "option", [*survey.options_of(plan.subject), *survey.nets_of(plan.subject)])
    rows = _in_order(rows, "group", ["", *(survey.groups_of(plan.by) if plan.by else ())])
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


def _published_by(rows: pd.DataFrame, by: str, survey: Survey) -> str:
    """The break of a figure, or the coarser variable that a question is published by in its place."""
    while by in survey.merge_small and not (rows["break"] == by).any():
        by = survey.merge_small[by]
    return by


def _in_order(rows: pd.DataFrame, column: str, order: Sequence[str]) -> pd.DataFrame:
    """Rows in the order of the values of a column; values that are not in it come last."""
    place = {value: i for i, value in enumerate(order)}
    keyed = rows.assign(place=[place.get(value, len(place)) for value in rows[column]])
    return keyed.sort_values("place", kind="stable").drop(columns="place")


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


def _bars(asked: _Asked) -> _Content:
    from plait.report import charts

    shown = asked.ranked
    everyone = asked.rows[(asked.rows["group"] == "") & (asked.rows["measure"] == "share")]
    if shown.empty:
        return asked.nothing(_BARS, everyone)
    several = asked.question.type == "multi"
    in_ranking = shown[~shown["option"].isin(asked.aside)]
    notes = ["Several answers could be chosen."] if several else []
    notes += ["Small figures: 95% interval."] if shown["ci_low"].notna().any() else []
    return _Content(
        shown[_BARS],
        words.bars_title(in_ranking if len(in_ranking) else shown, several),
        asked.subtitle,
        notes + words.hidden_groups(everyone, shown) + words.marks(shown),
        lambda text: charts.bars(shown, text, asked.aside),
    )


def _likert(asked: _Asked) -> _Content:
    from plait.report import charts

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
    return _Content(
        shown[_LIKERT],
        words.likert_title(everyone[everyone["option"].isin(stack)], nets),
        asked.subtitle,
        notes + words.hidden_groups(rows, shown) + words.marks(shown),
        lambda text: charts.likert(shown, text, charts.Steps(stack, columns)),
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


def _compare(asked: _Asked) -> _Content:
    from plait.report import charts

    order, notes = _compared(asked)
    rows = asked.rows[asked.rows["option"].isin(order)]
    shown = _in_order(_drawn(rows), "option", order)
    groups = shown[shown["group"] != ""]
    if groups.empty:
        return asked.nothing(_COMPARE, rows[rows["group"] != ""])
    shown = shown[shown["option"].isin(groups["option"])]
    p_values = {option: p for option in order if (p := _p_value(asked, option)) is not None}
    intervals = ["Whiskers: 95% intervals."] if groups["ci_low"].notna().any() else []
    intervals += ["Upright line: everyone."] if (shown["group"] == "").any() else []
    return _Content(
        shown[_COMPARE],
        words.compare_title(groups, asked.survey.label_of(asked.by), p_values),
        asked.subtitle,
        intervals + notes + words.hidden_groups(rows, shown) + words.marks(shown),
        lambda text: charts.compare(shown, text),
    )


def _compared(asked: _Asked) -> tuple[list[str], list[str]]:
    """The options that are compared, in order, and a note where some are left out."""
    nets = [n for n in asked.survey.nets_of(asked.name) if (asked.rows["option"] == n).any()]
    if asked.survey.is_ordered(asked.name) and nets:
        return nets[:1], []
    if asked.survey.is_ordered(asked.name):
        return list(asked.survey.options_of(asked.name)), []
    order = list(asked.ranked["option"]) or list(asked.survey.options_of(asked.name))
    most = max(MOST_BARS // max(asked.rows["group"].nunique() - 1, 1), 1)
    left_out = len(order) - most
    if left_out <= 0:
        return order, []
    return order[:most], [f"Left out for want of space: {left_out} of {len(order)} answers."]


def _p_value(asked: _Asked, option: str) -> float | None:
    """The adjusted p value of an option's test, or of the whole question's where options were not tested one by one."""
    for name in (option, ""):
        found = asked.tests[(asked.tests["option"] == name) & asked.tests["p_adjusted"].notna()]
        if len(found):
            return float(found["p_adjusted"].iloc[0])
    return None


def _numbers(plan: FigurePlan, published: Published, definition: Definition, survey: Survey) -> _Content:
    """The mean of a number (its median where no mean is made), for everyone and for the groups of a break."""
    from plait.report import charts

    rows = published.survey_numbers
    rows = rows[rows["question"] == plan.subject]
    plan = replace(plan, by=_published_by(rows, plan.by, survey))
    rows = rows[rows["break"].isin(["", plan.by])]
    measure = next((m for m in ("mean", "median", *rows["measure"]) if (rows["measure"] == m).any()), "")
    rows = rows[rows["measure"] == measure]
    rows = _in_order(rows, "group", ["", *(survey.groups_of(plan.by) if plan.by else ())])
    shown = rows[rows["value"].notna()]
    label = words.shorten(survey.label_of(plan.subject))
    subtitle = words.survey_subtitle(definition, survey, plan.subject, rows, measure.replace("_", " "))
    hidden = words.hidden_groups(rows, shown)
    if shown.empty:
        why = hidden or ["The published tables have no estimate for this figure."]
        return _Content(shown[_NUMBERS_OF], f"{label}: nothing to show", subtitle, why, None)
    unit = survey.questions[plan.subject].unit
    return _Content(
        shown[_NUMBERS_OF],
        words.numbers_title(shown, label, survey.label_of(plan.by) if plan.by else "", unit),
        subtitle,
        ["Whiskers: 95% intervals.", *hidden, *words.marks(shown)],
        lambda text: charts.numbers(shown, text),
    )


def _weights(published: Published, definition: Definition, survey: Survey) -> _Content:
    """How many respondents carry which weight, set by set."""
    from plait.report import charts

    rows = published.weight_distribution
    shown = rows[rows["respondents"].notna() & (rows["respondents"] > 0)]
    subtitle = words.weights_subtitle(definition, survey)
    if shown.empty or published.weighting.empty:
        return _Content(shown[_WEIGHTS], "Weights: nothing to show", subtitle, ["No weights are published."], None)
    hidden = int((rows["marker"] == "c").sum())
    notes = ["A weight of 1 is the mean."]
    notes += [f"Not shown, suppressed for confidentiality: {hidden} of {len(rows)} classes."] if hidden else []
    return _Content(
        shown[_WEIGHTS],
        words.weights_title(published.weighting),
        subtitle,
        notes,
        lambda text: charts.weights(shown, text),
    )


# --- coded text and integration ---------------------------------------------------------------------------------------


def _themes(plan: FigurePlan, collection: Collection, published: Published, definition: Definition) -> _Content:
    from plait.report import charts

    rows = published.theme_counts
    rows = rows[(rows["collection"] == plan.subject) & (rows["level"] == "theme") & (rows["by"] == "")]
    unit = "sources" if collection.mode == "open_text" else "cases"
    rows = rows[rows["unit"] == unit]
    known = rows[rows["n"].notna() & (rows["of"] > 0) & (rows["marker"] != "c")]
    shown = known[known["n"] > 0]
    shown = shown.assign(down=-shown["n"]).sort_values("down", kind="stable")
    of = int(shown["of"].iloc[0]) if len(shown) else None
    subtitle = words.themes_subtitle(definition, collection, unit, of)
    absent = [words.shorten(label, 60) for label in known.loc[known["n"] == 0, "theme_label"]]
    hidden = len(rows) - len(known)
    notes = [f"Found nowhere in this collection: {words.named(absent)}."] if absent else []
    notes += [f"Not shown, suppressed for confidentiality: {hidden} theme{'s' * (hidden > 1)}."] if hidden else []
    if shown.empty:
        why = notes or ["The published tables have no theme counts for this figure."]
        title = f"{words.shorten(collection.label)}: nothing to show"
        return _Content(shown[_THEMES], title, subtitle, why, None)
    return _Content(
        shown[_THEMES],
        words.themes_title(shown),
        subtitle,
        [f"Themes overlap, so that counts do not add up to {of:,}.", *notes],
        lambda text: charts.themes(shown, text),
    )


def _heat(plan: FigurePlan, collection: Collection, published: Published, definition: Definition) -> _Content:
    """Themes by the groups of a break, the most frequent theme first; those found nowhere are named below."""
    from plait.report import heat_chart

    rows = published.theme_counts
    rows = rows[(rows["collection"] == plan.subject) & (rows["level"] == "theme") & rows["by"].isin(["", plan.by])]
    unit = "sources" if collection.mode == "open_text" else "cases"
    rows = rows[rows["unit"] == unit]
    rows = rows.assign(n=rows["n"].mask(rows["marker"] == "c"))
    everyone = rows[rows["by"] == ""].assign(down=-rows["n"].fillna(0))
    found = set(rows.loc[rows["n"].isna() | (rows["n"] > 0), "theme"])
    ranked = everyone.sort_values("down", kind="stable")
    order = [theme for theme in ranked["theme"] if theme in found]
    shown = _in_order(rows[rows["theme"].isin(order)], "theme", order)
    shown = _in_order(shown, "group", [""])
    groups = shown[shown["group"] != ""]
    of = everyone["of"].dropna()
    by = collection.breaks[plan.by]
    subtitle = words.themes_subtitle(definition, collection, unit, int(of.iloc[0]) if len(of) else None, by)
    if groups.empty or not groups["n"].notna().any():
        why = ["The published tables have no theme counts by group for this figure."]
        if len(groups):
            why = ["Not shown, suppressed for confidentiality: every count."]
        return _Content(shown.iloc[:0][_HEAT], f"{words.shorten(by)}: nothing to show", subtitle, why, None)
    absent = [words.shorten(label, 60) for label in ranked.loc[~ranked["theme"].isin(order), "theme_label"]]
    notes = ["[c] suppressed for confidentiality."] if (groups["marker"] == "c").any() else []
    notes += [f"Found nowhere in this collection: {words.named(absent)}."] if absent else []
    return _Content(
        shown[_HEAT],
        words.heat_title(shown, by),
        subtitle,
        ["Colours: share of the group.", *notes],
        lambda text: heat_chart.heat(shown, text),
    )


def _saturation(plan: FigurePlan, collection: Collection, published: Published, definition: Definition) -> _Content:
    from plait.report import saturation_chart

    tables_of = (published.saturation_curve, published.saturation, published.saturation_summary)
    curve, measure, summary = (table[table["collection"] == plan.subject] for table in tables_of)
    subtitle = words.saturation_subtitle(definition, collection)
    if curve.empty or summary.empty or not (curve["codes_in_order"] > 0).any():
        why = ["The published tables have no codes for this figure."]
        return _Content(curve[_CURVE], f"{words.shorten(collection.label)}: nothing to show", subtitle, why, None)
    unit = words.unit_in_words(collection, str(summary["unit"].iloc[0]))
    order = "In order of collection" if summary["order"].iloc[0] else "In order of the files"
    return _Content(
        curve[_CURVE],
        words.saturation_title(curve, measure, unit),
        subtitle,
        [words.saturation_note(summary.iloc[0])],
        lambda text: saturation_chart.saturation(curve, text, unit, order),
    )


_OF_TEXTS = {"themes": _themes, "heat": _heat, "saturation": _saturation}


def _joint(published: Published, definition: Definition) -> _Content:
    from plait.report import charts

    rows = published.joint_display.drop_duplicates(["construct", "strand", "origin", "item"])
    survey = rows["strand"] == "survey"
    has_number = (survey & rows["per_cent"].notna()) | (~survey & rows["n"].notna() & (rows["of"] > 0))
    shown = rows[has_number & (rows["marker"] != "c")]
    subtitle = words.joint_subtitle(definition)
    if shown.empty:
        return _Content(
            shown[_JOINT], "Joint display: nothing to show", subtitle, ["No linked number is published."], None
        )
    hidden = len(rows) - len(shown)
    notes = ["Bars fill their track at 100%; few people are shown one by one, as dots."]
    notes += [f"Not shown, withheld: {hidden} linked numbers."] if hidden else []
    return _Content(
        shown[_JOINT],
        words.joint_title(shown),
        subtitle,
        notes + words.marks(shown.assign(base_unweighted=shown["of"].mask(shown["strand"] != "survey"))),
        lambda text: charts.joint(shown, text),
    )
