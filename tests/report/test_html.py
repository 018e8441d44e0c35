"""The page says what the report says, as text and nothing but text, and needs nothing from outside itself."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag

from plait.disclosure.rules import PROFILES
from plait.report.blocks import Report, legible
from plait.report.content import report_content
from plait.report.figure_plan import planned_figures
from plait.report.html import html_page, write_html
from plait.report.page import template_text
from plait.report.published import Published
from plait.study.definition import Definition
from report.make_published import empty_published, make_definition, make_published
from report.test_content import all_tables

pytestmark = pytest.mark.rendering

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=1+1",
    "{{ 7*7 }} {% raw %}",
    "$\\frac{1}{2}$ & costs &lt;5",
    "\u202egnp.exe \u200b\ufeffend",
    "javascript:alert(1) http://example.org/",
    "</style></title></table><h1>title",
    "a" * 600,
    "\u0645\u0643\u062a\u0628\u0629 \u56fe\u4e66\u9986 \U0001f469\u200d\U0001f3eb",
    "line\nbreak\ttab\x00\x07",
)
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="453.6pt" height="250pt" viewBox="0 0 453.6 250">'
    "<title>picture</title><script>alert(1)</script></svg>"
)


def drawn(folder: Path, definition: Definition) -> pd.DataFrame:
    """The index of a study's figures, all of them one small picture."""
    folder.mkdir(exist_ok=True)
    plans = planned_figures(definition)
    for plan in plans:
        (folder / f"{plan.name}.svg").write_text(PICTURE, encoding="utf-8")
    texts = ("title", "subtitle", "alt", "footnote")
    return pd.DataFrame([{"name": p.name, "kind": p.kind} | {t: f"{t} of {p.name}" for t in texts} for p in plans])


@pytest.fixture
def page_of(tmp_path: Path) -> Callable[..., str]:
    """Write a study's page and read it back."""

    def page(published: Published | None = None, definition: Definition | None = None) -> str:
        definition = definition or make_definition()
        index = drawn(tmp_path / "figures", definition)
        report = report_content(make_published() if published is None else published, definition, index)
        write_html(report, tmp_path / "report.html", tmp_path / "figures")
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return page


@pytest.fixture(scope="module")
def report_and_text(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, str]:
    folder = tmp_path_factory.mktemp("figures")
    report = report_content(make_published(), make_definition(), drawn(folder, make_definition()))
    return report, html_page(report, folder)


@pytest.fixture(scope="module")
def page_text(report_and_text: tuple[Report, str]) -> str:
    return report_and_text[1]


@pytest.fixture(scope="module")
def soup(page_text: str) -> BeautifulSoup:
    return BeautifulSoup(page_text, "html.parser")


def table_of(soup: BeautifulSoup, caption: str) -> Tag:
    return next(t for t in soup.find_all("table") if caption in said(t.caption))


