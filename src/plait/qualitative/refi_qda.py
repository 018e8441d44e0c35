"""REFI-QDA projects (`.qdpx`), the exchange format of the tools for qualitative analysis."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from plait.errors import Problem, Problems, StudyError, did_you_mean
from plait.qualitative.codebook import CodeNames, ToolCode, codes_table
from plait.qualitative.import_log import ImportLog, file_sha256, listed
from plait.qualitative.offsets import AmbiguousOffsetsError, Resolved, Span, resolve_offsets
from plait.qualitative.package import Package, read_package
from plait.qualitative.refi_xml import (
    NAMESPACE,
    TEXT_SELECTIONS,
    Coding,
    ProjectXml,
    Selection,
    Source,
    parse_project,
)
from plait.qualitative.transcripts import (
    CodedText,
    canonical_text,
    decoded_text,
    stable_id,
    text_facts,
    with_segment_ids,
)
from plait.study.definition import Project
from plait.study.side_files import CodebookEntry

_READER = "refi-qda"
_NAMED_ELSEWHERE = ("relative://", "absolute://", "file://", "http://", "https://")
_NEARLY_ALL = 0.9
_NO_SPAN = (None, None)
_AREAS = {
    "PDFSelection": "codes an area of a PDF page, not text",
    "PictureSelection": "codes a part of a picture, not text",
    "AudioSelection": "codes a stretch of sound, not text",
    "VideoSelection": "codes a stretch of film, not text",
}


@dataclass(frozen=True)
class _Placed:
    """A selection (or a whole source) with its place in the canonical text.

    Attributes:
        start: None for a whole source.
        reason: Why its codings cannot be used; empty when they can.
    """

    source: Source
    selection: Selection | None
    codings: tuple[Coding, ...]
    start: int | None
    end: int | None
    text: str
    reason: str

    @property
    def guid(self) -> str:
        return self.selection.guid if self.selection else self.source.guid


@dataclass(frozen=True)
class _Owner:
    """A stretch of a source that belongs to a case; without offsets, the whole source."""

    case: str
    source: str
    start: int | None
    end: int | None


def read_refi_qda(collection_id: str, spec: Project, raw: Path, codebook: Sequence[CodebookEntry]) -> CodedText:
    """Read a project: sources, cases, codes, coders and codings.

    A coder counts as assigned to every source that holds at least one of their codings of text; the format says no
    more.

    Args:
        collection_id: The collection's name in the definition.
        spec: What the definition says of it.
        raw: The folder of raw files.
        codebook: The codes that the project's codes may stand for.

    Raises:
        StudyError: The package or its XML is unsafe or broken, a code that was used is not in the codebook, or the
            positions in the text cannot be told.
    """
    problems = Problems()
    package = read_package(raw / spec.file, spec.file, (".qde", ".txt"))
    project = parse_project(_project_member(package, spec.file), spec.file)
    _check_guids(project, spec.file, problems)
    log = ImportLog(spec.file, file_sha256(raw / spec.file), _READER, tool=" ".join(project.origin.split())[:120])
    texts = _texts(project, package, spec.file, log, problems)
    case_nodes = {c.guid for c in project.cases}
    codes = _codes(project, case_nodes, CodeNames.of(codebook), spec.file, log, problems)
    problems.raise_if_any()

    placed, convention = _place(project, texts, spec.file)
    coders = _coders(project, spec)
    owners = _owners(project, placed, case_nodes)
    cases, case_of = _cases(project, owners, collection_id, log)
    attributes = _attributes(project, case_of, spec, log, problems)
    problems.raise_if_any()

    source_ids = {s.guid: stable_id("source", collection_id, s.guid) for s in project.sources}
    rows = pd.DataFrame(
        list(_segments(placed, codes, coders, case_nodes, owners, case_of)),
        columns=["source", "case", "code", "coder", "start", "end", "text", "origin_row", "status", "reason"],
    )
    rows["source"] = rows["source"].map(source_ids)
    rows["case"] = rows["case"].map(cases | {"": ""})
    rows = _without_repeats(rows.astype({"start": "Int64", "end": "Int64"}))
    _note(rows, placed, project, codes, convention, texts, log)

    # Who coded only a picture or a film has not been through the text.
    known = rows[(rows["coder"] != "") & ~rows["reason"].isin(list(_AREAS.values()))]
    names = dict.fromkeys([*known["coder"], *(n for n in coders.values() if n == spec.count_from)])
    return CodedText.of(
        sources=[
            {
                "source": source_ids[s.guid],
                "collection": collection_id,
                "name": _name(s),
                "origin_id": s.guid,
                "case": cases.get(case_of.get(s.guid, ""), ""),
                **text_facts(canonical_text(texts[s.guid]) if s.guid in texts else None),
            }
            for s in project.sources
        ],
        source_texts=[{"source": source_ids[g], "text": canonical_text(text)} for g, text in texts.items()],
        cases=[{"case": case, "collection": collection_id, "origin_id": guid} for guid, case in cases.items()],
        case_attributes=[
            {"case": cases[guid], "attribute": name, "value": value} for (guid, name), value in attributes.items()
        ],
        codes=codes_table(codebook),
        coders=[{"coder": n, "collection": collection_id, "label": n, "role": "human"} for n in names],
        assignments=known[["coder", "source"]].drop_duplicates(),
        segments=with_segment_ids(rows.assign(collection=collection_id)),
        import_log=log.rows,
    )


# --- the package -------------------------------------------------------------------------------------------------------


def _project_member(package: Package, file: str) -> bytes:
    problems = Problems()
    found = [name for name in package.contents if name.casefold().endswith(".qde")]
    if len(found) != 1:
        what = "holds no project (.qde)" if not found else f"holds {len(found)} projects (.qde)"
        problems.add(file, what, "export the project as REFI-QDA (.qdpx)")
    problems.raise_if_any()
    return package.contents[found[0]]


def _check_guids(project: ProjectXml, file: str, problems: Problems) -> None:
    kinds: dict[str, Iterable[str]] = {
        "users": (u.guid for u in project.users),
        "codes": (c.guid for c in project.codes),
        "cases": (c.guid for c in project.cases),
        "sources": (s.guid for s in project.sources),
    }
    for kind, guids in kinds.items():
        for guid, count in Counter(guids).items():
            if count > 1 or not guid:
                what = f"share one GUID ({count} of them)" if guid else f"have no GUID ({count} of them)"
                problems.add(file, f"{kind} {what}", "export the project again", value=guid or None)


def _texts(project: ProjectXml, package: Package, file: str, log: ImportLog, problems: Problems) -> dict[str, str]:
    """The text of each source as stored: decoded, without a byte order mark, line ends untouched."""
    members: dict[str, list[str]] = {}
    for name in package.contents:
        members.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    texts: dict[str, str] = {}
    missing: list[tuple[str, str]] = []
    for source in project.sources:
        path = source.text_path
        found = [] if path.startswith(_NAMED_ELSEWHERE) else _members_for(path.removeprefix("internal://"), members)
        stored = None
        if path and len(found) == 1:
            stored = _decoded(package.contents[found[0]], found[0], file, problems)
        elif path:
            missing.append((path, _name(source)))
        inside = None if source.content is None else source.content.lstrip("\ufeff")
        if stored is not None and inside is not None and canonical_text(stored) != canonical_text(inside):
            problems.add(
                file,
                f"the source '{_name(source)}' has one text in the project and another in '{found[0]}'",
                "export the project again",
            )
        text = stored if stored is not None else inside
        if text is not None:
            texts[source.guid] = text
    if missing:
        files, sources = {path for path, _ in missing}, [name for _, name in missing]
        message = f"text files that are not in the package: {len(files)}; without text are {listed(sources)}"
        log.caution("missing_text", message)
    return texts


def _members_for(path: str, members: Mapping[str, list[str]]) -> list[str]:
    """The members a path may mean: by its whole path below `sources/`, else by its last part."""
    wanted = path.strip("/").casefold()
    same_name = members.get(wanted.rpartition("/")[2], [])
    whole = [m for m in same_name if m.casefold() in (wanted, f"sources/{wanted}")]
    return whole[:1] or same_name


def _decoded(data: bytes, member: str, file: str, problems: Problems) -> str | None:
    try:
        return decoded_text(data)
    except UnicodeDecodeError as error:
        problems.add(
            file,
            f"the text '{member}' is not UTF-8 (byte {data[error.start]:#04x} at position {error.start})",
            "save the transcript as UTF-8 in the tool and export the project again",
        )
        return None


# --- codes and coders --------------------------------------------------------------------------------------------------


def _codes(
    project: ProjectXml,
    case_nodes: set[str],
    names: CodeNames,
    file: str,
    log: ImportLog,
    problems: Problems,
) -> dict[str, str]:
    """The codebook's code for every code of the project that was used."""
    known = {c.guid: c for c in project.codes}
    every = [c for s in project.sources for c in (*s.codings, *(c for x in s.selections for c in x.codings))]
    used = [guid for guid in known if guid not in case_nodes and guid in {c.codes[0] for c in every if c.codes}]
    translated = names.translate([ToolCode(known[g].path) for g in used], file, problems)
    codes = {g: translated[known[g].path] for g in used if known[g].path in translated}

    by_code: dict[str, list[str]] = {}
    for guid, code in codes.items():
        by_code.setdefault(code, []).append("/".join(known[guid].path))
    for code, paths in by_code.items():
        if len(paths) > 1:
            problems.add(
                file,
                f"{len(paths)} codes of the project become '{code}': {listed(paths)}",
                "give each its own line in the codebook, with Theme/Code as an alias, and merge them as a decision",
            )
    idle = [c.path for c in project.codes if c.guid not in used and c.guid not in case_nodes]
    unknown = ["/".join(path) for path in idle if not names.find(path)]
    if unknown:
        log.note("unused_codes", f"codes outside the codebook, never used: {len(unknown)} ({listed(unknown)})")
    closed = ["/".join(known[g].path) for g in used if not known[g].codable]
    if closed:
        log.caution("not_codable", f"codings stand at codes that are not to be coded with: {listed(closed)}")
    nodes = [c.path[-1] for c in project.codes if c.guid in case_nodes]
    if nodes:
        log.caution("case_nodes", f"codes that stand for cases, read as such: {len(nodes)} ({listed(nodes)})")
    return codes


