"""What leaves the project: rounded once, with its base, and nothing that points at a few people."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait import tables
from plait.disclosure.gate import Findings, publish
from plait.disclosure.rules import PROFILES, Rules
from plait.disclosure.suppression import hidden_counts, hidden_groups
from plait.study import Study, load_study

PUBLIC = PROFILES["public"]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=7))
def test_no_small_group_can_be_found_by_subtraction(sizes: list[int]) -> None:
    bases = {f"g{i}": n for i, n in enumerate(sizes)}
    hidden = hidden_groups(bases, PUBLIC)
    assert all(g in hidden for g, n in bases.items() if 0 < n < 10)
    if hidden and len(hidden) < sum(n > 0 for n in sizes):
        assert len(hidden) >= 2
        assert sum(bases[g] for g in hidden) >= 10
    if all(n == 0 or n >= 10 for n in sizes):
        assert not hidden


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=2, max_size=5))
def test_a_hidden_count_has_company(cells: list[tuple[int, int]]) -> None:
    bases = {f"g{i}": n + more for i, (n, more) in enumerate(cells)}
    counts = {f"g{i}": n for i, (n, _) in enumerate(cells)}
    hidden = hidden_counts(counts, bases, PUBLIC)
    assert all(g in hidden for g, n in counts.items() if n in (1, 2))
    assert len(hidden) != 1


@pytest.fixture
def study(little: Path) -> Study:
    return load_study(little)


def estimate_rows(bases: dict[tuple[str, str], int], share: float, weight_set: str = "") -> list[dict[str, object]]:
    return [
        {
            "question": "uses", "option": option, "break": break_, "group": group, "measure": "share",
            "weight_set": weight_set, "value": value, "value_unweighted": value, "se": 0.01, "ci_low": max(value - 0.1, 0),
            "ci_high": min(value + 0.1, 1), "base_unweighted": base, "base_weighted": base * 1.04,
            "base_effective": base / 1.5, "design_effect": 1.5, "method": "wilson", "grain": "respondent", "note": "",
        }
        for ((break_, group), base), (option, value) in itertools.product(
            bases.items(), [("yes_", share), ("no_", 1 - share)]
        )
    ]  # fmt: skip


def findings(**frames: object) -> Findings:
    nothing: dict[str, object] = {
        "estimates": tables.ESTIMATES.empty(),
        "tests": tables.TESTS.empty(),
        "pairs": tables.PAIRS.empty(),
        "changes": tables.CHANGES.empty(),
        "models": tables.MODELS.empty(),
        "profile": tables.PROFILE.empty(),
        "weighting": {},
        "weighting_notes": tables.WEIGHTING_NOTES.empty(),
        "weight_distribution": tables.WEIGHT_DISTRIBUTION.empty(),
        "flow": tables.FLOW.empty(),
        "cleaning_log": tables.CLEANING_LOG.empty(),
        "reconciliation": tables.RECONCILIATION.empty(),
        "themes": tables.THEMES.empty(),
        "agreement": tables.AGREEMENT.empty(),
        "joint_display": tables.JOINT_DISPLAY.empty(),
    }
    return Findings(**(nothing | frames))  # type: ignore[arg-type]


def published(study: Study, found: Findings, rules: Rules = PUBLIC) -> dict[str, pd.DataFrame]:
    return {table.name.split("/")[1]: frame for table, frame in publish(study, found, rules)}


BASES = {
    ("", ""): 240, ("year", "infants"): 120, ("year", "juniors"): 120,
    ("distance", "near"): 150, ("distance", "middle"): 83, ("distance", "far"): 7,
    ("year_by_near", "infants__near"): 100, ("year_by_near", "infants__further"): 29,
    ("year_by_near", "juniors__near"): 111, ("year_by_near", "juniors__further"): 0,
}  # fmt: skip


def test_each_size_of_group_is_treated_by_its_rule(study: Study) -> None:
    out = published(study, findings(estimates=tables.ESTIMATES.of(pd.DataFrame(estimate_rows(BASES, 0.285)))))
    rows = out["survey_estimates"]
    rows = rows[rows.option == "yes_"].set_index(["break", "group"])
    assert rows.loc[("", ""), ["per_cent", "ci_low", "ci_high", "base_unweighted", "marker"]].tolist() == [
        29, 19, 39, 240, "",
    ]  # fmt: skip
    for small in [("distance", "far"), ("distance", "middle")]:  # the second so that 240 - 150 - 83 cannot give 7
        assert rows.loc[small, "marker"] == "c"
        numbers = [
            "per_cent",
            "ci_low",
            "ci_high",
            "per_cent_unweighted",
            "base_unweighted",
            "base_weighted",
            "base_effective",
        ]
        assert rows.loc[small, numbers].isna().all()
    assert rows.loc[("distance", "near"), "per_cent"] == 29
    withheld = rows.loc[("year_by_near", "infants__further")]
    assert (withheld.marker, withheld.base_unweighted) == ("u", 29)
    assert np.isnan(withheld.per_cent)
    assert rows.loc[("year_by_near", "juniors__further"), "marker"] == "z"
    assert rows.loc[("year_by_near", "infants__near"), "marker"] == ""
    log = out["suppression_log"]
    assert log.groupby("rule").cells.sum().to_dict() == {
        "base below 10": 2, "so that a small group cannot be found by subtraction": 2, "base below 30": 2,
    }  # fmt: skip
    assert not any(str(value) in "".join(map(str, log.to_numpy().ravel())) for value in (83, 0.285, 28.5))


def test_profiles_differ_as_they_say(study: Study) -> None:
    found = findings(estimates=tables.ESTIMATES.of(pd.DataFrame(estimate_rows(BASES, 0.285))))
    internal = published(study, found, PROFILES["internal"])["survey_estimates"]
    assert (internal.marker == "c").sum() == 0
    assert internal.per_cent.notna().sum() == 2 * 9
    strict = published(study, found, PROFILES["strict"])["survey_estimates"].set_index(["break", "group"])
    assert (strict.loc[("year_by_near", "infants__further"), "marker"] == "c").all()


def test_weighted_estimates_stand_in_front_and_small_numbers_are_marked(study: Study) -> None:
    rows = estimate_rows({("", ""): 1000}, 0.004, "monday") + estimate_rows({("", ""): 1000}, 0.002)
    out = published(study, findings(estimates=tables.ESTIMATES.of(pd.DataFrame(rows))))["survey_estimates"]
    yes = out[out.option == "yes_"]
    assert len(yes) == 1
    assert (yes.weight_set.item(), yes.per_cent.item(), yes.marker.item()) == ("monday", 0, "low")


def pair_rows(*pairs: tuple[str, str, str]) -> pd.DataFrame:
    """Pairs of groups of the break distance, with the group that is higher beyond chance."""
    numbers = {"se": 0.02, "statistic": 5.0, "df": 200.0, "p": 0.001}
    place = {"question": "uses", "option": "yes_", "break": "distance", "weight_set": "", "method": "design_t"}
    return tables.PAIRS.of(
        pd.DataFrame(
            [
                place
                | numbers
                | {
                    "group": a,
                    "other": b,
                    "difference": 0.1 if higher == a else -0.1,
                    "p_adjusted": 0.003 if higher else 0.3,
                }
                for a, b, higher in pairs
            ]
        )
    )


def test_a_group_lists_the_letters_of_the_groups_it_is_higher_than(study: Study) -> None:
    bases = {("", ""): 300, ("distance", "near"): 100, ("distance", "middle"): 100, ("distance", "far"): 100}
    pairs = pair_rows(("near", "middle", "near"), ("near", "far", "near"), ("middle", "far", ""))
    out = published(
        study, findings(estimates=tables.ESTIMATES.of(pd.DataFrame(estimate_rows(bases, 0.3))), pairs=pairs)
    )["survey_estimates"]
    rows = out[out.option == "yes_"].set_index("group")
    assert rows["letter"].to_dict() == {"": "", "near": "A", "middle": "B", "far": "C"}
    assert rows["higher_than"].to_dict() == {"": "", "near": "BC", "middle": "", "far": ""}
    assert (out[out.option == "no_"]["letter"] == "").all()  # not compared


def test_a_withheld_group_has_no_letter_and_lends_none(study: Study) -> None:
    bases = {("", ""): 229, ("distance", "near"): 100, ("distance", "middle"): 100, ("distance", "far"): 29}
    pairs = pair_rows(("near", "far", "near"), ("near", "middle", ""), ("middle", "far", "far"))
    out = published(
        study, findings(estimates=tables.ESTIMATES.of(pd.DataFrame(estimate_rows(bases, 0.3))), pairs=pairs)
    )["survey_estimates"]
    rows = out[out.option == "yes_"].set_index("group")
    assert rows["letter"].to_dict() == {"": "", "near": "A", "middle": "B", "far": ""}
    assert (rows["higher_than"] == "").all()


def test_a_number_is_rounded_by_its_size_and_withheld_where_the_base_is_small(study: Study) -> None:
    rows = [
        row | {"question": "likes", "option": "", "measure": "mean"}
        for row in estimate_rows({("", ""): 240, ("year", "infants"): 211, ("year", "juniors"): 29}, 0.5)
        if row["option"] == "yes_"
    ]
    for row, value in zip(rows, (12.345, 12.25, 13.1), strict=True):
        row |= {"value": value, "value_unweighted": value, "ci_low": value - 1, "ci_high": value + 1}
    out = published(study, findings(estimates=tables.ESTIMATES.of(pd.DataFrame(rows))))
    assert out["survey_estimates"].empty
    numbers = out["survey_numbers"].set_index("group")
    assert numbers.loc["", ["value", "ci_low", "ci_high", "marker"]].tolist() == [12.3, 11.3, 13.3, ""]
    assert numbers.loc["infants", "value"] == 12.3
    assert numbers.loc["juniors", "marker"] == "u"
    assert np.isnan(numbers.loc["juniors", "value"])


def test_few_people_with_extreme_weights_are_not_counted_out(study: Study) -> None:
    bins = {"weight_set": "monday", "low": [0.0, 0.5, 1.0, 2.0], "high": [0.5, 1.0, 2.0, 4.0], "n": [40, 100, 60, 3]}
    found = findings(weight_distribution=tables.WEIGHT_DISTRIBUTION.of(pd.DataFrame(bins)))
    shown = published(study, found)["weight_distribution"]
    assert shown["marker"].tolist() == ["c", "", "", "c"]
    assert shown["respondents"].dropna().tolist() == [100, 60]


def test_notes_on_weights_do_not_count_a_few_people(study: Study) -> None:
    notes = {"weight_set": "monday", "kind": "without_weight", "variable": "", "n": [7, 40, None], "text": "No weight."}
    found = findings(
        weighting_notes=tables.WEIGHTING_NOTES.of(pd.DataFrame(notes)),
        weighting={"monday": {"n": 200, "n_outside_population": 7, "n_without_weight": 47}},
    )
    out = published(study, found)
    assert out["weighting_notes"]["marker"].tolist() == ["c", "", ""]
    assert out["weighting_notes"]["respondents"].dropna().tolist() == [40]
    assert out["weighting"]["measure"].tolist() == ["n", "n_without_weight"]


def model_rows(smallest: int) -> pd.DataFrame:
    numbers = {"se": 0.1, "df": 100.0, "p": 0.0123456, "p_variable": 0.02, "weight_set": "", "n": 240}
    return tables.MODELS.of(
        pd.DataFrame(
            [
                {"model": "use", "kind": "logistic", "variable": variable, "group": group, "reference": reference,
                 "estimate": np.log(2), "ci_low": 0.0, "ci_high": np.log(4), "base_unweighted": base, **numbers}
                for variable, group, reference, base in [("", "", "", 240), ("year", "juniors", "infants", smallest)]
            ]
        )
    )  # fmt: skip


def test_a_logistic_model_is_published_as_odds_ratios(little: Path) -> None:
    text = (little / "study.yaml").read_text(encoding="utf-8")
    models = "  models:\n    use: {label: Who uses it, outcome: 'uses:yes_', predictors: [year]}\n"
    (little / "study.yaml").write_text(text.replace("  weighting:", f"{models}  weighting:"), encoding="utf-8")
    study = load_study(little)
    row = published(study, findings(models=model_rows(120)))["survey_models"].iloc[1]
    assert row[["effect", "ci_low", "ci_high", "p"]].tolist() == [2.0, 1.0, 4.0, 0.0123]
    assert (row.model_label, row.group_label, row.reference_label) == ("Who uses it", "Juniors", "Infants")
    withheld = published(study, findings(models=model_rows(12)))["survey_models"]
    assert withheld["effect"].isna().all()


def theme_rows(counts: dict[tuple[str, str, str], tuple[int, int]]) -> pd.DataFrame:
    return tables.THEMES.of(
        pd.DataFrame(
            [
                {"collection": "notes", "theme": theme, "level": "theme", "by": by, "group": group, "unit": "sources",
                 "n": n, "of": of, "coverage": np.nan}
                for (theme, by, group), (n, of) in counts.items()
            ]
        )
    )  # fmt: skip


def test_theme_counts_are_n_of_n_and_small_cells_are_hidden(study: Study) -> None:
    themes = theme_rows(
        {
            ("food", "", ""): (14, 40), ("food", "year", "infants"): (12, 20), ("food", "year", "juniors"): (2, 20),
            ("time", "", ""): (30, 60), ("time", "year", "infants"): (20, 40), ("time", "year", "juniors"): (10, 20),
        }
    )  # fmt: skip
    out = published(study, findings(themes=themes))["theme_counts"].set_index(["theme", "group"])
    assert out.loc[("food", ""), ["n", "of"]].tolist() == [14, 40]
    assert np.isnan(out.loc[("food", ""), "per_cent"])
    assert out.loc[("time", ""), "per_cent"] == 50
    assert out.loc[("food", "juniors"), "marker"] == out.loc[("food", "infants"), "marker"] == "c"
    assert out.loc[[("food", "juniors"), ("food", "infants")], "n"].isna().all()
    assert out.loc[("time", "juniors"), "n"] == 10


def test_no_test_is_published_where_a_group_is_small(study: Study) -> None:
    tests = tables.TESTS.of(
        pd.DataFrame(
            [
                {"question": "uses", "option": "yes_", "break": break_, "weight_set": "", "grain": "respondent",
                 "method": "pearson", "statistic": 12.345, "df1": 1, "df2": np.nan, "p": 0.000123456, "p_adjusted": 0.01,
                 "effect": 0.2, "effect_low": 0.1, "effect_high": 0.3, "effect_name": "cramers_v", "note": ""}
                for break_ in ("year", "year_by_near")
            ]
        )
    )  # fmt: skip
    found = findings(estimates=tables.ESTIMATES.of(pd.DataFrame(estimate_rows(BASES, 0.3))), tests=tests)
    out = published(study, found)["survey_tests"].set_index("break")
    assert out.loc["year", ["statistic", "p"]].tolist() == [12.35, 0.000123]
    assert out.loc["year_by_near", ["statistic", "df1", "p", "p_adjusted", "effect"]].isna().all()
    assert out.loc["year_by_near", "marker"] == "u"


def test_notes_do_not_tell_of_groups_that_are_hidden(study: Study) -> None:
    """In how many replicates nobody of a group was drawn tells how many they are."""
    note = "in 480 of 500 replicates; the others hold nobody of this group"
    rows = [row | {"note": note} for row in estimate_rows({("year", "infants"): 4, ("year", "juniors"): 196}, 0.3)]
    out = published(study, findings(estimates=tables.ESTIMATES.of(pd.DataFrame(rows))))["survey_estimates"]
    assert set(out.loc[out["marker"] == "c", "note"]) == {""}


def test_no_test_of_a_break_where_nobodys_group_is_known(study: Study) -> None:
    row = dict.fromkeys(("statistic", "df1", "df2", "p", "p_adjusted", "effect", "effect_low", "effect_high"), np.nan)
    row |= {"question": "uses", "option": "yes_", "break": "year", "weight_set": "", "grain": "respondent"}
    row |= {"method": "", "effect_name": "cramers_v", "note": "fewer than two groups or answers"}
    bases = {("", ""): 200, ("year", "infants"): 0, ("year", "juniors"): 0}
    found = findings(
        estimates=tables.ESTIMATES.of(pd.DataFrame(estimate_rows(bases, 0.3))),
        tests=tables.TESTS.of(pd.DataFrame([row])),
    )
    out = published(study, found)
    assert out["survey_tests"][["marker", "note"]].to_numpy().tolist() == [["z", "fewer than two groups or answers"]]
    assert not out["suppression_log"]["rule"].str.contains("no test").any()


def test_the_joint_display_obeys_the_same_rules(study: Study) -> None:
    row = {
        "construct": "food", "label": "Food", "weight_set": "", "ci_low": 0.1, "ci_high": 0.3, "n": pd.NA,
        "fit": "confirmation", "meta_inference": "x", "rationale": "", "author": "", "date": "",
    }  # fmt: skip
    rows = [
        row | {"strand": "survey", "origin": "wants", "item": item, "grain": "respondent", "value": 0.205, "of": of}
        for item, of in [("fruit", 400), ("juice", 50), ("later", 20), ("nothing", 5)]
    ]
    rows.append(
        row
        | {
            "strand": "coded_text",
            "origin": "notes",
            "item": "food",
            "grain": "sources",
            "value": 0.5,
            "n": 10,
            "of": 20,
        }
    )
    out = published(study, findings(joint_display=tables.JOINT_DISPLAY.of(pd.DataFrame(rows))))["joint_display"]
    out = out.set_index("item")
    assert out.loc["fruit", ["per_cent", "marker", "item_label"]].tolist() == [21, "", "Fruit"]
    assert out.loc["juice", ["per_cent", "marker"]].tolist() == [21, "u"]
    assert np.isnan(out.loc["later", "per_cent"])
    assert out.loc["nothing", "marker"] == "c"
    assert out.loc["nothing", ["per_cent", "ci_low", "of"]].isna().all()
    assert out.loc["food", ["n", "of"]].tolist() == [10, 20]
    assert np.isnan(out.loc["food", "per_cent"])


def test_an_empty_study_publishes_empty_tables(study: Study) -> None:
    out = published(study, findings())
    assert list(out) == [t.name.split("/")[1] for t in tables.PUBLISHED]
    assert all(frame.empty for frame in out.values())
