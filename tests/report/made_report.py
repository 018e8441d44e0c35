"""The report about school libraries with small pictures, for the renderings on paper."""

from __future__ import annotations

import struct
import zlib
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from plait.disclosure.rules import Rules
from plait.report.blocks import Report, legible
from plait.report.content import report_content
from plait.report.figure_plan import planned_figures
from plait.report.published import Published
from plait.study.definition import Definition
from report.make_published import make_definition, make_published

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</w:t></w:r></w:p></w:pPr><w:p/> ]]> &amp; &#x0; &lt;",
    "$\\frac{1}{2}$ {{ 7*7 }} {% raw %}",
    '#include "x" #read("/etc/passwd") #panic()',
    "*bold* _em_ ](file:///etc/passwd) `x` <label> @reference // not a comment",
    "= a heading - a list / a term: no",
    "\u202egnp.exe \u200b\ufeffend",
    "javascript:alert(1) http://example.org/",
    "a" * 60,
    "\u0645\u0643\u062a\u0628\u0629 \u56fe\u4e66\u9986 \U0001f469\u200d\U0001f3eb",
    "\u2764\ufe0f 1\ufe0f\u20e3 x\u0951",
    "two\nlines\x00\x07",
    "\ud800 lone \udfff halves \ufffe",
)
"""Texts that a format could take for something else."""
_NAMES = ("study", "name", "svg", "anchor", "kind", "mark", "language", "group")


def saying(text: str, part: Any, field: str = "") -> Any:
    """A report, or a part of one, that says one text wherever people's words or a study's can stand."""
    if isinstance(part, str):
        return legible(text) if part and field not in _NAMES else part
    if isinstance(part, tuple):
        return tuple(saying(text, p, field) for p in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{f.name: saying(text, getattr(part, f.name), f.name) for f in fields(part)})
    return part


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="453.6pt" height="90pt" viewBox="0 0 453.6 90">'
    '<rect width="300" height="60" fill="#2073bc"/>'
    '<text x="10" y="80" style="font: 12px \'DejaVu Sans\', Verdana">picture of a bar</text></svg>'
)


def png(width: int = 90, height: int = 18) -> bytes:
    """A grey picture of 20 pixels to the inch."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    dense = chunk(b"pHYs", struct.pack(">IIB", 787, 787, 1))
    rows = chunk(b"IDAT", zlib.compress((b"\0" + b"\x99" * width) * height))
    return b"\x89PNG\r\n\x1a\n" + head + dense + rows + chunk(b"IEND", b"")


def drawn(folder: Path, definition: Definition) -> pd.DataFrame:
    """The index of a study's figures, each of them drawn as one small picture."""
    folder.mkdir(exist_ok=True, parents=True)
    plans = planned_figures(definition)
    for plan in plans:
        (folder / f"{plan.name}.svg").write_text(SVG, encoding="utf-8")
        (folder / f"{plan.name}.png").write_bytes(png())
    texts = ("title", "subtitle", "alt", "footnote")
    return pd.DataFrame([{"name": p.name, "kind": p.kind} | {t: f"{t} of {p.name}" for t in texts} for p in plans])


def made_report(
    figures: Path,
    published: Published | None = None,
    definition: Definition | None = None,
    rules: Rules | None = None,
) -> Report:
    """The report, its figures drawn into a folder."""
    definition = definition or make_definition()
    return report_content(published or make_published(), definition, drawn(figures, definition), rules)
