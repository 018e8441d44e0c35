"""Every workbook that is written keeps the rules for accessible spreadsheets, and the checker sees each rule broken."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image as Picture

from plait.disclosure.rules import PROFILES
from plait.report.published import Published
from plait.report.spreadsheet import write_spreadsheet
from plait.study.definition import Definition
from report.make_published import empty_published, make_definition, make_published
from report.spreadsheet_checker import FOR_A_READER, RULES, broken
from report.test_html import HOSTILE, hostile

pytestmark = pytest.mark.rendering

SURVEY = ("survey_", "sample_", "weight", "row_", "cleaning_", "reconciliation")


def one_strand(strand: str) -> tuple[Published, Definition]:
    """The study with one of its strands."""
    made, empty = make_published(), empty_published()
    ours = {f.name for f in fields(Published) if f.name.startswith(SURVEY) == (strand == "survey")}
    other = "coded_text" if strand == "survey" else "survey"
    tables = {name: getattr(made if name in ours else empty, name) for name in (f.name for f in fields(Published))}
    tables["joint_display"] = empty.joint_display
    return Published(**tables), make_definition().model_copy(update={other: None, "linking": None})


def test_the_forty_rules_are_checked_or_left_to_a_reader() -> None:
    assert sorted({*RULES, *FOR_A_READER}) == sorted(f"X{i}" for i in range(1, 41))


@pytest.mark.parametrize("profile", [None, "public", "internal"])
def test_the_workbook_keeps_the_rules(profile: str | None, tmp_path: Path) -> None:
    write_spreadsheet(make_published(), make_definition(), tmp_path / "a.xlsx", PROFILES[profile] if profile else None)
    assert broken(tmp_path / "a.xlsx") == {}


@pytest.mark.parametrize("strand", ["survey", "coded_text"])
def test_a_workbook_of_one_strand_keeps_the_rules(strand: str, tmp_path: Path) -> None:
    write_spreadsheet(*one_strand(strand), tmp_path / "a.xlsx")
    assert len(openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames) > 10
    assert broken(tmp_path / "a.xlsx") == {}


def test_a_workbook_of_withheld_numbers_keeps_the_rules(tmp_path: Path) -> None:
    write_spreadsheet(empty_published(), make_definition(), tmp_path / "a.xlsx")
    assert broken(tmp_path / "a.xlsx") == {}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_workbook_of_hostile_words_keeps_the_rules(text: str, tmp_path: Path) -> None:
    write_spreadsheet(*hostile(text), tmp_path / "a.xlsx")
    assert broken(tmp_path / "a.xlsx") == {}


# --- each rule broken --------------------------------------------------------------------------------------------------

PROFILE = "Profile"
Break = Callable[[Workbook], object]


def in_cell(value: object, sheet: str = PROFILE, where: str = "A5", **style: object) -> Break:
    """Put something into a cell of a table."""

    def change(book: Workbook) -> None:
        cell = book[sheet][where]
        cell.value = cell.value if value is None else value
        for name, how in style.items():
            setattr(cell, name, how)

    return change


def on_page(change: Callable[[Worksheet], object], sheet: str = PROFILE) -> Break:
    return lambda book: change(book[sheet])


def second_table(page: Worksheet) -> None:
    for row in (1, 2):
        page.cell(row, 20).value = f"more {row}"
    page.add_table(Table(displayName="table_Profile_more", ref="T1:T2"))


def moved_right(page: Worksheet) -> None:
    table = next(iter(page.tables.values()))
    top = int("".join(filter(str.isdigit, table.ref.split(":")[0])))
    table.ref = table.ref.replace(f"A{top}", f"B{top}")
    del table.tableColumns[0]


def renamed_table(page: Worksheet) -> None:
    table = next(iter(page.tables.values()))
    table.name = table.displayName = "Table1"


def unmarked(page: Worksheet) -> None:
    page.tables.clear()


def picture(page: Worksheet) -> None:
    drawn = io.BytesIO()
    Picture.new("RGB", (2, 2)).save(drawn, "PNG")
    page.add_image(Image(drawn), "C3")


def filtered(page: Worksheet) -> None:
    page.auto_filter.ref = "A4:B9"


def linked(page: Worksheet) -> None:
    page["A5"].hyperlink = Hyperlink(ref="A5", target="https://example.org/", display="here")
    page["A5"].font = Font(name="Arial", sz=12, u="single")


def coloured(page: Worksheet) -> None:
    page.conditional_formatting.add("C5:C9", CellIsRule("greaterThan", ["50"], fill=PatternFill("solid", "FF0000")))


def footed(page: Worksheet) -> None:
    page.oddFooter.center.text = "draft"


def lowered(page: Worksheet) -> None:
    page.sheet_view.selection[0].activeCell = "C7"


def widened(page: Worksheet) -> None:
    page.column_dimensions["A"].width = 3


def untitled(book: Workbook) -> None:
    book.properties.title = ""


def unspoken(book: Workbook) -> None:
    book.properties.language = None


def opened_at_the_end(book: Workbook) -> None:
    book.active = len(book.sheetnames) - 1


def hidden(book: Workbook) -> None:
    book[PROFILE].sheet_state = "hidden"


def hidden_row(book: Workbook) -> None:
    book[PROFILE].row_dimensions[6].hidden = True


def named_badly(book: Workbook) -> None:
    book[PROFILE].title = "Sheet1"


def blank_sheet(book: Workbook) -> None:
    book.create_sheet("Left over")


def notes_moved(book: Workbook) -> None:
    book.move_sheet("Notes", 3)


def contents_outdated(book: Workbook) -> None:
    book["Contents"]["A4"].value = "Another sheet"


THIN = Side("thin")
BROKEN: list[tuple[str, Break]] = [
    ("X1", on_page(unmarked)),
    ("X2", on_page(renamed_table)),
    ("X3", on_page(lambda page: page.merge_cells("C5:D5"))),
    ("X4", lambda book: [in_cell("", where=f"{c}6")(book) for c in "ABCDEFGHI"]),
    ("X4", in_cell("", where="A2")),
    ("X5", in_cell("Group", where="A4")),
    ("X6", in_cell(None, alignment=Alignment(wrap_text=False))),
    ("X7", on_page(lambda page: setattr(page, "freeze_panes", "A5"))),
    ("X7", on_page(filtered)),
    ("X8", in_cell(" ", where="B6")),
    ("X9", hidden),
    ("X9", hidden_row),
    ("X9", in_cell(None, number_format=";;;")),
    ("X10", on_page(widened)),
    ("X11", in_cell("Primary\u2020")),
    ("X11", in_cell(None, font=Font(name="Arial", sz=12, vertAlign="superscript"))),
    ("X12", in_cell("Primary [1]")),
    ("X13", in_cell("34 [u]", where="C6")),
    ("X14", on_page(unmarked, "Notes")),
    ("X15", in_cell(CellRichText("Prim", TextBlock(InlineFont(b=True), "ary")))),
    ("X15", in_cell("nam\u202ee")),
    ("X16", on_page(linked)),
    ("X17", in_cell(None, font=Font(name="Arial", sz=9))),
    ("X17", in_cell(None, font=Font(name="Times New Roman", sz=12))),
    ("X18", in_cell(None, where="A1", font=Font(name="Arial", sz=12))),
    ("X18", in_cell("", where="A1")),
    ("X19", in_cell("\u2013", where="B6")),
    ("X20", on_page(footed)),
    ("X20", on_page(lambda page: setattr(page["A5"], "comment", Comment("look", "me")))),
    ("X21", in_cell(None, border=Border(bottom=THIN))),
    ("X21", in_cell("----------")),
    ("X22", in_cell(None, fill=PatternFill("solid", "FFFF00"))),
    ("X23", on_page(coloured)),
    ("X23", in_cell(None, font=Font(name="Arial", sz=12, color="AA0000"))),
    ("X24", in_cell(None, font=Font(name="Arial", sz=12, color="BBBBBB"))),
    ("X25", on_page(picture)),
    ("X27", named_badly),
    ("X28", blank_sheet),
    ("X29", in_cell("", where="A6")),
    ("X30", on_page(moved_right)),
    ("X31", in_cell("Total", where="A60")),
    ("X31", in_cell("aside", where="Z5")),
    ("X32", on_page(second_table)),
    ("X35", untitled),
    ("X35", unspoken),
    ("X36", opened_at_the_end),
    ("X36", on_page(lowered)),
    ("X37", in_cell("=1+1", where="C6")),
    ("X38", in_cell("Source: somebody.", where="A2")),
    ("X39", notes_moved),
    ("X39", contents_outdated),
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kept") / "a.xlsx"
    published = replace(empty_published(), sample_profile=make_published().sample_profile)
    write_spreadsheet(published, make_definition(), path)
    return path


@pytest.mark.parametrize(("rule", "change"), BROKEN, ids=[f"{r}-{i}" for i, (r, _) in enumerate(BROKEN)])
def test_a_broken_rule_is_seen(kept: Path, rule: str, change: Break, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(kept)
    change(book)
    book.save(tmp_path / "broken.xlsx")
    assert rule in broken(tmp_path / "broken.xlsx")


def test_what_another_program_saves_breaks_nothing_but_the_clock(kept: Path, tmp_path: Path) -> None:
    """So that above each rule is broken by what was changed and not by the saving."""
    openpyxl.load_workbook(kept).save(tmp_path / "again.xlsx")
    assert set(broken(tmp_path / "again.xlsx")) == {"X40"}


def test_macros_are_seen(kept: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry))
        new.writestr("xl/vbaProject.bin", b"")
    assert set(broken(tmp_path / "a.xlsx")) >= {"X26"}


def test_every_rule_has_been_broken() -> None:
    assert {rule for rule, _ in BROKEN} | {"X26", "X40"} == set(RULES)


def test_the_document_says_its_language_and_is_the_same_when_written_again(kept: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(kept)
    assert book.properties.language == "en-GB"
    for name in ("once", "again"):
        write_spreadsheet(make_published(), make_definition(), tmp_path / name)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "once").read_bytes()
