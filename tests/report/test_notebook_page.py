"""The page of a notebook: what it said, in order, as text; nothing that an output brings along is trusted."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode, v4

from plait.disclosure.rules import rules_of
from plait.report.blocks import legible
from plait.report.masthead import Masthead, masthead_of
from plait.report.notebook_page import notebook_page, tally
from plait.report.review import CHECK, PICTURE
from plait.report.shown_table import RESOURCE, ShownTable
from report.make_published import make_definition
from report.results_folder import SVG
from report.test_html import HOSTILE

pytestmark = pytest.mark.rendering

TABLE = ShownTable("Loans", ("book", "loans"), (False, True), (("Emma", "12"), ("Kim", "7")))


def shown(data: dict[str, Any], **metadata: Any) -> NotebookNode:
    return v4.new_output("display_data", data=data, metadata=metadata)


def check(verdict: str, statement: str, detail: str = "") -> NotebookNode:
    told = {"verdict": verdict, "statement": statement, "detail": detail}
    return shown({"text/plain": f"{verdict}  {statement}", CHECK: told})


def notebook(*cells: NotebookNode) -> NotebookNode:
    return v4.new_notebook(cells=[v4.new_markdown_cell("# Loans\n\n**Purpose.** To count *loans*."), *cells])


def code(*outputs: NotebookNode, source: str = "count()") -> NotebookNode:
    return v4.new_code_cell(source, outputs=list(outputs))


def page_of(*cells: NotebookNode, study: str = "School libraries", marks: tuple[str, ...] = ()) -> BeautifulSoup:
    text = notebook_page(notebook(*cells), "loans.ipynb", Masthead(study, marks))
    return BeautifulSoup(text, "html.parser")


def one(page: BeautifulSoup, selector: str) -> Tag:
    (found,) = page.select(selector)
    return found


def test_the_title_heads_the_page_and_second_headings_are_its_parts() -> None:
    page = page_of(
        v4.new_markdown_cell(
            "## Who borrows\n\nPupils.\n\n### By year\n\nOlder ones.\n\n## What would change my mind\n\nA flood."
        ),
        code(source="print('flood')"),
    )
    assert one(page, "h1").text == "Loans"
    assert [h.text for h in page.select("main h2")] == [
        "About this notebook",
        "Who borrows",
        "What would change my mind",
    ]
    assert [h.text for h in page.select("#who-borrows h3")] == ["By year"]
    assert one(page, "#what-would-change-my-mind code").text == "print('flood')"
    assert [a["href"] for a in page.select("nav a")] == [
        "#about-this-notebook",
        "#who-borrows",
        "#what-would-change-my-mind",
    ]


def test_parts_of_one_name_have_addresses_of_their_own() -> None:
    page = page_of(*[v4.new_markdown_cell("## Loans\n\nMany.") for _ in range(2)])
    ids = [section["id"] for section in page.select("main section")]
    assert ids == ["about-this-notebook", "loans", "loans-2"]


def test_it_says_which_study_and_what_must_be_said_of_it() -> None:
    page = page_of(code(check("PASS", "dry")), marks=("Simulated data", "Not for release"))
    head = one(page, "header.masthead").text
    for words in ("School libraries", "Simulated data", "Not for release", "1 of 1 checks passed"):
        assert words in head
    assert "loans.ipynb" in one(page, "footer").text


def test_a_notebook_says_of_its_study_what_the_rules_ask_for() -> None:
    definition = make_definition()
    assert masthead_of(definition, rules_of("public")).marks == ("Simulated data",)
    real = definition.model_copy(update={"simulated": False})
    assert masthead_of(real, rules_of("internal")).marks == ("Not for release",)
    assert masthead_of(real, rules_of("public", {"hide_below": 5})).marks == ("Loosened disclosure rules",)


def test_checks_in_a_row_are_one_list_with_their_verdicts_in_words() -> None:
    page = page_of(
        code(check("PASS", "dry", "3 looked at"), check("FAIL", "new", "not so of Kim"), check("NONE", "old"))
    )
    items = [(li.b.text, li.span.text) for li in one(page, "ul.checks").select("li") if li.b and li.span]
    assert items == [("PASS", "dry 3 looked at"), ("FAIL", "new not so of Kim"), ("NONE", "old")]
    assert "1 of 2 checks passed" in one(page, "header.masthead").text
    assert "1 check failed" in one(page, "header.masthead").text


def test_checks_are_counted_by_their_data_and_not_by_what_is_printed() -> None:
    book = notebook(code(v4.new_output("stream", text="PASS  anything\nFAIL  something\n"), check("PASS", "dry")))
    assert (tally(book).passed, tally(book).failed) == (1, 0)


def test_tables_are_built_from_data_and_ready_made_html_is_passed_over() -> None:
    trap = "<table><tr><td onclick=alert(1)>trap</td></tr></table>"
    page = page_of(
        code(shown({"text/html": trap, "text/plain": "Loans", RESOURCE: TABLE.resource()})),
        code(shown({"text/html": trap, "text/plain": "plain words"})),
        code(shown({"text/html": trap})),
        code(shown({"application/javascript": "alert(1)"})),
    )
    assert "trap" not in page.text
    assert [td.text for td in page.select("td")] == ["12", "7"]
    assert one(page, "[role=region]")["aria-label"] == "Table 1: Loans"
    said = [pre.text for pre in page.select("pre.said")]
    assert said == ["plain words", *["An output without text, which this page does not show."] * 2]


def test_a_picture_is_an_image_with_its_words() -> None:
    page = page_of(code(shown({"text/plain": "x", PICTURE: SVG}, **{PICTURE: {"alt": "Loans by year."}})))
    image = one(page, "img")
    assert image["alt"] == "Loans by year."
    assert (image["width"], image["height"]) == ("120", "80")
    assert base64.b64decode(str(image["src"]).removeprefix("data:image/svg+xml;base64,")).decode() == SVG


def test_a_picture_that_a_phone_cuts_off_has_its_headline_and_its_words_as_text() -> None:
    svg = '<svg viewBox="0 0 90 60"><title>Loans: &lt;b&gt; &amp; more</title></svg>'
    page = page_of(code(shown({"text/plain": "x", PICTURE: svg}, **{PICTURE: {"alt": "Loans by year."}})))
    assert one(page, "figcaption .headline").text == ": Loans: <b> & more"
    assert one(page, "figure details.described p").text == "Loans by year."


def test_prints_warnings_and_errors_are_text_that_says_what_it_is() -> None:
    page = page_of(
        code(
            v4.new_output("stream", name="stdout", text="12 loans"),
            v4.new_output("stream", name="stderr", text="damp"),
            v4.new_output("error", ename="ValueError", evalue="no roof", traceback=["ValueError: no roof"]),
        )
    )
    told = [(pre["aria-label"], pre.text) for pre in page.select("pre.said")]
    assert told == [("Output", "12 loans"), ("Warnings", "damp"), ("Error", "ValueError: no roof")]


def test_what_scrolls_can_be_reached_by_keyboard() -> None:
    page = page_of(code(shown({RESOURCE: TABLE.resource()}), v4.new_output("stream", text="x")))
    assert all(place["tabindex"] == "0" for place in page.select("pre, .scroll"))


def everywhere(text: str) -> BeautifulSoup:
    """A page with one text wherever a study's words could come."""
    table = ShownTable(text, (text, "n"), (False, True), ((text, text),), remark=text)
    outputs = [
        check("PASS", text, text),
        shown({RESOURCE: table.resource()}),
        shown({PICTURE: SVG}, **{PICTURE: {"alt": text}}),
        v4.new_output("stream", text=text),
        v4.new_output("error", ename="E", evalue=text, traceback=[text]),
        shown({"text/plain": text}),
    ]
    return page_of(code(*outputs, source=text), study=text, marks=(text,))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup(text: str) -> None:
    hostile, harmless = everywhere(text), everywhere("b" * len(text))
    assert [tag.name for tag in hostile.find_all(True)] == [tag.name for tag in harmless.find_all(True)]
    assert [sorted(tag.attrs) for tag in hostile.find_all(True)] == [
        sorted(tag.attrs) for tag in harmless.find_all(True)
    ]
    assert [a["href"] for a in hostile.select("a")] == [a["href"] for a in harmless.select("a")]
    assert one(hostile, "td.n").text == legible(text)