def said(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def number_in(tag: Tag) -> float:
    found = re.match(r"-?[\d,]+(\.\d+)?", said(tag))
    return float(found[0].replace(",", "")) if found else float("nan")


# --- numbers -----------------------------------------------------------------------------------------------------------


def test_every_per_cent_of_every_break_is_the_published_one(soup: BeautifulSoup) -> None:
    estimates = make_published().survey_estimates
    checked = 0
    for (label, by), cells in estimates[estimates["break"] != ""].groupby(["question_label", "break_label"]):
        table = table_of(soup, f"{label} by {by}:")
        groups = [re.sub(r" (\([A-Z]\)|\[.*)", "", said(th)) for th in table.select("thead tr:nth-of-type(2) th")]
        rows = {said(tr.th).removeprefix("Net: "): tr.find_all("td") for tr in table.select("tbody tr:not(.base)")}
        bases = {said(tr.th): tr.find_all("td") for tr in table.select("tbody tr.base")}
        for _, cell in cells.iterrows():
            place = groups.index(cell["group_label"]) + 1
            td, base = rows[cell["option_label"]][place], bases["Unweighted base"][place]
            if pd.isna(cell["per_cent"]):
                assert said(td) == said(base) == f"[{cell['marker']}]"
            else:
                assert number_in(td) == cell["per_cent"]
                above = f" above {cell['higher_than']}" if cell["higher_than"] else ""
                assert said(td.small) == f"{cell['ci_low']:.0f} to {cell['ci_high']:.0f}{above}"
                assert number_in(base) == cell["base_unweighted"]
            checked += 1
    assert checked == len(estimates[estimates["break"] != ""])


def test_every_text_of_every_table_of_the_report_is_on_the_page_in_order(report_and_text: tuple[Report, str]) -> None:
    report, text = report_and_text
    soup = BeautifulSoup(text, "html.parser")
    for table in all_tables(report).values():
        shown = table_of(soup, f"Table {table.number}. {table.caption}")
        cells = [said(cell) for cell in shown.select("tbody th, tbody td")]
        wanted = [" ".join(f"{c.text} {c.under}".split()) for row in table.rows for c in row.cells]
        if table.row_headers > 1:  # a heading that several rows share stands once
            starts = [i for i in range(len(table.rows)) if i and table.rows[i].cells[0] == table.rows[i - 1].cells[0]]
            for i in reversed(starts):
                del wanted[i * len(table.columns)]
        assert cells == wanted


# --- nothing but text --------------------------------------------------------------------------------------------------


def hostile(text: str) -> tuple[Published, Definition]:
    """The study with one text wherever a person could write one."""
    published = make_published()
    changed = {}
    for field in fields(Published):
        frame = getattr(published, field.name).copy()
        for column in frame.columns:
            if column.endswith("_label") or column in (
                "label",
                "meta_inference",
                "rationale",
                "attribution",
                "note",
                "reason",
                "target_source",
            ):
                frame[column] = frame[column].map(lambda v: text if v else v)
        changed[field.name] = frame
    changed["quotes"] = changed["quotes"].assign(text=text)
    definition = make_definition()
    about = definition.about.model_copy(update=dict.fromkeys(("population", "sample", "conducted_by"), text))
    survey = definition.survey
    assert survey is not None
    questions = {k: q.model_copy(update={"text": text, "label": text}) for k, q in survey.questions.items()}
    return Published(**changed), definition.model_copy(
        update={
            "title": text,
            "research_question": text,
            "about": about,
            "survey": survey.model_copy(update={"questions": questions}),
        }
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_is_shown_and_never_acts(text: str, page_of: Callable[..., str], soup: BeautifulSoup) -> None:
    plain, page = soup, page_of(*hostile(text))
    soup = BeautifulSoup(page, "html.parser")
    assert " ".join(legible(text).split()) == said(soup.h1)
    assert " ".join(legible(text).split()) in said(soup.find("blockquote"))
    assert {t.name for t in soup.find_all()} == {t.name for t in plain.find_all()}
    assert not soup.find(["iframe", "object", "form", "link"])
    assert [t.string for t in soup.find_all("script")] == [t.string for t in plain.find_all("script")]
    assert not [a for tag in soup.find_all() for a in tag.attrs if a.startswith("on") or a == "style"]
    assert len(soup.find_all("h1")) == 1
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff\x00]", page)


def test_a_template_in_a_label_is_not_filled_in(page_of: Callable[..., str]) -> None:
    page = page_of(*hostile("{{ 7*7 }}"))
    assert "{{ 7*7 }}" in page
    assert "49" not in said(BeautifulSoup(page, "html.parser").h1)


def sha256_of(tag: Tag) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(str(tag.string).encode()).digest()).decode()}'"


def test_the_policy_allows_this_style_sheet_and_this_script_and_nothing_else(soup: BeautifulSoup) -> None:
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]  # type: ignore[index]
    (style,), (script,) = soup.find_all("style"), soup.find_all("script")
    assert policy == (
        f"default-src 'none'; img-src data:; style-src {sha256_of(style)}; script-src {sha256_of(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def test_nothing_is_fetched_and_nothing_but_the_one_script_runs(soup: BeautifulSoup, page_text: str) -> None:
    assert not soup.find(["link", "iframe", "object", "embed", "form"])
    assert not [a for tag in soup.find_all() for a in tag.attrs if a.startswith("on") or a == "style"]
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in soup.find_all("img"))
    assert all(a["href"].startswith("#") for a in soup.find_all("a"))
    assert "url(" not in page_text and "@import" not in page_text


def test_the_script_reads_and_writes_text_only() -> None:
    script = template_text("report.js")
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval",
        "Function(",
        "DOMParser",
        "fetch",
    ):
        assert way not in script
    assert "Storage" not in script and "cookie" not in script
    assert len(script.splitlines()) < 300


def test_controls_that_need_the_script_are_hidden_until_it_runs(soup: BeautifulSoup) -> None:
    controls = soup.find_all(["input", "button", "select", "fieldset"])
    assert [c["id"] for c in controls] == ["find"]
    assert all(c.find_parent(hidden=True) for c in controls)


