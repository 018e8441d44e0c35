"""The results folder of the made-up study, as the workflow would have left it for the notebooks."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pandas as pd

from plait import tables
from plait.report.figure_plan import planned_figures
from plait.report.published import Published
from report.make_published import make_definition

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60"><title>picture</title></svg>'
WORDS = ("title", "subtitle", "alt", "footnote")


def write_results(folder: Path, published: Published) -> Path:
    """Write published tables, and one small picture for every figure, to a results folder."""
    for field in fields(Published):
        tables.write_csv(getattr(published, field.name), folder / "published" / f"{field.name}.csv")
    plans = planned_figures(make_definition())
    figures = folder / "figures"
    index = [{"name": p.name, "kind": p.kind} | {word: f"{word} of {p.name}" for word in WORDS} for p in plans]
    tables.write_csv(pd.DataFrame(index), figures / "figures.csv")
    for plan in plans:
        (figures / f"{plan.name}.svg").write_text(SVG, encoding="utf-8")
    return folder
