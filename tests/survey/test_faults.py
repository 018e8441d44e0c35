"""One test for each fault of the project's list that a survey can have (F-05, F-08 to F-20, F-35, F-37, F-39).

All go the way a study goes, from its definition and its file: a fault ends in one clear message, or in a defined output
from which nothing is lost. The modules beside this one look at each of them more closely.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from plait.errors import StudyError
from plait.survey.cleaning import Cleaned, clean
from plait.survey.weighting import weight
from small_survey import column, small_survey
from whole_survey import form, reported, survey, through

LIKES = """
respondent_id: id
questions:
  likes:
    label: Likes
    text: Do you like it?
    column: likes
    options:
      yes_: {label: "Yes", raw: [yes, "N/A", none, "null", NA]}
      no_: {label: "No", raw: "no"}
      cafe: Café
"""
ROWS = "id,likes\n007,yes\n008,no\n12345678901234567,yes\n"
IDS, ANSWERS = ["007", "008", "12345678901234567"], ["yes_", "no_", "yes_"]


def put(folder: Path, content: bytes | str, definition: str = LIKES, file: str = "form.csv") -> Cleaned:
    """Clean the survey whose export holds these very bytes."""
    (folder / "raw").mkdir(parents=True)
    (folder / "raw" / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    return clean(small_survey(folder, definition))


def complaint(folder: Path, content: bytes | str, definition: str = LIKES, file: str = "form.csv") -> str:
    with pytest.raises(StudyError) as caught:
        put(folder, content, definition, file)
    return str(caught.value)


def whole(found: Cleaned) -> bool:
    """Whether all three respondents and their answers are there, and the rows add up."""
    flow = found.flow.iloc[-1]
    same = (column(found.responses, "respondent"), column(found.responses, "likes")) == (IDS, ANSWERS)
    return same and int(flow["rows_out"]) == len(IDS)


def test_f05_a_truncated_file_is_refused(tmp_path: Path) -> None:
    message = complaint(tmp_path, ROWS.rpartition(",")[0])
    for words in ("form.csv, row 4", "has 1 fields, fewer than the 2", "cut off"):
        assert words in message


@pytest.mark.slow
@pytest.mark.parametrize("file", ["form.xlsx", "form.sav", "form.dta", "form.parquet"])
def test_f05_a_truncated_binary_file_is_refused(tmp_path: Path, file: str) -> None:
    frame, sound = pd.DataFrame({"id": ["1", "2"], "likes": ["yes", "no"]}), tmp_path / file
    if file.endswith("xlsx"):
        book = openpyxl.Workbook()
        assert book.active is not None
        for row in (frame.columns, *frame.itertuples(index=False)):
            book.active.append(list(row))
        book.save(sound)
    else:
        write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "parquet": pd.DataFrame.to_parquet}
        write[file.rpartition(".")[2]](frame, sound)
    definition = f"exports: {{form: {{file: {file}}}}}\n{LIKES}"
    assert len(put(tmp_path / "sound", sound.read_bytes(), definition, file).responses) == 2
    half = sound.read_bytes()[: sound.stat().st_size // 2]
    assert complaint(tmp_path / "half", half, definition, file).startswith(
        f"1 problem to mend:\n  1. {file}: cannot be read"
    )


def test_f08_rows_longer_than_the_header_are_all_named_and_shift_nothing(tmp_path: Path) -> None:
    message = complaint(tmp_path, "id,likes\n1,yes,more\n2,no\n3,yes,more\n")
    for words in ("row 2: has 3 fields, more than the 2", "row 4: has 3 fields", "2 problems"):
        assert words in message


def test_f09_a_row_shorter_than_the_header_is_named(tmp_path: Path) -> None:
    assert "form.csv, row 3: has 1 fields, fewer than the 2" in complaint(tmp_path, "id,likes\n1,yes\n2\n3,no\n")


def test_f10_a_repeated_column_is_not_chosen_by_chance(tmp_path: Path) -> None:
    message = complaint(tmp_path, "id,likes,likes\n1,yes,no\n")
    assert "2 columns called 'likes'" in message
    assert "'likes (1)' to 'likes (2)'" in message


@pytest.mark.parametrize("answer", ["N/A", "NA", "none", "null"])
def test_f11_answers_that_look_missing_are_answers(tmp_path: Path, answer: str) -> None:
    found = put(tmp_path, ROWS.replace("007,yes", f"007,{answer}"))
    assert whole(found)


def test_f12_ids_keep_their_zeros_and_all_their_digits(tmp_path: Path) -> None:
    assert whole(put(tmp_path, ROWS))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "mac_roman"])
def test_f13_every_encoding_gives_the_same_answers(tmp_path: Path, encoding: str) -> None:
    found = put(tmp_path, ROWS.replace("008,no", "008,Café").encode(encoding))
    assert column(found.responses, "likes") == ["yes_", "cafe", "yes_"]
    assert column(found.responses, "respondent") == IDS


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_f14_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    assert whole(put(tmp_path, ROWS.replace(",", delimiter)))


def test_f15_nul_and_control_bytes_are_removed_and_counted(tmp_path: Path) -> None:
    found = put(tmp_path, ROWS.replace("yes", "y\x00es").replace("no", "n\x0bo\x1b"))
    assert whole(found)
    log = found.log[found.log["reason"].str.contains("control")]
    assert len(log) == 1
    assert int(log["after"].iloc[0]) == 4


@pytest.mark.parametrize("ends", [("\r\n",) * 4, ("\r",) * 4, ("\n", "\r\n", "\r", "\n")], ids=["crlf", "cr", "mixed"])
def test_f16_line_ends_of_every_kind(tmp_path: Path, ends: tuple[str, ...]) -> None:
    text = "".join(line + end for line, end in zip(ROWS.splitlines(), ends, strict=True))
    assert whole(put(tmp_path, text))


def test_f17_an_unclosed_quote_is_named_with_its_row(tmp_path: Path) -> None:
    message = complaint(tmp_path, ROWS.replace("no", '"no'))
    assert "form.csv, row 3" in message
    assert "not closed" in message


def test_f18_a_cell_of_twenty_megabytes_is_refused(tmp_path: Path) -> None:
    message = complaint(tmp_path, ROWS.replace("no", "o" * 20_000_000))
    assert "form.csv, row 3" in message
    assert len(message) < 1000


def test_f19_day_and_month_are_never_taken_for_each_other(tmp_path: Path) -> None:
    """Fieldwork is from 5 to 9 January 2026."""
    dated = "exports: {form: {file: form.csv, dates: {day: {%s}}}}\n" + LIKES
    rows = "id,day,likes\n1,05/01/2026,yes\n2,06/01/2026,no\n"
    assert "could be read as '%d/%m/%Y' or '%m/%d/%Y'" in complaint(tmp_path / "a", rows, dated % "")
    message = complaint(tmp_path / "b", rows, dated % "format: '%m/%d/%Y'")
    assert "2 of 2 dates lie outside the fieldwork" in message
    assert "write %d/%m/%Y" in message
    assert len(put(tmp_path / "c", rows, dated % "format: '%d/%m/%Y'").responses) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "is empty"), ("\n\n", "is empty"), ("id,likes\n", "has a header but no answers below it")],
)
def test_f20_an_empty_file_and_a_header_alone_are_called_so(tmp_path: Path, content: str, words: str) -> None:
    assert words in complaint(tmp_path, content)


SIXTY = "{" + ", ".join(f"o{i}: Option {i}" for i in range(60)) + "}"
SUPPLIED = (
    "exports: {form: {file: form.csv, weight: w}}\nweighting: {method: supplied, description: Drawn for this test.}"
)


@pytest.mark.study
@pytest.mark.parametrize(
    ("changes", "cells"),
    [
        ({"phase": "long " * 400}, {}),
        ({"uses": SIXTY}, {"uses": lambda i: f"Option {i % 60}"}),
        ({"uses": "{only: Only}"}, {"uses": lambda i: "Only"}),
        ({}, {"uses": lambda i: "", "wants": lambda i: "", "agrees": lambda i: "", "hours": lambda i: ""}),
        ({}, {"phase": lambda i: "Primary"}),
        ({"more": SUPPLIED}, {"w": lambda i: "0" if i % 2 else "1"}),
        ({"more": SUPPLIED}, {"w": lambda i: "" if i % 2 else "1"}),
    ],
    ids=["long label", "sixty options", "one option", "all missing", "one level", "weight zero", "no weight"],
)
def test_f35_extremes_have_a_defined_output(tmp_path: Path, changes: dict[str, str], cells: dict[str, object]) -> None:
    """`through` and `reported` refuse a number that is none, and a blank without its marker."""
    outcome = through(tmp_path, survey(**changes), form_csv=form(60, **cells))  # type: ignore[arg-type]
    assert len(outcome.cleaned.responses) == 60
    reported(outcome)


@pytest.mark.parametrize(
    ("n", "w", "words"),
    [
        (0, "1", ["form.csv", "has a header but no answers below it"]),
        (60, "-1", ["form.csv, row 5, column 'w'", "negative"]),
        (60, "NaN", ["form.csv, row 5, column 'w'"]),
        (60, "1e30", ["form.csv, column 'w'", "times the median weight"]),
    ],
    ids=["nobody", "below zero", "not a number", "huge"],
)
def test_f35_what_cannot_be_tabulated_is_refused(tmp_path: Path, n: int, w: str, words: list[str]) -> None:
    rows = form(n, w=lambda i: w if i == 3 else "1")
    with pytest.raises(StudyError) as caught:
        through(tmp_path, survey(more=SUPPLIED), form_csv=rows)
    for part in words:
        assert part in str(caught.value)


@pytest.mark.study
def test_f37_text_of_every_script_is_counted_shown_and_turns_nothing_round(tmp_path: Path) -> None:
    names = ["\U0001f600 yes", "نعم", "כן", "cafe\u0301", "right\u202eleft"]
    options = "{" + ", ".join(f'o{i}: "{name}"' for i, name in enumerate(names)) + "}"
    rows = form(100, uses=lambda i: names[i % 5], id=lambda i: f"r\u200b{i}\u202e")
    outcome = through(tmp_path, survey(uses=options), form_csv=rows)
    assert outcome.cleaned.responses["respondent"].tolist() == [f"r{i}" for i in range(100)]
    assert (outcome.shares("uses")["per_cent"] == 20).all()
    said = unicodedata.normalize("NFC", reported(outcome))
    for name in (names[0], names[1], names[2], "café"):
        assert name in said
    assert "\u202e" not in said


@pytest.mark.parametrize(
    ("people", "shares", "words"),
    [
        (["p,a"] * 20, {"phase": (0.5, 0.5)}, ["nobody", "stands for phase = s"]),
        (["p,a"] * 10 + ["s,a"] * 10, {"phase": (1.0, 0.0)}, ["10 respondents in phase = s, whose target is zero"]),
        (
            ["p,a"] * 20 + ["s,a"] * 10 + ["s,b"] * 10,
            {"phase": (0.8, 0.2), "size": (0.6, 0.4)},
            ["no weights can meet these targets", "phase = p", "size = a"],
        ),
    ],
    ids=["empty cell", "target of zero", "impossible together"],
)
def test_f39_weights_that_cannot_be_made_stop_with_the_cell_named(
    tmp_path: Path, people: list[str], shares: dict[str, tuple[float, float]], words: list[str]
) -> None:
    groups = {"phase": ("p", "s"), "size": ("a", "b")}
    lines = [
        f"{v},{g},{x},roll,2026,headcount,official" for v in shares for g, x in zip(groups[v], shares[v], strict=True)
    ]
    tmp_path.joinpath("targets.csv").write_text(
        "\n".join(["variable,group,share,source,date,unit,grade", *lines]) + "\n"
    )
    definition = """
        profile:
          phase: {label: Phase, column: phase, options: {p: P, s: S}}
          size: {label: Size, column: size, options: {a: A, b: B}}
        questions:
          likes: {label: Likes, text: Do you?, column: likes, options: {yes_: "Yes", no_: "No"}}
        weighting: {targets: targets.csv}
    """
    study = small_survey(tmp_path, definition, form_csv="phase,size,likes\n" + "".join(f"{p},Yes\n" for p in people))
    with pytest.raises(StudyError) as caught:
        weight(study, clean(study).responses)
    for part in words:
        assert part in str(caught.value)
