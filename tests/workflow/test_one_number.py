"""One number, five places: page, Word, PDF, spreadsheet and figure data say what the published tables say."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from bs4 import BeautifulSoup, Tag

from report.pdf_reading import cells_in, read_pdf, squeezed
from report.word_reading import word_tables

pytestmark = pytest.mark.workflow
STUDIES = ["ecf-rural-coastal", "ite-mentors"]
_NUMERAL = re.compile(r"-?[\d,]+(\.\d+)?")
Row = dict[str, str]


@pytest.fixture(scope="module", params=STUDIES)
def out(project: Path, request: pytest.FixtureRequest) -> Path:
    """The results of a study."""
    return project / "results" / str(request.param)


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def estimates(out: Path) -> list[Row]:
    return rows(out / "published" / "survey_estimates.csv")


@pytest.fixture(scope="module")
def page(out: Path) -> BeautifulSoup:
    return BeautifulSoup((out / "report" / "report.html").read_text(encoding="utf-8"), "html.parser")


def of_everyone(estimates: list[Row]) -> Iterator[Row]:
    return (r for r in estimates if not r["break"] and r["grain"] == "respondent")


def shown(number: str, marker: str) -> str:
    """A number as it is printed, with what is remarked on it."""
    return f"{int(number):,}" + (f" [{marker}]" if marker else "") if number else f"[{marker}]"


def text(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def test_the_page_has_every_published_estimate_of_everyone(estimates: list[Row], page: BeautifulSoup) -> None:
    checked = 0
    for row in of_everyone(estimates):
        section = page.find(id=f"question-{row['question']}")
        assert isinstance(section, Tag)
        table = next(t for t in section.find_all("table") if "Per cent" in map(text, t.select("thead th")))
        heads = [text(th) for th in table.select("thead th")]
        names = {row["option_label"], f"Net: {row['option_label']}"}
        (line,) = [tr for tr in table.select("tbody tr") if text(tr.find("th")) in names]
        cells = dict(zip(heads, map(text, line.find_all(["th", "td"])), strict=True))
        assert cells["Per cent"] == shown(row["per_cent"], row["marker"]), row
        assert cells["Unweighted base"] == shown(
            row["base_unweighted"], "" if row["base_unweighted"] else row["marker"]
        )
        if row["per_cent"]:
            assert cells["95% interval"] == f"{row['ci_low']} to {row['ci_high']}", row
        checked += 1
    assert checked > 20


def test_word_and_pdf_have_the_cells_of_the_page(out: Path, page: BeautifulSoup) -> None:
    """Number by number of every table, in order."""
    of_page = {number_of(text(t.caption)): numbers(cells_of(t)) for t in page.find_all("table") if t.caption}
    from docx import Document

    document = Document(str(out / "report" / "report.docx"))
    captions = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Table Caption"]
    found = zip(captions, word_tables(out / "report" / "report.docx"), strict=True)
    of_word = {number_of(c): numbers([squeezed(cell) for row in table[1:] for cell in row]) for c, table in found}
    root = read_pdf(out / "report" / "report.pdf").root
    above = [number_of(c.text) for c in root.all("Caption") if c.text.startswith("Table")]
    of_pdf = dict(zip(above, map(cells_in, root.all("Table")), strict=True))
    assert len(of_page) > 30
    assert set(of_word) == set(of_pdf) <= set(of_page)
    assert len(of_word) > 30
    assert {n: c for n, c in of_word.items() if c != of_page[n]} == {}
    assert {n: c for n, c in of_pdf.items() if numbers(c) != of_page[n]} == {}


def cells_of(table: Tag) -> list[str]:
    """The cells of a table row by row; a heading of several rows is in each of them, as paper repeats it."""
    cells: list[str] = []
    above: list[tuple[int, str]] = []
    for line in table.select("tbody tr"):
        above = [(left - 1, said) for left, said in above if left > 1]
        cells += [said for _, said in above]
        for cell in line.find_all(["th", "td"]):
            said = squeezed(cell.get_text())
            cells.append(said)
            if cell.get("rowspan"):
                above.append((int(str(cell["rowspan"])), said))
    return cells


def number_of(caption: str) -> int:
    return int(re.findall(r"\d+", caption)[0])


def numbers(cells: list[str]) -> list[str]:
    return [cell for cell in cells if _NUMERAL.fullmatch(cell)]


def test_the_spreadsheet_has_every_published_estimate(out: Path, estimates: list[Row]) -> None:
    sheet = openpyxl.load_workbook(out / "tables" / f"{out.name}.xlsx")["All estimates"]
    lines = list(sheet.iter_rows(values_only=True))
    start = next(i for i, line in enumerate(lines) if line[0] == "Question")
    found = [dict(zip(lines[start], line, strict=True)) for line in lines[start + 1 :]]
    columns = {
        "Per cent": "per_cent", "95% interval from": "ci_low", "95% interval to": "ci_high",
        "Per cent unweighted": "per_cent_unweighted", "Unweighted base": "base_unweighted",
        "Weighted base": "base_weighted", "Effective base": "base_effective",
    }  # fmt: skip
    assert len(found) == len(estimates) > 100
    for line, row in zip(found, estimates, strict=True):
        assert (line["Question"], line["Group"]) == (row["question_label"], row["group_label"])
        for heading, column in columns.items():
            number = row[column]
            assert line[heading] == float(number) if number else not isinstance(line[heading], float | int), row


def test_the_data_of_figures_are_the_published_estimates(out: Path, estimates: list[Row]) -> None:
    published = {
        (r["question"], r["option"], r["group"]): (r["per_cent"], r["base_unweighted"])
        for r in estimates
        if not r["break"] and r["grain"] == "respondent"
    }
    checked = 0
    for path in sorted((out / "figures").glob("*.csv")):
        kind, _, question = path.stem.partition("_")
        if kind not in ("bars", "likert", "stacked"):
            continue
        for row in (r for r in rows(path) if not r.get("group")):
            known = published.get((question, row["option"], ""))
            if known is not None:
                assert (row["per_cent"], row["base_unweighted"]) == known, (path.name, row)
                checked += 1
    assert checked > 10


def test_what_a_drawing_prints_is_in_its_data(out: Path) -> None:
    """Every per cent written in the bars of a question stands in the data beside them."""
    from xml.etree import ElementTree

    for path in sorted((out / "figures").glob("bars_*.svg")):
        words = [w.strip() for t in ElementTree.parse(path).iter() if t.tag.endswith("text") for w in t.itertext()]
        drawn = {w.removesuffix("%") for w in words if re.fullmatch(r"\d+%", w)}
        data = rows(path.with_suffix(".csv"))
        assert drawn <= {r["per_cent"] for r in data}, path.name
        assert len(drawn) == len({r["per_cent"] for r in data if r["marker"] != "low"}), path.name
