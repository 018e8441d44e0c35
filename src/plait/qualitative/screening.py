"""A light check of every string that leaves the project for what tells who somebody is.

Four layers, from certain to doubtful: names that the study must not print (a list that stays among the raw files);
forms that identify wherever they stand (addresses, telephone numbers, postcodes); what looks like a name; and
combinations of attributes that hardly anyone shares (checked where quotations get theirs). The first two and the last
stop a run, the third is counted for the author to look at. What is found is never repeated, not even to the author.
Silence proves nothing: a text that passed has been screened, it has not become anonymous.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from plait import identifying
from plait.errors import Problem
from plait.qualitative.deny_list import NAME, DenyList, Word, visible, words_of
from plait.study.side_files import DeniedName
from plait.tables import SCREENING


def _set(words: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", words))


ERROR, WARNING, SCREENED = "error", "warning", "screened"

_WEB = re.compile(
    r"https?://|(?<![\w.-])www\.|"
    r"(?<![\w.@-])[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9-]{1,63}){0,3}\.(?:com|org|net|info|edu|uk|io|eu|school)(?![\w-])",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@.])@[A-Za-z_]\w{1,29}")
_UK_PHONE = re.compile(r"(?<![\w])(?:\+44|0044|\(?0)(?:[ ().-]{0,3}\d){9,10}(?!\d)")
_INSURANCE = re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    r"(?<![\d/.-])(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|(?:19|20)\d\d-\d\d-\d\d)(?![\d/-])|"
    rf"\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTHS}),? (?:19|20)\d\d\b",
    re.IGNORECASE,
)
_BIRTH = frozenset({"born", "birth", "birthday", "birthdate", "dob"})
_BIRTH_SHORT = re.compile(r"\bD\.O\.B\b", re.IGNORECASE)
_NEAR = 40
"""Characters before a date in which a word of birth makes it a date of birth."""
_URN_NEAR = 4
"""Words on either side of "URN" in which six digits are a school's number."""

_TITLES = _set(
    "Mr Mrs Ms Miss Mx Dr Prof Professor Sir Dame Rev Reverend Father Sister Headteacher Headmaster Principal"
)
_ENDINGS = _set(
    "School Academy College Primary Infants Infant Juniors Junior High Trust MAT Federation Nursery Grammar"
)
_GENERIC = _set("The A Our My Your Their This That Secondary Special Free Every Each Middle Multi First")
_KNOWN = _set(
    f"""{_MONTHS} I
    English Maths Mathematics Science French German Spanish Latin History Geography Physics Chemistry Biology Music
    Art Drama Computing Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mondays Tuesdays Wednesdays Thursdays
    Fridays Saturdays Sundays Christmas Easter Ramadan Diwali Ofsted England Wales Scotland Ireland Britain British
    European Year Years Key Stage Reception Foundation Teams Zoom Google Word Excel"""
)
_ORDINARY = _ENDINGS | _GENERIC
_SENTENCE_ENDS = frozenset('.!?\u2026:\n\u201c"\u2022')


@dataclass(frozen=True)
class Leaving:
    """A string that is about to leave.

    Attributes:
        where: The kind of place, without any data: a table and its column.
        place: Which one, for the author: the quotation, the row.
        text: The string.
        written_by_authors: Whether it stems from the definition, where addresses and names of organisations may stand;
            then only the deny list is held against it.
    """

    where: str
    place: str
    text: str
    written_by_authors: bool = False


@dataclass(frozen=True)
class Hit:
    """Something in a string that may tell who somebody is; never the thing itself.

    Attributes:
        word: The place in the string, counted in words from 1.
    """

    where: str
    place: str
    kind: str
    severity: str
    word: int


