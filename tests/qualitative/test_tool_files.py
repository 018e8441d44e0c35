"""Two coders' copies of one set of transcripts, with a table of who took part."""

from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText, check_invariants
from qualitative.coded_files import (
    BEN,
    BOOK,
    COVER,
    MEETINGS,
    PAY,
    USERS,
    coding,
    logged,
    messages,
    project_spec,
    project_xml,
    selection,
    source,
    the_problem,
    write_csv,
    write_qdpx,
)

ADA = "Interviewer: And time?\nAda: There is no cover.\nInterviewer: Pay?\nAda: None of that."
BEA = "Interviewer: And time?\nBea: Meetings run late."
HERS = [{"file": "hers.qdpx", "coder": "Cleo"}, {"file": "his.qdpx", "coder": "Dan"}]


def inside(text: str, words: str, *codes: str, **more: str) -> str:
    start = text.index(words)
    return selection(start, start + len(words), *codes, **more)


def write_project(folder: Path, name: str, *sources: str, **more: str) -> None:
    write_qdpx(folder, project_xml(*sources, **more)).rename(folder / name)


def plain(text: str) -> str:
    return f"<PlainTextContent>{text}</PlainTextContent>"


def write_both(folder: Path, *, his_ada: str = ADA) -> None:
    one = USERS.replace("Ann", "admin").replace("Ben", "other")
    write_project(
        folder,
        "hers.qdpx",
        source("h1", plain(ADA), inside(ADA, "no cover", coding(COVER)), name="Talk 1"),
        source("h2", plain(BEA), inside(BEA, "Meetings", coding(MEETINGS)), name="Talk 2"),
        users=one.split("<User ")[0] + "<User " + one.split("<User ")[1] + "</Users>",
    )
    write_project(
        folder,
        "his.qdpx",
        source("x1", plain(his_ada), inside(his_ada, "no cover", coding(COVER)), name="Talk 1"),
        users=one.split("<User ")[0] + "<User " + one.split("<User ")[1] + "</Users>",
    )


def read(folder: Path, **more: object) -> CodedText:
    coded = read_tool_files("talks", project_spec(**more), folder, BOOK)
    check_invariants(coded)
    return coded


def refusal(folder: Path, **more: object) -> StudyError:
    with pytest.raises(StudyError) as error:
        read(folder, **more)
    return error.value


def test_sources_of_one_name_in_two_files_are_one_source(tmp_path) -> None:
    write_both(tmp_path)
    coded = read(tmp_path, count_from="Cleo", files=HERS)
    assert list(coded.sources["name"]) == ["Talk 1", "Talk 2"]
    assert list(coded.coders["coder"]) == ["Cleo", "Dan"]
    names = coded.sources.set_index("source")["name"]
    given = {(c, names[s]) for c, s in coded.assignments[["coder", "source"]].itertuples(index=False, name=None)}
    assert given == {("Cleo", "Talk 1"), ("Cleo", "Talk 2"), ("Dan", "Talk 1")}
    same = coded.segments[coded.segments["code"] == "time_cover"]
    assert same["source"].nunique() == 1
    assert list(same["text"]) == ["no cover", "no cover"]
    assert same["selection"].nunique() == 2
    assert coded.import_log["n_in"].sum() == len(coded.segments) == 3


def test_all_sources_can_be_declared_as_given(tmp_path) -> None:
    write_both(tmp_path)
    files = [HERS[0], {**HERS[1], "assigned": "all"}]
    coded = read(tmp_path, count_from="Cleo", files=files)
    assert (coded.assignments["coder"] == "Dan").sum() == 1  # his file holds one source


def test_another_state_of_a_transcript_is_refused(tmp_path) -> None:
    write_both(tmp_path, his_ada=ADA.replace("Pay?", "And pay?"))
    problem = the_problem(refusal(tmp_path, count_from="Cleo", files=HERS), "is not the one in hers.qdpx")
    assert problem.file == "his.qdpx"
    assert "Talk 1" in problem.message


def test_one_file_among_several_must_say_who_coded(tmp_path) -> None:
    write_both(tmp_path)
    write_project(tmp_path, "his.qdpx", source("x", plain(ADA), inside(ADA, "no cover", coding(COVER))), users="")
    error = refusal(tmp_path, count_from="Cleo", files=["hers.qdpx", "his.qdpx"])
    assert the_problem(error, "does not say who coded").file == "his.qdpx"


def test_a_coder_cannot_be_declared_for_a_file_of_two(tmp_path) -> None:
    both = inside(ADA, "no cover", coding(COVER), coding(COVER, BEN))
    write_project(tmp_path, "two.qdpx", source("x", plain(ADA), both))
    error = refusal(tmp_path, files=[{"file": "two.qdpx", "coder": "Ann"}])
    assert "tells its coders apart itself (Ann, Ben)" in str(error)


