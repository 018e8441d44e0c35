"""How respondents came to count as they do, and what that does to the uncertainty of an estimate.

A `Design` says which weights the respondents carry, how the weights were raked, and who was sampled together. The
functions turn the influence of each respondent on an estimate into the variance of the estimate: Taylor linearisation
(Binder 1983), with the residuals of a regression on the raked margins in place of the influence itself (Deville and
Sarndal 1992), summed within primary sampling units and compared within strata.

References:
    Binder, D. (1983). On the variances of asymptotically normal estimators from complex surveys. International
        Statistical Review 51.
    Deville, J.-C. and Sarndal, C.-E. (1992). Calibration estimators in survey sampling. JASA 87.
    Korn, E. and Graubard, B. (1999). Analysis of Health Surveys. Wiley.
    Lumley, T. (2010). Complex Surveys: A Guide to Analysis Using R. Wiley.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Codes = npt.NDArray[np.signedinteger[Any]]
BoolArray = npt.NDArray[np.bool_]

Lonely = Literal["refuse", "certainty", "adjust", "average"]
"""What a stratum with one cluster adds to a variance: `refuse` to say; nothing, since it was `certain` to be in the
sample; its distance from the mean of all clusters (`adjust`); the `average` of the other strata (Lumley 2010)."""

_COLLINEAR = 1e-10
"""Directions of the margins' correlation matrix below this share of the largest are taken for exact collinearity."""


@dataclass(frozen=True, eq=False)
class Replicates:
    """The sample drawn again and again from itself, and what each replicate adds to a variance.

    Attributes:
        weights: (n, R) weights of the respondents in every replicate, at least zero.
        scales: (R,) what the squared deviations from the full sample's estimate are multiplied by before they are added
            up.
        df: Degrees of freedom; `None` means those of the clusters and strata that the replicates were drawn from.
    """

    weights: FloatArray
    scales: FloatArray
    df: int | None = None


@dataclass(frozen=True, eq=False)
class Design:
    """Everything about the sample that the variance of an estimate depends on.

    Codes name groups; any whole numbers will do. A cluster code used in two strata means two clusters.

    Attributes:
        weights: (n,) final weights, above zero. Respondents without a weight are not in a design.
        base_weights: (n,) weights before raking; `None` means all alike.
        margins: For each raked margin the (n,) group codes of the respondents; `()` when weights are not raked.
        clusters: (n,) codes of the primary sampling units (schools); `None` when everyone was sampled alone.
        strata: (n,) codes of the strata; `None` when there is one.
        population_clusters: (n,) number of clusters in the population of the respondent's stratum, for the finite
            population correction; `None` when the sample is a small part of the population.
        lonely: What a stratum with one cluster adds to a variance.
        replicates: Where variances come from replicates; `None` where they are linearised.

    Raises:
        ValueError: Arrays differ in length, or a weight is not above zero.
    """

    weights: FloatArray
    base_weights: FloatArray | None = None
    margins: tuple[IntArray, ...] = ()
    clusters: IntArray | None = None
    strata: IntArray | None = None
    population_clusters: FloatArray | None = None
    lonely: Lonely = "refuse"
    replicates: Replicates | None = None

    def __post_init__(self) -> None:
        parts = (self.base_weights, self.clusters, self.strata, self.population_clusters, *self.margins)
        if any(part is not None and np.shape(part) != np.shape(self.weights) for part in parts):
            raise ValueError("every part of a design needs one value per respondent")
        if self.replicates is not None and len(self.replicates.weights) != self.weights.size:
            raise ValueError("every replicate needs one weight per respondent")
        for weights in (self.weights, self.base_weights):
            if weights is not None and not np.all(np.isfinite(weights) & (weights > 0)):
                raise ValueError("weights in a design must be above zero; leave respondents without a weight out")

    @cached_property
    def _units(self) -> _Units:
        return _sampling_units(self)

    @cached_property
    def _strata(self) -> _Strata:
        return _strata(self)

    @cached_property
    def _sums(self) -> _Sums:
        return _design_sums(self)

    @cached_property
    def _calibration(self) -> _Calibration | None:
        return _calibration(self) if self.margins else None

    @cached_property
    def _kinds(self) -> _Kinds:
        stratum = [] if self.strata is None else [self._units.stratum]
        return _Kinds(*numbered([*stratum, *self.margins], self.weights.size))

    @cached_property
    def _n_clusters(self) -> int:
        return int(self._units.cluster.max(initial=-1)) + 1


