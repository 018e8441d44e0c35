"""Theme counts, held against a second way of counting: plain sets, one question at a time."""

import re
import sqlite3
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from plait.errors import StudyError
from plait.qualitative.codebook import codes_table
from plait.qualitative.sheets import read_sheets
from plait.qualitative.themes import NOT_KNOWN, theme_counts
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText, check_invariants, text_facts, with_segment_ids
from qualitative.coded_files import BOOK, code, project_spec, sheets_spec, write_csv
from qualitative.made_up_texts import UNDER, made_up


def second_way(coded: CodedText) -> dict[tuple[str, str, str], dict[str, set]]:
    """Distinct sources, cases, segments, characters and words by theme, break and group, with the base under ''."""
    assigned = set(coded.assignments.loc[coded.assignments["coder"] == "Ann", "source"])
    phase = dict(zip(coded.case_attributes["case"], coded.case_attributes["value"], strict=True))
    texts = dict(zip(coded.source_texts["source"], coded.source_texts["text"], strict=True))
    own = dict(zip(coded.sources["source"], coded.sources["case"], strict=True))
    rows = [r for r in coded.segments.itertuples() if r.status == "active" and r.source in assigned]
    parts = {s: {r.case for r in rows if r.source == s and r.case} | ({own[s]} - {""}) for s in assigned}
    parts = {s: found or {""} for s, found in parts.items()}
    asked = {
        (t.source, at) for t in coded.turns.itertuples() if t.role == "interviewer" for at in range(t.start, t.end)
    }
    starts = {(s, m.start()) for s, text in texts.items() for m in re.finditer(r"\S+", text)}
    found: dict[tuple[str, str, str], dict[str, set]] = {}
    groups = {("", "")} | {("phase", phase.get(c, NOT_KNOWN)) for cs in parts.values() for c in cs}
    for by, group in groups:

        def inside(case: str, by: str = by, group: str = group) -> bool:
            return by == "" or phase.get(case, NOT_KNOWN) == group

        base_sources = {s for s, cs in parts.items() if any(inside(c) for c in cs)}
        said = {(s, at) for s in base_sources for at in range(len(texts.get(s, "")))} - asked
        found["", by, group] = {
            "sources": base_sources,
            "cases": {c for cs in parts.values() for c in cs if c and inside(c)},
            "characters": said,
            "words": said & starts,
        }
        for name, codes in UNDER.items():
            mine = [r for r in rows if r.coder == "Ann" and r.code in codes and inside(r.case)]
            covered = {
                (r.source, at)
                for r in mine
                if r.source in texts
                for at in (range(len(texts[r.source])) if pd.isna(r.start) else range(r.start, r.end))
            } - asked
            found[name, by, group] = {
                "sources": {r.source for r in mine},
                "cases": {r.case for r in mine if r.case},
                "segments": {(r.source, str(r.start), str(r.end), r.text) for r in mine},
                "characters": covered,
                "words": covered & starts,
            }
    return found


@pytest.mark.parametrize("seed", range(25))
def test_counts_are_those_of_the_second_way(seed: int) -> None:
    coded = made_up(seed)
    table = theme_counts(coded, {"talks": project_spec(breaks={"phase": "Phase"})})
    expected = second_way(coded)
    assert len(table) == 5 * (len(expected) - len({(b, g) for _, b, g in expected}))
    for row in table.itertuples():
        found, base = expected[row.theme, row.by, row.group], expected["", row.by, row.group]
        assert row.n == len(found[row.unit]), row
        if row.unit == "segments":
            assert pd.isna(row.of)
        else:
            assert row.of == len(base[row.unit]), row


def test_made_up_texts_keep_the_rules() -> None:
    coded = made_up(1)
    active = coded.segments["status"].eq("active")
    segments = coded.segments.assign(reason=coded.segments["reason"].mask(active, ""))
    parts = {name: getattr(coded, name) for name in ("sources", "source_texts", "cases", "codes", "coders")}
    check_invariants(CodedText.of(**parts, assignments=coded.assignments, segments=segments))


