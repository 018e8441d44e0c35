"""Both example studies from raw files to reports, twice, in different surroundings."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import nbformat
import pytest

from disclosure.package_checker import broken as broken_package
from plait.provenance import verify
from plait.report.notebook_page import tally
from plait.tables import PUBLISHED_ESTIMATES, PUBLISHED_NUMBERS, read_csv
from report.spreadsheet_checker import broken as broken_rules
from report.word_reading import word_problems
from workflow_runs import ROOT, Run, copy_project, jobs, results, snakemake

pytestmark = pytest.mark.workflow
STUDIES = ["ecf-rural-coastal", "ite-mentors"]


@pytest.fixture(scope="module")
def dry(project: Path) -> Run:
    return snakemake(project, "--dry-run")


def test_each_study_ends_in_its_outputs(project: Path) -> None:
    for study in STUDIES:
        out = project / "results" / study
        for name in [
            "report/report.html", "report/report.docx", "report/report.pdf", f"tables/{study}.xlsx",
            "notebooks/survey_findings.ipynb", "figures/joint_display.svg", "figures/joint_display.png",
            "published/survey_estimates.csv", "published/datapackage.json", "provenance/manifest.json",
            "survey/cleaning_log.csv", "survey/flow.csv", "survey/weighting.json",
        ]:  # fmt: skip
            assert (out / name).stat().st_size > 0, name


def test_the_word_documents_hold_nothing_that_an_accessibility_checker_would_name(project: Path) -> None:
    for study in STUDIES:
        assert word_problems(project / "results" / study / "report" / "report.docx") == []


def test_messages_say_what_is_done_in_words() -> None:
    rules = "\n".join(p.read_text() for p in (ROOT / "workflow" / "rules").glob("*.smk"))
    found = re.findall(r"^ *rule\b.*:$", rules, re.MULTILINE)
    assert len(found) >= 14
    assert rules.count("message:") == len(found)


def test_the_same_bytes_elsewhere_with_one_core_another_hash_seed_time_zone_and_locale(
    project: Path, tmp_path: Path
) -> None:
    other = copy_project(tmp_path / "another place, d'été")
    run = snakemake(other, "--cores", "1", PYTHONHASHSEED="7", TZ="America/Caracas", LC_ALL="C", LANG="C")
    assert run.code == 0, run.said
    mine, theirs = results(project / "results"), results(other / "results")
    assert list(mine) == list(theirs)
    assert [name for name in mine if mine[name] != theirs[name]] == []


def test_no_place_of_the_run_is_in_an_output(project: Path) -> None:
    place = str(project).encode()
    found = [name for name, content in results(project / "results").items() if place in content]
    assert found == []
    for study in STUDIES:
        assert place not in (project / "results" / study / "provenance" / "manifest.json").read_bytes()


def test_the_committed_tables_and_drawings_are_those_of_the_run(project: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "results"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if not any(tracked):
        pytest.skip("no committed results here (not a git checkout)")
    made = results(project / "results")
    wanted = {f"results/{n}" for n in made if "/published/" in n or ("/figures/" in n and n.endswith(".svg"))}
    assert set(filter(None, tracked)) == wanted
    drifted = [name for name in sorted(wanted) if (ROOT / name).read_bytes() != made[name.removeprefix("results/")]]
    assert drifted == [], "run `make report` and commit the results"


def test_a_second_run_has_nothing_to_do(dry: Run) -> None:
    assert dry.code == 0
    assert jobs(dry) == set()
    assert "Nothing to be done" in dry.said


@pytest.mark.parametrize(
    ("deleted", "made_again"),
    [
        ("report/report.pdf", "write_report"),
        ("figures/joint_display.png", "draw_figures_ite-mentors"),
        ("published/quotes.csv", "publish"),
        ("tables/ite-mentors.xlsx", "write_spreadsheet"),
    ],
)
def test_what_was_deleted_by_hand_is_made_again(project: Path, deleted: str, made_again: str) -> None:
    file = project / "results" / "ite-mentors" / deleted
    aside = file.with_name("aside")
    file.rename(aside)
    try:
        planned = jobs(snakemake(project, "--dry-run"))
    finally:
        aside.rename(file)
    assert made_again in planned


def test_a_row_of_the_linking_file_reruns_nothing_of_the_strands(project: Path) -> None:
    linking = project / "studies" / "ite-mentors" / "linking.csv"
    before = linking.read_bytes()
    try:
        lines = linking.read_text(encoding="utf-8").splitlines()
        linking.write_text("\n".join([*lines[:-1], lines[-1].replace(",plait example,", ",somebody else,")]) + "\n")
        assert linking.read_bytes() != before
        planned = jobs(snakemake(project, "--dry-run"))
    finally:
        linking.write_bytes(before)
    assert {"join_strands", "publish", "write_report"} <= planned
    assert not planned & {"clean_survey", "weight_survey", "tabulate_survey", "read_coded_text", "count_themes"}


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("linking.csv", "join_strands"),
        ("claims.yaml", "check_claims"),
        ("raw/survey/2024-05-14.csv", "clean_survey"),
        ("raw/coding/coder_a.csv", "read_coded_text"),
    ],
)
def test_a_file_that_is_replaced_by_an_older_one_is_noticed(project: Path, name: str, stage: str) -> None:
    """From a backup, or from whoever keeps its date as it is copied."""
    file = project / "studies" / "ite-mentors" / name
    before, date = file.read_bytes(), file.stat().st_mtime
    try:
        file.write_bytes(before + b"\n")
        os.utime(file, (date - 86_400, date - 86_400))
        assert stage in jobs(snakemake(project, "--dry-run"))
    finally:
        file.write_bytes(before)
        os.utime(file, (date, date))
    assert not jobs(snakemake(project, "--dry-run"))


def test_what_only_outputs_say_reruns_no_strand(project: Path) -> None:
    definition = project / "studies" / "ite-mentors" / "study.yaml"
    before = definition.read_text(encoding="utf-8")
    try:
        definition.write_text(before.replace("simulated: true", "simulated: false", 1), encoding="utf-8")
        planned = jobs(snakemake(project, "--dry-run"))
    finally:
        definition.write_text(before, encoding="utf-8")
    assert {"publish", "write_report"} <= planned  # the data package says that the data are made up
    assert not planned & {"clean_survey", "tabulate_survey", "read_coded_text", "count_themes", "join_strands"}


def test_one_study_one_file_and_another_profile_can_be_asked_for(project: Path) -> None:
    one = snakemake(project, "--dry-run", "--config", "only=ite-mentors", "disclosure=strict")
    assert one.code == 0, one.said
    assert {"publish", "write_spreadsheet"} <= jobs(one)
    assert "ecf-rural-coastal" not in one.said
    file = snakemake(
        project, "--dry-run", "--forcerun", "publish", "--", "results/ite-mentors/figures/joint_display.svg"
    )
    assert jobs(file) == {"publish", "draw_figures_ite-mentors"}


def test_snakemakes_own_report_can_be_made(project: Path) -> None:
    run = snakemake(project, "--report", "run.html")
    assert run.code == 0, run.said
    assert (project / "run.html").stat().st_size > 100_000


def test_the_manifest_knows_every_output_and_notices_a_change(project: Path) -> None:
    for study in STUDIES:
        manifest = project / "results" / study / "provenance" / "manifest.json"
        assert verify(manifest) == []
        recorded = json.loads(manifest.read_text())
        assert f"tables/{study}.xlsx" in recorded["outputs"]
        assert "raw/" in "".join(recorded["inputs"])
    table = project / "results" / "ite-mentors" / "published" / "theme_counts.csv"
    before = table.read_bytes()
    table.write_bytes(before + b"\n")
    changed = verify(project / "results" / "ite-mentors" / "provenance" / "manifest.json")
    table.write_bytes(before)
    assert changed == ["changed: published/theme_counts.csv"]


def test_the_spreadsheets_keep_every_rule_that_a_program_can_check(project: Path) -> None:
    for study in STUDIES:
        assert broken_rules(project / "results" / study / "tables" / f"{study}.xlsx") == {}


def test_the_data_packages_are_whole_and_every_file_is_as_they_say(project: Path) -> None:
    for study in STUDIES:
        assert broken_package(project / "results" / study / "published") == []


def test_every_published_per_cent_of_the_survey_stands_beside_its_bases(project: Path) -> None:
    """British Polling Council, item 10."""
    for study in STUDIES:
        folder = project / "results" / study / "published"
        for table, figure in ((PUBLISHED_ESTIMATES, "per_cent"), (PUBLISHED_NUMBERS, "value")):
            rows = read_csv(folder / f"{table.name.split('/')[1]}.csv", table)
            shown = rows[rows[figure].notna()]
            assert shown[["base_unweighted", "base_weighted"]].notna().all(axis=None)
            assert table is PUBLISHED_NUMBERS or len(shown) > 100


def test_executed_notebooks_pass_their_checks(project: Path) -> None:
    executed = sorted((project / "results").glob("*/notebooks/*.ipynb"))
    assert len(executed) == 8
    for path in executed:
        made = tally(nbformat.read(path, as_version=4))
        assert (made.failed, made.passed > 3) == (0, True), path
        page = path.with_suffix(".html").read_text(encoding="utf-8")
        assert f"{made.passed} of {made.passed} checks passed" in page
        assert "Simulated data" in page


def test_no_respondent_and_no_raw_words_leave(project: Path) -> None:
    """Ids appear in no output that people receive; of what people said, only the approved quotations do."""
    raw = project / "studies" / "ite-mentors" / "raw"
    ids = {line.split(",")[0] for line in (raw / "survey" / "2024-05-14.csv").read_text("utf-8-sig").splitlines()[1:]}
    ids = {i for i in ids if len(i) == 64}
    assert len(ids) > 5000
    everything = b"\n".join(results(project / "results").values()).decode("utf-8", errors="replace")
    assert not [i for i in sorted(ids)[:500] if i in everything or i[:16] in everything]
