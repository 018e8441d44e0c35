"""What a library says about a damaged file, told as a problem of the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from plait.errors import Problem, StudyError, shorten


@contextmanager
def told_as_problem(name: str, kind: str) -> Iterator[None]:
    """Turn whatever a parser raises on a damaged file into a problem.

    Parsers written in C, Rust and Python raise nearly anything on hostile bytes (a panic in Rust is not even an
    `Exception`), so only what ends the program on purpose passes. Wrap the call of the library, nothing else.

    Args:
        name: The file as messages call it.
        kind: What the file should be: `an Excel workbook`.

    Raises:
        StudyError: The library failed.
    """
    try:
        yield
    except (StudyError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        reason = shorten(" ".join(str(error).split())) or type(error).__name__
        problem = Problem(
            name, f"cannot be read as {kind} ({reason})", "the file is damaged or cut off; export it again"
        )
        raise StudyError([problem]) from error
