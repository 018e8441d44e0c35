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
        groups: dict[Values, list[str]] = {}
        for person, values in shown.items():
            if len(values) == level:
                groups.setdefault(values, []).append(person)
        above: dict[Values, dict[Values, list[str]]] = {}
        for values, members in groups.items():
            above.setdefault(values[:-1], {})[values] = members
        for coarser, finer in above.items():
            already = sum(values == coarser for values in shown.values())
            for values in _too_small(finer, already, fewest):
                shown |= dict.fromkeys(finer[values], coarser)
    return shown


def alike(shown: Mapping[str, Values]) -> Counter[Values]:
    """How many people are shown with each combination."""
    return Counter(shown.values())


def _too_small(groups: Mapping[Values, Sequence[str]], already: int, fewest: int) -> list[Values]:
    """The groups that lose their last attribute, given how many people are shown without it already."""
    order = sorted(groups, key=lambda values: (len(groups[values]), values))
    small = [values for values in order if len(groups[values]) < fewest]
    others = order[len(small) :]
    pooled = already + sum(len(groups[values]) for values in small)
    while others and 0 < pooled < fewest:
        small.append(others.pop(0))
        pooled += len(groups[small[-1]])
    return small
