"""Reading a tagged PDF back: the tree of its elements with the text that stands in each, as a screen reader has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf

SHOWING = ("Tj", "TJ", "'", '"')


@dataclass
class Element:
    """A part of the document: its tag, its own text and that of its parts in order, and its alternative text."""

    tag: str
    alt: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    parts: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(p if isinstance(p, str) else p.text for p in self.parts)

    def all(self, *tags: str) -> Iterator[Element]:
        for part in self.parts:
            if isinstance(part, Element):
                if part.tag in tags:
                    yield part
                yield from part.all(*tags)


@dataclass(frozen=True)
class ReadPdf:
    """A PDF: its elements, text that neither an element nor an artifact holds, and what each page and its artifacts say."""

    root: Element
    untagged: list[str]
    pages: list[str]
    artifacts: list[str]
    file: pikepdf.Pdf


def cells_in(table: Element) -> list[str]:
    """What the rows of a table say, cell by cell, its headings of columns left aside."""
    return [squeezed(cell.text) for body in table.all("TBody") for cell in body.all("TH", "TD")]


def squeezed(text: str) -> str:
    """A text without spaces, which a PDF has as distances and breaks of lines."""
    return re.sub(r"[\s\u200b\u2060\u00ad]+", "", text)


def read_pdf(path: Path) -> ReadPdf:
    file = pikepdf.open(path)
    marked: dict[tuple[int, int], str] = {}
    read = [_read_page(page, marked) for page in file.pages]
    root = _element(file.Root.StructTreeRoot, None, marked)
    pages, artifacts = (["".join(said[kind]) for said in read] for kind in ("shown", "artifact"))
    return ReadPdf(root, [t for said in read for t in said["untagged"]], pages, list(map(squeezed, artifacts)), file)


def _element(node: Any, page: Any, marked: dict[tuple[int, int], str]) -> Element:
    page = node.get("/Pg", page)
    element = Element(str(node.get("/S", "/Root"))[1:], str(node.get("/Alt", "")))
    for attributes in _listed(node.get("/A")):
        element.attributes |= {str(k): v for k, v in attributes.items()}
    for kid in _listed(node.get("/K")):
        if not isinstance(kid, pikepdf.Dictionary):
            element.parts.append(marked.get((page.objgen[0], int(kid)), ""))
        elif kid.get("/Type") == "/MCR":
            element.parts.append(marked.get((kid.get("/Pg", page).objgen[0], int(kid.MCID)), ""))
        elif kid.get("/Type") != "/OBJR":
            element.parts.append(_element(kid, page, marked))
    return element


def _listed(found: Any) -> list[Any]:
    if found is None:
        return []
    return list(found) if isinstance(found, pikepdf.Array) else [found]


def _read_page(page: pikepdf.Page, marked: dict[tuple[int, int], str]) -> dict[str, list[str]]:
    """Read a page: text by its mark, and what is shown at all, as an artifact, or with no mark."""
    said: dict[str, list[str]] = {"shown": [], "artifact": [], "untagged": []}
    fonts = {name: _characters(font) for name, font in page.resources.get("/Font", {}).items()}
    around: list[_Mark] = []
    characters: dict[int, str] = {}

    def say(text: str) -> None:
        number = next((mark.number for mark in reversed(around) if mark.number is not None), None)
        if number is not None:
            key = (page.obj.objgen[0], number)
            marked[key] = marked.get(key, "") + text
        else:
            kind = "artifact" if any(mark.tag == "/Artifact" for mark in around) else "untagged"
            said[kind].append(text)
        said["shown"].append(text)

    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "BDC":
            properties = operands[1]
            if isinstance(properties, pikepdf.Name):
                properties = page.resources.Properties[properties]
            number = int(properties["/MCID"]) if "/MCID" in properties else None
            around.append(_Mark(str(operands[0]), number, "/ActualText" in properties))
            if "/ActualText" in properties:
                say(str(properties["/ActualText"]))
        elif name == "BMC":
            around.append(_Mark(str(operands[0])))
        elif name == "EMC":
            around.pop()
        elif name == "Tf":
            characters = fonts[str(operands[0])]
        elif name in SHOWING and not any(mark.said for mark in around):
            say(_shown(operands, characters))
    return said


@dataclass(frozen=True)
class _Mark:
    """A mark around a stretch of a page: its tag, its number in the page, and whether its text was said already."""

    tag: str
    number: int | None = None
    said: bool = False


def _shown(operands: Any, characters: dict[int, str]) -> str:
    strings = operands[-1] if isinstance(operands[-1], pikepdf.Array) else [operands[-1]]
    raw = b"".join(bytes(s) for s in strings if isinstance(s, pikepdf.String))
    return "".join(characters[int.from_bytes(raw[i : i + 2])] for i in range(0, len(raw), 2))


def _characters(font: Any) -> dict[int, str]:
    """What each glyph of a font stands for."""
    found: dict[int, str] = {}
    said = font.ToUnicode.read_bytes().decode("latin-1")
    for block in re.findall(r"beginbfchar(.*?)endbfchar", said, re.DOTALL):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", said, re.DOTALL):
        for low, high, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            start = bytes.fromhex(text).decode("utf-16-be")
            for i in range(int(high, 16) - int(low, 16) + 1):
                found[int(low, 16) + i] = start[:-1] + chr(ord(start[-1]) + i)
    return found
