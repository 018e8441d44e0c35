"""Claims of the little study, with the record of what their cells held when they were written."""

from __future__ import annotations

from pathlib import Path

CLAIMS = """\
# Read at the meeting of parents.
claims:
  - claim: fruit
    sentence: "Of all parents 65% would like fruit, and in 2026 nearly a fifth want nothing."
    construct: "food"
    aside: ["2026"]
    numbers:
      - printed: "65%"
        value: 65
        rounding: whole
        cell: {table: estimates, question: wants, item: fruit}
        base: 40
        unweighted: 62.5000
        exact: 65.3981
      - printed: "nearly a fifth"
        value: 1/5
        rounding: nearly
        tolerance: 2
        cell: {table: estimates, question: wants, item: nothing}
        base: 40
        unweighted: 17.5000
        exact: 18.1142
  - claim: liking
    sentence: "All of those whose child uses the club, 100%, do not dislike it."
    numbers:
      - printed: "100%"
        value: 100
        rounding: whole
        cell: {table: estimates, question: likes, item: not_disagree}
        base: 13
        unweighted: 100.0000
        exact: 100.0000
  - claim: notes
    sentence: "In 10 of 19 notes parents write of food."
    construct: "food"
    numbers:
      - printed: "10 of 19"
        value: 10
        rounding: none
        cell: {table: themes, collection: notes, theme: food}
        base: 19
        exact: 10
"""
"""As `plait claims` prints it."""


def write_claims(folder: Path, claims: str) -> Path:
    """Give a study a file of claims."""
    (folder / "claims.yaml").write_text(claims, encoding="utf-8")
    definition = folder / "study.yaml"
    text = definition.read_text(encoding="utf-8")
    if "claims:" not in text:
        definition.write_text(f"{text}claims: claims.yaml\n", encoding="utf-8")
    return folder
