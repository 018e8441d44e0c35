"""The spreadsheet has its front sheets, holds the published numbers, and no text in it acts."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from plait.disclosure.rules import PROFILES
from plait.errors import StudyError
from plait.report.blocks import legible
from plait.report.published import Published
from plait.report.spreadsheet import write_spreadsheet
from plait.report.workbook import Sheet, with_safe_names, write_workbook
from report.make_published import empty_published, make_definition, make_published
from report.test_html import HOSTILE, hostile

pytestmark = pytest.mark.rendering


def written(path: Path, published: Published | None = None, **changes: Any) -> Workbook:
    write_spreadsheet(make_published() if published is None else published, make_definition(), path, **changes)
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables") / "school-libraries.xlsx"


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return written(path)


def pages(book: Workbook) -> Iterator[Worksheet]:
    yield from book.worksheets


def tables(book: Workbook) -> Iterator[tuple[Worksheet, Any, list[list[Any]]]]:
    """Every sheet with its one table and the table's cells, headings first."""
    for page in pages(book):
        for table in page.tables.values():
            yield page, table, [[cell.value for cell in row] for row in page[table.ref]]


def test_numbers_end_before_the_next_column_and_stand_below_headings_that_do_so_too(book: Workbook) -> None:
    page = book["Row flow"]
    heading = next(cell for row in page.iter_rows() for cell in row if cell.value == "Rows in")
    number = heading.offset(1, 0)
    for cell in (heading, number):
        assert (cell.alignment.horizontal, cell.alignment.indent) == ("right", 1)


def test_a_tiny_number_is_shown_as_in_the_report_and_kept_whole(path: Path) -> None:
    rows = ((0.00002, "a"), (0.2, "b"))
    sheet = Sheet("Tests", "Tests", columns=("p", "Answer"), rows=rows)
    file = path.with_name("tiny.xlsx")
    write_workbook([sheet], file, title="Tests", author="us", created=datetime.date(2025, 1, 1))
    page = openpyxl.load_workbook(file)["Tests"]
    assert [page.cell(row, 1).value for row in (3, 4)] == [0.00002, 0.2]
    assert page["A3"].number_format == '"<0.001"' and page["A4"].number_format == "General"


def test_a_construct_goes_by_its_name(book: Workbook) -> None:
    labels = set(make_published().joint_display["label"]) | {"none"}
    assert set(frame(book, "Claims")["Construct"]) <= labels


def frame(book: Workbook, name: str) -> pd.DataFrame:
    _, _, cells = next(t for t in tables(book) if t[0].title == name)
    return pd.DataFrame(cells[1:], columns=cells[0])


# --- front sheets, names, titles ---------------------------------------------------------------------------------------


def test_table_names_mean_something_and_are_unique(book: Workbook) -> None:
    names = [table.displayName for _, table, _ in tables(book)]
    assert len({n.casefold() for n in names}) == len(names)
    assert all(re.fullmatch(r"table_\w{2,}", n) for n in names)
    assert "table_Uses_of_the_library" in names


def test_the_front_is_cover_contents_notes_and_the_contents_link_to_every_sheet(book: Workbook) -> None:
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    assert book.active is book["Cover"]
    listed = frame(book, "Contents")
    assert list(listed["Sheet"]) == book.sheetnames[2:]
    page = book["Contents"]
    links = {cell.value: cell.hyperlink.location for (cell,) in page[f"A3:A{page.max_row}"]}
    assert links == {name: f"'{name}'!A1" for name in book.sheetnames[2:]}
    assert not book["Cover"].tables


def test_shorthand_is_explained_above_the_table_that_uses_it_and_among_the_notes(book: Workbook) -> None:
    for page, table, cells in tables(book):
        used = set(re.findall(r"\[(c|u|z|low)\]", " ".join(str(v) for row in cells[1:] for v in row)))
        top = int(re.search(r"\d+", table.ref)[0])  # type: ignore[index]
        above = " ".join(str(page.cell(row, 1).value) for row in range(1, top))
        if page.title != "Notes":
            assert all(f"[{m}] " in above for m in used), page.title
    assert set(frame(book, "Notes")["Topic"]) >= {"[c]", "[u]", "[z]", "[low]", "Bases", "Intervals"}


def test_the_document_has_title_author_and_the_date_of_fieldwork(book: Workbook) -> None:
    about = make_definition().about
    assert book.properties.title == "What school libraries are for: tables (simulated data)"
    assert book.properties.creator == about.conducted_by
    assert book.properties.created.date() == about.fieldwork.end
    assert book.properties.modified.date() == about.fieldwork.end


def test_every_title_says_that_the_data_are_simulated_and_may_not_leave(book: Workbook, tmp_path: Path) -> None:
    for page, _, _ in tables(book):
        assert page.title in ("Contents", "Notes") or str(page["A1"].value).endswith("(simulated data)")
    internal = written(tmp_path / "a.xlsx", rules=PROFILES["internal"])
    assert internal["Profile"]["A1"].value.endswith("(not for release)")


