"""Colours and sizes of the figures.

Colours are those of the UK Analysis Function. Under simulated colour-blindness neighbours can come close, so that no
chart here relies on colour: everything drawn is also named or numbered beside it.
"""

from __future__ import annotations

DARK_BLUE, TURQUOISE, DARK_PINK, ORANGE = "#12436D", "#28A197", "#801650", "#F46A25"
CATEGORICAL = (DARK_BLUE, TURQUOISE, DARK_PINK, ORANGE)
"""In this order; the Analysis Function advises no more than four."""
MID_BLUE = "#2073BC"
"""For a bar that carries a dark interval line; from the sequential palette."""
INK, QUIET, RULE, TRACK = "#0B0C0C", "#505A5F", "#B1B4B6", "#EDEEEF"
"""Text, secondary text (7 : 1 on white), hairlines, the empty part of a bar."""
ASIDE = "#8A9299"
"""Bars that stand beside a ranking, not in it ("None of these")."""
_SEQUENTIAL = ("#D3E6F8", "#6BACE6", "#2073BC", "#12436D")
"""The Analysis Function's three blues, and a tint below them, from few to many."""
NEUTRAL = "#D0D0D0"
_NEGATIVE = ("#B44A0E", "#F7A06F")
_POSITIVE = ("#12436D", "#6BACE6")

WIDTH = 6.3
"""Inches: 16 cm, the text width of an A4 page."""
MARGIN = 0.06
TITLE, BODY, SMALL = 11.0, 9.0, 8.0
"""Type sizes in points."""


def categorical(count: int) -> tuple[str, ...]:
    """One colour a group; a single colour where there are more groups than colours that can be told apart."""
    return CATEGORICAL[:count] if count <= len(CATEGORICAL) else (DARK_BLUE,) * count


def diverging(count: int) -> tuple[str, ...]:
    """Colours of a scale with `count` steps, strongest at both ends, grey in the middle of an odd one."""
    side = count // 2
    negative = [_between(*_NEGATIVE, _place(i, side)) for i in range(side)]
    positive = [_between(*_POSITIVE, _place(i, side)) for i in range(side)]
    return (*negative, *((NEUTRAL,) if count % 2 else ()), *reversed(positive))


def darkening(count: int) -> tuple[str, ...]:
    """Colours of the steps of an amount, from a tint of blue to the darkest."""
    return tuple(_between(_SEQUENTIAL[0], _SEQUENTIAL[-1], _place(i, count)) for i in range(count))


def sequential(count: int) -> tuple[str, ...]:
    """Colours of classes from few to many, four of them at most; with fewer the darkest are kept."""
    return _SEQUENTIAL[-count:]


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour (WCAG contrast)."""
    light = _luminance(colour)
    return "#FFFFFF" if 1.05 / (light + 0.05) > (light + 0.05) / (_luminance(INK) + 0.05) else INK


def pale(colour: str) -> str:
    """A colour halfway to white, for a bar that carries a dark interval line."""
    return _between(colour, "#FFFFFF", 0.5)


def _place(step: int, steps: int) -> float:
    return step / (steps - 1) if steps > 1 else 0.0


def _between(start: str, end: str, place: float) -> str:
    parts = [round(a + (b - a) * place) for a, b in zip(_channels(start), _channels(end), strict=True)]
    return "#{:02X}{:02X}{:02X}".format(*parts)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
