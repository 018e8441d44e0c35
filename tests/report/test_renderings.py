"""One number, every rendering: the page, the Word document and the PDF say the same, table by table and cell by cell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from plait.report.blocks import (
    Block,
    Bullets,
    Cell,
    Column,
    Facts,
    FigureBlock,
    Fold,
    Heading,
    KeyFigures,
    Note,
    Paragraph,
    Quotations,
    Report,
    Row,
    Section,
    TableBlock,
    Wording,
    in_reading_order,
)
from plait.report.fitting import fitted
from plait.report.html import write_html
from plait.report.paper import on_paper, repeats_its_heading
from plait.report.pdf import write_pdf
from plait.report.spreadsheet import write_spreadsheet
from plait.report.word import write_word
from report.made_report import made_report
from report.make_published import make_definition, make_published
from report.pdf_reading import cells_in, read_pdf, squeezed
from report.word_reading import word_tables

pytestmark = pytest.mark.rendering


@dataclass(frozen=True)
class Rendered:
    """A report and the texts of the cells of its tables in each rendering, without spaces, by the tables' numbers."""

    report: Report
    folder: Path
    html: dict[int, list[str]]
    word: dict[int, list[str]]
    pdf: dict[int, list[str]]


def tables_of(report: Report) -> dict[int, TableBlock]:
    return {t.number: t for part in in_reading_order(report) for t in inside(part)}


def inside(part: object) -> Iterator[TableBlock]:
    if isinstance(part, TableBlock):
        yield part
    elif isinstance(part, Fold):
        for block in part.blocks:
            yield from inside(block)


def said(cell: Cell) -> str:
    return squeezed(cell.text + cell.under)


def read_html(path: Path) -> dict[int, list[str]]:
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    tables = soup.find_all("table")
    return {
        int(re.findall(r"\d+", table.caption.get_text())[0]): [  # type: ignore[union-attr]
            squeezed(cell.get_text()) for cell in table.select("tbody th, tbody td")
        ]
        for table in tables
    }


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    folder = tmp_path_factory.mktemp("renderings")
    report = made_report(folder / "figures")
    write_html(report, folder / "report.html", folder / "figures")
    write_word(report, folder / "report.docx", folder / "figures")
    write_pdf(report, folder / "report.pdf", folder / "figures")
    return Rendered(
        report,
        folder,
        read_html(folder / "report.html"),
        read_word(folder / "report.docx"),
        read_pdf_tables(folder / "report.pdf"),
    )


def read_word(path: Path) -> dict[int, list[str]]:
    from docx import Document

    captions = [
        p.text for p in Document(str(path)).paragraphs if p.style is not None and p.style.name == "Table Caption"
    ]
    found = zip(captions, word_tables(path), strict=True)
    return {number_in(c): [squeezed(cell) for row in table[1:] for cell in row] for c, table in found}


def read_pdf_tables(path: Path) -> dict[int, list[str]]:
    root = read_pdf(path).root
    captions = [caption.text for caption in root.all("Caption") if caption.text.startswith("Table")]
    return {number_in(caption): cells_in(table) for caption, table in zip(captions, root.all("Table"), strict=True)}


def number_in(caption: str) -> int:
    return int(re.findall(r"\d+", caption)[0])


# --- the same in all ---------------------------------------------------------------------------------------------------


def test_every_cell_of_every_table_is_in_every_rendering_in_the_same_order(rendered: Rendered) -> None:
    tables, printed = tables_of(rendered.report), tables_of(on_paper(rendered.report))
    assert len(printed) > 10
    assert sorted(rendered.html) == sorted(tables)
    assert sorted(rendered.word) == sorted(rendered.pdf) == sorted(printed)
    for number, table in tables.items():
        wanted = [said(cell) for row in table.rows for cell in row.cells]
        if number in printed:
            assert rendered.word[number] == wanted
            assert rendered.pdf[number] == wanted
        once = [
            said(cell)
            for i, row in enumerate(table.rows)
            for cell, again in zip(row.cells, repeats_its_heading(table, i), strict=True)
            if not again
        ]
        assert rendered.html[number] == once


