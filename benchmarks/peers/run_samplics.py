"""samplics: raking, and shares with standard errors that take the raked weights as given.

Its test of independence gives F = 0 and p = NaN (0.6.1), so it is not timed.
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from common import Panel, best, run, tables, write_shares

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it says that it is archived
    from samplics import PopParam, SampleWeight, TaylorEstimator


def raked(panel: Panel) -> np.ndarray:
    return SampleWeight().rake(
        samp_weight=panel.start,
        margins={name: panel.codes[name] for name in panel.targets},
        control={name: dict(enumerate(totals.tolist())) for name, totals in panel.targets.items()},
        tol=1e-11,
        ctrl_tol=1e-11,
    )


def rake(folder: Path, panel: Panel) -> dict[str, Any]:
    seconds, weights = best(lambda: raked(panel))
    weights.tofile(folder / "samplics_rake_weights.float64")
    return {"rake": seconds}


def tabulate(folder: Path, panel: Panel, kind: str) -> dict[str, Any]:
    pairs, weights = tables(), raked(panel)
    design = {"stratum": panel.stratum, "psu": panel.school} if kind == "clusters" else {}
    codes = {name: np.where(panel.codes[name] < 0, np.nan, panel.codes[name]) for pair in pairs for name in pair}
    rows = []
    begin = time.process_time()
    for question, by in pairs:
        result = TaylorEstimator(PopParam.prop)
        result.estimate(y=codes[question], samp_weight=weights, domain=codes[by], remove_nan=True, **design)
        rows.append(result)
    seconds = time.process_time() - begin
    write_shares(folder / f"samplics_{kind}_shares.csv", [
        (q, b, int(group), int(option), share, result.stderror[group][option])
        for (q, b), result in zip(pairs, rows, strict=True)
        for group, shares in result.point_est.items() for option, share in shares.items()
    ])  # fmt: skip
    return {"seconds": seconds}


if __name__ == "__main__":
    run({
        "rake": rake,
        "weights": lambda folder, panel: tabulate(folder, panel, "weights"),
        "clusters": lambda folder, panel: tabulate(folder, panel, "clusters"),
    })  # fmt: skip
