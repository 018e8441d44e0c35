"""Headline facts of the coded text, counted from the raw files alone."""

from __future__ import annotations

import csv
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pandas as pd
import pytest

from plait.delimited import read_delimited
from plait.qualitative.adjudication import adjudicated
from plait.qualitative.final_coding import final_sheet, write_sheet
from plait.qualitative.readers import read_coded_text
from plait.qualitative.settling import settle
from plait.qualitative.worklist import worklist
from plait.simulate.ite_mentors import final_coding
from plait.study import load_study
from plait.study.side_files import Decision
from simulate.raw_data import ITE, is_mentor, read_day, read_table

_Q = "{urn:QDA-XML:project:1.0}"
# All, primary, secondary, classroom, middle, leaders
_THEMES = {
    "time": (82, 80, 83, 82, 86, 71),
    "pay": (26, 30, 25, 28, 27, 22),
    "training": (19, 17, 20, 18, 19, 21),
    "recognition": (9, 8, 10, 10, 10, 6),
    "collab": (8, 5, 9, 9, 9, 2),
    "frustration": (7, 7, 7, 10, 5, 8),
    "workload": (6, 4, 7, 3, 8, 5),
    "funding": (4, 10, 2, 0, 1, 16),
    "delivery": (3, 2, 4, 0, 4, 5),
    "support": (3, None, None, None, None, None),
    "communication": (2, None, None, None, None, None),
}
_FORMS = {
    "time": ["time"],
    "training": ["training"],
    "recognition and pay": ["recognition", "pay"],
    "collaboration": ["collab"],
    "systems": ["delivery"],
    "communication": ["communication"],
}
_ROLES = ("Classroom teacher", "Middle leader", "Senior leader or headteacher")


@pytest.fixture(scope="module")
def final_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The coding that the study's decisions must lead to, which only the program that made the data knows."""
    return final_coding(tmp_path_factory.mktemp("final") / "final.csv")


@pytest.fixture(scope="module")
def sheets(final_file: Path) -> dict[str, pd.DataFrame]:
    names = ("open_answers", "coder_a", "coder_b", "coder_c")
    files = {name: ITE / f"raw/coding/{name}.csv" for name in names} | {"final": final_file}
    return {name: read_table(file).set_index("user_id") for name, file in files.items()}


def _marks(sheet: pd.DataFrame) -> pd.DataFrame:
    codes = sheet.iloc[:, 3:]
    assert codes.isin(["", "0", "1"]).all(axis=None)
    return codes == "1"


def _kappa(a: pd.Series, b: pd.Series) -> float:
    both, a_only, b_only = (a & b).sum(), (a & ~b).sum(), (~a & b).sum()
    n = len(a)
    observed = (n - a_only - b_only) / n
    expected = (both + a_only) / n * (both + b_only) / n + (n - both - a_only) / n * (n - both - b_only) / n
    return float((observed - expected) / (1 - expected))


def test_the_answers(sheets: dict[str, pd.DataFrame]) -> None:
    answers = sheets["open_answers"]
    assert len(answers) == 291
    assert (answers["answer"].str.strip() == "").sum() == 2
    given = answers[answers["answer"].str.strip() != ""]
    assert given["phase"].value_counts().to_dict() == {"Secondary": 206, "Primary": 83}
    assert given["role"].value_counts().to_dict() == {
        "Middle leader": 158,
        "Classroom teacher": 68,
        "SLT excl. head": 60,
        "Headteacher": 3,
    }
    words = given["answer"].str.strip()
    assert words.str.len().max() <= 400
    assert words.str.contains("\n").sum() >= 10
    assert (words.str.len() <= 10).sum() >= 20
    assert (given["answer"] != given["answer"].str.rstrip(" ")).sum() > 90
    assert words.str.casefold().str.rstrip(".!").duplicated().sum() > 10
    assert words.nunique() > 230


def test_the_writers_are_mentors_of_the_second_day(sheets: dict[str, pd.DataFrame]) -> None:
    day1, day2 = read_day("2024-05-14"), read_day("2024-05-21").set_index("user_id")
    answers = sheets["open_answers"]
    assert answers.index.isin(day2.index).all()
    assert answers.index.isin(day1.loc[is_mentor(day1), "user_id"]).all()
    assert (day2.loc[answers.index, ["phase", "role"]] == answers[["phase", "role"]]).all(axis=None)


