import pytest

from plait.errors import StudyError
from plait.qualitative.segment_table import read_segments
from plait.qualitative.themes import theme_counts
from plait.qualitative.transcripts import check_invariants
from qualitative.coded_files import BOOK, logged, segments_spec, the_problem, write_csv

ROWS = [
    ["Participant", "File", "Node", "By", "Quote"],
    ["P01", "int-1", "Time/Cover", "Ann", "nobody covers\r\nmy class"],
    ["P01", "int-1", "Time/Cover", "Ann", "I have no cover"],
    ["P01", "int-1", "Pay", "Ann", "nobody covers\r\nmy class"],
    ["P02", "int-2", "Time > Cover", "Ben", "=cover()"],
    ["P02", "int-2", "time_cover", "Ben", "=cover()"],
]
PEOPLE = [["case", "phase"], ["P01", "primary"], ["P02", "secondary"], ["P03", ""]]
COLUMNS = {"case": "Participant", "source": "File", "code": "Node", "coder": "By", "text": "Quote"}


def test_segments_and_participants_become_neutral_tables(tmp_path) -> None:
    write_csv(tmp_path / "segments.csv", ROWS, bom=True)
    write_csv(tmp_path / "participants.csv", PEOPLE)
    spec = segments_spec(columns=COLUMNS)
    coded = read_segments("interviews", spec, tmp_path, BOOK)
    check_invariants(coded)
    active = coded.segments[coded.segments["status"] == "active"]
    assert list(active["code"]) == ["time_cover", "time_cover", "money_pay", "time_cover"]
    assert next(iter(active["text"])) == "nobody covers\nmy class"
    assert list(active["text"])[3] == "=cover()"
    assert list(coded.segments["reason"])[-1] == "repeats an earlier row"
    assert list(coded.segments["origin_row"])[-1] == "segments.csv, row 8"
    assert list(coded.sources["text_state"]) == ["absent", "absent"]
    assert set(coded.cases["origin_id"]) == {"P01", "P02", "P03"}
    assert len(coded.case_attributes) == 2
    assert len(coded.assignments) == 2
    assert "P03" in logged(coded.import_log, "silent")
    assert list(coded.import_log["n_in"].dropna()) == [5]

    # Two segments of one code in one interview are two segments, one source, one case.
    counts = theme_counts(coded, {"interviews": spec}).query("by == '' and theme == 'time'").set_index("unit")
    assert dict(counts["n"]) == {"sources": 1, "cases": 1, "segments": 2}


def test_all_mistakes_of_both_files_are_told_at_once(tmp_path) -> None:
    write_csv(
        tmp_path / "segments.csv",
        [
            ["case", "source", "code", "coder", "text"],
            ["P1", "int-1", "Cover", "Ann", "a"],
            ["P01", "int-1", "Covfefe", "", "a"],
            ["P01", "", "Pay", "Ann", "a"],
        ],
    )
    write_csv(tmp_path / "participants.csv", [["case", "stage"], ["P01", "primary"], ["P01", "secondary"], ["", "x"]])
    with pytest.raises(StudyError) as error:
        read_segments("interviews", segments_spec(), tmp_path, BOOK)
    assert the_problem(error.value, "'Covfefe' is not in the codebook").row == "row 3"
    assert the_problem(error.value, "names no coder").row == "row 3"
    assert the_problem(error.value, "names no source").row == "row 4"
    assert the_problem(error.value, "belongs to the case 'P1'").row == "row 3"
    assert the_problem(error.value, "the case is there before").row == "row 3"
    assert the_problem(error.value, "names no case").file == "participants.csv"
    assert the_problem(error.value, "has no column 'phase'").file == "participants.csv"


def test_a_case_that_is_no_participant_is_refused(tmp_path) -> None:
    write_csv(tmp_path / "segments.csv", [["case", "source", "code", "coder", "text"], ["P1", "i", "Pay", "Ann", "a"]])
    write_csv(tmp_path / "participants.csv", PEOPLE)
    with pytest.raises(StudyError) as error:
        read_segments("interviews", segments_spec(), tmp_path, BOOK)
    problem = the_problem(error.value, "not among the participants")
    assert (problem.row, problem.value) == ("row 2", "P1")
    assert "did you mean 'P01'?" in problem.mend


def test_a_missing_column_names_what_is_there(tmp_path) -> None:
    write_csv(tmp_path / "segments.csv", [["case", "source", "code", "coders", "text"]])
    write_csv(tmp_path / "participants.csv", PEOPLE)
    with pytest.raises(StudyError) as error:
        read_segments("interviews", segments_spec(), tmp_path, BOOK)
    assert "did you mean 'coders'?" in the_problem(error.value, "has no column 'coder'").mend


def test_an_alias_beside_another_name_is_refused(tmp_path) -> None:
    header = ["case", "source", "code", "coder", "text"]
    rows = [header, ["P01", "i", "Meetings", "Ann", "a"], ["P01", "i", "weekly slot", "Ann", "b"]]
    write_csv(tmp_path / "segments.csv", rows)
    write_csv(tmp_path / "participants.csv", PEOPLE)
    with pytest.raises(StudyError) as error:
        read_segments("interviews", segments_spec(), tmp_path, BOOK)
    assert "'Meetings' and 'weekly slot' both become 'time_meetings'" in str(error.value)


def test_a_focus_group_has_several_cases_in_one_source(tmp_path) -> None:
    header = ["case", "source", "code", "coder", "text"]
    rows = [header, ["P01", "group", "Cover", "Ann", "a"], ["P02", "group", "Cover", "Ann", "b"]]
    write_csv(tmp_path / "segments.csv", rows)
    write_csv(tmp_path / "participants.csv", PEOPLE)
    spec = segments_spec(mode="focus_group")
    coded = read_segments("groups", spec, tmp_path, BOOK)
    check_invariants(coded)
    counts = theme_counts(coded, {"groups": spec}).query("theme == 'time_cover'")
    overall = counts.query("by == ''").set_index("unit")
    assert dict(overall["n"]) == {"sources": 1, "cases": 2, "segments": 2}
    assert list(overall["of"].dropna()) == [1, 2]
    split = counts.query("by == 'phase' and unit == 'cases'")
    assert list(split["group"]) == ["primary", "secondary"]
    assert list(split["n"]) == list(split["of"]) == [1, 1]
