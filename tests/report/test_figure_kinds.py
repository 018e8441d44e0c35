"""Overviews by all breaks, nets side by side, themes that come together: what they show, and when they show nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from plait.report import figure_files, figures, overview_figures, text_figures, text_headlines
from plait.report.figure_plan import EMPTY, planned_figures
from plait.report.figures import draw_figures, read_index
from plait.report.published import Published
from plait.study.definition import Definition
from report.make_published import make_definition, make_published
from report.test_figures import svg_texts

pytestmark = pytest.mark.rendering

Sketch = Callable[..., pd.Series]


@pytest.fixture
def sketch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sketch:
    """Draw one figure as SVG and give its entry of the index."""
    monkeypatch.setattr(figure_files, "FORMATS", ("svg",))

    def draw(name: str, published: Published | None = None, definition: Definition | None = None) -> pd.Series:
        definition = definition or make_definition()
        plans = [p for p in planned_figures(definition) if p.name == name]
        monkeypatch.setattr(figures, "planned_figures", lambda _: plans)
        draw_figures(published or make_published(), definition, tmp_path)
        return read_index(tmp_path).iloc[0]

    return draw


def data(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", keep_default_na=False)


# --- the data beside each figure --------------------------------------------------------------------------------------

_TABLES = {
    "weights": "weight_distribution",
    "numbers": "survey_numbers",
    "themes": "theme_counts",
    "heat": "theme_counts",
    "together": "cooccurrence",
    "saturation": "saturation_curve",
    "joint": "joint_display",
    "robustness": "robustness",
}


def test_the_data_of_every_figure_are_rows_of_a_published_table_and_nothing_withheld_is_among_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plait.tables import write_csv

    monkeypatch.setattr(figure_files, "FORMATS", ())
    published = make_published()
    draw_figures(published, make_definition(), tmp_path)
    for plan in planned_figures(make_definition()):
        shown = data(tmp_path / f"{plan.name}.csv")
        write_csv(getattr(published, _TABLES.get(plan.kind, "survey_estimates")), tmp_path / "table")
        table = data(tmp_path / "table")
        table = table[table["question"] == plan.subject] if "question" in table and plan.subject else table
        table = table[table["collection"] == plan.subject] if "collection" in table and plan.subject else table
        assert len(shown), plan.name
        assert set(shown.itertuples(index=False, name=None)) <= set(
            table[list(shown.columns)].itertuples(index=False, name=None)
        ), plan.name
        if "marker" in shown:
            hidden = shown[shown["marker"] == "c"]
            assert (hidden[[c for c in ("per_cent", "ci_low", "n_both") if c in shown]] == "").all(axis=None)


# --- one answer by all breaks -----------------------------------------------------------------------------------------


def test_an_overview_has_everyone_and_every_group_of_every_break_with_its_base(tmp_path: Path, sketch: Sketch) -> None:
    entry = sketch("overview_valued")
    shown, said = data(tmp_path / "overview_valued.csv"), svg_texts(tmp_path / "overview_valued.svg")
    assert set(shown["option"]) == {"any_agree"}  # of two nets the one that more people chose
    assert list(shown["break"].unique()) == ["", "phase", "role"]
    assert list(shown["group"]) == [
        *("", "primary", "secondary", "all_through", "special", "classroom", "middle", "senior"),
    ]
    assert {"Everyone (n = 1,842)", "Phase", "Role", "Primary (n = 690)", "All-through (n = 64) [u]"} <= set(said)
    assert all(
        f"{r.per_cent}%" in said and f"{r.ci_low} to {r.ci_high}" in said for r in shown.itertuples() if r.per_cent
    )
    assert "Special" in said and "[c]" in said
    assert "In place of a number: [c] suppressed for confidentiality." in entry["footnote"]


def test_a_characteristic_with_people_in_one_group_only_is_left_out_of_the_overview(
    tmp_path: Path, sketch: Sketch
) -> None:
    published = make_published()
    estimates = published.survey_estimates
    elsewhere = (estimates["break"] == "role") & (estimates["group"] != "middle")
    estimates.loc[elsewhere, ["per_cent", "ci_low", "ci_high"]] = None
    estimates.loc[elsewhere, "base_unweighted"], estimates.loc[elsewhere, "marker"] = 0, "z"
    entry = sketch("overview_valued", replace(published, survey_estimates=estimates))
    assert "role" not in set(data(tmp_path / "overview_valued.csv")["break"])
    assert "Left out, everyone is in one group: Role." in entry["footnote"]


def test_a_suppressed_number_that_slipped_into_the_table_is_not_in_the_overview(tmp_path: Path, sketch: Sketch) -> None:
    published = make_published()
    estimates = published.survey_estimates
    estimates.loc[estimates["marker"] == "c", ["per_cent", "ci_low", "ci_high"]] = 77.0
    sketch("overview_valued", replace(published, survey_estimates=estimates))
    assert "77%" not in svg_texts(tmp_path / "overview_valued.svg")
    assert "77" not in (tmp_path / "overview_valued.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("phase", "role", "said"),
    [
        (0.2, 0.001, "differs by role (of 2 tested)"),
        (0.01, 0.001, "differs by phase and role"),
        (0.2, 0.3, "no clear difference by any of the 2 tested"),
        (None, 0.3, "no clear difference by the one tested"),
        (None, None, "by group 43% (Classroom teacher) to 69% (Senior leader) (not tested)"),
    ],
)
def test_an_overview_claims_the_differences_that_tests_found_and_no_other(
    sketch: Sketch, phase: float | None, role: float | None, said: str
) -> None:
    published = make_published()
    tests = published.survey_tests
    for by, p in (("phase", phase), ("role", role)):
        tests.loc[(tests["question"] == "valued") & (tests["break"] == by), "p_adjusted"] = p
    entry = sketch("overview_valued", replace(published, survey_tests=tests))
    assert entry["title"] == f"Leaders value the library: 51% \u2018Agree or strongly agree\u2019, {said}"
    assert ("Tests are of all answers together." in entry["footnote"]) == (phase is not None or role is not None)


def test_an_answer_is_not_said_to_differ_because_all_answers_together_do(sketch: Sketch) -> None:
    published = make_published()
    tests = published.survey_tests
    whole = tests[(tests["question"] == "valued") & (tests["break"] == "role")]
    own = whole.assign(option="any_agree", p_adjusted=0.4)
    tests = pd.concat([tests[tests["break"] == "role"], own])
    entry = sketch("overview_valued", replace(published, survey_tests=tests))
    assert whole["p_adjusted"].item() < 0.05
    assert entry["title"].endswith("no clear difference by the one tested")


def test_an_overview_without_groups_says_why(sketch: Sketch) -> None:
    published = make_published()
    estimates = published.survey_estimates
    groups = estimates["group"] != ""
    estimates.loc[groups, ["per_cent", "ci_low", "ci_high"]] = float("nan")
    estimates.loc[groups, "marker"] = "u"
    entry = sketch("overview_valued", replace(published, survey_estimates=estimates))
    assert entry["kind"] == EMPTY
    assert entry["footnote"].startswith("Not shown, base too small: Primary, Secondary,")
    assert "Everyone" not in entry["footnote"]


def test_breaks_for_which_there_is_no_room_are_counted(sketch: Sketch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview_figures, "MOST_OVERVIEW", 5)
    assert "Left out for want of space: 1 characteristic." in sketch("overview_valued")["footnote"]


# --- nets side by side ------------------------------------------------------------------------------------------------


def with_nets() -> tuple[Published, Definition]:
    """A second question with the same nets, and one with a net of its own."""
    raw: dict[str, Any] = make_definition().model_dump(by_alias=True, mode="json", exclude_none=True)
    questions = raw["survey"]["questions"]
    questions["wanted"] = questions["valued"] | {"label": "Leaders want a librarian", "column": "wanted"}
    questions["money"]["nets"] = {"ours": {"label": "The school\u2019s own money", "of": ["budget", "trust"]}}
    published = make_published()
    estimates = published.survey_estimates
    nets = estimates[(estimates["question"] == "valued") & (estimates["measure"] == "net") & (estimates["break"] == "")]
    more = nets.assign(question="wanted", question_label="Leaders want a librarian", per_cent=nets["per_cent"] + 20)
    own = nets[:1].assign(question="money", question_label="Money", option="ours", option_label="Own money")
    return replace(published, survey_estimates=pd.concat([estimates, more, own])), Definition.model_validate(raw)


def test_nets_that_questions_share_stand_together_the_highest_first(tmp_path: Path, sketch: Sketch) -> None:
    entry = sketch("nets", *with_nets())
    shown = data(tmp_path / "nets.csv")
    assert list(zip(shown["option"], shown["question"], strict=True)) == [
        ("any_agree", "wanted"),
        ("any_agree", "valued"),
        ("any_disagree", "wanted"),
        ("any_disagree", "valued"),
        ("ours", "money"),
    ]
    said = svg_texts(tmp_path / "nets.svg")
    assert "Agree or strongly agree" in said and "Money: Own money (n = 1,842)" in said
    ends = "51% (Leaders value the library) to 71% (Leaders want a librarian)"
    assert entry["title"] == f"\u2018Agree or strongly agree\u2019: {ends}"
    assert entry["alt"].count(". ") == 1


def test_one_question_with_nets_is_no_comparison_of_nets() -> None:
    assert "nets" not in {p.name for p in planned_figures(make_definition())}


# --- themes that come together ----------------------------------------------------------------------------------------


def test_every_pair_of_themes_has_its_number_its_marker_or_a_zero(tmp_path: Path, sketch: Sketch) -> None:
    entry = sketch("together_interviews")
    shown, said = data(tmp_path / "together_interviews.csv"), svg_texts(tmp_path / "together_interviews.svg")
    assert list(shown["n_both"]) == ["8", "9", ""]
    assert all(n in said for n in ("8", "9", "[c]"))
    assert said.count("0") == 10 - 3  # five themes make ten pairs, of which three are published
    assert "Number of librarians and teachers with both themes, of 14" in entry["subtitle"]
    closest = "\u2018A calm place to be\u2019 and \u2018Reading culture\u2019 go together most closely of the pairs"
    both = "8 of the 12 librarians and teachers with either have both (phi 0.39)"
    assert entry["title"] == f"Interviews: {closest} that can be shown, {both}"


@pytest.mark.parametrize(
    ("phi", "n", "said"),
    [
        (0.29, 9, "no two themes go together much more often than chance would have it"),
        (
            0.9,
            4,
            "no two themes go together much more often than chance would have it",
        ),  # one theme is too rare to tell
        (
            0.3,
            9,
            "\u2018A\u2019 and \u2018B\u2019 go together most closely, 4 of the 14 people with either have both (phi 0.30)",
        ),
    ],
)
def test_themes_are_called_close_only_where_they_are(phi: float, n: int, said: str) -> None:
    pair = {"code_a_label": "A", "code_b_label": "B", "n_a": n, "n_b": 9, "n_both": 4, "phi": phi, "jaccard": 0.3}
    assert text_headlines.together_title(pd.DataFrame([pair]), "people", hidden=False).startswith(said)


def test_of_many_themes_the_most_frequent_are_shown(
    tmp_path: Path, sketch: Sketch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_figures, "MOST_THEMES", 3)
    entry = sketch("together_interviews")
    assert list(data(tmp_path / "together_interviews.csv")["code_b"]) == ["staffing"]
    assert "Left out for want of space: the 2 rarest themes." in entry["footnote"]


# --- too little to show -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hidden", "drawn"), [(2, True), (3, False)])
def test_pairs_of_which_more_than_two_thirds_are_withheld_are_no_figure(
    sketch: Sketch, hidden: int, drawn: bool
) -> None:
    published = make_published()
    pairs = published.cooccurrence
    cases = (pairs["collection"] == "interviews") & (pairs["level"] == "theme") & (pairs["unit"] == "cases")
    withheld = pairs.index[cases][:hidden].union(pairs.index[cases & (pairs["marker"] == "c")])[:hidden]
    pairs.loc[cases, "marker"] = ["c" if i in withheld else "" for i in pairs.index[cases]]
    pairs.loc[cases & (pairs["marker"] == ""), ["n_both", "phi", "jaccard"]] = [3, 0.2, 0.3]
    entry = sketch("together_interviews", replace(published, cooccurrence=pairs))
    assert (entry["kind"] == "together") == drawn
    assert ("Too little can be shown: 3 of 3 counts are suppressed" in entry["footnote"]) != drawn


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"primary": 5, "secondary": 5}, ""),
        (
            {"primary": 1, "secondary": 3},
            "Too little can be shown: 11 of 15 counts are suppressed for confidentiality.",
        ),
        ({"primary": 5}, "Groups cannot be compared: 10 of 15 counts are suppressed for confidentiality."),
    ],
)
def test_themes_by_group_of_which_little_can_be_seen_are_no_figure(
    sketch: Sketch, told: dict[str, int], why: str
) -> None:
    published = make_published()
    themes = published.theme_counts
    mine = (themes["collection"] == "open_answers") & (themes["level"] == "theme") & (themes["unit"] == "sources")
    split = mine & (themes["by"] == "phase") & themes["group"].isin(["primary", "secondary", "special"])
    themes = themes[split | ~(mine & (themes["by"] == "phase"))].copy()
    rank = themes.groupby(["collection", "level", "unit", "by", "group"]).cumcount()
    hide = split.reindex(themes.index) & (rank >= [told.get(group, 0) for group in themes["group"]])
    shown = split.reindex(themes.index) & ~hide
    themes.loc[hide, "n"] = pd.NA
    themes.loc[hide, "marker"] = "c"
    themes.loc[shown, "n"], themes.loc[shown, "of"], themes.loc[shown, "marker"] = 4, 40, ""
    entry = sketch("themes_open_answers-phase", replace(published, theme_counts=themes))
    assert (entry["kind"] == EMPTY) == bool(why)
    assert entry["footnote"].startswith(why or "Colours")
    assert why == "" or entry["title"] == "Open answers, by phase: nothing to show"
