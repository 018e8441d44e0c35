"""Who filled in the form: people in schools, with exact numbers by role, phase, place and size."""

from __future__ import annotations

from dataclasses import dataclass, field

from plait.simulate.chance import Chance

_SCHOOLS = {
    ("rural", "primary"): [1, 2, 2, 2, 1, 2, 3, 2, 1, 2, 2, 1, 3, 2],
    ("rural", "secondary"): [2, 3, 1, 4],
    ("coastal", "primary"): [2, 1, 2, 3, 2, 1, 2, 2],
    ("coastal", "secondary"): [2, 3, 4],
    ("both", "primary"): [2, 1, 2, 1],
    ("both", "secondary"): [1, 3],
    ("urban_inland", "primary"): [1, 2, 1, 2, 3, 1, 2, 1, 2, 1, 4, 2, 1, 2, 3, 1, 2, 1, 2, 1, 2],
    ("urban_inland", "secondary"): [2, 1, 3, 2, 5, 2, 1, 2, 3, 1, 2, 1],
}
"""People who answered in each school of a place and phase."""

_IN_SMALL_SCHOOLS = {
    ("rural", "primary"): 17,
    ("rural", "secondary"): 5,
    ("coastal", "primary"): 9,
    ("both", "primary"): 5,
    ("urban_inland", "primary"): 12,
}

_ROLES = {
    True: {"head": 12, "tutor": 14, "ect1": 11, "ect2": 9, "mentor": 24},
    False: {"head": 10, "tutor": 12, "ect1": 11, "ect2": 9, "mentor": 20},
}
"""By whether the school is rural or coastal."""


@dataclass(frozen=True)
class School:
    """One school, as far as its staff describe it."""

    id: str
    location: str
    phase: str
    size: str
    people: int

    @property
    def far(self) -> bool:
        """Rural or coastal."""
        return self.location != "urban_inland"


@dataclass(eq=False)
class Staff:
    """One person who filled in the form."""

    school: School
    role: str = ""
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def ect(self) -> bool:
        return self.role in ("ect1", "ect2")

    @property
    def in_programme(self) -> bool:
        return self.ect or self.role == "mentor"

    @property
    def small(self) -> bool:
        return self.school.size == "small"


def draw_people(chance: Chance) -> list[Staff]:
    """The respondents, school by school."""
    people = [Staff(school) for school in _schools(chance) for _ in range(school.people)]
    for far, roles in _ROLES.items():
        here = [p for p in people if p.school.far == far]
        for role in ("head", "tutor"):
            one_a_school = list({p.school.id: p for p in chance.shuffled([p for p in here if not p.role])}.values())
            for person in chance.some(one_a_school, roles[role]):
                person.role = role
        rest = [p for p in here if not p.role]
        drawn = [role for role in ("ect1", "ect2", "mentor") for _ in range(roles[role])]
        for person, role in zip(chance.shuffled(rest), drawn, strict=True):
            person.role = role
    return people


def _schools(chance: Chance) -> list[School]:
    numbers = chance.shuffled(range(101, 1000, 7))
    schools: list[School] = []
    for (location, phase), counts in _SCHOOLS.items():
        left = _IN_SMALL_SCHOOLS.get((location, phase), 0)
        for people in counts:
            small = people <= left
            left -= people if small else 0
            large = chance.below(0.55 if phase == "secondary" else 0.3)
            size = "small" if small else "large" if large else "middling"
            schools.append(School(f"{numbers[len(schools)]:04d}", location, phase, size, people))
    return schools
