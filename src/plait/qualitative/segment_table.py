"""A table of coded segments, one row a segment, code and coder, beside a table of participants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from plait.errors import Problems, did_you_mean
from plait.qualitative.codebook import CodeNames, ToolCode, codes_table
from plait.qualitative.import_log import listed
from plait.qualitative.tool_table import log_of, table_of
from plait.qualitative.transcripts import CodedText, canonical_text, stable_id, text_facts, with_segment_ids
from plait.study.definition import SegmentTable
from plait.study.side_files import CodebookEntry
from plait.tabular.notes import Note

COLUMNS = ("case", "source", "code", "coder", "text")
_READER = "segments"
_KEYS = ("case", "source", "code", "coder")
_SHARED = ("focus_group", "observation", "document")
"""Texts that several cases may have part in."""


def read_segments(collection_id: str, spec: SegmentTable, raw: Path, codebook: Sequence[CodebookEntry]) -> CodedText:
    """Read a table of segments and its participants.

    The table holds what was coded, not where it stands, so that segments have their text but no offsets, and sources
    have no text. A coder counts as assigned to every source that holds at least one of their segments.

    Args:
        collection_id: The collection's name in the definition.
        spec: What the definition says of it.
        raw: The folder of raw files.
        codebook: The codes that may be named.

    Raises:
        StudyError: Everything wrong with the two files.
    """
    problems = Problems()
    frame, people = pd.DataFrame(columns=[*COLUMNS, "resolved"]), pd.DataFrame(columns=["case"])
    notes: dict[str, tuple[Note, ...]] = {}
    with problems.collecting():
        frame, notes[spec.file] = _read_rows(spec, raw, CodeNames.of(codebook))
    with problems.collecting():
        people, notes[spec.participants.file] = _read_participants(spec, raw)
    if len(people):
        _check_cases(frame, people, spec, problems)
    problems.raise_if_any()

    frame["origin"] = frame.index
    frame = frame.reset_index(drop=True)
    source_ids = {s: stable_id("source", collection_id, s) for s in frame["source"].unique()}
    case_ids = {c: stable_id("case", collection_id, c) for c in people["case"]}
    cases_of = frame.groupby("source", sort=False)["case"].unique()
    repeats = frame.duplicated(["case", "source", "resolved", "coder", "text"])
    segments = pd.DataFrame(
        {
            "collection": collection_id,
            "source": frame["source"].map(source_ids),
            "case": frame["case"].map(case_ids),
            "code": frame["resolved"],
            "coder": frame["coder"],
            "start": pd.array([None] * len(frame), dtype="Int64"),
            "end": pd.array([None] * len(frame), dtype="Int64"),
            "text": frame["text"],
            "origin_row": [f"{spec.file}, row {line}" for line in frame["origin"]],
            "status": repeats.map({True: "excluded", False: "active"}),
            "reason": repeats.map({True: "repeats an earlier row", False: ""}),
        }
    )
    return CodedText.of(
        sources=[
            {
                "source": source_ids[name],
                "collection": collection_id,
                "name": name,
                "origin_id": name,
                "kind": "text",
                "case": case_ids[cases[0]] if len(cases) == 1 else "",
                **text_facts(None),
            }
            for name, cases in cases_of.items()
        ],
        cases=[{"case": c, "collection": collection_id, "origin_id": origin} for origin, c in case_ids.items()],
        case_attributes=_attributes(people, case_ids),
        codes=codes_table(codebook),
        coders=[
            {
                "coder": c,
                "collection": collection_id,
                "label": c,
                "role": "adjudicated" if c in spec.adjudicated else "human",
            }
            for c in frame["coder"].unique()
        ],
        assignments=segments[["coder", "source"]].drop_duplicates(),
        segments=with_segment_ids(segments),
        import_log=_log(spec, raw, frame, people, repeats, notes),
    )


def _read_rows(spec: SegmentTable, raw: Path, names: CodeNames) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """The rows in our own column names, with the codebook's code in `resolved`; the index is the line of the file."""
    problems = Problems()
    theirs: dict[str, str] = {name: spec.columns.get(name, name) for name in COLUMNS}  # type: ignore[call-overload]
    table = table_of(raw, spec, tuple(theirs.values()))
    frame = table.frame()
    rows = pd.DataFrame({ours: frame[column] for ours, column in theirs.items()})
    rows["text"] = rows["text"].map(canonical_text)
    for key in _KEYS:
        rows[key] = rows[key].str.strip()
        for line in rows.index[rows[key] == ""]:
            problems.add(spec.file, f"names no {key}", "fill it in", row=f"row {line}", column=theirs[key])
    used = [ToolCode((c,), f"row {line}", theirs["code"]) for line, c in rows["code"].items() if c]
    codes = names.translate(used, spec.file, problems)
    for code, shown in names.merged(codes).items():
        problems.add(
            spec.file,
            f"{' and '.join(repr(name) for name in shown)} both become '{code}'",
            "an alias renames one code; give each its own line in the codebook and merge them as a decision",
            column=theirs["code"],
        )
    if spec.mode not in _SHARED:
        first = rows.drop_duplicates("source").set_index("source")["case"]
        other = rows[rows["case"] != rows["source"].map(first)]
        for line, source, case in other[["source", "case"]].itertuples(name=None):
            problems.add(
                spec.file,
                f"the source '{source}' belongs to the case '{first[source]}' in an earlier row",
                "give each case's source its own name, or set mode: focus_group",
                row=f"row {line}",
                column=theirs["case"],
                value=case,
            )
    problems.raise_if_any()
    return rows.assign(resolved=[codes[(c,)] for c in rows["code"]]), table.notes


