"""Which tool a file of coded text comes from: told by its content, never by its name."""

from __future__ import annotations

import zipfile
from pathlib import Path

from plait.errors import Problem, StudyError, did_you_mean, neighbour_of
from plait.qualitative import (
    atlasti,
    coding_table,
    dedoose,
    maxqda,
    nvivo,
    qualcoder,
    qualcoder_report,
    refi_qda,
    refused,
    rock,
    rqda,
    taguette,
    word_comments,
)
from plait.qualitative.coded_file import CodedFile, Content, Conventions, Format
from plait.qualitative.database import is_database, tables_of
from plait.qualitative.import_log import listed
from plait.tabular.folding import fold
from plait.tabular.table import first_rows

_MODULES = (
    refi_qda,
    taguette,
    qualcoder,
    qualcoder_report,
    maxqda,
    atlasti,
    dedoose,
    nvivo,
    rqda,
    rock,
    word_comments,
    coding_table,
    refused,
)
FORMATS: tuple[Format, ...] = tuple(found for module in _MODULES for found in module.FORMATS)
_HEAD = 4096
_ZIP = b"PK\x03\x04"


def read_coded_file(path: Path, name: str, conventions: Conventions, *, reader: str | None = None) -> CodedFile:
    """Read a file of coded text, whatever tool wrote it.

    Args:
        path: The file.
        name: The file as messages call it.
        conventions: What the study says where formats leave it open.
        reader: The format as the definition names it; recognised from the content when left out.

    Raises:
        StudyError: There is no such file, its format is not known or not clear, or its reader refuses it.
    """
    if not path.is_file():
        raise StudyError([Problem(name, "there is no such file", neighbour_of(path))])
    known = {f.name: f for f in FORMATS}
    if reader is not None:
        if reader not in known:
            raise StudyError(
                [Problem(name, "has a reader that is not known", did_you_mean(reader, known), value=reader)]
            )
        return known[reader].read(path, name, conventions)
    content = content_of(path, name, conventions)
    found = [f for f in FORMATS if f.recognises(content)]
    if len(found) == 1:
        return found[0].read(path, name, conventions)
    if found:
        kinds = " or ".join(f.what for f in found)
        mend = "name one of them in the definition: " + ", ".join(f"`reader: {f.name}`" for f in found)
        raise StudyError([Problem(name, f"could be {kinds}", mend)])
    raise StudyError([_unknown(name, content)])


def content_of(path: Path, name: str, conventions: Conventions) -> Content:
    """What is looked at to tell the format of a file."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.strip():
        raise StudyError([Problem(name, "is empty", "export it again")])
    if head.startswith(_ZIP):
        rows = first_rows(path, name)
        # A sheet that is declared decides alone; one that is not there is told of by the reader.
        declared = {sheet: of for sheet, of in rows.items() if fold(sheet) == fold(conventions.sheet or "")}
        return Content(head, _members(path, name), rows=declared or rows)
    if is_database(head):
        return Content(head, tables=tables_of(path, name))
    return Content(head, rows=first_rows(path, name, encoding=conventions.encoding, delimiter=conventions.delimiter))


def _members(path: Path, name: str) -> tuple[str, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        mend = "it may be cut off; export the project again from the tool that made it"
        raise StudyError([Problem(name, f"cannot be read as a zip package ({error})", mend)]) from error


def _unknown(name: str, content: Content) -> Problem:
    mend = refused.export_instead(name) or _EXPORT
    if content.members and not content.rows:
        return Problem(name, "holds no project (.qde) and is no other coded file that can be read", mend)
    header = next((row for rows in content.rows.values() for row in rows if sum(map(bool, row)) > 1), ())
    if header:
        columns = listed([cell for cell in header if cell])
        return Problem(name, f"is a table, but not one of coded segments that is known (its columns: {columns})", mend)
    return Problem(name, "is no file of coded text that can be read", mend)


_EXPORT = "export the project as REFI-QDA (.qdpx), or the coded segments as a table"
