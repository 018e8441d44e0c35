"""A checker of the rules for accessible spreadsheets (UK Analysis Function), and of four that we add.

Forty rules, X1 to X40. Each function below checks one and says what breaks it; `broken` runs them all. What no program can
check is listed in `FOR_A_READER`; and of some of the rules that are checked a program sees only a part:

- X2, X16, X18: that a name, link or title *describes* what it stands for; seen: that it is there, that a table is called
  like its sheet, and that no link says "click here".
- X6: of the tables; the lines above one run on to the right over empty cells, where they are read in full.
- X10: that widths suit the eye; seen: that no column is too narrow for its longest word or wider than a screen.
- X11, X12, X19: that no mark is used as a note; seen: marks that commonly are.
- X18: that the title carries a heading style, which screen readers of spreadsheets do not use; seen: bold and larger.
- X29: that column A holds what names the row; seen: that it is filled from top to bottom.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

FOR_A_READER = {
    "X33": "spelling and plain words",
    "X34": "the accessibility checker of an office program",
}
"""Rules that need a person, or a program that is not at hand."""
TEXT_SHEETS = ("Cover",)
MARKERS = ("c", "u", "z", "low", "w", "x", "b", "p", "r", "e")
"""Shorthand of the Analysis Function."""
_NOTE_MARKS = "*\u2020\u2021\u00a7\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079"
Finding = Iterator[str]


@dataclass(frozen=True)
class Book:
    """A workbook as a program reads it, and its parts as they lie in the file."""

    path: Path

    @cached_property
    def workbook(self) -> Workbook:
        return openpyxl.load_workbook(self.path)

    @cached_property
    def rich(self) -> str:
        """Where parts of a cell's text may look unlike each other."""
        return self.parts.get("xl/sharedStrings.xml", "") + "".join(self.sheet_parts.values())

    @cached_property
    def parts(self) -> dict[str, str]:
        with zipfile.ZipFile(self.path) as archive:
            return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}

    @cached_property
    def sheet_parts(self) -> dict[str, str]:
        return {n: text for n, text in self.parts.items() if n.startswith("xl/worksheets/sheet")}

    @cached_property
    def pages(self) -> list[Worksheet]:
        return list(self.workbook.worksheets)

    @cached_property
    def tables(self) -> list[tuple[Worksheet, Table, list[list[Cell]]]]:
        return [(p, t, [list(row) for row in p[t.ref]]) for p in self.pages for t in p.tables.values()]

    def cells(self) -> Iterator[tuple[Worksheet, Cell]]:
        for page in self.pages:
            yield from ((page, cell) for row in page.iter_rows() for cell in row if cell.value is not None)

    def texts(self) -> Iterator[tuple[str, str]]:
        yield from ((place(page, cell), cell.value) for page, cell in self.cells() if isinstance(cell.value, str))


RULES: dict[str, Callable[[Book], Finding]] = {}


def rule(check: Callable[[Book], Finding]) -> Callable[[Book], Finding]:
    """Register a check by the number in its name."""
    RULES[f"X{int(check.__name__[1:3])}"] = check
    return check


def broken(path: Path) -> dict[str, list[str]]:
    """The rules that a workbook breaks, each with what breaks it."""
    book = Book(path)
    found = {name: list(check(book)) for name, check in RULES.items()}
    return {name: findings for name, findings in found.items() if findings}


def place(page: Worksheet, cell: Cell) -> str:
    return f"{page.title}!{cell.coordinate}"


def _top(table: Table) -> int:
    return int(re.search(r"\d+", table.ref)[0])  # type: ignore[index]


# --- tables ------------------------------------------------------------------------------------------------------------


@rule
def x01_tables_are_marked_up(book: Book) -> Finding:
    yield from (f"{p.title} has no marked-up table" for p in book.pages if not p.tables and p.title not in TEXT_SHEETS)


@rule
def x02_tables_have_meaningful_names(book: Book) -> Finding:
    names = [(p.title, t.displayName) for p, t, _ in book.tables]
    for title, name in names:
        letters = {w.casefold() for w in re.findall(r"[A-Za-z]{2,}", title)}
        if re.fullmatch(r"(?i)table_?\d*", name) or (letters and not any(w in name.casefold() for w in letters)):
            yield f"{title}: {name}"
    yield from (f"{n} twice" for _, n in names if [m.casefold() for _, m in names].count(n.casefold()) > 1)


