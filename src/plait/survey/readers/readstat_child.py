"""Run by `plait.survey.readers.readstat` in a process of its own: reads one file and writes what it holds to stdout.

It imports nothing of plait, so that it starts fast.
"""

from __future__ import annotations

import marshal
import sys
from typing import Any

import pyreadstat

_MANY = 200
"""A file with more variables is read in part, where not even half of them are needed."""


def main(reader: str, path: str, encoding: str, *needed: str) -> int:
    """Read a file and write its values and metadata; on failure, write the reason to stderr and return 1.

    Of a file with many variables only the needed ones are read; where one of these is not found by its exact name, the
    parent may know it by another spelling, and all are read.
    """
    read: Any = getattr(pyreadstat, reader)
    wanted: list[str] | None = None
    how = {"encoding": encoding or None, "disable_datetime_conversion": True, "user_missing": True}
    try:
        meta: Any = read(path, metadataonly=True, **how)[1] if needed else None
        if meta and len(meta.column_names) > max(_MANY, 2 * len(needed)):
            named = {name.strip(): name for name in meta.column_names}
            if len(named) == len(meta.column_names) and named.keys() >= set(needed):
                wanted = [named[name] for name in needed]
        values, part = read(path, output_format="dict", usecols=wanted, **how)
        meta = part if wanted is None else meta
    except Exception as error:  # whatever it is, the parent tells it as a problem of the file
        print(error or type(error).__name__, file=sys.stderr)
        return 1
    content = {
        "names": list(meta.column_names),
        "values": dict(values),  # of the variables that were read
        "forms": dict(meta.original_variable_types),
        "kinds": dict(meta.readstat_variable_types),
        "texts": {name: label for name, label in meta.column_names_to_labels.items() if label},
        "labels": {name: dict(codes) for name, codes in meta.variable_value_labels.items()},
        "missing_ranges": {name: [(r["lo"], r["hi"]) for r in ranges] for name, ranges in meta.missing_ranges.items()},
        "missing_codes": {name: list(codes) for name, codes in part.missing_user_values.items()},
        "encoding": str(meta.file_encoding or ""),
    }
    marshal.dump(content, sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
