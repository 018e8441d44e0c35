"""Tables and documents exported by real tools, read where they lie, against counts made without any reader of ours."""

from pathlib import Path

import pytest

from plait.qualitative import atlasti
from plait.qualitative.coded_file import CodedFile, Conventions
from qualitative.written_files import cautions, check_keys, recognised

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "qualitative"
ATLASTI = FOLDER / "atlasti-export"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real exports are not on this computer")


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
    stated = atlasti.read_codes(path, path.name, Conventions())
    categories = {code.id for code in stated.codes if len(code.path) == 1}
    assert (len(stated.codes), len(categories), len(stated.counts)) == (465, 18, 465)
    file = quotations(tuple(code.id for code in stated.codes))
    differ = atlasti.counts_that_differ(stated, file)
    of_codes = [(said, found) for code, said, found in differ if code not in categories]
    of_categories = [(said, found) for code, said, found in differ if code in categories]
    # The independent count left the one quotation out that holds a code outside the codebook, and found 14.
    assert len(of_codes) == 11 and all(abs(said - found) <= 2 for said, found in of_codes)
    assert len(of_categories) == 5 and all(abs(said - found) <= 3 for said, found in of_categories)
    atlasti.note_counts_that_differ(stated, file)
    assert "16 of 465" in cautions(stated)["counts"]