def test_two_coders(sheets: dict[str, pd.DataFrame]) -> None:
    given = sheets["final"].index
    a, b = (_marks(sheets[name]).loc[given] for name in ("coder_a", "coder_b"))
    assert a.shape == b.shape == (289, 51)
    assert abs(int((a == b).all(axis="columns").sum()) - 116) <= 5
    kappas = [_kappa(a[code], b[code]) for code in a]
    assert sum(kappas) / len(kappas) == pytest.approx(0.67, abs=0.03)


def test_the_third_coder(sheets: dict[str, pd.DataFrame]) -> None:
    marks = _marks(sheets["coder_c"])
    assert marks.any(axis="columns").sum() == 71
    assert 140 <= marks.to_numpy().sum() <= 200


def test_final_themes(sheets: dict[str, pd.DataFrame]) -> None:
    final = sheets["final"]
    assert len(final) == 289
    codes = _marks(final)
    assert codes.shape[1] == 54
    assert codes.any(axis="columns").all()
    themes = codes.T.groupby(lambda code: code.split("_")[0]).any().T
    groups = [final["phase"] == "Primary", final["phase"] == "Secondary", *(final["role"] == r for r in _ROLES)]
    for theme, (overall, *by_group) in _THEMES.items():
        assert 100 * themes[theme].mean() == pytest.approx(overall, abs=1), theme
        for group, expected in zip(groups, by_group, strict=True):
            if expected is not None:
                assert 100 * themes.loc[group, theme].mean() == pytest.approx(expected, abs=2), theme
    assert not (codes["time_general"] & codes.filter(like="time_").drop(columns="time_general").any(axis=1)).any()
    assert codes.sum(axis="columns").mean() == pytest.approx(2.6, abs=0.1)


def test_the_worklist_came_back_with_every_row_decided() -> None:
    study = load_study(ITE)
    went_out = worklist(read_coded_text(study.collections, study.raw, study.codebook), "open_answers")
    returned = read_delimited(ITE / "raw/coding/adjudication.csv", name="adjudication.csv")
    assert (returned["decision"].value_counts() > 100).to_dict() == {"1": True, "0": True}
    assert returned["decision"].isin(["0", "1"]).all()
    assert 5 <= (returned["note"] != "").sum() < 20
    fixed = ["work_id", "collection", "source", "unit", "code", "mark Coder A", "mark Coder B", "mark Coder C"]
    pd.testing.assert_frame_equal(
        returned[fixed].sort_values("work_id", ignore_index=True),
        went_out[fixed].sort_values("work_id", ignore_index=True),
    )


def test_what_every_coder_marked_is_agreed_and_nothing_that_none_did(sheets: dict[str, pd.DataFrame]) -> None:
    study = load_study(ITE)
    coded = adjudicated(read_coded_text(study.collections, study.raw, study.codebook), study.collections, study.raw)
    agreed = _marks(final_sheet(coded, "open_answers", study.collections["open_answers"]).set_index("user_id"))
    a, b = (_marks(sheets[name]).loc[agreed.index] for name in ("coder_a", "coder_b"))
    c = _marks(sheets["coder_c"]).reindex(agreed.index, fill_value=False)
    assert len(agreed) == 289
    assert list(agreed.columns) == list(a.columns)
    asked = c.any(axis="columns")
    assert not ((a & b & c) & ~agreed).loc[asked].any(axis=None)
    assert not ((a & b) & ~agreed).loc[~asked].any(axis=None)
    assert not (agreed & ~(a | b | c)).any(axis=None)


def test_worklist_and_decisions_lead_from_the_sheets_to_the_final_coding(final_file: Path, tmp_path: Path) -> None:
    study = load_study(ITE)
    coded = read_coded_text(study.collections, study.raw, study.codebook)
    agreed = adjudicated(coded, study.collections, study.raw)
    settling = settle(coded, study)
    settled, effects = settling.decided, settling.effects
    written = {}
    for name, state in (("agreed", agreed), ("final", settled)):
        write_sheet(final_sheet(state, "open_answers", study.collections["open_answers"]), tmp_path / f"{name}.csv")
        written[name] = (tmp_path / f"{name}.csv").read_bytes()
    assert written["final"] == final_file.read_bytes() != written["agreed"]
    assert set(effects["action"]) == set(get_args(Decision.model_fields["action"].annotation))
    assert not (settled.import_log["reader"] == "decisions").any(), "a decision without effect"


