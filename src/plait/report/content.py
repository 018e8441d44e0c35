"""The report as a list of blocks, before any format: what is said, in which order, with which numbers.

The page, the Word file and the PDF are renderings of the same `Report`. Every number in it is read from a published
table and printed by `printed`; every fact about the study's design is read from the definition. A section appears only
where the study has something to fill it, so that a survey without interviews, or interviews without a survey, gives a
whole report.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

import pandas as pd

from plait.report.published import Published
from plait.rounding import round_half_up
from plait.study.definition import Collection, Definition, Question, Sheets, Survey
from plait.study.wording import base_in_words
from plait.tables import MARKERS

# --- the content model -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heading:
    """A section's title as `in_reading_order` meets it; the report's own title is level 1."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Wording:
    """A question exactly as it was put."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Terms, each with what there is to say about it."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Note:
    """A remark set apart from the text."""

    text: str
    kind: Literal["note", "warning"] = "note"


@dataclass(frozen=True)
class KeyFigure:
    """One number that stands out.

    Attributes:
        value: The number as printed, or the marker that stands for it.
        label: What the number is.
        detail: The sentence that gives it its base and interval.
        anchor: The section that says more; empty when there is none.
    """

    value: str
    label: str
    detail: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class KeyFigures:
    """Numbers to be seen first: sizes (how many took part) or findings (what they said)."""

    figures: tuple[KeyFigure, ...]
    kind: Literal["sizes", "findings"]


@dataclass(frozen=True)
class Column:
    """A column of a table; neighbours with the same `group` share a heading above theirs."""

    label: str
    numeric: bool = False
    group: str = ""


@dataclass(frozen=True)
class Cell:
    """What a cell says, and what is said below it in smaller type."""

    text: str
    under: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a table; its kind is for the eye: a sum of options, a base, a theme above its codes."""

    cells: tuple[Cell, ...]
    kind: Literal["", "net", "base", "theme", "code"] = ""


@dataclass(frozen=True)
class TableBlock:
    """A table. The first `row_headers` cells of a row name it; no cell is ever empty."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    row_headers: int = 1
    note: str = ""


@dataclass(frozen=True)
class FigureBlock:
    """A figure of the study's figures folder; its numbers stand in the table next to it.

    Attributes:
        svg: Name of the file in the figures folder.
        subtitle: What is shown, of whom, in which unit.
    """

    name: str
    title: str
    subtitle: str
    alt: str
    footnote: str
    svg: str


@dataclass(frozen=True)
class Fold:
    """Blocks that a screen may hide until they are asked for; paper always shows them."""

    summary: str
    blocks: tuple[Block, ...]


Block = Paragraph | Wording | Bullets | Facts | Note | KeyFigures | TableBlock | FigureBlock | Fold


@dataclass(frozen=True)
class Section:
    """A titled part of the report: its own blocks, then its parts."""

    anchor: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Report:
    """The whole report, ready for any renderer."""

    study: str
    title: str
    research_question: str
    kind: str
    author: str
    simulated: bool
    sizes: KeyFigures
    sections: tuple[Section, ...]
    language: str = "en-GB"


def in_reading_order(report: Report) -> Iterator[Heading | Block]:
    """Walk through the report as it is read: each section's heading, its blocks, its parts."""

    def walk(sections: tuple[Section, ...], level: int) -> Iterator[Heading | Block]:
        for section in sections:
            yield Heading(level, section.title, section.anchor)
            yield from section.blocks
            yield from walk(section.sections, level + 1)

    return walk(report.sections, 2)


# --- printing ----------------------------------------------------------------------------------------------------------

INTERVAL = "95% interval"
EVERYONE = "Everyone"
MISSING = "z"
"""The marker where a table has neither a number nor a reason: a quantity that does not exist for this row."""


def printed(value: Any, marker: str = "", digits: int = 0) -> str:
    """Print a published number: thousands with commas, halves up, its marker in square brackets.

    Args:
        value: The number; missing where it was withheld or does not exist.
        marker: Shorthand of `tables.MARKERS`, without brackets.
        digits: Decimals.
    """
    if pd.isna(value):
        return f"[{marker or MISSING}]"
    text = f"{round_half_up(float(value), digits) + 0.0:,.{digits}f}"
    return f"{text} [{marker}]" if marker else text


def printed_p(value: Any, marker: str = "") -> str:
    """Print a p value; below a thousandth only that it is below."""
    return "<0.001" if not pd.isna(value) and float(value) < 0.001 else printed(value, marker, 3)


def printed_day(day: datetime.date | str) -> str:
    """Print a date in words, in every locale the same."""
    if isinstance(day, str):
        try:
            day = datetime.date.fromisoformat(day)
        except ValueError:
            return str(day)
    months = "January February March April May June July August September October November December".split()
    return f"{day.day} {months[day.month - 1]} {day.year}"


def markers_in(text: str) -> tuple[str, ...]:
    """Which shorthand markers a text uses, in the order of the legend."""
    used = set(re.findall(r"\[(\w+)\]", text))
    return tuple(m for m in MARKERS if m and m in used)


_UNSEEN = {c: None for c in (*range(0x200B, 0x200C), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF)}
_CONTROL = {
    c: None for c in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), *range(0xFFFE, 0x10000))
}


def legible(text: str) -> str:
    """Drop characters that nobody sees: controls, zero-width spaces, and those that reverse the text after them.

    Joiners and direction marks stay: some scripts need them. Lone halves of surrogate pairs cannot be written at all.
    """
    return text.translate(_UNSEEN | _CONTROL).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# --- what the sections read --------------------------------------------------------------------------------------------

Record = dict[str, Any]
Key = TypeVar("Key")


def _records(frame: pd.DataFrame) -> list[Record]:
    return frame.to_dict("records")


