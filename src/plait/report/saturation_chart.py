"""The chart of saturation: how codes accumulate over texts, in their own order and over random orders."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd
from matplotlib.figure import Figure

from plait.report.figure_words import Words, records
from plait.report.palette import BODY, DARK_BLUE, MARGIN, QUIET, SMALL, TRACK, WIDTH, pale
from plait.report.sheet import LINE, Sheet, text_width

_HEIGHT = 2.3
_SWATCH, _THINNEST, _HAIR = 0.24, 0.02, 0.011
_BAND = pale(pale(DARK_BLUE))
_LEAST_STEP = 0.12
"""Inches from text to text; where they lie closer, only the line is drawn and no dots."""


@dataclass(frozen=True)
class _Plot:
    """Where numbers of texts and of codes lie on the sheet."""

    left: float
    right: float
    top: float
    bottom: float
    texts: int
    codes: int

    @property
    def step(self) -> float:
        return (self.right - self.left) / max(self.texts, 1)

    def x(self, text: float) -> float:
        return self.left + (text - 0.5) * self.step

    def y(self, codes: float) -> float:
        return self.bottom - (self.bottom - self.top) * codes / self.codes


def saturation(frame: pd.DataFrame, words: Words, unit: str, order: str) -> Figure:
    """A line of dots for the texts' own order, over the range of random orders and their mean.

    Args:
        frame: n, codes_in_order, mean, low, high; a row a text.
        words: What stands around the chart.
        unit: What the texts are called, in the plural.
        order: What their own order is called.
    """
    sheet = Sheet(words)
    rows = list(records(frame))
    ticks = _ticks(int(max(r.codes_in_order for r in rows)))
    _key(sheet, order)
    sheet.text(MARGIN, sheet.y + SMALL * LINE / 2, "Codes", SMALL, colour=QUIET)
    top = sheet.y + SMALL * LINE + 0.08
    axis = max(text_width(f"{t:,}", SMALL) for t in ticks) + 0.1
    last = f"{int(rows[-1].codes_in_order):,}"
    right = WIDTH - MARGIN - text_width(last, BODY, True) - 0.08
    plot = _Plot(MARGIN + axis, right, top, top + _HEIGHT, len(rows), ticks[-1])
    for tick in ticks:
        sheet.bar(plot.left, plot.y(tick), plot.right - plot.left, TRACK, _HAIR)  # a bar, to lie below the band
        sheet.text(MARGIN, plot.y(tick), f"{tick:,}", SMALL, colour=QUIET)
    for row in rows:
        height = max(plot.y(row.low) - plot.y(row.high), _THINNEST)
        middle = (plot.y(row.low) + plot.y(row.high)) / 2
        sheet.bar(plot.x(row.n) - plot.step / 2, middle, plot.step, _BAND, height)
    _line(sheet, [(plot.x(r.n), plot.y(r.mean)) for r in rows], QUIET, 1.0)
    own = [(plot.x(r.n), plot.y(r.codes_in_order)) for r in rows]
    _line(sheet, own, DARK_BLUE, 1.8)
    if plot.step >= _LEAST_STEP:
        for x, y in own:
            sheet.dot(x, y, DARK_BLUE, 0.04)
    sheet.text(plot.right + 0.06, own[-1][1], last, BODY, bold=True)
    _texts_axis(sheet, plot, unit)
    return sheet.finish()


def _key(sheet: Sheet, order: str) -> None:
    """What the line, the thin line and the band are; in one row above them."""
    middle, x = sheet.y + SMALL * LINE / 2, MARGIN
    for i, name in enumerate((order, "Mean of all orders", "95% of random orders")):
        if i == 2:
            sheet.bar(x, middle, _SWATCH, _BAND, 0.12)
        else:
            sheet.rule((x, middle), (x + _SWATCH, middle), (DARK_BLUE, QUIET)[i], (1.8, 1.0)[i])
        if i == 0:
            sheet.dot(x + _SWATCH / 2, middle, DARK_BLUE, 0.04)
        sheet.text(x + _SWATCH + 0.06, middle, name, SMALL)
        x += _SWATCH + 0.06 + text_width(name, SMALL) + 0.18
    sheet.y += SMALL * LINE + 0.08


def _line(sheet: Sheet, places: list[tuple[float, float]], colour: str, width: float) -> None:
    for one, other in pairwise(places):
        sheet.rule(one, other, colour, width)


def _texts_axis(sheet: Sheet, plot: _Plot, unit: str) -> None:
    """Numbers of texts below the plot, as many as there is room for; the last one always."""
    sheet.y = plot.bottom + 0.06
    every = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if plot.step * s >= 0.3)
    shown = [n for n in range(every, plot.texts + 1, every) if plot.x(plot.texts) - plot.x(n) >= 0.3] + [plot.texts]
    middle = sheet.y + SMALL * LINE / 2
    for n in shown:
        sheet.text(plot.x(n), middle, f"{n:,}", SMALL, colour=QUIET, align="center")
    sheet.y += SMALL * LINE + 0.02
    sheet.text(plot.left, sheet.y + SMALL * LINE / 2, f"Number of {unit} so far", SMALL, colour=QUIET)
    sheet.y += SMALL * LINE


def _ticks(most: int) -> list[int]:
    """Round numbers from nothing to no less than the most."""
    step = next(s for e in range(9) for s in (10**e, 2 * 10**e, 5 * 10**e) if most <= 5 * s)
    return list(range(0, step * math.ceil(most / step) + 1, step))
