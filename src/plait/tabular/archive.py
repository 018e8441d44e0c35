"""Zip files looked at before anything opens them: how large they are unpacked, and what their XML declares.

A workbook of 300 kB can unpack to gigabytes, and XML can define entities that multiply or name other files. No
spreadsheet program writes either, so both are refused.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from plait.errors import Problem, StudyError
from plait.tabular.failures import told_as_problem

LARGEST = 2_000_000_000
"""Bytes of all members unpacked."""
SMALL = 50_000_000
"""Below this size the ratio does not matter."""
HIGHEST_RATIO = 200
"""Unpacked to packed; sheets of repeated answers reach about 40."""

_PIECE = 4_000_000
_OVERLAP = 64
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


def check_archive(path: Path, *, name: str) -> None:
    """Refuse a zip file that is too large when unpacked or whose XML declares a document type.

    Sizes are counted while unpacking, not taken from the file's own table, which may lie.

    Raises:
        StudyError: The archive is damaged, too large, or declares entities.
    """
    packed = max(path.stat().st_size, 1)
    unpacked = 0
    with told_as_problem(name, "a zip archive"), zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            xml = member.filename.casefold().endswith((".xml", ".rels", ".vml"))
            tail = b""
            for piece in pieces(archive, member):
                unpacked += len(piece)
                if unpacked > LARGEST or (unpacked > SMALL and unpacked > HIGHEST_RATIO * packed):
                    raise StudyError([_too_large(name, unpacked, packed)])
                if xml and ((not tail and piece.startswith(_WIDE_MARKS)) or _DECLARES.search(tail + piece)):
                    raise StudyError([_declares(name, member.filename)])
                tail = piece[-_OVERLAP:]


def pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of a member, some megabytes at a time."""
    with archive.open(member) as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _too_large(name: str, unpacked: int, packed: int) -> Problem:
    return Problem(
        name,
        f"unpacks to more than {unpacked // 1_000_000:,} MB from {packed / 1e6:.1f} MB: it may be a decompression bomb",
        "open it in the program that made it, delete empty formatted rows, and save it again or export CSV",
    )


def _declares(name: str, member: str) -> Problem:
    return Problem(
        name,
        "holds XML with a document type or entities, or XML that is not UTF-8; no spreadsheet program writes that",
        "do not trust the file; ask for a fresh export",
        value=member,
    )
