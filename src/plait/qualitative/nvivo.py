"""What NVivo exports without its project: matrices of counts, and the text that was coded at one code.

A matrix says how often each code was given to each item; nothing can be quoted from it. The text of a code is written
as blocks, one an item, with a line above each reference; items are named between angle brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plait.errors import Problem, Problems, StudyError
from plait.qualitative.coded_file import (
    CodedFile,
    Content,
    Conventions,
    FileCase,
    FileCode,
    FileCoding,
    FileCount,
    FileSelection,
    FileSource,
    Format,
)
from plait.qualitative.import_log import ImportLog, file_sha256, listed
from plait.qualitative.package import read_package
from plait.qualitative.tool_table import log_of, table_with, whole_number
from plait.qualitative.transcripts import canonical_text
from plait.qualitative.word_text import COMMENTS, DOCUMENT, part_of, word_text
from plait.qualitative.xml_safely import parse_xml
from plait.tabular.encodings import decode

_ITEM = re.compile(r"[A-Z]{1,3} ?: ?(.+)", re.DOTALL)
_CODE = re.compile(r"\d+ ?: ?(.+)", re.DOTALL)
_BLOCK = re.compile(r"<(?P<item>[^<>]+)>\s*-\s*§\s*(?P<n>[\d.,]+)\s+[^\[\]]*\[(?P<share>[^\[\]]*%[^\[\]]*)\]")
_REFERENCE = re.compile(
    r"(?:Reference|Referenz|Référence|Referencia|Referência)\s+(?P<n>\d{1,9})\s*-\s*(?P<share>[^%]{0,20}\d\s*%.{0,20})"
)
_NAME = re.compile(r"(?:Name|Nom|Nombre|Nome)\s*:\s*(?P<name>.+)")
_EXPORT_TEXT = "export the code from NVivo again, with its name and all its references"


# --- matrices ------------------------------------------------------------------------------------------------------------


def read_matrix(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read the result of a matrix coding query: codes in rows, items in columns, numbers of references in the cells.

    Args:
        path: The file, a workbook or delimited text.
        name: The file as messages call it.
        conventions: How the file is written, where that has to be said.

    Raises:
        StudyError: It is no such table, an item or a code stands in it twice, or a cell is no whole number.
    """
    table = table_with(path, name, conventions, _is_matrix)
    log = log_of(path, name, table.notes, reader="nvivo-matrix", tool="NVivo")
    problems = Problems()
    if not _is_matrix([table.header]):
        message = "is no matrix of counts: its columns are not called 'A : ...', with the codes in the first one"
        raise StudyError([Problem(name, message, "export the result of the matrix coding query again")])
    items = [_named(_ITEM, title) for title in table.header[1:]]
    codes: dict[str, FileCode] = {}
    counts: list[FileCount] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        code = _named(_CODE, row[0])
        if not code:
            mend = "each row is called '1 : ...' by NVivo; remove what was added"
            problems.add(name, "names no code", mend, row=f"row {line}", value=row[0])
            continue
        if code in codes:
            problems.add(name, "the code is there before", "remove one of the rows", row=f"row {line}", value=code)
        codes[code] = FileCode(code, tuple(code.split("\\")))
        for item, title, cell in zip(items, table.header[1:], row[1:], strict=True):
            n = whole_number(cell)
            if n is None:
                mend = "show coding references in the query, not coverage or presence, and export again"
                problems.add(name, "is no whole number", mend, row=f"row {line}", column=title, value=cell)
            else:
                counts.append(FileCount(item, code, n))
    for item in dict.fromkeys(items):
        if items.count(item) > 1:
            problems.add(name, "has two columns for one item", "remove one of them", row="row 1", value=item)
    problems.raise_if_any()
    total = sum(count.n for count in counts)
    log.note("content", f"items: {len(items)}; codes: {len(codes)}; references: {total}")
    return CodedFile(
        log,
        codes=tuple(codes.values()),
        cases=tuple(FileCase(item, item) for item in items),
        counts=tuple(counts),
        names_coders=False,
    )


