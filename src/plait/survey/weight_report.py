"""What weighting did: achieved against target, what unequal weights cost, who has no weight, and what a reader must know.

References:
    Kish, L. (1965). Survey Sampling. Wiley.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from plait import tables
from plait.study import Study
from plait.study.definition import Survey, Weighting
from plait.study.wording import listed, quoted
from plait.survey.design import FloatArray
from plait.survey.eligibility import REASONS, Eligible
from plait.survey.margins import Margin, population_total, target_shares, weighting_variables
from plait.survey.raking import Raked, effective_n, kish_design_effect
from plait.survey.variables import CLUSTER, codes_of

_WIDTHS = (0.05, 0.1, 0.2, 0.25, 0.5, *(digit * 10.0**power for power in range(9) for digit in (1, 2, 5)))
_MOST_BINS = 10
_EDGE = 1e-9
"""Distance below an edge at which a weight is taken to lie on it: a weight trimmed to 5 may be stored as 4.999...9."""
_PERCENTILES = {
    "percentile_5": 5,
    "lower_quartile": 25,
    "median_weight": 50,
    "upper_quartile": 75,
    "percentile_95": 95,
}
_COSTLY = 2.0
"""Design effect from which unequal weights cost more than half of the respondents."""
_SCALED_TO_N = 0.001
"""Distance of the mean from 1 up to which supplied weights count respondents."""


@dataclass(frozen=True, eq=False)
class WeightSet:
    """The weights of one export and how they were made.

    Attributes:
        export: The export; the weight set bears its name.
        eligible: Who has a weight.
        margins: What the weights were fitted to; `()` for supplied weights.
        raked: The fit; `None` for supplied weights.
        untrimmed: (n,) weights before trimming; only their ratios matter.
        weights: (n,) final weights of the respondents who have one.
    """

    export: str
    eligible: Eligible
    margins: tuple[Margin, ...]
    raked: Raked | None
    untrimmed: FloatArray
    weights: FloatArray


def achieved(study: Study, made: WeightSet, responses: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Achieved against target, among those whose group is known: rows of `plait.tables.MARGINS`."""
    survey = study.definition.survey
    assert survey is not None
    here = responses[made.eligible.rows]
    for margin in made.margins:
        codes = codes_of(here, margin.variable, survey)
        shares = target_shares(study, margin.variable)
        targets = {t.group: t for t in study.targets if t.variable == margin.variable}
        known = codes >= 0
        for i, group in enumerate(survey.groups_of(margin.variable)):
            level = next(groups for groups in margin.levels if group in groups)
            member = codes == i
            yield {
                "weight_set": made.export,
                "variable": margin.variable,
                "group": group,
                "merged": "+".join(level) if len(level) > 1 else "",
                "n": int(member.sum()),
                "share_unweighted": member.sum() / known.sum(),
                "share_target": shares[group],
                "share_achieved": made.weights[member].sum() / made.weights[known].sum(),
                "source": targets[group].source,
                "date": targets[group].date,
                "unit": targets[group].unit,
                "grade": targets[group].grade,
            }


def diagnostics_of(study: Study, made: WeightSet) -> dict[str, float]:
    """What the weights of a set are like, in numbers.

    Sizes of weights are multiples of their mean. `largest_error` is the largest |achieved / target - 1| before trimming,
    `largest_gap` the largest distance of a final share from its target, in percentage points; both of groups as they
    were weighted, merged ones together. Percentiles are of respondents, interpolated linearly.
    """
    survey = study.definition.survey
    assert survey is not None and survey.weighting is not None
    relative = made.weights / made.weights.mean()
    result: dict[str, float] = {}
    if made.raked is not None:
        result |= {"iterations": made.raked.iterations, "largest_error": made.raked.largest_error}
        result["largest_gap"] = 100 * max(level.gap for level in _levels(made))
    if _is_trimmed(survey.weighting):
        result["trimmed"] = _cut(made, survey.weighting)
        result["design_effect_untrimmed"] = kish_design_effect(made.untrimmed / made.untrimmed.mean())
    if made.raked is not None and (made.eligible.given is not None or survey.weighting.bounds):
        start = np.ones_like(relative) if made.eligible.given is None else made.eligible.given
        ratio = made.untrimmed / made.untrimmed.mean() / (start / start.mean())
        result |= {"smallest_ratio_to_start": float(ratio.min()), "largest_ratio_to_start": float(ratio.max())}
    result |= {"n": relative.size, "n_without_weight": sum(made.eligible.without.values())}
    result |= {f"n_{reason}": n for reason, n in made.eligible.without.items()}
    result |= {"smallest_weight": float(relative.min()), "largest_weight": float(relative.max())}
    result |= {name: float(np.percentile(relative, q)) for name, q in _PERCENTILES.items()}
    result |= {"mean_weight": float(made.weights.mean()), "sum_of_weights": float(made.weights.sum())}
    result |= {"design_effect": kish_design_effect(relative), "effective_n": effective_n(relative)}
    result["merged_groups"] = sum(len(level) for _, level in _merged(made))
    for grade in ("proxy", "illustrative"):
        result[f"{grade}_targets"] = sum(t.grade == grade for t in study.targets)
    return result


