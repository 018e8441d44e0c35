"""Krippendorff's nominal alpha of each code by a package that computes it: PEER MARKS.npy CODES."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np


def main() -> None:
    peer, path, codes = sys.argv[1:]
    given = np.load(path)  # (coders, units, codes)
    alpha = {"krippendorff": with_krippendorff, "nltk": with_nltk}[peer]()
    tables = [given[:, :, k].astype(int) for k in range(int(codes))]
    start = time.process_time()
    alphas = [alpha(table) for table in tables]
    print(json.dumps({"seconds": time.process_time() - start, "alphas": alphas}))


def with_krippendorff() -> Callable[[np.ndarray], float]:
    import krippendorff

    return lambda table: float(krippendorff.alpha(reliability_data=table, level_of_measurement="nominal"))


def with_nltk() -> Callable[[np.ndarray], float]:
    from nltk.metrics.agreement import AnnotationTask

    def alpha(table: np.ndarray) -> float:
        data = [(coder, u, int(v)) for coder, values in enumerate(table) for u, v in enumerate(values)]
        return float(AnnotationTask(data=data).alpha())

    return alpha


if __name__ == "__main__":
    main()
