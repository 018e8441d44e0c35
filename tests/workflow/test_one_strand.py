"""A study may lack a strand: it still ends in its report."""

from __future__ import annotations

from pathlib import Path

import pytest

from little_study import DEFINITION, ENOUGH, write_little_study
from workflow_runs import copy_project, snakemake

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the little study without interviews, and without a survey."""
    folder = tmp_path_factory.mktemp("strands")
    head, survey = DEFINITION[: DEFINITION.index("survey:\n")], DEFINITION[DEFINITION.index("survey:\n") :]
    survey, coded = survey[: survey.index("coded_text:")], survey[survey.index("coded_text:") :]
    definitions = {
        "survey-only": head + survey,
        "coded-only": head + coded.replace("linking: linking.csv\n", ""),
    }
    for name, definition in definitions.items():
        study = write_little_study(folder / name, ENOUGH)
        (study / "study.yaml").write_text(definition.replace("study: little", f"study: {name}"), encoding="utf-8")
    places = ", ".join(f"{name}: {{definition: '{folder / name}'}}" for name in definitions)
    only = f"only=[{', '.join(definitions)}]"
    project = copy_project(folder / "project")
    run = snakemake(project, "--cores", "2", "--config", f"studies={{{places}}}", only)
    assert run.code == 0, run.said
    return project / "results"


def test_a_survey_alone_gives_a_whole_report(out: Path) -> None:
    page = (out / "survey-only" / "report" / "report.html").read_text(encoding="utf-8")
    assert "Survey findings" in page
    assert "What people said" not in page
    assert (out / "survey-only" / "published" / "theme_counts.csv").read_text().count("\n") == 1


def test_coded_text_alone_gives_a_whole_report(out: Path) -> None:
    page = (out / "coded-only" / "report" / "report.html").read_text(encoding="utf-8")
    assert "What people said" in page
    assert "Survey findings" not in page
