"""Fifteen real surveys, read in place: every cell that others computed or published for them comes out again."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plait.study.definition import Option, Profile, SampleDesign
from plait.study.side_files import Target
from plait.survey.cleaning import clean
from plait.survey.raking import effective_n, kish_design_effect
from plait.survey.weighting import weight
from sample_studies import (
    SAMPLES,
    Results,
    beside_ours,
    changed,
    disagreements,
    named,
    needs_samples,
    prints_as,
    reference,
    results,
    run,
    sample,
    with_export,
)

pytestmark = [pytest.mark.samples, needs_samples]

REFERENCES = {
    "api-clusters": ("api.csv", {"dataset": "apiclus1.csv"}),
    "api-strata": ("api.csv", {"dataset": "apistrat.csv"}),
    "pew-dec2013": ("dec13.csv", {"weight_variable": "weight"}),
    "pew-dec2013-raked": ("dec13.csv", {"weight_variable": "rk"}),
    "nationscape-raking": ("autumn.csv", {}),
    "star-wars": ("starwars.csv", {}),
    "sleeping-alone": ("sleeping_alone.csv", {}),
    "fte-masculinity": ("fte_masculinity_full.csv", {}),
    "pew-atp-w83": ("atp_w83.csv", {}),
    "gss-2010": ("gss2010.csv", {}),
    "pisa2015-us-teachers": ("pisa15_us_teachers.csv", {}),
    "niblse-faculty": ("niblse.csv", {}),
    "gw-educators": ("gw_educators.csv", {}),
    "rse-germany-2017": ("ssi_de17.csv", {}),
    "learning-r-2019": ("learnr2019_en.csv", {}),
    "alliance-cloud-2023": ("alliance.csv", {}),
    "quantipy-example": ("quantipy_A.csv", {"weight_variable": "weight_a"}),
}
"""Study, the file of its reference numbers, and which of the rows are about it."""

ROLE = "1) Please describe your role(s) by checking all that apply: Other (please specify)&nbsp;"
ALIASES = {
    "sleeping-alone": {"26": "gender"},  # the place of a column whose header stands a row higher
    "pew-atp-w83": {"VAXSTATUS": "vaccine"},
    "pisa2015-us-teachers": {"type": "kind"},
    "rse-germany-2017": {"_g": "gender"},
    "alliance-cloud-2023": {ROLE: "other", f"{ROLE}.1": "described"},
}
"""What the reference calls questions and breaks by a name that no column has."""

SPLIT_AT_COMMAS = {
    "online course(s) (i.e.": "online course(s) (i.e., Coursera)",
    " Coursera)": "online course(s) (i.e., Coursera)",
}
"""Halves of one option: the reference keeps the wrong result of splitting answers at every comma, on purpose."""


@cache
def rows_of(study: str) -> pd.DataFrame:
    file, where = REFERENCES[study]
    rows = reference(file).replace({"response": SPLIT_AT_COMMAS})
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return named(rows, sample(study), ALIASES.get(study))


@cache
def compared(study: str) -> pd.DataFrame:
    return beside_ours(rows_of(study), results(study))


def estimate_of(
    ours: Results, question: str, option: str = "", break_: str = "", group: str = "", **where: str
) -> pd.Series:
    """One estimate; weighted where the study has weights."""
    table = ours.estimates
    if ours.survey.weighting:
        table = table[table["weight_set"] != ""]
    keys = {"question": question, "option": option, "break": break_, "group": group} | where
    chosen = table[np.logical_and.reduce([table[column] == value for column, value in keys.items()])]
    assert len(chosen) == 1
    return chosen.iloc[0]


# --- every cell --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("study", REFERENCES)
def test_every_reference_cell_comes_out_again(study: str) -> None:
    both = compared(study)
    assert len(both) == len(rows_of(study)) > 0
    wrong = disagreements(both)
    assert wrong.empty, f"{len(wrong)} of {len(both)} cells differ:\n{wrong.head(10).to_string()}"


def test_no_reference_row_is_passed_over() -> None:
    compared_here = pd.Series({study: len(rows_of(study)) for study in REFERENCES})
    by_file = compared_here.groupby({study: file for study, (file, _) in REFERENCES.items()}).sum()
    elsewhere = {"quantipy_A.csv": 12, "s12_pre.csv": 80}  # the second weight and the repeats, below
    coded_text = "gw_codes_no_branch.csv"  # of another kind: codes in a workbook
    for path in (SAMPLES / "reference").glob("*.csv"):
        if path.name != coded_text:
            assert by_file.get(path.name, 0) + elsewhere.get(path.name, 0) == len(pd.read_csv(path)), path.name


def test_people_without_the_second_weight_are_left_out_of_it() -> None:
    study = with_export(sample("quantipy-example"), weight="weight_b")
    rows = reference("quantipy_A.csv")
    rows = rows[rows["weight_variable"] == "weight_b"]
    both = beside_ours(named(rows, study), run(study))
    assert set(both["base_n"]) == {8098}
    assert disagreements(both).empty


@pytest.mark.parametrize(
    ("base", "key", "keep"),
    [
        ("no de-duplication (n=920), any item answered", (), None),
        ("first answer per username (n=559), any item answered", ("opdata_username",), "first"),
        ("last answer per username (n=559), any item answered", ("opdata_username",), "last"),
        (
            "first answer per username x course (n=565), any item answered",
            ("opdata_username", "opdata_CourseID"),
            "first",
        ),
    ],
    ids=["everyone", "first", "last", "by course"],
)
def test_who_counts_as_the_same_student_is_the_definitions_choice(
    base: str, key: tuple[str, ...], keep: str | None, tmp_path: Path
) -> None:
    study = sample("online-science-s12")
    declared = study.definition.survey.duplicates  # type: ignore[union-attr]
    assert declared
    # The reference takes two forms without a name for one student, and the tool's placeholder for another. No
    # definition does the first, so it is told who they are.
    forms = pd.read_csv(study.raw / "s12-pre-survey.csv", dtype="str", keep_default_na=False)
    forms.replace({"opdata_username": {"": "no name"}, "opdata_CourseID": {"": "no course"}}).to_csv(
        tmp_path / "s12-pre-survey.csv", index=False
    )
    rule = declared.model_copy(update={"key": key, "keep": keep, "no_key": ()}) if keep else None
    ours = run(replace(changed(study, duplicates=rule), raw=tmp_path))
    rows = reference("s12_pre.csv")
    both = beside_ours(named(rows[rows["base"] == base], study), ours)
    assert len(both) == 20
    assert disagreements(both).empty


def test_a_workbook_and_a_text_file_of_the_same_answers_give_the_same_numbers() -> None:
    as_workbook = results("learning-r-2019-es")
    as_text = run(with_export(as_workbook.study, file="2019 Spanish R Community Survey Responses.csv"))
    pd.testing.assert_frame_equal(as_workbook.estimates, as_text.estimates)


# --- what was published -------------------------------------------------------------------------------------------------


def test_the_published_table_of_a_magazine_and_its_blanks() -> None:
    both = compared("fte-masculinity")
    printed = both[both["published"] != ""]
    blank = both[both["published"] == ""]
    assert (len(printed), len(blank)) == (1820, 130)
    agree = [prints_as(value, text) for value, text in zip(printed["pct_weighted_"], printed["published"], strict=True)]
    assert sum(agree) == 1820
    assert blank["base_n_"].max() < 100 <= printed["base_n_"].min()


def test_the_published_table_of_a_research_institute() -> None:
    both = compared("pew-atp-w83")
    printed = both[both["published"] != ""]
    agree = [prints_as(value, text) for value, text in zip(printed["pct_weighted_"], printed["published"], strict=True)]
    assert (len(printed), sum(agree)) == (52, 52)
    ours = results("pew-atp-w83")
    planned = estimate_of(ours, "vaccine", "net_yes", "race", "black")
    assert prints_as(100 * planned["value"], "61")


def test_the_published_counts_of_a_university() -> None:
    both = compared("rse-germany-2017")
    printed = both[both["published"] != ""]
    counts = printed["published"].str.removeprefix("n=").astype(int)
    assert len(printed) == 96
    assert (printed["n_"].round(6) == counts).all()


def test_published_counts_differ_only_where_typed_answers_were_recoded() -> None:
    both = compared("gw-educators")
    printed = both[both["published"] != ""]
    counts = printed["published"].str.removeprefix("n=").astype(int)
    different = printed[printed["n_"].round(6) != counts]
    assert set(different["our_option"]) == {"webcam", "live_visible", "internet"}
    assert len(printed) == 28


def test_other_published_figures() -> None:
    courses = compared("niblse-faculty")
    printed = courses[courses["published"] != ""]
    assert list(printed["n_"].round(6)) == list(printed["published"].astype(int)) == [165, 49, 270]
    barriers = estimate_of(results("niblse-faculty"), "faced_of_teachers", "faced")
    assert (round(barriers["value"] * 362, 6), barriers["base_unweighted"]) == (259, 362)
    assert prints_as(100 * estimate_of(results("star-wars"), "seen_any", "has_seen")["value"], "79%")


@pytest.mark.parametrize(
    ("question", "option", "break_", "group", "press"),
    [
        ("president", "disapprove", "", "", 49),
        ("health_law", "disapprove", "", "", 54),
        ("health_law", "approve", "party", "democrat", 73),
        ("health_law", "disapprove", "party", "republican", 89),
        ("health_law", "approve", "race3", "hispanic", 52),
        ("health_law", "approve", "race3", "black", 81),
    ],
)
def test_figures_from_a_press_release(question: str, option: str, break_: str, group: str, press: int) -> None:
    share = estimate_of(results("pew-dec2013"), question, option, break_, group)["value"]
    assert prints_as(100 * share, str(press))


# --- weights and means --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("study", "n", "smallest", "largest", "design_effect", "effective"),
    [
        ("pew-dec2013-raked", 1958, 0.50248, 2.09699, 1.13674, 1722.5),
        ("nationscape-raking", 6051, 0.09178, 17.29624, 1.82969, 3307.1),
    ],
)
def test_raked_weights_are_those_of_r(
    study: str, n: int, smallest: float, largest: float, design_effect: float, effective: float
) -> None:
    weights = results(study).weights.iloc[:, -1].dropna().to_numpy(dtype=float)
    weights = weights[weights > 0]
    assert len(weights) == n
    assert (round(weights.min(), 5), round(weights.max(), 5)) == (smallest, largest)
    assert round(kish_design_effect(weights), 5) == design_effect
    assert round(effective_n(weights), 1) == effective


def test_weights_raked_to_counts_are_those_that_r_put_into_the_file() -> None:
    ours = results("api-clusters")
    export = next(iter(ours.survey.exports))
    raw = pd.read_csv(ours.study.raw / "apiclus1.csv", dtype={"cds": str}).set_index("cds")["raked"]
    given = raw.loc[ours.responses["respondent"]].to_numpy()
    np.testing.assert_allclose(ours.weights[export], given, rtol=1e-6)


def test_means_and_totals_with_their_standard_errors() -> None:
    strata = results("api-strata")
    index = estimate_of(strata, "api00", measure="mean")
    assert (round(index["value"], 4), round(index["se"], 5)) == (662.2874, 9.40894)
    pupils = estimate_of(strata, "enrolment", measure="total")
    assert (round(pupils["value"], 1), round(pupils["se"], 1)) == (3687177.5, 114641.7)


def test_the_mean_of_a_raked_sample_of_clusters_and_its_standard_error() -> None:
    """R was told the clusters, and not that they are 15 of 757; the definition says that too."""
    as_defined = results("api-clusters")
    index = estimate_of(as_defined, "api00", measure="mean")
    assert round(index["value"], 4) == 641.2303
    clusters_only = run(changed(as_defined.study, design=SampleDesign(cluster="dnum")))
    infinite = estimate_of(clusters_only, "api00", measure="mean")["se"]
    assert round(infinite, 3) == 23.942
    assert index["se"] == pytest.approx(infinite * np.sqrt(1 - 15 / 757), rel=1e-9)


def test_seventeen_margins_at_once_are_met() -> None:
    """The hard case of raking: crossings of variables that are margins themselves."""
    study = sample("nationscape-raking")
    survey = study.definition.survey
    assert survey
    shares = pd.read_csv(study.raw / "ns_target.csv")
    shares["group"] = "group" + shares.groupby("variable").cumcount().astype(str)
    profile = {
        str(name): Profile(
            label=str(name),
            column=str(name),
            options={g: Option(label=text) for g, text in zip(of["group"], of["category"], strict=True)},
        )
        for name, of in shares.groupby("variable", sort=False)
    }
    known = {"source": "published", "date": "2017", "unit": "headcount", "grade": "proxy"}
    targets = tuple(
        Target.model_validate({"variable": name, "group": group, "share": share} | known)
        for name, group, share in zip(shares["variable"], shares["group"], shares["proportion"], strict=True)
    )
    place = survey.questions["urban"].model_copy(update={"compare_by": None})
    study = replace(changed(study, profile=profile, questions={"place": place}, breaks=()), targets=targets)
    responses = clean(study).responses
    final = weight(study, responses).weights["wave"]
    assert len(profile) == 17
    assert final.notna().sum() == 6051
    for name, of in shares.groupby("variable"):
        achieved = final.groupby(responses[name]).sum() / final.sum()
        wanted = of.set_index("group")["proportion"]
        np.testing.assert_allclose(achieved[wanted.index], wanted / wanted.sum(), rtol=0, atol=1e-7)


# --- quirks of the files ------------------------------------------------------------------------------------------------


def test_forms_without_a_name_are_not_one_student() -> None:
    """557 students by name, 18 forms with the tool's placeholder and 2 with nothing; two names are not one person."""
    cleaned = clean(sample("online-science-s12"))
    assert cleaned.flow["rows_in"].iloc[0] == 1102
    assert len(cleaned.responses) == 557 + 18 + 2
    shared = cleaned.log[cleaned.log["reason"].str.contains("may not be one person")]
    assert list(shared["before"]) == ["124 rows", "97 rows"]
    nameless = cleaned.log[cleaned.log["reason"].str.contains("no key")]
    assert list(nameless["after"]) == ["20"]


