"""Files of coded text that are not read: recognised, and refused with what to export instead.

The projects of commercial tools are in formats that are not published and change between releases; a reader that
guesses would misquote people. Each of these tools can export what is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from plait.errors import Problem, StudyError
from plait.qualitative.coded_file import CodedFile, Content, Conventions, Format

_MAXQDA_TABLES = frozenset({"texts", "codewords", "codings"})
_SQL_SERVER = b"\x01\x0f"
"""The first page of a primary file of Microsoft SQL Server: header version 1, page type 15."""

_REFI = "export the project as REFI-QDA (.qdpx)"
_MAXQDA = f"{_REFI} in MAXQDA, or its coded segments as XLSX"
_NVIVO = f"{_REFI} in NVivo, or a matrix coding query as XLSX"
_ATLASTI = f"{_REFI} in ATLAS.ti, or its quotation manager as XLSX or CSV"

_BY_SUFFIX = {
    r"\.mx\d*|\.mex\w*": _MAXQDA,
    r"\.nvpx?|\.nvcx?": _NVIVO,
    r"\.atl(?:as)?proj\w*|\.atlcb|\.hpr\w*": _ATLASTI,
    r"\.ddx": "export the excerpts of the Dedoose project as XLSX",
    r"\.doc|\.odt|\.rtf": "save the document as .docx",
}


def export_instead(name: str) -> str:
    """What to export instead of a file that is not known, by its suffix; "" where that says nothing.

    Only for messages: what a file is, is told by its content.
    """
    suffix = Path(name).suffix.casefold()
    return next((mend for pattern, mend in _BY_SUFFIX.items() if re.fullmatch(pattern, suffix)), "")


def _refuse(what: str, mend: str, path: Path, name: str, conventions: Conventions) -> CodedFile:
    raise StudyError([Problem(name, f"is {what}, which is not read", mend)])


def _refused(name: str, what: str, mend: str, recognises: Callable[[Content], bool]) -> Format:
    return Format(name, what, recognises, partial(_refuse, what, mend))


def _is_maxqda(content: Content) -> bool:
    return {table.casefold() for table in content.tables} >= _MAXQDA_TABLES


def _is_nvivo(content: Content) -> bool:
    return content.head.startswith(_SQL_SERVER)


def _is_pdf(content: Content) -> bool:
    return content.head.lstrip().startswith(b"%PDF-")


FORMATS: tuple[Format, ...] = (
    _refused("maxqda-project", "a project of MAXQDA", _MAXQDA, _is_maxqda),
    _refused("nvivo-project", "a project of NVivo for Windows", _NVIVO, _is_nvivo),
    _refused("pdf", "a PDF document", f"code its text in a tool and {_REFI}", _is_pdf),
)
