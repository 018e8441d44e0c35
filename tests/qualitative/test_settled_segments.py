"""What becomes of the coders' segments, held against marking the text character by character."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.qualitative.agreement import Coding
from plait.qualitative.settled_segments import settled_segments
from plait.qualitative.transcripts import CodedText, text_facts
from plait.qualitative.worklist import marks_of

CODES, CODERS, CASES = ("cover", "pay"), ("Ann", "Ben"), ("p1", "p2", "")
LINES = st.lists(st.sampled_from(["ab", "c d", "efg", "", " "]), min_size=1, max_size=6).map("\n".join)


@st.composite
def a_coding(draw: st.DrawFn) -> Coding:
    texts = [text for text in draw(st.lists(LINES, min_size=1, max_size=3)) if text.strip()] or ["ab\ncd"]
    rows = []
    for n in range(draw(st.integers(1, 12))):
        source = draw(st.integers(0, len(texts) - 1))
        start = draw(st.integers(0, len(texts[source]) - 1))
        end = draw(st.integers(start + 1, len(texts[source])))
        code, coder, case = (draw(st.sampled_from(values)) for values in (CODES, CODERS, CASES))
        place = {"start": start, "end": end, "text": texts[source][start:end]}
        row = {"source": f"s{source}", "code": code, "coder": coder, "case": case, "origin_row": f"row {n}"} | place
        rows.append(row | {"segment": f"g{n}", "collection": "talks", "status": "active", "reason": ""})
    known = dict(enumerate(texts))
    return Coding.of(
        CodedText.of(
            sources=[
                {"source": f"s{i}", "collection": "talks", "name": f"s{i}", "origin_id": "", "case": ""} | text_facts(t)
                for i, t in known.items()
            ],
            source_texts=[{"source": f"s{i}", "text": t} for i, t in known.items()],
            codes=[
                {"code": c, "parent": "", "label": c, "kind": "code", "definition": "", "order": i}
                for i, c in enumerate(CODES)
            ],
            coders=[{"coder": c, "collection": "talks", "label": c, "role": "human"} for c in CODERS],
            assignments=[{"coder": c, "source": f"s{i}"} for c in CODERS for i in known],
            segments=pd.DataFrame(rows),
        ),
        "talks",
    )


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(a_coding(), st.integers(0, 2**16))
def test_a_character_is_settled_where_a_coder_marked_it_and_the_paragraph_was_accepted(coding, seed: int) -> None:
    (marks,) = marks_of(coding)
    accepted = np.random.default_rng(seed).random((len(marks.units.source), len(marks.codes))) < 0.6
    found = settled_segments(coding, marks, accepted)
    texts = dict(zip(coding.coded.source_texts["source"], coding.coded.source_texts["text"], strict=True))
    settled: list[tuple[str, str, str, int]] = []
    for row in found.itertuples(index=False):
        start, end = (0, len(texts[row.source])) if pd.isna(row.start) else (row.start, row.end)
        assert row.text == texts[row.source][start:end]
        settled += [(row.source, row.code, row.case, at) for at in range(start, end)]
    assert len(settled) == len(set(settled))  # nothing twice under one code and case

    marked = {
        (row.source, row.code, row.case, at)
        for row in coding.segments.itertuples(index=False)
        for at in range(row.start, row.end)
    }
    units = marks.units
    for u, c in np.ndindex(accepted.shape):
        source = units.sources[units.source[u]]
        for at in range(units.start[u], units.end[u]):
            for case in CASES:
                key = (source, marks.codes[c], case, at)
                assert (key in set(settled)) == (accepted[u, c] and key in marked)
    assert set(settled) <= marked  # never a word that nobody marked
