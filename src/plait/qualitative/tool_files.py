"""Files of coded text from any tool, turned into the neutral tables.

Every reader says what its file holds (`coded_file`); here, once for all of them, codes are translated to the codebook,
positions are resolved and scored, cases get their words, and each row is counted or kept with the reason why not.
Several files of one collection are several coders' copies of the same sources, which are known by their names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from plait.errors import Problems
from plait.qualitative.codebook import CodeNames, ToolCode, codes_table
from plait.qualitative.coded_file import CodedFile, Conventions, FileSource
from plait.qualitative.import_log import listed
from plait.qualitative.ownership import Ownership, ownership
from plait.qualitative.participants import attributes_of, read_participants, with_participants
from plait.qualitative.placing import Place, place
from plait.qualitative.recognition import read_coded_file
from plait.qualitative.transcripts import CodedText, canonical_text, stable_id, text_facts, with_segment_ids
from plait.qualitative.turns import turns_of
from plait.study.definition import ToolFile, ToolFiles
from plait.study.side_files import CodebookEntry

_NEARLY_ALL = 0.9
_REPEATS = "repeats a coding of the same stretch by the same coder"
_SAME = ["source", "start", "end", "text", "locator", "code", "coder"]


@dataclass(frozen=True)
class _Landed:
    """One file with everything settled that can be settled without the others.

    Attributes:
        rows: One row a coding, with the file's own ids of sources and cases.
        texts: Each source's text as stored.
        codes: The codebook's code by the file's id.
        coders: The coders who count as having worked through the file, in order.
    """

    spec: ToolFile
    file: CodedFile
    rows: pd.DataFrame
    texts: Mapping[str, str]
    places: Mapping[str, Place]
    owned: Ownership
    codes: Mapping[str, str]
    coders: tuple[str, ...]


def read_tool_files(collection_id: str, spec: ToolFiles, raw: Path, codebook: Sequence[CodebookEntry]) -> CodedText:
    """Read the files of a collection: sources, cases, codes, coders and codings.

    A coder counts as assigned to every source that holds at least one of their codings of text, unless the definition
    says that they were given them all.

    Args:
        collection_id: The collection's name in the definition.
        spec: What the definition says of it.
        raw: The folder of raw files.
        codebook: The codes that the tool's codes may stand for.

    Raises:
        StudyError: A file is unsafe, broken or of no known kind, a code that was used is not in the codebook, positions
            in the text cannot be told, or the files contradict each other.
    """
    problems = Problems()
    names = CodeNames.of(codebook)
    conventions = Conventions(spec.code_separator, spec.note_prefix, names.shown)
    files: list[tuple[ToolFile, CodedFile]] = []
    for tool_file in spec.files:
        with problems.collecting():
            path = raw / tool_file.file
            files.append((tool_file, read_coded_file(path, tool_file.file, conventions, reader=tool_file.reader)))
    if spec.participants:
        with problems.collecting():
            people = read_participants(spec.participants, raw)
            files = [(t, with_participants(f, people, spec.participants, problems)) for t, f in files]
    problems.raise_if_any()
    _check_names(files, problems)
    texts = _shared_texts(files, problems)
    landed = []
    for tool_file, file in files:
        with problems.collecting():
            own = {s.id: texts[_key(s, files)] for s in file.sources if _key(s, files) in texts}
            landed.append(_land(tool_file, file, own, spec, names))
    attributes = attributes_of([file for _, file in files], spec, problems)
    problems.raise_if_any()
    return _assembled(collection_id, spec, landed, codebook, attributes)


# --- several files of the same sources ---------------------------------------------------------------------------------


def _key(source: FileSource, files: Sequence[object]) -> str:
    """What makes a source the same in another file: its name; in a single file its own id."""
    return source.id if len(files) == 1 else source.name


def _check_names(files: Sequence[tuple[ToolFile, CodedFile]], problems: Problems) -> None:
    if len(files) == 1:
        return
    for tool_file, file in files:
        for name, count in Counter(s.name for s in file.sources).items():
            if count > 1:
                message = f"holds {count} sources of one name, so that other coders' files cannot be held against it"
                problems.add(tool_file.file, message, "give each source its own name in the tool", value=name)
        if not tool_file.coder and not file.names_coders and file.codings:
            message = "does not say who coded, and is not the only file"
            problems.add(tool_file.file, message, "name the `coder:` of each file in the definition")
    problems.raise_if_any()


def _shared_texts(files: Sequence[tuple[ToolFile, CodedFile]], problems: Problems) -> dict[str, str]:
    """Each source's text as stored; what one coder's file leaves out is taken from another's."""
    texts: dict[str, str] = {}
    first: dict[str, str] = {}
    for tool_file, file in files:
        for source in file.sources:
            if source.text is None:
                continue
            key = _key(source, files)
            if key not in texts:
                texts[key], first[key] = source.text, tool_file.file
            elif canonical_text(texts[key]) != canonical_text(source.text):
                message = f"the text of the source '{source.name}' is not the one in {first[key]}"
                mend = "coders must work on one state of the transcripts; export both again, or rename the source"
                problems.add(tool_file.file, message, mend)
    return texts


