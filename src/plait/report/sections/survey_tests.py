"""The tests of differences between groups, question by question."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from plait.report.blocks import Block, Cell, Fold, Row, TableBlock
from plait.report.printing import INTERVAL, capital, named, printed, printed_as_is, printed_or, printed_p
from plait.report.sections.view import Record, StudyView, numbers, table, words

_ANY = "Any answer"
_WHICH = ", which "
"""What follows it in the name of a test is said below the table, once."""
_ADJUSTED = (
    "Adjusted p allows for the number of answers and nets that were tested, that of all answers together for the number "
    "of questions"
)
_EFFECTS = f"Effect sizes do not grow with the number of people; in brackets stands their {INTERVAL}"


def tests_of(study: StudyView, name: str) -> tuple[Block, ...]:
    """The tests by what the question is compared by, then the others."""
    tests = [t for t in study.tests if t["question"] == name]
    asked = study.question(name)
    compared = [t for t in tests if asked and t["break"] == asked.compare_by]
    if not tests:
        return ()
    if not compared or len(compared) == len(tests):
        what = "Tests of differences between groups"
        return (Fold(what, (_test_table(what, tests),)),)
    by = f"Tests of differences by {compared[0]['break_label']}"
    others = "Tests of differences by the other characteristics"
    rest = [t for t in tests if t["break"] != compared[0]["break"]]
    return (Fold(by, (_test_table(by, compared),)), Fold(others, (_test_table(others, rest),), sheet="Tests"))


def _test_table(what: str, tests: list[Record]) -> TableBlock:
    columns = words("Split by", "Answer", "Test")
    columns += numbers("Statistic", "Degrees of freedom", "p", "Adjusted p", "Effect size")
    caption = f"{tests[0]['question_label']}: {what[0].lower()}{what[1:]}"
    remarks = [str(t["note"]).split("; ") for t in tests]
    shared = [part for part in remarks[0] if part and len(remarks) > 1 and all(part in parts for parts in remarks)]
    own = ["; ".join(part for part in parts if part not in shared) for parts in remarks]
    body = [Row(_test(t, note)) for t, note in _untested_once(tests, own)]
    methods = dict.fromkeys(named(t["method"]) for t in tests if _WHICH in named(t["method"]))
    made = (_ADJUSTED, _EFFECTS) if any(pd.notna(t["p"]) for t in tests) else ()
    notes = (*methods, *made, *map(capital, shared))
    return table(caption, columns, body, row_headers=2, notes=notes)


def _untested_once(tests: list[Record], notes: list[str]) -> Iterable[tuple[Record, str]]:
    """Tests with their remarks, in order; those of one break that were not made for one reason stand in one row."""
    rows: dict[tuple[object, ...], tuple[Record, str]] = {}
    for place, (test, note) in enumerate(zip(tests, notes, strict=True)):
        made = pd.notna(test["p"])
        key: tuple[object, ...] = (place,) if made else (test["break"], test["grain"], test["marker"], note)
        rows[key] = (rows[key][0] | {"option_label": _ANY}, note) if key in rows else (test, note)
    return rows.values()


def _effect(test: Record, marker: str) -> str:
    """The size of an effect with its interval, where it has one."""
    size = printed_or(test["effect"], marker, 2)
    if not (pd.notna(test["effect"]) and pd.notna(test["effect_low"]) and pd.notna(test["effect_high"])):
        return size
    return f"{size} ({printed_or(test['effect_low'], '', 2)} to {printed_or(test['effect_high'], '', 2)})"


def _test(test: Record, note: str) -> tuple[Cell, ...]:
    marker = str(test["marker"])
    degrees = [printed_as_is(test[d]) for d in ("df1", "df2") if pd.notna(test[d])]
    return (
        Cell(str(test["break_label"])),
        Cell(str(test["option_label"]) or "All answers together"),
        Cell(named(test["method"]).partition(_WHICH)[0] or "No test", note),
        Cell(printed_or(test["statistic"], marker, 2)),
        Cell("; ".join(degrees) or printed(None, marker)),
        Cell(printed_p(test["p"], marker)),
        Cell(printed_p(test["p_adjusted"], marker)),
        Cell(_effect(test, marker), named(test["effect_name"]) if pd.notna(test["effect"]) else ""),
    )
