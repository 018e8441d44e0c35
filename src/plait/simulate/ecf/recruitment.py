"""Who of the people interviewed had filled in the form before, and agreed that the two be joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from plait.simulate.ecf.form import FAR, KEPT, response_id
from plait.simulate.ecf.people import Staff

_ROLES = {
    "Early career teacher": ("ect1", "ect2"),
    "Mentor": ("mentor",),
    "Induction tutor": ("tutor",),
    "Headteacher": ("head",),
}
_PLACES = {"Rural": "rural", "Coastal": "coastal", "Rural and coastal": "both"}
_DECLINED = ("E4", "M3", "H3")
"""People interviewed who did not want their form and their interview to be joined."""


def recruited(
    interviewed: Sequence[Sequence[str]], codes: Mapping[str, Set[str]], people: Sequence[Staff]
) -> list[list[str]]:
    """The form's response id of each person interviewed, and whether they agreed that the two be joined.

    A person is looked for among the respondents of the same role, phase and kind of place whose answers do not contradict
    what is said in the interview; those with the fewest to choose from come first. For whom nobody is left had not filled
    in the form, and has no id. Which school of the form is which of the interviews is not told anywhere.

    Args:
        interviewed: Name, role, phase and place of each person.
        codes: What is said in each interview.
        people: The respondents, in the order in which the form is written.
    """
    fitting = {
        name: [
            n
            for n, person in enumerate(people)
            if _alike(person, role, phase, place) and _coherent(person, codes[name])
        ]
        for name, role, phase, place in interviewed
    }
    found: dict[str, int] = {}
    for name in sorted(fitting, key=lambda name: len(fitting[name])):
        free = [n for n in fitting[name] if n not in found.values()]
        found |= {name: free[0]} if free else {}
    return [
        [response_id(found[name]) if name in found else "", "no" if name in _DECLINED else "yes"]
        for name, *_ in interviewed
    ]


def _alike(person: Staff, role: str, phase: str, place: str) -> bool:
    school = person.school
    return person.role in _ROLES[role] and school.phase == phase.lower() and school.location == _PLACES.get(place)


def _coherent(person: Staff, codes: Set[str]) -> bool:
    """Whether the answers on the form go with what is said; a question that was not answered goes with everything."""
    a = person.answers
    contradictions = (
        "time_lost" in codes and a.get("ec_prot") == KEPT,
        "time_kept" in codes and a.get("ec_prot", KEPT) != KEPT,
        "access_distance" in codes and a.get("ec_travel", FAR[0]) not in FAR,
        "fit_mixed_age" in codes and person.ect and a.get("ec_same", "In part").startswith(("Yes", "No")),
        "people_dual" in codes and a.get("ec_dual", "Yes") == "No",
    )
    return not any(contradictions)
