"""From raw files to published tables at the edges of what a survey can hold: a defined output, or one clear message.

Warnings are errors here: what cannot be computed is known before it is tried.
"""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from plait import tables
from plait.errors import StudyError
from plait.report import figure_files
from plait.survey.cleaning import clean
from small_survey import small_survey
from whole_survey import SUPPLIED, Cell, Outcome, form, refused, reported, survey, through

pytestmark = pytest.mark.study


@pytest.fixture(autouse=True)
def coarse_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of few dots: what they show is asked here, not how finely."""
    monkeypatch.setattr(figure_files, "PNG_DPI", 40)


# --- labels and options ------------------------------------------------------------------------------------------------


def test_labels_of_five_thousand_characters(tmp_path: Path) -> None:
    long = "x" * 5000
    definition = survey(
        phase=long,
        phases=f"{{p: {{label: {long}, raw: Primary}}, s: Secondary}}",
        uses=f"{{yes_: {{label: {long}, raw: 'Yes'}}, no_: 'No'}}",
    )
    outcome = through(tmp_path, definition, form_csv=form(200))
    assert outcome.shares("uses")["option_label"].map(len).tolist() == [5000, 2]
    assert long in reported(outcome)


def test_answers_of_five_thousand_characters(tmp_path: Path) -> None:
    long = "y" * 5000
    outcome = through(tmp_path, survey(uses=f"{{yes_: {long}, no_: 'No'}}"), form_csv=form(200, uses=lambda i: long))
    assert outcome.shares("uses")["per_cent"].tolist() == [100, 0]


def test_a_question_with_sixty_options(tmp_path: Path) -> None:
    options = "{" + ", ".join(f"o{i}: Option {i}" for i in range(60)) + "}"
    text = form(600, uses=lambda i: f"Option {i % 60}", wants=lambda i: f"Option {i % 60};Option {i % 6}")
    outcome = through(tmp_path, survey(uses=options, wants=options), form_csv=text)
    assert (outcome.shares("uses")["per_cent"] == 2).all()  # 10 of 600
    wanted = outcome.shares("wants")["per_cent"]
    assert wanted.tolist() == [17] * 6 + [2] * 54  # 100 of 600; who names an option twice counts once
    assert "Option 59" in reported(outcome)


def test_a_question_with_one_option(tmp_path: Path) -> None:
    text = form(200, uses=lambda i: "Yes", wants=lambda i: ["Fruit", ""][i % 2])
    outcome = through(tmp_path, survey(uses="{yes_: 'Yes'}", wants="{fruit: Fruit}"), form_csv=text)
    assert outcome.shares("uses").loc["yes_", ["per_cent", "ci_high", "base_unweighted"]].tolist() == [100, 100, 200]
    assert outcome.shares("wants").loc["fruit", ["per_cent", "base_unweighted"]].tolist() == [100, 100]
    tests = outcome.published.survey_tests.set_index("question").loc[["uses", "wants"]]
    assert set(zip(tests["marker"], tests["note"], strict=True)) == {("z", "fewer than two groups or answers")}
    reported(outcome)


# --- nobody ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "more", "words"),
    [
        (0, "", "form.csv: has a header but no answers below it"),
        (
            40,
            "exclusions: [{column: county, other_than: nowhere, reason: elsewhere}]",
            "form.csv: holds no respondents",
        ),
        (40, "exclusions: [{unanswered: [rare], reason: no answer}]", "form.csv: holds no respondents"),
    ],
)
def test_no_respondents(tmp_path: Path, n: int, more: str, words: str) -> None:
    rare = "  rare: {label: Rare, text: Rare?, column: rare, options: {yes_: 'Yes'}}\nbreaks:"
    message = refused(tmp_path, survey(more=more).replace("breaks:", rare), form_csv=form(n, rare=lambda i: ""))
    assert words in message
    assert "mend: " in message


def test_nobody_answered(tmp_path: Path) -> None:
    empty = dict.fromkeys(("uses", "wants", "agrees", "hours"), lambda i: "")
    outcome = through(tmp_path, survey(), form_csv=form(200, **empty))
    for frame in (outcome.published.survey_estimates, outcome.published.survey_numbers):
        assert len(frame) > 0
        assert (frame["marker"] == "z").all()
        assert (frame["base_unweighted"] == 0).all()
        assert (frame["note"] != "").all()
    assert (outcome.published.survey_tests["marker"].isin(["u", "z"])).all()
    assert "[z]" in reported(outcome)


def test_every_answer_is_missing_for_a_reason_of_its_own(tmp_path: Path) -> None:
    reasons = {"ref": "refused", "dk": "dont_know", "na": "not_applicable", "nt": "not_asked", "": "skipped"}
    written = list(reasons)
    column = dict.fromkeys(("uses", "wants", "agrees", "hours"), lambda i: written[i % 5])
    more = "missing: {ref: refused, dk: dont_know, na: not_applicable, nt: not_asked}"
    outcome = through(tmp_path, survey(more=more), form_csv=form(200, **column))
    for question in column:
        why = outcome.cleaned.responses[f"missing.{question}"]
        assert why.tolist() == [reasons[written[i % 5]] for i in range(200)]
    assert (outcome.published.survey_estimates["marker"] == "z").all()
    reported(outcome)


@pytest.mark.parametrize("more", ["", SUPPLIED])
def test_one_respondent_in_all_is_refused(tmp_path: Path, more: str) -> None:
    text = form(60 if more else 1, w=lambda i: "0" if i else "1")
    assert "one respondent" in refused(tmp_path, survey(more=more), form_csv=text)


# --- groups ------------------------------------------------------------------------------------------------------------


def test_a_break_of_one_group_is_everyone(tmp_path: Path) -> None:
    outcome = through(tmp_path, survey(phases="{p: Primary}"), form_csv=form(200, phase=lambda i: "Primary"))
    for question in ("uses", "wants", "agrees"):
        numbers = ["per_cent", "ci_low", "ci_high", "base_unweighted", "marker"]
        pd.testing.assert_frame_equal(
            outcome.shares(question)[numbers], outcome.shares(question, "phase", "p")[numbers]
        )
    assert (outcome.published.survey_tests["marker"] == "z").all()
    reported(outcome)


def test_a_group_that_nobody_is_in_is_marked(tmp_path: Path) -> None:
    outcome = through(tmp_path, survey(), form_csv=form(200, phase=lambda i: "Primary"))
    nobody = outcome.shares("uses", "phase", "s")
    assert set(zip(nobody["marker"], nobody["note"], strict=True)) == {("z", "nobody in this group was asked")}
    assert nobody[["per_cent", "ci_low", "ci_high"]].isna().all(axis=None)
    assert outcome.shares("uses", "phase", "p")["per_cent"].tolist() == outcome.shares("uses")["per_cent"].tolist()
    reported(outcome)


def test_one_respondent_in_a_group_is_never_published(tmp_path: Path) -> None:
    alone = form(200, phase=lambda i: "Primary" if i else "Secondary")
    outcome = through(tmp_path / "public", survey(), form_csv=alone)
    for group in ("p", "s"):  # the other group, too: everyone less the rest is the one respondent
        hidden = outcome.shares("uses", "phase", group)
        assert (hidden["marker"] == "c").all()
        assert hidden[["per_cent", "ci_low", "ci_high", "base_unweighted"]].isna().all(axis=None)
    reported(outcome)
    inside = through(tmp_path / "internal", survey(), "internal", form_csv=alone)
    one = inside.shares("uses", "phase", "s").loc["yes_"]
    assert one[["per_cent", "base_unweighted", "marker"]].tolist() == [100, 1, "u"]
    assert one["ci_low"] < 50
    reported(inside, "internal")


def test_everyone_says_the_same(tmp_path: Path) -> None:
    same = {"uses": "Yes", "wants": "Fruit", "agrees": "Agree", "hours": "4"}
    text = form(200, **{column: (lambda i, cell=cell: cell) for column, cell in same.items()})  # type: ignore[misc]
    outcome = through(tmp_path, survey(), form_csv=text)
    assert outcome.shares("uses")["per_cent"].tolist() == [100, 0]
    assert outcome.shares("uses")["ci_low"].between(95, 99).tolist() == [True, False]
    numbers = outcome.published.survey_numbers.set_index(["question", "measure", "break", "group"])["value"]
    assert (numbers.loc["hours"] == 4).all()
    assert (numbers.loc["agrees"] == 1).all()
    assert (outcome.published.survey_tests["marker"] == "z").all()
    reported(outcome)


def test_a_break_in_which_nobody_is_known(tmp_path: Path) -> None:
    outcome = through(tmp_path, survey(), form_csv=form(200, phase=lambda i: ""))
    groups = outcome.published.survey_estimates.query("`break` == 'phase'")
    assert (groups["marker"] == "z").all()
    assert outcome.published.survey_tests["marker"].isin(["u", "z"]).all()
    reported(outcome)


def test_a_median_that_all_share_says_why_it_has_no_interval(tmp_path: Path) -> None:
    outcome = through(tmp_path, survey(), form_csv=form(200, hours=lambda i: "4"))
    numbers = outcome.published.survey_numbers
    bare = numbers["value"].notna() & (numbers["ci_low"].isna() | numbers["ci_high"].isna())
    assert (numbers.loc[bare, "note"] != "").all()


def test_numbers_too_large_to_add_up_are_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, survey(), form_csv=form(60, hours=lambda i: "1e308" if i == 4 else "1"))
    assert "form.csv, row 6, column 'hours'" in message


def test_large_numbers_are_printed(tmp_path: Path) -> None:
    outcome = through(tmp_path, survey(), form_csv=form(200, hours=lambda i: "1e15" if i % 2 else "0"))
    assert "500,000,000,000,000" in reported(outcome)


# --- weights -----------------------------------------------------------------------------------------------------------

RAKED = "exports: {form: {file: form.csv, weight: w}}\nweighting: {targets: targets.csv}"
TARGETS = (
    "variable,group,share,source,date,unit,grade\n"
    "phase,p,0.6,roll,2026,headcount,official\nphase,s,0.4,roll,2026,headcount,official\n"
)


def weighted_folder(folder: Path, targets: str = TARGETS) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / "targets.csv").write_text(targets, encoding="utf-8")
    return folder


@pytest.mark.parametrize("method", [SUPPLIED, RAKED])
@pytest.mark.parametrize(
    ("cell", "others", "words"),
    [
        ("-1", "1", ["row 5, column 'w'", "the number is negative", "'-1'"]),
        ("NaN", "1", ["row 5, column 'w'", "not a number", "'NaN'"]),
        ("inf", "1", ["row 5, column 'w'", "not a number", "'inf'"]),
        ("1,5", "1", ["row 5, column 'w'", "decimal comma"]),
        ("1e30", "1", ["column 'w'", "r3", "1e+30 times the median weight"]),
        ("9" * 400, "1", ["column 'w'", "r3", "without end"]),
        ("1e30", "1e30", ["column 'w'", "neither respondents nor a population"]),
        ("1e-300", "1e-300", ["column 'w'", "neither respondents nor a population"]),
        ("0", "0", ["column 'w'", "no weight above zero"]),
        ("", "", ["column 'w'", "no weight above zero"]),
    ],
)
def test_a_weight_that_is_none_is_refused(
    tmp_path: Path, method: str, cell: str, others: str, words: list[str]
) -> None:
    text = form(60, w=lambda i: cell if i == 3 else others)
    message = refused(weighted_folder(tmp_path), survey(more=method), form_csv=text)
    for part in ["form.csv", *words]:
        assert part in message


@pytest.mark.parametrize("method", [SUPPLIED, RAKED])
@pytest.mark.parametrize("none", ["0", "", "0.000"])
def test_people_without_a_weight_are_not_counted(tmp_path: Path, method: str, none: str) -> None:
    with_some = form(200, w=lambda i: none if i % 4 == 0 else "1.5")
    outcome = through(weighted_folder(tmp_path), survey(more=method), form_csv=with_some)
    assert (outcome.shares("uses")["base_unweighted"] == 150).all()
    assert outcome.published.weighting.set_index("measure")["value"]["n_without_weight"] == 50


@pytest.mark.parametrize("method", [SUPPLIED, RAKED])
def test_the_weight_of_a_whole_population_gives_the_shares_of_its_sample(tmp_path: Path, method: str) -> None:
    found = []
    for unit in (1, 10**9):
        text = form(200, w=lambda i, unit=unit: str(unit * (1 + i % 3)))  # type: ignore[misc]
        outcome = through(weighted_folder(tmp_path / str(unit)), survey(more=method), form_csv=text)
        found.append(outcome.published.survey_estimates.drop(columns="base_weighted"))
    pd.testing.assert_frame_equal(*found)


@pytest.mark.parametrize("method", [SUPPLIED, RAKED])
def test_one_respondent_who_outweighs_all_others_is_told_of(tmp_path: Path, method: str) -> None:
    text = form(200, w=lambda i: "200000" if i == 3 else "1")
    outcome = through(weighted_folder(tmp_path), survey(more=method), form_csv=text)
    assert outcome.shares("uses")["base_effective"].max() < 7
    assert "very unequal" in reported(outcome)


def test_one_respondent_stands_for_a_group_of_the_population(tmp_path: Path) -> None:
    """Inside the project; what leaves it would tell that it is one."""
    text = form(200, phase=lambda i: "Primary" if i else "Secondary")
    outcome = through(weighted_folder(tmp_path), survey(more=RAKED), "internal", form_csv=text)
    assert outcome.shares("uses")["base_effective"].max() < 10
    reported(outcome, "internal")
    with pytest.raises(StudyError, match="has a target of its own"):
        through(weighted_folder(tmp_path), survey(more=RAKED), form_csv=text)


# --- impossible targets ------------------------------------------------------------------------------------------------

TWO_VARIABLES = """
profile:
  phase: {label: Phase, column: phase, options: {p: Primary, s: Secondary}}
  size: {label: Size, column: size, options: {small: Small, big: Big}}
  kind: {label: Kind, column: kind, options: {town: Town, land: Land}}
