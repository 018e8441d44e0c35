"""Three coders' sheets, the disagreements as they were settled, and the coding that decisions make of all that.

Coders A and B read every answer and differ from each other by a set amount: Cohen's kappa of each code comes near its
goal, and a set number of answers carries the same codes in both sheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from plait.simulate.chance import Chance
from plait.simulate.files import write_table
from plait.simulate.ite.adjudication import Marks, settled_marks, write_adjudication
from plait.simulate.ite.open_answers import Answer
from plait.simulate.ite.wording import PROFILE

CODES = (
    "no_code",
    "time_general",
    "time_additional",
    "time_protected",
    "time_planning",
    "time_non_contact",
    "time_release",
    "time_meetings",
    "time_check_ins",
    "time_observations",
    "time_feedback",
    "time_collaboration",
    "time_admin",
    "time_training",
    "time_preparation",
    "pay_extra_salary",
    "pay_allowance",
    "training_general",
    "training_by_mentors",
    "training_observation_feedback",
    "training_coaching",
    "training_internal",
    "training_external",
    "training_needs_based",
    "training_qualification",
    "recognition_general",
    "recognition_by_leaders",
    "recognition_public",
    "recognition_celebration",
    "collab_with_mentors",
    "collab_mentor_support",
    "collab_solving_issues",
    "collab_across_departments",
    "collab_with_mentees",
    "collab_external",
    "collab_with_providers",
    "delivery_documentation",
    "delivery_consistency",
    "communication_general",
    "communication_from_leaders",
    "funding_cover",
    "funding_general",
    "workload_management",
    "flexibility_of_support",
    "support_general",
    "frustration_tone",
    "frustration_no_support",
    "unclear",
    "cannot_say",
    "not_relevant",
    "dont_know",
)
"""The codes that the coders started with."""
ADDED = ("time_back", "training_trainee_requirements", "quality_monitoring")
"""The codes that were added when they met."""
_FOUND = tuple(c for c in CODES if c not in ("no_code", "unclear", "cannot_say", "not_relevant", "dont_know"))
"""Those that stand for something said."""
_BEFORE = {
    "time_back": "time_additional",
    "training_trainee_requirements": "training_general",
    "quality_monitoring": "no_code",
}
_OLD_NAMES = {"delivery_documentation": "delivery_paperwork"}

_IDENTICAL = 116
_GOALS = {
    "time_observations": 0.93,
    "time_meetings": 0.91,
    "pay_extra_salary": 0.90,
    "pay_allowance": 0.88,
    "training_coaching": 0.90,
    "recognition_general": 0.86,
    "time_training": 0.85,
    "funding_cover": 0.86,
    "time_admin": 0.84,
    "time_feedback": 0.84,
    "time_check_ins": 0.83,
    "collab_external": 0.85,
    "not_relevant": 1.0,
    "dont_know": 1.0,
    "time_additional": 0.72,
    "time_general": 0.74,
    "time_planning": 0.76,
    "time_non_contact": 0.74,
    "time_release": 0.68,
    "time_preparation": 0.66,
    "training_general": 0.68,
    "training_external": 0.75,
    "training_internal": 0.70,
    "training_needs_based": 0.72,
    "training_qualification": 0.78,
    "collab_with_mentors": 0.70,
    "workload_management": 0.69,
    "delivery_documentation": 0.74,
    "delivery_consistency": 0.68,
    "recognition_public": 0.75,
    "recognition_celebration": 0.78,
    "funding_general": 0.65,
    "frustration_no_support": 0.64,
    "time_protected": 0.55,
    "frustration_tone": 0.39,
    "support_general": 0.36,
    "no_code": 0.30,
    "communication_from_leaders": 0.0,
    "flexibility_of_support": 0.0,
}
_USUAL_GOAL = 0.52
_MEAN = 0.67


def write_sheets(answers: Sequence[Answer], folder: Path, chance: Chance) -> list[Path]:
    """Write the vendor's answers, the coders' sheets and their worklist, decided; all with the codes they began with."""
    coded = [a for a in answers if not a.blank]
    first = {answer: {_BEFORE.get(code, code) for code in answer.codes} for answer in coded}
    coder_a, coder_b = _two_coders(first, chance)
    coder_c = _third_coder(first, chance)
    names = [_OLD_NAMES.get(code, code) for code in CODES]
    written = [
        write_table(
            folder / "open_answers.csv",
            ["user_id", "phase", "role", "answer"],
            [_four(answer, PROFILE["role"]) for answer in answers],
        )
    ]
    for file, marks, absent in (("coder_a", coder_a, ""), ("coder_b", coder_b, "0"), ("coder_c", coder_c, "")):
        rows = [_row(answer, marks.get(answer, set()), CODES, absent) for answer in answers]
        written.append(write_table(folder / f"{file}.csv", _header(names), rows, byte_order_mark=file == "coder_a"))
    settled = settled_marks(first, coder_a, coder_b, coder_c)
    return [*written, write_adjudication(folder, dict(zip(names, CODES, strict=True)), settled)]


def write_final(answers: Sequence[Answer], file: Path) -> Path:
    """Write the coding that the study's decisions must lead to. It is no raw file: a test compares it."""
    every = (*CODES, *ADDED)
    return write_table(file, _header(every), [_row(a, a.codes, every, "0") for a in answers if not a.blank])


