"""The page in a browser: reachable, readable on a phone and on paper, asking for nothing, with no complaint.

Needs Chromium (the distribution's, on the path) and playwright; without them these tests are skipped. The check against
the accessibility rules also needs axe-playwright-python, which carries the rules with it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from plait.report.content import report_content
from plait.report.figures import draw_figures, read_index
from plait.report.html import write_html
from report.make_published import make_definition, make_published
from report.test_html import hostile

CHROMIUM = (
    (shutil.which("chromium") or shutil.which("google-chrome"))
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not importlib.util.find_spec("playwright"), reason="playwright is not installed"),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed"),
]
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study's figures, its page, and the page of a hostile one."""
    folder = tmp_path_factory.mktemp("page")
    draw_figures(make_published(), make_definition(), folder / "figures")
    index = read_index(folder / "figures")
    write_html(report_content(make_published(), make_definition(), index), folder / "report.html", folder / "figures")
    published, definition = hostile("<script>alert(1)</script> {{ 7*7 }} \u202e" + "verylongword" * 40)
    write_html(report_content(published, definition, index), folder / "hostile.html", folder / "figures")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # Chromium's own rule
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=as_root)
        yield started
        started.close()


@dataclass
class Visit:
    """A page that was opened, and what happened meanwhile."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        return [url for url in self.requests if not url.startswith(("file:", "data:"))]


@pytest.fixture
def visit(browser: Any, folder: Path) -> Iterator[Any]:
    contexts = []

    def open_page(name: str = "report.html", width: int = 1280, **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        found = Visit(context.new_page())
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("dialog", lambda dialog: (found.complaints.append(dialog.message), dialog.dismiss()))
        found.page.goto((folder / name).as_uri())
        return found

    yield open_page
    for context in contexts:
        context.close()


def open_folds(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_no_accessibility_rule_is_broken(visit: Any, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    rules = next(Path(axe.__file__).parent.rglob("axe*.min.js")).read_text(encoding="utf-8")
    page = visit(width=width, color_scheme=scheme).page
    open_folds(page)
    page.evaluate(rules)  # evaluated, for the page's own policy refuses a script tag
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", STANDARDS)
    assert [(v["id"], v["nodes"][0]["target"]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20


@pytest.mark.parametrize("name", ["report.html", "hostile.html"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_itself_never_scrolls_sideways(visit: Any, name: str, width: int) -> None:
    page = visit(name, width).page
    open_folds(page)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


@pytest.mark.parametrize("name", ["report.html", "hostile.html"])
def test_nothing_is_requested_and_nothing_complains(visit: Any, name: str) -> None:
    found = visit(name)
    open_folds(found.page)
    found.page.wait_for_timeout(100)
    assert found.outside == []
    assert found.complaints == []


def test_twice_the_text_size_still_fits(visit: Any) -> None:
    page = visit(width=1280).page
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    open_folds(page)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_the_first_stop_of_the_keyboard_skips_to_the_report(visit: Any) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    box = page.evaluate(
        "(() => {const b = document.activeElement.getBoundingClientRect(); return [b.top, b.height]})()"
    )
    assert box[0] >= 0 and box[1] >= 24
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"


def test_folds_open_and_tables_scroll_by_keyboard(visit: Any) -> None:
    page = visit(width=320).page
    fold = page.locator("details", has=page.locator("summary", has_text="Table by Phase")).first
    fold.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert fold.get_attribute("open") is not None
    region = fold.locator(".scroll").first
    region.focus()
    page.keyboard.press("ArrowRight")
    for _ in range(40):  # scrolling is animated; the page's own policy forbids a function that waits inside it
        if scrolled := region.evaluate("region => region.scrollLeft > 0"):
            break
        page.wait_for_timeout(50)
    assert scrolled
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_it_works_without_scripts(visit: Any) -> None:
    page = visit(java_script_enabled=False).page
    assert page.locator("h1").inner_text() == make_definition().title
    fold = page.locator("details").first
    assert not fold.locator("table").is_visible()
    fold.locator("summary").click()
    assert fold.locator("table").is_visible()


def test_every_picture_is_drawn(visit: Any) -> None:
    page = visit().page
    sizes = page.evaluate("[...document.images].map(image => [image.complete, image.naturalWidth])")
    assert len(sizes) > 5
    assert all(complete and width > 300 for complete, width in sizes)


def test_paper_shows_what_a_screen_folds_away(visit: Any) -> None:
    page = visit(width=700).page
    page.emulate_media(media="print")
    heights = page.evaluate(
        "[...document.querySelectorAll('details table')].map(t => t.getBoundingClientRect().height)"
    )
    assert len(heights) > 5
    assert min(heights) > 40
    assert not page.locator(".skip").is_visible()


def test_motion_is_left_out_where_it_is_not_wanted(visit: Any) -> None:
    page = visit(reduced_motion="reduce").page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
