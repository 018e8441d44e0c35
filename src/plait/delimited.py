"""Delimited text read strictly as text.

pandas turns `None` and `N/A` into missing values, drops leading zeros, shifts a file whose first row is one field too
long and fills short rows in silence. Here every cell stays the text it is, and every malformed row is a problem.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plait.errors import Problem, Problems, did_you_mean, neighbour_of

if TYPE_CHECKING:
    import pandas as pd

_SUSPECTS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

LONGEST_CELL = 10_000_000
"""Characters; a longer cell is a quotation mark that was not closed."""
csv.field_size_limit(LONGEST_CELL)


def each_record(text: str, delimiter: str, *, name: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Go through the records of delimited text (RFC 4180; quotation marks doubled inside a quoted cell).

    Args:
        text: The whole file; lines end with LF, CR LF, CR or a mixture.
        delimiter: One character.
        name: The file as messages call it.
        problems: Receives what ends the reading early: an unclosed quotation mark, or a cell that is too long.

    Yields:
        The line of the file on which a record starts, and its cells. Blank lines are passed over.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for record in reader:
            if record:
                yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            message = f"holds a cell of more than {LONGEST_CELL // 1_000_000} million characters"
            mend = "no answer is that long: a quotation mark is probably not closed; export the file again"
        else:
            message = f"cannot be read as a table ({error})"
            mend = "a quotation mark is probably not closed, or the file was cut off; export it again"
        problems.add(name, message, mend, row=f"row {start}")


def wrong_length(name: str, line: int, fields: int, width: int) -> Problem:
    """The problem of a record with more or fewer fields than the header."""
    return Problem(
        name,
        f"has {fields} fields, {'fewer' if fields < width else 'more'} than the {width} of the header",
        "the row is cut off or holds a stray delimiter; export the file again or mend the row",
        row=f"row {line}",
    )


def read_records(
    path: Path, *, name: str, delimiter: str = ",", header_rows: int = 1, required: tuple[str, ...] = ()
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read a delimited file; every cell is text, nothing is taken for missing.

    Args:
        path: The file.
        name: The file as messages call it.
        delimiter: One character.
        header_rows: Rows above the data. The first holds the column names; further ones (question wording, import
            ids) are skipped.
        required: Columns that must be there.

    Returns:
        The column names, trimmed, and one (line of the file, cells) pair a record.

    Raises:
        StudyError: The file is absent, not UTF-8, empty, uses another delimiter, has repeated or missing columns, an
            unclosed quote, or rows longer or shorter than the header; all of them at once.
    """
    problems = Problems()
    text = _decode(path, name, problems)
    problems.raise_if_any()

    records = list(each_record(text, delimiter, name=name, problems=problems))
    if not records:
        problems.add(name, "is empty", "export it again")
    problems.raise_if_any()

    header = [cell.strip() for cell in records[0][1]]
    _check_delimiter(header, delimiter, name, problems)
    problems.raise_if_any()
    _check_header(header, required, name, problems)
    if len(records) < header_rows:
        problems.add(name, f"has fewer than the {header_rows} header rows that are declared", "check header_rows")
    body = records[header_rows:]
    problems.found += [wrong_length(name, line, len(r), len(header)) for line, r in body if len(r) != len(header)]
    problems.raise_if_any()
    return header, body


def read_delimited(
    path: Path, *, name: str, delimiter: str = ",", header_rows: int = 1, required: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Read a delimited file into a table of text; arguments and errors as for `read_records`.

    Returns:
        One row a record; the index holds the line of the file on which the record starts.
    """
    import pandas as pd  # the study definition is read without it

    header, records = read_records(path, name=name, delimiter=delimiter, header_rows=header_rows, required=required)
    lines = pd.Index([line for line, _ in records], name="row", dtype="int64")
    return pd.DataFrame([cells for _, cells in records], columns=header, index=lines, dtype="str")


def _decode(path: Path, name: str, problems: Problems) -> str:
    if not path.is_file():
        mend = neighbour_of(path) or f"there is no folder '{path.parent.name}' either"
        problems.add(name, "there is no such file", mend)
        return ""
    data = path.read_bytes()
    if b"\x00" in data[:4096]:
        problems.add(name, "is not UTF-8 text (it holds NUL bytes)", "save it as 'CSV UTF-8'")
        return ""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(
            name,
            f"is not UTF-8 text (byte {data[error.start]:#04x} at position {error.start})",
            "save it as 'CSV UTF-8'",
            row=f"row {line}",
        )
        return ""


def _check_delimiter(header: list[str], delimiter: str, name: str, problems: Problems) -> None:
    """A file read with the wrong delimiter has one column whose name holds the right one."""
    if len(header) > 1:
        return
    for other, words in _SUSPECTS.items():
        if other != delimiter and other in header[0]:
            problems.add(
                name,
                f"has a single column, but its header holds {words}",
                f"the definition says the delimiter is {delimiter!r}; set delimiter: {other!r} there "
                "or export the file again",
                row="row 1",
            )


def _check_header(header: list[str], required: tuple[str, ...], name: str, problems: Problems) -> None:
    seen: set[str] = set()
    for column in header:
        if column in seen:
            problems.add(name, f"has two columns called '{column}'", "rename one of them", row="row 1")
        seen.add(column)
    for column in required:
        if column not in seen:
            problems.add(name, f"has no column '{column}'", did_you_mean(column, header), row="row 1")
