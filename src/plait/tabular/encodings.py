"""From the bytes of a text export to its text.

A byte-order mark decides; without one, NUL bytes at every other place mean UTF-16, and bytes that are valid UTF-8 are
UTF-8 (other text hardly ever is by chance). What remains comes from old Windows or Mac programs. Both encodings give
every byte a meaning, so each byte above 127 is read both ways and held against its neighbours: `much` followed by a
capital `Ê` is implausible, `much` followed by a no-break space is not. Only what is implausible in one reading and
plausible in the other counts; where the counts do not settle it, the researcher is asked.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plait.errors import Problem, StudyError
from plait.tabular.notes import Note

IntArray = npt.NDArray[np.int64]

WINDOWS = "windows-1252"
MAC = "mac_roman"

_MARKS = (  # the UTF-32 marks begin with those of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SETTLED = 0.95
"""Share of the telling bytes that must speak for one encoding."""
_AROUND = 3
"""Neighbours on either side that a byte is judged by."""
_SAMPLE = 65_536
_PIECE = 16_000_000
_SHOWN = 4
"""Passages named in a message."""
_ODD = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True)
class Decoded:
    """The text of a file, its encoding, and how that was found.

    Attributes:
        content: The text in UTF-8: a large file, most often in UTF-8 already, is not held twice.
        encoding: Of the file.
        notes: How it was found.
    """

    content: bytes
    encoding: str
    notes: tuple[Note, ...]

    @property
    def text(self) -> str:
        return self.content.decode("utf-8")


def decode(data: bytes, *, name: str, encoding: str | None = None) -> Decoded:
    """Decode a text export.

    Args:
        data: The whole file.
        name: The file as messages call it.
        encoding: As the definition gives it; found from the bytes when left out.

    Raises:
        StudyError: The bytes do not fit the encoding, or it cannot be told which one they are in.
    """
    mark, marked = next(((m, e) for m, e in _MARKS if data.startswith(m)), (b"", ""))
    if encoding is not None:
        return _as_declared(data, mark, marked, encoding, name)
    if marked:
        said = () if marked == "utf-8" else (Note("encoding", "", f"{marked.upper()} by its byte-order mark", 1),)
        return Decoded(_strictly(data[len(mark) :], marked, name), marked, said)
    wide = _utf_16_by_nuls(data)
    if wide:
        note = Note("encoding", "", f"{wide.upper()}: every other byte of the text is NUL", 1)
        return Decoded(_strictly(data, wide, name), wide, (note,))
    wrong = _not_utf_8(data)
    return Decoded(data, "utf-8", ()) if wrong is None else _windows_or_mac(data, name, wrong)


def _not_utf_8(data: bytes) -> int | None:
    """The first byte that is not UTF-8; `None` where all are. Looked for piece by piece, as text takes up to four times
    the room of its bytes."""
    begin = 0
    while begin < len(data):
        end = begin + _PIECE
        while end < len(data) and 0x80 <= data[end] < 0xC0 and end > begin + _PIECE - 4:
            end -= 1  # no character is cut in two
        try:
            data[begin:end].decode("utf-8")
        except UnicodeDecodeError as error:
            return begin + error.start
        begin = end
    return None


def _as_declared(data: bytes, mark: bytes, marked: str, encoding: str, name: str) -> Decoded:
    try:
        known = codecs.lookup(encoding)
        "".encode(known.name)  # refuses codecs that are not text encodings
    except (LookupError, ValueError) as error:
        raise StudyError(
            [
                Problem(
                    name,
                    "is declared to be in an encoding that is not known",
                    "write for example `encoding: windows-1252`, `mac_roman`, `utf-8` or `utf-16`",
                    value=encoding,
                )
            ]
        ) from error
    plain = known.name.removesuffix("-sig")
    own_mark = bool(marked) and marked.startswith(plain)
    text = _strictly(data[len(mark) :], marked, name) if own_mark else _strictly(data, plain, name)
    return Decoded(text, marked if own_mark else plain, (Note("encoding", "", f"{encoding}, as declared", 1),))


def _strictly(data: bytes, encoding: str, name: str) -> bytes:
    """The text of some bytes, in UTF-8."""
    try:
        return data if encoding == "utf-8" and _not_utf_8(data) is None else data.decode(encoding).encode("utf-8")
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise StudyError(
            [
                Problem(
                    name,
                    f"is not {encoding.upper()} text at byte {start:,}",
                    "set `encoding:` in the definition, or save the file as 'CSV UTF-8'",
                    row=f"row {_line_of(data, start)}",
                )
            ]
        ) from error


def _line_of(data: bytes, place: int) -> int:
    before = data[:place].replace(b"\r\n", b"\n")
    return before.count(b"\n") + before.count(b"\r") + 1


def _utf_16_by_nuls(data: bytes) -> str:
    """UTF-16 without a mark: text in Latin letters has a NUL in nearly every pair of bytes, always on one side."""
    pairs = np.frombuffer(data[: min(len(data), _SAMPLE) // 2 * 2], dtype=np.uint8).reshape(-1, 2)
    if not len(pairs):
        return ""
    first, second = (pairs == 0).mean(axis=0)
    if second > 0.4 and first < 0.1:
        return "utf-16-le"
    return "utf-16-be" if first > 0.4 and second < 0.1 else ""


# --- Windows or Mac -----------------------------------------------------------------------------------------------------


def _windows_or_mac(data: bytes, name: str, first: int) -> Decoded:
    """Choose between windows-1252 and Mac Roman by the neighbours of every run of bytes above 127."""
    padded = b" " * _AROUND + data + b" " * _AROUND
    runs = Counter(re.findall(rb"(?s)(?=(.{2}[\x00-\x7f][\x80-\xff]+.{3}))", padded))  # distinct ones are few
    total = sum(runs.values())
    doubts = {e: np.array([_doubt_of_run(_read(run, e)) for run in runs]) for e in (WINDOWS, MAC)}
    counts = np.array(list(runs.values()))
    chosen, telling = _settled(doubts, counts)
    if not chosen and _decodes(data, WINDOWS) and data.decode(WINDOWS) == data.decode(MAC):
        chosen = WINDOWS
    if not chosen or not _decodes(data, chosen):
        raise StudyError([_undecided(data, name, first)])
    other = MAC if chosen == WINDOWS else WINDOWS
    message = (
        f"not UTF-8; read as {chosen}: {telling} of {total} passages with bytes above 127 are plausible there and not "
        f"as {other}; set `encoding:` if that is wrong"
    )
    return Decoded(data.decode(chosen).encode("utf-8"), chosen, (Note("encoding", "", message, total),))


def _settled(doubts: dict[str, IntArray], counts: IntArray) -> tuple[str, int]:
    """The encoding that the telling passages agree on, the strongest doubts first, and how many they are.

    None where they disagree, or where much is implausible even in the better reading (it is then a third encoding).
    """
    for level in (2, 1):
        against = {
            e: int(counts[(doubts[e] >= level) & (doubts[o] < level)].sum())
            for e, o in ((WINDOWS, MAC), (MAC, WINDOWS))
        }
        telling = sum(against.values())
        for encoding, other in ((WINDOWS, MAC), (MAC, WINDOWS)):
            odd = int(counts[doubts[encoding] == 2].sum())
            if telling and against[other] >= _SETTLED * telling and odd <= (1 - _SETTLED) * counts.sum():
                return encoding, against[other]
        if telling:
            break
    return "", 0


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _undecided(data: bytes, name: str, first: int) -> Problem:
    """The passages in question with their rows, each read both ways, and the choices."""
    found = {_passage(data, run.start(), run.end()): run.start() for run in reversed(list(_ODD.finditer(data)))}
    passages = sorted(found, key=found.__getitem__)  # the first place of each
    shown = "; ".join(
        f"row {_line_of(data, found[p])} {_read(p, WINDOWS)!r} or {_read(p, MAC)!r}" for p in passages[:_SHOWN]
    )
    more = f"; and {len(passages) - _SHOWN} more passages" if len(passages) > _SHOWN else ""
    return Problem(
        name,
        f"is not UTF-8, and its encoding cannot be told: as {WINDOWS} or as {MAC} it reads {shown}{more}",
        f"look which reading is right and set `encoding: {WINDOWS}` or `encoding: {MAC}` in the definition (or another "
        "encoding, if neither is), or save the file as 'CSV UTF-8'",
        row=f"row {_line_of(data, first)}",
    )


def _passage(data: bytes, start: int, end: int) -> bytes:
    """Some bytes with what stands around them in the line."""
    before, after = data[max(0, start - 15) : start], data[end : end + 12]
    return re.split(rb"[\r\n]", before)[-1] + data[start:end] + re.split(rb"[\r\n]", after)[0]


def _read(data: bytes, encoding: str) -> str:
    """The bytes read one way; those without a meaning there become control characters."""
    return "".join(chr(b) if b in _UNDEFINED[encoding] else _CHARACTERS[encoding][b] for b in data)


_UNDEFINED = {WINDOWS: frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D}), MAC: frozenset[int]()}
_CHARACTERS = {e: bytes(range(256)).decode(e, errors="replace") for e in (WINDOWS, MAC)}

_AFTER_LETTERS = frozenset("™®©ªº°²³")
_MONEY = frozenset("€£¥¢")
_OPENING = frozenset("“‘«‹„‚")
_CLOSING = frozenset("”»›")
_ALONE = frozenset("àáâéèêíóòúùåöÀÁÂÉÈÊÍÓÒÚÙÅÖ")
"""Letters that are words by themselves in some Western language."""
_MEANINGLESS = frozenset([*map(chr, range(0x80, 0xA0)), "\ufb01", "\ufb02", "\u0131"])
"""Bytes without a character, ligatures and the dotless i, which no keyboard types."""
_GLUED = frozenset(".?!:)")
"""Punctuation that a word does not follow without a space; commas and semicolons separate cells."""
_BOUND = re.compile(r"(?i)^(?:s|t|d|m|re|ve|ll)$")
"""What follows the apostrophe of an English contraction, up to the end of the word."""
_ELIDED = re.compile(r"(?i)(?:^|[^a-z])(?:[cdjlmnst]|qu)$")
"""What stands before a French apostrophe."""


def _doubt_of_run(run: str) -> int:
    """The strongest doubt about any character between the neighbours at both ends."""
    return max(_doubt(run[i - _AROUND : i + _AROUND + 1]) for i in range(_AROUND, len(run) - _AROUND))


def _doubt(around: str) -> int:
    """How implausible the middle character is between its neighbours: 2 strongly, 1 weakly, 0 not at all."""
    before, char, after = around[:_AROUND], around[_AROUND], around[_AROUND + 1 :]
    left, right = before[-1], after[0]
    if char in "\u00a0’–—…•":
        return 0
    if char.isalpha() and char not in _AFTER_LETTERS and char not in _MEANINGLESS:
        return _doubt_of_letter(char, before, after)
    if char in _MONEY:
        odd = not any(c.isdigit() for c in before[-2:] + after[:2])
    elif char in _OPENING:
        odd = left.isalnum()
    elif char in _CLOSING:
        odd = right.isalnum() or left.isspace()
    elif char in "¿¡":
        odd = left.isalnum() or right.isspace()
    elif char in _AFTER_LETTERS:
        odd = (left.isalpha() and right.isalpha()) or (char in "ªº" and left.islower())
    else:
        odd = left.isalpha() or right.isalpha() or char in _MEANINGLESS
    return 2 if odd else 0


def _doubt_of_letter(char: str, before: str, after: str) -> int:
    left, right = before[-1], after[0]
    accented = sum(not c.isascii() and c.isalpha() for c in (left, char, right))
    if (
        (left.isdigit() or right.isdigit() or left in _GLUED)
        or (char.isupper() and left.islower())
        or (char.islower() and left.isupper() and right.isupper())
        or accented == 3  # another script read as Latin
    ):
        return 2
    if not left.isalpha() and not right.isalpha():
        return 1 if char in _ALONE else 2
    return _doubt_of_quote_like(char, before, after)


def _doubt_of_quote_like(char: str, before: str, after: str) -> int:
    """Letters that Mac Roman has where windows-1252 has quotation marks, in the places of quotation marks."""
    word_before = re.split(r"\s", before)[-1]
    word_after = re.split(r"[^\w]", after)[0]
    ends = len(word_after) < len(after)
    contracted = before[-1].isalpha() and ends and _BOUND.match(word_after)
    elided = (
        _ELIDED.search(word_before) and after[0].isalpha() and (len(word_before) < _AROUND or "qu" in before.lower())
    )
    if char == "í" and (contracted or elided):
        return 1
    if char in "ìë" and not before[-1].isalpha():
        return 1
    return 1 if char in "îí" and not after[0].isalpha() else 0
