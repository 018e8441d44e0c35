"""A quotation is what was said; only square brackets may own up to something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.qualitative.verbatim import NotVerbatimError, find_quote

SAID = (
    "Interviewer: And time?\nM1: We are  unable to meet,\nbecause Mrs Vane’s timetable was written in June. "
    "It isn’t protected. It’s borrowed [laughs] time. We meet late."
)


def found(quote: str, source: str = SAID) -> list[str]:
    return [source[a:b] for a, b in find_quote(quote, source, lambda start, end: True)]


def refused(quote: str, source: str = SAID) -> str:
    with pytest.raises(NotVerbatimError) as caught:
        found(quote, source)
    return str(caught.value)


def test_white_space_is_folded_and_nothing_else() -> None:
    assert found("We are unable to meet, because") == ["We are  unable to meet,\nbecause"]
    assert found("It isn’t protected.") == ["It isn’t protected."]
    assert "part" not in refused("It isn't protected.")
    assert "word for word" in refused("it isn’t protected.")
    assert "word for word" in refused("It isn’t  protected!")


def test_what_is_left_out_and_put_in_stands_in_brackets() -> None:
    assert found("We are unable to meet [...] It’s borrowed") == ["We are  unable to meet", "It’s borrowed"]
    assert found("We are unable to meet […] It’s borrowed [ . . . ] time.")[2] == "time."
    assert found("because [my line manager’s] timetable was written in June") == [
        "because",
        "timetable was written in June",
    ]
    assert found("[The timetable] was written in June") == ["was written in June"]
    assert found("timetable was written in [the summer]") == ["timetable was written in"]
    assert found("[i]t isn’t protected") == ["t isn’t protected"]
    assert found("It’s borrowed [laughs] time.") == ["It’s borrowed", "time."]


def test_words_are_not_cut() -> None:
    assert "whole words" in refused("able to meet")
    assert "whole words" in refused("We are unable to me")
    assert "part 2 of 2" in refused("We are unable to meet [...] rrowed")


def test_parts_stand_in_their_order_and_an_insertion_replaces_little() -> None:
    assert "do not follow each other" in refused("It’s borrowed [...] unable to meet")
    long = "We meet " + "and talk " * 40 + "every week"
    assert found("We meet [...] every week", long) == ["We meet", "every week"]
    assert "do not follow each other" in refused("We meet [often] every week", long)
    # The first "We meet" is too far away; the second one is not.
    assert found("We meet [now and then] every week", long + ". We meet in May, every week")[1] == "every week"


def test_brackets_that_make_no_sense() -> None:
    assert "not closed" in refused("We are [unable")
    assert "within another" in refused("We [are [not]] able")
    assert "no word" in refused("[...]")
    assert "no word" in refused("[all of it] .")


def test_only_what_may_be_quoted_is_found() -> None:
    words = SAID.index("It isn’t")
    spans = find_quote("It isn’t protected.", SAID, lambda start, end: start >= words)
    assert spans[0][0] == words
    with pytest.raises(NotVerbatimError, match="not within what was coded"):
        find_quote("And time?", SAID, lambda start, end: start >= words)


@given(st.text(alphabet="ab cd.\n’é", min_size=30, max_size=60), st.integers(0, 28), st.integers(1, 20))
def test_any_stretch_of_whole_words_is_found_where_it_first_stands(text: str, start: int, length: int) -> None:
    quote = text[start : start + length].strip()
    before, after = text[: text.index(quote)] if quote else "", ""
    if not any(c.isalnum() for c in quote):
        return
    at = text.find(quote)
    after = text[at + len(quote) :]
    if (before[-1:].isalnum() and quote[0].isalnum()) or (after[:1].isalnum() and quote[-1].isalnum()):
        return
    ((a, b),) = find_quote(quote, text, lambda x, y: True)
    assert " ".join(text[a:b].split()) == " ".join(quote.split())


def test_many_parts_in_a_repetitive_text_take_no_time() -> None:
    with pytest.raises(NotVerbatimError):
        found(" [...] ".join(["a"] * 19) + " [x] zebra", "a " * 20_000 + " c" * 200 + " zebra")
