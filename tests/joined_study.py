"""The little study, whose parents signed their notes: nineteen notes, most of them joined with the form of the parent.

Every fifth parent (000, 005, 010, 015) does not want note and form to be joined; 007 left the line for the id empty, and
018 is the id of a form that was left out for want of consent. Thirteen are joined.
"""

from __future__ import annotations

import csv
from pathlib import Path

from little_study import Rows, write_little_study, write_rows

JOINING = """\
joining:
  people:
    notes: {respondent: parent, consent: may_join}
  groups:
    notes:
      year: {variable: year, groups: {Infants: infants, Juniors: juniors}}
  typology: year
"""
JOINED = ["001", "002", "003", "004", "006", "008", "009", "011", "012", "013", "014", "016", "017"]
"""Written out by hand."""
SHEETS = ("ann", "bob", "agreed")


def write_joined_study(folder: Path) -> Path:
    """Write the study and return its folder."""
    write_little_study(folder)
    replace_in(
        folder / "study.yaml", "attributes: {year: year}", "attributes: {year: year, parent: parent, may_join: ok}"
    )
    with (folder / "study.yaml").open("a", encoding="utf-8") as file:
        file.write(JOINING)
    for name in SHEETS:
        sign_notes(folder, name, {7: "", 18: "040"}, refused=(0, 5, 10, 15))
    return folder


def sign_notes(folder: Path, sheet: str, written: dict[int, str], refused: tuple[int, ...] = ()) -> None:
    """Give every note of a coder's sheet the parent's id (another one where that is said), and their consent."""
    rows = read_sheet(folder, sheet)
    for i, row in enumerate(rows):
        row["parent"] = written.get(i, row.get("parent", row["id"]))
        row["ok"] = "no" if i in refused else row.get("ok", "yes")
    write_rows(folder / "raw" / "coding" / f"{sheet}.csv", rows)


def read_sheet(folder: Path, sheet: str) -> Rows:
    with (folder / "raw" / "coding" / f"{sheet}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