def _by(records: Iterable[Record], key: Callable[[Record], Key]) -> dict[Key, list[Record]]:
    """Records by key, in order of first appearance."""
    groups: dict[Key, list[Record]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return groups


@dataclass(frozen=True)
class _Study:
    published: Published
    definition: Definition
    figures_index: pd.DataFrame

    @cached_property
    def estimates(self) -> list[Record]:
        return _records(self.published.survey_estimates)

    @cached_property
    def tests(self) -> list[Record]:
        return _records(self.published.survey_tests)

    @cached_property
    def profile(self) -> list[Record]:
        return _records(self.published.sample_profile)

    @cached_property
    def themes(self) -> list[Record]:
        return _records(self.published.theme_counts)

    @cached_property
    def agreement(self) -> list[Record]:
        return _records(self.published.agreement)

    @cached_property
    def joint_display(self) -> dict[str, list[Record]]:
        return _by(_records(self.published.joint_display), lambda r: str(r["construct"]))

    @cached_property
    def questions(self) -> dict[str, list[Record]]:
        """The estimates of each question, in the questionnaire's order."""
        found = _by(self.estimates, lambda r: str(r["question"]))
        known = list(self.definition.survey.questions) if self.definition.survey else []
        return {q: found[q] for q in sorted(found, key=lambda q: known.index(q) if q in known else len(known))}

    @cached_property
    def weighted(self) -> bool:
        return any(r["weight_set"] for r in self.estimates)

    @cached_property
    def figures(self) -> dict[str, FigureBlock]:
        return {
            str(r["name"]): FigureBlock(
                *(str(r[c]) for c in ("name", "title", "subtitle", "alt", "footnote")), svg=f"{r['name']}.svg"
            )
            for r in _records(self.figures_index.fillna(""))
        }

    def figure(self, *names: str) -> tuple[FigureBlock, ...]:
        """The first of these figures that was drawn, as blocks."""
        return tuple(self.figures[n] for n in names if n in self.figures)[:1]

    def question(self, name: str) -> Question | None:
        survey = self.definition.survey
        return survey.questions.get(name) if survey else None

    def label_of(self, variable: str) -> str:
        """The printed name of a question or break; the name itself where the definition has none."""
        try:
            return self.definition.survey.label_of(variable) if self.definition.survey else variable
        except KeyError:
            return variable


def report_content(published: Published, definition: Definition, figures_index: pd.DataFrame) -> Report:
    """Compose the report of a study.

    Args:
        published: The published tables.
        definition: The study definition.
        figures_index: The figures that were drawn (`name`, `title`, `subtitle`, `alt`, `footnote`).
    """
    study = _Study(published, definition, figures_index)
    sections = (
        _about(study),
        _summary(study),
        _how_to_read(study),
        _who_answered(study),
        _survey_findings(study),
        _what_people_said(study),
        _strands_together(study),
        _checks(study),
        _limitations(study),
        _methods(study),
    )
    report = Report(
        study=definition.study,
        title=definition.title,
        research_question=definition.research_question,
        kind=_kind(definition),
        author=definition.about.conducted_by,
        simulated=definition.simulated,
        sizes=KeyFigures(_sizes(study), "sizes"),
        sections=tuple(s for s in sections if s.blocks or s.sections),
    )
    legible_report: Report = _with_legible_text(report)
    return legible_report


def _with_legible_text(part: Any) -> Any:
    if isinstance(part, str):
        return legible(part)
    if isinstance(part, tuple):
        return tuple(_with_legible_text(p) for p in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{f.name: _with_legible_text(getattr(part, f.name)) for f in fields(part)})
    return part


def _kind(definition: Definition) -> str:
    if definition.survey and definition.coded_text:
        return "Mixed-methods study: survey and coded text"
    return "Survey" if definition.survey else "Study of coded text"


# --- small parts of sentences and tables -------------------------------------------------------------------------------


def _anchor(kind: str, name: str) -> str:
    return f"{kind}-{re.sub(r'[^A-Za-z0-9_-]+', '-', name)}"


def _quoted(text: str) -> str:
    return f"\u2018{text}\u2019"


def _listed(words: Iterable[str], joiner: str = "and") -> str:
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joiner} {words[-1]}" if words else ""


def _sentence(text: str) -> str:
    """Close a text of the definition with a full stop, where it has no stop of its own."""
    text = text.strip()
    return text if not text or text[-1] in ".!?\u2026" else f"{text}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _spoken(name: str) -> str:
    """An internal name as words: `design_effect` is a design effect."""
    return _capital(name.replace("_", " "))


def _cells(*texts: str) -> tuple[Cell, ...]:
    return tuple(Cell(t) for t in texts)


def _range(record: Record) -> str:
    """The interval of an estimate."""
    if pd.isna(record["ci_low"]) or pd.isna(record["ci_high"]):
        return printed(record["ci_low"], str(record["marker"]) if pd.isna(record["per_cent"]) else "")
    return f"{printed(record['ci_low'])} to {printed(record['ci_high'])}"


def _per_cent_sign(record: Record) -> str:
    """A per cent inside a sentence."""
    return printed(record["per_cent"]) + ("%" if pd.notna(record["per_cent"]) else "")


def _backing(record: Record) -> str:
    """What stands behind a per cent: its interval and its base."""
    parts = []
    if pd.notna(record["ci_low"]):
        parts.append(f"{INTERVAL} {printed(record['ci_low'])}% to {printed(record['ci_high'])}%")
    parts.append(f"base {printed(record['base_unweighted'], record['marker'] if pd.isna(record['per_cent']) else '')}")
    return "; ".join(parts)


def _table(
    caption: str, columns: Iterable[Column], rows: Iterable[Row], *, row_headers: int = 1, notes: Iterable[str] = ()
) -> TableBlock:
    """A table with the legend of the markers that it uses among its notes."""
    columns, rows = tuple(columns), tuple(rows)
    words = [c.label for c in columns] + [f"{cell.text} {cell.under}" for row in rows for cell in row.cells]
    legend = "; ".join(f"[{m}] {MARKERS[m]}" for m in markers_in(" ".join(words)))
    parts = [*(_sentence(n) for n in notes if n), f"Shorthand: {legend}." if legend else ""]
    return TableBlock(caption, columns, rows, row_headers, " ".join(p for p in parts if p))


def _distinct(values: Iterable[Any]) -> list[str]:
    """Texts without repeats and without empty ones, in order."""
    return [v for v in dict.fromkeys(str(v) for v in values) if v]


def _noted(records: Iterable[Record]) -> list[str]:
    """The notes of rows, as one sentence each."""
    return [_capital(n) for n in _distinct(r["note"] for r in records)]


# --- about the study ---------------------------------------------------------------------------------------------------


def _about(study: _Study) -> Section:
    about = study.definition.about
    start, end = about.fieldwork.start, about.fieldwork.end
    facts = [
        ("Commissioned by", about.commissioned_by),
        ("Conducted by", about.conducted_by),
        ("Population", about.population),
        ("Sample", about.sample),
        ("Mode", about.mode),
        ("Fieldwork", printed_day(start) if start == end else f"{printed_day(start)} to {printed_day(end)}"),
        ("Sizes", _sentence(_capital(_listed(f"{f.value} {f.label}" for f in _sizes(study))))),
        ("Weighting", _weighting_in_short(study)),
        ("Design", about.design),
        ("Contact", about.contact),
    ]
    notes: list[Block] = []
    if study.definition.simulated:
        notes = [
            Note(
                "The data of this report are simulated: a program made them, and nobody gave these answers.", "warning"
            )
        ]
    return Section("about", "About this study", (*notes, Facts(tuple((k, v) for k, v in facts if v))))


def _sizes(study: _Study) -> tuple[KeyFigure, ...]:
    figures = list(_survey_sizes(study))
    for collection, unit, row in _collection_sizes(study):
        figures.append(KeyFigure(printed(row["of"]), unit, f"coded in \u2018{collection}\u2019"))
    return tuple(figures)


def _survey_sizes(study: _Study) -> Iterator[KeyFigure]:
    kept = {file: rows[-1]["rows_out"] for file, rows in _by(_records(study.published.row_flow), _file).items()}
    if study.published.row_flow["step"].eq("join").any():
        kept = {"": kept[_last_file(study)]}
    if len(kept) == 1:
        yield KeyFigure(printed(*kept.values()), "survey respondents", "after exclusions")
    for file, rows in kept.items() if len(kept) > 1 else ():
        yield KeyFigure(
            printed(rows), f"survey respondents in {_quoted(_export_label(study, file))}", "after exclusions"
        )
    totals = [r["base_unweighted"] for r in study.estimates if not r["break"] and pd.notna(r["base_unweighted"])]
    if not kept and totals:
        yield KeyFigure(printed(max(totals)), "survey respondents", "the largest base of a question")
    if study.questions:
        count = len(study.questions)
        yield KeyFigure(printed(count), "survey question" if count == 1 else "survey questions", "reported here")


def _file(record: Record) -> str:
    return str(record["file"])


def _last_file(study: _Study) -> str:
    return str(study.published.row_flow["file"].iloc[-1])


def _export_label(study: _Study, file: str) -> str:
    exports = study.definition.survey.exports.values() if study.definition.survey else ()
    return next((e.label for e in exports if e.file == file and e.label), file)


def _collection_sizes(study: _Study) -> Iterator[tuple[str, str, Record]]:
    """Each collection, what its units are called, and a row that knows how many there are."""
    for collection, rows in _collections(study).items():
        for unit, found in _units(rows).items():
            if unit != "segments":
                yield str(rows[0]["collection_label"]), _units_called(study, collection, unit), found[0]


