"""The short hash of the published tables: what it depends on, and how anyone can check it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from plait import tables
from plait.report.published import published_hash


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i, table in enumerate(tables.PUBLISHED):
        (tmp_path / f"{table.name.split('/')[1]}.csv").write_text(f"column\n{i}\n", encoding="utf-8")
    return tmp_path


def test_the_hash_changes_with_any_table(folder: Path) -> None:
    before = published_hash(folder)
    assert len(before) == 12
    assert published_hash(folder) == before
    seen = {before}
    for file in folder.glob("*.csv"):
        file.write_text("column\nother\n", encoding="utf-8")
        seen.add(published_hash(folder))
    assert len(seen) == len(tables.PUBLISHED) + 1


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum is not installed")
def test_the_hash_is_what_two_commands_print(folder: Path) -> None:
    command = "export LC_ALL=C; sha256sum *.csv | sha256sum"
    printed = subprocess.run(["sh", "-c", command], cwd=folder, check=True, capture_output=True, text=True).stdout
    assert printed.startswith(published_hash(folder))
