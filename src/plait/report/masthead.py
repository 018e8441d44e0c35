"""What every notebook of a study says of it, told by the definition and the disclosure rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the job that executes the notebooks needs the words, not the models
    from plait.disclosure.rules import Rules
    from plait.study.definition import Definition


@dataclass(frozen=True)
class Masthead:
    """What every notebook of a study says of it.

    Attributes:
        study: Title of the study.
        marks: What must be seen first, such as `Simulated data`.
    """

    study: str
    marks: tuple[str, ...] = ()


def masthead_of(definition: Definition, rules: Rules) -> Masthead:
    """What the notebooks of a study say of it, and of the disclosure rules that its tables passed."""
    marks = ("Simulated data" if definition.simulated else "", rules.mark)
    return Masthead(definition.title, tuple(mark for mark in marks if mark))
