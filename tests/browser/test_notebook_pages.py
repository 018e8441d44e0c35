"""The pages of notebooks in a browser: on a phone, in the dark, on paper, by keyboard, and full of hostile text.

Needs Chromium (the distribution's, on the path) and playwright; without them these tests are skipped. The check against
the accessibility rules also needs axe-playwright-python, which carries the rules with it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from plait.errors import StudyError
from plait.report.notebook_page import Masthead
from plait.report.notebooks import execute_notebooks
from report.results_folder import copy_example, write_results
from report.test_html import hostile

pytestmark = pytest.mark.browser
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} \u202e" + "verylongword" * 40
NOTEBOOKS = ["cleaning_and_weighting", "survey_findings", "coding_and_agreement", "integration"]


@dataclass
class Visit:
    """A page that was opened, and what happened meanwhile."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        return [url for url in self.requests if not url.startswith(("file:", "data:"))]


@pytest.fixture(scope="module")
def pages(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebooks of an example, and of a study with one hostile text wherever a person could write one."""
    folder = tmp_path_factory.mktemp("notebooks")
    sources = [root / "notebooks" / f"{name}.ipynb" for name in NOTEBOOKS]
    example = copy_example(root, "ite-mentors", folder / "example") / "notebooks"
    trapped = write_results(folder / "hostile", hostile(HOSTILE)[0], words=HOSTILE) / "notebooks"
    with ThreadPoolExecutor() as thread:  # this one may have playwright's event loop already
        run = thread.submit(execute_notebooks, sources, example, Masthead("What helps mentors", ("Simulated data",)))
        run.result()
        run = thread.submit(execute_notebooks, sources, trapped, Masthead(HOSTILE, ("Not for release",)))
        with pytest.raises(StudyError):  # its numbers are made up, and the checks notice
            run.result()
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium is installed")
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # Chromium's own rule
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=as_root)
        yield browser
        browser.close()


@pytest.fixture
def look(chromium: Any, pages: Path) -> Iterator[Callable[..., Visit]]:
    """Open a page, with whatever it folds away."""
    contexts = []

    def open_page(name: str, width: int = 1280, **options: Any) -> Visit:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 900}, **options))
        found = Visit(contexts[-1].new_page())
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("dialog", lambda dialog: (found.complaints.append(dialog.message), dialog.dismiss()))
        found.page.goto((pages / name).as_uri())
        found.page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        return found

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("study", "width", "scheme"), [("example", 320, "dark"), ("hostile", 1280, "light")])
def test_no_accessibility_rule_is_broken(
    look: Callable[..., Visit], pages: Path, study: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    rules = next(Path(axe.__file__).parent.rglob("axe*.min.js")).read_text(encoding="utf-8")
    for file in sorted((pages / study).rglob("*.html")):
        page = look(file.relative_to(pages).as_posix(), width, color_scheme=scheme).page
        page.evaluate(rules)  # evaluated, for the page's own policy refuses a script tag
        found = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", STANDARDS)
        assert (file.name, [(v["id"], v["nodes"][0]["target"]) for v in found["violations"]]) == (file.name, [])
        assert len(found["passes"]) > 20


@pytest.mark.parametrize("width", [320, 1280])
def test_hostile_text_shows_as_text_and_nothing_is_asked_for(
    look: Callable[..., Visit], pages: Path, width: int
) -> None:
    names = sorted(path.relative_to(pages).as_posix() for path in pages.rglob("*.html"))
    assert len(names) == 8
    for name in names:
        visit = look(name, width)
        assert (name, visit.outside, visit.complaints) == (name, [], [])
        wide = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (name, wide) == (name, 0)
        if name.startswith("hostile"):
            assert "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }}" in visit.page.inner_text("h1 + p")
            assert visit.page.locator("script, [onerror]").count() == 0


def test_the_keyboard_reaches_the_text_first_and_every_table(look: Callable[..., Visit]) -> None:
    page = look("example/notebooks/integration.html").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
    unreachable = "[...document.querySelectorAll('.scroll, pre')].filter(place => place.tabIndex !== 0).length"
    assert page.evaluate(unreachable) == 0
    assert page.locator(".scroll").count() > 2


def test_headings_stand_in_order(look: Callable[..., Visit]) -> None:
    for name in NOTEBOOKS:
        page = look(f"example/notebooks/{name}.html").page
        levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))")
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_paper_shows_the_code_and_whole_tables(look: Callable[..., Visit]) -> None:
    page = look("example/notebooks/survey_findings.html").page
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = false)")
    page.emulate_media(media="print")
    assert page.locator("details.code pre").first.is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
