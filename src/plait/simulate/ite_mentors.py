"""The example study "ite-mentors": a panel survey, an open question coded three times, and coded interviews."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from plait.simulate.chance import Chance
from plait.simulate.ite import breakdown, closed, coders, exports, interviews
from plait.simulate.ite.open_answers import Answer, draw_answers
from plait.simulate.ite.panel import draw_panel

SEED = 20240514


def simulate(raw: Path) -> list[Path]:
    """Write every raw file of the study below `raw`."""
    chance = Chance(SEED)
    written, answers = _survey(raw, chance)
    written += coders.write_sheets(answers, raw / "coding", chance)
    written.append(interviews.write_interviews(raw / "coding", chance))
    written.append(interviews.write_deny_list(raw / "coding"))
    return written


def final_coding(file: Path) -> Path:
    """Write the sheet of open answers that the study's decisions must lead to; for tests, it is no raw file."""
    with TemporaryDirectory() as elsewhere:
        _, answers = _survey(Path(elsewhere), Chance(SEED))
    return coders.write_final(answers, file)


def _survey(raw: Path, chance: Chance) -> tuple[list[Path], list[Answer]]:
    """Write the files of the survey, and draw the answers to its open question."""
    panel = draw_panel(chance)
    support = closed.support_provided(panel, chance)
    day1 = exports.first_day(panel, support, chance)
    day2 = exports.second_day(exports.who_comes_back(panel, 1.0, chance), chance)
    day3 = exports.third_day(exports.who_comes_back(panel, 0.78, chance), chance)
    day4 = exports.fourth_day(exports.who_comes_back(panel, 0.93, chance), chance)
    written = [exports.write_day(day, raw / "survey", chance) for day in (day1, day2, day3, day4)]
    written += breakdown.write_breakdown(support, raw / "breakdown")
    return written, draw_answers(day2.people, chance)
