"""Seeded chance that gives the same draws everywhere.

Everything is built from `Generator(PCG64).random`, whose stream does not change, and from stable sorts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


class Chance:
    """A stream of random draws with a fixed seed."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def below(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return bool(self._generator.random() < probability)

    def index(self, count: int) -> int:
        """A number from 0 to below `count`."""
        return min(int(self._generator.random() * count), count - 1)

    def one_of(self, items: Sequence[Item]) -> Item:
        """One item, each as likely."""
        return items[self.index(len(items))]

    def weighted(self, weights: Mapping[Item, float]) -> Item:
        """One key, as likely as its weight."""
        point = self._generator.random() * sum(weights.values())
        for key, weight in weights.items():
            point -= weight
            if point < 0:
                return key
        return key

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """All items in another order."""
        order = np.argsort(self._generator.random(len(items)), kind="stable")
        return [items[i] for i in order]

    def some(self, items: Sequence[Item], count: int) -> list[Item]:
        """`count` different items, each as likely, in the order they came in."""
        order = np.argsort(self._generator.random(len(items)), kind="stable")[:count]
        return [items[i] for i in sorted(order)]

    def some_weighted(self, items: Sequence[Item], weights: Sequence[float], count: int) -> list[Item]:
        """`count` different items, the heavier the likelier, in the order they came in."""
        keys = np.log(1 - self._generator.random(len(items))) / np.asarray(weights, dtype=float)
        order = np.argsort(-keys, kind="stable")[:count]
        return [items[i] for i in sorted(order)]
