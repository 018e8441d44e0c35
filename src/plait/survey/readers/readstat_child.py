"""Run by `plait.survey.readers.readstat` in a process of its own: reads one file and writes what it holds to stdout.

It imports nothing of plait, so that it starts fast.
"""

from __future__ import annotations

import marshal
import sys

import pyreadstat


def main(reader: str, path: str, encoding: str) -> int:
    """Read a file and write its values and metadata; on failure, write the reason to stderr and return 1."""
    try:
        values, meta = getattr(pyreadstat, reader)(
            path,
            user_missing=True,
            disable_datetime_conversion=True,
            output_format="dict",
            encoding=encoding or None,
        )
    except Exception as error:  # whatever it is, the parent tells it as a problem of the file
        print(error or type(error).__name__, file=sys.stderr)
        return 1
    content = {
        "names": list(meta.column_names),
        "values": dict(values),
        "forms": dict(meta.original_variable_types),
        "kinds": dict(meta.readstat_variable_types),
        "texts": {name: label for name, label in meta.column_names_to_labels.items() if label},
        "labels": {name: dict(codes) for name, codes in meta.variable_value_labels.items()},
        "missing_ranges": {name: [(r["lo"], r["hi"]) for r in ranges] for name, ranges in meta.missing_ranges.items()},
        "missing_codes": {name: list(codes) for name, codes in meta.missing_user_values.items()},
        "encoding": str(meta.file_encoding or ""),
    }
    marshal.dump(content, sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
