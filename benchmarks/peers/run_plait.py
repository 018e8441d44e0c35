"""plait: the same data, through the functions that the workflow calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from common import Panel, best, peak_mb, run, write_shares, write_tests

from plait.survey import raking
from plait.survey.bank import Answers, Bank, Split, tabulate
from plait.survey.design import Design
from plait.survey.intervals import korn_graubard
from plait.survey.letters import letters
from plait.survey.replicates import bank_shares, bootstrap, replicate_errors
from plait.survey.significance import holm


def rake(folder: Path, panel: Panel) -> dict[str, Any]:
    seconds, weights = best(lambda: raked(panel))
    weights.tofile(folder / "plait_rake_weights.float64")
    return {"rake": seconds}


def bank(folder: Path, panel: Panel, clusters: bool) -> dict[str, Any]:
    """All tables, and for scale the time in which memory can be read."""
    weights = raked(panel)
    questions, breaks = asked(panel)
    seconds, result = best(lambda: tables(panel, weights, clusters, questions, breaks), at_least=3)
    peak = peak_mb()
    save(folder, "clusters" if clusters else "weights", result, list(questions), list(breaks))

    cell = np.zeros(weights.size, dtype=np.int32)
    once = [*panel.codes.values(), weights, panel.start]
    each = [column for codes in questions.values() for column in (codes.codes, cell, weights, panel.start)]
    # The columns that all questions share stay in the cache of a newer machine; copies have to come from memory.
    apart = [column.copy() for column in each]
    reads = {"read_once": read(once), "read_each": read(each), "read_apart": read(apart)}
    return {"seconds": seconds, "peak_mb": peak, **reads}


def given(folder: Path, panel: Panel) -> dict[str, Any]:
    """All tables as if the raked weights were not made by raking."""
    questions, breaks = asked(panel)
    design = Design(raked(panel), clusters=panel.school, strata=panel.stratum)
    save(
        folder,
        "given",
        tabulate(design, list(questions.values()), list(breaks.values())),
        list(questions),
        list(breaks),
    )
    return {}


def large(_: Path, panel: Panel) -> dict[str, Any]:
    weights = raked(panel)
    return {"seconds": best(lambda: tables(panel, weights, False, *asked(panel)), at_least=1, budget=0)[0]}


def growth(_: Path, panel: Panel) -> dict[str, Any]:
    """Times for parts of the panel: fewer respondents, questions or breaks, these not among the raked margins."""
    n = panel.start.size
    parts = {
        "respondents": [(n // k, 20, 4) for k in (8, 4, 2, 1)],
        "questions": [(n // 4, k, 4) for k in (12, 25, 50, 100)],
        "breaks": [(n // 4, 20, k) for k in (1, 2, 5, 10)],
    }
    figures = []
    for at, (what, sizes) in enumerate(parts.items()):
        figures.append((what, [size[at] for size in sizes], [time_of(panel, *size) for size in sizes]))
    return {"growth": figures}


def replicates(_: Path, panel: Panel) -> dict[str, Any]:
    """From the panel to 500 replicates and the standard errors of all shares."""
    weights = raked(panel)
    questions, breaks = asked(panel)

    def work() -> object:
        shares = bank_shares(list(questions.values()), list(breaks.values()))
        drawn = design(panel, weights, True)
        return replicate_errors(replace(drawn, replicates=bootstrap(drawn, 500, seed=1).replicates), shares)

    return {"seconds": best(work)[0]}


def raked(panel: Panel) -> np.ndarray:
    margins = [panel.codes[name] for name in panel.targets]
    return raking.rake(margins, list(panel.targets.values()), panel.start, tolerance=1e-11).weights


def asked(panel: Panel) -> tuple[dict[str, Answers], dict[str, Split]]:
    """Questions and breaks."""
    everything = panel.codes.items()
    return (
        {name: Answers(codes, panel.levels[name]) for name, codes in everything if name[0] == "q"},
        {name: Split(codes, panel.levels[name]) for name, codes in everything if name[0] != "q"},
    )


def design(panel: Panel, weights: np.ndarray, clusters: bool) -> Design:
    margins = tuple(panel.codes[name] for name in panel.targets)
    places = {"clusters": panel.school, "strata": panel.stratum} if clusters else {}
    return Design(weights, panel.start, margins, **places)


def tables(
    panel: Panel, weights: np.ndarray, clusters: bool, questions: dict[str, Answers], breaks: dict[str, Split]
) -> Bank:
    """Shares, standard errors, tests and pairs of all tables; intervals of all shares and letters of all columns."""
    result = tabulate(design(panel, weights, clusters), list(questions.values()), list(breaks.values()))
    cells, pairs = result.cells, result.pairs
    korn_graubard(cells.share, cells.se, cells.base_unweighted, cells.df)
    most = max(panel.levels.values())
    row = (pairs.question * len(breaks) + pairs.split) * most + pairs.item
    shape = (len(questions) * len(breaks) * most, most)
    letters(row, pairs.group, pairs.other, pairs.difference, holm(pairs.p, row), shape)
    return result


def time_of(panel: Panel, n: int, n_questions: int, n_breaks: int) -> float:
    codes = {name: column[:n] for name, column in panel.codes.items()}
    part = panel._replace(codes=codes, start=panel.start[:n])
    weights = raked(part)
    questions, breaks = asked(part)
    few = dict(list(questions.items())[:n_questions])
    unraked = dict([(name, codes) for name, codes in breaks.items() if name not in panel.targets][:n_breaks])
    return best(lambda: tables(part, weights, False, few, unraked), at_least=3)[0]


def read(columns: list[np.ndarray]) -> tuple[float, float]:
    """Seconds to read columns from memory, and their size in megabytes."""
    seconds = best(lambda: [column.view(np.uint64).sum() for column in columns])[0]
    return seconds, sum(column.nbytes for column in columns) / 1e6


def save(folder: Path, name: str, bank: Bank, questions: list[str], breaks: list[str]) -> None:
    cells, tests = bank.cells, bank.tests
    write_shares(folder / f"plait_{name}_shares.csv", [
        (questions[q], breaks[b], *row)
        for q, b, *row in zip(cells.question, cells.split, cells.group, cells.item, cells.share, cells.se, strict=True)
    ])  # fmt: skip
    figures = zip(tests.question, tests.split, tests.item, tests.statistic, tests.df1, tests.df2, strict=True)
    whole = [(questions[q], breaks[b], *row) for q, b, item, *row in figures if item == -1]
    write_tests(folder / f"plait_{name}_tests.csv", whole)


if __name__ == "__main__":
    run({
        "rake": rake,
        "weights": lambda folder, panel: bank(folder, panel, False),
        "clusters": lambda folder, panel: bank(folder, panel, True),
        "given": given,
        "replicates": replicates,
        "large": large,
        "growth": growth,
    })  # fmt: skip
