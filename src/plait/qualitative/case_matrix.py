"""Cases by themes: who speaks of what, how often, and in how much of the text.

The long table is what the joins with a survey read; the wide one is what people take into a statistics program
(quantitizing: Sandelowski, Voils and Knafl 2009). Both are about single people and never published as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from plait.qualitative.counted import CountedText, Index, counted_texts
from plait.qualitative.measures import Measures, covered
from plait.qualitative.transcripts import CodedText
from plait.study.definition import Collection
from plait.tables import CASE_THEMES, CASES

_UNKNOWN = -1


def case_themes(coded: CodedText, collections: Mapping[str, Collection]) -> pd.DataFrame:
    """One row a case in the base and theme or code, those that are not there included.

    `coverage` is the share of the participants' characters, in the sources that the case has part in, which lie in the
    case's segments of the theme; it is missing where the places of segments are not known. `n_segments` is missing for
    a theme of which only counts of several codes are known.

    Raises:
        StudyError: A collection's coding is to be counted from a coder it does not have.
    """
    tables = [_case_themes(counted) for counted in counted_texts(coded, collections)]
    return CASE_THEMES.of(pd.concat(tables)) if tables else CASE_THEMES.empty()


def wide(themes: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """The case matrix as a sheet: a row a case, a 0/1 column a theme or code.

    Args:
        themes: Columns of `CASE_THEMES`.
        cases: Columns of `CASES`; they give what the raw files call a case.

    Returns:
        collection, case, origin_id, then the themes in their order; a theme that a collection has no row of is missing.
    """
    named = cases.set_index(["collection", "case"])["origin_id"]
    order = list(dict.fromkeys(themes["theme"]))
    flags = themes.assign(present=themes["present"].astype("Int64"))
    sheet = flags.pivot(index=["collection", "case"], columns="theme", values="present").reindex(columns=order)
    sheet = sheet.loc[pd.MultiIndex.from_frame(themes[["collection", "case"]].drop_duplicates())]
    # A code may be called like one of the first columns: codes are set off by a prefix.
    sheet.columns = pd.Index([f"code {theme}" for theme in order], dtype="str")
    sheet.insert(0, "origin_id", named.reindex(sheet.index).to_numpy())
    return sheet.reset_index().astype(dict.fromkeys(CASES.columns, "str"))


def _case_themes(counted: CountedText) -> pd.DataFrame:
    case, entry = counted.present
    in_base = _cases_in_base(counted)
    shape = (len(counted.cases), counted.n_entries)
    present = np.zeros(shape, dtype=bool)
    present[case, entry] = True
    n = _segments(counted, shape)
    table = pd.DataFrame(
        {
            "collection": counted.name,
            "case": np.repeat(counted.cases.to_numpy()[in_base], shape[1]),
            "theme": np.tile(counted.entries["code"].to_numpy(), len(in_base)),
            "level": np.tile(counted.entries["kind"].to_numpy(), len(in_base)),
            "present": present[in_base].reshape(-1),
            "n_segments": pd.array(n[in_base].reshape(-1), dtype="Int64"),
            "coverage": _coverage(counted, shape)[in_base].reshape(-1),
        }
    )
    table["n_segments"] = table["n_segments"].mask(table["n_segments"] == _UNKNOWN)
    return CASE_THEMES.of(table)


def _cases_in_base(counted: CountedText) -> Index:
    """Cases that have part in a source of the base; all where only counts are known."""
    if counted.counts is not None:
        return np.arange(len(counted.cases), dtype=np.int64)
    there = counted.members["case"].to_numpy()
    return np.unique(there[there >= 0])


def _segments(counted: CountedText, shape: tuple[int, int]) -> Index:
    if counted.counts is not None:
        given = np.zeros(shape, dtype=np.int64)
        np.add.at(given, (counted.counts["case"].to_numpy(), counted.counts["entry"].to_numpy()), counted.counts["n"])
        towards = counted.above.astype(np.int64)
        # How far the segments of several codes are the same cannot be known.
        return np.where((given > 0) @ towards <= 1, given @ towards, _UNKNOWN)
    s, stretch = counted.stretches, counted.incidence.stretch
    case = s.case[stretch]
    key = (case * shape[1] + counted.incidence.entry)[case >= 0]
    most = int(s.place.max(initial=0)) + 1
    pairs = np.unique(key * most + s.place[stretch][case >= 0])
    return np.bincount(pairs // most, minlength=shape[0] * shape[1]).reshape(shape)


def _coverage(counted: CountedText, shape: tuple[int, int]) -> np.ndarray:
    if not counted.has_places:
        return np.full(shape, np.nan)
    measures = Measures.of(counted)
    s, stretch = counted.stretches, counted.incidence.stretch
    placed = (s.case[stretch] >= 0) & (s.start[stretch] >= 0)
    at, entry = stretch[placed], counted.incidence.entry[placed]
    found = covered(
        measures, s.case[at] * shape[1] + entry, s.source[at], s.start[at], s.end[at], shape[0] * shape[1]
    ).characters.reshape(shape)
    members = counted.members[counted.members["case"] >= 0]
    source = members["source"].to_numpy()
    lengths = measures.characters(measures.before[1:]) - measures.characters(measures.before[:-1])
    of = np.zeros(shape[0], dtype=np.int64)
    np.add.at(of, members["case"].to_numpy(), lengths[source])
    return found / np.where(of > 0, of, np.nan)[:, None]