def _coders(project: ProjectXml, spec: Project) -> dict[str, str]:
    """The coder's name for every user; one who has none is called by part of the GUID.

    In a project that names no users, and whose codings tell no two people apart, the coder can only be the one whose
    coding is counted.
    """
    if not project.users:
        guids = {c.user or x.user for s in project.sources for x in s.selections for c in x.codings}
        guids |= {c.user for s in project.sources for c in s.codings}
        guids.discard("")
        one = len(guids) <= 1
        return {g: spec.count_from if one else f"coder ({g[:8]})" for g in guids | ({""} if one else set())}
    shared = {name for name, count in Counter(u.name for u in project.users).items() if count > 1 or not name}
    coders = {u.guid: f"{u.name or 'coder'} ({u.guid[:8]})" if u.name in shared else u.name for u in project.users}
    return coders | ({"": next(iter(coders.values()))} if len(coders) == 1 else {})


# --- places ------------------------------------------------------------------------------------------------------------


def _place(project: ProjectXml, texts: Mapping[str, str], file: str) -> tuple[list[_Placed], str]:
    """Put every selection at its place in the canonical text, and say what the tool counted in."""
    spans: list[Span] = []
    pending: list[tuple[_Placed, int | None]] = []
    for source in project.sources:
        whole = canonical_text(texts[source.guid]) if source.guid in texts else ""
        if source.codings:
            pending.append((_Placed(source, None, source.codings, None, None, whole, ""), None))
        for selection in source.selections:
            entry = _Placed(source, selection, selection.codings, None, None, "", _why_not(selection))
            if entry.reason:
                pending.append((entry, None))
                continue
            start, end = int(selection.start), int(selection.end)
            if source.guid in texts:
                pending.append((entry, len(spans)))
                spans.append(Span(source.guid, start, end, selection.name))
            else:
                # Kept for counting; nothing can be quoted from it.
                pending.append((replace(entry, start=start, end=end), None))
    try:
        resolved = resolve_offsets({s.source: texts[s.source] for s in spans}, spans)
    except AmbiguousOffsetsError as error:
        mend = (
            "save the transcripts as plain text with simple line ends (LF) and without emoji, code on those, and "
            "export again; or ask the tool's makers which characters it counts"
        )
        raise StudyError([Problem(file, f"the places of the codings cannot be told: {error}", mend)]) from error
    canonical = {s.source: canonical_text(texts[s.source]) for s in spans}
    placed = [entry if n is None else _settled(entry, n, resolved, canonical) for entry, n in pending]
    convention = resolved.convention if spans else "no selection has a text to check against"
    if resolved.by_quote:
        convention += f"; {resolved.by_quote} found by their quoted text"
    return placed, convention


