"""Coder sheets: one file a coder, one row a text, one column a code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from plait.errors import Problems
from plait.qualitative.codebook import CodeNames, ToolCode, codes_table
from plait.qualitative.import_log import ImportLog, listed
from plait.qualitative.tool_table import log_of, table_of
from plait.qualitative.transcripts import CodedText, canonical_text, stable_id, text_facts, with_segment_ids
from plait.study.definition import Sheet, Sheets
from plait.study.load import DEFINITION_FILE
from plait.study.side_files import CodebookEntry

CODED = ("1", "1.0", "true", "x")
NOT_CODED = ("", "0", "0.0", "false")
_READER = "sheets"
_ID, _TEXT = "id", "text"


@dataclass(frozen=True)
class _CoderSheet:
    """One sheet, checked by itself.

    Attributes:
        spec: What the definition says of it.
        rows: One row a text: `id`, `text` and the attributes, with the line of the file as index.
        marks: One row a mark: `id`, `code`, `line`.
        codes: The codes that have a column.
    """

    spec: Sheet
    rows: pd.DataFrame
    marks: pd.DataFrame
    codes: tuple[str, ...]
    log: ImportLog


def read_sheets(collection_id: str, spec: Sheets, raw: Path, codebook: Sequence[CodebookEntry]) -> CodedText:
    """Read the sheets of a collection; a row is one source, one case and one answer.

    Args:
        collection_id: The collection's name in the definition.
        spec: What the definition says of it.
        raw: The folder of raw files.
        codebook: The codes that columns may stand for.

    Raises:
        StudyError: Everything wrong with the sheets, each by itself and beside one another.
    """
    problems = Problems()
    _check_coders(collection_id, spec, problems)
    names = CodeNames.of(codebook)
    sheets = []
    for file in spec.sheets:
        with problems.collecting():
            sheets.append(_read_sheet(file, spec, raw, names))
    texts = _one_row_a_text(sheets, spec, problems)
    problems.raise_if_any()

    texts["case"] = [stable_id("case", collection_id, origin) for origin in texts[_ID]]
    texts["source"] = [stable_id("source", collection_id, origin) for origin in texts[_ID]]
    texts["blank"] = texts[_TEXT].str.strip() == ""
    assignments = pd.concat([_assigned(sheet, texts) for sheet in sheets])
    segments = pd.concat([_segments(sheet, texts) for sheet in sheets])
    for sheet in sheets:
        _note(sheet, texts, segments[segments["coder"] == sheet.spec.coder])
    spoken = texts[~texts["blank"]]
    return CodedText.of(
        sources=[
            {
                "source": row.source,
                "collection": collection_id,
                "name": row.id,
                "origin_id": row.id,
                "kind": "text",
                "case": row.case,
                **text_facts(None if row.blank else str(row.text)),
            }
            for row in texts.itertuples()
        ],
        source_texts=spoken[["source", _TEXT]],
        cases=texts[["case"]].assign(collection=collection_id, origin_id=texts[_ID]),
        case_attributes=_attributes(texts, tuple(spec.attributes)),
        codes=codes_table(codebook),
        coders=[_coder(sheet.spec, collection_id) for sheet in sheets],
        coder_codes=[
            {"coder": sheet.spec.coder, "collection": collection_id, "code": code}
            for sheet in sheets
            for code in sheet.codes
        ],
        assignments=assignments,
        segments=with_segment_ids(segments.assign(collection=collection_id)),
        import_log=[row for sheet in sheets for row in sheet.log.rows],
    )


def _check_coders(collection_id: str, spec: Sheets, problems: Problems) -> None:
    if not spec.sheets:
        message = f"the collection '{collection_id}' has no sheets"
        problems.add(DEFINITION_FILE, message, "name the file and the coder of each", column="sheets")
    coders = [sheet.coder for sheet in spec.sheets]
    for coder in sorted({c for c in coders if coders.count(c) > 1}):
        problems.add(
            DEFINITION_FILE,
            f"the coder '{coder}' has {coders.count(coder)} sheets in the collection '{collection_id}'",
            "give each sheet its own coder, or put one coder's rows into one sheet",
            column="sheets",
        )
    for name in spec.breaks:
        if name not in spec.attributes:
            problems.add(
                DEFINITION_FILE,
                f"the collection '{collection_id}' is to be split by '{name}', which is not among its attributes",
                f"add '{name}' to attributes, with the column that holds it",
                column="breaks",
            )


def _read_sheet(sheet: Sheet, spec: Sheets, raw: Path, names: CodeNames) -> _CoderSheet:
    problems = Problems()
    given = {_ID: spec.id_column, _TEXT: spec.text_column, **_attribute_columns(spec)}
    table = table_of(raw, sheet, tuple(given.values()))
    frame = table.frame()
    columns = _code_columns(frame.drop(columns=list(given.values())), sheet, names, problems)
    codes = _codes_of(columns, sheet, names, problems)

    rows = pd.DataFrame({ours: frame[theirs] for ours, theirs in given.items()})
    rows[_TEXT] = rows[_TEXT].map(canonical_text)
    for column in rows.columns.drop(_TEXT):
        rows[column] = rows[column].str.strip()
    _check_ids(rows[_ID], sheet, spec, problems)
    marks = _marks(frame[[c for c in columns if c in codes]], sheet, problems)
    problems.raise_if_any()

    marked = marks.assign(id=rows.loc[marks["line"], _ID].to_numpy(), code=marks["column"].map(codes))
    log = log_of(raw / sheet.file, sheet.file, table.notes, reader=_READER)
    return _CoderSheet(sheet, rows, marked[["id", "code", "line"]], tuple(codes.values()), log)


def _attribute_columns(spec: Sheets) -> dict[str, str]:
    # Prefixed, so that an attribute may be called "id" or "text" like our own columns.
    return {f"attribute {name}": column for name, column in spec.attributes.items()}


def _code_columns(cells: pd.DataFrame, sheet: Sheet, names: CodeNames, problems: Problems) -> list[str]:
    """The columns that may be codes; one of another name that holds something else is told once, not cell by cell."""
    columns = []
    for column in map(str, cells):
        plain = cells[column].str.strip().str.casefold()
        odd = cells.loc[~plain.isin(CODED + NOT_CODED), column]
        if odd.empty or plain.isin(CODED).any() or names.find((column,)):
            columns.append(column)
            continue
        problems.add(
            sheet.file,
            f"is no code of the codebook, and holds no marks (row {odd.index[0]} says '{odd.iloc[0][:40]}')",
            "name it under `attributes:` in the definition, or take it out of the sheet",
            row="row 1",
            column=column,
        )
    return columns


def _codes_of(columns: list[str], sheet: Sheet, names: CodeNames, problems: Problems) -> dict[str, str]:
    used = [ToolCode((column,), "row 1", column) for column in columns]
    codes = {path[0]: code for path, code in names.translate(used, sheet.file, problems).items()}
    first: dict[str, str] = {}
    for column, code in codes.items():
        if first.setdefault(code, column) != column:
            problems.add(
                sheet.file,
                f"the columns '{first[code]}' and '{column}' both stand for the code '{code}'",
                "keep one of them, or give each its own line in the codebook",
                row="row 1",
            )
    return codes


def _check_ids(ids: pd.Series[str], sheet: Sheet, spec: Sheets, problems: Problems) -> None:
    lines: dict[str, int] = {}
    for line, value in zip(ids.index, ids, strict=True):
        if not value:
            problems.add(sheet.file, "the id is empty", "give the row its id", row=f"row {line}", column=spec.id_column)
        elif lines.setdefault(value, line) != line:
            problems.add(
                sheet.file,
                f"the id is used before, in row {lines[value]}",
                "one row a text: remove or rename one of the two",
                row=f"row {line}",
                column=spec.id_column,
                value=value,
            )


def _marks(cells: pd.DataFrame, sheet: Sheet, problems: Problems) -> pd.DataFrame:
    """The cells that are coded, one row a mark; what is neither coded nor empty is a problem."""
    long = cells.reset_index(names="line").melt(id_vars="line", var_name="column", value_name="cell")
    plain = long["cell"].astype("str").str.strip().str.casefold()  # a sheet without rows has no type
    odd = long[~plain.isin(CODED + NOT_CODED)].sort_values(["line", "column"])
    for line, column, cell in odd.itertuples(index=False, name=None):
        problems.add(
            sheet.file,
            "is neither a mark nor empty",
            "write 1 where the code applies and leave the cell empty (or 0) where it does not",
            row=f"row {line}",
            column=column,
            value=cell,
        )
    return long.loc[plain.isin(CODED), ["line", "column"]]


def _one_row_a_text(sheets: list[_CoderSheet], spec: Sheets, problems: Problems) -> pd.DataFrame:
    """Every text of the collection once, in order of appearance; sheets must agree on what an id stands for."""
    if not sheets:
        return pd.DataFrame()
    stacked = pd.concat(
        [s.rows.rename_axis("line").reset_index().assign(file=s.spec.file) for s in sheets], ignore_index=True
    )
    attributes = {name: column for name, column in _attribute_columns(spec).items() if name in stacked}
    # Blank attributes are filled from another sheet that has them.
    for name in attributes:
        stacked[name] = stacked[name].mask(stacked[name] == "")
    texts = stacked.groupby(_ID, sort=False).first().reset_index()
    first = texts.set_index(_ID)

    # Spreadsheets trim and re-break texts; any other difference means that rows slipped against their ids.
    stacked["bare"] = stacked[_TEXT].str.replace(r"\s+", "", regex=True)
    slipped = stacked[stacked["bare"] != stacked.groupby(_ID)["bare"].transform("first")]
    for row in slipped.itertuples():
        problems.add(
            str(row.file),
            "the text is not the one that stands beside this id in an earlier sheet",
            "sort the sheet again as a whole, or make the texts the same",
            row=f"row {row.line}",
            column=spec.text_column,
        )
    for name, column in attributes.items():
        expected = first[name].reindex(stacked[_ID]).to_numpy()
        differs = stacked[name].notna() & (stacked[name].to_numpy() != expected)
        for line, file, value in stacked.loc[differs, ["line", "file", name]].itertuples(index=False, name=None):
            problems.add(
                file,
                "is not what an earlier sheet says of this id",
                "make the sheets agree",
                row=f"row {line}",
                column=column,
                value=value,
            )
    return texts.drop(columns=["line", "file"])


def _assigned(sheet: _CoderSheet, texts: pd.DataFrame) -> pd.DataFrame:
    """The answers a coder was asked to code: a blank answer is nobody's."""
    asked = sheet.rows[_ID] if sheet.spec.assigned == "all" else sheet.marks["id"]
    sources = texts.loc[texts[_ID].isin(asked) & ~texts["blank"], "source"]
    return pd.DataFrame({"coder": sheet.spec.coder, "source": sources})


