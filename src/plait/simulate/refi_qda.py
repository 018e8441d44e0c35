"""Writing a REFI-QDA 1.5 project (`.qdpx`): texts, a nested codebook, cases with variables, and codings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from plait.simulate.files import write_archive
from plait.simulate.marked_text import Transcript

_NAMESPACE = "urn:QDA-XML:project:1.0"
_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
_ROOT = UUID("6b1f3c1e-52f4-5d0c-9a53-0f7b1d9f6a24")
_COLOURS = ("#008BD6", "#B86BFF", "#00E9B1", "#038603", "#E69F00", "#D55E00", "#56B4E9", "#777777")


@dataclass(frozen=True)
class ProjectFacts:
    """What the project says of itself.

    Attributes:
        name: The project's name.
        date: When everything in it was made, as XML writes it.
        coders: Names of the coders, in the order of the marks' numbers.
        codes: Themes and the codes below them; a theme without codes is coded with.
    """

    name: str
    date: str
    coders: Sequence[str]
    codes: Mapping[str, Sequence[str]]


def write_project(path: Path, facts: ProjectFacts, transcripts: Sequence[Transcript]) -> Path:
    """Write the package: `project.qde` and a folder of plain texts."""
    root = Element("Project", {
        "xmlns": _NAMESPACE,
        "xmlns:xsi": _SCHEMA,
        "xsi:schemaLocation": f"{_NAMESPACE} http://schema.qdasoftware.org/versions/Project/v1.0/Project.xsd",
        "name": facts.name,
        "origin": "plait.simulate",
        "creatingUserGUID": _guid("user", facts.coders[0]),
        "creationDateTime": facts.date,
    })  # fmt: skip
    users = SubElement(root, "Users")
    for coder in facts.coders:
        SubElement(users, "User", {"guid": _guid("user", coder), "name": coder})
    _add_codes(SubElement(SubElement(root, "CodeBook"), "Codes"), facts.codes)
    names = list(dict.fromkeys(name for transcript in transcripts for name in transcript.facts))
    variables = SubElement(root, "Variables")
    for name in names:
        SubElement(variables, "Variable", {"guid": _guid("variable", name), "name": name, "typeOfVariable": "Text"})
    cases = SubElement(root, "Cases")
    sources = SubElement(root, "Sources")
    for transcript in transcripts:
        _add_case(cases, transcript)
        _add_source(sources, transcript, facts)
    ElementTree.indent(root, "  ")
    xml = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    members = {"project.qde": f'<?xml version="1.0" encoding="utf-8"?>\n{xml}\n'.encode()}
    members |= {f"sources/{_file(transcript)}": transcript.text.encode() for transcript in transcripts}
    return write_archive(path, members)


def _add_codes(parent: Element, codes: Mapping[str, Sequence[str]]) -> None:
    for number, (theme, below) in enumerate(codes.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        codable = "false" if below else "true"
        node = SubElement(
            parent, "Code", {"guid": _guid("code", theme), "name": theme, "isCodable": codable, "color": colour}
        )
        for code in below:
            SubElement(node, "Code", {"guid": _guid("code", code), "name": code, "isCodable": "true", "color": colour})


def _add_case(parent: Element, transcript: Transcript) -> None:
    case = SubElement(parent, "Case", {"guid": _guid("case", transcript.name), "name": transcript.name})
    for name, value in transcript.facts.items():
        known = SubElement(case, "VariableValue")
        SubElement(known, "VariableRef", {"targetGUID": _guid("variable", name)})
        SubElement(known, "TextValue").text = value
    SubElement(case, "SourceRef", {"targetGUID": _guid("source", transcript.name)})


def _add_source(parent: Element, transcript: Transcript, facts: ProjectFacts) -> None:
    source = SubElement(parent, "TextSource", {
        "guid": _guid("source", transcript.name),
        "name": f"{transcript.name}.txt",
        "plainTextPath": f"internal://{_file(transcript)}",
        "creatingUser": _guid("user", facts.coders[0]),
        "creationDateTime": facts.date,
    })  # fmt: skip
    spans: dict[tuple[int, int, int], list[str]] = {}
    for mark in transcript.marks:
        spans.setdefault((mark.start, mark.end, mark.coder), []).append(mark.code)
    for (start, end, coder), codes in spans.items():
        user = _guid("user", facts.coders[coder])
        place = f"{transcript.name} {start} {end} {coder}"
        selection = SubElement(source, "PlainTextSelection", {
            "guid": _guid("selection", place),
            "name": transcript.text[start:end],
            "startPosition": str(start),
            "endPosition": str(end),
            "creatingUser": user,
            "creationDateTime": facts.date,
        })  # fmt: skip
        for code in codes:
            coding = SubElement(selection, "Coding", {
                "guid": _guid("coding", f"{place} {code}"),
                "creatingUser": user,
                "creationDateTime": facts.date,
            })  # fmt: skip
            SubElement(coding, "CodeRef", {"targetGUID": _guid("code", code)})


def _guid(kind: str, name: str) -> str:
    return str(uuid5(_ROOT, f"{kind} {name}")).upper()


def _file(transcript: Transcript) -> str:
    return f"{_guid('text', transcript.name)}.txt"
