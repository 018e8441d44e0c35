"""One coded file settled: its codes translated, its selections placed, each row counted or kept with the reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from plait.errors import Problems
from plait.qualitative.codebook import CodeNames, ToolCode
from plait.qualitative.coded_file import CodedFile
from plait.qualitative.import_log import listed
from plait.qualitative.nobody import is_nobody
from plait.qualitative.ownership import Ownership, ownership
from plait.qualitative.placing import Place, place
from plait.qualitative.transcripts import canonical_text
from plait.study.definition import ToolFile, ToolFiles

_NEARLY_ALL = 0.9
_UNSEEN = re.compile("[\x0b\x0c\u00ad\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069]")
_REPEATS = "repeats a coding of the same stretch by the same coder"
_SAME = ["source", "start", "end", "text", "locator", "code", "coder"]


@dataclass(frozen=True)
class Landed:
    """One file with everything settled that can be settled without the others.

    Attributes:
        rows: One row a coding, with the file's own ids of sources and cases.
        texts: Each source's text as stored.
        codes: The codebook's code by the file's id.
        coders: The coders who count as having worked through the file, in order.
        convention: What the tool counts positions in.
    """

    spec: ToolFile
    file: CodedFile
    rows: pd.DataFrame
    texts: Mapping[str, str]
    places: Mapping[str, Place]
    owned: Ownership
    codes: Mapping[str, str]
    coders: tuple[str, ...]
    convention: str


def land(
    spec: ToolFile,
    file: CodedFile,
    texts: Mapping[str, str],
    collection: ToolFiles,
    names: CodeNames,
) -> Landed:
    """Settle a file.

    Args:
        spec: What the definition says of the file.
        file: As its reader made it; its log receives what was noted.
        texts: Each source's text as stored, by the file's ids.
        collection: What the definition says of the collection.
        names: Every name of the codebook's codes.

    Raises:
        StudyError: A code that was used is not in the codebook, coders are not clear, or places cannot be told.
    """
    log, problems = file.log, Problems()
    codes, left_out = _codes(file, collection, names, problems)
    coders = _coders(spec, file, collection, problems)
    problems.raise_if_any()
    places, convention = place(file, texts, log)
    owned = ownership(file, places, log)
    rows = pd.DataFrame(_rows(file, places, owned, codes, left_out, coders), columns=_COLUMNS)
    rows = rows.astype({"start": "Int64", "end": "Int64", "weight": "float64", "important": "boolean"})
    present = dict.fromkeys(coders[name] for name in (*file.coders, *(c.coder for c in file.codings)) if name in coders)
    return Landed(spec, file, rows, texts, places, owned, codes, tuple(present), convention)


def _codes(
    file: CodedFile, collection: ToolFiles, names: CodeNames, problems: Problems
) -> tuple[dict[str, str], set[str]]:
    """The codebook's code of every code that was used, and the codes that the definition leaves out."""
    log = file.log
    known = {c.id: c for c in file.codes}
    used_ids = {c.code for c in file.codings if c.code} | {c.code for c in file.counts}
    wanted = set(collection.leave_out)
    left_out = {c.id for c in file.codes if c.path[-1] in wanted or "/".join(c.path) in wanted}
    used = [code_id for code_id in known if code_id in used_ids - left_out]
    translated = names.translate([ToolCode(known[c].path) for c in used], log.file, problems)
    codes = {c: translated[known[c].path] for c in used if known[c].path in translated}
    by_code: dict[str, list[str]] = {}
    for code_id, code in codes.items():
        by_code.setdefault(code, []).append("/".join(known[code_id].path))
    for code, paths in by_code.items():
        if len(paths) > 1:
            problems.add(
                log.file,
                f"{len(paths)} codes of the project become '{code}': {listed(paths)}",
                "give each its own line in the codebook, with Theme/Code as an alias, and merge them as a decision",
            )
    unknown = ["/".join(c.path) for c in file.codes if c.id not in used_ids and not names.find(c.path)]
    if unknown:
        log.note("unused_codes", f"codes outside the codebook, never used: {len(unknown)} ({listed(unknown)})")
    closed = ["/".join(known[c].path) for c in used if not known[c].codable]
    if closed:
        log.caution("not_codable", f"codings stand at codes that are not to be coded with: {listed(closed)}")
    same = Counter(" ".join(c.path[-1].split()).casefold() for c in file.codes)
    alike = sorted({c.path[-1] for c in file.codes if same[" ".join(c.path[-1].split()).casefold()] > 1})
    if alike:
        log.caution("code_names", f"names that several codes have, or nearly: {len(alike)} ({listed(alike)})")
    return codes, left_out


def _coders(spec: ToolFile, file: CodedFile, collection: ToolFiles, problems: Problems) -> dict[str, str]:
    """The study's name for every coder of the file."""
    named = dict.fromkeys(n for n in (*file.coders, *(c.coder for c in file.codings)) if n)
    if spec.coder:
        if file.names_coders and len(named) > 1:
            message = f"tells its coders apart itself ({listed(list(named))})"
            problems.add(spec.file, message, "leave out `coder:`", value=spec.coder)
        return dict.fromkeys([*named, ""], spec.coder)
    if not file.names_coders and len(named) <= 1:
        # In a file that tells no two people apart the coder can only be the one whose coding is counted.
        if file.codings:
            message = "the file does not say who coded; its codings are put down to the coder who is counted"
            file.log.caution("no_users", message)
        return dict.fromkeys([*named, ""], collection.count_from)
    nobody = [n for n in named if is_nobody(n)]
    if nobody:
        message = (
            "coders by a name that programs give to whoever has none; `coder:` in the definition can say who it was"
        )
        file.log.caution("nobody", f"{message}: {listed(nobody)}")
    spelled = Counter(" ".join(n.split()).casefold() for n in named)
    alike = [n for n in named if spelled[" ".join(n.split()).casefold()] > 1]
    if alike:
        file.log.caution("coders", f"coders whose names differ in capitals or spaces only: {listed(alike)}")
    return {n: n for n in named}


