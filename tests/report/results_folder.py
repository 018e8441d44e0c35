"""A results folder as the workflow leaves it for the notebooks: published tables, and figures with their index."""

from __future__ import annotations

import shutil
from dataclasses import fields
from pathlib import Path

import pandas as pd

from plait import tables
from plait.report.figure_plan import planned_figures
from plait.report.figures import INDEX
from plait.report.published import Published
from report.make_published import make_definition

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60">'
    "<title>picture</title><script>alert('drawing')</script></svg>"
)


def write_results(folder: Path, published: Published, words: str = "what it shows") -> Path:
    """The folder of the made-up study, with one small picture in place of every figure."""
    for field in fields(Published):
        tables.write_csv(getattr(published, field.name), folder / "published" / f"{field.name}.csv")
    _write_figures(folder / "figures", {plan.name: plan.kind for plan in planned_figures(make_definition())}, words)
    return folder


def copy_example(root: Path, study: str, folder: Path) -> Path:
    """The folder of an example study with the published tables that are committed, and one small picture."""
    shutil.copytree(root / "results" / study / "published", folder / "published")
    _write_figures(folder / "figures", {"joint_display": "joint"}, "what it shows")
    return folder


def _write_figures(folder: Path, kinds: dict[str, str], words: str) -> None:
    shown = dict.fromkeys(("title", "subtitle", "alt", "footnote"), words)
    index = [{"name": name, "kind": kind} | shown for name, kind in kinds.items()]
    tables.write_csv(INDEX.of(pd.DataFrame(index)), folder / "figures.csv")
    for name in kinds:
        (folder / f"{name}.svg").write_text(SVG, encoding="utf-8")
