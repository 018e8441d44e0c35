"""Who is joined: by id and with consent, counted, and without an id anywhere behind the raw files."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from joined_study import JOINED, SHEETS, read_sheet, replace_in, sign_notes, write_joined_study
from little_study import write_rows
from plait import tables
from plait.errors import StudyError
from plait.integration.people import Cases, Joined, join_cases
from plait.qualitative.case_matrix import case_themes
from plait.qualitative.readers import read_coded_text_of
from plait.qualitative.transcripts import CodedText
from plait.study import load_study
from plait.survey.cleaning import clean
from plait.survey.stand_ins import stand_ins


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_joined_study(tmp_path / "joined")


def joined_in(folder: Path) -> tuple[Joined, CodedText, pd.DataFrame]:
    study = load_study(folder)
    coded = read_coded_text_of(study)
    cases = Cases.from_tables(case_themes(coded, study.collections), coded.cases, coded.case_attributes)
    responses = clean(study).responses
    return join_cases(study, cases, stand_ins(study), responses), coded, responses


def as_addresses(folder: Path) -> None:
    """Make the respondents' ids e-mail addresses, which cleaning replaces by numbers."""
    for day in ("monday", "friday"):
        path = folder / "raw" / "survey" / f"{day}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        write_rows(path, [row | {"id": f"p{row['id']}@example.org"} for row in rows])
    for sheet in SHEETS:
        rows = read_sheet(folder, sheet)
        signed = [row | {"parent": f" p{row['parent']}@example.org" if row["parent"] else ""} for row in rows]
        write_rows(folder / "raw" / "coding" / f"{sheet}.csv", signed)


def test_people_are_joined_with_their_consent_and_the_others_are_counted(folder: Path) -> None:
    joined, _, _ = joined_in(folder)
    assert joined.people["respondent"].tolist() == JOINED
    line = joined.flow.set_index("how").loc["people"]
    parts = ["joined", "no_consent", "no_id", "not_in_survey"]
    assert line[parts].tolist() == [13, 4, 1, 1]
    assert line[parts].sum() == line["cases"] == 19


def test_groups_are_joined_and_cases_of_other_values_are_counted(folder: Path) -> None:
    replace_in(folder / "study.yaml", "groups: {Infants: infants, Juniors: juniors}", "groups: {Infants: infants}")
    line = joined_in(folder)[0].flow.set_index("how").loc["groups"]
    assert line[["cases", "joined", "no_group"]].tolist() == [19, 5, 14]


def test_addresses_join_people_and_stay_in_the_raw_files(folder: Path, tmp_path: Path) -> None:
    plain, _, before = joined_in(folder)
    as_addresses(folder)
    joined, coded, responses = joined_in(folder)
    assert joined.flow.equals(plain.flow)
    # The same parents, who are numbers now: their answers tell that it is they.
    wants = [column for column in before if column.startswith("wants.")]
    old, new = (r.set_index("respondent").loc[j.people["respondent"], wants].to_numpy().tolist()
                for r, j in ((before, plain), (responses, joined)))  # fmt: skip
    assert old == new
    for name, table in {"a": coded.case_attributes, "b": joined.people, "c": responses, "d": joined.flow}.items():
        tables.write_parquet(table, tmp_path / name)
        table.to_csv(tmp_path / f"{name}.csv")
        assert b"example.org" not in (tmp_path / name).read_bytes() + (tmp_path / f"{name}.csv").read_bytes()


def unknown(folder: Path) -> None:
    for sheet in SHEETS:
        sign_notes(folder, sheet, {3: "p999@example.org"})


def twice(folder: Path) -> None:
    for sheet in SHEETS:
        sign_notes(folder, sheet, {3: "004"})


def without_the_column(folder: Path) -> None:
    replace_in(folder / "study.yaml", "respondent: parent", "respondent: parents")


def without_consent_column(folder: Path) -> None:
    replace_in(folder / "study.yaml", "consent: may_join", "consent: may_joint")


def of_no_group(folder: Path) -> None:
    replace_in(folder / "study.yaml", "Infants: infants", "Infant: infants")


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (unknown, "the case '003' of 'notes' has a respondent id that stands for nobody"),
        (twice, "the case '004' of 'notes' has the respondent id of the case '003'"),
        (without_the_column, "'parents' is known of no case of 'notes', so that nobody can be joined"),
        (without_consent_column, "'may_joint' is known of no case of 'notes', so that nobody can be joined"),
        (of_no_group, "no case of 'notes' has the value 'Infant'"),
    ],
)
def test_what_cannot_be_joined_is_refused(folder: Path, broken: Callable[[Path], None], message: str) -> None:
    broken(folder)
    with pytest.raises(StudyError) as told:
        joined_in(folder)
    assert message in [problem.message for problem in told.value.problems]
    assert "p999" not in str(told.value)


def test_nothing_is_looked_up_of_people_without_consent(folder: Path) -> None:
    """An id that stands for nobody is no mistake where it may not be used."""
    for sheet in SHEETS:
        sign_notes(folder, sheet, {0: "nobody", 5: "004"})
    assert joined_in(folder)[0].people["respondent"].tolist() == JOINED


def test_everyone_is_joined_where_all_gave_their_consent_otherwise(folder: Path) -> None:
    replace_in(folder / "study.yaml", "consent: may_join", "consent_of_all: The form asked for it")
    line = joined_in(folder)[0].flow.set_index("how").loc["people"]
    assert line[["joined", "no_consent", "no_id", "not_in_survey"]].tolist() == [17, 0, 1, 1]
