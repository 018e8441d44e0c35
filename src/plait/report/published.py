"""The published tables of a study: all that this floor may know of the data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pandas as pd

from plait import tables
from plait.descriptions import short_name
from plait.errors import Problems


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
    joining: pd.DataFrame
    statistics_by_theme: pd.DataFrame
    strands_by_group: pd.DataFrame
    case_level: pd.DataFrame
    unlinked: pd.DataFrame
    quotes: pd.DataFrame
    claims: pd.DataFrame
    robustness: pd.DataFrame
    quote_matrix: pd.DataFrame
    survey_variables: pd.DataFrame
    data_dictionary: pd.DataFrame
    screening: pd.DataFrame
    suppression_log: pd.DataFrame
    attack_audit: pd.DataFrame
    disclosure_rules: pd.DataFrame


_CHANGED = "is not as the disclosure gate wrote it: it was changed by hand, or damaged"
_DELETE = "delete it and run again: it is made anew"
_TABLES = {short_name(table): table for table in tables.PUBLISHED}


class _InFolder(Published):
    """The published tables of a folder, each read when it is first asked for: no figure or notebook needs them all."""

    folder: Path

    def __init__(self, folder: Path) -> None:
        object.__setattr__(self, "folder", folder)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name not in _TABLES:
            raise AttributeError(name)
        table = tables.read_csv(self.folder / f"{name}.csv", _TABLES[name])
        object.__setattr__(self, name, table)
        return table


def read_published(folder: Path) -> Published:
    """Every published table in `results/<study>/published`.

    Raises:
        StudyError: A table is not as the gate wrote it: somebody changed it by hand, and nothing is made of that.
    """
    problems = Problems()
    for name, written in _as_written(folder, problems).items():
        if (folder / name).is_file() and sha256((folder / name).read_bytes()).hexdigest() != written:
            problems.add(f"published/{name}", _CHANGED, _DELETE)
    problems.raise_if_any()
    return _InFolder(folder)


def _as_written(folder: Path, problems: Problems) -> dict[str, str]:
    """The hash of each table as the data package states it; none where the tables have no package."""
    package = folder / "datapackage.json"
    if not package.is_file():
        return {}
    try:
        resources = json.loads(package.read_text(encoding="utf-8"))["resources"]
        return {resource["path"]: resource["hash"].removeprefix("sha256:") for resource in resources}
    except (ValueError, KeyError, TypeError, AttributeError):
        problems.add(f"published/{package.name}", _CHANGED, _DELETE)
        return {}


def published_hash(folder: Path) -> str:
    """Twelve digits that change when any published table does.

    They are the beginning of what `export LC_ALL=C; sha256sum *.csv | sha256sum` prints in that folder.
    """
    files = sorted(f"{name}.csv" for name in _TABLES)
    sums = "".join(f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in files)
    return sha256(sums.encode()).hexdigest()[:12]