questions:
  uses: {label: Uses it, text: Do you use it?, column: uses, options: {yes_: 'Yes', no_: 'No'}}
weighting: {targets: targets.csv}
"""


def targets(**shares: tuple[float, float]) -> str:
    groups = {"phase": ("p", "s"), "size": ("small", "big"), "kind": ("town", "land")}
    rows = [
        f"{v},{g},{x},roll,2026,headcount,official\n"
        for v, xs in shares.items()
        for g, x in zip(groups[v], xs, strict=True)
    ]
    return "variable,group,share,source,date,unit,grade\n" + "".join(rows)


PEOPLE = {
    "empty group": ["Primary,Small,Town"] * 20,
    "one inside the other": ["Primary,Small,Town"] * 20 + ["Secondary,Small,Land"] * 10 + ["Secondary,Big,Town"] * 10,
    "three together": ["Primary,Small,Town"] * 9 + ["Primary,Big,Land"] * 9 + ["Secondary,Small,Land"] * 9
    + ["Secondary,Big,Land"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("people", "shares", "words"),
    [
        ("empty group", {"phase": (0.5, 0.5)}, ["nobody", "stands for phase = s", "merge the group with a neighbour"]),
        (
            "one inside the other",
            {"phase": (0.8, 0.2), "size": (0.6, 0.4)},
            ["no weights can meet these targets", "phase = ", "size = ", "make the targets agree"],
        ),
        (
            "three together",
            {"phase": (0.5, 0.5), "size": (0.5, 0.5), "kind": (0.9, 0.1)},
            ["kind = ", "% "],
        ),
    ],
)
def test_targets_that_cannot_be_met_leave_nothing_behind(
    root: Path, tmp_path: Path, people: str, shares: dict[str, tuple[float, float]], words: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    text = "phase,size,kind,uses\n" + "".join(f"{row},Yes\n" for row in PEOPLE[people])
    study = small_survey(weighted_folder(tmp_path / "study", targets(**shares)), TWO_VARIABLES, form_csv=text)
    out = tmp_path / "out"
    tables.write_parquet(clean(study).responses, out / "responses.parquet")
    names = ("weights", "margins", "distribution", "notes", "weighting")
    rule = SimpleNamespace(
        params=SimpleNamespace(study={"definition": str(study.folder)}),
        input=SimpleNamespace(responses=str(out / "responses.parquet")),
        output=SimpleNamespace(**{name: str(out / name) for name in names}),
        log=[str(out / "log")],
    )
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(root / "workflow" / "scripts" / "weight_survey.py"), {"snakemake": rule})
    assert caught.value.code == 1
    assert sorted(path.name for path in out.iterdir()) == ["log", "responses.parquet"]
    said = (out / "log").read_text(encoding="utf-8")
    assert said in capsys.readouterr().err
    for part in ["targets.csv", "export 'form'", "mend:", *words]:
        assert part in said


# --- schools -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("design", "school", "words"),
    [
        ("{cluster: school}", lambda i: "the school", "only one cluster in the sample"),
        ("{cluster: school, strata: county}", lambda i: f"{i // 20}" if i < 20 else f"{i // 5}", "stratum 'county 0'"),
    ],
)
def test_one_school_where_several_are_needed_is_refused(tmp_path: Path, design: str, school: Cell, words: str) -> None:
    message = refused(tmp_path, survey(more=f"design: {design}"), form_csv=form(200, school=school))
    assert "survey.design" in message
    assert words in message
    assert re.search("variance can(not)? be estimated", message)


@pytest.mark.parametrize("lonely", ["certainty", "adjust", "average"])
def test_one_stratum_of_one_school_counts_as_declared(tmp_path: Path, lonely: str) -> None:
    text = form(200, school=lambda i: f"{i // 20}" if i < 20 else f"{i // 5}")
    design = f"design: {{cluster: school, strata: county, lonely: {lonely}}}"
    outcome = through(tmp_path, survey(more=design), form_csv=text)
    assert outcome.shares("uses")[["per_cent", "ci_low", "ci_high"]].notna().all(axis=None)


def test_two_schools_give_a_wide_interval(tmp_path: Path) -> None:
    text = form(200, school=lambda i: "AB"[i // 2 % 2], uses=lambda i: ["Yes", "No"][i // 2 % 2 if i % 10 else 0])
    outcome = through(tmp_path, survey(more="design: {cluster: school}"), form_csv=text)
    low, high = outcome.shares("uses").loc["yes_", ["ci_low", "ci_high"]]
    assert low < 10
    assert high > 90
    reported(outcome)


def test_a_sample_that_is_the_whole_population_is_certain(tmp_path: Path) -> None:
    design = "design: {cluster: school, clusters_in_population: total}"
    outcome = through(tmp_path, survey(more=design), form_csv=form(200, total=lambda i: "40"))
    assert (outcome.cleaned.responses["clusters_in_population"] == 40).all()
    mean = outcome.published.survey_numbers.query("question == 'hours' and measure == 'mean' and `break` == ''")
    assert (mean["ci_low"] == mean["value"]).all()
    assert (mean["ci_high"] == mean["value"]).all()


@pytest.mark.parametrize("lonely", ["certainty", "adjust", "average"])
@pytest.mark.parametrize("strata", ["", ", strata: county"])
def test_no_stratum_with_two_schools_is_refused_whatever_is_declared(tmp_path: Path, lonely: str, strata: str) -> None:
    design = f"design: {{cluster: county{strata}, lonely: {lonely}}}"
    text = form(200, county=(lambda i: f"{i // 20}") if strata else lambda i: "A")
    assert "survey.design" in refused(tmp_path, survey(more=design), form_csv=text)


def test_a_group_in_one_school_has_no_interval_and_says_why(tmp_path: Path) -> None:
    text = form(200, school=lambda i: "AB"[i % 2])  # the schools are the phases
    outcome = through(tmp_path, survey(more="design: {cluster: school}"), form_csv=text)
    for frame in (outcome.published.survey_estimates, outcome.published.survey_numbers):
        groups = frame[frame["break"] == "phase"]
        assert groups[["ci_low", "ci_high"]].isna().all(axis=None)
        assert (groups["note"] != "").all()
    tests = outcome.published.survey_tests
    not_made = tests["p"].isna()
    assert not_made.any()
    assert (tests.loc[not_made, "note"] != "").all()
    reported(outcome)


# --- change and models -------------------------------------------------------------------------------------------------

AGAIN = """
respondent_id: id
exports: {first: {file: first.csv}, second: {file: second.csv}}
questions:
  uses: {label: Uses it, text: Do you?, export: first, column: uses, options: {yes_: 'Yes', no_: 'No'}}
  still: {label: Still, text: Do you?, export: second, column: uses, repeats: uses, options: {yes_: 'Yes', no_: 'No'}}
