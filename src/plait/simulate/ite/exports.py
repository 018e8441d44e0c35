"""The panel's daily exports: one file a day, one row a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plait.simulate.chance import Chance
from plait.simulate.dirt import curly, dashed, respaced
from plait.simulate.files import write_table
from plait.simulate.ite import closed, wording
from plait.simulate.ite.panel import Person


@dataclass
class Day:
    """Who answered on a day, and their cells in the question columns."""

    date: str
    people: list[Person]
    columns: list[str]
    cells: dict[Person, dict[str, str]] = field(default_factory=dict)

    def put(self, person: Person, column: str, text: str) -> None:
        self.cells.setdefault(person, {})[column] = text

    def blank(self, column: str) -> list[Person]:
        """People with an empty cell."""
        return [p for p in self.people if not self.cells.get(p, {}).get(column)]


_COMING_BACK = {"classroom": 0.74, "middle": 0.75, "slt": 0.72, "head": 0.66, "other": 0.70}


def who_comes_back(panel: Sequence[Person], share: float, chance: Chance) -> list[Person]:
    """The members who open the app on a later day."""
    return [p for p in panel if chance.below(_COMING_BACK[p.role] * share)]


def first_day(panel: Sequence[Person], support: Mapping[Person, set[str]], chance: Chance) -> Day:
    """Mentoring, asked of everyone, and support, asked of leaders and mentors."""
    day = Day("2024-05-14", list(panel), [wording.Q1, wording.Q2])
    for person in panel:
        day.put(person, wording.Q1, wording.Q1_ANSWERS.get(person.mentoring, ""))
        if person.cell.support == "not_relevant":
            day.put(person, wording.Q2, wording.NOT_RELEVANT)
    for person, options in support.items():
        day.put(person, wording.Q2, _delimited(options, chance))

    helped = [p for p in panel if p in support and "none" not in support[p]]
    for person in chance.some(helped, 6):
        both = [*sorted(support[person]), "none"]
        day.put(person, wording.Q2, _delimited(both, chance))
    strays = [p for p in panel if p.role in ("classroom", "middle") and p.mentoring in ("past", "never")]
    for person in chance.some(strays, 7):
        answer = chance.one_of(["none", "external_training", "not_relevant", "internal_training"])
        day.put(person, wording.Q2, wording.Q2_ANSWERS[answer])
    return day


def _delimited(options: Sequence[str] | set[str], chance: Chance) -> str:
    """Options in the order they were shown, which the app shuffles; the exclusive ones come last."""
    last = [o for o in ("none", "not_relevant") if o in options]
    first = chance.shuffled(sorted(set(options) - set(last)))
    return wording.Q2_SEPARATOR.join(wording.Q2_ANSWERS[o] for o in [*first, *last])


def second_day(people: list[Person], chance: Chance) -> Day:
    """Time, asked of mentors."""
    day = Day("2024-05-21", people, [wording.Q4])
    asked = [p for p in people if p.mentors]
    answers = closed.with_no_answers(asked, closed.enough_time, chance, {"not_relevant": 0.02, "skipped": 0.012})
    for person, answer in answers.items():
        day.put(person, wording.Q4, wording.Q4_ANSWERS[answer])
    return day


def third_day(people: list[Person], chance: Chance) -> Day:
    """Where the time comes from and whether training suited, asked of mentors; fewer answer in half-term."""
    day = Day("2024-05-28", people, [wording.Q5, wording.Q6])
    asked = [p for p in people if p.mentors]
    time = closed.with_no_answers(asked, closed.time_comes_from, chance, {"not_relevant": 0.02, "skipped": 0.01})
    for person, answer in time.items():
        day.put(person, wording.Q5, wording.Q5_ANSWERS[answer])
    suited = closed.with_no_answers(asked, closed.training_suited, chance, {"had_none": 0.16, "skipped": 0.015})
    for person, answer in suited.items():
        day.put(person, wording.Q6, wording.Q6_ANSWERS[answer])
    for person in chance.some([p for p in people if p.mentoring in ("past", "never")], 5):
        day.put(person, wording.Q5, wording.Q5_ANSWERS[chance.one_of(["planning", "other", "before_after"])])
    return day


def fourth_day(people: list[Person], chance: Chance) -> Day:
    """What would help, asked of mentors, in one column an option; the grant, asked of leaders."""
    columns = {option: f"{wording.Q7} [{text}]" for option, text in wording.Q7_ANSWERS.items()}
    day = Day("2024-06-04", people, [*columns.values(), wording.Q8])
    asked = [p for p in people if p.mentors]
    ticks = closed.would_help(asked, chance)
    full = [p for p in asked if len(ticks.get(p, ())) == 3]
    for person in chance.some(full, 4):
        ticks[person] = ticks[person] | {chance.one_of([o for o in list(columns)[:7] if o not in ticks[person]])}
    for person, options in ticks.items():
        for option, column in columns.items():
            day.put(person, column, "1" if option in options else "0")

    leaders = [p for p in people if p.leads]
    grant = closed.with_no_answers(leaders, closed.grant_claimed, chance, {"not_relevant": 0.02, "skipped": 0.01})
    for person, answer in grant.items():
        day.put(person, wording.Q8, wording.Q8_ANSWERS[answer])
    for person in chance.some([p for p in people if p.role == "middle"], 4):
        day.put(person, wording.Q8, wording.Q8_ANSWERS["dont_know"])
    return day


# --- writing -----------------------------------------------------------------------------------------------------------

_SPELLINGS = {
    "2024-05-21": {"Stand-alone academy": "Standalone Academy"},
    "2024-06-04": {"RI / Inadequate": "RI/Inadequate", "Yorkshire and North East": "Yorkshire & North East"},
}
"""Labels that the app wrote differently on some days."""
_WORD_PROCESSED = ("2024-05-28",)
"""Days on which the labels came through a word processor, with curly quotes and dashes."""
_UNKNOWN = (wording.PROFILE["gender"]["not_said"], wording.PROFILE["role"]["other"])
"""Values that the definition lists as unknown; they are met to the letter."""
_SOILED = 0.0025


def write_day(day: Day, folder: Path, chance: Chance) -> Path:
    """Write a day's export with the dirt that real ones have."""
    header = ["user_id", "asked_at", *wording.PROFILE, *day.columns]
    rows = [
        [person.user_id, day.date, *(_spelt(cell, day.date, chance) for cell in _cells(day, person))]
        for person in day.people
    ]
    return write_table(
        folder / f"{day.date}.csv",
        header,
        rows,
        byte_order_mark=day.date in ("2024-05-14", "2024-06-04"),
        line_end="\r\n" if day.date == "2024-05-28" else "\n",
    )


def _cells(day: Day, person: Person) -> list[str]:
    facts = [texts.get(person.facts.get(fact, ""), "") for fact, texts in wording.PROFILE.items()]
    return [*facts, *(day.cells.get(person, {}).get(column, "") for column in day.columns)]


def _spelt(cell: str, date: str, chance: Chance) -> str:
    if not cell or cell in _UNKNOWN:
        return cell
    cell = _SPELLINGS.get(date, {}).get(cell, cell)
    drifts = "'" in cell or " - " in cell
    if date in _WORD_PROCESSED or (date == "2024-05-14" and drifts and chance.below(0.04)):
        cell = dashed(curly(cell))
    return respaced(cell, chance) if chance.below(_SOILED) else cell