def _segments(sheet: _CoderSheet, texts: pd.DataFrame) -> pd.DataFrame:
    """One segment a mark; it codes the whole answer, so that it has no offsets."""
    found = sheet.marks.merge(texts[[_ID, "source", "case", _TEXT, "blank"]], on=_ID, how="left")
    return pd.DataFrame(
        {
            "source": found["source"],
            "case": found["case"],
            "code": found["code"],
            "coder": sheet.spec.coder,
            "start": pd.array([None] * len(found), dtype="Int64"),
            "end": pd.array([None] * len(found), dtype="Int64"),
            "text": found[_TEXT],
            "origin_row": [f"{sheet.spec.file}, row {line}" for line in found["line"]],
            "resolution": "exact",
            "status": found["blank"].map({True: "excluded", False: "active"}),
            "reason": found["blank"].map({True: "the answer is blank", False: ""}),
        }
    )


def _note(sheet: _CoderSheet, texts: pd.DataFrame, segments: pd.DataFrame) -> None:
    log, ids = sheet.log, sheet.rows[_ID]
    active = int((segments["status"] == "active").sum())
    assigned = "all" if sheet.spec.assigned == "all" else f"marked rows, {sheet.marks['id'].nunique()}"
    log.counts(len(segments), active, f"rows: {len(ids)}; code columns: {len(sheet.codes)}; assigned: {assigned}")
    blank = texts.loc[texts["blank"] & texts[_ID].isin(ids), _ID]
    if len(blank):
        message = f"blank answers, assigned to no coder: {len(blank)}"
        lost = len(segments) - active
        if lost:
            log.caution("blank", f"{message}; marks on them, left out: {lost}")
        else:
            log.note("blank", message)
    absent = texts.loc[~texts[_ID].isin(ids), _ID]
    if len(absent):
        log.caution("ids", f"ids of other sheets that are not in this one: {len(absent)} ({listed(list(absent))})")
    kept = texts.set_index(_ID)[_TEXT].reindex(ids)
    respaced = int((kept.to_numpy() != sheet.rows[_TEXT].to_numpy()).sum())
    if respaced:
        log.caution(
            "text", f"texts with other spaces or line breaks than in the first sheet, whose texts are used: {respaced}"
        )
    empty = int((~ids.isin(sheet.marks["id"]) & ~ids.isin(blank)).sum())
    if empty and sheet.spec.assigned == "all":
        log.note("unmarked", f"assigned answers without a mark: {empty}")


def _attributes(texts: pd.DataFrame, attributes: tuple[str, ...]) -> pd.DataFrame:
    columns = {f"attribute {name}": name for name in attributes}
    long = texts[["case", *columns]].rename(columns=columns).melt("case", var_name="attribute")
    return long.dropna(subset=["value"])


def _coder(sheet: Sheet, collection_id: str) -> dict[str, Any]:
    role = "adjudicated" if sheet.adjudicated else "human"
    return {"coder": sheet.coder, "collection": collection_id, "label": sheet.coder, "role": role}
