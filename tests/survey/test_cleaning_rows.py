"""Which rows are respondents: exclusions, repeats, ids, several exports; and the design and weights they bring."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.survey.cleaning import Cleaned
from plait.survey.variables import CLUSTER, CLUSTERS_IN_POPULATION, STRATUM, weight_column
from small_survey import changes, cleaned, column, refused

LIKES = """
questions:
  likes: {label: L, text: T, column: likes, options: {likes: Likes, dislikes: Dislikes}}
"""


def flow(result: Cleaned) -> list[list[Any]]:
    return [list(line) for line in result.flow.drop(columns="file").itertuples(index=False)]


# --- exclusions --------------------------------------------------------------------------------------------------------


def test_rows_leave_by_what_a_column_holds_and_the_flow_adds_up(tmp_path: Path) -> None:
    survey = (
        """
exclusions:
  - {column: status, values: [Preview, ""], reason: previews}
  - {column: consent, other_than: "yes", reason: no consent}
"""
        + LIKES
    )
    form = "status,consent,likes\nReal,yes,Likes\nPREVIEW ,yes,Likes\n,yes,Likes\nReal,Yes,Dislikes\nReal,,Likes\n"
    result = cleaned(tmp_path, survey, form_csv=form)
    assert flow(result) == [
        ["read", "rows of the export", 5, 0, 5],
        ["exclude", "previews", 5, 2, 3],
        ["exclude", "no consent", 3, 1, 2],
    ]
    assert column(result.responses, "likes") == ["likes", "dislikes"]
    assert column(result.responses, "respondent") == ["row 2", "row 5"]


EMPTY = (
    """
missing: {NA: skipped}
exclusions:
  - {unanswered: [likes, wants], reason: nothing answered}
"""
    + LIKES
    + """\
  wants: {label: W, text: W, type: multi, blank: none_ticked, columns: {a: a, b: b}, options: {a: A, b: B}}
"""
)


def test_respondents_who_answered_nothing_leave(tmp_path: Path) -> None:
    result = cleaned(tmp_path, EMPTY, form_csv="id,likes,a,b\n1,,,\n2,NA,,\n3,Likes,,\n4,,1,\n5,,0,0\n")
    # The boxes of the last were seen and left empty: an answer.
    assert column(result.responses, "respondent") == ["row 4", "row 5", "row 6"]
    assert flow(result)[1] == ["exclude", "nothing answered", 5, 2, 3]


def test_an_answer_that_cannot_be_read_is_told_and_does_not_leave(tmp_path: Path) -> None:
    assert "'Lieks'" in refused(tmp_path, EMPTY, form_csv="id,likes,a,b\n1,Lieks,,\n2,Likes,,\n")


def test_whoever_answered_in_another_export_stays(tmp_path: Path) -> None:
    survey = """
    respondent_id: id
    exports: {monday: {file: monday.csv}, friday: {file: friday.csv}}
    exclusions: [{unanswered: [likes, again], reason: nothing answered}]
    questions:
      likes: {label: L, text: T, export: monday, column: likes, options: {likes: Likes}}
      again: {label: A, text: A, export: friday, column: again, options: {again: Again}}
    """
    result = cleaned(
        tmp_path, survey, monday_csv="id,likes\na,Likes\nb,\nc,\n", friday_csv="id,again\nb,Again\na,\nc,\n"
    )
    assert column(result.responses, "respondent") == ["a", "b"]
    assert [line[-1] for line in flow(result)] == [3, 2, 3, 2, 2]


# --- who is who --------------------------------------------------------------------------------------------------------


def test_without_an_id_each_row_is_a_respondent(tmp_path: Path) -> None:
    result = cleaned(tmp_path, LIKES, form_csv="likes\nLikes\nLikes\n")
    assert column(result.responses, "respondent") == ["row 2", "row 3"]


def test_a_column_called_respondent_is_a_column_like_any_other(tmp_path: Path) -> None:
    survey = "respondent_id: id\n" + LIKES.replace("column: likes", "column: respondent")
    result = cleaned(tmp_path, survey, form_csv="id,respondent\na,Likes\n")
    assert column(result.responses, "respondent") == ["a"]
    assert column(result.responses, "likes") == ["likes"]


def test_repeated_ids_stop_the_run_unless_a_rule_is_given(tmp_path: Path) -> None:
    message = refused(tmp_path, "respondent_id: id\n" + LIKES, form_csv="id,likes\n7,Likes\n7,Likes\n8,Likes\n")
    assert "row 2, column 'id': the respondent id stands on 2 rows (2, 3) (found '7')" in message
    assert "`duplicates:`" in message


REPEATS = "respondent_id: id\nduplicates: {keep: RULE}\n" + LIKES
FORM = "id,likes\na,Likes\nb,Likes\na,Dislikes\na,Likes\n"


@pytest.mark.parametrize(("rule", "kept"), [("first", "likes"), ("last", "likes")])
def test_one_row_of_a_person_is_kept(tmp_path: Path, rule: str, kept: str) -> None:
    form = FORM if rule == "first" else "id,likes\na,Dislikes\nb,Likes\na,Dislikes\na,Likes\n"
    result = cleaned(tmp_path, REPEATS.replace("RULE", rule), form_csv=form)
    assert sorted(zip(column(result.responses, "respondent"), column(result.responses, "likes"), strict=True)) == [
        ("a", kept), ("b", "likes"),
    ]  # fmt: skip
    assert flow(result)[-1] == ["repeats", f"further rows of the same person; the {rule} is kept", 4, 2, 2]
    row = "row 2" if rule == "first" else "row 5"
    assert [(line[1], line[5]) for line in changes(result, "repeats")] == [
        (n, row) for n in ((4, 5) if rule == "first" else (2, 4))
    ]


def test_repeats_may_stop_the_run(tmp_path: Path) -> None:
    message = refused(tmp_path, REPEATS.replace("RULE", "refuse"), form_csv=FORM)
    assert "row 2, column 'id': the key stands on 3 rows (2, 4, 5)" in message


KEYED = (
    """
