"""What may be said of a person beside their words: coarse attributes that enough people share, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

Values = tuple[str, ...]


def attributions(people: Mapping[str, Values], fewest: int) -> dict[str, Values]:
    """The attributes that each person may be shown with.

    Of every person the last attribute is dropped where fewer than `fewest` share the combination, then the one before.
    Those who keep fewer attributes than the others are themselves a group that a reader can tell: where it is too small,
    the next smallest combination joins it, as in complementary suppression of tables (Hundepool et al., 2012).

    Args:
        people: The values of each person's attributes, in the order of importance; all of the same number.
        fewest: How many people must share what is shown.

    Returns:
        The first so many values of each person, never fewer than `fewest` people alike unless there are not that many.
    """
    shown = dict(people)
    depth = max((len(values) for values in people.values()), default=0)
    for level in range(depth, 0, -1):
        for coarser in sorted({values[: level - 1] for values in shown.values()}):
            sizes = alike(shown)
            below = [v for v in sizes if len(v) >= level and v[: level - 1] == coarser]
            dropped = _too_small(below, sizes, coarser, fewest)
            shown |= {person: coarser for person, values in shown.items() if values in dropped}
    return shown


def alike(shown: Mapping[str, Values]) -> Counter[Values]:
    """How many people are shown with each combination."""
    return Counter(shown.values())


def _too_small(below: Sequence[Values], sizes: Mapping[Values, int], coarser: Values, fewest: int) -> set[Values]:
    """The combinations that lose what they say beyond `coarser`: small ones, and others until they are enough."""
    order = sorted(below, key=lambda values: (sizes[values], values))
    dropped = {values for values in order if sizes[values] < fewest}
    pooled = sizes.get(coarser, 0) + sum(sizes[values] for values in dropped)
    for values in order:
        if values not in dropped and 0 < pooled < fewest:
            dropped.add(values)
            pooled += sizes[values]
    return dropped
