"""The strands brought together: each display with its bases, in words that say what joins what."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from plait import tables
from plait.report.blocks import Fold, Note, Paragraph, Report, Section, TableBlock, in_reading_order
from plait.report.content import report_content
from plait.report.published import Published
from report.make_published import make_definition, make_published

NO_FIGURES = pd.DataFrame(columns=["name", "kind", "title", "subtitle", "alt", "footnote"])


def written(published: Published) -> Report:
    return report_content(published, make_definition(), NO_FIGURES)


def part(report: Report, anchor: str) -> Section:
    strands = next(s for s in report.sections if s.anchor == "strands-together")
    return next(s for s in strands.sections if s.anchor == anchor)


def table_in(section: Section) -> TableBlock:
    blocks = [b for block in section.blocks for b in (block.blocks if isinstance(block, Fold) else (block,))]
    return next(b for b in blocks if isinstance(b, TableBlock))


def said_in(section: Section) -> list[str]:
    return [b.text for b in section.blocks if isinstance(b, Paragraph)]


@pytest.fixture(scope="module")
def report() -> Report:
    return written(make_published())


def test_the_chain_leads_from_a_result_over_its_question_to_the_inference(report: Report) -> None:
    """Only the constructs that interviews asked about because of the survey are in it."""
    table = table_in(part(report, "strands-chain"))
    ((construct, survey, asked, spoken, follows),) = (row.cells for row in table.rows)
    assert construct.text == "Backing from senior leaders"
    assert survey.text.startswith("51% ") and survey.text.endswith("base 1,842)")
    assert asked.text == "What do your leaders do for the library?"
    assert spoken.text.splitlines()[1].startswith("10 of 14 ")
    assert follows.text.startswith("Half of teachers say") and follows.under.endswith("AB, 2 May 2025.")


def test_a_study_whose_interviews_did_not_follow_from_the_survey_has_no_chain() -> None:
    published = make_published()
    joint = published.joint_display.assign(interview_question="")
    strands = next(
        s for s in written(replace(published, joint_display=joint)).sections if s.anchor == "strands-together"
    )
    assert "strands-chain" not in [s.anchor for s in strands.sections]


def test_the_typology_has_groups_in_columns_and_a_base_in_every_cell(report: Report) -> None:
    section = part(report, "strands-groups")
    table = table_in(section)
    assert table.caption == "Typology by Phase (group-level)"
    assert [column.label for column in table.columns] == ["Construct", "Item", "Primary", "Secondary"]
    survey, texts = ([(c.text, c.under) for c in row.cells[2:]] for row in table.rows)
    assert [under for _, under in survey] == ["base 690", "base 1,071"]
    assert all(re.fullmatch(r"\d+%", text) for text, _ in survey)
    assert [text for text, _ in texts] == ["[c] of 4", "6 of 7"]
    assert "\u2018Phase\u2019 of the survey is joined with \u2018Phase\u2019 of Interviews" in table.note
    assert "in none of these groups are 3 of 14" in table.note
    assert "[c] suppressed for confidentiality" in table.note
    assert any("the people are not" in text for text in said_in(section))


def test_another_variable_has_its_groups_in_rows() -> None:
    published = make_published()
    by_role = published.strands_by_group.assign(variable="role", variable_label="Role")
    table = table_in(part(written(replace(published, strands_by_group=by_role)), "strands-groups"))
    assert table.caption == "Joint display by Role (group-level)"
    construct, group, survey, texts = table.rows[1].cells
    assert (construct.text, group.text) == ("Backing from senior leaders", "Secondary")
    assert re.fullmatch(
        r"\d+% \(base 1,071\) \u2018Agree or strongly agree\u2019, Leaders value the library", survey.text
    )
    assert table.columns[3].label == "Interviews"
    assert texts.text == "6 of 7 \u2018Backing from leaders\u2019"


def test_people_who_were_joined_are_counted_and_a_few_are_not(report: Report) -> None:
    joined, unweighted, hidden = said_in(part(report, "strands-people"))
    assert joined == (
        "Interviews: 9 of 14 are joined with their answers to the survey, by the survey\u2019s id, which is published "
        "nowhere. The others are left out: [c] had not agreed to be joined and [c] had not answered the survey, as far "
        "as is known."
    )
    assert "not weighted and not tested" in unweighted
    assert hidden.startswith("Interviews: 1 of 2 comparisons are not shown")


def test_answers_by_theme_have_both_bases(report: Report) -> None:
    table = table_in(part(report, "strands-people"))
    ((theme, item, speaking, silent),) = (row.cells for row in table.rows)
    assert (theme.text, theme.under) == ("Backing from leaders", "Backing from senior leaders")
    assert (item.text, item.under) == ("Agree or strongly agree", "Leaders value the library")
    assert [(c.text, c.under) for c in (speaking, silent)] == [("41% [u]", "base 44"), ("63% [u]", "base 51")]


def test_how_everyone_consented_is_repeated() -> None:
    definition = make_definition()
    people = {"interviews": {"respondent": "teacher", "consent_of_all": "All signed a form."}}
    joining = definition.joining.model_validate({"people": people})
    report = report_content(make_published(), definition.model_copy(update={"joining": joining}), NO_FIGURES)
    assert said_in(part(report, "strands-people"))[0].endswith("All signed a form.")


def test_the_quote_matrix_has_words_beside_the_count_of_the_group(report: Report) -> None:
    rows = [row.cells for row in table_in(part(report, "strands-words")).rows]
    assert [(c[1].text, c[1].under) for c in rows] == [
        ("Primary", "40 of 90"),
        ("Secondary", "48 of 124"),
        ("Not told", ""),
    ]
    assert [c[2].text for c in rows] == [
        "\u201cIt was [...] so quiet\u201d",
        "Nobody is quoted",
        "\u201cTwo lines\u201d",
    ]


def test_what_no_construct_speaks_of_is_named_and_listed(report: Report) -> None:
    section = part(report, "strands-unlinked")
    assert said_in(section)[0].startswith(
        "No construct speaks of \u2018New books arrive\u2019 and \u2018Reading culture\u2019."
    )
    listed = [[cell.text for cell in row.cells] for row in table_in(section).rows]
    assert listed == [
        ["Survey", "New books arrive", "The whole question"],
        ["Coded text", "Codebook", "Reading culture"],
    ]


def test_the_case_level_matrix_stands_where_the_gate_let_it_through() -> None:
    row = {"collection": "interviews", "collection_label": "Interviews", "construct": "backing", "label": "Backing"}
    survey = {
        "strand": "survey",
        "origin": "valued",
        "origin_label": "Leaders value",
        "item": "agree",
        "item_label": "Agree",
    }
    texts = {"strand": "coded_text", "origin": "interviews", "origin_label": "Interviews", "item": "leadership"}
    texts |= {"item_label": "Backing from leaders"}
    matrix = tables.PUBLISHED_CASE_LEVEL.of(
        [
            row | survey | {"number": 1, "value": 1},
            row | texts | {"number": 1, "value": 0},
            row | survey | {"number": 2, "value": pd.NA},
            row | texts | {"number": 2, "value": 1},
        ]
    )
    section = part(written(replace(make_published(), case_level=matrix)), "strands-people")
    table = next(
        b for block in section.blocks if isinstance(block, Fold) for b in block.blocks if isinstance(b, TableBlock)
    )
    assert [[cell.text for cell in r.cells] for r in table.rows] == [
        ["Case 1", "Backing", "\u2018Agree\u2019: yes", "\u2018Backing from leaders\u2019: no"],
        ["Case 2", "Backing", "\u2018Agree\u2019: no answer", "\u2018Backing from leaders\u2019: yes"],
    ]
    assert "Not for release" in table.caption


def test_an_inference_without_a_fit_is_told() -> None:
    published = make_published()
    joint = published.joint_display
    joint = joint.assign(fit=joint["fit"].mask(joint["construct"] == "backing", ""))
    report = written(replace(published, joint_display=joint))
    told = [b.text for b in in_reading_order(report) if isinstance(b, Note) and "has not been judged" in b.text]
    assert told == [
        "An inference is drawn, but how the strands fit has not been judged yet: \u2018Backing from senior leaders\u2019."
    ]
    assert not [
        b for b in in_reading_order(written(published)) if isinstance(b, Note) and "has not been judged" in b.text
    ]


def test_the_joint_display_quotes_somebody_on_a_theme_of_the_construct(report: Report) -> None:
    display = next(
        b for b in in_reading_order(report) if isinstance(b, TableBlock) and b.caption.startswith("Joint display of")
    )
    assert display.rows[0].cells[2].under == "\u201cIt was [...] so quiet\u201d (Pupil, Primary)"
    assert display.rows[1].cells[2].under == ""
