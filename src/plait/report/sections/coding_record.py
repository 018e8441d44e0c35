"""How coded text came in and was settled: files, coders, disagreements, decisions, and what counts in the end."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from plait.report.blocks import Block, Cell, Fold, Row
from plait.report.printing import capital, printed, printed_day, sentence, spoken
from plait.report.sections.view import Record, StudyView, cells, grouped, numbers, table, words
from plait.study.wording import listed, quoted
from plait.tables import records

Fact = tuple[str, str]

_READERS = {
    "sheets": "a coder\u2019s sheet",
    "segments": "a table of segments",
    "coding-table": "a table of codings",
    "refi-qda": "a REFI-QDA project",
    "qualcoder": "a QualCoder project",
    "qualcoder-report": "a report of QualCoder",
    "rqda": "an RQDA project",
    "taguette": "a Taguette project",
    "taguette-highlights": "highlights from Taguette",
    "taguette-codebook": "a codebook of Taguette",
    "rock": "text in ROCK notation",
    "word-comments": "a Word document with comments",
    "maxqda-segments": "coded segments from MAXQDA",
    "nvivo-matrix": "a matrix from NVivo",
    "nvivo-code-text": "the text of a code from NVivo",
    "atlasti-quotations": "quotations from ATLAS.ti",
    "atlasti-codes": "codes from ATLAS.ti",
    "dedoose-excerpts": "excerpts from Dedoose",
    "dedoose-codes": "codes from Dedoose",
}
_ACTIONS = {
    "rename": ("rename", "renames"),
    "merge": ("merge", "merges"),
    "split": ("split", "splits"),
    "recode": ("recoded text", "recoded texts"),
    "exclude": ("exclusion", "exclusions"),
    "add": ("added code", "added codes"),
    "gives_way": ("rule that a code gives way", "rules that a code gives way"),
    "stands_alone": ("rule that a code stands alone", "rules that a code stands alone"),
}
_WHY = (
    "Decisions apply in the order of this table. What one did is withheld where it is about a few texts; which texts, and "
    "who decided, stays in the project"
)


def coding_facts(study: StudyView, name: str, label: str) -> Iterator[Fact]:
    """The coding of one collection, step by step; nothing of what the published tables do not say."""
    of = {
        table: [r for r in records(getattr(study.published, table)) if r["collection"] in (name, "")]
        for table in ("coding_sources", "coders", "adjudication", "coding_notes", "coding_steps", "decisions")
    }
    yield from ((f"{label}: {topic}", text) for topic, text in _facts(of))


def _facts(of: dict[str, list[Record]]) -> Iterator[Fact]:
    """In the order in which it was done."""
    if of["coding_sources"]:
        yield "files", sentence("; ".join(map(_file, of["coding_sources"])))
    for kind, topic in (("left_out", "left out while reading"), ("caution", "cautions while reading")):
        rows = [r for r in of["coding_notes"] if r["kind"] == kind]
        if rows:
            yield topic, capital(sentence("; ".join(f"{r['text']}: {printed(r['n'])}" for r in rows)))
    if of["coders"]:
        yield "coders", sentence("; ".join(map(_coder, of["coders"])))
    for row in of["adjudication"]:
        yield "agreed and settled", _settled(row)
    if of["decisions"]:
        yield "decisions", _decided(of["decisions"])
    if of["coding_steps"]:
        steps = [r for r in of["coding_steps"] if r["step"] != "decided" or of["decisions"]]
        yield "what is counted", " ".join(filter(None, map(_step, steps)))


def _file(row: Record) -> str:
    kind = reader_in_words(row)
    made = f", written by {row['tool']}" if row["tool"] and row["tool"].split()[0].lower() not in kind.lower() else ""
    parts = [f"{quoted(row['file'])}, {kind}{made}: {printed(row['codings_in'])} codings"]
    left = (("excluded", "left out"), ("unresolved", "without a place that could be found"))
    parts += [f"{printed(row[column])} {what}" for column, what in left if row[column] > 0]
    how, _, evidence = str(row["offset_convention"]).partition("; score ")
    if how:
        fit = f", which fit the words by {evidence.split()[0]} of 1" if evidence else ""
        parts.append(f"places counted in {how}{fit}")
    return ", ".join(parts)


def reader_in_words(row: Record) -> str:
    """What kind of file it was."""
    return _READERS.get(str(row["reader"]), str(row["reader"]))


def action_in_words(row: Record) -> str:
    """What a decision does, in the singular."""
    return capital(_ACTIONS.get(str(row["action"]), (spoken(row["action"]),))[0])


def _coder(row: Record) -> str:
    role = " (agreed on)" if row["role"] == "adjudicated" else ""
    counted = ", which are counted" if row["counted"] else ""
    texts = f"{printed(row['sources_coded'])} of {printed(row['sources_assigned'])} texts given"
    return f"{quoted(row['coder'])}{role}: {printed(row['segments'])} codings in {texts}{counted}"


def _settled(row: Record) -> str:
    unit = "texts" if row["unit"] == "source" else f"{row['unit']}s"
    share: str = f" ({printed(row['per_cent_alike'])}%)" if pd.notna(row["per_cent_alike"]) else ""
    alike = f"{printed(row['units_alike'])}{share} were coded alike on every code"
    said = [
        f"Of {printed(row['n_units'])} {unit} that two coders or more were asked to code, {alike}.",
        f"Codes of {unit} that all of them gave: {printed(row['agreed'])}; differed on: {printed(row['disputed'])}.",
    ]
    if pd.isna(row["settled"]):
        return " ".join([*said, "The differences were not settled: the coding of one coder is counted."])
    outcome = [f"given {printed(row['accepted'])}", f"not given {printed(row['rejected'])}"]
    outcome += [f"open {printed(row['open'])}"] if row["open"] else []
    said.append(f"Settled of these: {listed(outcome)}.")
    more = [f"{printed(row['alone'])} given by the only coder asked"] if row["alone"] else []
    more += [f"{printed(row['overruled'])} dropped although agreed on"] if row["overruled"] else []
    more += [f"{printed(row['added'])} that nobody had given before"] if row["added"] else []
    return " ".join([*said, *([f"Besides: {listed(more)}."] if more else [])])


def _decided(rows: list[Record]) -> str:
    days = list(dict.fromkeys(printed_day(str(r["date"])) for r in rows))
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    # Neighbours of one kind are told together; the order between kinds is that of the log.
    runs: list[tuple[str, int]] = []
    for row in rows:
        action = str(row["action"])
        runs = [*runs[:-1], (action, runs[-1][1] + 1)] if runs and runs[-1][0] == action else [*runs, (action, 1)]
    kinds = [f"{printed(n)} {_ACTIONS.get(action, (spoken(action),) * 2)[n > 1]}" for action, n in runs]
    return f"{printed(len(rows))} ({when}), in this order: {', '.join(kinds)}."


def _step(row: Record) -> str:
    marker = str(row["marker"])
    into, out = (printed(row[column], marker) for column in ("segments_in", "segments_out"))
    added, removed = (printed(row[column], marker) for column in ("segments_added", "segments_removed"))
    if row["step"] == "read":
        left = f"{removed} left out, " if row["segments_removed"] else ""
        return f"The files hold {into} codings: {left}{out} used."
    if row["step"] == "settled":
        return f"Settling makes {added} more."
    if row["step"] == "chosen":
        one_coder: bool = pd.notna(row["segments_removed"]) and row["segments_removed"] == 0
        return "" if one_coder else f"Those of other coders, {removed}, are set aside; {out} are left."
    return f"Decisions add {added} and remove {removed}; {printed(row['segments_out'])} are counted."


def decisions_blocks(study: StudyView) -> tuple[Block, ...]:
    """Every decision with its reason, folded."""
    rows = records(study.published.decisions)
    if not rows:
        return ()
    columns = [*words("No.", "Date", "What", "Code", "Into", "Why"), *numbers("Changed", "Added", "Removed", "Texts")]
    body = [Row((*cells(*_said(r)), *map(Cell, _effects(r)))) for r in rows]
    several = len(grouped(rows, lambda r: str(r["collection"]))) > 1
    if several:
        columns.insert(2, *words("Collection"))
        body = [
            Row((*row.cells[:2], Cell(str(r["collection_label"])), *row.cells[2:]))
            for row, r in zip(body, rows, strict=True)
        ]
    hidden = sum(r["marker"] == "c" for r in rows)
    notes = [_WHY, f"Effects withheld of {printed(hidden)} decisions"] if hidden else [_WHY]
    caption = f"Decisions about the coding ({printed(len(rows))})"
    return (Fold(caption, (table("Decisions about the coding", columns, body, notes=notes),)),)


def _said(row: Record) -> tuple[str, ...]:
    into = str(row["into_labels"]) or "none"
    date = printed_day(str(row["date"]))
    return (printed(row["number"]), date, action_in_words(row), str(row["code_label"]), into, str(row["why"]))


def _effects(row: Record) -> Iterator[str]:
    for column in ("segments_changed", "segments_added", "segments_removed", "sources_touched"):
        yield printed(row[column], str(row["marker"]))
