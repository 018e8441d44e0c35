"""REFI-QDA projects (`.qdpx`) and codebooks (`.qdc`), the exchange format of the tools for qualitative analysis."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from plait.errors import Problems
from plait.qualitative.coded_file import (
    CodedFile,
    Content,
    Conventions,
    FileCase,
    FileCode,
    FileCoding,
    FileOwner,
    FileSelection,
    FileSet,
    FileSource,
    Format,
)
from plait.qualitative.import_log import ImportLog, file_sha256, listed
from plait.qualitative.offsets import CONVENTIONS
from plait.qualitative.package import read_package
from plait.qualitative.refi_xml import (
    NAMESPACE,
    TEXT_SELECTIONS,
    Coding,
    ProjectXml,
    Selection,
    Source,
    parse_codebook,
    parse_project,
    source_name,
)
from plait.qualitative.transcripts import canonical_text, first_broken_byte, unicode_text
from plait.tabular.encodings import decode

OWN_ORIGIN = "plait"
"""What our own exports call the tool that wrote them."""
_READER = "refi-qda"
_NAMED_ELSEWHERE = ("relative://", "absolute://", "file://", "http://", "https://")
_KINDS = {
    "TextSource": "text",
    "PDFSource": "pdf",
    "PictureSource": "image",
    "AudioSource": "audio",
    "VideoSource": "video",
    "Transcript": "text",
}
_AREAS = {
    "PDFSelection": "codes an area of a PDF page, not text",
    "PictureSelection": "codes a part of a picture, not text",
    "AudioSelection": "codes a stretch of sound, not text",
    "VideoSelection": "codes a stretch of film, not text",
}
_WHOLE = re.compile(r"-?[0-9]{1,12}")
_LARGEST_CODEBOOK = 50 * 2**20


def read_project(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a project: sources, cases, codes, coders and codings.

    Raises:
        StudyError: The package or its XML is unsafe or broken, or a text cannot be decoded.
    """
    problems = Problems()
    project = parse_project(_project_member(read_package(path, name, [".qde"]), name), name)
    package = read_package(path, name, {s.text_path.rpartition("/")[2] for s in project.sources} - {""})
    _check_guids(project, name, problems)
    log = ImportLog(name, file_sha256(path), _READER, tool=_tool(project.origin))
    texts = _texts(project, package, log, conventions.encoding, problems)
    problems.raise_if_any()

    case_nodes = {c.guid for c in project.cases}
    coders = _coders(project)
    known = _Known(coders, bool(project.users), frozenset(c.guid for c in project.codes) - case_nodes, case_nodes)
    selections: list[FileSelection] = []
    codings: list[FileCoding] = []
    for source in project.sources:
        if source.codings:
            whole = FileSelection(f"whole {source.guid}", source.guid, whole=True)
            selections.append(whole)
            codings += [_coding(c, whole.id, "", known) for c in source.codings]
        for number, selection in enumerate(source.selections):
            placed = _selection(selection, source.guid, _selection_id(source, selection, number))
            selections.append(placed)
            codings += [_coding(c, placed.id, selection.user, known) for c in selection.codings]
    _note(project, case_nodes, log)
    return CodedFile(
        log,
        sources=tuple(
            FileSource(
                s.guid,
                source_name(s),
                _KINDS[s.kind],
                texts.get(s.guid),
                attributes=_attributes(project, s.values),
                parent=s.parent,
            )
            for s in project.sources
        ),
        codes=tuple(
            FileCode(c.guid, c.path, c.description, c.codable, c.colour)
            for c in project.codes
            if c.guid not in case_nodes
        ),
        coders=tuple(dict.fromkeys(coders[u.guid] for u in project.users)),
        attributes=tuple(v.name for v in project.variables),
        cases=tuple(FileCase(c.guid, c.name, _attributes(project, c.values)) for c in project.cases),
        owners=tuple(_owners(project, case_nodes)),
        selections=tuple(selections),
        codings=tuple(codings),
        sets=tuple(
            FileSet(s.name, kind, members)
            for s in project.sets
            for kind, members in (("code", s.codes), ("source", s.sources))
            if members
        ),
        names_coders=bool(project.users),
        # Our own exports count as the standard says; other tools' have to prove it.
        offsets_in=CONVENTIONS[0] if project.origin == OWN_ORIGIN else "",
    )


