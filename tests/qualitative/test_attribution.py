"""Nobody is shown with what too few people share, nor by what others are shown with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plait.qualitative.attribution import alike, attributions


def people(**sizes: int) -> dict[str, tuple[str, ...]]:
    """`mentor_primary=3` stands for three people."""
    return {f"{name}{i}": tuple(name.split("_")) for name, size in sizes.items() for i in range(size)}


def test_a_combination_of_few_loses_its_last_attribute() -> None:
    shown = attributions(people(mentor_primary=3, mentor_secondary=4, lead_primary=1, lead_secondary=2), 3)
    assert alike(shown) == {("mentor", "primary"): 3, ("mentor", "secondary"): 4, ("lead",): 3}


def test_who_is_shown_with_less_is_not_told_by_that() -> None:
    shown = attributions(people(mentor_primary=1, mentor_secondary=4, mentor_special=5), 3)
    assert alike(shown) == {("mentor",): 5, ("mentor", "special"): 5}


def test_where_nothing_helps_nothing_is_said() -> None:
    assert alike(attributions(people(head_primary=1, mentor_primary=2), 3)) == {(): 3}
    assert alike(attributions(people(head_primary=1), 3)) == {(): 1}
    assert attributions({}, 3) == {}


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=30),
    st.integers(1, 6),
)
def test_every_group_that_a_reader_can_tell_is_large_enough(values: list[tuple[str, str]], fewest: int) -> None:
    known = {f"p{i}": v for i, v in enumerate(values)}
    shown = attributions(known, fewest)
    assert all(known[p][: len(v)] == v for p, v in shown.items())
    if len(known) >= fewest:
        assert all(n >= fewest for n in alike(shown).values())