@dataclass(frozen=True)
class Screen:
    """What strings are held against."""

    names: DenyList
    known: frozenset[str]

    @classmethod
    def of(cls, denied: Iterable[DeniedName] = (), known: Iterable[str] = ()) -> Screen:
        """Prepare a screen.

        Args:
            denied: Names that must not leave.
            known: Words that may have a capital letter within a sentence, besides the usual ones.
        """
        more = {word.text for text in known for word in words_of(visible(text))}
        return cls(DenyList.of(denied), _KNOWN | more)

    def look_at(self, leaving: Leaving) -> list[Hit]:
        """Everything found in one string, in time proportional to its length."""
        text = visible(leaving.text)
        words = words_of(text)
        named = self.names.find(text, words)
        found = [(kind, ERROR if kind == NAME else WARNING, at) for kind, at in named]
        if not leaving.written_by_authors:
            forms = [*_by_form(text), *_urns(words)]
            found += [(kind, severity, _word_at(words, start)) for kind, severity, start in forms]
            taken = {at for _, at in named}
            found += [(kind, WARNING, at) for kind, at in self._guesses(text, words) if at not in taken]
        return [Hit(leaving.where, leaving.place, kind, severity, at + 1) for kind, severity, at in found]

    def _guesses(self, text: str, words: list[Word]) -> Iterator[tuple[str, int]]:
        """What has the look of a name: each word at most once, the most telling reason first."""
        run = named = -1  # where a run of capitalised words starts, and its latest word that is a name's own
        for at, word in enumerate(words):
            if not word.text[0].isupper():
                run = named = -1
                continue
            before = text[words[at - 1].end : word.start] if at else "\n"
            if run < 0 or before not in (" ", "-", "'s ", "\u2019s "):
                run, named = at, -1
            if word.text not in _ORDINARY:
                named = at
            last = words[at - 1].text if at else ""
            if last in _TITLES and before in (" ", ". "):
                yield "a title and a name", at
            elif last in ("St", "Saint") and before in (" ", ". "):
                yield "a saint's name, as of a school", at
            elif word.text in _ENDINGS and named >= 0:
                yield "the name of a school or trust", run
            elif self._odd_capital(word.text) and not _SENTENCE_ENDS & set(before):
                yield "a capital letter within a sentence", at

    def _odd_capital(self, word: str) -> bool:
        return word not in self.known and word not in _ORDINARY | _TITLES and any(c.islower() for c in word[1:])


def screen(strings: Iterable[Leaving], against: Screen) -> tuple[list[Hit], pd.DataFrame]:
    """Look at every string that leaves.

    Returns:
        The hits, and their number by place, kind and severity (`plait.tables.SCREENING`), which itself may leave; a
        line of severity `screened` for each place says how many strings were looked at.
    """
    hits: list[Hit] = []
    seen: Counter[str] = Counter()
    for leaving in strings:
        seen[leaving.where] += 1
        hits += against.look_at(leaving)
    counts = Counter((hit.where, hit.kind, hit.severity) for hit in hits)
    rows: list[dict[str, object]] = []
    for where, n in seen.items():
        rows.append({"where": where, "kind": "strings", "severity": SCREENED, "count": n})
        mine = sorted(key for key in counts if key[0] == where)
        rows += [{"where": w, "kind": k, "severity": s, "count": counts[w, k, s]} for w, k, s in mine]
    return hits, SCREENING.of(rows)


def problems_of(hits: Iterable[Hit]) -> list[Problem]:
    """The hits that stop a run, each with its place and mend and without what was found."""
    return [
        Problem(
            hit.where,
            f"{hit.place} holds {hit.kind} (word {hit.word})",
            "replace it by what it stands for in square brackets, or leave the text out; what was found is not shown here",
        )
        for hit in hits
        if hit.severity == ERROR
    ]


def _by_form(text: str) -> Iterator[tuple[str, str, int]]:
    """What identifies by its form: kind, severity, start."""
    capitals = text.upper() if len(text.upper()) == len(text) else text
    taken: set[int] = set()
    for kind, form, shown in (
        ("an e-mail address", identifying.EMAIL, text),
        ("a web address", _WEB, text),
        ("a handle", _HANDLE, text),
        ("an IP address", identifying.IP, text),
        ("a telephone number", _UK_PHONE, text),
        ("a telephone number", identifying.PHONE, text),
        ("a National Insurance number", _INSURANCE, capitals),
        ("a postcode", identifying.POSTCODE, capitals),
    ):
        for match in form.finditer(shown):
            if match.start() not in taken:
                taken.add(match.start())
                yield kind, ERROR, match.start()
    for match in _DATE.finditer(text):
        before = text[max(0, match.start() - _NEAR) : match.start()]
        birth = any(w.folded in _BIRTH for w in words_of(before)) or _BIRTH_SHORT.search(before)
        yield ("a date of birth", ERROR, match.start()) if birth else ("a full date", WARNING, match.start())


def _urns(words: list[Word]) -> Iterator[tuple[str, str, int]]:
    for at, word in enumerate(words):
        if word.folded in ("urn", "urns"):
            for near in words[max(0, at - _URN_NEAR) : at + _URN_NEAR + 1]:
                if len(near.text) == 6 and near.text.isascii() and near.text.isdigit():
                    yield "a school's number (URN)", ERROR, near.start


def _word_at(words: list[Word], start: int) -> int:
    """The word that stands at a position, or the first one after it."""
    low, high = 0, len(words)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if words[middle].end <= start else (low, middle)
    return low
