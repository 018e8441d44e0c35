"""Lengths of what was said: words as Python parts them, unions as sets, the interviewer left out."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.qualitative.measures import Measures, covered, union, word_starts

SPACED = st.text(st.sampled_from("ab \n\t\u00a0\u2003\u3000\u0085\x1c\u200b\U0001f4da\udc80e\u0301"), max_size=30)
STRETCHES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)).map(lambda p: (p[0], sum(p))), max_size=15)


def arrays(found: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.array([p[i] for p in found], dtype=np.int64) for i in (0, 1))  # type: ignore[return-value]


@given(st.lists(SPACED | st.text(max_size=12), max_size=5))
@settings(deadline=None)
def test_words_are_those_of_split_and_none_reaches_into_the_next_text(texts: list[str]) -> None:
    starts = word_starts(texts).tolist()
    assert len(starts) == sum(len(t.split()) for t in texts)
    before = np.cumsum([0, *(len(t) for t in texts)])
    expected = [int(b) + m.start() for b, t in zip(before[:-1], texts, strict=True) for m in re.finditer(r"\S+", t)]
    assert starts == expected


@given(STRETCHES)
def test_a_union_holds_each_character_once(found: list[tuple[int, int]]) -> None:
    starts, ends = union(*arrays(found))
    put_together = [i for a, b in zip(starts, ends, strict=True) for i in range(a, b)]
    assert put_together == sorted({i for a, b in found for i in range(a, b)})
    assert all(starts[1:] > ends[:-1])


@given(STRETCHES, STRETCHES, STRETCHES)
@settings(deadline=None)
def test_what_is_covered_is_counted_as_sets_are(
    silent: list[tuple[int, int]], one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    # Two texts of 50 characters, a word every third; the interviewer speaks in the second.
    words = np.arange(0, 100, 3)
    away = {50 + i for a, b in silent for i in range(a, b)}
    silent_start, silent_end = union(*(50 + side for side in arrays(silent)))
    measures = Measures(np.array([0, 50, 100]), silent_start, silent_end, np.array([w for w in words if w not in away]))
    assert measures.characters(np.array([100])).tolist() == [100 - len(away)]
    key = np.array([0] * len(one) + [2] * len(other), dtype=np.int64)
    source = np.array([i % 2 for i in range(len(key))], dtype=np.int64)
    start, end = arrays(one + other)
    found = covered(measures, key, source, start, end, 3)
    for k in range(3):
        mine = {
            50 * s + i for n, s, a, b in zip(key, source, start, end, strict=True) if n == k for i in range(a, b)
        } - away
        assert found.characters[k] == len(mine)
        assert found.words[k] == len(mine & set(words.tolist()))
