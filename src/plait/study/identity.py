"""A stand-in for an id, so that two strands can find the same person without either of them keeping the id."""

from __future__ import annotations

from hashlib import sha256
from unicodedata import normalize

from plait.tabular.folding import UNSEEN

_UNSEEN = dict.fromkeys(map(ord, UNSEEN))


def stand_in(study: str, respondent: str) -> str:
    """The same text for the same id of the same study, from which the id cannot be read; empty for an empty id.

    Somebody who guesses an id can check the guess: a stand-in is for files within a project, and is never published.

    Args:
        study: The study's short name, so that files of two studies cannot be matched.
        respondent: The id as a file writes it; spaces around it and characters that nobody sees do not count.
    """
    plain = normalize("NFC", respondent.translate(_UNSEEN)).strip()
    return sha256(f"{study}\n{plain}".encode("utf-8", "surrogatepass")).hexdigest()[:24] if plain else ""
