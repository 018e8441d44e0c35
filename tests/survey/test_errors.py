"""Standard errors as the definition asks for them: bootstrap, jackknife, and replicate weights that were supplied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from plait.errors import StudyError
from plait.study import Study
from plait.survey.crosstabs import tabulate_responses
from plait.survey.findings import SurveyFindings, survey_findings
from plait.survey.intervals import korn_graubard
from plait.survey.replicates import replicate_errors, reweighted
from plait.survey.sample import Samples, weighted_sample
from plait.survey.weighting import weight
from small_survey import cleaned, small_survey
from survey_oracle import EST, ORACLE, SE, F, P, close, design, expected, needs_oracle, panel, wide
from weighting_study import answered, weighting_study

N = 300
RNG = np.random.default_rng(12)
PHASE = np.where(RNG.random(N) < 0.7, "primary", "secondary")
LIKES = np.where(RNG.random(N) < np.where(PHASE == "primary", 0.3, 0.6), "yes_", "no_")
SCHOOL = np.array([f"s{i % 40:02d}" for i in RNG.permutation(N)])
TARGETS = {"phase": {"primary": 0.5, "secondary": 0.5}}
HOURS = {
    "label": "Hours",
    "text": "Hours?",
    "column": "hours",
    "type": "number",
    "measures": ["mean", "median", "total"],
}
LIKED = {"label": "Likes it", "text": "Do you like it?", "column": "likes", "options": {"yes_": "Yes", "no_": "No"}}
BREAKS = {"questions": {"likes": LIKED, "hours": HOURS}, "breaks": ["phase"]}


def teachers() -> pd.DataFrame:
    frame = answered(N, phase=PHASE, likes=LIKES, cluster=SCHOOL)
    hours = RNG.normal(40, 8, N).round()
    return frame.assign(hours=hours, **{"missing.likes": "", "missing.hours": ""})


def found(study: Study, responses: pd.DataFrame) -> SurveyFindings:
    return survey_findings(study, responses, weight(study, responses).weights)


def main(result: SurveyFindings) -> pd.DataFrame:
    return result.estimates[result.estimates.weight_set != ""]


@pytest.mark.parametrize("method", ["bootstrap", "jackknife"])
def test_errors_of_the_definition_are_those_of_the_library(method: str) -> None:
    responses = teachers()
    study = weighting_study(TARGETS, {}, errors={"method": method}, design={"cluster": "school"}, **BREAKS)
    got = main(found(study, responses)).set_index(["question", "option", "group", "measure"]).sort_index()
    sample = weighted_sample(study, responses, weight(study, responses).weights, "day")
    assert sample is not None
    said = (responses["likes"] == "yes_").to_numpy(dtype=float)
    inside = np.column_stack([np.ones(N), PHASE == "primary", PHASE == "secondary"])

    def shares(weights: np.ndarray) -> np.ndarray:
        return (inside.T @ (weights * said[:, None])) / (inside.T @ weights)

    want = replicate_errors(sample.design, shares)
    yes = got.xs(("likes", "yes_"), level=("question", "option")).loc[["", "primary", "secondary"]]
    np.testing.assert_allclose(yes["value"], want.estimate, rtol=1e-12)
    np.testing.assert_allclose(yes["se"], want.se, rtol=1e-9)
    assert set(yes["method"]) == {f"korn-graubard+{method}"}
    mean = got.loc[("hours", "", "", "mean")]
    hours = responses["hours"].to_numpy()
    direct = replicate_errors(sample.design, lambda w: hours @ w / w.sum(axis=0))
    np.testing.assert_allclose(mean["se"], direct.se, rtol=1e-9)
    assert mean["method"] == f"wald_t+{method}"
    assert set(found(study, responses).tests["method"]) == {f"rao_scott+{method}", f"wald_means+{method}"}


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("logit", "logit"),
        ("arcsine", "arcsine"),
        ("wald", "wald_t"),
        ("wilson", "wilson-effective"),
        ("usual", "korn-graubard"),
    ],
)
def test_intervals_of_shares_are_those_that_the_definition_names(kind: str, method: str) -> None:
    responses = teachers()
    study = weighting_study(TARGETS, {}, errors={"intervals": kind}, design={"cluster": "school"}, **BREAKS)
    got = main(found(study, responses)).query("measure == 'share'")
    share, se, n = (got[name].to_numpy(dtype=float) for name in ("value", "se", "base_unweighted"))
    df = [
        responses.loc[responses["phase"].isin([group] if group else ["primary", "secondary"]), "cluster"].nunique() - 1
        for group in got["group"]
    ]
    t = stats.t.ppf(0.975, df)
    odds, half = np.log(share / (1 - share)), t * se / (share * (1 - share))
    size = np.minimum(share * (1 - share) / se**2, n)
    want = {
        "logit": (1 / (1 + np.exp(half - odds)), 1 / (1 + np.exp(-half - odds))),
        "arcsine": np.sin(
            np.arcsin(np.sqrt(share)) + np.multiply.outer((-1, 1), t * se / np.sqrt(share * (1 - share)) / 2)
        )
        ** 2,
        "wald": (share - t * se, share + t * se),
        "wilson": proportion_confint(share * size, size, method="wilson"),
        "usual": korn_graubard(share, se, n, df),
    }[kind]
    np.testing.assert_allclose(got[["ci_low", "ci_high"]].to_numpy(), np.transpose(want), rtol=1e-9)
    assert set(got["method"]) == {method}


@pytest.mark.parametrize("kind", ["logit", "arcsine", "wald", "wilson", "korn_graubard"])
@pytest.mark.parametrize("simple", [True, False])
def test_a_share_that_nobody_chose_has_an_interval_of_every_kind(kind: str, simple: bool) -> None:
    responses = teachers().assign(likes="no_")
    study = weighting_study(TARGETS, None if simple else {}, errors={"intervals": kind}, **BREAKS)
    shares = found(study, responses).estimates.query("measure == 'share' and `break` == ''")
    nobody, everybody = (shares[shares["option"] == option] for option in ("yes_", "no_"))
    assert (nobody["ci_low"] == 0).all() and (everybody["ci_high"] == 1).all()
    assert nobody["ci_high"].between(0.008, 0.02).all()  # 3 of 300, or a little more
    np.testing.assert_allclose(1 - everybody["ci_low"], nobody["ci_high"], rtol=1e-9)
    names = {"wilson", "wilson-effective"} if kind == "wilson" else {"korn-graubard"}
    assert set(shares["method"]) <= names


def test_both_replications_agree_with_linearisation() -> None:
    """Three ways to one standard error; 500 replicates have an error of 3 % themselves."""
    responses = teachers()
    se, p, difference = {}, {}, {}
    for method in ("linearised", "bootstrap", "jackknife"):
        study = weighting_study(TARGETS, {}, errors=method, design={"cluster": "school"}, **BREAKS)
        result = found(study, responses)
        table = main(result)
        se[method] = table.loc[table.measure != "median", "se"].to_numpy(dtype=float)
        p[method] = result.tests["statistic"].to_numpy(dtype=float)
        difference[method] = result.pairs["se"].to_numpy(dtype=float)
    for method in ("bootstrap", "jackknife"):
        np.testing.assert_allclose(se[method], se["linearised"], rtol=0.15)
        np.testing.assert_allclose(p[method], p["linearised"], rtol=0.25)
        np.testing.assert_allclose(difference[method], difference["linearised"], rtol=0.15)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    responses = teachers()

    def se(seed: int) -> np.ndarray:
        study = weighting_study(TARGETS, {}, errors={"method": "bootstrap", "replicates": 60, "seed": seed}, **BREAKS)
        return main(found(study, responses))["se"].to_numpy(dtype=float)

    np.testing.assert_array_equal(se(1), se(1))
    assert not np.array_equal(se(1), se(2))


def test_what_the_margins_fix_has_no_error_in_any_replicate() -> None:
    responses = teachers()
    responses["likes"] = np.where(responses["phase"] == "primary", "yes_", "no_")
    for errors in ("linearised", "bootstrap"):
        study = weighting_study(TARGETS, {}, errors=errors, **BREAKS)
        table = main(found(study, responses))
        fixed = table[(table.question == "likes") & (table["break"] == "")]
        assert fixed["se"].tolist() == [0, 0], errors


def test_groups_lost_from_replicates_are_told() -> None:
    responses = teachers()
    phase = np.where(np.arange(N) < 3, "secondary", "primary")
    study = weighting_study({"phase": {"primary": 0.98, "secondary": 0.02}}, {}, errors="bootstrap", **BREAKS)
    got = main(found(study, responses.assign(phase=phase)))
    note = got.loc[(got.question == "likes") & (got["break"] == ""), "note"].iloc[0]
    assert note == "bootstrap replicates that could not be weighted to phase = secondary were drawn again"
    none = np.where(np.arange(N) < 1, "secondary", "primary")
    with pytest.raises(StudyError, match=r"survey\.errors.*phase = secondary is lost"):
        rare = weighting_study({"phase": {"primary": 0.98, "secondary": 0.02}}, {}, errors="jackknife", **BREAKS)
        found(rare, responses.assign(phase=none))


def test_a_group_that_some_replicates_do_not_have() -> None:
    responses = teachers()
    role = np.where(np.arange(N) < 3, "head", "teacher")
    study = weighting_study(
        TARGETS, {}, {"role": ["head", "teacher"]}, errors="bootstrap", questions=BREAKS["questions"], breaks=["role"]
    )
    got = main(found(study, responses.assign(role=role)))
    heads = got[(got.question == "likes") & (got.group == "head")]
    assert heads["note"].str.fullmatch(r"in 4\d\d of 500 replicates; the others hold nobody of this group").all()


def test_more_weights_than_can_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.survey.sample._MOST_WEIGHTS", 1000)
    study = weighting_study(TARGETS, {}, errors="bootstrap", **BREAKS)
    with pytest.raises(StudyError, match="500 replicates of 300 respondents"):
        found(study, teachers())


# --- supplied replicate weights ------------------------------------------------------------------------------------------


def oracle_study(columns: int, **survey: object) -> Study:
    groups = {"age": [f"g{i}" for i in range(1, 6)], "gender": ["g1", "g2"]}
    options = {f"o{i}": f"Option {i}" for i in range(1, 4)}
    questions = {q: {"label": q, "text": q, "column": q, "options": options} for q in ("q2",)}
    supplied = {"columns": f"r1 to r{columns}", "method": "bootstrap"}
    exports = {"day": {"file": "day.csv", "weight": "w"} | ({"replicate_weights": supplied} if columns else {})}
    more = {"questions": questions, "breaks": list(groups), "exports": exports}
    return weighting_study({}, {"method": "supplied"}, groups, **(more | survey))


def oracle_responses(name: str, replicates: np.ndarray | None = None) -> pd.DataFrame:
    data = panel()
    frame = answered(len(data), **{v: [f"g{i}" for i in data[v]] for v in ("age", "gender")})
    frame["q2"] = pd.Series([None if np.isnan(v) else f"o{int(v)}" for v in data["q2"]], dtype="str")
    frame["missing.q2"] = np.where(data["q2"].isna(), "skipped", "")
    frame["weight.day"] = design(name).weights
    if replicates is not None:
        columns = {f"weight.day.{i + 1}": replicates[:, i] for i in range(replicates.shape[1])}
        frame = pd.concat([frame, pd.DataFrame(columns)], axis="columns")
    return frame


@needs_oracle
def test_supplied_replicate_weights_give_the_errors_of_the_r_package() -> None:
    """The oracle's draws, raked, are handed in as a data provider's; R took deviations from the full sample (mse)."""
    counts = pd.read_csv(ORACLE / "boot_mult.csv").set_index(["stratum", "school"])
    size = counts.groupby("stratum")["r1"].transform("size")
    factors = counts.mul(size / (size - 1), axis=0)
    multipliers = factors.loc[pd.MultiIndex.from_frame(panel()[["stratum", "school"]])].to_numpy()
    replicates = reweighted(design("stratclus_calrake"), multipliers, tolerance=1e-13).weights
    responses = oracle_responses("stratclus_calrake", replicates)
    study = oracle_study(60)
    result = tabulate_responses(study, responses, Samples(study, responses, weight(study, responses).weights))
    mine = result.estimates[result.estimates.weight_set != ""].set_index(["break", "group", "option"])
    frame = expected("replicates")
    frame = frame[(frame["design"] == "boot_rake_mse") & (frame["item"] == "q2")]
    compared = 0
    for (stat, break_), part in frame.groupby(["stat", "by"]):
        if break_ not in ("", "age", "gender"):
            continue
        want = wide(part, ["level"], ["est", "se"])
        for level, row in want.iterrows():
            group, option = str(level).split("|") if stat == "by" else ("", str(level))
            got = mine.loc[(break_, f"g{group}" if group else "", f"o{option}")]
            close(got["value"], row["est"], EST, str(level))
            close(got["se"], row["se"], SE, str(level))
            compared += 1
    assert compared >= 3
    assert set(mine["method"]) == {"korn-graubard+replicate_weights"}
    assert set(result.tests["method"]) == {"rao_scott+replicate_weights"}
    whole = result.tests[(result.tests.option == "") & (result.tests["break"] == "age")].iloc[0]
    assert whole["df2"] == pytest.approx(
        whole["df1"] * 59
    )  # sixty replicates that do not depend on each other, less one


def test_a_run_of_columns_and_what_each_method_multiplies_by() -> None:
    def weights(**given: object) -> object:
        study = weighting_study(
            {}, {"method": "supplied"}, exports={"day": {"file": "d.csv", "weight": "w", "replicate_weights": given}}
        )
        assert study.definition.survey is not None
        return study.definition.survey.exports["day"].replicate_weights

    fay = weights(columns="W_FSTR1 to W_FSTR80", method="fay", rho=0.5)
    assert (fay.names[0], fay.names[-1], len(fay.names)) == ("W_FSTR1", "W_FSTR80", 80)  # type: ignore[attr-defined]
    assert set(fay.scales) == {0.05}  # type: ignore[attr-defined]  # PISA's 1 / (80 * 0.5^2)
    assert weights(columns="r08 TO r11", method="brr").names == ("r08", "r09", "r10", "r11")  # type: ignore[attr-defined]
    assert weights(columns=["a", "b"], method="brr").scales == (0.5, 0.5)  # type: ignore[attr-defined]
    assert weights(columns=["a", "b"], method="bootstrap").scales == (1, 1)  # type: ignore[attr-defined]
    assert weights(columns=["a", "b"], method="jackknife").scales == (0.5, 0.5)  # type: ignore[attr-defined]
    stratified = weights(columns=["a", "b"], method="jackknife", rscales=[0.5, 0.75])
    assert stratified.scales == (0.5, 0.75)  # type: ignore[attr-defined]


SURVEY = """
respondent_id: id
exports:
  form:
    file: form.csv
    weight: w
    replicate_weights: {{columns: r1 to r3, method: brr}}
