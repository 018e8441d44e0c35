"""Coded text that other people's tools exported, written as study folders beside the files.

The files lie beside the checkout; a study's raw folder, made for one test, holds copies of them. Its codebook is drafted
from them, as `plait codebook` does, so that no code of theirs is written down in this project.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import yaml

from plait.cli import main
from plait.qualitative.agreement import Agreement, coder_agreement
from plait.qualitative.codebook import draft_codebook
from plait.qualitative.coded_file import Conventions, FileCode
from plait.qualitative.readers import read_coded_text
from plait.qualitative.recognition import read_coded_file
from plait.qualitative.settling import settle
from plait.qualitative.themes import theme_counts
from plait.qualitative.transcripts import CodedText
from plait.study import Study, load_study

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT.parent / "shared" / "samples" / "qualitative"
needs_coded_samples = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the real coded files are not at hand (../shared/samples/qualitative)"
)
_ALL = yaml.safe_load((ROOT / "tests/studies/coded_samples.yaml").read_text(encoding="utf-8"))["samples"]
SAMPLES: Mapping[str, Mapping[str, Any]] = _ALL
_ABOUT = {
    "commissioned_by": "Its owners",
    "conducted_by": "Its owners",
    "population": "Those who were asked",
    "sample": "As its owners say",
    "mode": "As its owners say",
    "fieldwork": {"start": "2020-01-01", "end": "2020-12-31"},
    "design": "Coded text without a survey",
}


@dataclass(frozen=True)
class Coded:
    """A study from its files to its counts.

    Attributes:
        study: As it is defined.
        read: What each coder wrote.
        settled: The coding that is counted.
        themes: `theme_counts` of it, everybody together.
        agreement: Of what was read.
    """

    study: Study
    read: CodedText
    settled: CodedText
    themes: pd.DataFrame
    agreement: Agreement

    def counts(self, unit: str) -> pd.Series[int]:
        """The number of units (segments, sources, cases) of each theme and code."""
        rows = self.themes[self.themes["unit"] == unit]
        return rows.set_index("theme")["n"].astype(int)


def coded_study(name: str, into: Path) -> Path:
    """Write the folder of a study, raw files and all.

    Args:
        name: One of `SAMPLES`.
        into: The folder to make.
    """
    sample = SAMPLES[name]
    (into / "raw").mkdir(parents=True)
    collections = {key: _filled(spec, into / "raw") for key, spec in sample["collections"].items()}
    _define(into, name, sample["title"], collections)
    draft_codebook_of((path for pattern in sample["codes_from"] for path in _found(pattern)), into / "codebook.csv")
    return into


def _define(into: Path, name: str, title: str, collections: Mapping[str, Any]) -> None:
    definition = {
        "study": name,
        "title": title,
        "research_question": "What was coded how often?",
        "about": _ABOUT,
        "coded_text": {"codebook": "codebook.csv", "collections": dict(collections)},
    }
    (into / "study.yaml").write_text(yaml.safe_dump(definition, sort_keys=False), encoding="utf-8")


def run_coded(folder: Path) -> Coded:
    """Read, settle, count and compare."""
    study = load_study(folder)
    read = read_coded_text(study.collections, study.raw, study.codebook)
    settled = settle(read, study).decided
    themes = theme_counts(settled, study.collections)
    return Coded(study, read, settled, themes[themes["by"] == ""], coder_agreement(read, study.collections))


def draft_codebook_of(files: Iterable[Path], codebook: Path) -> None:
    """What a user gets from `plait codebook FILES > codebook.csv`."""
    said = StringIO()
    with redirect_stdout(said), pytest.raises(SystemExit) as done:
        main(["codebook", *map(str, files)])
    assert done.value.code == 0
    codebook.write_text(said.getvalue(), encoding="utf-8")


def write_participants(file: Path, cases: Mapping[str, str], attribute: str) -> None:
    """Write a table of participants with one attribute."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("case", attribute), *cases.items()])


def _found(pattern: str) -> list[Path]:
    files = sorted(FOLDER.glob(pattern))
    assert files, pattern
    return files


def _filled(spec: Mapping[str, Any], raw: Path) -> dict[str, Any]:
    """The collection with the files that its patterns stand for, put into the raw folder."""
    given = spec["files"] if isinstance(spec["files"], list) else [{"file": spec["files"]}]
    files = [entry | {"file": name} for entry in given for name in _copied(entry["file"], raw)]
    filled = {**spec, "files": [_with_case(entry, raw) for entry in files]}
    if spec["count_from"] == "*":
        filled["count_from"] = _busiest_coder(raw / files[0]["file"])
    return filled


