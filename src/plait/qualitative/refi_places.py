"""Where the codings of a REFI-QDA project stand in the canonical text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from plait.errors import Problem, StudyError
from plait.qualitative.import_log import ImportLog
from plait.qualitative.offsets import GOOD, AmbiguousOffsetsError, Resolved, Span, resolve_offsets
from plait.qualitative.refi_xml import TEXT_SELECTIONS, Coding, ProjectXml, Selection, Source
from plait.qualitative.transcripts import canonical_text

AREAS = {
    "PDFSelection": "codes an area of a PDF page, not text",
    "PictureSelection": "codes a part of a picture, not text",
    "AudioSelection": "codes a stretch of sound, not text",
    "VideoSelection": "codes a stretch of film, not text",
}


@dataclass(frozen=True)
class Placed:
    """A selection (or a whole source) with its place in the canonical text.

    Attributes:
        start: None for a whole source.
        reason: Why its codings cannot be used; empty when they can.
    """

    source: Source
    selection: Selection | None
    codings: tuple[Coding, ...]
    start: int | None
    end: int | None
    text: str
    reason: str

    @property
    def guid(self) -> str:
        return self.selection.guid if self.selection else self.source.guid


def place(project: ProjectXml, texts: Mapping[str, str], log: ImportLog) -> tuple[list[Placed], str]:
    """Put every selection at its place in the canonical text, and say what the tool counted in.

    Raises:
        StudyError: The places cannot be told.
    """
    spans: list[Span] = []
    pending: list[tuple[Placed, int | None]] = []
    for source in project.sources:
        whole = canonical_text(texts[source.guid]) if source.guid in texts else ""
        if source.codings:
            pending.append((Placed(source, None, source.codings, None, None, whole, ""), None))
        for selection in source.selections:
            entry = Placed(source, selection, selection.codings, None, None, "", _why_not(selection))
            if entry.reason:
                pending.append((entry, None))
                continue
            start, end = int(selection.start), int(selection.end)
            if source.guid in texts:
                pending.append((entry, len(spans)))
                spans.append(Span(source.guid, start, end, selection.name))
            else:
                # Kept for counting; nothing can be quoted from it.
                pending.append((replace(entry, start=start, end=end), None))
    stored = {guid: texts[guid] for guid in dict.fromkeys(s.source for s in spans)}
    try:
        resolved = resolve_offsets(stored, spans)
    except AmbiguousOffsetsError as error:
        mend = (
            "save the transcripts as plain text with simple line ends (LF) and without emoji, code on those, and "
            "export again; or ask the tool's makers which characters it counts"
        )
        raise StudyError([Problem(log.file, f"the places of the codings cannot be told: {error}", mend)]) from error
    canonical = {guid: canonical_text(text) for guid, text in stored.items()}
    placed = [entry if n is None else _settled(entry, n, resolved, canonical) for entry, n in pending]
    convention = resolved.convention if spans else "no selection has a text to check against"
    if resolved.by_quote:
        log.caution("offsets", f"selections found by their quoted text, not by their offsets: {resolved.by_quote}")
    if resolved.score < GOOD:
        message = "many selections start or end inside a word; was the text changed after it was coded?"
        log.caution("offsets", f"{message} (score {resolved.score:.3f})")
    return placed, convention


def _why_not(selection: Selection) -> str:
    if selection.kind not in TEXT_SELECTIONS:
        return AREAS[selection.kind]
    if not (re.fullmatch(r"-?[0-9]{1,12}", selection.start) and re.fullmatch(r"-?[0-9]{1,12}", selection.end)):
        return "has no whole numbers for start and end"
    start, end = int(selection.start), int(selection.end)
    if start < 0 or start > end:
        return "starts before the text or after its own end"
    return "codes no character" if start == end else ""


def _settled(entry: Placed, n: int, resolved: Resolved, canonical: Mapping[str, str]) -> Placed:
    start, end = int(resolved.starts[n]), int(resolved.ends[n])
    if start < 0:
        return replace(entry, reason="lies outside the text or cuts a character")
    if resolved.astray[n]:
        return replace(entry, reason="the quoted text stands elsewhere, more than once")
    return replace(entry, start=start, end=end, text=canonical[entry.source.guid][start:end])
