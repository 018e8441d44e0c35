"""Survey findings: a section a question, with its wording, figures, tables and tests; then changes and models."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from plait.report.blocks import (
    Block,
    Cell,
    Column,
    FigureBlock,
    Fold,
    Note,
    Paragraph,
    Row,
    RowKind,
    Section,
    TableBlock,
    Wording,
)
from plait.report.printing import (
    EVERYONE,
    INTERVAL,
    printed,
    printed_or,
    with_marker,
)
from plait.report.sections.numbers import changes_section, models_section, numbers_of
from plait.report.sections.survey_tests import tests_of
from plait.report.sections.view import (
    Record,
    StudyView,
    anchor,
    answer,
    cells,
    grouped,
    interval,
    noted,
    numbers,
    table,
    variants,
    words,
)
from plait.study.wording import base_in_words, listed

_LETTERS = (
    "\u2018Above B\u2019 means higher than the group with the letter B by more than chance, at the 95% level, "
    "each answer by itself"
)


def survey_section(study: StudyView) -> Section:
    """All questions, in the order of the questionnaire."""
    survey = study.definition.survey
    sections = [
        _question(study, name, study.questions[name]) if name in study.questions else _number(study, name)
        for name in (survey.questions if survey else study.questions)
        if name in study.questions or name in study.numbers
    ]
    more = (changes_section(study), models_section(study))
    return Section("survey-findings", "Survey findings", _nets(study), (*sections, *(s for s in more if s.blocks)))


def _nets(study: StudyView) -> tuple[Block, ...]:
    """The nets of all questions at a glance: a figure, and behind it the table."""
    figure = tuple(block for block in study.figure("nets") if isinstance(block, FigureBlock))
    if not figure:
        return ()
    nets = [
        r for rows in study.questions.values() for r in variants(rows)[0] if r["measure"] == "net" and not r["break"]
    ]
    columns = [*words("Question", "Net"), *numbers("Per cent", INTERVAL, "Unweighted base")]
    body = [
        Row(
            cells(
                str(r["question_label"]),
                str(r["option_label"]),
                printed(r["per_cent"], r["marker"]),
                interval(r),
                printed_or(r["base_unweighted"], _if_withheld(r)),
            )
        )
        for r in nets
    ]
    found = table(f"Nets of all questions: {_what(nets)}", columns, body, row_headers=2, notes=noted(nets))
    return (*figure, Fold("Nets of all questions", (found,)))


def grain_in_words(rows: list[Record]) -> str:
    """Where estimates come from."""
    return "respondents\u2019 own rows" if rows[0]["grain"] == "respondent" else "the vendor\u2019s breakdown table"


def _question(study: StudyView, name: str, rows: list[Record]) -> Section:
    own, *others = variants(rows)
    blocks: list[Block] = [*_wording(study, name), *study.figure(f"likert_{name}", f"stacked_{name}", f"bars_{name}")]
    blocks += _everyone(study, name, own)
    asked = study.question(name)
    compared = {by for by, groups in _by_break(rows).items() if _compares(groups)}
    if asked and asked.compare_by in compared:
        blocks += study.figure(f"compare_{name}", of=f"by {study.label_of(asked.compare_by)}")
    splits = _splits(study, name, own)
    if splits:  # that nothing can be shown of an overview, its tables say
        blocks += [block for block in study.figure(f"overview_{name}") if isinstance(block, FigureBlock)]
    blocks += [*splits, *_not_compared(own)]
    blocks += numbers_of(study, name)
    tests = (t for t in study.tests if t["question"] == name)
    blocks += tests_of(study, name, [t for t in tests if pd.notna(t["p"]) or t["break"] in compared])
    for other in others:
        tables = (*_everyone(study, name, other), *_splits(study, name, other), *_not_compared(other))
        blocks.append(Fold(f"The same question from {grain_in_words(other)}", tables))
    return Section(anchor("question", name), str(rows[0]["question_label"]), tuple(blocks))


def _number(study: StudyView, name: str) -> Section:
    """A question whose answers are numbers."""
    blocks = (
        *_wording(study, name),
        *study.figure(f"numbers_{name}"),
        *numbers_of(study, name),
        *tests_of(study, name, [t for t in study.tests if t["question"] == name]),
    )
    return Section(anchor("question", name), study.label_of(name), blocks)


def _wording(study: StudyView, name: str) -> tuple[Block, ...]:
    asked, survey = study.question(name), study.definition.survey
    if asked is None or survey is None:
        return ()
    most = f" Up to {asked.max_choices} answers could be given." if asked.max_choices else ""
    several = most or (" Several answers could be given." if asked.type == "multi" else "")
    said = (Wording(asked.text), Paragraph(base_in_words(survey, name) + several))
    return (Fold("How it was asked, and of whom", said, open=True),)


# --- everyone ----------------------------------------------------------------------------------------------------------


def _everyone(study: StudyView, name: str, rows: list[Record]) -> tuple[Block, ...]:
    total = [r for r in rows if not r["break"]]
    if not total:
        return ()
    weighted, bases = _weighted(total), _bases(total)
    columns = [*words("Answer"), *numbers("Per cent", INTERVAL)]
    columns += numbers("Per cent unweighted") if weighted else []
    columns += numbers(*bases.values())
    body = []
    for r in total:
        texts = [answer(r), printed(r["per_cent"], r["marker"]), interval(r)]
        texts += [printed_or(r["per_cent_unweighted"], r["marker"])] if weighted else []
        texts += [printed_or(r[base], _if_withheld(r)) for base in bases]
        body.append(Row(cells(*texts), _kind(r)))
    notes = (*_adding_up(study, name), *noted(total))
    return (table(f"{rows[0]['question_label']}: {_what(rows)}", columns, body, notes=notes),)


def _what(rows: list[Record]) -> str:
    kind = "weighted per cents" if _weighted(rows) else "unweighted per cents"
    return kind if rows[0]["grain"] == "respondent" else f"{kind} from {grain_in_words(rows)}"


def _weighted(rows: Iterable[Record]) -> bool:
    return any(r["weight_set"] for r in rows)


def _kind(row: Record) -> RowKind:
    return "net" if row["measure"] == "net" else ""


def _if_withheld(row: Record) -> str:
    return str(row["marker"]) if pd.isna(row["per_cent"]) else ""


def _bases(rows: list[Record]) -> dict[str, str]:
    """The bases that these estimates have; without weights there is no weighted base to tell apart."""
    bases = {"base_unweighted": "Unweighted base"}
    bases |= {"base_weighted": "Weighted base"} if _weighted(rows) else {}
    effective = any(pd.notna(r["base_effective"]) for r in rows)
    return bases | ({"base_effective": "Effective base"} if effective else {})


def _adding_up(study: StudyView, name: str) -> tuple[str, ...]:
    asked = study.question(name)
    if asked is None:
        return ()
    if asked.type == "multi":
        return ("Several answers could be given, so that per cents may add up to more than 100",)
    return ("Per cents may not add up to 100 because of rounding",)


# --- split by a break --------------------------------------------------------------------------------------------------


def _splits(study: StudyView, name: str, rows: list[Record]) -> list[Fold]:
    """A table to choose from for every break by which groups are compared, the one that the question asks for first."""
    asked = study.question(name)
    first = asked.compare_by if asked else None
    breaks = {by: groups for by, groups in _by_break(rows).items() if _compares(groups)}
    everyone = [r for r in rows if not r["break"]]
    found = [breaks[by] for by in sorted(breaks, key=lambda by: by != first)]
    named_by = [(str(groups[0]["break_label"]), _split(study, name, groups, everyone)) for groups in found]
    return [
        Fold(f"Table by {label}", (split,), choice=label, open=i == 0, sheet="All estimates" if i else "")
        for i, (label, split) in enumerate(named_by)
    ]


def _by_break(rows: list[Record]) -> dict[str, list[Record]]:
    return grouped((r for r in rows if r["break"]), lambda r: str(r["break"]))


def _compares(rows: list[Record]) -> bool:
    """Whether per cents of two groups or more are shown: one alone is compared with nobody."""
    return len({r["group"] for r in rows if pd.notna(r["per_cent"])}) > 1


def _not_compared(rows: list[Record]) -> tuple[Note, ...]:
    """By which characteristics a question has no table, though there are people in several groups."""
    several = (
        found for found in _by_break(rows).values() if len({r["group"] for r in found if r["marker"] != "z"}) > 1
    )
    labels = [str(found[0]["break_label"]) for found in several if not _compares(found)]
    why = "there are not two groups of which per cents can be shown"
    return (Note(f"Not compared by {listed(labels)}: {why}."),) if labels else ()


def _split(study: StudyView, name: str, rows: list[Record], everyone: list[Record]) -> TableBlock:
    """Groups across, answers down, bases below: the way in which pollsters print a crosstab."""
    by = str(rows[0]["break_label"])
    groups = ({"": everyone} if everyone else {}) | grouped(rows, lambda r: str(r["group"]))
    shared = {group: _shared_marker(found) for group, found in groups.items()}
    columns = words("Answer")
    for group, found in groups.items():
        label = str(found[0]["group_label"]) if group else EVERYONE
        letter = next((f" ({r['letter']})" for r in found if r["letter"]), "")
        columns.append(Column(with_marker(f"{label}{letter}", shared[group]), numeric=True, group=by if group else ""))
    grid = {group: {_key(r): r for r in found} for group, found in groups.items()}
    answers = {_key(r): r for found in groups.values() for r in found}
    body = [
        Row((Cell(answer(r)), *(_group_cell(grid[g].get(key), shared[g]) for g in groups)), _kind(r))
        for key, r in answers.items()
    ]
    for column, label in _bases([*everyone, *rows]).items():
        body.append(Row(cells(label, *(_base(found, column) for found in groups.values())), "base"))
    letters = (_LETTERS,) if any(r["letter"] for r in rows) else ()
    notes = (f"Below a per cent stands its {INTERVAL}", *letters, *_adding_up(study, name), *noted(rows))
    return table(f"{rows[0]['question_label']} by {by}: {_what(rows)}", columns, body, notes=notes)


def _key(row: Record) -> tuple[str, str]:
    return str(row["measure"]), str(row["option"])


def _shared_marker(rows: list[Record]) -> str:
    """The marker of all numbers of a group: it then belongs to the group's name, not to each number."""
    markers = {str(r["marker"]) for r in rows if pd.notna(r["per_cent"]) and r["marker"] != "low"}
    return markers.pop() if len(markers) == 1 else ""


def _group_cell(row: Record | None, shared: str) -> Cell:
    if row is None:
        return Cell(printed(None))
    own = "" if row["marker"] == shared and pd.notna(row["per_cent"]) else str(row["marker"])
    beyond = f"above {row['higher_than']}" if row["higher_than"] else ""
    under = [interval(row) if pd.notna(row["ci_low"]) else "", beyond]
    return Cell(printed(row["per_cent"], own), "\n".join(filter(None, under)))


def _base(rows: list[Record], column: str) -> str:
    """The base of a group; from least to most where it differs between answers."""
    known = [r[column] for r in rows if pd.notna(r[column])]
    if not known:
        return printed(None, next((str(r["marker"]) for r in rows if _if_withheld(r)), ""))
    low, high = printed(min(known)), printed(max(known))
    return low if low == high else f"{low} to {high}"
