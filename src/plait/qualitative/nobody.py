"""Names of coders that name nobody: programs give them to people who have not said who they are."""

from __future__ import annotations

_NOBODY = frozenset({"coder", "author", "user", "admin", "windows user", "microsoft office user", "microsoft word"})


def is_nobody(name: str) -> bool:
    """Whether a coder's name is one that programs give, or none."""
    plain = " ".join(name.split()).casefold()
    return not plain or plain in _NOBODY
