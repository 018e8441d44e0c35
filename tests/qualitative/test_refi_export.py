"""What is written as a project and read back is what it was."""

from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.qualitative.refi_export import write_project
from plait.qualitative.sheets import read_sheets
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText, canonical_text, check_invariants, stable_id, text_facts
from plait.qualitative.transcripts import with_segment_ids as with_ids
from plait.study.side_files import CodebookEntry
from qualitative.coded_files import BOOK, project_spec, sheets_spec, write_csv

GUIDS = [f"{n:08x}-0000-4000-8000-00000000000{n}" for n in range(1, 8)]
CODES = [entry.code for entry in BOOK if entry.parent]
WORDS = st.text(
    st.sampled_from("ab c\n\U0001f600é\u0301\u202e\u200b<&>\"'{}$=]\\/\t\u00a0\x07"), min_size=1, max_size=40
).filter(lambda text: text.strip())
NAMES = st.sampled_from(["Talk 1", "<script>x</script>", "=1+1", 'quoted "name"', "Ünïcode \U0001f600", "a/b"])


@st.composite
def projects(draw: st.DrawFn) -> CodedText:
    """Sources of one case each, codings of stretches and of wholes, remarks, sets, attributes."""
    texts = [canonical_text(t) for t in draw(st.lists(WORDS, min_size=1, max_size=4))]
    sources = [stable_id("source", "talks", GUIDS[i]) for i in range(len(texts))]
    cases = [stable_id("case", "talks", GUIDS[i][::-1][:8] + GUIDS[i][8:]) for i in range(len(texts))]
    origins = [GUIDS[i][::-1][:8] + GUIDS[i][8:] for i in range(len(texts))]
    rows, notes = [], []
    for i, text in enumerate(texts):
        for n in range(draw(st.integers(0, 4))):
            start = draw(st.integers(0, len(text) - 1))
            end = draw(st.integers(start + 1, len(text)))
            coders = draw(st.sets(st.sampled_from(["Ann", "Ben"]), min_size=1))
            codes = draw(st.sets(st.sampled_from(CODES), min_size=1, max_size=3))
            rows += [
                {
                    "selection": f"{i} {n}",
                    "source": sources[i],
                    "case": cases[i],
                    "code": code,
                    "coder": coder,
                    "start": start,
                    "end": end,
                    "text": text[start:end],
                    "memo": draw(st.sampled_from(["", "look <here>"])) if n == 0 else "",
                    "origin_row": f"{GUIDS[i][:-2]}{n}{len(rows) % 10}",
                    "resolution": "exact",
                    "status": "active",
                    "reason": "",
                    "collection": "talks",
                }
                for code in sorted(codes)
                for coder in sorted(coders)
            ]
    frame = pd.DataFrame(rows, columns=None if rows else ["selection", "source", "coder", "start", "end", "text"])
    frame = frame.drop_duplicates([c for c in ("source", "start", "end", "code", "coder") if c in frame])
    coders = sorted(set(frame["coder"])) if rows else []
    assigned = frame[["coder", "source"]].drop_duplicates()
    return CodedText.of(
        sources=[
            {"source": s, "collection": "talks", "name": draw(NAMES), "origin_id": g, "case": c, **text_facts(t)}
            for s, g, c, t in zip(sources, GUIDS, cases, texts, strict=False)
        ],
        source_texts=[{"source": s, "text": t} for s, t in zip(sources, texts, strict=True)],
        cases=[{"case": c, "collection": "talks", "origin_id": g} for c, g in zip(cases, origins, strict=True)],
        case_spans=[{"case": c, "source": s, "start": None, "end": None} for c, s in zip(cases, sources, strict=True)],
        case_attributes=[{"case": c, "attribute": "phase", "value": draw(NAMES)} for c in cases],
        codes=_codes(),
        coders=[
            {"coder": c, "collection": "talks", "label": c, "role": "human"}
            for c in {"Ann": 0, **dict.fromkeys(coders)}
        ],
        assignments=assigned,
        segments=with_ids(frame) if rows else [],
        annotations=notes,
    )