# --- one file ----------------------------------------------------------------------------------------------------------


def _land(
    spec: ToolFile,
    file: CodedFile,
    texts: Mapping[str, str],
    collection: ToolFiles,
    names: CodeNames,
) -> _Landed:
    log, problems = file.log, Problems()
    codes, left_out = _codes(file, collection, names, problems)
    coders = _coders(spec, file, collection, problems)
    problems.raise_if_any()
    places, convention = place(file, texts, log)
    owned = ownership(file, places, log)
    rows = pd.DataFrame(_rows(file, places, owned, codes, left_out, coders), columns=_COLUMNS)
    rows = rows.astype({"start": "Int64", "end": "Int64", "weight": "float64", "important": "boolean"})
    rows = _without_repeats(rows)
    _note(file, rows, places, texts, convention)
    present = dict.fromkeys(coders[name] for name in (*file.coders, *(c.coder for c in file.codings)) if name in coders)
    return _Landed(spec, file, rows, texts, places, owned, codes, tuple(present))


def _codes(
    file: CodedFile, collection: ToolFiles, names: CodeNames, problems: Problems
) -> tuple[dict[str, str], set[str]]:
    """The codebook's code of every code that was used, and the codes that the definition leaves out."""
    log = file.log
    known = {c.id: c for c in file.codes}
    used_ids = {c.code for c in file.codings if c.code} | {c.code for c in file.counts}
    wanted = set(collection.leave_out)
    left_out = {c.id for c in file.codes if c.path[-1] in wanted or "/".join(c.path) in wanted}
    used = [code_id for code_id in known if code_id in used_ids - left_out]
    translated = names.translate([ToolCode(known[c].path) for c in used], log.file, problems)
    codes = {c: translated[known[c].path] for c in used if known[c].path in translated}
    by_code: dict[str, list[str]] = {}
    for code_id, code in codes.items():
        by_code.setdefault(code, []).append("/".join(known[code_id].path))
    for code, paths in by_code.items():
        if len(paths) > 1:
            problems.add(
                log.file,
                f"{len(paths)} codes of the project become '{code}': {listed(paths)}",
                "give each its own line in the codebook, with Theme/Code as an alias, and merge them as a decision",
            )
    unknown = ["/".join(c.path) for c in file.codes if c.id not in used_ids and not names.find(c.path)]
    if unknown:
        log.note("unused_codes", f"codes outside the codebook, never used: {len(unknown)} ({listed(unknown)})")
    closed = ["/".join(known[c].path) for c in used if not known[c].codable]
    if closed:
        log.caution("not_codable", f"codings stand at codes that are not to be coded with: {listed(closed)}")
    same = Counter(" ".join(c.path[-1].split()).casefold() for c in file.codes)
    alike = sorted({c.path[-1] for c in file.codes if same[" ".join(c.path[-1].split()).casefold()] > 1})
    if alike:
        log.caution("code_names", f"names that several codes have, or nearly: {len(alike)} ({listed(alike)})")
    return codes, left_out


