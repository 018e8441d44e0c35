"""Settled codings: what coders agreed on, and what was decided of the rest.

A worklist of disagreements comes back with a decision in every row. Agreed marks and decisions together are the segments
of one more coder, whose role is `adjudicated` and whose coding is counted. Agreement is never measured on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from plait.delimited import read_delimited
from plait.errors import Problems
from plait.qualitative.agreement import Coding
from plait.qualitative.import_log import ImportLog, file_sha256
from plait.qualitative.settled_segments import COLUMNS, settled_segments
from plait.qualitative.transcripts import CodedText, with_segment_ids
from plait.qualitative.worklist import (
    DECISION,
    FIXED,
    KEY,
    LABEL,
    NOTE,
    Dispute,
    Marks,
    columns_of,
    disputes,
    mark_column,
    marks_of,
)
from plait.study.definition import Collection
from plait.study.load import DEFINITION_FILE

_DECIDED = {"1": True, "1.0": True, "0": False, "0.0": False}
_READER = "adjudication"


def adjudicated(coded: CodedText, collections: Mapping[str, Collection], raw: Path) -> CodedText:
    """Add the settled coding of every collection that has one.

    Args:
        coded: The coded text, as it was read.
        collections: The collections of the definition, by name: the file of decisions and the coder to add.
        raw: The folder of raw files.

    Returns:
        The same tables with a coder, assignments, segments and log lines more; unchanged where nothing was settled.

    Raises:
        StudyError: Everything wrong with the files of decisions: columns, rows that are unknown, lost or repeated, texts
            or marks that are not those that went out, decisions that are missing or unclear.
    """
    problems, added = Problems(), []
    for name, spec in collections.items():
        if spec.adjudication:
            with problems.collecting():
                added.append(_settled(coded, name, spec, spec.adjudication, raw))
    problems.raise_if_any()
    frames = {f.name: pd.concat([getattr(part, f.name) for part in (coded, *added)]) for f in fields(CodedText)}
    return CodedText.of(**frames)


def _settled(coded: CodedText, name: str, spec: Collection, file: str, raw: Path) -> CodedText:
    """The tables that one collection gains."""
    problems = Problems()
    coding = Coding.of(coded, name)
    _check_coders(coding, spec, problems)
    problems.raise_if_any()
    parts = marks_of(coding)
    open_ones = disputes(coding, parts)
    decisions = _read_decisions(coding, open_ones, file, raw)

    accepted = [marks.agreed.copy() for marks in parts]
    for dispute in open_ones:
        which = next(i for i, marks in enumerate(parts) if marks is dispute.marks)
        accepted[which][dispute.unit, dispute.code] = decisions[dispute.line[KEY]]
    rows = [settled_segments(coding, marks, yes) for marks, yes in zip(parts, accepted, strict=True)]
    segments = pd.concat([pd.DataFrame(columns=COLUMNS, dtype="str"), *rows], ignore_index=True)
    segments = segments.astype({"start": "Int64", "end": "Int64"})
    segments = segments.assign(collection=name, coder=spec.count_from, status="active", reason="")
    offered = _offered(coding) if all(coding.offered.values()) else []
    return CodedText.of(
        coders=[{"coder": spec.count_from, "collection": name, "label": spec.count_from, "role": "adjudicated"}],
        coder_codes=[{"coder": spec.count_from, "collection": name, "code": code} for code in offered],
        assignments=[
            {"coder": spec.count_from, "source": source}
            for source in coding.sources(frozenset().union(*coding.asked.values()))
        ],
        segments=with_segment_ids(segments),
        import_log=_log(coding, parts, decisions, len(segments), file, raw),
    )


def _offered(coding: Coding) -> list[str]:
    """The codes that any of the coders could choose, in the order in which their files have them."""
    choices = coding.coded.coder_codes
    theirs = (choices["collection"] == coding.name) & choices["coder"].isin(coding.coders)
    return list(dict.fromkeys(choices.loc[theirs, "code"]))


# --- reading the decisions ---------------------------------------------------------------------------------------------


def _check_coders(coding: Coding, spec: Collection, problems: Problems) -> None:
    people = coding.coded.coders
    if spec.count_from in set(people.loc[people["collection"] == coding.name, "coder"]):
        problems.add(
            DEFINITION_FILE,
            f"the settled coding of '{coding.name}' is to be called '{spec.count_from}', and a coder of that name is "
            "there already",
            "give count_from a name of its own, such as 'agreed', or remove adjudication",
            column="count_from",
            value=spec.count_from,
        )
    if len(coding.coders) < 2:
        problems.add(
            DEFINITION_FILE,
            f"the collection '{coding.name}' has decisions, but fewer than two people coded it",
            "remove adjudication, or add the other coder's file",
            column="adjudication",
            value=spec.adjudication,
        )


def _read_decisions(coding: Coding, open_ones: list[Dispute], file: str, raw: Path) -> dict[str, bool]:
    """The decision of every disagreement."""
    problems = Problems()
    needed = [column for column in columns_of(coding) if column not in (LABEL, NOTE)]
    rows = read_delimited(raw / file, name=file, delimiter=_delimiter(raw / file), required=tuple(needed))
    known = {dispute.line[KEY]: dispute.line for dispute in open_ones}
    seen: dict[str, int] = {}
    decisions: dict[str, bool] = {}
    for line, values in zip(rows.index, rows[needed].itertuples(index=False, name=None), strict=True):
        cells = dict(zip(needed, map(str, values), strict=True))
        row, key = f"row {line}", cells[KEY].strip()
        if key not in known:
            message = "is no disagreement of these coders"
            mend = "remove the row, or make the worklist anew if the coding has changed since"
            problems.add(file, message, mend, row=row, column=KEY, value=key)
            continue
        if seen.setdefault(key, int(line)) != line:
            message = f"is decided before, in row {seen[key]}"
            problems.add(file, message, "keep one of the two rows", row=row, column=KEY, value=key)
            continue
        _check_line(cells, known[key], coding, file, row, problems)
        said = cells[DECISION].strip()
        if said not in _DECIDED:
            message = "is not decided" if not said else "is neither 1 nor 0"
            mend = "write 1 where the code applies and 0 where it does not"
            problems.add(file, message, mend, row=row, column=DECISION, value=said or None)
        decisions[key] = _DECIDED.get(said, False)
    for key, line_out in known.items():
        if key not in seen:
            what = f"{line_out['source']}, {line_out['unit']}, code '{line_out['code']}'"
            mend = "take the row from the worklist again and decide it"
            problems.add(file, f"lacks a row of the worklist: {what}", mend, column=KEY, value=key)
    problems.raise_if_any()
    return decisions


def _check_line(
    cells: Mapping[str, str], out: Mapping[str, str], coding: Coding, file: str, row: str, problems: Problems
) -> None:
    """A row says what it said when it went out; spreadsheets may re-break its text."""
    for column in FIXED:
        if cells[column] != out[column] and _bare(cells[column]) != _bare(out[column]):
            message = "is not what the worklist says beside this work_id"
            mend = "sort rows as a whole and change nothing but decision and note"
            problems.add(file, message, mend, row=row, column=column, value=cells[column])
    for column in map(mark_column, coding.coders):
        if cells[column].strip().removesuffix(".0") != out[column]:
            message = f"is not what the coder's file says now ({out[column] or 'not asked'})"
            mend = "make the worklist anew and decide the rows that have changed"
            problems.add(file, message, mend, row=row, column=column, value=cells[column])


def _bare(text: str) -> str:
    """Text without white space, and without the apostrophe that keeps a spreadsheet from calculating."""
    return re.sub(r"\s+", "", text).removeprefix("'")


def _delimiter(path: Path) -> str:
    """What stands behind the first heading: spreadsheets of some countries write semicolons or tabs."""
    if not path.is_file():
        return ","
    with path.open("rb") as stream:
        start = stream.read(200).decode("utf-8-sig", "replace")
    found = re.match(rf'"?{KEY}"?([;\t])', start)
    return found[1] if found else ","


# --- the log ---------------------------------------------------------------------------------------------------------


def _log(
    coding: Coding, parts: tuple[Marks, ...], decisions: Mapping[str, bool], segments: int, file: str, raw: Path
) -> list[dict[str, Any]]:
    log = ImportLog(file, file_sha256(raw / file), _READER)
    yes = sum(decisions.values())
    agreed = sum(int(marks.agreed.sum()) for marks in parts)
    log.note(
        "adjudicated",
        f"decisions: {len(decisions)} (for the code {yes}, against it {len(decisions) - yes}); units and codes agreed on: "
        f"{agreed}; settled segments: {segments}",
    )
    alone = sum(int((marks.agreed & (marks.asked.sum(axis=0) == 1)).sum()) for marks in parts)
    if alone:
        log.caution("single_coder", f"of those agreed on, marked where one coder only was asked: {alone}")
    stray = _in_no_paragraph(coding, parts)
    if stray:
        log.caution("no_paragraph", f"segments that lie on blank lines only, left out: {stray}")
    return log.rows


def _in_no_paragraph(coding: Coding, parts: tuple[Marks, ...]) -> int:
    lost = 0
    for marks in parts:
        mine = coding.segments[coding.segments["source"].isin(set(marks.units.sources))]
        low, high = marks.units.reach(mine)
        lost += int((high <= low).sum())
    return lost
