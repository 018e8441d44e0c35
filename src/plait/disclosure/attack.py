"""An attack on the survey's published tables: what a reader with a computer can find out about hidden groups.

The attacker has the tables, the definition (options, nets, which variables are made of which) and, to be cautious, the
number of people whose group is not known, which is often none and often printed elsewhere. Every published whole per
cent is an interval on a count of people; groups and those of no known group add up to everyone, merged groups to the
groups they are made of, answers to bases and nets; a vendor's table of the same question holds the respondents and those
whom the estimates leave out. Linear programmes (Fischetti and Salazar 1999 audit tables so) give the least and the most
that each hidden number can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from itertools import chain
from math import inf, nan
from typing import NamedTuple

import numpy as np
import pandas as pd

from plait.disclosure.hiding import Place
from plait.disclosure.linked import components, kinds_of_people
from plait.disclosure.programme import Bounds, Combination, ContradictionError, Programme
from plait.disclosure.rules import Rules
from plait.disclosure.seen import Group, seen_groups
from plait.study.definition import Survey
from plait.tables import ALL

RESPONDENT, BREAKDOWN = "respondent", "breakdown"
NOT_KNOWN = ""
"""The group of people whose group is not known."""


class Target(NamedTuple):
    """A number that is to be found out.

    Attributes:
        place: Question, break and grain.
        group: Of the break.
        option: An answer, or "" for the base.
        left_out: Of the people of the breakdown whom the estimates leave out.
    """

    place: Place
    group: str
    option: str
    left_out: bool = False


class AttackOnQuestion:
    """All published tables of one question."""

    def __init__(
        self,
        survey: Survey,
        question: str,
        published: pd.DataFrame,
        rules: Rules,
        sizes: Mapping[tuple[str, str], int] | None = None,
        not_known: Mapping[Place, int] | None = None,
    ) -> None:
        """Read what is published.

        Args:
            survey: The definition.
            question: The question.
            published: Its rows: break, group, grain, option, measure, base_unweighted, per_cent_unweighted, marker.
            rules: How numbers were rounded, which is printed with the tables.
            sizes: How many respondents each group of a variable has, where that is published.
            not_known: Of how many people the group is not known, by place; where it is not given, of any number.
        """
        self.survey, self.question, self.rules = survey, question, rules
        self.sizes, self.not_known = sizes or {}, not_known or {}
        self.tables = seen_groups(published, rules)
        self._one_a_place = False
        self._totals: dict[tuple[str, tuple[str, ...]], Group | None] = {}
        options = published.loc[published["option"] != "", ["option", "measure"]].drop_duplicates()
        self.options = options.loc[options["measure"] == "share", "option"].tolist()
        nets = survey.nets_of(question) if question in survey.questions else {}
        shown = options.loc[options["measure"] == "net", "option"].tolist()
        self.nets = {name: tuple(o for o in nets[name].of if o in self.options) for name in shown if name in nets}
        self.answers = [*self.options, *self.nets]
        self.components = components(survey, dict.fromkeys(b for b in published["break"] if b != ALL))

    def widths(self, targets: Sequence[Target], enough: Sequence[float], *, one_a_place: bool = False) -> list[float]:
        """How far open each target is, or at least as far as is enough.

        Args:
            targets: What to find out.
            enough: Widths that are wide enough.
            one_a_place: Leave a place alone (infinitely wide) once a target of it is found.

        Returns:
            Not a number where the tables contradict each other.
        """
        found = self.bounds(targets, enough, one_a_place=one_a_place)
        return [bounds[1] - bounds[0] if bounds else nan for bounds in found]

    def bounds(
        self, targets: Sequence[Target], enough: Sequence[float] | None = None, *, one_a_place: bool = False
    ) -> list[Bounds | None]:
        """The least and the most that each target can be; None where the tables contradict each other.

        People left out have no bounds where the breakdown is of other people: then nobody can tell who was left out.
        Without `enough` every bound is exact; arguments are those of `widths`.
        """
        self._one_a_place = one_a_place
        found: dict[int, Bounds | None] = {}
        for part in self.components or [()]:
            mine = [
                i for i, t in enumerate(targets) if t.place.break_ in part or (t.place.break_ == ALL and i not in found)
            ]
            if not mine:
                continue
            widths = None if enough is None else [enough[i] for i in mine]
            found |= dict(zip(mine, self._in_component(part, [targets[i] for i in mine], widths), strict=True))
        return [found.get(i) for i in range(len(targets))]

    def _in_component(
        self, part: tuple[str, ...], targets: list[Target], widths: Sequence[float] | None
    ) -> list[Bounds | None]:
        """Attack with both grains; where the breakdown cannot be of these respondents and more, each grain by itself."""
        if self._linked:
            try:
                return list(self._solve(part, (RESPONDENT, BREAKDOWN), targets, widths))
            except ContradictionError:
                pass
        found: dict[int, Bounds] = {}
        for grain in (RESPONDENT, BREAKDOWN):
            mine = [i for i, t in enumerate(targets) if t.place.grain == grain and not t.left_out]
            asked, wide = [targets[i] for i in mine], None if widths is None else [widths[i] for i in mine]
            try:
                found |= dict(zip(mine, self._solve(part, (grain,), asked, wide) if mine else [], strict=True))
            except ContradictionError:
                continue
        return [found.get(i) for i in range(len(targets))]

    @property
    def _linked(self) -> bool:
        """Whether the breakdown can be of the respondents and more: nowhere has it fewer people."""
        both = [(RESPONDENT, b) for g, b in self.tables if g == BREAKDOWN and (RESPONDENT, b) in self.tables]
        pairs = [
            (self.tables[place][group], self.tables[BREAKDOWN, place[1]][group])
            for place in both
            for group in self.tables[place]
            if group in self.tables[BREAKDOWN, place[1]]
        ]
        return bool(pairs) and all(theirs.base[1] >= ours.base[0] for ours, theirs in pairs)

    def _solve(
        self, part: tuple[str, ...], grains: tuple[str, ...], targets: list[Target], widths: Sequence[float] | None
    ) -> list[Bounds]:
        people = _People(self, part, grains)
        asked = [people.of(target) for target in targets]
        groups: dict[tuple[Place, str, bool], dict[int, float]] = {}
        for target, sought in zip(targets, asked, strict=True):
            groups.setdefault((target.place, target.group, target.left_out), {}).update(sought)
        places = [target.place for target in targets] if self._one_a_place else None
        return people.programme.bounds(asked, widths, list(groups.values()), places)

    def without(self, hidden: Iterable[Place]) -> AttackOnQuestion:
        """The attack of somebody who does not have these breaks."""
        less = copy(self)
        less._totals = {}
        less.tables = {place: groups for place, groups in self.tables.items() if place not in _named(hidden)}
        return less

    def total(self, grain: str, without: tuple[str, ...]) -> Group | None:
        """What is known of everyone, from the total and from the breaks that are not attacked."""
        if (grain, without) not in self._totals:
            self._totals[grain, without] = self._total(grain, without)
        return self._totals[grain, without]

    def _total(self, grain: str, without: tuple[str, ...]) -> Group | None:
        known = self.tables.get((grain, ALL), {}).get("")
        if known is None:
            return None
        counts = dict(known.counts)
        for (other, break_), groups in self.tables.items():
            if other != grain or break_ == ALL or break_ in without:
                continue
            residual = known.base[1] - sum(group.base[0] for group in groups.values())
            for option in self.answers:
                low = sum(group.counts.get(option, (0, inf))[0] for group in groups.values())
                high = sum(group.counts.get(option, (0, inf))[1] for group in groups.values()) + residual
                old = counts.get(option, (0, inf))
                counts[option] = (max(old[0], low), min(old[1], high))
        return Group(known.base, counts, known.shares)


class _People:
    """The unknowns of an attack: how many of each kind are in the base, and how many of them gave each answer."""

    def __init__(self, attack: AttackOnQuestion, breaks: tuple[str, ...], grains: tuple[str, ...]) -> None:
        self.attack, self.breaks, self.grains = attack, breaks, grains
        self.kinds = kinds_of_people(attack.survey, breaks) if breaks else np.zeros((1, 0), dtype=np.int64)
        self.columns = {"": 0} | {option: i for i, option in enumerate(attack.answers, start=1)}
        self.programme = Programme(len(grains) * len(self.kinds) * len(self.columns))
        self._know_answers()
        self._know_tables()

    def _unknown(self, population: int, kind: int, option: str) -> int:
        return int((population * len(self.kinds) + kind) * len(self.columns) + self.columns[option])

    def _sum(self, populations: Iterable[int], kinds: Iterable[int], option: str) -> dict[int, float]:
        chosen = list(kinds)
        return {self._unknown(p, k, option): 1.0 for p in populations for k in chosen}

    def _kinds_in(self, break_: str, group: str) -> list[int]:
        if break_ == ALL:
            return list(range(len(self.kinds)))
        wanted = list(self.attack.survey.groups_of(break_)).index(group) if group != NOT_KNOWN else -1
        return np.flatnonzero(self.kinds[:, self.breaks.index(break_)] == wanted).tolist()

    def of(self, target: Target) -> Combination:
        """A target as a sum of unknowns."""
        populations = [1] if target.left_out else self._populations(target.place.grain)
        return self._sum(populations, self._kinds_in(target.place.break_, target.group), target.option)

    def _populations(self, grain: str) -> list[int]:
        """A breakdown is of the respondents and of those whom the estimates leave out."""
        return list(range(self.grains.index(grain) + 1))

    def _know_answers(self) -> None:
        """How the answers of any people hang together: options, base and nets."""
        attack, know = self.attack, self.programme.know
        if not attack.answers:
            return
        single, alone, must_choose = self._asked()
        beside = set(chain(*alone))
        within = [answer for answer in attack.answers if answer not in beside] if not single else []
        for first in range(0, self.programme.size, len(self.columns)):  # of any kind of people
            at = {answer: first + column for answer, column in self.columns.items()}
            chosen = {at[option]: 1.0 for option in attack.options} | {at[""]: -1.0}
            if single or must_choose:
                know(chosen, 0, 0 if single else inf)
            for answer in within:  # of the others it follows from what they cannot be ticked beside
                know({at[answer]: 1.0, at[""]: -1.0}, -inf, 0)
            for option, answer in alone:
                know({at[option]: 1.0, at[answer]: 1.0, at[""]: -1.0}, -inf, 0)
            for net, members in attack.nets.items():
                parts = {at[option]: 1.0 for option in members}
                know(parts | {at[net]: -1.0}, 0, 0 if single else inf)
                for option in () if single else members:
                    know({at[net]: 1.0, at[option]: -1.0}, 0, inf)

    def _asked(self) -> tuple[bool, list[tuple[str, str]], bool]:
        """Single choice or not, what cannot be ticked beside what, and whether something must be ticked."""
        survey, attack = self.attack.survey, self.attack
        question = survey.questions.get(attack.question)
        if question is None or question.type != "multi":
            return True, [], True
        options = survey.options_of(attack.question)
        apart = [
            (option, answer)
            for option in attack.options
            for answer in attack.answers
            if options[option].exclusive and option != answer and option not in attack.nets.get(answer, ())
        ]
        return False, apart, question.blank != "none_ticked"

    def _know_tables(self) -> None:
        for grain in self.grains:
            total = self.attack.total(grain, self.breaks)
            if total is not None:
                self._know_group(grain, ALL, "", total)
            for break_ in self.breaks:
                place = Place(self.attack.question, break_, grain)
                if place in self.attack.not_known:
                    unknown = self._sum(self._populations(grain), self._kinds_in(break_, NOT_KNOWN), "")
                    self.programme.know(unknown, *[self.attack.not_known[place]] * 2)
                for group, known in self.attack.tables.get((grain, break_), {}).items():
                    self._know_group(grain, break_, group, known)
        if self.grains[0] == RESPONDENT:
            for break_ in self.breaks:
                for group in self.attack.survey.groups_of(break_):
                    size = self.attack.sizes.get((break_, group), inf)
                    self.programme.know(self._sum([0], self._kinds_in(break_, group), ""), -inf, size)

    def _know_group(self, grain: str, break_: str, group: str, known: Group) -> None:
        populations, kinds = self._populations(grain), self._kinds_in(break_, group)
        base, know = self._sum(populations, kinds, ""), self.programme.know
        know(base, *known.base)
        for option, (low, high) in known.counts.items():
            count = self._sum(populations, kinds, option)
            know(count, low, high)
            if known.base[0] < known.base[1] and option in known.shares:  # the share is of a base that was rounded
                least, most = known.shares[option]
                know(count | dict.fromkeys(base, -least), 0, inf)
                know(count | dict.fromkeys(base, -most), -inf, 0)


def _named(places: Iterable[Place]) -> set[tuple[str, str]]:
    return {(place.grain, place.break_) for place in places}
