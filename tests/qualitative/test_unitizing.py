"""Alpha of freely marked stretches: Krippendorff's own example, and the definition section by section."""

import random
from itertools import product

import numpy as np
import pytest

from plait.qualitative.unitizing import Continuum, Disagreement, Marked, Stretches

ONCE = np.ones((1, 1))
Span = tuple[int, int]


def unitizing_disagreement(a: Stretches, b: Stretches, continuum: Continuum, drawn: np.ndarray) -> Disagreement:
    return Marked.of(a, b, continuum).disagreement(drawn)


def stretches(continuum: Continuum, spans: list[tuple[int, int, int]]) -> Stretches:
    table = np.array(spans, dtype=np.int64).reshape(-1, 3)
    return continuum.stretches(table[:, 0], table[:, 1], table[:, 2])


def textbook(*units: Span) -> list[tuple[int, int, int]]:
    """Units of Krippendorff (2004, p. 254), given there as start and length on a continuum from 150 to 450."""
    return [(0, start - 150, start - 150 + length) for start, length in units]


def test_the_textbook_example() -> None:
    continuum = Continuum(np.array([300]))
    c = unitizing_disagreement(
        stretches(continuum, textbook((225, 70), (370, 30))),
        stretches(continuum, textbook((220, 80), (355, 20), (400, 20))),
        continuum,
        ONCE,
    )
    k = stretches(continuum, textbook((180, 60), (300, 50)))
    same = unitizing_disagreement(k, k, continuum, ONCE)
    assert (round(c.observed[0], 4), round(c.expected[0], 4)) == (0.0144, 0.0532)
    assert (round(same.observed[0], 4), round(same.expected[0], 4)) == (0, 0.0490)
    assert round(1 - c.observed[0] / c.expected[0], 4) == 0.7286
    overall = 1 - (c.observed[0] + same.observed[0]) / (c.expected[0] + same.expected[0])
    assert round(overall, 4) == 0.8587


def section_by_section(units: tuple[list[Span], list[Span]], lengths: list[int]) -> tuple[float, float]:
    """Both disagreements from lists of units and gaps, texts end to end, no section reaching from one into the next."""
    total, m = sum(lengths), 2
    starts = np.cumsum([0, *lengths])
    sections = []
    for mine in units:
        found = [(b, e, True) for b, e in mine]
        for text, length in enumerate(lengths):
            at = int(starts[text])
            for b, e in [u for u in mine if starts[text] <= u[0] < starts[text + 1]] + [
                (int(starts[text]) + length,) * 2
            ]:
                if b > at:
                    found.append((at, b, False))
                at = e
        sections.append(found)

    def distance(g: tuple[int, int, bool], h: tuple[int, int, bool]) -> int:
        if g[2] and h[2]:
            return (g[0] - h[0]) ** 2 + (g[1] - h[1]) ** 2 if g[0] < h[1] and h[0] < g[1] else 0
        if g[2] != h[2]:
            inner, outer = (g, h) if g[2] else (h, g)
            return (inner[1] - inner[0]) ** 2 if outer[0] <= inner[0] and inner[1] <= outer[1] else 0
        return 0

    observed = sum(distance(g, h) + distance(h, g) for g, h in product(*sections)) / (m * (m - 1) * total**2)
    marked = [e - b for part in sections for b, e, is_unit in part if is_unit]
    gaps = [e - b for part in sections for b, e, is_unit in part if not is_unit]
    chance = sum(
        (len(marked) - 1) / 3 * (2 * n**3 - 3 * n**2 + n) + n**2 * sum(h - n + 1 for h in gaps if h >= n)
        for n in marked
    )
    expected = 2 / total * chance / (m * total * (m * total - 1) - sum(n * (n - 1) for n in marked))
    return observed, expected


def random_units(rng: random.Random, lengths: list[int]) -> list[tuple[int, int, int]]:
    found = []
    for text, length in enumerate(lengths):
        edges = sorted(rng.sample(range(length + 1), 2 * rng.randint(0, 3)))
        found += [(text, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return found


@pytest.mark.parametrize("seed", range(12))
def test_every_section_is_compared_with_every_other(seed: int) -> None:
    rng = random.Random(seed)
    lengths = [rng.randint(8, 40) for _ in range(1 + seed % 4)]
    continuum = Continuum(np.array(lengths))
    spans = [random_units(rng, lengths), random_units(rng, lengths)]
    found = unitizing_disagreement(*(stretches(continuum, s) for s in spans), continuum, np.ones((1, len(lengths))))
    at = np.cumsum([0, *lengths])
    a, b = ([(int(at[t]) + x, int(at[t]) + y) for t, x, y in s] for s in spans)
    observed, expected = section_by_section((a, b), lengths)
    if not a and not b:
        assert np.isnan(found.observed[0]) and np.isnan(found.expected[0])
        return
    assert found.observed[0] == pytest.approx(observed)
    assert found.expected[0] == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(6))
def test_a_text_that_is_drawn_twice_counts_like_two_texts(seed: int) -> None:
    rng = random.Random(seed)
    lengths, times = [30, 12, 25], [2, 0, 3]
    spans = [random_units(rng, lengths), random_units(rng, lengths)]
    continuum = Continuum(np.array(lengths))
    drawn = unitizing_disagreement(*(stretches(continuum, s) for s in spans), continuum, np.array([times], dtype=float))
    copies = [text for text, n in enumerate(times) for _ in range(n)]
    long = Continuum(np.array([lengths[text] for text in copies]))
    copied = [[(new, a, b) for new, old in enumerate(copies) for text, a, b in s if text == old] for s in spans]
    laid_out = unitizing_disagreement(*(stretches(long, s) for s in copied), long, np.ones((1, len(copies))))
    assert drawn.observed == pytest.approx(laid_out.observed, nan_ok=True)
    assert drawn.expected == pytest.approx(laid_out.expected, nan_ok=True)


def test_overlapping_stretches_are_one_and_adjoining_ones_are_not() -> None:
    continuum = Continuum(np.array([50, 20]))
    found = stretches(continuum, [(0, 5, 20), (0, 0, 5), (0, 10, 30), (1, 0, 20), (0, 12, 14), (0, 40, 50)])
    assert found.text.tolist() == [0, 0, 0, 1]
    assert (found.start.tolist(), found.end.tolist()) == ([0, 5, 40, 51], [5, 30, 50, 71])
    assert [v.tolist() for v in continuum.gaps(found)] == [[0], [10]]
