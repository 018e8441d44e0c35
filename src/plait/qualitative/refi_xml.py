"""The XML of a REFI-QDA project as plain records.

REFI-QDA 1.5 (Rotterdam Exchange Format Initiative, 2019). Exporters stray from its schema in small ways, so elements
are known by their local names, and what is missing stays empty for the reader to judge. GUIDs are compared in lower
case and without braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from plait.errors import Problems
from plait.qualitative.xml_safely import parse_xml, split_tag

NAMESPACE = "urn:QDA-XML:project:1.0"
_VARIANTS = re.compile(r"^urn:QDA-XML:(project|codebook):")
_EXPORT_AGAIN = "export the project again from the tool that made it"
_SOURCES = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")
TEXT_SELECTIONS = ("PlainTextSelection", "TranscriptSelection")
_SELECTIONS = (*TEXT_SELECTIONS, "PDFSelection", "PictureSelection", "AudioSelection", "VideoSelection")


@dataclass(frozen=True)
class User:
    """Someone who worked in the project."""

    guid: str
    name: str


@dataclass(frozen=True)
class Code:
    """A code with the names above it in the tree, its own last."""

    guid: str
    path: tuple[str, ...]
    codable: bool
    description: str
    colour: str


@dataclass(frozen=True)
class Variable:
    """An attribute of cases or sources."""

    guid: str
    name: str


@dataclass(frozen=True)
class Case:
    """A participant, and what of the sources is theirs."""

    guid: str
    name: str
    values: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    selections: tuple[str, ...]


@dataclass(frozen=True)
class Coding:
    """One act of coding."""

    guid: str
    user: str
    codes: tuple[str, ...]
    created: str


@dataclass(frozen=True)
class Selection:
    """A stretch of a source. `start` and `end` are as written; empty where the stretch is not of text."""

    guid: str
    kind: str
    name: str
    start: str
    end: str
    user: str
    description: str
    codings: tuple[Coding, ...]


@dataclass(frozen=True)
class Source:
    """A text, a PDF with its text, a picture, a recording, or the transcript of one.

    Attributes:
        parent: The recording that a transcript belongs to.
        text_path: Where the plain text lies, as written.
        rich_path: Where the text with its formatting lies, as written.
        content: The plain text where the XML itself holds it.
        codings: Codings of the whole source.
    """

    guid: str
    kind: str
    name: str
    parent: str
    text_path: str
    rich_path: str
    content: str | None
    values: tuple[tuple[str, str], ...]
    selections: tuple[Selection, ...]
    codings: tuple[Coding, ...]


@dataclass(frozen=True)
class Set:
    """A named group of codes or sources."""

    name: str
    codes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class ProjectXml:
    """Everything of a project that coded text needs."""

    namespace: str
    origin: str
    users: tuple[User, ...]
    codes: tuple[Code, ...]
    variables: tuple[Variable, ...]
    cases: tuple[Case, ...]
    sources: tuple[Source, ...]
    sets: tuple[Set, ...]


def parse_project(data: bytes, name: str) -> ProjectXml:
    """Read the project file of a package.

    Args:
        data: The XML.
        name: The file as messages call it.

    Raises:
        StudyError: It is not well-formed, declares a document type (a door for entity attacks that REFI-QDA never
            uses), or is not a REFI-QDA project.
    """
    problems = Problems()
    root = parse_xml(data, name, "REFI-QDA export", _EXPORT_AGAIN)
    namespace, local = split_tag(root.tag)
    if local != "Project" or not (namespace == "" or _VARIANTS.match(namespace)):
        problems.add(name, "is not a REFI-QDA project", _EXPORT_AGAIN, value=root.tag)
    problems.raise_if_any()
    for element in root.iter():
        element.tag = split_tag(element.tag)[1]
    return ProjectXml(
        namespace,
        root.get("origin", ""),
        tuple(User(_guid(e.get("guid")), e.get("name") or e.get("id") or "") for e in root.iterfind("Users/User")),
        tuple(_codes(root)),
        tuple(Variable(_guid(e.get("guid")), e.get("name", "")) for e in root.iterfind("Variables/Variable")),
        tuple(_case(e) for e in root.iterfind("Cases/Case")),
        tuple(s for e in root.iterfind("Sources/*") if e.tag in _SOURCES for s in _sources(e)),
        tuple(
            Set(e.get("name", "").strip(), _targets(e, "MemberCode"), _targets(e, "MemberSource"))
            for e in root.iterfind("Sets/Set")
        ),
    )


def parse_codebook(data: bytes, name: str) -> tuple[str, str, tuple[Code, ...]]:
    """Read a codebook file (`.qdc`).

    Returns:
        Its namespace, the tool that wrote it, and the codes.

    Raises:
        StudyError: As `parse_project`.
    """
    problems = Problems()
    root = parse_xml(data, name, "REFI-QDA export", _EXPORT_AGAIN)
    namespace, local = split_tag(root.tag)
    if local != "CodeBook" or not (namespace == "" or _VARIANTS.match(namespace)):
        problems.add(name, "is not a REFI-QDA codebook", _EXPORT_AGAIN, value=root.tag)
    problems.raise_if_any()
    for element in root.iter():
        element.tag = split_tag(element.tag)[1]
    return namespace, root.get("origin", ""), tuple(_codes(root, "Codes/Code"))


def source_name(source: Source) -> str:
    """What a source is called: by its name, else by its file."""
    return source.name or source.text_path.rpartition("/")[2] or source.guid


def _guid(text: str | None) -> str:
    return (text or "").strip().strip("{}").lower()


def _codes(root: ElementTree.Element, top: str = "CodeBook/Codes/Code") -> Iterator[Code]:
    # A stack instead of recursion: the depth of the tree is the file's, not ours.
    waiting: list[tuple[ElementTree.Element, tuple[str, ...]]] = []
    waiting.extend((child, ()) for child in reversed(root.findall(top)))
    while waiting:
        element, above = waiting.pop()
        path = (*above, element.get("name", "").strip())
        codable = element.get("isCodable", "true").strip().lower() not in ("false", "0")
        colour = element.get("color", "").strip()
        yield Code(_guid(element.get("guid")), path, codable, _description(element), colour)
        waiting.extend((child, path) for child in reversed(element.findall("Code")))


def _case(element: ElementTree.Element) -> Case:
    return Case(
        _guid(element.get("guid")),
        element.get("name", "").strip(),
        _values(element),
        _targets(element, "SourceRef"),
        _targets(element, "SelectionRef"),
    )


def _values(element: ElementTree.Element) -> tuple[tuple[str, str], ...]:
    """The variables given to a case or a source, with what they hold."""
    found = []
    for value in element.iterfind("VariableValue"):
        refs = _targets(value, "VariableRef")
        texts = [(e.text or "").strip() for e in value if e.tag != "VariableRef"]
        if refs and texts and texts[0]:
            found.append((refs[0], texts[0]))
    return tuple(found)


def _targets(element: ElementTree.Element, tag: str) -> tuple[str, ...]:
    return tuple(_guid(e.get("targetGUID")) for e in element if e.tag == tag)


def _sources(element: ElementTree.Element) -> Iterator[Source]:
    """A source, and the transcripts of a recording as sources of their own."""
    # The text of a PDF lies in its Representation.
    text = element.find("Representation") if element.tag == "PDFSource" else element
    inner = element if text is None else text
    guid = _guid(element.get("guid"))
    nested = () if inner is element else inner.findall("*")
    yield _source(element, "", inner, [*element, *nested])
    for transcript in element.iterfind("Transcript"):
        yield _source(transcript, guid, transcript, list(transcript), name=element.get("name", "").strip())


def _source(
    element: ElementTree.Element,
    parent: str,
    text: ElementTree.Element,
    children: list[ElementTree.Element],
    *,
    name: str = "",
) -> Source:
    sync_points = {_guid(e.get("guid")): e.get("position", "") for e in children if e.tag == "SyncPoint"}
    content = text.find("PlainTextContent")
    return Source(
        _guid(element.get("guid")),
        element.tag,
        element.get("name", "").strip() or name,
        parent,
        text.get("plainTextPath", ""),
        text.get("richTextPath", ""),
        None if content is None else content.text or "",
        _values(element),
        tuple(_selection(e, sync_points) for e in children if e.tag in _SELECTIONS),
        tuple(_coding(e) for e in children if e.tag == "Coding"),
    )


def _selection(element: ElementTree.Element, sync_points: dict[str, str]) -> Selection:
    if element.tag == "TranscriptSelection":
        start = sync_points.get(_guid(element.get("fromSyncPoint")), "")
        end = sync_points.get(_guid(element.get("toSyncPoint")), "")
    else:
        start, end = element.get("startPosition", ""), element.get("endPosition", "")
    return Selection(
        _guid(element.get("guid")),
        element.tag,
        element.get("name", ""),
        start,
        end,
        _guid(element.get("creatingUser")),
        _description(element),
        tuple(_coding(e) for e in element if e.tag == "Coding"),
    )


def _coding(element: ElementTree.Element) -> Coding:
    return Coding(
        _guid(element.get("guid")),
        _guid(element.get("creatingUser")),
        _targets(element, "CodeRef"),
        element.get("creationDateTime", "").strip(),
    )


def _description(element: ElementTree.Element) -> str:
    return (element.findtext("Description") or "").strip()
