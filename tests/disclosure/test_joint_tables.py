"""Nothing that is hidden in a table of one strand appears where the strands are brought together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joined_study import write_joined_study
from plait import tables
from plait.descriptions import short_name
from plait.disclosure.gate import publish
from plait.disclosure.joint_tables import joining_table, statistics_table
from plait.disclosure.labels import Labels
from plait.disclosure.rules import PROFILES, Rules
from plait.disclosure.suppression import SMALL_OR_COMPANY, SuppressionLog
from plait.integration.by_group import strands_by_group
from plait.study import Study, load_study
from some_findings import findings

PUBLIC = PROFILES["public"]
GROUPS = ("infants", "juniors")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(write_joined_study(tmp_path_factory.mktemp("joined") / "joined"))


def gate(study: Study, rules: Rules, **found: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {short_name(table): frame for table, frame in publish(study, findings(**found), rules)}


def statistics(with_theme: int, without: int, unjoined: int) -> pd.DataFrame:
    row = {"construct": "food", "label": "Food", "collection": "notes", "theme": "food", "question": "wants"}
    row |= {"option": "fruit", "measure": "share", "base_unjoined": unjoined}
    pair = ((True, 0.404, with_theme), (False, 0.004, without))
    return tables.STATISTICS_BY_THEME.of(
        [row | {"spoken": s, "value": v if n else np.nan, "base": n} for s, v, n in pair]
    )


def published_statistics(study: Study, frame: pd.DataFrame, rules: Rules = PUBLIC) -> pd.DataFrame:
    return statistics_table(frame, Labels(study), rules, SuppressionLog())


@pytest.mark.parametrize(
    ("sizes", "bases", "per_cents", "markers"),
    [
        ((120, 110, 900), [120, 110], [40, 0], ["", "low"]),
        ((60, 40, 900), [60, 40], [40, 0], ["u", "u"]),
        ((20, 40, 900), [20, 40], [None, 0], ["u", "u"]),
        ((9, 40, 900), [None, None], [None, None], ["c", "c"]),
        ((120, 110, 9), [120, None], [40, None], ["", "c"]),  # those not joined could be found by subtraction
        ((120, 0, 900), [120, 0], [40, None], ["", "z"]),
    ],
)
def test_joined_people_are_a_group_like_any_other(
    study: Study, sizes: tuple[int, int, int], bases: list[int | None], per_cents: list[int | None], markers: list[str]
) -> None:
    out = published_statistics(study, statistics(*sizes))
    assert [None if pd.isna(n) else n for n in out["base"]] == bases
    assert [None if pd.isna(n) else n for n in out["per_cent"]] == per_cents
    assert out["marker"].tolist() == markers


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_no_few_joined_people_are_shown_or_left_to_subtraction(study: Study, a: int, b: int, c: int) -> None:
    out = published_statistics(study, statistics(a, b, c))
    for n, shown, per_cent in zip((a, b), out["base"], out["per_cent"], strict=True):
        assert pd.isna(shown) or shown == n
        assert not 0 < n < 10 or pd.isna(shown)
        assert n >= 30 or pd.isna(per_cent)
    if 0 < c < 10 and a + b > 0:
        assert out["base"].isna().any()


def test_means_are_withheld_like_shares(study: Study) -> None:
    means = statistics(120, 20, 900).assign(option="", measure="mean", question="likes", value=[2.345, 1.5])
    out = published_statistics(study, means)
    assert out["mean"].tolist()[0] == 2.35
    assert np.isnan(out["mean"].tolist()[1])
    assert out["per_cent"].isna().all()
    assert out["option_label"].tolist() == ["Mean", "Mean"]


def test_the_profile_rounds_bases_and_per_cents(study: Study) -> None:
    strict, internal = (
        published_statistics(study, statistics(123, 112, 900), PROFILES[name]) for name in ("strict", "internal")
    )
    assert strict["base"].tolist() == [125, 110]
    assert internal["base"].tolist() == [123, 112]
    assert internal["per_cent"].tolist() == [40.4, 0.4]


def test_every_answer_that_is_hidden_has_a_line_in_the_log(study: Study) -> None:
    """Of a hundred with the theme eight want fruit, of twenty without it nothing is shown but how many they are."""
    fruit = statistics(100, 20, 900).assign(value=[0.08, 0.4])
    juice, nothing = (fruit.assign(option=option, value=[0.5, 0.1]) for option in ("juice", "nothing"))
    log = SuppressionLog()
    out = statistics_table(pd.concat([fruit, juice, nothing]), Labels(study), PROFILES["strict"], log)
    assert out["base"].tolist() == [100, 20] * 3
    assert out["per_cent"].fillna(-1).tolist() == [-1, -1, 50, -1, 50, -1]
    assert out["marker"].tolist() == ["c", "c", "", "c", "", "c"]
    of = {"table": "published/statistics_by_theme", "question": "notes: food", "break": "wants"}
    assert log.table().to_dict("records") == [
        of | {"group": "does not", "rule": "base below 30", "cells": 3},
        of | {"group": "speaks of it", "rule": SMALL_OR_COMPANY, "cells": 1},
    ]


def test_a_rare_answer_to_a_single_choice_is_not_found_from_the_others(study: Study) -> None:
    """Six of a hundred do neither: 54 and 40 per cent for the others would tell it. Without a rare one all are shown."""
    row = statistics(100, 200, 900).assign(question="likes")
    strict = PROFILES["strict"]
    for shares, told in (((0.54, 0.06, 0.40), False), ((0.54, 0.12, 0.34), True)):
        options = zip(("agree", "neither", "disagree"), shares, strict=True)
        frame = pd.concat([row.assign(option=option, value=[share, 0.3]) for option, share in options])
        out = published_statistics(study, frame, strict)
        assert out.loc[out["spoken"].astype(bool), "per_cent"].notna().tolist() == [told] * 3
        assert out.loc[~out["spoken"].astype(bool), "per_cent"].tolist() == [30] * 3
    few = pd.concat(
        [row.assign(option=o, value=[s, 0.3], base_unjoined=0) for o, s in (("agree", 0.54), ("neither", 0.06))]
    )
    assert published_statistics(study, few, strict)["per_cent"].isna().all()  # everyone less those beside


@pytest.mark.parametrize(("of_code", "told"), [(120, True), (118, False), (111, False), (110, True)])
def test_a_few_who_speak_of_a_theme_and_not_of_its_code_are_not_told_apart(
    study: Study, of_code: int, told: bool
) -> None:
    theme = statistics(120, 100, 900)
    code = statistics(of_code, 220 - of_code, 900).assign(theme="food_fruit")
    out = published_statistics(study, pd.concat([theme, code], ignore_index=True))
    assert out["per_cent"].notna().tolist() == [True, True, told, told]
    assert out["base"].notna().tolist() == [True, True, told, told]


def test_a_few_people_without_consent_are_not_counted_in_public(study: Study) -> None:
    line = {"collection": "notes", "how": "people", "by": "", "variable": "", "cases": 19, "joined": 13}
    few = tables.JOINING.of([line | {"no_consent": 2, "no_id": 4, "not_in_survey": 0, "no_group": pd.NA}])
    (out,) = joining_table(few, Labels(study), PUBLIC, SuppressionLog()).to_dict("records")
    # Two are hidden, and with them the smallest other part that is not none, or subtraction would find them.
    hidden = [pd.isna(out[part]) for part in ("joined", "no_consent", "no_id", "not_in_survey")]
    assert hidden == [False, True, True, False]
    assert out["marker"] == "c"


def estimates(bases: dict[str, int]) -> pd.DataFrame:
    rows = [
        {
            "question": "wants", "option": option, "break": "year" if group else "", "group": group, "measure": "share",
            "weight_set": weights, "value": value, "value_unweighted": 0.5, "se": 0.01, "ci_low": 0.2, "ci_high": 0.3,
            "base_unweighted": base, "base_weighted": base, "base_effective": base, "design_effect": 1.0,
            "method": "wilson", "grain": "respondent", "note": "",
        }
        for option in ("fruit", "juice", "later")
        for group, base in {"": sum(bases.values()), **bases}.items()
        for weights, value in (("", 0.5), ("monday", 0.25))
    ]  # fmt: skip
    return tables.ESTIMATES.of(pd.DataFrame(rows))


def themes(counts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    everyone = (sum(n for n, _ in counts.values()), sum(of for _, of in counts.values()))
    rows = [
        {"collection": "notes", "theme": theme, "level": "theme", "unit": unit, "n": n, "of": of}
        | {"by": "year" if group else "", "group": group}
        for theme in ("food", "time")
        for group, (n, of) in {"": everyone, **counts}.items()
        for unit in ("sources", "cases")
    ]
    return tables.THEMES.of(pd.DataFrame(rows))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("bases", "counts"),
    [
        ({"infants": 150, "juniors": 160}, {"Infants": (60, 80), "Juniors": (70, 90)}),
        ({"infants": 7, "juniors": 160}, {"Infants": (60, 80), "Juniors": (70, 90)}),
        ({"infants": 25, "juniors": 160}, {"Infants": (2, 80), "Juniors": (70, 90)}),
        ({"infants": 25, "juniors": 160}, {"Infants": (5, 5), "Juniors": (6, 9)}),
    ],
)
def test_groups_repeat_what_is_published_of_each_strand_and_what_is_hidden(
    study: Study, profile: str, bases: dict[str, int], counts: dict[str, tuple[int, int]]
) -> None:
    counted = themes(counts)
    found = {"estimates": estimates(bases), "themes": counted, "strands_by_group": strands_by_group(study, counted)}
    out = gate(study, PROFILES[profile], **found)
    by_group = out["strands_by_group"]
    assert len(by_group) == 2 * (3 + 2)
    own = out["survey_estimates"].set_index(["question", "option", "group"])
    spoken = out["theme_counts"].query("unit == 'sources'").set_index(["theme", "group"])
    value_of = {"infants": "Infants", "juniors": "Juniors"}
    for row in by_group.to_dict("records"):
        if row["strand"] == "survey":
            there = own.loc[(row["origin"], row["item"], row["group"])]
            pairs = [(row[c], there[c]) for c in ("per_cent", "ci_low", "ci_high", "marker", "weight_set")]
            pairs.append((row["of"], there["base_unweighted"]))
        else:
            there = spoken.loc[(row["item"], value_of[row["group"]])]
            pairs = [(row[c], there[c]) for c in ("n", "of", "per_cent", "marker")]
        assert all((pd.isna(a) and pd.isna(b)) or a == b for a, b in pairs)


def test_values_of_one_group_add_up_unless_one_of_them_is_hidden(study: Study) -> None:
    cells = tables.STRANDS_BY_GROUP.of(
        [
            {"construct": t, "label": t, "variable": "year", "group": "infants", "strand": "coded_text"}
            | {"origin": "notes", "item": t, "by": "year", "values": "Infants\nJuniors"}
            for t in ("food", "time")
        ]
    )
    of = [
        gate(study, PUBLIC, themes=themes({"Infants": (n, 80), "Juniors": (70, 90)}), strands_by_group=cells)
        for n in (60, 2)
    ]
    of = [out["strands_by_group"] for out in of]
    assert of[0].loc[0, ["n", "of", "per_cent", "marker"]].tolist() == [130, 170, 76, ""]
    inside = themes({"Infants": (60, 80), "Juniors": (70, 90)})
    inside = gate(study, PROFILES["internal"], themes=inside, strands_by_group=cells)["strands_by_group"]
    assert inside.loc[0, "per_cent"] == 76.5  # as each of the two is given: with one decimal
    many = gate(study, PUBLIC, themes=themes({"Infants": (3, 800), "Juniors": (4, 900)}), strands_by_group=cells)
    assert many["strands_by_group"].loc[0, ["n", "of", "per_cent", "marker"]].tolist() == [7, 1700, 0, "low"]
    assert pd.isna(of[1].loc[0, "n"])
    assert of[1].loc[0, ["of", "marker"]].tolist() == [170, "c"]


@pytest.mark.parametrize("profile", PROFILES)
def test_what_single_people_answered_leaves_in_no_profile_for_release(study: Study, profile: str) -> None:
    row = {"collection": "notes", "construct": "food", "label": "Food", "value": 1}
    matrix = tables.CASE_LEVEL.of(
        [
            row | {"case": case, "strand": strand, "origin": origin, "item": item}
            for case in ("case-b", "case-a")
            for strand, origin, item in (("survey", "wants", "fruit"), ("coded_text", "notes", "food"))
        ]
    )
    rows = gate(study, PROFILES[profile], case_level=matrix)["case_level"]
    assert rows["number"].tolist() == ([] if PROFILES[profile].released else [2, 2, 1, 1])
    assert "case" not in rows


def test_a_quotation_brings_its_published_words_and_the_published_count(study: Study) -> None:
    place = {"collection": "notes", "theme": "food", "by": "year"}
    matrix = [
        place | {"group": "Infants", "quote": "q1"},
        place | {"group": "Juniors", "quote": ""},
        place | {"group": "", "quote": "q2"},
    ]
    rest = {"collection": "notes", "case": "c", "theme": "food", "code": "food", "alike": 9, "start": 0, "end": 1}
    quotes = [
        rest | {"quote": "q1", "text": "More fruit", "attribution": "Infants", "source_sha256": "0"},
        rest | {"quote": "q2", "text": "Less juice", "attribution": "Notes on the form", "source_sha256": "0"},
    ]
    counted = themes({"Infants": (60, 80), "Juniors": (2, 90)})
    given = {"quotes": tables.QUOTES.of(quotes), "quote_matrix": tables.QUOTE_MATRIX.of(matrix), "themes": counted}
    rows = gate(study, PUBLIC, **given)["quote_matrix"]
    assert rows["text"].tolist() == ["More fruit", "", "Less juice"]
    assert rows["attribution"].tolist() == ["Infants", "", "Notes on the form"]
    # Two people of one group: their number is hidden, and that of the other group with it.
    assert rows["n"].isna().all()
    assert rows["marker"].tolist() == ["c", "c", "z"]


def test_a_collection_of_which_only_counts_are_known_counts_its_people(study: Study) -> None:
    """Its texts are not at hand, even where each was an answer to an open question."""
    counted = themes({"Infants": (60, 80), "Juniors": (70, 90)})
    counted = counted[counted["unit"] == "cases"]
    rows = gate(study, PUBLIC, themes=counted, strands_by_group=strands_by_group(study, counted))["strands_by_group"]
    assert rows.loc[rows["item"] == "food", "n"].tolist() == [60, 70]
