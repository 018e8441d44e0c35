"""Parquet files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from plait.errors import Problem, Problems, StudyError
from plait.survey.readers.typed import Typed
from plait.tabular.arrow import TextColumn, pa, pc, pq
from plait.tabular.failures import told_as_problem
from plait.tabular.grid import text_column
from plait.tabular.notes import Note
from plait.tabular.values import cell_text, instant_texts, number_texts

LARGEST = 4_000_000_000
"""Bytes of all columns unpacked, as the file declares them."""
_MICROSECONDS = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}


def read_parquet(path: Path, *, name: str) -> Typed:
    """Read a Parquet file.

    Raises:
        StudyError: The file is damaged or too large, or a column holds lists or records.
    """
    with told_as_problem(name, "a Parquet file"):
        file = pq.ParquetFile(path)
        groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > LARGEST:
            raise StudyError([Problem(name, "unpacks to more than 4 GB", "export the columns that are needed")])
        table = file.read(use_threads=False)
        table.validate(full=True)
    problems = Problems()
    columns: list[TextColumn] = []
    notes: list[Note] = []
    for title, column in zip(table.column_names, table.columns, strict=True):
        with told_as_problem(name, "a Parquet file"):
            texts = _texts(column)
        if texts is None:
            problems.add(name, f"holds values of type {column.type}", "export it as text or numbers", column=title)
        if pa.types.is_boolean(column.type):
            notes.append(Note("types", title, "true and false are written TRUE and FALSE", len(column)))
        columns.append(texts)
    problems.raise_if_any()
    return Typed([str(title) for title in table.column_names], columns, notes=notes)


def _texts(column: TextColumn) -> TextColumn | None:
    """A column as text; none for lists, records and other values that are not one cell."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind, is_ = column.type, pa.types
    if is_.is_string(kind) or is_.is_large_string(kind) or is_.is_string_view(kind) or is_.is_integer(kind):
        texts = column.cast(pa.large_string())
    elif is_.is_null(kind):
        texts = text_column([""] * len(column))
    elif is_.is_boolean(kind):
        texts = pc.if_else(column, "TRUE", "FALSE").cast(pa.large_string())
    elif is_.is_date(kind):
        texts = column.cast(pa.date32()).cast(pa.large_string())
    elif is_.is_floating(kind):
        texts = text_column(number_texts((column.cast(pa.float32()) if is_.is_float16(kind) else column).to_numpy()))
    elif is_.is_timestamp(kind) and kind.tz is None:
        ticks = pc.cast(column, pa.int64()).to_numpy().astype(np.float64)
        texts = text_column(instant_texts(ticks * _MICROSECONDS[kind.unit]))
    elif is_.is_timestamp(kind) or is_.is_time(kind) or is_.is_duration(kind) or is_.is_decimal(kind):
        texts = text_column([cell_text(value) for value in column.to_pylist()])
    else:
        return None
    return pc.fill_null(texts, "")
