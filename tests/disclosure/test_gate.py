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
from plait.descriptions import short_name
from plait.disclosure.gate import Findings, publish
from plait.disclosure.labels import Labels
from plait.disclosure.rules import PROFILES, Rules
from plait.disclosure.suppression import SMALL_OR_COMPANY, SuppressionLog, hidden_counts, hidden_groups
from plait.disclosure.text_tables import cooccurrence_table
from plait.errors import StudyError
from plait.study import Study, load_study
from some_findings import findings

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
    everybody, alone = sum(bases.values()) == sum(counts.values()), sum(base > 0 for base in bases.values()) < 2
    if everybody or alone:  # the total says it of every group, or of the only one
        assert not hidden
    else:
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


def published(study: Study, found: Findings, rules: Rules = PUBLIC) -> dict[str, pd.DataFrame]:
    return {short_name(table): frame for table, frame in publish(study, found, rules)}


BASES = {
    ("", ""): 240, ("year", "infants"): 130, ("year", "juniors"): 49,
    ("distance", "near"): 150, ("distance", "middle"): 83, ("distance", "far"): 7,
    ("year_by_near", "infants__near"): 101, ("year_by_near", "infants__further"): 29,
    ("year_by_near", "juniors__near"): 49, ("year_by_near", "juniors__further"): 0,
}  # fmt: skip
"""Of 61 parents who live further away the year is not known."""
SHARE = 0.2875
"""69 of 240; of the other groups that are shown there are whole numbers of people who round to the same per cent."""


def test_each_size_of_group_is_treated_by_its_rule(study: Study) -> None:
    out = published(study, findings(estimates=tables.ESTIMATES.of(pd.DataFrame(estimate_rows(BASES, SHARE)))))
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
    assert log.groupby("rule").cells.sum().to_dict() == {SMALL_OR_COMPANY: 4, "base below 30": 2}
    assert not any(str(value) in "".join(map(str, log.to_numpy().ravel())) for value in (83, SHARE, 100 * SHARE))


def test_profiles_differ_as_they_say(study: Study) -> None:
    found = findings(estimates=tables.ESTIMATES.of(pd.DataFrame(estimate_rows(BASES, SHARE))))
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
        weighting={"monday": {"n": 200, "n_outside_population": 7, "n_group_not_known": 40, "n_without_weight": 47}},
    )
    out = published(study, found)
    assert out["weighting_notes"]["marker"].tolist() == ["c", "c", ""]  # 47 without a weight less 40 would give 7
    assert out["weighting_notes"]["respondents"].dropna().empty
    assert out["weighting"]["marker"].tolist() == ["", "c", "c", ""]
    assert out["weighting"]["value"].dropna().tolist() == [200, 47]
    log = out["suppression_log"]
    assert log[["table", "question", "group", "rule", "cells"]].to_numpy().tolist() == [
        ["published/weighting", "monday", "n outside population", SMALL_OR_COMPANY, 1],
        ["published/weighting", "monday", "n group not known", SMALL_OR_COMPANY, 1],
        ["published/weighting_notes", "monday", "without weight", SMALL_OR_COMPANY, 2],
    ]


@pytest.mark.parametrize(("cut", "told"), [(0, True), (1, False), (9, False), (10, True)])
def test_a_few_weights_that_were_trimmed_are_not_counted(study: Study, cut: int, told: bool) -> None:
    note = {"weight_set": "monday", "kind": "trimmed", "variable": "", "n": [cut], "text": "Some were cut."}
    found = findings(
        weighting_notes=tables.WEIGHTING_NOTES.of(pd.DataFrame(note)), weighting={"monday": {"n": 200, "trimmed": cut}}
    )
    out = published(study, found)
    for name, column in (("weighting", "value"), ("weighting_notes", "respondents")):
        row = out[name].iloc[-1]
        assert (
            (row[column] == cut, row["marker"]) == (True, "")
            if told
            else (pd.isna(row[column]), row["marker"]) == (True, "c")
        )
    hidden = [] if told else [["published/weighting", "trimmed", 1], ["published/weighting_notes", "trimmed", 1]]
    assert out["suppression_log"][["table", "group", "cells"]].to_numpy().tolist() == hidden
    strict = published(study, findings(weighting={"monday": {"n": 200, "trimmed": 13}}), PROFILES["strict"])
    assert strict["weighting"]["value"].tolist() == [200, 15]