# --- numbers -----------------------------------------------------------------------------------------------------------


def test_every_estimate_is_there_with_interval_and_bases(book: Workbook) -> None:
    shown = frame(book, "All estimates")
    estimates = make_published().survey_estimates
    assert len(shown) == len(estimates)
    columns = {
        "per_cent": "Per cent",
        "ci_low": "95% interval from",
        "ci_high": "95% interval to",
        "per_cent_unweighted": "Per cent unweighted",
        "base_unweighted": "Unweighted base",
        "base_weighted": "Weighted base",
        "base_effective": "Effective base",
    }
    for column, heading in columns.items():
        for said, value, marker in zip(shown[heading], estimates[column], estimates["marker"], strict=True):
            assert said == (f"[{marker}]" if pd.isna(value) else value)


def test_each_question_has_a_sheet_of_groups_by_answers(book: Workbook) -> None:
    shown = frame(book, "Uses of the library").set_index(["Split by", "Group"])
    estimates = make_published().survey_estimates
    for _, cell in estimates[estimates["question"] == "uses"].iterrows():
        place = (cell["break_label"], cell["group_label"]) if cell["break"] else ("Everyone", cell["group_label"])
        said = shown.loc[place, f"{cell['option_label']} (%)"]
        assert said == ("[c]" if cell["marker"] == "c" else cell["per_cent"])
    assert shown.loc[("Phase", "Special")].eq("[c]").all()
    assert shown.loc[("Phase", "All-through"), "Marker"].startswith("[u]")
    assert shown.loc[("Phase", "Primary"), "Unweighted base"] == 690


def test_a_vendors_table_has_a_sheet_of_its_own(tmp_path: Path) -> None:
    published = make_published()
    estimates = published.survey_estimates
    both = estimates[estimates["question"] == "uses"].assign(grain="breakdown", weight_set="")
    book = written(tmp_path / "a.xlsx", replace(published, survey_estimates=pd.concat([estimates, both])))
    assert {"Uses of the library", "Vendor, Uses of the library"} <= set(book.sheetnames)


def test_numbers_of_the_other_tables_are_the_published_ones(book: Workbook) -> None:
    published = make_published()
    for name, heading, values in (
        ("Row flow", "Rows kept", published.row_flow["rows_out"]),
        ("Weighting", "Value", published.weighting["value"].astype("object").fillna("[c]")),
        ("Tests", "Adjusted p", published.survey_tests["p_adjusted"]),
        ("Agreement", "Value", published.agreement["value"]),
        ("Agreement counts", "First only", published.agreement_counts["only_a"]),
        ("Coding files", "Left out", published.coding_sources["excluded"]),
        ("Coding notes", "Number", published.coding_notes["n"]),
        ("Coders", "Codings", published.coders["segments"]),
        ("Settled", "Codes in dispute", published.adjudication["disputed"]),
        ("Coding decisions", "Why", published.decisions["why"]),
        ("Saturation", "Codes in base", published.saturation["codes_in_base"]),
        ("Codes so far", "Mean of all orders", published.saturation_curve["mean"]),
        ("Saturation notes", "Codes in all, at least (Chao2)", published.saturation_summary["chao2"]),
        ("Counting notes", "Out of", published.counting_notes["of"]),
        ("Together", "With first", published.cooccurrence["n_a"]),
        ("Reconciliation", "Agreeing", published.reconciliation["agreeing"]),
        ("Cleaning", "Cells or items", published.cleaning_summary["cells"]),
        ("Withheld", "Cells", published.suppression_log["cells"]),
        ("Joint display", "Base", published.joint_display["of"]),
        ("Joined", "Cases", published.joining["cases"]),
        ("Strands by group", "Base", published.strands_by_group["of"]),
        ("Quote matrix", "Group", published.quote_matrix["group_label"]),
        ("Unlinked", "From", published.unlinked["origin_label"]),
    ):
        assert list(frame(book, name)[heading]) == list(values), name


def test_effects_that_were_withheld_are_marked_where_they_would_stand(book: Workbook) -> None:
    decisions = frame(book, "Coding decisions")
    assert list(decisions["Decision"])[:4] == ["Merge", "Recoded text", "Recoded text", "Rule that a code gives way"]
    assert list(decisions["Changed"]) == [19, "[c]", "[c]", 0, "[c]"]
    assert decisions["Date"].iloc[0] == "2 April 2025"
    steps = frame(book, "Coding steps")
    assert list(steps["Codings out"]) == [752, 1143, 391, 377, 240, "[c]", 240]


def test_theme_counts_are_there_theme_by_theme(book: Workbook) -> None:
    themes = make_published().theme_counts
    shown = frame(book, "Themes Open answers")
    counts = themes[themes["collection"] == "open_answers"]
    assert len(shown) == len(counts)
    calm = shown[(shown["Theme"] == "A calm place to be") & (shown["Split by"] == "Everyone")]
    assert list(calm["Code"])[:3] == ["whole theme", "A refuge at break", "Somewhere to do homework"]
    assert list(calm["Number"])[:3] == [88, 59, 34]


