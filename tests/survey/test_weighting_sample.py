"""The design of an export's respondents: who is in it, what the weights fix, and how the sample was drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from plait.errors import StudyError
from plait.study import Study
from plait.survey.design import variances
from plait.survey.sample import Samples, unweighted_sample, weighted_sample
from plait.survey.weighting import weight
from weighting_study import QUESTION, answered, weighting_study

TARGETS = {"phase": {"primary": 0.5, "secondary": 0.5}, "role": {"teacher": 0.7, "head": 0.3}}
RESPONSES = answered(
    8,
    phase=["primary", "primary", "primary", "secondary", "secondary", "primary", None, "secondary"],
    role=["teacher", "head", "teacher", "teacher", "head", "teacher", "teacher", "teacher"],
)


def weighted_design(study: Study, responses: pd.DataFrame) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    sample = weighted_sample(study, responses, weight(study, responses).weights, "day")
    assert sample is not None
    return sample.rows, sample.design.margins


def test_the_unweighted_sample_is_everyone_in_the_export() -> None:
    responses = RESPONSES.assign(**{"in.day": [True] * 7 + [False]})
    sample = unweighted_sample(weighting_study(TARGETS, {}), responses, "day")
    assert (sample.weight_set, sample.simple, sample.rows.sum()) == ("", True, 7)
    assert sample.design.weights.tolist() == [1] * 7
    assert sample.design.margins == ()


def test_the_weighted_sample_holds_those_with_a_weight_and_the_margins_as_raked() -> None:
    study = weighting_study(TARGETS, {})
    weighted = weight(study, RESPONSES)
    plain, sample = Samples(study, RESPONSES, weighted.weights).of("day")
    assert plain.weight_set == ""
    assert (sample.weight_set, sample.simple, sample.rows.all()) == ("day", False, True)
    np.testing.assert_array_equal(sample.design.weights, weighted.weights["day"])
    phase, role = sample.design.margins
    assert phase.tolist() == [0, 0, 0, 1, 1, 0, 2, 1]  # the unknown are a level of their own
    assert role.tolist() == [0, 1, 0, 0, 1, 0, 0, 0]
    assert sample.design.base_weights is None


def test_who_was_left_out_is_not_in_the_sample() -> None:
    rows, (phase, _) = weighted_design(weighting_study(TARGETS, {"unknown": "leave_out"}), RESPONSES)
    assert rows.tolist() == [True] * 6 + [False, True]
    assert phase.tolist() == [0, 0, 0, 1, 1, 0, 1]


def test_merged_groups_are_one_level_of_the_margin() -> None:
    collapse = {"fewer_than": 3, "into": {"role": {"head": "teacher"}}}
    _, (_, role) = weighted_design(weighting_study(TARGETS, {"collapse": collapse}), RESPONSES)
    assert len(set(role.tolist())) == 1


def test_what_the_margins_fix_has_no_variance() -> None:
    study = weighting_study(TARGETS, {})
    plain, sample = Samples(study, RESPONSES, weight(study, RESPONSES).weights).of("day")
    for design, fixed in ((plain.design, False), (sample.design, True)):
        heads = (RESPONSES["role"] == "head").to_numpy(dtype=float)
        w = design.weights
        influence = (heads - (w * heads).sum() / w.sum()) / w.sum()
        assert (variances(design, influence[:, None])[0] < 1e-20) == fixed


def test_start_weights_are_the_base_weights_and_supplied_ones_have_no_margins() -> None:
    exports = {"day": {"file": "day.csv", "weight": "w"}}
    responses = RESPONSES.assign(**{"weight.day": [1.0, 2, 1, 2, 1, 2, 0, 3]})
    study = weighting_study(TARGETS, {}, exports=exports)
    sample = weighted_sample(study, responses, weight(study, responses).weights, "day")
    assert sample is not None
    assert sample.design.base_weights is not None
    assert sample.design.base_weights.tolist() == [1, 2, 1, 2, 1, 2, 3]
    groups = {variable: list(shares) for variable, shares in TARGETS.items()}
    study = weighting_study({}, {"method": "supplied"}, groups, exports=exports)
    sample = weighted_sample(study, responses, weight(study, responses).weights, "day")
    assert sample is not None
    assert sample.design.weights.tolist() == [1, 2, 1, 2, 1, 2, 3]
    assert (sample.design.base_weights, sample.design.margins) == (None, ())


def test_without_weighting_there_is_one_sample() -> None:
    study = weighting_study(TARGETS, None)
    assert len(Samples(study, RESPONSES, weight(study, RESPONSES).weights).of("day")) == 1


def test_a_sample_is_made_once_however_many_tables_are_made_from_it() -> None:
    study = weighting_study(TARGETS, {})
    samples = Samples(study, RESPONSES, weight(study, RESPONSES).weights)
    assert samples.of("day")[1] is samples.of("day")[1] is samples.main("day")
    assert [sample.weight_set for sample in samples.of("day")] == ["", "day"]


def test_of_replicate_weights_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    exports = ("day", "night", "dawn")
    files = {name: {"file": f"{name}.csv"} for name in exports}
    questions = {name: QUESTION | {"export": name} for name in exports}
    study = weighting_study(
        TARGETS,
        {"unknown": "leave_out"},
        exports=files,
        questions=questions,
        errors={"method": "bootstrap", "replicates": 50},
    )
    many = pd.concat([RESPONSES] * 5, ignore_index=True)
    people = many.assign(**{f"in.{name}": True for name in exports}, respondent=[f"p{i}" for i in range(len(many))])
    samples = Samples(study, people, weight(study, people).weights)
    monkeypatch.setattr("plait.survey.sample._MOST_WEIGHTS", 2 * 50 * 35)
    first = {name: samples.main(name) for name in exports}
    assert samples.main("dawn") is first["dawn"]
    assert samples.main("night") is first["night"]
    again = samples.main("day")
    assert again is not first["day"]
    np.testing.assert_array_equal(again.design.replicates.weights, first["day"].design.replicates.weights)  # type: ignore[union-attr]


# --- how the sample was drawn ------------------------------------------------------------------------------------------


def drawn(lonely: str = "refuse", **columns: object) -> tuple[Study, pd.DataFrame]:
    study = weighting_study(TARGETS, {}, design={"cluster": "school", "strata": "region", "lonely": lonely})
    return study, RESPONSES.assign(**columns)


def test_clusters_strata_and_population_are_part_of_both_designs() -> None:
    study, responses = drawn(cluster=list("aabbccdd"), stratum=list("nnnnssss"), clusters_in_population=[9.0] * 8)
    for sample in Samples(study, responses, weight(study, responses).weights).of("day"):
        design = sample.design
        assert not sample.simple
        assert design.clusters is not None and design.clusters.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
        assert design.strata is not None and design.strata.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
        assert design.population_clusters is not None and design.population_clusters.tolist() == [9.0] * 8


def test_people_whose_cluster_is_not_known_are_not_one_cluster() -> None:
    study, responses = drawn(cluster=["a", "a", None, None, "b", "", "b", "c"])
    clusters = unweighted_sample(study, responses, "day").design.clusters
    assert clusters is not None
    assert pd.factorize(clusters)[0].tolist() == [0, 0, 1, 2, 3, 4, 3, 5]


def test_what_a_lonely_stratum_adds_must_be_said() -> None:
    study, responses = drawn(cluster=list("aabbcccc"), stratum=list("nnnnssss"))
    with pytest.raises(StudyError, match="there is only one cluster in stratum 's'") as caught:
        unweighted_sample(study, responses, "day")
    assert "survey.design.lonely" in str(caught.value)
    study, responses = drawn("average", cluster=list("aabbcccc"), stratum=list("nnnnssss"))
    assert unweighted_sample(study, responses, "day").design.lonely == "average"
    study, responses = drawn(cluster=["a"] * 8)
    with pytest.raises(StudyError, match="there is only one cluster in the sample"):
        unweighted_sample(study, responses, "day")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"stratum": [*"nnnsss", None, ""]}, "the stratum of 2 respondents is not known"),
        ({"clusters_in_population": [9.0] * 6 + [8.0] * 2}, "the population differs between rows of stratum 's'"),
        ({"clusters_in_population": [9.0] * 7 + [np.nan]}, "the population is missing on rows of stratum 's'"),
        ({"clusters_in_population": [9.0] * 2 + [1.0] * 6}, "below that sampled in the strata 'm' and 's'"),
    ],
)
def test_strata_that_cannot_be_are_named(columns: dict[str, list[object]], expected: str) -> None:
    study, responses = drawn(**({"cluster": list("abcdefgh"), "stratum": list("nnmmssss")} | columns))
    with pytest.raises(StudyError, match=expected):
        unweighted_sample(study, responses, "day")
