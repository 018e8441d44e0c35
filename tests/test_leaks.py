"""The search for words that must not leave finds them wherever they hide: a search that finds nothing must be able to."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
from pathlib import Path

import pikepdf
import pytest
from docx import Document
from matplotlib.figure import Figure
from xlsxwriter import Workbook

from leaks import found_in

WORD = "Zanzibarwhisper"


def plain(path: Path) -> None:
    path.write_text(f"a\n{WORD.upper()}\n", encoding="utf-8")


def escaped(path: Path) -> None:
    path.write_text("<b>Zanzi</b>bar&#119;hisper", encoding="utf-8")


def utf16(path: Path) -> None:
    path.write_text(WORD, encoding="utf-16")


def in_json(path: Path) -> None:
    path.write_text(json.dumps(WORD.replace("w", "\u0077")).replace("w", "\\u0077"), encoding="utf-8")


def in_base64(path: Path) -> None:
    packed = base64.b64encode(f"some words before it and {WORD} after".encode()).decode()
    path.write_text(f"<img src='data:image/svg+xml;base64,{packed}'>", encoding="utf-8")


def in_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as outer:
        inner = path.with_suffix(".inner")
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.txt", WORD)
        outer.write(inner, "inner.zip")


def as_a_file_name(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{WORD}.txt", "nothing")


def in_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(WORD.encode()))


def in_word(path: Path) -> None:
    document = Document()
    document.add_paragraph(WORD)
    document.save(str(path))


def in_workbook(path: Path) -> None:
    with Workbook(path) as book:
        book.add_worksheet().write_string(0, 0, WORD)


def in_picture(path: Path) -> None:
    Figure().savefig(path, format="png", metadata={"Comment": WORD})


def in_a_pdf_stream(path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.attachments["a.txt"] = WORD.encode()
        pdf.save(path, compress_streams=True)


def in_drawn_words(path: Path) -> None:
    figure = Figure()
    figure.text(0.1, 0.5, WORD)
    figure.savefig(path, format="pdf", metadata={"CreationDate": None})


HIDING_PLACES = (
    plain, escaped, utf16, in_json, in_base64, in_archive, as_a_file_name, in_gzip, in_word, in_workbook, in_picture,
    in_a_pdf_stream, in_drawn_words,
)  # fmt: skip


@pytest.mark.parametrize("hide", HIDING_PLACES, ids=lambda hide: hide.__name__)
def test_the_word_is_found(hide: object, tmp_path: Path) -> None:
    path = tmp_path / "file"
    hide(path)  # type: ignore[operator]
    assert found_in([path], [WORD])
    assert not found_in([path], ["Zanzibarshout"])
