"""Answers to the closed questions, drawn to known counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from plait.simulate.chance import Chance
from plait.simulate.ite.panel import Person
from plait.simulate.quotas import crossed, spread, tick, whole_parts

_BY_ROLE = {
    "external_training": {"classroom": 0.348, "middle": 0.407, "slt": 0.522, "head": 0.633},
    "protected_time": {"classroom": 0.138, "middle": 0.175, "slt": 0.334, "head": 0.451},
    "internal_training": {"classroom": 0.188, "middle": 0.250, "slt": 0.309, "head": 0.300},
    "collaboration": {"classroom": 0.080, "middle": 0.119, "slt": 0.216, "head": 0.300},
    "none": {"classroom": 0.420, "middle": 0.330, "slt": 0.160, "head": 0.090},
    "celebration": {"classroom": 0.031, "middle": 0.032, "slt": 0.064, "head": 0.086},
    "salary": {"classroom": 0.054, "middle": 0.041, "slt": 0.061, "head": 0.071},
    "recognition": {"classroom": 0.004, "middle": 0.030, "slt": 0.044, "head": 0.115},
}
_BY_PHASE = {
    "external_training": {"primary": 0.509, "secondary": 0.503},
    "protected_time": {"primary": 0.305, "secondary": 0.310},
    "internal_training": {"primary": 0.175, "secondary": 0.370},
    "collaboration": {"primary": 0.187, "secondary": 0.214},
    "none": {"primary": 0.201, "secondary": 0.200},
    "celebration": {"primary": 0.037, "secondary": 0.076},
    "salary": {"primary": 0.034, "secondary": 0.077},
    "recognition": {"primary": 0.056, "secondary": 0.046},
}
_BY_LEADERS_WHO_MENTOR = {
    "external_training": 0.62,
    "protected_time": 0.26,
    "internal_training": 0.24,
    "collaboration": 0.13,
    "none": 0.21,
    "celebration": 0.03,
    "salary": 0.05,
    "recognition": 0.04,
}
"""Senior leaders who mentor; other senior leaders make up the difference to their role."""

_OTHER_ROLES = {
    "external_training": 9,
    "protected_time": 5,
    "internal_training": 7,
    "collaboration": 6,
    "none": 3,
    "celebration": 3,
    "salary": 2,
    "recognition": 2,
}
"""People of the few other roles, not shares."""


def support_provided(panel: Sequence[Person], chance: Chance) -> dict[Person, set[str]]:
    """What people who are counted say their school provides."""
    counted = [p for p in panel if p.cell.support == "counted"]
    cells: dict[tuple[str, str], list[Person]] = {}
    for person in counted:
        cells.setdefault((person.role, person.phase), []).append(person)
    sizes = {key: len(people) for key, people in cells.items() if key[0] != "other"}
    counts = {option: crossed(sizes, _BY_ROLE[option], _BY_PHASE[option]) for option in _BY_ROLE}
    others = {key: len(people) for key, people in cells.items() if key[0] == "other"}
    for option, count in _OTHER_ROLES.items():
        counts[option] |= whole_parts(others, count)

    answers: dict[Person, set[str]] = {}
    for key, people in cells.items():
        answers |= _in_cell(people, {option: counts[option][key] for option in counts}, chance)
    return answers


def _in_cell(people: list[Person], wanted: Mapping[str, int], chance: Chance) -> dict[Person, set[str]]:
    """Exact counts in a cell, and within it among the leaders who mentor, who see less than those who do not."""
    mentors = [p for p in people if p.leads and p.mentors]
    theirs = {option: _among_mentors(option, count, people, mentors) for option, count in wanted.items()}
    others = [p for p in people if p not in set(mentors)]
    return _in_group(mentors, theirs, chance) | _in_group(others, {o: wanted[o] - theirs[o] for o in wanted}, chance)


def _among_mentors(option: str, count: int, people: list[Person], mentors: list[Person]) -> int:
    if not mentors:
        return 0
    less_or_more = _BY_LEADERS_WHO_MENTOR[option] / _BY_ROLE[option]["slt"]
    return int(count * less_or_more * len(mentors) / len(people) + 0.5)


def _in_group(people: list[Person], wanted: Mapping[str, int], chance: Chance) -> dict[Person, set[str]]:
    """Nothing for some, something for everyone else."""
    bare = chance.some(people, wanted["none"])
    rest = [p for p in people if p not in set(bare)]
    something = {option: count for option, count in wanted.items() if option != "none"}
    return {p: {"none"} for p in bare} | tick(rest, something, chance, _liking)


def _liking(person: Person, option: str) -> float:
    liking = 1.0
    if option == "collaboration":
        liking *= (
            1.7 if person.is_("governance", "large_mat") else 0.7 if person.is_("governance", "single_academy") else 1
        )
        liking *= 0.8 if person.is_("urban_rural", "rural") else 1
    if option == "internal_training":
        liking *= (
            1.4 if person.is_("school_size_quartile", "q4") else 0.7 if person.is_("school_size_quartile", "q1") else 1
        )
    if option == "protected_time":
        liking *= 1.2 if person.is_("ofsted", "outstanding") else 0.9 if person.is_("ofsted", "below_good") else 1
    if option == "salary":
        liking *= 1.6 if person.is_("region", "london") else 1
    return liking


# --- the later days ----------------------------------------------------------------------------------------------------


def with_no_answers(
    asked: Sequence[Person],
    shares: Callable[[Person], Mapping[str, float]],
    chance: Chance,
    aside: Mapping[str, float],
) -> dict[Person, str]:
    """Single answers: first those who do not answer (shares of everyone asked), then exact shares among the rest."""
    counts = whole_parts({**aside, "": 1 - sum(aside.values())}, len(asked))
    order = chance.shuffled(asked)
    answers: dict[Person, str] = {}
    for answer in aside:
        for person in order[: counts[answer]]:
            answers[person] = answer
        order = order[counts[answer] :]
    answers |= spread([p for p in asked if p not in answers], shares, chance)
    return {person: answer for person, answer in answers.items() if answer != "skipped"}


def enough_time(person: Person) -> Mapping[str, float]:
    """Whether mentors have enough time."""
    if person.phase == "primary":
        return {"strongly_agree": 0.06, "agree": 0.26, "neither": 0.14, "disagree": 0.34, "strongly_disagree": 0.20}
    return {"strongly_agree": 0.05, "agree": 0.21, "neither": 0.14, "disagree": 0.35, "strongly_disagree": 0.25}


def time_comes_from(person: Person) -> Mapping[str, float]:
    """Where mentoring time comes from."""
    if person.phase == "primary":
        return {"timetabled": 0.17, "planning": 0.41, "before_after": 0.21, "no_set_time": 0.16, "other": 0.05}
    return {"timetabled": 0.27, "planning": 0.41, "before_after": 0.12, "no_set_time": 0.14, "other": 0.06}


def training_suited(person: Person) -> Mapping[str, float]:
    """Whether the training suited; the longer people have taught, the less."""
    agree = {"under5": 0.48, "y5to10": 0.41, "y10to20": 0.36, "over20": 0.31}.get(
        person.facts.get("experience", ""), 0.37
    )
    return {
        "strongly_agree": round(agree * 0.2, 4),
        "agree": round(agree * 0.8, 4),
        "neither": round((1 - agree) * 0.39, 4),
        "disagree": round((1 - agree) * 0.4, 4),
        "strongly_disagree": round((1 - agree) * 0.21, 4),
    }


def grant_claimed(person: Person) -> Mapping[str, float]:
    """Whether the school claimed the grant, which many senior leaders do not know."""
    if person.role == "head":
        return {"claimed": 0.45, "planned": 0.17, "not_claimed": 0.18, "dont_know": 0.20}
    return {"claimed": 0.28, "planned": 0.12, "not_claimed": 0.14, "dont_know": 0.46}


_HELP = {
    "primary": {
        "protected_time": 0.69,
        "pay": 0.40,
        "training": 0.22,
        "recognition": 0.21,
        "systems": 0.22,
        "collaboration": 0.12,
        "communication": 0.13,
    },
    "secondary": {
        "protected_time": 0.72,
        "pay": 0.37,
        "training": 0.25,
        "recognition": 0.23,
        "systems": 0.20,
        "collaboration": 0.15,
        "communication": 0.11,
    },
}


def would_help(asked: Sequence[Person], chance: Chance) -> dict[Person, set[str]]:
    """Up to three forms of support; a few want nothing or cannot answer, a very few skip."""
    answers: dict[Person, set[str]] = {}
    for phase, rates in _HELP.items():
        here = [p for p in asked if p.phase == phase]
        aside = {"skipped": 0.01, "not_relevant": 0.02, "nothing": 0.04}
        first = with_no_answers(here, lambda p: {"some": 1.0}, chance, aside)
        answers |= {p: {answer} for p, answer in first.items() if answer != "some"}
        some = [p for p in here if first.get(p) == "some"]
        base = len(some) + sum(answer == "nothing" for answer in first.values())
        answers |= tick(some, {o: int(rate * base + 0.5) for o, rate in rates.items()}, chance, most=3)
    return answers
