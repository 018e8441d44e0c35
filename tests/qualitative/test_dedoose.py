"""Excerpts with a group of columns for each code, and codebooks."""

from pathlib import Path

import pytest

from plait.qualitative.coded_file import FileCase
from plait.qualitative.dedoose import FORMATS, read_codes, read_excerpts
from qualitative.written_files import (
    PLAIN,
    cautions,
    check_keys,
    delimited,
    problems,
    recognised,
    survives_damage,
    workbook,
)

FIXED = [
    "Media Title", "Excerpt Range", "Excerpt Creator", "Excerpt Date", "Excerpt Copy", "Resource Creator",
    "Resource Date", "Codes Applied Combined",
]  # fmt: skip
CODES = ["Time\\Cover", "Pay"]
HEADER = [*FIXED, *(f"Code: {code} {part}" for code in CODES for part in ("Applied", "Range", "Weight")), "Phase"]


def row(media: str, span: str, text: str, *cells: object, coder: str = "Ann", phase: str = "primary") -> list[object]:
    return [media, span, coder, "1/2/2025", text, "Ann", "1/1/2025", "", *cells, phase]


ROWS = [
    row("P1", "0-10", "We cover.!", True, "0-10", 3, True, "3-8", ""),
    row("P1", "20-30", "=more pay!", False, "", "", "x", "20-30", "2,5"),
    row("P2", "Page 2: 5-9", "pay", "", "", "", "maybe", "", "", coder="Ben", phase="secondary"),
    row("P2", "40-44", "none", False, "", "", 0, "", "", coder="Ben", phase="special"),
]


@pytest.mark.parametrize("write", [workbook, delimited])
def test_excerpts(tmp_path: Path, write: object) -> None:
    path = write(tmp_path / "e", [HEADER, *ROWS])  # type: ignore[operator]
    assert recognised(path, FORMATS) == ["dedoose-excerpts"]
    file = read_excerpts(path, "e", PLAIN)
    check_keys(file)
    assert [(c.origin, c.code, c.coder, c.weight) for c in file.codings] == [
        ("row 2", "Time\\Cover", "Ann", 3),
        ("row 2", "Pay", "Ann", None),
        ("row 3", "Pay", "Ann", 2.5),
        ("row 4", "Pay", "Ben", None),
    ]
    assert file.codings[3].reason.endswith("'maybe'")
    selections = {s.id: s for s in file.selections}
    assert (selections["row 2"].start, selections["row 2"].end) == (0, 10)
    own = selections[file.codings[1].selection]
    assert (own.start, own.end, own.text) == (3, 8, "cover")
    assert (selections["row 4"].start, selections["row 4"].locator) == (None, "Page 2: 5-9")
    assert file.codes[0].path == ("Time", "Cover")
    assert file.cases == (FileCase("P1", "P1", {"Phase": "primary"}), FileCase("P2", "P2", {}))
    assert set(cautions(file)) == {"ranges", "descriptors"}


@pytest.mark.parametrize(
    ("cell", "applies"),
    [("TRUE", 1), ("True", 1), ("1", 1), ("x", 1), ("", 0), ("FALSE", 0), ("0", 0), ("2", None), ("wahr", None)],
)
def test_whether_a_code_applies_is_read_strictly(tmp_path: Path, cell: str, applies: int | None) -> None:
    path = delimited(tmp_path / "e.csv", [HEADER, row("P1", "0-1", "a", cell, "", "", "", "", "")])
    codings = read_excerpts(path, "e", PLAIN).codings
    assert len(codings) == (applies is None or applies)
    assert bool(codings and codings[0].reason) == (applies is None)


def test_a_weight_that_is_no_number_is_kept_with_its_reason(tmp_path: Path) -> None:
    path = delimited(tmp_path / "e.csv", [HEADER, row("P1", "0-1", "a", "1", "", "high", "", "", "")])
    assert "'high'" in read_excerpts(path, "e", PLAIN).codings[0].reason


def test_columns_that_are_missing(tmp_path: Path) -> None:
    header = [title for title in HEADER if title != "Code: Pay Applied"]
    path = delimited(tmp_path / "e.csv", [header, ["x"] * len(header)])
    assert [p.message for p in problems(read_excerpts, path)] == ["has no column 'Code: Pay Applied'"]
    assert (
        "no column for the text" in problems(read_excerpts, delimited(tmp_path / "f.csv", [FIXED[:3]] * 2))[0].message
    )


BOOK = [
    ["Id", "Parent Id", "Depth", "Title", "Description", "Weighted", "Weight Minimum", "Weight Maximum"],
    [1, "", 0, "Time", "", False, 0, 10],
    [2, 1, 1, "Cover", "No one steps in", True, 0, 10],
]


def test_a_codebook(tmp_path: Path) -> None:
    path = workbook(tmp_path / "b.xlsx", BOOK)
    assert recognised(path, FORMATS) == ["dedoose-codes"]
    file = read_codes(path, "b", PLAIN)
    assert [(c.id, c.path, c.definition) for c in file.codes] == [
        ("1", ("Time",), ""),
        ("2", ("Time", "Cover"), "No one steps in"),
    ]


def test_a_tree_of_codes_that_does_not_hold(tmp_path: Path) -> None:
    rows = [BOOK[0], [1, 2, 0, "A"], [2, 1, 0, "B"], [3, 9, 0, "C"], [3, "", 0, "D"], ["", "", 0, "E"]]
    path = delimited(tmp_path / "b.csv", [[*r, *[""] * (8 - len(r))] for r in rows])
    assert {p.message for p in problems(read_codes, path)} == {
        "stands below itself",
        "has a parent that is not there",
        "has the id of row 4",
        "has no id or no title",
    }


def test_damaged_files(tmp_path: Path) -> None:
    survives_damage(read_excerpts, delimited(tmp_path / "e.csv", [HEADER, *ROWS]))
    survives_damage(read_excerpts, workbook(tmp_path / "e.xlsx", [HEADER, *ROWS]))
    survives_damage(read_codes, delimited(tmp_path / "c.csv", BOOK))
