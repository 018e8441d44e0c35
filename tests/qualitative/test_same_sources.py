"""Coders' copies of one transcript under names of their own."""

from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.qualitative.coded_file import CodedFile, FileSource
from plait.qualitative.import_log import ImportLog
from plait.qualitative.same_sources import with_shared_names
from plait.qualitative.tool_files import read_tool_files
from qualitative.coded_files import BOOK, logged, project_spec
from qualitative.test_word_comments import comment, document, paragraph

TEXT = ("Nobody covers my class.", "And the pay is poor.")


def file(*sources: tuple[str, str | None]) -> CodedFile:
    return CodedFile(
        ImportLog("f", "", "r"), tuple(FileSource(f"id {name}", name, text=text) for name, text in sources)
    )


def names(*files: CodedFile) -> list[list[str]]:
    return [[source.name for source in f.sources] for f in with_shared_names(files)]


def test_one_text_under_two_names_is_one_source() -> None:
    files = file(("a", "One\r\ntext"), ("b", "Two")), file(("x", "\ufeffOne\ntext"), ("y", "Three")), file(("z", "Two"))
    assert names(*files) == [["a", "b"], ["a", "y"], ["b"]]
    assert [[row["event"] for row in f.log.rows] for f in files] == [[], ["same_text"], ["same_text"]]
    assert "'x' is 'a'" in files[1].log.rows[0]["message"]


@pytest.mark.parametrize(
    "files",
    [
        [file(("a", "Same"), ("b", "Same")), file(("x", "Same"))],  # which of the two?
        [file(("a", " ")), file(("x", " "))],  # a blank text says nothing
        [file(("a", None)), file(("x", None))],
        [file(("a", "Same")), file(("x", "Same"), ("a", None))],  # the name is there already
        [file(("a", "Same")), file(("x", "Same")), file(("x", "Other"))],  # a name that another text has as well
        [file(("a", "Same")), file(("a", "Changed"))],
    ],
)
def test_what_does_not_tell_leaves_names_alone(files: list[CodedFile]) -> None:
    assert names(*files) == [[source.name for source in f.sources] for f in files]


def test_word_documents_of_two_coders(tmp_path: Path) -> None:
    for name, words in (("cleo", "0"), ("dan", "1")):
        body = [paragraph(*(("<0", t, ">0", "@0") if str(n) == words else (t,))) for n, t in enumerate(TEXT)]
        document(tmp_path, body, [comment(0, "Cover", author="Author")]).rename(tmp_path / f"{name}.docx")
    files = [{"file": f"{name}.docx", "coder": name.capitalize()} for name in ("cleo", "dan")]
    coded = read_tool_files("talks", project_spec("Cleo", files=files), tmp_path, BOOK)
    assert list(coded.sources["name"]) == ["cleo"] and len(coded.cases) == 1
    assert list(coded.segments["text"]) == list(TEXT)
    assert len(coded.assignments) == 2
    assert logged(coded.import_log, "same_text").endswith("'dan' is 'cleo'")
    body = [paragraph("<0", "Something else", ">0", "@0")]
    document(tmp_path, body, [comment(0, "Cover", author="Author")]).rename(tmp_path / "dan.docx")
    assert len(read_tool_files("talks", project_spec("Cleo", files=files), tmp_path, BOOK).sources) == 2


def test_names_decide_before_texts(tmp_path: Path) -> None:
    for name in ("cleo", "dan"):
        (tmp_path / name).mkdir()
        body = [paragraph("<0", f"Said to {name}", ">0", "@0")]
        document(tmp_path / name, body, [comment(0, "Cover", author="Author")])
    files = [{"file": f"{name}/talk.docx", "coder": name} for name in ("cleo", "dan")]
    with pytest.raises(StudyError, match=r"the text of the source 'talk' is not the one in cleo/talk\.docx"):
        read_tool_files("talks", project_spec("cleo", files=files), tmp_path, BOOK)
