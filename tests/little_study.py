"""A study small enough to count by hand: forty pupils' parents on two days, a breakdown table, two coders, one link.

`write_little_study` writes a folder that `load_study` accepts; tests break one thing in it and look at the message.
"""

from __future__ import annotations

import csv
from pathlib import Path

DEFINITION = """\
study: little
title: A little study
research_question: Do parents like the breakfast club?
simulated: true
about:
  commissioned_by: the school
  conducted_by: the office
  population: parents of the school
  sample: everyone was asked
  mode: paper form
  fieldwork: {start: 2026-01-05, end: 2026-01-09}
  design: convergent
survey:
  respondent_id: id
  exports:
    monday: {file: survey/monday.csv}
    friday: {file: survey/friday.csv}
  exclusions:
    - {column: consent, values: ["no"], reason: no consent}
  profile:
    year: {label: Year group, column: year, options: {infants: Infants, juniors: Juniors}, unknown: not sure}
    distance:
      label: Distance
      column: distance
      options: {near: Near, middle: Middle, far: Far}
  derived:
    near_or_not:
      label: Near or not
      from: distance
      groups:
        near: {label: Near, of: near}
        further: {label: Further away, of: [middle, far]}
  crosses:
    year_by_near: {label: Year group and distance, of: [year, near_or_not]}
  scales:
    agree3:
      options: {agree: Agree, neither: Neither, disagree: Disagree}
      nets: {not_disagree: {label: Does not disagree, of: [agree, neither]}}
  questions:
    uses:
      label: Uses the club
      text: Does your child use the breakfast club?
      export: monday
      column: uses
      options:
        "yes_": {label: "Yes", raw: "yes"}
        "no_": {label: "No", raw: "no"}
        cannot_say: {label: Cannot say, no_answer: not_applicable}
      compare_by: year
    wants:
      label: Wants
      text: What would you like? Tick any.
      type: multi
      export: monday
      column: wants
      max_choices: 2
      options:
        fruit: Fruit
        juice: "Juice, fresh"
        later: Later end
        nothing: {label: Nothing, exclusive: true}
      compare_by: year
    likes:
      label: Likes the club
      text: My child likes the club.
      export: friday
      column: likes
      scale: agree3
      asked_of: {uses: [yes_]}
      compare_by: year
  breaks: [year, distance, year_by_near]
  weighting: {targets: targets.csv, trim: {upper: 4}}
  breakdowns:
    wants_by_year:
      question: wants
      responses: breakdown/responses.csv
      responders: breakdown/responders.csv
      margin_of_error: breakdown/margin.csv
      columns: breakdown_columns.csv
      total_from: year
coded_text:
  codebook: codebook.csv
  collections:
    notes:
      format: sheets
      label: Notes on the form
      mode: open_text
      cases: parents
      count_from: agreed
      id_column: id
      text_column: note
      attributes: {year: year}
      breaks: {year: Year group}
      sheets:
        - {file: coding/ann.csv, coder: Ann}
        - {file: coding/bob.csv, coder: Bob}
        - {file: coding/agreed.csv, coder: agreed, adjudicated: true}
linking: linking.csv
"""

TARGETS = """\
variable,group,share,source,date,unit,grade
year,infants,0.5,school roll,2026-01,headcount,official
year,juniors,0.5,school roll,2026-01,headcount,official
near_or_not,near,0.4,a guess,2026-01,headcount,illustrative
near_or_not,further,0.6,a guess,2026-01,headcount,illustrative
"""

CODEBOOK = """\
code,parent,label,kind,definition,aliases
food,,Food,theme,,
food_fruit,food,Fruit,code,,
food_hot,food,Hot food,code,,hot
time,,Time,theme,,
time_later,time,Later end,code,,
unclear,,Unclear,structural,,
"""

LINKING = """\
construct,label,survey,themes,fit,meta_inference,rationale,author,date
food,Food,wants:fruit;wants:juice,food,confirmation,Parents ask for fruit in both strands.,,the office,2026-02-01
time,Time,wants:later,time,discordance,Few tick it; many write of it.,The form offered one kind.,the office,2026-02-01
"""

Rows = list[dict[str, str]]


