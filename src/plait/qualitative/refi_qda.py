"""REFI-QDA projects (`.qdpx`), the exchange format of the tools for qualitative analysis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from plait.errors import Problems
from plait.qualitative.codebook import CodeNames, ToolCode, codes_table
from plait.qualitative.import_log import ImportLog, file_sha256, listed
from plait.qualitative.package import read_package
from plait.qualitative.refi_cases import Owner, attributes_of, case_of_span, cases_of, owners_of
from plait.qualitative.refi_places import AREAS, Placed, place
from plait.qualitative.refi_xml import NAMESPACE, Coding, ProjectXml, parse_project, source_name
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
    project = parse_project(_project_member(read_package(raw / spec.file, spec.file, [".qde"]), spec.file), spec.file)
    package = read_package(raw / spec.file, spec.file, {s.text_path.rpartition("/")[2] for s in project.sources} - {""})
    _check_guids(project, spec.file, problems)
    log = ImportLog(spec.file, file_sha256(raw / spec.file), _READER, tool=" ".join(project.origin.split())[:120])
    texts = _texts(project, package, spec.file, log, problems)
    case_nodes = {c.guid for c in project.cases}
    codes = _codes(project, case_nodes, CodeNames.of(codebook), spec.file, log, problems)
    problems.raise_if_any()

    placed, convention = place(project, texts, log)
    coders = _coders(project, spec)
    owners = owners_of(project, placed, case_nodes)
    cases, case_of = cases_of(project, owners, collection_id, log)
    attributes = attributes_of(project, case_of, spec, log, problems)
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
    known = rows[(rows["coder"] != "") & ~rows["reason"].isin(list(AREAS.values()))]
    present = {*known["coder"], spec.count_from}
    names = dict.fromkeys(n for n in coders.values() if n in present)
    return CodedText.of(
        sources=[
            {
                "source": source_ids[s.guid],
                "collection": collection_id,
                "name": source_name(s),
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


def _project_member(package: Mapping[str, bytes], file: str) -> bytes:
    problems = Problems()
    if len(package) != 1:
        what = "holds no project (.qde)" if not package else f"holds {len(package)} projects (.qde)"
        problems.add(file, what, "export the project as REFI-QDA (.qdpx)")
    problems.raise_if_any()
    return next(iter(package.values()))


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


def _texts(
    project: ProjectXml, package: Mapping[str, bytes], file: str, log: ImportLog, problems: Problems
) -> dict[str, str]:
    """The text of each source as stored: decoded, without a byte order mark, line ends untouched."""
    members: dict[str, list[str]] = {}
    for name in package:
        members.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    texts: dict[str, str] = {}
    missing: list[tuple[str, str]] = []
    for source in project.sources:
        path = source.text_path
        found = [] if path.startswith(_NAMED_ELSEWHERE) else _members_for(path.removeprefix("internal://"), members)
        stored = None
        if path and len(found) == 1:
            stored = _decoded(package[found[0]], found[0], file, problems)
        elif path:
            missing.append((path, source_name(source)))
        inside = None if source.content is None else source.content.lstrip("\ufeff")
        if stored is not None and inside is not None and canonical_text(stored) != canonical_text(inside):
            problems.add(
                file,
                f"the source '{source_name(source)}' has one text in the project and another in '{found[0]}'",
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
    named = {c.codes[0] for c in every if c.codes} - case_nodes
    used = [guid for guid in known if guid in named]
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
    idle = [c.path for c in project.codes if c.guid not in named | case_nodes]
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
        if len(guids) <= 1:
            return dict.fromkeys(["", *guids], spec.count_from)
        return {guid: f"coder ({guid[:8]})" for guid in sorted(guids)}
    shared = {name for name, count in Counter(u.name for u in project.users).items() if count > 1 or not name}
    coders = {u.guid: f"{u.name or 'coder'} ({u.guid[:8]})" if u.name in shared else u.name for u in project.users}
    return coders | ({"": next(iter(coders.values()))} if len(coders) == 1 else {})


# --- segments ----------------------------------------------------------------------------------------------------------


def _segments(
    placed: Sequence[Placed],
    codes: Mapping[str, str],
    coders: Mapping[str, str],
    case_nodes: set[str],
    owners: Sequence[Owner],
    case_of: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """One row a coding; what cannot be used is kept as an excluded row that says why."""
    by_source: dict[str, list[Owner]] = {}
    for owner in owners:
        by_source.setdefault(owner.source, []).append(owner)
    for p in placed:
        case = case_of.get(p.source.guid) or case_of_span(p, by_source.get(p.source.guid, []))
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
    placed: Sequence[Placed],
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
