"""A zip file from elsewhere, read in memory under limits; nothing is ever written to disk."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from plait.errors import Problems

_EXPORT_AGAIN = "export the project again from the tool that made it"
_DRIVE = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True)
class Limits:
    """How much a package may hold.

    The sizes bind only the members that are read: a project may carry hours of video that nobody opens.
    """

    members: int = 20_000
    member_bytes: int = 200 * 2**20
    total_bytes: int = 2**30
    ratio: int = 200
    ratio_from: int = 2**20
    """Members below this size may shrink as much as they like."""


LIMITS = Limits()


def read_package(path: Path, name: str, endings: Iterable[str], limits: Limits = LIMITS) -> dict[str, bytes]:
    """Read the members of a zip file whose names end on one of `endings` (in any letter case).

    Args:
        path: The zip file.
        name: The file as messages call it.
        endings: Extensions, or whole names without their folder.
        limits: How much it may hold.

    Returns:
        The content of each member that was asked for, by its name with its folder.

    Raises:
        StudyError: It is not a whole zip file, or it holds members that a tool's export has no reason to hold:
            paths that lead outside, links, repeated names, encrypted ones, or more than the limits allow.
    """
    problems = Problems()
    if not path.is_file():
        problems.add(name, "there is no such file", "check the file name in the definition")
        problems.raise_if_any()
    folded = tuple(ending.casefold() for ending in endings)
    contents: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not _is_litter(m.filename)]
            _check_members(members, name, limits, problems)
            wanted = [m for m in members if m.filename.casefold().endswith(folded)]
            _check_sizes(wanted, name, limits, problems)
            problems.raise_if_any()
            contents = {m.filename: archive.read(m) for m in wanted}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        problems.add(name, f"cannot be read as a zip package ({error})", f"it may be cut off; {_EXPORT_AGAIN}")
    problems.raise_if_any()
    return contents


def _is_litter(name: str) -> bool:
    """What macOS adds to every zip it makes."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (".DS_Store",)


def _check_members(members: list[zipfile.ZipInfo], name: str, limits: Limits, problems: Problems) -> None:
    if len(members) > limits.members:
        problems.add(name, f"holds {len(members)} members; at most {limits.members} are read", _EXPORT_AGAIN)
        return
    for member in members:
        # `filename` ends at a NUL; the original name still shows it.
        path = member.orig_filename
        if ".." in path.split("/") or path.startswith("/") or "\\" in path or "\0" in path or _DRIVE.match(path):
            problems.add(name, "holds a path that leads outside the package", _EXPORT_AGAIN, value=path)
        elif stat.S_ISLNK(member.external_attr >> 16):
            problems.add(name, "holds a link instead of a file", _EXPORT_AGAIN, value=path)
        if member.flag_bits & 0x1:
            problems.add(name, "holds an encrypted member", "export the project without a password", value=path)
        if member.file_size >= limits.ratio_from and member.file_size > limits.ratio * max(member.compress_size, 1):
            problems.add(name, f"holds a member packed more than {limits.ratio} to 1", _EXPORT_AGAIN, value=path)
    # Windows and macOS cannot tell names apart by letter case, so neither does a tool's export.
    for path, count in Counter(m.filename.casefold() for m in members).items():
        if count > 1:
            problems.add(name, f"holds {count} members of one name", _EXPORT_AGAIN, value=path)


def _check_sizes(wanted: list[zipfile.ZipInfo], name: str, limits: Limits, problems: Problems) -> None:
    for member in wanted:
        if member.file_size > limits.member_bytes:
            size = f"{member.file_size / 2**20:.0f} MB"
            problems.add(name, f"holds {size} of text in one member", _EXPORT_AGAIN, value=member.filename)
    total = sum(m.file_size for m in wanted)
    if total > limits.total_bytes:
        problems.add(name, f"holds {total / 2**20:.0f} MB of text in all", _EXPORT_AGAIN)
