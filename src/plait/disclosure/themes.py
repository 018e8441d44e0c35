"""Which theme counts are hidden: decided once for a collection and a break, over themes, codes, texts and people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from plait.disclosure.rules import Rules
from plait.disclosure.suppression import COMPANY_OF_COUNTS, SuppressionLog, by_size, hidden_counts, rule_of_count
from plait.tables import ALL, PUBLISHED_THEMES, rows_of

UNITS = ("sources", "cases")
"""What is counted by group."""


class Row(NamedTuple):
    """The counts of one theme or code in one unit, group by group."""

    theme: str
    unit: str


@dataclass
class ThemeTable:
    """The counts of a collection by one break, and what of them is hidden.

    Attributes:
        counts: How many of each group speak of each theme.
        totals: How many do in all.
        bases: How many each group is, by unit.
        everyone: How many there are in all, by unit.
        hidden: Groups that are hidden in each row, each with its rule.
    """

    counts: dict[Row, dict[str, int]] = field(default_factory=dict)
    totals: dict[Row, int] = field(default_factory=dict)
    bases: dict[str, dict[str, int]] = field(default_factory=dict)
    everyone: dict[str, int] = field(default_factory=dict)
    hidden: dict[Row, dict[str, str]] = field(default_factory=dict)

    @property
    def one_text_each(self) -> bool:
        """Whether everybody has one text, so that texts and people are the same."""
        sources, cases = UNITS
        same = self.bases.get(sources) == self.bases.get(cases) and self.everyone.get(sources) == self.everyone.get(
            cases
        )
        return same and all(
            self.totals.get(row._replace(unit=cases)) == n for row, n in self.totals.items() if row.unit == sources
        )

    def beside(self, row: Row) -> list[Row]:
        """The row, and the one in the other unit where that says the same."""
        both = [row._replace(unit=unit) for unit in UNITS] if self.one_text_each else [row]
        return [found for found in both if found in self.counts]

    def open_to(self, row: Row, group: str) -> int:
        """How wide the total alone leaves a count."""
        base, total = self.bases[row.unit][group], self.totals[row]
        return min(base, total) - max(0, base - (self.everyone[row.unit] - total))

    def hide_next(self, row: Row) -> bool:
        """Hide the next smallest count that is not none, at last all; False where nothing is left."""
        counts, hidden = self.counts[row], self.hidden[row]
        left = [g for g in counts if g not in hidden]
        if not left:
            return False
        spoken = by_size(counts, (g for g in left if counts[g] > 0))
        for found in self.beside(row):
            self.hidden[found] |= dict.fromkeys(spoken[:1] or left, COMPANY_OF_COUNTS)
        return True


@dataclass
class ThemeHiding:
    """What is hidden of all collections.

    Attributes:
        rules: The disclosure profile.
        parents: The theme that each code belongs to, "" for a theme.
        tables: By collection and break.
    """

    rules: Rules
    parents: Mapping[str, str]
    tables: dict[tuple[str, str], ThemeTable]

    @classmethod
    def of(cls, themes: pd.DataFrame, parents: Mapping[str, str], rules: Rules, *, company: bool = True) -> ThemeHiding:
        """Decide what is hidden before anybody attacks; `company` is False in tests of the attack."""
        hiding = cls(rules, parents, _tables(themes))
        hiding.hide(company=company)
        return hiding

    def hide(self, *, company: bool = True) -> None:
        """Hide what the rules hide, beside what is hidden already."""
        for table in self.tables.values():
            for row, counts in table.counts.items():
                bases, everyone = table.bases[row.unit], table.everyone[row.unit]
                found = hidden_counts(counts, bases, self.rules, table.totals[row], everyone)
                kept = {g: r for g, r in found.items() if company or r != COMPANY_OF_COUNTS}
                table.hidden[row] = table.hidden.get(row, {}) | kept

    @staticmethod
    def keys(themes: pd.DataFrame) -> Iterator[tuple[str, str, str, str, str]]:
        """The place of every row of theme counts."""
        yield from rows_of(themes, ["collection", "by", "theme", "unit", "group"])

    def rule(self, collection: str, by: str, theme: str, unit: str, group: str) -> str:
        """The rule that hides a count; "" where it is shown."""
        table = self.tables.get((collection, by)) if by != ALL else None
        return table.hidden[Row(theme, unit)].get(group, "") if table else ""

    def note(self, log: SuppressionLog) -> None:
        """Log each theme and group, with as many cells as there are units in which it is hidden."""
        for (collection, by), table in self.tables.items():
            for row, hidden in table.hidden.items():
                for group in (group for group in table.counts[row] if group in hidden):  # not in the order of hiding
                    log.add_hidden(PUBLISHED_THEMES, f"{collection}: {row.theme}", by, group)

    def small(self, table: ThemeTable, row: Row) -> list[str]:
        """The groups of a row that are hidden for themselves."""
        counts, bases = table.counts[row], table.bases[row.unit]
        return [g for g in table.hidden[row] if rule_of_count(counts[g], bases[g], self.rules)]


def _tables(themes: pd.DataFrame) -> dict[tuple[str, str], ThemeTable]:
    counted = themes[themes["unit"].isin(UNITS)]
    columns = [counted[c] for c in ("collection", "by", "theme", "unit", "group", "n", "of")]
    found: dict[tuple[str, str], ThemeTable] = {}
    totals: dict[tuple[str, Row], tuple[int, int]] = {}
    for collection, by, theme, unit, group, n, of in zip(*columns, strict=True):
        row = Row(theme, unit)
        if by == ALL:
            totals[collection, row] = int(n), int(of)
            continue
        table = found.setdefault((collection, by), ThemeTable())
        table.counts.setdefault(row, {})[group] = int(n)
        table.bases.setdefault(unit, {})[group] = int(of)
    for (collection, _), table in found.items():
        for row, counts in table.counts.items():
            bases = table.bases[row.unit]
            total, everyone = totals.get((collection, row), (sum(counts.values()), sum(bases.values())))
            table.totals[row] = total
            table.everyone[row.unit] = everyone
    return found
