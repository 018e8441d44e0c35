"""Made-up data for the example studies, the same bytes on every run.

The study definitions and side files are written by hand; what a real study would receive from a panel company, a form
tool or coders is written by `simulate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from plait.simulate import ecf_rural_coastal, ite_mentors

STUDIES: Mapping[str, Callable[[Path], list[Path]]] = {
    "ite-mentors": ite_mentors.simulate,
    "ecf-rural-coastal": ecf_rural_coastal.simulate,
}
"""The example studies and what writes their raw files."""


def simulate(study: str, folder: Path) -> list[Path]:
    """Write the raw files of an example study.

    Args:
        study: One of `STUDIES`.
        folder: The study's folder; files go below its `raw/`.

    Returns:
        The files that were written.
    """
    if study not in STUDIES:
        raise ValueError(f"there is no example study '{study}'; known here: {', '.join(STUDIES)}")
    return STUDIES[study](folder / "raw")
