"""The PDF says what the report says, tagged for screen readers (PDF/UA-1), as text and nothing but text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from plait.disclosure.rules import PROFILES
from plait.report.blocks import (
    Bullets,
    Cell,
    Column,
    FigureBlock,
    Heading,
    Report,
    Row,
    Section,
    TableBlock,
    in_reading_order,
    legible,
)
from plait.report.paper import on_paper
from plait.report.pdf import write_pdf
from report.made_report import HOSTILE, made_report, saying
from report.make_published import empty_published
from report.pdf_reading import Element, ReadPdf, cells_in, read_pdf, squeezed

pytestmark = pytest.mark.rendering

HEADINGS = tuple(f"H{level}" for level in range(1, 7))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pdf")


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return made_report(folder / "figures")


@pytest.fixture(scope="module")
def path(folder: Path, report: Report) -> Path:
    write_pdf(report, folder / "report.pdf", folder / "figures")
    return folder / "report.pdf"


@pytest.fixture(scope="module")
def pdf(path: Path) -> ReadPdf:
    return read_pdf(path)


def texts(root: Element, *tags: str) -> list[str]:
    return [squeezed(element.text) for element in root.all(*tags)]


def in_order_drawn(text: str) -> str:
    """A text as its letters stand on paper from left to right, where some of its words are written the other way."""
    words = (word[::-1] if unicodedata.bidirectional(word[0]) in ("R", "AL") else word for word in text.split())
    return squeezed("".join(words))


def one_section(report: Report, *blocks: TableBlock) -> Report:
    return replace(report, sections=(Section("a", "A", blocks),))


# --- what PDF/UA asks for ----------------------------------------------------------------------------------------------


def test_it_says_that_it_is_tagged_in_which_language_and_how_it_is_called(pdf: ReadPdf, report: Report) -> None:
    root = pdf.file.Root
    assert root.MarkInfo.Marked is True or bool(root.MarkInfo.Marked)
    assert str(root.Lang) == "en-GB"
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    metadata = root.Metadata.read_bytes().decode()
    assert re.search(r"<pdfuaid:part>1</pdfuaid:part>", metadata)
    assert f"{report.title} (simulated data)" in metadata
    assert str(pdf.file.docinfo["/Title"]) == f"{report.title} (simulated data)"
    assert str(pdf.file.docinfo["/Author"]) == report.author


def test_all_text_has_a_tag_or_is_an_artifact(pdf: ReadPdf) -> None:
    assert pdf.untagged == []
    assert len(squeezed(pdf.root.text)) > 10_000


def test_headings_are_the_sections_of_the_report_on_paper(pdf: ReadPdf, report: Report) -> None:
    found = list(pdf.root.all(*HEADINGS))
    levels = [int(heading.tag[1]) for heading in found]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    wanted = [(p.level, squeezed(p.text)) for p in in_reading_order(on_paper(report)) if isinstance(p, Heading)]
    assert [(int(h.tag[1]), squeezed(h.text)) for h in found] == [
        (1, squeezed(report.title)),
        (2, "Contents"),
        *wanted,
    ]


def test_tables_have_a_caption_rows_and_headings(pdf: ReadPdf, report: Report) -> None:
    blocks = [part for part in in_reading_order(on_paper(report)) if isinstance(part, TableBlock)]
    tables = list(pdf.root.all("Table"))
    assert [texts(t, "Caption")[0] for t in tables] == [squeezed(f"Table {b.number}. {b.caption}") for b in blocks]
    for table, block in zip(tables, blocks, strict=True):
        (head,), (body,) = table.all("THead"), table.all("TBody")
        assert not list(head.all("TD"))
        groups = {column.group for column in block.columns if column.group}
        assert len(list(head.all("TR"))) == (2 if groups else 1)
        assert {c.label for c in block.columns} | groups == {
            label for label in {c.label for c in block.columns} | groups if squeezed(label) in texts(head, "TH")
        }
        assert all(cell.attributes["/Scope"] == "/Column" for cell in head.all("TH"))
        for line, row in zip(body.all("TR"), block.rows, strict=True):
            tags = ["TH" if i < block.row_headers else "TD" for i in range(len(row.cells))]
            assert [cell.tag for cell in line.all("TH", "TD")] == tags


def test_figures_are_described_and_have_a_caption(pdf: ReadPdf, report: Report) -> None:
    blocks = [part for part in in_reading_order(on_paper(report)) if isinstance(part, FigureBlock)]
    assert blocks
    wanted = [f"{b.alt} {b.subtitle} {b.footnote}" for b in blocks]
    assert [figure.alt for figure in pdf.root.all("Figure")] == wanted
    captions = [c for c in texts(pdf.root, "Caption") if c.startswith("Figure")]
    assert captions == [squeezed(f"Figure {b.number}. {b.title}") for b in blocks]


def test_lists_are_lists_and_links_lead_somewhere(pdf: ReadPdf, report: Report) -> None:
    said = texts(pdf.root, "LBody")
    for part in in_reading_order(on_paper(report)):
        if isinstance(part, Bullets):
            assert [squeezed(item) for item in part.items if squeezed(item) not in said] == []
    listed = [p.text for p in in_reading_order(on_paper(report)) if isinstance(p, Heading) and p.level < 4]
    entries = texts(pdf.root, "TOCI")
    assert [text for text in listed if not any(squeezed(text) in entry for entry in entries)] == []
    for page in pdf.file.pages:
        for note in page.get("/Annots", []):
            assert note.Subtype == "/Link" and "/URI" not in note.get("/A", {}) and note.get("/Contents")


def test_every_page_says_what_a_reader_must_know_of_the_data(tmp_path: Path) -> None:
    report = made_report(tmp_path / "figures", rules=PROFILES["internal"])
    write_pdf(report, tmp_path / "report.pdf", tmp_path / "figures")
    found = read_pdf(tmp_path / "report.pdf")
    assert squeezed("Simulated data. Not for release.") in squeezed(found.root.text)[:600]
    assert str(found.file.docinfo["/Title"]).endswith("(simulated data, not for release)")
    assert len(found.artifacts) == len(found.file.pages)
    for number, said in enumerate(found.artifacts, start=1):
        assert squeezed(f"Simulated data. Not for release. {report.title}") in said
        assert squeezed(f"Page {number} of {len(found.file.pages)}") in said


def test_the_pictures_of_the_charts_are_drawn_with_their_own_letters(pdf: ReadPdf) -> None:
    fonts = {str(font.BaseFont) for page in pdf.file.pages for font in page.resources.get("/Font", {}).values()}
    assert any("LibertinusSerif" in font for font in fonts) and not any("LastResort" in font for font in fonts)


def test_a_table_too_wide_for_a_sheet_has_one_that_is_turned(report: Report, tmp_path: Path) -> None:
    columns = tuple(Column(f"Consideration {i}") for i in range(10))
    rows = (Row(tuple(Cell("incomprehensibility of arrangements " * 4) for _ in columns)),)
    narrow = TableBlock("Counts", (Column("What"), Column("How many", numeric=True)), (Row((Cell("a"), Cell("1"))),))
    wide = TableBlock("Reasons", columns, rows, number=1)
    inner = Section("b", "Bee", (replace(wide, number=2), narrow))
    sections = (Section("a", "A", (narrow, wide)), Section("c", "Sea", (), (inner,)))
    write_pdf(replace(report, sections=sections), tmp_path / "wide.pdf", tmp_path)
    found = read_pdf(tmp_path / "wide.pdf")
    shapes = [float(p.mediabox[2]) > float(p.mediabox[3]) for p in found.file.pages]
    assert shapes[-4:] == [False, True, True, False]
    assert re.search("Sea.*Bee.*Table 2.", found.pages[-2], re.DOTALL)


def test_the_headings_of_a_long_table_are_on_each_of_its_pages(report: Report, tmp_path: Path) -> None:
    rows = tuple(Row((Cell(f"row {i}"), Cell(str(i)))) for i in range(200))
    table = TableBlock("Long", (Column("Unmistakable"), Column("B", numeric=True)), rows, number=1)
    write_pdf(one_section(report, table), tmp_path / "long.pdf", tmp_path)
    found = read_pdf(tmp_path / "long.pdf")
    assert texts(next(found.root.all("THead")), "TH") == ["Unmistakable", "B"]
    pages = [page for page in found.pages if "row" in page]
    assert len(pages) > 2 and all("Unmistakable" in page for page in pages)


def test_a_word_longer_than_its_column_is_broken_and_kept(report: Report, tmp_path: Path) -> None:
    table = TableBlock("Long", (Column("A"), Column("B")), (Row((Cell("a" * 600), Cell("b" * 90))),), number=1)
    write_pdf(one_section(report, table), tmp_path / "word.pdf", tmp_path)
    found = read_pdf(tmp_path / "word.pdf")
    assert cells_in(next(found.root.all("Table"))) == ["a" * 600, "b" * 90]


def test_a_study_whose_every_number_was_withheld_has_a_pdf(tmp_path: Path) -> None:
    write_pdf(made_report(tmp_path / "f", empty_published()), tmp_path / "report.pdf", tmp_path / "f")
    assert "Methods" in texts(read_pdf(tmp_path / "report.pdf").root, "H2")


# --- nothing but text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_is_text(text: str, report: Report, pdf: ReadPdf, folder: Path) -> None:
    write_pdf(saying(text, report), folder / "hostile.pdf", folder / "figures")
    found, shown = read_pdf(folder / "hostile.pdf"), in_order_drawn(legible(text))
    assert set(texts(found.root, "H1", "H3", "H4")) == {shown}
    assert set(texts(found.root, "TD")) == {shown, shown * 2}
    assert all(quote.startswith(shown) for quote in texts(found.root, "BlockQuote"))
    for tag in (*HEADINGS, "Table", "TD", "TH", "Figure", "BlockQuote", "LI"):
        assert len(texts(found.root, tag)) == len(texts(pdf.root, tag))
    assert not found.file.Root.get("/OpenAction") and not found.file.Root.get("/Names", {}).get("/JavaScript")


# --- the file ----------------------------------------------------------------------------------------------------------


def test_the_same_report_gives_the_same_bytes_and_bears_no_time(path: Path, report: Report, folder: Path) -> None:
    write_pdf(report, folder / "again.pdf", folder / "figures")
    assert (folder / "again.pdf").read_bytes() == path.read_bytes()
    assert not re.search(rb"CreationDate|ModDate|CreateDate", path.read_bytes())


def test_a_missing_picture_leaves_no_pdf_behind(report: Report, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_pdf(report, tmp_path / "report.pdf", tmp_path)
    assert not list(tmp_path.glob("*report*"))
