"""pyarrow as these readers see it: columns of text held outside Python's objects. It ships no types of its own."""

from __future__ import annotations

from importlib import import_module
from typing import Any, TypeAlias

pa: Any = import_module("pyarrow")
pc: Any = import_module("pyarrow.compute")
pa_csv: Any = import_module("pyarrow.csv")
pq: Any = import_module("pyarrow.parquet")

TextColumn: TypeAlias = Any
"""A pyarrow.ChunkedArray of large_string, (rows,)."""
