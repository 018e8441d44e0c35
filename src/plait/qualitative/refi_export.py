"""Neutral tables written as a REFI-QDA project, so that coding can go on in any tool that reads the standard.

REFI-QDA 1.5 (Rotterdam Exchange Format Initiative, 2019). A project holds texts, cases with variables, the codebook,
coders and codings; it has no place for weights, key-quote marks, assignments without a coding and rows that are not
counted. Read back with `tool_files`, everything that it can hold is as it was.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import pandas as pd

from plait.qualitative.refi_qda import OWN_ORIGIN
from plait.qualitative.refi_xml import NAMESPACE
from plait.qualitative.transcripts import CodedText
from plait.tables import whole_file

_ROOT = UUID("0d7a4f0e-7d0a-5c8b-9d6f-3f0f6c1c6d55")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")
_FIXED = (1980, 1, 1, 0, 0, 0)
# XML 1.0 has no way to write these, not even escaped.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class LeftOut:
    """What a project cannot hold.

    Attributes:
        not_active: Rows that are excluded or unresolved.
        without_place: Codings known by their words alone, or in a source without text.
        names: Names and notes that lost characters which XML cannot write.
    """

    not_active: int
    without_place: int
    names: int


def write_project(coded: CodedText, collection: str, path: Path) -> LeftOut:
    """Write a collection as a project (`.qdpx`); the same tables give the same bytes.

    Args:
        coded: Tables of coded text.
        collection: Which collection of them.
        path: The file to write; it appears whole or not at all.

    Returns:
        What the format has no place for.
    """
    writer = _Writer(coded, collection)
    root = writer.project()
    xml = io.BytesIO()
    ElementTree.ElementTree(root).write(xml, encoding="utf-8", xml_declaration=True)
    with whole_file(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "project.qde", xml.getvalue())
        for name, text in writer.texts.items():
            _add(archive, f"sources/{name}", text.encode("utf-8", "surrogatepass"))
    return writer.left_out


class _Writer:
    """The project while it is put together; GUIDs follow from the tables' own ids."""

    def __init__(self, coded: CodedText, collection: str) -> None:
        self.coded, self.collection = coded, collection
        self.sources = _of(coded.sources, collection)
        self.cases = _of(coded.cases, collection)
        ids = set(self.sources["source"])
        found = coded.source_texts[coded.source_texts["source"].isin(ids)]
        self.source_texts = dict(zip(found["source"], found["text"], strict=True))
        self.texts: dict[str, str] = {}
        self.names = 0
        segments = _of(coded.segments, collection)
        active = segments[segments["status"] == "active"]
        placed = active["start"].notna() & active["source"].isin(self.source_texts)
        whole = active["start"].isna() & (active["text"] == active["source"].map(self.source_texts))
        self.spans, self.wholes = active[placed], active[whole & ~placed]
        self.left_out = LeftOut(len(segments) - len(active), int((~placed & ~whole).sum()), 0)

    def project(self) -> Element:
        root = Element("Project", {"xmlns": NAMESPACE, "name": self.collection, "origin": OWN_ORIGIN})
        users = SubElement(root, "Users")
        for coder in _of(self.coded.coders, self.collection)["coder"]:
            SubElement(users, "User", {"guid": self.guid("user", coder), "name": self.name(coder)})
        self._codes(SubElement(SubElement(root, "CodeBook"), "Codes"))
        attributes = self.coded.case_attributes
        attributes = attributes[attributes["case"].isin(self.cases["case"])]
        variables = SubElement(root, "Variables")
        for variable in attributes["attribute"].unique():
            given = {"guid": self.guid("variable", variable), "name": self.name(variable), "typeOfVariable": "Text"}
            SubElement(variables, "Variable", given)
        self._cases(SubElement(root, "Cases"), attributes)
        self._sources(SubElement(root, "Sources"))
        self._sets(SubElement(root, "Sets"))
        self.left_out = LeftOut(self.left_out.not_active, self.left_out.without_place, self.names)
        return root

    def guid(self, kind: str, own: str, origin: str = "") -> str:
        return origin if _GUID.fullmatch(origin) else str(uuid5(_ROOT, f"{self.collection}\n{kind}\n{own}"))

    def name(self, text: str) -> str:
        written = _UNWRITABLE.sub("", text)
        self.names += written != text
        return written

    def _codes(self, parent: Element) -> None:
        elements: dict[str, Element] = {"": parent}
        codes = self.coded.codes.sort_values("order", kind="stable")
        waiting = list(codes.itertuples(index=False))
        while waiting:
            # A codebook may name a theme after its codes.
            ready = [row for row in waiting if row.parent in elements]
            for row in ready:
                shown = {"guid": self.guid("code", str(row.code)), "name": self.name(str(row.label))}
                element = SubElement(elements[str(row.parent)], "Code", {**shown, "isCodable": "true"})
                elements[str(row.code)] = element
                if row.definition:
                    SubElement(element, "Description").text = self.name(str(row.definition))
            waiting = [row for row in waiting if str(row.code) not in elements]

    def _cases(self, parent: Element, attributes: pd.DataFrame) -> None:
        spans = self.coded.case_spans
        values = attributes.groupby("case", sort=False)
        for row in self.cases.itertuples(index=False):
            guid = self.guid("case", str(row.case), str(row.origin_id))
            element = SubElement(parent, "Case", {"guid": guid, "name": self.name(str(row.origin_id))})
            if row.case in values.groups:
                for name, value in values.get_group(row.case)[["attribute", "value"]].itertuples(
                    index=False, name=None
                ):
                    holder = SubElement(element, "VariableValue")
                    SubElement(holder, "VariableRef", {"targetGUID": self.guid("variable", name)})
                    SubElement(holder, "TextValue").text = self.name(value)
            own = spans[spans["case"] == row.case]
            for source in own.loc[own["start"].isna(), "source"]:
                SubElement(element, "SourceRef", {"targetGUID": self.source_guid(source)})
            for source, start, end in own.dropna(subset=["start"])[["source", "start", "end"]].itertuples(
                index=False, name=None
            ):
                SubElement(element, "SelectionRef", {"targetGUID": self.guid("part", f"{source} {start} {end}")})

    def source_guid(self, source: str) -> str:
        origin = dict(zip(self.sources["source"], self.sources["origin_id"], strict=True))[source]
        return self.guid("source", source, origin)

    def _sources(self, parent: Element) -> None:
        parts = self.coded.case_spans.dropna(subset=["start"])
        notes = _of(self.coded.annotations, self.collection)
        for row in self.sources.itertuples(index=False):
            guid = self.source_guid(str(row.source))
            element = SubElement(parent, "TextSource", {"guid": guid, "name": self.name(str(row.name))})
            if row.source in self.source_texts:
                self.texts[f"{guid}.txt"] = self.source_texts[str(row.source)]
                element.set("plainTextPath", f"internal://{guid}.txt")
            spans = self.spans[self.spans["source"] == row.source]
            for selection, codings in spans.groupby("selection", sort=False):
                self._selection(element, str(selection), codings)
            remarks = notes.loc[(notes["source"] == row.source) & notes["start"].notna()]
            for note, start, end, memo in remarks[["annotation", "start", "end", "memo"]].itertuples(
                index=False, name=None
            ):
                self._mark(element, self.guid("note", note), start, end, memo)
            for start, end in (
                parts.loc[parts["source"] == row.source, ["start", "end"]]
                .drop_duplicates()
                .itertuples(index=False, name=None)
            ):
                self._mark(element, self.guid("part", f"{row.source} {start} {end}"), start, end, "")
            self._codings(element, self.wholes[self.wholes["source"] == row.source])

    def _mark(self, parent: Element, guid: str, start: int, end: int, memo: str) -> Element:
        place = {"guid": guid, "startPosition": str(start), "endPosition": str(end)}
        element = SubElement(parent, "PlainTextSelection", place)
        if memo:
            SubElement(element, "Description").text = self.name(memo)
        return element

    def _selection(self, parent: Element, selection: str, codings: pd.DataFrame) -> None:
        first = codings.iloc[0]
        guid = self.guid("selection", selection)
        element = self._mark(parent, guid, first["start"], first["end"], str(first["memo"]))
        self._codings(element, codings)

    def _codings(self, parent: Element, codings: pd.DataFrame) -> None:
        columns = ["segment", "origin_row", "coder", "code", "created"]
        for segment, origin, coder, code, created in codings[columns].itertuples(index=False, name=None):
            given = {"guid": self.guid("coding", segment, origin), "creatingUser": self.guid("user", coder)}
            if _WHEN.fullmatch(created):
                given["creationDateTime"] = created
            element = SubElement(parent, "Coding", given)
            SubElement(element, "CodeRef", {"targetGUID": self.guid("code", code)})

    def _sets(self, parent: Element) -> None:
        sets = _of(self.coded.code_sets, self.collection)
        for name, group in sets.groupby("name", sort=False):
            given = {"guid": self.guid("set", str(name)), "name": self.name(str(name))}
            element = SubElement(parent, "Set", given)
            for kind, tag in (("code", "MemberCode"), ("source", "MemberSource")):
                for member in group.loc[group["kind"] == kind, "member"]:
                    target = self.guid("code", member) if kind == "code" else self.source_guid(member)
                    SubElement(element, tag, {"targetGUID": target})


def _of(table: pd.DataFrame, collection: str) -> pd.DataFrame:
    return table[table["collection"] == collection]


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    member = zipfile.ZipInfo(name, _FIXED)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, data)
