"""Delimited text: encodings, delimiters, malformed rows. F-numbers are those of the project's list of faults."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.delimited import each_record
from plait.errors import Problems, StudyError
from plait.survey.readers import RawExport, read_export
from plait.tabular import encodings, sound_text
from plait.tabular.encodings import MAC, WINDOWS, decode
from plait.tabular.sound_text import sound_grid


def read(tmp_path: Path, content: bytes | str, **how: object) -> RawExport:
    file = tmp_path / "a.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_export(file, name="a.csv", **how)  # type: ignore[arg-type]


def complaint(tmp_path: Path, content: bytes | str, **how: object) -> str:
    with pytest.raises(StudyError) as caught:
        read(tmp_path, content, **how)
    return str(caught.value)


def said(export: RawExport, words: str) -> int:
    """The count of the notes that hold some words."""
    return sum(note.count for note in export.notes if words in note.message)


# --- faults -------------------------------------------------------------------------------------------------------------


def test_f05_a_truncated_last_line_is_refused_with_its_number(tmp_path: Path) -> None:
    assert "row 3: has 2 fields, fewer than the 3" in complaint(tmp_path, "id,a,b\n1,2,3\n4,5")


def test_f05_a_file_cut_inside_a_quoted_cell_is_refused(tmp_path: Path) -> None:
    message = complaint(tmp_path, 'id,a\n1,x\n2,"cut of')
    assert "row 3" in message
    assert "not closed" in message


def test_f08_f09_every_long_and_short_row_is_named_at_once(tmp_path: Path) -> None:
    message = complaint(tmp_path, "id,a\n1,2,3\n4,5\n6\n7,8\n9,10,11\n")
    assert "3 problems" in message
    for words in ("row 2: has 3 fields, more than the 2", "row 4: has 1 fields, fewer", "row 6: has 3 fields"):
        assert words in message


def test_bad_rows_and_absent_columns_are_told_together(tmp_path: Path) -> None:
    message = complaint(tmp_path, "id,a\n1,2\n3\n", required=("id", "region"))
    assert "row 3: has 1 fields" in message
    assert "no column 'region'" in message


def test_f08_a_first_row_that_is_one_field_longer_does_not_shift_the_columns(tmp_path: Path) -> None:
    assert "row 2: has 3 fields" in complaint(tmp_path, "id,a\n1,2,3\n4,5\n6,7\n8,9\n")


def test_f10_repeated_columns_get_numbers_and_are_noted(tmp_path: Path) -> None:
    export = read(tmp_path, "id,Other,None,Other\n1,a,None,b\n")
    assert list(export.rows.columns) == ["id", "Other (1)", "None", "Other (2)"]
    assert said(export, "columns have this name") == 2


def test_f10_a_repeated_column_cannot_be_asked_for_without_its_number(tmp_path: Path) -> None:
    message = complaint(tmp_path, "id,Other,Other\n1,a,b\n", required=("id", "Other"))
    assert "2 columns called 'Other'" in message
    assert "'Other (1)' to 'Other (2)'" in message
    assert read(tmp_path, "id,Other,Other\n1,a,b\n", required=("Other (2)",)).rows["Other (2)"].tolist() == ["b"]


def test_f10_numbers_that_meet_a_name_of_the_file_are_refused(tmp_path: Path) -> None:
    assert "columns called 'a (1)'" in complaint(tmp_path, "id,a,a,a (1)\n1,2,3,4\n")


def test_f11_f12_answers_that_look_missing_and_ids_stay_what_they_are(tmp_path: Path) -> None:
    cells = ["None", "NA", "N/A", "n/a", "null", "nan", "007", "12345678901234567", "3.0", "1e5", "TRUE", "-"]
    export = read(tmp_path, "id,a\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    assert export.rows["a"].tolist() == cells
    assert str(export.rows["a"].dtype) == "str"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_f13_unicode_is_read_with_and_without_its_mark(tmp_path: Path, encoding: str) -> None:
    marks = {"utf-16-le": b"", "utf-16-be": b""}
    content = marks.get(encoding, b"") + "id\tQuestion – “why”?\n007\tcafé, N/A\n008\tthe rest of it\n".encode(encoding)
    export = read(tmp_path, content)
    assert export.rows.to_numpy().tolist() == [["007", "café, N/A"], ["008", "the rest of it"]]
    assert list(export.rows.columns) == ["id", "Question – “why”?"]
    assert export.delimiter == "\t"


def test_f13_a_declared_encoding_wins_and_a_wrong_one_is_refused_with_the_row(tmp_path: Path) -> None:
    content = "id,a\n1,Brand™\n".encode(WINDOWS)
    assert read(tmp_path, content, encoding="windows-1252").rows["a"].tolist() == ["Brand™"]
    assert read(tmp_path, content, encoding="mac_roman").rows["a"].tolist() == ["Brandô"]
    assert "row 2: is not UTF-8 text" in complaint(tmp_path, content, encoding="utf-8")
    assert "not known" in complaint(tmp_path, content, encoding="utf-9")
    assert "not known" in complaint(tmp_path, content, encoding="base64")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_f14_the_delimiter_is_found(tmp_path: Path, mark: str) -> None:
    export = read(tmp_path, f'id{mark}a{mark}"b,;|\tz"\n1{mark}2{mark}x\n3{mark}4{mark}"y,;|\tz"\n')
    assert export.delimiter == mark
    assert export.rows.iloc[1].tolist() == ["3", "4", "y,;|\tz"]


def test_f14_a_delimiter_that_could_be_either_is_asked_for(tmp_path: Path) -> None:
    content = "a,b;c\n1,2;3\n"
    message = complaint(tmp_path, content)
    assert "commas" in message
    assert "semicolons" in message
    assert "`delimiter:`" in message
    assert list(read(tmp_path, content, delimiter=";").rows.columns) == ["a,b", "c"]


def test_f14_a_wrong_declared_delimiter_is_said(tmp_path: Path) -> None:
    assert "single column, but its header holds semicolons" in complaint(tmp_path, "a;b\n1;2\n", delimiter=",")


def test_f14_a_delimiter_inside_answers_does_not_mislead(tmp_path: Path) -> None:
    export = read(tmp_path, "id,langs\n1,R;Python;\n2,R;C++;\n3,C;\n")
    assert export.delimiter == ","
    assert export.rows["langs"].tolist() == ["R;Python;", "R;C++;", "C;"]


def test_f14_a_line_that_declares_the_separator_is_followed_and_counts_as_a_line(tmp_path: Path) -> None:
    export = read(tmp_path, "sep=;\r\na;b\r\n1,5;2\r\n")
    assert export.rows.to_numpy().tolist() == [["1,5", "2"]]
    assert export.rows.index.tolist() == [3]


def test_f15_nul_and_control_bytes_are_removed_and_counted_by_column(tmp_path: Path) -> None:
    export = read(tmp_path, b"id,a\n1,x\x00y\n2,\x0b\x1bz\x7f\n3,keep\ttab\n" + b"4,plain\n" * 50)
    assert export.rows["a"].tolist()[:3] == ["xy", "z", "keep\ttab"]
    assert said(export, "control characters") == 4


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_f16_line_ends_of_every_kind_give_the_same_rows(tmp_path: Path, ends: str) -> None:
    export = read(tmp_path, ends.join(["id,a", "1,x", '2,"two', 'lines"', "3,z", ""]))
    assert export.rows["a"].tolist() == ["x", f"two{ends}lines", "z"]
    assert export.rows.index.tolist() == [2, 3, 5]


def test_f16_mixed_line_ends_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "id,a\r\n1,x\n2,y\r3,z").rows.index.tolist() == [2, 3, 4]


def test_f17_an_unclosed_quote_is_refused_with_the_line_where_it_opens(tmp_path: Path) -> None:
    message = complaint(tmp_path, 'id,a,b\n1,x,y\n2,"open,y\n3,x,y\n4,x,y\n')
    assert "row 3" in message
    assert "not closed" in message


def test_f18_a_cell_of_twenty_megabytes_is_refused_with_a_reason(tmp_path: Path) -> None:
    message = complaint(tmp_path, b"id,a\n1,x\n2," + b"y" * 20_000_000 + b"\n")
    assert "row 3" in message
    assert "10 million characters" in message


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"  \r\n", codecs.BOM_UTF16_LE])
def test_f20_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    assert "is empty" in complaint(tmp_path, content)


def test_f20_a_header_alone_is_not_taken_for_an_export_without_respondents(tmp_path: Path) -> None:
    assert "no answers below it" in complaint(tmp_path, "id,a\n")
    assert "no answers below it" in complaint(tmp_path, "id,a\n,\n")


# --- Windows or Mac -----------------------------------------------------------------------------------------------------

SENTENCES = {
    "English": "I don’t know – “maybe” it’s OK… we’re at the café",
    "contractions": "I don’t think we’re ready, they’ll see",
    "French": "École créée, l’été où ça va être très cher, à côté; qu’il",
    "Spanish": "¿Qué país está en el año? El niño más alto",
    "German": "Größe über Straße, schön. Ärger",
    "Portuguese": "não, a informação está aí",
    "Italian": "così è più di là, perché lì",
    "degrees": "20°C, 5–10 years",
    "no-break space": "Not much\u00a0,N/A,N/A",
}


@pytest.mark.parametrize("encoding", [WINDOWS, MAC])
@pytest.mark.parametrize("language", SENTENCES)
def test_windows_and_mac_texts_are_told_apart_by_their_neighbours(language: str, encoding: str) -> None:
    text = f"id;answer\n1;{SENTENCES[language]}\n"
    decoded = decode(text.encode(encoding), name="a.csv")
    assert decoded.text == text
    assert decoded.encoding == encoding
    assert encoding in decoded.notes[0].message


def test_a_text_that_reads_the_same_both_ways_is_not_refused() -> None:
    assert decode("It cost £5".encode(WINDOWS), name="a.csv").text == "It cost £5"


@pytest.mark.parametrize("word", ["Brand™ x", "CAFÉ"])
def test_a_text_plausible_both_ways_is_refused_with_both_readings(word: str) -> None:
    with pytest.raises(StudyError) as caught:
        decode(word.encode(WINDOWS), name="a.csv")
    for words in (word[:5], "windows-1252", "mac_roman", "`encoding:"):
        assert words in str(caught.value)


def test_every_passage_in_question_is_named_with_its_row_and_both_readings() -> None:
    with pytest.raises(StudyError) as caught:
        decode("id\twhat\nBrand™ x\nplain\nBrand™ x\nCAFÉ\n".encode(WINDOWS), name="a.csv")
    message = str(caught.value)
    assert "reads row 2 'Brand™ x' or 'Brandô x'; row 5 'CAFÉ' or 'CAF…'\n" in message
    assert message.count("Brand™ x") == 1
    assert "set `encoding: windows-1252` or `encoding: mac_roman`" in message


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Привет, как дела"),
        ("koi8-r", "Привет, как дела"),
        ("cp850", "café à la crème"),
        ("shift_jis", "日本語のテキスト"),
        ("cp1250", "Příliš žluťoučký kůň"),
    ],
)
def test_a_third_encoding_is_not_taken_for_one_of_the_two(encoding: str, text: str) -> None:
    with pytest.raises(StudyError, match="cannot be told"):
        decode(text.encode(encoding), name="a.csv")


# --- cells and columns --------------------------------------------------------------------------------------------------


def test_marks_inside_cells_and_no_break_spaces_at_their_ends_are_taken_out_and_counted(tmp_path: Path) -> None:
    export = read(tmp_path, "id,a,b\n1,\ufeff1 (None at all),x\n2, Not\u00a0much\u00a0 ,\u00a0\n3, y ,   \n")
    assert export.rows["a"].tolist() == ["1 (None at all)", "Not\u00a0much", " y "]
    assert export.rows["b"].tolist() == ["x", "", ""]
    assert said(export, "byte-order marks") == 1
    assert said(export, "no-break spaces") == 2
    assert said(export, "only spaces") == 1


def test_lost_characters_are_noted(tmp_path: Path) -> None:
    assert said(read(tmp_path, "id,a\n1,souffl\ufffd\n"), "lost before this file") == 1


def test_rows_without_content_are_left_out_and_counted(tmp_path: Path) -> None:
    export = read(tmp_path, "id,a\n1,x\n,\n,\u00a0\n2,y\n,\n")
    assert export.rows.index.tolist() == [2, 5]
    assert said(export, "without any content") == 3


def test_unnamed_columns_are_called_by_their_place_and_empty_ones_left_out(tmp_path: Path) -> None:
    export = read(tmp_path, ",id,,,q\n0,1,x,,y\n1,2,,,z\n")
    assert list(export.rows.columns) == ["(column 1)", "id", "(column 3)", "q"]
    assert said(export, "no name in the file") == 2
    assert said(export, "without a name or content") == 1


def test_a_definition_may_write_plain_spaces_quotes_and_dashes(tmp_path: Path) -> None:
    header = 'id,"1) Your role:&nbsp; Professor&nbsp;","Don’t <b>you</b><br>know – why?"'
    wanted = ("id", "1) Your role: Professor", "Don't you know - why?")
    export = read(tmp_path, f"{header}\n1,x,y\n", required=wanted)
    assert tuple(export.rows.columns) == wanted
    assert said(export, "in the file") == 2


def test_an_evened_out_name_that_fits_two_columns_is_refused(tmp_path: Path) -> None:
    message = complaint(tmp_path, "id,Other&nbsp;why,Other\u00a0why\n1,x,y\n", required=("Other why",))
    assert "could be any of" in message
    export = read(tmp_path, "id,Other&nbsp;why,Other why\n1,x,y\n", required=("Other why",))
    assert export.rows["Other why"].tolist() == ["y"]


def test_absent_columns_are_all_named_with_the_nearest(tmp_path: Path) -> None:
    message = complaint(tmp_path, "user_id,phase\n1,x\n", required=("userid", "phase", "region"))
    assert "2 problems" in message
    assert "did you mean 'user_id'" in message


def test_two_exports_pasted_into_one_file_are_refused(tmp_path: Path) -> None:
    assert "row 4: repeats the header" in complaint(tmp_path, "id,a\n1,x\n2,y\nid,a\n1,z\n")


def test_keys_that_do_not_apply_are_refused(tmp_path: Path) -> None:
    assert "`sheet:` does not apply" in complaint(tmp_path, "id,a\n1,x\n", sheet="Data")
    assert "content is csv" in complaint(tmp_path, "id,a\n1,x\n", format="xlsx")
    assert "did you mean 'xlsx'" in complaint(tmp_path, "id,a\n1,x\n", format="xslx")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 x", "PDF"),
        (b"\x1f\x8b\x08\x00 x", "gzip"),
        (b"<html><table>", "web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
    ],
)
def test_a_file_of_another_kind_is_called_what_it_is(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in complaint(tmp_path, content)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Cf"))), min_size=3, max_size=3)
        .map(lambda cells: ["id", *cells]),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
def test_whatever_text_is_written_comes_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]], encoding: str, ends: str
) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [["id", "a", "b", "c"], *cells]]
    file = tmp_path_factory.mktemp("round") / "a.csv"
    file.write_bytes(ends.join(lines).encode(encoding))
    export = read_export(file, name="a.csv", delimiter=",", layout="generic", header_rows=1)
    kept = [[c if not c.isspace() else "" for c in row] for row in cells]
    assert export.rows.to_numpy().tolist() == kept


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(['"', '""', ",", "\n", "\r\n", "\r", "a", "é", " ", '"b"', '"c\n,"', ",,"]), max_size=40),
    st.sampled_from([",", ";"]),
    st.sampled_from([1, 2, 3, 7, 1000]),
)
def test_the_quick_way_reads_what_the_strict_way_reads_or_steps_aside(
    scraps: list[str], delimiter: str, block: int
) -> None:
    """However many bytes are looked at together."""
    text = "".join(scraps).replace(",", delimiter)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sound_text, "_BLOCK", block)
        grid = sound_text.sound_grid(text.encode(), delimiter)
    problems = Problems()
    records = list(each_record(text, delimiter, name="a.csv", problems=problems))
    sound = bool(records) and not problems.found and len({len(cells) for _, cells in records}) == 1
    if grid is not None:
        assert sound
        assert grid.lines.tolist() == [line for line, _ in records]
        assert [list(row) for row in zip(*(c.to_pylist() for c in grid.columns), strict=True)] == [
            c for _, c in records
        ]


def test_sound_text_takes_the_quick_way() -> None:
    assert sound_grid(b'id,a\n1,"x, ""y""\nz"\n2,\n', ",") is not None
    assert sound_grid(b"id,a\n1,x\n2\n", ",") is None
    assert sound_grid(b'id,a\n1,5" pipe\n', ",") is None


def test_utf_8_is_looked_at_in_pieces_that_cut_no_character(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "aé€😀" * 30
    for piece in (4, 5, 6, 7, 11):
        monkeypatch.setattr(encodings, "_PIECE", piece)
        assert decode(text.encode(), name="a.csv").text == text
        with pytest.raises(StudyError, match="byte 270"):  # of ten bytes each, the 28th is broken off
            decode(text.encode()[:270] + b"\xff" + text.encode()[270:], name="a.csv", encoding="utf-8")