def _weighting_in_short(study: _Study) -> str:
    if not study.definition.survey:
        return ""
    if not study.weighted:
        return "None: survey figures describe those who answered."
    labels = _distinct(r["weight_set_label"] for r in _records(study.published.weighting))
    variables = _distinct(r["variable_label"] for r in study.profile if pd.notna(r["per_cent_target"]))
    words = f"Survey figures are weighted to {_listed(labels)}" if labels else "Survey figures are weighted"
    return _sentence(words + (f", by {_listed(variables)}" if variables else ""))


# --- summary -----------------------------------------------------------------------------------------------------------


def _summary(study: _Study) -> Section:
    findings = [_finding(study, question, rows) for question, rows in study.questions.items()]
    findings += [_theme_finding(study, collection, rows) for collection, rows in _collections(study).items()]
    blocks: list[Block] = [KeyFigures(tuple(findings), "findings")] if findings else []
    together = tuple(
        (_construct_title(rows), _construct_in_words(study, rows)) for rows in study.joint_display.values()
    )
    if together:
        blocks += [Paragraph("Put side by side, the survey and the coded texts say:"), Facts(together)]
    return Section("summary", "Summary", tuple(blocks))


def _finding(study: _Study, question: str, rows: list[Record]) -> KeyFigure:
    """A question's leading net, where its options are a scale, or else its leading option."""
    total = [r for r in _main_grain(rows) if not r["break"]]
    nets = [r for r in total if r["measure"] == "net"]
    shown = [r for r in (nets or total) if pd.notna(r["per_cent"])]
    label, anchor = str(rows[0]["question_label"]), _anchor("question", question)
    if not shown:
        marker = next((r["marker"] for r in total if r["marker"]), MISSING)
        return KeyFigure(f"[{marker}]", label, f"No figure can be shown: {MARKERS[marker]}.", anchor)
    top = max(r["per_cent"] for r in shown)
    leading = [r for r in shown if r["per_cent"] == top]
    detail = _leading_in_words(study, question, leading, bool(nets)) + _spread_in_words(
        study, question, rows, leading[0]
    )
    return KeyFigure(_per_cent_sign(leading[0]), label, detail, anchor)


def _leading_in_words(study: _Study, question: str, leading: list[Record], nets: bool) -> str:
    names = _listed(_quoted(str(r["option_label"])) for r in leading)
    asked = study.question(question)
    if len(leading) > 1:
        words = f"each gave {names}"
    elif nets:
        words = f"answered {names}"
    else:
        words = (
            f"{'ticked' if asked and asked.type == 'multi' else 'answered'} {names}, more than gave any other answer"
        )
    small = " A small base: read with care." if leading[0]["marker"] == "u" else ""
    return f"{words} ({_backing(leading[0])}).{small}"


def _spread_in_words(study: _Study, question: str, rows: list[Record], leading: Record) -> str:
    """Where the leading answer is given most and least, over the groups that the question is compared by."""
    asked = study.question(question)
    by = asked.compare_by if asked else None
    groups = [
        r
        for r in _main_grain(rows)
        if by and r["break"] == by and r["option"] == leading["option"] and r["measure"] == leading["measure"]
        if pd.notna(r["per_cent"]) and r["marker"] in ("", "low")
    ]
    if len(groups) < 2:
        return ""
    high, low = (pick(groups, key=lambda r: r["per_cent"]) for pick in (max, min))
    if high["per_cent"] == low["per_cent"]:
        return f" It is the same in every reliable group of {_quoted(str(high['break_label']))}."
    return (
        f" By {_quoted(str(high['break_label']))} it runs from {_per_cent_sign(low)} ({low['group_label']}, "
        f"base {printed(low['base_unweighted'])}) to {_per_cent_sign(high)} ({high['group_label']}, "
        f"base {printed(high['base_unweighted'])}){_test_in_words(study, high)}."
    )


def _test_in_words(study: _Study, record: Record) -> str:
    """The test that belongs to a comparison: of the option, or else of the whole question."""
    fitting = [
        t
        for t in study.tests
        if (t["question"], t["break"], t["grain"]) == (record["question"], record["break"], record["grain"])
        and t["option"] in (record["option"], "")
        and pd.notna(t["p_adjusted"])
    ]
    test = next((t for t in sorted(fitting, key=lambda t: t["option"] == "")), None)
    if test is None:
        return ""
    p = printed_p(test["p_adjusted"])
    whose = "" if test["option"] else " for all answers together"
    return f"; adjusted p {p if p.startswith('<') else f'= {p}'}{whose}"


def _theme_finding(study: _Study, collection: str, rows: list[Record]) -> KeyFigure:
    units = _units(rows)
    unit = next((u for u in units if u != "segments"), next(iter(units)))
    found = units[unit]
    themes = [r for r in found if r["level"] == "theme"] or found
    shown = [r for r in themes if pd.notna(r["n"])]
    label, anchor = str(rows[0]["collection_label"]), _anchor("collection", collection)
    if not shown:
        return KeyFigure("[c]", label, f"No count can be shown: {MARKERS['c']}.", anchor)
    top = max(r["n"] for r in shown)
    leading = [r for r in shown if r["n"] == top]
    names = _listed(_quoted(str(r["theme_label"])) for r in leading)
    called = _units_called(study, collection, unit)
    words = f"of {printed(leading[0]['of'])} {called} {'each ' if len(leading) > 1 else ''}speak of {names}"
    share = f" ({_per_cent_sign(leading[0])})" if pd.notna(leading[0]["per_cent"]) else ""
    return KeyFigure(printed(top), label, f"{words}{share}: {_most_frequent(leading, themes)}.", anchor)


def _most_frequent(leading: list[Record], themes: list[Record]) -> str:
    kind = "theme" if themes[0]["level"] == "theme" else "code"
    return f"the most frequent of {printed(len(themes))} {kind}s" if len(leading) == 1 else f"the most frequent {kind}s"


# --- how to read -------------------------------------------------------------------------------------------------------


def _how_to_read(study: _Study) -> Section:
    facts = [(f"[{m}]", f"{_capital(meaning)}.") for m, meaning in MARKERS.items() if m]
    survey = study.definition.survey is not None
    intro = [
        Paragraph("Numbers that need a remark carry a marker in square brackets, and no cell of a table is empty.")
    ]
    return Section(
        "how-to-read",
        "How to read this report",
        (*intro, Facts(tuple(facts + reading_notes(study.definition, study.published))))
        if survey or study.themes
        else (),
    )


def reading_notes(definition: Definition, published: Published) -> list[tuple[str, str]]:
    """What a reader must know of bases, weights, intervals and rounding, for this study's kinds of table."""
    notes = []
    weighted = published.survey_estimates["weight_set"].ne("").any()
    if definition.survey:
        bases = "The base is who is counted in a per cent; each question says who that is. The unweighted base is the number of people"
        if weighted:
            bases += ", the weighted base is the sum of their weights, and the effective base"
        else:
            bases += ", and the effective base"
        bases += " is the size of a simple random sample that would be as precise."
        notes.append(("Bases", bases))
        notes.append(
            (
                "Weights",
                "Per cents are weighted unless a table says otherwise, and the unweighted per cent stands beside them."
                if weighted
                else "There are no weights: every answer counts the same.",
            )
        )
        notes.append(
            (
                "Intervals",
                f"The {INTERVAL} shows how far a figure may lie from the population\u2019s by the luck of who was asked. It does not cover who could not or would not take part, nor how a question was understood.",
            )
        )
        notes.append(
            (
                "Rounding",
                "Per cents are whole and halves are rounded up, once, from the exact figure. They may therefore not add up to 100, and a net may differ by one from the sum of its parts. Where several answers could be given they add up to more.",
            )
        )
    if definition.coded_text:
        notes.append(
            (
                "Theme counts",
                "A theme is counted once for each text or person, however often it comes up. One text can hold several themes, so counts add up to more than the number of texts. A count shows how widespread a theme is among these texts; it is no estimate for a population.",
            )
        )
    return notes


