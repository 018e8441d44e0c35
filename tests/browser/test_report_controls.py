"""What the page's script adds: compare, choose, find, save; each by keyboard, each announced."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from browser.every_block import PICTURE
from visits import Visit

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]


def shown(page: Any, what: str) -> list[str]:
    """The texts of these elements, as far as they can be seen."""
    return [e.inner_text() for e in page.locator(what).all() if e.is_visible()]


def saved(page: Any, button: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


# --- compare by --------------------------------------------------------------------------------------------------------


def test_one_break_is_shown_and_the_arrow_keys_choose_another(visit: Open) -> None:
    page = visit("blocks.html").page
    tables = "#visits > .compare caption"
    assert shown(page, tables) == ["Table 2. Visits by Phase"]
    page.locator("#visits > .compare input").first.focus()
    page.keyboard.press("ArrowRight")
    assert shown(page, tables) == ["Table 3. Visits by Region"]
    assert page.locator("#said").inner_text() == "Visits: comparison by Region is shown."
    page.keyboard.press("ArrowLeft")
    assert shown(page, tables) == ["Table 2. Visits by Phase"]
    assert page.get_by_role("group", name="Compare Visits by").count() == 1


def test_comparisons_are_chosen_one_by_one_and_a_single_one_needs_no_choice(visit: Open) -> None:
    page = visit("blocks.html").page
    page.locator("#visits").get_by_role("radio", name="Café").check()
    assert shown(page, "#voices .choice caption") == ["Table 7. Themes by Role"]
    assert shown(page, "#one-break caption") == ["Table 6. Loans by Sex"]
    assert page.locator("#one-break input").count() == 0


# --- charts and tables -------------------------------------------------------------------------------------------------


def test_charts_can_stand_without_the_tables_beside_them_and_the_other_way_round(visit: Open) -> None:
    page = visit("blocks.html").page
    both = (len(shown(page, "figure.chart img")), len(shown(page, "caption")))
    assert both == (3, 4)
    page.get_by_role("radio", name="Charts", exact=True).check()
    assert len(shown(page, "figure.chart img")) == 3
    assert shown(page, "caption") == ["Table 6. Loans by Sex"]  # no chart shows it
    assert not shown(page, "#visits > .compare")
    assert page.locator("#said").inner_text() == "Tables are left out where a chart stands for them."
    page.get_by_role("radio", name="Tables", exact=True).check()
    assert (len(shown(page, "figure.chart img")), len(shown(page, "caption"))) == (0, 4)
    page.get_by_role("radio", name="Both").check()
    assert (len(shown(page, "figure.chart img")), len(shown(page, "caption"))) == both


def test_nothing_is_remembered_beyond_the_page(visit: Open) -> None:
    page = visit("blocks.html").page
    page.get_by_role("radio", name="Tables", exact=True).check()
    page.reload()
    assert page.get_by_role("radio", name="Both").is_checked()
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


# --- find --------------------------------------------------------------------------------------------------------------


def test_what_is_sought_stays_with_its_contents_and_the_hits_are_announced(visit: Open) -> None:
    found = visit("blocks.html")
    assert found.page.locator("#found").get_attribute("role") == "status"
    assert found.find("CAFE") == "1 hit in 1 part of 5."  # whatever the accents and capitals
    assert shown(found.page, "main section > h2, main section > h3") == ["Findings", "Visits"]
    assert shown(found.page, ".contents a") == ["Findings", "Visits"]
    assert shown(found.page, "#visits > .compare caption") == ["Table 4. Visits by Café"]  # it comes forward
    assert found.page.evaluate("[...CSS.highlights.get('found')].map(String)") == ["Café"]


def test_a_theme_sifts_the_quotations(visit: Open) -> None:
    found = visit("blocks.html")
    found.find("never")
    assert shown(found.page, ".quotations .theme") == ["Noise"]
    found.find("calm")
    assert shown(found.page, ".quotations .theme") == ["Calm"]


def test_escape_brings_all_back(visit: Open) -> None:
    found = visit("blocks.html")
    page = found.page
    before = shown(page, "h2, h3, .theme, caption")
    found.find("column 7")
    assert page.locator("details", has_text="Tests").last.get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert page.locator("#find").input_value() == ""
    assert page.locator("#found").inner_text() == ""
    assert shown(page, "h2, h3, .theme, caption") == before
    assert page.evaluate("CSS.highlights.get('found').size") == 0


def test_what_cannot_be_found_is_said_in_the_words_it_was_sought(visit: Open) -> None:
    found = visit("blocks.html")
    assert found.find("<b>zebra") == "Nothing in this report holds ‘<b>zebra’."
    assert not shown(found.page, "main section")
    assert found.find("z") == "Type at least two letters."
    assert len(shown(found.page, "main section")) == 5


def test_enter_leads_to_the_first_part_found(visit: Open) -> None:
    found = visit("blocks.html")
    found.find("quiet")
    found.page.keyboard.press("Enter")
    assert found.page.evaluate("document.activeElement.textContent") == "Voices"


def test_a_link_to_what_is_filtered_away_brings_it_back(visit: Open) -> None:
    found = visit("blocks.html")
    for _ in range(2):  # the second time the address of the page is that of the link already
        found.find("remark")
        assert not found.page.locator("#visits").is_visible()
        found.page.get_by_role("link", name="Visits", exact=True).first.click()
        assert found.page.locator("#visits").is_visible()
        assert found.page.locator("#find").input_value() == ""


# --- contents ----------------------------------------------------------------------------------------------------------


def test_the_contents_mark_where_the_reader_is(visit: Open) -> None:
    page = visit("blocks.html", reduced_motion="reduce").page
    current = page.locator(".contents [aria-current=location]")
    for name in ("Visits", "Opening"):
        page.locator(".contents").get_by_role("link", name=name).click()
        page.wait_for_timeout(100)
        assert current.all_inner_texts() == [name]


# --- save --------------------------------------------------------------------------------------------------------------


def test_a_saved_table_is_the_one_that_is_shown(visit: Open) -> None:
    page = visit("blocks.html").page
    name, content = saved(page, "Save Table 1 as CSV")
    assert name == "table-1-visits-per-cents.csv"
    assert content.startswith(b"\xef\xbb\xbf") and content.count(b"\n") == content.count(b"\r\n") == 6
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert lines == [
        ["Table 1. Visits: per cents – Simulated data – Not for release", "", "", "", "", ""],
        [
            "Answer",
            "Everyone",
            "Phase: Primary",
            "Phase: Primary, small print",
            "Phase: Secondary",
            "Phase: Secondary, small print",
        ],
        ["Often", "1,042", "41", "38 to 44; above B", "[c]", ""],
        ["'-5 or less", "-5", "+3", "", "'@b", "'=2+2"],
        ["Base", "88", "44", "", "44", ""],
        ["A note. Shorthand: [c] suppressed.", "", "", "", "", ""],
    ]
    assert page.locator("#said").inner_text() == "table-1-visits-per-cents.csv is saved."


def test_headings_that_rows_share_stand_in_each_row_of_a_saved_table(visit: Open) -> None:
    found = visit("blocks.html")
    found.open_folds()
    _, content = saved(found.page, "Save Table 5 as CSV")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [line[:3] for line in lines[2:]] == [
        ["A", "x", "0.5"],
        ["A", "y", "0.5"],
        ["B", "x", "0.5"],
        ["B", "y", "0.5"],
    ]


def test_no_saved_cell_is_a_formula(visit: Open) -> None:
    name, content = saved(visit("hostile.html").page, "Save Table 1 as CSV")
    assert name.isascii() and len(name) < 100 and "/" not in name
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    cells = [cell for line in lines for cell in line if cell]
    assert sum("alert" in cell for cell in cells) > 8
    assert not [cell for cell in cells if cell[0] in "=@\t\r" or (cell[0] in "+-" and not cell[1:].isdigit())]
    assert len({len(line) for line in lines}) == 1


def test_a_saved_figure_is_the_file_that_was_drawn(visit: Open) -> None:
    name, content = saved(visit("blocks.html").page, "Save Figure 1 as SVG")
    assert name == "figure-1-often-is-common.svg"
    assert content.decode() == PICTURE
