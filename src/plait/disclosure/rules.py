"""Rules about what may leave the project. All thresholds are unweighted counts of people; weights never rescue a group."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """One disclosure profile.

    Attributes:
        hide_below: A group with fewer people is suppressed, bases included (`[c]`), and so is a second group of the
            same break, so that the first cannot be found by subtraction.
        withhold_below: A group with fewer people keeps its base; its per cents are withheld as unreliable (`[u]`).
        flag_below: A group with fewer people is shown and marked as less reliable (`[u]`).
        theme_cell: A theme count in a group of fewer than this many people (but not none) is suppressed.
        theme_per_cent: Theme counts out of fewer than this are given as "n of N", without a per cent.
        released: Whether outputs may leave the project; if not, every one is marked.
    """

    name: str
    hide_below: int
    withhold_below: int
    flag_below: int
    theme_cell: int
    theme_per_cent: int
    released: bool


PROFILES = {
    "public": Rules("public", 10, 30, 100, 3, 50, released=True),
    "strict": Rules("strict", 30, 30, 100, 5, 50, released=True),
    "internal": Rules("internal", 0, 0, 100, 0, 0, released=False),
}
"""The defaults of each profile: thresholds of research data services (10), statistical agencies (30) and pollsters (100)."""
