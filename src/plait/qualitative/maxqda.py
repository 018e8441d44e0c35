"""Tables exported by MAXQDA: coded segments, and document variables.

A row of the segments is one code on one segment. Documents stand for participants: the variables are theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from plait.errors import Problems
from plait.qualitative.coded_file import (
    CodedFile,
    Content,
    Conventions,
    FileCase,
    FileCode,
    FileCoding,
    FileSelection,
    FileSet,
    FileSource,
    Format,
)
from plait.qualitative.headers import MAXQDA, has_columns, places_of
from plait.qualitative.import_log import ImportLog, listed
from plait.qualitative.tool_table import ToolRow, any_sheet, note_dates, open_table, paragraphs, weight_of

_SEGMENTS = ("document", "code", "text")
_VARIABLES = ("group", "document")
_TREE = (" > ", "\\")
"""Between the names of a code path: since release 24, and before."""
_GROUP = "document group"
_PICTURE = "codes a part of a picture, not text"


def read_segments(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a table of coded or retrieved segments.

    Args:
        path: The file, a workbook or delimited text.
        name: The file as messages call it.
        conventions: How the table is written, where that has to be said.

    Raises:
        StudyError: It is no such table, or a row names no document.
    """
    opened = open_table(
        path, name, conventions, MAXQDA, _SEGMENTS, reader="maxqda-segments", tool="MAXQDA", filled=("document",)
    )
    rows = list(opened.rows())
    separator = _separator((row["code"] for row in rows), opened.log)
    sources: dict[str, ToolRow] = {}
    for row in rows:
        sources.setdefault(_document(row), row)
    _note(rows, opened.log, "coder" in opened.places)
    coders = tuple(dict.fromkeys(row["coder"] for row in rows if row["coder"]))
    groups = dict.fromkeys(row["group"] for row in rows if row["group"])
    return CodedFile(
        opened.log,
        sources=tuple(
            FileSource(key, row["document"], case=key, attributes=_group(row["group"])) for key, row in sources.items()
        ),
        codes=tuple(
            FileCode(code, _path(code, separator)) for code in dict.fromkeys(row["code"] for row in rows if row["code"])
        ),
        coders=coders,
        attributes=(_GROUP,) if "group" in opened.places else (),
        cases=tuple(FileCase(key, row["document"]) for key, row in sources.items()),
        selections=tuple(map(_selection, rows)),
        codings=tuple(map(_coding, rows)),
        sets=tuple(
            FileSet(group, "source", tuple(key for key, row in sources.items() if row["group"] == group))
            for group in groups
        ),
        names_coders=bool(coders),
    )


def read_variables(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a table of document variables: a case a document, and nothing else.

    Raises:
        StudyError: It is no such table, or a row names no document or one that stood before.
    """
    opened = open_table(
        path, name, conventions, MAXQDA, _VARIABLES, reader="maxqda-variables", tool="MAXQDA", filled=("document",)
    )
    # Variables may be called like a column of the segments; only the document's own columns are taken.
    own = {opened.places[field] for field in _VARIABLES}
    variables = {title: i for i, title in enumerate(opened.table.header) if i not in own and title}
    problems = Problems()
    cases: dict[str, FileCase] = {}
    for row in opened.rows():
        key = _document(row)
        if key in cases:
            problems.add(name, "the document is there before", "remove one of the rows", row=row.name, value=key)
        else:
            values = {title: row.cells[i].strip() for title, i in variables.items() if row.cells[i].strip()}
            cases[key] = FileCase(key, row["document"], _group(row["group"]) | values)
    problems.raise_if_any()
    shared = [case for case, n in Counter(case.name for case in cases.values()).items() if n > 1]
    if shared:
        message = "documents of one name in several groups, which other files cannot tell apart by it"
        opened.log.caution("names", f"{message}: {listed(shared)}")
    opened.log.note("participants", f"documents: {len(cases)}; variables: {len(variables)}")
    return CodedFile(opened.log, attributes=(_GROUP, *variables), cases=tuple(cases.values()))


def _document(row: ToolRow) -> str:
    """A document by its group and name, as MAXQDA itself refers to it: names repeat across groups."""
    return f"{row['group']}\\{row['document']}" if row["group"] else row["document"]


def _group(group: str) -> dict[str, str]:
    return {_GROUP: group} if group else {}


def _selection(row: ToolRow) -> FileSelection:
    text = row.whole("text")
    return FileSelection(
        row.name,
        _document(row),
        text=text,
        locator=paragraphs(row["start"], row["end"]),
        reason=_PICTURE if row["area"] and not text.strip() else "",
    )


def _coding(row: ToolRow) -> FileCoding:
    weight, reason = weight_of(row["weight"])
    if not row["code"]:
        reason = "names no code"
    return FileCoding(
        row.name,
        row.name,
        row["code"],
        row["coder"],
        weight,
        memo=row["comment"],
        created=row["created"],
        reason=reason,
    )


def _separator(codes: Iterable[str], log: ImportLog) -> str:
    names = set(codes)
    new, old = ([code for code in names if separator in code] for separator in _TREE)
    if new and old:
        log.caution(
            "code_paths",
            f"codes hold both '>' and '\\'; '>' is taken to stand between a code and the one above: {listed(sorted(old))}",
        )
    return _TREE[0] if new else _TREE[1]


def _path(code: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in code.split(separator) if part.strip()) or (code,)


def _note(rows: list[ToolRow], log: ImportLog, with_coders: bool) -> None:
    note_dates((row["code"] for row in rows), log)
    nameless = sum(not row["coder"] for row in rows)
    if with_coders and nameless:
        log.caution("coders", f"segments whose coder is not named: {nameless}")
    bare = sum(not row["text"] for row in rows)
    if bare:
        log.caution("missing_text", f"segments without text, not to be quoted: {bare}")


def _are_segments(content: Content) -> bool:
    # Other tools have documents and codes as well; the segment with its document group or paragraphs is MAXQDA's.
    return any(any_sheet(content, MAXQDA, (*_SEGMENTS, third)) for third in ("group", "start"))


def _are_variables(content: Content) -> bool:
    for rows in content.rows.values():
        for row in rows:
            places = places_of(row, MAXQDA)
            # The first two columns, in this order, and no code beside them.
            if has_columns([row], MAXQDA, _VARIABLES) and sorted(places[f] for f in _VARIABLES) == [0, 1]:
                return "code" not in places and "text" not in places
    return False


FORMATS: tuple[Format, ...] = (
    Format("maxqda-segments", "a table of coded segments by MAXQDA", _are_segments, read_segments),
    Format("maxqda-variables", "a table of document variables by MAXQDA", _are_variables, read_variables),
)
