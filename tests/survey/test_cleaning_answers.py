"""What a cell means: options, codes and labels, reasons for no answer, mapping files, numbers."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.errors import StudyError
from plait.study import load_study
from plait.study.definition import Option
from plait.study.side_files import MappedAnswer
from plait.survey.answers import parse_number, read_delimited_choice, read_number, read_single, vocabulary
from plait.survey.cleaning import Cleaned, clean
from plait.tabular.folding import fold
from small_survey import changes, cleaned, column, refused, small_survey

LIKES = """
questions:
  likes:
    label: Likes it
    text: Do you like the club?
    column: likes
    options: {likes: Likes, dislikes: Dislikes, none: None}
"""


# --- reasons for no answer ---------------------------------------------------------------------------------------------


def test_answers_that_look_missing_survive(tmp_path: Path) -> None:
    result = cleaned(tmp_path, LIKES, form_csv="likes\nNone\nLikes\n")
    assert column(result.responses, "likes") == ["none", "likes"]


def test_the_six_reasons_for_no_answer_are_kept_apart(tmp_path: Path) -> None:
    survey = LIKES + (
        "    missing: {-1: not_asked, -2: not_routed, -3: skipped, -4: refused, -5: dont_know, -6: not_applicable}\n"
    )
    result = cleaned(tmp_path, survey, form_csv="likes\n-1\n-2\n-3\n-4\n-5\n-6\nLikes\n")
    assert column(result.responses, "missing.likes") == [
        "not_asked", "not_routed", "skipped", "refused", "dont_know", "not_applicable", "",
    ]  # fmt: skip
    assert column(result.responses, "likes") == [None] * 6 + ["likes"]


def test_a_question_says_what_a_code_means_before_the_survey_does(tmp_path: Path) -> None:
    survey = """
    missing: {"8": dont_know, "9": refused}
    questions:
      likes: {label: L, text: T, column: likes, options: {likes: "1", dislikes: "2"}, missing: {"8": not_applicable}}
      hours: {label: H, text: T, column: hours, options: {some: "1", eight: "8"}}
    """
    result = cleaned(tmp_path, survey, form_csv="likes,hours\n8,8\n9,9\n")
    assert column(result.responses, "missing.likes") == ["not_applicable", "refused"]
    # An option of one's own goes before what the whole survey says.
    assert column(result.responses, "hours") == ["eight", None]


@pytest.mark.parametrize(
    ("blank", "why", "answer"), [("refused", "refused", None), ("skipped", "skipped", None), ("none", "", "none")]
)
def test_what_an_empty_cell_means_is_declared(tmp_path: Path, blank: str, why: str, answer: str | None) -> None:
    result = cleaned(tmp_path, LIKES + f"    blank: {blank}\n", form_csv="id,likes\n1,\n2,Likes\n")
    assert column(result.responses, "missing.likes") == [why, ""]
    assert column(result.responses, "likes") == [answer, "likes"]


def test_a_refusal_that_is_an_option_is_in_the_base_where_the_definition_says_so(tmp_path: Path) -> None:
    survey = """
    questions:
      likes:
        label: L
        text: T
        column: likes
        options:
          likes: Likes
          refused: {label: Refused, no_answer: refused, in_base: true}
          cannot_say: {label: Cannot say, no_answer: dont_know}
    """
    result = cleaned(tmp_path, survey, form_csv="likes\nRefused\nCannot say\nLikes\n")
    assert column(result.responses, "likes") == ["refused", None, "likes"]
    assert column(result.responses, "missing.likes") == ["", "dont_know", ""]


# --- codes and value labels --------------------------------------------------------------------------------------------

CODED = """
exports: {form: {file: form.sav}}
questions:
  likes:
    label: Likes it
    text: Do you like the club?
    column: likes
    options: OPTIONS
