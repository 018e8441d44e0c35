"""Words planted in the raw data of a study reach nothing that people receive, and no log."""

from __future__ import annotations

from pathlib import Path

import pytest

from canary_study import CANARIES, write_canary_study
from leaks import found_in
from workflow_runs import copy_project, snakemake

pytestmark = pytest.mark.workflow
INSIDE = ("survey", "qualitative", "integration")
"""Folders of a study's results that stay with the researchers."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("canaries")
    study = write_canary_study(folder / "study", "canaries")
    project = copy_project(folder / "project")
    run = snakemake(project, "--cores", "2", "--config", f"studies={{canaries: '{study}'}}", "only=canaries")
    assert run.code == 0, run.said
    (project / "results" / "canaries" / "logs" / "said").write_text(run.said, encoding="utf-8")
    return project / "results" / "canaries"


def test_what_stays_inside_holds_the_words(results: Path) -> None:
    """The words were really there to be leaked."""
    import pandas as pd

    kept = "\n".join(pd.read_parquet(p).to_csv() for p in sorted(results.glob("qualitative/**/*.parquet")))
    kept += "\n".join(pd.read_parquet(p).to_csv() for p in sorted(results.glob("survey/*.parquet")))
    assert {what for what, word in CANARIES.items() if word.casefold() in kept.casefold()} >= {
        "id of a respondent", "word in an open answer", "word in an interview", "name of a participant",
        "author's summary of one person",
    }  # fmt: skip


def test_nothing_that_people_receive_holds_one(results: Path) -> None:
    received = [p for p in results.rglob("*") if p.is_file() and p.relative_to(results).parts[0] not in INSIDE]
    assert len(received) > 50
    assert {p.suffix for p in received} >= {".csv", ".svg", ".png", ".html", ".xlsx", ".ipynb", ".json", ".log"}
    assert found_in(received, CANARIES.values()) == []


def test_the_approved_quotation_is_there(results: Path) -> None:
    """The search reads the very files in which words of participants stand."""
    assert found_in([results / "report" / "report.html"], ["the best of it"])
    assert found_in([results / "published" / "quotes.csv"], ["the best of it"])
