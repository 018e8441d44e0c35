"""The kinds of chart: each takes a tidy frame of what is shown and returns a matplotlib figure.

A chart is laid out by hand on a sheet measured in inches from the top left: widths of text are summed from the font's
own advances, lines are wrapped, and the sheet grows downwards. Nothing is drawn twice to find its size (as constrained
or tight layout would), texts keep clear of each other, and no chart needs axes, since every value is printed beside its
mark.

Text stays text in the SVG: it can be searched, translated and read aloud, the browser shapes right-to-left scripts and
finds glyphs that DejaVu lacks, and the bytes do not depend on the outlines that one FreeType version makes. Where DejaVu
is missing, Verdana is about as wide and what follows it in the list is narrower, so that the layout holds.
"""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import matplotlib
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from plait.report.figure_words import Words, based, clean, group_name, is_unreliable, per_cent, records, shorten
from plait.report.palette import (
    ASIDE,
    BODY,
    DARK_BLUE,
    INK,
    MARGIN,
    MID_BLUE,
    QUIET,
    RULE,
    SMALL,
    TITLE,
    TRACK,
    TURQUOISE,
    WIDTH,
    categorical,
    diverging,
    ink_on,
    pale,
)

PNG_DPI = 200
FORMATS: tuple[Literal["svg", "png"], ...] = ("svg", "png")
_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "plait",
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "text.parse_math": False,
    "text.usetex": False,
    "text.hinting": "no_hinting",  # at 200 dots an inch it gains nothing and costs time
}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_LEFT_TO_RIGHT = "\u200e"
_GLUE = "\u00a0"
"""Holds a base ("n = 1,842") together while lines are broken."""
_LINE = 1.28 / 72
"""Height of a line of text: inches a point."""
_RISE = 0.36 / 72
"""From the middle of a capital down to its baseline: inches a point."""
_LEFT, _RIGHT = MARGIN, WIDTH - MARGIN
_SPAN = _RIGHT - _LEFT
_BAR, _STACK, _THIN, _SWATCH = 0.19, 0.24, 0.1, 0.18


