"""Which groups are hidden: small ones, and enough others that no small one can be found by subtraction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from plait.disclosure.rules import Rules
from plait.tables import ALL, PUBLISHED_SUPPRESSION, Table

COMPANY = "so that a small group cannot be found by subtraction"
COMPANY_OF_COUNTS = "so that a small count cannot be found by subtraction"
SMALL_OR_COMPANY = "small, or a small one could be found by it"
"""The one rule that is told of everything of which the size is hidden: which is which bounds both."""


class SuppressionLog:
    """What was hidden and why, without values: of each group of a table, how many cells each rule hid."""

    def __init__(self) -> None:
        self._cells: Counter[tuple[str, str, str, str, str]] = Counter()

    def add(self, table: Table, question: str, break_: str, group: str, rule: str, cells: int = 1) -> None:
        """Note that a rule hid a cell, or so many more, of a group in a table."""
        self._cells[table.name, question, break_, group, rule] += cells

    def add_hidden(self, table: Table, question: str, break_: str, group: str, cells: int = 1) -> None:
        """Note a cell, or so many, of which the size is hidden; whether for itself or as company is not told."""
        self.add(table, question, break_, group, SMALL_OR_COMPANY, cells)

    def add_rows(self, table: Table, subjects: pd.Series, rule: str) -> None:
        """Note that a rule hid a cell of each of these rows, by their questions, models or collections."""
        for subject in subjects:
            self.add(table, str(subject), ALL, ALL, rule)

    def table(self) -> pd.DataFrame:
        """Columns of `plait.tables.PUBLISHED_SUPPRESSION`."""
        rows = [(*place, cells) for place, cells in self._cells.items()]
        return PUBLISHED_SUPPRESSION.of(pd.DataFrame(rows, columns=list(PUBLISHED_SUPPRESSION.columns)))


def hidden_groups(bases: Mapping[str, int], rules: Rules) -> dict[str, str]:
    """The groups of one break to suppress, each with the rule that did it.

    A group below the threshold is hidden for itself. Since the groups add up to a known total, hiding one alone hides
    nothing: the next smallest groups are hidden with it until at least two are and together they are large enough.

    Args:
        bases: Unweighted base of every group.
        rules: The disclosure profile.
    """
    hidden = {g: f"base below {rules.hide_below}" for g, base in bases.items() if 0 < base < rules.hide_below}
    others = by_size(bases, (g for g, base in bases.items() if base >= rules.hide_below))
    while hidden and others and (len(hidden) < 2 or sum(bases[g] for g in hidden) < rules.hide_below):
        hidden[others.pop(0)] = COMPANY
    return hidden


def by_size(sizes: Mapping[str, int], groups: Iterable[str]) -> list[str]:
    """Groups from the smallest to the largest; of those alike, in the order of their names."""
    return sorted(groups, key=lambda g: (sizes[g], g))


def hidden_counts(
    counts: Mapping[str, int],
    bases: Mapping[str, int],
    rules: Rules,
    total: int | None = None,
    everyone: int | None = None,
) -> dict[str, str]:
    """The theme counts of one theme, by group, to suppress.

    Hidden are counts of one or two people, and a theme that everyone of a small group shares, unless the total alone says
    it (everybody speaks of the theme). What is hidden adds up to a known sum, and since nobody's silence is hidden, a
    reader knows that every hidden count is at least one: others are hidden, the smallest first, until each small count
    could be one of `theme_cell` numbers, or of as many as the total alone leaves open. Where that cannot be had, all are
    hidden, those of nobody too.

    Args:
        counts: How many of each group speak of the theme.
        bases: How many each group is.
        rules: The disclosure profile.
        total: How many speak of it in all, those of no known group included.
        everyone: How many there are in all.
    """
    spoke = sum(counts.values()) if total is None else total
    unknown = 0 if everyone is None else everyone - sum(bases.values())
    silent = sum(bases.values()) + unknown - spoke
    open_to = {g: min(bases[g], spoke) - max(0, bases[g] - silent) for g in counts}
    own = {g: rule for g, n in counts.items() if (rule := rule_of_count(n, bases[g], rules)) and open_to[g] > 0}
    hidden = dict(own)
    others = by_size(counts, (g for g, n in counts.items() if g not in hidden and n > 0))

    def can_be_found(group: str) -> bool:
        least = 0 if len(hidden) == len(counts) else 1
        together = spoke - sum(n for g, n in counts.items() if g not in hidden)
        high = min(bases[group], together - least * (len(hidden) - 1))
        low = max(least, together - unknown - sum(bases[g] for g in hidden if g != group))
        return high - low < min(rules.theme_cell - 1, open_to[group])

    while own and others and (len(hidden) < 2 or any(map(can_be_found, own))):
        hidden[others.pop(0)] = COMPANY_OF_COUNTS
    if own and (len(hidden) < 2 or any(map(can_be_found, own))):
        hidden |= dict.fromkeys((g for g in counts if g not in hidden), COMPANY_OF_COUNTS)
    return hidden


def rule_of_count(n: int, base: int, rules: Rules) -> str:
    """The rule by which a theme count is small; "" where it is not."""
    if 0 < n < rules.theme_cell:
        return f"fewer than {rules.theme_cell} people"
    return "everyone of a small group" if 0 < n == base < rules.hide_below else ""