def test_pictures_are_the_files_as_they_are(soup: BeautifulSoup) -> None:
    images = soup.find_all("img")
    assert len(images) == len(planned_figures(make_definition()))
    assert {base64.b64decode(i["src"].partition(",")[2]).decode() for i in images} == {PICTURE}
    assert {(i["width"], i["height"]) for i in images} == {("605", "333")}


# --- structure ---------------------------------------------------------------------------------------------------------


def test_the_page_has_language_title_landmarks_and_a_skip_link_first(soup: BeautifulSoup) -> None:
    assert soup.html is not None and soup.html["lang"] == "en-GB"
    assert said(soup.title) == "What school libraries are for (simulated data)"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(soup.find_all(landmark)) == 1
    first = soup.find(["a", "button", "summary"])
    assert isinstance(first, Tag) and first["class"] == ["skip"] and first["href"] == f"#{soup.main['id']}"  # type: ignore[index]


def test_headings_are_in_order_and_links_lead_somewhere(soup: BeautifulSoup) -> None:
    levels = [int(h.name[1]) for h in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in soup.find_all("a")} <= set(ids)
    assert {s["aria-labelledby"] for s in soup.find_all("section")} <= set(ids)
    contents = [a["href"] for a in soup.nav.find_all("a")]  # type: ignore[union-attr]
    assert contents == [f"#{s['id']}" for s in soup.main.find_all("section")]  # type: ignore[union-attr]


def test_tables_have_captions_and_every_heading_a_scope(soup: BeautifulSoup) -> None:
    for table in soup.find_all("table"):
        assert said(table.caption)
        assert all(th.get("scope") in ("col", "colgroup", "row", "rowgroup") for th in table.find_all("th"))
        assert not [cell for cell in table.find_all(["th", "td"]) if not said(cell)]
        columns = sum(int(group.get("span", 1)) for group in table.find_all("colgroup"))
        head = sum(int(th.get("colspan", 1)) for th in table.select("thead tr:first-of-type th"))
        assert columns == head


def test_rows_are_as_wide_as_their_table_also_where_headings_span_rows(soup: BeautifulSoup) -> None:
    for table in soup.find_all("table"):
        columns = sum(int(group.get("span", 1)) for group in table.find_all("colgroup"))
        for body in table.find_all("tbody"):
            reaching = [0] * len(body.find_all("tr"))
            for i, row in enumerate(body.find_all("tr")):
                cells = row.find_all(["th", "td"])
                for cell in cells:
                    for below in range(i + 1, i + int(cell.get("rowspan", 1))):
                        reaching[below] += 1
                assert len(cells) + reaching[i] == columns, said(table.caption)


def test_a_table_of_words_says_the_heading_of_each_cell_and_stays_a_table_when_its_rows_are_cards(
    soup: BeautifulSoup,
) -> None:
    tables = soup.find_all("table")
    wordy = [table for table in tables if "wordy" in table.get("class", [])]
    assert any("Joint display of survey and coded text" in table.caption.get_text() for table in wordy)
    for table in tables:
        if table not in wordy:
            assert not table.select("[role], [data-label]")
            continue
        assert not table.select(".n")
        heads = [th.get_text() for th in table.select("thead th")]
        for row in table.select("tbody tr"):
            labels = [td["data-label"] for td in row.select("td")]
            assert labels == heads[-len(labels) :]
        roles = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "tbody th": "rowheader", "td": "cell"}
        assert all(found["role"] == role for tag, role in roles.items() for found in table.select(tag))


def test_sentences_stand_above_what_is_behind_them_and_short_terms_beside(soup: BeautifulSoup) -> None:
    stacked = {bool("stacked" in facts["class"]) for facts in soup.select("#summary .facts")}
    assert stacked == {True, False}
    assert "stacked" not in soup.select_one("#about .facts")["class"]  # type: ignore[index]


def test_what_scrolls_can_be_reached_and_is_named_and_figures_have_words(soup: BeautifulSoup) -> None:
    regions = soup.find_all(class_="scroll")
    assert all(r["tabindex"] == "0" and r["role"] == "region" for r in regions)
    names = [r["aria-label"] for r in regions]
    assert len(names) == len(set(names))
    assert all(i["alt"] for i in soup.find_all("img"))
    words = [said(d) for d in soup.select("figure.chart > details")]
    assert len(words) == len(soup.find_all("img"))
    assert any(t.endswith("in words alt of bars_uses subtitle of bars_uses footnote of bars_uses") for t in words)


