"""The same people in both strands: how many were joined, and what those who speak of a theme answered."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait.report.blocks import Block, Cell, Column, Fold, Paragraph, Row, Section, TableBlock
from plait.report.printing import printed, printed_or, sentence, with_marker
from plait.report.sections.view import Record, StudyView, grouped, per_cent, table, words
from plait.study.wording import listed, quoted
from plait.tables import records

_UNWEIGHTED = (
    "People who are joined are no sample of anybody: their answers are not weighted and not tested. A difference between "
    "those who speak of a theme and those who do not is something to think about, and no finding about a population."
)
_REASONS = {
    "no_consent": "had not agreed to be joined",
    "no_id": "had not answered the survey, as far as is known",
    "not_in_survey": "had answers that were left out when the survey was cleaned",
}


def people_section(study: StudyView) -> Section:
    """Who was joined, the statistics by theme and, where nothing is for release, the case-level matrix."""
    joined = [r for r in records(study.published.joining) if r["how"] == "people"]
    statistics = records(study.published.statistics_by_theme)
    blocks: list[Block] = [Paragraph(_joined(study, r)) for r in joined]
    for name, rows in grouped(statistics, lambda r: str(r["collection"])).items():
        blocks += _statistics(study, name, rows)
    blocks += _case_level(records(study.published.case_level))
    return Section("strands-people", "The same people in both strands", tuple(blocks))


def _joined(study: StudyView, row: Record) -> str:
    """How many people of a collection were joined, on which consent, and why the others were not."""
    declared = study.definition.joining.people.get(str(row["collection"]))
    consent = f" {sentence(declared.consent_of_all)}" if declared and declared.consent_of_all else ""
    number = printed_or(row["joined"], str(row["marker"]))
    text = f"{row['collection_label']}: {number} of {printed(row['cases'])} are joined with their answers to the survey"
    reasons = [
        f"{printed(row[part], str(row['marker']) if pd.isna(row[part]) else '')} {why}"
        for part, why in _REASONS.items()
        if pd.isna(row[part]) or row[part] > 0
    ]
    left_out = f" The others are left out: {listed(reasons)}." if reasons else ""
    return f"{text}, by the survey’s id, which is published nowhere.{left_out}{consent}"


def _statistics(study: StudyView, name: str, rows: list[Record]) -> Iterator[Block]:
    pairs = grouped(rows, lambda r: tuple(str(r[c]) for c in ("construct", "theme", "question", "option", "measure")))
    known = {key: pair for key, pair in pairs.items() if any(_known(r) for r in pair)}
    label = rows[0]["collection_label"]
    yield Paragraph(_UNWEIGHTED)
    if known:
        yield _table(f"{label}: survey answers by theme, people joined by id", list(known.values()))
    if hidden := len(pairs) - len(known):
        why = "the people with the theme, or those without it, are too few for a per cent, or there are none"
        yield Paragraph(
            f"{label}: {printed(hidden)} of {printed(len(pairs))} comparisons are not shown, because {why}."
        )


def _known(row: Record) -> bool:
    return bool(pd.notna(row["per_cent"]) or pd.notna(row["mean"]))


def _table(caption: str, pairs: list[list[Record]]) -> TableBlock:
    columns = [*words("Theme", "Survey item"), Column("Speak of it", numeric=True), Column("Do not", numeric=True)]
    body = []
    for pair in pairs:
        first, of = pair[0], {bool(r["spoken"]): r for r in pair}
        names = (
            Cell(str(first["theme_label"]), str(first["label"])),
            Cell(str(first["option_label"]), str(first["question_label"])),
        )
        body.append(Row((*names, _number(of[True]), _number(of[False]))))
    notes = ["Unweighted. Base: joined people who answered the question, with the theme and without it"]
    return table(caption, columns, body, row_headers=2, notes=notes)


def _number(row: Record) -> Cell:
    marker = str(row["marker"])
    base = f"base {printed_or(row['base'], marker)}"
    if not _known(row):
        return Cell(printed(None, marker), base)
    value = per_cent(row) if row["measure"] != "mean" else printed(row["mean"], digits=2)
    return Cell(with_marker(value, marker), base)


def _case_level(rows: list[Record]) -> tuple[Block, ...]:
    """Answers and themes of each joined person; there are none in a profile for release."""
    if not rows:
        return ()
    places = grouped(rows, lambda r: (str(r["collection"]), int(r["number"]), str(r["construct"])))
    body = []
    for (_, number, _), found in places.items():
        answers = "\n".join(_answer(r) for r in found if r["strand"] == "survey") or "No survey item"
        themes = "\n".join(_answer(r) for r in found if r["strand"] != "survey") or "No theme"
        person = Cell(f"Case {number}", str(found[0]["collection_label"]))
        body.append(Row((person, Cell(str(found[0]["label"])), Cell(answers), Cell(themes))))
    columns = words("Case", "Construct", "Survey", "Coded text")
    caption = "Case-level matrix: people joined by id. Not for release"
    return (Fold("Case-level matrix", (table(caption, columns, body, row_headers=2),)),)


def _answer(row: Record) -> str:
    said: str = "no answer" if pd.isna(row["value"]) else "yes" if row["value"] else "no"
    return f"{quoted(row['item_label'])}: {said}"
