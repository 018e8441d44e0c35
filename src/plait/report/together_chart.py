"""The chart of themes that come together: a number for every pair, on a colour that says how closely they go together."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from plait.report.figure_words import Words, records, shorten
from plait.report.heat_chart import key, shade
from plait.report.palette import BODY, INK, MARGIN, QUIET, RULE, SMALL, TRACK, WIDTH, ink_on
from plait.report.sheet import LINE, Sheet, text_width, wrap

_GAP = 0.03
_LABEL = 2.0
"""Inches for the numbers and names of themes."""
_WIDEST = 0.62
_CLASSES = (10, 25, 50, 100)
"""Upper ends, in per cent of those with either theme, of the classes that colours stand for."""


def together(themes: pd.DataFrame, pairs: pd.DataFrame, words: Words) -> Figure:
    """A numbered row a theme; below the diagonal a cell for each pair, on it how often a theme comes at all.

    Args:
        themes: theme, theme_label, n; the most frequent first.
        pairs: code_a, code_b, n_both (missing where withheld), jaccard, marker; a pair that is not there never meets.
        words: What stands around the chart.
    """
    sheet = Sheet(words)
    key(sheet, _CLASSES)
    cells = {frozenset((r.code_a, r.code_b)): r for r in records(pairs)}
    rows = list(records(themes))
    width = min((WIDTH - 2 * MARGIN - _LABEL) / max(len(rows), 1), _WIDEST)
    number = max(text_width(str(i + 1), BODY, True) for i in range(len(rows))) + 0.1
    for i, row in enumerate(rows):
        lines = wrap(shorten(row.theme_label, 80), _LABEL - number - 0.1, BODY)
        height = max(len(lines) * BODY * LINE, 2 * SMALL * LINE)
        top, middle = sheet.y, sheet.y + height / 2
        sheet.text(MARGIN, middle, str(i + 1), BODY, bold=True)
        sheet.lines(MARGIN + number, middle - len(lines) * BODY * LINE / 2, lines, BODY)
        for j in range(i):
            pair = cells.get(frozenset((row.theme, rows[j].theme)))
            _cell(sheet, pair, MARGIN + _LABEL + j * width, top, width - _GAP, height)
        left = MARGIN + _LABEL + i * width
        sheet.box(left, top, width - _GAP, height, QUIET)
        sheet.text(left + (width - _GAP) / 2, middle, f"{row.n:,}", SMALL, bold=True, align="center")
        sheet.y += height + _GAP
    for j in range(len(rows)):
        centre = MARGIN + _LABEL + j * width + (width - _GAP) / 2
        sheet.text(centre, sheet.y + BODY * LINE / 2, str(j + 1), BODY, bold=True, align="center")
    sheet.y += BODY * LINE
    return sheet.finish()


def _cell(sheet: Sheet, pair: Any, left: float, top: float, width: float, height: float) -> None:
    """A count; a marker on grey where it was withheld, none in an empty frame where two themes never meet."""
    middle, centre = top + height / 2, left + width / 2
    if pair is None:
        sheet.box(left, top, width, height, RULE)
        sheet.text(centre, middle, "0", SMALL, align="center")
        return
    if pd.isna(pair.n_both):
        sheet.bar(left, middle, width, TRACK, height)
        sheet.text(centre, middle, f"[{pair.marker or 'z'}]", SMALL, colour=QUIET, align="center")
        return
    colour = shade(100 * pair.jaccard, _CLASSES) if pd.notna(pair.jaccard) else TRACK
    sheet.bar(left, middle, width, colour, height)
    sheet.text(
        centre, middle, f"{pair.n_both:,}", SMALL, colour=ink_on(colour) if colour != TRACK else INK, align="center"
    )