# --- who answered ------------------------------------------------------------------------------------------------------


def _who_answered(study: _Study) -> Section:
    blocks = (*_flow_table(study), *_profile_table(study), *_weighting_tables(study))
    return Section("who-answered", "Who answered", blocks)


def _flow_table(study: _Study) -> tuple[Block, ...]:
    flow = _records(study.published.row_flow)
    if not flow:
        return ()
    columns = [Column("File"), Column("Step"), *(Column(c, numeric=True) for c in ("Rows in", "Left out", "Rows kept"))]
    rows = [
        Row(
            _cells(
                _export_label(study, r["file"]),
                _capital(r["reason"] or r["step"]),
                printed(r["rows_in"]),
                printed(r["rows_dropped"]),
                printed(r["rows_out"]),
            )
        )
        for r in flow
    ]
    return (_table("From the rows of the files to the respondents", columns, rows, row_headers=2),)


def _profile_table(study: _Study) -> tuple[Block, ...]:
    if not study.profile:
        return ()
    weighted = any(pd.notna(r["per_cent_weighted"]) for r in study.profile)
    targeted = any(pd.notna(r["per_cent_target"]) for r in study.profile)
    columns = [
        Column("Characteristic"),
        Column("Group"),
        Column("Base", numeric=True),
        Column("Per cent unweighted", numeric=True),
    ]
    columns += [Column("Per cent weighted", numeric=True)] if weighted else []
    columns += [Column("Target per cent", numeric=True), Column("Source of the target")] if targeted else []
    rows = []
    for r in study.profile:
        marker = str(r["marker"])
        small = marker if pd.notna(r["base_unweighted"]) else ""
        texts = [str(r["variable_label"]), _with_marker(str(r["group_label"]), small)]
        texts += [printed(r["base_unweighted"], "" if small else marker)]
        texts += [printed(r["per_cent_unweighted"], "" if small else marker)]
        texts += [printed(r["per_cent_weighted"], "" if small else marker)] if weighted else []
        texts += [printed(r["per_cent_target"], "" if small else marker), _target_source(r)] if targeted else []
        rows.append(Row(_cells(*texts)))
    caption = "Respondents compared with the population they are weighted to" if targeted else "Respondents"
    return (_table(caption, columns, rows, row_headers=2),)


def _with_marker(label: str, marker: str) -> str:
    return f"{label} [{marker}]" if marker else label


def _target_source(record: Record) -> str:
    if not record["target_source"]:
        return "No target"
    graded = {"illustrative": " (illustrative, not an official figure)", "proxy": " (a proxy)"}
    return str(record["target_source"]) + graded.get(str(record["target_grade"]), "")


_MEASURES = {
    "n": "Respondents with a weight",
    "respondents": "Respondents with a weight",
    "effective_n": "Effective number of respondents",
    "design_effect": "Design effect of weighting",
    "min": "Smallest weight",
    "max": "Largest weight",
    "mean": "Mean weight",
    "cv": "Coefficient of variation of the weights",
    "iterations": "Rounds of raking",
    "trimmed": "Weights trimmed",
    "trimmed_low": "Weights raised to the lower bound",
    "trimmed_high": "Weights lowered to the upper bound",
    "unweighted": "Respondents without a weight",
}


def _weighting_tables(study: _Study) -> tuple[Block, ...]:
    rows = [
        Row(
            _cells(
                str(r["weight_set_label"]),
                _MEASURES.get(str(r["measure"]), _spoken(str(r["measure"]))),
                printed_value(r["value"]),
            )
        )
        for r in _records(study.published.weighting)
    ]
    if not rows:
        return ()
    columns = [Column("Weights"), Column("Measure"), Column("Value", numeric=True)]
    note = (
        "The design effect of weighting is how many times larger the variance of a figure is than without weights; "
        "the effective number is the number of respondents divided by it"
    )
    return (_table("What weighting did", columns, rows, row_headers=2, notes=[note]),)


def printed_value(value: Any) -> str:
    """Print a number of any kind: whole ones without decimals, others with two."""
    return printed(value, digits=0 if pd.isna(value) or float(value).is_integer() else 2)


# --- survey findings ---------------------------------------------------------------------------------------------------


def _survey_findings(study: _Study) -> Section:
    sections = tuple(_question_section(study, question, rows) for question, rows in study.questions.items())
    return Section("survey-findings", "Survey findings", (), sections)


def _question_section(study: _Study, question: str, rows: list[Record]) -> Section:
    main, *others = _variants(rows)
    blocks: list[Block] = [*_wording(study, question), *study.figure(f"likert_{question}", f"bars_{question}")]
    blocks += _total_table(study, question, main)
    blocks += study.figure(f"compare_{question}")
    blocks += [Fold(f"Table by {t}", (table,)) for t, table in _break_tables(study, question, main)]
    blocks += _tests_fold(study, question)
    for other in others:
        tables = (*_total_table(study, question, other), *(t for _, t in _break_tables(study, question, other)))
        blocks.append(Fold(f"The same question {_grain_in_words(other)}", tables))
    return Section(_anchor("question", question), str(rows[0]["question_label"]), tuple(blocks))


def _variants(rows: list[Record]) -> list[list[Record]]:
    """One question's estimates by where they come from; respondents' own rows first."""
    variants = _by(rows, lambda r: (str(r["grain"]) != "respondent", str(r["grain"])))
    return [variants[k] for k in sorted(variants)]


def _main_grain(rows: list[Record]) -> list[Record]:
    return _variants(rows)[0]


def _grain_in_words(rows: list[Record]) -> str:
    return (
        "from the respondents\u2019 own rows"
        if rows[0]["grain"] == "respondent"
        else "from the vendor\u2019s breakdown table"
    )


def _wording(study: _Study, question: str) -> tuple[Block, ...]:
    asked = study.question(question)
    if asked is None or study.definition.survey is None:
        return ()
    several = ""
    if asked.type == "multi":
        several = (
            f" Up to {asked.max_choices} answers could be given."
            if asked.max_choices
            else " Several answers could be given."
        )
    return (Wording(asked.text), Paragraph(base_in_words(study.definition.survey, question) + several))


def _total_table(study: _Study, question: str, rows: list[Record]) -> tuple[Block, ...]:
    total = [r for r in rows if not r["break"]]
    if not total:
        return ()
    weighted = any(r["weight_set"] for r in total)
    columns = [Column("Answer"), Column("Per cent", numeric=True), Column(INTERVAL, numeric=True)]
    columns += [Column("Per cent unweighted", numeric=True)] if weighted else []
    columns += [Column(label, numeric=True) for label, _ in _bases(total)]
    body = []
    for r in total:
        withheld = str(r["marker"]) if pd.isna(r["per_cent"]) else ""
        texts = [_answer(r), printed(r["per_cent"], str(r["marker"])), _range(r)]
        texts += [printed(r["per_cent_unweighted"], withheld)] if weighted else []
        texts += [printed(r[key], withheld) for _, key in _bases(total)]
        body.append(Row(_cells(*texts), "net" if r["measure"] == "net" else ""))
    caption = f"{rows[0]['question_label']}: {_whose(rows)}"
    return (_table(caption, columns, body, notes=[*_adding_up(study, question), *_noted(total)]),)


def _whose(rows: list[Record]) -> str:
    kind = "weighted per cents" if any(r["weight_set"] for r in rows) else "unweighted per cents"
    return f"{kind} {_grain_in_words(rows)}" if rows[0]["grain"] != "respondent" else kind


def _answer(record: Record) -> str:
    return f"Net: {record['option_label']}" if record["measure"] == "net" else str(record["option_label"])


_BASES = (
    ("Unweighted base", "base_unweighted"),
    ("Weighted base", "base_weighted"),
    ("Effective base", "base_effective"),
)


