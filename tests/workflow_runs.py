"""Running the workflow as a user does, in a copy of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_NEEDED = ["Snakefile", "config", "environment.yml", "notebooks", "profiles", "src", "studies", "workflow"]


@dataclass(frozen=True)
class Run:
    """What a run of snakemake said."""

    code: int
    said: str


def copy_project(folder: Path) -> Path:
    """Copy what a run needs; no results, no environment."""
    folder.mkdir(parents=True)
    for name in _NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    return folder


def snakemake(project: Path, *arguments: str, **environment: str) -> Run:
    """Run snakemake in a project, with the project's own library."""
    settings = os.environ | {"PYTHONPATH": str(project / "src")} | environment
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=project,
        env=settings,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr)


def jobs(dry_run: Run) -> set[str]:
    """The rules that a dry run would execute, from its table of jobs."""
    lines = dry_run.said.splitlines()
    if "Job stats:" not in lines:
        return set()
    table = lines[lines.index("Job stats:") + 3 :]
    return {line.split()[0] for line in table[: next(i for i, line in enumerate(table) if line.startswith("total"))]}


def results(folder: Path) -> dict[str, bytes]:
    """Every result that people receive, by its path."""
    kinds = ("published", "figures", "notebooks", "tables", "report")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[1] in kinds
    }
