"""Linear and logistic regressions whose standard errors know how the sample was drawn and weighted.

Point estimates are those of the weighted likelihood (statsmodels); their covariance is the linearised one of the
design, the "sandwich" of Binder (1983), with residuals on the raked margins where the weights are raked.

References:
    Binder, D. (1983). On the variances of asymptotically normal estimators from complex surveys. International
        Statistical Review 51.
    Konis, K. (2007). Linear Programming Algorithms for Detecting Separated Data in Binary Logistic Regression Models.
        DPhil thesis, University of Oxford.
    Korn, E. and Graubard, B. (1999). Analysis of Health Surveys. Wiley.
    Lumley, T. and Scott, A. (2017). Fitting regression models to survey data. Statistical Science 32.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import stdtr, stdtrit

from plait.survey.design import BoolArray, Design, FloatArray, IntArray, covariance, degrees_of_freedom
from plait.survey.wald import FTest, wald

INTERCEPT = ""
"""Name of the term that holds the intercept."""

_COLLINEAR = 1e-8
"""A column of which less than this share is left, once the columns before it are taken out, says nothing new."""
_STEEP = 12.0
"""A linear predictor larger than this (odds of 160 000 to 1) raises the suspicion of separation."""
_ROUNDS = 100
_TOLERANCE = 1e-9


class ModelError(ValueError):
    """A regression that cannot be estimated.

    Attributes:
        term: Name of the term at fault; "" when it is none in particular.
    """

    def __init__(self, term: str, message: str) -> None:
        super().__init__(message)
        self.term = term


@dataclass(frozen=True, eq=False)
class Term:
    """One predictor of a regression.

    Attributes:
        name: Name of the predictor.
        labels: What each column stands for: a group of a break, or "" for a number.
        columns: (n, k) values; NaN for respondents of whom the predictor is not known.
        reference: The group that others are compared with; `None` when the term is not the groups of a break.
    """

    name: str
    labels: tuple[str, ...]
    columns: FloatArray
    reference: str | None = None


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted regression; arrays hold one entry a coefficient, the intercept first.

    Attributes:
        kind: `linear`: differences of the mean; `logistic`: differences of the log odds.
        terms: Name of the term each coefficient belongs to; "" for the intercept.
        labels: What the coefficient stands for within its term.
        estimate: Coefficients.
        covariance: (k, k) linearised covariance of the coefficients.
        df: Degrees of freedom: those of the design among the respondents used, less coefficients, plus one.
        base_unweighted: Respondents used: outcome and all predictors known.
        base_weighted: Sum of their weights.
    """

    kind: Literal["linear", "logistic"]
    terms: tuple[str, ...]
    labels: tuple[str, ...]
    estimate: FloatArray
    covariance: FloatArray
    df: int
    base_unweighted: int
    base_weighted: float

    @property
    def se(self) -> FloatArray:
        """Linearised standard errors."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0))

    @property
    def statistic(self) -> FloatArray:
        """t of every coefficient; NaN where the residuals leave no variance."""
        return np.divide(self.estimate, self.se, out=np.full_like(self.estimate, np.nan), where=self.se > 0)

    @property
    def p(self) -> FloatArray:
        """Probability of so large a t, of either sign, when the coefficient is zero."""
        return np.asarray(2 * stdtr(self.df, -np.abs(self.statistic)))

    def limits(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Confidence limits of the coefficients, with t on `df`."""
        half = stdtrit(self.df, (1 + level) / 2) * self.se
        return self.estimate - half, self.estimate + half


def groups_term(name: str, codes: IntArray, groups: Sequence[str]) -> Term:
    """Groups of a break as a predictor; the first group is the one that others are compared with.

    Args:
        name: Name of the break.
        codes: (n,) number of the respondent's group, from 0; -1 for in no group.
        groups: Names of the groups.
    """
    columns = np.where(codes[:, None] < 0, np.nan, codes[:, None] == np.arange(1, len(groups)))
    return Term(name, tuple(groups[1:]), columns, groups[0])


def number_term(name: str, values: FloatArray) -> Term:
    """A number as a predictor.

    Args:
        name: Name of the number.
        values: (n,) numbers; NaN for not known.
    """
    return Term(name, ("",), np.asarray(values, dtype=float)[:, None])


