"""Cells that list several codes, taken apart in the one way there is or not at all."""

import random
from itertools import combinations, pairwise

import pytest

from plait.qualitative.code_lists import KnownNames, codes_in

KNOWN = KnownNames.of(["Pay", "Pay, hours", "Cover", "Time", "Time: Cover, late", "late", "hours", "Trust"])


def read(cell: str, stated: int | None = None) -> tuple[str, ...]:
    return codes_in(cell, ", ", stated, KNOWN).names


def test_line_ends_separate_for_certain() -> None:
    assert read("Pay, hours\nNew, never seen\n") == ("Pay, hours", "New, never seen")


def test_as_many_pieces_as_codes_prove_each_piece_a_code() -> None:
    assert read('"What, me?", Pay', 3) == ('"What', 'me?"', "Pay")
    assert codes_in("b, a", ", ", 2, KnownNames.of([])).names == ("b", "a")


def test_the_stated_number_tells_two_readings_apart() -> None:
    assert read("Pay, hours, Cover", 2) == ("Pay, hours", "Cover")
    assert read("Pay, hours, Cover", 3) == ("Pay", "hours", "Cover")
    assert "more than one way" in codes_in("Pay, hours", ", ", None, KNOWN).reason


def test_category_and_code_are_known_by_their_own_names() -> None:
    assert read("Time: Cover, late", 1) == ("Time: Cover, late",)
    assert read("Time: Trust, Pay", None) == ("Time: Trust", "Pay")
    assert KNOWN.split("Time: Trust") == ("Time", "Trust")


def test_one_name_outside_the_codebook_is_found_by_elimination() -> None:
    assert read("Pay, well, well, well, Cover", 3) == ("Pay", "well, well, well", "Cover")
    found = codes_in("one, two, three, four", ", ", 3, KNOWN)
    assert found.names == () and "not in the codebook" in found.reason and "(3 by its own count)" in found.reason


@pytest.mark.parametrize(("cell", "stated"), [("", 2), ("Pay", 2), ("", 1), ("Pay\nTime", 3)])
def test_a_count_that_cannot_be_right_is_told(cell: str, stated: int) -> None:
    assert "another number" in codes_in(cell, ", ", stated, KNOWN).reason


def test_nothing_is_no_code() -> None:
    assert codes_in("  ", ", ", None, KNOWN) == codes_in("", ", ", 0, KNOWN)


def test_against_trying_every_way() -> None:
    """Whatever is read is the only way to cut the cell at its commas into that many known names."""
    rng = random.Random(3)
    words = ["a", "b", "c", "d"]
    for _ in range(300):
        names = {", ".join(rng.choices(words, k=rng.randint(1, 3))) for _ in range(5)}
        pieces = ", ".join(rng.choices(sorted(names), k=rng.randint(1, 4))).split(", ")
        n, stated = len(pieces), rng.randint(1, len(pieces))
        ways = [
            cut
            for places in combinations(range(1, n), stated - 1)
            for ends in [[0, *places, n]]
            for cut in [tuple(", ".join(pieces[a:b]) for a, b in pairwise(ends))]
            if set(cut) <= names
        ]
        found = codes_in(", ".join(pieces), ", ", stated, KnownNames.of(sorted(names)))
        if stated == n:
            assert found.names == tuple(pieces)
        elif len(ways) == 1:
            assert found.names == ways[0]
        elif ways:
            assert found.names == () and found.reason


def test_a_long_list_does_not_take_long() -> None:
    names = KnownNames.of([", ".join("a" * k) for k in range(1, 40)])
    assert codes_in(", ".join("a" * 60), ", ", 30, names).reason
    assert codes_in(", ".join("a" * 5000), ", ", 30, names).reason
