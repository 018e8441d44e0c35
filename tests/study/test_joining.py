"""What the definition may say of joining, and which judgements of the linking file are whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from joined_study import replace_in, write_joined_study
from plait.errors import StudyError
from plait.study import load_study

HEADER = "construct,label,survey,themes,fit,meta_inference,rationale,author,date\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_joined_study(tmp_path / "joined")


def test_a_study_that_joins_people_groups_and_a_typology_is_read(folder: Path) -> None:
    joining = load_study(folder).definition.joining
    assert joining.people["notes"].given == "yes"
    assert joining.groups["notes"]["year"].groups == {"Infants": "infants", "Juniors": "juniors"}
    assert joining.typology == "year"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("notes: {respondent", "note: {respondent", "there is no collection 'note'"),
        ("consent: may_join", "given: 'yes'", "give either consent or consent_of_all"),
        ("consent: may_join", "consent: may_join, consent_of_all: All did", "give either consent or consent_of_all"),
        ("{respondent: parent", "{respondent: year", "'year' says who somebody is, and `breaks:` would publish it"),
        ("year: {variable: year, g", "age: {variable: year, g", "'age' is not among the breaks of 'notes'"),
        ("{variable: year, g", "{variable: near_or_not, g", "'near_or_not' is not among the breaks of the survey"),
        ("Infants: infants, Juniors: juniors", "Infants: babies", "'year' has no group 'babies'"),
        ("typology: year", "typology: distance", "no collection is joined by the groups of 'distance'"),
        ("linking: linking.csv\n", "", "joining sets side by side what a linking file names; this study has none"),
    ],
)  # fmt: skip
def test_what_cannot_be_joined_is_refused(folder: Path, old: str, new: str, message: str) -> None:
    replace_in(folder / "study.yaml", old, new)
    with pytest.raises(StudyError) as told:
        load_study(folder)
    assert message in str(told.value)


def test_people_are_not_joined_where_the_survey_has_no_ids(folder: Path) -> None:
    for old, new in (("  respondent_id: id\n", ""), ("    friday: {file: survey/friday.csv}\n", "")):
        replace_in(folder / "study.yaml", old, new)
    with pytest.raises(StudyError, match="joins people by the respondent id of the survey, which has none"):
        load_study(folder)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,A,wants:fruit,,confirmation,x,y,me,2026-02-01", "a fit of 'confirmation' needs both strands"),
        ("a,A,,food,expansion,x,y,me,2026-02-01", "a fit of 'expansion' needs both strands"),
        ("a,A,wants:fruit,food,discordance,x,,me,2026-02-01", "a discordance has no rationale"),
        ("a,A,wants:fruit,food,silence,x,,me,2026-02-01", "a silence of two linked strands has no rationale"),
        ("a,A,wants:fruit,food,confirmation,x,y,,2026-02-01", "a fit has no author"),
        ("a,A,wants:fruit,food,confirmation,x,y,me,", "a fit has no date"),
        ("a,A,,,,x,y,me,2026-02-01", "the construct 'a' names neither survey items nor themes"),
    ],
)
def test_a_judgement_that_is_not_whole_is_refused(folder: Path, row: str, message: str) -> None:
    (folder / "linking.csv").write_text(f"{HEADER}{row}\n", encoding="utf-8")
    with pytest.raises(StudyError) as told:
        load_study(folder)
    assert [message] == [problem.message for problem in told.value.problems]


@pytest.mark.parametrize(
    "row",
    [
        "a,A,wants:fruit,,silence,The notes say nothing.,,me,2026-02-01",
        "a,A,wants:fruit,food,silence,Hardly any note speaks of it.,The notes are the silent strand.,me,2026-02-01",
        "a,A,wants:fruit,food,,An inference before the fit is judged,,,",
    ],
)
def test_silence_needs_one_strand_and_an_inference_may_come_before_the_fit(folder: Path, row: str) -> None:
    (folder / "linking.csv").write_text(f"{HEADER}{row}\n", encoding="utf-8")
    assert len(load_study(folder).links) == 1


def test_only_what_is_counted_can_be_linked(folder: Path) -> None:
    """Structural codes are coded and compared, and have no number to set beside the survey's."""
    (folder / "linking.csv").write_text("construct,label,survey,themes\na,A,wants:fruit,unclear\n", encoding="utf-8")
    with pytest.raises(StudyError, match="there is no code 'unclear' in the codebook that is counted"):
        load_study(folder)
