"""One survey export, whatever its format and tool, as a table of text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from plait.errors import Problem, Problems, StudyError, did_you_mean, neighbour_of
from plait.survey.readers.columns import name_columns
from plait.survey.readers.layouts import Heading, read_heading
from plait.survey.readers.parquet import read_parquet
from plait.survey.readers.spss import read_spss
from plait.survey.readers.stata import read_stata
from plait.survey.readers.typed import Typed
from plait.tabular.arrow import TextColumn, pc
from plait.tabular.delimited_text import DELIMITERS, read_text
from plait.tabular.encodings import decode
from plait.tabular.grid import Grid, cleaned_cells, without_empty_rows
from plait.tabular.notes import Note
from plait.tabular.recognise import FORMATS, recognise
from plait.tabular.xls import read_xls
from plait.tabular.xlsx import Faults, notes_on_cells, read_xlsx


@dataclass(frozen=True)
class RawExport:
    """A survey export as it stands in the file, before anything is interpreted.

    Attributes:
        rows: One row a respondent, every cell text, empty text for an empty cell; the index is the row number as the
            user's program shows it (line of a text file, row of a sheet, else 1, 2, ...).
        question_texts: Column to wording, where a second header row or a variable label gives it.
        value_labels: Column to code (as the cells are written) to label.
        missing_codes: Column to the codes that the file itself declares missing; the cells keep them.
        format: One of `plait.tabular.recognise.FORMATS`.
        encoding: Of the texts; empty where the format fixes it.
        delimiter: Of a text file; else empty.
        sheet: Of a workbook; else empty.
        layout: The tool that wrote the file, one of `plait.survey.readers.layouts.LAYOUTS`.
        header_rows: Rows above the data; 0 where the format names its variables.
        notes: What was found in the file and what was done about it.
        unread: Columns of a wide SPSS or Stata file that were not read, because they are not among the required ones.
    """

    rows: pd.DataFrame
    question_texts: dict[str, str]
    value_labels: dict[str, dict[str, str]]
    missing_codes: dict[str, frozenset[str]]
    format: str
    encoding: str
    delimiter: str
    sheet: str
    layout: str
    header_rows: int
    notes: tuple[Note, ...]
    unread: tuple[str, ...] = ()


def read_export(
    path: Path,
    *,
    name: str,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    layout: str | None = None,
    header_rows: int | None = None,
    required: tuple[str, ...] = (),
    others: bool = True,
) -> RawExport:
    """Read a survey export. What is not given is found from the content.

    Args:
        path: The file.
        name: The file as messages call it.
        format: `csv` (any delimited text), `xlsx`, `xls`, `sav`, `dta` or `parquet`.
        encoding: Of a text, XLS, SPSS or Stata file.
        delimiter: Of a text file.
        sheet: Of a workbook.
        layout: The tool that wrote a text file or workbook.
        header_rows: Rows above the data of a text file or workbook.
        required: Columns that must be there, as the study definition writes them; they get these names.
        others: Whether the other columns are wanted, too. Where they are not, a wide SPSS or Stata file is read in part.

    Raises:
        StudyError: Everything that stands in the way: the file is absent, damaged or ambiguous (the message names the
            key of the definition that settles it), has rows of the wrong length, or lacks a required column.
    """
    if not path.is_file():
        mend = neighbour_of(path) or f"there is no folder '{path.parent.name}' either"
        raise StudyError([Problem(name, "there is no such file", mend)])
    found = recognise(path, name=name)
    if format is not None and format != found:
        problem = Problem(name, f"is declared to be {format}, but its content is {found}", f"write `format: {found}`")
        if format not in FORMATS:
            problem = Problem(name, "has a format that is not known", did_you_mean(format, FORMATS), value=format)
        raise StudyError([problem])
    if found in ("csv", "xlsx", "xls"):
        return _read_rows(path, found, name, encoding, delimiter, sheet, layout, header_rows, required)
    problems = Problems()
    for key, value in (("delimiter", delimiter), ("sheet", sheet), ("layout", layout), ("header_rows", header_rows)):
        if value is not None:
            problems.add(name, f"is a {found} file, to which `{key}:` does not apply", "leave it out", value=str(value))
    problems.raise_if_any()
    needed = () if others else required
    if found == "sav":
        typed = read_spss(path, name=name, encoding=encoding, needed=needed)
    elif found == "dta":
        typed = read_stata(path, name=name, encoding=encoding, needed=needed)
    else:
        typed = read_parquet(path, name=name)
    return _with_variables(typed, found, name, required)


def _read_rows(
    path: Path,
    found: str,
    name: str,
    encoding: str | None,
    delimiter: str | None,
    sheet: str | None,
    layout: str | None,
    header_rows: int | None,
    required: tuple[str, ...],
) -> RawExport:
    """Read a format that is rows of cells, of which the first name the columns."""
    notes: list[Note] = []
    faults: Faults = {}
    problems = Problems()
    inapplicable = {"csv": {"sheet": sheet}, "xlsx": {"encoding": encoding, "delimiter": delimiter}}
    for key, value in inapplicable.get(found, {"delimiter": delimiter}).items():
        if value is not None:
            problems.add(name, f"is a {found} file, to which `{key}:` does not apply", "leave it out", value=value)
    problems.raise_if_any()
    if found == "csv":
        grid, encoding, delimiter, told = _read_delimited(path, name, encoding, delimiter, problems)
        if delimiter != ",":
            notes.append(
                Note("delimiter", "", f"cells are separated by {DELIMITERS.get(delimiter, repr(delimiter))}", 1)
            )
    elif found == "xlsx":
        grid, sheet, told, faults = read_xlsx(path, name=name, sheet=sheet)
    else:
        grid, sheet, encoding, told = read_xls(path, name=name, sheet=sheet, encoding=encoding)
    notes += told
    grid, empty = without_empty_rows(grid)
    notes += empty
    if not len(grid.lines):
        raise StudyError([Problem(name, "is empty", "export it again")])
    heading = read_heading(grid, name=name, layout=layout, header_rows=header_rows, problems=problems)
    if heading is None:
        raise StudyError(problems.found)
    if heading.layout != "generic":
        how = "recognised by its header" if layout is None else "as declared"
        notes.append(Note("layout", "", f"{heading.layout}, {how}", 1))
    if heading.header_rows > 1:
        notes.append(Note("layout", "", "header rows stand above the answers", heading.header_rows))
    body = grid.below(heading.header_rows)
    export = _named(body, heading, name, f"row {grid.lines[0]}", required, notes, problems, faults=faults)
    return replace(export, format=found, encoding=encoding or "", delimiter=delimiter or "", sheet=sheet or "")


def _read_delimited(
    path: Path, name: str, encoding: str | None, delimiter: str | None, problems: Problems
) -> tuple[Grid, str, str, list[Note]]:
    """The cells of a text file, its encoding and its delimiter; the text itself is let go of."""
    decoded = decode(path.read_bytes(), name=name, encoding=encoding)
    grid, found, told = read_text(decoded.content, name=name, delimiter=delimiter, problems=problems)
    return grid, decoded.encoding, found, [*told, *decoded.notes]


def _with_variables(typed: Typed, found: str, name: str, required: tuple[str, ...]) -> RawExport:
    """The export of a format whose variables name and describe themselves."""
    rows = len(typed.columns[0]) if typed.columns else 0
    body = Grid(np.arange(1, rows + 1, dtype=np.int64), typed.columns)
    texts = [typed.question_texts.get(variable, "") for variable in typed.names]
    heading = Heading("generic", 0, [variable.strip() for variable in typed.names], texts, [""] * len(typed.names))
    export = _named(body, heading, name, "", required, typed.notes, Problems(), whole=not typed.unread)
    called = dict(zip(typed.names, export.rows.columns, strict=False))
    return replace(
        export,
        format=found,
        encoding=typed.encoding,
        unread=tuple(typed.unread),
        value_labels={called[v]: labels for v, labels in typed.value_labels.items() if v in called},
        missing_codes={called[v]: codes for v, codes in typed.missing_codes.items() if v in called},
    )


def _named(
    body: Grid,
    heading: Heading,
    name: str,
    row: str,
    required: tuple[str, ...],
    notes: list[Note],
    problems: Problems,
    whole: bool = True,
    faults: Faults | None = None,
) -> RawExport:
    """Name the columns, clean the cells, leave out what is empty; raise what was found here and before.

    Of a file that was read in part nobody knows which rows are empty, and all are kept.
    """
    empty = [not title and _is_empty(column) for title, column in zip(heading.names, body.columns, strict=True)]
    columns, told = name_columns(
        heading.names, heading.codes, empty, required=required, name=name, row=row, problems=problems
    )
    used = {
        i: title for i, title in zip(columns.places, columns.names, strict=True) if not required or title in required
    }
    told += notes_on_cells(faults or {}, used)
    cells, cleaned = cleaned_cells([body.columns[i] for i in columns.places], columns.names)
    kept, blank = without_empty_rows(Grid(body.lines, cells)) if whole else (Grid(body.lines, cells), [])
    if not len(kept.lines) and not problems.found:
        problems.add(name, "has a header but no answers below it", "export it again, or check `header_rows:`")
    problems.found += _repeated_headers(kept, [heading.names[i] for i in columns.places], name)
    problems.raise_if_any()
    frame = pd.DataFrame(
        {i: pd.array(column, dtype="str") for i, column in enumerate(kept.columns)},
        index=pd.Index(kept.lines, name="row"),
    )
    frame.columns = pd.Index(columns.names, dtype="str")
    texts = {
        title: heading.texts[i] for i, title in zip(columns.places, columns.names, strict=True) if heading.texts[i]
    }
    return RawExport(
        rows=frame,
        question_texts=texts,
        value_labels={},
        missing_codes={},
        format="",
        encoding="",
        delimiter="",
        sheet="",
        layout=heading.layout,
        header_rows=heading.header_rows,
        notes=(*notes, *told, *cleaned, *blank),
    )


def _is_empty(column: TextColumn) -> bool:
    return not pc.any(pc.not_equal(column, "")).as_py()


def _repeated_headers(body: Grid, names: list[str], name: str) -> list[Problem]:
    """Rows that repeat the header: two exports were pasted into one file."""
    suspects = np.ones(len(body.lines), dtype=bool)
    for column, title in zip(body.columns, names, strict=True):
        if not suspects.any():
            return []
        suspects &= pc.equal(column, title).to_numpy(zero_copy_only=False)
    mend = "two exports stand in one file: remove the line, or declare them as two exports"
    return [Problem(name, "repeats the header", mend, row=f"row {line}") for line in body.lines[suspects]]
