"""The coding report of QualCoder: a table with a row for each coding, without positions.

Its columns are `File` (or `Case` with `Filename`; earlier `File/case`), `Coder`, `Coded`, `Id`, `Codename`,
`Coded_Memo`, a `Category` for each level above a code, the nearest first, and a column for each variable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
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
from plait.qualitative.headers import QUALCODER_REPORT, plain
from plait.qualitative.places import whole
from plait.qualitative.qualcoder import AUTOMATIC, IN_PICTURE, IN_RECORDING, SPEAKER_CATEGORY, SPEAKER_CODER
from plait.qualitative.tool_table import ToolRow, ToolTable, any_sheet, open_table

_NEEDED = ("coder", "coded", "id", "code")
_CATEGORY = "Category"
_OF_FILES, _OF_CASES = "filevar_", "casevar_"
_REASONS = {"imid": IN_PICTURE, "avid": IN_RECORDING}


def read_qualcoder_report(path: Path, name: str, conventions: Conventions) -> CodedFile:
    """Read a coding report.

    Raises:
        StudyError: The table cannot be read, or does not name the files.
    """
    opened = _opened(path, name, conventions)
    log, header = opened.log, opened.table.header
    categories = [place for place, title in enumerate(header) if plain(title) == plain(_CATEGORY)]

    sources: dict[str, FileSource] = {}
    cases: dict[str, FileCase] = {}
    codes: dict[tuple[str, ...], FileCode] = {}
    selections: dict[str, FileSelection] = {}
    codings: list[FileCoding] = []
    owners: dict[FileOwner, None] = {}
    seen: set[tuple[str, ...]] = set()
    alike: Counter[tuple[str, ...]] = Counter()
    again = 0
    for row in opened.rows():
        source, case, coder, coded, code = row["file"], row["case"], row["coder"], row.whole("coded"), row["code"]
        kind, _, number = row["id"].partition(":")
        key = f"{kind}:{number}" if number else row.name
        if source:
            sources.setdefault(source, FileSource(source, source, attributes=_variables(row, header, _OF_FILES)))
        if case:
            cases.setdefault(case, FileCase(case, case, _variables(row, header, _OF_CASES)))
        if case and source:
            owners.setdefault(FileOwner(case, source, key))
        # A report by case repeats a coding for every case that has part in it.
        coding_key = (key, source, coder, code, coded)
        if number and case and coding_key in seen:
            again += 1
            continue
        seen.add(coding_key)
        above = [row.cells[place].strip() for place in categories]
        path_of_code = (*(category for category in reversed(above) if category), code)
        if code:
            codes.setdefault(path_of_code, FileCode(f"code {len(codes) + 1}", path_of_code))
        reason = _fault(source, coded, code, _REASONS.get(kind, ""))
        if not reason and (coder == SPEAKER_CODER or SPEAKER_CATEGORY in path_of_code[:-1]):
            reason = AUTOMATIC
        said = "" if kind in _REASONS else coded
        # Nothing says where a coding stands; that one code was given to the same words again says that they are others.
        nth = alike[source, coder, code, said]
        alike[source, coder, code, said] += 1
        locator = f"the same words, no. {nth + 1}" if nth else ""
        selection = FileSelection(key, source, text=said, locator=locator, reason=_fault_of_text(reason))
        if key in selections and selections[key] != selection:
            selection = replace(selection, id=f"{key} ({row.name})")
        selections[selection.id] = selection
        codings.append(
            FileCoding(
                row.name,
                selection.id,
                codes[path_of_code].id if code else "",
                coder,
                memo=row["memo"],
                reason=reason,
            )
        )
    if plain(header[opened.places["file"]]) == "file/case":
        log.caution("file_or_case", "the column 'File/case' is taken to name files; a report by case is not told apart")
    if again:
        log.note("cases", f"rows that repeat a coding for another case: {again}")
    log.note("content", f"rows: {len(opened.table.rows)}; sources: {len(sources)}; codes: {len(codes)}")
    file = CodedFile(
        log,
        sources=tuple(sources.values()),
        codes=tuple(codes.values()),
        attributes=tuple(_variable_names(header, _OF_FILES) + _variable_names(header, _OF_CASES)),
        coders=tuple(c for c in dict.fromkeys(coding.coder for coding in codings) if c not in ("", SPEAKER_CODER)),
        cases=tuple(cases.values()),
        owners=tuple(o for o in owners if o.selection in selections),
        selections=tuple(selections.values()),
        codings=tuple(codings),
    )
    return whole(file)


def _opened(path: Path, name: str, conventions: Conventions) -> ToolTable:
    opened = open_table(
        path,
        name,
        conventions,
        QUALCODER_REPORT,
        _NEEDED,
        reader="qualcoder-report",
        tool="QualCoder",
        may_repeat=(_CATEGORY,),
    )
    if "file" not in opened.places:
        message = "is a report by case that does not name the files"
        raise StudyError([Problem(name, message, "export the report by file, or with the file names")])
    return opened


def _variable_names(header: Sequence[str], prefix: str) -> list[str]:
    return [title[len(prefix) :] for title in header if plain(title).startswith(prefix) and title[len(prefix) :]]


def _variables(row: ToolRow, header: Sequence[str], prefix: str) -> dict[str, str]:
    """The variables of the row's file or case; those without a value are left out."""
    named = {
        title[len(prefix) :]: row.cells[i].strip() for i, title in enumerate(header) if plain(title).startswith(prefix)
    }
    return {variable: value for variable, value in named.items() if variable and value}


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
    return any(any_sheet(content, QUALCODER_REPORT, (*_NEEDED, "memo", first)) for first in ("file", "case"))


FORMATS = (Format("qualcoder-report", "a coding report from QualCoder", _is_report, read_qualcoder_report),)
