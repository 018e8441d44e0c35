"""How the coding came about: each coding of a file is followed to where it counts or is left out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from little_study import CODEBOOK
from plait import tables
from plait.qualitative.coding_record import CodingRecord, coding_record
from plait.qualitative.readers import read_coded_text
from plait.qualitative.settling import settle
from plait.study import load_study

DECISIONS = """date,action,collection,code,source,into,why,who
2026-02-01,exclude,notes,food_fruit,002,,Not about fruit.,Ann
2026-02-01,add,notes,time_later,002,,On a second reading.,Bob
2026-02-02,merge,notes,food_hot,,food_fruit,One code will do.,Ann
"""


def sheet(**marks: tuple[int, int, int]) -> str:
    """Fruit, hot food, later end; one line a note."""
    lines = [f"{id_.removeprefix('n')},note {id_},Infants,{','.join(map(str, m))}" for id_, m in marks.items()]
    return "\n".join(["id,note,year,food_fruit,food_hot,time_later", *lines]) + "\n"


ANN = {"n001": (1, 0, 0), "n002": (1, 1, 0), "n003": (0, 0, 1), "n004": (0, 1, 0)}
BOB = {"n001": (1, 0, 0), "n002": (1, 0, 0), "n003": (1, 0, 1), "n004": (0, 0, 0)}
# Both gave fruit to 001 and 002 and the later end to 003; they differ on three. The settled coding takes one of these,
# drops fruit from 001 although both gave it, and gives the later end to 001, which nobody had.
AGREED = {"n001": (0, 0, 1), "n002": (1, 1, 0), "n003": (0, 0, 1), "n004": (0, 0, 0)}


def recorded(folder: Path, decisions: str = "") -> CodingRecord:
    for name, marks in (("ann", ANN), ("bob", BOB), ("agreed", AGREED)):
        (folder / "raw" / "coding" / f"{name}.csv").write_text(sheet(**marks), encoding="utf-8")
    (folder / "codebook.csv").write_text(CODEBOOK, encoding="utf-8")
    if decisions:
        definition = folder / "study.yaml"
        text = definition.read_text(encoding="utf-8")
        added = text.replace("codebook: codebook.csv\n", "codebook: codebook.csv\n  decisions: decisions.csv\n")
        definition.write_text(added, encoding="utf-8")
        (folder / "decisions.csv").write_text(decisions, encoding="utf-8")
    study = load_study(folder)
    coded = read_coded_text(study.collections, study.raw, study.codebook)
    return coding_record(coded, settle(coded, study), study)


def steps_of(record: CodingRecord) -> dict[str, tuple[int, ...]]:
    rows = record.coding_steps.itertuples(index=False, name=None)
    return {str(step): counts for _, step, *counts in rows}  # type: ignore[misc]


def test_what_coders_agreed_on_and_what_was_settled_add_up(little: Path) -> None:
    (row,) = recorded(little).adjudication.to_dict("records")
    assert row == {
        "collection": "notes", "unit": "source", "n_units": 4, "units_alike": 1, "agreed": 3, "alone": 0, "disputed": 3,
        "accepted": 1, "rejected": 2, "open": 0, "overruled": 1, "added": 1, "settled": 4,
    }  # fmt: skip
    assert row["agreed"] + row["alone"] - row["overruled"] + row["accepted"] + row["added"] == row["settled"]
    assert row["settled"] == sum(map(sum, AGREED.values()))


def test_every_coding_is_followed_from_its_file_to_where_it_counts(little: Path) -> None:
    record = recorded(little, DECISIONS)
    assert steps_of(record) == {"read": [13, 0, 0, 13], "chosen": [13, 0, 9, 4], "decided": [4, 1, 1, 4]}
    files = record.coding_files.set_index("name")
    assert files["n_in"].to_dict() == {"ann": 5, "bob": 4, "agreed": 4}
    assert (files["n_in"] == files[["n_active", "n_excluded", "n_unresolved"]].sum(axis=1)).all()
    work = record.coder_work.set_index("coder")
    assert work["segments"].to_dict() == {"Ann": 5, "Bob": 4, "agreed": 4}
    assert work["counted"].to_dict() == {"Ann": False, "Bob": False, "agreed": True}
    assert work["sources_assigned"].to_dict() == {"Ann": 4, "Bob": 4, "agreed": 4}
    assert work["sources_coded"].to_dict() == {"Ann": 4, "Bob": 3, "agreed": 3}


def test_a_study_without_decisions_has_no_such_step_and_decisions_do_not_change_what_was_settled(little: Path) -> None:
    before = recorded(little)
    assert list(before.coding_steps["step"]) == ["read", "chosen"]
    pd.testing.assert_frame_equal(before.adjudication, recorded(little, DECISIONS).adjudication)


def test_a_file_called_like_one_of_its_texts_is_known(little: Path) -> None:
    assert not recorded(little).coding_files["names_a_source"].any()
    (little / "raw" / "coding" / "ann.csv").rename(little / "raw" / "coding" / "001.csv")
    text = (little / "study.yaml").read_text(encoding="utf-8").replace("coding/ann.csv", "coding/001.csv")
    (little / "study.yaml").write_text(text, encoding="utf-8")
    study = load_study(little)
    coded = read_coded_text(study.collections, study.raw, study.codebook)
    files = coding_record(coded, settle(coded, study), study).coding_files.set_index("name")
    assert files["names_a_source"].to_dict() == {"001": True, "bob": False, "agreed": False}


@pytest.mark.parametrize("table", ["coding_files", "coding_notes", "coding_steps", "coder_work", "adjudication"])
def test_a_survey_alone_has_empty_tables_with_their_columns(little: Path, table: str) -> None:
    text = (little / "study.yaml").read_text(encoding="utf-8")
    start, end = text.index("coded_text:"), text.index("linking:")
    (little / "study.yaml").write_text(text[:start], encoding="utf-8")
    assert end > start
    study = load_study(little)
    coded = read_coded_text(study.collections, study.raw, study.codebook)
    found = getattr(coding_record(coded, settle(coded, study), study), table)
    assert found.empty
    assert list(found.columns) == list(getattr(tables, table.upper()).columns)
