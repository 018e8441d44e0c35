"""Exact counts: how many people of each cell give each answer, so that known margins come out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

from plait.simulate.chance import Chance

Key = TypeVar("Key", bound=Hashable)
Person = TypeVar("Person", bound=Hashable)


def whole_parts(shares: Mapping[Key, float], total: int) -> dict[Key, int]:
    """Split a total by shares into whole numbers that add up to it (largest remainders)."""
    weight = sum(shares.values())
    exact = {key: total * share / weight for key, share in shares.items()} if weight else dict.fromkeys(shares, 0.0)
    parts = {key: int(value) for key, value in exact.items()}
    order = sorted(exact, key=lambda key: parts[key] - exact[key])
    for key in order[: total - sum(parts.values()) if weight else 0]:
        parts[key] += 1
    return parts


def crossed(
    sizes: Mapping[tuple[str, str], int], rows: Mapping[str, float], columns: Mapping[str, float]
) -> dict[tuple[str, str], int]:
    """Counts for the cells of a two-way table that come to given rates in its rows and columns.

    Args:
        sizes: People in each cell.
        rows: Rate in each row; row counts come out to the nearest person.
        columns: Rate in each column; column counts come out as nearly as whole people allow.
    """
    row_totals = {r: rate * sum(n for (a, _), n in sizes.items() if a == r) for r, rate in rows.items()}
    column_totals = {c: rate * sum(n for (_, b), n in sizes.items() if b == c) for c, rate in columns.items()}
    scale = sum(row_totals.values()) / max(sum(column_totals.values()), 1e-9)
    cells = {key: max(rows[key[0]], 1e-6) * n for key, n in sizes.items()}
    for _ in range(200):
        for totals, axis, factor in ((column_totals, 1, scale), (row_totals, 0, 1.0)):
            for name, total in totals.items():
                now = sum(value for key, value in cells.items() if key[axis] == name)
                if now > 0:
                    for key, value in cells.items():
                        if key[axis] == name:
                            cells[key] = min(value * total * factor / now, float(sizes[key]))
    counts: dict[tuple[str, str], int] = {}
    for row, total in row_totals.items():
        counts |= whole_parts({key: value for key, value in cells.items() if key[0] == row}, int(total + 0.5))
    return counts


def tick(
    people: Sequence[Person],
    counts: Mapping[str, int],
    chance: Chance,
    liking: Callable[[Person, str], float] = lambda person, option: 1.0,
    most: int | None = None,
) -> dict[Person, set[str]]:
    """Give every option to exactly as many people as its count, and every person at least one option.

    Args:
        people: Who may tick.
        counts: Ticks of each option; together at least as many as people.
        chance: The stream of draws.
        liking: How likely a person is to tick an option, beside others.
        most: How many options a person may tick.
    """
    ticks: dict[Person, set[str]] = {person: set() for person in people}
    for option, count in counts.items():
        for person in chance.some_weighted(people, [liking(p, option) for p in people], min(count, len(people))):
            ticks[person].add(option)
    for person in [p for p in people if not ticks[p]]:
        givers = [p for p in people if len(ticks[p]) > 1]
        if not givers:
            raise ValueError("fewer ticks than people")
        giver = chance.one_of(givers)
        option = chance.one_of(sorted(ticks[giver]))
        ticks[giver].remove(option)
        ticks[person].add(option)
    for person in people:
        while most and len(ticks[person]) > most:
            option = chance.one_of(sorted(ticks[person]))
            taker = chance.one_of([p for p in people if len(ticks[p]) < most and option not in ticks[p]])
            ticks[person].remove(option)
            ticks[taker].add(option)
    return ticks


def spread(
    people: Sequence[Person], shares: Callable[[Person], Mapping[str, float]], chance: Chance
) -> dict[Person, str]:
    """Give everyone one answer so that people with the same shares answer in exactly these shares."""
    alike: dict[tuple[tuple[str, float], ...], list[Person]] = {}
    for person in people:
        alike.setdefault(tuple(shares(person).items()), []).append(person)
    answers: dict[Person, str] = {}
    for cell, members in alike.items():
        counts = whole_parts(dict(cell), len(members))
        drawn = [answer for answer, count in counts.items() for _ in range(count)]
        answers |= dict(zip(chance.shuffled(members), drawn, strict=True))
    return answers
