"""What every page of a study shares: one style, one policy, the same landmarks, and nothing from outside itself.

The report and the view of a notebook fill the same shell. A page's own policy allows its style sheet and its script by
their hashes and pictures as data, and nothing more; so text that found its way in as markup could neither run nor reach
out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Part:
    """A titled part of a page.

    Attributes:
        anchor: Its address inside the page; different for every part.
        title: Plain text; the shell makes it the part's second-level heading, so that the body starts at level 3.
        body: Markup that is trusted to be escaped: whatever a person wrote went in as text.
    """

    anchor: str
    title: str
    body: Markup


def page_shell(
    title: str,
    language: str,
    parts: Iterable[Part],
    *,
    kind: str = "",
    lead: str = "",
    marks: Iterable[str] = (),
    foot: str = "",
    style: str = "",
) -> str:
    """A page that needs nothing else, in the style of the report and without any script.

    Args:
        title: The page's title and only first-level heading, plain text.
        language: Of its text, as in `en-GB`.
        parts: What it says, in reading order; the contents are made from their titles.
        kind: What kind of page it is, plain text above the title.
        lead: What it is for, plain text below the title.
        marks: What must be seen first and on every printed page, such as `Simulated data`; plain text.
        foot: The last line of the page, plain text.
        style: More rules of style; constant text of the program, never from data.
    """
    return (
        environment()
        .get_template("shell.html.j2")
        .render(
            page_of(language, marks, style=style),
            title=title,
            kind=kind,
            lead=lead,
            parts=tuple(parts),
            foot=foot,
        )
    )


def page_of(language: str, marks: Iterable[str] = (), *, style: str = "", script: str = "") -> dict[str, Any]:
    """What `page.html.j2` asks of every page: language, marks, style, script, and the policy that allows these two alone."""
    marks = tuple(marks)
    styles = "\n".join(filter(None, (template_text("report.css"), style.strip(), _on_paper(marks))))
    return {
        "language": language,
        "marks": marks,
        "style": Markup(styles),
        "script": Markup(script),
        "policy": _policy(styles, script),
    }


def template_text(name: str) -> str:
    """A constant text beside the templates: the style sheet, or a script."""
    return (_TEMPLATES / name).read_text(encoding="utf-8").strip()


@cache
def environment() -> Environment:
    """The templates. Whatever they print is escaped; a name that nobody filled in is an error."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def _on_paper(marks: tuple[str, ...]) -> str:
    """The rule that prints the marks on every page: each letter by its number, so that no text can end the rule."""
    text = "".join(f"\\{ord(letter):06x}" for letter in " \u2013 ".join(marks))
    return f'@page {{ @top-left {{ content: "{text}"; }} }}' if marks else ""


def _policy(style: str, script: str) -> str:
    rules = ["default-src 'none'", "img-src data:", f"style-src {_hash(style)}"]
    rules += [f"script-src {_hash(script)}"] if script else []
    return "; ".join((*rules, "base-uri 'none'", "form-action 'none'"))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
