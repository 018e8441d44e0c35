"""Files of coded text from any tool, turned into the neutral tables.

Every reader says what its file holds (`coded_file`); here, once for all of them, codes are translated to the codebook,
positions are resolved and scored, cases get their words, and each row is counted or kept with the reason why not.
Several files of one collection are several coders' copies of the same sources, which are known by their names, or by
their texts where the names differ. Files may also hold codes, counts or variables alone, which are about the others'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from plait.errors import Problems
from plait.qualitative.codebook import CodeNames, codes_table
from plait.qualitative.coded_file import CodedFile, Conventions, FileSource
from plait.qualitative.import_log import ImportLog
from plait.qualitative.landing import Landed, coded_selections, land, note_rows, without_repeats
from plait.qualitative.participants import attributes_of, read_participants, with_participants
from plait.qualitative.recognition import read_coded_file
from plait.qualitative.reconciliation import reconcile
from plait.qualitative.same_sources import with_shared_names
from plait.qualitative.transcripts import CodedText, canonical_text, stable_id, text_facts, with_segment_ids
from plait.qualitative.turns import turns_of
from plait.study.definition import ToolFile, ToolFiles
from plait.study.side_files import CodebookEntry


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
    logs: list[ImportLog] = []
    files: list[tuple[ToolFile, CodedFile]] = []
    for tool_file in spec.files:
        with problems.collecting():
            written = (tool_file.encoding, tool_file.delimiter, tool_file.sheet)
            conventions = Conventions(spec.code_separator, spec.note_prefix, names.shown, *written)
            path = raw / tool_file.file
            files.append((tool_file, read_coded_file(path, tool_file.file, conventions, reader=tool_file.reader)))
    files = [(t, _with_case(t, f, problems)) for t, f in files]
    files = list(zip((t for t, _ in files), with_shared_names([f for _, f in files]), strict=True))
    if spec.participants:
        with problems.collecting():
            people = read_participants(spec.participants, raw)
            logs.append(people.log)
            files = [(t, with_participants(f, people, problems)) for t, f in files]
    problems.raise_if_any()
    _check_names(files, problems)
    reconcile(files)
    if not any(f.codings or f.counts for _, f in files):
        files[0][1].log.caution("empty", "no file of the collection holds a coding; all its counts are 0")
    alone = _alone(files)
    texts = _shared_texts(files, problems, alone=alone)
    landed = []
    for tool_file, file in files:
        with problems.collecting():
            keys = {s.id: _key(s, alone=alone) for s in file.sources}
            own = {source: texts[key] for source, key in keys.items() if key in texts}
            landed.append(land(tool_file, file, own, spec, names))
    attributes = attributes_of([file for _, file in files], spec, problems, alone=alone)
    problems.raise_if_any()
    return _assembled(collection_id, spec, landed, codebook, attributes, logs, alone=alone)


# --- several files of the same sources ---------------------------------------------------------------------------------


def _with_case(spec: ToolFile, file: CodedFile, problems: Problems) -> CodedFile:
    """A file of counts of one case, called as the definition says; one that is called like another case is refused.

    Researchers name such a file by hand, and the case in its header is not always the one in its name.
    """
    one = file.cases[0] if file.counts and len(file.cases) == 1 else None
    if spec.case and one is None:
        message = "does not hold the counts of a single case"
        problems.add(spec.file, message, "leave out `case:`", value=spec.case)
    if one is None:
        return file
    stem = Path(spec.file).stem
    if not spec.case and stem != one.name:
        message = f"is called '{stem}', but holds the counts of '{one.name}'"
        problems.add(spec.file, message, f"say whose they are in the definition: `case: {one.name}` or another")
    if not spec.case or spec.case == one.name:
        return file
    file.log.caution("case", f"the counts of '{one.name}' are those of '{spec.case}', as the definition says")
    return replace(
        file,
        cases=(replace(one, id=spec.case, name=spec.case),),
        counts=tuple(replace(count, case=spec.case) for count in file.counts),
    )


def _alone(files: Sequence[tuple[ToolFile, CodedFile]]) -> bool:
    """Whether one file at most holds sources or cases, so that nothing has to be found again in another."""
    return sum(bool(file.sources or file.cases) for _, file in files) < 2


def _key(source: FileSource, *, alone: bool) -> str:
    """What makes a source the same in another file: its name; in a single file its own id."""
    return source.id if alone else source.name


def _check_names(files: Sequence[tuple[ToolFile, CodedFile]], problems: Problems) -> None:
    if _alone(files):
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


def _shared_texts(files: Sequence[tuple[ToolFile, CodedFile]], problems: Problems, *, alone: bool) -> dict[str, str]:
    """Each source's text as stored; what one coder's file leaves out is taken from another's."""
    texts: dict[str, str] = {}
    first: dict[str, str] = {}
    for tool_file, file in files:
        for source in file.sources:
            if source.text is None:
                continue
            key = _key(source, alone=alone)
            if key not in texts:
                texts[key], first[key] = source.text, tool_file.file
            elif canonical_text(texts[key]) != canonical_text(source.text):
                message = f"the text of the source '{source.name}' is not the one in {first[key]}"
                mend = "coders must work on one state of the transcripts; export both again, or rename the source"
                problems.add(tool_file.file, message, mend)
    return texts


# --- the collection ----------------------------------------------------------------------------------------------------


