"""Writing sheets of one table each as an .xlsx file, the same bytes every time."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from itertools import chain
from math import ceil
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

from plait.errors import Problems
from plait.report.blocks import legible
from plait.report.printing import LANGUAGE
from plait.tables import whole_file

if TYPE_CHECKING:  # the writer is imported where it writes
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

Value = str | int | float
"""What a cell may hold; never nothing."""

_LONGEST_NAME, _LONGEST_HEADING, _LONGEST_TEXT = 31, 255, 32_767
_PROPERTIES, _END_OF_PROPERTIES = "docProps/core.xml", b"</cp:coreProperties>"
_LANGUAGE = f"<dc:language>{LANGUAGE}</dc:language>".encode()
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_NARROWEST, _WIDEST, _COVER = 9, 52, 100
"""Column widths, in characters."""
_READABLE = 270
"""Characters across a printed page: more would be smaller than six points."""
_LETTERS = 1.05
"""How many letters of a text fit into a character of width, at least."""
_LINE, _TALLEST = 16, 409
"""Heights of a line and of the tallest row, in points."""
_TINY = 0.001
"""Positive numbers below it, p values as a rule, look as they do in the report."""
_A4 = 9
"""The writer's number for it."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its title in A1, lines below it, then one table.

    Attributes:
        name: What the tab says; made safe and unique by `with_safe_names`.
        title: What the sheet holds.
        lines: What must be known before reading the table.
        columns: Headings; none where the sheet is only text.
        rows: The table.
        links: Whether the first column names other sheets and links to them.
    """

    name: str
    title: str
    lines: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    links: bool = False


def with_safe_names(sheets: Iterable[Sheet]) -> list[Sheet]:
    """Give every sheet a name that a spreadsheet allows and that no other has, whatever it was to be called."""
    taken: set[str] = {"history"}  # the program keeps this name to itself
    named = []
    for sheet in sheets:
        wanted = " ".join(re.sub(r"[\[\]:*?/\\']", " ", legible(sheet.name)).split())
        name = _unique(wanted or "Table", taken, _LONGEST_NAME)
        named.append(replace(sheet, name=name))
    return named


def write_workbook(sheets: list[Sheet], path: Path, *, title: str, author: str, created: datetime.date) -> None:
    """Write sheets as a workbook.

    Args:
        sheets: With safe names.
        path: The file.
        title: Of the document.
        author: Of the document.
        created: The day that the document bears, whenever it is written.

    Raises:
        StudyError: A text or a table is larger than a spreadsheet can hold; names every such place.
    """
    import xlsxwriter

    _check_sizes(sheets, path.name)
    as_text = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    options = {"in_memory": True, "default_format_properties": {"font_name": "Arial", "font_size": 12}} | as_text
    written = BytesIO()
    with xlsxwriter.Workbook(written, options) as book:
        start_of_day = datetime.datetime.combine(created, datetime.time())
        book.set_properties({"title": legible(title), "author": legible(author), "created": start_of_day})
        pen = _Pen(book)
        table_names: set[str] = set()
        for sheet in sheets:
            pen.write(sheet, _unique(f"table_{re.sub(r'[^A-Za-z0-9]+', '_', sheet.name)}", table_names, 250))
    with whole_file(path) as part:
        part.write_bytes(_with_language(written.getvalue()))


def _with_language(book: bytes) -> bytes:
    """Say in the document's properties which language it is in, which the writer cannot."""
    spoken = BytesIO()
    with ZipFile(BytesIO(book)) as old, ZipFile(spoken, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == _PROPERTIES:
                content = content.replace(_END_OF_PROPERTIES, _LANGUAGE + _END_OF_PROPERTIES)
            new.writestr(entry, content)
    return spoken.getvalue()


class _Pen:
    """Writes sheets into a workbook, in its few formats."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.line = book.add_format({"valign": "top"})
        self.heading = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom"})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        # a number ends a little before the next column, where a text may begin
        number = {"valign": "top", "align": "right", "indent": 1}
        self.number = book.add_format(number)
        self.no_number = book.add_format(number | {"text_wrap": True})
        self.whole = book.add_format(number | {"num_format": "#,##0"})
        self.tiny = book.add_format(number | {"num_format": '"<0.001"'})
        self.over_numbers = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "bottom", "align": "right", "indent": 1}
        )
        self.link = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#12436D", "underline": 1})

    def write(self, sheet: Sheet, table_name: str) -> None:
        page = self.book.add_worksheet(sheet.name)
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        page.write_string(0, 0, legible(sheet.title), self.title)
        line_format = self.line if sheet.columns else self.text
        for row, line in enumerate(sheet.lines, start=1):
            page.write_string(row, 0, legible(line), line_format)
            if not sheet.columns:
                _make_room(page, row, [_COVER], [line])
        if not sheet.columns:
            page.set_column(0, 0, _COVER)
            return
        top = len(sheet.lines) + 1
        headings = _headings(sheet.columns)
        numeric = [_is_numeric(sheet, i) for i in range(len(headings))]
        page.add_table(
            top,
            0,
            top + len(sheet.rows),
            len(headings) - 1,
            {
                "name": table_name,
                "autofilter": False,
                "style": None,
                "columns": [
                    {"header": heading, "header_format": self.over_numbers if of_numbers else self.heading}
                    for heading, of_numbers in zip(headings, numeric, strict=True)
                ],
            },
        )
        page.repeat_rows(top)
        widths = [_width(heading, [row[i] for row in sheet.rows]) for i, heading in enumerate(headings)]
        _make_room(page, top, widths, headings)
        for row, values in enumerate(sheet.rows, start=top + 1):
            _make_room(page, row, widths, values)
            for column, value in enumerate(values):
                self.cell(page, row, column, value, numeric=numeric[column], linked=sheet.links and column == 0)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        if sum(widths) > _READABLE:  # on one page too small to read; each of several begins with the first column
            page.fit_to_pages(ceil((sum(widths) - widths[0]) / (_READABLE - widths[0])), 0)
            page.repeat_columns("A:A")

    def cell(self, page: Worksheet, row: int, column: int, value: Value, *, numeric: bool, linked: bool) -> None:
        if not isinstance(value, str):
            page.write_number(row, column, value, self._shown(value))
        elif linked:
            page.write_url(row, column, f"internal:'{value}'!A1", self.link, value)
        else:
            page.write_string(row, column, legible(value), self.no_number if numeric else self.text)

    def _shown(self, value: float) -> Format:
        """How a number looks; the cell holds all of it."""
        if float(value).is_integer():
            return self.whole
        return self.tiny if 0 < value < _TINY else self.number


def _make_room(page: Worksheet, row: int, widths: Sequence[float], values: Sequence[Value]) -> None:
    """Make a row as tall as its texts need: not every program does so by itself, and lines would lie over others."""
    texts = ((value, width) for value, width in zip(values, widths, strict=True) if isinstance(value, str))
    lines = max((_lines(text, width) for text, width in texts if len(text) > width or "\n" in text), default=1)
    if lines > 1:
        page.set_row(row, min(lines * _LINE, _TALLEST))


@lru_cache(maxsize=4096)
def _lines(text: str, width: float) -> int:
    """About how many lines a text takes in a column."""
    return sum(max(1, len(wrap(part, max(1, int(width * _LETTERS))))) for part in text.split("\n"))


def _is_numeric(sheet: Sheet, column: int) -> bool:
    """Whether a column holds numbers, so that the markers among them stand to the right as numbers do."""
    return any(not isinstance(row[column], str) for row in sheet.rows)


def _headings(columns: tuple[str, ...]) -> list[str]:
    """Headings that a marked-up table allows: on one line, not too long, each different, none empty."""
    taken: set[str] = set()
    return [_unique(" ".join(legible(c).split()) or "Column", taken, _LONGEST_HEADING) for c in columns]


def _unique(name: str, taken: set[str], longest: int) -> str:
    """A name of at most `longest` UTF-16 units that is not taken, numbered where needed; takes it."""
    number, found = 1, _cut(name, longest)
    while found.casefold() in taken:
        number += 1
        found = _cut(name, longest - len(str(number)) - 1) + f" {number}"
    taken.add(found.casefold())
    return found


def _cut(text: str, longest: int) -> str:
    """The start of a text, ending with a whole word where that does not cost much of it."""
    start = text.encode("utf-16-le")[: 2 * longest].decode("utf-16-le", "ignore")
    words = start.rpartition(" ")[0]
    broken = start != text and not text[len(start) :].startswith(" ")
    return (words if broken and 3 * len(words) > 2 * len(start) else start).strip(" ,")


def _width(heading: str, values: list[Value]) -> float:
    longest = max(chain((len(word) for word in heading.split()), (len(str(value)) for value in values)), default=0)
    return 1.15 * min(max(longest + 2, _NARROWEST), _WIDEST)


def _check_sizes(sheets: list[Sheet], file: str) -> None:
    problems = Problems()
    for sheet in sheets:
        place = f"sheet '{sheet.name}'"
        if len(sheet.rows) + len(sheet.lines) + 2 > _MOST_ROWS or len(sheet.columns) > _MOST_COLUMNS:
            problems.add(
                file, "has more rows or columns than a spreadsheet can hold", "split by fewer breaks", row=place
            )
        texts: Iterable[tuple[str, Any]] = chain(
            (("", text) for text in (sheet.title, *sheet.lines)),
            ((heading, value) for row in sheet.rows for heading, value in zip(sheet.columns, row, strict=True)),
        )
        for heading, value in texts:
            length = len(value.encode("utf-16-le", "surrogatepass")) // 2 if isinstance(value, str) else 0
            if length > _LONGEST_TEXT:
                problems.add(
                    file,
                    f"a cell would hold {length:,} characters; a spreadsheet holds {_LONGEST_TEXT:,}",
                    "shorten the text in the study",
                    row=place,
                    column=heading,
                    value=value,
                )
    problems.raise_if_any()
