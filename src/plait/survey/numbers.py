"""Questions whose answers are numbers or have an order: means, medians, totals, ratios, and tests of their differences.

References:
    Lumley, T. and Scott, A. (2013). Two-sample rank tests under complex sampling. Biometrika 100.
    Woodruff, R. (1952). Confidence intervals for medians and other position measures. JASA 47.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from plait import tables
from plait.study import Study
from plait.study.definition import Measure
from plait.survey.bank import Split
from plait.survey.comparisons import TTest, means_test, trend_test
from plait.survey.crosstabs import breaks_of
from plait.survey.design import Design, FloatArray, IntArray
from plait.survey.items import places_of, values_of
from plait.survey.quantiles import quantiles
from plait.survey.ranks import rank_test, rank_test_of_groups, rank_trend_test
from plait.survey.sample import Sample, Samples, with_errors
from plait.survey.summaries import Summary, means, ratios, totals
from plait.survey.wald import FTest

Columns = dict[str, Any]
"""Columns of a table: arrays, or one value for all rows."""
Breaks = tuple[list[str], list[list[str]], list[Split]]
"""Names of the breaks, of their groups, and who is in which, as `breaks_of` finds them."""

_QUANTILES = {
    "median": {"median": 0.5},
    "quartiles": {"lower_quartile": 0.25, "upper_quartile": 0.75},
    "deciles": {"lower_decile": 0.1, "upper_decile": 0.9},
}


def estimate_numbers(study: Study, responses: pd.DataFrame, samples: Samples) -> pd.DataFrame:
    """Estimate the measures of every question that has any, for everyone and for every group of every break.

    Intervals of means, totals and ratios are Wald's with Student's t, those of medians and other quantiles are Woodruff's
    (1952).

    Returns:
        Columns of `plait.tables.ESTIMATES`, grain "respondent", no option.
    """
    survey = study.definition.survey
    parts: list[Columns] = []
    for question, sample, here, (names, groups, splits) in _asked(study, responses, samples):
        assert survey is not None
        values, other = values_of(survey, question, here), survey.questions[question].ratio_to
        below = values_of(survey, other, here) if other else None
        for measure in survey.measures_of(question):
            for name, of_break, split in zip(names, groups, splits, strict=True):
                for part in _measured(measure, sample, values, below, split):
                    place: Columns = {"question": question, "break": name, "group": np.array(of_break, dtype=object)}
                    parts.append(place | part | {"weight_set": sample.weight_set})
    if not parts:
        return tables.ESTIMATES.empty()
    sizes = [len(part["group"]) for part in parts]
    columns = {
        name: np.concatenate([np.broadcast_to(part[name], size) for part, size in zip(parts, sizes, strict=True)])
        for name in parts[0]
    }
    return tables.ESTIMATES.of(pd.DataFrame(columns).assign(option="", grain="respondent"))


def compare_numbers(study: Study, responses: pd.DataFrame, samples: Samples) -> pd.DataFrame:
    """Test whether numbers differ between the groups of a break in the mean, and answers to a scale in their ranks.

    Along a break whose groups stand in an order, the mean or the mean rank is tested for a trend, too.

    Returns:
        Columns of `plait.tables.TESTS`, no option, p not adjusted.
    """
    survey = study.definition.survey
    rows: list[dict[str, object]] = []
    for question, sample, here, (names, _, splits) in _asked(study, responses, samples, ordered=True):
        assert survey is not None
        if survey.weighting and not sample.weight_set:
            continue
        number = survey.questions[question].type == "number"
        values = (values_of if number else places_of)(survey, question, here)[:, None]
        for name, split in zip(names[1:], splits[1:], strict=True):
            if name == question:
                continue
            place = {"question": question, "option": "", "break": name}
            codes = np.asarray(split.codes, dtype=np.int64)
            found = [(_means if number else _ranks)(sample, values, codes, split.groups)]
            if survey.is_ordered(name):
                found.append(_trend(sample, values, codes, number))
            rows += [place | test | {"weight_set": sample.weight_set, "grain": "respondent"} for test in found]
    return tables.TESTS.of(pd.DataFrame(rows, columns=list(tables.TESTS.columns)))


def _means(sample: Sample, values: FloatArray, codes: IntArray, groups: int) -> dict[str, object]:
    return _tested("wald_means", sample, means_test(sample.design, values, codes, groups))


def _ranks(sample: Sample, values: FloatArray, codes: IntArray, groups: int) -> dict[str, object]:
    """The test of ranks; of two groups with the probability that somebody of the later one answers higher."""
    found = _tested("rank_test", sample, rank_test_of_groups(sample.design, values, codes, groups))
    there = np.unique(codes[(codes >= 0) & ~np.isnan(values[:, 0])])
    if there.size != 2:
        return found
    both = rank_test(sample.design, values, np.where(codes == there[1], 1, np.where(codes == there[0], 0, -1)))
    return found | _effect("probability_higher", both, 0.5)


def _trend(sample: Sample, values: FloatArray, codes: IntArray, number: bool) -> dict[str, object]:
    """Whether the mean of a number, or the mean rank of a scale, rises or falls along groups that stand in an order."""
    positions = np.where(codes < 0, np.nan, codes)
    found = (trend_test if number else rank_trend_test)(sample.design, values, positions)
    t = FTest(found.statistic, found.df, np.full_like(found.df, np.nan), found.p)
    return _tested("mean_trend" if number else "rank_trend", sample, t) | _effect("slope", found)


def _tested(method: str, sample: Sample, test: FTest) -> dict[str, object]:
    made = bool(np.isfinite(test.p[0]))
    return {
        "method": with_errors(method, sample) if made else "",
        "statistic": test.statistic[0],
        "df1": test.df1[0],
        "df2": test.df2[0],
        "p": test.p[0],
        "p_adjusted": np.nan,
        "effect": np.nan,
        "effect_low": np.nan,
        "effect_high": np.nan,
        "effect_name": "",
        "note": "" if made else "too few people in the groups",
    }


def _effect(name: str, test: TTest, zero: float = 0.0) -> dict[str, object]:
    """A difference as the size of an effect; `zero` is what it is where there is none."""
    low, high = test.limits()
    return {
        "effect": test.difference[0] + zero,
        "effect_low": low[0] + zero,
        "effect_high": high[0] + zero,
        "effect_name": name,
    }


def _asked(
    study: Study, responses: pd.DataFrame, samples: Samples, ordered: bool = False
) -> Iterator[tuple[str, Sample, pd.DataFrame, Breaks]]:
    """Every question with a measure (or an order) and each of its samples with their responses and their breaks."""
    survey = study.definition.survey
    if survey is None:
        return
    for export in survey.exports:
        asked = [
            name
            for name, question in survey.questions_in(export).items()
            if survey.measures_of(name) or (ordered and question.type == "single" and survey.is_ordered(name))
        ]
        for sample in samples.of(export) if asked else ():
            here = responses[sample.rows]
            breaks = breaks_of(survey, here)
            for question in asked:
                yield question, sample, here, breaks


def _measured(
    measure: Measure, sample: Sample, values: FloatArray, below: FloatArray | None, split: Split
) -> Iterator[Columns]:
    """The estimates of a measure in the groups of a split, one set each (two for quartiles and deciles).

    Args:
        measure: What is estimated.
        sample: The n respondents.
        values: (n,) the numbers.
        below: (n,) what a ratio divides by.
        split: The groups.
    """
    codes = np.asarray(split.codes, dtype=np.int64)
    design = sample.design
    alike = _alike(design.weights.size)
    if measure in _QUANTILES:
        summary = means(design, values, codes, split.groups)  # for the bases
        wanted = _QUANTILES[measure]
        found = quantiles(design, values, list(wanted.values()), codes, split.groups)
        plain = quantiles(alike, values, list(wanted.values()), codes, split.groups)
        for i, name in enumerate(wanted):
            part = (found.estimate, found.se, found.low, found.high, plain.estimate)
            yield _frame(summary, name, with_errors("woodruff", sample), *(array[:, i] for array in part)) | {
                "design_effect": np.nan
            }
        return
    if measure == "ratio":
        assert below is not None
        summary, unweighted = (ratios(d, values, below, codes, split.groups) for d in (design, alike))
    else:
        estimator = means if measure == "mean" else totals
        summary, unweighted = (estimator(d, values, codes, split.groups) for d in (design, alike))
    low, high = summary.limits()
    yield _frame(
        summary, measure, with_errors("wald_t", sample), summary.estimate, summary.se, low, high, unweighted.estimate
    )


@lru_cache(maxsize=1)
def _alike(n: int) -> Design:
    """The same respondents, all counting the same; what a design computes once serves all measures of a sample."""
    return Design(np.ones(n))


def _frame(
    summary: Summary,
    measure: str,
    method: str,
    value: FloatArray,
    se: FloatArray,
    low: FloatArray,
    high: FloatArray,
    unweighted: FloatArray,
) -> Columns:
    return {
        "measure": measure,
        "value": value,
        "value_unweighted": unweighted,
        "se": se,
        "ci_low": low,
        "ci_high": high,
        "base_unweighted": summary.base_unweighted,
        "base_weighted": summary.base_weighted,
        "base_effective": summary.base_effective,
        "design_effect": summary.design_effect,
        "method": method,
        "note": np.select(
            [summary.base_unweighted == 0, ~np.isfinite(value), ~np.isfinite(low) | ~np.isfinite(high)],
            ["nobody in this group gave a number", "there is nothing to divide by", "no interval can be given"],
            "",
        ).astype(object),
    }
