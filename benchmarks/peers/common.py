"""What every peer written in Python shares: read the panel, measure, and say the figures as one line of JSON."""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class Panel(NamedTuple):
    """The panel as it lies in the folder; see benchmarks/panel.py."""

    codes: dict[str, np.ndarray]  # of every break and question, from 0; -1 where there is no answer
    levels: dict[str, int]
    targets: dict[str, np.ndarray]  # margin to totals
    start: np.ndarray
    school: np.ndarray
    stratum: np.ndarray


def read(folder: Path) -> Panel:
    """Read the panel."""
    with (folder / "columns.csv").open(encoding="utf-8") as file:
        levels = {row["name"]: int(row["levels"]) for row in csv.DictReader(file)}
    targets: dict[str, list[float]] = {}
    with (folder / "targets.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            targets.setdefault(row["name"], []).append(float(row["total"]))
    codes = np.fromfile(folder / "codes.int8", dtype=np.int8).reshape(len(levels), -1)
    return Panel(
        dict(zip(levels, codes, strict=True)),
        levels,
        {name: np.array(totals) for name, totals in targets.items()},
        np.fromfile(folder / "start.float64"),
        np.fromfile(folder / "school.int32", dtype=np.int32),
        np.fromfile(folder / "stratum.int32", dtype=np.int32),
    )


def best(work: Callable[[], Any], at_least: int = 2, budget: float = 1.0) -> tuple[float, Any]:
    """Shortest of a few runs, in seconds of processor time, and what the work returned; more runs of shorter work."""
    times: list[float] = []
    while len(times) < at_least or (len(times) < 50 and sum(times) < budget):
        begin = time.process_time()
        result = work()
        times.append(time.process_time() - begin)
    return min(times), result


def peak_mb() -> float:
    """Most memory this process has held, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # not getrusage, which on Linux counts the parent's memory, too
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def tables() -> list[tuple[str, str]]:
    """The tables asked for on the command line: question:break."""
    return [tuple(word.split(":")) for word in sys.argv[3:]]  # type: ignore[misc]


def run(tasks: dict[str, Callable[[Path, Panel], dict[str, Any]]]) -> None:
    """Do the task named on the command line (FOLDER TASK [question:break ...]) and print its figures."""
    folder = Path(sys.argv[1])
    panel = read(folder)
    figures = tasks[sys.argv[2]](folder, panel)
    print(json.dumps({"peak_mb": peak_mb()} | figures))


def write_shares(path: Path, rows: list[tuple[str, str, int, int, float, float]]) -> None:
    """Write question, break, group, option, share, se."""
    _write(path, "question,break,group,option,share,se", rows)


def write_tests(path: Path, rows: list[tuple[str, str, float, float, float]]) -> None:
    """Write question, break, F, df1, df2."""
    _write(path, "question,break,F,df1,df2", rows)


def _write(path: Path, header: str, rows: list[Any]) -> None:
    path.write_text(header + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