def _bases(rows: list[Record]) -> list[tuple[str, str]]:
    """The bases that these estimates have; without weights there is no weighted base to tell apart."""
    weighted = any(r["weight_set"] for r in rows)
    effective = any(pd.notna(r["base_effective"]) for r in rows)
    return [b for b, shown in zip(_BASES, (True, weighted, effective), strict=True) if shown]


def _adding_up(study: _Study, question: str) -> list[str]:
    asked = study.question(question)
    if asked is None:
        return []
    if asked.type == "multi":
        return ["Several answers could be given, so per cents may add up to more than 100"]
    return ["Per cents may not add up to 100 because of rounding"]


def _break_tables(study: _Study, question: str, rows: list[Record]) -> list[tuple[str, TableBlock]]:
    """A table for every break, the one that the question is compared by first."""
    total = {_cell_key(r): r for r in rows if not r["break"]}
    breaks = _by((r for r in rows if r["break"]), lambda r: str(r["break"]))
    asked = study.question(question)
    first = asked.compare_by if asked else None
    return [
        (str(cells[0]["break_label"]), _break_table(study, question, cells, total))
        for by, cells in sorted(breaks.items(), key=lambda item: item[0] != first)
    ]


def _cell_key(record: Record) -> tuple[str, str]:
    return str(record["measure"]), str(record["option"])


def _break_table(study: _Study, question: str, rows: list[Record], total: dict[tuple[str, str], Record]) -> TableBlock:
    """Groups across, answers down, bases below: the way pollsters print a crosstab."""
    groups = _by(rows, lambda r: str(r["group"]))
    grid = {g: {_cell_key(r): r for r in cells} for g, cells in groups.items()}
    if total:
        grid = {"": total} | grid
    heads = {g: next(iter(cells.values())) for g, cells in grid.items()}
    small = {g: _shared_marker(cells.values()) for g, cells in grid.items()}
    by = str(rows[0]["break_label"])
    columns = [Column("Answer")] + [
        Column(
            _with_marker(EVERYONE if g == "" else str(heads[g]["group_label"]), small[g]), True, "" if g == "" else by
        )
        for g in grid
    ]
    body = []
    for key in dict.fromkeys(_cell_key(r) for r in [*total.values(), *rows]):
        cells = [_group_cell(grid[g].get(key), small[g]) for g in grid]
        label = _answer(next(grid[g][key] for g in grid if key in grid[g]))
        body.append(Row((Cell(label), *cells), "net" if key[0] == "net" else ""))
    for label, column in _bases([*total.values(), *rows]):
        body.append(Row(_cells(label, *(_base_cell(grid[g].values(), column) for g in grid)), "base"))
    notes = [f"Below each per cent its {INTERVAL}", *_adding_up(study, question), *_noted(rows)]
    return _table(f"{rows[0]['question_label']} by {by}: {_whose(rows)}", columns, body, notes=notes)


def _shared_marker(cells: Iterable[Record]) -> str:
    """The marker that all shown cells of a group carry: it then belongs to the group, not to each number."""
    markers = {str(c["marker"]) for c in cells if pd.notna(c["per_cent"]) and c["marker"] != "low"}
    return markers.pop() if len(markers) == 1 else ""


def _group_cell(record: Record | None, shared: str) -> Cell:
    if record is None:
        return Cell(printed(float("nan")))
    if pd.isna(record["per_cent"]):
        return Cell(printed(record["per_cent"], str(record["marker"])))
    own = str(record["marker"])
    return Cell(printed(record["per_cent"], "" if own == shared else own), _range(record))


def _base_cell(cells: Iterable[Record], column: str) -> str:
    """The base of a group; from least to most where it differs between answers."""
    cells = list(cells)
    known = [c[column] for c in cells if pd.notna(c[column])]
    if not known:
        return printed(float("nan"), next((str(c["marker"]) for c in cells if pd.isna(c["per_cent"])), ""))
    low, high = printed(min(known)), printed(max(known))
    return low if low == high else f"{low} to {high}"


def _tests_fold(study: _Study, question: str) -> tuple[Block, ...]:
    tests = [t for t in study.tests if t["question"] == question]
    if not tests:
        return ()
    columns = [Column("Split by"), Column("Answer"), Column("Test")]
    columns += [Column(c, numeric=True) for c in ("Statistic", "Degrees of freedom", "p", "Adjusted p", "Effect size")]
    rows = [Row(_test_cells(t)) for t in tests]
    notes = [
        "Adjusted p takes account of the number of tests; effect sizes do not depend on the number of people",
        *_noted(tests),
    ]
    caption = f"{tests[0]['question_label']}: tests of differences between groups"
    return (Fold("Tests of differences between groups", (_table(caption, columns, rows, row_headers=2, notes=notes),)),)


def _test_cells(test: Record) -> tuple[Cell, ...]:
    marker = str(test["marker"])
    degrees = [printed_value(test[d]) for d in ("df1", "df2") if pd.notna(test[d])]
    return (
        Cell(str(test["break_label"])),
        Cell(str(test["option_label"]) or "All answers together"),
        Cell(str(test["method"]) or "No test"),
        Cell(printed(test["statistic"], marker, 2)),
        Cell("; ".join(degrees) or printed(float("nan"), marker)),
        Cell(printed_p(test["p"], marker)),
        Cell(printed_p(test["p_adjusted"], marker)),
        Cell(printed(test["effect"], marker, 2), str(test["effect_name"])),
    )


# --- what people said --------------------------------------------------------------------------------------------------

_MODES = {
    "interview": "Interviews",
    "focus_group": "Focus groups",
    "open_text": "Answers to an open question",
    "observation": "Observations",
    "document": "Documents",
}


def _collections(study: _Study) -> dict[str, list[Record]]:
    """The theme counts of each collection that are not split by a group, in the definition's order."""
    found = _by((r for r in study.themes if not r["by"]), lambda r: str(r["collection"]))
    coded = study.definition.coded_text
    known = list(coded.collections) if coded else []
    return {c: found[c] for c in sorted(found, key=lambda c: known.index(c) if c in known else len(known))}


def _collection(study: _Study, name: str) -> Collection | None:
    coded = study.definition.coded_text
    return coded.collections.get(name) if coded else None


def _units(rows: list[Record]) -> dict[str, list[Record]]:
    """Theme counts by unit, people and texts before segments."""
    units = _by(rows, lambda r: str(r["unit"]))
    return {u: units[u] for u in sorted(units, key=lambda u: u == "segments")}


def _units_called(study: _Study, collection: str, unit: str) -> str:
    defined = _collection(study, collection)
    if unit == "cases":
        return defined.cases if defined else "cases"
    if unit == "sources":
        return "answers" if defined and defined.mode == "open_text" else "texts"
    return "coded segments" if unit == "segments" else unit


def _what_people_said(study: _Study) -> Section:
    sections = tuple(_collection_section(study, name, rows) for name, rows in _collections(study).items())
    return Section("what-people-said", "What people said", (), sections)


def _collection_section(study: _Study, name: str, rows: list[Record]) -> Section:
    defined = _collection(study, name)
    blocks: list[Block] = []
    if defined:
        blocks.append(Paragraph(f"{_MODES[defined.mode]}; counted from the coding of {_quoted(defined.count_from)}."))
    blocks += study.figure(f"themes_{name}")
    blocks.append(_theme_table(study, name, rows))
    split = [r for r in study.themes if r["collection"] == name and r["by"]]
    for cells in _by(split, lambda r: (str(r["by"]), str(r["unit"]))).values():
        blocks.append(Fold(f"Themes by {cells[0]['by_label']}", (_theme_break_table(study, name, cells, rows),)))
    blocks += _agreement_blocks(study, name)
    return Section(_anchor("collection", name), str(rows[0]["collection_label"]), tuple(blocks))


