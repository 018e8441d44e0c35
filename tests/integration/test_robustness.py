"""Every alternative is the same analysis of a changed study; what it makes of a number stands beside the claim's own."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest

from little_claims import CLAIMS, write_claims
from little_study import cleaned_wants
from plait.errors import StudyError
from plait.integration.robustness import robustness
from plait.integration.today import tables_of_today
from plait.qualitative.readers import read_coded_text_of
from plait.study import load_study
from plait.survey.cleaning import clean
from plait.survey.findings import survey_findings
from plait.survey.weighting import weight


def varied(folder: Path, *alternatives: str, claims: str = CLAIMS) -> pd.DataFrame:
    write_claims(folder, claims)
    definition = folder / "study.yaml"
    text = definition.read_text(encoding="utf-8").partition("robustness:")[0]
    definition.write_text(f"{text}robustness:\n" + "".join(f"  - {{{a}}}\n" for a in alternatives), encoding="utf-8")
    return made(folder)


def made(folder: Path) -> pd.DataFrame:
    study = load_study(folder)
    found = robustness(study, tables_of_today(study), clean(study).responses, read_coded_text_of(study))
    return found.set_index(["claim", "number", "alternative"])


def test_without_weights_the_same_people_count_the_same(little: Path) -> None:
    rows = varied(little, "label: plain, kind: unweighted")
    wants = [chosen for _, chosen in cleaned_wants()]
    fruit = rows.loc[("fruit", 1, "plain")]
    assert fruit.value == pytest.approx(100 * sum("fruit" in w for w in wants) / 40)
    assert (fruit.weight_set, fruit.base) == ("", 40)
    assert fruit.difference == pytest.approx(fruit.value - rows.loc[("fruit", 1, "")].value)
    assert ("notes", 1, "plain") not in rows.index  # counts of themes carry no weights


def test_weights_leave_nobody_in_who_has_none(little: Path) -> None:
    """Parents outside the population of the targets are in neither number."""
    definition = little / "study.yaml"
    text = definition.read_text(encoding="utf-8")
    outside = text.replace(
        "weighting: {targets: targets.csv,", "weighting: {targets: targets.csv, population: {distance: [near, middle]},"
    )
    definition.write_text(outside, encoding="utf-8")
    claims = CLAIMS.replace("65", "68").replace("tolerance: 2", "tolerance: 15")
    write_claims(little, claims)
    with definition.open("a", encoding="utf-8") as file:
        file.write("robustness: [{label: plain, kind: unweighted}]\n")
    rows = made(little)
    assert rows.loc[("fruit", 1, "plain")].base == rows.loc[("fruit", 1, "")].base == 27
    near = [w for i, (_, w) in enumerate(cleaned_wants()) if i % 3 != 2]
    assert rows.loc[("fruit", 1, "plain")].value == pytest.approx(100 * sum("fruit" in w for w in near) / 27)


def test_each_alternative_is_the_whole_analysis_of_a_changed_study(little: Path) -> None:
    """The shortened analysis gives what the full one gives of a definition that was changed by hand."""
    rows = varied(
        little,
        "label: trimmed, kind: trimming, upper: 1.5",
        "label: by year, kind: targets_without, variable: near_or_not",
    )
    definition, targets = little / "study.yaml", little / "targets.csv"
    text, aims = definition.read_text(encoding="utf-8"), targets.read_text(encoding="utf-8")
    definition.write_text(
        text.replace("trim: {upper: 4}", "trim: {upper: 1.5}").partition("robustness:")[0], encoding="utf-8"
    )
    assert_same(little, rows, "trimmed")
    definition.write_text(text.partition("robustness:")[0], encoding="utf-8")
    targets.write_text(
        "\n".join(line for line in aims.splitlines() if "near_or_not" not in line) + "\n", encoding="utf-8"
    )
    assert_same(little, rows, "by year")


def assert_same(folder: Path, rows: pd.DataFrame, alternative: str) -> None:
    study = load_study(folder)
    responses = clean(study).responses
    estimates = survey_findings(study, responses, weight(study, responses).weights).estimates
    main = estimates[(estimates["break"] == "") & (estimates["weight_set"] != "")].set_index(["question", "option"])
    for number, item in ((1, "fruit"), (2, "nothing")):
        row, full = rows.loc[("fruit", number, alternative)], main.loc[("wants", item)]
        assert (row.value, row.ci_low, row.ci_high) == pytest.approx(
            (100 * full.value, 100 * full.ci_low, 100 * full.ci_high)
        )
        assert row.base == full.base_unweighted
        assert row.value != rows.loc[("fruit", number, "")].value


def test_another_base_counts_those_who_gave_no_answer_or_leaves_out_those_who_did(little: Path) -> None:
    claims = """\
claims:
  - claim: users
    sentence: "32% use the club."
    numbers:
      - {printed: "32%", value: 32, cell: {table: estimates, question: uses, item: yes_}}
  - claim: liking
    sentence: "45% like it."
    numbers:
      - {printed: "45%", value: 45, cell: {table: estimates, question: likes, item: agree}}
