"""Nothing walks round the gate: what people receive is made from published tables, and an import that is not is caught."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

OPEN = {"rules"}
"""What of the gate may be read after it: the rules themselves."""


def test_every_part_of_the_gate_is_closed_to_what_people_receive(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "forbidden")
    inside = {file.stem for file in (root / "src" / "plait" / "disclosure").glob("*.py")} - {"__init__"} - OPEN
    strands = {f"plait.{strand}" for strand in ("survey", "qualitative", "integration")}
    assert contract["source_modules"] == ["plait.report"]
    assert set(contract["forbidden_modules"]) == strands | {f"plait.disclosure.{name}" for name in inside}


@pytest.mark.slow
@pytest.mark.parametrize("forbidden", ["plait.survey.letters", "plait.disclosure.hiding"])
def test_a_renderer_that_reads_behind_the_gate_is_caught(root: Path, tmp_path: Path, forbidden: str) -> None:
    shutil.copytree(root / "src" / "plait", tmp_path / "src" / "plait", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    assert lint(tmp_path).returncode == 0
    leak = tmp_path / "src" / "plait" / "report" / "leak.py"
    leak.write_text(f'"""A short cut."""\n\nimport {forbidden}\n', encoding="utf-8")
    caught = lint(tmp_path)
    assert caught.returncode != 0
    assert f"plait.report.leak -> {forbidden}" in caught.stdout


def lint(project: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    search = {"PYTHONPATH": str(project / "src"), "COLUMNS": "200"}
    return subprocess.run(
        [program, "--no-cache"], cwd=project, env=os.environ | search, capture_output=True, text=True, check=False
    )