_COLUMNS = [
    "selection",
    "source",
    "case",
    "code",
    "coder",
    "start",
    "end",
    "text",
    "locator",
    "weight",
    "important",
    "memo",
    "created",
    "origin_row",
    "resolution",
    "status",
    "reason",
    "of_text",
]


def _rows(
    file: CodedFile,
    places: Mapping[str, Place],
    owned: Ownership,
    codes: Mapping[str, str],
    left_out: set[str],
    coders: Mapping[str, str],
) -> list[tuple[Any, ...]]:
    """One row a coding; what cannot be used is kept as a row that says why."""
    selections = {s.id: s for s in file.selections}
    rows = []
    for c in file.codings:
        selection, at = selections[c.selection], places[c.selection]
        coder = coders.get(c.coder, "")
        reason = c.reason
        if not reason and c.code in left_out:
            reason = "a code that the definition leaves out"
        if not reason and c.code not in codes:
            reason = "names a code that is not in the file"
        if not reason and not coder:
            reason = "names no coder"
        reason = reason or at.reason
        status = "active" if not reason else "unresolved" if at.unresolved and reason == at.reason else "excluded"
        rows.append(
            (
                selection.id,
                selection.source,
                owned.case_at(selection.source, at.start, at.end),
                codes.get(c.code, ""),
                coder,
                at.start,
                at.end,
                at.text,
                selection.locator,
                c.weight,
                c.important,
                "\n".join(m for m in (selection.memo, c.memo) if m),
                c.created,
                c.origin,
                at.resolution,
                status,
                reason,
                not selection.reason,
            )
        )
    return rows


def without_repeats(rows: pd.DataFrame) -> pd.DataFrame:
    """The same code put twice on the same stretch by the same coder counts once."""
    repeats = rows.loc[rows["status"] == "active", _SAME].duplicated().reindex(rows.index, fill_value=False)
    return rows.assign(status=rows["status"].mask(repeats, "excluded"), reason=rows["reason"].mask(repeats, _REPEATS))


def note_rows(part: Landed, rows: pd.DataFrame) -> None:
    """Write into the log of a file what became of its rows.

    Args:
        part: The file, settled.
        rows: Its rows when all files of the collection were held against each other.
    """
    file, places, log = part.file, part.places, part.file.log
    active = rows["status"] == "active"
    if file.counts:
        log.note("counts", f"a table of counts: cases {len(file.cases)}; no segments, so nothing can be quoted")
    coded = coded_selections(file)
    wholes = sum(s.whole for s in file.selections)
    message = f"sources: {len(file.sources)}; selections: {len(file.selections) - wholes}"
    unresolved = int((rows["status"] == "unresolved").sum())
    log.counts(len(rows), int(active.sum()), message, offset_convention=part.convention, n_unresolved=unresolved)
    for reason, count in Counter(rows.loc[~active, "reason"]).items():
        log.caution("excluded", f"codings left out: {count}; each {reason}")
    if file.cases and file.codings:
        spoken = set(rows.loc[active, "case"])
        silent = [case.name for case in file.cases if case.id not in spoken]
        if silent:
            log.caution("silent_cases", f"cases without a coding that counts: {len(silent)} ({listed(silent)})")
    if not file.cases and file.sources:
        log.caution("no_cases", "the file has no cases; each source counts as one")
    bare = sum(s.id not in coded for s in file.selections)
    if bare:
        log.note("annotations", f"annotations (selections without a code): {bare}")
    selections = {s.id: s for s in file.selections}
    lengths = {source: len(canonical_text(text)) for source, text in part.texts.items()}
    broad = [
        c
        for c in file.codings
        if (at := places[c.selection]).start is not None
        and at.end is not None
        and at.end - at.start > _NEARLY_ALL * lengths.get(selections[c.selection].source, at.end)
    ]
    if broad:
        paths = {code.id: "/".join(code.path) for code in file.codes}
        names = list(dict.fromkeys(paths.get(c.code, "") for c in broad))
        message = (
            f"codings of more than {_NEARLY_ALL:.0%} of a source, perhaps automatic: {len(broad)} ({listed(names)})"
        )
        log.caution("broad", f"{message}; `leave_out` takes such codes out of the count")
    unseen = sum(_UNSEEN.search(text) is not None for text in part.texts.values())
    if unseen:
        message = "texts with characters that nobody sees (of no width, of direction, page breaks), left as they are"
        log.caution("unseen_characters", f"{message}: {unseen}")
    overlaps = _overlapping(rows[active])
    if overlaps:
        log.caution("overlaps", f"codings that overlap another of the same code and coder: {overlaps}")


def coded_selections(file: CodedFile) -> set[str]:
    """Selections that are no remark: those with a code, and those that only say whose words they are."""
    return {c.selection for c in file.codings} | {o.selection for o in file.owners}


def _overlapping(active: pd.DataFrame) -> int:
    placed = active.dropna(subset=["start"]).sort_values(["source", "code", "coder", "start"])
    same = placed[["source", "code", "coder"]].eq(placed[["source", "code", "coder"]].shift()).all(axis=1)
    return int((same & (placed["start"] < placed["end"].shift())).sum())
