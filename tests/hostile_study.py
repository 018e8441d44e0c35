"""The little study in which everything that can be worded is worded by an enemy: labels, answers, quotes, names, files."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from little_study import ENOUGH, write_little_study, write_rows

SCRIPT = "<script>alert('ran')</script>"
FORMULA = "=1+1"
WORDS = (
    SCRIPT,
    FORMULA,
    '"><img src=x onerror="alert(2)">',
    "$\\frac{1}{0}$ costs $5",
    "{{ 7*7 }} {% raw %} #include",
    "](file:///etc/passwd) ![x](file:///etc/passwd)",
    "</style></title></script><h1>title",
    '#read("/etc/passwd") *bold* _it_ <label>',
    "\u202eesrever\u202c zero\u200bwidth",
    "javascript:alert(3) data:text/html,x",
    "+SUM(1)\tx",
    "\u0645\u0643\u062a\u0628\u0629 & <b>\u56fe</b>",
)
"""Text that some program somewhere takes for its own language."""
FILE = 'mon <img src=x onerror=alert(4)> & "day".csv'
SAID = f"It is the fruit {SCRIPT} that my child likes best, {FORMULA} and [not](javascript:alert(5)) the {{{{ 7*7 }}}} juice"
_WORDED = ("label", "title", "research_question", "text", "reason", "unit", "cases")
_ABOUT = ("commissioned_by", "conducted_by", "population", "sample", "mode", "design", "contact")


def write_hostile_study(folder: Path, name: str) -> Path:
    """Write the study and return its folder."""
    study = write_little_study(folder, ENOUGH)
    definition = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
    words = _numbered()
    definition = _worded(definition, words) | {"study": name}
    definition["about"] |= {key: f"{next(words)} {key}" for key in _ABOUT}
    definition["about"]["limitations"] = [f"{next(words)} limits" for _ in WORDS]
    definition["survey"]["exports"]["monday"] = {"file": f"survey/{FILE}", "label": f"{SCRIPT} monday"}
    shutil.move(study / "raw" / "survey" / "monday.csv", study / "raw" / "survey" / FILE)
    _say(study, definition)
    (study / "study.yaml").write_text(yaml.safe_dump(definition, allow_unicode=True, sort_keys=False), encoding="utf-8")
    _word_rows(study / "codebook.csv", ("label", "definition"), words)
    _word_rows(study / "linking.csv", ("label", "meta_inference", "rationale", "author"), words)
    return study


def _numbered() -> Iterator[str]:
    """The words over and over, each time another text, since labels must differ. No digit: a number needs a claim."""
    for number, word in enumerate(cycle(WORDS)):
        yield word + "\u2019" * (1 + number // len(WORDS))


def _worded(value: Any, words: Iterator[str]) -> Any:
    """Every wording replaced; the file goes on writing an option as it did."""
    if isinstance(value, list):
        return [_worded(inner, words) for inner in value]
    if not isinstance(value, dict):
        return value
    worded = {}
    for key, inner in value.items():
        if key == "options":
            specs = {name: {"label": spec} if isinstance(spec, str) else spec for name, spec in inner.items()}
            worded[key] = {n: {"raw": spec["label"]} | spec | {"label": next(words)} for n, spec in specs.items()}
        else:
            worded[key] = next(words) if key in _WORDED and isinstance(inner, str) else _worded(inner, words)
    return worded


def _say(study: Path, definition: dict[str, Any]) -> None:
    """One approved quotation of the open answers, in hostile words."""
    for sheet in ("ann", "bob", "agreed"):
        path = study / "raw" / "coding" / f"{sheet}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        rows[0]["note"] = SAID
        write_rows(path, rows)
    definition["coded_text"]["quotes"] = "quotes.csv"
    definition["coded_text"]["collections"]["notes"]["attribution"] = ["year"]
    quote = {"quote_id": "fruit", "collection": "notes", "code": "food_fruit", "source": "000", "text": SAID}
    write_rows(study / "quotes.csv", [quote | {"approved_by": SCRIPT, "date": "2026-02-01"}])


def _word_rows(path: Path, columns: tuple[str, ...], words: Iterator[str]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    worded = [row | {c: next(words) for c in columns if row.get(c)} for row in rows]
    for row in worded:  # a number in these would need a claim
        row |= {c: re.sub(r"\d", "", row[c]) for c in ("meta_inference", "rationale") if c in row}
    write_rows(path, worded)
