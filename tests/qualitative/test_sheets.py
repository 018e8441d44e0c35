import pytest

from plait.errors import StudyError
from plait.qualitative.sheets import read_sheets
from plait.qualitative.transcripts import check_invariants, stable_id
from qualitative.coded_files import BOOK, logged, messages, sheets_spec, the_problem, write_csv

HEADER = ["id", "phase", "answer", "Cover", "weekly slot", "Pay", "unclear"]
ANN = [
    HEADER,
    ["007", "primary", "More time,\nplease. ", "1", "", "", ""],
    ["008", "secondary", "Pay me", "", "0", "x", "FALSE"],
    ["009", "secondary", "  ", "", "", "", ""],
    ["010", "primary", "None", "TRUE", "1.0", "", ""],
]
BEN = [
    ["id", "phase", "answer", "Cover", "Pay"],
    ["007", "primary", "More time, please.", "1", ""],
    ["008", "secondary", "Pay me", "", ""],
    ["009", "secondary", "", "", "1"],
    ["011", "primary", "N/A", "", ""],
]
TWO = ({"file": "ann.csv", "coder": "Ann"}, {"file": "ben.csv", "coder": "Ben"})


def test_two_sheets_become_sources_coders_and_segments(tmp_path) -> None:
    write_csv(tmp_path / "ann.csv", ANN, bom=True)
    write_csv(tmp_path / "ben.csv", BEN)
    coded = read_sheets("answers", sheets_spec(*TWO), tmp_path, BOOK)
    check_invariants(coded)

    # Ids, "None" and "N/A" stay what they are; the blank answer stays, too.
    assert list(coded.sources["origin_id"]) == ["007", "008", "009", "010", "011"]
    assert list(coded.sources["text_state"]) == ["present", "present", "absent", "present", "present"]
    assert list(coded.source_texts["text"]) == ["More time,\nplease. ", "Pay me", "None", "N/A"]
    assert len(coded.cases) == 5
    assert set(coded.case_attributes["value"]) == {"primary", "secondary"}

    source = {origin: stable_id("source", "answers", origin) for origin in coded.sources["origin_id"]}
    rows = coded.segments[["coder", "source", "code", "status"]].itertuples(index=False, name=None)
    assert set(rows) == {
        ("Ann", source["007"], "time_cover", "active"),
        ("Ann", source["008"], "money_pay", "active"),
        ("Ann", source["010"], "time_cover", "active"),
        ("Ann", source["010"], "time_meetings", "active"),
        ("Ben", source["007"], "time_cover", "active"),
        ("Ben", source["009"], "money_pay", "excluded"),
    }
    assert coded.segments["start"].isna().all()
    assigned = set(coded.assignments.itertuples(index=False, name=None))
    assert assigned == {("Ann", source[i]) for i in ("007", "008", "010")} | {
        ("Ben", source[i]) for i in ("007", "008", "011")
    }
    offered = coded.coder_codes.groupby("coder")["code"].agg(list)
    assert offered["Ann"] == ["time_cover", "time_meetings", "money_pay", "unclear"]
    assert offered["Ben"] == ["time_cover", "money_pay"]


def test_what_was_left_out_is_written_down(tmp_path) -> None:
    write_csv(tmp_path / "ann.csv", ANN, bom=True)
    write_csv(tmp_path / "ben.csv", BEN)
    log = read_sheets("answers", sheets_spec(*TWO), tmp_path, BOOK).import_log
    ann, ben = log[log["file"] == "ann.csv"], log[log["file"] == "ben.csv"]
    counts = log.dropna(subset=["n_in"]).set_index("file")[["n_in", "n_active", "n_excluded"]]
    assert list(counts.loc["ann.csv"]) == [4, 4, 0]
    assert list(counts.loc["ben.csv"]) == [2, 1, 1]
    assert logged(ann, "blank") == "blank answers, assigned to no coder: 1"
    assert logged(ben, "blank") == "blank answers, assigned to no coder: 1; marks on them, left out: 1"
    assert logged(ann, "ids") == "ids of other sheets that are not in this one: 1 (011)"
    assert logged(ben, "ids") == "ids of other sheets that are not in this one: 1 (010)"
    assert logged(ben, "text").endswith("whose texts are used: 2")
    assert set(log.loc[log["event"] == "ids", "severity"]) == {"warning"}


def test_a_partial_coder_is_assigned_the_marked_rows_only(tmp_path) -> None:
    write_csv(tmp_path / "ben.csv", BEN)
    spec = sheets_spec({"file": "ben.csv", "coder": "Ben", "assigned": "marked"}, count_from="Ben")
    coded = read_sheets("answers", spec, tmp_path, BOOK)
    assert list(coded.assignments["source"]) == [stable_id("source", "answers", "007")]


def test_an_adjudicated_sheet_has_its_role(tmp_path) -> None:
    write_csv(tmp_path / "ben.csv", BEN)
    spec = sheets_spec({"file": "ben.csv", "coder": "final", "adjudicated": True}, count_from="final")
    assert list(read_sheets("answers", spec, tmp_path, BOOK).coders["role"]) == ["adjudicated"]


def test_the_same_sheets_give_the_same_tables_whatever_the_row_order(tmp_path) -> None:
    write_csv(tmp_path / "ann.csv", ANN)
    first = read_sheets("answers", sheets_spec(TWO[0]), tmp_path, BOOK)
    write_csv(tmp_path / "ann.csv", [ANN[0], *reversed(ANN[1:])])
    again = read_sheets("answers", sheets_spec(TWO[0]), tmp_path, BOOK)
    assert set(first.segments["segment"]) == set(again.segments["segment"])


