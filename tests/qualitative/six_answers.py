"""Six answers that two people coded, and the codes they used: small enough to follow every decision by eye."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from plait.qualitative.decisions import apply_decisions
from plait.qualitative.sheets import read_sheets
from plait.qualitative.transcripts import CodedText, check_invariants
from plait.study.definition import Sheets
from plait.study.side_files import Decision
from qualitative.coded_files import code, sheets_spec, structural, theme, write_csv

LOG = "decisions.csv"
BOOK = (
    theme("time"),
    code("time_any", "time"),
    code("time_cover", "time"),
    code("time_talk", "time"),
    code("time_back", "time"),
    theme("money"),
    code("pay", "money"),
    code("bonus", "money"),
    structural("unclear"),
)
ANSWERS = {
    "a1": ("Time", {"time_any"}),
    "a2": ("Time, and cover for my lessons", {"time_any", "time_cover"}),
    "a3": ("Pay, and a bonus", {"pay", "bonus"}),
    "a4": ("Cover so that we can talk", {"time_cover", "time_talk"}),
    "a5": ("Hm, pay?", {"pay", "unclear"}),
    "a6": ("Hm", {"unclear"}),
}
COLUMNS = ("time_any", "time_cover", "time_talk", "pay", "bonus", "unclear")
SPEC: Sheets = sheets_spec(
    {"file": "ann.csv", "coder": "Ann"}, {"file": "ben.csv", "coder": "Ben"}, attributes={}, breaks={}
)


def six_answers(folder: Path, answers: Mapping[str, tuple[str, set[str]]] = ANSWERS) -> CodedText:
    """Ann and Ben gave the same codes; Ann's are counted."""
    rows = [[i, text, *("1" if c in codes else "" for c in COLUMNS)] for i, (text, codes) in answers.items()]
    for name in ("ann", "ben"):
        write_csv(folder / f"{name}.csv", [["id", "answer", *COLUMNS], *rows])
    return read_sheets("answers", SPEC, folder, BOOK)


def decision(action: str, code: str = "", into: str = "", source: str = "", **more: str) -> Decision:
    row = {"date": "2026-03-02", "action": action, "code": code, "into": into, "source": source}
    return Decision.model_validate(row | {"why": "we talked it over", "who": "Ann"} | more)


def decide(coded: CodedText, *decisions: Decision) -> tuple[CodedText, pd.DataFrame]:
    """Apply decisions as rows 2, 3, ... of a log, and hold the outcome to the rules that every table keeps."""
    decided, effects = apply_decisions(coded, {"answers": SPEC}, dict(enumerate(decisions, start=2)), LOG)
    check_invariants(decided)
    return decided, effects


def codes_of(coded: CodedText, coder: str = "Ann") -> dict[str, set[str]]:
    """The codes that each answer has in a coder's counted coding."""
    s = coded.segments.merge(coded.sources[["source", "name"]], on="source")
    s = s[(s["coder"] == coder) & (s["status"] == "active")]
    return {name: set(s.loc[s["name"] == name, "code"]) for name in coded.sources["name"]}


BEFORE = {name: codes for name, (_, codes) in ANSWERS.items()}
