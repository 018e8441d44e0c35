"""Public survey files that nobody on this project wrote: sizes and oddities as their README gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.survey.readers import RawExport, parse_dates, read_export

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "survey"

FILES: dict[str, tuple[int, int, str, int, dict[str, str]]] = {
    "alliance_cloud_2023/FINAL_Alliance_Cloud_Survey_EN_FR_20220228.csv": (512, 189, "generic", 1, {}),
    "api_schools/apiclus1.csv": (183, 22, "generic", 1, {}),
    "api_schools/apistrat.csv": (200, 21, "generic", 1, {}),
    "fte_masculinity/raw-responses.csv": (1615, 98, "generic", 1, {}),
    "gss_2010/2010.sav": (2044, 790, "generic", 0, {}),
    "gw_educators/OnlineProctoringEducatorSurveyResponses.csv": (125, 82, "qualtrics", 2, {}),
    "learning_r_2019/2019 English R Community Survey Responses.csv": (1838, 52, "google-forms", 1, {}),
    "learning_r_2019/2019 Spanish R Community Survey Responses.csv": (338, 52, "google-forms", 1, {}),
    "learning_r_2019/2019 Spanish R Community Survey Responses.xlsx": (338, 52, "google-forms", 1, {}),
    "nationscape_raking/ns_target.csv": (132, 3, "generic", 1, {}),
    "nationscape_raking/respondent_data.csv": (6703, 18, "generic", 1, {}),
    "niblse_faculty/Merged_Data_Anonymous.csv": (509, 45, "generic", 1, {}),
    "online_science_students/s12-pre-survey.csv": (1102, 16, "generic", 1, {}),
    "online_science_students/s3-pre-survey.xls": (145, 16, "generic", 1, {}),
    "pew_atp_w83/ATP W83.sav": (10121, 101, "generic", 0, {}),
    "pew_dec2013_raking/acs_2017_excerpt.csv": (36, 4, "generic", 1, {}),
    "pew_dec2013_raking/dec13_excerpt.csv": (2001, 14, "generic", 1, {}),
    "pisa2015_us_teachers/tch-quest.csv": (3680, 258, "generic", 1, {}),
    "quantipy_example/Example Data (A).csv": (8255, 78, "generic", 1, {}),
    "rse_germany_2017/public_data.csv": (325, 248, "limesurvey", 1, {}),
    "surveymonkey_fte/StarWars.csv": (1186, 38, "surveymonkey", 2, {"encoding": "mac_roman"}),
    "surveymonkey_fte/food-world-cup-data.csv": (1373, 48, "generic", 1, {}),
    "surveymonkey_fte/sleeping-alone-data.csv": (1093, 31, "surveymonkey", 2, {"encoding": "windows-1252"}),
}

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public sample files are not beside the project")
pytestmark = [pytest.mark.samples, needs_samples]


def read(path: str, **how: object) -> RawExport:
    file = SAMPLES / path
    if not file.is_file():
        pytest.skip(f"{path} is not there")
    return read_export(file, name=file.name, **how)  # type: ignore[arg-type]


def complaint(path: str, **how: object) -> str:
    with pytest.raises(StudyError) as caught:
        read(path, **how)
    return str(caught.value)


def said(export: RawExport, words: str) -> int:
    return sum(note.count for note in export.notes if words in note.message)


@pytest.mark.parametrize("path", FILES)
def test_every_file_has_the_rows_columns_and_layout_of_its_description(path: str) -> None:
    rows, columns, layout, header_rows, how = FILES[path]
    export = read(path, **how)
    assert export.rows.shape == (rows, columns)
    assert (export.layout, export.header_rows) == (layout, header_rows)
    assert not export.rows.columns.has_duplicates
    assert not export.rows.isna().any(axis=None)


def test_no_break_spaces_repeated_headings_and_html_of_a_bilingual_file() -> None:
    wanted = "1) Please describe your role(s) by checking all that apply: Professor"
    export = read("alliance_cloud_2023/FINAL_Alliance_Cloud_Survey_EN_FR_20220228.csv", required=(wanted,))
    assert wanted in export.rows.columns
    assert sum("columns have this name" in note.message for note in export.notes) == 16
    assert said(export, "no-break spaces") > 4_000
    assert not export.rows[wanted].str.endswith("\u00a0").any()


def test_pisa_keeps_its_two_missing_tokens_apart() -> None:
    path = "pisa2015_us_teachers/tch-quest.csv"
    rows = read(path).rows
    cells = [
        cell for line in (SAMPLES / path).read_text().splitlines()[1:] for cell in line.replace('"', "").split(",")
    ]
    assert cells.count("NA") > 0 < cells.count("NaN")
    assert int((rows == "NA").to_numpy().sum()) == cells.count("NA")
    assert int((rows == "NaN").to_numpy().sum()) == cells.count("NaN")


def test_marks_inside_the_cells_of_a_limesurvey_export_are_removed_and_counted() -> None:
    export = read("rse_germany_2017/public_data.csv", required=("currentEmp1",))
    assert said(export, "byte-order marks") == 530
    assert not export.rows.apply(lambda cells: cells.str.contains("\ufeff")).to_numpy().any()
    assert (export.rows["currentEmp1"] == "University").sum() == 98
    assert export.question_texts["currentEmp1"] == "What type of organisation do you work for?"


def test_mac_no_break_spaces_are_recognised_and_not_applicable_stays_an_answer() -> None:
    export = read("surveymonkey_fte/food-world-cup-data.csv")
    assert export.encoding == "mac_roman"
    assert any("286 of 286" in note.message for note in export.notes)
    assert (export.rows.iloc[:, 3] == "N/A").sum() == 1_076
    assert "Not much" in set(export.rows.iloc[:, 2])


@pytest.mark.parametrize("file", ["StarWars", "sleeping-alone-data"])
def test_bytes_that_make_no_sense_either_way_are_asked_about(file: str) -> None:
    assert "encoding cannot be told" in complaint(f"surveymonkey_fte/{file}.csv")


def test_two_header_rows_name_question_and_option() -> None:
    rows = read("surveymonkey_fte/StarWars.csv", encoding="mac_roman").rows
    stem = "Which of the following Star Wars films have you seen? Please select all that apply."
    films = [c for c in rows.columns if str(c).startswith(f"{stem} [")]
    assert len(films) == 6
    assert (rows["Have you seen any of the 6 films in the Star Wars franchise?"] == "Yes").sum() == 936
    assert (rows[films] != "").any(axis="columns").sum() == 835
    assert rows.index[0] == 3


def test_an_educators_survey_without_its_third_header_row() -> None:
    export = read("gw_educators/OnlineProctoringEducatorSurveyResponses.csv")
    assert sorted(export.rows["Q6"].value_counts()) == [1, 26, 98]
    assert export.question_texts["Q6"].startswith("Did you use any online exam proctoring tools")
    assert "N/A" in set(export.rows["Q3"])
    assert export.rows.index[0] == 6


def test_phantom_rows_and_sheet_names_of_a_coding_workbook() -> None:
    path = "gw_educators/Qualitative_Responses_N2_N3_N4.xlsx"
    assert "sheets with content" in complaint(path)
    export = read(path, sheet="likely n4 (PRIMARY)")
    assert export.sheet == "LIkely N4 (primary)"


def test_the_same_answers_from_a_form_as_csv_and_as_workbook() -> None:
    stem = "learning_r_2019/2019 Spanish R Community Survey Responses"
    text, book = read(f"{stem}.csv").rows, read(f"{stem}.xlsx").rows
    assert list(text.columns) == list(book.columns)
    differing = [c for c in text.columns if (text[c].str.strip().to_numpy() != book[c].str.strip().to_numpy()).any()]
    instants = {c: c for c in differing}
    assert "Timestamp" in instants
    for column in differing:
        if column != "Timestamp":
            unequal = text[column].to_numpy() != book[column].to_numpy()
            pairs = list(zip(text[column].to_numpy()[unequal], book[column].to_numpy()[unequal], strict=True))
            assert all(a.replace("\r\n", "\n").split() == b.replace("\r\n", "\n").split() for a, b in pairs), pairs[:3]
    one = parse_dates(text["Timestamp"], "%m/%d/%Y %H:%M:%S", name="t", column="Timestamp").to_numpy()
    other = parse_dates(book["Timestamp"], None, name="t", column="Timestamp").to_numpy()
    assert (abs(one - other).astype("timedelta64[ms]").astype(int) < 1_000).all()


def test_user_missing_codes_are_declared_variable_by_variable() -> None:
    export = read("gss_2010/2010.sav")
    assert export.encoding == "windows-1252"
    assert len(export.missing_codes) == 784
    assert "0" in export.missing_codes["mar1"]
    assert "0" not in export.missing_codes["degree"]
    assert export.value_labels["degree"]["0"] == "LT HIGH SCHOOL"
    assert (export.rows["degree"] == "0").sum() > 0


def test_only_six_variables_of_a_panel_wave_declare_refusal_missing() -> None:
    export = read("pew_atp_w83/ATP W83.sav")
    assert set(export.missing_codes.values()) == {frozenset({"99"})}
    assert len(export.missing_codes) == 6
    assert len(export.value_labels) == 95
    assert abs(export.rows["WEIGHT_W83"].astype(float).sum() - 10_121) < 0.5
    assert export.rows["FORM_W83"].value_counts().to_dict() == {"1": 5_056, "2": 5_065}
    assert export.rows["INTERVIEW_START_W83"].iloc[0] == "2021-02-17T18:35:38"


def test_school_ids_keep_their_leading_zeros_and_question_marks_stay() -> None:
    assert read("api_schools/apiclus1.csv").rows["cds"].str.startswith("0").any()
    rows = read("fte_masculinity/raw-responses.csv").rows
    assert rows.columns[0] == "(column 1)"
    with pytest.raises(StudyError, match="could be read as"):
        parse_dates(rows["StartDate"].iloc[:5], None, name="r", column="StartDate")


def test_a_publishers_table_is_not_taken_for_an_export() -> None:
    assert "second header row" in complaint("fte_masculinity/masculinity-survey.csv")


def test_repeated_people_stay_in_the_export() -> None:
    rows = read("online_science_students/s12-pre-survey.csv").rows
    assert int((rows["opdata_username"] == "@X@user.pk_string@X@").sum()) == 18
    repeated = rows["opdata_username"].value_counts()
    assert sorted(repeated[repeated >= 100].tolist()) == [100, 147]
