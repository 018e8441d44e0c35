"""Pictures taller than a sheet: cut between their rows, and each piece is on paper, in its order and its size."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from plait.report.blocks import FigureBlock, Report, Section
from plait.report.pdf import write_pdf
from plait.report.tall_pictures import PICTURE_HEIGHT, WHOLE, pieces_of
from plait.report.word import write_word
from report.made_report import made_report, png
from report.pdf_checker import broken
from report.pdf_reading import read_pdf


def picture(height: float, lines: Iterable[float]) -> bytes:
    drawn = "".join(f'<text x="10" y="{y}" style="font: 9px \'DejaVu Sans\'">row at {y:g}</text>' for y in lines)
    box = f'width="453.6pt" height="{height}pt" viewBox="0 0 453.6 {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{drawn}</svg>'.encode()


def sections(number: int) -> list[float]:
    """Sections of five rows, 14 points apart, with 24 points between sections."""
    return [20 + 80 * section + 14 * row for section in range(number) for row in range(5)]


def test_a_picture_that_a_sheet_can_show_readably_is_whole() -> None:
    assert pieces_of(picture(640, sections(7))) == WHOLE
    assert pieces_of(picture(PICTURE_HEIGHT / 0.75, sections(9))) == WHOLE


@pytest.mark.parametrize(("number", "pieces"), [(16, 2), (24, 3)])
def test_a_taller_one_is_cut_between_sections_and_nothing_is_lost(number: int, pieces: int) -> None:
    height = 80.0 * number + 20
    found = pieces_of(picture(height, sections(number)))
    assert len(found) == pieces
    assert found[0].top == 0 and sum(piece.height for piece in found) == pytest.approx(1)
    for above, below in pairwise(found):
        assert above.top + above.height == pytest.approx(below.top)
        cut = below.top * height
        between = [(80 * i + 76, 80 * i + 100) for i in range(number)]
        assert any(upper + 3 < cut < lower - 9 for upper, lower in between)
    assert max(piece.height for piece in found) * height < PICTURE_HEIGHT * 1.3


def test_a_picture_that_says_no_size_or_has_no_gap_is_left_whole() -> None:
    assert pieces_of(b"<svg/>") == WHOLE
    assert pieces_of(picture(1400, [float(y) for y in range(5, 1400, 11)])) == WHOLE
    assert pieces_of(picture(1400, [])) == WHOLE


@pytest.fixture(scope="module")
def tall(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    folder = tmp_path_factory.mktemp("tall")
    (folder / "tall.svg").write_bytes(picture(1300, sections(16)))
    (folder / "tall.png").write_bytes(png(126, 361))
    figure = FigureBlock("tall", "Many rows", "Of everyone", "Sixteen groups", "", "tall.svg", 1)
    report = made_report(folder / "others")
    return replace(report, sections=(Section("a", "A", (figure,)),)), folder


def test_the_pdf_has_every_piece_with_a_caption_and_words(tall: tuple[Report, Path]) -> None:
    report, folder = tall
    write_pdf(report, folder / "report.pdf", folder)
    assert broken(folder / "report.pdf") == {}
    root = read_pdf(folder / "report.pdf").root
    assert [figure.alt for figure in root.all("Figure")] == [
        "Sixteen groups Of everyone",
        "The figure before, continued.",
    ]
    captions = [caption.text for caption in root.all("Caption")]
    assert [re.sub(r"\s", "", text) for text in captions] == ["Figure1.Manyrows", "Figure1.Continued."]


def test_the_word_file_shows_one_picture_in_pieces_of_one_width(tall: tuple[Report, Path]) -> None:
    report, folder = tall
    write_word(report, folder / "report.docx", folder)
    with zipfile.ZipFile(folder / "report.docx") as package:
        text = package.read("word/document.xml").decode()
        assert len([name for name in package.namelist() if name.endswith(".png")]) == 1
    cuts = [(int(t), int(b)) for t, b in re.findall(r'<a:srcRect t="(\d+)" b="(\d+)"/>', text)]
    sizes = [(int(x), int(y)) for x, y in re.findall(r'<wp:extent cx="(\d+)" cy="(\d+)"/>', text)]
    assert len(cuts) == len(sizes) == 2
    assert cuts[0][0] == cuts[1][1] == 0 and 100_000 - cuts[0][1] == cuts[1][0]
    assert sizes[0][0] == sizes[1][0]
    assert sizes[0][1] / sizes[1][1] == pytest.approx(cuts[1][0] / (100_000 - cuts[1][0]), rel=1e-3)
    assert len(set(re.findall(r'<wp:docPr id="(\d+)"', text))) == 2
