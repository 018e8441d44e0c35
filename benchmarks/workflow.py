"""How long the workflow takes: cold, with nothing to do, and after one row of the linking file changed.

Runs in a copy of the project with 2 cores; prints the median of a few runs (the cold run is made once).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ["Snakefile", "config", "environment.yml", "notebooks", "profiles", "src", "studies", "workflow"]
GOALS = {"both studies, cold": 30, "nothing to do": 3, "one row of linking.csv": 15}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        project.mkdir()
        for name in NEEDED:
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, project / name)
        timed("both studies, cold", [run(project)])
        timed("nothing to do", [run(project) for _ in range(3)])
        linking = project / "studies" / "ite-mentors" / "linking.csv"
        timed("one row of linking.csv", [touch_and_run(project, linking, i) for i in range(3)])


def run(project: Path) -> float:
    environment = os.environ | {"PYTHONPATH": str(project / "src")}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2"],
        cwd=project,
        env=environment,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


def touch_and_run(project: Path, linking: Path, i: int) -> float:
    lines = linking.read_text(encoding="utf-8").splitlines()
    lines[-1] = lines[-1].replace(",plait example", f",plait example {i}", 1)
    linking.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return run(project)


def timed(what: str, seconds: list[float]) -> None:
    median = statistics.median(seconds)
    goal = GOALS[what]
    print(f"{what:<24} {median:6.1f} s   goal {goal:>2} s   {'reached' if median <= goal else 'MISSED'}", flush=True)


if __name__ == "__main__":
    main()
