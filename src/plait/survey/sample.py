"""The respondents of an export as a sample: who is in it, and the design that the variance of an estimate depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
import pandas as pd

from plait.errors import Problem, Problems, StudyError
from plait.study import Study
from plait.study.definition import Survey
from plait.study.wording import listed
from plait.survey.design import BoolArray, Design, FloatArray, IntArray, Replicates, degrees_of_freedom
from plait.survey.margins import Margin, margins_of, people
from plait.survey.raking import RakingError
from plait.survey.replicates import Drawn, bootstrap, jackknife, rank_of, reweighted
from plait.survey.variables import (
    CLUSTER,
    CLUSTERS_IN_POPULATION,
    RESPONDENT,
    STRATUM,
    export_column,
    replicate_columns,
    weight_column,
)

_SHOWN = 5
"""Strata named in a message."""
_MOST_WEIGHTS = 100_000_000
"""Weights of respondents in replicates that are held at a time (0.8 GB)."""
_EXACT = 1e-12
"""Largest relative distance of a raked replicate from a target; then an error that raking leaves none of is zero."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The respondents of one export who count in its tables, and the design they came by.

    Attributes:
        weight_set: `""` where all count the same, else the export whose weights they carry.
        rows: (respondents of the study,) who is in the sample; the arrays of `design` are in this order.
        design: Weights, margins, clusters and strata of these respondents.
        simple: Whether this is a simple random sample: no weights, clusters, strata or finite population.
        errors: Where its standard errors come from: `linearised`, `bootstrap`, `jackknife`, or, with replicate weights
            that were supplied, `replicate_weights`.
        note: What a reader must know of its replicates.
    """

    weight_set: str
    rows: BoolArray
    design: Design
    simple: bool
    errors: str = "linearised"
    note: str = ""


def with_errors(method: str, sample: Sample) -> str:
    """The name of an interval or a test, with where its standard errors come from unless they are linearised."""
    return method if sample.errors == "linearised" else f"{method}+{sample.errors}"


class Samples:
    """The samples of a study's exports, each made when it is first asked for and then kept.

    Of large replicate weights only so many are kept as may be held at a time; the others are made again.
    """

    def __init__(self, study: Study, responses: pd.DataFrame, weights: pd.DataFrame) -> None:
        """Take the study, its cleaned responses, and the weights made from these."""
        self._study, self._responses, self._weights = study, responses, weights
        self._made: dict[str, list[Sample]] = {}

    def of(self, export: str) -> list[Sample]:
        """The samples that the tables of an export are made from: unweighted, then weighted where the study is weighted.

        Raises:
            StudyError: See `unweighted_sample`.
        """
        if export not in self._made:
            plain = unweighted_sample(self._study, self._responses, export)
            weighted = weighted_sample(self._study, self._responses, self._weights, export)
            made = [plain, *([weighted] if weighted else [])]
            while self._made and sum(map(_held, (made, *self._made.values()))) > _MOST_WEIGHTS:
                del self._made[next(iter(self._made))]
            self._made[export] = made
        return self._made[export]

    def main(self, export: str) -> Sample:
        """The sample that tests and models of an export are about: the weighted one where the study is weighted.

        Raises:
            StudyError: See `unweighted_sample`.
        """
        return self.of(export)[-1]


def _held(made: Sequence[Sample]) -> int:
    """Replicate weights that samples hold."""
    return sum(sample.design.replicates.weights.size for sample in made if sample.design.replicates)


def unweighted_sample(study: Study, responses: pd.DataFrame, export: str) -> Sample:
    """Everyone in an export, all counting the same.

    Args:
        study: Its definition says how the sample was drawn.
        responses: The cleaned responses.
        export: Name of the export.

    Raises:
        StudyError: Strata are not known, hold one cluster where that is refused, or have fewer clusters in the
            population than in the sample; replicates cannot be drawn.
    """
    survey = study.definition.survey
    assert survey is not None
    rows = responses[export_column(export)].to_numpy(dtype=bool)
    design = _drawn(survey, responses[rows], export)
    simple = design.clusters is None and design.strata is None and design.population_clusters is None
    return _resampled(survey, Sample("", rows, design, simple), export)


def weighted_sample(study: Study, responses: pd.DataFrame, weights: pd.DataFrame, export: str) -> Sample | None:
    """The respondents of an export who have a weight; `None` where the study is not weighted.

    The margins of the design are those that the weights were fitted to: groups that were merged are one, and those
    whose group is not known are one of their own. Supplied weights have none.

    Args:
        study: Its definition says how the sample was drawn and weighted.
        responses: The cleaned responses.
        weights: `plait.survey.weighting.Weighted.weights`, made from these responses.
        export: Name of the export.

    Raises:
        StudyError: See `unweighted_sample`.
        ValueError: The weights are of other respondents.
    """
    survey = study.definition.survey
    assert survey is not None
    if survey.weighting is None:
        return None
    if not np.array_equal(weights[RESPONDENT], responses[RESPONDENT]):
        raise ValueError("weights and responses must hold the same respondents in the same order")
    final = weights[export].to_numpy(dtype=float)
    rows = np.isfinite(final)
    here = responses[rows]
    base: FloatArray | None = None
    margins: list[Margin] = []
    if survey.weighting.method != "supplied":
        margins = margins_of(study, here, export)
        if survey.exports[export].weight is not None:
            base = here[weight_column(export)].to_numpy(dtype=float)
    codes = tuple(margin.codes for margin in margins)
    drawn = replace(_drawn(survey, here, export), weights=final[rows], base_weights=base, margins=codes)
    sample = Sample(export, rows, drawn, simple=False)
    if survey.exports[export].replicate_weights:
        return _with_supplied(survey, sample, here, export)
    return _resampled(survey, sample, export, margins)


def _with_supplied(survey: Survey, sample: Sample, responses: pd.DataFrame, export: str) -> Sample:
    """The sample with the replicate weights of its export, checked; they have a degree of freedom less than their rank."""
    given = survey.exports[export].replicate_weights
    assert given is not None
    weights = responses[replicate_columns(export, len(given.names))].to_numpy(dtype=float)
    problems = Problems()
    for column, values in zip(given.names, weights.T, strict=True):
        if missing := int((~np.isfinite(values)).sum()):
            message = f"{people(missing)} with a weight but no replicate weight"
            mend = "fill the cells; a respondent who is not in a replicate has a zero there"
            problems.add(survey.exports[export].file, message, mend, column=column)
        elif not values.any():
            message, mend = "the replicate weight is zero for everyone", "name the columns of replicate weights"
            problems.add(survey.exports[export].file, message, mend, column=column)
    problems.raise_if_any()
    replicates = Replicates(weights, np.array(given.scales), rank_of(weights) - 1)
    return replace(sample, design=replace(sample.design, replicates=replicates), errors="replicate_weights")


def _resampled(survey: Survey, sample: Sample, export: str, margins: Sequence[Margin] = ()) -> Sample:
    """The sample with the replicates that the definition asks for; a simple one needs none."""
    rule, design = survey.errors, sample.design
    if sample.simple or rule.method == "linearised":
        return sample
    drawn = rule.replicates if rule.method == "bootstrap" else degrees_of_freedom(design) + 1
    if drawn * design.weights.size > _MOST_WEIGHTS:
        _refuse_errors(
            export,
            f"{drawn:,} replicates of {design.weights.size:,} respondents are more weights than can be held at a time",
            "ask for fewer replicates, or for `method: linearised`",
        )
    note = ""
    try:
        if rule.method == "bootstrap":
            found = bootstrap(design, rule.replicates, rule.seed, _EXACT)
            replicates, note = found.replicates, _redraws(found, margins)
        else:
            replicates = reweighted(design, *jackknife(design), _EXACT)
    except RakingError as error:
        where = _level(margins, error.margin, error.level or 0)
        _refuse_errors(
            export,
            f"{where} is lost from replicate after replicate, so that they cannot be weighted to its target",
            "merge the group with a neighbour (`collapse:`), or use `method: linearised`",
        )
    return replace(sample, design=replace(design, replicates=replicates), errors=rule.method, note=note)


def _refuse_errors(export: str, message: str, mend: str) -> NoReturn:
    raise StudyError([Problem("study.yaml", f"export '{export}': {message}", mend, column="survey.errors")])


def _redraws(drawn: Drawn, margins: Sequence[Margin]) -> str:
    """Which groups replicates had lost and were drawn again for; how often would tell how few the group are."""
    if not drawn.redrawn:
        return ""
    lost = listed((_level(margins, *place) for place in sorted(drawn.redrawn)), "or")
    return f"bootstrap replicates that could not be weighted to {lost} were drawn again"


def _level(margins: Sequence[Margin], margin: int, level: int) -> str:
    """The name of a level, which is counted among those that somebody is in."""
    return margins[margin].named(int(np.unique(margins[margin].codes)[level]))


def _drawn(survey: Survey, responses: pd.DataFrame, export: str) -> Design:
    """How some respondents were drawn, all counting the same, checked.

    A respondent whose cluster is not known counts as a cluster of their own.
    """
    n = len(responses)
    clusters = strata = in_population = None
    if CLUSTER in responses:
        known = _codes(responses[CLUSTER])
        clusters = np.where(known < 0, n + np.arange(n), known)
    if STRATUM in responses:
        strata = _codes(responses[STRATUM])
    if CLUSTERS_IN_POPULATION in responses:
        in_population = responses[CLUSTERS_IN_POPULATION].to_numpy(dtype=float)
    design = Design(np.ones(n), None, (), clusters, strata, in_population, survey.design.lonely)
    problems = Problems()
    _check_strata(responses, design, export, problems)
    problems.raise_if_any()
    return design


def _codes(names: pd.Series) -> IntArray:
    """Names as numbers, -1 where there is none."""
    return pd.factorize(names.mask(names == ""))[0].astype(np.int64)


def _check_strata(responses: pd.DataFrame, design: Design, export: str, problems: Problems) -> None:
    """Every stratum is known, holds enough clusters, and no more than its population."""

    def refuse(message: str, mend: str, key: str) -> None:
        problems.add("study.yaml", f"export '{export}': {message}", mend, column=f"survey.design.{key}".rstrip("."))

    n = len(responses)
    if design.strata is not None and (unknown := int((design.strata < 0).sum())):
        mend = "complete the columns of the strata, or leave these rows out by an exclusion"
        refuse(f"the stratum of {people(unknown)} is not known", mend, "strata")
        return
    names = np.full(n, "") if design.strata is None else responses[STRATUM].astype("str").to_numpy()
    clusters = pd.Series(np.arange(n) if design.clusters is None else design.clusters)
    sampled = clusters.groupby(names).nunique()
    declared = design.strata is not None or design.clusters is not None
    if (sampled == 1).all() and n:
        one = "one cluster in every stratum" if design.strata is not None else "one cluster in the sample"
        what = one if declared and n > 1 else "one respondent"
        refuse(f"there is only {what}, so that no variance can be estimated", "check the exclusions and the design", "")
    elif declared and design.lonely == "refuse" and (sampled == 1).any():
        refuse(
            f"there is only one cluster in {_strata(sampled == 1)}, so that its variance cannot be estimated",
            "merge it with another stratum, or say by `lonely:` what it adds to the variance",
            "lonely",
        )
    if design.population_clusters is not None:
        given = pd.Series(design.population_clusters).groupby(names)
        for wrong, what in (
            (given.count() < given.size(), "is missing on rows of"),
            (given.nunique() > 1, "differs between rows of"),
            (given.min() < sampled, "is below that sampled in"),
        ):
            if wrong.any():
                mend = "give each stratum, on every row, the number of clusters it was drawn from"
                refuse(
                    f"the number of clusters in the population {what} {_strata(wrong)}", mend, "clusters_in_population"
                )


def _strata(chosen: pd.Series) -> str:
    """The strata for which something holds, by name."""
    names = [f"'{name}'" for name in chosen.index[chosen]]
    if names == ["''"]:
        return "the sample"
    more = [f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return f"{'stratum' if len(names) == 1 else 'the strata'} {listed([*names[:_SHOWN], *more])}"