def _codes() -> pd.DataFrame:
    from plait.qualitative.codebook import codes_table

    return codes_table(BOOK)


def read_back(path: Path) -> CodedText:
    coded = read_tool_files("talks", project_spec(files=path.name, breaks={"phase": "Phase"}), path.parent, BOOK)
    check_invariants(coded)
    return coded


def the_same(one: CodedText, other: CodedText, *but: str) -> None:
    for field in fields(CodedText):
        if field.name in but:
            continue
        left, right = getattr(one, field.name), getattr(other, field.name)
        key = list(left.columns)
        pd.testing.assert_frame_equal(
            left.sort_values(key, ignore_index=True), right.sort_values(key, ignore_index=True), obj=field.name
        )


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(projects())
def test_a_project_read_back_is_identical(tmp_path_factory, coded: CodedText) -> None:
    path = tmp_path_factory.mktemp("export") / "talks.qdpx"
    left_out = write_project(coded, "talks", path)
    assert (left_out.not_active, left_out.without_place) == (0, 0)
    once = read_back(path)
    # The tool of origin is another, and the ids of selections follow from their places.
    once_more = once.segments.assign(selection=coded.segments["selection"]) if len(once.segments) else once.segments
    assert (
        once.segments.groupby(["source", "start", "end"]).ngroups
        == coded.segments.groupby(["source", "start", "end"]).ngroups
    )
    columns = [c for c in coded.segments.columns if c not in ("selection", "segment", "memo")]
    assert sorted(map(str, once_more[columns].to_dict("records"))) == sorted(
        map(str, coded.segments[columns].to_dict("records"))
    )
    the_same(coded, once, "import_log", "segments")
    again = path.with_name("again.qdpx")
    write_project(once, "talks", again)
    twice = read_back(again)
    the_same(once, twice, "import_log")
    write_project(twice, "talks", path)
    assert again.read_bytes() == path.read_bytes()


def test_coder_sheets_can_go_on_in_a_tool(tmp_path) -> None:
    """Answers coded in spreadsheets become whole-source codings; ids become GUIDs, everything else stays."""
    write_csv(
        tmp_path / "ann.csv",
        [["id", "phase", "answer", "Cover", "Pay"], ["1", "primary", "no cover", "1", ""], ["2", "", "pay", "", "1"]],
    )
    coded = read_sheets("talks", sheets_spec({"file": "ann.csv", "coder": "Ann"}), tmp_path, BOOK)
    left_out = write_project(coded, "talks", tmp_path / "talks.qdpx")
    assert (left_out.not_active, left_out.without_place, left_out.names) == (0, 0, 0)
    back = read_back(tmp_path / "talks.qdpx")
    said = [list(c.segments[["code", "coder", "text"]].itertuples(index=False, name=None)) for c in (coded, back)]
    assert said[0] == said[1]
    assert list(back.case_attributes["value"]) == list(coded.case_attributes["value"])
    assert list(back.sources["name"]) == ["1", "2"]


def test_what_a_project_cannot_hold_is_counted(tmp_path) -> None:
    write_csv(tmp_path / "ann.csv", [["id", "phase", "answer", "Cover"], ["1", "primary", " ", "1"]])
    coded = read_sheets("talks", sheets_spec({"file": "ann.csv", "coder": "Ann"}), tmp_path, BOOK)
    assert write_project(coded, "talks", tmp_path / "talks.qdpx").not_active == 1


def test_a_book_that_names_a_theme_after_its_codes(tmp_path) -> None:
    book = [CodebookEntry(code="b", parent="a", label="B"), CodebookEntry(code="a", label="A", kind="theme")]
    from plait.qualitative.codebook import codes_table

    write_project(CodedText.of(codes=codes_table(book)), "talks", tmp_path / "talks.qdpx")
    coded = read_tool_files("talks", project_spec(files="talks.qdpx"), tmp_path, book)
    assert list(coded.codes["parent"]) == ["a", ""]