def test_every_text_is_in_every_rendering(rendered: Rendered) -> None:
    soup = BeautifulSoup((rendered.folder / "report.html").read_text(encoding="utf-8"), "html.parser")
    from docx import Document

    whole = {
        "page": squeezed(soup.get_text()),
        "word": squeezed("".join(p.text for p in Document(str(rendered.folder / "report.docx")).paragraphs)),
        "pdf": squeezed(read_pdf(rendered.folder / "report.pdf").root.text),
    }
    left = {squeezed(tables_of(rendered.report)[number].note) for number in left_to_the_spreadsheet(rendered.report)}
    texts = [squeezed(text) for text in running_text(rendered.report)]
    assert len(texts) > 50
    missing = [(kind, text) for kind, found in whole.items() for text in texts if text not in found]
    assert [(kind, text) for kind, text in missing if kind == "page" or text not in left] == []


def running_text(report: Report) -> Iterator[str]:
    yield from (report.title, report.research_question, report.kind, report.author)
    for part in in_reading_order(report):
        match part:
            case Heading() | Paragraph() | Wording() | Note():
                yield part.text
            case Bullets():
                yield from part.items
            case Facts():
                yield from (text for item in part.items for text in item)
            case KeyFigures():
                yield from (text for f in part.figures for text in (f.value, f.label, f.detail))
            case Quotations():
                yield from (part.theme, *(text for q in part.quotations for text in (q.words, q.attribution)))
            case Fold():
                yield from (t.note for t in inside(part))
            case TableBlock():
                yield from (f"Table {part.number}. {part.caption}", part.note)


# --- paper -------------------------------------------------------------------------------------------------------------


def left_to_the_spreadsheet(report: Report) -> dict[int, str]:
    """The sheets to which paper leaves tables, by the numbers of the tables."""
    return dict(left for part in in_reading_order(report) for left in left_of(part, ""))


def left_of(part: object, sheet: str) -> Iterator[tuple[int, str]]:
    if isinstance(part, TableBlock) and sheet:
        yield part.number, sheet
    elif isinstance(part, Fold):
        for block in part.blocks:
            yield from left_of(block, sheet or part.sheet)


def test_paper_has_every_block_of_the_page_once_and_no_folds_but_what_a_sheet_has(rendered: Rendered) -> None:
    paper, left = on_paper(rendered.report), left_to_the_spreadsheet(rendered.report)
    assert left and not [part for part in in_reading_order(paper) if isinstance(part, Fold)]
    assert sorted([*tables_of(paper), *left]) == sorted(tables_of(rendered.report))
    anchors = [part.anchor for part in in_reading_order(paper) if isinstance(part, Heading)]
    assert len(anchors) == len(set(anchors))


def test_the_tables_by_what_a_question_is_compared_by_stay_in_its_section(rendered: Rendered) -> None:
    def questions(report: Report) -> dict[str, Section]:
        findings = next(s for s in report.sections if s.anchor == "survey-findings")
        return {s.anchor: s for s in findings.sections}

    paper, page = questions(on_paper(rendered.report)), questions(rendered.report)
    splits = {a: [b for b in s.blocks if isinstance(b, Fold) and b.choice] for a, s in page.items()}
    assert max(map(len, splits.values())) > 1
    for place, folds in splits.items():
        there = {t.number for block in paper[place].blocks for t in inside(block)}
        shown = [{t.number for t in inside(fold)} <= there for fold in folds]
        assert shown == [i == 0 for i in range(len(folds))]


def test_what_is_left_to_the_spreadsheet_is_named_with_a_sheet_that_there_is(
    rendered: Rendered, tmp_path: Path
) -> None:
    from openpyxl import load_workbook

    write_spreadsheet(make_published(), make_definition(), tmp_path / "tables.xlsx")
    sheets = load_workbook(tmp_path / "tables.xlsx", read_only=True).sheetnames
    left = left_to_the_spreadsheet(rendered.report)
    assert set(left.values()) <= set(sheets)
    lines = [
        part.text
        for part in in_reading_order(on_paper(rendered.report))
        if isinstance(part, Paragraph) and part.text.startswith("Left to the spreadsheet: ")
    ]
    named: dict[int, str] = {}
    for first, last, sheet in re.findall(
        r"Tables? (\d+)(?: to (\d+))?, sheet \u2018([^\u2019]+)\u2019", " ".join(lines)
    ):
        named |= dict.fromkeys(range(int(first), int(last or first) + 1), sheet)
    assert named == left


