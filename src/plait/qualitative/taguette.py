"""Projects of Taguette: its database, its table of highlights and its codebook.

An export of a project puts everything down to one user, `admin`, so that it never says who coded; the definition does.
Tags are flat: a full stop or a slash in a name separates nothing. Later databases and codebooks may name a tag's
parent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from plait.errors import Problem, Problems, StudyError
from plait.qualitative.coded_file import (
    CodedFile,
    Content,
    Conventions,
    FileCode,
    FileCoding,
    FileSelection,
    FileSource,
    Format,
    StatedCounts,
)
from plait.qualitative.database import Row, application_id, check_keys, has_tables, opened
from plait.qualitative.headers import TAGUETTE_CODEBOOK, TAGUETTE_HIGHLIGHTS, Names, has_columns, plain
from plait.qualitative.import_log import ImportLog, file_sha256, listed
from plait.qualitative.offsets import CONVENTIONS, GOOD
from plait.qualitative.places import NO_CODE, NO_SOURCE, fault_of_span, may_be_same, paths_of, whole
from plait.qualitative.taguette_html import BrokenHtmlError, HtmlText, text_of_html
from plait.qualitative.tool_table import ToolRow, open_table, whole_number

_TOOL = "Taguette"
_APPLICATION_ID = 1416066164
_TABLES = ("projects", "documents", "tags", "highlights", "highlight_tags")
_VERSIONS = (
    "09c662cd9483 382db36f20f4 43d6c240309d 447d636f72c5 491de2dc7cd7 63d7ca28fc0c 6489b5f9cfb5 679f625e6e6a "
    "807c0cc0ecf6 80b1cc9d4c22 8359b64e149f 91ade71ccf4d b23f3b7a638e bc8e0e0677e9 bce44849c2f2 d86c45d7aa8a "
    "db5e31a0233d dd37d9027a24 e2c673393d89 e4cf92942271 e4e090a5b511 ecb4065de575"
)
"""Versions of the database that were looked at; none of them changes what is read here."""
_CODEBOOK = ("tag", "description", "highlights")
_NO_HIGHLIGHT = "belongs to a highlight that is not in the project"
_EXPORT_AGAIN = "export the project again from Taguette (Project info, Export project)"


# --- the database ------------------------------------------------------------------------------------------------------


def read_taguette(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a project's database.

    Positions become code points into `text`, which is the text of the document without its markup. A highlight whose
    stored text is not where it stands keeps that text and loses its positions.

    Raises:
        StudyError: It is no database of one Taguette project, is damaged, or its offsets do not fit its documents.
    """
    with opened(path, name) as database:
        version = [row.text("version_num") for row in database.rows_if_any("alembic_version", texts=["version_num"])]
        users = database.rows_if_any("users", texts=["login"])
        projects = database.rows("projects", texts=["name"], values=["id"])
        documents = database.rows("documents", texts=["name", "contents"], values=["id"])
        tags = database.rows("tags", texts=["path", "description"], values=["id", "parent_id"], optional=["parent_id"])
        highlights = database.rows(
            "highlights", texts=["snippet"], values=["id", "document_id", "start_offset", "end_offset"]
        )
        links = database.rows("highlight_tags", values=["highlight_id", "tag_id"])
    problems = Problems()
    if len(projects) > 1:
        message = f"holds {len(projects)} projects, as the database of a Taguette server does"
        problems.add(name, message, "export the one project from Taguette (Project info, Export project)")
    for rows in (documents, tags, highlights):
        check_keys(rows, "id", name, problems)
    texts = _texts(documents, name, problems)
    codes = _codes(tags, name, problems)
    problems.raise_if_any()

    log = ImportLog(name, file_sha256(path), "taguette", tool=" ".join([_TOOL, *version])[:120])
    if version and not set(version) <= set(_VERSIONS.split()):
        log.caution("newer_version", f"the database's version ({listed(version)}) is not known; look at what was read")
    if len(users) > 1:
        log.caution("several_users", f"the database names {len(users)} users, but who coded is not read from it")
    selections = _selections(highlights, texts, name, log)
    codings = _codings(links, selections, codes)
    log.note("content", f"documents: {len(documents)}; tags: {len(tags)}; highlights: {len(highlights)}")
    bare = {s.id for s in selections} - {c.selection for c in codings}
    if bare:
        log.note("annotations", f"highlights without a tag: {len(bare)}")
    file = CodedFile(
        log,
        sources=tuple(FileSource(d.key("id"), d.text("name"), text=texts[d.key("id")].text) for d in documents),
        codes=codes,
        selections=selections,
        codings=codings,
        names_coders=False,
        offsets_in=CONVENTIONS[0],
    )
    return whole(file)


