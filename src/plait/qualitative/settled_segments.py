"""The segments of a settled coding: what coders marked, as far as it was accepted.

A settled segment is never made up: it is some coder's, cut where the code was not accepted. Those of one code and case
that overlap are one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.qualitative import units as unit
from plait.qualitative.agreement import Coding
from plait.qualitative.counted import expanded
from plait.qualitative.units import Whole
from plait.qualitative.worklist import Marks

Given = npt.NDArray[np.bool_]
COLUMNS = ["source", "case", "code", "start", "end", "text", "origin_row"]


def settled_segments(coding: Coding, marks: Marks, accepted: Given) -> pd.DataFrame:
    """The coders' segments as far as they lie in accepted units, text by text and code by code.

    Args:
        coding: What the coders marked.
        marks: The same by unit.
        accepted: (units, codes) whether the code applies to the unit.

    Returns:
        `COLUMNS`; a segment of a whole text has no start and end.
    """
    s = coding.segments
    text = marks.units.sources.get_indexer(pd.Index(s["source"]))
    mine, text = s[text >= 0], text[text >= 0].astype(np.int64)
    code = pd.Index(marks.codes).get_indexer(pd.Index(mine["code"])).astype(np.int64)
    if marks.units.kind == unit.SOURCE:
        return mine[accepted[text, code]].drop_duplicates(COLUMNS[:-1])[COLUMNS]
    known = dict(zip(coding.coded.source_texts["source"], coding.coded.source_texts["text"], strict=True))
    texts = [str(known[source]) for source in marks.units.sources]
    length = np.array([len(whole) for whole in texts], dtype=np.int64)
    found = _clipped(_joined(mine, text * len(marks.codes) + code, length[text]), _accepted(marks, accepted, length))
    at = text[found.row]
    whole = (found.start == 0) & (found.end == length[at])
    places = zip(at.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    kept = mine[["source", "case", "code", "origin_row"]].iloc[found.row].reset_index(drop=True)
    kept = kept.assign(
        start=pd.Series(found.start, dtype="Int64").mask(whole),
        end=pd.Series(found.end, dtype="Int64").mask(whole),
        text=[texts[t][start:end] for t, start, end in places],
    )
    return kept[COLUMNS]


@dataclass(frozen=True)
class _Stretches:
    """Stretches of texts under codes.

    Attributes:
        key: A number for the text and the code.
        start: First character.
        end: Character after the last.
        row: The segment each is made from, by its place.
    """

    key: Whole
    start: Whole
    end: Whole
    row: Whole


@dataclass(frozen=True)
class _Accepted:
    """Paragraphs in a row that have a code, by text and code and in order.

    What lies between two paragraphs goes with the first, what lies before all of them with the first of all.

    Attributes:
        key: A number for the text and the code.
        opens: From where on a segment may stand here.
        closes: Up to where.
        last: Where the words of the last paragraph end.
    """

    key: Whole
    opens: Whole
    closes: Whole
    last: Whole


def _joined(segments: pd.DataFrame, key: Whole, length: Whole) -> _Stretches:
    """Segments of one text, code and case that overlap, as one; cases in the order of their first segment."""
    low, high = unit.places(segments)
    case = pd.factorize(segments["case"])[0].astype(np.int64)
    _, first, which = np.unique(key * (case.max(initial=0) + 1) + case, return_index=True, return_inverse=True)
    order = np.lexsort((high, low, first[which], key))
    group = np.cumsum(np.diff(first[which][order], prepend=-1) != 0)
    # One line of numbers for all groups: each has its own stretch of it.
    line = group * (int(length.max(initial=0)) + 1)
    low, high = low[order], np.minimum(high, length)[order]
    reached = np.maximum.accumulate(line + high) if len(order) else line
    opens = np.flatnonzero(np.append(True, line[1:] + low[1:] >= reached[:-1])[: len(order)])
    ends = np.maximum.reduceat(high, opens) if len(opens) else high
    return _Stretches(key[order][opens], low[opens], ends, order[opens])


def _accepted(marks: Marks, accepted: Given, length: Whole) -> _Accepted:
    units = marks.units
    starts_text = np.zeros(len(units.source), dtype=bool)
    starts_text[units.first] = True
    ends_text = np.append(starts_text[1:], True)
    yes = accepted.T
    before, behind = np.zeros_like(yes), np.zeros_like(yes)
    before[:, 1:], behind[:, :-1] = yes[:, :-1], yes[:, 1:]
    code, first = np.nonzero(yes & (starts_text | ~before))
    last = np.nonzero(yes & (ends_text | ~behind))[1]
    key = units.source[first] * len(marks.codes) + code
    opens = np.where(starts_text[first], 0, units.start[first])
    closes = np.where(ends_text[last], length[units.source[last]], np.append(units.start[1:], 0)[last])
    order = np.lexsort((opens, key))
    return _Accepted(key[order], opens[order], closes[order], units.end[last][order])


def _clipped(found: _Stretches, accepted: _Accepted) -> _Stretches:
    """Stretches cut where the code was not accepted."""
    span = int(max(accepted.closes.max(initial=0), found.end.max(initial=0))) + 1
    low = np.searchsorted(accepted.key * span + accepted.closes, found.key * span + found.start, side="right")
    high = np.searchsorted(accepted.key * span + accepted.opens, found.key * span + found.end, side="left")
    mine, here = expanded(low.astype(np.int64), np.maximum(high - low, 0).astype(np.int64))
    closes, end = accepted.closes[here], found.end[mine]
    start = np.maximum(found.start[mine], accepted.opens[here])
    end = np.minimum(np.where(end <= closes, end, accepted.last[here]), closes)
    some = start < end
    return _Stretches(found.key[mine][some], start[some], end[some], found.row[mine][some])
