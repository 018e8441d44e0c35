"""An executed notebook as a page: what it says, its code, what came out, and no script.

Only what is plain data in an output is shown: text, checks, tables as data, pictures as images. Ready-made HTML is passed
over, whoever made it. Markdown comes from the notebooks alone, never from data, and HTML inside it shows as text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import count, groupby
from typing import Any

import mistune
from markupsafe import Markup, escape
from nbformat import NotebookNode

from plait.report.blocks import legible
from plait.report.masthead import Masthead
from plait.report.page import Part, page_shell, template_text
from plait.report.printing import LANGUAGE
from plait.report.review import CHECK, PICTURE
from plait.report.shown_table import RESOURCE, table_markup

_TITLE = re.compile(r"\A# +(?P<title>.+)\n*")
_PART = re.compile(r"^## +(.+)$", re.MULTILINE)
_SIZE = re.compile(r'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"')
_HEADLINE = re.compile(r"<title>([^<]+)</title>")
_FIRST = "About this notebook"


@dataclass(frozen=True)
class Tally:
    """How many checks of a notebook passed, failed, and had nothing to check."""

    passed: int
    failed: int
    idle: int

    def __str__(self) -> str:
        return f"{self.passed} of {self.passed + self.failed} checks passed"


def checks_in(notebook: NotebookNode) -> list[dict[str, str]]:
    """The checks that an executed notebook made: verdict, statement, detail."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return [output.data[CHECK] for output in outputs if CHECK in output.get("data", {})]


def tally(notebook: NotebookNode) -> Tally:
    """How the checks of an executed notebook went."""
    verdicts = [check["verdict"] for check in checks_in(notebook)]
    return Tally(verdicts.count("PASS"), verdicts.count("FAIL"), verdicts.count("NONE"))


def notebook_page(notebook: NotebookNode, name: str, masthead: Masthead) -> str:
    """An executed notebook as a self-contained page.

    Args:
        notebook: Executed; its first cell starts with its title as a first-level heading.
        name: Name of its file, to be found beside the page.
        masthead: What it says of the study.
    """
    title = _title(notebook)
    made = tally(notebook)
    failed = (f"{made.failed} check{'s' if made.failed != 1 else ''} failed",) if made.failed else ()
    page = page_shell(
        title,
        LANGUAGE,
        _parts(notebook),
        kind=f"Notebook for reviewers: {made}",
        lead=masthead.study,
        marks=(*failed, *masthead.marks),
        foot=f"{title}. Made from {name}, which lies beside this page. Every number is taken from the published tables.",
        style=template_text("notebook.css"),
    )
    return legible(page)


def _title(notebook: NotebookNode) -> str:
    found = _TITLE.match(notebook.cells[0].source)
    if notebook.cells[0].cell_type != "markdown" or not found:
        raise ValueError("a notebook's first cell starts with its title, as a first-level heading")
    return found["title"].strip()


def _parts(notebook: NotebookNode) -> Iterator[Part]:
    """The notebook, cut at its second-level headings."""
    numbers = _Numbers(count(1), count(1))
    heading, body = _FIRST, list[Markup]()
    anchors: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            body += [_code(cell.source), *_outputs(cell.get("outputs", []), numbers)]
            continue
        before, *later = _PART.split(_TITLE.sub("", cell.source))
        body.append(_prose(before))
        for next_heading, text in zip(later[::2], later[1::2], strict=True):
            yield Part(_anchor(heading, anchors), heading, Markup("\n").join(body))
            heading, body = next_heading.strip(), [_prose(text)]
    yield Part(_anchor(heading, anchors), heading, Markup("\n").join(body))


def _anchor(heading: str, taken: set[str]) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "part"
    anchor = next(a for n in count(1) if (a := stem if n == 1 else f"{stem}-{n}") not in taken)
    taken.add(anchor)
    return anchor


# --- prose and code ----------------------------------------------------------------------------------------------------


