"""Charts of dots with their intervals: groups side by side, one answer over all breaks, nets of several questions.

Every chart is a list of sections of rows on one scale. A dot is hollow where its base is small, its number and interval
stand in columns at the right, and an upright line shows where everyone stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from plait.report.figure_words import Words, group_name, is_unreliable, per_cent, records, shorten
from plait.report.palette import BODY, DARK_BLUE, INK, QUIET, SMALL, TRACK
from plait.report.sheet import BAR, LEFT, LINE, RIGHT, SPAN, Sheet, interval, text_width, wrap

_INDENT, _WIDEST = 0.12, 2.6
"""Inches: rows below the head of their section, and the widest label of a row."""
_RADIUS = 0.045
_TOPS = (10, 20, 25, 30, 40, 50, 60, 80, 100)
_LONG = 20
"""Rows from which on the scale is printed above them, too."""


@dataclass(frozen=True)
class _Dot:
    """A row: what it is of, where it lies, and how that is printed."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    shown: str
    beside: str
    hollow: bool
    strong: bool = False
    """Of everyone."""


@dataclass(frozen=True)
class _Section:
    head: str
    beside: str
    """What stands in small type after the head."""
    dots: tuple[_Dot, ...]
    line: float | None
    """Where everyone stands."""


@dataclass(frozen=True)
class _Scale:
    """Values from left to right, and what is marked on the way."""

    left: float
    right: float
    start: float
    end: float
    ticks: tuple[float, ...] = ()

    def at(self, value: float) -> float:
        return self.left + (self.right - self.left) * (value - self.start) / max(self.end - self.start, 1e-9)


# --- what is drawn ----------------------------------------------------------------------------------------------------


def compare(frame: pd.DataFrame, words: Words) -> Figure:
    """A section an option, and in it a dot a group.

    Args:
        frame: option, option_label, group, group_label, base_unweighted, per_cent, ci_low, ci_high, marker; the rows of
            everyone have the group "".
        words: What stands around the chart.
    """
    sections = []
    for _, rows in frame.groupby("option", sort=False):
        everyone = list(records(rows[rows["group"] == ""]))
        beside = "".join(f"{r.group_label}: {per_cent(r.per_cent, r.marker)}" for r in everyone)
        dots = tuple(_share(r, r.group_label) for r in records(rows[rows["group"] != ""]))
        line = everyone[0].per_cent if everyone else None
        sections.append(_Section(shorten(rows.iloc[0]["option_label"]), beside, dots, line))
    return _shares(sections, words, _top_of_scale(frame))


def overview(frame: pd.DataFrame, words: Words) -> Figure:
    """One answer: everyone's dot, then a section a break with a dot a group; what was withheld is a row with its marker.

    Args:
        frame: break, break_label, group, group_label, base_unweighted, per_cent, ci_low, ci_high, marker; everyone first.
        words: What stands around the chart.
    """
    everyone = list(records(frame[frame["group"] == ""]))
    line = next((r.per_cent for r in everyone if pd.notna(r.per_cent)), None)
    sections = [_Section("", "", tuple(_share(r, r.group_label, strong=True) for r in everyone), line)]
    for _, rows in frame[frame["group"] != ""].groupby("break", sort=False):
        dots = tuple(_share(r, r.group_label) for r in records(rows))
        sections.append(_Section(shorten(rows.iloc[0]["break_label"]), "", dots, line))
    return _shares([s for s in sections if s.dots], words, _top_of_scale(frame))


def nets(frame: pd.DataFrame, words: Words) -> Figure:
    """A section for each net that several questions share and a dot a question, then the nets of one question only.

    Args:
        frame: section, row_label, base_unweighted, per_cent, ci_low, ci_high, marker.
        words: What stands around the chart.
    """
    sections = [
        _Section(shorten(str(head)), "", tuple(_share(r, r.row_label) for r in records(rows)), None)
        for head, rows in frame.groupby("section", sort=False)
    ]
    return _shares(sections, words, _top_of_scale(frame))


def numbers(frame: pd.DataFrame, words: Words) -> Figure:
    """One dot a group with its interval, on a scale that starts at zero where that shows the differences.

    Args:
        frame: group, group_label, value, ci_low, ci_high, base_unweighted, marker; everyone first.
        words: What stands around the chart.
    """
    dots = tuple(map(_number, records(frame)))
    least, most = frame[["value", "ci_low"]].min().min(), frame[["value", "ci_high"]].max().max()
    start = 0.0 if 0 <= least < (most - least) * 2 else float(least)
    return _drawn([_Section("", "", dots, None)], words, start, float(most), ())


def _share(row: Any, label: str, strong: bool = False) -> _Dot:
    known = pd.notna(row.per_cent)
    small = is_unreliable(row.marker)
    return _Dot(
        group_name(label, row.base_unweighted, small and known, limit=100),
        row.per_cent if known else None,
        row.ci_low if interval(row) else None,
        row.ci_high if interval(row) else None,
        per_cent(row.per_cent, row.marker) if known else f"[{row.marker or 'z'}]",
        interval(row),
        small,
        strong,
    )


