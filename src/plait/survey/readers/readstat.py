"""SPSS and Stata files through ReadStat, a C library, in a process of its own.

A damaged file can crash the library, and a crash cannot be caught in the process that it ends. So the file is read in a
child, and a child that dies is a problem of the file like any other.
"""

from __future__ import annotations

import marshal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plait.errors import Problem, StudyError, shorten
from plait.survey.readers.typed import iconv_name

_LONGEST = 1800
"""Seconds; a large file takes some."""


@dataclass(frozen=True)
class Variables:
    """What the library found, each by variable.

    Attributes:
        names: The variables, in order.
        values: Of the variables that were read: numbers, texts, or nothing where missing; a letter for Stata's extended
            missing values.
        forms: The display format, which tells dates from numbers.
        kinds: `double`, `float`, `string` and so on.
        texts: The variable label.
        labels: Code to label.
        missing_ranges: Lowest and highest code of each declared range.
        missing_codes: Single declared codes (Stata's letters).
        encoding: As the file declares it.
    """

    names: list[str]
    values: dict[str, list[Any]]
    forms: dict[str, str]
    kinds: dict[str, str]
    texts: dict[str, str]
    labels: dict[str, dict[Any, str]]
    missing_ranges: dict[str, list[tuple[Any, Any]]]
    missing_codes: dict[str, list[Any]]
    encoding: str

    @property
    def read(self) -> list[str]:
        """The variables whose values were read, in order."""
        return [name for name in self.names if name in self.values]

    @property
    def unread(self) -> list[str]:
        """The variables of a wide file that nobody asked for."""
        return [name for name in self.names if name not in self.values]


def read_apart(
    reader: str, path: Path, *, name: str, kind: str, encoding: str | None, needed: tuple[str, ...]
) -> Variables:
    """Read a file in a child process.

    Args:
        reader: `read_sav` or `read_dta`.
        path: The file.
        name: The file as messages call it.
        kind: What the file should be, in words.
        encoding: Overrides the one the file declares.
        needed: The variables that are needed; of a file with many others only these are read. None means all.

    Raises:
        StudyError: The library refused the file, crashed, or found no readable names.
    """
    child = Path(__file__).with_name("readstat_child.py")
    command = [sys.executable, "-P", str(child), reader, str(path), iconv_name(encoding) or "", *needed]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_LONGEST)
        reason = "" if done.returncode == 0 else done.stderr.decode(errors="replace") or "the reader crashed"
    except subprocess.TimeoutExpired:
        reason = "reading it takes too long"
    if not reason:
        found = Variables(**marshal.loads(done.stdout))
        if all(isinstance(variable, str) and variable.strip() for variable in found.names):
            return found
        reason = "it holds variables without a name"
    line = shorten(reason.strip().splitlines()[-1])
    mend = "the file is damaged or cut off; export it again"
    if "encoding" in line.casefold() or "byte sequence" in line.casefold():
        mend = "set `encoding:` in the definition, or " + mend
    raise StudyError([Problem(name, f"cannot be read as {kind} ({line})", mend)])
