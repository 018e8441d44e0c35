"""A sentence is held against its cells in every run, and says what moved when it no longer holds."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from little_claims import CLAIMS, write_claims
from little_study import DEFINITION, cleaned_wants
from plait import cli
from plait.errors import StudyError
from plait.integration.claims import check_claims
from plait.integration.claims_text import claims_with_todays_numbers
from plait.integration.today import tables_of_today
from plait.study import load_study


@pytest.fixture
def claimed(little: Path) -> Path:
    """The little study with claims and without its breakdown table, so that respondents can be taken away."""
    start, end = DEFINITION.index("  breakdowns:"), DEFINITION.index("coded_text:")
    (little / "study.yaml").write_text(DEFINITION[:start] + DEFINITION[end:], encoding="utf-8")
    return write_claims(little, CLAIMS)


def checked(folder: Path) -> pd.DataFrame:
    study = load_study(folder)
    return check_claims(study, tables_of_today(study))


def broken(folder: Path) -> dict[str, str]:
    """What is said of every number that does not hold, by claim and printed text."""
    with pytest.raises(StudyError) as caught:
        checked(folder)
    said = [(p.column, p.message.partition("\u201d ")[2].partition(":")[0], str(p)) for p in caught.value.problems]
    return {f"{claim}: {what}": text for claim, what, text in said}


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_number_is_computed_again_from_its_unrounded_cell(claimed: Path) -> None:
    rows = checked(claimed).set_index(["claim", "number"])
    wants = [chosen for _, chosen in cleaned_wants()]
    fruit = rows.loc[("fruit", 1)]
    assert fruit.value_unweighted == pytest.approx(100 * sum("fruit" in w for w in wants) / 40)
    assert (fruit.printed, fruit.stated, fruit.base, fruit.weight_set, fruit.construct) == (
        "65%",
        "65",
        40,
        "monday",
        "food",
    )
    assert fruit.value != round(fruit.value)
    notes = rows.loc[("notes", 1)]
    assert (notes.value, notes.base, notes.unit, notes.origin, notes["item"]) == (10, 19, "sources", "notes", "food")


def test_another_target_breaks_weighted_claims_only_and_blames_the_weights(claimed: Path) -> None:
    change(claimed / "targets.csv", "year,infants,0.5", "year,infants,0.1")
    change(claimed / "targets.csv", "year,juniors,0.5", "year,juniors,0.9")
    found = broken(claimed)
    assert list(found) == [
        "fruit: '65%' stood for 65.3981, the cell holds 60.9255 now, rounded 61",
        "fruit: 'nearly a fifth' stood for 18.1142, the cell holds 16.5517 now",
    ]
    said = next(iter(found.values()))
    assert said.startswith(
        "claims.yaml, row 3, key 'fruit': no longer holds: \u201cOf all parents 65% would like fruit"
    )
    assert (
        "the base is 40 as before, the unweighted value is 62.5000 as before, and the weighted one moved (weights)"
        in said
    )
    assert "plait claims" in said


def test_another_recode_blames_the_answers(claimed: Path) -> None:
    change(claimed / "study.yaml", "of: [agree, neither]", "of: [agree]")
    found = broken(claimed)
    assert len(found) == 1
    said = next(iter(found.values()))
    assert "'liking'" in said
    assert "the base is 13 as before, and the unweighted value moved from 100.0000 to 46.1538 (answers" in said


def test_respondents_who_are_gone_are_told_as_a_change_of_the_base(claimed: Path) -> None:
    monday = claimed / "raw" / "survey" / "monday.csv"
    with monday.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    kept = [row for row in rows if not (row[0].isdigit() and int(row[0]) in (30, 35))]  # both want fruit
    with monday.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(kept)
    said = broken(claimed)
    assert {name.split(":")[0] for name in said} == {"fruit"}
    assert all("the base changed from 40 to 38 (data" in text for text in said.values())


def test_a_decision_about_the_coding_breaks_the_counts_of_themes_only(claimed: Path) -> None:
    change(
        claimed / "study.yaml", "  codebook: codebook.csv\n", "  codebook: codebook.csv\n  decisions: decisions.csv\n"
    )
    decisions = claimed / "decisions.csv"
    header = "date,action,collection,code,source,into,why,who\n"
    decisions.write_text(f"{header}2026-02-01,exclude,notes,food_fruit,002,,No food is named.,all\n", encoding="utf-8")
    said = broken(claimed)
    assert list(said) == ["notes: '10 of 19' stood for 10 of 19, the cell holds 9 of 19 now, rounded 9"]
    assert "the base is 19 as before, and the counts moved (coding" in next(iter(said.values()))
    decisions.write_text(f"{header}2026-02-01,exclude,notes,,001,,A form of another year.,all\n", encoding="utf-8")
    said = broken(claimed)
    assert list(said) == ["notes: '10 of 19' stood for 10 of 19, the cell holds 10 of 18 now"]
    assert "the base changed from 19 to 18 (coding" in next(iter(said.values()))


def test_all_broken_claims_are_told_at_once(claimed: Path) -> None:
    change(claimed / "study.yaml", "of: [agree, neither]", "of: [agree]")
    change(
        claimed / "raw" / "coding" / "agreed.csv", '002,Juniors,"Note 2,\nplease",1', '002,Juniors,"Note 2,\nplease",0'
    )
    assert {name.split(":")[0] for name in broken(claimed)} == {"liking", "notes"}


def test_a_number_that_never_fitted_is_told_as_such(claimed: Path) -> None:
    claims = CLAIMS.replace("65% would", "66% would").replace(
        'printed: "65%"\n        value: 65', 'printed: "66%"\n        value: 66'
    )
    write_claims(claimed, claims)
    assert "nothing has moved since it was recorded" in next(iter(broken(claimed).values()))


def test_without_a_record_the_reason_is_not_guessed(claimed: Path) -> None:
    lines = [line for line in CLAIMS.splitlines() if line.split(":")[0].strip() not in ("unweighted", "exact")]
    write_claims(claimed, "\n".join(lines) + "\n")
    change(claimed / "targets.csv", "year,infants,0.5", "year,infants,0.1")
    change(claimed / "targets.csv", "year,juniors,0.5", "year,juniors,0.9")
    assert "cannot be told without a recorded `unweighted`" in next(iter(broken(claimed).values()))


def test_a_cell_that_is_gone_breaks_its_claim(claimed: Path) -> None:
    claims = CLAIMS.replace("theme: food}", "theme: food, by: year, group: Reception}")
    write_claims(claimed, claims)
    said = broken(claimed)
    assert "is gone, or holds no number" in said[next(iter(said))]


# --- the file with today's numbers --------------------------------------------------------------------------------------


def test_the_file_is_printed_as_it_stands_while_nothing_has_moved(
    claimed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["claims", str(claimed)])
    assert left.value.code == 0
    assert capsys.readouterr().out == CLAIMS


def test_moved_numbers_are_filled_in_and_the_words_are_left_to_the_author(claimed: Path) -> None:
    change(claimed / "targets.csv", "year,infants,0.5", "year,infants,0.1")
    change(claimed / "targets.csv", "year,juniors,0.5", "year,juniors,0.9")
    study = load_study(claimed)
    printed = claims_with_todays_numbers(study, tables_of_today(study))
    assert printed == (
        CLAIMS.replace("value: 65", "value: 61")
        .replace("exact: 65.3981", "exact: 60.9255")
        .replace("18.1142", "16.5517")
    )
    write_claims(claimed, printed)
    with pytest.raises(StudyError, match="prints '65%' for a value of 61"):
        load_study(claimed)


def test_a_hostile_sentence_is_printed_so_that_it_reads_back(claimed: Path) -> None:
    hostile = 'say "no" \\ to {{ 7 }} # & *all* \u200b: - '
    claims = CLAIMS.replace(
        '"In 10 of 19 notes', '"say \\"no\\" \\\\ to {{ 7 }} # & *all* \\U0000200B: - In 10 of 19 notes'
    )
    claims = claims.replace(
        'construct: "food"\n    numbers:\n      - printed: "10',
        'construct: "food"\n    aside: ["7"]\n    numbers:\n      - printed: "10',
    )
    write_claims(claimed, claims)
    study = load_study(claimed)
    assert [c.sentence.startswith(hostile) for c in study.claims.values()] == [False, False, True]
    assert claims_with_todays_numbers(study, tables_of_today(study)) == claims


@pytest.mark.study
@pytest.mark.parametrize("name", ["ite-mentors", "ecf-rural-coastal"])
def test_the_claims_of_the_examples_hold_and_are_as_the_command_prints_them(root: Path, name: str) -> None:
    study = load_study(root / "studies" / name)
    tables = tables_of_today(study)
    assert len(check_claims(study, tables)) >= len(study.claims) >= 5
    assert claims_with_todays_numbers(study, tables) == (study.folder / study.claims_file).read_text(encoding="utf-8")
