"""Both example studies, run once for all tests of what comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_runs import copy_project, snakemake


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which both studies have been run with two cores."""
    folder = copy_project(tmp_path_factory.mktemp("a") / "project")
    run = snakemake(folder, "--cores", "2", PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    assert run.code == 0, run.said
    return folder