def test_a_theme_is_counted_once_however_many_of_its_codes_were_given(tmp_path) -> None:
    header = ["id", "phase", "answer", "Cover", "Meetings", "Pay", "unclear"]
    rows = [
        ["1", "primary", "a", "1", "1", "", ""],
        ["2", "primary", "b", "", "1", "", ""],
        ["3", "", "c", "", "", "", "1"],
    ]
    write_csv(tmp_path / "ann.csv", [header, *rows])
    spec = sheets_spec({"file": "ann.csv", "coder": "Ann"})
    table = theme_counts(read_sheets("answers", spec, tmp_path, BOOK), {"answers": spec})
    sources = table[table["unit"] == "sources"].set_index(["theme", "group"])
    # The answer without a phase has a group of its own, so that groups add up to everyone.
    assert sources.loc[("time", "")][["n", "of"]].tolist() == [2, 3]
    assert sources.loc[("time", "primary")][["n", "of"]].tolist() == [2, 2]
    assert sources.loc[("time", NOT_KNOWN)][["n", "of"]].tolist() == [0, 1]
    assert sources.loc[("money", "")][["n", "of"]].tolist() == [0, 3]
    assert "unclear" not in set(table["theme"])
    assert set(table["unit"]) == {"sources", "cases", "segments"}  # whole answers: there is nothing to cover
    levels = dict(zip(table["theme"], table["level"], strict=True))
    assert levels == {
        "time": "theme",
        "time_cover": "code",
        "time_meetings": "code",
        "money": "theme",
        "money_pay": "code",
    }
    assert len(table) == 3 * 5 * len(list(product(["", "primary", NOT_KNOWN])))


def test_a_collection_without_its_coder_is_refused() -> None:
    with pytest.raises(StudyError) as error:
        theme_counts(made_up(0), {"talks": project_spec("Anne"), "more": project_spec("Ann")})
    assert [p.file for p in error.value.problems] == ["study.yaml", "study.yaml"]
    assert "did you mean 'Ann'?" in error.value.problems[0].mend


def test_a_coder_without_sources_has_zeros_of_zero() -> None:
    coded = made_up(0)
    empty = CodedText.of(codes=coded.codes, coders=coded.coders)
    table = theme_counts(empty, {"talks": project_spec(breaks={"phase": "Phase"})})
    assert set(table["n"]) == {0}
    assert set(table["of"].dropna()) == {0}
    assert set(table["by"]) == {""}
    assert len(theme_counts(coded, {})) == 0


SAMPLE = (
    Path(__file__)
    .resolve()
    .parents[2]
    .parent.joinpath("shared", "samples", "qualitative", "taguette", "SERDIF_P2_ThematicAnalysis.sqlite3")
)
PUBLISHED = (
    *(
        (191, 17),
        (174, 17),
        (156, 17),
        (151, 17),
        (131, 17),
        (126, 16),
        (125, 17),
        (88, 17),
        (75, 16),
        (72, 17),
        (71, 17),
    ),
    *((70, 17), (62, 17), (61, 17), (60, 15), (59, 14), (50, 17), (50, 14), (48, 15), (45, 16), (33, 11), (32, 9)),
)
"""Highlights and documents of each tag, as counted by an independent script."""


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the real project is not on this computer")
def test_a_real_project_counted_by_tag() -> None:
    with sqlite3.connect(f"{SAMPLE.as_uri()}?mode=ro", uri=True) as base:
        rows = base.execute(
            "select h.document_id, t.tag_id, h.start_offset, h.end_offset, h.id from highlights h "
            "join highlight_tags t on t.highlight_id = h.id"
        ).fetchall()
    tags, documents = sorted({r[1] for r in rows}), sorted({r[0] for r in rows})
    segments = [
        {"collection": "talks", "source": f"d{d}", "case": "", "code": f"t{tag}", "coder": "Ann", "start": a, "end": b,
         "text": f"highlight {h}", "origin_row": "", "status": "active", "reason": ""}
        for d, tag, a, b, h in rows
    ]  # fmt: skip
    coded = CodedText.of(
        sources=[
            {"source": f"d{d}", "collection": "talks", "name": "", "origin_id": str(d), "case": ""} | text_facts(None)
            for d in documents
        ],
        codes=codes_table([code(f"t{tag}") for tag in tags]),
        coders=[{"coder": "Ann", "collection": "talks", "label": "Ann", "role": "human"}],
        assignments=[{"coder": "Ann", "source": f"d{d}"} for d in documents],
        segments=with_segment_ids(pd.DataFrame(segments).astype({"start": "Int64", "end": "Int64"})),
    )
    counts = theme_counts(coded, {"talks": project_spec()}).pivot(index="theme", columns="unit", values="n")
    assert sorted(zip(counts["segments"], counts["sources"], strict=True)) == sorted(PUBLISHED)


def test_the_same_words_at_two_places_are_two_segments(tmp_path) -> None:
    header = ["Document name", "Code", "Beginning", "End", "Segment", "Created by"]
    rows = [
        ["Talk", code, place, place, "Yes.", "Ann"] for code, place in (("Cover", 3), ("Meetings", 3), ("Cover", 9))
    ]
    write_csv(tmp_path / "segments.csv", [header, *(list(map(str, row)) for row in rows)])
    spec = project_spec(files="segments.csv")
    table = theme_counts(read_tool_files("talks", spec, tmp_path, BOOK), {"talks": spec})
    segments = table[table["unit"] == "segments"].set_index("theme")["n"]
    assert segments[["time", "time_cover", "time_meetings"]].tolist() == [2, 2, 1]
