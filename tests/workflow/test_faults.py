"""A raw file that is wrong stops the run with one message that names file, row and mend, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from little_study import write_little_study
from workflow_runs import Run, copy_project, snakemake

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("faults") / "project")


def run_little(project: Path, study: Path) -> Run:
    places = f"studies={{little: {{definition: '{study}'}}}}"
    return snakemake(project, "--cores", "2", "--config", places, "only=little", f"results={study.parent / 'results'}")


def test_the_little_study_runs_to_its_report(project: Path, tmp_path: Path) -> None:
    run = run_little(project, write_little_study(tmp_path / "little"))
    assert run.code == 0, run.said
    assert (tmp_path / "results" / "little" / "report" / "report.html").is_file()


def without_column(text: str) -> str:
    return text.replace(",uses,", ",used,", 1)


def repeat_id(text: str) -> str:
    return text.replace("\n010,", "\n009,", 1)


def unknown_answer(text: str) -> str:
    return text.replace(",Far,", ",Faar,", 1)


def header_only(text: str) -> str:
    return text.partition("\n")[0] + "\n"


def cut_off(text: str) -> str:
    return text[: text.rindex(",")]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (without_column, ["survey/monday.csv, row 1: has no column 'uses'", "did you mean 'used'?"]),
        (repeat_id, ["survey/monday.csv, row 11, column 'id'", "(11, 12)", "'009'", "under `duplicates:`"]),
        (unknown_answer, ["survey/monday.csv, row 4, column 'distance'", "'Faar'", "did you mean 'Far'?"]),
        (header_only, ["survey/monday.csv", "has a header but no answers below it"]),
        (cut_off, ["survey/monday.csv, row 43", "fewer than the 6", "cut off"]),
    ],
)
def test_a_wrong_raw_file_ends_in_one_message(project: Path, tmp_path: Path, fault, expected: list[str]) -> None:  # type: ignore[no-untyped-def]
    study = write_little_study(tmp_path / "little")
    monday = study / "raw" / "survey" / "monday.csv"
    monday.write_text(fault(monday.read_text(encoding="utf-8")), encoding="utf-8")
    run = run_little(project, study)
    assert run.code != 0
    assert "1 problem to mend" in run.said
    for words in expected:
        assert words in run.said
    assert "Traceback" not in run.said
    left = [
        p
        for p in (tmp_path / "results").rglob("*")
        if p.is_file() and p.parent.name in ("survey", "published", "report")
    ]
    assert left == []
    assert "1 problem to mend" in (tmp_path / "results" / "little" / "logs" / "clean_survey.log").read_text()


def test_a_wrong_configuration_is_told_before_anything_runs(project: Path, tmp_path: Path) -> None:
    study = write_little_study(tmp_path / "little")
    (study / "study.yaml").write_text((study / "study.yaml").read_text().replace("scale: agree3", "scale: agree4"))
    run = run_little(project, study)
    assert run.code != 0
    assert "little: study.yaml, row" in run.said
    assert "did you mean 'agree3'?" in run.said
    assert "Traceback" not in run.said
    unknown = snakemake(project, "--dry-run", "--config", "disclosur=public")
    assert unknown.code != 0
    assert "did you mean 'disclosure'?" in unknown.said


def test_a_mended_file_goes_on_with_the_same_command(project: Path, tmp_path: Path) -> None:
    study = write_little_study(tmp_path / "little")
    monday = study / "raw" / "survey" / "monday.csv"
    text = monday.read_text(encoding="utf-8")
    monday.write_text(unknown_answer(text), encoding="utf-8")
    assert run_little(project, study).code != 0
    monday.write_text(text, encoding="utf-8")
    assert run_little(project, study).code == 0