def parents() -> Rows:
    """Forty parents; two more rows are left out because they gave no consent."""
    rows = []
    for i in range(40):
        wants = ["Fruit", "Juice, fresh; Fruit", "Nothing", "Later end", "Fruit; Later end"][i % 5]
        rows.append(
            {
                "id": f"{i:03d}",
                "consent": "yes",
                "year": "Juniors" if i % 4 else "Infants",
                "distance": ["Near", "Middle", "Far"][i % 3],
                "uses": "yes" if i % 2 else "no",
                "wants": wants,
            }
        )
    rows[1]["year"] = "not sure"
    rows[3]["uses"] = "Cannot say"
    rows[5]["uses"] = ""
    rows[6]["wants"] = "Nothing; Fruit"
    rows[7]["wants"] = "  later\u00a0END "
    rows[8]["wants"] = "Fruit; Juice, fresh; Later end"
    for i in (40, 41):
        rows.append(rows[0] | {"id": f"{i:03d}", "consent": "no"})
    return rows


def friday(returned: int = 30) -> Rows:
    """Thirty came back; those whose child uses the club were asked. One other parent answered all the same."""
    rows = []
    for parent in parents()[:returned]:
        used = parent["uses"] == "yes"
        answer = ["Agree", "Neither", "Disagree", "Agree"][int(parent["id"]) % 4] if used else ""
        rows.append({k: parent[k] for k in ("id", "consent", "year", "distance")} | {"likes": answer})
    rows[0]["likes"] = "Agree"
    rows[2]["distance"] = "Near"
    return rows


ENOUGH = 40
"""How many must come back on Friday for its weights to leave the project: of thirty only eight are infants."""


def write_little_study(folder: Path, returned: int = 30) -> Path:
    """Write the study and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(DEFINITION, encoding="utf-8")
    (folder / "targets.csv").write_text(TARGETS, encoding="utf-8")
    (folder / "codebook.csv").write_text(CODEBOOK, encoding="utf-8")
    (folder / "linking.csv").write_text(LINKING, encoding="utf-8")
    raw = folder / "raw"
    write_rows(raw / "survey" / "monday.csv", parents())
    write_rows(raw / "survey" / "friday.csv", friday(returned))
    _write_breakdown(folder)
    _write_sheets(raw / "coding")
    return folder


def write_rows(path: Path, rows: Rows, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def cleaned_wants() -> list[tuple[str, set[str]]]:
    """Year group and wants of the forty parents after the cleaning rules, written out by hand."""
    by_remainder = [{"fruit"}, {"fruit", "juice"}, {"nothing"}, {"later"}, {"fruit", "later"}]
    wants = [by_remainder[i % 5] for i in range(40)]
    wants[6], wants[7], wants[8] = {"fruit"}, {"later"}, {"fruit", "juice", "later"}
    years = ["juniors" if i % 4 else "infants" for i in range(40)]
    years[1] = ""
    return list(zip(years, wants, strict=True))


def _write_breakdown(folder: Path) -> None:
    (folder / "breakdown_columns.csv").write_text(
        "column,break,group\nyear_infants,year,infants\nyear_juniors,year,juniors\n", encoding="utf-8"
    )
    wants = cleaned_wants()
    bases = {year: sum(y == year for y, _ in wants) for year in ("infants", "juniors")}
    labels = {"fruit": "Fruit", "juice": "Juice, fresh", "later": "Later end", "nothing": "Nothing"}
    rows = []
    for option, label in labels.items():
        row = {"option": label}
        for year, base in bases.items():
            row[f"year_{year}"] = f"{sum(y == year and option in w for y, w in wants) / base:.9f}"
        rows.append(row)
    raw = folder / "raw" / "breakdown"
    write_rows(raw / "responses.csv", rows, encoding="utf-8-sig")
    write_rows(raw / "responders.csv", [{f"year_{y}": str(b) for y, b in bases.items()}])
    write_rows(raw / "margin.csv", [{f"year_{y}": f"{98 / b**0.5:.0f}%" for y, b in bases.items()}])


def _write_sheets(folder: Path) -> None:
    """Twenty notes, one of them blank; Ann and Bob differ on note 000 (fruit) and note 004 (later)."""
    base = [
        {"id": f"{i:03d}", "year": "Juniors" if i % 4 else "Infants", "note": f"Note {i},\nplease" if i != 19 else " "}
        for i in range(20)
    ]
    agreed = [
        row | {"food_fruit": str(int(i % 2 == 0)), "hot": str(int(i % 6 == 0)), "time_later": str(int(i % 4 == 0))}
        for i, row in enumerate(base)
    ]
    agreed[19] |= {"food_fruit": "", "hot": "", "time_later": ""}
    ann = [dict(row) for row in agreed]
    bob = [dict(row) for row in agreed]
    bob[0]["food_fruit"] = ""
    bob[4]["time_later"] = "0"
    write_rows(folder / "ann.csv", ann)
    write_rows(folder / "bob.csv", bob)
    write_rows(folder / "agreed.csv", agreed[:19])
