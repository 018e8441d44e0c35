"""The tables are attacked before they leave; where the attack succeeds more is hidden, and what still fails stops the run.

The judge knows the true numbers. A group that is hidden for itself is protected if its base is left open over
`hide_below` people and each of its answers over three or as many as the group has. Less will do where the total, or tables
without small groups, leave no more open: what these tell is not blamed on the break.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import inf
from typing import NamedTuple

import pandas as pd

from plait.disclosure.attack import BREAKDOWN, RESPONDENT, AttackOnQuestion, Target
from plait.disclosure.hiding import LEFT_OUT, Hiding, Place
from plait.disclosure.programme import Bounds
from plait.disclosure.seen import Group
from plait.disclosure.suppression import COMPANY
from plait.errors import Problem
from plait.study.definition import Survey
from plait.tables import ALL, Table

LEAST_WIDTH = 3
"""An answer of a hidden group must be left open at least this wide, and as wide as the group is large."""
PATIENCE = 12
"""Rounds of hiding one more group or answer, after which the break is given up for the question."""

NOT_FOUND = "no hidden group can be found"
PROTECTED = "no hidden group can be found, now that more is hidden"
FOUND = "a hidden group can be found"
CONTRADICTORY = "the published numbers contradict each other"
NOT_ATTACKED = "not attacked: the tables are not for release"
_REFUSED = (FOUND, CONTRADICTORY)

Build = Callable[[set[str]], pd.DataFrame]
"""The rows that are about to be published of some questions."""


@dataclass(frozen=True)
class Verdict:
    """What the attack came to at one place."""

    place: Place
    hidden: int
    words: str


class Outcome(NamedTuple):
    """The verdict on every place where something small is hidden, and a problem for each that fails or cannot be judged."""

    verdicts: list[Verdict]
    problems: list[Problem]


def protect(
    hiding: Hiding,
    survey: Survey,
    sizes: Mapping[tuple[str, str], int],
    build: Build,
    table: Table,
    *,
    everyone: int | None = None,
    mend: bool = True,
) -> Outcome:
    """Attack what is about to be published, hide more where the attack succeeds, and attack again.

    Args:
        hiding: What is hidden; more is, afterwards.
        survey: The definition.
        sizes: How many respondents each group of a variable has, where that is published.
        build: Gives the rows of questions as they would be published now.
        table: The table that is attacked, for the messages.
        everyone: How many people there are, where the tables have no total.
        mend: Whether more is hidden where the attack succeeds.
    """
    questions = dict.fromkeys(place.question for place in hiding.bases)
    verdicts: dict[Place, str] = {}
    waiting = {question for question in questions if wanted(hiding, question)}
    for turn in count():  # each hides more, so that there is an end
        if not waiting:
            break
        published = build(waiting)
        mended: set[str] = set()
        for question in [q for q in questions if q in waiting]:
            rows = published[published["question"] == question]
            attack = AttackOnQuestion(survey, question, rows, hiding.rules, sizes, hiding.not_known(question, everyone))
            failed = _failed(attack, hiding, question, verdicts)
            for target in failed:
                if mend and _mend(hiding, attack, target, patient=turn < PATIENCE):
                    mended.add(question)
                    verdicts[target.place] = PROTECTED
                else:
                    verdicts[target.place] = FOUND
        waiting = mended
    problems = [_problem(place, table, words, survey) for place, words in verdicts.items() if words in _REFUSED]
    company = [place for place, groups in hiding.groups.items() if groups and hiding.published(*place[:2])]
    # Groups that only keep others company are told of, too: that a place is left out would say that nobody in it is few.
    words_of = verdicts | dict.fromkeys((place for place in company if place not in verdicts), PROTECTED)
    found = [Verdict(place, len(hiding.groups.get(place, {})), words) for place, words in words_of.items()]
    return Outcome(found, problems)


def _failed(
    attack: AttackOnQuestion,
    hiding: Hiding,
    question: str,
    verdicts: dict[Place, str],
) -> list[Target]:
    """The targets that can be found out, one a place; verdicts of the others are noted."""
    targets = wanted(hiding, question)
    for target in targets:
        verdicts[target.place] = PROTECTED if verdicts.get(target.place) == PROTECTED else NOT_FOUND
    needs = {target: _need(attack, hiding, target) for target in targets}
    told = _told(attack, targets, needs)
    needs |= _open_without(attack, hiding, told, needs)
    excused = {t.place for t in told} - {t.place for t in told if told[t] < needs[t]}
    # A place that fails by what was told of it needs no more; of one that does not, the rest is asked, too.
    like_told = {(t.place, t.left_out) for t in told if t.place in excused}
    rest = [t for t in targets if (t.place, t.left_out) in like_told and t not in told]
    needs |= _open_without(attack, hiding, rest, needs)
    told = {t: width for t, width in told.items() if t.place not in excused}
    told |= _told(attack, [target for target in targets if target.place in excused], needs)
    verdicts |= {target.place: CONTRADICTORY for target in told if math.isnan(told[target])}
    failed = {target.place: target for target in told if told[target] < needs[target]}
    return list(failed.values())


def _told(attack: AttackOnQuestion, targets: Sequence[Target], needs: Mapping[Target, float]) -> dict[Target, float]:
    """How far open each target is that is not open enough; not a number where the tables contradict each other."""
    found = attack.widths(targets, [needs[target] for target in targets], one_a_place=True)
    widths = dict(zip(targets, found, strict=True))
    return {t: width for t, width in widths.items() if not width >= needs[t] and not (math.isnan(width) and t.left_out)}


def _open_without(
    attack: AttackOnQuestion, hiding: Hiding, targets: Iterable[Target], needs: Mapping[Target, float]
) -> dict[Target, float]:
    """How wide targets must be, at most what tables without the small groups of their place leave open anyway."""
    found: dict[Target, float] = {}
    by_place: dict[tuple[Place, bool], list[Target]] = {}
    for target in targets:
        by_place.setdefault((target.place, target.left_out), []).append(target)
    for (place, left_out), alike in by_place.items():
        part = next((part for part in attack.components if place.break_ in part), ())
        here = [p for p in hiding.bases if p.question == place.question and p.break_ in part]
        if left_out:
            guilty = [p for p in here if p.grain == BREAKDOWN and _left_out(hiding, p)]
        else:
            guilty = [p for p in here if hiding.small(p) or p == place]
        free = attack.without(guilty).widths(alike, [needs[target] for target in alike])
        found |= {t: needs[t] if math.isnan(w) else min(needs[t], w) for t, w in zip(alike, free, strict=True)}
    return found


def wanted(hiding: Hiding, question: str) -> list[Target]:
    """What a reader must not find out of a question."""
    targets: list[Target] = []
    places = [place for place in hiding.bases if place.question == question and hiding.published(*place[:2])]
    for place in places:
        for group in hiding.small(place) if place.break_ != ALL else ():
            answers = hiding.answers[place].counts.get(group, {}) if place in hiding.answers else {}
            targets += [Target(place, group, option) for option in ("", *answers)]
        for group, option in hiding.cells.get(place, {}):
            if hiding.shows(place, group) and hiding.answers[place].small(group, option, hiding.rules):
                targets.append(Target(place, group, option))
        if place.grain == BREAKDOWN:
            for group in _left_out(hiding, place):
                options = hiding.answers[place].counts[group]
                targets += [Target(place, group, option, left_out=True) for option in options]
    return targets


def _left_out(hiding: Hiding, place: Place) -> Iterable[str]:
    """Groups of a breakdown that have a few more people than the estimates have."""
    ours, theirs = hiding.bases.get(place._replace(grain=RESPONDENT), {}), hiding.bases[place]
    return [g for g in theirs if g in ours and 0 < theirs[g] - ours[g] < hiding.rules.hide_below]


def _need(attack: AttackOnQuestion, hiding: Hiding, target: Target) -> float:
    """How wide the interval of a target must be."""
    place, group, option, left_out = target
    ours = place._replace(grain=RESPONDENT)
    total = attack.total(place.grain, ()) if place.break_ != ALL else None
    if option == "":
        return min(hiding.rules.hide_below, total.base[1] if total else inf)
    base = hiding.bases[place][group]
    if left_out:
        of_ours = attack.total(RESPONDENT, ())
        people = base - hiding.bases[ours][group]
        in_all = _count(total, option)[1] - _count(of_ours, option)[0]
        return min(max(LEAST_WIDTH, people), max(in_all, 0)) if place.break_ != ALL else LEAST_WIDTH
    if (group, option) in hiding.cells.get(place, {}) and hiding.shows(place, group):
        n = hiding.answers[place].counts[group][option]
        base = min(n, base - n)
    return min(max(LEAST_WIDTH, base), _count(total, option)[1])


def _count(total: Group | None, option: str) -> Bounds:
    return total.counts.get(option, (0, inf)) if total else (0, inf)


def _mend(hiding: Hiding, attack: AttackOnQuestion, target: Target, *, patient: bool) -> bool:
    """Hide more where a target was found; False where nothing is left to hide."""
    place, group, option, left_out = target
    rule = LEFT_OUT if left_out else COMPANY
    if left_out and place.break_ == ALL:
        return hiding.drop_grain(place.question, place.grain, rule)
    if left_out and group not in hiding.groups[place]:
        hiding.groups[place][group] = rule
        return True
    if not patient and place.break_ != ALL and not hiding.is_dropped(place):
        hiding.drop(place)
        return True
    if option and not left_out and hiding.shows(place, group) and hiding.hide_beside(place, group, option):
        return True
    linked = next((part for part in attack.components if place.break_ in part), ())
    others = [
        Place(place.question, break_, grain) for grain in (place.grain, RESPONDENT, BREAKDOWN) for break_ in linked
    ]
    able = (p for p in dict.fromkeys([place, *others]) if p in hiding.bases and hiding.published(*p[:2]))
    return any(hiding.hide_next(other, rule) for other in able if not hiding.is_dropped(other))


def _problem(place: Place, table: Table, words: str, survey: Survey) -> Problem:
    what = f"the question '{place.question}'" if place.question else "the profile of the respondents"
    by = f" by '{place.break_}'" if place.break_ else ""
    if words == FOUND:
        message = f"{what}{by} ({place.grain}) tells of a group that must stay hidden"
        mend = "merge groups (`merge_small`), take the break out, or leave the question out"
        return Problem(table.name, message, mend)
    message = (
        f"the numbers of {what}{by} ({place.grain}) contradict each other, so that no attack can try what they tell"
    )
    given = [b for b in survey.breakdowns.values() if b.question == place.question and place.grain == BREAKDOWN]
    if not given:
        mend = "take the break or the question out; plait counted these people itself, so that it is a fault to report"
        return Problem(table.name, message, mend)
    files = ", ".join(name for b in given for name in (b.responses, b.responders))
    mend = "make shares and bases add up over groups and answers, or take the breakdown, or this break of it, out"
    return Problem(files, message, mend)
