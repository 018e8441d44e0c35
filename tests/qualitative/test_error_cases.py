"""What can be wrong with coded text, case by case, as the researcher meets it: through the reading of a collection.

Z: packages, X: the XML of a project, S: texts, O: positions, T: tables, D: databases, C: coders and cases, J: what joins
the strands, P: what leaves. A file that cannot be used is refused with every problem at once (`refused`); a row that
cannot be used is kept with its reason and the counts add up (`left_out`); what is doubtful is a warning in the import
log (`warnings`). The last test holds the table complete.
"""

from __future__ import annotations

import struct
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from little_study import write_little_study
from plait.errors import StudyError
from plait.qualitative import package
from plait.qualitative.agreement import coder_agreement
from plait.qualitative.known_texts import list_of_texts
from plait.qualitative.package import Limits
from plait.qualitative.readers import read_coded_text, read_coded_text_of
from plait.qualitative.rqda import DELETED
from plait.qualitative.screening import Leaving, Screen, problems_of, screen
from plait.qualitative.themes import theme_counts
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText, check_invariants
from plait.study import load_study
from plait.tables import THEMES, write_csv
from qualitative import test_qualcoder, test_quotes, test_rqda
from qualitative.coded_files import (
    BEN,
    BOOK,
    COVER,
    PAY,
    USERS,
    code,
    coding,
    project_spec,
    project_xml,
    selection,
    sheets_spec,
    source,
    write_qdpx,
)
from qualitative.databases import make_database
from qualitative.test_quotes import complaints, quote, with_consent
from qualitative.written_files import delimited, workbook, zipped

TEXT = "Nobody covers my class, and the pay is poor.\nMeetings eat the evenings."
CODINGS = ["case", "source", "code", "coder", "text"]
POSITIONS = [*CODINGS, "start", "end"]


def read(folder: Path, **more: object) -> CodedText:
    coded = read_tool_files("talks", project_spec(**more), folder, BOOK)
    check_invariants(coded)
    return coded


def refused(folder: Path, *words: str, **more: object) -> StudyError:
    """Refused with a problem for each of the words, of a file that is named, with a mend."""
    with pytest.raises(StudyError) as caught:
        read(folder, **more)
    told = [str(problem) for problem in caught.value.problems]
    for word in words:
        assert any(word in line for line in told), told
    assert all(problem.file and problem.mend for problem in caught.value.problems), told
    return caught.value


def left_out(coded: CodedText) -> Counter[str]:
    """The reasons of rows that do not count; they add up with those that do."""
    rows, log = coded.segments, coded.import_log
    assert log["n_in"].sum() == len(rows)
    assert log["n_active"].sum() == (rows["status"] == "active").sum()
    return Counter(rows.loc[rows["status"] != "active", "reason"])


def warnings(coded: CodedText) -> dict[str, str]:
    log = coded.import_log[coded.import_log["severity"] == "warning"]
    return dict(zip(log["event"], log["message"], strict=True))


def plain(text: str = TEXT) -> str:
    return f"<PlainTextContent>{text}</PlainTextContent>"


def inside(words: str, *codings: str, **more: str) -> str:
    start = TEXT.index(words)
    return selection(start, start + len(words), *codings, name=words, **more)


COVERED = inside("Nobody covers", coding(COVER))


def one_source(folder: Path, *parts: str, **more: str) -> Path:
    return write_qdpx(folder, project_xml(source("T1", plain(), *(parts or (COVERED,))), **more))


def table(folder: Path, *rows: list[object], header: list[str] = CODINGS, **more: object) -> CodedText:
    delimited(folder / "codings.csv", [header, *rows])
    return read(folder, files="codings.csv", **more)


coded = test_quotes.coded
"""The fixture: six transcripts and who may be quoted."""


# --- packages ------------------------------------------------------------------------------------------------------------


