"""All coded text of a study, whatever formats its collections came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from plait.errors import Problems
from plait.qualitative.import_log import ImportLog, file_sha256
from plait.qualitative.known_texts import held_against
from plait.qualitative.segment_table import read_segments
from plait.qualitative.sheets import read_sheets
from plait.qualitative.stand_ins import with_stand_ins
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText, check_invariants, combine
from plait.study import Study
from plait.study.definition import Collection, SegmentTable, Sheets, ToolFiles
from plait.study.side_files import CodebookEntry


def read_coded_text(collections: Mapping[str, Collection], raw: Path, codebook: Sequence[CodebookEntry]) -> CodedText:
    """Read every collection of the coded-text strand.

    Args:
        collections: What the definition says of each.
        raw: The folder of raw files.
        codebook: The lines of the codebook.

    Raises:
        StudyError: The problems of all collections together.
    """
    problems = Problems()
    parts = []
    for name, collection in collections.items():
        with problems.collecting():
            parts.append(_read(name, collection, raw, codebook))
    problems.raise_if_any()
    coded = combine(parts)
    check_invariants(coded)
    return coded


def read_coded_text_of(study: Study) -> CodedText:
    """Read a study's coded text, without respondent ids, and hold it against the list of its texts where there is one.

    Raises:
        StudyError: As `read_coded_text`; or a text is not the one that was coded.
    """
    coded = read_coded_text(study.collections, study.raw, study.codebook)
    coded = with_stand_ins(coded, study.id, study.definition.joining.people)
    if not study.text_file:
        return coded
    path = study.raw / study.text_file
    return held_against(coded, study.known_texts, ImportLog(study.text_file, file_sha256(path), "texts"))


def _read(name: str, collection: Collection, raw: Path, codebook: Sequence[CodebookEntry]) -> CodedText:
    match collection:
        case Sheets():
            return read_sheets(name, collection, raw, codebook)
        case ToolFiles():
            return read_tool_files(name, collection, raw, codebook)
        case SegmentTable():
            return read_segments(name, collection, raw, codebook)
    raise TypeError(f"no reader for {type(collection).__name__}")
