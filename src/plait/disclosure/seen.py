"""What a reader sees of a group in the published tables: a base, and counts of people behind the per cents."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from plait.disclosure.programme import Bounds
from plait.disclosure.rules import Rules


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
    for grain, break_, group, option, base, per_cent, marker in zip(*columns, strict=True):
        if pd.isna(base):
            continue
        groups = found.setdefault((grain, break_), {})
        if group not in groups:
            groups[group] = Group(base_bounds(int(base), rules), {}, {})
        if option and not pd.isna(per_cent):
            low, high = count_bounds(float(per_cent), groups[group].base, rules)
            groups[group].counts[option] = (max(low, 1) if marker == "low" else low, high)
            half = 0.5 * 10.0**-rules.per_cent_digits
            groups[group].shares[option] = ((per_cent - half) / 100, (per_cent + half) / 100)
    return found


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