def _texts(documents: Sequence[Row], name: str, problems: Problems) -> dict[str, HtmlText]:
    texts = {}
    for document in documents:
        try:
            texts[document.key("id")] = text_of_html(document.text("contents"))
        except BrokenHtmlError:
            problems.add(name, "is not the clean HTML that Taguette keeps", _EXPORT_AGAIN, row=document.place)
    return texts


def _codes(tags: Sequence[Row], name: str, problems: Problems) -> tuple[FileCode, ...]:
    names = {tag.key("id"): tag.text("path") for tag in tags}
    paths = paths_of(names, {tag.key("id"): tag.key("parent_id") for tag in tags}, name, problems)
    return tuple(FileCode(t.key("id"), paths[t.key("id")], definition=t.text("description")) for t in tags)


def _selections(
    highlights: Sequence[Row], texts: Mapping[str, HtmlText], name: str, log: ImportLog
) -> tuple[FileSelection, ...]:
    """One selection a highlight, its stored text held against the text it stands on."""
    selections = [_selection(h, texts) for h in highlights]
    stored = [s for s in selections if s.text.strip() and s.source]
    astray = {s.id for s in stored if not _stands(s, texts)}
    score = 1 - len(astray) / len(stored) if stored else 1.0
    if score < GOOD:
        message = (
            f"only {len(stored) - len(astray)} of {len(stored)} highlights stand on the text that is stored with them "
            f"(score {score:.3f}; at least {GOOD} is needed)"
        )
        mend = f"were the documents changed outside Taguette? {_EXPORT_AGAIN}"
        raise StudyError([Problem(name, message, mend)])
    log.note(
        "offsets",
        f"UTF-8 bytes of the text of the HTML, as Taguette counts; score {score:.3f} over {len(stored)} stored texts",
    )
    moved = [s for s in selections if s.id in astray and not s.reason]
    if moved:
        log.caution("astray", f"highlights that do not stand on the text that is stored with them: {len(moved)}")
    lost = {s.id for s in moved}
    return tuple(replace(s, start=None, end=None) if s.id in lost else s for s in selections)


def _selection(highlight: Row, texts: Mapping[str, HtmlText]) -> FileSelection:
    start, end = highlight.whole("start_offset"), highlight.whole("end_offset")
    source = highlight.key("document_id")
    document = texts.get(source)
    place = None
    if document is None:
        source, reason = "", NO_SOURCE
    else:
        reason = fault_of_span(start, end, document.n_bytes)
        if not reason and start is not None and end is not None:
            place = document.place_of(start, end)
            reason = "" if place else "cuts a character in two"
    first, last = place or (None, None)
    return FileSelection(
        highlight.key("id"), source, start=first, end=last, text=_stored_text(highlight), reason=reason
    )


def _stored_text(highlight: Row) -> str:
    try:
        return text_of_html(highlight.text("snippet")).text
    except BrokenHtmlError:
        return ""


def _stands(selection: FileSelection, texts: Mapping[str, HtmlText]) -> bool:
    start, end = selection.start, selection.end
    if start is None or end is None or not may_be_same(end - start, selection.text):
        return False
    return texts[selection.source].text[start:end].split() == selection.text.split()


def _codings(
    links: Sequence[Row], selections: Sequence[FileSelection], codes: Sequence[FileCode]
) -> tuple[FileCoding, ...]:
    known, reasons = {code.id for code in codes}, {s.id: s.reason for s in selections}
    codings = []
    for link in links:
        highlight, tag = link.key("highlight_id"), link.key("tag_id")
        found = highlight in reasons
        reason = reasons[highlight] if found else _NO_HIGHLIGHT
        if tag not in known:
            tag, reason = "", reason or NO_CODE
        codings.append(FileCoding(link.place, highlight if found else "", tag, reason=reason))
    return tuple(codings)


# --- the exported tables ---------------------------------------------------------------------------------------------------


