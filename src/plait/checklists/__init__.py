"""Reporting checklists as data: what each asks for, in our own words, with the version that it follows.

`checklists.csv` has a line for each checklist, and a file of its name has its items. Where an item is answered, and by
what, is the report's matter.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Item:
    """One item of a checklist.

    Attributes:
        name: As `study.yaml` calls it.
        number: As the checklist counts it.
        topic: The part of the checklist that it belongs to.
        asks: What it asks for.
    """

    name: str
    number: int
    topic: str
    asks: str


@dataclass(frozen=True)
class Checklist:
    """A checklist for the reporting of studies of one kind.

    Attributes:
        name: As `study.yaml` calls it.
        title: What it is for.
        version: The year of the version that it follows.
        source: Who made it.
        about: The kind of study: `both` strands, `talk` (interviews, focus groups), `survey`.
        items: In its own order.
    """

    name: str
    title: str
    version: str
    source: str
    about: str
    items: tuple[Item, ...]


@cache
def checklists() -> dict[str, Checklist]:
    """Every checklist, by name."""
    return {
        line["checklist"]: Checklist(
            line["checklist"], line["title"], line["version"], line["source"], line["about"], _items(line["checklist"])
        )
        for line in _lines("checklists")
    }


def _items(checklist: str) -> tuple[Item, ...]:
    lines = _lines(checklist)
    return tuple(Item(line["item"], int(line["number"]), line["topic"], line["asks"]) for line in lines)


def _lines(name: str) -> list[dict[str, str]]:
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))
