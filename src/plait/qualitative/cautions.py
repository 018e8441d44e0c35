"""What to know before counts of coded text are used: bases that are not there, codings that cannot be findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from plait.qualitative.counted import CountedText, counted_texts, numbers
from plait.qualitative.measures import Measures, covered
from plait.qualitative.relations import touching
from plait.qualitative.transcripts import CodedText
from plait.study.definition import Collection
from plait.tables import COUNTING_NOTES

ALL_OF_A_TEXT = 0.9
"""Share of a text above which a code marks a speaker or a whole document rather than something said."""

_TEXTS = {
    "nothing_coded": "Nothing was coded: every count is zero.",
    "no_cases": "No case is known, so that people cannot be counted.",
    "silent_cases": "Cases without a coded segment; they are in the base where their texts were to be coded.",
    "no_case_of_its_own": "Texts that belong to no case; they count as texts, never as people.",
    "shared": "Segments that belong to several cases; each case counts them.",
    "overlapping": "Pairs of segments of the same code that share text; each is a segment, and shared text is covered once.",
    "covers_all": (
        "A code that covers more than 90% of a text. If it marks a speaker or a part of the interview and no finding, make "
        "it structural in the codebook."
    ),
}


def counting_notes(coded: CodedText, collections: Mapping[str, Collection]) -> pd.DataFrame:
    """Everything about the counted coding that a reader of its counts should know; nothing where all is well.

    Raises:
        StudyError: A collection's coding is to be counted from a coder it does not have.
    """
    rows = [
        {"collection": counted.name, "kind": kind, "code": code, "n": n, "of": of, "text": _TEXTS[kind]}
        for counted in counted_texts(coded, collections)
        for kind, code, n, of in _notes(counted)
    ]
    return COUNTING_NOTES.of(pd.DataFrame(rows, columns=list(COUNTING_NOTES.columns)))


def _notes(counted: CountedText) -> Iterator[tuple[str, str, int, int]]:
    case, _ = counted.present
    found = len(counted.incidence.stretch) if counted.counts is None else len(case)
    if not found:
        yield "nothing_coded", "", 0, len(counted.sources)
    if not len(counted.cases):
        yield "no_cases", "", 0, len(counted.sources)
    silent = len(counted.cases) - len(np.unique(case))
    if silent and found:
        yield "silent_cases", "", silent, len(counted.cases)
    lonely = int((counted.members["case"] < 0).sum())
    if lonely and len(counted.cases):
        yield "no_case_of_its_own", "", lonely, len(counted.sources)
    s = counted.stretches
    cases = pd.DataFrame({"place": s.place, "case": s.case}).drop_duplicates().groupby("place").size()
    if (cases > 1).any():
        yield "shared", "", int((cases > 1).sum()), len(cases)
    if counted.has_places:
        yield from _of_places(counted)


def _of_places(counted: CountedText) -> Iterator[tuple[str, str, int, int]]:
    s = counted.stretches
    own = numbers(counted.entries["code"], counted.coded.codes["code"])[s.code]
    measures = Measures.of(counted)
    total = int(measures.before[-1])
    placed = pd.DataFrame({"entry": own, "source": s.source, "start": s.start, "end": s.end})
    placed = placed[(own >= 0) & (s.start >= 0) & (s.end > s.start)].drop_duplicates()
    entry, source, start, end = (placed[c].to_numpy(dtype=np.int64) for c in placed.columns)
    offset = entry * total + measures.before[source]
    pairs = sum(len(p.first) for p in touching(offset + start, offset + end).values())
    if pairs:
        yield "overlapping", "", pairs, len(placed)

    n_sources = len(counted.sources)
    key = entry * n_sources + source
    lengths = measures.characters(measures.before[1:]) - measures.characters(measures.before[:-1])
    reach = covered(measures, key, source, start, end, counted.n_entries * n_sources).characters
    reach = reach.reshape(counted.n_entries, n_sources)
    most = ((reach > ALL_OF_A_TEXT * lengths) & (lengths > 0)).sum(axis=1)
    in_sources = np.bincount(np.unique(key) // max(n_sources, 1), minlength=counted.n_entries)
    for i in np.flatnonzero(most):
        yield "covers_all", str(counted.entries["code"].iloc[i]), int(most[i]), int(in_sources[i])
