"""What a reader sees of a group in the published tables: a base, and counts of people behind the per cents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat

import numpy as np
import pandas as pd

from plait.disclosure.programme import Bounds
from plait.disclosure.rounded import per_cents
from plait.disclosure.rules import Rules
from plait.survey.intervals import wilson


@dataclass(frozen=True)
class Group:
    """What is published of a group: bounds of its base and, by option, of its counts, with their share of the base."""

    base: Bounds
    counts: dict[str, Bounds]
    shares: dict[str, Bounds]


def seen_groups(published: pd.DataFrame, rules: Rules) -> dict[tuple[str, str], dict[str, Group]]:
    """What is published of each group, by grain and break; nothing where the group is hidden."""
    found: dict[tuple[str, str], dict[str, Group]] = {}
    names = ["grain", "break", "group", "option", "base_unweighted", "per_cent_unweighted", "marker"]
    columns = [published[name].to_numpy(dtype=object) for name in names]
    rows = zip(*columns, _limits(published), strict=True)
    for grain, break_, group, option, base, per_cent, marker, limits in rows:
        if pd.isna(base):
            continue
        groups = found.setdefault((grain, break_), {})
        if group not in groups:
            groups[group] = Group(base_bounds(int(base), rules), {}, {})
        if option and not pd.isna(per_cent):
            low, high = count_bounds(float(per_cent), groups[group].base, rules)
            if limits is not None:
                low, high = bounds_by_limits((low, high), limits, groups[group].base, rules)
            groups[group].counts[option] = (max(low, 1) if marker == "low" else low, high)
            half = 0.5 * 10.0**-rules.per_cent_digits
            groups[group].shares[option] = ((per_cent - half) / 100, (per_cent + half) / 100)
    return found


def _limits(published: pd.DataFrame) -> Iterator[Bounds | None]:
    """The limits of each row that follow from a count and a base alone; those of weighted shares need their errors."""
    if not {"method", "ci_low", "ci_high"} <= set(published):
        yield from repeat(None, len(published))
        return
    for method, low, high in zip(published["method"], published["ci_low"], published["ci_high"], strict=True):
        yield (float(low), float(high)) if method == "wilson" and pd.notna(low) and pd.notna(high) else None


@lru_cache(maxsize=2**14)
def bounds_by_limits(counts: Bounds, limits: Bounds, base: Bounds, rules: Rules) -> Bounds:
    """The counts whose limits (Wilson 1927) round to those published: two more roundings of one number.

    Limits that none of the counts has are made otherwise, and tell nothing.
    """
    n, k = np.meshgrid(np.arange(base[0], base[1] + 1), np.arange(counts[0], counts[1] + 1))
    low, high = wilson(k / n, n)
    alike = (per_cents(low.ravel(), rules) == limits[0]) & (per_cents(high.ravel(), rules) == limits[1])
    found = k.ravel()[alike & (k <= n).ravel()]
    return (int(found.min()), int(found.max())) if found.size else counts


def base_bounds(base: int, rules: Rules) -> tuple[int, int]:
    """The people that a rounded base can stand for."""
    if base == 0:  # nobody: groups of few are hidden, not rounded to none
        return 0, 0
    return base - rules.base_to // 2, base + (rules.base_to - 1) // 2


def count_bounds(per_cent: float, base: Bounds, rules: Rules) -> Bounds:
    """The people that a per cent can stand for: rounded half up, so that the upper half is the next one's."""
    scale = 10**rules.per_cent_digits
    steps, whole = round(per_cent * scale), 200 * scale
    low = -((-(2 * steps - 1) * int(base[0])) // whole)
    high = -((-(2 * steps + 1) * int(base[1])) // whole) - 1
    return max(low, 0), min(high, base[1])
