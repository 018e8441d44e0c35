"""The tests of differences between groups, question by question."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait.report.blocks import Block, Cell, Fold, Note, Row, TableBlock
from plait.report.printing import INTERVAL, capital, named, printed, printed_as_is, printed_or, printed_p
from plait.report.sections.view import Record, StudyView, grouped, numbers, table, words
from plait.study.wording import listed

_ALL = "All answers together"
_WHICH = ", which "
"""What follows it in the name of a test is said below the table, once."""
_ADJUSTED = (
    "Adjusted p allows for the number of answers and nets that were tested, that of all answers together for the number "
    "of questions"
)
_EFFECTS = f"Effect sizes do not grow with the number of people; in brackets stands their {INTERVAL}"


def tests_of(study: StudyView, name: str, tests: list[Record]) -> tuple[Block, ...]:
    """The tests by what the question is compared by, then the others; at last those that were not made, and why."""
    return (*_tables(study, name, [t for t in tests if pd.notna(t["p"])]), *_not_made(tests))


def _tables(study: StudyView, name: str, tests: list[Record]) -> tuple[Block, ...]:
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
    body = [Row(_test(t, note)) for t, note in zip(tests, own, strict=True)]
    methods = dict.fromkeys(named(t["method"]) for t in tests if _WHICH in named(t["method"]))
    return table(caption, columns, body, row_headers=2, notes=(*methods, _ADJUSTED, _EFFECTS, *map(capital, shared)))


def _not_made(tests: list[Record]) -> Iterator[Note]:
    """Which differences were not tested, a note a reason, which comes first among the remarks."""
    reasons = grouped((t for t in tests if pd.isna(t["p"])), lambda t: str(t["note"]).partition("; ")[0])
    for why, untested in reasons.items():
        by = [_of_break(found, tests) for found in grouped(untested, lambda t: (t["break"], t["grain"])).values()]
        yield Note(f"Not tested by {listed(dict.fromkeys(by))}{f': {why}' if why else ''}.")


def _of_break(untested: list[Record], tests: list[Record]) -> str:
    """A break, and the answers that were not tested by it, unless none was."""
    one = untested[0]
    others = [t for t in tests if (t["break"], t["grain"]) == (one["break"], one["grain"]) and pd.notna(t["p"])]
    answers = [str(t["option_label"]) or _ALL for t in untested]
    return f"{one['break_label']} ({listed(answers)})" if others else str(one["break_label"])


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
        Cell(str(test["option_label"]) or _ALL),
        Cell(named(test["method"]).partition(_WHICH)[0], note),
        Cell(printed_or(test["statistic"], marker, 2)),
        Cell("; ".join(degrees) or printed(None, marker)),
        Cell(printed_p(test["p"], marker)),
        Cell(printed_p(test["p_adjusted"], marker)),
        Cell(_effect(test, marker), named(test["effect_name"]) if pd.notna(test["effect"]) else ""),
    )
