"""Damaged files of coding tools, read one after the other in a process with little memory: read, or refused in words.

Run as `python fuzzing.py FOLDER SEED COUNT`: every file of the folder is changed COUNT times and read by the reader that
its name starts with.
"""

from __future__ import annotations

import importlib
import random
import resource
import sys
from pathlib import Path

from plait.errors import StudyError
from plait.qualitative.coded_file import CodedFile, Conventions
from survey.readers.fuzzing import MEMORY, SECONDS, damaged

READERS = {
    "taguette": ("taguette", "read_taguette"),
    "highlights": ("taguette", "read_taguette_highlights"),
    "codebook": ("taguette", "read_taguette_codebook"),
    "qualcoder": ("qualcoder", "read_qualcoder"),
    "report": ("qualcoder_report", "read_qualcoder_report"),
    "rqda": ("rqda", "read_rqda"),
    "rock": ("rock", "read_rock"),
}


def main(folder: Path, seed: int, count: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    trial = folder / "trial"
    outcomes = {"read": 0, "refused": 0}
    for file in sorted(folder.glob("*.*")):
        module, function = READERS[file.stem]
        read = getattr(importlib.import_module(f"plait.qualitative.{module}"), function)
        chance = random.Random(f"{seed} {file.name}")
        content = file.read_bytes()
        for number in range(count):
            changed = damaged(content, chance)
            trial.write_bytes(changed)
            try:
                coded: CodedFile = read(trial, file.name, Conventions())
                known, sources = {s.id for s in coded.selections}, {s.id for s in coded.sources}
                assert all(c.selection in known for c in coded.codings)
                assert all(s.source in sources for s in coded.selections)
                assert all(c.code or c.reason for c in coded.codings)
                outcomes["read"] += 1
            except StudyError as error:
                assert error.problems
                outcomes["refused"] += 1
            except BaseException:
                print(f"{file.name}, change {number}")
                (folder / f"{file.name}.failed").write_bytes(changed)
                raise
    print(outcomes)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
