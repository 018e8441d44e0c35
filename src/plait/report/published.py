"""The published tables of a study: all that this floor may know of the data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from plait import tables


@dataclass(frozen=True)
class Published:
    """The published tables (columns in `plait.tables`); each may be empty where a study lacks a strand."""

    survey_estimates: pd.DataFrame
    survey_numbers: pd.DataFrame
    survey_tests: pd.DataFrame
    survey_changes: pd.DataFrame
    survey_models: pd.DataFrame
    sample_profile: pd.DataFrame
    weighting: pd.DataFrame
    weighting_notes: pd.DataFrame
    weight_distribution: pd.DataFrame
    row_flow: pd.DataFrame
    cleaning_summary: pd.DataFrame
    reconciliation: pd.DataFrame
    theme_counts: pd.DataFrame
    counting_notes: pd.DataFrame
    cooccurrence: pd.DataFrame
    saturation_curve: pd.DataFrame
    saturation: pd.DataFrame
    saturation_summary: pd.DataFrame
    agreement: pd.DataFrame
    agreement_counts: pd.DataFrame
    coding_sources: pd.DataFrame
    coding_notes: pd.DataFrame
    coding_steps: pd.DataFrame
    coders: pd.DataFrame
    adjudication: pd.DataFrame
    decisions: pd.DataFrame
    joint_display: pd.DataFrame
    quotes: pd.DataFrame
    survey_variables: pd.DataFrame
    data_dictionary: pd.DataFrame
    screening: pd.DataFrame
    suppression_log: pd.DataFrame


def read_published(folder: Path) -> Published:
    """Read every published table from `results/<study>/published`."""
    return Published(
        **{t.name.split("/")[1]: tables.read_csv(folder / f"{t.name.split('/')[1]}.csv", t) for t in tables.PUBLISHED}
    )
