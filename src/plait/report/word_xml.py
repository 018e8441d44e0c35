"""The few pieces of WordprocessingML that a report needs; text goes in through `text_run` alone, which escapes it."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def text_run(text: str, style: str = "", *, bold: bool = False, size: float = 0, rtl: bool = False) -> str:
    """A run of text; lines of the text become lines of the run."""
    marks = (
        (f'<w:rStyle w:val="{style}"/>' if style else "")
        + ("<w:b/><w:bCs/>" if bold else "")
        + (f'<w:sz w:val="{round(2 * size)}"/><w:szCs w:val="{round(2 * size)}"/>' if size else "")
        + ("<w:rtl/>" if rtl else "")
    )
    lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    return f"<w:r>{f'<w:rPr>{marks}</w:rPr>' if marks else ''}{'<w:br/>'.join(lines)}</w:r>"


def paragraph(
    style: str, *runs: str, keep: bool = False, new_page: bool = False, rtl: bool = False, indent: int = 0
) -> str:
    """A paragraph of a style.

    Args:
        style: Its style's id.
        runs: What is in it, as XML.
        keep: Whether it stays on the page of what follows.
        new_page: Whether it starts a page.
        rtl: Whether it is written from right to left.
        indent: How far it is moved in, in twentieths of a point.
    """
    marks = (
        f'<w:pStyle w:val="{style}"/>'
        + ("<w:keepNext/>" if keep else "")
        + ("<w:pageBreakBefore/>" if new_page else "")
        + ("<w:bidi/>" if rtl else "")
        + (f'<w:ind w:left="{indent}"/>' if indent else "")
    )
    return f"<w:p><w:pPr>{marks}</w:pPr>{''.join(runs)}</w:p>"


def tab() -> str:
    """A run that moves to the next tab stop."""
    return "<w:r><w:tab/></w:r>"


def field(code: str) -> str:
    """A field that the program fills in whenever it lays out the page, such as PAGE."""
    return f"<w:fldSimple w:instr={quoteattr(f' {code} ')}><w:r><w:t>1</w:t></w:r></w:fldSimple>"


def field_around(code: str) -> tuple[str, str]:
    """The begin and the end of a field whose text stands between them, in any number of paragraphs."""
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    said = f'<w:r><w:instrText xml:space="preserve">{escape(f" {code} ")}</w:instrText></w:r>'
    return f"{begin}{said}{separate}", end


def link(bookmark: str, *runs: str) -> str:
    """A link to a place in the document."""
    return f'<w:hyperlink w:anchor="{bookmark}" w:history="1">{"".join(runs)}</w:hyperlink>'


def marked(bookmark: str, number: int, *runs: str) -> str:
    """Runs that a link can lead to."""
    return f'<w:bookmarkStart w:id="{number}" w:name="{bookmark}"/>{"".join(runs)}<w:bookmarkEnd w:id="{number}"/>'
