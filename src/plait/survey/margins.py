"""How respondents and targets become the margins that weights are fitted to.

A margin is a variable of the targets file. Its levels are the variable's groups, except that groups too thin to be
weighted to a target of their own are merged with a declared neighbour, and that respondents whose group is not known
are a level of their own, which keeps its share of the sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.errors import Problem, Problems
from plait.study import Study
from plait.study.definition import Survey, Weighting
from plait.study.wording import listed
from plait.survey.design import FloatArray, IntArray
from plait.survey.variables import codes_of

_MORE = 1e-6
"""Relative difference above which one total is more than another."""
_LIGHTEST = 1e-6
"""Weight of a respondent, in multiples of the mean, below which a target is taken for a slip."""


@dataclass(frozen=True, eq=False)
class Margin:
    """A variable that weights are fitted to.

    Attributes:
        variable: The variable of the targets file.
        levels: For each level the groups that it stands for; none for the respondents whose group is not known, who
            are the last level where there are any.
        codes: (n,) level of every respondent.
        goals: (L,) totals to meet, in units of the start weights.
    """

    variable: str
    levels: tuple[tuple[str, ...], ...]
    codes: IntArray
    goals: FloatArray

    def named(self, level: int) -> str:
        """A level as it is named in messages: `phase = primary`."""
        return f"{self.variable} = {'+'.join(self.levels[level]) or '(not known)'}"


def weighting_variables(study: Study) -> list[str]:
    """The variables of the targets file, in its order; none where weights are supplied."""
    return list(dict.fromkeys(target.variable for target in study.targets))


def target_shares(study: Study, variable: str) -> dict[str, float]:
    """The population share of each group of a variable, from its share or its count."""
    values = {
        t.group: t.share if t.share is not None else t.count or 0.0 for t in study.targets if t.variable == variable
    }
    counted = any(t.count is not None for t in study.targets)
    return {group: value / sum(values.values()) for group, value in values.items()} if counted else values


def population_total(study: Study) -> float | None:
    """What the weights add up to where targets are counts; `None` where they are shares."""
    counts = [t.count for t in study.targets if t.variable == study.targets[0].variable and t.count is not None]
    return sum(counts) if counts else None


def margins_of(study: Study, responses: pd.DataFrame, export: str, start: FloatArray | None = None) -> list[Margin]:
    """Count the respondents of a sample into the margins of the targets.

    Args:
        study: With its targets.
        responses: The n respondents to be weighted.
        export: The export they are in, for messages.
        start: (n,) weights to start from; `None` means all alike.

    Raises:
        StudyError: Every group that cannot be weighted: nobody stands for it, its target is zero, or it is thin and
            has no neighbour to be merged with.
    """
    survey = study.definition.survey
    assert survey is not None and survey.weighting is not None
    begin = np.ones(len(responses)) if start is None else start
    margins, problems = [], Problems()
    for variable in weighting_variables(study):
        margin = _margin(study, survey, responses, variable, begin)
        problems.found += _unreachable(survey.weighting, margin, export)
        margins.append(margin)
    problems.raise_if_any()
    return margins


def merged_levels(n: Mapping[str, int], fewer_than: int, into: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Merge groups with few respondents into their neighbours.

    Every thin group joins its neighbour; where the neighbour is thin and joins another, all of them are one level. The
    outcome does not depend on an order.

    Args:
        n: Respondents of each group.
        fewer_than: Groups with fewer respondents are thin.
        into: Thin group and the neighbour that takes it; a thin group without one stays as it is.

    Returns:
        The groups of each level, levels and groups in the order of `n`.
    """
    level = {group: {group} for group in n}
    for group, neighbour in into.items():
        if n[group] < fewer_than:
            joined = level[group] | level[neighbour]
            level |= dict.fromkeys(joined, joined)
    return list(dict.fromkeys(tuple(g for g in n if g in members) for members in level.values()))


def contradiction(margins: Sequence[Margin]) -> str:
    """Say which two targets cannot both be met by these respondents, as a sentence; empty where no pair is found.

    Everyone in group A being in one of the groups B, the target of A must not be above that of B. Of several such
    pairs the one that is furthest apart is told, of two alike the first.
    """
    return max(_contradictions(margins), key=lambda found: round(found[0], 9), default=(0.0, ""))[1]


