"""The counted coding as a wide sheet: one row a source, one 0/1 column a code, for those who work on in a spreadsheet."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from plait.qualitative.transcripts import CodedText
from plait.study.definition import Collection, Sheets
from plait.tables import whole_file


def final_sheet(coded: CodedText, name: str, spec: Collection) -> pd.DataFrame:
    """The counted coding of one collection, in the form of the coders' own sheets.

    Rows are the sources that were given to the counted coder, in the order in which the collection's first sheet has
    them. Columns are the id, the attributes and the text under the names of the sheets, then the codes that the coding
    tells apart: those of the coder's sheet in its order, and after them, in the codebook's order, those that decisions
    brought in. Without a sheet, the columns are the codes in use.

    Args:
        coded: The coded text, decisions applied.
        name: The collection.
        spec: What the definition says of it.
    """
    given = coded.assignments.loc[coded.assignments["coder"] == spec.count_from, "source"]
    sources = coded.sources[(coded.sources["collection"] == name) & coded.sources["source"].isin(given)]
    s = coded.segments
    marks = s[(s["collection"] == name) & (s["coder"] == spec.count_from) & (s["status"] == "active")]
    id_column, text_column, columns = "source", "text", {a: a for a in spec.breaks}
    if isinstance(spec, Sheets):
        id_column, text_column, columns = spec.id_column, spec.text_column, dict(spec.attributes)
    values = coded.case_attributes.pivot(index="case", columns="attribute", values="value")
    sheet = {id_column: sources["origin_id"].to_list()}
    for attribute, column in columns.items():
        known = values[attribute] if attribute in values else pd.Series(dtype="str")
        sheet[column] = sources["case"].map(known).fillna("").to_list()
    if isinstance(spec, Sheets):
        texts = coded.source_texts.set_index("source")["text"]
        sheet[text_column] = sources["source"].map(texts).fillna("").to_list()
    found = set(zip(marks["source"], marks["code"], strict=True))
    for code in _columns(coded, name, spec, marks):
        sheet[code] = ["1" if (source, code) in found else "0" for source in sources["source"]]
    return pd.DataFrame(sheet, dtype="str")


def write_sheet(sheet: pd.DataFrame, path: Path) -> None:
    """Write a sheet as CSV in UTF-8, texts as they are: it holds people's words and does not leave the project."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(sheet.columns)
    writer.writerows(sheet.itertuples(index=False, name=None))
    with whole_file(path) as part:
        part.write_text(out.getvalue(), encoding="utf-8", newline="")


def _columns(coded: CodedText, name: str, spec: Collection, marks: pd.DataFrame) -> list[str]:
    c = coded.coder_codes
    own = list(c.loc[(c["collection"] == name) & (c["coder"] == spec.count_from), "code"])
    book = coded.codes.sort_values("order")["code"]
    return own + [code for code in book[book.isin(marks["code"])] if code not in own]