_ROLES = PROFILE["role"] | dict.fromkeys(("slt", "head"), "Senior leader or headteacher")
"""The coders merged leaders, for there are only three heads."""


def _header(codes: Iterable[str]) -> list[str]:
    return ["user_id", "phase", "role", "answer", *codes]


def _four(answer: Answer, roles: Mapping[str, str]) -> list[str]:
    person = answer.person
    return [person.user_id, PROFILE["phase"][person.phase], roles[person.role], answer.text]


def _row(answer: Answer, marks: Iterable[str], codes: Iterable[str], absent: str) -> list[str]:
    found = set(marks)
    return [*_four(answer, _ROLES), *("1" if code in found else absent for code in codes)]


# --- disagreement ------------------------------------------------------------------------------------------------------


def _two_coders(first: Marks, chance: Chance) -> tuple[Marks, Marks]:
    """Coders A and B: of several tries with milder or harsher goals, the one whose mean kappa is nearest."""
    answers = list(first)
    alike = set(chance.some_weighted(answers, [len(first[a]) ** -1.5 for a in answers], _IDENTICAL))
    tries = [_disagreeing(first, alike, shift / 150, Chance(700 + shift)) for shift in range(30)]

    def off(pair: tuple[Marks, Marks]) -> float:
        return sum(abs(_mean_kappa(*pair, codes) - _MEAN) for codes in (CODES, _FOUND))

    return min(tries, key=off)


def _disagreeing(first: Marks, alike: set[Answer], shift: float, chance: Chance) -> tuple[Marks, Marks]:
    a: Marks = {answer: set(codes) for answer, codes in first.items()}
    b: Marks = {answer: set(codes) for answer, codes in first.items()}
    open_to = [answer for answer in first if answer not in alike]
    for code in CODES:
        goal = min(_GOALS.get(code, _USUAL_GOAL) + shift, 1.0) if code != "no_code" else 1.0
        for _ in range(200):
            if kappa(a, b, code) <= goal + 0.01:
                break
            _differ(a, b, open_to, code, chance)
    for answer in open_to:
        for marks in (a, b):
            if not marks[answer]:
                marks[answer].add("no_code")
        if a[answer] == b[answer]:
            _differ_anyhow(a[answer], b[answer], chance)
    return a, b


def _differ(a: Marks, b: Marks, open_to: Sequence[Answer], code: str, chance: Chance) -> None:
    """One more answer on which one coder uses the code and the other does not."""
    both = [x for x in open_to if code in a[x] and code in b[x]]
    neither = [x for x in open_to if code not in a[x] and code not in b[x]]
    if both and chance.below(0.6):
        answer = chance.one_of(both)
        (b if chance.below(0.6) else a)[answer].discard(code)
        return
    theme = code.partition("_")[0]
    near = [3.0 if any(c.startswith(theme) for c in a[x]) else 0.15 for x in neither]
    answer = chance.some_weighted(neither, near, 1)[0]
    (a if chance.below(0.6) else b)[answer].add(code)


def _differ_anyhow(a: set[str], b: set[str], chance: Chance) -> None:
    """A common slip: a kind of time is overlooked, or one is read into the answer."""
    for code in ("time_protected", "time_additional", "time_general", "support_general"):
        if code in a and len(a) > 1:
            (b if chance.below(0.6) else a).discard(code)
            return
    (a if chance.below(0.6) else b).add(
        chance.one_of(["no_code", "support_general", "time_additional", "time_protected"])
    )
    if a == b:
        b.add("frustration_tone")


def _third_coder(first: Marks, chance: Chance) -> Marks:
    """Coder C read a quarter of the answers, and left a doubt beside an answer that says no more than "don't know"."""
    marks: Marks = {}
    for answer in chance.some(list(first), 71):
        found = {code for code in sorted(first[answer]) if not chance.below(0.17)}
        if chance.below(0.14):
            found.add(chance.one_of(["time_additional", "time_protected", "support_general", "training_general"]))
        marks[answer] = found or set(first[answer])
        if "dont_know" in marks[answer]:
            marks[answer].add("no_code")
    return marks


def kappa(a: Marks, b: Marks, code: str) -> float:
    """Cohen's (1960) kappa of one code; 1 where nobody used it."""
    n = len(a)
    in_a, in_b = sum(code in m for m in a.values()), sum(code in m for m in b.values())
    agreed = sum((code in a[x]) == (code in b[x]) for x in a) / n
    expected = (in_a * in_b + (n - in_a) * (n - in_b)) / n**2
    return (agreed - expected) / (1 - expected) if expected < 1 else 1.0


def _mean_kappa(a: Marks, b: Marks, codes: Sequence[str]) -> float:
    return sum(kappa(a, b, code) for code in codes) / len(codes)
