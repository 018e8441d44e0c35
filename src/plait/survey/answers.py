"""From the text of a cell to the option, the number or the reason for no answer that it means.

Exports drift: trailing and no-break spaces, curly quotes, dashes for hyphens, other capitals. Texts are compared after
folding these; everything else must match exactly, and what does not is told, never guessed.

What a text may mean is looked up in this order: the question's own `missing:`, its options, its mapping file, the
survey's `missing:`, and at last, for numbers, the bands of its options. Where a file gives a code a value label, code
and label are two spellings of one thing; where they lead to different meanings, neither is believed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from plait.study.definition import Between, Option
from plait.study.side_files import MappedAnswer
from plait.tabular.folding import UNSEEN, fold

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?")
_WITH_SEPARATORS = re.compile(r"[+-]?\d+(?:[, '.]\d+)+")

REFUSE = "refuse"
UNREADABLE = "skipped"
"""Why a cell is no answer where the mapping file says that its text cannot be used."""


def plain_names(names: pd.Series) -> pd.Series:
    """Ids and names of units as they look: without spaces around them and what nobody sees, accents composed."""
    return names.str.translate(dict.fromkeys(map(ord, UNSEEN))).str.normalize("NFC").str.strip()


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a text, and how to mend it; `known` texts are searched for one that could be meant."""

    message: str
    mend: str
    text: str
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a cell was read as.

    Attributes:
        options: Chosen options; none for a box that was seen and left empty.
        why_empty: Why the cell is no answer; empty for an answer, a blank cell and an empty box.
        number: The number, where the cell is one.
        blank: Whether the cell is empty.
        written: The cell as it should have been written; differs from the cell where spelling was folded.
        mapped: Whether the mapping file was needed.
        taken_for: What a text that nobody declared was taken for, as `unmapped:` says.
        trouble: Why the cell could not be read.
    """

    options: tuple[str, ...] = ()
    why_empty: str = ""
    number: float = math.nan
    blank: bool = False
    written: str = ""
    mapped: bool = False
    taken_for: str = ""
    trouble: Trouble | None = None


BLANK = Reading(blank=True)


@dataclass(frozen=True)
class Meaning:
    """What a text stands for: an option, or why there is no answer; neither for a box that was left empty."""

    option: str = ""
    why_empty: str = ""
    written: str = ""
    mapped: bool = False
    rank: int = 0
    """Where the text is declared; a lower rank goes first."""

    @property
    def in_words(self) -> str:
        return f"the option '{self.option}'" if self.option else f"'{self.why_empty or 'not ticked'}'"


@dataclass(frozen=True)
class Vocabulary:
    """The texts that the cells of a column may hold.

    Attributes:
        meanings: By folded text.
        bands: Options that numbers fall into.
        contradictory: Codes whose value label means something else than the code, and what in words.
        undeclared: Codes that the file declares user-missing and the definition does not mention.
        other: What any other text means; `None` where it is refused.
        known: Texts of the options, for suggestions.
        labels: Value labels by folded code, for messages.
    """

    meanings: Mapping[str, Meaning]
    bands: Mapping[str, Between]
    contradictory: Mapping[str, str]
    undeclared: frozenset[str]
    other: Meaning | None
    known: tuple[str, ...]
    labels: Mapping[str, str]

    def shown(self, text: str) -> str:
        """A text for a message; a code with its value label."""
        label = self.labels.get(fold(text))
        return f"{text}: {label}" if label else text

    @cached_property
    def parts(self) -> list[str]:
        """The texts that may stand in a multi-select, longest first."""
        return sorted((text for text, meaning in self.meanings.items() if meaning.option), key=len, reverse=True)


def vocabulary(
    options: Mapping[str, Option],
    *,
    missing: Mapping[str, str] | None = None,
    missing_everywhere: Mapping[str, str] | None = None,
    unticked: Iterable[str] = (),
    mapping: Iterable[MappedAnswer] = (),
    unmapped: str = REFUSE,
    unusable: str = UNREADABLE,
    labels: Mapping[str, str] | None = None,
    declared_missing: Iterable[str] = (),
) -> Vocabulary:
    """Put together what the cells of a column may say.

    Args:
        options: Options and how they are written.
        missing: Texts of this question that are no answer, and why.
        missing_everywhere: Texts of the whole survey that are no answer, and why.
        unticked: What a box looks like that was seen and left empty.
        mapping: Reviewed texts and the options they stand for (`unknown` for none).
        unmapped: What any other text is: `refuse`, an option, or a reason for no answer.
        unusable: Why a text that the mapping calls `unknown` is no answer, unless `unmapped` gives a reason.
        labels: Code to value label, as the file gives them.
        declared_missing: Codes that the file declares user-missing.
    """
    other = None if unmapped == REFUSE else Meaning(unmapped) if unmapped in options else Meaning("", unmapped)
    no_option = (other and other.why_empty) or unusable
    ranked = [
        *(Meaning("", why, text, rank=0) for text, why in (missing or {}).items()),
        *(Meaning(name, "", text, rank=1) for name, option in options.items() for text in option.written),
        *(Meaning("", "", text, rank=1) for text in unticked if fold(text)),
        *(
            Meaning("", no_option, row.raw, mapped=True, rank=2)
            if row.option == "unknown"
            else Meaning(row.option, "", row.raw, mapped=True, rank=2)
            for row in mapping
        ),
        *(Meaning("", why, text, rank=3) for text, why in (missing_everywhere or {}).items()),
    ]
    meanings: dict[str, Meaning] = {}
    for meaning in ranked:
        meanings.setdefault(fold(meaning.written), meaning)
    contradictory = _with_labels(meanings, labels or {})
    return Vocabulary(
        meanings=meanings,
        bands={name: option.between for name, option in options.items() if option.between},
        contradictory=contradictory,
        undeclared=frozenset(fold(code) for code in declared_missing) - meanings.keys(),
        other=other,
        known=tuple(text for option in options.values() for text in option.written),
        labels={fold(code): label for code, label in (labels or {}).items()},
    )


def _with_labels(meanings: dict[str, Meaning], labels: Mapping[str, str]) -> dict[str, str]:
    """Add each code that is known by its label, and each label known by its code; return the codes that contradict."""
    contradictory: dict[str, str] = {}
    codes = {fold(code) for code in labels}
    declared = dict(meanings)
    for code, label in labels.items():
        by_code, by_label = declared.get(fold(code)), declared.get(fold(label))
        if by_code and by_label:
            same = (by_code.option, by_code.why_empty) == (by_label.option, by_label.why_empty)
            if by_code.rank > by_label.rank:
                meanings[fold(code)] = replace(by_label, written=code)
            elif by_code.rank == by_label.rank and not same:
                contradictory[fold(code)] = (
                    f"means {by_code.in_words} as a code, but its value label '{label}' means {by_label.in_words}"
                )
        elif by_label:
            meanings[fold(code)] = replace(by_label, written=code)
        elif by_code and fold(label) not in codes:
            meanings[fold(label)] = replace(by_code, written=label)
    return contradictory


# --- one answer --------------------------------------------------------------------------------------------------------


def read_single(cell: str, words: Vocabulary) -> Reading:
    """Read one answer, or one box of a multi-select."""
    folded = fold(cell)
    if not folded:
        return BLANK
    read = _looked_up(folded, cell, words)
    if read is not None:
        return read
    number = parse_number(folded) if words.bands else None
    if number is not None:
        within = [option for option, band in words.bands.items() if _within(number, band)]
        if len(within) == 1:
            return Reading((within[0],), number=number, written=cell)
        if within:
            message = f"lies in {len(within)} options ({', '.join(within)})"
            return Reading(
                trouble=Trouble(message, "make their `between:` meet without overlapping", cell), written=cell
            )
    return _not_an_option(cell, cell, words)


def _looked_up(folded: str, cell: str, words: Vocabulary) -> Reading | None:
    """What the whole cell means, where its text is declared."""
    if folded in words.contradictory:
        mend = "remove the value label from the file, or take an export with labels instead of codes"
        return Reading(written=cell, trouble=Trouble(words.contradictory[folded], mend, cell))
    meaning = words.meanings.get(folded)
    if meaning:
        written = cell if meaning.mapped else meaning.written
        return Reading(
            (meaning.option,) if meaning.option else (), meaning.why_empty, written=written, mapped=meaning.mapped
        )
    if folded in words.undeclared:
        return Reading(written=cell, trouble=undeclared(words.shown(cell)))
    return None


def undeclared(code: str) -> Trouble:
    """A code that the file declares user-missing and the definition does not mention."""
    return Trouble("the file declares it user-missing", "add it to `missing:`, or give it an option", code)


def _not_an_option(text: str, cell: str, words: Vocabulary, chosen: tuple[str, ...] = ()) -> Reading:
    """A text that nobody declared: taken as `unmapped:` says, or told."""
    if words.other is None:
        mend = "Mend the cell, or add the spelling to `raw:` of its option"
        trouble = Trouble("the answer is not one of the options", mend, words.shown(text), words.known)
        return Reading(written=cell, trouble=trouble)
    options = tuple(dict.fromkeys((*chosen, words.other.option))) if words.other.option else ()
    return Reading(options, words.other.why_empty, written=cell, taken_for=words.other.option or words.other.why_empty)


# --- numbers -----------------------------------------------------------------------------------------------------------


_LARGEST = 1e100
"""Above it a number has lost its units, and is no true answer."""


def parse_number(text: str) -> float | None:
    """The number that a text is, written with a decimal point and no separators; an exponent is allowed."""
    folded = fold(text)
    if not _NUMBER.fullmatch(folded):
        return None
    number = float(folded)
    return number if abs(number) <= _LARGEST else None


def read_number(cell: str, words: Vocabulary, between: Between | None) -> Reading:
    """Read a cell of a question that is a number; declared codes for no answer go first."""
    folded = fold(cell)
    if not folded:
        return BLANK
    read = _looked_up(folded, cell, words)
    if read is not None:
        return read
    number = parse_number(folded)
    if number is not None:
        if between and not _within(number, between) and words.other is None:
            message = f"the number is outside {in_words(between)}"
            mend = "mend the cell, name a code for no answer under `missing:`, or widen `between:`"
            return Reading(written=cell, trouble=Trouble(message, mend, cell))
        if not between or _within(number, between):
            return Reading(number=number, written=cell)
    if words.other is not None:
        return Reading((), words.other.why_empty, written=cell, taken_for=words.other.why_empty)
    return Reading(written=cell, trouble=not_a_number(cell))


def not_a_number(cell: str) -> Trouble:
    """Why a text is not taken for a number."""
    if _WITH_SEPARATORS.fullmatch(fold(cell)):
        message = "the number has a decimal comma or separators between its thousands; it could mean two numbers"
        return Trouble(message, "export numbers with a decimal point and without separators", cell)
    return Trouble("the answer is not a number", "mend the cell, or say under `missing:` what the text means", cell)


def in_words(between: Between) -> str:
    """A range of numbers inside a sentence."""
    low, high = between
    if low is None:
        return f"up to {high:g}"
    return f"{low:g} or more" if high is None else f"{low:g} to {high:g}"


def _within(number: float, between: Between) -> bool:
    low, high = between
    return (low is None or number >= low) and (high is None or number <= high)


# --- several answers in one cell ---------------------------------------------------------------------------------------


def read_delimited_choice(cell: str, words: Vocabulary, separator: str) -> Reading:
    """Read a multi-select written as text.

    The cell is matched against the declared texts, longest first, so that an option may hold the separator itself; of
    several ways to cut the cell, the first that leaves nothing over is taken.
    """
    mark = fold(separator) or " "
    rest = _without_marks(fold(cell), mark)
    if not rest:
        return BLANK
    pieces = _cut(rest, words.parts, mark)
    for piece in (rest, *pieces):
        if piece in words.contradictory or piece in words.undeclared:
            refused = _looked_up(piece, piece, words)
            assert refused is not None
            return replace(refused, written=cell)
    if rest in words.meanings and not words.meanings[rest].option:
        pieces = [rest]
    found = [words.meanings[piece] for piece in pieces if piece in words.meanings]
    chosen = tuple(dict.fromkeys(meaning.option for meaning in found if meaning.option))
    if len(pieces) > 1 and any(not meaning.option and not meaning.mapped for meaning in found):
        trouble = Trouble("a text that means no answer stands beside others", "mend the cell", cell)
        return Reading(written=cell, trouble=trouble)
    left_over = f"{mark} ".join(piece for piece in pieces if piece not in words.meanings)
    if left_over:
        return _not_an_option(left_over, cell, words, chosen)
    mapped = any(meaning.mapped for meaning in found)
    if not chosen:
        return Reading((), found[0].why_empty, written=cell, mapped=mapped)
    as_listed = separator.join({m.option: m.written for m in reversed(found)}[option] for option in chosen)
    same = _evenly_spaced(as_listed, separator) == _evenly_spaced(cell, separator)
    return Reading(chosen, written=cell if mapped or same else as_listed, mapped=mapped)


def _evenly_spaced(cell: str, separator: str) -> list[str]:
    mark = separator.strip()
    return [part.strip() for part in _without_marks(cell, mark).split(mark or separator)]


def _cut(rest: str, parts: list[str], mark: str) -> list[str]:
    """Cut a folded cell into declared texts and, where it cannot be covered by these, other texts between the marks."""
    if not any(mark in text for text in parts):
        return [piece for part in rest.split(mark) if (piece := part.strip())]
    covered = _covered(rest, parts, mark, set())
    if covered is not None:
        return covered
    pieces: list[str] = []
    while rest:
        match = next((text for text in parts if _starts(rest, text, mark)), rest.split(mark, maxsplit=1)[0].strip())
        pieces.append(match)
        rest = _without_marks(rest[len(match) :], mark)
    return pieces


def _covered(rest: str, parts: list[str], mark: str, dead_ends: set[str]) -> list[str] | None:
    """The declared texts that a folded cell consists of; `None` where something is always left over."""
    if not rest:
        return []
    for text in parts:
        tail = _without_marks(rest[len(text) :], mark) if _starts(rest, text, mark) else None
        if tail is not None and tail not in dead_ends:
            covered = _covered(tail, parts, mark, dead_ends)
            if covered is not None:
                return [text, *covered]
    dead_ends.add(rest)
    return None


def _starts(rest: str, text: str, mark: str) -> bool:
    """Whether `rest` begins with the option `text` followed by the separator or nothing."""
    if not rest.startswith(text):
        return False
    after = rest[len(text) :].lstrip(" ")
    return not after or after.startswith(mark) or (mark == " " and rest[len(text)] == " ")


def _without_marks(text: str, mark: str) -> str:
    """The text without separators and spaces at its ends."""
    text = text.strip()
    while mark and text.startswith(mark):
        text = text[len(mark) :].lstrip()
    while mark and text.endswith(mark):
        text = text[: -len(mark)].rstrip()
    return text
