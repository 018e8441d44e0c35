"""The texts as they were when they were coded: a list of their hashes, which a later run is held against.

Positions of codings are worth nothing on a text that has changed since. Where every coding stores its words a change
is noticed anyway; where it does not, only such a list can tell. The list stays with the raw files: the hash of a short
answer can be guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from plait.errors import Problems
from plait.qualitative.import_log import ImportLog, listed
from plait.qualitative.transcripts import TABLES, CodedText
from plait.study.side_files import KnownText

COLUMNS = ("collection", "source", "sha256")
_KEYS = ["collection", "origin_id"]


def list_of_texts(coded: CodedText) -> pd.DataFrame:
    """Every text of a study with its hash, in the columns of the file; sources are called by their tool's ids."""
    present = coded.sources[coded.sources["text_state"] == "present"]
    names = {"origin_id": "source", "text_sha256": "sha256"}
    return present[[*_KEYS, "text_sha256"]].rename(columns=names).reset_index(drop=True)


def held_against(coded: CodedText, known: Mapping[int, KnownText], log: ImportLog) -> CodedText:
    """The coded text, after its texts were found to be the known ones.

    Args:
        coded: As it was read.
        known: The list, by the row of its file.
        log: Of the list; it receives the count of texts that are new.

    Raises:
        StudyError: A text has changed or is gone.
    """
    problems = Problems()
    every = list_of_texts(coded)
    now = dict(zip(zip(every["collection"], every["source"], strict=True), every["sha256"], strict=True))
    restore = (
        "bring back the text that was coded; if it has to be another, look at its codings, then write the list anew"
    )
    for row, text in known.items():
        found = now.get((text.collection, text.source))
        if found != text.sha256:
            what = "has changed since it was coded" if found else "is not there any more"
            message = f"the text '{text.source}' of the collection '{text.collection}' {what}"
            problems.add(log.file, message, f"{restore}: `plait texts`", row=f"row {row}")
    problems.raise_if_any()
    listed_ones = {(text.collection, text.source) for text in known.values()}
    new = [source for collection, source in now if (collection, source) not in listed_ones]
    log.note("texts", f"texts that are as they were: {len(known)}")
    if new:
        log.caution("new_texts", f"texts that are not in the list yet: {len(new)} ({listed(new)})")
    rows = TABLES["import_log"].of(log.rows)
    return replace(coded, import_log=pd.concat([coded.import_log, rows], ignore_index=True))
