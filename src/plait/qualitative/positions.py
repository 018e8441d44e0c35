"""From positions as tools count them to places in the canonical text, in every way of counting at once.

What a convention counts differently are characters beyond the first plane, two units in UTF-16, and line ends of two
characters. Where those stand is all that is kept of a text; a position moves by as many of them as lie before it.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt

from plait.qualitative.transcripts import canonical_text

Positions = npt.NDArray[np.int64]
Points = npt.NDArray[np.uint32]

_NEWLINES = ("line ends as stored", "line ends counted once")
_UNITS = ("code points", "UTF-16 units")
CONVENTIONS = tuple(f"{unit}, {newlines}" for newlines, unit in product(_NEWLINES, _UNITS))
"""The conventions that are tried, the standard's own first."""
_BMP = 0xFFFF
_BEYOND_SPACES = 0x3001
"""No white space has this code point or a higher one."""
_IS_SPACE = np.array([chr(point).isspace() for point in range(_BEYOND_SPACES)] + [False])


def points_of(text: str) -> Points:
    """A text as its code points."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def is_space(points: Points) -> npt.NDArray[np.bool_]:
    """Which characters are white space."""
    return np.asarray(_IS_SPACE[np.minimum(points, _BEYOND_SPACES)])


def canonical_places(stored: str, ends: Positions) -> Positions:
    """Where selections stand by each convention.

    Args:
        stored: The text as stored.
        ends: (selections, 2) start and end as the tool wrote them.

    Returns:
        (conventions, selections, 2) code points into the canonical text; -1 twice where the convention knows no such
        position, or the place holds no character.
    """
    points = points_of(stored)
    line_feed_of_two = np.flatnonzero((points[1:] == 0x0A) & (points[:-1] == 0x0D)) + 1
    found = []
    for counted, dropped in ((points, line_feed_of_two), (points_of(canonical_text(stored)), line_feed_of_two[:0])):
        wide = np.flatnonzero(counted > _BMP)
        for units in (ends[:0, 0], wide + np.arange(len(wide))):
            before = np.searchsorted(units, ends)
            cut = np.append(units, -2)[before - 1] == ends - 1  # between the two units of a character
            known = (ends >= 0) & (ends <= len(counted) + len(units)) & ~cut
            at = ends - before
            found.append(np.where(known, at - np.searchsorted(dropped, at), -1))
    places = np.stack(found)
    some = (places[..., 0] >= 0) & (places[..., 0] < places[..., 1])
    return np.where(some[..., None], places, -1).astype(np.int64)


def without_spaces(points: Points, places: Positions) -> Positions:
    """Places (..., 2) in a text without the white space at their ends; those of white space alone stay as they are."""
    solid = np.flatnonzero(~is_space(points))
    first = np.searchsorted(solid, places[..., 0])
    last = np.searchsorted(solid, places[..., 1]) - 1
    some = first <= last
    inner = np.stack([np.append(solid, 0)[first], np.append(solid, 0)[last] + 1], axis=-1)
    return np.where(some[..., None], inner, places).astype(np.int64)


def on_either_side(points: Points, at: Positions) -> Points:
    """The character before and behind each position, (..., 2); 0 beyond the text."""
    framed = np.concatenate([[0], points, [0]]).astype(np.uint32)
    return framed[np.minimum(np.stack([at, at + 1], axis=-1), len(points) + 1)]


def alphanumeric(points: Points) -> npt.NDArray[np.bool_]:
    """Which characters are letters or digits."""
    different, which = np.unique(points, return_inverse=True)
    return np.array([chr(point).isalnum() for point in different], dtype=bool)[which].reshape(points.shape)
