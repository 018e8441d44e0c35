"""One file of coded text as its tool wrote it: what every reader makes and `tool_files` turns into neutral tables.

Codes are called by the tool's own names, positions are what the tool counted, and nothing is judged yet: whether a code
is in the codebook, where a selection stands in the canonical text, and which rows are counted is decided in one place
for all tools. A reader keeps what it cannot use, with the reason, so that the counts add up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plait.qualitative.import_log import ImportLog


@dataclass(frozen=True)
class FileSource:
    """A text, a picture, a recording, or the transcript of one.

    Attributes:
        id: The tool's own id, or the name where it has none.
        name: What the source is called.
        kind: text, pdf, docx, audio, video or image.
        text: The text as stored: decoded, without a byte order mark, line ends untouched; None when the file does not
            hold it.
        case: The id of the one case it belongs to, where the file says so in that way; "" otherwise.
        attributes: What is known of it.
        parent: The recording that a transcript belongs to; "" otherwise.
    """

    id: str
    name: str
    kind: str = "text"
    text: str | None = None
    case: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    parent: str = ""


@dataclass(frozen=True)
class FileCode:
    """A code with the names above it in the tool's tree, its own last."""

    id: str
    path: tuple[str, ...]
    definition: str = ""
    codable: bool = True
    colour: str = ""


@dataclass(frozen=True)
class FileCase:
    """A participant, and what is known of them."""

    id: str
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FileOwner:
    """What of the sources is a case's: a whole source, or one selection of it."""

    case: str
    source: str
    selection: str = ""


@dataclass(frozen=True)
class FileSelection:
    """A stretch of a source.

    Attributes:
        id: Unique within the file.
        source: The id of its source.
        start: First position as the tool counts; None where the tool gives no position in the text.
        end: Position after the last one.
        text: What the tool stores as the selected text; "" where it stores none.
        whole: The whole source is meant; then there are no positions.
        locator: Where it stands, as the tool says it: paragraph, page, line, row, time.
        memo: What was written about it.
        reason: Why it is no usable stretch of text ("codes a part of a picture, not text"); "" where it is one.
        title: A name the tool gave it that may or may not be its text; used as evidence for positions, never quoted.
    """

    id: str
    source: str
    start: int | None = None
    end: int | None = None
    text: str = ""
    whole: bool = False
    locator: str = ""
    memo: str = ""
    reason: str = ""
    title: str = ""


@dataclass(frozen=True)
class FileCoding:
    """One code put on one selection by one coder.

    Attributes:
        origin: The tool's id of it, or the row of the file ("row 12").
        code: The id of its code; "" where none is named or known, and then `reason` says so.
        coder: The coder as the tool names them; "" where it does not.
        weight: How strongly the code applies, where the tool lets coders say so.
        created: When, as the tool writes it.
        reason: Why it is not counted; "" where it is.
    """

    origin: str
    selection: str
    code: str
    coder: str = ""
    weight: float | None = None
    important: bool = False
    memo: str = ""
    created: str = ""
    reason: str = ""


@dataclass(frozen=True)
class FileTurn:
    """A stretch of one speaker, in the tool's positions."""

    source: str
    start: int
    end: int
    speaker: str


@dataclass(frozen=True)
class FileSet:
    """A named group of codes or sources."""

    name: str
    kind: str  # code, source
    members: tuple[str, ...]


@dataclass(frozen=True)
class FileCount:
    """How often a code was given to a case, where that is all the file says."""

    case: str
    code: str
    n: int


@dataclass(frozen=True)
class StatedCounts:
    """How many stretches carry each code, as a codebook of the tool says; to be held against what other files hold.

    Attributes:
        of: By the code's name.
        between: Stands between a category and a code in that name, where a category counts the stretches that carry any
            of its codes, each once; "" where there are no categories.
    """

    of: Mapping[str, int] = field(default_factory=dict)
    between: str = ""


@dataclass(frozen=True)
class CodedFile:
    """Everything a file holds that coded text needs.

    Attributes:
        log: What the reader noted; it carries the file's name, hash, reader and tool.
        coders: Every coder the file names, in its order, whether they coded or not.
        attributes: The names of all attributes of cases and sources, whether any has a value or not.
        counts: Of a table of counts; then there are no selections.
        stated: The tool's own counts, where the file holds any.
        names_coders: Whether the file tells coders apart; where it does not, the definition names the coder.
        offsets_in: One of `plait.qualitative.offsets.CONVENTIONS`, where the format says what positions count; "" where
            it has to be found out.
    """

    log: ImportLog
    sources: tuple[FileSource, ...] = ()
    codes: tuple[FileCode, ...] = ()
    coders: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    cases: tuple[FileCase, ...] = ()
    owners: tuple[FileOwner, ...] = ()
    selections: tuple[FileSelection, ...] = ()
    codings: tuple[FileCoding, ...] = ()
    turns: tuple[FileTurn, ...] = ()
    sets: tuple[FileSet, ...] = ()
    counts: tuple[FileCount, ...] = ()
    stated: StatedCounts = StatedCounts()
    names_coders: bool = True
    offsets_in: str = ""


@dataclass(frozen=True)
class Conventions:
    """What a study says about its files where the format leaves it open.

    Attributes:
        code_separator: Between several codes in one cell or comment, where the tool has no fixed one.
        note_prefix: Starts a comment that is a note, not a code; "" where there are none.
        code_names: Names of codes, for cells that list several and may hold the separator within a name: the
            codebook's labels and aliases.
        encoding: Of text that is not Unicode, where the content does not tell.
        delimiter: Of delimited text, where the content does not tell.
        sheet: Of a workbook with several.
    """

    code_separator: str = ""
    note_prefix: str = ""
    code_names: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


Reader = Callable[[Path, str, Conventions], CodedFile]
"""Reads a file, given its path, its name as messages call it and the study's conventions.

Raises `StudyError` with every problem that makes the file as a whole unusable.
"""


@dataclass(frozen=True)
class Format:
    """A kind of file: how it is recognised by its content, and how it is read.

    Attributes:
        name: As the definition may call it.
        what: As messages call it.
    """

    name: str
    what: str
    recognises: Callable[[Content], bool]
    read: Reader


@dataclass(frozen=True)
class Content:
    """What is looked at to tell a file's format: never its name.

    Attributes:
        head: The first 4,096 bytes.
        members: The names of the members of a zip file; empty otherwise.
        tables: Tables of an SQLite database and their columns; empty otherwise.
        rows: The first rows of a table of delimited text or of each worksheet of a workbook (by sheet name; "" for
            delimited text), cells as text; empty otherwise.
    """

    head: bytes = b""
    members: tuple[str, ...] = ()
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
