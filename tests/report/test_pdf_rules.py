"""Every PDF that is written keeps the rules for accessible PDFs (PDF/UA-1), and the checker sees each rule broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from plait.disclosure.rules import PROFILES
from plait.report.blocks import Cell, Column, Paragraph, Row, Section, TableBlock
from plait.report.pdf import write_pdf
from report.made_report import HOSTILE, made_report, saying
from report.make_published import empty_published
from report.pdf_checker import RULES, broken

pytestmark = pytest.mark.rendering


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    write_pdf(made_report(folder / "figures"), folder / "report.pdf", folder / "figures")
    return folder / "report.pdf"


def test_the_report_keeps_the_rules(path: Path) -> None:
    assert broken(path) == {}


def test_a_report_that_must_not_be_released_keeps_the_rules(tmp_path: Path) -> None:
    write_pdf(made_report(tmp_path / "f", rules=PROFILES["internal"]), tmp_path / "report.pdf", tmp_path / "f")
    assert broken(tmp_path / "report.pdf") == {}


def test_a_report_whose_every_number_was_withheld_keeps_the_rules(tmp_path: Path) -> None:
    write_pdf(made_report(tmp_path / "f", empty_published()), tmp_path / "report.pdf", tmp_path / "f")
    assert broken(tmp_path / "report.pdf") == {}


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip()])
def test_a_report_of_hostile_words_keeps_the_rules(text: str, path: Path, tmp_path: Path) -> None:
    write_pdf(saying(text, made_report(path.parent / "figures")), tmp_path / "report.pdf", path.parent / "figures")
    assert broken(tmp_path / "report.pdf") == {}


def test_a_caption_is_in_its_table_wherever_on_a_page_it_is_met(path: Path, tmp_path: Path) -> None:
    """At some breaks of pages the compiler leaves one beside its table."""
    said = "share of the mentors who choose it among what would help " * 3
    rows = tuple(Row((Cell(said), Cell(f"{i}%"), Cell("More time"), Cell("whole"))) for i in range(9))
    columns = tuple(Column(f"Column {name}") for name in "ABCD")
    table = TableBlock("Long", columns, rows, number=1, note="Shorthand and so on. " * 8)
    report = made_report(path.parent / "figures")
    for lines in range(18, 25):
        section = Section("a", "A", (Paragraph("A line."),) * lines + (table,))
        write_pdf(replace(report, sections=(section,)), tmp_path / "report.pdf", tmp_path)
        assert broken(tmp_path / "report.pdf") == {}, lines


# --- each rule broken --------------------------------------------------------------------------------------------------

Break = Callable[[pikepdf.Pdf], object]


def elements(pdf: pikepdf.Pdf, tag: str) -> list[Any]:
    """The elements of a kind, in reading order."""

    def walk(element: Any) -> list[Any]:
        parts = [part for part in element.get("/K", []) if isinstance(part, Dictionary) and "/S" in part]
        return [found for part in parts for found in (part, *walk(part))]

    return [element for element in walk(pdf.Root.StructTreeRoot) if str(element.S) == f"/{tag}"]


def first(tag: str, change: Callable[[Any], object]) -> Break:
    return lambda pdf: change(elements(pdf, tag)[0])


def of_row(change: Callable[[Any], object]) -> Break:
    """Change the first row of the body of the first table."""
    return lambda pdf: change(elements(pdf, "TBody")[0].K[0])


def put(key: str, value: Any) -> Callable[[Any], None]:
    def change(element: Any) -> None:
        element[key] = value

    return change


def without(key: str) -> Callable[[Any], None]:
    def change(element: Any) -> None:
        del element[key]

    return change


def written(text: bytes) -> Break:
    """Write on the first page."""

    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        page.Contents = pdf.make_stream(page.Contents.read_bytes() + text)

    return change


def metadata(old: bytes, new: bytes) -> Break:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Metadata.write(pdf.Root.Metadata.read_bytes().replace(old, new))

    return change


def of_fonts(kind: str, change: Callable[[Any], object]) -> Break:
    def each(pdf: pikepdf.Pdf) -> None:
        for font in [o for o in pdf.objects if isinstance(o, Dictionary) and o.get("/Subtype") == f"/{kind}"]:
            change(font)

    return each


def unembedded(font: Any) -> None:
    for key in set(font.FontDescriptor) & {"/FontFile", "/FontFile2", "/FontFile3"}:
        del font.FontDescriptor[key]


def headless_row(row: Any) -> None:
    """Rows as the compiler leaves them."""
    for cell in row.K:
        cell.S = Name.TD
        cell.A[0].Headers = Array(list(cell.A[0].Headers)[:1])


def moved_up(pdf: pikepdf.Pdf) -> None:
    """The caption of the first table stands before it."""
    table = elements(pdf, "Table")[0]
    caption = table.K[0]
    del table.K[0]
    siblings = table.P.K
    siblings.insert([part.objgen for part in siblings].index(table.objgen), caption)
    caption.P = table.P


def first_bookmark(pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        outline.root[0].title = "Something else"


def exchanged(names: Any) -> None:
    names[0], names[2] = names[2], names[0]


def led_astray(pdf: pikepdf.Pdf) -> None:
    """The first mark of the first page leads to a picture."""
    numbers = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
    numbers[pdf.pages[0].obj.StructParents][0] = elements(pdf, "Figure")[0]


BREAKS: list[tuple[str, Break]] = [
    ("01 content", written(b" BT (free) Tj ET")),
    ("01 content", written(b" 0 0 9 9 re f")),
    ("01 content", written(b" /P <</MCID 0>> BDC /Artifact BMC 0 0 9 9 re f EMC EMC")),
    ("01 content", written(b" /P <</MCID 7777>> BDC 0 0 9 9 re f EMC")),
    ("01 content", first("P", lambda p: p.K.append(p.P.K[3].K[0]))),
    ("02 elements", first("Lbl", put("/K", Array()))),
    ("02 elements", first("P", put("/S", Name.Span))),
    ("02 elements", first("LI", put("/S", Name.P))),
    ("02 elements", first("TR", put("/S", Name.TBody))),
    ("02 elements", first("H2", put("/S", Name.Heading))),
    ("02 elements", first("TD", lambda cell: put("/P", cell.P.P)(cell))),
    ("06 document", lambda pdf: without("/Lang")(pdf.Root)),
    ("06 document", lambda pdf: put("/Suspects", True)(pdf.Root.MarkInfo)),
    ("06 document", lambda pdf: put("/DisplayDocTitle", False)(pdf.Root.ViewerPreferences)),
    ("06 document", lambda pdf: put("/OpenAction", Array())(pdf.Root)),
    ("06 document", metadata(b"pdfuaid:part>1", b"pdfuaid:part>2")),
    ("06 document", metadata(b"dc:title", b"dc:other")),
    ("09 marks", led_astray),
    ("13 pictures", first("Figure", without("/Alt"))),
    ("13 pictures", first("Figure", put("/Alt", String(" ")))),
    ("13 pictures", first("Figure", without("/A"))),
    ("13 pictures", first("Figure", lambda figure: put("/BBox", Array([0, -400, 100, 100]))(figure.A[0]))),
    ("14 headings", first("H1", put("/S", Name.H2))),
    ("14 headings", first("H3", put("/S", Name.H4))),
    ("15 grids", of_row(lambda row: row.K.append(row.K[1]))),
    ("15 grids", of_row(lambda row: put("/ColSpan", 2)(row.K[0].A[0]))),
    ("15 grids", of_row(lambda row: put("/RowSpan", 2)(row.K[0].A[0]))),
    ("15 grids", moved_up),
    ("15 cells", of_row(headless_row)),
    ("15 cells", of_row(lambda row: without("/Scope")(row.K[0].A[0]))),
    ("15 cells", of_row(lambda row: put("/Headers", Array([String("nobody")]))(row.K[-1].A[0]))),
    ("15 cells", of_row(lambda row: row.K[-1].A[0].Headers.pop())),
    ("15 cells", of_row(lambda row: row.K[-1].A[0].Headers.append(row.P.K[1].K[0].ID))),
    ("15 cells", of_row(lambda row: put("/Scope", Name.Column)(row.K[0].A[0]))),
    ("15 cells", first("TH", lambda heading: without("/Scope")(heading.A[0]))),
    ("15 names", first("TH", put("/ID", String("other")))),
    ("15 names", lambda pdf: exchanged(pdf.Root.StructTreeRoot.IDTree.Names)),
    ("16 lists", first("LI", lambda item: item.K.pop())),
    ("28 links", lambda pdf: without("/Contents")(pdf.pages[0].Annots[0])),
    ("28 links", lambda pdf: put("/Dest", String("nowhere"))(pdf.pages[0].Annots[0])),
    ("28 links", lambda pdf: without("/Tabs")(pdf.pages[0])),
    ("28 links", lambda pdf: pdf.pages[0].Annots.pop()),
    ("28 links", first("Link", lambda link: link.K.pop())),
    ("29 bookmarks", first_bookmark),
    ("29 bookmarks", lambda pdf: without("/Outlines")(pdf.Root)),
    ("31 fonts", of_fonts("Type0", without("/ToUnicode"))),
    ("31 fonts", of_fonts("CIDFontType2", unembedded)),
]


def test_each_rule_is_broken_below() -> None:
    assert {rule for rule, _ in BREAKS} == RULES.keys()


@pytest.mark.parametrize(("rule", "change"), BREAKS)
def test_the_checker_sees_a_broken_rule(rule: str, change: Break, path: Path, tmp_path: Path) -> None:
    with pikepdf.open(path) as pdf:
        change(pdf)
        pdf.save(tmp_path / "broken.pdf")
    assert rule in broken(tmp_path / "broken.pdf")
