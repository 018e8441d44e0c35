"""Texts that say the same and are typed otherwise, made one."""

from __future__ import annotations

import re
from unicodedata import normalize

UNSEEN = (
    "\u00ad\u2060\ufeff"  # soft hyphen, word joiner, byte-order mark
    "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # zero-width space, direction marks
)
"""Characters that nobody sees and that make two texts of one. Joiners stay: some scripts are spelled with them."""
_FOLDS = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2007": " ",
        **dict.fromkeys(UNSEEN, ""),
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
    }
)
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """The text with spaces, quotation marks, dashes, accents and capitals evened out, and what nobody sees left out."""
    return _SPACES.sub(" ", normalize("NFC", text.translate(_FOLDS))).strip().casefold()