def model_rows(smallest: int, reference_base: int = 120) -> pd.DataFrame:
    numbers = {"se": 0.1, "df": 100.0, "p": 0.0123456, "p_variable": 0.02, "weight_set": "", "n": 240}
    numbers |= {"smallest_base": min(smallest, reference_base), "smallest_cell": 10}
    return tables.MODELS.of(
        pd.DataFrame(
            [
                {"model": "use", "kind": "logistic", "variable": variable, "group": group, "reference": reference,
                 "estimate": np.log(2), "ci_low": 0.0, "ci_high": np.log(4), "base_unweighted": base, **numbers}
                for variable, group, reference, base in [("", "", "", 240), ("year", "juniors", "infants", smallest)]
            ]
        )
    )  # fmt: skip


@pytest.fixture
def modelled(little: Path) -> Study:
    text = (little / "study.yaml").read_text(encoding="utf-8")
    models = "  models:\n    use: {label: Who uses it, outcome: 'uses:yes_', predictors: [year]}\n"
    (little / "study.yaml").write_text(text.replace("  weighting:", f"{models}  weighting:"), encoding="utf-8")
    return load_study(little)


def test_a_logistic_model_is_published_as_odds_ratios(modelled: Study) -> None:
    row = published(modelled, findings(models=model_rows(120)))["survey_models"].iloc[1]
    assert row[["effect", "ci_low", "ci_high", "p"]].tolist() == [2.0, 1.0, 4.0, 0.0123]
    assert (row.model_label, row.group_label, row.reference_label) == ("Who uses it", "Juniors", "Infants")
    withheld = published(modelled, findings(models=model_rows(12)))["survey_models"]
    assert withheld["effect"].isna().all()
    assert (set(withheld["marker"]), withheld["base_unweighted"].tolist()) == ({"u"}, [240, 12])


def test_a_model_is_withheld_where_the_group_compared_with_is_small(modelled: Study) -> None:
    """240 in the model less 236 in the other group would tell of the four."""
    found = published(modelled, findings(models=model_rows(236, reference_base=4)))["survey_models"]
    assert found[["effect", "ci_low", "ci_high", "p", "p_variable", "base_unweighted"]].isna().all(axis=None)
    assert (found["n"].tolist(), set(found["marker"])) == ([240, 240], {"c"})


