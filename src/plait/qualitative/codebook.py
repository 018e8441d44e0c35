"""From the names that tools use for codes to the codes of the codebook."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from plait.errors import Problems, did_you_mean
from plait.qualitative.coded_file import FileCode
from plait.study.side_files import CodebookEntry
from plait.tables import CODES

_DRAFT = "`plait codebook FILE` drafts the lines of all codes of a file"
# "Theme > Code", "Theme\Code" and "Theme::Code" are what tools write for Theme/Code.
_SEPARATOR = re.compile(r"\s*(?:/|\\|>|::)\s*")


@dataclass(frozen=True)
class ToolCode:
    """A code as a file names it, and where that stands.

    Attributes:
        path: The names from the top of the tool's tree down to the code; one name where there is no tree.
        row: Where the file names it, as the user counts it.
        column: The column that names it.
    """

    path: tuple[str, ...]
    row: str = ""
    column: str = ""

    @property
    def shown(self) -> str:
        return "/".join(self.path)


@dataclass(frozen=True)
class CodeNames:
    """Every name by which a code of the codebook can be called.

    Names match exactly, up to Unicode composition and spaces, in this order: code, alias, label, `Theme/Code` path.
    Letter case counts, because tools keep names apart that differ in nothing else.
    """

    tiers: tuple[Mapping[str, tuple[str, ...]], ...]
    shown: tuple[str, ...]
    aliases: frozenset[str]
    depth: int

    @classmethod
    def of(cls, codebook: Sequence[CodebookEntry]) -> CodeNames:
        """Gather the names of a codebook."""
        by_code = {entry.code: entry for entry in codebook}
        own = {entry.code: [entry.code, entry.label, *entry.aliases] for entry in codebook}
        paths = [
            (f"{above}/{name}", code)
            for code, names in own.items()
            if by_code[code].parent in own
            for above in own[by_code[code].parent]
            for name in names
        ]
        aliases = [(alias, entry.code) for entry in codebook for alias in entry.aliases]
        tiers = (
            [(entry.code, entry.code) for entry in codebook],
            aliases,
            [(entry.label, entry.code) for entry in codebook],
            paths,
        )
        shown = [name for entry in codebook for name in own[entry.code]]
        gathered = tuple(_gathered(tier) for tier in tiers)
        return cls(
            gathered,
            tuple(dict.fromkeys(shown)),
            frozenset(_key(alias) for alias, _ in aliases),
            # No name has more parts than this; a tool's tree may be deeper.
            max((key.count("/") + 1 for tier in gathered for key in tier), default=1),
        )

    def find(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The codes that a name or a path may mean: none, one, or several when it is not clear.

        The longest end of the path decides. The bare last name of a path counts only where the codebook does not know
        the theme above it to be another one, so that `Money/General` never becomes `Time/General`.
        """
        for first in range(max(0, len(path) - self.depth), len(path)):
            key = _key("/".join(path[first:]))
            bare = first > 0 and first == len(path) - 1
            # The label of a code under another theme is no match for a path; its code or an alias is.
            tiers = self.tiers[:2] if bare and self._known(path[-2]) else self.tiers
            for tier in tiers:
                if key in tier:
                    return tier[key]
        return ()

    def translate(self, used: Iterable[ToolCode], file: str, problems: Problems) -> dict[tuple[str, ...], str]:
        """The code of every path a file uses; whatever has none is added to the problems once."""
        first: dict[tuple[str, ...], ToolCode] = {}
        for tool_code in used:
            first.setdefault(tool_code.path, tool_code)
        codes: dict[tuple[str, ...], str] = {}
        for tool_code in first.values():
            found = self.find(tool_code.path)
            if len(found) == 1:
                codes[tool_code.path] = found[0]
                continue
            if found:
                message = f"the name '{tool_code.shown}' may mean any of the codes {', '.join(found)}"
                mend = "write Theme/Code, or add the name as an alias of one of them to the codebook"
            else:
                message = f"the code '{tool_code.shown}' is not in the codebook"
                near = did_you_mean(tool_code.path[-1], self.shown)
                mend = "add it to the codebook or as an alias there"
                mend = f"{near}; {mend}" if near.startswith("did you mean") else f"{mend}; {_DRAFT}"
            problems.add(file, message, mend, row=tool_code.row, column=tool_code.column)
        return codes

    def merged(self, codes: Mapping[tuple[str, ...], str]) -> dict[str, list[str]]:
        """Codes that a file reaches by an alias and by another name as well.

        An alias renames one code; used beside another name of it, it would merge two codes in silence, and merging is
        a decision to write down.
        """
        names: dict[str, list[str]] = {}
        for path, code in codes.items():
            names.setdefault(code, []).append("/".join(path))
        return {
            code: sorted(shown)
            for code, shown in names.items()
            if len(shown) > 1 and any(_key(name) in self.aliases and _key(name) != _key(code) for name in shown)
        }

    def _known(self, name: str) -> bool:
        return any(_key(name) in tier for tier in self.tiers)


def codes_table(codebook: Sequence[CodebookEntry]) -> pd.DataFrame:
    """The codebook as the table of codes, in its own order."""
    return CODES.of(
        [
            {
                "code": entry.code,
                "parent": entry.parent,
                "label": entry.label,
                "kind": entry.kind,
                "definition": entry.definition,
                "order": order,
            }
            for order, entry in enumerate(codebook)
        ]
    )


def draft_codebook(codes: Sequence[FileCode]) -> pd.DataFrame:
    """A first codebook from a tool's own codes: one line a code, the tool's whole path as its alias.

    The codes that others stand below are themes. A codebook has two floors and tools have more: what stands deeper comes
    right below its theme, with the way there in its label. What is `structural`, and better names, is for the researcher
    to say.

    Returns:
        The columns of `codebook.csv`: code, parent, label, kind, definition, aliases.
    """
    definitions = {c.path: " ".join(c.definition.split()) for c in codes}
    paths = dict.fromkeys(c.path[:depth] for c in codes for depth in range(1, len(c.path) + 1))
    themes = {path[:1] for path in paths if len(path) > 1}
    spelled = Counter(_key("/".join(path)).casefold() for path in paths)
    ids: dict[tuple[str, ...], str] = {}
    used: set[str] = set()
    rows = []
    for path in paths:
        above = ids.get(path[:-1], "")
        ids[path] = _unused(f"{above}_{_plain(path[-1])}" if above else _plain(path[-1]), used)
        used.add(ids[path])
        # A bar separates aliases, and aliases must differ in more than capitals; other codes are found by their label.
        plain = len(path) > 1 and "|" not in "".join(path) and spelled[_key("/".join(path)).casefold()] == 1
        rows.append(
            {
                "code": ids[path],
                "parent": ids[path[:1]] if len(path) > 1 else "",
                "label": " / ".join(path[1:] or path),
                "kind": "theme" if path in themes else "code",
                "definition": definitions.get(path, ""),
                "aliases": "/".join(path) if plain else "",
            }
        )
    return pd.DataFrame(rows, columns=["code", "parent", "label", "kind", "definition", "aliases"], dtype="str")


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:40] or "code"


def _unused(name: str, used: set[str]) -> str:
    return next(n for n in (name, *(f"{name}_{i}" for i in range(2, len(used) + 3))) if n not in used)


def _key(name: str) -> str:
    composed = unicodedata.normalize("NFC", name)
    return _SEPARATOR.sub("/", " ".join(composed.split()))


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, code in pairs:
        codes = found.setdefault(_key(name), [])
        if name and code not in codes:
            codes.append(code)
    return {key: tuple(codes) for key, codes in found.items() if codes}
