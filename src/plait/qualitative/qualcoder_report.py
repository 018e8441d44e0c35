"""The coding report of QualCoder: a table with a row for each coding, without positions.

Its columns are `File` (or `Case` with `Filename`; earlier `File/case`), `Coder`, `Coded`, `Id`, `Codename`,
`Coded_Memo`, a `Category` for each level above a code, the nearest first, and a column for each variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plait.errors import Problem, StudyError
from plait.qualitative.coded_file import (
    CodedFile,
    Content,
    Conventions,
    FileCase,
    FileCode,
    FileCoding,
    FileOwner,
    FileSelection,
    FileSource,
    Format,
)
from plait.qualitative.export_rows import FULL_CELL, ExportRow, ExportRows, folded, read_export_rows
from plait.qualitative.import_log import ImportLog, file_sha256
from plait.qualitative.places import whole
from plait.qualitative.qualcoder import AUTOMATIC, IN_PICTURE, IN_RECORDING, SPEAKER_CATEGORY, SPEAKER_CODER

_FIRST = ("file", "case", "file/case")
_COLUMNS = ("coder", "coded", "id", "codename")
_REASONS = {"imid": IN_PICTURE, "avid": IN_RECORDING}


@dataclass(frozen=True)
class _Report:
    """Where the columns of a report stand; -1 for one that it does not have."""

    table: ExportRows
    source: int
    case: int
    memo: int
    categories: Sequence[int]

    @classmethod
    def of(cls, table: ExportRows, name: str) -> _Report:
        by_name = {column: (table.columns(column) or [-1])[0] for column in ("filename", "case", "coded_memo")}
        first = next(place for column in _FIRST for place in table.columns(column))
        source = by_name["filename"] if by_name["filename"] >= 0 else first
        if source == by_name["case"]:
            message = "is a report by case that does not name the files"
            raise StudyError([Problem(name, message, "export the report by file, or with the file names")])
        return cls(table, source, by_name["case"], by_name["coded_memo"], table.columns("category"))

    def cell(self, row: ExportRow, place: int) -> str:
        return row.cells[place].strip() if place >= 0 else ""

    def path(self, row: ExportRow, code: str) -> tuple[str, ...]:
        above = [self.cell(row, place) for place in self.categories]
        return (*(category for category in reversed(above) if category), code)

    def variables(self, row: ExportRow, prefix: str) -> dict[str, str]:
        """The variables of the row's file or case; those without a value are left out."""
        named = {
            column[len(prefix) :]: row.cells[place].strip()
            for place, column in enumerate(self.table.header)
            if folded(column).startswith(prefix)
        }
        return {variable: value for variable, value in named.items() if variable and value}


def read_qualcoder_report(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a coding report.

    Raises:
        StudyError: The table cannot be read, or does not name the files.
    """
    table = read_export_rows(path, name, {"File": _FIRST, **{column: [column] for column in _COLUMNS}})
    report = _Report.of(table, name)
    coder_at, coded_at, id_at, code_at = (table.columns(column)[0] for column in _COLUMNS)
    log = ImportLog(name, file_sha256(path), "qualcoder-report", tool="QualCoder")

    sources: dict[str, FileSource] = {}
    cases: dict[str, FileCase] = {}
    codes: dict[tuple[str, ...], FileCode] = {}
    selections: dict[str, FileSelection] = {}
    codings: list[FileCoding] = []
    owners: dict[FileOwner, None] = {}
    seen: set[tuple[str, ...]] = set()
    again = 0
    for row in table.rows:
        source, case = report.cell(row, report.source), report.cell(row, report.case)
        coder, coded, code = row.cells[coder_at].strip(), row.cells[coded_at], row.cells[code_at].strip()
        kind, _, number = row.cells[id_at].strip().partition(":")
        key = f"{kind}:{number}" if number else row.place
        if source:
            sources.setdefault(source, FileSource(source, source, attributes=report.variables(row, "filevar_")))
        if case:
            cases.setdefault(case, FileCase(case, case, report.variables(row, "casevar_")))
        if case and source:
            owners.setdefault(FileOwner(case, source, key))
        # A report by case repeats a coding for every case that has part in it.
        coding_key = (key, source, coder, code, coded)
        if number and case and coding_key in seen:
            again += 1
            continue
        seen.add(coding_key)
        path_of_code = report.path(row, code)
        if code:
            codes.setdefault(path_of_code, FileCode(f"code {len(codes) + 1}", path_of_code))
        reason = _fault(source, coded, code, _REASONS.get(kind, ""))
        if not reason and (coder == SPEAKER_CODER or SPEAKER_CATEGORY in path_of_code[:-1]):
            reason = AUTOMATIC
        said = "" if kind in _REASONS else coded
        selection = FileSelection(key, source, text=said, locator=key, reason=_fault_of_text(reason))
        if key in selections and selections[key] != selection:
            selection = replace(selection, id=f"{key} ({row.place})")
        selections[selection.id] = selection
        codings.append(
            FileCoding(
                row.place,
                selection.id,
                codes[path_of_code].id if code else "",
                coder,
                memo=report.cell(row, report.memo),
                reason=reason,
            )
        )
    if folded("file/case") in map(folded, table.header):
        log.caution("file_or_case", "the column 'File/case' is taken to name files; a report by case is not told apart")
    if again:
        log.note("cases", f"rows that repeat a coding for another case: {again}")
    full = sum(len(s.text) >= FULL_CELL for s in selections.values())
    if table.is_workbook and full:
        log.caution("cut", f"codings that fill a cell, so that their ends were probably cut off: {full}")
    log.note("content", f"rows: {len(table.rows)}; sources: {len(sources)}; codes: {len(codes)}")
    file = CodedFile(
        log,
        sources=tuple(sources.values()),
        codes=tuple(codes.values()),
        coders=tuple(c for c in dict.fromkeys(coding.coder for coding in codings) if c not in ("", SPEAKER_CODER)),
        cases=tuple(cases.values()),
        owners=tuple(o for o in owners if o.selection in selections),
        selections=tuple(selections.values()),
        codings=tuple(codings),
    )
    return whole(file)


def _fault(source: str, coded: str, code: str, reason: str) -> str:
    if not source:
        return "names no file"
    if reason:
        return reason
    if not code:
        return "names no code"
    return "" if coded.strip() else "has no text"


def _fault_of_text(reason: str) -> str:
    """What is wrong with the coding is not wrong with the stretch."""
    return "" if reason in (AUTOMATIC, "names no code") else reason


def _is_report(content: Content) -> bool:
    tops = [{folded(cell) for cell in rows[0]} for rows in content.rows.values() if rows]
    return any({*_COLUMNS, "coded_memo"} <= top and not top.isdisjoint(_FIRST) for top in tops)


FORMATS = (Format("qualcoder-report", "a coding report from QualCoder", _is_report, read_qualcoder_report),)
