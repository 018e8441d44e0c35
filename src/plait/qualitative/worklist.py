"""What coders have to settle: every unit and code of which those who were asked said different things.

The worklist is for the coders' eyes: it holds what people said. It comes back with a decision in every row
(`plait.qualitative.adjudication`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from plait.qualitative import units as unit
from plait.qualitative.agreement import Coding
from plait.qualitative.transcripts import CodedText, stable_id
from plait.qualitative.units import Units

Given = npt.NDArray[np.bool_]

KEY = "work_id"
FIXED = ("collection", "source", "unit", "text", "code")
"""Columns that must come back as they went out."""
LABEL, DECISION, NOTE = "label", "decision", "note"


@dataclass(frozen=True)
class Marks:
    """Who gave which code to which unit.

    Attributes:
        units: Units of the texts that at least one coder was asked to code.
        codes: The codes that any coder could choose or used.
        given: (coders, units, codes).
        asked: (coders, units, codes) whether the coder was asked to code the unit and could choose the code.
    """

    units: Units
    codes: tuple[str, ...]
    given: Given
    asked: Given

    @property
    def disputed(self) -> Given:
        """(units, codes) whether those who were asked differ."""
        return np.asarray((self.given & self.asked).any(axis=0) & (~self.given & self.asked).any(axis=0))

    @property
    def agreed(self) -> Given:
        """(units, codes) whether all who were asked gave the code; one who was asked alone agrees with nobody else."""
        return np.asarray(self.given.any(axis=0) & ~self.disputed)


@dataclass(frozen=True)
class Dispute:
    """One line of a worklist, and where it belongs."""

    marks: Marks
    unit: int
    code: int
    line: dict[str, str]


def marks_of(coding: Coding) -> tuple[Marks, ...]:
    """The marks of a collection by paragraph where places are known; by text otherwise, and where a text is not at hand."""
    asked = coding.sources(frozenset().union(*coding.asked.values()))
    parts = [unit.whole_sources(asked)]
    if unit.PARAGRAPH in unit.kinds_of(coding.coded, coding.segments):
        divided = unit.paragraphs(coding.coded, asked)
        parts = [divided, unit.whole_sources([source for source in asked if source not in divided.sources])]
    codes = coding.codes(set(coding.segments["code"].unique()).union(*coding.offered.values()))
    return tuple(_marks(coding, part, codes) for part in parts if len(part.source))


def _marks(coding: Coding, units: Units, codes: list[str]) -> Marks:
    given = unit.stacked([units.given(coding.of_coder(coder), codes) for coder in coding.coders])
    on = np.array([units.sources.isin(coding.asked[coder])[units.source] for coder in coding.coders], dtype=bool)
    offered = np.array([[code in own for code in codes] for own in map(coding.choices, coding.coders)], dtype=bool)
    return Marks(units, tuple(codes), given, on[:, :, None] & offered[:, None, :])


def disputes(coding: Coding, parts: tuple[Marks, ...]) -> list[Dispute]:
    """Every disagreement, text by text, in the order of the units and of the codebook."""
    coded = coding.coded
    place = {source: i for i, source in enumerate(coded.sources["source"])}
    names = dict(zip(coded.sources["source"], coded.sources["name"], strict=True))
    labels = dict(zip(coded.codes["code"], coded.codes["label"], strict=True))
    texts = dict(zip(coded.source_texts["source"], coded.source_texts["text"], strict=True))
    found = []
    for marks in parts:
        for u, c in np.argwhere(marks.disputed):
            source, code = str(marks.units.sources[marks.units.source[u]]), marks.codes[c]
            paragraph = marks.units.kind == unit.PARAGRAPH
            where = f"paragraph {marks.units.number[u]}" if paragraph else "whole"
            if paragraph:
                text = texts[source][marks.units.start[u] : marks.units.end[u]]
            else:
                text = texts.get(source) or _passages(coding, source, code)
            line = {
                KEY: stable_id("work", coding.name, source, where, code),
                "collection": coding.name,
                "source": str(names[source]),
                "unit": where,
                "text": str(text),
                "code": code,
                LABEL: str(labels[code]),
            }
            line |= {
                mark_column(coder): str(int(given)) if asked else ""
                for coder, given, asked in zip(coding.coders, marks.given[:, u, c], marks.asked[:, u, c], strict=True)
            }
            found.append((place[source], int(u), int(c), Dispute(marks, int(u), int(c), line)))
    return [dispute for *_, dispute in sorted(found, key=lambda entry: entry[:3])]


def mark_column(coder: str) -> str:
    """The column of one coder's marks: 1 given, 0 not given, empty where the coder was not asked."""
    return f"mark {coder}"


def _passages(coding: Coding, source: str, code: str) -> str:
    """What was marked, where the text itself is not at hand."""
    s = coding.segments
    return "\n".join(dict.fromkeys(s.loc[(s["source"] == source) & (s["code"] == code), "text"]))


def columns_of(coding: Coding) -> list[str]:
    """The columns of a collection's worklist, in order."""
    return [KEY, *FIXED, LABEL, *map(mark_column, coding.coders), DECISION, NOTE]


def worklist(coded: CodedText, name: str) -> pd.DataFrame:
    """The disagreements of one collection, with empty columns for decision and note.

    Args:
        coded: The coded text, as it was read.
        name: The collection.

    Returns:
        Text columns only; no rows where nobody disagrees or one person coded.
    """
    coding = Coding.of(coded, name)
    lines = [d.line | {DECISION: "", NOTE: ""} for d in disputes(coding, marks_of(coding))] if coding.coders else []
    return pd.DataFrame(lines, columns=columns_of(coding), dtype="str")