def _is_matrix(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of these rows is the header of a matrix."""
    if not rows or len(rows[0]) < 2:
        return False
    corner, *titles = [cell.strip() for cell in rows[0]]
    return not corner and all(_ITEM.fullmatch(title) for title in titles)


def _named(pattern: re.Pattern[str], cell: str) -> str:
    match = pattern.fullmatch(cell.strip())
    return " ".join(match[1].split()) if match else ""


# --- the text of a code --------------------------------------------------------------------------------------------------


@dataclass
class _Block:
    """What was coded in one item.

    Attributes:
        stated: How many references its heading says there are.
        references: Number, share of the item, and lines of each.
    """

    item: str
    line: int
    stated: int | None
    references: list[tuple[int, str, list[str]]] = field(default_factory=list)


def read_code_text(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read the text that was coded at a code, as plain text or a Word document.

    Where the text does not name its code, the file does. An item is one source.

    Args:
        path: The file.
        name: The file as messages call it.
        conventions: How the file is written, where that has to be said.

    Raises:
        StudyError: It is no such text, or it holds another number of references than it says.
    """
    lines = _lines(path, name, conventions)
    log = ImportLog(name, file_sha256(path), "nvivo-code-text", "NVivo")
    problems = Problems()
    title, blocks = _blocks(lines, name, problems)
    if not blocks:
        problems.add(
            name, "holds no text of a code (no line '<item> - § n references coded [x% Coverage]')", _EXPORT_TEXT
        )
    for block in blocks:
        if block.stated != len(block.references):
            message = f"says {block.stated} references coded, and {len(block.references)} follow"
            problems.add(name, message, _EXPORT_TEXT, row=f"row {block.line}", value=block.item)
    problems.raise_if_any()
    code = title or Path(name).stem
    if not title:
        log.caution("code", f"the text does not name its code; by the file's name it is '{code}'")
    selections = tuple(
        selection for number, block in enumerate(blocks, start=1) for selection in _quoted(number, block)
    )
    sources = dict.fromkeys(block.item for block in blocks)
    repeated = [item for item in sources if sum(block.item == item for block in blocks) > 1]
    if repeated:
        log.caution("repeats", f"items with more than one block: {listed(repeated)}")
    log.note("content", f"items: {len(sources)}; references: {len(selections)}")
    return CodedFile(
        log,
        sources=tuple(FileSource(item, item.replace("\\\\", "\\").rpartition("\\")[2] or item) for item in sources),
        codes=(FileCode(code, tuple(part.strip() for part in code.split("\\") if part.strip()) or (code,)),),
        selections=selections,
        codings=tuple(FileCoding(s.id, s.id, code) for s in selections),
        names_coders=False,
    )


def _lines(path: Path, name: str, conventions: Conventions) -> list[str]:
    with path.open("rb") as stream:
        packed = stream.read(4) == b"PK\x03\x04"
    if not packed:
        return canonical_text(decode(path.read_bytes(), name=name, encoding=conventions.encoding).text).split("\n")
    members = read_package(path, name, (".xml",))
    document = part_of(members, DOCUMENT)
    if not document:
        raise StudyError([Problem(name, "is no Word document", _EXPORT_TEXT)])
    root = parse_xml(members[document], name, "Word document", _EXPORT_TEXT)
    return word_text(root).text.split("\n")


def _blocks(lines: Sequence[str], name: str, problems: Problems) -> tuple[str, list[_Block]]:
    """The code's name, where it stands above the first block, and the blocks."""
    title, blocks = "", []
    for number, line in enumerate(lines, start=1):
        block, named = _BLOCK.fullmatch(line.strip()), _NAME.fullmatch(line.strip())
        if block:
            blocks.append(_Block(block["item"].strip(), number, whole_number(re.sub(r"[.,]", "", block["n"]))))
        elif not blocks:
            title = title or (named["name"].strip() if named else "")
        elif _starts_reference(line, blocks[-1]):
            found = _REFERENCE.fullmatch(line.strip())
            assert found is not None
            blocks[-1].references.append((int(found["n"]), " ".join(found["share"].split()), []))
        elif blocks[-1].references:
            blocks[-1].references[-1][2].append(line)
        elif line.strip():
            problems.add(
                name, "stands between an item and its first reference", _EXPORT_TEXT, row=f"row {number}", value=line
            )
    return title, blocks


def _starts_reference(line: str, block: _Block) -> bool:
    """Whether a line heads the next reference; a quoted text may look like one, but not with the next number."""
    found = _REFERENCE.fullmatch(line.strip())
    return found is not None and int(found["n"]) == len(block.references) + 1


def _quoted(number: int, block: _Block) -> Iterator[FileSelection]:
    for n, share, lines in block.references:
        text = "\n".join(lines).strip("\n")
        yield FileSelection(f"{number}.{n}", block.item, text=text, locator=f"reference {n}, {share}")


# --- recognising ---------------------------------------------------------------------------------------------------------


def _has_matrix(content: Content) -> bool:
    return any(_is_matrix(rows) for rows in content.rows.values())


def _has_code_text(content: Content) -> bool:
    """Whether a block stands near the start of a text; of Word documents only the members are known."""
    if part_of(content.members, DOCUMENT):
        return not part_of(content.members, COMMENTS)
    for encoding in ("utf-8", "utf-16", "windows-1252"):
        text = content.head.decode(encoding, errors="replace")
        if any(_BLOCK.fullmatch(line.strip()) for line in text.splitlines()):
            return True
    return False


FORMATS: tuple[Format, ...] = (
    Format("nvivo-matrix", "a matrix of counts by NVivo", _has_matrix, read_matrix),
    Format("nvivo-code-text", "the text of a code by NVivo", _has_code_text, read_code_text),
)