@contextmanager
def settings() -> Iterator[None]:
    """Draw with matplotlib's defaults and ours, whatever the user's own settings are.

    A character without a glyph is shown as a box; that is not worth a warning for each figure.
    """
    defaults: Any = {k: v for k, v in matplotlib.rcParamsDefault.items() if not k.startswith("backend")}
    with matplotlib.rc_context(defaults | _SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


def save(figure: Figure, title: str, path: Path, kind: Literal["svg", "png"]) -> None:
    """Write a figure without dates or versions; `title` becomes the SVG's title element."""
    if kind == "svg":
        figure.savefig(path, format="svg", metadata=_NO_METADATA | {"Title": clean(title)})
    else:
        figure.savefig(path, format="png", dpi=PNG_DPI, metadata={"Software": None}, pil_kwargs={"compress_level": 3})


# --- text -------------------------------------------------------------------------------------------------------------


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a line in inches, a little generous: other programs fill in other fonts."""
    return 1.05 * sum(_advance(c, bold) for c in text) * size / 72


@lru_cache(maxsize=4096)
def _advance(char: str, bold: bool) -> float:
    """Width of a character in ems, unhinted, so that it is the same for every FreeType."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
    if not font.get_char_index(ord(char)):
        return 1.0
    font.set_size(100, 72)
    return float(font.load_char(ord(char)).linearHoriAdvance) / 65536 / 100


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than `width` inches; a word that is too long is broken anywhere."""
    lines: list[str] = []
    current = ""
    for word in clean(text).replace("n = ", f"n{_GLUE}={_GLUE}").replace(" [u]", f"{_GLUE}[u]").split(" "):
        longer = f"{current} {word}" if current else word
        if text_width(longer, size, bold) <= width:
            current = longer
            continue
        if current:
            lines.append(current)
        *full, current = _pieces(word, width, size, bold)
        lines += full
    return [line.replace(_GLUE, " ") for line in (*lines, current)]


def fit(text: str, width: float, size: float) -> str:
    """A text on one line, cut where it is too long."""
    first, *rest = wrap(text, width, size)
    return f"{first}\u2026" if rest else first


def _pieces(word: str, width: float, size: float, bold: bool) -> list[str]:
    pieces, used = [""], 0.0
    for char in word:
        joins = bool(unicodedata.combining(char)) or char == "\u200d" or pieces[-1].endswith("\u200d")
        advance = text_width(char, size, bold)
        if pieces[-1] and not joins and used + advance > width:
            pieces.append("")
            used = 0.0
        pieces[-1] += char
        used += advance
    return pieces


# --- the sheet --------------------------------------------------------------------------------------------------------


class Sheet:
    """A figure of fixed width that grows downwards; places are inches from the top left corner."""

    def __init__(self, words: Words) -> None:
        """Start a sheet and set its headline and subtitle."""
        self.figure = Figure(figsize=(WIDTH, 1.0), facecolor="white")
        self._downwards = Affine2D()
        self._inches = self._downwards + self.figure.dpi_scale_trans
        self._words = words
        self.y = MARGIN
        self.paragraph(words.title, TITLE, bold=True)
        self.y += 0.03
        self.paragraph(words.subtitle, BODY, colour=QUIET)
        self.y += 0.1

    def finish(self) -> Figure:
        """Set the footnote and fix the height."""
        if self._words.footnote:
            self.y += 0.08
            self.paragraph(self._words.footnote, SMALL, colour=QUIET)
        height = self.y + MARGIN
        self._downwards.clear().scale(1, -1).translate(0, height)
        self.figure.set_size_inches(WIDTH, height)
        return self.figure

    def paragraph(self, text: str, size: float, bold: bool = False, colour: str = INK) -> None:
        """Set a text over the whole width and move down below it."""
        lines = wrap(text, _SPAN, size, bold)
        self.lines(_LEFT, self.y, lines, size, bold, colour)
        self.y += len(lines) * size * _LINE

    def lines(
        self, x: float, top: float, lines: Sequence[str], size: float = BODY, bold: bool = False, colour: str = INK
    ) -> None:
        """Set lines one below another, aligned left."""
        for i, line in enumerate(lines):
            self.text(x, top + (i + 0.5) * size * _LINE, line, size, bold, colour)

    def text(
        self,
        x: float,
        middle: float,
        text: str,
        size: float = BODY,
        bold: bool = False,
        colour: str = INK,
        align: Literal["left", "center"] = "left",
    ) -> None:
        """Set one line; the middle of its capitals stands at `middle`."""
        if text:
            # Without the mark, a line that begins with Arabic or Hebrew would be set from the right as a whole.
            turns = any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)
            text = f"{_LEFT_TO_RIGHT}{text}" if turns else text
            weight = "bold" if bold else "normal"
            font: dict[str, Any] = {"fontsize": size, "fontweight": weight, "color": colour}
            self._add(Text(x, middle + size * _RISE, text, ha=align, va="baseline", parse_math=False, **font))

    def bar(self, x: float, middle: float, width: float, colour: str, height: float = _BAR) -> None:
        """Draw a bar from `x` to the right."""
        self._add(Rectangle((x, middle - height / 2), width, height, facecolor=colour, edgecolor="none"))

    def box(self, x: float, top: float, width: float, height: float, colour: str) -> None:
        """Draw an empty frame."""
        self._add(Rectangle((x, top), width, height, facecolor="none", edgecolor=colour, linewidth=0.8))

    def blank(self, x: float, middle: float, width: float, height: float) -> None:
        """Clear the lines behind a number."""
        hole = Rectangle((x, middle - height / 2), width, height, facecolor="white", edgecolor="none", zorder=2.5)
        self._add(hole)

    def rule(
        self, start: tuple[float, float], end: tuple[float, float], colour: str = RULE, width: float = 0.6
    ) -> None:
        """Draw a straight line between two places."""
        xs, ys = zip(start, end, strict=True)
        self._add(Line2D(xs, ys, color=colour, linewidth=width, solid_capstyle="butt"))

    def dot(self, x: float, y: float, colour: str, radius: float = 0.045, filled: bool = True) -> None:
        """Draw a dot."""
        inside = colour if filled else "white"
        self._add(Circle((x, y), radius, facecolor=inside, edgecolor=colour, linewidth=0.8, zorder=3))

    def _add(self, artist: Text | Rectangle | Line2D | Circle) -> None:
        artist.set_transform(self._inches)
        self.figure.add_artist(artist)


def interval(row: Any) -> str:
    """An interval as printed, or nothing where there is none."""
    return "" if pd.isna(row.ci_low) or pd.isna(row.ci_high) else f"{row.ci_low:.0f} to {row.ci_high:.0f}"


# --- nothing to show --------------------------------------------------------------------------------------------------


def nothing(words: Words) -> Figure:
    """A figure that says why there is none."""
    return Sheet(words).finish()


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


def numbers(frame: pd.DataFrame, words: Words) -> Figure:
    """One dot a group with its interval, on a scale that starts at zero where that shows the differences.

    Args:
        frame: group, group_label, value, ci_low, ci_high, base_unweighted, marker; everyone first.
        words: What stands around the chart.
    """
    sheet = Sheet(words)
    rows = list(records(frame))
    labels = [wrap(_group_label(r), 2.5, BODY) for r in rows]
    start = _LEFT + max(text_width(line, BODY) for lines in labels for line in lines) + 0.15
    shown = [f"{r.value:,g}" for r in rows]
    beside = [f"{r.ci_low:,g} to {r.ci_high:,g}" if pd.notna(r.ci_low) else "" for r in rows]
    column = max(text_width(text, BODY, True) for text in shown) + 0.08
    room = column + max(text_width(text, SMALL) for text in beside) + 0.2
    least, most = frame[["value", "ci_low"]].min().min(), frame[["value", "ci_high"]].max().max()
    least = 0.0 if 0 <= least < (most - least) * 2 else float(least)
    unit = (_RIGHT - room - start) / max(float(most) - least, 1e-9)
    for lines, row, value, limits in zip(labels, rows, shown, beside, strict=True):
        middle = _row(sheet, lines, _BAR, bold=row.group == "")
        sheet.rule((start, middle), (_RIGHT - room, middle), TRACK, 0.8)
        if limits:
            _whisker(sheet, start + (row.ci_low - least) * unit, start + (row.ci_high - least) * unit, middle)
        sheet.dot(start + (row.value - least) * unit, middle, INK if row.group == "" else DARK_BLUE, 0.06)
        sheet.text(_RIGHT - room + 0.12, middle, value, BODY, bold=True)
        sheet.text(_RIGHT - room + 0.12 + column, middle, limits, SMALL, colour=QUIET)
    return sheet.finish()


def _ranked(rows: list[_Bar], words: Words) -> Figure:
    sheet = Sheet(words)
    _draw_ranked(sheet, rows)
    return sheet.finish()


def _draw_ranked(sheet: Sheet, rows: list[_Bar]) -> None:
    labels = [wrap(shorten(r.label), 2.5, BODY) for r in rows]
    column = max(text_width(line, BODY) for lines in labels for line in lines)
    start = _LEFT + column + 0.1
    beside = max(text_width(r.shown, BODY, True) + text_width(r.beside, SMALL) + 0.08 for r in rows)
    scale = (_RIGHT - start - beside - 0.08) / max(*(r.value for r in rows), 1e-9)
    for lines, row in zip(labels, rows, strict=True):
        middle = _row(sheet, lines, _BAR)
        sheet.bar(start, middle, row.value * scale, row.colour)
        end = start + row.value * scale + 0.06
        sheet.text(end, middle, row.shown, BODY, bold=True)
        sheet.text(end + text_width(row.shown, BODY, True) + 0.06, middle, row.beside, SMALL, colour=QUIET)


def _row(sheet: Sheet, lines: list[str], least: float, gap: float = 0.08, bold: bool = False) -> float:
    """Set a row's label at the left, move down below the row and say where its middle is."""
    text_height = len(lines) * BODY * _LINE
    height = max(text_height, least)
    sheet.lines(_LEFT, sheet.y + (height - text_height) / 2, lines, BODY, bold)
    middle = sheet.y + height / 2
    sheet.y += height + gap
    return middle


# --- diverging stacked bars -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Steps:
    """How a scale is laid out: its steps from left to right, and what stands in columns at the right."""

    stack: tuple[str, ...]
    columns: tuple[str, ...]
    """A net and the options that are no step of the scale."""


def likert(frame: pd.DataFrame, words: Words, steps: Steps) -> Figure:
    """Stacked bars that part at the middle of the scale; a row for everyone, then one a group.

    Args:
        frame: group, group_label, base_unweighted, option, option_label, per_cent, marker; a row an option and group.
        words: What stands around the chart.
        steps: The options of the stack and of the columns beside it.
    """
    sheet = Sheet(words)
    colours = dict(zip(steps.stack, diverging(len(steps.stack)), strict=True))
    names = {r.option: shorten(r.option_label, 60) for r in records(frame)}
    groups = [rows for _, rows in frame.groupby("group", sort=False)]
    labels = [_name_and_base(rows) for rows in groups]
    column = max(text_width(line, BODY, True) for lines, _ in labels for line in lines)
    wide = 0.78
    stack_left, stack_right = _LEFT + column + 0.1, _RIGHT - wide * len(steps.columns) - 0.06
    tables = [dict(zip(rows["option"], rows["per_cent"], strict=True)) for rows in groups]
    left, right = _extent(steps.stack, tables)
    scale = (stack_right - stack_left) / max(left + right, 1.0)
    room = stack_right - _LEFT - _SWATCH - 0.1
    legend = _legend_rows([(colours[o], fit(names[o], room, SMALL)) for o in steps.stack], stack_right)
    _band(sheet, legend, [names[o] for o in steps.columns], stack_right + 0.06, wide)
    zero, bottom = stack_left + left * scale, sheet.y - 0.06
    for (lines, base), rows, shares in zip(labels, groups, tables, strict=True):
        height = len(lines) * BODY * _LINE + SMALL * _LINE
        middle = sheet.y + height / 2
        sheet.lines(_LEFT, sheet.y, lines, BODY, bold=bool((rows["group"] == "").all()))
        sheet.lines(_LEFT, sheet.y + len(lines) * BODY * _LINE, [base], SMALL, colour=QUIET)
        sheet.y += height + 0.09
        sheet.rule((zero, bottom), (zero, middle - _STACK / 2), QUIET, 0.8)
        bottom = middle + _STACK / 2
        _stack(sheet, middle, shares, stack_left + (left - _negative(steps.stack, shares)) * scale, scale, colours)
        markers = dict(zip(rows["option"], rows["marker"], strict=True))
        for i, option in enumerate(steps.columns):
            shown = per_cent(shares[option], markers[option])
            sheet.text(stack_right + 0.06 + wide * (i + 0.5), middle, shown, BODY, bold=i == 0, align="center")
    sheet.rule((zero, bottom), (zero, bottom + 0.1), QUIET, 0.8)
    return sheet.finish()


def _name_and_base(rows: pd.DataFrame) -> tuple[list[str], str]:
    """A group's name in lines, and its base, marked where it is small."""
    first = rows.iloc[0]
    base = first["base_unweighted"]
    small = any(is_unreliable(m) for m in rows["marker"])
    return wrap(shorten(first["group_label"], 60), 1.3, BODY, True), based(base, small)


def _negative(stack: tuple[str, ...], shares: dict[str, float]) -> float:
    """What lies left of the middle: the lower half of the scale and half of a middle step."""
    side = len(stack) // 2
    return sum(shares[o] for o in stack[:side]) + (shares[stack[side]] / 2 if len(stack) % 2 else 0.0)


def _extent(stack: tuple[str, ...], tables: list[dict[str, float]]) -> tuple[float, float]:
    left = [_negative(stack, shares) for shares in tables]
    right = [sum(shares[o] for o in stack) - start for shares, start in zip(tables, left, strict=True)]
    return max(left), max(right)


def _stack(
    sheet: Sheet, middle: float, shares: dict[str, float], x: float, scale: float, colours: dict[str, str]
) -> None:
    gap = 0.012
    for option, colour in colours.items():
        width = shares[option] * scale
        sheet.bar(x, middle, max(width - gap, 0.0), colour, _STACK)
        shown = per_cent(shares[option])
        if text_width(shown, SMALL) + 0.04 <= width:
            sheet.text(x + (width - gap) / 2, middle, shown, SMALL, colour=ink_on(colour), align="center")
        x += width


def _legend_rows(entries: list[tuple[str, str]], right: float) -> list[list[tuple[float, str, str]]]:
    """Swatches in the order of the bars, as many in a line as there is room for: place, colour and name."""
    rows: list[list[tuple[float, str, str]]] = [[]]
    x = _LEFT
    for colour, name in entries:
        width = _SWATCH + text_width(name, SMALL)
        if rows[-1] and x + width > right:
            rows.append([])
            x = _LEFT
        rows[-1].append((x, colour, name))
        x += width + 0.14
    return rows


def _band(sheet: Sheet, legend: list[list[tuple[float, str, str]]], heads: list[str], x: float, wide: float) -> None:
    """The legend and, right of it, the column heads; both end above the first row."""
    wrapped = [wrap(head, wide - 0.06, SMALL, i == 0) for i, head in enumerate(heads)]
    line, legend_line = SMALL * _LINE, BODY * _LINE + 0.03
    bottom = sheet.y + max(len(legend) * legend_line, *(len(lines) * line for lines in wrapped), 0.0)
    for i, row in enumerate(legend):
        middle = bottom - (len(legend) - i - 0.5) * legend_line
        for left, colour, name in row:
            sheet.bar(left, middle, 0.13, colour, 0.13)
            sheet.text(left + _SWATCH, middle, name, SMALL)
    for i, lines in enumerate(wrapped):
        for j, text in enumerate(lines):
            middle = bottom - (len(lines) - j - 0.5) * line
            sheet.text(x + wide * (i + 0.5), middle, text, SMALL, bold=i == 0, align="center")
    sheet.y = bottom + 0.1


# --- groups side by side ----------------------------------------------------------------------------------------------


def compare(frame: pd.DataFrame, words: Words) -> Figure:
    """A block an option; in it a bar with its interval for each group, and a line where everyone stands.

    Args:
        frame: option, option_label, group, group_label, base_unweighted, per_cent, ci_low, ci_high, marker; the rows of
            everyone have the group "".
        words: What stands around the chart.
    """
    sheet = Sheet(words)
    groups = frame[frame["group"] != ""]
    names = {r.group: group_name(r.group_label, r.base_unweighted, False) for r in records(groups)}
    colours = dict(zip(names, map(pale, categorical(len(names))), strict=True))
    labels = [_group_label(r) for r in records(groups)]
    column = min(max(text_width(label, BODY) for label in labels), 2.6)
    axis = _Axis(_LEFT + 0.12 + column + 0.12, _RIGHT - 0.42, _top_of_scale(frame))
    for _, rows in frame.groupby("option", sort=False):
        _block(sheet, rows, axis, column, colours)
    axis.draw_ticks(sheet)
    return sheet.finish()


@dataclass(frozen=True)
class _Axis:
    left: float
    right: float
    top: float

    def at(self, value: float) -> float:
        return self.left + (self.right - self.left) * value / self.top

    @property
    def ticks(self) -> list[float]:
        step = next(s for s in (5, 10, 20, 25) if self.top / s <= 5 or s == 25)
        return [float(v) for v in range(0, int(self.top) + 1, step)]

    def draw_grid(self, sheet: Sheet, top: float, bottom: float) -> None:
        for tick in self.ticks:
            sheet.rule((self.at(tick), top), (self.at(tick), bottom), TRACK, 0.8)

    def draw_ticks(self, sheet: Sheet) -> None:
        for tick in self.ticks:
            sheet.text(self.at(tick), sheet.y + SMALL * _LINE / 2, per_cent(tick), SMALL, colour=QUIET, align="center")
        sheet.y += SMALL * _LINE


def _top_of_scale(frame: pd.DataFrame) -> float:
    highest = float(frame[["per_cent", "ci_high"]].max().max())
    return next(float(top) for top in (10, 20, 25, 30, 40, 50, 60, 80, 100) if highest <= top or top == 100)


def _group_label(row: Any) -> str:
    return group_name(row.group_label, row.base_unweighted, is_unreliable(row.marker))


def _block(sheet: Sheet, rows: pd.DataFrame, axis: _Axis, column: float, colours: dict[str, str]) -> None:
    everyone = rows[rows["group"] == ""]
    _block_head(sheet, shorten(rows.iloc[0]["option_label"]), _everyone_in_words(everyone))
    placed = []
    top = sheet.y
    for row in records(rows[rows["group"] != ""]):
        lines = wrap(_group_label(row), column, BODY)
        height = len(lines) * BODY * _LINE + 0.035
        sheet.lines(_LEFT + 0.12, sheet.y + 0.0175, lines, BODY)
        placed.append((row, sheet.y + height / 2))
        sheet.y += height
    axis.draw_grid(sheet, top, sheet.y)
    for value in everyone["per_cent"]:
        sheet.rule((axis.at(value), top), (axis.at(value), sheet.y), QUIET, 1.2)
    for row, middle in placed:
        _group_bar(sheet, row, axis, middle, colours[row.group])
    sheet.y += 0.1


def _everyone_in_words(everyone: pd.DataFrame) -> str:
    return "".join(f"{r.group_label}: {per_cent(r.per_cent, r.marker)}" for r in records(everyone))


def _block_head(sheet: Sheet, head: str, everyone: str) -> None:
    room = _SPAN - text_width(everyone, SMALL) - 0.15
    lines = wrap(head, room, BODY, bold=True)
    sheet.lines(_LEFT, sheet.y, lines, BODY, bold=True)
    last = sheet.y + (len(lines) - 0.5) * BODY * _LINE
    sheet.text(_LEFT + text_width(lines[-1], BODY, True) + 0.12, last, everyone, SMALL, colour=QUIET)
    sheet.y += len(lines) * BODY * _LINE + 0.02


def _group_bar(sheet: Sheet, row: Any, axis: _Axis, middle: float, colour: str) -> None:
    value = axis.at(row.per_cent)
    sheet.bar(axis.left, middle, value - axis.left, colour, height=0.11)
    end = value + 0.02
    if interval(row):
        high = axis.at(min(row.ci_high, axis.top))
        _whisker(sheet, axis.at(row.ci_low), high, middle)
        end = max(end, high)
    shown = per_cent(row.per_cent, row.marker)
    sheet.blank(end + 0.03, middle, text_width(shown, BODY, True) + 0.04, BODY / 72)
    sheet.text(end + 0.05, middle, shown, BODY, bold=True)


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
    room = _SPAN - _FIRST - _GUTTER * (1 + len(origins))
    survey = room * {1: 0.55, 2: 0.46, 3: 0.38}[len(origins)]
    each = (room - survey) / len(origins)
    x = _LEFT + _FIRST + _GUTTER
    columns = [_Column("Survey", "survey", "", x, survey)]
    x += survey + _GUTTER
    for origin, label in origins.items():
        columns.append(_Column(shorten(label, 60), "coded_text", origin, x, each))
        x += each + _GUTTER
    return columns


def _joint_heads(sheet: Sheet, columns: list[_Column]) -> None:
    wrapped = [wrap(c.head, c.width, BODY, True) for c in columns]
    sheet.lines(_LEFT, sheet.y, ["Construct"], BODY, bold=True)
    for column, lines in zip(columns, wrapped, strict=True):
        sheet.lines(column.x, sheet.y, lines, BODY, bold=True)
    sheet.y += max(len(lines) for lines in wrapped) * BODY * _LINE + 0.03


def _construct(sheet: Sheet, rows: pd.DataFrame, columns: list[_Column]) -> None:
    sheet.rule((_LEFT, sheet.y), (_RIGHT, sheet.y))
    top = sheet.y + 0.07
    ends = [_construct_name(sheet, rows.iloc[0]["label"], rows.iloc[0]["fit"], top)]
    for column in columns:
        mine = rows[(rows["strand"] == column.strand) & ((rows["origin"] == column.origin) | (column.origin == ""))]
        ends.append(_cell(sheet, mine, column, top))
    sheet.y = max(ends) + 0.07


def _construct_name(sheet: Sheet, label: str, fit: str, top: float) -> float:
    lines = wrap(shorten(label, 100), _FIRST, BODY, True)
    sheet.lines(_LEFT, top, lines, BODY, bold=True)
    top += len(lines) * BODY * _LINE + 0.05
    word = fit.capitalize() or "Not judged yet"
    height = SMALL * _LINE + 0.05
    sheet.box(_LEFT, top, text_width(word, SMALL) + 0.12, height, QUIET)
    sheet.text(_LEFT + 0.06, top + height / 2, word, SMALL)
    return top + height


def _cell(sheet: Sheet, rows: pd.DataFrame, column: _Column, top: float) -> float:
    if rows.empty:
        sheet.lines(column.x, top, ["Nothing linked"], SMALL, colour=QUIET)
        return top + SMALL * _LINE
    origin = column.origin
    for row in records(pd.concat([part for _, part in rows.groupby("origin", sort=False)])):
        if row.origin != origin:  # what the items are about, once above them
            base = f" ({based(row.of, row.marker == 'u')})" if column.strand == "survey" else ""
            lines = wrap(f"{shorten(row.origin_label, 60)}{base}", column.width, SMALL)
            sheet.lines(column.x, top, lines, SMALL, colour=QUIET)
            top += len(lines) * SMALL * _LINE
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
    middle = top + len(lines) * SMALL * _LINE + 0.08
    track = column.width - 0.64
    unit = track / 100
    sheet.bar(column.x, middle, track, TRACK, _THIN)
    sheet.bar(column.x, middle, row.per_cent * unit, MID_BLUE, _THIN)
    if beside:
        _whisker(sheet, column.x + row.ci_low * unit, column.x + row.ci_high * unit, middle)
        sheet.text(column.x + track + 0.08, middle, beside, SMALL, colour=QUIET)
    return middle + 0.07


def _theme_item(sheet: Sheet, row: Any, column: _Column, top: float) -> float:
    """A count and its theme; below it a bar on a track of everyone, or the people one by one where they are few."""
    shown, beside = _count(row)
    lines = wrap(shorten(row.item_label), column.width, SMALL)
    sheet.lines(column.x, top, [shown], SMALL, bold=True)
    sheet.lines(column.x + text_width(shown, SMALL, True) + 0.06, top, [beside], SMALL, colour=QUIET)
    sheet.lines(column.x, top + SMALL * _LINE, lines, SMALL)
    middle = top + (1 + len(lines)) * SMALL * _LINE + 0.08
    step = min(0.115, column.width / row.of)
    if step >= _SMALLEST_DOT:
        for i in range(row.of):
            sheet.dot(column.x + (i + 0.5) * step, middle, TURQUOISE, 0.38 * step, filled=i < row.n)
    else:
        sheet.bar(column.x, middle, column.width, TRACK, _THIN)
        sheet.bar(column.x, middle, column.width * row.n / row.of, TURQUOISE, _THIN)
    return middle + 0.07


def _whisker(sheet: Sheet, low: float, high: float, middle: float) -> None:
    sheet.rule((low, middle), (high, middle), INK, 1.0)
    for end in (low, high):
        sheet.rule((end, middle - 0.045), (end, middle + 0.045), INK, 1.0)