def _why_not(selection: Selection) -> str:
    if selection.kind not in TEXT_SELECTIONS:
        return _AREAS[selection.kind]
    if not (re.fullmatch(r"-?[0-9]{1,12}", selection.start) and re.fullmatch(r"-?[0-9]{1,12}", selection.end)):
        return "has no whole numbers for start and end"
    start, end = int(selection.start), int(selection.end)
    if start < 0 or start > end:
        return "starts before the text or after its own end"
    return "codes no character" if start == end else ""


def _settled(entry: _Placed, n: int, resolved: Resolved, canonical: Mapping[str, str]) -> _Placed:
    start, end = int(resolved.starts[n]), int(resolved.ends[n])
    if start < 0:
        return replace(entry, reason="lies outside the text or cuts a character")
    if resolved.astray[n]:
        return replace(entry, reason="the quoted text stands elsewhere, more than once")
    return replace(entry, start=start, end=end, text=canonical[entry.source.guid][start:end])


# --- cases -------------------------------------------------------------------------------------------------------------


def _owners(project: ProjectXml, placed: Sequence[_Placed], case_nodes: set[str]) -> list[_Owner]:
    """Which stretch belongs to which case: by references of the case, or by coding with a code that is the case."""
    by_guid = {p.guid: p for p in placed if p.selection}
    sources = {s.guid for s in project.sources}
    transcripts = {(s.parent, s.guid) for s in project.sources if s.parent}
    owners = []
    for case in project.cases:
        whole = [g for g in case.sources if g in sources]
        # A recording's transcripts are its case's too.
        whole += [t for parent, t in sorted(transcripts) if parent in case.sources]
        owners += [_Owner(case.guid, g, *_NO_SPAN) for g in dict.fromkeys(whole)]
        parts = [by_guid[g] for g in case.selections if g in by_guid]
        owners += [_Owner(case.guid, p.source.guid, p.start, p.end) for p in parts]
    for p in placed:
        nodes = {c.codes[0] for c in p.codings if c.codes} & case_nodes
        owners += [_Owner(guid, p.source.guid, p.start, p.end) for guid in sorted(nodes)]
    return owners


