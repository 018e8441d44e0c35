"""The figures of the coded-text strand, from its published counts."""

from __future__ import annotations

import pandas as pd

from plait.report import figure_words as words
from plait.report import headlines, text_headlines
from plait.report.figure_content import Content, in_order, nothing_to_show
from plait.report.figure_plan import FigurePlan
from plait.report.published import Published
from plait.study.definition import Collection, Definition

MOST_THEMES = 14
"""Themes of the chart of what comes together; of more the most frequent are shown."""
MOST_HIDDEN = 2 / 3
"""A table of counts of which more than this share is withheld is no figure."""
_THEMES = ["theme", "theme_label", "unit", "n", "of", "per_cent", "marker"]
_HEAT = ["theme", "theme_label", "by", "group", "group_label", "unit", "n", "of", "per_cent", "marker"]
_TOGETHER = ["code_a", "code_a_label", "code_b", "code_b_label", "unit", "n_a", "n_b", "n_both", "n_units"]
_TOGETHER += ["jaccard", "phi", "marker"]
_CURVE = ["n", "codes_in_order", "new", "mean", "low", "high"]


def text_content(plan: FigurePlan, published: Published, definition: Definition) -> Content:
    """What a figure of the coded-text strand shows."""
    assert definition.coded_text is not None
    collection = definition.coded_text.collections[plan.subject]
    made = {"themes": _themes, "heat": _heat, "together": _together, "saturation": _saturation}[plan.kind]
    return made(plan, collection, published, definition)


def _themes(plan: FigurePlan, collection: Collection, published: Published, definition: Definition) -> Content:
    from plait.report import charts

    rows = published.theme_counts
    rows = rows[(rows["collection"] == plan.subject) & (rows["level"] == "theme") & (rows["by"] == "")]
    unit = collection.people_unit
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
        return nothing_to_show(collection.label, shown[_THEMES], subtitle, why)
    return Content(
        shown[_THEMES],
        headlines.about(collection.label, text_headlines.themes_title(shown)),
        subtitle,
        [f"Themes overlap, so that counts do not add up to {of:,}.", *notes],
        lambda text: charts.themes(shown, text),
    )


def _heat(plan: FigurePlan, collection: Collection, published: Published, definition: Definition) -> Content:
    """Themes by the groups of a break, the most frequent theme first; those found nowhere are named below."""
    from plait.report import heat_chart

    rows = published.theme_counts
    rows = rows[(rows["collection"] == plan.subject) & (rows["level"] == "theme") & rows["by"].isin(["", plan.by])]
    unit = collection.people_unit
    rows = rows[rows["unit"] == unit]
    rows = rows.assign(n=rows["n"].mask(rows["marker"] == "c"))
    everyone = rows[rows["by"] == ""].assign(down=-rows["n"].fillna(0))
    found = set(rows.loc[rows["n"].isna() | (rows["n"] > 0), "theme"])
    ranked = everyone.sort_values("down", kind="stable")
    order = [theme for theme in ranked["theme"] if theme in found]
    shown = in_order(rows[rows["theme"].isin(order)], "theme", order)
    shown = in_order(shown, "group", [""])
    groups = shown[shown["group"] != ""]
    of = everyone["of"].dropna()
    by = collection.breaks[plan.by]
    subtitle = words.themes_subtitle(definition, collection, unit, int(of.iloc[0]) if len(of) else None, by)
    if why := _too_little(groups):
        return nothing_to_show(
            f"{words.shorten(collection.label, 40)}, by {words.lower_first(by)}", shown.iloc[:0][_HEAT], subtitle, [why]
        )
    absent = [words.shorten(label, 60) for label in ranked.loc[~ranked["theme"].isin(order), "theme_label"]]
    notes = ["[c] suppressed for confidentiality."] if (groups["marker"] == "c").any() else []
    notes += [f"Found nowhere in this collection: {words.named(absent)}."] if absent else []
    return Content(
        shown[_HEAT],
        headlines.about(collection.label, text_headlines.heat_title(shown, by)),
        subtitle,
        ["Colours: share of the group.", *notes],
        lambda text: heat_chart.heat(shown, text),
    )


