"""Looking for words in files of any kind: inside archives, PDF streams, pictures, base64, and under any escaping."""

from __future__ import annotations

import base64
import binascii
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

_DATA = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}(?:\s[A-Za-z0-9+/]+={0,2})*")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_DEEPEST = 5


def found_in(files: Iterable[Path], words: Iterable[str]) -> list[str]:
    """Where any of the words stands, however it is packed or escaped; each place is a file and what is inside it."""
    wanted = [word.casefold() for word in words]
    return sorted(
        {
            f"{file.name}{place}: {word}"
            for file in files
            for place, text in readings(file.read_bytes())
            for word in wanted
            if word in text
        }
    )


def readings(content: bytes, place: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every way to read some bytes as text, in lower case, with the way there."""
    for text in _as_text(content):
        yield place, text.casefold()
    if depth < _DEEPEST:
        for name, inner in _inside(content):
            yield from readings(inner, f"{place}/{name}", depth + 1)


def _as_text(content: bytes) -> Iterator[str]:
    text = content.decode("utf-8", errors="replace")
    yield text
    yield re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", text)))
    yield unquote(text)
    if b"\\u" in content or b"\\n" in content:
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    if content.count(b"\0") * 4 > len(content):
        yield content.decode("utf-16", errors="replace")
        yield content.decode("utf-16-be", errors="replace")


def _inside(content: bytes) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                yield entry.filename, entry.filename.encode() + b" " + entry.comment + b" " + archive.read(entry)
        return
    if content.startswith(b"%PDF"):
        yield from _in_pdf(content)
        return
    if content.startswith(b"\x89PNG"):
        yield from _in_png(content)
        return
    if content.startswith(b"\x1f\x8b"):
        yield "gzip", zlib.decompress(content, 31)
        return
    for number, run in enumerate(_DATA.findall(content)):
        try:
            yield f"base64 {number}", base64.b64decode(re.sub(rb"\s", b"", run), validate=True)
        except binascii.Error:
            continue


def _in_pdf(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Streams and attachments as they are, and the words that a reader sees: fonts rename their letters."""
    from pypdf import PdfReader

    for number, stream in enumerate(_STREAM.findall(content)):
        try:
            yield f"stream {number}", zlib.decompressobj().decompress(stream)
        except zlib.error:
            yield f"stream {number}", stream
    reader = PdfReader(io.BytesIO(content))
    yield "properties", json.dumps({k: str(v) for k, v in (reader.metadata or {}).items()}, ensure_ascii=False).encode()
    for number, page in enumerate(reader.pages, start=1):
        yield f"page {number}", page.extract_text().encode("utf-8", "replace")


def _in_png(content: bytes) -> Iterator[tuple[str, bytes]]:
    at = 8
    while at + 8 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        body = content[at + 8 : at + 8 + length]
        if kind in (b"tEXt", b"iTXt", b"zTXt"):
            yield kind.decode(), body
            keyword, _, packed = body.partition(b"\0")
            if kind == b"zTXt":
                yield "zTXt", keyword + b" " + zlib.decompress(packed[1:])
        at += 12 + length