def test_participants_give_cases_their_attributes(tmp_path) -> None:
    write_both(tmp_path)
    rows = [["case", "source", "phase"], ["Ada", "Talk 1", "primary"], ["Bea", "Talk 2", "secondary"]]
    write_csv(tmp_path / "people.csv", rows)
    more = {"count_from": "Cleo", "files": HERS, "participants": "people.csv", "breaks": {"phase": "Phase"}}
    coded = read(tmp_path, **more)
    assert list(coded.cases["origin_id"]) == ["Ada", "Bea"]
    values = coded.case_attributes.set_index("case")["value"]
    assert [values[case] for case in coded.sources["case"]] == ["primary", "secondary"]
    assert set(coded.segments["case"]) == set(coded.cases["case"])

    write_csv(
        tmp_path / "people.csv", [rows[0], ["Ada", "Talk 1", "primary"], ["Ada", "Talk1", "Primary"], ["", "", ""]]
    )
    error = refusal(tmp_path, **more)
    assert "different values" in the_problem(error, "Ada").message
    write_csv(tmp_path / "people.csv", [rows[0], rows[1]])
    assert "'Talk 2' of hers.qdpx is not among the participants" in str(refusal(tmp_path, **more))
    write_csv(tmp_path / "people.csv", [["case", "phase"], ["Talk 1", "primary"], ["Talk 2", "x"], ["Talk 9", "y"]])
    coded = read(tmp_path, **more)
    assert list(coded.cases["origin_id"]) == ["Talk 1", "Talk 2"]
    assert "2" not in str(coded.case_attributes["attribute"].unique())


def test_interviewers_turns_are_told_apart(tmp_path) -> None:
    write_both(tmp_path)
    coded = read(tmp_path, count_from="Cleo", files=HERS, interviewers=["interviewer"])
    texts = coded.source_texts.set_index("source")["text"]
    said = [(row.role, texts[row.source][row.start : row.end].strip()) for row in coded.turns.itertuples()]
    assert said == [
        ("interviewer", "Interviewer: And time?"),
        ("participant", "Ada: There is no cover."),
        ("interviewer", "Interviewer: Pay?"),
        ("participant", "Ada: None of that."),
        ("interviewer", "Interviewer: And time?"),
        ("participant", "Bea: Meetings run late."),
    ]


def test_codes_can_be_left_out(tmp_path) -> None:
    text = "Ada: There is no cover and no pay."
    both = [inside(text, "no cover", coding(COVER)), selection(0, len(text), coding(PAY), guid="all")]
    write_project(tmp_path, "project.qdpx", source("T1", plain(text), *both))
    assert logged(read(tmp_path).import_log, "broad").split("; ")[0].endswith(": 1 (Money/Pay)")
    coded = read(tmp_path, leave_out=["Money/Pay"])
    left = coded.segments[coded.segments["status"] == "excluded"]
    assert list(left["reason"]) == ["a code that the definition leaves out"]
    counts = coded.import_log.dropna(subset=["n_in"]).iloc[0]
    assert (counts["n_in"], counts["n_active"], counts["n_excluded"], counts["n_unresolved"]) == (2, 1, 1, 0)


def test_all_problems_of_all_files_come_together(tmp_path) -> None:
    write_both(tmp_path)
    (tmp_path / "hers.qdpx").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "his.qdpx").write_bytes(b"")
    error = refusal(tmp_path, files=[*HERS, {"file": "thiers.qdpx", "coder": "Eva"}])
    assert len(error.problems) == 3
    assert "cannot be read as a zip package" in the_problem(error, "hers.qdpx: ").message
    assert "is empty" in the_problem(error, "his.qdpx: ").message
    assert "did you mean 'hers.qdpx'?" in the_problem(error, "thiers.qdpx: there is no such file").mend
    assert not [m for m in messages(error) if "Traceback" in m]


def test_a_reader_that_is_named_must_exist(tmp_path) -> None:
    write_both(tmp_path)
    error = refusal(tmp_path, files=[{"file": "hers.qdpx", "reader": "refi"}])
    assert "did you mean 'refi-qda'?" in str(error)


def test_segments_without_a_place_are_found_by_their_words(tmp_path) -> None:
    """A table of segments beside the project that holds the texts: a segment is never taken for the whole text."""
    write_project(
        tmp_path, "hers.qdpx", source("h1", plain(ADA), inside(ADA, "no cover", coding(COVER)), name="Talk 1")
    )
    said = ["There  is\nno cover.", "Interviewer:", "never said", ""]
    rows = [["Ada", "Talk 1", "Cover", "Dan", words] for words in said]
    write_csv(tmp_path / "his.csv", [["case", "source", "code", "coder", "text"], *rows])
    coded = read(tmp_path, count_from="Dan", files=["hers.qdpx", "his.csv"])
    his = coded.segments[coded.segments["coder"] == "Dan"]
    assert list(his["status"]) == ["active"] + ["unresolved"] * 3
    assert (his["text"].iloc[0], his["resolution"].iloc[0]) == ("There is no cover.", "text_match")
    counts = coded.import_log[(coded.import_log["file"] == "his.csv") & (coded.import_log["event"] == "read")].iloc[0]
    assert (counts["n_in"], counts["n_active"], counts["n_unresolved"]) == (4, 1, 3)
