"""Harmless dirt of real exports: spaces, quotation marks and dashes that drift, typing slips."""

from __future__ import annotations

from plait.simulate.chance import Chance

NO_BREAK_SPACE = "\u00a0"


def curly(text: str) -> str:
    """Straight apostrophes as a word processor writes them."""
    return text.replace("'", "\u2019")


def dashed(text: str) -> str:
    """Hyphens between spaces or digits as dashes."""
    for before, after in ((" - ", " \u2013 "), ("5-10", "5\u201310"), ("10-20", "10\u201320")):
        text = text.replace(before, after)
    return text


def respaced(text: str, chance: Chance) -> str:
    """A text with a stray space before or after it, or a no-break space inside."""
    forms = [text + " ", text + "  ", " " + text]
    if " " in text:
        forms += [text.replace(" ", NO_BREAK_SPACE, 1), text.replace(" ", "  ", 1)]
    return chance.one_of(forms)


_SLIPS = (
    ("the ", "teh "),
    ("ing ", "ign "),
    ("mentor", "mentro"),
    ("time", "tiem"),
    ("trainee", "trainne"),
    ("their", "thier"),
    ("receive", "recieve"),
    ("and ", "adn "),
    ("with ", "wiht "),
    ("because", "becuase"),
    ("would", "woudl"),
    ("meeting", "meetign"),
    ("'s ", "s "),
    ("n't ", "nt "),
    (", ", " "),
)


def mistyped(text: str, chance: Chance) -> str:
    """A text with one typing slip, where one fits."""
    fitting = [(right, wrong) for right, wrong in _SLIPS if right in text]
    if not fitting:
        return text
    right, wrong = chance.one_of(fitting)
    return text.replace(right, wrong, 1)