def interaction_term(first: Term, second: Term) -> Term:
    """How far the effect of one predictor depends on another: products of all their columns."""
    columns = first.columns[:, :, None] * second.columns[:, None, :]
    labels = tuple(f"{a}:{b}".strip(":") for a in first.labels for b in second.labels)
    return Term(f"{first.name}:{second.name}", labels, columns.reshape(len(columns), -1))


def linear(design: Design, outcome: FloatArray, terms: Sequence[Term]) -> Model:
    """Regression of a number on predictors.

    Args:
        design: The sample of n respondents.
        outcome: (n,) numbers; NaN for not known.
        terms: Predictors; the order is that of the coefficients.

    Raises:
        ModelError: Too few respondents or clusters, a group without anyone, collinear predictors, or an outcome that
            is the same for everyone.
        ValueError: A stratum of the design cannot be used.
    """
    return _model("linear", design, outcome, terms)


def logistic(design: Design, outcome: FloatArray, terms: Sequence[Term]) -> Model:
    """Regression of the log odds of a yes on predictors.

    Args:
        design: The sample of n respondents.
        outcome: (n,) 1 for yes, 0 for no; NaN for not known.
        terms: Predictors; the order is that of the coefficients.

    Raises:
        ModelError: As for `linear`; or predictors foretell some answers with certainty (separation), so that an odds
            ratio would be infinite.
        ValueError: The outcome holds something else than 0 and 1, or a stratum of the design cannot be used.
    """
    if not np.isin(outcome[~np.isnan(outcome)], (0.0, 1.0)).all():
        raise ValueError("the outcome of a logistic model must be 0 or 1 for everyone whose outcome is known")
    return _model("logistic", design, outcome, terms)


def term_tests(model: Model) -> dict[str, FTest]:
    """Wald test of every term: all its coefficients are zero together.

    Returns:
        For each name of a term, F on the number of its coefficients and `model.df`.
    """
    names = np.array(model.terms)
    tests = {}
    for term in dict.fromkeys(model.terms[1:]):
        mine = np.flatnonzero(names == term)
        tests[term] = wald(model.estimate[mine], model.covariance[np.ix_(mine, mine)], model.df)
    return tests


def _model(kind: Literal["linear", "logistic"], design: Design, outcome: FloatArray, terms: Sequence[Term]) -> Model:
    columns = np.hstack([np.ones((outcome.size, 1)), *(term.columns for term in terms)])
    used = np.isfinite(outcome) & np.isfinite(columns).all(axis=1)
    x, y, weights = columns[used], outcome[used], design.weights[used]
    df = degrees_of_freedom(design, used) - (x.shape[1] - 1)
    of_terms = (INTERCEPT, *(term.name for term in terms for _ in term.labels))
    labels = ("", *(label for term in terms for label in term.labels))
    _check(x, y, df, terms, of_terms)
    if kind == "logistic":
        _check_groups_vary(x, y, terms)

    estimate, fitted, spread = _fit(kind, x, y, weights, of_terms)
    influence = np.zeros_like(columns)
    influence[used] = (x * (y - fitted)[:, None]) @ np.linalg.inv((x * (weights * spread)[:, None]).T @ x)
    return Model(
        kind=kind,
        terms=of_terms,
        labels=labels,
        estimate=estimate,
        covariance=covariance(design, influence),
        df=df,
        base_unweighted=int(used.sum()),
        base_weighted=float(weights.sum()),
    )