@rule
def x03_no_merged_cells(book: Book) -> Finding:
    yield from (f"{p.title}: {p.merged_cells.ranges}" for p in book.pages if p.merged_cells.ranges)


@rule
def x04_no_blank_row_or_column(book: Book) -> Finding:
    for page, table, cells in book.tables:
        rows = [[c.value for c in row] for row in cells]
        if any(not any(map(_filled, row)) for row in (*rows, *zip(*rows[1:], strict=True))):
            yield page.title
        if not all(_filled(page.cell(row, 1).value) for row in range(1, _top(table))):
            yield f"{page.title}: above the table"


@rule
def x05_one_tagged_row_of_unique_headings(book: Book) -> Finding:
    for page, table, cells in book.tables:
        headings = [c.value for c in cells[0]]
        tagged = table.headerRowCount == 1 and [c.name for c in table.tableColumns] == headings
        unique = len({str(h).casefold() for h in headings}) == len(headings)
        if not (tagged and unique and all(isinstance(h, str) and h.strip() and len(h) < 256 for h in headings)):
            yield page.title


@rule
def x06_text_wraps(book: Book) -> Finding:
    for page, _, rows in book.tables:
        for cell in (c for row in rows for c in row):
            if isinstance(cell.value, str) and not cell.alignment.wrap_text and not _is_shorthand(cell.value):
                yield place(page, cell)


@rule
def x07_no_filters_or_frozen_panes(book: Book) -> Finding:
    yield from (p.title for p in book.pages if p.freeze_panes or p.auto_filter.ref or "<pane " in _xml(book, p))
    yield from (p.title for p, table, _ in book.tables if table.autoFilter is not None)


@rule
def x08_no_empty_cell(book: Book) -> Finding:
    yield from (place(p, c) for p, _, rows in book.tables for row in rows for c in row if not _filled(c.value))


@rule
def x09_nothing_is_hidden(book: Book) -> Finding:
    for page in book.pages:
        sizes = [*page.row_dimensions.values(), *page.column_dimensions.values()]
        if page.sheet_state != "visible" or any(d.hidden for d in sizes):
            yield page.title
        if any(d.height == 0 for d in page.row_dimensions.values()) or any(
            d.width == 0 for d in page.column_dimensions.values()
        ):
            yield f"{page.title}: of no size"
    yield from (place(p, c) for p, c in book.cells() if c.number_format == ";;;" or c.protection.hidden)


@rule
def x10_columns_have_sensible_widths(book: Book) -> Finding:
    for page, _, rows in book.tables:
        for cell in rows[0]:
            width = _width(page, cell)
            longest = max(map(len, str(cell.value).split()), default=0)
            if not min(longest, 40) < width <= 80:
                yield f"{place(page, cell)}: {width}"


@rule
def x32_one_table_a_sheet(book: Book) -> Finding:
    yield from (p.title for p in book.pages if len(p.tables) > 1)


@rule
def x30_tables_stand_at_the_left_edge(book: Book) -> Finding:
    yield from (f"{p.title}: {t.ref}" for p, t, _ in book.tables if not re.match(r"A\d", t.ref))


@rule
def x31_nothing_stands_below_or_beside_the_table(book: Book) -> Finding:
    for page, table, rows in book.tables:
        inside = {c.coordinate for row in rows for c in row} | {f"A{row}" for row in range(1, _top(table))}
        outside = [c.coordinate for p, c in book.cells() if p is page and c.coordinate not in inside]
        yield from (f"{page.title}!{where}" for where in outside)


@rule
def x29_column_a_is_used(book: Book) -> Finding:
    for page in book.pages:
        yield from (f"{page.title}!A{r}" for r in range(1, page.max_row + 1) if not _filled(page.cell(r, 1).value))


# --- notes, shorthand, words -------------------------------------------------------------------------------------------


@rule
def x11_no_symbol_or_superscript_stands_for_a_note(book: Book) -> Finding:
    yield from (place(p, c) for p, c in book.cells() if c.font.vertAlign)
    yield from (where for where, text in book.texts() if re.search(rf"[\w)\]][{re.escape(_NOTE_MARKS)}]+$", text))
    yield from ["superscript in a part of a cell"] if "<vertAlign" in book.rich else []


@rule
def x12_notes_are_called_notes(book: Book) -> Finding:
    yield from (f"{where}: {text}" for where, text in book.texts() if re.search(r"\[(n\.? ?)?\d+\]", text))