"""


@pytest.mark.parametrize(("first", "second"), [("", "Yes"), ("Yes", ""), ("", "")])
def test_there_is_no_change_where_nobody_answered_on_a_day(tmp_path: Path, first: str, second: str) -> None:
    files = {"first_csv": form(100, uses=lambda i: first), "second_csv": form(100, uses=lambda i: second)}
    outcome = through(tmp_path, AGAIN, **files)
    changes = outcome.published.survey_changes
    assert len(changes) == 2
    assert changes[["points", "ci_low", "ci_high", "p", "p_adjusted"]].isna().all(axis=None)
    assert (changes["marker"] != "").all()
    reported(outcome)


def test_nothing_changed(tmp_path: Path) -> None:
    outcome = through(tmp_path, AGAIN, first_csv=form(100), second_csv=form(100))
    assert outcome.published.survey_changes[["points", "ci_low", "ci_high"]].eq(0).all(axis=None)
    reported(outcome)


@pytest.mark.parametrize(
    ("outcome", "n", "cells", "words"),
    [
        ("uses:yes_", 100, {"uses": "Yes"}, ["outcome", "the outcome is 1 for all 100 respondents"]),
        ("uses:yes_", 100, {"uses": ""}, ["outcome", "0 respondents have an outcome"]),
        ("hours", 100, {"hours": "3"}, ["outcome", "the outcome is 3 for all 100 respondents"]),
        ("hours", 100, {"hours": ""}, ["outcome", "0 respondents have an outcome"]),
        ("uses:yes_", 100, {"phase": "Primary"}, ["predictors", 'nobody in group "s" of phase', "found 'phase'"]),
        ("hours", 2, {}, ["outcome", "too few respondents"]),
    ],
)
def test_a_model_without_enough_answers_is_refused(
    tmp_path: Path, outcome: str, n: int, cells: dict[str, str], words: list[str]
) -> None:
    text = form(n, **{column: (lambda i, cell=cell: cell) for column, cell in cells.items()})  # type: ignore[misc]
    more = f"models: {{m: {{label: Model, outcome: '{outcome}', predictors: [phase]}}}}"
    message = refused(tmp_path, survey(more=more), form_csv=text)
    for part in ["study.yaml", "survey.models.m", "cannot be estimated", *words]:
        assert part in message


# --- scripts and characters that nobody sees ---------------------------------------------------------------------------

OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that turn round the text after them."""
WRITTEN = [
    "Yes \U0001f600",
    "\U0001f469\u200d\U0001f3eb",  # a teacher: woman, joiner, school
    "\u0646\u0639\u0645",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
    "\u0939\u093f\u0928\u094d\u0926\u0940",
    "Cafe\u0301 au lait",
    "Y" + "\u0301" * 300,
]
LIKE_CODE = ["<script>alert(1)</script>", "{{ 7 * 7 }}", "**bold** [a](b)", "=1+1", "$x_1$", "&amp;"]


