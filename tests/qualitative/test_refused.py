"""Files that are recognised and refused with what to export instead."""

from pathlib import Path

import pytest

from plait.qualitative.coded_file import Content
from plait.qualitative.refused import FORMATS, export_instead
from qualitative.written_files import problems

MAXQDA = Content(b"SQLite format 3\0", tables={"Texts": ("ID",), "Codewords": ("ID",), "Codings": ("ID",), "Memos": ()})
NVIVO = Content(b"\x01\x0f\x00\x00" + bytes(92))
PDF = Content(b"%PDF-1.7\n")


@pytest.mark.parametrize(
    ("content", "name", "mend"),
    [(MAXQDA, "maxqda-project", "coded segments"), (NVIVO, "nvivo-project", "matrix"), (PDF, "pdf", "code its text")],
)
def test_each_is_told_what_to_export(tmp_path: Path, content: Content, name: str, mend: str) -> None:
    (found,) = [each for each in FORMATS if each.recognises(content)]
    assert found.name == name
    (problem,) = problems(found.read, tmp_path / "talk.xyz")
    assert problem.file == "talk.xyz" and "not read" in problem.message
    assert mend in problem.mend and "REFI-QDA" in problem.mend


def test_other_files_are_not_refused() -> None:
    for head in (b"", b"case,source", b"PK\x03\x04", b"SQLite format 3\0"):
        assert not any(each.recognises(Content(head, tables={"Texts": ()})) for each in FORMATS)


@pytest.mark.parametrize("name", ["a.mx24", "a.MX20", "b/a.mex", "a.nvp", "a.nvpx", "a.atlproj23", "a.hpr7", "a.doc"])
def test_a_suffix_hints_at_what_to_export(name: str) -> None:
    assert export_instead(name)


@pytest.mark.parametrize("name", ["", "a", "a.csv", "a.docx", "a.qdpx", ".mx"])
def test_other_suffixes_hint_at_nothing(name: str) -> None:
    assert export_instead(name) == ""