@rule
def x13_no_marker_shares_a_cell_with_a_number(book: Book) -> Finding:
    shorthand = "|".join(MARKERS)
    shared = re.compile(rf"\s*[-+]?[\d,.]+%?\s*\[({shorthand})\]\s*|\s*\[({shorthand})\]\s*[-+]?[\d,.]+%?\s*")
    yield from (f"{where}: {text}" for where, text in book.texts() if shared.fullmatch(text))


@rule
def x14_notes_stand_in_a_table_on_their_own_sheet(book: Book) -> Finding:
    notes = [rows for p, _, rows in book.tables if p.title == "Notes"]
    if not notes or [c.value for c in notes[0][0]] != ["Topic", "Note"]:
        yield "no table of notes on the sheet Notes"


@rule
def x15_content_is_plain_text(book: Book) -> Finding:
    yield from ["rich text"] if re.search(r"<r[ >]", book.rich) else []
    yield from (where for where, text in book.texts() if re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\ufeff]", text))
    yield from ["an embedded or linked object"] if any("embeddings" in n for n in book.parts) else []


@rule
def x16_links_say_where_they_lead(book: Book) -> Finding:
    for page, cell in book.cells():
        if link := cell.hyperlink:
            text = str(cell.value)
            if link.target or not link.location or re.match(r"(?i)https?:|www\.|click here$|here$|link$", text):
                yield place(page, cell)


@rule
def x19_no_cell_is_a_symbol(book: Book) -> Finding:
    yield from (f"{where}: {text}" for where, text in book.texts() if text.strip() and not re.search(r"\w", text))


@rule
def x38_shorthand_is_explained_above_its_table(book: Book) -> Finding:
    shorthand = re.compile(rf"\[({'|'.join(MARKERS)})\]")
    for page, table, rows in book.tables:
        used = set(shorthand.findall(" ".join(str(c.value) for row in rows for c in row)))
        above = " ".join(str(page.cell(row, 1).value) for row in range(1, _top(table)))
        if page.title != "Notes":
            yield from (f"{page.title}: [{m}]" for m in sorted(used) if not re.search(rf"\[{m}\] \w", above))


# --- looks -------------------------------------------------------------------------------------------------------------


@rule
def x17_text_is_arial_12_or_larger(book: Book) -> Finding:
    yield from (place(p, c) for p, c in book.cells() if c.font.name != "Arial" or (c.font.sz or 0) < 12)


@rule
def x18_every_sheet_has_a_title_in_its_first_cell(book: Book) -> Finding:
    for page in book.pages:
        title, font = page["A1"].value, page["A1"].font
        if not isinstance(title, str) or not title.strip() or not font.b or font.sz <= 12:
            yield page.title


@rule
def x20_no_header_footer_or_text_box(book: Book) -> Finding:
    yield from (n for n, xml in book.sheet_parts.items() if "<headerFooter" in xml)
    yield from (n for n in book.parts if re.search(r"xl/(drawings|comments|threadedComments|ctrlProps|activeX)", n))


@rule
def x21_nothing_is_drawn_to_divide(book: Book) -> Finding:
    sides = ("left", "right", "top", "bottom")
    yield from (place(p, c) for p, c in book.cells() if any(_drawn(c, s) for s in sides))
    yield from (where for where, text in book.texts() if re.search(r"([-_=~\u2014\u2500])\1{4,}", text))


@rule
def x22_no_cell_is_filled(book: Book) -> Finding:
    yield from (place(p, c) for p in book.pages for row in p.iter_rows() for c in row if c.fill.fill_type)
    for page, table, _ in book.tables:
        if table.tableStyleInfo and table.tableStyleInfo.name:
            yield f"{page.title}: {table.tableStyleInfo.name}"


@rule
def x23_nothing_is_said_by_colour_alone(book: Book) -> Finding:
    yield from (p.title for p in book.pages if p.conditional_formatting)
    yield from (place(p, c) for p, c in book.cells() if _colour(c) != "000000" and not c.hyperlink)
    yield from (place(p, c) for p, c in book.cells() if c.hyperlink and not c.font.u)
    yield from (p.title for p in book.pages if p.sheet_properties.tabColor)


@rule
def x24_contrast_is_enough(book: Book) -> Finding:
    yield from (place(p, c) for p, c in book.cells() if 1.05 / (_luminance(_colour(c)) + 0.05) < 4.5)


