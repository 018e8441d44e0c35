"""A study worded by an enemy ends in its outputs, and in each of them the words are text and nothing else."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from bs4 import BeautifulSoup

from hostile_study import SAID, SCRIPT, write_hostile_study
from visits import Visit
from workflow_runs import copy_project, snakemake

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    study = write_hostile_study(folder / "study", "hostile")
    project = copy_project(folder / "project")
    run = snakemake(project, "--cores", "2", "--config", f"studies={{hostile: '{study}'}}", "only=hostile")
    assert run.code == 0, run.said
    return project / "results" / "hostile"


def test_pages_hold_the_words_as_text(out: Path) -> None:
    said = BeautifulSoup((out / "report" / "report.html").read_text(encoding="utf-8"), "html.parser")
    assert said.title is not None
    assert SCRIPT in said.get_text()
    assert SAID in said.get_text()
    assert not [tag for tag in said.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert not [a for a in said.find_all("a") if not str(a.get("href", "#")).startswith("#")]
    assert len(said.find_all("h1")) == 1


def test_drawings_hold_no_element_of_theirs(out: Path) -> None:
    drawn = [ElementTree.parse(path).getroot() for path in sorted(out.glob("figures/*.svg"))]
    assert len(drawn) > 5
    assert any(SCRIPT in "".join(svg.itertext()) for svg in drawn)
    elements = [element for svg in drawn for element in svg.iter()]
    assert not {e.tag.rpartition("}")[2] for e in elements} & {"script", "img", "image", "a", "foreignObject", "iframe"}
    assert not [name for e in elements for name in e.attrib if name.startswith("on")]


def test_the_spreadsheet_has_no_formula_and_no_link(out: Path) -> None:
    book = openpyxl.load_workbook(out / "tables" / "hostile.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert any(SCRIPT in str(cell.value) for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if cell.hyperlink and cell.hyperlink.target]


def test_tables_are_guarded(out: Path) -> None:
    """No cell of a published table starts as a formula would, unless it is a number."""
    for path in sorted(out.glob("published/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not [c for c in row if re.match(r" *[=+@\t\r-]", c) and not re.fullmatch(r"-[\d.e-]+", c)]


@pytest.mark.browser
def test_in_a_browser_nothing_runs(out: Path, open_page: Callable[..., Visit]) -> None:
    pages = [out / "report" / "report.html", *sorted(out.glob("notebooks/*.html"))]
    assert len(pages) == 5
    for page in pages:
        visit = open_page(page)
        visit.open_folds()
        assert (page.name, visit.outside, visit.complaints) == (page.name, [], [])
        assert "<script>alert('ran')</script>" in visit.page.locator("body").inner_text()


def test_word_and_pdf_hold_the_words_as_text(out: Path) -> None:
    from docx import Document
    from pypdf import PdfReader

    document = Document(str(out / "report" / "report.docx"))
    assert any(SAID in paragraph.text for paragraph in document.paragraphs)
    pdf = PdfReader(out / "report" / "report.pdf")
    assert "alert('ran')" in "".join(page.extract_text() for page in pdf.pages)
    actions = ("/JavaScript", "/JS", "/Launch", "/URI", "/OpenAction", "/AA")
    raw = (out / "report" / "report.pdf").read_bytes().decode("latin-1")
    assert not [action for action in actions if re.search(rf"{action}\b", raw)]
