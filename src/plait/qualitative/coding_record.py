"""How the coding came about, in counts: files, coders, what was agreed on, and the way to the codings that are counted.

What a reviewer must be able to follow without seeing a text: every coding that stood in a file is counted in the end or
left out by a step that says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.qualitative import units as unit
from plait.qualitative.agreement import Coding
from plait.qualitative.settling import Settled
from plait.qualitative.transcripts import CodedText
from plait.qualitative.worklist import Marks, marks_of
from plait.study import Study
from plait.study.definition import Collection, SegmentTable, Sheets, ToolFiles
from plait.tables import ADJUDICATION, CODER_WORK, CODING_FILES, CODING_NOTES, CODING_STEPS

_COUNTS = ["n_in", "n_active", "n_excluded", "n_unresolved"]


@dataclass(frozen=True)
class CodingRecord:
    """Counts of the coding and its making; columns in `plait.tables`."""

    coding_files: pd.DataFrame
    coding_notes: pd.DataFrame
    coding_steps: pd.DataFrame
    coder_work: pd.DataFrame
    adjudication: pd.DataFrame


def coding_record(coded: CodedText, settled: Settled, study: Study) -> CodingRecord:
    """Count what was read, agreed on, settled and decided.

    Args:
        coded: The coded text as it was read.
        settled: What became of it.
        study: The definition: whose coding is counted, and which files belong to which collection.
    """
    files = _files(coded, study.collections)
    steps = [
        row for name, spec in study.collections.items() for row in _steps(coded, settled, files, name, spec, study)
    ]
    compared = [row for name, spec in study.collections.items() for row in _compared(coded, settled.agreed, name, spec)]
    return CodingRecord(
        coding_files=files,
        coding_notes=_notes(settled, study.collections),
        coding_steps=CODING_STEPS.of(pd.DataFrame(steps, columns=list(CODING_STEPS.columns))),
        coder_work=_coders(settled.decided, study.collections),
        adjudication=ADJUDICATION.of(pd.DataFrame(compared, columns=list(ADJUDICATION.columns))),
    )


# --- files and remarks -------------------------------------------------------------------------------------------------


def _files(coded: CodedText, collections: Mapping[str, Collection]) -> pd.DataFrame:
    """The files that hold codings; one that several collections read is counted once for each."""
    log = coded.import_log[coded.import_log["n_in"].notna()].reset_index(drop=True)
    owners = _owners(collections)
    again = log.groupby("file", sort=False).cumcount()
    whose = [owners.get(file, [""]) for file in log["file"]]
    names = {_folded(name) for name in coded.sources["name"]}
    return CODING_FILES.of(
        log[["file", "reader", "tool", "offset_convention", *_COUNTS]].assign(
            name=[_stem(file) for file in log["file"]],
            collection=[of[min(n, len(of) - 1)] for of, n in zip(whose, again, strict=True)],
            names_a_source=[bool({_folded(file), _folded(_stem(file))} & names) for file in log["file"]],
        )
    )


def _stem(file: str) -> str:
    """A file's name without its folder and its ending."""
    return PurePath(file.replace("\\", "/")).stem


def _folded(name: str) -> str:
    return PurePath(name.replace("\\", "/")).name.strip().casefold()


def _owners(collections: Mapping[str, Collection]) -> dict[str, list[str]]:
    """The collections that read each file."""
    owners: dict[str, list[str]] = {}
    for name, spec in collections.items():
        for file in dict.fromkeys(_files_of(spec)):
            owners.setdefault(file, []).append(name)
    return owners


def _files_of(spec: Collection) -> Iterator[str]:
    match spec:
        case Sheets():
            yield from (sheet.file for sheet in spec.sheets)
        case ToolFiles():
            yield from (tool_file.file for tool_file in spec.files)
            yield from (table.file for table in [spec.participants] if table)
        case SegmentTable():
            yield from (spec.file, spec.participants.file)
    yield from filter(None, [spec.adjudication])


def _notes(settled: Settled, collections: Mapping[str, Collection]) -> pd.DataFrame:
    """Codings left out while files were read, by reason, and cautions by event."""
    s = settled.agreed.segments
    left = s.loc[s["status"] != "active", ["collection", "reason"]].rename(columns={"reason": "what"})
    log = settled.decided.import_log
    owners = _owners(collections)
    cautions = log.loc[log["severity"] == "warning", ["file", "event"]].rename(columns={"event": "what"})
    whose = [owners.get(file, []) for file in cautions["file"]]
    cautions = cautions.assign(collection=[of[0] if len(of) == 1 else "" for of in whose])
    parts = [left.assign(kind="left_out"), cautions.drop(columns="file").assign(kind="caution")]
    # Groups keep the order of first appearance, so that the table follows the files.
    keys = ["collection", "kind", "what"]
    return CODING_NOTES.of(pd.concat(parts).groupby(keys, sort=False).size().reset_index(name="n"))


# --- from the files to what is counted ---------------------------------------------------------------------------------


