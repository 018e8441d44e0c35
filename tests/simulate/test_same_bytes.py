"""The same bytes on every run, and those that are committed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from plait.simulate import STUDIES as SIMULATED
from plait.simulate import simulate
from simulate.raw_data import STUDIES

_CODE = "import sys, pathlib, plait.simulate as s; [s.simulate(n, pathlib.Path(sys.argv[1]) / n) for n in s.STUDIES]"


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize("study", SIMULATED)
def test_the_committed_files_are_what_the_program_writes(study: str, tmp_path: Path) -> None:
    written = simulate(study, tmp_path)
    assert sorted(str(p.relative_to(tmp_path / "raw")) for p in written) == sorted(_contents(tmp_path / "raw"))
    assert _contents(tmp_path / "raw") == _contents(STUDIES / study / "raw")


@pytest.mark.slow
def test_hash_seed_locale_and_time_zone_change_nothing(tmp_path: Path) -> None:
    settings = {"PYTHONHASHSEED": "4242", "LC_ALL": "C", "TZ": "Pacific/Kiritimati", "PYTHONUTF8": "0"}
    subprocess.run([sys.executable, "-c", _CODE, tmp_path], check=True, env=os.environ | settings)
    for study in SIMULATED:
        assert _contents(tmp_path / study / "raw") == _contents(STUDIES / study / "raw")


def test_the_raw_data_are_small() -> None:
    assert sum(len(b) for study in SIMULATED for b in _contents(STUDIES / study / "raw").values()) < 6_000_000


def test_the_archive_has_fixed_dates_and_is_not_compressed() -> None:
    with zipfile.ZipFile(STUDIES / "ite-mentors/raw/coding/interviews.qdpx") as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(2024, 7, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert entries[0].filename == "project.qde"
    assert len(entries) == 14


def test_an_unknown_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ite-mentors"):
        simulate("no-such-study", tmp_path)
