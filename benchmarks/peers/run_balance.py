"""balance: raking."""

from __future__ import annotations

import logging
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from balance.weighting_methods.rake import rake as balance_rake
from common import Panel, best, run

logging.getLogger("balance").setLevel(logging.ERROR)


def rake(folder: Path, panel: Panel) -> dict[str, Any]:
    names = list(panel.targets)
    sample = pd.DataFrame({name: panel.codes[name].astype(str) for name in names})
    # `target_margins` would round the targets to 10 000 people; a weighted target says them exactly.
    population = pd.DataFrame(product(*(map(str, range(t.size)) for t in panel.targets.values())), columns=names)
    total = panel.targets[names[0]].sum()
    weights = total * np.prod([panel.targets[name][population[name].astype(int)] / total for name in names], axis=0)
    seconds, result = best(
        lambda: balance_rake(
            sample, pd.Series(panel.start), population, pd.Series(weights), variables=names, transformations=None,
            convergence_rate=1e-11, rate_tolerance=0,
        )
    )  # fmt: skip
    np.asarray(result["weight"], dtype=float).tofile(folder / "balance_rake_weights.float64")
    return {"rake": seconds}


if __name__ == "__main__":
    run({"rake": rake})
