"""Tables and documents exported by real tools, read where they lie, against counts made without any reader of ours."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from plait.qualitative import atlasti, coding_table, dedoose, maxqda, nvivo, refused, word_comments
from plait.qualitative.coded_file import CodedFile, Conventions
from plait.qualitative.reconciliation import counts_that_differ, reconcile
from plait.study.definition import ToolFile
from qualitative.written_files import cautions, check_keys, recognised

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "qualitative"
ATLASTI = FOLDER / "atlasti-export"

pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the real exports are not on this computer"),
]


def atlasti_file(part: str) -> Path:
    return next(ATLASTI.glob(f"*{part}.csv"))


def quotations(names: tuple[str, ...]) -> CodedFile:
    path = atlasti_file("citation_manager")
    return atlasti.read_quotations(path, path.name, Conventions(code_names=names))


def test_atlasti_codebook() -> None:
    path = atlasti_file("codebook_full")
    assert recognised(path, atlasti.FORMATS) == ["atlasti-codes"]
    book = atlasti.read_codes(path, path.name, Conventions())
    assert (len(book.codes), sum(len(code.path) == 2 for code in book.codes), len(book.sets)) == (465, 447, 4)
    assert sum("," in code.id for code in book.codes) == 116


def test_atlasti_quotations_resolved_by_the_codebook() -> None:
    path = atlasti_file("codebook_full")
    known = {code.id for code in atlasti.read_codes(path, path.name, Conventions()).codes}
    assert recognised(atlasti_file("citation_manager"), atlasti.FORMATS) == ["atlasti-quotations"]
    file = quotations(tuple(known))
    check_keys(file)
    assert (len(file.selections), len(file.codings), len(file.sources)) == (394, 1465, 1)
    assert not any(coding.reason for coding in file.codings)
    strange = {coding.selection for coding in file.codings if coding.code not in known}
    assert len({s.id for s in file.selections} - strange) == 393
    # Without a codebook: 235 rows have no comma in a name, and 5 have a single code that holds one.
    bare = quotations(())
    assert 394 - len({coding.selection for coding in bare.codings if coding.reason}) == 240
    # Names of categories and of codes by themselves do as well.
    halves = quotations(tuple({part for name in known for part in name.split(": ", 1)}))
    assert [c.code for c in halves.codings] == [c.code for c in file.codings]


def test_atlasti_counts_of_two_states_of_the_project() -> None:
    path = atlasti_file("code_frequencies")
    assert recognised(path, atlasti.FORMATS) == ["atlasti-codes"]
    book = atlasti.read_codes(path, path.name, Conventions())
    categories = {code.id for code in book.codes if len(code.path) == 1}
    assert (len(book.codes), len(categories), len(book.stated.of)) == (465, 18, 465)
    file = quotations(tuple(code.id for code in book.codes))
    differ = counts_that_differ(book.stated, [file])
    of_codes = [(said, found) for code, said, found in differ if code not in categories]
    of_categories = [(said, found) for code, said, found in differ if code in categories]
    # The independent count left the one quotation out that holds a code outside the codebook, and found 14.
    assert len(of_codes) == 11 and all(abs(said - found) <= 2 for said, found in of_codes)
    assert len(of_categories) == 5 and all(abs(said - found) <= 3 for said, found in of_categories)
    reconcile([(ToolFile(file="codes"), book), (ToolFile(file="quotations"), file)])
    assert "16 of 465" in cautions(book)["counts"]


# --- Word comments -------------------------------------------------------------------------------------------------------


def commented(file: str) -> CodedFile:
    path = FOLDER / "docx-comments" / file
    assert recognised(path, word_comments.FORMATS) == ["word-comments"]
    return word_comments.read_comments(path, file, Conventions())


def test_documents_coded_in_comments() -> None:
    files = [commented("coder_a.docx"), commented("coder_b.docx")]
    for file in files:
        check_keys(file)
        assert (file.coders, file.names_coders) == (("Coder",), False)
        assert not any(selection.reason for selection in file.selections)
    assert [(len(f.selections), len(f.codings), len(f.codes)) for f in files] == [(6, 6, 6), (5, 5, 5)]
    # One transcript for both, so that their codings can be held side by side.
    assert files[0].sources[0].text == files[1].sources[0].text
    selections = {s.id: s for s in files[1].selections}
    same = [selections[c.selection].text for c in files[1].codings if c.code in ("Social equity", "Market saturation")]
    assert same[0] == same[1] and same[0].startswith("Participant: The market")


def test_the_ranges_that_dedoose_wrote_give_its_kappas() -> None:
    """The published kappas, over the first 200 characters, from the positions kept as locators."""
    window = 200
    marked: list[dict[str, np.ndarray]] = []
    for file in (commented("coder_a.docx"), commented("coder_b.docx")):
        spans = {s.id: re.fullmatch(r"Dedoose (\d+)-(\d+)", s.locator) for s in file.selections}
        of = {}
        for coding in file.codings:
            span = spans[coding.selection]
            assert span is not None
            of[coding.code] = (np.arange(window) >= int(span[1])) & (np.arange(window) < int(span[2]))
        marked.append(of)
    kappas = {}
    for code in marked[0]:
        a, b = (of.get(code, np.zeros(window, bool)) for of in marked)
        expected = a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())
        kappas[code] = None if expected == 1 else round(float(((a == b).mean() - expected) / (1 - expected)), 4)
    assert kappas == {
        "Policy views": 0.5833,
        "Legalization timeline": 1,
        "Enforcement": -1,
        "Social equity": 0.375,
        "Market saturation": None,
        "Personal use": 0,
    }


# --- matrices of counts --------------------------------------------------------------------------------------------------


def test_nvivo_matrices() -> None:
    paths = sorted((FOLDER / "nvivo-matrix").glob("Int*.xlsx"))
    files = [nvivo.read_matrix(path, path.name, Conventions()) for path in paths]
    assert all(recognised(path, nvivo.FORMATS) == ["nvivo-matrix"] for path in paths)
    assert recognised(FOLDER / "nvivo-matrix" / "refinements.xlsx", nvivo.FORMATS) == []
    counts = [count for file in files for count in file.counts]
    assert (len(files), len({c.code for c in counts}), sum(c.n for c in counts)) == (15, 18, 65)
    assert [len(file.codes) for file in files] == [18] * 12 + [4, 4, 3]
    # Two files are called after each other's case.
    cases = {path.stem: file.cases[0].id for path, file in zip(paths, files, strict=True)}
    called_otherwise = {stem: case for stem, case in cases.items() if stem != case}
    assert called_otherwise == {"Int05_ID33": "Int11_ID33", "Int11_ID21": "Int05_ID21"}


# --- recognising ---------------------------------------------------------------------------------------------------------


def test_each_file_is_of_one_kind_or_none() -> None:
    """Files of other tools among them, which these readers must leave alone."""
    formats = [
        each
        for module in (atlasti, coding_table, dedoose, maxqda, nvivo, refused, word_comments)
        for each in module.FORMATS
    ]
    kinds = Counter(kind for path in FOLDER.rglob("*.*") for kind in recognised(path, formats) or ["none"])
    assert kinds == {"atlasti-codes": 2, "atlasti-quotations": 1, "nvivo-matrix": 15, "word-comments": 2, "none": 11}
