"""Stories of projects from different tools. Offsets are counted in the tests by hand, not by the reader."""

import zipfile
from pathlib import Path

import pytest

from plait.errors import StudyError
from plait.qualitative.participants import attribute_name
from plait.qualitative.tool_files import read_tool_files
from plait.qualitative.transcripts import CodedText, check_invariants
from qualitative.coded_files import (
    ANN,
    BEN,
    BOOK,
    COVER,
    MEETINGS,
    PAY,
    coding,
    logged,
    messages,
    project_spec,
    project_xml,
    selection,
    source,
    the_problem,
    write_qdpx,
)


def read(folder: Path, **more: object) -> CodedText:
    coded = read_tool_files("talks", project_spec(**more), folder, BOOK)
    check_invariants(coded)
    return coded


def refusal(folder: Path, **more: object) -> StudyError:
    with pytest.raises(StudyError) as error:
        read_tool_files("talks", project_spec(**more), folder, BOOK)
    return error.value


def active(coded: CodedText) -> list[tuple[str, str, str]]:
    rows = coded.segments[coded.segments["status"] == "active"]
    return list(rows[["coder", "code", "text"]].itertuples(index=False, name=None))


def excluded(coded: CodedText) -> list[tuple[str, str]]:
    rows = coded.segments[coded.segments["status"] == "excluded"]
    return list(rows[["code", "reason"]].itertuples(index=False, name=None))


