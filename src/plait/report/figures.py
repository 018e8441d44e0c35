"""Every figure of a study, drawn in one process from its published tables.

A planned figure is always written. Where its numbers were withheld or are missing, it says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pandas as pd

from plait import tables
from plait.disclosure.rules import PROFILES, Rules, marked
from plait.report import figure_words as words
from plait.report.figure_content import Content
from plait.report.figure_files import FORMATS, Drawing, write_files
from plait.report.figure_plan import EMPTY, FigurePlan, Kind, planned_figures
from plait.report.figure_words import Words
from plait.report.integration_figures import integration_content
from plait.report.published import Published
from plait.report.survey_figures import survey_content
from plait.report.text_figures import text_content
from plait.study.definition import Definition

INDEX = tables.Table("figures", dict.fromkeys(("name", "kind", "title", "subtitle", "alt", "footnote"), tables.TEXT))
_OF_TEXTS = ("themes", "heat", "together", "saturation")
_OF_BOTH = ("joint", "robustness")
_PICTURE = {
    "bars": "Bar chart",
    "likert": "Diverging stacked bar chart",
    "stacked": "Stacked bar chart",
    "compare": "Dot chart of groups with 95% intervals",
    "overview": "Dot chart of all groups with 95% intervals",
    "nets": "Dot chart with 95% intervals",
    "numbers": "Dot chart with 95% intervals",
    "weights": "Bar chart",
    "themes": "Bar chart",
    "heat": "Table of counts, shaded by share",
    "together": "Table of counts of pairs, shaded by Jaccard\u2019s index",
    "saturation": "Line chart",
    "joint": "Joint display",
    "robustness": "Dot chart with 95% intervals",
}
_TABLE = {
    "nets": "the tables of the questions",
    "overview": "the tables by characteristic beside this figure",
}
"""Where the numbers of a figure are, if not in one table beside it."""


def draw_figures(published: Published, definition: Definition, folder: Path, rules: Rules = PROFILES["public"]) -> None:
    """Draw every planned figure of a study as SVG, PNG and PDF, beside the data that it shows, and write their index.

    Figures of an earlier run that are planned no more are removed: the tables may say something else by now.

    Args:
        published: The published tables; nothing else is read.
        definition: The study definition.
        folder: Where `<name>.svg`, `<name>.png`, `<name>.pdf`, `<name>.csv` and `figures.csv` go.
        rules: The disclosure rules that the tables passed; what outputs must say of them is said by every figure and
            in every row of its data.
    """
    from plait.report import sheet  # drawing is imported where it happens: readers of the index need no matplotlib

    mark = words.mark_of(definition, rules.mark)
    entries: list[dict[str, str]] = []
    plans = planned_figures(definition)
    _remove_others(folder, {plan.name for plan in plans})
    with sheet.settings():
        for plan in plans:
            content = _content(plan, published, definition)
            footnote = " ".join([*content.notes, *_marks_of_weights(plan, published), words.source(definition)])
            text = Words(content.title, content.subtitle, footnote, mark)
            figure = content.draw(text) if content.draw else sheet.nothing(text)
            entry = _entry(plan, content, text)
            write_files(Drawing(sheet.as_svg(figure, text.title), entry["title"], entry["alt"]), folder, plan.name)
            tables.write_csv(marked(content.data, rules), folder / f"{plan.name}.csv")
            entries.append(entry)
    tables.write_csv(INDEX.of(pd.DataFrame(entries, columns=list(INDEX.columns))), folder / "figures.csv")


def _remove_others(folder: Path, planned: set[str]) -> None:
    ours = {f".{kind}" for kind in (*FORMATS, "csv")}
    for file in folder.glob("*"):
        if file.suffix in ours and file.stem.partition("_")[0] in get_args(Kind) and file.stem not in planned:
            file.unlink()


def read_index(folder: Path) -> pd.DataFrame:
    """Read which figures there are and what they say; columns of `INDEX`."""
    return tables.read_csv(folder / "figures.csv", INDEX)


def _entry(plan: FigurePlan, content: Content, text: Words) -> dict[str, str]:
    """What stands for a figure where it cannot be seen; the mark ends the footnote, so that it is read there, too."""
    picture = _PICTURE[plan.kind] if content.draw else "Empty figure"
    alt = f"{picture}: {text.title}. The numbers are in {_TABLE.get(plan.kind, 'the table beside this figure')}."
    return {
        "name": plan.name,
        "kind": plan.kind if content.draw else EMPTY,
        "title": text.title,
        "subtitle": text.subtitle,
        "alt": alt if content.draw else f"{picture}: {text.title}.",
        "footnote": f"{text.footnote} {text.mark}.".removesuffix(" ."),
    }


def _marks_of_weights(plan: FigurePlan, published: Published) -> list[str]:
    """What must be said where a figure shows numbers that are weighted to illustrative targets."""
    profile = published.sample_profile
    graded = list(dict.fromkeys(profile.loc[profile["target_grade"] == "illustrative", "variable_label"]))
    if plan.kind == "joint":
        weighted = bool((published.joint_display["weight_set"] != "").any())
    elif plan.kind == "robustness":
        weighted = bool(published.robustness["note"].str.contains("illustrative", regex=False).any())
    else:
        table = published.survey_numbers if plan.kind == "numbers" else published.survey_estimates
        asked = (table["measure"] == "net") if plan.kind == "nets" else (table["question"] == plan.subject)
        weighted = plan.kind == "weights" or bool((table.loc[asked, "weight_set"] != "").any())
    return [words.illustrative(graded)] if graded and weighted else []


def _content(plan: FigurePlan, published: Published, definition: Definition) -> Content:
    if plan.kind in _OF_BOTH:
        return integration_content(plan, published, definition)
    made = text_content if plan.kind in _OF_TEXTS else survey_content
    return made(plan, published, definition)