def variances(design: Design, influence: FloatArray) -> FloatArray:
    """Linearised variances of estimates, given the influence of each respondent on them.

    Sum over strata h of (1 - f_h) n_h / (n_h - 1) * sum over clusters c of (t_hc - mean_h)^2, where t_hc is the
    cluster's total of weight * residual, n_h the number of clusters and f_h the part that they are of the population's.
    The residual is what is left of the influence after a regression on the raked margins, weighted by the weights before
    raking. With replicates it is the sum over them of scale * (total of (replicate's weight - weight) * influence)^2.

    Args:
        design: The sample of n respondents.
        influence: (n, m) influence of a respondent per unit of weight, one column an estimate; zero for everyone
            outside the estimate's base. For a mean: (y - mean) / sum of weights.

    Returns:
        (m,) variances, in squared units of the estimates.

    Raises:
        ValueError: A stratum holds one cluster only, and the design refuses it.
    """
    if design.replicates is not None:
        return np.asarray((_deviations(design, design.replicates, influence) ** 2).sum(axis=0))
    clusters, strata = _residual_totals(design, influence)
    result: FloatArray = (clusters**2).sum(axis=0) - (strata**2).sum(axis=0)
    return np.maximum(result, 0.0)


def scores(design: Design, influence: FloatArray) -> FloatArray:
    """Each cluster's part in the linearised variances of estimates: its scaled total, less the mean of its stratum.

    The sum of squares over the clusters is what `variances` returns for a design without replicates; see there for the
    method and the arguments.

    Returns:
        (clusters, m) scores, the clusters counted through all strata.
    """
    clusters, strata = _residual_totals(design, influence)
    means = strata / np.sqrt(design._strata.size)[:, None]
    return np.asarray(clusters - means[design._strata.of_cluster])


def covariance(design: Design, influence: FloatArray) -> FloatArray:
    """Linearised covariance matrix of estimates; see `variances` for the method and the arguments.

    Returns:
        (m, m) covariances; the diagonal holds what `variances` returns.
    """
    if design.replicates is not None:
        deviations = _deviations(design, design.replicates, influence)
        return np.asarray(deviations.T @ deviations)
    clusters, strata = _residual_totals(design, influence)
    return np.asarray(clusters.T @ clusters - strata.T @ strata)


def covariance_of_totals(design: Design, indicators: Any) -> FloatArray:
    """Covariance matrix of weighted totals of many columns that are mostly zero.

    The same as `covariance` with the indicators as influence, but multiplied out, so that the residuals, which are
    seldom zero, need not be written down: (Z - XB)'D(Z - XB) = Z'DZ - Z'DXB - B'X'DZ + B'X'DXB. Time and memory grow
    with the entries that are not zero.

    Args:
        design: The sample of n respondents.
        indicators: (n, m) scipy sparse array.

    Returns:
        (m, m) covariances of the totals. A total that the margins fix has a variance of zero up to rounding, about
        1e-15 of the sum of its squared weights, and of either sign.

    Raises:
        ValueError: A stratum holds one cluster only, and the design refuses it.
    """
    if design.replicates is not None:
        return covariance(design, indicators)
    sums, calibration = design._sums, design._calibration
    clusters, strata = sums.clusters @ indicators, (sums.strata @ indicators).toarray()
    result = (clusters.T @ clusters).toarray() - strata.T @ strata
    if calibration is not None:
        slopes = indicators.T @ (calibration.base[:, None] * calibration.x[calibration.cell]) @ calibration.inverse
        crossed = clusters.T @ (sums.clusters @ calibration.x[calibration.cell]) - strata.T @ calibration.strata
        cross = slopes @ crossed.T
        result += slopes @ calibration.spread @ slopes.T - cross - cross.T
    return np.asarray(result)


