"""Projects of RQDA (`.rqda`, an SQLite database).

RQDA deletes nothing: what was deleted keeps its row with another status than 1, and is kept here as deleted. Positions
are characters from 0 with the end exclusive, as its text widget counts them, though older codings may have passed
through R, which counts from 1; so the ways of counting are held against the stored texts. Where RQDA joins codings that
overlap, it stores their text with one character too many in front; their positions are right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plait.errors import Problem, Problems, StudyError
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
    Format,
)
from plait.qualitative.database import Row, check_keys, has_tables, opened
from plait.qualitative.import_log import ImportLog, file_sha256, listed
from plait.qualitative.offsets import CONVENTIONS, GOOD
from plait.qualitative.places import NO_CODE, NO_SOURCE, fault_of_span, may_be_same, paths_of, whole, without_mark
from plait.qualitative.transcripts import canonical_text

DELETED = "was deleted in the tool"
IN_PICTURE = "codes a part of a picture, not text"

_TABLES = ("source", "freecode", "coding", "codecat", "treecode", "cases", "caselinkage")
_LAST_VERSION = (0, 2, 2)
_COUNTED: Mapping[str, Callable[[int, int], tuple[int, int]]] = {
    "characters from 0, end exclusive": lambda start, end: (start, end),
    "characters from 1, end inclusive": lambda start, end: (start - 1, end),
    "characters from 0, end inclusive": lambda start, end: (start, end + 1),
}
"""The ways of counting that are tried, the usual one first."""
_USUAL = next(iter(_COUNTED))


@dataclass(frozen=True)
class _Tables:
    project: Sequence[Row]
    sources: Sequence[Row]
    codes: Sequence[Row]
    categories: Sequence[Row]
    members: Sequence[Row]
    codings: Sequence[Row]
    second: Sequence[Row]
    cases: Sequence[Row]
    links: Sequence[Row]
    variables: Sequence[Row]
    of_cases: Sequence[Row]
    of_files: Sequence[Row]
    notes: Sequence[Row]
    images: Sequence[Row]
    image_codings: Sequence[Row]


def read_rqda(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a project.

    Raises:
        StudyError: It is no database of RQDA, is damaged, or the stored texts do not stand where its codings do.
    """
    tables = _read(path, name)
    problems = Problems()
    for rows, column in (
        (tables.sources, "id"),
        (tables.codes, "id"),
        (tables.cases, "id"),
        (tables.categories, "catid"),
    ):
        check_keys(_kept(rows), column, name, problems)
    log = ImportLog(name, file_sha256(path), "rqda")
    codes = _codes(tables, name, log, problems)
    problems.raise_if_any()

    _note_version(tables.project, log)
    sources, moved = _sources(tables)
    texts = {source.id: source.text or "" for source in sources if source.kind == "text"}
    selections, codings = _codings(tables, texts, moved, {code.id for code in codes}, name, log)
    owned, owners = _owners(tables, texts, moved, log)
    notes = _notes(tables, texts)
    cases = _kept(tables.cases)
    attributes = _attributes(tables.of_cases, "caseID")
    left = sum(coding.reason == DELETED for coding in codings)
    if left:
        log.note("deleted", f"codings that were deleted in RQDA: {left}")
    second = len(_kept(tables.second))
    if second:
        log.caution("second_coding", f"codings of RQDA's second table (coding2), which is not read: {second}")
    log.note("content", f"sources: {len(sources)}; codes: {len(codes)}; codings: {len(codings)}")
    file = CodedFile(
        log,
        sources=sources,
        codes=codes,
        coders=tuple(coder for coder in dict.fromkeys(coding.coder for coding in codings) if coder),
        attributes=tuple(dict.fromkeys(row.text("name") for row in _kept(tables.variables) if row.text("name"))),
        cases=tuple(FileCase(row.key("id"), row.text("name"), attributes.get(row.key("id"), {})) for row in cases),
        owners=owners,
        selections=(*selections, *notes, *owned),
        codings=codings,
        offsets_in=CONVENTIONS[0],
    )
    return whole(file)


