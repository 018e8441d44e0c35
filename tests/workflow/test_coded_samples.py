"""Real coded text through the same rules as the examples, from a drafted codebook to the report."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from coded_samples import (
    coded_study,
    matrix_cases,
    needs_coded_samples,
    tags_of_the_readme,
    write_participants,
)
from workflow_runs import Run, copy_project, snakemake

pytestmark = [pytest.mark.workflow, needs_coded_samples]

STUDIES = ("taguette-serdif", "qc-demo", "nvivo-insects")
"""A database with places in the text, a project with a deep tree of codes, counts without text."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    folder = tmp_path_factory.mktemp("coded")
    project = copy_project(folder / "project")
    definitions = {name: coded_study(name, folder / name) for name in STUDIES}
    matrices = definitions["nvivo-insects"] / "raw"
    write_participants(matrices / "participants.csv", matrix_cases(matrices), "half")
    settings = folder / "samples.yaml"
    studies = {name: {"definition": str(place)} for name, place in definitions.items()}
    settings.write_text(yaml.safe_dump({"studies": studies, "only": list(studies)}), encoding="utf-8")
    done = snakemake(project, "--cores", "2", "--keep-going", "--configfile", str(settings))
    return done, project / "results"


def published(out: Path, study: str) -> pd.DataFrame:
    """Everyone's counts, as they are published."""
    table = pd.read_csv(out / study / "published" / "theme_counts.csv", dtype="str", keep_default_na=False)
    return table[table["by"] == ""]


def test_they_end_in_reports(run: tuple[Run, Path]) -> None:
    done, out = run
    assert done.code == 0, done.said
    for study in STUDIES:
        assert (out / study / "report" / "report.html").stat().st_size > 30_000
        assert (out / study / "tables" / f"{study}.xlsx").is_file()


def test_every_tag_is_published_as_often_as_it_was_applied(run: tuple[Run, Path]) -> None:
    table = published(run[1], "taguette-serdif")
    of = {unit: rows.set_index("theme_label")["n"].astype(int) for unit, rows in table.groupby("unit")}
    expected = tags_of_the_readme()
    assert of["sources"].to_dict() == {tag: documents for tag, (_, documents) in expected.items()}
    assert of["segments"].to_dict() == {tag: applications for tag, (applications, _) in expected.items()}


def test_a_deep_tree_of_codes(run: tuple[Run, Path]) -> None:
    table = published(run[1], "qc-demo")
    segments = table[table["unit"] == "segments"]
    assert len(segments) == segments["theme"].nunique() == 262
    settled = pd.read_parquet(run[1] / "qc-demo" / "qualitative" / "settled" / "segments.parquet")
    assert len(settled) == 205
    assert settled["code"].nunique() == 77
    own = settled["code"].value_counts()
    leaves = segments[segments["level"] == "code"].set_index("theme")["n"].astype(int)
    assert leaves.sum() == own[own.index.isin(leaves.index)].sum() > 150


def test_counts_without_text(run: tuple[Run, Path]) -> None:
    table = published(run[1], "nvivo-insects")
    references = table[table["unit"] == "segments"]
    assert len(references) == 18
    assert references["n"].astype(int).sum() == 65
    assert set(table.loc[table["unit"] == "cases", "of"]) == {"15"}
    assert set(table["unit"]) == {"segments", "cases"}


def test_no_stretch_of_a_text_is_published(run: tuple[Run, Path]) -> None:
    out = run[1] / "taguette-serdif"
    texts = pd.read_parquet(out / "qualitative" / "segments.parquet")["text"]
    long = [text for text in texts.unique() if len(text) > 40]
    assert len(long) > 1000
    said = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*sorted((out / "published").glob("*.csv")), out / "report" / "report.html"]
    )
    assert not [text for text in long if text in said]