def _deviations(design: Design, replicates: Replicates, influence: Any) -> FloatArray:
    """(replicates, m) how far the replicates are from the full sample, times the root of their scale."""
    totals = influence.T @ replicates.weights - (influence.T @ design.weights)[:, None]
    return np.asarray((totals * np.sqrt(replicates.scales)).T)


def degrees_of_freedom(design: Design, rows: BoolArray | None = None) -> int:
    """Number of clusters minus number of strata (Korn and Graubard 1999), unless replicates have their own.

    Args:
        design: The sample of n respondents.
        rows: (n,) mask of a group; when given, only clusters and strata with somebody in the group count.
    """
    if design.replicates is not None and design.replicates.df is not None:
        return design.replicates.df if rows is None else min(design.replicates.df, int(rows.sum()) - 1)
    cluster, stratum, codes = design._units
    if rows is None:
        return design._n_clusters - codes.size
    return int(np.count_nonzero(np.bincount(cluster[rows])) - np.count_nonzero(np.bincount(stratum[rows])))


def sparse_array(rows: IntArray, columns: IntArray, shape: tuple[int, int], values: FloatArray | None = None) -> Any:
    """Sparse array with the given entries (ones when `values` is `None`) and zeros elsewhere."""
    entries = np.ones(rows.size) if values is None else values
    return sparse.csr_array((entries, (rows, columns)), shape=shape)  # type: ignore[no-untyped-call]


class _Units(NamedTuple):
    cluster: IntArray  # (n,) number of the cluster, clusters counted through all strata
    stratum: IntArray  # (n,) number of the stratum
    stratum_codes: IntArray  # codes of the strata as the user gave them


class _Kinds(NamedTuple):
    """Respondents of one stratum with the same levels of all margins are of one kind."""

    of_row: IntArray  # (n,) kind of each respondent
    someone: IntArray  # (kinds,) a respondent of each


class _Strata(NamedTuple):
    of_cluster: IntArray  # (clusters,) stratum of each cluster
    size: FloatArray  # (strata,) number of clusters
    scale: FloatArray  # (strata,) factor of a cluster's total: its square is (1 - f_h) n_h / (n_h - 1)
    centre: FloatArray  # (strata,) factor of a stratum's total, so that its square is what centring takes away
    away: IntArray  # lonely clusters that are compared with the mean of all clusters


class _Sums(NamedTuple):
    clusters: Any  # sparse (clusters, n): sums weight * value within clusters, times sqrt(n_h / (n_h - 1))
    strata: Any  # sparse (strata, n): sums within strata, scaled so that its square is what centring takes away


class _Calibration(NamedTuple):
    cell: IntArray  # (n,) raking cell
    x: FloatArray  # (cells, k): X, the margin indicators, of each raking cell
    base: FloatArray  # (n,) d, the weights before raking
    inverse: FloatArray  # (k, k): inverse of X'dX
    clusters: FloatArray  # (clusters, k): scaled totals of the margins in clusters; none where people are the clusters
    strata: FloatArray  # (strata, k): scaled totals of the margins in strata
    spread: FloatArray  # (k, k): X'DX; Z'DZ is the covariance of the totals of Z when nothing is raked


def _sampling_units(design: Design) -> _Units:
    n = design.weights.size
    stratum, codes = np.zeros(n, dtype=np.int64), np.zeros(1 if n else 0, dtype=np.int64)
    if design.strata is not None:
        stratum, someone = numbered([design.strata], n)
        codes = design.strata[someone]
    cluster = np.arange(n) if design.clusters is None else numbered([stratum, design.clusters], n)[0]
    return _Units(cluster, stratum, codes)


