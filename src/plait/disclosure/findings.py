"""What the strands and their integration hand to the gate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from plait import tables


@dataclass(frozen=True)
class Findings:
    """What the strands and their integration hand to the gate; columns in `plait.tables`."""

    estimates: pd.DataFrame
    tests: pd.DataFrame
    pairs: pd.DataFrame
    changes: pd.DataFrame
    models: pd.DataFrame
    profile: pd.DataFrame
    margins: pd.DataFrame
    weighting: dict[str, dict[str, float]]
    weighting_notes: pd.DataFrame
    weight_distribution: pd.DataFrame
    flow: pd.DataFrame
    cleaning_log: pd.DataFrame
    reconciliation: pd.DataFrame
    themes: pd.DataFrame
    counting_notes: pd.DataFrame
    cooccurrence: pd.DataFrame
    saturation_curve: pd.DataFrame
    saturation: pd.DataFrame
    saturation_summary: pd.DataFrame
    agreement: pd.DataFrame
    agreement_counts: pd.DataFrame
    coding_files: pd.DataFrame
    coding_notes: pd.DataFrame
    coding_steps: pd.DataFrame
    coder_work: pd.DataFrame
    adjudication: pd.DataFrame
    decisions: pd.DataFrame
    quotes: pd.DataFrame
    joint_display: pd.DataFrame
    joining: pd.DataFrame
    statistics_by_theme: pd.DataFrame
    strands_by_group: pd.DataFrame
    quote_matrix: pd.DataFrame
    case_level: pd.DataFrame
    unlinked: pd.DataFrame
    claims: pd.DataFrame
    robustness: pd.DataFrame


def read_findings(files: Mapping[str, str]) -> Findings:
    """Read what the strands and their integration wrote, by the names of `Findings`."""
    csv = {"flow": tables.FLOW, "cleaning_log": tables.CLEANING_LOG, "claims": tables.CLAIMS}
    read: dict[str, Any] = {name: tables.read_csv(files[name], table) for name, table in csv.items()}
    read["weighting"] = json.loads(Path(files["weighting"]).read_text(encoding="utf-8"))
    read |= {f.name: pd.read_parquet(files[f.name]) for f in fields(Findings) if f.name not in read}
    return Findings(**read)
