"""What every reader of a tool's own files needs: what is wrong with a stretch of text, and the paths of a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plait.errors import Problems
from plait.qualitative.coded_file import CodedFile, FileSelection, FileSource

MOST_LEVELS = 100
"""Levels of a tree of codes; nobody works with one this deep."""

NO_CODE = "names a code that is not in the project"
NO_SOURCE = "stands in a source that is not in the project"


def fault_of_span(start: int | None, end: int | None, length: int | None = None) -> str:
    """Why two positions are no stretch of a text; "" where they are one.

    Args:
        start: First position, None where it is no whole number.
        end: Position after the last one.
        length: Positions that the text has, where that is known.
    """
    if start is None or end is None:
        return "has a position that is no whole number"
    if start < 0:
        return "starts before the text"
    if end < start:
        return "ends before it starts"
    if end == start:
        return "is empty: it starts where it ends"
    if length is not None and end > length:
        return "ends after the text"
    return ""


def may_be_same(length: int, stored: str) -> bool:
    """Whether a stretch of this length can differ from a stored text by white space alone; spares cutting it out."""
    return length <= 2 * len(stored) + 200


def whole(file: CodedFile) -> CodedFile:
    """The file with a source and a selection that have no id, where rows lead to none that is there.

    Such rows are never counted, but they are kept, and each row must lead to something that is.
    """
    lost = any(not coding.selection for coding in file.codings)
    selections = (*file.selections, FileSelection("", "", reason="is not in the project")) if lost else file.selections
    astray = any(not selection.source for selection in selections)
    sources = (*file.sources, FileSource("", "(not in the project)")) if astray else file.sources
    return replace(file, sources=sources, selections=selections)


def without_mark(text: str) -> tuple[str, int]:
    """A text without the byte order mark at its start, and by how much positions in it move."""
    bare = text.lstrip("\ufeff")
    return bare, len(text) - len(bare)


def paths_of(
    names: Mapping[str, str], parents: Mapping[str, str], file: str, problems: Problems
) -> dict[str, tuple[str, ...]]:
    """The names from the top of a tree down to each of its nodes.

    Args:
        names: Each node's own name.
        parents: The node above; one that is absent or unknown is the top.
        file: The file as messages call it.
        problems: Receives nodes that stand below themselves, and trees without end.
    """
    paths: dict[str, tuple[str, ...]] = {"": (names[""],)} if "" in names else {}
    for node in names:
        above: list[str] = []
        at = node
        while at and at in names and at not in paths and at not in above and len(above) <= MOST_LEVELS:
            above.append(at)
            at = parents.get(at, "")
        if at in above or len(above) > MOST_LEVELS:
            what = "stands below itself" if at in above else f"stands more than {MOST_LEVELS} levels deep"
            problems.add(file, f"the code or category '{names[node]}' {what}", "mend the tree of codes in the tool")
            paths |= {n: (names[n],) for n in above}
            continue
        path = paths.get(at, ()) if at else ()
        for n in reversed(above):
            path = (*path, names[n])
            paths[n] = path
    return paths