def _coders(spec: ToolFile, file: CodedFile, collection: ToolFiles, problems: Problems) -> dict[str, str]:
    """The study's name for every coder of the file."""
    named = dict.fromkeys(n for n in (*file.coders, *(c.coder for c in file.codings)) if n)
    if spec.coder:
        if file.names_coders and len(named) > 1:
            message = f"tells its coders apart itself ({listed(list(named))})"
            problems.add(spec.file, message, "leave out `coder:`", value=spec.coder)
        return dict.fromkeys([*named, ""], spec.coder)
    if not file.names_coders and len(named) <= 1:
        # In a file that tells no two people apart the coder can only be the one whose coding is counted.
        if file.codings:
            message = "the file does not say who coded; its codings are put down to the coder who is counted"
            file.log.caution("no_users", message)
        return dict.fromkeys([*named, ""], collection.count_from)
    spelled = Counter(" ".join(n.split()).casefold() for n in named)
    alike = [n for n in named if spelled[" ".join(n.split()).casefold()] > 1]
    if alike:
        file.log.caution("coders", f"coders whose names differ in capitals or spaces only: {listed(alike)}")
    return {n: n for n in named}


_COLUMNS = [
    "selection",
    "source",
    "case",
    "code",
    "coder",
    "start",
    "end",
    "text",
    "locator",
    "weight",
    "important",
    "memo",
    "created",
    "origin_row",
    "resolution",
    "status",
    "reason",
    "of_text",
]


def _rows(
    file: CodedFile,
    places: Mapping[str, Place],
    owned: Ownership,
    codes: Mapping[str, str],
    left_out: set[str],
    coders: Mapping[str, str],
) -> list[tuple[Any, ...]]:
    """One row a coding; what cannot be used is kept as a row that says why."""
    selections = {s.id: s for s in file.selections}
    rows = []
    for c in file.codings:
        selection, at = selections[c.selection], places[c.selection]
        coder = coders.get(c.coder, "")
        reason = c.reason
        if not reason and c.code in left_out:
            reason = "a code that the definition leaves out"
        if not reason and c.code not in codes:
            reason = "names a code that is not in the file"
        if not reason and not coder:
            reason = "names no coder"
        reason = reason or at.reason
        status = "active" if not reason else "unresolved" if at.unresolved and reason == at.reason else "excluded"
        rows.append(
            (
                selection.id,
                selection.source,
                owned.case_at(selection.source, at.start, at.end),
                codes.get(c.code, ""),
                coder,
                at.start,
                at.end,
                at.text,
                selection.locator,
                c.weight,
                c.important,
                "\n".join(m for m in (selection.memo, c.memo) if m),
                c.created,
                c.origin,
                at.resolution,
                status,
                reason,
                not selection.reason,
            )
        )
    return rows


def _without_repeats(rows: pd.DataFrame) -> pd.DataFrame:
    """The same code put twice on the same stretch by the same coder counts once."""
    repeats = rows.loc[rows["status"] == "active", _SAME].duplicated().reindex(rows.index, fill_value=False)
    return rows.assign(status=rows["status"].mask(repeats, "excluded"), reason=rows["reason"].mask(repeats, _REPEATS))


