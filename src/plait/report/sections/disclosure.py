"""Disclosure control: the rules that every number passed, and what they withheld."""

from __future__ import annotations

from collections.abc import Iterator

from plait.disclosure.rules import Rules
from plait.report.blocks import Block, Cell, Facts, Fold, Paragraph, Row, Section
from plait.report.printing import EVERYONE, capital, printed, spoken
from plait.report.sections.view import (
    Record,
    StudyView,
    cells,
    grouped,
    numbers,
    records,
    table,
    total_of,
    words,
)

_GATE = "Every number of this report passed one gate, which withholds what could single out a person or mislead."


def disclosure_section(study: StudyView) -> Section:
    """The gate, its rules where they are known, and the log of what it withheld."""
    log = records(study.published.suppression_log)
    intro = Paragraph(_GATE if log else f"{_GATE} It withheld nothing.")
    rules = (Facts(tuple(rules_in_words(study.rules))),) if study.rules else ()
    blocks = (intro, *rules, *_withheld(study, log), *_screened(study))
    return Section("methods-disclosure", "Disclosure control", blocks)


def rules_in_words(rules: Rules) -> Iterator[tuple[str, str]]:
    """The thresholds of a disclosure profile, each with what it does; one that is off is left out."""
    release = "may be released" if rules.released else "must not be released"
    yield "Profile", f"{capital(rules.name)}: the outputs {release}."
    fewer = "Groups of fewer than"
    if rules.hide_below:
        yield (
            f"{fewer} {rules.hide_below} people",
            "Suppressed with their bases, [c]; so is another group where the first could be found by subtraction.",
        )
    if rules.withhold_below > rules.hide_below:
        yield f"{fewer} {rules.withhold_below} people", "Per cents withheld as unreliable, [u]; bases shown."
    if rules.flag_below > rules.withhold_below:
        yield f"{fewer} {rules.flag_below} people", "Shown, and marked as less reliable, [u]."
    if rules.theme_cell:
        text = (
            f"Suppressed in a group, [c], when fewer than {rules.theme_cell} people (but not none) speak of the theme."
        )
        yield "Theme counts", text
        yield "Pairs of themes", f"Withheld, [c], when fewer than {rules.theme_cell} people speak of both."
    if rules.theme_per_cent:
        yield "Per cents of themes", f"Given only where there are {rules.theme_per_cent} texts or people or more."


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
        Fold(caption, (table(caption, columns, one_by_one, row_headers=4),)),
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
        f"{printed(looked_at)} strings were screened for names that must not leave, for addresses, telephone numbers, "
        f"postcodes and the like, and for what looks like a name.{marked} Text that was screened is not thereby anonymous."
    )
    return (Paragraph(text),)


def table_in_words(row: Record) -> str:
    """The published table that a line of the log speaks of."""
    return spoken(str(row["table"]).removeprefix("published/"))


def subject_in_words(study: StudyView, row: Record) -> str:
    """The question or collection of a line of the log; a theme's line names its collection before a colon."""
    name = str(row["question"]).partition(": ")[0]
    collection = study.collection(name)
    return collection.label if collection else study.label_of(name) or "All"


def group_in_words(study: StudyView, row: Record) -> tuple[str, str]:
    """The break and the group that a line of the log speaks of."""
    by, group = str(row["break"]), str(row["group"])
    variable, label = study.group_labels.get((by, group), (study.label_of(by), group))
    return variable or "Not split", label or EVERYONE
