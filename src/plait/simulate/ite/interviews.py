"""The coded interviews, as a REFI-QDA project."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from plait.simulate.chance import Chance
from plait.simulate.dirt import curly
from plait.simulate.files import write_table
from plait.simulate.marked_text import Mark, Transcript, read_transcript
from plait.simulate.refi_qda import ProjectFacts, write_project

PARTICIPANTS = ("M01", "M02", "M03", "M04", "M05", "M06", "M07", "MM01", "MM02", "MM03", "T01", "T02", "T03")

_CODES = {
    "time": (
        "time_additional",
        "time_protected",
        "time_planning",
        "time_non_contact",
        "time_release",
        "time_meetings",
        "time_check_ins",
        "time_observations",
        "time_feedback",
        "time_admin",
        "time_preparation",
    ),
    "training": (
        "training_general",
        "training_by_mentors",
        "training_observation_feedback",
        "training_coaching",
        "training_internal",
        "training_external",
        "training_needs_based",
        "training_trainee_requirements",
        "training_qualification",
    ),
    "recognition": (
        "recognition_general",
        "recognition_by_leaders",
        "recognition_public",
        "recognition_celebration",
    ),
    "pay": ("pay_extra_salary", "pay_allowance"),
    "collab": (
        "collab_with_mentors",
        "collab_mentor_support",
        "collab_solving_issues",
        "collab_across_departments",
        "collab_with_mentees",
        "collab_external",
        "collab_with_providers",
    ),
    "delivery": ("delivery_documentation", "delivery_paperwork", "delivery_consistency"),
    "communication": ("communication_general", "communication_from_leaders"),
    "funding": ("funding_cover", "funding_general"),
    "workload": ("workload_management",),
    "flexibility": ("flexibility_of_support",),
    "quality": ("quality_monitoring",),
    "support": ("support_general",),
    "value_of_role": (),
    "constraint_and_guilt": (),
    "mixed_experience": (),
    "other_view": (
        "other_view_time",
        "other_view_training",
        "other_view_recognition",
        "other_view_collaboration",
        "other_view_systems",
        "other_view_communication",
    ),
}


def write_interviews(folder: Path, chance: Chance) -> Path:
    """Write the project: coder A coded every interview, coder B three of them."""
    facts = ProjectFacts(
        name="Mentors of trainee teachers (simulated)",
        date="2024-07-01T09:00:00Z",
        coders=("Coder A", "Coder B"),
        codes=_CODES,
    )
    return write_project(folder / "interviews.qdpx", facts, [_transcript(name, chance) for name in PARTICIPANTS])


_DENIED = (
    ("Marian Thistlewood", "person"),
    ("Owen Larkspur", "person"),
    ("Hollin Bank Primary School", "school"),
    ("St Aldwyn's", "school"),
    ("Fernlea Federation", "trust"),
    ("Nether Wexcombe", "place"),
)
"""Names as they might have been said before the transcripts were pseudonymised; all are invented."""


def write_deny_list(folder: Path) -> Path:
    """Write the list of names that must not leave the project."""
    return write_table(folder / "deny_list.csv", ["name", "kind"], _DENIED)


def _transcript(name: str, chance: Chance) -> Transcript:
    source = files("plait.simulate.ite").joinpath("transcripts", f"{name}.txt").read_text(encoding="utf-8")
    transcript = read_transcript(name, curly(source))
    marks = tuple(_wider(mark, transcript.text, chance) if mark.coder else mark for mark in transcript.marks)
    return replace(transcript, marks=marks)


def _wider(mark: Mark, text: str, chance: Chance) -> Mark:
    """Coder B now and then marks the rest of the turn as well."""
    if not chance.below(0.3):
        return mark
    return replace(mark, end=text.index("\n", mark.end - 1))
