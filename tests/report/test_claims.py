"""The authors' sentences lead the summary with what stands behind them, and the report says what they hang on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from plait.report.blocks import Bullets, Cell, Facts, FigureBlock, Fold, Paragraph, Section, TableBlock
from plait.report.content import report_content
from plait.report.figures import INDEX, draw_figures, read_index
from plait.report.html import html_page
from plait.report.published import Published
from plait.report.spreadsheet import write_spreadsheet
from report.make_published import empty_published, make_definition, make_published

pytestmark = pytest.mark.rendering

FIGURE = dict.fromkeys(INDEX.columns, "x") | {"name": "robustness", "kind": "robustness"}


def section(published: Published, anchor: str) -> Section:
    report = report_content(published, make_definition(), INDEX.of(pd.DataFrame([FIGURE])))
    return next((s for s in report.sections if s.anchor == anchor), Section(anchor, ""))


def only(found: Section, kind: type) -> list:  # type: ignore[type-arg]
    return [block for block in found.blocks if isinstance(block, kind)]


def test_the_summary_begins_with_the_sentences_each_with_interval_and_base() -> None:
    facts = section(make_published(), "summary").blocks[0]
    assert isinstance(facts, Facts)
    sentences = dict(facts.items)
    assert list(sentences) == [
        "Teachers use the library for quiet (54%), and nearly seven in ten for pleasure.",
        "Of 14 people, 12 speak of staff.",
    ]
    quiet, pleasure = sentences[next(iter(sentences))].splitlines()
    assert quiet.startswith("54%: 95% interval 52% to 57%; base 1,842. ")
    assert pleasure.startswith("Nearly seven in ten: 68%; 95% interval 66% to 71%; base 1,842. ")
    assert sentences["Of 14 people, 12 speak of staff."].startswith("12: base 14. Interviews: Staff and time")


def test_marks_of_numbers_are_told_below_the_sentences() -> None:
    published = make_published()
    published = replace(published, claims=published.claims.assign(marker="u", note="weighted to illustrative targets"))
    _, below, *_ = section(published, "summary").blocks
    assert isinstance(below, Paragraph)
    assert below.text == "Remarks: weighted to illustrative targets. Shorthand: [u] unreliable: small base."


def test_the_appendix_says_where_each_number_comes_from() -> None:
    (display,) = only(section(make_published(), "sources-of-numbers"), TableBlock)
    rows = [[cell.text for cell in row.cells] for row in display.rows]
    assert len(rows) == 3
    assert rows[1][1:] == [
        "nearly seven in ten",
        rows[1][2],
        "Survey estimates",
        "in words: below it, by no more than 3 points",
        "68%",
        "66% to 71%",
        "1,842",
    ]
    assert rows[2][4:] == ["not rounded", "12", "[z]", "14"]
    assert all(text for row in rows for text in row)


def test_each_headline_says_how_far_it_moves_and_what_takes_it_out_of_its_interval() -> None:
    found = section(make_published(), "robustness")
    assert only(found, FigureBlock)
    (said,) = only(found, Bullets)
    quiet, pleasure, told = said.items
    assert quiet.endswith(
        "under 2 other choices it moves by at most 1 point and stays within its 95% interval, 52% to 57%."
    )
    assert (
        "moves by at most 9 points; outside its 95% interval, 66% to 71%, lies \u2018Without weights\u2019 (77%)."
        in pleasure
    )
    assert told.endswith("no other choice can be shown (not possible: nobody else coded these texts).")


def test_under_one_other_choice_a_number_moves_and_not_at_most() -> None:
    published = make_published()
    choices = published.robustness
    one = choices[(choices["kind"] == "") | (choices["alternative"] == "Without weights")]
    (said,) = only(section(replace(published, robustness=one), "robustness"), Bullets)
    assert any("under 1 other choice it moves by 9 points;" in item for item in said.items)


def test_the_table_of_choices_has_no_empty_cell_and_marks_a_hidden_base() -> None:
    (fold,) = only(section(make_published(), "robustness"), Fold)
    (display,) = fold.blocks
    assert isinstance(display, TableBlock)
    assert all(cell.text for row in display.rows for cell in row.cells)
    hidden = next(row for row in display.rows if row.cells[1].text == "Without those who use it for nothing")
    assert hidden.cells[1].under.startswith("the base is not given")
    assert hidden.cells[4] == Cell("[c]")


def test_without_claims_there_is_neither_section_nor_headline() -> None:
    published = replace(make_published(), claims=empty_published().claims, robustness=empty_published().robustness)
    assert not section(published, "sources-of-numbers").blocks
    assert not section(published, "robustness").blocks
    assert not only(section(published, "summary"), Paragraph)[0].text.startswith("Remarks")


def test_a_hostile_sentence_is_text_in_the_page_and_in_the_spreadsheet(tmp_path: Path) -> None:
    hostile = '=HYPERLINK("x") <script>alert(1)</script> {{ 7*7 }} 54%'
    published = make_published()
    published = replace(published, claims=published.claims.assign(sentence=hostile))
    definition = make_definition()
    draw_figures(published, definition, tmp_path / "figures")
    index = read_index(tmp_path / "figures")
    page = html_page(report_content(published, definition, index), tmp_path / "figures")
    assert "<script>alert(1)" not in page
    assert "{{ 7*7 }}" in page
    write_spreadsheet(published, definition, tmp_path / "tables.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "tables.xlsx")["Claims"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == hostile]
    assert {cell.data_type for cell in cells} == {"s"}


def test_the_spreadsheet_has_both_tables(tmp_path: Path) -> None:
    write_spreadsheet(make_published(), make_definition(), tmp_path / "tables.xlsx")
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    robust = [[str(cell.value) for cell in row] for row in book["Robustness"].iter_rows()]
    heading = next(row for row in robust if row[0] == "Printed")
    assert heading[:8] == ["Printed", "Cell", "Choice", "Unit", "Value", "95% interval from", "95% interval to", "Base"]
    assert [row[2] for row in robust if row[0] == "54%"] == [
        "as reported",
        "Without weights",
        "Without those who use it for nothing",
    ]


# --- the figure --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    draw_figures(make_published(), make_definition(), folder)
    return folder


def test_the_figure_counts_the_headlines_that_stay_and_names_what_does_not(drawn: Path) -> None:
    index = read_index(drawn).set_index("name")
    assert index.loc["robustness", "title"] == (
        "1 of 2 headline numbers stay within their 95% interval under every other choice"
    )
    svg = (drawn / "robustness.svg").read_text(encoding="utf-8")
    for text in ("Nearly seven in ten", "Outside: Without weights: 77%", "68% to 77%", "n = 1,842"):
        assert text in svg
    data = pd.read_csv(drawn / "robustness.csv")
    assert set(data["claim"]) == {"backed"}  # of the other headline there is nothing beside it to show


def test_nothing_to_show_is_said(tmp_path: Path) -> None:
    published = replace(make_published(), robustness=empty_published().robustness)
    draw_figures(published, make_definition(), tmp_path)
    assert read_index(tmp_path).set_index("name").loc["robustness", "title"] == "Other choices: nothing to show"


def test_what_is_withheld_is_neither_drawn_nor_in_the_data(tmp_path: Path) -> None:
    published = make_published()
    rows = published.robustness
    hidden = rows["alternative"] == "Without weights"
    gone = rows.assign(
        value=rows["value"].mask(hidden),
        difference=rows["difference"].mask(hidden),
        inside=rows["inside"].mask(hidden, ""),
        marker=rows["marker"].mask(hidden, "c"),
    )
    draw_figures(replace(published, robustness=gone), make_definition(), tmp_path)
    svg, data = ((tmp_path / f"robustness.{kind}").read_text(encoding="utf-8") for kind in ("svg", "csv"))
    assert "Without weights" not in svg + data
    assert "Not shown, withheld: 2 numbers." in read_index(tmp_path).set_index("name").loc["robustness", "footnote"]