def _steps(
    coded: CodedText, settled: Settled, files: pd.DataFrame, name: str, spec: Collection, study: Study
) -> Iterator[dict[str, Any]]:
    held = int(files.loc[files["collection"] == name, "n_in"].sum())
    now = _active(coded, name)
    if not held and not now:
        return
    yield _step(name, "read", held, 0, held - now)
    if spec.adjudication:
        new = _active(settled.agreed, name) - now
        yield _step(name, "settled", now, new, 0)
        now += new
    counted = _active(settled.agreed, name, spec.count_from)
    yield _step(name, "chosen", now, 0, now - counted)
    if study.decisions:
        s = settled.decided.segments
        s = s[(s["collection"] == name) & (s["coder"] == spec.count_from)]
        row = f"{study.decision_log}, row "
        added = int(s["origin_row"].str.startswith(row).sum())
        yield _step(name, "decided", counted, added, int(s["reason"].str.startswith(row).sum()))


def _active(coded: CodedText, name: str, coder: str = "") -> int:
    s = coded.segments
    mine = (s["collection"] == name) & (s["status"] == "active")
    return int((mine & (s["coder"] == coder)).sum() if coder else mine.sum())


def _step(name: str, step: str, before: int, added: int, removed: int) -> dict[str, Any]:
    counts = {"segments_in": before, "segments_added": added, "segments_removed": removed}
    return {"collection": name, "step": step, **counts, "segments_out": before + added - removed}


def _coders(decided: CodedText, collections: Mapping[str, Collection]) -> pd.DataFrame:
    """What each coder was given and what counts as theirs in the end."""
    sources = decided.sources[["source", "collection"]]
    given = decided.assignments.merge(sources, on="source").groupby(["collection", "coder"])["source"].nunique()
    active = decided.segments[decided.segments["status"] == "active"].groupby(["collection", "coder"])
    key = pd.MultiIndex.from_frame(decided.coders[["collection", "coder"]])
    counted = {(name, spec.count_from) for name, spec in collections.items()}
    return CODER_WORK.of(
        decided.coders[["collection", "coder", "role"]].assign(
            counted=[pair in counted for pair in key],
            sources_assigned=given.reindex(key, fill_value=0).to_numpy(),
            sources_coded=active["source"].nunique().reindex(key, fill_value=0).to_numpy(),
            segments=active.size().reindex(key, fill_value=0).to_numpy(),
        )
    )


# --- what coders agreed on ---------------------------------------------------------------------------------------------


def _compared(coded: CodedText, agreed: CodedText, name: str, spec: Collection) -> Iterator[dict[str, Any]]:
    """One row where two people or more coded: agreement before, and what the settled coding made of it."""
    coding = Coding.of(coded, name)
    if len(coding.coders) < 2:
        return
    parts = marks_of(coding)
    counts: dict[str, int] = dict.fromkeys(("n_units", "units_alike", "agreed", "alone", "disputed"), 0)
    people = agreed.coders[(agreed.coders["collection"] == name) & (agreed.coders["coder"] == spec.count_from)]
    final: pd.DataFrame | None = None
    if (people["role"] == "adjudicated").any():
        s, a = agreed.segments, agreed.assignments
        final = s[(s["collection"] == name) & (s["coder"] == spec.count_from) & (s["status"] == "active")]
        covered = set(a.loc[a["coder"] == spec.count_from, "source"])
        counts |= dict.fromkeys(("accepted", "rejected", "open", "overruled", "added", "settled"), 0)
    for marks in parts:
        several = marks.asked.any(axis=2).sum(axis=0) >= 2
        counts["n_units"] += int(several.sum())
        counts["units_alike"] += int((several & ~marks.disputed.any(axis=1)).sum())
        counts["disputed"] += int(marks.disputed.sum())
        inside = np.ones(len(several), dtype=bool)
        if final is not None:
            inside = marks.units.sources.isin(covered)[marks.units.source]
            for what, n in _outcome(marks, final, inside[:, None]).items():
                counts[what] += n
        together = marks.agreed & inside[:, None] & (marks.asked.sum(axis=0) >= 2)
        counts["agreed"] += int(together.sum())
        counts["alone"] += int((marks.agreed & inside[:, None]).sum()) - int(together.sum())
    known: dict[str, Any] = dict.fromkeys(ADJUDICATION.columns)
    kind = unit.PARAGRAPH if any(marks.units.kind == unit.PARAGRAPH for marks in parts) else unit.SOURCE
    yield known | {"collection": name, "unit": kind, **counts}


def _outcome(marks: Marks, final: pd.DataFrame, inside: npt.NDArray[np.bool_]) -> dict[str, int]:
    """What the settled coding did with each code of each unit; in texts that it does not cover all stays open."""
    given = marks.units.given(final, list(marks.codes)) & inside
    new_codes = sorted(set(final["code"]) - set(marks.codes))
    beyond = int((marks.units.given(final, new_codes) & inside).sum()) if new_codes else 0
    agreed, disputed = marks.agreed & inside, marks.disputed & inside
    return {
        "accepted": int((disputed & given).sum()),
        "rejected": int((disputed & ~given).sum()),
        "open": int((marks.disputed & ~inside).sum()),
        "overruled": int((agreed & ~given).sum()),
        "added": int((given & ~agreed & ~disputed).sum()) + beyond,
        "settled": int(given.sum()) + beyond,
    }
