"""A checker of the rules for accessible PDFs (ISO 14289-1, PDF/UA-1), as far as a program can see them.

Each function below checks one part of the Matterhorn protocol, which its name in `RULES` says, and says what breaks it;
`broken` runs them all. It is stricter than the protocol in places: a picture's bounds lie on its page, no element is
empty, each cell of data has a heading of its row and one of its column, and what is inline stands in a paragraph. What
needs a person is left out: whether a text describes its picture, whether the order of reading makes sense, contrast.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf

Finding = Iterator[str]

HEADINGS = tuple(f"H{level}" for level in range(1, 7))
GROUPING = ("Document", "Part", "Sect", "Div", "BlockQuote")
BLOCKS = (*GROUPING, *HEADINGS, "P", "L", "Table", "TOC", "Caption", "Figure")
INLINE = ("Span", "Link", "Reference")
STANDARD = {*BLOCKS, *INLINE, "LI", "Lbl", "LBody", "TR", "TH", "TD", "THead", "TBody", "TFoot", "TOCI"}
WITHIN = {
    "TR": ("THead", "TBody", "TFoot", "Table"),
    "TH": ("TR",),
    "TD": ("TR",),
    "THead": ("Table",),
    "TBody": ("Table",),
    "TFoot": ("Table",),
    "LI": ("L",),
    "LBody": ("LI",),
    "Lbl": ("LI",),
    "TOCI": ("TOC",),
}
"""Elements that stand in elements of some kinds only."""
CONTAINS = {
    "Table": ("Caption", "THead", "TBody", "TFoot"),
    "THead": ("TR",),
    "TBody": ("TR",),
    "TR": ("TH", "TD"),
    "L": ("Caption", "LI", "L"),
    "LI": ("Lbl", "LBody"),
    "TOC": ("Caption", "TOCI", "TOC"),
    "TOCI": ("Lbl", "Reference", "TOC"),
    **dict.fromkeys(GROUPING, BLOCKS),
}
"""Elements that hold elements of some kinds only."""
SCOPES = {"/Row": ("row",), "/Column": ("column",), "/Both": ("row", "column")}
PAINTING = {*("S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "Do", "Tj", "TJ", "'", '"', "INLINE IMAGE")}


@dataclass(frozen=True)
class Node:
    """An element of the structure, where it stands, and what it holds: elements, marks on pages, annotations."""

    object: Any
    parent: Node | None
    tag: str

    @cached_property
    def parts(self) -> list[Any]:
        kids = self.object.get("/K", [])
        return list(kids) if isinstance(kids, pikepdf.Array) else [kids]

    @cached_property
    def marks(self) -> list[tuple[Any, int]]:
        """Stretches of pages: the page and the number of the mark."""
        own = [(self.object.get("/Pg"), part) for part in self.parts if not isinstance(part, pikepdf.Dictionary)]
        far = [part for part in self.parts if isinstance(part, pikepdf.Dictionary) and part.get("/Type") == "/MCR"]
        return [(p.objgen, int(n)) for p, n in (*own, *((m.get("/Pg", self.object.get("/Pg")), m.MCID) for m in far))]

    @cached_property
    def annotations(self) -> list[Any]:
        return [p.Obj for p in self.parts if isinstance(p, pikepdf.Dictionary) and p.get("/Type") == "/OBJR"]

    def attribute(self, name: str) -> Any:
        found = self.object.get("/A", [])
        for one in found if isinstance(found, pikepdf.Array) else [found]:
            if name in one:
                return one[name]
        return None

    def __str__(self) -> str:
        return f"{self.tag} {self.object.objgen[0]}"


class Document:
    """A PDF, its elements in reading order, and the marks on its pages."""

    def __init__(self, path: Path) -> None:
        self.file = pikepdf.open(path)
        self.root = self.file.Root
        self.roles = {str(k)[1:]: str(v)[1:] for k, v in self.root.StructTreeRoot.get("/RoleMap", {}).items()}
        self.children: dict[int, list[Node]] = {}
        self.nodes = list(self._nodes(self.root.StructTreeRoot, None))
        self.pages = {page.obj.objgen: page for page in self.file.pages}

    def _nodes(self, element: Any, parent: Node | None) -> Iterator[Node]:
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                tag = str(kid.S)[1:]
                node = Node(kid, parent, self.roles.get(tag, tag))
                self.children.setdefault(id(parent), []).append(node)
                yield node
                yield from self._nodes(kid, node)

    def all(self, *tags: str) -> list[Node]:
        return [node for node in self.nodes if node.tag in tags]

    def within(self, node: Node) -> list[Node]:
        return self.children.get(id(node), [])

    def below(self, node: Node) -> Iterator[Node]:
        for child in self.within(node):
            yield child
            yield from self.below(child)

    @cached_property
    def contents(self) -> list[tuple[Any, list[tuple[str, int | None]]]]:
        """Of each page, what paints on it: the kind of the marks around and the number of the innermost with one."""
        return [(page, list(_painted(page))) for page in self.file.pages]


def _painted(page: pikepdf.Page) -> Iterator[tuple[str, int | None]]:
    around: list[tuple[str, int | None]] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            said = operands[1] if name == "BDC" else {}
            said = page.resources.Properties[said] if isinstance(said, pikepdf.Name) else said
            around.append((str(operands[0])[1:], int(said["/MCID"]) if "/MCID" in said else None))
        elif name == "EMC":
            around.pop()
        elif name in PAINTING:
            tagged = [number for _, number in around if number is not None]
            artifact = any(tag == "Artifact" for tag, _ in around)
            kind = "both" if tagged and artifact else "tagged" if tagged else "artifact" if artifact else "neither"
            yield kind if len(tagged) < 2 else "twice", tagged[-1] if tagged else None


# --- the document ------------------------------------------------------------------------------------------------------


def says_what_it_is(pdf: Document) -> Finding:
    metadata = pdf.root.Metadata.read_bytes().decode()
    title = re.search(r"<dc:title>.*?<rdf:li[^>]*>(.*?)</rdf:li>", metadata, re.DOTALL)
    if not re.search(r"<pdfuaid:part>1</pdfuaid:part>", metadata):
        yield "does not say that it is PDF/UA-1"
    if not title or not title[1].strip():
        yield "has no title in its metadata"
    if not pdf.root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "a window shows the name of its file, not its title"
    if not pdf.root.get("/MarkInfo", {}).get("/Marked") or pdf.root.MarkInfo.get("/Suspects"):
        yield "does not say that it is tagged throughout"
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", str(pdf.root.get("/Lang", ""))):
        yield "does not say its language"
    if pdf.file.is_encrypted or "/OpenAction" in pdf.root or "/AcroForm" in pdf.root or "/AA" in pdf.root:
        yield "is locked, has a form, or does something when it is opened"


def everything_painted_is_tagged_or_an_artifact(pdf: Document) -> Finding:
    held = Counter(mark for node in pdf.nodes for mark in node.marks)
    yield from (f"mark {number} of page {page} is in {n} elements" for (page, number), n in held.items() if n > 1)
    painted: set[tuple[Any, int]] = set()
    for page, found in pdf.contents:
        for kind, number in found:
            if kind not in ("tagged", "artifact"):
                yield f"page {page.label}: painted with marks: {kind}"
            elif number is not None:
                painted.add((page.obj.objgen, number))
    yield from (f"mark {number} of page {page} is in no element" for page, number in painted - held.keys())
    for form in (o for o in pdf.file.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Form"):
        if "/StructParents" in form or b"/MCID" in form.read_bytes():
            yield "a picture has elements of its own"


def marks_lead_to_their_elements(pdf: Document) -> Finding:
    numbers = pikepdf.NumberTree(pdf.root.StructTreeRoot.ParentTree)
    for node in pdf.nodes:
        for page, mark in node.marks:
            of_page = numbers[pdf.pages[page].obj.StructParents]
            if of_page[mark].objgen != node.object.objgen:
                yield f"{node}: its mark leads to another element"
        for note in node.annotations:
            if numbers[note.StructParent].objgen != node.object.objgen:
                yield f"{node}: its annotation leads to another element"


# --- elements ----------------------------------------------------------------------------------------------------------


def elements_are_standard_and_nested(pdf: Document) -> Finding:
    yield from (f"{role} stands for another standard element" for role in pdf.roles.keys() & STANDARD)
    for node in pdf.nodes:
        inside = node.parent.tag if node.parent else ""
        if node.tag not in STANDARD:
            yield f"{node} is no standard element"
        if node.tag in WITHIN and inside not in WITHIN[node.tag]:
            yield f"{node} stands in {inside}"
        if inside in CONTAINS and node.tag not in CONTAINS[inside]:
            yield f"{inside} holds {node}"
        if node.parent and node.object.P.objgen != node.parent.object.objgen:
            yield f"{node} takes another element for its parent"
        if node.tag in GROUPING and node.marks:
            yield f"{node} holds text outside a paragraph"
        if not node.marks and not pdf.within(node) and not node.annotations:
            yield f"{node} is empty"


def headings_go_down_by_one(pdf: Document) -> Finding:
    levels = [int(node.tag[1]) for node in pdf.all(*HEADINGS)]
    if levels and (levels[0] != 1 or levels.count(1) != 1):
        yield "the title is not the only heading of level 1"
    yield from (f"H{below} after H{above}" for above, below in pairwise(levels) if below > above + 1)


def pictures_are_described_and_lie_on_their_page(pdf: Document) -> Finding:
    for node in pdf.all("Figure"):
        box, page = node.attribute("/BBox"), pdf.pages[node.object.Pg.objgen]
        if not str(node.object.get("/Alt", "")).strip():
            yield f"{node} has no words"
        if box is None:
            yield f"{node} has no bounds"
            continue
        left, bottom, right, top = map(float, box)
        _, _, width, height = map(float, page.mediabox)
        if not (-0.01 <= left < right <= width + 0.01 and -0.01 <= bottom < top <= height + 0.01):
            yield f"{node} reaches beyond its page: {left, bottom, right, top}"


def lists_have_items(pdf: Document) -> Finding:
    for node in pdf.all("L"):
        labelled = any(child.tag == "Lbl" for item in pdf.within(node) for child in pdf.within(item))
        numbering = str(node.attribute("/ListNumbering") or "/None")
        if (numbering != "/None") and not labelled:
            yield f"{node} says {numbering} of items without labels"
    for item in pdf.all("LI"):
        if [child.tag for child in pdf.within(item)][-1:] != ["LBody"]:
            yield f"{item} has no body"


# --- tables ------------------------------------------------------------------------------------------------------------


def tables_are_grids(pdf: Document) -> Finding:
    for table in pdf.all("Table"):
        tags = [child.tag for child in pdf.within(table)]
        if tags.count("Caption") != 1 or tags[0] != "Caption":
            yield f"{table} does not begin with its caption"
        grid = _grid(pdf, table)
        columns = 1 + max(x for x, _ in grid)
        rows = [n for n in pdf.below(table) if n.tag == "TR"]
        empty = [(x, y) for y in range(len(rows)) for x in range(columns) if len(grid.get((x, y), [])) != 1]
        if empty or any(y >= len(rows) for _, y in grid):
            yield f"{table} has rows of other lengths: {empty}"


def cells_of_data_have_headings(pdf: Document) -> Finding:
    """A cell is headed by the headings of rows in its row and of columns in its column, and names all if it names any."""
    for table in pdf.all("Table"):
        grid = _grid(pdf, table)
        over: dict[tuple[str, int], set[str]] = {}
        for (x, y), cells in grid.items():
            for head in (cell for cell in cells if cell.tag == "TH"):
                scope = str(head.attribute("/Scope"))
                if scope not in SCOPES:
                    yield f"{head} does not say what it heads"
                for line in SCOPES.get(scope, ()):
                    name = str(head.object.get("/ID", head))
                    over.setdefault((line, y if line == "row" else x), set()).add(name)
        for (x, y), (cell, *_) in grid.items():
            if cell.tag == "TD":
                row, column = over.get(("row", y), set()), over.get(("column", x), set())
                named = [str(name) for name in cell.attribute("/Headers") or ()]
                if not row or not column:
                    yield f"{cell} has no heading of its row, or none of its column"
                elif named and sorted(named) != sorted(row | column):
                    yield f"{cell} names {named}, not {sorted(row | column)}"


def _grid(pdf: Document, table: Node) -> dict[tuple[int, int], list[Node]]:
    """The cells by column and row; a cell that spans several is in each."""
    grid: dict[tuple[int, int], list[Node]] = {}
    for y, row in enumerate(node for node in pdf.below(table) if node.tag == "TR"):
        x = 0
        for cell in pdf.within(row):
            while (x, y) in grid:
                x += 1
            across, down = (int(cell.attribute(name) or 1) for name in ("/ColSpan", "/RowSpan"))
            for i in range(across):
                for j in range(down):
                    grid.setdefault((x + i, y + j), []).append(cell)
            x += across
    return grid


def names_of_elements_lead_to_them(pdf: Document) -> Finding:
    listed = pdf.root.StructTreeRoot.get("/IDTree", pikepdf.Dictionary(Names=[])).Names
    names = [bytes(name) for name in listed[::2]] if len(listed) else []
    if names != sorted(set(names)):
        yield "the names of elements are not in order, or one is there twice"
    found = {name: element.objgen for name, element in zip(names, listed[1::2] if names else [], strict=True)}
    own = {bytes(node.object.ID): node.object.objgen for node in pdf.nodes if "/ID" in node.object}
    if found != own:
        yield f"elements are listed under other names: {sorted(found.items() ^ own.items())[:3]}"


# --- pages, links, fonts -----------------------------------------------------------------------------------------------


def links_are_described_and_in_the_structure(pdf: Document) -> Finding:
    held = Counter(note.objgen for node in pdf.all("Link") for note in node.annotations)
    places = pikepdf.NameTree(pdf.root.Names.Dests) if "/Dests" in pdf.root.get("/Names", {}) else {}
    for page in pdf.file.pages:
        for note in page.get("/Annots", []):
            if note.Subtype != "/Link" or held[note.objgen] != 1:
                yield f"page {page.label}: an annotation that is not in one link"
            if not str(note.get("/Contents", "")).strip():
                yield f"page {page.label}: a link that does not say where it leads"
            if str(note.get("/Dest")) not in places:
                yield f"page {page.label}: a link that leads nowhere"
        if "/Annots" in page and page.get("/Tabs") != "/S":
            yield f"page {page.label}: the tab key does not follow the structure"
    if sum(held.values()) != sum(len(page.get("/Annots", [])) for page in pdf.file.pages):
        yield "the structure has links that no page has"


def bookmarks_are_the_headings(pdf: Document) -> Finding:
    with pdf.file.open_outline() as outline:
        found = list(_titles(outline.root))
    wanted = [str(node.object.get("/T", "")) for node in pdf.all(*HEADINGS)]
    if [title for title in wanted if title in set(found)] != found:
        yield "the bookmarks are not headings in their order"
    if len(found) < len(wanted) - 1:  # a table of contents need not list itself
        yield f"{len(found)} bookmarks for {len(wanted)} headings"


def _titles(items: list[Any]) -> Iterator[str]:
    for item in items:
        yield item.title
        yield from _titles(item.children)


def fonts_are_in_the_file_and_say_their_letters(pdf: Document) -> Finding:
    for font in (o for o in pdf.file.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"):
        if font.Subtype in ("/CIDFontType0", "/CIDFontType2"):
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys()):
                yield f"{font.BaseFont} is not in the file"
        elif "/ToUnicode" not in font:
            yield f"{font.get('/BaseFont', font.get('/Name'))} does not say its letters"
        elif re.search(rb"<[0-9A-Fa-f]+>\s*<(0000|FFFE|FEFF)>", font.ToUnicode.read_bytes(), re.IGNORECASE):
            yield f"{font.BaseFont} has a letter that stands for none"


RULES: dict[str, Callable[[Document], Finding]] = {
    "01 content": everything_painted_is_tagged_or_an_artifact,
    "02 elements": elements_are_standard_and_nested,
    "06 document": says_what_it_is,
    "09 marks": marks_lead_to_their_elements,
    "13 pictures": pictures_are_described_and_lie_on_their_page,
    "14 headings": headings_go_down_by_one,
    "15 grids": tables_are_grids,
    "15 cells": cells_of_data_have_headings,
    "15 names": names_of_elements_lead_to_them,
    "16 lists": lists_have_items,
    "28 links": links_are_described_and_in_the_structure,
    "29 bookmarks": bookmarks_are_the_headings,
    "31 fonts": fonts_are_in_the_file_and_say_their_letters,
}


def broken(path: Path) -> dict[str, list[str]]:
    """What breaks each rule."""
    pdf = Document(path)
    found = {name: list(rule(pdf)) for name, rule in RULES.items()}
    return {name: said for name, said in found.items() if said}