def read_codebook(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a codebook: codes and nothing else.

    Raises:
        StudyError: The XML is unsafe or broken.
    """
    problems = Problems()
    if path.stat().st_size > _LARGEST_CODEBOOK:
        problems.add(name, f"is larger than {_LARGEST_CODEBOOK // 2**20} MB", "no codebook is; export it again")
        problems.raise_if_any()
    namespace, origin, codes = parse_codebook(path.read_bytes(), name)
    log = ImportLog(name, file_sha256(path), _READER, tool=_tool(origin))
    if not namespace.endswith(":codebook:1.0"):
        log.caution("namespace", f"the codebook's namespace is '{namespace}', not 'urn:QDA-XML:codebook:1.0'")
    for guid, count in Counter(c.guid for c in codes).items():
        if count > 1 or not guid:
            problems.add(name, f"codes share one GUID or have none ({count} of them)", "export it again", value=guid)
    problems.raise_if_any()
    return CodedFile(log, codes=tuple(FileCode(c.guid, c.path, c.description, c.codable, c.colour) for c in codes))


def _is_project(content: Content) -> bool:
    return any(member.casefold().endswith(".qde") for member in content.members)


def _is_codebook(content: Content) -> bool:
    start = content.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith((b"<?xml", b"<")) and re.search(rb"<(?:\w+:)?CodeBook\b", content.head) is not None


FORMATS = (
    Format(_READER, "a REFI-QDA project", _is_project, read_project),
    Format("refi-qda-codebook", "a REFI-QDA codebook", _is_codebook, read_codebook),
)


def _tool(origin: str) -> str:
    return " ".join(origin.split())[:120]


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
    project: ProjectXml, package: Mapping[str, bytes], log: ImportLog, encoding: str | None, problems: Problems
) -> dict[str, str]:
    """The text of each source as stored: decoded, without a byte order mark, line ends untouched."""
    file = log.file
    otherwise: list[str] = []
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
            stored = unicode_text(package[found[0]])
            if stored is None:
                stored = _decoded(package[found[0]], found[0], file, encoding, problems)
                otherwise.append(found[0])
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
    if otherwise and encoding:
        message = f"texts that are not UTF-8 and were read as {encoding}, as declared"
        log.caution("encoding", f"{message}: {len(otherwise)} ({listed(otherwise)})")
    rich = [source_name(s) for s in project.sources if s.rich_path and not s.text_path and s.content is None]
    if rich:
        message = "sources without plain text, whose positions cannot be told and which are never quoted"
        log.caution("rich_text_only", f"{message}: {len(rich)} ({listed(rich)})")
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


def _decoded(data: bytes, member: str, file: str, encoding: str | None, problems: Problems) -> str | None:
    """A text that is not Unicode, in the encoding that is declared."""
    if encoding:
        with problems.collecting():
            return decode(data, name=f"{file}: {member}", encoding=encoding).text
        return None
    place = first_broken_byte(data)
    problems.add(
        file,
        f"the text '{member}' is not UTF-8 (byte {data[place]:#04x} at position {place})",
        "save the transcript as UTF-8 in the tool and export the project again, or set `encoding:` in the definition",
    )
    return None


# --- people and what is known of them ----------------------------------------------------------------------------------


def _coders(project: ProjectXml) -> dict[str, str]:
    """The coder's name for every user; one who has none is called by part of the GUID."""
    if not project.users:
        guids = {c.user or x.user for s in project.sources for x in s.selections for c in x.codings}
        guids |= {c.user for s in project.sources for c in s.codings}
        guids.discard("")
        return {guid: f"coder ({guid[:8]})" for guid in sorted(guids)} if len(guids) > 1 else {}
    shared = {name for name, count in Counter(u.name for u in project.users).items() if count > 1 or not name}
    coders = {u.guid: f"{u.name or 'coder'} ({u.guid[:8]})" if u.name in shared else u.name for u in project.users}
    return coders | ({"": next(iter(coders.values()))} if len(coders) == 1 else {})


def _attributes(project: ProjectXml, values: Iterable[tuple[str, str]]) -> dict[str, str]:
    names = {v.guid: v.name for v in project.variables}
    known: dict[str, str] = {}
    for variable, text in values:
        if names.get(variable):
            known.setdefault(names[variable], text)
    return known


def _owners(project: ProjectXml, case_nodes: set[str]) -> Iterator[FileOwner]:
    """Which stretch belongs to which case: by references of the case, or by coding with a code that is the case."""
    sources = {s.guid for s in project.sources}
    places = {x.guid: (s.guid, _selection_id(s, x, n)) for s in project.sources for n, x in enumerate(s.selections)}
    for case in project.cases:
        whole = [g for g in case.sources if g in sources]
        # A recording's transcripts are its case's too.
        whole += [s.guid for s in project.sources if s.parent and s.parent in case.sources]
        yield from (FileOwner(case.guid, guid) for guid in dict.fromkeys(whole))
        yield from (FileOwner(case.guid, *places[guid]) for guid in case.selections if guid in places)
    for source in project.sources:
        for coding in source.codings:
            yield from (FileOwner(guid, source.guid) for guid in coding.codes[:1] if guid in case_nodes)
        for number, selection in enumerate(source.selections):
            nodes = {c.codes[0] for c in selection.codings if c.codes} & case_nodes
            yield from (
                FileOwner(guid, source.guid, _selection_id(source, selection, number)) for guid in sorted(nodes)
            )


# --- selections and codings --------------------------------------------------------------------------------------------


def _selection_id(source: Source, selection: Selection, number: int) -> str:
    """Selections may share a GUID, even those of two sources; the place in the file tells them apart."""
    return f"{selection.guid} {source.guid} {number}"


def _selection(selection: Selection, source: str, number: str) -> FileSelection:
    reason = _why_not(selection)
    is_text = selection.kind in TEXT_SELECTIONS and not reason
    return FileSelection(
        number,
        source,
        int(selection.start) if is_text else None,
        int(selection.end) if is_text else None,
        memo=selection.description,
        reason=reason,
        title=selection.name,
    )


def _why_not(selection: Selection) -> str:
    if selection.kind not in TEXT_SELECTIONS:
        return _AREAS[selection.kind]
    if not (_WHOLE.fullmatch(selection.start) and _WHOLE.fullmatch(selection.end)):
        return "has no whole numbers for start and end"
    return ""


@dataclass(frozen=True)
class _Known:
    """What codings can refer to."""

    coders: Mapping[str, str]
    names_users: bool
    codes: frozenset[str]
    case_nodes: set[str]


def _coding(coding: Coding, selection: str, fallback: str, known: _Known) -> FileCoding:
    user = coding.user or fallback
    code, reason = _code_of(coding, known)
    if not reason and known.names_users and user not in known.coders:
        reason = "the coder is not among the project's users"
    coder = known.coders.get(user, "")
    return FileCoding(coding.guid or selection, selection, code, coder, created=coding.created, reason=reason)


def _code_of(coding: Coding, known: _Known) -> tuple[str, str]:
    if not coding.codes:
        return "", "names no code"
    first = coding.codes[0]
    if first in known.case_nodes:
        return "", "names a case, not a code"
    return (first, "") if first in known.codes else ("", "names a code that is not in the project")


def _note(project: ProjectXml, case_nodes: set[str], log: ImportLog) -> None:
    if project.namespace != NAMESPACE:
        log.caution("namespace", f"the project's namespace is '{project.namespace}', not '{NAMESPACE}'")
    nodes = [c.path[-1] for c in project.codes if c.guid in case_nodes]
    if nodes:
        log.caution("case_nodes", f"codes that stand for cases, read as such: {len(nodes)} ({listed(nodes)})")
    every = [c for s in project.sources for c in (*s.codings, *(c for x in s.selections for c in x.codings))]
    lost = sum(_leads_nowhere(project))
    if lost:
        log.caution("lost_references", f"references of cases and sources to what is not in the project: {lost}")
    several = sum(len(c.codes) > 1 for c in every)
    if several:
        log.caution("several_codes", f"codings that name several codes, of which the first is used: {several}")
    guids = Counter(x.guid for s in project.sources for x in s.selections if x.guid)
    repeated = sum(count > 1 for count in guids.values())
    if repeated:
        log.caution("repeated_selections", f"selections that share their GUID with another: {repeated}")


def _leads_nowhere(project: ProjectXml) -> Iterator[bool]:
    """Of every reference to a variable, a source or a selection: whether there is no such thing."""
    variables, sources = {v.guid for v in project.variables}, {s.guid for s in project.sources}
    selections = {x.guid for s in project.sources for x in s.selections}
    values = (*(c.values for c in project.cases), *(s.values for s in project.sources))
    yield from (variable not in variables for of in values for variable, _ in of)
    for case in project.cases:
        yield from (guid not in sources for guid in case.sources)
        yield from (guid not in selections for guid in case.selections)