def theme_rows(counts: dict[tuple[str, str, str], tuple[int, int]]) -> pd.DataFrame:
    return tables.THEMES.of(
        pd.DataFrame(
            [
                {"collection": "notes", "theme": theme, "level": "theme", "by": by, "group": group, "unit": "sources",
                 "n": n, "of": of}
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


def test_what_themes_cover_is_published_for_everyone_only(study: Study) -> None:
    row = {"collection": "notes", "theme": "food", "level": "theme"}
    themes = tables.THEMES.of(
        pd.DataFrame(
            [row | {"by": by, "group": group, "unit": unit, "n": 1234, "of": 98_765}
             for by, group in (("", ""), ("year", "infants")) for unit in ("characters", "words")]
        )
    )  # fmt: skip
    out = published(study, findings(themes=themes))["theme_counts"]
    assert out[["unit", "by", "n", "of", "per_cent"]].to_numpy().tolist() == [
        ["characters", "", 1234, 98_765, 1],
        ["words", "", 1234, 98_765, 1],
    ]


def test_a_count_that_cannot_be_known_is_marked(study: Study) -> None:
    row = {"collection": "notes", "theme": "food", "level": "theme", "by": "", "group": ""}
    rows = [row | {"unit": "cases", "n": 3, "of": 9}, row | {"unit": "segments", "n": pd.NA, "of": pd.NA}]
    out = published(study, findings(themes=tables.THEMES.of(pd.DataFrame(rows))))["theme_counts"]
    assert out["marker"].tolist() == ["", "z"] and out["n"].isna().tolist() == [False, True]


def pair_row(a: str, b: str, unit: str, n_a: int, n_b: int, n_both: int, **more: object) -> dict[str, object]:
    row = {"collection": "notes", "level": "theme", "code_a": a, "code_b": b, "unit": unit, "relation": "", "n_a": n_a}
    row |= {"n_b": n_b, "n_both": n_both, "n_units": 40, "jaccard": 0.1234, "phi": -0.5678, "c": np.nan}
    return row | {"note": "one is found fewer than 5 times"} | more


def of_pairs(study: Study, pairs: list[dict[str, object]]) -> pd.DataFrame:
    found = tables.COOCCURRENCE.of(pd.DataFrame(pairs))
    return cooccurrence_table(found, Labels(study), PUBLIC, SuppressionLog())


def test_pairs_that_few_people_have_are_hidden_in_every_unit(study: Study) -> None:
    pairs = [
        pair_row("food", "time", "sources", 20, 15, 2),
        pair_row("food", "time", "segments", 30, 20, 7, relation="together", n_units=pd.NA, c=0.2),
        pair_row("food_fruit", "time_later", "sources", 20, 6, 6),  # everyone of six: it says so of each
        pair_row("food_hot", "time_later", "sources", 20, 12, 12),
        pair_row("food_hot", "food_fruit", "sources", 20, 12, 0),
    ]
    out = published(study, findings(cooccurrence=tables.COOCCURRENCE.of(pd.DataFrame(pairs))))
    shown = out["cooccurrence"].set_index(["code_a", "code_b", "unit"])
    assert shown["marker"].tolist() == ["c", "c", "c", ""]
    hidden = shown[shown["marker"] == "c"]
    assert hidden[["n_both", "jaccard", "phi", "c"]].isna().all(axis=None) and (hidden["note"] == "").all()
    kept = shown.loc[("food_hot", "time_later", "sources")]
    assert kept[["n_both", "jaccard", "phi", "code_a_label"]].tolist() == [12, 0.12, -0.57, "Hot food"]
    assert out["suppression_log"][["rule", "cells"]].to_numpy().tolist() == [[SMALL_OR_COMPANY, 3]]
    within = published(study, findings(cooccurrence=tables.COOCCURRENCE.of(pd.DataFrame(pairs))), PROFILES["internal"])
    assert (within["cooccurrence"]["marker"] == "").all()


@pytest.mark.parametrize(
    ("n_a", "n_b", "hidden"),
    [
        (12, 9, [8, 9]),  # of thirteen: eight or nine
        (12, 3, [2, 3]),
        (10, 6, [5, 6]),  # three to six: were but the six hidden, it would be told
        (7, 6, [1, 2, 6]),
        (13, 12, []),
        (12, 11, []),
    ],
)
def test_that_a_pair_is_hidden_does_not_tell_how_often_it_meets(
    study: Study, n_a: int, n_b: int, hidden: list[int]
) -> None:
    """What is found in 12 and in 9 of 13 people meets in 8 of them or in 9: were but the 9 hidden, it would be 9."""
    for both in range(max(n_a + n_b - 13, 1), min(n_a, n_b) + 1):
        pair = pair_row("food", "time", "sources", n_a, n_b, both, n_units=13)
        out = of_pairs(study, [pair])
        assert out["marker"].tolist() == ["c" if both in hidden else ""], both


def test_pairs_of_a_code_of_few_people_do_not_tell_whether_they_meet(study: Study) -> None:
    for level, a, b, kept in (("theme", "food", "time", 1), ("code", "food_fruit", "time_later", 0)):
        tables_out = []
        for both in (0, 1, 2):
            pairs = [
                pair_row(a, b, "sources", 20, 2, both, level=level),
                pair_row(a, b, "segments", 30, 4, both, level=level),
            ]
            tables_out.append(of_pairs(study, pairs))
        assert all(out.equals(tables_out[0]) for out in tables_out) and len(tables_out[0]) == kept


def test_notes_on_counts_do_not_count_a_few_people(study: Study) -> None:
    rows = [
        {"collection": "notes", "kind": kind, "code": code, "n": n, "of": 20, "text": "x"}
        for kind, code, n in (("silent_cases", "", 2), ("silent_cases", "", 3), ("covers_all", "food", 1))
    ]
    out = published(study, findings(counting_notes=tables.COUNTING_NOTES.of(pd.DataFrame(rows))))["counting_notes"]
    assert out["marker"].tolist() == ["c", "", ""] and out["n"].dropna().tolist() == [3, 1]
    assert out["code_label"].tolist() == ["", "", "Food"]


def test_saturation_is_published_as_it_was_measured(study: Study) -> None:
    curve = {"collection": "notes", "n": 1, "codes_in_order": 4, "new": 4, "mean": 3.456, "low": 2, "high": 5}
    measure = {"collection": "notes", "base": 4, "run": 2, "threshold": 0.05, "codes_in_base": 20, "reached_at": 7,
               "later_rise": pd.NA, "share_of_orders": 0.985, "median_of_orders": 8, "note": ""}  # fmt: skip
    summary = {"collection": "notes", "unit": "sources", "n_units": 12, "n_codes": 25, "first_share": 0.28, "once": 3,
               "chao2": 26.789, "order": "", "orders": 1000, "note": "x"}  # fmt: skip
    out = published(
        study,
        findings(
            saturation_curve=tables.SATURATION_CURVE.of(pd.DataFrame([curve])),
            saturation=tables.SATURATION.of(pd.DataFrame([measure])),
            saturation_summary=tables.SATURATION_SUMMARY.of(pd.DataFrame([summary])),
        ),
    )
    assert out["saturation_curve"].loc[0, ["collection_label", "mean"]].tolist() == ["Notes on the form", 3.5]
    assert out["saturation"].loc[0, ["threshold", "share_of_orders", "reached_at"]].tolist() == [5, 99, 7]
    assert out["saturation_summary"].loc[0, ["first_share", "chao2"]].tolist() == [28, 26.8]


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
    found = findings(estimates=tables.ESTIMATES.of(pd.DataFrame(estimate_rows(BASES, SHARE))), tests=tests)
    out = published(study, found)["survey_tests"].set_index("break")
    assert out.loc["year", ["statistic", "p"]].tolist() == [12.35, 0.000123]
    assert out.loc["year_by_near", ["statistic", "df1", "p", "p_adjusted", "effect"]].isna().all()
    assert out.loc["year_by_near", ["method", "effect_name", "marker"]].tolist() == ["", "", "u"]
    assert out.loc["year", ["method", "effect_name"]].tolist() == ["pearson", "cramers_v"]


def test_notes_do_not_tell_of_groups_that_are_hidden(study: Study) -> None:
    """In how many replicates nobody of a group was drawn tells how many they are."""
    note = "in 480 of 500 replicates; the others hold nobody of this group"
    rows = [row | {"note": note} for row in estimate_rows({("year", "infants"): 4, ("year", "juniors"): 196}, 0.3)]
    out = published(study, findings(estimates=tables.ESTIMATES.of(pd.DataFrame(rows))))["survey_estimates"]
    assert set(out.loc[out["marker"] == "c", "note"]) == {""}
    assert set(out.loc[out["per_cent"].isna(), "method"]) == {""}


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
        "fit": "confirmation", "meta_inference": "x", "rationale": "", "author": "", "date": "", "interview_question": "",
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
    assert list(out) == [short_name(t) for t in tables.PUBLISHED]
    known = [
        "survey_variables",
        "data_dictionary",
        "screening",
        "disclosure_rules",
    ]  # of definition, codebook and rules
    assert [name for name, frame in out.items() if len(frame)] == known


# --- words -------------------------------------------------------------------------------------------------------------


def quote_rows(*texts: str, alike: int = 4) -> pd.DataFrame:
    rows = [
        {
            "quote": f"q{n}", "collection": "notes", "case": "c1", "theme": "food", "code": "food_fruit", "text": text,
            "attribution": "Infants", "alike": alike, "source_sha256": "0", "start": 0, "end": 9,
        }
        for n, text in enumerate(texts, start=1)
    ]  # fmt: skip
    return tables.QUOTES.of(pd.DataFrame(rows))


def test_a_quotation_leaves_without_its_case_and_its_place(study: Study) -> None:
    out = published(study, findings(quotes=quote_rows("More fruit [...] please")))
    (row,) = out["quotes"].to_dict("records")
    assert row == {
        "quote": "q1", "collection": "notes", "theme": "food", "theme_label": "Food", "text": "More fruit [...] please",
        "attribution": "Infants",
    }  # fmt: skip
    counted = out["screening"].set_index(["where", "severity"])["count"]
    assert counted["published/quotes: text", "screened"] == 1
    assert counted["study.yaml", "screened"] > 50


def test_what_identifies_somebody_stops_the_run_and_is_not_told(little: Path) -> None:
    (little / "raw" / "coding" / "names.csv").write_text("name,kind\nAda Pemberton,person\nDistance,place\n")
    definition = little / "study.yaml"
    text = definition.read_text(encoding="utf-8")
    names = "codebook: codebook.csv\n  screening: {deny_list: coding/names.csv}\n"
    definition.write_text(text.replace("codebook: codebook.csv\n", names), encoding="utf-8")
    quotes = quote_rows("Ms Pemberton cooks", "Write to a.p@club.example", "Nothing in here")
    with pytest.raises(StudyError) as caught:
        publish(load_study(little), findings(quotes=quotes), PUBLIC)
    told = [str(problem) for problem in caught.value.problems]
    assert any("published/quotes: text: the quotation 'q1' holds a name of the deny list (word 2)" in t for t in told)
    assert any("the quotation 'q2' holds an e-mail address (word 3)" in t for t in told)
    assert any("study.yaml: survey.profile.distance.label holds a name of the deny list" in t for t in told)
    assert not any("'q3'" in t for t in told)
    assert "pemberton" not in str(caught.value).casefold()
    assert "club.example" not in str(caught.value)


def test_an_attribution_that_fits_too_few_people_stops_the_run(study: Study) -> None:
    with pytest.raises(StudyError, match="the attribution of 'q1' fits fewer than 3 people"):
        publish(study, findings(quotes=quote_rows("More fruit", alike=2)), PUBLIC)


def test_every_number_weighted_to_illustrative_targets_is_marked(modelled: Study) -> None:
    """The target of distance is a guess, that of the year group is not."""
    mark = "weighted to illustrative targets (Near or not)"
    shares = [*estimate_rows({("", ""): 240}, 0.3), *estimate_rows({("", ""): 240}, 0.3, "monday")]
    mean = {"question": "uses", "measure": "mean", "option": "", "note": "no interval can be given"}
    joint: dict[str, object] = dict.fromkeys(
        ("meta_inference", "rationale", "author", "date", "fit", "interview_question"), ""
    )
    joint |= {"ci_low": np.nan, "ci_high": np.nan, "n": pd.NA}
    joint |= {"strand": "survey", "origin": "wants", "item": "fruit", "grain": "respondent", "value": 0.2, "of": 400}
    joint |= {"construct": "food", "label": "Food", "weight_set": "monday"}
    test: dict[str, object] = dict.fromkeys(tables.TESTS.columns, "")
    test |= {name: 0.5 for name, kind in tables.TESTS.columns.items() if kind == tables.NUMBER}
    test |= {"question": "uses", "option": "yes_", "break": "year", "weight_set": "monday", "grain": "respondent"}
    frames = {
        "estimates": tables.ESTIMATES.of(pd.DataFrame([*shares, shares[-1] | mean])),
        "joint_display": tables.JOINT_DISPLAY.of(pd.DataFrame([joint, joint | {"weight_set": ""}])),
        "tests": tables.TESTS.of(pd.DataFrame([test])),
    }
    out = published(modelled, findings(models=model_rows(120).assign(weight_set="monday"), **frames))
    assert set(out["survey_estimates"]["note"]) == set(out["survey_models"]["note"]) == {mark}
    assert set(out["survey_numbers"]["note"]) == {f"no interval can be given; {mark}"}
    assert out["joint_display"]["note"].tolist() == [mark, ""]
    assert set(out["survey_tests"]["note"]) == {f"a group has fewer than 30 people; {mark}"}
    unweighted = published(modelled, findings(estimates=tables.ESTIMATES.of(pd.DataFrame(shares[:2]))))
    assert set(unweighted["survey_estimates"]["note"]) == {""}


def test_a_change_of_a_mean_is_in_its_unit_and_one_of_a_share_in_points(study: Study) -> None:
    row = {
        "question": "likes", "earlier": "uses", "weight_set": "", "se": 0.01, "p": 0.0123456, "p_adjusted": 0.02,
        "base_earlier": 120, "base": 130, "base_both": 100, "method": "design_t",
    }  # fmt: skip
    share = row | {"option": "agree", "measure": "share", "value_earlier": 0.301, "value": 0.356, "difference": 0.055}
    mean = row | {"option": "", "measure": "mean", "value_earlier": 31.26, "value": 34.71, "difference": 3.45}
    rows = [share | {"ci_low": 0.01, "ci_high": 0.1}, mean | {"ci_low": 1.234, "ci_high": 5.678}, mean | {"base": 12}]
    limits = {"ci_low": 1.0, "ci_high": 2.0}
    out = published(study, findings(changes=tables.CHANGES.of(pd.DataFrame([*rows[:2], rows[2] | limits]))))[
        "survey_changes"
    ]
    per_cents, units = ["per_cent_earlier", "per_cent", "points"], ["value_earlier", "value", "difference"]
    assert out.loc[0, [*per_cents, "ci_low", "ci_high"]].tolist() == [30, 36, 6, 1, 10]
    assert out.loc[0, units].isna().all()
    assert out.loc[1, [*units, "ci_low", "ci_high"]].tolist() == [31.3, 34.7, 3.5, 1.2, 5.7]
    assert out.loc[1, per_cents].isna().all()
    assert out.loc[1, "option_label"] == "Mean"
    assert out.loc[2, [*units, *per_cents, "ci_low", "p"]].isna().all()
