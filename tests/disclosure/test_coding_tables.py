"""What a reviewer sees of the coding: enough to follow every coding, nothing that names a text or singles one out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from plait import tables
from plait.disclosure import coding_tables
from plait.disclosure.gate import publish
from plait.disclosure.labels import Labels
from plait.disclosure.rules import PROFILES
from plait.disclosure.suppression import SuppressionLog
from plait.errors import StudyError
from plait.study import Study, load_study
from plait.study.side_files import AllowedWord, DeniedName
from some_findings import findings

PUBLIC = PROFILES["public"]


@pytest.fixture
def study(little: Path) -> Study:
    return load_study(little)


def coding_files(*names: str, of_text: bool = False, tool: str = "") -> pd.DataFrame:
    return tables.CODING_FILES.of(
        [
            {
                "collection": "notes", "file": f"coding/{name}.csv", "name": name, "names_a_source": of_text,
                "reader": "sheets", "tool": tool, "offset_convention": "", "n_in": 9, "n_active": 7, "n_excluded": 2,
                "n_unresolved": 0,
            }
            for name in names
        ]
    )  # fmt: skip


def decision_rows(*rows: tuple[str, str, int, int, int, int], why: str = "Said so.", source: str = "") -> pd.DataFrame:
    """Action, collection, changed, added, removed, sources touched."""
    effects = ("segments_changed", "segments_added", "segments_removed", "sources_touched")
    return tables.DECISIONS.of(
        [
            {
                "row": n, "date": "2026-02-01", "action": action, "collection": collection, "code": "food_fruit",
                "source": source, "into": "food_hot;*", "why": why, "who": "Ann Other", "segments_before": 12,
                **dict(zip(effects, found, strict=True)),
            }
            for n, (action, collection, *found) in enumerate(rows, 2)
        ]
    )  # fmt: skip


def published_decisions(study: Study, rows: pd.DataFrame, rules: str = "public") -> pd.DataFrame:
    return coding_tables.decisions_table(rows, Labels(study), PROFILES[rules], SuppressionLog())


# --- files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("coder_a", "coder_a"),
        ("final codes", "final codes"),
        ("talk with Jane", "file 1"),  # a capital letter within a sentence
        ("Jane", "file 1"),  # also at the start: a file's name is no sentence
        ("ada_pemberton", "file 1"),  # of the deny list, in small letters
        ("notes-pemberton-2", "file 1"),
        ("a.p@club.example", "file 1"),
        ("sw1a 1aa", "file 1"),
        ("talks 2024-05-03", "file 1"),
        ("___", "file 1"),
        ("Interviews", "file 1"),  # a word that cannot be told from a name
        ("Breakfast", "Breakfast"),  # one that the author allowed
    ],
)
def test_a_file_is_named_where_its_name_tells_of_nobody(study: Study, name: str, shown: str) -> None:
    screened = replace(
        study,
        denied_names=(DeniedName(name="Ada Pemberton", kind="person"),),
        allowed_words=(AllowedWord(word="Breakfast"),),
    )
    (row,) = coding_tables.coding_sources_table(coding_files(name), screened, Labels(study)).to_dict("records")
    assert row["file"] == shown
    assert (row["codings_in"], row["active"], row["excluded"], row["unresolved"]) == (9, 7, 2, 0)


def test_a_file_that_is_called_like_its_text_has_a_number(study: Study) -> None:
    files = pd.concat([coding_files("sheet"), coding_files("p07", of_text=True)], ignore_index=True)
    assert list(coding_tables.coding_sources_table(files, study, Labels(study))["file"]) == ["sheet", "file 2"]


@pytest.mark.parametrize(
    ("tool", "shown"),
    [
        ("", ""),
        ("NVivo 12.6.1.970", "NVivo 12.6"),
        ("ATLAS.ti 9.0.20.0", "ATLAS.ti 9.0"),  # all four parts would look like an address of a computer
        ("QualCoder 3.5 of Ada Pemberton", "QualCoder 3.5"),
        ("MAXQDA", "MAXQDA"),
        ("Ada Pemberton's own", "another program"),
    ],
)
def test_only_known_programs_are_named(study: Study, tool: str, shown: str) -> None:
    assert coding_tables.coding_sources_table(coding_files("a", tool=tool), study, Labels(study))["tool"][0] == shown


def test_remarks_are_counted_in_our_own_words(study: Study) -> None:
    notes = tables.CODING_NOTES.of(
        [
            {"collection": "notes", "kind": "left_out", "what": "its weight is not a number: 'Ada said so'", "n": 2},
            {"collection": "notes", "kind": "left_out", "what": "its weight is not a number: 'Bob'", "n": 1},
            {"collection": "notes", "kind": "left_out", "what": "whatever Ada said", "n": 1},
            {"collection": "notes", "kind": "caution", "what": "missing_coder", "n": 1},
            {"collection": "", "kind": "caution", "what": "decision", "n": 3},
            {"collection": "", "kind": "caution", "what": "new_event_of_ada", "n": 1},
        ]
    )
    shown = coding_tables.coding_notes_table(notes, Labels(study))
    assert list(shown[["collection_label", "kind", "text", "n"]].itertuples(index=False, name=None)) == [
        ("Notes on the form", "left_out", "its weight is not a number", 3),
        ("Notes on the form", "left_out", "another reason", 1),
        ("Notes on the form", "caution", "cells that are empty", 1),
        ("All collections", "caution", "decisions that change nothing", 3),
        ("All collections", "caution", "another caution", 1),
    ]


# --- decisions ---------------------------------------------------------------------------------------------------------


def test_a_decision_is_told_with_its_reason_and_without_who_and_where(study: Study) -> None:
    rows = decision_rows(("split", "notes", 5, 2, 1, 6), why="Note 17 says it, 017 does not.", source="17")
    (row,) = published_decisions(study, rows).to_dict("records")
    assert row == {
        "number": 1, "date": "2026-02-01", "action": "split", "collection": "notes",
        "collection_label": "Notes on the form", "code_label": "Fruit", "into_labels": "Hot food; any other code",
        "why": "Note [this text] says it, 017 does not.", "segments_before": 12, "segments_changed": 5,
        "segments_added": 2, "segments_removed": 1, "sources_touched": 6, "marker": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("touched", "rules", "hidden"),
    [
        ((8, 2, 1, 9), "public", [1, 2]),
        ((8, 2, 9, 0), "public", [0, 1]),  # one alone could be found from what all did together
        ((8, 5, 9, 0), "public", []),
        ((8, 4, 9, 3), "strict", [1, 3]),
        ((8, 2, 1, 9), "internal", []),
        ((0, 0, 2, 0), "public", [2]),
    ],
)
def test_what_a_decision_did_to_a_few_texts_is_withheld(
    study: Study, touched: tuple[int, ...], rules: str, hidden: list[int]
) -> None:
    rows = decision_rows(*(("recode", "notes", n, 0, 0, n) for n in touched))
    shown = published_decisions(study, rows, rules)
    effects = shown.filter(regex="^segments_|^sources_")
    assert [i for i, marker in enumerate(shown["marker"]) if marker == "c"] == hidden
    assert effects.iloc[hidden].isna().all(axis=None)
    assert effects.drop(index=hidden).notna().all(axis=None)


def step_rows() -> pd.DataFrame:
    steps = (("read", 20, 0, 0, 20), ("chosen", 20, 0, 8, 12), ("decided", 12, 0, 2, 10))
    return tables.CODING_STEPS.of(
        pd.DataFrame(
            [("notes", *step) for step in steps],
            columns=list(tables.CODING_STEPS.columns),
        )
    )


@pytest.mark.parametrize(
    ("touched", "masked"), [((2,), True), ((2, 0), True), ((2, 1), False), ((2, 8), False), ((8,), False)]
)
def test_the_steps_do_not_tell_what_a_single_hidden_decision_did(
    study: Study, touched: tuple[int, ...], masked: bool
) -> None:
    rows = decision_rows(*(("exclude", "notes", 0, 0, n, n) for n in touched))
    log = SuppressionLog()
    shown = coding_tables.coding_steps_table(step_rows(), rows, Labels(study), PUBLIC, log).set_index("step")
    counts = ["segments_in", "segments_added", "segments_removed", "segments_out"]
    withheld = int(shown[counts].isna().sum().sum())
    assert withheld == (5 if masked else 0)
    assert log.table()["cells"].sum() == withheld
    assert shown.loc["decided", "segments_out"] == 10
    if masked:  # neither step gives the other away
        assert list(shown["marker"]) == ["", "c", "c"]
        assert shown.loc["chosen", counts[2:]].isna().all()
        assert shown.loc["decided", counts[:3]].isna().all()


def test_reasons_are_screened(study: Study) -> None:
    rows = decision_rows(("merge", "notes", 5, 0, 0, 5), why="Asked a.p@club.example about it.")
    with pytest.raises(StudyError, match="published/decisions: why") as caught:
        publish(study, findings(decisions=rows), PUBLIC)
    assert "club.example" not in str(caught.value)


def test_who_decided_and_which_file_it_was_stand_in_no_table(study: Study) -> None:
    rows = decision_rows(("merge", "notes", 5, 0, 0, 5), source="secret-source")
    out = publish(study, findings(decisions=rows, coding_files=coding_files("Jane")), PUBLIC)
    everything = " ".join(str(frame.to_dict("records")) for _, frame in out)
    for word in ("Ann Other", "Jane", "secret-source"):
        assert word not in everything


def test_the_share_coded_alike_is_of_the_units_of_two_coders(study: Study) -> None:
    known: dict[str, object] = dict.fromkeys(tables.ADJUDICATION.columns)
    known |= {"collection": "notes", "unit": "source", "agreed": 3, "alone": 0, "disputed": 2}
    rows = tables.ADJUDICATION.of([known | {"n_units": 8, "units_alike": 5}, known | {"n_units": 0, "units_alike": 0}])
    shown = coding_tables.adjudication_table(rows, Labels(study))
    assert shown["per_cent_alike"][0] == 63  # 62.5, half up
    assert pd.isna(shown["per_cent_alike"][1])
