"""The example study "ecf-rural-coastal": an online form sent to schools, and coded interviews in nine of them."""

from __future__ import annotations

from pathlib import Path

from plait.simulate.chance import Chance
from plait.simulate.ecf.form import fill_in, write_form
from plait.simulate.ecf.interviews import write_interviews
from plait.simulate.ecf.people import draw_people

SEED = 20240205


def simulate(raw: Path) -> list[Path]:
    """Write every raw file of the study below `raw`."""
    chance = Chance(SEED)
    people = draw_people(chance)
    fill_in(people, chance)
    return [write_form(people, raw / "survey", chance), *write_interviews(people, raw / "coding")]