"""
    write_claims(little, claims)
    with (little / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("robustness:\n  - {label: all, kind: base, counted: {uses: cannot_say}}\n")
        file.write("  - {label: decided, kind: base, left_out: {likes: neither}}\n")
    rows = made(little)
    assert [key[:1] + key[2:] for key in rows.index] == [
        ("users", ""),
        ("users", "all"),
        ("liking", ""),
        ("liking", "decided"),
    ]
    assert (rows.loc[("users", 1, "")].base, rows.loc[("users", 1, "all")].base) == (38, 39)
    # Six of the thirteen agree and seven do neither: without these, everyone who is left agrees.
    assert (rows.loc[("liking", 1, "decided")].base, rows.loc[("liking", 1, "decided")].value) == (6, 100)
    assert not rows.loc[("liking", 1, "decided")].inside


def test_an_answer_that_is_left_out_has_no_number(little: Path) -> None:
    rows = varied(little, "label: wishes, kind: base, left_out: {wants: nothing}")
    gone = rows.loc[("fruit", 2, "wishes")]
    assert pd.isna(gone.value)
    assert "not possible" in gone.note
    assert rows.loc[("fruit", 1, "wishes")].base == 33  # seven parents want nothing


def test_themes_are_counted_from_somebody_else(little: Path) -> None:
    """Bob did not mark a later end in note 004; the agreed coding rests on both coders."""
    claims = (
        CLAIMS.replace("10 of 19", "5 of 19").replace("value: 10\n", "value: 5\n").replace("theme: food", "theme: time")
    )
    rows = varied(
        little,
        "label: not Ann, kind: without_coder, collection: notes, coder: Ann",
        "label: not Bob, kind: without_coder, collection: notes, coder: Bob",
        "label: people, kind: unit, collection: notes, unit: cases",
        claims=claims,
    )
    notes = {key[2]: (row.n, row.base, row.note) for key, row in rows.iterrows() if key[0] == "notes"}
    assert notes == {
        "": (5, 19, ""),
        "not Ann": (4, 19, "counted from Bob"),
        "not Bob": (5, 19, "counted from Ann"),
        "people": (5, 19, ""),
    }
    assert rows.loc[("notes", 1, "not Ann")].difference == pytest.approx(-100 / 19)
    assert pd.isna(rows.loc[("notes", 1, "not Ann")].inside)  # a count has no interval


def test_a_coding_that_does_not_rest_on_a_coder_says_so(little: Path) -> None:
    definition = little / "study.yaml"
    text = definition.read_text(encoding="utf-8").replace("count_from: agreed", "count_from: Ann")
    definition.write_text(text, encoding="utf-8")
    rows = varied(little, "label: not Bob, kind: without_coder, collection: notes, coder: Bob")
    assert rows.loc[("notes", 1, "not Bob")].note == "the counted coding does not rest on this coder"


def test_the_only_coder_cannot_be_done_without(little: Path) -> None:
    definition = little / "study.yaml"
    lines = definition.read_text(encoding="utf-8").splitlines()
    alone = [line for line in lines if "coder: Bob" not in line and "coder: agreed" not in line]
    definition.write_text("\n".join(alone).replace("count_from: agreed", "count_from: Ann") + "\n", encoding="utf-8")
    rows = varied(little, "label: not Ann, kind: without_coder, collection: notes, coder: Ann")
    assert rows.loc[("notes", 1, "not Ann")].note == "not possible: nobody else coded these texts"


def test_coded_text_alone_has_claims_and_alternatives_too(little: Path) -> None:
    definition = little / "study.yaml"
    text = definition.read_text(encoding="utf-8")
    alone = text[: text.index("survey:\n")] + text[text.index("coded_text:") :].replace("linking: linking.csv\n", "")
    definition.write_text(alone, encoding="utf-8")
    claims = f"claims:\n{CLAIMS[CLAIMS.index('  - claim: notes') :]}".replace('    construct: "food"\n', "")
    rows = varied(little, "label: not Ann, kind: without_coder, collection: notes, coder: Ann", claims=claims)
    assert [key[2] for key in rows.index] == ["", "not Ann"]
    assert rows["n"].tolist() == [10, 10]


def test_an_alternative_that_fails_is_named(little: Path) -> None:
    with pytest.raises(StudyError, match="with the alternative 'not Bub': nobody called 'Bub' coded") as caught:
        varied(little, "label: not Bub, kind: without_coder, collection: notes, coder: Bub")
    assert "did you mean 'Bob'" in str(caught.value)


def test_a_cell_of_two_claims_is_varied_once(little: Path) -> None:
    twice = CLAIMS + CLAIMS.partition("claims:\n")[2].replace("- claim: ", "- claim: again_")
    write_claims(little, twice)
    with (little / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("robustness: [{label: plain, kind: unweighted}]\n")
    assert {key[0] for key in made(little).index} == {"fruit", "liking", "notes"}


@pytest.mark.study
def test_the_alternatives_of_the_examples_take_little_time_and_touch_their_numbers(root: Path) -> None:
    study = load_study(root / "studies" / "ite-mentors")
    tables, responses, coded = tables_of_today(study), clean(study).responses, read_coded_text_of(study)
    begun = time.process_time()
    rows = robustness(study, tables, responses, coded)
    assert time.process_time() - begun < 15  # under three seconds on a quiet machine
    assert set(rows["alternative"]) - {""} == {other.label for other in study.definition.robustness}
    plain = rows[rows["kind"] == "unweighted"].set_index(["claim", "number"])
    estimates = tables.estimates
    wanted = estimates[
        (estimates["question"] == "im_q7") & (estimates["option"] == "protected_time") & (estimates["break"] == "")
    ]
    weighted = wanted[wanted["weight_set"] != ""].iloc[0]
    assert plain.loc[("supplied_and_wanted", 1)].value == pytest.approx(100 * weighted["value_unweighted"])
