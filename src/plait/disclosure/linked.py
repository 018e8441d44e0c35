"""What anybody can know of how the variables hang together: which are made of which, by the definition alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod

import numpy as np
import numpy.typing as npt

from plait.study.definition import Survey

MOST_KINDS = 5_000
"""Kinds of people that are told apart at once; breaks that would need more are looked at one by one."""


def made_of(survey: Survey, variable: str) -> tuple[str, ...]:
    """The variables that a variable is made of by merging and crossing; itself where it is not made."""
    if variable in survey.derived:
        return made_of(survey, survey.derived[variable].source)
    if variable in survey.crosses:
        return tuple(dict.fromkeys(root for part in survey.crosses[variable].of for root in made_of(survey, part)))
    return (variable,)


def components(survey: Survey, breaks: Iterable[str]) -> list[tuple[str, ...]]:
    """Breaks that are linked because they are made of the same variables, together; the others one by one."""
    parts: list[tuple[set[str], list[str]]] = []
    for name in breaks:
        roots, members = set(made_of(survey, name)), [name]
        for part in [part for part in parts if part[0] & roots]:
            parts.remove(part)
            roots, members = roots | part[0], [*part[1], *members]
        parts.append((roots, members))
    found: list[tuple[str, ...]] = []
    for roots, members in parts:
        whole = prod(len(survey.groups_of(root)) + 1 for root in roots) <= MOST_KINDS
        found += [tuple(members)] if whole else [(name,) for name in members]
    return found


def kinds_of_people(survey: Survey, breaks: Sequence[str]) -> npt.NDArray[np.int64]:
    """(kinds, breaks) every combination of groups that a person can be in; -1 where the group is not known."""
    roots = list(dict.fromkeys(root for name in breaks for root in made_of(survey, name)))
    if prod(len(survey.groups_of(root)) + 1 for root in roots) > MOST_KINDS:  # one break, made of much
        return np.arange(-1, len(survey.groups_of(breaks[0])))[:, None]
    place = {name: {group: i for i, group in enumerate(survey.groups_of(name))} for name in breaks}
    found = [
        [place[name].get(_group(survey, name, dict(zip(roots, facts, strict=True))), -1) for name in breaks]
        for facts in product(*([*survey.groups_of(root), ""] for root in roots))
    ]
    return np.unique(np.array(found, dtype=np.int64), axis=0)


def _group(survey: Survey, variable: str, facts: Mapping[str, str]) -> str:
    """The group of a person, by what is known of the variables that it is made of; empty where it is not known."""
    if variable in survey.derived:
        derived = survey.derived[variable]
        own = _group(survey, derived.source, facts)
        return next((group for group, net in derived.groups.items() if own in net.of), "") if own else ""
    if variable in survey.crosses:
        parts = [_group(survey, part, facts) for part in survey.crosses[variable].of]
        return "__".join(parts) if all(parts) else ""
    return facts[variable]