def test_offsets_in_utf_16_over_windows_line_ends(tmp_path) -> None:
    """A tool on Windows: byte order mark, CRLF, UTF-16 units, cases as codes, variables with a prefix."""
    raw = (
        "Interviewer: How is mentoring? \U0001f600\r\n"
        "Teacher: There is no cover for me.\r\n"
        "\r\n"
        "Interviewer: And pay? \U0001f600\U0001f600\r\n"
        "Teacher: It is not paid, and meetings eat my evenings.\r\n"
    )

    def counted(words: str) -> tuple[int, int]:
        before = raw[: raw.index(words)]
        start = len(before.encode("utf-16-le")) // 2
        return start, start + len(words.encode("utf-16-le")) // 2

    case = "DDDD4444-0000-0000-0000-00000000000D"
    nodes = f'<Code guid="{{{case}}}" name="P1" isCodable="true"/>'
    codes = f"""<CodeBook><Codes>
      <Code guid="C-TIME" name="Time" isCodable="true">
        <Code guid="{COVER}" name="Cover" isCodable="true"/><Code guid="{MEETINGS}" name="Meetings"/></Code>
      <Code guid="C-MONEY" name="Money" isCodable="true"><Code guid="{PAY}" name="Pay" isCodable="true"/></Code>
      <Code guid="CASES" name="Cases" isCodable="false">{nodes}</Code></Codes></CodeBook>"""
    cases = f"""<Variables><Variable guid="V1" name="Cases:Phase" typeOfVariable="Text"/></Variables>
      <Cases><Case guid="{case.lower()}" name="P1"><VariableValue><VariableRef targetGUID="V1"/>
      <TextValue>Primary</TextValue></VariableValue></Case></Cases>"""
    xml = project_xml(
        source(
            "T1",
            selection(*counted("no cover"), coding(COVER, BEN), user=ANN),
            selection(*counted("not paid"), coding(PAY, ANN)),
            selection(*counted("meetings eat my evenings"), coding(MEETINGS, ANN)),
            selection(0, len(raw.encode("utf-16-le")) // 2, coding(case, ANN)),
            name="Talk 1",
            path="internal://t1.txt",
        ),
        codes=codes,
        more=cases,
        origin="Tool for Windows",
    )
    write_qdpx(tmp_path, xml, {"T1.txt": b"\xef\xbb\xbf" + raw.encode()}, sources="Sources")
    coded = read(tmp_path, breaks={"phase": "Phase"})

    assert active(coded) == [
        ("Ben", "time_cover", "no cover"),
        ("Ann", "money_pay", "not paid"),
        ("Ann", "time_meetings", "meetings eat my evenings"),
    ]
    assert excluded(coded) == [("", "names a case, not a code")]
    assert "\r" not in coded.source_texts["text"].iloc[0]
    convention = coded.import_log.loc[coded.import_log["event"] == "read", "offset_convention"].iloc[0]
    assert convention.startswith("UTF-16 units, line ends as stored; score 1.000")
    assert set(coded.import_log["tool"]) == {"Tool for Windows"}
    # The case owns the source through the coding of its text, and its variable loses the prefix.
    assert list(coded.sources["case"]) == list(coded.cases["case"])
    assert list(coded.case_attributes.itertuples(index=False, name=None)) == [
        (coded.cases["case"].iloc[0], "phase", "Primary")
    ]


def test_several_codings_annotations_and_document_variables(tmp_path) -> None:
    """A tool on a Mac: LF, no rich text, document variables, a set, a remark on text, a code on the whole source."""
    text = "Nobody covers my class\nPay is fine\nMeetings never end"
    xml = project_xml(
        source(
            "T1",
            '<VariableValue><VariableRef targetGUID="V1"/><TextValue>primary</TextValue></VariableValue>',
            selection(0, 22, coding(COVER), coding(COVER, BEN), coding(MEETINGS)),
            selection(23, 34, coding(PAY)),
            selection(35, 43, guid="remark"),
            coding("C-TIME", BEN),
            name="Teacher 1",
            path="internal://t1.txt",
        ),
        source("T2", "<PlainTextContent>Nothing to say</PlainTextContent>", name="Teacher 2"),
        more='<Variables><Variable guid="V1" name="Phase" typeOfVariable="Text"/></Variables>'
        '<Sets><Set guid="S1" name="group"><MemberSource targetGUID="T1"/></Set></Sets>',
    )
    write_qdpx(tmp_path, xml, {"t1.txt": text.encode()})
    coded = read(tmp_path, breaks={"phase": "Phase"})
    assert active(coded) == [
        ("Ben", "time", text),
        ("Ann", "time_cover", "Nobody covers my class"),
        ("Ben", "time_cover", "Nobody covers my class"),
        ("Ann", "time_meetings", "Nobody covers my class"),
        ("Ann", "money_pay", "Pay is fine"),
    ]
    whole = coded.segments[coded.segments["code"] == "time"].iloc[0]
    assert whole[["start", "end"]].isna().all()
    assert logged(coded.import_log, "annotations") == "annotations (selections without a code): 1"
    # Without cases each source counts as one, and the document's variable is its case's.
    assert len(coded.cases) == 2
    assert list(coded.case_attributes["value"]) == ["primary"]
    # Nobody coded the second source, so that nobody counts as assigned to it.
    assert len(coded.assignments) == 2
    assert coded.sources["n_words"].tolist() == [10, 3]


def test_what_cannot_be_used_is_kept_with_its_reason(tmp_path) -> None:
    text = "Nobody covers my class, ever."
    nobody = "eeee5555"
    xml = project_xml(
        source(
            "T1",
            selection(0, 6, coding("c-deleted")),
            selection(7, 13, coding(COVER, nobody)),
            selection(5, 5, coding(COVER)),
            selection(-1, 6, coding(COVER)),
            selection(7, 2, coding(COVER)),
            selection("a", 6, coding(COVER)),
            selection(7, 999, coding(COVER)),
            selection(14, 22, '<Coding guid="k"/>'),
            *[selection(7, 13, coding(PAY), guid=f"g{n}") for n in range(2)],
            *[selection(14, 16, coding(code)) for code in (COVER, MEETINGS)],
            path="internal://t1.txt",
        ),
        '<PictureSource guid="P1" name="photo"><PictureSelection guid="x" firstX="1">'
        + coding(COVER)
        + "</PictureSelection></PictureSource>",
        '<PDFSource guid="P2" name="paper"><PDFSelection guid="y" page="1">'
        + coding(COVER)
        + '</PDFSelection><Representation guid="r"><PlainTextContent>On cover</PlainTextContent>'
        + selection(3, 8, coding(COVER), guid="y")
        + "</Representation></PDFSource>",
        '<VideoSource guid="P3" name="film"><Transcript guid="P4" name=""><PlainTextContent>Say pay</PlainTextContent>'
        '<SyncPoint guid="A" position="4"/><SyncPoint guid="B" position="7"/>'
        '<TranscriptSelection guid="z" fromSyncPoint="A" toSyncPoint="B">'
        + coding(PAY)
        + "</TranscriptSelection></Transcript></VideoSource>",
    )
    write_qdpx(tmp_path, xml, {"t1.txt": text.encode()})
    coded = read(tmp_path)
    assert excluded(coded) == [
        ("", "names a code that is not in the project"),
        ("time_cover", "the coder is not among the project's users"),
        ("time_cover", "codes no character"),
        ("time_cover", "starts before the text or after its own end"),
        ("time_cover", "starts before the text or after its own end"),
        ("time_cover", "has no whole numbers for start and end"),
        ("time_cover", "lies outside the text or cuts a character"),
        ("", "names no code"),
        ("money_pay", "repeats a coding of the same stretch by the same coder"),
        ("time_cover", "codes a part of a picture, not text"),
        ("time_cover", "codes an area of a PDF page, not text"),
    ]
    assert active(coded) == [
        ("Ann", "money_pay", "covers"),
        ("Ann", "time_cover", "my"),
        ("Ann", "time_meetings", "my"),
        ("Ann", "time_cover", "cover"),
        ("Ann", "money_pay", "pay"),
    ]
    counts = coded.import_log.dropna(subset=["n_in"]).iloc[0]
    assert (counts["n_in"], counts["n_active"], counts["n_excluded"]) == (16, 5, 11)
    # The transcript is a source of its own; the picture was not gone through as a text.
    assert list(coded.sources["name"]) == ["T1", "photo", "paper", "film", "film"]
    assigned = coded.sources.merge(coded.assignments, on="source")
    assert list(assigned["name"]) == ["T1", "paper", "film"]


def test_codings_of_a_missing_text_are_counted_and_never_quoted(tmp_path) -> None:
    xml = project_xml(
        source("T1", selection(3, 9, coding(COVER)), path="absolute:///etc/hostname"),
        source("T2", selection(3, 9, coding(PAY)), path="internal://gone.txt"),
    )
    write_qdpx(tmp_path, xml)
    coded = read(tmp_path)
    assert active(coded) == [("Ann", "time_cover", ""), ("Ann", "money_pay", "")]
    assert list(coded.sources["text_state"]) == ["absent", "absent"]
    assert "2; without text are T1, T2" in logged(coded.import_log, "missing_text")


def test_doubtful_places_are_pointed_out(tmp_path) -> None:
    text = "no cover for anybody and no pay either, said everyone"
    inside_words = [selection(n, n + 5, coding(COVER), guid=f"g{n}") for n in (4, 14, 41)]
    write_qdpx(tmp_path, project_xml(source("T1", *inside_words, path="internal://t.txt")), {"t.txt": text.encode()})
    assert "inside a word" in logged(read(tmp_path).import_log, "offsets")

    quoted = [selection(text.index(w), text.index(w) + len(w), coding(COVER), name=w) for w in ("no cover", "anybody")]
    quoted += [selection(n, n + 1, coding(PAY), name=text[n], guid=f"n{n}") for n in range(20)]
    slipped = selection(2, 8, coding(MEETINGS), name="either")
    xml = project_xml(source("T1", *quoted, slipped, path="internal://t.txt"))
    write_qdpx(tmp_path, xml, {"t.txt": text.encode()})
    coded = read(tmp_path)
    assert ("Ann", "time_meetings", "either") in active(coded)
    assert logged(coded.import_log, "offsets").endswith(": 1")


def test_a_shared_source_gives_each_case_its_part(tmp_path) -> None:
    text = "Ada: no cover\nBea: no pay\nBoth: yes"
    xml = project_xml(
        source(
            "T1",
            selection(5, 13, coding(COVER), guid="a"),
            selection(19, 25, coding(PAY), guid="b"),
            selection(0, 25, coding(MEETINGS), guid="c"),
            selection(0, 13, guid="part-a"),
            selection(14, 25, guid="part-b"),
            path="t1.txt",
        ),
        more='<Cases><Case guid="A" name="Ada"><SelectionRef targetGUID="part-a"/></Case>'
        '<Case guid="B" name="Bea"><SelectionRef targetGUID="part-b"/></Case></Cases>',
    )
    write_qdpx(tmp_path, xml, {"t1.txt": text.encode()})
    coded = read(tmp_path, mode="focus_group")
    names = dict(zip(coded.cases["case"], coded.cases["origin_id"], strict=True)) | {"": ""}
    assert [names[case] for case in coded.segments["case"]] == ["a", "b", ""]
    assert list(coded.sources["case"]) == [""]
    assert "1 (T1)" in logged(coded.import_log, "shared_sources")


@pytest.mark.parametrize("namespace", ["urn:QDA-XML:project:0:4", "urn:QDA-XML:project:1:0", ""])
def test_other_spellings_of_the_namespace_are_read_with_a_warning(tmp_path, namespace: str) -> None:
    xml = project_xml(source("T1", "<PlainTextContent>no cover</PlainTextContent>"), namespace=namespace)
    write_qdpx(tmp_path, b"\xef\xbb\xbf" + xml)
    log = read(tmp_path).import_log
    assert f"'{namespace}'" in logged(log, "namespace")


def test_an_empty_project_is_valid(tmp_path) -> None:
    write_qdpx(tmp_path, project_xml())
    coded = read(tmp_path)
    assert len(coded.sources) == len(coded.segments) == 0
    assert list(coded.coders["coder"]) == ["Ann"]


def test_a_project_of_one_person_needs_no_users(tmp_path) -> None:
    text = "<PlainTextContent>no cover</PlainTextContent>"
    anonymous = f'<Coding guid="k"><CodeRef targetGUID="{COVER}"/></Coding>'
    write_qdpx(tmp_path, project_xml(source("T1", text, selection(3, 8, anonymous, user="")), users=""))
    assert active(read(tmp_path, count_from="Cleo")) == [("Cleo", "time_cover", "cover")]
    two = [selection(3, 8, coding(COVER)), selection(0, 2, coding(COVER, BEN))]
    write_qdpx(tmp_path, project_xml(source("T1", text, *two), users=""))
    assert list(read(tmp_path).coders["coder"]) == ["coder (aaaa1111)", "coder (bbbb2222)"]


def test_two_users_of_one_name_are_kept_apart(tmp_path) -> None:
    users = f'<Users><User guid="{ANN}" name="Ann"/><User guid="{BEN}" name="Ann"/></Users>'
    both = [selection(3, 8, coding(COVER), coding(COVER, BEN))]
    write_qdpx(tmp_path, project_xml(source("T1", "<PlainTextContent>no cover</PlainTextContent>", *both), users=users))
    assert list(read(tmp_path).coders["coder"]) == ["Ann (aaaa1111)", "Ann (bbbb2222)"]


# --- what is refused ---------------------------------------------------------------------------------------------------


def test_a_used_code_outside_the_codebook_is_refused_and_an_unused_one_noted(tmp_path) -> None:
    codes = """<CodeBook><Codes><Code guid="X" name="Tyme"/><Code guid="Y" name="Idle"/>
      <Code guid="Z" name="Mony"/></Codes></CodeBook>"""
    text = "<PlainTextContent>no cover</PlainTextContent>"
    write_qdpx(
        tmp_path,
        project_xml(source("T1", text, selection(0, 2, coding("X")), selection(3, 8, coding("Z"))), codes=codes),
    )
    error = refusal(tmp_path)
    assert "did you mean 'Time'?" in the_problem(error, "'Tyme' is not in the codebook").mend
    assert "did you mean 'Money'?" in the_problem(error, "'Mony' is not in the codebook").mend
    assert not any("Idle" in text for text in messages(error))
    write_qdpx(tmp_path, project_xml(source("T1", text), codes=codes))
    assert logged(read(tmp_path).import_log, "unused_codes").endswith("3 (Tyme, Idle, Mony)")


def test_two_codes_of_the_project_never_become_one(tmp_path) -> None:
    codes = """<CodeBook><Codes><Code guid="X" name="Cover"/>
      <Code guid="T" name="Old"><Code guid="Y" name="Cover"/></Code></Codes></CodeBook>"""
    text = "<PlainTextContent>no cover</PlainTextContent>"
    both = selection(3, 8, coding("X"), coding("Y"))
    write_qdpx(tmp_path, project_xml(source("T1", text, both), codes=codes))
    assert "2 codes of the project become 'time_cover': Cover, Old/Cover" in str(refusal(tmp_path))


def test_places_that_cannot_be_told_are_refused(tmp_path) -> None:
    text = "\U0001f600 a b c d e f"
    write_qdpx(
        tmp_path,
        project_xml(source("T1", selection(4, 7, coding(COVER)), path="internal://t.txt")),
        {"t.txt": text.encode()},
    )
    problem = the_problem(refusal(tmp_path), "cannot be told")
    assert "code points" in problem.message
    assert "LF" in problem.mend


def test_a_document_type_is_refused(tmp_path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Project>&b;</Project>'
    write_qdpx(tmp_path, bomb)
    assert "DOCTYPE" in str(refusal(tmp_path))
    write_qdpx(tmp_path, b'<!DOCTYPE p SYSTEM "file:///etc/passwd"><Project/>')
    assert "DOCTYPE" in str(refusal(tmp_path))


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (b"<Project><Sources>", "not well-formed"),
        (b"", "not well-formed"),
        (b"<Project>\x00</Project>", "not well-formed"),
        (b"<CodeBook xmlns='urn:QDA-XML:codebook:1.0'/>", "not a REFI-QDA project"),
        (b"<Project xmlns='http://example.org'/>", "not a REFI-QDA project"),
    ],
)
def test_what_is_no_project_is_refused(tmp_path, xml: bytes, words: str) -> None:
    write_qdpx(tmp_path, xml)
    assert words in str(refusal(tmp_path))


