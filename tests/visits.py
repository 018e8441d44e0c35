"""Visits to pages in Chromium that note what a page asked for and complained of.

Needs Chromium (the distribution's, on the path) and playwright; without them the tests are skipped. The check against the
accessibility rules also needs axe-playwright-python, which carries the rules with it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def started_browser() -> Iterator[Any]:
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

    @classmethod
    def to(cls, path: Path, context: Any) -> Visit:
        found = cls(context.new_page())
        found.page.set_default_timeout(15_000)
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("dialog", lambda dialog: (found.complaints.append(dialog.message), dialog.dismiss()))
        found.page.goto(path.resolve().as_uri())
        return found

    @property
    def outside(self) -> list[str]:
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]

    @property
    def broken_rules(self) -> list[Any]:
        """Rules of accessibility that are broken, with everything open."""
        axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
        rules = next(Path(axe.__file__).parent.rglob("axe*.min.js")).read_text(encoding="utf-8")
        self.open_folds()
        self.page.evaluate(rules)  # evaluated, for the page's own policy refuses a script tag
        asked = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"
        found = self.page.evaluate(asked, STANDARDS)
        assert len(found["passes"]) > 20
        return [(v["id"], v["nodes"][0]["target"]) for v in found["violations"]]

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
