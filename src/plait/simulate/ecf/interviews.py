"""The coded interviews: a table of segments, a table of participants, and the key to their schools."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from plait.simulate.ecf.people import Staff
from plait.simulate.ecf.recruitment import recruited
from plait.simulate.files import write_table

CODER = "Researcher 1"
_ROLES = {"E": "Early career teacher", "M": "Mentor", "T": "Induction tutor", "H": "Headteacher"}
_SCHOOLS = {
    "S1": ("T1", "Primary", "Rural", ("E1", "M1", "H1")),
    "S2": ("T1", "Primary", "Rural", ("E2", "M2")),
    "S3": ("T2", "Secondary", "Rural", ("E3", "M3", "T1")),
    "S4": ("T3", "Primary", "Rural", ("M4", "H2")),
    "S5": ("T3", "Primary", "Coastal", ("E4", "M5")),
    "S6": ("T4", "Secondary", "Coastal", ("E5", "M6", "T2")),
    "S7": ("T5", "Primary", "Coastal", ("E6", "T3")),
    "S8": ("T5", "Primary", "Rural and coastal", ("M7", "H3")),
    "S9": ("T6", "Secondary", "Rural and coastal", ("E7", "T4")),
}
"""Trust, phase and place of each school, and who was interviewed there."""
_TOOL_NAMES = {"value_mentor": "mentor relationship"}


def write_interviews(people: Sequence[Staff], folder: Path) -> list[Path]:
    """Write the three tables; school and trust stay in the key, which no analysis reads.

    Args:
        people: Who filled in the form, with their answers; most people interviewed are among them.
        folder: Where to write.
    """
    participants: list[list[str]] = []
    key: list[list[str]] = []
    for school, (trust, phase, place, here) in _SCHOOLS.items():
        for person in here:
            participants.append([person, _ROLES[person[0]], phase, place])
            key.append([person, school, trust])
    order = {person: (list(_ROLES).index(person[0]), person) for person, *_ in participants}
    participants.sort(key=lambda row: order[row[0]])
    key.sort(key=lambda row: order[row[0]])
    segments = _segments()
    codes = {person: {row[2] for row in segments if row[0] == person} for person in order}
    joined = recruited(participants, codes, people)
    described = [row + form for row, form in zip(participants, joined, strict=True)]
    return [
        write_table(folder / "segments.csv", ["participant", "interview", "code", "researcher", "extract"], segments),
        write_table(
            folder / "participants.csv",
            ["case", "role", "phase", "setting", "form_response", "may_be_joined"],
            described,
        ),
        write_table(folder / "key_to_schools.csv", ["case", "school", "trust"], key),
    ]


def _segments() -> list[list[str]]:
    rows = []
    source = files("plait.simulate.ecf").joinpath("segments.txt").read_text(encoding="utf-8")
    for line in source.splitlines():
        person, codes, extract = line.split(" | ", 2)
        for code in codes.split():
            rows.append([person, f"{person} interview", _TOOL_NAMES.get(code, code), CODER, extract])
    return rows
