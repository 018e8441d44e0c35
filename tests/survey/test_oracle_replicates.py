"""Replicate weights and what they say of the uncertainty, against the R package survey, which was given the draws."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from plait.survey.bank import Answers, Split
from plait.survey.replicates import Estimator, ReplicateErrors, bank_shares, jackknife, replicate_errors, reweighted
from survey_oracle import (
    EST,
    ORACLE,
    QUESTIONS,
    SE,
    WEIGHT,
    answers,
    close,
    design,
    expected,
    needs_oracle,
    panel,
    wide,
)

pytestmark = needs_oracle

TIGHT = 1e-13


@cache
def multipliers() -> np.ndarray:
    """(n, 60): times a respondent's school was drawn, scaled up."""
    counts = pd.read_csv(ORACLE / "boot_mult.csv").set_index(["stratum", "school"])
    size = counts.groupby("stratum")["r1"].transform("size")
    factors = counts.mul(size / (size - 1), axis=0)
    return factors.loc[pd.MultiIndex.from_frame(panel()[["stratum", "school"]])].to_numpy()


def sample(name: str) -> str:
    return "stratclus_calrake" if "_rake" in name else "stratclus"


def means_of(columns: np.ndarray) -> Estimator:
    inside = ~np.isnan(columns[:, 0])
    return lambda weights: np.nan_to_num(columns).T @ weights / (inside @ weights)


def errors(name: str, estimator: Estimator) -> tuple[ReplicateErrors, np.ndarray]:
    """What the replicates of a design give, and the standard error that R's name for the design means."""
    given = jackknife(design(sample(name))) if name.startswith("jkn") else (multipliers(), None)
    plain = design(sample(name))
    result = replicate_errors(replace(plain, replicates=reweighted(plain, *given, tolerance=TIGHT)), estimator)
    return result, result.se if name.endswith("_mse") else result.se_centred


DESIGNS = ["boot_mse", "boot_centred", "boot_rake_mse", "boot_rake_centred", "jkn", "jkn_rake"]


@pytest.mark.parametrize("name", DESIGNS)
def test_means_and_shares(name: str) -> None:
    frame = expected("replicates")
    frame = frame[(frame["design"] == name) & (frame["stat"] == "mean")]
    assert not frame.empty
    for item, part in frame.groupby("item"):
        want = wide(part, ["level"], ["est", "se"])
        if item in QUESTIONS:
            chosen, answered = answers(item)
            columns = np.where(answered[:, None], chosen, np.nan)
        else:
            columns = panel()[[item]].to_numpy(dtype=float)
        result, se = errors(name, means_of(columns))
        close(result.estimate, want["est"], EST, f"{name} {item}")
        close(se, want["se"], SE, f"{name} {item}")


@pytest.mark.parametrize("name", DESIGNS[:4])
def test_crosstabs(name: str) -> None:
    frame = expected("replicates")
    frame = frame[(frame["design"] == name) & (frame["stat"] == "by")]
    compared = 0
    for (item, break_), part in frame.groupby(["item", "by"]):
        want = wide(part, ["level"], ["est", "se"])
        chosen, answered = answers(item)
        codes = np.where(answered, chosen.argmax(axis=1), -1).astype(np.int8)
        group = panel()[break_].to_numpy() - 1
        result, se = errors(name, bank_shares([Answers(codes, chosen.shape[1])], [Split(group, int(group.max()) + 1)]))
        place = np.array([[int(part) - 1 for part in level.split("|")] for level in want.index])
        rows = place[:, 0] * chosen.shape[1] + place[:, 1]
        close(result.estimate[rows], want["est"], EST, f"{name} {item} {break_}")
        close(se[rows], want["se"], SE, f"{name} {item} {break_}")
        assert set(result.replicates) == {60}
        compared += 2 * len(want)
    assert compared == len(frame) == 112


def test_raked_replicate_weights() -> None:
    frame = expected("replicates")
    frame = frame[frame["stat"] == "repweight"]
    got = reweighted(design("stratclus_calrake"), multipliers(), tolerance=TIGHT).weights[:200]
    for number, part in frame.groupby("item"):
        assert part["level"].tolist() == panel()["id"].head(200).astype(str).tolist()
        want = part["value"].to_numpy()
        drawn = want > 0
        mine = got[:, int(number[1:]) - 1]
        np.testing.assert_array_equal(mine[~drawn], 0)
        close(mine[drawn], want[drawn], WEIGHT, number)