def _assembled(
    collection: str,
    spec: ToolFiles,
    landed: Sequence[Landed],
    codebook: Sequence[CodebookEntry],
    attributes: Mapping[tuple[str, str], str],
    logs: Sequence[ImportLog],
    *,
    alone: bool,
) -> CodedText:
    """All files of the collection as one set of tables."""
    parts = [(part, _Ids.of(collection, part, alone=alone)) for part in landed]
    texts = {ids.sources[s]: canonical_text(text) for part, ids in parts for s, text in part.texts.items()}
    cases = {case: ids.origins[own] for _, ids in parts for own, case in ids.cases.items()}
    every = [_with_ids(part, ids).assign(file=number) for number, (part, ids) in enumerate(parts)]
    rows = without_repeats(pd.concat(every, ignore_index=True))
    for number, (part, _) in enumerate(parts):
        settled = rows.loc[rows["file"] == number, ["status", "reason"]].set_axis(part.rows.index)
        note_rows(part, part.rows.assign(status=settled["status"], reason=settled["reason"]))
    coders = _coder_rows(collection, spec, landed)
    assigned = pd.concat([_assigned(part, ids) for part, ids in parts]).drop_duplicates()
    spans = [row for part, ids in parts for row in _case_spans(part, ids)]
    return CodedText.of(
        sources=_sources(collection, parts, texts),
        source_texts=[{"source": source, "text": text} for source, text in texts.items()],
        turns=[row for source, text in texts.items() for row in turns_of(source, text, spec.interviewers)],
        cases=[{"case": case, "collection": collection, "origin_id": origin} for case, origin in cases.items()],
        case_spans=pd.DataFrame(spans, columns=["case", "source", "start", "end"]).drop_duplicates(),
        case_attributes=[
            {"case": stable_id("case", collection, origin), "attribute": name, "value": value}
            for (origin, name), value in attributes.items()
        ],
        codes=codes_table(codebook),
        code_sets=[{"collection": collection, **row} for part, ids in parts for row in _code_sets(part, ids)],
        coders=coders,
        assignments=assigned[assigned["coder"].isin([row["coder"] for row in coders])],
        segments=with_segment_ids(rows.drop(columns=["of_text", "file"]).assign(collection=collection)),
        code_counts=[
            {"collection": collection, "case": ids.cases[c.case], "code": part.codes[c.code], "n": c.n}
            for part, ids in parts
            for c in part.file.counts
            if c.code in part.codes
        ],
        annotations=[{"collection": collection, **row} for part, ids in parts for row in _annotations(part, ids)],
        import_log=[row for log in (*(part.file.log for part in landed), *logs) for row in log.rows],
    )


def _sources(collection: str, parts: Sequence[tuple[Landed, _Ids]], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every source once, with the case that any of the files gives it."""
    rows: dict[str, dict[str, Any]] = {}
    for part, ids in parts:
        for s in part.file.sources:
            source, case = ids.sources[s.id], ids.cases.get(part.owned.case_of.get(s.id, ""), "")
            facts = text_facts(texts.get(source))
            if source not in texts and s.kind in ("image", "audio", "video"):
                facts["text_state"] = "not_text"
            known = {"source": source, "collection": collection, "name": s.name, "origin_id": ids.origins[s.id]}
            row = rows.setdefault(source, {**known, "kind": s.kind, "case": case, **facts})
            row["case"] = row["case"] or case
    return list(rows.values())


def _with_ids(part: Landed, ids: _Ids) -> pd.DataFrame:
    rows = part.rows
    return rows.assign(
        source=rows["source"].map(ids.sources),
        case=rows["case"].map({**ids.cases, "": ""}),
        selection=rows["selection"].map(ids.selections),
    )


def _case_spans(part: Landed, ids: _Ids) -> Iterator[dict[str, Any]]:
    for owners in part.owned.owners.values():
        for o in owners:
            if o.case in ids.cases:
                yield {"case": ids.cases[o.case], "source": ids.sources[o.source], "start": o.start, "end": o.end}


def _annotations(part: Landed, ids: _Ids) -> Iterator[dict[str, Any]]:
    coded = coded_selections(part.file)
    for s in part.file.selections:
        if s.id not in coded:
            at = part.places[s.id]
            place = {"source": ids.sources[s.source], "start": at.start, "end": at.end, "text": at.text}
            yield {"annotation": ids.selections[s.id], **place, "memo": s.memo or s.title}


def _code_sets(part: Landed, ids: _Ids) -> Iterator[dict[str, str]]:
    for group in part.file.sets:
        members = part.codes if group.kind == "code" else ids.sources
        yield from (
            {"name": group.name, "kind": group.kind, "member": members[m]} for m in group.members if m in members
        )


@dataclass(frozen=True)
class _Ids:
    """The study's ids by a file's own; `origins` is what makes a source or case the same in another file."""

    origins: Mapping[str, str]
    sources: Mapping[str, str]
    cases: Mapping[str, str]
    selections: Mapping[str, str]

    @classmethod
    def of(cls, collection: str, part: Landed, *, alone: bool) -> _Ids:
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


def _assigned(part: Landed, ids: _Ids) -> pd.DataFrame:
    """Who was given what. A coder who coded only a picture or a film has not been through the text."""
    if part.spec.assigned == "all":
        pairs = [(coder, ids.sources[s.id]) for coder in part.coders for s in part.file.sources]
        return pd.DataFrame(pairs, columns=["coder", "source"])
    known = part.rows[(part.rows["coder"] != "") & part.rows["of_text"]]
    return known[["coder", "source"]].assign(source=known["source"].map(ids.sources)).drop_duplicates()


def _coder_rows(collection: str, spec: ToolFiles, landed: Sequence[Landed]) -> list[dict[str, Any]]:
    coders: dict[str, dict[str, Any]] = {}
    for part in landed:
        worked = set(part.rows.loc[part.rows["of_text"], "coder"]) | {spec.count_from}
        for coder in part.coders:
            if coder in worked or part.spec.assigned == "all":
                role = "adjudicated" if coder in spec.adjudicated else "human"
                coders.setdefault(coder, {"coder": coder, "collection": collection, "label": coder, "role": role})
    return list(coders.values())
