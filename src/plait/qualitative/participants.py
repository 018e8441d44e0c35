"""What is known of the cases: from the coded file itself, and from a table of participants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from plait.errors import Problems, did_you_mean
from plait.qualitative.coded_file import CodedFile, FileCase
from plait.qualitative.import_log import ImportLog, listed
from plait.qualitative.tool_table import log_of, table_of
from plait.study.definition import TableFile, ToolFiles


@dataclass(frozen=True)
class Participants:
    """The table of participants.

    Attributes:
        rows: One row a case, or a source of a case; the index is the line of the file.
        log: How the file was taken; its name is the one that messages use.
    """

    rows: pd.DataFrame
    log: ImportLog


def read_participants(spec: TableFile, raw: Path) -> Participants:
    """Read the table of participants.

    Raises:
        StudyError: Everything wrong with it.
    """
    problems = Problems()
    file, table = spec.file, table_of(raw, spec, ())
    people = table.frame()
    if "case" not in people.columns:
        problems.add(file, "has no column 'case'", did_you_mean("case", people.columns), row="row 1")
        problems.raise_if_any()
    people = people.apply(lambda cells: cells.str.strip())
    key = "source" if "source" in people.columns else "case"
    seen: dict[str, str] = {}
    for line, row in people.iterrows():
        for column in dict.fromkeys(["case", key]):
            if not row[column]:
                mend = "fill it in or remove the row"
                problems.add(file, f"names no {column}", mend, row=f"row {line}", column=column)
        if row[key] and seen.setdefault(row[key], f"row {line}") != f"row {line}":
            message = f"the {key} is there before, in {seen[row[key]]}"
            problems.add(file, message, "remove one", row=f"row {line}", column=key, value=row[key])
    told = people.drop(columns=key) if key == "source" else people
    for name in told.columns.drop("case"):
        values = told[told[name] != ""].groupby("case")[name].nunique()
        for case in values.index[values > 1]:
            message = f"the case '{case}' has different values in its rows"
            problems.add(file, message, "make them agree", column=str(name))
    problems.raise_if_any()
    log = log_of(raw / file, file, table.notes, reader="participants")
    log.note("participants", f"cases: {people['case'].nunique()}")
    return Participants(people, log)


def with_participants(file: CodedFile, participants: Participants, problems: Problems) -> CodedFile:
    """The coded file with the cases of the table of participants.

    With a column `source` the table says which source is whose; otherwise a case is the tool's case, or the source, of
    the same name. Whoever was coded must be in the table.

    Args:
        file: As its reader made it.
        participants: As `read_participants` returns them.
        problems: Receives sources and cases that the table does not know.
    """
    if not (file.sources or file.cases):
        return file  # codes or counts of codes alone
    people, name = participants.rows, participants.log.file
    attributes = people.drop(columns="source", errors="ignore").groupby("case", sort=False).first()
    known: dict[str, dict[str, str]] = {
        str(case): {str(k): str(v) for k, v in row.items() if v} for case, row in attributes.iterrows()
    }
    if "source" in people.columns:
        case_of = dict(zip(people["source"], people["case"], strict=True))
        unknown = [s.name for s in file.sources if s.name not in case_of]
        _missing(unknown, "sources", name, case_of, file, problems)
        sources = tuple(replace(s, case=case_of.get(s.name, "")) for s in file.sources)
        cases = tuple(FileCase(case, case, values) for case, values in known.items())
        changed = replace(file, sources=sources, cases=cases, owners=())
    elif file.cases:
        _missing([c.name for c in file.cases if c.name not in known], "cases", name, known, file, problems)
        cases = tuple(replace(c, attributes={**c.attributes, **known.get(c.name, {})}) for c in file.cases)
        changed = replace(file, cases=cases)
    else:
        _missing([s.name for s in file.sources if s.name not in known], "sources", name, known, file, problems)
        sources = tuple(replace(s, case=s.id) for s in file.sources)
        cases = tuple(FileCase(s.id, s.name, known.get(s.name, {})) for s in file.sources)
        changed = replace(file, sources=sources, cases=cases)
    silent = [case for case in known if case not in {c.name for c in changed.cases}]
    if silent:
        file.log.caution("silent", f"participants who are not in the file: {len(silent)} ({listed(silent)})")
    names = [str(c) for c in attributes.columns]
    return replace(changed, attributes=tuple(dict.fromkeys([*file.attributes, *names])))


def _missing(
    names: Sequence[str], what: str, table: str, known: Mapping[str, object], file: CodedFile, problems: Problems
) -> None:
    for missing in names:
        message = f"the {what.removesuffix('s')} '{missing}' of {file.log.file} is not among the participants"
        problems.add(table, message, did_you_mean(missing, known))


def attributes_of(
    files: Sequence[CodedFile], spec: ToolFiles, problems: Problems, *, alone: bool
) -> dict[tuple[str, str], str]:
    """What is known of each case, from the case itself and from its sources.

    Args:
        files: Of one collection.
        spec: What the definition says of it.
        problems: Receives breaks that are no attribute.
        alone: Only one of the files holds sources or cases.

    Returns:
        By the case's origin (its id; its name where there are several files) and the attribute's name.
    """
    wanted = {name.casefold(): name for name in spec.breaks}

    def called(name: str) -> str:
        plain = attribute_name(name)
        return wanted.get(plain.casefold(), plain)

    given = {called(name) for file in files for name in _names(file)} - {""}
    for name in spec.breaks:
        if name not in given:
            problems.add(
                files[0].log.file if files else "",
                f"no variable of the project is called '{name}', which theme counts are to be split by",
                did_you_mean(name, sorted(given)),
            )
    found: dict[tuple[str, str], str] = {}
    for file in files:
        clashes = set()
        own = [(c.id if alone else c.name, c.attributes) for c in file.cases]
        for origin, attributes in [*own, *_of_sources(file, alone=alone)]:
            for name, value in attributes.items():
                if value and called(name) and found.setdefault((origin, called(name)), value) != value:
                    clashes.add(called(name))
        if clashes:
            message = f"sources disagree about their case; the first value is used: {listed(sorted(clashes))}"
            file.log.caution("attributes", message)
    return found


def attribute_name(name: str) -> str:
    """An attribute's name as the definition can write it: letters, digits and underscores."""
    # Some exports put the class of the variable before its name.
    plain = re.sub(r"^(?:Cases?|Files?|Documents?):\s*", "", name.strip())
    return re.sub(r"\W+", "_", plain).strip("_")


def _names(file: CodedFile) -> list[str]:
    used = [name for c in file.cases for name in c.attributes] + [name for s in file.sources for name in s.attributes]
    return list(dict.fromkeys([*file.attributes, *used]))


def _of_sources(file: CodedFile, *, alone: bool) -> list[tuple[str, Mapping[str, str]]]:
    """The attributes of sources that belong to one case, as the case's."""
    if not file.cases:
        return [(s.id if alone else s.name, s.attributes) for s in file.sources]
    names = {c.id: c.id if alone else c.name for c in file.cases}
    owners: dict[str, set[str]] = {s.id: {s.case} if s.case else set() for s in file.sources}
    for o in file.owners:
        owners.setdefault(o.source, set()).add(o.case)
    return [
        (names[next(iter(owners[s.id]))], s.attributes)
        for s in file.sources
        if len(owners[s.id]) == 1 and next(iter(owners[s.id])) in names
    ]