def read_taguette_highlights(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a table of highlights: a row for each highlight and tag, without positions.

    Raises:
        StudyError: The table cannot be read.
    """
    opened = open_table(
        path,
        name,
        conventions,
        TAGUETTE_HIGHLIGHTS,
        tuple(TAGUETTE_HIGHLIGHTS),
        reader="taguette-highlights",
        tool=_TOOL,
    )
    log = opened.log
    selections: dict[str, FileSelection] = {}
    codings = []
    repeated = 0
    for row in opened.rows():
        key, document, tag, content = row["id"], row["document"], row["tag"], row.whole("content")
        # The id tells highlights of the same words apart.
        at = f"highlight {key}" if key else row.name
        selection = FileSelection(key or row.name, document, text=content, locator=at, reason=_fault(document, content))
        earlier = selections.setdefault(selection.id, selection)
        if (earlier.source, earlier.text) != (selection.source, selection.text):
            repeated += 1
            selection = replace(selection, id=f"{selection.id} ({row.name})")
            selections[selection.id] = selection
        if tag:
            codings.append(FileCoding(row.name, selection.id, tag, reason=selection.reason))
    if repeated:
        log.caution("repeated_ids", f"rows that repeat an id with another document or text: {repeated}")
    documents = dict.fromkeys(s.source for s in selections.values() if s.source)
    tags = dict.fromkeys(c.code for c in codings)
    log.note("content", f"rows: {len(opened.table.rows)}; highlights: {len(selections)}; tags: {len(tags)}")
    file = CodedFile(
        log,
        sources=tuple(FileSource(document, document) for document in documents),
        codes=tuple(FileCode(tag, (tag,)) for tag in tags),
        selections=tuple(selections.values()),
        codings=tuple(codings),
        names_coders=False,
    )
    return whole(file)


def _fault(document: str, content: str) -> str:
    if not document:
        return "names no document"
    return "" if content.strip() else "has no text"


def read_taguette_codebook(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a codebook: tags and what they mean, nothing coded.

    Raises:
        StudyError: The table cannot be read, or names a tag twice or not at all.
    """
    opened = open_table(path, name, conventions, TAGUETTE_CODEBOOK, _CODEBOOK, reader="taguette-codebook", tool=_TOOL)
    problems = Problems()
    rows: dict[str, ToolRow] = {}
    for row in opened.rows():
        if not row["tag"] or row["tag"] in rows:
            message = "names a tag that is there before" if row["tag"] else "names no tag"
            problems.add(name, message, "export the codebook again", row=row.name, column="tag", value=row["tag"])
        rows[row["tag"]] = row
    paths = paths_of({tag: tag for tag in rows}, {tag: row["parent"] for tag, row in rows.items()}, name, problems)
    problems.raise_if_any()
    counts = {tag: n for tag, row in rows.items() if (n := whole_number(row["highlights"])) is not None}
    total = f"{sum(counts.values())}" if len(counts) == len(rows) else "not told"
    opened.log.note("content", f"tags: {len(rows)}; highlights that they were put on: {total}")
    return CodedFile(
        opened.log,
        codes=tuple(FileCode(tag, paths[tag], definition=row["description"]) for tag, row in rows.items()),
        names_coders=False,
        stated=StatedCounts(counts),
    )


# --- recognition -----------------------------------------------------------------------------------------------------------


def _is_database(content: Content) -> bool:
    known = application_id(content.head) in (0, _APPLICATION_ID)
    return known and has_tables(content.tables, *_TABLES)


def _is_highlights(content: Content) -> bool:
    """Whether there is a header of just these columns: other tools have such columns too."""
    return _has_only(content, TAGUETTE_HIGHLIGHTS, tuple(TAGUETTE_HIGHLIGHTS))


def _is_codebook(content: Content) -> bool:
    return _has_only(content, TAGUETTE_CODEBOOK, _CODEBOOK)


def _has_only(content: Content, names: Names, needed: Sequence[str]) -> bool:
    known = {plain(name) for of in names.values() for name in of}
    return any(
        has_columns([row], names, needed) and {plain(cell) for cell in row} <= known | {""}
        for rows in content.rows.values()
        for row in rows
    )


FORMATS = (
    Format("taguette", "a Taguette project (SQLite)", _is_database, read_taguette),
    Format("taguette-highlights", "a table of highlights from Taguette", _is_highlights, read_taguette_highlights),
    Format("taguette-codebook", "a codebook from Taguette", _is_codebook, read_taguette_codebook),
)
