"""The report says what the published tables say, whatever a study has or lacks, and leaves no cell empty."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait import tables
from plait.disclosure.rules import PROFILES
from plait.report.blocks import (
    Bullets,
    Facts,
    FigureBlock,
    Fold,
    Heading,
    KeyFigures,
    Note,
    Report,
    TableBlock,
    in_reading_order,
    legible,
)
from plait.report.content import report_content
from plait.report.printing import (
    legend,
    named,
    printed,
    printed_as_is,
    printed_day,
    printed_days,
    printed_or,
    printed_p,
    printed_range,
    sentence,
)
from plait.report.published import Published
from plait.report.sections.disclosure import group_in_words, place_in_words
from plait.report.sections.view import StudyView
from plait.study.definition import Definition
from plait.study.wording import listed
from report.make_published import empty_published, make_definition, make_published

NO_FIGURES = pd.DataFrame(columns=["name", "kind", "title", "subtitle", "alt", "footnote"])


@pytest.fixture(scope="module")
def report() -> Report:
    return report_content(make_published(), make_definition(), NO_FIGURES)


def report_of(published: Published) -> Report:
    return report_content(published, make_definition(), NO_FIGURES)


def all_tables(report: Report) -> dict[str, TableBlock]:
    return {t.caption: t for block in in_reading_order(report) for t in inside(block)}


def inside(block: Any) -> Iterator[TableBlock]:
    if isinstance(block, TableBlock):
        yield block
    elif isinstance(block, Fold):
        for inner in block.blocks:
            yield from inside(inner)


def texts(part: Any) -> Iterator[str]:
    """Every text of a report, wherever it stands."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from texts(inner)
    elif is_dataclass(part):
        for field in fields(part):
            yield from texts(getattr(part, field.name))


def titles(report: Report) -> list[str]:
    return [block.text for block in in_reading_order(report) if isinstance(block, Heading) and block.level == 2]


def block_of(report: Report, section: str, kind: type) -> Any:
    found = next(s for s in report.sections if s.anchor == section)
    return next(block for block in found.blocks if isinstance(block, kind))


def only(definition: Definition, strand: str) -> Definition:
    other = {"survey": "coded_text", "coded_text": "survey"}[strand]
    return definition.model_copy(update={other: None, "linking": None})


def only_published(published: Published, strand: str) -> Published:
    kept = {
        "survey": ("survey_", "sample_", "weighting", "row_", "cleaning", "reconciliation"),
        "coded_text": ("theme", "agree", "cod", "decisions", "adjudication"),
    }
    empty = empty_published()
    dropped = {f.name for f in fields(Published) if not f.name.startswith(kept[strand])}
    return replace(published, **{name: getattr(empty, name) for name in dropped})


# --- printing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "marker", "digits", "text"),
    [
        (1842, "", 0, "1,842"),
        (0.5, "", 0, "1"),
        (2.5, "", 0, "3"),
        (1234567.005, "", 2, "1,234,567.01"),
        (-0.2, "", 0, "0"),
        (34.0, "u", 0, "34 [u]"),
        (0.0, "low", 0, "0 [low]"),
        (float("nan"), "c", 0, "[c]"),
        (pd.NA, "", 0, "[z]"),
        (None, "u", 2, "[u]"),
    ],
)
def test_numbers_are_printed_one_way(value: Any, marker: str, digits: int, text: str) -> None:
    assert printed(value, marker, digits) == text


def test_other_ways_of_printing() -> None:
    assert printed_or(34, "u") == "34"
    assert printed_or(pd.NA, "c") == "[c]"
    assert [printed_as_is(v) for v in (6.0, 1.31, 1e-10, float("nan"))] == ["6", "1.31", "<0.01", "[z]"]
    assert [printed_p(p) for p in (0.0004, 0.0125, 1.0)] == ["<0.001", "0.013", "1.000"]
    assert printed_p(None, "u") == "[u]"
    assert printed_range(29, 39) == "29 to 39"
    assert printed_range(float("nan"), 39, "c") == "[c]"
    assert printed_range(0.5, 0.625, digits=2) == "0.50 to 0.63"


def test_dates_are_words_in_every_locale() -> None:
    day = datetime.date
    assert printed_day("2025-05-02") == "2 May 2025"
    assert printed_day("early May") == "early May"
    assert printed_days(day(2025, 3, 3), day(2025, 3, 3)) == "3 March 2025"
    assert printed_days(day(2025, 3, 3), day(2025, 3, 14)) == "3 to 14 March 2025"
    assert printed_days(day(2025, 3, 31), day(2025, 4, 2)) == "31 March to 2 April 2025"
    assert printed_days(day(2024, 12, 31), day(2025, 1, 2)) == "31 December 2024 to 2 January 2025"


def test_small_words() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert listed([]) == ""
    assert [sentence(t) for t in ("Yes", "Yes?", "Yes. ", "")] == ["Yes.", "Yes?", "Yes.", ""]
    assert (
        legend(["34 [u]", "[c]", "[sic]"])
        == "Shorthand: [c] suppressed for confidentiality; [u] unreliable: small base."
    )
    assert legend(["34"]) == ""


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_becomes_legible_and_stays_what_it_says(text: str) -> None:
    shown = legible(text)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]", shown)
    shown.encode("utf-8")
    assert legible(shown) == shown
    assert [c for c in shown if c.isascii()] == [c for c in text if c in "\t\n\r" or " " <= c <= "~"]


def test_letters_of_every_script_stay() -> None:
    for text in (
        "caf\u00e9",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f469\u200d\U0001f3eb",
        "\u0e17\u0e35\u0e48",
    ):
        assert legible(text) == text


# --- the whole ---------------------------------------------------------------------------------------------------------


