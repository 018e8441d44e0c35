"""Numbers, scores, changes and models of a study, from its definition to its tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import kruskal, ttest_rel
from statsmodels.stats.multitest import multipletests

from plait.errors import StudyError
from plait.study import Study, load_study
from plait.survey.numbers import compare_numbers, estimate_numbers
from plait.survey.outcomes import estimate_models
from plait.survey.sample import Samples
from plait.survey.waves import estimate_changes


def changed(little: Path, *changes: tuple[str, str]) -> Study:
    text = (little / "study.yaml").read_text(encoding="utf-8")
    for old, new in (("  weighting: {targets: targets.csv, trim: {upper: 4}}\n", ""), *changes):
        assert old in text
        text = text.replace(old, new, 1)
    (little / "study.yaml").write_text(text, encoding="utf-8")
    return load_study(little)


HOURS = (
    "    likes:\n",
    "    minutes:\n      label: Minutes\n      text: How many minutes does your child stay?\n      type: number\n"
    "      export: monday\n      column: minutes\n      unit: minutes\n"
    "      measures: [mean, median, quartiles, deciles, total, ratio]\n      ratio_to: meals\n"
    "    meals:\n      label: Meals\n      text: How many meals a week?\n      type: number\n      export: monday\n"
    "      column: meals\n    likes:\n",
)
SCORES = (
    "options: {agree: Agree, neither: Neither, disagree: Disagree}",
    "options: {agree: {label: Agree, score: 1}, neither: {label: Neither, score: 0}, "
    "disagree: {label: Disagree, score: -1}}",
)


MODEL = (
    "  breaks: [year",
    "  models:\n    use: {label: Use, outcome: 'uses:yes_', predictors: [year, distance]}\n  breaks: [year",
)


@pytest.fixture
def parents() -> pd.DataFrame:
    """Ninety parents, some asked twice; what cleaning would make of their answers."""
    rng = np.random.default_rng(4)
    n = 90
    year = np.repeat(["infants", "juniors"], n // 2)
    uses = np.where(rng.random(n) < np.where(year == "infants", 0.7, 0.4), "yes_", "no_")
    minutes = np.round(rng.gamma(4, 10, n) + 15 * (year == "juniors"))
    minutes[:3] = np.nan
    return pd.DataFrame(
        {
            "respondent": [f"p{i}" for i in range(n)],
            "in.monday": True,
            "in.friday": np.arange(n) >= 20,
            "year": year,
            "distance": rng.choice(["near", "middle", "far"], n),
            "near_or_not": "near",
            "year_by_near": year + "__near",
            "uses": uses,
            "missing.uses": "",
            "minutes": minutes,
            "missing.minutes": np.where(np.isnan(minutes), "skipped", ""),
            "meals": rng.integers(1, 6, n).astype(float),
            "missing.meals": "",
            "likes": rng.choice(["agree", "neither", "disagree"], n, p=[0.5, 0.3, 0.2]),
            "missing.likes": "",
        }
    )


def drawn(study: Study, responses: pd.DataFrame) -> tuple[Study, pd.DataFrame, Samples]:
    """A study that is not weighted, and what is estimated from."""
    return study, responses, Samples(study, responses, responses[["respondent"]])


def only(frame: pd.DataFrame, **where: str) -> pd.Series:
    found = frame[np.logical_and.reduce([frame[column] == value for column, value in where.items()])]
    assert len(found) == 1
    return found.iloc[0]


def test_measures_of_a_number_are_those_of_its_answers(little: Path, parents: pd.DataFrame) -> None:
    study = changed(little, HOURS)
    got = estimate_numbers(*drawn(study, parents))
    mine = parents[parents.year == "infants"].dropna(subset=["minutes"])
    place = {"question": "minutes", "break": "year", "group": "infants"}
    mean = only(got, **place, measure="mean")
    assert mean.value == pytest.approx(mine.minutes.mean())
    assert mean.value == mean.value_unweighted
    assert mean.base_unweighted == len(mine) == 42
    assert only(got, **place, measure="median").value == mine.minutes.sort_values().iloc[len(mine) // 2 - 1]
    assert only(got, **place, measure="total").value == pytest.approx(mine.minutes.sum())
    ratio = only(got, **place, measure="ratio")
    assert ratio.value == pytest.approx(mine.minutes.sum() / mine.meals.sum())
    low, high = (only(got, **place, measure=m).value for m in ("lower_quartile", "upper_quartile"))
    assert low < only(got, **place, measure="median").value < high
    in_order = mine.minutes.sort_values().to_numpy()
    tenth, ninetieth = (only(got, **place, measure=m).value for m in ("lower_decile", "upper_decile"))
    assert (tenth, ninetieth) == (in_order[4], in_order[37])  # the first of 42 up to which lie 4.2 and 37.8 of them
    assert set(got[got.question == "meals"].measure) == {"mean", "median"}


def test_a_scored_scale_has_a_mean(little: Path, parents: pd.DataFrame) -> None:
    study = changed(little, SCORES)
    got = only(estimate_numbers(*drawn(study, parents)), **{"question": "likes", "break": ""})
    friday = parents[parents["in.friday"]].likes
    assert got.value == pytest.approx(((friday == "agree").sum() - (friday == "disagree").sum()) / len(friday))


def test_numbers_are_tested_in_the_mean_and_scales_in_their_ranks(little: Path, parents: pd.DataFrame) -> None:
    study = changed(little, HOURS)
    got = compare_numbers(*drawn(study, parents))
    minutes = only(got, **{"question": "minutes", "break": "year"})
    assert minutes.method == "wald_means"
    assert minutes.p < 0.01
    likes = only(got, **{"question": "likes", "break": "distance"})
    assert likes.method == "rank_test"
    friday = parents[parents["in.friday"]]
    order = friday.likes.map({"agree": 0, "neither": 1, "disagree": 2})
    plain = kruskal(*(order[friday.distance == d] for d in ("near", "middle", "far")))
    assert likes.p == pytest.approx(plain.pvalue, abs=0.05)  # ranks and linearisation agree in large samples only


def test_a_change_between_the_same_people_is_that_of_a_paired_test(little: Path, parents: pd.DataFrame) -> None:
    again = (
        "    likes:\n",
        "    uses_still:\n      label: Still uses it\n      text: Does your child still use it?\n      export: friday\n"
        "      column: likes\n      repeats: uses\n      options:\n        yes_: {label: 'Yes', raw: Agree}\n"
        "        no_: {label: 'No', raw: Disagree}\n        cannot_say: {label: Cannot say, no_answer: not_applicable}\n"
        "    likes:\n",
    )
    study = changed(little, again)
    rng = np.random.default_rng(1)
    later = np.where(rng.random(len(parents)) < 0.25, "no_", parents.uses)
    both = parents.assign(**{"in.monday": parents["in.friday"], "uses_still": later, "missing.uses_still": ""})
    got = only(estimate_changes(*drawn(study, both)), question="uses_still", option="yes_")
    there = both[both["in.friday"]]
    before, after = (there.uses == "yes_").astype(float), (there.uses_still == "yes_").astype(float)
    assert got.difference == pytest.approx(after.mean() - before.mean())
    assert (got.base_both, got.base) == (70, 70)
    assert got.p == pytest.approx(ttest_rel(after, before).pvalue, rel=1e-6)


LATER = (
    "    likes:\n",
    "    minutes_later:\n      label: Minutes later\n      text: How many minutes does your child stay?\n"
    "      type: number\n      export: friday\n      column: minutes\n      repeats: minutes\n    likes:\n",
)


def test_a_change_of_a_mean_between_the_same_people_is_that_of_a_paired_test(
    little: Path, parents: pd.DataFrame
) -> None:
    study = changed(little, HOURS, LATER)
    rng = np.random.default_rng(2)
    there = parents[parents["in.friday"] & parents["minutes"].notna()].assign(**{"in.monday": True})
    later = there.assign(minutes_later=there["minutes"] + rng.normal(3, 5, len(there)), **{"missing.minutes_later": ""})
    (got,) = estimate_changes(*drawn(study, later)).to_dict("records")
    want = ttest_rel(later["minutes_later"], later["minutes"])
    assert (got["question"], got["option"], got["measure"]) == ("minutes_later", "", "mean")
    assert got["value_earlier"] == pytest.approx(later["minutes"].mean())
    assert got["difference"] == pytest.approx((later["minutes_later"] - later["minutes"]).mean())
    assert got["difference"] / got["se"] == pytest.approx(want.statistic)
    assert got["p"] == got["p_adjusted"] == pytest.approx(want.pvalue, rel=0.1)  # a degree of freedom apart


def test_a_repeated_scale_with_scores_has_a_change_of_its_mean_beside_those_of_its_shares(
    little: Path, parents: pd.DataFrame
) -> None:
    again = (
        "    likes:\n",
        "    liked:\n      label: Liked it\n      text: My child liked it.\n      export: monday\n      column: liked\n"
        "      scale: agree3\n    likes:\n      repeats: liked\n",
    )
    study = changed(little, SCORES, again)
    liked = np.where(np.arange(len(parents)) % 2, "agree", "disagree")
    got = estimate_changes(*drawn(study, parents.assign(liked=liked, **{"missing.liked": ""}))).set_index("option")
    assert got["measure"].to_dict() == {
        "agree": "share", "neither": "share", "disagree": "share", "not_disagree": "net", "": "mean",
    }  # fmt: skip
    assert got.loc["", "difference"] == pytest.approx(
        got.loc["agree", "difference"] - got.loc["disagree", "difference"]
    )
    assert got.loc["", "p_adjusted"] == got.loc["", "p"]
    shares = got.loc[["agree", "neither", "disagree", "not_disagree"]]
    np.testing.assert_allclose(shares["p_adjusted"], multipletests(shares["p"], method="holm")[1])


def test_a_logistic_model_has_the_coefficients_of_the_plain_one(little: Path, parents: pd.DataFrame) -> None:
    study = changed(little, MODEL)
    got = estimate_models(*drawn(study, parents))
    x = np.column_stack(
        [np.ones(90), parents.year == "juniors", parents.distance == "middle", parents.distance == "far"]
    ).astype(float)
    plain = sm.Logit((parents.uses == "yes_").astype(float), x).fit(disp=0)
    assert got.estimate.to_numpy() == pytest.approx(plain.params.to_numpy(), rel=1e-6)
    assert got[["variable", "group", "reference"]].to_numpy().tolist() == [
        ["", "", ""], ["year", "juniors", "infants"], ["distance", "middle", "near"], ["distance", "far", "near"],
    ]  # fmt: skip
    assert got.loc[got.group == "juniors", "base_unweighted"].item() == 45


def test_a_model_that_cannot_be_estimated_names_the_predictor(little: Path, parents: pd.DataFrame) -> None:
    study = changed(little, MODEL)
    with pytest.raises(StudyError, match=r"survey\.models\.use\.predictors.*cannot be estimated"):
        estimate_models(*drawn(study, parents.assign(distance="near")))


# --- trends, effects, numbers and interactions in models ---------------------------------------------------------------

ORDERED = ("    distance:\n      label: Distance\n", "    distance:\n      label: Distance\n      ordered: true\n")


def test_a_trend_is_tested_along_a_break_whose_groups_stand_in_an_order(little: Path, parents: pd.DataFrame) -> None:
    """Of a simple sample: the slope of a regression of ranks, or of the number, on 0, 1, 2 with robust errors."""
    got = compare_numbers(*drawn(changed(little, HOURS, SCORES, ORDERED), parents))
    assert set(got.loc[got.method.str.contains("trend"), "break"]) == {"distance"}
    place = parents["distance"].map({"near": 0.0, "middle": 1.0, "far": 2.0})
    scale = parents["likes"].map({"agree": 0.0, "neither": 1.0, "disagree": 2.0}).where(parents["in.friday"])
    ranks = (scale.rank() - 0.5) / scale.notna().sum()
    for question, method, values in (("minutes", "mean_trend", parents["minutes"]), ("likes", "rank_trend", ranks)):
        (test,) = got[(got.question == question) & (got.method == method)].to_dict("records")
        used = values.notna() & place.notna()
        fit = sm.OLS(values[used], sm.add_constant(place[used])).fit(cov_type="HC0")
        assert (test["effect"], test["effect_name"]) == (pytest.approx(fit.params.iloc[1]), "slope")
        n = len(parents[parents["in.monday" if question == "minutes" else "in.friday"]])
        assert test["statistic"] == pytest.approx(fit.tvalues.iloc[1] * np.sqrt((n - 1) / n), rel=1e-9)
        assert test["effect_low"] < test["effect"] < test["effect_high"]


def test_two_groups_are_compared_by_the_probability_of_a_higher_answer(little: Path, parents: pd.DataFrame) -> None:
    got = compare_numbers(*drawn(changed(little, SCORES), parents))
    (test,) = got[(got.question == "likes") & (got["break"] == "year")].to_dict("records")
    scale = parents["likes"].map({"agree": 0.0, "neither": 1.0, "disagree": 2.0}).where(parents["in.friday"])
    first, second = (scale[parents["year"] == year].dropna().to_numpy() for year in ("infants", "juniors"))
    higher = np.mean(second[:, None] > first) + np.mean(second[:, None] == first) / 2
    assert (test["effect_name"], test["effect"]) == ("probability_higher", pytest.approx(higher))
    assert test["effect_low"] < higher < test["effect_high"]


def test_a_model_with_a_number_and_an_interaction(little: Path, parents: pd.DataFrame) -> None:
    model = (MODEL[0], MODEL[1].replace("[year, distance]", "[minutes, year * distance]"))
    got = estimate_models(*drawn(changed(little, HOURS, model), parents))
    names = ["", "minutes", "year", "distance", "distance", "year:distance", "year:distance"]
    assert got["variable"].tolist() == names
    assert got["group"].tolist() == ["", "", "juniors", "middle", "far", "juniors:middle", "juniors:far"]
    x = pd.DataFrame({"minutes": parents["minutes"], "juniors": parents["year"] == "juniors"})
    for group in ("middle", "far"):
        x[group] = parents["distance"] == group
    for group in ("middle", "far"):
        x[f"juniors {group}"] = x["juniors"] & x[group]
    here = parents["uses"].notna() & parents["minutes"].notna() & parents["distance"].notna() & parents["year"].notna()
    y = (parents.loc[here, "uses"] == "yes_").astype(float)
    plain = sm.Logit(y, sm.add_constant(x[here].astype(float))).fit(disp=0)
    np.testing.assert_allclose(got["estimate"], plain.params, rtol=1e-6)
    crossed = got[got["group"] == "juniors:far"].iloc[0]
    assert crossed["base_unweighted"] == int((here & x["juniors"] & x["far"]).sum())
    assert got.loc[1, "base_unweighted"] == here.sum()
    crossings = parents[here].groupby(["year", "distance"]).size()  # near infants are what all others are compared with
    assert set(got["smallest_base"]) == {crossings.min()}
    answers = (
        parents[here].groupby(["year", "distance", parents.loc[here, "uses"] == "yes_"]).size().unstack(fill_value=0)
    )
    assert set(got["smallest_cell"]) == {answers.to_numpy().min()}


@pytest.mark.parametrize(
    ("predictors", "words"),
    [
        ("[year*year]", "crosses 'year' with itself"),
        ("[year*yaer]", "there is no variable 'yaer'"),
        ("['year*distance*uses']", "predictors"),
    ],
)
def test_wrong_predictors_are_refused(little: Path, predictors: str, words: str) -> None:
    with pytest.raises(StudyError) as caught:
        changed(little, (MODEL[0], MODEL[1].replace("[year, distance]", predictors)))
    assert words in str(caught.value)