@pytest.mark.parametrize("depth", [90, 50_000])
def test_deeply_nested_codes_do_no_harm(tmp_path, depth: int) -> None:
    nested = "".join(f'<Code guid="n{n}" name="n">' for n in range(depth)) + "</Code>" * depth
    write_qdpx(tmp_path, project_xml(codes=f"<CodeBook><Codes>{nested}</Codes></CodeBook>"))
    if depth == 90:
        assert "90 (n, n/n" in logged(read(tmp_path).import_log, "unused_codes")
    else:
        assert "more than 100 deep" in str(refusal(tmp_path))


def test_a_package_without_a_project_or_with_two_is_refused(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "project.qdpx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "holds no project" in str(refusal(tmp_path))
    with zipfile.ZipFile(tmp_path / "project.qdpx", "w") as archive:
        archive.writestr("a.qde", project_xml())
        archive.writestr("b.qde", project_xml())
    assert "holds 2 projects" in str(refusal(tmp_path))


def test_problems_of_texts_and_guids_come_together(tmp_path) -> None:
    xml = project_xml(
        source("T1", path="internal://t1.txt"),
        source("T2", "<PlainTextContent>one thing</PlainTextContent>", path="internal://t2.txt"),
        source("T2"),
        users=f'<Users><User guid="{ANN}" name="Ann"/><User name="Ben"/></Users>',
    )
    write_qdpx(tmp_path, xml, {"t1.txt": "café".encode("cp1252"), "t2.txt": b"another thing"})
    error = refusal(tmp_path, breaks={"phase": "Phase"})
    assert "byte 0xe9 at position 3" in the_problem(error, "is not UTF-8").message
    assert the_problem(error, "one text in the project and another").message
    assert the_problem(error, "sources share one GUID").value == "t2"
    assert "users have no GUID (1 of them)" in the_problem(error, "no GUID").message


def test_a_break_without_a_variable_is_refused(tmp_path) -> None:
    variables = '<Variables><Variable guid="V" name="Phases" typeOfVariable="Text"/></Variables>'
    write_qdpx(tmp_path, project_xml(more=variables))
    assert "did you mean 'Phases'?" in the_problem(refusal(tmp_path, breaks={"phase": "P"}), "split by").mend


def test_attribute_names_can_be_written_in_the_definition() -> None:
    assert attribute_name("Cases:School phase") == "School_phase"
    assert attribute_name(" Role (now) ") == "Role_now"
