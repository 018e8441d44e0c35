"""Rules about what may leave the project. All thresholds are unweighted counts of people; weights never rescue a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from plait.tables import MARK, PUBLISHED_RULES

if TYPE_CHECKING:  # the workflow file needs what the rules say of a study, not their table
    import pandas as pd


@dataclass(frozen=True)
class Rules:
    """One disclosure profile.

    Attributes:
        hide_below: A group with fewer people is suppressed, bases included (`[c]`), and so are others of the same break,
            so that the first cannot be found by subtraction.
        withhold_below: A group with fewer people keeps its base; its per cents are withheld as unreliable (`[u]`).
        flag_below: A group with fewer people is shown and marked as less reliable (`[u]`).
        cell_below: An answer of fewer people of a group is suppressed, none included, and so is one that all but fewer
            people gave; with them as many others as it takes to keep them from being found by subtraction.
        base_to: Bases are rounded to the nearest multiple of this.
        per_cent_digits: Decimals of per cents.
        theme_cell: A theme count in a group of fewer than this many people (but not none) is suppressed.
        theme_per_cent: Theme counts out of fewer than this are given as "n of N", without a per cent.
        attacked: Whether the tables are attacked before they leave, and do not leave where the attack succeeds.
        released: Whether outputs may leave the project; if not, every one is marked.
        loosened: Which rules were made weaker than those of the profile; every output is marked then.
    """

    name: str
    hide_below: int
    withhold_below: int
    flag_below: int
    cell_below: int
    base_to: int
    per_cent_digits: int
    theme_cell: int
    theme_per_cent: int
    attacked: bool
    released: bool
    loosened: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What every output must say of these rules; empty where they are those of a profile for release."""
        if not self.released:
            return "Not for release"
        return "Loosened disclosure rules" if self.loosened else ""

    @property
    def in_sight(self) -> Rules:
        """These rules without those that go beyond the public profile's: no answer is hidden, no base is rounded.

        What they hide is hidden first. Else a rounded base, which tells less, would let something be shown under stricter
        rules that is hidden under looser ones.
        """
        theme_cell = min(self.theme_cell, PROFILES["public"].theme_cell)
        return replace(self, cell_below=0, base_to=1, theme_cell=theme_cell)


PROFILES = {
    "public": Rules("public", 10, 30, 100, 0, 1, 0, 3, 50, attacked=True, released=True),
    "strict": Rules("strict", 10, 30, 100, 10, 5, 0, 5, 50, attacked=True, released=True),
    "internal": Rules("internal", 0, 0, 100, 0, 1, 1, 0, 0, attacked=False, released=False),
}
"""The defaults of each profile: thresholds of research data services (10), statistical agencies (30) and pollsters (100)."""

LOOSER_WHEN_HIGHER = ("per_cent_digits",)


def rules_of(profile: str, changes: Mapping[str, int] | None = None) -> Rules:
    """The rules of a profile, with thresholds that the configuration changes.

    Args:
        profile: `public`, `strict` or `internal`.
        changes: Thresholds by the names of `Rules`; one that is lower than the profile's loosens it (more decimals do).
    """
    own = PROFILES[profile]
    changed: dict[str, Any] = dict(changes or {})
    looser = {
        name: (-1 if name in LOOSER_WHEN_HIGHER else 1) * (getattr(own, name) - changed[name]) for name in changed
    }
    return replace(own, **changed, loosened=tuple(sorted(name for name, by in looser.items() if by > 0)))


def marked(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Rows that say, each of them, what every output must say of these rules: a file is passed on without its neighbours."""
    return rows.assign(**{MARK: rules.mark}) if rules.mark else rows


def rules_in_words(rules: Rules) -> Iterator[tuple[str, str, str]]:
    """The rules that are in force, each as the field that sets it, what it is about, and what it does."""
    release = "may be released" if rules.released else "must not be released"
    named = f"{rules.name[:1].upper()}{rules.name[1:]}"
    yield "name", "Profile", f"{named}: the outputs {release}."
    if rules.loosened:
        yield "loosened", "Changed rules", "Some rules are looser than those of the profile."
    fewer = "Groups of fewer than"
    if rules.hide_below:
        text = "Suppressed with their bases, [c]; so are others where the first could be found by subtraction."
        yield "hide_below", f"{fewer} {rules.hide_below} people", text
    if rules.withhold_below > rules.hide_below:
        text = "Per cents withheld as unreliable, [u]; bases shown."
        if rules.cell_below:
            text = "Per cents withheld, [c]; bases shown."
        yield "withhold_below", f"{fewer} {rules.withhold_below} people", text
    if rules.flag_below > rules.withhold_below:
        yield "flag_below", f"{fewer} {rules.flag_below} people", "Shown, and marked as less reliable, [u]."
    if rules.cell_below:
        text = (
            "Suppressed, [c], none included; so are answers that all but fewer people gave, and others where one could "
            "be found by subtraction."
        )
        yield "cell_below", f"Answers of fewer than {rules.cell_below} people", text
    if rules.base_to > 1:
        yield "base_to", "Bases", f"Rounded to the nearest {rules.base_to}."
    if rules.per_cent_digits:
        yield "per_cent_digits", "Per cents", f"Given with {rules.per_cent_digits} decimal."
    if rules.theme_cell:
        text = (
            f"Suppressed in a group, [c], when fewer than {rules.theme_cell} people (but not none) speak of the theme."
        )
        yield "theme_cell", "Theme counts", text
        yield (
            "theme_cell",
            "Pairs of themes",
            f"Withheld, [c], when fewer than {rules.theme_cell} people speak of both.",
        )
    if rules.theme_per_cent:
        text = f"Given only where there are {rules.theme_per_cent} texts or people or more."
        yield "theme_per_cent", "Per cents of themes", text
    if not rules.attacked:
        yield "attacked", "Attack", "The tables were not attacked before they were written."


def rules_table(rules: Rules) -> pd.DataFrame:
    """The rules as they are published; columns of `plait.tables.PUBLISHED_RULES`."""
    own = PROFILES[rules.name]
    rows: list[dict[str, object]] = [
        {
            "profile": rules.name,
            "rule": field,
            "topic": topic,
            "threshold": _threshold(rules, field),
            "threshold_of_profile": _threshold(own, field),
            "loosened": field in rules.loosened,
            "words": words,
            "mark": rules.mark,
        }
        for field, topic, words in rules_in_words(rules)
    ]
    switched_off = [field for field in rules.loosened if field not in {row["rule"] for row in rows}]
    rows += [
        {
            "profile": rules.name,
            "rule": field,
            "topic": "Switched off",
            "threshold": _threshold(rules, field),
            "threshold_of_profile": _threshold(own, field),
            "loosened": True,
            "words": f"A rule of the profile ({field.replace('_', ' ')}) is switched off or says nothing new.",
            "mark": rules.mark,
        }
        for field in switched_off
    ]
    return PUBLISHED_RULES.of(rows)


def _threshold(rules: Rules, field: str) -> int | None:
    value = getattr(rules, field)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