def _with_case(entry: dict[str, Any], raw: Path) -> dict[str, Any]:
    """The file with `case: "*"` filled in where its header and its name disagree."""
    if entry.get("case") != "*":
        return entry
    case = next(iter(matrix_cases(raw / entry["file"])))
    named = {key: value for key, value in entry.items() if key != "case"}
    return named if case == Path(entry["file"]).stem else {**named, "case": case}


def _copied(pattern: str, raw: Path) -> Iterator[str]:
    for path in _found(pattern):
        shutil.copyfile(path, raw / path.name)
        yield path.name


def _busiest_coder(path: Path) -> str:
    codings = read_coded_file(path, path.name, Conventions()).codings
    return Counter(c.coder for c in codings).most_common(1)[0][0]


def labels_of(study: Coded) -> dict[str, str]:
    """The name that the tool gives each code of the drafted codebook."""
    return {entry.code: entry.label for entry in study.study.codebook}


def matrix_cases(place: Path) -> dict[str, str]:
    """The cases of matrices, in a folder or a single file, and an attribute made up for each: the half they came in."""
    files = sorted(place.glob("Int*.xlsx")) if place.is_dir() else [place]
    cases = [c.name for path in files for c in read_coded_file(path, path.name, Conventions()).cases]
    return {case: "first" if i < len(cases) / 2 else "second" for i, case in enumerate(cases)}


def tags_of_the_readme() -> dict[str, tuple[int, int]]:
    """Applications and documents of each tag of the project of Taguette, as counted beside the files."""
    listed = (FOLDER / "README.md").read_text(encoding="utf-8").partition("tag | applications | documents:")[2]
    found = re.findall(r"([^;.]+?) (\d+)/(\d+)[;.]", " ".join(listed.split("\n\n")[0].split()))
    return {name.strip(): (int(n), int(of)) for name, n, of in found}


# --- a workbook that is in no format that we read -------------------------------------------------------------------------

EDUCATORS = FOLDER.parent / "survey" / "gw_educators" / "Qualitative_Responses_N2_N3_N4.xlsx"
EDUCATOR_COUNTS = FOLDER.parent / "survey" / "reference" / "gw_codes_no_branch.csv"
QUESTIONS, EDUCATOR_CODERS = ("N2", "N3", "N4"), ("primary", "secondary")


def educators_study(into: Path) -> Path:
    """Write the study of three open questions, two coders each.

    The owners' workbook lists each answer's codes in columns `Code 1` to `Code 8`; a sheet with a column a code, which is
    what a coder's sheet is here, is made of each of theirs.
    """
    (into / "raw").mkdir(parents=True)
    book = openpyxl.load_workbook(EDUCATORS, data_only=True, read_only=True)
    codes: dict[tuple[str, ...], None] = {}
    collections = {}
    for question in QUESTIONS:
        sheets = []
        for coder in EDUCATOR_CODERS:
            header, *rows = book[f"{question} ({coder})"].iter_rows(values_only=True)
            places = [i for i, title in enumerate(header) if str(title).startswith("Code ")]
            given = {
                str(row[0]): (
                    str(row[1] or ""),
                    {str(row[i]).strip().replace("->", "/") for i in places if len(row) > i and row[i]},
                )
                for row in rows
                if row[0]
            }
            columns = sorted(set().union(*(found for _, found in given.values())))
            codes |= dict.fromkeys(tuple(column.split("/")) for column in columns)
            file = f"{question}_{coder}.csv"
            with (into / "raw" / file).open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(["id", "answer", *columns])
                writer.writerows([i, text, *(int(c in found) for c in columns)] for i, (text, found) in given.items())
            sheets.append({"file": file, "coder": coder, "assigned": "marked"})
        collections[question.lower()] = {
            "format": "sheets",
            "label": f"Question {question}",
            "mode": "open_text",
            "cases": "teachers",
            "count_from": "primary",
            "id_column": "id",
            "text_column": "answer",
            "sheets": sheets,
        }
    _define(into, "gw-educators-coded", "Open answers on proctoring, coded by two", collections)
    draft = draft_codebook([FileCode("/".join(path), path) for path in codes])
    draft.to_csv(into / "codebook.csv", index=False, lineterminator="\n")
    return into
