"""What must be found is found, what is harmless is let be, and nothing that was found is ever repeated."""

from __future__ import annotations

import time

import pytest

from plait.qualitative.screening import ERROR, SCREENED, WARNING, Leaving, Screen, problems_of, screen
from plait.study.side_files import DeniedName

DENIED = [
    DeniedName(name="Mrs Zoë Marlowe-Finch", kind="person"),
    DeniedName(name="Will Archer", kind="person"),
    DeniedName(name="St Mary's", kind="school"),
    DeniedName(name="Quillbrook Learning Trust", kind="trust"),
    DeniedName(name="Nether Wexcombe", kind="place"),
    DeniedName(name="山田学校", kind="school"),
]
SCREEN = Screen.of(DENIED, ["Initial Teacher Education"])


def found(text: str, against: Screen = SCREEN, *, authors: bool = False) -> set[tuple[str, str]]:
    return {(h.severity, h.kind) for h in against.look_at(Leaving("quotes: text", "quote q1", text, authors))}


def errors(text: str) -> set[str]:
    return {kind for severity, kind in found(text) if severity == ERROR}


@pytest.mark.parametrize(
    "text",
    [
        "I asked Zoë Marlowe-Finch about it",
        "i asked zoe marlowe finch about it",
        "MARLOWE-FINCH said so",
        "it was Zoë Marlowe-Finch's idea",
        "it was Marlowe-Finch’s idea",
        "ask Z. M. F. about it",
        "W. Archer told us",
        "W Archer told us",
        "Archer told us",
        "Archer, Will",
        "W.A. told us",
        "at st marys we do",
        "at St. Mary’s we do",
        "at Saint Mary's we do",
        "the quillbrook learning trust paid",
        "from Nether-Wexcombe",
        "from nether_wexcombe_2024.csv",
        "fr\u200bom Net\u00adher Wex\u200bcombe",
        "from Ｎｅｔｈｅｒ Wexcombe",
        "at 山田学校の",
    ],
)
def test_denied_names_are_found_in_every_form(text: str) -> None:
    assert errors(text) == {"a name of the deny list"}


@pytest.mark.parametrize(
    "text",
    [
        "we will ask the archer",
        "the archers",
        "mary had time",
        "a finch in the garden",
        "the learning trust",
        "Wexcombes",
    ],
)
def test_words_that_are_also_parts_of_names_are_let_be(text: str) -> None:
    assert errors(text) == set()


def test_first_names_and_bare_initials_are_doubtful() -> None:
    assert found("and Will told us") == {(WARNING, "a first name of the deny list")}
    assert found("and WA told us") == {(WARNING, "initials of the deny list")}
    assert found("what was said") == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to jo.b+x@school.sch.uk please", "an e-mail address"),
        ("see https://x.example/a", "a web address"),
        ("see www.ourschool", "a web address"),
        ("see ourschool.sch.uk for it", "a web address"),
        ("follow @our_school_y3", "a handle"),
        ("ring 01632 960123", "a telephone number"),
        ("ring 07700900123 now", "a telephone number"),
        ("ring +44 7700 900 123", "a telephone number"),
        ("ring (020) 7946 0123", "a telephone number"),
        ("we are at SW1A 1AA", "a postcode"),
        ("we are at m13 9pl", "a postcode"),
        ("my number is qq 12 34 56 c no", "none"),
        ("my number is AB 12 34 56 C", "a National Insurance number"),
        ("my number is ab123456c", "a National Insurance number"),
        ("the URN is 123456", "a school's number (URN)"),
        ("123456 (URN)", "a school's number (URN)"),
        ("born on 3/4/1981", "a date of birth"),
        ("D.O.B. 03.04.81", "a date of birth"),
        ("her date of birth, 3rd April 1981", "a date of birth"),
        ("from 192.168.0.17", "an IP address"),
    ],
)
def test_forms_that_identify(text: str, kind: str) -> None:
    assert errors(text) == ({kind} if kind != "none" else set())


