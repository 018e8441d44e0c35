"""Which groups are hidden: small ones, and enough others that no small one can be found by subtraction."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from plait.disclosure.rules import Rules
from plait.tables import PUBLISHED_SUPPRESSION, Table


class SuppressionLog:
    """What was hidden and why, without values."""

    def __init__(self) -> None:
        self._rows: list[dict[str, object]] = []

    def add(self, table: Table, question: str, break_: str, group: str, rule: str, cells: int) -> None:
        """Note that a rule hid so many cells of a group in a table."""
        place = {"table": table.name, "question": question, "break": break_, "group": group}
        self._rows.append(place | {"rule": rule, "cells": cells})

    def table(self) -> pd.DataFrame:
        """Columns of `plait.tables.PUBLISHED_SUPPRESSION`."""
        return PUBLISHED_SUPPRESSION.of(pd.DataFrame(self._rows, columns=list(PUBLISHED_SUPPRESSION.columns)))


def hidden_groups(bases: Mapping[str, int], rules: Rules) -> dict[str, str]:
    """The groups of one break to suppress, each with the rule that did it.

    A group below the threshold is hidden for itself. Since the groups add up to a known total, hiding one alone hides
    nothing: the next smallest groups are hidden with it until at least two are and together they are large enough.

    Args:
        bases: Unweighted base of every group.
        rules: The disclosure profile.
    """
    hidden = {g: f"base below {rules.hide_below}" for g, base in bases.items() if 0 < base < rules.hide_below}
    others = sorted((g for g, base in bases.items() if base >= rules.hide_below), key=lambda g: (bases[g], g))
    while hidden and others and (len(hidden) < 2 or sum(bases[g] for g in hidden) < rules.hide_below):
        hidden[others.pop(0)] = "so that a small group cannot be found by subtraction"
    return hidden


def hidden_counts(counts: Mapping[str, int], bases: Mapping[str, int], rules: Rules) -> dict[str, str]:
    """The theme counts of one theme, by group, to suppress.

    Hidden are counts of one or two people, and a theme that everyone of a small group shares; with them, the next
    smallest count where one alone could be found by subtraction from the total.
    """
    hidden: dict[str, str] = {}
    for group, n in counts.items():
        if 0 < n < rules.theme_cell:
            hidden[group] = f"fewer than {rules.theme_cell} people"
        elif 0 < n == bases[group] < rules.hide_below:
            hidden[group] = "everyone of a small group"
    others = sorted((g for g in counts if g not in hidden), key=lambda g: (counts[g], g))
    if len(hidden) == 1 and others:
        hidden[others[0]] = "so that a small count cannot be found by subtraction"
    return hidden
