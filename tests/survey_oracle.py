"""The invented panel, its designs, and the numbers that the R package survey gives for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plait.survey.design import Design
from plait.survey.raking import rake

ORACLE = Path(__file__).resolve().parents[1].parent / "shared" / "oracle"
needs_oracle = pytest.mark.skipif(
    not ORACLE.is_dir(), reason="the expected numbers of R survey are not beside this copy"
)

MARGINS = ("gender", "age", "phase", "seniority", "region")
QUESTIONS = {f"q{j}": k for j, k in enumerate((2, 3, 4, 5, 6, 7, 2, 3), start=1)}
LIKERT, TICKS = ("l1", "l2", "l3"), ("m1", "m2", "m3", "m4")
DESIGNS = ("unw", "w", "strat", "clus", "stratclus", "w_calrake", "stratclus_calrake", "w_fixed", "stratclus_fixed")
EST, SE, WEIGHT, LIMIT, F, P = 1e-10, 1e-8, 1e-8, 1e-6, 1e-7, 1e-6


@cache
def panel() -> pd.DataFrame:
    return pd.read_csv(ORACLE / "tt.csv")


@cache
def expected(name: str) -> pd.DataFrame:
    frame = pd.read_csv(ORACLE / f"expected_{name}.csv", dtype="str", keep_default_na=False)
    frame["value"] = frame["value"].astype(float)
    return frame


def wide(frame: pd.DataFrame, keys: list[str], fields: list[str]) -> pd.DataFrame:
    return frame[frame["field"].isin(fields)].pivot(index=keys, columns="field", values="value")[fields]


@cache
def raked(start: str) -> np.ndarray:
    margins = pd.read_csv(ORACLE / "margins.csv")
    targets = [margins.loc[margins["variable"] == v, "total"].to_numpy() for v in MARGINS]
    codes = [panel()[v].to_numpy() - 1 for v in MARGINS]
    return rake(codes, targets, panel()["w0"].to_numpy() if start == "w0" else None, tolerance=1e-13).weights


@cache
def design(name: str) -> Design:
    data = panel()
    sample, _, kind = name.partition("_")
    base = np.ones(len(data)) if name == "unw" else data["w0"].to_numpy()
    given = pd.read_csv(ORACLE / "expected_weights.csv")["w_rake"].to_numpy()
    return Design(
        weights={"": base, "calrake": raked("w0"), "fixed": given}[kind],
        base_weights=base,
        margins=tuple(data[v].to_numpy() for v in MARGINS) if kind == "calrake" else (),
        clusters=data["school"].to_numpy() if "clus" in sample else None,
        strata=data["stratum"].to_numpy() if "strat" in sample else None,
    )


def answers(question: str) -> tuple[np.ndarray, np.ndarray]:
    """One column for each option (one for ticks), and who answered."""
    column = panel()[question]
    options = [1] if question in TICKS else range(1, QUESTIONS.get(question, 5) + 1)
    return np.column_stack([(column == option).to_numpy(dtype=float) for option in options]), column.notna().to_numpy()


def close(got: object, want: object, relative: float, what: str) -> None:
    np.testing.assert_allclose(got, want, rtol=relative, atol=0, err_msg=what)