def _fit(
    kind: Literal["linear", "logistic"], x: FloatArray, y: FloatArray, weights: FloatArray, of_terms: tuple[str, ...]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weighted maximum likelihood: coefficients, fitted means, and the variance of an answer given its mean."""
    from statsmodels.genmod import families  # imported here, as it takes more than a second
    from statsmodels.genmod.generalized_linear_model import GLM

    scale = np.sqrt((x**2).mean(axis=0))  # so that the tolerance means the same for every coefficient
    family: Any = families.Binomial if kind == "logistic" else families.Gaussian
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of separation, which is looked for below
        model: Any = GLM(y, x / scale, family=family(), var_weights=weights / weights.mean())  # type: ignore[no-untyped-call]
        result = model.fit(maxiter=_ROUNDS, tol=_TOLERANCE, tol_criterion="params")
    estimate = np.asarray(result.params) / scale
    predictor = x @ estimate
    if kind == "linear":
        return estimate, predictor, np.ones_like(y)
    if not result.converged or np.abs(predictor).max() > _STEEP:
        _check_separation(x / scale, y, of_terms)
    if not result.converged:
        raise ModelError("", "the regression did not settle; leave out a predictor or merge thin groups")
    fitted = 1 / (1 + np.exp(-predictor))
    return estimate, fitted, fitted * (1 - fitted)


# --- what cannot be estimated ------------------------------------------------------------------------------------------


def _check(x: FloatArray, y: FloatArray, df: int, terms: Sequence[Term], of_terms: tuple[str, ...]) -> None:
    n, k = x.shape
    if n <= k or df < 1:
        raise ModelError(
            "",
            f"too few respondents or clusters for {k} coefficients: {n} respondents have an outcome and all predictors, "
            f"which leaves {df} degrees of freedom; leave out a predictor or merge groups",
        )
    if np.all(y == y[0]):
        raise ModelError("", f"the outcome is {y[0]:g} for all {n} respondents with all predictors; nothing to explain")
    for term, group, inside in _members(x, terms):
        if not inside.any():
            raise ModelError(
                term.name,
                f'nobody in group "{group}" of {term.name} has an outcome and all predictors; merge it or leave it out',
            )
    # Diagonal of R in a QR decomposition: how much of each column is new, given those before it.
    new = np.abs(np.diag(np.linalg.qr(x / np.sqrt((x**2).sum(axis=0)).clip(min=np.finfo(float).tiny), mode="r")))
    if np.any(new < _COLLINEAR):
        term_name = of_terms[int(np.argmax(new < _COLLINEAR))]
        raise ModelError(
            term_name, f"{term_name} follows from the predictors before it (collinear); leave one of them out"
        )


def _check_groups_vary(x: FloatArray, y: FloatArray, terms: Sequence[Term]) -> None:
    for term, group, inside in _members(x, terms):
        if np.all(y[inside] == y[inside][0]):
            answer = "yes" if y[inside][0] else "no"
            raise ModelError(
                term.name,
                f'all {inside.sum()} respondents in group "{group}" of {term.name} have the same outcome ({answer}), so '
                "that the odds ratio has no finite value; merge the group with another one",
            )


def _members(x: FloatArray, terms: Sequence[Term]) -> list[tuple[Term, str, BoolArray]]:
    """For every group of every break among the terms, who is in it."""
    result, first = [], 1
    for term in terms:
        if term.reference is not None:
            columns = x[:, first : first + len(term.labels)] != 0
            result.append((term, term.reference, ~columns.any(axis=1)))
            result += [(term, label, columns[:, j]) for j, label in enumerate(term.labels)]
        first += len(term.labels)
    return result


def _check_separation(x: FloatArray, y: FloatArray, of_terms: tuple[str, ...]) -> None:
    """Look for predictors that part yes from no: one alone, then several together."""
    names, predictors = np.array(of_terms), dict.fromkeys(of_terms[1:])
    parting = [name for name in predictors if _parts(x[:, (names == INTERCEPT) | (names == name)], y)]
    if parting or _parts(x, y):
        at_fault = parting or list(predictors)
        verb = "foretells" if len(at_fault) == 1 else "foretell" if parting else "together foretell"
        raise ModelError(
            at_fault[0],
            f"{' and '.join(at_fault)} {verb} the outcome of some respondents with certainty (separation), so that an "
            "odds ratio has no finite value; merge groups or leave a predictor out",
        )


def _parts(x: FloatArray, y: FloatArray) -> bool:
    """Whether a linear predictor is never on the wrong side of zero and not always on it (Konis 2007)."""
    from scipy.optimize import linprog  # type: ignore[attr-defined]

    solve: Any = linprog
    right = np.unique(np.where(y[:, None] == 1, x, -x), axis=0)
    result = solve(-right.sum(axis=0), A_ub=-right, b_ub=np.zeros(len(right)), bounds=(-1, 1))
    return bool(result.status == 0 and result.fun < -1e-6)