"""


def from_spss(folder: Path, options: str, codes: list[float], labels: dict[float, str], more: str = "") -> Cleaned:
    (folder / "raw").mkdir(parents=True)
    pyreadstat.write_sav(
        pd.DataFrame({"likes": codes}),
        str(folder / "raw" / "form.sav"),
        variable_value_labels={"likes": labels},
        missing_ranges={"likes": [9.0]},
    )
    return clean(small_survey(folder, CODED.replace("OPTIONS", options) + more))


LABELS = {1.0: "Likes it", 2.0: "Does not", 9.0: "Refused"}


@pytest.mark.parametrize(
    "options",
    [
        "{likes: Likes it, dislikes: Does not}",
        "{likes: {label: Likes, raw: '1'}, dislikes: {label: Does not, raw: '2'}}",
        "{likes: {label: Likes, raw: likes  IT}, dislikes: {label: No, raw: '2'}}",
    ],
)
def test_an_option_is_written_as_its_code_or_as_the_label_of_the_code(tmp_path: Path, options: str) -> None:
    result = from_spss(tmp_path / "s", options, [1, 2, 1], LABELS)
    assert column(result.responses, "likes") == ["likes", "dislikes", "likes"]
    assert changes(result, "clean") == []


@pytest.mark.slow
def test_a_code_that_the_file_declares_missing_is_never_dropped_in_silence(tmp_path: Path) -> None:
    options = "{likes: Likes it, dislikes: Does not}"
    with pytest.raises(StudyError, match="declares it user-missing") as caught:
        from_spss(tmp_path / "a", options, [1, 9, 9], LABELS)
    assert "form.sav, row 2, column 'likes'" in str(caught.value)
    assert "and on 1 more row (found '9: Refused')" in str(caught.value)
    assert "add it to `missing:`, or give it an option" in str(caught.value)
    kept = from_spss(tmp_path / "b", options, [1, 9, 9], LABELS, more="    missing: {Refused: refused}\n")
    assert column(kept.responses, "missing.likes") == ["", "refused", "refused"]
    counted = from_spss(tmp_path / "c", "{likes: Likes it, refused: Refused}", [1, 9, 9], LABELS)
    assert column(counted.responses, "likes") == ["likes", "refused", "refused"]


def test_a_code_and_its_label_that_mean_different_options_are_not_believed(tmp_path: Path) -> None:
    scale = "{worst: '1', middle: '2', best: '3'}"
    with pytest.raises(StudyError, match="means the option 'worst' as a code, but its value label '3'"):
        from_spss(tmp_path / "s", scale, [1, 2, 3], {1.0: "3", 2.0: "2", 3.0: "1"})


def test_an_unknown_code_is_told_with_its_label(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="found '2: Does not'"):
        from_spss(tmp_path, "{likes: Likes it}", [1, 2], LABELS)


def test_codes_that_share_a_label_are_read_as_one_option_and_counted(tmp_path: Path) -> None:
    result = from_spss(tmp_path, "{likes: Likes it, dislikes: Does not}", [1, 2, 3, 3], {**LABELS, 3.0: "Does not"})
    assert column(result.responses, "likes") == ["likes", "dislikes", "dislikes", "dislikes"]
    assert changes(result, "clean") == [
        ("codes with the same value label, read as one option", None, "", "likes", "", "3")
    ]


@pytest.mark.parametrize(
    "survey",
    [
        "questions: {likes: {label: L, text: T, column: likes, type: number}}",
        "questions: {likes: {label: L, text: T, column: likes, options: {low: {label: Low, between: [0, 10]}}}}",
        "questions: {likes: {label: L, text: T, type: multi, columns: {a: likes}, options: {a: A}}}",
        "exports: {form: {file: form.sav, weight: likes}}\nquestions: {}",
        "design: {cluster: likes}\nquestions: {}",
    ],
)
def test_no_column_reads_a_code_that_its_file_declares_missing_as_a_value(tmp_path: Path, survey: str) -> None:
    (tmp_path / "raw").mkdir(parents=True)
    frame = pd.DataFrame({"likes": [1.0, 9.0]})
    pyreadstat.write_sav(frame, str(tmp_path / "raw" / "form.sav"), missing_ranges={"likes": [9.0]})
    if "exports" not in survey:
        survey = f"exports: {{form: {{file: form.sav}}}}\n{survey}"
    message = refused(tmp_path, survey)
    assert "row 2, column 'likes'" in message
    assert "user-missing" in message or "does not say which cluster" in message


# --- mapping files -----------------------------------------------------------------------------------------------------

GENDER = """
questions:
  q: {label: Q, text: Q, column: q, options: {agree: Agree}}