def _strata(design: Design) -> _Strata:
    cluster, stratum, codes = design._units
    of_cluster = np.empty(int(cluster.max(initial=-1)) + 1, dtype=np.int64)
    of_cluster[cluster] = stratum
    size = np.bincount(of_cluster, minlength=codes.size).astype(float)
    lonely = size < 2
    if np.any(lonely) and (design.lonely == "refuse" or np.all(lonely)):
        named = ", ".join(str(code) for code in codes[lonely]) if design.strata is not None else "the whole sample"
        raise ValueError(
            f"one cluster only in stratum {named}: its variance cannot be estimated; merge it with another stratum"
        )
    factor = _sampled_from(design, size) * np.divide(size, size - 1, out=np.ones_like(size), where=~lonely)
    if design.lonely == "average":
        factor *= size.size / np.count_nonzero(~lonely)
    if design.lonely in ("certainty", "average"):
        factor[lonely] = 0.0
    centre = np.where(lonely, 0.0, np.sqrt(factor / size))
    away = np.flatnonzero(lonely[of_cluster]) if design.lonely == "adjust" else np.array([], dtype=np.int64)
    return _Strata(of_cluster, size, np.sqrt(factor), centre, away)


def _design_sums(design: Design) -> _Sums:
    (cluster, stratum, codes), strata = design._units, design._strata
    n, n_clusters, rows = cluster.size, strata.of_cluster.size, np.arange(cluster.size)
    sums = sparse_array(cluster, rows, (n_clusters, n), design.weights * strata.scale[stratum])
    if strata.away.size:
        sums = sums - _grand_means(design, strata.away, strata.scale[strata.of_cluster])
    return _Sums(sums, sparse_array(stratum, rows, (codes.size, n), design.weights * strata.centre[stratum]))


def _sampled_from(design: Design, size: FloatArray) -> FloatArray:
    """(strata,) finite population corrections 1 - n_h / N_h."""
    if design.population_clusters is None:
        return np.ones_like(size)
    _, stratum, codes = design._units
    population = np.empty_like(size)
    population[stratum] = design.population_clusters
    if np.any(population[stratum] != design.population_clusters):
        raise ValueError("the number of clusters in the population must be the same throughout a stratum")
    if np.any(few := population < size):
        named = ", ".join(str(code) for code in codes[few]) if design.strata is not None else "the whole sample"
        raise ValueError(f"more clusters in the sample than in the population in stratum {named}")
    return np.asarray(1 - size / population)


def _grand_means(design: Design, lonely: IntArray, scale: FloatArray) -> Any:
    """For each lonely cluster a row that makes the mean total of all clusters; no entries for the others."""
    n, n_clusters = design.weights.size, scale.size
    values = np.outer(scale[lonely] / n_clusters, design.weights)
    return sparse_array(np.repeat(lonely, n), np.tile(np.arange(n), lonely.size), (n_clusters, n), values.ravel())


def _calibration(design: Design) -> _Calibration:
    strata, (kind, someone), weights = design._strata, design._kinds, design.weights
    of_kind, first = numbered([margin[someone] for margin in design.margins], someone.size)
    cell, stratum = of_kind[kind], design._units.stratum[someone]
    x = _margin_indicators(tuple(margin[someone[first]] for margin in design.margins)).toarray()
    of_kinds = x[of_kind]
    base = np.ones_like(weights) if design.base_weights is None else design.base_weights
    totals = sums_by(kind, weights, someone.size) * strata.centre[stratum]
    in_strata = np.asarray(
        sparse_array(stratum, np.arange(stratum.size), (strata.size.size, stratum.size), totals) @ of_kinds
    )
    in_clusters = np.empty((0, x.shape[1]))
    if design.clusters is None and not strata.away.size:
        squares = sums_by(kind, weights**2, someone.size) * strata.scale[stratum] ** 2
        spread = of_kinds.T @ (squares[:, None] * of_kinds)
    else:
        sums = design._sums.clusters
        parts, size = (sums.data, cell[sums.indices], sums.indptr), (sums.shape[0], first.size)
        in_clusters = np.asarray(sparse.csr_array(parts, shape=size) @ x)  # type: ignore[no-untyped-call]
        spread = in_clusters.T @ in_clusters
    return _Calibration(
        cell=cell,
        x=x,
        base=base,
        inverse=_inverse(of_kinds.T @ (sums_by(kind, base, someone.size)[:, None] * of_kinds)),
        clusters=in_clusters,
        strata=in_strata,
        spread=spread - in_strata.T @ in_strata,
    )


