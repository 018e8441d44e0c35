"""The invented panel, its designs, and the numbers that the R package survey gives for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plait.survey.calibration import calibrate_linear, calibrate_logit, cross, post_stratify
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
CALIBRATED = ("w_greg", "w_greg_b", "w_logit", "stratclus_greg", "stratclus_ps")
PROJECTED = ("w_rake", "stratclus_rake")  # R takes the residuals of an unweighted projection there: SE within 3 %
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


def margins() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Codes and population totals of the five raking variables."""
    frame = pd.read_csv(ORACLE / "margins.csv")
    targets = [frame.loc[frame["variable"] == v, "total"].to_numpy() for v in MARGINS]
    return [panel()[v].to_numpy() - 1 for v in MARGINS], targets


@cache
def raked(start: str) -> np.ndarray:
    return rake(*margins(), panel()["w0"].to_numpy() if start == "w0" else None, tolerance=1e-13).weights


@cache
def calibrated(kind: str) -> np.ndarray:
    """Weights of the designs that are calibrated in another way than by raking."""
    start = panel()["w0"].to_numpy()
    if kind == "ps":
        crossings = np.array([[190_000.0, 195_000.0], [61_000.0, 64_000.0]])
        return post_stratify(gender_and_phase(), crossings, start).weights
    if kind == "logit":
        return calibrate_logit(*margins(), start, lower=0.6, upper=1.8).weights
    bounds = {"greg": (-np.inf, np.inf), "greg_b": (0.6, 1.8)}[kind]
    return calibrate_linear(*margins(), start, *bounds).weights


def gender_and_phase() -> list[np.ndarray]:
    return [panel()[v].to_numpy() - 1 for v in ("gender", "phase")]


@cache
def design(name: str) -> Design:
    data = panel()
    sample, _, kind = name.partition("_")
    base = np.ones(len(data)) if name == "unw" else data["w0"].to_numpy()
    if kind == "fixed":
        weights = pd.read_csv(ORACLE / "expected_weights.csv")["w_rake"].to_numpy()
    elif kind in ("rake", "calrake"):
        weights = raked("w0")
    else:
        weights = base if kind in ("", "fpc") else calibrated(kind)
    crossed = (cross(gender_and_phase(), (2, 2)),) if kind == "ps" else ()
    return Design(
        weights=weights,
        base_weights=base,
        margins=crossed if kind in ("", "fpc", "fixed", "ps") else tuple(data[v].to_numpy() for v in MARGINS),
        clusters=data["school"].to_numpy() if "clus" in sample else None,
        strata=data["stratum"].to_numpy() if "strat" in sample else None,
        population_clusters=data["fpc_psu"].to_numpy(dtype=float) if kind == "fpc" else None,
    )


def answers(question: str) -> tuple[np.ndarray, np.ndarray]:
    """One column for each option (one for ticks), and who answered."""
    column = panel()[question]
    options = [1] if question in TICKS else range(1, QUESTIONS.get(question, 5) + 1)
    return np.column_stack([(column == option).to_numpy(dtype=float) for option in options]), column.notna().to_numpy()


def close(got: object, want: object, relative: float, what: str) -> None:
    np.testing.assert_allclose(got, want, rtol=relative, atol=0, err_msg=what)