profile:
  gender:
    label: Gender
    column: gender
    options: {woman: Woman, man: Man}
    mapping: gender.csv
"""
TYPED = "q,gender\nAgree,Woman\nAgree, MALE \nAgree,f\nAgree,attack helicopter\n"
MAPPING = "raw,option,why\nmale,man,\nf,woman,\nattack helicopter,unknown,not an answer\n"


def test_typed_answers_are_read_as_the_mapping_file_says(tmp_path: Path) -> None:
    result = cleaned(tmp_path, GENDER, form_csv=TYPED, gender_csv=MAPPING)
    assert column(result.responses, "gender") == ["woman", "man", "woman", None]
    mapped = [(row, after) for _, row, _, _, _, after in changes(result, "clean")]
    assert mapped == [(3, "man"), (4, "woman"), (5, "unknown")]


def test_a_text_that_nobody_mapped_stops_the_run(tmp_path: Path) -> None:
    message = refused(tmp_path, GENDER, form_csv=TYPED + "Agree,wmoan\n", gender_csv=MAPPING)
    assert "form.csv, row 6, column 'gender': the answer is not one of the options (found 'wmoan')" in message
    assert "did you mean 'Woman'?" in message


@pytest.mark.parametrize(("unmapped", "value"), [("unknown", None), ("man", "man")])
def test_a_text_that_nobody_mapped_may_be_declared(tmp_path: Path, unmapped: str, value: str | None) -> None:
    survey = GENDER.rstrip() + f"\n    unmapped: {unmapped}\n"
    result = cleaned(tmp_path, survey, form_csv=TYPED + "Agree,secret word\n", gender_csv=MAPPING)
    assert column(result.responses, "gender")[-1] == value
    reason, row, _, _, before, after = changes(result, "clean")[-1]
    assert reason == f"text that is neither an option nor in the mapping, taken for '{unmapped}'"
    assert (row, before, after) == (6, "(other text)", "(other text)")
    assert "secret word" not in result.log.to_csv()


def test_an_option_goes_before_the_mapping_and_the_mapping_before_the_survey() -> None:
    words = vocabulary(
        {"a": Option(label="A"), "b": Option(label="B")},
        mapping=[MappedAnswer(raw="A", option="b"), MappedAnswer(raw="x", option="b")],
        missing_everywhere={"x": "refused", "y": "refused"},
    )
    assert read_single("A", words).options == ("a",)
    assert read_single("x", words).options == ("b",)
    assert read_single("y", words).why_empty == "refused"


# --- bands and numbers -------------------------------------------------------------------------------------------------


def test_numbers_fall_into_bands_after_every_declared_text(tmp_path: Path) -> None:
    survey = """
    questions:
      q: {label: Q, text: Q, column: q, options: {agree: Agree}}
    profile:
      age:
        label: Age
        column: age
        options:
          young: {label: Under 40, between: [18, 39]}
          old: {label: 40 or more, between: [40, 120], raw: 89 or older}
        unknown: "99"
    """
    ages = ["18", "39.0", "40", "89 OR older", "99", ""]
    result = cleaned(tmp_path, survey, form_csv="q,age\n" + "".join(f"Agree,{age}\n" for age in ages))
    assert column(result.responses, "age") == ["young", "young", "old", "old", None, None]


def test_a_number_in_two_bands_or_in_none_is_told() -> None:
    bands = {"a": Option(label="A", between=(0, 5)), "b": Option(label="B", between=(5, 9))}
    words = vocabulary(bands)
    trouble = read_single("5", words).trouble
    assert trouble and "lies in 2 options (a, b)" in trouble.message
    trouble = read_single("10", words).trouble
    assert trouble and "not one of the options" in trouble.message


NUMBER = """
missing: {NA: skipped}
questions:
  hours:
    label: Hours
    text: How many hours?
    type: number
    column: hours
    between: [0, 80]
    missing: {"-1": refused}
