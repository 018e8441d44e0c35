"""A raw file that is wrong stops the run with one message that names file, row and mend, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from little_study import ENOUGH, write_little_study
from plait import tables
from plait.descriptions import short_name
from workflow_runs import Run, copy_project, jobs, snakemake

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("faults") / "project")


def run_studies(project: Path, folder: Path, *names: str, more: Sequence[str] = ()) -> Run:
    """Run the studies in a folder's sub-folders; the results are beside them."""
    places = ", ".join(f"{name}: {{definition: '{folder / name}'}}" for name in names)
    only = f"only=[{', '.join(names)}]"
    config = ["--config", f"studies={{{places}}}", only, f"results={folder / 'results'}"]
    return snakemake(project, "--cores", "2", *config, *more)


def left_behind(results: Path) -> list[Path]:
    """Files that a run which failed in the survey must not leave."""
    return [p for p in results.rglob("*") if p.is_file() and p.parent.name in ("survey", "published", "report")]


def change(study: Path, fault: Callable[[str], str]) -> None:
    monday = study / "raw" / "survey" / "monday.csv"
    monday.write_text(fault(monday.read_text(encoding="utf-8")), encoding="utf-8")


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


FAULTS: dict[str, tuple[Callable[[str], str], list[str]]] = {
    "without-column": (without_column, ["survey/monday.csv, row 1: has no column 'uses'", "did you mean 'used'?"]),
    "repeated-id": (
        repeat_id,
        ["survey/monday.csv, row 11, column 'id'", "(11, 12)", "'009'", "under `duplicates:`"],
    ),
    "unknown-answer": (
        unknown_answer,
        ["survey/monday.csv, row 4, column 'distance'", "'Faar'", "did you mean 'Far'?"],
    ),
    "header-only": (header_only, ["survey/monday.csv", "has a header but no answers below it"]),
    "cut-off": (cut_off, ["survey/monday.csv, row 43", "fewer than the 6", "cut off"]),
}


@pytest.fixture(scope="module")
def faulty(project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """A run of little studies, each with a fault of its own, and where they lie."""
    folder = tmp_path_factory.mktemp("faulty")
    for name, (fault, _) in FAULTS.items():
        study = write_little_study(folder / name)
        definition = (study / "study.yaml").read_text(encoding="utf-8").replace("study: little", f"study: {name}")
        (study / "study.yaml").write_text(definition, encoding="utf-8")
        change(study, fault)
    return run_studies(project, folder, *FAULTS, more=["--keep-going", "--until", "clean_survey"]), folder


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_raw_file_ends_in_one_message(faulty: tuple[Run, Path], name: str) -> None:
    run, folder = faulty
    results = folder / "results" / name
    said = (results / "logs" / "clean_survey.log").read_text(encoding="utf-8")
    assert run.code != 0
    assert said.strip() in run.said
    assert said.count("1 problem to mend") == 1
    for words in FAULTS[name][1]:
        assert words in said
    assert left_behind(results) == []


def test_nothing_else_is_said_of_wrong_raw_files(faulty: tuple[Run, Path]) -> None:
    run, _ = faulty
    assert run.said.count("1 problem to mend") == len(FAULTS)
    assert "Traceback" not in run.said


def test_a_wrong_configuration_is_told_before_anything_runs(project: Path, tmp_path: Path) -> None:
    study = write_little_study(tmp_path / "little", ENOUGH)
    (study / "study.yaml").write_text((study / "study.yaml").read_text().replace("scale: agree3", "scale: agree4"))
    run = run_studies(project, tmp_path, "little")
    assert run.code != 0
    assert "little: study.yaml, row" in run.said
    assert "did you mean 'agree3'?" in run.said
    assert "Traceback" not in run.said
    unknown = snakemake(project, "--dry-run", "--config", "disclosur=public")
    assert unknown.code != 0
    assert "did you mean 'disclosure'?" in unknown.said


def test_a_mended_file_goes_on_with_the_same_command_to_the_report(project: Path, tmp_path: Path) -> None:
    study = write_little_study(tmp_path / "little", ENOUGH)
    change(study, unknown_answer)
    run = run_studies(project, tmp_path, "little")
    assert run.code != 0
    assert run.said.count("1 problem to mend") == 1
    assert "Traceback" not in run.said
    assert left_behind(tmp_path / "results") == []
    change(study, lambda text: text.replace(",Faar,", ",Far,", 1))
    run = run_studies(project, tmp_path, "little")
    assert run.code == 0, run.said
    assert (tmp_path / "results" / "little" / "report" / "report.html").is_file()


def test_where_publishing_fails_nothing_of_the_package_is_left(project: Path, tmp_path: Path) -> None:
    study = write_little_study(tmp_path / "little", ENOUGH)
    published = tmp_path / "results" / "little" / "published"
    run = run_studies(project, tmp_path, "little", more=["--until", "publish"])
    assert run.code == 0, run.said
    assert sorted(file.name for file in published.iterdir()) == sorted(
        ["datapackage.json", *(f"{short_name(table)}.csv" for table in tables.PUBLISHED)]
    )
    (study / "raw" / "coding" / "names.csv").write_text("name,kind\nDistance,place\n", encoding="utf-8")
    definition = study / "study.yaml"
    names = "codebook: codebook.csv\n  screening: {deny_list: coding/names.csv}\n"
    text = definition.read_text(encoding="utf-8").replace("codebook: codebook.csv\n", names)
    definition.write_text(text, encoding="utf-8")
    run = run_studies(project, tmp_path, "little", more=["--until", "publish"])
    assert run.code != 0
    assert "holds a name of the deny list" in run.said
    assert list(published.glob("*")) == []


def test_a_configuration_of_ones_own_runs_none_of_the_examples(project: Path, tmp_path: Path) -> None:
    write_little_study(tmp_path / "little", ENOUGH)
    own = tmp_path / "own.yaml"
    own.write_text(f"studies: {{little: '{tmp_path / 'little'}'}}\nresults: '{tmp_path / 'results'}'\n")
    run = snakemake(project, "--dry-run", "--configfile", str(own))
    assert run.code == 0, run.said
    assert "draw_figures_little" in jobs(run)
    assert not {"draw_figures_ite-mentors", "draw_figures_ecf-rural-coastal"} & jobs(run)
