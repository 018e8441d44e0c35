"""Real surveys through the same rules as the examples, all in one run: to the estimates, and some to the report."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from sample_studies import PLACES, ROOT, Results, beside_ours, disagreements, named, needs_samples, reference, sample
from workflow_runs import Run, copy_project, snakemake

pytestmark = [pytest.mark.workflow, needs_samples]

TO_THE_REPORT = ("pew-dec2013-raked", "api-clusters", "alliance-cloud-2023")
"""Raked; numbers, clusters and counts as targets; many multi-selects, no break and no weight."""
TO_THE_ESTIMATES = [
    "star-wars", "fte-masculinity", "pew-atp-w83", "gss-2010", "pisa2015-us-teachers", "niblse-faculty", "gw-educators",
    "rse-germany-2017", "learning-r-2019", "online-science-s3", "nationscape-raking", "quantipy-example",
]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    project = copy_project(tmp_path_factory.mktemp("samples") / "project")
    studies = {
        name: {part: str((ROOT / PLACES[name][part]).resolve()) for part in ("definition", "raw")}
        for name in [*TO_THE_REPORT, *TO_THE_ESTIMATES]
    }
    settings = project / "samples.yaml"
    settings.write_text(yaml.safe_dump({"studies": studies, "only": list(studies)}), encoding="utf-8")
    wanted = [f"results/{name}/survey/estimates.parquet" for name in TO_THE_ESTIMATES]
    for name in TO_THE_REPORT:
        wanted += [f"results/{name}/report/report.html", f"results/{name}/tables/{name}.xlsx"]
    done = snakemake(project, "--cores", "2", "--keep-going", "--configfile", str(settings), "--", *wanted)
    return done, project / "results"


def test_all_of_them_run(run: tuple[Run, Path]) -> None:
    done, out = run
    assert done.code == 0, done.said
    for name in TO_THE_REPORT:
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
    tables = [pd.read_parquet(out / study / "survey" / f"{t}.parquet") for t in ("responses", "weights", "estimates")]
    ours = Results(sample(study), *tables)
    wrong = disagreements(beside_ours(named(reference(file), sample(study), {"VAXSTATUS": "vaccine"}), ours))
    assert wrong.empty, wrong.head(10).to_string()


@pytest.mark.parametrize("study", ["pew-dec2013-raked", "api-clusters"])
def test_no_id_is_published(run: tuple[Run, Path], study: str) -> None:
    _, out = run
    ids = set(pd.read_parquet(out / study / "survey" / "responses.parquet")["respondent"])
    published = [*(out / study / "published").glob("*.csv"), out / study / "report" / "report.html"]
    # Whole numbers only: digits after a decimal point, as in the coordinates of a figure, are not an id.
    said = {n for path in published for n in re.findall(r"(?<![\d.])\d{6,}(?![\d.])", path.read_text(encoding="utf-8"))}
    assert len(ids) > 100
    assert not ids & said
