"""How fast plait's survey statistics are, beside R survey and the Python packages that do the same, on the same data.

    python benchmarks/survey.py --install   the Python peers, once, each in an environment of its own
    python benchmarks/survey.py             everything that takes a minute or two
    python benchmarks/survey.py --full      all tables at 10 000, and a million respondents

What the figures mean is in benchmarks/README.md. Every program runs by itself on one core; peers that are not installed
are named and left out.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import panel

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent / ".venv-peers"
PEERS = {"svy": "svy", "samplics": "samplics", "balance": "balance", "ipfn": "ipfn", "r": "R survey"}
THREADS = ("OMP", "OPENBLAS", "MKL", "RAYON", "NUMEXPR")
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in THREADS} | {"POLARS_MAX_THREADS": "1"}

Table = tuple[str, str]
QUESTIONS = [f"q{j + 1}" for j in range(30)]
BREAKS = panel.BREAKS[:6]
TABLES = [(question, name) for question in QUESTIONS for name in BREAKS]
THIRTY = [(question, BREAKS[(j + 1 + j // 6) % 6]) for j, question in enumerate(QUESTIONS)]
"""Every question once and every break five times, in turn."""
SIX = THIRTY[:6]
"""Every number of options once and every break once; the mean number of cells is that of all tables."""

RAKES = {
    "r": {"calibrate": 100, "rake": 100},
    "svy": {"rake": 20},
    "samplics": {"rake": 20},
    "balance": {"rake": 20},
    "ipfn": {"of_respondents": 20, "of_cells": None},
}
"""The ways a peer can rake, and how many times faster plait should be."""

SAME = {"share": 1e-10, "se": 1e-8, "F": 1e-7, "df1": 1e-7}
"""Relative differences up to which two programs have come to the same number."""

DESIGNS = {"weights": "weights only", "clusters": "strata and schools"}


def main() -> None:
    parser = argparse.ArgumentParser(description="Time plait's survey statistics beside its peers.")
    parser.add_argument("--install", action="store_true", help="install the Python peers and stop")
    parser.add_argument("--full", action="store_true", help="all tables at 10 000, and a million respondents")
    arguments = parser.parse_args()
    if arguments.install:
        install()
        return
    absent = [name for key, name in PEERS.items() if not installed(key)]
    say("Seconds of processor time on one core, the best of a few runs; 'x plait' is a peer's time over plait's.")
    if absent:
        say(f"Not installed, left out: {', '.join(absent)} (see benchmarks/README.md).")
    with tempfile.TemporaryDirectory() as scratch:
        folders = {n: make(Path(scratch), n) for n in ([10_000, 1_000_000] if arguments.full else [10_000])}
        for n, folder in folders.items():
            rake(folder, n)
        for n, folder in folders.items():
            subset = (TABLES if arguments.full else THIRTY) if n == 10_000 else SIX
            for design in DESIGNS:
                bank(folder, n, design, subset)
        given(folders[10_000])
        replicates(folders[10_000], ("svy", "r") if arguments.full else ("svy",))
        scale(make(Path(scratch), 1_000_000, 100, 15))


# --- what is timed -----------------------------------------------------------------------------------------------------


def rake(folder: Path, n: int) -> None:
    """Weights that meet five margins; all programs have to come to the same ones."""
    say(f"\nRaking {n:,} respondents to five margins (2, 5, 3, 4 and 9 groups)")
    ours = run("plait", folder, "rake")["rake"]
    expected = np.fromfile(folder / "plait_rake_weights.float64")
    line("plait", ours)
    for peer, bars in RAKES.items():
        if not installed(peer):
            continue
        theirs = run(peer, folder, "rake")
        for way, bar in bars.items():
            weights = np.fromfile(folder / f"{peer}_{way}_weights.float64")
            gap = float(np.abs(weights / expected - 1).max())
            same = f"same weights to {gap:.0e}" if gap <= 1e-8 else f"OTHER WEIGHTS, by {gap:.0e}"
            line(f"{PEERS[peer]} {way.replace('_', ' ')}", theirs[way], ours, bar, same)


def bank(folder: Path, n: int, design: str, subset: list[Table]) -> None:
    """180 tables with shares, standard errors that know of the raking, intervals and tests; plait adds the pairs."""
    say(f"\n{len(TABLES)} tables, 30 questions x 6 breaks, {n:,} respondents, {DESIGNS[design]}")
    ours = run("plait", folder, design)
    line("plait", ours["seconds"], note=f"{ours['peak_mb']:.0f} MB at most; shares, intervals, tests and pairs")
    for key, what in (
        ("read_once", "each column"),
        ("read_each", "what each question needs (21 bytes a respondent), shared columns in the cache where they fit"),
        ("read_apart", "the same bytes, all from memory"),
    ):
        seconds, size = ours[key]
        goal = f"  goal 15 {met(ours['seconds'] <= 15 * seconds)}" if key == "read_apart" and n >= 1_000_000 else ""
        say(f"    {ours['seconds'] / seconds:5,.0f} x one plain read of {what}, {size:.1f} MB, {seconds:.4f} s{goal}")
    bar = 1000 if n == 1_000_000 and design == "weights" else 200
    for peer, goal, what in [
        ("r", bar, "shares, intervals, tests"),
        ("svy", None, "shares, intervals, tests"),
        ("samplics", None, "shares and intervals as if weights were given, no tests"),
        ("pandas", None, "shares, tests as if weights were people; no standard errors"),
    ]:
        if not installed(peer) or (peer == "pandas" and design == "clusters"):
            continue
        tables = TABLES if peer == "pandas" else subset
        theirs = run(peer, folder, design, tables)
        seconds, scaled = theirs["seconds"] * len(TABLES) / len(tables), len(TABLES) // len(tables)
        how = f"{len(tables)} tables x {scaled}" if scaled > 1 else "all tables"
        name = PEERS.get(peer, "pandas, statsmodels")
        line(name, seconds, ours["seconds"], goal, f"{what}; {how}, {theirs['peak_mb']:.0f} MB")
    if installed("r"):
        agreement(folder, design, "r")
    if installed("svy"):
        agreement(folder, design, "svy", "its regression on the margins is not weighted")


def given(folder: Path) -> None:
    """The same numbers from svy, too, where the conventions are the same: the raked weights taken as given."""
    if not installed("svy"):
        return
    say("\nSix tables with the raked weights taken as given, strata and schools, 10,000 respondents")
    run("plait", folder, "given")
    run("svy", folder, "given", SIX)
    agreement(folder, "given", "svy")


def agreement(folder: Path, design: str, peer: str, note: str = "") -> None:
    """How far a peer's numbers are from plait's; without a note, they have to be the same."""
    for what, fields in (("shares", ("share", "se")), ("tests", ("F", "df1"))):
        ours, theirs = (rows(folder / f"{who}_{design}_{what}.csv") for who in ("plait", peer))
        if not theirs:
            continue
        pairs = {f: np.array([(ours[key][f], theirs[key][f]) for key in theirs]) for f in fields}
        gaps = {f: float(np.max(np.abs(np.diff(two)[:, 0]) / np.abs(two).max(axis=1))) for f, two in pairs.items()}
        figures = ", ".join(f"{field} {gap:.0e}" for field, gap in gaps.items())
        verdict = "the same" if all(gap <= SAME[field] for field, gap in gaps.items()) else "OTHER NUMBERS"
        say(f"    {PEERS[peer]}: {len(theirs)} {what}, largest relative difference {figures}: {note or verdict}")


def replicates(folder: Path, peers: tuple[str, ...]) -> None:
    """Standard errors of the same 180 tables from 500 replicates, each raked again."""
    say("\n500 bootstrap replicates of schools, each raked again, standard errors of 180 tables, 10,000 respondents")
    ours = run("plait", folder, "replicates")
    line("plait", ours["seconds"], note=f"goal 3 s {met(ours['seconds'] <= 3)}; {ours['peak_mb']:.0f} MB at most")
    for peer in peers:
        if installed(peer):
            theirs = run(peer, folder, "replicates", SIX)
            seconds = theirs["once"] + theirs["seconds"] * len(TABLES) / len(SIX)
            note = f"replicates {theirs['once']:.1f} s, then {len(SIX)} tables x {len(TABLES) // len(SIX)}"
            line(PEERS[peer], seconds, ours["seconds"], note=note)


def scale(folder: Path) -> None:
    """A panel of a million with a hundred questions and fifteen breaks, and how the time grows to there."""
    say("\n1,500 tables, 100 questions x 15 breaks, 1,000,000 respondents, weights only")
    ours = run("plait", folder, "large")
    say(f"  {'plait':<22}{ours['seconds']:9.2f} s    goal 10 s {met(ours['seconds'] <= 10)}")
    say(f"  {'memory at most':<22}{ours['peak_mb']:9.0f} MB   goal 2 GB {met(ours['peak_mb'] <= 2048)}")
    for what, sizes, times in run("plait", folder, "growth")["growth"]:
        slope = float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
        figures = ", ".join(f"{size:,}: {seconds:.2f} s" for size, seconds in zip(sizes, times, strict=True))
        say(f"  {what:<12}{figures}; the time grows with the power {slope:.2f}")


# --- running the programs ----------------------------------------------------------------------------------------------


def make(scratch: Path, n: int, n_questions: int = 30, n_breaks: int = 6) -> Path:
    folder = scratch / f"{n}-{n_questions}-{n_breaks}"
    folder.mkdir()
    panel.write(panel.invent(n, n_questions, n_breaks), folder)
    return folder


def run(peer: str, folder: Path, task: str, tables: Sequence[Table] = ()) -> dict:
    """Do a task in a process of its own, and return the figures it prints."""
    command = [*program(peer), str(folder), task, *map(":".join, tables)]
    core = max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    done = subprocess.run(
        command, env=os.environ | ONE_THREAD, check=False, capture_output=True, text=True,
        preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(f"{peer} failed at {task}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def program(peer: str) -> list[str]:
    script = HERE / "peers" / f"run_{peer}"
    if peer == "r":
        return ["Rscript", f"{script}.R"]
    own = ENVIRONMENTS / peer / "bin" / "python"
    return [sys.executable if peer in ("plait", "pandas") else str(own), f"{script}.py"]


@cache
def installed(peer: str) -> bool:
    if peer == "r":
        find = ["Rscript", "-e", "library(survey); library(MASS)"]  # which raking asks for as it goes
        return bool(shutil.which(find[0])) and not subprocess.run(find, check=False, capture_output=True).returncode
    return shutil.which(program(peer)[0]) is not None


def install() -> None:
    """Make an environment for each line of requirements-peers.txt."""
    for line_ in (HERE / "requirements-peers.txt").read_text(encoding="utf-8").splitlines():
        if line_.startswith("#"):
            continue
        packages = line_.split()
        folder = ENVIRONMENTS / packages[0].partition("==")[0]
        say(f"Installing {line_} in {folder.relative_to(HERE.parent)}")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, *packages], check=True)
    say("R's package survey: apt-get install r-cran-survey, or install.packages('survey') in R.")


# --- printing ----------------------------------------------------------------------------------------------------------


def line(name: str, seconds: float, ours: float | None = None, bar: int | None = None, note: str = "") -> None:
    ratio = "" if ours is None else f"{seconds / ours:8,.0f} x plait"
    goal = "" if ours is None or bar is None else f"bar {bar} {met(seconds >= bar * ours)}"
    say(f"  {name:<22}{seconds:11.4f} s {ratio:<17}{goal:<17} {note}".rstrip())


def met(goal: bool) -> str:
    return "reached" if goal else "MISSED"


def rows(path: Path) -> dict[tuple[str, ...], dict[str, float]]:
    """Rows of a peer's results by what they are about; nothing where the peer did not write any."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8") as file:
        return {
            tuple(row[k] for k in ("question", "break", "group", "option") if k in row):
            {k: float(row[k]) for k in ("share", "se", "F", "df1") if k in row}
            for row in csv.DictReader(file)
        }  # fmt: skip


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
