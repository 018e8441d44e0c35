"""Word documents coded in comments: each comment names the codes of the stretch that it is anchored to.

A comment names one code a paragraph, or several where the study says what separates them. Comments and paragraphs that
start with the study's prefix for notes are notes. Replies are talk about a code, not codes, and are kept as a note of
the comment they answer. Documents exported by Dedoose head each comment with `Codes (start-end)`, positions in
Dedoose's own text that are kept as such; the comment's place is the one in the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from plait.errors import Problem, StudyError
from plait.qualitative.coded_file import (
    CodedFile,
    Content,
    Conventions,
    FileCode,
    FileCoding,
    FileSelection,
    FileSource,
    Format,
)
from plait.qualitative.import_log import ImportLog, file_sha256
from plait.qualitative.nobody import is_nobody
from plait.qualitative.offsets import CONVENTIONS
from plait.qualitative.package import read_package
from plait.qualitative.word_text import (
    COMMENTS,
    DOCUMENT,
    EXTENDED,
    WordText,
    attribute,
    paragraphs_of,
    part_of,
    word_text,
)
from plait.qualitative.xml_safely import parse_xml, split_tag

_SAVE_AGAIN = "open the document in Word and save it again as .docx"
_DEDOOSE = re.compile(r"Codes?\s*\((\d{1,12})\s*-\s*(\d{1,12})\)")
_TREE = re.compile(r"\s*(?:\\| > )\s*")


@dataclass(frozen=True)
class _Comment:
    """A comment as Word stores it.

    Attributes:
        lines: Its paragraphs, trimmed, without empty ones.
        key: By which replies refer to it; "" where it has none.
        answers: The key of the comment that it replies to.
        done: It was marked as resolved.
    """

    id: str
    author: str
    date: str
    lines: tuple[str, ...]
    key: str
    answers: str
    done: bool


def read_comments(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a document and its comments.

    Args:
        path: The file.
        name: The file as messages call it.
        conventions: What separates several codes in a comment, and what starts a note.

    Raises:
        StudyError: It is no sound Word document, or it has no comments.
    """
    members = read_package(path, name, (".xml",))
    document = _part(members, DOCUMENT, name)
    if document is None:
        raise StudyError([Problem(name, "is no Word document (it has no word/document.xml)", _SAVE_AGAIN)])
    text = word_text(document)
    log = ImportLog(name, file_sha256(path), "word-comments", "Word")
    every = _comments(_part(members, COMMENTS, name), _part(members, EXTENDED, name), name)
    keys = {comment.key for comment in every if comment.key}
    comments = [comment for comment in every if comment.answers not in keys]
    replies = _replies(every, keys)

    source = Path(name).stem
    selections, codings = [], []
    for comment in comments:
        codes, notes, locator = _read(comment, conventions)
        memo = "\n".join([*notes, *replies.get(comment.key, ())])
        selections.append(_selection(comment, source, text, locator, memo))
        codings += [
            FileCoding(comment.id, comment.id, code, comment.author, memo=memo, created=comment.date) for code in codes
        ]
    _note(log, every, comments)
    authors = tuple(dict.fromkeys(c.coder for c in codings if c.coder))
    return CodedFile(
        log,
        sources=(FileSource(source, source, "docx", text.text),),
        codes=tuple(FileCode(code, _path(code)) for code in dict.fromkeys(c.code for c in codings)),
        coders=authors,
        selections=tuple(selections),
        codings=tuple(codings),
        names_coders=any(not is_nobody(author) for author in authors) or len(authors) > 1,
        offsets_in=CONVENTIONS[0],
    )


# --- the parts of the document -------------------------------------------------------------------------------------------


def _part(members: Mapping[str, bytes], part: re.Pattern[str], name: str) -> Element | None:
    member = part_of(members, part)
    return parse_xml(members[member], f"{name}: {member}", "Word document", _SAVE_AGAIN) if member else None