def answered_with(folder: Path, labels: list[str]) -> Outcome:
    """A survey in which every label is the answer of ten people."""
    options = ", ".join(f'o{i}: "{label}"' for i, label in enumerate(labels))
    text = form(10 * len(labels), uses=lambda i: labels[i % len(labels)])
    outcome = through(folder, survey(uses=f"{{{options}}}"), form_csv=text)
    share = round(100 / len(labels) + 1e-9)
    assert (outcome.shares("uses")["per_cent"] == share).all()
    assert outcome.shares("uses")["option_label"].tolist() == labels
    return outcome


def test_answers_of_every_script_are_counted_and_shown(tmp_path: Path) -> None:
    said = reported(answered_with(tmp_path, WRITTEN))
    assert [label for label in WRITTEN if label not in said] == []


def test_labels_that_look_like_code_are_text(tmp_path: Path) -> None:
    said = reported(answered_with(tmp_path, LIKE_CODE))
    for label in LIKE_CODE:
        escaped = label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert escaped in said  # on the page
        assert {label, f"'{label}"} & set(said.splitlines())  # in the spreadsheet


def test_labels_that_turn_text_round_are_shown_without_doing_so(tmp_path: Path) -> None:
    outcome = answered_with(tmp_path, [f"Yes{mark}oN {i}" for i, mark in enumerate(OVERRIDES)])
    said = reported(outcome)
    drawn = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "figures").glob("*.svg"))
    assert "YesoN 4" in said
    assert "YesoN 4" in drawn
    assert not set(OVERRIDES) & set(said + drawn)


