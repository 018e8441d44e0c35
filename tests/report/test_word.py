"""The Word document says what the report says, in a form that Word and a screen reader know."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph as DocxParagraph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.disclosure.rules import PROFILES
from plait.report.blocks import (
    Bullets,
    Cell,
    Column,
    Heading,
    Quotation,
    Quotations,
    Report,
    Row,
    Section,
    TableBlock,
    in_reading_order,
    legible,
)
from plait.report.paper import on_paper
from plait.report.word import write_word
from report.made_report import HOSTILE, made_report, saying
from report.make_published import empty_published
from report.word_reading import paragraphs, word_problems, word_tables

pytestmark = pytest.mark.rendering


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("word")


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return made_report(folder / "figures")


@pytest.fixture(scope="module")
def path(folder: Path, report: Report) -> Path:
    write_word(report, folder / "report.docx", folder / "figures")
    return folder / "report.docx"


def styles(document: DocumentObject) -> list[str | None]:
    """The styles of all paragraphs that say or show something."""
    said = [p for p in document.paragraphs if p.text or list(p._p.iter(qn("w:drawing")))]
    return [p.style.name for p in said if p.style is not None]


def with_sections(report: Report, *sections: Section) -> Report:
    return replace(report, sections=sections)


# --- structure ---------------------------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_it_for_those_who_do_not_see_it(path: Path) -> None:
    assert word_problems(path) == []


def test_the_checker_sees_what_is_wrong(path: Path, tmp_path: Path) -> None:
    document = Document(str(path))
    body = document.element.body
    next(body.iter(qn("w:tblHeader"))).getparent().remove(next(body.iter(qn("w:tblHeader"))))
    next(t for t in body.iter(qn("w:t")) if t.getparent().getparent().getparent().tag == qn("w:tc")).text = ""
    next(p for p in document.paragraphs if p.style.name == "Heading 2").style = document.styles["Heading 4"]
    document.core_properties.title = ""
    document.save(str(tmp_path / "worse.docx"))
    problems = "; ".join(word_problems(tmp_path / "worse.docx"))
    for fault in ("no title", "level 4 follows", "marked as headings", "an empty cell"):
        assert fault in problems


def test_headings_are_the_sections_of_the_report_on_paper(path: Path, report: Report) -> None:
    wanted = [p.text for p in in_reading_order(on_paper(report)) if isinstance(p, Heading)]
    assert paragraphs(path, "Heading 1") == [report.title]
    assert paragraphs(path, *(f"Heading {level}" for level in range(2, 7))) == wanted
    listed = [p.text for p in in_reading_order(on_paper(report)) if isinstance(p, Heading) and p.level < 4]
    assert paragraphs(path, "toc 2", "toc 3") == listed


def test_captions_have_the_numbers_of_the_page(path: Path, report: Report) -> None:
    found = {t.number: t.caption for t in in_reading_order(on_paper(report)) if isinstance(t, TableBlock)}
    assert paragraphs(path, "Table Caption") == [f"Table {n}. {caption}" for n, caption in found.items()]
    assert len(paragraphs(path, "Caption")) == len(Document(str(path)).inline_shapes) > 0


def test_lists_quotations_and_their_sources_have_styles_of_their_own(path: Path, report: Report) -> None:
    parts = list(in_reading_order(on_paper(report)))
    bullets = [item for part in parts if isinstance(part, Bullets) for item in part.items]
    quotations = [q for part in parts if isinstance(part, Quotations) for q in part.quotations]
    assert bullets and quotations
    assert paragraphs(path, "List Bullet") == bullets
    assert paragraphs(path, "Quote") == [q.words for q in quotations]
    assert paragraphs(path, "Attribution") == [q.attribution for q in quotations]


def test_pictures_are_as_wide_as_they_were_drawn_and_described(path: Path) -> None:
    shapes = Document(str(path)).inline_shapes
    assert {round(s.width.inches, 1) for s in shapes} == {4.5}
    described = [s._inline.docPr.get("descr") for s in shapes]
    assert any("alt of bars_uses subtitle of bars_uses footnote of bars_uses" in d for d in described)


def test_every_page_says_what_a_reader_must_know_of_the_data(tmp_path: Path) -> None:
    report = made_report(tmp_path / "figures", rules=PROFILES["internal"])
    write_word(report, tmp_path / "report.docx", tmp_path / "figures")
    document = Document(str(tmp_path / "report.docx"))
    for section in document.sections:
        assert section.header.paragraphs[0].text == f"Simulated data. Not for release. {report.title}"
    assert document.paragraphs[0].text.endswith("Simulated data. Not for release.")
    assert document.core_properties.title == f"{report.title} (simulated data, not for release)"


def test_properties_name_the_report_and_nothing_else(path: Path, report: Report) -> None:
    properties = Document(str(path)).core_properties
    assert (properties.author, properties.subject) == (report.author, report.research_question)
    assert properties.created is None and properties.modified is None and not properties.comments


def test_a_table_too_wide_for_a_sheet_has_one_that_is_turned(report: Report, tmp_path: Path) -> None:
    columns = (Column("Reason"), *(Column(f"Consideration {i}") for i in range(9)))
    rows = (Row(tuple(Cell("incomprehensibility of arrangements " * 4) for _ in columns)),)
    wide = TableBlock("Reasons", columns, rows, number=1)
    narrow = TableBlock("Counts", (Column("What"), Column("How many", numeric=True)), (Row((Cell("a"), Cell("1"))),))
    again = Section("b", "B", (replace(wide, number=2), replace(wide, number=3), replace(narrow, number=4)))
    sections = (Section("a", "A", (narrow, wide)), again)
    write_word(with_sections(report, *sections), tmp_path / "wide.docx", tmp_path)
    document = Document(str(tmp_path / "wide.docx"))
    turned = [s.orientation == WD_ORIENT.LANDSCAPE for s in document.sections]
    assert turned == [False, True, True, True, False]
    sheets = [
        [p.text for p in section.iter_inner_content() if isinstance(p, DocxParagraph)] for section in document.sections
    ]
    assert sheets[2][0] == "B" and sheets[2][1].startswith("Table 2.") and sheets[3][0].startswith("Table 3.")
    assert document.sections[1].page_width == document.sections[0].page_height
    assert all(s.header.paragraphs[0].text.startswith("Simulated data.") for s in document.sections)


def test_groups_of_columns_are_said_in_the_heading_unless_the_caption_says_them(report: Report, tmp_path: Path) -> None:
    one = (Column("Answer"), Column("Primary", True, "Phase"), Column("Secondary", True, "Phase"))
    row = (Row((Cell("Yes"), Cell("1"), Cell("2"))),)
    blocks = (TableBlock("Uses by Phase", one, row, number=1), TableBlock("Uses", one, row, number=2))
    write_word(with_sections(report, Section("a", "A", blocks)), tmp_path / "groups.docx", tmp_path)
    heads = [table[0] for table in word_tables(tmp_path / "groups.docx")]
    assert heads == [["Answer", "Primary", "Secondary"], ["Answer", "Phase: Primary", "Phase: Secondary"]]


def test_words_written_from_right_to_left_are_set_so(report: Report, tmp_path: Path) -> None:
    said = (Quotation("\u0645\u0643\u062a\u0628\u0629 abc", "Pupil"), Quotation("abc \u0645", "Pupil"))
    write_word(
        with_sections(report, Section("a", "A", (Quotations("Calm", said),))), tmp_path / "quotes.docx", tmp_path
    )
    document = Document(str(tmp_path / "quotes.docx"))
    quotes = [p for p in document.paragraphs if p.style is not None and p.style.name == "Quote"]
    assert [bool(list(q._p.iter(qn("w:bidi")))) for q in quotes] == [True, False]


def test_a_study_whose_every_number_was_withheld_has_a_document(tmp_path: Path) -> None:
    write_word(made_report(tmp_path / "f", empty_published()), tmp_path / "report.docx", tmp_path / "f")
    assert word_problems(tmp_path / "report.docx") == []


# --- nothing but text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_is_text(text: str, report: Report, path: Path, folder: Path) -> None:
    write_word(saying(text, report), folder / "hostile.docx", folder / "figures")
    assert word_problems(folder / "hostile.docx") == []
    plain, shown = Document(str(path)), Document(str(folder / "hostile.docx"))
    assert styles(shown) == styles(plain)
    for style in ("Heading 1", "Heading 3", "Quote", "Attribution", "List Bullet", "Definition"):
        assert set(paragraphs(folder / "hostile.docx", style)) == {legible(text)}
    cells = {cell for table in word_tables(folder / "hostile.docx") for row in table[1:] for cell in row}
    assert cells == {legible(text), f"{legible(text)}\n{legible(text)}"}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=60).map(legible).filter(lambda t: t.strip() and "\r" not in t))
def test_any_text_comes_back_from_a_cell(text: str, report: Report, tmp_path: Path) -> None:
    table = TableBlock("A table", (Column("A"), Column("B")), (Row((Cell(text), Cell("1", text))),), number=1)
    write_word(with_sections(report, Section("a", "A", (table,))), tmp_path / "any.docx", tmp_path)
    assert word_tables(tmp_path / "any.docx")[0][1] == [text, f"1\n{text}"]


# --- the file ----------------------------------------------------------------------------------------------------------


def test_the_package_bears_no_time(path: Path, report: Report, folder: Path) -> None:
    with zipfile.ZipFile(path) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    write_word(report, folder / "again.docx", folder / "figures")
    assert (folder / "again.docx").read_bytes() == path.read_bytes()


def test_a_missing_picture_leaves_no_document_behind(report: Report, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_word(report, tmp_path / "report.docx", tmp_path)
    assert not list(tmp_path.glob("*report*"))
