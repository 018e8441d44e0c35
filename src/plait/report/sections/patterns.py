"""What is to be said of the codes of a collection beside their counts: cautions, what comes together, what is new."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from plait.report.blocks import Block, Bullets, Cell, FigureBlock, Fold, Paragraph, Row, TableBlock
from plait.report.printing import capital, distinct, printed, printed_range
from plait.report.sections.view import MEASURED, Record, StudyView, cells, grouped, numbers, table, words
from plait.report.text_headlines import LEAST_PHI
from plait.study.wording import quoted
from plait.tables import records

MOST_PAIRS = 10
FEW = 5
"""Pairs of which one is rarer than this come last, however close they are."""
_ORDER = "The closest pairs come first, by phi, those with one that is found fewer than 5 times last"
_JACCARD = "Jaccard’s index: of all with either, the share with both"
_PHI = (
    "Phi: the correlation of the two, from -1 to 1; near 0 where they come together as often as two that have nothing to "
    "do with each other"
)
_SAME_TEXT = "Same text: pairs of segments that share text"
_NO_PLACES = "Where segments stand is not known, so that only those of the same words are seen to share text"
_LEFT_OUT = "Pairs that never come together are left out, and where little is shown those of codes of very few people"
_MANY = "Of so many pairs some come together by chance; none was tested"
_BASE = "Base: the first texts, whose codes new ones are compared with"
_RUN = "Run: the texts that follow; runs move on by one text"
_RANDOM = "Random orders: how many of them reach the threshold, and after how many texts half of them have"
_GUEST = (
    "Saturation (Guest, Namey and Chen 2020) is reached after the text from which on a run brings no more new codes than "
    "the threshold allows, as a share of the codes in the base."
)


# --- what to know of the counts ----------------------------------------------------------------------------------------


def remarks(study: StudyView, name: str) -> Iterator[Block]:
    """What to know before the counts of a collection are used."""
    rows = [r for r in records(study.published.counting_notes) if r["collection"] == name]
    if rows:
        yield Fold("Remarks on what was counted", (Bullets(tuple(map(_remark, rows))),))


def _remark(row: Record) -> str:
    code = f"{quoted(row['code_label'])}: " if row["code"] else ""
    return f"{code}{row['text']} ({printed(row['n'], row['marker'])} of {printed(row['of'])})"


# --- what comes together -----------------------------------------------------------------------------------------------


def together(study: StudyView, name: str) -> Iterator[Block]:
    """The pairs of themes that come together most, and those of codes."""
    unit = study.people_unit(name)
    rows = [r for r in records(study.published.cooccurrence) if r["collection"] == name]
    by_level = grouped((r for r in rows if r["unit"] == unit), lambda r: str(r["level"]))
    shared = {(r["code_a"], r["code_b"]): r for r in rows if r["relation"] == "together"}
    for level, what in (("theme", "themes"), ("code", "codes")):
        pairs = by_level.get(level, [])
        ranked = sorted((r for r in pairs if pd.notna(r["n_both"])), key=_closeness)
        if not ranked:
            continue
        block = _pairs(study, name, what, unit, ranked, shared, len(pairs) - len(ranked))
        if level == "theme":
            drawn = study.figure(f"together_{name}")
            if not any(isinstance(found, FigureBlock) for found in drawn):  # whose headline says it
                yield from _closest(study, name, unit, ranked[0])
            yield from drawn
            yield block
        else:
            yield Fold(f"Codes that come together (the first {len(block.rows)} pairs)", (block,))


def _closeness(row: Record) -> tuple[bool, bool, float, float]:
    """Sorts pairs: the closest first, those that say little last."""
    few, phi = min(int(row["n_a"]), int(row["n_b"])) < FEW, float(row["phi"])
    unknown = math.isnan(phi)
    return few, unknown, 0.0 if unknown else -phi, -float(row["jaccard"])


def _closest(study: StudyView, name: str, unit: str, row: Record) -> Iterator[Paragraph]:
    """A sentence on the first pair, where it is as close as a figure asks of its headline."""
    if _closeness(row)[0] or pd.isna(row["phi"]) or float(row["phi"]) < LEAST_PHI:
        return
    either = int(row["n_a"]) + int(row["n_b"]) - int(row["n_both"])
    pair = f"{quoted(row['code_a_label'])} and {quoted(row['code_b_label'])}"
    has = f"{printed(row['n_both'])} of the {printed(either)} {study.units_called(name, unit)} with either have both"
    yield Paragraph(f"Of the themes, {pair} go together most closely (phi {printed(row['phi'], digits=2)}): {has}.")


def _pairs(
    study: StudyView,
    name: str,
    what: str,
    unit: str,
    ranked: list[Record],
    shared: dict[tuple[str, str], Record],
    hidden: int,
) -> TableBlock:
    rows = ranked[:MOST_PAIRS]
    called = capital(study.units_called(name, unit))
    columns = [*words("Pair"), *numbers("First", "Second", "Both", "Jaccard", "Phi")]
    columns += numbers("Same text") if shared else []
    body = []
    for r in rows:
        texts = [printed(r["n_a"]), printed(r["n_b"]), printed(r["n_both"])]
        texts += [printed(r["jaccard"], digits=2), printed(r["phi"], digits=2)]
        if shared:
            same = shared.get((r["code_a"], r["code_b"]))
            texts.append(printed(same["n_both"], same["marker"]) if same else printed(0))
        pair = Cell(f"{r['code_a_label']} + {r['code_b_label']}", capital(r["note"]))
        body.append(Row((pair, *cells(*texts))))
    placed = any(r["unit"] in MEASURED for r in study.collections[name])
    notes = [
        f"{called} with the first, the second and both, out of {printed(rows[0]['n_units'])}",
        _ORDER,
        _JACCARD,
        _PHI,
    ]
    notes += [_SAME_TEXT, *([] if placed else [_NO_PLACES])] if shared else []
    notes += [_LEFT_OUT, _MANY]
    more = len(ranked) - len(rows)
    notes += [f"Further pairs, in the spreadsheet: {printed(more)}"] if more else []
    notes += [f"Pairs withheld, because they could single out a person: {printed(hidden)}"] if hidden else []
    caption = f"{rows[0]['collection_label']}: {what} that come together"
    return table(caption, columns, body, notes=notes)


# --- saturation --------------------------------------------------------------------------------------------------------


def saturation(study: StudyView, name: str) -> Iterator[Block]:
    """The figure of accumulation, the measure for every base, run and threshold, and the cautions."""
    facts = [r for r in records(study.published.saturation_summary) if r["collection"] == name]
    curve = [r for r in records(study.published.saturation_curve) if r["collection"] == name]
    measure = [r for r in records(study.published.saturation) if r["collection"] == name]
    if not (facts and curve and facts[0]["n_codes"] > 0):
        return
    unit = study.units_called(name, str(facts[0]["unit"]))
    yield from study.figure(f"saturation_{name}")
    yield Paragraph(_in_words(facts[0], unit))
    yield _measure(measure, facts[0], unit)
    yield Fold(f"How the codes add up over the {unit}", (_curve(curve, unit),))


def _in_words(facts: Record, unit: str) -> str:
    total = f"{printed(facts['n_codes'])} codes were used in {printed(facts['n_units'])} {unit}"
    first = f"{printed(facts['first_share'])}% of them came up in the first"
    once = f"{printed(facts['once']) if facts['once'] else 'none'} in one only"
    more = ""
    if pd.notna(facts["chao2"]) and float(facts["chao2"]) > float(facts["n_codes"]):
        more = (
            f" Judged by how many codes are that rare, {printed(facts['chao2'])} or more would be found if such {unit} "
        )
        more += "were added without end (Chao 1987): a hint, not an estimate."
    return f"{total}: {first}, {once}.{more} {_GUEST}"


def _measure(rows: list[Record], facts: Record, unit: str) -> TableBlock:
    columns = [*words("Base", "Run", "Threshold (%)"), *numbers("Codes in base", "Reached after", "Above again after")]
    columns += numbers("Random orders (%)", "Median after")
    body = []
    for r in rows:
        texts = [printed(r[c]) for c in ("base", "run", "threshold", "codes_in_base")]
        texts += [_reached(r), _again(r), printed(r["share_of_orders"]), printed(r["median_of_orders"])]
        body.append(Row(cells(*texts)))
    notes = [_BASE, _RUN, _RANDOM, *(capital(part) for part in distinct(str(facts["note"]).split("; ")))]
    caption = f"{rows[0]['collection_label']}: when new codes become rare, in {unit}"
    return table(caption, columns, body, row_headers=3, notes=notes)


def _reached(row: Record) -> str:
    """After which text, or in a word why after none."""
    return printed(row["reached_at"]) if pd.notna(row["reached_at"]) else str(row["note"]).partition(":")[0]


def _again(row: Record) -> str:
    if pd.isna(row["reached_at"]):
        return printed(None)
    return "no" if pd.isna(row["later_rise"]) else printed(row["later_rise"])


def _curve(rows: list[Record], unit: str) -> TableBlock:
    columns = numbers(capital(unit), "New codes", "Codes so far", "Mean of all orders", "95% of random orders")
    body = [
        Row(
            cells(
                printed(r["n"]),
                printed(r["new"]),
                printed(r["codes_in_order"]),
                printed(r["mean"], digits=1),
                printed_range(r["low"], r["high"]),
            )
        )
        for r in rows
    ]
    return table(f"{rows[0]['collection_label']}: codes so far", columns, body)
