"""Each decision does to six answers what the people at the table meant, in the order in which they said it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.errors import StudyError
from plait.qualitative.decisions import apply_decisions
from plait.qualitative.final_coding import final_sheet
from plait.qualitative.themes import theme_counts
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText, check_invariants
from plait.study.side_files import Decision
from qualitative.coded_files import BOOK as TOOL_BOOK
from qualitative.coded_files import COVER, MEETINGS, PAY, coding, project_spec, project_xml, selection, write_qdpx
from qualitative.coded_files import source as text_source
from qualitative.six_answers import BEFORE, COLUMNS, LOG, SPEC, codes_of, decide, decision, six_answers


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> CodedText:
    return six_answers(tmp_path_factory.mktemp("six"))


def numbers(effects: pd.DataFrame) -> list[tuple[int, ...]]:
    """Before, changed, added, removed, sources of each decision."""
    columns = ["segments_before", "segments_changed", "segments_added", "segments_removed", "sources_touched"]
    return [tuple(map(int, row)) for row in effects[columns].itertuples(index=False)]


STORIES = {
    "rename": ([decision("rename", "time_talk", "time_back")], {"a4": {"time_cover", "time_back"}}, (1, 1, 0, 0, 1)),
    "merge": ([decision("merge", "bonus", "pay")], {"a3": {"pay"}}, (1, 0, 0, 1, 1)),
    "merge of what stands alone": (
        [decision("merge", "time_talk", "time_any")],
        {"a4": {"time_cover", "time_any"}},
        (1, 1, 0, 0, 1),
    ),
    "recode in one source": ([decision("recode", "time_any", "pay", "a1")], {"a1": {"pay"}}, (1, 1, 0, 0, 1)),
    "split of all": (
        [decision("split", "time_cover", "time_back;pay")],
        {"a2": {"time_any", "time_back", "pay"}, "a4": {"time_talk", "time_back", "pay"}},
        (2, 2, 2, 0, 2),
    ),
    "exclude a code": ([decision("exclude", "unclear")], {"a5": {"pay"}, "a6": set()}, (2, 0, 0, 2, 2)),
    "exclude a code in one source": ([decision("exclude", "pay", source="a5")], {"a5": {"unclear"}}, (1, 0, 0, 1, 1)),
    "exclude a source": ([decision("exclude", source="a4")], {"a4": set()}, (2, 0, 0, 2, 1)),
    "add": ([decision("add", "pay", source="a6")], {"a6": {"unclear", "pay"}}, (0, 0, 1, 0, 1)),
    "give way to a theme": ([decision("gives_way", "time_any", "time")], {"a2": {"time_cover"}}, (2, 0, 0, 1, 1)),
    "give way to codes": ([decision("gives_way", "pay", "bonus;time_talk")], {"a3": {"bonus"}}, (2, 0, 0, 1, 1)),
    "give way to anything": ([decision("gives_way", "unclear", "*")], {"a5": {"pay"}}, (2, 0, 0, 1, 1)),
    "stand alone": ([decision("stands_alone", "unclear", "*")], {"a5": {"unclear"}}, (2, 0, 0, 1, 1)),
    "stand alone beside a theme": ([decision("stands_alone", "bonus", "money")], {"a3": {"bonus"}}, (1, 0, 0, 1, 1)),
}


@pytest.mark.parametrize("story", STORIES)
def test_what_a_decision_does(coded: CodedText, story: str) -> None:
    decisions, changes, counted = STORIES[story]
    decided, effects = decide(coded, *decisions)
    assert codes_of(decided) == BEFORE | changes
    assert numbers(effects) == [counted]
    assert codes_of(decided, "Ben") == BEFORE


def test_a_split_says_where_each_segment_goes(coded: CodedText) -> None:
    decided, effects = decide(
        coded,
        decision("split", "time_cover", "time_back", "a2"),
        decision("split", "time_cover", "time_cover;pay"),
    )
    assert codes_of(decided) == BEFORE | {"a2": {"time_any", "time_back"}, "a4": {"time_cover", "time_talk", "pay"}}
    assert numbers(effects) == [(1, 1, 0, 0, 1), (1, 0, 1, 0, 1)]


def test_a_split_that_forgets_a_segment_is_refused(coded: CodedText) -> None:
    with pytest.raises(StudyError) as caught:
        decide(coded, decision("split", "time_cover", "time_back", "a2"))
    assert "row 2" in str(caught.value)
    assert "says nothing of 1 segments in 1 sources (a4)" in str(caught.value)


def test_order_matters(coded: CodedText) -> None:
    merge, rule = decision("merge", "time_talk", "time_any"), decision("gives_way", "time_any", "time")
    first, _ = decide(coded, merge, rule)
    second, _ = decide(coded, rule, merge)
    assert codes_of(first)["a4"] == {"time_cover"}
    assert codes_of(second)["a4"] == {"time_cover", "time_any"}


def test_what_no_longer_counts_stays_and_names_its_decision(coded: CodedText) -> None:
    decided, _ = decide(coded, decision("add", "pay", source="a6"), decision("merge", "bonus", "pay"))
    s = decided.segments
    (gone,) = s[(s["coder"] == "Ann") & (s["status"] == "excluded")].to_dict("records")
    assert gone["code"] == "bonus"
    assert gone["reason"] == "decisions.csv, row 3: merge, 'pay' stands there already"
    assert list(s.loc[s["origin_row"].str.startswith(LOG), "origin_row"]) == ["decisions.csv, row 2"]
    assert s["segment"].is_unique
    assert set(coded.segments["segment"]) < set(s["segment"])


def test_segments_that_one_decision_added_stay_apart_when_their_codes_are_merged(coded: CodedText) -> None:
    split = decision("split", "pay", "pay;time_back;time_talk")
    decided, effects = decide(coded, split, decision("merge", "time_talk", "time_back"))
    assert decided.segments["segment"].is_unique
    assert numbers(effects) == [(2, 0, 4, 0, 2), (3, 1, 0, 2, 3)]


def test_a_code_given_up_is_no_finding_any_more(coded: CodedText) -> None:
    decided, _ = decide(coded, decision("merge", "bonus", "pay"), decision("exclude", "time_talk"))
    counts = theme_counts(decided, {"answers": SPEC}).query("unit == 'cases'").set_index("theme")["n"]
    assert "bonus" not in counts
    assert "time_talk" not in counts
    assert counts["money"] == 2
    assert counts["time_back"] == 0
    again, _ = decide(coded, decision("exclude", "time_talk"), decision("add", "time_talk", source="a1"))
    assert theme_counts(again, {"answers": SPEC}).query("unit == 'cases' and theme == 'time_talk'")["n"].item() == 1


def test_an_excluded_source_leaves_the_base(coded: CodedText) -> None:
    decided, _ = decide(coded, decision("exclude", source="a6"))
    assert set(theme_counts(decided, {"answers": SPEC}).query("unit == 'cases'")["of"]) == {5}


def test_a_decision_without_effect_is_a_warning(coded: CodedText) -> None:
    decided, effects = decide(coded, decision("gives_way", "pay", "time"), decision("exclude", "unclear"))
    assert numbers(effects)[0] == (2, 0, 0, 0, 0)
    (caution,) = decided.import_log.query("reader == 'decisions'").to_dict("records")
    assert caution["severity"] == "warning"
    assert caution["message"] == "row 2: gives_way of 'pay' changes nothing"


def test_every_mistake_at_the_data_is_told_at_once(coded: CodedText) -> None:
    with pytest.raises(StudyError) as caught:
        decide(
            coded,
            decision("recode", "pay", "bonus", "a33"),
            decision("rename", "pay", "bonus"),
            decision("exclude", source="a4"),
            decision("add", "pay", source="a4"),
        )
    told = [str(p) for p in caught.value.problems]
    assert len(told) == 3
    assert "row 2, column 'source': there is no such source (found 'a33')" in told[0]
    assert "did you mean 'a3'" in told[0]
    assert "row 3, column 'into': the name 'bonus' is that of a code in use (1 segments)" in told[1]
    assert "row 5, column 'source': is not among the sources of 'Ann'" in told[2]


def test_the_sheet_has_the_coders_columns_and_those_that_came_in(coded: CodedText) -> None:
    decided, _ = decide(
        coded,
        decision("add", "time", source="a1"),
        decision("rename", "time_talk", "time_back"),
        decision("merge", "bonus", "pay"),
        decision("exclude", source="a6"),
    )
    sheet = final_sheet(decided, "answers", SPEC)
    assert list(sheet.columns) == ["id", "answer", "time_any", "time_cover", "time_back", "pay", "unclear", "time"]
    assert list(sheet["id"]) == ["a1", "a2", "a3", "a4", "a5"]
    assert list(sheet["time_back"]) == ["0", "0", "0", "1", "0"]
    assert list(sheet["answer"])[2] == "Pay, and a bonus"


def test_without_decisions_the_sheet_is_the_coders_own(coded: CodedText) -> None:
    decided, effects = decide(coded)
    assert len(effects) == 0
    pd.testing.assert_frame_equal(decided.segments, coded.segments)
    assert list(final_sheet(decided, "answers", SPEC).columns) == ["id", "answer", *COLUMNS]


def test_a_study_without_coded_text_has_nothing_to_decide() -> None:
    decided, effects = apply_decisions(CodedText.of(), {}, {}, "")
    check_invariants(decided)
    assert len(effects) == 0


# --- stretches of a transcript -----------------------------------------------------------------------------------------

TALK = "They cover my lessons. We meet. They pay me."


def talk(folder: Path) -> CodedText:
    """One transcript: cover 0-22, meetings 5-22 (inside it) and 23-31, pay 32-44."""
    spans = [(0, 22, COVER), (5, 22, MEETINGS), (23, 31, MEETINGS), (32, 44, PAY)]
    found = [selection(a, b, coding(c), name=TALK[a:b], guid=f"s{a}") for a, b, c in spans]
    xml = project_xml(text_source("t1", *found, path="internal://t1.txt"))
    write_qdpx(folder, xml, {"t1.txt": TALK.encode()})
    return read_tool_files("talks", project_spec(), folder, TOOL_BOOK)


def test_beside_means_on_a_stretch_that_overlaps(tmp_path: Path) -> None:
    rule = {2: decision("gives_way", "time_meetings", "time")}
    decided, _ = apply_decisions(talk(tmp_path), {"talks": project_spec()}, rule, LOG)
    check_invariants(decided)
    s = decided.segments
    assert list(s.loc[s["status"] == "active", "start"]) == [0, 23, 32]


def test_a_code_can_be_added_to_a_whole_transcript(tmp_path: Path) -> None:
    log = {2: decision("add", "money", source="t1"), 3: decision("gives_way", "money_pay", "money")}
    decided, effects = apply_decisions(talk(tmp_path), {"talks": project_spec()}, log, LOG)
    check_invariants(decided)
    assert numbers(effects) == [(0, 0, 1, 0, 1), (1, 0, 0, 1, 1)]
    added = decided.segments.query("origin_row == 'decisions.csv, row 2'")
    assert added["start"].isna().all()


# --- whatever is decided -----------------------------------------------------------------------------------------------

_CODE = st.sampled_from(["time_any", "time_cover", "time_talk", "time_back", "pay", "bonus", "unclear"])
_TWO = st.permutations(["time_any", "time_cover", "time_talk", "time_back", "pay", "bonus", "unclear"]).map(
    lambda p: p[:2]
)
_SOURCE = st.sampled_from(list(BEFORE))
_DECISION = st.one_of(
    st.builds(lambda ab: decision("merge", *ab), _TWO),
    st.builds(lambda ab, s: decision("recode", *ab, s), _TWO, _SOURCE),
    st.builds(lambda a, b: decision("split", a, ";".join(sorted(b))), _CODE, st.sets(_CODE, min_size=1)),
    st.builds(lambda a: decision("exclude", a), _CODE),
    st.builds(lambda a, s: decision("exclude", a, source=s), _CODE, _SOURCE),
    st.builds(lambda a, s: decision("add", a, source=s), _CODE, _SOURCE),
    st.builds(lambda a, b: decision("gives_way", a, b), _CODE, st.sampled_from(["*", "time", "money", "pay"])),
    st.builds(lambda a, b: decision("stands_alone", a, b), _CODE, st.sampled_from(["*", "time", "money", "pay"])),
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=st.lists(_DECISION, max_size=6))
def test_segments_add_up(coded: CodedText, log: list[Decision]) -> None:
    try:
        decided, effects = decide(coded, *log)
    except StudyError:  # a source that left, a split in two parts
        return
    before, after = codes_of(coded), codes_of(decided)
    active = sum(map(len, before.values())) + effects["segments_added"].sum() - effects["segments_removed"].sum()
    s = decided.segments[decided.segments["coder"] == "Ann"]
    assert (s["status"] == "active").sum() == active == sum(map(len, after.values()))
    assert len(decided.segments) == len(coded.segments) + effects["segments_added"].sum()
    assert (s["status"] == "excluded").sum() == effects["segments_removed"].sum()
    assert codes_of(decided, "Ben") == before
