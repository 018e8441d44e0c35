"""No sentence says what the rules withhold, and no second look at a base tells a few people apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from little_claims import CLAIMS, write_claims
from made_up_survey import estimates_of, person
from plait import tables
from plait.descriptions import short_name
from plait.disclosure.claims_rounding import finer_in_decimals
from plait.disclosure.claims_tables import claims_table
from plait.disclosure.gate import publish
from plait.disclosure.labels import Labels
from plait.disclosure.robustness_tables import robustness_table
from plait.disclosure.rules import PROFILES
from plait.disclosure.suppression import SuppressionLog
from plait.errors import StudyError
from plait.integration.cells import StrandTables
from plait.integration.claims import check_claims
from plait.integration.today import tables_of_today
from plait.study import Study, load_study
from plait.study.claims import Claim, Number
from some_findings import findings

PUBLIC, STRICT, INTERNAL = (PROFILES[name] for name in ("public", "strict", "internal"))
NAN = float("nan")


def published(folder: Path, profile: str) -> dict[str, pd.DataFrame]:
    study = load_study(folder)
    today = tables_of_today(study)
    claims = check_claims(study, today)
    found = findings(estimates=today.estimates, themes=today.themes, changes=today.changes, claims=claims)
    return {short_name(t): rows for t, rows in publish(study, found, PROFILES[profile])}


def test_a_claim_is_published_with_the_number_base_and_mark_of_its_table(little: Path) -> None:
    write_claims(little, CLAIMS)
    out = published(little, "internal")
    claims = out["claims"].set_index(["claim", "number"])
    fruit = claims.loc[("fruit", 1)]
    assert (fruit.value, fruit.base, fruit.unit, fruit.marker) == (65.4, 40, "per_cent", "u")  # as in its table
    assert fruit.cell == "Wants: Fruit; everyone; weighted"
    assert "illustrative" in fruit.note
    source = out["survey_estimates"]
    cell = source[(source["option"] == "fruit") & (source["break"] == "") & (source["grain"] == "respondent")].iloc[0]
    assert fruit[["ci_low", "ci_high"]].tolist() == cell[["ci_low", "ci_high"]].tolist()
    notes = claims.loc[("notes", 1)]
    assert (notes.value, notes.base, notes.unit, notes.cell) == (
        10,
        19,
        "count",
        "Notes on the form: Food; everyone; number of answers",
    )


def test_a_sentence_about_a_cell_that_is_withheld_is_refused_and_its_number_not_repeated(little: Path) -> None:
    """Thirteen parents were asked whether they like the club: too few for a per cent."""
    write_claims(little, CLAIMS)
    with pytest.raises(StudyError) as caught:
        published(little, "public")
    said = str(caught.value)
    assert len(caught.value.problems) == 1
    assert (
        "claims.yaml, row 23, key 'liking': number 1 comes from a cell that is withheld (unreliable: small base)"
        in said
    )
    assert "Likes the club: Does not disagree; everyone; weighted" in said
    assert "100" not in said


def test_a_group_that_is_hidden_cannot_be_spoken_of(little: Path) -> None:
    claims = CLAIMS.replace("theme: food}", "theme: time, by: year, group: Infants}").replace("10 of 19", "5 of 5")
    claims = claims.replace("value: 10\n", "value: 5\n").replace("base: 19", "base: 5")
    write_claims(little, claims)
    with pytest.raises(StudyError) as caught:
        published(little, "public")
    told = [str(p) for p in caught.value.problems if p.column == "notes"]
    assert len(told) == 1
    assert "withheld (suppressed for confidentiality): Notes on the form: Time; Year group = Infants" in told[0]
    assert published(little, "internal")["claims"]["value"].tolist()[-1] == 5


@pytest.mark.parametrize(("column", "ends"), [("difference", [2, 9]), ("value", [None, None])])
def test_the_interval_of_a_change_stands_beside_the_change_alone(little: Path, column: str, ends: list[object]) -> None:
    said = claim("later", "changes") | {"number": 1, "column": column, "measure": "share"}
    row = dict.fromkeys(tables.PUBLISHED_CHANGES.columns, "") | {"question": "wants", "option": "fruit"}
    missing = {c: None for c, kind in tables.PUBLISHED_CHANGES.columns.items() if kind != tables.TEXT}
    row |= missing | {"measure": "share", "per_cent_earlier": 60, "per_cent": 65, "points": 5, "base": 40}
    changes = tables.PUBLISHED_CHANGES.of(pd.DataFrame([row | {"ci_low": 2, "ci_high": 9}]))
    cell = {"table": "changes", "question": "wants", "item": "fruit", "column": column}
    number = {"printed": "so many", "value": "5", "cell": cell}
    later = Claim.model_validate({"claim": "later", "sentence": "So many.", "numbers": [number]})
    study = replace(load_study(little), claims={1: later})
    claims = tables.CLAIMS.of(pd.DataFrame([said]))
    out = claims_table(claims, {"survey_changes": changes}, study, Labels(study), PUBLIC, SuppressionLog())
    assert [None if pd.isna(end) else end for end in out.loc[0, ["ci_low", "ci_high"]]] == ends


def test_a_per_cent_of_a_few_texts_is_refused(little: Path) -> None:
    claims = (
        CLAIMS.replace("10 of 19 notes", "53% of notes")
        .replace('"10 of 19"', '"53%"')
        .replace("value: 10\n", "value: 53\n")
    )
    claims = claims.replace("rounding: none", "rounding: whole").replace(
        "theme: food}", "theme: food, column: per_cent}"
    )
    claims = claims.replace("exact: 10\n", "exact: 52.6316\n")
    write_claims(little, claims)
    with pytest.raises(StudyError, match="say how many of how many"):
        published(little, "public")


# --- numbers that the table publishes less exactly -----------------------------------------------------------------------


def saying(
    little: Path, people: int, printed: str, number: str, profile: str, more: str = ""
) -> dict[str, pd.DataFrame]:
    """What is published where so many parents answered, three in five of them want fruit, and a sentence says a number."""
    given = f"{{printed: {printed!r}, {number}}}"
    sentence = f"So it is said: {printed} of parents."
    write_claims(little, f"claims:\n  - claim: said\n    sentence: {sentence!r}\n{more}    numbers: [{given}]\n")
    study = load_study(little)
    estimates = estimates_of(
        [person("", "", wants="fruit" if i < 0.6 * people else "later") for i in range(people)], "wants", ("",)
    )
    today = StrandTables(estimates, tables.CHANGES.empty(), tables.THEMES.empty(), tables.AGREEMENT.empty())
    found = findings(estimates=estimates, claims=check_claims(study, today))
    return {short_name(t): rows for t, rows in publish(study, found, PROFILES[profile])}


BASE = "cell: {table: estimates, question: wants, item: fruit, column: base}"
FRUIT = "cell: {table: estimates, question: wants, item: fruit}"


@pytest.mark.parametrize(
    ("people", "printed", "number", "told", "mend"),
    [
        (
            123,
            "123",
            f"value: 123, {BASE}",
            "prints '123' for a number of people",
            "print 125 with `rounding: nearest_5`",
        ),
        (
            125,
            "125",
            f"value: 125, {BASE}",
            "prints '125' for a number of people",
            "print 125 with `rounding: nearest_5`",
        ),
        (
            123,
            "120",
            f"value: 120, rounding: nearest_10, {BASE}",
            "prints '120' for a number",
            "words that hold of every",
        ),
        (
            123,
            "about 124",
            f"value: 124, rounding: about, tolerance: 1, {BASE}",
            "prints 'about 124'",
            "words that hold",
        ),
        (
            123,
            "60% (123)",
            f"value: 60, base: 123, {FRUIT}",
            "prints '60% (123)' with the exact base",
            "leave the base out",
        ),
    ],
)
def test_a_sentence_that_counts_people_more_exactly_than_its_table_is_refused(
    little: Path, people: int, printed: str, number: str, told: str, mend: str
) -> None:
    """Of 123 to 127 parents the table says 125; which of these it is, a sentence must not tell."""
    assert saying(little, people, printed, number, "public")["claims"]["base"].tolist() == [people]
    with pytest.raises(StudyError) as caught:
        saying(little, people, printed, number, "strict")
    (problem,) = caught.value.problems
    assert (problem.file, problem.row, problem.column) == ("claims.yaml", "row 2", "said")
    assert told in problem.message
    assert "which the table publishes rounded to the nearest 5: 125 (Wants: Fruit; everyone; " in problem.message
    assert mend in problem.mend and "`when_withheld: leave_out`" in problem.mend
    more = "    when_withheld: leave_out\n"
    out = saying(little, people, printed, number, "strict", more)
    assert out["claims"].empty
    log = out["suppression_log"].query("table == 'published/claims'")
    assert log[["rule", "cells"]].to_numpy().tolist() == [["a number of the sentence is published rounded", 1]]


@pytest.mark.parametrize(
    ("people", "printed", "number"),
    [
        (123, "125", f"value: 125, rounding: nearest_5, {BASE}"),
        (121, "120", f"value: 120, rounding: nearest_10, {BASE}"),
        (123, "over 120", f"value: 120, rounding: over, tolerance: 10, {BASE}"),
        (123, "60%", f"value: 60, {FRUIT}"),
        (123, "three in five", f"value: 3/5, rounding: fraction, {FRUIT}"),
    ],
)
def test_a_sentence_that_says_what_its_rounded_table_says_is_published(
    little: Path, people: int, printed: str, number: str
) -> None:
    assert saying(little, people, printed, number, "strict")["claims"]["printed"].tolist() == [printed]


def test_decimals_that_the_table_does_not_have_are_refused(little: Path) -> None:
    number = f"value: 60.4, rounding: about, tolerance: 0.2, {FRUIT}"  # 116 of 192 are 60.42 per cent
    assert saying(little, 192, "about 60.4%", number, "internal")["claims"]["value"].tolist() == [60.4]
    with pytest.raises(StudyError, match=r"'about 60.4%', with more decimals than the table publishes: 60 .Wants"):
        saying(little, 192, "about 60.4%", number, "public")


@pytest.mark.parametrize(
    ("printed", "rounding", "value", "beside", "told"),
    [
        ("0.67", "two_decimals", 0.67, (0.5, 0.8), False),
        ("0.6667", "none", 0.67, (0.55, 0.81), True),
        ("0.70", "two_decimals", 0.7, (NAN, NAN), False),
        ("4.25", "two_decimals", 4.2, (3.95, 4.5), False),  # the table has two decimals, and the second may be a nought
        ("12.34", "two_decimals", 12.3, (11.1, 13.0), True),
        ("1,234", "whole", 1234.0, (1200.0, 1300.0), False),
    ],
)
def test_decimals_are_those_that_the_table_shows(
    printed: str, rounding: str, value: float, beside: tuple[float, float], told: bool
) -> None:
    cell = {"table": "numbers", "question": "q", "measure": "mean"}
    number = {"printed": printed, "value": printed.replace(",", ""), "rounding": rounding, "cell": cell}
    assert bool(finer_in_decimals(Number.model_validate(number), value, beside)) == told


# --- robustness --------------------------------------------------------------------------------------------------------


@pytest.fixture
def study(little: Path) -> Study:
    return load_study(little)


def claim(name: str, table: str = "estimates", group: str = "", item: str = "fruit") -> dict[str, object]:
    texts = {column: "" for column, kind in tables.CLAIMS.columns.items() if kind == tables.TEXT}
    numbers = dict.fromkeys(("tolerance", "value", "ci_low", "ci_high", "value_unweighted"), NAN)
    place = {"origin": "wants", "item": item, "break": "year" if group else "", "group": group, "column": "value"}
    if table == "themes":
        place |= {"origin": "notes", "item": "food", "column": "n", "unit": "sources"}
    return texts | numbers | place | {"claim": name, "number": 1, "table": table, "printed": "so many", "base": 1}


def other(
    name: str, alternative: str, value: float, base: int | None, n: int | None = None, **more: object
) -> dict[str, object]:
    row: dict[str, object] = {
        "claim": name, "number": 1, "alternative": alternative, "kind": "base" if alternative else "", "weight_set": "",
        "value": value, "ci_low": NAN if n is not None else value - 5, "ci_high": NAN if n is not None else value + 5,
        "n": n, "base": base, "difference": value - 70, "inside": None if n is not None else True, "note": "",
    }  # fmt: skip
    return row | more


def robust(study: Study, claims: list[dict[str, object]], rows: list[dict[str, object]], rules=PUBLIC) -> pd.DataFrame:  # type: ignore[no-untyped-def]
    frame = tables.ROBUSTNESS.of(pd.DataFrame(rows))
    out = robustness_table(frame, tables.CLAIMS.of(pd.DataFrame(claims)), Labels(study), rules, SuppressionLog())
    return out.set_index(["claim", "alternative"])


def test_differences_are_rounded_once_from_exact_ones(study: Study) -> None:
    rows = [other("a", "", 70.4, 500, difference=0.0), other("a", "plain", 72.6, 500, difference=2.2)]
    out = robust(study, [claim("a")], rows)
    assert out.loc[("a", ""), ["value", "inside"]].tolist() == [70, ""]
    assert pd.isna(out.loc[("a", ""), "difference"])
    assert out.loc[("a", "plain"), ["value", "difference", "inside"]].tolist() == [
        73,
        2,
        "inside",
    ]  # 73 - 70 would be 3


def test_the_profile_rounds_alternatives_as_it_rounds_what_they_stand_beside(study: Study) -> None:
    rows = [other("a", "", 70.44, 123, difference=0.0), other("a", "plain", 72.66, 142, difference=2.22)]
    strict, internal = (robust(study, [claim("a")], rows, rules) for rules in (STRICT, INTERNAL))
    assert strict["base"].tolist() == [125, 140]
    assert internal["base"].tolist() == [123, 142]
    assert internal["value"].tolist() == [70.4, 72.7]
    assert internal.loc[("a", "plain"), ["ci_low", "ci_high", "difference"]].tolist() == [67.7, 77.7, 2.2]


def test_an_alternative_is_under_the_rules_of_its_own_base(study: Study) -> None:
    rows = [other("a", "", 70, 120), *(other("a", f"base {n}", 71, n) for n in (9, 29, 99, 150))]
    out = robust(study, [claim("a")], rows)
    assert out["marker"].tolist() == ["", "c", "u", "u", ""]
    assert out["value"].notna().tolist() == [True, False, False, True, True]
    assert out["base"].isna().tolist() == [False, True, False, False, False]
    hidden = out.loc[("a", "base 9")]
    assert hidden[["ci_low", "ci_high", "difference", "base"]].isna().all()
    assert hidden["inside"] == ""
    shown = robust(study, [claim("a")], rows, INTERNAL)
    assert shown["value"].notna().all()
    assert shown["base"].notna().all()


def test_a_number_that_is_published_is_not_hidden_beside_its_alternatives(study: Study) -> None:
    """Of 200 all but eight: the table may show it, as that of a net, and another look at them is hidden."""
    out = robust(study, [claim("a")], [other("a", "", 96, 200), other("a", "x", 95, 150)], STRICT)
    assert out["value"].fillna(-1).tolist() == [96, -1]
    assert out["marker"].tolist() == ["", "c"]


def test_a_base_that_differs_by_a_few_is_not_given(study: Study) -> None:
    rows = [
        other("a", "", 70, 120),
        other("a", "few", 71, 111),
        other("a", "many", 71, 110),
        other("a", "same", 71, 120),
    ]
    out = robust(study, [claim("a")], rows)
    assert out["base"].isna().tolist() == [False, True, False, False]
    assert "differs from another by a few" in out.loc[("a", "few"), "note"]
    assert out.loc[("a", "few"), "value"] == 71


def test_nor_are_two_bases_whose_changes_differ_by_a_few(study: Study) -> None:
    """Forty fewer in all and thirty-six fewer juniors would tell of four infants."""
    rows = [other("a", "", 70, 200), other("a", "x", 71, 160), other("j", "", 70, 150), other("j", "x", 71, 114)]
    out = robust(study, [claim("a"), claim("j", group="juniors")], rows)
    assert out.loc[("a", "x"), "base"] is pd.NA
    assert out.loc[("j", "x"), "base"] is pd.NA
    apart = [*rows[:3], other("j", "x", 71, 120)]
    assert robust(study, [claim("a"), claim("j", group="juniors")], apart)["base"].notna().all()


def test_nor_are_the_bases_of_two_alternatives_a_few_apart(study: Study) -> None:
    rows = [other("a", "", 70, 200), other("a", "x", 71, 160), other("a", "y", 71, 155), other("a", "z", 71, 120)]
    out = robust(study, [claim("a")], rows)
    assert out["base"].isna().tolist() == [False, False, True, False]  # 160 and 120 are forty apart, 155 is not


def test_themes_of_few_are_counts_and_those_of_a_small_group_are_hidden(study: Study) -> None:
    everyone, group = claim("t", "themes"), claim("g", "themes", "Juniors")
    rows = [
        other("t", "", 100 * 12 / 13, 13, 12, difference=0.0),
        other("t", "coder", 100 * 11 / 13, 13, 11, difference=-100 / 13),
        other("t", "three texts", 100.0, 3, 3, difference=100 / 13),
        other("t", "words", 9.894, 7823, 774, kind="unit", difference=NAN),
        other("g", "", 50.0, 12, 6, difference=0.0),
        other("g", "coder", 200 / 12, 12, 2, difference=-400 / 12),
        other("g", "three texts", 50.0, 12, 6, difference=0.0),
    ]
    out = robust(study, [everyone, group], rows)
    assert out["unit"].tolist() == ["count", "count", "count", "per_cent", "count", "count", "count"]
    assert out["value"].fillna(-1).tolist() == [12, 11, -1, 10, 6, -1, -1]
    assert out["marker"].tolist() == ["", "", "c", "", "", "c", "c"]
    assert out.loc[("t", "coder"), "difference"] == -1


def test_what_is_withheld_is_logged_without_a_value(study: Study) -> None:
    log = SuppressionLog()
    frame = tables.ROBUSTNESS.of(pd.DataFrame([other("a", "", 70, 120), other("a", "x", 71, 9)]))
    robustness_table(frame, tables.CLAIMS.of(pd.DataFrame([claim("a")])), Labels(study), PUBLIC, log)
    assert log.table().to_dict("records") == [
        {
            "table": "published/robustness",
            "question": "wants",
            "break": "",
            "group": "",
            "rule": "base below 10",
            "cells": 1,
        }
    ]


def test_a_study_without_claims_publishes_empty_tables(study: Study) -> None:
    out = {t.name: rows for t, rows in publish(study, findings(), PUBLIC)}
    assert out["published/claims"].empty
    assert out["published/robustness"].empty
    assert claims_table(tables.CLAIMS.empty(), {}, study, Labels(study), PUBLIC, SuppressionLog()).empty
