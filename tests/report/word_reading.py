"""Reading a Word document back, and what Word's own accessibility checker and a screen reader would find wrong in it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from lxml import etree

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


def paragraphs(path: Path, *styles: str) -> list[str]:
    """The text of the paragraphs outside tables that bear one of these styles."""
    return [p.text for p in Document(str(path)).paragraphs if p.style is not None and p.style.name in styles]


def word_tables(path: Path) -> list[list[list[str]]]:
    """Every table as rows of texts, its headings first."""
    body = Document(str(path)).element.body
    return [
        [[_text(cell) for cell in row.iterchildren(qn("w:tc"))] for row in table.iterchildren(qn("w:tr"))]
        for table in body.iterchildren(qn("w:tbl"))
    ]


def _text(element: Any) -> str:
    """All text of an element; a break of line is a break of line."""
    return "".join("\n" if e.tag == qn("w:br") else e.text or "" for e in element.iter(qn("w:t"), qn("w:br")))


def word_problems(path: Path, language: str = "en-GB") -> list[str]:
    """What is wrong with a document for those who do not see it; nothing where all is well."""
    document = Document(str(path))
    return [
        *_of_properties(document, language),
        *_of_headings(document),
        *_of_tables(document),
        *_of_pictures(document),
        *_of_links(document),
        *_of_the_package(path),
    ]


def _of_properties(document: Any, language: str) -> Iterator[str]:
    properties = document.core_properties
    if not properties.title:
        yield "no title"
    for where, found in (
        ("properties", properties.language),
        *(("styles", e.get(qn("w:val"))) for e in document.styles.element.iter(qn("w:lang"))),
        *(("settings", e.get(qn("w:val"))) for e in document.settings.element.iter(qn("w:themeFontLang"))),
    ):
        if found != language:
            yield f"language of the {where} is {found!r}"
    if not list(document.styles.element.iter(qn("w:lang"))):
        yield "the styles have no language"


def _of_headings(document: Any) -> Iterator[str]:
    styles = {s.style_id: s.name for s in document.styles}
    used = [p.style.name for p in document.paragraphs]
    levels = [int(name.split()[-1]) for name in used if name.lower().startswith("heading ")]
    if levels.count(1) != 1 or levels[:1] != [1]:
        yield f"headings of level 1: {levels.count(1)}; the first heading is of level {levels[:1]}"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"a heading of level {after} follows one of level {before}"
    for element in document.element.body.iter(qn("w:pStyle"), qn("w:rStyle"), qn("w:tblStyle")):
        if element.get(qn("w:val")) not in styles:
            yield f"a style that is not there: {element.get(qn('w:val'))}"
    for paragraph in document.paragraphs:
        empty = not paragraph.text.strip() and not list(paragraph._p.iter(qn("w:drawing")))
        if empty and not list(paragraph._p.iter(qn("w:sectPr"))):
            yield "an empty paragraph"
        if paragraph.style.name.lower().startswith("heading ") and empty:
            yield "an empty heading"


def _of_tables(document: Any) -> Iterator[str]:
    body = document.element.body
    for table in body.iterchildren(qn("w:tbl")):
        properties = table.find(qn("w:tblPr"))
        caption = properties.find(qn("w:tblCaption"))
        name = caption.get(qn("w:val")) if caption is not None else ""
        before = table.getprevious()
        if not name or properties.find(qn("w:tblDescription")) is None:
            yield "a table without title or description"
        if name != _text(before):
            yield f"the caption above is {_text(before)!r}, the title of the table {name!r}"
        rows = list(table.iterchildren(qn("w:tr")))
        heads = [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows]
        if not heads[0] or any(heads[1:]):
            yield f"{name}: its first row, and no other, has to be marked as headings"
        look = properties.find(qn("w:tblLook"))
        if look.get(qn("w:firstRow")) != "1" or look.get(qn("w:firstColumn")) != "1":
            yield f"{name}: its first row and first column are not said to be headings"
        columns = len(table.find(qn("w:tblGrid")))
        if any(len(row.findall(qn("w:tc"))) != columns for row in rows):
            yield f"{name}: rows of other lengths than the table"
        if any(True for _ in table.iter(qn("w:gridSpan"), qn("w:vMerge"), qn("w:hMerge"))):
            yield f"{name}: merged cells"
        if any(not _text(cell).strip() for cell in table.iter(qn("w:tc"))):
            yield f"{name}: an empty cell"
        if sum(1 for _ in table.iter(qn("w:tbl"))) > 1:
            yield f"{name}: a table in a table"


def _of_pictures(document: Any) -> Iterator[str]:
    names = [e.get("id") for e in document.element.body.iter(f"{DRAWING}docPr")]
    if len(names) != len(set(names)):
        yield "two pictures with one number"
    for element in document.element.body.iter(f"{DRAWING}docPr"):
        if not element.get("descr"):
            yield f"a picture without alternative text: {element.get('name')}"
    if any(True for _ in document.element.body.iter(f"{DRAWING}anchor")):
        yield "a picture that does not stand in the line of the text"


def _of_links(document: Any) -> Iterator[str]:
    places = [e.get(qn("w:name")) for e in document.element.body.iter(qn("w:bookmarkStart"))]
    if len(places) != len(set(places)):
        yield "two bookmarks of one name"
    for link in document.element.body.iter(qn("w:hyperlink")):
        if link.get(qn("w:anchor")) not in places or not _text(link):
            yield f"a link that leads nowhere: {_text(link)}"


def _of_the_package(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))
                if b'TargetMode="External"' in package.read(name):
                    yield f"{name} leads outside"
            elif not name.endswith(".png"):
                yield f"a part that nobody asked for: {name}"