def sums_by(row: Codes, values: FloatArray, size: int) -> FloatArray:
    """(size,) sums of values by row; a sparse array of one column makes them in half the time of numpy's bincount."""
    ends = np.array([0, row.size], dtype=row.dtype)
    column = sparse.csc_array((values, row, ends), shape=(size, 1))  # type: ignore[no-untyped-call]
    return np.asarray(column @ np.ones(1))


def numbered(levels: Sequence[Codes], n: int) -> tuple[IntArray, IntArray]:
    """Number the combinations of levels that occur.

    Args:
        levels: (n,) codes of each respondent, any whole numbers; none for one combination of everyone.
        n: Number of respondents.

    Returns:
        (n,) each respondent's combination, counted from 0 without gaps; and for each combination somebody who has it.
    """
    key = combined(levels, n)
    someone = np.zeros(int(key.max(initial=-1)) + 1, dtype=np.int64)
    someone[key] = np.arange(n)
    return key, someone


def combined(levels: Sequence[Codes], n: int) -> IntArray:
    """Each respondent's combination of levels, as in `numbered`."""
    key, size = _above_lowest(levels[0]) if levels else (np.zeros(n, dtype=np.int32), 1)
    for level in levels[1:]:
        above, span = _above_lowest(level)
        if size * span > n:  # up to here, gaps cost less than closing them
            key = _without_gaps(key)
            size = int(key.max(initial=0)) + 1
        size *= span
        key = np.multiply(key, span, dtype=np.int32 if size < 2**31 else np.int64, casting="unsafe")
        np.add(key, above, out=key, casting="unsafe")
    return _without_gaps(key)


def _above_lowest(level: Codes) -> tuple[Codes, int]:
    """Codes counted from the lowest, and one more than the highest is then; numbered afresh if they lie far apart."""
    low, high = int(level.min(initial=0)), int(level.max(initial=0))
    if high - low > 8 * level.size + 1_000_000:
        return np.unique(level, return_inverse=True)[1], level.size
    return np.subtract(level, low, dtype=np.int64 if level.dtype.itemsize > 4 else np.int32), high - low + 1


def _without_gaps(key: Codes) -> IntArray:
    most = int(key.max(initial=0)) + 1
    if most > 8 * key.size + 1_000_000:
        return np.unique(key, return_inverse=True)[1].astype(np.int64)
    occurs = np.bincount(key, minlength=most) > 0
    return np.asarray((np.cumsum(occurs) - 1)[key])


def _margin_indicators(margins: tuple[IntArray, ...]) -> Any:
    """A column of ones, and one column for every group of every margin but the first group.

    The indicators of all groups would be collinear, as the groups of each margin add up to everyone.
    """
    n = margins[0].size
    columns = [np.zeros(n, dtype=np.int64)]
    rows = [np.arange(n)]
    width = 1
    for codes in margins:
        level = np.unique(codes, return_inverse=True)[1]
        inside = np.flatnonzero(level)
        columns.append(level[inside] + width - 1)
        rows.append(inside)
        width += int(level.max(initial=0))
    return sparse_array(np.concatenate(rows), np.concatenate(columns), (n, width))


def _inverse(gram: FloatArray) -> FloatArray:
    """Inverse of X'dX; where margins are collinear (one refines another), the inverse on what they span."""
    scale = 1 / np.sqrt(np.diag(gram))
    correlation = gram * np.outer(scale, scale)
    return np.asarray(np.linalg.pinv(correlation, rcond=_COLLINEAR, hermitian=True) * np.outer(scale, scale))


def _residual_totals(design: Design, influence: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Totals of weight * residual in clusters and strata, scaled so that the squares of both make the variance."""
    sums, calibration, residual = design._sums, design._calibration, influence
    if calibration is not None:
        x = calibration.x[calibration.cell]
        slopes = calibration.inverse @ (x.T @ (calibration.base[:, None] * influence))
        residual = influence - x @ slopes
    return sums.clusters @ residual, sums.strata @ residual
