import pytest

from plait.errors import Problems, StudyError
from plait.qualitative.codebook import CodeNames, ToolCode, codes_table, draft_codebook
from plait.qualitative.coded_file import FileCode
from plait.study.side_files import CodebookEntry
from qualitative.coded_files import BOOK, code, messages, theme

NAMES = CodeNames.of(BOOK)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (("time_cover",), "time_cover"),
        (("Cover",), "time_cover"),
        (("weekly slot",), "time_meetings"),
        ((" Weekly  slot".replace("W", "w"),), "time_meetings"),
        (("Time/Cover",), "time_cover"),
        (("Time > Cover",), "time_cover"),
        (("Time\\Cover",), "time_cover"),
        (("Time::Cover",), "time_cover"),
        (("time/weekly slot",), "time_meetings"),
        (("Time", "Cover"), "time_cover"),
        (("Nodes", "Time", "Cover"), "time_cover"),
        (("My folder", "Cover"), "time_cover"),
        (("Time",), "time"),
        (("Money", "time_cover"), "time_cover"),
    ],
)
def test_a_code_is_found_by_any_of_its_names(path: tuple[str, ...], meant: str) -> None:
    assert NAMES.find(path) == (meant,)


@pytest.mark.parametrize("path", [("cover",), ("Money", "Cover"), ("Money/Cover",), ("Tme/Cover",), ("",)])
def test_a_near_or_misplaced_name_is_no_match(path: tuple[str, ...]) -> None:
    assert NAMES.find(path) == ()


def test_an_accent_matches_however_it_is_composed() -> None:
    names = CodeNames.of([code("cafe", label="café")])
    assert names.find(("cafe\u0301",)) == ("cafe",)


def test_a_label_of_two_codes_needs_its_theme() -> None:
    names = CodeNames.of([theme("time"), theme("money"), code("t", "time", "General"), code("m", "money", "General")])
    assert names.find(("General",)) == ("t", "m")
    assert names.find(("Money", "General")) == ("m",)
    assert names.find(("Time/General",)) == ("t",)


def test_all_unknown_names_are_told_at_once_and_once_each() -> None:
    problems = Problems()
    used = [ToolCode((name,), row, "code") for row, name in enumerate(["Cover", "Covr", "Xyz", "Covr"], start=2)]
    used = [ToolCode(u.path, f"row {u.row}", u.column) for u in used]
    assert NAMES.translate(used, "a.csv", problems) == {("Cover",): "time_cover"}
    with pytest.raises(StudyError) as error:
        problems.raise_if_any()
    first, second = messages(error.value)
    assert "a.csv, row 3, column 'code': the code 'Covr' is not in the codebook" in first
    assert "did you mean 'Cover'?" in first
    assert "row 4" in second


def test_an_ambiguous_name_is_told_with_its_meanings() -> None:
    names = CodeNames.of([theme("time"), theme("money"), code("t", "time", "General"), code("m", "money", "General")])
    problems = Problems()
    names.translate([ToolCode(("General",))], "a.csv", problems)
    assert "may mean any of the codes t, m" in str(problems.found[0])


def test_an_alias_beside_another_name_would_merge_codes() -> None:
    codes = NAMES.translate([ToolCode(("weekly slot",)), ToolCode(("Meetings",))], "a.csv", Problems())
    assert NAMES.merged(codes) == {"time_meetings": ["Meetings", "weekly slot"]}
    assert NAMES.merged(NAMES.translate([ToolCode(("Cover",)), ToolCode(("time_cover",))], "a.csv", Problems())) == {}


def test_the_table_of_codes_keeps_the_order_of_the_codebook() -> None:
    table = codes_table(BOOK)
    assert list(table["code"]) == [entry.code for entry in BOOK]
    assert list(table["order"]) == list(range(len(BOOK)))
    assert table.set_index("code").loc["time_cover", "parent"] == "time"


def test_a_drafted_codebook_knows_every_code_of_the_tool() -> None:
    paths = [
        ("Time",),
        ("Time", "Cover"),
        ("Money", "Cover"),
        ("Money", "=1+1"),
        ("時間",),
        ("Money", "Cover", "x | y"),
    ]
    draft = draft_codebook([FileCode(str(n), path, "What it\n means") for n, path in enumerate(paths)])
    assert list(draft["code"]) == ["time", "time_cover", "money", "money_cover", "money_1_1", "code", "money_cover_x_y"]
    assert list(draft["kind"]) == ["theme", "code", "theme", "code", "code", "code", "code"]
    assert list(draft["parent"]) == ["", "time", "", "money", "money", "", "money"]
    assert list(draft["label"])[-1] == "Cover / x | y"
    assert set(draft["definition"]) == {"What it means", ""}  # nobody defined Money, which only stands above others
    book = [
        CodebookEntry(**{str(k): v for k, v in row.items() if v and k != "aliases"}, aliases=row["aliases"])
        for row in draft.to_dict("records")
    ]
    names = CodeNames.of(book)
    assert [names.find(path) for path in paths] == [
        ("time",),
        ("time_cover",),
        ("money_cover",),
        ("money_1_1",),
        ("code",),
        ("money_cover_x_y",),
    ]
