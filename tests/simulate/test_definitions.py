"""The hand-written definitions and side files are valid, and fit the raw files."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from plait.simulate.ite.coders import ADDED, CODES
from plait.study import load_study
from plait.study.definition import Definition
from plait.study.yaml_text import read_yaml
from simulate.raw_data import ECF, ITE


@pytest.mark.parametrize("folder", [ITE, ECF], ids=lambda folder: folder.name)
def test_the_definition_validates(folder: Path) -> None:
    definition = Definition.model_validate(read_yaml(folder / "study.yaml", name="study.yaml").value)
    assert definition.study == folder.name
    assert definition.simulated
    assert definition.about.limitations
    assert definition.survey is not None
    assert all(question.compare_by for question in definition.survey.questions.values())


@pytest.mark.parametrize("folder", [ITE, ECF], ids=lambda folder: folder.name)
def test_names_and_side_files_fit_together(folder: Path) -> None:
    study = load_study(folder)
    assert study.links
    assert all(link.author and link.date and link.fit for link in study.links)


@pytest.mark.parametrize("folder", [ITE, ECF], ids=lambda folder: folder.name)
def test_judgements_hold_no_number(folder: Path) -> None:
    with (folder / "linking.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert not re.search(r"\d", row["label"] + row["meta_inference"] + row["rationale"]), row["construct"]


def test_what_is_not_official_says_so() -> None:
    study = load_study(ITE)
    grades = {
        target.variable: {t.grade for t in study.targets if t.variable == target.variable} for target in study.targets
    }
    assert grades == {
        "phase": {"official"},
        "gender": {"official"},
        "region": {"proxy"},
        "age_group": {"illustrative"},
        "role3": {"illustrative"},
    }


def test_the_codebook_holds_every_code_of_the_sheets() -> None:
    codes = {entry.code for entry in load_study(ITE).codebook if entry.kind != "theme"}
    assert set(CODES) | set(ADDED) <= codes
    assert len(CODES) == 51
    assert len(ADDED) == 3