def distribution_of(sets: Sequence[WeightSet]) -> pd.DataFrame:
    """How many respondents carry which weight.

    Weights are multiples of their mean. All sets share bins of one width: the narrowest of 0.05, 0.1, 0.2, 0.25, 0.5,
    1, 2, 5, ... with which at most ten bins reach from the lowest to the highest weight of all sets.

    Returns:
        Columns of `plait.tables.WEIGHT_DISTRIBUTION`, empty bins included.
    """
    if not sets:
        return tables.WEIGHT_DISTRIBUTION.empty()
    relative = [made.weights / made.weights.mean() for made in sets]
    lowest, highest = min(w.min() for w in relative), max(w.max() for w in relative)
    width = next(w for w in _WIDTHS if np.floor(highest / w + _EDGE) - np.floor(lowest / w + _EDGE) < _MOST_BINS)
    first, last = (int(np.floor(w / width + _EDGE)) for w in (lowest, highest))
    edges = np.arange(first, last + 2) * width
    return tables.WEIGHT_DISTRIBUTION.of(
        pd.concat(
            pd.DataFrame(
                {
                    "weight_set": made.export,
                    "low": np.round(edges[:-1], 2),
                    "high": np.round(edges[1:], 2),
                    "n": np.bincount(np.floor(w / width + _EDGE).astype(int) - first, minlength=edges.size - 1),
                }
            )
            for made, w in zip(sets, relative, strict=True)
        )
    )


def notes_on(study: Study, made: WeightSet, responses: pd.DataFrame) -> Iterator[dict[str, object]]:
    """What a reader must know of a weight set, in sentences: rows of `plait.tables.WEIGHTING_NOTES`.

    Numbers of respondents stand in their own column, so that small ones can be withheld.
    """
    survey = study.definition.survey
    assert survey is not None and survey.weighting is not None

    def note(kind: str, text: str, variable: str = "", n: int | None = None) -> dict[str, object]:
        return {"weight_set": made.export, "kind": kind, "variable": variable, "n": n, "text": text}

    yield note("method", _method(study, survey, survey.weighting, made.export))
    for reason, n in made.eligible.without.items():
        yield note("without_weight", f"No weight: {REASONS[reason]}.", n=n)
    for margin in made.margins:
        if not margin.levels[-1]:
            unknown = int((margin.codes == len(margin.levels) - 1).sum())
            text = f"{survey.label_of(margin.variable)} is not known: these respondents keep their share of the sample."
            yield note("unknown_group", text, margin.variable, unknown)
    for margin, level in _merged(made):
        names = survey.groups_of(margin.variable)
        together = int((margin.codes == margin.levels.index(level)).sum())
        text = (
            f"{survey.label_of(margin.variable)}: {listed(quoted(names[g]) for g in level)} are weighted together, to "
            "the sum of their targets."
        )
        yield note("merged", text, margin.variable, together)
    if _is_trimmed(survey.weighting):
        yield note("trimmed", _trimming(survey, made), n=_cut(made, survey.weighting))
    for grade in ("proxy", "illustrative"):
        graded = dict.fromkeys(t.variable for t in study.targets if t.grade == grade)
        if graded:
            yield note("targets", f"The targets of {listed(map(survey.label_of, graded))} are {_GRADES[grade]}.")
    for unit, counted in _UNITS.items():
        if measured := dict.fromkeys(t.variable for t in study.targets if t.unit == unit):
            yield note("targets", f"The targets of {listed(map(survey.label_of, measured))} count {counted}.")
    if survey.weighting.method == "supplied":
        for text in _audit(survey, made, responses):
            yield note("supplied", text)
    if (effect := kish_design_effect(made.weights / made.weights.mean())) > _COSTLY:
        text = (
            f"The weights are very unequal: their design effect is {effect:.2f}, so that the sample is as precise as "
        )
        text = f"{text}one of less than half its size."
        if survey.errors.method == "linearised" and survey.exports[made.export].replicate_weights is None:
            text += " Set bootstrap standard errors (`errors: bootstrap`) beside the linearised ones."
        yield note("precision", text)


_UNITS = {"FTE": "full-time equivalents", "pupils": "pupils", "schools": "schools"}
_GRADES = {
    "proxy": "proxies for figures that are not published",
    "illustrative": "illustrative, not official: weighted figures must not be quoted as findings",
}


