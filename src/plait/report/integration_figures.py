"""Figures of what brings the strands together: the joint display, and how far headline numbers move."""

from __future__ import annotations

from plait.report import figure_words as words
from plait.report.figure_content import Content, nothing_to_show
from plait.report.figure_plan import FigurePlan
from plait.report.published import Published
from plait.study.definition import Definition

_JOINT = ["construct", "label", "fit", "strand", "origin", "origin_label", "item", "item_label"]
_JOINT += ["per_cent", "ci_low", "ci_high", "n", "of", "marker"]
_ROBUSTNESS = ["claim", "number", "printed", "cell", "alternative", "unit", "value", "ci_low", "ci_high", "base"]
_ROBUSTNESS += ["inside", "marker"]


def integration_content(plan: FigurePlan, published: Published, definition: Definition) -> Content:
    """What a figure of both strands shows."""
    made = _joint if plan.kind == "joint" else _robustness
    return made(published, definition)


def _joint(published: Published, definition: Definition) -> Content:
    from plait.report import charts

    rows = published.joint_display.drop_duplicates(["construct", "strand", "origin", "item"])
    survey = rows["strand"] == "survey"
    has_number = (survey & rows["per_cent"].notna()) | (~survey & rows["n"].notna() & (rows["of"] > 0))
    shown = rows[has_number & (rows["marker"] != "c")]
    subtitle = words.joint_subtitle(definition)
    if shown.empty:
        return nothing_to_show("Joint display", shown[_JOINT], subtitle, ["No linked number is published."])
    hidden = len(rows) - len(shown)
    notes = ["Bars fill their track at 100%; few people are shown one by one, as dots."]
    notes += [f"Not shown, withheld: {hidden} linked numbers."] if hidden else []
    return Content(
        shown[_JOINT],
        words.joint_title(shown),
        subtitle,
        notes + words.marks(shown.assign(base_unweighted=shown["of"].mask(shown["strand"] != "survey"))),
        lambda text: charts.joint(shown, text),
    )


def _robustness(published: Published, definition: Definition) -> Content:
    """The shares among the headline numbers, each with what other choices make of it; others are in the table."""
    from plait.report import robustness_chart

    rows = published.robustness
    shares = rows[(rows["unit"] == "per_cent") | ((rows["unit"] == "count") & (rows["base"] > 0))]
    comparable = (shares["alternative"] == "") | shares["difference"].notna()
    shown = shares[shares["value"].notna() & comparable]
    touched = shown.groupby(["claim", "number"])["alternative"].transform("size") > 1
    has_main = (shown["alternative"] == "").groupby([shown["claim"], shown["number"]]).transform("any")
    shown = shown[touched & has_main]
    subtitle = words.robustness_subtitle(definition)
    if shown.empty:
        why = ["No other choice has a number that can be shown."]
        return nothing_to_show("Other choices", shown[_ROBUSTNESS], subtitle, why)
    hidden = int((rows["value"].isna() & rows["marker"].isin(["c", "u"])).sum())
    notes = ["Filled dot and whisker: as reported, with its 95% interval. Open dots: other choices, one each."]
    notes += [f"Not shown, withheld: {hidden} number{'s' * (hidden > 1)}."] if hidden else []
    return Content(
        shown[_ROBUSTNESS],
        words.robustness_title(shown),
        subtitle,
        notes + words.marks(shown),
        lambda text: robustness_chart.robustness(shown, text),
    )