def _note(
    file: CodedFile, rows: pd.DataFrame, places: Mapping[str, Place], texts: Mapping[str, str], convention: str
) -> None:
    log = file.log
    active = rows["status"] == "active"
    if file.counts:
        log.note("counts", f"a table of counts: cases {len(file.cases)}; no segments, so nothing can be quoted")
    coded = _coded(file)
    wholes = sum(s.whole for s in file.selections)
    message = f"sources: {len(file.sources)}; selections: {len(file.selections) - wholes}"
    unresolved = int((rows["status"] == "unresolved").sum())
    log.counts(len(rows), int(active.sum()), message, offset_convention=convention, n_unresolved=unresolved)
    for reason, count in Counter(rows.loc[~active, "reason"]).items():
        log.caution("excluded", f"codings left out: {count}; each {reason}")
    if not file.cases and file.sources:
        log.note("no_cases", "the file has no cases; each source counts as one")
    bare = sum(s.id not in coded for s in file.selections)
    if bare:
        log.note("annotations", f"annotations (selections without a code): {bare}")
    lengths = {source: len(canonical_text(text)) for source, text in texts.items()}
    broad = sum(
        at.end - at.start > _NEARLY_ALL * lengths[source]
        for selection, source in rows[["selection", "source"]].itertuples(index=False, name=None)
        if (at := places[selection]).start is not None and at.end is not None and source in lengths
    )
    if broad:
        log.caution("broad", f"codings of more than {_NEARLY_ALL:.0%} of a source, perhaps automatic: {broad}")
    overlaps = _overlapping(rows[active])
    if overlaps:
        log.note("overlaps", f"codings that overlap another of the same code and coder: {overlaps}")


def _coded(file: CodedFile) -> set[str]:
    """Selections that are no remark: those with a code, and those that only say whose words they are."""
    return {c.selection for c in file.codings} | {o.selection for o in file.owners}


def _overlapping(active: pd.DataFrame) -> int:
    placed = active.dropna(subset=["start"]).sort_values(["source", "code", "coder", "start"])
    same = placed[["source", "code", "coder"]].eq(placed[["source", "code", "coder"]].shift()).all(axis=1)
    return int((same & (placed["start"] < placed["end"].shift())).sum())


# --- the collection ----------------------------------------------------------------------------------------------------


def _assembled(
    collection: str,
    spec: ToolFiles,
    landed: Sequence[_Landed],
    codebook: Sequence[CodebookEntry],
    attributes: Mapping[tuple[str, str], str],
) -> CodedText:
    """All files of the collection as one set of tables."""
    sources: dict[str, dict[str, Any]] = {}
    texts: dict[str, str] = {}
    cases: dict[str, dict[str, Any]] = {}
    parts: list[pd.DataFrame] = []
    spans: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    counts: list[dict[str, Any]] = []
    sets: list[dict[str, Any]] = []
    assigned: list[pd.DataFrame] = []
    for part in landed:
        file = part.file
        ids = _Ids.of(collection, part, alone=len(landed) == 1)
        for s in file.sources:
            text = canonical_text(part.texts[s.id]) if s.id in part.texts else None
            case = ids.cases.get(part.owned.case_of.get(s.id, ""), "")
            known = sources.setdefault(ids.sources[s.id], _source_row(s, ids, collection, case, text))
            known["case"] = known["case"] or case
            if text is not None:
                texts[ids.sources[s.id]] = text
        for origin, case in ids.cases.items():
            cases.setdefault(case, {"case": case, "collection": collection, "origin_id": ids.origins[origin]})
        rows = part.rows
        parts.append(
            rows.assign(
                source=rows["source"].map(ids.sources),
                case=rows["case"].map({**ids.cases, "": ""}),
                selection=rows["selection"].map(ids.selections),
            )
        )
        spans += [
            {"case": ids.cases[o.case], "source": ids.sources[o.source], "start": o.start, "end": o.end}
            for owners in part.owned.owners.values()
            for o in owners
            if o.case in ids.cases
        ]
        coded = _coded(file)
        annotations += [
            {
                "annotation": ids.selections[s.id],
                "collection": collection,
                "source": ids.sources[s.source],
                "start": part.places[s.id].start,
                "end": part.places[s.id].end,
                "text": part.places[s.id].text,
                "memo": s.memo or s.title,
            }
            for s in file.selections
            if s.id not in coded
        ]
        counts += [
            {"collection": collection, "case": ids.cases[c.case], "code": part.codes[c.code], "n": c.n}
            for c in file.counts
            if c.code in part.codes
        ]
        for group in file.sets:
            members = part.codes if group.kind == "code" else ids.sources
            sets += [
                {"collection": collection, "name": group.name, "kind": group.kind, "member": members[m]}
                for m in group.members
                if m in members
            ]
        assigned.append(_assigned(part, ids))
    rows = _without_repeats(pd.concat(parts, ignore_index=True))
    coders = _coder_rows(collection, spec, landed)
    known_coders = {row["coder"] for row in coders}
    given = pd.concat(assigned).drop_duplicates()
    return CodedText.of(
        sources=list(sources.values()),
        source_texts=[{"source": source, "text": text} for source, text in texts.items()],
        turns=[row for source, text in texts.items() for row in turns_of(source, text, spec.interviewers)],
        cases=list(cases.values()),
        case_spans=pd.DataFrame(spans, columns=["case", "source", "start", "end"]).drop_duplicates(),
        case_attributes=[
            {"case": stable_id("case", collection, origin), "attribute": name, "value": value}
            for (origin, name), value in attributes.items()
        ],
        codes=codes_table(codebook),
        code_sets=sets,
        coders=coders,
        assignments=given[given["coder"].isin(known_coders)],
        segments=with_segment_ids(rows.drop(columns="of_text").assign(collection=collection)),
        code_counts=counts,
        annotations=annotations,
        import_log=[row for part in landed for row in part.file.log.rows],
    )


