"""Writing files whose bytes depend on nothing but their content."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_MIDNIGHT = (2024, 7, 1, 0, 0, 0)


def write_table(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    byte_order_mark: bool = False,
    line_end: str = "\n",
) -> Path:
    """Write a delimited file in UTF-8, quoted only where needed."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=line_end)
    writer.writerow(header)
    writer.writerows(rows)
    return write_bytes(path, (b"\xef\xbb\xbf" if byte_order_mark else b"") + out.getvalue().encode())


def write_archive(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write a zip file: members in the given order, fixed dates, stored (compressed bytes differ between builds)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _MIDNIGHT)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return write_bytes(path, out.getvalue())


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