def test_what_is_moved_to_the_end_is_said_where_it_was(rendered: Rendered) -> None:
    paper = on_paper(rendered.report)
    further = paper.sections[-1]
    assert further.title == "Further tables"
    moved = {t.number for part in in_reading_order(replace(paper, sections=(further,))) for t in inside(part)}
    lines = [
        part.text
        for part in in_reading_order(paper)
        if isinstance(part, Paragraph) and part.text.startswith("Among the further tables")
    ]
    named: set[int] = set()
    for found in re.findall(r"Tables? (\d+)(?: to (\d+))?", " ".join(lines)):
        named |= set(range(int(found[0]), int(found[1] or found[0]) + 1))
    assert moved and moved == named


def test_folds_in_folds_are_laid_open_in_their_order(rendered: Rendered) -> None:
    one, two, three = (TableBlock(str(n), (Column("A"),), (), number=n) for n in (1, 2, 3))
    figure = next(part for part in in_reading_order(rendered.report) if isinstance(part, FigureBlock))
    mixed = Fold("Mixed", (one, Fold("Inner", (two,)), three))

    def parts(*blocks: Block) -> list[object]:
        paper = on_paper(replace(rendered.report, sections=(Section("a", "A", blocks),)))
        return [part.text if isinstance(part, Heading | Paragraph) else part for part in in_reading_order(paper)]

    assert parts(figure, mixed) == ["A", figure, one, "Inner", two, three]
    line = "Among the further tables at the end: Mixed (Tables 1 to 3)."
    assert parts(mixed)[:2] == ["A", line]
    assert parts(mixed)[-5:] == ["Mixed", one, "Inner", two, three]
    assert parts(Fold("Outer", (one, Fold("Inner", (two, three)))))[-5:] == ["Outer", one, "Inner", two, three]
    assert parts(Fold("Open", (one,), open=True), two) == ["A", one, two]
    left = "Left to the spreadsheet: by B (Table 2, sheet \u2018S\u2019)."
    other = Fold("Table by B", (two,), choice="B", sheet="S")
    assert parts(Fold("Table by A", (one,), choice="A", open=True), other) == ["A", one, left]
    assert parts(Fold("Outer", (one, other)))[-3:] == ["Outer", one, left]


def test_a_table_is_set_smaller_before_its_sheet_is_turned() -> None:
    def table(columns: int, word: str) -> TableBlock:
        return TableBlock("T", tuple(Column("A") for _ in range(columns)), (Row((Cell(word),) * columns),))

    def fit(columns: int, word: str) -> tuple[float, bool]:
        found = fitted(table(columns, word), ("A",) * columns, 480.0, 720.0, 0.5)
        assert sum(found.widths) <= (720.01 if found.turned else 480.01)
        return found.size, found.turned

    assert fit(4, "word") == (9.0, False)
    assert fit(7, "fourteenletter") == (8.0, False)  # 7 x (14 x 4 + 12) = 476; a half point more would make it 501
    assert fit(9, "fourteenletter") == (9.0, True)
    assert fit(40, "fourteenletter") == (7.5, True)
    assert fit(2, "many words " * 400) == (7.5, True)


# --- the same bytes ----------------------------------------------------------------------------------------------------

SCRIPT = """
import sys
from pathlib import Path
from plait.report.pdf import write_pdf
from plait.report.word import write_word
from report.made_report import made_report
figures, folder = map(Path, sys.argv[1:])
report = made_report(figures)
write_word(report, folder / "report.docx", figures)
write_pdf(report, folder / "report.pdf", figures)
"""


@pytest.mark.slow
def test_the_same_bytes_elsewhere_whatever_the_hash_seed_time_zone_and_locale(tmp_path: Path) -> None:
    here = [str(Path(__file__).resolve().parents[2] / folder) for folder in ("src", "tests")]
    made = []
    for i, surroundings in enumerate(
        ({"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "LC_ALL": "C", "TZ": "America/Caracas"})
    ):
        place = tmp_path / f"place {i}, d\u2019\u00e9t\u00e9"
        place.mkdir()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(here), **surroundings}
        command = [sys.executable, "-c", SCRIPT, str(place / "figures"), str(place)]
        subprocess.run(command, env=environment, check=True, cwd=place)
        made.append([(place / f"report.{ending}").read_bytes() for ending in ("docx", "pdf")])
    assert made[0] == made[1]
    assert not any(str(tmp_path).encode() in content for content in made[0])
