"""What pydantic found wrong, in the words of someone who wrote a study and not a program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from plait.errors import did_you_mean

_MESSAGES = {
    "missing": ("is missing", "add it"),
    "string_too_short": ("is empty", "fill it in"),
    "int_parsing": ("is no whole number", "write it in digits"),
    "int_from_float": ("is no whole number", "write it without decimals"),
    "model_type": ("is no mapping of keys", "see config/README.md"),
    "string_type": ("is no text", "put it in quotation marks"),
    "date_parsing": ("is no date", "write it as year-month-day (2026-03-31)"),
    "date_from_datetime_parsing": ("is no date", "write it as year-month-day (2026-03-31)"),
    "date_from_datetime_inexact": ("is no date", "write it as year-month-day (2026-03-31)"),
    "bool_parsing": ("is neither yes nor no", "write true or false"),
    "bool_type": ("is neither yes nor no", "write true or false"),
    "date_type": ("is no date", "write it as year-month-day (2026-03-31)"),
}
_ONE_OF = {
    "literal_error": ("expected", "is not a word that is known here"),
    "union_tag_invalid": ("expected_tags", ""),
}


def in_plain_words(detail: Mapping[str, Any]) -> tuple[str, str]:
    """Message and mend for one of the errors of a `ValidationError`."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _MESSAGES:
        return _MESSAGES[kind]
    if kind in _ONE_OF:
        key, message = _ONE_OF[kind]
        known = re.findall(r"'([^']*)'", str(context[key]))
        found = str(context.get("tag", detail["input"]))
        message = message or f"has a {str(context['discriminator']).strip(chr(39))} that is not known: '{found}'"
        return message, did_you_mean(found, [word for word in known if word])
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message.replace("Input should be", "must be"), ""
