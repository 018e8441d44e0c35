"""What a reader of the counts should know is told, and nothing where all is well."""

from __future__ import annotations

import pandas as pd

from plait.qualitative.cautions import counting_notes
from plait.qualitative.codebook import codes_table
from plait.qualitative.transcripts import CodedText, text_facts, with_segment_ids
from qualitative.coded_files import code, project_spec, structural

TEXT = "Nobody covers for me, and so I never go."
SPEC = {"talks": project_spec()}


def talks(*segments: tuple[str, str, str, int | None, int | None], cases: str = "ab") -> CodedText:
    """Two talks, of a and b; a segment is source, case, code, start and end."""
    rows = [
        {"collection": "talks", "source": s, "case": c, "code": k, "coder": "Ann", "start": i, "end": j,
         "text": TEXT[i:j], "origin_row": "", "status": "active", "reason": ""}
        for s, c, k, i, j in segments
    ]  # fmt: skip
    columns = [
        "collection",
        "source",
        "case",
        "code",
        "coder",
        "start",
        "end",
        "text",
        "origin_row",
        "status",
        "reason",
    ]
    return CodedText.of(
        sources=[
            {"source": f"s{c}", "collection": "talks", "name": c, "origin_id": c, "case": c if c in cases else ""}
            | text_facts(TEXT)
            for c in "ab"
        ],
        source_texts=[{"source": f"s{c}", "text": TEXT} for c in "ab"],
        cases=[{"case": c, "collection": "talks", "origin_id": c} for c in cases],
        codes=codes_table([code("cover"), code("speaker"), structural("aside")]),
        coders=[{"coder": "Ann", "collection": "talks", "label": "Ann", "role": "human"}],
        assignments=[{"coder": "Ann", "source": f"s{c}"} for c in "ab"],
        segments=with_segment_ids(pd.DataFrame(rows, columns=columns).astype({"start": "Int64", "end": "Int64"})),
    )


def told(coded: CodedText) -> dict[tuple[str, str], tuple[int, int]]:
    notes = counting_notes(coded, SPEC)
    assert notes["text"].str.len().min() > 10 if len(notes) else True
    return {(r.kind, r.code): (r.n, r.of) for r in notes.itertuples()}


def test_nothing_is_said_where_all_is_well() -> None:
    assert told(talks(("sa", "a", "cover", 0, 6), ("sb", "b", "cover", 0, 6), ("sb", "b", "cover", 7, 13))) == {}
    assert counting_notes(CodedText.of(), {}).empty


def test_bases_that_are_not_there() -> None:
    assert told(talks()) == {("nothing_coded", ""): (0, 2)}
    assert told(talks(("sa", "a", "aside", 0, 6))) == {("nothing_coded", ""): (0, 2)}
    assert told(talks(("sa", "a", "cover", 0, 6))) == {("silent_cases", ""): (1, 2)}
    assert told(talks(("sa", "", "cover", 0, 6), cases="")) == {("no_cases", ""): (0, 2)}
    alone = talks(("sa", "a", "cover", 0, 6), ("sb", "", "cover", 0, 6), cases="a")
    assert told(alone) == {("no_case_of_its_own", ""): (1, 2)}


def test_segments_of_several_cases_and_segments_that_overlap() -> None:
    both = [("sb", "b", "cover", 0, 6)]
    assert told(talks(("sa", "a", "cover", 0, 6), ("sa", "b", "cover", 0, 6), *both)) == {("shared", ""): (1, 2)}
    crossing = [("sa", "a", "cover", 0, 6), ("sa", "a", "cover", 5, 9), ("sa", "a", "speaker", 2, 8)]
    assert told(talks(*crossing, *both)) == {("overlapping", ""): (1, 4)}


def test_a_code_that_covers_a_whole_text_may_be_no_finding() -> None:
    n = len(TEXT)
    nearly = talks(("sa", "a", "speaker", 0, n - 3), ("sb", "b", "speaker", 0, n - 5), ("sa", "a", "aside", 0, n))
    assert told(nearly) == {("covers_all", "speaker"): (1, 2)}
    joined = talks(("sa", "a", "speaker", 0, 20), ("sa", "a", "speaker", 20, n), ("sb", "b", "cover", 3, 8))
    assert told(joined) == {("covers_all", "speaker"): (1, 1)}


def test_counts_alone_are_looked_at_too() -> None:
    coded = talks()
    rows = [{"collection": "talks", "case": "a", "code": "cover", "n": 2}]
    counts = CodedText.of(cases=coded.cases, codes=coded.codes, code_counts=rows)
    assert told(counts) == {("silent_cases", ""): (1, 2)}
