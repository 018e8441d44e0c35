"""Problems as values: what is wrong, where it is, and how to mend it.

A reader or a check collects every problem it can find and raises them together, so that a user mends a file once
instead of once per mistake.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

_MAX_SHOWN = 60
_MAX_VALUE = 80


@dataclass(frozen=True)
class Problem:
    """One mistake in a user's file.

    Attributes:
        file: The file as the user knows it (relative to the study folder).
        message: What is wrong, in words.
        mend: What to do about it.
        row: Line of the file or key of the definition, as the user counts it; empty when the whole file is meant.
        column: Name of the column, or of the key in a definition.
        value: The offending value, shown shortened.
    """

    file: str
    message: str
    mend: str = ""
    row: str = ""
    column: str = ""
    value: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.row:
            place += f", {self.row}"
        if self.column:
            place += f", {'key' if self.file.endswith(('.yaml', 'config')) else 'column'} '{self.column}'"
        text = f"{place}: {self.message}"
        if self.value is not None:
            text += f" (found {shorten(self.value)!r})"
        if self.mend:
            text += f"\n    mend: {self.mend}"
        return text


class StudyError(Exception):
    """A user's study cannot be used as it is; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.problems)
        lines = [f"{count} problem{'s' if count != 1 else ''} to mend:"]
        lines += [f"  {number}. {problem}" for number, problem in enumerate(self.problems[:_MAX_SHOWN], start=1)]
        if count > _MAX_SHOWN:
            lines.append(f"  ... and {count - _MAX_SHOWN} more")
        return "\n".join(lines)


@dataclass
class Problems:
    """A list of problems that is filled while checking and raised once at the end."""

    found: list[Problem] = field(default_factory=list)

    def add(
        self, file: str, message: str, mend: str = "", *, row: str = "", column: str = "", value: str | None = None
    ) -> None:
        self.found.append(Problem(file, message, mend, row, column, value))

    def raise_if_any(self) -> None:
        """Raise `StudyError` with everything found; do nothing when all is well."""
        if self.found:
            raise StudyError(self.found)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Take the problems of a `StudyError` raised inside the block and go on."""
        try:
            yield
        except StudyError as error:
            self.found.extend(error.problems)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?` for the nearest known name, or the list of known names."""
    known = [str(k) for k in known]
    folded = {k.casefold(): k for k in known}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{folded[close[0]]}'?"
    listed = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    return f"known here: {listed}" if known else "none is known here"


def neighbour_of(path: Path) -> str:
    """Return `did you mean 'x'?` for a file that is not there, from the files beside it; nothing without a folder."""
    folder = path.parent
    return did_you_mean(path.name, sorted(p.name for p in folder.iterdir())) if folder.is_dir() else ""


def shorten(value: str) -> str:
    """Cut a long value for a message, keeping its start."""
    return value if len(value) <= _MAX_VALUE else value[: _MAX_VALUE - 3] + "..."


@contextmanager
def told_plainly(log: str | Path | None = None) -> Iterator[None]:
    """Print a user's mistakes without a traceback and leave with exit code 1.

    Every job and command runs inside it; programming errors keep their traceback.

    Args:
        log: A file to write the message to as well.
    """
    try:
        yield
    except StudyError as error:
        print(error, file=sys.stderr, flush=True)
        if log:
            Path(log).parent.mkdir(parents=True, exist_ok=True)
            Path(log).write_text(f"{error}\n", encoding="utf-8")
        sys.exit(1)
