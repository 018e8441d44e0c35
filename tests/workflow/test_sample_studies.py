"""Real surveys through the same rules as the examples, all in one run: to the estimates, and some to the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from sample_studies import PLACES, ROOT, beside_ours, disagreements, named, needs_samples, reference, results, sample
from workflow_runs import Run, copy_project, snakemake

pytestmark = [pytest.mark.workflow, needs_samples]

REPORTED = ("fte-masculinity", "pew-dec2013-raked", "api-clusters", "alliance-cloud-2023")
"""Supplied weights and many questions; raked; numbers, clusters and counts as targets; one column an option, no weight."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    project = copy_project(tmp_path_factory.mktemp("samples") / "project")
    studies = {
        name: {part: str((ROOT / folder).resolve()) for part, folder in place.items()} for name, place in PLACES.items()
    }
    settings = project / "samples.yaml"
    settings.write_text(yaml.safe_dump({"studies": studies, "only": list(studies)}), encoding="utf-8")
    wanted = [f"results/{name}/survey/estimates.parquet" for name in PLACES]
    wanted += [f"results/{name}/report/report.html" for name in REPORTED]
    wanted += [f"results/{name}/tables/{name}.xlsx" for name in REPORTED]
    done = snakemake(project, "--cores", "2", "--keep-going", "--configfile", str(settings), "--", *wanted)
    return done, project / "results"


def test_all_of_them_run(run: tuple[Run, Path]) -> None:
    done, out = run
    assert done.code == 0, done.said
    for name in REPORTED:
        assert (out / name / "report" / "report.html").stat().st_size > 50_000


@pytest.mark.parametrize(
    ("study", "file"),
    [
        ("star-wars", "starwars.csv"),
        ("gss-2010", "gss2010.csv"),
        ("nationscape-raking", "autumn.csv"),
        ("fte-masculinity", "fte_masculinity_full.csv"),
        ("pew-atp-w83", "atp_w83.csv"),
    ],
)
def test_the_rules_give_the_reference_numbers(run: tuple[Run, Path], study: str, file: str) -> None:
    _, out = run
    estimates = pd.read_parquet(out / study / "survey" / "estimates.parquet")
    ours = replace(results(study), estimates=estimates)
    wrong = disagreements(beside_ours(named(reference(file), sample(study), {"VAXSTATUS": "vaccine"}), ours))
    assert wrong.empty, wrong.head(10).to_string()


@pytest.mark.parametrize("study", REPORTED)
def test_no_id_is_published(run: tuple[Run, Path], study: str) -> None:
    _, out = run
    ids = pd.read_parquet(out / study / "survey" / "responses.parquet")["respondent"]
    said = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("published", "figures", "report")
        for path in sorted((out / study / folder).rglob("*"))
        if path.suffix in {".csv", ".svg", ".html"}
    )
    # A running number is no secret, and stands in any table.
    assert not [i for i in ids if len(i) > 5 and i in said]
