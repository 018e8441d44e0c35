"""Damaged exports, read one after the other in a process with little memory: each is read, or refused in words.

Run as `python fuzzing.py FOLDER SEED COUNT`: every file of the folder is changed COUNT times. The process is limited to
3 GB and some minutes, so that a reader that asks for all memory or never ends fails as well.
"""

from __future__ import annotations

import random
import resource
import sys
import warnings
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from plait.delimited import read_delimited
from plait.errors import StudyError
from plait.survey.readers import read_export
from plait.survey.readers.dictionary import read_dictionary

READERS: dict[str, Callable[..., object]] = {"dictionary": read_dictionary, "side_file": read_delimited}
"""Files that are no export, by their names."""
MEMORY = 3_000_000_000
SECONDS = 300
TOKENS = [
    b'"',
    b"\x00",
    b"\xff\xfe",
    b"\r",
    b"\n",
    b",",
    b";",
    b"\xef\xbb\xbf",
    b"<!DOCTYPE",
    b"999999999",
    b"-1",
    b"\x80",
]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The bytes with one to five changes: cut off, flipped, doubled, replaced, or another token put in."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        if not data:
            break
        place = chance.randrange(len(data))
        length = min(chance.choice([1, 2, 4, 16, 200]), len(data) - place)
        kind = chance.randrange(6)
        if kind == 0:
            end = len(data) if chance.random() < 0.3 else place + length
            del data[place:end]
        elif kind == 1:
            data[place : place + length] = chance.randbytes(length)
        elif kind == 2:
            data[place:place] = data[place : place + length]
        elif kind == 3:
            data[place:place] = chance.choice(TOKENS)
        elif kind == 4:
            data[place] ^= 1 << chance.randrange(8)
        else:
            data[place : place + length] = b"\xff" * length
    return bytes(data)


def damaged_inside(content: bytes, chance: random.Random) -> bytes:
    """A zip archive with one member damaged and packed anew, so that the damage reaches the reader."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = chance.choice(old.namelist())
        for member in old.namelist():
            inside = old.read(member)
            new.writestr(member, damaged(inside, chance) if member == chosen else inside)
    return target.getvalue()


def main(folder: Path, seed: int, count: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    warnings.simplefilter("error", FutureWarning)
    trial = folder / "trial"
    outcomes = {"read": 0, "refused": 0}
    for file in sorted(folder.glob("*.*")):
        chance = random.Random(f"{seed} {file.name}")
        content = file.read_bytes()
        for number in range(count):
            inside = content.startswith(b"PK") and chance.random() < 0.7
            changed = damaged_inside(content, chance) if inside else damaged(content, chance)
            trial.write_bytes(changed)
            try:
                READERS.get(file.stem, read_export)(trial, name=file.name)
                outcomes["read"] += 1
            except StudyError:
                outcomes["refused"] += 1
            except BaseException:
                print(f"{file.name}, change {number}")
                (folder / f"{file.name}.failed").write_bytes(changed)
                raise
    print(outcomes)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
