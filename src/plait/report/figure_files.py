"""A drawing as three files: SVG as it was drawn, and PNG and PDF made from it.

One drawing stands behind all three, so that none can differ; the compiler of the report makes the other two with the
fonts that the drawing was laid out for. A character that these lack is drawn as a placeholder that names its script.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from plait.report.printing import LANGUAGE
from plait.report.tall_pictures import size_of
from plait.tables import whole_file

if TYPE_CHECKING:
    from typst import Compiler

FORMATS: tuple[Literal["svg", "png", "pdf"], ...] = ("svg", "png", "pdf")
PNG_DPI = 192
"""Twice what a screen shows at its least, and enough for print."""
_TEMPLATE = Path(__file__).parent / "templates" / "figure.typ"
_HEADER = 33
"""Bytes of a PNG before anything may be said about it: its signature and the chunk `IHDR`."""
_INCHES_A_METRE = 1 / 0.0254


@dataclass(frozen=True)
class Drawing:
    """A figure as it is saved: the picture, its title, and what is read out in its place."""

    svg: bytes
    title: str
    alt: str


def write_files(drawing: Drawing, folder: Path, name: str) -> None:
    """Write `<name>.svg`, `<name>.png` and `<name>.pdf`, without dates; title and alternative text go along.

    The PDF is tagged (PDF/UA-1), and its text can be searched and copied.
    """
    for kind in FORMATS:
        with whole_file(folder / f"{name}.{kind}") as part:
            part.write_bytes(_AS[kind](drawing))


def fonts_folder() -> Path:
    """Where the fonts of the charts are; nobody who only needs to know this pays for the import of matplotlib."""
    found = find_spec("matplotlib")
    assert found and found.origin
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


@cache
def _compiler() -> Compiler:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts_folder()])
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)


def printable(svg: bytes) -> bytes:
    """A drawing as PDF/UA-1 takes it: itself, or a picture of it.

    The standard wants to know which letter each shape stands for. Where a mark is set over its letter by hand (in a word
    of Devanagari, in a heart with a variation selector), the compiler cannot say it of text in a drawing.
    """
    from typst import TypstError

    try:
        _pdf(Drawing(svg, "-", "-"))
    except TypstError:
        return _picture(svg)
    return svg


def _picture(svg: bytes) -> bytes:
    size = size_of(svg)
    assert size
    width, height = size
    pixels = b64encode(_png(svg)).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{pixels}"/></svg>'
    ).encode("ascii")


def _compiled(drawing: Drawing, **how: Any) -> bytes:
    files: Any = {"main.typ": _TEMPLATE.read_bytes(), "figure.svg": drawing.svg}
    told = {"title": drawing.title, "alt": drawing.alt, "language": LANGUAGE}
    made = _compiler().compile(files, sys_inputs=told, **how)
    assert isinstance(made, bytes)
    return made


def _pdf(drawing: Drawing) -> bytes:
    return _compiled(drawing, format="pdf", pdf_standards=["ua-1"])


def _png(svg: bytes) -> bytes:
    return _compiled(Drawing(svg, "-", "-"), format="png", ppi=PNG_DPI)


def _as_svg(drawing: Drawing) -> bytes:
    return drawing.svg


def _as_pdf(drawing: Drawing) -> bytes:
    from typst import TypstError

    try:
        return _pdf(drawing)
    except TypstError:
        return _pdf(replace(drawing, svg=_picture(drawing.svg)))


def _as_png(drawing: Drawing) -> bytes:
    from PIL.PngImagePlugin import PngInfo, putchunk

    picture = _png(drawing.svg)
    about = PngInfo()
    about.add_itxt("Title", drawing.title)
    made = BytesIO()
    made.write(picture[:_HEADER])
    dots = round(PNG_DPI * _INCHES_A_METRE).to_bytes(4, "big")
    putchunk(made, b"pHYs", dots, dots, b"\1")
    for kind, data, *_ in about.chunks:
        putchunk(made, kind, data)
    made.write(picture[_HEADER:])
    return made.getvalue()


_AS = {"svg": _as_svg, "png": _as_png, "pdf": _as_pdf}