def _comments(root: Element | None, extended: Element | None, name: str) -> list[_Comment]:
    threads = {attribute(e, "paraId"): e for e in (() if extended is None else extended) if attribute(e, "paraId")}
    found: dict[str, _Comment] = {}
    for element in () if root is None else root:
        if split_tag(element.tag)[1] != "comment":
            continue
        # A thread knows a comment by its last paragraph.
        last = next((e for e in reversed(element) if split_tag(e.tag)[1] == "p"), None)
        key = "" if last is None else attribute(last, "paraId")
        thread = threads.get(key)
        comment = _Comment(
            attribute(element, "id"),
            " ".join(attribute(element, "author").split()),
            attribute(element, "date"),
            tuple(line.strip() for line in paragraphs_of(element) if line.strip()),
            key,
            "" if thread is None else attribute(thread, "paraIdParent"),
            thread is not None and attribute(thread, "done") in ("1", "true", "on"),
        )
        if comment.id in found or not comment.id:
            problem = Problem(name, "holds two comments of one id, or one without an id", _SAVE_AGAIN, value=comment.id)
            raise StudyError([problem])
        found[comment.id] = comment
    if not found:
        raise StudyError([Problem(name, "has no comments", "name the document whose comments hold the codes")])
    return list(found.values())


def _replies(comments: list[_Comment], keys: set[str]) -> dict[str, list[str]]:
    """What was answered to each comment, by its key."""
    replies: dict[str, list[str]] = {}
    for comment in comments:
        if comment.answers in keys:
            said = "\n".join(comment.lines)
            replies.setdefault(comment.answers, []).append(f"{comment.author}: {said}" if comment.author else said)
    return replies


# --- a comment -----------------------------------------------------------------------------------------------------------


def _read(comment: _Comment, conventions: Conventions) -> tuple[list[str], list[str], str]:
    """The codes that a comment names, its notes, and the place that Dedoose says."""
    lines, locator = list(comment.lines), ""
    dedoose = _DEDOOSE.fullmatch(lines[0]) if lines else None
    if dedoose:
        locator = f"Dedoose {dedoose[1]}-{dedoose[2]}"
        lines = lines[1:]
    prefix = conventions.note_prefix
    if prefix and lines and lines[0].startswith(prefix):
        return [], ["\n".join(lines).removeprefix(prefix).strip()], locator
    notes = [line.removeprefix(prefix).strip() for line in lines if prefix and line.startswith(prefix)]
    named = [line for line in lines if not (prefix and line.startswith(prefix))]
    separator = conventions.code_separator
    codes = [code.strip() for line in named for code in (line.split(separator) if separator else [line])]
    return list(dict.fromkeys(code for code in codes if code)), notes, locator


def _selection(comment: _Comment, source: str, text: WordText, locator: str, memo: str) -> FileSelection:
    span = text.span(comment.id)
    if span is not None:
        start, end = span
        return FileSelection(comment.id, source, start, end, text.text[start:end], locator=locator, memo=memo)
    anchored = {*text.starts, *text.ends, *text.marks}
    reason = "marks no stretch of text" if comment.id in anchored else "is not anchored in the text of the document"
    return FileSelection(comment.id, source, locator=locator, memo=memo, reason=reason)


def _path(code: str) -> tuple[str, ...]:
    return tuple(part for part in _TREE.split(code) if part) or (code,)


def _note(log: ImportLog, every: list[_Comment], comments: list[_Comment]) -> None:
    log.note("content", f"comments: {len(every)}; of these replies: {len(every) - len(comments)}")
    done = sum(comment.done for comment in every)
    if done:
        log.note("done", f"comments marked as resolved, which count like the others: {done}")


def _recognised(content: Content) -> bool:
    return bool(part_of(content.members, DOCUMENT) and part_of(content.members, COMMENTS))


FORMATS: tuple[Format, ...] = (
    Format("word-comments", "a Word document coded in comments", _recognised, read_comments),
)