def _read(path: Path, name: str) -> _Tables:
    with opened(path, name) as database:
        coding = {
            "texts": ("seltext", "owner", "date", "memo"),
            "values": ("cid", "fid", "selfirst", "selend", "status"),
        }
        return _Tables(
            project=database.rows_if_any("project", texts=["databaseversion"], optional=["databaseversion"]),
            sources=database.rows("source", texts=["name", "file"], values=["id", "status"]),
            codes=database.rows(
                "freecode", texts=["name", "memo", "color"], values=["id", "status"], optional=["memo", "color"]
            ),
            categories=database.rows("codecat", texts=["name", "memo"], values=["catid", "status"], optional=["memo"]),
            members=database.rows("treecode", values=["cid", "catid", "status"]),
            codings=database.rows("coding", **coding, optional=["owner", "date", "memo"]),
            second=database.rows_if_any("coding2", values=["status"]),
            cases=database.rows("cases", texts=["name"], values=["id", "status"]),
            links=database.rows("caselinkage", values=["caseid", "fid", "selfirst", "selend", "status"]),
            variables=database.rows_if_any("attributes", texts=["name"], values=["status"], optional=["status"]),
            of_cases=database.rows_if_any(
                "caseAttr", texts=["variable", "value"], values=["caseID", "status"], optional=["status"]
            ),
            of_files=database.rows_if_any(
                "fileAttr", texts=["variable", "value"], values=["fileID", "status"], optional=["status"]
            ),
            notes=database.rows_if_any("annotation", texts=["annotation"], values=["fid", "position", "status"]),
            images=database.rows_if_any("image", texts=["name"], values=["id", "status"]),
            image_codings=database.rows_if_any(
                "imageCoding",
                texts=["owner", "date", "memo"],
                values=["cid", "iid", "status"],
                optional=["owner", "date", "memo"],
            ),
        )


def _kept(rows: Sequence[Row]) -> list[Row]:
    """The rows that were not deleted; a table without a status knows no deletion."""
    return [row for row in rows if "status" not in row.values or row.whole("status") == 1]


def _note_version(project: Sequence[Row], log: ImportLog) -> None:
    version = next((row.text("databaseversion") for row in project), "")
    log.tool = f"RQDA {version}".strip()[:120]
    parts = version.split(".")
    known = all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts)
    if version and not (known and tuple(map(int, parts)) <= _LAST_VERSION):
        latest = ".".join(map(str, _LAST_VERSION))
        log.caution(
            "newer_version", f"the database's version is '{version[:20]}', later than {latest}; look at what was read"
        )


def _codes(tables: _Tables, name: str, log: ImportLog, problems: Problems) -> tuple[FileCode, ...]:
    """Codes below the first of their categories; a category stands below nothing."""
    categories = {row.key("catid"): row for row in _kept(tables.categories)}
    codes = {row.key("id"): row for row in _kept(tables.codes)}
    above: dict[str, list[str]] = {}
    for row in _kept(tables.members):
        if row.key("catid") in categories and row.key("catid") not in above.get(row.key("cid"), []):
            above.setdefault(row.key("cid"), []).append(row.key("catid"))
    names = {_category(key): row.text("name") for key, row in categories.items()}
    names |= {key: row.text("name") for key, row in codes.items()}
    paths = paths_of(names, {key: _category(above[key][0]) for key in codes if key in above}, name, problems)
    several = [row.text("name") for key, row in codes.items() if len(above.get(key, [])) > 1]
    if several:
        message = f"codes in several categories, read below the first: {len(several)} ({listed(several)})"
        log.caution("several_categories", message)
    tops = [
        FileCode(_category(key), paths[_category(key)], definition=row.text("memo"), codable=False)
        for key, row in categories.items()
    ]
    below = [
        FileCode(key, paths[key], definition=row.text("memo"), colour=row.text("color")) for key, row in codes.items()
    ]
    return (*tops, *below)


def _category(key: str) -> str:
    return f"category {key}"


