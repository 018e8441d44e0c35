"""The chart of themes by group: a number in every cell, on a colour that says how large a share of the group it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
from matplotlib.figure import Figure

from plait.report.figure_words import Words, records, shorten
from plait.report.palette import BODY, INK, MARGIN, QUIET, RULE, SMALL, TRACK, WIDTH, ink_on, sequential
from plait.report.sheet import LINE, SWATCH, Sheet, fit, text_width, wrap

_GAP = 0.03
_LABEL = 1.75
"""Inches for the names of themes."""
_NARROWEST, _WIDEST = 0.7, 1.1
"""Inches of a cell: the word Everyone needs the first."""
_HEIGHT = 2 * SMALL * LINE + 0.08
EVERYONE = ""
SHARES = (25, 50, 75, 100)
"""Upper ends, in per cent of a group, of the classes that colours stand for."""


def heat(frame: pd.DataFrame, words: Words) -> Figure:
    """A row a theme and a column a group, everyone first; more groups than fit stand in a further block below.

    Args:
        frame: theme, theme_label, group, group_label, n, of, marker; themes and groups in order, a row a pair.
        words: What stands around the chart.
    """
    sheet = Sheet(words)
    themes = {r.theme: shorten(r.theme_label, 80) for r in records(frame)}
    groups = {r.group: shorten(r.group_label, 48) for r in records(frame)}
    cells = {(r.theme, r.group): r for r in records(frame)}
    bases = {g: next((r.of for r in records(frame[frame["group"] == g]) if pd.notna(r.of)), None) for g in groups}
    key(sheet, SHARES)
    room = WIDTH - 2 * MARGIN - _LABEL
    most = int(room / _narrowest(groups.values()))
    split = [g for g in groups if g != EVERYONE]
    blocks = [split[i : i + most - 1] for i in range(0, len(split), most - 1)]
    width = min(_WIDEST, room / (1 + max(map(len, blocks))))
    for block in blocks:
        shown = [*(g for g in groups if g == EVERYONE), *block]
        _heads(sheet, [(groups[g], bases[g]) for g in shown], width)
        for theme, label in themes.items():
            _row(sheet, label, [cells.get((theme, g)) for g in shown], width)
        sheet.y += 0.1
    return sheet.finish()


def key(sheet: Sheet, classes: Sequence[int]) -> None:
    """What the colours mean; classes are given by their upper ends, in per cent."""
    x, middle = MARGIN, sheet.y + BODY * LINE / 2
    starts = (0, *classes)
    entries = [
        f"above {low}% to {high}%" if low else f"up to {high}%" for low, high in zip(starts, classes, strict=False)
    ]
    for colour, text in zip(sequential(len(classes)), entries, strict=True):
        sheet.bar(x, middle, 0.13, colour, 0.13)
        sheet.text(x + SWATCH, middle, text, SMALL)
        x += SWATCH + text_width(text, SMALL) + 0.14
    sheet.box(x, middle - 0.065, 0.13, 0.13, RULE)
    sheet.text(x + SWATCH, middle, "none", SMALL)
    sheet.y += BODY * LINE + 0.1


def shade(share: float, classes: Sequence[int]) -> str:
    """The colour of a share, in per cent."""
    return next(c for c, high in zip(sequential(len(classes)), classes, strict=True) if share <= high)


def _narrowest(heads: Iterable[str]) -> float:
    """Inches that a column needs, so that no word of a head is torn apart, as far as there is room."""
    longest = max(text_width(word, SMALL, bold=True) for head in heads for word in head.split(" "))
    return min(max(_NARROWEST, longest + 0.07), _WIDEST)


def _heads(sheet: Sheet, groups: Sequence[tuple[str, int | None]], width: float) -> None:
    """The names of the groups with their bases, all ending on one line."""
    wrapped = [wrap(label, width - 0.06, SMALL, bold=True) for label, _ in groups]
    bottom = sheet.y + (max(map(len, wrapped)) + 1) * SMALL * LINE
    for i, (lines, (_, base)) in enumerate(zip(wrapped, groups, strict=True)):
        x = MARGIN + _LABEL + (i + 0.5) * width
        known = "" if base is None else fit(f"n = {int(base):,}", width, SMALL)
        for j, text in enumerate((*lines, known)):
            middle = bottom - (len(lines) + 0.5 - j) * SMALL * LINE
            sheet.text(
                x, middle, text, SMALL, bold=j < len(lines), colour=INK if text != known else QUIET, align="center"
            )
    sheet.y = bottom + 0.05


def _row(sheet: Sheet, label: str, row: Sequence[object], width: float) -> None:
    lines = wrap(label, _LABEL - 0.1, BODY)
    height = max(len(lines) * BODY * LINE, _HEIGHT)
    top = sheet.y
    sheet.lines(MARGIN, top + (height - len(lines) * BODY * LINE) / 2, lines, BODY)
    for i, cell in enumerate(row):
        _cell(sheet, cell, MARGIN + _LABEL + i * width, top, width, height)
    sheet.y += height + _GAP


def _cell(sheet: Sheet, cell: object, left: float, top: float, width: float, height: float) -> None:
    """A count over its base; a marker, or nothing known, on grey; none in an empty frame."""
    middle, centre, inside = top + height / 2, left + width / 2, width - _GAP
    n, of, marker = (getattr(cell, name, None) for name in ("n", "of", "marker"))
    if n is None or of is None or pd.isna(n) or pd.isna(of) or not of:
        sheet.bar(left + _GAP / 2, middle, inside, TRACK, height)
        sheet.text(centre, middle, f"[{marker or 'z'}]", SMALL, colour=QUIET, align="center")
        return
    colour = shade(100 * n / of, SHARES) if n else "#FFFFFF"
    if n:
        sheet.bar(left + _GAP / 2, middle, inside, colour, height)
    else:
        sheet.box(left + _GAP / 2, top, inside, height, RULE)
    ink = ink_on(colour)
    sheet.text(centre, middle - SMALL * LINE / 2, f"{n:,}", SMALL, bold=True, colour=ink, align="center")
    sheet.text(centre, middle + SMALL * LINE / 2, f"of {of:,}", SMALL, colour=ink, align="center")