@dataclass(frozen=True)
class _Ids:
    """The study's ids by a file's own; `origins` is what makes a source or case the same in another file."""

    origins: Mapping[str, str]
    sources: Mapping[str, str]
    cases: Mapping[str, str]
    selections: Mapping[str, str]

    @classmethod
    def of(cls, collection: str, part: _Landed, *, alone: bool) -> _Ids:
        file = part.file
        cases = [(c.id, c.name) for c in file.cases] or [(s.id, s.name) for s in file.sources]
        origins = {own: own if alone else name for own, name in [*cases, *((s.id, s.name) for s in file.sources)]}
        sources = {s.id: stable_id("source", collection, origins[s.id]) for s in file.sources}
        # Two selections of one place are told apart by their order; another coder's file is another act of selecting.
        drawn: Counter[tuple[str, ...]] = Counter()
        selections = {}
        for s in file.selections:
            at = part.places[s.id]
            words = s.locator if at.start is not None or s.whole else f"{s.locator}\n{at.text}"
            key = (sources[s.source], str(at.start), str(at.end), words, part.spec.coder or "")
            selections[s.id] = stable_id("selection", collection, *key, str(drawn[key]))
            drawn[key] += 1
        return cls(origins, sources, {own: stable_id("case", collection, origins[own]) for own, _ in cases}, selections)


def _source_row(source: FileSource, ids: _Ids, collection: str, case: str, text: str | None) -> dict[str, Any]:
    facts = text_facts(text)
    if text is None and source.kind in ("image", "audio", "video"):
        facts["text_state"] = "not_text"
    return {
        "source": ids.sources[source.id],
        "collection": collection,
        "name": source.name,
        "origin_id": ids.origins[source.id],
        "kind": source.kind,
        "case": case,
        **facts,
    }


def _assigned(part: _Landed, ids: _Ids) -> pd.DataFrame:
    """Who was given what. A coder who coded only a picture or a film has not been through the text."""
    if part.spec.assigned == "all":
        pairs = [(coder, ids.sources[s.id]) for coder in part.coders for s in part.file.sources]
        return pd.DataFrame(pairs, columns=["coder", "source"])
    known = part.rows[(part.rows["coder"] != "") & part.rows["of_text"]]
    return known[["coder", "source"]].assign(source=known["source"].map(ids.sources)).drop_duplicates()


def _coder_rows(collection: str, spec: ToolFiles, landed: Sequence[_Landed]) -> list[dict[str, Any]]:
    coders: dict[str, dict[str, Any]] = {}
    for part in landed:
        worked = set(part.rows.loc[part.rows["of_text"], "coder"]) | {spec.count_from}
        for coder in part.coders:
            if coder in worked or part.spec.assigned == "all":
                role = "adjudicated" if coder in spec.adjudicated else "human"
                coders.setdefault(coder, {"coder": coder, "collection": collection, "label": coder, "role": role})
    return list(coders.values())
