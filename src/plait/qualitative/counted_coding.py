"""The coding that is counted, as arrays that can be changed segment by segment while nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.qualitative.transcripts import CodedText, stable_id, told_places
from plait.tables import SEGMENTS, TEXT

Rows = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]


@dataclass
class Coding:
    """All segments of a coded text; only those of the counted coders are ever changed.

    Attributes:
        base: The segments that places are made of: the first segment of a place shows what all its segments share.
        place: Of each segment, the row of `base` that shows where it lies: source, case, stretch, text and coder.
        source: Of each segment.
        code: Of each segment, as it is now.
        status: Of each segment, as it is now.
        reason: Why a segment is excluded.
        mine: Whether the segment is the counted coder's.
        added: Where an added segment comes from; "" for those that were there.
        ids: Of each segment; those of added ones say where they came from and which code they began with.
    """

    base: pd.DataFrame
    place: Rows
    source: Words
    code: Words
    status: Words
    reason: Words
    mine: npt.NDArray[np.bool_]
    added: Words
    ids: Words

    @classmethod
    def of(cls, coded: CodedText, counted: Mapping[str, str]) -> Coding:
        """Take the segments of a coded text, given each collection's counted coder."""
        s = coded.segments.reset_index(drop=True)
        keys = [*(s[key] for key in ("source", "case", "start", "end", "text", "coder")), told_places(s)]
        same = s.groupby(keys, dropna=False, sort=False).ngroup()
        first = pd.Series(s.index, index=s.index).groupby(same).transform("first")
        return cls(
            base=s,
            place=first.to_numpy(dtype=np.int64),
            source=s["source"].to_numpy(dtype=object),
            code=s["code"].to_numpy(dtype=object).copy(),
            status=s["status"].to_numpy(dtype=object).copy(),
            reason=s["reason"].to_numpy(dtype=object).copy(),
            mine=(s["collection"].map(counted) == s["coder"]).to_numpy(dtype=bool),
            added=np.full(len(s), "", dtype=object),
            ids=s["segment"].to_numpy(dtype=object),
        )

    def counted(self, collections: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Which segments count in these collections."""
        inside = self.base["collection"].isin(list(collections)).to_numpy(dtype=bool)[self.place]
        return np.asarray(self.mine & (self.status == "active") & inside)

    def has(self, rows: Rows, code: str) -> npt.NDArray[np.bool_]:
        """Whether a code stands, for the same coder, on the very stretch of each of these segments."""
        there = self.place[(self.status == "active") & (self.code == code)]
        # Two of the rows themselves may share a place: the later one would repeat the earlier.
        repeats = pd.Series(self.place[rows]).duplicated().to_numpy(dtype=bool)
        return np.asarray(np.isin(self.place[rows], there) | repeats)

    def beside(self, rows: Rows, others: Rows) -> Rows:
        """Those of `rows` that have one of `others` beside them.

        Beside is: on stretches that overlap; where a stretch is not known (or the whole source is meant), in the same
        source and, for two of them, with the same text at the same place, where the tool names it.
        """
        frame = self.base[["source", "start", "end", "text"]].assign(told=told_places(self.base))
        a = frame.iloc[self.place[rows]].assign(row=rows)
        b = frame.iloc[self.place[others]].drop_duplicates()
        pairs = a.merge(b, on="source", suffixes=("", "_b"))
        a_whole, b_whole = pairs["start"].isna(), pairs["start_b"].isna()
        over = (pairs["start"] < pairs["end_b"]) & (pairs["start_b"] < pairs["end"])
        same = (pairs["text"] == pairs["text_b"]) & (pairs["told"] == pairs["told_b"])
        near = (a_whole ^ b_whole) | (a_whole & b_whole & same) | over.fillna(False)
        return np.unique(pairs.loc[near.astype(bool), "row"].to_numpy(dtype=np.int64))

    def exclude(self, rows: Rows, reason: str) -> None:
        """Let segments no longer count, and say why."""
        self.status[rows], self.reason[rows] = "excluded", reason

    def append(self, place: int, code: str, origin: str) -> int:
        """A new segment at a place; its row."""
        shown = self.base.iloc[place]
        self.place = np.append(self.place, place)
        self.source = np.append(self.source, shown["source"])
        self.ids = np.append(self.ids, stable_id("segment", origin, shown["segment"], shown["source"], code))
        self.code, self.added = np.append(self.code, code), np.append(self.added, origin)
        self.status, self.reason = np.append(self.status, "active"), np.append(self.reason, "")
        self.mine = np.append(self.mine, True)
        return len(self.place) - 1

    def whole_source(self, source: str, collection: str, coder: str, coded: CodedText) -> int:
        """The place that is a whole source, made where no segment of the coder has it yet."""
        b = self.base
        same = (b["source"] == source) & (b["coder"] == coder) & b["start"].isna()
        about = coded.sources.loc[coded.sources["source"] == source].iloc[0]
        texts = coded.source_texts.loc[coded.source_texts["source"] == source, "text"]
        text = texts.iloc[0] if len(texts) else ""
        there = b.index[same & (b["text"] == text) & (b["case"] == about["case"])]
        if len(there):
            return int(there[0])
        row: dict[str, object] = {name: "" if kind == TEXT else None for name, kind in SEGMENTS.columns.items()}
        row |= {"collection": collection, "source": source, "case": about["case"], "coder": coder, "text": text}
        self.base = SEGMENTS.of(pd.concat([b, SEGMENTS.of([row])], ignore_index=True))
        return len(self.base) - 1

    def segments(self) -> pd.DataFrame:
        """All segments as they are now, added ones last, each with its id."""
        n = int((self.added == "").sum())
        frame = pd.concat([self.base.iloc[:n], self.base.iloc[self.place[n:]]], ignore_index=True)
        return SEGMENTS.of(
            frame.assign(
                segment=self.ids,
                origin_row=[*frame["origin_row"][:n], *self.added[n:]],
                code=self.code,
                status=self.status,
                reason=self.reason,
            )
        )
