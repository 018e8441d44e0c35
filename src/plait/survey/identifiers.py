"""Columns that say who a respondent is: e-mail and IP addresses, names, places of living, telephone numbers.

They never leave cleaning. A column is recognised by its name, or by its cells where most of them have the form of an
address, a full United Kingdom postcode or a telephone number; a few such cells in an open answer do not make a column
identifying, but wherever a cell is shown, what has that form in it is hidden.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import pandas as pd

from plait import identifying as forms

EMAIL, IP, NAME, POSTCODE, PHONE, PLACE, BIRTH = (
    "e-mail addresses",
    "IP addresses",
    "names",
    "postcodes",
    "telephone numbers",
    "coordinates",
    "dates of birth",
)

_BY_FORM = {EMAIL: forms.EMAIL, IP: forms.IP, POSTCODE: forms.POSTCODE, PHONE: forms.PHONE}

_SHOWN_AS = (
    ("(e-mail address)", forms.EMAIL),
    ("(IP address)", forms.IP),
    ("(postcode)", forms.POSTCODE),
)

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_HEADERS = {
    EMAIL: ("e mail", "email", "mail address", "email address", "mail adresse", "correo electronico", "courriel"),
    IP: ("ip", "ip address", "ip adresse"),
    NAME: (
        "first name", "last name", "full name", "family name", "given name", "middle name", "sur name", "surname",
        "user name", "username", "your name", "respondent name", "participant name", "student name", "teacher name",
        "vorname", "nachname", "prenom", "nombre", "apellido", "apellidos",
    ),
    POSTCODE: ("postcode", "post code", "postal code", "zip", "zip code", "zipcode", "postleitzahl", "plz"),
    PHONE: ("phone", "telephone", "phone number", "telephone number", "mobile number", "mobile phone", "telefon"),
    PLACE: ("latitude", "longitude", "gps", "location latitude", "location longitude", "geolocation"),
    BIRTH: ("date of birth", "birth date", "birthdate", "dob"),
}  # fmt: skip
_WHOLE = {NAME: ("name",), PLACE: ("lat", "lng", "lon", "long")}
"""Words that identify only where they are the whole name of a column."""

_LOOKED_AT = 1000
_LONGEST_CODE = 2
"""Characters; a column of shorter cells holds codes, whatever it is called."""


def identifying(header: str, cells: pd.Series) -> str:
    """What a column says about who a respondent is.

    Args:
        header: Its name.
        cells: (rows,) text.

    Returns:
        One of the kinds of this module; empty where it says nothing, or holds nothing or mere codes.
    """
    some = _some(cells)
    written_out = _most(len(text) > _LONGEST_CODE for text in some)
    return (by_header(header) if written_out else "") or _form_of(some)


def by_header(header: str) -> str:
    """What the name of a column says it holds; empty where that identifies nobody.

    The words must stand at the end of a short name (`RecipientEmail`), so that a question about names is not one.
    """
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    words = [word.casefold() for word in _WORDS.findall(plain)]
    joined = " ".join(words)
    for kind, names in _WHOLE.items():
        if joined in names:
            return kind
    if len(words) > 5:
        return ""
    return next((k for k, names in _HEADERS.items() if any(f" {joined}".endswith(f" {n}") for n in names)), "")


def by_form(cells: pd.Series) -> str:
    """What most of the cells have the form of; empty where that identifies nobody."""
    return _form_of(_some(cells))


def of_respondents(header: str, ids: pd.Series) -> str:
    """What identifies people directly in a column of respondent ids: addresses or names; empty for mere ids."""
    kind = by_form(ids)
    if kind in (EMAIL, IP):
        return kind
    return NAME if by_header(header) == NAME or _most(map(_is_name, _some(ids))) else ""


def hidden(text: str) -> str:
    """A text for a message or a log, without e-mail and IP addresses and postcodes."""
    for words, form in _SHOWN_AS:
        text = form.sub(words, text)
    return text


def _is_name(text: str) -> bool:
    """Whether a text is two to four capitalised words and nothing else."""
    words = text.replace("-", " ").replace("'", "").replace("\u2019", "").split()
    return 2 <= len(words) <= 4 and all(len(word) > 1 and word.isalpha() and word[0].isupper() for word in words)


def _form_of(texts: list[str]) -> str:
    return next((kind for kind, form in _BY_FORM.items() if _most(bool(form.fullmatch(text)) for text in texts)), "")


def _some(cells: pd.Series) -> list[str]:
    """Distinct cells that hold something; enough of them to judge a column by."""
    some = [text for cell in cells.head(_LOOKED_AT).unique().tolist() if (text := cell.strip())]
    if not some:
        some = [text for cell in cells[cells != ""].head(_LOOKED_AT).unique().tolist() if (text := cell.strip())]
    return some


def _most(marks: Iterable[bool]) -> bool:
    """Whether more than half of the marks are true."""
    marks = list(marks)
    return 2 * sum(marks) > len(marks)