def _method(study: Study, survey: Survey, weighting: Weighting, export: str) -> str:
    column = survey.exports[export].weight
    if weighting.method == "supplied":
        return f"The weights are those of the file (column {quoted(column)})."
    variables = listed(map(survey.label_of, weighting_variables(study)))
    made = {
        "raking": f"Raked to {variables}",
        "post_stratification": f"Post-stratified by {variables}",
        "linear": f"Calibrated to {variables}, with the least change in squares",
        "logit": f"Calibrated to {variables} on a logistic curve",
    }[weighting.method]
    if weighting.bounds:
        made += f", between {weighting.bounds.lower:g} and {weighting.bounds.upper:g} times the start weights"
    if column:
        made += f", starting from the weights of the file (column {quoted(column)})"
    total = population_total(study)
    scale = "have a mean of 1" if total is None else f"add up to the population of {total:,.0f}"
    return f"{made}. The weights {scale}."


def _trimming(survey: Survey, made: WeightSet) -> str:
    assert survey.weighting is not None
    lower, upper = survey.weighting.trim.lower, survey.weighting.trim.upper
    limits = [f"{side} {bound:g}" for side, bound in (("below", lower), ("above", upper)) if bound is not None]
    before, after = (kish_design_effect(w / w.mean()) for w in (made.untrimmed, made.weights))
    if survey.weighting.trim.while_raking:
        return (
            f"No weight is {listed(limits, 'or')} times the mean, and the targets are met: weights were cut and raked in "
            f"turn. Raking alone gives a design effect of {before:.2f}, both together {after:.2f}."
        )
    text = f"Weights {listed(limits, 'or')} times the mean were cut, and the others took up the difference"
    if not _cut(made, survey.weighting):
        return f"No weight was {listed(limits, 'or')} times the mean, so that none was cut."
    text += f": the design effect went from {before:.2f} to {after:.2f}."
    if made.margins:
        worst = max(_levels(made), key=lambda level: round(level.gap, 9))  # of two alike the first
        names = survey.groups_of(worst.margin.variable)
        text += (
            f" The targets are no longer met exactly: the largest gap is {100 * worst.gap:.2f} percentage points "
            f"({survey.label_of(worst.margin.variable)}, {listed(quoted(names[g]) for g in worst.groups)}: "
            f"{100 * worst.share:.2f} % for {100 * worst.target:.2f} %)."
        )
    return text


def _audit(survey: Survey, made: WeightSet, responses: pd.DataFrame) -> Iterator[str]:
    """What supplied weights are: counts of respondents or of a population, the same for all, or weights of clusters."""
    weights = made.weights
    if abs(weights.mean() - 1) <= _SCALED_TO_N:
        yield "They add up to the number of respondents."
    else:
        yield f"They add up to {weights.sum():,.6g}, with a mean of {weights.mean():,.6g}."
    if np.ptp(weights) <= _EDGE * weights.mean():
        yield "They are all the same: the export is not weighted."
    elif CLUSTER in responses:
        of_cluster = pd.Series(weights).groupby(responses.loc[made.eligible.rows, CLUSTER].to_numpy())
        if (of_cluster.size() > 1).any() and (of_cluster.agg(np.ptp) <= _EDGE * weights.mean()).all():
            yield "They are the same for everyone in a cluster: weights of clusters, not of respondents."


def _is_trimmed(weighting: Weighting) -> bool:
    return weighting.trim.lower is not None or weighting.trim.upper is not None


def _cut(made: WeightSet, weighting: Weighting) -> int:
    """How many weights were outside the limits."""
    relative = made.untrimmed / made.untrimmed.mean()
    return int(((relative < (weighting.trim.lower or 0.0)) | (relative > (weighting.trim.upper or np.inf))).sum())


@dataclass(frozen=True, eq=False)
class _Level:
    """A level of a margin, its share of those whose group is known, and its target."""

    margin: Margin
    groups: tuple[str, ...]
    share: float
    target: float

    @property
    def gap(self) -> float:
        return abs(self.share - self.target)


def _levels(made: WeightSet) -> Iterator[_Level]:
    for margin in made.margins:
        known = [i for i, groups in enumerate(margin.levels) if groups]
        got = np.bincount(margin.codes, made.weights, len(margin.levels))[known]
        goals = margin.goals[known]
        for i, share, target in zip(known, got / got.sum(), goals / goals.sum(), strict=True):
            yield _Level(margin, margin.levels[i], float(share), float(target))


def _merged(made: WeightSet) -> Iterator[tuple[Margin, tuple[str, ...]]]:
    return ((margin, level) for margin in made.margins for level in margin.levels if len(level) > 1)
