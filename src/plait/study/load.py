"""From a study folder to a checked study: definition, side files, and where the raw files lie."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from plait.errors import Problems, StudyError, neighbour_of
from plait.study import (
    checks,
    claim_checks,
    coding_checks,
    link_checks,
    reporting_checks,
    robustness_checks,
    side_file_checks,
)
from plait.study.claims import Claim, read_claims
from plait.study.definition import (
    Collection,
    Definition,
    Model,
    Profile,
    Question,
    SegmentTable,
    Sheets,
    Survey,
    ToolFiles,
)
from plait.study.side_files import (
    AllowedWord,
    BreakdownColumn,
    CodebookEntry,
    Decision,
    DeniedName,
    KnownText,
    Link,
    MappedAnswer,
    Quotation,
    Summary,
    Target,
    read_rows,
)
from plait.study.validation import validated
from plait.study.yaml_text import YamlText, read_yaml

DEFINITION_FILE = "study.yaml"


@dataclass(frozen=True)
class Study:
    """A study whose definition and side files have been read and checked."""

    folder: Path
    raw: Path
    definition: Definition
    targets: tuple[Target, ...] = ()
    codebook: tuple[CodebookEntry, ...] = ()
    decisions: dict[int, Decision] = field(default_factory=dict)
    """By the row of their file, in its order."""
    quotes: dict[int, Quotation] = field(default_factory=dict)
    """By the row of their file."""
    known_texts: dict[int, KnownText] = field(default_factory=dict)
    """By the row of their file."""
    denied_names: tuple[DeniedName, ...] = ()
    allowed_words: tuple[AllowedWord, ...] = ()
    links: tuple[Link, ...] = ()
    claims: dict[int, Claim] = field(default_factory=dict)
    """By the row of their file, in its order."""
    breakdown_columns: dict[str, tuple[BreakdownColumn, ...]] = field(default_factory=dict)
    mappings: dict[str, tuple[MappedAnswer, ...]] = field(default_factory=dict)
    """Of each profile variable or question that has one."""
    summaries: tuple[tuple[str, Summary], ...] = ()
    """Of the framework matrix, each with its place in the file (`row 7`)."""

    @property
    def id(self) -> str:
        return self.definition.study

    @property
    def decision_log(self) -> str:
        """The file of decisions about the coding; empty where there is none."""
        return (self.definition.coded_text.decisions or "") if self.definition.coded_text else ""

    @property
    def quote_file(self) -> str:
        """The file of quotations; empty where there is none."""
        return (self.definition.coded_text.quotes or "") if self.definition.coded_text else ""

    @property
    def claims_file(self) -> str:
        """The file of claims; empty where there is none."""
        return self.definition.claims or ""

    @property
    def text_file(self) -> str:
        """The list of texts as they were when they were coded; empty where there is none."""
        return (self.definition.coded_text.texts or "") if self.definition.coded_text else ""

    @property
    def quotes_per_person(self) -> int:
        """How many quotations of one person may be printed."""
        return self.definition.coded_text.quotes_per_person if self.definition.coded_text else 0

    @property
    def collections(self) -> Mapping[str, Collection]:
        """The collections of coded text; none where the study has no such strand."""
        return self.definition.coded_text.collections if self.definition.coded_text else {}


def load_study(definition: str | Path, raw: str | Path | None = None) -> Study:
    """Read and check a study.

    Args:
        definition: The folder of `study.yaml` and its side files.
        raw: Holds the raw files; the folder's own `raw/` when left out. Data may stay on a secure drive.

    Raises:
        StudyError: Everything wrong with the definition, its side files and the names in them.
    """
    folder = Path(definition)
    raw = Path(raw) if raw else folder / "raw"
    problems = Problems()
    text = read_yaml(folder / DEFINITION_FILE, name=DEFINITION_FILE)
    checked = validated(text, Definition, "definition", DEFINITION_FILE, problems)
    if checked is None:
        raise StudyError(problems.found)
    checks.check_names(checked, text, problems)
    link_checks.check_joining(checked, text, problems)

    survey, coded = checked.survey, checked.coded_text
    targets = _side_file(folder, survey.weighting.targets if survey and survey.weighting else None, Target, problems)
    columns: dict[str, list[tuple[str, BreakdownColumn]]] = {}
    mappings: dict[str, list[tuple[str, MappedAnswer]]] = {}
    if survey:
        for name, breakdown in survey.breakdowns.items():
            columns[name] = _side_file(folder, breakdown.columns, BreakdownColumn, problems)
        for variable, file in _mappings(survey):
            mappings[variable] = _side_file(folder, file, MappedAnswer, problems)
    codebook = _side_file(folder, coded.codebook if coded else None, CodebookEntry, problems)
    decisions = _side_file(folder, coded.decisions if coded else None, Decision, problems)
    quotes = _side_file(folder, coded.quotes if coded else None, Quotation, problems)
    summaries = _side_file(folder, coded.summaries if coded else None, Summary, problems)
    allowed = _side_file(folder, coded.screening.allow_list if coded else None, AllowedWord, problems)
    denied = _raw_rows(raw, coded.screening.deny_list if coded else None, DeniedName, problems)
    known_texts = _raw_rows(raw, coded.texts if coded else None, KnownText, problems)
    links = _side_file(folder, checked.linking, Link, problems)
    claims, claims_text = _claims(folder, checked.claims, problems)
    # Nobody is told that a name is unknown which stands in a row that could not be read.
    faulty = {problem.file for problem in problems.found}

    for file, key in _raw_files(checked):
        _check_raw_file(raw, file, text.line_of(key), problems)
    reporting_checks.check_disclosed(checked, targets, text, problems)
    reporting_checks.check_reporting(checked, text, problems)
    if not (survey and survey.weighting and survey.weighting.targets in faulty):
        side_file_checks.check_targets(checked, targets, problems)
    side_file_checks.check_mappings(checked, mappings, problems)
    if not (coded and coded.codebook in faulty):
        side_file_checks.check_codebook(checked, codebook, problems)
        coding_checks.check_decisions(checked, _by_row(decisions), _rows(codebook), problems)
        coding_checks.check_quotes(checked, _by_row(quotes), _rows(codebook), problems)
        link_checks.check_links(checked, links, codebook, problems)
        constructs = None if checked.linking in faulty else [link.construct_id for _, link in links]
        claim_checks.check_claims(checked, claims, claims_text, codebook, constructs, problems)
    if checked.claims not in faulty:
        claim_checks.check_numbers_of_links(checked, claims.values(), links, problems)
    robustness_checks.check_robustness(checked, _rows(targets), text, problems)
    if not (coded and coded.codebook in faulty):
        side_file_checks.check_summaries(checked, summaries, codebook, problems)
    side_file_checks.check_breakdown_columns(checked, columns, problems)
    problems.raise_if_any()
    return Study(
        folder=folder,
        raw=raw,
        definition=checked,
        targets=_rows(targets),
        codebook=_rows(codebook),
        decisions=_by_row(decisions),
        quotes=_by_row(quotes),
        known_texts=_by_row(known_texts),
        denied_names=_rows(denied),
        allowed_words=_rows(allowed),
        links=_rows(links),
        claims=claims,
        breakdown_columns={name: _rows(rows) for name, rows in columns.items()},
        mappings={variable: _rows(rows) for variable, rows in mappings.items()},
        summaries=tuple(summaries),
    )


def raw_files(study: Study, *place: str) -> list[Path]:
    """The raw files of a strand (`survey` or `coded_text`), or of a key within it, in the order of the definition."""
    return [study.raw / file for file, key in _raw_files(study.definition) if key[: len(place)] == place]


def side_files(study: Study, *keys: str) -> list[Path]:
    """The side files that a stage reads: any of `targets`, `columns`, `mappings`, `codebook`, `decisions`, `quotes`,
    `allow_list`, `summaries`, `linking`, `claims`.
    """
    definition = study.definition
    survey, coded = definition.survey, definition.coded_text
    files = {
        "targets": [survey.weighting.targets] if survey and survey.weighting and survey.weighting.targets else [],
        "mappings": sorted({file for _, file in _mappings(survey)}) if survey else [],
        "columns": [b.columns for b in survey.breakdowns.values()] if survey else [],
        "codebook": [coded.codebook] if coded else [],
        "decisions": [coded.decisions] if coded and coded.decisions else [],
        "quotes": [coded.quotes] if coded and coded.quotes else [],
        "allow_list": [coded.screening.allow_list] if coded and coded.screening.allow_list else [],
        "summaries": [coded.summaries] if coded and coded.summaries else [],
        "linking": [definition.linking] if definition.linking else [],
        "claims": [definition.claims] if definition.claims else [],
    }
    return [study.folder / file for key in keys for file in files[key]]


def fingerprint(*parts: Model | tuple[Model, ...] | str | None) -> str:
    """A hash of the parts of a definition that a stage depends on, so that other edits do not rerun it."""
    content = json.dumps([_dumped(part) for part in parts], sort_keys=True)
    return sha256(content.encode()).hexdigest()[:16]


def _dumped(part: Model | tuple[Model, ...] | str | None) -> object:
    if isinstance(part, tuple):
        return [_dumped(one) for one in part]
    return part.model_dump(mode="json", by_alias=True) if isinstance(part, Model) else part or None


def _claims(folder: Path, file: str | None, problems: Problems) -> tuple[dict[int, Claim], YamlText | None]:
    """The claims by row, and where everything in their file stands; nothing where the definition names no file."""
    if not file:
        return {}, None
    if not _stays_inside(folder, folder / file):
        problems.add(file, "lies outside the study folder", "copy it into the study folder")
        return {}, None
    return read_claims(folder / file, file, problems)


def _side_file(folder: Path, file: str | None, model: type[Any], problems: Problems) -> list[tuple[str, Any]]:
    """The rows of a side file with their places; none where the definition names none."""
    if not file:
        return []
    with problems.collecting():
        if not _stays_inside(folder, folder / file):
            problems.add(file, "lies outside the study folder", "copy it into the study folder")
            return []
        return read_rows(folder / file, model, name=file, problems=problems)
    return []


def _raw_rows(raw: Path, file: str | None, model: type[Any], problems: Problems) -> list[tuple[str, Any]]:
    """The same of a file among the raw ones; that it is there is checked with the others."""
    return _side_file(raw, file, model, problems) if file and (raw / file).is_file() else []


def _mappings(survey: Survey) -> Iterator[tuple[str, str]]:
    """Every profile variable and question with a mapping, and the file of it."""
    for name, holder in (survey.profile | survey.questions).items():
        if isinstance(holder, Profile | Question) and holder.mapping:
            yield name, holder.mapping


def _raw_files(definition: Definition) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Every raw file of the definition with the key that names it."""
    survey, coded = definition.survey, definition.coded_text
    if survey:
        for name, export in survey.exports.items():
            yield export.file, ("survey", "exports", name, "file")
            if export.dictionary:
                yield export.dictionary, ("survey", "exports", name, "dictionary")
        for name, breakdown in survey.breakdowns.items():
            place = ("survey", "breakdowns", name)
            yield breakdown.responses, (*place, "responses")
            yield breakdown.responders, (*place, "responders")
            if breakdown.margin_of_error:
                yield breakdown.margin_of_error, (*place, "margin_of_error")
            if breakdown.counts:
                yield breakdown.counts.file, (*place, "counts", "file")
    if coded:
        if coded.texts:
            yield coded.texts, ("coded_text", "texts")
        if coded.screening.deny_list:
            yield coded.screening.deny_list, ("coded_text", "screening", "deny_list")
        for name, collection in coded.collections.items():
            place = ("coded_text", "collections", name)
            if isinstance(collection, Sheets):
                for i, sheet in enumerate(collection.sheets):
                    yield sheet.file, (*place, "sheets", i, "file")
            if isinstance(collection, ToolFiles):
                for i, tool_file in enumerate(collection.files):
                    yield tool_file.file, (*place, "files", i, "file")
            if isinstance(collection, SegmentTable):
                yield collection.file, (*place, "file")
            if isinstance(collection, ToolFiles | SegmentTable) and collection.participants:
                yield collection.participants.file, (*place, "participants")
            if collection.adjudication:
                yield collection.adjudication, (*place, "adjudication")


def _check_raw_file(raw: Path, file: str, line: int, problems: Problems) -> None:
    path = raw / file
    row = f"row {line}"
    if not raw.is_dir():
        if not any(p.message.startswith("the folder of raw files") for p in problems.found):
            problems.add(DEFINITION_FILE, f"the folder of raw files is not there: {raw}", "put the raw files into it")
        return
    if not path.is_file():
        mend = neighbour_of(path)
        problems.add(DEFINITION_FILE, "there is no such raw file", mend, row=row, column="file", value=file)
    elif not _stays_inside(raw, path):
        problems.add(
            DEFINITION_FILE,
            "leads outside the folder of raw files (a link)",
            "put the file itself there, or point the study's raw folder to where it lies",
            row=row,
            column="file",
            value=file,
        )


def _stays_inside(folder: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _by_row(placed: list[tuple[str, Any]]) -> dict[int, Any]:
    return {int(place.removeprefix("row ")): row for place, row in placed}


def _rows(placed: list[tuple[str, Any]]) -> tuple[Any, ...]:
    return tuple(row for _, row in placed)