def _theme_order(rows: list[Record]) -> list[Record]:
    """One row for each theme and code: every theme with its codes below it."""
    first = list({(r["level"], r["theme"]): r for r in reversed(rows)}.values())[::-1]
    themes = [r for r in first if r["level"] == "theme"]
    ordered = []
    for theme in themes:
        ordered += [theme, *(r for r in first if r["level"] == "code" and r["parent"] == theme["theme"])]
    placed = {r["theme"] for r in ordered}
    return ordered + [r for r in first if r["theme"] not in placed]


def _theme_table(study: _Study, name: str, rows: list[Record]) -> TableBlock:
    units = _units(rows)
    counts = {u: {r["theme"]: r for r in found} for u, found in units.items()}
    shares = {u: any(pd.notna(r["per_cent"]) for r in found) for u, found in units.items()}
    columns = [Column("Theme or code")]
    for unit in units:
        called = _capital(_units_called(study, name, unit))
        columns += [Column("Number", True, called), *([Column("Per cent", True, called)] if shares[unit] else [])]
    body = []
    for theme in _theme_order(rows):
        cells = [Cell(str(theme["theme_label"]))]
        for unit, found in counts.items():
            record = found.get(theme["theme"])
            cells.append(Cell(_n_of(record)))
            if shares[unit]:
                cells.append(Cell(printed(record["per_cent"], str(record["marker"])) if record else printed(None)))
        body.append(Row(tuple(cells), "theme" if theme["level"] == "theme" else "code"))
    notes = ["A theme counts each text or person once, whichever of its codes were used"]
    if not all(shares.get(u, True) for u in units if u != "segments"):
        notes.append("There are too few for per cents")
    return _table(f"{rows[0]['collection_label']}: themes and codes", columns, body, notes=notes)


def _n_of(record: Record | None) -> str:
    if record is None:
        return printed(None)
    if pd.isna(record["n"]):
        return printed(record["n"], str(record["marker"]))
    return f"{printed(record['n'], str(record['marker']))} of {printed(record['of'])}"


def _theme_break_table(study: _Study, name: str, rows: list[Record], total: list[Record]) -> TableBlock:
    unit = str(rows[0]["unit"])
    everyone = {r["theme"]: r for r in _units(total).get(unit, [])}
    groups = _by(rows, lambda r: str(r["group"]))
    grid = {"": everyone} | {g: {r["theme"]: r for r in cells} for g, cells in groups.items()}
    by = str(rows[0]["by_label"])
    columns = [Column("Theme or code"), Column(EVERYONE, True)]
    columns += [Column(str(cells[0]["group_label"]), True, by) for cells in groups.values()]
    body = [
        Row(
            (Cell(str(theme["theme_label"])), *(_theme_cell(found.get(theme["theme"])) for found in grid.values())),
            "theme" if theme["level"] == "theme" else "code",
        )
        for theme in _theme_order(rows)
    ]
    called = _units_called(study, name, unit)
    return _table(f"{rows[0]['collection_label']}: themes by {by}, number of {called}", columns, body)


def _theme_cell(record: Record | None) -> Cell:
    share = f"{printed(record['per_cent'])}%" if record and pd.notna(record["per_cent"]) else ""
    return Cell(_n_of(record), share)


def _agreement_blocks(study: _Study, name: str) -> tuple[Block, ...]:
    rows = [r for r in study.agreement if r["collection"] == name]
    if not rows:
        return ()
    label = rows[0]["collection_label"]
    overall, codes = ([r for r in rows if (r["level"] == "all") is whole] for whole in (True, False))
    blocks: list[Block] = []
    if overall:
        blocks.append(_agreement_table(f"{label}: agreement between coders", overall, with_codes=False))
    if codes:
        table = _agreement_table(f"{label}: agreement between coders, code by code", codes, with_codes=True)
        blocks.append(Fold("Agreement between coders, code by code", (table,)))
    return tuple(blocks)


def _agreement_table(caption: str, rows: list[Record], *, with_codes: bool) -> TableBlock:
    columns = [Column("Coders"), Column("Code" if with_codes else "Compared on")]
    columns += [Column(c, numeric=True) for c in ("Units", "Share coded alike", "Cohen\u2019s kappa", INTERVAL)]
    body = [
        Row(
            _cells(
                f"{r['coder_a']} and {r['coder_b']}",
                str(r["code_label"]) if with_codes else f"All codes, by {r['unit']}",
                printed(r["n_units"]),
                printed(r["agreement"], digits=2),
                printed(r["kappa"], digits=2),
                _kappa_range(r),
            )
        )
        for r in rows
    ]
    notes = [
        "Kappa is agreement beyond what chance would give: 1 is full agreement, 0 no more than chance",
        "" if with_codes else "Over all codes it is the mean of the kappas that can be estimated",
        *_noted(rows),
    ]
    return _table(caption, columns, body, row_headers=2, notes=notes)


def _kappa_range(record: Record) -> str:
    if pd.isna(record["kappa_low"]) or pd.isna(record["kappa_high"]):
        return printed(None)
    return f"{printed(record['kappa_low'], digits=2)} to {printed(record['kappa_high'], digits=2)}"


# --- the strands together ----------------------------------------------------------------------------------------------


def _strands_together(study: _Study) -> Section:
    if not study.joint_display:
        return Section("strands-together", "Bringing the strands together")
    intro = Paragraph(
        "Each row is one construct that both strands speak of. Its numbers are those of the sections above; the fit and "
        "what is concluded from it are judgements, signed and dated by who made them."
    )
    columns = [
        Column("Construct"),
        Column("Survey"),
        Column("Coded text"),
        Column("Fit"),
        Column("What the two say together"),
    ]
    rows = [_construct_row(study, rows) for rows in study.joint_display.values()]
    table = _table("Joint display of survey and coded text", columns, rows)
    meanings = [
        (f, _FITS[_fold(f)]) for f in _distinct(r[0]["fit"] for r in study.joint_display.values()) if _fold(f) in _FITS
    ]
    legend = [Facts(tuple((_capital(f), text) for f, text in meanings))] if meanings else []
    figure = study.figure("joint_display")
    return Section("strands-together", "Bringing the strands together", (intro, *figure, table, *legend))


_FITS = {
    "confirmation": "The strands point the same way.",
    "expansion": "One strand adds what the other could not show.",
    "discordance": "The strands contradict each other.",
    "silence": "One strand speaks of it and the other does not.",
}


def _fold(text: str) -> str:
    return text.casefold().strip()


def _construct_title(rows: list[Record]) -> str:
    return str(rows[0]["label"]) or str(rows[0]["construct"])


def _construct_row(study: _Study, rows: list[Record]) -> Row:
    first = rows[0]
    reason = _sentence(str(first["rationale"]))
    signed = _signature(first)
    return Row(
        (
            Cell(_construct_title(rows)),
            Cell("\n".join(_item_in_words(study, r) for r in rows if r["strand"] == "survey") or "No survey item"),
            Cell("\n".join(_item_in_words(study, r) for r in rows if r["strand"] != "survey") or "No theme"),
            Cell(_capital(str(first["fit"])) or "Not yet judged"),
            Cell(str(first["meta_inference"]) or "Not yet written", " ".join(t for t in (reason, signed) if t)),
        )
    )


def _signature(record: Record) -> str:
    parts = [str(record["author"]), printed_day(str(record["date"])) if record["date"] else ""]
    return ", ".join(p for p in parts if p)


def _item_in_words(study: _Study, record: Record) -> str:
    """One item of a construct with its number: `Uses of the library, 'Quiet place': 54% (...)`."""
    name = f"{record['origin_label']}, {_quoted(str(record['item_label']))}"
    marker = str(record["marker"])
    if record["strand"] == "survey":
        if pd.isna(record["per_cent"]):
            return f"{name}: {printed(record['per_cent'], marker)}"
        backing = _backing({**record, "base_unweighted": record["of"]})
        return f"{name}: {_with_marker(_per_cent_sign(record), marker)} ({backing})"
    share = f" ({_per_cent_sign(record)})" if pd.notna(record["per_cent"]) else ""
    return f"{name}: {_n_of(record)}{share}"


