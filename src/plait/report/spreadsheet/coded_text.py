"""The sheets of the coded text: what people said, and which themes come together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from plait.report.printing import EVERYONE, capital
from plait.report.sections.coded_text import in_codebook_order
from plait.report.sections.view import Record, StudyView, grouped
from plait.report.spreadsheet.parts import Columns, marker, number, sheet, text
from plait.report.workbook import Sheet, Value


def coded_text_sheets(study: StudyView) -> Iterator[Sheet]:
    """What people said, counted and in their words."""
    published = study.published
    for collection, rows in grouped(study.themes, lambda r: str(r["collection"])).items():
        label = rows[0]["collection_label"]
        title = f"{label}: themes and codes"
        ordered = chain.from_iterable(
            in_codebook_order(found)
            for found in grouped(rows, lambda r: tuple(r[c] for c in ("by", "group", "unit"))).values()
        )
        few = ["A per cent is given only where there are enough texts or people."]
        yield sheet(study, f"Themes {label}", title, list(ordered), _themes(study, collection, rows), few)
    yield sheet(study, "Quotations", "What people said, in their words", published.quotes, _quotes(study))
    yield sheet(study, "Counting notes", "Remarks on what was counted", published.counting_notes, _COUNTING_NOTES)
    few = ["Pairs that never come together are left out, and where little is shown those of codes of very few people."]
    yield sheet(study, "Together", "Themes and codes that come together", published.cooccurrence, _pairs(study), few)
    yield sheet(study, "Saturation", "When new codes become rare", published.saturation, _SATURATION)
    yield sheet(study, "Codes so far", "How codes accumulate over texts", published.saturation_curve, _CURVE)
    cautions = published.saturation_summary
    yield sheet(study, "Saturation notes", "What saturation was measured on", cautions, _saturation_facts(study))


def _themes(study: StudyView, collection: str, rows: list[Record]) -> Columns:
    labels = {r["theme"]: str(r["theme_label"]) for r in rows}
    return {
        "Split by": lambda r: str(r["by_label"]) if r["by"] else EVERYONE,
        "Group": text("group_label", EVERYONE),
        "Counted": lambda r: capital(study.units_called(collection, str(r["unit"]))),
        "Theme": lambda r: labels.get(r["parent"]) or labels[r["theme"]],
        "Code": lambda r: str(r["theme_label"]) if r["level"] == "code" else "whole theme",
        "Number": number("n"),
        "Out of": number("of"),
        "Per cent": number("per_cent"),
        "Marker": marker,
    }


def _quotes(study: StudyView) -> Columns:
    def collection(row: Record) -> Value:
        defined = study.collection(str(row["collection"]))
        return defined.label if defined else str(row["collection"])

    return {
        "Collection": collection,
        "Theme": text("theme_label"),
        "Words": text("text"),
        "Attribution": text("attribution"),
        "Quotation": text("quote"),
    }


_COUNTING_NOTES: Columns = {
    "Collection": text("collection_label"),
    "Code": text("code_label", "all codes"),
    "Remark": text("text"),
    "Number": number("n"),
    "Out of": number("of"),
    "Marker": marker,
}


def _pairs(study: StudyView) -> Columns:
    return {
        "Collection": text("collection_label"),
        "Level": lambda r: capital(r["level"]),
        "First": text("code_a_label"),
        "Second": text("code_b_label"),
        "Counted": lambda r: capital(study.units_called(str(r["collection"]), str(r["unit"]))),
        "Relation of segments": text("relation"),
        "With first": number("n_a"),
        "With second": number("n_b"),
        "With both": number("n_both"),
        "Out of": number("n_units"),
        "Jaccard": number("jaccard"),
        "Phi": number("phi"),
        "c (ATLAS.ti)": number("c"),
        "Marker": marker,
        "Remark": text("note"),
    }


_SATURATION: Columns = {
    "Collection": text("collection_label"),
    "Base": number("base"),
    "Run": number("run"),
    "Threshold (%)": number("threshold"),
    "Codes in base": number("codes_in_base"),
    "Reached after": number("reached_at"),
    "Above again after": number("later_rise"),
    "Random orders (%)": number("share_of_orders"),
    "Median after": number("median_of_orders"),
    "Remark": text("note"),
}
_CURVE: Columns = {
    "Collection": text("collection_label"),
    "Texts": number("n"),
    "New codes": number("new"),
    "Codes so far": number("codes_in_order"),
    "Mean of all orders": number("mean"),
    "2.5% of random orders": number("low"),
    "97.5% of random orders": number("high"),
}


def _saturation_facts(study: StudyView) -> Columns:
    return {
        "Collection": text("collection_label"),
        "Counted": lambda r: capital(study.units_called(str(r["collection"]), str(r["unit"]))),
        "Number": number("n_units"),
        "Codes": number("n_codes"),
        "In the first (%)": number("first_share"),
        "Codes found once": number("once"),
        "Codes in all, at least (Chao2)": number("chao2"),
        "Order": text("order", "that of the files"),
        "Random orders": number("orders"),
        "Remark": text("note"),
    }