duplicates: {key: [user, course], keep: first, no_key: "@user@", suspicious_above: 2}
"""
    + LIKES
)


def test_a_key_of_several_columns_with_placeholders_and_suspicious_keys(tmp_path: Path) -> None:
    people = ["ann,art", "ann,biology", "@user@,art", "@user@,art", ",art", ",art", *["bob,art"] * 4]
    form = "user,course,likes\n" + "".join(f"{person},Likes\n" for person in people)
    result = cleaned(tmp_path, KEYED, form_csv=form)
    # Ann took two courses; nobody knows who the next four are; Bob counts once, and four forms look odd.
    assert len(result.responses) == 7
    assert flow(result)[-1][2:] == [10, 3, 7]
    lines = changes(result, "repeats")
    assert ("the row has no key that says who it is about: kept", None, "", "user, course", "", "4") in lines
    suspicious = [line for line in lines if "may not be one person" in str(line[0])]
    assert [(line[1], line[4], line[5]) for line in suspicious] == [(8, "4 rows", "1 row")]
    assert "bob" not in result.log.to_csv()


def test_of_two_forms_of_a_person_the_empty_one_is_not_kept(tmp_path: Path) -> None:
    survey = "exclusions: [{unanswered: [likes], reason: nothing answered}]\n" + REPEATS.replace("RULE", "first")
    result = cleaned(tmp_path, survey, form_csv="id,likes\na,\na,Likes\n")
    assert column(result.responses, "likes") == ["likes"]


ALL_STEPS = (
    """
respondent_id: id
exclusions: [{column: kind, values: y, reason: of the other kind}, {unanswered: [likes], reason: empty}]
duplicates: {keep: last}
"""
    + LIKES
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["Likes", ""]), st.sampled_from(["x", "y"])), min_size=1)
)
def test_rows_out_of_each_step_are_rows_into_the_next(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    rows = [*rows, ("d", "Likes", "x")]
    form = "id,likes,kind\n" + "".join(f"{','.join(row)}\n" for row in rows)
    result = cleaned(tmp_path_factory.mktemp("s"), ALL_STEPS, form_csv=form)
    steps = flow(result)
    assert all(line[2] - line[3] == line[4] for line in steps)
    assert all(before[4] == after[2] for before, after in pairwise(steps))
    assert steps[-1][4] == len(result.responses) == len({i for i, likes, kind in rows if likes and kind == "x"})


# --- several exports ---------------------------------------------------------------------------------------------------

TWO_DAYS = """
respondent_id: id
when_profile_changes: RULE
exports: {monday: {file: monday.csv}, friday: {file: friday.csv}}
profile:
  phase: {label: Phase, column: phase, options: {primary: Primary, secondary: Secondary}}
questions:
  likes: {label: L, text: T, export: monday, column: likes, options: {likes: Likes}}
  again: {label: A, text: A, export: friday, column: again, options: {again: Again}}