def _sources(tables: _Tables) -> tuple[tuple[FileSource, ...], dict[str, int]]:
    """The texts and pictures, and by how much positions move where a byte order mark was left out."""
    attributes = _attributes(tables.of_files, "fileID")
    sources, moved = [], {}
    for row in _kept(tables.sources):
        key = row.key("id")
        text, moved[key] = without_mark(row.text("file"))
        sources.append(FileSource(key, row.text("name"), text=text, attributes=attributes.get(key, {})))
    pictures = [FileSource(_image(row.key("id")), row.text("name"), "image") for row in _kept(tables.images)]
    return (*sources, *pictures), moved


def _image(key: str) -> str:
    return f"image {key}"


def _attributes(rows: Sequence[Row], owner: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in _kept(rows):
        if row.text("variable") and row.text("value") not in ("", "NA"):
            found.setdefault(row.key(owner), {})[row.text("variable")] = row.text("value")
    return found


# --- codings -----------------------------------------------------------------------------------------------------------


def _codings(
    tables: _Tables, texts: Mapping[str, str], moved: Mapping[str, int], codes: set[str], name: str, log: ImportLog
) -> tuple[tuple[FileSelection, ...], tuple[FileCoding, ...]]:
    counted = _way_of_counting(
        [row for row in _kept(tables.codings) if row.key("fid") in texts], texts, moved, name, log
    )
    deleted = {row.key("id") for row in tables.sources} - set(texts)
    deleted_codes = {row.key("id") for row in tables.codes} - codes
    joined, astray = 0, 0
    selections, codings = [], []
    for row in tables.codings:
        selection = _selection(row, texts, moved, counted, deleted)
        if selection.start is not None and selection.end is not None and selection.text.strip():
            text = texts[selection.source]
            if not _same(text, selection.start, selection.end, selection.text):
                if counted == _USUAL and _same(text, selection.start - 1, selection.end, selection.text):
                    joined += 1
                    selection = replace(selection, text=text[selection.start : selection.end])
                else:
                    astray += not selection.reason
                    selection = replace(selection, start=None, end=None)
        selections.append(selection)
        codings.append(_coding(row, selection, codes, deleted_codes))
    known = {row.key("id") for row in _kept(tables.images)}
    for row in tables.image_codings:
        source = _image(row.key("iid")) if row.key("iid") in known else ""
        reason = (IN_PICTURE if source else NO_SOURCE) if row.whole("status") == 1 else DELETED
        selections.append(FileSelection(row.place, source, reason=reason))
        codings.append(_coding(row, selections[-1], codes, deleted_codes))
    if joined:
        log.note("joined", f"codings whose stored text has one character too many, as RQDA joins them: {joined}")
    if astray:
        log.caution("astray", f"codings that do not stand on the text that is stored with them: {astray}")
    return tuple(selections), tuple(codings)


def _way_of_counting(
    rows: Sequence[Row], texts: Mapping[str, str], moved: Mapping[str, int], name: str, log: ImportLog
) -> str:
    """The way of counting that puts most codings on their stored texts."""
    stored = [row for row in rows if row.text("seltext").strip()]
    if not stored:
        log.note("offsets", f"{_USUAL}, as RQDA counts; no stored texts to hold them against")
        return _USUAL
    exact = {way: sum(_stands(row, way, texts, moved, exactly=True) for row in stored) for way in _COUNTED}
    best = max(exact, key=lambda way: exact[way])
    fits = {way: sum(_stands(row, way, texts, moved) for row in stored) for way in _COUNTED}
    # What RQDA joined fits the way that counts from 1; it speaks for no way, and not against the usual one either.
    other = next(way for way in _COUNTED if way != _USUAL)
    either = sum(any(_stands(row, way, texts, moved) for way in (_USUAL, other)) for row in stored)
    score = (either if best == _USUAL else fits[best]) / len(stored)
    scores = "; ".join(f"{way}: {count / len(stored):.3f}" for way, count in fits.items())
    if score < GOOD:
        message = f"the texts that are stored with the codings do not stand where they should ({scores})"
        mend = "were the files changed outside RQDA? export the project again, or use a copy from before"
        raise StudyError([Problem(name, message, mend)])
    log.note("offsets", f"{best}; score {score:.3f} over {len(stored)} stored texts ({scores})")
    return best


def _stands(row: Row, way: str, texts: Mapping[str, str], moved: Mapping[str, int], *, exactly: bool = False) -> bool:
    start, end, stored = row.whole("selfirst"), row.whole("selend"), row.text("seltext")
    if start is None or end is None:
        return False
    first, last = (position - moved[row.key("fid")] for position in _COUNTED[way](start, end))
    text = texts[row.key("fid")]
    # White space at the ends tells ways of counting apart, but speaks for no other place.
    same = _same(text, first, last, stored)
    return same and (not exactly or canonical_text(text[max(0, first) : last]) == canonical_text(stored))


def _same(text: str, start: int, end: int, stored: str) -> bool:
    start = max(0, start)
    if not start <= end <= len(text) or not may_be_same(end - start, stored):
        return False
    return text[start:end].split() == stored.split()


def _selection(
    row: Row, texts: Mapping[str, str], moved: Mapping[str, int], counted: str, deleted: set[str]
) -> FileSelection:
    source, stored = row.key("fid"), row.text("seltext")
    gone = row.whole("status") != 1 or source in deleted
    if source not in texts:
        return FileSelection(row.place, "", text=stored, reason=DELETED if gone else NO_SOURCE)
    start, end = row.whole("selfirst"), row.whole("selend")
    fault = fault_of_span(start, end)
    if start is not None and end is not None and not fault:
        start, end = (max(0, position - moved[source]) for position in _COUNTED[counted](start, end))
        fault = fault_of_span(start, end, len(texts[source]))
    reason = DELETED if gone else fault
    if fault:
        start = end = None
    return FileSelection(row.place, source, start=start, end=end, text=stored, reason=reason)


def _coding(row: Row, selection: FileSelection, codes: set[str], deleted: set[str]) -> FileCoding:
    code, reason = row.key("cid"), selection.reason
    if code not in codes:
        code, reason = "", reason or (DELETED if code in deleted else NO_CODE)
    return FileCoding(
        row.place,
        selection.id,
        code,
        row.text("owner").strip(),
        memo=row.text("memo"),
        created=row.text("date"),
        reason=reason,
    )


# --- cases and notes ---------------------------------------------------------------------------------------------------


def _owners(
    tables: _Tables, texts: Mapping[str, str], moved: Mapping[str, int], log: ImportLog
) -> tuple[tuple[FileSelection, ...], tuple[FileOwner, ...]]:
    cases = {row.key("id") for row in _kept(tables.cases)}
    selections, owners, lost = [], [], []
    for row in _kept(tables.links):
        case, source = row.key("caseid"), row.key("fid")
        start, end = row.whole("selfirst"), row.whole("selend")
        if case not in cases or source not in texts or start is None or end is None:
            lost.append(row.place)
            continue
        start, end = max(0, start - moved[source]), end - moved[source]
        if start == 0 and end >= len(texts[source]):
            owners.append(FileOwner(case, source))
        elif fault_of_span(start, end, len(texts[source])):
            lost.append(row.place)
        else:
            selections.append(FileSelection(row.place, source, start=start, end=end))
            owners.append(FileOwner(case, source, row.place))
    if lost:
        log.caution("cases", f"links of cases to texts that cannot be used: {len(lost)} ({listed(lost)})")
    return tuple(selections), tuple(owners)


def _notes(tables: _Tables, texts: Mapping[str, str]) -> tuple[FileSelection, ...]:
    """Notes stand at one place of a text, on no stretch of it."""
    return tuple(
        FileSelection(
            row.place,
            row.key("fid"),
            locator=f"character {row.text('position')}",
            memo=row.text("annotation"),
            reason="is a note at one place of the text",
        )
        for row in _kept(tables.notes)
        if row.key("fid") in texts and row.text("annotation").strip()
    )


def _is_database(content: Content) -> bool:
    return has_tables(content.tables, *_TABLES)


FORMATS = (Format("rqda", "an RQDA project", _is_database, read_rqda),)
