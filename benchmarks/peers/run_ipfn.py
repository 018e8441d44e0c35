"""ipfn: raking, of the respondents and of a table of cells that its user has counted.

The second is the faster, and asks the user to count the cells before and to give the factors to the respondents after.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import Panel, best, run
from ipfn.ipfn import ipfn


def of_respondents(panel: Panel, names: list[str]) -> np.ndarray:
    data = pd.DataFrame({name: panel.codes[name] for name in names} | {"total": panel.start})
    margins = [pd.Series(panel.targets[name]) for name in names]
    fit = ipfn(data, margins, [[name] for name in names], convergence_rate=1e-11, rate_tolerance=0)
    return np.asarray(fit.iteration()["total"])


def of_cells(panel: Panel, names: list[str]) -> np.ndarray:
    margins = [panel.targets[name] for name in names]
    cell = np.ravel_multi_index([panel.codes[name] for name in names], [m.size for m in margins])
    before = np.bincount(cell, panel.start, np.prod([m.size for m in margins])).reshape([m.size for m in margins])
    fit = ipfn(
        before.copy(), margins, [[axis] for axis in range(before.ndim)], convergence_rate=1e-11, rate_tolerance=0
    )
    factor = np.divide(fit.iteration(), before, out=np.ones_like(before), where=before > 0)
    return np.asarray(panel.start * factor.ravel()[cell])


def rake(folder: Path, panel: Panel) -> dict[str, Any]:
    names = list(panel.targets)
    rows, weights = best(lambda: of_respondents(panel, names))
    weights.tofile(folder / "ipfn_of_respondents_weights.float64")
    cells, weights = best(lambda: of_cells(panel, names))
    weights.tofile(folder / "ipfn_of_cells_weights.float64")
    return {"of_respondents": rows, "of_cells": cells}


if __name__ == "__main__":
    run({"rake": rake})
