"""Word documents coded in comments, built part by part as Word and others write them."""

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest

from plait.qualitative.coded_file import CodedFile, Conventions
from plait.qualitative.word_comments import FORMATS, read_comments
from plait.qualitative.word_text import word_text
from qualitative.written_files import (
    PLAIN,
    check_keys,
    problems,
    recognised,
    survives_damage,
    survives_damage_inside,
    zipped,
)

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
W15 = 'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"'
_MARKS = {"<": "commentRangeStart", ">": "commentRangeEnd", "@": "commentReference"}


def mark(kind: str, comment: int | str) -> str:
    return f'<w:{_MARKS[kind]} w:id="{comment}"/>'


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(*parts: str) -> str:
    """Parts that start with a bracket are marks (`<0`, `>0`, `@0`), with `<w:` XML, others text."""
    inner = "".join(
        part if part.startswith("<w:") else mark(part[0], part[1:]) if part[:1] in _MARKS and part[1:] else run(part)
        for part in parts
    )
    return f"<w:p>{inner}</w:p>"


def comment(number: int, *lines: str, author: str = "Ann", key: str = "") -> str:
    paragraphs = "".join(
        f"<w:p{f' w14:paraId={chr(34)}{key}{chr(34)}' if key and line == lines[-1] else ''}>{run(line)}</w:p>"
        for line in lines
    )
    return f'<w:comment w:id="{number}" w:author="{author}" w:date="2026-01-02T03:04:05Z">{paragraphs}</w:comment>'


def members(body: Iterable[str], comments: Iterable[str], extended: str = "") -> dict[str, str]:
    parts = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<w:document {W}><w:body>{''.join(body)}<w:sectPr/></w:body></w:document>",
        "word/comments.xml": f"<w:comments {W} {W14}>{''.join(comments)}</w:comments>",
    }
    if extended:
        parts["word/commentsExtended.xml"] = f"<w15:commentsEx {W15}>{extended}</w15:commentsEx>"
    return parts


def document(folder: Path, body: Iterable[str], comments: Iterable[str], extended: str = "") -> Path:
    return zipped(folder / "talk.docx", members(body, comments, extended))


def read(path: Path, conventions: Conventions = PLAIN) -> CodedFile:
    file = read_comments(path, path.name, conventions)
    check_keys(file)
    text = file.sources[0].text or ""
    for selection in file.selections:
        if selection.start is not None:
            assert text[selection.start : selection.end] == selection.text
    return file


def quoted(file: CodedFile) -> list[tuple[str, str, str]]:
    texts = {s.id: s.text for s in file.selections}
    return [(c.code, c.coder, texts[c.selection]) for c in file.codings]


def test_nested_and_overlapping_ranges_across_paragraphs_and_tables(tmp_path: Path) -> None:
    cell = (
        f"<w:tbl><w:tr><w:tc>{paragraph('left', '>1', ' end')}</w:tc><w:tc>{paragraph('right')}</w:tc></w:tr></w:tbl>"
    )
    body = [
        paragraph("<0", "One ", "<1", "two", ">0", "@0", " three"),
        mark("<", 2),
        cell,
        mark(">", 2),
        paragraph("last"),
    ]
    path = document(tmp_path, body, [comment(0, "Time"), comment(1, "Pay", "Trust", author="Ben"), comment(2, "Cover")])
    assert recognised(path, FORMATS) == ["word-comments"]
    file = read(path)
    assert file.sources[0].text == "One two three\nleft end\nright\nlast"
    assert quoted(file) == [
        ("Time", "Ann", "One two"),
        ("Pay", "Ben", "two three\nleft"),
        ("Trust", "Ben", "two three\nleft"),
        ("Cover", "Ann", "left end\nright"),
    ]
    assert (file.coders, file.names_coders) == (("Ann", "Ben"), True)
    assert file.codings[0].created == "2026-01-02T03:04:05Z"


def test_what_counts_as_text() -> None:
    body = "".join(
        [
            paragraph("a", "<w:r><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/></w:r>", "\U0001f600"),
            paragraph(
                f"<w:ins>{run('new ')}</w:ins>",
                "<w:del><w:r><w:delText>old</w:delText></w:r></w:del>",
                f"<w:moveFrom>{run('gone')}</w:moveFrom><w:moveTo>{run('here')}</w:moveTo>",
                f"<w:hyperlink>{run(' link')}</w:hyperlink>",
                "<w:r><w:instrText>PAGE</w:instrText></w:r>",
                f"<w:r><w:drawing>{paragraph('boxed')}</w:drawing></w:r>",
            ),
            f"<w:sdt><w:sdtPr><w:t>no</w:t></w:sdtPr><w:sdtContent>{paragraph('inside')}</w:sdtContent></w:sdt>",
            paragraph(),
            paragraph("end"),
        ]
    )
    root = ElementTree.fromstring(f"<w:document {W}><w:body>{body}</w:body></w:document>")
    assert word_text(root).text == "a\tb\nc\u2011\U0001f600\nnew here link\ninside\n\nend"


def test_positions_count_an_emoji_once(tmp_path: Path) -> None:
    file = read(document(tmp_path, [paragraph("\U0001f600\U0001f600 ", "<0", "well", ">0")], [comment(0, "Trust")]))
    assert (file.selections[0].start, file.selections[0].end) == (3, 7)


