"""An attack on published theme counts: what totals, other groups, codes and the other unit tell of a hidden count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from plait.disclosure.programme import Bounds, Combination, ContradictionError, Programme
from plait.disclosure.themes import UNITS, Row, ThemeHiding, ThemeTable

Cell = tuple[Row, str]
"""A theme in a unit, and a group."""
NOT_KNOWN = ""
"""The people of no known group."""


class AttackOnThemes:
    """The counts of one collection by one break, as published."""

    def __init__(self, hiding: ThemeHiding, table: ThemeTable) -> None:
        """Take what is published, and what the rules themselves tell.

        A count of nobody is hidden only where all are. So whoever sees one group of a theme knows of every hidden one
        that somebody speaks of it.
        """
        self.table, self.parents = table, hiding.parents
        self.units = UNITS[:1] if table.one_text_each else UNITS
        self.rows = [row for row in table.counts if row.unit in self.units]
        self._places: dict[Cell, int] = {}
        for row in self.rows:
            for group in (*table.hidden[row], NOT_KNOWN):
                self._places[row, group] = len(self._places)

    def bounds(self, cells: Sequence[Cell], enough: Sequence[float] | None = None) -> list[Bounds | None]:
        """The least and the most that each hidden count can be; None where what is published is contradictory."""
        asked = [{self._places[self._seen_as(row), group]: 1.0} for row, group in cells]
        groups = dict.fromkeys(group for _, group in cells)
        sweeps: list[Combination] = [
            {at: 1.0 for (_, here), at in self._places.items() if here == group} for group in groups
        ]
        for units_are_linked in (True, False):
            try:
                return list(self._programme(units_are_linked).bounds(asked, enough, sweeps))
            except ContradictionError:
                continue
        return [None] * len(cells)

    def _seen_as(self, row: Row) -> Row:
        return row if row.unit in self.units else row._replace(unit=self.units[0])

    def _programme(self, units_are_linked: bool) -> Programme:
        programme = Programme(len(self._places))
        for row in self.rows:
            self._know_row(programme, row)
            parent = Row(self.parents.get(row.theme, ""), row.unit)
            if parent in self.table.counts:
                self._know_order(programme, row, parent, 0)
        if units_are_linked and len(self.units) == 2:
            for row, other in self._in_both_units():
                self._know_order(programme, other, row, 0)  # whoever speaks of it does so in a text
                for group, silent in self._texts_to_spare().items():
                    self._know_difference(programme, other, row, group, silent)
        return programme

    def _know_row(self, programme: Programme, row: Row) -> None:
        table, hidden = self.table, self.table.hidden[row]
        bases = table.bases[row.unit]
        least = 0 if len(hidden) == len(table.counts[row]) else 1
        for group in hidden:
            programme.know({self._places[row, group]: 1.0}, least, bases[group])
        shown = sum(n for group, n in table.counts[row].items() if group not in hidden)
        everyone = {self._places[row, group]: 1.0 for group in (*hidden, NOT_KNOWN)}
        programme.know(everyone, table.totals[row] - shown, table.totals[row] - shown)
        programme.know({self._places[row, NOT_KNOWN]: 1.0}, 0, table.everyone[row.unit] - sum(bases.values()))

    def _know_order(self, programme: Programme, less: Row, more: Row, gap: float) -> None:
        """Note that nowhere is the one count larger than the other."""
        for group in (*self.table.counts[less], NOT_KNOWN):
            self._know_difference(programme, less, more, group, None, gap)

    def _know_difference(
        self, programme: Programme, less: Row, more: Row, group: str, most: float | None, least: float = 0
    ) -> None:
        combination: dict[int, float] = {}
        known = 0.0
        for row, sign in ((more, 1.0), (less, -1.0)):
            if (row, group) in self._places:
                combination[self._places[row, group]] = sign
            else:
                known += sign * self.table.counts[row][group]
        if combination:
            programme.know(combination, least - known, inf if most is None else most - known)

    def _in_both_units(self) -> Iterator[tuple[Row, Row]]:
        """The rows of a theme that count texts and people."""
        for row in self.rows:
            other = row._replace(unit=UNITS[1])
            if row.unit == UNITS[0] and other in self.table.counts:
                yield row, other

    def _texts_to_spare(self) -> dict[str, float]:
        """How many more texts than people there are: whoever does not speak of a theme has no text that does."""
        texts, people = (self.table.bases[unit] for unit in UNITS)
        return {group: texts[group] - people[group] for group in people if group in texts}
