"""The chart of robustness: every headline number with its interval, and what other choices make of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from plait.report.figure_words import Words, based, is_unreliable, records, shorten
from plait.report.palette import BODY, DARK_BLUE, ORANGE, QUIET, SMALL, TRACK
from plait.report.printing import capital
from plait.report.sheet import LEFT, LINE, RIGHT, Sheet, text_width, wrap

_LABEL = 2.55
"""Inches for the name of a number."""
_APART = 0.09
"""Inches from the reported number down to the other choices."""
_GAP = 0.12


def robustness(frame: pd.DataFrame, words: Words) -> Figure:
    """A row a headline: the reported number and its interval, below it an open dot for each other choice.

    Choices outside the interval are named, so that nothing rests on the colour of a dot.

    Args:
        frame: claim, number, printed, cell, alternative, unit, value, ci_low, ci_high, base, inside, marker; of each
            headline first the reported number.
        words: What stands around the chart.
    """
    sheet = Sheet(words)
    headlines = [list(records(rows)) for _, rows in frame.groupby(["claim", "number"], sort=False)]
    ranges = [_range(others) for _, *others in headlines]
    column = max(text_width(text, SMALL) for text in ("100%", *(_shown(main) for main, *_ in headlines), *ranges))
    left, right = LEFT + _LABEL, RIGHT - column - 0.12

    def place(row: Any) -> float:
        return left + (right - left) * _per_cent(row, row.value) / 100

    for (main, *others), span in zip(headlines, ranges, strict=True):
        known = f"{shorten(main.cell)}; {based(main.base, is_unreliable(main.marker))}"
        cell = wrap(known, _LABEL - 0.15, SMALL)
        name = wrap(shorten(capital(main.printed)), _LABEL - 0.15, BODY, True)
        outside = [f"{row.alternative}: {_shown(row)}" for row in others if row.inside == "outside"]
        note = wrap(f"Outside: {'; '.join(outside)}", right - left, SMALL) if outside else []
        height = max(len(name) * BODY * LINE + len(cell) * SMALL * LINE, 0.32 + len(note) * SMALL * LINE)
        sheet.lines(LEFT, sheet.y, name, BODY, bold=True)
        sheet.lines(LEFT, sheet.y + len(name) * BODY * LINE, cell, SMALL, colour=QUIET)
        middle = sheet.y + 0.1
        for y in (middle, middle + _APART):
            sheet.rule((left, y), (right, y), TRACK, 0.8)
        if pd.notna(main.ci_low):
            low, high = (left + (right - left) * _per_cent(main, limit) / 100 for limit in (main.ci_low, main.ci_high))
            sheet.whisker(low, high, middle)
        sheet.dot(place(main), middle, DARK_BLUE, 0.05)
        for row in others:
            sheet.dot(place(row), middle + _APART, ORANGE if row.inside == "outside" else DARK_BLUE, 0.04, filled=False)
        sheet.text(right + 0.1, middle, _shown(main), SMALL, bold=True)
        sheet.text(right + 0.1, middle + _APART + 0.05, span, SMALL, colour=QUIET)
        sheet.lines(left, middle + _APART + 0.12, note, SMALL)
        sheet.y += height + _GAP
    return sheet.finish()


def _per_cent(row: Any, value: float) -> float:
    """A number as a per cent; of a count, its share of its base."""
    return float(value) if row.unit == "per_cent" else 100 * float(value) / float(row.base)


def _shown(row: Any) -> str:
    return f"{row.value:.0f}%" if row.unit == "per_cent" else f"{row.value:.0f} of {row.base:,.0f}"


def _range(others: list[Any]) -> str:
    """From the least to the most that other choices give."""
    least, most = (end(others, key=lambda row: _per_cent(row, row.value)) for end in (min, max))
    return _shown(least) if _shown(least) == _shown(most) else f"{_shown(least)} to {_shown(most)}"