def _read_participants(spec: SegmentTable, raw: Path) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """One row a case, `case` first, then its attributes."""
    problems = Problems()
    file = spec.participants.file
    table = table_of(raw, spec.participants, ())
    people = table.frame()
    # Both files may come from the same hand, and then the case has the same header in both.
    theirs = spec.columns.get("case", "case")
    column = theirs if theirs in people.columns else "case"
    if column not in people.columns:
        problems.add(file, "has no column 'case'", did_you_mean("case", people.columns), row="row 1")
        problems.raise_if_any()
    people = people.apply(lambda cells: cells.str.strip()).rename(columns={column: "case"})
    lines: dict[str, int] = {}
    for line, case in people["case"].items():
        row = f"row {line}"
        if not case:
            problems.add(file, "names no case", "fill it in or remove the row", row=row, column=column)
        elif lines.setdefault(case, int(str(line))) != line:
            problems.add(
                file,
                f"the case is there before, in row {lines[case]}",
                "remove one",
                row=row,
                column=column,
                value=case,
            )
    for name in spec.breaks:
        if name not in people.columns:
            problems.add(
                file,
                f"has no column '{name}', which theme counts are to be split by",
                did_you_mean(name, people.columns.drop("case")),
                row="row 1",
            )
    problems.raise_if_any()
    return people[["case", *people.columns.drop("case")]], table.notes


def _check_cases(frame: pd.DataFrame, people: pd.DataFrame, spec: SegmentTable, problems: Problems) -> None:
    known = list(people["case"])
    column = spec.columns.get("case", "case")
    unknown = frame.loc[~frame["case"].isin(known), "case"].drop_duplicates()
    for line, case in unknown.items():
        problems.add(
            spec.file,
            f"the case is not among the participants ({spec.participants.file})",
            did_you_mean(case, known),
            row=f"row {line}",
            column=column,
            value=case,
        )


def _attributes(people: pd.DataFrame, case_ids: dict[str, str]) -> pd.DataFrame:
    long = people.assign(case=people["case"].map(case_ids)).melt("case", var_name="attribute")
    return long[(long["value"] != "") & (long["attribute"] != "")]


def _log(
    spec: SegmentTable,
    raw: Path,
    frame: pd.DataFrame,
    people: pd.DataFrame,
    repeats: pd.Series[bool],
    notes: Mapping[str, Sequence[Note]],
) -> list[dict[str, Any]]:
    log, cases = (log_of(raw / file, file, notes[file], reader=_READER) for file in (spec.file, spec.participants.file))
    log.counts(len(frame), int((~repeats).sum()), f"sources: {frame['source'].nunique()}; rows: {len(frame)}")
    if repeats.any():
        log.caution("excluded", f"rows left out: {int(repeats.sum())}; each repeats an earlier one")
    bare = int((frame["text"].str.strip() == "").sum())
    if bare:
        log.caution("missing_text", f"segments without text, not to be quoted: {bare}")
    cases.note("participants", f"cases: {len(people)}")
    silent = [case for case in people["case"] if case not in set(frame["case"])]
    if silent:
        cases.caution("silent", f"cases without a coded segment: {len(silent)} ({listed(silent)})")
    return log.rows + cases.rows
