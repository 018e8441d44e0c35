"""Sources coded with the Reproducible Open Coding Kit, read where they lie, against counts of a regular expression."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from plait.qualitative.coded_file import Content, Conventions
from plait.qualitative.rock import FORMATS, read_rock

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "qualitative" / "rock"
COUNTS = {"example-1": 16, "example-2": 5, "kristina-example-1": 25, "longer-test": 24}

pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the real sources are not on this computer"),
]


@pytest.mark.parametrize("name", COUNTS)
def test_every_code_is_read(name: str) -> None:
    path = FOLDER / f"{name}.rock"
    raw = path.read_text(encoding="utf-8")
    assert FORMATS[0].recognises(Content(raw.encode()[:4096]))
    coded = read_rock(path, path.name, Conventions())
    plain = [c for c in coded.codings if c.weight is None and not c.memo]
    assert len(plain) == COUNTS[name] and not any(c.reason for c in coded.codings)
    paths = {code.id: code.path for code in coded.codes}
    leaves = (found.rpartition(">")[2] for found in re.findall(r"\[\[([A-Za-z0-9_>]+)\]\]", raw))
    assert Counter(paths[c.code][-1] for c in plain) == Counter(leaves)
    text = coded.sources[0].text or ""
    assert "[[" not in text and "---" not in text.split("\n")
    assert all(text[s.start : s.end] == s.text and s.text in raw for s in coded.selections)
