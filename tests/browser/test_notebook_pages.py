"""The pages of notebooks in a browser: on a phone, in the dark, on paper, by keyboard, and full of hostile text."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from plait.errors import StudyError
from plait.report.masthead import Masthead
from plait.report.notebooks import execute_notebooks
from report.results_folder import copy_example, write_results
from report.test_html import hostile
from visits import Visit

pytestmark = pytest.mark.browser
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} \u202e" + "verylongword" * 40
NOTEBOOKS = ["cleaning_and_weighting", "survey_findings", "coding_and_agreement", "integration"]


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


@pytest.fixture
def look(open_page: Callable[..., Visit], pages: Path) -> Callable[..., Visit]:
    """Open a page, with whatever it folds away."""

    def opened(name: str, width: int = 1280, **options: Any) -> Visit:
        found = open_page(pages / name, width, **options)
        found.open_folds()
        return found

    return opened


@pytest.mark.parametrize(("study", "width", "scheme"), [("example", 320, "dark"), ("hostile", 1280, "light")])
def test_no_accessibility_rule_is_broken(
    look: Callable[..., Visit], pages: Path, study: str, width: int, scheme: str
) -> None:
    for file in sorted((pages / study).rglob("*.html")):
        found = look(file.relative_to(pages), width, color_scheme=scheme)
        assert (file.name, found.broken_rules) == (file.name, [])


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
