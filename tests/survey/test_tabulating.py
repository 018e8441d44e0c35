"""From the little study's answers to weights, estimates and reconciled breakdowns, each counted a second way."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.proportion import proportion_confint

from little_study import cleaned_wants
from plait.errors import StudyError
from plait.study import Study, load_study
from plait.survey.breakdowns import breakdown_estimates, read_breakdowns
from plait.survey.cleaning import clean
from plait.survey.crosstabs import adjusted, compare_breakdowns, tabulate_responses
from plait.survey.profile import describe_sample
from plait.survey.reconciliation import reconcile
from plait.survey.sample import Samples
from plait.survey.weighting import Weighted, weight


@pytest.fixture
def study(little: Path) -> Study:
    return load_study(little)


@pytest.fixture
def responses(study: Study) -> pd.DataFrame:
    return clean(study).responses


@pytest.fixture
def weighted(study: Study, responses: pd.DataFrame) -> Weighted:
    return weight(study, responses)


@pytest.fixture
def estimates(study: Study, responses: pd.DataFrame, weighted: Weighted) -> pd.DataFrame:
    return tabulate_responses(study, responses, Samples(study, responses, weighted.weights)).estimates


def cell(estimates: pd.DataFrame, *key: str, weight_set: str = "") -> pd.Series:
    """One estimate by question, option, break and group."""
    mine = estimates[estimates.weight_set == weight_set].set_index(["question", "option", "break", "group"])
    found: pd.Series = mine.loc[key]
    return found


# --- weights -----------------------------------------------------------------------------------------------------------


def test_weighted_shares_meet_the_targets_and_the_unknown_keep_theirs(
    responses: pd.DataFrame, weighted: Weighted
) -> None:
    monday = weighted.weights["monday"]
    for variable, group, target in [("year", "infants", 0.5), ("near_or_not", "near", 0.4)]:
        known = responses[variable].notna()
        assert monday[responses[variable] == group].sum() / monday[known].sum() == pytest.approx(target, abs=1e-9)
    unknown = responses["year"].isna()
    assert monday[unknown].sum() == pytest.approx(unknown.sum())
    assert monday.mean() == pytest.approx(1)


def test_each_export_has_its_own_weights(weighted: Weighted) -> None:
    assert weighted.weights["monday"].notna().sum() == 40
    assert weighted.weights["friday"].notna().sum() == 30
    assert set(weighted.margins.weight_set) == {"monday", "friday"}
    monday = weighted.diagnostics["monday"]
    w = weighted.weights["monday"].to_numpy()
    assert monday["design_effect"] == pytest.approx(len(w) * (w**2).sum() / w.sum() ** 2)
    assert monday["effective_n"] == pytest.approx(40 / monday["design_effect"])
    assert monday["largest_error"] < 1e-8


def test_a_target_that_nobody_can_stand_for_is_named(little: Path) -> None:
    for file in (little / "raw" / "survey").iterdir():
        file.write_text(file.read_text().replace("Infants", "Juniors"))
    study = load_study(little)
    with pytest.raises(StudyError, match=r"targets\.csv.*year = infants"):
        weight(study, clean(study).responses)


def test_people_outside_the_target_population_get_no_weight(little: Path) -> None:
    definition = little / "study.yaml"
    text = definition.read_text().replace("trim: {upper: 4}}", "population: {distance: [near, middle]}}")
    definition.write_text(text)
    (little / "targets.csv").write_text(
        "variable,group,share,source,date,unit,grade\n"
        "year,infants,0.5,roll,2026,headcount,official\nyear,juniors,0.5,roll,2026,headcount,official\n"
    )
    study = load_study(little)
    responses = clean(study).responses
    weighted = weight(study, responses)
    assert weighted.weights["monday"].notna().equals(responses["distance"].isin(["near", "middle"]))
    assert weighted.diagnostics["monday"]["n_without_weight"] == (responses["distance"] == "far").sum()


# --- estimates ---------------------------------------------------------------------------------------------------------


def test_unweighted_shares_are_counts_over_bases(estimates: pd.DataFrame) -> None:
    wants = cleaned_wants()
    for year in ("", "infants", "juniors"):
        here = [w for y, w in wants if year in ("", y)]
        for option in ("fruit", "juice", "later", "nothing"):
            found = cell(estimates, "wants", option, "year" if year else "", year)
            n = sum(option in w for w in here)
            assert (found.value * len(here), found.base_unweighted) == (pytest.approx(n), len(here))
            low, high = proportion_confint(n, len(here), method="wilson")
            assert (found.ci_low, found.ci_high) == (pytest.approx(low), pytest.approx(high))
            assert found.method == "wilson"


def test_bases_follow_routing_and_non_answers(estimates: pd.DataFrame) -> None:
    assert cell(estimates, "uses", "yes_", "", "").base_unweighted == 38
    assert cell(estimates, "likes", "agree", "", "").base_unweighted == 13


def test_weighted_shares_are_ratios_of_weights(
    responses: pd.DataFrame, weighted: Weighted, estimates: pd.DataFrame
) -> None:
    found = cell(estimates, "wants", "fruit", "year", "juniors", weight_set="monday")
    here = responses["year"] == "juniors"
    w = weighted.weights["monday"]
    assert found.value == pytest.approx((w * responses["wants.fruit"])[here].sum() / w[here].sum())
    assert found.value_unweighted == pytest.approx(responses.loc[here, "wants.fruit"].mean())
    assert found.base_weighted == pytest.approx(w[here].sum())
    assert found.method == "korn-graubard"


def test_a_net_is_the_sum_of_unrounded_shares(estimates: pd.DataFrame) -> None:
    for weight_set in ("", "friday"):
        parts = [cell(estimates, "likes", o, "", "", weight_set=weight_set).value for o in ("agree", "neither")]
        net = cell(estimates, "likes", "not_disagree", "", "", weight_set=weight_set)
        assert net.value == pytest.approx(sum(parts))
        assert net.measure == "net"


def test_every_question_by_every_break(estimates: pd.DataFrame) -> None:
    groups = {"": 1, "year": 2, "distance": 3, "year_by_near": 4}
    for question, items in {"uses": 2, "wants": 4, "likes": 4}.items():
        mine = estimates[estimates.question == question]
        assert mine.groupby("break").size().to_dict() == {b: 2 * g * items for b, g in groups.items()}


def test_the_share_of_everyone_lies_between_those_of_the_groups(estimates: pd.DataFrame) -> None:
    mine = estimates[(estimates["break"] == "distance") & (estimates.weight_set == "")]
    total = estimates[(estimates["break"] == "") & (estimates.weight_set == "")].set_index(["question", "option"]).value
    for key, groups in mine.groupby(["question", "option"]):
        assert groups.value.min() - 1e-12 <= total[key] <= groups.value.max() + 1e-12


def test_clusters_change_the_interval_but_not_the_share(little: Path) -> None:
    text = (little / "study.yaml").read_text()
    text = text.replace("  breaks: [year", "  design: {cluster: distance}\n  breaks: [year").replace(
        "  weighting: {targets: targets.csv, trim: {upper: 4}}\n", ""
    )
    (little / "study.yaml").write_text(text)
    study = load_study(little)
    responses = clean(study).responses
    found = cell(
        tabulate_responses(study, responses, Samples(study, responses, responses[["respondent"]])).estimates,
        "wants",
        "fruit",
        "",
        "",
    )
    y = responses["wants.fruit"]
    totals = (y - y.mean()).groupby(responses["distance"]).sum() / len(y)
    m = len(totals)
    assert found.se == pytest.approx(np.sqrt(m / (m - 1) * ((totals - totals.mean()) ** 2).sum()))
    assert found.value == pytest.approx(y.mean())
    assert found.method == "korn-graubard"


# --- tests -------------------------------------------------------------------------------------------------------------


def test_breakdown_tables_are_tested_as_counts(study: Study) -> None:
    (table,) = read_breakdowns(study)
    tests = compare_breakdowns(table.cells)
    mine = tests[tests.option == "later"].iloc[0]
    wants = cleaned_wants()
    counts = [
        [sum(("later" in w) == ticked and y == year for y, w in wants) for year in ("infants", "juniors")]
        for ticked in (True, False)
    ]
    corrected, plain = chi2_contingency(counts), chi2_contingency(counts, correction=False)
    if corrected.expected_freq.min() < 5:
        assert (mine.method, mine.p) == ("fisher", pytest.approx(fisher_exact(counts).pvalue))
    else:
        assert mine.method == "pearson_yates"
        assert (mine.statistic, mine.p) == (pytest.approx(corrected.statistic), pytest.approx(corrected.pvalue))
    assert mine.effect == pytest.approx(np.sqrt(plain.statistic / np.sum(counts)))


def test_weighted_answers_are_tested_with_their_weights(
    study: Study, responses: pd.DataFrame, weighted: Weighted
) -> None:
    tests = adjusted(tabulate_responses(study, responses, Samples(study, responses, weighted.weights)).tests)
    made = tests[tests.p.notna()]
    assert set(made.method) == {"rao_scott"}
    assert (made.p_adjusted >= made.p).all()
    assert set(tests.weight_set) == {"monday", "friday"}


def test_a_single_choice_is_tested_whole_and_option_by_option_and_boxes_one_by_one(
    study: Study, responses: pd.DataFrame, weighted: Weighted
) -> None:
    tests = tabulate_responses(study, responses, Samples(study, responses, weighted.weights)).tests
    by_year = tests[tests["break"] == "year"].groupby("question").option.agg(list).to_dict()
    assert by_year["likes"] == ["", "agree", "neither", "disagree", "not_disagree"]
    assert by_year["uses"] == [""]  # two options: one test says it all
    assert by_year["wants"] == ["fruit", "juice", "later", "nothing"]


def test_p_values_are_adjusted_within_a_question_and_across_questions() -> None:
    place = [("a", "x"), ("a", "y"), ("a", ""), ("b", ""), ("c", "")]
    blank = {"break": "year", "grain": "respondent"}
    rows = [
        {"question": q, "option": o, "p": p} | blank
        for (q, o), p in zip(place, (0.01, 0.04, 0.03, 0.02, 0.5), strict=True)
    ]
    got = adjusted(pd.DataFrame(rows)).p_adjusted.tolist()
    assert got == pytest.approx([0.02, 0.04, 0.045, 0.045, 0.5])  # Holm of two; Benjamini and Hochberg of three


def test_groups_of_thirty_are_compared(little: Path) -> None:
    study = load_study(little)
    responses = grown(clean(study).responses, 6)
    weights = weight(study, responses).weights
    pairs = tabulate_responses(study, responses, Samples(study, responses, weights)).pairs
    mine = pairs[(pairs.question == "wants") & (pairs["break"] == "year")]
    assert set(zip(mine.group, mine.other, strict=True)) == {("infants", "juniors")}
    assert (mine.p_adjusted >= mine.p).all()
    small = pairs[pairs["break"] == "distance"]
    bases = responses.distance.value_counts()
    assert all(bases[g] >= 30 and bases[o] >= 30 for g, o in zip(small.group, small.other, strict=True))


def grown(responses: pd.DataFrame, times: int) -> pd.DataFrame:
    """The little study several times over, everybody a person of their own."""
    parts = [responses.assign(respondent=responses.respondent + f"-{i}") for i in range(times)]
    return pd.concat(parts, ignore_index=True)


# --- breakdowns --------------------------------------------------------------------------------------------------------


def test_both_grains_agree_and_the_vendor_is_audited(study: Study, estimates: pd.DataFrame) -> None:
    read = read_breakdowns(study)
    frame = reconcile(study, read, estimates)
    assert frame.groupby("what").agrees.agg(["size", "sum"]).to_numpy().tolist() == [[8, 8], [1, 1], [2, 2]]
    everyone = breakdown_estimates(study, read).set_index(["option", "break"]).loc[("fruit", "")]
    wants = [w for y, w in cleaned_wants() if y]
    assert everyone.base_unweighted == len(wants) == 39
    assert everyone.value * 39 == pytest.approx(sum("fruit" in w for w in wants))


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("responses.csv", "Fruit", "Fruits", ["row 2", "no such option", "did you mean 'Fruit'"]),
        ("responses.csv", "year_juniors", "year_junior", ["does not say what the column 'year_junior' is"]),
        ("responses.csv", "0.", "7.", ["row 2", "is not a share", "year_infants"]),
        ("responses.csv", "Nothing", "Fruit", ["row 5", "has the option 'fruit' before, in row 2"]),
        ("responders.csv", "10", "ten", ["is not a whole number", "'ten'"]),
        ("margin.csv", "%", " points", ["is not a per cent"]),
    ],
)
def test_a_wrong_breakdown_table_is_refused(little: Path, file: str, old: str, new: str, expected: list[str]) -> None:
    path = little / "raw" / "breakdown" / file
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8-sig")
    with pytest.raises(StudyError) as caught:
        read_breakdowns(load_study(little))
    for words in [f"{file}" if "does not say" not in expected[0] else "breakdown_columns.csv", *expected]:
        assert words in str(caught.value)


def test_a_difference_between_the_grains_stops_the_run_unless_it_is_declared(
    little: Path, estimates: pd.DataFrame
) -> None:
    path = little / "raw" / "breakdown" / "responders.csv"
    path.write_text(path.read_text().replace("29", "30"))
    study = load_study(little)
    with pytest.raises(StudyError, match=r"base of wants, year juniors is 30 here and 29"):
        reconcile(study, read_breakdowns(study), estimates)
    definition = little / "study.yaml"
    definition.write_text(
        definition.read_text().replace(
            "total_from: year", "total_from: year\n      known_differences: {year: late answers}"
        )
    )
    study = load_study(little)
    frame = reconcile(study, read_breakdowns(study), estimates)
    assert set(frame.loc[(frame.what == "base") & ~frame.agrees, "note"]) == {"late answers"}


def test_where_as_many_ticked_but_others_were_asked_the_bases_are_told(study: Study, estimates: pd.DataFrame) -> None:
    one_more = estimates.copy()
    juniors = (one_more["grain"] == "respondent") & (one_more["break"] == "year") & (one_more["group"] == "juniors")
    one_more.loc[juniors, "value"] *= one_more["base_unweighted"] / (one_more["base_unweighted"] + 1)
    one_more.loc[juniors, "base_unweighted"] += 1
    with pytest.raises(StudyError, match=r"base of wants, year juniors \w+ is 29 here and 30"):
        reconcile(study, read_breakdowns(study), one_more)


def test_rounded_per_cents_are_kept_and_said(little: Path, estimates: pd.DataFrame) -> None:
    path = little / "raw" / "breakdown" / "responses.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    for i, line in enumerate(lines[1:], start=1):
        label, infants, juniors = line.rsplit(",", 2)
        lines[i] = f"{label},{float(infants) * 100:.0f}%,{juniors}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    study = load_study(little)
    read = read_breakdowns(study)
    assert reconcile(study, read, estimates).query("what == 'count'").agrees.all()
    notes = breakdown_estimates(study, read).groupby("group").note.first()
    assert notes["infants"] == "rounded by the vendor"
    assert notes["juniors"] == ""


def rewrite_breakdown(little: Path, **columns: Callable[[float], str]) -> Study:
    """The study after some columns of its breakdown table were written in another way."""
    path = little / "raw" / "breakdown" / "responses.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    for row in rows:
        for i, name in enumerate(header):
            row[i] = columns[name](float(row[i])) if name in columns else row[i]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return load_study(little)


def test_weighted_shares_have_no_interval_and_no_test_and_their_bases_are_compared(
    little: Path, estimates: pd.DataFrame
) -> None:
    study = rewrite_breakdown(little, year_juniors=lambda share: f"{0.9 * share + 0.0123:.9f}")
    (table,) = read_breakdowns(study)
    audit = reconcile(study, [table], estimates)
    assert "the shares are weighted, counts cannot be rebuilt" in "".join(audit.query("what == 'integrality'").note)
    assert audit.query("what == 'base'")[["group", "left", "right", "agrees"]].to_numpy().tolist() == [
        ["infants", 10, 10, True],
        ["juniors", 29, 29, True],
    ]
    assert audit.query("what == 'count'").empty  # a vendor weights a break, not a group of it
    found = breakdown_estimates(study, [table])
    assert (
        found[["value_unweighted", "se", "ci_low", "ci_high", "base_effective", "design_effect"]].isna().all(axis=None)
    )
    assert set(found["method"]) == {""}
    assert found["note"].str.contains("neither an interval nor a test").all()
    assert (found["note"].str.contains("unweighted bases") == (found["break"] == "")).all()
    tests = compare_breakdowns(table.cells)
    assert tests["p"].isna().all()
    assert set(tests["note"]) == {"shares are rounded or weighted"}


@pytest.mark.parametrize(("written", "value"), [("<30%", 0.15), ("<1%", 0.0025)])
def test_less_than_a_per_cent_is_neither_zero_nor_that_per_cent(
    little: Path, estimates: pd.DataFrame, written: str, value: float
) -> None:
    study = rewrite_breakdown(little, year_juniors=lambda x: written if 0 < x < 0.3 else f"{100 * x:.0f}%")
    (table,) = read_breakdowns(study)
    below = table.cells[table.cells["below"].notna()]
    found = breakdown_estimates(study, [table]).query("group == 'juniors'").set_index("option").loc[below["option"]]
    assert set(found["value"]) == {value}
    assert set(found["note"]) == {f"the vendor says only that it is less than {written[1:]}"}
    if written == "<30%":
        assert reconcile(study, [table], estimates).query("what == 'count'")["agrees"].all()
    else:
        with pytest.raises(StudyError, match=f"count of wants, year juniors {below['option'].iloc[0]}"):
            reconcile(study, [table], estimates)


def test_a_breakdown_table_without_answers_is_said_to_be_empty(little: Path) -> None:
    path = little / "raw" / "breakdown" / "responses.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").partition("\n")[0] + "\n", encoding="utf-8-sig")
    with pytest.raises(StudyError, match=r"responses.csv: has a header but no answers below it"):
        read_breakdowns(load_study(little))


def test_a_group_of_nobody_has_no_share_and_no_margin(little: Path) -> None:
    definition = little / "study.yaml"
    definition.write_text(definition.read_text().replace("      export: monday\n      column: wants\n", ""))
    (little / "raw" / "breakdown" / "responders.csv").write_text("year_infants,year_juniors\n0,29\n")
    study = rewrite_breakdown(little, year_infants=lambda share: "0")
    read = read_breakdowns(study)
    found = breakdown_estimates(study, read).query("group == 'infants'")
    assert found[["value", "ci_low", "ci_high"]].isna().all(axis=None)
    audit = reconcile(study, read, found).query("what == 'margin_of_error'").set_index("group")
    assert audit["agrees"].to_dict() == {"infants": False, "juniors": True}


def test_a_rounded_share_is_no_count_even_where_it_looks_like_one(little: Path) -> None:
    study = rewrite_breakdown(little, year_infants=lambda share: f"{100 * share:.0f}%")
    (table,) = read_breakdowns(study)
    assert not table.cells.query("group == 'infants'")["whole"].any()  # 30% of ten people
    assert compare_breakdowns(table.cells)["p"].isna().all()


# --- profile -----------------------------------------------------------------------------------------------------------


def test_the_profile_counts_everyone_and_shows_targets(
    study: Study, responses: pd.DataFrame, weighted: Weighted
) -> None:
    profile = describe_sample(study, responses, weighted.weights, weighted.margins, []).set_index(["variable", "group"])
    assert profile.loc[("year", "infants"), "n"] == 10
    assert profile.loc[("near_or_not", "near"), "share_target"] == 0.4
    assert profile.loc[("near_or_not", "near"), "share_weighted"] == pytest.approx(0.4)
    assert profile.loc[("near_or_not", "near"), "grade"] == "illustrative"