def test_tables_by_break_are_neighbours_to_choose_from_and_all_are_there(report_and_text: tuple[Report, str]) -> None:
    soup = BeautifulSoup(report_and_text[1], "html.parser")
    (uses,) = soup.select("#question-uses > .compare")
    assert [c["data-choice"] for c in uses.find_all(class_="choice")] == ["Phase", "Role"]
    assert [said(c.caption).partition(". ")[2].partition(":")[0] for c in uses.find_all(class_="choice")] == [
        "Uses of the library by Phase",
        "Uses of the library by Role",
    ]
    assert not soup.select(".compare [hidden], .compare details:not(.described)")


def test_the_foot_names_the_program_and_the_tables(tmp_path: Path) -> None:
    index = drawn(tmp_path, make_definition())
    report = report_content(make_published(), make_definition(), index, tables="0123456789ab")
    foot = said(BeautifulSoup(html_page(report, tmp_path), "html.parser").footer)
    assert f"Made with plait {version('plait')} from the published tables 0123456789ab." in foot


def test_warnings_stand_at_the_top(tmp_path: Path) -> None:
    index = drawn(tmp_path, make_definition())
    report = report_content(make_published(), make_definition(), index, PROFILES["internal"])
    soup = BeautifulSoup(html_page(report, tmp_path), "html.parser")
    assert {said(tag) for tag in soup.select(".tag")} == {"Simulated data", "Not for release"}
    assert "(not for release)" in said(soup.title)


def test_a_study_whose_every_number_was_withheld_has_a_page(page_of: Callable[..., str]) -> None:
    soup = BeautifulSoup(page_of(empty_published()), "html.parser")
    assert soup.find(id="methods") and not soup.find(id="survey-findings")


# --- the file ----------------------------------------------------------------------------------------------------------

SCRIPT = """
import sys
from pathlib import Path
from plait.report.content import report_content
from plait.report.html import write_html
from report.make_published import make_definition, make_published
from report.test_html import drawn
figures, page = map(Path, sys.argv[1:])
write_html(report_content(make_published(), make_definition(), drawn(figures, make_definition())), page, figures)
"""


@pytest.mark.slow
def test_the_same_bytes_whatever_the_hash_seed_time_zone_and_locale(tmp_path: Path) -> None:
    here = [str(Path(__file__).resolve().parents[2] / folder) for folder in ("src", "tests")]  # not another checkout
    pages = []
    for i, surroundings in enumerate(
        ({"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "LC_ALL": "C"})
    ):
        place = tmp_path / f"place {i}"
        place.mkdir()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(here), **surroundings}
        command = [sys.executable, "-c", SCRIPT, str(place / "figures"), str(place / "report.html")]
        subprocess.run(command, env=environment, check=True)
        pages.append((place / "report.html").read_bytes())
    assert pages[0] == pages[1]
    assert b"\r" not in pages[0] and str(tmp_path).encode() not in pages[0]


def test_a_missing_picture_leaves_no_page_behind(tmp_path: Path) -> None:
    report = report_content(make_published(), make_definition(), drawn(tmp_path / "figures", make_definition()))
    with pytest.raises(FileNotFoundError):
        write_html(report, tmp_path / "report.html", tmp_path)
    assert not list(tmp_path.glob("*report*"))


# --- quotations --------------------------------------------------------------------------------------------------------


def test_quotations_stand_under_their_theme_with_their_attribution(page_of: Callable[..., str]) -> None:
    soup = BeautifulSoup(page_of(make_published(), make_definition()), "html.parser")
    (block,) = soup.find_all(class_="quotations")
    assert block.find(class_="theme").get_text() == "Calm"
    said = [(f.blockquote.get_text(strip=True), f.figcaption.get_text()) for f in block.find_all("figure")]
    assert said == [("It was [...] so quiet", "Pupil, Primary"), ("Two\nlines", "Open answers")]
    assert all(quote["dir"] == "auto" for quote in block.find_all("blockquote"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_quotations_are_shown_as_text(page_of: Callable[..., str], text: str) -> None:
    published, definition = hostile(text)
    soup = BeautifulSoup(page_of(published, definition), "html.parser")
    quotes = [quote.p.get_text() for quote in soup.select(".quotation blockquote")]
    assert quotes == [legible(text)] * 2
    assert [c.get_text() for c in soup.select(".quotation figcaption")] == [legible(text)] * 2
    assert not soup.select(".quotation img, .quotation script, .quotation h1")
