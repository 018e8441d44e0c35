"""Reporting checklists, item by item: what is answered, where, and what the authors still have to write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plait.checklists import Checklist, Item, checklists
from plait.report.blocks import Cell, Fold, Paragraph, Row, Section
from plait.report.printing import printed, sentence
from plait.report.sections.checklist_answers import Known, known
from plait.report.sections.view import StudyView, table, words

ANSWERED, OPEN, NOT_APPLICABLE = "Answered", "Needs the authors", "Not applicable"
TO_BE_WRITTEN = "To be written by the authors"
_INTRO = (
    "What reporting checklists ask for, in our own words. Answers that a run can know are its own; the others are the "
    "authors\u2019. What is not yet written is shown as in need of the authors."
)


@dataclass(frozen=True)
class Answer:
    """An item of a checklist with what is said to it.

    Attributes:
        item: The item.
        authors: What the authors say to it, or why it does not apply.
        run: What the run says to it.
        status: Answered, not applicable, or open.
    """

    item: Item
    authors: str
    run: Known
    status: str


def answers(study: StudyView, checklist: Checklist) -> list[Answer]:
    """What is said to each item of a checklist, in its order."""
    return [_answer(study, checklist.name, item) for item in checklist.items]


def _answer(study: StudyView, checklist: str, item: Item) -> Answer:
    authors = study.definition.reporting.answers(checklist).get(item.name)
    run = known(study, checklist, item.name)
    if authors and authors.not_applicable:
        return Answer(item, sentence(authors.not_applicable), run, NOT_APPLICABLE)
    text = sentence(authors.text) if authors else ""
    return Answer(item, text, run, ANSWERED if text or (run.text and run.whole) else OPEN)


def fitting(study: StudyView) -> list[Checklist]:
    """The checklists that fit the study and that its authors did not leave out."""
    left_out = study.definition.reporting.leave_out
    return [checklists()[name] for name in study.definition.checklists if name not in left_out]


def checklists_section(study: StudyView) -> Section:
    """One part a checklist, and a line for each that was left out."""
    left_out = [
        Paragraph(f"{checklists()[name].title}: left out. {sentence(reason)}")
        for name, reason in study.definition.reporting.leave_out.items()
    ]
    parts = tuple(_part(study, checklist) for checklist in fitting(study))
    blocks = (Paragraph(_INTRO), *left_out) if parts or left_out else ()
    return Section("checklists", "Reporting checklists", blocks, parts)


def _part(study: StudyView, checklist: Checklist) -> Section:
    found = answers(study, checklist)
    columns = words("No.", "Item", "What is said", "Where", "Status")
    shown = table(f"{checklist.title} ({checklist.source})", columns, map(_row, found), row_headers=2)
    blocks = (Paragraph(_summary(checklist, found)), Fold(f"The {printed(len(found))} items", (shown,)))
    return Section(f"checklist-{checklist.name}", checklist.title, blocks)


def _summary(checklist: Checklist, found: list[Answer]) -> str:
    counted = {status: sum(a.status == status for a in found) for status in (ANSWERED, OPEN, NOT_APPLICABLE)}
    told = ", ".join(f"{status[0].lower()}{status[1:]}: {printed(n)}" for status, n in counted.items() if n)
    return f"After {checklist.source}, version of {checklist.version}. Of {printed(len(found))} items, {told}."


def _row(answer: Answer) -> Row:
    said, under = texts(answer)
    where = Cell(answer.run.place, anchor=answer.run.anchor) if answer.run.text else Cell(_without_place(answer))
    item = Cell(answer.item.asks, answer.item.topic)
    return Row((Cell(str(answer.item.number)), item, Cell(said, under), where, Cell(answer.status)))


def _without_place(answer: Answer) -> str:
    """What stands for the section where no section speaks of an item."""
    if answer.status == NOT_APPLICABLE:
        return "Not needed"
    return "Only here" if answer.authors else "Nowhere yet"


def texts(answer: Answer) -> tuple[str, str]:
    """What is said to an item, and what stands below it: the run's words below the authors'."""
    if answer.authors:
        return answer.authors, answer.run.text
    if answer.status == OPEN:
        return TO_BE_WRITTEN, answer.run.text
    return answer.run.text, ""


def lines(study: StudyView) -> Iterator[tuple[str, int, str, str, str, str, str]]:
    """Every item of every fitting checklist as one line: checklist, number, item, authors, run, where, status."""
    for checklist in fitting(study):
        for a in answers(study, checklist):
            authors = a.authors or (TO_BE_WRITTEN if a.status == OPEN else "nothing to add")
            run = a.run.text or "cannot be told by a run"
            where = a.run.place or _without_place(a)
            yield checklist.title, a.item.number, a.item.asks, authors, run, where, a.status
