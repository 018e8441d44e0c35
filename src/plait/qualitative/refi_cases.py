"""The cases of a REFI-QDA project: whose words are whose, and what is known of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plait.errors import Problems, did_you_mean
from plait.qualitative.import_log import ImportLog, listed
from plait.qualitative.refi_places import Placed
from plait.qualitative.refi_xml import ProjectXml, source_name
from plait.qualitative.transcripts import stable_id
from plait.study.definition import Project

_NO_SPAN = (None, None)


@dataclass(frozen=True)
class Owner:
    """A stretch of a source that belongs to a case; without offsets, the whole source."""

    case: str
    source: str
    start: int | None
    end: int | None


def owners_of(project: ProjectXml, placed: Sequence[Placed], case_nodes: set[str]) -> list[Owner]:
    """Which stretch belongs to which case: by references of the case, or by coding with a code that is the case."""
    by_guid = {p.guid: p for p in placed if p.selection}
    sources = {s.guid for s in project.sources}
    transcripts = {(s.parent, s.guid) for s in project.sources if s.parent}
    owners = []
    for case in project.cases:
        whole = [g for g in case.sources if g in sources]
        # A recording's transcripts are its case's too.
        whole += [t for parent, t in sorted(transcripts) if parent in case.sources]
        owners += [Owner(case.guid, g, *_NO_SPAN) for g in dict.fromkeys(whole)]
        parts = [by_guid[g] for g in case.selections if g in by_guid]
        owners += [Owner(case.guid, p.source.guid, p.start, p.end) for p in parts]
    for p in placed:
        nodes = {c.codes[0] for c in p.codings if c.codes} & case_nodes
        owners += [Owner(guid, p.source.guid, p.start, p.end) for guid in sorted(nodes)]
    return owners


def cases_of(
    project: ProjectXml, owners: Sequence[Owner], collection_id: str, log: ImportLog
) -> tuple[dict[str, str], dict[str, str]]:
    """The id of every case, and the one case of each source that has just one."""
    if not project.cases:
        log.note("no_cases", "the project has no cases; each source counts as one")
        ids = {s.guid: stable_id("case", collection_id, s.guid) for s in project.sources}
        return ids, {guid: guid for guid in ids}
    owned: dict[str, set[str]] = {}
    for owner in owners:
        owned.setdefault(owner.source, set()).add(owner.case)
    shared = [source_name(s) for s in project.sources if len(owned.get(s.guid, ())) > 1]
    alone = [source_name(s) for s in project.sources if s.guid not in owned]
    if shared:
        log.caution(
            "shared_sources",
            f"sources that belong to several cases, so that a coding is a case's only where it touches the part of "
            f"that case alone: {len(shared)} ({listed(shared)})",
        )
    if alone:
        log.caution("sources_without_case", f"sources that belong to no case: {len(alone)} ({listed(alone)})")
    ids = {c.guid: stable_id("case", collection_id, c.guid) for c in project.cases}
    return ids, {source: next(iter(cases)) for source, cases in owned.items() if len(cases) == 1}


def case_of_span(p: Placed, owners: Sequence[Owner]) -> str:
    """The case whose part of a shared source a coding touches; none when it touches several or none."""
    if p.start is None or p.end is None:
        return ""
    touched = {
        o.case for o in owners if o.start is not None and o.end is not None and o.start < p.end and p.start < o.end
    }
    return touched.pop() if len(touched) == 1 else ""


def attributes_of(
    project: ProjectXml, case_of: Mapping[str, str], spec: Project, log: ImportLog, problems: Problems
) -> dict[tuple[str, str], str]:
    """What is known of each case, from the case itself and from its sources."""
    wanted = {name.casefold(): name for name in spec.breaks}
    names = {}
    for variable in project.variables:
        name = attribute_name(variable.name)
        names[variable.guid] = wanted.get(name.casefold(), name)
    for name in spec.breaks:
        if name not in names.values():
            problems.add(
                spec.file,
                f"no variable of the project is called '{name}', which theme counts are to be split by",
                did_you_mean(name, sorted(set(names.values()))),
            )
    own = [(c.guid, v) for c in project.cases for v in c.values]
    from_sources = [(case_of[s.guid], v) for s in project.sources if s.guid in case_of for v in s.values]
    found: dict[tuple[str, str], str] = {}
    clashes = set()
    for case, value in [*own, *from_sources]:
        if value.variable not in names:
            continue
        key = (case, names[value.variable])
        if found.setdefault(key, value.text) != value.text:
            clashes.add(key[1])
    if clashes:
        log.caution(
            "attributes", f"sources disagree about their case; the first value is used: {listed(sorted(clashes))}"
        )
    return found


def attribute_name(name: str) -> str:
    """A variable's name as the definition can write it: letters, digits and underscores."""
    # Some exports put the class of the variable before its name.
    plain = re.sub(r"^(?:Cases?|Files?|Documents?):\s*", "", name.strip())
    return re.sub(r"\W+", "_", plain).strip("_")
