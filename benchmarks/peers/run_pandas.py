"""pandas and statsmodels, the lower reference: weighted shares, and Pearson's test as if weights were people.

Neither knows a survey design, so there is no standard error.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import Panel, run, tables
from statsmodels.stats.contingency_tables import Table


def tabulate(folder: Path, panel: Panel) -> dict[str, Any]:
    pairs = tables()
    data = pd.DataFrame({name: panel.codes[name] for name in dict.fromkeys(name for pair in pairs for name in pair)})
    data = data.replace(-1, np.nan).astype("category").assign(weight=panel.start)
    begin = time.process_time()
    for question, by in pairs:
        totals = data.groupby([by, question], observed=False)["weight"].sum().unstack()
        totals.div(totals.sum(axis=1), axis=0)
        Table(totals * (data[question].count() / totals.to_numpy().sum())).test_nominal_association()
    return {"seconds": time.process_time() - begin}


if __name__ == "__main__":
    run({"weights": tabulate})
