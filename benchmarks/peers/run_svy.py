"""svy: raking, tables and replicates as its documentation does them; FOLDER TASK [question:break ...]."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import polars as pl
import svy
from common import Panel, best, run, tables, write_shares, write_tests


def frame(panel: Panel, clusters: bool, names: list[str]) -> Any:
    data = {name: pl.Series(panel.codes[name]).cast(pl.Int64) for name in dict.fromkeys([*panel.targets, *names])}
    data = {name: codes.replace(-1, None) for name, codes in data.items()}
    data |= {"start": panel.start, "school": panel.school, "stratum": panel.stratum}
    design = svy.Design(stratum="stratum", psu="school", wgt="start") if clusters else svy.Design(wgt="start")
    return svy.Sample(pl.DataFrame(data), design)


def raked(sample: Any, panel: Panel, tolerance: float = 1e-11) -> Any:
    controls = {name: dict(enumerate(totals.tolist())) for name, totals in panel.targets.items()}
    return sample.weighting.rake(controls=controls, tol=tolerance, max_iter=100)


def rake(folder: Path, panel: Panel) -> dict[str, Any]:
    sample = frame(panel, False, [])
    seconds, result = best(lambda: raked(sample, panel))
    result.data["rk_wgt"].to_numpy().tofile(folder / "svy_rake_weights.float64")
    return {"rake": seconds}


def tabulate(folder: Path, panel: Panel, kind: str) -> dict[str, Any]:
    """Shares in the groups of a break with intervals, and Rao and Scott's test: svy gives both in one call."""
    pairs = tables()
    names = [name for pair in pairs for name in pair]
    if kind == "given":  # a sample whose weights happen to be the raked ones
        weights = raked(frame(panel, False, []), panel).data["rk_wgt"].to_numpy()
        sample = frame(panel._replace(start=weights), True, names)
    else:
        sample = raked(frame(panel, kind == "clusters", names), panel)
    results = []
    begin = time.process_time()
    for question, by in pairs:
        # Those without an answer are outside the domain and stay in the design, as in R.
        answered = svy.col(question).is_not_null()
        table = sample.categorical.tabulate(question, by, share_of="col", where=answered)
        results.append((table.to_polars(), table.stats.f))
    seconds = time.process_time() - begin
    write_shares(folder / f"svy_{kind}_shares.csv", [
        (q, b, int(row[b]), int(row[q]), row["est"], row["se"])
        for (q, b), (table, _) in zip(pairs, results, strict=True) for row in table.iter_rows(named=True)
    ])  # fmt: skip
    write_tests(folder / f"svy_{kind}_tests.csv", [
        (q, b, f.value, f.df_num, f.df_den) for (q, b), (_, f) in zip(pairs, results, strict=True)
    ])  # fmt: skip
    return {"seconds": seconds}


def replicates(_: Path, panel: Panel) -> dict[str, Any]:
    """Rao and Wu's bootstrap of schools; every replicate is raked again."""
    pairs = tables()
    sample = frame(panel, True, [name for pair in pairs for name in pair])
    begin = time.process_time()
    sample = raked(sample.weighting.create_bs_wgts(n_reps=500, rstate=1), panel, 1e-8)
    once = time.process_time() - begin
    begin = time.process_time()
    for question, by in pairs:
        sample.estimation.prop(question, by=by, method="replication", drop_nulls=True).to_polars()
    return {"once": once, "seconds": time.process_time() - begin}


if __name__ == "__main__":
    run({
        "rake": rake,
        "weights": lambda folder, panel: tabulate(folder, panel, "weights"),
        "clusters": lambda folder, panel: tabulate(folder, panel, "clusters"),
        "given": lambda folder, panel: tabulate(folder, panel, "given"),
        "replicates": replicates,
    })  # fmt: skip
