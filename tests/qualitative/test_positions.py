"""Positions of every convention, held against counting the characters one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.qualitative.positions import CONVENTIONS, canonical_places, is_space, points_of, without_spaces
from plait.qualitative.transcripts import canonical_text

PIECES = ["a", "é", " ", "\t", "\n", "\r\n", "\r", "\r\r\n", "\U0001f600", "\u3000", "\x85", "9"]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join)


def counted_one_by_one(stored: str, convention: str) -> dict[int, int]:
    """From a tool's position to the canonical one, for every position that a convention has."""
    text = stored if "as stored" in convention else canonical_text(stored)
    known, at, canonical = {}, 0, 0
    for i, character in enumerate(text):
        known[at] = canonical
        at += 2 if "UTF-16" in convention and ord(character) > 0xFFFF else 1
        # The line feed of a line end of two characters is no character of the canonical text.
        canonical += not (character == "\n" and i and text[i - 1] == "\r")
    return known | {at: canonical}


@settings(max_examples=80, deadline=None)
@given(TEXTS)
def test_every_pair_of_positions_is_where_counting_puts_it(stored: str) -> None:
    most = len(stored.encode("utf-16-le")) // 2 + 2
    ends = np.array([(a, b) for a in range(-1, most) for b in range(-1, most)])
    found = canonical_places(stored, ends)
    for convention, places in zip(CONVENTIONS, found.tolist(), strict=True):
        known = counted_one_by_one(stored, convention)
        for (a, b), place in zip(ends.tolist(), places, strict=True):
            start, end = known.get(a, -1), known.get(b, -1)
            assert place == ([start, end] if 0 <= start < end else [-1, -1])


@settings(max_examples=80, deadline=None)
@given(TEXTS)
def test_white_space_at_the_ends_is_what_strip_takes_for_it(text: str) -> None:
    places = np.array([(a, b) for a in range(len(text)) for b in range(a + 1, len(text) + 1)])
    for (a, b), (start, end) in zip(places.tolist(), without_spaces(points_of(text), places).tolist(), strict=True):
        said = text[a:b]
        assert text[start:end] == (said.strip() or said)
        assert a <= start < end <= b


def test_no_white_space_lies_beyond_the_table() -> None:
    points = np.array([c for c in range(0x110000) if not 0xD800 <= c < 0xE000], dtype=np.uint32)
    assert [chr(c) for c in points[is_space(points)]] == [chr(c) for c in points if chr(c).isspace()]