def test_a_full_study_has_every_section_in_order(report: Report) -> None:
    assert titles(report) == [
        "About this study",
        "Summary",
        "How to read this report",
        "Who answered",
        "Survey findings",
        "What people said",
        "Bringing the strands together",
        "How far the headlines depend on choices",
        "Checks",
        "Limitations",
        "Methods",
        "Where each number comes from",
        "Reporting checklists",
    ]


def test_headings_never_skip_a_level_and_anchors_are_unique(report: Report) -> None:
    headings = [block for block in in_reading_order(report) if isinstance(block, Heading)]
    levels = [1, *(h.level for h in headings)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len({h.anchor for h in headings}) == len(headings)


def test_tables_are_numbered_in_reading_order_and_have_captions_of_their_own(report: Report) -> None:
    found = [t for block in in_reading_order(report) for t in inside(block)]
    assert [t.number for t in found] == list(range(1, len(found) + 1))
    assert len({t.caption for t in found}) == len(found) > 20


def test_no_cell_is_empty_and_every_row_is_as_wide_as_its_table(report: Report) -> None:
    for table in all_tables(report).values():
        for row in table.rows:
            assert len(row.cells) == len(table.columns), table.caption
            assert all(cell.text.strip() for cell in row.cells), table.caption
        assert all(column.label.strip() for column in table.columns)


def test_no_internal_name_or_missing_value_is_printed(report: Report) -> None:
    for text in texts(report.sections):
        assert not re.search(r"\bnan\b|<NA>|\bNone\b(?! of| given)", text), text


def test_about_says_where_full_tables_are_and_how_supplied_weights_were_made() -> None:
    definition = make_definition()
    about = definition.about.model_copy(update={"tables": "At the office of the group"})
    survey = definition.survey
    assert survey and survey.weighting
    how = "By the vendor, to the school census"
    weighting = survey.weighting.model_copy(update={"method": "supplied", "targets": None, "description": how})
    changed = {"about": about, "survey": survey.model_copy(update={"weighting": weighting})}
    report = report_content(make_published(), definition.model_copy(update=changed), NO_FIGURES)
    facts = dict(block_of(report, "about", Facts).items)
    assert facts["Full tables"] == "At the office of the group."
    assert facts["Weighting"].endswith(f"{how}.")
    methods = next(s for s in report.sections if s.anchor == "methods")
    (told,) = next(s for s in methods.sections if s.anchor == "methods-weighting").blocks
    assert isinstance(told, Facts) and ("How the weights were made", f"{how}.") in told.items


def test_about_has_what_pollsters_must_disclose(report: Report) -> None:
    facts = dict(block_of(report, "about", Facts).items)
    about = make_definition().about
    assert facts["Commissioned by"] == about.commissioned_by
    assert facts["Population"] == about.population
    assert facts["Sample"] == about.sample
    assert facts["Mode"] == about.mode
    assert facts["Fieldwork"] == "3 to 14 March 2025"
    assert facts["Full tables"] == "In the spreadsheet and the CSV files that come with this report."
    assert "word for word" in facts["Questions"]
    assert "1,842 survey respondents" in facts["Sizes"]
    assert "214 answers" in facts["Sizes"]
    assert facts["Weighting"] == "Survey figures are weighted by Phase."
    assert "simulated" in block_of(report, "about", Note).text


# --- numbers -----------------------------------------------------------------------------------------------------------


def number(text: str) -> float:
    """The number that a cell says, or none where it says only a marker."""
    found = re.match(r"-?[\d,]+(\.\d+)?", text)
    return float(found[0].replace(",", "")) if found else math.nan


def test_the_summary_gives_each_questions_leading_answer_with_base_and_interval(report: Report) -> None:
    findings = {f.label: f for f in block_of(report, "summary", KeyFigures).figures}
    estimates = make_published().survey_estimates
    for question, label in (("uses", "Uses of the library"), ("money", "Main source of money for books")):
        total = estimates[(estimates["question"] == question) & (estimates["break"] == "")]
        top = total.loc[total["per_cent"].idxmax()]
        assert findings[label].value == f"{top['per_cent']:.0f}%"
        assert f"\u2018{top['option_label']}\u2019" in findings[label].detail
        assert (
            f"95% interval {top['ci_low']:.0f}% to {top['ci_high']:.0f}%; base {top['base_unweighted']:,}"
            in findings[label].detail
        )
        assert findings[label].anchor == f"question-{question}"


def test_the_summary_takes_the_net_of_a_scale_and_names_the_spread_and_its_test(report: Report) -> None:
    finding = next(f for f in block_of(report, "summary", KeyFigures).figures if f.anchor == "question-valued")
    assert finding.value == "51%"
    assert "gave one of the answers in \u2018Agree or strongly agree\u2019" in finding.detail
    assert "from 43% (Classroom teacher, base 1,102) to 69% (Senior leader, base 228)" in finding.detail
    assert "adjusted p\u00a0<0.001 for all answers together" in finding.detail


def test_the_summary_leaves_unreliable_groups_out_of_the_spread() -> None:
    published = make_published()
    estimates = published.survey_estimates.copy()
    estimates.loc[estimates["group"] == "all_through", "per_cent"] = 99.0
    report = report_content(replace(published, survey_estimates=estimates), make_definition(), NO_FIGURES)
    assert not any("99%" in f.detail for f in block_of(report, "summary", KeyFigures).figures)


def test_a_tie_names_all_leading_answers() -> None:
    published = make_published()
    estimates = published.survey_estimates.copy()
    estimates.loc[
        (estimates["question"] == "money") & (estimates["option"].isin(["budget", "parents"])), "per_cent"
    ] = 40.0
    report = report_content(replace(published, survey_estimates=estimates), make_definition(), NO_FIGURES)
    finding = next(f for f in block_of(report, "summary", KeyFigures).figures if f.anchor == "question-money")
    assert "\u2018School budget\u2019 and \u2018Parents\u2019 association\u2019, as many each" in finding.detail


def test_the_table_of_everyone_has_per_cent_interval_unweighted_and_three_bases(report: Report) -> None:
    table = all_tables(report)["Leaders value the library: weighted per cents"]
    labels = [
        "Answer",
        "Per cent",
        "95% interval",
        "Per cent unweighted",
        "Unweighted base",
        "Weighted base",
        "Effective base",
    ]
    assert [c.label for c in table.columns] == labels
    estimates = make_published().survey_estimates
    total = estimates[(estimates["question"] == "valued") & (estimates["break"] == "")]
    assert len(table.rows) == len(total)
    for row, (_, cell) in zip(table.rows, total.iterrows(), strict=True):
        said = [c.text for c in row.cells]
        assert said[0].removeprefix("Net: ") == cell["option_label"]
        assert said[2] == f"{cell['ci_low']:.0f} to {cell['ci_high']:.0f}"
        columns = ["per_cent", "per_cent_unweighted", "base_unweighted", "base_weighted", "base_effective"]
        assert [number(said[i]) for i in (1, 3, 4, 5, 6)] == [float(cell[c]) for c in columns]


def test_tables_by_break_show_groups_with_their_markers_and_hide_the_withheld(report: Report) -> None:
    table = all_tables(report)["Uses of the library by Phase: weighted per cents"]
    assert [c.label for c in table.columns] == [
        "Answer",
        "Everyone",
        "Primary",
        "Secondary",
        "All-through [u]",
        "Special",
    ]
    assert {c.group for c in table.columns[2:]} == {"Phase"}
    special = [row.cells[5].text for row in table.rows]
    assert special == ["[c]"] * len(table.rows)
    assert "[c] suppressed for confidentiality" in table.note and "[u] unreliable" in table.note
    first = table.rows[0].cells
    assert (first[2].text, first[2].under) == ("74", "70 to 78")
    bases = {row.cells[0].text: row.cells[2].text for row in table.rows if row.kind == "base"}
    assert bases == {"Unweighted base": "690", "Weighted base": "693", "Effective base": "527"}


def test_the_break_of_the_comparison_comes_first(report: Report) -> None:
    section = next(s for s in report.sections if s.anchor == "survey-findings").sections[1]
    choices = [b for b in section.blocks if isinstance(b, Fold) and b.choice]
    assert [b.choice for b in choices] == ["Role", "Phase"]
    assert [b.summary for b in choices] == ["Table by Role", "Table by Phase"]


def test_the_wording_and_the_base_of_a_question_stand_open_before_its_numbers(report: Report) -> None:
    section = next(s for s in report.sections if s.anchor == "survey-findings").sections[0]
    asked = section.blocks[0]
    assert isinstance(asked, Fold) and asked.open and not asked.choice
    assert [type(b).__name__ for b in asked.blocks] == ["Wording", "Paragraph"]


def test_a_base_that_differs_between_answers_is_given_from_least_to_most() -> None:
    published = make_published()
    estimates = published.survey_estimates.copy()
    row = estimates.index[(estimates["question"] == "money") & (estimates["group"] == "primary")][0]
    estimates.loc[row, "base_effective"] = 500.0
    report = report_content(replace(published, survey_estimates=estimates), make_definition(), NO_FIGURES)
    table = all_tables(report)["Main source of money for books by Phase: weighted per cents"]
    assert next(r for r in table.rows if r.cells[0].text == "Effective base").cells[2].text == "500 to 527"


def test_a_vendors_table_is_told_apart_and_stands_behind_respondents_rows() -> None:
    published = make_published()
    estimates = published.survey_estimates
    both = estimates[estimates["question"] == "uses"].assign(grain="breakdown", weight_set="")
    report = report_content(
        replace(published, survey_estimates=pd.concat([estimates, both], ignore_index=True)),
        make_definition(),
        NO_FIGURES,
    )
    assert "Uses of the library: weighted per cents" in all_tables(report)
    assert "Uses of the library: unweighted per cents from the vendor\u2019s breakdown table" in all_tables(report)
    section = next(s for s in report.sections if s.anchor == "survey-findings").sections[0]
    assert section.blocks[-1].summary == "The same question from the vendor\u2019s breakdown table"  # type: ignore[union-attr]


def test_tests_are_given_with_method_p_and_effect(report: Report) -> None:
    table = all_tables(report)["Uses of the library: tests of differences between groups"]
    said = [cell.text for cell in table.rows[0].cells]
    assert said == [
        "Phase",
        "Reading for pleasure",
        "Rao-Scott chi-squared",
        "9.41",
        "1.90; 3,487",
        "<0.001",
        "<0.001",
        "0.11 (0.04 to 0.18)",
    ]


def test_tests_that_were_not_made_are_told_in_a_sentence_a_reason() -> None:
    published = make_published()
    what = "Uses of the library: tests of differences between groups"

    def without(answers: list[str]) -> Report:
        tests = published.survey_tests.copy()
        gone = (tests["question"] == "uses") & tests["option_label"].isin(answers)
        none = {"method": "", "p": math.nan, "p_adjusted": math.nan, "effect": math.nan, "marker": "u"}
        for column, value in (none | {"note": "a group has fewer than 30 people"}).items():
            tests.loc[gone, column] = value
        return report_content(replace(published, survey_tests=tests), make_definition(), NO_FIGURES)

    first, *others = dict.fromkeys(published.survey_tests.query("question == 'uses'")["option_label"])
    some = without([first])
    assert f"Not tested by Phase ({first}): a group has fewer than 30 people." in texts(some)
    assert {row.cells[1].text for row in all_tables(some)[what].rows} == set(others)
    none = without([first, *others])
    assert "Not tested by Phase: a group has fewer than 30 people." in texts(none)
    assert what not in all_tables(none)


def test_a_question_is_not_compared_by_what_shows_one_group_alone() -> None:
    published = make_published()
    estimates = published.survey_estimates.copy()
    of = (estimates["question"] == "uses") & (estimates["break"] == "phase")
    told = next(name for name in all_tables(report_of(published)) if name.startswith("Uses of the library by Phase"))
    hidden = of & (estimates["group"] != estimates.loc[of, "group"].iloc[0])
    estimates.loc[hidden, ["per_cent", "ci_low", "ci_high", "per_cent_unweighted"]] = math.nan
    estimates.loc[hidden, "marker"] = "u"
    said = "Not compared by Phase: there are not two groups of which per cents can be shown."
    alone = report_of(replace(published, survey_estimates=estimates))
    assert told not in all_tables(alone)
    assert said in texts(alone)
    estimates.loc[hidden, "marker"] = "z"  # nobody else was asked: there is nothing to compare, and nothing to tell
    assert said not in texts(report_of(replace(published, survey_estimates=estimates)))


def test_themes_that_are_hidden_in_every_group_are_counted_below_the_table() -> None:
    published = make_published()
    counts = published.theme_counts.copy()
    split = counts["by"] != ""
    by_group = [caption for caption in all_tables(report_of(published)) if ": themes by " in caption]
    theme, other, *_ = dict.fromkeys(counts.loc[split, "theme"])
    gone = split & (counts["theme"] == theme)
    counts.loc[gone, "n"] = pd.NA
    counts.loc[gone, "marker"] = "c"
    shown = all_tables(report_of(replace(published, theme_counts=counts)))
    label = counts.loc[gone, "theme_label"].iloc[0]
    for caption in by_group:
        assert label not in [row.cells[0].text for row in shown[caption].rows]
        assert "hidden in every group, and left out: 1" in shown[caption].note
    counts.loc[split & (counts["theme"] == other), "parent"] = theme
    below = all_tables(report_of(replace(published, theme_counts=counts)))
    assert label in [row.cells[0].text for row in below[by_group[0]].rows]  # else its code would seem another's
    counts.loc[split, "n"] = pd.NA
    counts.loc[split, "marker"] = "c"
    nothing = report_of(replace(published, theme_counts=counts))
    assert not [caption for caption in all_tables(nothing) if ": themes by " in caption]
    assert any(text.startswith("No number of themes by ") for text in texts(nothing))


def test_an_answer_is_called_the_most_given_only_where_its_interval_lies_above_the_others() -> None:
    published = make_published()

    def found(low: float) -> str:
        estimates = published.survey_estimates.copy()
        of = (estimates["question"] == "money") & (estimates["break"] == "")
        first = estimates[of].sort_values("per_cent").index[-1]
        estimates.loc[of, "ci_high"] = 40.0
        estimates.loc[first, ["per_cent", "ci_low", "ci_high"]] = [60.0, low, 70.0]
        report = report_content(replace(published, survey_estimates=estimates), make_definition(), NO_FIGURES)
        return next(f.detail for f in block_of(report, "summary", KeyFigures).figures if f.anchor == "question-money")

    assert "the answer given most" in found(45.0)
    assert "the answer given most" not in found(35.0)


def test_cleaning_counts_cells_and_what_reading_noticed_apart() -> None:
    published = make_published()
    noticed = pd.DataFrame([{"step": "read", "reason": "columns left behind", "column": "", "cells": 8}])
    summary = pd.concat([published.cleaning_summary, noticed], ignore_index=True)
    report = report_content(replace(published, cleaning_summary=summary), make_definition(), NO_FIGURES)
    assert any(text.startswith("Cleaning touched 251 cells;") for text in texts(report))


def test_a_withheld_theme_goes_by_its_name_and_its_attribute(report: Report) -> None:
    study = StudyView(make_published(), make_definition(), NO_FIGURES)
    theme = next(r for r in study.themes if r["by"])
    row = {"question": f"{theme['collection']}: {theme['theme']}", "break": theme["by"], "group": ""}
    assert place_in_words(study, row) == f"{theme['collection_label']}: {theme['theme_label']}"
    assert group_in_words(study, row) == (theme["by_label"], "Everyone")


def test_theme_tables_give_n_of_n_and_per_cents_only_where_they_are_published(report: Report) -> None:
    themes = make_published().theme_counts
    for collection, label in (("open_answers", "Open answers"), ("interviews", "Interviews")):
        table = all_tables(report)[f"{label}: themes and codes"]
        people = themes["unit"].isin(["sources", "cases"])
        counts = themes[(themes["collection"] == collection) & (themes["by"] == "") & people]
        said = {row.cells[0].text: row.cells[1].text for row in table.rows}
        assert said == {r["theme_label"]: f"{r['n']} of {r['of']}" for _, r in counts.iterrows()}
    assert "Per cent" in [c.label for c in all_tables(report)["Open answers: themes and codes"].columns]
    assert "Per cent" not in [c.label for c in all_tables(report)["Interviews: themes and codes"].columns]


def test_what_themes_cover_stands_beside_their_counts(report: Report) -> None:
    table = all_tables(report)["Interviews: themes and codes"]
    assert [c.label for c in table.columns if c.group == "Text covered"] == [
        "Per cent of characters",
        "Per cent of words",
    ]
    calm = next(row for row in table.rows if row.cells[0].text == "A calm place to be")
    assert [cell.text for cell in calm.cells[-2:]] == ["5", "5"]
    assert "out of 61,480 characters and 10,950 words" in table.note
    assert not [c for c in all_tables(report)["Open answers: themes and codes"].columns if c.group == "Text covered"]


def test_pairs_that_come_together_are_told_with_their_bases(report: Report) -> None:
    said = " ".join(texts(report))
    assert "\u2018A calm place to be\u2019 and \u2018Reading culture\u2019 go together most closely (phi 0.39)" in said
    assert "8 of the 12 librarians and teachers with either have both" in said
    table = all_tables(report)["Interviews: themes that come together"]
    assert [[c.text for c in row.cells] for row in table.rows] == [
        ["A calm place to be + Reading culture", "9", "11", "8", "0.67", "0.39", "4"],
        ["Reading culture + Staff and time", "11", "12", "9", "0.64", "-0.21", "0"],
    ]
    assert "Pairs withheld, because they could single out a person: 1." in table.note
    codes = all_tables(report)["Interviews: codes that come together"]
    assert [row.cells[0].text for row in codes.rows] == [
        "A refuge at break + Pupils choose what they read",
        "Pupils choose what they read + Books out of date",
    ]
    assert codes.rows[1].cells[0].under == "One is found fewer than 5 times"  # last, however close


def test_the_closest_pair_is_told_once_and_only_where_it_is_close() -> None:
    def said(phi: float, figures: pd.DataFrame = NO_FIGURES) -> str:
        published = make_published()
        pairs = published.cooccurrence.copy()
        pairs.loc[pairs["phi"].notna(), "phi"] = phi
        return " ".join(texts(report_content(replace(published, cooccurrence=pairs), make_definition(), figures)))

    assert "Of the themes, " in said(0.3)
    assert "Of the themes, " not in said(0.05)
    assert "Of the themes, " not in said(0.3, index("together_interviews", "together_open_answers"))


def test_saturation_is_told_with_its_cautions(report: Report) -> None:
    table = all_tables(report)["Interviews: when new codes become rare, in texts"]
    assert [c.text for c in table.rows[0].cells] == ["4", "2", "5", "7", "5", "7", "100", "6"]
    assert [c.text for c in table.rows[3].cells] == ["5", "3", "0", "8", "not reached", "[z]", "31", "[z]"]
    assert "Counting codes shows when they stop being new, not when they are understood." in table.note
    assert len(all_tables(report)["Interviews: codes so far"].rows) == 14
    assert "9 codes were used in 14 texts: 44% of them came up in the first, 1 in one only." in " ".join(texts(report))


def test_remarks_on_the_counts_stand_below_them(report: Report) -> None:
    said = " ".join(texts(report))
    assert "Cases without a coded segment. ([c] of 14)" in said
    assert "\u2018A refuge at break\u2019: A code that covers more than 90% of a text. (3 of 7)" in said


def test_counts_alone_say_what_cannot_be_told() -> None:
    published = make_published()
    themes = published.theme_counts
    alone = themes[(themes["collection"] != "interviews") | themes["unit"].isin(["cases", "segments"])]
    page = " ".join(texts(report_content(replace(published, theme_counts=alone), make_definition(), NO_FIGURES)))
    assert "Only how often each code was given to each person is known" in page
    answers = themes[themes["collection"] == "open_answers"]
    page = " ".join(texts(report_content(replace(published, theme_counts=answers), make_definition(), NO_FIGURES)))
    assert "Only how often" not in page


def test_codes_stand_below_their_theme(report: Report) -> None:
    rows = all_tables(report)["Open answers: themes and codes"].rows
    assert [(r.kind, r.cells[0].text) for r in rows[:4]] == [
        ("theme", "A calm place to be"),
        ("code", "A refuge at break"),
        ("code", "Somewhere to do homework"),
        ("theme", "Reading culture"),
    ]


def test_agreement_is_given_over_all_and_code_by_code(report: Report) -> None:
    table = all_tables(report)["Open answers: agreement between coders"]
    pair, together = table.rows
    assert [c.text for c in pair.cells[:3]] == ["AB and CD", "All codes, text by text", "214"]
    assert pair.cells[1].under == "mean over 9 of 9 codes"
    headings = [c.label for c in table.columns]
    kappa = pair.cells[headings.index("Kappa")]
    assert (kappa.text, kappa.under) == ("0.68", "0.59 to 0.77")
    assert [c.text for c in pair.cells[headings.index("Per cent coded alike") :]] == [
        "93",
        "0.68",
        "0.86",
        "0.90",
        "0.67",
        "0.59",
    ]
    assert [c.text for c in together.cells[:2]] == ["All coders", "All codes, text by text"]
    assert together.cells[headings.index("Kappa")].text == "0.68"  # Fleiss'
    by_code = all_tables(report)["Open answers: agreement between coders, code by code"]
    assert len(by_code.rows) == 18
    assert [c.text for c in by_code.rows[0].cells[2:5]] == ["40", "5", "0"]
    assert [c.text for c in by_code.rows[9].cells[2:5]] == ["[z]"] * 3


def test_agreement_is_said_to_be_contested(report: Report) -> None:
    assert any("reflexive thematic analysis" in text for text in texts(report))
    alone = replace(make_published(), agreement=tables.PUBLISHED_AGREEMENT.empty())
    assert not any("reflexive" in text for text in texts(report_content(alone, make_definition(), NO_FIGURES)))


def test_the_joint_display_has_both_strands_the_fit_and_who_judged_it(report: Report) -> None:
    table = all_tables(report)["Joint display of survey and coded text"]
    construct, survey, text, fit, meaning = table.rows[1].cells
    assert construct.text == "Backing from senior leaders"
    assert (
        survey.text
        == "51% \u2018Agree or strongly agree\u2019, Leaders value the library (95% interval 48% to 53%; base 1,842)"
    )
    assert text.text.splitlines()[1] == "10 of 14 \u2018Backing from leaders\u2019, Interviews"
    assert fit.text == "Discordance"
    assert meaning.text.startswith("Half of teachers say") and meaning.under.endswith("AB, 2 May 2025.")


def test_the_profile_stands_beside_its_targets(report: Report) -> None:
    table = all_tables(report)["Respondents and the population that they are weighted to"]
    said = {row.cells[1].text: [c.text for c in row.cells[2:]] for row in table.rows}
    assert said["Primary"] == ["690", "37", "43", "43"]
    assert said["Special"][:2] == ["[c]", "[c]"]
    assert said["Middle leader"][-1] == "[z]"
    sources = all_tables(report)["Where the targets come from"]
    assert [c.text for row in sources.rows for c in row.cells] == ["Phase", "School Workforce Census 2024", "Official"]
    assert "All-through [u]" in said


# --- what a study may lack ---------------------------------------------------------------------------------------------


def test_a_survey_alone_is_a_whole_report() -> None:
    report = report_content(only_published(make_published(), "survey"), only(make_definition(), "survey"), NO_FIGURES)
    assert report.kind == "Survey"
    assert "What people said" not in titles(report) and "Bringing the strands together" not in titles(report)
    assert {"Who answered", "Survey findings", "Checks"} <= set(titles(report))
    assert not any("Theme counts" in text for text in texts(report.sections))


def test_coded_text_alone_is_a_whole_report() -> None:
    report = report_content(
        only_published(make_published(), "coded_text"), only(make_definition(), "coded_text"), NO_FIGURES
    )
    assert report.kind == "Study of coded text"
    assert "What people said" in titles(report)
    assert not {"Who answered", "Survey findings", "Checks", "Bringing the strands together"} & set(titles(report))
    assert not any("weight" in text.casefold() and "Convergent" not in text for text in texts(report.sections))


def test_published_tables_without_a_row_give_a_report_that_says_so() -> None:
    report = report_content(empty_published(), make_definition(), NO_FIGURES)
    assert {"About this study", "Limitations", "Methods"} <= set(titles(report))
    assert any("It withheld nothing" in text for text in texts(report.sections))


def unweighted(published: Published) -> Published:
    estimates = published.survey_estimates.assign(weight_set="", per_cent_unweighted=float("nan"))
    profile = published.sample_profile.assign(per_cent_weighted=float("nan"), per_cent_target=float("nan"))
    profile = profile.assign(target_source="", target_grade="")
    return replace(
        published,
        survey_estimates=estimates,
        sample_profile=profile,
        weighting=tables.PUBLISHED_WEIGHTING.empty(),
    )


def test_without_weights_no_table_speaks_of_them_and_the_limitations_do() -> None:
    definition = make_definition()
    assert definition.survey is not None
    survey = definition.survey.model_copy(update={"weighting": None})
    report = report_content(unweighted(make_published()), definition.model_copy(update={"survey": survey}), NO_FIGURES)
    labels = {c.label for t in all_tables(report).values() for c in t.columns}
    assert not labels & {"Weighted base", "Per cent unweighted", "Per cent weighted", "Target per cent"}
    assert any("not weighted" in item for item in block_of(report, "limitations", Bullets).items)
    assert dict(block_of(report, "about", Facts).items)["Weighting"].startswith("None")


def test_illustrative_targets_are_marked_where_they_are_used() -> None:
    published = make_published()
    profile = published.sample_profile.copy()
    profile.loc[profile["variable"] == "phase", "target_grade"] = "illustrative"
    report = report_content(replace(published, sample_profile=profile), make_definition(), NO_FIGURES)
    table = all_tables(report)["Respondents and the population that they are weighted to"]
    assert (table.rows[0].cells[-1].text, table.rows[0].cells[-1].under) == ("43", "illustrative")
    sources = all_tables(report)["Where the targets come from"]
    assert sources.rows[0].cells[-1].text == "Illustrative: not an official figure"
    assert any("illustrative" in item and "Phase" in item for item in block_of(report, "limitations", Bullets).items)


def test_limitations_are_the_authors_own_and_those_that_the_run_sees(report: Report) -> None:
    items = block_of(report, "limitations", Bullets).items
    assert items[0] == "Volunteers may care more about libraries than other teachers do."
    for seen in (
        "simulated",
        "breakdown table",
        "checks lists them",
        "marked [u]",
        "withheld",
        "Agreement between coders",
    ):
        assert any(seen in item for item in items), seen


def test_a_wholly_withheld_question_says_why() -> None:
    published = make_published()
    estimates = published.survey_estimates.copy()
    rows = estimates["question"] == "money"
    numbers = [
        "per_cent",
        "ci_low",
        "ci_high",
        "per_cent_unweighted",
        "base_unweighted",
        "base_weighted",
        "base_effective",
    ]
    estimates.loc[rows, numbers] = pd.NA
    estimates.loc[rows, "marker"] = "c"
    report = report_content(replace(published, survey_estimates=estimates), make_definition(), NO_FIGURES)
    finding = next(f for f in block_of(report, "summary", KeyFigures).figures if f.anchor == "question-money")
    assert finding.value == "[c]" and "suppressed for confidentiality" in finding.detail
    table = all_tables(report)["Main source of money for books: weighted per cents"]
    assert {c.text for row in table.rows for c in row.cells[1:]} == {"[c]"}


def test_an_unreliable_group_keeps_its_base() -> None:
    published = make_published()
    estimates = published.survey_estimates.copy()
    rows = estimates["group"] == "all_through"
    estimates.loc[rows, ["per_cent", "ci_low", "ci_high", "per_cent_unweighted"]] = pd.NA
    estimates.loc[rows, "marker"] = "u"
    report = report_content(replace(published, survey_estimates=estimates), make_definition(), NO_FIGURES)
    table = all_tables(report)["Uses of the library by Phase: weighted per cents"]
    assert [row.cells[4].text for row in table.rows] == ["[u]"] * 7 + ["64", "67", "49"]


# --- methods and disclosure --------------------------------------------------------------------------------------------


def test_methods_name_what_was_withheld_in_printed_names(report: Report) -> None:
    table = all_tables(report)["What was withheld, group by group"]
    assert [c.text for c in table.rows[0].cells] == [
        "Survey estimates",
        "Uses of the library",
        "Phase",
        "Special",
        "Base below 30",
        "7",
    ]


def test_the_log_of_the_gate_itself_is_understood() -> None:
    published = make_published()
    log = published.suppression_log.assign(table="published/theme_counts", question="open_answers: calm")
    report = report_content(replace(published, suppression_log=log), make_definition(), NO_FIGURES)
    table = all_tables(report)["What was withheld, group by group"]
    assert [c.text for c in table.rows[0].cells][:3] == ["Theme counts", "Open answers", "Phase"]


def test_the_rules_of_the_profile_are_stated_and_an_unreleased_report_says_so() -> None:
    said = list(texts(report_content(make_published(), make_definition(), NO_FIGURES, PROFILES["public"]).sections))
    assert f"Groups of fewer than {PROFILES['public'].hide_below} people" in said
    internal = report_content(make_published(), make_definition(), NO_FIGURES, PROFILES["internal"])
    assert internal.mark == "Not for release"
    assert any("Not for release" in text for text in texts(internal.sections))


def test_what_an_attack_on_the_tables_came_to_is_told(report: Report) -> None:
    said = " ".join(texts(report.sections))
    assert "linear programmes looked for the least and the most" in said and "No hidden group was found." in said
    table = all_tables(report)["The attack on the tables"]
    assert [[c.text for c in row.cells] for row in table.rows] == [
        ["Survey estimates", "No hidden group can be found", "1"]
    ]
    published = make_published()
    nothing = published.attack_audit.assign(table="", question="")
    said = " ".join(
        texts(report_content(replace(published, attack_audit=nothing), make_definition(), NO_FIGURES).sections)
    )
    assert "The tables were not attacked before they were written" in said


def test_a_table_that_withholds_something_says_by_which_rules(report: Report) -> None:
    notes = {caption: table.note for caption, table in all_tables(report).items()}
    rules = (
        "Withheld under the disclosure rules: groups of fewer than 10 and theme counts in a group of fewer than 3 people, "
        "and others by which these could be found."
    )
    assert any(rules in note for note in notes.values())
    assert all((rules in note) == ("[c] suppressed" in note) for note in notes.values())


def test_methods_are_written_from_the_definition(report: Report) -> None:
    said = " ".join(texts(next(s for s in report.sections if s.anchor == "methods")))
    for fact in ("Panel survey (panel.csv)", "Raking", "School Workforce Census 2024 (official)", "AB, 2 May 2025"):
        assert fact in said


def test_methods_tell_how_coded_text_came_in_and_was_settled(report: Report) -> None:
    coding = next(s for s in report.sections if s.anchor == "methods")
    facts = {term: text for s in coding.sections for b in s.blocks if isinstance(b, Facts) for term, text in b.items}
    assert facts["Open answers: files"] == (
        "\u2018coder_ab\u2019, a coder\u2019s sheet: 380 codings; \u2018file 2\u2019, a coder\u2019s sheet: 372 codings."
    )
    assert facts["Interviews: files"] == (
        "\u2018talks\u2019, a REFI-QDA project, written by NVivo 14: 243 codings, 2 left out, 1 without a place that "
        "could be found, places counted in code points, line ends as stored, which fit the words by 0.984 of 1."
    )
    assert facts["Interviews: left out while reading"].startswith("A code that is no code of the study: 2; the quoted")
    assert facts["Interviews: cautions while reading"] == "Codings of nearly a whole text: 1."
    assert (
        "\u2018agreed\u2019 (agreed on): 377 codings in 209 of 214 texts given, which are counted."
        in facts["Open answers: coders"]
    )
    assert facts["Open answers: agreed and settled"] == (
        "Of 214 texts that two coders or more were asked to code, 171 (80%) were coded alike on every code. Codes of texts "
        "that all of them gave: 348; differed on: 56. Settled of these: given 44 and not given 12. Besides: 2 dropped "
        "although agreed on and 1 that nobody had given before."
    )
    assert facts["Open answers: decisions"] == (
        "4 (2 April 2025 to 9 April 2025), in this order: 1 merge, 2 recoded texts, 1 rule that a code gives way."
    )
    assert facts["Open answers: what is counted"] == (
        "The files hold 752 codings: 752 used. Settling makes 391 more. Those of other coders, 752, are set aside; 391 are "
        "left. Decisions add 0 and remove 14; 377 are counted."
    )
    assert facts["Interviews: what is counted"].endswith("Decisions add [c] and remove [c]; 240 are counted.")


def test_every_decision_is_listed_with_its_reason(report: Report) -> None:
    table = all_tables(report)["Decisions about the coding"]
    assert [c.text for c in table.rows[0].cells] == [
        "1", "2 April 2025", "Open answers", "Merge", "Adults seen reading", "A refuge at break", "Nobody could part them.",
        "19", "0", "3", "22",
    ]  # fmt: skip
    assert [c.text for c in table.rows[4].cells][5:] == ["none", "Said on a second reading.", *["[c]"] * 4]
    assert "Effects withheld of 3 decisions." in table.note


def test_method_names_are_words() -> None:
    published = make_published()
    estimates = published.survey_estimates.assign(method="korn-graubard")
    tests = published.survey_tests.assign(method="rao_scott", effect_name="cramers_v")
    weighting = published.weighting.assign(measure="n_without_weight")
    changed = replace(published, survey_estimates=estimates, survey_tests=tests, weighting=weighting)
    said = " ".join(texts(report_content(changed, make_definition(), NO_FIGURES).sections))
    assert "Korn\u2013Graubard" in said and "Rao\u2013Scott" in said and "Cram\u00e9r\u2019s V" in said
    assert not re.search("korn-graubard|rao_scott|cramers_v|n_without_weight", said)


def test_weight_sets_are_printed_by_their_label(report: Report) -> None:
    table = all_tables(report)["What weighting did"]
    assert [c.label for c in table.columns] == ["Measure", "Teachers in state-funded schools"]
    said = {row.cells[0].text: row.cells[1].text for row in table.rows}
    assert (said["Design effect of weighting"], said["Weights trimmed"]) == ("1.31", "[c]")


# --- figures -----------------------------------------------------------------------------------------------------------


def index(*names: str) -> pd.DataFrame:
    return pd.DataFrame([{**dict.fromkeys(NO_FIGURES.columns, "text"), "name": name} for name in names])


def test_each_figure_stands_with_its_question_before_its_table() -> None:
    names = ("bars_uses", "compare_uses", "likert_valued", "themes_interviews", "joint_display", "bars_unknown")
    report = report_content(make_published(), make_definition(), index(*names))
    order = [b for b in in_reading_order(report) if isinstance(b, (FigureBlock, TableBlock, Fold, Heading))]
    figures = [b for b in order if isinstance(b, FigureBlock)]
    assert [f.name for f in figures] == [n for n in names if n != "bars_unknown"]
    assert [f.number for f in figures] == [1, 2, 3, 4, 5]
    assert [f.alt for f in figures] == ["text"] * 5
    assert [f.svg for f in figures][:2] == ["bars_uses.svg", "compare_uses.svg"]
    for figure in figures:
        assert isinstance(order[order.index(figure) + 1], (TableBlock, Fold))


def test_where_nothing_could_be_drawn_stands_the_reason() -> None:
    empty = index("compare_uses").assign(kind="empty", footnote="Not shown: Special. Source: us.")
    report = report_content(make_published(), make_definition(), empty)
    blocks = list(in_reading_order(report))
    assert not [b for b in blocks if isinstance(b, FigureBlock)]
    assert "No figure by Phase is drawn. Not shown: Special." in [b.text for b in blocks if isinstance(b, Note)]


# --- what a large study needs ------------------------------------------------------------------------------------------


def test_a_question_offers_each_of_many_breaks() -> None:
    published = make_published()
    estimates = published.survey_estimates
    phase = estimates[estimates["break"] == "phase"]
    more = [phase.assign(**{"break": f"b{i}", "break_label": f"Break {i}"}) for i in range(5)]
    report = report_content(
        replace(published, survey_estimates=pd.concat([estimates, *more])), make_definition(), NO_FIGURES
    )
    section = next(s for s in report.sections if s.anchor == "survey-findings").sections[0]
    choices = [b for b in section.blocks if isinstance(b, Fold) and b.choice]
    assert [c.choice for c in choices] == ["Phase", "Role", *(f"Break {i}" for i in range(5))]
    assert all(len(c.blocks) == 1 for c in choices)
    assert "Uses of the library by Break 4: weighted per cents" in all_tables(report)


def test_a_unit_that_repeats_the_first_is_not_shown_twice() -> None:
    published = make_published()
    themes = published.theme_counts
    people = themes[themes["unit"] == "sources"].assign(unit="cases")
    report = report_content(replace(published, theme_counts=pd.concat([themes, people])), make_definition(), NO_FIGURES)
    groups = [c.group for c in all_tables(report)["Open answers: themes and codes"].columns]
    assert "Respondents" not in groups
    people.loc[people.index[0], "n"] = 1
    report = report_content(replace(published, theme_counts=pd.concat([themes, people])), make_definition(), NO_FIGURES)
    groups = [c.group for c in all_tables(report)["Open answers: themes and codes"].columns]
    assert groups.index("Answers") < groups.index("Respondents") < groups.index("Coded segments")


def test_codes_that_were_not_used_are_counted_and_left_out_but_themes_stay() -> None:
    published = make_published()
    themes = published.theme_counts.copy()
    themes.loc[themes["theme"].isin(["refuge", "leadership"]) & (themes["by"] == ""), "n"] = 0
    table = all_tables(report_content(replace(published, theme_counts=themes), make_definition(), NO_FIGURES))[
        "Open answers: themes and codes"
    ]
    labels = [row.cells[0].text for row in table.rows]
    assert "A refuge at break" not in labels and "Backing from leaders" in labels
    assert "Codes that were not used here and are left out: 1" in table.note


def test_comparisons_of_one_kind_are_added_up_over_breaks() -> None:
    published = make_published()
    checks = published.reconciliation.assign(agreeing=published.reconciliation["compared"], note="")
    report = report_content(replace(published, reconciliation=checks), make_definition(), NO_FIGURES)
    (row,) = all_tables(report)["Numbers compared between sources"].rows
    assert [c.text for c in row.cells][3:] == ["7", "7", "2 characteristics", "Agrees"]


def test_a_method_is_named_with_where_its_errors_come_from() -> None:
    assert named("wald_t") == "Wald interval with Student\u2019s t"
    assert named("wald_t+bootstrap") == "Wald interval with Student\u2019s t; standard errors from the bootstrap"
    assert named("made_up+replicate_weights") == "Made up; standard errors from the replicate weights of the file"


def test_a_change_of_a_mean_has_a_table_of_its_own() -> None:
    published = make_published()
    row = published.survey_changes.head(1).assign(measure="mean", option="", option_label="Mean", value_earlier=31.3)
    row = row.assign(
        value=34.7,
        difference=3.5,
        ci_low=1.2,
        ci_high=5.7,
        **dict.fromkeys(("per_cent", "per_cent_earlier", "points"), math.nan),
    )
    changes = tables.PUBLISHED_CHANGES.of(pd.concat([published.survey_changes, row], ignore_index=True))
    report = report_content(replace(published, survey_changes=changes), make_definition(), NO_FIGURES)
    found = {name: table for name, table in all_tables(report).items() if "since Panel survey" in name}
    assert [[c.label for c in table.columns][1:4] for table in found.values()] == [
        ["Per cent before", "Per cent now", "Change in points"],
        ["Before", "Now", "Change"],
    ]
    (mean,) = (table for name, table in found.items() if "change of the mean since" in name)
    assert [c.text for c in mean.rows[0].cells][:5] == ["Mean", "31.3", "34.7", "3.5", "1.2 to 5.7"]
