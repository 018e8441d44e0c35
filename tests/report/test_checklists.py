"""Reporting checklists in the report: what a run knows, what the authors say, and what is still open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from plait.checklists import checklists
from plait.report.blocks import Fold, Report, Section, TableBlock
from plait.report.content import report_content
from plait.report.published import Published
from plait.report.sections.checklist_answers import _ANSWERS, _IN_PART
from plait.report.sections.checklists import ANSWERED, NOT_APPLICABLE, OPEN, TO_BE_WRITTEN, answers, lines
from plait.report.sections.view import StudyView
from plait.study.definition import Definition, Reporting
from report.make_published import empty_published, make_definition, make_published
from report.test_spreadsheet_rules import one_strand


def saying(**reporting: Any) -> Definition:
    """The study whose authors have answered items."""
    return make_definition().model_copy(update={"reporting": Reporting.model_validate(reporting)})


def view(definition: Definition | None = None, published: Published | None = None) -> StudyView:
    return StudyView(published or make_published(), definition or make_definition(), pd.DataFrame())


def statuses(study: StudyView, checklist: str) -> dict[str, str]:
    return {a.item.name: a.status for a in answers(study, checklists()[checklist])}


def composed(definition: Definition | None = None, published: Published | None = None) -> Report:
    return report_content(
        published or make_published(), definition or make_definition(), pd.DataFrame(columns=["name"])
    )


def sections(found: tuple[Section, ...]) -> Iterator[Section]:
    for section in found:
        yield section
        yield from sections(section.sections)


def tables(report: Report) -> dict[str, TableBlock]:
    """The table of each checklist."""
    return {
        section.anchor: block.blocks[0]
        for section in sections(report.sections)
        if section.anchor.startswith("checklist-")
        for block in section.blocks
        if isinstance(block, Fold) and isinstance(block.blocks[0], TableBlock)
    }


def test_every_item_has_a_row_and_no_cell_is_empty() -> None:
    shown = tables(composed())
    assert list(shown) == ["checklist-gramms", "checklist-coreq", "checklist-cherries"]
    for name, table in shown.items():
        assert len(table.rows) == len(checklists()[name.removeprefix("checklist-")].items)
        assert all(cell.text for row in table.rows for cell in row.cells)


def test_what_nobody_has_written_is_visibly_open() -> None:
    assert statuses(view(), "gramms") == {
        "justification": OPEN,
        "design": ANSWERED,
        "methods": ANSWERED,
        "integration": ANSWERED,
        "limitations": OPEN,
        "insights": ANSWERED,
    }
    said = {row.cells[1].text: row.cells for row in tables(composed())["checklist-gramms"].rows}
    cells = said["Why the question needs more than one kind of method"]
    assert [c.text for c in cells[2:]] == [TO_BE_WRITTEN, "Nowhere yet", OPEN]


def test_the_authors_words_stand_before_those_of_the_run() -> None:
    definition = saying(gramms={"design": "Side by side"}, coreq={"gender": {"not_applicable": "Nobody asked"}})
    design = tables(composed(definition))["checklist-gramms"].rows[1].cells
    assert design[2].text == "Side by side."
    assert (
        design[2].under == "Convergent: both strands at the same time and with equal weight, merged in a joint display."
    )
    gender = answers(view(definition), checklists()["coreq"])[3]
    assert (gender.authors, gender.status) == ("Nobody asked.", NOT_APPLICABLE)


def test_an_item_that_a_run_knows_in_part_stays_open_until_the_authors_add_to_it() -> None:
    assert statuses(view(), "coreq")["sampling"] == OPEN
    assert statuses(view(saying(coreq={"sampling": "By role"})), "coreq")["sampling"] == ANSWERED


def test_the_sample_of_a_survey_is_not_told_as_that_of_the_interviews() -> None:
    sampling = next(i for i, item in enumerate(checklists()["coreq"].items) if item.name == "sampling")
    cell = tables(composed())["checklist-coreq"].rows[sampling].cells[2]
    assert (cell.text, cell.under) == (TO_BE_WRITTEN, "")
    published, definition = one_strand("coded_text")
    cell = tables(composed(definition, published))["checklist-coreq"].rows[sampling].cells[2]
    assert cell.text == TO_BE_WRITTEN and cell.under.startswith("Daily panel of volunteers")


def test_numbers_are_those_of_the_published_tables() -> None:
    said = {a.item.name: a.run.text for a in answers(view(), checklists()["coreq"])}
    interviews = [r for r in view().themes if r["collection"] == "interviews" and not r["by"] and r["unit"] == "cases"]
    themes = {r["theme"] for r in interviews if r["level"] == "theme"}
    assert said["sample_size"].startswith(f"{int(interviews[0]['of'])} ")
    assert said["major_themes"].startswith(f"{len(themes)} themes found")
    surveyed = {a.item.name: a.run.text for a in answers(view(), checklists()["cherries"])}
    assert surveyed["time"] == "3 to 14 March 2025 (the whole study, coded text included)."
    assert surveyed["questions"] == f"{len(view().questions)} questions are reported here."


def test_a_judgement_that_is_not_written_leaves_the_insight_open() -> None:
    published = make_published()
    unjudged = published.joint_display.assign(meta_inference="", fit="")
    assert statuses(view(published=replace(published, joint_display=unjudged)), "gramms")["insights"] == OPEN


@pytest.mark.parametrize("case", ["whole", "withheld", "survey", "coded_text"])
def test_every_answer_leads_to_a_section_of_that_title(case: str) -> None:
    if case in ("survey", "coded_text"):
        published, definition = one_strand(case)
    else:
        published, definition = make_published() if case == "whole" else empty_published(), make_definition()
    report = composed(definition, published)
    titles = {section.anchor: section.title for section in sections(report.sections)}
    linked = [row.cells[3] for table in tables(report).values() for row in table.rows if row.cells[3].anchor]
    assert len(linked) >= 3
    assert [c for c in linked if titles.get(c.anchor) != c.text] == []


def test_each_strand_has_its_checklists() -> None:
    assert list(tables(composed(*reversed(one_strand("survey"))))) == ["checklist-cherries"]
    assert list(tables(composed(*reversed(one_strand("coded_text"))))) == ["checklist-coreq"]


def test_a_checklist_that_is_left_out_says_why() -> None:
    report = composed(saying(leave_out={"cherries": "The survey was on paper"}))
    assert list(tables(report)) == ["checklist-gramms", "checklist-coreq"]
    (section,) = (s for s in report.sections if s.anchor == "checklists")
    assert "CHERRIES: online surveys: left out. The survey was on paper." in [
        getattr(b, "text", "") for b in section.blocks
    ]


def test_the_summary_counts_the_items() -> None:
    (gramms,) = (s for s in sections(composed().sections) if s.anchor == "checklist-gramms")
    assert getattr(gramms.blocks[0], "text", "").endswith("Of 6 items, answered: 4, needs the authors: 2.")


def test_the_spreadsheets_lines_are_the_same_answers() -> None:
    found = list(lines(view()))
    assert len(found) == 6 + 32 + 30
    assert all(all(str(value) for value in line) for line in found)
    assert [line[6] for line in found[:6]] == list(statuses(view(), "gramms").values())


def test_the_run_answers_items_that_exist() -> None:
    known = {(name, item.name) for name, checklist in checklists().items() for item in checklist.items}
    assert set(_ANSWERS) <= known
    assert set(_ANSWERS) >= _IN_PART