def _cases(
    project: ProjectXml, owners: Sequence[_Owner], collection_id: str, log: ImportLog
) -> tuple[dict[str, str], dict[str, str]]:
    """The id of every case, and the one case of each source that has just one."""
    if not project.cases:
        log.note("no_cases", "the project has no cases; each source counts as one")
        ids = {s.guid: stable_id("case", collection_id, s.guid) for s in project.sources}
        return ids, {guid: guid for guid in ids}
    owned: dict[str, set[str]] = {}
    for owner in owners:
        owned.setdefault(owner.source, set()).add(owner.case)
    shared = [_name(s) for s in project.sources if len(owned.get(s.guid, ())) > 1]
    alone = [_name(s) for s in project.sources if s.guid not in owned]
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


def _case_of_span(p: _Placed, owners: Sequence[_Owner]) -> str:
    """The case whose part of a shared source a coding touches; none when it touches several or none."""
    if p.start is None or p.end is None:
        return ""
    touched = {
        o.case for o in owners if o.start is not None and o.end is not None and o.start < p.end and p.start < o.end
    }
    return touched.pop() if len(touched) == 1 else ""


def _attributes(
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


# --- segments ----------------------------------------------------------------------------------------------------------


def _segments(
    placed: Sequence[_Placed],
    codes: Mapping[str, str],
    coders: Mapping[str, str],
    case_nodes: set[str],
    owners: Sequence[_Owner],
    case_of: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """One row a coding; what cannot be used is kept as an excluded row that says why."""
    by_source: dict[str, list[_Owner]] = {}
    for owner in owners:
        by_source.setdefault(owner.source, []).append(owner)
    for p in placed:
        case = case_of.get(p.source.guid) or _case_of_span(p, by_source.get(p.source.guid, []))
        fallback = p.selection.user if p.selection else ""
        for coding in p.codings:
            coder = coders.get(coding.user or fallback, "")
            code, reason = _code_of(coding, codes, case_nodes)
            if not reason and not coder:
                reason = "the coder is not among the project's users"
            reason = reason or p.reason
            yield {
                "source": p.source.guid,
                "case": case,
                "code": code,
                "coder": coder,
                "start": p.start,
                "end": p.end,
                "text": p.text,
                "origin_row": coding.guid or p.guid,
                "status": "excluded" if reason else "active",
                "reason": reason,
            }


def _code_of(coding: Coding, codes: Mapping[str, str], case_nodes: set[str]) -> tuple[str, str]:
    if not coding.codes:
        return "", "names no code"
    first = coding.codes[0]
    if first in case_nodes:
        return "", "names a case, not a code"
    return (codes[first], "") if first in codes else ("", "names a code that is not in the project")


def _without_repeats(rows: pd.DataFrame) -> pd.DataFrame:
    """The same code put twice on the same stretch by the same coder counts once."""
    active = rows.loc[rows["status"] == "active", ["source", "start", "end", "code", "coder"]]
    repeats = active.duplicated().reindex(rows.index, fill_value=False)
    return rows.assign(
        status=rows["status"].mask(repeats, "excluded"),
        reason=rows["reason"].mask(repeats, "repeats a coding of the same stretch by the same coder"),
    )


# --- what was noted ----------------------------------------------------------------------------------------------------


def _note(
    rows: pd.DataFrame,
    placed: Sequence[_Placed],
    project: ProjectXml,
    codes: Mapping[str, str],
    convention: str,
    texts: Mapping[str, str],
    log: ImportLog,
) -> None:
    active = rows[rows["status"] == "active"]
    message = f"sources: {len(project.sources)}; selections: {sum(p.selection is not None for p in placed)}"
    log.counts(len(rows), len(active), message, offset_convention=convention)
    if project.namespace != NAMESPACE:
        log.caution("namespace", f"the project's namespace is '{project.namespace}', not '{NAMESPACE}'")
    for reason, count in Counter(rows.loc[rows["status"] != "active", "reason"]).items():
        log.caution("excluded", f"codings left out: {count}; each {reason}")
    bare = sum(p.selection is not None and not p.codings for p in placed)
    if bare:
        log.note("annotations", f"annotations (selections without a code): {bare}")
    several = sum(len(c.codes) > 1 for p in placed for c in p.codings)
    if several:
        log.caution("several_codes", f"codings that name several codes, of which the first is used: {several}")
    if not project.users and len(rows):
        log.caution("no_users", "the project names no users; its codings are put down to the coder who is counted")
    repeated = [g for g, n in Counter(p.guid for p in placed if p.selection).items() if n > 1 and g]
    if repeated:
        log.caution("repeated_selections", f"selections that share their GUID with another: {len(repeated)}")
    lengths = {s.guid: len(canonical_text(texts[s.guid])) for s in project.sources if s.guid in texts}
    broad = sum(
        len(p.codings)
        for p in placed
        if p.start is not None and p.end is not None and p.source.guid in lengths
        if p.end - p.start > _NEARLY_ALL * lengths[p.source.guid]
    )
    if broad:
        log.caution("broad", f"codings of more than {_NEARLY_ALL:.0%} of a source, perhaps automatic: {broad}")


def _name(source: Source) -> str:
    return source.name or source.text_path.rpartition("/")[2] or source.guid