@rule
def x25_no_images(book: Book) -> Finding:
    yield from (n for n in book.parts if "media/" in n or "charts/" in n)


@rule
def x26_no_macros(book: Book) -> Finding:
    yield from (n for n in book.parts if "vba" in n.casefold() or "macrosheets" in n)
    yield from ["macro-enabled"] if "macroEnabled" in book.parts["[Content_Types].xml"] else []


# --- sheets and document -----------------------------------------------------------------------------------------------


@rule
def x27_sheet_names_are_unique_and_allowed(book: Book) -> Finding:
    names = [n.casefold() for n in book.workbook.sheetnames]
    for name in book.workbook.sheetnames:
        if names.count(name.casefold()) > 1 or len(name) > 31 or re.search(r"[\[\]:*?/\\]|^'|'$|^Sheet ?\d+$", name):
            yield name


@rule
def x28_no_blank_sheet(book: Book) -> Finding:
    yield from (p.title for p in book.pages if p.max_row < 2 or not any(_filled(c.value) for c in p["A"][1:]))


@rule
def x35_the_document_says_title_language_and_author(book: Book) -> Finding:
    about = book.workbook.properties
    yield from (name for name in ("title", "language", "creator") if not getattr(about, name))


@rule
def x36_the_first_cell_of_the_first_sheet_is_where_one_starts(book: Book) -> Finding:
    if book.workbook.active is not book.pages[0]:
        yield f"opens at {book.workbook.active.title}"  # type: ignore[union-attr]
    for page in book.pages:
        view = page.sheet_view
        cells = [s.activeCell for s in view.selection or [] if s.activeCell]
        if any(cell != "A1" for cell in cells) or view.topLeftCell not in (None, "A1"):
            yield page.title
        if view.tabSelected and page is not book.pages[0]:
            yield f"{page.title} is selected"


@rule
def x37_no_formula(book: Book) -> Finding:
    yield from (place(p, c) for p, c in book.cells() if c.data_type == "f")
    yield from (n for n, xml in book.sheet_parts.items() if re.search(r"<f[ >/]", xml))
    yield from (n for n in book.parts if "externalLink" in n or "connections" in n or "calcChain" in n)
    yield from ["a defined name"] if book.workbook.defined_names else []


@rule
def x39_cover_contents_and_notes_come_first(book: Book) -> Finding:
    names = book.workbook.sheetnames
    if names[:3] != ["Cover", "Contents", "Notes"]:
        yield f"{names[:3]}"
        return
    listed = [c.value for c in book.workbook["Contents"]["A"]][-len(names) + 2 :]
    if listed != names[2:]:
        yield "the contents are not the sheets that follow"
    linked = {c.value: c.hyperlink.location for c in book.workbook["Contents"]["A"] if c.hyperlink}
    if linked != {name: f"'{name}'!A1" for name in names[2:]}:
        yield "the contents do not lead to the sheets"


@rule
def x40_the_bytes_hold_no_clock(book: Book) -> Finding:
    with zipfile.ZipFile(book.path) as archive:
        yield from (i.filename for i in archive.infolist() if i.date_time != (1980, 1, 1, 0, 0, 0))
    about = book.workbook.properties
    if about.created != about.modified or about.created.time().isoformat() != "00:00:00":
        yield "created and modified are not one day"


# --- small help --------------------------------------------------------------------------------------------------------


def _filled(value: Any) -> bool:
    return value is not None and bool(str(value).strip())


def _width(page: Worksheet, cell: Cell) -> float:
    """Neighbours of one width are stored as one run of columns."""
    runs = page.column_dimensions.values()
    return next((run.width for run in runs if run.min and run.min <= cell.column <= run.max), 0.0)


def _is_shorthand(text: str) -> bool:
    return text.startswith("[") or bool(re.fullmatch(r"[\d,.]+( to [\d,.]+)?", text))


def _xml(book: Book, page: Worksheet) -> str:
    return list(book.sheet_parts.values())[book.pages.index(page)]


def _drawn(cell: Cell, side: str) -> bool:
    line = getattr(cell.border, side)
    return line is not None and line.style is not None


def _colour(cell: Cell) -> str:
    colour = cell.font.color
    return colour.rgb[-6:] if colour is not None and isinstance(colour.rgb, str) else "000000"


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
