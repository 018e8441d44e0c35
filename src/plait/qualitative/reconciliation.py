"""A tool's own counts of its codes, held against the codings of the other files.

Exports of one project that were made on two days differ. That is no reason to stop, but the researcher ought to know
which codes it touches before a theme is reported.
"""

from __future__ import annotations

from collections.abc import Sequence

from plait.qualitative.coded_file import CodedFile, StatedCounts
from plait.qualitative.import_log import listed
from plait.study.definition import ToolFile


def reconcile(files: Sequence[tuple[ToolFile, CodedFile]]) -> None:
    """Write into the log of each file of stated counts which of them the codings do not bear out.

    Args:
        files: Of one collection. Counts whose file has a `coder:` are held against that coder's files, others against
            all files with codings.
    """
    for spec, file in files:
        if not file.stated.of:
            continue
        others = [(s, f) for s, f in files if f.codings and (not spec.coder or s.coder == spec.coder)]
        if not others:
            file.log.note("counts", "the stated counts are not held against anything: no other file holds codings")
            continue
        names = " and ".join(s.file for s, _ in others)
        differ = counts_that_differ(file.stated, [f for _, f in others])
        if differ:
            shown = listed([f"{code}: {said} stated, {seen} found" for code, said, seen in differ])
            message = f"codes whose count is not the one found in {names}: {len(differ)} of {len(file.stated.of)}"
            file.log.caution("counts", f"{message} ({shown})")
        else:
            file.log.note("counts", f"all {len(file.stated.of)} counts are those found in {names}")


def counts_that_differ(stated: StatedCounts, found: Sequence[CodedFile]) -> list[tuple[str, int, int]]:
    """Where stated counts are not those of the codings.

    A code counts the stretches that carry it; a category those that carry it or any of its codes, each once.

    Returns:
        The code, the stated count and the count that was found.
    """
    stretches: dict[str, set[tuple[int, str]]] = {}
    for number, file in enumerate(found):
        names = {code.id: _names(code.path, stated.between) for code in file.codes}
        for coding in file.codings:
            if coding.code and not coding.reason:
                for name in names[coding.code]:
                    stretches.setdefault(name, set()).add((number, coding.selection))
    both = ((code, n, len(stretches.get(code, ()))) for code, n in stated.of.items())
    return [(code, said, seen) for code, said, seen in both if said != seen]


def _names(path: Sequence[str], between: str) -> set[str]:
    """What the codebook calls a code, and its category."""
    if not between:
        return {path[-1]}
    whole = " ".join(between.join(path).split())
    return {whole, whole.split(between, 1)[0]}
