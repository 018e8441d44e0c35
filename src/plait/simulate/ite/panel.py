"""The panel of the first day: who they are and what the question on mentoring made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from plait.simulate.chance import Chance
from plait.simulate.quotas import spread

MENTORS = ("now", "earlier")


@dataclass(frozen=True)
class Cell:
    """People who are alike in role and phase and met the questions of the first day in the same way."""

    role: str
    phase: str
    support: str
    """How they met the question on support: `counted`, `not_relevant`, `skipped` or `not_routed`."""
    mentors: bool


@dataclass(eq=False)
class Person:
    """One member of the panel."""

    user_id: str
    cell: Cell
    mentoring: str
    """Answer on mentoring a trainee; empty when skipped."""
    facts: dict[str, str] = field(default_factory=dict)
    """Value of each profile column; left out where unknown."""

    @property
    def phase(self) -> str:
        return self.cell.phase

    @property
    def role(self) -> str:
        return self.cell.role

    @property
    def leads(self) -> bool:
        return self.role in ("slt", "head")

    @property
    def mentors(self) -> bool:
        return self.mentoring in MENTORS

    def is_(self, fact: str, *values: str) -> bool:
        return self.facts.get(fact) in values


# role, support, mentors: people in primary and in secondary schools
_SIZES = {
    ("classroom", "counted", True): (65, 159),
    ("middle", "counted", True): (150, 386),
    ("slt", "counted", True): (80, 154),
    ("slt", "counted", False): (580, 786),
    ("head", "counted", True): (15, 7),
    ("head", "counted", False): (311, 144),
    ("other", "counted", True): (6, 11),
    ("classroom", "not_relevant", True): (4, 8),
    ("middle", "not_relevant", True): (6, 12),
    ("slt", "not_relevant", False): (28, 42),
    ("head", "not_relevant", False): (27, 13),
    ("other", "not_relevant", True): (1, 1),
    ("classroom", "skipped", True): (1, 1),
    ("middle", "skipped", True): (1, 3),
    ("slt", "skipped", False): (4, 5),
    ("head", "skipped", False): (2, 1),
    ("classroom", "not_routed", False): (590, 970),
    ("middle", "not_routed", False): (260, 610),
    ("other", "not_routed", False): (24, 32),
}

_WOMEN = {
    ("classroom", "primary"): 0.90,
    ("middle", "primary"): 0.88,
    ("slt", "primary"): 0.865,
    ("head", "primary"): 0.76,
    ("other", "primary"): 0.88,
    ("classroom", "secondary"): 0.72,
    ("middle", "secondary"): 0.69,
    ("slt", "secondary"): 0.685,
    ("head", "secondary"): 0.57,
    ("other", "secondary"): 0.70,
}

_AGES = {
    "classroom": {"a20s": 0.20, "a30s": 0.35, "a40s": 0.32, "a50s": 0.13},
    "middle": {"a20s": 0.14, "a30s": 0.41, "a40s": 0.33, "a50s": 0.12},
    "slt": {"a20s": 0.015, "a30s": 0.29, "a40s": 0.48, "a50s": 0.215},
    "head": {"a30s": 0.10, "a40s": 0.48, "a50s": 0.42},
    "other": {"a20s": 0.06, "a30s": 0.27, "a40s": 0.40, "a50s": 0.27},
}

_AGES_NOT_ROUTED = {
    "classroom": {"a20s": 0.13, "a30s": 0.30, "a40s": 0.31, "a50s": 0.26},
    "middle": {"a20s": 0.08, "a30s": 0.38, "a40s": 0.34, "a50s": 0.20},
}
"""Teachers and middle leaders who do not mentor this year; they are older."""

_EXPERIENCE = {
    "a20s": {"under5": 0.58, "y5to10": 0.42},
    "a30s": {"under5": 0.06, "y5to10": 0.36, "y10to20": 0.56, "over20": 0.02},
    "a40s": {"under5": 0.03, "y5to10": 0.10, "y10to20": 0.52, "over20": 0.35},
    "a50s": {"under5": 0.02, "y5to10": 0.05, "y10to20": 0.23, "over20": 0.70},
}

_REGIONS = {
    "east": 0.13,
    "london": 0.115,
    "midlands": 0.145,
    "north_west": 0.135,
    "south_east": 0.225,
    "south_west": 0.14,
    "yorkshire_north_east": 0.11,
}

_GOVERNANCE = {
    "primary": {"la_community": 0.31, "la_other": 0.24, "large_mat": 0.27, "small_mat": 0.13, "single_academy": 0.05},
    "secondary": {"la_community": 0.09, "la_other": 0.09, "large_mat": 0.53, "small_mat": 0.14, "single_academy": 0.15},
}

_SUBJECTS = {
    "primary": {"eyfs_ks1": 0.31, "ks2": 0.69},
    "secondary": {
        "english": 0.20,
        "maths": 0.15,
        "science": 0.18,
        "humanities": 0.22,
        "languages": 0.07,
        "arts": 0.07,
        "other": 0.11,
    },
}

_UNKNOWN = {
    "funding": 0.023,
    "governance": 0.04,
    "region": 0.034,
    "fsm_quartile": 0.055,
    "school_size_quartile": 0.03,
    "ofsted": 0.045,
    "gender": 0.02,
    "age_group": 0.022,
    "experience": 0.02,
    "subject": 0.04,
    "urban_rural": 0.03,
}


def draw_panel(chance: Chance) -> list[Person]:
    """Everyone who was asked on the first day, in the order of their ids."""
    cells = [
        Cell(role, phase, support, mentors)
        for (role, support, mentors), sizes in _SIZES.items()
        for phase, size in zip(("primary", "secondary"), sizes, strict=True)
        for _ in range(size)
    ]
    people = [
        Person(sha256(f"panel member {number} of the simulated study".encode()).hexdigest(), cell, "")
        for number, cell in enumerate(cells)
    ]
    for person, mentoring in spread(people, _mentoring, chance).items():
        person.mentoring = "" if mentoring == "skipped" else mentoring
    _draw_facts(people, chance)
    return sorted(people, key=lambda person: person.user_id)


def _mentoring(person: Person) -> Mapping[str, float]:
    if person.cell.mentors:
        return {"now": 0.68, "earlier": 0.32}
    if person.leads:
        return {"past": 0.62, "never": 0.355, "not_relevant": 0.025}
    past = {"classroom": 0.36, "middle": 0.50, "other": 0.40}[person.role]
    return {"past": past, "never": 0.95 - past, "not_relevant": 0.03, "skipped": 0.02}


def _draw_facts(people: list[Person], chance: Chance) -> None:
    def draw(fact: str, shares: Callable[[Person], Mapping[str, float]], among: list[Person] = people) -> None:
        for person, value in spread(among, shares, chance).items():
            person.facts[fact] = value

    draw("phase", lambda p: {p.phase: 1.0})
    draw("role", lambda p: {p.role: 1.0})
    draw("gender", lambda p: {"female": _WOMEN[p.role, p.phase], "male": 1 - _WOMEN[p.role, p.phase]})
    draw("age_group", _ages)
    draw("experience", _experience)
    draw("region", lambda p: _REGIONS)
    draw("funding", _funding)
    state = [p for p in people if p.is_("funding", "state")]
    draw("governance", lambda p: _GOVERNANCE[p.phase], state)
    draw("fsm_quartile", lambda p: {"q1": 0.27, "q2": 0.27, "q3": 0.24, "q4": 0.22}, state)
    draw("ofsted", lambda p: {"outstanding": 0.17, "good": 0.69, "below_good": 0.14}, state)
    draw("school_size_quartile", _size)
    draw(
        "urban_rural",
        lambda p: {"rural": 0.27, "urban": 0.73} if p.phase == "primary" else {"rural": 0.14, "urban": 0.86},
    )
    draw("subject", lambda p: _SUBJECTS[p.phase], [p for p in people if _teaches(p, chance)])
    draw(
        "leader_mentoring", lambda p: {_split(p): 1.0}, [p for p in people if p.leads and p.mentoring != "not_relevant"]
    )
    for fact, share in _UNKNOWN.items():
        known = [p for p in people if fact in p.facts]
        for person in chance.some(known, round(share * len(known))):
            if fact == "gender" and chance.below(0.4):
                person.facts[fact] = "not_said"
            else:
                del person.facts[fact]


def _ages(person: Person) -> Mapping[str, float]:
    by_role = _AGES_NOT_ROUTED if person.cell.support == "not_routed" else _AGES
    return by_role.get(person.role, _AGES[person.role])


def _experience(person: Person) -> Mapping[str, float]:
    shares = _EXPERIENCE[person.facts["age_group"]]
    return {k: v for k, v in shares.items() if k != "under5"} if person.leads else shares


def _funding(person: Person) -> Mapping[str, float]:
    independent = 0.04 if person.phase == "primary" else 0.058
    return {"state": 1 - independent, "independent": independent}


def _size(person: Person) -> Mapping[str, float]:
    if person.role == "head":
        return {"q1": 0.36, "q2": 0.26, "q3": 0.21, "q4": 0.17}
    return {"q1": 0.18, "q2": 0.23, "q3": 0.28, "q4": 0.31}


def _teaches(person: Person, chance: Chance) -> bool:
    share = {"head": 0.3, "slt": 0.8}.get(person.role, 1.0)
    return chance.below(share)


def _split(person: Person) -> str:
    return f"{person.role}_{'mentor' if person.mentors else 'other'}"
