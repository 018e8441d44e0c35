"""Coded text as neutral tables, whatever tool it was coded in.

Offsets count code points from 0 into the canonical text of a source, with the end exclusive. The canonical text is the
source's own text without a byte order mark and with every line end as a line feed; nothing else is touched, so that a
quotation is always what was said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

import pandas as pd

from plait.tables import NEUTRAL, Table, write_parquet

TABLES: Mapping[str, Table] = {table.name: table for table in NEUTRAL}
"""The tables of coded text under the names of their files."""

Rows = list[dict[str, Any]] | pd.DataFrame


@dataclass(frozen=True, eq=False)
class CodedText:
    """The coded texts of one or more collections."""

    sources: pd.DataFrame
    source_texts: pd.DataFrame
    turns: pd.DataFrame
    cases: pd.DataFrame
    case_spans: pd.DataFrame
    case_attributes: pd.DataFrame
    codes: pd.DataFrame
    code_sets: pd.DataFrame
    coders: pd.DataFrame
    coder_codes: pd.DataFrame
    assignments: pd.DataFrame
    segments: pd.DataFrame
    code_counts: pd.DataFrame
    annotations: pd.DataFrame
    import_log: pd.DataFrame

    @classmethod
    def of(cls, **rows: Rows) -> CodedText:
        """Bring rows into typed tables; a table that is not named stays empty.

        Columns that only some tools can fill may be left out (`OFTEN_EMPTY`).
        """
        unknown = set(rows) - set(TABLES)
        if unknown:
            raise ValueError(f"no such tables of coded text: {sorted(unknown)}")
        return cls(**{name: table.of(_completed(name, rows.get(name, []))) for name, table in TABLES.items()})


OFTEN_EMPTY: Mapping[str, Mapping[str, str | float | bool | None]] = {
    "sources": {"kind": "text"},
    "segments": {
        "selection": "",
        "locator": "",
        "weight": None,
        "important": False,
        "memo": "",
        "created": "",
        "resolution": "none",
    },
    "import_log": {"n_unresolved": None},
}
"""Columns that a reader may leave out, with what they hold then."""


def _completed(name: str, rows: Rows) -> Rows:
    empty = OFTEN_EMPTY.get(name, {})
    if isinstance(rows, pd.DataFrame):
        return rows.assign(**{column: value for column, value in empty.items() if column not in rows})
    return [{**empty, **row} for row in rows]


def combine(parts: Iterable[CodedText]) -> CodedText:
    """Put the collections of a study together; they share one codebook."""
    parts = list(parts)
    if not parts:
        return CodedText.of()
    frames = {f.name: pd.concat([getattr(part, f.name) for part in parts]) for f in fields(CodedText)}
    return CodedText.of(**frames | {"codes": frames["codes"].drop_duplicates()})


def canonical_text(data: bytes | str) -> str:
    """The text that offsets count in: no byte order mark, every line end a line feed, nothing else changed.

    Raises:
        UnicodeDecodeError: The bytes are neither UTF-8 nor UTF-16 with a byte order mark.
    """
    text = decoded_text(data) if isinstance(data, bytes) else data
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def decoded_text(data: bytes) -> str:
    """Decode a text file without touching its line ends; the byte order mark is no part of the text."""
    utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if utf_16 else "utf-8").lstrip("\ufeff")


def unicode_text(data: bytes) -> str | None:
    """As `decoded_text`; None for what is no text in Unicode.

    A NUL is in no transcript. UTF-16 of Latin letters without a byte order mark is full of them, and else sound UTF-8.
    """
    try:
        text = decoded_text(data)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def first_broken_byte(data: bytes) -> int:
    """Where bytes stop being text in Unicode; the first NUL where they do not."""
    try:
        decoded_text(data)
    except UnicodeDecodeError as error:
        return error.start
    return max(0, data.find(b"\0"))


def stable_id(kind: str, *parts: str) -> str:
    """An id that is the same whenever the same thing is imported: a letter for its kind and part of a SHA-256."""
    # JSON, a list of strings, keeps ("a", "bc") and ("ab", "c") apart.
    listed = ", ".join(map(encode_basestring_ascii, (kind, *parts)))
    digest = hashlib.sha256(f"[{listed}]".encode()).hexdigest()
    return f"{kind[0]}{digest[:16]}"


def text_facts(text: str | None) -> dict[str, Any]:
    """The columns of `sources` that follow from its canonical text; None when there is no text to read."""
    if text is None:
        return {"text_state": "absent", "text_sha256": "", "n_chars": None, "n_words": None}
    return {
        "text_state": "present",
        "text_sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        "n_chars": len(text),
        "n_words": len(text.split()),
    }


def plain(column: pd.Series[Any]) -> list[Any]:
    """The values of a column; much faster than going through a column of text one by one."""
    return column.to_numpy(dtype=object).tolist()


def with_segment_ids(rows: pd.DataFrame) -> pd.DataFrame:
    """Give each segment an id made of what it says; repeated segments are told apart by their order."""
    keys = rows[["collection", "source", "code", "coder", "start", "end", "text"]].astype("str").fillna("")
    nth = keys.groupby(list(keys.columns), sort=False).cumcount().astype("str")
    columns = [plain(keys[column]) for column in keys] + [plain(nth)]
    ids = [stable_id("segment", *key) for key in zip(*columns, strict=True)]
    return rows.assign(segment=ids)


def told_places(segments: pd.DataFrame) -> pd.Series[str]:
    """Where the tool says that a segment stands, which tells two segments of the same words apart; "" beside offsets."""
    return segments["locator"].where(segments["start"].isna(), "")


def check_invariants(coded: CodedText) -> None:
    """Hold the tables to what every later step relies on.

    Raises:
        ValueError: Keys repeat or lead nowhere, a segment's text is not its slice, or rows were lost on import. All
            breaches are listed; each is a mistake of a reader or of a step after it, not of the user.
    """
    broken = _repeated_keys(coded) + _dangling_keys(coded) + _wrong_slices(coded) + _lost_rows(coded)
    if broken:
        raise ValueError("coded text breaks its own rules: " + "; ".join(broken))


def write(coded: CodedText, folder: Path) -> None:
    """Write each table as `<name>.parquet`."""
    for name in TABLES:
        write_parquet(getattr(coded, name), folder / f"{name}.parquet")


def read(folder: Path) -> CodedText:
    """Read the tables that `write` wrote."""
    return CodedText.of(**{name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES})


_KEYS = {
    "sources": ["source"],
    "source_texts": ["source"],
    "turns": ["source", "start"],
    "cases": ["case"],
    "case_spans": ["case", "source", "start", "end"],
    "case_attributes": ["case", "attribute"],
    "codes": ["code"],
    "coders": ["coder", "collection"],
    "coder_codes": ["coder", "collection", "code"],
    "assignments": ["coder", "source"],
    "segments": ["segment"],
    "code_counts": ["collection", "case", "code"],
    "annotations": ["annotation"],
}


def _repeated_keys(coded: CodedText) -> list[str]:
    counts = {name: int(getattr(coded, name).duplicated(key).sum()) for name, key in _KEYS.items()}
    return [f"{n} rows of {name} repeat {' and '.join(_KEYS[name])}" for name, n in counts.items() if n]


def _dangling_keys(coded: CodedText) -> list[str]:
    sources, segments = coded.sources, coded.segments
    active = segments[segments["status"] == "active"]
    coder_of = _pairs(coded.coders, "coder", "collection")
    assigned = coded.assignments.merge(sources[["source", "collection"]], on="source", how="left").fillna("")
    cases, codes, ids = set(coded.cases["case"]), set(coded.codes["code"]), set(sources["source"])
    with_text = set(coded.source_texts["source"])
    checks = {
        "codes with an unknown parent": ~coded.codes["parent"].isin(codes | {""}),
        "sources of an unknown case": ~sources["case"].isin(cases | {""}),
        "sources whose text is not there": (sources["text_state"] == "present") != sources["source"].isin(with_text),
        "texts of an unknown source": ~coded.source_texts["source"].isin(ids),
        "turns of an unknown source": ~coded.turns["source"].isin(ids),
        "stretches of an unknown case": ~coded.case_spans["case"].isin(cases),
        "stretches of an unknown source": ~coded.case_spans["source"].isin(ids),
        "annotations of an unknown source": ~coded.annotations["source"].isin(ids),
        "counts of an unknown case": ~coded.code_counts["case"].isin(cases),
        "counts of an unknown code": ~coded.code_counts["code"].isin(codes),
        "attributes of an unknown case": ~coded.case_attributes["case"].isin(cases),
        "coders given an unknown code": ~coded.coder_codes["code"].isin(codes),
        "assignments of an unknown coder or source": ~_pairs(assigned, "coder", "collection").isin(set(coder_of)),
        "segments of an unknown source": ~segments["source"].isin(ids),
        "segments of an unknown case": ~segments["case"].isin(cases | {""}),
        "excluded segments with an unknown code": ~segments["code"].isin(codes | {""}),
        "excluded segments without a reason": (segments["status"] != "active") & (segments["reason"] == ""),
        "active segments with an unknown code": ~active["code"].isin(codes),
        "active segments with an unknown coder": ~_pairs(active, "coder", "collection").isin(set(coder_of)),
        "active segments in a source that their coder was not assigned": ~_pairs(active, "coder", "source").isin(
            set(_pairs(coded.assignments, "coder", "source"))
        ),
    }
    return [f"{int(wrong.sum())} {what}" for what, wrong in checks.items() if wrong.any()]


def _wrong_slices(coded: CodedText) -> list[str]:
    texts = dict(zip(coded.source_texts["source"], coded.source_texts["text"], strict=True))
    segments = coded.segments
    whole = segments["start"].isna() | segments["end"].isna()
    placed = segments[(segments["status"] == "active") & ~whole & segments["source"].isin(set(texts))]
    rows = zip(*(plain(placed[column]) for column in ("source", "start", "end", "text")), strict=True)
    wrong = sum(not 0 <= a < b <= len(texts[s]) or texts[s][a:b] != text for s, a, b, text in rows)
    half = int((segments["start"].isna() != segments["end"].isna()).sum())
    altered = sum(
        hashlib.sha256(texts[s].encode("utf-8", "surrogatepass")).hexdigest() != sha or len(texts[s]) != n
        for s, sha, n in coded.sources[["source", "text_sha256", "n_chars"]].itertuples(index=False, name=None)
        if s in texts
    )
    found = {
        "active segments whose text is not its slice of the source": wrong,
        "segments with a start or an end only": half,
        "sources whose text is not the one that was hashed": altered,
    }
    return [f"{n} {what}" for what, n in found.items() if n]


def _lost_rows(coded: CodedText) -> list[str]:
    counted = coded.import_log.dropna(subset=["n_in"])
    wrong = counted[
        (counted["n_active"] + counted["n_excluded"] + counted["n_unresolved"].fillna(0)).fillna(-1) != counted["n_in"]
    ]
    return [f"{file}: rows in are not active, excluded and unresolved together" for file in wrong["file"]]


def _pairs(frame: pd.DataFrame, first: str, second: str) -> pd.Series[Any]:
    return pd.Series(
        list(zip(plain(frame[first]), plain(frame[second]), strict=True)), index=frame.index, dtype="object"
    )
