"""Theme counts are attacked before they leave; where the attack succeeds more is hidden."""

from __future__ import annotations

from plait.disclosure.audit import CONTRADICTORY, NOT_FOUND, PROTECTED
from plait.disclosure.theme_attack import AttackOnThemes, Cell
from plait.disclosure.themes import Row, ThemeHiding, ThemeTable
from plait.errors import Problem
from plait.tables import PUBLISHED_THEMES

Verdicts = dict[tuple[str, str, str], tuple[int, str]]
"""By collection, break and theme: groups hidden, and what the attack came to."""


def protect_themes(hiding: ThemeHiding, before: Verdicts | None = None) -> Verdicts:
    """Attack every table of theme counts, hide more where that succeeds, and attack again.

    `before` is what an earlier attack came to; that more was hidden stays true.

    A small count is protected if it could be any of `theme_cell` numbers, or of as many as the total alone leaves open.
    Where all counts of a theme, of the codes below it and of the theme above it are hidden only totals are left, and what
    they tell is not held against the break.
    """
    verdicts: Verdicts = {}
    for (collection, by), table in hiding.tables.items():
        words = {t: v for (c, b, t), (_, v) in (before or {}).items() if (c, b) == (collection, by) and v == PROTECTED}
        mended = True
        while mended:  # each hides more, so that there is an end
            found = [row for row, _ in failing(hiding, table, words) if _mend(hiding, table, row)]
            words |= {row.theme: PROTECTED for row in found}
            mended = bool(found)
        company = (row.theme for row, groups in table.hidden.items() if groups)
        # As in `plait.disclosure.audit`: that a theme is left out would say that none of its counts is small.
        words |= dict.fromkeys((theme for theme in company if theme not in words), PROTECTED)
        for theme, verdict in words.items():
            rows = [row for row in table.hidden if row.theme == theme]
            hidden = {group for row in rows for group in table.hidden[row]}
            verdicts[collection, by, theme] = len(hidden), verdict
    return verdicts


def failing(hiding: ThemeHiding, table: ThemeTable, words: dict[str, str]) -> list[Cell]:
    """The small counts that can be found out, one a row; what the attack came to is added to `words` by theme."""
    cells = [(row, group) for row in table.hidden for group in hiding.small(table, row)]
    if not cells:
        return []
    needs = [min(hiding.rules.theme_cell - 1, table.open_to(*cell)) for cell in cells]
    found = AttackOnThemes(hiding, table).bounds(cells, needs)
    failed: dict[Row, Cell] = {}
    for (row, group), need, bounds in zip(cells, needs, found, strict=True):
        if bounds is None:
            words[row.theme] = CONTRADICTORY
            continue
        words.setdefault(row.theme, NOT_FOUND)
        if bounds[1] - bounds[0] < need:
            failed.setdefault(row, (row, group))
    return list(failed.values())


def contradictions(verdicts: Verdicts) -> list[Problem]:
    """A problem for each table of theme counts that could not be attacked, since its numbers contradict each other."""
    places = dict.fromkeys((name, by) for (name, by, _), (_, words) in verdicts.items() if words == CONTRADICTORY)
    return [
        Problem(
            PUBLISHED_THEMES.name,
            f"the theme counts of '{name}' by '{by}' contradict each other, so that no attack can try what they tell",
            "take the break out of the collection; plait counted these texts itself, so that it is a fault to report",
        )
        for name, by in places
    ]


def _mend(hiding: ThemeHiding, table: ThemeTable, row: Row) -> bool:
    """Hide one more count of the theme, or of those that it hangs together with."""
    parent = hiding.parents.get(row.theme, "")
    linked = [theme for theme, above in hiding.parents.items() if row.theme in (above, theme) or theme == parent]
    rows = [row, *(found for theme in linked for found in table.counts if found.theme == theme)]
    return any(table.hide_next(found) for found in rows)
