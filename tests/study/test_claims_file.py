"""The file of claims: no number of a sentence goes unexplained, and every cell names something of the definition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from little_claims import CLAIMS, write_claims
from plait.errors import StudyError
from plait.study import load_study, side_files
from plait.study.claims import Number, without, written_numbers

SHARE = {"table": "estimates", "question": "wants", "item": "fruit"}
COUNT = {"table": "themes", "collection": "notes", "theme": "food"}


def number(printed: str, value: str, rounding: str = "whole", cell: Any = SHARE, **more: object) -> Number:
    return Number.model_validate({"printed": printed, "value": value, "rounding": rounding, "cell": cell} | more)


def complaint(folder: Path) -> str:
    with pytest.raises(StudyError) as caught:
        load_study(folder)
    return str(caught.value)


def test_claims_are_read_by_the_row_on_which_they_begin(little: Path) -> None:
    study = load_study(write_claims(little, CLAIMS))
    assert {row: claim.claim for row, claim in study.claims.items()} == {3: "fruit", 23: "liking", 33: "notes"}
    assert [path.name for path in side_files(study, "claims")] == ["claims.yaml"]


# --- rounding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rounding", "exact", "value"),
    [
        ("whole", 74.5, "75"),
        ("whole", 74.4999, "74"),
        ("nearest_10", 74.5, "70"),  # rounded twice it would be 75, then 80
        ("nearest_10", 75.0, "80"),
        ("nearest_5", 72.5, "75"),
        ("nearest_5", 72.4999, "70"),
        ("whole", -2.5, "-3"),
        ("fraction", 87.4, "3/4"),
        ("fraction", 62.5, "3/4"),
    ],
)
def test_a_number_is_rounded_once_and_halves_go_up(rounding: str, exact: float, value: str) -> None:
    printed = value.replace("-", "") if "/" not in value else "three in four"
    assert number(printed, value, rounding).holds(exact)


@pytest.mark.parametrize(("rounding", "exact", "value"), [("nearest_10", 74.5, "80"), ("whole", 74.5, "74")])
def test_neither_rounding_twice_nor_halves_to_even(rounding: str, exact: float, value: str) -> None:
    assert not number(value, value, rounding).holds(exact)


@given(st.floats(0, 100), st.sampled_from([("whole", 1), ("nearest_5", 5), ("nearest_10", 10)]))
def test_what_is_rounded_lies_within_half_a_step_and_the_upper_half_goes_up(
    exact: float, kind: tuple[str, int]
) -> None:
    rounding, step = kind
    rounded = number("0", "0", rounding).rounded(exact)
    assert rounded is not None
    assert rounded % step == 0
    assert -step / 2 - 1e-8 <= exact - float(rounded) < step / 2 + 1e-8


@pytest.mark.parametrize(
    ("rounding", "holds", "fails"),
    [
        ("nearly", [74.99, 72.0], [75.0, 71.99, 80.0]),
        ("over", [75.01, 78.0], [75.0, 78.01, 70.0]),
        ("at_least", [75.0, 78.0], [74.99, 78.01]),
        ("about", [72.0, 75.0, 78.0], [71.99, 78.01]),
    ],
)
def test_words_have_a_side_and_a_tolerance(rounding: str, holds: list[float], fails: list[float]) -> None:
    said = number("so many", "3/4", rounding, tolerance="3")
    assert [said.holds(exact) for exact in (*holds, *fails)] == [True] * len(holds) + [False] * len(fails)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"printed": "27%", "value": "72"}, "prints '27%' for a value of 72"),
        ({"printed": "9 of 13", "value": "9", "rounding": "none", "cell": COUNT}, "give it as `base`"),
        ({"printed": "9 of 12", "value": "9", "rounding": "none", "cell": COUNT, "base": "13"}, "prints '9 of 12'"),
        ({"printed": "3 in 5", "value": "3/4", "rounding": "fraction"}, "prints '3 in 5'"),
        ({"printed": "71", "value": "71", "rounding": "nearest_5"}, "no number that is rounded like this"),
        ({"printed": "most", "value": "3/4", "rounding": "about"}, "tolerance belongs to"),
        ({"printed": "72%", "value": "72", "tolerance": "2"}, "tolerance belongs to"),
        ({"printed": "71.6%", "value": "71.6", "rounding": "one_decimal"}, "per cents are published whole"),
        ({"printed": "three in four", "value": "75", "rounding": "fraction"}, "needs a value such as 3/4"),
        (
            {"printed": "half", "value": "1/2", "rounding": "fraction", "cell": COUNT},
            "a fraction is a value of a share",
        ),
    ],
)
def test_a_number_that_contradicts_itself_is_refused(wrong: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match="Value error") as caught:
        Number.model_validate({"cell": SHARE} | wrong)
    assert expected in str(caught.value)


# --- the sentence ------------------------------------------------------------------------------------------------------


def test_a_part_stands_in_a_text_only_as_a_whole() -> None:
    assert without("Of 172% and 2%", ["2%"]) == ("Of 172% and \0", [])
    assert without("72% and 72%", ["72%", "72%", "72%"])[1] == ["72%"]
    assert without("9 of 13, or 13", ["13", "9 of 13"]) == ("\0, or \0", [])
    assert without("on behalf of", ["half"])[1] == ["half"]
    assert without("1,072 or 3.72", ["072", "72"])[1] == ["072", "72"]


def test_numbers_of_any_script_count_as_written() -> None:
    assert written_numbers("1,072 of \u0667\u0662, \u00bd or \u216b; none here") == [
        "1,072",
        "\u0667\u0662",
        "\u00bd",
        "\u216b",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Of all parents 65%", "Of all 40 parents 65%", ["row 4, key 'claims.0.sentence'", "the number 40", "aside"]),
        ("Of all parents 65%", "Of all parents 66%", ["'65%' does not stand in the sentence", "the number 66"]),
        ("In 10 of 19 notes", "In some of 19 notes", ["'10 of 19' does not stand"]),
        ("want nothing", "want \u0667 things", ["the number \u0667 in the sentence is not declared"]),
        ("question: wants, item: fruit", "question: want, item: fruit", ["row 11", "no question 'want'", "'wants'"]),
        ("item: fruit", "item: fruits", ["no option or net 'fruits'", "did you mean 'fruit'"]),
        ("item: fruit", "item: fruit, break: year", ["break and group belong together"]),
        ("item: fruit", "item: fruit, break: yaer, group: infants", ["no break 'yaer'"]),
        ("item: fruit", "item: fruit, break: year, group: infant", ["no group 'infant'"]),
        ("item: fruit", "itme: fruit", ["row 11, key 'claims.0.numbers.0.cell.itme'", "did you mean 'item'"]),
        ("theme: food", "theme: foot", ["no theme or code 'foot'"]),
        ("collection: notes", "collection: note", ["no collection 'note'"]),
        ("table: themes", "table: theme", ["did you mean 'themes'"]),
        ("construct: \"food\"\n    aside", "construct: \"foot\"\n    aside", ["no construct 'foot'"]),
        ("claim: liking", "claim: fruit", ["stands in row 3 too"]),
        ("    aside: [\"2026\"]\n", "", ["the number 2026 in the sentence is not declared"]),
        ("rounding: nearly", "rounding: nealy", ["1 problem", "numbers.1.rounding': is not", "did you mean 'nearly'"]),
        ("    aside:", "    besides:", ["'claims.0.besides': is not a key of the file of claims"]),
        ("claim: liking", "claim: liking\n    claim: liking", ["has the key 'claim' twice"]),
        ("Of all parents", "Of all\\nparents", ["one line"]),
    ],
)  # fmt: skip
def test_a_wrong_claim_is_told_with_its_place(little: Path, old: str, new: str, expected: list[str]) -> None:
    assert old in CLAIMS
    said = complaint(write_claims(little, CLAIMS.replace(old, new, 1)))
    for words in ["claims.yaml", *expected]:
        assert words in said


def test_a_hostile_sentence_is_text_like_any_other(little: Path) -> None:
    hostile = "=HYPERLINK(x) <script>alert(`${x}`)</script> {{ 7 }} Of all parents 65%"
    claims = CLAIMS.replace('"Of all parents 65%', f'"{hostile}').replace('["2026"]', '["2026", "7"]')
    study = load_study(write_claims(little, claims))
    assert study.claims[3].sentence.startswith(hostile)


# --- numbers typed into the joint display ------------------------------------------------------------------------------


def test_a_number_typed_into_the_joint_display_must_be_a_claims(little: Path) -> None:
    linking = little / "linking.csv"
    before = linking.read_text(encoding="utf-8")
    linking.write_text(before.replace("ask for fruit", "(65% in 2026) ask for fruit"), encoding="utf-8")
    said = complaint(little)
    assert "linking.csv, row 2, column 'meta_inference': the number 65 is typed" in said
    assert load_study(write_claims(little, CLAIMS)).links
    linking.write_text(before.replace("Few tick it", "Few (65%) tick it"), encoding="utf-8")
    assert "row 3, column 'meta_inference': the number 65 is typed, and no claim of the construct 'time'" in complaint(
        little
    )
    linking.write_text(before.replace("one kind.", "1 kind."), encoding="utf-8")
    assert "row 3, column 'rationale': the number 1 is typed" in complaint(little)


# --- robustness --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alternative", "expected"),
    [
        ("{label: L, kind: trimmed}", "has a kind that is not known: 'trimmed'"),
        ("{label: L, kind: trimming, upper: 4}", "trims the weights as the study does"),
        ("{label: L, kind: targets_without, variable: yaer}", "no targets for 'yaer'"),
        ("{label: L, kind: base}", "changes no base"),
        ("{label: L, kind: base, counted: {uses: [yes_]}}", "no option 'yes_' that is no answer"),
        ("{label: L, kind: base, left_out: {uses: [cannot_say]}}", "no option 'cannot_say' that is in its base"),
        ("{label: L, kind: base, counted: {use: [yes_]}}", "no question 'use'"),
        ("{label: L, kind: unit, collection: note, unit: cases}", "no collection 'note'"),
        ("{label: L, kind: unit, collection: notes, unit: segments}", "segments"),
        ("{label: L, kind: unweighted}, {label: L, kind: unweighted}", "the label of two alternatives"),
    ],
)
def test_an_alternative_that_changes_nothing_is_refused(little: Path, alternative: str, expected: str) -> None:
    write_claims(little, CLAIMS)
    with (little / "study.yaml").open("a", encoding="utf-8") as file:
        file.write(f"robustness: [{alternative}]\n")
    said = complaint(little)
    assert expected in said
    assert "study.yaml" in said


def test_robustness_needs_claims(little: Path) -> None:
    with (little / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("robustness: [{label: L, kind: unweighted}]\n")
    assert "robustness is that of the numbers of the claims" in complaint(little)
