"""The text of a Word document, and where the ranges of its comments stand in it.

What counts as text, and how:
    Paragraphs, those in tables and content controls included, in the order of the file, joined by line feeds. Within a
    paragraph: its characters, a tab for a tab, a line feed for a break, a hyphen for a no-break or optional one.
    Tracked insertions count and tracked deletions do not, as if all changes were accepted; a paragraph whose mark was
    deleted still ends its line. Field codes, text boxes, characters of symbol fonts, notes, headers and footers do not
    count.
Positions count code points of that text from 0, with the end exclusive. Line ends at the ends of a range are no part
of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from plait.qualitative.xml_safely import split_tag

_PARAGRAPH = "p"
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
_PASSED_OVER = frozenset(
    {
        "del", "moveFrom", "delText", "instrText", "delInstrText", "pPr", "rPr", "tblPr", "trPr", "tcPr", "sdtPr",
        "sectPr", "drawing", "pict", "object", "AlternateContent", "footnote", "endnote",
    }
)  # fmt: skip


DOCUMENT = re.compile(r"word/document\d*\.xml")
"""The main part; some programs number it."""
COMMENTS = re.compile(r"word/comments\d*\.xml")
EXTENDED = re.compile(r"word/commentsExtended\d*\.xml", re.IGNORECASE)


def part_of(names: Iterable[str], part: re.Pattern[str]) -> str:
    """The member of a Word document that is this part; "" where there is none."""
    return min((name for name in names if part.fullmatch(name)), key=len, default="")


@dataclass(frozen=True)
class WordText:
    """The text of a document and the ranges of its comments.

    Attributes:
        text: As the rule of this module makes it.
        starts: Where the range of a comment starts, by its id.
        ends: Where it ends.
        marks: Where a comment's own mark stands, which also those without a range have.
    """

    text: str
    starts: dict[str, int]
    ends: dict[str, int]
    marks: dict[str, int]

    def span(self, comment: str) -> tuple[int, int] | None:
        """The range of a comment without line ends around it; None where it has no range or marks no character."""
        if comment not in self.starts or comment not in self.ends:
            return None
        start, end = self.starts[comment], self.ends[comment]
        while start < end and self.text[start] == "\n":
            start += 1
        while start < end and self.text[end - 1] == "\n":
            end -= 1
        return (start, end) if start < end else None


@dataclass
class _Writing:
    """The text so far."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    paragraphs: int = 0

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


def word_text(document: Element) -> WordText:
    """Read the main part of a document.

    Args:
        document: The root of its XML.
    """
    found = WordText("", {}, {}, {})
    writing = _Writing()
    for body in document:
        if split_tag(body.tag)[1] == "body":
            _write(body, writing, found)
    return WordText("".join(writing.parts), found.starts, found.ends, found.marks)


def paragraphs_of(element: Element) -> list[str]:
    """The text of each paragraph of a part of a document, a comment for example."""
    writing = _Writing()
    _write(element, writing, WordText("", {}, {}, {}))
    return "".join(writing.parts).split("\n") if writing.parts else []


def _write(element: Element, writing: _Writing, found: WordText) -> None:
    # Nesting is limited where the XML was parsed, so that this cannot run deep.
    for child in element:
        local = split_tag(child.tag)[1]
        if local in _PASSED_OVER:
            continue
        if local == _PARAGRAPH:
            if writing.paragraphs:
                writing.add("\n")
            writing.paragraphs += 1
            _write(child, writing, found)
        elif local == "t":
            writing.add(child.text or "")
        elif local in _CHARACTERS:
            writing.add(_CHARACTERS[local])
        elif local == "commentRangeStart":
            found.starts.setdefault(_id(child), writing.length)
        elif local == "commentRangeEnd":
            found.ends[_id(child)] = writing.length
        elif local == "commentReference":
            found.marks.setdefault(_id(child), writing.length)
        else:
            _write(child, writing, found)


def _id(element: Element) -> str:
    return attribute(element, "id")


def attribute(element: Element, name: str) -> str:
    """An attribute by its local name, whatever prefix its namespace has."""
    return next((value for key, value in element.attrib.items() if split_tag(key)[1] == name), "")
