"""Projects of QualCoder: the database `data.qda` in the folder of a project.

The owner of a coding is its coder. Positions come from Qt, which counts UTF-16 units, or from Python, which counts
code points; which of them is found out from the stored texts. QualCoder can also code every turn of a speaker by
itself; these codings say who speaks, not what was found, so that they become turns and are not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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
    FileSource,
    FileTurn,
    Format,
)
from plait.qualitative.database import Row, check_keys, has_tables, opened
from plait.qualitative.import_log import ImportLog, file_sha256, listed
from plait.qualitative.places import NO_CODE, NO_SOURCE, fault_of_span, paths_of, whole, without_mark

SPEAKER_CODER = "\N{PUSHPIN} Speaker coding"
SPEAKER_CATEGORY = "\N{PUSHPIN} Speakers"
AUTOMATIC = "was made by the tool for a speaker's turn"
IN_PICTURE = "codes a part of a picture, not text"
IN_RECORDING = "codes a stretch of a recording, not text"

_TABLES = ("project", "source", "code_name", "code_cat", "code_text", "cases", "case_text", "attribute")
_LAST_VERSION = 17
_VERSION = re.compile(r"v(\d{1,6})")
_KINDS = {"images": "image", "audio": "audio", "video": "video"}
_DOCUMENTS = {".pdf": "pdf", ".docx": "docx"}
_CODING = ("owner", "memo", "date")
_MAY_LACK = ("important", "weight")


@dataclass(frozen=True)
class _Tables:
    project: Sequence[Row]
    sources: Sequence[Row]
    codes: Sequence[Row]
    categories: Sequence[Row]
    texts: Sequence[Row]
    pictures: Sequence[Row]
    recordings: Sequence[Row]
    annotations: Sequence[Row]
    cases: Sequence[Row]
    case_texts: Sequence[Row]
    attributes: Sequence[Row]
    variables: Sequence[Row]
    coders: Sequence[Row]


@dataclass(frozen=True)
class _Sources:
    """The sources, their texts, and by how much positions move where a byte order mark was left out."""

    sources: tuple[FileSource, ...]
    texts: Mapping[str, str]
    moved: Mapping[str, int]

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(source.id for source in self.sources)

    def place(self, source: str, position: int | None) -> int | None:
        if position is None or position < 0:
            return position
        return max(0, position - self.moved.get(source, 0))


def read_qualcoder(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a project's database.

    Raises:
        StudyError: It is no database of QualCoder, is damaged, or its tree of codes runs in a circle.
    """
    tables = _read(path, name)
    problems = Problems()
    for rows, column in (
        (tables.sources, "id"),
        (tables.codes, "cid"),
        (tables.categories, "catid"),
        (tables.cases, "caseid"),
        (tables.texts, "ctid"),
        (tables.pictures, "imid"),
        (tables.recordings, "avid"),
        (tables.annotations, "anid"),
    ):
        check_keys(rows, column, name, problems)
    codes = _codes(tables, name, problems)
    problems.raise_if_any()

    log = ImportLog(name, file_sha256(path), "qualcoder")
    _note_version(tables.project, log)
    attributes = _attributes(tables, log)
    sources = _sources(tables.sources, attributes)
    spoken = {code.id for code in codes if code.codable and SPEAKER_CATEGORY in code.path[:-1]}
    selections, codings = _codings(tables, sources, {c.id for c in codes if c.codable}, spoken)
    owned, owners = _owners(tables, sources, log)
    notes = tuple(_annotation(row, sources) for row in tables.annotations)
    coders = dict.fromkeys(row.text("name").strip() for row in tables.coders)
    coders |= dict.fromkeys(coding.coder for coding in codings)
    automatic = sum(coding.reason == AUTOMATIC for coding in codings)
    if automatic:
        log.note("automatic", f"codings that the tool made for speakers' turns, read as turns: {automatic}")
    log.note("content", f"sources: {len(sources.sources)}; codes: {len(tables.codes)}; codings: {len(codings)}")
    if notes:
        log.note("annotations", f"annotations: {len(notes)}")
    file = CodedFile(
        log,
        sources=sources.sources,
        codes=codes,
        coders=tuple(coder for coder in coders if coder not in ("", SPEAKER_CODER)),
        attributes=tuple(_variables(tables.variables)),
        cases=tuple(
            FileCase(row.key("caseid"), row.text("name"), attributes.get(("case", row.key("caseid")), {}))
            for row in tables.cases
        ),
        owners=owners,
        selections=(*selections, *notes, *owned),
        codings=codings,
        turns=_turns(selections, codings, codes),
    )
    return whole(file)


