"""Krippendorff's alpha for stretches of text whose ends each coder chose freely.

The coefficient for two coders of Krippendorff (1995; 2004, section 11.6). It was later found to misbehave for more than
two coders (Krippendorff, Mathet, Bouvry & Widlöcher 2016), so that it is given for pairs only. Texts are laid end to
end; a stretch never reaches from one into the next, and so no gap does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Continuum:
    """The texts of a comparison, one behind the other with a place between them.

    Attributes:
        lengths: (texts,) number of characters.
    """

    lengths: Whole

    @property
    def offsets(self) -> Whole:
        """Where each text starts."""
        return np.concatenate([[0], np.cumsum(self.lengths + 1)[:-1]]).astype(np.int64)

    def stretches(self, text: Whole, start: Whole, end: Whole) -> Stretches:
        """One coder's stretches of one code; overlapping ones are one stretch, adjoining ones are not."""
        at = self.offsets[text]
        order = np.lexsort((end, start + at))
        low, high, text = (start + at)[order], (end + at)[order], text[order]
        if not low.size:
            return Stretches(text, low, high)
        first = np.flatnonzero(np.concatenate([[True], low[1:] >= np.maximum.accumulate(high)[:-1]]))
        return Stretches(text[first], low[first], np.maximum.reduceat(high, first))

    def gaps(self, of: Stretches) -> tuple[Whole, Whole]:
        """The text and the length of each gap between a coder's stretches; gaps of nothing are left out."""
        opens = np.sort(np.concatenate([self.offsets, of.end]))
        closes = np.sort(np.concatenate([self.offsets + self.lengths, of.start]))
        text = np.searchsorted(self.offsets, opens, side="right") - 1
        found = closes > opens
        return text[found], (closes - opens)[found]


@dataclass(frozen=True)
class Stretches:
    """One coder's stretches of one code, in order: the text, and start and end on the continuum."""

    text: Whole
    start: Whole
    end: Whole


@dataclass(frozen=True)
class Disagreement:
    """Observed and expected disagreement, one entry a resample; NaN where nobody marked anything."""

    observed: Numbers
    expected: Numbers


@dataclass(frozen=True)
class Marked:
    """Two coders' stretches of one code, summed up by text.

    Attributes:
        lengths: (texts,) number of characters.
        apart: (texts,) squared distances between the coders.
        sizes: The different lengths of stretches.
        number: (texts, sizes) stretches of both coders.
        fits: (sizes, texts) squared length of a stretch times the places it could take in any gap of either coder.
    """

    lengths: Numbers
    apart: Numbers
    sizes: Numbers
    number: Numbers
    fits: Numbers

    @classmethod
    def of(cls, a: Stretches, b: Stretches, continuum: Continuum) -> Marked:
        """Sum up what two coders marked in the texts that both were asked to code."""
        texts = len(continuum.lengths)
        text = np.concatenate([a.text, b.text])
        sizes, which = np.unique(np.concatenate([a.end - a.start, b.end - b.start]), return_inverse=True)
        number = np.bincount(text * len(sizes) + which, minlength=texts * len(sizes)).reshape(texts, len(sizes))
        return cls(
            continuum.lengths.astype(float),
            _observed(a, b, texts),
            sizes.astype(float),
            number.astype(float),
            _into_gaps(sizes, a, b, continuum),
        )

    def disagreement(self, drawn: Numbers) -> Disagreement:
        """The two parts of alpha, from how often each text counts: (resamples, texts)."""
        size, total = self.sizes, drawn @ self.lengths
        used = np.flatnonzero(self.number.any(axis=1))  # most codes are in few texts
        number, of_used = self.number[used], drawn[:, used]
        stretches = of_used @ number.sum(axis=1)
        beside_units = (stretches - 1) / 3 * (of_used @ (number @ (2 * size**3 - 3 * size**2 + size)))
        into_gaps = np.einsum("rt,rt->r", of_used @ (number @ self.fits), drawn)
        places = 2 * total * (2 * total - 1) - of_used @ (number @ (size * (size - 1)))
        some = stretches > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = 2 / total * (beside_units + into_gaps) / places
            observed = drawn @ self.apart / total**2
        return Disagreement(np.where(some, observed, np.nan), np.where(some, expected, np.nan))


def _observed(a: Stretches, b: Stretches, texts: int) -> Numbers:
    """Squared distances of the ends of stretches that meet, and squared lengths of those that meet none."""
    low = np.searchsorted(b.end, a.start, side="right")
    high = np.searchsorted(b.start, a.end, side="left")
    meets = np.maximum(high - low, 0)
    mine = np.repeat(np.arange(len(a.start)), meets)
    theirs = np.arange(len(mine)) - np.repeat(np.cumsum(meets) - meets, meets) + np.repeat(low, meets)
    apart = (a.start[mine] - b.start[theirs]) ** 2 + (a.end[mine] - b.end[theirs]) ** 2
    alone_a = meets == 0
    alone_b = np.bincount(theirs, minlength=len(b.start)) == 0
    place = np.concatenate([a.text[mine], a.text[alone_a], b.text[alone_b]])
    squares = np.concatenate([apart, (a.end - a.start)[alone_a] ** 2, (b.end - b.start)[alone_b] ** 2])
    return np.asarray(np.bincount(place, squares, minlength=texts), dtype=np.float64)


def _into_gaps(sizes: Whole, a: Stretches, b: Stretches, continuum: Continuum) -> Numbers:
    """(sizes, texts) squared length of a stretch times the places it could take in the gaps of either coder."""
    of_gap, wide = (np.concatenate(parts) for parts in zip(continuum.gaps(a), continuum.gaps(b), strict=True))
    # Gaps by text and width, one line of numbers for all: what is behind a place in it is as wide or wider.
    span = int(continuum.lengths.max(initial=0)) + 2
    line = np.sort(of_gap * span + wide)
    room = np.concatenate([[0], np.cumsum(line % span + 1)])
    every = np.arange(len(continuum.lengths)) * span
    low = np.searchsorted(line, every + sizes[:, None])
    high = np.searchsorted(line, every + span)
    return np.asarray(sizes[:, None] ** 2.0 * (room[high] - room[low] - sizes[:, None] * (high - low)))
