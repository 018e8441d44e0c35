"""What the strands hand to the gate, with empty tables for everything a test does not speak of."""

from __future__ import annotations

from dataclasses import fields

from plait import tables
from plait.disclosure.gate import Findings


def findings(**given: object) -> Findings:
    """The findings given; every other table is there and empty."""
    nothing: dict[str, object] = {
        f.name: {} if f.name == "weighting" else getattr(tables, f.name.upper()).empty() for f in fields(Findings)
    }
    return Findings(**(nothing | given))  # type: ignore[arg-type]