def test_what_nobody_sees_in_an_answer_is_folded(tmp_path: Path) -> None:
    unseen = "\u00ad\u200b\u200e\u200f\u2060" + OVERRIDES
    text = form(200, uses=lambda i: f"Y{unseen[i % len(unseen)]}es" if i % 4 else "No")
    outcome = through(tmp_path, survey(), form_csv=text)
    assert outcome.shares("uses")["per_cent"].tolist() == [75, 25]
    assert (outcome.cleaned.log["reason"] == "spelling folded to the option's").sum() == 150


def test_an_answer_that_looks_like_an_option_and_is_not_is_refused_and_shows_why(tmp_path: Path) -> None:
    message = refused(tmp_path, survey(), form_csv=form(60, uses=lambda i: "No" if i else "Yes\U000e0041"))
    assert "form.csv, row 2, column 'uses'" in message
    assert "(found 'Yes\\U000e0041')" in message


@pytest.mark.parametrize(
    "name",
    [
        "\u0646\u062a\u0627\u0626\u062c.csv",
        "\u041e\u0442\u0432\u0435\u0442\u044b \U0001f600.csv",
        "cafe\u0301.csv",
        "a b'c.csv",
    ],
)
def test_files_are_named_in_every_script(tmp_path: Path, name: str) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / name).write_text(form(60), encoding="utf-8")
    outcome = through(tmp_path, f'exports: {{form: {{file: "{name}"}}}}\n{survey()}')
    assert set(outcome.published.row_flow["file"]) == {name}


