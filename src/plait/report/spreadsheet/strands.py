"""The sheets that bring the strands together, and those of the authors' sentences."""

from __future__ import annotations

from collections.abc import Iterator

from plait.report.printing import INTERVAL, capital, printed_day, spoken
from plait.report.sections.claims import rounding_in_words
from plait.report.sections.strands import construct_title
from plait.report.sections.view import Record, StudyView
from plait.report.spreadsheet.parts import (
    INTERVAL_OF,
    NONE,
    Columns,
    marker,
    number,
    sheet,
    text,
    weighted_or_not,
)
from plait.report.workbook import Sheet, Value


def strand_sheets(study: StudyView) -> Iterator[Sheet]:
    """What brings the strands together, and the sentences of the report."""
    published = study.published
    yield sheet(
        study, "Joint display", "Survey and coded text, construct by construct", published.joint_display, _JOINT
    )
    yield sheet(study, "Joined", "People and groups that are in both strands", published.joining, _JOINED)
    title = "The same groups in both strands: survey estimates and theme counts (group-level)"
    yield sheet(study, "Strands by group", title, published.strands_by_group, _BY_GROUP)
    title = "Survey answers of joined people who speak of a theme and of those who do not"
    unweighted = ["Joined people are no sample: nothing is weighted or tested."]
    yield sheet(study, "Answers by theme", title, published.statistics_by_theme, _BY_THEME, unweighted)
    yield sheet(study, "Quote matrix", "Quotations by theme and group", published.quote_matrix, _QUOTE_MATRIX)
    title = "Case-level matrix: not for release"
    yield sheet(study, "Case level", title, published.case_level, _CASE_LEVEL)
    title = "Survey items and themes that no construct links"
    yield sheet(study, "Unlinked", title, published.unlinked, _UNLINKED)
    yield sheet(
        study,
        "Claims",
        "The authors\u2019 sentences and where their numbers come from",
        published.claims,
        _claims(study),
    )
    title = "The numbers of the sentences under other choices"
    yield sheet(study, "Robustness", title, published.robustness, _ROBUSTNESS)


def _construct(row: Record) -> Value:
    return str(row["label"] or row["construct"])


_EITHER_STRAND: Columns = {
    "Strand": lambda r: spoken(r["strand"]),
    "From": text("origin_label"),
    "Item": text("item_label"),
    "Per cents are": weighted_or_not,
    "Per cent": number("per_cent"),
    **INTERVAL_OF,
    "Number": number("n"),
    "Base": number("of"),
    "Marker": marker,
    "Remark": text("note"),
}
"""An estimate or a theme count, whichever strand it is of."""
_JOINT: Columns = {
    "Construct": _construct,
    **_EITHER_STRAND,
    "Interview question": text("interview_question"),
    "Fit": lambda r: capital(r["fit"]) or "not yet judged",
    "What the strands say together": text("meta_inference", "not yet written"),
    "Rationale": text("rationale"),
    "Author": text("author"),
    "Date": lambda r: printed_day(str(r["date"])) if r["date"] else NONE,
}
_JOINED: Columns = {
    "Collection": text("collection_label"),
    "Joined by": lambda r: "people" if r["how"] == "people" else "groups",
    "Attribute": text("by_label"),
    "Variable of the survey": text("variable_label"),
    "Cases": number("cases"),
    "Joined": number("joined"),
    "No consent": number("no_consent"),
    "No id": number("no_id"),
    "Left out by cleaning": number("not_in_survey"),
    "In none of the groups": number("no_group"),
    "Marker": marker,
}
_BY_GROUP: Columns = {
    "Construct": _construct,
    "Split by": text("variable_label"),
    "Group": text("group_label"),
    **_EITHER_STRAND,
}
_BY_THEME: Columns = {
    "Construct": _construct,
    "Collection": text("collection_label"),
    "Theme": text("theme_label"),
    "People": lambda r: "speak of it" if r["spoken"] else "do not",
    "Question": text("question_label"),
    "Answer": text("option_label"),
    "Per cent": number("per_cent"),
    "Mean": number("mean"),
    "Base": number("base"),
    "Marker": marker,
}
_QUOTE_MATRIX: Columns = {
    "Collection": text("collection_label"),
    "Theme": text("theme_label"),
    "Split by": text("by_label"),
    "Group": text("group_label"),
    "Number": number("n"),
    "Out of": number("of"),
    "Marker": marker,
    "Words": text("text"),
    "Attribution": text("attribution"),
}
_CASE_LEVEL: Columns = {
    "Collection": text("collection_label"),
    "Case": number("number"),
    "Construct": _construct,
    "Strand": lambda r: spoken(r["strand"]),
    "From": text("origin_label"),
    "Item": text("item_label"),
    "Chosen or spoken of": number("value"),
}
_UNLINKED: Columns = {
    "Strand": lambda r: spoken(r["strand"]),
    "From": text("origin_label"),
    "Item": text("item_label", "the whole question"),
}


def _claims(study: StudyView) -> Columns:
    titles = {construct: construct_title(rows) for construct, rows in study.constructs.items()}
    return {
        "Sentence": text("sentence"),
        "Printed": text("printed"),
        "Cell": text("cell"),
        "Published table": lambda r: spoken(r["table"]),
        "Rounded": rounding_in_words,
        "Unit": lambda r: spoken(r["unit"]),
        "Value": number("value"),
        **INTERVAL_OF,
        "Base": number("base"),
        "Construct": lambda r: titles.get(str(r["construct"]), str(r["construct"])) or NONE,
        "Marker": marker,
        "Remark": text("note"),
    }


_ROBUSTNESS: Columns = {
    "Printed": text("printed"),
    "Cell": text("cell"),
    "Choice": text("alternative", "as reported"),
    "Unit": lambda r: spoken(r["unit"]),
    "Value": number("value"),
    **INTERVAL_OF,
    "Base": number("base"),
    "Difference": number("difference"),
    f"In the reported {INTERVAL}": text("inside", "not told"),
    "Marker": marker,
    "Remark": text("note"),
}
