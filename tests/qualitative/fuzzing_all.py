"""Damaged files of every kind of coded text, put through the reading of a whole collection in a process with caps.

Run as `python fuzzing_all.py FOLDER SEED COUNT`: each file of the folder is changed COUNT times. What it is, is told
from its content, so that damage can also turn one kind into another. Only a refusal in words may come out.
"""

from __future__ import annotations

import random
import re
import resource
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from plait.errors import StudyError
from plait.qualitative.coded_file import Conventions
from plait.qualitative.recognition import read_coded_file
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import check_invariants
from plait.study.definition import ToolFiles
from plait.study.side_files import CodebookEntry
from survey.readers.fuzzing import MEMORY, damaged

SECONDS = 120
ENDINGS = ("", ".csv", ".docx", ".qdpx", ".xlsx", ".rqda", ".xls", ".pdf", ".txt")
_NUMBERS = re.compile(rb"\d+")
_GIANTS = (b"9" * 30, b"-1", b"1e308", b"99999999999999999999999999", b"4294967296", b"0x10", b"NaN", b"1.5")

Damage = Callable[[bytes, random.Random], bytes]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def giant_number(content: bytes, chance: random.Random) -> bytes:
    found = list(_NUMBERS.finditer(content))
    if not found:
        return content
    at = chance.choice(found)
    return content[: at.start()] + chance.choice(_GIANTS) + content[at.end() :]


def inside(change: Damage) -> Damage:
    """The same change within a member of a package, so that it reaches the reader."""

    def changed(content: bytes, chance: random.Random) -> bytes:
        if not zipfile.is_zipfile(BytesIO(content)):
            return change(content, chance)
        target = BytesIO()
        with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
            chosen = chance.choice(old.namelist())
            for member in old.namelist():
                data = old.read(member)
                new.writestr(member, change(data, chance) if member == chosen else data)
        return target.getvalue()

    return changed


def swapped(content: bytes, chance: random.Random) -> bytes:
    """Two members of a package have each other's content; of other files, two halves change places."""
    if not zipfile.is_zipfile(BytesIO(content)):
        at = chance.randrange(len(content))
        return content[at:] + content[:at]
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        members = old.namelist()
        others = dict(zip(members, chance.sample(members, len(members)), strict=True))
        for member in members:
            new.writestr(member, old.read(others[member]))
    return target.getvalue()


DAMAGES: tuple[Damage, ...] = (
    damaged,
    damaged,
    inside(damaged),
    cut,
    inside(cut),
    giant_number,
    inside(giant_number),
    swapped,
)


def read(folder: Path, name: str) -> None:
    """Read a file by itself, then as a collection whose codebook has all its codes, so that the reading goes on."""
    conventions = Conventions(code_separator=";", code_names=("Pay", "Cover"))
    paths = dict.fromkeys("/".join(c.path) for c in read_coded_file(folder / name, name, conventions).codes)
    book = [CodebookEntry(code=f"c{n}", label=f"label {n}", aliases=(path,)) for n, path in enumerate(paths)]
    spec = {"format": "tool", "label": "L", "mode": "interview", "count_from": "Ann", "code_separator": ";"}
    spec |= {"files": name, "interviewers": ["Ann"]}
    check_invariants(read_tool_files("fuzz", ToolFiles.model_validate(spec), folder, book))


def main(folder: Path, seed: int, count: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    for file in sorted(folder.glob("*.*")):
        chance = random.Random(f"{seed} {file.name}")
        content = file.read_bytes()
        outcomes = {"read": 0, "refused": 0}
        for number in range(count):
            change = chance.choice(DAMAGES) if number else (lambda sound, _: sound)
            trial = folder / f"trial{chance.choice(ENDINGS)}"
            changed = change(content, chance)
            trial.write_bytes(changed)
            try:
                read(folder, trial.name)
                outcomes["read"] += 1
            except StudyError as error:
                assert all(problem.file and problem.message for problem in error.problems) and error.problems
                outcomes["refused"] += 1
            except BaseException:
                print(f"{file.name}, change {number}")
                file.with_suffix(".failed").write_bytes(changed)
                raise
            finally:
                trial.unlink()
        print(file.name, outcomes)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
