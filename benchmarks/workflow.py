"""How long the workflow takes: cold, with nothing to do, from the gate on, and after one row of the linking file changed.

Runs in a copy of the project with 2 cores; what a run takes that has nothing to do is the workflow system's own. Prints the
median of a few runs (the cold run is made once).
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ["Snakefile", "config", "environment.yml", "notebooks", "profiles", "src", "studies", "workflow"]
GOALS = {"both studies, cold": 30, "nothing to do": 3, "the same, jobs alone": 12}
SURVEY = {"clean_survey", "weight_survey", "tabulate_survey"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        project.mkdir()
        for name in NEEDED:
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, project / name)
        report("both studies, cold", [run(project)])
        idle = report("nothing to do", [run(project) for _ in range(3)])
        publishing = [run(project, "--forcerun", "publish") for _ in range(3)]
        report("from the gate on", publishing)
        report("the same, jobs alone", [(seconds - idle, said) for seconds, said in publishing])
        linking = project / "studies" / "ite-mentors" / "linking.csv"
        report("one row of linking.csv", [touch_and_run(project, linking, i) for i in range(3)])


def run(project: Path, *more: str) -> tuple[float, str]:
    """Seconds and what snakemake said."""
    environment = os.environ | {"PYTHONPATH": str(project / "src")}
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *more]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True, text=True)
    return time.perf_counter() - start, done.stdout + done.stderr


def touch_and_run(project: Path, linking: Path, i: int) -> tuple[float, str]:
    lines = linking.read_text(encoding="utf-8").splitlines()
    lines[-1] = lines[-1].replace(",plait example", f",plait example {i}", 1)
    linking.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return run(project)


def report(what: str, runs: list[tuple[float, str]]) -> float:
    """Print the median time, which is returned, the goal where there is one, and which rules ran."""
    median = statistics.median(seconds for seconds, _ in runs)
    rules = Counter(re.findall(r"\(Rule: ([\w-]+)\)", runs[0][1]))
    rules.pop("all", None)
    survey = sum(n for rule, n in rules.items() if rule in SURVEY)
    goal = f"goal {GOALS[what]} s {'reached' if median <= GOALS[what] else 'MISSED'}" if what in GOALS else ""
    print(f"{what:<24} {median:6.1f} s   {rules.total():>2} jobs, {survey} of the survey strand   {goal}", flush=True)
    return median


if __name__ == "__main__":
    main()