def _number(row: Any) -> _Dot:
    small = is_unreliable(row.marker)
    known = pd.notna(row.ci_low) and pd.notna(row.ci_high)
    return _Dot(
        group_name(row.group_label, row.base_unweighted, small),
        row.value,
        row.ci_low if known else None,
        row.ci_high if known else None,
        f"{row.value:,g}",
        f"{row.ci_low:,g} to {row.ci_high:,g}" if known else "",
        small,
        strong=row.group == "",
    )


def _top_of_scale(frame: pd.DataFrame) -> float:
    highest = float(frame[["per_cent", "ci_high"]].max().max())
    return next(float(top) for top in _TOPS if highest <= top or top == 100)


# --- how it is drawn --------------------------------------------------------------------------------------------------


def _shares(sections: list[_Section], words: Words, top: float) -> Figure:
    step = next(s for s in (5, 10, 20, 25) if top / s <= 5 or s == 25)
    return _drawn(sections, words, 0.0, top, tuple(float(v) for v in range(0, int(top) + 1, step)))


def _drawn(sections: list[_Section], words: Words, start: float, end: float, ticks: tuple[float, ...]) -> Figure:
    sheet = Sheet(words)
    dots = [dot for section in sections for dot in section.dots]
    indent = _INDENT if any(s.head for s in sections) else 0.0
    column = min(max(text_width(d.label, BODY, d.strong) for d in dots), _WIDEST)
    shown = max(text_width(d.shown, BODY, True) for d in dots) + 0.08
    room = shown + max(text_width(d.beside, SMALL) for d in dots)
    scale = _Scale(LEFT + indent + column + 0.15, RIGHT - room - 0.15, start, end, ticks)
    if len(dots) >= _LONG:
        _ticks(sheet, scale)
    for section in sections:
        _section(sheet, section, scale, indent, column, RIGHT - room, shown)
    _ticks(sheet, scale)
    return sheet.finish()


def _ticks(sheet: Sheet, scale: _Scale) -> None:
    for tick in scale.ticks:
        sheet.text(scale.at(tick), sheet.y + SMALL * LINE / 2, per_cent(tick), SMALL, colour=QUIET, align="center")
    sheet.y += SMALL * LINE + 0.03 if scale.ticks else 0.0


def _section(
    sheet: Sheet, section: _Section, scale: _Scale, indent: float, column: float, values: float, shown: float
) -> None:
    """A head and its rows; `values` is where the numbers stand, `shown` inches from there to their intervals."""
    if section.head:
        _head(sheet, section)
    placed = []
    top = sheet.y
    for dot in section.dots:
        lines = wrap(dot.label, column, BODY, dot.strong)
        height = max(len(lines) * BODY * LINE + 0.035, BAR)
        first = sheet.y + (height - len(lines) * BODY * LINE) / 2
        sheet.lines(LEFT + (0.0 if dot.strong else indent), first, lines, BODY, dot.strong)
        placed.append((dot, sheet.y + height / 2))
        sheet.y += height
    for tick in scale.ticks:
        sheet.rule((scale.at(tick), top), (scale.at(tick), sheet.y), TRACK, 0.8)
    if section.line is not None:
        sheet.rule((scale.at(section.line), top), (scale.at(section.line), sheet.y), QUIET, 1.0)
    for dot, middle in placed:
        _dot(sheet, dot, scale, middle)
        sheet.text(values, middle, dot.shown, BODY, bold=True, colour=INK if dot.value is not None else QUIET)
        sheet.text(values + shown, middle, dot.beside, SMALL, colour=QUIET)
    sheet.y += 0.1


def _head(sheet: Sheet, section: _Section) -> None:
    beside = text_width(section.beside, SMALL)
    lines = wrap(section.head, SPAN - beside - 0.15, BODY, bold=True)
    sheet.lines(LEFT, sheet.y, lines, BODY, bold=True)
    last = sheet.y + (len(lines) - 0.5) * BODY * LINE
    sheet.text(LEFT + text_width(lines[-1], BODY, True) + 0.12, last, section.beside, SMALL, colour=QUIET)
    sheet.y += len(lines) * BODY * LINE + 0.02


def _dot(sheet: Sheet, dot: _Dot, scale: _Scale, middle: float) -> None:
    if dot.value is None:
        return
    if not scale.ticks:
        sheet.rule((scale.left, middle), (scale.right, middle), TRACK, 0.8)
    colour = INK if dot.strong else DARK_BLUE
    if dot.low is not None and dot.high is not None:
        sheet.rule((scale.at(dot.low), middle), (scale.at(min(dot.high, scale.end)), middle), colour, 1.6)
    sheet.dot(scale.at(dot.value), middle, colour, _RADIUS, filled=not dot.hollow)