@pytest.mark.parametrize("written", ["\ufeffr0", "r0\u00a0", " r0", "r0\x07", "r\x000"])
def test_what_nobody_sees_in_an_id_is_removed(tmp_path: Path, written: str) -> None:
    text = form(60).replace('"r0"', f'"{written}"')
    assert text != form(60)
    first, second = form(60), text
    outcome = through(tmp_path, AGAIN, first_csv=first, second_csv=second)
    assert len(outcome.cleaned.responses) == 60
    assert outcome.cleaned.responses["respondent"][0] == "r0"


def test_an_id_that_differs_only_in_such_characters_is_a_repeat(tmp_path: Path) -> None:
    message = refused(tmp_path, survey(), form_csv=form(60).replace('"r1"', '"r0\u00a0"'))
    assert "the respondent id stands on 2 rows (2, 3)" in message


@pytest.mark.parametrize("unseen", ["\u200b", "\u200f", "\u202e", "\u2060", "\u2066"])
def test_characters_that_nobody_sees_make_no_other_person(tmp_path: Path, unseen: str) -> None:
    text = form(60)
    outcome = through(tmp_path, AGAIN, first_csv=text, second_csv=text.replace('"r', f'"{unseen}r'))
    assert len(outcome.cleaned.responses) == 60


def test_an_accent_is_one_letter_however_it_is_stored(tmp_path: Path) -> None:
    text = form(200, uses=lambda i: "Cafe\u0301" if i % 4 else "No")
    outcome = through(tmp_path, survey(uses="{yes_: 'Caf\u00e9', no_: 'No'}"), form_csv=text)
    assert outcome.shares("uses")["per_cent"].tolist() == [75, 25]
