"""Where the selections of a coded file stand in the canonical text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plait.errors import Problem, StudyError
from plait.qualitative.coded_file import CodedFile, FileSelection
from plait.qualitative.import_log import ImportLog
from plait.qualitative.offsets import GOOD, AmbiguousOffsetsError, Resolved, Span, resolve_offsets
from plait.qualitative.transcripts import canonical_text

_MOST_UNRESOLVED = 0.02


@dataclass(frozen=True)
class Place:
    """A selection's place in the canonical text of its source.

    Attributes:
        start: None for a whole source, and where the file says no place.
        text: The words; "" where neither the source nor the file holds them.
        resolution: How the place was found: exact, scored, text_match or none.
        reason: Why its codings cannot be counted; "" when they can.
        unresolved: It was quoted, and the quotation is not in the text or stands there more than once.
    """

    start: int | None
    end: int | None
    text: str
    resolution: str
    reason: str = ""
    unresolved: bool = False


def place(file: CodedFile, texts: Mapping[str, str], log: ImportLog) -> tuple[dict[str, Place], str]:
    """Put every selection at its place, and say what the tool counted in.

    Args:
        file: As its reader made it.
        texts: Each source's text as stored, by the file's ids.
        log: Receives what was doubtful.

    Raises:
        StudyError: The places cannot be told, or too many quotations are not in the texts.
    """
    places: dict[str, Place] = {}
    spans: list[Span] = []
    pending: list[str] = []
    for selection in file.selections:
        settled = _without_text(selection, texts)
        if settled:
            places[selection.id] = settled
            continue
        places[selection.id] = Place(None, None, "", "none")  # keeps the order of the file
        pending.append(selection.id)
        quote = selection.text or selection.title
        spans.append(Span(selection.source, selection.start or 0, selection.end or 0, quote, bool(selection.text)))
    stored = {source: texts[source] for source in dict.fromkeys(s.source for s in spans)}
    try:
        resolved = resolve_offsets(stored, spans, declared=file.offsets_in)
    except AmbiguousOffsetsError as error:
        mend = (
            "save the transcripts as plain text with simple line ends (LF) and without emoji, code on those, and "
            "export again; or ask the tool's makers which characters it counts"
        )
        raise StudyError([Problem(log.file, f"the places of the codings cannot be told: {error}", mend)]) from error
    canonical = {source: canonical_text(text) for source, text in stored.items()}
    how = "exact" if file.offsets_in else "scored"
    for n, selection_id in enumerate(pending):
        places[selection_id] = _settled(canonical[spans[n].source], n, resolved, how)
    _check(spans, resolved, log)
    return places, resolved.convention if spans else "no selection has a text to check against"


def _without_text(selection: FileSelection, texts: Mapping[str, str]) -> Place | None:
    """The place of a selection that needs no search: none, the whole source, or one that cannot be checked."""
    start, end, said = selection.start, selection.end, canonical_text(selection.text)
    if selection.reason:
        return Place(None, None, "", "none", selection.reason)
    if selection.whole:
        return Place(None, None, canonical_text(texts[selection.source]) if selection.source in texts else "", "exact")
    if start is None or end is None:
        return Place(None, None, said, "none")
    if start < 0 or start > end:
        return Place(None, None, "", "none", "starts before the text or after its own end")
    if start == end:
        return Place(None, None, "", "none", "codes no character")
    # Without the text nothing can be checked; the file's own positions and words are kept for counting.
    return Place(start, end, said, "none") if selection.source not in texts else None


def _settled(text: str, n: int, resolved: Resolved, how: str) -> Place:
    start, end = int(resolved.starts[n]), int(resolved.ends[n])
    if resolved.astray[n]:
        reason = "the quoted text is not where it should be, and nowhere else just once"
        return Place(None, None, "", "none", reason, unresolved=True)
    if start < 0:
        return Place(None, None, "", "none", "lies outside the text or cuts a character")
    return Place(start, end, text[start:end], "text_match" if resolved.by_quote[n] else how)


def _check(spans: list[Span], resolved: Resolved, log: ImportLog) -> None:
    found, astray = int(resolved.by_quote.sum()), int(resolved.astray.sum())
    if found:
        log.caution("offsets", f"selections found by their quoted text, not by their offsets: {found}")
    if astray > max(1, _MOST_UNRESOLVED * len(spans)):
        message = f"quotations that are not in the text where they should be, nor elsewhere just once: {astray}"
        mend = "the transcripts were changed after coding, or belong to another state of the project; export both again"
        raise StudyError([Problem(log.file, f"{message} of {len(spans)}", mend)])
    if resolved.score < GOOD:
        message = "many selections start or end inside a word; was the text changed after it was coded?"
        log.caution("offsets", f"{message} (score {resolved.score:.3f})")
