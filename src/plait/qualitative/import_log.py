"""What a reader notes while it imports one file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SHOWN = 5


@dataclass
class ImportLog:
    """The lines of the import log about one file; the counts of codings stand in a single line."""

    file: str
    sha256: str
    reader: str
    tool: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)

    def counts(
        self, n_in: int, n_active: int, message: str, *, offset_convention: str = "", n_unresolved: int = 0
    ) -> None:
        """Say how many codings the file held, how many of them are used and how many have no place to be found."""
        excluded = n_in - n_active - n_unresolved
        self._add("read", "info", message, offset_convention, n_in, n_active, excluded, n_unresolved)

    def note(self, event: str, message: str) -> None:
        """Say something that is as it should be."""
        self._add(event, "info", message)

    def caution(self, event: str, message: str) -> None:
        """Say something that the researcher ought to look at."""
        self._add(event, "warning", message)

    def _add(
        self,
        event: str,
        severity: str,
        message: str,
        offset_convention: str = "",
        n_in: int | None = None,
        n_active: int | None = None,
        n_excluded: int | None = None,
        n_unresolved: int | None = None,
    ) -> None:
        self.rows.append(
            {
                "file": self.file,
                "sha256": self.sha256,
                "reader": self.reader,
                "tool": self.tool,
                "offset_convention": offset_convention,
                "n_in": n_in,
                "n_active": n_active,
                "n_excluded": n_excluded,
                "n_unresolved": n_unresolved,
                "event": event,
                "severity": severity,
                "message": message,
            }
        )


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, read in pieces: projects may hold hours of video."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def listed(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
