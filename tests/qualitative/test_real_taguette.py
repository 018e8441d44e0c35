"""A project exported by Taguette, read where it lies, against counts made without any reader of ours."""

from __future__ import annotations

import csv
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from plait.qualitative.coded_file import CodedFile, Conventions
from plait.qualitative.recognition import read_coded_file
from plait.qualitative.taguette import FORMATS, read_taguette, read_taguette_codebook, read_taguette_highlights
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText
from qualitative.coded_files import code, logged, project_spec
from qualitative.databases import events, recognised

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "qualitative" / "taguette"
DATABASE, HIGHLIGHTS, CODEBOOK = (next(iter(FOLDER.glob(p)), Path()) for p in ("*.sqlite3", "all_tags*", "codebook*"))
APPLICATIONS = [191, 174, 156, 151, 131, 126, 125, 88, 75, 72, 71, 70, 62, 61, 60, 59, 50, 50, 48, 45, 33, 32]
DOCUMENTS = [17, 17, 17, 17, 17, 16, 17, 17, 16, 17, 17, 17, 17, 17, 15, 14, 17, 14, 15, 16, 11, 9]

PROJECT = {"file": DATABASE.name, "coder": "A"}

pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the real projects are not on this computer"),
]


@pytest.fixture(scope="module")
def coded() -> CodedFile:
    return read_taguette(DATABASE, DATABASE.name, Conventions())


def test_everything_is_there(coded: CodedFile) -> None:
    assert recognised(DATABASE, FORMATS) == ["taguette"]
    assert (len(coded.sources), len(coded.codes), len(coded.selections), len(coded.codings)) == (17, 22, 1794, 1930)
    assert sum(len(s.text or "") for s in coded.sources) == 315_920
    assert not any(s.reason for s in coded.selections) and not any(c.reason for c in coded.codings)
    tags = Counter(Counter(c.selection for c in coded.codings).values())
    assert tags == {1: 1663, 2: 124, 3: 5, 4: 1}
    assert events(coded)["annotations"] == "highlights without a tag: 1"


def test_every_highlight_stands_on_its_stored_text(coded: CodedFile) -> None:
    texts = {s.id: s.text or "" for s in coded.sources}
    assert sum(texts[s.source][s.start : s.end] == s.text for s in coded.selections) == 1794
    assert "score 1.000 over 1794" in events(coded)["offsets"]


def test_no_other_way_of_counting_fits(coded: CodedFile) -> None:
    texts = {s.id: s.text or "" for s in coded.sources}
    with closing(sqlite3.connect(f"{DATABASE.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        query = "SELECT id, document_id, start_offset, end_offset FROM highlights"
        raw = {str(h): texts[str(d)][a:b] for h, d, a, b in connection.execute(query)}
    assert sum(raw[s.id] == s.text for s in coded.selections) == 2


def test_overlaps(coded: CodedFile) -> None:
    by_source: dict[str, list[tuple[int, int]]] = {}
    for s in coded.selections:
        assert s.start is not None and s.end is not None and s.start < s.end
        by_source.setdefault(s.source, []).append((s.start, s.end))
    pairs = sum(
        b[0] < a[1] and a[0] < b[1] for spans in by_source.values() for i, a in enumerate(spans) for b in spans[:i]
    )
    assert pairs == 74


def test_applications_and_documents_of_each_tag(coded: CodedFile) -> None:
    sources = {s.id: s.source for s in coded.selections}
    applied = Counter(c.code for c in coded.codings)
    found = {code: len({sources[c.selection] for c in coded.codings if c.code == code}) for code in applied}
    assert sorted(zip(APPLICATIONS, DOCUMENTS, strict=True)) == sorted((n, found[code]) for code, n in applied.items())


def test_the_tables_say_the_same_as_the_database(coded: CodedFile) -> None:
    table = read_taguette_highlights(HIGHLIGHTS, HIGHLIGHTS.name, Conventions())
    assert (len(table.codings), len(table.selections), len(table.codes), len(table.sources)) == (1930, 1793, 22, 17)
    names = {c.id: c.path[-1] for c in coded.codes}
    assert Counter(names[c.code] for c in coded.codings) == Counter(c.code for c in table.codings)
    codebook = read_taguette_codebook(CODEBOOK, CODEBOOK.name, Conventions())
    assert [c.path for c in codebook.codes] and {c.path for c in codebook.codes} == {c.path for c in coded.codes}
    with CODEBOOK.open(encoding="utf-8", newline="") as stream:
        counted = {row["tag"]: int(row["number of highlights"]) for row in csv.DictReader(stream)}
    assert counted == Counter(c.code for c in table.codings)


def collection(*files: dict[str, str]) -> CodedText:
    paths = dict.fromkeys(
        c.path[-1] for f in files for c in read_coded_file(FOLDER / f["file"], "f", Conventions()).codes
    )
    book = [code(f"c{n}", "", f"l{n}", path) for n, path in enumerate(paths)]
    return read_tool_files("talks", project_spec("A", files=files), FOLDER, book)


def test_the_counts_of_the_codebook_are_those_of_the_project() -> None:
    log = collection(PROJECT, {"file": CODEBOOK.name}).import_log
    assert logged(log, "counts") == f"all 22 counts are those found in {PROJECT['file']}"


def test_highlights_without_positions_are_found_where_the_project_has_them() -> None:
    """The table of highlights is put down to another coder, and its words are looked for in the project's texts."""
    segments = collection(PROJECT, {"file": HIGHLIGHTS.name, "coder": "B"}).segments
    keys = ["source", "code", "start", "end"]
    known = set(segments.loc[segments["coder"] == "A", keys].itertuples(index=False, name=None))
    found = segments[(segments["coder"] == "B") & (segments["status"] == "active")]
    assert (len(found), (segments["status"] == "unresolved").sum()) == (1892, 38)
    texts = segments.loc[segments["coder"] == "A"].set_index(["source", "code", "start", "end"])["text"]
    trimmed = {(s, c, a + len(t) - len(t.lstrip()), b - len(t) + len(t.rstrip())) for (s, c, a, b), t in texts.items()}
    assert set(found[keys].itertuples(index=False, name=None)) <= known | trimmed
