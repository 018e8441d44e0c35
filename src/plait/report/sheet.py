"""The sheet that every chart is drawn on: text, bars, lines and dots at places in inches, and how it is saved.

A chart is laid out by hand on a sheet measured in inches from the top left: widths of text are summed from the font's
own advances, lines are wrapped, and the sheet grows downwards. Nothing is drawn twice to find its size (as constrained
or tight layout would), texts keep clear of each other, and no chart needs axes, since every value is printed beside its
mark.

Sheets are saved as SVG, in which text stays text: it can be searched, translated and read aloud, the browser shapes
right-to-left scripts and finds glyphs that DejaVu lacks, and the bytes do not depend on the outlines that one FreeType
version makes. Where DejaVu is missing, Verdana is about as wide and what follows it in the list is narrower, so that the
layout holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from html import escape, unescape
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

import matplotlib
import pandas as pd
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from plait.report.figure_words import LEFT_TO_RIGHT, Words, clean, runs_leftwards
from plait.report.palette import BODY, DARK_PINK, INK, MARGIN, QUIET, RULE, SMALL, TITLE, WIDTH
from plait.report.printing import MONTHS

_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "plait",
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "text.parse_math": False,
    "text.usetex": False,
}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_LEFT_TEXT = re.compile(
    r'(?P<opening><text style="(?P<bold>font-weight: 700; )?font-size: (?P<size>[\d.]+)px;[^"]*text-anchor: start;[^"]*"'
    r' x="(?P<x>[\d.]+)"[^>]*>)(?P<words>[^<]*)</text>'
)
"""A line that begins at its place, as matplotlib writes it."""
_TAG = re.compile(r"<(?:text|tspan|path)\b[^>]*>")
_FAMILY = "font-family: 'DejaVu Sans', 'Verdana', 'Arial', 'Helvetica', sans-serif; "
_NOT_TURNED = re.compile(r' transform="rotate\(-?0 [^"]*"')
_FINER = re.compile(r"(?<=\d\.\d\d)\d+")
_GLUE = "\u00a0"
"""Holds a base ("n = 1,842") together while lines are broken."""
_OF = re.compile(r"(?<=\d) of (?=\d)")
"""Between a count and its base."""
_DAY = re.compile(rf"(?<=\d) (?=(?:{'|'.join(MONTHS)})\b)|(?<=(?:{'|'.join(m[-3:] for m in MONTHS)})) (?=\d{{4}}\b)")
"""The spaces within a date."""
_PLACEHOLDER = 1.15
"""Width of what is shown for a character that DejaVu lacks, in ems."""
LINE = 1.28 / 72
"""Height of a line of text: inches a point."""
_GENEROUS = 1.05
_RISE = 0.36 / 72
"""From the middle of a capital down to its baseline: inches a point."""
LEFT, RIGHT = MARGIN, WIDTH - MARGIN
SPAN = RIGHT - LEFT
BAR, SWATCH = 0.19, 0.18
"""Inches: the height of a bar, and from a swatch of a legend to its name."""


@contextmanager
def settings() -> Iterator[None]:
    """Draw with matplotlib's defaults and ours, whatever the user's own settings are."""
    defaults: Any = {k: v for k, v in matplotlib.rcParamsDefault.items() if not k.startswith("backend")}
    with matplotlib.rc_context(defaults | _SETTINGS):
        yield


def as_svg(figure: Figure, title: str) -> bytes:
    """A figure without date or version; `title` becomes its title element."""
    drawn = BytesIO()
    figure.savefig(drawn, format="svg", metadata=_NO_METADATA | {"Title": clean(title)})
    return _lighter(_LEFT_TEXT.sub(_set_apart, drawn.getvalue().decode())).encode()


def _lighter(svg: str) -> str:
    """A drawing without what every line of text repeats, to a hundredth of a point: a third lighter, and so is each page
    that holds it.
    """
    lines = _TAG.sub(lambda tag: _FINER.sub("", _NOT_TURNED.sub("", tag[0].replace(_FAMILY, ""))), svg)
    return lines.replace('<g id="figure_1">', f'<g id="figure_1" style="{_FAMILY}">', 1)


def _set_apart(text: re.Match[str]) -> str:
    """A line in which characters that DejaVu lacks stand apart, each run at its place.

    A program that finds them in another font would else take that font for the whole line, and set it in placeholders
    where the other font has nothing better.
    """
    words = unescape(text["words"])
    if words.isascii():
        return text[0]
    known = _known(words)
    if all(known) or runs_leftwards(words):
        return text[0]
    x, size, bold = float(text["x"]), float(text["size"]), bool(text["bold"])
    runs = []
    for _, run in groupby(zip(known, words, strict=True), key=itemgetter(0)):
        part = "".join(char for _, char in run)
        runs.append(f'<tspan x="{x:.6g}">{escape(part)}</tspan>')
        x += sum(_advance(char, bold) for char in part) * size
    return f"{text['opening']}{''.join(runs)}</text>"


def _known(words: str) -> list[bool]:
    """Which characters DejaVu has; what only joins or changes the one before it goes with that."""
    font, found = _font(bold=False), list[bool]()
    for char in words:
        follows = bool(found) and unicodedata.category(char) in ("Mn", "Me", "Cf", "Sk")
        found.append(found[-1] if follows else bool(font.get_char_index(ord(char))))
    return found


# --- text -------------------------------------------------------------------------------------------------------------


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a line in inches, a little generous: other programs fill in other fonts."""
    return _GENEROUS * sum(_advance(c, bold) for c in text) * size / 72


