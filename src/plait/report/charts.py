"""Ranked bars and the joint display: each takes a tidy frame of what is shown and returns a matplotlib figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from plait.report.figure_words import Words, based, per_cent, records, shorten
from plait.report.palette import ASIDE, BODY, DARK_BLUE, MID_BLUE, QUIET, SMALL, TRACK, TURQUOISE
from plait.report.sheet import BAR, LEFT, LINE, RIGHT, SPAN, Sheet, interval, text_width, wrap

_THIN = 0.1

# --- ranked bars ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Bar:
    label: str
    value: float
    shown: str
    beside: str
    colour: str


def bars(frame: pd.DataFrame, words: Words, aside: frozenset[str] = frozenset()) -> Figure:
    """One bar an option, in the frame's order; options in `aside` are grey.

    Args:
        frame: option, option_label, per_cent, ci_low, ci_high, marker.
        words: What stands around the chart.
        aside: Options that are no part of the ranking.
    """
    return _ranked(
        [
            _Bar(
                r.option_label, r.per_cent, per_cent(r.per_cent, r.marker), interval(r), _option_colour(r.option, aside)
            )
            for r in records(frame)
        ],
        words,
    )


def _option_colour(option: str, aside: frozenset[str]) -> str:
    return ASIDE if option in aside else DARK_BLUE


def themes(frame: pd.DataFrame, words: Words) -> Figure:
    """One bar a theme, in the frame's order: how many of how many.

    Args:
        frame: theme_label, n, of, per_cent (missing where only counts are published).
        words: What stands around the chart.
    """
    return _ranked([_Bar(r.theme_label, r.n / r.of, *_count(r), TURQUOISE) for r in records(frame)], words)


def _count(row: Any) -> tuple[str, str]:
    return f"{row.n:,} of {row.of:,}", "" if pd.isna(row.per_cent) else per_cent(row.per_cent)


def weights(frame: pd.DataFrame, words: Words) -> Figure:
    """One bar a class of weights, set by set: how many respondents carry them.

    Args:
        frame: weight_set, weight_set_label, low, high, respondents.
        words: What stands around the chart.
    """
    sheet = Sheet(words)
    several = frame["weight_set"].nunique() > 1
    for _, rows in frame.groupby("weight_set", sort=False):
        if several:
            sheet.paragraph(rows.iloc[0]["weight_set_label"], BODY, bold=True)
            sheet.y += 0.04
        bars = [
            _Bar(f"{r.low:g} to {r.high:g}", r.respondents, f"{int(r.respondents):,}", "", DARK_BLUE)
            for r in records(rows)
        ]
        _draw_ranked(sheet, bars)
        sheet.y += 0.06
    return sheet.finish()


def _ranked(rows: list[_Bar], words: Words) -> Figure:
    sheet = Sheet(words)
    _draw_ranked(sheet, rows)
    return sheet.finish()


def _draw_ranked(sheet: Sheet, rows: list[_Bar]) -> None:
    labels = [wrap(shorten(r.label), 2.5, BODY) for r in rows]
    column = max(text_width(line, BODY) for lines in labels for line in lines)
    start = LEFT + column + 0.1
    beside = max(text_width(r.shown, BODY, True) + text_width(r.beside, SMALL) + 0.08 for r in rows)
    scale = (RIGHT - start - beside - 0.08) / max(*(r.value for r in rows), 1e-9)
    for lines, row in zip(labels, rows, strict=True):
        middle = sheet.row(lines, BAR)
        sheet.bar(start, middle, row.value * scale, row.colour)
        end = start + row.value * scale + 0.06
        sheet.text(end, middle, row.shown, BODY, bold=True)
        sheet.text(end + text_width(row.shown, BODY, True) + 0.06, middle, row.beside, SMALL, colour=QUIET)


# --- joint display ----------------------------------------------------------------------------------------------------

_FIRST, _GUTTER = 1.3, 0.14
MOST_COLUMNS = 3
"""Collections that get a column each; more of them share one."""
_SMALLEST_DOT = 0.07
"""Inches from dot to dot; people who would stand closer are drawn as a bar."""


def joint(frame: pd.DataFrame, words: Words) -> Figure:
    """A row a construct: what the survey says beside what each collection of texts says, and how they fit.

    Args:
        frame: construct, label, fit, strand, origin, origin_label, item_label, per_cent, ci_low, ci_high, n, of, marker.
        words: What stands around the chart.
    """
    sheet = Sheet(words)
    columns = _joint_columns(frame)
    _joint_heads(sheet, columns)
    for _, rows in frame.groupby("construct", sort=False):
        _construct(sheet, rows, columns)
    return sheet.finish()


@dataclass(frozen=True)
class _Column:
    head: str
    strand: str
    origin: str
    """"" for all origins of the strand."""
    x: float
    width: float


def _joint_columns(frame: pd.DataFrame) -> list[_Column]:
    texts = frame[frame["strand"] == "coded_text"]
    origins = dict(zip(texts["origin"], texts["origin_label"], strict=True))
    if len(origins) > MOST_COLUMNS or not origins:
        origins = {"": "Coded text"}
    room = SPAN - _FIRST - _GUTTER * (1 + len(origins))
    survey = room * {1: 0.55, 2: 0.46, 3: 0.38}[len(origins)]
    each = (room - survey) / len(origins)
    x = LEFT + _FIRST + _GUTTER
    columns = [_Column("Survey", "survey", "", x, survey)]
    x += survey + _GUTTER
    for origin, label in origins.items():
        columns.append(_Column(shorten(label, 60), "coded_text", origin, x, each))
        x += each + _GUTTER
    return columns


def _joint_heads(sheet: Sheet, columns: list[_Column]) -> None:
    wrapped = [wrap(c.head, c.width, BODY, True) for c in columns]
    sheet.lines(LEFT, sheet.y, ["Construct"], BODY, bold=True)
    for column, lines in zip(columns, wrapped, strict=True):
        sheet.lines(column.x, sheet.y, lines, BODY, bold=True)
    sheet.y += max(len(lines) for lines in wrapped) * BODY * LINE + 0.03


def _construct(sheet: Sheet, rows: pd.DataFrame, columns: list[_Column]) -> None:
    sheet.rule((LEFT, sheet.y), (RIGHT, sheet.y))
    top = sheet.y + 0.07
    ends = [_construct_name(sheet, rows.iloc[0]["label"], rows.iloc[0]["fit"], top)]
    for column in columns:
        mine = rows[(rows["strand"] == column.strand) & ((rows["origin"] == column.origin) | (column.origin == ""))]
        ends.append(_cell(sheet, mine, column, top))
    sheet.y = max(ends) + 0.07


def _construct_name(sheet: Sheet, label: str, fit: str, top: float) -> float:
    lines = wrap(shorten(label, 100), _FIRST, BODY, True)
    sheet.lines(LEFT, top, lines, BODY, bold=True)
    top += len(lines) * BODY * LINE + 0.05
    word = fit.capitalize() or "Not judged yet"
    height = SMALL * LINE + 0.05
    sheet.box(LEFT, top, text_width(word, SMALL) + 0.12, height, QUIET)
    sheet.text(LEFT + 0.06, top + height / 2, word, SMALL)
    return top + height


def _cell(sheet: Sheet, rows: pd.DataFrame, column: _Column, top: float) -> float:
    if rows.empty:
        sheet.lines(column.x, top, ["Nothing linked"], SMALL, colour=QUIET)
        return top + SMALL * LINE
    origin = column.origin
    for row in records(pd.concat([part for _, part in rows.groupby("origin", sort=False)])):
        if row.origin != origin:  # what the items are about, once above them
            base = f" ({based(row.of, row.marker == 'u')})" if column.strand == "survey" else ""
            lines = wrap(f"{shorten(row.origin_label, 60)}{base}", column.width, SMALL)
            sheet.lines(column.x, top, lines, SMALL, colour=QUIET)
            top += len(lines) * SMALL * LINE
            origin = row.origin
        top = (_survey_item if column.strand == "survey" else _theme_item)(sheet, row, column, top) + 0.08
    return top - 0.08


def _survey_item(sheet: Sheet, row: Any, column: _Column, top: float) -> float:
    """A per cent and what it is of; below it a bar on a track of 100 per cent, and the interval."""
    shown, beside = per_cent(row.per_cent, row.marker), interval(row)
    indent = text_width(shown, SMALL, True) + 0.06
    lines = wrap(shorten(row.item_label), column.width - indent, SMALL)
    sheet.lines(column.x, top, [shown], SMALL, bold=True)
    sheet.lines(column.x + indent, top, lines, SMALL)
    middle = top + len(lines) * SMALL * LINE + 0.08
    track = column.width - 0.64
    unit = track / 100
    sheet.bar(column.x, middle, track, TRACK, _THIN)
    sheet.bar(column.x, middle, row.per_cent * unit, MID_BLUE, _THIN)
    if beside:
        sheet.whisker(column.x + row.ci_low * unit, column.x + row.ci_high * unit, middle)
        sheet.text(column.x + track + 0.08, middle, beside, SMALL, colour=QUIET)
    return middle + 0.07


def _theme_item(sheet: Sheet, row: Any, column: _Column, top: float) -> float:
    """A count and its theme; below it a bar on a track of everyone, or the people one by one where they are few."""
    shown, beside = _count(row)
    lines = wrap(shorten(row.item_label), column.width, SMALL)
    sheet.lines(column.x, top, [shown], SMALL, bold=True)
    sheet.lines(column.x + text_width(shown, SMALL, True) + 0.06, top, [beside], SMALL, colour=QUIET)
    sheet.lines(column.x, top + SMALL * LINE, lines, SMALL)
    middle = top + (1 + len(lines)) * SMALL * LINE + 0.08
    step = min(0.115, column.width / row.of)
    if step >= _SMALLEST_DOT:
        for i in range(row.of):
            sheet.dot(column.x + (i + 0.5) * step, middle, TURQUOISE, 0.38 * step, filled=i < row.n)
    else:
        sheet.bar(column.x, middle, column.width, TRACK, _THIN)
        sheet.bar(column.x, middle, column.width * row.n / row.of, TURQUOISE, _THIN)
    return middle + 0.07
