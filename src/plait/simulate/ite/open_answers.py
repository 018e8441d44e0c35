"""The answers to the open question: which codes they have in the end, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plait.simulate.chance import Chance
from plait.simulate.dirt import mistyped
from plait.simulate.ite.panel import Person
from plait.simulate.ite.phrases import REASONS, REMARKS, SHORT, TIME_BASES, TIME_BOTH, TIME_PURPOSES, WISHES
from plait.simulate.quotas import crossed, tick

_SAMPLE = {
    ("classroom", "primary"): 20,
    ("classroom", "secondary"): 48,
    ("middle", "primary"): 42,
    ("middle", "secondary"): 116,
    ("slt", "primary"): 19,
    ("slt", "secondary"): 41,
    ("head", "primary"): 2,
    ("head", "secondary"): 1,
}
_BLANK = {("middle", "primary"): 1, ("slt", "secondary"): 1}

_BY_ROLE = {
    "time": (0.82, 0.86, 0.71),
    "pay": (0.28, 0.27, 0.22),
    "training": (0.18, 0.19, 0.21),
    "recognition": (0.10, 0.10, 0.06),
    "collab": (0.09, 0.095, 0.02),
    "frustration": (0.10, 0.05, 0.08),
    "workload": (0.03, 0.08, 0.05),
    "funding": (0.0, 0.01, 0.16),
    "delivery": (0.0, 0.04, 0.05),
    "support": (0.03, 0.03, 0.03),
    "communication": (0.01, 0.02, 0.03),
    "flexibility": (0.01, 0.01, 0.0),
    "quality": (0.01, 0.01, 0.0),
}
"""Share of answers with the theme: classroom teachers, middle leaders, senior leaders and heads."""
_BY_PHASE = {
    "time": (0.80, 0.83),
    "pay": (0.30, 0.25),
    "training": (0.17, 0.20),
    "recognition": (0.08, 0.10),
    "collab": (0.05, 0.09),
    "frustration": (0.07, 0.07),
    "workload": (0.04, 0.07),
    "funding": (0.10, 0.02),
    "delivery": (0.02, 0.04),
    "support": (0.02, 0.035),
    "communication": (0.02, 0.02),
    "flexibility": (0.01, 0.01),
    "quality": (0.01, 0.01),
}

_CODES = {
    "time": {
        "time_additional": 98,
        "time_protected": 90,
        "time_meetings": 46,
        "time_observations": 40,
        "time_non_contact": 32,
        "time_training": 20,
        "time_planning": 17,
        "time_feedback": 16,
        "time_preparation": 14,
        "time_release": 13,
        "time_admin": 12,
        "time_collaboration": 7,
        "time_check_ins": 6,
        "time_back": 4,
    },
    "pay": {"pay_extra_salary": 71, "pay_allowance": 13},
    "training": {
        "training_general": 14,
        "training_needs_based": 12,
        "training_coaching": 8,
        "training_internal": 8,
        "training_external": 7,
        "training_by_mentors": 6,
        "training_qualification": 6,
        "training_observation_feedback": 5,
        "training_trainee_requirements": 4,
    },
    "recognition": {
        "recognition_general": 18,
        "recognition_by_leaders": 6,
        "recognition_public": 4,
        "recognition_celebration": 4,
    },
    "collab": {
        "collab_with_mentors": 10,
        "collab_mentor_support": 5,
        "collab_external": 5,
        "collab_solving_issues": 4,
        "collab_across_departments": 3,
        "collab_with_providers": 3,
        "collab_with_mentees": 2,
    },
    "frustration": {"frustration_tone": 14, "frustration_no_support": 8},
    "workload": {"workload_management": 99},
    "funding": {"funding_cover": 8, "funding_general": 6},
    "delivery": {"delivery_documentation": 7, "delivery_consistency": 3},
    "support": {"support_general": 99},
    "communication": {"communication_general": 4, "communication_from_leaders": 3},
    "flexibility": {"flexibility_of_support": 99},
    "quality": {"quality_monitoring": 99},
}
_TIME_UNSPECIFIED = 35
_STRUCTURAL = {"unclear": 2, "cannot_say": 2, "not_relevant": 1, "dont_know": 2}


@dataclass(eq=False)
class Answer:
    """One answer to the open question and the codes that it has in the end."""

    person: Person
    text: str
    codes: frozenset[str]

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def draw_answers(day: Sequence[Person], chance: Chance) -> list[Answer]:
    """Answers of mentors who were there on the day, in the order of their ids."""
    writers: list[Person] = []
    silent: list[Person] = []
    for (role, phase), count in _SAMPLE.items():
        here = [p for p in day if p.mentors and p.role == role and p.phase == phase]
        drawn = chance.shuffled(here)
        writers += drawn[:count]
        silent += drawn[count : count + _BLANK.get((role, phase), 0)]
    codes = _codes(writers, chance)
    short = _short_ones(writers, codes, chance)
    answers = [Answer(p, _soiled(_worded(codes[p], p in short, chance), chance), frozenset(codes[p])) for p in writers]
    answers += [Answer(p, text, frozenset()) for p, text in zip(silent, ("", " "), strict=True)]
    return sorted(answers, key=lambda answer: answer.person.user_id)


# --- codes -------------------------------------------------------------------------------------------------------------


def _codes(writers: Sequence[Person], chance: Chance) -> dict[Person, set[str]]:
    nothing = dict(zip(chance.shuffled(_talkers(writers)), _structural(), strict=False))
    rest = [p for p in writers if p not in nothing]
    cells: dict[tuple[str, str], list[Person]] = {}
    for person in writers:
        cells.setdefault((_role3(person), person.phase), []).append(person)
    sizes = {cell: len(people) for cell, people in cells.items()}
    themes: dict[Person, set[str]] = {}
    wanted = {theme: crossed(sizes, _of(_ROLES, _BY_ROLE[theme]), _of(_PHASES, _BY_PHASE[theme])) for theme in _CODES}
    for cell, people in cells.items():
        counts = {theme: by_cell[cell] for theme, by_cell in wanted.items()}
        themes |= tick([p for p in people if p in set(rest)], counts, chance)

    codes: dict[Person, set[str]] = {p: set() for p in rest} | {p: {code} for p, code in nothing.items()}
    for theme, counts in _CODES.items():
        people = [p for p in rest if theme in themes[p]]
        if theme == "time":
            unspecified = set(chance.some_weighted(people, [1 / len(themes[p]) for p in people], _TIME_UNSPECIFIED))
            for person in unspecified:
                codes[person].add("time_general")
            people = [p for p in people if p not in unspecified]
        wanted_here = counts if len(counts) > 1 else dict.fromkeys(counts, len(people))
        for person, found in tick(people, wanted_here, chance).items():
            codes[person] |= found
    return codes


_ROLES, _PHASES = ("classroom", "middle", "senior"), ("primary", "secondary")


def _of(names: Sequence[str], shares: Sequence[float]) -> Mapping[str, float]:
    return dict(zip(names, shares, strict=True))


def _role3(person: Person) -> str:
    return "senior" if person.leads else person.role


def _talkers(writers: Sequence[Person]) -> list[Person]:
    return [p for p in writers if not p.leads]


def _structural() -> list[str]:
    return [code for code, count in _STRUCTURAL.items() for _ in range(count)]


# --- words -------------------------------------------------------------------------------------------------------------


def _short_ones(writers: Sequence[Person], codes: Mapping[Person, set[str]], chance: Chance) -> set[Person]:
    fitting = [p for p in writers if len(codes[p]) == 1 and next(iter(codes[p])) in SHORT]
    return set(chance.some(fitting, 32))


def _worded(codes: set[str], short: bool, chance: Chance) -> str:
    if short:
        return chance.one_of(SHORT[next(iter(codes))])
    wishes = [_time(codes, chance)] if any(code.startswith("time_") for code in codes) else []
    wishes += chance.shuffled([chance.one_of(WISHES[code]) for code in sorted(codes) if code in WISHES])
    if len(wishes) > 1 and chance.below(0.3):
        wishes = [*wishes[1:], wishes[0]]
    remarks = [chance.one_of(REMARKS[code]) for code in sorted(codes) if code in REMARKS]
    asked = _asked(wishes, chance) if wishes else ""
    if asked and not asked.startswith(("-", "1")) and chance.below(0.28):
        asked = f"{asked if asked[-1] in '.!' else asked + '.'} {_reason(codes, chance)}".strip()
    if not remarks:
        return asked
    said = " ".join(remarks)
    if not asked:
        return said
    asked = asked if asked[-1] in ".!" else f"{asked}."
    return f"{said} {asked}" if chance.below(0.5) else f"{asked} {said}"


def _reason(codes: set[str], chance: Chance) -> str:
    themes = sorted({theme for code in codes if (theme := code.partition("_")[0]) in REASONS})
    return chance.one_of(REASONS[chance.one_of(themes)]) if themes else ""


def _time(codes: set[str], chance: Chance) -> str:
    bases = [chance.one_of(TIME_BASES[code]) for code in TIME_BASES if code in codes]
    if {"time_additional", "time_protected"} <= codes:
        bases = [chance.one_of(TIME_BOTH), *bases[2:]]
    purposes = chance.shuffled([chance.one_of(TIME_PURPOSES[code]) for code in TIME_PURPOSES if code in codes])
    if not purposes:
        return _listed(bases)
    if not bases:
        bases = [chance.one_of(["time", "time", "time in the day", "a slot", "the time"])]
    if codes & {"time_additional", "time_protected"} or len(bases) == 1:
        return _listed([f"{bases[0]} for {_listed(purposes)}", *bases[1:]])
    return _listed([*bases, f"time for {_listed(purposes)}"])


def _asked(wishes: list[str], chance: Chance) -> str:
    first, last = wishes[0], wishes[-1]
    if len(wishes) <= len(_FEW):
        form = chance.one_of(_FEW[len(wishes) - 1])
        return form.format(first=first, First=_started(first), last=last, Last=_started(last))
    return chance.one_of(_MANY)(wishes)


_ONE = [
    "{First}",
    "{First}",
    "{First}.",
    "{First}.",
    "Ideally {first}.",
    "I would like {first}",
    "{First} please!",
    "For me it would be {first}.",
    "{First} would make the biggest difference.",
    "{First}, above all in the first term",
    "It has to be {first}.",
    "{First} - we can manage the rest ourselves.",
    "What I miss is {first}.",
]
_TWO = [
    "{First} and {last}",
    "{First} and {last}.",
    "{First}. Also {last}.",
    "{First}, plus {last}",
    "I'd want {first} and {last}.",
    "{First}\n{Last}",
    "{First}. {Last}.",
    "Ideally {first}, and {last} as well.",
    "{First} / {last}",
    "{First}, and if that can't be done, {last}.",
    "Most of all {first}, then {last}.",
]
_FEW = (_ONE, _TWO)
_MANY: tuple[Callable[[list[str]], str], ...] = (
    lambda wishes: "\n".join(f"- {wish}" for wish in wishes),
    lambda wishes: "\n".join(f"{number}. {_started(wish)}" for number, wish in enumerate(wishes, start=1)),
    lambda wishes: "; ".join([_started(wishes[0]), *wishes[1:]]),
    lambda wishes: ". ".join(_started(wish) for wish in wishes) + ".",
    lambda wishes: f"I'd like {_listed(wishes)}.",
    lambda wishes: _started(_listed(wishes)),
    lambda wishes: f"{_started(_listed(wishes))}.",
    lambda wishes: f"{_started(_listed(wishes))}!",
)
"""How one, two and more wishes are written down."""


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _started(text: str) -> str:
    return text[0].upper() + text[1:]


def _soiled(text: str, chance: Chance) -> str:
    """Typing slips, small letters, spaces and empty lines at the end."""
    if chance.below(0.10):
        text = mistyped(text, chance)
    if chance.below(0.14):
        text = text.lower().replace("slt", "SLT").replace("ppa", "PPA")
    elif chance.below(0.02):
        text = text.upper()
    if chance.below(0.06):
        text = text.replace("'", "\u2019")
    return text + (" " if chance.below(0.42) else "\n" if chance.below(0.03) else "")
