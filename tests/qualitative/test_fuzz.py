"""Whatever is done to a file of coded text, its reading ends in a table or in words."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.qualitative.coded_file import Conventions
from plait.qualitative.recognition import FORMATS, read_coded_file
from qualitative import test_dedoose, test_maxqda, test_nvivo, test_qualcoder, test_rock, test_rqda, test_taguette
from qualitative.coded_files import COVER, PAY, coding, project_xml, selection, source, write_qdpx
from qualitative.test_error_cases import POSITIONS
from qualitative.test_word_comments import comment, members, paragraph
from qualitative.written_files import delimited, old_workbook, workbook, zipped

pytestmark = pytest.mark.slow

TEXT = "Nobody covers my class, and \U0001f600 the pay is poor.\r\nMeetings eat the evenings."
QUOTATIONS = ["ID", "Document", "Quotation Content", "Codes", "Number of Codes", "Created by", "Reference"]
SCRIPT = Path(__file__).with_name("fuzzing_all.py")


def write_all(folder: Path) -> None:
    """A small sound file of every kind that is read."""
    parts = selection(0, 13, coding(COVER), name="Nobody covers"), selection(13, 22, coding(PAY))
    xml = project_xml(
        source("T1", *parts, path="internal://t1.txt"), source("T2", "<PlainTextContent>x</PlainTextContent>")
    )
    write_qdpx(folder, xml, {"t1.txt": TEXT.encode()}).rename(folder / "refi.qdpx")
    (folder / "book.qdc").write_bytes(
        b'<?xml version="1.0"?><CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes><Code guid="a" name="Pay"/></Codes>'
        b"</CodeBook>"
    )
    test_taguette.project(folder / "taguette.sqlite3", test_taguette.GOOD, [(n, 1 + n % 2) for n in range(100, 140)])
    delimited(folder / "highlights.csv", [["id", "document", "tag", "content"], *([["1", "a", "pay", "x\u00e9"]] * 3)])
    delimited(folder / "tags.csv", [["tag", "description", "number of highlights"], ["pay", "x", "3"]])
    texts = [test_qualcoder.text_row(n, 1 + n % 3, "day is full", owner=f"Coder {n % 2}") for n in range(1, 12)]
    test_qualcoder.project(folder / "qualcoder.qda", texts)
    delimited(folder / "report.csv", [test_qualcoder.HEADER, *test_qualcoder.LINES])
    test_rqda.project(
        folder / "project.rqda", [test_rqda.coding(1 + n % 2, said) for n, said in enumerate(test_rqda.QUOTES)]
    )
    (folder / "source.rock").write_text(test_rock.TREE + test_rock.SOURCE, encoding="utf-8")
    workbook(folder / "maxqda.xlsx", [test_maxqda.ENGLISH, *test_maxqda.ROWS])
    delimited(folder / "variables.csv", [["Document group", "Document name", "Phase"], ["a", "P1", "2"]])
    delimited(
        folder / "quotations.csv", [QUOTATIONS, ["1:1", "Talk", "words", "Pay, Cover", 2, "Ann", "\u00b6 2"]], ";"
    )
    delimited(folder / "manager.csv", [["Code", "Grounded", "Density"], ["Pay", 3, 0]])
    workbook(folder / "dedoose.xlsx", [test_dedoose.HEADER, *test_dedoose.ROWS])
    delimited(
        folder / "dedoose_codes.csv", [["Id", "Parent Id", "Depth", "Title"], [1, "", 0, "Pay"], [2, 1, 1, "Cover"]]
    )
    workbook(folder / "trial.xlsx", test_nvivo.MATRIX).rename(folder / "matrix.xlsx")
    (folder / "code.txt").write_text(test_nvivo.ENGLISH, encoding="utf-8")
    body = [paragraph("<0", "Nobody covers ", "<1", "my", ">0", "@0", " class", ">1", "@1")]
    zipped(folder / "comments.docx", members(body, [comment(0, "Cover"), comment(1, "Pay; Time")]))
    rows = [["P1", "Talk", "Cover", "Ann", "words", "", ""], ["P2", "Talk", "Pay", "Ben", "more", "3", "7"]]
    delimited(folder / "codings.csv", [POSITIONS, *rows], "\t", "utf-16")
    old_workbook(folder / "codings.xls", [POSITIONS, *rows])


@pytest.mark.skipif(sys.platform == "win32", reason="the caps are those of POSIX")
def test_only_words_come_out(tmp_path: Path) -> None:
    write_all(tmp_path)
    kinds = len(list(tmp_path.glob("*.*")))
    paths = os.pathsep.join([str(SCRIPT.parents[1]), *sys.path])
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), "20240514", "40"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
    assert len(done.stdout.splitlines()) == kinds
    assert "'read': 0" not in done.stdout and "'refused': 0" not in done.stdout


def test_a_reader_that_is_named_for_a_file_of_another_kind(tmp_path: Path) -> None:
    write_all(tmp_path)
    outcomes: Counter[str] = Counter()
    for path in sorted(tmp_path.glob("*.*")):
        for known in FORMATS:
            try:
                read_coded_file(path, path.name, Conventions(), reader=known.name)
                outcomes["read"] += 1
            except StudyError as error:
                assert all(problem.file.startswith(path.name) for problem in error.problems)
                outcomes["refused"] += 1
    kinds = len(list(tmp_path.glob("*.*")))
    assert kinds <= outcomes["read"] < 2 * kinds
