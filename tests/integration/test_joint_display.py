"""The joint display takes each number from its own strand and the judgement from the author."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from plait.integration.joint_display import join_strands
from plait.qualitative.readers import read_coded_text
from plait.qualitative.themes import theme_counts
from plait.study import load_study
from plait.survey.cleaning import clean
from plait.survey.crosstabs import tabulate_responses
from plait.survey.sample import Samples
from plait.survey.weighting import weight


@pytest.fixture
def joint(little: Path) -> pd.DataFrame:
    study = load_study(little)
    responses = clean(study).responses
    samples = Samples(study, responses, weight(study, responses).weights)
    estimates = tabulate_responses(study, responses, samples).estimates
    themes = theme_counts(read_coded_text(study.collections, study.raw, study.codebook), study.collections)
    return join_strands(study, estimates, themes).set_index(["construct", "item"])


def test_survey_items_are_weighted_and_themes_are_counts(joint: pd.DataFrame) -> None:
    assert joint.index.tolist() == [
        ("food", "fruit"), ("food", "juice"), ("food", "food"), ("time", "later"), ("time", "time"),
    ]  # fmt: skip
    fruit = joint.loc[("food", "fruit")]
    assert (fruit.strand, fruit.origin, fruit.weight_set, fruit.of) == ("survey", "wants", "monday", 40)
    # Nineteen notes: food is coded on every other one, 000 to 018; time on every fourth.
    food, time = joint.loc[("food", "food")], joint.loc[("time", "time")]
    assert (food.n, food.of, food.value, food.weight_set) == (10, 19, pytest.approx(10 / 19), "")
    assert (time.n, time.of) == (5, 19)


def test_fit_and_meta_inference_are_the_authors(joint: pd.DataFrame) -> None:
    time = joint.loc[("time", "later")]
    assert time[["fit", "author", "date"]].tolist() == ["discordance", "the office", "2026-02-01"]
    assert time.meta_inference == "Few tick it; many write of it."
