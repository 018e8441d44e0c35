"""Change of a share or a mean between two waves in which some people took part twice.

Who answers twice makes the two estimates move together, so that the variance of their difference is less than the sum
of their variances. Each wave has weights, margins and a design of its own.

References:
    Berger, Y. (2004). Variance estimation for measures of change in probability sampling. Canadian Journal of
        Statistics 32.
    Kish, L. (1965). Survey Sampling. Wiley. Section 12.4.
    Qualite, L. and Tille, Y. (2008). Variance estimation of changes in repeated surveys and its application to the
        Swiss survey of value added. Survey Methodology 34.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plait.survey.comparisons import TTest, t_tests, weighted_means
from plait.survey.design import BoolArray, Design, FloatArray, IntArray, scores, sparse_array


@dataclass(frozen=True, eq=False)
class Wave:
    """Estimates of one wave, and who they come from.

    Attributes:
        design: The sample of n respondents. Its codes of clusters and strata need not be those of the other wave.
        respondent: (n,) who they are, in the same words in both waves; nobody twice.
        estimate: (m,) shares or means.
        influence: (n, m) influence of each respondent on them, as `plait.survey.design.variances` takes it.
        inside: (n, m) who is in the base of each.
        cluster: (n,) names of the clusters of the design, in the same words in both waves; `None` where everyone was
            sampled alone.

    Raises:
        ValueError: Someone is in the wave twice, arrays differ in length, or the names of clusters are missing or are
            not one for each cluster of the design.
    """

    design: Design
    respondent: npt.NDArray[np.generic]
    estimate: FloatArray
    influence: FloatArray
    inside: BoolArray
    cluster: npt.NDArray[np.generic] | None = None

    def __post_init__(self) -> None:
        n = self.design.weights.size
        if not self.respondent.size == len(self.influence) == len(self.inside) == n:
            raise ValueError("a wave needs one entry per respondent of its design")
        if np.unique(self.respondent).size != n:
            raise ValueError("somebody is in the wave twice")
        if (self.cluster is None) != (self.design.clusters is None):
            raise ValueError("a wave needs names of clusters if its design has clusters, and only then")
        if self.cluster is not None:
            number, name = self.design._units.cluster, np.unique(self.cluster, return_inverse=True)[1]
            size, names = int(number.max(initial=-1)) + 1, int(name.max(initial=-1)) + 1
            if not np.unique(number * names + name).size == size == names:
                raise ValueError("a wave needs one name for each cluster; a school in two strata counts as two")


@dataclass(frozen=True, eq=False)
class Change:
    """Change from one wave to the next.

    Attributes:
        test: Later estimate less earlier one, with standard error and t test.
        correlation: (m,) correlation of the two estimates; 0 without overlap.
        in_both: (m,) respondents in the base of both waves.
        moved: (m,) those of them whose cluster is another one in the later wave. They count as two people, which can
            only make the standard error too large when answers persist.
    """

    test: TTest
    correlation: FloatArray
    in_both: IntArray
    moved: IntArray


def wave_of_means(
    design: Design,
    respondent: npt.NDArray[np.generic],
    values: FloatArray,
    cluster: npt.NDArray[np.generic] | None = None,
) -> Wave:
    """A wave whose estimates are means of everyone in the base; shares are means of 0/1.

    Args:
        design: The sample of n respondents.
        respondent: (n,) who they are.
        values: (n, m) numbers, one column an estimate; NaN for respondents outside its base (or outside the group).
        cluster: (n,) names of the clusters of the design, see `Wave`.
    """
    inside = ~np.isnan(values)
    mean, influence = weighted_means(design, np.where(inside, values, 0.0), inside)
    return Wave(design, respondent, mean, influence, inside, cluster)


def change(before: Wave, after: Wave) -> Change:
    """Change of estimates between two waves, with overlap counted (Kish 1965; Qualite and Tille 2008).

    The variance of each wave is a sum of squares of cluster scores: the cluster's total of weight * residual, less the
    mean of its stratum, scaled. Clusters in both waves have two scores, a and b, and the variance of the change is the
    sum of (b - a)^2 over all clusters, with zero for a score that is not there. Without overlap that is the sum of the
    two variances; with the same respondents and weights in both waves it is that of a paired test. Where everyone was
    sampled alone, each respondent is a cluster.

    Args:
        before: The earlier wave.
        after: The later wave, with the same m estimates.

    Returns:
        m changes. The degrees of freedom are clusters less strata, what is in both waves counted once.

    Raises:
        ValueError: One wave has clusters and the other has not, or a stratum of a design cannot be used.
    """
    if (before.design.clusters is None) != (after.design.clusters is None):
        raise ValueError("to compare two waves, both need clusters (schools), or neither")
    clusters, later = _Clusters.of(before), _Clusters.of(after)
    first, second = _in_both(clusters.name, later.name)
    shared = (clusters.score[first] * later.score[second]).sum(axis=0)
    variance, later_variance = (clusters.score**2).sum(axis=0), (later.score**2).sum(axis=0)
    test = t_tests(
        after.estimate - before.estimate,
        np.maximum(variance + later_variance - 2 * shared, 0.0),
        clusters.df() + later.df() - later.df(second, clusters.there[first]),
        np.abs(before.estimate) + np.abs(after.estimate),
    )

    rows, later_rows = _in_both(before.respondent, after.respondent)
    in_both = before.inside[rows] & after.inside[later_rows]
    number_after = np.full(len(clusters.score), -1)
    number_after[first] = second
    moved = number_after[clusters.number[rows]] != later.number[later_rows]
    alone = np.sqrt(variance * later_variance)
    return Change(
        test=test,
        correlation=np.divide(shared, alone, out=np.full_like(shared, np.nan), where=alone > 0),
        in_both=in_both.sum(axis=0),
        moved=(in_both & moved[:, None]).sum(axis=0),
    )


@dataclass(frozen=True, eq=False)
class _Clusters:
    """The clusters of a wave: each one's name, stratum, scores, and whether it has anybody in each base."""

    number: IntArray  # (n,) cluster of each respondent
    name: npt.NDArray[np.generic]
    stratum: IntArray
    score: FloatArray  # (clusters, m): their squares add up to the variances
    there: BoolArray  # (clusters, m)

    @classmethod
    def of(cls, wave: Wave) -> _Clusters:
        design = wave.design
        number, stratum, _ = design._units
        one = np.unique(number, return_index=True)[1]  # a respondent of each cluster
        name = wave.respondent if wave.cluster is None else wave.cluster
        members = sparse_array(number, np.arange(number.size), (one.size, number.size))
        return cls(
            number=number,
            name=name[one],
            stratum=stratum[one],
            score=scores(design, wave.influence),
            there=(members @ wave.inside.astype(float)) > 0,
        )

    def df(self, some: IntArray | slice = slice(None), elsewhere: BoolArray | bool = True) -> IntArray:
        """(m,) clusters less strata among those with anybody in the base, here and `elsewhere`."""
        there, stratum = self.there[some] & elsewhere, self.stratum[some]
        strata = sparse_array(stratum, np.arange(stratum.size), (self.stratum.max(initial=0) + 1, stratum.size))
        return np.asarray(there.sum(axis=0) - (strata @ there.astype(float) > 0).sum(axis=0), dtype=np.int64)


def _in_both(names: npt.NDArray[np.generic], later: npt.NDArray[np.generic]) -> tuple[IntArray, IntArray]:
    """Places in either array of the names that are in both."""
    _, first, second = np.intersect1d(names, later, assume_unique=True, return_indices=True)
    return first, second