def test_a_study_whose_every_number_was_withheld_has_its_front_sheets(tmp_path: Path) -> None:
    front = ["Cover", "Contents", "Notes", "Checklists"]
    assert written(tmp_path / "a.xlsx", empty_published()).sheetnames == front


# --- nothing but text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_stays_text(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    published, definition = hostile(text)
    write_spreadsheet(published, definition, path)
    book = openpyxl.load_workbook(path)
    cells = [cell for page in pages(book) for row in page.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert legible(text) in {cell.value for cell in cells}
    outside = [cell for cell in cells if cell.hyperlink and (cell.hyperlink.target or not cell.hyperlink.location)]
    assert not outside
    assert len({n.casefold() for n in book.sheetnames}) == len(book.sheetnames)
    with zipfile.ZipFile(path) as archive:
        assert not [n for n in archive.namelist() if "externalLink" in n]
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in archive.read(name) for name in sheets)


def test_names_that_a_spreadsheet_refuses_are_made_safe() -> None:
    wanted = ("History", "a/b:c", "'quoted'", "x" * 40, "x" * 40, "", "\U0001f4da" * 20, "Cover", "cover")
    names = [s.name for s in with_safe_names(Sheet(n, "title") for n in wanted)]
    assert names[0].casefold() != "history"
    assert names[1:3] == ["a b c", "quoted"]
    assert len({n.casefold() for n in names}) == len(names)
    assert all(1 <= len(n.encode("utf-16-le")) // 2 <= 31 for n in names)


def test_a_text_that_no_cell_can_hold_stops_the_run_and_is_named(tmp_path: Path) -> None:
    published = make_published()
    joint = published.joint_display.copy()
    joint.loc[0, "meta_inference"] = "word " * 10_000
    with pytest.raises(StudyError) as caught:
        write_spreadsheet(replace(published, joint_display=joint), make_definition(), tmp_path / "a.xlsx")
    (problem,) = caught.value.problems
    assert problem.row == "sheet 'Joint display'" and problem.column == "What the strands say together"
    assert "50,000 characters" in problem.message
    assert not list(tmp_path.iterdir())


def test_a_table_larger_than_a_spreadsheet_stops_the_run(tmp_path: Path) -> None:
    sheet = Sheet("Wide", "Wide", (), tuple(f"c{i}" for i in range(16_385)), ())
    with pytest.raises(StudyError, match="more rows or columns"):
        write_workbook(
            [sheet], tmp_path / "a.xlsx", title="t", author="a", created=make_definition().about.fieldwork.end
        )


def test_no_text_lies_over_the_row_below_and_print_is_large_enough_to_read(book: Workbook) -> None:
    for page in book:
        runs = [(dim.min, dim.max, dim.width) for dim in page.column_dimensions.values()]
        width = {column: wide for first, last, wide in runs for column in range(first, last + 1)}
        for row in page.iter_rows():
            wrapped = [c for c in row if isinstance(c.value, str) and c.alignment.wrap_text]
            longest = max((len(c.value) / width[c.column] for c in wrapped), default=0.0)
            if longest > 1.2:
                assert (page.row_dimensions[row[0].row].height or 0) >= 12 * longest
        assert page.page_setup.orientation == "landscape"
        across, down = page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight
        assert down == 0  # any number of pages long
        points = 11 * 144 * across / (sum(width.values()) + (across - 1) * width.get(1, 0))
        assert points > 5.5, page.title
        assert (page.print_title_cols == "$A:$A") == (across > 1)
    assert any((page.page_setup.fitToWidth or 1) > 1 for page in book)
    assert any(row.height for row in book["Notes"].row_dimensions.values())


def test_a_short_text_of_two_lines_has_room_for_both(tmp_path: Path) -> None:
    sheet = Sheet("Words", "Words", (), ("Said",), (("two\nlines",),))
    day = make_definition().about.fieldwork.end
    write_workbook([sheet], tmp_path / "a.xlsx", title="t", author="a", created=day)
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["Words"]
    assert page["A3"].value == "two\nlines" and page.row_dimensions[3].height >= 2 * 16


# --- the file ----------------------------------------------------------------------------------------------------------

SCRIPT = """
import sys
from pathlib import Path
from plait.report.spreadsheet import write_spreadsheet
from report.make_published import make_definition, make_published
write_spreadsheet(make_published(), make_definition(), Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_the_same_bytes_whatever_the_hash_seed_time_zone_and_locale(tmp_path: Path) -> None:
    here = [str(Path(__file__).resolve().parents[2] / folder) for folder in ("src", "tests")]  # not another checkout
    files = []
    for i, surroundings in enumerate(
        ({"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "LC_ALL": "C"})
    ):
        file = tmp_path / f"{i}.xlsx"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(here), **surroundings}
        subprocess.run([sys.executable, "-c", SCRIPT, str(file)], env=environment, check=True)
        files.append(file.read_bytes())
    assert files[0] == files[1]