def _too_little(groups: pd.DataFrame) -> str:
    """Why counts by group make no figure; empty where they do."""
    if groups.empty:
        return "The published tables have no theme counts by group for this figure."
    told = groups[groups["n"].notna()]
    hidden = f"{len(groups) - len(told):,} of {len(groups):,} counts are suppressed for confidentiality"
    if told["group"].nunique() < min(2, groups["group"].nunique()):
        return f"Groups cannot be compared: {hidden}."
    return f"Too little can be shown: {hidden}." if len(told) < (1 - MOST_HIDDEN) * len(groups) else ""


def _together(plan: FigurePlan, collection: Collection, published: Published, definition: Definition) -> Content:
    """How often two themes come together; the most frequent themes, and every pair that meets."""
    from plait.report import together_chart

    unit = collection.people_unit
    themes = published.theme_counts
    themes = themes[(themes["collection"] == plan.subject) & (themes["level"] == "theme") & (themes["by"] == "")]
    themes = themes[(themes["unit"] == unit) & (themes["marker"] != "c") & (themes["n"] > 0)]
    themes = themes.assign(down=-themes["n"]).sort_values("down", kind="stable")
    order = list(themes["theme"])[:MOST_THEMES]
    pairs = published.cooccurrence
    pairs = pairs[(pairs["collection"] == plan.subject) & (pairs["level"] == "theme") & (pairs["unit"] == unit)]
    pairs = pairs.assign(n_both=pairs["n_both"].mask(pairs["marker"] == "c"))
    shown = pairs[pairs["code_a"].isin(order) & pairs["code_b"].isin(order)]
    counted = words.unit_in_words(collection, unit)
    subtitle = words.together_subtitle(definition, collection, counted, shown)
    told = shown[shown["n_both"].notna()]
    if told.empty or len(told) < (1 - MOST_HIDDEN) * len(shown):
        label = f"{words.shorten(collection.label, 40)}, themes that come together"
        hidden = f"{len(shown) - len(told):,} of {len(shown):,} counts are suppressed for confidentiality"
        why = f"Too little can be shown: {hidden}." if len(shown) else "No two themes come together."
        return nothing_to_show(label, shown.iloc[:0][_TOGETHER], subtitle, [why])
    rows = themes.set_index("theme").loc[order, ["theme_label", "n"]].reset_index()
    left_out = len(themes) - len(order)
    notes = ["Colours: of those with either theme, the share with both (Jaccard\u2019s index)."]
    notes += ["Last in each row: the theme by itself."]
    notes += ["[c] suppressed for confidentiality."] if len(told) < len(shown) else []
    notes += [f"Left out for want of space: the {left_out} rarest themes."] if left_out > 0 else []
    return Content(
        shown[_TOGETHER],
        headlines.about(collection.label, text_headlines.together_title(told, counted, len(told) < len(shown))),
        subtitle,
        notes,
        lambda text: together_chart.together(rows, shown, text),
    )


def _saturation(plan: FigurePlan, collection: Collection, published: Published, definition: Definition) -> Content:
    from plait.report import saturation_chart

    tables_of = (published.saturation_curve, published.saturation, published.saturation_summary)
    curve, measure, summary = (table[table["collection"] == plan.subject] for table in tables_of)
    subtitle = words.saturation_subtitle(definition, collection)
    if curve.empty or summary.empty or not (curve["codes_in_order"] > 0).any():
        why = ["The published tables have no codes for this figure."]
        return nothing_to_show(collection.label, curve[_CURVE], subtitle, why)
    unit = words.unit_in_words(collection, str(summary["unit"].iloc[0]))
    order = "In order of collection" if summary["order"].iloc[0] else "In order of the files"
    return Content(
        curve[_CURVE],
        headlines.about(collection.label, text_headlines.saturation_title(curve, measure, unit)),
        subtitle,
        [words.saturation_note(summary.iloc[0])],
        lambda text: saturation_chart.saturation(curve, text, unit, order),
    )
