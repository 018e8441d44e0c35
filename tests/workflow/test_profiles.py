"""Under every disclosure profile a study ends in its report, every check of its notebooks passes, and outputs say which."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from canary_study import write_canary_study
from leaks import found_in
from plait import tables
from plait.errors import StudyError
from plait.report.masthead import Masthead
from plait.report.notebook_page import tally
from plait.report.notebooks import execute_notebooks
from workflow_runs import ROOT, copy_project, snakemake

pytestmark = pytest.mark.workflow
MARKS = {"internal": "Not for release", "loosened": "Loosened disclosure rules", "strict": ""}
SETTINGS = {"internal": "internal", "loosened": "{profile: public, hide_below: 5}", "strict": "strict"}
MARKED = (
    "report/report.html", "report/report.docx", "report/report.pdf", "tables/school.xlsx", "notebooks/*.ipynb",
    "notebooks/*.html", "figures/*.svg", "figures/*.pdf", "figures/figures.csv", "published/datapackage.json",
)  # fmt: skip
"""What people receive by itself, each to bear the mark; a PNG is the drawing of the SVG beside it."""


DAMAGES = {
    "strict": (
        ("row_flow", "step == 'read'", "rows_out", 10, "every step adds up"),
        ("sample_profile", "group == 'infants'", "per_cent_unweighted", 10, "every unweighted per cent follows"),
        ("weighting", "measure == 'effective_n'", "value", 10, "effective n = n / design effect"),
        ("weighting", "measure == 'sum_of_weights'", "value", 10, "the weights add up to n times their mean"),
        (
            "survey_estimates",
            "per_cent.notna()",
            "per_cent",
            0.5,
            "shares lie between 0 and 100 per cent, with no more",
        ),
        ("survey_estimates", "group == 'near'", "base_unweighted", 25, "the bases of the groups of a break add up"),
        ("survey_estimates", "base_unweighted.isna()", "base_unweighted", 20, "and no base, unless the rules hide"),
        ("survey_estimates", "marker == 'c'", "ci_low", 20, "a suppressed cell keeps no share"),
    ),
    "internal": (
        ("row_flow", "step == 'read'", "rows_out", 1, "every step adds up"),
        ("sample_profile", "group == 'infants'", "per_cent_unweighted", 0.2, "every unweighted per cent follows"),
        ("sample_profile", "group == 'near'", "per_cent_weighted", 0.2, "weighted per cents of a variable add up"),
        ("sample_profile", "group == 'juniors'", "per_cent_weighted", 0.2, "weighted per cents meet the targets"),
        (
            "survey_estimates",
            "per_cent.notna()",
            "per_cent",
            0.05,
            "shares lie between 0 and 100 per cent, with no more",
        ),
        ("theme_counts", "per_cent > 0", "per_cent", 0.2, "per cents are those of the counts"),
        ("joint_display", "strand == 'coded_text'", "per_cent", 0.2, "a theme's per cent is that of its count"),
    ),
    "loosened": (
        ("row_flow", "step == 'read'", "rows_out", 1, "every step adds up"),
        ("sample_profile", "group == 'infants'", "per_cent_unweighted", 1, "every unweighted per cent follows"),
        (
            "survey_estimates",
            "per_cent.notna()",
            "per_cent",
            0.1,
            "shares lie between 0 and 100 per cent, with no more",
        ),
        ("survey_estimates", "base_unweighted.isna()", "base_unweighted", 20, "and no base, unless the rules hide"),
    ),
}
"""What somebody changes in a published table: rows, column, by how much (what is empty is filled), and what must notice."""


@dataclass(frozen=True)
class Ended:
    profile: str
    results: Path

    def files(self, pattern: str) -> list[Path]:
        found = sorted(self.results.glob(pattern))
        assert found, pattern
        return found


@pytest.fixture(scope="module", params=list(MARKS))
def ended(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The results of a small study with both strands under one profile."""
    folder = tmp_path_factory.mktemp(request.param)
    study = write_canary_study(folder / "study", "school")
    project = copy_project(folder / "project")
    disclosure = f"disclosure={SETTINGS[request.param]}"
    run = snakemake(project, "--cores", "2", "--config", f"studies={{school: '{study}'}}", "only=school", disclosure)
    assert run.code == 0, run.said
    return Ended(request.param, project / "results" / "school")


def test_every_output_says_what_must_be_said_of_the_rules(ended: Ended) -> None:
    mark = MARKS[ended.profile]
    for file in (file for pattern in MARKED for file in ended.files(pattern)):
        places = found_in([file], filter(None, MARKS.values()))
        assert {place.rpartition(": ")[2] for place in places} == ({mark.casefold()} if mark else set()), file


def test_every_row_of_data_says_it_too(ended: Ended) -> None:
    mark = MARKS[ended.profile]
    for file in [*ended.files("published/*.csv"), *(f for f in ended.files("figures/*.csv") if f.stem != "figures")]:
        rows = pd.read_csv(file, keep_default_na=False)
        if mark:
            assert set(rows["mark"]) <= {mark}, file
        elif file.stem != "disclosure_rules":
            assert "mark" not in rows, file


def test_every_check_of_the_notebooks_passes(ended: Ended) -> None:
    for file in ended.files("notebooks/*.ipynb"):
        made = tally(nbformat.read(file, as_version=4))
        assert made.failed == 0 and made.passed > 3, file


def test_a_number_that_rounding_does_not_explain_is_noticed(ended: Ended, tmp_path: Path) -> None:
    """What the checks allow for is rounding alone, so that they can fail under every profile."""
    for folder in ("published", "figures"):
        shutil.copytree(ended.results / folder, tmp_path / folder)
    (tmp_path / "published" / "datapackage.json").unlink()  # its hashes would tell before any check is made
    known = {table.name: table for table in tables.PUBLISHED}
    for name, rows, column, by, _ in DAMAGES[ended.profile]:
        file = tmp_path / "published" / f"{name}.csv"
        frame = tables.read_csv(file, known[f"published/{name}"])
        first = frame.query(rows).index[0]
        frame.loc[first, column] = frame[column].fillna(0)[first] + by
        tables.write_csv(frame, file)
    with pytest.raises(StudyError) as told:
        execute_notebooks(sorted((ROOT / "notebooks").glob("*.ipynb")), tmp_path / "notebooks", Masthead("A school"))
    failed = [problem.message for problem in told.value.problems]
    for *_, statement in DAMAGES[ended.profile]:
        assert any(f"a check failed: {statement}" in message for message in failed), (statement, failed)


@pytest.mark.parametrize("profile", ["strict", "internal"])
def test_the_examples_end_in_reports_under_the_other_profiles(project: Path, tmp_path: Path, profile: str) -> None:
    again = shutil.copytree(project, tmp_path / "project", symlinks=True)
    run = snakemake(again, "--cores", "2", "--config", f"disclosure={profile}")
    assert run.code == 0, run.said
    assert not re.search(r"\(Rule: (clean_survey|tabulate_survey|count_themes)\)", run.said)
    rules = pd.read_csv(again / "results" / "ite-mentors" / "published" / "disclosure_rules.csv")
    assert set(rules["profile"]) == {profile}