@cache
def _font(bold: bool) -> FT2Font:
    return get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))


@lru_cache(maxsize=4096)
def _advance(char: str, bold: bool) -> float:
    """Width of a character in ems, unhinted, so that it is the same for every FreeType."""
    font = _font(bold)
    if not font.get_char_index(ord(char)):
        return _PLACEHOLDER
    font.set_size(100, 72)
    return float(font.load_char(ord(char)).linearHoriAdvance) / 65536 / 100


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than `width` inches; a word that is too long is broken anywhere."""
    lines: list[str] = []
    current = ""
    for word in _glued(clean(text)).split(" "):
        longer = f"{current} {word}" if current else word
        if text_width(longer, size, bold) <= width:
            current = longer
            continue
        if current:
            lines.append(current)
        *full, current = _pieces(word, width, size, bold)
        lines += full
    return [line.replace(_GLUE, " ") for line in (*lines, current)]


def _glued(text: str) -> str:
    """A text in which bases, marks, counts and dates are not to be torn apart."""
    text = text.replace("n = ", f"n{_GLUE}={_GLUE}").replace(" [u]", f"{_GLUE}[u]")
    return _DAY.sub(_GLUE, _OF.sub(f"{_GLUE}of{_GLUE}", text))


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


class _Line(Text):
    """A line of text that is handed over as it is, for SVG aligns text by itself: it need not be measured."""

    def draw(self, renderer: RendererBase) -> None:
        """Hand the line to the renderer."""
        x, y = self.get_transform().transform(self.get_position())
        down = renderer.get_canvas_width_height()[1] - y
        context = renderer.new_gc()
        context.set_foreground(self.get_color())
        renderer.draw_text(context, x, down, self.get_text(), self.get_fontproperties(), 0.0, mtext=self)
        context.restore()


class Sheet:
    """A figure of fixed width that grows downwards; places are inches from the top left corner."""

    def __init__(self, words: Words) -> None:
        """Start a sheet and set its mark, its headline and its subtitle."""
        self.figure = Figure(figsize=(WIDTH, 1.0), facecolor="white")
        self._downwards = Affine2D()
        self._inches = self._downwards + self.figure.dpi_scale_trans
        self._words = words
        self.y = MARGIN
        if words.mark:
            self.paragraph(f"{words.mark}.", SMALL, bold=True, colour=DARK_PINK)
            self.y += 0.03
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
        lines = wrap(text, SPAN, size, bold)
        self.lines(LEFT, self.y, lines, size, bold, colour)
        self.y += len(lines) * size * LINE

    def lines(
        self, x: float, top: float, lines: Sequence[str], size: float = BODY, bold: bool = False, colour: str = INK
    ) -> None:
        """Set lines one below another, aligned left."""
        for i, line in enumerate(lines):
            self.text(x, top + (i + 0.5) * size * LINE, line, size, bold, colour)

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
            text = f"{LEFT_TO_RIGHT}{text}" if runs_leftwards(text) else text
            weight = "bold" if bold else "normal"
            font: dict[str, Any] = {"fontsize": size, "fontweight": weight, "color": colour}
            self._add(_Line(x, middle + size * _RISE, text, ha=align, va="baseline", parse_math=False, **font))

    def bar(self, x: float, middle: float, width: float, colour: str, height: float = BAR) -> None:
        """Draw a bar from `x` to the right."""
        self._add(Rectangle((x, middle - height / 2), width, height, facecolor=colour, edgecolor="none"))

    def box(self, x: float, top: float, width: float, height: float, colour: str) -> None:
        """Draw an empty frame."""
        self._add(Rectangle((x, top), width, height, facecolor="none", edgecolor=colour, linewidth=0.8))

    def rule(
        self, start: tuple[float, float], end: tuple[float, float], colour: str = RULE, width: float = 0.6
    ) -> None:
        """Draw a straight line between two places."""
        xs, ys = zip(start, end, strict=True)
        self._add(Line2D(xs, ys, color=colour, linewidth=width, solid_capstyle="butt"))

    def whisker(self, low: float, high: float, middle: float) -> None:
        """Draw an interval with its ends."""
        self.rule((low, middle), (high, middle), INK, 1.0)
        for end in (low, high):
            self.rule((end, middle - 0.045), (end, middle + 0.045), INK, 1.0)

    def row(self, lines: Sequence[str], least: float, gap: float = 0.08, bold: bool = False) -> float:
        """Set a row's label at the left, move down below the row and say where its middle is."""
        text_height = len(lines) * BODY * LINE
        height = max(text_height, least)
        self.lines(LEFT, self.y + (height - text_height) / 2, lines, BODY, bold)
        middle = self.y + height / 2
        self.y += height + gap
        return middle

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


def nothing(words: Words) -> Figure:
    """A figure that says why there is none."""
    return Sheet(words).finish()
