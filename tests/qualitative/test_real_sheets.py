"""The sheets of a real study, read where they lie; they belong to other people and are not part of the project."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from plait.qualitative.agreement import coder_agreement
from plait.qualitative.sheets import read_sheets
from plait.qualitative.themes import theme_counts
from plait.qualitative.transcripts import CodedText, check_invariants
from plait.study.definition import Sheets
from plait.study.side_files import CodebookEntry

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "niot-ite-mentors"
FIRST, SECOND, THIRD = (f"{coder}_coding_clean.csv" for coder in ("bm", "cm", "et"))
FINAL = "opentext_finalCodes_forAnalysis_withTweaks_removedEmptyCodes_timeGenFix_monGenFix.csv"
GIVEN = 4  # id, two attributes, text

pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the real sheets are not on this computer"),
]

SPEC = Sheets.model_validate(
    {
        "format": "sheets",
        "label": "Open answers",
        "mode": "open_text",
        "count_from": "final",
        "id_column": "user_id",
        "text_column": "answer",
        "attributes": {"phase": "phase", "role": "role"},
        "breaks": {"phase": "Phase", "role": "Role"},
        "sheets": [
            {"file": FIRST, "coder": "first"},
            {"file": SECOND, "coder": "second"},
            {"file": THIRD, "coder": "third", "assigned": "marked"},
            {"file": FINAL, "coder": "final", "adjudicated": True},
        ],
    }
)


def codebook() -> list[CodebookEntry]:
    """Every column as a code, under the theme that its name starts with."""
    columns: dict[str, str] = {}
    for file in (FIRST, SECOND, THIRD, FINAL):
        with (FOLDER / file).open(encoding="utf-8-sig", newline="") as stream:
            columns |= {
                name: name.partition("_")[0] if "_" in name else "" for name in next(csv.reader(stream))[GIVEN:]
            }
    themes = dict.fromkeys(parent for parent in columns.values() if parent and parent not in columns)
    entries = [CodebookEntry(code=name, label=name, kind="theme") for name in themes]
    return entries + [
        CodebookEntry(code=name, parent=parent, label=name, kind="code" if parent else "theme")
        for name, parent in columns.items()
    ]


@pytest.fixture(scope="module")
def coded() -> CodedText:
    read = read_sheets("answers", SPEC, FOLDER, codebook())
    check_invariants(read)
    return read


@pytest.fixture(scope="module")
def agreement(coded: CodedText) -> pd.DataFrame:
    return coder_agreement(coded, {"answers": SPEC}).coefficients


def test_every_answer_is_kept_and_blank_ones_are_nobodys(coded: CodedText) -> None:
    assert len(coded.sources) == 291
    assert (coded.sources["text_state"] == "absent").sum() == 2
    assert dict(coded.assignments.groupby("coder").size()) == {"first": 289, "second": 289, "third": 71, "final": 289}
    counted = coded.import_log.dropna(subset=["n_in"])
    assert counted["n_in"].sum() == len(coded.segments)
    assert counted["n_excluded"].sum() == (coded.segments["status"] == "excluded").sum() == 2


def test_the_two_coders_agree_as_far_as_was_found_independently(agreement: pd.DataFrame) -> None:
    pair = agreement[(agreement["coder_a"] == "first") & (agreement["coder_b"] == "second")]
    kappa = pair[pair["coefficient"] == "cohen_kappa"]
    overall = kappa[kappa["level"] == "all"].iloc[0]
    assert (kappa["level"] == "code").sum() == 51
    assert overall["note"] == "mean over 51 of 51 codes"
    assert round(overall["value"], 4) == 0.6704
    assert overall["low"] < overall["value"] < overall["high"]
    assert overall["n_units"] == overall["n_sources"] == 289
    identical = pair[(pair["coefficient"] == "per_cent") & (pair["level"] == "all")].iloc[0]
    assert round(identical["value"] * 289) == 116


def test_the_partial_coder_is_compared_on_the_rows_they_coded(agreement: pd.DataFrame) -> None:
    partial = agreement[(agreement["coder_b"] == "third") & (agreement["level"] == "all")]
    assert set(partial["n_units"]) == {71}
    assert len(partial[partial["coefficient"] == "cohen_kappa"]) == 2
    together = agreement[(agreement["coders"] == "all") & (agreement["level"] == "all")].set_index("coefficient")
    assert together.loc[["krippendorff_alpha", "fleiss_kappa"], "n_units"].tolist() == [289, 71]
    assert "final" not in set(agreement["coder_a"]) | set(agreement["coder_b"])


def test_themes_have_the_shares_that_were_found_independently(coded: CodedText) -> None:
    counts = theme_counts(coded, {"answers": SPEC})
    overall = counts[(counts["by"] == "") & (counts["unit"] == "sources")].set_index("theme")
    assert set(overall["of"]) == {289}
    shares = (100 * overall["n"].astype(float) / 289).round(1)
    expected = {
        "time": 82.0,
        "moneySalary": 26.3,
        "training": 19.0,
        "recognition": 9.3,
        "collab": 7.6,
        "frustration": 6.9,
        "workloadManagement": 5.9,
        "money": 4.2,
    }
    assert {theme: shares[theme] for theme in expected} == expected
    groups = counts[(counts["theme"] == "time") & (counts["unit"] == "sources")].groupby("by")[["n", "of"]].sum()
    assert (groups == groups.loc[""]).all(axis=None)