@pytest.mark.parametrize(
    "text",
    [
        "KS2 3rd set and Y9 2nd set",
        "10 minutes, 123456 forms, 24/7, 1.5 hours",
        "about 0.5 or 100%",
        "e.g. the form, i.e. the platform. And so on.Then",
        "time@home",
        "in 2023-24 and 2024/25",
        "pages 3-4, 10-12",
        "I'd like time. Also, more of it!",
        "- Time\n- Training\n1. Time",
        "Dear me: “It is fine,” I said. “Then?”",
        "the PPA, the SLT and the ECT in Year 6 on Monday in September",
        "Key Stage 3 English in Initial Teacher Education",
        "a Secondary School or a Primary School, Our School",
    ],
)
def test_harmless_texts_pass_without_a_word(text: str) -> None:
    known = Screen.of(DENIED, ["Initial Teacher Education Secondary"])
    assert found(text, known) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("then Mr Brown came", "a title and a name"),
        ("then Dr. Brown came", "a title and a name"),
        ("at Hollin Bank Primary School", "the name of a school or trust"),
        ("the Larkrise Federation", "the name of a school or trust"),
        ("at St Cuthbert we", "a saint's name, as of a school"),
        ("when Jordan left", "a capital letter within a sentence"),
        ("on 3 April 2024 we met", "a full date"),
    ],
)
def test_what_looks_like_a_name_is_a_warning(text: str, kind: str) -> None:
    assert (WARNING, kind) in found(text)
    assert errors(text) == set()


def test_what_authors_wrote_is_held_against_the_deny_list_alone() -> None:
    text = "Write to Jordan at x@y.org, or to Archer"
    assert found(text, authors=True) == {(ERROR, "a name of the deny list")}


def test_hits_are_counted_and_told_without_what_was_found() -> None:
    strings = [
        Leaving("quotes: text", "quote q1", "I asked Archer, archer@school.example, and Jordan"),
        Leaving("quotes: text", "quote q2", "Nothing in here"),
        Leaving("codebook: label", "code time", "Time"),
    ]
    hits, table = screen(strings, SCREEN)
    assert table.set_index(["where", "kind", "severity"])["count"].to_dict() == {
        ("quotes: text", "strings", SCREENED): 2,
        ("quotes: text", "a capital letter within a sentence", WARNING): 1,
        ("quotes: text", "a name of the deny list", ERROR): 1,
        ("quotes: text", "an e-mail address", ERROR): 1,
        ("codebook: label", "strings", SCREENED): 1,
    }
    told = "\n".join(map(str, problems_of(hits)))
    assert "quotes: text: quote q1 holds a name of the deny list (word 3)" in told
    assert "quote q1 holds an e-mail address (word 4)" in told
    everything = (told + repr(hits) + table.to_csv()).casefold()
    assert "archer" not in everything
    assert "jordan" not in everything


def seconds(text: str) -> float:
    start = time.process_time()
    SCREEN.look_at(Leaving("quotes: text", "quote q1", text))
    return time.process_time() - start


@pytest.mark.slow
def test_a_line_of_a_million_characters_takes_time_in_proportion() -> None:
    """Ten times the text takes about ten times as long; what grows with the square would take a hundred times.

    The best of three counts: a busy machine makes any of them slower, and none faster.
    """
    line = "I asked whether the training that we had could be run by our own mentors, and nobody knew. " * 11_000
    assert len(line) > 1_000_000
    whole, tenth = (min(seconds(text) for _ in range(3)) for text in (line, line[:100_000]))
    assert whole < 30 * tenth


HOSTILE = ["a", "a@", "@", "a.", "0 ", "0", "A", "Aa ", "URN ", "+4", "1.", "1/1/", "a-", "www.", "St ", "0)(", "::", "x@y",
           "\u0301", "W.", "W. A", "Quillbrook Learning ", "1 May ", "born 1/"]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_lines_take_time_in_proportion(unit: str) -> None:
    """What grows with the square would need minutes for a line of this length."""
    assert seconds((unit * 100_000)[:100_000]) < 2