def test_an_answer_that_looks_like_a_missing_value_is_kept() -> None:
    ours = results("food-world-cup")
    unfamiliar = estimate_of(ours, "algeria", "unfamiliar")
    assert round(unfamiliar["value"] * unfamiliar["base_unweighted"]) == 1076
    none = results("learning-r-2019").responses["experience"]
    assert (none == "none").sum() == 8


def test_a_legacy_workbook_is_read_like_any_other() -> None:
    ours = results("online-science-s3")
    first = estimate_of(ours, "item1", "strongly_agree")
    assert (ours.responses["item1"] == "strongly_agree").sum() == round(first["value"] * first["base_unweighted"])
    assert len(clean(changed(ours.study, duplicates=None)).responses) == 130


def test_what_people_typed_beside_the_boxes_is_counted_and_not_kept() -> None:
    study = sample("learning-r-2019")
    cleaned = clean(study)
    question = study.definition.survey.questions["applications"]  # type: ignore[union-attr]
    options = {raw for option in question.options.values() for raw in option.written}
    other = cleaned.responses["applications.other"].sum()
    assert other > 100
    log = cleaned.log[cleaned.log["column"] == question.column]
    words = {part for cell in [*log["before"], *log["after"]] for part in cell.split(", ")}
    assert words <= options | {"(other text)"}


def test_a_mistyped_year_is_set_aside_and_counted() -> None:
    cleaned = clean(sample("learning-r-2019-es"))
    years = cleaned.responses["started"]
    assert (years.notna().sum(), years.min()) == (338 - 14 - 2, 1998)
    assert (cleaned.log["before"] == "(other text)").sum() >= 2


def test_a_weight_for_everyone_or_for_those_who_have_one() -> None:
    study = with_export(sample("quantipy-example"), weight="weight_b")
    responses = clean(study).responses
    given = weight(study, responses).weights.iloc[:, -1]
    assert (given.isna() | (given == 0)).sum() == 157
