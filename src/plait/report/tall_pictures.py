"""Pictures that are too tall for a sheet of paper: cut between their rows, so that their type stays large enough to read."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise

PICTURE_WIDTH, PICTURE_HEIGHT = 481.0, 640.0
"""The room for a picture on A4 with margins of 2 cm, in points, its caption left aside."""
_READABLE = 0.75
"""Of the size that a picture was drawn in: if a whole one had to be smaller, it is cut."""
_AROUND = 0.15
"""How far from where all pieces would be equally tall a cut may lie, as a share of their height."""
_BELOW, _ABOVE = 3.0, 9.0
"""How far letters reach below and above the line that they stand on, in points."""
_BOX = re.compile(rb'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"')
_LINE = re.compile(rb'<text[^>]* y="([\d.]+)"')


@dataclass(frozen=True)
class Piece:
    """A part of a picture from side to side: where it begins and how tall it is, as shares of the whole."""

    top: float
    height: float


WHOLE = (Piece(0.0, 1.0),)


def size_of(svg: bytes) -> tuple[float, float] | None:
    """Width and height that a picture was drawn in, in points; nothing where it does not say."""
    box = _BOX.search(svg[:2000])
    return (float(box[1]), float(box[2])) if box else None


def scale_of(width: float, height: float) -> float:
    """By how much a picture is made smaller to fit on a sheet."""
    return min(1.0, PICTURE_WIDTH / width, PICTURE_HEIGHT / height)


def pieces_of(svg: bytes) -> tuple[Piece, ...]:
    """The pieces in which paper shows a picture: one, unless its type would be too small.

    A cut lies in the widest gap between two lines of type near to where it would make pieces of the same height; a picture
    without type there is left whole.
    """
    size = size_of(svg)
    if size is None or scale_of(*size) >= min(_READABLE, PICTURE_WIDTH / size[0]):
        return WHOLE
    height = size[1]
    number = math.ceil(height * _READABLE / PICTURE_HEIGHT)
    lines = sorted({float(y) for y in _LINE.findall(svg)})
    cuts = [0.0]
    for i in range(1, number):
        target, reach = height * i / number, height / number * _AROUND
        near = [(lower - upper, upper) for upper, lower in pairwise(lines) if abs((upper + lower) / 2 - target) < reach]
        gap, upper = max(near, default=(0.0, 0.0))
        if gap <= _BELOW + _ABOVE:
            return WHOLE
        cuts.append((upper + _BELOW + (gap - _BELOW - _ABOVE) / 2) / height)
    return tuple(Piece(top, bottom - top) for top, bottom in pairwise([*cuts, 1.0]))
