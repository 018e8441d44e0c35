"""The online form: its questions, the answers, and the form tool's export with three header rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from plait.simulate.chance import Chance
from plait.simulate.ecf.people import Staff
from plait.simulate.ecf.suggestions import OTHER_REASONS, SUGGESTIONS
from plait.simulate.files import write_table
from plait.simulate.quotas import spread, tick

_ROLES = {
    "ect1": "Early career teacher (first year)",
    "ect2": "Early career teacher (second year)",
    "mentor": "Mentor of an early career teacher",
    "tutor": "Induction tutor",
    "head": "Headteacher or principal",
}
_PHASES = {"primary": "Primary", "secondary": "Secondary"}
_LOCATIONS = {
    "rural": "Rural (village, countryside or market town)",
    "coastal": "Coastal (at or near the sea)",
    "both": "Both rural and coastal",
    "urban_inland": "Town or city, away from the coast",
}
_SIZES = {"small": "Small for its phase", "middling": "About average", "large": "Large for its phase"}
_LOST = {
    "ec_lost_1": "Covering for absent colleagues",
    "ec_lost_2": "Behaviour incidents",
    "ec_lost_3": "Pupils with special needs",
    "ec_lost_4": "Administration and data",
    "ec_lost_5": "Travel between sites or to training",
    "ec_lost_6": "Something else (please say)",
}
_LOST_TEXT = "What takes the place of that time? Tick all that apply."
_AGREE, _DISAGREE = ("Strongly agree", "Somewhat agree"), ("Somewhat disagree", "Strongly disagree")
KEPT, _OFTEN_LOST, _NO_TIME = (
    "Yes, and it is nearly always kept",
    "Yes, but it is often lost to other things",
    "No, I have none",
)

FAR = ("30 to 60 minutes", "More than an hour")
"""Journeys to training that are long."""

COLUMNS = {
    "StartDate": "Start Date",
    "EndDate": "End Date",
    "Status": "Response Type",
    "Progress": "Progress",
    "Finished": "Finished",
    "ResponseId": "Response ID",
    "consent": "I have read the information sheet and agree to take part in this study.",
    "school_id": "School code from your invitation",
    "ec_role": "What is your main role in the induction of early career teachers?",
    "ec_phase": "Which phase do you work in?",
    "ec_location": "Which describes the place of your school best?",
    "ec_size": "For its phase, is your school small, average or large?",
    "ec_sat": "Overall, how satisfied are you with your induction so far?",
    "ec_mentor_help": "How much has your mentor helped you this year?",
    "ec_manage": "How far do you agree: I can manage mentoring alongside my other work.",
    "ec_prot": "Do you have protected time for induction each week?",
    **{column: f"{_LOST_TEXT} - {text}" for column, text in _LOST.items()},
    "ec_lost_6_TEXT": f"{_LOST_TEXT} - {_LOST['ec_lost_6']} - Text",
    "ec_travel": "One way, how long do you travel to face-to-face training?",
    "ec_network": "What chances do you have to meet early career teachers or mentors from other schools?",
    "ec_content": "How well does the programme's content fit your subject, phase and school?",
    "ec_same": "Does your mentor teach the same subject or phase as you?",
    "ec_dual": "Are you both induction tutor and mentor this year?",
    "ec_better": "What one thing would make induction better for schools like yours?",
}
"""Short code and wording of every column."""


def fill_in(people: Sequence[Staff], chance: Chance) -> None:
    """Give every respondent the answers to the questions that are theirs."""
    for person in people:
        person.answers |= {
            "school_id": person.school.id,
            "ec_role": _ROLES[person.role],
            "ec_phase": _PHASES[person.school.phase],
            "ec_location": _LOCATIONS[person.school.location],
            "ec_size": _SIZES[person.school.size],
        }
    ects, mentors = [p for p in people if p.ect], [p for p in people if p.role == "mentor"]
    tutors, heads = [p for p in people if p.role == "tutor"], [p for p in people if p.role == "head"]
    both = [p for p in people if p.in_programme]
    _exactly(
        ects,
        "ec_sat",
        {
            "Very satisfied": (5, 6),
            "Somewhat satisfied": (11, 10),
            "Neither satisfied nor dissatisfied": (2, 2),
            "Somewhat dissatisfied": (1, 2),
            "Very dissatisfied": (1, 0),
        },
        chance,
    )
    _exactly(
        mentors,
        "ec_manage",
        {_AGREE[0]: (9, 8), _AGREE[1]: (13, 10), _DISAGREE[0]: (1, 2), _DISAGREE[1]: (1, 0)},
        chance,
    )
    _exactly(both, "ec_prot", {KEPT: (13, 22), _OFTEN_LOST: (22, 12), _NO_TIME: (9, 6)}, chance)
    _spread(ects, "ec_mentor_help", _mentor_help, chance)
    _spread(both, "ec_travel", _travel, chance)
    _spread(both, "ec_network", _network, chance)
    _spread(people, "ec_content", _content, chance)
    _spread(ects, "ec_same", _same, chance)
    _spread([*tutors, *heads], "ec_dual", _dual, chance)
    _fill_lost([p for p in both if p.answers["ec_prot"] == _OFTEN_LOST], chance)
    for column, count in (("ec_content", 3), ("ec_network", 2), ("ec_travel", 1), ("ec_mentor_help", 1)):
        for person in chance.some([p for p in people if column in p.answers], count):
            del person.answers[column]
    for person, text in zip(chance.some(people, 109), _suggestions(109, chance), strict=True):
        person.answers["ec_better"] = text


def _exactly(people: Sequence[Staff], column: str, counts: Mapping[str, tuple[int, int]], chance: Chance) -> None:
    """Answers by count: in rural and coastal schools, in towns."""
    for place, far in enumerate((True, False)):
        here = [p for p in people if p.school.far == far]
        drawn = [answer for answer, by_place in counts.items() for _ in range(by_place[place])]
        for person, answer in zip(chance.shuffled(here), drawn, strict=True):
            person.answers[column] = answer


def _spread(
    people: Sequence[Staff], column: str, shares: Callable[[Staff], Mapping[str, float]], chance: Chance
) -> None:
    for person, answer in spread(people, shares, chance).items():
        person.answers[column] = answer


def _mentor_help(person: Staff) -> Mapping[str, float]:
    return {"A great deal": 0.52, "Quite a lot": 0.33, "Somewhat": 0.09, "A little": 0.06, "Not at all": 0.0}


def _travel(person: Staff) -> Mapping[str, float]:
    shares = (0.20, 0.13, 0.36, 0.31) if person.school.far else (0.27, 0.43, 0.25, 0.05)
    texts = ("None: it is online or in our school", "Less than 30 minutes", *FAR)
    return dict(zip(texts, shares, strict=True))


def _network(person: Staff) -> Mapping[str, float]:
    shares = (0.09, 0.43, 0.25, 0.18, 0.05) if person.school.far else (0.38, 0.20, 0.27, 0.12, 0.03)
    texts = ("Plenty, and easy to reach", "Plenty, but it takes effort to reach them", "Some", "Few", "None")
    return dict(zip(texts, shares, strict=True))


def _content(person: Staff) -> Mapping[str, float]:
    shares = (0.14, 0.36, 0.28, 0.16, 0.06) if person.small else (0.2, 0.43, 0.24, 0.1, 0.03)
    texts = ("Very well", "Fairly well", "Partly", "Not very well", "Not at all")
    return dict(zip(texts, shares, strict=True))


def _same(person: Staff) -> Mapping[str, float]:
    shares = (0.42, 0.16, 0.42) if person.small else (0.76, 0.17, 0.07)
    return dict(zip(("Yes", "No", "In part: mixed-age class"), shares, strict=True))


def _dual(person: Staff) -> Mapping[str, float]:
    return {"Yes": 0.64, "No": 0.36} if person.small else {"Yes": 0.26, "No": 0.74}


def _fill_lost(people: list[Staff], chance: Chance) -> None:
    reasons = chance.shuffled(OTHER_REASONS)
    for far in (True, False):
        here = [p for p in people if p.school.far == far]
        rates = (0.64, 0.27, 0.40, 0.45, 0.36, 0.18) if far else (0.58, 0.34, 0.42, 0.42, 0.08, 0.10)
        counts = {column: int(rate * len(here) + 0.5) for column, rate in zip(_LOST, rates, strict=True)}
        for person, columns in tick(here, counts, chance).items():
            person.answers |= {column: _LOST[column] for column in columns}
            if "ec_lost_6" in columns and reasons:
                person.answers["ec_lost_6_TEXT"] = reasons.pop()


def _suggestions(count: int, chance: Chance) -> list[str]:
    once = chance.shuffled(SUGGESTIONS)
    return chance.shuffled([*once, *(chance.one_of(SUGGESTIONS) for _ in range(count - len(once)))][:count])


# --- the export --------------------------------------------------------------------------------------------------------

_FIRST_DAY = datetime(2024, 2, 5, 8, 0)
_DAYS = 107
_YES, _NO = "I agree to take part", "I do not agree to take part"


def write_form(people: Sequence[Staff], folder: Path, chance: Chance) -> Path:
    """Write the export: respondents, previews by the team, people who did not consent or did not finish."""
    rows = [
        p.answers | {"Status": "IP Address", "Progress": "100", "Finished": "True", "consent": _YES} for p in people
    ]
    rows += [
        {**chance.one_of(people).answers, "Status": "Survey Preview", "Progress": "100", "Finished": "True",
         "consent": _YES, "school_id": "0000", "ec_better": "test"}
        for _ in range(3)
    ]  # fmt: skip
    rows += [{"Status": "IP Address", "Progress": "100", "Finished": "True", "consent": _NO} for _ in range(2)]
    for person in chance.some(people, 2):
        begun = {k: v for k, v in person.answers.items() if k in ("school_id", "ec_role", "ec_phase", "ec_location")}
        rows.append(begun | {"Status": "IP Address", "Progress": "36", "Finished": "False", "consent": _YES})

    dated = []
    for number, row in enumerate(rows):
        minutes = chance.index(9 * 60)
        start = _FIRST_DAY + timedelta(days=_school_day(row, chance), minutes=minutes, seconds=chance.index(60))
        end = start + timedelta(seconds=240 + chance.index(900))
        dated.append(row | {"StartDate": f"{start}", "EndDate": f"{end}", "ResponseId": response_id(number)})
    dated.sort(key=lambda row: (row["StartDate"], row["ResponseId"]))
    imports = [f'{{"ImportId":"{_import_id(column, number)}"}}' for number, column in enumerate(COLUMNS)]
    body = [[row.get(column, "") for column in COLUMNS] for row in dated]
    return write_table(folder / "ecf_survey.csv", list(COLUMNS), [list(COLUMNS.values()), imports, *body])


def response_id(number: int) -> str:
    """The id that the form gives to a response; those of `people` are numbered first, from 0."""
    return f"R_{sha256(f'response {number} of the simulated form'.encode()).hexdigest()[:15]}"


def _school_day(row: Mapping[str, str], chance: Chance) -> int:
    """Weekdays; previews came first, and colleagues answered within days of each other."""
    if row["Status"] == "Survey Preview":
        return 0
    about = int(sha256(row.get("school_id", "").encode()).hexdigest(), 16) % (_DAYS - 7) + 2 + chance.index(4)
    return about - max(0, about % 7 - 4)


def _import_id(column: str, number: int) -> str:
    own = {"StartDate": "startDate", "EndDate": "endDate", "Status": "status", "Progress": "progress",
           "Finished": "finished", "ResponseId": "_recordId"}  # fmt: skip
    if column in own:
        return own[column]
    if column.startswith("ec_lost"):
        return f"QID11_{column.removeprefix('ec_lost_')}"
    return f"QID{number - 5 if number < 16 else number - 11}"
