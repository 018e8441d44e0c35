"""Cases by themes, how alike cases are, and the framework matrix, each against a slower way."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from plait.errors import StudyError
from plait.qualitative.case_matrix import case_themes, wide
from plait.qualitative.framework import framework
from plait.qualitative.similarity import average_linkage, case_similarity
from plait.qualitative.themes import theme_counts
from plait.qualitative.transcripts import CodedText
from plait.study.side_files import Summary
from qualitative.coded_files import project_spec, sheets_spec
from qualitative.made_up_texts import UNDER, made_up

MATRICES = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "qualitative" / "nvivo-matrix"
COLLECTIONS = {"talks": project_spec(breaks={"phase": "Phase"})}


def codings(coded: CodedText) -> list:
    assigned = set(coded.assignments.loc[coded.assignments["coder"] == "Ann", "source"])
    rows = coded.segments.itertuples()
    return [r for r in rows if r.status == "active" and r.source in assigned and r.coder == "Ann"]


@pytest.mark.parametrize("seed", range(12))
def test_cells_are_those_of_the_second_way(seed: int) -> None:
    coded = made_up(seed)
    table = case_themes(coded, COLLECTIONS)
    texts = dict(zip(coded.source_texts["source"], coded.source_texts["text"], strict=True))
    own = dict(zip(coded.sources["source"], coded.sources["case"], strict=True))
    assigned = set(coded.assignments.loc[coded.assignments["coder"] == "Ann", "source"])
    spoken = [(r.source, r.case) for r in coded.segments.itertuples() if r.status == "active"]
    part = {(s, c) for s, c in [*spoken, *own.items()] if c and s in assigned}
    asked = {(t.source, i) for t in coded.turns.itertuples() if t.role == "interviewer" for i in range(t.start, t.end)}
    assert set(table["case"]) == {c for _, c in part}
    assert not table.duplicated(["case", "theme"]).any() and len(table) == table["case"].nunique() * len(UNDER)
    for row in table.itertuples():
        mine = [r for r in codings(coded) if r.case == row.case and r.code in UNDER[row.theme]]
        assert row.n_segments == len({(r.source, str(r.start), str(r.end), r.text) for r in mine})
        assert row.present == bool(mine)
        said = {(s, i) for s, c in part if c == row.case for i in range(len(texts.get(s, "")))} - asked
        covered = {
            (r.source, i)
            for r in mine
            if r.source in texts
            for i in (range(len(texts[r.source])) if pd.isna(r.start) else range(r.start, r.end))
        } - asked
        assert (row.coverage == pytest.approx(len(covered) / len(said))) if said else pd.isna(row.coverage)


@pytest.mark.parametrize("seed", range(6))
def test_cases_add_up_to_the_theme_counts_and_coverage_to_no_more_than_its_parts(seed: int) -> None:
    coded = made_up(seed)
    cells, counts = case_themes(coded, COLLECTIONS), theme_counts(coded, COLLECTIONS)
    everyone = counts[(counts["by"] == "") & (counts["unit"] == "cases")].set_index("theme")["n"]
    assert cells.groupby("theme")["present"].sum().to_dict() == everyone.to_dict()
    covered = counts[(counts["by"] == "") & (counts["unit"] == "characters")].set_index("theme")["n"]
    assert covered["time"] <= covered["cover"] + covered["meetings"] + sum(
        r.end - r.start if pd.notna(r.start) else len(r.text) for r in codings(coded) if r.code == "time"
    )


def test_the_wide_matrix_holds_the_same_cells() -> None:
    coded = made_up(3)
    cells = case_themes(coded, COLLECTIONS)
    sheet = wide(cells, coded.cases)
    assert list(sheet.columns[:3]) == ["collection", "case", "origin_id"]
    long = sheet.melt(["collection", "case", "origin_id"], var_name="theme", value_name="there")
    long["theme"] = long["theme"].str.removeprefix("code ")
    both = cells.merge(long, on=["case", "theme"], validate="one_to_one")
    assert (both["present"].astype(int) == both["there"]).all()
    assert wide(cells.iloc[:0], coded.cases).empty


# --- similarity --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_similarity_is_that_of_sets(seed: int) -> None:
    coded = made_up(seed)
    found = case_similarity(coded, COLLECTIONS)
    given_to: dict[str, set[str]] = {}
    for r in codings(coded):
        if r.case and r.code in UNDER:
            given_to.setdefault(r.case, set()).add(r.code)
    used = set().union(*given_to.values())
    for row in found.pairs.itertuples():
        a, b = given_to.get(row.case_a, set()), given_to.get(row.case_b, set())
        assert (row.n_codes, row.n_both, row.n_either) == (len(used), len(a & b), len(a | b))
        assert (row.jaccard == pytest.approx(len(a & b) / len(a | b))) if a | b else pd.isna(row.jaccard)
        assert row.simple_matching == pytest.approx(sum((c in a) == (c in b) for c in used) / len(used))
    assert len(found.pairs) == len(list(combinations(range(case_themes(coded, COLLECTIONS)["case"].nunique()), 2)))
    assert len(found.tree) == len(given_to) - 1


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=50)
def test_average_linkage_agrees_with_another_program(seed: int) -> None:
    upper = np.random.default_rng(seed).random(15)  # no two averages are alike: each program breaks ties in its own way
    joints = average_linkage(squareform(upper))
    theirs = hierarchy.linkage(upper, "average")
    assert [j.distance for j in joints] == pytest.approx(theirs[:, 2].tolist())
    assert [j.size for j in joints] == theirs[:, 3].astype(int).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_average_linkage_with_many_ties_keeps_its_rule(seed: int) -> None:
    """Looked at the slow way: means over all pairs of members, the first nearest pair of clusters each time."""
    held = np.random.default_rng(seed).integers(0, 2, (12, 4))
    distance = 1 - (held @ held.T) / np.maximum(held.sum(1)[:, None] + held.sum(1)[None, :] - held @ held.T, 1)
    clusters = {i: [i] for i in range(12)}
    for joint in average_linkage(distance):
        means = {
            (a, b): distance[np.ix_(clusters[a], clusters[b])].mean() for a, b in combinations(sorted(clusters), 2)
        }
        nearest = min(pair for pair, mean in means.items() if mean <= min(means.values()) + 1e-9)
        assert (joint.left, joint.right) == nearest and joint.distance == pytest.approx(means[nearest])
        clusters[joint.left] += clusters.pop(joint.right)
        assert joint.size == len(clusters[joint.left])
    assert len(clusters) == 1


def test_of_equal_pairs_the_first_is_taken() -> None:
    joints = average_linkage(np.ones((4, 4)) - np.eye(4))
    assert [(j.left, j.right, j.size) for j in joints] == [(0, 1, 2), (0, 2, 3), (0, 3, 4)]
    assert average_linkage(np.zeros((1, 1))) == average_linkage(np.zeros((0, 0))) == []


def test_answers_to_an_open_question_are_not_compared() -> None:
    assert case_similarity(made_up(1), {"talks": sheets_spec()}).pairs.empty


# --- framework ---------------------------------------------------------------------------------------------------------


def test_the_framework_matrix_has_every_cell_and_the_words_of_its_author() -> None:
    coded = made_up(2)
    case = str(case_themes(coded, COLLECTIONS)["case"].iloc[0])
    written = [
        ("row 2", Summary(collection="talks", theme="time", case=case, summary="Never enough.")),
        ("row 3", Summary(collection="talks", theme="time", by="phase", group="primary", summary="Cover is the word.")),
    ]
    matrix = framework(coded, COLLECTIONS, written, "summaries.csv")
    cells = matrix.set_index(["theme", "group_by", "group"])
    assert cells.loc[("time", "case", case), "summary"] == "Never enough."
    assert cells.loc[("time", "phase", "primary"), "summary"] == "Cover is the word."
    assert (cells["summary"] != "").sum() == 2 and not matrix.duplicated(["theme", "group_by", "group"]).any()
    assert set(matrix["group_by"]) == {"case", "phase"}
    assert set(matrix.loc[matrix["group_by"] == "case", "of"]) == {1}
    phase = theme_counts(coded, COLLECTIONS).query("by == 'phase' and unit == 'cases'")
    assert matrix.loc[matrix["group_by"] == "phase", "n"].tolist() == phase["n"].tolist()


def test_summaries_of_unknown_cases_and_groups_are_listed() -> None:
    written = [
        ("row 2", Summary(collection="talks", theme="time", case="c99", summary="x")),
        ("row 3", Summary(collection="talks", theme="time", by="phase", group="primry", summary="x")),
    ]
    with pytest.raises(StudyError) as error:
        framework(made_up(2), COLLECTIONS, written, "summaries.csv")
    assert [(p.row, p.column, p.value) for p in error.value.problems] == [
        ("row 2", "case", "c99"),
        ("row 3", "group", "primry"),
    ]
    assert "did you mean 'primary'?" in error.value.problems[1].mend


# --- counts without segments -------------------------------------------------------------------------------------------


def counted(rows: list[tuple[str, str, int]]) -> CodedText:
    coded = made_up(0)
    return CodedText.of(
        cases=coded.cases,
        case_attributes=coded.case_attributes,
        codes=coded.codes,
        code_counts=[{"collection": "talks", "case": c, "code": k, "n": n} for c, k, n in rows],
    )


def test_counts_alone_give_people_and_what_can_be_known_of_segments() -> None:
    coded = counted([("c0", "cover", 3), ("c0", "meetings", 2), ("c1", "cover", 1), ("c2", "pay", 0), ("c3", "pay", 4)])
    counts = theme_counts(coded, {"talks": project_spec()}).set_index(["theme", "unit"])
    assert set(counts.index.get_level_values("unit")) == {"cases", "segments"}
    assert counts.loc[("time", "cases"), ["n", "of"]].tolist() == [2, 6]
    assert counts.loc[("cover", "segments"), "n"] == 4
    assert pd.isna(counts.loc[("time", "segments"), "n"])  # 6 at most, 4 at least
    assert counts.loc[("money", "segments"), "n"] == 4
    assert counts.loc[("idle", "segments"), "n"] == 0
    cells = case_themes(coded, {"talks": project_spec()}).set_index(["case", "theme"])
    assert pd.isna(cells.loc[("c0", "time"), "n_segments"]) and cells.loc[("c1", "time"), "n_segments"] == 1
    assert cells["coverage"].isna().all() and len(cells) == 6 * len(UNDER)
    by = theme_counts(coded, COLLECTIONS).query("by == 'phase' and unit == 'cases'")
    assert by.groupby("theme")["n"].sum().to_dict() == counts.xs("cases", level="unit")["n"].to_dict()


@pytest.mark.skipif(not MATRICES.is_dir(), reason="the real matrices are not on this computer")
def test_real_matrices_add_up() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    rows: dict[tuple[str, str], int] = {}
    for path in sorted(MATRICES.glob("Int*.xlsx")):
        sheet = list(openpyxl.load_workbook(path, read_only=True).active.values)
        case = str(sheet[0][1]).partition(" : ")[2]
        for name, n in sheet[1:]:
            rows[case, str(name).partition(" : ")[2]] = int(n)
    names, cases = sorted({k for _, k in rows}), sorted({c for c, _ in rows})
    assert (len(cases), len(names), sum(rows.values())) == (15, 18, 65)
    coded = CodedText.of(
        cases=[{"case": c, "collection": "talks", "origin_id": c} for c in cases],
        codes=[
            {"code": k, "parent": "", "label": k, "kind": "code", "definition": "", "order": i}
            for i, k in enumerate(names)
        ],
        code_counts=[{"collection": "talks", "case": c, "code": k, "n": n} for (c, k), n in rows.items()],
    )
    counts = theme_counts(coded, {"talks": project_spec()}).set_index(["theme", "unit"])
    assert counts.xs("segments", level="unit")["n"].sum() == 65
    for name in names:
        assert counts.loc[(name, "cases"), ["n", "of"]].tolist() == [sum(rows.get((c, name), 0) > 0 for c in cases), 15]
