"""How long counting takes on a large coded study: 200 interviews, 20,000 segments a coder, 150 codes, 3 coders.

Every count is made from the same neutral tables that a reader would hand over; the median of three runs is printed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from plait.qualitative.case_matrix import case_themes
from plait.qualitative.codebook import codes_table
from plait.qualitative.cooccurrence import cooccurrence
from plait.qualitative.saturation import saturation
from plait.qualitative.similarity import case_similarity
from plait.qualitative.themes import theme_counts
from plait.qualitative.transcripts import CodedText, text_facts
from plait.study.definition import Collection
from plait.study.side_files import CodebookEntry

INTERVIEWS, SEGMENTS, THEMES, CODES, CODERS = 200, 20_000, 15, 150, ("Ann", "Ben", "Cem")
LINES, WORDS = 120, 45
GOAL = 2.0


def main() -> None:
    coded = large_study()
    breaks = {"role": "Role", "phase": "Phase"}
    spec = Collection(label="Interviews", mode="interview", count_from="Ann", breaks=breaks)
    collections = {"talks": spec}
    work: dict[str, Callable[[], object]] = {
        "theme counts": lambda: theme_counts(coded, collections),
        "cases by themes": lambda: case_themes(coded, collections),
        "co-occurrence": lambda: cooccurrence(coded, collections),
        "similarity of cases": lambda: case_similarity(coded, collections),
        "saturation": lambda: saturation(coded, collections),
    }
    print(f"{INTERVIEWS} interviews, {len(coded.segments):,} segments, {CODES} codes, {len(CODERS)} coders")
    seconds = {what: statistics.median(timed(count) for _ in range(3)) for what, count in work.items()}
    for what, taken in seconds.items():
        print(f"{what:<24} {taken:6.2f} s")
    total = sum(seconds.values())
    print(f"{'together':<24} {total:6.2f} s   goal {GOAL:g} s {'reached' if total <= GOAL else 'MISSED'}")


def timed(count: Callable[[], object]) -> float:
    start = time.perf_counter()
    count()
    return time.perf_counter() - start


def large_study() -> CodedText:
    """Interviews of some 30,000 characters; a coder's segments fall anywhere, and some codes are far more common."""
    chance = np.random.default_rng(7)
    words = np.array(["we", "never", "have", "time", "for", "mentoring", "because", "cover", "is", "short"])
    line = [" ".join(chance.choice(words, WORDS)) for _ in range(LINES)]
    texts = ["\n".join(chance.permutation(line)) for _ in range(INTERVIEWS)]
    sources = [f"s{i}" for i in range(INTERVIEWS)]
    codes = [CodebookEntry(code=f"t{i}", label=f"Theme {i}", kind="theme") for i in range(THEMES)]
    codes += [CodebookEntry(code=f"c{i}", label=f"Code {i}", parent=f"t{i % THEMES}") for i in range(CODES)]
    common = chance.dirichlet(np.full(CODES, 0.7))
    frames = []
    for coder in CODERS:
        source = chance.integers(0, INTERVIEWS, SEGMENTS)
        lengths = np.array([len(t) for t in texts])[source]
        start = (chance.random(SEGMENTS) * (lengths - 400)).astype(int)
        frames.append(
            pd.DataFrame(
                {
                    "source": np.array(sources)[source],
                    "code": [f"c{i}" for i in chance.choice(CODES, SEGMENTS, p=common)],
                    "coder": coder,
                    "start": start,
                    "end": start + chance.integers(20, 400, SEGMENTS),
                }
            )
        )
    segments = pd.concat(frames, ignore_index=True)
    segments = segments.assign(
        segment=segments.index.astype(str),
        collection="talks",
        case=segments["source"].str.replace("s", "p"),
        text="",
        origin_row="",
        status="active",
        reason="",
    )
    cases = [f"p{i}" for i in range(INTERVIEWS)]
    return CodedText.of(
        sources=[
            {"source": s, "collection": "talks", "name": s, "origin_id": s, "case": c} | text_facts(t)
            for s, c, t in zip(sources, cases, texts, strict=True)
        ],
        source_texts=[{"source": s, "text": t} for s, t in zip(sources, texts, strict=True)],
        cases=[{"case": c, "collection": "talks", "origin_id": c} for c in cases],
        case_attributes=[
            {"case": c, "attribute": name, "value": str(chance.choice(values))}
            for c in cases
            for name, values in (("role", ["mentor", "leader", "trainee"]), ("phase", ["primary", "secondary"]))
        ],
        codes=codes_table(codes),
        coders=[{"coder": c, "collection": "talks", "label": c, "role": "human"} for c in CODERS],
        assignments=[{"coder": c, "source": s} for c in CODERS for s in sources],
        segments=segments,
    )


if __name__ == "__main__":
    main()
