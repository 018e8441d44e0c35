"""Names that must not leave the project, found however they are written: in other case, with other accents, in a
possessive, by surname or by initials."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from plait.study.side_files import DeniedName

_WORD = re.compile(r"[^\W_]+")
_TITLES = frozenset(re.findall(r"\w+", "mr mrs ms miss mx dr prof professor sir dame lord lady rev reverend"))
_SAINT = {"saint": "st"}
_APOSTROPHES = "'\u2019\u02bc\u2018"

NAME, FIRST_NAME, INITIALS = "a name of the deny list", "a first name of the deny list", "initials of the deny list"


class Word(NamedTuple):
    """A word of a text: where it starts and ends, as written, and as compared."""

    start: int
    end: int
    text: str
    folded: str


def visible(text: str) -> str:
    """A text as it is looked at: letters without their marks, wide forms narrow, unseen characters dropped."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if unicodedata.category(c) not in ("Mn", "Cf"))


def words_of(text: str) -> list[Word]:
    """The words of a text; the s of a possessive is none, and what joins words (hyphen, underscore) parts them."""
    found = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        word = match[0]
        if word in ("s", "S") and start and text[start - 1] in _APOSTROPHES:
            continue
        found.append(Word(start, end, word, _folded(word)))
    return found


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    folded = word.casefold()
    return _SAINT.get(folded, folded)


@dataclass(frozen=True)
class _Form:
    """One way of writing a name.

    Attributes:
        words: Folded.
        kind: What it is called in a report.
        capital: Whether it counts only where it starts with a capital letter (a surname that is also a word).
        dotted: Whether a full stop must stand after each word but the last (initials).
        written: The very letters, where their case counts; empty otherwise.
    """

    words: tuple[str, ...]
    kind: str = NAME
    capital: bool = False
    dotted: bool = False
    written: str = ""

    def stands_in(self, text: str, words: Sequence[Word], at: int) -> bool:
        found = words[at : at + len(self.words)]
        if tuple(word.folded for word in found) != self.words:
            return False
        if self.capital and not found[-1].text[0].isupper():
            return False
        if self.written and found[0].text != self.written:
            return False
        return not self.dotted or all(text[a.end : a.end + 1] == "." for a in found[:-1])


@dataclass(frozen=True)
class DenyList:
    """Every form of every name, by its first word."""

    forms: dict[str, tuple[_Form, ...]]
    unspaced: tuple[str, ...]
    """Names in scripts that write no spaces between words."""

    @classmethod
    def of(cls, names: Iterable[DeniedName]) -> DenyList:
        """Work out the forms of each name."""
        forms: dict[str, list[_Form]] = defaultdict(list)
        unspaced = []
        for entry in names:
            name = visible(entry.name)
            if name.upper() == name.lower() and not name.isascii():
                unspaced.append(name)
            for form in _forms_of(name, person=entry.kind == "person"):
                if form not in forms[form.words[0]]:
                    forms[form.words[0]].append(form)
        # The strongest form first: a full name is no mere first name.
        order = [NAME, INITIALS, FIRST_NAME]
        return cls({w: tuple(sorted(f, key=lambda x: order.index(x.kind))) for w, f in forms.items()}, tuple(unspaced))

    def find(self, text: str, words: Sequence[Word]) -> list[tuple[str, int]]:
        """What of a text (as `visible` shows it) is a name: its kind, and the place of its first word."""
        found = []
        for at, word in enumerate(words):
            for form in self.forms.get(word.folded, ()):
                if form.stands_in(text, words, at):
                    found.append((form.kind, at))
                    break
        return found + [(NAME, 0) for name in self.unspaced if name in text]


def _forms_of(name: str, *, person: bool) -> list[_Form]:
    parts = words_of(name)
    plain = tuple(word.folded for word in parts)
    if not plain:
        return []
    # "St Mary's" is also written "St Marys".
    joined = tuple(w.folded + ("s" if _possessive(name, w) else "") for w in parts)
    if not person:
        return [_Form(words) for words in dict.fromkeys((plain, joined))]
    written = [w.text for w in parts if w.folded not in _TITLES]
    plain = tuple(word for word in plain if word not in _TITLES) or plain
    if len(plain) == 1:
        return [_Form(plain, capital=True)]
    first, last, initials = plain[0], plain[-1], tuple(word[0] for word in plain)
    forms = [_Form(plain), _Form((first, last)), _Form((last, first)), _Form((*initials[:-1], last))]
    forms += [_Form((initials[0], last)), _Form((last,), capital=True), _Form(initials, dotted=True)]
    forms += [_Form((initials[0], initials[-1]), dotted=True)]
    letters = "".join(w[0].upper() for w in written)
    forms += [_Form((letters.casefold(),), INITIALS, written=letters), _Form((first,), FIRST_NAME, capital=True)]
    return list(dict.fromkeys(forms))


def _possessive(name: str, word: Word) -> bool:
    return name[word.end : word.end + 1] in tuple(_APOSTROPHES) and name[word.end + 1 : word.end + 2] in ("s", "S")
