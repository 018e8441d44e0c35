"""One browser for all pages, the pages, and visits that note what a page asked for and complained of.

Needs Chromium (the distribution's, on the path) and playwright; without them the tests are skipped. The check against the
accessibility rules also needs axe-playwright-python, which carries the rules with it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium is installed")
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # Chromium's own rule
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=as_root)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that was opened, and what happened meanwhile."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]

    def open_folds(self) -> None:
        self.page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")

    def overflow(self) -> int:
        """By how many pixels the page itself scrolls sideways."""
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(width))

    def find(self, text: str) -> str:
        """Type into the search field and wait for what is announced."""
        found = self.page.locator("#found")
        before = found.inner_text()
        self.page.locator("#find").fill(text)
        for _ in range(40):
            if found.inner_text() != before:
                break
            self.page.wait_for_timeout(25)
        return str(found.inner_text())


@pytest.fixture
def visit(browser: Any, pages: Path) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def open_page(name: str | Path = "study.html", width: int = 1280, **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        found = Visit(context.new_page())
        found.page.set_default_timeout(5000)
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("dialog", lambda dialog: (found.complaints.append(dialog.message), dialog.dismiss()))
        found.page.goto((pages / name).as_uri())
        return found

    yield open_page
    for context in contexts:
        context.close()