questions:
  likes:
    label: Likes
    text: "Likes?"
    column: likes
    options: {{yes_: {{label: "Yes", raw: "y"}}, no_: {{label: "No", raw: "n"}}}}
weighting: {{method: supplied, description: Drawn for this test.}}
{more}
"""
FORM = """
id,likes,w,r1,r2,r3
1,y,1,2,0,1
2,n,1,0,2,1
3,y,2,2,2,2
4,n,1,1,1,{last}
"""


def test_replicate_weights_are_read_from_the_export(tmp_path: Path) -> None:
    result = cleaned(tmp_path, SURVEY.format(more=""), form_csv=FORM.format(last=1))
    assert result.responses["weight.form.2"].tolist() == [0, 2, 2, 1]
    study = small_survey(tmp_path / "again", SURVEY.format(more=""), form_csv=FORM.format(last=1))
    got = main(found(study, result.responses)).set_index("option")
    shares = np.array([4 / 5, 2 / 5, 3 / 5])
    assert got.loc["yes_", "value"] == pytest.approx(3 / 5)
    assert got.loc["yes_", "se"] == pytest.approx(np.sqrt(((shares - 3 / 5) ** 2).sum() / 3))


def test_a_missing_replicate_weight_is_named(tmp_path: Path) -> None:
    study = small_survey(tmp_path, SURVEY.format(more=""), form_csv=FORM.format(last=""))
    result = cleaned(tmp_path / "again", SURVEY.format(more=""), form_csv=FORM.format(last=""))
    with pytest.raises(StudyError, match=r"form\.csv.*r3.*1 respondent with a weight but no replicate weight"):
        found(study, result.responses)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("errors: bootstrap", "asks for a bootstrap of its own beside supplied replicate weights"),
        ("design: {cluster: id}", "says again what the supplied replicate weights already hold"),
        ("errors: {method: bootstrap, replicates: 3}", "replicates"),
        ("errors: guessed", "linearised"),
    ],
)
def test_two_sources_of_errors_are_refused(tmp_path: Path, more: str, words: str) -> None:
    with pytest.raises(StudyError) as caught:
        small_survey(tmp_path, SURVEY.format(more=more), form_csv=FORM.format(last=1))
    assert words in str(caught.value)


def test_a_simple_random_sample_needs_no_replicates(tmp_path: Path) -> None:
    text = SURVEY.format(more="errors: bootstrap").replace(
        "weighting: {method: supplied, description: Drawn for this test.}", ""
    )
    text = "\n".join(line for line in text.splitlines() if "replicate_weights" not in line and " weight:" not in line)
    with pytest.raises(StudyError, match="drawn one by one"):
        small_survey(tmp_path, text, form_csv=FORM.format(last=1))


# --- other tests of independence -------------------------------------------------------------------------------------------


def independence_of(study: Study, responses: pd.DataFrame) -> pd.DataFrame:
    return tabulate_responses(study, responses, Samples(study, responses, weight(study, responses).weights)).tests


def of_r(break_: str, version: str) -> pd.Series:
    frame = expected("tests")
    frame = frame[(frame["design"] == "w") & (frame["stat"] == "chisq") & (frame["item"] == "q2")]
    return frame[(frame["by"] == break_) & (frame["level"] == version)].set_index("field")["value"]


@needs_oracle
def test_the_adjusted_wald_test_of_the_definition_is_that_of_the_r_package() -> None:
    tests = independence_of(oracle_study(0, comparisons={"tests": "adjusted_wald"}), oracle_responses("w"))
    for break_ in ("age", "gender"):
        want = of_r(break_, "adjWald")
        (got,) = tests[(tests["break"] == break_) & (tests.option == "")].to_dict("records")
        assert got["method"] == "adjusted_wald"
        close([got["statistic"], got["df1"], got["df2"]], want[["stat", "ndf", "ddf"]], F, break_)
        close(got["p"], want["p"], P, break_)


@needs_oracle
def test_the_saddlepoint_of_the_definition_is_that_of_the_r_package() -> None:
    """X2 counts the respondents of the table here, all rows there; p is the same."""
    responses = oracle_responses("w")
    tests = independence_of(oracle_study(0, comparisons={"tests": "saddlepoint"}), responses)
    usual = independence_of(oracle_study(0), responses)
    n = np.count_nonzero(panel()["q2"].notna())
    for break_ in ("age", "gender"):
        want = of_r(break_, "saddlepoint")
        (got,) = tests[(tests["break"] == break_) & (tests.option == "")].to_dict("records")
        assert got["method"] == "saddlepoint"
        close(got["statistic"] * len(panel()) / n, want["stat"], F, break_)
        close(got["p"], want["p"], P, break_)
        assert np.isnan([got["df1"], got["df2"]]).all()
    options = tests["option"] != ""
    assert options.sum() == 6
    # Two groups and an option against the rest: one square, so that the saddlepoint is nearly F.
    one = options & (tests["break"] == "gender")
    np.testing.assert_allclose(tests.loc[one, "p"], usual.loc[one, "p"], rtol=0.1)
    same = ["question", "option", "break", "effect", "effect_low", "effect_high"]
    pd.testing.assert_frame_equal(tests[same], usual[same])
