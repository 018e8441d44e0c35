"""Which format a file is in, by its content; the suffix is not believed."""

from __future__ import annotations

import zipfile
from pathlib import Path

from plait.errors import Problem, StudyError
from plait.tabular.failures import told_as_problem

FORMATS = ("csv", "xlsx", "xls", "sav", "dta", "parquet")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_OLD_BIFF = tuple(bytes([9, version, size, 0]) for version in (0, 2, 4, 8) for size in (4, 6, 8, 16))
_FOREIGN = (
    (b"%PDF", "a PDF document", "export the data, not the report"),
    (b"\x1f\x8b", "a compressed file (gzip), such as R's .rds and .RData", "unpack it, or write CSV from R"),
    (b"RDX", "an R workspace", "write CSV or .sav from R"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it and name the file inside"),
    (b"Rar!", "a RAR archive", "unpack it and name the file inside"),
    (b"ARROW1", "a Feather file", "write Parquet or CSV"),
    (b"SQLite format 3", "a database", "export the table as CSV"),
    (
        b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60",
        "a SAS file",
        "export CSV, or .sav from SPSS",
    ),
    (b"{\\rtf", "a word processor's document", "export CSV"),
)
_OLD_STATA = tuple(bytes([version, order, 1, 0]) for version in range(102, 116) for order in (1, 2))
_MARKS = {
    "parquet": (b"PAR1",),
    "sav": (b"$FL2", b"$FL3"),
    "dta": (b"<stata_dta>", *_OLD_STATA),
    "xls": _OLD_BIFF,
}
_HEAD = 4096


def recognise(path: Path, *, name: str, what: str = "survey export") -> str:
    """Tell the format of an export from its first bytes.

    Args:
        path: The file.
        name: The file as messages call it.
        what: What the file should be, in words.

    Returns:
        One of `FORMATS`; text is `csv`, whatever its delimiter, and compressed SPSS files are `sav`.

    Raises:
        StudyError: The file is empty or in a format that holds no table.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.strip():
        raise StudyError([Problem(name, "is empty", "export it again")])
    if head.startswith(_OLE):
        return _recognise_ole(path, name)
    if head.startswith(b"PK\x03\x04"):
        return _recognise_zip(path, name)
    for magic, kind, mend in _FOREIGN:
        if head.startswith(magic):
            raise StudyError([Problem(name, f"is {kind}, not a {what}", mend)])
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        problem = Problem(
            name, "is a web page or XML, whatever its name says", "open it in Excel and save it as CSV UTF-8"
        )
        raise StudyError([problem])
    return next((found for found, marks in _MARKS.items() if head.startswith(marks)), "csv")


def _recognise_ole(path: Path, name: str) -> str:
    data = path.read_bytes()
    if _PROTECTED in data:
        raise StudyError([Problem(name, "is protected by a password", "save it without one, on a secure drive")])
    if any(stream.encode("utf-16-le") in data for stream in ("Workbook", "Book")):
        return "xls"
    raise StudyError([Problem(name, "is an old Office document without a workbook", "export the table as CSV or XLSX")])


def _recognise_zip(path: Path, name: str) -> str:
    with told_as_problem(name, "a zip archive"), zipfile.ZipFile(path) as archive:
        members = {member.casefold() for member in archive.namelist()}
    if "xl/workbook.xml" in members:
        return "xlsx"
    if "xl/workbook.bin" in members:
        raise StudyError([Problem(name, "is a binary workbook (xlsb)", "save it as .xlsx")])
    if "content.xml" in members:
        raise StudyError([Problem(name, "is an OpenDocument file", "save it as .xlsx or CSV UTF-8")])
    if "word/document.xml" in members:
        raise StudyError([Problem(name, "is a Word document", "export the table as CSV or XLSX")])
    raise StudyError([Problem(name, "is a zip archive", "unpack it and name the file inside")])