"""


def test_a_question_that_is_a_number(tmp_path: Path) -> None:
    result = cleaned(tmp_path, NUMBER, form_csv="id,hours\n1,3.0\n2, 17\n3,-1\n4,NA\n5,\n6,.5\n7,8e1\n")
    assert column(result.responses, "hours") == [3.0, 17.0, None, None, None, 0.5, 80.0]
    assert result.responses["hours"].dtype == "float64"
    assert column(result.responses, "missing.hours") == ["", "", "refused", "skipped", "skipped", "", ""]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("about ten", "the answer is not a number"),
        ('"1,234"', "decimal comma or separators between its thousands"),
        ('"3,5"', "decimal comma or separators between its thousands"),
        ("1 234", "decimal comma or separators between its thousands"),
        ("81", "the number is outside 0 to 80"),
        ("-2", "the number is outside 0 to 80"),
        ("0x1f", "the answer is not a number"),
        ("nan", "the answer is not a number"),
        ("inf", "the answer is not a number"),
        ("1e999", "the answer is not a number"),
        ("1_000", "the answer is not a number"),
    ],
)
def test_what_is_no_number_is_told_with_its_place(tmp_path: Path, cell: str, words: str) -> None:
    message = refused(tmp_path, NUMBER, form_csv=f"hours\n3\n{cell}\n")
    assert "form.csv, row 3, column 'hours'" in message
    assert words in message


def test_slips_in_a_number_may_be_set_aside(tmp_path: Path) -> None:
    survey = NUMBER.rstrip() + "\n    unmapped: skipped\n"
    result = cleaned(tmp_path, survey, form_csv="hours\n3\nabout ten\n201\n")
    assert column(result.responses, "hours") == [3.0, None, None]
    assert [line[1] for line in changes(result, "clean")] == [3, 4]
    assert "about ten" not in result.log.to_csv()


@given(st.floats(-1e100, 1e100, allow_nan=False))
def test_every_number_is_read_back_as_it_was_written(number: float) -> None:
    assert parse_number(repr(number)) == number


@given(st.text(max_size=8))
def test_a_text_is_a_number_or_told(text: str) -> None:
    reading = read_number(text, vocabulary({}), None)
    assert reading.blank or bool(reading.trouble) == math.isnan(reading.number)


# --- many problems -----------------------------------------------------------------------------------------------------


def test_the_same_unknown_text_in_many_columns_is_one_problem(tmp_path: Path) -> None:
    items = "\n".join(f"  q{i}: {{label: Q, text: Q, column: q{i}, options: {{agree: Agree}}}}" for i in range(20))
    cells = ",".join(["maybe"] * 20)
    header = ",".join(f"q{i}" for i in range(20))
    message = refused(tmp_path, f"questions:\n{items}\n", form_csv=f"{header}\n{cells}\n{cells}\n")
    assert message.startswith("1 problem to mend")
    assert "row 2, column 'q0': the answer is not one of the options, and on 39 more rows of 20 columns" in message


def test_a_column_of_free_text_is_not_listed_word_by_word(tmp_path: Path) -> None:
    words = "".join(f"word number {i}\n" for i in range(500))
    message = refused(tmp_path, LIKES, form_csv=f"likes\n{words}")
    assert message.startswith("9 problems to mend")
    assert "so it is with 492 more texts, on 492 rows" in message


def test_addresses_in_a_cell_are_not_repeated_in_the_message(tmp_path: Path) -> None:
    message = refused(tmp_path, LIKES, form_csv="likes\nLikes\nDislikes\nask ann@example.org\n")
    assert "found 'ask (e-mail address)'" in message
    assert "ann@" not in message


# --- several answers in one cell ---------------------------------------------------------------------------------------

TOOLS = vocabulary(
    {name: Option(label=label) for name, label in
     {"c": "C", "cs": "C#", "cpp": "C++", "r": "R", "course": "online course(s) (i.e., Coursera)",
      "blogs": "Blogs, R-bloggers, Twitter", "aws": "(AWS, GAE, Azure, etc.)"}.items()},
    missing={"99": "refused"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "separator", "expected"),
    [
        ("C, C#, C++, R", ", ", ["c", "cs", "cpp", "r"]),
        ("R,C++", ", ", ["r", "cpp"]),
        ("R, Blogs, R-bloggers, Twitter, C", ", ", ["r", "blogs", "c"]),
        ("online course(s) (i.e., Coursera),C", ",", ["course", "c"]),
        ("(AWS, GAE, Azure, etc.), R", ", ", ["aws", "r"]),
        ("C;R;", ";", ["c", "r"]),
        ("; C ;; R ;", ";", ["c", "r"]),
        ("C|R", "|", ["c", "r"]),
        ("C\nC++", "\n", ["c", "cpp"]),
        ("R, R", ", ", ["r"]),
    ],
)
def test_a_cell_is_cut_at_its_options(cell: str, separator: str, expected: list[str]) -> None:
    reading = read_delimited_choice(cell, TOOLS, separator)
    assert list(reading.options) == expected
    assert reading.trouble is None


def test_a_cut_that_leaves_nothing_over_is_found() -> None:
    words = vocabulary({"ab": Option(label="A, B"), "a": Option(label="A"), "bc": Option(label="B, C")})
    assert read_delimited_choice("A, B, C", words, ", ").options == ("a", "bc")
    assert read_delimited_choice("A, B", words, ", ").options == ("ab",)


def test_a_whole_cell_may_be_no_answer_but_not_beside_options() -> None:
    assert read_delimited_choice("99;", TOOLS, ";").why_empty == "refused"
    trouble = read_delimited_choice("99;C", TOOLS, ";").trouble
    assert trouble and "stands beside others" in trouble.message


def test_a_part_that_is_mapped_to_nothing_leaves_the_others() -> None:
    words = vocabulary(
        {"c": Option(label="C")},
        mapping=[MappedAnswer(raw="dunno", option="unknown"), MappedAnswer(raw="see", option="c")],
    )
    assert read_delimited_choice("C;dunno", words, ";").options == ("c",)
    assert read_delimited_choice("see;dunno", words, ";").options == ("c",)
    assert read_delimited_choice("dunno;dunno", words, ";").why_empty == "skipped"


def test_codes_in_a_list_are_known_by_their_labels_and_told_where_these_contradict() -> None:
    options = {"r": Option(label="R"), "c": Option(label="C"), "two": Option(label="2")}
    words = vocabulary(options, labels={"1": "R", "2": "C", "3": "C"}, declared_missing=["9"])
    assert read_delimited_choice("1;3;", words, ";").options == ("r", "c")
    for cell, message in (("1;2;", "means the option 'two' as a code"), ("9;", "declares it user-missing")):
        trouble = read_delimited_choice(cell, words, ";").trouble
        assert trouble and message in trouble.message


def test_typed_text_beside_options_is_taken_for_the_option_other() -> None:
    words = vocabulary({"c": Option(label="C"), "other": Option(label="Other")}, unmapped="other")
    reading = read_delimited_choice("C, some, typed words", words, ", ")
    assert (reading.options, reading.taken_for) == (("c", "other"), "other")


@given(
    st.lists(st.sampled_from(["C", "C#", "C++", "R", "Blogs, R-bloggers, Twitter"]), unique=True),
    st.sampled_from(";|,"),
)
def test_whatever_is_ticked_is_read_back(ticked: list[str], separator: str) -> None:
    reading = read_delimited_choice(separator.join(ticked), TOOLS, separator)
    by_text = {fold(option): name for name, option in
               {"c": "C", "cs": "C#", "cpp": "C++", "r": "R", "blogs": "Blogs, R-bloggers, Twitter"}.items()}  # fmt: skip
    assert [by_text[fold(text)] for text in ticked] == list(reading.options)


def test_the_definition_is_loaded_as_a_user_would_write_it(tmp_path: Path) -> None:
    small_survey(tmp_path, LIKES, form_csv="likes\nLikes\n")
    assert load_study(tmp_path).definition.survey is not None


@pytest.mark.parametrize("text", ["1e308", "-1e101", "inf"])
def test_a_number_beyond_all_measure_is_no_answer(text: str) -> None:
    assert parse_number(text) is None