def _read(path: Path, name: str) -> _Tables:
    with opened(path, name) as database:
        return _Tables(
            project=database.rows("project", texts=["databaseversion", "about"], optional=["about"]),
            sources=database.rows(
                "source",
                texts=["name", "fulltext", "mediapath"],
                values=["id", "av_text_id"],
                optional=["av_text_id"],
            ),
            codes=database.rows(
                "code_name",
                texts=["name", "memo", "color"],
                values=["cid", "catid", "supercid"],
                optional=["supercid", "color"],
            ),
            categories=database.rows("code_cat", texts=["name", "memo"], values=["catid", "supercatid"]),
            texts=database.rows(
                "code_text",
                texts=["seltext", *_CODING],
                values=["ctid", "cid", "fid", "pos0", "pos1", *_MAY_LACK],
                optional=_MAY_LACK,
            ),
            pictures=database.rows_if_any(
                "code_image", texts=_CODING, values=["imid", "cid", "id", *_MAY_LACK], optional=_MAY_LACK
            ),
            recordings=database.rows_if_any(
                "code_av", texts=_CODING, values=["avid", "cid", "id", "pos0", "pos1", *_MAY_LACK], optional=_MAY_LACK
            ),
            annotations=database.rows_if_any(
                "annotation", texts=["memo", "owner"], values=["anid", "fid", "pos0", "pos1"]
            ),
            cases=database.rows("cases", texts=["name"], values=["caseid"]),
            case_texts=database.rows("case_text", values=["caseid", "fid", "pos0", "pos1"]),
            attributes=database.rows("attribute", texts=["name", "attr_type", "value"], values=["id"]),
            variables=database.rows_if_any("attribute_type", texts=["name", "caseOrFile"]),
            coders=database.rows_if_any("coder_names", texts=["name"]),
        )


def _note_version(project: Sequence[Row], log: ImportLog) -> None:
    version, about = (next((row.text(c) for row in project), "") for c in ("databaseversion", "about"))
    log.tool = " ".join(f"QualCoder {about.removeprefix('QualCoder')} {version}".split())[:120]
    known = _VERSION.fullmatch(version)
    if not known or int(known[1]) > _LAST_VERSION:
        log.caution(
            "newer_version",
            f"the database's version is '{version[:20]}', later than v{_LAST_VERSION}; look at what was read",
        )


def _codes(tables: _Tables, name: str, problems: Problems) -> tuple[FileCode, ...]:
    """Codes and the categories above them; since version 16 a code can stand below another one."""
    names = {_category(row.key("catid")): row.text("name") for row in tables.categories}
    parents = {_category(row.key("catid")): _category(row.key("supercatid")) for row in tables.categories}
    names |= {row.key("cid"): row.text("name") for row in tables.codes}
    parents |= {row.key("cid"): row.key("supercid") or _category(row.key("catid")) for row in tables.codes}
    paths = paths_of(names, parents, name, problems)
    categories = [
        FileCode(key, paths[key], definition=row.text("memo"), codable=False)
        for row in tables.categories
        if (key := _category(row.key("catid")))
    ]
    codes = [
        FileCode(row.key("cid"), paths[row.key("cid")], definition=row.text("memo"), colour=row.text("color"))
        for row in tables.codes
    ]
    return (*categories, *codes)


def _category(key: str) -> str:
    return f"category {key}" if key else ""


def _attributes(tables: _Tables, log: ImportLog) -> dict[tuple[str, str], dict[str, str]]:
    """What is known of each case and each file, by ("case" or "file", id)."""
    known = {("case", row.key("caseid")) for row in tables.cases} | {("file", row.key("id")) for row in tables.sources}
    found: dict[tuple[str, str], dict[str, str]] = {}
    lost = 0
    for row in tables.attributes:
        of = (row.text("attr_type"), row.key("id"))
        if of in known and row.text("name"):
            found.setdefault(of, {})[row.text("name")] = row.text("value")
        elif of[0] in ("case", "file"):
            lost += 1
    if lost:
        log.caution("attributes", f"attributes of cases or files that are not in the project: {lost}")
    return found


def _variables(rows: Sequence[Row]) -> Iterator[str]:
    """The names of the variables of cases and files; journals have some too."""
    names = (row.text("name") for row in rows if row.text("caseOrFile") in ("case", "file"))
    yield from dict.fromkeys(name for name in names if name)


def _sources(rows: Sequence[Row], attributes: Mapping[tuple[str, str], Mapping[str, str]]) -> _Sources:
    recordings = {row.key("av_text_id"): row.key("id") for row in rows if row.key("av_text_id")}
    sources, moved = [], {}
    for row in rows:
        key, kind = row.key("id"), _kind(row.text("mediapath"))
        text = None if row.values["fulltext"] is None or kind in _KINDS.values() else row.text("fulltext")
        if text is not None:
            text, moved[key] = without_mark(text)
        known = attributes.get(("file", key), {})
        parent = recordings.get(key, "")
        sources.append(FileSource(key, row.text("name"), kind, text, attributes=known, parent=parent))
    return _Sources(tuple(sources), {s.id: s.text for s in sources if s.text is not None}, moved)


