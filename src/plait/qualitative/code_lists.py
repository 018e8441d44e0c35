"""Several codes in one cell, where a comma stands both between codes and within their names.

Names of codes are chosen by people, and commas, quotation marks and colons are common in them. A cell is taken apart
only where there is one way to do it: by what separates codes for certain, by the number of codes that the row states,
or by the names of the codebook. A cell that could be read in two ways is not read at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_MOST_PIECES = 60


@dataclass(frozen=True)
class CodeList:
    """The codes of a cell, or why they cannot be told."""

    names: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True)
class KnownNames:
    """Names by which codes may be called, with the separators of a cell within them."""

    names: frozenset[str]

    @classmethod
    def of(cls, names: Sequence[str]) -> KnownNames:
        return cls(frozenset(_even(name) for name in names if name.strip()))

    def holds(self, name: str) -> bool:
        """Whether it is a name, or a `Category: Code` of two names."""
        return _even(name) in self.names or self.split(name) is not None

    def split(self, name: str) -> tuple[str, str] | None:
        """The category and the code of `Category: Code`, where both are names."""
        name = _even(name)
        place = name.find(": ")
        while place > 0:
            if name[:place] in self.names and name[place + 2 :] in self.names:
                return name[:place], name[place + 2 :]
            place = name.find(": ", place + 1)
        return None


def codes_in(cell: str, separator: str, stated: int | None, known: KnownNames) -> CodeList:
    """Take a cell apart into the names of codes.

    Args:
        cell: The cell.
        separator: What stands between two codes, and may stand within a name. Line ends always separate.
        stated: How many codes the row says it has; None where it does not say.
        known: The names of the codebook.

    Returns:
        The names, trimmed, in the order of the cell; no names and a reason where they cannot be told.
    """
    lines = [line.strip() for line in cell.splitlines() if line.strip()]
    if len(lines) > 1:
        certain = stated in (None, len(lines))
        return CodeList(tuple(lines)) if certain else _unclear(stated, "names another number of them")
    pieces = [piece.strip() for piece in cell.strip().split(separator)] if cell.strip() else []
    if len(pieces) <= 1 or stated == len(pieces):
        # As many pieces as codes: no name can hold the separator.
        names = tuple(piece for piece in pieces if piece)
        return CodeList(names) if stated in (None, len(names)) else _unclear(stated, "names another number of them")
    if len(pieces) > _MOST_PIECES:
        return _unclear(stated, f"holds more than {_MOST_PIECES} of them")
    found = _readings(pieces, separator.strip() + " ", known, stated)
    if not found and stated is not None:
        found = _with_one_unknown(pieces, separator.strip() + " ", known, stated)
    if len(found) == 1:
        return CodeList(found[0])
    return _unclear(stated, "can be read in more than one way" if found else "holds names that are not in the codebook")


def _unclear(stated: int | None, why: str) -> CodeList:
    count = "" if stated is None else f" ({stated} by its own count)"
    return CodeList((), f"its list of codes{count} cannot be taken apart: it {why}")


def _readings(pieces: list[str], glue: str, known: KnownNames, stated: int | None) -> list[tuple[str, ...]]:
    """Up to two ways to put the pieces together into known names, of the stated number if there is one."""
    whole = _ends(pieces, glue, known)[0]
    if stated is not None:
        return whole.get(stated, [])
    return [reading for readings in whole.values() for reading in readings][:2]


def _ends(pieces: list[str], glue: str, known: KnownNames) -> list[dict[int, list[tuple[str, ...]]]]:
    """For each end of the list, by number of names: up to two readings of it, enough to tell one from several."""
    ends: list[dict[int, list[tuple[str, ...]]]] = [{} for _ in pieces] + [{0: [()]}]
    for first in range(len(pieces) - 1, -1, -1):
        for last in range(first + 1, len(pieces) + 1):
            name = glue.join(pieces[first:last])
            if ends[last] and known.holds(name):
                for count, readings in ends[last].items():
                    kept = ends[first].setdefault(count + 1, [])
                    kept += [(name, *rest) for rest in readings][: 2 - len(kept)]
    return ends


def _with_one_unknown(pieces: list[str], glue: str, known: KnownNames, stated: int) -> list[tuple[str, ...]]:
    """Up to two ways with one name that is not known, where the others leave room for exactly one."""
    n = len(pieces)
    after = _ends(pieces, glue, known)
    found: list[tuple[str, ...]] = []
    for first in range(n):
        before = _ends(pieces[:first], glue, known)[0]
        # Each name that is not a single piece shortens the list, so the unknown one has at most this many pieces.
        for last in range(first + 1, min(first + n - stated + 1, n) + 1):
            unknown = glue.join(pieces[first:last])
            for count, starts in before.items():
                rests = after[last].get(stated - 1 - count, [])
                found += [(*start, unknown, *rest) for start in starts for rest in rests]
            if len(found) > 1:
                return found
    return found


def _even(name: str) -> str:
    return " ".join(name.split())
