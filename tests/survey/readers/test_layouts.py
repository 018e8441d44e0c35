"""Which rows are the header, and what they name: one case a tool, and the files in which it cannot be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.survey.readers import RawExport, read_export

CODES = "StartDate,EndDate,Progress,Duration (in seconds),Finished,RecordedDate,ResponseId,Q1,Q2_1"
WORDS = "Start Date,End Date,Progress,Duration (in seconds),Finished,Recorded Date,Response ID,How old?,Tick - A"
GERMAN = (
    "Anfangsdatum,Enddatum,Fortschritt,Dauer (in Sekunden),Beendet,Aufgezeichnetes Datum,Antwort-ID,Wie alt?,Haken - A"
)
IMPORT = ",".join(f'"{{""ImportId"":""QID{i}""}}"' for i in range(9))
ANSWERS = "2024-05-14 10:00:00,2024-05-14 10:05:00,100,300,True,2024-05-14 10:05:01,R_1,34,A"


def read(tmp_path: Path, lines: list[str], **how: object) -> RawExport:
    file = tmp_path / "a.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_export(file, name="a.csv", **how)  # type: ignore[arg-type]


def complaint(tmp_path: Path, lines: list[str], **how: object) -> str:
    with pytest.raises(StudyError) as caught:
        read(tmp_path, lines, **how)
    return str(caught.value)


@pytest.mark.parametrize(
    ("above", "wording"),
    [
        ([CODES], None),
        ([CODES, WORDS], "How old?"),
        ([CODES, WORDS, IMPORT], "How old?"),
        ([CODES, GERMAN, IMPORT], "Wie alt?"),
        ([CODES, GERMAN], "Wie alt?"),
        ([CODES, IMPORT], None),
    ],
)
def test_qualtrics_has_one_to_three_header_rows(tmp_path: Path, above: list[str], wording: str | None) -> None:
    export = read(tmp_path, [*above, ANSWERS, ANSWERS.replace("R_1", "R_2")])
    assert export.layout == "qualtrics"
    assert export.header_rows == len(above)
    assert export.rows["ResponseId"].tolist() == ["R_1", "R_2"]
    assert export.question_texts.get("Q1") == wording


def test_legacy_qualtrics_has_two_rows_and_a_trailing_empty_column(tmp_path: Path) -> None:
    export = read(
        tmp_path,
        [
            "V1,V2,V8,V9,Q1,",
            "ResponseID,ResponseSet,StartDate,EndDate,How old?,",
            "R_1,Default,2014-05-14 10:00:00,2014-05-14 10:05:00,34,",
            "R_2,Default,2014-05-14 11:00:00,2014-05-14 11:05:00,40,",
        ],
    )
    assert (export.layout, export.header_rows) == ("qualtrics", 2)
    assert list(export.rows.columns) == ["V1", "V2", "V8", "V9", "Q1"]
    assert export.question_texts["V1"] == "ResponseID"


def test_qualtrics_without_telling_columns_is_asked_about(tmp_path: Path) -> None:
    lines = ["ResponseId,Finished,UserLanguage,Q1", "Response ID,Finished,User Language,How old?", "R_1,1,EN,34"]
    assert "`header_rows: 2` if it is wording" in complaint(tmp_path, lines)
    assert read(tmp_path, lines, header_rows=2).rows["Q1"].tolist() == ["34"]
    assert read(tmp_path, lines, header_rows=1).rows["Q1"].tolist() == ["How old?", "34"]


SURVEYMONKEY = [
    "RespondentID,StartDate,Seen any?,Which ones?,,,Age",
    ",,Response,First,Second,Other (please specify),Response",
    "3292879998,7/10/14 18:37,Yes,First,,,30",
    "3292879538,7/10/14 18:39,No,,,none,40",
]


def test_surveymonkey_names_are_the_question_and_its_option(tmp_path: Path) -> None:
    export = read(tmp_path, SURVEYMONKEY)
    assert (export.layout, export.header_rows) == ("surveymonkey", 2)
    assert list(export.rows.columns) == [
        "RespondentID",
        "StartDate",
        "Seen any?",
        "Which ones? [First]",
        "Which ones? [Second]",
        "Which ones? [Other (please specify)]",
        "Age",
    ]
    assert export.question_texts["Which ones? [Second]"] == "Which ones?"
    assert export.rows.index.tolist() == [3, 4]


def test_a_surveymonkey_export_that_lost_its_second_row_keeps_its_respondents(tmp_path: Path) -> None:
    export = read(tmp_path, [SURVEYMONKEY[0].replace("ones?,,,", "ones?,b,c,"), *SURVEYMONKEY[2:]])
    assert (export.header_rows, len(export.rows)) == (1, 2)


def test_limesurvey_columns_may_be_asked_for_by_code(tmp_path: Path) -> None:
    lines = [
        "id. Response ID,use[SQ001]. What do you use? [Python],use[SQ002]. What do you use? [R],why. Why?",
        "1,Yes,No,x",
    ]
    export = read(tmp_path, lines, required=("use[SQ001]", "why. Why?"))
    assert export.layout == "limesurvey"
    assert list(export.rows.columns)[1] == "use[SQ001]"
    assert export.question_texts["use[SQ001]"] == "What do you use? [Python]"
    assert export.question_texts["why. Why?"] == "Why?"


@pytest.mark.parametrize(
    ("header", "layout"),
    [
        ("Timestamp,How old?,Why?", "google-forms"),
        ("Zeitstempel,Wie alt?,Warum?", "google-forms"),
        ("ID,Start time,Completion time,Email,Name,How old?", "microsoft-forms"),
        ("user_id,asked_at,phase,How old?", "teacher-tapp"),
        ("AB6[1],AB6[2],AB6[3],AB7", "limesurvey"),
        ("id,lastpage,startlanguage,q1", "limesurvey"),
        ("id,q1,q2", "generic"),
    ],
)
def test_tools_with_one_header_row_are_known_by_their_columns(tmp_path: Path, header: str, layout: str) -> None:
    row = ",".join(str(i) for i in range(header.count(",") + 1))
    export = read(tmp_path, [header, row])
    assert (export.layout, export.header_rows) == (layout, 1)


def test_a_row_of_wording_above_numbers_is_not_taken_for_a_respondent(tmp_path: Path) -> None:
    lines = ["id,q1,q2", "Person,How old are you,How many lessons", "1,34,5", "2,40,6", "3,51,7"]
    assert "row 2: could be a second header row" in complaint(tmp_path, lines)
    export = read(tmp_path, lines, header_rows=2)
    assert export.question_texts["q1"] == "How old are you"
    assert export.rows["q1"].tolist() == ["34", "40", "51"]


def test_a_row_of_questions_is_not_taken_for_a_respondent(tmp_path: Path) -> None:
    lines = ["id,q1,q2,q3", "ID,Do you?,Would you?,Why?", "a,Yes,No,x", "b,No,No,y", "c,No,Yes,z"]
    assert "`header_rows: 2`" in complaint(tmp_path, lines)


def test_respondents_who_answer_in_words_are_not_suspected(tmp_path: Path) -> None:
    lines = ["id,age,weeks", "1,prefer not to say,5", "2,34,6", "3,40,7", "4,41,2"]
    assert len(read(tmp_path, lines).rows) == 4


def test_a_title_above_the_header_is_refused(tmp_path: Path) -> None:
    lines = ["Results of the survey,,,", "id,q1,q2,q3", "1,a,b,c", "2,a,b,c"]
    assert "looks like a title" in complaint(tmp_path, lines)


def test_a_file_without_a_header_is_refused_unless_declared(tmp_path: Path) -> None:
    lines = ["Yes,Primary,34", "Yes,Primary,40", "No,Secondary,40", "No,Primary,34"]
    assert "looks like a respondent" in complaint(tmp_path, lines)
    assert len(read(tmp_path, lines, header_rows=1).rows) == 3


def test_an_unknown_layout_and_too_many_header_rows_are_refused(tmp_path: Path) -> None:
    assert "did you mean 'qualtrics'" in complaint(tmp_path, ["id,a", "1,2"], layout="qualtrix")
    assert "fewer than the 3 header rows" in complaint(tmp_path, ["id,a", "1,2"], header_rows=3)


def test_a_declared_layout_is_followed(tmp_path: Path) -> None:
    export = read(tmp_path, ["q1,,q2", "a,b,Response", "1,2,3"], layout="surveymonkey")
    assert list(export.rows.columns) == ["q1 [a]", "q1 [b]", "q2"]
