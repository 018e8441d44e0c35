"""The sheets of how the text was coded: files, coders, decisions and agreement."""

from __future__ import annotations

from collections.abc import Iterator

from plait.report.printing import INTERVAL, capital, named, printed_day, spoken
from plait.report.sections.agreement import by_unit, coders_of
from plait.report.sections.coding_record import action_in_words, reader_in_words
from plait.report.sections.view import StudyView
from plait.report.spreadsheet.parts import Columns, marker, number, sheet, text
from plait.report.workbook import Sheet


def coding_record_sheets(study: StudyView) -> Iterator[Sheet]:
    """Who coded what, what became of their codings, and how far coders agree."""
    published = study.published
    files = published.coding_sources
    yield sheet(study, "Coding files", "Files of coded text and what became of their codings", files, _CODING_FILES)
    yield sheet(study, "Coding notes", "Codings left out, and cautions while reading", published.coding_notes, _NOTED)
    steps = published.coding_steps
    yield sheet(study, "Coding steps", "From the codings in the files to those that count", steps, _CODING_STEPS)
    yield sheet(study, "Coders", "Who coded, and how much", published.coders, _CODERS)
    settled = published.adjudication
    yield sheet(study, "Settled", "What coders agreed on, and what was settled", settled, _ADJUDICATION)
    title = "Decisions about the coding, in the order in which they apply"
    yield sheet(study, "Coding decisions", title, published.decisions, _DECISIONS)
    yield sheet(study, "Agreement", "Agreement between coders", published.agreement, _AGREEMENT)
    title = "Units to which two coders, or one of them, gave a code"
    yield sheet(study, "Agreement counts", title, published.agreement_counts, _AGREEMENT_COUNTS)


_CODING_FILES: Columns = {
    "Collection": text("collection_label"),
    "File": text("file"),
    "Kind": lambda r: capital(reader_in_words(r)),
    "Written by": text("tool", "not said"),
    "How places are counted, and how well they fit": text("offset_convention", "no places"),
    "Codings": number("codings_in"),
    "Used": number("active"),
    "Left out": number("excluded"),
    "Without a place": number("unresolved"),
}
_NOTED: Columns = {
    "Collection": text("collection_label"),
    "Kind": lambda r: spoken(r["kind"]),
    "Remark": lambda r: capital(r["text"]),
    "Number": number("n"),
}
_CODING_STEPS: Columns = {
    "Collection": text("collection_label"),
    "Step": lambda r: capital(r["step"]),
    "Codings in": number("segments_in"),
    "Added": number("segments_added"),
    "Removed": number("segments_removed"),
    "Codings out": number("segments_out"),
    "Marker": marker,
}
_CODERS: Columns = {
    "Collection": text("collection_label"),
    "Coder": text("coder"),
    "Role": lambda r: capital(r["role"]),
    "Counted": lambda r: "yes" if r["counted"] else "no",
    "Texts given": number("sources_assigned"),
    "Texts coded": number("sources_coded"),
    "Codings": number("segments"),
}
_ADJUDICATION: Columns = {
    "Collection": text("collection_label"),
    "Compared": lambda r: by_unit(r["unit"]),
    "Units of two coders or more": number("n_units"),
    "Coded alike": number("units_alike"),
    "Coded alike (%)": number("per_cent_alike"),
    "Codes agreed on": number("agreed"),
    "Codes by the only coder asked": number("alone"),
    "Codes in dispute": number("disputed"),
    "Settled: given": number("accepted"),
    "Settled: not given": number("rejected"),
    "Left open": number("open"),
    "Dropped although agreed on": number("overruled"),
    "Given by nobody before": number("added"),
    "Settled codes": number("settled"),
}
_DECISIONS: Columns = {
    "Number": number("number"),
    "Date": lambda r: printed_day(str(r["date"])),
    "Decision": action_in_words,
    "Collection": text("collection_label"),
    "Code": text("code_label"),
    "Into": text("into_labels"),
    "Why": text("why"),
    "Codings before": number("segments_before"),
    "Changed": number("segments_changed"),
    "Added": number("segments_added"),
    "Removed": number("segments_removed"),
    "Texts touched": number("sources_touched"),
    "Marker": marker,
}
_AGREEMENT: Columns = {
    "Collection": text("collection_label"),
    "Coders": coders_of,
    "Compared": lambda r: by_unit(r["unit"]),
    "Code": text("code_label"),
    "Coefficient": lambda r: named(r["coefficient"]),
    "Value": number("value"),
    f"{INTERVAL} from": number("low"),
    f"{INTERVAL} to": number("high"),
    "Units": number("n_units"),
    "Texts": number("n_sources"),
    "Remark": text("note"),
}
_AGREEMENT_COUNTS: Columns = {
    "Collection": text("collection_label"),
    "First coder": text("coder_a"),
    "Second coder": text("coder_b"),
    "Compared": lambda r: by_unit(r["unit"]),
    "Code": text("code_label"),
    "Both": number("both"),
    "First only": number("only_a"),
    "Second only": number("only_b"),
    "Neither": number("neither"),
    "With the code, mean of the two (%)": number("prevalence"),
}
