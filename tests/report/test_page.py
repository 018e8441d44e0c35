"""The shell that pages share: landmarks, one style under the page's own policy, and text that stays text."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from bs4 import BeautifulSoup, Tag
from markupsafe import Markup, escape

from plait.report.page import Part, page_shell
from report.test_html import HOSTILE, said


def shell(title: str = "Cleaning", **more: object) -> BeautifulSoup:
    parts = (Part("first", "What was read", Markup("<p>All of it.</p>")), Part("second", title, escape(title)))
    return BeautifulSoup(page_shell(title, "en-GB", parts, **more), "html.parser")  # type: ignore[arg-type]


def test_the_shell_has_language_title_landmarks_and_a_skip_link_first() -> None:
    page = shell("Cleaning", kind="Notebook", lead="How rows were left out", marks=("Simulated data",), foot="The end")
    assert page.html and page.html["lang"] == "en-GB"
    assert said(page.title) == "Cleaning (simulated data)"
    assert [said(h) for h in page.find_all("h1")] == ["Cleaning"]
    assert [len(page.find_all(landmark)) for landmark in ("header", "nav", "main", "footer")] == [1] * 4
    first = page.find("a")
    assert isinstance(first, Tag) and first["class"] == ["skip"] and first["href"] == f"#{page.main['id']}"  # type: ignore[index]
    assert {a["href"] for a in page.find_all("a")} == {"#report", "#first", "#second", "#contents-title"}
    assert [said(p) for p in page.header.find_all("p")] == ["Notebook Simulated data", "How rows were left out"]  # type: ignore[union-attr]
    assert said(page.footer) == "The end"


def test_parts_are_sections_named_by_their_headings_and_keep_their_markup() -> None:
    sections = shell().find_all("section")
    assert [s["aria-labelledby"] for s in sections] == [s.h2["id"] for s in sections]
    assert said(sections[0].p) == "All of it."


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_is_text_whatever_it_says(text: str) -> None:
    page = BeautifulSoup(
        page_shell(text, "en-GB", [Part("a", text, Markup("<p>x</p>"))], kind=text, lead=text, marks=[text], foot=text),
        "html.parser",
    )
    assert not page.find(["script", "img"])
    assert len(page.find_all("h1")) == 1
    assert page.h1 is not None and page.h1.get_text() == text


@pytest.mark.parametrize("mark", ["Simulated data", '"; } } body { display: none } /*', "</style><script>"])
def test_marks_are_printed_by_the_numbers_of_their_letters(mark: str) -> None:
    style = str(shell(marks=(mark,)).style.string)  # type: ignore[union-attr]
    rule = style.splitlines()[-1]
    assert "".join(chr(int(code, 16)) for code in re.findall(r"\\([0-9a-f]{6})", rule)) == mark
    assert re.fullmatch(r'@page \{ @top-left \{ content: "(\\[0-9a-f]{6})+"; \} \}', rule)


def test_the_policy_allows_the_style_with_what_was_added_to_it_and_no_script() -> None:
    page = shell(style=".cell { color: red; }")
    (style,) = page.find_all("style")
    assert style.string.endswith(".cell { color: red; }")
    digest = base64.b64encode(hashlib.sha256(style.string.encode()).digest()).decode()
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]  # type: ignore[index]
    assert f"style-src 'sha256-{digest}'" in policy and "script-src" not in policy
    assert not page.find("script")
