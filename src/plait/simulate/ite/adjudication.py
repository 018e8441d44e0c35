"""The worklist of the coders' disagreements, as it comes back with every row decided.

The worklist is made from the sheets as they were written, by the same function that makes it for a user; what is added
here is what two people who met would add: a decision in every row, and now and then a note.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plait import tables
from plait.qualitative.sheets import read_sheets
from plait.qualitative.worklist import DECISION, LABEL, NOTE, worklist
from plait.simulate.ite.open_answers import Answer
from plait.study.definition import Sheets
from plait.study.side_files import CodebookEntry

Marks = dict[Answer, set[str]]

COLLECTION = "open_answers"
SHEETS = Sheets.model_validate(
    {
        "format": "sheets",
        "label": "Open question",
        "mode": "open_text",
        "count_from": "Adjudicated",
        "id_column": "user_id",
        "text_column": "answer",
        "attributes": {"phase": "phase", "role": "role"},
        "sheets": [
            {"file": "coder_a.csv", "coder": "Coder A"},
            {"file": "coder_b.csv", "coder": "Coder B"},
            {"file": "coder_c.csv", "coder": "Coder C", "assigned": "marked"},
        ],
    }
)
"""What the study's definition says of the sheets, as far as a worklist needs it."""

_BESIDE_ANYTHING = ("no_code", "cannot_say", "unclear")
"""Marks that adjudication left beside others; a rule of exclusivity takes them away later."""
_SLIPS = 2
"""Answers on which adjudication let a code stand that was not meant, and as many on which it dropped one that was."""
_NOTES: Mapping[tuple[str, str], str] = {
    ("no_code", "1"): "Left for now. We need a rule for doubts beside a code.",
    ("unclear", "1"): "Left for now, as with no_code.",
    ("time_general", "1"): "A kind of time is named as well; to be settled by a rule, not answer by answer.",
    ("time_protected", "1"): "The time must not be taken for something else.",
    ("time_protected", "0"): "More time, but nothing says that it must be kept free.",
    ("frustration_tone", "0"): "Short is not cross.",
    ("support_general", "0"): "Says what the support is to be.",
    ("training_general", "0"): "Names the kind of training.",
}
"""What was written down the first time that a code was decided so."""


def write_adjudication(folder: Path, codes: Mapping[str, str], settled: Mapping[Answer, set[str]]) -> Path:
    """Write the worklist of the sheets in a folder, decided.

    The coders knew their codes and took the column of labels out.

    Args:
        folder: The folder of the three sheets.
        codes: The name of every code in the sheets, and the code that it stands for.
        settled: The codes of every answer that the coders settled on.
    """
    codebook = [CodebookEntry(code=name, label=name) for name in codes]
    rows = worklist(read_sheets(COLLECTION, SHEETS, folder, codebook), COLLECTION).drop(columns=LABEL)
    right = {(answer.person.user_id, code) for answer, found in settled.items() for code in found}
    said = zip(rows["source"], rows["code"], strict=True)
    rows[DECISION] = ["1" if (who, codes[name]) in right else "0" for who, name in said]
    first = ~rows.duplicated(["code", DECISION])
    decided = zip(rows["code"], rows[DECISION], first, strict=True)
    rows[NOTE] = [_NOTES.get((code, decision), "") if new else "" for code, decision, new in decided]
    tables.write_csv(rows, folder / "adjudication.csv")
    return folder / "adjudication.csv"


def settled_marks(first: Marks, a: Marks, b: Marks, c: Marks) -> Marks:
    """What the coders settled on: every mark of all, and of the marks of some those that they let stand."""
    settled: Marks = {}
    wrong = dropped = 0
    for answer, meant in first.items():
        marks, by_one = set(meant), a[answer] ^ b[answer]
        marks |= (by_one | c.get(answer, set())) & set(_BESIDE_ANYTHING)
        if any(code.startswith("time_") for code in meant):
            marks |= by_one & {"time_general"}
            if wrong < _SLIPS and "time_additional" in by_one - meant:
                wrong += 1
                marks.add("time_additional")
            elif dropped < _SLIPS and "time_protected" in by_one & meant and len(meant) > 1:
                dropped += 1
                marks.discard("time_protected")
        settled[answer] = marks
    return settled
