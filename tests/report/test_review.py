"""Checks say PASS or FAIL, of how many rows, and name those that fail."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from plait import tables
from plait.disclosure.rounded import people, per_cents
from plait.disclosure.rules import PROFILES, rules_of, rules_table
from plait.report import review
from plait.report.review import CHECK, PICTURE, Check, Checks, Rounding
from report.make_published import make_published
from report.results_folder import write_results

Shown = list[tuple[object, dict[str, object]]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """What was displayed."""
    found: Shown = []
    monkeypatch.setattr(review, "display", lambda what, **how: found.append((what, how)))
    return found


def said(shown: Shown) -> list[str]:
    return [str(what) for what, _ in shown]


def test_a_check_says_of_how_many_rows_it_holds(shown: Shown) -> None:
    checks = Checks()
    checks.each("books are dry", pd.Series([True, True, True]))
    checks.each("books are new", [])
    checks.that("there are books", 3)
    assert said(shown) == [
        "PASS  books are dry (3 looked at)",
        "NONE  books are new (nothing in this study to hold it to)",
        "PASS  there are books",
    ]


def test_a_failing_check_names_the_rows(shown: Shown) -> None:
    rows = pd.DataFrame({"shelf": ["A", "A", "B"], "book": ["Emma", "Kim", ""]})
    Checks().each("books are dry", pd.Series([True, False, False]), rows)
    Checks().each("books are dry", [False] * 7, range(7))
    assert said(shown)[0] == "FAIL  books are dry (not so of 2 of 3: A, Kim; B)"
    assert said(shown)[1].endswith("(not so of 7 of 7: 0; 1; 2; 3; 4; ...)")


def test_without_names_rows_go_by_their_index(shown: Shown) -> None:
    Checks().each("books are dry", pd.Series({"Emma": True, "Kim": False}))
    assert said(shown) == ["FAIL  books are dry (not so of 1 of 2: Kim)"]


@pytest.mark.parametrize("missing", [None, pd.NA, float("nan")])
def test_what_is_not_known_does_not_hold(shown: Shown, missing: object) -> None:
    Checks().each("books are dry", pd.Series([True, missing], dtype="object"))
    assert said(shown)[0].startswith("FAIL  books are dry (not so of 1 of 2")


def test_names_must_be_as_many_as_the_rows() -> None:
    with pytest.raises(ValueError, match="1 names of 2 rows"):
        Checks().each("books are dry", [True, False], ["Emma"])


def test_the_verdict_repeats_what_failed(shown: Shown, capsys: pytest.CaptureFixture[str]) -> None:
    checks = Checks()
    checks.that("there are books", True)
    checks.that("the roof is tight", False)
    checks.each("books are new", [])
    checks.verdict()
    assert capsys.readouterr().out == "1 of 2 checks passed. 1 had nothing to check.\nFailed: the roof is tight\n"


def test_a_check_travels_as_data(shown: Shown) -> None:
    bundle = Check("FAIL", "<b>dry</b>", "Kim")._repr_mimebundle_()
    assert bundle == {
        "text/plain": "FAIL  <b>dry</b> (Kim)",
        CHECK: {"verdict": "FAIL", "statement": "<b>dry</b>", "detail": "Kim"},
    }


def test_inputs_are_known_by_rows_and_hash(shown: Shown, tmp_path: Path) -> None:
    results = write_results(tmp_path, make_published())
    review.inputs(results, "quotes", "survey_changes")
    file = results / "published" / "quotes.csv"
    (table, _) = shown[0]
    rows = len(tables.read_csv(file, tables.PUBLISHED_QUOTES))
    assert [row[0] for row in table.rows] == [  # type: ignore[attr-defined]
        f"published/{name}.csv" for name in ("quotes", "survey_changes", "disclosure_rules")
    ]
    assert table.rows[0] == ("published/quotes.csv", str(rows), sha256(file.read_bytes()).hexdigest()[:16])  # type: ignore[attr-defined]


def test_a_figure_brings_the_words_that_stand_for_it(shown: Shown, tmp_path: Path) -> None:
    results = write_results(tmp_path, make_published(), words="Bars, the longest first.")
    review.figures(results, "joint")
    ((bundle, how),) = shown
    assert bundle["text/plain"] == "Bars, the longest first."  # type: ignore[index]
    assert how["metadata"] == {PICTURE: {"alt": "Bars, the longest first."}}


def test_figures_are_chosen_by_kind_and_by_name(shown: Shown, tmp_path: Path) -> None:
    results = write_results(tmp_path, make_published())
    review.figures(results, "bars", only=["bars_uses", "joint_display"])
    assert len(shown) == 1
    review.figures(results, "bars", only=[])
    assert len(shown) == 1


def test_a_rule_that_the_profile_lacks_is_not_in_force() -> None:
    public = rules_table(PROFILES["public"])
    assert [review.in_force(public, rule, 0) for rule in ("hide_below", "theme_cell", "cell_below")] == [10, 3, 0]
    assert review.in_force(public.iloc[:0], "base_to", 1) == 1


def test_without_a_word_about_the_study_its_folder_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review.about(tmp_path / "libraries")
    tables.write_json(
        {"title": "School libraries", "marks": ["Not for release"]}, tmp_path / "notebooks" / "study.json"
    )
    review.about(tmp_path)
    assert capsys.readouterr().out == "libraries\nSchool libraries\nNot for release\n"


# --- rounding ---------------------------------------------------------------------------------------------------------


def test_the_rounding_in_force_is_that_of_the_published_rules() -> None:
    def in_force(profile: str, **changes: int) -> Rounding:
        return Rounding.of(rules_table(rules_of(profile, changes)))

    assert in_force("public") == Rounding(1, 0, 10, 0)
    assert in_force("strict") == Rounding(5, 0, 10, 10)
    assert in_force("internal") == Rounding(1, 1, 0, 0)
    assert in_force("strict", base_to=1, cell_below=0) == Rounding(1, 0, 10, 0)
    assert in_force("public", hide_below=5, per_cent_digits=2) == Rounding(1, 2, 5, 0)


def test_the_rounding_is_said_in_words() -> None:
    assert str(Rounding()) == "Numbers of people are as they were counted; per cents are whole."
    assert str(Rounding(5, 1, 10, 10)) == (
        "Numbers of people of the survey are rounded to the nearest 5, and may be 2 off; per cents have 1 decimal; "
        "answers of fewer than 10 people are hidden, and the bases of their groups shown."
    )


COUNTS = [(n, m, k) for n in range(0, 60, 3) for m in (11, 33, 52) for k in (8, 24)]
"""Three groups of a variable."""


@pytest.mark.parametrize("base_to", [1, 2, 5, 10])
@pytest.mark.parametrize("digits", [0, 1])
def test_what_rounding_allows_is_what_the_gate_does_and_no_more(base_to: int, digits: int) -> None:
    """Whatever the counts, what is published of them is allowed; and somewhere what is allowed is used up."""
    rules = rules_of("strict", {"base_to": base_to, "per_cent_digits": digits})
    rounding = Rounding.of(rules_table(rules))
    exact = pd.DataFrame(COUNTS)
    shown = exact.apply(lambda column: people(column, rules))
    off = (shown - exact).abs()
    assert off.max(axis=None) == rounding.people
    whole, of_shown = exact.sum(axis=1), shown.sum(axis=1)
    assert ((of_shown - people(whole, rules)).abs() <= rounding.people_added(3)).all()
    per_cent = pd.Series(per_cents(exact[0] / whole, rules))
    assert ((100 * exact[0] / whole - per_cent).abs() <= rounding.per_cent).all()
    low, high = rounding.per_cents_between(shown[0], of_shown, pd.Series(3, shown.index))
    assert ((low <= per_cent) & (per_cent <= high)).all()
    unit = 10.0**-digits
    if base_to == 1:  # then no other per cent is allowed, but on the border of two
        assert ((per_cent - unit < low) | (high < per_cent + unit)).all()
    assert rounding.is_rounded(per_cent).all() and not rounding.is_rounded(per_cent + unit / 2).any()


@pytest.mark.parametrize("base_to", [1, 5])
def test_everyones_share_lies_between_those_of_groups_that_seem_to_be_everyone(base_to: int) -> None:
    """Two groups, and a few people in neither who all, or none, gave the answer."""
    rules = rules_of("strict", {"base_to": base_to})
    rounding = Rounding.of(rules_table(rules))
    for sizes in ((100, 100), (102, 103), (57, 41)):
        for neither in range(4 if base_to > 1 else 1):
            for gave in (0, neither):
                counts = pd.Series([30, 40])
                shares = per_cents(counts / pd.Series(sizes), rules)
                everyone = sum(sizes) + neither
                [whole] = per_cents([(counts.sum() + gave) / everyone], rules)
                groups, base = people(pd.Series(sizes), rules).sum(), people(pd.Series([everyone]), rules)
                [outside] = rounding.per_cent_outside(pd.Series([groups]), base, pd.Series([2]))
                assert shares.min() - outside <= whole <= shares.max() + outside
                assert outside < 15 if base_to > 1 else outside == 0


def test_where_no_base_is_rounded_nobody_is_outside() -> None:
    rounding = Rounding.of(rules_table(PROFILES["internal"]))
    assert rounding.people_added(4) == 0
    assert rounding.per_cent_outside(pd.Series([90.0]), pd.Series([100.0]), pd.Series([4])).tolist() == [0.0]
