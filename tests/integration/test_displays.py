"""The displays that follow from one linking file, counted by hand on nineteen notes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from joined_study import JOINED, replace_in, write_joined_study
from little_study import parents
from plait import tables
from plait.integration.by_group import strands_by_group
from plait.integration.case_level import case_level
from plait.integration.joint_display import join_strands
from plait.integration.people import Cases, join_cases
from plait.integration.quote_matrix import quote_matrix
from plait.integration.statistics_by_theme import statistics_by_theme
from plait.integration.unlinked import unlinked
from plait.qualitative.case_matrix import case_themes
from plait.qualitative.readers import read_coded_text_of
from plait.qualitative.themes import theme_counts
from plait.study import Study, load_study
from plait.survey.cleaning import clean
from plait.survey.crosstabs import tabulate_responses
from plait.survey.sample import Samples
from plait.survey.stand_ins import stand_ins
from plait.survey.weighting import weight


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_joined_study(tmp_path / "joined")


class Read:
    """What the strands hand to integration."""

    def __init__(self, folder: Path) -> None:
        self.study: Study = load_study(folder)
        coded = read_coded_text_of(self.study)
        self.themes = theme_counts(coded, self.study.collections)
        self.case_themes = case_themes(coded, self.study.collections)
        self.cases = Cases.from_tables(self.case_themes, coded.cases, coded.case_attributes)
        self.responses = clean(self.study).responses
        self.people = join_cases(self.study, self.cases, stand_ins(self.study), self.responses).people

    def estimates(self, weights: pd.DataFrame) -> pd.DataFrame:
        return tabulate_responses(self.study, self.responses, Samples(self.study, self.responses, weights)).estimates


# Joined are 001-004, 006, 008, 009, 011-014, 016 and 017. Food is coded on even notes, time on every fourth.
FOOD = ["002", "004", "006", "008", "012", "014", "016"]
TIME = ["004", "008", "012", "016"]


def wants(option: str, ids: list[str]) -> int:
    """How many of some parents ticked an option, after the cleaning rules of the little study."""
    after = {"006": "Fruit"}  # "Nothing; Fruit" contradicts itself: the other answer is kept
    ticked = {row["id"]: after.get(row["id"], row["wants"]) for row in parents()}
    return sum(option in [part.strip() for part in ticked[i].split(";")] for i in ids)


def test_answers_of_those_who_speak_of_a_theme_and_of_those_who_do_not(folder: Path) -> None:
    read = Read(folder)
    found = statistics_by_theme(read.study, read.people, read.case_themes, read.responses)
    cells = found.set_index(["construct", "option", "spoken"])
    assert len(found) == 6  # fruit and juice with food, later with time; with the theme and without it
    for construct, option, label, speaking in (("food", "fruit", "Fruit", FOOD), ("time", "later", "Later end", TIME)):
        silent = [i for i in JOINED if i not in speaking]
        for spoken, ids in ((True, speaking), (False, silent)):
            cell = cells.loc[(construct, option, spoken)]
            assert (cell["base"], cell["value"]) == (len(ids), pytest.approx(wants(label, ids) / len(ids)))
    assert (found["base_unjoined"] == 40 - 13).all()


def test_a_question_with_scores_has_its_mean_beside_the_shares(folder: Path) -> None:
    old = "{agree: Agree, neither: Neither, disagree: Disagree}"
    scored = ", ".join(
        f"{o}: {{label: {o}, score: {s}, raw: {o}}}" for o, s in (("agree", 3), ("neither", 2), ("disagree", 1))
    )
    replace_in(folder / "study.yaml", old, f"{{{scored}}}")
    (folder / "linking.csv").write_text(
        "construct,label,survey,themes\nlikes,Likes,likes:agree,food\n", encoding="utf-8"
    )
    read = Read(folder)
    found = statistics_by_theme(read.study, read.people, read.case_themes, read.responses)
    means = found[found["measure"] == "mean"].set_index("spoken")
    # Asked were parents whose child uses the club (odd ids, not 003); none of them wrote of food, which is on even notes.
    odd = ["001", "009", "011", "013", "017"]
    score = {0: 3, 1: 2, 2: 1, 3: 3}
    assert means.loc[False, "base"] == len(odd)
    assert means.loc[False, "value"] == pytest.approx(np.mean([score[int(i) % 4] for i in odd]))
    assert means.loc[True, "base"] == 0
    assert np.isnan(means.loc[True, "value"])


def test_the_case_level_matrix_says_who_answered_and_spoke_of_what(folder: Path) -> None:
    read = Read(folder)
    matrix = case_level(read.study, read.people, read.case_themes, read.responses)
    assert matrix.groupby("case").size().tolist() == [5] * 13
    name = {read.cases.names[case]: case for case in read.cases.of["notes"]}
    eight = matrix[matrix["case"] == name["008"]].set_index("item")["value"]
    assert eight.to_dict() == {"fruit": 1, "juice": 1, "food": 1, "later": 1, "time": 1}
    three = matrix[matrix["case"] == name["003"]].set_index("item")["value"]
    assert three.to_dict() == {"fruit": 0, "juice": 0, "food": 0, "later": 1, "time": 0}
    assert set(matrix["case"]) == {name[i] for i in JOINED}


def test_groups_of_both_strands_stand_in_one_cell(folder: Path) -> None:
    read = Read(folder)
    cells = strands_by_group(read.study, read.themes)
    food = cells[cells["construct"] == "food"]
    assert food[["group", "strand", "origin", "item", "by", "values"]].to_numpy().tolist() == [
        ["infants", "survey", "wants", "fruit", "", ""],
        ["infants", "survey", "wants", "juice", "", ""],
        ["infants", "coded_text", "notes", "food", "year", "Infants"],
        ["juniors", "survey", "wants", "fruit", "", ""],
        ["juniors", "survey", "wants", "juice", "", ""],
        ["juniors", "coded_text", "notes", "food", "year", "Juniors"],
    ]


def test_a_group_of_all_cases_takes_the_count_of_everyone_and_one_of_no_case_takes_none(folder: Path) -> None:
    replace_in(folder / "study.yaml", "{Infants: infants, Juniors: juniors}", "{Infants: juniors, Juniors: juniors}")
    cells = strands_by_group(Read(folder).study, Read(folder).themes)
    texts = cells[(cells["strand"] == "coded_text") & (cells["construct"] == "food")]
    assert texts[["group", "by", "values"]].to_numpy().tolist() == [["juniors", tables.ALL, tables.ALL]]


def test_a_quotation_stands_in_a_group_only_where_its_attribution_names_the_group(folder: Path) -> None:
    replace_in(
        folder / "study.yaml", "breaks: {year: Year group}", "breaks: {year: Year group}\n      attribution: [year]"
    )
    read = Read(folder)
    case = {read.cases.names[c]: c for c in read.cases.of["notes"]}
    rest = {"collection": "notes", "theme": "food", "code": "food_fruit", "text": "Note", "alike": 5}
    rest |= {"source_sha256": "0", "start": 0, "end": 4}
    quotes = tables.QUOTES.of(
        [
            rest | {"quote": "told", "case": case["004"], "attribution": "Infants"},
            rest | {"quote": "not-told", "case": case["008"], "attribution": "Notes on the form"},
        ]
    )
    matrix = quote_matrix(read.study, quotes, read.cases, read.themes)
    assert matrix[["theme", "by", "group", "quote"]].to_numpy().tolist() == [
        ["food", "year", "Infants", "told"],
        ["food", "year", "Juniors", ""],
        ["food", "year", "", "not-told"],
    ]


def test_what_no_construct_speaks_of_is_listed(folder: Path) -> None:
    """Uses and likes are never linked; of what parents want, nothing is exclusive and no item."""
    (folder / "linking.csv").write_text(
        "construct,label,survey,themes\nfood,Food,wants:fruit,food_hot\n", encoding="utf-8"
    )
    rows = unlinked(load_study(folder)).to_numpy().tolist()
    assert rows == [
        ["survey", "uses", ""],
        ["survey", "wants", "juice"],
        ["survey", "wants", "later"],
        ["survey", "likes", ""],
        ["coded_text", "", "time"],
    ]


def test_weights_never_touch_what_is_counted_in_text(folder: Path) -> None:
    """Other weights change the survey's side of every display and nothing of the coded text."""
    read = Read(folder)
    weights = weight(read.study, read.responses).weights
    numbers = weights.columns.drop("respondent")
    order = np.random.default_rng(1).permutation(len(weights))
    other = weights.copy()
    other[numbers] = weights[numbers].to_numpy()[order] * 7
    before, after = (join_strands(read.study, read.estimates(w), read.themes) for w in (weights, other))
    text = before["strand"] == "coded_text"
    pd.testing.assert_frame_equal(before[text], after[text])
    assert not np.allclose(before.loc[~text, "value"], after.loc[~text, "value"])
    assert set(before.loc[text, "weight_set"]) == {""}
