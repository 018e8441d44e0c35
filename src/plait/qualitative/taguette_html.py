"""The text of an HTML document of Taguette, and where its byte offsets stand in it.

Taguette counts the UTF-8 bytes of the text nodes and nothing else, so that the last word of a paragraph and the first
of the next one may touch. A line feed is put between them here, which the offsets know nothing of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import numpy as np
import numpy.typing as npt

from plait.qualitative.places import without_mark

_BLOCKS = (
    " address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre section summary table tbody td tfoot th thead"
    " tr ul "
)
_ASTRAY = re.compile(r"<(?:[!?]|[^<>]*(?:<|\Z))")
_MOST_ASTRAY = 1_000
"""Marks that open no whole tag. Taguette cleans documents before it keeps them; a parser searches the rest of the text
for the end of each."""
_NEWLINES = re.compile(r"\r\n?")


class BrokenHtmlError(Exception):
    """A document that is not the clean HTML that Taguette keeps."""


@dataclass(frozen=True)
class HtmlText:
    """The text of a document.

    Attributes:
        text: Its text nodes without a byte order mark, and line feeds between blocks that would run together.
        starts: For each character of a text node, the byte it starts at.
        ends: The byte after it.
        places: Its code point in `text`.
    """

    text: str
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]

    @property
    def n_bytes(self) -> int:
        """Bytes of all text nodes."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def place_of(self, start: int, end: int) -> tuple[int, int] | None:
        """The code points of a stretch given in bytes; None where it cuts a character in two."""
        first, last = int(np.searchsorted(self.starts, start)), int(np.searchsorted(self.ends, end))
        inside = first < len(self.starts) and last < len(self.ends)
        if not inside or self.starts[first] != start or self.ends[last] != end:
            return None
        return max(0, int(self.places[first])), max(0, int(self.places[last]) + 1)


class _TextNodes(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[tuple[str, bool]] = []
        self._new_block = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._new_block |= f" {tag} " in _BLOCKS

    def handle_endtag(self, tag: str) -> None:
        self._new_block |= f" {tag} " in _BLOCKS

    def handle_data(self, data: str) -> None:
        self.nodes.append((data, self._new_block))
        self._new_block = False


def text_of_html(html: str) -> HtmlText:
    """Read the text nodes of a document; line ends of the HTML are line feeds, as the HTML standard has it.

    Raises:
        BrokenHtmlError: It is full of marks that open no tag, or holds a broken declaration.
    """
    html = _NEWLINES.sub("\n", html)
    for count, _ in enumerate(_ASTRAY.finditer(html), start=1):
        if count > _MOST_ASTRAY:
            raise BrokenHtmlError
    parser = _TextNodes()
    try:
        parser.feed(html)
        parser.close()
    except AssertionError as error:  # the parser's way to give up on a declaration
        raise BrokenHtmlError from error

    parts: list[str] = []
    counted: list[npt.NDArray[np.bool_]] = []
    last = " "
    for node, new_block in parser.nodes:
        if new_block and not last.isspace() and not node[:1].isspace():
            parts.append("\n")
            counted.append(np.zeros(1, dtype=bool))
        parts.append(node)
        counted.append(np.ones(len(node), dtype=bool))
        last = node[-1:] or last
    text = "".join(parts)
    is_counted = np.concatenate(counted) if counted else np.empty(0, dtype=bool)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    widths = 1 + (points > 0x7F).astype(np.int64) + (points > 0x7FF) + (points > 0xFFFF)
    ends = np.cumsum(np.where(is_counted, widths, 0))
    bare, moved = without_mark(text)
    places = np.flatnonzero(is_counted).astype(np.int64) - moved
    return HtmlText(bare, (ends - widths)[is_counted], ends[is_counted], places)