def _construct_in_words(study: _Study, rows: list[Record]) -> str:
    first = rows[0]
    items = "; ".join(_item_in_words(study, r) for r in rows)
    fit = f"{_capital(str(first['fit']))}. " if first["fit"] else ""
    signed = f" ({_signature(first)})" if _signature(first) else ""
    meaning = f"{str(first['meta_inference']).rstrip('.')}{signed}. " if first["meta_inference"] else ""
    return f"{fit}{meaning}{_sentence(items)}"


# --- checks ------------------------------------------------------------------------------------------------------------

_COMPARED = {
    "base": "Bases",
    "count": "Counts",
    "margin_of_error": "Margins of error",
    "integrality": "Share times base is a whole number",
}


def _checks(study: _Study) -> Section:
    return Section("checks", "Checks", (*_reconciliation_blocks(study), *_cleaning_blocks(study)))


def _reconciliation_blocks(study: _Study) -> tuple[Block, ...]:
    checks = _records(study.published.reconciliation)
    if not checks:
        return ()
    compared, agreeing = (sum(r[c] for r in checks if pd.notna(r[c])) for c in ("compared", "agreeing"))
    intro = (
        f"Numbers that reach this study by two ways were compared: {printed(agreeing)} of {printed(compared)} agree."
    )
    columns = [Column("What"), Column("Question"), Column("Split by"), Column("Sources")]
    columns += [Column("Compared", True), Column("Agreeing", True), Column("Remark")]
    rows = [
        Row(
            _cells(
                _COMPARED.get(str(r["what"]), _spoken(str(r["what"]))),
                study.label_of(str(r["question"])) or "All",
                study.label_of(str(r["break"])) or EVERYONE,
                " and ".join(_distinct([r["left_source"], r["right_source"]])) or "Not named",
                printed(r["compared"]),
                printed(r["agreeing"]),
                _capital(str(r["note"])) or ("Agrees" if r["compared"] == r["agreeing"] else "Not explained"),
            )
        )
        for r in checks
    ]
    return (Paragraph(intro), _table("Numbers compared between sources", columns, rows, row_headers=3))


def _cleaning_blocks(study: _Study) -> tuple[Block, ...]:
    changes = _records(study.published.cleaning_summary)
    if not changes:
        return ()
    columns = [Column("Step"), Column("Reason"), Column("Column of the file"), Column("Cells", True)]
    rows = [
        Row(
            _cells(_spoken(r["step"]), _capital(r["reason"]) or "None given", r["column"] or "All", printed(r["cells"]))
        )
        for r in changes
    ]
    table = _table("Cells changed in cleaning", columns, rows, row_headers=3)
    intro = f"Cleaning changed {printed(sum(r['cells'] for r in changes if pd.notna(r['cells'])))} cells; each change is logged."
    return (Paragraph(intro), Fold("Cells changed in cleaning", (table,)))


# --- limitations -------------------------------------------------------------------------------------------------------


def _limitations(study: _Study) -> Section:
    own = [_sentence(text) for text in study.definition.about.limitations]
    return Section(
        "limitations",
        "Limitations",
        (Bullets((*own, *_known_limitations(study))),) if own or _known_limitations(study) else (),
    )


def _known_limitations(study: _Study) -> list[str]:
    """The limitations that the run itself can see."""
    found = []
    if study.definition.simulated:
        found.append(
            "The data are simulated. The report shows what the workflow does; it says nothing about real people."
        )
    if study.estimates and not study.weighted:
        found.append(
            "The survey is not weighted: its figures describe those who answered and may differ from the population."
        )
    graded = {
        g: _distinct(r["variable_label"] for r in study.profile if r["target_grade"] == g)
        for g in ("illustrative", "proxy")
    }
    if graded["illustrative"]:
        found.append(
            f"The weighting targets of {_listed(graded['illustrative'])} are illustrative and not official figures: weighted results show how the weighting works, not the population."
        )
    if graded["proxy"]:
        found.append(
            f"The weighting targets of {_listed(graded['proxy'])} are proxies for figures that are not published."
        )
    found += _small_bases(study)
    breakdowns = _distinct(
        r[0]["question_label"] for r in study.questions.values() if _main_grain(r)[0]["grain"] == "breakdown"
    )
    if breakdowns:
        found.append(
            f"Known only from a vendor\u2019s breakdown table, so that it could not be weighted or split anew: {_listed(map(_quoted, breakdowns))}."
        )
    checks = study.published.reconciliation
    if len(checks) and checks["agreeing"].lt(checks["compared"]).any():
        found.append("Some numbers differ between the files that report them; the section on checks lists them.")
    compared = {r["collection"] for r in study.agreement}
    alone = [str(rows[0]["collection_label"]) for c, rows in _collections(study).items() if c not in compared]
    if alone:
        found.append(f"Agreement between coders was not measured for {_listed(map(_quoted, alone))}.")
    unjudged = [_construct_title(rows) for rows in study.joint_display.values() if not rows[0]["fit"]]
    if unjudged:
        found.append(f"The fit of the strands is not yet judged for {_listed(map(_quoted, unjudged))}.")
    return found


def _small_bases(study: _Study) -> list[str]:
    groups = _by(study.estimates, lambda r: (r["question"], r["break"], r["group"], r["grain"])).values()
    small = sum(any(r["marker"] == "u" for r in g) for g in groups)
    hidden = sum(all(pd.isna(r["per_cent"]) for r in g) for g in groups)
    found = []
    if small:
        found.append(
            f"{printed(small)} of {printed(len(groups))} sets of survey figures (a question in a group) rest on a small base and are marked [u]."
        )
    if hidden:
        found.append(f"{printed(hidden)} of {printed(len(groups))} sets of survey figures are withheld.")
    return found


# --- methods -----------------------------------------------------------------------------------------------------------


def _methods(study: _Study) -> Section:
    parts = (
        Section("methods-design", "Design", (Paragraph(_sentence(study.definition.about.design)),)),
        _survey_methods(study),
        _weighting_methods(study),
        _estimation_methods(study),
        _coding_methods(study),
        _linking_methods(study),
        _disclosure_methods(study),
    )
    return Section("methods", "Methods", (), tuple(p for p in parts if p.blocks))


def method_notes(published: Published, definition: Definition) -> list[tuple[str, str]]:
    """The methods as pairs of a topic and what was done, for renderings that have no sections."""
    study = _Study(published, definition, pd.DataFrame(columns=["name"]))
    notes = []
    for section in _methods(study).sections:
        for block in section.blocks:
            if isinstance(block, Paragraph):
                notes.append((section.title, block.text))
            elif isinstance(block, Bullets):
                notes += [(section.title, item) for item in block.items]
            elif isinstance(block, Facts):
                notes += [(f"{section.title}: {term}", text) for term, text in block.items]
    return notes


