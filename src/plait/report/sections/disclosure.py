"""Disclosure control: the rules that every number passed, and what they withheld."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from plait.report.blocks import Block, Cell, Facts, Fold, Paragraph, Row, Section, TableBlock
from plait.report.printing import EVERYONE, capital, named, printed, sentence
from plait.report.sections.view import (
    Record,
    StudyView,
    cells,
    grouped,
    numbers,
    table,
    total_of,
    words,
)
from plait.study.wording import listed
from plait.tables import MARKERS, records

_GATE = "Every number of this report passed one gate, which withholds what could single out a person or mislead."


HIDDEN = f"[c] {MARKERS['c']}"
"""What the legend of a table says that withholds something."""


def disclosure_section(study: StudyView) -> Section:
    """The gate, its rules where they are known, what it withheld, and what an attack on the tables came to."""
    log = records(study.published.suppression_log)
    intro = Paragraph(_GATE if log else f"{_GATE} It withheld nothing.")
    known = rules_in_words(study)
    rules = (Facts(known),) if known else ()
    blocks = (intro, *rules, *_withheld(study, log), *_attacked(study), *_screened(study))
    return Section("methods-disclosure", "Disclosure control", blocks)


def rules_in_words(study: StudyView) -> tuple[tuple[str, str], ...]:
    """The rules that the tables passed, each with what it does."""
    return tuple((str(r["topic"]), str(r["words"])) for r in records(study.published.disclosure_rules))


def with_rules(study: StudyView, block: TableBlock) -> TableBlock:
    """A table that withholds something, with the rules in its note."""
    rules = rules_in_short(study)
    return replace(block, note=f"{block.note} {sentence(rules)}") if rules and HIDDEN in block.note else block


def rules_in_short(study: StudyView) -> str:
    """One sentence on the rules that a table with something withheld has passed."""
    rules = {str(r["rule"]): r["threshold"] for r in records(study.published.disclosure_rules)}
    limits = [
        f"{words} of fewer than {printed(rules[name])}"
        for name, words in (
            ("hide_below", "groups"),
            ("cell_below", "answers"),
            ("theme_cell", "theme counts in a group"),
        )
        if name in rules and pd.notna(rules[name])
    ]
    if not limits:
        return ""
    others = (
        "and others by which these could be found" if len(limits) > 1 else "and others by which they could be found"
    )
    return f"Withheld under the disclosure rules: {listed(limits)} people, {others}"


def _attacked(study: StudyView) -> tuple[Block, ...]:
    """What came of attacking the tables before they left."""
    audit = records(study.published.attack_audit)
    if not audit:
        return ()
    if not any(r["table"] for r in audit):
        return (Paragraph("The tables were not attacked before they were written: they are not for release."),)
    method = (
        "Before they were written, the tables were attacked: for every hidden group, linear programmes looked for the least "
        "and the most that its base and answers could be, given all that is published and how the variables hang together "
        "by the definition. No hidden group was found."  # else nothing would have been written
    )
    rows = [
        Row(cells(table_in_words(places[0]), capital(verdict), printed(len(places))))
        for (_, verdict), places in grouped(audit, lambda r: (str(r["table"]), str(r["verdict"]))).items()
    ]
    columns = [*words("Table", "What the attack came to"), *numbers("Questions or themes, by break")]
    return Paragraph(method), table("The attack on the tables", columns, rows, row_headers=2)


def _withheld(study: StudyView, log: list[Record]) -> tuple[Block, ...]:
    if not log:
        return ()
    by_rule = grouped(log, lambda r: (table_in_words(r), str(r["rule"])))
    rules = [
        Row(cells(name, capital(rule) or "Not named", printed(total_of(rows, "cells"))))
        for (name, rule), rows in by_rule.items()
    ]
    places = grouped(
        log, lambda r: (table_in_words(r), subject_in_words(study, r), *group_in_words(study, r), str(r["rule"]))
    )
    one_by_one = [
        Row((*map(Cell, place[:-1]), Cell(capital(place[-1]) or "Not named"), Cell(printed(total_of(rows, "cells")))))
        for place, rows in places.items()
    ]
    columns = [*words("Table", "Question or collection", "Split by", "Group", "Rule"), *numbers("Cells")]
    caption = "What was withheld, group by group"
    return (
        table("What was withheld", [*words("Table", "Rule"), *numbers("Cells")], rules, row_headers=2),
        Fold(caption, (table(caption, columns, one_by_one, row_headers=4),), sheet="Withheld"),
    )


def _screened(study: StudyView) -> tuple[Block, ...]:
    """What the screen of published strings looked at, and what it left for the author to judge."""
    rows = records(study.published.screening)
    looked_at = sum(int(r["count"]) for r in rows if r["severity"] == "screened")
    if not looked_at:
        return ()
    doubtful = grouped((r for r in rows if r["severity"] == "warning"), lambda r: str(r["kind"]))
    found = "; ".join(f"{kind}: {printed(total_of(r, 'count'))}" for kind, r in sorted(doubtful.items()))
    marked = f" What may be a name was left to the authors to judge ({found})." if found else ""
    text = (
        f"{printed(looked_at)} pieces of text were screened for names that must not leave, for addresses, telephone "
        f"numbers, postcodes and the like, and for what looks like a name.{marked} "
        "Text that was screened is not thereby anonymous."
    )
    return (Paragraph(text),)


def table_in_words(row: Record) -> str:
    """The published table that a line of the log speaks of."""
    return named(str(row["table"]).removeprefix("published/"))


def subject_in_words(study: StudyView, row: Record) -> str:
    """The question or collection of a line of the log; a theme's line names its collection before a colon."""
    name = str(row["question"]).partition(": ")[0]
    collection = study.collection(name)
    return collection.label if collection else study.label_of(name) or "All"


def place_in_words(study: StudyView, row: Record) -> str:
    """The question of a line of the log, or the collection and the theme."""
    theme = str(row["question"]).partition(": ")[2]
    label = study.theme_labels.get(theme, "")
    subject = subject_in_words(study, row)
    return f"{subject}: {label}" if label else subject


def group_in_words(study: StudyView, row: Record) -> tuple[str, str]:
    """The break and the group that a line of the log speaks of."""
    by, group = str(row["break"]), str(row["group"])
    alone = (study.break_labels.get(by) or study.label_of(by), group)
    variable, label = study.group_labels.get((by, group), alone)
    return variable or "Not split", label or EVERYONE