def test_parts_with_numbered_names(tmp_path: Path) -> None:
    parts = members([paragraph("<0", "words", ">0")], [comment(0, "Time")])
    renamed = {name.replace("document.xml", "document2.xml").replace("s.xml", "s3.xml"): x for name, x in parts.items()}
    path = zipped(tmp_path / "n.docx", {**renamed, "[Content_Types].xml": ""})
    assert recognised(path, FORMATS) == ["word-comments"]
    assert quoted(read(path)) == [("Time", "Ann", "words")]


def test_several_codes_and_notes_in_a_comment(tmp_path: Path) -> None:
    comments = [
        comment(0, "Time; Time\\Cover", "# why", "Pay"),
        comment(1, "# only a", "note"),
        comment(2, ""),
    ]
    path = document(tmp_path, [paragraph("<0", "<1", "<2", "words", ">0", ">1", ">2")], comments)
    file = read(path, Conventions(code_separator=";", note_prefix="#"))
    assert [(c.code, c.memo) for c in file.codings] == [("Time", "why"), ("Time\\Cover", "why"), ("Pay", "why")]
    assert file.codes[1].path == ("Time", "Cover")
    assert [s.memo for s in file.selections] == ["why", "only a\nnote", ""]


def test_replies_are_notes_of_what_they_answer(tmp_path: Path) -> None:
    extended = '<w15:commentEx w15:paraId="A1" w15:done="1"/>'
    extended += '<w15:commentEx w15:paraId="B2" w15:paraIdParent="A1" w15:done="0"/>'
    comments = [comment(0, "Time", "Pay", key="A1"), comment(1, "are you sure?", author="Ben", key="B2")]
    body = [paragraph("<0", "<1", "words", ">0", ">1")]
    file = read(document(tmp_path, body, comments, extended))
    assert [(c.code, c.memo) for c in file.codings] == [
        ("Time", "Ben: are you sure?"),
        ("Pay", "Ben: are you sure?"),
    ]
    assert any(r["event"] == "done" for r in file.log.rows)


def test_the_form_of_dedoose(tmp_path: Path) -> None:
    path = document(
        tmp_path, [paragraph("<0", "words", ">0")], [comment(0, "Codes (10-250)", "Time", "Pay", author="Coder")]
    )
    file = read(path)
    assert ([c.code for c in file.codings], file.selections[0].locator) == (["Time", "Pay"], "Dedoose 10-250")
    assert not file.names_coders


def test_comments_without_a_stretch_of_text_are_kept_with_the_reason(tmp_path: Path) -> None:
    body = [paragraph("words", "@0", "<1", ">1", "<2", "more")]
    file = read(document(tmp_path, body, [comment(n, "Time") for n in range(4)]))
    assert [s.reason for s in file.selections] == [
        "marks no stretch of text",
        "marks no stretch of text",
        "marks no stretch of text",
        "is not anchored in the text of the document",
    ]
    assert len(file.codings) == 4


@pytest.mark.parametrize(("authors", "tells"), [(("Coder",), False), (("Author", "Ann"), True), (("",), False)])
def test_whether_the_file_names_its_coders(tmp_path: Path, authors: tuple[str, ...], tells: bool) -> None:
    comments = [comment(n, "Time", author=author) for n, author in enumerate(authors)]
    body = [paragraph("<0", "<1", "words", ">0", ">1")]
    assert read(document(tmp_path, body, comments)).names_coders is tells


def test_files_that_are_refused(tmp_path: Path) -> None:
    sound = members([paragraph("<0", "words", ">0")], [comment(0, "Time")])
    entity = '<!DOCTYPE a [<!ENTITY b "c">]>' + sound["word/document.xml"]
    path = zipped(tmp_path / "a.docx", sound | {"word/document.xml": entity})
    assert "DOCTYPE" in problems(read_comments, path)[0].message
    path = zipped(tmp_path / "b.docx", {"word/comments.xml": sound["word/comments.xml"]})
    assert "no Word document" in problems(read_comments, path)[0].message
    assert recognised(path, FORMATS) == []
    path = document(tmp_path, [paragraph("words")], [])
    assert "has no comments" in problems(read_comments, path)[0].message
    path = document(tmp_path, [paragraph("words")], [comment(0, "a"), comment(0, "b")])
    assert "two comments of one id" in problems(read_comments, path)[0].message
    deep = sound | {"word/document.xml": f"<w:document {W}>{'<w:p>' * 150}{'</w:p>' * 150}</w:document>"}
    assert "deep" in problems(read_comments, zipped(tmp_path / "c.docx", deep))[0].message


def test_damaged_files(tmp_path: Path) -> None:
    body = [paragraph("<0", "One ", "<1", "two", ">0", "@0", " three"), paragraph("four", ">1")]
    parts = members(body, [comment(0, "Time"), comment(1, "Pay", key="A")], '<w15:commentEx w15:paraId="A"/>')
    survives_damage(read_comments, zipped(tmp_path / "d.docx", parts), 80)
    for member in list(parts)[1:]:
        survives_damage_inside(read_comments, parts, tmp_path, member, 80)
