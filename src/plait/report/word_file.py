"""The package of a Word document: its parts, properties and sections, the same bytes every time."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from plait.report.blocks import Report
from plait.report.paper import tagged_title, tags
from plait.report.tall_pictures import Piece, scale_of
from plait.report.word_xml import NAMESPACES, field, paragraph, text_run

if TYPE_CHECKING:
    from docx.document import Document

_STYLES = Path(__file__).parent / "templates" / "word_styles.xml"
_NEEDED = ("officeDocument", "core-properties", "styles", "numbering", "settings", "theme")
"""Kinds of parts that the document keeps of those which every new one of the library has."""
_LONGEST_PROPERTY = 255
_POINT = 12700
"""A point in the unit of drawings."""
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The only time that a package bears: none."""
_PORTRAIT, _LANDSCAPE = '<w:pgSz w:w="11906" w:h="16838"/>', '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
_MARGINS = (
    '<w:pgMar w:top="1247" w:right="1134" w:bottom="1134" w:left="1134" w:header="624" w:footer="510" w:gutter="0"/>'
)
_BULLETS = f"""\
<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:pStyle w:val="ListBullet"/><w:lvlText w:val="\u2022"/>
<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="284" w:hanging="284"/></w:pPr></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""
_SETTINGS = f"""\
<w:settings {NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/>
<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode"
w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="en-GB"/>
<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>"""


class WordFile:
    """A document that is added to from top to bottom."""

    def __init__(self, report: Report) -> None:
        import docx

        self.document: Document = docx.Document()
        self.body: list[str] = []
        self.pictures = 0
        _keep_what_is_needed(self.document)
        _set_properties(self.document, report)
        _set_sheets(self.document, report.language)
        self.around = _header_and_footer(self.document, report)

    def add(self, xml: str) -> None:
        """Add a paragraph or table; text right below a table keeps its distance."""
        if self.body and _is_table(self.body[-1]) and not _is_heading(xml):
            xml = _with(xml, '<w:spacing w:before="200"/>')
        self.body.append(xml)

    def end_section(self, *, turned: bool) -> None:
        """Let the section end here, before the headings that were added last; what comes next starts on a new sheet."""
        end = len(self.body)
        while _is_heading(self.body[end - 1]):
            end -= 1
        if _is_table(self.body[end - 1]):  # which cannot end a section
            self.body.insert(end, paragraph("TableNote"))
            end += 1
        if "<w:sectPr>" not in self.body[end - 1]:
            self.body[end - 1] = _with(self.body[end - 1], self._section(turned=turned))

    def picture(self, file: Path, number: int, alt: str, piece: Piece, tallest: float) -> str:
        """A piece of a picture as a run, as large as it is unless a sheet is too small for the tallest piece."""
        relation, image = self.document.part.get_or_add_image(str(file))
        width, height = image.width / _POINT, image.height / _POINT
        scale = scale_of(width, height * tallest)
        size = f'cx="{round(width * scale * _POINT)}" cy="{round(height * piece.height * scale * _POINT)}"'
        self.pictures += 1
        return _picture_xml(relation, size, self.pictures, number, alt, piece)

    def as_bytes(self) -> bytes:
        """The file."""
        from docx.oxml import parse_xml

        content = "".join((*self.body, self._section(turned=False)))
        # the part is given another root: to move a body of a hundred thousand elements into the old one takes seconds
        self.document.part._element = parse_xml(f"<w:document {NAMESPACES}><w:body>{content}</w:body></w:document>")
        saved = io.BytesIO()
        self.document.save(saved)
        return _without_clock(saved)

    def _section(self, *, turned: bool) -> str:
        return f"<w:sectPr>{self.around}{_LANDSCAPE if turned else _PORTRAIT}{_MARGINS}</w:sectPr>"


def _is_table(xml: str) -> bool:
    return xml.startswith("<w:tbl")


def _is_heading(xml: str) -> bool:
    return xml.startswith('<w:p><w:pPr><w:pStyle w:val="Heading')


def _with(xml: str, mark: str) -> str:
    """A paragraph with one more property, the last of them."""
    return xml.replace("</w:pPr>", f"{mark}</w:pPr>", 1)


def _keep_what_is_needed(document: Document) -> None:
    """Leave out what a new document of the library brings along: its thumbnail, its statistics, its second styles."""
    for relations in (document.part.package.rels, document.part.rels):
        for name, relation in list(relations.items()):
            if relation.reltype.rpartition("/")[2] not in _NEEDED:
                del relations[name]


def _set_properties(document: Document, report: Report) -> None:
    properties: Any = document.core_properties
    properties._element.clear()
    properties.title = _cut(tagged_title(report))
    properties.author = _cut(report.author)
    properties.subject = _cut(report.research_question)
    properties.language = report.language


def _cut(text: str) -> str:
    """A text as long as a property of a document can be."""
    return text if len(text) <= _LONGEST_PROPERTY else f"{text[: _LONGEST_PROPERTY - 1]}\u2026"


def _set_sheets(document: Document, language: str) -> None:
    """Styles, lists and settings, each as one sheet that replaces the library's."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn

    sheets = (
        (document.styles.element, _STYLES.read_text(encoding="utf-8")),
        (document.part.numbering_part.element, _BULLETS),
        (document.settings.element, _SETTINGS),
    )
    for old, text in sheets:
        old[:] = list(parse_xml(text))
        for tag in ("w:lang", "w:themeFontLang"):
            for element in old.iter(qn(tag)):
                element.set(qn("w:val"), language)


def _header_and_footer(document: Document, report: Report) -> str:
    """Make the header and the footer of every page; gives the references to them that each section needs."""
    from docx.oxml import parse_xml

    section = document.sections[0]
    marks = [text_run(f"{tag}. ", "Number") for tag in tags(report)]
    pages = (text_run("Page "), field("PAGE"), text_run(" of "), field("NUMPAGES"))
    for part, content in (
        (section.header, paragraph("Header", *marks, text_run(report.title))),
        (section.footer, paragraph("Footer", *pages)),
    ):
        part.is_linked_to_previous = False
        part._element[:] = [parse_xml(content.replace("<w:p>", f"<w:p {NAMESPACES}>", 1))]
    properties = section._sectPr
    return "".join(
        f'<w:{kind}Reference w:type="default" r:id="{reference.rId}"/>'
        for kind, reference in (
            ("header", properties.headerReference_lst[0]),
            ("footer", properties.footerReference_lst[0]),
        )
    )


def _picture_xml(relation: str, size: str, place: int, number: int, alt: str, piece: Piece) -> str:
    above, below = (round(100_000 * share) for share in (piece.top, 1 - piece.top - piece.height))
    cut = f'<a:srcRect t="{above}" b="{below}"/>' if above or below else ""
    main = "http://schemas.openxmlformats.org/drawingml/2006"
    return (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{main}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent {size}/><wp:docPr id="{place}" name="Figure {number}" descr={quoteattr(alt)}/>'
        f'<a:graphic xmlns:a="{main}/main"><a:graphicData uri="{main}/picture"><pic:pic xmlns:pic="{main}/picture">'
        f'<pic:nvPicPr><pic:cNvPr id="{place}" name="Figure {number}" descr={quoteattr(alt)}/><pic:cNvPicPr/>'
        f'</pic:nvPicPr><pic:blipFill><a:blip r:embed="{relation}"/>{cut}<a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def _without_clock(saved: io.BytesIO) -> bytes:
    """The same package with no time in it; pictures, which are packed already, as they are."""
    result = io.BytesIO()
    with zipfile.ZipFile(saved) as package, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in package.namelist():
            entry = zipfile.ZipInfo(name, _EARLIEST)
            packed = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, package.read(name), packed)
    return result.getvalue()