def test_all_mistakes_of_all_sheets_are_told_at_once(tmp_path) -> None:
    write_csv(
        tmp_path / "ann.csv",
        [
            ["id", "phase", "answer", "Covr", "Pay"],
            ["1", "primary", "a", "1", "maybe"],
            ["1", "primary", "b", "", "2"],
            ["", "primary", "c", "", ""],
        ],
    )
    write_csv(tmp_path / "ben.csv", [["id", "stage", "answer", "Pay"], ["1", "primary", "a", "1"]])
    with pytest.raises(StudyError) as error:
        read_sheets("answers", sheets_spec(*TWO), tmp_path, BOOK)
    unknown = the_problem(error.value, "'Covr' is not in the codebook")
    assert (unknown.file, unknown.row, unknown.column) == ("ann.csv", "row 1", "Covr")
    assert "did you mean 'Cover'?" in unknown.mend
    odd = the_problem(error.value, "'maybe'")
    assert (odd.file, odd.row, odd.column, odd.value) == ("ann.csv", "row 2", "Pay", "maybe")
    assert the_problem(error.value, "found '2'").row == "row 3"
    assert "in row 2" in the_problem(error.value, "used before").message
    assert the_problem(error.value, "the id is empty").row == "row 4"
    assert the_problem(error.value, "has no column 'phase'").file == "ben.csv"


def test_a_column_that_is_no_code_is_told_once(tmp_path) -> None:
    write_csv(
        tmp_path / "ann.csv",
        [
            ["id", "phase", "answer", "region", "Pay"],
            ["1", "primary", "a", "North", "1"],
            ["2", "primary", "b", "South", ""],
        ],
    )
    with pytest.raises(StudyError) as error:
        read_sheets("answers", sheets_spec(*TWO[:1]), tmp_path, BOOK)
    (problem,) = error.value.problems
    assert (problem.row, problem.column) == ("row 1", "region")
    assert "row 2 says 'North'" in problem.message
    assert "attributes" in problem.mend


def test_a_sheet_sorted_against_its_ids_is_noticed(tmp_path) -> None:
    write_csv(tmp_path / "ann.csv", ANN)
    slipped = [BEN[0], [*BEN[1][:2], BEN[2][2], "1", ""], [*BEN[2][:2], BEN[1][2], "", ""]]
    write_csv(tmp_path / "ben.csv", slipped)
    with pytest.raises(StudyError) as error:
        read_sheets("answers", sheets_spec(*TWO), tmp_path, BOOK)
    assert [(p.file, p.row) for p in error.value.problems] == [("ben.csv", "row 2"), ("ben.csv", "row 3")]
    # The words of the people who answered stay out of messages.
    assert not any("Pay me" in text for text in messages(error.value))


def test_sheets_that_disagree_about_a_case_are_noticed(tmp_path) -> None:
    write_csv(tmp_path / "ann.csv", ANN)
    write_csv(tmp_path / "ben.csv", [BEN[0], ["007", "secondary", "More time, please.", "1", ""]])
    with pytest.raises(StudyError) as error:
        read_sheets("answers", sheets_spec(*TWO), tmp_path, BOOK)
    problem = the_problem(error.value, "not what an earlier sheet says")
    assert (problem.column, problem.value) == ("phase", "secondary")


def test_two_columns_of_one_code_are_refused(tmp_path) -> None:
    write_csv(tmp_path / "ann.csv", [["id", "phase", "answer", "Cover", "time_cover"], ["1", "p", "a", "1", ""]])
    with pytest.raises(StudyError) as error:
        read_sheets("answers", sheets_spec(TWO[0]), tmp_path, BOOK)
    assert "'Cover' and 'time_cover' both stand for" in the_problem(error.value, "stand for").message


def test_a_coder_with_two_sheets_and_an_unknown_break_are_refused(tmp_path) -> None:
    write_csv(tmp_path / "ann.csv", ANN)
    spec = sheets_spec(TWO[0], TWO[0], breaks={"role": "Role"})
    with pytest.raises(StudyError) as error:
        read_sheets("answers", spec, tmp_path, BOOK)
    assert "'Ann' has 2 sheets" in the_problem(error.value, "2 sheets").message
    assert the_problem(error.value, "split by 'role'").file == "study.yaml"


def test_a_collection_without_sheets_is_refused(tmp_path) -> None:
    with pytest.raises(StudyError, match="has no sheets"):
        read_sheets("answers", sheets_spec(), tmp_path, BOOK)


def test_an_empty_trailing_column_is_no_code(tmp_path) -> None:
    write_csv(tmp_path / "ann.csv", [["id", "phase", "answer", "Pay", ""], ["1", "p", "a", "1", " "]])
    coded = read_sheets("answers", sheets_spec(TWO[0]), tmp_path, BOOK)
    assert list(coded.coder_codes["code"]) == ["money_pay"]


def test_a_sheet_without_rows_or_without_marks_is_valid(tmp_path) -> None:
    write_csv(tmp_path / "ann.csv", [HEADER])
    coded = read_sheets("answers", sheets_spec(TWO[0]), tmp_path, BOOK)
    check_invariants(coded)
    assert len(coded.sources) == len(coded.segments) == 0
    assert len(coded.coders) == 1


def test_a_missing_sheet_names_its_neighbours(tmp_path) -> None:
    write_csv(tmp_path / "anne.csv", ANN)
    with pytest.raises(StudyError) as error:
        read_sheets("answers", sheets_spec(TWO[0]), tmp_path, BOOK)
    assert "did you mean 'anne.csv'?" in str(error.value)
