"""Rules about what may leave the project. All thresholds are unweighted counts of people; weights never rescue a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


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
        loosened: Which rules were made weaker than those of the profile; every output is marked then.
    """

    name: str
    hide_below: int
    withhold_below: int
    flag_below: int
    theme_cell: int
    theme_per_cent: int
    released: bool
    loosened: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What every output must say of these rules; empty where they are those of a profile for release."""
        if not self.released:
            return "Not for release"
        return "Loosened disclosure rules" if self.loosened else ""


PROFILES = {
    "public": Rules("public", 10, 30, 100, 3, 50, released=True),
    "strict": Rules("strict", 30, 30, 100, 5, 50, released=True),
    "internal": Rules("internal", 0, 0, 100, 0, 0, released=False),
}
"""The defaults of each profile: thresholds of research data services (10), statistical agencies (30) and pollsters (100)."""


def rules_of(profile: str, changes: Mapping[str, int] | None = None) -> Rules:
    """The rules of a profile, with thresholds that the configuration changes.

    Args:
        profile: `public`, `strict` or `internal`.
        changes: Thresholds by the names of `Rules`; one that is lower than the profile's loosens it.
    """
    own = PROFILES[profile]
    changed: dict[str, Any] = dict(changes or {})
    loosened = tuple(sorted(name for name, threshold in changed.items() if threshold < getattr(own, name)))
    return replace(own, **changed, loosened=loosened)
