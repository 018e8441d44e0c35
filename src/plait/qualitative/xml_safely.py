"""XML from elsewhere, parsed without giving it anything to do: no document type, no entities, no endless nesting."""

from __future__ import annotations

from contextlib import suppress
from xml.etree import ElementTree
from xml.parsers import expat

from plait.errors import Problems

_DEEPEST = 100


class _RootReached(Exception):  # noqa: N818 - not an error: the prolog was clean
    pass


def parse_xml(data: bytes, name: str, kind: str, mend: str) -> ElementTree.Element:
    """Parse XML.

    Args:
        data: The XML.
        name: The file as messages call it.
        kind: What writes such files, for the message: `REFI-QDA export`.
        mend: What to do about a file that is refused.

    Raises:
        StudyError: It is not well-formed, declares a document type (a door for entity attacks), or nests deeper than
            any tool does (a file made to exhaust its reader).
    """
    problems = Problems()
    root = _root(data, name, kind, mend, problems)
    problems.raise_if_any()
    level, depth = [root], 0
    while level and depth <= _DEEPEST:
        level, depth = [child for element in level for child in element], depth + 1
    if level:
        problems.add(name, f"nests elements more than {_DEEPEST} deep", mend)
    problems.raise_if_any()
    return root


def split_tag(tag: str) -> tuple[str, str]:
    """The namespace and the local name of a tag or attribute."""
    namespace, _, local = tag.rpartition("}")
    return namespace.removeprefix("{"), local


def _root(data: bytes, name: str, kind: str, mend: str, problems: Problems) -> ElementTree.Element:
    doctypes: list[str] = []

    def stop(*_: object) -> None:
        raise _RootReached

    prolog = expat.ParserCreate()
    prolog.StartDoctypeDeclHandler = lambda doctype, *_: doctypes.append(doctype)
    prolog.StartElementHandler = stop
    broken = ""
    try:
        with suppress(_RootReached):
            prolog.Parse(data, True)
        if not doctypes:
            return ElementTree.fromstring(data)
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as error:
        broken = str(error)
    # A document type that was seen before the break is the likelier cause.
    if doctypes:
        problems.add(name, f"declares a document type (DOCTYPE); no {kind} does", mend)
    else:
        problems.add(name, f"is not well-formed XML ({broken})", mend)
    return ElementTree.Element("none")
