import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plait.qualitative.offsets import CONVENTIONS, AmbiguousOffsetsError, Span, resolve_offsets
from plait.qualitative.transcripts import canonical_text

WORDS = ["cover", "mentor", "time", "I", "don't", "\U0001f600", "café", "na\u0308h", "\U0001d54f", "—"]


def counted(text: str, unit: str) -> int:
    return len(text) if unit == "code points" else len(text.encode("utf-16-le")) // 2


def tool_spans(text: str, places: list[tuple[int, int]], convention: str, *, quotes: bool) -> list[Span]:
    """What a tool that counts by `convention` writes for places given in code points of the canonical text."""
    unit, newlines = convention.split(", ")
    canonical = canonical_text(text)
    spans = []
    for start, end in places:
        ends = []
        for position in (start, end):
            before = canonical[:position]
            if newlines == "line ends as stored" and "\r\n" in text:
                before = before.replace("\n", "\r\n")
            ends.append(counted(before, unit))
        spans.append(Span("s", ends[0], ends[1], canonical[start:end] if quotes else ""))
    return spans


@st.composite
def a_text_and_places(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    lines = draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), min_size=2, max_size=8))
    text = "\r\n".join(" ".join(line) for line in lines)
    canonical = canonical_text(text)
    cuts = sorted({0, len(canonical)} | {i for i, c in enumerate(canonical) if c in " \n"})
    pairs = draw(st.lists(st.tuples(st.sampled_from(cuts), st.sampled_from(cuts)), min_size=1, max_size=6))
    places = [(a + (canonical[a : a + 1] in (" ", "\n")), b) for a, b in pairs if a < b]
    return text, [(a, b) for a, b in places if a < b]


@settings(max_examples=60, deadline=None)
@given(a_text_and_places(), st.sampled_from(CONVENTIONS))
def test_places_are_right_or_refused_when_quotes_are_stored(drawn, convention: str) -> None:
    text, places = drawn
    assume(places)
    spans = tool_spans(text, places, convention, quotes=True)
    try:
        resolved = resolve_offsets({"s": text}, spans)
    except AmbiguousOffsetsError:
        return
    canonical = canonical_text(text)
    for start, end, span, astray in zip(resolved.starts, resolved.ends, spans, resolved.astray, strict=True):
        assert astray or canonical[start:end].split() == span.quote.split()


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("quotes", [True, False])
def test_every_convention_is_recognised(convention: str, *, quotes: bool) -> None:
    lines = [f"Line {n} says \u2014 \U0001f600 mentors need protected time" for n in range(30)]
    text = "\r\n".join(lines)
    canonical = canonical_text(text)
    starts = [canonical.index(f"Line {n} ") for n in range(0, 30, 3)]
    # Both ends of each place lie between words.
    places = [(start, canonical.index(" time", start)) for start in starts]
    resolved = resolve_offsets({"s": text}, tool_spans(text, places, convention, quotes=quotes))
    assert resolved.convention.startswith(convention)
    assert list(zip(resolved.starts, resolved.ends, strict=True)) == places
    assert resolved.score == 1


def test_plain_text_needs_no_choice() -> None:
    resolved = resolve_offsets({"s": "no cover at all"}, [Span("s", 3, 8, "")])
    assert "all conventions agree" in resolved.convention
    assert (resolved.starts[0], resolved.ends[0]) == (3, 8)


def test_two_conventions_that_fit_equally_well_are_refused() -> None:
    with pytest.raises(AmbiguousOffsetsError, match=r"equally well .*UTF-16 units.*1\.000"):
        resolve_offsets({"s": "\U0001f600 a b c d e f"}, [Span("s", 4, 7, "")])


def test_a_convention_that_fits_nowhere_is_refused() -> None:
    text = "\U0001f600\r\n" + "abcdefghijklmnopqrstuvwxyz " * 5
    spans = [Span("s", n * 27 + 9, n * 27 + 17, "") for n in range(4)]
    with pytest.raises(AmbiguousOffsetsError):
        resolve_offsets({"s": text}, spans)


def test_a_text_changed_after_coding_is_refused() -> None:
    text = "Somebody put a new sentence here. We get no cover. Nobody asks. There is no time for it."
    spans = [
        Span("s", 0, 16, "We get no cover."),
        Span("s", 17, 29, "Nobody asks."),
        Span("s", 30, 54, "There is no time for it."),
    ]
    with pytest.raises(AmbiguousOffsetsError, match="stored quotations"):
        resolve_offsets({"s": text}, spans)


def test_a_quotation_that_slipped_is_found_by_its_words_or_not_at_all() -> None:
    text = " ".join(f"sentence number {n} of the talk." for n in range(40)) + " no time no time"
    good = [
        Span("s", text.index(f"number {n} "), text.index(f"number {n} ") + 9, f"number {n}".ljust(9)) for n in range(40)
    ]
    slipped = Span("s", 2, 20, "sentence number 39")
    twice = Span("s", 3, 10, "no time")
    titled = Span("s", 0, 8, "my title")
    resolved = resolve_offsets({"s": text}, [*good, slipped, twice, titled])
    assert text[resolved.starts[40] : resolved.ends[40]] == "sentence number 39"
    assert list(np.flatnonzero(resolved.astray)) == [41]
    assert (resolved.starts[42], resolved.ends[42]) == (0, 8)
    assert list(np.flatnonzero(resolved.by_quote)) == [40]


def test_a_shortened_quotation_counts_by_its_start() -> None:
    text = "I am really bad at planning and at saying no to people who ask."
    resolved = resolve_offsets({"s": text}, [Span("s", 0, len(text), "I am really bad at pla…")])
    assert resolved.score == 1


def test_positions_beyond_the_text_or_inside_a_character_are_nowhere() -> None:
    text = "\U0001f600 mentors need time " * 40
    good = [Span("s", n * 21 + 3, n * 21 + 10, "mentors") for n in range(40)]
    resolved = resolve_offsets({"s": text}, [*good, Span("s", 1, 10, ""), Span("s", 5, 9999, "")])
    assert resolved.convention.startswith("UTF-16 units")
    assert list(resolved.starts[-2:]) == [-1, -1]