class _Prose(mistune.HTMLRenderer):
    """Markdown of a notebook: headings below the part's own, no pictures from elsewhere."""

    def heading(self, text: str, level: int, **_: Any) -> str:
        return f"<h{max(level, 3)}>{text}</h{max(level, 3)}>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return str(escape(text))


_MARKDOWN = mistune.Markdown(_Prose(escape=True))


def _prose(text: str) -> Markup:
    return Markup(_MARKDOWN(text)) if text.strip() else Markup()  # everything in it was escaped


def _code(source: str) -> Markup:
    lines = source.count("\n") + 1
    return Markup(
        '<details class="code"><summary>Python, {} line{}</summary>'
        '<pre class="python" tabindex="0" role="group" aria-label="Python code"><code>{}</code></pre></details>'
    ).format(lines, "s" if lines != 1 else "", source)


# --- outputs -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Numbers:
    """Tables and figures are numbered through the page."""

    tables: Iterator[int]
    figures: Iterator[int]


def _outputs(outputs: Iterable[NotebookNode], numbers: _Numbers) -> Iterator[Markup]:
    for of_checks, run in groupby(outputs, key=lambda output: CHECK in output.get("data", {})):
        if of_checks:
            yield _checks([output.data[CHECK] for output in run])
        else:
            yield from (_output(output, numbers) for output in run)


def _checks(checks: list[dict[str, str]]) -> Markup:
    line = Markup('<li class="{}"><b>{}</b> <span>{}{}</span></li>')
    items = [
        line.format(
            check["verdict"].lower(),
            check["verdict"],
            check["statement"],
            Markup(" <small>{}</small>").format(check["detail"]) if check["detail"] else "",
        )
        for check in checks
    ]
    return Markup('<ul class="checks">\n{}\n</ul>').format(Markup("\n").join(items))


def _output(output: NotebookNode, numbers: _Numbers) -> Markup:
    data = output.get("data", {})
    if RESOURCE in data:
        return _table(data[RESOURCE], next(numbers.tables))
    if PICTURE in data:
        alt = output.metadata.get(PICTURE, {}).get("alt") or data.get("text/plain", "")
        return _picture(data[PICTURE], alt, next(numbers.figures))
    if output.output_type == "stream":
        return _said(output.text, "Warnings" if output.name == "stderr" else "Output")
    if output.output_type == "error":
        return _said("\n".join(output.traceback), "Error")
    return _said(data.get("text/plain", "An output without text, which this page does not show."), "Output")


def _table(resource: dict[str, Any], number: int) -> Markup:
    return Markup(
        '<div class="table"><div class="scroll" role="region" aria-label="Table {}: {}" tabindex="0">{}</div></div>'
    ).format(
        number,
        resource.get("title", ""),
        Markup(table_markup(resource)),  # everything in it was escaped
    )


def _picture(svg: str, alt: str, number: int) -> Markup:
    box = _SIZE.search(svg[:2000])
    size = (
        Markup(' width="{}" height="{}"').format(*(round(float(side) * 4 / 3) for side in box.groups())) if box else ""
    )
    titled = _HEADLINE.search(svg[:2000])
    headline = Markup('<span class="headline">: {}</span>').format(unescape(titled[1])) if titled else ""
    return Markup(
        "<figure><figcaption><b>Figure {}</b>{}</figcaption>"
        '<div class="scroll" role="region" aria-label="Figure {}" tabindex="0">'
        '<img src="data:{};base64,{}" alt="{}"{}></div>'
        '<details class="described"><summary>Figure {} in words</summary><p>{}</p></details></figure>'
    ).format(
        number,
        headline,
        number,
        PICTURE,
        base64.b64encode(svg.encode()).decode(),
        alt,
        size,
        number,
        alt,
    )


def _said(text: str, label: str) -> Markup:
    return Markup('<pre class="said" tabindex="0" role="group" aria-label="{}">{}</pre>').format(label, text)
