"""The pages that are looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from browser.every_block import HOSTILE, PICTURE, every_block
from plait.report.content import report_content
from plait.report.figures import draw_figures, read_index
from plait.report.html import write_html
from plait.report.page import Part, page_shell
from report.make_published import make_definition, make_published
from visits import Visit


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pages: a study, a report with every kind of block, one full of hostile text, a bare shell."""
    folder = tmp_path_factory.mktemp("pages")
    draw_figures(made := make_published(), make_definition(), folder / "figures")
    study = report_content(made, make_definition(), read_index(folder / "figures"), tables="0123456789ab")
    write_html(study, folder / "study.html", folder / "figures")
    (folder / "picture.svg").write_text(PICTURE, encoding="utf-8")
    write_html(every_block(), folder / "blocks.html", folder)
    parts = [
        Part("steps", "Steps", Markup("<h3>First</h3><pre>a = 1</pre>")),
        Part("end", "End", Markup("<p>Done.</p>")),
    ]
    shell = page_shell("Cleaning", "en-GB", parts, kind="Notebook", lead="What was left out", marks=["Simulated data"])
    (folder / "shell.html").write_text(shell, encoding="utf-8")
    write_html(every_block(HOSTILE), folder / "hostile.html", folder)
    return folder


@pytest.fixture
def visit(open_page: Callable[..., Visit], pages: Path) -> Callable[..., Visit]:
    """Open one of the pages, or any other by its path."""

    def opened(name: str | Path = "study.html", width: int = 1280, **options: Any) -> Visit:
        return open_page(pages / name, width, **options)

    return opened
