"""Projects exported by real tools, read where they lie, against counts made without any reader of ours."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from plait.qualitative.refi_xml import parse_project
from plait.qualitative.themes import theme_counts
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText, check_invariants
from plait.study.side_files import CodebookEntry
from qualitative.coded_files import project_spec

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "qualitative" / "refi-qda"
LINES, WITHOUT_TEXTS = "qc-demo.qdpx", "atlasti-standard-project.qdpx"

pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the real projects are not on this computer"),
]


def project_file(file: str) -> bytes:
    with zipfile.ZipFile(FOLDER / file) as archive:
        return archive.read(next(name for name in archive.namelist() if name.lower().endswith(".qde")))


def read(file: str) -> CodedText:
    """Read a project with a codebook that holds each of its codes by its whole path."""
    paths = ["/".join(code.path) for code in parse_project(project_file(file), file).codes]
    codebook = [CodebookEntry(code=path, label=path) for path in paths]
    coded = read_tool_files("talks", project_spec(files=file), FOLDER, codebook)
    check_invariants(coded)
    return coded


def test_a_project_with_its_texts() -> None:
    parsed = parse_project(project_file(LINES), LINES)
    assert (len(parsed.users), len(parsed.codes), max(len(code.path) for code in parsed.codes)) == (1, 262, 7)
    coded = read(LINES)
    assert list(coded.sources["n_chars"]) == [52_543, 31_906]
    assert (coded.segments["status"] == "active").sum() == len(coded.segments) == 205
    assert coded.segments["code"].nunique() == 77
    selections = coded.segments[["source", "start", "end"]].drop_duplicates()
    assert len(selections) == 158
    assert "score 1.000" in coded.import_log.set_index("event").loc["read", "offset_convention"]

    # The tool writes the line that it coded into the name of each selection: an oracle for every offset.
    root = ElementTree.fromstring(project_file(LINES))
    written = [e for e in root.iter() if e.tag.endswith("}PlainTextSelection")]
    numbers = {(int(e.get("startPosition", "")), int(e.get("endPosition", ""))): e.get("name", "") for e in written}
    text = coded.source_texts["text"].iloc[0]
    lines = text.splitlines(keepends=True)
    right = 0
    for start, end in selections[["start", "end"]].itertuples(index=False, name=None):
        number = int(re.fullmatch(r"line:(\d+)", numbers[start, end])[1])  # type: ignore[index]
        before = sum(map(len, lines[:number]))
        right += before <= start < end <= before + len(lines[number])
    assert right == 158

    counts = theme_counts(coded, {"talks": project_spec(coded.coders["coder"].iloc[0])})
    assert (counts.query("unit == 'segments'")["n"] > 0).sum() == 77


def test_a_project_that_was_shipped_without_its_texts() -> None:
    parsed = parse_project(project_file(WITHOUT_TEXTS), WITHOUT_TEXTS)
    kinds = [source.kind for source in parsed.sources]
    assert {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)} == {
        "TextSource": 6,
        "PictureSource": 1,
        "PDFSource": 2,
        "AudioSource": 1,
        "VideoSource": 2,
        "Transcript": 3,
    }
    assert (len(parsed.users), len(parsed.codes)) == (3, 14)
    texts = [x for s in parsed.sources for x in s.selections if x.kind == "PlainTextSelection"]
    assert (len(texts), sum(len(x.codings) for x in texts), sum(not x.codings for x in texts)) == (8, 9, 1)

    coded = read(WITHOUT_TEXTS)
    states = coded.sources.groupby("kind")["text_state"].unique().map(list).to_dict()
    assert states == {
        "text": ["absent"],
        "pdf": ["absent"],
        "image": ["not_text"],
        "audio": ["not_text"],
        "video": ["not_text"],
    }
    log = coded.import_log
    counted = log.dropna(subset=["n_in"]).iloc[0]
    assert (counted["n_in"], counted["n_active"], counted["n_excluded"]) == (16, 9, 7)
    left_out = coded.segments.loc[coded.segments["status"] == "excluded", "reason"].value_counts()
    assert sorted(left_out) == [1, 2, 4]
    assert ": 8;" in log.set_index("event").loc["missing_text", "message"]
    # The folder on the exporter's own computer leaves no trace.
    assert not log.astype("str").apply(lambda column: column.str.contains("/Users/")).any(axis=None)
