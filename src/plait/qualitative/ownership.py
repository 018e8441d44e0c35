"""Whose words are whose: the cases of a coded file and what of the sources is theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plait.qualitative.coded_file import CodedFile
from plait.qualitative.import_log import ImportLog, listed
from plait.qualitative.placing import Place


@dataclass(frozen=True)
class Owner:
    """A stretch of a source that belongs to a case; without offsets, the whole source."""

    case: str
    source: str
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Ownership:
    """What belongs to whom, by the file's ids.

    Attributes:
        owners: Every stretch with its case.
        case_of: The one case of each source that has just one.
    """

    owners: Mapping[str, tuple[Owner, ...]]
    case_of: Mapping[str, str]

    def case_at(self, source: str, start: int | None, end: int | None) -> str:
        """The case of a stretch: its source's only one, or the one whose part it touches; "" where several or none."""
        if source in self.case_of:
            return self.case_of[source]
        if start is None or end is None:
            return ""
        touched = {
            o.case
            for o in self.owners.get(source, ())
            if o.start is not None and o.end is not None and o.start < end and start < o.end
        }
        return touched.pop() if len(touched) == 1 else ""


def ownership(file: CodedFile, places: Mapping[str, Place], log: ImportLog) -> Ownership:
    """Who owns which stretch; without cases each source is one."""
    if not file.cases:
        return Ownership(
            {s.id: (Owner(s.id, s.id, None, None),) for s in file.sources}, {s.id: s.id for s in file.sources}
        )
    owners: dict[str, list[Owner]] = {}
    for source in file.sources:
        if source.case:
            owners.setdefault(source.id, []).append(Owner(source.case, source.id, None, None))
    for o in file.owners:
        at = places.get(o.selection)
        span = (at.start, at.end) if at else (None, None)
        if not o.selection or (at and not at.reason):
            owners.setdefault(o.source, []).append(Owner(o.case, o.source, *span))
    cases = {source: {o.case for o in parts} for source, parts in owners.items()}
    _note(file, cases, log)
    alone = {source: next(iter(found)) for source, found in cases.items() if len(found) == 1}
    return Ownership({source: tuple(parts) for source, parts in owners.items()}, alone)


def _note(file: CodedFile, cases: Mapping[str, set[str]], log: ImportLog) -> None:
    shared = [s.name for s in file.sources if len(cases.get(s.id, ())) > 1]
    alone: Sequence[str] = [s.name for s in file.sources if s.id not in cases]
    if shared:
        log.caution(
            "shared_sources",
            f"sources that belong to several cases, so that a coding is a case's only where it touches the part of "
            f"that case alone: {len(shared)} ({listed(shared)})",
        )
    if alone:
        log.caution("sources_without_case", f"sources that belong to no case: {len(alone)} ({listed(list(alone))})")