# --- interviews --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project() -> tuple[ElementTree.Element, dict[str, str]]:
    with zipfile.ZipFile(ITE / "raw/coding/interviews.qdpx") as archive:
        texts = {n.split("/")[1]: archive.read(n).decode() for n in archive.namelist() if n.startswith("sources/")}
        return ElementTree.fromstring(archive.read("project.qde")), texts


def _codings(root: ElementTree.Element) -> list[tuple[str, str, str]]:
    """Participant, coder and code of every coding."""
    users = {u.get("guid"): str(u.get("name")) for u in root.iter(f"{_Q}User")}
    codes = {c.get("guid"): str(c.get("name")) for c in root.iter(f"{_Q}Code")}
    return [
        (str(source.get("name")).removesuffix(".txt"), users[coding.get("creatingUser")], codes[ref.get("targetGUID")])
        for source in root.iter(f"{_Q}TextSource")
        for coding in source.iter(f"{_Q}Coding")
        for ref in coding.iter(f"{_Q}CodeRef")
    ]


def _parents() -> dict[str, str]:
    with (ITE / "codebook.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["parent"] or row["code"] for row in csv.DictReader(file)}


def test_every_reference_of_the_project_leads_somewhere(project: tuple[ElementTree.Element, dict[str, str]]) -> None:
    root, texts = project
    order = [child.tag.removeprefix(_Q) for child in root]
    assert order == ["Users", "CodeBook", "Variables", "Cases", "Sources"]
    guids = [e.get("guid") for e in root.iter() if e.get("guid")]
    assert len(set(guids)) == len(guids)
    assert {e.get("targetGUID") for e in root.iter() if e.get("targetGUID")} <= set(guids)
    paths = [str(s.get("plainTextPath")) for s in root.iter(f"{_Q}TextSource")]
    assert sorted(p.removeprefix("internal://") for p in paths) == sorted(texts)


def test_offsets_are_code_points_with_the_end_left_out(project: tuple[ElementTree.Element, dict[str, str]]) -> None:
    root, texts = project
    selections = 0
    for source in root.iter(f"{_Q}TextSource"):
        text = texts[str(source.get("plainTextPath")).removeprefix("internal://")]
        assert any(ord(c) > 127 for c in text)
        for selection in source.iter(f"{_Q}PlainTextSelection"):
            start, end = int(str(selection.get("startPosition"))), int(str(selection.get("endPosition")))
            assert text[start:end] == selection.get("name")
            assert "\n" not in text[start:end]
            selections += 1
    assert selections > 150


def test_thirteen_people_were_interviewed(project: tuple[ElementTree.Element, dict[str, str]]) -> None:
    root, texts = project
    facts = sorted(tuple(str(v.text) for v in case.iter(f"{_Q}TextValue")) for case in root.iter(f"{_Q}Case"))
    assert facts == sorted(
        [("Mentor", "Primary")] * 3
        + [("Mentor", "Secondary")] * 4
        + [("Managing mentor", "Primary")]
        + [("Managing mentor", "Secondary")] * 2
        + [("ITE tutor", "Both phases")] * 3
    )
    for text in texts.values():
        assert 500 <= len(text.split()) <= 900
        assert "[[" not in text
        assert "]]" not in text


def test_how_the_interviews_were_coded(project: tuple[ElementTree.Element, dict[str, str]]) -> None:
    root, _ = project
    codings = _codings(root)
    by_a = [(who, code) for who, coder, code in codings if coder == "Coder A"]
    assert 120 <= len(by_a) <= 150
    assert len({who for who, _ in by_a}) == 13
    assert {who for who, coder, _ in codings if coder == "Coder B"} == {"M02", "MM01", "T02"}
    parents = _parents()
    people = defaultdict(set)
    for who, code in by_a:
        people[parents[code]].add(who)
    for form, themes in _FORMS.items():
        assert 4 <= len(set().union(*(people[theme] for theme in themes))) <= 12, form
    discordant = {code for _, code in by_a if parents[code] == "other_view"}
    assert len(discordant) == len(_FORMS)
    assert {"value_of_role", "constraint_and_guilt", "mixed_experience"} <= set(people)


def test_the_two_coders_of_interviews_agree_for_the_most_part(
    project: tuple[ElementTree.Element, dict[str, str]],
) -> None:
    codings = [c for c in _codings(project[0]) if c[0] in ("M02", "MM01", "T02")]
    a, b = ({(who, code) for who, coder, code in codings if coder == name} for name in ("Coder A", "Coder B"))
    assert a != b
    assert len(a & b) / len(a | b) > 0.7
