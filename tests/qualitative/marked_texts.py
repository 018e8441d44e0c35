"""Coded text made by hand: texts, coders and marked stretches, without any file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from plait.qualitative.transcripts import OFTEN_EMPTY, CodedText, check_invariants, text_facts, with_segment_ids
from plait.study.definition import ToolFiles
from plait.tables import SEGMENTS
from qualitative.coded_files import project_spec

Span = tuple[str, str, str] | tuple[str, str, str, int, int]
"""Coder, text, code, and the place where one is marked; the whole text otherwise."""


def marked(
    texts: Mapping[str, str],
    coders: Mapping[str, Sequence[str]],
    *spans: Span,
    codes: Sequence[str] = ("pay", "time", "trust"),
    offered: Mapping[str, Sequence[str]] | None = None,
) -> CodedText:
    """A collection `talks`.

    Args:
        texts: Name of each text and what it says.
        coders: Name of each coder and the texts they were asked to code.
        spans: What they marked.
        codes: The codebook.
        offered: The codes that coders could choose, where the files say it.
    """
    rows = []
    for coder, source, code, *place in spans:
        start, end = place or (None, None)
        text = texts[source][start:end] if place else texts[source]
        rows.append(
            {
                "segment": "", "collection": "talks", "source": source, "case": f"case {source}", "code": code,
                "coder": coder, "start": start, "end": end, "text": text, "origin_row": f"{coder} {start}",
                "status": "active", "reason": "",
            }
        )  # fmt: skip
    # A frame of integers that may be missing keeps whole numbers whole.
    frame = pd.DataFrame(
        rows, columns=None if rows else [c for c in SEGMENTS.columns if c not in OFTEN_EMPTY["segments"]]
    )
    frame = frame.astype({"start": "Int64", "end": "Int64"})
    coded = CodedText.of(
        sources=[
            {
                "source": s, "collection": "talks", "name": f"Talk {s}", "origin_id": s, "case": f"case {s}",
                **text_facts(text),
            }
            for s, text in texts.items()
        ],
        source_texts=[{"source": s, "text": text} for s, text in texts.items()],
        cases=[{"case": f"case {s}", "collection": "talks", "origin_id": s} for s in texts],
        codes=[
            {"code": c, "parent": "", "label": c.capitalize(), "kind": "code", "definition": "", "order": i}
            for i, c in enumerate(codes)
        ],
        coders=[{"coder": c, "collection": "talks", "label": c, "role": "human"} for c in coders],
        coder_codes=[
            {"coder": c, "collection": "talks", "code": code} for c, mine in (offered or {}).items() for code in mine
        ],
        assignments=[{"coder": c, "source": s} for c, asked in coders.items() for s in asked],
        segments=with_segment_ids(frame),
    )  # fmt: skip
    check_invariants(coded)
    return coded


def spec(**more: object) -> ToolFiles:
    """What a definition says of the collection."""
    return project_spec(**({"count_from": "agreed"} | more))
