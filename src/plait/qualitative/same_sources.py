"""Which sources of several files are one: coders' copies of the same transcripts.

Sources of one name are one. A name that no other file has is often just another file name (a Word document is called
by its file), so a source whose text is that of just one source in each other file that holds it is that one as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plait.qualitative.coded_file import CodedFile, FileSource
from plait.qualitative.import_log import listed
from plait.qualitative.transcripts import canonical_text


def with_shared_names(files: Sequence[CodedFile]) -> list[CodedFile]:
    """The files with every source called as in the first file that holds its text.

    Args:
        files: Of one collection; the logs of files in which a source was renamed say so.
    """
    called: dict[str, set[tuple[int, str]]] = {}
    for number, file in enumerate(files):
        for s in file.sources:
            called.setdefault(s.name, set()).add((number, s.id))
    renamed: list[dict[str, str]] = [{} for _ in files]
    for places in _by_text(files):
        own = {(number, s.id) for number, s in places}
        if len({number for number, _ in places}) < len(places):
            continue  # a text that a file holds twice says nothing
        name = places[0][1].name
        for number, source in places[1:]:
            # Names decide where another source has one of the two.
            taken = called[source.name] - own or any(n == number for n, _ in called[name] - own)
            if source.name != name and not taken:
                renamed[number][source.id] = name
    return [_renamed(file, names) for file, names in zip(files, renamed, strict=True)]


def _by_text(files: Sequence[CodedFile]) -> list[list[tuple[int, FileSource]]]:
    """Sources of one text together, each with the number of its file; blank texts are nobody's."""
    found: dict[str, list[tuple[int, FileSource]]] = {}
    for number, file in enumerate(files):
        for source in file.sources:
            text = canonical_text(source.text or "")
            if text.strip():
                found.setdefault(text, []).append((number, source))
    return list(found.values())


def _renamed(file: CodedFile, names: dict[str, str]) -> CodedFile:
    if not names:
        return file
    told = [f"'{s.name}' is '{names[s.id]}'" for s in file.sources if s.id in names]
    file.log.note("same_text", f"sources known by their text, which another file holds by another name: {listed(told)}")
    return replace(file, sources=tuple(replace(s, name=names.get(s.id, s.name)) for s in file.sources))
