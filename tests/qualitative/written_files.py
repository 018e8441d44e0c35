"""Files as tools write them, for tests of the readers of coded files."""

from __future__ import annotations

import csv
import io
import random
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
import xlsxwriter

from plait.errors import Problem, StudyError
from plait.qualitative.coded_file import CodedFile, Content, Conventions, Format, Reader
from plait.tabular.table import first_rows

PLAIN = Conventions()
Rows = Sequence[Sequence[object]]


def workbook(path: Path, rows: Rows, **more_sheets: Rows) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, cells in {"Sheet1": rows, **more_sheets}.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(cells):
                sheet.write_row(number, 0, row)
    return path


def old_workbook(path: Path, rows: Rows) -> Path:
    """A worksheet in the oldest binary form (BIFF2), in which texts are short, written record by record."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    stream = record(0x0009, struct.pack("<HH", 0x0002, 0x0010)) + record(0x0042, struct.pack("<H", 1252))
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            place = struct.pack("<HH", i, j) + bytes(3)
            if isinstance(cell, int | float):
                stream += record(0x0003, place + struct.pack("<d", cell))
            elif cell:
                text = str(cell).encode("windows-1252")
                stream += record(0x0004, place + bytes([len(text)]) + text)
    path.write_bytes(stream + record(0x000A, b""))
    return path


def delimited(path: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def content_of(path: Path) -> Content:
    """What a file is recognised by."""
    members: tuple[str, ...] = ()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = tuple(archive.namelist())
    return Content(path.read_bytes()[:4096], members, {}, first_rows(path))


def recognised(path: Path, formats: Iterable[Format]) -> list[str]:
    content = content_of(path)
    return [each.name for each in formats if each.recognises(content)]


def problems(reader: Reader, path: Path, conventions: Conventions = PLAIN) -> list[Problem]:
    with pytest.raises(StudyError) as caught:
        reader(path, path.name, conventions)
    return list(caught.value.problems)


def cautions(file: CodedFile) -> dict[str, str]:
    return {row["event"]: row["message"] for row in file.log.rows if row["severity"] == "warning"}


def check_keys(file: CodedFile) -> None:
    """Hold a file to what every reader promises: ids are unique and lead somewhere, and reasons say why not."""
    sources, codes, cases = ({x.id for x in rows} for rows in (file.sources, file.codes, file.cases))
    selections = {x.id: x for x in file.selections}
    assert len(sources) == len(file.sources) and len(codes) == len(file.codes) and len(cases) == len(file.cases)
    assert len(selections) == len(file.selections)
    for source in file.sources:
        assert source.case in cases | {""}
    for selection in file.selections:
        assert selection.source in sources or selection.reason
        assert (selection.start is None) == (selection.end is None)
    for coding in file.codings:
        assert coding.selection in selections
        assert coding.code in codes or (coding.code == "" and coding.reason)
        assert coding.coder in (*file.coders, "")
    for owner in file.owners:
        assert owner.case in cases and owner.source in sources


def survives_damage(reader: Reader, seed: Path, times: int = 120, conventions: Conventions = PLAIN) -> None:
    """Read a file with bytes changed, cut and moved: only problems told plainly may come out."""
    rng, data = random.Random(11), seed.read_bytes()
    damaged = seed.with_name(f"damaged_{seed.name}")
    for _ in range(times):
        changed = bytearray(data)
        for _ in range(rng.choice((1, 2, 5, 20))):
            place = rng.randrange(len(changed))
            match rng.randrange(3):
                case 0:
                    changed[place] = rng.randrange(256)
                case 1:
                    changed[place : place + rng.randrange(1, 9)] = rng.randbytes(rng.randrange(4))
                case _:
                    changed[place:place] = rng.choice([b"\n", b",", b'"', b"<", b"\x00", b"\xff", b";", b"9"])
        damaged.write_bytes(bytes(changed) or b"x")
        try:
            file = reader(damaged, "damaged", conventions)
        except StudyError as error:
            assert error.problems
        else:
            check_keys(file)


def survives_damage_inside(
    reader: Reader, members: Mapping[str, str], folder: Path, member: str, times: int = 120
) -> None:
    """The same for one member of a zip file, so that the damage reaches what it holds."""
    rng, data = random.Random(13), members[member].encode()
    for _ in range(times):
        changed = bytearray(data)
        for _ in range(rng.choice((1, 3, 9))):
            place = rng.randrange(len(changed))
            changed[place : place + rng.randrange(9)] = rng.randbytes(rng.randrange(3))
        path = zipped(folder / "damaged.zip", {**members, member: bytes(changed)})
        try:
            file = reader(path, "damaged", PLAIN)
        except StudyError as error:
            assert error.problems
        else:
            check_keys(file)