def test_z1_a_package_that_is_cut_off_no_zip_or_encrypted(tmp_path: Path) -> None:
    whole = one_source(tmp_path).read_bytes()
    (tmp_path / "cut.qdpx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "none.qdpx").write_bytes(b"\x00\x01\x02 no zip")
    flagged = bytearray(whole)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.index(mark) + place
        flagged[at : at + 2] = struct.pack("<H", struct.unpack_from("<H", whole, at)[0] | 1)
    (tmp_path / "locked.qdpx").write_bytes(bytes(flagged))
    files = [{"file": f"{name}.qdpx", "coder": "Ann"} for name in ("cut", "none", "locked")]
    error = refused(tmp_path, "cannot be read as a zip", "no file of coded text", "encrypted member", files=files)
    assert {problem.file for problem in error.problems} == {"cut.qdpx", "none.qdpx", "locked.qdpx"}


def test_z2_members_that_lead_outside(tmp_path: Path) -> None:
    path = one_source(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        for name in ("../up.txt", "/etc/root.txt", "C:/drive.txt", "a\\b.txt"):
            archive.writestr(name, b"x")
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, b"/etc/passwd")
    error = refused(tmp_path, "leads outside the package", "a link instead of a file")
    found = [problem.value for problem in error.problems]
    assert found == ["../up.txt", "/etc/root.txt", "C:/drive.txt", "a\\b.txt", "link.txt"]


def test_z3_more_than_the_limits_allow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = one_source(tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sources/bomb.txt", bytes(3 * 2**20))
    refused(tmp_path, "packed more than 200 to 1")
    tight = Limits(members=1)
    monkeypatch.setattr(package.read_package, "__defaults__", (tight,))
    refused(tmp_path, "holds 2 members; at most 1")


def test_z4_names_that_are_one_for_some_systems(tmp_path: Path) -> None:
    path = one_source(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("sources/a.txt", b"x")
        archive.writestr("Sources/A.txt", b"y")
    refused(tmp_path, "2 members of one name")


def test_z5_no_project_or_several(tmp_path: Path) -> None:
    zipped(tmp_path / "project.qdpx", {"sources/a.txt": b"x"})
    refused(tmp_path, "holds no project (.qde)")
    zipped(tmp_path / "project.qdpx", {"a.qde": project_xml(), "b.qde": project_xml()})
    refused(tmp_path, "holds 2 projects (.qde)")


@pytest.mark.parametrize("folder", ["sources", "Sources", "deep/down/sources"])
def test_z6_folders_of_any_name_and_files_beside(tmp_path: Path, folder: str) -> None:
    path = write_qdpx(
        tmp_path,
        project_xml(source("T1", COVERED, path="internal://T1.txt")),
        {"t1.TXT": TEXT.encode()},
        sources=folder,
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("notes/.root", b"")
    assert list(read(tmp_path).segments["text"]) == ["Nobody covers"]


# --- the XML of a project --------------------------------------------------------------------------------------------------


def test_x1_a_document_type_is_refused(tmp_path: Path) -> None:
    xml = project_xml(source("T1", plain(), COVERED))
    head, body = xml.split(b"\n", 1)
    write_qdpx(tmp_path, head + b'<!DOCTYPE Project [<!ENTITY a "b">]>' + body)
    refused(tmp_path, "declares a document type")


def test_x2_broken_xml_is_refused_and_utf_16_read(tmp_path: Path) -> None:
    xml = project_xml(source("T1", plain(), COVERED)).decode()
    for broken in (xml[:-9], xml.replace("my class", "my \x01 class"), xml.replace("utf-8", "utf-99")):
        write_qdpx(tmp_path, broken.encode())
        refused(tmp_path, "is not well-formed XML")
    for data in (xml.replace("utf-8", "utf-16").encode("utf-16"), b"\xef\xbb\xbf" + xml.encode()):
        write_qdpx(tmp_path, data)
        assert list(read(tmp_path).segments["text"]) == ["Nobody covers"]


def test_x3_another_version_or_a_breach_of_the_schema_is_a_warning(tmp_path: Path) -> None:
    one_source(tmp_path, namespace="urn:QDA-XML:project:2.7", more="<Sets/><Surprise/>")
    coded = read(tmp_path)
    assert "urn:QDA-XML:project:2.7" in warnings(coded)["namespace"]
    assert len(coded.segments) == 1


def test_x4_guids_that_repeat(tmp_path: Path) -> None:
    one_source(tmp_path, users=f'<Users><User guid="{BEN}" name="A"/><User guid="{{{BEN.lower()}}}" name="B"/></Users>')
    refused(tmp_path, "users share one GUID (2 of them)")
    again = inside("the pay", coding(PAY), guid="same")
    one_source(tmp_path, COVERED.replace('guid="s-', 'guid="same" x="'), again)
    assert warnings(read(tmp_path))["repeated_selections"].endswith(": 1")


def test_x5_references_to_nothing(tmp_path: Path) -> None:
    case = (
        '<Cases><Case guid="P1" name="P1"><VariableValue><VariableRef targetGUID="gone"/><TextValue>x</TextValue>'
        '</VariableValue><SourceRef targetGUID="T1"/><SourceRef targetGUID="gone"/></Case></Cases>'
    )
    one_source(tmp_path, COVERED, inside("the pay", coding("deleted")), more=case)
    coded = read(tmp_path)
    assert left_out(coded) == {"names a code that is not in the project": 1}
    assert warnings(coded)["lost_references"].endswith(": 2")
    assert warnings(coded)["excluded"].startswith("codings left out: 1")


def test_x6_a_code_below_itself(tmp_path: Path) -> None:
    loop = [(1, "a", "", "", "", 2), (2, "b", "", "", "", 1)]
    test_qualcoder.project(tmp_path / "project.qdpx", [], code_cat=loop)
    refused(tmp_path, "stands below itself")


def test_x7_names_that_are_nearly_one(tmp_path: Path) -> None:
    codes = (
        f'<CodeBook><Codes><Code guid="{COVER}" name="Cover"/><Code guid="C2" name="cover"/>'
        '<Code guid="C3" name="Weekly slot"/><Code guid="C4" name="Weekly  slot"/></Codes></CodeBook>'
    )
    one_source(tmp_path, codes=codes)
    assert warnings(read(tmp_path))["code_names"].endswith(": 4 (Cover, Weekly  slot, Weekly slot, cover)")


def test_x8_codings_of_two_codes_of_none_and_of_a_closed_code(tmp_path: Path) -> None:
    two = f'<Coding creatingUser="{BEN}"><CodeRef targetGUID="{COVER}"/><CodeRef targetGUID="{PAY}"/></Coding>'
    none = f'<Coding creatingUser="{BEN}"/>'
    one_source(tmp_path, inside("Nobody covers", two), inside("my class", none), inside("the pay", coding("C-MONEY")))
    coded = read(tmp_path)
    assert left_out(coded) == {"names no code": 1}
    active = coded.segments[coded.segments["status"] == "active"]
    assert sorted(active["code"]) == ["money", "time_cover"]
    assert warnings(coded)["several_codes"].endswith(": 1")
    assert "Money" in warnings(coded)["not_codable"]


def test_x9_a_case_that_is_a_code(tmp_path: Path) -> None:
    codes = f'<CodeBook><Codes><Code guid="{COVER}" name="Cover"/><Code guid="N1" name="P1"/></Codes></CodeBook>'
    whole = selection(0, len(TEXT), coding("N1"), guid="all")
    one_source(tmp_path, COVERED, whole, codes=codes, more='<Cases><Case guid="n1" name="P1"/></Cases>')
    coded = read(tmp_path)
    assert list(coded.sources["case"]) == list(coded.cases["case"])
    assert warnings(coded)["case_nodes"].endswith(": 1 (P1)")


# --- texts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["internal://gone.txt", "absolute:///home/somebody/T1.txt"])
def test_s1_a_text_that_is_not_there(tmp_path: Path, path: str) -> None:
    write_qdpx(tmp_path, project_xml(source("T1", COVERED, path=path)))
    coded = read(tmp_path)
    assert list(coded.sources["text_state"]) == ["absent"]
    assert list(coded.segments[["status", "text"]].iloc[0]) == ["active", ""]
    assert "T1" in warnings(coded)["missing_text"]


def test_s2_two_texts_of_one_source(tmp_path: Path) -> None:
    xml = project_xml(source("T1", plain(), COVERED, path="internal://T1.txt"))
    write_qdpx(tmp_path, xml, {"T1.txt": TEXT.replace("\n", "\r\n").encode()})
    assert len(read(tmp_path).segments) == 1
    write_qdpx(tmp_path, xml, {"T1.txt": b"Something else"})
    refused(tmp_path, "has one text in the project and another in")


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16-le"])
def test_s3_another_encoding_has_to_be_declared(tmp_path: Path, encoding: str) -> None:
    text = TEXT.replace("Nobody", "Personne à l’école")
    start = text.index("my class")
    xml = project_xml(
        source("T1", selection(start, start + 8, coding(COVER), name="my class"), path="internal://T1.txt")
    )
    write_qdpx(tmp_path, xml, {"T1.txt": text.encode(encoding)})
    error = refused(tmp_path, "is not UTF-8 (byte 0x")
    assert "set `encoding:`" in error.problems[0].mend
    coded = read(tmp_path, files={"file": "project.qdpx", "encoding": encoding})
    assert list(coded.source_texts["text"]) == [text]
    assert encoding in warnings(coded)["encoding"]
    write_qdpx(tmp_path, xml, {"T1.txt": text.encode("utf-16")})
    assert list(read(tmp_path).source_texts["text"]) == [text]


def test_s4_nothing_but_line_ends_is_changed(tmp_path: Path) -> None:
    odd = "a\u0301 b\u00a0c\u200bd\u2028e\x0cf\u202eg\rh\r\ni Nobody"
    xml = project_xml(source("T1", selection(0, 2, coding(COVER)), path="internal://T1.txt"))
    write_qdpx(tmp_path, xml, {"T1.txt": odd.encode()})
    coded = read(tmp_path)
    assert list(coded.source_texts["text"]) == [odd.replace("\r\n", "\n").replace("\r", "\n")]
    assert warnings(coded)["unseen_characters"].endswith(": 1")


def test_s5_sources_that_are_no_text(tmp_path: Path) -> None:
    picture = (
        '<PictureSource guid="I1" name="photo"><PictureSelection guid="x" firstX="1" firstY="1" secondX="2" secondY="2">'
        f"{coding(COVER)}</PictureSelection></PictureSource>"
    )
    rich = source("T2", COVERED).replace("<TextSource", '<TextSource richTextPath="internal://T2.docx"')
    write_qdpx(tmp_path, project_xml(source("T1", plain(), COVERED), picture, rich))
    coded = read(tmp_path)
    states = dict(zip(coded.sources["name"], coded.sources["text_state"], strict=True))
    assert states == {"T1": "present", "photo": "not_text", "T2": "absent"}
    assert left_out(coded) == {"codes a part of a picture, not text": 1}
    assert "T2" in warnings(coded)["rich_text_only"]


def test_s6_a_text_that_changed_after_it_was_coded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_little_study(tmp_path)
    study = load_study(folder)
    known = list_of_texts(read_coded_text(study.collections, study.raw, study.codebook))
    known.to_csv(study.raw / "texts.csv", index=False)
    definition = (folder / "study.yaml").read_text()
    (folder / "study.yaml").write_text(definition.replace("coded_text:\n", "coded_text:\n  texts: texts.csv\n"))
    assert "texts" in set(read_coded_text_of(load_study(folder)).import_log["reader"])
    known["sha256"] = ["0" * 64, *known["sha256"][1:]]
    known.loc[len(known)] = ["elsewhere", "gone", "1" * 64]
    known.to_csv(study.raw / "texts.csv", index=False)
    with pytest.raises(StudyError) as caught:
        read_coded_text_of(load_study(folder))
    changed, gone = caught.value.problems
    assert (changed.file, changed.row) == ("texts.csv", "row 2") and "has changed since it was coded" in changed.message
    assert "is not there any more" in gone.message and "`plait texts`" in gone.mend
    known[1:-1].to_csv(study.raw / "texts.csv", index=False)
    assert warnings(read_coded_text_of(load_study(folder)))["new_texts"].startswith(
        "texts that are not in the list yet: 1"
    )


# --- positions -----------------------------------------------------------------------------------------------------------


def test_o1_and_o2_positions_that_are_none(tmp_path: Path) -> None:
    bad = [(-1, 5), (9, 3), (4, 4), ("a", 5), (3, 10_000), (2, 10**11)]
    one_source(tmp_path, COVERED, *(selection(a, b, coding(PAY), guid=f"b{a}{b}") for a, b in bad))
    assert left_out(read(tmp_path)) == {
        "starts before the text or after its own end": 2,
        "codes no character": 1,
        "has no whole numbers for start and end": 1,
        "lies outside the text or cuts a character": 2,
    }


def test_o3_a_position_inside_a_character(tmp_path: Path) -> None:
    # Enough quotations that count in UTF-16 units tell that the tool does; one cuts the pair of the first in two.
    text = "\U0001f600 Nobody covers. " * 12
    units = [(0, i * 18 + 3, i * 18 + 9) for i in range(12)]
    parts = [selection(a, b, coding(COVER), name="Nobody", guid=f"g{a}") for _, a, b in units]
    parts.append(selection(1, 9, coding(PAY), guid="cut"))
    write_qdpx(tmp_path, project_xml(source("T1", plain(text), *parts)))
    assert left_out(read(tmp_path)) == {"lies outside the text or cuts a character": 1}


def test_o4_a_quotation_that_stands_elsewhere_or_nowhere(tmp_path: Path) -> None:
    test_rqda.project(
        tmp_path / "project.qdpx", [test_rqda.coding(1, said) for said in test_rqda.QUOTES], cases=[], caselinkage=[]
    )
    book = [*BOOK, code("cover", "time", "Who stands in")]
    coded = read_tool_files("talks", project_spec(), tmp_path, book)
    assert left_out(coded) == {}
    wrong = []
    for n, said in enumerate(test_rqda.QUOTES):
        row = test_rqda.coding(1, said)
        wrong.append((*row[:2], f"never said {n}", *row[3:]))
    (tmp_path / "project.qdpx").unlink()
    test_rqda.project(tmp_path / "project.qdpx", wrong, cases=[], caselinkage=[])
    refused(tmp_path, "do not stand where they should")


def test_o5_two_ways_of_counting_that_fit_alike(tmp_path: Path) -> None:
    text = "ab\U0001f600cd ef gh"
    parts = [selection(a, a + 3, coding(COVER), guid=f"g{a}") for a in (1, 5)]
    write_qdpx(tmp_path, project_xml(source("T1", plain(text), *parts)))
    error = refused(tmp_path, "the places of the codings cannot be told")
    assert "code points, line ends as stored: 0." in str(error) and "UTF-16 units, line ends as stored: 0." in str(
        error
    )


def test_o6_codings_that_overlap_or_repeat(tmp_path: Path) -> None:
    over = selection(3, 20, coding(COVER), guid="over")
    one_source(tmp_path, COVERED, inside("Nobody covers", coding(COVER), guid="again"), over)
    coded = read(tmp_path)
    assert left_out(coded) == {"repeats a coding of the same stretch by the same coder": 1}
    assert warnings(coded)["overlaps"].endswith(": 1")
    themes = theme_counts(coded, {"talks": project_spec()})
    covered = themes[(themes["theme"] == "time_cover") & (themes["unit"] == "characters")].iloc[0]
    assert (covered["n"], covered["of"]) == (20, len(TEXT))  # overlapping stretches are covered once


def test_o7_a_coding_of_nearly_all_of_a_source(tmp_path: Path) -> None:
    one_source(tmp_path, COVERED, selection(0, len(TEXT), coding(PAY), guid="all"))
    told = warnings(read(tmp_path))["broad"]
    assert "more than 90% of a source" in told and "1 (Money/Pay); `leave_out`" in told


# --- tables --------------------------------------------------------------------------------------------------------------


def test_t1_columns_that_are_missing_repeated_or_in_another_language(tmp_path: Path) -> None:
    german = ["Dokumentname", "Code", "Anfang", "Ende", "Segment", "Erstellt von"]
    delimited(tmp_path / "s.csv", [german, ["Talk", "Cover", 1, 1, "Nobody covers", "Ann"]], ";")
    assert list(read(tmp_path, files="s.csv").segments["text"]) == ["Nobody covers"]
    delimited(tmp_path / "s.csv", [["Asiakirja", "Koodi", "Teksti"], ["Talk", "Cover", "Nobody"]], ";")
    error = refused(tmp_path, "its columns: Asiakirja, Koodi, Teksti", files="s.csv")
    assert "export" in error.problems[0].mend
    error = refused(
        tmp_path,
        "no column for the document: expected 'Document name'",
        files={"file": "s.csv", "reader": "maxqda-segments"},
    )
    delimited(tmp_path / "s.csv", [[*CODINGS, "code"], ["P1", "Talk", "Cover", "Ann", "x", "Pay"]])
    refused(tmp_path, "two columns called 'code'", files="s.csv")


def test_t2_delimiters_titles_and_empty_columns(tmp_path: Path) -> None:
    rows = [
        ["Tabela 1"],
        ["", *POSITIONS, "weight", ""],
        *([n, "P1", f"Talk {n}", "Cover", "Ann", "Nobody", "", "", "1,5", ""] for n in range(3)),
    ]
    delimited(tmp_path / "s.csv", rows, ";", "utf-8-sig")
    coded = read(tmp_path, files="s.csv")
    assert list(coded.segments["weight"]) == [1.5] * 3
    events = set(coded.import_log["event"])
    assert {"delimiter", "layout", "columns"} <= events
    (tmp_path / "s.csv").write_text("case;source;code;coder;text\nP1;a,b,c,d;Cover;Ann;x,y,z,w\n")
    two = {"file": "s.csv", "delimiter": ";"}
    assert list(read(tmp_path, files=two).segments["text"]) == ["x,y,z,w"]
    workbook(
        tmp_path / "b.xlsx",
        [CODINGS, ["P1", "Talk", "Cover", "Ann", "old"]],
        New=[CODINGS, ["P1", "Talk", "Cover", "Ann", "new"]],
    )
    refused(tmp_path, "2 sheets with content", files="b.xlsx")
    assert list(read(tmp_path, files={"file": "b.xlsx", "sheet": "new"}).segments["text"]) == ["new"]


def test_t3_a_list_of_codes_that_cannot_be_told_apart(tmp_path: Path) -> None:
    header = ["ID", "Document", "Quotation Content", "Codes", "Number of Codes", "Created by"]
    rows = [["1:1", "Talk", "Nobody", "Cover, Pay", 2, "Ann"], ["1:2", "Talk", "evenings", "Cover, Pay", 3, "Ann"]]
    delimited(tmp_path / "q.csv", [header, *rows])
    coded = read(tmp_path, files="q.csv")
    assert len(left_out(coded)) == 1 and sum(left_out(coded).values()) == 1
    assert "1:2" in warnings(coded)["code_lists"]


def test_t4_cells_that_excel_cut_or_made_dates_of(tmp_path: Path) -> None:
    rows = [["P1", "Talk", "Cover", "Ann", "x" * 32_767], ["P1", "Talk", "Pay", "Ann", "one_x000D_\ntwo"]]
    workbook(tmp_path / "b.xlsx", [CODINGS, *rows])
    coded = read(tmp_path, files="b.xlsx")
    assert "32,767 characters" in "".join(warnings(coded).values())
    assert "one\ntwo" in set(coded.segments["text"])
    delimited(
        tmp_path / "d.csv", [CODINGS, ["P1", "Talk", "2026-02-01", "Ann", "x"], ["P1", "Talk", "Cover", "Ann", "x"]]
    )
    coded = read(tmp_path, files="d.csv", leave_out="2026-02-01")
    assert "2026-02-01" in warnings(coded)["dates"]


@pytest.mark.parametrize("words", ["=1+1", "+44-1", "-5+2", "@SUM(A1)"])
def test_t5_a_text_that_looks_like_a_formula(tmp_path: Path, words: str) -> None:
    coded = table(tmp_path, ["P1", "Talk", "Cover", "Ann", words])
    assert list(coded.segments["text"]) == [words]
    written = THEMES.empty()
    written.loc[0] = ["talks", words, "theme", "", "", "cases", 1, 2]
    write_csv(THEMES.of(written), tmp_path / "themes.csv")
    cells = (tmp_path / "themes.csv").read_text().splitlines()[1].split(",")
    assert cells[1].strip('"').startswith("'")


def test_t6_one_coding_in_two_files_and_counts_of_another_day(tmp_path: Path) -> None:
    header = ["ID", "Document", "Quotation Content", "Codes", "Created by", "Reference"]
    rows = [[f"1:{n}", "Talk", f"words {n}", "Time: Cover", "Ann", f"¶ {n}"] for n in range(4)]
    delimited(tmp_path / "all.csv", [header, *rows])
    delimited(tmp_path / "part.csv", [header, *rows[:3]])
    book = ["Code", "Grounded", "Density"]
    delimited(tmp_path / "codes.csv", [book, ["Time", 4, 0], ["Time: Cover", 5, 0]])
    coded = read(tmp_path, files=["all.csv", "part.csv"])
    assert left_out(coded) == {"repeats a coding of the same stretch by the same coder": 3}
    again = coded.import_log[(coded.import_log["file"] == "part.csv") & (coded.import_log["event"] == "read")].iloc[0]
    assert (again["n_in"], again["n_active"], again["n_excluded"]) == (3, 0, 3)
    coded = read(tmp_path, files=["all.csv", "codes.csv"])
    assert warnings(coded)["counts"].endswith("1 of 2 (Time: Cover: 5 stated, 4 found)")
    assert list(coded.sources["name"]) == ["Talk"]


def test_t7_marks_that_say_neither_yes_nor_no(tmp_path: Path) -> None:
    header = [
        "Media Title",
        "Excerpt Range",
        "Excerpt Creator",
        "Excerpt Copy",
        "Code: Cover Applied",
        "Code: Pay Applied",
    ]
    marks = [("TRUE", ""), ("1", "0"), ("x", "False"), ("True", "perhaps")]
    rows = [["Talk", f"{10 * n}-{10 * n + 9}", "Ann", f"words {n}", *mark] for n, mark in enumerate(marks)]
    delimited(tmp_path / "e.csv", [header, *rows])
    coded = read(tmp_path, files="e.csv")
    assert left_out(coded) == {"says neither that the code applies nor that it does not: 'perhaps'": 1}
    assert (coded.segments["status"] == "active").sum() == 4


def test_t8_a_file_that_is_called_like_another_case(tmp_path: Path) -> None:
    workbook(tmp_path / "P7.xlsx", [["", "A : P1"], ["1 : Pay", 2]])
    error = refused(tmp_path, "is called 'P7', but holds the counts of 'P1'", files="P7.xlsx")
    assert "`case: P1`" in error.problems[0].mend
    coded = read(tmp_path, files={"file": "P7.xlsx", "case": "P7"})
    assert list(coded.cases["origin_id"]) == ["P7"] and "'P1'" in warnings(coded)["case"]
    assert list(read(tmp_path, files={"file": "P7.xlsx", "case": "P1"}).cases["origin_id"]) == ["P1"]


# --- databases -----------------------------------------------------------------------------------------------------------


def test_d1_databases_that_are_none_strange_newer_in_use_or_hostile(tmp_path: Path) -> None:
    sound = [test_qualcoder.text_row(1, 1, "day is full")]
    path = test_qualcoder.project(tmp_path / "data.qda", sound, project=[("v99", "", "", "QualCoder 9", "")])
    codes = [*BOOK, code("a", "time", "cover"), code("b", "time", "pay"), code("c", "time", "long")]
    coded = read_tool_files("talks", project_spec("Cleo", files="data.qda"), tmp_path, codes)
    assert "v99" in warnings(coded)["newer_version"]
    path.with_name("data.qda-wal").write_bytes(b"x")
    refused(tmp_path, "changes that are not written into it yet", files="data.qda")
    (tmp_path / "data.qda-wal").unlink()
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 5000)
    refused(tmp_path, "data.qda", files="data.qda")
    make_database(tmp_path / "other.db", "CREATE TABLE shop (a text)")
    refused(tmp_path, "no file of coded text", files="other.db")
    schema = test_qualcoder.SCHEMA.replace("CREATE TABLE code_text", "CREATE TABLE ct")
    make_database(tmp_path / "view.db", schema + "CREATE VIEW code_text AS SELECT * FROM ct;")
    refused(tmp_path, "'code_text' is a view", files={"file": "view.db", "reader": "qualcoder"})
    deleted = [test_rqda.coding(1, "day is full"), test_rqda.coding(1, "very long", status=-1)]
    test_rqda.project(tmp_path / "p.rqda", deleted, cases=[], caselinkage=[])
    coded = read_tool_files("talks", project_spec(files="p.rqda"), tmp_path, codes)
    assert list(left_out(coded)) == [DELETED]


# --- coders and cases ------------------------------------------------------------------------------------------------------


def test_c1_coders_without_a_name_or_with_two_spellings(tmp_path: Path) -> None:
    rows = [["P1", "Talk", "Cover", who, f"words {n}"] for n, who in enumerate(["Ann", "ann ", "admin", ""])]
    coded = table(tmp_path, *rows)
    assert left_out(coded) == {"names no coder": 1}
    assert "Ann, ann" in warnings(coded)["coders"]
    assert "admin" in warnings(coded)["nobody"]
    one = USERS.split("<User ")[0] + "</Users>"
    for name in ("a.qdpx", "b.qdpx"):
        one_source(tmp_path, users=one).rename(tmp_path / name)
    error = refused(tmp_path, "does not say who coded", files=["a.qdpx", "b.qdpx"])
    assert "`coder:`" in error.problems[0].mend


def test_c2_one_coder_or_nothing_shared_is_no_error(tmp_path: Path) -> None:
    spec = {"talks": project_spec()}
    one_source(tmp_path)
    assert coder_agreement(read(tmp_path), spec).coefficients.empty
    ben = source("T2", plain(), inside("the pay", coding(PAY, BEN)))
    write_qdpx(tmp_path, project_xml(source("T1", plain(), COVERED), ben))
    found = coder_agreement(read(tmp_path), spec).coefficients
    assert set(found["note"]) == {"not estimable: no unit was given to both coders"}


def test_c3_no_cases_a_silent_case_and_a_shared_source(tmp_path: Path) -> None:
    one_source(tmp_path)
    assert "no_cases" in warnings(read(tmp_path))
    case = '<Case guid="{0}" name="{0}">{1}</Case>'
    ref = '<SourceRef targetGUID="T1"/>'
    cases = f"<Cases>{case.format('P1', ref)}{case.format('P2', ref)}{case.format('P3', '')}</Cases>"
    one_source(tmp_path, more=cases)
    coded = read(tmp_path)
    assert "T1" in warnings(coded)["shared_sources"]
    assert warnings(coded)["silent_cases"].endswith(": 3 (P1, P2, P3)")
    assert list(coded.segments["case"]) == [""]
    themes = theme_counts(coded, {"talks": project_spec()})
    assert set(themes.loc[themes["unit"] == "sources", "of"]) == {1}


def test_c4_an_empty_project_is_valid(tmp_path: Path) -> None:
    write_qdpx(tmp_path, project_xml(users="", codes=""))
    coded = read(tmp_path)
    assert len(coded.segments) == len(coded.sources) == 0
    assert "empty" in warnings(coded)


# --- the strands joined, and what leaves -----------------------------------------------------------------------------------


def test_j1_an_id_that_repeats_and_ids_that_stay_text(tmp_path: Path) -> None:
    """Survey and coded text are not joined person by person yet; ids of either strand are text and never repeat."""
    header = ["id", "phase", "answer", "Cover"]
    delimited(tmp_path / "ann.csv", [header, ["007", "p", "a", 1], ["7", "p", "b", 1], ["7", "p", "b", ""]])
    spec = sheets_spec({"file": "ann.csv", "coder": "Ann"})
    with pytest.raises(StudyError, match="the id is used before, in row 3"):
        read_coded_text({"answers": spec}, tmp_path, BOOK)
    delimited(tmp_path / "ann.csv", [header, ["007", "p", "a", 1], ["7", "p", "b", 1]])
    assert list(read_coded_text({"answers": spec}, tmp_path, BOOK).cases["origin_id"]) == ["007", "7"]


def test_j2_a_linking_file_that_leads_nowhere(tmp_path: Path) -> None:
    folder = write_little_study(tmp_path)
    file = folder / "linking.csv"
    changes = [
        ("wants:fruit", "wants:fruits"),
        (",food,confirmation", ",foot,confirmation"),
        (",time,discordance", ",,discordance"),
        ("The form offered one kind.", ""),
    ]
    text = file.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file.write_text(text)
    with pytest.raises(StudyError) as caught:
        load_study(folder)
    told = str(caught.value)
    for words in ("no option or net 'fruits'", "no code 'foot'", "needs both strands", "no rationale"):
        assert words in told


def test_p1_what_identifies_somebody_does_not_leave(coded: CodedText) -> None:
    strings = [
        Leaving("quotes", "text", "write to ann@school.example or ring 020 7946 0018"),
        Leaving("quotes", "text", "a calm sentence"),
    ]
    hits, _ = screen(strings, Screen.of())
    problems = problems_of(hits)
    assert problems and all("ann@" not in str(problem) for problem in problems)
    silent = with_consent(coded, t1="no", t2="yes")
    assert "did not agree to be quoted" in complaints(silent, quote("They pay me too little"))[0]


CASES = [
    *(f"z{n}" for n in range(1, 7)), *(f"x{n}" for n in range(1, 10)), *(f"s{n}" for n in range(1, 7)),
    *(f"o{n}" for n in range(1, 8)), *(f"t{n}" for n in range(1, 9)), "d1", *(f"c{n}" for n in range(1, 5)),
    "j1", "j2", "p1",
]  # fmt: skip


def test_every_case_has_its_test() -> None:
    named: set[str] = set()
    for name in globals():
        named |= set(name.removeprefix("test_").split("_")) if name.startswith("test_") else set()
    assert [case for case in CASES if case not in named] == []
