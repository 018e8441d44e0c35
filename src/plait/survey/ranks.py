"""Rank tests for ordered answers: they use the order of the answers and nothing about the distances between them.

References:
    Lumley, T. and Scott, A. (2013). Two-sample rank tests under complex sampling. Biometrika 100.
"""

from __future__ import annotations

import numpy as np

from plait.survey.comparisons import TTest, means_test, t_test, trend_test
from plait.survey.design import BoolArray, Design, FloatArray, IntArray
from plait.survey.wald import FTest


def mid_ranks(weights: FloatArray, values: FloatArray, in_base: BoolArray) -> FloatArray:
    """Place of each answer among all answers: the weighted share below it and half of the share that ties with it.

    Equal answers get equal places, so that the order of the rows does not matter.

    Args:
        weights: (n,) weights of the respondents.
        values: (n, m) answers, one column a question; NaN for no answer.
        in_base: (n,) whether the respondent counts.

    Returns:
        (n, m) places between 0 and 1, with a weighted mean of 1/2; NaN outside the base.
    """
    result = np.full(values.shape, np.nan)
    for j, column in enumerate(values.T):
        inside = in_base & ~np.isnan(column)
        level = np.unique(column[inside], return_inverse=True)[1]
        share = np.bincount(level, weights[inside]) / weights[inside].sum()
        result[inside, j] = (np.cumsum(share) - share / 2)[level]
    return result


def rank_test(design: Design, values: FloatArray, group: IntArray) -> TTest:
    """Test whether answers tend to be higher in one of two groups: Wilcoxon's test for surveys (Lumley and Scott 2013).

    Args:
        design: The sample of n respondents.
        values: (n, m) answers as numbers in their order, one column a question; NaN for respondents outside its base.
        group: (n,) 0 or 1; -1 for in neither group.

    Returns:
        m tests of the mean place in group 1 less that in group 0, on df - 1, with the df of those in the base. The
        difference plus 1/2 is the probability that someone of group 1 answers higher than someone of group 0, ties
        counted half.

    Raises:
        ValueError: A group is out of range, a value infinite, or a stratum of the design cannot be used.
    """
    return t_test(design, mid_ranks(design.weights, values, group >= 0), group)


def rank_test_of_groups(design: Design, values: FloatArray, group: IntArray, n_groups: int) -> FTest:
    """Test whether answers tend to be higher in any of several groups: that of Kruskal and Wallis for surveys.

    The arguments are those of `plait.survey.comparisons.means_test`, as is what comes back (Lumley and Scott 2013).
    """
    return means_test(design, mid_ranks(design.weights, values, group >= 0), group, n_groups)


def rank_trend_test(design: Design, values: FloatArray, position: FloatArray) -> TTest:
    """Test whether answers rise or fall along an ordered break: slope of the mean place on the groups' positions.

    The arguments are those of `plait.survey.comparisons.trend_test`, as is what comes back.
    """
    return trend_test(design, mid_ranks(design.weights, values, ~np.isnan(position)), position)
