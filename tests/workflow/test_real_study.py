"""A real study's deliverables, read in place: every fact that was computed from them independently comes out again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from visits import Visit
from workflow_runs import ROOT, copy_project, snakemake

pytestmark = pytest.mark.workflow
DATA = ROOT.parent / "shared" / "samples" / "niot-ite-mentors"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the study, run through the same rules as the examples."""
    if not DATA.is_dir():
        pytest.skip("the real study's files are not at hand (../shared/samples/niot-ite-mentors)")
    project = copy_project(tmp_path_factory.mktemp("real") / "project")
    place = f"studies={{niot-ite-mentors: {{definition: '{ROOT}/tests/studies/niot-ite-mentors', raw: '{DATA}'}}}}"
    run = snakemake(project, "--cores", "2", "--config", place, "only=niot-ite-mentors")
    assert run.code == 0, run.said
    return project / "results" / "niot-ite-mentors"


@pytest.fixture(scope="module")
def estimates(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "survey" / "estimates.parquet").set_index(["option", "break", "group"])


@pytest.fixture(scope="module")
def tests(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "survey" / "tests.parquet").set_index(["option", "break"])


def test_it_ends_in_a_report(out: Path) -> None:
    assert (out / "report" / "report.html").stat().st_size > 50_000
    assert (out / "tables" / "niot-ite-mentors.xlsx").is_file()


@pytest.mark.browser
def test_its_pages_can_be_used_by_everybody(out: Path, open_page: Callable[..., Visit]) -> None:
    for page in [out / "report" / "report.html", *sorted(out.glob("notebooks/*.html"))]:
        visit = open_page(page, 320)
        assert (page.name, visit.broken_rules, visit.overflow()) == (page.name, [], 0)
        assert [*visit.outside, *visit.complaints] == []


def test_the_shares_are_unweighted(out: Path) -> None:
    audit = pd.read_parquet(out / "survey" / "reconciliation.parquet")
    whole = audit[audit.what == "integrality"]
    assert whole.right.sum() == 8 * 54
    assert whole.agrees.all()
    margins = audit[audit.what == "margin_of_error"]
    assert (len(margins), margins.agrees.all()) == (58, True)
    bases = audit[audit.what == "base"].set_index("break")
    assert not bases.loc[["fsm", "schoolSize", "schoolGovernance"], "agrees"].any()


def test_overall_shares(estimates: pd.DataFrame) -> None:
    expected = {
        "external_training": 50.53, "time": 30.80, "internal_training": 28.73, "collaborations": 20.25, "none": 20.08,
        "events": 5.96, "salary": 5.89, "recognition": 5.05,
    }  # fmt: skip
    for option, per_cent in expected.items():
        row = estimates.loc[(option, "", "")]
        assert round(100 * row.value, 2) == per_cent
        assert row.base_unweighted == 2854
    assert estimates.loc[("time", "phase", "primary"), "base_unweighted"] == 1207
    assert estimates.loc[("time", "phase", "secondary"), "base_unweighted"] == 1647


def test_internal_training_differs_by_phase_and_external_does_not(estimates: pd.DataFrame, tests: pd.DataFrame) -> None:
    assert round(100 * estimates.loc[("internal_training", "phase", "primary"), "value"], 1) == 17.5
    assert round(100 * estimates.loc[("internal_training", "phase", "secondary"), "value"], 1) == 37.0
    internal = tests.loc[("internal_training", "phase")]
    assert (internal.method, round(internal.statistic, 2), internal.df1) == ("pearson_yates", 128.33, 1)
    assert round(internal.effect, 3) == 0.213
    external = tests.loc[("external_training", "phase")]
    assert (round(external.statistic, 3), round(external.p, 3)) == (0.077, 0.782)
    seniority = tests.loc[("external_training", "seniority")]
    assert (round(seniority.statistic, 2), seniority.df1, round(seniority.effect, 3)) == (76.02, 3, 0.164)


def test_the_more_senior_the_fewer_see_no_support(estimates: pd.DataFrame) -> None:
    none = {"teacher": 42.0, "middle_leader": 33.0, "slt_excl_head": 16.0, "headteacher": 9.0}
    for group, per_cent in none.items():
        assert round(100 * estimates.loc[("none", "seniority", group), "value"], 1) == per_cent


def test_two_coders(out: Path) -> None:
    agreement = pd.read_parquet(out / "qualitative" / "agreement.parquet")
    both = agreement[(agreement.coder_a == "first") & (agreement.coder_b == "second")]
    overall = both[both.level == "all"].set_index("coefficient")
    assert set(overall.n_units) == {289}
    assert round(overall.value["cohen_kappa"], 4) == 0.6704
    assert round(overall.value["per_cent"] * 289) == 116
    assert ((both.level == "code") & (both.coefficient == "cohen_kappa")).sum() == 51
    third = agreement[(agreement.coder_b == "third") & (agreement.level == "all")]
    assert set(third.n_units) == {71}
    asked = pd.read_parquet(out / "qualitative" / "assignments.parquet")
    assert asked.groupby("coder").size().to_dict() == {"first": 289, "second": 289, "third": 71, "final": 289}
    assert "final" not in set(agreement.coder_a) | set(agreement.coder_b)


def test_final_codes_rolled_up(out: Path) -> None:
    themes = pd.read_parquet(out / "qualitative" / "themes.parquet")
    overall = themes[(themes["by"] == "") & (themes.unit == "sources")].set_index("theme")
    expected = {
        "time": 82.0, "moneySalary": 26.3, "training": 19.0, "recognition": 9.3, "collab": 7.6, "frustration": 6.9,
        "workloadManagement": 5.9, "money": 4.2,
    }  # fmt: skip
    for theme, per_cent in expected.items():
        assert overall.loc[theme, "of"] == 289
        assert round(100 * overall.loc[theme, "n"] / 289, 1) == per_cent


def test_no_id_and_no_answer_is_published(out: Path) -> None:
    answers = pd.read_csv(DATA / "opentext.csv", dtype=str, keep_default_na=False)
    folders = ["published", "figures", "notebooks", "report", "provenance"]
    said = "\n".join(
        p.read_text(encoding="utf-8")
        for f in folders
        for p in sorted((out / f).rglob("*"))
        if p.suffix in {".csv", ".svg", ".ipynb", ".html", ".json"}
    )
    assert not [i for i in answers["user_id"] if i in said]
    assert not [a for a in answers["answer"] if len(a.strip()) > 30 and a.strip() in said]