def _kind(media: str) -> str:
    """What a source is, from where QualCoder keeps its file: `/images/a.png`, or `images:/elsewhere/a.png`."""
    folder = re.split(r"[:/]", media.lstrip("/"), maxsplit=1)[0]
    return _KINDS.get(folder) or next((kind for end, kind in _DOCUMENTS.items() if media.lower().endswith(end)), "text")


# --- codings -----------------------------------------------------------------------------------------------------------


def _codings(
    tables: _Tables, sources: _Sources, codes: set[str], spoken: set[str]
) -> tuple[tuple[FileSelection, ...], tuple[FileCoding, ...]]:
    """One selection and one coding a row, of texts, pictures and recordings."""
    selections, codings = [], []
    for rows, key, at, reason in (
        (tables.texts, "ctid", "fid", ""),
        (tables.pictures, "imid", "id", IN_PICTURE),
        (tables.recordings, "avid", "id", IN_RECORDING),
    ):
        for row in rows:
            selection = _selection(row, f"{key}:{row.key(key)}", at, reason, sources)
            selections.append(selection)
            codings.append(_coding(row, selection, codes, spoken))
    return tuple(selections), tuple(codings)


def _selection(row: Row, key: str, at: str, reason: str, sources: _Sources) -> FileSelection:
    source = row.key(at)
    if source not in sources.ids:
        return FileSelection(key, "", text=row.text("seltext"), reason=NO_SOURCE)
    start, end = row.whole("pos0"), row.whole("pos1")
    if reason:
        locator = f"{start}-{end} ms" if start is not None and end is not None else ""
        return FileSelection(key, source, locator=locator, reason=reason)
    fault = fault_of_span(start, end)
    return FileSelection(
        key,
        source,
        start=None if fault else sources.place(source, start),
        end=None if fault else sources.place(source, end),
        text=row.text("seltext"),
        reason=fault,
    )


def _coding(row: Row, selection: FileSelection, codes: set[str], spoken: set[str]) -> FileCoding:
    code, coder = row.key("cid"), row.text("owner").strip()
    reason = selection.reason
    if code not in codes:
        code, reason = "", reason or NO_CODE
    if coder == SPEAKER_CODER or code in spoken:
        reason = reason or AUTOMATIC
    weight = row.values.get("weight")
    return FileCoding(
        selection.id,
        selection.id,
        code,
        coder,
        weight=float(weight) if isinstance(weight, int | float) else None,
        important=row.whole("important") == 1,
        memo=row.text("memo"),
        created=row.text("date"),
        reason=reason,
    )


def _annotation(row: Row, sources: _Sources) -> FileSelection:
    return replace(_selection(row, f"anid:{row.key('anid')}", "fid", "", sources), memo=row.text("memo"))


def _turns(
    selections: Iterable[FileSelection], codings: Iterable[FileCoding], codes: Iterable[FileCode]
) -> tuple[FileTurn, ...]:
    by_id, names = {s.id: s for s in selections}, {code.id: code.path[-1] for code in codes}
    turns = []
    for coding in codings:
        s = by_id[coding.selection]
        if coding.reason == AUTOMATIC and coding.code and s.start is not None and s.end is not None:
            turns.append(FileTurn(s.source, s.start, s.end, names[coding.code]))
    return tuple(dict.fromkeys(turns))


# --- cases -------------------------------------------------------------------------------------------------------------


def _owners(
    tables: _Tables, sources: _Sources, log: ImportLog
) -> tuple[tuple[FileSelection, ...], tuple[FileOwner, ...]]:
    """What of the sources is a case's. A link to a whole text ends at its last character or behind it."""
    cases = {row.key("caseid") for row in tables.cases}
    selections, owners = [], []
    lost: list[str] = []
    for row in tables.case_texts:
        case, source = row.key("caseid"), row.key("fid")
        start, end = row.whole("pos0"), row.whole("pos1")
        if case not in cases or source not in sources.ids:
            lost.append(row.place)
            continue
        text = sources.texts.get(source)
        whole = text is None or (start == 0 and end is not None and end >= len(text) + sources.moved[source] - 1)
        if whole:
            owners.append(FileOwner(case, source))
        elif fault_of_span(start, end):
            lost.append(row.place)
        else:
            key = f"case_text:{row.number}"
            selections.append(
                FileSelection(key, source, start=sources.place(source, start), end=sources.place(source, end))
            )
            owners.append(FileOwner(case, source, key))
    if lost:
        log.caution("cases", f"links of cases to texts that cannot be used: {len(lost)} ({listed(lost)})")
    return tuple(selections), tuple(owners)


def _is_database(content: Content) -> bool:
    return has_tables(content.tables, *_TABLES)


FORMATS = (Format("qualcoder", "a QualCoder project (data.qda)", _is_database, read_qualcoder),)
