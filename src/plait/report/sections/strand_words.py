"""The quote matrix, and what no construct of the joint display speaks of."""

from __future__ import annotations

from plait.report.blocks import Block, Cell, Fold, Paragraph, Row, Section, TableBlock
from plait.report.printing import printed
from plait.report.sections.strand_groups import theme_number
from plait.report.sections.view import Record, StudyView, grouped, table, words
from plait.study.wording import listed, quoted
from plait.tables import records

_CHOSEN = (
    "Quotations by theme and group. The authors chose the words as examples; the number below a group says how many of it "
    "speak of the theme. A quotation stands in a group only where its attribution names the group."
)
_UNLINKED = "They are named so that nothing is left out unseen; the sections above have their numbers."
_FEW = 8
"""Unlinked things that a paragraph names."""


def quotes_section(study: StudyView) -> Section:
    """The quote matrix of each collection."""
    found = grouped(records(study.published.quote_matrix), lambda r: str(r["collection"]))
    blocks: tuple[Block, ...] = (Paragraph(_CHOSEN), *map(_matrix, found.values())) if found else ()
    return Section("strands-words", "In people’s own words, group by group", blocks)


def unlinked_section(study: StudyView) -> Section:
    """Questions, options and themes that no construct links."""
    rows = records(study.published.unlinked)
    blocks: tuple[Block, ...] = ()
    if rows:
        named = [quoted(_name(r)) for r in rows]
        more = [f"{printed(len(named) - _FEW)} more"] if len(named) > _FEW else []
        text = f"No construct speaks of {listed([*named[:_FEW], *more])}. {_UNLINKED}"
        listing = [
            Row(
                (
                    Cell("Survey" if r["strand"] == "survey" else "Coded text"),
                    Cell(str(r["origin_label"])),
                    Cell(_item(r)),
                )
            )
            for r in rows
        ]
        columns = words("Strand", "Question or codebook", "Item")
        display = table("Survey items and themes that no construct links", columns, listing, row_headers=3)
        blocks = (Paragraph(text), Fold("All of them", (display,)))
    return Section("strands-unlinked", "What no construct speaks of", blocks)


def _name(row: Record) -> str:
    return str(row["item_label"] or row["origin_label"])


def _item(row: Record) -> str:
    return str(row["item_label"]) or "The whole question"


def _matrix(rows: list[Record]) -> TableBlock:
    by = str(rows[0]["by_label"])
    body = []
    for found in grouped(rows, lambda r: (str(r["theme"]), str(r["group"]))).values():
        first = found[0]
        said = "\n".join(_words(r) for r in found if r["quote"]) or "Nobody is quoted"
        spoken = theme_number(first) if first["group"] else ""
        body.append(Row((Cell(str(first["theme_label"])), Cell(str(first["group_label"]), spoken), Cell(said))))
    columns = words("Theme", by, "Words")
    return table(f"{rows[0]['collection_label']}: quote matrix by {by}", columns, body, row_headers=2)


def _words(row: Record) -> str:
    """A quotation on a line of its own, since every line of a cell is a statement."""
    return f"\u201c{' '.join(str(row['text']).split())}\u201d"