def _margin(study: Study, survey: Survey, responses: pd.DataFrame, variable: str, start: FloatArray) -> Margin:
    groups = list(survey.groups_of(variable))
    group = codes_of(responses, variable, survey)
    levels: list[tuple[str, ...]] = [(name,) for name in groups]
    if survey.weighting and (collapse := survey.weighting.collapse):
        n = np.bincount(group[group >= 0], minlength=len(groups)).tolist()
        levels = merged_levels(dict(zip(groups, n, strict=True)), collapse.fewer_than, collapse.into.get(variable, {}))
    level_of = np.array([next(i for i, level in enumerate(levels) if name in level) for name in groups])
    shares = target_shares(study, variable)
    known = np.bincount(level_of, [shares[name] for name in groups])
    unknown = float(start[group < 0].sum())
    goals = known / known.sum() * (start.sum() - unknown)
    if (group < 0).any():
        levels, goals = [*levels, ()], np.append(goals, unknown)
    return Margin(variable, tuple(levels), np.where(group < 0, known.size, level_of[group]), goals)


def _unreachable(weighting: Weighting, margin: Margin, export: str) -> Iterator[Problem]:
    """Levels that cannot be weighted to their target, each with its mend."""
    file, start = weighting.targets or "", f"export '{export}': "
    n = np.bincount(margin.codes, minlength=len(margin.levels))
    fewest = weighting.collapse.fewer_than if weighting.collapse else 0
    if n[[i for i, groups in enumerate(margin.levels) if groups]].sum() == 0:
        mend = f"leave {margin.variable} out of the targets, or add its column to the export"
        yield Problem(file, f"{start}nobody's group of {margin.variable} is known", mend)
        return
    merge = f"merge the group with a neighbour (`collapse:`, under `into: {margin.variable}:`)"
    for level, groups in enumerate(margin.levels):
        share = margin.goals[level] / margin.goals.sum()
        if not groups:
            continue
        if n[level] == 0 and share > 0:
            yield Problem(
                file,
                f"{start}nobody who is to be weighted stands for {margin.named(level)} ({100 * share:.3g} % of the "
                "population)",
                f"{merge}, leave the variable out of the targets, or say by `population:` whom the targets describe",
            )
        elif n[level] > 0 and share == 0:
            yield Problem(
                file,
                f"{start}{people(n[level])} in {margin.named(level)}, whose target is zero",
                f"give the group its target, {merge}, or leave its people out by `population:`",
            )
        elif n[level] > 0 and share * n.sum() < _LIGHTEST * n[level]:
            yield Problem(
                file,
                f"{start}{people(n[level])} in {margin.named(level)}, whose target is {100 * share:.3g} %: each would "
                "count less than a millionth of the mean respondent",
                f"correct the target, {merge}, or leave its people out by `population:`",
            )
        elif 0 < n[level] < fewest:
            yield Problem(
                "study.yaml",
                f"{start}{margin.named(level)} has {people(n[level])}, fewer than {fewest}, "
                + ("even when merged" if len(groups) > 1 else "and no neighbour to be merged with"),
                f"under `into: {margin.variable}:` name a neighbour of {listed(groups, 'or')} that makes it large "
                "enough, or lower `fewer_than:`",
                column="survey.weighting.collapse",
            )


def people(n: int) -> str:
    """A number of respondents in words."""
    return "1 respondent" if n == 1 else f"{n:,} respondents"


def _contradictions(margins: Sequence[Margin]) -> Iterator[tuple[float, str]]:
    for one, other in permutations(margins, 2):
        size = len(other.levels)
        joint = np.bincount(one.codes * size + other.codes, minlength=len(one.levels) * size).reshape(-1, size) > 0
        for level in range(size):
            meeting = np.flatnonzero(joint[:, level])
            inside = meeting[joint[meeting].sum(axis=1) == 1]
            yield from _contradicting(other, np.array([level]), one, meeting)
            yield from _contradicting(one, inside, other, np.array([level]))


def _contradicting(
    inner: Margin, inside: npt.NDArray[np.intp], outer: Margin, around: npt.NDArray[np.intp]
) -> Iterator[tuple[float, str]]:
    """Where the levels `inside`, whose respondents are all in the levels `around`, have the larger target: by how much."""
    total = inner.goals.sum()
    more, less = inner.goals[inside].sum() / total, outer.goals[around].sum() / total
    if more > less * (1 + _MORE):
        yield (
            more - less,
            f"everyone in {listed(map(inner.named, inside), 'or')} is in {listed(map(outer.named, around), 'or')}, but "
            f"the target of the former ({100 * more:.6g} %) is above that of the latter ({100 * less:.6g} %)",
        )
