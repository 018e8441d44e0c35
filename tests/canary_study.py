"""The little study with words planted wherever something must stay inside, each in its own kind of place."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from little_study import DEFINITION, ENOUGH, write_little_study, write_rows

CANARIES = {
    "id of a respondent": "quillfeather",
    "column that nobody asked for": "marzipanroof",
    "e-mail address": "tumbleweedish",
    "answer of somebody without consent": "gooseberrylamp",
    "word in an open answer": "tamariskdoor",
    "word in an interview": "velvetanchor",
    "name of a participant": "oxbowlantern",
    "attribute that is not used": "pewtergarden",
    "quotation that nobody approved": "crinklecastle",
    "author's summary of one person": "drizzlebridge",
    "name on the deny list": "Thistledown",
}

INTERVIEWS = """
    interviews:
      label: Interviews
      mode: interview
      format: segments
      file: coding/interviews.csv
      participants: coding/people.csv
      count_from: Ann
      breaks: {role: Role}
      attribution: [role]
"""


def write_canary_study(folder: Path, name: str) -> Path:
    """Write the study and return its folder."""
    study = write_little_study(folder, ENOUGH)
    words = DEFINITION.replace("study: little", f"study: {name}")
    words = words.replace("  codebook: codebook.csv\n", _SIDE_FILES).replace(
        "linking: linking.csv", INTERVIEWS.strip("\n") + "\nlinking: linking.csv"
    )
    (study / "study.yaml").write_text(words, encoding="utf-8")
    raw = study / "raw"
    for day in ("monday", "friday"):
        _change(raw / "survey" / f"{day}.csv", _respondent)
    for sheet in ("ann", "bob", "agreed"):
        _change(raw / "coding" / f"{sheet}.csv", _note)
    _write_interviews(raw / "coding")
    _write_side_files(study)
    return study


_SIDE_FILES = """\
  codebook: codebook.csv
  quotes: quotes.csv
  summaries: summaries.csv
  screening: {deny_list: coding/deny_list.csv}
"""


def _change(path: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [change(row) for row in csv.DictReader(file)]
    write_rows(path, rows)


def _respondent(row: dict[str, str]) -> dict[str, str]:
    row = row | {"id": _id(row["id"]), "remark": f"{CANARIES['column that nobody asked for']} {row['id']}"}
    row["email"] = f"{CANARIES['e-mail address']}{row['id'][-3:]}@example.org"
    if row["consent"] == "no":
        row["remark"] = CANARIES["answer of somebody without consent"]
    return row


def _note(row: dict[str, str]) -> dict[str, str]:
    written = f"{row['note']} {CANARIES['word in an open answer']}" if row["note"].strip() else row["note"]
    return row | {"id": _id(row["id"]), "note": written}


def _id(number: str) -> str:
    return f"{CANARIES['id of a respondent']}-{number}"


def _write_interviews(folder: Path) -> None:
    person, word = CANARIES["name of a participant"], CANARIES["word in an interview"]
    people = [f"{person} {i}" for i in range(12)]
    write_rows(
        folder / "people.csv",
        [
            {"case": p, "role": ["Parent", "Carer"][i % 2], "street": CANARIES["attribute that is not used"]}
            for i, p in enumerate(people)
        ],
    )
    said = [
        {"case": p, "source": f"{p} talk", "code": code, "coder": "Ann", "text": f"{word} {code} {i} of what was said"}
        for i, p in enumerate(people)
        for code in ["food_fruit", "time_later"][: 1 + i % 2]
    ]
    said[0]["text"] = "The fruit is the best of it, and my child asks for it every day of the week by now."
    said[1]["text"] = (
        f"Nobody said that this {CANARIES['quotation that nobody approved']} sentence of mine may be printed."
    )
    write_rows(folder / "interviews.csv", said)
    write_rows(folder / "deny_list.csv", [{"name": CANARIES["name on the deny list"], "kind": "school"}])


def _write_side_files(study: Path) -> None:
    person = CANARIES["name of a participant"]
    quotes = [
        {
            "quote_id": "fruit", "collection": "interviews", "code": "food_fruit", "source": f"{person} 0 talk",
            "text": "The fruit is the best of it, and my child asks for it every day of the week by now.",
            "approved_by": "the office", "date": "2026-02-01",
        },
        {
            "quote_id": "later", "collection": "interviews", "code": "food_fruit", "source": f"{person} 1 talk",
            "text": f"Nobody said that this {CANARIES['quotation that nobody approved']} sentence of mine may be printed.",
            "approved_by": "", "date": "",
        },
    ]  # fmt: skip
    write_rows(study / "quotes.csv", quotes)
    summary = {"collection": "interviews", "theme": "food", "case": f"{person} 0", "by": "", "group": ""}
    write_rows(study / "summaries.csv", [summary | {"summary": CANARIES["author's summary of one person"]}])
