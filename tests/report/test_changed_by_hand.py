"""The report reads the published tables as the gate wrote them, and no others."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.report.published import read_published
from plait.tables import write_csv
from report.make_published import make_published


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Two tables and the package that states their hashes."""
    made = make_published()
    files = {name: tmp_path / f"{name}.csv" for name in ("survey_estimates", "theme_counts")}
    for name, file in files.items():
        write_csv(getattr(made, name), file)
    hashes = {file.name: f"sha256:{sha256(file.read_bytes()).hexdigest()}" for file in files.values()}
    resources = [{"path": path, "hash": found} for path, found in hashes.items()]
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": resources}), encoding="utf-8")
    return tmp_path


def complaint(folder: Path) -> str:
    with pytest.raises(StudyError) as caught:
        read_published(folder)
    return str(caught.value)


def test_tables_as_the_gate_wrote_them_are_read(published: Path) -> None:
    assert len(read_published(published).survey_estimates)


def test_every_table_that_was_changed_is_named_with_the_mend(published: Path) -> None:
    for name in ("survey_estimates", "theme_counts"):
        with (published / f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write("one more row\n")
    said = complaint(published)
    assert "2 problems" in said
    assert "published/survey_estimates.csv: is not as the disclosure gate wrote it" in said
    assert "mend: delete it and run again" in said


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"resources": [{}]}', '{"resources": [1]}'])
def test_a_damaged_package_is_told_without_a_traceback(published: Path, damaged: str) -> None:
    (published / "datapackage.json").write_text(damaged, encoding="utf-8")
    assert "published/datapackage.json: is not as" in complaint(published)