def test_html_in_markdown_is_text_and_pictures_from_elsewhere_are_not_fetched() -> None:
    pictures = "![roof](http://example.org/roof.png) [go](javascript:alert(1))"
    markdown = f"## Traps\n\n<img src=x onerror=alert(1)> {pictures}\n\n<script>1</script>"
    page = page_of(v4.new_markdown_cell(markdown))
    part = one(page, "#traps")
    assert not part.select("img, script")
    assert "<img src=x onerror=alert(1)>" in part.text
    assert "roof" in part.text
    assert not [a for a in part.select("a") if "javascript" in str(a["href"])]


def test_the_page_has_one_policy_no_script_and_a_style_that_the_policy_allows() -> None:
    text = notebook_page(notebook(code(check("PASS", "dry"))), "loans.ipynb", Masthead("Libraries"))
    page = BeautifulSoup(text, "html.parser")
    policy = str(one(page, 'meta[http-equiv="Content-Security-Policy"]')["content"])
    style = one(page, "style").string or ""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert "script-src" not in policy
    assert not page.select("script, link, [style]")
    assert not re.search(r"(?:src|href)=\"(?!#|data:)", text)


def test_a_notebook_without_a_title_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="starts with its title"):
        notebook_page(v4.new_notebook(cells=[v4.new_markdown_cell("no title")]), "x.ipynb", Masthead("Libraries"))


def test_every_notebook_of_the_project_has_the_parts_that_a_reviewer_looks_for(root: Any) -> None:
    sources = sorted((root / "notebooks").glob("*.ipynb"))
    assert len(sources) == 4
    for source in sources:
        page = BeautifulSoup(
            notebook_page(nbformat.read(source, as_version=4), source.name, Masthead("Libraries")), "html.parser"
        )
        parts = [h.text for h in page.select("main h2")]
        assert parts[:2] == ["About this notebook", "What was read"]
        assert parts[-2:] == ["What would change my mind", "Conclusion"]
        assert "Purpose." in one(page, "#about-this-notebook").text