def _survey_methods(study: _Study) -> Section:
    survey = study.definition.survey
    if survey is None:
        return Section("methods-survey", "Survey data")
    facts = []
    if survey.exports:
        facts.append(
            ("Exports", _sentence(_listed(_export_in_words(e.label, e.file) for e in survey.exports.values())))
        )
    facts += [
        ("Breakdown tables", _breakdown_in_words(survey, b.question, b.responses)) for b in survey.breakdowns.values()
    ]
    facts += [
        (
            "Exclusions",
            f"{_capital(e.reason)}: rows whose {_quoted(e.column)} is {_listed(map(_quoted, e.values), 'or')}.",
        )
        for e in survey.exclusions
    ]
    routed = {q: question for q, question in survey.questions.items() if question.asked_of}
    facts += [(f"Routing of {question.label}", base_in_words(survey, q)) for q, question in routed.items()]
    if survey.derived:
        merged = [f"{d.label} (from {survey.label_of(d.source)})" for d in survey.derived.values()]
        facts.append(("Merged variables", _sentence(_listed(merged))))
    if survey.crosses:
        crossed = [f"{c.label} ({' by '.join(survey.label_of(v) for v in c.of)})" for c in survey.crosses.values()]
        facts.append(("Crossed variables", _sentence(_listed(crossed))))
    facts.append(
        (
            "No answer",
            "Why an answer is missing is kept: not asked, not routed, skipped, refused, don\u2019t know, not applicable. The first two are never in a base; each question says which others are left out.",
        )
    )
    return Section("methods-survey", "Survey data", (Facts(tuple(facts)),))


def _export_in_words(label: str, file: str) -> str:
    return f"{label} ({file})" if label else file


def _breakdown_in_words(survey: Survey, question: str, file: str) -> str:
    return f"{_quoted(survey.label_of(question))} from the vendor\u2019s table {file}."


def _weighting_methods(study: _Study) -> Section:
    survey = study.definition.survey
    if survey is None or not study.questions:
        return Section("methods-weighting", "Weighting")
    weighting = survey.weighting
    if weighting is None:
        text = "No weights: the study has no targets to weight to, and every respondent counts the same."
        return Section("methods-weighting", "Weighting", (Paragraph(text),))
    variables = _distinct(
        r["variable_label"] for r in study.profile if pd.notna(r["per_cent_target"]) or r["target_source"]
    )
    words = (
        "Respondents are weighted by raking: weights are adjusted to one set of targets after the other until all agree"
    )
    facts = [("Method", _sentence(words))]
    if variables:
        facts.append(("Variables", _sentence(_listed(variables))))
    sources = [
        f"{s}{f' ({g})' if g else ''}"
        for s, g in dict.fromkeys((str(r["target_source"]), str(r["target_grade"])) for r in study.profile)
        if s
    ]
    if sources:
        facts.append(("Sources of the targets", _sentence("; ".join(sources))))
    if weighting.population:
        whom = [
            f"{survey.label_of(v)} = {_listed((_quoted(survey.groups_of(v).get(g, g)) for g in groups), 'or')}"
            for v, groups in weighting.population.items()
        ]
        facts.append(
            (
                "Whom the targets describe",
                f"Those with {_listed(whom)}; others have no weight and are only in unweighted figures.",
            )
        )
    bounds = [
        f"{name} {bound:g} times the mean"
        for name, bound in (("at least", weighting.trim.lower), ("at most", weighting.trim.upper))
        if bound
    ]
    if bounds:
        facts.append(("Trimming", f"A weight is {_listed(bounds)}."))
    return Section("methods-weighting", "Weighting", (Facts(tuple(facts)),))


def _estimation_methods(study: _Study) -> Section:
    facts = []
    survey = study.definition.survey
    methods = _by((r for r in study.estimates if r["method"]), lambda r: str(r["method"]))
    for method, rows in methods.items():
        questions = _distinct(r["question"] for r in rows)
        where = (
            "all questions"
            if len(questions) == len(study.questions)
            else _listed(_quoted(study.label_of(q)) for q in questions)
        )
        facts.append(("Intervals", f"{_capital(method)}: {where}."))
    if survey and survey.cluster and study.estimates:
        facts.append(
            (
                "Clusters",
                f"People were recruited through clusters (column {_quoted(survey.cluster)}), which the intervals and tests allow for.",
            )
        )
    tests = _by((t for t in study.tests if t["method"]), lambda t: str(t["method"]))
    if tests:
        facts.append(("Tests", _sentence(_capital(_listed(tests)))))
    effects = _distinct(t["effect_name"] for t in study.tests)
    if effects:
        facts.append(("Effect sizes", _sentence(_listed(effects))))
    return Section("methods-estimation", "Estimation and tests", (Facts(tuple(facts)),) if facts else ())


def _coding_methods(study: _Study) -> Section:
    coded = study.definition.coded_text
    if coded is None:
        return Section("methods-coding", "Coding")
    facts = []
    for name, collection in coded.collections.items():
        words = [_MODES[collection.mode], f"counted from {_quoted(collection.count_from)}"]
        if isinstance(collection, Sheets):
            words.append(
                f"coders {_listed(_quoted(s.coder) + (' (adjudicated)' if s.adjudicated else '') for s in collection.sheets)}"
            )
        pairs = [r for r in study.agreement if r["collection"] == name and r["level"] == "all"]
        words += [
            f"{r['coder_a']} and {r['coder_b']} agree with a kappa of {printed(r['kappa'], digits=2)} over {printed(r['n_units'])} units"
            for r in pairs
            if pd.notna(r["kappa"])
        ]
        facts.append((collection.label, _sentence("; ".join(words))))
    if study.agreement:
        facts.append(
            ("Agreement", "Cohen\u2019s kappa, code by code, over the units that both coders were asked to code.")
        )
    return Section("methods-coding", "Coding", (Facts(tuple(facts)),))


def _linking_methods(study: _Study) -> Section:
    if not study.joint_display:
        return Section("methods-linking", "Linking the strands")
    signed = _distinct(_signature(rows[0]) for rows in study.joint_display.values())
    text = (
        f"The strands are merged in a joint display of {printed(len(study.joint_display))} constructs. Which survey items and themes speak of a construct was "
        "decided by the researchers; the numbers are looked up, the fit and the inference are written by hand"
    )
    return Section(
        "methods-linking", "Linking the strands", (Paragraph(f"{text}{f' ({_listed(signed)})' if signed else ''}."),)
    )


def _disclosure_methods(study: _Study) -> Section:
    log = _records(study.published.suppression_log)
    intro = "All numbers of this report passed one gate that withholds what could single out a person or mislead."
    if not log:
        return Section("methods-disclosure", "Disclosure control", (Paragraph(f"{intro} It withheld nothing."),))
    rules = [
        Row(_cells(_spoken(table), _capital(rule), printed(sum(r["cells"] for r in rows if pd.notna(r["cells"])))))
        for (table, rule), rows in _by(log, lambda r: (str(r["table"]), str(r["rule"]))).items()
    ]
    table = _table("What was withheld", [Column("Table"), Column("Rule"), Column("Cells", True)], rules, row_headers=2)
    columns = [
        Column("Table"),
        Column("Question or collection"),
        Column("Split by"),
        Column("Group"),
        Column("Rule"),
        Column("Cells", True),
    ]
    rows = [Row(_cells(*_withheld(study, r))) for r in log]
    full = _table("What was withheld, group by group", columns, rows, row_headers=4)
    rule_words = f"Its rules that took effect here: {_listed(_distinct(r['rule'] for r in log))}."
    return Section(
        "methods-disclosure",
        "Disclosure control",
        (Paragraph(f"{intro} {rule_words}"), table, Fold("What was withheld, group by group", (full,))),
    )


def _withheld(study: _Study, record: Record) -> list[str]:
    """A line of the suppression log in printed names."""
    named = {
        (str(r[key]), str(r[group])): str(r[label])
        for rows, key, group, label in (
            (study.estimates, "break", "group", "group_label"),
            (study.themes, "by", "group", "group_label"),
            (study.profile, "variable", "group", "group_label"),
        )
        for r in rows
    }
    question, by, group = (str(record[c]) for c in ("question", "break", "group"))
    collection = _collection(study, question)
    return [
        _spoken(str(record["table"])),
        collection.label if collection else study.label_of(question) or "All",
        study.label_of(by) or "Not split",
        named.get((by, group), group) or EVERYONE,
        _capital(str(record["rule"])),
        printed(record["cells"]),
    ]
