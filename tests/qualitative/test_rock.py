from __future__ import annotations

from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.qualitative.coded_file import CodedFile, Content, Conventions, FileOwner
from plait.qualitative.rock import FORMATS, read_rock
from qualitative.databases import events, reasons
from qualitative.fuzz_runs import fuzz

SOURCE = """\
# a comment with a [[code]]
[[uid=1a]] We never [[time>cover]] have \U0001f600 time. [[load]] [[coderId=ann]]
~~Not once. [[cover]] [[stress||3.5]] [[mood||rather low]]
---<<break>>---
[[time>cover]]
And then? [[two words]] [[ci--probe]] [[cover->load||causes||2]] --+-{mark}-+--
"""
TREE = """\
---
ROCK_codes:
  codes:
    -
      id: t1
      code: time
      label: Time
      description: All of it
      children: [cover, { id: rest, label: Rest }]
    -
      id: late
      parentId: t1
---
"""


def read(path: Path, text: str | bytes) -> CodedFile:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_rock(path, path.name, Conventions())


def refused(path: Path, text: str | bytes) -> str:
    with pytest.raises(StudyError) as caught:
        read(path, text)
    return str(caught.value)


def said(coded: CodedFile) -> list[str]:
    text = coded.sources[0].text
    assert text is not None
    return [text[s.start : s.end] if s.start is not None else "" for s in coded.selections]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_text_is_what_was_said(tmp_path: Path, line_end: str) -> None:
    coded = read(tmp_path / "a.rock", "\ufeff" + SOURCE.replace("\n", line_end))
    assert coded.sources[0].text == "We never have \U0001f600 time.\nNot once.\n\nAnd then?\n"
    assert said(coded) == ["We never have \U0001f600 time.", "Not once.", "", "And then?"]
    assert [s.locator for s in coded.selections] == ["1a", "line 3", "line 5", "line 6"]
    assert coded.offsets_in == "code points, line ends as stored"


def test_words_do_not_run_together(tmp_path: Path) -> None:
    coded = read(tmp_path / "a.rock", "No [[a]]time [[b]], none [[c]]. In[[d]]deed [[e]]  [[f]] so.\n")
    assert coded.sources[0].text == "No time, none. Indeed so.\n"


def test_codes_values_and_coders(tmp_path: Path) -> None:
    coded = read(tmp_path / "a.rock", SOURCE)
    assert [(c.origin, c.code, c.coder, c.weight, c.memo, c.reason) for c in coded.codings] == [
        ("row 2", "cover", "ann", None, "", ""),
        ("row 2", "load", "ann", None, "", ""),
        ("row 3", "cover", "ann", None, "", ""),
        ("row 3", "stress", "ann", 3.5, "", ""),
        ("row 3", "mood", "ann", None, "rather low", ""),
        ("row 5", "cover", "ann", None, "", "codes a line without text"),
        ("row 6", "two words", "ann", None, "", ""),
        ("row 6", "probe", "ann", None, "", ""),
    ]
    assert {c.id: c.path for c in coded.codes}["cover"] == ("time", "cover")
    assert coded.names_coders and coded.coders == ("ann",)
    assert "(two words)" in events(coded)["names"] and events(coded)["networks"].endswith(": 1")
    assert events(coded)["markup"] == "blocks: 0; section breaks: 1; comments: 1"
    assert not read(tmp_path / "b.rock", "So. [[a]]").names_coders


def test_trees_of_codes(tmp_path: Path) -> None:
    coded = read(
        tmp_path / "a.rock", f"{TREE}So. [[cover]] [[t1>late]] [[money>general]] [[time>general]] [[general]]\n"
    )
    assert [c.path for c in coded.codes] == [
        ("time",), ("time", "cover"), ("time", "rest"), ("time", "late"), ("money",), ("money", "general"),
        ("time", "general"), ("general",),
    ]  # fmt: skip
    paths = {c.id: c.path for c in coded.codes}
    assert [paths[c.code] for c in coded.codings][:3] == [("time", "cover"), ("time", "late"), ("money", "general")]
    assert coded.codes[0].definition == "All of it" and coded.codes[2].definition == "Rest"
    assert "(general)" in events(coded)["several_parents"]
    assert "stands below itself" in refused(tmp_path / "b.rock", "So. [[a>b]] and [[b>a]]")


def test_cases_and_their_attributes(tmp_path: Path) -> None:
    block = "---\nROCK_attributes:\n  -\n    caseId: 1\n    role: teacher\n  -\n    caseId: 3\n    role: head\n---\n"
    one = read(tmp_path / "a.rock", f"{block}Hello.\nSo. [[cid=1]] [[a]]\n")
    assert one.owners == (FileOwner("1", "source"),)
    assert [(c.id, dict(c.attributes)) for c in one.cases] == [("1", {"role": "teacher"}), ("3", {"role": "head"})]
    two = read(tmp_path / "b.rock", "Hello.\n[[cid=1]]\nI do.\nMe too. [[cid=2]]\nSo. [[a]]\n")
    spans = {s.id: s for s in two.selections}
    text = two.sources[0].text or ""
    assert [(o.case, text[spans[o.selection].start : spans[o.selection].end]) for o in two.owners] == [
        ("1", "\nI do."), ("2", "Me too.\nSo.\n"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("So.\n---\ncodes: x\n", "row 2: has a line of three hyphens that opens"),
        ("So.\n---\nMore talk\n---\nSo. [[a]]", "row 3: has text between two lines"),
        ("So.\n\n---\nx: 1\ny: [1\n---\n", "row 6: is not YAML"),
        ("---\na: &x 1\nb: *x\n---\n", "uses an alias"),
        ("---\na: !!python/object:os.system 1\n---\n", "uses a tag"),
        ("---\ncodes: " + "[" * 50_000 + "\n---\n", "nested more than 100 levels"),
        ("---\ncodes: " + "- " * 5_000 + "\n---\n", "is not YAML"),
        ("---\n" + "- " * 5_000 + "x\n---\n", "nested more than 100 levels"),
        ("So.\x00 [[a]]" + "x" * 9_000, "NUL"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_row(tmp_path: Path, text: str, words: str) -> None:
    assert words in refused(tmp_path / "a.rock", text)


def test_a_missing_file_and_an_empty_one(tmp_path: Path) -> None:
    assert reasons(read(tmp_path / "a.rock", "")) == {}
    with pytest.raises(StudyError, match=r"did you mean 'a\.rock'"):
        read_rock(tmp_path / "b.rock", "b.rock", Conventions())


def test_recognised_by_its_markup() -> None:
    recognises = FORMATS[0].recognises
    for head in ("So. [[a>b]]", "x [[a||3]]", "[[cid=1]]", "a\n---<<b>>---", "x\n---\r\nROCK_codes:\n"):
        assert recognises(Content(head.encode()))
    for head in ("So. [a]", "So. [[]]", "See [[the page|here]]", "---\ntitle: x\n", "[[a]]\x00"):
        assert not recognises(Content(head.encode()))


def test_hostile_lines_take_no_time(tmp_path: Path) -> None:
    coded = read(
        tmp_path / "a.rock", "[[" * 200_000 + "\n" + "[[a>" * 100_000 + "\n" + " \t" * 200_000 + "\n" + "--+-{" * 9_999
    )
    assert coded.codings == ()


@pytest.mark.slow
def test_damaged_files_are_read_or_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "rock.rock").write_text(TREE + SOURCE, encoding="utf-8")
    fuzz(tmp_path, count=400)