"""
DAYS = {
    "monday_csv": "id,phase,likes\na,Primary,Likes\nb,,Likes\nc,Primary,Likes\n",
    "friday_csv": "id,phase,again\nc,Secondary,Again\nb,Secondary,Again\nd,Primary,\n",
}


@pytest.mark.parametrize(("rule", "phase"), [("first", "primary"), ("last", "secondary")])
def test_a_profile_that_changes_between_days(tmp_path: Path, rule: str, phase: str) -> None:
    result = cleaned(tmp_path, TWO_DAYS.replace("RULE", rule), **DAYS)
    assert column(result.responses, "respondent") == ["a", "b", "c", "d"]
    assert column(result.responses, "phase") == ["primary", "secondary", phase, "primary"]
    assert column(result.responses, "missing.again") == ["not_asked", "", "", "skipped"]
    [(reason, _, respondent, variable, before, after)] = changes(result, "join")
    assert (respondent, variable, after) == ("c", "phase", phase)
    assert {before, after} == {"primary", "secondary"}
    assert f"the {rule} known value is kept" in str(reason)


def test_a_profile_that_changes_may_stop_the_run(tmp_path: Path) -> None:
    message = refused(tmp_path, TWO_DAYS.replace("RULE", "refuse"), **DAYS)
    assert "friday.csv, row 2, column 'phase': differs from an earlier export" in message


# --- design and weights ------------------------------------------------------------------------------------------------

DESIGN = (
    """
design: {cluster: school, strata: [region, phase], clusters_in_population: schools}
exports: {form: {file: form.csv, weight: w}}
"""
    + LIKES
)
SCHOOLS = (
    "school,region,phase,schools,w,likes\n0012,North,P,40,1.5,Likes\n0013,South,P,30,0,Likes\n0012,North,P,40,,Likes\n"
)


def test_clusters_strata_and_weights_reach_the_responses(tmp_path: Path) -> None:
    frame = cleaned(tmp_path, DESIGN, form_csv=SCHOOLS).responses
    assert column(frame, CLUSTER) == ["0012", "0013", "0012"]
    assert column(frame, STRATUM) == ["North \u00d7 P", "South \u00d7 P", "North \u00d7 P"]
    assert column(frame, CLUSTERS_IN_POPULATION) == [40, 30, 40]
    # Zero stays zero and missing stays missing.
    assert column(frame, weight_column("form")) == [1.5, 0, None]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("0014,,P,40,1,Likes", "column 'region': does not say which stratum the respondent belongs to"),
        (",North,P,40,1,Likes", "column 'school': does not say which cluster the respondent belongs to"),
        ("0014,North,P,,1,Likes", "column 'schools': does not say how many clusters the population has"),
        ("0014,North,P,41,1,Likes", "gives 2 numbers of clusters for the stratum 'North \u00d7 P'"),
        ("0014,North,P,40,-1,Likes", "column 'w': the number is negative (found '-1')"),
        ("0014,North,P,40,heavy,Likes", "column 'w': the answer is not a number (found 'heavy')"),
        ('0014,North,P,40,"1,5",Likes', "column 'w': the number has a decimal comma"),
    ],
)
def test_a_design_or_weight_that_cannot_be_used_is_told(tmp_path: Path, row: str, words: str) -> None:
    assert words in refused(tmp_path, DESIGN, form_csv=SCHOOLS + row + "\n")


def test_many_rows_without_a_cluster_are_one_problem(tmp_path: Path) -> None:
    form = SCHOOLS + ",North,P,40,1,Likes\n" * 100
    message = refused(tmp_path, DESIGN, form_csv=form)
    assert message.startswith("1 problem")
    assert "(rows 5, 6, 7, 8, 9, 10, 11, 12 and 92 more)" in message


def test_problems_of_all_exports_and_kinds_are_told_at_once(tmp_path: Path) -> None:
    message = refused(
        tmp_path, TWO_DAYS.replace("RULE", "first"),
        monday_csv="id,phase,likes\na,Primary,Lieks\na,Primary,Likes\n", friday_csv="id,phase,again\n,Tertiary,Again\n",
    )  # fmt: skip
    for words in ("stands on 2 rows", "'Lieks'", "has no respondent id", "'Tertiary'"):
        assert words in message


def test_what_the_reader_found_is_in_the_log_with_its_count(tmp_path: Path) -> None:
    result = cleaned(tmp_path, LIKES, form_csv="likes;when\nLikes;x\n;\n;\nDislikes;y\n")
    lines = result.log[result.log["step"] == "read"]
    assert lines["row"].isna().all() and (lines["respondent"] == "").all()
    counts = dict(zip(lines["reason"], lines["after"], strict=True))
    assert counts["columns that no answer is read from, left behind"] == "1"
    assert counts["cells are separated by semicolons"] == "1"
