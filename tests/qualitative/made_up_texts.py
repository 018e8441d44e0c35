"""Coded texts made by chance, and small enough to be counted with plain sets."""

from __future__ import annotations

import random
from itertools import pairwise

import pandas as pd

from plait.qualitative.codebook import codes_table
from plait.qualitative.transcripts import CodedText, text_facts, with_segment_ids
from qualitative.coded_files import code, structural, theme

CODES = [
    theme("time"),
    code("cover", "time"),
    code("meetings", "time"),
    theme("money"),
    code("pay", "money"),
    code("idle", "money"),
    code("loose"),
    structural("unclear"),
    structural("off_topic").model_copy(update={"parent": "time"}),
]
ROLES = ["interviewer", "participant", "other"]
UNDER = {
    "time": {"time", "cover", "meetings"},
    "money": {"money", "pay", "idle"},
    **{c: {c} for c in ("cover", "meetings", "pay", "idle", "loose")},
}


def made_up(seed: int) -> CodedText:
    """Sources of random length, some without text, some without a case or with two; random stretches and codes."""
    rng = random.Random(seed)
    cases = [f"c{n}" for n in range(6)]
    texts = {f"s{n}": "".join(rng.choice("ab \n") for _ in range(rng.randint(1, 40))) for n in range(9)}
    absent = set(rng.sample(sorted(texts), 2))
    case_of = {s: rng.choice([*cases, ""]) for s in texts}
    assigned = set(rng.sample(sorted(texts), 6))
    rows = []
    for _ in range(60):
        s = rng.choice(sorted(texts))
        coder = rng.choice(["Ann", "Ben"])
        if coder == "Ann" and s not in assigned:
            continue
        a, b = sorted(rng.sample(range(len(texts[s]) + 1), 2))
        whole = rng.random() < 0.1
        rows.append(
            {
                "collection": "talks",
                "source": s,
                "case": case_of[s] or rng.choice(["", *cases]),
                "code": rng.choice([entry.code for entry in CODES if entry.code != "idle"]),
                "coder": coder,
                "start": None if whole else a,
                "end": None if whole else b,
                "text": "" if s in absent else texts[s] if whole else texts[s][a:b],
                "origin_row": "",
                "status": rng.choice(["active"] * 9 + ["excluded"]),
                "reason": "made up",
            }
        )
    turns = []
    for s in sorted(set(texts) - absent)[: seed % 8]:
        cuts = sorted(rng.sample(range(len(texts[s]) + 1), min(4, len(texts[s]) + 1)))
        for a, b in pairwise(cuts):
            turns.append({"source": s, "start": a, "end": b, "speaker": "I", "role": rng.choice(ROLES)})
    return CodedText.of(
        turns=turns,
        sources=[
            {"source": s, "collection": "talks", "name": s, "origin_id": s, "case": case_of[s]}
            | text_facts(None if s in absent else text)
            for s, text in texts.items()
        ],
        source_texts=[{"source": s, "text": text} for s, text in texts.items() if s not in absent],
        cases=[{"case": c, "collection": "talks", "origin_id": c} for c in cases],
        case_attributes=[
            {"case": c, "attribute": "phase", "value": rng.choice(["primary", "secondary"])} for c in cases[:-1]
        ],
        codes=codes_table(CODES),
        coders=[{"coder": c, "collection": "talks", "label": c, "role": "human"} for c in ("Ann", "Ben")],
        assignments=[{"coder": "Ann", "source": s} for s in sorted(assigned)]
        + [{"coder": "Ben", "source": s} for s in texts],
        segments=with_segment_ids(pd.DataFrame(rows).astype({"start": "Int64", "end": "Int64"})),
    )
